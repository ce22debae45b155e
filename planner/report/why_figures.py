"""What does a statement on an area rest on, and where can each figure be looked up?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from planner.errors import DataError
from planner.standards import kind_words

if TYPE_CHECKING:
    from planner.plan import Plan

How = Literal["cell", "rows", "middle", "setting"]


@dataclass(frozen=True, kw_only=True)
class Look:
    """Where a figure stands in what a run writes.

    ``row`` names the cells that pick the row. ``how`` says whether it is that cell, the number of
    such rows, the middle of the column over them (the lower median, not reached the furthest), or
    a setting of the project file.
    """

    file: str
    column: str
    row: tuple[tuple[str, str], ...] = ()
    how: How = "cell"

    @property
    def words(self) -> str:
        """File, column and row in words."""
        of = ", ".join(f"{name} {value}" for name, value in self.row)
        lead = {"rows": "number of rows", "middle": f"middle of {self.column}"}
        return f"{self.file}: {lead.get(self.how, self.column)}{f' ({of})' if of else ''}"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a sentence: what it is, its value, how it is said, and where it stands."""

    name: str
    value: float | str
    unit: str
    where: Look
    said: str = ""

    @staticmethod
    def of(value: Any, file: str, column: str, row: Mapping[str, str]) -> Figure:
        """Return the cell of one column, its unit read from the column's name."""
        plain = value if isinstance(value, str) else float(value)
        where = Look(file=file, column=column, row=tuple(row.items()))
        return Figure(name=column, value=plain, unit=_unit(column), where=where)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One or two sentences on one question, and the figures in them."""

    about: str
    text: str
    figures: tuple[Figure, ...]

    def __post_init__(self) -> None:
        for figure in self.figures:
            if figure.said not in self.text:
                raise DataError(f"A figure is not in its sentence: {figure.name} {figure.said}.")


@dataclass(frozen=True, kw_only=True)
class Why:
    """What is said of one area and kind of service."""

    area_code: str
    kind: str
    title: str
    statements: tuple[Statement, ...]


class Line:
    """A statement while it is written: keeps the figures that are put into its text."""

    def __init__(self, about: str) -> None:
        self.about = about
        self._figures: list[Figure] = []

    def cell(self, figure: Figure, said: str) -> str:
        """Keep a figure and return how it is said."""
        self._figures.append(
            Figure(
                name=figure.name,
                value=figure.value,
                unit=figure.unit,
                where=figure.where,
                said=said,
            )
        )
        return said

    def rows(self, file: str, row: Mapping[str, str], count: int) -> str:
        """Keep a number of rows and return it in words."""
        where = Look(file=file, column="area_code", row=tuple(row.items()), how="rows")
        figure = Figure(name="areas", value=float(count), unit="areas", where=where)
        return self.cell(figure, f"{count:,}")

    def end(self, text: str) -> Statement:
        """Return the statement."""
        return Statement(about=self.about, text=text, figures=tuple(self._figures))


@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """What the tables say of one area, looked up once.

    ``by_kind`` has the area's row of gaps.csv for each kind; ``kinds`` are those that are spoken
    of: the bundle's, or the one.
    """

    plan: Plan
    code: str
    kind: str
    by_kind: pd.DataFrame
    kinds: tuple[str, ...] = field(default=())

    @property
    def row(self) -> pd.Series:
        """The area's row for the kind that is asked for."""
        return self.by_kind.loc[self.kind]

    @cached_property
    def broken(self) -> list[str]:
        """The kinds spoken of whose standard is broken here."""
        rows = self.by_kind.reindex([kind for kind in self.kinds if kind in self.by_kind.index])
        return [str(kind) for kind in rows.index[rows["gap_status"] == "gap"]]

    @property
    def areas(self) -> int:
        """How many areas are ranked."""
        return len(self.plan.area.codes)

    def gap(self, column: str, kind: str = "") -> Figure:
        """Return a cell of gaps.csv."""
        of = kind or self.kind
        key = {"area_code": self.code, "kind": of}
        return Figure.of(self.by_kind.loc[of, column], "gaps.csv", column, key)

    def area(self, column: str, value: Any) -> Figure:
        """Return a cell of areas.csv."""
        return Figure.of(value, "areas.csv", column, {"area_code": self.code})

    def bundle(self, column: str) -> Figure:
        """Return a cell of bundle.csv."""
        value = self.bundle_row[column]
        return Figure.of(value, "bundle.csv", column, {"area_code": self.code})

    @cached_property
    def bundle_row(self) -> pd.Series:
        """The area's row of what the bundle takes; empty where that was not worked out."""
        if self.plan.bundles is None:
            return pd.Series(dtype=object)
        found: pd.Series = self.plan.bundles.areas.loc[self.code]
        return found

    @cached_property
    def middle(self) -> float:
        """Minutes of the middle area for the kind asked for; infinite if it is not reached."""
        table = self.plan.gaps.table
        rows = table[(table["kind"] == self.kind) & (table["gap_status"] != "no_data")]
        minutes = np.sort(rows["minutes"].fillna(np.inf).to_numpy(dtype="float64"))
        return float(minutes[(len(minutes) - 1) // 2]) if len(minutes) else float("nan")


def read_facts(plan: Plan, code: str, kind: str) -> Facts:
    """Look up what the tables say of one area.

    Raises
    ------
    KeyError
        There is no such area or kind among the gaps.
    """
    table = plan.gaps.table
    rows = table[table["area_code"] == code].set_index("kind")
    if kind not in rows.index:
        raise KeyError(f"There is no row for {code} and {kind} among the gaps.")
    kinds = tuple(plan.project.spec.bundle.kinds) if kind == "bundle" else (kind,)
    return Facts(plan=plan, code=code, kind=kind, by_kind=rows, kinds=kinds)


def one_of(kind: str) -> str:
    """Return a kind of service with its article where it takes one."""
    words = kind_words(kind)
    if kind == "adult_learning":
        return words
    return f"{'an' if words[:1].lower() in 'aeiou' else 'a'} {words}"


def _unit(column: str) -> str:
    if "minutes" in column:
        return "minutes"
    if "share" in column or "percentile" in column or "probability" in column:
        return "share (0-1)"
    if column.startswith(("population", "people")):
        return "people"
    return "areas" if column in {"areas", "gaps_inside"} else ""
