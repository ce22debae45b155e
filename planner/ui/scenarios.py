"""Which scenarios are there, which one is being made, and what did each change?

A part of `planner.ui.state`: what the page of scenarios remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from planner.before_after import BeforeAfter, build_before_after, take_snapshot
from planner.cache import Memo, digest
from planner.errors import PlannerError
from planner.ledger import Note
from planner.project import Project
from planner.scenario import Change, Scenario
from planner.services import Services
from planner.sources.text import clean_text
from planner.ui import serving, state, uploads, waiting
from planner.ui.compare_parts import kept as files
from planner.ui.compare_parts.kept import Kept
from planner.ui.type_choices import choose_several

#: What a scenario is called until somebody names it.
NEW = ""
#: The choice of a new place on the map, as `planner.ui.state.spot_picker` fills it in.
SPOT = "scenario_spot"
#: Scenarios that can be set side by side at once.
MOST_COMPARED = 6
LONGEST_NAME = 80
#: Answers on scenarios that are kept for everybody.
MOST_ANSWERS = 16
CHOSEN = "scenarios"
#: The choice of what to do on the page, and its two values.
TASK, COMPARE, MAKE = "do", "compare", "make"

_DRAFTS, _MINE, _WORKING, _SAID = (
    "scenario_drafts",
    "scenarios_mine",
    "scenario_working",
    "scen_said",
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A scenario as it is being made, and the one that it was made from (None: from nothing)."""

    scenario: Scenario
    base: Kept | None = None

    @property
    def changed(self) -> bool:
        """Whether it says something else than what it was made from."""
        return self.scenario != (Scenario(name=NEW) if self.base is None else self.base.scenario)


@dataclass(frozen=True, kw_only=True, eq=False)
class WhatIf:
    """What one scenario changes: its services, and the notes that its changes left."""

    found: BeforeAfter
    services: Services
    notes: tuple[Note, ...]


# ---- what there is ----------------------------------------------------------------------------


def home_of(project: Project) -> Path | None:
    """Return the folder that scenarios are kept in; None: they stay in this visitor's session."""
    if serving.is_read_only() or not (state.may_open_files() or serving.is_on()):
        return None
    return None if _is_demo(project) or not files.is_writable(project.folder) else project.folder


def why_not_kept(project: Project) -> str:
    """Return why scenarios of a project stay in the session."""
    if serving.is_read_only():
        why = "Nothing is written to the project folder in this app"
    elif not (state.may_open_files() or serving.is_on()):
        why = "This app serves others, too"
    elif _is_demo(project):
        why = "This is the demo"
    else:
        why = "The project's folder cannot be written to"
    return f"{why}: scenarios are kept until you close this page. Download those you want to keep."


def _is_demo(project: Project) -> bool:
    if serving.is_on():
        return False
    return project.folder == state.demo_project().path.resolve().parent


def find_all(project: Project) -> tuple[dict[str, Kept], tuple[str, ...]]:
    """Return every scenario by key, those of this session too; and what could not be read."""
    found, wrong = files.read_kept(project.folder)
    return found | _mine(project.folder), wrong


def find_mine(folder: Path | None) -> dict[str, Kept]:
    """Return scenarios of this session: drafts, and those kept in no file; of all folders or one.

    For a project that can no longer be read.
    """
    drafts: dict[tuple[str, str], Draft] = st.session_state.get(_DRAFTS, {})
    mine: dict[tuple[str, str], Kept] = st.session_state.get(_MINE, {})
    found = dict(mine) | {
        at: Kept(key=at[1] or "draft", scenario=draft.scenario)
        for at, draft in drafts.items()
        if draft.scenario.changes
    }
    return {at[1]: one for at, one in found.items() if folder is None or at[0] == str(folder)}


def choose_compared(options: Mapping[str, Kept]) -> list[str]:
    """Let a person choose the scenarios to compare; they stand in the address."""
    key = f"choice_{CHOSEN}_"
    if key in st.session_state:
        st.session_state[key] = [one for one in st.session_state[key] if one in options]
    return choose_several(
        "Scenarios to compare with today",
        CHOSEN,
        {one: kept.scenario.name for one, kept in options.items()},
        default=(),
        help_text=f"At most {MOST_COMPARED} at once. They stand in the address, so that a page "
        "with scenarios of the project folder can be sent on.",
    )


