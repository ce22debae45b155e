"""What else could be chosen than the best hubs, and how sure is the choice?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.errors import InfeasibleError, ProjectError
from planner.hubs import Hubs, SitingProblem
from planner.hubs.choice import (
    Alternatives,
    Front,
    Ladder,
    Objective,
    Regret,
    Steadiness,
    build_front,
    build_ladder,
    build_regret,
    build_siting_draws,
    build_steadiness,
    find_alternatives,
)
from planner.hubs.problem import build_minutes
from planner.hubs.siting import ask
from planner.ledger import Note
from planner.plan.hubs import FoundHubs, HubQuestion
from planner.plan.journeys import Journeys
from planner.plan.needs import Needs
from planner.plan.stages import Stages
from planner.project import BY_NEED, HubModel, HubSettings, Project
from planner.services import Services
from planner.travel.times import to_areas

#: Hubs in the table of what each next one brings, at least.
LADDER_STEPS = 10
#: By how much the demand of an area, and the minutes that count as near, are varied (shares).
DEMAND_SPREAD, THRESHOLD_SPREAD = 0.1, 0.25
#: No part takes longer than this, however long the choice itself may take.
MOST_SECONDS = 5.0
#: Plans and areas, multiplied, up to which three aims are set against each other; else two.
THREE_AIMS = 20_000_000

#: Models by which it does not matter where need is.
_BY_PEOPLE: frozenset[HubModel] = frozenset({"set_cover", "p_centre", "worst_off"})

Part = TypeVar("Part")


@dataclass(frozen=True, kw_only=True, eq=False)
class HubChoice:
    """What each next hub brings, other plans, what is traded off, and how often each is chosen.

    Each is None where the settings do not ask for it, or where it cannot be worked out; ``notes``
    then says why.
    """

    ladder: Ladder | None = None
    alternatives: Alternatives | None = None
    front: Front | None = None
    steadiness: Steadiness | None = None
    regret: Regret | None = None
    problems: tuple[Note, ...] = ()

    @property
    def parts(self) -> tuple[Any, ...]:
        """The results, in the order they are worked out, without those that are not there."""
        found = (self.ladder, self.alternatives, self.front, self.steadiness, self.regret)
        return tuple(part for part in found if part is not None)

    @property
    def findings(self) -> tuple[str, ...]:
        """What there is to say, in sentences."""
        return tuple(words for part in self.parts for words in part.findings)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What to know about it, each once."""
        notes = (note for part in self.parts for note in part.notes)
        return tuple(dict.fromkeys((*self.problems, *notes)))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """The answer, what it answers, and what the parts share."""

    hubs: Hubs
    question: HubQuestion
    names: pd.Series

    @property
    def settings(self) -> HubSettings:
        return self.question.settings

    @property
    def seconds(self) -> float:
        return min(self.settings.time_limit_seconds, MOST_SECONDS)

    @property
    def how(self) -> dict[str, Any]:
        """What every part is asked: its model's numbers, but not how many hubs."""
        asked = ask(self.settings)
        kept: dict[str, Any] = {
            name: asked[name] for name in ("within_minutes", "share") if name in asked
        }
        return {**kept, "names": self.names, "time_limit_seconds": self.seconds}

    @property
    def many(self) -> dict[str, Any]:
        """How many hubs, or for how much money."""
        asked = ask(self.settings)
        return {name: asked[name] for name in ("p", "budget") if name in asked}

    @property
    def reach(self) -> float:
        return self.settings.within_minutes


