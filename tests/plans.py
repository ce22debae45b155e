"""A plan of 30 square areas with made-up results, to try maps, reports and files on."""

from __future__ import annotations

import functools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, Point, box

from planner.area import CRS, StudyArea
from planner.compliance import build_compliance
from planner.layers import Layers, LayerSpec
from planner.ledger import Note, Source
from planner.neighbourhoods.clustergram import build_clustergram
from planner.neighbourhoods.describing import Description, describe_types
from planner.neighbourhoods.inputs import TypeInputs, build_type_inputs
from planner.neighbourhoods.methods import Fit, make_fit
from planner.neighbourhoods.outcomes import build_type_outcomes
from planner.project import HubSettings, NeedSettings, NeighbourhoodSettings, Project, parse_spec
from planner.services import OFFER_COLUMNS, Jobs, Services
from planner.standards import build_standards
from planner.travel.getting_about import Way
from planner.travel.times import TravelTimes

ACROSS, DOWN, SIDE = 6, 5, 800.0
WEST, SOUTH = 331000.0, 187000.0
COUNT = ACROSS * DOWN
DOMAINS = ("income", "employment", "health")
KINDS = ("gp", "library", "food_bank")
BUNDLE_STATUS = ("over_cutoff", "unreachable", "not_connected", "outside_extent", "no_data")
SOURCE = Source(
    publisher="Office of Examples",
    dataset="Example figures",
    licence="OGL v3.0",
    vintage="2024",
    file="figures.csv",
    sha256="ab" * 32,
)


def build_plan(*, names: dict[int, str] | None = None, fictional: bool = True) -> Any:
    """Return a stand-in with a plan's attributes; ``names`` replaces area names by position."""
    area = _area(names or {}, fictional=fictional)
    codes = area.codes
    layers = _layers(codes)
    services = _services(area)
    need = _need(codes)
    table = _access_table(codes)
    access = SimpleNamespace(
        table=table,
        approximate=True,
        method="straight line × 1.3",
        notes=(),
        kinds=sorted(KINDS),
        wide=lambda measure, kind, threshold=None: _wide(table, codes, measure, kind, threshold),
    )
    rules = build_standards(dict.fromkeys(KINDS, 20.0), KINDS)
    times = _times(area, services)
    way = Way(times=times)
    plan = SimpleNamespace(
        project=_project(area.name),
        scenario=SimpleNamespace(name="today", changes=()),
        area=area,
        layers=layers,
        services=services,
        jobs=_jobs(),
        ways={"walk": way},
        way=way,
        mode="walk",
        times=times,
        job_times=None,
        streets=None,
        network=None,
        backdrop=_backdrop(),
        need=need,
        needs=None,
        bundles=None,
        equity={},
        groups=None,
        local=None,
        private=(),
        before_after=None,
        rota=None,
        outcomes=None,
        neighbourhoods=_neighbourhoods(codes),
        outside=None,
        access=access,
        access_by={"walk": access},
        measures_by={},
        standards={
            kind: SimpleNamespace(
                kind=kind, minutes=20.0, source="Example standard, 2020", is_default=True
            )
            for kind in (*KINDS, "bundle")
        },
        compliance=build_compliance(area, layers, {"walk": access}, "walk", rules),
        gaps=SimpleNamespace(table=_gaps(area, access, need), notes=()),
        gap_certainty=None,
        larger_gaps=None,
        hubs=_hubs(area),
        hub_choice=None,
        bundle_siting=None,
        notes=(
            Note(
                stage="place",
                what="rings_repaired",
                count=2,
                text="2 outlines crossed themselves and were repaired.",
                items=("E01900001", "E01900002"),
            ),
            Note(
                stage="layers",
                what="inherited",
                count=COUNT,
                text="Life expectancy is published for larger areas; each small area inherits it.",
                items=tuple(codes),
            ),
        ),
        sources=(SOURCE,),
        manifest={
            "made_by": "planner",
            "place": area.name,
            "inputs": [{"file": "figures.csv", "sha256": SOURCE.sha256}],
            "seed": 7,
        },
        watermarks=(
            *(
                ("Fictional place: no real area, person or service is described.",)
                if fictional
                else ()
            ),
            "Journeys are by straight line × 1.3, not along streets: rivers, railways and "
            "motorways are ignored.",
        ),
    )
    plan.areas = _headlines(plan)
    plan.type_outcomes = build_type_outcomes(
        plan.neighbourhoods.labels.astype("Int64"),
        area.place["population"],
        table,
        plan.gaps.table,
    )
    return plan


