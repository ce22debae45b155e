"""What is known of the fictional areas' people: deprivation, census, life expectancy?

The distributions and correlations follow the published national pattern: income, employment,
health and education deprivation go together (0.7 to 0.8), crime less so (0.55), the living
environment little (0.3), barriers to services slightly the other way (they are a matter of the
countryside).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from planner.demo.areas import Area
from planner.demo.dice import Dice, Floats

Ints = NDArray[np.int64]

#: Domain → correlation with the common factor. That of two domains is the product of theirs.
DOMAINS: dict[str, float] = {
    "income": 0.90,
    "employment": 0.88,
    "education": 0.85,
    "health": 0.87,
    "crime": 0.64,
    "barriers": -0.22,
    "environment": 0.34,
}
#: The weights of the English Indices of Deprivation.
WEIGHTS = {
    "income": 0.225,
    "employment": 0.225,
    "education": 0.135,
    "health": 0.135,
    "crime": 0.093,
    "barriers": 0.093,
    "environment": 0.093,
}
#: Areas of England that are ranked (LSOA 2021).
ENGLAND = 33_755

ACTIVITY = (
    *(
        f"Economically active {group}: {work}"
        for group in ("(excluding full-time students)", "and a full-time student")
        for work in (
            "In employment: Employee: Part-time",
            "In employment: Employee: Full-time",
            "In employment: Self-employed with employees: Part-time",
            "In employment: Self-employed with employees: Full-time",
            "In employment: Self-employed without employees: Part-time",
            "In employment: Self-employed without employees: Full-time",
            "Unemployed",
        )
    ),
    "Economically inactive: Retired",
    "Economically inactive: Student",
    "Economically inactive: Looking after home or family",
    "Economically inactive: Long-term sick or disabled",
    "Economically inactive: Other",
)
CLASSES = (
    "L1, L2 and L3 Higher managerial, administrative and professional occupations",
    "L4, L5 and L6 Lower managerial, administrative and professional occupations",
    "L7 Intermediate occupations",
    "L8 and L9 Small employers and own account workers",
    "L10 and L11 Lower supervisory and technical occupations",
    "L12 Semi-routine occupations",
    "L13 Routine occupations",
    "L14.1 and L14.2 Never worked and long-term unemployed",
    "L15 Full-time students",
)
QUALIFICATIONS = (
    "No qualifications",
    "Level 1 and entry level qualifications",
    "Level 2 qualifications",
    "Apprenticeship",
    "Level 3 qualifications",
    "Level 4 qualifications and above",
    "Other qualifications",
)
CARS = (
    "No cars or vans in household",
    "1 car or van in household",
    "2 cars or vans in household",
    "3 or more cars or vans in household",
)
DISABILITY = (
    "Disabled under the Equality Act: Day-to-day activities limited a lot",
    "Disabled under the Equality Act: Day-to-day activities limited a little",
    "Not disabled under the Equality Act: Has long term physical or mental health condition but "
    "day-to-day activities are not limited",
    "Not disabled under the Equality Act: No long term physical or mental health conditions",
)


@dataclass(frozen=True, kw_only=True)
class People:
    """Figures of every area, in the order of the areas.

    ``scores`` are the domain scores (the greater the more deprived), ``rank`` the published
    overall rank (0: none); the census tables have one row an area and one column a
    category. ``claimants`` counts benefit claimants, ``life`` is by middle layer area:
    (deaths, population, years, lower, upper) of males, females and persons.
    """

    population: Ints
    scores: Mapping[str, Floats]
    rank: Ints
    activity: Ints
    classes: Ints
    qualifications: Ints
    cars: Ints
    disability: Ints
    claimants: Ints
    life: Mapping[str, tuple[tuple[int, int, float, float, float], ...]]


def build_people(areas: Sequence[Area], seed: int) -> People:
    """Return figures for all areas, context areas included."""
    dice = Dice(seed, "people")
    count = len(areas)
    factor, age, urban = _factors(areas, dice)
    latent = _latent(factor, urban, dice)
    population = np.rint(1_500.0 * np.exp(0.13 * dice.normal(count))).clip(1_000, 2_900)
    adults = np.rint(
        population * (0.815 + 0.03 * age + 0.012 * dice.normal(count)).clip(0.70, 0.93)
    )
    activity = _activity(latent, age, urban, adults, dice)
    students = activity[:, 7:14].sum(axis=1) + activity[:, 15]
    working = activity[:, [6, 16, 17, 18]].sum(axis=1)
    return People(
        population=population.astype(np.int64),
        scores=_scores(latent),
        rank=_ranks(latent),
        activity=activity,
        classes=_classes(latent, adults, students, dice),
        qualifications=_qualifications(latent, age, adults, dice),
        cars=_cars(latent, urban, population, dice),
        disability=_disability(latent, age, population, dice),
        claimants=np.rint(working * 0.42).astype(np.int64),
        life=_life(areas, latent["health"], population, dice),
    )


def _factors(areas: Sequence[Area], dice: Dice) -> tuple[Floats, Floats, Floats]:
    """Return the common factor of deprivation (mean 0.15, spread 1), age and urbanity."""
    count = len(areas)
    u, v = np.array([a.u for a in areas]), np.array([a.v for a in areas])
    phase = dice.uniform(4, 0.0, 2.0 * np.pi)
    smooth = sum(
        np.sin(u / wave + phase[k]) * np.cos(v / (wave * 0.8) + phase[k])
        for k, wave in enumerate((900.0, 1_300.0, 1_900.0, 2_900.0))
    )
    towns = dice.normal(1 + max(a.town_number for a in areas)) * 0.3
    town = towns[[a.town_number for a in areas]]
    need = np.array([a.district.need for a in areas])
    factor = need + town + 0.16 * smooth + 0.36 * dice.normal(count)
    factor = (factor - factor.mean()) / factor.std() + 0.15
    age = np.array([a.district.age for a in areas]) + 0.35 * dice.normal(count)
    return factor, age, np.array([a.district.urban for a in areas])


def _latent(factor: Floats, urban: Floats, dice: Dice) -> dict[str, Floats]:
    """Return each domain before its scale is put on: spread 1, correlated as in `DOMAINS`."""
    common = factor - factor.mean()
    common /= common.std()
    basis = [common]
    latent: dict[str, Floats] = {}
    for domain, share in DOMAINS.items():
        own = dice.normal(len(factor))
        own += {"barriers": -2.2, "environment": 1.0}.get(domain, 0.0) * (urban - urban.mean())
        own -= own.mean()
        # Gram and Schmidt: what a domain has of its own goes with no other's.
        for known in basis:
            own = own - known * (own @ known) / (known @ known)
        own /= own.std()
        basis.append(own)
        latent[domain] = 0.15 + share * common + np.sqrt(1.0 - share**2) * own
    return latent


def _logistic(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _scores(latent: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return scores on the scales the domains are published on."""
    x = latent
    scores = {
        "income": 0.75 * _logistic(1.15 * (x["income"] - 1.35)),
        "employment": 0.42 * _logistic(1.05 * (x["employment"] - 1.5)),
        "education": 90.0 * _logistic(1.2 * (x["education"] - 1.3)),
        "health": 0.85 * x["health"],
        "crime": 0.8 * x["crime"],
        "barriers": 20.0 * np.exp(0.35 * x["barriers"]),
        "environment": 21.0 * np.exp(0.45 * x["environment"]),
    }
    return {domain: np.round(values, 3) for domain, values in scores.items()}


