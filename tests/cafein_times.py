"""Door to door times in Newport by another engine, PyPI ``cafein``: run as a program of its own.

``python tests/cafein_times.py FIXTURES OUT STEP`` writes median minutes from every STEP-th output
area to all of them as ``OUT`` (.npy; NaN: not reached), for Tuesday 5 March 2024 from 08:00 to
09:00.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np


def read_homes(fixtures: Path) -> gpd.GeoSeries:
    """Return the population-weighted points of Newport's 511 output areas, by code."""
    frame = gpd.read_parquet(
        fixtures / "boundaries/newport_oa21_population_weighted_centroids.parquet"
    )
    code = next(c for c in frame if frame[c].astype(str).str.fullmatch(r"W00\d{6}").all())
    homes = gpd.GeoSeries(frame.geometry.to_numpy(), index=frame[code].astype(str), crs=frame.crs)
    return homes.sort_index()


def main(fixtures: Path, out: Path, step: int) -> None:
    from cafein import TransportNetwork

    network = TransportNetwork.from_gtfs(
        [str(fixtures / f"gtfs/newport_2024_{kind}_gtfs.zip") for kind in ("bus_coach", "rail")],
        osm_pbf=str(fixtures / "osm/newport-2023-06-13.osm.pbf"),
        walking_speed_kmph=4.8,
        max_walking_time=20,
        trip_distances=False,
        leg_geometries=False,
    )
    homes = read_homes(fixtures).to_crs("EPSG:4326")
    points = gpd.GeoDataFrame({"id": homes.index}, geometry=homes.to_numpy(), crs=homes.crs)
    seconds = network.travel_time_matrix(
        points.iloc[::step].reset_index(drop=True),
        "2024-03-05 08:00",
        destinations=points,
        departure_time_window=60,
        percentiles=[50],
        router="tbtr",
        walking_speed_kmph=4.8,
        max_walking_time=30,
    )
    seconds = np.asarray(seconds)[:, :, 0]
    reached = seconds < np.iinfo(seconds.dtype).max
    np.save(out, np.where(reached, seconds / 60, np.nan))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
