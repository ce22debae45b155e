"""What would the planner make of a visitor's own figures about areas?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from planner.area import CODE_PATTERNS, GEOGRAPHY_NAMES
from planner.maps.classes import classify
from planner.project import LayerEntry
from planner.sources.figures import figure_kind, find_codes, find_figures, say_codes
from planner.sources.matching import build_match
from planner.sources.published import layer_id
from planner.sources.tables import to_text
from planner.sources.text import clean_text
from planner.sources.trying_figures import FiguresTrial, try_figures
from planner.ui import parts, state
from planner.ui.area_map import MapView
from planner.ui.upload_parts import given as files
from planner.ui.upload_parts import using
from planner.ui.upload_parts.given import Given
from planner.wording import say_many, to_label

KINDS = {
    "count": "A number of people or things",
    "rate": "A rate or a percentage",
    "share": "A share between 0 and 1",
    "score": "A score or an index",
    "years": "Years",
}
DIRECTIONS = {
    "worse": "The higher, the greater the need",
    "better": "The higher, the better",
    "neither": "Neither: only show them",
}
SHOW_ONLY = ""
#: More different values than this are no choice of rows.
_MOST_VALUES = 200


def show(plan: state.Plan, given: Given) -> None:
    """Ask what the figures are, show what became of each row, and offer to use them."""
    given = files.to_plain_csv(given)
    files.show_match(build_match(given.table, file=given.upload.name, purpose="layer"), given)
    entry = _ask_where(given)
    figures = _ask_what(plan, given, entry)
    if not figures:
        return
    entry |= figures | files.ask_origin(given)
    key = f"{given.mark} {sorted(entry.items(), key=str)} {state.content_key(plan.project)}"
    checked = LayerEntry.model_validate(entry)
    trial = state.tried(
        key, lambda: try_figures(plan.project, plan.area, plan.layers, given.upload, checked)
    )
    _result(plan, trial, checked)
    if not trial.repeated:
        covered = int(trial.values.loc[plan.area.codes].notna().all(axis=1).sum())
        using.offer(
            "layer",
            entry,
            given,
            content=given.upload.content,
            ending=given.upload.suffix,
            what=f"{next(iter(entry['titles'].values()))}, for {say_many(covered, 'area')}",
        )


# ---- questions ---------------------------------------------------------------------------------


def _ask_where(given: Given) -> dict[str, Any]:
    """Ask which column has the area codes, of what areas, and which rows are wanted."""
    codes = find_codes(given.table)
    st.markdown("**Which column is which?** What the planner takes them for is filled in.")
    left, right = st.columns(2)
    with left:
        column = files.choose_header(
            "Area codes", given, "codes", guess="" if codes is None else codes.column
        )
    entry: dict[str, Any] = {"from": "table", "file": given.upload.name, "sheet": given.sheet}
    if not column:
        st.info(
            "Figures are laid on areas by their official codes, such as E01000001, W01000001 or "
            "S01006506. Say which column has them; names of areas are not enough."
        )
        return entry
    cells = to_text(given.table[column])
    seen = [key for key, form in CODE_PATTERNS.items() if cells.str.fullmatch(form).any()]
    options = seen or list(CODE_PATTERNS)
    guess = codes.geography if codes is not None and codes.column == column else options[0]
    with right:
        geography = st.selectbox(
            "What areas are these?",
            options,
            index=options.index(guess) if guess in options else 0,
            format_func=lambda one: GEOGRAPHY_NAMES.get(one, one),
            key=f"own_geography_{given.mark}_{column}",
        )
    entry |= {"code_column": column, "geography": geography}
    said = [] if codes is None or codes.column != column else say_codes(codes)
    if said:
        st.markdown("\n".join(f"- {parts.escape(text)}" for text in said))
    if cells[cells != ""].duplicated().any():
        entry |= _ask_rows(given)
    return entry


def _ask_rows(given: Given) -> dict[str, Any]:
    """Ask which rows to keep of a table with several rows an area."""
    left, right = st.columns(2)
    with left:
        column = files.choose_header("Keep only rows by this column", given, "where")
    if not column:
        return {}
    values = sorted(set(to_text(given.table[column])) - {""})
    if len(values) > _MOST_VALUES:
        st.info(f"{len(values):,} different values stand there: choose another column.")
        return {}
    with right:
        value = st.selectbox("that say", values, key=f"own_value_{given.mark}_{column}")
    return {"where": {column: value}} if value is not None else {}


def _ask_what(plan: state.Plan, given: Given, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Ask what the figures are called, mean and count towards; nothing until all is said."""
    found = find_figures(given.table, find_codes(given.table))
    left, right = st.columns(2)
    with left:
        column = files.choose_header(
            "Figures", given, "figures", guess=next(iter(found), ""), help_text="One at a time."
        )
    if not column or "code_column" not in entry:
        return {}
    title = right.text_input(
        "What they are called on the screen",
        value=clean_text(column, limit=80),
        max_chars=80,
        key=f"own_title_{given.mark}_{column}",
    )
    title = clean_text(title, limit=80) or clean_text(column, limit=80)
    left, right = st.columns(2)
    guess = figure_kind(column, given.table[column])
    kind = left.selectbox(
        "What sort of figure is it?",
        list(KINDS),
        index=list(KINDS).index(guess) if guess in KINDS else list(KINDS).index("score"),
        format_func=lambda one: KINDS[one],
        key=f"own_sort_{given.mark}_{column}",
    )
    unit = clean_text(
        right.text_input(
            "Unit",
            placeholder="such as people, or % of residents",
            max_chars=40,
            key=f"own_unit_{given.mark}_{column}",
        ),
        limit=40,
    )
    direction = st.radio(
        "Which way do they point?",
        list(DIRECTIONS),
        index=None,
        format_func=lambda one: DIRECTIONS[one],
        key=f"own_direction_{given.mark}_{column}",
    )
    if not unit or direction is None:
        st.info("Write the unit and say which way the figures point, and the rest follows.")
        return {}
    name = _free_id(title, plan)
    domain = SHOW_ONLY if direction == "neither" else _ask_domain(plan, given)
    return {
        "kind": kind,
        "unit": unit,
        "high_is": direction,
        "columns": {name: column},
        "titles": {name: title},
        "domains": {name: domain},
    }


