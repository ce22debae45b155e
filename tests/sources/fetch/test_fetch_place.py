"""A name becomes a study folder that the planner reads, whatever fails on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from replay_world import small_registry, squares, world_registry, world_routes
from replays import (
    TODAY,
    Answer,
    Clock,
    Replay,
    Route,
    arcgis,
    fetcher,
    in_turn,
    replay_server,
    zip_bytes,
)

from planner.errors import ProjectError, SourceError
from planner.project import Project
from planner.sources.fetch import FetchReport, fetch_place
from planner.sources.jobs import read_jobs
from planner.sources.layers import read_layers
from planner.sources.place import read_study_area
from planner.sources.registry import Registry, read_registry
from planner.sources.services import read_services

NORTHWICK = [s.code for s in squares() if s.district == "E08900001"]


@dataclass
class World:
    server: Replay
    registry: Registry
    folder: Path
    report: FetchReport
    asked: int


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with replay_server() as server:
        server.routes = world_routes()
        registry = world_registry(server.address)
        report = fetch_place(
            ["Northwick"], folder / "s", registry=registry, fetcher=fetcher(folder / "cache")
        )
        yield World(server, registry, folder, report, len(server.asked))


def small(server: Replay, *keep: str) -> Registry:
    return small_registry(server.address, *keep)


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        replay.routes = world_routes()
        yield replay


# --- the whole world -------------------------------------------------------------------------


def test_the_folder_is_a_project_with_the_place_and_what_is_around_it(world: World) -> None:
    area = read_study_area(Project.read(world.folder / "s"))
    assert list(area.codes) == NORTHWICK
    assert (len(area.areas), area.points_kind) == (12, "population-weighted")
    assert area.areas.loc[NORTHWICK[1], "population"] == 1100


def test_every_figure_that_came_is_a_layer(world: World) -> None:
    project = Project.read(world.folder / "s")
    layers = read_layers(project, read_study_area(project))
    wanted = {"published_rank", "not_working", "no_car", "claimants"}
    assert wanted | {"life_expectancy_women", "life_expectancy_men"} <= set(layers.specs)
    assert {"income", "environment", "crime"} <= {spec.domain for spec in layers.specs.values()}
    income = [key for key, spec in layers.specs.items() if spec.domain == "income"]
    assert layers.values.loc[NORTHWICK[2], income].tolist() == pytest.approx([0.02])
    assert layers.values.loc[NORTHWICK[2], "published_rank"] == 201
    assert layers.values.loc[NORTHWICK[2], "life_expectancy_men"] == 78.5
    assert layers.status.loc[NORTHWICK[2], "life_expectancy_men"] == "inherited"
    assert layers.specs["life_expectancy_men"].source.vintage == "2016 - 20"


def test_services_come_from_the_best_source_of_each_kind(world: World) -> None:
    project = Project.read(world.folder / "s")
    services = read_services(project, read_study_area(project))
    assert services.kinds == ["community_centre", "gp", "library", "pharmacy", "school"]
    files = {services.sources[at].file for at in services.open_offers("gp")["source"]}
    assert files == {"services/epraccur.csv"}
    schools = services.venues.loc[services.open_offers("school")["venue_id"], "venue_name"]
    assert sorted(schools) == ["Château School", "Northwick Primary"]


def test_jobs_stand_inside_their_areas(world: World) -> None:
    project = Project.read(world.folder / "s")
    area = read_study_area(project)
    jobs = read_jobs(project, area)
    assert jobs is not None
    assert jobs.points["jobs"].sum() == sum(50 * at for at in range(12))
    inside = jobs.points.geometry.within(area.areas.geometry.loc[jobs.points.index])
    assert inside.all()


def test_the_timetable_is_of_the_region_and_a_tuesday(world: World) -> None:
    timetable = Project.read(world.folder / "s").spec.timetable
    assert timetable is not None
    assert f"{timetable.date:%A %Y-%m-%d}" == "Tuesday 2026-03-10"
    assert world.server.count("/bus_timetable/north_west") == 1


def test_every_source_of_the_nation_is_accounted_for(world: World) -> None:
    table = world.report.table()
    assert table.loc["ts066", "outcome"] == "used"
    assert table.loc["iod2019_file7", "why"] == "another edition of the same is in the project file"
    assert table.loc["libraries", "outcome"] == "failed"
    assert table.loc["libraries", "why"] == "no address is known."
    assert (table.loc[table["outcome"] != "used", ["why", "by_hand"]] != "").all(axis=None)


def test_the_readme_says_what_is_missing_and_what_to_do(world: World) -> None:
    text = (world.folder / "s" / "README.md").read_text(encoding="utf-8")
    assert "## Not here" in text
    assert "Download TS038 from the census bulk page" in text
    assert str(world.folder) not in text


def test_the_record_has_a_hash_and_a_date_for_every_file(world: World) -> None:
    record = json.loads((world.folder / "s" / "fetched.json").read_text(encoding="utf-8"))
    files = [row for row in record["sources"] if row["outcome"] != "failed"]
    assert len(files) > 10
    assert all(len(row["sha256"]) == 64 and row["fetched"] for row in files)


def test_no_unfinished_file_is_left(world: World) -> None:
    names = [path.name for path in (world.folder / "s").rglob("*") if path.is_file()]
    assert [name for name in names if "tmp" in name or "part" in name] == []


def test_what_was_kept_from_an_earlier_fetch_has_its_own_date(
    server: Replay, tmp_path: Path
) -> None:
    """Ten days later the same streets and schools are taken from the cache."""
    registry, clock = small(server, "openstreetmap", "schools"), Clock()
    for name in ("first", "second"):
        report = fetch_place(
            ["Northwick"],
            tmp_path / name,
            registry=registry,
            fetcher=fetcher(tmp_path / "cache", clock),
            today=TODAY,
        )
        clock.seconds += 10 * 24 * 3600
    day, record = f"{TODAY:%Y-%m-%d}", {row.id: row for row in report.records}
    assert (record["openstreetmap"].period, record["schools"].fetched[:10]) == (day, day)
    spec = Project.read(tmp_path / "second").spec
    assert {spec.streets.vintage, *(e.vintage for e in spec.services)} == {day}


# --- one thing each --------------------------------------------------------------------------


def test_a_second_run_fetches_nothing_that_is_whole(server: Replay, tmp_path: Path) -> None:
    registry = small(server, "population", "lsoa21_points")
    for cache in ("one", "two"):
        fetch_place(
            ["northwick"], tmp_path / "s", registry=registry, fetcher=fetcher(tmp_path / cache)
        )
    assert (server.count("/population"), server.count("/lsoa21_points")) == (1, 1)


def test_a_second_place_shares_the_downloads(server: Replay, tmp_path: Path) -> None:
    registry = small(server, "population")
    for name in ("Northwick", "E08900002"):
        fetch_place([name], tmp_path / name, registry=registry, fetcher=fetcher(tmp_path / "cache"))
    assert server.count("/population") == 1


def test_a_source_that_is_down_is_named_and_the_rest_goes_on(
    server: Replay, tmp_path: Path
) -> None:
    real = server.routes["/population"]
    server.routes["/population"] = lambda asked: Answer(status=500)
    registry = small(server, "population", "lsoa21_points")
    report = fetch_place(
        ["northwick"], tmp_path / "s", registry=registry, fetcher=fetcher(tmp_path / "c")
    )
    failed = {record.id: record.why for record in report.failed}
    assert "it answered 500; tried 4 times" in failed["population"]
    area = read_study_area(Project.read(tmp_path / "s"))
    assert area.areas["population"].notna().all(), "the census count stands in"
    server.routes["/population"] = real
    again = fetch_place(
        ["northwick"], tmp_path / "s", registry=registry, fetcher=fetcher(tmp_path / "c")
    )
    assert "population" not in {record.id for record in again.failed}


def test_a_file_whose_form_changed_lies_beside_the_project(server: Replay, tmp_path: Path) -> None:
    body = b"LSOA code (2021),Income Points\nE01900001,1\n"
    server.routes["/iod2025_file7"] = lambda asked: Answer(body=body, kind="text/csv")
    report = fetch_place(
        ["northwick"],
        tmp_path / "s",
        registry=small(server, "iod2025_file7"),
        fetcher=fetcher(tmp_path / "c"),
    )
    row = report.table().loc["iod2025_file7"]
    assert row["outcome"] == "beside"
    assert "there is no column" in row["why"]
    assert Project.read(tmp_path / "s").spec.layer == []


def test_without_boundaries_there_is_no_study_and_no_folder(server: Replay, tmp_path: Path) -> None:
    server.routes["/lsoa21_boundaries"] = lambda asked: Answer(status=500)
    with pytest.raises(SourceError, match="could not be reached"):
        fetch_place(
            ["northwick"], tmp_path / "s", registry=small(server), fetcher=fetcher(tmp_path / "c")
        )
    assert not (tmp_path / "s").exists()


def test_a_misspelt_name_is_refused_before_anything_is_written(
    server: Replay, tmp_path: Path
) -> None:
    with pytest.raises(ProjectError, match="Did you mean 'Northwick'"):
        fetch_place(
            ["Nortwick"], tmp_path / "s", registry=small(server), fetcher=fetcher(tmp_path / "c")
        )
    assert not (tmp_path / "s").exists()


def test_a_place_whose_areas_cannot_be_known_says_what_to_do(tmp_path: Path) -> None:
    routes: dict[str, Route] = {
        "/district_names": arcgis([{"LAD25CD": "N09900001", "LAD25NM": "Ballywick"}])
    }
    with pytest.raises(SourceError) as caught:
        fetch_published("Ballywick", routes, tmp_path)
    assert "Northern Ireland Multiple Deprivation Measure" in caught.value.message
    assert "nisra.gov.uk" in caught.value.hint
    assert not (tmp_path / "s").exists()


def test_a_code_does_without_the_list_of_names(server: Replay, tmp_path: Path) -> None:
    server.routes["/district_names"] = lambda asked: Answer(status=503)
    report = fetch_place(
        ["e08900001"], tmp_path / "s", registry=small(server), fetcher=fetcher(tmp_path / "c")
    )
    assert report.place == "Northwick"


def test_two_districts_are_one_place_without_context(server: Replay, tmp_path: Path) -> None:
    report = fetch_place(
        ["Northwick", "Southby upon Kings Lea"],
        tmp_path / "s",
        registry=small(server),
        fetcher=fetcher(tmp_path / "c"),
        context=False,
    )
    assert (report.areas, report.areas_around) == (12, 0)
    place = Project.read(tmp_path / "s").spec.place
    assert (place.authority, place.context) == ("", None)


def test_offline_a_place_is_made_again_from_the_cache(server: Replay, tmp_path: Path) -> None:
    registry = small(server, "population")
    fetch_place(["northwick"], tmp_path / "a", registry=registry, fetcher=fetcher(tmp_path / "c"))
    before = len(server.asked)
    fetch_place(
        ["northwick"],
        tmp_path / "b",
        registry=registry,
        fetcher=fetcher(tmp_path / "c", offline=True),
    )
    assert len(server.asked) == before
    same = [(tmp_path / f / "planner.toml").read_bytes() for f in ("a", "b")]
    assert same[0] == same[1]


def test_a_project_file_people_changed_is_kept(server: Replay, tmp_path: Path) -> None:
    registry = small(server)
    clock = Clock()
    for _ in range(2):
        report = fetch_place(
            ["northwick"], tmp_path / "s", registry=registry, fetcher=fetcher(tmp_path / "c", clock)
        )
        path = tmp_path / "s" / "planner.toml"
        path.write_text(path.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8")
    assert report.project.name == "planner.fetched.toml"
    assert "# mine" in path.read_text(encoding="utf-8")


def test_progress_goes_from_nothing_to_all(server: Replay, tmp_path: Path) -> None:
    shares: list[float] = []
    fetch_place(
        ["northwick"],
        tmp_path / "s",
        registry=small(server, "openstreetmap"),
        fetcher=fetcher(tmp_path / "c"),
        progress=lambda text, share: shares.append(share),
    )
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_a_busy_service_only_costs_time(server: Replay, tmp_path: Path) -> None:
    real = server.routes["/lsoa21_districts"]
    turns = in_turn(Answer(status=429, headers={"Retry-After": "3"}), Answer())
    server.routes["/lsoa21_districts"] = lambda asked: (
        turns(asked) if server.count("/lsoa21_districts") == 1 else real(asked)
    )
    clock = Clock()
    report = fetch_place(
        ["northwick"],
        tmp_path / "s",
        registry=small(server),
        fetcher=fetcher(tmp_path / "c", clock),
    )
    assert report.areas == 6
    assert 3.0 in clock.slept


# --- published files -------------------------------------------------------------------------


def fetch_published(name: str, routes: dict[str, Route], tmp_path: Path) -> FetchReport:
    """Fetch a real place from published files; what has no route is not there."""
    with replay_server() as server:
        server.routes = routes
        real = read_registry()
        changes = {
            entry.id: {"address": server.url(f"/{entry.id}"), "redirect_hosts": ()}
            for entry in real
            if entry.address
        }
        return fetch_place(
            [name],
            tmp_path / "s",
            registry=real.override(changes),
            fetcher=fetcher(tmp_path / "c"),
        )


def test_trafford_from_published_boundaries_census_and_index(shared: Path, tmp_path: Path) -> None:
    """139 areas; boundaries are replayed from the published file, the others are as published."""
    fixtures = shared / "fixtures"
    areas = gpd.read_file(fixtures / "boundaries/gm_lsoa21_generalised.geojson").to_crs(27700)
    code = next(name for name in areas.columns if name.endswith("code"))
    title = next(name for name in areas.columns if name.endswith("name"))
    rows = [
        {"LSOA21CD": one, "LSOA21NM": name, "geometry": shape}
        for one, name, shape in zip(areas[code], areas[title], areas.geometry, strict=True)
    ]
    lookup = pd.read_csv(fixtures / "lookups/lsoa21_ward24_lad24.csv", dtype=str)
    lookup.columns = ["LSOA21NM", "LSOA21CD", "WD25NM", "WD25CD", "LAD25NM", "LAD25CD"]
    names = lookup[["LAD25CD", "LAD25NM"]].drop_duplicates()

    def bulk(table: str) -> Route:
        member = f"census2021-{table}-lsoa.csv"
        body = zip_bytes({member: (fixtures / "census" / member).read_bytes()})
        return lambda asked: Answer(body=body, kind="application/zip")

    book = "File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx"
    routes: dict[str, Route] = {
        "/district_names": arcgis(names.to_dict("records")),
        "/lsoa21_districts": arcgis(lookup.to_dict("records")),
        "/lsoa21_boundaries": arcgis(rows),
        "/ts062": bulk("ts062"),
        "/ts067": bulk("ts067"),
        "/iod2025_file1": lambda asked: Answer(body=(fixtures / "deprivation" / book).read_bytes()),
    }
    report = fetch_published("trafford", routes, tmp_path)
    project = Project.read(tmp_path / "s")
    area = read_study_area(project)
    layers = read_layers(project, area)
    assert (report.place, report.areas, len(area.codes)) == ("Trafford", 139, 139)
    assert report.areas_around > 100
    assert {"published_rank", "routine_jobs", "no_qualifications"} == set(layers.specs)
    assert layers.values.loc[area.codes].notna().all(axis=None)


def test_glasgow_from_the_published_index_and_zones(shared: Path, tmp_path: Path) -> None:
    """746 data zones; the index workbook is the file as published, zones are replayed."""
    zones = gpd.read_file(shared / "fixtures/boundaries/glasgow_dz11_geographr.geojson")
    zones = zones.to_crs("EPSG:27700")
    rows = [
        {"DataZone": code, "Name": name, "geometry": shape}
        for code, name, shape in zip(
            zones["dz11_code"], zones["dz11_name"], zones.geometry, strict=True
        )
    ]
    workbook = (shared / "fixtures/deprivation/SIMD+2020v2+-+ranks.xlsx").read_bytes()
    routes: dict[str, Route] = {
        "/district_names": arcgis([{"LAD25CD": "S12000049", "LAD25NM": "Glasgow City"}]),
        "/dz11_boundaries": arcgis(rows, most=1000),
        "/simd2020_ranks": lambda asked: Answer(body=workbook),
    }
    report = fetch_published("glasgow", routes, tmp_path)
    project = Project.read(tmp_path / "s")
    area = read_study_area(project)
    layers = read_layers(project, area)
    assert (report.areas, len(area.codes)) == (746, 746)
    assert layers.values["published_rank"].between(1, 6976).all()
    domains = {spec.domain for spec in layers.specs.values()}
    assert {"income", "access", "housing"} <= domains
    assert area.areas["population"].sum() > 500_000
