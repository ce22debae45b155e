from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from places import SOURCE

from planner.layers import Layers, LayerSpec
from planner.need.certainty.imprecision import (
    Imprecision,
    build_imprecisions,
    published_step,
    within_share,
)
from planner.project.analysis import RobustnessSettings

CODES = pd.Index([f"E019000{i:02d}" for i in range(1, 9)], name="area_code")
PARENTS = ["E02000001"] * 3 + ["E02000002"] * 3 + ["E02000003"] * 2
PEOPLE = pd.Series(1000.0, index=CODES)
LIFE = [74.0] * 3 + [80.0] * 3 + [78.0] * 2


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


def layers(columns: dict[str, list[float]], specs: list[LayerSpec], **options: Any) -> Layers:
    values = pd.DataFrame(columns, index=CODES)
    status = pd.DataFrame("published", index=CODES, columns=values.columns)
    for one in specs:
        if one.geography != "lsoa21":
            status[one.id] = "inherited"
    status = status.mask(values.isna(), "missing")
    return Layers(values=values, specs={s.id: s for s in specs}, status=status, **options)


def life_layers(*, with_parents: bool = True, bounds: bool = False) -> Layers:
    columns = {"life": LIFE, "income": [0.31, 0.22, 0.13, 0.24, 0.45, 0.06, 0.27, 0.18]}
    specs = [
        spec("life", geography="msoa11", kind="years", high_is="better"),
        spec("income", kind="share"),
    ]
    if bounds:
        columns |= {"life_lower": [v - 1.96 for v in LIFE], "life_upper": [v + 1.96 for v in LIFE]}
        specs += [
            spec(f"life_{end}", geography="msoa11", high_is="neither", domain=None)
            for end in ("lower", "upper")
        ]
    parents = pd.DataFrame({"msoa11": PARENTS}, index=CODES) if with_parents else pd.DataFrame()
    return layers(columns, specs, parents=parents)


def build(found: Layers, **options: Any) -> tuple[dict[str, Imprecision], dict[str, str]]:
    switches = {"rounding": False, "intervals": False, "inheritance": False} | options
    ranked = [s for s in found.specs.values() if s.domain]
    one, notes = build_imprecisions(found, CODES, ranked, PEOPLE, RobustnessSettings(**switches))
    return {f"{i.assumption} {i.layer}": i for i in one}, {n.what: n.text for n in notes}


# Rounding


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([0.013, 0.4, 0.27], 0.001),
        ([1.5, 2.0, 3.5], 0.1),
        ([74.0, 80.0, np.nan], 1.0),
        ([1 / 3, 2 / 7, 0.5], None),
        ([np.nan], None),
    ],
)
def test_the_last_published_digit_is_seen(values: list[float], step: float | None) -> None:
    assert published_step(np.array(values)) == step


def test_a_score_is_off_by_at_most_half_its_last_digit() -> None:
    found, _ = build(layers({"a": [0.1, 0.2, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8]}, [spec("a")]),
                     rounding=True)  # fmt: skip
    assert found["rounding a"].size.tolist() == pytest.approx([0.005] * 8)


def test_whole_counts_are_not_called_rounded() -> None:
    found, _ = build(layers({"a": [float(i) for i in range(8)]}, [spec("a", kind="count")]),
                     rounding=True)  # fmt: skip
    assert found == {}


def test_rounded_counts_are_off_by_half_of_what_they_were_rounded_to() -> None:
    counts = layers({"a": [5.0 * i for i in range(8)]}, [spec("a", kind="count", rounded_to=5)])
    assert build(counts, rounding=True)[0]["rounding a"].size.tolist() == [2.5] * 8


def test_a_rate_of_rounded_counts_takes_its_step_from_the_population() -> None:
    rate = layers({"a": [5.0 * i for i in range(8)]}, [spec("a", kind="rate", rounded_to=5)])
    # 1,000 people: a rate of 5 per 1,000 is a count of 5, so half a step is 2.5 per 1,000.
    assert build(rate, rounding=True)[0]["rounding a"].size.tolist() == [2.5] * 8


def test_a_rate_of_unknown_denominator_is_told_and_left() -> None:
    rate = layers({"a": [i / 7 for i in range(1, 9)]}, [spec("a", kind="rate", rounded_to=5)])
    found, notes = build(rate, rounding=True)
    assert found == {}
    assert "a:" in notes["draws_rounding_unknown"]


def test_ranks_are_not_jittered() -> None:
    ranks = layers({"a": [float(i) for i in range(1, 9)]}, [spec("a", kind="rank")])
    found, notes = build(ranks, rounding=True, intervals=True)
    assert found == {}
    assert "draws_ranks_exact" in notes


def test_rounding_errors_are_uniform_within_half_a_step() -> None:
    one = Imprecision(
        assumption="rounding",
        layer="a",
        size=np.full(20_000, 0.5),
        group=np.arange(20_000),
        form="uniform",
    )
    drawn = one.draw(np.random.default_rng(1))
    assert np.abs(drawn).max() <= 0.5
    assert drawn.mean() == pytest.approx(0, abs=0.01)
    assert drawn.std() == pytest.approx(1 / 12**0.5, abs=0.005)


