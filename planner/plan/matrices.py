"""What do travel times from another program say of this place?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planner.errors import DataError
from planner.plan.inputs import Inputs
from planner.plan.stages import Stages
from planner.project import MatrixEntry, Project
from planner.scenario import Scenario
from planner.services import Services
from planner.sources.matrices import read_travel_matrix
from planner.travel.getting_about import Way
from planner.travel.times import Mode, TravelTimes

#: Percentile (None: the file names none) → times.
Matrix = dict[int | None, TravelTimes]


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
            project.spec.access.cutoff,
            scenario.to_plain(),
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
        found[entry.to][entry.mode] = _read_one(project, entry, inputs, destinations)
    return {
        mode: [
            Way(times=times, job_times=found["jobs"].get(mode, {}).get(percentile))
            for percentile, times in sorted(matrix.items(), key=lambda pair: pair[0] or 0)
        ]
        for mode, matrix in found["services"].items()
    }


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
    except DataError:
        areas = inputs.area.codes
        if areas.equals(points.index):
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
