"""Who loses a service in the evening or on a Saturday, beside the day?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.ui import parts, state
from planner.ui.access_parts.figures import Lost, count_reach, find_lost, judge_near
from planner.ui.access_parts.menu import NEAREST, Entry, build_menu, read_values
from planner.ui.access_parts.said import time_words
from planner.ui.access_parts.shown import Shown, standard_of
from planner.ui.fold import fold
from planner.wording import say_few, say_many, say_noun

_OPEN = "minutes_open"


def show(plan: state.Plan, shown: Shown) -> None:
    """Set access at each time of the week that was measured beside the day's."""
    times = times_of(plan, shown)
    if not times:
        return
    st.header("In the evening and on a Saturday", anchor=False)
    minutes, day = limit_of(plan, shown), _day(plan, shown)
    for time, then in times.items():
        lost = find_lost(day, then, minutes, searched=shown.way.times.cutoff_minutes)
        parts.prose(say_lost(plan, shown, time, lost, minutes))
    parts.table(
        build_table(plan, shown, day, times, minutes),
        title=f"{parts.capital(shown.things)} at other times of the week {shown.how}",
        name="access_times",
        key="access_times",
        decimals={
            "Residents within (%)": 0,
            "Areas within": 0,
            "Areas beyond": 0,
            "Areas that reach none": 0,
            "Areas not known": 0,
        },
    )
    methods = list(dict.fromkeys(one.method for one in _entries(plan, shown)))
    fold(
        "How other times of the week are looked at",
        "access_times",
        lambda: _told(methods),
    )


def times_of(plan: state.Plan, shown: Shown) -> dict[str, pd.DataFrame]:
    """Return minutes to the nearest that is open, by time of the week; none for the bundle."""
    return {
        one.time: read_values(plan, shown.key, shown.kind, one) for one in _entries(plan, shown)
    }


def limit_of(plan: state.Plan, shown: Shown) -> float:
    """Return the minutes that count as near: those chosen, else the standard's."""
    limit = shown.limit or standard_of(plan, shown.kind)
    return limit.minutes


def say_lost(plan: state.Plan, shown: Shown, time: str, lost: Lost, minutes: float) -> str:
    """Say what changes: ``On a Saturday, … 12 of 150 areas lose the library``."""
    names, people = plan.area.place["area_name"], plan.area.place["population"]
    whole, begin = len(names), parts.capital(time_words(time))
    if lost.none:
        living = parts.people(people.reindex(list(lost.none)).sum())
        said = (
            f"{len(lost.none)} of {say_many(whole, 'area')} "
            f"{'loses' if len(lost.none) == 1 else 'lose'} the {shown.thing}: {living} have none "
            f"within the time searched that is open then{_which(lost, names)}."
        )
    else:
        loses = "is known to lose" if lost.unknown else "loses"
        said = f"no area {loses} the {shown.thing} altogether."
    if lost.beyond:
        more = "more " if lost.none else ""
        living = parts.people(people.reindex(list(lost.beyond)).sum())
        said += (
            f" {say_many(len(lost.beyond), f'{more}area')} with {living} "
            f"{'goes' if len(lost.beyond) == 1 else 'go'} from within {minutes:g} minutes to "
            "beyond."
        )
    if lost.unknown:
        said += (
            f" It is not known for {say_many(len(lost.unknown), 'area')} "
            f"{say_noun(len(lost.unknown), 'that is', 'that are')} known in the day."
        )
    return f"{begin}, {said}"


def _which(lost: Lost, names: pd.Series) -> str:
    """Name the first areas, unless most of the place is among them."""
    if 2 * len(lost.none) > len(names):
        return ""
    return f" ({say_few([str(names[code]) for code in lost.none])})"


def build_table(
    plan: state.Plan,
    shown: Shown,
    day: pd.DataFrame,
    times: dict[str, pd.DataFrame],
    minutes: float,
) -> pd.DataFrame:
    """Return a row a time of the week: areas and people within the limit, beyond it, without."""
    people, rows = plan.area.place["population"], []
    for time, values in {"": day, **times}.items():
        near = judge_near(values, minutes, searched=shown.way.times.cutoff_minutes)
        status = values["status"]
        rows.append(
            {
                "Time of the week": parts.capital(time_words(time)),
                "Counts as near": f"{minutes:g} minutes",
                "Residents within (%)": 100 * count_reach(near, people).share,
                "Areas within": int((near == "near").sum()),
                "Areas beyond": int(((near == "beyond") & (status == "reached")).sum()),
                "Areas that reach none": int(status.isin(["over_cutoff", "unreachable"]).sum()),
                "Areas not known": int(
                    status.isin(["not_connected", "outside_extent", "no_data"]).sum()
                ),
            }
        )
    return pd.DataFrame(rows)


def _day(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    return plan.access_by[shown.key].wide(NEAREST, shown.kind)


def _told(methods: list[str]) -> None:
    st.markdown("\n".join(f"- {parts.escape(words)}" for words in methods))


def _entries(plan: state.Plan, shown: Shown) -> list[Entry]:
    menu = build_menu(plan, shown.key, shown.kind)
    return [one for one in menu if one.measure == _OPEN and one.time]
