from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bundle_cases import shortest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, floyd_warshall

from planner.bundle.round_trips import (
    LONGEST,
    MOST_KINDS,
    RoundTrips,
    build_round_trips,
    build_sites,
    search_round_trips,
    warm,
)
from planner.errors import TravelError
from planner.travel.kernels import FAR

Case = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    warm()


@st.composite
def cases(draw: st.DrawFn, *, most_sites: int = 5, most_kinds: int = 4) -> Case:
    kinds = draw(st.integers(1, most_kinds))
    sites = draw(st.integers(1, most_sites))
    homes = draw(st.integers(1, most_sites + 2))
    leg = st.one_of(st.integers(0, 4), st.just(int(FAR)))

    def table(rows: int, columns: int) -> np.ndarray:
        cells = st.lists(leg, min_size=rows * columns, max_size=rows * columns)
        return np.array(draw(cells), np.int32).reshape(rows, columns)

    held = draw(st.lists(st.integers(1, 2**kinds - 1), min_size=sites, max_size=sites))
    return (
        table(homes, sites),
        table(homes, sites),
        table(sites, sites),
        np.array(held, np.int64),
        kinds,
    )


def find(case: Case, **more: Any) -> RoundTrips:
    to, back, between, held, kinds = case
    return build_round_trips(to, back, between, held, kinds=kinds, **more)


def trip(found: RoundTrips, home: int = 0) -> tuple[int, tuple[int, ...]] | None:
    total = int(found.deciseconds[home])
    way = tuple(int(site) for site in found.stops[home] if site >= 0)
    return None if total >= FAR else (total, way)


def metric(homes: int, sites: int, kinds: int, seed: int) -> Case:
    """Return ways that differ there and back and keep to the triangle inequality."""
    rng = np.random.default_rng(seed)
    every = rng.integers(1, 500, (homes + sites, homes + sites)).astype(float)
    whole = floyd_warshall(every).astype(np.int32)
    held = 1 << (np.arange(sites) % kinds)
    held |= np.where(rng.random(sites) < 0.2, 1 << rng.integers(0, kinds, sites), 0)
    return (
        whole[:homes, homes:],
        whole[homes:, :homes].T.copy(),
        whole[homes:, homes:],
        held.astype(np.int64),
        kinds,
    )


# Against every order and site


@settings(max_examples=100, deadline=None)
@given(cases(), st.integers(0, 2))
def test_trips_are_those_of_trying_every_order_and_every_site(case: Case, stop: int) -> None:
    to, back, between, held, kinds = case
    found = find(case, stop_deciseconds=stop)
    expected = [
        shortest(to[home], back[home], between, held, kinds, stop) for home in range(len(to))
    ]
    assert [trip(found, home) for home in range(len(to))] == expected


def test_seven_kinds_agree_with_a_graph_of_sites_and_what_is_done() -> None:
    case = metric(3, 24, 7, seed=5)
    to, back, between, held, _ = case
    sites, full = 24, 2**7
    home, end = sites * full, sites * full + 1
    rows: list[tuple[int, int, int]] = []
    for site in range(sites):
        for done in range(full):
            now = done | int(held[site])
            if now == full - 1:
                rows.append((site * full + done, end, 1 + int(back[1, site])))
            rows += [
                (site * full + done, other * full + now, 1 + int(between[site, other]))
                for other in range(sites)
                if other != site
            ]
        rows.append((home, site * full, 1 + int(to[1, site])))
    start, stop, cost = np.array(rows).T
    # A millionth more for each leg, so that none of them has a length of zero.
    graph = csr_array((cost - 1 + 1e-6, (start, stop)), shape=(end + 1, end + 1))
    total = dijkstra(graph, indices=home)[end]
    assert int(find(case).deciseconds[1]) == round(total)


def test_few_homes_and_many_homes_find_the_same_trips() -> None:
    case = metric(40, 30, 6, seed=3)
    to, back, between, held, kinds = case
    sites = build_sites(between, held, kinds=kinds)
    many = search_round_trips(sites, 40, lambda first, last: (to[first:last], back[first:last]))
    few = [find((to[[home]], back[[home]], between, held, kinds)) for home in range(40)]
    assert [trip(many, home) for home in range(40)] == [trip(one) for one in few]


def test_ten_kinds_on_a_street_are_fetched_in_the_order_of_the_doors() -> None:
    spot = np.arange(1, 11) * 100
    between = np.abs(spot[:, None] - spot[None, :]).astype(np.int32)
    to = spot[None, :].astype(np.int32)
    case = (to, to, between, 1 << np.arange(10), 10)
    assert find(case).deciseconds.tolist() == [2000]


# What must hold


