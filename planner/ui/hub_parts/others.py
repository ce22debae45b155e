"""What else could be chosen, what does it cost, and what is traded off?"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from planner.charts.hubs import build_front_chart, build_small_map, outline_of
from planner.hubs.choice import Alternatives, Front, Objective
from planner.hubs.choice.front import COLUMNS
from planner.ui import hub_settings, parts
from planner.ui.hub_parts.answer import Shown
from planner.wording import say_many

#: Cards beside each other on a wide screen.
_ABREAST = 3
_FOUND_AS = {"best": "the best", "next_best": "next best", "different": "most different"}


def show(shown: Shown) -> None:
    """Show other plans as small maps, and what is traded off."""
    choice = shown.choice
    if choice is None:
        return
    if choice.alternatives is not None:
        _alternatives(shown, choice.alternatives)
    if choice.front is not None:
        _front(shown, choice.front)


# ---- other plans --------------------------------------------------------------------------------


def _alternatives(shown: Shown, found: Alternatives) -> None:
    st.header("Other choices", anchor=False)
    parts.finding(*found.findings)
    if len(found.table) < 2:
        return
    st.caption(
        "Small maps: circles are hubs of the best choice, triangles come in their place, crosses "
        "are left out, squares are hubs already there."
    )
    outline = outline_of(shown.plan.area.place)
    places: list[Any] = []
    for row in found.table.to_dict("records"):
        places = places or list(st.columns(_ABREAST))
        with places.pop(0), st.container(border=True):
            _card(shown, found, row, outline)
    parts.table(
        alternatives_table(shown, found),
        title="Other choices and what they cost",
        name="hub_alternatives",
        key="hub_alternatives",
        decimals={"Worse than the best (%)": 2, "Mean minutes to a hub, by need": 1},
    )


def _card(shown: Shown, found: Alternatives, row: dict[Any, Any], outline: Any) -> None:
    number, sites = int(row["plan"]), look_of(shown, found, row)
    best = row["found_as"] == "best"
    title = "The best choice" if best else f"Choice {number}: {say_found_as(str(row['found_as']))}"
    words = say_difference(shown, found, row)
    st.markdown(f"**{parts.escape(title)}**")
    st.altair_chart(
        build_small_map(outline, sites),
        width="content",
        alt=f"Small map: {title[:1].lower()}{title[1:]}. {words} The table below names its hubs.",
        key=f"hub_small_{number}",
    )
    st.markdown(parts.escape(words))
    if not best:
        venues = ids_of(row)
        st.button(
            f"Take choice {number}",
            help="These venues become the hubs; undo it by putting all choices back.",
            key=f"hub_take_{number}",
            on_click=hub_settings.choose_plan,
            args=(venues, shown.settings.closed),
        )


def ids_of(row: dict[Any, Any]) -> list[str]:
    """Return the venues of a plan."""
    return [one for one in str(row["venue_ids"]).split(", ") if one]


def say_found_as(found_as: str) -> str:
    """Return how a plan was found, in words.

    Examples
    --------
    >>> say_found_as("next_best and different")
    'next best and most different'
    """
    return " and ".join(_FOUND_AS.get(one, one) for one in found_as.split(" and "))


def say_difference(shown: Shown, found: Alternatives, row: dict[Any, Any]) -> str:
    """Say what a plan has in place of what the best one has, and what that costs."""
    mine, best = ids_of(row), list(found.best.chosen)
    journey = f"Mean journey {float(row['mean_minutes']):.1f} minutes by need."
    if row["found_as"] == "best":
        return f"{shown.names(mine)}. {journey}"
    new = [one for one in mine if one not in best]
    gone = [one for one in best if one not in mine]
    said = f"{shown.names(new) or 'Nothing'} instead of {shown.names(gone) or 'nothing'}."
    worse = float(row["worse_than_best_share"])
    cost = "As good as the best." if worse < 5e-5 else f"{worse:.1%} worse than the best."
    return f"{said} {cost} {journey}"


def look_of(shown: Shown, found: Alternatives, row: dict[Any, Any]) -> gpd.GeoDataFrame:
    """Return the hubs of a plan as points, by how they stand to those of the best."""
    mine, best = ids_of(row), list(found.best.chosen)
    looks = {one: "existing" for one in found.best.open if one not in best}
    looks |= {one: "left out" for one in best if one not in mine}
    looks |= {one: "kept" if one in best else "instead" for one in mine}
    points = parts.named_points(shown.plan.services.venues.loc[list(looks)])
    return points.assign(look=list(looks.values()))


def alternatives_table(shown: Shown, found: Alternatives) -> pd.DataFrame:
    """Return every plan with what it costs."""
    table = found.table
    return pd.DataFrame(
        {
            "Choice": table["plan"],
            "Found as": [say_found_as(str(one)) for one in table["found_as"]],
            "Hubs": [shown.names(str(ids)) for ids in table["venue_ids"]],
            "Not in the best": [shown.names(str(ids)) for ids in table["venue_ids_instead"]],
            "Hubs that differ": table["sites_different_from_best"],
            "Worse than the best (%)": 100 * table["worse_than_best_share"],
            "Mean minutes to a hub, by need": table["mean_minutes"],
            "Proved": ["yes" if one else "no" for one in table["proved"]],
        }
    )


# ---- what is traded off -------------------------------------------------------------------------


def aim_words(objective: Objective, front: Front) -> str:
    """Return what an aim of the trade-off is called as a column."""
    return {
        "mean_minutes": "Mean minutes to a hub, by need",
        "longest_minutes": "Minutes of the longest journey",
        "people_within": f"Need-weighted people within {front.within_minutes:g} minutes",
        "worst_off_minutes": "Mean minutes of the worst-off",
        "money": "Cost",
    }[objective]


def _front(shown: Shown, front: Front) -> None:
    st.header("What is traded off", anchor=False)
    parts.finding(*front.findings)
    if front.points.empty:
        return
    if len(front.points) > 1:
        across, up = front.objectives[0], front.objectives[1]
        drawn = front_points(shown, front)
        said = say_many(len(drawn), "plan")
        st.altair_chart(
            build_front_chart(drawn, across=aim_words(across, front), up=aim_words(up, front)),
            alt=f"{parts.capital(said)} that waste nothing, as points: "
            f"{aim_words(across, front).lower()} along, {aim_words(up, front).lower()} up. "
            f"{' '.join(front.findings)} The table below has the same figures.",
            key="hub_front_chart",
        )
    parts.table(
        front_table(shown, front),
        title="Choices that waste nothing",
        name="hub_front",
        key="hub_front",
        decimals={aim_words(one, front): 1 if "minutes" in one else 0 for one in front.objectives},
    )


def front_points(shown: Shown, front: Front) -> pd.DataFrame:
    """Return the plans of a trade-off as its chart draws them."""
    points = front.points
    asked = ", ".join(shown.hubs.siting.chosen) if shown.hubs is not None else ""
    looks = [
        "asked" if row["venue_ids"] == asked else "middle" if row["middle"] else "other"
        for row in points.to_dict("records")
    ]
    across, up = (COLUMNS[one] for one in front.objectives[:2])
    return pd.DataFrame(
        {
            "point": points["point"],
            "x": points[across].astype(float),
            "y": points[up].astype(float),
            "venues": [shown.names(str(ids)) for ids in points["venue_ids"]],
            "look": looks,
        }
    )


def front_table(shown: Shown, front: Front) -> pd.DataFrame:
    """Return the plans of a trade-off with what each comes to."""
    points = front.points
    frame = pd.DataFrame(
        {
            "Plan": points["point"],
            "Hubs": [shown.names(str(ids)) for ids in points["venue_ids"]],
        }
    )
    for one in front.objectives:
        frame[aim_words(one, front)] = points[COLUMNS[one]].astype(float)
    frame["Between all aims"] = ["yes" if one else "" for one in points["middle"]]
    frame["Proved"] = ["yes" if one else "no" for one in points["proved"]]
    return frame
