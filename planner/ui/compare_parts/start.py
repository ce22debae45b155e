"""What is seen before anything is compared: what stands today, and how to begin?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from planner.hubs import candidate_venues
from planner.scenario import AddOffer, Change, Scenario, SetStatus
from planner.standards import kind_words
from planner.ui import parts, scenarios, state
from planner.ui.compare_parts.kept import Kept
from planner.wording import say_list, say_many


def show(plan: state.Plan, options: Mapping[str, Kept]) -> None:
    """Say how to begin, offer an example, and list what a scenario can change."""
    venues, offers = plan.services.venues, plan.services.open_offers()
    here = (
        f"{say_many(len(offers), 'service')} at {say_many(offers['venue_id'].nunique(), 'venue')}"
    )
    if options:
        parts.finding("Choose a scenario above to see who gains and who loses beside today.")
    else:
        parts.finding(f"Today: {here}. What if one opened, closed or moved? Make a scenario.")
    left, right, _ = st.columns([1, 1, 2])
    left.button(
        "Make a scenario",
        type="primary",
        on_click=scenarios.turn_to,
        args=(scenarios.MAKE,),
        width="stretch",
        key="begin",
    )
    example = build_example(plan)
    if example is not None and not options:
        right.button(
            "Show me an example",
            width="stretch",
            on_click=_take_example,
            args=(plan, example),
            key="example",
            help="Services of the bundle come to a venue that could take them.",
        )
    kinds = plan.services.offers.groupby("venue_id")["kind"].agg(
        lambda found: parts.capital(say_list(sorted({kind_words(kind) for kind in found})))
    )
    frame = pd.DataFrame(
        {
            "Venue": venues["venue_name"],
            "Services": kinds.reindex(venues.index).fillna("nothing offered yet"),
            "State": venues["status"],
        }
    ).sort_values("Venue", kind="stable")
    parts.table(frame, title="What a scenario can change", name="venues", key="compare_venues")
    parts.source_line(plan.services.sources)


def build_example(plan: state.Plan) -> Scenario | None:
    """Return a scenario that brings the bundle into the first venue that could take it."""
    venues = plan.services.venues
    hubs = [] if plan.hubs is None else plan.hubs.chosen["venue_id"].tolist()
    candidates = list(candidate_venues(plan.services, plan.area, plan.project.spec.hubs))
    first = next((venue for venue in [*hubs, *candidates] if venue in venues.index), None)
    if first is None:
        return None
    offers = plan.services.offers
    there = set(offers.loc[offers["venue_id"] == first, "kind"])
    changes: list[Change] = []
    if venues.loc[first, "status"] != "existing":
        changes.append(SetStatus(venue_id=first, status="existing"))
    missing = [kind for kind in plan.project.spec.bundle.kinds if kind not in there]
    changes += [AddOffer(venue_id=first, kind=kind) for kind in missing]
    if not missing:
        return None
    return Scenario(name=f"The bundle at {venues.loc[first, 'venue_name']}", changes=tuple(changes))


def _take_example(plan: state.Plan, example: Scenario) -> None:
    scenarios.save(plan.project, scenarios.NEW, scenarios.Draft(scenario=example))
