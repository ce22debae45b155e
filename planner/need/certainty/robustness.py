"""How sure are the ranks, and which assumption moves an area most?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.cores import build_spans, run_all
from planner.errors import DataError
from planner.ledger import Note
from planner.need.certainty.draws import ASSUMPTIONS, Draws, build_draws
from planner.need.certainty.replay import Ints
from planner.need.certainty.sorting import Ranks
from planner.need.index import Need
from planner.project.analysis import RobustnessSettings
from planner.wording import say_are, say_many

__all__ = ["Draws", "Robustness", "build_draws", "build_robustness"]

CAVEAT = (
    "Rank intervals say how much an area's rank hangs on what is assumed in making the index. They "
    "are no confidence intervals of a survey: errors in counting people, old figures and whatever "
    "is not measured at all are not in them."
)

_ROW_BLOCK = 2048


@dataclass(frozen=True, kw_only=True, eq=False)
class Robustness:
    """How sure each area's rank is.

    Parameters
    ----------
    table
        One row an area: ``need_rank_low``, ``need_rank_high`` (the ranks that hold the stated
        share of draws), ``need_rank_median``, ``need_worst_probability`` (share of draws in the
        worst part), ``need_sure`` (``high``: in the worst part in at least the stated share of
        draws; ``low``: out of it in as many; ``depends``; <NA>: no score),
        ``need_moved_most`` (the one assumption that moves it most, ``several`` where some move it
        equally far, or ``nothing``), and ``moved_<assumption>``: by how many ranks on average.
    summary
        Index ``group``; ``areas`` and ``meaning``: how many areas are sure or not.
    assumptions
        Index ``assumption``; ``meaning``, ``ranks_moved_mean`` over the areas and
        ``areas_moved_most`` by it.
    findings, caveats
        What comes out, and how to read it, in plain sentences.
    worst_count
        How many areas the worst part has.
    notes
        What was varied, and what had to be assumed for it.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    assumptions: pd.DataFrame
    findings: tuple[str, ...]
    caveats: tuple[str, ...]
    worst_count: int
    settings: RobustnessSettings
    notes: tuple[Note, ...] = field(default=())

    @property
    def caveat(self) -> str:
        """What the intervals are not."""
        return self.caveats[0]


@dataclass(frozen=True, kw_only=True, eq=False)
class RankSummary:
    """Ranks over draws, area by area: interval, middle, and share of draws in the worst part."""

    low: Ints
    median: Ints
    high: Ints
    in_worst: Ints


def build_robustness(draws: Draws, need: Need) -> Robustness:
    """Say for each area how sure its rank is.

    Parameters
    ----------
    draws
        Ranks under many assumptions.
    need
        The index as it stands, of the same areas.

    Raises
    ------
    DataError
        The two are of different areas.

    Notes
    -----
    Intervals are exact order statistics: the same whole number of draws is left out at either
    end, so that at least the stated share is held. The median is the lower one of two.
    """
    if not draws.codes.equals(need.scores.index):
        raise DataError("The draws and the index are of different areas.", hint="Draw again.")
    settings, areas = draws.settings, len(draws.codes)
    worst = count_worst(areas, settings.worst)
    known = need.scores["need_score"].notna().to_numpy(dtype=bool)
    found = summarise_ranks(draws.ranks, settings.interval, worst)
    table = pd.DataFrame(index=draws.codes)
    for name in ("low", "high", "median"):
        table[f"need_rank_{name}"] = _whole(getattr(found, name), draws)
    judged = known & (draws.count > 0) & (worst > 0)
    share = found.in_worst / max(1, draws.count)
    table["need_worst_probability"] = np.where(judged, share, np.nan)
    sure = pd.Series(judge(found.in_worst, draws.count, settings.sure), index=table.index)
    table["need_sure"] = sure.astype("str").where(judged)
    table["need_moved_most"] = _moved_most(draws)
    table = table.join(draws.moved.add_prefix("moved_"))
    stated = need.scores["need_rank"].to_numpy(dtype="int64") <= worst
    notes = [*draws.notes, *_worst_notes(areas, worst, settings)]
    summary = _summary(table, stated, known, settings)
    return Robustness(
        table=table,
        summary=summary,
        assumptions=_assumptions(table, draws),
        findings=_findings(table, stated, draws, worst) if draws.count else (),
        caveats=(CAVEAT,),
        worst_count=worst,
        settings=settings,
        notes=tuple(notes),
    )


# --- what comes out ----------------------------------------------------------------------------


def count_worst(areas: int, worst: float) -> int:
    """Return how many areas the worst part has: ranks with ``rank / areas`` up to ``worst``.

    For a tenth these are the areas of decile 1, ``ceil(10 · rank / areas) = 1``.
    """
    return int(np.floor(areas * worst + 1e-9))


