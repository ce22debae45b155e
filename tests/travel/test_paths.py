"""Ways along the streets: as long as the walks they explain, and really on the streets."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from street_grids import points, town_with_islands

from planner.travel.paths import cut_line, explain_street_journey
from planner.travel.streets import Streets, build_streets
from planner.travel.walk import build_walk_times

LIMITS = {"walk_kmh": 4.8, "snap_metres": 150.0, "extent_metres": 600.0}


@pytest.fixture(scope="module")
def town() -> Streets:
    return town_with_islands(seed=3, rows=14, columns=14)


def test_paths_take_as_long_as_walks(town: Streets) -> None:
    at = np.random.default_rng(8).uniform((329_950, 186_950), (331_100, 188_100), (22, 2))
    ends = points([*at, (335_900, 187_500), (334_400, 187_400)])
    times = build_walk_times(town, ends, ends, cutoff_minutes=40, **LIMITS)
    known = {
        (a, b): time
        for a, b, time in times.pairs[["origin", "destination", "deciseconds"]].itertuples(
            index=False
        )
    }
    drawn = shapely.MultiLineString(town.to_lines().tolist())
    shapely.prepare(drawn)
    found = 0
    for a in range(len(ends)):
        for b in range(a % 8, len(ends), 8):
            way = explain_street_journey(
                town, ends.iloc[a], ends.iloc[b], cutoff_minutes=40, **LIMITS
            )
            assert (way is None) == ((a, b) not in known)
            if way is None or a == b:
                continue
            found += 1
            leg = way.legs[0]
            assert way.seconds == -(-known[a, b] // 10)
            assert leg.metres == pytest.approx(leg.line.length, abs=0.01)
            assert leg.metres == pytest.approx(known[a, b] * 4.8 / 36, abs=5)
            assert leg.line.coords[0] == ends.iloc[a].coords[0]
            assert leg.line.coords[-1] == ends.iloc[b].coords[0]
            # All corners are on streets; that it is no longer than the walk says the rest.
            corners = shapely.points(shapely.get_coordinates(leg.line)[1:-1])
            assert shapely.distance(drawn, corners).max(initial=0) < 0.01
    assert found > 20


def test_along_one_edge() -> None:
    street = build_streets(
        np.array([0.0, 1000.0]) + 330_000, np.full(2, 187_000.0),
        np.zeros(1, np.int32), np.ones(1, np.int32),
    )  # fmt: skip
    home, away = points([(330_900, 187_010), (330_300, 187_000)])
    way = explain_street_journey(
        street, home, away, walk_kmh=3.6, cutoff_minutes=20, snap_metres=50, extent_metres=50,
        to="the library",
    )  # fmt: skip
    assert way is not None
    assert way.seconds == 610
    assert way.in_words() == ["Walk 11 min (610 m) to the library"]
    assert way.summary() == "11 min in all, at any time of day."
    assert list(way.legs[0].line.coords) == [
        (330_900, 187_010), (330_900, 187_000), (330_300, 187_000),
    ]  # fmt: skip


def test_cutting_a_line() -> None:
    line = shapely.LineString([(0, 0), (10, 0), (10, 10)])
    assert list(cut_line(line, 0.25, 0.75).coords) == [(5, 0), (10, 0), (10, 5)]
    assert list(cut_line(line, 0.75, 0.25).coords) == [(10, 5), (10, 0), (5, 0)]
    assert cut_line(line, 0.3, 0.3).length == 0
