"""What went wrong, in one or two plain lines: the errors the planner raises on purpose.

::

    PlannerError
    ├── ProjectError     (ValueError)  the project file asks for something it cannot have
    ├── DataError        (ValueError)  a file was read but cannot be used
    ├── SourceError      (OSError)     a source could not be reached or opened
    ├── TravelError      (ValueError)  a network or timetable cannot answer
    └── InfeasibleError  (ValueError)  no choice meets what was asked
"""

from __future__ import annotations


class PlannerError(Exception):
    """Base of every error raised on purpose: says what, where, and what to do.

    Parameters
    ----------
    message
        What is wrong and where (file, sheet, row, column, code).
    hint
        What to do about it; shown on a line of its own.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class ProjectError(PlannerError, ValueError):
    """The project file asks for something it cannot have."""


class DataError(PlannerError, ValueError):
    """A file was read but cannot be used."""


class SourceError(PlannerError, OSError):
    """A source could not be reached or opened."""

    exit_code = 3

    # OSError formats its own arguments; keep ours.
    __str__ = PlannerError.__str__


class TravelError(PlannerError, ValueError):
    """A street network or timetable cannot answer the question."""


class InfeasibleError(PlannerError, ValueError):
    """No choice meets what was asked."""
