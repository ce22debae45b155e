"""Published service files, counted independently of the reader."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from supply import notes_of, square_area, supply_project

from planner.area import CRS, StudyArea
from planner.services import Services
from planner.sources.services import read_services

MANCHESTER = (370_000, 380_000, 400_000, 415_000)
NEWPORT = (323_000, 180_000, 340_000, 194_000)


def _published(folder: Path, shared: Path, area: StudyArea, **entry: Any) -> Services:
    more = {key: entry.pop(key) for key in ("place", "postcodes") if key in entry}
    return read_services(supply_project(folder, entry, roots=(shared,), **more), area)


def _rows(shared: Path, name: str) -> list[dict[str, str]]:
    path = shared / "fixtures/services" / name
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize(
    "name",
    [
        "gm_jobcentreplus.csv",
        "gm_libraries.csv",
        "trafford_general_practices.csv",
        "trafford_schools_and_colleges.csv",
        "trafford_childrens_centres.csv",
    ],
)
def test_every_row_of_the_tables_with_coordinates(tmp_path: Path, shared: Path, name: str) -> None:
    rows = _rows(shared, name)
    services = _published(
        tmp_path, shared, square_area(*MANCHESTER), kind="place", file=f"fixtures/services/{name}"
    )
    distinct = {(row["name"].casefold(), row["lon"], row["lat"]) for row in rows}
    assert len(services.offers) == len(distinct)
    assert set(services.venues["venue_name"]) == {" ".join(row["name"].split()) for row in rows}
    assert len(services.unplaced) == 0


def test_pharmacies(tmp_path: Path, shared: Path) -> None:
    rows = _rows(shared, "gm_pharmacies.csv")
    services = _published(
        tmp_path,
        shared,
        square_area(*MANCHESTER),
        kind="pharmacy",
        file="fixtures/services/gm_pharmacies.geojson",
    )
    ids = {f"pharmacy:{row['organisation_data_service_code']}" for row in rows}
    assert set(services.venues.index) == ids
    # Five cells of one pharmacy read 09:00-13:00:14:00-18:00.
    days = [key for key in rows[0] if key.startswith("opening_hours_")]
    fine = re.compile(r"(\d\d:\d\d-\d\d:\d\d)(,\d\d:\d\d-\d\d:\d\d)*|CLOSED")
    odd = [row for row in rows if not all(fine.fullmatch(row[day]) for day in days)]
    assert [count for count, _ in notes_of(services, "opening_unread")] == [len(odd)]
    assert services.venues.loc["pharmacy:FM664", "opening"] == (
        "Mo-Fr 08:30-13:00,14:00-17:30; Sa 09:00-12:30"
    )


def test_food_banks_without_coordinates_are_unplaced(tmp_path: Path, shared: Path) -> None:
    rows = _rows(shared, "gm_food_banks.csv")
    services = _published(
        tmp_path,
        shared,
        square_area(*MANCHESTER),
        kind="food_bank",
        file="fixtures/services/gm_food_banks.csv",
    )
    assert len(services.unplaced) == len(rows)
    assert len(services.venues) == 0


def test_food_banks_of_the_map_file(tmp_path: Path, shared: Path) -> None:
    file = "fixtures/services/gm_food_banks.geojson"
    features = json.loads((shared / file).read_text(encoding="utf-8"))["features"]
    services = _published(tmp_path, shared, square_area(*MANCHESTER), kind="food_bank", file=file)
    repeated = sum(count for count, _ in notes_of(services, "offers_duplicate"))
    assert len(services.offers) + len(services.unplaced) + repeated == len(features)
    assert set(services.venues["venue_name"]) <= {
        " ".join(feature["properties"]["Name"].split()) for feature in features
    }


def test_post_offices_are_polygons(tmp_path: Path, shared: Path) -> None:
    file = "fixtures/services/gm_post_offices.geojson"
    polygons = gpd.read_file(shared / file).set_index("ID").to_crs(CRS)
    services = _published(tmp_path, shared, square_area(*MANCHESTER), kind="post_office", file=file)
    found = services.venues.geometry.rename(lambda venue_id: venue_id.removeprefix("post_office:"))
    assert set(found.index) == set(polygons.index)
    # Points are made in degrees, so one may leave a thin wall by a hair.
    assert bool((polygons.geometry.loc[found.index].distance(found) < 0.1).all())


@pytest.mark.parametrize(("area", "prefix"), [(NEWPORT, "NP"), (MANCHESTER, "")])
def test_geocoded_practices(
    tmp_path: Path, shared: Path, area: tuple[float, float, float, float], prefix: str
) -> None:
    name = "gp_practices_geocoded_newport_gm.csv"
    active = [
        row
        for row in _rows(shared, name)
        if row["Status Code"] == "A" and float(row["Prescribing Setting"] or 0) == 4
    ]
    near = {
        row["Organisation Code"]
        for row in active
        if row["Postcode"].startswith("NP") == bool(prefix)
    }
    services = _published(
        tmp_path,
        shared,
        square_area(*area),
        kind="gp",
        file=f"fixtures/services/{name}",
        **{"from": "gp_geocoded"},
    )
    assert set(services.venues.index) == {f"gp:{code}" for code in near}
    assert services.unplaced.empty
    (far,) = [note for note in services.notes if note.what == "rows_far_away"]
    assert far.count == len(active) - len(near)


def test_newport_practices_are_17(tmp_path: Path, shared: Path) -> None:
    services = _published(
        tmp_path,
        shared,
        square_area(*NEWPORT),
        kind="gp",
        file="fixtures/services/gp_practices_geocoded_newport_gm.csv",
        **{"from": "gp_geocoded"},
    )
    assert len(services.venues) == 17


def test_newport_libraries_are_nine_unplaced_rows(tmp_path: Path, shared: Path) -> None:
    rows = _rows(shared, "libraries_wales.csv")
    expected = [
        (row["Library name"], row["Postcode"], at)
        for at, row in enumerate(rows, start=1)
        if row["Local authority code"] == "W06000022" and not row["Year closed"]
    ]
    services = _published(
        tmp_path,
        shared,
        square_area(*NEWPORT),
        kind="library",
        file="fixtures/services/libraries_wales.csv",
        **{"from": "libraries_wales"},
        place={"authority": "W06000022"},
    )
    found = services.unplaced[["name", "postcode", "row"]].itertuples(index=False, name=None)
    assert len(expected) == 9
    assert list(found) == expected
    assert len(services.venues) == 0


def test_trafford_libraries_by_postcode(tmp_path: Path, shared: Path) -> None:
    # Sixteen rows: Bowfell, Davyhulme, Greatstone closed, Lostock for now, Trafford Town Hall and
    # the rest open.
    rows = [r for r in _rows(shared, "libraries_england_2023.csv") if r["authority"] == "Trafford"]
    names = {
        r["name"] for r in rows if r["operation_23"] in {"LA", "CR"} and not r["closed"].strip()
    }
    services = _published(
        tmp_path,
        shared,
        square_area(*MANCHESTER),
        kind="library",
        file="fixtures/services/libraries_england_2023.csv",
        **{"from": "libraries_england"},
        where={"authority": "Trafford"},
        postcodes={"file": "fixtures/postcodes/trafford_postcodes.csv"},
    )
    assert set(services.venues["venue_name"]) | set(services.unplaced["name"]) == names
    assert len(names) == 12
    with (shared / "fixtures/postcodes/trafford_postcodes.csv").open(
        encoding="utf-8-sig"
    ) as handle:
        known = {row["postcode"] for row in csv.DictReader(handle)}
    assert len(services.venues) == sum(
        row["postcode"] in known for row in rows if row["name"] in names
    )


def test_all_english_libraries_areread_lines(tmp_path: Path, shared: Path) -> None:
    services = _published(
        tmp_path,
        shared,
        square_area(*MANCHESTER),
        kind="library",
        file="fixtures/services/libraries_england_2023.csv",
        **{"from": "libraries_england"},
    )
    rows = _rows(shared, "libraries_england_2023.csv")
    excluded = sum(count for count, _ in notes_of(services, "rows_excluded"))
    assert len(services.unplaced) + excluded == len(rows)
    assert isinstance(services.unplaced, pd.DataFrame)
