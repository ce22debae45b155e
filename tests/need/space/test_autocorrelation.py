from __future__ import annotations

import csv
import warnings
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from planner.errors import DataError
from planner.need.space.autocorrelation import (
    build_global_moran,
    build_local_statistics,
    false_discoveries_held,
    is_constant,
)

#: A draw whose p is known exactly: this many standard deviations of it are allowed.
SIGMAS = 4.5


def queen(rows: int, columns: int) -> sparse.csr_array:
    """Return the squares of a grid that share a side or a corner, by brute force."""
    at = [(r, c) for r in range(rows) for c in range(columns)]
    dense = [[float(0 < max(abs(a - c), abs(b - d)) <= 1) for c, d in at] for a, b in at]
    return sparse.csr_array(np.array(dense))


def shipped(gal: str) -> tuple[list[str], sparse.csr_array]:
    """Read neighbours from a file that comes with libpysal, in its order."""
    from libpysal import examples

    lines = Path(examples.get_path(gal)).read_text().splitlines()[1:]
    lists = {lines[i].split()[0]: lines[i + 1].split() for i in range(0, len(lines), 2)}
    order = list(lists)
    number = {name: i for i, name in enumerate(order)}
    pairs = [(number[a], number[b]) for a, found in lists.items() for b in found]
    row, column = zip(*pairs, strict=True)
    shape = (len(order), len(order))
    return order, sparse.coo_array((np.ones(len(pairs)), (row, column)), shape=shape).tocsr()


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(5).exponential(size=12).round(3)


def statistics(values: np.ndarray, adjacency: sparse.csr_array, **more: float):
    settings = {"permutations": 999, "false_discovery": 0.05, "seed": 7, **more}
    return build_local_statistics(values, adjacency, **settings)


def test_moran_of_st_louis_homicides_is_the_published_one() -> None:
    """GeoDa and PySAL: St Louis region, 78 counties, HR8893, row-standardised queen weights."""
    from libpysal import examples

    with Path(examples.get_path("stl_hom.csv")).open() as file:
        values = np.array([float(row["HR8893"]) for row in csv.DictReader(file)])
    _, adjacency = shipped("stl.gal")

    found = build_global_moran(values, adjacency, permutations=99, seed=7)

    assert found.i == pytest.approx(0.243655826, abs=5e-10)
    assert found.expected == pytest.approx(-1 / 77)


def test_moran_of_sudden_infant_deaths_is_the_published_one() -> None:
    """GeoDa, as replicated in PySAL's documentation: North Carolina, SIDR74, 0.248."""
    import geopandas as gpd
    from libpysal import examples

    order, adjacency = shipped("sids2.gal")
    table = gpd.read_file(examples.get_path("sids2.dbf"))
    values = table.assign(FIPSNO=table["FIPSNO"].astype(int).astype(str)).set_index("FIPSNO")

    found = build_global_moran(
        values.loc[order, "SIDR74"].to_numpy(), adjacency, permutations=99, seed=7
    )

    assert round(found.i, 3) == 0.248


def test_moran_is_its_formula(noise: np.ndarray) -> None:
    adjacency = queen(3, 4)
    dense = adjacency.toarray() / adjacency.toarray().sum(axis=1, keepdims=True)
    z = noise - noise.mean()
    top = sum(dense[i, j] * z[i] * z[j] for i in range(12) for j in range(12))

    found = build_global_moran(noise, adjacency, permutations=99, seed=7)

    assert found.i == pytest.approx(12 / dense.sum() * top / (z**2).sum())


def test_moran_p_counts_every_rearrangement_of_a_line() -> None:
    """Five areas in a line: all 120 orders can be counted."""
    from itertools import permutations

    values = np.array([1.0, 2.0, 4.0, 7.0, 11.0])
    line = sparse.csr_array(np.eye(5, k=1) + np.eye(5, k=-1))
    weights = line.toarray() / line.toarray().sum(axis=1, keepdims=True)
    z = values - values.mean()
    every = [np.array(order) @ weights @ np.array(order) for order in permutations(z)]
    here = z @ weights @ z
    exact = 2 * min(np.mean([e >= here - 1e-9 for e in every]), np.mean([e <= here for e in every]))

    found = build_global_moran(values, line, permutations=9_999, seed=7)

    assert found.p == pytest.approx(exact, abs=2 * SIGMAS * np.sqrt(exact / 2 / 9_999))


def test_local_moran_is_its_formula(noise: np.ndarray) -> None:
    adjacency = queen(3, 4)
    weights = adjacency.toarray() / adjacency.toarray().sum(axis=1, keepdims=True)
    z = noise - noise.mean()
    by_hand = [
        (12 - 1) * z[i] * sum(weights[i, j] * z[j] for j in range(12)) / (z**2).sum()
        for i in range(12)
    ]

    assert statistics(noise, adjacency).moran == pytest.approx(by_hand)


