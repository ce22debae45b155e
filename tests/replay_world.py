"""A made-up world of two districts, served by every publisher's replay."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import openpyxl
import shapely
from pyproj import Transformer
from replays import (
    Answer,
    Route,
    arcgis,
    csv_file,
    fingertips_rows,
    gtfs,
    nomis,
    nomis_bulk,
    overpass,
    to_csv,
)

from planner.sources.registry import Registry, read_registry

MSOA = "E02900001"
WEST, SOUTH = 380_000, 391_000


@dataclass(frozen=True, kw_only=True)
class Square:
    """One small area of 1 km side; ``column`` 0 to 2 is Northwick, 3 to 5 Southby's."""

    code: str
    name: str
    district: str
    district_name: str
    shape: shapely.Polygon


def squares() -> list[Square]:
    """Return twelve squares in two rows: six of Northwick, six of Southby, side by side."""
    found = []
    for at in range(12):
        column, row = at % 6, at // 6
        north = column < 3
        x, y = WEST + 1000 * column, SOUTH + 1000 * row
        found.append(
            Square(
                code=f"E019{at + 1:05d}",
                name=f"{'Northwick' if north else 'Southby'} {at + 1:03d}A",
                district="E08900001" if north else "E08900002",
                district_name="Northwick" if north else "Southby upon King's Lea",
                shape=shapely.box(x, y, x + 1000, y + 1000),
            )
        )
    return found


def world_registry(address: str) -> Registry:
    """Return the planner's registry with every known address on the replay server."""
    real = read_registry()
    changes: dict[str, dict[str, object]] = {"postcodes": {"address": f"{address}/postcodes"}}
    for one in real:
        if not one.address or not ({"England"} & set(one.nations)):
            continue
        tail = re.findall(r"\{\w+\}", one.address)
        blank = f"/{tail[0]}" if tail else ""
        changes[one.id] = {"address": f"{address}/{one.id}{blank}", "redirect_hosts": ()}
    return real.override(changes)


def small_registry(address: str, *keep: str) -> Registry:
    """Return a registry of the areas and a few sources only, so that a test is quick."""
    first = {"district_names", "lsoa21_districts", "district_regions", "lsoa21_boundaries"}
    wanted = {*first, "bus_timetable", "population_census", *keep}
    entries = world_registry(address).entries
    return Registry(entries={key: entry for key, entry in entries.items() if key in wanted})


def world_routes() -> dict[str, Route]:
    """Return every publisher's replay for Northwick and Southby."""
    all_squares = squares()
    codes = [s.code for s in all_squares]
    districts = [
        {"LAD25CD": "E08900001", "LAD25NM": "Northwick"},
        {"LAD25CD": "E08900002", "LAD25NM": "Southby upon King's Lea"},
        {"LAD25CD": "W06900001", "LAD25NM": "Cwm Northwick"},
    ]
    lookup = [
        {
            "LSOA21CD": s.code,
            "LSOA21NM": s.name,
            "LAD25CD": s.district,
            "LAD25NM": s.district_name,
        }
        for s in all_squares
    ]
    shapes = [
        {"FID": at, "LSOA21CD": s.code, "LSOA21NM": s.name, "geometry": s.shape}
        for at, s in enumerate(all_squares)
    ]
    points = [
        {"FID": at, "LSOA21CD": s.code, "geometry": s.shape.centroid}
        for at, s in enumerate(all_squares)
    ]
    changes = [
        {"F_LSOA11CD": code, "LSOA11NM": "", "LSOA21CD": code, "CHGIND": "U"} for code in codes
    ]
    upper = [{"OA11CD": f"E00{at}", "LSOA11CD": c, "MSOA11CD": MSOA} for at, c in enumerate(codes)]
    regions = [{"LAD25CD": f"E0890000{at}", "RGN25NM": "North West"} for at in (1, 2)]
    routes: dict[str, Route] = {
        "/district_names": arcgis(districts),
        "/lsoa21_districts": arcgis(lookup),
        "/district_regions": arcgis(regions),
        "/lsoa21_boundaries": arcgis(shapes),
        "/lsoa21_points": arcgis(points),
        "/lsoa11_lsoa21": arcgis(changes),
        "/lsoa11_msoa11": arcgis([*upper, *upper]),
        "/openstreetmap": overpass(world_map()),
        "/bus_timetable/": lambda asked: Answer(
            body=gtfs(),
            kind="application/zip",
            status=200 if asked.path.endswith("/north_west") else 404,
        ),
        "/bus_timetable/north_west": lambda asked: Answer(body=gtfs(), kind="application/zip"),
    }
    return {**routes, **_tables(codes), **_services()}