def compare(*keys: str) -> None:
    """Put scenarios among those that are compared."""
    at = f"choice_{CHOSEN}_"
    asked = st.query_params.get(CHOSEN, "") or state.left(CHOSEN)
    before = st.session_state.get(at, [one for one in asked.split(".") if one])
    st.session_state[at] = list(dict.fromkeys([*before, *keys]))


def turn_to(task: str) -> None:
    """Turn to comparing or to making on the next run."""
    st.session_state[f"choice_{TASK}"] = task


# ---- the one that is being made ----------------------------------------------------------------


def choose_working(options: Mapping[str, Kept]) -> str:
    """Let a person choose the scenario to make or change; "" is a new one."""
    if st.session_state.get(_WORKING) not in options:
        st.session_state[_WORKING] = NEW
    names = {NEW: "A new scenario", **{key: one.scenario.name for key, one in options.items()}}
    return str(
        st.selectbox(
            "Scenario to make or change", list(names), key=_WORKING, format_func=names.__getitem__
        )
    )


def get_draft(folder: Path, key: str, options: Mapping[str, Kept]) -> Draft:
    """Return the scenario as it is being made: as left, or as it is kept."""
    held: Draft | None = st.session_state.get(_DRAFTS, {}).get((str(folder), key))
    if held is not None and held.changed:
        return held
    base = options.get(key)
    return Draft(scenario=Scenario(name=NEW) if base is None else base.scenario, base=base)


def put_draft(folder: Path, key: str, draft: Draft) -> None:
    """Remember the scenario as it is being made."""
    st.session_state.setdefault(_DRAFTS, {})[(str(folder), key)] = draft


def drop_draft(folder: Path, key: str) -> None:
    """Forget what was changed and not saved."""
    st.session_state.get(_DRAFTS, {}).pop((str(folder), key), None)
    st.session_state.pop(name_key(key), None)


def with_changes(draft: Draft, *changes: Change) -> Draft:
    """Return the draft with further changes at its end."""
    return replace(
        draft, scenario=replace(draft.scenario, changes=(*draft.scenario.changes, *changes))
    )


def without_change(draft: Draft, number: int) -> Draft:
    """Return the draft without one of its changes."""
    left = tuple(c for at, c in enumerate(draft.scenario.changes) if at != number)
    return replace(draft, scenario=replace(draft.scenario, changes=left))


def name_key(key: str) -> str:
    """Return the key of the field with the name of a scenario."""
    return f"scenario_name_{key}"


def ask_name(folder: Path, key: str, draft: Draft) -> None:
    """Let a person name a scenario."""
    at = name_key(key)

    def rename() -> None:
        name = clean_text(st.session_state[at], limit=LONGEST_NAME)
        put_draft(folder, key, replace(draft, scenario=replace(draft.scenario, name=name)))

    # What is kept comes first, so that a name changed elsewhere is not taken for a new one.
    st.session_state[at] = draft.scenario.name
    st.text_input("Name of the scenario", key=at, max_chars=LONGEST_NAME, on_change=rename)


def save(project: Project, key: str, draft: Draft, *, copy: bool = False) -> None:
    """Keep a scenario, ``copy``: as another one; say what became of it on the next run."""
    options, _ = find_all(project)
    old = None if copy else draft.base
    scenario = draft.scenario
    others = {k: one.scenario.name for k, one in options.items() if old is None or k != old.key}
    if copy:
        scenario = replace(scenario, name=_free_name(scenario.name, others))
    wrong = files.check_name(scenario.name, others)
    if old is None and len(options) >= files.MOST_KEPT:
        wrong = f"There are {len(options)} scenarios already: delete one first."
    if wrong:
        say("error", wrong)
        return
    at = files.new_key(scenario.name, options) if old is None else old.key
    home = home_of(project)
    try:
        if home is not None and (old is None or old.mark):
            stored = files.write_kept(home, at, scenario, mark=old.mark if old else "")
            where = f"saved in the project folder, as {files.FOLDER}/{at}.toml"
        else:
            stored = Kept(key=at, scenario=scenario)
            st.session_state.setdefault(_MINE, {})[(str(project.folder), at)] = stored
            where = "kept in this session: download it to keep it for longer"
    except PlannerError as error:
        say("error", str(error))
        return
    drop_draft(project.folder, key)
    st.session_state[_WORKING] = stored.key
    compare(stored.key)
    turn_to(COMPARE)
    say("success", f"{scenario.name} is {where}.")


