"""What is in this study area, what is known of it, and what is missing?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.area import GEOGRAPHY_NAMES
from planner.check import coverage_table, supply_table
from planner.maps.classes import classify
from planner.plan.missing import find_missing
from planner.standards import kind_words
from planner.ui import guide, parts, serving, starting, state
from planner.ui.area_map import MapView
from planner.ui.place_parts import fetching, opening
from planner.wording import say_list

BUNDLE, ALL, NONE = "bundle", "all", "none"


def show() -> None:
    # Whatever is wrong with a project, another one can be opened here.
    with parts.guard():
        _show(starting.current_contents())
        starting.begin_plan()
    if not serving.is_on():
        opening.show()
    if state.may_open_files():
        fetching.show()


def _show(plan: state.Plan) -> None:
    place = plan.area.place
    parts.head(plan.area.name, plan)
    services = len(plan.services.open_offers())
    parts.finding(
        f"{plan.area.name} has {len(place):,} small areas and "
        f"{parts.people(place['population'].sum())}; {services:,} services at "
        f"{plan.services.open_offers()['venue_id'].nunique():,} open venues are on the map.",
        _missing_words(plan),
    )
    guide.show()
    _map_and_areas(plan)
    _missing(plan)
    st.header("What is known of each area", anchor=False)
    parts.table(
        capitals(coverage_table(plan.layers, plan.area)),
        title="Layers, and how many areas have a value",
        name="layers",
        key="layers",
    )
    st.header("Services", anchor=False)
    parts.table(
        _kinds_in_words(capitals(supply_table(plan.services, plan.area))),
        title="Services by kind, inside and outside the place",
        name="services_by_kind",
        key="kinds",
    )
    parts.table(
        _venues(plan),
        title="Venues, what is offered there, and what else is known of them",
        name="venues",
        key="venues",
    )
    if len(plan.services.unplaced):
        parts.table(
            _kinds_in_words(capitals(plan.services.unplaced)),
            title="Services that could not be placed on the map",
            name="unplaced_services",
            key="unplaced",
        )


def _missing(plan: state.Plan) -> None:
    """List what the project does not have, and what each would need."""
    missing = find_missing(plan.project, plan.layers, plan.services)
    st.header("What is not in this project", anchor=False)
    if missing.empty:
        parts.prose("Every part of the plan has something to work with.")
        return
    for what, without_it, needs in missing.itertuples(index=False, name=None):
        words = f"{without_it} It would need: {needs}"
        st.markdown(f"- **{parts.escape(what)}.** {parts.escape(words)}")


def capitals(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with column names in words, first letter capital."""
    return frame.rename(columns=lambda name: parts.capital(str(name).replace("_", " ")))


def _kinds_in_words(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(Kind=[parts.capital(kind_words(kind)) for kind in frame["Kind"]])


def _venues(plan: state.Plan) -> pd.DataFrame:
    """Return one row a venue, by name: its services, partners, languages, access and neighbours."""
    venues, offers = plan.services.venues, plan.services.offers
    joined = {
        "Services": offers["kind"].map(lambda kind: parts.capital(kind_words(kind))),
        "Called": offers["service_name"],
        "Partners": offers["partner"],
        "Languages": offers["languages"].str.split(";"),
    }
    frame = pd.DataFrame({"Venue": venues["venue_name"], "Postcode": venues["postcode"]})
    for head, texts in joined.items():
        each = texts.explode()
        at = offers["venue_id"].reindex(each.index)
        found = each.groupby(at).agg(lambda names: ", ".join(sorted({n for n in names if n})))
        frame[head] = [found.get(venue, "") for venue in frame.index]
    frame["Accessibility"] = venues["accessibility"]
    frame["In the same building"] = venues["co_located_with"]
    frame["State"] = venues["status"]
    # What no file of this place tells would be a column of blanks.
    blank = [head for head in frame.columns if (frame[head].fillna("") == "").all()]
    return frame.drop(columns=blank).sort_values("Venue", kind="stable")


def _missing_words(plan: state.Plan) -> str:
    """Say which parts of the job have nothing to work with."""
    spec = plan.project.spec
    absent = []
    if plan.jobs is None:
        absent.append("jobs")
    if not spec.streets.file:
        absent.append("streets")
    if spec.timetable is None:
        absent.append("a timetable")
    offered = set(plan.services.kinds)
    absent += [kind_words(kind, plural=True) for kind in spec.bundle.kinds if kind not in offered]
    if not absent:
        return "Nothing that the plan asks for is missing."
    return f"Not in this project: {say_list(absent)}."


def _map_and_areas(plan: state.Plan) -> None:
    place = plan.area.place
    classes = classify(place["population"], scheme="quantiles", unit="people")
    on_map = state.choose("Services on the map", "services", _shown_kinds(plan))
    kinds = {
        BUNDLE: [kind for kind in plan.project.spec.bundle.kinds if kind in plan.services.kinds],
        ALL: plan.services.kinds,
        NONE: [],
    }.get(on_map, [on_map])
    parts.show_map(
        plan,
        MapView(
            title=f"Map of {plan.area.name}: residents of each area, and services",
            legend="Residents of the area (number of areas)",
            classes=classes,
            shown=place["population"],
            unit=" residents",
            points=parts.service_points(plan, kinds),
        ),
        key="map_place",
    )
    sources = [*plan.area.sources, *plan.services.sources]
    parts.source_line(sources, extra=f"Areas: {GEOGRAPHY_NAMES[plan.area.geography]}.")
    table = pd.DataFrame(
        {
            "Area": place["area_name"],
            "Code": place.index,
            "Residents": place["population"],
        }
    )
    parts.table(
        table,
        title=f"Areas of {plan.area.name}",
        name="areas",
        key="areas",
        decimals={"Residents": 0},
        codes=table.index.tolist(),
    )


def _shown_kinds(plan: state.Plan) -> dict[str, str]:
    return {
        BUNDLE: "Those of the bundle",
        ALL: "All kinds",
        NONE: "None",
        **parts.kind_options(plan.services.kinds),
    }


if __name__ == "__main__":
    show()
