"""How many offers or jobs can people reach, and how long until they reach so many?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access.decay import SHAPE_SOURCES, Decay
from planner.access.options import Options, OriginMeasure
from planner.errors import DataError
from planner.ledger import Note
from planner.travel.times import DECISECONDS_PER_MINUTE

Summary = Literal["mean", "median"]

#: A function without a limit that still gives so much at the cutoff is told of.
_CUT_SHORT = 0.01


def build_kth_nearest(options: Options, k: float = 1) -> OriginMeasure:
    """Return the minutes until so many opportunities are within reach.

    Parameters
    ----------
    options
        Who can choose among what.
    k
        How many (offers, places or jobs), above zero. With offers, 1 is the nearest one.

    Returns
    -------
    measure
        Minutes. An origin from which fewer are within the cutoff is ``over_cutoff`` where as
        many are on its piece of the network, else ``unreachable``; where there are fewer in all,
        it is ``no_data``, and told.

    Notes
    -----
    Cost to the k-th nearest opportunity; opportunities at one place count together.
    """
    if not (math.isfinite(k) and k > 0):
        raise DataError(f"Nearest: {k!r} is not a number of opportunities above zero.")
    options.check_sizes("Nearest")
    minutes = _minutes_until(options, k)
    found = ~np.isnan(minutes)
    enough = options.connected_size >= k
    words = np.where(found, "reached", np.where(enough, "over_cutoff", "unreachable"))
    notes = list(options.notes)
    total = float(options.sizes.sum())
    if total < k:
        words = np.full(len(words), "no_data")
        text = f"Of {options.unit} there are fewer than the {k:g} asked for: {total:g} in all."
        notes.append(Note(stage="access", what="fewer_than_asked", count=1, text=text))
    on = (options.status == "reached").to_numpy()
    status = pd.Series(np.where(on, words, options.status), index=options.origins, dtype=object)
    which = "nearest" if k == 1 else f"nearest {k:g}"
    return OriginMeasure(
        name=f"minutes_nearest_{k:g}",
        table=options.on_asked(minutes, status),
        unit="minutes",
        method=f"Minutes to the {which} ({options.unit}).",
        more_is_better=False,
        notes=tuple(notes),
    )


def build_within(options: Options, minutes: float) -> OriginMeasure:
    """Return how many opportunities are within some minutes; one at exactly that time counts.

    Raises
    ------
    TravelError
        The threshold lies beyond the cutoff.

    Notes
    -----
    Cumulative opportunities (Wachs and Kumagai, 1973). Nothing within reach is a true 0.
    """
    options.check_limit(minutes)
    options.check_sizes("Within reach")
    return OriginMeasure(
        name=f"within_{minutes:g}",
        table=options.on_asked(_sums(options, options.deciseconds <= _limit(minutes))),
        unit=options.unit,
        method=(
            f"Number of {options.unit} within {minutes:g} minutes: cumulative opportunities "
            "(Wachs and Kumagai, 1973)."
        ),
        notes=options.notes,
    )


def build_share_within(options: Options, minutes: float) -> OriginMeasure:
    """Return the share of all usable opportunities on the map that is within some minutes.

    Where the people of an origin may use none of them, the share is 0.
    """
    options.check_limit(minutes)
    options.check_sizes("Within reach")
    sums = _sums(options, options.deciseconds <= _limit(minutes))
    share = np.divide(sums, options.usable, out=np.zeros_like(sums), where=options.usable > 0)
    return OriginMeasure(
        name=f"share_within_{minutes:g}",
        table=options.on_asked(np.minimum(share, 1.0)),
        unit="share (0 to 1)",
        method=(
            f"Share of all {options.unit} on the map, as far as they are open to the people of an "
            f"area, within {minutes:g} minutes."
        ),
        notes=options.notes,
    )


def build_interval(
    options: Options, begin: int, end: int, *, summary: Summary = "mean"
) -> OriginMeasure:
    """Return the mean or median number within reach over thresholds from one minute to another.

    Parameters
    ----------
    options
        Who can choose among what.
    begin, end
        Whole minutes; every minute from the first to the last is a threshold.
    summary
        Over the thresholds.

    Notes
    -----
    Time interval cumulative accessibility (Tomasiello and others, 2023): a single threshold is
    arbitrary, and results jump where many opportunities lie near it.
    """
    if not begin <= end or begin != int(begin) or end != int(end):
        raise DataError(f"Interval: {begin!r} to {end!r} are not whole minutes in order.")
    for minutes in (begin, end):
        options.check_limit(minutes)
    options.check_sizes("Within reach")
    count = int(end) - int(begin) + 1
    first = -(-options.deciseconds // DECISECONDS_PER_MINUTE) - int(begin)
    near = first < count
    cell = options.origin[near] * count + np.maximum(first[near], 0)
    amount = options.sizes[options.opportunity[near]]
    sums = np.bincount(cell, weights=amount, minlength=len(options.origins) * count)
    reached = np.cumsum(sums.reshape(len(options.origins), count), axis=1)
    values = reached.mean(axis=1) if summary == "mean" else np.median(reached, axis=1)
    return OriginMeasure(
        name=f"{summary}_within_{begin:g}_to_{end:g}",
        table=options.on_asked(values),
        unit=options.unit,
        method=(
            f"{summary.capitalize()} number of {options.unit} within {begin:g} to {end:g} minutes, "
            "minute by minute: interval cumulative accessibility (Tomasiello and others, 2023)."
        ),
        notes=options.notes,
    )


def build_gravity(options: Options, decay: Decay) -> OriginMeasure:
    """Return the number of opportunities, each counting less the longer it takes.

    Parameters
    ----------
    options
        Who can choose among what.
    decay
        Function of minutes. Without a limit of its own, it ends at the cutoff; what it would
        still have given there is told.

    Notes
    -----
    Σ_j size_j · f(minutes_ij) (Hansen, 1959).
    """
    options.check_sizes("Gravity")
    weight, notes = weigh(options, decay)
    amount = options.sizes[options.opportunity] * weight
    values = np.bincount(options.origin, weights=amount, minlength=len(options.origins))
    return OriginMeasure(
        name=f"gravity_{decay.shape}",
        table=options.on_asked(np.asarray(values, dtype=np.float64)),
        unit=f"{options.unit}, weighted",
        method=(
            f"Gravity accessibility (Hansen, 1959) to {options.unit}: {decay.words} "
            f"({SHAPE_SOURCES[decay.shape]})."
        ),
        notes=(*options.notes, *notes),
    )


def build_bands(options: Options, edges: Sequence[float]) -> tuple[OriginMeasure, ...]:
    """Return how many opportunities lie in each band of minutes.

    Parameters
    ----------
    options
        Who can choose among what, such as jobs.
    edges
        Upper ends of the bands in minutes, rising; the first band begins at 0. A journey of
        exactly an upper end is in the band below it.
    """
    if len(edges) == 0 or any(a >= b for a, b in pairwise(edges)):
        raise DataError("Bands: upper ends must rise, and there must be one at least.")
    for edge in edges:
        options.check_limit(edge)
    options.check_sizes("Bands")
    found = []
    for lower, upper in zip([None, *edges], edges, strict=False):
        inside = options.deciseconds <= _limit(upper)
        if lower is not None:
            inside &= options.deciseconds > _limit(lower)
        begin = 0 if lower is None else lower
        words = "" if lower is None else f"more than {begin:g} and "
        found.append(
            OriginMeasure(
                name=f"between_{begin:g}_and_{upper:g}",
                table=options.on_asked(_sums(options, inside)),
                unit=options.unit,
                method=f"Number of {options.unit} {words}up to {upper:g} minutes away.",
                notes=options.notes,
            )
        )
    return tuple(found)


def weigh(
    options: Options, decay: Decay, *, subject: str = ""
) -> tuple[NDArray[np.float64], tuple[Note, ...]]:
    """Return the weight of each way, and what is cut off by the longest journey searched.

    ``subject`` says in words what people go to, for notes; "" for the unit of ``options``.

    Raises
    ------
    TravelError
        The function's limit lies beyond the cutoff.
    DataError
        The function is not one of minutes.
    """
    if decay.unit != "minutes":
        raise DataError(
            "Decay: the function is one of kilometres, and journeys are in minutes.",
            hint="Turn it into minutes at a stated pace (to_minutes).",
        )
    notes: tuple[Note, ...] = ()
    if decay.limit is not None:
        options.check_limit(decay.limit)
    else:
        left = float(decay.weights(np.array([options.cutoff_minutes]))[0])
        if left > _CUT_SHORT:
            words = subject or options.unit
            text = (
                f"{words[:1].upper()}{words[1:]}: journeys beyond {options.cutoff_minutes:g} "
                f"minutes were not searched and count nothing, though the function still gives "
                f"{left:.2g} there."
            )
            notes = (Note(stage="access", what="decay_cut_short", count=1, text=text),)
    return decay.weights(options.minutes), notes


def _limit(minutes: float) -> int:
    return math.floor(minutes * DECISECONDS_PER_MINUTE + 1e-6)


def _sums(options: Options, counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return, for each origin, the size of the opportunities whose way is counted."""
    amount = options.sizes[options.opportunity[counted]]
    sums = np.bincount(options.origin[counted], weights=amount, minlength=len(options.origins))
    return np.asarray(sums, dtype=np.float64)


