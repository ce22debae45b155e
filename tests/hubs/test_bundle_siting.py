"""Both objectives equal trying every placement; one case is worked out by hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import siting_problem

from planner.errors import ProjectError
from planner.hubs.bundle_siting import BundleProblem, BundleSiting, solve_bundle

OFTEN = settings(max_examples=15, deadline=None)
TRIP_PENALTY = 60.0


def bundle_problem(
    minutes: object,
    people: object,
    services: list[tuple[int, str, bool]],
    spare: dict[str, int],
    *,
    between: object = None,
    rooms: object = np.nan,
    near: list[tuple[int, int]] | None = None,
    kinds: str = "ab",
    **more: Any,
) -> BundleProblem:
    """Return a problem: services as (venue, kind, may move), all of partner P."""
    siting = siting_problem(minutes, people, **more)
    venues = siting.sites.index
    about = np.eye(len(venues), dtype=bool)
    for one, other in near or []:
        about[one, other] = about[other, one] = True
    table = pd.DataFrame(
        [(venues[venue], kind, "P", moves) for venue, kind, moves in services],
        columns=["venue_id", "kind", "partner", "may_move"],
        index=[f"o{i}" for i in range(len(services))],
    )
    sessions = [(kind, "P", count) for kind, count in spare.items()]
    grid = None if between is None else np.asarray(between, dtype=float)
    return BundleProblem(
        siting=siting,
        kinds=tuple(kinds),
        presences=table,
        spare=pd.DataFrame(sessions, columns=["kind", "partner", "sessions"]),
        rooms=pd.Series(rooms, index=venues, dtype=float),
        near=pd.DataFrame(about, index=venues, columns=venues),
        between=None if grid is None else pd.DataFrame(grid, index=venues, columns=venues),
        trip_penalty_minutes=TRIP_PENALTY,
    )


@st.composite
def drawn(draw: st.DrawFn) -> BundleProblem:
    """Draw up to six areas, four venues and two kinds, every status, few rooms and sessions."""
    areas, venues = draw(st.integers(2, 6)), draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    minutes = rng.integers(0, 30, (areas, venues)).astype(float)
    between = rng.integers(1, 25, (venues, venues)).astype(float)
    minutes[rng.random(minutes.shape) < 0.2] = np.nan
    between[rng.random(between.shape) < 0.2] = np.nan
    status = rng.choice(["candidate", "candidate", "existing", "forced", "closed"], venues)
    services = [
        (int(rng.integers(venues)), str(rng.choice(["a", "b"])), bool(rng.random() < 0.5))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return bundle_problem(
        minutes,
        rng.integers(0, 5, areas) * 10.0,
        services,
        {"a": draw(st.integers(0, 2)), "b": draw(st.integers(0, 2))},
        between=between,
        rooms=rng.choice([0.0, 1.0, 2.0, np.nan], venues),
        near=[(0, 1)] if rng.random() < 0.3 else None,
        status=status.astype(object),
        need=rng.integers(0, 5, areas) / 4,
    )


def whereabouts(problem: BundleProblem, p: int) -> Iterator[np.ndarray]:
    """Give venue × kind, what is where, for every way to move and to place."""
    kinds, venues = list(problem.kinds), list(problem.venues)
    status, table = problem.siting.sites["status"], problem.presences
    movers = [i for i, moves in enumerate(table["may_move"]) if moves]
    rooms = problem.rooms.fillna(99).to_dict()
    full = {v: set(table.loc[table["venue_id"] == v, "kind"]) for v in venues}
    spare = problem.spare.set_index("kind")["sessions"]
    hosts = [(v, k) for v in venues for k in kinds if status[v] != "closed" and k not in full[v]]
    for gone in itertools.chain.from_iterable(
        itertools.combinations(movers, n) for n in range(len(movers) + 1)
    ):
        stays = table.drop(index=table.index[list(gone)])
        left = table.iloc[list(gone)]["kind"].value_counts()
        there = {v: set(stays.loc[stays["venue_id"] == v, "kind"]) for v in venues}
        for some in itertools.chain.from_iterable(
            itertools.combinations(hosts, n) for n in range(len(hosts) + 1)
        ):
            count = {k: sum(kind == k for _, kind in some) for k in kinds}
            opened = {v for v, _ in some if status[v] == "candidate"}
            fits = all(
                len(there[v]) + sum(one == v for one, _ in some) <= max(rooms[v], len(full[v]))
                for v in {v for v, _ in some}
            )
            enough = all(left.get(k, 0) <= count[k] <= spare[k] + left.get(k, 0) for k in kinds)
            if fits and enough and len(opened) + (status == "forced").sum() <= p:
                yield np.array([[k in there[v] or (v, k) in some for k in kinds] for v in venues])


def whole(problem: BundleProblem, held: np.ndarray) -> np.ndarray:
    assert problem.near is not None
    near = problem.near.to_numpy()
    return np.array([held[near[v]].any(axis=0).all() for v in range(len(held))])


def covered(problem: BundleProblem, held: np.ndarray, within: float) -> float:
    minutes = problem.siting.minutes.to_numpy()[:, whole(problem, held)]
    return float(problem.siting.demand.to_numpy() @ (minutes <= within).any(axis=1))


def trips(problem: BundleProblem, held: np.ndarray) -> float:
    """Try every order and every venue for two kinds."""
    assert problem.between is not None
    to = problem.siting.minutes.fillna(np.inf).to_numpy()
    onward = problem.between.fillna(np.inf).to_numpy().copy()
    np.fill_diagonal(onward, 0.0)
    best = np.full(len(to), TRIP_PENALTY)
    for u, v in itertools.product(range(len(held)), repeat=2):
        if (held[u, 0] and held[v, 1]) or (held[u, 1] and held[v, 0]):
            best = np.minimum(best, to[:, u] + onward[u, v] + to[:, v])
    return float(problem.siting.demand.to_numpy() @ best)


def table_of(problem: BundleProblem, found: BundleSiting) -> np.ndarray:
    """Return what is where by the table of services, once it keeps to sessions and rooms."""
    table = found.services
    moved = table[table["action"].isin(["move", "stay"])]
    assert sorted(moved["offer_id"]) == sorted(problem.presences.index)
    for offer, row in moved.set_index("offer_id").iterrows():
        was = problem.presences.loc[offer]
        if row["action"] == "move":
            assert was["may_move"]
            assert row["from_venue_id"] == was["venue_id"] != row["venue_id"]
        else:
            assert row["venue_id"] == was["venue_id"]
    further = table[table["action"].isin(["extend", "new"])]["kind"].value_counts()
    spare = problem.spare.set_index("kind")["sessions"]
    assert (further <= spare.reindex(further.index)).all()
    pairs = set(zip(table["venue_id"], table["kind"], strict=True))
    return np.array([[(v, k) in pairs for k in problem.kinds] for v in problem.venues])


@OFTEN
@given(drawn(), st.integers(1, 3), st.integers(0, 25))
def test_one_stop_equals_trying_every_placement(
    problem: BundleProblem, p: int, within: int
) -> None:
    options = list(whereabouts(problem, p))
    found = solve_bundle(problem, "one_stop", p=p, within_minutes=within)
    if not any(whole(problem, held).any() for held in options):
        assert found.status == "infeasible"
        return
    assert found.status == "optimal"
    best = max(covered(problem, held, within) for held in options)
    assert found.objective == found.bound == pytest.approx(best)
    held = table_of(problem, found)
    assert covered(problem, held, within) == pytest.approx(best)
    assert list(found.whole) == list(problem.venues[whole(problem, held)])
    assert len(found.chosen) <= p


@OFTEN
@given(drawn(), st.integers(1, 3))
def test_trips_equal_trying_every_placement(problem: BundleProblem, p: int) -> None:
    options = list(whereabouts(problem, p))
    found = solve_bundle(problem, "bundle_trip", p=p)
    if not any(held.any(axis=0).all() for held in options):
        # Nobody can have the whole bundle: told, or every area pays the penalty as today.
        assert found.status == "infeasible" or found.objective == found.before
        return
    assert found.status == "optimal"
    best = min(trips(problem, held) for held in options)
    assert found.objective == pytest.approx(best, rel=2e-6, abs=1e-6)
    assert found.bound <= found.objective
    held = table_of(problem, found)
    assert trips(problem, held) == pytest.approx(found.objective)


#: Venues along a street at 0, 10 and 40 minutes; areas at 0, 12 and 40.
STREET = [[0.0, 10.0, 40.0], [12.0, 2.0, 28.0], [40.0, 30.0, 0.0]]
APART = [[0.0, 10.0, 40.0], [10.0, 0.0, 30.0], [40.0, 30.0, 0.0]]


def test_by_hand_a_service_joins_another() -> None:
    # a is at 0, b at 10; one session of either is spare, one venue may be opened.
    problem = bundle_problem(
        STREET,
        [100.0, 50.0, 30.0],
        [(0, "a", False), (1, "b", False)],
        {"a": 1, "b": 1},
        between=APART,
    )
    found = solve_bundle(problem, "one_stop", p=1, within_minutes=5)
    # b comes to 0, where the most people live; the two others are further than five minutes.
    assert (found.objective, found.before, found.gap) == (100.0, 0.0, 0.0)
    assert list(found.chosen) == list(found.whole) == ["s000"]
    assert found.changes.to_dict("records") == [
        {
            "kind": "b",
            "partner": "P",
            "venue_id": "s000",
            "action": "extend",
            "from_venue_id": "",
            "offer_id": "",
        }
    ]
    # Trips today: 0-a-b-0 is 20, 12-b-a-12 is 24, 40-b-a-40 is 80 and counts the penalty.
    trip = solve_bundle(problem, "bundle_trip", p=1)
    assert trip.before == 100 * 20 + 50 * 24 + 30 * TRIP_PENALTY
    # b at 0 saves 100 × 20; both at 40 only 30 × 60; a at 10 saves 50 × 20 and takes 0 to 20.
    assert trip.objective == 0 + 50 * 24 + 30 * TRIP_PENALTY
    assert list(trip.areas["trip_venues"]) == ["s000", "s000", "s000"]
    assert list(trip.areas["trip_minutes"]) == [0.0, 24.0, 80.0]
    (note,) = [note for note in trip.notes if note.what == "bundle_trip_too_long"]
    assert note.items == ("A002",)


def test_by_hand_a_service_moves_where_nothing_is_spare() -> None:
    services = [(0, "a", True), (1, "b", False)]
    problem = bundle_problem(STREET, [10.0, 50.0, 0.0], services, {}, between=APART)
    found = solve_bundle(problem, "one_stop", p=1, within_minutes=15)
    assert found.objective == 60.0
    (row,) = found.changes.to_dict("records")
    assert (row["action"], row["kind"], row["offer_id"]) == ("move", "a", "o0")
    assert (row["from_venue_id"], row["venue_id"]) == ("s000", "s001")


def test_no_room_is_told_in_words() -> None:
    problem = bundle_problem(STREET, [1.0, 1.0, 1.0], [], {"a": 3, "b": 3}, rooms=1.0)
    found = solve_bundle(problem, "one_stop", p=2, within_minutes=10)
    assert found.status == "infeasible"
    assert found.infeasible is not None
    assert found.infeasible.text == (
        "In no place can all 2 services come together. There is room for 1 of them at the most, "
        "in s000, s001, s002. What would do: find 1 more room in one of these venues."
    )


def test_venues_near_each_other_are_one_place() -> None:
    services = [(0, "a", False), (1, "b", False)]
    problem = bundle_problem(STREET, [10.0, 50.0, 5.0], services, {}, near=[(0, 1)])
    found = solve_bundle(problem, "one_stop", p=1, within_minutes=5)
    assert (found.objective, found.before, len(found.changes)) == (60.0, 60.0, 0)
    assert list(found.whole) == ["s000", "s001"]


def test_a_kind_that_nobody_has_is_told_in_words() -> None:
    problem = bundle_problem(STREET, [1.0, 1.0, 1.0], [(0, "a", False)], {}, between=APART)
    for name in ("one_stop", "bundle_trip"):
        found = solve_bundle(problem, name, p=1, within_minutes=10)  # type: ignore[arg-type]
        assert found.infeasible is not None
        assert found.infeasible.text.startswith("The whole bundle cannot be had: nobody offers b,")


def test_more_forced_than_asked_for_is_told_in_words() -> None:
    problem = bundle_problem(STREET, [1.0] * 3, [], {"a": 1, "b": 1}, status="forced")
    found = solve_bundle(problem, "one_stop", p=2, within_minutes=10)
    assert found.infeasible is not None
    assert "3 are forced" in found.infeasible.text


def test_what_the_objective_needs_must_be_given() -> None:
    problem = bundle_problem(STREET, [1.0] * 3, [], {"a": 1, "b": 1})
    with pytest.raises(ProjectError, match="within how many minutes"):
        solve_bundle(problem, "one_stop", p=1)
    with pytest.raises(ProjectError, match="between venues"):
        solve_bundle(problem, "bundle_trip", p=1)


def test_nothing_is_placed_that_brings_nothing() -> None:
    problem = bundle_problem(STREET, [10.0, 0.0, 0.0], [(0, "a", True)], {"a": 3, "b": 3})
    found = solve_bundle(problem, "one_stop", p=3, within_minutes=0)
    assert [(row.venue_id, row.kind) for row in found.changes.itertuples()] == [("s000", "b")]


@pytest.mark.parametrize("name", ["one_stop", "bundle_trip"])
def test_no_time_is_no_error(name: Any) -> None:
    problem = bundle_problem(
        STREET, [9.0, 8.0, 7.0], [(0, "a", False)], {"a": 2, "b": 2}, between=APART
    )
    found = solve_bundle(problem, name, p=1, within_minutes=5, time_limit_seconds=0.0)
    assert found.status in ("optimal", "time_limit")
    assert 0 <= found.gap <= 1