def _ranks(latent: Mapping[str, Floats]) -> Ints:
    """Return the overall rank among the areas of England (1 = most deprived), each once.

    A place larger than England has no rank (0) for the areas beyond.
    """
    share = {domain: ndtr(values[:ENGLAND]) for domain, values in latent.items()}
    end = 1.0 - np.exp(-100.0 / 23.0)
    scores = [WEIGHTS[d] * -23.0 * np.log(1.0 - share[d] * end) for d in WEIGHTS]
    overall = np.sum(scores, axis=0)
    order = np.lexsort((np.arange(len(overall)), -np.round(overall, 6)))
    # The same order, put where a place somewhat more deprived than the country would stand.
    standard = (overall[order] - overall.mean()) / overall.std()
    wanted = ENGLAND * (1.0 - ndtr(standard * 0.95 + 0.2))
    rank = np.zeros(len(latent["income"]), np.int64)
    taken = 0
    for at, want in zip(order, wanted, strict=True):
        taken = max(taken + 1, int(want))
        rank[at] = taken
    # At the far end of a very large place the ranks may run over; they are then pushed back.
    room = ENGLAND + 1
    for at in order[::-1]:
        room = min(room - 1, int(rank[at]))
        rank[at] = room
    return rank


def _share_out(shares: Sequence[Floats], totals: Floats, dice: Dice) -> Ints:
    """Return whole numbers that add up to the totals, near the shares with a little chance."""
    count = len(totals)
    weight = np.column_stack(shares).clip(0.0)
    noise = 1.0 + 0.09 * dice.normal(count * weight.shape[1]).reshape(weight.shape).clip(-3, 3)
    weight = weight * noise
    exact = weight / weight.sum(axis=1, keepdims=True) * totals[:, None]
    number = np.floor(exact + 1e-9)
    spare = np.rint(totals - number.sum(axis=1)).astype(int)
    rank = np.argsort(np.argsort(-np.round(exact - number, 9), axis=1, kind="stable"), axis=1)
    return np.asarray(number + (rank < spare[:, None]), dtype=np.int64)


def _near(x: Floats, dice: Dice) -> Floats:
    """Return something of the same spread that mostly, not wholly, goes with ``x``."""
    return np.asarray(0.92 * x + 0.39 * dice.normal(len(x)))


