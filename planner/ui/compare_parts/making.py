"""How does a person make a scenario, change by change, without knowing a code?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from planner.errors import PlannerError
from planner.scenario import (
    Change,
    apply_changes,
    apply_to_area,
    apply_to_timetable,
    changes_touching,
    from_toml,
    refuse_without_timetable,
    to_toml,
)
from planner.scenario.words import name_opened, say_change
from planner.services import Services
from planner.sources.text import slug
from planner.ui import parts, scenarios, state
from planner.ui.compare_parts.forms import FORMS, Asked
from planner.ui.compare_parts.kept import Kept
from planner.ui.compare_parts.places import venue_names
from planner.ui.scenarios import Draft
from planner.wording import say_many


def show(plan: state.Plan, options: Mapping[str, Kept]) -> None:
    """Let a person choose a scenario, change it, name it and keep it."""
    st.header("Make or change a scenario", anchor=False)
    parts.finding(
        "A scenario is a list of changes to today, in words. Add changes one by one, name it, and "
        "save it to see who gains and who loses."
    )
    folder = plan.project.folder
    key = scenarios.choose_working(options)
    draft = scenarios.get_draft(folder, key, options)
    scenarios.ask_name(folder, key, draft)
    _meanwhile(plan, key, draft, options)
    services = _list(plan, key, draft)
    _add(plan, key, draft, services)
    _keep(plan, key, draft, options)
    _upload(folder)
    parts.source_line(plan.services.sources)


def check_changes(plan: state.Plan, changes: tuple[Change, ...]) -> Services:
    """Return the services after the changes, if all of them can be made.

    Raises
    ------
    ProjectError
        One cannot be.
    """
    services = apply_changes(plan.services, changes)
    apply_to_area(plan.area, changes)
    if changes_touching(changes, "timetable"):
        if plan.network is None:
            refuse_without_timetable(changes)
        else:
            apply_to_timetable(plan.network.timetable, changes)
    return services


def in_words(plan: state.Plan, changes: tuple[Change, ...]) -> list[str]:
    """Return each change as a sentence."""
    names = name_opened(changes, plan.services.venues["venue_name"].astype(str).to_dict())
    return [say_change(change, names) for change in changes]


def _meanwhile(plan: state.Plan, key: str, draft: Draft, options: Mapping[str, Kept]) -> None:
    """Say that the file changed since it was read, and what it says now; nothing is lost."""
    base, now = draft.base, options.get(key)
    if base is None or not base.mark or not draft.changed:
        return
    if now is None:
        st.warning(
            "The file of this scenario was deleted elsewhere. Yours is still here: save it to "
            "have it back."
        )
        return
    if now.mark == base.mark:
        return
    lines = in_words(plan, now.scenario.changes) or ["No change at all."]
    listed = "\n".join(f"- {parts.escape(line)}" for line in lines)
    name = parts.escape(now.scenario.name)
    st.warning(
        f"{name} was changed elsewhere since you opened it, in another tab or by somebody else. "
        f"Nothing is overwritten. The other one now says:\n\n{listed}"
    )
    left, right = st.columns(2)
    left.button(
        "Keep both: save mine as another scenario",
        on_click=scenarios.save,
        args=(plan.project, key, draft),
        kwargs={"copy": True},
        width="stretch",
        key="keep_both",
    )
    right.button(
        "Drop my changes and take the other",
        on_click=scenarios.drop_draft,
        args=(plan.project.folder, key),
        width="stretch",
        key="take_other",
    )


def _list(plan: state.Plan, key: str, draft: Draft) -> Services | None:
    """List the changes, each with its button; return the services after them."""
    changes = draft.scenario.changes
    if not changes:
        st.caption("No change yet: this is today. Add the first one below.")
        return plan.services  # type: ignore[no-any-return]
    st.markdown(f"**{say_many(len(changes), 'change')}, made in this order**")
    for number, words in enumerate(in_words(plan, changes)):
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.markdown(f"{number + 1}. {parts.escape(words)}")
        right.button(
            f"Remove {number + 1}",
            key=f"remove_{key}_{number}",
            help=f"Remove: {words}",
            on_click=scenarios.put_draft,
            args=(plan.project.folder, key, scenarios.without_change(draft, number)),
        )
    try:
        return check_changes(plan, changes)
    except PlannerError as error:
        st.error(parts.escape(f"These changes cannot be made: {error}"))
        return None


def _add(plan: state.Plan, key: str, draft: Draft, services: Services | None) -> None:
    st.subheader("Add a change", anchor=False)
    if services is None:
        st.caption("Remove the change that cannot be made first.")
        return
    timed = plan.network is not None
    words = {value: form[0] for value, form in FORMS.items() if timed or not form[2]}
    kind = st.selectbox(
        "What changes", list(words), format_func=words.__getitem__, key="form_change"
    )
    if not timed:
        st.caption("Buses cannot be changed: journeys of this project go by no timetable.")
    asked = Asked(plan=plan, services=services, venues=venue_names(services))
    with parts.guard():
        made = FORMS[kind][1](asked)
        if made:
            names = in_words(plan, (*draft.scenario.changes, *made))[-len(made) :]
            parts.prose("This would be added: " + " ".join(names))
        st.button(
            "Add this change",
            type="primary",
            disabled=not made,
            on_click=_take,
            args=(plan, key, draft, made),
            key="add_change",
        )


def _take(plan: state.Plan, key: str, draft: Draft, made: tuple[Change, ...]) -> None:
    """Add changes that can be made; say what is wrong with others."""
    try:
        check_changes(plan, (*draft.scenario.changes, *made))
    except PlannerError as error:
        scenarios.say("error", str(error))
        return
    scenarios.put_draft(plan.project.folder, key, scenarios.with_changes(draft, *made))
    scenarios.say("success", "Added. Save the scenario to compare it with today.")


def _keep(plan: state.Plan, key: str, draft: Draft, options: Mapping[str, Kept]) -> None:
    st.subheader("Keep it", anchor=False)
    project, scenario = plan.project, draft.scenario
    home = scenarios.home_of(project)
    if home is None:
        st.caption(parts.escape(scenarios.why_not_kept(project)))
    columns = st.columns(3)
    columns[0].button(
        "Save and compare" if home is not None else "Keep and compare",
        type="primary",
        disabled=not scenario.changes,
        on_click=scenarios.save,
        args=(project, key, draft),
        width="stretch",
        key="save_scenario",
    )
    columns[1].download_button(
        "Download this scenario",
        data=to_toml(scenario),
        file_name=f"{slug(scenario.name) or 'scenario'}.toml",
        mime="application/toml",
        on_click="ignore",
        width="stretch",
        key="download_scenario",
    )
    if key:
        columns[2].button(
            "Delete this scenario",
            on_click=scenarios.delete,
            args=(project, options[key]),
            width="stretch",
            key="delete_scenario",
        )
    if draft.changed:
        st.caption("Not saved yet." if scenario.changes else "Nothing to save yet.")


def _upload(folder: Path) -> None:
    with st.expander("Use a scenario from a file"):
        given = st.file_uploader(
            "A scenario file that was downloaded here or written by hand (.toml)",
            type=["toml"],
            max_upload_size=1,
            key="scenario_upload",
        )
        if given is None:
            return
        with parts.guard():
            scenario = from_toml(given.getvalue(), where=given.name)
            st.caption(
                parts.escape(
                    f"{scenario.name}: {say_many(len(scenario.changes), 'change')}. It takes the "
                    "place of the new scenario above, if there is one."
                )
            )
            st.button(
                "Open it as a new scenario",
                on_click=scenarios.take_in,
                args=(folder, scenario),
                key="take_upload",
            )
