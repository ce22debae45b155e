"""A way has a short name and words, and knows the nearest of some venues."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from journeys import times
from places import tiny_area

from planner.errors import TravelError
from planner.travel.getting_about import Way, key_of, to_nearest, way_key

AREA = tiny_area()
FIRST, SECOND = AREA.codes[:2]
TIMES = times(AREA, ["v1", "v2"], {(FIRST, "v1"): 10, (FIRST, "v2"): 8, (SECOND, "v1"): 30})


def test_the_median_has_the_modes_own_name() -> None:
    assert [way_key("walk", None), way_key("transit", 50), way_key("transit", 85)] == [
        "walk",
        "transit",
        "transit85",
    ]


def test_a_way_says_how_and_when() -> None:
    ridden = replace(TIMES, mode="transit", window="Tue 10:00-16:00", percentile=85)
    way = Way(times=ridden)
    assert way.key == "transit85"
    assert way.words == (
        "by public transport or on foot, leaving at any minute of Tue 10:00-16:00: 85 times in "
        "100 it takes no longer"
    )
    assert Way(times=TIMES).words == "on foot"


def test_what_was_found_for_a_set_of_venues_comes_first() -> None:
    found = pd.DataFrame({"minutes": 7.0, "status": "reached"}, index=TIMES.origins)
    way = Way(times=TIMES, nearest_of={("v1", "v2"): found})
    assert way.nearest(pd.Index(["v2", "v1"]))["minutes"][FIRST] == 7
    assert way.nearest(pd.Index(["v1"]))["minutes"][FIRST] == 10
    assert way.nearest(pd.Index(["v2"]))["status"][SECOND] == "over_cutoff"


def test_what_was_found_must_be_of_the_same_points() -> None:
    found = pd.DataFrame({"minutes": [7.0], "status": ["reached"]}, index=[FIRST])
    with pytest.raises(TravelError):
        Way(times=TIMES, nearest_of={("v1",): found})


def test_reached_at_the_median_but_not_reliably_is_too_far() -> None:
    found = pd.DataFrame(
        {
            "minutes_p50": [10.0, 20.0, np.nan, np.nan],
            "minutes_p85": [12.0, np.nan, np.nan, np.nan],
            "status": ["reached", "reached", "unreachable", "not_connected"],
        }
    )
    assert to_nearest(found, 85)["status"].tolist() == [
        "reached",
        "over_cutoff",
        "unreachable",
        "not_connected",
    ]
    assert to_nearest(found, 50)["minutes"].tolist()[:2] == [10, 20]


def test_a_window_that_nobody_stated_is_not_left_blank() -> None:
    ridden = replace(TIMES, mode="transit", percentile=50)
    assert Way(times=ridden).words == (
        "by public transport or on foot, leaving at any minute of the times that were searched: "
        "half of the time it takes no longer"
    )


def test_a_mode_without_a_median_is_its_first_percentile() -> None:
    late = Way(times=replace(TIMES, mode="transit", percentile=85))
    ways = {"walk": Way(times=TIMES), "transit85": late}
    assert [key_of("walk", ways), key_of("transit", ways)] == ["walk", "transit85"]
