"""Where do needs stack up, which needs are they, and how sure is that?"""

from __future__ import annotations

import functools

import streamlit as st

from planner.ui import moved_weights, parts, starting, state
from planner.ui.fold import alone
from planner.ui.job import Job
from planner.ui.need_parts import (
    drivers,
    mapped,
    method,
    ranked,
    space,
    sureness,
    together,
    weighing,
    work,
)
from planner.ui.need_parts.shown import Shown, as_projected, build_weigher, share_words
from planner.wording import say_many

#: Up to so many areas what weighing anew takes is made ready before anybody moves a weight.
MADE_READY = 5_000


def show() -> None:
    plan = starting.current_start()
    parts.head("Need", plan)
    parts.finding(*_finding(plan))
    parts.prose(_people(plan))
    build = functools.partial(build_weigher, plan)
    _living(plan, functools.partial(moved_weights.prepare, plan, build))
    if plan.needs is not None:
        together.show(plan)
        space.show(plan)
        work.show(plan)
    method.show(plan)
    if plan.needs is None:
        parts.prose(parts.AREAS_ARE_NOT_PEOPLE)
    if len(plan.area.codes) <= MADE_READY:
        moved_weights.prepare(plan, build)
    starting.begin_plan()


@alone
def _living(plan: state.Plan, begin: functools.partial[Job]) -> None:
    """Show all that follows a moved weight or the chosen area; only this is made anew."""
    shown = _shown(plan, begin)
    # Always there, so that what follows keeps its place, and a slider in use the keyboard.
    above = st.empty()
    if shown.moved:
        above.warning(
            parts.escape(
                f"From here on: {weighing.NOT_THE_PROJECT[:1].lower()}"
                f"{weighing.NOT_THE_PROJECT[1:]} Of the whole score: "
                f"{share_words(shown.need.weights)}."
            )
        )
    options = mapped.measures(plan, shown)
    measure = state.choose(
        "What the map shows", "measure", options, help_text="Rank 1 is the greatest need."
    )
    chosen = parts.show_map(plan, mapped.view(plan, shown, measure), key="map_need")
    parts.source_line(
        [spec.source for spec in plan.layers.specs.values() if spec.domain],
        extra=f"Ranks and tenths are {plan.need.reference}.",
    )
    ranked.show(plan, shown)
    weighing.show(plan, shown)
    if plan.needs is not None:
        sureness.show(plan, shown, chosen)
    drivers.show(plan, shown, chosen)


def _shown(plan: state.Plan, begin: functools.partial[Job]) -> Shown:
    """Return need by the weights as a visitor has them."""
    changed = weighing.moved(plan)
    weights = weighing.whole(plan, changed)
    if not changed or not sum(weight for _, weight in weights) > 0:
        return as_projected(plan)
    job = begin()
    if not job.done(seconds=0.1):
        with st.spinner("Getting ready to rank by other weights"):
            job.result()
    found: Shown = job.result()(weights)
    return found


def _finding(plan: state.Plan) -> list[str]:
    scores, place = plan.need.scores, plan.area.place
    top = scores.index[scores["need_rank"] == 1][0]
    said = [f"Need is greatest in {place.loc[top, 'area_name']} ({top})."]
    return [*said, *(plan.needs.robustness.findings[:1] if plan.needs is not None else ())]


def _people(plan: state.Plan) -> str:
    scores, place = plan.need.scores, plan.area.place
    worst = scores.index[(scores["need_decile"] == 1).to_numpy()]
    if not len(worst):
        return f"{say_many(len(place), 'area')} are too few for a tenth of them."
    national = scores.loc[worst, "need_rank_national"].notna().any()
    return (
        f"{parts.people(place.loc[worst, 'population'].sum())} live in the worst tenth "
        f"({len(worst)} of {len(place)} areas)."
        + (" The publisher's own national rank stands in the table." if national else "")
    )


if __name__ == "__main__":
    show()
