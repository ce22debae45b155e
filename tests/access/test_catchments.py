from __future__ import annotations

import math
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from matrices import CELLS, belo_horizonte, matrix_times, options, people_of, sized

from planner.access import (
    NEVER_WORSE,
    Catchment,
    CatchmentMethod,
    Decay,
    build_catchment,
    build_exponential,
    build_options,
    build_power,
    build_step,
    build_zones,
)
from planner.errors import DataError, TravelError

X = math.nan
METHODS: tuple[CatchmentMethod, ...] = get_args(CatchmentMethod)

#: The hospital example of PySAL's package `access` (access/tests/test_hospital_example.py,
#: scenario 0, gridlock): three places with people and doctors, weights 1/minutes, nothing beyond
#: 61 minutes.
GRIDLOCK = [[1, 80, 40], [80, 1, 40], [40, 40, 1]]
PEOPLE, DOCTORS = [100.0, 50.0, 10.0], [15.0, 20.0, 100.0]
HOSPITALS = build_power(1.0, limit=61)


def shared_out(
    minutes: object,
    people: list[float],
    capacity: list[float],
    method: CatchmentMethod,
    decay: Decay,
    **given_: object,
) -> Catchment:
    found = options(minutes, capacity, **given_)
    return build_catchment(found, people_of(found, people), method, decay)


def values(found: Catchment) -> list[float]:
    return list(found.measure.table["value"])


def whats(found: Catchment) -> list[str]:
    return [note.what for note in found.measure.notes]


# Against publications


def test_the_hospital_example_by_two_steps() -> None:
    found = shared_out(GRIDLOCK, PEOPLE, DOCTORS, "e2sfca", HOSPITALS)
    first, second = 15 / (100 + 10 / 40), 20 / (50 + 10 / 40)
    third = 100 / (10 + 100 / 40 + 50 / 40)
    expected = [first + third / 40, second + third / 40, third + first / 40 + second / 40]
    assert values(found) == pytest.approx(expected)


def test_the_hospital_example_by_three_steps() -> None:
    """As Wan, Zou and Sternberg (2012): people choose among the venues of their catchment."""
    found = shared_out(GRIDLOCK, PEOPLE, DOCTORS, "3sfca", HOSPITALS)
    edge, middle = 1 + 1 / 40, 1 + 2 / 40
    own, far = 1 / edge, (1 / 40) ** 2 / edge
    own_3, far_3 = 1 / middle, (1 / 40) ** 2 / middle
    first = 15 / (100 * own + 10 * far_3)
    second = 20 / (50 * own + 10 * far_3)
    third = 100 / (10 * own_3 + 100 * far + 50 * far)
    expected = [
        own * first + far * third,
        own * second + far * third,
        own_3 * third + far_3 * first + far_3 * second,
    ]
    assert values(found) == pytest.approx(expected)


def test_faster_roads_into_town_help_the_edge_and_crowd_the_middle() -> None:
    """Scenario 1 of the hospital example: 20 minutes inwards instead of 40."""
    faster = [[1, 80, 20], [80, 1, 20], [40, 40, 1]]
    before = values(shared_out(GRIDLOCK, PEOPLE, DOCTORS, "e2sfca", HOSPITALS))
    after = values(shared_out(faster, PEOPLE, DOCTORS, "e2sfca", HOSPITALS))
    assert [b > a for a, b in zip(before, after, strict=True)] == [True, True, False]


def test_spatial_availability_as_published() -> None:
    """Soukhov and others (2023), the example of three towns, as in Ipea's package."""
    found = shared_out(
        [[15, 30, 100], [30, 15, 100], [100, 100, 15]],
        [50_000, 150_000, 10_000],
        [100_000, 100_000, 10_000],
        "spatial_availability",
        build_exponential(0.1),
    )
    assert [round(v) for v in values(found)] == [66833, 133203, 9963]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("2sfca", [0, 0.0152, 0.1491, 0.1491, 0.1068]),
        ("bfca", [0, 0.0094, 0.1993, 0.1993, 0.1147]),
    ],
)
def test_jobs_in_45_minutes_of_the_five_cells(
    method: CatchmentMethod, expected: list[float], shared: Path
) -> None:
    times, land = belo_horizonte(shared, square=True)
    found = build_options(times, sized(land["jobs"].tolist(), land.index.tolist()))
    people = land["population"].astype(float)
    table = build_catchment(found, people, method, build_step(45)).measure.table
    assert table["value"].reindex(CELLS).round(4).tolist() == expected


# Against plain loops

tables = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.one_of(st.just(X), st.integers(1, 60)), min_size=columns, max_size=columns),
        min_size=1,
        max_size=4,
    )
)


