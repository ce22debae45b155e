"""How fast are thousands of rankings, and a rank after a weight was moved?

A nation of 33,755 areas with seven domains whose figures are rounded to three decimals, drawn
here, and the real one (English index of 2025) where its file is at hand. The peer does the same
with NumPy and SciPy, one draw after the other: scores by matrix product, ``scipy.stats.rankdata``,
``numpy.partition`` for the intervals.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .measure import Measured, race
from .rows import ROOT, Row, make_row

NATION = ROOT.parent / "shared" / "oracles" / "imd2025_england_lsoa21.parquet"
AREAS, PLACE, DOMAINS = 33_755, 1_000, 7
DRAWS, DRAWS_AT_HAND = 2_000, 500
SECONDS, MEGABYTES = 10.0, 1_000.0
RANKS_S, INTERVALS_S = 0.020, 0.300
PUBLISHED = ("Income", "Employment", "Education", "Health", "Crime",
             "Housing_and_Services", "Environment")  # fmt: skip
ALONE = {
    "normalisations": ["official"],
    "aggregations": ["arithmetic"],
    "rounding": False,
}

Run = Callable[[], Any]


def rows() -> list[Row]:
    """Measure everything about need."""
    sources = {"made": "", "published": str(NATION)} if NATION.exists() else {"made": ""}
    found: list[Row] = []
    for words, path in sources.items():
        found += _draws(words, path)
    return [*found, *_moved()]


def _draws(words: str, path: str) -> list[Row]:
    size = f"{AREAS:,} areas × {DOMAINS} × {DRAWS:,} draws, {words} figures"
    weights = race(
        {"ours": "need:ours_weights", "scipy": "need:scipy_weights"}, {"path": path}, repeats=1
    )
    _say(weights)
    everything = race({"ours": "need:ours_everything"}, {"path": path}, repeats=2)
    choices = race({"ours": "need:ours_choices"}, {"path": path}, repeats=2)
    _say(everything), _say(choices)
    if weights["ours"].answer != weights["scipy"].answer:
        print(f"  scipy has another answer: {weights['scipy'].answer}", flush=True)
    ours, theirs = weights["ours"], weights["scipy"]
    bars = {"bar_s": SECONDS, "bar_mb": MEGABYTES}
    return [
        make_row(
            f"need: rank intervals, {size}, weights varied",
            "scipy rankdata, draw by draw",
            ours_s=ours.seconds,
            theirs_s=theirs.seconds,
            ours_peak_mb=ours.peak_mb,
            theirs_peak_mb=theirs.peak_mb,
            n=DRAWS,
            **bars,
        ),
        _own(f"need: rank intervals, {size}, weights and methods varied", choices["ours"], bars),
        # Every figure of every layer is drawn and ranked anew; the bar is for the draws above.
        _own(
            f"need: rank intervals, {size}, rounding varied, too",
            everything["ours"],
            {"bar_mb": MEGABYTES},
        ),
    ]


def _moved() -> list[Row]:
    size = f"{PLACE:,} areas × {DOMAINS}"
    ranks = race({"ours": "need:moved_ranks", "scipy": "need:scipy_moved"}, {}, repeats=5)
    intervals = race({"ours": "need:moved_intervals"}, {}, repeats=5)
    _say(ranks), _say(intervals)
    return [
        make_row(
            f"need: ranks after a weight was moved, {size}",
            "numpy and scipy rankdata",
            ours_s=ranks["ours"].seconds,
            theirs_s=ranks["scipy"].seconds,
            n=1,
            bar_s=RANKS_S,
        ),
        _own(
            f"need: intervals after a weight was moved, {size} × {DRAWS_AT_HAND} draws",
            intervals["ours"],
            {"bar_s": INTERVALS_S},
        ),
    ]


def _own(work: str, found: Measured, bars: dict[str, float]) -> Row:
    peak = {"ours_peak_mb": found.peak_mb} if "bar_mb" in bars else {}
    return make_row(work, "", ours_s=found.seconds, n=DRAWS, **peak, **bars)


def _say(found: dict[str, Measured]) -> None:
    for name, one in found.items():
        print(f"  {name}: {one.runs} {one.peak_mb:.0f} MB {one.answer}", flush=True)


# --- runners: each is set up in a process of its own ----------------------------------------


def build_nation(path: str, areas: int = AREAS) -> tuple[Any, Any]:
    """Return areas in a row and their layers: those of a published file, or drawn here."""
    import geopandas as gpd
    import shapely

    from planner.area import CRS, StudyArea
    from planner.layers import Layers, LayerSpec
    from planner.ledger import Source

    values = _read(Path(path)) if path else _make(areas)
    codes = values.index
    east = np.arange(len(codes)) * 100.0
    squares = shapely.box(east, 0.0, east + 100, 100.0)
    columns = {"area_name": codes, "nation": "England", "population": 1_500.0, "in_place": True}
    source = Source(publisher="-", dataset="-", licence="-", vintage="2025")
    area = StudyArea(
        name="The nation",
        geography="lsoa21",
        areas=gpd.GeoDataFrame({**columns, "geometry": squares}, index=codes, crs=CRS),
        points=gpd.GeoDataFrame(
            {"area_code": codes, "weight": 1.0, "geometry": shapely.centroid(squares)},
            index=pd.Index(codes, name="point_id"),
            crs=CRS,
        ),
        points_kind="population-weighted",
    )
    specs = {
        name: LayerSpec(
            id=name,
            title=name,
            unit="score",
            kind="score",
            high_is="worse",
            geography="lsoa21",
            source=source,
            domain=name,
        )
        for name in values
    }
    status = pd.DataFrame("published", index=codes, columns=values.columns)
    return area, Layers(values=values, specs=specs, status=status)


def _read(path: Path) -> pd.DataFrame:
    table = pd.read_parquet(path).set_index("lsoa21_code").sort_index()
    values = table[[f"{name}_score" for name in PUBLISHED]].set_axis(
        [f"domain_{place}" for place in range(1, DOMAINS + 1)], axis=1
    )
    return values.rename_axis("area_code")


def _make(areas: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    common = rng.normal(size=(areas, 1))
    values = np.exp(0.7 * common + 0.6 * rng.normal(size=(areas, DOMAINS))) / 10
    codes = pd.Index([f"E01{place:06d}" for place in range(1, areas + 1)], name="area_code")
    names = [f"domain_{place}" for place in range(1, DOMAINS + 1)]
    return pd.DataFrame(np.round(values, 3), index=codes, columns=names)


def _settings(**options: Any) -> Any:
    from planner.project.analysis import RobustnessSettings

    return RobustnessSettings(draws=DRAWS, **options)


def _ours(path: str, **options: Any) -> Run:
    from planner.need import build_need
    from planner.need.certainty.robustness import build_draws, build_robustness
    from planner.project import NeedSettings

    area, layers = build_nation(path)
    need = build_need(layers, area, NeedSettings())
    settings = _settings(**options)

    def run() -> Any:
        draws = build_draws(layers, area, NeedSettings(), settings)
        table = build_robustness(draws, need).table
        worst = (table["need_worst_probability"] * DRAWS).round().sum()
        return [int(table["need_rank_low"].sum()), int(table["need_rank_high"].sum()), int(worst)]

    return run


def ours_weights(path: str) -> Run:
    return _ours(path, **ALONE)


def ours_choices(path: str) -> Run:
    return _ours(path, rounding=False)


def ours_everything(path: str) -> Run:
    return _ours(path)


def scipy_weights(path: str) -> Run:
    """Do the same with what everybody has at hand, on the same weights."""
    from scipy.stats import rankdata

    from planner.need import build_need
    from planner.need.certainty.draws import draw_cases
    from planner.need.certainty.replay import build_replay
    from planner.project import NeedSettings

    area, layers = build_nation(path)
    need = build_need(layers, area, NeedSettings())
    settings = _settings(**ALONE)
    weights = draw_cases(
        build_replay(layers, area, NeedSettings(), settings), settings, DRAWS
    ).weights
    scores = need.domain_scores.to_numpy()

    def run() -> Any:
        ranks = np.empty((len(scores), DRAWS), dtype=np.uint16)
        for draw, each in enumerate(weights):
            ranks[:, draw] = rankdata(-np.round(scores @ each, 9), method="ordinal")
        out = DRAWS // 20
        ends = [out, DRAWS - 1 - out]
        parted = np.partition(ranks, ends, axis=1)[:, ends].astype(np.int64)
        low, high = parted.sum(axis=0)
        return [int(low), int(high), int((ranks <= len(scores) // 10).sum())]

    return run


def _reweigher() -> tuple[Any, dict[str, float], Any]:
    from planner.need import build_need
    from planner.need.certainty.reweigh import build_reweigher
    from planner.project import NeedSettings
    from planner.project.analysis import RobustnessSettings

    area, layers = build_nation("", PLACE)
    need = build_need(layers, area, NeedSettings())
    settings = RobustnessSettings(draws=DRAWS_AT_HAND)
    weights = {name: float(place) for place, name in enumerate(need.weights.index, start=1)}
    return build_reweigher(need, layers, area, settings), weights, need


def moved_ranks() -> Run:
    reweigher, weights, _ = _reweigher()
    return lambda: int((reweigher.ranks(weights).to_numpy() * np.arange(PLACE)).sum())


def scipy_moved() -> Run:
    from scipy.stats import rankdata

    _, weights, need = _reweigher()
    scores = need.domain_scores

    def run() -> Any:
        given = pd.Series(weights) / sum(weights.values())
        found = rankdata(-(scores @ given).round(9).to_numpy(), method="ordinal")
        return int((pd.Series(found, index=scores.index).to_numpy() * np.arange(PLACE)).sum())

    return run


def moved_intervals() -> Run:
    reweigher, weights, _ = _reweigher()

    def run() -> Any:
        begun = time.perf_counter()
        found = reweigher.intervals(weights, DRAWS_AT_HAND)
        took = time.perf_counter() - begun
        width = int((found["need_rank_high"] - found["need_rank_low"]).sum())
        # Only the call is counted.
        return width, time.perf_counter() - begun - took

    return run
