"""What does the measure say, in which unit, from which sources, and how was it worked out?"""

from __future__ import annotations

import streamlit as st

from planner.access import BUNDLE, JOBS
from planner.ledger import Note, Source
from planner.standards import kind_words
from planner.ui import parts, state
from planner.ui.access_parts.menu import Entry, kinds_of
from planner.ui.access_parts.shown import Shown
from planner.ui.fold import fold

#: Notes that are about one measure only.
_ONLY = {
    "fewer_than_asked": "minutes_kth",
    "decay_cut_short": "gravity",
    "decay_fitted": "gravity",
    **dict.fromkeys(
        (
            *("capacity_asked_for", "capacity_units_differ", "capacity_taken_as_equal"),
            *("capacity_zero", "capacity_out_of_reach", "context_does_not_compete"),
            *("people_not_known", "people_off_the_network", "people_without_times"),
        ),
        "catchment",
    ),
}
#: Notes that are about times of the week.
_AT_TIMES = ("hours_not_known", "not_every_week", "hours_of_the_day", "hours_without_trips")
_NO_UNIT = {"minutes": "minutes", "number": "a number", "share": "% of the whole"}


def show(plan: state.Plan, shown: Shown) -> None:
    """Name the sources, and put definition, unit and method one click away."""
    parts.source_line(
        sources_of(plan, shown),
        extra=f"{_journeys(plan, shown)} Fares are not modelled.",
    )
    if shown.family.mind and shown.entry.measure == "catchment":
        st.info(parts.escape(shown.family.mind))
    fold("What this measure says, and how it was worked out", "access", lambda: _told(plan, shown))


def sources_of(plan: state.Plan, shown: Shown) -> tuple[Source, ...]:
    """Return what the figures rest on."""
    if shown.kind == JOBS:
        return (plan.jobs.source,) if plan.jobs is not None else ()
    kinds = plan.project.spec.bundle.kinds if shown.kind == BUNDLE else [shown.kind]
    offers = plan.services.offers
    used = sorted(set(offers.loc[offers["kind"].isin(kinds), "source"]))
    return tuple(plan.services.sources[int(at)] for at in used)


def _told(plan: state.Plan, shown: Shown) -> None:
    family, entry = shown.family, shown.entry
    rows = {
        "What it says": family.means or entry.title,
        "What it does not say": family.mind,
        "Unit": shown.unit or _NO_UNIT.get(family.shape, "a number"),
        "Which is better": "less" if entry.less_is_better else "more",
        "Method": entry.method,
        "Journeys": _journeys(plan, shown),
        "Not reached": "Further than the longest journey searched, no route at all, and not "
        "known are three different things, and are kept apart on the map and in the table.",
    }
    st.markdown(
        "\n".join(
            f"- **{parts.escape(what)}:** {parts.escape(text)}"
            for what, text in rows.items()
            if text
        )
    )
    notes = notes_of(plan, shown)
    if notes:
        parts.prose("What was left out or taken as given:")
        parts.notes_list(notes, title="What was left out or taken as given")


def notes_of(plan: state.Plan, shown: Shown) -> tuple[Note, ...]:
    """Return the notes on access by this way that are about this measure of this service."""
    found = plan.measures_by.get(shown.key)
    every = (
        *plan.access_by[shown.key].notes,
        *(found.notes if found is not None else ()),
        *(note for note in plan.notes if note.what in {*_AT_TIMES, "decay_fitted"}),
    )
    offers = plan.services.offers
    others = [kind for kind in kinds_of(plan) if kind not in {shown.kind, BUNDLE, JOBS}]
    foreign = {words for kind in others for words in _names(kind)}
    mine = offers.index[offers["kind"] == shown.kind]
    return tuple(
        note
        for note in dict.fromkeys(every)
        if _is_of(note, shown.entry)
        and (
            any(word in note.text for word in _names(shown.kind))
            or not any(word in note.text for word in foreign)
        )
        and (not set(note.items) or not set(note.items) <= set(offers.index) - set(mine))
    )


def _is_of(note: Note, entry: Entry) -> bool:
    if note.what in _AT_TIMES:
        return bool(entry.time)
    return note.what not in _ONLY or entry.measure == _ONLY[note.what]


def _names(kind: str) -> set[str]:
    return {kind, kind_words(kind), kind_words(kind, plural=True)}


def _journeys(plan: state.Plan, shown: Shown) -> str:
    """Say how journeys were timed; at another time of the week the method names the timetable."""
    words = f"{shown.how} at the hours chosen" if shown.entry.time else shown.way.words
    return f"Door to door {words}; {plan.access_by[shown.key].method}."
