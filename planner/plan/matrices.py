"""What do travel times from another program say of this place?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.errors import DataError
from planner.ledger import Note
from planner.plan.inputs import Inputs
from planner.plan.stages import Stages
from planner.project import MatrixEntry, Project
from planner.scenario import Scenario, to_plain_changes
from planner.services import Services
from planner.sources.matrices import read_travel_matrix
from planner.travel.getting_about import MODE_WORDS, Way
from planner.travel.times import Mode, TravelTimes

#: Percentile (None: the file names none) → times.
Matrix = dict[int | None, TravelTimes]
#: What a matrix is refused with whose origins are other than those asked for.
_OTHER_ORIGINS = "origins is known here"


def read_ways(
    run: Stages, project: Project, inputs: Inputs, services: Services, scenario: Scenario
) -> dict[Mode, list[Way]]:
    """Return the ways of getting about whose times the project brings along, by mode."""
    entries = project.spec.matrix
    if not entries:
        run.skip("matrices")
        return {}
    ways: dict[Mode, list[Way]] = run.run(
        "matrices",
        [
            entries,
            [project.sha256(entry.file) for entry in entries],
            project.spec.access,
            to_plain_changes(scenario.touching("sites")),
        ],
        ["area", "services", "jobs"],
        lambda: _read(project, inputs, services),
    )
    return ways


def _read(project: Project, inputs: Inputs, services: Services) -> dict[Mode, list[Way]]:
    found: dict[str, dict[Mode, Matrix]] = {"services": {}, "jobs": {}}
    for entry in project.spec.matrix:
        destinations = services.venues.index
        if entry.to == "jobs":
            if inputs.jobs is None:
                continue
            destinations = inputs.jobs.points.index
        if entry.mode in found[entry.to]:
            raise DataError(
                f"{entry.file}: there is another matrix of {entry.mode} journeys to {entry.to}.",
                hint="Keep one [[matrix]] for each mode and destination.",
            )
        _check_searched_far_enough(project, entry)
        found[entry.to][entry.mode] = _read_one(project, entry, inputs, destinations)
    moved = _moved(inputs.services, services)
    return {
        mode: [
            _way(mode, times, found["jobs"].get(mode), inputs, moved)
            for _, times in sorted(matrix.items(), key=lambda pair: pair[0] or 0)
        ]
        for mode, matrix in found["services"].items()
    }


def _check_searched_far_enough(project: Project, entry: MatrixEntry) -> None:
    """Refuse a matrix that ends before a threshold: what is counted within it would be short."""
    access = project.spec.access
    name, asked = ("within", access.within)
    if entry.to == "jobs":
        name, asked = "jobs_within", access.jobs_within
    longest = max(asked, default=0.0)
    if entry.max_minutes is not None and entry.max_minutes < longest:
        raise DataError(
            f"{entry.file}: its journeys were searched up to {entry.max_minutes:g} minutes "
            f"(max_minutes), and [access] {name} counts within {longest:g}.",
            hint=f"Name only thresholds up to {entry.max_minutes:g} in [access] {name}, or search "
            "further.",
        )


def _way(
    mode: Mode, times: TravelTimes, to_jobs: Matrix | None, inputs: Inputs, moved: pd.Index
) -> Way:
    """Join times to services with those to jobs, and say what is not known."""
    job_times = (to_jobs or {}).get(times.percentile)
    notes = [*_jobs_notes(mode, times, to_jobs, inputs)]
    if len(moved):
        times = _without(times, moved)
        notes.append(
            Note(
                stage="travel",
                what="matrix_venues_moved",
                count=len(moved),
                text=f"{times.method}: {len(moved)} venues stand elsewhere now than when these "
                "times were worked out; there is no data for them.",
                items=tuple(str(venue) for venue in moved),
            )
        )
    return Way(times=replace(times, notes=(*times.notes, *notes)), job_times=job_times)


def _jobs_notes(
    mode: Mode, times: TravelTimes, to_jobs: Matrix | None, inputs: Inputs
) -> Iterator[Note]:
    """Say where jobs within reach are not measured for want of a matrix."""
    if inputs.jobs is None or times.percentile in (to_jobs or {}):
        return
    of = "" if times.percentile is None else f" of percentile {times.percentile}"
    yield Note(
        stage="travel",
        what="matrix_without_jobs",
        count=1,
        text=f"{times.method}: there is no matrix{of} to jobs beside it, so jobs within reach "
        f"{MODE_WORDS[mode]} are not measured.",
    )


def _moved(before: Services, now: Services) -> pd.Index:
    """Return the venues that a scenario puts elsewhere."""
    both = before.venues.index.intersection(now.venues.index)
    old, new = (gpd.GeoSeries(one.venues.geometry.loc[both]) for one in (before, now))
    return both[~old.geom_equals(new).to_numpy()].sort_values()


def _without(times: TravelTimes, venues: pd.Index) -> TravelTimes:
    """Return times without those to some venues, which have no data then."""
    gone = times.destinations.isin(venues)
    keep = ~gone[times.pairs["destination"].to_numpy()]
    return replace(
        times,
        pairs=times.pairs[keep].reset_index(drop=True),
        destination_status=times.destination_status.mask(gone, "no_data"),
        destination_component=times.destination_component.mask(gone, -1),
    )


def _read_one(
    project: Project, entry: MatrixEntry, inputs: Inputs, destinations: pd.Index
) -> Matrix:
    """Read a matrix from points or, where it knows none of them, from areas."""
    points = inputs.area.place_points

    def read(origins: pd.Index) -> Matrix:
        return read_travel_matrix(
            project.path(entry.file),
            what=entry.file,
            origins=origins,
            destinations=destinations,
            cutoff_minutes=project.spec.access.cutoff,
            mode=entry.mode,
            window=entry.window,
            unit=entry.unit,
            max_minutes=entry.max_minutes,
            where=entry.where,
        )

    try:
        return read(points.index)
    except DataError as err:
        areas = inputs.area.codes
        if areas.equals(points.index) or _OTHER_ORIGINS not in err.message:
            raise
    return {
        percentile: _to_points(times, points["area_code"])
        for percentile, times in read(areas).items()
    }


def _to_points(times: TravelTimes, area_code: pd.Series) -> TravelTimes:
    """Give each point the times of its area."""
    area = times.origins.get_indexer(area_code)
    origin = times.pairs["origin"].to_numpy()
    first = np.searchsorted(origin, area, side="left")
    count = np.searchsorted(origin, area, side="right") - first
    point = np.repeat(np.arange(len(area)), count)
    row = np.repeat(first - np.cumsum(count) + count, count) + np.arange(int(count.sum()))
    pairs = times.pairs.iloc[row].assign(origin=point.astype(np.int32)).reset_index(drop=True)
    return replace(
        times,
        pairs=pairs,
        origins=area_code.index,
        origin_status=times.origin_status.iloc[area].set_axis(area_code.index),
        origin_component=times.origin_component.iloc[area].set_axis(area_code.index),
    )
