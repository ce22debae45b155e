"""Which team should bring which service to which venue, on which days of the week?"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.compliance import Compliance
from planner.errors import InfeasibleError, ProjectError
from planner.hubs import Hubs, candidate_venues
from planner.ledger import Note, note_items, note_named
from planner.need import Need
from planner.neighbourhoods import Neighbourhoods, name_types
from planner.outcomes import default_contributions
from planner.plan.hubs import find_way
from planner.plan.inputs import Inputs
from planner.plan.journeys import Journeys
from planner.plan.stages import Stages
from planner.plan.team_travel import time_teams
from planner.project import OutreachSettings, Project, ProjectSpec
from planner.rota import (
    Credit,
    Fairness,
    Rota,
    RotaProblem,
    RotaSettings,
    build_rota,
    permanent_table,
)
from planner.rota.inputs import split_kinds
from planner.services import Services
from planner.standards import DEFAULTS
from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes, to_areas
from planner.wording import say_list, to_label


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundRota:
    """The rota, None where there is none, and why or how it came about."""

    rota: Rota | None = None
    notes: tuple[Note, ...] = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """What notes are gathered from."""
        return (self.notes,) if self.rota is None else (self.notes, self.rota)


def plan_rota(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    need: Need,
    types: Neighbourhoods,
    compliance: Compliance,
    hubs: Hubs | None,
) -> FoundRota:
    """Plan the weeks of the project's outreach teams; none without a list of teams.

    Raises
    ------
    ProjectError
        A team's service or base, or a venue of the rota, is not known.
    DataError
        The opening times of a venue are not known, and the project says that they must be.
    """
    spec, teams = project.spec, inputs.teams
    if teams is None:
        run.skip("team_travel", "rota")
        return FoundRota()
    refuse_unknown_kinds(teams, services, spec)
    # By the names of today: a scenario may give venues others.
    teams = teams.assign(base=find_bases(teams, inputs.services))
    venues, notes = choose_venues(spec, inputs, services, hubs)
    if len(venues) == 0:
        run.skip("team_travel", "rota")
        return FoundRota(notes=notes)
    travel, how = time_teams(run, project, services, journeys, venues, teams["base"])
    way = find_way(spec, journeys.ways)

    def build() -> FoundRota:
        area, kinds = inputs.area, kinds_of(teams, spec)
        by_area = to_areas(journeys.ways[way].times, area.place_points)
        permanent, more = build_permanent(compliance, kinds, area.codes)
        problem = RotaProblem(
            venues=services.venues.loc[venues, ["venue_name", "opening", "rooms"]],
            teams=teams.drop(columns="partner"),
            minutes=area_minutes(by_area, area.codes, venues),
            travel=travel,
            demand=_demand(inputs, need, kinds),
            people=area.place["population"].astype("float64"),
            permanent=permanent,
            groups=_groups(types, area.codes),
        )
        return _solve(problem, spec.rota, (*notes, *how, *more))

    found: FoundRota = run.run(
        "rota",
        [spec.rota, spec.bundle.kinds, list(map(str, venues)), way, _plain(teams)],
        ["hubs", "need", "neighbourhoods", "compliance", "supply", "team_travel", "area"],
        build,
    )
    return found


def _solve(problem: RotaProblem, asked: OutreachSettings, notes: Sequence[Note]) -> FoundRota:
    """Return the rota, or in words why there can be none: that stops no plan."""
    stated = asked.unknown_hours == "stated"
    settings = RotaSettings(
        session_minutes=asked.session_minutes,
        setup_minutes=asked.setup_minutes,
        weeks=asked.weeks,
        sessions_a_day=asked.sessions_a_day,
        start_every_minutes=asked.start_every_minutes,
        within_minutes=asked.within_minutes,
        unknown_hours=asked.unknown_hours,
        stated_hours=asked.stated_hours if stated else "",
        credit=build_credit(asked),
    )
    fairness = Fairness(floor_share=asked.floor_share, worst_type_weight=asked.worst_type_weight)
    try:
        rota = build_rota(problem, settings, fairness, time_limit_seconds=asked.time_limit_seconds)
    except InfeasibleError as err:
        text = f"There is no rota. {err.message} {err.hint}".strip()
        return FoundRota(notes=(*notes, Note(stage="rota", what="no_rota", count=1, text=text)))
    return FoundRota(rota=rota, notes=tuple(notes))


def build_credit(asked: OutreachSettings) -> Credit:
    """Return how days of presence count, as the project has it."""
    return Credit(
        rule=asked.credit,
        chance_missed=asked.chance_missed,
        full_days_per_week=asked.full_days_per_week,
    )


def kinds_of(teams: pd.DataFrame, spec: ProjectSpec) -> list[str]:
    """Return the kinds of service that people may need: those of the bundle and of the teams."""
    brought = {kind for words in teams["services"] for kind in split_kinds(str(words))}
    return sorted(brought.union(spec.bundle.kinds))


def refuse_unknown_kinds(teams: pd.DataFrame, services: Services, spec: ProjectSpec) -> None:
    """Refuse a service of a team that nothing else in the project speaks of.

    Raises
    ------
    ProjectError
        The message names the team and the nearest known kind.
    """
    known = {*services.kinds, *map(str, services.unplaced["kind"]), *spec.bundle.kinds}
    known |= {*spec.standards, *DEFAULTS, *map(str, default_contributions()["kind"])}
    for row in teams.itertuples():
        for kind in split_kinds(str(row.services)):
            if kind not in known:
                near = difflib.get_close_matches(kind, sorted(known), n=1)
                raise ProjectError(
                    f"{spec.rota.teams}: {row.team_name} brings {kind!r}, which is no kind of "
                    "service of this project.",
                    hint=f"Did you mean {near[0]!r}?"
                    if near
                    else f"Kinds are {', '.join(sorted(known))}; name another one in [standards].",
                )


def find_bases(teams: pd.DataFrame, services: Services) -> list[str]:
    """Return the venue of each team's base, by id or by name; "" where none is given.

    Raises
    ------
    ProjectError
        No venue is called so, or several are.
    """
    names = services.venues["venue_name"].astype(str).str.casefold()
    found = []
    for row in teams.itertuples():
        base = str(row.base)
        called = services.venues.index[(names == base.casefold()).to_numpy()]
        if not base or base in services.venues.index:
            found.append(base)
        elif len(called) == 1:
            found.append(str(called[0]))
        else:
            several = f"{len(called)} venues are" if len(called) else "no venue is"
            raise ProjectError(
                f"The base of {row.team_name}: {several} called {base!r}.",
                hint="Write a venue_id or the name of one venue, as in services.csv, or leave it "
                "empty.",
            )
    return found


def choose_venues(
    spec: ProjectSpec, inputs: Inputs, services: Services, hubs: Hubs | None
) -> tuple[pd.Index, tuple[Note, ...]]:
    """Return the venues where sessions may be held, sorted; none comes with why.

    Raises
    ------
    ProjectError
        A venue named one by one is not there, or is closed.
    """
    asked = spec.rota.venues
    if isinstance(asked, list):
        for venue in asked:
            if venue not in services.venues.index:
                raise ProjectError(
                    f"[rota] venues: there is no venue {venue!r}.",
                    hint="Take venue_id values from services.csv.",
                )
            if services.venues.loc[venue, "status"] == "closed":
                raise ProjectError(f"[rota] venues: the venue {venue!r} is closed.")
        return pd.Index(sorted(asked), name="venue_id"), ()
    if asked == "candidates":
        found = candidate_venues(services, inputs.area, spec.hubs)
    else:
        chosen = [] if hubs is None else [str(venue) for venue in hubs.chosen["venue_id"]]
        found = pd.Index(sorted(set(chosen)), dtype=object)
    if len(found):
        return found.rename("venue_id"), ()
    what = "venue that could be a hub" if asked == "candidates" else "hub"
    text = f"There is no rota: there is no {what} to hold sessions in."
    return found, (Note(stage="rota", what="no_rota", count=1, text=text),)


def area_minutes(times: TravelTimes, codes: pd.Index, venues: pd.Index) -> pd.DataFrame:
    """Return minutes areas × venues, NaN where there is no way within the longest journey.

    Parameters
    ----------
    times
        From areas.
    codes, venues
        In which order; those that the times do not know have none.
    """
    to = venues.get_indexer(times.destinations)[times.pairs["destination"].to_numpy()]
    row = codes.get_indexer(times.origins)[times.pairs["origin"].to_numpy()]
    kept = (to >= 0) & (row >= 0)
    grid = np.full((len(codes), len(venues)), np.nan)
    grid[row[kept], to[kept]] = times.pairs["deciseconds"].to_numpy()[kept] / DECISECONDS_PER_MINUTE
    return pd.DataFrame(grid, index=codes, columns=venues)


def build_permanent(
    compliance: Compliance, kinds: Sequence[str], codes: pd.Index
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return the access people have without a rota: 1 where a kind's standard is met, else 0.

    Kinds without any service have none, and count as such; so do areas of which it is not known.
    """
    table = permanent_table(codes, kinds)
    judged = [kind for kind in kinds if kind in compliance.kinds]
    unknown = pd.Series(False, index=codes)
    for kind in judged:
        met = compliance.met(kind).reindex(codes)
        table[kind] = (met == "met").astype("float64")
        unknown |= met == "not_known"
    notes = []
    if unknown.any():
        text = (
            "for some service it is not known whether its standard is met; the rota counts them "
            "as without"
        )
        notes.append(note_named("rota", "permanent_not_known", codes[unknown.to_numpy()], text))
    never = [kind for kind in kinds if kind not in compliance.kinds]
    if never:
        text = (
            f"Nobody is counted as having {say_list([to_label(kind) for kind in never])} already: "
            "no service of that kind is known."
        )
        notes.append(note_items("rota", "kind_not_offered", never, text))
    return table, tuple(notes)


def _demand(inputs: Inputs, need: Need, kinds: Sequence[str]) -> pd.DataFrame:
    """Return need-weighted people, the same for each kind: people × need percentile."""
    place = inputs.area.place
    percentile = need.scores["need_percentile_access_use"].reindex(place.index)
    demand = (place["population"] * percentile).astype("float64")
    return pd.DataFrame(dict.fromkeys(kinds, demand), index=place.index)


def _groups(types: Neighbourhoods, codes: pd.Index) -> pd.Series:
    labels = types.labels.reindex(codes)
    return name_types(labels, types.types["type_name"]).where(labels.notna(), "").astype(object)


def _plain(teams: pd.DataFrame) -> list[Mapping[str, str]]:
    """Return the teams as a key is made of them."""
    return [
        {str(name): str(cell) for name, cell in row.items()}
        for row in teams.reset_index().to_dict("records")
    ]