def test_quadrants_are_by_own_value_and_neighbours_mean() -> None:
    line = sparse.csr_array(np.eye(6, k=1) + np.eye(6, k=-1))
    # The mean is 5.5; means of neighbours are 8, 6.5, 8.5, 3, 5 and 2.
    values = np.array([9.0, 8.0, 4.0, 9.0, 2.0, 1.0])

    assert statistics(values, line).quadrant.tolist() == [
        "high_high",
        "high_high",
        "low_high",
        "high_low",
        "low_low",
        "low_low",
    ]


def test_g_star_is_the_formula_of_ord_and_getis(noise: np.ndarray) -> None:
    adjacency = queen(3, 4).toarray() + np.eye(12)
    mean, spread = noise.mean(), noise.std()
    by_hand = []
    for i in range(12):
        near = adjacency[i].sum()
        top = adjacency[i] @ noise - near * mean
        by_hand.append(top / (spread * np.sqrt((12 * near - near**2) / 11)))

    assert statistics(noise, queen(3, 4)).g_z == pytest.approx(by_hand)


def test_g_star_of_six_points_is_that_of_pysals_documentation() -> None:
    """Six points, neighbours within 15, binary weights; values -10 lower give the same z."""
    near = [(0, 1), (0, 3), (1, 3), (1, 4), (2, 4), (3, 4), (4, 5)]
    dense = np.zeros((6, 6))
    for i, j in near:
        dense[i, j] = dense[j, i] = 1.0
    values = np.array([2, 3, 3.2, 5, 8, 7]) - 10.0
    published = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]

    assert statistics(values, sparse.csr_array(dense)).g_z == pytest.approx(published, abs=1e-8)


def exact_p(observed: float, sums: list[float]) -> float:
    high = np.mean([one >= observed - 1e-9 for one in sums])
    low = np.mean([one <= observed + 1e-9 for one in sums])
    return min(1.0, 2 * min(high, low))


@pytest.mark.parametrize("shape", [(3, 4), (2, 6)])
def test_local_p_counts_every_set_of_neighbours(noise: np.ndarray, shape: tuple[int, int]) -> None:
    """Conditional null by enumeration; in 3 × 4, inner areas have most others as neighbours."""
    adjacency = queen(*shape)
    found = statistics(noise, adjacency, permutations=9_999)
    assert found.draws >= 9_999
    for i in range(12):
        near = adjacency.toarray()[i].astype(bool)
        others = np.delete(noise, i)
        every = [sum(chosen) for chosen in combinations(others, int(near.sum()))]
        exact = exact_p(noise[near].sum(), every)
        assert found.moran_p[i] == pytest.approx(
            exact, abs=2 * SIGMAS * np.sqrt(exact / 2 / 9_999) + 2e-4
        )


def test_g_star_p_counts_every_set_of_areas(noise: np.ndarray) -> None:
    adjacency = queen(3, 4)
    found = statistics(noise, adjacency, permutations=9_999)
    for i in range(12):
        near = adjacency.toarray()[i].astype(bool)
        near[i] = True
        every = [sum(chosen) for chosen in combinations(noise, int(near.sum()))]
        exact = exact_p(noise[near].sum(), every)
        assert found.g_p[i] == pytest.approx(
            exact, abs=2 * SIGMAS * np.sqrt(exact / 2 / 9_999) + 2e-4
        )


def test_an_area_beside_all_others_cannot_be_extreme() -> None:
    values = np.arange(12.0)
    everyone = sparse.csr_array(np.ones((12, 12)) - np.eye(12))
    found = statistics(values, everyone)
    assert found.moran_p.tolist() == [1.0] * 12
    assert found.g_p.tolist() == [1.0] * 12
    assert found.g_z.tolist() == [0.0] * 12


def test_more_draws_are_made_where_one_area_alone_could_not_pass() -> None:
    values = np.random.default_rng(1).normal(size=400)
    found = statistics(values, queen(20, 20), permutations=99)
    # Less those that hold the area itself, at most 8 in 400.
    assert found.draws >= 2 * 400 / 0.05 * 0.97
    assert 2 / (found.draws + 1) <= 0.05 / 400 * 1.03


