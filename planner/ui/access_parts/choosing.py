"""How does a person choose what to see of access, and how does it stand in the address?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from planner.travel.getting_about import MODE_WORDS
from planner.ui import parts, state
from planner.ui.access_parts.menu import LIMITED, Entry, build_menu, kinds_of
from planner.ui.access_parts.said import STANDARD, family_of, setting_words, time_words
from planner.ui.access_parts.shown import Limit, Shown, build_shown, standard_of

#: Minutes that can be chosen as near, beside the project's own thresholds.
_ROUND = (10.0, 20.0, 30.0, 45.0, 60.0)


def choose(plan: state.Plan) -> Shown:
    """Let a person choose what to see; every choice stands in the address bar."""
    kinds, ways = kinds_of(plan), {key: way.title for key, way in plan.ways.items()}
    top = st.columns([4, 3, 4])
    key = plan.mode
    if len(ways) > 1:
        with top[0]:
            key = state.choose("Travelling", "way", ways, default=plan.mode)
    with top[1 if len(ways) > 1 else 0]:
        kind = state.choose("Service", "kind", kinds)
    menu = build_menu(plan, key, kind)
    with top[2 if len(ways) > 1 else 1]:
        time = _choose_time(menu)
    first, rest = st.columns([2, 3])
    with first:
        mine = _choose_measure([one for one in menu if one.time == time])
    entry, limit = _choose_setting(plan, kind, mine, rest)
    return build_shown(plan, key, kind, entry, limit)


def _choose_time(menu: Sequence[Entry]) -> str:
    times = list(dict.fromkeys(entry.time for entry in menu))
    if len(times) < 2:
        _forget("time")
        return times[0]
    words = {time: parts.capital(time_words(time)) for time in times}
    return state.choose(
        "Time of the week",
        "time",
        words,
        help_text="In the day every service counts, whatever its hours. At the other times only "
        "those that are open then.",
    )


def _choose_measure(menu: Sequence[Entry]) -> list[Entry]:
    words = {entry.measure: family_of(entry.measure, entry.title).label for entry in menu}
    measure = state.choose("Measure", "measure", words)
    return [entry for entry in menu if entry.measure == measure]


def _choose_setting(
    plan: state.Plan, kind: str, mine: Sequence[Entry], room: Any
) -> tuple[Entry, Limit | None]:
    """Let a person choose what the measure is measured with, and what counts as near."""
    by_setting = {entry.setting: entry for entry in mine}
    measure, setting = mine[0].measure, mine[0].setting
    family = family_of(measure, mine[0].title)
    both = family.shape == "minutes" and len(by_setting) > 1
    free = room.columns(2) if both else [room]
    if measure in LIMITED:
        _forget("with")
        with free.pop(0):
            words = {text: f"{text} minutes" for text in by_setting}
            setting = state.choose("Within", "within", words)
        return by_setting[setting], None
    if len(by_setting) > 1:
        with free.pop(0):
            words = {
                text: setting_words(measure, text, entry.title)
                for text, entry in by_setting.items()
            }
            setting = state.choose(family.asks or "Which one", "with", words)
    else:
        _forget("with")
    if family.shape != "minutes":
        _forget("within")
        return by_setting[setting], None
    with free.pop(0):
        return by_setting[setting], _choose_limit(plan, kind)


def _choose_limit(plan: state.Plan, kind: str) -> Limit:
    """Let a person choose the minutes that count as near, by default the standard."""
    standard, settings = standard_of(plan, kind), plan.project.spec.access
    minutes = [m for m in sorted({*settings.within, *_ROUND}) if m <= settings.cutoff]
    words = {STANDARD: _standard_words(standard), **{f"{m:g}": f"{m:g} minutes" for m in minutes}}
    chosen = state.choose(
        "Counts as near",
        "within",
        words,
        help_text="Gaps go by the standard; any other limit is for looking, on this page only.",
    )
    return standard if chosen == STANDARD else Limit(minutes=float(chosen), is_standard=False)


def _standard_words(limit: Limit) -> str:
    if limit.each_its_own:
        return "Each service's own standard"
    how = f" {MODE_WORDS[limit.by]}" if limit.by else ""
    return f"Standard: {limit.minutes:g} minutes{how}"


def _forget(name: str) -> None:
    """Take a choice that does not arise out of the address bar."""
    state.remember(name, "", "")
