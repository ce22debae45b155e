"""Which tables say where hubs would go, what else could be chosen, and how sure that is?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from planner.hubs.words import say_asked, say_measure
from planner.travel.getting_about import MODE_WORDS
from planner.wording import to_label

if TYPE_CHECKING:
    from planner.hubs import Hubs
    from planner.plan import Plan

COLUMNS_FILE = "hub_columns.csv"

#: Column → unit and meaning, in all tables of hubs.
COLUMNS: dict[str, tuple[str, str]] = {
    "hub": ("number", "Number of the hub, 1 = nearest for most people"),
    "venue_id": ("", "Venue, as in services.csv"),
    "venue_name": ("", "Its name"),
    "role": ("", "existing, or new"),
    "site_status": ("", "existing, forced, candidate or closed"),
    "x": ("metres", "Easting (EPSG:27700)"),
    "y": ("metres", "Northing (EPSG:27700)"),
    "lon": ("degrees", "Longitude (EPSG:4326)"),
    "lat": ("degrees", "Latitude (EPSG:4326)"),
    "areas_nearest": ("areas", "Areas it is the nearest hub for (that it takes, where hubs fill)"),
    "people_nearest": ("people", "Residents of these areas"),
    "people_gaining": ("people", "Those of them in areas that gain a minute or more, or reach the "
                       "whole bundle for the first time"),
    "minutes_saved_mean": ("minutes", "Mean saved each way by those who gain minutes"),
    "model": ("", "Measure by which the choice is the best, as in [hubs] model"),
    "measure": ("", "The measure in words"),
    "asked_for": ("", "How many hubs, or for how much money"),
    "way": ("", "How people travel"),
    "percentile": ("", "median or reliable journeys"),
    "demand_by": ("", "population (people × need percentile), or a layer of counts"),
    "within_minutes": ("minutes", "Minutes within which people count as covered; empty where the "
                       "measure goes by none"),
    "share_asked": ("share 0-1", "Share of people asked for; empty where the measure takes none"),
    "budget": ("the unit of costs", "Money for opening hubs; empty where hubs are counted"),
    "objective_unit": ("", "What objective and bound are of"),
    "objective": ("as objective_unit", "What the choice comes to; empty where it cannot be had"),
    "bound": ("as objective_unit", "What no choice can be better than"),
    "gap_share": ("share 0-1", "Difference of the two as a share of the greater; 0 where proved"),
    "solver_status": ("", "optimal (proved), time_limit (best found in time) or infeasible"),
    "candidates": ("venues", "Venues to choose from, existing hubs included"),
    "penalty_minutes": ("minutes", "What an area counts that reaches no candidate"),
    "cannot_be_had": ("", "Why what was asked for cannot be had, and what would change that"),
    "area_code": ("", "Official code of the small area (of the place; none around it)"),
    "area_name": ("", "Its name"),
    "minutes_before": ("minutes", "Slowest of the nearest of the bundle today; empty unless "
                       "status_before is reached"),
    "status_before": ("", "reached, or why there are no minutes"),
    "minutes_after": ("minutes", "The same, or to the nearest hub with the whole bundle"),
    "status_after": ("", "reached, or why there are no minutes"),
    "minutes_saved": ("minutes", "Before less after; empty unless both are reached"),
    "hub_minutes": ("minutes", "To the hub the area goes to"),
    "hub_status": ("", "reached, no_room (hubs in reach are full), or why there are no minutes"),
    "hub_venue_id": ("", "The hub the area goes to; empty for none"),
    "demand": ("people × need 0-1, or a count", "What the area counts in the choice"),
    "gains": ("", "Whether it gains a minute or more, or reaches the bundle for the first time"),
    "minutes": ("minutes", "To the nearest site that may be used; empty where there is no way"),
    "over_by": ("minutes", "Minutes beyond those asked for; empty where there is no way"),
    "people": ("people", "Residents"),
    "sites_opened": ("hubs", "Hubs opened, forced ones among them, existing ones not"),
    "gain": ("as objective_unit", "How much better than with one hub fewer"),
    "mean_minutes": ("minutes", "Mean journey to the nearest open hub, weighted by demand"),
    "mean_minutes_saved": ("minutes", "Mean saved by the last of these hubs"),
    "people_within_reach": ("people", "Residents within reach_minutes of an open hub"),
    "people_within_reach_share": ("share 0-1", "Their share of all residents that took part"),
    "people_gained": ("people", "More of them than with one hub fewer"),
    "reach_minutes": ("minutes", "What counts as within reach"),
    "venue_ids": ("", "Venues opened beside the existing ones"),
    "venue_ids_added": ("", "Of these, not in the plan with one hub fewer"),
    "venue_ids_left_out": ("", "In the plan with one hub fewer, and not in this one"),
    "plan": ("number", "Number of the plan"),
    "found_as": ("", "best, next_best (the best of those left) or different (as different as can "
                 "be among those nearly as good)"),
    "venue_ids_instead": ("", "Venues that are not in the best plan"),
    "sites_different_from_best": ("hubs", "In how many hubs it differs from the best plan"),
    "worse_than_best_share": ("share 0-1", "How much worse it is than the best, as a share of it"),
    "proved": ("", "Whether it is proved to stand where it does"),
    "point": ("number", "Number of the plan on the trade-off, the best by the first aim first"),
    "longest_minutes": ("minutes", "Longest journey to the nearest open hub"),
    "need_weighted_people_within_reach": ("people × need 0-1, or a count", "Demand of areas within "
                                          "reach_minutes of an open hub"),
    "worst_off_mean_minutes": ("minutes", "Mean journey of the people who are worst off"),
    "cost": ("the unit of costs", "What opening these hubs costs"),
    "middle": ("", "The plan closest to the best of every aim at once"),
    "as_stated": ("", "Whether it is in the plan of the stated assumptions"),
    "draws_chosen": ("draws", "In how many draws it is in the best plan"),
    "share_of_draws": ("share 0-1", "The same as a share of the draws"),
    "chosen_if": ("", "Assumption under which the plan is the best one"),
    "true_if": ("", "Assumption under which it is judged"),
    "objective_best": ("as objective_unit", "What the best plan comes to under that assumption"),
    "regret": ("as objective_unit", "How much worse the plan is than that one"),
    "regret_share": ("share 0-1", "The same as a share of what the best plan comes to"),
    "mean_minutes_more": ("minutes", "How much longer the mean journey is than by the best plan"),
    "people_within_reach_fewer": ("people", "How many fewer are within reach than by it"),
    "allowed": ("", "Whether the plan does what is asked for under that assumption"),
    "greatest_regret_share": ("share 0-1", "The plan's greatest regret under any assumption"),
    "kind": ("", "Kind of service"),
    "partner": ("", "Who offers it"),
    "action": ("", "stay; move (leaves from_venue_id); extend (stays where it is and comes here "
               "besides); new (its partner is nowhere yet)"),
    "from_venue_id": ("", "Where it comes from, if it moves or extends"),
    "from_venue_name": ("", "Its name"),
    "offer_id": ("", "The service as it is in services.csv today; empty for a new one"),
    "whole_bundle": ("", "Whether the whole bundle is at the place about this venue then"),
    "objective_before": ("as objective_unit", "What it comes to as things are today"),
}  # fmt: skip
_VARIED = r"share_if_only_(.+)_varies"

MEANINGS = {
    column: f"{meaning} ({unit})" if unit else meaning
    for column, (unit, meaning) in COLUMNS.items()
    if column in ("objective_unit", "solver_status", "hub_venue_id", "site_status")
}


def build_hub_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return file name → table: hubs, their areas, the answer, and what else could be chosen.

    ``hubs.csv`` always stands, the others where there is something in them; ``hub_columns.csv``
    says of every column its unit and meaning.
    """
    files = {"hubs.csv": build_hubs_file(plan)}
    if plan.hubs is not None:
        files["hub_answer.csv"] = build_answer_file(plan.hubs)
        files["hub_areas.csv"] = build_hub_areas_file(plan, plan.hubs)
        if plan.hubs.siting.infeasible is not None:
            beyond = plan.hubs.siting.infeasible.areas.rename_axis("area_code").reset_index()
            files["hub_beyond.csv"] = _with_names(plan, beyond)
    files |= _build_choice_files(plan)
    files |= _build_bundle_siting_files(plan)
    files = {name: table for name, table in files.items() if len(table) or name == "hubs.csv"}
    return {**files, COLUMNS_FILE: build_columns_file(files)}


