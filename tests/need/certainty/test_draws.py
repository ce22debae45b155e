from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from places import CODES, SOURCE, tiny_area, tiny_layers
from shapely.geometry import Point, box

from planner.area import CRS, StudyArea
from planner.errors import DataError
from planner.layers import Layers, LayerSpec
from planner.need import build_need
from planner.need.certainty.draws import Draws, build_draws, concentration, draw_weights
from planner.need.certainty.replay import build_replay, generator
from planner.project import NeedSettings
from planner.project.analysis import RobustnessSettings

DOMAINS = ("income", "employment", "health", "access")


def place(count: int) -> StudyArea:
    """Return a street of square areas."""
    index = pd.Index([f"E01{i:06d}" for i in range(1, count + 1)], name="area_code")
    squares = [box(430000 + 100 * i, 390000, 430100 + 100 * i, 390100) for i in range(count)]
    columns = {"area_name": index, "nation": "England", "population": 1000.0, "in_place": True}
    areas = gpd.GeoDataFrame({**columns, "geometry": squares}, index=index, crs=CRS)
    points = gpd.GeoDataFrame(
        {"area_code": index, "weight": 1.0, "geometry": [Point(s.centroid) for s in squares]},
        index=pd.Index(index, name="point_id"),
        crs=CRS,
    )
    return StudyArea(
        name="Long Street",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
        sources=(SOURCE,),
    )


def spec(key: str, **changes: Any) -> LayerSpec:
    plain = LayerSpec(
        id=key,
        title=key,
        unit="",
        kind="score",
        high_is="worse",
        geography="lsoa21",
        source=SOURCE,
        domain=key,
    )
    return replace(plain, **changes)


def made_layers(area: StudyArea, *, gaps: float = 0.0, seed: int = 1) -> Layers:
    """Return random layers; two of them make up the domain health, one is better when high."""
    rng = np.random.default_rng(seed)
    codes = area.codes
    values = pd.DataFrame(
        np.round(rng.normal(10, 3, size=(len(codes), 5)), 1),
        index=codes,
        columns=["income", "employment", "health", "life", "access"],
    )
    values = values.mask(rng.random(values.shape) < gaps)
    specs = {key: spec(key) for key in values}
    specs["life"] = spec("life", domain="health", high_is="better", weight=2.0, geography="msoa11")
    status = pd.DataFrame("published", index=codes, columns=values.columns)
    parents = pd.DataFrame({"msoa11": [f"E02{i // 4:06d}" for i in range(len(codes))]}, index=codes)
    values["life"] = values["life"].groupby(parents["msoa11"]).transform("first").to_numpy()
    status["life"] = "inherited"
    return Layers(
        values=values, specs=specs, status=status.mask(values.isna(), "missing"), parents=parents
    )


def settings(**changes: Any) -> RobustnessSettings:
    return RobustnessSettings(**({"draws": 40} | changes))


ONLY_WEIGHTS: dict[str, Any] = {
    "normalisations": ["official"],
    "aggregations": ["arithmetic"],
    "rounding": False,
    "intervals": False,
    "inheritance": False,
}
FIXED_FIGURES = {"rounding": False, "intervals": False, "inheritance": False}


def weights_of(draws: Draws, draw: int) -> dict[str, float]:
    found = draws.factors.filter(like="weight_").iloc[draw]
    return {key.removeprefix("weight_"): value for key, value in found.items()}


# Draws are the index under other assumptions


@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_every_draw_is_the_index_with_its_own_assumptions(gaps: float) -> None:
    area = place(30)
    layers = made_layers(area, gaps=gaps)
    choices = settings(
        normalisations=["official", "rank", "minmax", "zscore"], draws=10, **FIXED_FIGURES
    )
    draws = build_draws(layers, area, NeedSettings(), choices)
    for draw in range(draws.count):
        asked = NeedSettings(
            weights=weights_of(draws, draw),
            normalisation=draws.factors["normalisation"].iloc[draw],
            aggregation=draws.factors["aggregation"].iloc[draw],
        )
        found = build_need(layers, area, asked).scores
        assert draws.ranks[:, draw].tolist() == found["need_rank"].tolist()
        expected = found["need_rank_access_use"].tolist()
        assert draws.ranks_access_use[:, draw].tolist() == expected


