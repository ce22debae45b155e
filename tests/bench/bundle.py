"""How fast is the shortest trip for the whole bundle from every area?

Homes and sites drawn over a square of 20 km, straight ways, kinds in turn. The peer is the same
dynamic programming from each home on its own, with whole-array operations of NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .measure import Measured, race
from .rows import Row, make_row

SITES = 300
MEGABYTES = 400.0
#: Areas the peer does; its seconds are for as many as there are.
PEER_AREAS = 20

Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure 1,000 and 35,000 areas with seven kinds, and 1,000 with ten."""
    few, many = {"areas": 1_000, "kinds": 7}, {"areas": 35_000, "kinds": 7}
    return [
        _beside_numpy(few),
        _alone(many, bar_s=10.0),
        _alone({"areas": 1_000, "kinds": 10}, bar_s=6.0),
        _everything(few),
    ]


def _beside_numpy(given: dict[str, int]) -> Row:
    found = race({"ours": "bundle:trips", "numpy": "bundle:numpy_trips"}, given, repeats=3)
    _say(found)
    ours, theirs = found["ours"], found["numpy"]
    if ours.answer["first"] != theirs.answer["first"]:
        print(f"  numpy has another answer: {theirs.answer}", flush=True)
    return make_row(
        _words(given),
        "numpy, home by home",
        ours_s=ours.seconds,
        theirs_s=theirs.seconds * given["areas"] / PEER_AREAS,
        ours_peak_mb=ours.peak_mb,
        theirs_peak_mb=theirs.peak_mb,
        n=given["areas"],
        bar_s=1.0,
        bar_mb=MEGABYTES,
        note=f"theirs from {PEER_AREAS} homes",
    )


def _alone(given: dict[str, int], *, bar_s: float) -> Row:
    found = race({"ours": "bundle:trips"}, given, repeats=3)
    _say(found)
    ours = found["ours"]
    return make_row(
        _words(given),
        "",
        ours_s=ours.seconds,
        ours_peak_mb=ours.peak_mb,
        n=given["areas"],
        bar_s=bar_s,
    )


def _everything(given: dict[str, int]) -> Row:
    found = race({"ours": "bundle:everything"}, given, repeats=3)
    _say(found)
    words = _words(given).replace("trips", "trips, one-stop reach, hand-offs and fragmentation")
    return make_row(words, "", ours_s=found["ours"].seconds, n=given["areas"])


def _words(given: dict[str, int]) -> str:
    return f"bundle: trips of {given['areas']:,} areas, {SITES} sites of {given['kinds']} kinds"


def _say(found: dict[str, Measured]) -> None:
    for name, one in found.items():
        print(f"  {name}: {one.runs} {one.peak_mb:.0f} MB {one.answer}", flush=True)


# --- runners: each is set up in a process of its own ----------------------------------------


def trips(areas: int, kinds: int) -> Run:
    """Find the trips of all areas from ready times."""
    from planner.bundle import build_bundle_trips

    legs, services, points, rules = build_case(areas, kinds)

    def run() -> Any:
        found = build_bundle_trips(legs, services, points, rules).areas["bundle_trip_minutes"]
        first = [round(one, 2) for one in found.head(PEER_AREAS)]
        return {"first": first, "known": int(found.notna().sum())}

    return run


def everything(areas: int, kinds: int) -> Run:
    """Find trips, the nearest single place, hand-offs, and set trips beside one stop."""
    from planner.bundle import (
        build_bundle_trips,
        build_fragmentation,
        build_hand_offs,
        build_one_stop,
    )

    legs, services, points, rules = build_case(areas, kinds)
    people = pd.Series(1_500.0, index=points["area_code"])

    def run() -> Any:
        found = build_bundle_trips(legs, services, points, rules)
        build_one_stop(legs, services, points, rules)
        build_hand_offs(legs, services, points, rules)
        ratio = build_fragmentation(found, legs, services, points, people).areas
        return {"ratio": round(float(ratio["fragmentation_ratio"].median()), 3)}

    return run


def numpy_trips(areas: int, kinds: int) -> Run:
    """Work the same out for the first homes, each on its own."""
    to, between, held = draw(areas, kinds)

    def run() -> Any:
        return {"first": [_numpy_trip(row, between, held, kinds) for row in to[:PEER_AREAS]]}

    return run


