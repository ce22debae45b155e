"""What is open, what was chosen, and what is already worked out? The only place that remembers.

Session state, caches and the address bar are touched here and nowhere else. What the address bar
says is checked against what can be chosen; anything else is ignored. It never names a file.
"""

from __future__ import annotations

import datetime as dt
import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import geopandas as gpd
import streamlit as st

from planner.area import StudyArea
from planner.cache import Memo, digest, open_shelf
from planner.errors import PlannerError
from planner.project import HubSettings, Project
from planner.ui import searches, serving, uploads, waiting
from planner.ui.area_map import MapGeometry, build_geometry
from planner.ui.content import content_key as content_key
from planner.ui.content import private_facts
from planner.ui.job import Job as Job
from planner.ui.kept_jobs import MOST_AT_ONCE
from planner.ui.kept_jobs import KeptJobs as KeptJobs
from planner.ui.opened import PROJECT_VARIABLE as PROJECT_VARIABLE
from planner.ui.opened import Opened as Opened
from planner.ui.opened import demo_project as demo_project
from planner.ui.opened import given_project as given_project

NO_AREA = ""
#: Above this many areas a list to choose from is slower than typing a code.
MOST_LISTED = 3_000
#: Longest text that can be written into a choice.
MOST_WRITTEN = 60
#: Plans that are kept for everybody.
MOST_PLANS = 8
#: Plans with private layers, and what rests on them, that one visitor's session keeps.
MOST_PRIVATE = 8

_OPENED, _AREA, _HELD, _KEPT = "opened_project", "chosen_area", "map_held", "kept_choices"
_PRIVATE, _WANTED, _TRIED = uploads.PLANS, "wanted_answers", "tried_file"
_SERVED = "served_project"

T = TypeVar("T")

#: A plan as the pages see it; its attributes are those of `planner.plan.Plan`, or some of them.
Plan = Any
#: What is in a place, that and need, or everything.
What = Literal["contents", "start", "plan"]
_WORDS: dict[What, str] = {
    "contents": "Reading what is known of",
    "start": "Working out need in",
    "plan": "Working out the plan for",
}


# ---- the project and its plan ---------------------------------------------------------------


def opened() -> Opened:
    """Return the project this visitor looks at: chosen here, given at the start, or the demo."""
    if serving.is_on():
        return serving.open_named(served_name())
    chosen = st.session_state.get(_OPENED)
    return chosen if isinstance(chosen, Opened) else given_project()


def may_open_files() -> bool:
    """Return whether a visitor may name a file: only at this very machine."""
    local = st.get_option("server.address") in {"127.0.0.1", "localhost", "::1"}
    return local and not serving.is_on()


def private_allowed() -> bool:
    """Return whether the council's own records may be shown: only at this very machine."""
    return may_open_files()


def open_project(text: str) -> str:
    """Open the project a person named on this page; return what went wrong, "" if nothing.

    It is read before it is opened, so that a mistake leaves the present one on screen.
    """
    if not may_open_files():
        return "Files can be opened only where the app serves this machine alone."
    path = Path(text.strip().strip('"')).expanduser()
    chosen = Opened(path=path, data_roots=given_project().data_roots)
    try:
        chosen.read()
    except PlannerError as error:
        return str(error)
    _switch_to(chosen)
    return ""


def open_given() -> None:
    """Go back to the project the app was started on."""
    _switch_to(None)


def served_name() -> str:
    """Return the name of the study area that this visitor chose of those served; "" for none."""
    return str(st.session_state.get(_SERVED, ""))


def open_served(name: str) -> None:
    """Open one of the study areas that this server serves; its name stands in the address."""
    if served_name() not in ("", name):
        # Not at the first: the address may say more than which one.
        _switch_to(None)
    st.session_state[_SERVED] = name
    st.query_params[serving.IN_ADDRESS] = name


def open_demo() -> None:
    """Open the fictional place."""
    _switch_to(demo_project())


def asked_project() -> Project:
    """Return the opened project as this visitor may see it, with files of their own in use."""
    return uploads.with_own(base_project())


def base_project() -> Project:
    """Return the opened project as its file says; private layers stay on this machine."""
    project = opened().read()
    if project.spec.private and not private_allowed():
        project = project.without_private()
    return project


