"""What may a project file say? Each table of it as a checked section."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from planner.area import Geography
from planner.project.analysis import (
    NeedSettings,
    NeighbourhoodSettings,
    RobustnessSettings,
    SpatialSettings,
    TandemSettings,
)
from planner.project.base import Identifier, Mode, NotNegative, Positive, Section
from planner.project.bundle import Bundle
from planner.project.equity import FairnessSettings
from planner.project.gaps import GapSettings, StandardSetting
from planner.project.hubs import HubSettings
from planner.project.measures import MeasureSettings, fit_defaults
from planner.project.outreach import OutcomeSettings, OutreachSettings

LayerReader = Literal[
    "table",
    "iod2025",
    "iod2025_file1",
    "iod2019",
    "simd2020",
    "wimd2025",
    "wimd2019",
    "nimdm2017",
    "claimant_count",
    "scotland_census",
    "ts037",
    "ts038",
    "ts045",
    "ts062",
    "ts066",
    "ts067",
    "life_expectancy_msoa",
]
ServiceReader = Literal[
    "table",
    "gp_geocoded",
    "epraccur",
    "gias",
    "libraries_wales",
    "libraries_england",
    "mobile_library_stops",
    "open_referral",
    "osm",
]
MODES: tuple[Mode, ...] = ("walk", "cycle", "drive", "transit")
HighIsChoice = Literal["worse", "better", "neither"]

#: From the first minute up to the last, which is not in it: ``10:00-16:00``.
Window = Annotated[str, Field(pattern=r"^[0-3]?\d:[0-5]\d-[0-3]?\d:[0-5]\d$")]


def to_minutes(window: str) -> tuple[int, int]:
    """Return a window's first and last minute after midnight: ``10:00-16:00`` is 600 and 960."""
    first, last = (
        60 * int(hours) + int(minutes)
        for hours, _, minutes in (part.partition(":") for part in window.split("-"))
    )
    return first, last


class Points(Section):
    """Where people set out from: population-weighted points, one or several an area."""

    file: str
    code_column: str = ""
    id_column: str = ""
    weight_column: str = ""
    crs: str = ""


class Population(Section):
    """Residents of each area."""

    file: str
    sheet: str = ""
    code_column: str = ""
    column: str = ""
    where: dict[str, str] = {}
    publisher: str = "Office for National Statistics"
    dataset: str = "Population"
    licence: str = "OGL v3.0"
    vintage: str = ""


class Context(Section):
    """Areas around the place: their people and services count, they are never ranked."""

    boundaries: str
    code_column: str = ""
    name_column: str = ""
    within_metres: Positive | None = None


class Place(Section):
    """Which small areas make up the place.

    ``authority`` is the official code of the council (such as ``W06000022``), by which readers of
    national tables know the place's own rows.
    """

    name: str = Field(min_length=1, max_length=120)
    geography: Geography
    boundaries: str
    code_column: str = ""
    name_column: str = ""
    where: dict[str, str] = {}
    crs: str = ""
    authority: str = ""
    fictional: bool = False
    points: Points | None = None
    population: Population | None = None
    context: Context | None = None
    publisher: str = "Office for National Statistics, Open Geography"
    licence: str = "OGL v3.0; contains OS data © Crown copyright and database right"
    vintage: str = ""


class Lookups(Section):
    """Official tables that lead from one geography to another.

    ``oa21`` has output areas (2021) with their LSOA, and at will their best-fit LSOA of 2011 and
    their people; ``population`` has a column of area codes and one of people; ``districts`` has
    the areas of the nation with the council (district) each is in.
    """

    lsoa11_lsoa21: str = ""
    lsoa11_msoa11: str = ""
    lsoa21_msoa21: str = ""
    lsoa21_ward: str = ""
    oa21: str = ""
    dz11_iz11: str = ""
    dz11_dz22: str = ""
    population: str = ""
    districts: str = ""


