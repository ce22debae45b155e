from __future__ import annotations

import os
from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest
from planted_types import bands, grid_graph, long_and_unequal, round_blobs
from scipy.sparse import csr_array
from scipy.stats import multivariate_normal, norm
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from planner.errors import DataError, ProjectError
from planner.neighbourhoods import methods
from planner.neighbourhoods.methods import Fit, find_parts, fit_range, fit_types, spread


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    # On a busy machine scikit-learn's threads wait for each other far longer than they work.
    with threadpool_limits(limits=1):
        yield


def agreement(one: object, other: object) -> float:
    return float(adjusted_rand_score(one, other))


@pytest.fixture(scope="module")
def scattered() -> np.ndarray:
    """Return rows without types, where methods have most to disagree about."""
    return np.random.default_rng(8).normal(size=(400, 4))


@pytest.fixture(scope="module")
def long_fit() -> Fit:
    return fit_types(long_and_unequal()[0], "gaussian_mixture", 3, 7)


# Planted types are found again


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture", "ward"])
def test_round_heaps_are_found(method: str) -> None:
    rows, truth = round_blobs()
    assert agreement(fit_types(rows, method, 4, 7).labels, truth) >= 0.95


def test_long_heaps_of_unequal_size_are_found_by_a_mixture(long_fit: Fit) -> None:
    assert agreement(long_fit.labels, long_and_unequal()[1]) >= 0.95


def test_long_heaps_are_beyond_k_means() -> None:
    rows, truth = long_and_unequal()
    assert agreement(fit_types(rows, "kmeans", 3, 7).labels, truth) < 0.5


def test_regions_are_found_though_two_of_them_are_alike() -> None:
    rows, truth, graph = bands()
    assert agreement(fit_types(rows, "ward_regions", 3, 7, graph=graph).labels, truth) >= 0.95


def test_alike_regions_are_one_type_without_neighbours() -> None:
    rows, truth, _ = bands()
    assert agreement(fit_types(rows, "ward", 3, 7).labels, truth) < 0.6


# Beside scikit-learn by hand


def test_k_means_by_hand_gives_the_same_types() -> None:
    rows, _ = round_blobs()
    by_hand = KMeans(4, n_init=20, random_state=7).fit(rows)
    found = fit_types(rows, "kmeans", 4, 7)
    assert agreement(found.labels, by_hand.labels_) == 1.0
    assert found.inertia == pytest.approx(by_hand.inertia_)


def test_k_means_by_hand_stops_before_rows_have_settled(scattered: np.ndarray) -> None:
    # Where nothing sets types apart, scikit-learn's tolerance of 1e-4 leaves rows on the way; from
    # where it stopped, without tolerance, it comes to the same types.
    by_hand = KMeans(6, n_init=20, random_state=7, tol=1e-2).fit(scattered)
    found = fit_types(scattered, "kmeans", 6, 7)
    assert found.inertia < by_hand.inertia_
    best = KMeans(6, n_init=20, random_state=7).fit(scattered)
    onward = KMeans(6, init=best.cluster_centers_, n_init=1, tol=0, max_iter=1000).fit(scattered)
    assert agreement(found.labels, onward.labels_) == 1.0


@pytest.mark.parametrize("k", [3, 7])
def test_ward_by_hand_gives_the_same_types(scattered: np.ndarray, k: int) -> None:
    by_hand = AgglomerativeClustering(k).fit_predict(scattered)
    assert agreement(fit_types(scattered, "ward", k, 7).labels, by_hand) == 1.0


@pytest.mark.parametrize("k", [3, 9])
def test_regions_by_hand_are_the_same(scattered: np.ndarray, k: int) -> None:
    graph = grid_graph(20)
    by_hand = AgglomerativeClustering(k, connectivity=graph).fit_predict(scattered)
    assert agreement(fit_types(scattered, "ward_regions", k, 7, graph=graph).labels, by_hand) == 1.0


def test_a_mixture_by_hand_gives_the_same_types(long_fit: Fit) -> None:
    # From one kind of starts only, scikit-learn may end in a worse place: many are needed.
    rows, _ = long_and_unequal()
    model = GaussianMixture(3, covariance_type="diag", n_init=20, random_state=7)
    by_hand = model.fit_predict(rows / rows.std(axis=0))
    assert agreement(long_fit.labels, by_hand) == 1.0


