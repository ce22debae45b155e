"""Which of several scenarios does more, and for whom?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner.before_after.changes import ANY_KIND
from planner.before_after.compare import BeforeAfter
from planner.before_after.snapshot import Snapshot
from planner.before_after.sums import SUM_COLUMNS
from planner.errors import DataError
from planner.wording import say_list, say_many


@dataclass(frozen=True, kw_only=True, eq=False)
class SideBySide:
    """Several scenarios against one and the same today, a column each.

    Parameters
    ----------
    summary
        Index ``kind`` and ``measure`` (the columns of `planner.before_after.sum_changes`).
    areas
        Index ``area_code`` and ``kind``: what changes (`planner.before_after.CHANGE_WORDS`).
    minutes
        The same index: minutes after, NaN where not reached; column ``before`` first.
    by_type, by_tenth, groups
        Index (type, tenth of need or group of people) and ``kind``: people gaining less people
        losing.
    equity
        Index ``kind`` and ``index``; column ``before`` first.
    findings
        Sentences.
    """

    summary: pd.DataFrame
    areas: pd.DataFrame
    minutes: pd.DataFrame
    by_type: pd.DataFrame
    by_tenth: pd.DataFrame
    groups: pd.DataFrame
    equity: pd.DataFrame
    findings: tuple[str, ...]


def build_side_by_side(scenarios: Sequence[BeforeAfter]) -> SideBySide:
    """Set several scenarios side by side, in the order given.

    Raises
    ------
    DataError
        There is none, two have one name, or they are not compared with the same plan.
    """
    if not scenarios:
        raise DataError("Side by side: name at least one scenario.")
    names = [one.name for one in scenarios]
    twice = sorted({name for name in names if names.count(name) > 1} | ({"before"} & set(names)))
    if twice:
        raise DataError(
            f"Side by side: two columns would be called {twice[0]!r}.",
            hint="Give each scenario a name of its own.",
        )
    first = scenarios[0].before
    for one in scenarios[1:]:
        if not _same(first, one.before):
            raise DataError(
                f"Side by side: {one.name!r} is not compared with the same plan as {names[0]!r}.",
                hint="Make all of them from one project, with nothing else changed in between.",
            )
    keys = ["area_code", "kind"]
    areas = [one.areas.set_index(keys) for one in scenarios]
    # A kind that only some scenarios bring is nobody's in the others.
    change = _columns([table["change"] for table in areas], names)
    off = (change == "not_known").any(axis=1)
    change = change.mask(change.isna() & off.to_numpy()[:, None], "not_known").fillna(
        "still_not_reached"
    )
    minutes = _columns([table["minutes_after"] for table in areas], names)
    today = pd.concat([table["minutes_before"] for table in areas])
    today = today[~today.index.duplicated()].reindex(minutes.index)
    minutes.insert(0, "before", today)
    equity = [one.equity.set_index(["kind", "index"]) for one in scenarios]
    after = _columns([table["after"] for table in equity], names)
    known = pd.concat([table["before"] for table in equity])
    after.insert(0, "before", known[~known.index.duplicated()].reindex(after.index))
    tables = [_long(one.summary[SUM_COLUMNS]) for one in scenarios]
    return SideBySide(
        summary=_columns(tables, names).rename_axis(["kind", "measure"]),
        areas=change,
        minutes=minutes,
        by_type=_columns([one.by_type["people_net"] for one in scenarios], names),
        by_tenth=_columns([one.by_tenth["people_net"] for one in scenarios], names),
        groups=_columns([one.evidence.table["people_net"] for one in scenarios], names),
        equity=after,
        findings=_find(scenarios),
    )


def _columns(series: Sequence[pd.Series], names: Sequence[str]) -> pd.DataFrame:
    """Return series side by side on all of their rows, the first one's order first."""
    rows = series[0].index
    for one in series[1:]:
        rows = rows.append(one.index.difference(rows, sort=False))
    return pd.DataFrame(
        {name: one.reindex(rows) for name, one in zip(names, series, strict=True)}, index=rows
    )


def _long(summary: pd.DataFrame) -> pd.Series:
    """Return each figure of a summary on its kind and the name of its column."""
    grid = pd.MultiIndex.from_product([summary.index, summary.columns], names=["kind", "measure"])
    return pd.Series(summary.to_numpy(dtype="float64").ravel(), index=grid)


def _same(one: Snapshot, other: Snapshot) -> bool:
    return one is other or (
        one.people.equals(other.people)
        and one.areas.equals(other.areas)
        and one.table.reset_index(drop=True).equals(other.table.reset_index(drop=True))
    )


def _find(scenarios: Sequence[BeforeAfter]) -> tuple[str, ...]:
    found = []
    for one in scenarios:
        row = one.summary.loc[ANY_KIND]
        found.append(
            f"{one.name}: {row['people_winning']:,.0f} people gain, {row['people_losing']:,.0f} "
            f"lose, {row['people_mixed']:,.0f} both."
        )
    net = [float(one.summary.loc[ANY_KIND, "people_net"]) for one in scenarios]
    if len(scenarios) > 1:
        best = [one.name for one, value in zip(scenarios, net, strict=True) if value == max(net)]
        gain = say_many(round(max(net)), "person", "people")
        found.append(
            f"Most people gaining, less those losing, over all kinds: {say_list(best)} ({gain})."
        )
    return tuple(found)
