"""The register of schools (Get Information about Schools, edubasealldata)."""

from __future__ import annotations

from pathlib import Path

import pytest
from supply import HEAD, notes_of, read_lines, square_area, supply_project

from planner.errors import DataError
from planner.sources.services import read_services

GIAS = {"from": "gias", "kind": "school"}
COLUMNS = "URN,EstablishmentName,EstablishmentStatus (name),PhaseOfEducation (name),Street,"
COLUMNS += "Locality,Address3,Town,County (name),Postcode,Easting,Northing"


def test_open_schools_with_their_address(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        COLUMNS,
        "1,Open,Open,Primary,1 High St,,,Sale,,AA1 1AA,431000,391000",
        '2,Closing,"Open, but proposed to close",Primary,,,,,,,431900,391000',
        "3,Gone,Closed,Primary,,,,,,,431000,391000",
        "4,Later,Proposed to open,Secondary,,,,,,,431000,391000",
        **GIAS,
    )
    assert services.venues["venue_name"].to_dict() == {"school:1": "Open", "school:2": "Closing"}
    assert services.venues.loc["school:1", "address"] == "1 High St, Sale"
    assert notes_of(services, "rows_excluded") == [(1, ("Gone",)), (1, ("Later",))]


def test_phases_become_kinds(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        COLUMNS,
        "1,Small,Open,Primary,,,,,,,431000,391000",
        "2,Big,Open,Secondary,,,,,,,431900,391000",
        "3,All,Open,All-through,,,,,,,430500,391000",
        **GIAS,
        kinds={"primary": "primary_school", "Secondary": "secondary_school"},
    )
    assert services.kinds == ["primary_school", "school", "secondary_school"]
    assert notes_of(services, "terms_unmatched") == [(1, ("All-through: 1",))]


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'URN'") as caught:
        read_lines(tmp_path, HEAD, "A,431000,391000", **GIAS)
    assert "edubasealldata" in caught.value.hint


def test_published_schools(tmp_path: Path, shared: Path) -> None:
    entry = {**GIAS, "file": "fixtures/services/gias_edubase_sample.csv"}
    project = supply_project(tmp_path, {**entry, "kinds": {"Primary": "primary"}}, roots=(shared,))
    london = square_area(500_000, 160_000, 560_000, 200_000)
    services = read_services(project, london)
    assert services.kinds == ["primary", "school"]
    first = services.venues.loc["primary:100492"]
    assert (first["venue_name"], first["postcode"]) == ("St Thomas' CofE Primary School", "W10 5EF")
    assert (first.geometry.x, first.geometry.y) == (524351.0, 182075.0)
    assert first["address"] == "Appleford Road, North Kensington, London"
    assert services.sources[0].publisher == "Department for Education"
    assert len(services.unplaced) == 0
