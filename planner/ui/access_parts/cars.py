"""How many people in households without a car are near, beside all people?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.compliance import NO_CAR_LAYER
from planner.ui import parts, state
from planner.ui.access_parts.figures import count_reach
from planner.ui.access_parts.found import say_goal
from planner.ui.access_parts.shown import Shown


def show(plan: state.Plan, shown: Shown) -> None:
    """Set people without a car beside all people; only where the measure is in minutes."""
    if shown.near is None:
        return
    st.header("People in households without a car", anchor=False)
    share = _share(plan)
    if share is None:
        parts.prose(
            "Not in this project: households without a car. It takes the census table TS045 (cars "
            'and vans): name it in the project file as a layer with from = "ts045".'
        )
        return
    rows = build_rows(shown.near, plan.area.place["population"].astype("float64"), share)
    parts.finding(say_cars(shown, rows))
    parts.table(
        rows,
        title=f"Within {limit_words(shown)} and beyond",
        name="access_without_car",
        key="access_without_car",
        decimals=dict.fromkeys(rows.columns[1:], 0),
    )
    parts.prose(
        "The census counts cars by household, so people without a car are the population times the "
        "share of households without one, as if households with and without were of one size."
    )


def build_rows(near: pd.Series, people: pd.Series, share: pd.Series) -> pd.DataFrame:
    """Return a row for all people and one for those without a car.

    Parameters
    ----------
    near
        ``near``, ``beyond`` or ``not_known`` on the areas.
    people
        Of each area.
    share
        Of households without a car, from 0 to 1, NaN where not known: such areas are not
        counted in the second row, and stand in its last column with all their people.
    """
    rows = []
    without = people * share.reindex(people.index)
    unknown = float(people[without.isna()].sum())
    for who, counted, lost in (
        ("All people", people, 0.0),
        ("In households without a car", without, unknown),
    ):
        reach = count_reach(near, counted)
        known = reach.near + reach.beyond
        rows.append(
            {
                "People": who,
                "Within": reach.near,
                "Beyond": reach.beyond,
                "Access not known": reach.not_known,
                "Within, of those known (%)": 100 * reach.near / known if known else float("nan"),
                "In areas where cars are not known": lost,
            }
        )
    table = pd.DataFrame(rows)
    if not unknown:
        return table.drop(columns="In areas where cars are not known")
    return table


def limit_words(shown: Shown) -> str:
    """Return the limit as a phrase: ``20 minutes``, ``the standards``."""
    assert shown.limit is not None
    if shown.limit.each_its_own:
        return "the standards of the bundle"
    return f"{shown.limit.minutes:g} minutes {shown.how}"


def say_cars(shown: Shown, rows: pd.DataFrame) -> str:
    """Set the share of people without a car who are near beside that of all people."""
    column = "Within, of those known (%)"
    everyone, without = float(rows[column].iloc[0]), float(rows[column].iloc[1])
    if pd.isna(without):
        return "It is not known how near people without a car are."
    beyond = parts.people(float(rows["Beyond"].iloc[1]))
    goal = "" if shown.limit is None or shown.limit.each_its_own else f" of {say_goal(shown)}"
    unknown = float(rows["Access not known"].iloc[0]) > 0
    known = "Of those whose access is known, " if unknown else ""
    return (
        f"{known}{without:.0f}% of people in households without a car live in areas within "
        f"{limit_words(shown)}{goal}, {everyone:.0f}% of all people; {beyond} without a car live "
        "beyond."
    )


def _share(plan: state.Plan) -> pd.Series | None:
    spec = plan.layers.specs.get(NO_CAR_LAYER)
    if spec is None or spec.kind != "share":
        return None
    values: pd.Series = plan.layers.values.loc[plan.area.codes, NO_CAR_LAYER]
    return values
