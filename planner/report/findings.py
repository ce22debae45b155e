"""What do the results say, in sentences that each stand on a figure?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.access import NOT_KNOWN, Measure
from planner.maps.two_way import thirds
from planner.report.words import say_count, say_number, say_share, sentence
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.wording import say_are, say_list, say_many

if TYPE_CHECKING:
    from planner.neighbourhoods import Neighbourhoods
    from planner.plan import Plan

WORST_SHARE = 5  # the worst fifth: one area in five
TOP = 10


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How the people of a place stand to one kind of service; shares add up to 1.

    ``median_minutes`` is the lower weighted median over people whose journey is known, with no
    way there counting as infinitely long. ``standard_minutes`` is NaN for the bundle, each of
    whose kinds has its own. ``standard_words`` says by which way the standard was judged; the
    median is by the way that gaps go by. ``areas`` counts areas by travel status.
    """

    kind: str
    median_minutes: float
    standard_minutes: float
    standard_words: str
    within: float
    beyond: float
    not_known: float
    areas: dict[str, int]


def build_reach(plan: Plan, kind: str) -> Reach:
    """Sum up the nearest of one kind (or the bundle, its slowest) over the people of the place."""
    measure: Measure = "bundle_minutes_slowest" if kind == "bundle" else "minutes_nearest"
    nearest = plan.access.wide(measure, kind)
    people = plan.area.place["population"].reindex(nearest.index).to_numpy(dtype=float)
    status = nearest["status"].to_numpy()
    minutes = np.where(status == "reached", nearest["value"].to_numpy(dtype=float), np.inf)
    timed = ~np.isin(status, NOT_KNOWN)
    met = _find_met(plan, kind, nearest.index)
    total = people.sum()

    def share(word: str) -> float:
        return float(people[met == word].sum() / total) if total > 0 else math.nan

    return Reach(
        kind=kind,
        median_minutes=weighted_median(minutes[timed], people[timed]),
        standard_minutes=math.nan if kind == "bundle" else plan.compliance.minutes(kind),
        standard_words="" if kind == "bundle" else MODE_WORDS[plan.compliance.modes[kind]],
        within=share("met"),
        beyond=share("not_met"),
        not_known=share("not_known"),
        areas={str(key): int(count) for key, count in pd.Series(status).value_counts().items()},
    )


def _find_met(plan: Plan, kind: str, codes: pd.Index) -> np.ndarray:
    """Return whether each area keeps the standard; the bundle keeps it where all its kinds do."""
    if kind == "bundle":
        status = bundle_gaps(plan).set_index("area_code")["gap_status"].reindex(codes)
        words = {"gap": "not_met", "no_data": "not_known"}
        met = status.map(lambda word: words.get(word, "met"))
    else:
        met = plan.compliance.met(kind).reindex(codes)
    found: np.ndarray = met.to_numpy(dtype=object)
    return found


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """Return the lower weighted median; NaN where nobody is counted."""
    if len(values) == 0 or weights.sum() <= 0:
        return math.nan
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, passed[-1] / 2, side="left")])


def find_need(plan: Plan) -> tuple[str, ...]:
    """Say where need is greatest and where its parts come together."""
    scores = plan.need.scores
    ranked = scores[scores["need_score"].notna()].sort_values("need_rank", kind="stable")
    if ranked.empty:
        return ("No area could be ranked: no layer speaks for need.",)
    first = [area_words(plan, code) for code in ranked.index[:3]]
    found = [
        f"Need is greatest in {say_list(first)} ({plan.need.reference}; rank 1 is the greatest)."
    ]
    domains = plan.need.domain_scores.dropna(axis=1, how="all")
    if domains.shape[1] > 1:
        stacked = count_worst(domains)
        half = math.ceil(domains.shape[1] / 2)
        top = ranked.index[:TOP]
        many = int((stacked.reindex(top) >= half).sum())
        found.append(
            f"Needs stack up: of the {len(top)} areas with the greatest need, {many} "
            f"{'is' if many == 1 else 'are'} in the worst fifth of the place in at least {half} of "
            f"{domains.shape[1]} domains ({say_list([str(d).replace('_', ' ') for d in domains])})."
        )
    worst = ranked.index[ranked["need_decile"] == 1]
    people = float(plan.area.place["population"].reindex(worst).sum())
    found.append(
        f"{say_number(people)} people live in the worst tenth, {say_many(len(worst), 'area')}."
    )
    return tuple(found)


def count_worst(domains: pd.DataFrame) -> pd.Series:
    """Return in how many domains each area is in the worst fifth of the place (high = worse)."""
    ranks = domains.rank(ascending=False, method="min")
    return (ranks <= math.ceil(len(domains) / WORST_SHARE)).sum(axis=1).rename("worst_domains")


def find_types(plan: Plan) -> tuple[str, ...]:
    """Say how many types there are and what the neediest is like."""
    types = plan.neighbourhoods.types
    if types.empty:
        return ("Areas could not be grouped into types.",)
    first = types.iloc[0]
    found = [
        f"There are {say_many(len(types), 'type')} of neighbourhood. The one with the greatest "
        f"mean need is “{first['type_name']}”: {say_many(int(first['areas']), 'area')} and "
        f"{say_number(float(first['population']))} people."
    ]
    if str(first["distinguishing"]).strip():
        found.append(sentence(f"What sets it apart: {first['distinguishing']}"))
    found.append(say_stability(plan.neighbourhoods, plan.project.spec.neighbourhoods.stable))
    found.append(sentence(f"How the number of types was chosen: {plan.neighbourhoods.rule}"))
    if untyped := say_untyped(plan):
        found.append(untyped)
    return tuple(found)


