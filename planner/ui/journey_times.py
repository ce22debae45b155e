"""At which hours do people get there, and who can be back in time? Two questions of the page."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from planner.charts.journeys import build_day_lines
from planner.plan import questions
from planner.standards import DEFAULT_MINUTES, kind_words
from planner.travel.getting_about import key_of
from planner.travel.journey import clock_words
from planner.travel.times import STATUS_WORDS
from planner.travel.transit.hours import build_people_by_hour
from planner.ui import journey_map, parts, state
from planner.ui.journey_parts import NOT_LOOKED_AT, day_words, sources, starts_table
from planner.wording import say_list

DAY_WORDS = {"weekday": "Weekday", "saturday": "Saturday", "sunday": "Sunday"}


def by_hour(plan: state.Plan, kinds: Mapping[str, str]) -> None:
    """Ask for a service and a time; show at which hours how many people are within it."""
    columns = st.columns(2)
    with columns[0]:
        kind = state.choose("Service", "kind", kinds)
    with columns[1]:
        standard = plan.standards[kind].minutes if kind in plan.standards else DEFAULT_MINUTES
        minutes = state.choose_number(
            "Within how many minutes", "minutes", least=5, most=120, default=int(standard)
        )
    if plan.network is None:
        _on_foot_only(plan, kind, minutes)
        return
    parts.prose(
        "Looks at every hour from 06:00 to 22:00 of a weekday, a Saturday and a Sunday. The first "
        "time this takes some seconds, in a large place up to a minute."
    )
    if not state.wanted("Work it out", ["hours", kind]):
        starts_table(plan)
        return
    words = f"Timing journeys to the nearest {kind_words(kind)} at 48 hours of three days"
    with st.spinner(f"{words}: up to a minute"):
        found: questions.HoursFound = state.answer(
            plan, "hours", [kind], lambda memo: questions.build_hours(plan, kind, memo)
        )
    _show_hours(plan, kind, minutes, found)


def _show_hours(plan: state.Plan, kind: str, minutes: int, found: questions.HoursFound) -> None:
    population = plan.area.place["population"]
    people = build_people_by_hour(found.access, population, minutes=minutes)
    lines = people.assign(line=people["profile"].map(DAY_WORDS), people=people["people_within"])
    total = float(population.sum())
    parts.finding(*_hours_finding(lines, kind, minutes, total))
    for name, day in found.days.items():
        if day is None:
            parts.prose(f"{DAY_WORDS[name]}: nothing runs, so everybody has to walk.")
    what = f"within {minutes} minutes of the nearest {kind_words(kind)}"
    st.markdown(f"**{parts.escape(f'People living in areas {what}, by hour of leaving')}**")
    chart = build_day_lines(
        lines[["line", "hour", "people"]],
        axis=f"People within {minutes} minutes",
        lines=list(DAY_WORDS.values()),
        most=total,
    )
    st.altair_chart(
        chart,
        alt=f"People living in areas {what}, by hour of leaving, one stepped line each for a "
        "weekday, a Saturday and a Sunday. The table below holds every figure.",
    )
    days = [f"{day:%A} {day.day} {day:%B %Y}" for day in found.days.values() if day]
    parts.source_line(
        sources(plan, kind),
        extra=f"By public transport or on foot, on {say_list(days)}. An area counts where half "
        f"of the minutes of the hour and half of its people are within the time. {NOT_LOOKED_AT}",
    )
    _left_out(found.left_out)
    table = people.pivot_table("people_within", index="hour", columns="profile")
    table = table.rename(columns=DAY_WORDS)[
        [word for name, word in DAY_WORDS.items() if name in table]
    ]
    table.insert(0, "Leaving from", [f"{hour:02d}:00" for hour in table.index])
    parts.table(
        table.reset_index(drop=True),
        title=f"People {what}, by hour",
        name="by_hour",
        key="hours",
        decimals=dict.fromkeys(table.columns[1:], 0),
    )


def _hours_finding(lines: pd.DataFrame, kind: str, minutes: int, total: float) -> list[str]:
    said = []
    for name, rows in lines.groupby("line", sort=False):
        best, worst = rows.loc[rows["people"].idxmax()], rows.loc[rows["people"].idxmin()]
        high, low = (f"{row['people'] / max(total, 1.0):.0%}" for row in (best, worst))
        said.append(
            f"{name}: {high} at every hour."
            if high == low
            else f"{name}: from {low} (leaving from {worst['hour']:02d}:00) to {high} "
            f"(from {best['hour']:02d}:00)."
        )
    return [f"People within {minutes} minutes of the nearest {kind_words(kind)}.", *said]


def _on_foot_only(plan: state.Plan, kind: str, minutes: int) -> None:
    """Say what holds at every hour, where people can only walk."""
    walk = plan.access_by[key_of("walk", plan.ways)].wide("minutes_nearest", kind)
    population = plan.area.place["population"]
    near = (walk["status"] == "reached") & (walk["value"] <= minutes)
    parts.finding(
        f"On foot it is the same at every hour: {parts.people(population[near].sum())} live in "
        f"areas within {minutes} minutes of the nearest {kind_words(kind)}."
    )
    parts.source_line(sources(plan, kind), extra=NOT_LOOKED_AT)
    _walks_table(plan, walk)


def _walks_table(plan: state.Plan, walk: pd.DataFrame) -> None:
    place = plan.area.place
    table = pd.DataFrame(
        {
            "Area": place["area_name"],
            "Code": place.index,
            "Minutes on foot": walk["value"],
            "Status": walk["status"].map(STATUS_WORDS),
            "Residents": place["population"],
        }
    )
    parts.table(
        table,
        title="Minutes on foot, by area",
        name="on_foot",
        key="on_foot",
        decimals={"Minutes on foot": 0, "Residents": 0},
    )


def _left_out(count: int) -> None:
    if count:
        st.caption(f"Left out, because they serve listed areas only: {count} venues.")


# ---- there and back ---------------------------------------------------------------------------


def out_and_back(plan: state.Plan, kinds: Mapping[str, str]) -> None:
    """Ask how long a visit takes and when to be home; show who can manage it."""
    columns = st.columns(3)
    with columns[0]:
        kind = state.choose("Service", "kind", kinds)
    if plan.network is None:
        parts.finding("This needs streets and a timetable.")
        _walks_table(plan, plan.access_by[key_of("walk", plan.ways)].wide("minutes_nearest", kind))
        parts.source_line(sources(plan, kind))
        return
    with columns[1]:
        stay = state.choose_number("Minutes there", "stay", least=0, most=240, default=60)
    with columns[2]:
        back = state.choose_time("Home by", "back", default=15 * 60)
    first, last = (clock_words(60 * minute) for minute in questions.MORNING)
    if back * 60 < questions.transit_settings(plan).cutoff_seconds:
        parts.finding("Choose a later time to be home by.")
        return
    parts.prose(
        f"People leave home at any minute from {first} to {last}. The first time this takes some "
        "seconds, in a large place up to a minute."
    )
    if not state.wanted("Work it out", ["back", kind, stay, back]):
        starts_table(plan)
        return
    with st.spinner(f"Timing visits to every {kind_words(kind)} and back: up to a minute"):
        found: questions.VisitsFound = state.answer(
            plan,
            "visits",
            [kind, stay, back],
            lambda _: questions.build_visits(plan, kind, stay_minutes=stay, back_by_minute=back),
        )
    _show_visits(plan, kind, (stay, clock_words(60 * back)), found)


def _show_visits(
    plan: state.Plan, kind: str, asked: tuple[int, str], found: questions.VisitsFound
) -> None:
    stay, back = asked
    total = sum(found.people.values())
    half, unknown = found.people["half"], found.people["unknown"]
    first, last = (clock_words(60 * minute) for minute in questions.MORNING)
    parts.finding(
        f"{parts.people(half)} ({half / max(total, 1.0):.0%}) can leave home at half of the "
        f"minutes from {first} to {last} or more, stay {stay} minutes at a {kind_words(kind)} and "
        f"be home by {back}.",
        f"{parts.people(found.people['some'])} can at fewer minutes, "
        f"{parts.people(found.people['never'])} at none.",
        f"For {parts.people(unknown)} it is not known: they live off the mapped streets."
        if unknown >= 1
        else "",
    )
    shown = found.areas
    parts.show_map(plan, journey_map.visits_view(plan, kind, shown), key="map_back")
    parts.source_line(sources(plan, kind), extra=f"{day_words(plan, 'transit')} {NOT_LOOKED_AT}")
    _left_out(found.left_out)
    place = plan.area.place
    column = "Share of minutes that work (%)"
    table = pd.DataFrame(
        {
            "Area": place["area_name"],
            "Code": place.index,
            column: 100 * shown["share"],
            "Status": shown["status"],
            "Residents": place["population"],
        },
        index=place.index,
    ).sort_values([column, "Code"], kind="stable", na_position="first")
    parts.table(
        table,
        title=f"There, {stay} minutes, and home by {back}: by area",
        name="there_and_back",
        key="back",
        decimals={column: 0, "Residents": 0},
        codes=table.index.tolist(),
    )