def build_hubs_file(plan: Plan) -> pd.DataFrame:
    """Return one row a hub with how sure the choice is; headings only where there is none."""
    if plan.hubs is None:
        return pd.DataFrame(columns=["hub", "venue_id", "venue_name"])
    hubs = plan.hubs
    table = hubs.chosen.copy()
    points = gpd.GeoSeries(gpd.points_from_xy(table["x"], table["y"]), crs=plan.area.areas.crs)
    degrees = points.to_crs(4326)
    table["lon"], table["lat"] = degrees.x.to_numpy(), degrees.y.to_numpy()
    table["model"], table["objective_unit"] = hubs.model, hubs.unit
    table["solver_status"] = hubs.status
    table["objective"], table["bound"], table["gap_share"] = hubs.objective, hubs.bound, hubs.gap
    table["candidates"] = hubs.candidates
    table["penalty_minutes"] = hubs.penalty_minutes
    table.index.name = "hub"
    return table.reset_index()


def build_answer_file(hubs: Hubs) -> pd.DataFrame:
    """Return one row: what was asked for, what it comes to, and how good that is known to be."""
    settings, why = hubs.settings, hubs.siting.infeasible
    row = {
        "model": hubs.model,
        "measure": say_measure(settings),
        "asked_for": say_asked(settings),
        "way": MODE_WORDS[settings.mode] if settings.mode else "the way that gaps go by",
        "percentile": settings.percentile,
        "demand_by": settings.demand,
        "within_minutes": settings.within_minutes if settings.covers else None,
        "share_asked": settings.share,
        "budget": settings.budget,
        "objective_unit": hubs.unit,
        "objective": hubs.objective,
        "bound": hubs.bound,
        "gap_share": hubs.gap,
        "solver_status": hubs.status,
        "sites_opened": len(hubs.siting.chosen),
        "venue_ids": ", ".join(hubs.siting.chosen),
        "candidates": hubs.candidates,
        "penalty_minutes": hubs.penalty_minutes,
        "cannot_be_had": "" if why is None else why.text,
    }
    return pd.DataFrame([row])


