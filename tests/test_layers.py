"""Layers hold values, and how each came there; the two may not disagree."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from places import CODES, tiny_area, tiny_layers

from planner.errors import DataError


def test_coverage_counts_how_values_came_there() -> None:
    layers = tiny_layers()
    values, status = layers.values.copy(), layers.status.copy()
    status.loc[CODES[0], "health"] = "inherited"
    values.loc[CODES[1], "health"] = np.nan
    status.loc[CODES[1], "health"] = "suppressed"
    found = replace(layers, values=values, status=status).coverage(tiny_area().codes)
    assert found.loc["health"].to_dict() == {
        "areas": 6,
        "published": 4,
        "inherited": 1,
        "apportioned": 0,
        "merged": 0,
        "imputed": 0,
        "corrected": 0,
        "suppressed": 1,
        "missing": 0,
    }


def test_a_missing_value_that_claims_to_be_published_is_refused() -> None:
    layers = tiny_layers()
    values = layers.values.copy()
    values.loc[CODES[0], "income"] = np.nan
    with pytest.raises(DataError, match="disagree"):
        replace(layers, values=values)


def test_other_weights_leave_the_values_alone() -> None:
    layers = tiny_layers().reweighted({"income": 3.0})
    assert layers.specs["income"].weight == 3.0
    assert layers.specs["health"].weight == 1.0
