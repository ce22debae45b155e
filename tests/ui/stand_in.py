"""A small made-up place with every stage worked out, for pages to be tested on without files."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from rota_cases import simple_problem
from shapely.geometry import LineString, Point, box

from planner.access import build_access
from planner.area import CRS, StudyArea
from planner.compliance import build_compliance
from planner.gaps import build_gaps
from planner.hubs import Hubs, build_hubs
from planner.hubs.choice import (
    build_front,
    build_ladder,
    build_regret,
    build_siting_draws,
    build_steadiness,
    find_alternatives,
)
from planner.layers import Layers, LayerSpec
from planner.ledger import Note, Source
from planner.need import Need, build_need
from planner.need.certainty.draws import build_draws
from planner.need.certainty.robustness import build_robustness
from planner.need.inactivity import build_inactivity
from planner.need.space.neighbours import build_neighbours
from planner.need.space.spatial import build_clusters
from planner.need.together.tandem import build_tandem
from planner.neighbourhoods import build_neighbourhoods
from planner.neighbourhoods.outcomes import build_type_outcomes
from planner.outcomes import LedgerInputs, Option, OutcomeLedger, build_ledger
from planner.plan.hub_choice import HubChoice
from planner.plan.needs import Needs
from planner.plan.result import build_areas_table
from planner.project import Project, ProjectSpec, parse_spec
from planner.rota import RotaSettings, build_rota
from planner.scenario import TODAY
from planner.services import Jobs, Services
from planner.standards import build_standards
from planner.travel.getting_about import Way
from planner.travel.walk import build_straight_line_times

ROWS, COLUMNS, SIDE = 5, 6, 1000
WEST, SOUTH = 430_000, 390_000
CODES = [f"E019{i:05d}" for i in range(1, ROWS * COLUMNS + 1)]
#: A name that would be read as markup anywhere it is not escaped.
HOSTILE_NAME = "Mill & <b>Weir</b> ![x](http://example.org/x.png)"
SOURCE = Source(publisher="Nobody", dataset="Made by hand", licence="CC0", vintage="2026")
BUNDLE = ["gp", "jobcentre", "library"]

PROJECT = """\
[place]
name = "Thirtysquares"
geography = "lsoa21"
boundaries = "areas.csv"
fictional = true

[bundle]
kinds = ["gp", "jobcentre", "library"]

[robustness]
draws = 60

[tandem]
domains = ["income", "health"]
permutations = 99

[spatial]
permutations = 99

[hubs]
count = 2
candidate_kinds = ["library"]
inside_only = false

[rota]
first_monday = 2026-04-13
"""


def write_project(folder: Path) -> Path:
    """Write a project file whose plan `stand_in_plan` makes up."""
    (folder / "areas.csv").write_text("not read by the stand-in\n", encoding="utf-8")
    path = folder / "planner.toml"
    path.write_text(PROJECT, encoding="utf-8")
    return path


def stand_in_plan(
    project: Project, memo: object, tell: Callable[[str, float], None], what: str = "plan"
) -> Any:
    """Return a plan of thirty squares for the project's settings, whatever of it is asked for."""
    tell("Making up a place", 0.1)
    plan: Any = SimpleNamespace(project=project, **_stages(project.to_toml()))
    plan.areas = build_areas_table(plan)
    return plan