class LayerEntry(Section):
    """One file of figures about small areas.

    ``columns`` maps layer ids to column headers when the reader is ``table``; ``weights`` and
    ``domains`` are by layer id and win over what the reader knows. ``only`` keeps some layers of
    a file. ``categories`` maps layer ids to categories of a Scottish census table that are added
    up, ``denominator`` names those they are a share of ("-" before a name takes it off).
    """

    reader: LayerReader = Field(alias="from")
    file: str
    sheet: str = ""
    code_column: str = ""
    columns: dict[Identifier, str] = {}
    categories: dict[Identifier, list[str]] = {}
    denominator: list[str] = []
    only: list[Identifier] = []
    titles: dict[Identifier, str] = {}
    domains: dict[Identifier, str] = {}
    weights: dict[Identifier, NotNegative] = {}
    high_is: HighIsChoice | None = None
    kind: Literal["count", "share", "rate", "score", "years", "rank"] | None = None
    unit: str = ""
    geography: str = ""
    where: dict[str, str] = {}
    published_rank: str = ""
    publisher: str = ""
    dataset: str = ""
    licence: str = ""
    vintage: str = ""
    page: str = ""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


class ServicesEntry(Section):
    """One file of places where help is given."""

    kind: Identifier
    reader: ServiceReader = Field(default="table", alias="from")
    file: str = ""
    sheet: str = ""
    partner: str = ""
    serves: str = "anyone"
    status: Literal["existing", "candidate", "forced", "closed"] = "existing"
    take: Literal["all", "inside", "outside"] = "all"
    where: dict[str, str] = {}
    tags: dict[str, str] = {}
    kinds: dict[str, Identifier] = {}
    id_column: str = ""
    name_column: str = ""
    x_column: str = ""
    y_column: str = ""
    postcode_column: str = ""
    opening_column: str = ""
    capacity_column: str = ""
    capacity_unit: str = ""
    service_name_column: str = ""
    languages_column: str = ""
    accessibility_column: str = ""
    co_located_column: str = ""
    publisher: str = ""
    dataset: str = ""
    licence: str = ""
    vintage: str = ""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


class JobsEntry(Section):
    """Where paid work is."""

    file: str
    sheet: str = ""
    column: str = "jobs"
    id_column: str = ""
    x_column: str = ""
    y_column: str = ""
    publisher: str = ""
    dataset: str = "Jobs"
    licence: str = ""
    vintage: str = ""


class Postcodes(Section):
    """A postcode directory: postcode → point. Without a file, that of the installed package."""

    file: str = ""
    publisher: str = "Office for National Statistics"
    licence: str = "OGL v3.0; contains Royal Mail data © Royal Mail copyright and database right"
    vintage: str = ""


class Streets(Section):
    """How people walk. Without a file, straight lines × ``detour``, watermarked everywhere."""

    file: str = ""
    walk_kmh: Annotated[float, Field(ge=1.0, le=8.0)] = 4.8
    cycle_kmh: Annotated[float, Field(ge=5.0, le=30.0)] = 15.0
    snap_metres: Annotated[float, Field(ge=10, le=2000)] = 400.0
    extent_metres: Annotated[float, Field(ge=0, le=20000)] = 1600.0
    detour: Annotated[float, Field(ge=1.0, le=3.0)] = 1.3
    publisher: str = "OpenStreetMap contributors"
    licence: str = "ODbL 1.0"
    vintage: str = ""


