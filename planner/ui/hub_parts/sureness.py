"""How often is each venue chosen, and what is lost if an assumption is wrong?"""

from __future__ import annotations

import math
import re

import pandas as pd
import streamlit as st

from planner.charts.hubs import build_often_chart
from planner.hubs.choice import Regret, Steadiness
from planner.hubs.choice.draws import FACTOR_WORDS
from planner.ui import parts
from planner.ui.fold import fold
from planner.ui.hub_parts.answer import Shown
from planner.wording import say_list

#: So many venues are drawn; all stand in the table.
DRAWN = 12
_VARIED = re.compile(r"share_if_only_(.+)_varies")


def show(shown: Shown) -> None:
    """Show how steady the choice is, and regret in words."""
    choice = shown.choice
    if choice is None:
        return
    if choice.steadiness is not None:
        _steadiness(shown, choice.steadiness)
    if choice.regret is not None:
        _regret(shown, choice.regret)


def _steadiness(shown: Shown, found: Steadiness) -> None:
    st.header("How sure is the choice?", anchor=False)
    varied = [FACTOR_WORDS[one] for one in found.factors]
    parts.finding(*found.findings)
    parts.prose(
        f"Hubs were chosen {found.count:,} times, each time with other assumptions: "
        f"{say_list(varied)} varied."
    )
    drawn = often_rows(shown, found)
    if len(drawn):
        title = f"How often each venue is chosen in {found.count:,} draws"
        st.markdown(f"**{parts.escape(title)}**")
        st.altair_chart(
            build_often_chart(drawn, axis="Share of draws"),
            alt=f"Bars of the share of draws in which each venue is chosen. "
            f"{' '.join(found.findings)} The table below has all venues.",
            key="hub_often_chart",
        )
        st.caption("Bars with an outline are the hubs for the assumptions as they are stated.")
    fold("How often each venue is chosen, all venues", "hub_often", lambda: _often(shown, found))


def often_rows(shown: Shown, found: Steadiness) -> pd.DataFrame:
    """Return the venues that are chosen most often, as their chart draws them."""
    some = found.venues[found.venues["draws_chosen"] > 0].head(DRAWN)
    names = pd.Series([shown.name(one) for one in some.index], index=some.index)
    names = names.where(~names.duplicated(keep=False), names + " (" + some.index + ")")
    return pd.DataFrame(
        {
            "venue": names.to_numpy(),
            "share": some["share_of_draws"].to_numpy(dtype=float),
            "stated": some["as_stated"].to_numpy(dtype=bool),
        }
    )


def often_table(shown: Shown, found: Steadiness) -> pd.DataFrame:
    """Return how often each venue is chosen, jointly and with one thing varied at a time."""
    venues = found.venues
    frame = pd.DataFrame(
        {
            "Venue": [shown.name(one) for one in venues.index],
            "As stated": ["yes" if one else "" for one in venues["as_stated"]],
            "Draws chosen in": venues["draws_chosen"],
            "Of all draws (%)": 100 * venues["share_of_draws"],
        }
    )
    for column in venues:
        varied = _VARIED.fullmatch(str(column))
        if varied:
            words = next(FACTOR_WORDS[one] for one in FACTOR_WORDS if one == varied[1])
            frame[f"Draws with only other {words} (%)"] = 100 * venues[column]
    frame["Venue code"] = venues.index
    return frame


def _often(shown: Shown, found: Steadiness) -> None:
    frame = often_table(shown, found)
    parts.table(
        frame,
        title="How often each venue is chosen",
        name="hub_steadiness",
        key="hub_steadiness",
        decimals={column: 0 for column in frame if str(column).endswith("(%)")},
    )
    plans = found.plans.head(20)
    parts.table(
        pd.DataFrame(
            {
                "Hubs": [shown.names(str(ids)) for ids in plans["venue_ids"]],
                "Draws won": plans["draws_won"],
                "Of all draws (%)": 100 * plans["share_of_draws"],
                "As stated": ["yes" if one else "" for one in plans["as_stated"]],
            }
        ),
        title="Which whole plans win how often",
        name="hub_plans_won",
        key="hub_plans_won",
        decimals={"Of all draws (%)": 0},
    )


# ---- regret -------------------------------------------------------------------------------------


def _regret(shown: Shown, found: Regret) -> None:
    st.header("What if an assumption is wrong?", anchor=False)
    parts.finding(*found.findings)
    if not bool((found.table["regret"] > 0).any()):
        fold("Every pair of assumptions", "hub_regret", lambda: _regret_table(shown, found))
        return
    _regret_table(shown, found)


def _regret_table(shown: Shown, found: Regret) -> None:
    parts.table(
        regret_table(shown, found),
        title="Chosen for one assumption, judged under another",
        name="hub_regret",
        key="hub_regret",
        decimals={
            "Worse than the best there (%)": 1,
            "Minutes longer on average": 1,
            f"Fewer people within {found.reach_minutes:g} minutes": 0,
        },
    )


def regret_table(shown: Shown, found: Regret) -> pd.DataFrame:
    """Return one row a pair of assumptions, with what it means in words."""
    table = found.table[found.table["chosen_if"] != found.table["true_if"]]
    rows = table.to_dict("records")
    return pd.DataFrame(
        {
            "Chosen for": table["chosen_if"],
            "If this is true": table["true_if"],
            "In words": [say_regret(row) for row in rows],
            "Worse than the best there (%)": 100 * table["regret_share"],
            "Minutes longer on average": table["mean_minutes_more"],
            f"Fewer people within {found.reach_minutes:g} minutes": table[
                "people_within_reach_fewer"
            ],
            "Hubs": [shown.names(str(ids)) for ids in table["venue_ids"]],
        }
    )


def say_regret(row: dict[object, object]) -> str:
    """Say what is lost by a plan that was chosen under another assumption."""
    if not row["allowed"]:
        return "That plan does not do what is asked for there."
    share = float(str(row["regret_share"]))
    if share == 0:
        return "Nothing is lost: no other plan is better there."
    if math.isinf(share):
        return "Much worse: the best plan there leaves nothing to be wished for."
    more = float(str(row["mean_minutes_more"]))
    journey = f"the mean journey is {abs(more):.1f} minutes {'longer' if more > 0 else 'shorter'}"
    return f"{share:.1%} worse than the best plan there; {journey}."
