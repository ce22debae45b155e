"""What was asked for? Reads, checks and writes the project file (``planner.toml``)."""

from planner.project.analysis import (
    NeedSettings,
    NeighbourhoodSettings,
    OutsideClasses,
    RobustnessSettings,
    SpatialSettings,
    TandemSettings,
)
from planner.project.base import Identifier, Mode, Section
from planner.project.bundle import Bundle
from planner.project.checking import parse_spec
from planner.project.equity import FairnessSettings
from planner.project.file import MAX_PROJECT_BYTES, PROJECT_FILE, Project
from planner.project.gaps import GapSettings, StandardEntry
from planner.project.hubs import BY_NEED, COVERS, FILLING, SHARED, HubModel, HubSettings
from planner.project.measures import MeasureSettings, split_at
from planner.project.outreach import OutcomeSettings, OutreachSettings
from planner.project.sections import (
    AccessSettings,
    Context,
    JobsEntry,
    LayerEntry,
    LayerReader,
    LeftOut,
    LocalEntry,
    Lookups,
    MatrixEntry,
    Place,
    Points,
    Population,
    Postcodes,
    PrivateEntry,
    ProjectSpec,
    Reporting,
    ServiceReader,
    ServicesEntry,
    Streets,
    Timetable,
    to_minutes,
)

__all__ = [
    "BY_NEED",
    "COVERS",
    "FILLING",
    "MAX_PROJECT_BYTES",
    "PROJECT_FILE",
    "SHARED",
    "AccessSettings",
    "Bundle",
    "Context",
    "FairnessSettings",
    "GapSettings",
    "HubModel",
    "HubSettings",
    "Identifier",
    "JobsEntry",
    "LayerEntry",
    "LayerReader",
    "LeftOut",
    "LocalEntry",
    "Lookups",
    "MatrixEntry",
    "MeasureSettings",
    "Mode",
    "NeedSettings",
    "NeighbourhoodSettings",
    "OutcomeSettings",
    "OutreachSettings",
    "OutsideClasses",
    "Place",
    "Points",
    "Population",
    "Postcodes",
    "PrivateEntry",
    "Project",
    "ProjectSpec",
    "Reporting",
    "RobustnessSettings",
    "Section",
    "ServiceReader",
    "ServicesEntry",
    "SpatialSettings",
    "StandardEntry",
    "Streets",
    "TandemSettings",
    "Timetable",
    "parse_spec",
    "split_at",
    "to_minutes",
]