def delete(project: Project, one: Kept) -> None:
    """Delete a scenario that is kept."""
    try:
        if one.mark and home_of(project) is None:
            say("error", f"{one.scenario.name} stays: this app changes nothing in the folder.")
            return
        if one.mark:
            files.delete_kept(project.folder, one.key, mark=one.mark)
        st.session_state.get(_MINE, {}).pop((str(project.folder), one.key), None)
    except PlannerError as error:
        say("error", str(error))
        return
    drop_draft(project.folder, one.key)
    say("success", f"{one.scenario.name} is deleted.")


def take_in(folder: Path, scenario: Scenario) -> None:
    """Make a scenario from a file the new one that is being made."""
    drop_draft(folder, NEW)
    put_draft(folder, NEW, Draft(scenario=scenario))
    st.session_state[_WORKING] = NEW


def say(level: str, text: str) -> None:
    """Remember what is to be said at the top of the part on making scenarios."""
    st.session_state[_SAID] = (level, text)


def said() -> tuple[str, str]:
    """Return what is to be said: how (``error`` or ``success``) and what; "" for nothing."""
    level, text = st.session_state.get(_SAID, ("", ""))
    return level, text


def forget_said() -> None:
    """Say it no more; called when a run has come to its end, for some begin anew halfway."""
    st.session_state.pop(_SAID, None)


def _mine(folder: Path) -> dict[str, Kept]:
    mine: dict[tuple[str, str], Kept] = st.session_state.get(_MINE, {})
    return {key: one for (at, key), one in mine.items() if at == str(folder)}


def _free_name(name: str, others: Mapping[str, str]) -> str:
    taken, number, free = {other.casefold() for other in others.values()}, 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name} ({number})"
    return free


# ---- what it changes ----------------------------------------------------------------------------


def what_if(plan: state.Plan, scenario: Scenario) -> WhatIf:
    """Return what a scenario changes beside today, working it out with words for each stage.

    Raises
    ------
    PlannerError
        The scenario cannot be applied to the project.
    """
    project: Project = plan.project
    key = (state.content_key(project), digest(scenario.to_plain()))
    memo = state.memo_for(project)

    def work(tell: Callable[[str, float], None]) -> WhatIf:
        return work_out(project, scenario, memo, tell)

    private = uploads.is_private(project)
    what = f"what_if {key[1]}"

    def begin() -> state.Job:
        return state.private_job(what, project, work) if private else _jobs().get(key, work)

    def let_go(old: state.Job) -> None:
        if not private:
            _jobs().drop(key)

    words = f"Working out what changes: {scenario.name}"
    found: WhatIf = waiting.wait_for(begin, let_go, key=digest(what, *key), words=words)
    return found


def work_out(
    project: Project, scenario: Scenario, memo: Memo, tell: Callable[[str, float], None]
) -> WhatIf:
    """Return what a scenario changes; tests put a ready answer in its place."""
    from planner.plan import make_plan

    plan = make_plan(project, scenario, memo=memo, progress=tell)
    found = plan.before_after
    if found is None:  # No change at all: as today.
        today = take_snapshot(plan)
        found = build_before_after(today, replace(today, name=scenario.name))
    made = tuple(note for note in plan.notes if note.stage == "scenario")
    return WhatIf(found=found, services=plan.services, notes=made)


@st.cache_resource(show_spinner=False)
def _jobs() -> state.KeptJobs:
    return state.KeptJobs(MOST_ANSWERS, max_bytes=serving.bytes_kept())
