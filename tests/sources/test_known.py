"""A public register is told from somebody's own list, and read as what it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from planner.project import ServicesEntry
from planner.sources.known import find_register
from planner.sources.listings import read_listing
from planner.sources.matching import build_match, read_own_table


@pytest.mark.parametrize(
    ("file", "reader", "kind"),
    [
        ("gias_edubase_sample.csv", "gias", "school"),
        ("gp_practices_geocoded_newport_gm.csv", "gp_geocoded", "gp"),
        ("libraries_england_2023.csv", "libraries_england", "library"),
        ("libraries_wales.csv", "libraries_wales", "library"),
    ],
)
def test_published_registers(shared: Path, file: str, reader: str, kind: str) -> None:
    path = shared / "fixtures" / "services" / file
    match = build_match(read_own_table(path, what=file), file=file)
    entry = tomllib.loads(match.section)["services"][0]
    assert (entry["from"], entry["kind"]) == (reader, kind)
    assert "will be left out" in match.missing[0]
    assert len(read_listing(path, ServicesEntry.model_validate(entry), what=file).rows)


def test_closed_practices_are_not_pasted_as_open(shared: Path) -> None:
    file = "gp_practices_geocoded_newport_gm.csv"
    path = shared / "fixtures" / "services" / file
    section = build_match(read_own_table(path, what=file), file=file).section
    entry = ServicesEntry.model_validate(tomllib.loads(section)["services"][0])
    raw = pd.read_csv(path, dtype=str)
    practices = (raw["Status Code"] == "A") & (raw["Prescribing Setting"].astype(float) == 4)
    assert len(read_listing(path, entry, what=file).rows) == practices.sum() < len(raw)


@pytest.mark.parametrize(
    "file", ["gm_libraries.csv", "libraries_scotland.csv", "trafford_schools_and_colleges.csv"]
)
def test_other_published_lists_are_no_registers(shared: Path, file: str) -> None:
    path = shared / "fixtures" / "services" / file
    assert find_register(read_own_table(path, what=file)) is None


def test_practices_without_a_position_have_their_own_reader() -> None:
    headers = ["Organisation Code", "Name", "Postcode", "Status Code", "Prescribing Setting"]
    register = find_register(pd.DataFrame(columns=headers))
    assert register is not None
    assert register.reader == "epraccur"


def test_mobile_stops_are_known() -> None:
    headers = ["stop", "postcode", "day", "arrival", "departure", "frequency"]
    register = find_register(pd.DataFrame(columns=headers))
    assert register is not None
    assert register.reader == "mobile_library_stops"
