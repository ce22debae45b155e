"""What does each scenario change, for whom and how fairly: finding, map, tables, downloads?"""

from __future__ import annotations

import io
import zipfile
from types import SimpleNamespace
from typing import Any

import pandas as pd
import streamlit as st

from planner.before_after import ANY_KIND, EQUALITY_TITLE
from planner.export.before_after import build_before_after_files
from planner.export.cells import to_csv_text
from planner.scenario import to_toml
from planner.ui import parts, state
from planner.ui.compare_parts import mapped, shown
from planner.ui.compare_parts.making import in_words
from planner.ui.compare_parts.shown import Compared
from planner.ui.fold import fold

#: So that the same files are the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


def show(plan: state.Plan, compared: Compared) -> None:
    """Show scenarios side by side."""
    parts.finding(*shown.find(compared))
    left, right = st.columns(2)
    with left:
        kind = state.choose("Service", "kind", shown.kinds(compared), default=ANY_KIND)
    at = 0
    if len(compared.keys) > 1:
        names = {key: one.name for key, one in zip(compared.keys, compared.scenarios, strict=True)}
        with right:
            at = compared.keys.index(state.choose("Scenario on the map", "on_map", names))
    chosen = parts.show_map(plan, mapped.view(plan, compared, at, kind), key="map_compare")
    if chosen:
        for line in shown.area_lines(compared, plan, chosen):
            parts.prose(line)
    parts.source_line(
        [*plan.area.sources, *plan.services.sources],
        extra=f"Journeys are {plan.way.words}. Purple is nearer, orange is further.",
    )
    _scenarios_in_words(plan, compared)
    _download(plan, compared)
    _who(plan, compared, kind)
    _equality(compared, kind)
    _fairness(compared, kind)
    _in_sentences(compared)


def _scenarios_in_words(plan: state.Plan, compared: Compared) -> None:
    frame = pd.DataFrame(
        [
            (scenario.name, words)
            for scenario in compared.scenarios
            for words in in_words(plan, scenario.changes)
        ],
        columns=["Scenario", "Change"],
    )
    parts.table(frame, title="What is changed", name="changes", key="changes")
    notes = [(a.found.name, n.text) for a in compared.answers for n in a.notes]
    if notes:
        st.markdown("\n".join(f"- {parts.escape(f'{name}: {text}')}" for name, text in notes))


def _who(plan: state.Plan, compared: Compared, kind: str) -> None:
    st.header("Who gains and who loses", anchor=False)
    frame = shown.kinds_table(compared)
    _table(frame, "Service by service", "compare_services")
    words = shown.kind_name(kind)
    areas = shown.areas_table(compared, kind)
    _table(areas, f"Area by area: {words}", "compare_areas", codes=areas.index.tolist())
    for by, head, title in (
        ("by_type", "Type", "By type of neighbourhood"),
        ("by_tenth", "Tenth of need", "By tenth of need today (the 1st has the greatest)"),
    ):
        frame = shown.groups_table(compared, by, head, kind)
        if len(frame):
            _table(frame, f"{title}: {words}", f"compare_{by}")
    frame = shown.partners_table(compared)
    if len(frame):
        _table(frame, "Partner by partner", "compare_partners")


def _equality(compared: Compared, kind: str) -> None:
    st.header(EQUALITY_TITLE, anchor=False)
    caveats = compared.found[0].evidence.caveats
    parts.prose(caveats[0])
    frame = shown.groups_table(compared, "groups", "Group", kind)
    if len(frame):
        words = shown.kind_name(kind)
        _table(frame, f"{EQUALITY_TITLE}: {words}", "equality_evidence")
    for text in caveats[1:]:
        st.caption(parts.escape(text))


