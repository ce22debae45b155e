"""Guided column match: made-up tables by hand, and the headers that publishers really use."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from planner.sources.columns import Candidate, suggest_columns
from planner.sources.tables import read_table


def _best(table: pd.DataFrame, wanted: str) -> str | None:
    found = suggest_columns(table, [wanted])[wanted]
    return found[0].column if found else None


def test_values_tell_where_headers_do_not() -> None:
    table = pd.DataFrame(
        {
            "a": ["M32 4AA", "m331aa", "WA14 2BB"],
            "b": ["-2.31", "-2.4", "-2.25"],
            "c": ["53.4", "53.45", "53.41"],
            "d": ["E01006074", "E01006075", "E01006076"],
            "e": ["2024-01-31", "2024-02-29", "01/03/2024"],
            "f": ["Mo-Fr 09:00-17:00", "Tuesday 10am-12noon", "Mon 9am-5pm"],
        }
    )
    wanted = ["postcode", "longitude", "latitude", "area_code", "date", "opening"]
    assert [_best(table, name) for name in wanted] == ["a", "b", "c", "d", "e", "f"]


def test_values_overrule_a_header() -> None:
    table = pd.DataFrame({"postcode": ["unknown"] * 3, "pc": ["M32 4AA", "M33 1AA", "M33 2AA"]})
    assert _best(table, "postcode") == "pc"


def test_score_is_half_header_half_values() -> None:
    table = pd.DataFrame({"Postcode": ["M32 4AA", "M33 1AA", "none", "Sale"]})
    assert suggest_columns(table, ["postcode"])["postcode"] == [
        Candidate(
            column="Postcode",
            score=0.75,
            reason="its header is a usual one; 50% of its values are postcodes",
        )
    ]


def test_degrees_the_wrong_way_round_are_not_proposed() -> None:
    table = pd.DataFrame({"lon": ["53.4", "53.5"], "lat": ["-2.3", "-2.4"]})
    assert _best(table, "longitude") == "lat"
    assert _best(table, "latitude") == "lon"


def test_bare_numbers_are_nothing_in_particular() -> None:
    table = pd.DataFrame({"pupils": ["210", "350"], "year": ["2019", "2020"]})
    wanted = ["easting", "northing", "longitude", "capacity", "postcode", "id"]
    assert not any(suggest_columns(table, wanted).values())


def test_a_header_of_ones_own() -> None:
    table = pd.DataFrame({"Ward name": ["x"], "Number of food parcels": ["1"]})
    assert _best(table, "food parcels") == "Number of food parcels"


def test_an_empty_table_has_nothing_to_propose() -> None:
    table = pd.DataFrame({"postcode": pd.Series(dtype=object)})
    assert suggest_columns(table, ["postcode"]) == {"postcode": []}


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("gm_dentists.csv", {"name": "name", "longitude": "lon", "latitude": "lat"}),
        ("gm_food_banks.csv", {"name": "Name", "opening": "Opening times", "address": "Address"}),
        ("gm_pharmacies.csv", {"name": "pharmacy_name", "id": "organisation_data_service_code"}),
        ("gias_edubase_sample.csv", {"name": "EstablishmentName", "id": "URN"}),
        ("gias_edubase_sample.csv", {"easting": "Easting", "northing": "Northing"}),
        ("gias_edubase_sample.csv", {"area_code": "LSOA (code)", "capacity": "SchoolCapacity"}),
        ("gp_practices_geocoded_newport_gm.csv", {"name": "Name", "id": "Organisation Code"}),
        ("gp_practices_geocoded_newport_gm.csv", {"latitude": "latitude", "date": "Open Date"}),
        ("libraries_england_2023.csv", {"name": "name", "address": "address1", "kind": "type"}),
        ("libraries_wales.csv", {"name": "Library name", "postcode": "Postcode"}),
        ("newport_schools_wales_address_list.csv", {"name": "Name", "kind": "SchoolType"}),
        ("trafford_childrens_centres.csv", {"id": "unique_reference_number", "longitude": "lon"}),
        ("trafford_schools_and_colleges.csv", {"capacity": "capacity", "postcode": "postcode"}),
    ],
)
def test_published_service_tables(shared: Path, file: str, columns: dict[str, str]) -> None:
    table = read_table(shared / "fixtures" / "services" / file)
    found = {name: [one.column for one in suggest_columns(table, [name])[name]] for name in columns}
    if columns.get("area_code"):
        # Middle and small areas stand side by side: both are area codes.
        assert columns["area_code"] in found.pop("area_code")
        columns = {name: column for name, column in columns.items() if name != "area_code"}
    assert {name: one[0] for name, one in found.items()} == columns