class Timetable(Section):
    """Public transport timetables (GTFS), the day that is looked at, and how people ride.

    Times are those of people who leave home at any minute of ``window`` (to services) or of
    ``jobs_window`` (to work): the median, and the ``reliable_percentile`` beside it.
    ``max_rides`` 0 is any number. ``max_wait_minutes`` is the longest wait at a stop after a change
    (the first vehicle is not waited for: people leave home in time for it); 0 is any wait.
    """

    files: list[str] = Field(min_length=1)
    date: dt.date
    window: Window = "10:00-16:00"
    jobs_window: Window = "07:00-10:00"
    max_walk_minutes: Annotated[float, Field(ge=0, le=90)] = 30.0
    max_transfer_walk_minutes: Annotated[float, Field(ge=0, le=60)] = 20.0
    min_transfer_minutes: Annotated[float, Field(ge=0, le=60)] = 0.0
    max_rides: Annotated[int, Field(ge=0, le=20)] = 0
    max_wait_minutes: Annotated[float, Field(ge=0, le=240)] = 0.0
    reliable_percentile: Annotated[int, Field(gt=50, le=100)] = 85
    wheelchair_only: bool = False
    publisher: str = ""
    licence: str = ""

    @model_validator(mode="after")
    def _windows_run_forwards(self) -> Timetable:
        for name in ("window", "jobs_window"):
            first, last = to_minutes(getattr(self, name))
            if first >= last or last > 30 * 60:
                raise ValueError(
                    f"{name}: {getattr(self, name)} is no stretch of a day; write it like "
                    '"10:00-16:00", up to "30:00" for the small hours after midnight'
                )
        return self


class MatrixEntry(Section):
    """Travel times that another program worked out (r5r, r5py, AccessUK), used instead of ours.

    ``from_id`` are points or areas of the place; ``to_id`` are venues (``to = "services"``) or
    places of work (``to = "jobs"``). ``max_minutes`` is the longest journey that program searched.
    """

    file: str
    mode: Mode
    to: Literal["services", "jobs"] = "services"
    window: str = ""
    unit: Literal["minutes", "seconds"] = "minutes"
    max_minutes: Positive | None = None
    where: dict[str, str] = {}
    publisher: str = ""
    dataset: str = "Travel times"
    licence: str = ""
    vintage: str = ""


class AccessSettings(Section):
    """By which ways people's journeys are timed, and the thresholds of the measures in minutes.

    ``modes`` are the ways that are timed: walking always, public transport (walking all the way
    included) wherever there are timetables and streets. ``mode`` is the one that gaps and hubs
    go by; "" is public transport where it is timed, otherwise walking.
    """

    modes: list[Mode] = []
    mode: Mode | Literal[""] = ""
    within: list[Positive] = [10.0, 20.0, 30.0]
    jobs_within: list[Positive] = [30.0, 45.0, 60.0]
    cutoff: Annotated[float, Field(gt=0, le=360)] = 120.0

    @model_validator(mode="after")
    def _within_cutoff(self) -> AccessSettings:
        longest = max([*self.within, *self.jobs_within], default=0)
        if longest > self.cutoff:
            raise ValueError(
                f"a threshold of {longest:g} minutes is beyond the longest journey searched "
                f"(cutoff = {self.cutoff:g}); raise the cutoff"
            )
        return self


class Reporting(Section):
    """Larger areas to sum up by: wards, districts or the user's own grouping of areas."""

    lookup: str
    code_column: str = ""
    group_column: str = ""
    name_column: str = ""


class PrivateEntry(Section):
    """The council's own records, one row a case, as a layer that only ever shows protected counts.

    Counts under ``threshold`` are withheld and the rest rounded to the nearest 5 before anything
    else sees them. The file is never listed, hashed or written anywhere, and this whole section
    is left out of a resolved project. ``denominator`` is ``population`` or a layer of counts.
    """

    id: Identifier
    title: str = Field(min_length=1, max_length=120)
    file: str = Field(min_length=1)
    postcode_column: str = ""
    denominator: Identifier = "population"
    threshold: Annotated[int, Field(ge=5, le=1000, multiple_of=5)] = 10
    domain: str = ""
    weight: NotNegative = 1.0
    high_is: HighIsChoice = "worse"
    vintage: str = ""


class LocalEntry(Section):
    """Corrections and additions by partners, laid beside the official data (see data/templates)."""

    file: str
    show_authors: bool = False


class LeftOut(Section):
    """What a resolved project no longer holds: how many private layers, and what they were called.

    Settings elsewhere in the file that speak of these layers and domains are then skipped.
    """

    private: Annotated[int, Field(ge=0)] = 0
    layers: list[Identifier] = []
    domains: list[str] = []


