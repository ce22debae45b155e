"""Who goes out when, whom does that serve, and towards which outcomes, for the report?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from planner.report.tables import Table
from planner.report.words import say_count, say_number, say_share
from planner.rota import build_week_table
from planner.standards import kind_words
from planner.wording import say_list, say_many

if TYPE_CHECKING:
    from planner.outcomes import OutcomeLedger
    from planner.plan import Plan
    from planner.rota import Rota

#: How a rota comes about; said where there is none.
HOW_TO_GET_ONE = (
    "There is no outreach rota: the project names no teams. Fill in data/templates/teams.csv with "
    'each team, the services it brings and its hours, and name the file in [rota] teams = "...".'
)
#: Notes that say what the journeys of teams, and venues without hours, are taken to be.
_TOLD = ("hours_stated", "hours_not_known", "team_not_connected")


def build_parts(plan: Plan) -> dict[str, tuple[str, tuple[str, ...], list[Table | None]]]:
    """Return the report's parts on outreach and outcomes: id → title, sentences, tables."""
    return {
        "rota": (
            "Outreach rota",
            find_rota(plan),
            [
                *build_week_tables(plan),
                build_served_table(plan),
                build_team_hours_table(plan),
            ],
        ),
        "outcomes": (
            "Shared outcomes",
            find_outcomes(plan),
            [build_outcomes_table(plan), build_partners_table(plan), build_weights_table(plan)],
        ),
    }


def find_rota(plan: Plan) -> tuple[str, ...]:
    """Say what the rota holds, whom it serves and how sure it is; or how to get one."""
    rota = plan.rota
    if rota is None:
        why = tuple(note.text for note in plan.notes if note.what == "no_rota")
        return why or (HOW_TO_GET_ONE,)
    if rota.plan.empty:
        return ("The rota has no session: none would serve anybody who is not served already.",)
    sessions, venues = len(rota.plan), rota.plan["venue_id"].nunique()
    teams = rota.plan["team_id"].nunique()
    cycle = "a week" if rota.weeks == 1 else f"every {rota.weeks} weeks"
    return (
        f"{say_many(teams, 'team')} would hold {say_many(sessions, 'session')} {cycle} at "
        f"{say_many(venues, 'venue')}. {_say_served(rota)}",
        *_say_kinds(rota),
        _say_proof(rota),
        rota.credit_words,
        *(note.text for note in plan.notes if _is_told(note.stage, note.what)),
        "People served are need-weighted people within reach, times the access that a session "
        "gives beside a permanent service: nobody knows from this who will come. Public holidays "
        "are not looked at.",
    )


def _is_told(stage: str, what: str) -> bool:
    return stage == "rota" and (what in _TOLD or what.startswith("travel_"))


def _say_served(rota: Rota) -> str:
    people = _once(rota.served)
    reach = float(people.loc[people["days"] > 0, "people"].sum())
    return (
        f"{say_count(reach)} of {say_count(float(people['people'].sum()))} people have a session "
        "within reach."
    )


def _once(served: pd.DataFrame) -> pd.DataFrame:
    """Return each area once: its people, and the most days of any service in reach."""
    return served.groupby("area_code").agg(people=("people", "first"), days=("days", "max"))


def _say_kinds(rota: Rota) -> list[str]:
    """Say of each service who would be served."""
    sums = rota.served.groupby("kind")[["demand", "served"]].sum()
    return [
        f"{_upper(kind_words(str(kind)))}: {say_number(row['served'])} of "
        f"{say_number(row['demand'])} need-weighted people would be served beyond today."
        for kind, row in sums.iterrows()
    ]


def _say_proof(rota: Rota) -> str:
    if rota.status == "optimal":
        return "The solver proved that no other rota of these teams serves more."
    return (
        "The rota is the best found in the time given, and not proved best: it is within "
        f"{100 * rota.gap:.1f}% of the best possible."
    )


