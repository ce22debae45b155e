"""The fictional place: the same bytes everywhere, laid out as designed, readable by all readers."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from planner.demo import write_demo
from planner.errors import ProjectError
from planner.project import Project

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "data" / "demo"
DOMAINS = {
    "income": "Income Score (rate)",
    "employment": "Employment Score (rate)",
    "education": "Education, Skills and Training Score",
    "health": "Health Deprivation and Disability Score",
    "crime": "Crime Score",
    "barriers": "Barriers to Housing and Services Score",
    "environment": "Living Environment Score",
}


def tables(path: Path) -> dict[str, pd.DataFrame]:
    with zipfile.ZipFile(path) as archive:
        return {
            name.removesuffix(".txt"): pd.read_csv(io.BytesIO(archive.read(name)), dtype=str)
            for name in archive.namelist()
        }


def census(folder: Path, code: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"census2021-{code}-lsoa.csv", index_col="geography code")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo") / "place").parent


@pytest.fixture(scope="module")
def outlines(demo: Path) -> gpd.GeoDataFrame:
    parts = [
        gpd.read_file(demo / name)
        for name in ("lsoa21_boundaries.geojson", "lsoa21_context_boundaries.geojson")
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def osm(demo: Path) -> ET.Element:
    return ET.parse(demo / "streets.osm").getroot()


@pytest.fixture(scope="module")
def gtfs(demo: Path) -> dict[str, pd.DataFrame]:
    return tables(demo / "bus_timetable_gtfs.zip")


# --- bytes ------------------------------------------------------------------------------------


def test_committed_files_are_those_the_code_writes(demo: Path) -> None:
    written = {path.name: path.read_bytes() for path in demo.iterdir()}
    committed = {path.name: path.read_bytes() for path in COMMITTED.iterdir()}
    assert sorted(written) == sorted(committed)
    assert [name for name in written if written[name] != committed[name]] == []


def test_another_seed_gives_another_place(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path, seed=2)
    same = [
        path.name
        for path in demo.iterdir()
        if path.read_bytes() == (tmp_path / path.name).read_bytes()
    ]
    assert "lsoa21_boundaries.geojson" not in same
    assert "streets.osm" not in same
    assert "iod2025_domain_scores.csv" not in same


def test_files_are_small(demo: Path) -> None:
    sizes = [path.stat().st_size for path in demo.iterdir()]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 2_000_000


def test_archives_have_no_clock_and_no_compression(demo: Path) -> None:
    for path in [*demo.glob("*.zip"), *demo.glob("*.xlsx")]:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
        assert {info.date_time for info in parts} == {(2025, 10, 1, 0, 0, 0)}
        assert {info.compress_type for info in parts} == {zipfile.ZIP_STORED}


def test_everything_says_that_it_is_fictional(demo: Path) -> None:
    spec = Project.read(demo).spec
    assert spec.place.fictional
    assert "(fictional)" in spec.place.name
    entries = [spec.place, spec.place.population, *spec.layer, *spec.services]
    entries += [spec.jobs, spec.postcodes, spec.streets, spec.timetable]
    assert {entry.publisher for entry in entries} == {"Fictional data made by the planner"}
    assert {entry.licence for entry in entries} == {"Public domain (CC0)"}


def test_every_file_of_the_project_is_there(demo: Path) -> None:
    project = Project.read(demo)
    named = set(project.files())
    assert all(project.path(name).is_file() for name in named)
    assert {path.name for path in demo.iterdir()} - named == {"planner.toml", "README.md"}


@pytest.mark.parametrize("areas", [19, 40_001])
def test_too_few_or_too_many_areas_are_refused(tmp_path: Path, areas: int) -> None:
    with pytest.raises(ProjectError, match="cannot have"):
        write_demo(tmp_path, areas=areas)


# --- areas --------------------------------------------------------------------------------------


def assert_tiles(outlines: gpd.GeoDataFrame) -> None:
    shapes = outlines.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    whole = shapely.union_all(shapes)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    # No gaps: one piece without holes. No overlaps: the parts add up to the whole.
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-6)


def test_areas_fill_the_place_without_gaps_or_overlaps(outlines: gpd.GeoDataFrame) -> None:
    assert_tiles(outlines)


@pytest.mark.parametrize(("areas", "seed"), [(20, 1), (20, 5), (300, 3), (2000, 1)])
def test_places_of_other_sizes_are_filled_too(tmp_path: Path, areas: int, seed: int) -> None:
    write_demo(tmp_path, areas=areas, seed=seed, streets=False)
    inside = gpd.read_file(tmp_path / "lsoa21_boundaries.geojson")
    around = gpd.read_file(tmp_path / "lsoa21_context_boundaries.geojson")
    assert len(inside) == areas
    assert_tiles(pd.concat([inside, around], ignore_index=True))
    assert Project.read(tmp_path).spec.streets.file == ""


def test_numbers_of_areas(outlines: gpd.GeoDataFrame) -> None:
    town = outlines["LSOA21NM"].str.replace(r" \d{3}[A-Z]$", "", regex=True)
    assert town.value_counts().to_dict() == {"Ambleford": 150, "Orrinstow": 20}


def test_codes_are_in_the_fictional_range(outlines: gpd.GeoDataFrame) -> None:
    codes = outlines["LSOA21CD"]
    assert codes.is_unique
    assert codes.str.fullmatch(r"E019\d{5}").all()
    assert codes.iloc[0] == "E01900001"


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("population_mid2024.csv", "LSOA21CD"),
        ("population_weighted_points.csv", "LSOA21CD"),
        ("iod2025_domain_scores.csv", "LSOA code (2021)"),
        ("lookup_lsoa11_lsoa21.csv", "LSOA21CD"),
        *((f"census2021-{t}-lsoa.csv", "geography code") for t in ("ts038", "ts045", "ts062")),
        *((f"census2021-{t}-lsoa.csv", "geography code") for t in ("ts066", "ts067")),
    ],
)
def test_tables_are_about_the_areas(
    demo: Path, outlines: gpd.GeoDataFrame, file: str, column: str
) -> None:
    assert set(pd.read_csv(demo / file)[column]) == set(outlines["LSOA21CD"])


def test_points_lie_in_their_areas(demo: Path, outlines: gpd.GeoDataFrame) -> None:
    points = pd.read_csv(demo / "population_weighted_points.csv")
    shapes = outlines.to_crs("EPSG:27700").set_index("LSOA21CD").geometry
    at = shapely.points(points["easting"], points["northing"])
    assert shapely.contains(shapes.loc[points["LSOA21CD"]].to_numpy(), at).all()


# --- figures ------------------------------------------------------------------------------------


def correlations(folder: Path) -> pd.DataFrame:
    scores = pd.read_csv(folder / "iod2025_domain_scores.csv")
    return scores[list(DOMAINS.values())].set_axis(list(DOMAINS), axis=1).corr(method="spearman")


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("income", "employment", 0.5, 0.85),
        ("income", "health", 0.5, 0.85),
        ("income", "education", 0.5, 0.85),
        ("employment", "health", 0.5, 0.85),
        ("employment", "education", 0.5, 0.85),
        ("education", "health", 0.5, 0.85),
        ("income", "crime", 0.45, 0.7),
        ("health", "crime", 0.45, 0.7),
        ("income", "barriers", -0.35, 0.0),
        ("income", "environment", 0.15, 0.45),
    ],
)
def test_domains_go_together_as_they_do_nationally(
    demo: Path, one: str, other: str, low: float, high: float
) -> None:
    assert low < correlations(demo).loc[one, other] < high


def test_shares_not_working_are_plausible(demo: Path) -> None:
    table = census(demo, "ts066")
    stem = "Economic activity status: "
    out = [f"{stem}Economically active (excluding full-time students): Unemployed"]
    out += [f"{stem}Economically inactive: {why}" for why in ("Looking after home or family",
            "Long-term sick or disabled", "Other")]  # fmt: skip
    less = [f"{stem}Economically inactive: Retired", f"{stem}Economically inactive: Student"]
    less += [f"{stem}Economically active and a full-time student"]
    adults = table[f"{stem}Total: All usual residents aged 16 years and over"]
    share = table[out].sum(axis=1) / (adults - table[less].sum(axis=1))
    assert 0.03 < share.min() < 0.08
    assert 0.25 < share.max() < 0.38


@pytest.mark.parametrize("code", ["ts038", "ts045", "ts062", "ts067"])
def test_census_categories_add_up(demo: Path, code: str) -> None:
    table = census(demo, code)
    total = table.filter(like="Total: ").iloc[:, 0]
    # Leaves only: a subtotal's name begins those of its parts.
    leaves = [
        c for c in table.columns[3:] if not any(o.startswith(f"{c}: ") for o in table.columns)
    ]
    assert (table[leaves].sum(axis=1) == total).all()


def test_activity_subtotals_add_up(demo: Path) -> None:
    table = census(demo, "ts066")
    halves = ["Economically active (excluding full-time students)"]
    halves += ["Economically active and a full-time student", "Economically inactive"]
    parts = table[[f"Economic activity status: {half}" for half in halves]]
    total = table["Economic activity status: Total: All usual residents aged 16 years and over"]
    assert (parts.sum(axis=1) == total).all()


def test_life_expectancy_lies_in_its_interval(demo: Path) -> None:
    file = demo / "life_expectancy_msoa11.xlsx"
    table = pd.read_excel(file, sheet_name="Data", engine="openpyxl")
    years = table["Life Expectancy at birth (in years)"]
    assert years.between(70, 92).all()
    assert (table["Lower 95% confidence interval"] < years).all()
    assert (years < table["Upper 95% confidence interval"]).all()
    men, women, everyone = (
        table[table["Sex"] == sex].set_index("Code")[years.name]
        for sex in ("Males", "Females", "Persons")
    )
    assert (men < everyone).all()
    assert (everyone < women).all()


def test_published_ranks_are_ranks_of_england(demo: Path) -> None:
    book = openpyxl.load_workbook(demo / "File_1_IoD2025_fictional.xlsx", read_only=True)
    assert book.sheetnames == ["Notes", "IMD25"]
    rows = list(book["IMD25"].iter_rows(values_only=True))[1:]
    book.close()
    ranks = np.array([row[4] for row in rows])
    assert len(set(ranks)) == 170
    assert ranks.min() >= 1
    assert ranks.max() <= 33_755
    assert [row[5] for row in rows] == list(np.ceil(10 * ranks / 33_755))


def test_lookup_has_every_kind_of_change(demo: Path) -> None:
    lookup = pd.read_csv(demo / "lookup_lsoa11_lsoa21.csv")
    assert set(lookup["CHGIND"]) == {"U", "S", "M", "X"}
    split = lookup[lookup["CHGIND"] == "S"]
    assert (split.groupby("LSOA11CD").size() == 2).all()
    merged = lookup[lookup["CHGIND"] == "M"]
    assert (merged.groupby("LSOA21CD").size() == 2).all()
    upper = pd.read_csv(demo / "lookup_lsoa11_msoa11.csv")
    assert sorted(upper["LSOA11CD"]) == sorted(lookup["LSOA11CD"].unique())


# --- streets ------------------------------------------------------------------------------------


def walkable(osm: ET.Element) -> nx.Graph:
    graph = nx.Graph()
    for way in osm.iter("way"):
        tags = {tag.get("k"): tag.get("v") for tag in way.iter("tag")}
        if "highway" in tags and tags.get("foot") != "no":
            nx.add_path(graph, [nd.get("ref") for nd in way.iter("nd")], name=tags.get("name", ""))
    return graph


def test_streets_are_one_network_but_for_the_island(osm: ET.Element) -> None:
    graph = walkable(osm)
    pieces = sorted(nx.connected_components(graph), key=len, reverse=True)
    assert len(pieces) == 2
    assert 3_000 < len(pieces[0]) < 6_000
    names = {name for *_, name in graph.subgraph(pieces[1]).edges(data="name")}
    assert names == {"Gull Lane"}


def test_without_its_bridges_the_town_falls_apart(osm: ET.Element) -> None:
    graph = walkable(osm)
    river = [
        (a, b) for a, b, n in graph.edges(data="name") if n in {"Town Bridge", "Priory Bridge"}
    ]
    graph.remove_edges_from(river)
    large = [piece for piece in nx.connected_components(graph) if len(piece) > 500]
    assert len(large) == 2


def test_osm_references_and_numbers_are_sound(osm: ET.Element) -> None:
    nodes = [node.get("id") for node in osm.iter("node")]
    assert len(set(nodes)) == len(nodes)
    assert {nd.get("ref") for nd in osm.iter("nd")} <= set(nodes)
    assert all(thing.get("version") == "1" for thing in osm.iter() if thing.tag in {"node", "way"})


def test_osm_has_water_and_place_names(osm: ET.Element) -> None:
    tags = [(tag.get("k"), tag.get("v")) for tag in osm.iter("tag")]
    assert ("waterway", "river") in tags
    assert ("natural", "water") in tags
    assert ("place", "town") in tags
    assert tags.count(("amenity", "library")) == 7


# --- timetable ----------------------------------------------------------------------------------


def test_timetable_references_hold(gtfs: dict[str, pd.DataFrame]) -> None:
    times, trips = gtfs["stop_times"], gtfs["trips"]
    assert set(times["trip_id"]) == set(trips["trip_id"])
    assert set(times["stop_id"]) == set(gtfs["stops"]["stop_id"])
    assert set(trips["route_id"]) == set(gtfs["routes"]["route_id"])
    assert set(trips["service_id"]) == set(gtfs["calendar"]["service_id"])
    assert set(gtfs["routes"]["agency_id"]) == set(gtfs["agency"]["agency_id"])
    for name, key in (("stops", "stop_id"), ("trips", "trip_id"), ("routes", "route_id")):
        assert gtfs[name][key].is_unique


def test_buses_never_go_back_in_time(gtfs: dict[str, pd.DataFrame]) -> None:
    times = gtfs["stop_times"]
    assert times["arrival_time"].str.fullmatch(r"\d\d:\d\d:\d\d").all()
    seconds = pd.to_timedelta(times["arrival_time"]).dt.total_seconds()
    step = seconds.groupby(times["trip_id"]).diff().dropna()
    assert (step > 0).all()


def test_quillet_has_two_buses_a_day(gtfs: dict[str, pd.DataFrame]) -> None:
    route = gtfs["routes"].set_index("route_long_name")["route_id"]
    trips = gtfs["trips"]
    quillet = trips[trips["route_id"] == route["Quillet - Larkmead - Town Centre"]]
    assert quillet.groupby(["service_id", "direction_id"]).size().to_dict() == {
        ("MF", "0"): 2,
        ("MF", "1"): 2,
    }


def test_shared_roads_have_shared_stops(gtfs: dict[str, pd.DataFrame]) -> None:
    stops = gtfs["stops"].astype({"stop_lat": float, "stop_lon": float})
    at = gpd.GeoSeries.from_xy(stops["stop_lon"], stops["stop_lat"], crs=4326).to_crs(27700)
    tree = shapely.STRtree(at)
    left, right = tree.query(at, predicate="dwithin", distance=90.0)
    assert (left == right).all()


# --- the planner's own readers -------------------------------------------------------------------


def test_study_area_is_read(demo: Path) -> None:
    from planner.sources.place import read_study_area

    area = read_study_area(Project.read(demo))
    assert (len(area.codes), len(area.areas)) == (150, 170)
    assert area.fictional
    assert area.points_kind == "several points"
    assert 200_000 < area.place["population"].sum() < 250_000
    assert area.notes == ()


def test_layers_are_read_for_every_area(demo: Path) -> None:
    from planner.sources.layers import read_layers
    from planner.sources.place import read_study_area

    project = Project.read(demo)
    area = read_study_area(project)
    layers = read_layers(project, area)
    assert bool(layers.values.notna().all(axis=None))
    coverage = layers.coverage(area.areas.index)
    assert (coverage.loc[["life_expectancy"], "inherited"] == 170).all()
    assert coverage.loc["claimants", "apportioned"] > 0
    assert coverage.loc["claimants", "merged"] > 0


def test_services_are_read_and_two_have_no_place(demo: Path) -> None:
    from planner.sources.place import read_study_area
    from planner.sources.services import read_services

    project = Project.read(demo)
    services = read_services(project, read_study_area(project))
    assert services.offers.groupby("kind").size().to_dict() == {
        "adult_learning": 2,
        "childrens_centre": 5,
        "community_centre": 9,
        "food_bank": 5,
        "gp": 16,
        "jobcentre": 3,
        "library": 7,
        "pharmacy": 15,
    }
    assert list(services.unplaced["name"]) == ["Harbour Outreach Clinic", "Travelling Larder"]
    assert (services.venues["status"] == "candidate").sum() == 5


@pytest.mark.parametrize(
    ("day", "start", "end"), [("Tu", "18:00", "20:00"), ("Sa", "10:00", "13:00")]
)
def test_some_homes_have_no_open_library_near_in_the_evening_or_on_a_saturday(
    demo: Path, day: str, start: str, end: str
) -> None:
    from planner.access.opening import is_open

    homes = pd.read_csv(demo / "population_weighted_points.csv")
    libraries = pd.read_csv(demo / "libraries.csv")
    then = [is_open(hours, day, start, end) is True for hours in libraries["opening_hours"]]
    east = np.subtract.outer(homes["easting"].to_numpy(), libraries["easting"].to_numpy())
    north = np.subtract.outer(homes["northing"].to_numpy(), libraries["northing"].to_numpy())
    near = np.hypot(east, north) < 2_000
    lost = near.any(axis=1) & ~near[:, then].any(axis=1)
    assert 0 < lost.sum() < near.any(axis=1).sum()


def test_every_travel_status_of_a_home_is_seen(demo: Path) -> None:
    from planner.sources.place import read_study_area
    from planner.sources.streets import read_streets
    from planner.travel.snap import snap_points

    project = Project.read(demo)
    spec = project.spec.streets
    points = read_study_area(project).place_points
    snapped = snap_points(
        read_streets(project.path(spec.file)),
        points.geometry,
        snap_metres=spec.snap_metres,
        extent_metres=spec.extent_metres,
    )
    seen = points.assign(status=snapped.status, piece=snapped.component)
    by_area = seen.groupby("area_code")[["status", "piece"]].agg(set)
    assert (by_area["status"] == {"not_connected"}).sum() == 1  # Marsh End
    assert (by_area["status"] == {"outside_extent"}).sum() == 1  # Wrack Point
    assert (by_area["status"] == {"connected", "not_connected"}).sum() == 1  # Corranby's farm
    assert (by_area["piece"] == {1}).sum() == 1  # Gull Island


def test_timetable_runs_on_the_chosen_tuesday(demo: Path) -> None:
    from planner.sources.timetable import check_timetable

    project = Project.read(demo)
    assert project.spec.timetable is not None
    assert project.spec.timetable.date.strftime("%A") == "Tuesday"
    trips = next(n for n in check_timetable(project) if n.what == "trips_on_day")
    assert trips.count > 300


# --- blank tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "services",
        "venues",
        "hub_costs",
        "partners",
        "standards",
        "teams",
        "outcomes",
        "caseload",
        "local_knowledge",
    ],
)
def test_templates_are_a_header_that_the_readme_explains(name: str) -> None:
    folder = ROOT / "data" / "templates"
    text = (folder / f"{name}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert len(rows) == 1 or name == "outcomes"  # which comes with the planner's own assumptions
    text = (folder / "README.md").read_text(encoding="utf-8")
    part = text.partition(f"## {name}.csv")[2].partition("\n## ")[0]
    known = set(re.findall(r"[a-z_]+", part)) | set(
        re.findall(r"[a-z_]+", text.partition("## venues")[0])
    )
    assert set(rows[0]) <= known


def test_template_of_services_has_the_columns_of_the_demo(demo: Path) -> None:
    def header(path: Path) -> list[str]:
        with path.open(encoding="utf-8", newline="") as handle:
            return next(csv.reader(handle))

    columns = header(demo / "libraries.csv")
    assert header(ROOT / "data" / "templates" / "services.csv")[: len(columns)] == columns
