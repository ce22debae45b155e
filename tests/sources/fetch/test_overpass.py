"""OSMnx asks through the planner, and leaves nothing behind. Keyed from osmnx.readthedocs.io."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import osmnx
import pytest
import requests

from planner.errors import SourceError
from planner.sources.fetch.overpass import osmnx_through

BOUNDS = (-2.3, 53.4, -2.29, 53.41)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[str], Path]:
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps({"elements": []}), encoding="utf-8")
    return lambda query: answer


def streets(ox: Any) -> object:
    return ox.graph.graph_from_bbox(BOUNDS, simplify=False, custom_filter='["highway"]')


def state() -> dict[str, object]:
    names = [name for name in vars(osmnx.settings) if not name.startswith("_")]
    return {name: getattr(osmnx.settings, name) for name in names}


def test_settings_and_name_look_up_are_put_back(ask: Callable[[str], Path]) -> None:
    before, look_up = state(), socket.getaddrinfo
    with osmnx_through(ask) as collect:
        collect(streets)
        assert state() != before
    assert state() == before
    assert socket.getaddrinfo is look_up


def test_they_are_put_back_after_trouble_too(tmp_path: Path) -> None:
    before, look_up = state(), socket.getaddrinfo

    def ask(query: str) -> Path:
        raise SourceError("It is down.", hint="Wait.")

    with pytest.raises(SourceError, match="It is down"), osmnx_through(ask) as collect:
        collect(streets)
    assert state() == before
    assert socket.getaddrinfo is look_up


def test_the_answer_comes_back_for_the_question_that_osmnx_wrote(
    ask: Callable[[str], Path],
) -> None:
    asked: list[str] = []

    def note(query: str) -> Path:
        asked.append(query)
        return ask(query)

    with osmnx_through(note) as collect:
        paths = collect(streets)
    assert paths == [ask("")]
    assert asked[0].startswith('[out:json][timeout:180];(way["highway"](poly:')


def test_trouble_of_any_kind_is_raised_where_osmnx_was_called() -> None:
    def ask(query: str) -> Path:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), osmnx_through(ask) as collect:
        collect(streets)


def test_a_question_after_trouble_is_asked_anew(ask: Callable[[str], Path]) -> None:
    turns: list[int] = []

    def first_down(query: str) -> Path:
        turns.append(1)
        if len(turns) == 1:
            raise SourceError("It is down.")
        return ask(query)

    with osmnx_through(first_down) as collect:
        with pytest.raises(SourceError):
            collect(streets)
        assert collect(streets) == [ask("")]


def test_others_on_this_machine_are_not_served(ask: Callable[[str], Path]) -> None:
    with osmnx_through(ask) as collect:
        address = str(osmnx.settings.overpass_url)
        base = address.rsplit("/", 1)[0]
        for wrong in (f"{base}/interpreter", f"{base}/api/interpreter"):
            assert requests.post(wrong, data={"data": "out;"}, timeout=5).status_code == 404
        assert requests.get(f"{address}/status", timeout=5).status_code == 501
        assert collect(streets) == [ask("")]


def test_a_proxy_of_the_house_is_not_asked_for_this_machine(
    ask: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with osmnx_through(ask) as collect:
        assert collect(streets) == [ask("")]


def test_osmnx_writes_no_cache_and_no_log(
    ask: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    with osmnx_through(ask) as collect:
        collect(streets)
    assert list(work.iterdir()) == []


def test_one_caller_at_a_time_has_osmnx(tmp_path: Path) -> None:
    """Each of two threads gets the answers to its own questions."""
    got: dict[str, list[Path]] = {}

    def run(name: str) -> None:
        mine = tmp_path / f"{name}.json"
        mine.write_text(json.dumps({"elements": []}), encoding="utf-8")
        with osmnx_through(lambda query: mine) as collect:
            got[name] = collect(streets)

    threads = [threading.Thread(target=run, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert {name: [path.stem for path in paths] for name, paths in got.items()} == {
        "a": ["a"],
        "b": ["b"],
    }
