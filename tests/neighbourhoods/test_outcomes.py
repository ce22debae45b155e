"""Access and gaps of a type's people, summed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner.neighbourhoods.outcomes import OUTCOME_COLUMNS, build_type_outcomes

CODES = ["A", "B", "C", "D", "E"]
LABELS = pd.Series([1, 1, 1, 2, pd.NA], index=CODES, dtype="Int64")
PEOPLE = pd.Series([100.0, 300.0, 100.0, 50.0, 999.0], index=CODES)


def access(values: list[float], status: list[str], **about: object) -> pd.DataFrame:
    table = {"area_code": CODES, "measure": "minutes_nearest", "kind": "gp", "threshold": np.nan}
    return pd.DataFrame({**table, **about, "value": values, "status": status})


def gaps(status: list[str], kind: str = "gp") -> pd.DataFrame:
    breaches = [word == "gap" for word in status]
    table = {"area_code": CODES, "kind": kind, "gap_status": status, "breaches": breaches}
    return pd.DataFrame(table)


WITHIN = gaps(["within_standard"] * 5)
REACHED = ["reached"] * 5


def outcomes(near: pd.DataFrame, gap: pd.DataFrame = WITHIN) -> pd.DataFrame:
    table = build_type_outcomes(LABELS, PEOPLE, near, gap)
    assert list(table.columns) == list(OUTCOME_COLUMNS)
    return table.set_index(["type_id", "figure"])


def test_the_median_is_that_of_the_people() -> None:
    # 100 people at 5 minutes, 300 at 20, 100 at 60: the 250th of 500 is at 20.
    row = outcomes(access([5, 20, 60, 7, 1], REACHED)).loc[(1, "minutes_median")]
    assert (row["value"], row["people"], row["people_unknown"]) == (20.0, 500.0, 0.0)


def test_exactly_half_is_enough() -> None:
    people = PEOPLE.copy()
    people["A"] = 400.0
    near = access([5, 20, 60, 7, 1], REACHED)
    table = build_type_outcomes(LABELS, people, near, WITHIN).set_index(["type_id", "figure"])
    assert table.loc[(1, "minutes_median"), "value"] == 5.0


def test_not_reached_is_further_than_any() -> None:
    near = access([5, np.nan, 60, 7, 1], ["reached", "over_cutoff", *REACHED[2:]])
    row = outcomes(near).loc[(1, "minutes_median")]
    assert row["status"] == "not_reached"
    assert np.isnan(row["value"])


def test_not_known_is_neither_near_nor_far() -> None:
    near = access([5, np.nan, 60, 7, 1], ["reached", "not_connected", *REACHED[2:]])
    row = outcomes(near).loc[(1, "minutes_median")]
    assert (row["value"], row["people_unknown"]) == (5.0, 300.0)


def test_nothing_known_is_no_data() -> None:
    near = access([np.nan] * 5, ["no_data"] * 5)
    row = outcomes(near).loc[(2, "minutes_median")]
    assert (row["status"], row["people_unknown"]) == ("no_data", 50.0)


def test_shares_are_of_people_whose_access_is_known() -> None:
    gap = gaps(["gap", "relatively_further", "no_data", "within_standard", "gap"])
    table = outcomes(access([5] * 5, REACHED), gap)
    assert table.loc[(1, "share_in_gaps"), "value"] == 0.25
    assert table.loc[(1, "share_within_standard"), "value"] == 0.75
    assert table.loc[(1, "share_in_gaps"), "people_unknown"] == 100.0
    assert table.loc[(2, "share_in_gaps"), "value"] == 0.0


def test_jobs_are_those_that_half_of_the_people_have() -> None:
    near = access([900, 20, 10, 7, 1], REACHED, measure="jobs_within", kind="jobs", threshold=30.0)
    row = outcomes(near).loc[(1, "jobs_median")]
    # 100 people have 900, 300 have 20: half have at least 20.
    assert (row["value"], row["threshold"]) == (20.0, 30.0)


def test_the_slowest_of_the_bundle_is_its_minutes() -> None:
    near = access([5, 20, 60, 7, 1], REACHED, measure="bundle_minutes_slowest", kind="bundle")
    row = outcomes(near).loc[(1, "minutes_median")]
    assert (row["kind"], row["value"]) == ("bundle", 20.0)


def test_areas_whose_people_are_not_known_do_not_count() -> None:
    people = PEOPLE.copy()
    people["B"] = np.nan
    near = access([5, 20, 60, 7, 1], REACHED)
    table = build_type_outcomes(LABELS, people, near, WITHIN).set_index(["type_id", "figure"])
    assert table.loc[(1, "minutes_median"), "people"] == pytest.approx(200.0)