def judge_choice(
    run: Stages,
    project: Project,
    area: StudyArea,
    services: Services,
    journeys: Journeys,
    needs: Needs,
    found: FoundHubs,
) -> HubChoice | None:
    """Look at what else could be chosen; None where it is not asked for, or nothing is chosen.

    What each next hub brings does not hang on how many are asked for, and is kept apart.
    """
    question, hubs = found.question, found.hubs
    settings = project.spec.hubs
    if question is None or hubs is None or not (settings.alternatives or settings.draws):
        run.skip("hub_ladder", "hub_choice", "hub_steadiness")
        return None
    asked = _Asked(hubs=hubs, question=question, names=services.venues["venue_name"])
    most = max(LADDER_STEPS, asked.settings.count)
    ladder, problems = run.run(
        "hub_ladder",
        [*question.plain("count", "budget"), most],
        question.after,
        lambda: _try("what each next hub brings", lambda: _build_ladder(asked, most)),
    )
    choice = HubChoice(ladder=ladder, problems=problems)
    if hubs.status == "infeasible":
        run.skip("hub_choice", "hub_steadiness")
        return choice
    choice = _add_others(run, asked, choice)
    return _add_draws(
        run, asked, choice, needs, _Variants(area, journeys, asked, project.spec.robustness.seed)
    )


def _add_others(run: Stages, asked: _Asked, choice: HubChoice) -> HubChoice:
    """Join other plans and what is traded off."""
    settings = asked.settings
    if not settings.alternatives:
        run.skip("hub_choice")
        return choice

    def build() -> tuple[Alternatives | None, Front | None, tuple[Note, ...]]:
        other, first = _try("other plans", lambda: _find_alternatives(asked))
        front, second = _try("the trade-off", lambda: _build_front(asked))
        return other, front, (*first, *second)

    other, front, problems = run.run(
        "hub_choice", [settings.alternatives, settings.alternatives_within], ["hubs"], build
    )
    return replace(choice, alternatives=other, front=front, problems=(*choice.problems, *problems))


def _add_draws(
    run: Stages, asked: _Asked, choice: HubChoice, needs: Needs, variants: _Variants
) -> HubChoice:
    """Join how often each venue is chosen, and what is lost if an assumption is wrong."""
    settings = asked.settings
    if not settings.draws:
        run.skip("hub_steadiness")
        return choice

    def build() -> tuple[Steadiness | None, Regret | None, tuple[Note, ...]]:
        steadiness, first = _try(
            "how often each venue is chosen", lambda: _build_steadiness(asked, needs, variants)
        )
        regret, second = _try(
            "what is lost if an assumption is wrong", lambda: _build_regret(asked, variants)
        )
        return steadiness, regret, (*first, *second)

    steadiness, regret, problems = run.run(
        "hub_steadiness", [settings.draws], ["hubs", "draws"], build
    )
    return replace(
        choice, steadiness=steadiness, regret=regret, problems=(*choice.problems, *problems)
    )


def _try(what: str, build: Callable[[], Part | None]) -> tuple[Part | None, tuple[Note, ...]]:
    """Return a part, or why there is none: the choice of hubs stands without it."""
    try:
        return build(), ()
    except (InfeasibleError, ProjectError) as error:
        said = error.message.removeprefix("Hubs: ")
        text = f"Not worked out: {what}. {said[:1].upper()}{said[1:]}"
        return None, (Note(stage="hubs", what="hub_choice_left_out", count=1, text=text),)


def _build_ladder(asked: _Asked, most: int) -> Ladder:
    return build_ladder(
        asked.hubs.problem, asked.hubs.model, most=most, reach_minutes=asked.reach, **asked.how
    )


def _find_alternatives(asked: _Asked) -> Alternatives:
    settings = asked.settings
    return find_alternatives(
        asked.hubs.problem,
        asked.hubs.model,
        asked.hubs.siting,
        count=settings.alternatives,
        within_share=settings.alternatives_within,
        budget=settings.budget,
        **asked.how,
    )


def _build_front(asked: _Asked) -> Front:
    """Set the mean journey against the longest one, or against money, and people within reach."""
    hubs, settings = asked.hubs, asked.settings
    many = asked.many or {"p": len(hubs.siting.chosen)}
    aims: tuple[Objective, ...] = ("mean_minutes", "longest_minutes")
    if settings.budget is not None:
        aims = ("mean_minutes", "money")
    free = len(hubs.problem.choosable)
    plans = 2.0**free if settings.budget is not None else float(free) ** len(hubs.siting.chosen)
    if plans * len(hubs.problem.minutes) <= THREE_AIMS:
        aims = (*aims, "people_within")
    return build_front(
        hubs.problem,
        aims,
        **many,
        within_minutes=asked.reach,
        time_limit_seconds=asked.seconds,
        names=asked.names,
    )