class ProjectSpec(Section):
    """The whole project file. Everything has a default but the place and its boundaries."""

    place: Place
    lookups: Lookups = Lookups()
    layer: list[LayerEntry] = []
    services: list[ServicesEntry] = []
    jobs: JobsEntry | None = None
    postcodes: Postcodes | None = None
    streets: Streets = Streets()
    timetable: Timetable | None = None
    matrix: list[MatrixEntry] = []
    bundle: Bundle = Bundle()
    standards: dict[Identifier, StandardSetting] = {}
    gaps: GapSettings = GapSettings()
    need: NeedSettings = NeedSettings()
    robustness: RobustnessSettings = RobustnessSettings()
    tandem: TandemSettings = TandemSettings()
    spatial: SpatialSettings = SpatialSettings()
    neighbourhoods: NeighbourhoodSettings = NeighbourhoodSettings()
    access: AccessSettings = AccessSettings()
    measures: MeasureSettings = MeasureSettings()
    equity: FairnessSettings = FairnessSettings()
    hubs: HubSettings = HubSettings()
    rota: OutreachSettings = OutreachSettings()
    outcomes: OutcomeSettings = OutcomeSettings()
    sources: dict[str, dict[str, str]] = {}
    reporting: Reporting | None = None
    private: list[PrivateEntry] = []
    local: list[LocalEntry] = []
    left_out: LeftOut | None = None

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The ways of getting about that are timed, walking first."""
        asked: set[Mode] = {"walk", *self.access.modes, *(entry.mode for entry in self.matrix)}
        if self.timetable is not None and self.streets.file:
            asked.add("transit")
        return tuple(mode for mode in MODES if mode in asked)

    @property
    def mode(self) -> Mode:
        """The way that gaps and hubs go by."""
        return self.access.mode or ("transit" if "transit" in self.modes else "walk")

    @model_validator(mode="before")
    @classmethod
    def _default_measures_fit(cls, table: Any) -> Any:
        return fit_defaults(table)

    @model_validator(mode="after")
    def _measures_within_cutoff(self) -> ProjectSpec:
        self.measures.check_within(self.access.cutoff)
        return self

    @model_validator(mode="after")
    def _modes_can_be_timed(self) -> ProjectSpec:
        asked = {*self.access.modes, *([self.access.mode] if self.access.mode else [])}
        given = {entry.mode for entry in self.matrix if entry.to == "services"}
        for entry in self.matrix:
            if entry.mode not in given:
                raise ValueError(
                    f"matrix: {entry.mode} journeys to jobs need a matrix to services, too"
                )
        asked -= given
        if asked - {"walk"} and not self.streets.file:
            raise ValueError(
                f"access: {sorted(asked - {'walk'})[0]} journeys need a street file; name one in "
                "[streets] file"
            )
        if "transit" in asked and self.timetable is None:
            raise ValueError("access: transit journeys need a [timetable]")
        if self.access.mode and self.access.mode not in self.modes:
            raise ValueError(f"access: mode {self.access.mode} is not in modes; add it there")
        return self

    @model_validator(mode="after")
    def _standards_within_cutoff(self) -> ProjectSpec:
        for kind, standard in self.standards.items():
            if standard.minutes > self.access.cutoff:
                raise ValueError(
                    f"standards.{kind}: {standard.minutes:g} minutes are beyond the longest "
                    f"journey searched (access.cutoff = {self.access.cutoff:g}), so that nobody "
                    "could tell who keeps to them; raise the cutoff"
                )
        return self

    @model_validator(mode="after")
    def _hub_journeys_can_be_timed(self) -> ProjectSpec:
        given = {entry.mode for entry in self.matrix if entry.to == "services"}
        self.hubs.check_journeys(self.modes, self.mode, given, self.access.cutoff)
        self.rota.check_within(self.access.cutoff)
        return self