def current_plan(*, hubs: HubSettings | None = None) -> Plan:
    """Return the plan of the opened project, working it out with words for each stage.

    Parameters
    ----------
    hubs
        What is asked of hubs, instead of the project's own settings.

    Raises
    ------
    PlannerError
        The project, a file or a setting cannot be used, or this visitor stopped the work.
    """
    project = asked_project()
    if hubs is not None:
        project = project.with_spec(hubs=hubs)
    return worked_out(project, "plan")


def worked_out(project: Project, what: What) -> Any:
    """Return the plan of a project, or the part of it that a page needs, once it is there."""
    return waiting.wait_for(
        functools.partial(begun, project, what),
        functools.partial(_let_go, project, what),
        key=work_key(project, what),
        words=f"{_WORDS[what]} {project.spec.place.name}",
    )


def work_key(project: Project, what: What) -> str:
    """Return what a piece of work is known by where a visitor stops it."""
    return f"{what}_{content_key(project)}"


def begun(project: Project, what: What) -> Job:
    """Begin what a page needs of a project, or find it begun.

    With private layers it is kept for this visitor's session and nowhere else, and stages that
    hold private figures are not in the memo either (`planner.plan`). So it is with a visitor's own
    files, which have a memo of their own.
    """
    memo = memo_for(project)

    def work(tell: Callable[[str, float], None]) -> Any:
        return work_out(project, memo, tell, what)

    if uploads.is_private(project):
        return private_job(what, project, work)
    return _jobs(what).get(content_key(project), work)


def _let_go(project: Project, what: What, job: Job) -> None:
    if not uploads.is_private(project):
        _jobs(what).drop(content_key(project))
        return
    jobs: dict[Any, Job] = st.session_state[_PRIVATE]
    st.session_state[_PRIVATE] = {key: one for key, one in jobs.items() if one is not job}


def private_job(what: str, project: Project, work: Callable[[Any], Any]) -> Job:
    """Return a job on private figures, kept for this visitor's session and nowhere else."""
    key = (what, content_key(project), repr(project.spec.private), private_facts(project))
    jobs: dict[Any, Job] = dict(st.session_state.get(_PRIVATE, {}))
    if key not in jobs:
        jobs[key] = Job(work)
        st.session_state[_PRIVATE] = dict(list(jobs.items())[-MOST_PRIVATE:])
    return jobs[key]


def answer(plan: Plan, question: str, asked: Sequence[Any], build: Callable[[Memo], T]) -> T:
    """Return the answer to a question about a plan, worked out once for everybody.

    ``asked`` are plain values that it depends on beside the project and its files.
    """
    key = digest(question, content_key(plan.project), list(asked))
    memo = memo_for(plan.project)
    return memo.get(f"question_{question}", key, lambda: build(memo))


def wanted(label: str, what: Sequence[Any]) -> bool:
    """Return whether a person asked for an answer that takes a while; until then, the button."""
    key = digest(list(what))
    held: set[str] = st.session_state.setdefault(_WANTED, set())
    if key not in held:
        st.button(label, key=f"want_{key}", on_click=held.add, args=(key,))
    return key in held


def map_geometry(area: StudyArea, backdrop: gpd.GeoDataFrame | None) -> MapGeometry:
    """Return what the map draws once for this place."""
    # The objects come from the memo, so that the same place is the same object.
    return _geometry((id(area), id(backdrop)), area, backdrop)[0]


def work_out(
    project: Project, memo: Memo, tell: Callable[[str, float], None], what: What = "plan"
) -> Plan:
    """Return what a page needs of a project; tests put something ready in its place."""
    if what == "contents":
        from planner.plan.start import make_contents

        return make_contents(project, memo=memo, progress=tell)
    searches.wait(tell)
    if what == "start":
        from planner.plan.start import make_start

        return make_start(project, memo=memo, progress=tell)
    from planner.plan import make_plan

    return make_plan(project, memo=memo, progress=tell)


