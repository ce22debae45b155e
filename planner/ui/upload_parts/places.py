"""What would the planner make of a visitor's own list of places?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from planner.errors import DataError
from planner.maps.classes import PALETTES, classify
from planner.project import ServicesEntry
from planner.sources.columns import SERVICE_KEYS, choose_columns, name_keys
from planner.sources.known import find_register
from planner.sources.matching import KIND, build_match, guess_kind, say_missing, to_kind
from planner.sources.trying import AROUND, FURTHER, INSIDE, Trial, try_services
from planner.standards import DEFAULTS, kind_words
from planner.ui import parts, state
from planner.ui.area_map import MapView, PointSet
from planner.ui.upload_parts import given as files
from planner.ui.upload_parts import using
from planner.ui.upload_parts.given import Given
from planner.wording import say_many

#: Key of the project file → what a person is asked for.
QUESTIONS: dict[str, str] = {
    "name_column": "Name of the place",
    "postcode_column": "Postcode",
    "x_column": "Longitude or easting",
    "y_column": "Latitude or northing",
    "opening_column": "Opening times",
    "capacity_column": "Capacity",
    "id_column": "Publisher's id",
}
STATUSES = {
    "existing": "The service is there today",
    "candidate": "It is not there today, but a hub could be",
}
_PLACED_BY = ("postcode_column", "x_column", "y_column")
_WHERE_LOOKS = {INSIDE: ("circle", 0), AROUND: ("square", 1), FURTHER: ("triangle", 2)}


def show(plan: state.Plan, given: Given) -> None:
    """Ask what stands in a list of places, show what became of each row, and offer to use it."""
    kind = _choose_kind(plan, given)
    match = build_match(given.table, file=given.upload.name, purpose="services", kind=kind)
    files.show_match(match, given)
    keys = _choose_columns(given)
    if not given.located:
        _what_is_missing(plan, given.table, keys)
        if not {"x_column", "y_column"} <= set(keys) and "postcode_column" not in keys:
            return
    if not kind:
        st.info("Say what kind of service the file lists, and the rest follows.")
        return
    status = st.selectbox(
        "What are they today?",
        list(STATUSES),
        format_func=lambda one: STATUSES[one],
        key=f"own_status_{given.mark}",
    )
    origin = files.ask_origin(given)
    register = find_register(given.table)
    entry = {
        "kind": kind,
        "from": "table" if register is None else register.reader,
        "file": given.upload.name,
        "sheet": given.sheet,
        **({} if status == "existing" else {"status": status}),
        **keys,
        **origin,
    }
    trial = _try(plan, given, entry)
    _result(plan, trial, kind)
    if len(trial.placed):
        using.offer(
            "services",
            entry,
            given,
            content=given.upload.content,
            ending=given.upload.suffix,
            what=f"{say_many(len(trial.placed), 'place')} ({kind_words(kind)})",
        )


def _try(plan: state.Plan, given: Given, entry: Mapping[str, Any]) -> Trial:
    key = f"{given.mark} {sorted(entry.items())} {state.content_key(plan.project)}"
    checked = ServicesEntry.model_validate(dict(entry))
    rows = len(given.table)
    return state.tried(
        key, lambda: try_services(plan.project, plan.area, given.upload, checked, rows=rows)
    )


# ---- questions ---------------------------------------------------------------------------------


def _choose_kind(plan: state.Plan, given: Given) -> str:
    guess = guess_kind(given.upload.name)
    known = {*plan.project.spec.bundle.kinds, *plan.services.kinds, *DEFAULTS, guess}
    kinds = sorted(known - {"service"})
    typed = st.selectbox(
        "What kind of service is listed?",
        kinds,
        index=kinds.index(guess) if guess in kinds else None,
        format_func=lambda kind: parts.capital(kind_words(str(kind))),
        accept_new_options=True,
        placeholder="Choose one, or type your own",
        key=f"own_kind_{given.mark}",
    )
    if not typed:
        return ""
    kind = typed if KIND.fullmatch(typed) else to_kind(typed)
    if not kind:
        raise DataError("A kind of service needs letters in its name, such as warm space.")
    return kind


def _choose_columns(given: Given) -> dict[str, str]:
    """Return project key → header as chosen; the guess stands first in each list."""
    roles = list(dict.fromkeys(role for names in SERVICE_KEYS.values() for role in names))
    guess = name_keys(choose_columns(given.table, roles), SERVICE_KEYS)
    st.markdown("**Which column is which?** What the planner takes them for is filled in.")
    asked = {k: q for k, q in QUESTIONS.items() if not (given.located and k in _PLACED_BY)}
    keys: dict[str, str] = {}
    columns: Any = ()
    for turn, (key, question) in enumerate(asked.items()):
        # Pair by pair, so that a narrow screen keeps their order.
        columns = columns if turn % 2 else st.columns(2)
        with columns[turn % 2]:
            chosen = files.choose_header(question, given, key, guess=guess.get(key, ""))
        if chosen:
            keys[key] = chosen
    if ("x_column" in keys) != ("y_column" in keys):
        raise DataError(
            "Coordinates come in pairs.", hint="Choose both columns of coordinates, or neither."
        )
    return keys


def _what_is_missing(plan: state.Plan, table: pd.DataFrame, keys: Mapping[str, str]) -> None:
    missing = say_missing(table, keys)
    if plan.project.spec.postcodes is not None and "postcode_column" in keys:
        # Where the project knows postcodes, these are enough.
        missing = [line for line in missing if not line.startswith("No coordinates: ")]
    if missing:
        st.markdown("\n".join(f"- {parts.escape(line)}" for line in missing))


# ---- the answer --------------------------------------------------------------------------------


def _result(plan: state.Plan, trial: Trial, kind: str) -> None:
    counts = trial.placed["where"].value_counts()
    inside, around, further = (int(counts.get(name, 0)) for name in (INSIDE, AROUND, FURTHER))
    place = plan.area.name
    lost = f"{len(trial.lost):,} cannot be used" if len(trial.lost) else "none is lost"
    parts.finding(
        f"Of {say_many(trial.rows, 'row')}, {lost}. On the map: "
        f"{say_many(len(trial.placed), 'place')}, of which {inside:,} in {place}, {around:,} "
        f"within 10 km of it, and {further:,} further away."
    )
    if trial.notes:
        st.markdown("\n".join(f"- {parts.escape(note)}" for note in trial.notes))
    heads = {"row": "Row (header not counted)", "name": "Name", "reason": "Why it does not fit"}
    files.show_lost(trial.lost, heads, key="places")
    if len(trial.placed):
        words = {INSIDE: f"in {place}", AROUND: "within 10 km", FURTHER: "further away"}
        _map(plan, trial, words, kind)
        frame = pd.DataFrame(
            {
                "Name": trial.placed["name"],
                "Postcode": trial.placed["postcode"],
                "Where": trial.placed["where"].map(words),
                "Opening times": trial.placed["opening"].replace("", "not known"),
            }
        )
        parts.table(frame, title="Places on the map", name="own_places", key="own_placed")


def _map(plan: state.Plan, trial: Trial, words: Mapping[str, str], kind: str) -> None:
    sets = []
    for where, (shape, colour) in _WHERE_LOOKS.items():
        points = trial.placed[trial.placed["where"] == where]
        if len(points):
            label = f"{parts.capital(kind_words(kind, plural=len(points) != 1))}, {words[where]}"
            sets.append(
                PointSet(
                    label=label,
                    shape=shape,
                    colour=PALETTES["okabe_ito"][colour],
                    points=points[["name", "geometry"]],
                )
            )
    place: Any = plan.area.place
    parts.show_map(
        plan,
        MapView(
            title=f"Map of {plan.area.name} with the places of your file",
            legend="Residents of the area (number of areas)",
            classes=classify(place["population"], scheme="quantiles", unit="people"),
            shown=place["population"],
            unit=" residents",
            points=tuple(sets),
        ),
        key="map_own",
    )
