"""Which rows are one venue, and what it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from places import tiny_area
from supply import HEAD, notes_of, read_lines, supply_project, write_lines

from planner.services import Services
from planner.sources.services import read_services


def _two(folder: Path, first: str, second: str, **second_entry: Any) -> Services:
    write_lines(folder, "a.csv", HEAD, first)
    write_lines(folder, "b.csv", HEAD, second)
    other = {"kind": "gp", "file": "b.csv", **second_entry}
    return read_services(
        supply_project(folder, {"kind": "gp", "file": "a.csv"}, other), tiny_area()
    )


def test_the_same_in_two_tables_counts_once(tmp_path: Path) -> None:
    services = _two(tmp_path, "Sale Surgery,431000,391000", "SALE  surgery,431020,391000")
    assert services.offers.index.tolist() == ["gp:sale-surgery/gp"]
    assert services.venues.geometry.x.tolist() == [431000.0]
    assert notes_of(services, "offers_duplicate") == [(1, ("gp: SALE surgery (row 1 of file 2)",))]


@pytest.mark.parametrize(
    "second", ["Sale Surgery,431026,391000", "Hale Surgery,431000,391000"], ids=["far", "name"]
)
def test_others_count_apart(tmp_path: Path, second: str) -> None:
    services = _two(tmp_path, "Sale Surgery,431000,391000", second)
    assert len(services.offers) == 2
    assert notes_of(services, "offers_duplicate") == []


def test_two_partners_at_one_door_are_two_offers(tmp_path: Path) -> None:
    write_lines(tmp_path, "a.csv", HEAD, "Hub,431000,391000")
    entries = [{"kind": "advice", "file": "a.csv", "partner": p} for p in ("Council", "Charity")]
    services = read_services(supply_project(tmp_path, *entries), tiny_area())
    assert sorted(services.offers["partner"]) == ["Charity", "Council"]


def test_two_ids_of_one_publisher_are_two_offers(tmp_path: Path) -> None:
    services = read_lines(tmp_path, f"{HEAD},id", "A,431000,391000,1", "A,431000,391000,2")
    assert services.offers.index.tolist() == ["gp:1/gp", "gp:2/gp"]


def test_kinds_of_one_name_at_one_door_share_a_venue(tmp_path: Path) -> None:
    services = _two(tmp_path, "The Hub,431000,391000", "the hub,431020,391000", kind="library")
    assert services.venues.index.tolist() == ["gp:the-hub"]
    assert services.offers.index.tolist() == ["gp:the-hub/gp", "gp:the-hub/library"]
    assert notes_of(services, "venues_shared") == [(1, ("gp:the-hub: gp, library",))]


def test_shared_venue_takes_what_is_blank_from_the_next_file(tmp_path: Path) -> None:
    write_lines(tmp_path, "a.csv", f"{HEAD},address", "Hub,431000,391000,")
    write_lines(tmp_path, "b.csv", f"{HEAD},address", "Hub,431000,391000,1 High St")
    entries = [{"kind": "gp", "file": "a.csv"}, {"kind": "library", "file": "b.csv"}]
    services = read_services(supply_project(tmp_path, *entries), tiny_area())
    assert services.venues["address"].tolist() == ["1 High St"]


def test_other_status_is_another_venue(tmp_path: Path) -> None:
    services = _two(
        tmp_path, "Hub,431000,391000", "Hub,431000,391000", kind="library", status="closed"
    )
    assert services.venues["status"].to_dict() == {"gp:hub": "existing", "library:hub": "closed"}


def test_one_name_in_several_towns(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        f"{HEAD},postcode",
        "Trust,431000,391000,AA1 1AA",
        "Trust,432000,391000,AA1 1AB",
        "Trust,432500,391000,AA1 1AB",
        "Trust,430500,391000,",
        "Other,430500,391000,",
    )
    assert services.venues.geometry.x.to_dict() == {
        "gp:other": 430500.0,
        "gp:trust": 430500.0,
        "gp:trust-aa1-1aa": 431000.0,
        "gp:trust-aa1-1ab-1": 432000.0,
        "gp:trust-aa1-1ab-2": 432500.0,
    }


def test_ids_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    rows = ["Trust,431000,391000", "Trust,432000,391000", "Trust,432500,391000"]
    one, other = read_lines(tmp_path, HEAD, *rows), read_lines(tmp_path, HEAD, *reversed(rows))
    assert one.venues.geometry.x.to_dict() == other.venues.geometry.x.to_dict()


def test_sources_are_numbered_as_offers_say(tmp_path: Path) -> None:
    services = _two(
        tmp_path, "A,431000,391000", "B,431000,391000", publisher="Council", vintage="2026"
    )
    by_name = services.offers.set_index(services.offers["venue_id"])["source"]
    assert services.sources[by_name["gp:b"]].publisher == "Council"
    assert services.sources[by_name["gp:a"]].file == "a.csv"
