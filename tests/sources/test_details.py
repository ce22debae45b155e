from __future__ import annotations

from pathlib import Path

import pytest
from places import tiny_area
from supply import HEAD, notes_of, read_lines, supply_project, write_lines

from planner.errors import DataError
from planner.services import MAX_DETAIL
from planner.sources.details import to_details, to_languages
from planner.sources.services import read_services


@pytest.mark.parametrize(
    ("texts", "languages"),
    [
        (["Welsh and English"], "English;Welsh"),
        (["polish; Urdu, POLISH / urdu"], "polish;Urdu"),
        (["British Sign Language", ""], "British Sign Language"),
        (["Sandawe"], "Sandawe"),
    ],
)
def test_languages_are_sorted_and_each_once(texts: list[str], languages: str) -> None:
    assert to_languages(texts) == languages


def test_details_keep_their_order_and_whole_parts() -> None:
    parts = ["b" * 200, "a" * 98, "c"]
    # 200 and 98 characters and the "; " between them are 300; a third part does not fit.
    assert to_details(parts) == f"{'b' * 200}; {'a' * 98}"
    assert len(to_details(parts)) == MAX_DETAIL


def test_usual_columns_are_taken(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        f"{HEAD},service_name,languages,accessibility,co_located_with",
        "Hub,431000,391000,Debt advice,Welsh;English,step-free;  loop,Library; Nursery",
    )
    (offer,) = services.offers.to_dict("records")
    (venue,) = services.venues.to_dict("records")
    assert (offer["service_name"], offer["languages"]) == ("Debt advice", "English;Welsh")
    assert (venue["accessibility"], venue["co_located_with"]) == (
        "step-free; loop",
        "Library; Nursery",
    )


def test_named_columns_are_taken(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        f"{HEAD},what,spoken,Step-free access,with",
        "Hub,431000,391000,Debt advice,Welsh,Yes,no",
        "Other,431900,391000,,,n,yes",
        service_name_column="what",
        languages_column="spoken",
        accessibility_column="Step-free access",
        co_located_column="with",
    )
    venues = services.venues.set_index("venue_name")
    assert venues["accessibility"].to_dict() == {
        "Hub": "step-free access: yes",
        "Other": "step-free access: no",
    }
    assert venues["co_located_with"].to_dict() == {"Hub": "", "Other": "not said with whom"}
    assert services.offers["service_name"].tolist() == ["Debt advice", ""]


def test_a_named_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="spoken"):
        read_lines(tmp_path, HEAD, "Hub,431000,391000", languages_column="spoken")


def test_a_service_called_like_its_venue_has_no_name_of_its_own(tmp_path: Path) -> None:
    services = read_lines(tmp_path, "service_name,easting,northing", "Sale Advice,431000,391000")
    assert services.venues["venue_name"].tolist() == ["Sale Advice"]
    assert services.offers["service_name"].tolist() == [""]


def test_two_services_of_one_kind_in_one_place_are_two_offers_at_one_venue(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        f"{HEAD},service_name",
        "Hub,431000,391000,Debt advice",
        "Hub,431000,391000,Benefits advice",
        "Alone,431900,391000,",
    )
    assert sorted(services.offers["service_name"]) == ["", "Benefits advice", "Debt advice"]
    assert services.venues["venue_name"].tolist() == ["Alone", "Hub"]
    assert notes_of(services, "offers_duplicate") == []


def test_a_shared_venue_takes_what_the_first_file_leaves_blank(tmp_path: Path) -> None:
    head = f"{HEAD},accessibility,co_located_with"
    write_lines(tmp_path, "a.csv", head, "Hub,431000,391000,step-free,")
    write_lines(tmp_path, "b.csv", head, "Hub,431000,391000,lift,Nursery")
    entries = [{"kind": "gp", "file": "a.csv"}, {"kind": "library", "file": "b.csv"}]
    venues = read_services(supply_project(tmp_path, *entries), tiny_area()).venues
    assert venues[["accessibility", "co_located_with"]].to_numpy().tolist() == [
        ["step-free", "Nursery"]
    ]


def test_mobile_stops_name_the_van_and_its_round(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        "organisation,mobile,route,stop,geox,geoy,day,arrival,departure,frequency",
        "Sale,Wharf van,3,Green,431000,391000,Tuesday,10:00,10:30,FREQ=WEEKLY;INTERVAL=2",
        **{"from": "mobile_library_stops"},
    )
    assert services.offers["service_name"].tolist() == ["Wharf van, route 3"]


def test_hostile_cells_are_made_plain(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        f"{HEAD},service_name,accessibility",
        "Hub,431000,391000,=1+1\u202e\x07,<script>alert(1)</script>" + "x" * 999,
    )
    assert services.offers["service_name"].tolist() == ["=1+1"]
    assert len(services.venues["accessibility"].iloc[0]) <= MAX_DETAIL
