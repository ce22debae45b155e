"""Where would bringing services together help most, who gains, and what else could be chosen?"""

from __future__ import annotations

import streamlit as st

from planner.ui import own_choices, parts, state
from planner.ui.hub_parts import (
    answer,
    choosing,
    files,
    found,
    gains,
    mapped,
    others,
    outreach,
    sureness,
    together,
)
from planner.ui.hub_parts.answer import Shown


def show() -> None:
    plan = state.current_plan()
    parts.head("Hubs", plan)
    # What was found stands first, and is known once everything is chosen.
    top = st.container()
    answers: list[Shown] = []
    with parts.guard():
        answers.append(answer.find(plan, choosing.show(plan)))
    if not answers:
        with top:
            parts.finding("No hubs were chosen: what is asked for cannot be worked out.")
        return
    shown = answers[0]
    own_choices.put("hubs", shown.settings, plan.project)
    with top:
        parts.finding(*found.find(shown))
        found.show_infeasible(shown)
    if shown.hubs is None:
        parts.prose(
            "Name kinds of venue in [hubs] candidate_kinds of the project file, or a file of "
            "candidates in [hubs] candidates."
        )
    else:
        _hubs(shown)
    _rest(shown)
    parts.notes_list(shown.notes, title="What to know about this choice")
    if shown.hubs is not None:
        files.show(shown)


def _hubs(shown: Shown) -> None:
    """Show what is at hand for every choice: the map, the hubs and the next ones."""
    hubs = shown.hubs
    assert hubs is not None
    chosen = parts.show_map(shown.plan, mapped.view(shown), key="map_hubs")
    parts.source_line(shown.plan.services.sources, extra=found.say_solved(shown))
    if chosen and chosen in hubs.areas.index:
        parts.prose(gains.area_words(shown, chosen))
    same = found.say_same_places(shown.plan, shown)
    if same:
        parts.prose(same)
    found.show_beyond(shown)
    gains.show(shown)


def _rest(shown: Shown) -> None:
    """Show what rests on the hubs, or offer to work it out."""
    if not shown.whole:
        answer.ask_for_rest(shown)
        return
    others.show(shown)
    sureness.show(shown)
    together.show(shown)
    outreach.show(shown)


if __name__ == "__main__":
    show()
