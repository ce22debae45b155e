"""What does one cell of a published table say: a number, a mark, nothing, a header?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: How far down a title, a licence or a note may push the header.
HEADER_ROWS = 60

#: What publishers write instead of a figure they withhold or that does not apply.
SUPPRESSED_MARKS = frozenset({"*", "**", "-", "–", "..", ".", ":", "~", "#"}) | frozenset(
    {"c", "z", "x", "u", "w", "[c]", "[z]", "[x]", "[u]", "[w]", "[low]", "suppressed"}
)
#: A number without spaces, separators and signs of money or per cent.
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
#: Up to so many cells a loop is done before Arrow has begun.
MANY_CELLS = 2_000
#: What people and programs write for a cell that nobody filled.
BLANK_MARKS = frozenset(["", "na", "n/a", "nan", "none", "null", "#n/a", "<na>"])


def to_text(series: pd.Series) -> pd.Series:
    """Return cells as trimmed text; "" where blank, whole numbers without a decimal point."""
    texts = [cell_text(cell) for cell in series.tolist()]
    return pd.Series(texts, index=series.index, name=series.name, dtype=object)


def to_number(series: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return cells as floats, and where the publisher withheld the figure.

    Parameters
    ----------
    series
        Cells as `read_table` gives them: text such as ``"29,199"``, ``" 4.5 "``, ``"12%"``,
        ``"*"``, or numbers.

    Returns
    -------
    numbers
        Floats on the same index; NaN where blank, withheld or unreadable. A percent sign is
        taken off, the number left as it stands.
    suppressed
        True where the cell holds one of the marks in `SUPPRESSED_MARKS`.
    """
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        numbers = pd.Series(series.to_numpy(dtype=float, na_value=float("nan")), index=series.index)
        return numbers.rename(series.name), pd.Series(False, index=series.index, name=series.name)
    if _all_plain(series):
        numbers = pd.to_numeric(series.astype(object)).astype(float)
        if bool(np.isfinite(numbers).all()):
            return numbers, pd.Series(False, index=series.index, name=series.name)
    text = to_text(series)
    suppressed = text.str.casefold().isin(SUPPRESSED_MARKS)
    plain = text.where(~suppressed, "").map(_plain_number)
    numbers = pd.to_numeric(plain, errors="coerce").astype(float)
    finite = numbers.where(numbers.abs() < float("inf"))
    return finite.rename(series.name), suppressed.astype(bool).rename(series.name)


def unreadable(series: pd.Series) -> pd.Series:
    """Return True where a cell is neither blank, nor a mark, nor a number."""
    numbers, suppressed = to_number(series)
    if not bool(numbers.isna().any()):
        return pd.Series(False, index=series.index, name=series.name)
    blank = to_text(series).str.casefold().isin(BLANK_MARKS)
    return numbers.isna() & ~suppressed & ~blank


def _all_plain(series: pd.Series) -> bool:
    """Return whether every cell is text that is a number as it stands: most columns are so."""
    if not isinstance(series.dtype, pd.StringDtype):
        return False
    if len(series) <= MANY_CELLS:
        return all(isinstance(cell, str) and _PLAIN.fullmatch(cell) for cell in series.tolist())
    found = series.str.fullmatch(_PLAIN.pattern)
    return bool(found.notna().all()) and bool(found.all())


def find_filled(series: pd.Series) -> NDArray[np.bool_]:
    """Mark the cells that hold something other than white space."""
    if not (pd.api.types.is_object_dtype(series.dtype) or isinstance(series.dtype, pd.StringDtype)):
        return np.asarray(series.notna(), dtype=bool)
    if len(series) > MANY_CELLS:
        return np.asarray(series.notna() & (series.astype(str).str.strip() != ""), dtype=bool)
    missing = series.isna().to_numpy(dtype=bool)
    texts = np.array([bool(str(cell).strip()) for cell in series.tolist()], dtype=bool)
    found: NDArray[np.bool_] = texts & ~missing
    return found


def vintage_in(header: str) -> str | None:
    """Return the year of the areas that a code column's header names, such as 2021, or None.

    Examples
    --------
    >>> vintage_in("LSOA code (2011)"), vintage_in("LSOA21CD"), vintage_in("area_code")
    ('2011', '2021', None)
    """
    found = re.search(r"(?:lsoa|msoa|sdz|dz|soa|oa)[ _]?(01|11|21|22)(?!\d)", header.casefold())
    if found is not None:
        return f"20{found.group(1)}"
    year = re.search(r"(?<!\d)20(01|11|21|22)(?!\d)", header)
    return year.group(0) if year is not None else None


def header_row(rows: list[list[Any]], wanted: Sequence[str]) -> int | None:
    """Return the row with most wanted headers, else the first that is as wide as the table."""
    near = rows[:HEADER_ROWS]
    names = {squeezed(name) for name in wanted} - {""}
    hits = [len(names & {squeezed(cell_text(cell)) for cell in row}) for row in near]
    if any(hits):
        return hits.index(max(hits))
    filled = [sum(1 for cell in row if cell_text(cell)) for row in rows]
    widths = Counter(count for count in filled if count > 1)
    if not widths:
        return next((at for at, count in enumerate(filled) if count), None)
    usual = widths.most_common(1)[0][0]
    return next((at for at, n in enumerate(filled[:HEADER_ROWS]) if n >= 0.8 * usual), None)


def header_names(cells: Sequence[Any]) -> list[str]:
    """Return trimmed, unique headers; "" for a column without one."""
    names: list[str] = []
    for cell in cells:
        name = re.sub(r"\s+", " ", cell_text(cell).replace("\ufeff", "")).strip()
        unique, again = name, 2
        while name and unique in names:
            unique, again = f"{name} ({again})", again + 1
        names.append(unique)
    return names


def cell_text(cell: Any) -> str:
    """Return a cell as trimmed text, a whole number without a decimal point."""
    if cell is None or (isinstance(cell, float) and cell != cell) or cell is pd.NA:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def _plain_number(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    if text.casefold() in BLANK_MARKS:
        return ""
    text = text.removesuffix("%").strip().lstrip("£")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
        text = text.replace(",", "")
    return text if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text) else "?"


@lru_cache(maxsize=10_000)
def spaced(text: str) -> str:
    """Return text without regard to case and runs of white space."""
    return re.sub(r"\s+", " ", text.replace("\ufeff", "")).strip().casefold()


@lru_cache(maxsize=10_000)
def squeezed(text: str) -> str:
    """Return text without regard to case, white space and punctuation."""
    return re.sub(r"[\W_]+", "", text.casefold())


def shortened(text: str) -> str:
    """Return text cut to what fits in a message."""
    return text if len(text) <= 60 else text[:57] + "..."