def by_loops(
    table: list[list[float]],
    people: list[float],
    capacity: list[float],
    method: CatchmentMethod,
    decay: Decay,
) -> list[float]:
    """Share out as each method is written down, one sum at a time."""
    n, m = len(people), len(capacity)
    w = [
        [
            0.0
            if math.isnan(table[i][j]) or capacity[j] == 0
            else float(decay.weights(np.array([float(table[i][j])]))[0])
            for j in range(m)
        ]
        for i in range(n)
    ]
    result = []
    for i in range(n):
        total = 0.0
        for j in range(m):
            if w[i][j] == 0:
                continue
            if method == "bfca":
                demand = sum(people[k] * w[k][j] / sum(w[k]) for k in range(n) if sum(w[k]))
                mine = w[i][j] / sum(w[k][j] for k in range(n))
            elif method == "3sfca":
                demand = sum(
                    people[k] * w[k][j] * w[k][j] / sum(w[k]) for k in range(n) if sum(w[k])
                )
                mine = w[i][j] * w[i][j] / sum(w[i])
            else:
                demand = sum(people[k] * w[k][j] for k in range(n))
                mine = w[i][j] * (people[i] if method == "spatial_availability" else 1)
            if demand > 0:
                total += mine * capacity[j] / demand
        result.append(total)
    return result


