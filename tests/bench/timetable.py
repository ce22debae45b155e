"""How fast are searches through timetables, beside cafein, on the real feeds of Newport?

Tuesday 5 March 2024 from 08:00, 60 minutes, the points of 511 output areas. Setting up the peer's
network and ours is a row of its own; a matrix is timed from points to percentiles, with nothing
remembered from the run before.
"""

from __future__ import annotations

import importlib
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .measure import Measured, race
from .rows import ROOT, Row, make_row

FIXTURES = ROOT.parent / "shared" / "fixtures"
FEEDS = [FIXTURES / f"gtfs/newport_2024_{kind}_gtfs.zip" for kind in ("bus_coach", "rail")]
STREETS = FIXTURES / "osm/newport-2023-06-13.osm.pbf"
POINTS = FIXTURES / "boundaries/newport_oa21_population_weighted_centroids.parquet"

ORIGINS = 511
SITES = 300
PERCENTILES = (25, 50, 75)
REPEATS = 3
MATRIX = "timetable matrix, Newport, 511 × 511, 60 minutes, three percentiles"
NEAREST = "nearest of 300 sites by timetable, 511 origins, 60 minutes, one thread"

Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure everything about timetables."""
    if not STREETS.exists():
        print(f"  published files are not at hand: {FIXTURES.name} is absent")
        return []
    return [*_matrix(), *_nearest(), *_build()]


def _matrix() -> list[Row]:
    runners = {
        "ours": "timetable:our_matrix",
        "ours, 8 rides": "timetable:our_matrix_of_8_rides",
        "default": "timetable:cafein_default",
        "tbtr": "timetable:cafein_tbtr",
    }
    found = race(runners, {}, repeats=REPEATS)
    made = []
    for ours, rides in (("ours", "any number of rides"), ("ours, 8 rides", "8 rides")):
        for peer, bar in (("default", 1 / 8), ("tbtr", 1 / 3)):
            most = found["default"].peak_mb or None
            made.append(
                _row(f"{MATRIX}, {rides}", peer, found[ours], found[peer], bar=bar, bar_mb=most)
            )
    return made


def _row(work: str, peer: str, ours: Measured, theirs: Measured, **bars: Any) -> Row:
    return make_row(
        work,
        f"cafein, {peer}",
        ours_s=ours.seconds,
        theirs_s=theirs.seconds or None,
        ours_peak_mb=ours.peak_mb,
        theirs_peak_mb=theirs.peak_mb or None,
        n=ORIGINS,
        note=theirs.missing,
        **bars,
    )


def _nearest() -> list[Row]:
    runners = {
        name: f"timetable:{target}"
        for name, target in (
            ("300", "nearest_of_300"), ("1", "nearest_of_1"), ("new", "nearest_of_300_new"),
            ("7", "seven_kinds"), ("matrix", "our_matrix"),
        )
    }  # fmt: skip
    found = race(runners, {}, repeats=9)
    many = found["300"]
    figures = {"ours_s": many.seconds, "ours_peak_mb": many.peak_mb, "n": ORIGINS}
    return [
        make_row(NEAREST, "", **figures, bar_s=0.06, note="all points on the streets already"),
        make_row(
            f"{NEAREST}, other sites each time",
            "",
            ours_s=found["new"].seconds,
            ours_peak_mb=found["new"].peak_mb,
            n=ORIGINS,
            bar_s=0.06,
            note="sites are put on the streets in this time, too",
        ),
        make_row(NEAREST, "one site", **figures, theirs_s=found["1"].seconds, bar=1.5),
        make_row(NEAREST, "our matrix", **figures, theirs_s=found["matrix"].seconds, bar=1 / 25),
        make_row(
            "nearest of each of seven kinds, 300 sites, two threads",
            "",
            ours_s=found["7"].seconds,
            ours_peak_mb=found["7"].peak_mb,
            n=ORIGINS,
            bar_s=0.3,
        ),
    ]


def _build() -> list[Row]:
    """Build from files, each time in a fresh process; its start and imports are told apart."""
    inside: dict[str, list[float]] = {"build_ours": [], "build_cafein": [], "from_cache": []}
    whole: dict[str, list[float]] = {name: [] for name in inside}
    with tempfile.TemporaryDirectory() as folder:
        _in_a_process("to_cache", folder)
        for _ in range(REPEATS):
            for name in inside:
                begun = time.perf_counter()
                seconds = _in_a_process(name, folder)
                if seconds is not None:
                    inside[name].append(seconds)
                    whole[name].append(time.perf_counter() - begun)
    note = "" if inside["build_cafein"] else "cafein cannot be run here"
    build = "build of streets and timetable from files, Newport, fresh process"
    rows = [
        make_row(
            work,
            "cafein",
            ours_s=statistics.median(taken["build_ours"]),
            theirs_s=statistics.median(taken["build_cafein"]) if taken["build_cafein"] else None,
            n=1,
            bar=bar,
            note=note,
        )
        for work, taken, bar in (
            (build, inside, 1 / 2),
            (f"{build}, starting Python and imports counted", whole, None),
        )
    ]
    cached = make_row(
        "build of streets and timetable from files, the same from the cache on disk, fresh process",
        "",
        ours_s=statistics.median(inside["from_cache"]),
        n=1,
        bar_s=1.0,
    )
    return [*rows, cached]


def _in_a_process(name: str, folder: str) -> float | None:
    """Return the seconds a function takes in a process of its own; None where it fails."""
    code = (
        f"import time; from tests.bench import timetable as t; t.ready('{name}'); "
        f"begun = time.perf_counter(); t.{name}({folder!r}); "
        "print('took', time.perf_counter() - begun)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return None
    return float(done.stdout.rpartition("took ")[2])


def ready(name: str) -> None:
    """Import what a function needs, so that importing is not timed with it."""
    modules = ("planner.sources.gtfs", "planner.sources.streets", "planner.travel.transit")
    for module in ("cafein",) if name == "build_cafein" else (*modules, "planner.cache"):
        importlib.import_module(module)


def to_cache(folder: str) -> None:
    """Leave our network on disk."""
    from planner.cache import Shelf

    Shelf(Path(folder)).write("network", "k", build_ours())


def from_cache(folder: str) -> None:
    """Read our network from disk."""
    from planner.cache import Shelf

    found, _ = Shelf(Path(folder)).read("network", "k")
    assert found


# --- runners, each in a process of its own --------------------------------------------------------


def build_ours(_: str = "") -> Any:
    """Build our network."""
    import datetime as dt

    from planner.sources.gtfs import read_timetable
    from planner.sources.streets import read_streets
    from planner.travel.transit import build_transit_network

    return build_transit_network(
        read_streets(STREETS, what="newport"),
        read_timetable([(file, file.name) for file in FEEDS], date=dt.date(2024, 3, 5)),
        walk_kmh=4.8,
        snap_metres=1600,
        extent_metres=1600,
    )


def build_cafein(_: str = "") -> Any:
    """Build cafein's network, with nothing that travel times do not need."""
    import warnings

    warnings.simplefilter("ignore")
    from cafein import TransportNetwork

    return TransportNetwork.from_gtfs(
        [str(file) for file in FEEDS],
        osm_pbf=str(STREETS),
        walking_speed_kmph=4.8,
        max_walking_time=20,
        snap_distance=1600,
        trip_distances=False,
        leg_geometries=False,
    )


