"""Who goes out when to which venue, and towards what? Two sections of a project file."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.project.base import Positive, Section, Share

#: Where the sessions of a rota may be held, unless venues are named one by one.
RotaVenues = Literal["hubs", "candidates"]
#: By what teams get from venue to venue; "" is the best of what the project has.
TeamTravel = Literal["", "drive", "transit", "walk", "straight_line"]


class OutreachSettings(Section):
    """Which teams bring which services where, how long they stay, and how often.

    Without a file of ``teams`` (see data/templates/teams.csv) there is no rota. ``venues`` are the
    chosen hubs, every venue that could be one, or ids. ``within_minutes`` is the longest journey of
    people to a session, by the way that hubs go by. Venues whose hours are not known are taken to
    be open at ``stated_hours``, left out, or stop the run. ``travel`` is how teams get about, ""
    the best of what the project has; ``travel_kmh`` is their speed in straight lines. ``credit``
    says how days of presence count beside a permanent service. The calendar begins on
    ``first_monday`` and has ``repeats`` cycles.
    """

    teams: str = ""
    venues: RotaVenues | list[str] = "hubs"
    session_minutes: Annotated[int, Field(ge=15, le=720)] = 180
    setup_minutes: Annotated[int, Field(ge=0, le=240)] = 30
    weeks: Annotated[int, Field(ge=1, le=4)] = 1
    sessions_a_day: Annotated[int, Field(ge=1, le=4)] = 2
    start_every_minutes: Annotated[int, Field(ge=5, le=240)] = 30
    within_minutes: Positive = 30.0
    unknown_hours: Literal["refuse", "leave_out", "stated"] = "stated"
    stated_hours: str = "Mo-Fr 09:00-17:00"
    travel: TeamTravel = ""
    travel_kmh: Annotated[float, Field(ge=3, le=110)] = 30.0
    credit: Literal["chance", "share_of_days"] = "chance"
    chance_missed: Annotated[float, Field(gt=0, lt=1)] = 0.5
    full_days_per_week: Annotated[float, Field(gt=0, le=7)] = 5.0
    floor_share: Share = 0.0
    worst_type_weight: Share = 0.0
    time_limit_seconds: Annotated[float, Field(gt=0, le=3600)] = 20.0
    first_monday: dt.date | None = None
    repeats: Annotated[int, Field(ge=1, le=520)] = 26

    @model_validator(mode="after")
    def _week_begins_on_monday(self) -> OutreachSettings:
        if self.first_monday is not None and self.first_monday.weekday() != 0:
            raise ValueError(
                f"first_monday: {self.first_monday} is a {self.first_monday:%A}; give the Monday "
                "of the first week"
            )
        return self

    @model_validator(mode="after")
    def _hours_are_stated(self) -> OutreachSettings:
        if self.unknown_hours == "stated" and not self.stated_hours.strip():
            raise ValueError(
                'unknown_hours = "stated" needs stated_hours, such as "Mo-Fr 09:00-17:00"'
            )
        return self

    @model_validator(mode="after")
    def _venues_are_named(self) -> OutreachSettings:
        if isinstance(self.venues, list) and (
            not self.venues or len(set(self.venues)) < len(self.venues)
        ):
            raise ValueError('venues: write "hubs", "candidates" or venue ids, each once')
        return self

    def check_within(self, cutoff: float) -> None:
        """Refuse a longest journey beyond the longest one searched, where there is a rota."""
        if self.teams and self.within_minutes > cutoff:
            raise ValueError(
                f"rota.within_minutes: {self.within_minutes:g} minutes are beyond the longest "
                f"journey searched (access.cutoff = {cutoff:g}); raise the cutoff"
            )


class OutcomeSettings(Section):
    """Which services help towards which shared outcome; without a file, the planner's own table."""

    file: str = ""
