"""Service files on the map: every rule by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import pytest
from places import CODES, tiny_area
from shapely.geometry import box
from supply import HEAD, notes_of, read_lines, supply_project, write_lines

from planner.area import CRS
from planner.errors import DataError, ProjectError
from planner.sources.services import read_services

# --- one table ---------------------------------------------------------------------------------


def test_venue_and_offer(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        "Code,Name,Address,Postcode,Easting,Northing,Rooms,Places",
        "W1,Sale Surgery,1 High St,aa11aa,431000,391000,3,40",
        partner="NHS",
        capacity_column="places",
        capacity_unit="appointments a day",
    )
    venue, offer = services.venues.loc["gp:W1"], services.offers.loc["gp:W1/gp"]
    assert (venue.geometry.x, venue.geometry.y) == (431000.0, 391000.0)
    assert venue.drop("geometry").to_dict() == {
        "venue_name": "Sale Surgery",
        "address": "1 High St",
        "postcode": "AA1 1AA",
        "status": "existing",
        "rooms": 3.0,
        "opening": "",
        "accessibility": "",
        "co_located_with": "",
    }
    assert offer.to_dict() == {
        "venue_id": "gp:W1",
        "kind": "gp",
        "partner": "NHS",
        "capacity": 40.0,
        "capacity_unit": "appointments a day",
        "sessions": "",
        "serves": "anyone",
        "source": 0,
        "service_name": "",
        "languages": "",
    }


def test_no_services_at_all(tmp_path: Path) -> None:
    services = read_services(supply_project(tmp_path), tiny_area())
    assert (len(services.venues), len(services.offers), len(services.unplaced)) == (0, 0, 0)


def test_longitude_and_latitude(tmp_path: Path) -> None:
    point = gpd.GeoSeries(gpd.points_from_xy([431000], [391000]), crs=CRS).to_crs(4326).iloc[0]
    services = read_lines(tmp_path, "name,lat,lon", f"A,{point.y:.8f},{point.x:.8f}")
    found = services.venues.geometry.iloc[0]
    assert (found.x, found.y) == pytest.approx((431000, 391000), abs=0.01)


def test_columns_named_by_thesupply_project(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        "who;e;n;no;open",
        "A;431000;391000;7;Mon 9am-5pm",
        name_column="who",
        x_column="e",
        y_column="n",
        id_column="no",
        opening_column="open",
    )
    assert services.venues["opening"].to_dict() == {"gp:7": "Mo 09:00-17:00"}


@pytest.mark.parametrize("value", ["4", "4.0"])
@pytest.mark.parametrize("cell", ["4", "4.0"])
def test_where_takes_numbers_as_text(tmp_path: Path, value: str, cell: str) -> None:
    services = read_lines(
        tmp_path,
        f"{HEAD},set",
        f"A,431000,391000,{cell}",
        "B,431000,391000,40",
        where={"set": value},
    )
    assert services.venues["venue_name"].tolist() == ["A"]
    assert notes_of(services, "rows_excluded") == [(1, ("B",))]


def test_polygons_of_a_map_file(tmp_path: Path) -> None:
    square = [[-1.54, 53.41], [-1.53, 53.41], [-1.53, 53.42], [-1.54, 53.42], [-1.54, 53.41]]
    feature = {"type": "Polygon", "coordinates": [square]}
    collection = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"ID": "p1"}, "geometry": feature}],
    }
    (tmp_path / "a.geojson").write_text(json.dumps(collection))
    project = supply_project(tmp_path, {"kind": "post_office", "file": "a.geojson"})
    services = read_services(project, tiny_area())
    assert services.venues["venue_name"].to_dict() == {
        "post_office:p1": "Unnamed post office (row 1)"
    }
    point = services.venues.to_crs(4326).geometry.iloc[0]
    assert box(-1.54, 53.41, -1.53, 53.42).contains(point)


def test_week_of_opening_columns(tmp_path: Path) -> None:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    head = ",".join([HEAD, *[f"opening_hours_{day}" for day in days]])
    services = read_lines(
        tmp_path,
        head,
        'A,431000,391000,"09:00-12:00,13:00-17:00",' + ",".join(["CLOSED"] * 6),
        "B,432000,391000,09:00-13:00:14:00-18:00," + ",".join(["CLOSED"] * 6),
    )
    assert services.venues.set_index("venue_name")["opening"].to_dict() == {
        "A": "Mo 09:00-12:00,13:00-17:00",
        "B": "",
    }
    assert notes_of(services, "opening_unread") == [(1, ("B",))]


def test_opening_text_too_long_to_trust_is_unknown(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path, f"{HEAD},opening", "A,431000,391000," + "; ".join(["Mo 09:00-10:00"] * 100)
    )
    assert services.venues["opening"].tolist() == [""]


def test_unreadable_capacity_is_unknown_and_listed(tmp_path: Path) -> None:
    services = read_lines(
        tmp_path,
        f"{HEAD},places",
        "A,431000,391000,many",
        "B,432000,391000,",
        "C,432500,391000,-1",
        capacity_column="places",
    )
    assert services.offers["capacity"].isna().all()
    (note,) = [note for note in services.notes if note.what == "capacity_unread"]
    assert note.items == ("row 1: A: many", "row 3: C: -1")
    assert note.text == (
        "a.csv, column places: 2 capacities not readable as a number from 0 up, taken as unknown "
        "(row 1: A: many, row 3: C: -1)."
    )


def test_hostile_text(tmp_path: Path) -> None:
    services = read_lines(tmp_path, HEAD, f'"A\x07\u202e {"b" * 500}",431000,391000')
    name = services.venues["venue_name"].iloc[0]
    assert len(name) == 200
    assert re.fullmatch(r"A b+", name)
    assert re.fullmatch(r"gp:[a-z0-9-]+", services.venues.index[0])


@pytest.mark.parametrize(
    ("serves", "stored"),
    [("place", "place"), (f"{CODES[1]}; {CODES[0]}", f"{CODES[0]};{CODES[1]}")],
)
def test_serves(tmp_path: Path, serves: str, stored: str) -> None:
    services = read_lines(tmp_path, HEAD, "A,431000,391000", serves=serves)
    assert services.offers["serves"].tolist() == [stored]


@pytest.mark.parametrize("serves", ["E01000001", "everyone", ""])
def test_serves_somewhere_else_is_refused(tmp_path: Path, serves: str) -> None:
    with pytest.raises(
        ProjectError, match=r"services\[1\]\.serves: .* is not an area of Sixsquares"
    ):
        read_lines(tmp_path, HEAD, "A,431000,391000", serves=serves)


# --- rows that cannot be placed ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("B,,", "no coordinates and no postcode"),
        ("B,0,0", "coordinates at Null Island (0, 0)"),
        ("B,9000000,9000000", "coordinates outside the UK and Ireland"),
        ("B,here,there", "coordinates that are no numbers"),
    ],
)
def test_unplaced_rows_are_listed(tmp_path: Path, row: str, reason: str) -> None:
    services = read_lines(tmp_path, HEAD, "A,431000,391000", row)
    assert services.venues["venue_name"].tolist() == ["A"]
    assert services.unplaced.to_dict("records") == [
        {"kind": "gp", "name": "B", "postcode": "", "reason": reason, "file": "a.csv", "row": 2}
    ]
    assert notes_of(services, "unplaced") == [(1, ("row 2: B",))]


def test_rows_far_away_are_left_out_and_listed(tmp_path: Path) -> None:
    services = read_lines(tmp_path, HEAD, "A,431000,391000", "B,533100,391000")
    assert services.venues["venue_name"].tolist() == ["A"]
    assert services.unplaced.empty
    assert notes_of(services, "rows_far_away") == [(1, ("row 2: B",))]


def test_just_within_100_km_is_kept(tmp_path: Path) -> None:
    # The place ends at 433000 east.
    services = read_lines(tmp_path, HEAD, "A,532999,391000", "B,431000,391000")
    assert len(services.venues) == 2


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("name,address", "A,1 High St"), "neither a pair of coordinate columns nor a postcode"),
        ((HEAD, "A,0,0"), r"none of its 1 rows can be put on the map \(coordinates at Null Island"),
        (("name,lon,lat", "A,53.4,-2.3"), "none of its 1 rows"),
        ((HEAD, "A,433000,591000"), r"none of its 1 rows .* \(more than 100 km"),
        (("name,postcode", "A,"), r"none of its 1 rows .* \(no coordinates and no postcode"),
        (("name,postcode", "A,High Street"), r"none of its 1 rows .* \(a postcode that is none"),
        ((HEAD,), "no rows"),
    ],
)
def test_files_of_which_no_row_can_be_used_are_refused(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read_lines(tmp_path, *lines)
    assert "\n" not in caught.value.message


def test_where_that_nothing_meets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no row has town = 'Hale'"):
        read_lines(tmp_path, f"{HEAD},town", "A,431000,391000,Sale", where={"town": "Hale"})


def test_missing_named_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'titel'"):
        read_lines(tmp_path, HEAD, "A,431000,391000", name_column="titel")


def test_entry_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"services\[1\]\.file: this key is needed"):
        read_services(supply_project(tmp_path, {"kind": "gp"}), tiny_area())


# --- postcodes ---------------------------------------------------------------------------------


def test_postcodes_without_a_directory_are_listed_not_refused(tmp_path: Path) -> None:
    services = read_lines(tmp_path, "name,postcode", "A,aa11aa", "B,")
    assert services.unplaced["reason"].tolist() == [
        "no postcode directory given",
        "no coordinates and no postcode",
    ]
    assert services.unplaced["postcode"].tolist() == ["AA1 1AA", ""]


def test_postcode_directory(tmp_path: Path) -> None:
    write_lines(tmp_path, "pc.csv", "pcds,oseast1m,osnrth1m", "AA1 1AA,431500,391500")
    services = read_lines(
        tmp_path, "name,postcode", "A,aa1 1aa", "B,ZZ9 9ZZ", postcodes={"file": "pc.csv"}
    )
    point = services.venues.geometry["gp:a"]
    assert (point.x, point.y) == (431500.0, 391500.0)
    assert services.unplaced["reason"].tolist() == ["postcode not in the directory"]
    assert notes_of(services, "placed_by_postcode") == [(1, ("A",))]


def test_postcode_helps_where_coordinates_are_impossible(tmp_path: Path) -> None:
    write_lines(tmp_path, "pc.csv", "pcds,oseast1m,osnrth1m", "AA1 1AA,431500,391500")
    services = read_lines(
        tmp_path,
        f"{HEAD},postcode",
        "A,431000,391000,AA1 1AA",
        "B,0,0,AA1 1AA",
        postcodes={"file": "pc.csv"},
    )
    assert services.venues.geometry.x.to_dict() == {"gp:a": 431000.0, "gp:b": 431500.0}


# --- inside and outside ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("take", "names"), [("all", ["In", "Out"]), ("inside", ["In"]), ("outside", ["Out"])]
)
def test_take(tmp_path: Path, take: str, names: list[str]) -> None:
    services = read_lines(tmp_path, HEAD, "In,431000,391000", "Out,434000,391000", take=take)
    assert services.venues["venue_name"].tolist() == names
    assert len(notes_of(services, "rows_not_taken")) == (take != "all")


def test_context_areas_are_outside_the_place(tmp_path: Path) -> None:
    # The last area, 432000-433000 by 391000-392000, is context only.
    write_lines(tmp_path, "a.csv", HEAD, "In,431000,391000", "Beside,432500,391500")
    project = supply_project(tmp_path, {"kind": "gp", "file": "a.csv", "take": "inside"})
    services = read_services(project, tiny_area(context=1))
    assert services.venues["venue_name"].tolist() == ["In"]


# --- candidates --------------------------------------------------------------------------------


def test_candidate_venues_have_no_offers(tmp_path: Path) -> None:
    write_lines(tmp_path, "c.csv", HEAD, "Town Hall,431000,391000", "Lost,0,0")
    services = read_lines(tmp_path, HEAD, "Town Hall,431000,391000", hubs={"candidates": "c.csv"})
    assert services.venues["status"].to_dict() == {
        "candidate:town-hall": "candidate",
        "gp:town-hall": "existing",
    }
    assert services.offers["venue_id"].tolist() == ["gp:town-hall"]
    assert services.unplaced["name"].tolist() == ["Lost"]
    assert "c.csv" in [source.file for source in services.sources]
