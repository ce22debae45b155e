"""Which services should come together in which venues? Only where the project asks for it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.hubs.bundle_siting import BundleSiting, build_bundle_problem, solve_bundle
from planner.hubs.siting import ask
from planner.ledger import Note
from planner.need import Need
from planner.plan.bundle_legs import time_legs
from planner.plan.bundles import build_rules
from planner.plan.hubs import FoundHubs
from planner.plan.inputs import Inputs
from planner.plan.journeys import Journeys
from planner.plan.stages import Stages
from planner.project import Project
from planner.services import Services
from planner.sources.hub_costs import read_hub_costs
from planner.travel.getting_about import MODE_WORDS


def bring_together(
    run: Stages,
    project: Project,
    inputs: Inputs,
    services: Services,
    journeys: Journeys,
    need: Need,
    found: FoundHubs,
) -> tuple[BundleSiting | None, tuple[Note, ...]]:
    """Choose venues and what comes together in each, by the way that gaps go by.

    Returns
    -------
    siting, notes
        None where ``[hubs] bundle_siting`` does not ask for it, or where it cannot be worked out;
        the notes then say why.
    """
    spec, question = project.spec, found.question
    aim = spec.hubs.bundle_siting
    if not aim or question is None or found.hubs is None:
        run.skip("bundle_siting")
        return None, ()
    if journeys.way.mode in {entry.mode for entry in spec.matrix}:
        run.skip("bundle_siting")
        return None, (_not_timed(MODE_WORDS[journeys.way.mode]),)
    legs, walks = time_legs(run, project, inputs, services, journeys)
    rules, settings = build_rules(project, legs), question.settings

    def build() -> BundleSiting:
        costs = read_hub_costs(project)
        problem = build_bundle_problem(
            *(inputs.area, services, legs, need, settings, rules),
            spare=_find_spare(services, settings.spare),
            may_move=dict.fromkeys(settings.may_move, True),
            walk=walks,
            demand=question.demand,
            groups=question.groups,
            costs=None if costs is None else costs["cost"].dropna(),
            capacities=None if costs is None else costs["capacity"].dropna(),
        )
        asked = ask(settings)
        many: dict[str, Any] = {name: asked[name] for name in ("p", "budget") if name in asked}
        return solve_bundle(
            problem,
            aim,
            **many,
            within_minutes=settings.within_minutes,
            time_limit_seconds=settings.time_limit_seconds,
        )

    plain = [*question.plain("model", "mode", "percentile", "share"), repr(rules), aim]
    plain += [settings.may_move, settings.spare]
    siting: BundleSiting = run.run(
        "bundle_siting", plain, [*question.after, "between", "supply", "area"], build
    )
    return siting, siting.notes


def _find_spare(services: Services, sessions: dict[str, int]) -> pd.DataFrame | None:
    """Return further sessions with whoever offers the kind most often; None where none is said."""
    if not sessions:
        return None
    offers = services.open_offers()
    rows = []
    for kind, count in sorted(sessions.items()):
        partners = offers.loc[offers["kind"] == kind, "partner"].value_counts().sort_index()
        partner = str(partners.idxmax()) if len(partners) else ""
        rows.append((kind, partner, count))
    return pd.DataFrame(rows, columns=["kind", "partner", "sessions"])


def _not_timed(words: str) -> Note:
    text = (
        f"Services were not brought together: journeys {words} come from another program "
        "([[matrix]]), which does not say how long it takes from one service to another."
    )
    return Note(stage="hubs", what="bundle_siting_not_timed", count=1, text=text)
