from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner.neighbourhoods.collinearity import build_collinearity


def columns(r: float, rows: int = 50) -> pd.DataFrame:
    """Return two columns of mean 0 and variance 1 with exactly this correlation."""
    rng = np.random.default_rng(2)
    basis = np.linalg.qr(np.column_stack([np.ones(rows), rng.normal(size=(rows, 2))]))[0][:, 1:]
    one, other = basis.T * np.sqrt(rows)
    return pd.DataFrame({"a": one, "b": r * one + np.sqrt(1 - r**2) * other})


def test_two_layers_by_hand() -> None:
    found = build_collinearity(columns(0.6))
    assert found.layers["vif"].tolist() == pytest.approx([1 / (1 - 0.36)] * 2)
    assert found.condition == pytest.approx(np.sqrt(1.6 / 0.4))
    assert found.layers["closest"].tolist() == ["b", "a"]


@pytest.mark.parametrize(("r", "told"), [(0.89, 0), (0.91, 1), (-0.95, 1)])
def test_pairs_from_09_up_are_told_either_way(r: float, told: int) -> None:
    assert len(build_collinearity(columns(r)).pairs) == told


def test_a_layer_that_others_say_entirely() -> None:
    frame = columns(0.2)
    total = frame["a"] + frame["b"]
    found = build_collinearity(frame.assign(c=(total - total.mean()) / total.std(ddof=0)))
    assert np.isinf(found.layers["vif"]).all()
    assert np.isinf(found.condition)


def test_identical_layers_are_grouped() -> None:
    frame = columns(0.2)
    assert build_collinearity(frame.assign(c=frame["a"])).identical == (("a", "c"),)


def test_one_layer_repeats_nothing() -> None:
    found = build_collinearity(columns(0.2)[["a"]])
    assert found.layers.loc["a", "vif"] == 1.0
    assert found.layers.loc["a", "closest"] == ""
    assert found.condition == pytest.approx(1.0)
