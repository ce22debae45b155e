from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.access.decay import (
    FAST_ZONES,
    Decay,
    build_exponential,
    build_gaussian,
    build_logistic,
    build_power,
    build_step,
    build_zones,
)
from planner.errors import DataError

SHAPES = [
    build_step(30),
    build_zones(),
    build_zones(FAST_ZONES),
    build_exponential(0.1),
    build_power(1.5),
    build_logistic(30, 10),
    build_gaussian(15),
]


def at(decay: Decay, cost: float) -> float:
    return float(decay.weights(np.array([cost]))[0])


def test_a_step_counts_its_own_limit_and_nothing_beyond() -> None:
    assert [at(build_step(30), cost) for cost in (0, 30, 30.1)] == [1, 1, 0]


def test_zones_count_their_upper_end_as_inside() -> None:
    assert [at(build_zones(), cost) for cost in (0, 10, 10.1, 20, 30, 31)] == [
        1,
        1,
        0.68,
        0.68,
        0.22,
        0,
    ]


def test_exponential_by_hand() -> None:
    assert at(build_exponential(math.log(2) / 10), 20) == pytest.approx(0.25)


def test_power_is_one_up_to_its_floor() -> None:
    assert [at(build_power(2), cost) for cost in (0, 0.5, 1, 10)] == pytest.approx([1, 1, 1, 0.01])


def test_logistic_is_a_half_at_its_middle() -> None:
    assert at(build_logistic(30, 10), 30) == pytest.approx(0.5)


def test_logistic_follows_its_formula() -> None:
    expected = 1 / (1 + math.exp(math.pi * (40 - 30) / (10 * math.sqrt(3))))
    assert at(build_logistic(30, 10), 40) == pytest.approx(expected)


def test_gaussian_by_hand() -> None:
    assert at(build_gaussian(10), 10) == pytest.approx(math.exp(-0.5))


def test_a_limit_cuts_a_smooth_function() -> None:
    assert at(build_exponential(0.1, limit=20), 20.1) == 0


@given(st.sampled_from(SHAPES), st.floats(0, 500), st.floats(0, 500))
def test_weights_lie_between_0_and_1_and_never_rise(decay: Decay, a: float, b: float) -> None:
    near, far = at(decay, min(a, b)), at(decay, max(a, b))
    assert 0 <= far <= near <= 1


@pytest.mark.parametrize("shape", ["exponential", "power", "logistic", "gaussian"])
def test_the_same_weight_at_the_same_place_in_minutes(shape: str) -> None:
    parameters = {"exponential": (0.2,), "power": (2.0, 1.0), "logistic": (5.0, 2.0)}
    in_km = Decay(
        shape=shape,  # type: ignore[arg-type]
        parameters=parameters.get(shape, (3.0,)),
        unit="km",
    )
    assert at(in_km.to_minutes(12.5), 4 * 12.5) == pytest.approx(at(in_km, 4))


@pytest.mark.parametrize(
    "given_",
    [
        {"shape": "exponential", "parameters": (-1.0,)},
        {"shape": "exponential", "parameters": (0.0,)},
        {"shape": "logistic", "parameters": (30.0,)},
        {"shape": "step"},
        {"shape": "cliff", "limit": 3.0},
        {"shape": "gaussian", "parameters": (float("nan"),)},
        {"shape": "zones", "parameters": (20.0, 1.0, 10.0, 0.5), "limit": 10.0},
        {"shape": "zones", "parameters": (10.0, 0.5, 20.0, 0.7), "limit": 20.0},
    ],
)
def test_what_makes_no_sense_is_refused(given_: dict[str, object]) -> None:
    with pytest.raises(DataError):
        Decay(**given_)  # type: ignore[arg-type]


@pytest.mark.parametrize("decay", SHAPES)
def test_every_function_says_what_it_is(decay: Decay) -> None:
    assert "minutes" in decay.words
