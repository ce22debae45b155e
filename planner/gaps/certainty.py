"""In how many draws of what had to be assumed is a gap still one, and still among the greatest?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access import BUNDLE, Access
from planner.compliance import Compliance
from planner.cores import build_spans, run_all
from planner.errors import DataError
from planner.gaps.assumptions import (
    Draws,
    Ints,
    Journey,
    build_journeys_of,
    draw_assumptions,
)
from planner.gaps.certainty_words import find_certainty, say_method, say_notes
from planner.gaps.table import Gaps
from planner.ledger import Note
from planner.project import GapSettings

COLUMNS = [
    "area_code",
    "kind",
    "gap_share",
    "greatest_share",
    "gap_rank_low",
    "gap_rank_high",
    "gap_share_threshold",
    "gap_share_speed",
    "gap_share_departure",
]
#: Nine ranks in ten lie between these.
LOW, HIGH = 0.05, 0.95
#: So many numbers (areas × draws) are worked on at once, at most.
_AT_ONCE = 250_000


@dataclass(frozen=True, kw_only=True, eq=False)
class GapCertainty:
    """How often each gap is still one when something else is assumed.

    Parameters
    ----------
    table
        Columns `COLUMNS`, on the rows of `planner.gaps.Gaps.table`. ``gap_share`` is the share
        of draws in which the area breaks the standard, ``greatest_share`` in which it does and is
        among the `greatest` first of those that do; nine ranks in ten lie from ``gap_rank_low`` to
        ``gap_rank_high``; ``gap_share_…`` with only that assumption varied, NaN where it cannot
        be. All NaN where it is not known whether the standard is met.
    draws, greatest
        How many draws; how many gaps count as the greatest.
    findings, method
        In sentences that page and report share.
    """

    table: pd.DataFrame
    draws: int
    greatest: int
    findings: tuple[str, ...]
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != COLUMNS:
            raise DataError("Certainty of gaps: the columns are not as agreed.")
        shares = self.table[[name for name in COLUMNS if "share" in name]].to_numpy(dtype=float)
        if bool(((shares < 0) | (shares > 1)).any()):
            raise DataError("Certainty of gaps: a share is below 0 or above 1.")
        if bool((self.table["greatest_share"] > self.table["gap_share"] + 1e-12).any()):
            raise DataError("Certainty of gaps: an area is a great gap more often than a gap.")

    def of(self, kind: str) -> pd.DataFrame:
        """Return the rows of one kind, or of ``bundle``, on area codes."""
        return self.table[self.table["kind"] == kind].set_index("area_code")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Case:
    """One kind, or the bundle: which standards are held against which journeys, and the ranking."""

    held: Sequence[tuple[float, Journey]]
    main: Journey
    apart: bool
    ranked: NDArray[np.bool_]
    judged: NDArray[np.bool_]


def build_gap_certainty(
    gaps: Gaps,
    compliance: Compliance,
    access: Access,
    settings: GapSettings,
    *,
    main: str,
    bundle: Sequence[str],
    walk_kmh: float,
    names: pd.Series,
    need_percentiles: NDArray[np.float32] | None = None,
    departures: Mapping[str, NDArray[np.float64]] | None = None,
    cutoffs: Mapping[str, float] | None = None,
) -> GapCertainty:
    """Draw what had to be assumed again and again, and look which gaps are still gaps.

    Parameters
    ----------
    gaps, compliance, access
        Gaps, standards held against access, and access by the way that gaps go by.
    settings
        How many draws, the seed and the ranges; at least one draw.
    main, bundle
        The key of the way that gaps go by, and the kinds of the bundle.
    walk_kmh
        Speed on foot that minutes are of.
    names
        Area names on codes, for the sentences.
    need_percentiles
        Areas × draws: need without access domains, 0-1; None: need as it stands.
    departures
        Minutes by public transport at equally likely percentiles of the minutes of leaving, by
        kind and for the bundle; see `planner.access.build_departures`.
    cutoffs
        Longest journey searched by key of way.

    Notes
    -----
    Need, the factor on standards (one for all kinds), the speed on foot and the minute of leaving
    are drawn apart from each other. Minutes on foot go with 1 ÷ speed exactly, so they need no
    new search up to the longest journey searched. The bundle breaks where any of its kinds does.
    """
    codes = access.codes
    leaving = departures or {}
    own, by_main = build_journeys_of(compliance, access, leaving, cutoffs or {}, main)
    stated = gaps.of(BUNDLE)["need_percentile"].reindex(codes).to_numpy(dtype=float)
    need = _to_places(stated[:, None] if need_percentiles is None else need_percentiles)
    draws = draw_assumptions(
        settings,
        walk_kmh=walk_kmh,
        departures=len(leaving.get(BUNDLE, ())),
        need_draws=need.shape[1],
    )
    rows = []
    for kind in sorted(gaps.table["kind"].unique()):
        table = gaps.of(kind).reindex(codes)
        kinds = sorted(set(bundle)) if kind == BUNDLE else [kind]
        case = _Case(
            held=[(compliance.minutes(one), own[one]) for one in kinds],
            main=by_main[kind],
            apart=kind == BUNDLE,
            ranked=table["gap_score"].notna().to_numpy(),
            judged=(table["gap_status"] != "no_data").to_numpy(),
        )
        found = _share_draws(case, draws, need, codes, settings.greatest)
        rows.append(found.assign(area_code=codes.astype(str), kind=kind))
    table = pd.concat(rows, ignore_index=True)[COLUMNS]
    table = table.sort_values(["kind", "area_code"], kind="stable", ignore_index=True)
    speeds, leaves = _varied(own.values())
    return GapCertainty(
        table=table,
        draws=settings.draws,
        greatest=settings.greatest,
        findings=find_certainty(table, gaps.table, settings, names),
        method=say_method(
            settings, need=need_percentiles is not None, speeds=speeds, leaves=leaves
        ),
        notes=say_notes(settings, compliance, own, walk_kmh),
    )


def _varied(journeys: Iterable[Journey]) -> tuple[bool, bool]:
    """Return whether the speed on foot, and the minute of leaving, change any minutes."""
    found = list(journeys)
    speeds = any(journey.on_foot for journey in found)
    return speeds, any(journey.by_departure is not None for journey in found)


def _to_places(percentiles: NDArray[np.floating]) -> Ints:
    """Return percentiles as whole numbers, N = greatest; unknown need is 0."""
    count = len(percentiles)
    return np.rint(np.nan_to_num(percentiles.astype(np.float64)) * count).astype(np.int64)


def _share_draws(
    case: _Case, draws: Draws, need: Ints, codes: pd.Index, greatest: int
) -> pd.DataFrame:
    """Return shares and ends of ranks, one row an area in the order of the codes."""
    size = max(1, _AT_ONCE // max(len(codes), 1))
    spans = build_spans(draws.count, size)
    far = _shortfalls(case)
    by_code = np.argsort(codes.astype(str).to_numpy(), kind="stable")

    def block(first: int, last: int) -> tuple[dict[str, Ints], NDArray[np.int32]]:
        gap = _breaks(case, draws, first, last, threshold=True, speed=True, departure=True)
        ranks = _rank(case, draws, need, far, by_code, first, last)
        sums = {
            "gap_share": gap.sum(axis=0),
            "greatest_share": (gap & (_place(gap, ranks) <= greatest)).sum(axis=0),
        }
        for name in ("threshold", "speed", "departure"):
            only = {key: key == name for key in ("threshold", "speed", "departure")}
            sums[f"gap_share_{name}"] = _breaks(case, draws, first, last, **only).sum(axis=0)
        return sums, ranks

    done = run_all(block, spans)
    table = pd.DataFrame(
        {name: sum(sums[name] for sums, _ in done) / draws.count for name in done[0][0]}
    )
    ranks = np.sort(np.concatenate([ranks for _, ranks in done]), axis=0)
    at = [max(int(np.ceil(share * draws.count)) - 1, 0) for share in (LOW, HIGH)]
    table["gap_rank_low"], table["gap_rank_high"] = (ranks[one].astype(float) for one in at)
    speeds, leaves = _varied(journey for _, journey in case.held)
    if not speeds:
        table["gap_share_speed"] = np.nan
    if not leaves:
        table["gap_share_departure"] = np.nan
    return table[case.judged].reindex(table.index)


def _breaks(
    case: _Case,
    draws: Draws,
    first: int,
    last: int,
    *,
    threshold: bool,
    speed: bool,
    departure: bool,
) -> NDArray[np.bool_]:
    """Return draws × areas: whether any standard is broken; not known is not broken."""
    areas = len(case.ranked)
    found = np.zeros((last - first, areas), dtype=bool)
    factor = draws.factor[first:last, None] if threshold else np.ones((1, 1))
    for standard, journey in case.held:
        minutes = journey.of_draws(draws, first, last, speed=speed, departure=departure)
        found |= minutes > standard * factor
    if case.apart:
        # Half of the people may reach each kind, and fewer all of them.
        whole = case.main.of_draws(draws, first, last, speed=False, departure=departure)
        found |= np.isinf(whole)
    return found


def _shortfalls(case: _Case) -> Ints:
    """Return percentiles of leaving × areas: how many areas are as near or nearer; 0 not ranked."""
    journey = case.main
    every = journey.minutes[None, :] if journey.by_departure is None else journey.by_departure
    found = []
    for minutes in every:
        known = case.ranked & ~np.isnan(minutes)
        places = np.zeros(len(minutes), dtype=np.int64)
        places[known] = np.searchsorted(np.sort(minutes[known]), minutes[known], side="right")
        found.append(places)
    return np.stack(found)


def _rank(
    case: _Case, draws: Draws, need: Ints, far: Ints, by_code: Ints, first: int, last: int
) -> NDArray[np.int32]:
    """Return draws × areas: rank of the gap, 1 = largest; ties by code, areas without score last.

    In whole numbers, so that ties are ties: need's place times the place by distance.
    """
    at = draws.departure[first:last] if len(far) > 1 else np.zeros(last - first, dtype=np.int64)
    score = np.where(case.ranked, need[:, draws.need[first:last]].T * far[at], -1)
    order = by_code[np.argsort(-score[:, by_code], axis=1, kind="stable")]
    ranks = np.empty(order.shape, dtype=np.int32)
    places = np.broadcast_to(np.arange(1, order.shape[1] + 1, dtype=np.int32), order.shape)
    np.put_along_axis(ranks, order, places, axis=1)
    return ranks


def _place(gap: NDArray[np.bool_], ranks: NDArray[np.int32]) -> Ints:
    """Return draws × areas: place in the list of the draw's gaps, which leaves out all others."""
    listed = np.take_along_axis(gap.astype(np.int64), np.argsort(ranks, axis=1), axis=1)
    places: Ints = np.take_along_axis(listed.cumsum(axis=1), ranks.astype(np.int64) - 1, axis=1)
    return places
