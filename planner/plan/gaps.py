"""Which standards are missed, where are the gaps, how sure are they, what do larger areas hide?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planner.access import Access, build_departures
from planner.compliance import Compliance, build_compliance
from planner.gaps import (
    GapCertainty,
    Gaps,
    LargerGaps,
    build_gap_certainty,
    build_gaps,
    build_larger_gaps,
)
from planner.need import Need
from planner.plan.inputs import Inputs
from planner.plan.journeys import Journeys
from planner.plan.needs import Needs
from planner.plan.stages import Stages
from planner.project import ProjectSpec
from planner.services import Services
from planner.standards import Standard


@dataclass(frozen=True, kw_only=True, eq=False)
class FoundGaps:
    """Standards held against access, need set against it, and what is left when that varies.

    ``certainty`` and ``larger`` are None in plans that are only compared with; also where no
    draws are asked for, and where no area is known to be in a larger one.
    """

    compliance: Compliance
    gaps: Gaps
    certainty: GapCertainty | None
    larger: LargerGaps | None

    @property
    def parts(self) -> tuple[Any, ...]:
        """The results, in the order they are worked out, without those that are not there."""
        found = (self.compliance, self.gaps, self.certainty, self.larger)
        return tuple(part for part in found if part is not None)


def find_gaps(
    run: Stages,
    spec: ProjectSpec,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    need: Need,
    needs: Needs | None,
    access_by: dict[str, Access],
    standards: dict[str, Standard],
) -> FoundGaps:
    """Hold standards against access, and set need against it, kind by kind and for the bundle.

    ``needs`` is None for a plan that another one is compared with.
    """
    area, layers = inputs.area, inputs.layers
    main, kinds = journeys.main, list(spec.bundle.kinds)
    access = access_by[main]
    compliance: Compliance = run.run(
        "compliance",
        [spec.standards, main],
        ["access", "area", "layers"],
        lambda: build_compliance(
            area, layers, access_by, main, standards, cutoffs=_cutoffs(journeys)
        ),
    )
    gaps: Gaps = run.run(
        "gaps",
        [kinds],
        ["access", "need", "compliance"],
        lambda: build_gaps(area, layers, need, access, compliance, kinds),
    )
    certainty: GapCertainty | None = None
    larger: LargerGaps | None = None
    if needs is None:
        run.skip("gap_certainty", "larger_gaps")
    else:
        certainty = _judge_certainty(
            run, spec, inputs, services, journeys, needs, access, compliance, gaps
        )
        larger = run.run(
            "larger_gaps",
            [kinds],
            ["gaps", "area", "layers"],
            lambda: build_larger_gaps(area, layers, need, access, compliance, gaps, kinds),
        )
    return FoundGaps(compliance=compliance, gaps=gaps, certainty=certainty, larger=larger)


def _cutoffs(journeys: Journeys) -> dict[str, float]:
    return {key: way.times.cutoff_minutes for key, way in journeys.ways.items()}


def _judge_certainty(
    run: Stages,
    spec: ProjectSpec,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    needs: Needs,
    access: Access,
    compliance: Compliance,
    gaps: Gaps,
) -> GapCertainty | None:
    """Vary need, standards, the speed on foot and the minute of leaving; None without draws."""
    if not spec.gaps.draws:
        run.skip("gap_certainty")
        return None
    kinds = list(spec.bundle.kinds)

    def build() -> GapCertainty:
        return build_gap_certainty(
            gaps,
            compliance,
            access,
            spec.gaps,
            main=journeys.main,
            bundle=kinds,
            walk_kmh=spec.streets.walk_kmh,
            names=inputs.area.place["area_name"],
            need_percentiles=needs.draws.percentiles_access_use() if needs.draws.count else None,
            departures=build_departures(inputs.area, services, journeys.departures, kinds),
            cutoffs=_cutoffs(journeys),
        )

    found: GapCertainty = run.run(
        "gap_certainty", [spec.gaps, spec.streets.walk_kmh, kinds], ["gaps", "draws"], build
    )
    return found
