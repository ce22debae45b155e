"""Which team goes where on which day, and towards which shared outcomes does it all reach?"""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from planner.charts.hubs import build_week_chart
from planner.export.outreach import CALENDAR_FILE, build_calendar
from planner.outcomes import OutcomeLedger
from planner.report.outreach import find_outcomes, find_rota
from planner.rota import Rota, build_week_table
from planner.standards import kind_words
from planner.ui import parts
from planner.ui.fold import fold
from planner.ui.hub_parts.answer import Shown
from planner.wording import say_list, say_many, to_label

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = {
    "days": "Days",
    "sessions": "Sessions",
    "session_hours": "Hours in sessions",
    "setup_hours": "Hours setting up",
    "travel_hours": "Hours travelling",
    "waiting_hours": "Hours waiting",
    "hours": "Hours in all",
    "hours_allowed": "Hours allowed",
}


def show(shown: Shown) -> None:
    """Show the weeks of outreach teams, then what is scored of shared outcomes."""
    st.header("Outreach rota", anchor=False)
    first, *rest = find_rota(shown.plan)
    parts.finding(first)
    rota: Rota | None = shown.plan.rota
    if rota is not None and not rota.plan.empty:
        _weeks(rota)
        _calendar(shown)
        _tables(rota)
        fold("How the rota was made, and what is assumed", "rota_how", lambda: _list(rest))
    ledger: OutcomeLedger | None = shown.plan.outcomes
    if ledger is not None:
        _ledger(shown, ledger)


def _list(sentences: list[str]) -> None:
    st.markdown("\n".join(f"- {parts.escape(text)}" for text in sentences))


# ---- the weeks ----------------------------------------------------------------------------------


def _weeks(rota: Rota) -> None:
    for week in range(1, rota.weeks + 1):
        sessions = week_rows(rota, week)
        which = f"Week {week} of {rota.weeks}" if rota.weeks > 1 else "Every week"
        if sessions.empty:
            parts.prose(f"{which}: no session.")
            continue
        title = f"{which}: {say_many(len(sessions), 'session')} on {say_list(days_of(sessions))}"
        st.markdown(f"**{parts.escape(title)}**")
        teams = sorted(set(rota.plan["team_name"].astype(str)))
        st.altair_chart(
            build_week_chart(sessions, days=_DAYS, teams=teams),
            alt=f"A timetable: a strip for each day and team, sessions along the hours with their "
            f"venue. {title}. The table below has the same sessions.",
            key=f"rota_week_{week}",
        )


def week_rows(rota: Rota, week: int) -> pd.DataFrame:
    """Return the sessions of one week as their chart draws them."""
    plan = rota.plan[rota.plan["week"] == week]
    return pd.DataFrame(
        {
            "number": plan.index + 1,
            "day": plan["day"].astype(str),
            "team": plan["team_name"].astype(str),
            "begin": [to_hours(clock) for clock in plan["begin"]],
            "end": [to_hours(clock) for clock in plan["end"]],
            "clock": plan["begin"] + " to " + plan["end"],
            "venue": plan["venue_name"].astype(str),
            "services": [_say_services(words) for words in plan["services"]],
        }
    )


def days_of(sessions: pd.DataFrame) -> list[str]:
    """Return the days with a session, in the order of the week."""
    return [day for day in _DAYS if (sessions["day"] == day).any()]


def to_hours(clock: str) -> float:
    """Return a time of day as hours after midnight.

    Examples
    --------
    >>> to_hours("09:30")
    9.5
    """
    hours, minutes = clock.split(":")
    return int(hours) + int(minutes) / 60


def _say_services(words: object) -> str:
    return parts.capital(say_list([kind_words(kind) for kind in str(words).split(";")]))


def _calendar(shown: Shown) -> None:
    if build_calendar(shown.plan) is None:
        st.caption(
            "Give [rota] first_monday in the project file, and the rota comes as a calendar file, "
            "too."
        )
        return
    st.download_button(
        "Download the rota as a calendar (iCalendar, .ics)",
        data=lambda: (build_calendar(shown.plan) or "").encode("utf-8"),
        file_name=CALENDAR_FILE,
        mime="text/calendar",
        on_click="ignore",
        key="download_rota_ics",
    )
    first = shown.plan.project.spec.rota.first_monday
    st.caption(f"The calendar begins on Monday {first.day} {first:%B %Y}.")


def _tables(rota: Rota) -> None:
    parts.table(sessions_table(rota), title="The rota, session by session", name="rota", key="rota")
    hours = hours_table(rota)
    parts.table(
        hours,
        title="Hours of each team",
        name="rota_hours",
        key="rota_hours",
        decimals={name: 1 for name in hours if str(name).startswith("Hours")},
    )

    def by_type() -> None:
        parts.table(
            types_table(rota),
            title="Who is served, by type of neighbourhood",
            name="rota_types",
            key="rota_types",
            decimals={
                "People with a session in reach": 0,
                "People": 0,
                "Need-weighted people served": 0,
                "Access before (%)": 0,
                "Access with the rota (%)": 0,
            },
        )
        st.caption(
            "Access is need-weighted: 100 % would be a permanent service, within its standard, for "
            "everybody."
        )

    def pin_up() -> None:
        table = build_week_table(rota).reset_index()
        table = table.rename(columns={"team_name": "Team", "week": "Week"})
        parts.table(table, title="The rota to pin up", name="rota_week", key="rota_week")

    fold("Who is served, by type of neighbourhood", "rota_types", by_type)
    fold("The rota to pin up: teams down, days across", "rota_week", pin_up)