def _fairness(compared: Compared, kind: str) -> None:
    if compared.side.equity.empty:
        return
    frame = shown.fairness_table(compared, kind)
    st.header("Fairness before and after", anchor=False)
    if frame.empty:
        parts.prose(f"No measure of fairness changes: {shown.kind_name(kind)}.")
        return
    parts.prose(
        "A lower inequality is not better access: everyone may have further to go alike. A change "
        "is not sure where each figure lies within the other's interval."
    )
    _table(frame, "Measures of fairness that change", "compare_fairness", decimals=3)


def _in_sentences(compared: Compared) -> None:
    st.header("In sentences", anchor=False)
    for number, one in enumerate(compared.found):

        def tell(number: int = number) -> None:
            found = compared.found[number]
            lines = (*found.findings, *found.evidence.findings)
            st.markdown("\n".join(f"- {parts.escape(line)}" for line in lines))

        fold(f"Everything that changes: {parts.escape(one.name)}", f"sentences_{number}", tell)
    caveats = dict.fromkeys(text for one in compared.found for text in one.caveats)
    st.markdown("\n".join(f"- {parts.escape(text)}" for text in caveats))
    notes = dict.fromkeys(note for one in compared.found for note in one.notes)
    parts.notes_list(list(notes), title="Who was left out, and where")


def _table(
    frame: pd.DataFrame, title: str, name: str, *, decimals: int = 0, codes: Any = None
) -> None:
    numbers = frame.select_dtypes("number").columns
    parts.table(
        frame,
        title=title,
        name=name,
        key=name,
        decimals=dict.fromkeys(numbers, decimals),
        codes=codes,
    )


# ---- files --------------------------------------------------------------------------------------


def _download(plan: state.Plan, compared: Compared) -> None:
    st.download_button(
        "Download everything: scenarios, tables and findings (ZIP)",
        data=lambda: to_zip(plan, compared),
        file_name="scenarios.zip",
        mime="application/zip",
        on_click="ignore",
        key="download_comparison",
    )


def to_zip(plan: state.Plan, compared: Compared) -> bytes:
    """Return every table of a comparison, with the scenarios that made them; always the same."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, text in _texts(plan, compared).items():
            pack.writestr(zipfile.ZipInfo(name, date_time=_DATE), text.encode("utf-8-sig"))
        for key, scenario in zip(compared.keys, compared.scenarios, strict=True):
            info = zipfile.ZipInfo(f"{key}/scenario.toml", date_time=_DATE)
            pack.writestr(info, to_toml(scenario).encode("utf-8"))
    return held.getvalue()


def _texts(plan: state.Plan, compared: Compared) -> dict[str, str]:
    found = {"READ_ME.txt": "\n".join(_read_me(plan, compared)) + "\n"}
    for key, one in zip(compared.keys, compared.found, strict=True):
        holder: Any = SimpleNamespace(before_after=one)
        for name, table in build_before_after_files(holder).items():
            found[f"{key}/{name}"] = to_csv_text(table)
    side = compared.side
    if len(compared.keys) > 1:
        for part in ("summary", "areas", "minutes", "by_type", "by_tenth", "groups", "equity"):
            table = getattr(side, part)
            if len(table):
                found[f"side_by_side_{part}.csv"] = to_csv_text(table.reset_index())
    return found


def _read_me(plan: state.Plan, compared: Compared) -> list[str]:
    lines = [f"Scenarios for {plan.area.name}, beside today", "", *plan.watermarks, ""]
    for scenario, one in zip(compared.scenarios, compared.found, strict=True):
        lines += [scenario.name, *[f"- {w}" for w in in_words(plan, scenario.changes)], ""]
        lines += [*one.findings, *one.evidence.findings, ""]
    lines += dict.fromkeys(text for one in compared.found for text in one.caveats)
    lines += ["", EQUALITY_TITLE, *compared.found[0].evidence.caveats, ""]
    lines += [
        "Journeys are " + plan.way.words + ".",
        "Each folder holds one scenario and what it changes; planner run PROJECT -o OUT --scenario "
        "scenario.toml makes its whole result.",
    ]
    return lines