# Intervals


def test_the_standard_deviation_comes_from_the_interval() -> None:
    found, _ = build(life_layers(bounds=True), intervals=True)
    assert found["intervals life"].size.tolist() == pytest.approx([1.0] * 8)


def test_areas_of_one_larger_area_share_its_error() -> None:
    found, _ = build(life_layers(bounds=True), intervals=True)
    drawn = found["intervals life"].draw(np.random.default_rng(1))
    by_parent = pd.Series(drawn).groupby(PARENTS)
    assert by_parent.nunique().tolist() == [1, 1, 1]
    assert len(set(drawn)) == 3


def test_without_an_interval_there_is_no_error() -> None:
    found = life_layers(bounds=True)
    values = found.values.assign(life_upper=found.values["life_upper"].where(CODES[0] != CODES))
    status = found.status.mask(values.isna(), "missing")
    one, notes = build(replace(found, values=values, status=status), intervals=True)
    assert one["intervals life"].size[0] == 0
    assert "1 figures have none" in notes["draws_intervals"]


# Inheritance


def test_variance_within_groups_by_hand() -> None:
    # Groups 1 3 | 5 7: within 2, between 2 · (2² + 2²) / 1 = 16; (16 - 2) / 2 = 7; 2 / (2 + 7).
    share = within_share(np.array([1.0, 3.0, 5.0, 7.0]), np.array([0, 0, 1, 1]))
    assert share == pytest.approx(2 / 9)


def test_variance_within_groups_of_unequal_size_by_hand() -> None:
    # Groups 0 2 | 4 4 4 | 9: means 1 4 9, grand mean 23/6; within (1 + 1) / (6 - 3) = 2/3;
    # between (2 (17/6)² + 3 (1/6)² + (31/6)²) / 2; m0 = (6 - (4 + 9 + 1) / 6) / 2 = 11/6.
    between = (2 * (17 / 6) ** 2 + 3 * (1 / 6) ** 2 + (31 / 6) ** 2) / 2
    across = (between - 2 / 3) / (11 / 6)
    share = within_share(np.array([0.0, 2, 4, 4, 4, 9]), np.array([0, 0, 1, 1, 1, 2]))
    assert share == pytest.approx((2 / 3) / (2 / 3 + across))


@pytest.mark.parametrize(
    ("values", "group"), [([1.0, 2], [0, 0]), ([1.0, 2], [0, 1]), ([1.0, 1, 1], [0, 0, 1])]
)
def test_variance_within_groups_may_not_be_known(values: list[float], group: list[int]) -> None:
    assert within_share(np.array(values), np.array(group)) is None


def test_inherited_groups_keep_their_mean() -> None:
    found, _ = build(life_layers(), inheritance=True)
    drawn = found["inheritance life"].draw(np.random.default_rng(1))
    assert pd.Series(drawn).groupby(PARENTS).mean().abs().max() < 1e-12
    assert len(set(np.round(drawn, 9))) == 8


def test_hidden_spread_by_hand() -> None:
    found = life_layers()
    share = within_share(found.values["income"].to_numpy(), np.array([0, 0, 0, 1, 1, 1, 2, 2]))
    assert share is not None
    ratio, typical = share / (1 - share) if share < 1 else np.inf, 3 / (1 / 3 + 1 / 3 + 1 / 2)
    variance = np.var([74.0, 80.0, 78.0])
    expected = variance * (typical if np.isinf(ratio) else ratio / (1 + ratio / typical))
    size = build(found, inheritance=True)[0]["inheritance life"].size
    assert size.tolist() == pytest.approx([expected**0.5] * 8)


def test_without_a_lookup_equal_figures_are_one_larger_area() -> None:
    with_lookup, _ = build(life_layers(), inheritance=True)
    without, notes = build(life_layers(with_parents=False), inheritance=True)
    one, other = with_lookup["inheritance life"], without["inheritance life"]
    assert one.group.tolist() == other.group.tolist()
    assert "life:" in notes["draws_parents_assumed"]


def test_nothing_to_estimate_it_from_is_told() -> None:
    whole = life_layers()
    alone = Layers(
        values=whole.values[["life"]],
        specs={"life": whole.specs["life"]},
        status=whole.status[["life"]],
        parents=whole.parents,
    )
    found, notes = build(alone, inheritance=True)
    assert found == {}
    assert "life:" in notes["draws_inheritance_unknown"]


def test_a_larger_area_with_one_small_area_hides_nothing() -> None:
    found = life_layers()
    parents = found.parents.assign(msoa11=[*PARENTS[:7], "E02000009"])
    size = build(replace(found, parents=parents), inheritance=True)[0]["inheritance life"].size
    assert size[7] == 0
    assert (size[:6] > 0).all()
