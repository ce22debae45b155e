"""Which need does the page show: the project's, or need as a visitor weighs it just now?"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from planner.need import Need, decile
from planner.need.aggregation import decompose
from planner.need.certainty.reweigh import Reweigher, build_reweigher
from planner.need.certainty.robustness import judge, part_words
from planner.ui import state
from planner.wording import say_list, to_label

#: Weights as they can be told apart: domain and weight, in a fixed order.
Weights = tuple[tuple[str, float], ...]

#: So many draws at most tell how sure moved ranks are: more would not be at once.
MOST_DRAWS = 500

SURE_COLUMNS = ["need_rank_low", "need_rank_high", "need_worst_probability", "need_sure"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """Need as the page shows it.

    Where weights are ``moved``, the score, rank and tenth within the place, the parts and the
    weights of ``need`` are those; all else in it is the project's. ``sure`` has `SURE_COLUMNS`
    by area, no rows where it is not known.
    """

    need: Need
    sure: pd.DataFrame
    moved: bool

    @property
    def worst(self) -> pd.Index:
        """The areas in the worst tenth."""
        scores = self.need.scores
        return scores.index[(scores["need_decile"] == 1).to_numpy()]


def as_projected(plan: state.Plan) -> Shown:
    """Return need as the project has it."""
    needs = plan.needs
    none = pd.DataFrame(columns=SURE_COLUMNS)
    known = needs is not None and needs.draws.count > 0
    sure = needs.robustness.table[SURE_COLUMNS] if known else none
    return Shown(need=plan.need, sure=sure, moved=False)


def build_weigher(plan: state.Plan) -> Callable[[Weights], Shown]:
    """Return what shows need by other weights at once; the last few are kept."""
    settings = plan.project.spec.robustness
    reweigher = build_reweigher(plan.need, plan.layers, plan.area, settings)
    return functools.lru_cache(maxsize=8)(functools.partial(weigh, plan.need, reweigher))


def weigh(need: Need, reweigher: Reweigher, weights: Weights) -> Shown:
    """Return need by other weights, with its intervals.

    Raises
    ------
    ProjectError
        All weights are zero.
    """
    given = dict(weights)
    moved = reweighed(need, given, reweigher.ranks(given))
    settings = reweigher.settings
    draws = min(MOST_DRAWS, settings.draws)
    found = reweigher.intervals(given, draws)
    share = found["need_worst_probability"].astype("float64")
    in_worst = (share.fillna(0.0) * draws).round().to_numpy(dtype="int64")
    sure = pd.Series(judge(in_worst, draws, settings.sure), index=found.index)
    found["need_sure"] = sure.astype("str").where(share.notna())
    return Shown(need=moved, sure=found[SURE_COLUMNS], moved=True)


def reweighed(need: Need, weights: Mapping[str, float], ranks: pd.Series) -> Need:
    """Return need with the score, ranks and parts that come from other weights."""
    share = pd.Series(weights, dtype="float64").reindex(need.weights.index, fill_value=0.0)
    share = share / share.sum()
    names = list(need.domain_scores.columns)
    values = need.domain_scores.to_numpy(dtype="float64")
    split = decompose(values, share[names].to_numpy(), need.settings.aggregation)
    adds = pd.DataFrame(split, index=need.parts.index, columns=names)
    score = adds.sum(axis=1, min_count=1)
    scores = need.scores.assign(
        need_score=score, need_rank=ranks, need_decile=decile(ranks, len(ranks))
    )
    return replace(need, scores=scores, parts=adds, weights=share)


# ---- words ------------------------------------------------------------------------------------


def share_words(weights: pd.Series) -> str:
    """Return how much each domain counts, the most first, as a part of a sentence."""
    ordered = weights[weights > 0].sort_values(ascending=False, kind="stable")
    said = [f"{to_label(d)} {_percent(w)}" for d, w in ordered.items()]
    without = [to_label(domain) for domain in weights.index[~(weights > 0)]]
    return say_list(said) + (f"; nothing: {say_list(without)}" if without else "")


def _percent(share: float) -> str:
    """Return a share in percent, to two significant figures and no needless nought."""
    return f"{float(f'{100 * share:.2g}'):g}%"


def sure_words(plan: state.Plan) -> dict[str, str]:
    """Return what each class of `need_sure` is called."""
    part = part_words(plan.project.spec.robustness.worst)
    return {
        "high": f"In the {part} whatever is assumed",
        "depends": f"In the {part} or not: it depends",
        "low": f"Not in the {part} whatever is assumed",
    }


def worst_words(plan: state.Plan) -> str:
    """Return what the worst part is called: "worst tenth"."""
    return part_words(plan.project.spec.robustness.worst)


def labels(plan: state.Plan) -> pd.Series:
    """Return the areas' names, each once: where two are alike their codes follow."""
    names = plan.area.place["area_name"].astype(str)
    codes = pd.Series(names.index.astype(str), index=names.index)
    return names.where(~names.duplicated(keep=False), names + " (" + codes + ")")
