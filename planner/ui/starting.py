"""What do the first pages need, so that they need not wait until the whole plan is worked out?

A part of `planner.ui.state`. While they are looked at, the whole plan is worked out beside them.
"""

from __future__ import annotations

import contextlib

from planner.errors import PlannerError
from planner.ui import opened, serving, state, waiting


def current_contents() -> state.Plan:
    """Return what the opened project holds: `planner.plan.start.Contents`.

    Raises
    ------
    PlannerError
        The project or a file cannot be used, or this visitor stopped the work.
    """
    return state.worked_out(state.asked_project(), "contents")


def current_start() -> state.Plan:
    """Return what the opened project holds, and its need: `planner.plan.start.Start`.

    Raises
    ------
    PlannerError
        The project, a file or a setting cannot be used, or this visitor stopped the work.
    """
    return state.worked_out(state.asked_project(), "start")


def begin_plan() -> None:
    """Begin to work out the whole plan of the opened project, unless this visitor stopped that.

    It begins once the browser has the map, which it would keep waiting. What is wrong with the
    project is said on the page that needs the plan.
    """
    if not state.map_held():
        return
    with contextlib.suppress(PlannerError, OSError):
        project = state.asked_project()
        if state.work_key(project, "plan") not in waiting.stopped():
            state.begun(project, "plan")


def read_ahead() -> None:
    """Read the project the app was started on, before the first page is asked for."""
    if serving.is_on():
        return
    with contextlib.suppress(PlannerError, OSError):
        project = opened.given_project().read()
        if not project.spec.private:
            state.begun(project, "contents")