def test_every_choice_is_drawn() -> None:
    area = place(12)
    choices = settings(normalisations=["official", "zscore"], **FIXED_FIGURES)
    factors = build_draws(made_layers(area), area, NeedSettings(), choices).factors
    pairs = set(zip(factors["normalisation"], factors["aggregation"], strict=True))
    assert pairs == {("official", "arithmetic"), ("official", "geometric"),
                     ("zscore", "arithmetic")}  # fmt: skip


def test_figures_that_are_off_make_the_index_of_those_figures() -> None:
    area = place(24)
    layers = made_layers(area, gaps=0.1)
    choices = settings(weight_spread=0, normalisations=["minmax"], aggregations=["arithmetic"])
    asked = NeedSettings(normalisation="minmax")
    draws = build_draws(layers, area, asked, choices)
    replay = build_replay(layers, area, asked, choices)
    for draw in range(4):
        values = layers.values.copy()
        for assumption in ("rounding", "inheritance"):
            rng = generator(choices.seed, assumption, draw)
            for one in replay.imprecisions:
                if one.assumption == assumption:
                    values[one.layer] += one.draw(rng)
        # None of these figures is below zero, so an error that leads there is turned back.
        values = values.abs()
        expected = build_need(replace(layers, values=values), area, asked).scores["need_rank"]
        assert draws.ranks[:, draw].tolist() == expected.tolist()


def test_areas_outside_the_place_stay_as_published() -> None:
    area = place(10)
    layers = made_layers(area)
    one = replace(
        layers,
        values=layers.values[["income"]],
        status=layers.status[["income"]],
        specs={"income": layers.specs["income"]},
    )
    rng = np.random.default_rng(5)
    outside = pd.DataFrame(
        {"income": np.round(rng.normal(10, 3, 50), 1)},
        index=pd.Index([f"E01{i:06d}" for i in range(900, 950)], name="area_code"),
    )
    one = replace(one, reference=pd.concat([one.values, outside]))
    asked = NeedSettings(reference="nation")
    choices = settings(weight_spread=0, normalisations=["official"], aggregations=["arithmetic"])
    replay = build_replay(one, area, asked, choices)
    cases = replace(replay.stated(5), errors={"rounding": np.arange(5)})
    for case in range(5):
        error = replay.imprecisions[0].draw(generator(choices.seed, "rounding", case))
        values = one.values + error[:, None]
        there = pd.concat([values, outside])
        found = build_need(replace(one, values=values, reference=there), area, asked)
        assert replay.domain_scores(cases, case)[:, 0].tolist() == pytest.approx(
            found.domain_scores["income"].tolist()
        )


@pytest.mark.parametrize(
    ("how", "put"),
    [("official", "geometric"), ("rank", "arithmetic"), ("zscore", "arithmetic")],
)
def test_stated_ranks_are_those_of_the_index(how: Any, put: Any) -> None:
    area = place(30)
    layers = made_layers(area, gaps=0.2)
    asked = NeedSettings(normalisation=how, aggregation=put)
    draws = build_draws(layers, area, asked, settings(draws=1))
    found = build_need(layers, area, asked).scores
    assert draws.stated_ranks.tolist() == found["need_rank"].tolist()
    assert draws.stated_ranks_access_use.tolist() == found["need_rank_access_use"].tolist()


def test_distance_to_a_target_is_replayed() -> None:
    area = place(20)
    layers = made_layers(area)
    kept = ["income", "life"]
    one = replace(
        layers,
        values=layers.values[kept],
        status=layers.status[kept],
        specs={key: layers.specs[key] for key in kept},
    )
    asked = NeedSettings(normalisation="target", targets={"income": 8.0, "health": 12.0})
    draws = build_draws(one, area, asked, settings(draws=5))
    found = build_need(one, area, asked).scores["need_rank"]
    assert draws.stated_ranks.tolist() == found.tolist()
    assert "draws_own_normalisation" in {note.what for note in draws.notes}


