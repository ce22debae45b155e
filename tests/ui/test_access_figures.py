"""Are people near, far and not known kept apart, and is who loses a service counted right?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from planner.ui.access_parts.figures import (
    count_reach,
    find_lost,
    judge_near,
    share_reaching,
    sum_by_tenth,
)
from planner.ui.access_parts.said import FAMILIES, setting_words, split_time, time_words

CODES = list("abcdef")
PEOPLE = pd.Series([100.0, 200.0, 300.0, 400.0, 500.0, 600.0], index=CODES)


def values(*given: float | str) -> pd.DataFrame:
    """Return value and status: a number is reached, a word is why it is not."""
    return pd.DataFrame(
        {
            "value": [one if isinstance(one, float) else np.nan for one in given],
            "status": ["reached" if isinstance(one, float) else one for one in given],
        },
        index=CODES[: len(given)],
    )


DAY = values(10.0, 20.0, 20.5, "over_cutoff", "unreachable", "not_connected")


def test_near_far_and_unknown_are_three_things() -> None:
    assert judge_near(DAY, 20.0).tolist() == ["near", "near", *["beyond"] * 3, "not_known"]


def test_far_is_not_known_to_be_beyond_a_limit_longer_than_what_was_searched() -> None:
    found = judge_near(DAY, 90.0, searched=60.0)
    assert found.tolist() == ["near", "near", "near", "not_known", "beyond", "not_known"]


def test_people_are_counted_by_where_they_live() -> None:
    reach = count_reach(judge_near(DAY, 20.0), PEOPLE)
    assert (reach.near, reach.beyond, reach.not_known) == (300.0, 1200.0, 600.0)
    assert reach.share == pytest.approx(300 / 2100)


# By people: 100 have 10 minutes, 300 at most 20, 600 at most 20.5; 900 of the 1,500 known have
# none, so that not even half have one.
def test_what_is_not_reached_is_further_than_everything() -> None:
    two, five, half = share_reaching(DAY, PEOPLE, (0.2, 0.4, 0.5), less_is_better=True)
    assert (two, five) == (20.0, 20.5)
    assert math.isinf(half)


# 1,500 people live in areas with a number; 600 have 0, 500 have 2, 400 have 7.
def test_where_more_is_better_the_best_served_come_first() -> None:
    found = values("no_data", 7.0, 0.0, 0.0, 2.0)
    people = pd.Series([50.0, 400.0, 300.0, 300.0, 500.0], index=CODES[:5])
    shares = (0.25, 0.5, 0.61)
    assert share_reaching(found, people, shares, less_is_better=False) == [7.0, 2.0, 0.0]


def test_lost_altogether_beyond_and_not_known_are_counted_apart() -> None:
    day = values(10.0, 10.0, 10.0, 30.0, 10.0, "unreachable")
    then = values("unreachable", 25.0, "no_data", "over_cutoff", 15.0, "unreachable")
    lost = find_lost(day, then, 20.0)
    assert lost.none == ("a", "d")
    assert lost.beyond == ("b",)
    assert lost.unknown == ("c",)


def test_an_area_that_is_not_in_the_later_figures_is_not_known_then() -> None:
    lost = find_lost(values(10.0, 10.0), values(10.0), 20.0)
    assert (lost.none, lost.beyond, lost.unknown) == ((), (), ("b",))


# Twenty areas in ten tenths, two each; the first tenth has 1 and 0, weighed 3 to 1.
def test_tenths_weigh_by_people_and_leave_out_what_is_not_known() -> None:
    codes = [f"c{i:02d}" for i in range(20)]
    figures = pd.Series([1.0, 0.0, np.nan, 5.0, *[np.nan] * 2, *[2.0] * 14], index=codes)
    people = pd.Series([3.0, 1.0, 40.0, 10.0, *[1.0] * 16], index=codes)
    rank = pd.Series(range(1, 21), index=codes)
    table = sum_by_tenth(figures, people, rank, 21.0 - rank)
    assert table["tenth"].tolist() == list(range(1, 11))
    assert table.iloc[0].tolist() == [1, 2, 4.0, 0.0, 0.75]
    assert table.iloc[1].tolist() == [2, 1, 10.0, 40.0, 5.0]
    assert math.isnan(table["figure"].iloc[2])
    assert table["people_not_known"].iloc[2] == 2.0


def test_areas_without_a_score_are_in_no_tenth() -> None:
    codes = [f"c{i:02d}" for i in range(11)]
    rank = pd.Series(range(1, 12), index=codes)
    score = (12.0 - rank).where(rank != 5)
    table = sum_by_tenth(pd.Series(1.0, index=codes), pd.Series(2.0, index=codes), rank, score)
    assert table["areas"].sum() == 10
    nine = score.where(rank != 6)
    assert sum_by_tenth(rank * 1.0, rank * 1.0, rank, nine).empty


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("Tu 18:00-20:00", "on a Tuesday evening, 18:00 to 20:00"),
        ("Sa 10:00-13:00", "on a Saturday, 10:00 to 13:00"),
        ("", "in the day"),
        ("gaussian", "in the day"),
    ],
)
def test_a_time_of_the_week_in_words(slug: str, words: str) -> None:
    assert time_words(split_time(slug)[0]) == words


def test_a_rest_behind_the_time_is_kept() -> None:
    assert split_time("Su 00:00-24:00 20") == ("Su 00:00-24:00", "20")


@pytest.mark.parametrize(
    ("measure", "setting", "words"),
    [
        ("minutes_kth", "3", "The 3rd nearest"),
        ("interval", "20-40", "20 to 40 minutes"),
        ("jobs_band", "0-15", "Up to 15 minutes"),
        ("jobs_band", "15-30", "15 to 30 minutes"),
        ("other", "own", "A title"),
    ],
)
def test_a_setting_in_words(measure: str, setting: str, words: str) -> None:
    assert setting_words(measure, setting, "A title") == words


def test_no_acronym_of_a_method_stands_by_itself() -> None:
    said = [setting_words("catchment", s, "") for s in ("2sfca", "e2sfca", "3sfca", "bfca")]
    assert all("fca" not in words.lower() for words in said)
    assert all("fca" not in f"{f.label}{f.means}{f.mind}".lower() for f in FAMILIES.values())
