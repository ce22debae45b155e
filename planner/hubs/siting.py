"""Which venues would make the best hubs, who would gain, and by how many minutes?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from planner.access import Access
from planner.area import StudyArea
from planner.errors import InfeasibleError
from planner.hubs.answer import Change, Infeasible, Siting, build_infeasible
from planner.hubs.candidates import candidate_venues
from planner.hubs.infeasible import areas_beyond
from planner.hubs.problem import SitingProblem, build_problem
from planner.hubs.solve import solve
from planner.ledger import Note, note_items
from planner.need import Need
from planner.project import BY_NEED, COVERS, FILLING, SHARED, HubModel, HubSettings
from planner.services import Services
from planner.travel.times import STATUS_WORDS, TravelTimes, nearest, to_areas
from planner.wording import say_few, say_many, say_noun, to_label

#: A gain below this many minutes is not counted as one: it is within the rounding of the times.
LEAST_GAIN_MINUTES = 1.0
#: Hub status of an area that reaches an open hub, but whose people find no room there.
NO_ROOM = "no_room"
CHOSEN_COLUMNS = (
    *("venue_id", "venue_name", "role", "x", "y", "areas_nearest", "people_nearest"),
    *("people_gaining", "minutes_saved_mean"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Hubs:
    """Chosen hub venues and what they would change.

    Parameters
    ----------
    chosen
        Index ``hub`` 1, 2, ... in the order of people nearest; ``venue_id, venue_name, role``
        (``existing`` or ``new``), ``x, y`` (metres, EPSG:27700), ``areas_nearest,
        people_nearest, people_gaining`` (people in areas that gain at least a minute or reach
        the whole bundle for the first time) and ``minutes_saved_mean`` (over those who gained
        minutes, population-weighted; NaN for none). Where hubs fill up, an area counts for the
        hub that takes most of its people.
    areas
        Index ``area_code`` of the place: ``minutes_before, status_before`` (slowest of the
        nearest of the bundle today), ``minutes_after, status_after`` (the same, or the nearest
        hub with the whole bundle if that is sooner), ``minutes_saved`` (NaN where one of them is
        not a time), ``hub_minutes``, ``hub_status`` (also ``no_room``), ``hub_venue_id``,
        ``demand``, ``gains``.
    objective, bound, gap, status
        What the answer comes to in `unit`, what no answer can be better than, their relative gap,
        and ``optimal``, ``time_limit`` or ``infeasible`` (then all three are NaN, and the hubs are
        those that are open anyway).
    candidates, p
        Venues to choose from, existing hubs included; hubs asked for, or by a budget opened.
    siting, problem, settings
        The answer by its model, what it is the answer to, and what was asked for.
    """

    chosen: pd.DataFrame
    areas: pd.DataFrame
    objective: float
    bound: float
    gap: float
    status: str
    candidates: int
    p: int
    penalty_minutes: float
    siting: Siting
    problem: SitingProblem
    settings: HubSettings
    notes: tuple[Note, ...] = field(default=())

    @property
    def model(self) -> HubModel:
        """The measure by which the choice is the best."""
        return self.siting.model

    @property
    def unit(self) -> str:
        """What the objective and its bound are of."""
        return say_unit(self.siting, self.settings)


def build_hubs(
    area: StudyArea,
    services: Services,
    times: TravelTimes,
    need: Need,
    access: Access,
    settings: HubSettings,
    *,
    demand: pd.Series | None = None,
    groups: pd.Series | None = None,
    costs: pd.DataFrame | None = None,
) -> Hubs | None:
    """Choose hub venues by the model of the settings.

    Demand is people × need percentile, with access domains left out of need (no circles), or a
    count. An area that cannot reach a site counts the stated penalty minutes; an area that is not
    on the street network at all takes no part, is counted and named. What cannot be had (more hubs
    than candidates, a share that nothing covers) is an answer in words, ``siting.infeasible``.

    Parameters
    ----------
    area, services, times, need, access, settings
        The place, its venues, journeys to them, need, access by the same way, and what is asked.
    demand
        A count on areas instead.
    groups
        Type of neighbourhood of each area, ``""`` where it has none.
    costs
        On venue ids ``cost`` and ``capacity`` (NaN where not known).

    Returns
    -------
    hubs
        None where the place has no candidate venue, or no area on the mapped streets.

    Raises
    ------
    ProjectError
        A named venue is not there, or is two things at once.
    """
    if explain_none(area, services, times, settings) is not None:
        return None
    problem = build_problem(
        *(area, services, times, need, settings),
        demand=demand,
        groups=groups,
        costs=None if costs is None else costs["cost"].dropna(),
        capacities=None if costs is None else costs["capacity"].dropna(),
    )
    by_area = to_areas(times, area.place_points)
    problem = replace(problem, notes=_notes(problem, by_area, settings))
    siting = solve_siting(problem, settings)
    full = people_by_need(area, need) if demand is None else demand.reindex(area.codes)
    table = _areas(area, access, by_area, siting, full)
    by_count = settings.budget is None and settings.model != "set_cover"
    return Hubs(
        chosen=_chosen(table, area, services, siting.open, settings),
        areas=table,
        objective=siting.objective,
        bound=siting.bound,
        gap=siting.gap,
        status=siting.status,
        candidates=len(problem.usable),
        p=settings.count if by_count else len(siting.chosen),
        penalty_minutes=settings.penalty_minutes,
        siting=siting,
        problem=problem,
        settings=settings,
        notes=siting.notes,
    )


def solve_siting(problem: SitingProblem, settings: HubSettings) -> Siting:
    """Return the answer to what the settings ask for; what cannot be had is told in words."""
    if settings.model == "fair_cover" and not bool((problem.groups != "").any()):
        words = (
            "No area is in a type of neighbourhood, so no share of the people of each can be "
            "covered. Build types first, or use max_cover."
        )
        return build_infeasible(problem, settings.model, _cannot(problem, words))
    try:
        return solve(problem, settings.model, **ask(settings))
    except InfeasibleError as error:
        words = f"{error.message} {error.hint}".removeprefix("Hubs: ").strip()
        why = _cannot(problem, words[:1].upper() + words[1:], settings)
        return build_infeasible(problem, settings.model, why)


def ask(settings: HubSettings) -> dict[str, Any]:
    """Return what `planner.hubs.solve` is asked for, beside the problem and the model."""
    model = settings.model
    asked: dict[str, Any] = {}
    if settings.budget is not None:
        asked["budget"] = settings.budget
    elif model != "set_cover":
        asked["p"] = settings.count
    if model in COVERS:
        asked["within_minutes"] = settings.within_minutes
    if model in SHARED:
        asked["share"] = settings.share
    return {**asked, "time_limit_seconds": settings.time_limit_seconds}


def say_unit(siting: Siting, settings: HubSettings) -> str:
    """Return what the figures of an answer are of."""
    if siting.model == "set_cover" and settings.budget is not None:
        return "cost of the sites opened"
    if settings.demand == BY_NEED:
        return siting.unit
    counted = to_label(settings.demand)
    words = siting.unit.replace("need-weighted people", counted)
    return words.replace("need-weighted minutes", f"minutes weighted by {counted}")


def explain_none(
    area: StudyArea, services: Services, times: TravelTimes, settings: HubSettings
) -> Note | None:
    """Return why no hub can be looked for at all; None where one can."""
    text = ""
    named = {*settings.existing, *settings.forced, *settings.closed}
    if not named and len(candidate_venues(services, area, settings)) == 0:
        text = (
            "No hub could be chosen: the place has no candidate venue. Name more candidate_kinds "
            "in [hubs], or a file of candidates."
        )
    elif not bool((to_areas(times, area.place_points).origin_status == "connected").any()):
        text = (
            "No hub could be chosen: not one area is on the mapped streets, so nothing is known of "
            "their journeys."
        )
    return Note(stage="hubs", what="no_hub", count=1, text=text) if text else None


def people_by_need(area: StudyArea, need: Need) -> pd.Series:
    """Return people × need percentile of each area of the place, access left out of need."""
    people: pd.Series = area.place["population"].astype(float)
    return people * need.scores["need_percentile_access_use"].reindex(area.codes)


def _cannot(problem: SitingProblem, words: str, settings: HubSettings | None = None) -> Infeasible:
    """Return why there is no answer, with the areas that reach no site at all."""
    there = len(problem.choosable) + len(problem.forced)
    changes: tuple[Change, ...] = ()
    if settings is not None and "p" in ask(settings) and settings.count > there:
        text = f"open {say_many(there, 'site')} at the most"
        changes = (Change(what="p", now=settings.count, needed=there, text=text),)
    nowhere = problem.minutes[problem.usable].isna().all(axis=None)
    group = np.full(len(problem.minutes), 0 if nowhere else -1)
    return Infeasible(areas=areas_beyond(problem, group, 0.0), changes=changes, text=words)


def _areas(
    area: StudyArea,
    access: Access,
    by_area: TravelTimes,
    siting: Siting,
    demand: pd.Series,
) -> pd.DataFrame:
    before = access.wide("bundle_minutes_slowest", "bundle").reindex(area.codes)
    hub = nearest(by_area, siting.open).reindex(area.codes)
    if siting.model in FILLING:
        hub = _with_room(hub, siting)
    minutes = hub["minutes"]
    table = pd.DataFrame(
        {"minutes_before": before["value"], "status_before": before["status"]}, index=area.codes
    )
    sooner = minutes.notna() & ~(table["minutes_before"] <= minutes)
    table["minutes_after"] = minutes.where(sooner, table["minutes_before"])
    table["status_after"] = table["status_before"].where(~sooner, "reached")
    table["minutes_saved"] = table["minutes_before"] - table["minutes_after"]
    table["hub_minutes"] = minutes
    table["hub_status"] = hub["status"]
    table["hub_venue_id"] = hub["destination"]
    table["demand"] = demand
    first_time = table["minutes_before"].isna() & (table["status_after"] == "reached")
    table["gains"] = first_time | (table["minutes_saved"] >= LEAST_GAIN_MINUTES)
    return table


def _chosen(
    table: pd.DataFrame,
    area: StudyArea,
    services: Services,
    chosen: pd.Index,
    settings: HubSettings,
) -> pd.DataFrame:
    population = area.place["population"]
    rows = []
    for venue_id in chosen:
        venue = services.venues.loc[venue_id]
        mine = table["hub_venue_id"] == venue_id
        gain = mine & table["gains"]
        timed = gain & table["minutes_saved"].notna()
        people = population[timed]
        rows.append(
            {
                "venue_id": venue_id,
                "venue_name": venue["venue_name"],
                "role": "existing" if venue_id in settings.existing else "new",
                "x": venue.geometry.x,
                "y": venue.geometry.y,
                "areas_nearest": int(mine.sum()),
                "people_nearest": float(population[mine].sum()),
                "people_gaining": float(population[gain].sum()),
                "minutes_saved_mean": float(
                    (people * table.loc[timed, "minutes_saved"]).sum() / people.sum()
                )
                if people.sum() > 0
                else float("nan"),
            }
        )
    frame = pd.DataFrame(rows, columns=list(CHOSEN_COLUMNS)).sort_values(
        ["people_nearest", "venue_id"], ascending=[False, True], kind="stable"
    )
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="hub")
    return frame


def _with_room(hub: pd.DataFrame, siting: Siting) -> pd.DataFrame:
    """Return the way to the hub that takes an area's people, in the place of the nearest one."""
    hub = hub.copy()
    assigned = siting.assigned.reindex(hub.index, fill_value="")
    placed = (assigned != "").to_numpy()
    full = ~placed & (hub["status"] == "reached").to_numpy()
    hub["minutes"] = siting.minutes.reindex(hub.index).where(placed)
    hub["destination"] = assigned
    hub["status"] = hub["status"].mask(full, NO_ROOM).mask(placed, "reached")
    return hub


