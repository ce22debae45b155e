"""Why is each area a gap, or not one, in words?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from planner.access import NOT_KNOWN
from planner.gaps.judging import build_excess
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.travel.times import STATUS_WORDS, Mode
from planner.wording import say_list


def say_kind(
    table: pd.DataFrame,
    held: pd.DataFrame,
    kind: str,
    main: Mode,
    own: Mode,
    *,
    approximate: bool,
) -> pd.Series:
    """Say of one kind how near it is, and whether its standard is kept by the way it is meant for.

    Parameters
    ----------
    table
        As `planner.gaps.judging.judge` gives it.
    held
        What it was held against, with the ``status`` by the standard's own way.
    main, own
        The way that gaps go by, and the one that the standard was judged by.
    approximate
        True where times are not from a network.
    """
    name = kind_words(kind)
    journeys = say_journeys(table, main, approximate=approximate)
    reasons = []
    for row, journey, status in zip(table.itertuples(), journeys, held["status"], strict=True):
        if row.gap_status == "no_data":
            reasons.append(f"{_say_unjudged(status, name, own)}, so not ranked as near or far")
        elif own != main:
            limit = f"standard {say_minutes(row.standard_minutes)} min {MODE_WORDS[own]}"
            taken = _say_taken(row.standard_minutes_taken, row.standard_minutes, status)
            middle = "" if row.status in NOT_KNOWN else f", {say_middle(row.middle)}"
            reasons.append(f"nearest {name} {journey}{middle}; {limit}: {taken}")
        else:
            limit = f"standard {say_minutes(row.standard_minutes)}"
            reasons.append(f"nearest {name} {journey}, {limit}, {say_middle(row.middle)}")
    return pd.Series(reasons, index=table.index, dtype=object)


def say_bundle(
    table: pd.DataFrame,
    held: Mapping[str, pd.DataFrame],
    main: Mode,
    own: Mapping[str, Mode],
    *,
    approximate: bool,
) -> pd.Series:
    """Say of the bundle what of it is out of reach, each by the way its standard is meant for."""
    kinds, excess = list(held), build_excess(held)
    far = {kind: _say_far(held[kind], excess[kind], kind, main, own[kind]) for kind in kinds}
    blank = {kind: (held[kind]["met"] == "not_known").tolist() for kind in kinds}
    journeys = say_journeys(table, main, approximate=approximate)
    reasons = []
    for i, row in enumerate(table.itertuples()):
        if row.gap_status == "no_data":
            unknown = [kind_words(kind) for kind in kinds if blank[kind][i]]
            words = _say_unknown(row.status, unknown)
            reasons.append(f"{words}, so the bundle is not ranked as near or far")
            continue
        described = [far[kind][i] for kind in kinds if far[kind][i]]
        if described:
            reach = f"{_say_share(len(described), len(kinds))} out of reach: {say_list(described)}"
        elif row.breaches:
            reach = "each service is reached by half of the people, all of them by fewer"
        else:
            reach = _say_all_within(len(kinds))
        middle = say_middle(row.middle)
        reasons.append(f"slowest of the nearest {journeys[i]}, {middle}; {reach}")
    return pd.Series(reasons, index=table.index, dtype=object)


def say_journeys(table: pd.DataFrame, mode: Mode, *, approximate: bool) -> list[str]:
    """Say, for each area, how long the way is, or that there is none."""
    about = "about " if approximate else ""
    # Rounding must not hide on which side of a standard by the same way the minutes lie.
    beside = table["standard_minutes"].where(table["standard_minutes_taken"] == table["minutes"])
    columns = zip(table["minutes"], table["status"], beside, strict=True)
    return [
        f"{about}{say_minutes(minutes, beside=limit)} min {MODE_WORDS[mode]}"
        if status == "reached"
        else f"not known {MODE_WORDS[mode]} ({STATUS_WORDS[status]})"
        if status in NOT_KNOWN
        else f"not reached ({STATUS_WORDS[status]})"
        for minutes, status, limit in columns
    ]


def say_middle(middle: float) -> str:
    """Say how long the middle area's way is."""
    if np.isnan(middle):
        return "place median not known"
    if np.isinf(middle):
        return "place median not reached"
    return f"place median {say_minutes(middle)}"


def say_minutes(value: float, *, beside: float | None = None) -> str:
    """Round to whole minutes, finer where that would hide on which side of ``beside`` it lies."""
    for decimals in (0, 1, 2):
        text = f"{value:.{decimals}f}"
        if (
            beside is None
            or np.isnan(beside)
            or value == beside
            or float(text) != round(beside, decimals)
        ):
            return text
    return text


def _say_taken(minutes: float, limit: float, status: str) -> str:
    if status != "reached":
        return f"not reached ({STATUS_WORDS[status]})"
    return f"{say_minutes(minutes, beside=limit)} min"


def _say_unjudged(status: str, name: str, own: Mode) -> str:
    """Say why it is not known whether an area keeps a standard."""
    if status in NOT_KNOWN:
        return _say_unknown(status, [name])
    return f"the way to the nearest {name} {MODE_WORDS[own]} is longer than any that was searched"


def _say_far(held: pd.DataFrame, excess: pd.Series, kind: str, main: Mode, own: Mode) -> list[str]:
    """Say, for each area in which a kind is out of reach, by how much; "" elsewhere."""
    name, how = kind_words(kind), "" if own == main else f" {MODE_WORDS[own]}"
    columns = (held["standard_minutes_taken"], held["standard_minutes"], held["status"], excess)
    words = []
    for minutes, limit, status, over in zip(*columns, strict=True):
        standard = f"standard {say_minutes(limit)}"
        if over <= 0:
            words.append("")
        elif status == "reached":
            words.append(f"{name} ({say_minutes(minutes, beside=limit)} min{how}, {standard})")
        else:
            words.append(f"{name} ({STATUS_WORDS[status]}{how}, {standard})")
    return words


def _say_unknown(status: str, names: Sequence[str]) -> str:
    if status not in NOT_KNOWN or (status == "no_data" and names):
        return f"no data for {say_list(names)}"
    return STATUS_WORDS[status]


def _say_share(number: int, total: int) -> str:
    """Say how many of the bundle's services: ``2 of 5``, ``both``, ``all 5``."""
    if number < total:
        return f"{number} of {total}"
    return {1: "the only service", 2: "both services"}.get(total, f"all {total} services")


def _say_all_within(total: int) -> str:
    if total == 1:
        return "the only service is within its standard"
    return f"{_say_share(total, total)} within their standards"