# The same every time


def test_types_are_numbered_by_their_first_row() -> None:
    labels = fit_types(round_blobs()[0], "kmeans", 4, 7).labels
    first = [int(np.flatnonzero(labels == one)[0]) for one in range(4)]
    assert first == sorted(first)


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture"])
def test_the_number_of_cores_changes_nothing(
    scattered: np.ndarray, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(methods, "MANY_AREAS", 100)  # fewer rows are never spread over cores
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(fit_range(scattered, method, [3, 4, 5], 7, starts=3))
    for k in (3, 4, 5):
        assert np.array_equal(found[0][k].labels, found[1][k].labels)
        assert found[0][k].bic == found[1][k].bic


def test_a_repeated_run_is_the_same_to_the_bit(scattered: np.ndarray) -> None:
    one, other = (fit_types(scattered, "kmeans", 5, 7) for _ in range(2))
    assert one.centres.tobytes() == other.centres.tobytes()


def test_results_come_in_the_order_of_the_items() -> None:
    assert spread(lambda number: number * number, range(7)) == [0, 1, 4, 9, 16, 25, 36]


def test_scales_of_columns_do_not_change_a_mixture(long_fit: Fit) -> None:
    stretched = fit_types(long_and_unequal()[0] * [1.0, 0.1], "gaussian_mixture", 3, 7)
    assert np.array_equal(stretched.labels, long_fit.labels)


# What a fit says


def test_inertia_and_centres_are_those_of_the_labels(scattered: np.ndarray) -> None:
    found = fit_types(scattered, "ward", 5, 7)
    groups = [scattered[found.labels == one] for one in range(5)]
    assert found.centres == pytest.approx(np.array([group.mean(axis=0) for group in groups]))
    assert found.inertia == pytest.approx(sum(len(g) * g.var(axis=0).sum() for g in groups))


def test_bic_of_round_types_is_that_of_normal_distributions(scattered: np.ndarray) -> None:
    found = fit_types(scattered, "kmeans", 4, 7)
    n, d = scattered.shape
    sd = np.sqrt(found.inertia / (n * d))
    away = scattered - found.centres[found.labels]
    shares = np.bincount(found.labels) / n
    log_likelihood = norm.logpdf(away, scale=sd).sum() + np.log(shares[found.labels]).sum()
    figures = 4 * d + 3 + 1  # means, shares, one variance
    assert found.bic == pytest.approx(figures * np.log(n) - 2 * log_likelihood)


def test_bic_of_types_without_spread_is_undefined() -> None:
    rows = np.repeat([[0.0], [1.0]], 4, axis=0)
    assert np.isnan(fit_types(rows, "kmeans", 2, 7).bic)


def test_bic_of_a_mixture_is_that_of_its_distributions(long_fit: Fit) -> None:
    rows, mixture = long_and_unequal()[0], long_fit.mixture
    assert mixture is not None
    parts = zip(mixture.weights, mixture.means, mixture.covariances, strict=True)
    density = sum(w * multivariate_normal(m, c).pdf(rows) for w, m, c in parts)
    figures = 3 * (2 + 2) + 2  # means, variances, shares
    expected = figures * np.log(len(rows)) - 2 * np.log(density).sum()
    assert mixture.shape == "diag"
    assert long_fit.bic == pytest.approx(expected)


def test_covariances_are_full_where_types_lie_aslant() -> None:
    rows, truth = long_and_unequal()
    aslant = rows @ np.array([[1.0, 1.0], [-1.0, 1.0]])
    found = fit_types(aslant, "gaussian_mixture", 3, 7)
    assert found.mixture is not None
    assert found.mixture.shape == "full"
    assert agreement(found.labels, truth) >= 0.95


def test_membership_follows_bayes(long_fit: Fit) -> None:
    rows, mixture = long_and_unequal()[0], long_fit.mixture
    assert mixture is not None
    assert long_fit.membership is not None
    parts = zip(mixture.weights, mixture.means, mixture.covariances, strict=True)
    joint = np.column_stack([w * multivariate_normal(m, c).pdf(rows) for w, m, c in parts])
    expected = joint / joint.sum(axis=1, keepdims=True)
    assert long_fit.membership == pytest.approx(expected, abs=1e-9)
    assert mixture.membership(rows) == pytest.approx(expected, abs=1e-9)


def test_covariances_are_diagonal_where_areas_are_few() -> None:
    rows = np.random.default_rng(1).normal(size=(60, 6))
    rows[:, 1] = rows[:, 0] + 0.1 * rows[:, 1]  # what a full covariance would be better at
    mixture = fit_types(rows, "gaussian_mixture", 3, 7).mixture
    assert mixture is not None
    assert mixture.shape == "diag"


def test_renumbering_moves_everything(long_fit: Fit) -> None:
    turned = long_fit.renumbered(np.array([2, 0, 1]))
    assert turned.membership is not None
    assert np.array_equal(turned.membership.argmax(axis=1), turned.labels)
    assert turned.sizes.tolist() == long_fit.sizes[[2, 0, 1]].tolist()
    assert turned.centres[0] == pytest.approx(long_fit.centres[2])


# Regions


@pytest.mark.parametrize(("seed", "k"), [(1, 2), (1, 12), (2, 5), (3, 12)])
def test_every_region_is_connected(seed: int, k: int) -> None:
    side = 9
    rows = np.random.default_rng(seed).normal(size=(side * side, 3))
    graph = grid_graph(side)
    labels = fit_types(rows, "ward_regions", k, 7, graph=graph).labels
    touching = nx.from_scipy_sparse_array(graph)
    regions = [np.flatnonzero(labels == one) for one in range(k)]
    assert all(nx.is_connected(touching.subgraph(region)) for region in regions)


def parts(*sizes: int) -> csr_array:
    """Return chains of rows that do not touch each other."""
    ends = np.cumsum(sizes)
    links = [at for at in range(int(ends[-1]) - 1) if at + 1 not in ends]
    shape = (int(ends[-1]), int(ends[-1]))
    return csr_array((np.ones(len(links)), (links, np.array(links) + 1)), shape=shape)


def test_parts_of_a_place_are_never_one_region() -> None:
    graph = parts(5, 3, 1)
    labels = fit_types(np.zeros((9, 1)), "ward_regions", 4, 7, graph=graph).labels
    part_of = find_parts(graph)[1]
    assert len({(label, part) for label, part in zip(labels, part_of, strict=True)}) == 4


def test_the_cut_is_made_where_it_matters_most_in_any_part() -> None:
    rows = np.array([0.0, 0.1, 0.2, 0.3, 7.0, 7.1, 9.9, 9.8])[:, None]
    labels = fit_types(rows, "ward_regions", 3, 7, graph=parts(4, 4)).labels
    assert labels.tolist() == [0, 0, 0, 0, 1, 1, 2, 2]


def test_more_parts_than_types_are_refused() -> None:
    with pytest.raises(ProjectError, match="in 3 parts that do not touch"):
        fit_types(np.arange(9.0)[:, None], "ward_regions", 2, 7, graph=parts(5, 3, 1))


def test_islands_only_are_regions_of_their_own() -> None:
    found = fit_types(np.arange(3.0)[:, None], "ward_regions", 3, 7, graph=parts(1, 1, 1))
    assert found.labels.tolist() == [0, 1, 2]


def test_regions_without_neighbours_are_refused() -> None:
    with pytest.raises(DataError, match="table of neighbours"):
        fit_types(np.arange(9.0)[:, None], "ward_regions", 2, 7)


# What is refused


def test_too_many_areas_for_ward_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(methods, "WARD_MOST_AREAS", 20)
    with pytest.raises(ProjectError, match="offered up to 20 areas") as caught:
        fit_types(np.arange(21.0)[:, None], "ward", 2, 7)
    assert "kmeans" in caught.value.hint


def test_more_types_than_rows_that_differ_are_refused() -> None:
    with pytest.raises(ProjectError, match="only 2 differ"):
        fit_types(np.repeat([[0.0], [1.0]], 4, axis=0), "kmeans", 3, 7)


def test_a_missing_value_is_refused() -> None:
    with pytest.raises(DataError, match="missing"):
        fit_types(np.array([[0.0], [np.nan], [1.0]]), "kmeans", 2, 7)
