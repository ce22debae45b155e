"""Which areas of the place are most like one of them?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.neighbourhoods.inputs import TypeInputs

#: Distances that agree to this many decimals are the same; anything finer is noise.
_DECIMALS = 9

ALIKE_METHOD = (
    "Nearest in the figures that types are made from, each put on one scale and weighted as for "
    "the types; not nearest on the map."
)


def find_alike_areas(inputs: TypeInputs, code: str, *, count: int = 5) -> pd.DataFrame:
    """Return the areas whose profile is nearest to that of one area.

    Parameters
    ----------
    inputs
        What areas are compared by.
    code
        One of its areas.
    count
        How many are wanted; fewer where the place has fewer.

    Returns
    -------
    alike
        Index ``area_code``, nearest first, ties by code: ``distance`` (in the matrix that types
        are made from), ``most_unlike`` (the layer with the widest difference) and
        ``most_unlike_by`` (that difference in standard deviations of the place, signed: above 0,
        the other area has more). No rows where the area is not among those compared.

    Notes
    -----
    Euclidean distance between rows of the matrix, as between an area and the centre of its type.
    """
    columns = ["distance", "most_unlike", "most_unlike_by"]
    empty = pd.DataFrame(columns=columns, index=pd.Index([], name="area_code"))
    if code not in inputs.codes or len(inputs.codes) < 2:
        return empty
    matrix = inputs.matrix.to_numpy(dtype="float64")
    at = inputs.codes.get_loc(code)
    away = np.sqrt(((matrix - matrix[at]) ** 2).sum(axis=1)).round(_DECIMALS)
    away[at] = np.inf
    # Rows are sorted by code, so a stable sort leaves ties in that order.
    order = np.argsort(away, kind="stable")[: min(count, len(away) - 1)]
    gaps = inputs.standardised.iloc[order] - inputs.standardised.iloc[at]
    widest = gaps.abs().to_numpy().argmax(axis=1)
    return pd.DataFrame(
        {
            "distance": away[order],
            "most_unlike": [str(gaps.columns[column]) for column in widest],
            "most_unlike_by": gaps.to_numpy()[np.arange(len(order)), widest],
        },
        index=inputs.codes[order].rename("area_code"),
    )
