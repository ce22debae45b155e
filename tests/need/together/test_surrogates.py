from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from math import comb

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from planner.need.together.surrogates import (
    CHANCE_COLUMNS,
    Fields,
    Patterns,
    build_chance,
    build_source,
    join_parts,
)


def grid(rows: int, columns: int) -> tuple[sp.csr_array, np.ndarray]:
    """Return the queen's neighbours on a grid of squares, and their middles."""
    xy = np.array([(r, c) for r in range(rows) for c in range(columns)], dtype=float)
    apart = np.abs(xy[:, None] - xy[None]).max(axis=2)
    return sp.csr_array((apart == 1).astype(float)), xy


def clustered(xy: np.ndarray, reach: float, power: float) -> np.ndarray:
    """Return what turns noise into clustered maps: likeness falls as exp(−(distance/reach)^power).

    That is neither of the two ways in which surrogates are drawn. A fiftieth is noise.
    """
    apart = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(axis=2))
    return np.linalg.cholesky(0.98 * np.exp(-((apart / reach) ** power)) + 0.02 * np.eye(len(xy)))


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    """Small matrices are multiplied sooner on one core."""
    with threadpool_limits(1):
        yield


def geary(graph: sp.csr_array, values: np.ndarray) -> float:
    """Return Geary's c as the textbook writes it: a sum over pairs of neighbours."""
    pairs = graph.tocoo()
    apart = ((values[pairs.row] - values[pairs.col]) ** 2).sum() / (2 * pairs.data.sum())
    return float(apart / values.var(ddof=1))


def worst(values: pd.DataFrame, part: float = 0.2) -> pd.DataFrame:
    return values.rank(ascending=False) <= part * len(values)


def chance(
    values: pd.DataFrame, source: Patterns | Fields, *, seed: int = 1, draws: int = 199
) -> pd.DataFrame:
    return build_chance(values, {"fifth": worst(values)}, source, permutations=draws, seed=seed)


GRID, XY = grid(12, 12)
SOURCE = build_source(GRID)
FIELDS = build_source(GRID, exact_areas=0)
SMOOTH, ROUGH = clustered(XY, 6.0, 2.0), clustered(XY, 20.0, 1.0)


def maps(seed: int, link: float = 0.0, count: int = 2, factor: np.ndarray = ROUGH) -> pd.DataFrame:
    """Return clustered maps; ``link`` is the share of variance they have in common."""
    rng = np.random.default_rng(seed)
    common = factor @ rng.standard_normal(len(XY))
    own = factor @ rng.standard_normal((len(XY), count))
    mixed = np.sqrt(link) * common[:, None] + np.sqrt(1 - link) * own
    return pd.DataFrame(mixed, columns=list("abc")[:count])


# What a surrogate keeps


def test_surrogates_keep_the_clustering_of_the_map() -> None:
    values = maps(3)["a"].to_numpy()
    drawn = SOURCE.draw(values, 50, np.random.default_rng(0))
    kept = [geary(GRID, one) for one in drawn]
    # Bands are a tenth wide at the most, so Geary's c cannot move by more than that.
    assert kept == pytest.approx([geary(GRID, values)] * 50, rel=0.1)


def test_surrogates_keep_the_variance_of_the_map() -> None:
    values = maps(3)["a"].to_numpy()
    drawn = SOURCE.draw(values, 50, np.random.default_rng(0))
    assert drawn.var(axis=1) == pytest.approx(np.full(50, values.var()), rel=1e-3)


def test_surrogates_of_noise_are_noise() -> None:
    values = np.random.default_rng(1).standard_normal(144)
    drawn = SOURCE.draw(values, 200, np.random.default_rng(0))
    assert np.mean([geary(GRID, one) for one in drawn]) == pytest.approx(1.0, abs=0.15)


def test_surrogates_are_not_the_map() -> None:
    values = maps(3)["a"].to_numpy()
    drawn = SOURCE.draw(values, 200, np.random.default_rng(0))
    alike = [np.corrcoef(values, one)[0, 1] for one in drawn]
    assert abs(np.mean(alike)) < 0.15


