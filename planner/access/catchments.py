"""How much of a service is there for each person, when others want it too?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access.decay import Decay
from planner.access.opportunities import weigh
from planner.access.options import Options, OriginMeasure
from planner.errors import DataError
from planner.ledger import Note, note_items

CatchmentMethod = Literal["2sfca", "e2sfca", "3sfca", "bfca", "spatial_availability"]

#: What each method is, who proposed it, and what holds for it.
CATCHMENT_WORDS: dict[CatchmentMethod, str] = {
    "2sfca": (
        "Two-step floating catchment area (Luo and Wang, 2003): each venue's capacity is shared "
        "by everyone within the catchment, and each area adds up the shares within its reach. "
        "Demand is counted at every venue within reach, so people with a wide choice weigh more."
    ),
    "e2sfca": (
        "Enhanced two-step floating catchment area (Luo and Qi, 2009): as the two-step method, "
        "with nearer people and venues counting more."
    ),
    "3sfca": (
        "Three-step floating catchment area (Wan, Zou and Sternberg, 2012): people first divide "
        "themselves among the venues within reach by how near they are. A small new venue close "
        "by can draw people from a large one, so that the figure may fall when a venue opens."
    ),
    "bfca": (
        "Balanced floating catchment area (Páez, Higgins and Vivona, 2019): weights are balanced "
        "so that each person is counted once and each venue's level of service is given out "
        "once."
    ),
    "spatial_availability": (
        "Spatial availability (Soukhov, Páez, Higgins and Mohamed, 2023): each venue's capacity "
        "is divided up among areas by people and nearness, all of it and no more than there is."
    ),
}

#: Methods for which an open venue more is never worse for anyone.
NEVER_WORSE: tuple[CatchmentMethod, ...] = ("2sfca", "e2sfca", "bfca", "spatial_availability")


@dataclass(frozen=True, kw_only=True, eq=False)
class Catchment:
    """What each person, or area, has of a service that others use too.

    Parameters
    ----------
    measure
        On the origins asked for: capacity per person, or for ``spatial_availability`` the
        capacity there is for all people of the origin (see `per_person`).
    supply
        On the opportunities: ``destination``, ``capacity``, ``demand`` (people who use it, as
        the method counts them) and ``per_person`` (capacity by demand, NaN where nobody comes).
    people
        On the origins asked for; NaN where not told.
    method
        Which of `CATCHMENT_WORDS`.
    """

    measure: OriginMeasure
    supply: pd.DataFrame
    people: pd.Series
    method: CatchmentMethod

    @property
    def per_person(self) -> pd.Series:
        """Capacity per person on the origins asked for; NaN where not known or nobody lives."""
        value = self.measure.table["value"]
        if self.method == "spatial_availability":
            value = value / self.people.where(self.people > 0)
        return value.rename("per_person")


def build_catchment(
    options: Options,
    people: pd.Series,
    method: CatchmentMethod,
    decay: Decay,
    *,
    demand_power: float = 1.0,
    subject: str = "",
) -> Catchment:
    """Share out the capacity of venues among the people who can reach them.

    Parameters
    ----------
    options
        Who can choose among what, with capacities as sizes. Its origins should be all who
        compete, the people of context areas included; values are given for those asked for.
    people
        How many people are at each origin of the times (float, at least 0).
    method
        See `CATCHMENT_WORDS`.
    decay
        Function of minutes; ``2sfca`` takes a step.
    demand_power
        For ``spatial_availability``: the power that people are raised to (1 as published).
    subject
        What is shared out, in words such as ``GP practices``, for notes; "" for its unit.

    Returns
    -------
    catchment
        An origin on the network from which no venue is within reach has 0.

    Raises
    ------
    DataError
        A capacity is not known (the venues are named), or a number of people is missing.
    TravelError
        The catchment is wider than the longest journey searched.

    Notes
    -----
    With people P, capacity S and weight w: 2SFCA and E2SFCA A_i = Σ_j w_ij·S_j / Σ_k P_k·w_kj;
    3SFCA the same with G_ij·w_ij for w_ij, G_ij = w_ij / Σ_j w_ij within the catchment; BFCA
    A_i = Σ_j b_ij·S_j / Σ_k P_k·a_kj with a_ij = w_ij / Σ_j w_ij, b_ij = w_ij / Σ_i w_ij; spatial
    availability V_i = Σ_j S_j·P_i·w_ij / Σ_k P_k·w_kj. A venue without capacity is no choice: it
    is left out of a_ij and G_ij. Capacity that nobody reaches is given to nobody, and told.
    """
    if method not in get_args(CatchmentMethod):
        raise DataError(
            f"Catchments: {method!r} is not a method.",
            hint=f"Use one of {', '.join(get_args(CatchmentMethod))}.",
        )
    if method == "2sfca" and decay.shape != "step":
        raise DataError(
            f"Catchments: 2sfca takes a single limit, not {decay.words}.",
            hint="Use e2sfca for weights that fall with time.",
        )
    options.check_sizes("Catchments")
    amount, notes = _people(options, people)
    words = subject or options.unit
    weight, cut = weigh(options, decay, subject=words)
    capacity = options.sizes
    counted = (weight > 0) & (capacity[options.opportunity] > 0)
    ways = _Ways(
        origin=options.origin[counted],
        venue=options.opportunity[counted],
        weight=weight[counted],
        origins=len(options.origins),
        venues=len(capacity),
    )
    values, demand = _share_out(ways, amount, capacity, method, demand_power)
    ratio = np.divide(capacity, demand, out=np.full(len(capacity), np.nan), where=demand > 0)
    supply = pd.DataFrame(
        {
            "destination": options.opportunities["destination"],
            "capacity": capacity,
            "demand": demand,
            "per_person": ratio,
        },
        index=options.opportunities.index,
    )
    measure = OriginMeasure(
        name=method,
        table=options.on_asked(values),
        unit=options.unit if method == "spatial_availability" else f"{options.unit} per person",
        method=f"{CATCHMENT_WORDS[method]} {_sentence(decay.words)}",
        notes=(*options.notes, *notes, *cut, *_supply_notes(supply, words)),
    )
    counts = pd.Series(amount, index=options.origins, name="people").reindex(options.asked)
    return Catchment(measure=measure, supply=supply, people=counts, method=method)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ways:
    """Every way that counts, with its weight."""

    origin: NDArray[np.int64]
    venue: NDArray[np.int64]
    weight: NDArray[np.float64]
    origins: int
    venues: int

    def by_origin(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sums(self.origin, values, self.origins)

    def by_venue(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return _sums(self.venue, values, self.venues)


def _share_out(
    ways: _Ways,
    people: NDArray[np.float64],
    capacity: NDArray[np.float64],
    method: CatchmentMethod,
    demand_power: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what each origin gets, and the demand at each venue.

    Sums that are divided by hold the way itself, so they are above zero, but for demand where
    nobody lives.
    """
    weight = ways.weight
    going = coming = weight
    if method in {"3sfca", "bfca"}:
        chosen = weight / ways.by_origin(weight)[ways.origin]
        going = coming = chosen * weight
        if method == "bfca":
            going, coming = chosen, weight / ways.by_venue(weight)[ways.venue]
    if method == "spatial_availability":
        people = people**demand_power
        coming = weight * people[ways.origin]
    demand = ways.by_venue(people[ways.origin] * going)
    ratio = np.divide(capacity, demand, out=np.zeros_like(capacity), where=demand > 0)
    return ways.by_origin(coming * ratio[ways.venue]), demand