@functools.cache
def _stages(settings: str) -> dict[str, Any]:
    """Return every stage's result; kept, so that each test need not wait for it again."""
    spec = parse_spec(tomllib.loads(settings), where="stand-in")
    area, services, jobs = _area(), _services(), _jobs()
    layers = _layers(area)
    origins = area.place_points.geometry
    walk: dict[str, Any] = {"walk_kmh": 4.8, "detour": 1.3, "cutoff_minutes": 60.0}
    times = build_straight_line_times(origins, services.venues.geometry, **walk)
    job_times = build_straight_line_times(origins, jobs.points.geometry, **walk)
    need = build_need(layers, area, spec.need)
    needs = _needs(layers, area, need, spec)
    types = build_neighbourhoods(layers, area, need, spec.neighbourhoods)
    standards = build_standards(spec.standards, BUNDLE)
    way = Way(times=times, job_times=job_times)
    access = build_access(area, services, way, jobs, spec.access, BUNDLE)
    compliance = build_compliance(area, layers, {"walk": access}, "walk", standards)
    gaps = build_gaps(area, layers, need, access, compliance, BUNDLE)
    hubs = build_hubs(area, services, times, need, access, spec.hubs)
    rota = build_rota(
        simple_problem([[10], [20]], [100, 50]),
        RotaSettings(session_minutes=180, setup_minutes=30, within_minutes=30),
    )
    note = Note(stage="services", what="unplaced", count=1, text="1 service has no place.")
    return {
        "scenario": TODAY,
        "area": area,
        "layers": layers,
        "services": services,
        "jobs": jobs,
        "times": times,
        "job_times": job_times,
        "ways": {"walk": way},
        "way": way,
        "mode": "walk",
        "streets": None,
        "network": None,
        "backdrop": _backdrop(),
        "need": need,
        "needs": needs,
        "bundles": None,
        "equity": {},
        "before_after": None,
        "groups": None,
        "local": None,
        "private": (),
        "neighbourhoods": types,
        "type_outcomes": build_type_outcomes(
            types.labels, area.place["population"], access.table, gaps.table
        ),
        "outside": None,
        "access": access,
        "access_by": {"walk": access},
        "standards": standards,
        "compliance": compliance,
        "measures_by": {},
        "gaps": gaps,
        "gap_certainty": None,
        "larger_gaps": None,
        "hubs": hubs,
        "hub_choice": _choice(hubs, services),
        "bundle_siting": None,
        "rota": rota,
        "outcomes": _outcomes(area),
        "notes": (note,),
        "sources": (SOURCE,),
        "manifest": {},
        "watermarks": ("Fictional place: no real area, person or service is described.",),
    }


def _choice(hubs: Hubs | None, services: Services) -> HubChoice | None:
    if hubs is None or hubs.status == "infeasible" or hubs.model != "p_median":
        return None
    problem, count, names = hubs.problem, len(hubs.siting.chosen), services.venues["venue_name"]
    draws = build_siting_draws(problem, 5, demand_spread=0.1)
    everybody = replace(problem, demand=problem.people)
    return HubChoice(
        ladder=build_ladder(problem, "p_median", most=3, names=names),
        alternatives=find_alternatives(problem, "p_median", hubs.siting, count=2, names=names),
        front=build_front(problem, ("mean_minutes", "longest_minutes"), p=count, names=names),
        steadiness=build_steadiness(problem, "p_median", draws, p=count, names=names),
        regret=build_regret(
            {"As stated": problem, "Everybody counts the same": everybody},
            "p_median",
            p=count,
            names=names,
        ),
    )


def _outcomes(area: StudyArea) -> OutcomeLedger:
    """Return a ledger of two options: a second venue brings a jobcentre to the other areas."""
    codes = area.codes[:2]
    columns = ["venue_id", "kind", "partner", "sessions", "hours", "share"]
    rows = [("v3", "jobcentre", "DWP", 5.0, 35.0, 1.0), ("v2", "jobcentre", "DWP", 1.0, 3.0, 0.5)]
    hosts = pd.Series({"v2": "Council", "v3": "DWP"})
    today, hub = (
        Option(name=name, offers=pd.DataFrame(rows[:many], columns=columns), hosts=hosts)
        for many, name in ((1, "Today"), (2, "Hubs"))
    )
    inputs = LedgerInputs(
        minutes=pd.DataFrame([[50.0, 10.0], [10.0, 50.0]], index=codes, columns=["v2", "v3"]),
        within_minutes={"": 20.0},
        people=pd.Series([1000.0, 2000.0], index=codes),
        percentiles=pd.DataFrame({"employment": [1.0, 0.5]}, index=codes),
        demand=pd.Series([1000.0, 1000.0], index=codes),
    )
    table = pd.DataFrame(
        [("into work", "employment", "jobcentre", 1.0)],
        columns=["outcome", "need_domain", "kind", "weight"],
    )
    return build_ledger(inputs, [today, hub], table)


def _needs(layers: Layers, area: StudyArea, need: Need, spec: ProjectSpec) -> Needs:
    draws = build_draws(layers, area, spec.need, spec.robustness)
    beside = build_neighbours(area, spec.spatial)
    return Needs(
        draws=draws,
        robustness=build_robustness(draws, need),
        tandem=build_tandem(need, layers, area, spec.tandem),
        neighbours=beside,
        clusters=build_clusters(need, layers, area, spec.spatial, beside),
        inactivity=build_inactivity(layers, area),
    )


