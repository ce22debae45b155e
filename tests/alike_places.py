"""Places whose areas are alike by design: figures given column by column."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from places import SOURCE
from squares import square_place

from planner.area import StudyArea
from planner.layers import Layers, LayerSpec
from planner.neighbourhoods.inputs import TypeInputs, build_type_inputs
from planner.neighbourhoods.methods import Fit, make_fit
from planner.project import NeighbourhoodSettings


def alike_place(
    columns: Mapping[str, Any],
    *,
    specs: Mapping[str, Mapping[str, Any]] | None = None,
    inherited: Collection[str] = (),
    parents: pd.DataFrame | None = None,
    reference: pd.DataFrame | None = None,
) -> tuple[Layers, StudyArea]:
    """Return a place of as many squares as there are values, a layer a column, high worse."""
    count = len(next(iter(columns.values())))
    rows = -(-count // 100)
    width = -(-count // rows)
    over = [(rows - 1, c) for c in range(count - (rows - 1) * width, width)]
    area = square_place(rows, width, without=over)
    values = pd.DataFrame({k: np.asarray(v, float) for k, v in columns.items()}, area.areas.index)
    known = {
        name: LayerSpec(
            id=name,
            title=name.replace("_", " ").capitalize(),
            unit="",
            kind="score",
            high_is="worse",
            geography="msoa11" if name in inherited else "lsoa21",
            domain=name,
            source=SOURCE,
        )
        for name in columns
    }
    known = {name: replace(spec, **(specs or {}).get(name, {})) for name, spec in known.items()}
    status = pd.DataFrame("published", index=values.index, columns=values.columns)
    for name in inherited:
        status[name] = "inherited"
    more = {} if parents is None else {"parents": parents.set_axis(values.index)}
    layers = Layers(
        values=values,
        specs=known,
        status=status.mask(values.isna(), "missing"),
        reference=reference,
        **more,
    )
    return layers, area


def alike_inputs(columns: Mapping[str, Any], **settings: Any) -> TypeInputs:
    """Return what the squares of `alike_place` are compared by."""
    return build_type_inputs(*alike_place(columns), NeighbourhoodSettings(**settings))


def planted(inputs: TypeInputs, labels: Any) -> Fit:
    """Return types given by hand, numbered from 0 as they stand."""
    numbers = np.asarray(labels, dtype="int64")
    matrix = inputs.matrix.to_numpy(dtype="float64")
    fit = make_fit(matrix, numbers, int(numbers.max()) + 1)
    order = [int(fit.labels[np.flatnonzero(numbers == n)[0]]) for n in range(fit.k)]
    return fit.renumbered(np.array(order))


def numbered(fit: Fit, inputs: TypeInputs) -> pd.Series:
    """Return area → type from 1."""
    return pd.Series(fit.labels + 1, index=inputs.codes, dtype="Int64", name="type_id")


def lumps(
    centres: Collection[Collection[float]], each: int, *, spread: float = 0.3, seed: int = 1
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return columns of round lumps of areas, in a mixed order, and which lump each is in."""
    rng = np.random.default_rng(seed)
    middle = np.repeat(np.array(list(centres), dtype=float), each, axis=0)
    points = middle + rng.normal(scale=spread, size=middle.shape)
    own = np.repeat(np.arange(len(list(centres))), each)
    order = rng.permutation(len(own))
    names = ["income", "health", "crime", "education"]
    return {names[i]: points[order, i] for i in range(points.shape[1])}, own[order]
