"""Is a result's rough size near what its arrays take, and is memory kept within it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString

from planner.cache import Memo
from planner.cache.size import rough_bytes

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Held:
    first: Any
    second: Any = None


def near(result: Any, wanted: float) -> bool:
    return 0.9 * wanted <= rough_bytes(result) <= 1.2 * wanted + 2_000


def test_arrays_and_frames_count_wherever_they_are() -> None:
    numbers = np.zeros(MEGABYTE // 8)
    assert near(Held([numbers], {"a": numbers.copy()}), 2 * MEGABYTE)
    assert near(Held(pd.DataFrame({"a": numbers, "b": numbers})), 2 * MEGABYTE)
    assert near(pd.Series(numbers), MEGABYTE)


def test_what_is_held_twice_counts_once() -> None:
    numbers = np.zeros(MEGABYTE // 8)
    again = Held(numbers, [numbers])
    object.__setattr__(again, "first", again)  # a ring is no endless walk
    assert near(again, MEGABYTE)


# 1,000 lines of 500 corners, at 16 bytes a corner.
def test_shapes_count_by_their_corners() -> None:
    line = LineString([(x, 0.0) for x in range(500)])
    frame = gpd.GeoDataFrame({"geometry": [line] * 1_000})
    assert near(frame, 8 * MEGABYTE)


def test_long_lists_are_judged_by_some_of_them() -> None:
    assert near([np.zeros(1_000) for _ in range(5_000)], 5_000 * 8_112)


def test_all_stages_together_stay_within_the_bound() -> None:
    memo = Memo(max_bytes=5 * MEGABYTE // 2)
    made: list[str] = []

    def make(name: str) -> np.ndarray:
        made.append(name)
        return np.zeros(MEGABYTE // 8)

    for stage in ("need", "gaps"):
        memo.get(stage, "k", lambda stage=stage: make(stage))
    memo.get("need", "k", lambda: make("need"))  # used again, so it is not the oldest
    memo.get("hubs", "k", lambda: make("hubs"))
    assert memo.kept_bytes <= 5 * MEGABYTE // 2
    memo.get("need", "k", lambda: make("need"))
    memo.get("gaps", "k", lambda: make("gaps"))
    assert made == ["need", "gaps", "hubs", "gaps"]


def test_one_result_beyond_the_bound_is_kept_alone() -> None:
    memo = Memo(max_bytes=10)
    memo.get("a", "k", lambda: np.zeros(100))
    memo.get("b", "k", lambda: np.zeros(100))
    assert memo.computed == ["a", "b"]
    memo.get("b", "k", lambda: np.zeros(100))
    assert memo.computed == ["a", "b"]
    memo.get("a", "k", lambda: np.zeros(100))
    assert memo.computed == ["a", "b", "a"]


def test_the_number_kept_of_a_stage_counts_beside_the_size() -> None:
    memo = Memo(max_entries=2, max_bytes=100 * MEGABYTE)
    for key in "abcd":
        memo.get("need", key, lambda: np.zeros(MEGABYTE // 8))
    assert near(None, 0)
    assert 2 * MEGABYTE <= memo.kept_bytes < 2.1 * MEGABYTE
