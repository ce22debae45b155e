"""Which further access measures are wanted, with which thresholds, and when are people free?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from planner.project.base import Identifier, Positive, Section

DecayChoice = Literal["", "exponential", "power", "logistic", "gaussian"]
CatchmentChoice = Literal["", "2sfca", "e2sfca", "3sfca", "bfca", "spatial_availability"]
UnknownHours = Literal["leave_out", "open", "closed"]
Weekday = Literal["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]

_AT = re.compile(r"(Mo|Tu|We|Th|Fr|Sa|Su) ([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_LAST_MINUTE = 24 * 60


def split_at(at: str) -> tuple[Weekday, str, str]:
    """Return day, beginning and end of some hours of a week.

    Raises
    ------
    ValueError
        They are not written like ``Sa 10:00-13:00``, or do not run forwards within one day.

    Examples
    --------
    >>> split_at("Sa 10:00-13:00")
    ('Sa', '10:00', '13:00')
    """
    found = _AT.fullmatch(at)
    begin = end = 0
    if found is not None:
        begin, end = (60 * int(found[i]) + int(found[i + 1]) for i in (2, 4))
    if found is None or not begin < end <= _LAST_MINUTE:
        raise ValueError(
            f'at: {at!r} is no stretch of a day; write it like "Sa 10:00-13:00", with one of Mo, '
            "Tu, We, Th, Fr, Sa, Su and the end after the beginning, 24:00 at the latest"
        )
    day: Any = found[1]
    return day, f"{found[2]}:{found[3]}", f"{found[4]}:{found[5]}"


class MeasureSettings(Section):
    """Access measures beside the nearest and the counts, of every kind of service and of jobs.

    ``kth`` are the numbers of offers that people want to choose among; ``interval`` two whole
    minutes, every minute between being a threshold ([]: none). ``decay`` is how offers and jobs
    count less the further they are, either so that they count half at ``decay_minutes``, or as
    fitted to a table of distances to work (``decay_table``, such as TS058) that a pace
    (``decay_kmh``, in a straight line) turns into minutes. ``catchment`` shares the capacity of
    ``catchment_kinds`` ([]: all) within ``catchment_minutes`` among all who compete for it; kinds
    in ``equal_capacity`` have as much at each offer. ``jobs_bands`` are upper ends in minutes.
    ``at`` are hours at which services are looked for that are open then; ``unknown_hours`` says
    what becomes of venues whose hours nobody knows.
    """

    kth: Annotated[list[Annotated[int, Field(ge=1, le=100)]], Field(max_length=5)] = [2]
    interval: list[Annotated[int, Field(ge=1)]] = [20, 40]
    decay: DecayChoice = ""
    decay_minutes: Positive | None = None
    decay_table: str = ""
    decay_kmh: Annotated[float, Field(ge=1, le=200)] | None = None
    catchment: CatchmentChoice = ""
    catchment_kinds: list[Identifier] = []
    catchment_minutes: Positive = 30.0
    equal_capacity: list[Identifier] = []
    jobs_bands: Annotated[list[Positive], Field(max_length=12)] = [15.0, 30.0, 45.0, 60.0]
    at: Annotated[list[str], Field(max_length=6)] = ["Tu 18:00-20:00", "Sa 10:00-13:00"]
    unknown_hours: UnknownHours = "leave_out"

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> MeasureSettings:
        if self.interval and (len(self.interval) != 2 or self.interval[0] >= self.interval[1]):
            raise ValueError("interval: give two whole minutes, the lower first, or none: []")
        if any(a >= b for a, b in pairwise(self.jobs_bands)):
            raise ValueError("jobs_bands: give upper ends in minutes, each above the one before")
        for name in ("kth", "catchment_kinds", "equal_capacity", "at"):
            values = getattr(self, name)
            if len(set(values)) != len(values):
                raise ValueError(f"{name}: something stands in it twice")
        for at in self.at:
            split_at(at)
        return self

    @model_validator(mode="after")
    def _decay_is_whole(self) -> MeasureSettings:
        given = self.decay_minutes is not None
        if self.decay and given == bool(self.decay_table):
            raise ValueError(
                f"decay: say how fast {self.decay} decay falls, either by decay_minutes (where "
                "something counts half) or by decay_table (a table of distances to work)"
            )
        if not self.decay and (given or self.decay_table or self.decay_kmh is not None):
            raise ValueError(
                "decay: decay_minutes, decay_table and decay_kmh need a shape; use exponential, "
                "power, logistic or gaussian"
            )
        return self

    @property
    def longest(self) -> tuple[str, float]:
        """The longest threshold in minutes, and its key."""
        named = {
            "interval": float(max(self.interval, default=0)),
            "decay_minutes": self.decay_minutes or 0.0,
            "catchment_minutes": self.catchment_minutes if self.catchment else 0.0,
            "jobs_bands": max(self.jobs_bands, default=0.0),
        }
        return max(named.items(), key=lambda item: item[1])

    def check_within(self, cutoff: float) -> None:
        """Refuse thresholds that journeys are not searched up to."""
        key, longest = self.longest
        if longest > cutoff:
            raise ValueError(
                f"measures.{key}: {longest:g} minutes are beyond the longest journey searched "
                f"(access.cutoff = {cutoff:g}), so the answer would be too low; raise the cutoff "
                "or lower the threshold"
            )


def fit_defaults(table: Any) -> Any:
    """Return a project file's table in which thresholds it does not name keep to its cutoff.

    Only the planner's own defaults are fitted; what the file names is checked as it stands.
    """
    if not isinstance(table, Mapping):
        return table
    access, named = table.get("access", {}), table.get("measures", {})
    cutoff = access.get("cutoff") if isinstance(access, Mapping) else None
    if not isinstance(named, Mapping) or not isinstance(cutoff, int | float):
        return table
    ours = MeasureSettings()
    fitted: dict[str, Any] = {
        "interval": ours.interval if max(ours.interval) <= cutoff else [],
        "jobs_bands": [edge for edge in ours.jobs_bands if edge <= cutoff],
        "catchment_minutes": min(ours.catchment_minutes, float(cutoff)),
    }
    if cutoff <= 0:  # refused by its own section
        return table
    return {**table, "measures": {**fitted, **named}}
