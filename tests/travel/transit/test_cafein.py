"""Do two engines agree? Newport by public transport, here and by PyPI ``cafein``."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from cafein_times import read_homes
from made_feeds import TUESDAY
from numpy.typing import NDArray

from planner.sources.gtfs import read_timetable
from planner.sources.streets import read_streets
from planner.travel.snap import snap_points
from planner.travel.transit import (
    TransitNetwork,
    TransitSettings,
    build_transit_network,
    build_transit_times,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("cafein") is None,
        reason="cafein, the second engine, is not installed (it is a development dependency)",
    ),
]

#: Every fourth output area to all 511: 128 origins are spread over the whole city.
STEP = 4
LIMIT = 90.0
#: A village whose one frequent stop is 2.39 km away, and the longest walk is 2.4 km.
AT_THE_LIMIT = "W00008558"
#: Points more than 100 m from any mapped street: which street they walk to first decides which
#: bus they reach, and the two engines hold another one to be the nearest.
OFF_THE_STREETS = ("W00008640", "W00008645", "W00009859", "W00009867")
SETTINGS = TransitSettings(
    date=TUESDAY,
    start_minute=480,
    end_minute=540,
    percentiles=(50,),
    direct_minutes=30,
    cutoff_minutes=120,
)


@dataclass(frozen=True, kw_only=True)
class Both:
    """Median minutes by either engine, origins down and destinations across; NaN: not reached."""

    network: TransitNetwork
    homes: gpd.GeoSeries
    ours: NDArray[np.float64]
    theirs: NDArray[np.float64]

    @property
    def reached(self) -> NDArray[np.bool_]:
        """Pairs that both reach within the limit."""
        return (self.ours <= LIMIT) & (self.theirs <= LIMIT)

    @property
    def one_only(self) -> NDArray[np.bool_]:
        """Pairs that one engine alone reaches within the limit."""
        return (self.ours <= LIMIT) != (self.theirs <= LIMIT)


def _minutes(
    network: TransitNetwork,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    settings: TransitSettings = SETTINGS,
) -> NDArray[np.float64]:
    pairs = build_transit_times(network, origins, destinations, settings)[50].pairs
    minutes = np.full((len(origins), len(destinations)), np.nan)
    minutes[pairs["origin"], pairs["destination"]] = pairs["deciseconds"] / 600
    return minutes


@pytest.fixture(scope="module")
def both(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Both:
    fixtures = shared / "fixtures"
    out = tmp_path_factory.mktemp("cafein") / "minutes.npy"
    # A process of its own: the other engine warns of points off the streets, and takes memory.
    program = Path(__file__).parents[2] / "cafein_times.py"
    command = [sys.executable, str(program), str(fixtures), str(out), str(STEP)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    files = [fixtures / f"gtfs/newport_2024_{kind}_gtfs.zip" for kind in ("bus_coach", "rail")]
    network = build_transit_network(
        read_streets(fixtures / "osm/newport-2023-06-13.osm.pbf", what="newport"),
        read_timetable([(file, file.name) for file in files], date=TUESDAY),
        walk_kmh=4.8,
        snap_metres=1600,
        extent_metres=1600,
    )
    homes = read_homes(fixtures).to_crs("EPSG:27700")
    ours = _minutes(network, homes.iloc[::STEP], homes)
    return Both(network=network, homes=homes, ours=ours, theirs=np.load(out))


def test_most_pairs_are_compared(both: Both) -> None:
    # 438 of the 511 points are near the mapped streets; of those pairs nearly all are reached.
    assert both.theirs.shape == (128, 511)
    assert both.reached.sum() > 0.8 * 0.7 * both.ours.size


def test_both_engines_agree_on_how_long_it_takes(both: Both) -> None:
    ours, theirs = both.ours[both.reached], both.theirs[both.reached]
    off = np.abs(ours - theirs)
    assert np.median(off) <= 0.5
    assert (off <= 5).mean() >= 0.97
    assert np.corrcoef(ours, theirs)[0, 1] >= 0.99


def test_both_engines_agree_on_who_gets_there(both: Both) -> None:
    within_one = (both.ours <= LIMIT) | (both.theirs <= LIMIT)
    assert both.one_only.sum() <= 0.01 * within_one.sum()


def test_at_the_walking_limit_two_minutes_decide(both: Both) -> None:
    column = both.homes.index.get_loc(AT_THE_LIMIT)
    # More than a third of all pairs in one engine only end there.
    assert both.one_only[:, column].sum() > both.one_only.sum() / 3
    there = both.homes[[AT_THE_LIMIT]]
    within = []
    for minutes in (28, 32):
        limits = replace(SETTINGS, access_minutes=minutes, egress_minutes=minutes)
        found = _minutes(both.network, both.homes.iloc[::STEP], there, limits)
        within.append((found <= LIMIT).mean())
    assert within[0] < 0.2
    assert within[1] - within[0] > 0.3


def test_the_largest_differences_end_off_the_streets(both: Both) -> None:
    far = both.reached & (np.abs(np.nan_to_num(both.ours) - np.nan_to_num(both.theirs)) > 5)
    worst = np.argsort(-far.sum(axis=0))[: len(OFF_THE_STREETS)]
    assert set(both.homes.index[worst]) == set(OFF_THE_STREETS)
    found = snap_points(
        both.network.streets,
        both.homes[list(OFF_THE_STREETS)],
        snap_metres=1600,
        extent_metres=1600,
    )
    assert found.metres_off.min() > 100
