"""Which venues would make the best hubs, who would gain, and by how many minutes?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.access import Access
from planner.area import StudyArea
from planner.errors import ProjectError
from planner.hubs.pmedian import PMedian, solve_pmedian
from planner.ledger import Note
from planner.need import Need
from planner.project import HubSettings
from planner.services import Services
from planner.travel.times import (
    DECISECONDS_PER_MINUTE,
    STATUS_WORDS,
    TravelTimes,
    nearest,
    to_areas,
)

#: A gain below this many minutes is not counted as one: it is within the rounding of the times.
LEAST_GAIN_MINUTES = 1.0


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
        minutes, population-weighted; NaN for none).
    areas
        Index ``area_code`` of the place: ``minutes_before, status_before`` (slowest of the
        nearest of the bundle today), ``minutes_after, status_after`` (the same, or the nearest
        hub with the whole bundle if that is sooner), ``minutes_saved`` (NaN where one of them is
        not a time), ``hub_minutes``, ``hub_status``, ``hub_venue_id``, ``demand``, ``gains``.
    objective, bound, gap, status
        Need-weighted minutes of the answer, the proved lower bound, their relative gap, and
        ``optimal`` or ``time_limit``.
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
    notes: tuple[Note, ...] = field(default=())


def candidate_venues(services: Services, area: StudyArea, settings: HubSettings) -> pd.Index:
    """Return the venues that may become a hub, sorted by id.

    These are venues with status ``candidate`` or ``forced``, and open venues that offer one of
    the settings' ``candidate_kinds``, inside the place unless the settings say otherwise;
    existing hubs are always among them.
    """
    venues = services.venues
    offers = services.open_offers()
    of_kind = offers.loc[offers["kind"].isin(settings.candidate_kinds), "venue_id"]
    chosen = venues.index.isin(of_kind) | venues["status"].isin(["candidate", "forced"])
    if settings.inside_only:
        chosen &= venues.geometry.intersects(area.place.union_all()).to_numpy()
    chosen |= venues.index.isin(settings.existing) | (venues["status"] == "forced")
    return venues.index[chosen & (venues["status"] != "closed").to_numpy()]


def build_hubs(
    area: StudyArea,
    services: Services,
    times: TravelTimes,
    need: Need,
    access: Access,
    settings: HubSettings,
) -> Hubs | None:
    """Choose hub venues by p-median over need-weighted minutes.

    Demand is people × need percentile, with access domains left out of need (no circles). An
    area that cannot reach a site counts the stated penalty minutes; an area that is not on the
    street network at all takes no part, is counted and named.

    Returns
    -------
    hubs
        None where the place has no candidate venue (a note cannot choose).

    Raises
    ------
    ProjectError
        An existing hub is no venue, is closed, or more hubs are asked for than there are
        candidates.
    """
    unknown = [v for v in settings.existing if v not in services.venues.index]
    if unknown:
        raise ProjectError(
            f"[hubs] existing: there is no venue {unknown[0]!r}.",
            hint="Take venue_id values from services.csv.",
        )
    closed = [v for v in settings.existing if services.venues.loc[v, "status"] == "closed"]
    if closed:
        raise ProjectError(f"[hubs] existing: the venue {closed[0]!r} is closed.")
    sites = candidate_venues(services, area, settings)
    if len(sites) == 0:
        return None
    fixed = (
        settings.existing + services.venues.index[services.venues["status"] == "forced"].tolist()
    )
    by_area = to_areas(times, area.place_points)
    minutes, taking_part, penalised = _site_minutes(by_area, area, sites, settings.penalty_minutes)
    demand = area.place["population"] * need.scores["need_percentile_access_use"]
    codes = area.codes[taking_part]
    new = settings.count - len([s for s in fixed if s not in settings.existing])
    answer = solve_pmedian(
        minutes.loc[codes].to_numpy(),
        demand.loc[codes].fillna(0.0).to_numpy(),
        max(0, new),
        fixed=tuple(sorted(sites.get_indexer(sorted(set(fixed))))),
        time_limit_seconds=settings.time_limit_seconds,
    )
    table = _areas(area, access, by_area, sites[list(answer.sites)], demand, settings)
    return Hubs(
        chosen=_chosen(table, area, services, sites[list(answer.sites)], settings),
        areas=table,
        objective=answer.objective,
        bound=answer.bound,
        gap=answer.gap,
        status=answer.status,
        candidates=len(sites),
        p=settings.count,
        penalty_minutes=settings.penalty_minutes,
        notes=_notes(area, codes, penalised, answer, settings),
    )


def _site_minutes(
    times: TravelTimes, area: StudyArea, sites: pd.Index, penalty_minutes: float
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return minutes area × site with the penalty, who takes part, and why some always pay."""
    minutes = _dense(times, sites).reindex(area.codes)
    taking_part = (times.origin_status == "connected").reindex(area.codes, fill_value=False)
    status = nearest(times, sites)["status"].reindex(area.codes)
    never = status[taking_part & (status != "reached")]
    return minutes.fillna(penalty_minutes), taking_part, never


def _dense(times: TravelTimes, sites: pd.Index) -> pd.DataFrame:
    """Return minutes area × site, NaN where there is no time."""
    column = pd.Series(-1, index=times.destinations)
    column[sites] = np.arange(len(sites))
    to = column.to_numpy()[times.pairs["destination"].to_numpy()]
    keep = to >= 0
    grid = np.full((len(times.origins), len(sites)), np.nan)
    rows = times.pairs["origin"].to_numpy()[keep]
    grid[rows, to[keep]] = times.pairs["deciseconds"].to_numpy()[keep] / DECISECONDS_PER_MINUTE
    return pd.DataFrame(grid, index=times.origins, columns=sites)


def _areas(
    area: StudyArea,
    access: Access,
    by_area: TravelTimes,
    chosen: pd.Index,
    demand: pd.Series,
    settings: HubSettings,
) -> pd.DataFrame:
    before = access.wide("bundle_minutes_slowest", "bundle").reindex(area.codes)
    hub = nearest(by_area, chosen).reindex(area.codes)
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
    frame = pd.DataFrame(rows).sort_values(
        ["people_nearest", "venue_id"], ascending=[False, True], kind="stable"
    )
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="hub")
    return frame


def _notes(
    area: StudyArea,
    codes: pd.Index,
    penalised: pd.Series,
    answer: PMedian,
    settings: HubSettings,
) -> tuple[Note, ...]:
    notes = []
    left_out = area.codes.difference(codes)
    if len(left_out):
        notes.append(
            Note(
                stage="hubs",
                what="areas_not_on_network",
                count=len(left_out),
                text=f"{len(left_out)} areas are not on the mapped streets, so they took no part "
                "in choosing hubs: nothing is known of their journeys.",
                items=tuple(left_out),
            )
        )
    if len(penalised):
        counts = penalised.value_counts().sort_index()
        reasons = "; ".join(f"{count} {STATUS_WORDS[status]}" for status, count in counts.items())
        notes.append(
            Note(
                stage="hubs",
                what="areas_penalised",
                count=len(penalised),
                text=f"{len(penalised)} areas reach no candidate ({reasons}); each counts as "
                f"{settings.penalty_minutes:g} minutes.",
                items=tuple(penalised.index),
            )
        )
    if answer.status != "optimal":
        notes.append(
            Note(
                stage="hubs",
                what="not_proved",
                count=1,
                text=f"Time ran out before the choice was proved best: it is within "
                f"{answer.gap:.1%} of the best possible.",
            )
        )
    return tuple(notes)
