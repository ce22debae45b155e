"""Which files say who goes out when, whom that serves, and towards which outcomes?"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd

from planner.rota import CalendarSettings, to_icalendar

if TYPE_CHECKING:
    from planner.plan import Plan
    from planner.rota import Rota

CALENDAR_FILE = "rota.ics"
#: Counts of the table of partners.
_WHOLE = dict.fromkeys(
    ("venues", "offers_without_sessions", "offers_without_hours", "venues_change"), "int64"
)
#: Stands in every row of the files on outcomes.
REACH_ONLY = "Reach is not impact."

#: What a column of these tables means: it goes with those of `planner.export.tables`.
MEANINGS = {
    "setup_from": "When the room is needed from, to set up",
    "travel_minutes_before": "Minutes of travel before the session, from the base or the last one",
    "share_before": "Access that people have without the rota: 1 their standard is met, 0 not",
    "share_after": "The same with the rota, 1 a permanent service, 0-1",
    "served": "Need-weighted people served: demand × (share_after − share_before)",
    "people_in_reach": "People in areas with a session in reach",
    "most_served_alone": "Need-weighted people of the type that a rota for it alone would serve; "
    "empty where no share is promised ([rota] floor_share)",
    "hours_allowed": "Hours of work a week that the team has; empty: no weekly limit",
    "waiting_hours": "Hours between sessions that are neither travel nor setting up",
    "objective_unit": "What objective and bound are counted in",
    "need_domain": "Domain of need that an outcome answers",
    "reach_score": "People × percentile of that need × share of the help within reach",
    "people_within_reach": "People in areas that reach some of that help, or the partner",
    "clients_within_reach": "The same, need-weighted: people × need percentile",
    "sessions_given": "Openings a week of the partner's services, over what is known",
    "sessions_hosted": "Openings a week of other partners' services in its buildings",
    "hours_spent": "Hours a week that its services are open or out, over what is known",
    "offers_without_sessions": "Its services and those it hosts whose openings are not known",
    "offers_without_hours": "Its services whose hours are not known",
    "caution": "What the figures are not",
}


def build_outreach_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return file name → table on the rota and on shared outcomes.

    Each is sorted; a table stands only where it has a row.
    """
    files: dict[str, pd.DataFrame] = {}
    if plan.rota is not None:
        files["rota.csv"] = _sessions(plan.rota)
        files["rota_hours.csv"] = plan.rota.hours.reset_index()
        files["rota_types.csv"] = _types(plan.rota)
        files["rota_served.csv"] = _with_names(plan, plan.rota.served.reset_index())
    if plan.outcomes is not None:
        ledger = plan.outcomes
        files["outcomes.csv"] = ledger.outcomes.reset_index()
        files["outcome_partners.csv"] = ledger.partners.reset_index().astype(_WHOLE)
        files["outcome_areas.csv"] = _with_names(plan, ledger.areas.reset_index())
        for name in ("outcomes.csv", "outcome_partners.csv", "outcome_areas.csv"):
            files[name] = files[name].assign(caution=REACH_ONLY)
        files["outcome_weights.csv"] = ledger.contributions
    return {name: table for name, table in files.items() if len(table)}


def build_calendar(plan: Plan) -> str | None:
    """Return the rota as a calendar; None without sessions or the Monday on which it begins.

    The time of writing that every entry carries is the first morning of the rota, so that the
    same project gives the same bytes.
    """
    first = plan.project.spec.rota.first_monday
    if plan.rota is None or first is None or not len(plan.rota.plan):
        return None
    settings = CalendarSettings(
        first_monday=first,
        repeats=plan.project.spec.rota.repeats,
        written=dt.datetime.combine(first, dt.time(), tzinfo=dt.UTC),
        title=f"Outreach rota, {plan.area.name}",
    )
    return to_icalendar(plan.rota, settings)


def _sessions(rota: Rota) -> pd.DataFrame:
    """Return one row a session, numbered from 1, with how sure it is that none is better."""
    table = rota.plan.reset_index()
    table["session"] = table["session"] + 1
    return table.assign(
        solver_status=rota.status,
        objective=rota.objective,
        bound=rota.bound,
        gap_share=rota.gap,
        objective_unit=rota.unit,
    )


def _types(rota: Rota) -> pd.DataFrame:
    """Return one row a type and service: who is served; areas without a type come first."""
    table = rota.by_type.reset_index()
    best = rota.best_by_type.reindex(table["type"])
    return table.assign(most_served_alone=best.to_numpy(dtype="float64"))


def _with_names(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the area's name beside its code."""
    at = int(pd.Index(table.columns).get_loc("area_code")) + 1
    names = plan.area.areas["area_name"].reindex(table["area_code"])
    named = table.copy()
    named.insert(at, "area_name", [str(name) for name in names])
    return named
