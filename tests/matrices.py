"""Travel times and opportunities from a small table of minutes, for access measures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner.access import Opportunities, Options, build_options
from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes

#: The cells of Belo Horizonte whose published results stand in the design.
CELLS = [
    "89a88cd909bffff",
    "89a88cdb57bffff",
    "89a88cdb597ffff",
    "89a88cdb5b3ffff",
    "89a88cdb5cfffff",
]


def matrix_times(
    minutes: Any,
    *,
    cutoff: float = 120.0,
    origins: Sequence[str] = (),
    ends: Sequence[str] = (),
    status: Sequence[str] = (),
    end_status: Sequence[str] = (),
    component: Sequence[int] = (),
    end_component: Sequence[int] = (),
) -> TravelTimes:
    """Return times from a table of minutes, origins in rows; NaN: not reached within the cutoff."""
    table = np.asarray(minutes, dtype=float)
    rows, columns = table.shape
    start = pd.Index(origins or [f"a{i:04d}" for i in range(rows)], dtype="str")
    end = pd.Index(ends or [f"v{j:04d}" for j in range(columns)], dtype="str")
    own = list(status or ["connected"] * rows)
    theirs = list(end_status or ["connected"] * columns)
    at = np.argwhere(~np.isnan(table))
    return TravelTimes(
        pairs=pd.DataFrame(
            {
                "origin": at[:, 0].astype(np.int32),
                "destination": at[:, 1].astype(np.int32),
                "deciseconds": np.round(table[at[:, 0], at[:, 1]] * DECISECONDS_PER_MINUTE).astype(
                    np.int32
                ),
            }
        ),
        origins=start,
        destinations=end,
        origin_status=pd.Series(own, index=start, dtype=object),
        destination_status=pd.Series(theirs, index=end, dtype=object),
        origin_component=pd.Series(
            list(component) or [0 if s == "connected" else -1 for s in own], index=start
        ).astype("int64"),
        destination_component=pd.Series(
            list(end_component) or [0 if s == "connected" else -1 for s in theirs], index=end
        ).astype("int64"),
        mode="transit",
        cutoff_minutes=cutoff,
        method="by hand",
    )


def sized(
    sizes: Sequence[float], ends: Sequence[str] = (), serves: Sequence[str] = (), unit: str = "jobs"
) -> Opportunities:
    """Return opportunities of these sizes, one at each destination."""
    at = pd.Index(ends or [f"v{j:04d}" for j in range(len(sizes))], dtype="str")
    table = pd.DataFrame(
        {
            "destination": at,
            "size": np.asarray(sizes, dtype=float),
            "serves": list(serves) or ["anyone"] * len(sizes),
        },
        index=at.rename("offer_id"),
    )
    return Opportunities(table=table, unit=unit)


def options(minutes: Any, sizes: Sequence[float], **given: Any) -> Options:
    """Return options from a table of minutes and a size for each column."""
    return build_options(matrix_times(minutes, **given), sized(sizes))


def people_of(options: Options, people: Sequence[float]) -> pd.Series:
    """Return people on the origins."""
    return pd.Series(np.asarray(people, dtype=float), index=options.origins)


def belo_horizonte(
    shared: Path, *, square: bool, cells: Sequence[str] = CELLS
) -> tuple[TravelTimes, pd.DataFrame]:
    """Return journeys from some cells, to each other or to all cells, and what is in cells."""
    folder = shared / "oracles"
    land = pd.read_parquet(folder / "accessibility_belo_horizonte_land_use_data.parquet")
    land = land.astype({"id": "str"}).set_index("id").sort_index()
    pairs = pd.read_parquet(
        folder / "accessibility_belo_horizonte_travel_matrix.parquet",
        filters=[("from_id", "in", list(cells))],
    ).astype({"from_id": "str", "to_id": "str"})
    if square:
        pairs, land = pairs[pairs["to_id"].isin(cells)], land.loc[sorted(cells)]
    wide = pairs.pivot_table(index="from_id", columns="to_id", values="travel_time")
    wide = wide.reindex(index=sorted(cells), columns=land.index)
    times = matrix_times(wide, origins=list(wide.index), ends=list(wide.columns), cutoff=120)
    return times, land
