"""Layers changed by hand, places as large as one likes, and need built from them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import exp, log
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from places import SOURCE, tiny_area, tiny_layers

from planner.area import StudyArea
from planner.layers import Layers, LayerSpec
from planner.need import Need, build_need
from planner.project import NeedSettings

#: Every normalisation that takes no targets with every aggregation that goes with it.
WAYS = [
    {"normalisation": how, "aggregation": aggregation}
    for how in ("official", "rank", "zscore", "minmax")
    for aggregation in ("arithmetic", "geometric")
    if (how, aggregation) != ("zscore", "geometric")
]
ways = st.sampled_from(WAYS)
values = st.lists(st.integers(-50, 50), min_size=6, max_size=6)
unknown = st.lists(st.one_of(st.none(), st.integers(-50, 50)), min_size=6, max_size=6)


def transformed(rank: float, n: int = 6) -> float:
    """Return the published formula, written out apart from the code under test."""
    return -23 * log(1 - (n - rank + 1) / n * (1 - exp(-100 / 23)))


def floats(column: list[int] | list[int | None]) -> list[float]:
    return [np.nan if value is None else float(value) for value in column]


def with_values(layers: Layers, **columns: list[float]) -> Layers:
    """Return the layers with other values; NaN is missing."""
    values = layers.values.copy()
    for name, column in columns.items():
        values[name] = column
    status = layers.status.mask(values.isna(), "missing")
    return replace(layers, values=values, status=status)


def with_specs(layers: Layers, **changes: dict[str, Any]) -> Layers:
    """Return the layers with other descriptions."""
    specs = {key: replace(spec, **changes.get(key, {})) for key, spec in layers.specs.items()}
    return replace(layers, specs=specs)


def only(layers: Layers, *names: str) -> Layers:
    """Return some of the layers."""
    return replace(
        layers,
        values=layers.values[list(names)],
        status=layers.status[list(names)],
        specs={name: layers.specs[name] for name in names},
    )


def need(layers: Layers | None = None, *, context: int = 0, **options: Any) -> Need:
    """Return need in the six squares."""
    return build_need(
        layers or tiny_layers(_area(context)), _area(context), NeedSettings(**options)
    )


@cache
def _area(context: int) -> StudyArea:
    # Outlines are slow to make, and property tests ask often.
    return tiny_area(context=context)


def notes(found: Need) -> dict[str, tuple[str, ...]]:
    """Return slug → items of the notes."""
    return {note.what: note.items for note in found.notes}


def make_layers(
    values: pd.DataFrame,
    *,
    reference: pd.DataFrame | None = None,
    specs: dict[str, dict[str, Any]] | None = None,
) -> Layers:
    """Return layers of a domain each, named after it, high = worse; ``specs`` changes some."""
    found = {
        key: replace(
            LayerSpec(
                id=key,
                title=key.replace("_", " ").capitalize(),
                unit="score",
                kind="score",
                high_is="worse",
                geography="lsoa21",
                source=SOURCE,
                domain=key,
            ),
            **(specs or {}).get(key, {}),
        )
        for key in values.columns
    }
    status = pd.DataFrame("published", index=values.index, columns=values.columns)
    status = status.mask(values.isna(), "missing")
    return Layers(values=values, specs=found, status=status, reference=reference)


def bare_area(codes: pd.Index, name: str = "Somewhere") -> StudyArea:
    """Return all that need asks of a place: codes, nation and name; no outlines."""
    place = pd.DataFrame({"nation": "England"}, index=codes)
    return cast(StudyArea, SimpleNamespace(codes=codes, place=place, name=name))


def codes(count: int) -> pd.Index:
    """Return so many area codes."""
    return pd.Index([f"E01{i:06d}" for i in range(1, count + 1)], name="area_code")
