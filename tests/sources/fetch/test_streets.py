"""What OSMnx asks Overpass for becomes one map, the same as the map itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pytest
from geopandas.testing import assert_geodataframe_equal
from maps_by_hand import TOWN, TOWN_BOX
from replay_world import world_map
from replays import (
    Answer,
    Clock,
    Replay,
    entry,
    fetcher,
    in_turn,
    map_elements,
    overpass,
    overpass_statements,
    replay_server,
)

from planner.errors import SourceError
from planner.sources.fetch.streets import (
    build_name_filter,
    build_tags,
    build_tiles,
    check_answer,
    fetch_streets,
)
from planner.sources.osm import KIND_TAGS, read_osm_points
from planner.sources.streets import read_backdrop, read_streets

#: One square; with its neighbours in the west and the east, two.
BOX = (380_500.0, 391_000.0, 386_000.0, 393_000.0)
WEST = (376_000.0, 391_000.0, 386_000.0, 393_000.0)
EAST = (381_000.0, 391_000.0, 388_000.0, 393_000.0)
ASKED_FOR_EACH_SQUARE = 3  # streets, ways known by name, features


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        replay.routes["/interpreter"] = overpass(world_map())
        yield replay


def get(
    server: Replay,
    tmp_path: Path,
    *,
    clock: Clock | None = None,
    box: tuple[float, float, float, float] = BOX,
    name: str = "streets.osm",
    **more: Any,
) -> Path:
    source = entry(server.url("/interpreter"), kind="overpass", file="streets.osm", **more)
    target = tmp_path / name
    fetch_streets(fetcher(tmp_path / "cache", clock), source, box, target)
    return target


def written(path: Path) -> list[tuple[str, int]]:
    return [(thing.type_str(), thing.id) for thing in osmium.FileProcessor(str(path))]


# --- the same map ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a map drawn by hand: as a file, and as it is fetched."""
    folder = tmp_path_factory.mktemp("town")
    drawn = folder / "drawn.osm"
    text = "\n".join(TOWN)
    drawn.write_text(f'<?xml version="1.0"?>\n<osm version="0.6">\n{text}\n</osm>\n', "utf-8")
    with replay_server() as server:
        server.routes["/interpreter"] = overpass(TOWN)
        return drawn, get(server, folder, box=TOWN_BOX)


def test_the_fetched_streets_are_those_of_the_map(town: tuple[Path, Path]) -> None:
    drawn, fetched = (read_streets(path, what="map") for path in town)
    for name, value in vars(drawn).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(getattr(fetched, name), value, err_msg=name)
    assert fetched.notes == drawn.notes


@pytest.mark.parametrize("kind", sorted(KIND_TAGS))
def test_the_fetched_places_are_those_of_the_map(town: tuple[Path, Path], kind: str) -> None:
    drawn, fetched = (read_osm_points(path, KIND_TAGS[kind]) for path in town)
    assert_geodataframe_equal(fetched, drawn)


def test_the_map_has_places_that_could_be_lost(town: tuple[Path, Path]) -> None:
    found = {kind: list(read_osm_points(town[1], KIND_TAGS[kind])["osm_id"]) for kind in KIND_TAGS}
    assert found["library"] == ["node/101", "way/51"]
    assert found["school"] == ["relation/71"]
    assert found["childrens_centre"] == ["way/54"]
    assert found["jobcentre"] == ["node/102"]


def test_the_fetched_backdrop_is_that_of_the_map(town: tuple[Path, Path]) -> None:
    drawn, fetched = (read_backdrop(path, what="map") for path in town)
    assert_geodataframe_equal(fetched, drawn)
    assert set(fetched["kind"]) == {"street", "water", "place"}


def test_ways_keep_their_numbers_their_order_and_every_tag(town: tuple[Path, Path]) -> None:
    def ways(path: Path) -> dict[int, tuple[list[int], dict[str, str]]]:
        return {
            one.id: ([node.ref for node in one.nodes], dict(one.tags))
            for one in osmium.FileProcessor(str(path), osmium.osm.WAY)
            if "highway" in one.tags
        }

    drawn, fetched = (ways(path) for path in town)
    assert fetched == drawn
    assert fetched[5][1]["oneway"] == "-1"


def test_nodes_of_streets_keep_their_tags(town: tuple[Path, Path]) -> None:
    tagged = {
        one.id: one.tags["highway"]
        for one in osmium.FileProcessor(str(town[1]), osmium.osm.NODE)
        if "highway" in one.tags
    }
    assert tagged == {2: "traffic_signals", 3: "crossing"}


