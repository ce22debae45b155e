from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import pi
from typing import Any

import numpy as np
import pytest
from places import tiny_area, tiny_layers

from planner.errors import DataError
from planner.need.certainty.sensitivity import MEAN_SHIFT, build_sensitivity, sobol_indices
from planner.project import NeedSettings
from planner.project.analysis import RobustnessSettings

Function = Callable[[Any], Any]


def estimate(function: Function, factors: int, low: float, high: float, rows: int = 2**14) -> Any:
    rng = np.random.default_rng(1)
    a, b = rng.uniform(low, high, (2, rows, factors))
    mixed = {}
    for factor in range(factors):
        ab = a.copy()
        ab[:, factor] = b[:, factor]
        mixed[f"x{factor + 1}"] = function(ab)
    return sobol_indices(function(a), function(b), mixed)


def ishigami(x: Any) -> Any:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(x: Any) -> Any:
    a = np.array([0.0, 1.0, 4.5, 9.0])
    return np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1)


@pytest.fixture(scope="module")
def ishigami_indices() -> Any:
    return estimate(ishigami, 3, -pi, pi)


@pytest.fixture(scope="module")
def g_indices() -> Any:
    return estimate(g_function, 4, 0, 1)


def test_ishigami_first_order(ishigami_indices: Any) -> None:
    # a = 7, b = 0.1: 0.3139, 0.4424, 0 (Ishigami and Homma 1990; Saltelli and others 2008,
    # Global Sensitivity Analysis: The Primer).
    assert ishigami_indices["first"].tolist() == pytest.approx([0.3139, 0.4424, 0], abs=0.03)


def test_ishigami_total(ishigami_indices: Any) -> None:
    # The same: 0.5576, 0.4424, 0.2437.
    assert ishigami_indices["total"].tolist() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)


def test_g_function_first_order(g_indices: Any) -> None:
    # V_i = 1 / (3 (1 + a_i)²), V = Π (1 + V_i) - 1 (Sobol' 1993; Saltelli and Sobol' 1995).
    parts = 1 / (3 * (1 + np.array([0.0, 1.0, 4.5, 9.0])) ** 2)
    variance = np.prod(1 + parts) - 1
    assert g_indices["first"].tolist() == pytest.approx((parts / variance).tolist(), abs=0.03)


def test_g_function_total(g_indices: Any) -> None:
    parts = 1 / (3 * (1 + np.array([0.0, 1.0, 4.5, 9.0])) ** 2)
    everything = np.prod(1 + parts)
    total = parts * everything / (1 + parts) / (everything - 1)
    assert g_indices["total"].tolist() == pytest.approx(total.tolist(), abs=0.03)


def test_bootstrap_intervals_hold_the_estimate(ishigami_indices: Any) -> None:
    for which in ("first", "total"):
        assert (ishigami_indices[f"{which}_low"] <= ishigami_indices[which]).all()
        assert (ishigami_indices[f"{which}_high"] >= ishigami_indices[which]).all()


def test_bootstrap_intervals_are_as_wide_as_the_estimates_stray() -> None:
    # Eighty samples of a sum of two factors: about 95% of the intervals hold the truth, 0.5.
    held = 0
    for seed in range(80):
        a, b = np.random.default_rng(seed).normal(size=(2, 200, 2))
        ab = np.column_stack([b[:, 0], a[:, 1]])
        found = sobol_indices(a.sum(axis=1), b.sum(axis=1), {"x": ab.sum(axis=1)}).loc["x"]
        held += int(found["total_low"] <= 0.5 <= found["total_high"])
    assert held >= 68


def test_a_constant_outcome_has_no_indices() -> None:
    same = np.ones(50)
    assert sobol_indices(same, same, {"x": same}).isna().all(axis=None)


def build(**options: Any) -> Any:
    settings = RobustnessSettings(**options)
    return build_sensitivity(
        tiny_layers(), tiny_area(), NeedSettings(), settings, codes=["E01900003"], base=64
    )


def test_one_assumption_alone_accounts_for_everything() -> None:
    found = build(
        normalisations=["official"], aggregations=["arithmetic"], rounding=False, seed=3
    ).table
    for outcome in (MEAN_SHIFT, "E01900003"):
        assert found.loc[(outcome, "weights"), "total"] == pytest.approx(1, abs=0.35)


def test_every_assumption_has_a_row_for_every_outcome() -> None:
    found = build()
    names = ["weights", "normalisation", "aggregation", "rounding"]
    assert found.table.loc[MEAN_SHIFT].index.tolist() == names
    assert found.table.loc["E01900003"].index.tolist() == names
    assert found.evaluations == 64 * 6


def test_rounding_that_cannot_change_a_rank_has_no_part() -> None:
    # By rank alone, and all figures of a layer are further apart than its rounding.
    layers = tiny_layers()
    kept = ["income", "access"]
    apart = replace(
        layers,
        values=layers.values[kept],
        status=layers.status[kept],
        specs={key: layers.specs[key] for key in kept},
    )
    settings = RobustnessSettings(normalisations=["official"])
    found = build_sensitivity(apart, tiny_area(), NeedSettings(), settings, base=64).table
    assert found.loc[(MEAN_SHIFT, "rounding"), "total"] == pytest.approx(0, abs=1e-9)


def test_an_area_elsewhere_is_refused() -> None:
    with pytest.raises(DataError, match="E01999999"):
        build_sensitivity(
            tiny_layers(),
            tiny_area(),
            NeedSettings(),
            RobustnessSettings(),
            codes=["E01999999"],
            base=8,
        )


def test_the_same_seed_gives_the_same_indices() -> None:
    assert build().table.equals(build().table)
