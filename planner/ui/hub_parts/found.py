"""What was found, in sentences: which hubs, for whom, how sure, and what cannot be had?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from planner.hubs import Change, Hubs, candidate_venues
from planner.hubs.words import say_asked, say_measure
from planner.travel.getting_about import MODE_WORDS
from planner.ui import hub_settings, parts, state
from planner.ui.hub_parts.answer import Shown
from planner.wording import say_few, say_list, say_many, say_noun

SOLVED = {
    "optimal": "proved to be the best choice",
    "time_limit": "the best found before time ran out",
}
#: Which choice of the page a change is made by; shares are in percent there.
_CHOICES = {"minutes": hub_settings.MINUTES, "p": hub_settings.COUNT}


def find(shown: Shown) -> list[str]:
    """Say which hubs were chosen and who gains, or why there are none."""
    hubs = shown.hubs
    if hubs is None:
        said = [note.text for note in shown.said if note.what == "no_hub"]
        return said or ["There is no venue in this project that could become a hub."]
    if hubs.status == "infeasible":
        return ["What is asked for cannot be had.", *_open_anyway(hubs)]
    names = say_list([str(name) for name in hubs.chosen["venue_name"]])
    first = f"With {say_many(len(hubs.chosen), 'hub')}, choose {names}."
    if hubs.problem.minutes[hubs.problem.usable].isna().all(axis=None):
        return [first, "No area reaches any of the candidates within the longest journey searched."]
    people = shown.plan.area.place["population"].reindex(hubs.areas.index)
    gaining = people[hubs.areas["gains"].astype(bool)].sum()
    if gaining == 0:
        return [first, "Nobody would reach the whole bundle sooner than today."]
    return [first, f"{parts.people(gaining)} would reach the whole bundle sooner than today."]


def _open_anyway(hubs: Hubs) -> list[str]:
    if hubs.chosen.empty:
        return ["No hub is chosen."]
    names = say_list([str(name) for name in hubs.chosen["venue_name"]])
    return [f"The figures here are for what is open anyway: {names}."]


def say_solved(shown: Shown) -> str:
    """Say from how many candidates hubs were chosen, by which measure, and how sure that is."""
    hubs = shown.hubs
    assert hubs is not None
    settings = hubs.settings
    mode = settings.mode or shown.project.spec.mode
    slow = " on a slow day" if settings.percentile == "reliable" else ""
    said = [
        f"Asked for: {say_asked(settings)}, for the {say_measure(settings)}, out of "
        f"{say_many(len(hubs.problem.usable), 'candidate venue')}.",
        f"Journeys to hubs are {MODE_WORDS[mode]}{slow}.",
    ]
    if hubs.status != "infeasible":
        answer = SOLVED.get(hubs.status, hubs.status.replace("_", " "))
        said.append(
            f"The choice is {answer}: {say_figure(hubs.objective)} {hubs.unit}, at best "
            f"{say_figure(hubs.bound)} (a difference of {hubs.gap:.2%})."
        )
    said.append(f"An area that reaches no candidate counts as {hubs.penalty_minutes:g} minutes.")
    return " ".join(said)


def say_figure(value: float) -> str:
    """Return a figure to four significant figures, written out.

    Examples
    --------
    >>> say_figure(3264832.3), say_figure(103.4375), say_figure(0.0)
    ('3,265,000', '103.4', '0')
    """
    rounded = parts.rounded(value, 4)
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 or rounded == 0 else f"{rounded:,g}"


def show_infeasible(shown: Shown) -> None:
    """Say why there is no answer, and offer what would do it."""
    hubs = shown.hubs
    why = None if hubs is None else hubs.siting.infeasible
    if hubs is None or why is None:
        return
    st.error(parts.escape(why.text))
    for number, change in enumerate(why.changes):
        move = _move(change, hubs)
        if move is not None:
            st.button(
                f"Do that: {change.text}",
                key=f"do_{number}_{change.what}",
                on_click=hub_settings.put_number,
                args=move,
            )


def show_beyond(shown: Shown) -> None:
    """Show the areas that no candidate covers, where that is why there is no answer."""
    hubs = shown.hubs
    why = None if hubs is None else hubs.siting.infeasible
    if why is None or why.areas.empty:
        return
    place = shown.plan.area.place
    frame = pd.DataFrame(
        {
            "Area": place["area_name"].reindex(why.areas.index),
            "Code": why.areas.index,
            "Minutes to the nearest candidate": why.areas["minutes"],
            "Minutes too many": why.areas["over_by"],
            "Residents": why.areas["people"],
        }
    )
    parts.table(
        frame,
        title="Areas that no candidate covers",
        name="hub_beyond",
        key="hub_beyond",
        decimals={
            "Minutes to the nearest candidate": 1,
            "Minutes too many": 1,
            "Residents": 0,
        },
    )


def _move(change: Change, hubs: Hubs) -> tuple[str, int] | None:
    """Return which choice a change is made by and what it becomes; None where there is none."""
    if change.what == "share":
        name = hub_settings.SHARES.get(hubs.model)
        percent = int(100 * change.needed + 1e-6)
        return (name, percent) if name and percent >= 1 else None
    choice = _CHOICES.get(change.what)
    if choice is None:
        return None
    # What is enough, in whole minutes or hubs.
    whole = int(-(-(change.needed - 1e-6) // 1))
    return (choice, whole) if whole >= 1 else None


def say_same_places(plan: state.Plan, shown: Shown) -> str:
    """Say which candidates stand at one and the same spot; "" where none do."""
    ids = candidate_venues(plan.services, plan.area, shown.settings)
    venues = plan.services.venues.loc[ids]
    spots = pd.Series(
        [f"{x:.0f} {y:.0f}" for x, y in zip(venues.geometry.x, venues.geometry.y, strict=True)],
        index=venues.index,
    )
    same = spots[spots.duplicated(keep=False)]
    if same.empty:
        return ""
    groups: list[Any] = [
        " and ".join(shown.name(one) for one in group.index) for _, group in same.groupby(same)
    ]
    return (
        f"{say_many(len(groups), 'spot')} {say_noun(len(groups), 'has', 'have')} more than one "
        f"candidate: {say_few(groups, 4)}. Journeys to them are alike, so one of them is as good "
        "as the other, and the choice between them is by name alone."
    )
