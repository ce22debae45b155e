"""Squares of the map become one file. Keyed from wiki.openstreetmap.org/wiki/Overpass_API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import osmium
import pytest
from replay_world import world_map
from replays import Answer, Clock, Replay, entry, fetcher, overpass, replay_server

from planner.errors import SourceError
from planner.sources.fetch.streets import build_query, build_tiles, fetch_streets

BOX = (376_000.0, 391_000.0, 386_000.0, 393_000.0)


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        yield replay


def get(server: Replay, tmp_path: Path, clock: Clock | None = None) -> Path:
    source = entry(server.url("/interpreter"), kind="overpass", file="streets.osm")
    target = tmp_path / "streets.osm"
    fetch_streets(fetcher(tmp_path / "cache", clock), source, BOX, target)
    return target


def test_squares_cover_the_box_and_are_cut_from_one_grid() -> None:
    tiles = build_tiles((380_000, 390_000, 400_000, 405_000))
    assert len(set(tiles)) == len(tiles)
    assert all(round(edge * 10, 6) == round(edge * 10) for tile in tiles for edge in tile)
    assert set(build_tiles((385_000, 391_000, 386_000, 392_000))) <= set(tiles)


def test_a_query_asks_for_streets_and_kinds_within_its_square() -> None:
    query = build_query((53.4, -2.4, 53.5, -2.3))
    assert query.startswith("[out:xml][timeout:180][bbox:53.4,-2.4,53.5,-2.3];")
    assert 'way["highway"];' in query
    assert 'nwr["amenity"="library"];' in query
    assert 'nwr["name"~"children.s centre",i];' in query


def test_what_several_squares_hold_stands_once_in_order(server: Replay, tmp_path: Path) -> None:
    server.routes["/interpreter"] = overpass(world_map())
    path = get(server, tmp_path)
    kinds = [(thing.type_str(), thing.id) for thing in osmium.FileProcessor(str(path))]
    assert len(set(kinds)) == len(kinds) == len(world_map())
    assert [kind for kind, _ in kinds] == sorted(kind for kind, _ in kinds)
    assert server.count("/interpreter") == len(build_tiles(BOX)) > 1


def test_an_error_in_a_remark_is_not_taken_for_a_map(server: Replay, tmp_path: Path) -> None:
    remark = "runtime error: Query timed out in query at line 1 after 180 seconds."
    server.routes["/interpreter"] = overpass([], remark=remark)
    with pytest.raises(SourceError, match="runtime error: Query timed out"):
        get(server, tmp_path)
    assert not (tmp_path / "streets.osm").exists()


def test_a_map_that_breaks_off_is_refused(server: Replay, tmp_path: Path) -> None:
    body = b'<?xml version="1.0"?>\n<osm version="0.6"><node id="1" lat="53" lon="-2">'
    server.routes["/interpreter"] = lambda asked: Answer(body=body, kind="text/xml")
    with pytest.raises(SourceError, match="the map broke off"):
        get(server, tmp_path)


def test_xml_with_entities_is_refused(server: Replay, tmp_path: Path) -> None:
    body = b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "b">]><osm>&a;</osm>'
    server.routes["/interpreter"] = lambda asked: Answer(body=body, kind="text/xml")
    with pytest.raises(SourceError, match="not an OpenStreetMap file"):
        get(server, tmp_path)


def test_too_many_squares_are_not_asked_for(server: Replay, tmp_path: Path) -> None:
    source = entry(server.url("/interpreter"), kind="overpass", file="streets.osm")
    with pytest.raises(SourceError, match="squares are too many"):
        fetch_streets(fetcher(tmp_path), source, (0, 0, 600_000, 900_000), tmp_path / "s.osm")
    assert server.asked == []
