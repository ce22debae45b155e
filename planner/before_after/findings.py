"""What would the scenario do, in sentences with the number of people?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.access import BUNDLE
from planner.before_after.changes import ANY_KIND
from planner.before_after.equality import say_kind
from planner.wording import say_few, say_many


def find_changes(
    name: str,
    summary: pd.DataFrame,
    changes: pd.DataFrame,
    *,
    names: Mapping[str, str] | None = None,
    new_people: float = 0.0,
    equity: pd.DataFrame | None = None,
    partners: pd.DataFrame | None = None,
) -> tuple[str, ...]:
    """Say who gains and who loses, kind by kind, everyone together first.

    Parameters
    ----------
    name
        The scenario's.
    summary
        On kinds: see `planner.before_after.sum_changes`.
    changes
        From `planner.before_after.build_area_changes`.
    names
        Area code → name, to call areas by; those that share theirs, or have none, show the code.
    new_people
        Who comes to live there.
    equity
        From `planner.before_after.build_equity_changes`: how many are beyond a standard.
    partners
        As in `planner.before_after.BeforeAfter`.
    """
    found = [_overall(name, summary.loc[ANY_KIND])] if ANY_KIND in summary.index else []
    kinds = [kind for kind in summary.index if kind not in (ANY_KIND, BUNDLE)]
    for kind in [*([BUNDLE] if BUNDLE in summary.index else []), *kinds]:
        found += _of_kind(str(kind), summary.loc[kind])
    found += _statuses(changes, names or {})
    if equity is not None:
        found += _beyond(equity)
    if partners is not None:
        found += _of_partners(partners)
    if new_people > 0:
        found.append(
            f"{_people(new_people)} come to live in the place; they are counted neither as gaining "
            "nor as losing."
        )
    return tuple(found)


def _overall(name: str, row: pd.Series) -> str:
    if row["people_winning"] == row["people_losing"] == row["people_mixed"] == 0:
        said = (
            f"{name}: in no area does any service come nearer or further by a minute or more, "
            "or is reached for the first time or no longer."
        )
    else:
        said = (
            f"{name}: {_people(row['people_winning'])} live in areas where some service comes "
            f"nearer and none goes further; {_people(row['people_losing'])} where some goes "
            f"further and none comes nearer; net {_signed(row['people_net'])}."
        )
        if row["people_mixed"] > 0:
            said += f" For {_people(row['people_mixed'])} some come nearer and others go further."
    if row["people_not_known"] > 0:
        said += f" For {_people(row['people_not_known'])} nothing is known."
    return said


def _of_kind(kind: str, row: pd.Series) -> list[str]:
    found = []
    if row["people_winning"] > 0 or row["people_losing"] > 0:
        found.append(
            f"{_start(say_kind(kind))}: {_people(row['people_winning'])} gain "
            f"({row['people_reached_first']:,.0f} reach it for the first time), "
            f"{_people(row['people_losing'])} lose ({row['people_no_longer_reached']:,.0f} no "
            f"longer reach it); net {_signed(row['people_net'])}."
        )
    if row["people_gap_closed"] > 0 or row["people_gap_opened"] > 0:
        found.append(
            f"{_start(say_kind(kind))}: {_people(row['people_gap_closed'])} live in areas that are "
            f"no longer a gap, {_people(row['people_gap_opened'])} in areas that become one."
        )
    return found


def _statuses(changes: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """Name the areas that come to reach something, or no longer do."""
    found, times = [], Counter(names.values())
    for change, words in (
        ("reached_first", "reached for the first time from"),
        ("no_longer_reached", "no longer reached from"),
    ):
        for kind, rows in changes[changes["change"] == change].groupby("kind", sort=True):
            called = [_call(str(code), names, times) for code in rows["area_code"]]
            found.append(
                f"{_start(say_kind(str(kind)))} is {words} {say_many(len(called), 'area')}: "
                f"{say_few(called)}."
            )
    return found


def _call(code: str, names: Mapping[str, str], times: Mapping[str, int]) -> str:
    name = names.get(code, "")
    if not name:
        return code
    return name if times[name] == 1 else f"{name} ({code})"


def _beyond(equity: pd.DataFrame) -> list[str]:
    """Say how the share of people beyond each standard changes."""
    rows = equity[(equity["index"] == "poverty_share") & (equity["change"].abs() > 0)]
    return [
        f"{_start(say_kind(row['kind']))}: the share of people beyond the standard goes from "
        f"{row['before']:.1%} to {row['after']:.1%}."
        for row in rows.to_dict("records")
        # A change that the words would not show is none to tell.
        if not np.isnan(row["change"]) and f"{row['before']:.1%}" != f"{row['after']:.1%}"
    ]


def _of_partners(partners: pd.DataFrame) -> list[str]:
    found = []
    for partner, row in partners.iterrows():
        if row["people_winning"] == row["people_losing"] == 0 and (
            row["offers_before"] == row["offers_after"]
        ):
            continue
        found.append(
            f"{partner}: {say_many(int(row['offers_before']), 'open offer')} before, "
            f"{row['offers_after']:,} after; {_people(row['people_winning'])} come nearer to the "
            f"nearest of them, {_people(row['people_losing'])} further."
        )
    return found


def _people(count: float) -> str:
    return say_many(round(count), "person", "people")


def _signed(count: float) -> str:
    number = round(count)
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{abs(number):,}"


def _start(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
