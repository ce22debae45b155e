"""Newport and Trafford run whole, from files as published, through the command line.

Draws and repeats are few: what is asked here of real places does not hang on them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from light import lighten_file

from planner import cli

PROJECTS = Path(__file__).resolve().parent / "projects"
#: An hour of a timetable shows as well as six that it is read and ridden.
WINDOWS = {"window": "10:00-11:00", "jobs_window": "08:00-09:00"}


def run_whole(name: str, shared: Path, out: Path) -> Path:
    path, more = PROJECTS / f"{name}.toml", {}
    if "[timetable]" in path.read_text(encoding="utf-8"):
        more = {"timetable": WINDOWS}
    project = lighten_file(path, to=out.parent / "planner.toml", **more)
    words = ["planner", "run", str(project), "-o", str(out)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [*words, "--data-root", str(shared)])
        cli.main()
    return out


@pytest.fixture(scope="module")
def newport(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_whole("newport", shared, tmp_path_factory.mktemp("newport") / "out")


@pytest.fixture(scope="module")
def trafford(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_whole("trafford", shared, tmp_path_factory.mktemp("trafford") / "out")


@pytest.fixture(scope="module")
def glasgow(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_whole("glasgow", shared, tmp_path_factory.mktemp("glasgow") / "out")


@pytest.fixture(scope="module")
def greater_manchester(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_whole("greater_manchester", shared, tmp_path_factory.mktemp("gm") / "out")


def counted(out: Path, what: str) -> list[dict]:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return [count for count in manifest["counts"] if count["what"] == what]


def areas(out: Path) -> pd.DataFrame:
    return pd.read_csv(out / "areas.csv", encoding="utf-8-sig", index_col="area_code")


class TestNewport:
    def test_has_its_hundred_areas(self, newport: Path) -> None:
        table = areas(newport)
        assert len(table) == 100
        assert sorted(table["need_rank"]) == list(range(1, 101))

    def test_two_points_lie_just_outside_the_simplified_polygons(self, newport: Path) -> None:
        (note,) = counted(newport, "points_nearest_area")
        assert note["count"] == 2
        assert len(note["items"]) == 2

    def test_areas_off_the_streets_are_neither_far_nor_dropped(self, newport: Path) -> None:
        table = areas(newport)
        assert (table["share_connected"] == 0).sum() == 24
        off = table["status_walk_gp"].isin(["outside_extent", "not_connected"])
        assert 24 <= off.sum() <= 30
        assert table.loc[off, "minutes_walk_gp"].isna().all()
        assert (table.loc[table["share_connected"] == 0, "gap_status"] == "no_data").all()

    def test_the_nine_library_rows_are_listed_as_unplaced(self, newport: Path) -> None:
        services = pd.read_csv(newport / "services.csv", encoding="utf-8-sig")
        unplaced = services[services["venue_status"] == "unplaced"]
        assert len(unplaced) == 9
        assert set(unplaced["kind"]) == {"library"}

    def test_libraries_and_community_centres_come_from_the_map(self, newport: Path) -> None:
        services = pd.read_csv(newport / "services.csv", encoding="utf-8-sig")
        placed = services[services["venue_status"] == "existing"]
        assert (placed["kind"] == "library").sum() == 6
        assert (placed["kind"] == "community_centre").sum() == 18

    def test_layers_that_do_not_exist_are_reported_absent(self, newport: Path) -> None:
        text = " ".join(note["text"] for note in counted(newport, "layer_absent"))
        assert "inactivity" in text.lower() or "not working" in text.lower()
        assert "life expectancy" in text.lower()

    def test_need_for_access_leaves_out_access(self, newport: Path) -> None:
        table = areas(newport)
        assert not table["need_score"].equals(table["need_score_access_use"])


class TestTrafford:
    def test_has_its_139_areas_with_the_published_rank_beside(self, trafford: Path) -> None:
        table = areas(trafford)
        assert len(table) == 139
        assert table["need_rank_national"].notna().all()

    def test_the_published_rank_is_the_published_one(self, trafford: Path, shared: Path) -> None:
        oracle = pd.read_parquet(shared / "oracles" / "imd2025_england_lsoa21.parquet")
        oracle = oracle.set_index("lsoa21_code")["IMD_rank"]
        table = areas(trafford)
        assert (table["need_rank_national"] == oracle.loc[table.index]).all()

    def test_life_expectancy_is_inherited_by_every_area(self, trafford: Path) -> None:
        inherited = [n for n in counted(trafford, "layer_inherited") if "xpectancy" in n["text"]]
        assert inherited
        assert all(note["count"] == 139 for note in inherited)

    def test_straight_lines_are_watermarked_everywhere(self, trafford: Path) -> None:
        for name in ("report.html", "map.html", "manifest.json"):
            assert "straight line" in (trafford / name).read_text(encoding="utf-8").lower(), name

    def test_services_beyond_the_border_are_kept(self, trafford: Path) -> None:
        services = pd.read_csv(trafford / "services.csv", encoding="utf-8-sig")
        place = gpd.read_parquet(trafford / "areas.parquet").union_all()
        points = gpd.GeoSeries.from_xy(services["lon"], services["lat"], crs="EPSG:4326")
        inside = points.to_crs("EPSG:27700").intersects(place)
        jobcentres = services["kind"] == "jobcentre"
        assert inside[jobcentres].any()
        assert (~inside[jobcentres]).any()

    def test_every_gap_has_a_reason_in_words(self, trafford: Path) -> None:
        table = areas(trafford)
        assert table["gap_reason"].str.len().gt(20).all()


class TestGlasgow:
    def test_has_its_746_data_zones_ranked(self, glasgow: Path) -> None:
        table = areas(glasgow)
        assert len(table) == 746
        assert sorted(table["need_rank"]) == list(range(1, 747))

    def test_the_published_rank_is_beside_it(self, glasgow: Path, shared: Path) -> None:
        oracle = pd.read_parquet(shared / "oracles" / "imd2020_scotland_dz11.parquet")
        oracle = oracle.set_index("dz11_code")["IMD_rank"]
        table = areas(glasgow)
        assert (table["need_rank_national"] == oracle.loc[table.index]).all()

    def test_zones_where_nobody_lives_are_not_typed(self, glasgow: Path) -> None:
        table = areas(glasgow)
        # The index marks three zones without residents as having no figure (`*`).
        empty = table.index[table["population"] == 0]
        assert len(empty) == 3
        assert table.index[table["type_id"].isna()].tolist() == empty.tolist()
        assert set(table.loc[empty, "type_name"]) == {"not typed: no data"}

    def test_no_service_known_is_no_data_rather_than_far(self, glasgow: Path) -> None:
        assert set(areas(glasgow)["gap_status"]) == {"no_data"}
        services = pd.read_csv(glasgow / "services.csv", encoding="utf-8-sig")
        assert set(services["venue_status"]) == {"unplaced"}


@pytest.mark.slow
class TestGreaterManchester:
    def test_has_its_1702_areas_in_ten_districts(self, greater_manchester: Path) -> None:
        assert len(areas(greater_manchester)) == 1702
        groups = pd.read_csv(greater_manchester / "groups.csv", encoding="utf-8-sig")
        assert len(groups) == 10
        assert groups["areas"].sum() == 1702

    def test_district_shares_in_the_worst_tenth_are_the_published_ones(
        self, greater_manchester: Path, shared: Path
    ) -> None:
        oracle = pd.read_parquet(shared / "oracles" / "imd2025_england_ltla24.parquet")
        groups = pd.read_csv(
            greater_manchester / "groups.csv", encoding="utf-8-sig", index_col="group"
        )
        code = next(column for column in oracle.columns if column.endswith("_code"))
        share = next(column for column in oracle.columns if "proportion" in column.lower())
        published = oracle.set_index(code)[share].loc[groups.index]
        assert groups["share_worst_tenth_national"].to_numpy() == pytest.approx(
            published.to_numpy(), abs=1e-4
        )


def test_a_second_run_gives_the_same_bytes(newport: Path, shared: Path, tmp_path: Path) -> None:
    first = newport
    second = tmp_path / "again"
    words = ["planner", "run", str(first / "planner.resolved.toml"), "-o", str(second)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [*words, "--data-root", str(shared)])
        cli.main()
    for path in sorted(first.iterdir()):
        if path.suffix in {".csv", ".parquet"}:
            assert path.read_bytes() == (second / path.name).read_bytes(), path.name
