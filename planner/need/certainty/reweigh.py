"""What become the ranks, and how sure are they, if a weight is moved just now?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.cores import build_spans, run_all
from planner.errors import ProjectError
from planner.layers import Layers
from planner.ledger import Note
from planner.need.certainty.draws import draw_cases, draw_weights
from planner.need.certainty.imprecision import Floats
from planner.need.certainty.replay import Cases, Replay, build_replay, generator
from planner.need.certainty.robustness import count_worst, summarise_ranks
from planner.need.certainty.sorting import (
    Ranks,
    rank_type,
    rank_weighted,
    warm,
)
from planner.need.index import Need
from planner.project.analysis import RobustnessSettings

#: Domain scores of so many draws × areas × domains are kept (128 MB); where more would be needed,
#: draws share them in turn.
_CELLS = 2**24
_BLOCK = 25


@dataclass(frozen=True, kw_only=True, eq=False)
class Reweigher:
    """An index that is ranked anew for other weights, at once.

    Parameters
    ----------
    codes, names
        The place's areas, and the domains.
    scores
        Areas × domains, as normalised in the index as it stands.
    replay, cases
        The index under other assumptions, and what is assumed in each draw.
    drawn
        Draws × areas × domains: normalised scores of draws in which figures are off; no draws
        where none are.
    settings, notes
        What was asked for; what was assumed.
    """

    codes: pd.Index
    names: tuple[str, ...]
    scores: Floats
    replay: Replay
    cases: Cases
    drawn: Floats
    settings: RobustnessSettings
    notes: tuple[Note, ...] = field(default=())

    def ranks(self, weights: Mapping[str, float]) -> pd.Series:
        """Rank the areas by other weights, all else as in the index.

        Parameters
        ----------
        weights
            Domain → weight, of any total; a domain left out counts for nothing.

        Returns
        -------
        need_rank
            As `planner.need.build_need` gives it for the same weights.

        Raises
        ------
        ProjectError
            A domain is not known, or a weight is below zero; all are zero.
        """
        given = self._checked(weights)[None, :]
        found = rank_weighted(self.scores, given, self.replay.aggregations[0])[0]
        return pd.Series(found.astype("int64"), index=self.codes, name="need_rank")

    def intervals(self, weights: Mapping[str, float], draws: int = 500) -> pd.DataFrame:
        """Say how sure the ranks by other weights are.

        Parameters
        ----------
        weights
            As in `ranks`; weights are drawn round these, all else is drawn as round the index.
        draws
            How many, at most as many as there were when this was built.

        Returns
        -------
        intervals
            Index ``area_code``; ``need_rank_low``, ``need_rank_high``, and
            ``need_worst_probability`` (share of draws in the worst part). For the index's own
            weights the same as in `planner.need.certainty.robustness.build_robustness`.
        """
        count = min(draws, len(self.cases))
        rng = generator(self.replay.seed, "weights")
        given = draw_weights(self._checked(weights), self.settings.weight_spread, count, rng)
        cases = replace(self.cases.part(slice(0, count)), weights=given)
        ranks = self._drawn_ranks(cases) if len(self.drawn) else self.replay.ranks(cases)[0]
        areas = len(self.codes)
        worst = count_worst(areas, self.settings.worst)
        found = summarise_ranks(ranks, self.settings.interval, worst)
        table = pd.DataFrame({"need_rank_low": found.low, "need_rank_high": found.high})
        known = np.isfinite(self.scores[:, self._checked(weights) > 0]).any(axis=1)
        judged = known & (count > 0) & (worst > 0)
        share = np.where(judged, found.in_worst / max(1, count), np.nan)
        table = table.assign(need_worst_probability=share).set_axis(self.codes)
        return table if count else table.iloc[:0]

    def _checked(self, weights: Mapping[str, float]) -> Floats:
        unknown = sorted(set(weights) - set(self.names))
        if unknown:
            raise ProjectError(
                f"There is no domain {unknown[0]!r} to weight.",
                hint=f"Known domains: {', '.join(self.names)}.",
            )
        given = np.array([float(weights.get(name, 0.0)) for name in self.names])
        if not bool((np.isfinite(given) & (given >= 0)).all()):
            raise ProjectError("A weight is below zero.", hint="A weight is zero or more.")
        if not given.sum() > 0:
            raise ProjectError(
                "All weights are zero.", hint="Give at least one domain a weight above zero."
            )
        return np.asarray(given / given.sum())

    def _drawn_ranks(self, cases: Cases) -> Ranks:
        areas = len(self.codes)
        ranks: Ranks = np.empty((areas, len(cases)), dtype=rank_type(areas))

        def work(first: int, last: int) -> None:
            for at in range(first, last):
                how = self.replay.aggregation(cases, at)
                scores = self.drawn[at % len(self.drawn)]
                ranks[:, at] = rank_weighted(scores, cases.weights[at : at + 1], how)[0]

        run_all(work, build_spans(len(cases), _BLOCK))
        return ranks


def build_reweigher(
    need: Need, layers: Layers, area: StudyArea, settings: RobustnessSettings
) -> Reweigher:
    """Work out once all that does not hang on the weights.

    Parameters
    ----------
    need
        The index as it stands.
    layers, area
        What it was made from.
    settings
        What else is varied; as many draws are prepared as it asks for.
    """
    warm()  # nobody who moves a weight waits for the compiler
    replay = build_replay(layers, area, need.settings, settings)
    cases = draw_cases(replay, settings, settings.draws)
    areas, domains = need.domain_scores.shape
    kept = 0
    if replay.varied_figures:
        kept = min(len(cases), max(1, _CELLS // (areas * domains)))
    drawn = np.empty((kept, areas, domains))

    def work(first: int, last: int) -> None:
        for at in range(first, last):
            drawn[at] = replay.domain_scores(cases, at)

    run_all(work, build_spans(kept, _BLOCK))
    if 0 < kept < len(cases):
        # In those that share, figures and their normalisation come from the same draw.
        shared = np.arange(len(cases)) % kept
        cases = replace(cases, normalisation=cases.normalisation[shared])
    notes = list(replay.notes)
    if 0 < kept < len(cases):
        text = (
            f"With {areas:,} areas only {kept} sets of errors of figures are kept at hand, and "
            f"{len(cases)} draws share them."
        )
        notes.append(Note(stage="need", what="reweigh_shared", count=kept, text=text))
    return Reweigher(
        codes=need.scores.index,
        names=tuple(str(name) for name in need.domain_scores.columns),
        scores=need.domain_scores.to_numpy(dtype="float64"),
        replay=replay,
        cases=cases,
        drawn=drawn,
        settings=settings,
        notes=tuple(notes),
    )