def _tables(codes: Sequence[str]) -> dict[str, Route]:
    date = ["DATE_NAME", "GEOGRAPHY_NAME", "GEOGRAPHY_CODE"]
    people = [["2024", "", code, 1000 + 100 * at] for at, code in enumerate(codes)]
    claims = [["January 2026", "", c, "Claimant count", 5 * at] for at, c in enumerate(codes)]
    jobs = [["2024", "", code, 50 * at] for at, code in enumerate(codes)]
    life = [
        (MSOA, "Female", "2016 - 20", 82.5),
        (MSOA, "Male", "2016 - 20", 78.5),
        (MSOA, "Male", "2015 - 19", 78.0),
        ("E92000001", "Male", "2016 - 20", 79.5),
    ]
    return {
        "/population": nomis([*date, "OBS_VALUE"], people),
        "/claimants": nomis([*date, "MEASURE_NAME", "OBS_VALUE"], claims),
        "/jobs": nomis([*date, "OBS_VALUE"], jobs),
        "/life_expectancy": csv_file(fingertips_rows(life)),
        "/iod2025_file7": csv_file(_file7(codes)),
        "/iod2025_file1": lambda asked: Answer(
            body=_file1(codes),
            kind="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        "/iod2019_file7": csv_file([["LSOA code (2011)", "Income Score (rate)"], [codes[0], 0.1]]),
        "/population_census": nomis_bulk(
            "census2021-ts001-lsoa.csv", _wide(codes, "Residence type", ["Total", "Lives"])
        ),
        **{
            f"/{key}": nomis_bulk(f"census2021-{key}-lsoa.csv", _wide(codes, *CENSUS[key]))
            for key in CENSUS
        },
    }


CENSUS: dict[str, tuple[str, list[str]]] = {
    "ts037": (
        "General health",
        [
            *("Total: All usual residents", "Very good health", "Good health", "Fair health"),
            *("Bad health", "Very bad health"),
        ],
    ),
    "ts045": (
        "Number of cars or vans",
        [
            *("Total: All households", "No cars or vans in household"),
            *("1 car or van in household", "2 cars or vans in household"),
            "3 or more cars or vans in household",
        ],
    ),
    "ts067": (
        "Highest level of qualification",
        [
            *("Total: All usual residents aged 16 years and over", "No qualifications"),
            *("Level 1 and entry level qualifications", "Level 2 qualifications"),
            *("Apprenticeship", "Level 3 qualifications", "Level 4 qualifications and above"),
            "Other qualifications",
        ],
    ),
    "ts066": (
        "Economic activity status",
        [
            "Total: All usual residents aged 16 years and over",
            "Economically active (excluding full-time students):In employment",
            "Economically active (excluding full-time students): Unemployed",
            "Economically active and a full-time student",
            "Economically inactive: Retired",
            "Economically inactive: Student",
            "Economically inactive: Looking after home or family",
            "Economically inactive: Long-term sick or disabled",
            "Economically inactive: Other",
        ],
    ),
}


def _wide(codes: Sequence[str], table: str, names: Sequence[str]) -> list[list[object]]:
    header: list[object] = ["date", "geography", "geography code"]
    header += [f"{table}: {name}; measures: Value" for name in names]
    rows = [header]
    for at, code in enumerate(codes):
        parts = [100 + 10 * at * (n % 3) for n in range(len(names) - 1)]
        rows.append([2021, "", code, sum(parts), *parts])
    return rows


def _file7(codes: Sequence[str]) -> list[list[object]]:
    scores = ["Income Score (rate)", "Employment Score (rate)"]
    scores += ["Education, Skills and Training Score", "Health Deprivation and Disability Score"]
    scores += ["Crime Score", "Barriers to Housing and Services Score", "Living Environment Score"]
    header: list[object] = ["LSOA code (2021)", "LSOA name (2021)"]
    header += ["Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)", *scores]
    rows = [header]
    for at, code in enumerate(codes):
        shares = [0.01 * at, 0.02 * at]
        rows.append([code, "", 100 * at + 1, *shares, *[10 * at + n for n in range(5)]])
    return rows


def _file1(codes: Sequence[str]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "IMD25"
    sheet.append(
        [
            *("LSOA code (2021)", "LSOA name (2021)", "Local Authority District code (2024)"),
            *("Local Authority District name (2024)",),
            *("Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)",),
        ]
    )
    for at, code in enumerate(codes):
        sheet.append([code, "", "", "", 100 * at + 1])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _services() -> dict[str, Route]:
    schools = [
        ["URN", "EstablishmentName", "EstablishmentStatus (name)", "Easting", "Northing"],
        [1, "Northwick Primary", "Open", WEST + 500, SOUTH + 500],
        [2, "Closed School", "Closed", WEST + 600, SOUTH + 600],
        [3, "Château School", "Open", WEST + 700, SOUTH + 1500],
        [4, "Far Away Grammar", "Open", 530_000, 180_000],
    ]
    practices = [_practice(f"X{n:05d}") for n in range(3)]
    text = to_csv(schools).encode("cp1252")
    return {
        "/schools/20260302": lambda asked: Answer(status=404, kind="text/plain"),
        "/schools/20260301": lambda asked: Answer(body=text, kind="application/octet-stream"),
        "/gp_practices": csv_file(practices),
        "/postcodes": csv_file(
            [["pcds", "oseast1m", "osnrth1m"], ["ZZ9 9ZZ", WEST + 400, SOUTH + 1300]]
        ),
    }


def _practice(code: str) -> list[object]:
    """Return the 27 columns of one active GP practice."""
    row: list[object] = [code, "THE MADE UP SURGERY", "Y00", "Q00", "1 MILL ROAD", *[""] * 22]
    row[9], row[12], row[25] = "ZZ9 9ZZ", "A", "4"
    return row


def world_map() -> list[str]:
    """Return streets along every kilometre, and some places to go to."""
    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)
    lines = []
    number = {}
    for row in range(5):
        for column in range(13):
            lon, lat = to_degrees.transform(WEST + 500 * column, SOUTH + 500 * row)
            number[row, column] = len(number) + 1
            lines.append(f'<node id="{number[row, column]}" lat="{lat:.7f}" lon="{lon:.7f}"/>')
    places = [
        ("amenity", "library", "Northwick Library", 1200, 700),
        ("amenity", "community_centre", "Mill Hall", 2600, 1400),
        ("amenity", "doctors", "Made-up Surgery", 400, 1300),
        ("amenity", "pharmacy", "Pill & Co", 4200, 900),
    ]
    for at, (key, value, name, x, y) in enumerate(places):
        lon, lat = to_degrees.transform(WEST + x, SOUTH + y)
        text = name.replace("&", "&amp;")
        lines.append(
            f'<node id="{900 + at}" lat="{lat:.7f}" lon="{lon:.7f}"><tag k="{key}" v="{value}"/>'
            f'<tag k="name" v="{text}"/></node>'
        )
    ways = [[number[row, column] for column in range(13)] for row in range(5)]
    ways += [[number[row, column] for row in range(5)] for column in range(13)]
    for at, nodes in enumerate(ways):
        refs = "".join(f'<nd ref="{ref}"/>' for ref in nodes)
        lines.append(f'<way id="{at + 1}">{refs}<tag k="highway" v="residential"/></way>')
    return lines