def our_matrix(max_rides: int | None = None) -> Run:
    """Return our whole matrix, nothing kept from before."""
    from planner.travel.transit import build_transit_times
    from planner.travel.transit.kept import forget

    network, homes, settings = build_ours(), _homes(), _settings(max_rides)

    def run() -> int:
        forget(network)
        times = build_transit_times(network, homes, homes, settings)
        return len(times[50].pairs)

    return run


def our_matrix_of_8_rides() -> Run:
    """Return the same with the peer's limit."""
    return our_matrix(8)


def cafein_default() -> Run:
    """Return cafein's matrix as it comes."""
    return _cafein("auto")


def cafein_tbtr() -> Run:
    """Return cafein's matrix by its fastest router."""
    return _cafein("tbtr")


def nearest_of_300() -> Run:
    """Return the nearest of 300 sites."""
    return _nearest_of(SITES)


def nearest_of_300_new() -> Run:
    """Return the nearest of 300 sites that nobody asked about before."""
    return _nearest_of(SITES, seed=itertools.count(1))


def nearest_of_1() -> Run:
    """Return the time to one site."""
    return _nearest_of(1)


def seven_kinds() -> Run:
    """Return the nearest of seven kinds of site."""
    import numpy as np
    import pandas as pd

    from planner.travel.transit import build_transit_nearest_of_kinds

    network, homes, settings = build_ours(), _homes(), _settings(None)
    seed = iter(range(1, 10_000))

    def run() -> int:
        sites = homes.sample(SITES, random_state=next(seed)).sort_index()
        kind = pd.Series((np.arange(SITES) % 7).astype(str), index=sites.index)
        return len(build_transit_nearest_of_kinds(network, homes, sites, kind, settings))

    return run


def _nearest_of(count: int, seed: Iterator[int] | None = None) -> Run:
    from planner.travel.transit import build_transit_nearest

    network, homes, settings = build_ours(), _homes(), _settings(None)
    seeds = seed or itertools.repeat(1)

    def run() -> int:
        sites = homes.sample(count, random_state=next(seeds)).sort_index()
        found = build_transit_nearest(network, homes, sites, settings)
        return int((found["status"] == "reached").sum())

    return run


def _cafein(router: str) -> Run:
    import datetime as dt
    import warnings

    import geopandas as gpd

    network = build_cafein()
    homes = _homes().to_crs("EPSG:4326")
    points = gpd.GeoDataFrame({"id": homes.index}, geometry=homes.to_numpy(), crs=homes.crs)

    def run() -> list[int]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds = network.travel_time_matrix(
                points,
                dt.datetime(2024, 3, 5, 8, 0),
                destinations=points,
                departure_time_window=60,
                percentiles=list(PERCENTILES),
                router=router,
                max_rides=8,
                walking_speed_kmph=4.8,
                max_walking_time=30,
                snap_distance=1600,
            )
        return list(seconds.shape)

    return run


def _homes() -> Any:
    import geopandas as gpd

    frame = gpd.read_parquet(POINTS)
    code = next(c for c in frame if frame[c].astype(str).str.fullmatch(r"W00\d{6}").all())
    homes = gpd.GeoSeries(frame.geometry.to_numpy(), index=frame[code].astype(str), crs=frame.crs)
    return homes.to_crs("EPSG:27700").sort_index()


def _settings(max_rides: int | None) -> Any:
    import datetime as dt

    from planner.travel.transit import TransitSettings

    return TransitSettings(
        date=dt.date(2024, 3, 5),
        start_minute=480,
        end_minute=540,
        percentiles=PERCENTILES,
        max_rides=max_rides,
    )
