"""What do figures of small areas come to in the larger areas they are in?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from planner.layers import Layers
from planner.need.domains import ranked_layers
from planner.need.index import Need
from planner.wording import say_list, to_label

#: Names of small areas that are numbered within a larger one: Trafford 025A, Carntyne - 03.
_SMALL_NAME = r"^(?:(.+ \d{3})[A-Z]|(.+) - \d+)$"


def spread_ranks(need: Need, layers: Layers, values: pd.DataFrame) -> pd.DataFrame:
    """Return values that may be averaged: where a domain is a rank, its official score instead.

    Official scores spread ranks so that districts can be summed up by them (average score); in
    any other normalisation a rank stays one, and `find_parents` refuses it.
    """
    if need.settings.normalisation != "official":
        return values
    ranks = _rank_domains(layers, list(values.columns))
    return values.assign(**{d: need.domain_scores[d].reindex(values.index) for d in ranks})


def find_parents(
    need: Need, layers: Layers, codes: pd.Index, domains: Sequence[str]
) -> tuple[pd.Series | None, str]:
    """Return the larger area of each area (None: unknown), and why it cannot be repeated there.

    The second is "" where findings can be repeated.
    """
    if not layers.parents.shape[1]:
        return None, "the project has no lookup to larger areas (name one in [lookups])"
    parents = layers.parents.iloc[:, 0].reindex(codes)
    if not bool(parents.notna().any()):
        return None, "of none of the areas it is known which larger area it is in"
    ranks = _rank_domains(layers, domains)
    if ranks and need.settings.normalisation != "official":
        named = say_list([to_label(domain) for domain in ranks])
        have = "is a rank" if len(ranks) == 1 else "are ranks"
        why = f"{named} {have}, and ranks cannot be averaged over the areas in a larger one"
        return parents, why
    return parents, ""


def _rank_domains(layers: Layers, domains: Sequence[str]) -> list[str]:
    specs = ranked_layers(layers)
    return [d for d in domains if any(spec.kind == "rank" for spec in specs.get(d, []))]


def average_values(
    values: pd.DataFrame, people: pd.Series, points: pd.DataFrame, parents: pd.Series
) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Return values (means by people), people and middle points of the larger areas."""
    means = weighted_mean(values, people, parents)
    return (
        means,
        people.groupby(parents).sum().reindex(means.index),
        points.groupby(parents).mean().reindex(means.index),
    )


def weighted_mean(values: pd.DataFrame, people: pd.Series, parents: pd.Series) -> pd.DataFrame:
    """Average known values by people; in a larger area without people every area counts once."""
    nobody = people.groupby(parents).transform("sum") <= 0
    weight = people.where(~nobody, 1.0)
    known = values.notna().mul(weight, axis=0).groupby(parents, sort=True).sum()
    total = values.mul(weight, axis=0).groupby(parents, sort=True).sum(min_count=1)
    return total / known.where(known > 0)


def name_parents(names: pd.Series, parents: pd.Series) -> pd.Series:
    """Return larger area → the name its areas' names share (Trafford 025A), else its code."""
    shared = names.astype(str).str.extract(_SMALL_NAME).bfill(axis=1).iloc[:, 0]
    found = shared.fillna("").groupby(parents).agg(["first", "nunique"])
    alike = (found["nunique"] == 1) & (found["first"] != "")
    return found["first"].where(alike, found.index.to_series())