def _ask_domain(plan: state.Plan, given: Given) -> str:
    domains = sorted({spec.domain for spec in plan.layers.specs.values() if spec.domain})
    chosen = st.selectbox(
        "Do they count towards need?",
        [SHOW_ONLY, *domains],
        format_func=lambda one: f"Yes, as part of {to_label(one)}" if one else "No: only show them",
        key=f"own_domain_{given.mark}",
        help="Ranks of need then change. A whole published index never belongs beside its own "
        "domains: the same thing would count twice.",
    )
    return str(chosen)


def _free_id(title: str, plan: state.Plan) -> str:
    """Return an id for the layer that no other has."""
    plain = layer_id(title)
    plain = plain if plain[:1].isalpha() else f"figure_{plain}".rstrip("_")[:40]
    unique, number = plain, 1
    while unique in plan.layers.specs:
        number += 1
        unique = f"{plain[:36]}_{number}"
    return unique


# ---- the answer --------------------------------------------------------------------------------


def _result(plan: state.Plan, trial: FiguresTrial, entry: LayerEntry) -> None:
    heads = {"row": "Row of the file", "code": "Code", "reason": "Why it does not fit"}
    if trial.repeated:
        parts.finding("Some areas stand in the table more than once, so none of it can be used.")
        parts.prose("Say above which rows to keep, or cut the table down to one row an area.")
        files.show_lost(trial.lost, heads, key="figures")
        return
    (name, title) = next(iter(entry.titles.items()))
    values = trial.values.loc[plan.area.codes, name]
    covered = int(values.notna().sum())
    unused = f"{len(trial.lost):,} do not fit" if len(trial.lost) else "all fit"
    parts.finding(
        f"Of {say_many(trial.rows, 'row')}, {unused}. {covered:,} of {len(values):,} areas of "
        f"{plan.area.name} get a figure, from {values.min():,.4g} to {values.max():,.4g} "
        f"{entry.unit}."
    )
    if trial.notes:
        st.markdown("\n".join(f"- {parts.escape(note)}" for note in trial.notes))
    files.show_lost(trial.lost, heads, key="figures")
    _map(plan, values, title, entry.unit)
    frame = pd.DataFrame(
        {"Area": plan.area.place["area_name"], "Code": values.index, title: values.to_numpy()}
    )
    parts.table(frame, title="The figure of each area", name="own_figures", key="own_figures")


def _map(plan: state.Plan, values: pd.Series, title: str, unit: str) -> None:
    parts.show_map(
        plan,
        MapView(
            title=f"Map of {plan.area.name}: {title}",
            legend=f"{title}, {unit} (number of areas)",
            classes=classify(values, scheme="quantiles", unit=unit),
            shown=values,
            unit=f" {unit}",
        ),
        key="map_own",
    )