def _notes(problem: SitingProblem, times: TravelTimes, settings: HubSettings) -> tuple[Note, ...]:
    """Return the problem's notes, with why areas reach no site, and which costs are not named."""
    status = nearest(times, problem.usable)["status"]
    notes = [
        _say_why_not(note, status, settings) if note.what == "areas_penalised" else note
        for note in problem.notes
    ]
    asked = problem.choosable.union(problem.forced)
    if settings.budget is not None:
        free = asked[(problem.sites.loc[asked, "cost"] == 0).to_numpy()]
        if len(free):
            text = (
                f"{settings.costs} names no cost of {say_few(free.tolist())}; opening "
                f"{say_noun(len(free), 'it', 'them')} counts as costing nothing."
            )
            notes.append(note_items("hubs", "sites_without_cost", free, text))
    if settings.model in FILLING:
        endless = problem.usable[problem.sites.loc[problem.usable, "capacity"].isna().to_numpy()]
        if len(endless):
            text = (
                f"{settings.costs} names no capacity of {say_few(endless.tolist())}; "
                f"{say_noun(len(endless), 'it never fills', 'they never fill')} up."
            )
            notes.append(note_items("hubs", "sites_without_capacity", endless, text))
    return tuple(notes)


def _say_why_not(note: Note, status: pd.Series, settings: HubSettings) -> Note:
    counts = status.reindex(list(note.items)).value_counts().sort_index()
    reasons = "; ".join(f"{count} {STATUS_WORDS[word]}" for word, count in counts.items())
    text = (
        f"{say_many(note.count, 'area')} {say_noun(note.count, 'reaches', 'reach')} no candidate "
        f"({reasons}); each counts as {settings.penalty_minutes:g} minutes."
    )
    return replace(note, text=text)