def _numpy_trip(home: np.ndarray, between: np.ndarray, held: np.ndarray, kinds: int) -> float:
    sites = [np.flatnonzero(held == kind) for kind in range(kinds)]
    least = {1 << kind: home[sites[kind]] for kind in range(kinds)}
    table: dict[tuple[int, int], np.ndarray] = {
        (done, kind): least[done] for kind, done in enumerate(least)
    }
    for done in range(1, 1 << kinds):
        for kind in range(kinds):
            before = done & ~(1 << kind)
            if before == done or before == 0:
                continue
            table[done, kind] = np.min(
                [
                    (table[before, other][:, None] + between[np.ix_(sites[other], sites[kind])])
                    .min(axis=0)
                    for other in range(kinds)
                    if before >> other & 1
                ],
                axis=0,
            )  # fmt: skip
    whole = (1 << kinds) - 1
    shortest = min(float((table[whole, kind] + home[sites[kind]]).min()) for kind in range(kinds))
    return round(shortest / 600 + 20 * kinds, 2)


# --- the place --------------------------------------------------------------------------------


def draw(areas: int, kinds: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return deciseconds from homes to sites and between sites, and the kind of each site."""
    rng = np.random.default_rng(5)
    homes, sites = rng.random((areas, 2)) * 20_000, rng.random((SITES, 2)) * 20_000

    def ways(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        apart = first[:, None] - second[None, :]
        return (np.hypot(apart[..., 0], apart[..., 1]) * 1.3 / 80 * 600).astype(np.int32)

    return ways(homes, sites), ways(sites, sites), np.arange(SITES) % kinds


def build_case(areas: int, kinds: int) -> Any:
    """Return legs, services, points and rules."""
    import geopandas as gpd

    from planner.area import CRS
    from planner.bundle import BundleRules, Legs
    from planner.services import OFFER_COLUMNS, Services

    to, between, held = draw(areas, kinds)
    homes = pd.Index([f"E01{at:06d}" for at in range(areas)], name="point_id")
    doors = pd.Index([f"v{at:04d}" for at in range(SITES)], name="venue_id")
    venues = gpd.GeoDataFrame(
        {
            "venue_name": doors,
            "address": "",
            "postcode": "",
            "status": "existing",
            "rooms": np.nan,
            "opening": "",
        },
        geometry=gpd.points_from_xy(1_000.0 * np.arange(SITES), np.zeros(SITES)),
        index=doors,
        crs=CRS,
    )
    offers = pd.DataFrame("", index=doors.rename("offer_id"), columns=OFFER_COLUMNS).assign(
        venue_id=doors,
        kind=[f"kind_{kind}" for kind in held],
        capacity=np.nan,
        serves="anyone",
        source=0,
    )
    points = pd.DataFrame({"area_code": homes, "weight": 1.0}, index=homes)
    unplaced = pd.DataFrame(columns=["kind", "name", "postcode", "reason", "file", "row"])
    return (
        Legs(to=_times(to, homes, doors), between=_times(between, doors, doors)),
        Services(venues=venues, offers=offers, unplaced=unplaced),
        points,
        BundleRules(kinds=tuple(f"kind_{kind}" for kind in range(kinds))),
    )


def _times(deciseconds: np.ndarray, origins: pd.Index, destinations: pd.Index) -> Any:
    from planner.travel.times import TravelTimes

    rows, columns = deciseconds.shape
    return TravelTimes(
        pairs=pd.DataFrame(
            {
                "origin": np.repeat(np.arange(rows, dtype=np.int32), columns),
                "destination": np.tile(np.arange(columns, dtype=np.int32), rows),
                "deciseconds": deciseconds.ravel(),
            }
        ),
        origins=origins,
        destinations=destinations,
        origin_status=pd.Series("connected", index=origins),
        destination_status=pd.Series("connected", index=destinations),
        origin_component=pd.Series(0, index=origins),
        destination_component=pd.Series(0, index=destinations),
        mode="walk",
        cutoff_minutes=600.0,
        method="drawn",
    )
