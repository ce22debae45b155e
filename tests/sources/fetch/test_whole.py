"""Is a fetched folder there whole, or not at all?"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from replay_world import world_registry, world_routes
from replays import Replay, fetcher, replay_server

from planner.errors import ProjectError, SourceError
from planner.project import Project
from planner.sources.fetch.whole import fetch_whole


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """Somebody does not want it any more."""


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        replay.routes = world_routes()
        yield replay


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    folder = tmp_path / "places"
    folder.mkdir()
    return folder


def test_the_folder_is_named_after_the_place_and_holds_a_project(
    server: Replay, parent: Path, tmp_path: Path
) -> None:
    report = fetch_whole(
        ["Northwick"],
        parent,
        registry=world_registry(server.address),
        fetcher=fetcher(tmp_path / "cache"),
    )
    assert [one.name for one in parent.iterdir()] == ["northwick"]
    assert report.folder == parent / "northwick"
    assert Project.read(report.project).spec.place.name == "Northwick"


def test_stopping_leaves_nothing_behind(server: Replay, parent: Path, tmp_path: Path) -> None:
    def stop(words: str, share: float) -> None:
        if share > 0.1:
            # By now the folder is begun, under another name.
            assert [one.name[0] for one in parent.iterdir()] == ["."]
            raise Stopped

    with pytest.raises(Stopped):
        fetch_whole(
            ["Northwick"],
            parent,
            registry=world_registry(server.address),
            fetcher=fetcher(tmp_path / "cache"),
            progress=stop,
        )
    assert list(parent.iterdir()) == []


def test_a_folder_of_that_name_stays_as_it_is(server: Replay, parent: Path, tmp_path: Path) -> None:
    kept = parent / "northwick" / "notes.txt"
    kept.parent.mkdir()
    kept.write_text("mine", encoding="utf-8")
    with pytest.raises(ProjectError, match="is there already"):
        fetch_whole(
            ["Northwick"],
            parent,
            registry=world_registry(server.address),
            fetcher=fetcher(tmp_path / "cache"),
        )
    assert [path.read_text(encoding="utf-8") for path in parent.rglob("*.txt")] == ["mine"]
    assert server.asked == []


def test_a_folder_that_is_not_there_is_not_made(server: Replay, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="there is no such folder"):
        fetch_whole(
            ["Northwick"],
            tmp_path / "nowhere",
            registry=world_registry(server.address),
            fetcher=fetcher(tmp_path / "cache"),
        )


def test_a_name_of_no_place_leaves_nothing_behind(
    server: Replay, parent: Path, tmp_path: Path
) -> None:
    with pytest.raises(ProjectError):
        fetch_whole(
            ["Nowhere at all"],
            parent,
            registry=world_registry(server.address),
            fetcher=fetcher(tmp_path / "cache"),
        )
    assert list(parent.iterdir()) == []


def test_without_a_connection_it_says_so_at_once(
    server: Replay, parent: Path, tmp_path: Path
) -> None:
    registry = world_registry(server.address)
    server.routes = {}
    patient = dataclasses.replace(fetcher(tmp_path / "cache"), sleep=time.sleep)
    begun = time.monotonic()
    with pytest.raises(SourceError, match="nothing was fetched and nothing was changed") as found:
        fetch_whole(["Northwick"], parent, registry=registry, fetcher=patient)
    # Four tries, as a fetch without anybody watching has, would wait for seven seconds alone.
    assert time.monotonic() - begun < 5
    assert "connection" in found.value.hint
    assert list(parent.iterdir()) == []
