from __future__ import annotations

import numpy as np
import pytest
from planted_types import bands, round_blobs
from sklearn.metrics import calinski_harabasz_score, silhouette_score

from planner.neighbourhoods import quality
from planner.neighbourhoods.methods import fit_range, make_fit
from planner.neighbourhoods.quality import (
    REFERENCES,
    calinski_harabasz,
    gap_statistic,
    silhouettes,
    tabulate,
)

ROWS, TRUTH = round_blobs()


def best_split(values: np.ndarray) -> float:
    """Return the least inertia of two types on a line: the best of all places to cut it."""
    line = np.sort(values)
    parts = [(line[:at], line[at:]) for at in range(1, len(line))]
    return min(float(a.var() * len(a) + b.var() * len(b)) for a, b in parts)


# Silhouette


def test_silhouette_by_hand() -> None:
    # 0 and 2 together, 10 alone: (10 - 2)/10, (8 - 2)/8, and 0 for one alone.
    found = silhouettes(np.array([[0.0], [2.0], [10.0]]), {2: np.array([0, 0, 1])}, 7)
    assert found[2] == pytest.approx((0.8 + 0.75 + 0) / 3)


def test_silhouettes_are_those_of_scikit_learn() -> None:
    labels = {k: np.arange(len(ROWS)) % k for k in (2, 3, 5)} | {4: TRUTH}
    found = silhouettes(ROWS, labels, 7)
    expected = {k: silhouette_score(ROWS, one) for k, one in labels.items()}
    assert found.to_dict() == pytest.approx(expected)


def test_one_type_and_a_type_for_each_area_have_no_silhouette() -> None:
    rows = ROWS[:5]
    labels = {1: np.zeros(5, dtype=int), 5: np.arange(5)}
    assert silhouettes(rows, labels, 7).isna().all()


def test_many_areas_are_sampled_the_same_way_for_every_k(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "SILHOUETTE_SAMPLE", 120)
    found = silhouettes(ROWS, {4: TRUTH, 5: TRUTH}, 7)
    assert found[4] == found[5]
    assert found[4] == pytest.approx(silhouette_score(ROWS, TRUTH), abs=0.05)


# Caliński–Harabasz


def test_calinski_harabasz_by_hand() -> None:
    # Types 0, 2 and 10, 12: means 1 and 11 around 6, so between 4 x 25 = 100, within 4.
    rows = np.array([[0.0], [2.0], [10.0], [12.0]])
    fit = make_fit(rows, np.array([0, 0, 1, 1]), 2)
    assert calinski_harabasz(rows, fit) == pytest.approx((100 / 1) / (4 / 2))


def test_calinski_harabasz_is_that_of_scikit_learn() -> None:
    found = calinski_harabasz(ROWS, make_fit(ROWS, TRUTH, 4))
    assert found == pytest.approx(calinski_harabasz_score(ROWS, TRUTH))


def test_types_without_spread_have_no_ratio() -> None:
    rows = np.repeat([[0.0], [1.0]], 3, axis=0)
    assert np.isnan(calinski_harabasz(rows, make_fit(rows, np.repeat([0, 1], 3), 2)))


# Gap statistic


def test_the_gap_is_that_of_evenly_scattered_areas_cut_best() -> None:
    rng = np.random.default_rng(5)
    values = np.concatenate([rng.normal(0, 1, 15), rng.normal(8, 1, 10)])
    own = best_split(values)
    found = gap_statistic(values[:, None], "kmeans", {2: own}, 7, references=150)
    # An independent draw of references, cut at the best of all places.
    logs = [
        np.log(best_split(rng.uniform(values.min(), values.max(), len(values)))) for _ in range(150)
    ]
    sd = np.std(logs)
    assert found.loc[2, "gap"] == pytest.approx(np.mean(logs) - np.log(own), abs=0.5 * sd)
    assert found.loc[2, "gap_se"] == pytest.approx(sd * np.sqrt(1 + 1 / 150), rel=0.25)


def test_the_gap_of_one_type_is_that_of_the_whole_spread() -> None:
    values = np.array([0.0, 0.1, 0.2, 9.8, 9.9, 10.0])
    found = gap_statistic(values[:, None], "kmeans", {2: best_split(values)}, 7, references=150)
    rng = np.random.default_rng(5)
    logs = np.log(rng.uniform(0, 10, (4000, 6)).var(axis=1) * 6)
    assert found.loc[1, "gap"] == pytest.approx(logs.mean() - np.log(values.var() * 6), abs=0.15)


@pytest.mark.filterwarnings("error")
def test_a_type_an_area_has_no_gap() -> None:
    rows = np.array([[0.0, 1.0], [2.0, 5.0], [7.0, 3.0], [9.0, 9.0]])
    fits = fit_range(rows, "ward", [2, 3, 4], 7)
    gap = gap_statistic(rows, "ward", {k: fit.inertia for k, fit in fits.items()}, 7)
    assert gap["gap"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize("method", ["kmeans", "ward"])
def test_the_gap_finds_the_planted_number(method: str) -> None:
    fits = fit_range(ROWS, method, [2, 3, 4, 5], 7)
    gap = gap_statistic(ROWS, method, {k: fit.inertia for k, fit in fits.items()}, 7)["gap"]
    assert gap.diff().iloc[1:].idxmin() == 5  # up to four it widens
    assert gap[4] > gap[3] > gap[1]


def test_references_of_regions_are_among_the_same_neighbours() -> None:
    rows, _, graph = bands(side=9)
    fits = fit_range(rows, "ward_regions", [2, 3, 4], 7, graph=graph)
    inertias = {k: fit.inertia for k, fit in fits.items()}
    gap = gap_statistic(rows, "ward_regions", inertias, 7, graph=graph)["gap"]
    assert gap[3] == gap.max()


def test_every_measure_stands_in_the_table() -> None:
    fits = fit_range(ROWS, "kmeans", [3, 4], 7)
    table = tabulate(ROWS, fits, None, 7)
    assert list(table.columns) == [
        *("inertia", "silhouette", "calinski_harabasz", "gap", "gap_se", "bic", "smallest")
    ]
    assert table["gap"].isna().all()
    assert table.loc[4, "smallest"] == 30
    assert REFERENCES >= 10
