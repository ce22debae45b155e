"""How is a cell written so that it is exact, the same each time, and never run as a formula?"""

from __future__ import annotations

import csv
import io
import math
import re
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

#: Column name → decimals in every file; the first pattern that fits wins. Floats that fit none
#: have `OTHER_DECIMALS`.
DECIMALS: tuple[tuple[str, int], ...] = (
    (r"(.*_)?rank(_.*)?|.*decile|type_id|row|hub|candidates", 0),
    (r"(tandem_known|worst_(tenth|fifth)_count)", 0),
    (r".*probability|p_value|.*_p(_value)?", 4),
    (r"moved_.*", 1),
    (r"hand_offs|hand_offs_in_budget|bundle_trip_stops|kinds_out|signature_kinds_out", 0),
    (r"shared_(areas|population)|jobs_median.*", 0),
    (r".*share.*|.*percentile.*", 4),
    (
        r"population|people|people_.*|.*_people|areas|areas_nearest|jobs_within.*|within\d+_.*|rooms",
        0,
    ),
    (r"(areas|people)_(not_)?(met|known)|areas_not_known|people_in_.*|gaps_inside", 0),
    (r"x|y|easting|northing", 1),
    (r"lon|lat", 6),
    (r"minutes.*|.*_minutes|standard_minutes_taken|threshold", 1),
    (r".*score.*|demand|capacity", 3),
)
OTHER_DECIMALS = 4

#: Decimals of a measure in the long access table, by how its name starts.
MEASURE_DECIMALS = {"minutes": 1, "bundle_minutes": 1, "share": 4, "count": 0}

#: What a spreadsheet may take for the start of a formula, full-width forms too.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@cache
def decimals_of(column: str) -> int:
    """Return to how many decimals a column of floats is written."""
    for pattern, decimals in DECIMALS:
        if re.fullmatch(pattern, column):
            return decimals
    return OTHER_DECIMALS


def round_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with each float column at its decimals, and no negative zero."""
    rounded = table.copy()
    for column in table.columns:
        if pd.api.types.is_float_dtype(table[column].dtype):
            rounded[column] = table[column].round(decimals_of(str(column))) + 0.0
    return rounded


def to_csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV: decimals fixed, LF line ends, texts that would be formulas disarmed.

    A text that a spreadsheet would run gets an apostrophe in front; numbers are left as they are.
    Unknown values are empty cells.
    """
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n")
    write.writerow([to_cell(str(column), 0) for column in table.columns])
    columns = (_to_cells(cells, decimals_of(str(name))) for name, cells in table.items())
    write.writerows(zip(*columns, strict=True))
    return text.getvalue()


def _to_cells(column: pd.Series, decimals: int) -> list[str]:
    """Return a column as `to_cell` writes each of its values; plain numbers in one go."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iuf":
        numbers = column.tolist()
        if column.dtype.kind != "f":
            return [str(number) for number in numbers]
        return ["" if number != number else _fixed(number, decimals) for number in numbers]
    values = column.to_numpy(dtype=object)
    known = {value: _disarmed(value) for value in {one for one in values if isinstance(one, str)}}
    return [
        known[value] if isinstance(value, str) else to_cell(value, decimals) for value in values
    ]


def to_cell(value: Any, decimals: int) -> str:
    """Return one value as the text of a CSV cell.

    Examples
    --------
    >>> to_cell(-0.04, 1), to_cell("=1+1", 0), to_cell(float("nan"), 1), to_cell(-3, 0)
    ('0.0', "'=1+1", '', '-3')
    """
    if value is None or value is pd.NA:
        return ""
    if isinstance(value, str):
        return _disarmed(value)
    if pd.api.types.is_bool(value):
        return "true" if value else "false"
    if pd.api.types.is_integer(value):
        return str(int(value))
    if pd.api.types.is_float(value):
        if math.isnan(value):
            return ""
        return _fixed(value, decimals)
    return _disarmed(str(value))


def _fixed(number: float, decimals: int) -> str:
    """Return a number at its decimals, without a negative zero."""
    text = f"{number:.{decimals}f}"
    return text.removeprefix("-") if text.startswith("-0") and float(text) == 0 else text


def _disarmed(text: str) -> str:
    clean = text.replace("\x00", " ")
    risky = clean.startswith(FORMULA_STARTS) or clean.lstrip().startswith(FORMULA_STARTS)
    return f"'{clean}" if risky else clean
