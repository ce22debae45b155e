"""What was found wrong in a file's tables, in which rows, and what is done about it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from planner.sources.text import clean_text

#: What becomes of a row with a problem: the file is refused, the row or trip is left out, it is
#: put right, or it is used as it stands.
Outcome = Literal["file refused", "left out", "put right", "used as it is"]
OUTCOMES: tuple[Outcome, ...] = ("file refused", "left out", "put right", "used as it is")
#: How many rows are named.
FIRST = 3

PROBLEM_COLUMNS = ("file", "table", "problem", "outcome", "count", "first")


@dataclass
class Problems:
    """Collects what is wrong in one file: how many times, and where first."""

    file: str
    _rows: list[tuple[str, str, Outcome, int, str]] = field(default_factory=list)

    def add(
        self,
        table: str,
        problem: str,
        outcome: Outcome,
        found: Iterable[tuple[int | None, object]],
        *,
        count: int | None = None,
    ) -> None:
        """Add what was found: for each case its row (None: the table as a whole) and the text.

        ``count`` is how many there are if ``found`` holds only the first.
        """
        cases = list(found)
        if not cases:
            return
        shown = []
        for row, text in cases[:FIRST]:
            words = clean_text(text, limit=60)
            shown.append(
                ": ".join(([f"row {row}"] if row is not None else []) + [words] * bool(words))
            )
        total = len(cases) if count is None else count
        self._rows.append((table, problem, outcome, total, "; ".join(shown)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a problem, the gravest first."""
        rows = [(self.file, *row) for row in self._rows]
        frame = pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS))
        rank = frame["outcome"].map({name: at for at, name in enumerate(OUTCOMES)})
        order = rank.sort_values(kind="stable").index
        return frame.loc[order].reset_index(drop=True)
