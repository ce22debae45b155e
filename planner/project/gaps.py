"""How far is too far, and under which other assumptions is a gap looked at again?"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from planner.project.analysis import Seed
from planner.project.base import Positive, Section


class StandardEntry(Section):
    """The longest journey to a kind of service that is acceptable, in minutes.

    ``by`` is the way it is meant for; "" is the way that gaps go by ([access] mode).
    """

    minutes: Positive
    by: Literal["walk", "cycle", "drive", "transit", ""] = ""


def _as_entry(value: Any) -> Any:
    """Let a bare number stand for minutes by the way that gaps go by."""
    if isinstance(value, StandardEntry | dict):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError('write minutes, such as 20, or { minutes = 20, by = "walk" }')  # noqa: TRY004 (pydantic)
    return {"minutes": value}


#: ``gp = 20`` and ``gp = { minutes = 20, by = "walk" }`` are both a standard.
StandardSetting = Annotated[StandardEntry, BeforeValidator(_as_entry)]


class GapSettings(Section):
    """How often, and under which other assumptions, it is asked whether a gap is still one.

    ``threshold_range`` multiplies the standards, ``walk_kmh_range`` is the speed on foot; both
    are drawn evenly. ``greatest`` gaps are the ones at the head of the list. ``draws = 0``: not
    at all.
    """

    draws: Annotated[int, Field(ge=0, le=10_000)] = 500
    seed: Seed = 7
    threshold_range: tuple[Positive, Positive] = (0.8, 1.25)
    walk_kmh_range: tuple[Positive, Positive] = (4.0, 5.6)
    greatest: Annotated[int, Field(ge=1, le=1_000)] = 10

    @model_validator(mode="after")
    def _from_less_to_more(self) -> GapSettings:
        for name in ("threshold_range", "walk_kmh_range"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name}: write the smaller number first")
        low, high = self.threshold_range
        if not low <= 1.0 <= high:
            raise ValueError("threshold_range must hold 1, the standard as it is set")
        return self
