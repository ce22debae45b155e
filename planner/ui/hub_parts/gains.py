"""Who gains by which hub, and what does each next one bring?"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from planner.charts.hubs import build_ladder_chart
from planner.hubs import Hubs
from planner.hubs.answer import MORE_IS_BETTER
from planner.hubs.choice import Ladder
from planner.hubs.siting import NO_ROOM
from planner.hubs.words import STATUS_WORDS
from planner.ui import parts
from planner.ui.fold import fold
from planner.ui.hub_parts.answer import Shown
from planner.wording import say_are, say_many, say_noun, say_ordinal


def show(shown: Shown) -> None:
    """Show the hubs with what each brings, the ladder, and all areas."""
    hubs = shown.hubs
    assert hubs is not None
    if len(hubs.chosen):
        _chosen_table(hubs)
    _ladder(shown)
    fold("Who gains, area by area", "hub_areas", lambda: _areas_table(shown))


def area_words(shown: Shown, code: str) -> str:
    """Say how far the whole bundle is from one area, today and with the hubs."""
    hubs = shown.hubs
    assert hubs is not None
    row = hubs.areas.loc[code]
    hub = row["hub_venue_id"]
    name = shown.name(hub) if hub else "none"
    return (
        f"{shown.plan.area.place.loc[code, 'area_name']} ({code}): the whole bundle today "
        f"{parts.minutes_words(row['minutes_before'], row['status_before'])}, with the hubs "
        f"{parts.minutes_words(row['minutes_after'], row['status_after'])}. Hub it goes to: {name}."
    )


def _chosen_table(hubs: Hubs) -> None:
    columns = {
        "venue_name": "Venue",
        "role": "Role",
        "areas_nearest": "Areas it is nearest to",
        "people_nearest": "People it is nearest to",
        "people_gaining": "People who gain",
        "minutes_saved_mean": "Mean minutes saved, of those who gain",
        "venue_id": "Venue code",
    }
    chosen = hubs.chosen
    frame = chosen[[c for c in columns if c in chosen]].rename(columns=columns)
    frame["Role"] = [_role(hubs, venue) for venue in chosen["venue_id"]]
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


def _role(hubs: Hubs, venue: str) -> str:
    status = str(hubs.problem.sites["status"].get(venue, ""))
    return {"existing": "there already", "forced": "must be a hub"}.get(status, "chosen")


# ---- the ladder ---------------------------------------------------------------------------------


def _ladder(shown: Shown) -> None:
    ladder = shown.ladder
    st.header("What each next hub brings", anchor=False)
    if ladder is None or ladder.steps.empty:
        parts.prose("There is no further candidate, so there is no next hub.")
        return
    if bool(ladder.steps["status"].isin(["infeasible", "nothing_open"]).all()):
        parts.prose("What is asked for can be had with none of these numbers of hubs.")
        return
    column, axis = what_counts(ladder)
    asked = shown.hubs.siting.chosen if shown.hubs is not None else []
    title = say_ladder(ladder, len(asked))
    steps = ladder.steps
    drawn = pd.DataFrame(
        {
            "hubs": steps["sites_opened"],
            "value": steps[column].where(_had(steps)),
            "gain": [say_gain(ladder, row) for row in steps.to_dict("records")],
        }
    )
    st.markdown(f"**{parts.escape(title)}**")
    st.altair_chart(
        build_ladder_chart(drawn, axis=axis, chosen=len(asked) or None),
        key="hub_ladder_chart",
        alt=f"A line of {axis[:1].lower()}{axis[1:]} for each number of hubs, the number above as "
        f"a diamond. {title} The table below has the same figures.",
    )
    for note in ladder.notes:
        st.caption(parts.escape(note.text))
    frame = ladder_table(shown, ladder)
    parts.table(
        frame,
        title="What each next hub brings",
        name="hub_ladder",
        key="hub_ladder",
        decimals={
            "Mean minutes to a hub, by need": 1,
            "Minutes saved by the last": 1,
            f"People within {ladder.reach_minutes:g} minutes": 0,
            "More people than before": 0,
        },
    )


def what_counts(ladder: Ladder) -> tuple[str, str]:
    """Return which column of the steps a ladder goes by, and what it is called."""
    if MORE_IS_BETTER[ladder.model]:
        return "people_within_reach", f"People within {ladder.reach_minutes:g} minutes"
    if ladder.model in ("p_centre", "worst_off"):
        return "objective", parts.capital(ladder.unit)
    return "mean_minutes", "Mean minutes to a hub, by need"


def say_ladder(ladder: Ladder, asked: int) -> str:
    """Say what so many hubs come to and what one more would bring."""
    steps = ladder.steps[_had(ladder.steps)].set_index("sites_opened")
    column, axis = what_counts(ladder)
    if asked not in steps.index or pd.isna(steps.loc[asked, column]):
        return ladder.findings[0] if ladder.findings else "What each number of hubs comes to."
    value = float(steps.loc[asked, column])
    with_hubs = f"With {say_many(asked, 'hub')}"
    if column == "people_within_reach":
        said = f"{with_hubs}, {value:,.0f} people are within {ladder.reach_minutes:g} minutes"
    elif column == "mean_minutes":
        said = f"{with_hubs}, the mean journey to one by need is {value:.1f} minutes"
    else:
        said = f"{with_hubs}, it comes to {value:.1f} {axis[:1].lower()}{axis[1:]}"
    more = asked + 1
    if more not in steps.index or pd.isna(steps.loc[more, column]):
        return f"{said}."
    gain = say_gain(ladder, steps.loc[[more]].to_dict("records")[0])
    return f"{said}; a {say_ordinal(more)} would bring {gain}."


def _had(steps: pd.DataFrame) -> pd.Series:
    """Return which numbers of hubs do what is asked for."""
    return steps["status"] != "infeasible"


def ladder_table(shown: Shown, ladder: Ladder) -> pd.DataFrame:
    """Return the steps of a ladder in words."""
    steps = ladder.steps
    words: dict[Any, str] = {"nothing_open": "nothing is open", **STATUS_WORDS}
    return pd.DataFrame(
        {
            "Hubs": steps["sites_opened"],
            "Which": [shown.names(ids) or "none" for ids in steps["venue_ids"]],
            "Mean minutes to a hub, by need": steps["mean_minutes"],
            "Minutes saved by the last": steps["mean_minutes_saved"],
            f"People within {ladder.reach_minutes:g} minutes": steps["people_within_reach"].where(
                _had(steps)
            ),
            "More people than before": steps["people_gained"].where(_had(steps)),
            "Left out again": [shown.names(ids) for ids in steps["venue_ids_left_out"]],
            "How sure": [words.get(str(one), str(one)) for one in steps["status"]],
        }
    )


def say_gain(ladder: Ladder, row: dict[Any, Any]) -> str:
    """Say what the last of so many hubs brings."""
    people = MORE_IS_BETTER[ladder.model]
    saved = "gain" if what_counts(ladder)[0] == "objective" else "mean_minutes_saved"
    value = float(row["people_gained" if people else saved])
    if math.isnan(value):
        return "nothing to compare with"
    return f"{value:,.0f} more people" if people else f"{value:.1f} minutes less"


# ---- areas --------------------------------------------------------------------------------------


def _areas_table(shown: Shown) -> None:
    hubs = shown.hubs
    assert hubs is not None
    areas, place = hubs.areas, shown.plan.area.place
    frame = pd.DataFrame(
        {
            "Area": place["area_name"].reindex(areas.index),
            "Code": areas.index,
            "Minutes today": areas["minutes_before"],
            "Today": areas["status_before"].map(parts.status_words),
            "Minutes with hubs": areas["minutes_after"],
            "With hubs": areas["status_after"].map(parts.status_words),
            "Minutes saved": areas["minutes_saved"],
            "Hub it goes to": [shown.name(one) if one else "none" for one in areas["hub_venue_id"]],
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
    full = int((areas["hub_status"] == NO_ROOM).sum())
    if full:
        st.caption(
            f"{full:,} {say_noun(full, 'area')} {say_are(full)} in reach of a hub that is full."
        )
    st.caption("The whole bundle: the slowest of the nearest services in it, or a hub with all.")