def summarise_ranks(ranks: Ranks, interval: float, worst: int) -> RankSummary:
    """Sum up each area's ranks over the draws, exactly.

    Parameters
    ----------
    ranks
        Areas × draws.
    interval
        The share of draws that an interval holds at least.
    worst
        How many ranks count as the worst part.
    """
    areas, draws = ranks.shape
    result = np.zeros((4, areas), dtype=np.int64)
    if not draws:
        return RankSummary(low=result[0], median=result[1], high=result[2], in_worst=result[3])
    out = int(np.floor(draws * (1.0 - interval) / 2 + 1e-9))

    def work(first: int, last: int) -> None:
        ordered = np.sort(ranks[first:last], axis=1)
        result[0, first:last] = ordered[:, out]
        result[1, first:last] = ordered[:, (draws - 1) // 2]
        result[2, first:last] = ordered[:, draws - 1 - out]
        result[3, first:last] = (ordered <= worst).sum(axis=1)

    run_all(work, build_spans(areas, _ROW_BLOCK))
    return RankSummary(low=result[0], median=result[1], high=result[2], in_worst=result[3])


def judge(in_worst: Ints, draws: int, sure: float) -> np.ndarray:
    """Return ``high``, ``low`` or ``depends`` for each area."""
    enough = sure * draws - 1e-9
    return np.where(
        in_worst >= enough, "high", np.where(draws - in_worst >= enough, "low", "depends")
    )


def part_words(worst: float) -> str:
    """Return what the worst part is called."""
    words = {0.05: "twentieth", 0.1: "tenth", 0.2: "fifth", 0.25: "quarter", 0.5: "half"}
    return f"worst {words.get(round(worst, 9), f'{worst:.0%}')}"


def _whole(values: Ints, draws: Draws) -> pd.Series:
    whole = pd.Series(values, index=draws.codes, dtype="Int64")
    return whole if draws.count else whole.mask(np.ones(len(whole), dtype=bool))


def _moved_most(draws: Draws) -> pd.Series:
    if not draws.count:
        return pd.Series("", index=draws.codes).mask(np.ones(len(draws.codes), dtype=bool))
    if not len(draws.moved.columns):
        return pd.Series("nothing", index=draws.codes)
    moved = draws.moved.to_numpy(dtype="float64")
    most = moved.max(axis=1, keepdims=True)
    first = ((most > 0) & (most[:, :1] - moved < 1e-9)).sum(axis=1)
    names = draws.moved.columns.to_numpy(dtype=object)[moved.argmax(axis=1)]
    found = np.select([first == 1, first > 1], [names, "several"], "nothing")
    return pd.Series(found, index=draws.codes)


def _summary(
    table: pd.DataFrame, stated: np.ndarray, known: np.ndarray, settings: RobustnessSettings
) -> pd.DataFrame:
    part, sure = part_words(settings.worst), f"{settings.sure:.0%}"
    groups = {
        "stated": (int(stated.sum()), f"in the {part} by the index as it stands"),
        "high": (_count(table, "high"), f"in the {part} in at least {sure} of the draws"),
        "depends": (_count(table, "depends"), "in it or not: it depends on what is assumed"),
        "low": (_count(table, "low"), f"out of the {part} in at least {sure} of the draws"),
        "unknown": (int((~known).sum()), "without a score, ranked last"),
    }
    summary = pd.DataFrame.from_dict(groups, orient="index", columns=["areas", "meaning"])
    summary.index.name = "group"
    return summary


def _count(table: pd.DataFrame, sure: str) -> int:
    return int((table["need_sure"] == sure).sum())


def _assumptions(table: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    most = table["need_moved_most"].value_counts()
    rows = {
        name: (
            ASSUMPTIONS.get(name, name),
            float(draws.moved[name].mean()),
            int(most.get(name, 0)),
        )
        for name in draws.moved.columns
    }
    columns = ["meaning", "ranks_moved_mean", "areas_moved_most"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    found.index.name = "assumption"
    return found.sort_values("ranks_moved_mean", ascending=False, kind="stable")


def _findings(table: pd.DataFrame, stated: np.ndarray, draws: Draws, worst: int) -> tuple[str, ...]:
    settings = draws.settings
    part, sure = part_words(settings.worst), table["need_sure"]
    if not len(draws.moved.columns) and bool((draws.ranks == draws.ranks[:, :1]).all()):
        return ("Nothing was varied, so nothing here says how sure the ranks are.",)
    sentences = []
    if worst:
        inside = int((stated & (sure == "high").to_numpy()).sum())
        further = int((~stated & sure.isin(["high", "depends"]).to_numpy()).sum())
        sentences.append(
            f"Of {say_many(worst, 'area')} in the {part}, {inside:,} {say_are(inside)} there "
            f"whatever is assumed (in at least {settings.sure:.0%} of {draws.count:,} draws); "
            f"{further:,} more may be."
        )
    moved = draws.moved.mean().sort_values(ascending=False, kind="stable")
    if len(moved) and moved.iloc[0] > 0:
        name = str(moved.index[0])
        sentences.append(
            f"What matters most is {ASSUMPTIONS.get(name, name)}: by itself it moves an area by "
            f"{moved.iloc[0]:.2g} ranks on average."
        )
    width = (table["need_rank_high"] - table["need_rank_low"]).astype("float64")
    sentences.append(
        f"Half of the areas stay within {int(width.quantile(0.5, interpolation='higher')):,} "
        f"ranks from one end to the other in {100 * settings.interval:.4g}% of the draws; the "
        f"least sure one needs {int(width.max()):,}."
    )
    return tuple(sentences)


def _worst_notes(areas: int, worst: int, settings: RobustnessSettings) -> list[Note]:
    if worst:
        return []
    text = (
        f"{say_many(areas, 'area')} {say_are(areas)} too few for a "
        f"{part_words(settings.worst)}, so no area is said to be in it, or not."
    )
    return [Note(stage="need", what="draws_no_worst_part", count=areas, text=text)]
