"""Which services should come together in which venue, and who has all of them in one stop then?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.hubs.bundle_siting import BundleSiting
from planner.standards import kind_words
from planner.ui import parts
from planner.ui.hub_parts.answer import Shown
from planner.ui.hub_parts.found import say_figure
from planner.wording import say_many

ACTIONS = {
    "stay": "stays where it is",
    "move": "moves here",
    "extend": "comes here besides",
    "new": "comes here, from a partner that is nowhere yet",
}
_SOLVED = {
    "optimal": "Proved to be the best",
    "time_limit": "The best found before time ran out",
}


def show(shown: Shown) -> None:
    """Show what comes together where, or how to ask for it."""
    st.header("Services brought together", anchor=False)
    found: BundleSiting | None = shown.plan.bundle_siting
    if found is None:
        why = [note.text for note in shown.plan.notes if note.what == "bundle_siting_not_timed"]
        parts.prose(
            why[0]
            if why and shown.settings.bundle_siting
            else "Which services should come together in which venue is not asked for. Ask for it "
            "above, under travelling, venues and services together."
        )
        return
    if found.infeasible is not None:
        st.error(parts.escape(found.infeasible.text))
        return
    parts.finding(*say_found(shown, found))
    parts.prose(say_solved(found))
    parts.table(
        services_table(shown, found),
        title="What comes to which venue",
        name="bundle_siting",
        key="bundle_siting",
    )
    _notes(found)


def say_found(shown: Shown, found: BundleSiting) -> list[str]:
    """Say where services come together, and for how many people."""
    changes = found.changes
    if changes.empty:
        return ["Nothing would move: no service that may come to a venue makes it better."]
    venues = list(dict.fromkeys(changes["venue_id"]))
    first = f"Bringing {say_many(len(changes), 'service')} to {shown.names(venues)} "
    if found.objective_name == "one_stop":
        before, after = found.people_within
        return [
            f"{first}gives {parts.people(after)} all of the bundle in one stop within "
            f"{found.within_minutes:g} minutes; today it is {parts.people(before)}."
        ]
    return [
        f"{first}makes round trips to the whole bundle shorter: {say_figure(found.objective)} "
        f"{found.unit} in place of {say_figure(found.before)}."
    ]


def say_solved(found: BundleSiting) -> str:
    """Say how good the answer is known to be."""
    answer = _SOLVED.get(found.status, found.status)
    return (
        f"{answer}: {say_figure(found.objective)} {found.unit}, at best {say_figure(found.bound)} "
        f"(a difference of {found.gap:.2%}). Today: {say_figure(found.before)}."
    )


def services_table(shown: Shown, found: BundleSiting) -> pd.DataFrame:
    """Return every service that changes, then those that stay at the same venues."""
    table = found.services
    here = set(found.changes["venue_id"]) | set(found.whole)
    some = table[table["venue_id"].isin(here)]
    order = some["action"].eq("stay").astype(int)
    some = some.assign(order=order).sort_values(["venue_id", "order", "kind"], kind="stable")
    return pd.DataFrame(
        {
            "Venue": [shown.name(one) for one in some["venue_id"]],
            "Service": [parts.capital(kind_words(str(kind))) for kind in some["kind"]],
            "Partner": some["partner"],
            "What happens": [ACTIONS[str(one)] for one in some["action"]],
            "From": [shown.name(one) if one else "" for one in some["from_venue_id"]],
            "All of the bundle there": [
                "yes" if one in set(found.whole) else "no" for one in some["venue_id"]
            ],
        }
    )


def _notes(found: BundleSiting) -> None:
    texts = dict.fromkeys(note.text for note in found.notes)
    st.markdown("\n".join(f"- {parts.escape(text)}" for text in texts))
