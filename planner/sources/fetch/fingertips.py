"""What does a Fingertips indicator say, and for which sexes and periods?

The CSV of the programming interface has 27 columns. The 23rd is called after the parent areas that
were asked for (``Compared to Region value or percentiles``), so it is known by its place only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from planner.errors import DataError
from planner.sources.http import Fetcher
from planner.sources.registry import RegistryEntry
from planner.sources.tables import read_table, to_text
from planner.sources.text import clean_text

COLUMNS = (
    *("Indicator ID", "Indicator Name", "Parent Code", "Parent Name", "Area Code", "Area Name"),
    *("Area Type", "Sex", "Age", "Category Type", "Category", "Time period", "Value"),
    *("Lower CI 95.0 limit", "Upper CI 95.0 limit", "Lower CI 99.8 limit", "Upper CI 99.8 limit"),
    *("Count", "Denominator", "Value note", "Recent Trend"),
    *("Compared to England value or percentiles", ""),
    *("Time period Sortable", "New data", "Compared to goal", "Time period range"),
)
MOVING = 22  # 0-based place of the column whose name follows the parent areas
_MOVING_NAME = re.compile(r"compared to .+ value or percentiles|compared to percentiles", re.I)


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """The latest period of an indicator, and the sexes it is given for."""

    name: str
    period: str
    sexes: tuple[str, ...]


def fetch_indicator(fetcher: Fetcher, entry: RegistryEntry) -> Path:
    """Return the file of an indicator, its columns checked.

    Raises
    ------
    SourceError
        It cannot be reached, or its columns are no longer the 27 known ones.
    """
    answer = fetcher.fetch(entry, query=dict(entry.query), expects="csv", check=check_header)
    return answer.path


def check_header(path: Path) -> str:
    """Say which of the 27 columns is not there, "" if all are."""
    with path.open("rb") as handle:
        line = handle.readline(20_000).decode("utf-8-sig", "replace").strip()
    names = [name.strip().strip('"') for name in line.split(",")]
    for at, wanted in enumerate(COLUMNS):
        # "Gender" has stood for "Sex" in some releases.
        found = names[at] if at < len(names) else ""
        good = _MOVING_NAME.fullmatch(found) if at == MOVING else found == wanted
        if not good and not (wanted == "Sex" and found == "Gender"):
            shown = wanted or "Compared to ... value or percentiles"
            return f"column {at + 1} is {clean_text(found, limit=60)!r}, not {shown!r}"
    if len(names) > len(COLUMNS):
        return f"it has {len(names)} columns, not {len(COLUMNS)}"
    return ""


def read_indicator(path: Path, *, pattern: str) -> Indicator:
    """Return the latest period for areas whose codes fit a pattern, and its sexes.

    Raises
    ------
    DataError
        No row is about such an area, or several stand for one area, sex and period.
    """
    table = read_table(path, what=path.name, wanted=["Area Code"])
    table = table[to_text(table["Area Code"]).str.fullmatch(pattern)]
    if not len(table):
        raise DataError(f"{path.name}: no row is about the small areas that are wanted.")
    order = pd.to_numeric(table["Time period Sortable"], errors="coerce")
    latest = table[order == order.max()]
    sex = "Sex" if "Sex" in latest else "Gender"
    repeated = latest.duplicated([sex, "Area Code"])
    if repeated.any():
        first = latest.loc[repeated, "Area Code"].iloc[0]
        raise DataError(f"{path.name}: {first} has more than one row for one sex and period.")
    return Indicator(
        name=str(latest["Indicator Name"].iloc[0]),
        period=str(latest["Time period"].iloc[0]),
        sexes=tuple(sorted(set(to_text(latest[sex])))),
    )
