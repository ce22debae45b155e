"""Which places have a like profile, what do they share, and where does one stand out among them?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.errors import DataError, ProjectError
from planner.layers import LayerSpec
from planner.ledger import Note, note_named
from planner.wording import say_list

#: A district's figure needs this share of its areas, with a value and, if by people, residents.
LEAST_COVERED = 0.8
#: Differences from the alike places of this many of their standard deviations are spoken of.
STANDS_OUT = 1.0
#: With fewer alike places, their standard deviation says next to nothing.
LEAST_ALIKE = 3
METHOD = (
    "Nearest by the distance between profiles: each measure less its mean over all places, in "
    "standard deviations, squared, averaged over the measures and rooted. It works like the "
    "statistical nearest neighbours that councils use, but from the measures named here only: no "
    "population, rurality or finance unless they are among them."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Alike:
    """The places most like one place, and how it stands among them.

    Parameters
    ----------
    place
        The place in question.
    nearest
        Index place, nearest first; ``distance`` in standard deviations (root mean square over
        the measures), ``nearest_in`` and ``furthest_in`` (measures).
    standing
        Index measure; ``value`` of the place, ``alike_mean`` and ``alike_sd`` of the nearest,
        ``difference_sd`` (value less mean in those standard deviations; NaN where all nearest are
        equal), ``all_mean`` and ``z`` (the place among all), ``widest_gap`` (the furthest any of
        the nearest is from the place, in standard deviations of all).
    measures
        The measures used, in the order of the profiles.
    places
        How many places were looked at, the place itself among them.
    method, findings
        How it was done and what came of it, in plain words.
    """

    place: str
    nearest: pd.DataFrame
    standing: pd.DataFrame
    measures: tuple[str, ...]
    places: int
    method: str
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())


def build_district_profiles(
    values: pd.DataFrame,
    districts: pd.Series,
    people: pd.Series | None = None,
    *,
    specs: Mapping[str, LayerSpec] | None = None,
) -> pd.DataFrame:
    """Sum small areas up to one profile a district.

    Parameters
    ----------
    values
        Area × measure, of all areas of the nation (`Layers.reference`).
    districts
        Index ``area_code``: the district each is in; areas without one are left out.
    people
        Residents by area; without, every area counts alike.
    specs
        What the measures are. Of ranks, which are never averaged, the share of people in the
        worst fifth of all areas is taken; counts are set against residents (per 1,000), and left
        out where ``people`` is not given. Without ``specs`` all are averaged.

    Returns
    -------
    profiles
        Index district, sorted; one column a measure. NaN where fewer than `LEAST_COVERED` of the
        district's areas have a value (and residents, if ``people`` is given).
    """
    codes = values.index[values.index.isin(districts.dropna().index)]
    group = districts.reindex(codes)
    weight = pd.Series(1.0, index=codes)
    if people is not None:
        weight = people.reindex(codes).astype(float)
    columns = {}
    for key in values.columns:
        kind = specs[key].kind if specs is not None and key in specs else "score"
        figures = values[key].astype(float)
        if kind == "count":
            if people is None:
                continue
            figures = 1000.0 * figures / people.reindex(figures.index).replace(0, np.nan)
        elif kind == "rank":
            known = figures.notna()
            worst = 5 * figures.rank(method="average") <= known.sum()
            figures = worst.astype(float).where(known)
        columns[key] = _mean_by(figures.reindex(codes), weight, group)
    profiles = pd.DataFrame(columns)
    profiles.index.name = "place"
    return profiles.sort_index()


def find_alike(
    profiles: pd.DataFrame,
    place: str,
    *,
    n: int = 10,
    weights: Mapping[str, float] | None = None,
    titles: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Alike:
    """Return the places whose profile is nearest to that of one place.

    Parameters
    ----------
    profiles
        Place × measure, in any units: each measure is standardised over all places.
    place
        One of the index.
    n
        How many places; at least 3.
    weights
        Measure → weight, 1 where not given; 0 leaves a measure out.
    titles, names
        Measures and places in words.

    Raises
    ------
    ProjectError
        The place is not there, ``n`` is too small or too large, a weight is negative or of an
        unknown measure, or no measure tells places apart.

    Notes
    -----
    Ties in distance go by the place's code. The method is that of statistical nearest neighbours
    (Chartered Institute of Public Finance and Accountancy), see `METHOD`.
    """
    weight = _weights(profiles, place, weights)
    used, notes = _complete(profiles, place, weight)
    if not LEAST_ALIKE <= n <= len(used) - 1:
        raise ProjectError(
            f"--alike {n}: there are {len(used) - 1} other places to choose from.",
            hint=f"Ask for {LEAST_ALIKE} to {len(used) - 1}."
            if len(used) > LEAST_ALIKE
            else "Use a lookup and layers that cover more places.",
        )
    weight = weight[used.columns]
    z = (used - used.mean()) / used.std(ddof=0)
    gaps = (z - z.loc[place]).drop(index=place)
    distance = np.sqrt((gaps**2).mul(weight).sum(axis=1) / weight.sum()).round(12)
    order = sorted(distance.index, key=lambda code: (distance[code], str(code)))[:n]
    near = gaps.loc[order].abs()
    nearest = pd.DataFrame(
        {
            "distance": distance[order],
            "nearest_in": near.idxmin(axis=1),
            "furthest_in": near.idxmax(axis=1),
        },
        index=pd.Index(order, name="place"),
    )
    standing = _standing(used, z, place, order)
    return Alike(
        place=place,
        nearest=nearest,
        standing=standing,
        measures=tuple(used.columns),
        places=len(used),
        method=METHOD,
        findings=_findings(place, nearest, standing, titles or {}, names or {}),
        notes=tuple(notes),
    )


# --- parts --------------------------------------------------------------------------------


def _mean_by(figures: pd.Series, weight: pd.Series, group: pd.Series) -> pd.Series:
    known = figures.notna() & weight.notna()
    held = weight.where(known, 0.0)
    total = held.groupby(group).sum()
    mean = (figures * held).where(known, 0.0).groupby(group).sum() / total.where(total > 0)
    return mean.where(known.groupby(group).mean() >= LEAST_COVERED)


def _weights(profiles: pd.DataFrame, place: str, weights: Mapping[str, float] | None) -> pd.Series:
    if not profiles.index.is_unique:
        raise DataError("Profiles: a place stands more than once.")
    if place not in profiles.index:
        raise ProjectError(
            f"{place}: there is no profile of this place.",
            hint=f"There are {len(profiles)}, such as {', '.join(map(str, profiles.index[:3]))}.",
        )
    given = dict(weights or {})
    for key, value in given.items():
        if key not in profiles.columns:
            raise ProjectError(f"There is no measure {key!r} to weight.")
        if value < 0:
            raise ProjectError(f"The weight of {key!r} is below zero.")
    return pd.Series({key: float(given.get(key, 1.0)) for key in profiles.columns}, dtype=float)


def _complete(
    profiles: pd.DataFrame, place: str, weight: pd.Series
) -> tuple[pd.DataFrame, list[Note]]:
    """Keep the measures that the place has and that differ, and the places that have them all."""
    notes = []
    kept = [key for key in profiles.columns if weight[key] > 0]
    absent = [key for key in kept if pd.isna(profiles.loc[place, key])]
    if absent:
        notes.append(
            note_named("compare", "measures_unknown", absent, "not known of the place, so left out")
        )
    used = profiles[[key for key in kept if key not in absent]].dropna()
    lost = profiles.index.difference(used.index)
    if len(lost):
        notes.append(
            note_named("compare", "places_left_out", list(lost), "without one of the measures")
        )
    flat = [key for key in used if used[key].std(ddof=0) <= 1e-12 * used[key].abs().max()]
    if flat:
        notes.append(
            note_named("compare", "measures_constant", flat, "the same everywhere, so left out")
        )
    used = used.drop(columns=flat)
    if not len(used.columns):
        raise ProjectError(
            "No measure tells the places apart.",
            hint="Add layers that cover the whole nation.",
        )
    return used, notes


def _standing(used: pd.DataFrame, z: pd.DataFrame, place: str, order: list[str]) -> pd.DataFrame:
    group = used.loc[order]
    spread = group.std(ddof=1)
    varies = spread > 1e-12 * group.abs().max()
    table = pd.DataFrame(
        {
            "value": used.loc[place],
            "alike_mean": group.mean(),
            "alike_sd": spread,
            "difference_sd": (used.loc[place] - group.mean()) / spread.where(varies),
            "all_mean": used.mean(),
            "z": z.loc[place],
            "widest_gap": (z.loc[order] - z.loc[place]).abs().max(),
        }
    )
    table.index.name = "measure"
    return table


def _findings(
    place: str,
    nearest: pd.DataFrame,
    standing: pd.DataFrame,
    titles: Mapping[str, str],
    names: Mapping[str, str],
) -> tuple[str, ...]:
    def title(key: object) -> str:
        return titles.get(str(key), str(key))

    name = names.get(place, place)
    listed = [
        f"{names.get(code, code)} ({row['distance']:.2f})" for code, row in nearest.iterrows()
    ]
    found = [f"Most like {name}, with the distance in standard deviations: {', '.join(listed)}."]
    shared = standing["widest_gap"].sort_values(kind="stable").head(3)
    found.append(
        f"They have most in common in {say_list([title(key) for key in shared.index])}: none is "
        f"more than {shared.max():.2f} standard deviations from {name} there."
    )
    away = standing["difference_sd"].dropna()
    away = away[away.abs() >= STANDS_OUT]
    away = away.loc[away.abs().sort_values(ascending=False, kind="stable").index]
    if len(away):
        words = [
            f"{title(key)} ({abs(value):.1f} standard deviations "
            f"{'above' if value > 0 else 'below'})"
            for key, value in away.head(5).items()
        ]
        found.append(f"Among them {name} stands out in {say_list(words)}.")
    else:
        found.append(f"In no measure is {name} a standard deviation or more away from them.")
    return tuple(found)
