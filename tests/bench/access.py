"""How long do access measures and equity take from times that are there?

Journeys are drawn: areas and venues lie anywhere in a square, minutes follow distance, what is
beyond the cutoff is not in the table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .measure import Measured, race
from .rows import Row, make_row

FEW, MANY, KINDS, VENUES = 1_000, 35_000, 10, 30
CUTOFF = 60.0

Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure every access measure, the two that a whole nation is asked for, and equity."""
    supply = f"{KINDS} kinds of {VENUES} venues"
    return [
        _row("everything", f"every access measure, {FEW:,} areas, {supply}", FEW, 2.0),
        _row("nation", f"nearest and 2SFCA, {MANY:,} areas, {supply}", MANY, 30.0),
        _row("equity", f"ten indices of equity with intervals, {MANY:,} areas", MANY, 30.0),
    ]


def _row(target: str, words: str, areas: int, bar_s: float) -> Row:
    found: Measured = race({"ours": f"access:{target}"}, {"areas": areas}, repeats=3)["ours"]
    print(f"  {target}: {found.runs} {found.peak_mb:.0f} MB {found.answer}", flush=True)
    return make_row(
        f"access: {words}",
        "",
        ours_s=found.seconds,
        ours_peak_mb=found.peak_mb,
        n=1,
        bar_s=bar_s,
    )


def everything(areas: int) -> Run:
    """Do all that there is, kind by kind."""
    from planner.access import (
        build_bands,
        build_catchment,
        build_exponential,
        build_gaussian,
        build_gravity,
        build_interval,
        build_kth_nearest,
        build_logistic,
        build_options,
        build_power,
        build_share_within,
        build_step,
        build_within,
        build_zones,
    )

    times, kinds, people = _place(areas)
    smooth = build_exponential(0.05)
    decays = (smooth, build_power(1.5), build_logistic(20, 5), build_gaussian(15), build_zones())

    def run() -> Any:
        total = 0.0
        for kind in kinds:
            options = build_options(times, kind)
            found = [build_kth_nearest(options, k) for k in (1, 3)]
            for minutes in (10, 20, 30):
                found += [build_within(options, minutes), build_share_within(options, minutes)]
            found.append(build_interval(options, 20, 40))
            found += [build_gravity(options, decay) for decay in decays]
            found += build_bands(options, (15, 30, 45, 60))
            found.append(build_catchment(options, people, "2sfca", build_step(30)).measure)
            found.append(build_catchment(options, people, "e2sfca", build_zones()).measure)
            found.append(build_catchment(options, people, "3sfca", smooth).measure)
            found.append(build_catchment(options, people, "bfca", smooth).measure)
            found.append(build_catchment(options, people, "spatial_availability", smooth).measure)
            total += sum(float(one.table["value"].sum()) for one in found)
        return {"ways": len(times.pairs), "sum": round(total, 3)}

    return run


def nation(areas: int) -> Run:
    """Find the nearest of each kind, and share out its capacity."""
    from planner.access import build_catchment, build_kth_nearest, build_options, build_step

    times, kinds, people = _place(areas)

    def run() -> Any:
        total = 0.0
        for kind in kinds:
            options = build_options(times, kind)
            found = build_kth_nearest(options)
            shared = build_catchment(options, people, "2sfca", build_step(30))
            total += float(found.table["value"].sum() + shared.measure.table["value"].sum())
        return {"ways": len(times.pairs), "sum": round(total, 3)}

    return run


def equity(areas: int) -> Run:
    """Measure all indices of capped minutes, with areas drawn anew 500 times."""
    from planner.equity import EquitySettings, build_distribution, build_equity

    rng = np.random.default_rng(17)
    codes = pd.Index([f"E01{number:06d}" for number in range(areas)], name="area_code")
    minutes = np.where(rng.random(areas) < 0.02, np.nan, rng.gamma(2, 8, areas).clip(0, CUTOFF))
    status = np.where(np.isnan(minutes), "over_cutoff", "reached")
    table = pd.DataFrame({"value": minutes, "status": status}, index=codes)
    distribution = build_distribution(
        table,
        pd.Series(rng.uniform(1000, 3000, areas), index=codes),
        label="minutes to the nearest library",
        unit="minutes",
        better="less",
        ranked_by=pd.Series(rng.integers(1, 11, areas).astype(float), index=codes),
        groups=pd.Series(rng.integers(1, 9, areas).astype(str), index=codes),
        cap=CUTOFF,
    )

    def run() -> Any:
        found = build_equity(distribution, EquitySettings(line=20))
        return found.table["value"].round(4).to_dict()

    return run


def _place(areas: int) -> Any:
    """Return times, the opportunities of each kind, and people."""
    from planner.access import Opportunities
    from planner.travel.times import DECISECONDS_PER_MINUTE, TravelTimes

    rng = np.random.default_rng(5)
    venues = KINDS * VENUES
    side = math.sqrt(areas) * 0.5
    home, place = rng.uniform(0, side, (areas, 2)), rng.uniform(0, side, (venues, 2))
    # The whole square is two hours across: about a third of all pairs are within the cutoff.
    pace = 2 * CUTOFF / (side * math.sqrt(2))
    minutes = np.hypot(
        home[:, None, 0] - place[None, :, 0], home[:, None, 1] - place[None, :, 1]
    ) * np.float64(pace)
    origin, end = np.nonzero(minutes <= CUTOFF)
    origins = pd.Index([f"E01{number:06d}" for number in range(areas)], name="point_id")
    ends = pd.Index([f"v{number:04d}" for number in range(venues)], name="venue_id")
    times = TravelTimes(
        pairs=pd.DataFrame(
            {
                "origin": origin.astype(np.int32),
                "destination": end.astype(np.int32),
                "deciseconds": (minutes[origin, end] * DECISECONDS_PER_MINUTE).astype(np.int32),
            }
        ),
        origins=origins,
        destinations=ends,
        origin_status=pd.Series("connected", index=origins),
        destination_status=pd.Series("connected", index=ends),
        origin_component=pd.Series(0, index=origins, dtype="int64"),
        destination_component=pd.Series(0, index=ends, dtype="int64"),
        mode="transit",
        cutoff_minutes=CUTOFF,
        method="drawn",
    )
    kinds = []
    for number in range(KINDS):
        of = ends[number * VENUES : (number + 1) * VENUES]
        size = rng.integers(1, 9, VENUES).astype(float)
        table = pd.DataFrame({"destination": of, "size": size, "serves": "anyone"}, index=of)
        kinds.append(Opportunities(table=table, unit="places"))
    return times, kinds, pd.Series(rng.uniform(1000, 3000, areas), index=origins)