def say_stability(types: Neighbourhoods, stable: float) -> str:
    """Say in one sentence whether types come back, and which are tentative (below ``stable``)."""
    found = types.stability
    if found is None:
        return "Whether the types would come back if areas were drawn anew was not looked at."
    times = f"When the grouping is repeated {len(found.draws)} times on areas drawn at random, "
    tentative = found.types[found.types["tentative"]]
    if tentative.empty:
        least = say_share(float(found.types["jaccard"].min()))
        return f"{times}every type comes back with {least} or more of its areas the same."
    each = say_list(
        [f"{number} ({say_share(float(row['jaccard']))})" for number, row in tentative.iterrows()]
    )
    one = len(tentative) == 1
    return (
        f"{times}{'type' if one else 'types'} {each} {'comes' if one else 'come'} back with less "
        f"than {say_share(stable)} of {'its' if one else 'their'} areas the same and "
        f"{'is' if one else 'are'} called tentative: lean on {'it' if one else 'them'} with care."
    )


def say_untyped(plan: Plan) -> str:
    """Say how many areas and people have no type, or one by imputed values; "" where neither."""
    labels = plan.neighbourhoods.labels.reindex(plan.area.codes)
    without = labels.index[labels.isna()]
    if not len(without):
        imputed = [note.text for note in plan.notes if note.what == "types_imputed"]
        return sentence(imputed[0]) if imputed else ""
    people = float(plan.area.place["population"].reindex(without).sum())
    return (
        f"{say_many(len(without), 'area')} with {say_number(people)} people "
        f"{'has' if len(without) == 1 else 'have'} no type: a figure is missing in a layer that "
        "types are judged by."
    )


def find_access(plan: Plan) -> tuple[str, ...]:
    """Say who is within the standard of each kind of the bundle, who is not, who is not known."""
    whole = build_reach(plan, "bundle")
    found = []
    if math.isnan(whole.median_minutes):
        found.append(
            "How long it takes to reach every service of the bundle is not known anywhere."
        )
    elif math.isinf(whole.median_minutes):
        found.append(
            "At least half of the people cannot reach every service of the bundle "
            f"{MODE_WORDS[plan.way.mode]}."
        )
    else:
        found.append(
            f"Half of the people need {whole.median_minutes:.0f} minutes or more "
            f"{MODE_WORDS[plan.way.mode]} to the slowest service of the bundle (each at its "
            "nearest venue)."
        )
    for kind in plan.project.spec.bundle.kinds:
        reach = build_reach(plan, kind)
        if reach.not_known == 1:
            found.append(f"Nothing is known of the way to a {kind_words(kind)}.")
            continue
        text = (
            f"{say_share(reach.within)} of people live within {say_number(reach.standard_minutes)} "
            f"minutes {reach.standard_words} of a {kind_words(kind)}, {say_share(reach.beyond)} "
            "do not"
        )
        if reach.not_known > 0:
            text += f"; for {say_share(reach.not_known)} it is not known"
        found.append(f"{text}.")
    return tuple(found)


def find_gaps(plan: Plan) -> tuple[str, ...]:
    """Say how many areas are gaps for the whole bundle, and name the largest with reasons."""
    table = bundle_gaps(plan)
    gaps = table[table["gap_status"] == "gap"]
    people = float(gaps["population"].sum())
    if gaps.empty:
        more = _say_unknown(table)
        return (f"No area whose journeys are known breaches the standard of the bundle.{more}",)
    found = [
        f"{say_many(len(gaps), 'area')} with {say_number(people)} people "
        f"{'is a gap' if len(gaps) == 1 else 'are gaps'} for the bundle: its services are "
        f"not all within their standards.{_say_neediest(gaps)}{_say_unknown(table)}"
    ]
    found += [
        sentence(f"{area_words(plan, row.area_code)}: {row.gap_reason}")
        for row in gaps.head(3).itertuples()
    ]
    found += plan.gap_certainty.findings if plan.gap_certainty is not None else ()
    found += plan.larger_gaps.findings if plan.larger_gaps is not None else ()
    return tuple(found)


def _say_neediest(gaps: pd.DataFrame) -> str:
    """Say how many gaps are where need is greatest; "" where no need is known."""
    need = gaps["need_percentile"]
    if need.isna().all():
        return ""
    many = int((thirds(need) == 3).sum())
    return f" {many or 'None'} of them {say_are(many)} in the third of areas with the most need."


def _say_unknown(table: pd.DataFrame) -> str:
    """Say for how many areas it is not known whether they are a gap; "" where for none."""
    unknown = int((table["gap_status"] == "no_data").sum())
    return f" For {say_many(unknown, 'area')} it is not known." if unknown else ""


def bundle_gaps(plan: Plan) -> pd.DataFrame:
    """Return the bundle's gaps, largest first, areas without data last."""
    table = plan.gaps.table[plan.gaps.table["kind"] == "bundle"]
    return table.sort_values(["gap_rank", "area_code"], na_position="last", kind="stable")


def area_words(plan: Plan, code: str) -> str:
    """Return an area's name with its code."""
    name = str(plan.area.areas["area_name"].get(code, ""))
    return f"{name} ({code})" if name and name != code else str(code)


def count_people(plan: Plan) -> str:
    """Return the number of areas and people of the place in words."""
    place = plan.area.place
    return f"{say_many(len(place), 'area')}, {say_count(float(place['population'].sum()))} people"