def test_a_shuffle_does_not_keep_the_clustering() -> None:
    values = maps(3)["a"].to_numpy()
    shuffled = np.random.default_rng(0).permutation(values)
    assert geary(GRID, shuffled) > 1.5 * geary(GRID, values)


def test_fields_are_about_as_clustered_as_the_map() -> None:
    values = maps(3)["a"].to_numpy()
    drawn = FIELDS.draw(values, 200, np.random.default_rng(0))
    assert np.median([geary(GRID, one) for one in drawn]) == pytest.approx(
        geary(GRID, values), rel=0.35
    )


def test_fields_of_noise_are_noise() -> None:
    values = np.random.default_rng(1).standard_normal(144)
    drawn = FIELDS.draw(values, 200, np.random.default_rng(0))
    assert np.mean([geary(GRID, one) for one in drawn]) == pytest.approx(1.0, abs=0.15)


def test_large_places_have_fields() -> None:
    assert isinstance(build_source(GRID, exact_areas=143), Fields)


def test_small_places_have_patterns() -> None:
    assert isinstance(build_source(GRID, exact_areas=144), Patterns)


# Islands and parts that do not touch


def test_parts_are_tied_at_their_nearest_areas() -> None:
    line = sp.csr_array(np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], float))
    xy = np.array([(0, 0), (1, 0), (5, 0), (6, 0)], dtype=float)
    joined, ties = join_parts(line, xy)
    assert (ties, joined.toarray()[1, 2], joined.toarray()[2, 1]) == (1, 1.0, 1.0)


def test_areas_without_any_neighbour_come_into_one_piece() -> None:
    joined, ties = join_parts(sp.csr_array((5, 5)), np.arange(10.0).reshape(5, 2))
    assert (connected_components(joined)[0], ties) == (1, 4)


def test_one_piece_stays_as_it_is() -> None:
    joined, ties = join_parts(GRID, XY)
    assert (ties, (joined != GRID).nnz) == (0, 0)


# The test's figures


def test_columns_are_as_agreed() -> None:
    assert list(chance(maps(1), SOURCE).columns) == CHANCE_COLUMNS


def test_observed_is_counted_by_hand() -> None:
    values = pd.DataFrame({"a": np.arange(144.0), "b": np.arange(144.0)[::-1]})
    assert chance(values, SOURCE)["observed"].tolist() == [0.0]


def test_identical_maps_always_meet() -> None:
    one = maps(1)["a"]
    row = chance(pd.DataFrame({"a": one, "b": one}), SOURCE).iloc[0]
    # A fifth of 144 areas is 28.8: 28 areas. No random map can have more.
    assert (row["observed"], row["p_value"]) == (28.0, 1 / 200)


def test_pairs_and_their_mean_stand_beside_all() -> None:
    found = chance(maps(1, count=3), SOURCE).set_index("together")["observed"]
    pairs = ["a + b", "a + c", "b + c"]
    assert list(found.index) == ["a + b + c", "mean pairs", *pairs]
    assert found["mean pairs"] == pytest.approx(found[pairs].sum() / 144)


def test_shuffle_expects_the_product_of_shares() -> None:
    found = chance(maps(2, count=3), SOURCE, draws=999).iloc[0]
    assert found["shuffled_expected"] == pytest.approx(144 * (28 / 144) ** 3, abs=0.15)


def test_shuffle_agrees_with_the_exact_probability() -> None:
    values = maps(4, link=0.3)
    row = chance(values, SOURCE, draws=999).iloc[0]
    seen = int(row["observed"])
    exact = sum(comb(28, k) * comb(116, 28 - k) for k in range(seen, 29)) / comb(144, 28)
    assert row["shuffled_p_value"] == pytest.approx(exact, abs=4 * np.sqrt(exact / 1000) + 1e-3)


