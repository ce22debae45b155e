"""What is open, what was chosen, and what is already worked out? The only place that remembers.

Session state, caches and the address bar are touched here and nowhere else. What the address bar
says is checked against what can be chosen; anything else is ignored. It never names a file.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import platformdirs
import streamlit as st

import planner
from planner.area import StudyArea
from planner.cache import Memo, digest, open_shelf
from planner.errors import PlannerError
from planner.project import PROJECT_FILE, Project
from planner.ui.area_map import MapGeometry, build_geometry
from planner.ui.job import Job as Job

PROJECT_VARIABLE = "PLANNER_PROJECT"
ROOTS_VARIABLE = "PLANNER_DATA_ROOTS"
NO_AREA = ""
#: Above this many areas a list to choose from is slower than typing a code.
MOST_LISTED = 3_000
#: Longest text that can be written into a choice.
MOST_WRITTEN = 60
#: Plans with private layers, and what rests on them, that one visitor's session keeps.
MOST_PRIVATE = 8

_OPENED, _AREA, _HELD, _KEPT = "opened_project", "chosen_area", "map_held", "kept_choices"
_PRIVATE, _WANTED, _TRIED = "private_plans", "wanted_answers", "tried_file"

T = TypeVar("T")

#: A plan as the pages see it; its attributes are those of `planner.plan.Plan`.
Plan = Any


# ---- the project and its plan ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A project file, and further folders it may read from."""

    path: Path
    data_roots: tuple[Path, ...] = ()

    def read(self) -> Project:
        """Read and check the project file as it stands now."""
        return Project.read(self.path, data_roots=self.data_roots)


def opened() -> Opened:
    """Return the project this visitor looks at: chosen here, given at the start, or the demo."""
    chosen = st.session_state.get(_OPENED)
    return chosen if isinstance(chosen, Opened) else given_project()


def given_project() -> Opened:
    """Return the project the app was started on, or the demo place."""
    given = os.environ.get(PROJECT_VARIABLE, "")
    if not given:
        return demo_project()
    roots = os.environ.get(ROOTS_VARIABLE, "").split(os.pathsep)
    return Opened(path=Path(given), data_roots=tuple(Path(root) for root in roots if root))


def demo_project() -> Opened:
    """Return the fictional place: the one beside app.py, or one written to the cache folder."""
    beside = Path(planner.__file__).resolve().parent.parent / "data" / "demo" / PROJECT_FILE
    return Opened(path=beside if beside.is_file() else _written_demo())


def may_open_files() -> bool:
    """Return whether a visitor may name a file: only at this very machine."""
    return st.get_option("server.address") in {"127.0.0.1", "localhost", "::1"}


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


def open_demo() -> None:
    """Open the fictional place."""
    _switch_to(demo_project())


def current_plan(*, hubs: int | None = None) -> Plan:
    """Return the plan of the opened project, working it out with words for each stage.

    Parameters
    ----------
    hubs
        Number of hubs, instead of the project's own.

    Raises
    ------
    PlannerError
        The project, a file or a setting cannot be used.
    """
    project = opened().read()
    if hubs is not None and hubs != project.spec.hubs.count:
        settings = project.spec.hubs.model_copy(update={"count": hubs})
        project = project.with_spec(hubs=settings)
    if project.spec.private and not private_allowed():
        project = project.without_private()
    if project.spec.private:
        return _private_plan(project)
    key = content_key(project)
    job = _job(key, project)
    try:
        if not job.done(seconds=0.3):
            _show_progress(job, project.spec.place.name)
            st.rerun()
        return job.result()
    except Exception:
        _job.clear(key, project)
        raise


