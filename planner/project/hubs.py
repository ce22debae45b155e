"""Where may hubs go, how many, and what is a good choice? A section of a project file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field, model_validator

from planner.project.base import Identifier, Mode, NotNegative, Positive, Section

HubModel = Literal[
    "p_median",
    "max_cover",
    "set_cover",
    "p_centre",
    "worst_off",
    "fair_cover",
    "capacitated_p_median",
    "capacitated_cover",
]
HubPercentile = Literal["median", "reliable"]

#: Models that go by ``within_minutes``, that take a ``share``, and whose sites fill up.
COVERS: frozenset[HubModel] = frozenset(
    {"max_cover", "set_cover", "fair_cover", "capacitated_cover"}
)
SHARED: frozenset[HubModel] = frozenset({"set_cover", "fair_cover", "worst_off"})
FILLING: frozenset[HubModel] = frozenset({"capacitated_p_median", "capacitated_cover"})
#: Demand by people and their need, the opposite of a count layer.
BY_NEED = "population"


class HubSettings(Section):
    """Where a hub may go, how many, and by which measure the choice is the best.

    ``count`` hubs are opened beside the ``existing`` ones; ``forced`` ones are among them, and
    ``closed`` ones never are (all by venue_id). A ``budget`` takes the place of the count and
    needs ``costs``: a table of venue_id, cost and capacity (data/templates/hub_costs.csv).
    ``set_cover`` looks for the fewest and does not go by the count.

    ``model`` is the measure: least need-weighted minutes (``p_median``), most need-weighted people
    within ``within_minutes`` (``max_cover``), the fewest hubs with ``share`` of all people within
    them (``set_cover``), the shortest longest journey (``p_centre``), least mean minutes of the
    worst-off ``share`` (``worst_off``; a tenth unless given), as ``max_cover`` with ``share`` of
    the people of every type of neighbourhood (``fair_cover``), or the first two with hubs that
    fill up (``capacitated_p_median``, ``capacitated_cover``). ``within_minutes`` is used by covers
    only.

    Journeys are by ``mode`` ("": the way that gaps go by), ``median`` or ``reliable``.
    ``demand`` is ``population`` (people × need percentile, access left out) or the id of a layer of
    counts. ``alternatives`` is how many other choices are looked for that are at most
    ``alternatives_within`` (a share) worse than the best; ``draws`` how often needs, times and
    thresholds are varied to see how often each venue is chosen. 0 leaves these out.

    ``bundle_siting`` also asks which services of the bundle should come together in which venues,
    so that most people have all of them in one stop within ``within_minutes`` (``one_stop``) or
    that round trips are shortest (``bundle_trip``); "" does not ask. Services of the kinds in
    ``may_move`` may leave their venue; ``spare`` is how many further venues a kind may come to
    (none given: as many as hubs are asked for, each).
    """

    count: Annotated[int, Field(ge=1, le=50)] = 2
    candidate_kinds: list[Identifier] = ["library", "community_centre"]
    candidates: str = ""
    existing: list[str] = []
    forced: list[str] = []
    closed: list[str] = []
    inside_only: bool = True
    model: HubModel = "p_median"
    mode: Mode | Literal[""] = ""
    percentile: HubPercentile = "median"
    within_minutes: Positive = 20.0
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    budget: NotNegative | None = None
    costs: str = ""
    demand: Identifier = BY_NEED
    penalty_minutes: Positive = 180.0
    time_limit_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    alternatives: Annotated[int, Field(ge=0, le=20)] = 4
    alternatives_within: Annotated[float, Field(ge=0, le=1)] = 0.05
    draws: Annotated[int, Field(ge=0, le=1000)] = 100
    bundle_siting: Literal["", "one_stop", "bundle_trip"] = ""
    may_move: list[Identifier] = []
    spare: dict[Identifier, Annotated[int, Field(ge=0, le=1000)]] = {}

    @model_validator(mode="after")
    def _each_venue_is_one_thing(self) -> HubSettings:
        named = {"existing": self.existing, "forced": self.forced, "closed": self.closed}
        for name, venues in named.items():
            twice = sorted({venue for venue in venues if venues.count(venue) > 1})
            if twice:
                raise ValueError(f"{name}: the venue {twice[0]} stands in it twice")
        for one, other in (("forced", "closed"), ("existing", "closed"), ("existing", "forced")):
            both = sorted(set(named[one]) & set(named[other]))
            if both:
                raise ValueError(
                    f"the venue {both[0]} is {one} and {other} at once; take it out of one of "
                    "the two lists"
                )
        return self

    @model_validator(mode="after")
    def _model_has_what_it_needs(self) -> HubSettings:
        if self.budget is not None and not self.costs:
            raise ValueError(
                "a budget needs costs: name a file with what each venue costs to open "
                "(data/templates/hub_costs.csv)"
            )
        if self.fills and not self.costs:
            raise ValueError(
                f"model {self.model} needs costs: name a file with how many people each venue "
                "has room for (its column capacity; data/templates/hub_costs.csv)"
            )
        if self.model == "fair_cover" and self.share is None:
            raise ValueError(
                "model fair_cover needs share: what part of the people of every type of "
                "neighbourhood must be covered, such as 0.7"
            )
        if self.share is not None and self.model not in SHARED:
            raise ValueError(
                f"model {self.model} takes no share of people; leave share out, or use "
                "set_cover, fair_cover or worst_off"
            )
        return self

    @property
    def covers(self) -> bool:
        """Whether the model goes by ``within_minutes``."""
        return self.model in COVERS

    @property
    def fills(self) -> bool:
        """Whether hubs have room for so many people only."""
        return self.model in FILLING

    def check_journeys(
        self, modes: Collection[Mode], main: Mode, given: Collection[Mode], cutoff: float
    ) -> None:
        """Refuse journeys that are not timed.

        ``modes`` are those that are, ``main`` the one that gaps go by, ``given`` those whose times
        come from another program, and ``cutoff`` is the longest journey searched.
        """
        if self.mode and self.mode not in modes:
            raise ValueError(
                f"hubs.mode: {self.mode} journeys are not timed; add {self.mode} to access.modes"
            )
        mode = self.mode or main
        if self.percentile == "reliable" and mode != "transit" and mode not in given:
            raise ValueError(
                f"hubs.percentile: {mode} journeys take the same time at any minute, so there are "
                "no reliable minutes beside the median; use median"
            )
        if self.penalty_minutes < cutoff:
            raise ValueError(
                f"hubs.penalty_minutes ({self.penalty_minutes:g}) is below access.cutoff "
                f"({cutoff:g}): out of reach would count as less than a long way"
            )
        if self.covers and self.within_minutes > cutoff:
            raise ValueError(
                f"hubs.within_minutes: {self.within_minutes:g} minutes are beyond the longest "
                f"journey searched (access.cutoff = {cutoff:g}); raise the cutoff"
            )
