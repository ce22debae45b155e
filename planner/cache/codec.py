"""How is a result laid out in a file? Trees of plain values, and arrays beside them.

Nothing that is read back can run code: arrays are read without pickling, and of classes only the
planner's own dataclasses are made, through their own checks.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import importlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Arrays = list[NDArray[Any]]


def encode(value: Any, arrays: Arrays) -> Any:
    """Return a value as a tree that JSON can hold; its arrays are added to ``arrays``.

    Raises
    ------
    TypeError
        The value holds something else than plain values, arrays, frames and our dataclasses.
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dt.date):
        return {"is": "date", "day": value.isoformat()}
    if isinstance(value, (tuple, list)):
        name = "tuple" if isinstance(value, tuple) else "list"
        return {"is": name, "of": [encode(part, arrays) for part in value]}
    if isinstance(value, dict):
        pairs = [[encode(k, arrays), encode(v, arrays)] for k, v in value.items()]
        return {"is": "dict", "of": pairs}
    if isinstance(value, np.ndarray):
        return _array(value, arrays)
    if isinstance(value, pd.Index):
        values = encode(np.asarray(value), arrays)
        return {"is": "index", "of": values, "dtype": str(value.dtype), "name": value.name}
    if type(value) is pd.Series:
        return {
            "is": "series",
            "of": encode(value.to_numpy(), arrays),
            "index": encode(value.index, arrays),
            "dtype": str(value.dtype),
            "name": encode(value.name, arrays),
        }
    if type(value) is pd.DataFrame:
        return {
            "is": "frame",
            "of": [[name, encode(value[name].to_numpy(), arrays)] for name in value.columns],
            "dtypes": [str(dtype) for dtype in value.dtypes],
            "index": None
            if isinstance(value.index, pd.RangeIndex) and value.index.name is None
            else encode(value.index, arrays),
            "rows": len(value),
        }
    if dataclasses.is_dataclass(value) and type(value).__module__.startswith("planner."):
        return {
            "is": "object",
            "module": type(value).__module__,
            "class": type(value).__qualname__,
            "of": {
                field.name: encode(getattr(value, field.name), arrays)
                for field in dataclasses.fields(value)
                if field.init
            },
        }
    raise TypeError(f"a {type(value).__name__} cannot be kept in a file")


def decode(tree: Any, arrays: Arrays) -> Any:
    """Return the value that `encode` laid out.

    Raises
    ------
    Exception
        Whatever the tree's makers raise: the file is not what this version of the planner wrote.
    """
    if not isinstance(tree, dict):
        return tree
    kind = tree["is"]
    if kind == "date":
        return dt.date.fromisoformat(tree["day"])
    if kind in ("tuple", "list"):
        parts = [decode(part, arrays) for part in tree["of"]]
        return tuple(parts) if kind == "tuple" else parts
    if kind == "dict":
        return {decode(k, arrays): decode(v, arrays) for k, v in tree["of"]}
    if kind == "array":
        return arrays[tree["at"]]
    if kind == "words":
        return np.array(tree["of"], dtype=object)
    if kind == "index":
        return pd.Index(decode(tree["of"], arrays), dtype=tree["dtype"], name=tree["name"])
    if kind == "series":
        return pd.Series(
            decode(tree["of"], arrays),
            index=decode(tree["index"], arrays),
            dtype=tree["dtype"],
            name=decode(tree["name"], arrays),
        )
    if kind == "frame":
        index = pd.RangeIndex(tree["rows"])
        if tree["index"] is not None:
            index = decode(tree["index"], arrays)
        columns = {
            name: pd.Series(decode(values, arrays), index=index, dtype=dtype)
            for (name, values), dtype in zip(tree["of"], tree["dtypes"], strict=True)
        }
        return pd.DataFrame(columns, index=index)
    return _object(tree, arrays)


def _array(value: NDArray[Any], arrays: Arrays) -> Any:
    if value.dtype == object:
        words = value.tolist()
        if value.ndim != 1 or not all(word is None or isinstance(word, str) for word in words):
            raise TypeError("an array of objects cannot be kept in a file")
        return {"is": "words", "of": words}
    arrays.append(value)
    return {"is": "array", "at": len(arrays) - 1}


def _object(tree: Any, arrays: Arrays) -> Any:
    module = tree["module"]
    if tree["is"] != "object" or not module.startswith("planner."):
        raise TypeError(f"{module} is not of this package")
    made = getattr(importlib.import_module(module), tree["class"])
    if not (isinstance(made, type) and dataclasses.is_dataclass(made)):
        raise TypeError(f"{tree['class']} is no dataclass")
    return made(**{name: decode(part, arrays) for name, part in tree["of"].items()})