def _private_plan(project: Project) -> Plan:
    """Return a plan with private layers, kept for this visitor's session and nowhere else.

    Stages that hold private figures are not in the memo either (`planner.plan`).
    """
    memo = _memo()
    job = private_job("plan", project, lambda tell: work_out(project, memo, tell))
    try:
        if not job.done(seconds=0.3):
            _show_progress(job, project.spec.place.name)
            st.rerun()
        return job.result()
    except Exception:
        jobs: dict[Any, Job] = st.session_state[_PRIVATE]
        st.session_state[_PRIVATE] = {key: one for key, one in jobs.items() if one is not job}
        raise


def private_job(what: str, project: Project, work: Callable[[Any], Any]) -> Job:
    """Return a job on private figures, kept for this visitor's session and nowhere else."""
    key = (what, content_key(project), repr(project.spec.private), _private_facts(project))
    jobs: dict[Any, Job] = dict(st.session_state.get(_PRIVATE, {}))
    if key not in jobs:
        jobs[key] = Job(work)
        st.session_state[_PRIVATE] = dict(list(jobs.items())[-MOST_PRIVATE:])
    return jobs[key]


def _private_facts(project: Project) -> tuple[tuple[int, int], ...]:
    """Return when the private files last changed; what is wrong with one is said by its reader."""
    found = []
    for entry in project.spec.private:
        try:
            facts = project.path(entry.file).stat()
        except (PlannerError, OSError):
            continue
        found.append((facts.st_mtime_ns, facts.st_size))
    return tuple(found)


def content_key(project: Project) -> str:
    """Return a hash of the project's settings and of the bytes of every file it names."""
    shas = {}
    for name in project.files():
        path = project.path(name)
        facts = path.stat()
        shas[name] = _sha256(str(path), facts.st_mtime_ns, facts.st_size, name, project)
    return digest(project.to_toml(), str(project.folder), shas)


def answer(plan: Plan, question: str, asked: Sequence[Any], build: Callable[[Memo], T]) -> T:
    """Return the answer to a question about a plan, worked out once for everybody.

    ``asked`` are plain values that it depends on beside the project and its files.
    """
    key = digest(question, content_key(plan.project), list(asked))
    memo = _memo()
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


def work_out(project: Project, memo: Memo, tell: Callable[[str, float], None]) -> Plan:
    """Return the plan of a project; tests put a ready one in its place."""
    from planner.plan import make_plan

    return make_plan(project, memo=memo, progress=tell)


def _show_progress(job: Job, name: str) -> None:
    with st.status(f"Working out the plan for {name}", expanded=True) as box:
        line = st.empty()
        while not job.done(seconds=0.2):
            words = f"{job.words} ({job.share:.0%} of the steps done)"
            box.update(label=words)
            line.progress(min(max(job.share, 0.0), 1.0), text=words)
        box.update(label="Ready", state="complete", expanded=False)


@st.cache_resource(max_entries=8, show_spinner=False)
def _job(key: str, _project: Project) -> Job:
    memo = _memo()
    return Job(lambda tell: work_out(_project, memo, tell))


@st.cache_resource(show_spinner=False)
def _memo() -> Memo:
    return Memo(shelf=open_shelf())


@st.cache_resource(max_entries=8, show_spinner=False)
def _geometry(
    key: tuple[int, int], _area: StudyArea, _backdrop: gpd.GeoDataFrame | None
) -> tuple[MapGeometry, StudyArea, gpd.GeoDataFrame | None]:
    # The inputs are kept beside the result: their ids stay taken while the key is in use.
    return build_geometry(_area, _backdrop), _area, _backdrop


@st.cache_resource(max_entries=512, show_spinner=False)
def _sha256(path: str, modified: int, size: int, _name: str, _project: Project) -> str:
    return _project.sha256(_name)


@st.cache_resource(show_spinner="Writing the fictional demo place")
def _written_demo() -> Path:
    from planner.demo import write_demo
    from planner.plan.stages import version_of

    folder = platformdirs.user_cache_path("planner") / f"demo-{version_of('planner')}"
    found = folder / PROJECT_FILE
    return found if found.is_file() else Path(write_demo(folder))


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