def test_the_rest_of_a_long_river_and_what_nobody_reads_are_left_out(
    town: tuple[Path, Path],
) -> None:
    numbers = written(town[1])
    assert ("w", 61) in numbers
    assert ("w", 62) not in numbers, "40 km upstream"
    assert ("n", 131) not in numbers, "its node"
    assert ("r", 72) not in numbers, "the river as a whole"
    assert ("n", 120) not in numbers, "a bench"


# --- squares ---------------------------------------------------------------------------------


def test_squares_cover_the_box_and_are_cut_from_one_grid() -> None:
    tiles = build_tiles((380_000, 390_000, 400_000, 405_000))
    assert len(set(tiles)) == len(tiles)
    assert all(round(edge * 10, 6) == round(edge * 10) for tile in tiles for edge in tile)
    assert set(build_tiles((385_000, 391_000, 386_000, 392_000))) <= set(tiles)


@dataclass(frozen=True)
class West:
    server: Replay
    folder: Path
    path: Path
    queries: list[str]


@pytest.fixture(scope="module")
def west(tmp_path_factory: pytest.TempPathFactory) -> Iterator[West]:
    """Return a map of two squares, and the queries that were asked for it."""
    folder = tmp_path_factory.mktemp("west")
    with replay_server() as server:
        server.routes["/interpreter"] = overpass(world_map())
        path = get(server, folder, box=WEST)
        yield West(server, folder, path, [one.form["data"] for one in server.asked])


def test_what_several_squares_hold_stands_once_in_order(west: West) -> None:
    assert written(west.path) == [(kind[0], number) for kind, number in map_elements(world_map())]
    assert len(west.queries) == ASKED_FOR_EACH_SQUARE * 2


def test_every_kind_of_service_is_asked_for_by_a_tag_or_a_name() -> None:
    asked = build_tags()
    for kind, alternatives in KIND_TAGS.items():
        for tags in alternatives:
            by_tag = any(
                set(value.split(";")) <= set(asked.get(k, ())) for k, value in tags.items()
            )
            assert by_tag or set(tags) == {"name"}, kind
    assert build_name_filter() == '["name"~"children.s centre|childrens centre|family hub",i]'


def test_osmnx_asks_for_all_ways_with_a_highway_tag(west: West) -> None:
    statements = [overpass_statements(query) for query in west.queries]
    assert [(kind, wanted) for kind, wanted, _ in statements[0]] == [("way", '["highway"]')]
    assert ("relation", "['amenity'='library']") in {(k, wanted) for k, wanted, _ in statements[2]}


def test_a_neighbour_shares_squares(west: West) -> None:
    before = len(west.server.asked)
    get(west.server, west.folder, box=EAST, name="east.osm")
    assert len(set(build_tiles(EAST)) - set(build_tiles(WEST))) == 1
    assert len(west.server.asked) - before == ASKED_FOR_EACH_SQUARE


def test_a_second_run_asks_for_nothing_and_makes_the_same_map(west: West) -> None:
    before = len(west.server.asked)
    again = get(west.server, west.folder, box=WEST, name="again.osm")
    assert again.read_bytes() == west.path.read_bytes()
    assert len(west.server.asked) == before


def test_too_many_squares_are_not_asked_for(server: Replay, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="squares are too many"):
        get(server, tmp_path, box=(0, 0, 600_000, 900_000))
    assert server.asked == []


# --- what goes wrong -------------------------------------------------------------------------


def test_a_stopped_run_goes_on_where_it_was(server: Replay, tmp_path: Path) -> None:
    real = server.routes["/interpreter"]
    server.routes["/interpreter"] = lambda asked: (
        real(asked) if len(server.asked) <= 2 else Answer(status=500)
    )
    with pytest.raises(SourceError, match="it answered 500"):
        get(server, tmp_path)
    assert not (tmp_path / "streets.osm").exists()
    server.routes["/interpreter"] = real
    before = len(server.asked)
    get(server, tmp_path)
    assert len(server.asked) - before == 1


def test_offline_nothing_is_asked(server: Replay, tmp_path: Path) -> None:
    source = entry(server.url("/interpreter"), kind="overpass", file="streets.osm")
    away = fetcher(tmp_path / "cache", offline=True)
    with pytest.raises(SourceError, match="this run is offline"):
        fetch_streets(away, source, BOX, tmp_path / "streets.osm")
    assert server.asked == []