@st.cache_resource(show_spinner=False)
def _jobs(what: What) -> KeptJobs:
    turns = None if what == "plan" else threading.BoundedSemaphore(MOST_AT_ONCE)
    return KeptJobs(MOST_PLANS, max_bytes=serving.bytes_kept(), turns=turns)


@st.cache_resource(show_spinner=False)
def shared_memo() -> Memo:
    """Return what stages keep between plans, for everybody."""
    return Memo(shelf=open_shelf(), max_bytes=serving.bytes_kept())


def memo_for(project: Project) -> Memo:
    """Return what stages of this project keep: for everybody, or for this visitor alone."""
    return uploads.memo_for(project, shared_memo())


@st.cache_resource(max_entries=8, show_spinner=False)
def _geometry(
    key: tuple[int, int], _area: StudyArea, _backdrop: gpd.GeoDataFrame | None
) -> tuple[MapGeometry, StudyArea, gpd.GeoDataFrame | None]:
    # The inputs are kept beside the result: their ids stay taken while the key is in use.
    return build_geometry(_area, _backdrop), _area, _backdrop


def _switch_to(chosen: Opened | None) -> None:
    st.session_state[_OPENED] = chosen
    st.session_state[_AREA] = NO_AREA
    st.session_state[_KEPT] = {}
    st.session_state.pop(_PRIVATE, None)
    forget_tried()


# ---- a visitor's own file ----------------------------------------------------------------------


def tried(key: str, make: Callable[[], T]) -> T:
    """Return what ``make`` gives for a visitor's own file, kept for this visitor alone.

    Only the last one is kept, in memory, and no longer than the file is on the page.
    """
    held = st.session_state.get(_TRIED)
    if held is None or held[0] != key:
        held = (key, make())
        st.session_state[_TRIED] = held
    found: T = held[1]
    return found


def forget_tried() -> None:
    """Let go of what was made of a visitor's own file."""
    st.session_state.pop(_TRIED, None)


# ---- choices, kept in the address bar --------------------------------------------------------


def choose(
    label: str,
    name: str,
    options: Mapping[str, str],
    *,
    default: str | None = None,
    help_text: str | None = None,
) -> str:
    """Let a person choose one of ``options`` (value → words); it stands in the address bar.

    A value in the address bar that cannot be chosen is ignored and removed.
    """
    values = list(options)
    first = default if default in options else values[0]
    key = _ready(name, values, first)
    chosen = str(
        st.selectbox(
            label, values, key=key, format_func=lambda value: options[value], help=help_text
        )
    )
    remember(name, chosen, first)
    return chosen


def choose_number(
    label: str, name: str, *, least: int, most: int, default: int, help_text: str | None = None
) -> int:
    """Let a person choose a whole number; it stands in the address bar."""
    key = _ready(name, range(least, most + 1), default)
    chosen = int(
        st.number_input(label, min_value=least, max_value=most, step=1, key=key, help=help_text)
    )
    remember(name, chosen, default)
    return chosen


def choose_time(label: str, name: str, *, default: int, help_text: str | None = None) -> int:
    """Let a person choose a time of day, in minutes after midnight; it stands in the address."""
    times = {f"{m // 60:02d}:{m % 60:02d}": m for m in range(24 * 60)}
    first = list(times)[default]
    key = f"choice_{name}"
    if not isinstance(st.session_state.get(key), dt.time):
        st.session_state[key] = dt.time.fromisoformat(_asked(name, list(times), first))
    step = dt.timedelta(minutes=5)
    chosen = st.time_input(label, key=key, step=step, help=help_text) or dt.time()
    words = f"{chosen:%H:%M}"
    remember(name, words, first)
    return times[words]


def choose_text(
    label: str, name: str, *, accept: Callable[[str], bool], placeholder: str, help_text: str = ""
) -> str:
    """Let a person write a short text; it stands in the address bar where it is accepted."""
    key = f"choice_{name}"
    if key not in st.session_state:
        asked = st.query_params.get(name, "")[:MOST_WRITTEN]
        kept = st.session_state.setdefault(_KEPT, {}).get(name, "")
        st.session_state[key] = asked if accept(asked) else kept
    written = st.text_input(
        label, key=key, placeholder=placeholder, max_chars=MOST_WRITTEN, help=help_text or None
    )
    remember(name, written if accept(written) else "", "")
    return written


