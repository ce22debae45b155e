from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planner.access.decay import Decay
from planner.access.decay_fit import DistanceBands, FittedShape, fit_decay, to_distance_bands
from planner.errors import DataError

EDGES = np.array([0, 2, 5, 10, 20, 30, 40, 60, 100], dtype=float)
TRUE: dict[FittedShape, tuple[float, ...]] = {
    "exponential": (0.12,),
    "power": (2.4, 1.0),
    "logistic": (12.0, 6.0),
    "gaussian": (9.0,),
}


def bands(counts: list[float] | np.ndarray) -> DistanceBands:
    table = pd.DataFrame({"lower": EDGES[:-1], "upper": EDGES[1:], "count": counts})
    return DistanceBands(table=table, unit="km")


def simulated(shape: FittedShape, people: int, seed: int = 5) -> DistanceBands:
    """Draw trips from decay × land by throwing away: no integral of ours is in it."""
    rng = np.random.default_rng(seed)
    decay = Decay(shape=shape, parameters=TRUE[shape], unit="km")
    kept = np.empty(0)
    while len(kept) < people:
        distance = EDGES[-1] * np.sqrt(rng.random(2_000_000))
        accepted = rng.random(len(distance)) < decay.weights(distance)
        kept = np.concatenate([kept, distance[accepted]])
    return bands(np.histogram(kept[:people], EDGES)[0])


@pytest.mark.parametrize("shape", list(TRUE))
def test_a_function_is_found_again_from_trips_made_by_it(shape: FittedShape) -> None:
    fit = fit_decay(simulated(shape, 20_000), shape)
    free = TRUE[shape][:1] if shape == "power" else TRUE[shape]
    assert fit.decay.parameters[: len(free)] == pytest.approx(free, rel=0.04)
    for low, true, high in zip(fit.low, free, fit.high, strict=True):
        # A little wider than 95%: with four shapes, one may well miss.
        assert low * 0.97 < true < high * 1.03


def test_the_true_shape_has_the_better_aic() -> None:
    made = simulated("gaussian", 20_000)
    assert fit_decay(made, "gaussian").aic < fit_decay(made, "exponential").aic


def test_an_exponential_on_a_line_has_the_closed_form_of_its_bands() -> None:
    rate = 0.15
    tail = 1 - math.exp(-rate * 100)
    share = (np.exp(-rate * EDGES[:-1]) - np.exp(-rate * EDGES[1:])) / tail
    fit = fit_decay(bands(share * 1e6), "exponential", spread="line")
    assert fit.decay.parameters[0] == pytest.approx(rate, rel=1e-5)
    assert fit.dissimilarity < 1e-5


def test_a_power_on_a_line_by_its_closed_form() -> None:
    b = 1.8

    def below(x: float) -> float:
        return x if x <= 1 else 1 + (1 - x ** (1 - b)) / (b - 1)

    share = np.diff([below(x) for x in EDGES])
    fit = fit_decay(bands(share * 1e5), "power", spread="line")
    assert fit.decay.parameters[0] == pytest.approx(b, rel=1e-4)


def test_known_opportunities_take_the_place_of_land() -> None:
    land = EDGES[1:] ** 2 - EDGES[:-1] ** 2
    made = simulated("exponential", 5_000)
    plain = fit_decay(made, "exponential")
    same = fit_decay(made, "exponential", opportunities=list(land * 7))
    assert same.decay.parameters == pytest.approx(plain.decay.parameters, rel=1e-6)


def test_the_published_words_for_bands_are_read() -> None:
    counts = pd.Series(
        {
            "Less than 2km": 5.0,
            "60km and over": 1.0,
            "2km to less than 60km": 9.0,
            "Works mainly from home": 30.0,
            "Total: All usual residents": 45.0,
        }
    )
    found = to_distance_bands(counts)
    assert found.table["lower"].tolist() == [0, 2, 60]
    assert found.table["count"].tolist() == [5, 9, 1]


def test_people_without_a_distance_are_told() -> None:
    counts = {"Less than 2km": 5.0, "2km and over": 1.0, "Works mainly from home": 30.0}
    (note,) = to_distance_bands(pd.Series(counts)).notes
    assert (note.what, note.count) == ("no_distance_to_work", 30)


def test_times_to_work_are_read_too() -> None:
    counts = pd.Series({"Less than 15 minutes": 5.0, "15 minutes and over": 1.0})
    assert to_distance_bands(counts).unit == "minutes"


@pytest.mark.parametrize(
    "labels",
    [
        ["Less than 2km", "a long way"],
        ["Less than 2km", "3km and over"],
        ["Less than 2km", "2 minutes and over"],
        ["Less than 2km"],
    ],
)
def test_bands_that_cannot_be_used_are_refused(labels: list[str]) -> None:
    with pytest.raises(DataError):
        to_distance_bands(pd.Series(dict.fromkeys(labels, 3.0)))


def test_a_table_without_any_fall_is_refused() -> None:
    flat = EDGES[1:] ** 2 - EDGES[:-1] ** 2
    with pytest.raises(DataError, match="settle"):
        fit_decay(bands(flat), "exponential")


def test_an_open_band_needs_an_end_beyond_its_beginning() -> None:
    open_end = to_distance_bands(pd.Series({"Less than 2km": 5.0, "2km and over": 1.0}))
    with pytest.raises(DataError, match="longest"):
        fit_decay(open_end, "exponential", longest=2.0)


def test_what_is_taken_for_granted_is_told() -> None:
    open_end = to_distance_bands(pd.Series({"Less than 2km": 5.0, "2km and over": 1.0}))
    said = " ".join(fit_decay(open_end, "exponential", longest=50).assumptions)
    assert "50 km" in said
    assert "evenly over the land" in said


def test_the_best_rate_for_trafford_beats_every_other_on_a_fine_grid(shared: Path) -> None:
    """Distance to work in Trafford (census 2021, TS058), against the closed form on a line."""
    table = pd.read_csv(
        shared / "fixtures/census/ts058_distance_travelled_to_work_lsoa_trafford.csv"
    )
    found = to_distance_bands(table.groupby("distance_travelled_category")["value"].sum())
    count = found.table["count"].to_numpy()
    rates = np.linspace(0.02, 0.5, 4801)[:, None]
    share = np.exp(-rates * EDGES[:-1]) - np.exp(-rates * EDGES[1:])
    share /= 1 - np.exp(-rates * 100)
    best = rates[np.argmax(np.log(share) @ count), 0]
    fit = fit_decay(found, "exponential", spread="line")
    assert fit.decay.parameters[0] == pytest.approx(best, abs=1e-4)
    assert fit.table["fitted"].sum() == pytest.approx(count.sum())