@dataclass(frozen=True, eq=False)
class _Variants:
    """Builds the same question under other assumptions."""

    area: StudyArea
    journeys: Journeys
    asked: _Asked
    seed: int

    def by_way(self, key: str) -> SitingProblem | None:
        """Return the problem by another way of travel; None where no area sets out by it."""
        problem = self.asked.hubs.problem
        by_area = to_areas(self.journeys.ways[key].times, self.area.place_points)
        connected = (by_area.origin_status == "connected").reindex(problem.minutes.index)
        codes = problem.minutes.index[connected.fillna(value=False).to_numpy(dtype=bool)]
        if len(codes) == 0:
            return None
        return replace(
            problem,
            minutes=build_minutes(by_area, codes, problem.sites.index),
            demand=problem.demand[codes],
            people=problem.people[codes],
            groups=problem.groups[codes],
            notes=(),
        )

    def slower(self) -> list[pd.DataFrame]:
        """Return reliable minutes by the same way, on the areas and sites of the answer."""
        here, ways = self.asked.question.way, self.journeys.ways
        index = self.asked.hubs.problem.minutes
        found = []
        for key, way in ways.items():
            if key != here and way.mode == ways[here].mode:
                other = self.by_way(key)
                if other is not None:
                    found.append(other.minutes.reindex(index=index.index, columns=index.columns))
        return found


def _build_steadiness(asked: _Asked, needs: Needs, variants: _Variants) -> Steadiness | None:
    problem, settings, model = asked.hubs.problem, asked.settings, asked.hubs.model
    weighted = model not in _BY_PEOPLE
    need = None
    if weighted and settings.demand == BY_NEED and needs.draws.count:
        codes = pd.Index(needs.draws.codes)
        drawn = needs.draws.percentiles_access_use()[codes.get_indexer(problem.minutes.index)].T
        # Where need is not known nobody was sited for, and nobody is in any draw.
        need = np.where(problem.demand.to_numpy() > 0, drawn, 0.0)
    slower = variants.slower()
    near = _thresholds(asked)
    if not weighted and not slower and not near:
        return None
    draws = build_siting_draws(
        problem,
        settings.draws,
        need=need,
        demand_spread=DEMAND_SPREAD if weighted else 0.0,
        thresholds=near,
        minutes=slower,
        seed=variants.seed,
    )
    return build_steadiness(
        problem, model, draws, **asked.many, stated=asked.hubs.siting, **asked.how
    )


def _build_regret(asked: _Asked, variants: _Variants) -> Regret | None:
    """Set plans against each other that rest on other ways, other people, other thresholds."""
    problem, ways = asked.hubs.problem, variants.journeys.ways
    stated = "As stated"
    problems = {stated: problem}
    if asked.hubs.model not in _BY_PEOPLE and asked.settings.demand == BY_NEED:
        problems["Everybody counts the same"] = replace(problem, demand=problem.people)
    for key, way in ways.items():
        if key != asked.question.way:
            other = variants.by_way(key)
            if other is not None:
                problems[way.title] = other
    how = dict(asked.how)
    within: dict[str, float] = {}
    if asked.settings.covers:
        within = dict.fromkeys(problems, asked.reach)
        for minutes in _thresholds(asked):
            if minutes != asked.reach:
                name = f"Within {minutes:g} minutes"
                problems[name], within[name] = problem, minutes
        how["within_minutes"] = within
    if len(problems) == 1:
        return None
    return build_regret(problems, asked.hubs.model, **asked.many, reach_minutes=asked.reach, **how)


def _thresholds(asked: _Asked) -> list[float]:
    """Return the minutes that may count as near; none where the model goes by none."""
    if not asked.settings.covers:
        return []
    less, more = (asked.reach * (1 + by) for by in (-THRESHOLD_SPREAD, THRESHOLD_SPREAD))
    return [less, asked.reach, more]
