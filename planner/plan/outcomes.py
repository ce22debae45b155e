"""Whom do today, the hubs and the rota bring within reach of the outcomes partners share?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.access.sessions import read_sessions
from planner.compliance import Compliance
from planner.errors import DataError, ProjectError
from planner.hubs import Hubs
from planner.ledger import Note, note_items, note_named
from planner.need import Need
from planner.outcomes import (
    LedgerInputs,
    Option,
    OutcomeLedger,
    build_ledger,
    default_contributions,
    percentiles_of,
)
from planner.plan.inputs import Inputs
from planner.plan.journeys import Journeys
from planner.plan.rota import area_minutes, build_credit
from planner.plan.stages import Stages
from planner.project import Project, ProjectSpec
from planner.rota import Rota
from planner.scenario import Scenario
from planner.services import Services
from planner.standards import DEFAULT_MINUTES
from planner.travel.times import to_areas
from planner.wording import say_list, to_label

TODAY_NAME, HUBS_NAME, ROTA_NAME = "Today", "Hubs", "Outreach rota"
_HOURS = 60.0


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundOutcomes:
    """The ledger, None where nothing can be scored, and why or how it came about."""

    ledger: OutcomeLedger | None = None
    notes: tuple[Note, ...] = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """What notes are gathered from."""
        return (self.notes,) if self.ledger is None else (self.notes, self.ledger)


def score_outcomes(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    scenario: Scenario,
    need: Need,
    compliance: Compliance,
    hubs: Hubs | None,
    rota: Rota | None,
) -> FoundOutcomes:
    """Score what is there, the hubs with the whole bundle in them, and the rota.

    Raises
    ------
    DataError, ProjectError
        The project's own table of outcomes cannot be used.
    """
    spec, own = project.spec, inputs.contributions
    table = default_contributions() if own is None else own

    def build() -> FoundOutcomes:
        options, notes = build_options(spec, services, scenario, hubs, rota, inputs.teams)
        kinds = sorted({*map(str, table["kind"])} | {k for o in options for k in o.offers["kind"]})
        ledger_inputs, more = _build_inputs(
            inputs, journeys, need, compliance, options, kinds, spec.need.access_domains
        )
        return _score(ledger_inputs, options, table, spec.outcomes.file, (*notes, *more))

    after = ["hubs", "need", "compliance", "supply", "area"]
    if rota is not None:
        after.append("rota")
    rows = None if own is None else own.astype(str).to_dict("records")
    found: FoundOutcomes = run.run(
        "outcomes",
        [
            *(rows, spec.bundle.kinds, spec.hubs.candidate_kinds, spec.rota),
            *(spec.need.access_domains, journeys.main, scenario.name, bool(scenario.changes)),
        ],
        after,
        build,
    )
    return found


def _score(
    inputs: LedgerInputs,
    options: Sequence[Option],
    table: pd.DataFrame,
    file: str,
    notes: tuple[Note, ...],
) -> FoundOutcomes:
    """Return the ledger; where the planner's own table cannot be scored here, why."""
    try:
        ledger = build_ledger(inputs, options, table)
    except ProjectError as err:
        if file:
            raise _named(err, file) from err
        text = f"Shared outcomes are not scored. {err.message} {err.hint}".strip()
        return FoundOutcomes(notes=(Note(stage="outcomes", what="no_ledger", count=1, text=text),))
    except DataError as err:
        raise _named(err, file) from err
    return FoundOutcomes(ledger=ledger, notes=notes)


def _named(err: ProjectError | DataError, file: str) -> ProjectError | DataError:
    """Return the error with the file it is about in front."""
    return type(err)(f"{file}: {err.message}" if file else err.message, hint=err.hint)


