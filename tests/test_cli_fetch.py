"""`planner fetch` as it is typed: a folder that runs, or one or two lines that say why not."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from replay_world import small_registry, squares, world_registry, world_routes
from replays import Answer, Replay, fetcher, replay_server

from planner import cli
from planner.project import Project
from planner.sources import fetch
from planner.sources.registry import Registry

NORTHWICK = [s.code for s in squares() if s.district == "E08900001"]
DOWN = Answer(status=500)


@dataclass(frozen=True)
class Said:
    code: int
    out: list[str]
    err: list[str]  # without the lines that say how far it is


class Shell:
    """Types commands, with the registry and the downloads of a replay server."""

    def __init__(self, server: Replay, folder: Path, registry: Registry, **more: Any) -> None:
        self.server = server
        self.folder = folder
        self.registry = registry
        self.more = more

    def __call__(self, *words: object) -> Said:
        out, err = io.StringIO(), io.StringIO()
        code = 0
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            patch.setattr(sys, "argv", ["planner", *map(str, words)])
            patch.setattr(fetch, "read_registry", lambda: self.registry)
            patch.setattr(fetch, "build_fetcher", self._fetcher)
            try:
                cli.main()
            except SystemExit as stop:
                code = int(stop.code or 0)
        lines = [line for line in err.getvalue().splitlines() if not re.match(r" *\d+%  ", line)]
        return Said(code, out.getvalue().splitlines(), lines)

    def _fetcher(self, *, offline: bool = False) -> Any:
        return fetcher(self.folder / "cache", **{"offline": offline, **self.more})


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        replay.routes = world_routes()
        yield replay


def small(server: Replay, folder: Path, *keep: str, **more: Any) -> Shell:
    return Shell(server, folder, small_registry(server.address, *keep), **more)


def not_fetched(said: Said) -> list[str]:
    return [line for line in said.out if line.startswith("Not fetched: ")]


# --- the whole world ---------------------------------------------------------------------------


@dataclass
class Fetched:
    shell: Shell
    said: Said
    study: Path


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetched]:
    folder = tmp_path_factory.mktemp("cli")
    with replay_server() as server:
        server.routes = world_routes()
        shell = Shell(server, folder, world_registry(server.address))
        yield Fetched(shell, shell("fetch", "northwick", "-o", folder / "s"), folder / "s")


def test_a_name_becomes_a_folder_and_the_next_command(fetched: Fetched) -> None:
    assert (fetched.said.code, fetched.said.err) == (0, [])
    assert fetched.said.out[-2].startswith("Northwick: 6 areas and 6 around it, in ")
    assert fetched.said.out[-1] == f"Next: planner run {fetched.study / 'planner.toml'} -o out"
    names = {path.name for path in fetched.study.iterdir()}
    assert names >= {"planner.toml", "README.md", "fetched.json", "streets.osm", "timetable.zip"}
    assert Project.read(fetched.study).spec.streets.file == "streets.osm"


def test_what_is_not_there_is_one_line_each_with_what_to_do(fetched: Fetched) -> None:
    """The replay has no TS038 and no TS062; of libraries no address is known."""
    registry = fetched.shell.registry
    lines = not_fetched(fetched.said)
    assert [line.split(": ", 1)[1].startswith(registry[key].what) for key, line in zip(
        ("ts038", "ts062", "libraries"), lines, strict=True
    )] == [True, True, True]  # fmt: skip
    assert "Download TS038 from the census bulk page" in lines[0]


def test_the_fetched_folder_can_be_checked(fetched: Fetched) -> None:
    said = fetched.shell("check", fetched.study)
    assert (said.code, said.err) == (0, [])
    assert any("streets.osm" in line for line in said.out)


@pytest.mark.slow
def test_the_fetched_folder_can_be_run(fetched: Fetched, tmp_path: Path) -> None:
    said = fetched.shell("run", fetched.study, "-o", tmp_path / "out")
    assert (said.code, said.err) == (0, [])
    areas = pd.read_csv(tmp_path / "out" / "areas.csv", comment="#")
    assert sorted(areas["area_code"]) == NORTHWICK
    assert sorted(areas["need_rank"]) == [1, 2, 3, 4, 5, 6]
    assert (tmp_path / "out" / "report.html").is_file()


def test_a_second_run_asks_only_for_what_is_missing(fetched: Fetched) -> None:
    server = fetched.shell.server
    before = len(server.asked)
    project = (fetched.study / "planner.toml").read_bytes()
    said = fetched.shell("fetch", "northwick", "-o", fetched.study)
    assert said.code == 0
    assert [one.path for one in server.asked[before:]] == ["/ts038", "/ts062"]
    assert (fetched.study / "planner.toml").read_bytes() == project


# --- something is down -------------------------------------------------------------------------


def test_one_source_down_is_named_and_the_rest_goes_on(server: Replay, tmp_path: Path) -> None:
    server.routes["/population"] = lambda asked: DOWN
    planner = small(server, tmp_path, "population", "lsoa21_points")
    said = planner("fetch", "Northwick", "-o", tmp_path / "s")
    assert (said.code, said.err) == (0, [])
    (line,) = not_fetched(said)
    entry = planner.registry["population"]
    assert line.startswith(f"Not fetched: {entry.what}: 127.0.0.1 could not be reached")
    assert line.endswith(entry.by_hand)
    assert "points" in Project.read(tmp_path / "s").spec.place.model_dump(exclude_none=True)
    assert planner("check", tmp_path / "s").code == 0


def test_without_a_map_there_are_straight_lines(server: Replay, tmp_path: Path) -> None:
    server.routes["/openstreetmap"] = lambda asked: Answer(status=504, kind="text/html")
    planner = small(server, tmp_path, "openstreetmap")
    said = planner("fetch", "Northwick", "-o", tmp_path / "s")
    (line,) = not_fetched(said)
    assert "it answered 504; tried 7 times" in line
    assert "download.geofabrik.de" in line
    assert said.code == 0
    assert not list((tmp_path / "s").glob("*.osm"))
    assert Project.read(tmp_path / "s").spec.streets.file == ""


def test_all_down_is_two_lines_exit_3_and_no_folder(server: Replay, tmp_path: Path) -> None:
    server.routes = {path: lambda asked: DOWN for path in server.routes}
    said = small(server, tmp_path)("fetch", "Northwick", "-o", tmp_path / "s")
    assert (said.code, said.out) == (3, [])
    assert said.err == [
        "planner: Names and codes of local authority districts: 127.0.0.1 could not be reached "
        "(it answered 500; tried 4 times).",
        "  Give the nine-character code of the district instead of its name.",
    ]
    assert not (tmp_path / "s").exists()


def test_without_boundaries_there_is_no_folder(server: Replay, tmp_path: Path) -> None:
    server.routes["/lsoa21_boundaries"] = lambda asked: DOWN
    said = small(server, tmp_path)("fetch", "Northwick", "-o", tmp_path / "s")
    assert (said.code, said.out, len(said.err)) == (3, [], 2)
    assert "could not be reached" in said.err[0]
    assert not (tmp_path / "s").exists()


def test_offline_with_nothing_kept_says_so(server: Replay, tmp_path: Path) -> None:
    said = small(server, tmp_path)("fetch", "Northwick", "-o", tmp_path / "s", "--offline")
    assert (said.code, len(said.err)) == (3, 2)
    assert "not in the cache, and this run is offline" in said.err[0]
    assert server.asked == []
    assert not (tmp_path / "s").exists()


# --- something is wrong ------------------------------------------------------------------------


def test_an_unknown_place_is_two_lines_exit_2_and_no_folder(server: Replay, tmp_path: Path) -> None:
    said = small(server, tmp_path)("fetch", "Nortwick", "-o", tmp_path / "s")
    assert (said.code, said.out, len(said.err)) == (2, [], 2)
    assert "Nortwick" in said.err[0]
    assert said.err[1].startswith("  Did you mean 'Northwick'")
    assert not (tmp_path / "s").exists()


def test_no_place_at_all_is_told_how(server: Replay, tmp_path: Path) -> None:
    said = small(server, tmp_path)("fetch")
    assert (said.code, said.out, len(said.err)) == (2, [], 2)
    assert 'planner fetch "Trafford" -o trafford' in said.err[1]


def test_a_folder_with_other_files_is_left_alone(server: Replay, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "holiday.jpg").write_text("mine")
    said = small(server, tmp_path)("fetch", "Northwick", "-o", tmp_path / "s")
    assert (said.code, len(said.err)) == (2, 2)
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["holiday.jpg"]
    assert server.asked == []


# --- going on ----------------------------------------------------------------------------------


def test_a_stopped_run_goes_on_where_it_was(server: Replay, tmp_path: Path) -> None:
    """Somebody presses Ctrl+C while the planner waits for a source that is down."""

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    real = server.routes["/population"]
    server.routes["/population"] = lambda asked: DOWN
    keep = ("lsoa21_points", "population")
    planner = small(server, tmp_path, *keep, sleep=stop, seconds_between=0.0)
    said = planner("fetch", "Northwick", "-o", tmp_path / "s")
    assert said.code == 130
    assert said.err in ([], ["planner: stopped."])
    assert not (tmp_path / "s" / "planner.toml").exists()
    server.routes["/population"] = real
    before = len(server.asked)
    said = small(server, tmp_path, *keep)("fetch", "Northwick", "-o", tmp_path / "s")
    assert (said.code, not_fetched(said)) == (0, [])
    assert {one.path.split("/")[1] for one in server.asked[before:]} == {
        "population",
        "bus_timetable",
    }


def test_a_project_can_name_another_address(server: Replay, tmp_path: Path) -> None:
    server.routes["/moved"] = server.routes.pop("/population")
    planner = small(server, tmp_path, "population")
    first = planner("fetch", "Northwick", "-o", tmp_path / "s")
    assert "there is nothing at its address any more (404)" in not_fetched(first)[0]
    path = tmp_path / "s" / "planner.toml"
    mine = path.read_text("utf-8") + f'\n[sources.population]\naddress = "{server.url("/moved")}"\n'
    path.write_text(mine, encoding="utf-8")
    said = planner("fetch", "Northwick", "-o", tmp_path / "s")
    assert (said.code, not_fetched(said)) == (0, [])
    assert path.read_text("utf-8") == mine, "what people wrote stays"
    assert said.out[-1].endswith("planner.fetched.toml -o out")
    record = json.loads((tmp_path / "s" / "fetched.json").read_text("utf-8"))
    population = next(row for row in record["sources"] if row["id"] == "population")
    assert (population["outcome"], population["url"]) == ("used", server.url("/moved"))


def test_every_source_is_listed_with_how_it_was_proved(server: Replay, tmp_path: Path) -> None:
    planner = small(server, tmp_path)
    said = planner("fetch", "--list")
    assert said.code == 0
    shown = re.sub(r"[^\w]", "", "".join(said.out))
    for entry in planner.registry:
        assert entry.id.replace("-", "") in shown
        assert entry.proved.replace(" ", "") in shown
    assert server.asked == []
