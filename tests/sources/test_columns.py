"""Guided column match: made-up tables by hand, and the headers that publishers really use."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from places import tiny_area

from planner.errors import DataError
from planner.project import Project, ServicesEntry, parse_spec
from planner.sources.columns import Candidate, choose_columns, suggest_columns
from planner.sources.jobs import read_jobs
from planner.sources.layers import read_layers
from planner.sources.listings import read_listing
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


def _services_hint(folder: Path, text: str, **keys: str) -> str | None:
    (folder / "halls.csv").write_text(text, encoding="utf-8")
    entry = ServicesEntry.model_validate({"kind": "hall", "file": "halls.csv", **keys})
    with pytest.raises(DataError) as error:
        read_listing(folder / "halls.csv", entry, what="halls.csv")
    return error.value.hint


def test_a_table_without_usual_columns_names_the_likely_ones(tmp_path: Path) -> None:
    hint = _services_hint(tmp_path, "Site,PC of site\nHall,M32 4AA\nRoom,M33 1AA\n")
    assert hint == (
        'Set name_column = "Site", postcode_column = "PC of site". '
        "`planner match halls.csv` shows all."
    )


def test_a_named_column_that_is_gone_names_the_likely_one(tmp_path: Path) -> None:
    text = "Name,Eastings,Northings,Opening hours (2026)\nHall,430500,390500,Mon 9am-5pm\n"
    hint = _services_hint(tmp_path, text, opening_column="Hours")
    assert hint == (
        'Set opening_column = "Opening hours (2026)". `planner match halls.csv` shows all.'
    )


def test_nothing_likely_names_the_columns_there_are(tmp_path: Path) -> None:
    hint = _services_hint(tmp_path, "Name,Town\nHall,Sale\n", capacity_column="Seats")
    assert hint == 'Its columns: "Name", "Town". `planner match halls.csv` shows all.'


def test_jobs_without_their_column_name_the_likely_ones(tmp_path: Path) -> None:
    text = "Total employees,Grid east,Grid north\n120,430500,390500\n"
    (tmp_path / "work 2026.csv").write_text(text, encoding="utf-8")
    place = {"name": "A", "geography": "lsoa21", "boundaries": "a.geojson"}
    spec = parse_spec({"place": place, "jobs": {"file": "work 2026.csv"}}, where="planner.toml")
    with pytest.raises(DataError) as error:
        read_jobs(Project(spec=spec, folder=tmp_path), tiny_area())
    assert error.value.hint == (
        'Set column = "Total employees", x_column = "Grid east", y_column = "Grid north". '
        '`planner match "work 2026.csv" --for jobs` shows all.'
    )


def test_a_layer_without_its_column_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "debt.csv").write_text("LSOA21CD,Debt rate 2026,n\nE01900001,4.5,7\n")
    place = {"name": "A", "geography": "lsoa21", "boundaries": "a.geojson"}
    layer = {"from": "table", "file": "debt.csv", "columns": {"debt": "Debt rate"}}
    spec = parse_spec({"place": place, "layer": [layer]}, where="planner.toml")
    with pytest.raises(DataError) as error:
        read_layers(Project(spec=spec, folder=tmp_path), tiny_area())
    assert error.value.hint == (
        "Nearest: 'Debt rate 2026'. `planner match debt.csv --for layer` shows all."
    )


def test_coordinates_are_chosen_in_pairs() -> None:
    both = pd.DataFrame({"lon": ["-2.3"], "lat": ["53.4"], "easting": ["1e6"]})
    assert list(choose_columns(both, ["longitude", "latitude", "easting", "northing"])) == [
        "longitude",
        "latitude",
    ]
    half = pd.DataFrame({"lon": ["-2.3"], "name": ["Hall"]})
    assert list(choose_columns(half, ["name", "longitude", "latitude"])) == ["name"]


def test_the_ward_is_not_the_name() -> None:
    assert _best(pd.DataFrame({"Ward name": ["Sale"], "Venue": ["Hall"]}), "name") == "Venue"