def _minutes_until(options: Options, k: float) -> NDArray[np.float64]:
    """Return the minutes by which at least ``k`` are reached; NaN where they never are."""
    size = options.sizes[options.opportunity]
    some = size > 0
    origin, time, size = options.origin[some], options.deciseconds[some], size[some]
    minutes = np.full(len(options.origins), np.nan)
    if len(origin) == 0:
        return minutes
    begin = np.flatnonzero(np.concatenate([[True], origin[1:] != origin[:-1]]))
    if bool((options.sizes[options.sizes > 0] >= k).all()):
        # Each alone is enough: the nearest.
        minutes[origin[begin]] = np.minimum.reduceat(time, begin) / DECISECONDS_PER_MINUTE
        return minutes
    order = np.argsort(origin * (int(time.max()) + 1) + time, kind="stable")
    so_far = np.cumsum(size[order])
    before = np.repeat((so_far - size[order])[begin], np.diff([*begin, len(origin)]))
    enough = np.flatnonzero(so_far - before >= k - 1e-9)
    who = origin[order][enough]
    first = np.concatenate([[True], who[1:] != who[:-1]]) if len(who) else np.zeros(0, dtype=bool)
    minutes[who[first]] = time[order][enough[first]] / DECISECONDS_PER_MINUTE
    return minutes