def _people(options: Options, people: pd.Series) -> tuple[NDArray[np.float64], list[Note]]:
    """Return people on the origins, and say who cannot compete."""
    given = people.reindex(options.origins)
    wrong = options.origins[(~np.isfinite(given.to_numpy(dtype=np.float64))) | (given < 0)]
    if len(wrong):
        raise DataError(
            f"Catchments: {len(wrong)} origins have no number of people (first: {wrong[0]}).",
            hint="Give people, 0 or more, for every origin of the times.",
        )
    notes = []
    absent = people.index.difference(options.origins)
    if len(absent):
        text = (
            f"{people.loc[absent].sum():,.0f} people of {len(absent)} origins do not compete: "
            "there are no travel times from there."
        )
        notes.append(note_items("access", "people_without_times", absent, text))
    off = options.origins[(options.status != "reached").to_numpy() & (given > 0).to_numpy()]
    if len(off) and len(options.opportunities):
        text = (
            f"{given.loc[off].sum():,.0f} people of {len(off)} origins do not compete: they are "
            "not on the network, so what they reach is not known."
        )
        notes.append(note_items("access", "people_off_the_network", off, text))
    return given.to_numpy(dtype=np.float64), notes


def _supply_notes(supply: pd.DataFrame, words: str) -> list[Note]:
    notes = []
    nothing = supply.index[supply["capacity"] == 0]
    if len(nothing):
        text = (
            f"Offers of {words} with a capacity of zero: {len(nothing)}. They count as no choice."
        )
        notes.append(note_items("access", "capacity_zero", nothing, text))
    unused = supply.index[(supply["capacity"] > 0) & (supply["demand"] <= 0)]
    if len(unused):
        text = (
            f"Offers of {words} that nobody can reach in the time: {len(unused)}, with "
            f"{supply.loc[unused, 'capacity'].sum():,.4g} in capacity that is given to nobody."
        )
        notes.append(note_items("access", "capacity_out_of_reach", unused, text))
    return notes


def _sums(at: NDArray[np.int64], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.asarray(np.bincount(at, weights=values, minlength=size), dtype=np.float64)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