def test_treatment_is_that_of_each_normalisation() -> None:
    area = place(40)
    layers = made_layers(area)
    values = layers.values.copy()
    values.loc[values.index[0], "income"] = 500.0
    asked = NeedSettings(treatment="winsorise")
    choices = settings(weight_spread=0, aggregations=["arithmetic"], **FIXED_FIGURES)
    draws = build_draws(replace(layers, values=values), area, asked, choices)
    for draw in range(6):
        how = draws.factors["normalisation"].iloc[draw]
        own = NeedSettings(treatment="winsorise", normalisation=how)
        expected = build_need(replace(layers, values=values), area, own).scores["need_rank"]
        assert draws.ranks[:, draw].tolist() == expected.tolist()


# Weights


def test_weights_have_the_mean_and_spread_that_was_asked_for() -> None:
    weights = np.full(5, 0.2)
    drawn = draw_weights(weights, 0.25, 40_000, np.random.default_rng(1))
    assert drawn.sum(axis=1) == pytest.approx(1.0)
    assert drawn.mean(axis=0) == pytest.approx(weights, abs=0.002)
    assert drawn.std(axis=0) == pytest.approx(0.25 * weights, rel=0.02)


def test_weights_have_the_moments_of_the_distribution() -> None:
    weights = np.array([0.5, 0.3, 0.2])
    c = concentration(weights, 0.4)
    assert c == pytest.approx(2 / 0.16 - 1)
    drawn = draw_weights(weights, 0.4, 40_000, np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(weights, abs=0.003)
    assert drawn.var(axis=0) == pytest.approx(weights * (1 - weights) / (c + 1), rel=0.03)


def test_no_weight_stays_no_weight() -> None:
    drawn = draw_weights(np.array([0.6, 0.0, 0.4]), 0.3, 50, np.random.default_rng(1))
    assert (drawn[:, 1] == 0).all()
    assert (drawn[:, 0] > 0).all()


def test_no_spread_is_no_change() -> None:
    drawn = draw_weights(np.array([0.6, 0.4]), 0.0, 3, np.random.default_rng(1))
    assert drawn.tolist() == [[0.6, 0.4]] * 3


def test_a_spread_that_cannot_be_is_told() -> None:
    area = place(12)
    layers = made_layers(area)
    asked = NeedSettings(weights={"income": 1, "health": 1})
    draws = build_draws(layers, area, asked, settings(weight_spread=1.9))
    assert "draws_spread_limited" in {note.what for note in draws.notes}


# Figures


def one_layer(area: StudyArea, values: list[float], **columns: list[float]) -> Layers:
    frame = pd.DataFrame({"income": values, **columns}, index=area.codes)
    specs = {
        key: spec(key, domain="income" if key == "income" else None, high_is="worse")
        for key in frame
    }
    status = pd.DataFrame("published", index=frame.index, columns=frame.columns)
    return Layers(values=frame, specs=specs, status=status.mask(frame.isna(), "missing"))


def test_rounding_only_mixes_areas_of_one_published_figure() -> None:
    area = tiny_area()
    layers = one_layer(area, [0.3, 0.3, 0.2, 0.2, 0.2, 0.1])
    draws = build_draws(layers, area, NeedSettings(), settings(draws=600))
    assert set(draws.ranks[:2].ravel()) == {1, 2}
    assert set(draws.ranks[2:5].ravel()) == {3, 4, 5}
    assert set(draws.ranks[5]) == {6}
    # Each of two is first as often as not: 300 ± 4 standard deviations of √150.
    assert abs(int((draws.ranks[0] == 1).sum()) - 300) < 49


def test_intervals_swap_two_areas_as_often_as_theory_says() -> None:
    area = tiny_area()
    lower, upper = [-1.96, -1.96, 50, 60, 70, 80], [1.96, 1.96, 50, 60, 70, 80]
    layers = one_layer(
        area,
        [0.0, 1.0, 50, 60, 70, 80],
        income_lower=[lower[0], lower[1] + 1, *lower[2:]],
        income_upper=[upper[0], upper[1] + 1, *upper[2:]],
    )
    choices = settings(draws=2000, rounding=False)
    draws = build_draws(layers, area, NeedSettings(), choices)
    # Errors of both have a standard deviation of 1, and turned back at 0 they are |z|, |1 + z'|.
    rng = np.random.default_rng(1)
    theory = np.mean(np.abs(rng.normal(0, 1, 400_000)) > np.abs(rng.normal(1, 1, 400_000)))
    found = float((draws.ranks[0] < draws.ranks[1]).mean())
    assert found == pytest.approx(float(theory), abs=0.045)


def test_intervals_of_figures_on_both_sides_of_zero() -> None:
    area = tiny_area()
    middle = np.array([0.0, 1.0, -50, -60, -70, -80])
    sd = np.array([1.0, 2.0, 0, 0, 0, 0])
    layers = one_layer(
        area,
        middle.tolist(),
        income_lower=(middle - 1.96 * sd).tolist(),
        income_upper=(middle + 1.96 * sd).tolist(),
    )
    draws = build_draws(layers, area, NeedSettings(), settings(draws=2000, rounding=False))
    theory = 1 - NormalDist().cdf(1 / 5**0.5)
    found = float((draws.ranks[0] < draws.ranks[1]).mean())
    assert found == pytest.approx(theory, abs=4 * (theory * (1 - theory) / 2000) ** 0.5)


def test_inheritance_parts_areas_that_inherit_one_figure() -> None:
    area = place(16)
    layers = made_layers(area)
    kept = ["life", "income"]
    one = replace(
        layers,
        values=layers.values[kept],
        status=layers.status[kept],
        specs={key: layers.specs[key] for key in kept},
    )
    choices = settings(**(ONLY_WEIGHTS | {"inheritance": True, "weight_spread": 0}))
    asked = NeedSettings(weights={"health": 1})
    assert "inheritance" in build_draws(one, area, asked, choices).moved.columns
    draws = build_draws(one, area, asked, choices)
    assert all(len(set(row)) > 1 for row in draws.ranks[:4])


def test_the_unknown_area_is_always_last() -> None:
    area = place(20)
    layers = made_layers(area)
    values = layers.values.copy()
    values.iloc[3] = np.nan
    status = layers.status.mask(values.isna(), "missing")
    draws = build_draws(
        replace(layers, values=values, status=status), area, NeedSettings(), settings()
    )
    assert set(draws.ranks[3]) == {20}


# Draws as an object


def test_each_draw_has_every_rank_once() -> None:
    area = place(25)
    draws = build_draws(made_layers(area, gaps=0.2), area, NeedSettings(), settings())
    assert (np.sort(draws.ranks, axis=0) == np.arange(1, 26)[:, None]).all()
    assert draws.ranks.dtype == np.uint16


def test_the_same_seed_gives_the_same_draws() -> None:
    area = place(25)
    first, again, other = (
        build_draws(made_layers(area), area, NeedSettings(), settings(seed=seed))
        for seed in (3, 3, 4)
    )
    assert (first.ranks == again.ranks).all()
    assert not (first.ranks == other.ranks).all()


def test_the_order_of_the_layers_rows_changes_nothing() -> None:
    area = place(25)
    layers = made_layers(area)
    turned = replace(
        layers,
        values=layers.values.iloc[::-1],
        status=layers.status.iloc[::-1],
        parents=layers.parents.iloc[::-1],
    )
    first = build_draws(layers, area, NeedSettings(), settings())
    second = build_draws(turned, area, NeedSettings(), settings())
    assert (first.ranks == second.ranks).all()


def test_the_first_of_many_draws_are_those_of_few() -> None:
    area = place(25)
    many = build_draws(made_layers(area), area, NeedSettings(), settings(draws=60))
    few = build_draws(made_layers(area), area, NeedSettings(), settings(draws=20))
    assert (many.subset(20).ranks == few.ranks).all()
    pd.testing.assert_frame_equal(many.subset(20).factors, few.factors)


def test_percentiles_run_from_1_at_greatest_need() -> None:
    area = place(25)
    draws = build_draws(made_layers(area), area, NeedSettings(), settings(draws=3))
    expected = (25 - draws.ranks_access_use.astype(float) + 1) / 25
    assert draws.percentiles_access_use().dtype == np.float32
    assert draws.percentiles_access_use() == pytest.approx(expected)


def test_without_access_domains_both_ranks_are_one() -> None:
    area = tiny_area()
    layers = tiny_layers()
    kept = ["income", "health"]
    one = replace(
        layers,
        values=layers.values[kept],
        status=layers.status[kept],
        specs={key: layers.specs[key] for key in kept},
    )
    draws = build_draws(one, area, NeedSettings(), settings())
    assert draws.ranks is draws.ranks_access_use


def test_no_draws_are_told() -> None:
    draws = build_draws(tiny_layers(), tiny_area(), NeedSettings(), settings(draws=0))
    assert draws.ranks.shape == (6, 0)
    assert draws.percentiles_access_use().shape == (6, 0)
    assert [note.what for note in draws.notes] == ["draws_off"]


def test_draws_of_other_areas_are_refused() -> None:
    draws = build_draws(tiny_layers(), tiny_area(), NeedSettings(), settings(draws=2))
    with pytest.raises(DataError, match="different"):
        replace(draws, codes=pd.Index(CODES[:3]))


# One assumption alone


def test_shift_by_a_choice_is_the_mean_over_the_choices() -> None:
    area = place(20)
    layers = made_layers(area)
    draws = build_draws(layers, area, NeedSettings(), settings())
    stated = build_need(layers, area, NeedSettings()).scores["need_rank"]
    others = [
        build_need(layers, area, NeedSettings(normalisation=how)).scores["need_rank"]
        for how in ("official", "rank", "minmax")
    ]
    expected = sum((other - stated).abs() for other in others) / 3
    assert draws.moved["normalisation"].tolist() == pytest.approx(expected.tolist())


def test_shift_by_the_weights_is_that_of_draws_of_weights_alone() -> None:
    area = place(20)
    layers = made_layers(area)
    draws = build_draws(layers, area, NeedSettings(), settings(draws=30))
    alone = build_draws(layers, area, NeedSettings(), settings(draws=30, **ONLY_WEIGHTS))
    expected = np.abs(alone.ranks.astype(int) - alone.stated_ranks[:, None]).mean(axis=1)
    assert draws.moved["weights"].tolist() == pytest.approx(expected.tolist())


def test_what_is_switched_off_moves_nothing() -> None:
    area = place(20)
    draws = build_draws(made_layers(area), area, NeedSettings(), settings(**ONLY_WEIGHTS))
    assert list(draws.moved.columns) == ["weights"]
    assert not draws.factors[["rounding", "intervals", "inheritance"]].any(axis=None)


def test_nothing_to_vary_is_told() -> None:
    area = place(8)
    choices = settings(**(ONLY_WEIGHTS | {"weight_spread": 0}))
    draws = build_draws(made_layers(area), area, NeedSettings(), choices)
    assert "draws_alike" in {note.what for note in draws.notes}
    assert (draws.ranks == draws.stated_ranks[:, None]).all()


@pytest.mark.parametrize(("count", "told"), [(1, True), (99, True), (100, False)])
def test_so_few_draws_that_they_are_rough_are_told(count: int, told: bool) -> None:
    area = place(8)
    draws = build_draws(made_layers(area), area, NeedSettings(), settings(draws=count))
    assert ("draws_few" in {note.what for note in draws.notes}) == told
