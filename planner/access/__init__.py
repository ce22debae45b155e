"""How far is help, how much of it is within reach, and how many people share it?"""

from __future__ import annotations

from planner.access.catchments import (
    CATCHMENT_WORDS,
    NEVER_WORSE,
    Catchment,
    CatchmentMethod,
    build_catchment,
)
from planner.access.decay import (
    FAST_ZONES,
    SLOW_ZONES,
    Decay,
    DecayShape,
    build_exponential,
    build_gaussian,
    build_logistic,
    build_power,
    build_step,
    build_zones,
)
from planner.access.measures import (
    DESCRIBED_COLUMNS,
    MEASURE_COLUMNS,
    AccessMeasures,
    MeasureName,
    MeasureRules,
    build_access_measures,
)
from planner.access.nearest import (
    ALL,
    BUNDLE,
    COLUMNS,
    JOBS,
    METHOD_WORDS,
    NOT_KNOWN,
    Access,
    Measure,
    build_access,
    build_departures,
)
from planner.access.open_then import OpenHours, asked_open_venues, find_open
from planner.access.opening import is_open
from planner.access.opportunities import (
    build_bands,
    build_gravity,
    build_interval,
    build_kth_nearest,
    build_share_within,
    build_within,
)
from planner.access.options import (
    Options,
    OriginMeasure,
    build_homes,
    build_options,
    to_area_values,
)
from planner.access.reach import asked_venues
from planner.access.supply import Opportunities, jobs_of, offers_of

__all__ = [
    "ALL",
    "BUNDLE",
    "CATCHMENT_WORDS",
    "COLUMNS",
    "DESCRIBED_COLUMNS",
    "FAST_ZONES",
    "JOBS",
    "MEASURE_COLUMNS",
    "METHOD_WORDS",
    "NEVER_WORSE",
    "NOT_KNOWN",
    "SLOW_ZONES",
    "Access",
    "AccessMeasures",
    "Catchment",
    "CatchmentMethod",
    "Decay",
    "DecayShape",
    "Measure",
    "MeasureName",
    "MeasureRules",
    "OpenHours",
    "Opportunities",
    "Options",
    "OriginMeasure",
    "asked_open_venues",
    "asked_venues",
    "build_access",
    "build_access_measures",
    "build_bands",
    "build_catchment",
    "build_departures",
    "build_exponential",
    "build_gaussian",
    "build_gravity",
    "build_homes",
    "build_interval",
    "build_kth_nearest",
    "build_logistic",
    "build_options",
    "build_power",
    "build_share_within",
    "build_step",
    "build_within",
    "build_zones",
    "find_open",
    "is_open",
    "jobs_of",
    "offers_of",
    "to_area_values",
]
