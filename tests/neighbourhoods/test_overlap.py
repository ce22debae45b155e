"""Types beside somebody else's classes."""

from __future__ import annotations

from math import comb, log

import numpy as np
import pandas as pd
import pytest

from planner.errors import DataError
from planner.neighbourhoods.overlap import Overlap, build_overlap

CODES = [f"E0100000{i}" for i in range(1, 9)]
TYPES = pd.Series([1, 1, 1, 2, 2, 2, 2, pd.NA], index=CODES, dtype="Int64")
CLASSES = pd.Series(["a", "a", "b", "b", "b", "b", "c", "c"], index=CODES)


def overlap(classes: pd.Series = CLASSES) -> Overlap:
    return build_overlap(TYPES, classes, title="Others' classes")


def ami(table: np.ndarray) -> float:
    """Return adjusted mutual information from its definition, arithmetic mean."""
    a, b, n = table.sum(axis=1), table.sum(axis=0), int(table.sum())

    def entropy(counts: np.ndarray) -> float:
        return -sum(c / n * log(c / n) for c in counts if c)

    shared = sum(x / n * log(n * x / (a[i] * b[j])) for (i, j), x in np.ndenumerate(table) if x)
    expected = 0.0
    for i in map(int, a):
        for j in map(int, b):
            for x in range(max(1, i + j - n), min(i, j) + 1):
                chance = comb(i, x) * comb(n - i, j - x) / comb(n, j)
                expected += x / n * log(n * x / (i * j)) * chance
    mean = (entropy(a) + entropy(b)) / 2
    return (shared - expected) / (mean - expected)


def test_the_table_counts_areas_in_both() -> None:
    assert overlap().table.to_numpy().tolist() == [[2, 1, 0], [0, 3, 1]]


def test_shares_are_of_rows_and_of_columns() -> None:
    found = overlap()
    assert found.row_shares.loc[2].tolist() == [0.0, 0.75, 0.25]
    assert found.column_shares["b"].tolist() == [0.25, 0.75]


def test_adjusted_mutual_information_by_its_definition() -> None:
    expected = ami(np.array([[2, 1, 0], [0, 3, 1]]))
    assert overlap().adjusted_mutual_information == pytest.approx(expected)


def test_adjusted_rand_by_counting_pairs() -> None:
    # Pairs in both 1 + 3 = 4; in types 3 + 6 = 9; in classes 1 + 6 = 7; of all 21.
    expected = (4 - 9 * 7 / 21) / ((9 + 7) / 2 - 9 * 7 / 21)
    assert overlap().adjusted_rand == pytest.approx(expected)


def test_areas_in_one_only_are_counted() -> None:
    found = overlap(CLASSES.drop(CODES[0]))
    assert (found.areas, found.only_types, found.only_classes) == (6, 1, 1)
    assert [(n.what, n.items) for n in found.notes] == [
        ("overlap_without_class", (CODES[0],)),
        ("overlap_without_type", (CODES[7],)),
    ]


def test_areas_elsewhere_do_not_count() -> None:
    more = pd.concat([CLASSES, pd.Series(["z"], index=["E01999999"])])
    assert "z" not in overlap(more).table.columns


def test_the_same_grouping_agrees_fully() -> None:
    found = overlap(TYPES.map({1: "x", 2: "y"}))
    assert found.adjusted_mutual_information == pytest.approx(1.0)
    assert "(100%) are in class x" in found.findings[1]


def test_no_area_in_both_is_refused() -> None:
    with pytest.raises(DataError, match="none of the 8 areas"):
        overlap(pd.Series(["a"], index=["E01999999"]))


def test_an_area_in_two_classes_is_refused() -> None:
    with pytest.raises(DataError, match="more than one class"):
        overlap(pd.concat([CLASSES, CLASSES.iloc[:1]]))


def test_chance_is_about_nought() -> None:
    rng = np.random.default_rng(0)
    codes = [str(i) for i in range(2_000)]
    types = pd.Series(rng.integers(1, 4, 2_000), index=codes, dtype="Int64")
    classes = pd.Series(rng.integers(1, 4, 2_000).astype(str), index=codes)
    found = build_overlap(types, classes, title="x")
    assert found.adjusted_mutual_information == pytest.approx(0.0, abs=0.01)