def _area(names: dict[int, str], *, fictional: bool) -> StudyArea:
    codes = pd.Index([f"E0190{i:04d}" for i in range(1, COUNT + 1)], name="area_code")
    column, row = np.arange(COUNT) % ACROSS, np.arange(COUNT) // ACROSS
    squares = [
        box(WEST + c * SIDE, SOUTH + r * SIDE, WEST + (c + 1) * SIDE, SOUTH + (r + 1) * SIDE)
        for c, r in zip(column, row, strict=True)
    ]
    places = ("Harbour", "Mill Hill", "Castle", "Priory", "Eastfield", "Llanwern-ŵy")
    titles = [names.get(i, f"{places[i % 6]} {i // 6 + 1:03d}") for i in range(COUNT)]
    areas = gpd.GeoDataFrame(
        {
            "area_name": titles,
            "nation": "England",
            "population": 1000.0 + 50.0 * (np.arange(COUNT) % 7),
            "in_place": True,
        },
        index=codes,
        geometry=squares,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": codes.to_numpy(), "weight": 1.0},
        index=pd.Index(codes.to_numpy(), name="point_id"),
        geometry=[square.centroid for square in squares],
        crs=CRS,
    )
    return StudyArea(
        name="Exampleton",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
        sources=(SOURCE,),
        fictional=fictional,
    )


def _layers(codes: pd.Index) -> Layers:
    step = np.arange(COUNT, dtype=float)
    values = pd.DataFrame(
        {"inactive": 20 + step % 13, "life_expectancy": 84 - step % 7, "income": step / COUNT},
        index=codes,
    )
    units = {"inactive": "%", "life_expectancy": "years", "income": "score"}
    specs = {
        key: LayerSpec(
            id=key,
            title=key.replace("_", " ").capitalize(),
            unit=units[key],
            kind="score",
            high_is="better" if key == "life_expectancy" else "worse",
            geography="lsoa21",
            source=SOURCE,
            domain="health" if key == "life_expectancy" else "income",
        )
        for key in values
    }
    status = pd.DataFrame("published", index=codes, columns=list(values))
    status["life_expectancy"] = "inherited"
    return Layers(values=values, specs=specs, status=status)