def build_hub_areas_file(plan: Plan, hubs: Hubs) -> pd.DataFrame:
    """Return one row an area of the place: its journeys before and after, and whether it gains."""
    table = hubs.areas.rename_axis("area_code").sort_index().reset_index()
    table["model"], table["objective_unit"] = hubs.model, hubs.unit
    table["solver_status"] = hubs.status
    table["objective"], table["bound"], table["gap_share"] = hubs.objective, hubs.bound, hubs.gap
    return _with_names(plan, table)


def build_columns_file(files: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row a file and column: its unit and what it means."""
    rows = [
        {"file": name, "column": column, "unit": unit, "meaning": meaning}
        for name, table in files.items()
        for column, (unit, meaning) in ((str(one), describe(str(one))) for one in table.columns)
    ]
    return pd.DataFrame(rows, columns=["file", "column", "unit", "meaning"])


def describe(column: str) -> tuple[str, str]:
    """Return a column's unit and meaning.

    Examples
    --------
    >>> describe("gap_share")
    ('share 0-1', 'Difference of the two as a share of the greater; 0 where proved')
    """
    varied = re.fullmatch(_VARIED, column)
    if varied:
        words = "Share of draws in which it is chosen if all else is as stated and only "
        return "share 0-1", f"{words}{to_label(varied[1])} varies"
    return COLUMNS[column]


def _build_choice_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return the tables of what else could be chosen; none where that was not asked for."""
    choice = plan.hub_choice
    if choice is None:
        return {}
    files = {}
    if choice.ladder is not None:
        ladder = choice.ladder
        steps = ladder.steps.rename(columns={"status": "solver_status"})
        steps = steps.assign(model=ladder.model, objective_unit=ladder.unit)
        files["hub_ladder.csv"] = steps.assign(reach_minutes=ladder.reach_minutes)
    if choice.alternatives is not None:
        assert plan.hubs is not None
        table = choice.alternatives.table
        files["hub_alternatives.csv"] = table.assign(
            model=plan.hubs.model, objective_unit=plan.hubs.unit
        )
    if choice.front is not None:
        points = choice.front.points
        files["hub_front.csv"] = points.assign(reach_minutes=choice.front.within_minutes)
    if choice.steadiness is not None:
        table = choice.steadiness.venues.rename_axis("venue_id").reset_index()
        table = table.rename(columns={"status": "site_status"})
        names = plan.services.venues["venue_name"].reindex(table["venue_id"])
        table.insert(1, "venue_name", [str(name) for name in names])
        files["hub_steadiness.csv"] = table
    if choice.regret is not None:
        regret = choice.regret
        files["hub_regret.csv"] = regret.table.assign(
            objective_unit=regret.unit, reach_minutes=regret.reach_minutes
        )
    return files


def _build_bundle_siting_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return one row a service: where it is then, and what became of it."""
    found = plan.bundle_siting
    if found is None:
        return {}
    table = found.services.copy()
    names = plan.services.venues["venue_name"]
    for at, column in ((2, "venue_id"), (5, "from_venue_id")):
        called = names.reindex(table[column]).fillna("").astype(str).to_numpy()
        table.insert(at + 1, column.replace("_id", "_name"), called)
    table["whole_bundle"] = table["venue_id"].isin(found.whole).to_numpy()
    table["objective_unit"] = found.unit
    table["objective_before"], table["objective"] = found.before, found.objective
    table["bound"], table["gap_share"], table["solver_status"] = (
        *(found.bound, found.gap),
        found.status,
    )
    return {"bundle_siting.csv": table}


def _with_names(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    names = plan.area.areas["area_name"].reindex(table["area_code"])
    table.insert(1, "area_name", [str(name) for name in names])
    return table