def sessions_table(rota: Rota) -> pd.DataFrame:
    """Return one row a session, in words."""
    plan = rota.plan
    frame = pd.DataFrame(
        {
            "Session": plan.index + 1,
            "Week": plan["week"],
            "Day": plan["day"],
            "From": plan["begin"],
            "To": plan["end"],
            "Team": plan["team_name"],
            "Venue": plan["venue_name"],
            "Services": [_say_services(words) for words in plan["services"]],
            "Set up from": plan["setup_from"],
            "Minutes of travel before": plan["travel_minutes_before"],
        }
    )
    return frame if rota.weeks > 1 else frame.drop(columns="Week")


def hours_table(rota: Rota) -> pd.DataFrame:
    """Return what the rota asks of each team in each week."""
    table = rota.hours.reset_index()
    frame = table[["team_name", "week", *_HOURS]].rename(
        columns={"team_name": "Team", "week": "Week", **_HOURS}
    )
    return frame if rota.weeks > 1 else frame.drop(columns="Week")


def types_table(rota: Rota) -> pd.DataFrame:
    """Return who is served in each type of neighbourhood, service by service."""
    table = rota.by_type.reset_index()
    return pd.DataFrame(
        {
            "Type": [str(one) or "Without a type" for one in table["type"]],
            "Service": [parts.capital(kind_words(str(kind))) for kind in table["kind"]],
            "People with a session in reach": table["people_in_reach"],
            "People": table["people"],
            "Need-weighted people served": table["served"],
            "Access before (%)": 100 * table["share_before"],
            "Access with the rota (%)": 100 * table["share_after"],
        }
    )


# ---- shared outcomes ----------------------------------------------------------------------------


def _ledger(shown: Shown, ledger: OutcomeLedger) -> None:
    st.header("Shared outcomes", anchor=False)
    st.info(parts.escape(ledger.statement))
    found = [text for text in find_outcomes(shown.plan) if text != ledger.statement]
    if found:
        _list(found)
    outcomes = outcomes_table(ledger)
    parts.table(
        outcomes,
        title="Help within reach of those who need it (reach is not impact)",
        name="outcomes",
        key="outcomes",
        decimals=dict.fromkeys(outcomes.columns[3:], 0),
    )
    partners = partners_table(ledger)
    if len(partners):
        parts.table(
            partners,
            title="What changes for each partner (reach is not impact)",
            name="outcome_partners",
            key="outcome_partners",
            decimals={
                "Need-weighted people within reach": 0,
                "Sessions given a week": 0,
                "Sessions hosted a week": 0,
                "Hours a week": 1,
            },
        )
    fold(
        "How strongly each service counts towards each outcome", "weights", lambda: _weights(ledger)
    )


def options_of(ledger: OutcomeLedger) -> list[str]:
    """Return the options of a ledger, the one before first."""
    return list(dict.fromkeys(map(str, ledger.outcomes.index.get_level_values("option"))))


def outcomes_table(ledger: OutcomeLedger) -> pd.DataFrame:
    """Return one row an outcome and option."""
    table = ledger.outcomes.reset_index()
    return pd.DataFrame(
        {
            "Outcome": [parts.capital(str(one)) for one in table["outcome"]],
            "Option": table["option"],
            "Need it answers": [parts.capital(to_label(one)) for one in table["need_domain"]],
            "Need-weighted people": table["need"],
            "Help within their reach (%)": 100 * table["share"],
            "Need-weighted reach": table["reach_score"],
            f"More than by {options_of(ledger)[0]}": table["change"],
            "People with some of it in reach": table["people_within_reach"],
        }
    ).sort_values("Outcome", kind="stable")


def partners_table(ledger: OutcomeLedger) -> pd.DataFrame:
    """Return what each partner gains and gives under each option but the first."""
    first = options_of(ledger)[0]
    table = ledger.partners.reset_index()
    columns = {
        "clients_within_reach_change": "Need-weighted people within reach",
        "sessions_given_change": "Sessions given a week",
        "sessions_hosted_change": "Sessions hosted a week",
        "hours_spent_change": "Hours a week",
    }
    before = table[table["option"] == first].set_index("partner")["offers_without_sessions"]
    table["open"] = table["offers_without_sessions"] - table["partner"].map(before).fillna(0)
    table = table[table["option"] != first]
    moved = [
        any(math.isnan(one) or one != 0 for one in row) or left != 0
        for row, left in zip(table[list(columns)].to_numpy(float), table["open"], strict=True)
    ]
    frame = table.loc[moved, ["option", "partner", *columns, "open"]]
    return frame.rename(
        columns={
            "option": "Option",
            "partner": "Partner",
            **columns,
            "open": "Services with times to agree",
        }
    )


def _weights(ledger: OutcomeLedger) -> None:
    rows = ledger.contributions
    parts.table(
        pd.DataFrame(
            {
                "Outcome": [parts.capital(str(one)) for one in rows["outcome"]],
                "Service": [parts.capital(kind_words(str(kind))) for kind in rows["kind"]],
                "Weight": rows["weight"],
                "Where it comes from": rows["basis"],
            }
        ),
        title="Weights of services towards outcomes",
        name="outcome_weights",
        key="outcome_weights",
        decimals={"Weight": 2},
    )
    st.caption(
        "1: a main purpose of the service; 0.5: a usual part of it. Change them in a copy of "
        "data/templates/outcomes.csv, named in [outcomes] file."
    )
