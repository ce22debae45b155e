"""Which hubs answer what is asked for just now, and what else is worked out of that already?

What is chosen on the page differs from the project's own settings only in where hubs go, so only
the hubs are chosen again, from the plan that is there: no journey, need or gap is worked out anew.
Other plans, how sure the choice is, the rota and the outcomes take longer and wait to be asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from planner.errors import InfeasibleError, ProjectError
from planner.hubs import Hubs
from planner.hubs.choice import Ladder, build_ladder
from planner.hubs.siting import ask
from planner.ledger import Note
from planner.plan.hub_choice import LADDER_STEPS
from planner.plan.hubs import FoundHubs, choose_hubs
from planner.plan.stages import Stages
from planner.project import HubSettings, Project
from planner.ui import hub_settings, state
from planner.wording import say_list

#: What a ladder may take where it is worked out for the page alone.
LADDER_SECONDS = 1.5
#: Stages that hubs come after; the plan that is there stands for all of them.
_BEFORE = ("access", "need", "layers", "neighbourhoods")


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """The hubs for what is asked, and the plan they belong to.

    Where ``whole``, ``plan`` was worked out for ``project``, with all that rests on its hubs.
    Otherwise it is the project's own plan, of which only what does not rest on hubs is shown.
    ``ladder`` is what each next hub brings, whatever number is asked for.
    """

    plan: state.Plan
    project: Project
    settings: HubSettings
    hubs: Hubs | None
    ladder: Ladder | None
    said: tuple[Note, ...]
    whole: bool

    @property
    def choice(self) -> Any:
        """What else could be chosen, and how sure the choice is; None where not worked out."""
        return self.plan.hub_choice if self.whole else None

    @property
    def notes(self) -> tuple[Note, ...]:
        """What to know about the choice of hubs."""
        of_hubs = () if self.hubs is None else self.hubs.notes
        of_choice = () if self.choice is None else self.choice.notes
        return tuple(dict.fromkeys((*self.said, *of_hubs, *of_choice)))

    def name(self, venue_id: object) -> str:
        """Return what a venue is called."""
        names = self.plan.services.venues["venue_name"]
        return str(names.get(str(venue_id), "")) or str(venue_id)

    def names(self, venue_ids: Sequence[object] | str) -> str:
        """Return what venues are called, in a sentence; ids may come as one text with commas."""
        ids = venue_ids.split(", ") if isinstance(venue_ids, str) else list(venue_ids)
        return say_list([self.name(one) for one in ids if one])


def find(plan: state.Plan, settings: HubSettings) -> Shown:
    """Return the hubs for what is asked, as soon as can be.

    Raises
    ------
    PlannerError
        The settings contradict themselves or the project.
    """
    own = plan.project.with_spec(hubs=settings)
    if own.spec.hubs == plan.project.spec.hubs:
        return _from_plan(plan, plan.project)
    if hub_settings.rest_asked_for(_what(own)) or _only_beside(
        own.spec.hubs, plan.project.spec.hubs
    ):
        return _from_plan(state.current_plan(hubs=own.spec.hubs), own)
    run = _begin(plan)
    with st.spinner("Choosing hubs"):
        found = _choose(run, own, plan)
        ladder = _climb(run, found, plan)
    return Shown(
        plan=plan,
        project=own,
        settings=own.spec.hubs,
        hubs=found.hubs,
        ladder=ladder,
        said=found.notes,
        whole=False,
    )


def ask_for_rest(shown: Shown) -> None:
    """Offer to work out what rests on these hubs, where that is not done."""
    if not shown.whole:
        st.info(
            "The hubs above are for the choices as they stand now. Other plans, how sure the "
            "choice is, services brought together, the outreach rota and shared outcomes take "
            "some seconds more."
        )
        hub_settings.ask_for_rest("Work out the rest for these choices", _what(shown.project))


def _what(project: Project) -> list[Any]:
    return ["hubs", project.spec.place.name, project.spec.hubs.model_dump(mode="json")]


def _from_plan(plan: state.Plan, project: Project) -> Shown:
    choice = plan.hub_choice
    said = tuple(note for note in plan.notes if note.stage == "hubs" and plan.hubs is None)
    return Shown(
        plan=plan,
        project=project,
        settings=project.spec.hubs,
        hubs=plan.hubs,
        ladder=None if choice is None else choice.ladder,
        said=said,
        whole=True,
    )


def _only_beside(asked: HubSettings, own: HubSettings) -> bool:
    """Return whether only what comes together where is asked otherwise: the rest is there."""
    beside = {"bundle_siting", "may_move", "spare"}
    return asked.model_dump(exclude=beside) == own.model_dump(exclude=beside)


def _begin(plan: state.Plan) -> Stages:
    """Return a run whose earlier stages are those of a plan that is there."""
    run = Stages(state.memo_for(plan.project), None)
    run.keys = dict.fromkeys(_BEFORE, state.content_key(plan.project))
    if plan.project.spec.private:
        run.unkept.update(_BEFORE)
    return run


def _choose(run: Stages, project: Project, plan: state.Plan) -> FoundHubs:
    # A plan has all that is asked of inputs and journeys here, under the same names.
    return choose_hubs(
        *(run, project, plan, plan.services, plan, plan.need, plan.neighbourhoods),
        plan.access_by,
    )


def _climb(run: Stages, found: FoundHubs, plan: state.Plan) -> Ladder | None:
    """Return what each next hub brings; it does not hang on how many are asked for."""
    hubs, question = found.hubs, found.question
    if hubs is None or question is None or not len(hubs.problem.choosable):
        return None
    asked = ask(question.settings)

    def build() -> Ladder | None:
        try:
            return climb()
        except (InfeasibleError, ProjectError):
            return None

    def climb() -> Ladder:
        return build_ladder(
            hubs.problem,
            hubs.model,
            most=LADDER_STEPS,
            reach_minutes=question.settings.within_minutes,
            names=plan.services.venues["venue_name"],
            time_limit_seconds=LADDER_SECONDS,
            **{name: asked[name] for name in ("within_minutes", "share") if name in asked},
        )

    key = [*question.plain("count", "budget"), LADDER_STEPS, "page"]
    ladder: Ladder | None = run.run("hub_ladder", key, question.after, build)
    return ladder