def build_week_tables(plan: Plan) -> list[Table]:
    """Return the rota as tables to pin up, one a week: teams down, days across."""
    if plan.rota is None or plan.rota.plan.empty:
        return []
    table = build_week_table(plan.rota)
    found = []
    for week, rows in table.groupby(level="week"):
        title = f"Week {week} of {plan.rota.weeks}" if plan.rota.weeks > 1 else "Every week"
        found.append(
            Table(
                caption=f"{title}: who is where",
                columns=("Team", *map(str, table.columns)),
                rows=tuple(
                    (str(name), *(str(cell).replace("\n", "; ") or "–" for cell in row))
                    for (name, _), row in zip(rows.index, rows.to_numpy(), strict=True)
                ),
                note=_say_calendar(plan) if week == 1 else "",
            )
        )
    return found


def _say_calendar(plan: Plan) -> str:
    first = plan.project.spec.rota.first_monday
    if first is None:
        return "Give [rota] first_monday, and the rota comes as a calendar file (rota.ics), too."
    return f"The calendar file (rota.ics) begins on Monday {first.day} {first:%B %Y}."


def build_served_table(plan: Plan) -> Table | None:
    """Return who is served in each type of neighbourhood, service by service."""
    if plan.rota is None or plan.rota.plan.empty:
        return None
    rows = [
        (
            str(key[0]) or "Without a type",
            _upper(kind_words(str(key[1]))),
            say_count(row["people_in_reach"]),
            say_count(row["people"]),
            say_number(row["served"]),
            say_share(row["share_before"]),
            say_share(row["share_after"]),
        )
        for key, row in ((_pair(index), row) for index, row in plan.rota.by_type.iterrows())
    ]
    return Table(
        caption="Who is served, by type of neighbourhood",
        columns=(
            *("Type", "Service", "People with a session in reach", "People"),
            *("Need-weighted people served", "Access before", "Access with the rota"),
        ),
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4, 5, 6}),
        note="Access is need-weighted: 100% would be a permanent service, within its standard, for "
        "everybody. Each area is in rota_served.csv.",
    )


def _pair(index: object) -> tuple[object, object]:
    assert isinstance(index, tuple)
    return index[0], index[1]


def build_team_hours_table(plan: Plan) -> Table | None:
    """Return what the rota asks of each team in each week."""
    if plan.rota is None or plan.rota.plan.empty:
        return None
    rows = [
        (
            str(row["team_name"]),
            str(_pair(index)[1]),
            str(row["days"]),
            str(row["sessions"]),
            *(_hours(row[name]) for name in ("session_hours", "setup_hours", "travel_hours")),
            *(_hours(row[name]) for name in ("waiting_hours", "hours")),
            "no weekly limit" if math.isnan(row["hours_allowed"]) else _hours(row["hours_allowed"]),
        )
        for index, row in plan.rota.hours.iterrows()
    ]
    return Table(
        caption="Hours of each team",
        columns=(
            *("Team", "Week", "Days", "Sessions", "Hours in sessions", "setting up"),
            *("travelling", "waiting", "Hours in all", "Hours allowed"),
        ),
        rows=tuple(rows),
        numeric=frozenset(range(1, 10)),
        note="From leaving the base (or beginning to set up) to being back (or the end of the last "
        "session).",
    )


def _hours(value: float) -> str:
    return f"{value:.1f}"


def find_outcomes(plan: Plan) -> tuple[str, ...]:
    """Say which option brings most help within reach of whom, and that reach is not impact."""
    ledger = plan.outcomes
    if ledger is None:
        return tuple(note.text for note in plan.notes if note.what == "no_ledger")
    found = [sentence for outcome in _outcomes(ledger) if (sentence := _say_best(ledger, outcome))]
    options = _options(ledger)
    if len(options) == 1:
        found.append(f"There is nothing to set beside {options[0]}: no hub and no rota.")
    return (*found, ledger.statement)


def _options(ledger: OutcomeLedger) -> list[str]:
    return list(dict.fromkeys(map(str, ledger.outcomes.index.get_level_values("option"))))


def _outcomes(ledger: OutcomeLedger) -> list[str]:
    return list(dict.fromkeys(map(str, ledger.outcomes.index.get_level_values("outcome"))))