def build_options(
    spec: ProjectSpec,
    services: Services,
    scenario: Scenario,
    hubs: Hubs | None,
    rota: Rota | None,
    teams: pd.DataFrame | None = None,
) -> tuple[list[Option], tuple[Note, ...]]:
    """Return what is open now (or in the scenario), the same with the hubs, and with the rota.

    A hub has every service of the bundle in it, permanently; a service that comes on some days has
    the credit of the rota. Everything that is open now counts as permanent.
    """
    hosts = find_hosts(services, spec.hubs.candidate_kinds)
    now = _open_offers(services)
    first = scenario.name if scenario.changes else TODAY_NAME
    if first in (HUBS_NAME, ROTA_NAME):
        first = f"{first} (scenario)"
    options = [Option(name=first, offers=now, hosts=hosts)]
    notes: list[Note] = []
    if hubs is not None and len(hubs.chosen):
        more, unnamed = _hub_offers(services, [str(v) for v in hubs.chosen["venue_id"]], spec)
        options.append(Option(name=HUBS_NAME, offers=_joined(now, more), hosts=hosts))
        if unnamed:
            text = (
                f"No partner offers {say_list([to_label(kind) for kind in unnamed])} today: in the "
                "hubs it is nobody's yet."
            )
            notes.append(note_items("outcomes", "hub_service_without_partner", unnamed, text))
    if rota is not None and len(rota.plan):
        more = _rota_offers(rota, teams, spec)
        options.append(Option(name=ROTA_NAME, offers=_joined(now, more), hosts=hosts))
    text = (
        "Every service that is open counts as there all the time; one that a team brings counts by "
        "its days. A hub has all services of the bundle, all the time. Sessions are openings of a "
        "service on a day, hours those it is open, where they are known."
    )
    notes.append(Note(stage="outcomes", what="method", count=1, text=text))
    return options, tuple(notes)


