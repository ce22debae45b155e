"""Where would bringing services together help most, and who gains?"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import streamlit as st

from planner.hubs import candidate_venues
from planner.maps.classes import PALETTES, classify
from planner.ui import parts, state
from planner.ui.area_map import MapView, PointSet
from planner.wording import say_list

SOLVED = {
    "optimal": "proved to be the best choice",
    "time_limit": "the best found before time ran out",
}
MOST_HUBS = 50


def show() -> None:
    plan = state.current_plan()
    parts.head("Hubs", plan)
    count = state.choose_number(
        "Number of hubs",
        "hubs",
        least=1,
        most=MOST_HUBS,
        default=plan.project.spec.hubs.count,
        help_text="Everything but the choice of hubs stays as it is.",
    )
    plan = state.current_plan(hubs=count)
    hubs = plan.hubs
    if hubs is None:
        parts.finding("There is no venue in this project that could become a hub.")
        parts.prose(
            "Name kinds of venue in [hubs] candidate_kinds of the project file, or a file of "
            "candidates in [hubs] candidates."
        )
        return
    parts.finding(*_finding(plan))
    chosen = parts.show_map(plan, _view(plan), key="map_hubs")
    parts.source_line(plan.services.sources, extra=_solver(hubs))
    if chosen and chosen in hubs.areas.index:
        parts.prose(_area_words(plan, chosen))
    _chosen_table(hubs)
    _areas_table(plan)
    parts.notes_list(hubs.notes, title="What to know about this choice")


def _finding(plan: state.Plan) -> list[str]:
    chosen = plan.hubs.chosen
    names = say_list([str(name) for name in chosen["venue_name"]])
    gains = plan.hubs.areas["gains"]
    first = f"With {len(chosen)} {'hub' if len(chosen) == 1 else 'hubs'}, choose {names}."
    people = plan.area.place["population"].reindex(gains.index)[gains.astype(bool)].sum()
    if people == 0:
        return [first, "Nobody would reach the whole bundle sooner than today."]
    return [first, f"{parts.people(people)} would reach the whole bundle sooner than today."]


def _solver(hubs: state.Plan) -> str:
    answer = SOLVED.get(hubs.status, hubs.status.replace("_", " "))
    return (
        f"Chosen from {hubs.candidates} candidate venues: {answer}. Need-weighted minutes "
        f"{hubs.objective:,.0f}, at best {hubs.bound:,.0f} (a difference of {hubs.gap:.2%}). "
        f"An area that reaches no hub counts as {hubs.penalty_minutes:g} minutes. Journeys on "
        "foot."
    )


def _view(plan: state.Plan) -> MapView:
    areas = plan.hubs.areas
    saved = areas["minutes_saved"].astype(float)
    first = saved.isna() & (areas["status_after"] == "reached")
    group = pd.Series("same", index=areas.index)
    group[saved >= 1] = "some"
    group[saved >= 10] = "much"
    group[first] = "first"
    lost = areas["status_after"] != "reached"
    names: dict[object, str] = {
        "first": "Reaches the whole bundle for the first time",
        "much": "10 minutes or more saved",
        "some": "1 to 10 minutes saved",
        "same": "No change, or less than a minute",
    }
    return MapView(
        title=f"Map of {plan.area.name}: minutes to the whole bundle saved by the hubs",
        legend="Minutes saved on the way to the whole bundle (number of areas)",
        classes=classify(
            group.where(~lost),
            scheme="categories",
            names=names,
            palette="viridis",
            status=areas["status_after"],
        ),
        shown=saved,
        unit=" min saved",
        points=_points(plan),
    )


def _points(plan: state.Plan) -> tuple[PointSet, ...]:
    venues = plan.services.venues
    chosen = plan.hubs.chosen["venue_id"].tolist()
    open_now = set(plan.services.open_offers()["venue_id"]) - set(chosen)
    settings = plan.project.spec.hubs
    candidates = candidate_venues(plan.services, plan.area, settings).difference(chosen)
    existing = [v for v in settings.existing if v in venues.index]
    colours = PALETTES["okabe_ito"]
    sets = [
        ("Venue with a service today", "circle", "#ffffff", sorted(open_now - set(candidates)), 3),
        ("Candidate, not chosen", "diamond", colours[1], list(candidates), 5),
        ("Hub already there", "square", colours[4], existing, 8),
        ("Chosen hub", "star", colours[0], [v for v in chosen if v not in existing], 11),
    ]
    return tuple(
        PointSet(label=label, shape=shape, colour=colour, points=_named(venues, ids), size=size)
        for label, shape, colour, ids, size in sets
        if ids
    )


def _named(venues: gpd.GeoDataFrame, ids: list[str]) -> gpd.GeoDataFrame:
    return parts.named_points(venues.loc[ids])


def _area_words(plan: state.Plan, code: str) -> str:
    row = plan.hubs.areas.loc[code]
    hub = row["hub_venue_id"]
    name = plan.services.venues.loc[hub, "venue_name"] if hub else "none"
    return (
        f"{plan.area.place.loc[code, 'area_name']} ({code}): the whole bundle today "
        f"{parts.minutes_words(row['minutes_before'], row['status_before'])}, with the hubs "
        f"{parts.minutes_words(row['minutes_after'], row['status_after'])}. Nearest hub: {name}."
    )


def _chosen_table(hubs: state.Plan) -> None:
    chosen = hubs.chosen
    columns = {
        "venue_name": "Venue",
        "role": "Role",
        "areas_nearest": "Areas it is nearest to",
        "people_nearest": "People it is nearest to",
        "people_gaining": "People who gain",
        "minutes_saved_mean": "Mean minutes saved, of those who gain",
        "venue_id": "Venue code",
    }
    frame = chosen[[c for c in columns if c in chosen]].rename(columns=columns)
    frame.insert(0, "Hub", chosen.index)
    parts.table(
        frame,
        title="The chosen hubs",
        name="hubs",
        key="hubs",
        decimals={
            "People it is nearest to": 0,
            "People who gain": 0,
            "Mean minutes saved, of those who gain": 1,
        },
    )


def _areas_table(plan: state.Plan) -> None:
    areas, place = plan.hubs.areas, plan.area.place
    names = plan.services.venues["venue_name"]
    frame = pd.DataFrame(
        {
            "Area": place["area_name"].reindex(areas.index),
            "Code": areas.index,
            "Minutes today": areas["minutes_before"],
            "Today": areas["status_before"].map(lambda s: parts.status_words(s)),
            "Minutes with hubs": areas["minutes_after"],
            "With hubs": areas["status_after"].map(lambda s: parts.status_words(s)),
            "Minutes saved": areas["minutes_saved"],
            "Nearest hub": areas["hub_venue_id"].map(names).fillna("none"),
            "Residents": place["population"].reindex(areas.index),
        },
        index=areas.index,
    ).sort_values(["Minutes saved", "Code"], ascending=[False, True], kind="stable")
    parts.table(
        frame,
        title="Who gains, by area",
        name="hub_areas",
        key="hub_areas",
        decimals=dict.fromkeys(
            ["Minutes today", "Minutes with hubs", "Minutes saved", "Residents"], 0
        ),
        codes=frame.index.tolist(),
    )
    st.caption("The whole bundle: the slowest of the nearest services in it, or a hub with all.")


if __name__ == "__main__":
    show()