def test_few_false_clusters_in_noise() -> None:
    """With no cluster at all, any call is false: in at most 5 % of places, here of 50 each."""
    adjacency = queen(10, 10)
    random = np.random.default_rng(11)
    with_any = np.zeros((2, 2), dtype=int)
    for draw in (random.uniform, random.standard_exponential):
        for _ in range(50):
            found = statistics(draw(size=100), adjacency, permutations=99)
            for kind, p in enumerate((found.moran_p, found.g_p)):
                any_called = bool(false_discoveries_held(p, 0.05).any())
                with_any[int(draw is random.uniform), kind] += any_called
    # Binomial(50, 0.05): more than 9 has a chance of 1 in 6,000.
    assert with_any.max() <= 9


def test_global_p_is_right_as_often_as_it_says() -> None:
    adjacency = queen(6, 6)
    random = np.random.default_rng(3)
    p = [
        build_global_moran(random.exponential(size=36), adjacency, permutations=99, seed=s).p
        for s in range(60)
    ]
    # Binomial(60, 0.1): more than 16 has a chance of 1 in 10,000.
    assert sum(one <= 0.1 for one in p) <= 16


def test_benjamini_hochberg_by_hand() -> None:
    """Fifteen p values of Benjamini and Hochberg (1995), section 4.1: four pass at 5 %."""
    listed = (
        "0.0001 0.0004 0.0019 0.0095 0.0201 0.0278 0.0298 0.0344 "
        "0.0459 0.3240 0.4262 0.5719 0.6528 0.7590 1.0000"
    )
    p = np.array(listed.split(), dtype=float)
    assert false_discoveries_held(p, 0.05).sum() == 4
    assert false_discoveries_held(p[::-1], 0.05).tolist() == [False] * 11 + [True] * 4


def test_a_missing_p_is_no_test() -> None:
    p = np.array([np.nan, 0.02, 0.04, np.nan])
    assert false_discoveries_held(p, 0.05).tolist() == [False, True, True, False]
    assert not false_discoveries_held(np.array([np.nan]), 0.05).any()


def test_a_later_p_can_carry_an_earlier_one() -> None:
    """0.03 is above 0.05 × 1/2, but 0.05 is not above 0.05 × 2/2, so both pass."""
    assert false_discoveries_held(np.array([0.03, 0.05]), 0.05).all()


def test_the_same_seed_gives_the_same_p_and_no_global_state_is_touched() -> None:
    values, adjacency = np.random.default_rng(2).normal(size=100), queen(10, 10)
    np.random.seed(1)  # noqa: NPY002
    before, filters = np.random.get_state()[1].copy(), list(warnings.filters)  # noqa: NPY002
    one, again = statistics(values, adjacency), statistics(values, adjacency)
    moran = [build_global_moran(values, adjacency, permutations=99, seed=3) for _ in range(2)]
    assert np.array_equal(one.moran_p, again.moran_p)
    assert np.array_equal(one.g_p, again.g_p)
    assert moran[0] == moran[1]
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    assert list(warnings.filters) == filters
    assert not np.array_equal(one.moran_p, statistics(values, adjacency, seed=8).moran_p)


def test_ties_of_the_same_sum_in_another_order_are_ties() -> None:
    """0.1 + 0.2 + 0.3 is not 0.3 + 0.2 + 0.1 to a computer; each area has the same three."""
    values = np.tile([0.1, 0.2, 0.3, 0.4], 5)
    ring = np.zeros((20, 20))
    for i in range(20):
        ring[i, [(i + 1) % 20, (i - 1) % 20, (i + 2) % 20, (i - 2) % 20]] = 1.0
    # Area i and its four neighbours hold 2 × its opposite's value and one of each other.
    found = statistics(values, sparse.csr_array(ring), permutations=999)
    by_value = [set(np.round(found.g_p[values == v], 12)) for v in (0.1, 0.2, 0.3, 0.4)]
    assert [len(one) for one in by_value] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.ones(12), "the same"),
        (np.r_[np.nan, np.arange(11.0)], "missing"),
        (np.arange(11.0), "neighbours of 12"),
    ],
)
def test_what_cannot_be_tested_is_refused(values: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        statistics(values, queen(3, 4))


def test_an_island_is_refused() -> None:
    dense = queen(3, 4).toarray()
    dense[0] = dense[:, 0] = 0.0
    with pytest.raises(DataError, match="no neighbour"):
        statistics(np.arange(12.0), sparse.csr_array(dense))


def test_floating_point_noise_is_constant() -> None:
    assert is_constant(np.array([0.1 + 0.2, 0.3]))
    assert not is_constant(np.array([0.3, 0.3001]))


def test_importing_the_modules_does_not_import_esda() -> None:
    """Esda and libpysal take seconds: nothing but a test for clusters waits for them."""
    import planner.need.space.autocorrelation as module

    for name in ("autocorrelation", "neighbours", "pattern", "spatial"):
        source = (Path(module.__file__).parent / f"{name}.py").read_text()
        top = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in top if "esda" in line or "libpysal" in line]
