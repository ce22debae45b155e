"""How much of what is unsure is due to each assumption, alone and together with others?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.errors import DataError
from planner.layers import Layers
from planner.ledger import Note
from planner.need.certainty.draws import ASSUMPTIONS, draw_cases, varied_assumptions
from planner.need.certainty.imprecision import Floats
from planner.need.certainty.replay import Cases, Replay, build_replay
from planner.project import NeedSettings
from planner.project.analysis import RobustnessSettings

#: Sets of assumptions to begin with; each costs as many evaluations as there are assumptions,
#: and two more.
BASE = 512
#: The output that is about all areas; the others are codes of areas.
MEAN_SHIFT = "mean_rank_shift"
COLUMNS = ["first", "first_low", "first_high", "total", "total_low", "total_high"]

_BOOTSTRAPS = 500
_INTERVAL = 0.95
_STREAM = 1_000  # apart from the numbers of the draws
#: At most so many areas × evaluations are held at once.
_CELLS = 2**25


@dataclass(frozen=True, kw_only=True, eq=False)
class Sensitivity:
    """Shares of the variance of an outcome that are due to each assumption.

    Parameters
    ----------
    table
        Index ``outcome`` (`MEAN_SHIFT` or an area's code) and ``assumption``; columns `COLUMNS`:
        the first-order index (due to it alone), the total index (with all it does together with
        others), and their bootstrap intervals (95%). NaN where nothing varies.
    base, evaluations
        How many sets of assumptions were drawn, and how often the index was worked out.
    findings, notes
        What comes out, in words; what was varied.
    """

    table: pd.DataFrame
    base: int
    evaluations: int
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())


def sobol_indices(
    first: Floats, second: Floats, mixed: Mapping[str, Floats], *, seed: int = 7
) -> pd.DataFrame:
    """Estimate Sobol' indices from the outcomes of two independent samples and their mixtures.

    Parameters
    ----------
    first, second
        Outcomes of the samples A and B.
    mixed
        Factor → outcomes of A with that factor taken from B.
    seed
        For the bootstrap over rows.

    Returns
    -------
    indices
        Index ``assumption``, columns `COLUMNS`; NaN where the outcome does not vary.

    Notes
    -----
    First order: mean of f(B) (f(A_B) - f(A)) over the variance (Saltelli and others, 2010,
    Computer Physics Communications 181, 259-270, table 2b); total: half the mean of
    (f(A) - f(A_B))² over the variance (Jansen, 1999, Computer Physics Communications 117, 35-43).
    Outcomes are centred first, which leaves both as they are and steadies the first.
    """
    rows = len(first)
    names = list(mixed)
    table = pd.DataFrame(np.nan, index=pd.Index(names, name="assumption"), columns=COLUMNS)
    middle = float(np.concatenate([first, second]).mean()) if rows else 0.0
    a, b = first - middle, second - middle
    if rows < 2 or not float(np.concatenate([a, b]).var()) > 1e-18 * max(1.0, middle**2):
        return table
    rng = np.random.default_rng([seed % 2**32, _STREAM])
    picks = np.vstack([np.arange(rows), rng.integers(rows, size=(_BOOTSTRAPS, rows))])
    variance = np.concatenate([a[picks], b[picks]], axis=1).var(axis=1)
    ends = 100 * np.array([(1 - _INTERVAL) / 2, (1 + _INTERVAL) / 2])
    for name in names:
        ab = mixed[name] - middle
        found = {
            "first": (b * (ab - a))[picks].mean(axis=1),
            "total": ((a - ab) ** 2 / 2)[picks].mean(axis=1),
        }
        for which, estimates in found.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                shares = estimates / variance
            low, high = np.nanpercentile(shares, ends)
            table.loc[name, [which, f"{which}_low", f"{which}_high"]] = [shares[0], low, high]
    return table


def build_sensitivity(
    layers: Layers,
    area: StudyArea,
    need_settings: NeedSettings,
    settings: RobustnessSettings,
    *,
    codes: Sequence[str] = (),
    base: int = BASE,
) -> Sensitivity:
    """Say what the ranks hang on: of all areas together, and of chosen ones.

    Each assumption is one factor, however many numbers it stands for: all weights are drawn
    together, and so are all errors of figures for one reason.

    Parameters
    ----------
    layers, area, need_settings, settings
        As in `planner.need.certainty.draws.build_draws`.
    codes
        Areas whose rank is looked at, beside the mean absolute shift of all from their stated
        ranks.
    base
        Sets of assumptions in each of the two samples.

    Raises
    ------
    DataError
        A chosen area is not in the place.
    """
    unknown = [code for code in codes if code not in area.codes]
    if unknown:
        raise DataError(
            f"{unknown[0]} is not an area of {area.name}.", hint="Choose one of its areas."
        )
    replay = build_replay(layers, area, need_settings, settings)
    varied = varied_assumptions(replay, settings)
    samples = [draw_cases(replay, settings, base, number) for number in (_STREAM, _STREAM + 1)]
    places = replay.codes.get_indexer(list(codes))
    outcomes = [_outcomes(replay, sample, places) for sample in samples]
    mixed = {
        name: _outcomes(replay, exchange(samples[0], samples[1], name), places) for name in varied
    }
    tables = {}
    for column, outcome in enumerate([MEAN_SHIFT, *codes]):
        tables[outcome] = sobol_indices(
            outcomes[0][column],
            outcomes[1][column],
            {name: found[column] for name, found in mixed.items()},
            seed=settings.seed,
        )
    table = pd.concat(tables, names=["outcome", "assumption"])
    return Sensitivity(
        table=table,
        base=base,
        evaluations=base * (len(varied) + 2),
        findings=tuple(_finding(outcome, tables[outcome]) for outcome in tables),
        notes=replay.notes,
    )


def exchange(first: Cases, second: Cases, assumption: str) -> Cases:
    """Return the first cases with one assumption taken from the second."""
    if assumption == "weights":
        return replace(first, weights=second.weights)
    if assumption == "normalisation":
        return replace(first, normalisation=second.normalisation)
    if assumption == "aggregation":
        return replace(first, aggregation=second.aggregation)
    return replace(first, errors={**first.errors, assumption: second.errors[assumption]})


def _outcomes(replay: Replay, cases: Cases, places: np.ndarray) -> Floats:
    """Return outcomes × cases: the mean shift from the stated ranks, and ranks of some areas."""
    stated = replay.ranks(replay.stated())[0][:, 0].astype(np.int64)
    found = np.empty((1 + len(places), len(cases)))
    step = max(1, _CELLS // len(stated))
    for start in range(0, len(cases), step):
        part = slice(start, start + step)
        ranks, _ = replay.ranks(cases.part(part))
        shift = np.abs(ranks.astype(np.int64) - stated[:, None])
        found[0, part] = shift.mean(axis=0)
        found[1:, part] = ranks[places]
    return found


def _finding(outcome: str, table: pd.DataFrame) -> str:
    what = "how far ranks move on average" if outcome == MEAN_SHIFT else f"the rank of {outcome}"
    known = table.dropna(subset=["total"])
    if known.empty:
        return f"Nothing that is varied changes {what}."
    # Sorted by name first, so that equal ones come in a fixed order.
    most = known.sort_index().sort_values("total", ascending=False, kind="stable").iloc[0]
    name = str(most.name)
    share = float(np.clip(most["first"], 0.0, 1.0))
    return (
        f"Most of what changes {what} has to do with {ASSUMPTIONS.get(name, name)}: it accounts "
        f"for {share:.0%} of the variance by itself, and has a part in "
        f"{float(np.clip(most['total'], 0.0, 1.0)):.0%}."
    )
