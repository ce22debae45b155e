"""Where is the new place? A click, two numbers, a postcode, a venue or the middle of an area."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import shapely
import streamlit as st

from planner.maps.classes import PALETTES, classify
from planner.plan.starts import build_drawn_start
from planner.services import Services
from planner.sources.postcodes import match_postcodes, normalise_postcode, read_postcodes
from planner.standards import kind_words
from planner.ui import parts, scenarios, state
from planner.ui.area_map import MapView, Over
from planner.wording import say_list

SPOT, VENUE, AREA = "spot", "venue", "area"
_FROM = {SPOT: "A point on the map", VENUE: "At a venue", AREA: "In the middle of an area"}


def venue_names(services: Services) -> dict[str, str]:
    """Return venues as choices, by name: what is offered there, and the postcode of namesakes."""
    venues = services.venues
    kinds = services.offers.groupby("venue_id")["kind"].agg(lambda found: sorted(set(found)))
    names = venues["venue_name"].astype(str).where(venues["venue_name"].ne(""), "no name given")
    said = {}
    for venue, name in names.items():
        there = [kind_words(kind) for kind in kinds.get(venue, [])]
        status = str(venues.loc[venue, "status"])
        told = say_list(there) or "nothing offered yet"
        said[str(venue)] = f"{name}: {told}" + ("" if status == "existing" else f" ({status})")
    twice = pd.Series(said).duplicated(keep=False)
    for venue in twice.index[twice.to_numpy(bool)]:
        more = str(venues.loc[venue, "postcode"]) or str(venue)
        said[venue] = f"{said[venue]} [{more}]"
    return dict(sorted(said.items(), key=lambda item: (item[1].casefold(), item[0])))


def ask_point(
    plan: state.Plan, services: Services, venues: Mapping[str, str], *, key: str
) -> shapely.Point | None:
    """Ask for a point; None while there is none. The map comes with it where it can be clicked."""
    by = st.selectbox("Where", list(_FROM), format_func=_FROM.__getitem__, key=f"{key}_by")
    if by == VENUE:
        venue = st.selectbox(
            "Venue", list(venues), format_func=lambda one: venues[one], key=f"{key}_at"
        )
        return None if venue is None else services.venues.geometry[venue]
    if by == AREA:
        place = plan.area.place
        names = place["area_name"].astype(str)
        code = st.selectbox(
            "Area",
            list(place.index),
            format_func=lambda one: f"{names[one]} ({one})",
            key=f"{key}_area",
        )
        return None if code is None else place.geometry[code].representative_point()
    return _spot(plan)


def _spot(plan: state.Plan) -> shapely.Point | None:
    postcodes = plan.project.spec.postcodes is not None
    text = st.text_input(
        "Point" + (" or postcode" if postcodes else ""),
        key=f"choice_{scenarios.SPOT}",
        max_chars=state.MOST_WRITTEN,
        placeholder="Click the map, or write it here",
        help="Easting and northing in metres, such as 331200, 188000, or latitude and longitude, "
        "such as 51.588, -2.998" + (", or a whole postcode." if postcodes else "."),
    )
    point = find_point(plan, text)
    if point is None and text.strip():
        st.caption("This is no point in the UK that is known here. Click the map instead.")
    place = plan.area.place
    mark: tuple[Over, ...] = ()
    if point is not None:
        ring = {"color": "#000000", "weight": 3, "fillColor": PALETTES["okabe_ito"][0]}
        mark = (
            Over(shape=point.buffer(80), styles=(ring,), mark="new", at=point, label="New place"),
        )
    view = MapView(
        title=f"Map of {plan.area.name}: click where the new place is",
        legend="Residents of the area (number of areas)",
        classes=classify(place["population"], scheme="quantiles", unit="people"),
        shown=place["population"],
        unit=" residents",
        over=mark,
        asks_spot=True,
    )
    parts.show_bare_map(plan, view, chosen="", key="map_new_place", spot=scenarios.SPOT)
    return point


def find_point(plan: state.Plan, text: str) -> shapely.Point | None:
    """Return the point (EPSG:27700) that a text means: two numbers or a postcode; None if none."""
    start = build_drawn_start(plan.area, text)
    if start is not None:
        return start.point
    postcode = normalise_postcode(text)
    if not postcode or plan.project.spec.postcodes is None:
        return None
    return state.answer(plan, "postcode", [postcode], lambda _: _look_up(plan, postcode))


def _look_up(plan: state.Plan, postcode: str) -> shapely.Point | None:
    directory = read_postcodes(plan.project, letters=[postcode[0]])
    row = match_postcodes(pd.Series([postcode]), directory).iloc[0]
    return None if pd.isna(row["x"]) else shapely.Point(float(row["x"]), float(row["y"]))