@given(tables, st.sampled_from(METHODS), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_every_method_agrees_with_plain_loops(
    table: list[list[float]], method: CatchmentMethod, smooth: bool, data: st.DataObject
) -> None:
    people = [float(data.draw(st.integers(0, 50))) for _ in table]
    capacity = [float(data.draw(st.integers(0, 9))) for _ in table[0]]
    decay = build_step(30) if method == "2sfca" else build_zones()
    if smooth and method != "2sfca":
        decay = build_exponential(0.07, limit=50)
    found = shared_out(table, people, capacity, method, decay)
    assert values(found) == pytest.approx(by_loops(table, people, capacity, method, decay))


# What is conserved


def reached(found: Catchment) -> pd.Series:
    return found.supply["capacity"].where(found.supply["demand"] > 0, 0.0)


@given(tables, st.data())
@settings(max_examples=25, deadline=None)
def test_spatial_availability_gives_out_what_there_is(
    table: list[list[float]], data: st.DataObject
) -> None:
    people = [float(data.draw(st.integers(0, 50))) for _ in table]
    capacity = [float(data.draw(st.integers(0, 9))) for _ in table[0]]
    found = shared_out(table, people, capacity, "spatial_availability", build_exponential(0.05))
    assert sum(values(found)) == pytest.approx(reached(found).sum())


@given(tables, st.data())
@settings(max_examples=25, deadline=None)
def test_two_steps_give_out_what_there_is_over_people(
    table: list[list[float]], data: st.DataObject
) -> None:
    people = [float(data.draw(st.integers(0, 50))) for _ in table]
    capacity = [float(data.draw(st.integers(0, 9))) for _ in table[0]]
    found = shared_out(table, people, capacity, "e2sfca", build_zones())
    assert np.dot(values(found), people) == pytest.approx(reached(found).sum())


@given(tables, st.data())
@settings(max_examples=25, deadline=None)
def test_the_balanced_method_counts_everyone_once_and_gives_each_service_out_once(
    table: list[list[float]], data: st.DataObject
) -> None:
    """Páez and others (2019): Σ demand = Σ people served; Σ access = Σ level of service."""
    people = [float(data.draw(st.integers(1, 50))) for _ in table]
    capacity = [float(data.draw(st.integers(1, 9))) for _ in table[0]]
    found = shared_out(table, people, capacity, "bfca", build_exponential(0.05))
    served = [p for p, row in zip(people, table, strict=True) if not all(map(math.isnan, row))]
    assert found.supply["demand"].sum() == pytest.approx(sum(served))
    assert sum(values(found)) == pytest.approx(found.supply["per_person"].fillna(0).sum())


@pytest.mark.parametrize("method", METHODS)
def test_where_everyone_reaches_everything_alike_there_is_one_ratio(
    method: CatchmentMethod,
) -> None:
    found = shared_out(np.full((3, 2), 10.0), [10, 10, 10], [4, 8], method, build_step(30))
    total = found.per_person if method == "spatial_availability" else np.array(values(found))
    expected = 12 / 30 if method != "bfca" else sum(s / 15 for s in (4, 8)) / 3
    if method == "3sfca":
        expected = 12 / 30
    assert np.allclose(total, expected)


@given(tables, st.sampled_from(NEVER_WORSE), st.data())
@settings(max_examples=40, deadline=None)
def test_an_open_venue_more_is_never_worse(
    table: list[list[float]], method: CatchmentMethod, data: st.DataObject
) -> None:
    assume(len(table[0]) > 1)
    people = [float(data.draw(st.integers(0, 50))) for _ in table]
    capacity = [float(data.draw(st.integers(0, 9))) for _ in table[0]]
    decay = build_step(30) if method == "2sfca" else build_zones()
    more = values(shared_out(table, people, capacity, method, decay))
    fewer = values(shared_out([row[1:] for row in table], people, capacity[1:], method, decay))
    assert all(a >= b - 1e-9 for a, b in zip(more, fewer, strict=True))


def test_a_tiny_venue_nearby_can_make_three_steps_fall() -> None:
    """Why that method is not among those that are never worse: it draws people from a large one."""
    people, far = [10.0, 10.0], [[20.0], [20.0]]
    before = values(shared_out(far, people, [100], "3sfca", build_zones()))
    near = [[20.0, 5.0], [20.0, X]]
    after = values(shared_out(near, people, [100, 0.001], "3sfca", build_zones()))
    assert min(after) < min(before) - 1e-6


# People, capacity, reach


def test_people_of_areas_around_compete_and_are_not_reported() -> None:
    times = matrix_times([[10], [10]], origins=["home", "neighbour"])
    found = build_options(times, sized([6]), asked=pd.Index(["home"]))
    result = build_catchment(found, people_of(found, [10, 20]), "2sfca", build_step(30))
    assert result.measure.table["value"].to_dict() == {"home": 0.2}


def test_out_of_reach_of_everything_is_a_true_zero() -> None:
    found = shared_out([[10], [X]], [10, 10], [5], "2sfca", build_step(30))
    assert found.measure.table.iloc[1].tolist() == [0, "reached"]


@pytest.mark.parametrize("method", METHODS)
def test_people_off_the_network_have_no_value_and_do_not_compete(method: CatchmentMethod) -> None:
    found = shared_out(
        [[10], [X]], [10, 30], [5], method, build_step(30), status=["connected", "not_connected"]
    )
    assert found.measure.table["status"].tolist() == ["reached", "not_connected"]
    assert found.per_person.iloc[0] == pytest.approx(0.5)
    assert whats(found) == ["people_off_the_network"]


def test_people_without_times_are_told() -> None:
    found = options([[10]], [5])
    people = pd.Series([10.0, 70.0], index=["a0000", "far"])
    assert whats(build_catchment(found, people, "2sfca", build_step(30))) == [
        "people_without_times"
    ]


def test_capacity_that_is_not_known_is_asked_for_by_venue() -> None:
    with pytest.raises(DataError, match="1 of 2 offers, at v0001"):
        shared_out([[10, 10]], [10], [5, X], "2sfca", build_step(30))


@pytest.mark.parametrize("method", METHODS)
def test_a_venue_without_capacity_changes_nothing_and_is_told(method: CatchmentMethod) -> None:
    decay = build_step(30)
    with_it = shared_out([[10, 5], [20, 10]], [10, 20], [6, 0], method, decay)
    without = shared_out([[10], [20]], [10, 20], [6], method, decay)
    assert values(with_it) == pytest.approx(values(without))
    assert whats(with_it) == ["capacity_zero"]


def test_capacity_that_nobody_reaches_is_told() -> None:
    found = shared_out([[10, X]], [10], [6, 4], "2sfca", build_step(30))
    assert whats(found) == ["capacity_out_of_reach"]


def test_notes_on_capacity_name_what_is_shared_out() -> None:
    supply = options([[10, X, 5]], [6, 4, 0])
    found = build_catchment(
        supply, people_of(supply, [10]), "2sfca", build_step(30), subject="GP practices"
    )
    assert [note.text for note in found.measure.notes] == [
        "Offers of GP practices with a capacity of zero: 1. They count as no choice.",
        "Offers of GP practices that nobody can reach in the time: 1, with 4 in capacity that is "
        "given to nobody.",
    ]


@pytest.mark.parametrize("method", METHODS)
def test_where_nobody_lives_there_is_no_division_by_zero(method: CatchmentMethod) -> None:
    found = shared_out([[10]], [0], [5], method, build_step(30))
    assert values(found) == [0]


@pytest.mark.parametrize("method", METHODS)
def test_nothing_on_offer_is_no_data(method: CatchmentMethod) -> None:
    found = build_options(matrix_times([[10]]), sized([], []))
    result = build_catchment(found, people_of(found, [10]), method, build_step(30))
    assert result.measure.table["status"].tolist() == ["no_data"]


def test_a_catchment_wider_than_the_matrix_is_refused() -> None:
    with pytest.raises(TravelError, match="too low"):
        shared_out([[10]], [10], [5], "2sfca", build_step(60), cutoff=45.0)


@pytest.mark.parametrize("people", [[X], [-1.0]])
def test_people_must_be_numbers(people: list[float]) -> None:
    with pytest.raises(DataError, match="number of people"):
        shared_out([[10]], people, [5], "2sfca", build_step(30))


def test_the_two_step_method_takes_a_single_limit() -> None:
    with pytest.raises(DataError, match="single limit"):
        shared_out([[10]], [10], [5], "2sfca", build_zones())


@pytest.mark.parametrize("method", METHODS)
def test_every_method_names_its_authors(method: CatchmentMethod) -> None:
    found = shared_out([[10]], [10], [5], method, build_step(30))
    assert "(" in found.measure.method
    assert "20" in found.measure.method
