"""The shelf gives back what was put there, and never fails."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from planner.cache import Memo, Shelf
from planner.cache.codec import decode, encode
from planner.ledger import Note
from planner.travel.transit import TransitSettings

NOTE = Note(stage="travel", what="x", count=2, text="Two things — ŵ.", items=("a", "b"))


def round_trip(value: Any) -> Any:
    arrays: list[Any] = []
    return decode(encode(value, arrays), arrays)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        2.5,
        "ŵ",
        (1, ("a", None)),
        {50: "x", 85: [1, 2]},
        dt.date(2024, 3, 5),
        NOTE,
        (NOTE, NOTE),
        TransitSettings(date=dt.date(2024, 3, 5), percentiles=(25, 50)),
    ],
)
def test_plain_values_and_own_objects_come_back(value: object) -> None:
    assert round_trip(value) == value


def test_infinite_and_missing_numbers_come_back() -> None:
    back = round_trip(np.array([np.inf, np.nan, -0.0]))
    assert back[0] == np.inf
    assert np.isnan(back[1])


def test_arrays_keep_their_type() -> None:
    for array in (np.arange(3, dtype=np.int32), np.zeros((2, 2), bool), np.array(["a", "ŵ"], "O")):
        back = round_trip(array)
        assert back.dtype == array.dtype
        assert back.tolist() == array.tolist()


def test_frames_and_series_keep_index_types_and_missing_values() -> None:
    index = pd.Index(["b1", "b2"], name="point_id")
    frame = pd.DataFrame(
        {
            "minutes": [1.5, np.nan],
            "status": ["reached", "over_cutoff"],
            "rank": pd.array([1, 2], dtype="int32"),
        },
        index=index,
    )
    pd.testing.assert_frame_equal(round_trip(frame), frame)
    pd.testing.assert_frame_equal(round_trip(frame.reset_index()), frame.reset_index())
    pd.testing.assert_series_equal(round_trip(frame["status"]), frame["status"])
    pd.testing.assert_frame_equal(round_trip(frame.iloc[:0]), frame.iloc[:0])


def test_what_is_not_plain_is_not_kept() -> None:
    with pytest.raises(TypeError):
        encode(object(), [])
    with pytest.raises(TypeError):
        encode(np.array([object()], dtype=object), [])


def test_only_the_planners_own_dataclasses_are_made() -> None:
    for module, name in (("os", "system"), ("planner.cache.codec", "encode")):
        with pytest.raises(TypeError):
            decode({"is": "object", "module": module, "class": name, "of": {}}, [])


def test_a_second_process_finds_the_result(tmp_path: Path) -> None:
    built: list[int] = []

    def build() -> tuple[Note, ...]:
        built.append(1)
        return (NOTE,)

    for _ in range(2):  # two memos are two processes
        memo = Memo(shelf=Shelf(tmp_path / "shelf"))
        assert memo.get("streets", "k", build, on_disk=True) == (NOTE,)
    assert len(built) == 1


def test_nothing_is_left_on_disk_unasked(tmp_path: Path) -> None:
    memo = Memo(shelf=Shelf(tmp_path / "shelf"))
    memo.get("layers", "k", lambda: 1)
    assert not (tmp_path / "shelf").exists()


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.write("streets", "k", NOTE)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-40])
    assert shelf.read("streets", "k") == (False, None)
    assert not path.exists()


def test_what_cannot_be_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    Shelf(tmp_path).write("streets", "k", object())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    shelf = Shelf(tmp_path / "file" / "shelf")
    shelf.write("streets", "k", 1)
    assert shelf.read("streets", "k")[0] is False


def test_the_oldest_use_goes_first(tmp_path: Path) -> None:
    big = np.zeros(10_000)
    shelf = Shelf(tmp_path, max_bytes=200_000)
    for at, key in enumerate(("a", "b")):
        shelf.write("times", key, big)
        os.utime(next(tmp_path.glob(f"times_{key}.*")), (at, at))
    shelf.read("times", "a")
    shelf.write("times", "c", big)
    assert [shelf.read("times", key)[0] for key in "abc"] == [True, False, True]
