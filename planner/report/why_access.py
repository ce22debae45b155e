"""Which services are out of an area's reach, by how much, and by whose standard?"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from planner.report.why_figures import Facts, Figure, Line, Look, Statement, one_of
from planner.services import split_by_use
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.travel.times import STATUS_WORDS
from planner.wording import say_list


def say_kinds(facts: Facts) -> Iterator[Statement]:
    """Say each service that is out of reach, then those that are within, in one sentence."""
    rows = facts.by_kind.reindex([kind for kind in facts.kinds if kind in facts.by_kind.index])
    for kind in facts.broken:
        yield _say_far(facts, kind)
    kept = rows.index[rows["gap_status"].isin(["relatively_further", "within_standard"])]
    if len(kept):
        yield _say_kept(facts, [str(kind) for kind in kept])


def say_middle(facts: Facts) -> Statement | None:
    """Say how long it takes from here and from the middle area of the place."""
    row, line = facts.row, Line("Beside the place")
    if row["gap_status"] == "no_data" or math.isnan(facts.middle):
        return None
    what = "The slowest of the nearest" if facts.kind == "bundle" else "The nearest"
    if row["status"] == "reached":
        here = line.cell(facts.gap("minutes"), _minutes(row["minutes"], beside=facts.middle))
        text = f"{what} takes {here} minutes {_by(facts, facts.plan.mode)}"
    else:
        text = (
            f"{what} is not reached {_by(facts, facts.plan.mode)}: "
            f"{STATUS_WORDS[str(row['status'])]}"
        )
    if math.isinf(facts.middle):
        return line.end(f"{text}; nor is it from the middle area of the place.")
    where = Look(file="gaps.csv", column="minutes", row=(("kind", facts.kind),), how="middle")
    figure = Figure(name="minutes", value=facts.middle, unit="minutes", where=where)
    middle = line.cell(figure, _minutes(facts.middle))
    return line.end(f"{text}; from the middle area of the place it is {middle}.")


def _say_far(facts: Facts, kind: str) -> Statement:
    row, line = facts.by_kind.loc[kind], Line("Out of reach")
    name = _first_up(one_of(kind))
    minutes, column, way = _taken(facts, kind)
    limit = line.cell(
        facts.gap("standard_minutes", kind), _minutes(row["standard_minutes"], beside=minutes)
    )
    if math.isnan(minutes):
        # By its own way it may be too far to be searched where the main way has minutes.
        status = str(row["status"]) if row["status"] != "reached" else "over_cutoff"
        text = (
            f"{name} is not reached {_by(facts, way)} ({STATUS_WORDS[status]}); the standard is "
            f"{limit} minutes"
        )
    else:
        said = _minutes(minutes, beside=row["standard_minutes"])
        here = line.cell(facts.gap(column, kind), said)
        text = f"{name} is {here} minutes away {_by(facts, way)}; the standard is {limit}"
    text += _say_nearest(facts, kind, way, line)
    source = str(facts.plan.standards[kind].source)
    figure = Figure.of(source, "standards.csv", "standard_source", {"kind": kind})
    cited = line.cell(figure, source)
    return line.end(f"{text}. Standard: {cited}{'' if cited.endswith('.') else '.'}")


def _say_kept(facts: Facts, kinds: list[str]) -> Statement:
    line, said = Line("Within reach"), []
    for kind in kinds:
        row = facts.by_kind.loc[kind]
        minutes, column, way = _taken(facts, kind)
        standard = row["standard_minutes"]
        limit = line.cell(facts.gap("standard_minutes", kind), _minutes(standard, beside=minutes))
        if math.isnan(minutes):
            said.append(f"{kind_words(kind)} (standard {limit})")
            continue
        here = line.cell(facts.gap(column, kind), _minutes(minutes, beside=standard))
        about = "" if way == facts.plan.mode else f", {_by(facts, way)}"
        said.append(f"{kind_words(kind)} ({here} of {limit}{about})")
    how = _by(facts, facts.plan.mode)
    noun = "the standard" if len(kinds) == 1 else "their standards"
    return line.end(f"Within {noun}, in minutes {how}: {say_list(said)}.")


def _taken(facts: Facts, kind: str) -> tuple[float, str, str]:
    """Return the minutes that the standard is held against, their column, and the way."""
    row = facts.by_kind.loc[kind]
    return float(row["standard_minutes_taken"]), "standard_minutes_taken", str(row["standard_way"])


def _say_nearest(facts: Facts, kind: str, way: str, line: Line) -> str:
    """Name the open venue that most of the area's people have the shortest way to."""
    found = find_nearest_venue(facts, kind, way)
    if found is None:
        return ""
    venue, where = found
    names = facts.plan.services.venues["venue_name"].astype(str)
    name = names.get(venue, "") or venue
    figure = Figure(name="venue", value=venue, unit="", where=where)
    return f". The nearest to where most of them live is {line.cell(figure, name)}"


def find_nearest_venue(facts: Facts, kind: str, way: str) -> tuple[str, Look] | None:
    """Return the open venue with the shortest journey from the area's weightiest point.

    Returns
    -------
    found
        The venue's id and its journey in travel.parquet; None where no journey is known.
    """
    points = facts.plan.area.place_points
    times = facts.plan.ways[way].times if way in facts.plan.ways else facts.plan.times
    mine = points[points["area_code"] == facts.code]
    if mine.empty:
        return None
    heavy = mine.sort_values("weight", ascending=False, kind="stable").index[0]
    offers = facts.plan.services.open_offers(kind)
    if offers.empty:
        return None
    usable = split_by_use(offers, mine.loc[[heavy]])[0][1]["venue_id"].unique()
    origin = times.origins.get_loc(heavy)
    pairs = times.pairs
    here = slice(*pairs["origin"].searchsorted([origin, origin + 1]))
    to, how_long = (pairs[name].to_numpy()[here] for name in ("destination", "deciseconds"))
    open_here = np.isin(to, times.destinations.get_indexer(pd.Index(usable)))
    if not open_here.any():
        return None
    first = open_here & (how_long == how_long[open_here].min())
    venue = min(str(times.destinations[at]) for at in to[first])
    row = (("origin", str(heavy)), ("destination", venue), ("mode", str(times.mode)))
    return venue, Look(file="travel.parquet", column="destination", row=row)


def _by(facts: Facts, way: str) -> str:
    found = facts.plan.ways.get(way)
    return MODE_WORDS[found.mode] if found is not None else way


def _minutes(value: float, *, beside: float | None = None) -> str:
    """Round to whole minutes, finer where that would hide on which side of ``beside`` it lies."""
    for decimals in (0, 1):
        text = f"{value:.{decimals}f}"
        if beside is None or math.isnan(beside) or value == beside:
            return text
        if math.isinf(beside) or float(text) != round(beside, decimals):
            return text
    return text


def _first_up(words: str) -> str:
    return words[:1].upper() + words[1:]
