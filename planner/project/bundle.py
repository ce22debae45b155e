"""What is the bundle, and how are trips to all of it timed? A section of a project file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from planner.project.base import Identifier, NotNegative, Positive, Section

#: Trips are searched exactly, over every set of kinds.
MOST_KINDS = 10


class Bundle(Section):
    """The services that one person is typically sent to, and what a trip to all of them takes.

    ``dwell_minutes`` are spent on each service, ``stop_minutes`` besides at each place entered.
    Venues within ``walk_minutes`` of each other count as one place; hand-offs are counted among
    places whose round trip keeps within ``budget_minutes``. By public transport the trips of the
    ``timed`` greatest gaps (0: of none) are timed by the clock from end to end, leaving home every
    ``timed_every`` minutes of the timetable's window.
    """

    kinds: list[Identifier] = ["jobcentre", "gp", "library", "food_bank", "childrens_centre"]
    dwell_minutes: NotNegative = 20.0
    stop_minutes: NotNegative = 0.0
    walk_minutes: NotNegative = 5.0
    budget_minutes: Positive = 60.0
    timed: Annotated[int, Field(ge=0, le=1000)] = 10
    timed_every: Annotated[int, Field(ge=1, le=240)] = 30

    @model_validator(mode="after")
    def _not_repeated(self) -> Bundle:
        if not self.kinds or len(set(self.kinds)) != len(self.kinds):
            raise ValueError("name at least one kind, each once")
        if len(self.kinds) > MOST_KINDS:
            raise ValueError(f"a bundle has {MOST_KINDS} kinds at most")
        return self