@settings(max_examples=40, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_kinds_changes_nothing(case: Case, random: Any) -> None:
    to, back, between, held, kinds = case
    order = list(range(kinds))
    random.shuffle(order)
    other = np.array([sum(1 << order[k] for k in range(kinds) if bits >> k & 1) for bits in held])
    one, two = find(case), find((to, back, between, other, kinds))
    assert [trip(one, home) for home in range(len(to))] == [
        trip(two, home) for home in range(len(to))
    ]


@settings(max_examples=40, deadline=None)
@given(cases(), st.data())
def test_one_more_offer_at_a_site_never_makes_a_trip_longer(
    case: Case, data: st.DataObject
) -> None:
    to, back, between, held, kinds = case
    more = held.copy()
    more[data.draw(st.integers(0, len(held) - 1))] |= 1 << data.draw(st.integers(0, kinds - 1))
    after = find((to, back, between, more, kinds)).deciseconds
    assert (after <= find(case).deciseconds).all()


@settings(max_examples=40, deadline=None)
@given(cases(most_sites=5))
def test_one_site_less_never_makes_a_trip_shorter(case: Case) -> None:
    to, back, between, held, kinds = case
    keep = slice(0, max(1, len(held) - 1))
    fewer = (
        np.ascontiguousarray(to[:, keep]),
        np.ascontiguousarray(back[:, keep]),
        np.ascontiguousarray(between[keep, keep]),
        held[keep],
        kinds,
    )
    assert (find(fewer).deciseconds >= find(case).deciseconds).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_trip_is_no_shorter_than_there_and_back_to_the_slowest_nearest(seed: int) -> None:
    to, back, _, held, kinds = case = metric(30, 25, 5, seed)
    both = to.astype(np.int64) + back
    nearest = [both[:, held >> kind & 1 == 1].min(axis=1) for kind in range(kinds)]
    assert (find(case).deciseconds >= np.max(nearest, axis=0)).all()


@pytest.mark.parametrize("homes", [3, 30])
def test_with_everything_in_one_site_the_trip_is_there_and_back(homes: int) -> None:
    to, back, between, _, kinds = metric(homes, 10, 4, seed=2)
    everything = np.full(10, 2**kinds - 1)
    found = find((to, back, between, everything, kinds))
    assert found.deciseconds.tolist() == (to.astype(int) + back).min(axis=1).tolist()


# Small things


def test_a_site_with_several_kinds_serves_them_without_moving() -> None:
    legs = np.array([[30, 40]], np.int32)
    between = np.array([[0, 100], [100, 0]], np.int32)
    found = find((legs, legs, between, np.array([1, 3]), 2))
    assert trip(found) == (80, (1,))


def test_time_at_each_stop_can_make_one_further_site_worth_it() -> None:
    legs = np.array([[10, 10, 15]], np.int32)
    between = np.full((3, 3), 2, np.int32)
    case = (legs, legs, between, np.array([1, 2, 3]), 2)
    assert trip(find(case)) == (22, (0, 1))
    assert trip(find(case, stop_deciseconds=20)) == (50, (2,))


def test_of_trips_as_long_the_one_with_fewer_stops_is_taken() -> None:
    legs = np.array([[10, 10, 10]], np.int32)
    between = np.zeros((3, 3), np.int32)
    assert trip(find((legs, legs, between, np.array([1, 2, 3]), 2))) == (20, (2,))


def test_one_way_streets_turn_the_trip_round() -> None:
    to = np.array([[10, 50]], np.int32)
    back = np.array([[50, 10]], np.int32)
    between = np.array([[0, 5], [90, 0]], np.int32)
    assert trip(find((to, back, between, np.array([1, 2]), 2))) == (25, (0, 1))


@pytest.mark.parametrize("part", ["to", "back", "between"])
def test_a_leg_that_is_missing_leaves_no_trip(part: str) -> None:
    legs = {
        "to": np.array([[5, 5]], np.int32),
        "back": np.array([[5, 5]], np.int32),
        "between": np.array([[0, 5], [5, 0]], np.int32),
    }
    legs[part] = np.full_like(legs[part], FAR)
    found = build_round_trips(**legs, held=np.array([1, 2]), kinds=2)
    assert trip(found) is None
    assert found.stops.tolist() == [[-1, -1]]


def test_a_kind_without_a_site_leaves_no_trip() -> None:
    legs = np.array([[5, 5]], np.int32)
    assert trip(find((legs, legs, np.zeros((2, 2), np.int32), np.array([1, 1]), 2))) is None


def test_one_kind_is_there_and_back_to_the_best_site() -> None:
    to, back = np.array([[5, 9]], np.int32), np.array([[20, 9]], np.int32)
    assert trip(find((to, back, np.zeros((2, 2), np.int32), np.array([1, 1]), 1))) == (18, (1,))


def test_no_sites_and_no_homes_are_no_trouble() -> None:
    none = np.zeros((2, 0), np.int32)
    found = find((none, none, np.zeros((0, 0), np.int32), np.zeros(0, np.int64), 2))
    assert [trip(found, home) for home in (0, 1)] == [None, None]
    legs = np.zeros((0, 1), np.int32)
    nobody = find((legs, legs, np.zeros((1, 1), np.int32), np.array([1]), 1))
    assert len(nobody.deciseconds) == 0


@pytest.mark.parametrize("kinds", [0, MOST_KINDS + 1])
def test_too_few_or_too_many_kinds_are_refused(kinds: int) -> None:
    legs = np.ones((1, 1), np.int32)
    with pytest.raises(TravelError, match="1 to 10"):
        find((legs, legs, legs, np.array([1]), kinds))


@pytest.mark.parametrize("held", [0, 4])
def test_a_site_with_none_of_the_kinds_is_refused(held: int) -> None:
    legs = np.ones((1, 1), np.int32)
    with pytest.raises(TravelError, match="none of the kinds"):
        find((legs, legs, legs, np.array([held]), 2))


def test_the_longest_leg_is_counted_and_a_longer_one_refused() -> None:
    legs = np.full((1, 10), LONGEST, np.int32)
    between = np.full((10, 10), LONGEST, np.int32)
    held = 1 << np.arange(10)
    assert find((legs, legs, between, held, 10)).deciseconds.tolist() == [11 * LONGEST]
    with pytest.raises(TravelError, match="too long to count with"):
        find((legs + 1, legs, between, held, 10))
