"""Which ranks come out when something else is assumed, again and again?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.errors import DataError
from planner.layers import Layers
from planner.ledger import Note
from planner.need.certainty.imprecision import FIGURES, Floats
from planner.need.certainty.replay import Cases, Ints, Replay, build_replay, generator
from planner.need.certainty.sorting import Ranks, rank_type
from planner.project import NeedSettings
from planner.project.analysis import RobustnessSettings

#: What is varied, in words. Later steps may join assumptions of their own.
ASSUMPTIONS = {
    "weights": "how much each domain counts",
    "normalisation": "how figures are put on one scale",
    "aggregation": "how domains are put together",
    "rounding": "the rounding of published figures",
    "intervals": "the published intervals of figures",
    "inheritance": "what figures of larger areas hide",
}
#: So many draws, at most, in which one assumption varies alone.
_ALONE = 200
#: Fewer draws than this tell shares and ends of intervals only roughly.
_ENOUGH = 100
#: Weights cannot stray without end; below this they fall on one domain at a time.
_LEAST_CONCENTRATION = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """Ranks of the same areas under many sets of assumptions.

    Parameters
    ----------
    codes
        The place's areas, sorted.
    ranks, ranks_access_use
        Areas × draws, 1 = greatest need: of all domains, and without those about access.
    factors
        One row a draw: ``normalisation``, ``aggregation``, ``weight_<domain>`` for each domain,
        and whether ``rounding``, ``intervals`` and ``inheritance`` were varied.
    weights
        Draws × domains, adding up to 1.
    stated_ranks, stated_ranks_access_use
        One an area: the ranks of the index as it stands.
    moved
        Areas × assumptions: by how many ranks, on average, an area is away from its stated rank
        in draws in which only that assumption varies.
    settings
        What was asked for.
    seed, notes
        What the draws were begun with; what was varied, and what had to be assumed for it.
    """

    codes: pd.Index
    ranks: Ranks
    ranks_access_use: Ranks
    factors: pd.DataFrame
    weights: Floats
    stated_ranks: Ints
    stated_ranks_access_use: Ints
    moved: pd.DataFrame
    settings: RobustnessSettings
    seed: int
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        shape = (len(self.codes), len(self.factors))
        if self.ranks.shape != shape or self.ranks_access_use.shape != shape:
            raise DataError("Draws: ranks and what was assumed are of different draws or areas.")
        if len(self.weights) != shape[1] or len(self.moved) != shape[0]:
            raise DataError("Draws: weights or shifts are of different draws or areas.")

    @property
    def count(self) -> int:
        """How many draws there are."""
        return int(self.ranks.shape[1])

    def percentiles_access_use(self) -> np.ndarray:
        """Return areas × draws: need without access domains, 0-1, 1 = greatest (float32)."""
        areas = len(self.codes)
        percentiles = (areas + 1 - np.arange(areas + 1)) / areas
        return percentiles.astype(np.float32)[self.ranks_access_use]

    def subset(self, n: int) -> Draws:
        """Return the first ``n`` draws, all of them where there are no more."""
        return replace(
            self,
            ranks=self.ranks[:, :n],
            ranks_access_use=self.ranks_access_use[:, :n],
            factors=self.factors.iloc[:n],
            weights=self.weights[:n],
        )


def build_draws(
    layers: Layers, area: StudyArea, need_settings: NeedSettings, settings: RobustnessSettings
) -> Draws:
    """Rank the areas again and again, each time under other assumptions.

    Parameters
    ----------
    layers, area, need_settings
        As in `planner.need.build_need`.
    settings
        What is varied, how often, and the seed. ``draws = 0``: not at all.

    Returns
    -------
    draws
        The same for the same seed; the first draws of many are those of few.

    Notes
    -----
    Weights are drawn from a Dirichlet distribution round the index's (`concentration`); the
    choices at each step are drawn with equal chances, the index's own always among them, apart
    from each other; how figures may be off: `planner.need.certainty.imprecision`. Saisana,
    Saltelli and Tarantola (2005), Journal of the Royal Statistical Society A 168, 307-323.
    """
    if settings.draws == 0:
        return _no_draws(area.codes, settings)
    replay = build_replay(layers, area, need_settings, settings)
    cases = draw_cases(replay, settings, settings.draws)
    varied = varied_assumptions(replay, settings)
    ranks, ranks_use = replay.ranks(cases)
    stated, stated_use = replay.ranks(replay.stated())
    return Draws(
        codes=replay.codes,
        ranks=ranks,
        ranks_access_use=ranks_use,
        factors=_factors(replay, cases),
        weights=cases.weights,
        stated_ranks=stated[:, 0].astype(np.int64),
        stated_ranks_access_use=stated_use[:, 0].astype(np.int64),
        moved=_moved(replay, cases, varied, stated[:, 0].astype(np.int64)),
        settings=settings,
        seed=settings.seed,
        notes=(*replay.notes, *_draw_notes(replay, settings, varied)),
    )


def concentration(weights: Floats, spread: float) -> float:
    """Return the concentration of the Dirichlet distribution that weights are drawn from.

    Parameters
    ----------
    weights
        One a domain, adding up to 1.
    spread
        Standard deviation, as a share of itself, of a weight of average size (1/d of d domains
        that count).

    Returns
    -------
    c
        Weights w are drawn from Dirichlet(c · w), whose mean is w and whose variance is
        w (1 - w) / (c + 1). For w = 1/d that is a standard deviation of √((d - 1) / (c + 1))
        weights, so c = (d - 1) / spread² - 1; larger weights stray less, smaller ones more. Not
        below 0.5: a spread near √(d - 1) would put all weight on one domain.

    Examples
    --------
    >>> concentration(np.full(5, 0.2), 0.25)
    63.0
    """
    counting = int((weights > 0).sum())
    return max(_LEAST_CONCENTRATION, (counting - 1) / spread**2 - 1.0)


def draw_weights(weights: Floats, spread: float, count: int, rng: np.random.Generator) -> Floats:
    """Draw weights round some others; a domain without weight stays without.

    Returns
    -------
    drawn
        Draws × domains, adding up to 1.
    """
    drawn = np.tile(weights, (count, 1))
    counting = np.flatnonzero(weights > 0)
    if spread > 0 and len(counting) > 1:
        alpha = concentration(weights, spread) * weights[counting]
        drawn[:, counting] = rng.dirichlet(alpha, size=count)
    return drawn


def draw_cases(replay: Replay, settings: RobustnessSettings, count: int, number: int = 0) -> Cases:
    """Draw sets of assumptions; another ``number`` gives others.

    Each assumption has random numbers of its own, so switching one off leaves the others as they
    are, and the first cases of many are those of few.
    """
    seed = replay.seed
    rng = {key: generator(seed, key, number) for key in ("normalisation", "aggregation")}
    choices = {"normalisation": replay.normalisations, "aggregation": replay.aggregations}
    places = {key: _pick(rng[key], len(choices[key]), count) for key in choices}
    errors = np.arange(count, dtype=np.int64) + number * 1_000_000
    return Cases(
        weights=draw_weights(
            replay.weights, settings.weight_spread, count, generator(seed, "weights", number)
        ),
        errors=dict.fromkeys(replay.varied_figures, errors),
        **places,
    )


def varied_assumptions(replay: Replay, settings: RobustnessSettings) -> list[str]:
    """Return the assumptions that there is something to vary of, in the stated order."""
    there = {
        "weights": settings.weight_spread > 0 and int((replay.weights > 0).sum()) > 1,
        "normalisation": len(replay.normalisations) > 1,
        "aggregation": len(replay.aggregations) > 1,
        **dict.fromkeys(replay.varied_figures, True),
    }
    return [key for key in ASSUMPTIONS if there.get(key)]


def alone(replay: Replay, cases: Cases, assumption: str) -> Cases:
    """Return cases in which only one assumption is as drawn, and all else as stated.

    Choices are gone through once each, as each is as likely as another.
    """
    count = min(len(cases), _ALONE)
    if assumption == "normalisation":
        each = np.arange(len(replay.normalisations), dtype=np.int64)
        return replace(replay.stated(len(each)), normalisation=each)
    if assumption == "aggregation":
        each = np.arange(len(replay.aggregations), dtype=np.int64)
        return replace(replay.stated(len(each)), aggregation=each)
    stated = replay.stated(count)
    if assumption == "weights":
        return replace(stated, weights=cases.weights[:count])
    drawn = {assumption: cases.errors[assumption][:count]}
    return replace(stated, errors={**stated.errors, **drawn})


def _pick(rng: np.random.Generator, options: int, count: int) -> Ints:
    return np.minimum((rng.random(count) * options).astype(np.int64), options - 1)


def _factors(replay: Replay, cases: Cases) -> pd.DataFrame:
    hows = np.array(replay.normalisations, dtype=object)[cases.normalisation]
    puts = [replay.aggregation(cases, at) for at in range(len(cases))]
    factors = pd.DataFrame({"normalisation": hows, "aggregation": puts})
    for place, name in enumerate(replay.names):
        factors[f"weight_{name}"] = cases.weights[:, place]
    for figure in FIGURES:
        factors[figure] = figure in replay.varied_figures
    factors.index.name = "draw"
    return factors


def _moved(replay: Replay, cases: Cases, varied: Sequence[str], stated: Ints) -> pd.DataFrame:
    moved = pd.DataFrame(index=replay.codes)
    for assumption in varied:
        ranks, _ = replay.ranks(alone(replay, cases, assumption))
        shift = np.zeros(len(stated))
        for column in ranks.T:
            shift += np.abs(column.astype(np.int64) - stated)
        moved[assumption] = shift / ranks.shape[1]
    return moved


def _no_draws(codes: pd.Index, settings: RobustnessSettings) -> Draws:
    none = np.empty((len(codes), 0), dtype=rank_type(len(codes)))
    columns = ["normalisation", "aggregation", *FIGURES]
    text = (
        "[robustness] draws = 0, so nothing says how sure the ranks are: they hold for the one "
        "set of weights and methods stated."
    )
    unknown = np.zeros(len(codes), dtype=np.int64)
    return Draws(
        codes=codes,
        ranks=none,
        ranks_access_use=none,
        factors=pd.DataFrame(columns=columns, index=pd.RangeIndex(0, name="draw")),
        weights=np.empty((0, 0)),
        stated_ranks=unknown,
        stated_ranks_access_use=unknown,
        moved=pd.DataFrame(index=codes),
        settings=settings,
        seed=settings.seed,
        notes=(Note(stage="need", what="draws_off", count=1, text=text),),
    )


def _draw_notes(replay: Replay, settings: RobustnessSettings, varied: Sequence[str]) -> list[Note]:
    notes = []
    counting = int((replay.weights > 0).sum())
    if settings.weight_spread**2 > (counting - 1) / (1 + _LEAST_CONCENTRATION) and counting > 1:
        widest = float(np.sqrt((counting - 1) / (1 + _LEAST_CONCENTRATION)))
        text = (
            f"[robustness] weight_spread {settings.weight_spread:g} is more than {counting} "
            f"domains can stray; weights stray by {widest:.2g} of themselves."
        )
        notes.append(Note(stage="need", what="draws_spread_limited", count=1, text=text))
    for key, options, listed in (
        ("normalisation", replay.normalisations, settings.normalisations),
        ("aggregation", replay.aggregations, settings.aggregations),
    ):
        if options[0] not in listed:
            text = f"The index's own {key} ({options[0]}) is drawn, too, though it is not listed."
            notes.append(Note(stage="need", what=f"draws_own_{key}", count=1, text=text))
    if "zscore" in replay.normalisations and "geometric" in replay.aggregations:
        text = "A geometric mean of z-scores does not exist, so z-scores are always added up."
        notes.append(Note(stage="need", what="draws_zscore_added", count=1, text=text))
    if settings.draws < _ENOUGH:
        text = (
            f"[robustness] draws = {settings.draws}: rank intervals and shares of so few draws are "
            f"rough; {_ENOUGH} or more tell them better."
        )
        notes.append(Note(stage="need", what="draws_few", count=settings.draws, text=text))
    if not varied:
        text = "Nothing is there to vary, so all draws are alike."
        notes.append(Note(stage="need", what="draws_alike", count=settings.draws, text=text))
    return notes
