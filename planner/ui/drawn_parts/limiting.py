"""In which areas may a hub be at all?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import shapely
import streamlit as st

from planner.hubs import candidate_venues
from planner.project import HubSettings
from planner.ui import parts, selection, state
from planner.ui.drawn_parts.picking import pick_areas
from planner.ui.fold import fold
from planner.ui.hub_settings import LIMIT
from planner.wording import say_are, say_many


def limit_search(plan: state.Plan, settings: HubSettings) -> HubSettings:
    """Return settings with every venue closed that lies outside the areas a person picked.

    Nothing is limited where no area is picked, or where none of them has a venue. Venues that
    are or must be hubs stay.
    """
    codes = list(plan.area.place.index)
    chosen = selection.selected_areas(codes, name=LIMIT)
    shut = find_outside(plan, settings, chosen) if chosen else pd.Index([])
    left = candidate_venues(plan.services, plan.area, settings).difference(shut)
    fold(
        "Limit the search to some areas: draw round them, or choose them in a list",
        "hub_limit",
        lambda: _pick(plan),
    )
    if not chosen:
        return settings
    areas = say_many(len(chosen), "area")
    if not len(left):
        st.warning(f"No venue in {areas} you picked could be a hub, so the search is not limited.")
        return settings
    st.caption(
        parts.escape(
            f"The search is limited to {areas}: {say_many(len(shut), 'venue')} outside "
            f"{say_are(len(shut))} left out, {len(left):,} can be chosen."
        )
    )
    closed = [*settings.closed, *(one for one in shut if one not in settings.closed)]
    return settings.model_copy(update={"closed": closed})


def find_outside(plan: state.Plan, settings: HubSettings, codes: Sequence[str]) -> pd.Index:
    """Return the venues that could be hubs and lie in none of these areas, sorted by id.

    Venues that are hubs already or must be one are not among them.
    """
    free = candidate_venues(plan.services, plan.area, settings)
    venues = plan.services.venues
    settled = venues.index[venues["status"] == "forced"].union(
        pd.Index([*settings.existing, *settings.forced], dtype=object)
    )
    free = free.difference(settled)
    inside = shapely.union_all(plan.area.place.geometry.reindex(list(codes)).to_numpy())
    return free[~shapely.intersects(inside, venues.geometry.reindex(free).to_numpy())]


def _pick(plan: state.Plan) -> None:
    chosen = pick_areas(
        plan,
        name=LIMIT,
        label="Areas in which a hub may be",
        title=f"Map of {plan.area.name}: draw round the areas in which a hub may be",
    )
    if st.button("Search for hubs in these areas only", key="hub_limit_use", disabled=not chosen):
        st.rerun()