def test_shuffle_agrees_with_all_permutations_of_a_tiny_place() -> None:
    graph, _ = grid(1, 7)
    values = pd.DataFrame({"a": [7.0, 6, 5, 4, 3, 2, 1], "b": [6.0, 7, 1, 5, 2, 3, 4]})
    flags = worst(values, 3 / 7)
    seen = int((flags["a"] & flags["b"]).sum())
    every = [
        sum(x and y for x, y in zip(flags["a"], order, strict=True))
        for order in permutations(flags["b"])
    ]
    row = build_chance(
        values, {"part": flags}, build_source(graph), permutations=4999, seed=3
    ).iloc[0]
    assert row["observed"] == seen
    assert row["shuffled_expected"] == pytest.approx(np.mean(every), abs=0.05)
    assert row["shuffled_p_value"] == pytest.approx(np.mean(np.array(every) >= seen), abs=0.03)


def test_turns_agree_with_all_signs_of_a_tiny_place() -> None:
    # On a line of areas all eigenvalues differ by more than a tenth at first; where each band is
    # one pattern a surrogate is one of all signs of the patterns, and these can be listed.
    graph, _ = grid(1, 5)
    values = pd.DataFrame({"a": [1.0, 2, 3, 5, 4], "b": [2.0, 1, 3, 4, 5]})
    flags = worst(values, 0.4)
    source = build_source(graph)
    assert isinstance(source, Patterns)
    assert np.diff(source.bands).tolist() == [1, 1, 1, 1]
    degrees = np.diag(graph.sum(axis=1))
    _, vectors = np.linalg.eigh(degrees - graph.toarray())
    signs = np.array(np.meshgrid(*[[-1, 1]] * 4)).reshape(4, -1).T
    counts = []
    for redrawn, kept in (("a", "b"), ("b", "a")):
        scores = norm.ppf((values[redrawn].rank().to_numpy() - 0.5) / 5)
        loads = vectors[:, 1:].T @ scores
        for sign in signs:
            top = np.argsort(-(vectors[:, 1:] @ (loads * sign)))[:2]
            counts.append(int(flags[kept].to_numpy()[top].sum()))
    row = build_chance(values, {"part": flags}, source, permutations=4000, seed=3).iloc[0]
    assert row["expected"] == pytest.approx(np.mean(counts), abs=0.06)


def test_expected_lies_between_the_bounds() -> None:
    row = chance(maps(5), SOURCE).iloc[0]
    assert row["low"] <= row["expected"] <= row["high"]


# Same input, same figures


def test_same_seed_gives_the_same_table() -> None:
    pd.testing.assert_frame_equal(chance(maps(6), SOURCE), chance(maps(6), SOURCE))


def test_order_of_domains_changes_nothing() -> None:
    values = maps(6, count=3)
    pd.testing.assert_frame_equal(chance(values, SOURCE), chance(values[["c", "a", "b"]], SOURCE))


def test_only_the_order_of_values_counts() -> None:
    values = maps(6)
    pd.testing.assert_frame_equal(chance(values, SOURCE), chance(np.exp(values), SOURCE))


# Size and power


def rejections(
    source: Patterns | Fields, link: float, runs: int, factor: np.ndarray
) -> tuple[float, float]:
    """Return how often the test, and a plain shuffle, call it more than chance at 5 %."""
    found = [
        chance(maps(100 + run, link, factor=factor), source, seed=run, draws=99).iloc[0]
        for run in range(runs)
    ]
    ours = np.mean([row["p_value"] <= 0.05 for row in found])
    plain = np.mean([row["shuffled_p_value"] <= 0.05 for row in found])
    return float(ours), float(plain)


@pytest.fixture(scope="module")
def unrelated() -> tuple[float, float]:
    return rejections(SOURCE, 0.0, 200, SMOOTH)


def test_unrelated_clustered_maps_are_rarely_called_related(
    unrelated: tuple[float, float],
) -> None:
    # 5 % and three standard errors of 200 runs: 0.05 + 3 · 0.0154.
    assert unrelated[0] <= 0.096


def test_a_plain_shuffle_calls_unrelated_maps_related(unrelated: tuple[float, float]) -> None:
    assert unrelated[1] >= 0.2


def test_fields_keep_the_size_too() -> None:
    # 0.05 + 3 · 0.0218 for 100 runs.
    assert rejections(FIELDS, 0.0, 100, ROUGH)[0] <= 0.115


def test_related_maps_are_found() -> None:
    assert rejections(SOURCE, 0.8, 40, ROUGH)[0] >= 0.8
