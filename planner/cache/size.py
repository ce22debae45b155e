"""How much memory does a result take, roughly?"""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

#: Of a longer list only so many items are looked at; the rest are taken to be like them.
MOST_LOOKED_AT = 500
#: A text or another small object in a column, and a shape beside its corners, in bytes.
_PIECE, _SHAPE, _CORNER = 64, 160, 16
_NOTHING = (type, types.ModuleType, types.FunctionType, types.MethodType, types.BuiltinMethodType)


def rough_bytes(result: Any) -> int:
    """Return about how many bytes a result takes; what it holds twice counts once.

    Arrays, frames and shapes are counted, lists and plain objects walked through; it is meant to
    tell a megabyte from a hundred, not to be exact.

    Examples
    --------
    >>> import numpy as np
    >>> twice = np.zeros(1_000_000)
    >>> 8_000_000 < rough_bytes({"a": twice, "b": [twice]}) < 8_001_000
    True
    """
    seen: set[int] = set()
    total = 0.0
    # Each with what it counts for: the items looked at in a long list stand for the others.
    waiting: list[tuple[Any, float]] = [(result, 1.0)]
    while waiting:
        one, weight = waiting.pop()
        if id(one) in seen or isinstance(one, _NOTHING):
            continue
        seen.add(id(one))
        total += weight * _own_bytes(one)
        waiting.extend((part, weight * share) for part, share in _parts(one))
    return int(total)


def _own_bytes(one: Any) -> float:
    if isinstance(one, np.ndarray):
        return one.nbytes + (_PIECE * one.size if one.dtype == object else 0)
    if isinstance(one, pd.DataFrame):
        columns = sum(_column_bytes(one.iloc[:, at]) for at in range(one.shape[1]))
        return columns + _own_bytes(one.index)
    if isinstance(one, pd.Series):
        return _column_bytes(one) + _own_bytes(one.index)
    if isinstance(one, pd.Index):
        return float(one.memory_usage()) + (_PIECE * len(one) if one.dtype == object else 0)
    return float(sys.getsizeof(one, _PIECE))


def _column_bytes(column: pd.Series) -> float:
    if isinstance(column, gpd.GeoSeries):
        corners = int(shapely.get_num_coordinates(column.to_numpy()).sum())
        return float(_SHAPE * len(column) + _CORNER * corners)
    own = float(column.memory_usage(index=False))
    return own + (_PIECE * len(column) if column.dtype == object else 0)


def _parts(one: Any) -> list[tuple[Any, float]]:
    """Return what an object holds, and for how many of its kind each part stands."""
    if isinstance(one, str | bytes | np.ndarray | pd.DataFrame | pd.Series | pd.Index):
        return []
    if isinstance(one, Mapping):
        return _sample([*one.keys(), *one.values()])
    if isinstance(one, list | tuple | set | frozenset):
        return _sample(list(one))
    held = list(getattr(one, "__dict__", {}).values())
    slots = [name for name in getattr(type(one), "__slots__", ()) if isinstance(name, str)]
    held += [getattr(one, name) for name in slots if hasattr(one, name)]
    return [(part, 1.0) for part in held]


def _sample(items: list[Any]) -> list[tuple[Any, float]]:
    if len(items) <= MOST_LOOKED_AT:
        return [(item, 1.0) for item in items]
    step = len(items) / MOST_LOOKED_AT
    return [(items[int(at * step)], step) for at in range(MOST_LOOKED_AT)]