def _joined(now: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    if not len(more):
        return now
    return pd.concat([now, more], ignore_index=True) if len(now) else more


_COLUMNS = ["venue_id", "kind", "partner", "sessions", "hours", "share"]


def _table(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=_COLUMNS)
    numbers = dict.fromkeys(["sessions", "hours", "share"], "float64")
    return table.astype({**numbers, **dict.fromkeys(["venue_id", "kind", "partner"], object)})


def _open_offers(services: Services) -> pd.DataFrame:
    """Return what is open, with its sessions and hours a week, NaN where they are not known."""
    opening = services.venues["opening"].astype(str)
    rows = []
    for offer in services.open_offers().sort_index().itertuples():
        sessions, hours = count_week(str(offer.sessions) or str(opening[offer.venue_id]))
        rows.append(
            {
                "venue_id": str(offer.venue_id),
                "kind": str(offer.kind),
                "partner": str(offer.partner),
                "sessions": sessions,
                "hours": hours,
                "share": 1.0,
            }
        )
    return _table(rows)


def count_week(text: str) -> tuple[float, float]:
    """Return how often a week something is on, and for how many hours; NaN where it is not plain.

    Examples
    --------
    >>> count_week("Tu,Fr 10:00-15:00")
    (2.0, 10.0)
    """
    found = read_sessions(text)
    if found is None or any(found.some_weeks):
        return math.nan, math.nan
    spans = [span for day in found.weekly for span in day]
    return float(len(spans)), sum(end - begin for begin, end in spans) / _HOURS


def find_hosts(services: Services, candidate_kinds: Sequence[str]) -> pd.Series:
    """Return whose building each venue is: the only partner there, else the only one that hosts.

    Those host who offer a kind that hubs may go to; "" where it is not plain.
    """
    offers = services.offers
    hosting = offers[offers["kind"].isin(list(candidate_kinds))]
    found = pd.Series("", index=services.venues.index, dtype=object)
    for rows in (hosting, offers):
        partners = rows.groupby("venue_id")["partner"].unique()
        single = partners[[len(names) == 1 for names in partners]]
        found.loc[single.index] = [str(names[0]) for names in single]
    return found


def _hub_offers(
    services: Services, venues: Sequence[str], spec: ProjectSpec
) -> tuple[pd.DataFrame, list[str]]:
    """Return the services of the bundle that hubs would have beside their own.

    Each is of the partner with most open services of its kind; which kinds have none comes beside.
    """
    offers = services.open_offers()
    partners = {kind: _main_partner(offers, kind) for kind in spec.bundle.kinds}
    there = {(str(o.venue_id), str(o.kind)) for o in offers.itertuples()}
    rows = [
        {
            "venue_id": venue,
            "kind": kind,
            "partner": partners[kind],
            "sessions": math.nan,
            "hours": math.nan,
            "share": 1.0,
        }
        for venue in sorted(venues)
        for kind in spec.bundle.kinds
        if (venue, kind) not in there
    ]
    return _table(rows), sorted(kind for kind, partner in partners.items() if not partner)


def _main_partner(offers: pd.DataFrame, kind: str) -> str:
    counts = offers.loc[offers["kind"] == kind, "partner"].value_counts()
    best = sorted(counts.index[counts == counts.max()]) if len(counts) else []
    return str(best[0]) if best else ""


def _rota_offers(rota: Rota, teams: pd.DataFrame | None, spec: ProjectSpec) -> pd.DataFrame:
    """Return what teams bring, by venue, service and partner, with the credit of its days.

    Days count together at a venue, whoever brings the service on them, as in the rota itself. A
    team that is nobody's goes by its own name.
    """
    partners = {} if teams is None else teams["partner"].to_dict()
    plan = rota.plan
    levels = build_credit(spec.rota).levels(7 * rota.weeks, rota.weeks)
    days: dict[tuple[str, str], set[tuple[int, str]]] = {}
    given: dict[tuple[str, str, str], list[float]] = {}
    for row in plan.itertuples():
        first, last = (int(t[:2]) * 60 + int(t[3:]) for t in (row.setup_from, row.end))
        for kind in str(row.services).split(";"):
            at = (str(row.venue_id), kind)
            days.setdefault(at, set()).add((int(row.week), str(row.day)))
            given.setdefault((*at, partners.get(row.team_id) or str(row.team_name)), []).append(
                (last - first) / _HOURS
            )
    return _table(
        [
            {
                "venue_id": venue,
                "kind": kind,
                "partner": partner,
                "sessions": len(hours) / rota.weeks,
                "hours": sum(hours) / rota.weeks,
                "share": float(levels[len(days[venue, kind])]),
            }
            for (venue, kind, partner), hours in sorted(given.items())
        ]
    )


def _build_inputs(
    inputs: Inputs,
    journeys: Journeys,
    need: Need,
    compliance: Compliance,
    options: Sequence[Option],
    kinds: Sequence[str],
    access_domains: Sequence[str],
) -> tuple[LedgerInputs, tuple[Note, ...]]:
    """Return who lives where, and journeys by the way that each kind's standard is judged by."""
    area, codes = inputs.area, inputs.area.codes
    offers = pd.concat([option.offers[["venue_id", "kind"]] for option in options])
    known = [kind for kind in kinds if kind in compliance.kinds]
    ways = {kind: compliance.way(kind) for kind in known}
    by_way = {
        way: to_areas(journeys.ways[way].times, area.place_points)
        for way in sorted({*ways.values(), journeys.main})
    }
    minutes = {}
    for kind in known:
        venues = pd.Index(sorted(set(offers.loc[offers["kind"] == kind, "venue_id"])), dtype=object)
        if ways[kind] != journeys.main and len(venues):
            minutes[kind] = area_minutes(by_way[ways[kind]], codes, venues)
    main, place = by_way[journeys.main], area.place
    people = place["population"].astype("float64")
    off = codes[(main.origin_status.reindex(codes) != "connected").to_numpy()]
    notes = []
    if len(off):
        text = "nothing is known of their journeys; outcomes count them as reaching no service"
        notes.append(note_named("outcomes", "journeys_not_known", off, text))
    demand = people * need.scores["need_percentile_access_use"].reindex(codes)
    return (
        LedgerInputs(
            minutes=area_minutes(main, codes, pd.Index(sorted(set(offers["venue_id"])))),
            minutes_by_kind=minutes,
            within_minutes={
                "": DEFAULT_MINUTES,
                **{kind: compliance.minutes(kind) for kind in known},
            },
            people=people,
            percentiles=percentiles_of(need.domain_scores.reindex(codes).astype("float64")),
            demand=demand.astype("float64"),
            access_domains=tuple(access_domains),
        ),
        tuple(notes),
    )
