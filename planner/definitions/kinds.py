"""What has to be said of a figure for it to be defined?"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Literal

from planner.errors import DataError

Topic = Literal["Need", "Types of neighbourhood", "Access", "Gaps", "Hubs", "Before and after"]


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One measure: what it means, its unit, how it is worked out, after whom, and its limits.

    ``source`` names author and year, or says that the measure is the planner's own.
    """

    id: str
    topic: Topic
    title: str
    meaning: str
    unit: str
    how: str
    source: str
    limits: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.id):
            raise DataError(f"Definition {self.id}: an id has small letters and underscores.")
        for field in fields(self):
            if not getattr(self, field.name).strip():
                raise DataError(f"Definition {self.id}: {field.name} is empty.")
        for name in ("meaning", "how", "limits"):
            if not getattr(self, name).endswith("."):
                raise DataError(f"Definition {self.id}: {name} is no sentence.")
