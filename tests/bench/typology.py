"""How long do neighbourhood types take, with everything that says how far to trust them?

Areas are drawn: three things in common, each layer one of them more than the others and some of
its own, half of the layers skewed as rates and counts are. They have no clear groups, which takes
k-means longest.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .measure import Measured, race
from .rows import Row, make_row

MANY, FEW, LAYERS = 35_000, 1_000, 12
K_MIN, K_MAX, BOOTSTRAPS = 3, 12, 20

Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure k-means with everything, connected regions, and a place of usual size."""
    kinds = f"{LAYERS} layers, {K_MIN} to {K_MAX} types"
    extras = f"gap statistic and {BOOTSTRAPS} cold bootstraps"
    return [
        _row("kmeans", f"k-means of {MANY:,} areas, {kinds}, {extras}", MANY, 30.0),
        _row("regions", f"connected regions (Ward) of {MANY:,} areas, {kinds}", MANY, 8.0),
        _row("everything", f"{FEW:,} areas, {LAYERS} layers, everything", FEW, 2.0),
    ]


def _row(target: str, words: str, areas: int, bar_s: float) -> Row:
    found: Measured = race({"ours": f"typology:{target}"}, {"areas": areas}, repeats=3)["ours"]
    print(f"  {target}: {found.runs} {found.peak_mb:.0f} MB {found.answer}", flush=True)
    return make_row(
        f"types: {words}",
        "",
        ours_s=found.seconds,
        ours_peak_mb=found.peak_mb,
        n=1,
        bar_s=bar_s,
    )


def kmeans(areas: int) -> Run:
    """Choose the number of types, with the gap statistic, and draw areas anew."""
    from planner.neighbourhoods.choosing import build_choice
    from planner.neighbourhoods.inputs import build_type_inputs
    from planner.neighbourhoods.stability import build_stability

    layers, area = _place(areas)
    settings = _settings()

    def run() -> Any:
        inputs = build_type_inputs(layers, area, settings)
        choice = build_choice(inputs, area.name, settings)
        stability = build_stability(inputs, choice.fit, settings)
        assert stability is not None
        assert choice.diagnostics["gap"].notna().all()
        return {"k": choice.k, "adjusted_rand": round(stability.adjusted_rand, 3)}

    return run


def regions(areas: int) -> Run:
    """Join neighbours, and cut at every number of types."""
    from planner.neighbourhoods.inputs import build_type_inputs
    from planner.neighbourhoods.methods import fit_range

    layers, area = _place(areas)
    matrix = build_type_inputs(layers, area, _settings()).matrix.to_numpy()
    graph = _graph(areas)

    def run() -> Any:
        found = fit_range(matrix, "ward_regions", range(K_MIN, K_MAX + 1), 7, graph=graph)
        return {"smallest": int(found[K_MAX].sizes.min())}

    return run


def everything(areas: int) -> Run:
    """Do what a plan does: types by need, with profiles, stability and words."""
    from planner.need import build_need
    from planner.neighbourhoods import build_neighbourhoods
    from planner.project import NeedSettings

    layers, area = _place(areas)
    need = build_need(layers, area, NeedSettings())
    settings = _settings().model_copy(update={"k_max": 8})

    def run() -> Any:
        found = build_neighbourhoods(layers, area, need, settings)
        return {"k": found.k, "types": found.types["type_name"].tolist()}

    return run


# --- the place --------------------------------------------------------------------------------


def draw_values(areas: int) -> np.ndarray:
    """Return areas × layers, skewed and with much in common."""
    rng = np.random.default_rng(11)
    common = rng.normal(size=(areas, 3))
    values = common @ rng.normal(size=(3, LAYERS)) + rng.normal(size=(areas, LAYERS))
    values[:, ::2] = np.exp(values[:, ::2] / 3)
    return values


def _settings() -> Any:
    from planner.project import NeighbourhoodSettings

    return NeighbourhoodSettings(k_min=K_MIN, k_max=K_MAX, bootstraps=BOOTSTRAPS)


def _place(areas: int) -> Any:
    """Return layers and the square of areas that they are known for."""
    import geopandas as gpd
    import shapely

    from planner.area import CRS, StudyArea
    from planner.layers import Layers, LayerSpec
    from planner.ledger import Source

    codes = pd.Index([f"E01{number:06d}" for number in range(areas)], name="area_code")
    row, column = np.divmod(np.arange(areas), _side(areas))
    x, y = 400_000.0 + 500 * column, 200_000.0 + 500 * row
    squares = shapely.box(x, y, x + 500, y + 500)
    frame = gpd.GeoDataFrame(
        {"area_name": codes, "nation": "England", "population": 1600.0, "in_place": True},
        geometry=squares,
        index=codes,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": codes, "weight": 1.0},
        geometry=shapely.centroid(squares),
        index=codes.rename("point_id"),
        crs=CRS,
    )
    area = StudyArea(
        name="Drawn",
        geography="lsoa21",
        areas=frame,
        points=points,
        points_kind="population-weighted",
    )
    names = [f"layer_{number}" for number in range(LAYERS)]
    source = Source(publisher="Nobody", dataset="Drawn", licence="CC0", vintage="2026")
    specs = {
        name: LayerSpec(
            id=name,
            title=name.replace("_", " "),
            unit="",
            kind="score",
            high_is="worse",
            geography="lsoa21",
            domain=name,
            source=source,
        )
        for name in names
    }
    values = pd.DataFrame(draw_values(areas), index=codes, columns=names)
    status = pd.DataFrame("published", index=codes, columns=names)
    return Layers(values=values, specs=specs, status=status), area


def _side(areas: int) -> int:
    return math.isqrt(areas - 1) + 1


def _graph(areas: int) -> Any:
    """Return which squares touch by a side or a corner."""
    from scipy.sparse import coo_array, csr_array

    _, column = np.divmod(np.arange(areas), _side(areas))
    parts = []
    for down, right in ((0, 1), (1, -1), (1, 0), (1, 1)):
        to = np.arange(areas) + down * _side(areas) + right
        inside = (column + right >= 0) & (column + right < _side(areas)) & (to < areas)
        parts.append(np.column_stack([np.flatnonzero(inside), to[inside]]))
    begin, end = np.concatenate(parts).T
    one_way = coo_array((np.ones(len(begin)), (begin, end)), shape=(areas, areas))
    return csr_array(one_way + one_way.T)
