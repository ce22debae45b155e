"""How is it measured whether access falls fairly? A section of a project file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from planner.project.analysis import Seed
from planner.project.base import Section


class FairnessSettings(Section):
    """How indices of fairness are worked out.

    Areas are drawn anew ``bootstraps`` times from ``seed``; the interval of each index holds
    ``interval`` of the draws (0 draws: none is given). With ``standards_as_lines`` the standard of
    each kind is its poverty line: the share of people beyond it is given, and how far.
    """

    bootstraps: Annotated[int, Field(ge=0, le=100_000)] = 500
    interval: Annotated[float, Field(gt=0, lt=1)] = 0.95
    seed: Seed = 1
    standards_as_lines: bool = True