def _services(area: StudyArea) -> Services:
    ids = [f"v{i:03d}" for i in range(1, 10)]
    venues = gpd.GeoDataFrame(
        {
            "venue_name": [f"Venue {i}" for i in range(1, 10)],
            "address": "1 High Street",
            "postcode": "ZZ1 1ZZ",
            "status": "existing",
            "rooms": np.nan,
            "opening": "Mo-Fr 09:00-17:00",
        },
        index=pd.Index(ids, name="venue_id"),
        geometry=[
            Point(WEST + (0.5 + i % 3 * 2) * SIDE, SOUTH + (0.6 + i // 3 * 1.8) * SIDE)
            for i in range(9)
        ],
        crs=CRS,
    )
    offers = pd.DataFrame(
        {
            "venue_id": ids,
            "kind": [KINDS[i % 3] for i in range(9)],
            "partner": "Partner",
            "capacity": np.nan,
            "capacity_unit": "",
            "sessions": "",
            "serves": "anyone",
            "source": 0,
        },
        index=pd.Index([f"o{i:03d}" for i in range(1, 10)], name="offer_id"),
    )[OFFER_COLUMNS]
    unplaced = pd.DataFrame(
        {
            "kind": ["gp"],
            "name": ["Lost surgery"],
            "postcode": [""],
            "reason": ["no postcode and no coordinates"],
            "file": ["gp.csv"],
            "row": [4],
        }
    )
    return Services(venues=venues, offers=offers, unplaced=unplaced, sources=(SOURCE,))


def _need(codes: pd.Index) -> Any:
    score = pd.Series(np.linspace(90.0, 5.0, COUNT), index=codes)
    rank = pd.Series(np.arange(1, COUNT + 1), index=codes)
    scores = pd.DataFrame(
        {
            "need_score": score,
            "need_rank": rank,
            "need_decile": np.ceil(10 * rank / COUNT).astype(int),
            "need_rank_national": pd.array([1000 + 100 * i for i in range(COUNT)], dtype="Int64"),
            "need_score_access_use": score * 0.9,
            "need_rank_access_use": rank,
            "need_percentile_access_use": (COUNT - rank + 1) / COUNT,
            "need_rank_reference": rank.astype("Int64"),
            "need_decile_reference": np.ceil(10 * rank / COUNT).astype("Int64"),
        }
    )
    domain_scores = pd.DataFrame(
        {domain: np.roll(score.to_numpy(), i) for i, domain in enumerate(DOMAINS)}, index=codes
    )
    return SimpleNamespace(
        scores=scores,
        parts=domain_scores / 3,
        domain_scores=domain_scores,
        domain_values=domain_scores,
        reference_scores=domain_scores,
        domain_layers=dict.fromkeys(DOMAINS, ()),
        screening=None,
        settings=NeedSettings(),
        weights=pd.Series(1 / 3, index=DOMAINS),
        weights_access_use=pd.Series(1 / 3, index=DOMAINS),
        method="official exponential transform",
        reference=f"among the {COUNT} areas of Exampleton",
        notes=(),
    )


def _neighbourhoods(codes: pd.Index) -> Any:
    """Return three types of ten areas each, in the order of codes, with words of our own."""
    types = pd.DataFrame(
        {
            "type_name": ["High inactivity, low income", "Mixed", "Long lives"],
            "areas": [10, 10, 10],
            "population": [11000.0, 11500.0, 11200.0],
            "need_score_mean": [76.0, 47.0, 19.0],
            "distinguishing": ["inactive above the mean", "near the mean", "longer lives"],
        },
        index=pd.Index([1, 2, 3], name="type_id"),
    )
    profiles = pd.DataFrame(
        {"inactive": [30.1, 26.0, 21.2], "life_expectancy": [77.9, 80.2, 83.3]}, index=types.index
    )
    inputs, fit, described, clustergram = _typology()
    return SimpleNamespace(
        labels=pd.Series(np.arange(COUNT) // 10 + 1, index=codes),
        types=types.join(described.types.drop(columns=["type_name", "distinguishing"])),
        profiles=profiles,
        standardised=profiles - profiles.mean(),
        diagnostics=pd.DataFrame({"silhouette": [0.3, 0.4]}, index=pd.Index([2, 3], name="k")),
        k=3,
        rule="the number of types, 3 to 8, with the highest silhouette",
        layer_ids=("inactive", "life_expectancy"),
        status=inputs.status,
        inputs=inputs,
        fit=fit,
        clustergram=clustergram.copy(),
        membership=pd.DataFrame(index=codes),
        membership_kind="",
        stability=None,
        details=described.details.copy(),
        overlap=None,
        method="by hand",
        notes=(),
    )


@functools.cache
def _typology() -> tuple[TypeInputs, Fit, Description, pd.DataFrame]:
    """Return what areas are compared by, the three types and what is said of them; kept."""
    area = _area({}, fictional=True)
    layers, settings = _layers(area.codes), NeighbourhoodSettings(bootstraps=0)
    inputs = build_type_inputs(layers, area, settings)
    fit = make_fit(inputs.matrix.to_numpy(), np.arange(COUNT) // 10, 3)
    labels = pd.Series(fit.labels + 1, index=area.codes, dtype="Int64")
    described = describe_types(layers, area, labels, inputs, fit, settings)
    score = _need(area.codes).scores["need_score"]
    table = build_clustergram(inputs.matrix, {3: fit}, score, area.place["population"])
    return inputs, fit, described, table


def _access_table(codes: pd.Index) -> pd.DataFrame:
    rows = []
    for i, code in enumerate(codes):
        for j, kind in enumerate(KINDS):
            far = i == COUNT - 1 and kind == "gp"
            minutes = float(4 + (i * (3 + 2 * j)) % 50)
            rows.append(
                _row(code, "minutes_nearest", kind, None, None if far else minutes, "over_cutoff")
            )
            for within in (10, 20, 30):
                rows.append(_row(code, "count_within", kind, within, float(minutes <= within), ""))
        away = BUNDLE_STATUS[i - COUNT] if i >= COUNT - len(BUNDLE_STATUS) else ""
        slowest = None if away else float(15 + (i * 7) % 45)
        rows.append(_row(code, "bundle_minutes_slowest", "bundle", None, slowest, away))
        rows.append(_row(code, "share_connected", "", None, 1.0, ""))
        rows.append(_row(code, "jobs_within", "jobs", 45, 1000.0 + i, ""))
    table = pd.DataFrame(rows)
    return table.sort_values(["measure", "kind", "threshold", "area_code"], ignore_index=True)


def _row(
    code: str, measure: str, kind: str, threshold: int | None, value: float | None, status: str
) -> dict[str, Any]:
    return {
        "area_code": code,
        "measure": measure,
        "kind": kind,
        "mode": "walk",
        "window": "",
        "percentile": pd.NA,
        "threshold": float("nan") if threshold is None else float(threshold),
        "value": float("nan") if value is None else value,
        "status": "reached" if value is not None else status,
    }


def _wide(
    table: pd.DataFrame, codes: pd.Index, measure: str, kind: str, threshold: float | None
) -> pd.DataFrame:
    rows = table[(table["measure"] == measure) & (table["kind"] == kind)]
    if threshold is not None:
        rows = rows[rows["threshold"] == threshold]
    return rows.set_index("area_code")[["value", "status"]].reindex(codes)


def _gaps(area: StudyArea, access: Any, need: Any) -> pd.DataFrame:
    frames = []
    for kind in (*KINDS, "bundle"):
        measure = "bundle_minutes_slowest" if kind == "bundle" else "minutes_nearest"
        nearest = access.wide(measure, kind)
        unknown = nearest["status"].isin(["not_connected", "outside_extent", "no_data"])
        breaches = ~unknown & ~(nearest["value"] <= 20)
        percentile = need.scores["need_percentile_access_use"]
        shortfall = nearest["value"].fillna(999).rank(pct=True)
        table = pd.DataFrame(
            {
                "area_code": area.codes,
                "kind": kind,
                "population": area.place["population"].to_numpy(),
                "people_without_car": np.nan,
                "minutes": nearest["value"].to_numpy(),
                "status": nearest["status"].to_numpy(),
                "standard_minutes": 20.0,
                "standard_way": "walk",
                "standard_minutes_taken": nearest["value"].to_numpy(),
                "breaches": breaches.to_numpy(),
                "need_percentile": percentile.to_numpy(),
                "shortfall_percentile": shortfall.to_numpy(),
                "gap_score": (percentile * shortfall).to_numpy(),
            }
        )
        table["gap_rank"] = table["gap_score"].rank(ascending=False, method="first").astype(int)
        table["gap_status"] = np.where(
            unknown, "no_data", np.where(breaches, "gap", "within_standard")
        )
        table["gap_reason"] = "in the 2nd tenth of need; nearest 48 min on foot, standard 20"
        frames.append(table)
    return pd.concat(frames, ignore_index=True)


def _hubs(area: StudyArea) -> Any:
    chosen = pd.DataFrame(
        {
            "venue_id": ["v001", "v005"],
            "venue_name": ["Venue 1", "Venue 5"],
            "role": ["new", "new"],
            "x": [WEST + 0.5 * SIDE, WEST + 2.5 * SIDE],
            "y": [SOUTH + 0.6 * SIDE, SOUTH + 2.4 * SIDE],
            "areas_nearest": [14, 16],
            "people_nearest": [16000.0, 17700.0],
            "people_gaining": [8000.0, 9000.0],
            "minutes_saved_mean": [12.3, 9.8],
        },
        index=pd.RangeIndex(1, 3, name="hub"),
    )
    before = pd.Series([float(15 + (i * 7) % 45) for i in range(COUNT)], index=area.codes)
    saved = pd.Series([float(i % 12) for i in range(COUNT)], index=area.codes)
    areas = pd.DataFrame(
        {
            "minutes_before": before,
            "status_before": "reached",
            "minutes_after": before - saved,
            "status_after": "reached",
            "minutes_saved": saved,
            "hub_minutes": before - saved,
            "hub_status": "reached",
            "hub_venue_id": "v001",
            "demand": 500.0,
            "gains": saved >= 1,
        }
    )
    return SimpleNamespace(
        chosen=chosen,
        areas=areas,
        objective=12345.6,
        bound=12345.6,
        gap=0.0,
        status="optimal",
        candidates=9,
        p=2,
        penalty_minutes=180.0,
        siting=SimpleNamespace(
            model="p_median",
            status="optimal",
            unit="need-weighted minutes",
            infeasible=None,
            chosen=pd.Index(["v001", "v005"]),
        ),
        model="p_median",
        unit="need-weighted minutes",
        settings=HubSettings(),
        notes=(),
    )


def _jobs() -> Jobs:
    points = gpd.GeoDataFrame(
        {"jobs": [500.0]},
        index=pd.Index(["j1"], name="jobs_id"),
        geometry=[Point(WEST + SIDE, SOUTH + SIDE)],
        crs=CRS,
    )
    return Jobs(points=points, source=SOURCE)


def _times(area: StudyArea, services: Services) -> TravelTimes:
    origins, destinations = area.points.index, services.venues.index
    pairs = pd.DataFrame(
        {
            "origin": np.repeat(np.arange(COUNT), 9).astype("int32"),
            "destination": np.tile(np.arange(9), COUNT).astype("int32"),
            "deciseconds": (np.arange(COUNT * 9) % 700 * 10).astype("int32"),
        }
    )
    return TravelTimes(
        pairs=pairs,
        origins=origins,
        destinations=destinations,
        origin_status=pd.Series("connected", index=origins),
        destination_status=pd.Series("connected", index=destinations),
        origin_component=pd.Series(0, index=origins),
        destination_component=pd.Series(0, index=destinations),
        mode="walk",
        cutoff_minutes=120.0,
        method="straight line × 1.3",
        approximate=True,
    )


def _backdrop() -> gpd.GeoDataFrame:
    north, east = SOUTH + DOWN * SIDE, WEST + ACROSS * SIDE
    return gpd.GeoDataFrame(
        {
            "kind": ["street", "street", "water", "place", "place"],
            "name": ["High Street", "Mill Road", "River", "Exampleton", "Mill Hill"],
        },
        geometry=[
            LineString([(WEST, SOUTH + 500), (WEST + 2000, SOUTH + 1700), (east, north - 300)]),
            LineString([(WEST + 1500, SOUTH), (WEST + 1800, north)]),
            LineString(
                [(WEST, north - 900), (WEST + 2500, SOUTH + 2000), (east, SOUTH + 600)]
            ).buffer(60),
            Point(WEST + 2400, SOUTH + 2300),
            Point(WEST + 900, SOUTH + 800),
        ],
        crs=CRS,
    )


def _headlines(plan: Any) -> gpd.GeoDataFrame:
    """Return the output contract's columns of areas.csv."""
    place, scores = plan.area.place, plan.need.scores
    table = place[["area_name", "population"]].copy()
    for column in ("need_score", "need_rank", "need_decile", "need_rank_national"):
        table[column] = scores[column]
    table["need_score_access_use"] = scores["need_score_access_use"]
    table["type_id"] = plan.neighbourhoods.labels
    table["type_name"] = table["type_id"].map(plan.neighbourhoods.types["type_name"])
    for kind in KINDS:
        nearest = plan.access.wide("minutes_nearest", kind)
        table[f"minutes_walk_{kind}"] = nearest["value"]
        table[f"status_walk_{kind}"] = nearest["status"]
        table[f"within20_walk_{kind}"] = plan.access.wide("count_within", kind, 20)["value"]
    table["jobs_within45_walk"] = plan.access.wide("jobs_within", "jobs", 45)["value"]
    bundle = plan.gaps.table[plan.gaps.table["kind"] == "bundle"].set_index("area_code")
    for column in ("gap_rank", "gap_score", "gap_reason", "gap_status"):
        table[column] = bundle[column]
    table["share_connected"] = 1.0
    return gpd.GeoDataFrame(table, geometry=place.geometry, crs=place.crs)


def _project(name: str) -> Project:
    spec = parse_spec(
        {
            "place": {"name": name, "geography": "lsoa21", "boundaries": "areas.geojson"},
            "bundle": {"kinds": list(KINDS)},
        },
        where="planner.toml",
    )
    return Project(spec=spec, folder=Path())
