"""Which areas need help, which sites may give it, and how far is each from each?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.area import StudyArea
from planner.errors import ProjectError
from planner.hubs.candidates import candidate_venues
from planner.ledger import Note, note_items, note_named
from planner.need import Need
from planner.project import HubSettings
from planner.services import Services
from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes, to_areas
from planner.wording import say_are, say_few, say_many, say_noun

SiteStatus = Literal["existing", "candidate", "forced", "closed"]
SITE_STATUSES: tuple[SiteStatus, ...] = ("existing", "candidate", "forced", "closed")
SITE_COLUMNS = ("status", "cost", "capacity")

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SitingProblem:
    """Areas, sites and the minutes between them; what every model of siting starts from.

    Parameters
    ----------
    minutes
        Areas × sites, on the sorted ``area_code`` and ``venue_id``; NaN where there is no way
        within the longest journey.
    demand
        Of each area, at least 0: people × need percentile, or a count.
    people
        Of each area, at least 0: what fills a site's capacity, and what equity is about.
    sites
        On the columns of ``minutes``: ``status`` (`SiteStatus`), ``cost`` (at least 0, in any one
        unit) and ``capacity`` (people, NaN without limit).
    penalty_minutes
        What an area pays that no open site reaches; no journey is longer.
    groups
        Of each area, the type of neighbourhood, ``""`` where it has none.
    notes
        What was left out, and what stands twice.

    Raises
    ------
    ProjectError
        A table does not fit the others, or holds a number that cannot be.
    """

    minutes: pd.DataFrame
    demand: pd.Series
    people: pd.Series
    sites: pd.DataFrame
    penalty_minutes: float
    groups: pd.Series
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        for what, index in (("areas", self.minutes.index), ("sites", self.minutes.columns)):
            if not (index.is_unique and index.is_monotonic_increasing and len(index)):
                raise ProjectError(f"Hubs: {what} must be sorted, each once, and at least one.")
        for name in ("demand", "people", "groups"):
            if not getattr(self, name).index.equals(self.minutes.index):
                raise ProjectError(f"Hubs: {name} must be on the areas of the journeys.")
        if not self.sites.index.equals(self.minutes.columns):
            raise ProjectError("Hubs: the table of sites must be on the sites of the journeys.")
        for name in ("demand", "people"):
            _refuse_numbers(getattr(self, name), name, missing=False)
        _refuse_numbers(self.sites["cost"], "cost", missing=False)
        _refuse_numbers(self.sites["capacity"], "capacity", missing=True)
        odd = self.sites.index[~self.sites["status"].isin(SITE_STATUSES)]
        if len(odd):
            raise ProjectError(
                f"Hubs: the status of {odd[0]} is {self.sites.loc[odd[0], 'status']!r}.",
                hint="Use existing, candidate, forced or closed.",
            )
        self._check_minutes()

    def _check_minutes(self) -> None:
        times = self.minutes.to_numpy()
        if bool((times < 0).any()) or bool(np.isinf(times).any()):
            raise ProjectError("Hubs: a journey is below zero or endless.")
        longest = float(np.nanmax(times)) if np.isfinite(times).any() else 0.0
        if not longest <= self.penalty_minutes < np.inf:
            raise ProjectError(
                f"Hubs: an area that reaches no site would count {self.penalty_minutes:g} minutes, "
                f"less than the longest journey ({longest:g} minutes).",
                hint="Raise [hubs] penalty_minutes.",
            )

    @property
    def cost(self) -> Floats:
        """Minutes areas × sites with the penalty where there is no way."""
        times: Floats = self.minutes.fillna(self.penalty_minutes).to_numpy(dtype=np.float64)
        return times

    @property
    def open_sites(self) -> pd.Index:
        """Sites that are open whatever is chosen: existing and forced ones."""
        return self.sites.index[self.sites["status"].isin(["existing", "forced"])]

    @property
    def forced(self) -> pd.Index:
        """Sites that are opened whatever is chosen, and counted among those that are asked for."""
        return self.sites.index[self.sites["status"] == "forced"]

    @property
    def choosable(self) -> pd.Index:
        """Sites that may be opened or not: the candidates."""
        return self.sites.index[self.sites["status"] == "candidate"]

    @property
    def usable(self) -> pd.Index:
        """Sites that are not closed."""
        return self.sites.index[self.sites["status"] != "closed"]

    @property
    def out_of_reach(self) -> pd.Index:
        """Areas with people that no site reaches, whatever is chosen."""
        reached = self.minutes[self.usable].notna().any(axis=1)
        return self.minutes.index[~reached & (self.people > 0)]

    def at(self, sites: pd.Index) -> Places:
        """Return the columns of sites."""
        columns: Places = self.sites.index.get_indexer(sites).astype(np.int64)
        return columns


def build_problem(
    area: StudyArea,
    services: Services,
    times: TravelTimes,
    need: Need,
    settings: HubSettings,
    *,
    demand: pd.Series | None = None,
    groups: pd.Series | None = None,
    costs: pd.Series | None = None,
    capacities: pd.Series | None = None,
    forced: Collection[str] = (),
    closed: Collection[str] = (),
) -> SitingProblem:
    """Put together areas, candidate venues and journeys.

    Parameters
    ----------
    area, services, times, need, settings
        The place, what there is, journeys from its points to the venues by any mode, the need
        (its access domains are left out of demand), and which venues may become hubs.
    demand
        A count on areas instead of people × need percentile.
    groups
        Type of neighbourhood of each area.
    costs, capacities
        Of venues, by id: what opening it costs (0 where not named), and how many people it can
        take (without limit where not named).
    forced, closed
        Venues to open whatever happens, or never to use, beside those whose status or whose
        settings say so.

    Raises
    ------
    ProjectError
        A venue is not there, is both closed and asked for, or no venue may become a hub.
    """
    status = _statuses(
        services, area, settings, {*forced, *settings.forced}, {*closed, *settings.closed}
    )
    sites = pd.DataFrame({"status": status}).sort_index()
    sites["cost"] = _of_venues(costs, sites.index, services, "cost").fillna(0.0)
    sites["capacity"] = _of_venues(capacities, sites.index, services, "capacity")
    untimed = sites.index[sites["status"] != "closed"].difference(times.destinations)
    if len(untimed):
        raise ProjectError(
            f"Hubs: there are no journeys to {say_few(untimed.tolist())}.",
            hint="Time journeys to every venue that may become a hub.",
        )
    by_area = to_areas(times, area.place_points)
    connected = (by_area.origin_status == "connected").reindex(area.codes, fill_value=False)
    codes = area.codes[connected.to_numpy()]
    if len(codes) == 0:
        raise ProjectError(
            "Hubs: not one area is on the mapped streets, so nothing is known of their journeys."
        )
    people = area.place["population"].astype(float)
    if demand is None:
        demand = people * need.scores["need_percentile_access_use"].reindex(area.codes)
    demand = demand.reindex(codes)
    minutes = build_minutes(by_area, codes, sites.index)
    problem = SitingProblem(
        minutes=minutes,
        demand=demand.fillna(0.0).astype(float),
        people=people.loc[codes],
        sites=sites,
        penalty_minutes=settings.penalty_minutes,
        groups=_groups(groups, codes),
    )
    notes = _notes(area, services, problem, codes, demand, groups)
    return SitingProblem(**(vars(problem) | {"notes": notes}))


def _refuse_numbers(values: pd.Series, name: str, *, missing: bool) -> None:
    wrong = ~(values >= 0) | np.isinf(values)
    if missing:
        wrong &= values.notna()
    if bool(wrong.any()):
        first = values.index[wrong.to_numpy()][0]
        said = f"is {values[first]:g}" if values.notna()[first] else "is not known"
        raise ProjectError(
            f"Hubs: the {name} of {first} {said}.", hint=f"A {name} is a number of at least 0."
        )


def _statuses(
    services: Services,
    area: StudyArea,
    settings: HubSettings,
    forced: Collection[str],
    closed: Collection[str],
) -> pd.Series:
    """Return the status of every venue that is a site."""
    venues = services.venues["status"]
    for what, names in (("existing", settings.existing), ("forced", forced), ("closed", closed)):
        unknown = sorted(set(names) - set(venues.index))
        if unknown:
            raise ProjectError(
                f"[hubs] {what}: there is no venue {unknown[0]!r}.",
                hint="Take venue_id values from services.csv.",
            )
    shut = {*venues.index[venues == "closed"], *closed}
    must = {*venues.index[venues == "forced"], *forced}
    for what, names in (("existing", set(settings.existing)), ("forced", must)):
        both = sorted(names & shut)
        if both:
            raise ProjectError(
                f"[hubs] the venue {both[0]!r} is {what} and closed at once.",
                hint="Take it out of one of the two.",
            )
    found = candidate_venues(services, area, settings).union(pd.Index(sorted({*forced, *closed})))
    if len(found.difference(pd.Index(sorted(shut)))) == 0:
        raise ProjectError(
            "Hubs: no venue may become a hub.",
            hint="Name more candidate_kinds in [hubs], or give venues the status candidate.",
        )
    status = pd.Series("candidate", index=found.rename("venue_id"), dtype=object)
    status[status.index.isin(must)] = "forced"
    status[status.index.isin(settings.existing)] = "existing"
    status[status.index.isin(shut)] = "closed"
    return status


def _of_venues(
    values: pd.Series | None, sites: pd.Index, services: Services, name: str
) -> pd.Series:
    if values is None:
        return pd.Series(np.nan, index=sites)
    unknown = values.index.difference(services.venues.index)
    if len(unknown):
        raise ProjectError(
            f"Hubs: there is a {name} of {unknown[0]!r}, which is no venue.",
            hint="Take venue_id values from services.csv.",
        )
    return values.astype(float).reindex(sites)


def build_minutes(times: TravelTimes, codes: pd.Index, sites: pd.Index) -> pd.DataFrame:
    """Return minutes areas × sites from times that start at areas, NaN where there is none."""
    to = sites.get_indexer(times.destinations)[times.pairs["destination"].to_numpy()]
    row = codes.get_indexer(times.origins)[times.pairs["origin"].to_numpy()]
    kept = (to >= 0) & (row >= 0)
    grid = np.full((len(codes), len(sites)), np.nan)
    grid[row[kept], to[kept]] = times.pairs["deciseconds"].to_numpy()[kept] / DECISECONDS_PER_MINUTE
    return pd.DataFrame(grid, index=codes, columns=sites)


def _groups(groups: pd.Series | None, codes: pd.Index) -> pd.Series:
    if groups is None:
        return pd.Series("", index=codes, dtype=object)
    return groups.reindex(codes).fillna("").astype(str).astype(object)


def _notes(
    area: StudyArea,
    services: Services,
    problem: SitingProblem,
    codes: pd.Index,
    demand: pd.Series,
    groups: pd.Series | None,
) -> tuple[Note, ...]:
    notes = []
    off = area.codes.difference(codes)
    if len(off):
        text = (
            f"{say_many(len(off), 'area')} {say_are(len(off))} not on the mapped streets and took "
            "no part in choosing hubs: nothing is known of their journeys."
        )
        notes.append(note_items("hubs", "areas_not_on_network", off, text))
    far = problem.out_of_reach
    if len(far):
        text = (
            f"{say_many(len(far), 'area')} {say_noun(len(far), 'reaches', 'reach')} no site within "
            f"the longest journey; each counts as {problem.penalty_minutes:g} minutes."
        )
        notes.append(note_items("hubs", "areas_penalised", far, text))
    unknown = codes[demand.isna().to_numpy()]
    if len(unknown):
        text = "the need there is not known, so nothing was sited for them"
        notes.append(note_named("hubs", "need_not_known", unknown, text))
    without = codes[(problem.groups == "").to_numpy()]
    if groups is not None and len(without):
        text = "in no type of neighbourhood, so that no share is asked for there"
        notes.append(note_named("hubs", "areas_without_type", without, text))
    return (*notes, *_in_one_place(services, problem.usable))


def _in_one_place(services: Services, sites: pd.Index) -> list[Note]:
    """Say which sites are at the same point: of equals the first by its id is chosen."""
    points = services.venues.geometry.loc[sites]
    where = pd.MultiIndex.from_arrays([points.x.to_numpy(), points.y.to_numpy()])
    together = sites[where.duplicated(keep=False)]
    if len(together) == 0:
        return []
    text = (
        f"{say_few(together.tolist())} stand where another site stands; where it makes no "
        "difference, the first by its id is taken."
    )
    return [note_items("hubs", "sites_in_one_place", together, text)]
