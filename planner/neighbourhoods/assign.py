"""Which type is an area nearest to that was not there when the types were made?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.errors import DataError
from planner.ledger import Note, note_named
from planner.neighbourhoods.inputs import TypeInputs
from planner.neighbourhoods.methods import Fit, Floats
from planner.neighbourhoods.refits import find_nearest

#: An area is far from its type beyond this share of the type's own areas.
FAR_QUANTILE = 0.99
#: A type of fewer areas says too little of how far its areas lie: all types' areas do.
LEAST_FOR_DISTANCE = 10

COLUMNS = (
    "type_id",
    "distance",
    "second_type",
    "second_distance",
    "far",
    "membership",
    "missing",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Assigned:
    """New areas and the types they are nearest to.

    Parameters
    ----------
    table
        On the areas' codes, `COLUMNS`: ``type_id`` (Int64, <NA> where a value is missing);
        ``distance`` to its centre and ``second_distance`` to that of ``second_type``, the next
        nearest, in the units of the matrix (NaN where not known); ``far`` (boolean, <NA> where not
        known): further off than 99% of the areas of the type; ``membership`` (probability of the
        type, NaN where the method gives none); ``missing`` (ids of layers without a value, by
        spaces).
    limits
        ``type_id`` → the distance beyond which an area is far.
    notes
        Areas far from every type, and areas without a value.
    """

    table: pd.DataFrame
    limits: pd.Series
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != list(COLUMNS):
            raise DataError("Assigned areas: the columns of the table are not as agreed.")


def assign_areas(values: pd.DataFrame, inputs: TypeInputs, fit: Fit) -> Assigned:
    """Put areas into the types they are nearest to.

    Parameters
    ----------
    values
        New area × layer in the layers' units, with all layers of the types.
    inputs
        What the types' own areas were compared by.
    fit
        The types of ``inputs.codes``, numbered as they are published (less 1).

    Returns
    -------
    assigned
        The nearest centre's type; for a mixture the most probable one. Types of regions are
        taken by likeness, wherever the area lies.

    Raises
    ------
    DataError
        A code stands twice; a layer is not there; a value has no logarithm.
    """
    if not values.index.is_unique:
        twice = values.index[values.index.duplicated()][0]
        raise DataError(f"New areas: {twice} stands there twice.", hint="Keep one row an area.")
    rows = inputs.place(values)
    known = rows.notna().all(axis=1).to_numpy(dtype=bool)
    limits = _limits(inputs.matrix.to_numpy(dtype="float64"), fit)
    table = pd.DataFrame(index=values.index, columns=list(COLUMNS))
    table["missing"] = _missing(values, inputs)
    found = _place(rows.to_numpy(dtype="float64")[known], fit, limits.to_numpy())
    found.index = values.index[known]
    for column, kind in found.dtypes.items():
        table[column] = found[column].reindex(values.index).astype(kind)
    return Assigned(table=table, limits=limits, notes=tuple(_notes(table)))


def _limits(matrix: Floats, fit: Fit) -> pd.Series:
    own = find_nearest(matrix, fit.centres)[1][np.arange(len(matrix)), fit.labels]
    overall = float(np.quantile(own, FAR_QUANTILE))
    limits = [
        float(np.quantile(own[fit.labels == number], FAR_QUANTILE))
        if size >= LEAST_FOR_DISTANCE
        else overall
        for number, size in enumerate(fit.sizes)
    ]
    types = pd.RangeIndex(1, fit.k + 1, name="type_id")
    return pd.Series(limits, index=types, name="far_from")


def _place(matrix: Floats, fit: Fit, limits: Floats) -> pd.DataFrame:
    nearest, away = find_nearest(matrix, fit.centres)
    at = np.arange(len(matrix))
    membership = np.full(len(matrix), np.nan)
    if fit.mixture is not None:
        shares = fit.mixture.membership(matrix)
        nearest = shares.argmax(axis=1).astype("int64")
        membership = shares[at, nearest]
    distance = away[at, nearest]
    others = away.copy()
    others[at, nearest] = np.inf
    second = others.argmin(axis=1)
    second_type = pd.array(second + 1, dtype="Int64")
    if fit.k == 1:
        second_type[:] = pd.NA
    return pd.DataFrame(
        {
            "type_id": pd.array(nearest + 1, dtype="Int64"),
            "distance": distance,
            "second_type": second_type,
            "second_distance": others[at, second] if fit.k > 1 else np.nan,
            "far": pd.array(distance > limits[nearest], dtype="boolean"),
            "membership": membership,
        }
    )


def _missing(values: pd.DataFrame, inputs: TypeInputs) -> list[str]:
    absent = values[list(inputs.layers)].isna().to_numpy(dtype=bool)
    return [
        " ".join(layer for layer, gone in zip(inputs.layers, row, strict=True) if gone)
        for row in absent
    ]


def _notes(table: pd.DataFrame) -> list[Note]:
    notes = []
    far = table.index[table["far"].fillna(False).astype(bool)]
    if len(far):
        text = "further from their type than 99% of its areas, so the type says little of them"
        notes.append(note_named("neighbourhoods", "assigned_far", far, text))
    gone = table["missing"] != ""
    none = table.index[gone & table["type_id"].isna()]
    if len(none):
        notes.append(
            note_named("neighbourhoods", "assigned_missing", none, "a value is missing, so no type")
        )
    filled = table.index[gone & table["type_id"].notna()]
    if len(filled):
        text = "a value is missing, for which the place's median stands in"
        notes.append(note_named("neighbourhoods", "assigned_imputed", filled, text))
    return notes