def _activity(
    latent: Mapping[str, Floats], age: Floats, urban: Floats, adults: Floats, dice: Dice
) -> Ints:
    x, sick = _near(latent["employment"], dice), latent["health"]
    students = 0.045 + 0.075 * urban * (age < -0.45) + 0.02 * urban
    retired = (0.225 + 0.075 * age - 0.015 * x).clip(0.06, 0.45)
    rest = 1.0 - students - retired
    out = 0.055 + 0.235 * _logistic(1.15 * (x - 1.0))
    mix = [np.exp(0.16 * dice.normal(len(x))) for _ in range(4)]
    long_sick = out * (0.37 + 0.05 * sick.clip(-2, 2)) * mix[0]
    home, other = out * 0.27 * mix[1], out * 0.16 * mix[2]
    unemployed = out * (0.18 + 0.02 * x.clip(-2, 2)) * mix[3]
    out = long_sick + home + other + unemployed
    busy = rest * (1.0 - out)
    split = (0.165, 0.635, 0.012, 0.030, 0.062, 0.096)
    return _share_out(
        [
            *(busy * part for part in split),
            rest * unemployed,
            *(students * 0.30 * part for part in (0.88, 0.04, 0.01, 0.01, 0.03, 0.03)),
            students * 0.05,
            retired,
            students * 0.65,
            rest * home,
            rest * long_sick,
            rest * other,
        ],
        adults,
        dice,
    )


def _classes(latent: Mapping[str, Floats], adults: Floats, students: Ints, dice: Dice) -> Ints:
    x = _near((latent["education"] + latent["employment"]) / 1.88, dice)
    shares = [
        0.14 * np.exp(-0.55 * x),
        0.21 * np.exp(-0.28 * x),
        0.12 * np.exp(-0.08 * x),
        0.11 * np.exp(-0.05 * x),
        0.055 * np.exp(0.10 * x),
        0.115 * np.exp(0.22 * x),
        0.12 * np.exp(0.38 * x),
        0.055 * np.exp(0.62 * x),
    ]
    number = _share_out(shares, adults - students, dice)
    return np.column_stack([number, students])


def _qualifications(latent: Mapping[str, Floats], age: Floats, adults: Floats, dice: Dice) -> Ints:
    x = _near(latent["education"], dice)
    shares = [
        0.15 * np.exp(0.42 * x + 0.12 * age),
        0.095 * np.exp(0.15 * x),
        0.132 * np.exp(0.06 * x),
        0.053 + 0.0 * x,
        0.165 * np.exp(-0.05 * x),
        0.34 * np.exp(-0.45 * x),
        0.028 * np.exp(0.1 * x),
    ]
    return _share_out(shares, adults, dice)


def _cars(latent: Mapping[str, Floats], urban: Floats, population: Floats, dice: Dice) -> Ints:
    households = np.rint(population / (2.32 + 0.08 * dice.normal(len(population))).clip(2.0, 2.7))
    income = _near(latent["income"], dice)
    none = 0.04 + 0.54 * _logistic(0.95 * income + 1.9 * urban - 2.3)
    rest = 1.0 - none
    two = rest * (0.36 - 0.10 * urban - 0.05 * latent["income"].clip(-2, 2))
    three = rest * (0.14 - 0.07 * urban - 0.02 * latent["income"].clip(-2, 2))
    return _share_out([none, rest - two - three, two, three], households, dice)


def _disability(latent: Mapping[str, Floats], age: Floats, population: Floats, dice: Dice) -> Ints:
    x = _near(latent["health"], dice)
    lot = (0.068 * np.exp(0.36 * x + 0.14 * age)).clip(0.015, 0.25)
    little = (0.098 * np.exp(0.17 * x + 0.14 * age)).clip(0.03, 0.25)
    other = 0.068 * np.exp(0.08 * age)
    return _share_out([lot, little, other, 1.0 - lot - little - other], population, dice)


def _life(
    areas: Sequence[Area], health: Floats, population: Floats, dice: Dice
) -> dict[str, tuple[tuple[int, int, float, float, float], ...]]:
    """Return life expectancy of males, females and persons by middle layer area."""
    cells: dict[str, list[int]] = {}
    for at, area in enumerate(areas):
        cells.setdefault(area.msoa_code, []).append(at)
    noise = dice.normal(len(cells) * 2).reshape(-1, 2)
    life = {}
    for (code, own), (common, apart) in zip(cells.items(), noise, strict=True):
        years = 80.9 - 2.6 * float(health[own].mean()) + 0.45 * float(common)
        people = int(population[own].sum()) * 5
        rows = []
        for shift, part in ((-1.95 + 0.2 * apart, 0.493), (1.85 + 0.2 * apart, 0.507), (0.0, 1.0)):
            at_risk = int(people * part)
            middle = min(max(years + float(shift), 71.0), 91.0)
            deaths = max(int(at_risk * 0.0098 * np.exp((80.9 - middle) * 0.075)), 20)
            half = 27.0 / float(np.sqrt(deaths))
            rows.append(
                (
                    deaths,
                    at_risk,
                    round(middle, 6),
                    round(middle - half, 6),
                    round(middle + half, 6),
                )
            )
        life[code] = tuple(rows)
    return life
