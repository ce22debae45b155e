"""Standards and gaps of the six squares, with minutes by several ways given by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from journeys import services, times
from places import CODES, tiny_area, tiny_layers

from planner.access import Access, build_access
from planner.area import StudyArea
from planner.compliance import Compliance, build_compliance
from planner.gaps import Gaps, build_gaps
from planner.layers import Layers
from planner.need import Need, build_need
from planner.project import AccessSettings, NeedSettings, StandardEntry
from planner.standards import Standard, build_standards
from planner.travel.getting_about import Way

Minutes = Sequence[float | None]
#: Minutes to a GP practice in the order of the six squares.
GP = [5.0, 25.0, 48.0, 12.0, 17.0, 30.0]


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything that gaps are made of, and the gaps."""

    area: StudyArea
    layers: Layers
    need: Need
    access_by: dict[str, Access]
    main: str
    standards: dict[str, Standard]
    compliance: Compliance
    gaps: Gaps
    cutoffs: dict[str, float]

    @property
    def access(self) -> Access:
        return self.access_by[self.main]


def build_case(
    ways: Mapping[str, Mapping[str, Minutes]],
    *,
    bundle: Sequence[str] | None = None,
    standards: Mapping[str, float | StandardEntry] | None = None,
    main: str = "walk",
    cutoff: float = 120.0,
    closed: Sequence[str] = (),
    layers: Layers | None = None,
    **options: Any,
) -> Case:
    """Return the case in which each way (walk, transit) has minutes to one venue of each kind.

    ``gp#2`` is a second venue of kind ``gp``; ``closed`` are venues that are not open.
    """
    area, layers = tiny_area(), layers or tiny_layers()
    venues = sorted({venue for minutes in ways.values() for venue in minutes})
    kinds = sorted({venue.split("#")[0] for venue in venues})
    bundle = tuple(bundle or kinds)
    rules = build_standards(standards or dict.fromkeys(kinds, 20.0), {*kinds, *bundle})
    access_by = {
        mode: build_shown(mode, minutes, bundle, venues, cutoff=cutoff, closed=closed, **options)
        for mode, minutes in ways.items()
    }
    need = build_need(layers, area, NeedSettings())
    cutoffs = dict.fromkeys(access_by, cutoff)
    held = build_compliance(area, layers, access_by, main, rules, cutoffs=cutoffs)
    return Case(
        area=area,
        layers=layers,
        need=need,
        access_by=access_by,
        main=main,
        standards=rules,
        compliance=held,
        gaps=build_gaps(area, layers, need, access_by[main], held, bundle),
        cutoffs=cutoffs,
    )


def build_shown(
    mode: str,
    minutes: Mapping[str, Minutes],
    bundle: Sequence[str],
    venues: Sequence[str] = (),
    *,
    cutoff: float = 120.0,
    closed: Sequence[str] = (),
    **options: Any,
) -> Access:
    """Return access of the six squares by one way."""
    area, venues = tiny_area(), sorted(venues or minutes)
    status = dict.fromkeys(closed, "closed")
    offers = services([(venue, venue.split("#")[0]) for venue in venues], status=status)
    way = Way(times=_times(area, mode, minutes, venues, cutoff, options))
    nothing = AccessSettings(within=[], jobs_within=[])
    return build_access(area, offers, way, None, nothing, bundle)


def _times(
    area: StudyArea,
    mode: str,
    minutes: Mapping[str, Minutes],
    venues: Sequence[str],
    cutoff: float,
    options: Mapping[str, Any],
) -> Any:
    pairs = {
        (code, venue): value
        for venue, column in minutes.items()
        for code, value in zip(CODES, column, strict=True)
        if value is not None and value <= cutoff
    }
    found = times(area, venues, pairs, cutoff_minutes=cutoff, **options)
    if mode == "walk":
        return found
    when = {"window": "Tu 10:00-16:00", "percentile": 50} if mode == "transit" else {}
    return replace(found, mode=mode, **when)


def with_no_car(share: float = 0.25) -> Layers:
    """Return the six squares' layers with a share of households without a car, alike everywhere."""
    layers = tiny_layers()
    spec = replace(layers.specs["access"], id="no_car", kind="share", domain=None)
    return replace(
        layers,
        values=layers.values.assign(no_car=share),
        status=layers.status.assign(no_car="published"),
        specs={**layers.specs, "no_car": spec},
    )


def with_parents() -> Layers:
    """Return the six squares' layers, the upper three in one larger area, the lower in another."""
    parents = pd.DataFrame(
        {"msoa21": ["E02900001"] * 3 + ["E02900002"] * 3}, index=tiny_area().codes
    )
    return replace(tiny_layers(), parents=parents)