def _say_best(ledger: OutcomeLedger, outcome: str) -> str:
    """Say by which option most help comes within reach; "" where no option changes anything."""
    rows = ledger.outcomes.xs(outcome, level="outcome")
    first, best = rows.iloc[0], rows["reach_score"].idxmax()
    if not rows.loc[best, "change"] > 0:
        return ""
    return (
        f"{_upper(outcome)}: {say_share(first['share'])} of the help is within reach of those who "
        f"need it in {_quoted(str(rows.index[0]))}, and {say_share(rows.loc[best, 'share'])} in "
        f"{_quoted(str(best))}, the most of the options."
    )


def _quoted(name: str) -> str:
    return f"‘{name}’"


def build_outcomes_table(plan: Plan) -> Table | None:
    """Return what each option brings within reach, outcome by outcome."""
    ledger = plan.outcomes
    if ledger is None:
        return None
    options = _options(ledger)
    rows = []
    for outcome in _outcomes(ledger):
        table = ledger.outcomes.xs(outcome, level="outcome").loc[options]
        rows.append(
            (
                _upper(outcome),
                _upper(str(table["need_domain"].iloc[0]).replace("_", " ")),
                say_number(float(table["need"].iloc[0])),
                *(say_share(share) for share in table["share"]),
                *(say_count(people) for people in table["people_within_reach"]),
            )
        )
    return Table(
        caption="Help within reach of those who need it, by outcome and option",
        columns=(
            *("Outcome", "Need it answers", "Need-weighted people"),
            *(f"Within reach: {option}" for option in options),
            *(f"People with some in reach: {option}" for option in options),
        ),
        rows=tuple(rows),
        numeric=frozenset(range(2, 3 + 2 * len(options))),
        note="The share of the need for which the services of an outcome are within their "
        "standard, each counting by its weight and one that comes on some days by its days. Each "
        "area is in outcome_areas.csv.",
    )


def build_partners_table(plan: Plan) -> Table | None:
    """Return what each partner gains and gives under each option but the first."""
    ledger = plan.outcomes
    if ledger is None:
        return None
    options = _options(ledger)
    table = ledger.partners
    before = {
        partner: count
        for (option, partner), count in table["offers_without_sessions"].items()
        if option == options[0]
    }
    rows = []
    for index, row in table.iterrows():
        option, partner = _pair(index)
        names = ("clients_within_reach", "sessions_given", "sessions_hosted")
        figures = [row[f"{name}_change"] for name in names]
        unknown = row["offers_without_sessions"] - before.get(partner, 0.0)
        if option != options[0] and (unknown or any(figure != 0 for figure in figures)):
            rows.append(
                (
                    str(option),
                    str(partner),
                    *(_signed(figure) for figure in figures),
                    _signed(row["hours_spent_change"]),
                    say_count(unknown),
                )
            )
    if not rows:
        return None
    return Table(
        caption=f"What changes for each partner, beside {options[0]}",
        columns=(
            *("Option", "Partner", "Need-weighted people within reach", "Sessions given a week"),
            *("Sessions hosted a week", "Hours a week"),
            "Services, given or hosted, with times to agree",
        ),
        rows=tuple(rows),
        numeric=frozenset(range(2, 7)),
        note="Hosted: services of others in the partner's buildings. Sessions and hours are those "
        "that are known. All partners are in outcome_partners.csv.",
    )


def _signed(value: float) -> str:
    if math.isnan(value):
        return "not known"
    text = say_number(abs(value))
    return "no change" if value == 0 else f"{'+' if value > 0 else '−'}{text}"


def build_weights_table(plan: Plan) -> Table | None:
    """Return how strongly each service helps towards each outcome, and on what grounds."""
    if plan.outcomes is None:
        return None
    rows = plan.outcomes.contributions
    return Table(
        caption="How strongly each service counts towards each outcome",
        columns=("Outcome", "Services, with their weight", "Where the weights come from"),
        rows=tuple(
            (
                _upper(str(outcome)),
                say_list(
                    [f"{kind_words(str(row.kind))} {row.weight:g}" for row in own.itertuples()]
                ),
                say_list(sorted({str(basis).rstrip(".") for basis in own["basis"]})),
            )
            for outcome, own in rows.groupby("outcome", sort=False)
        ),
        note="1: a main purpose of the service; 0.5: a usual part of it. Change them in a copy of "
        "data/templates/outcomes.csv, named in [outcomes] file.",
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