def _area() -> StudyArea:
    squares = [
        box(WEST + SIDE * c, SOUTH + SIDE * r, WEST + SIDE * (c + 1), SOUTH + SIDE * (r + 1))
        for r in range(ROWS)
        for c in range(COLUMNS)
    ]
    names = [f"Square {i}" for i in range(1, len(CODES) + 1)]
    names[7] = HOSTILE_NAME
    areas = gpd.GeoDataFrame(
        {
            "area_name": names,
            "nation": "England",
            "population": [1000.0 + 50 * i for i in range(len(CODES))],
            "in_place": [i < len(CODES) - 2 for i in range(len(CODES))],
            "geometry": squares,
        },
        index=pd.Index(CODES, name="area_code"),
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": CODES, "weight": 1.0, "geometry": [s.centroid for s in squares]},
        index=pd.Index(CODES, name="point_id"),
        crs=CRS,
    )
    return StudyArea(
        name="Thirtysquares",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
        sources=(SOURCE,),
        fictional=True,
    )


def _layers(area: StudyArea) -> Layers:
    random = np.random.default_rng(1)
    base = np.linspace(0.9, 0.1, len(CODES))
    values = pd.DataFrame(
        {
            "income": base + random.normal(0, 0.05, len(CODES)),
            "bad_health": base * 20 + random.normal(0, 3, len(CODES)),
            "crime": random.normal(0, 1, len(CODES)),
        },
        index=area.areas.index,
    )
    meant = {
        "income": ("Income deprivation", "share", "share", "income"),
        "bad_health": ("People in bad health", "%", "rate", "health"),
        "crime": ("Crime score", "score", "score", "crime"),
    }
    specs = {
        key: LayerSpec(
            id=key,
            title=title,
            unit=unit,
            kind=kind,  # type: ignore[arg-type]
            high_is="worse",
            geography="lsoa21",
            domain=domain,
            source=SOURCE,
        )
        for key, (title, unit, kind, domain) in meant.items()
    }
    status = pd.DataFrame("published", index=values.index, columns=values.columns)
    return Layers(values=values, specs=specs, status=status)


def _services() -> Services:
    sites = {
        "v1": ("Harbour Surgery", 0.6, 0.4),
        "v2": ("Market Library", 2.5, 2.5),
        "v3": ("Jobcentre Plus", 3.4, 2.2),
        "v4": ("North Library", 4.5, 4.4),
        "v5": ("East Library", 5.4, 1.2),
    }
    venues = gpd.GeoDataFrame(
        {
            "venue_name": [name for name, _, _ in sites.values()],
            "address": "",
            "postcode": "",
            "status": "existing",
            "rooms": np.nan,
            "opening": "",
            "geometry": [Point(WEST + SIDE * x, SOUTH + SIDE * y) for _, x, y in sites.values()],
        },
        index=pd.Index(list(sites), name="venue_id"),
        crs=CRS,
    )
    kinds = ["gp", "library", "jobcentre", "library", "library"]
    offers = pd.DataFrame(
        {
            "venue_id": list(sites),
            "kind": kinds,
            "partner": "Nobody",
            "capacity": np.nan,
            "capacity_unit": "",
            "sessions": "",
            "serves": "anyone",
            "source": 0,
        },
        index=pd.Index([f"{v}/{k}" for v, k in zip(sites, kinds, strict=True)], name="offer_id"),
    )
    unplaced = pd.DataFrame(
        [("gp", "=Lost Surgery", "", "no postcode", "gp.csv", 3)],
        columns=["kind", "name", "postcode", "reason", "file", "row"],
    )
    return Services(venues=venues, offers=offers, unplaced=unplaced, sources=(SOURCE,))


def _jobs() -> Jobs:
    points = gpd.GeoDataFrame(
        {"jobs": [5000.0], "geometry": [Point(WEST + 3000, SOUTH + 2500)]},
        index=pd.Index(["w1"], name="jobs_id"),
        crs=CRS,
    )
    return Jobs(points=points, source=SOURCE)


def _backdrop() -> gpd.GeoDataFrame:
    across = WEST + SIDE * COLUMNS
    return gpd.GeoDataFrame(
        {
            "kind": ["street", "water", "place"],
            "name": ["High Street", "River", "Middleton"],
            "geometry": [
                LineString([(WEST, SOUTH + 2600), (across, SOUTH + 2200)]),
                LineString([(WEST, SOUTH + 1500), (WEST + 3000, SOUTH + 1700), (across, SOUTH)]),
                Point(WEST + 2500, SOUTH + 2500),
            ],
        },
        crs=CRS,
    )