def _ready(name: str, values: Sequence[Any], first: Any) -> str:
    """Put a valid value behind a widget: what it had, else the address bar's, else ``first``."""
    key = f"choice_{name}"
    found = st.session_state[key] if key in st.session_state else _asked(name, values, first)
    st.session_state[key] = found if found in values else first
    return key


def left(name: str) -> str:
    """Return how a choice was left, in this visitor's session; "" if it never was made."""
    return str(st.session_state.setdefault(_KEPT, {}).get(name, ""))


def _asked(name: str, values: Sequence[Any], first: Any) -> Any:
    """Return what the address bar asks for, else what was chosen before, else ``first``."""
    asked = st.query_params.get(name, "")
    kept = st.session_state.setdefault(_KEPT, {}).get(name, first)
    return next((value for value in values if str(value) == asked), kept)


def remember(name: str, chosen: Any, first: Any) -> None:
    """Keep a choice, in the address bar, too, unless it is ``first``."""
    st.session_state.setdefault(_KEPT, {})[name] = chosen
    if chosen != first:
        st.query_params[name] = str(chosen)
    elif name in st.query_params:
        del st.query_params[name]


# ---- the chosen area: one for the map, the list and the table --------------------------------


def chosen_area(codes: Sequence[str]) -> str:
    """Return the code of the chosen area, "" for none."""
    if _AREA not in st.session_state:
        st.session_state[_AREA] = st.query_params.get("area", NO_AREA)
    if st.session_state[_AREA] not in codes:
        st.session_state[_AREA] = NO_AREA
    code = str(st.session_state[_AREA])
    if code:
        st.query_params["area"] = code
    elif "area" in st.query_params:
        del st.query_params["area"]
    return code


def choose_area(names: Mapping[str, str]) -> str:
    """Let a person choose an area from a list (code → name), in step with map and table."""
    chosen = chosen_area(list(names))
    key = "area_list"
    if len(names) > MOST_LISTED:
        st.session_state[key] = chosen
        st.text_input(
            "Area code", key=key, on_change=_pick_from, args=(key,), placeholder="such as E01000001"
        )
    else:
        st.session_state[key] = chosen
        st.selectbox(
            "Area",
            [NO_AREA, *names],
            key=key,
            format_func=lambda code: f"{names[code]} ({code})" if code else "None chosen",
            on_change=_pick_from,
            args=(key,),
            help="The same as clicking an area on the map or a row of the table.",
        )
    return chosen


def pick_area(code: str) -> None:
    """Make an area the chosen one."""
    st.session_state[_AREA] = code


def row_picker(key: str, codes: Sequence[str]) -> Callable[[], None]:
    """Return what a table calls when one of its rows, in the order of ``codes``, is selected."""

    def pick() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        st.session_state[_AREA] = codes[rows[0]] if rows else NO_AREA

    return pick


def select_row(key: str, codes: Sequence[str]) -> None:
    """Make a table show the chosen area as its selected row."""
    area = st.session_state.get(_AREA, NO_AREA)
    rows = [codes.index(area)] if area in codes else []
    st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}


def _pick_from(key: str) -> None:
    st.session_state[_AREA] = str(st.session_state[key]).strip()


# ---- what the browser's map reports ----------------------------------------------------------


def map_held() -> str:
    """Return which code and geometry the browser last said it holds."""
    return str(st.session_state.get(_HELD, ""))


def map_picker(key: str) -> Callable[[], None]:
    """Return what the map calls when an area is clicked or chosen by keyboard."""
    return functools.partial(_take, key, "picked", _AREA)


def map_holder(key: str) -> Callable[[], None]:
    """Return what the map calls when it reports what it holds."""
    return functools.partial(_take, key, "held", _HELD)


def spot_picker(key: str, name: str) -> Callable[[], None]:
    """Return what the map calls when a spot is clicked: it becomes the text named ``name``."""
    return functools.partial(_take, key, "spotted", f"choice_{name}")


def _take(key: str, event: str, into: str) -> None:
    value = st.session_state[key][event]
    if value is not None:
        st.session_state[into] = str(value)
