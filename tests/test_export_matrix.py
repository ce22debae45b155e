from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from street_grids import scattered, town_with_islands

from planner.export import matrix
from planner.export.matrix import write_matrix
from planner.sources.matrices import read_travel_matrix
from planner.travel.blocks import Pairs
from planner.travel.kernels import Attached
from planner.travel.nearby import walk_blocks
from planner.travel.snap import snap_points
from planner.travel.streets import to_graph
from planner.travel.walk import attach, build_walk_times, same_edge

HOMES, VENUES = pd.Index(["a", "b", "c"]), pd.Index(["x", "y"])


def block(origin: list[int], destination: list[int], time: list[int]) -> Pairs:
    return tuple(np.array(part, np.int32) for part in (origin, destination, time))


def test_columns_and_metadata_are_those_of_travel_matrices_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "matrix.parquet"
    blocks = [block([0, 0], [0, 1], [600, 0]), block([], [], []), block([2], [1], [90])]
    rows = write_matrix(
        path,
        blocks,
        origins=HOMES,
        destinations=VENUES,
        mode="transit",
        window="Tuesday 07:00-10:00",
        percentile=50,
        about={"method": "timetable"},
    )
    assert rows == 3
    table = pq.read_table(path)
    assert table.column_names == [
        "from_id",
        "to_id",
        "travel_time",
        "mode",
        "window",
        "percentile",
    ]
    assert str(table.schema.field("travel_time").type) == "float"
    assert table.schema.metadata[b"planner.method"] == b"timetable"
    assert table.to_pylist()[2] == {
        "from_id": "c",
        "to_id": "y",
        "travel_time": np.float32(0.15),
        "mode": "transit",
        "window": "Tuesday 07:00-10:00",
        "percentile": 50,
    }


def test_a_matrix_without_any_pair_is_still_a_table(tmp_path: Path) -> None:
    path = tmp_path / "matrix.parquet"
    assert write_matrix(path, [], origins=HOMES, destinations=VENUES, mode="walk") == 0
    assert pq.read_table(path).num_rows == 0


def test_an_interrupted_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "matrix.parquet"
    write_matrix(path, [block([0], [0], [6])], origins=HOMES, destinations=VENUES, mode="walk")
    before = path.read_bytes()

    def broken() -> Iterator[Pairs]:
        yield block([1], [1], [6])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_matrix(path, broken(), origins=HOMES, destinations=VENUES, mode="walk")
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["matrix.parquet"]


def test_blocks_are_let_go_as_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix, "GROUP_ROWS", 100)
    made: list[weakref.ref[np.ndarray]] = []
    most = 0

    def blocks() -> Iterator[Pairs]:
        nonlocal most
        for _ in range(40):  # four blocks fill a group
            most = max(most, sum(one() is not None for one in made))
            origin = np.zeros(25, np.int32)
            made.append(weakref.ref(origin))
            yield origin, np.zeros(25, np.int32), np.arange(25, dtype=np.int32)
            del origin

    path = tmp_path / "matrix.parquet"
    rows = write_matrix(path, blocks(), origins=HOMES, destinations=VENUES, mode="walk")
    assert rows == 1000
    assert most <= 4
    assert pq.ParquetFile(path).num_row_groups == 10


def test_a_matrix_written_block_by_block_is_the_one_in_memory(tmp_path: Path) -> None:
    streets = town_with_islands(seed=21)
    homes, venues = scattered(150, seed=1, prefix="h"), scattered(40, seed=2, prefix="v")
    limits = {"snap_metres": 400, "extent_metres": 1600}
    times = build_walk_times(streets, homes, venues, walk_kmh=4.8, cutoff_minutes=20, **limits)
    both = pd.concat([homes, venues])
    snapped = snap_points(streets, both, **limits)
    hung = attach(streets, snapped, walk_kmh=4.8)
    blocks = walk_blocks(
        to_graph(streets, walk_kmh=4.8),
        Attached(node=hung.node[:150], leg=hung.leg[:150]),
        Attached(node=hung.node[150:], leg=hung.leg[150:]),
        same_edge(snapped, 150, walk_kmh=4.8),
        cutoff=12_000,
    )
    path = tmp_path / "matrix.parquet"
    indexes = {"origins": homes.index, "destinations": venues.index}
    assert write_matrix(path, blocks, **indexes, mode="walk") == len(times.pairs) > 300
    # To the decisecond, also through the reader of matrices from elsewhere.
    back = read_travel_matrix(path, what="m", **indexes, cutoff_minutes=20, mode="walk")[None]
    pd.testing.assert_frame_equal(back.pairs, times.pairs)
