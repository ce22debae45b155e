"""Which fictional place can everything be tried on, without data and without a network?

`write_demo` writes one as ordinary files, each in the layout of the file its publisher would give
for a real place. Nothing in it exists, and everything says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from planner.demo import records
from planner.demo.areas import Area, build_areas
from planner.demo.dice import Floats
from planner.demo.files import Cell, write_csv, write_text, write_zip
from planner.demo.osm import write_osm
from planner.demo.people import People, build_people
from planner.demo.project_file import SERVICE_FILES, to_project
from planner.demo.streets import build_street_plan
from planner.demo.supply import Offer, Supply, build_supply
from planner.demo.teams import write_teams
from planner.demo.timetable import build_timetable
from planner.demo.town import PLACE, build_frames, to_degrees
from planner.errors import ProjectError
from planner.project import PROJECT_FILE

FEWEST, MOST = 20, 40_000


def write_demo(folder: Path, *, areas: int = 150, seed: int = 1, streets: bool = True) -> Path:
    """Write the fictional place into a folder.

    Parameters
    ----------
    folder
        Where to; made if it is not there. Files of the same names are overwritten.
    areas
        How many areas the place has, 20 to 40,000; about 20 more lie around it. Up to 300 areas
        are one town, more are several, side by side.
    seed
        The same seed gives the same bytes, on any machine.
    streets
        Whether to draw streets and buses; without, travel is by straight lines. They take most of
        the time and space of a large place.

    Returns
    -------
    project
        The project file in the folder.

    Raises
    ------
    ProjectError
        So few or so many areas cannot be drawn.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_demo(Path(folder), areas=20).name
    'planner.toml'
    """
    if not FEWEST <= areas <= MOST:
        raise ProjectError(
            f"The demo place cannot have {areas:,} areas.",
            hint=f"Choose a number from {FEWEST} to {MOST:,}.",
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    frames = build_frames(areas, seed)
    cells = build_areas(frames, seed)
    points = records.build_points(cells, seed)
    supply = build_supply(frames, [(u, v) for _, _, u, v, _ in points], seed)
    records.write_points(folder / "population_weighted_points.csv", cells, points)
    _write_areas(folder, cells, build_people(cells, seed))
    _write_supply(folder, supply)
    write_teams(folder)
    if streets:
        write_osm(folder / "streets.osm", frames, build_street_plan(frames, seed), supply)
    write_zip(folder / "bus_timetable_gtfs.zip", build_timetable(frames if streets else frames[:1]))
    write_text(folder / "README.md", _README.format(place=PLACE, areas=areas, seed=seed))
    project = folder / PROJECT_FILE
    write_text(project, to_project(streets=streets, towns=len(frames)))
    return project


def _write_areas(folder: Path, areas: Sequence[Area], people: People) -> None:
    inside, around = ([a for a in areas if a.in_place is wanted] for wanted in (True, False))
    changes = records.build_changes(areas)
    records.write_boundaries(folder / "lsoa21_boundaries.geojson", inside)
    records.write_boundaries(folder / "lsoa21_context_boundaries.geojson", around)
    records.write_population(folder / "population_mid2024.csv", areas, people)
    records.write_index(folder / "File_1_IoD2025_fictional.xlsx", areas, people)
    records.write_domains(folder / "iod2025_domain_scores.csv", areas, people)
    records.write_census(folder, areas, people)
    records.write_life_expectancy(folder / "life_expectancy_msoa11.xlsx", areas, people)
    records.write_claimants(folder / "claimants_lsoa11.csv", people, changes)
    records.write_lookups(folder, areas, changes)


def _write_supply(folder: Path, supply: Supply) -> None:
    for kind, file in SERVICE_FILES.items():
        offers = [offer for offer in supply.offers if offer.kind == kind]
        if file.endswith(".geojson"):
            _write_geojson(folder / file, offers)
        else:
            _write_offers(folder / file, offers, with_places=kind != "pharmacy")
    write_csv(
        folder / "hub_candidates.csv",
        ["name", "address", "postcode", "easting", "northing", "rooms"],
        ([o.name, o.address, o.postcode, *_place(o), o.rooms] for o in supply.candidates),
    )
    lon, lat = _degrees([at for _, _, at in supply.jobs])
    write_csv(
        folder / "jobs_workplace_zones.csv",
        ["wz", "jobs", "lat", "lon"],
        (
            [zone, number, f"{b:.6f}", f"{a:.6f}"]
            for (zone, number, _), a, b in zip(supply.jobs, lon, lat, strict=True)
        ),
    )
    write_csv(
        folder / "postcodes.csv",
        ["pcds", "oseast1m", "osnrth1m"],
        ([code, round(x), round(y)] for code, (x, y) in supply.postcodes),
    )


def _write_offers(path: Path, offers: Sequence[Offer], *, with_places: bool) -> None:
    places = ["easting", "northing"] if with_places else []
    write_csv(
        path,
        ["name", "address", "postcode", *places, "opening_hours", "capacity", "rooms"],
        (
            [o.name, o.address, o.postcode, *(_place(o) if with_places else ()), o.opening,
             o.capacity, o.rooms]
            for o in offers
        ),
    )  # fmt: skip


def _place(offer: Offer) -> Sequence[Cell]:
    return ["", ""] if offer.at is None else [f"{offer.at[0]:.1f}", f"{offer.at[1]:.1f}"]


def _write_geojson(path: Path, offers: Sequence[Offer]) -> None:
    lon, lat = _degrees([o.at for o in offers if o.at is not None])
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": o.name,
                "address": o.address,
                "postcode": o.postcode,
                "opening_hours": o.opening,
                "capacity": o.capacity,
                "rooms": o.rooms,
            },
            "geometry": {"type": "Point", "coordinates": [float(a), float(b)]},
        }
        for o, a, b in zip(offers, lon, lat, strict=True)
    ]
    body = {"type": "FeatureCollection", "name": path.stem, "features": features}
    write_text(path, json.dumps(body, indent=1) + "\n")


def _degrees(places: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    at = np.array(places, dtype=float).reshape(-1, 2)
    return to_degrees(at[:, 0], at[:, 1])


_README = """# {place}

**None of this exists.** Ambleford, its people, streets, buses and services are made up by the
planner (`planner demo DIR`, {areas} areas, seed {seed}), so that everything can be tried without
data and without a network. Where it would lie, there is the North Sea.

Each file has the layout of the file a publisher gives for a real place, and no figure in it is
anybody's. All of it is in the public domain (CC0). `planner.toml` says what is what.

On purpose, some things are as awkward as in real places:

- Gull Island has a lane but no bridge: no route to anywhere.
- Marsh End has no mapped street within 400 m: not connected.
- Wrack Point lies beyond the mapped streets: nothing can be said.
- Two entries in the service lists have no place anyone could find.
- The pharmacies have only postcodes (of an area, ZZ, that does not exist).
- A few areas were split, merged or redrawn between 2011 and 2021.
- Orrinstow, the neighbouring town, has services that people here use; it is never ranked.
"""