def test_a_busy_server_is_asked_again(server: Replay, tmp_path: Path) -> None:
    real, clock = server.routes["/interpreter"], Clock()
    busy = Answer(status=429, kind="text/html", body=b"<html>Too many requests</html>")
    server.routes["/interpreter"] = lambda asked: busy if len(server.asked) < 3 else real(asked)
    assert written(get(server, tmp_path, clock=clock))
    assert clock.slept[:2] == [1.0, 2.0]


def test_a_server_that_stays_busy_is_given_a_minute(server: Replay, tmp_path: Path) -> None:
    clock = Clock()
    server.routes["/interpreter"] = lambda asked: Answer(status=504, kind="text/html")
    with pytest.raises(SourceError, match=r"it answered 504; tried 7 times") as caught:
        get(server, tmp_path, clock=clock)
    assert caught.value.hint == "Write to nobody."
    assert clock.seconds == 1 + 2 + 4 + 8 + 16 + 32
    assert len(server.asked) == 7


def test_a_web_page_is_not_taken_for_a_map(server: Replay, tmp_path: Path) -> None:
    server.routes["/interpreter"] = lambda asked: Answer(
        kind="text/html", body=b"<html><body>Error: runtime error</body></html>"
    )
    with pytest.raises(SourceError, match="a web page, not JSON"):
        get(server, tmp_path)


def test_an_error_in_a_remark_is_asked_again_and_then_refused(
    server: Replay, tmp_path: Path
) -> None:
    remark = 'runtime error: Query timed out in "query" at line 1 after 180 seconds.'
    server.routes["/interpreter"] = overpass(world_map(), remark=remark)
    with pytest.raises(SourceError, match="runtime error: Query timed out"):
        get(server, tmp_path)
    assert len(server.asked) == 7
    assert not (tmp_path / "streets.osm").exists()


@pytest.mark.parametrize("cut", [200, None])
def test_a_map_that_breaks_off_is_asked_again(
    server: Replay, tmp_path: Path, cut: int | None
) -> None:
    """Either less comes than was announced, or what comes is not whole."""
    real = server.routes["/interpreter"]

    def short(asked: Any) -> Answer:
        whole = real(asked)
        body = whole.body if cut else whole.body[:200]
        return Answer(body=body, kind=whole.kind, cut=cut)

    server.routes["/interpreter"] = lambda asked: (
        short(asked) if len(server.asked) == 1 else real(asked)
    )
    assert written(get(server, tmp_path)) == [
        (kind[0], number) for kind, number in map_elements(world_map())
    ]


def test_an_empty_square_is_an_answer_but_an_empty_map_is_not(
    server: Replay, tmp_path: Path
) -> None:
    server.routes["/interpreter"] = overpass([])
    with pytest.raises(SourceError, match="the map is empty here"):
        get(server, tmp_path)
    assert list(tmp_path.glob("*.osm")) == []


def test_another_host_is_not_followed(server: Replay, tmp_path: Path) -> None:
    there = {"Location": "https://overpass.example.org/api/interpreter"}
    server.routes["/interpreter"] = lambda asked: Answer(status=302, headers=there)
    with pytest.raises(SourceError, match=r"sends on to another host \(overpass.example.org\)"):
        get(server, tmp_path)
    assert len(server.asked) == 1


def test_more_than_was_allowed_is_not_read(server: Replay, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="it is larger than"):
        get(server, tmp_path, max_megabytes=0.001)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "node", "id": 1, "lat": 95.0, "lon": 0.0},
        {"type": "node", "id": 1, "lat": float("nan"), "lon": 0.0},
        {"type": "node", "id": "1", "lat": 53.0, "lon": 0.0},
        {"type": "node", "id": 1, "lat": 53.0, "lon": 0.0, "tags": {"name": "x" * 256}},
        {"type": "way", "id": 1, "nodes": [1, "2"]},
        {"type": "relation", "id": 1, "members": [{"type": "area", "ref": 1, "role": ""}]},
        {"type": "area", "id": 1},
        "node",
    ],
)
def test_what_openstreetmap_cannot_hold_is_refused(tmp_path: Path, wrong: object) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"elements": [wrong]}), encoding="utf-8")
    assert check_answer(path) == "part 1 of the map is not as OpenStreetMap has it"


def test_json_that_is_no_map_is_refused(server: Replay, tmp_path: Path) -> None:
    server.routes["/interpreter"] = in_turn(Answer(body=b"[1, 2]", kind="application/json"))
    with pytest.raises(SourceError, match="the answer is not a map"):
        get(server, tmp_path)
