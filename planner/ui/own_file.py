"""What would the planner make of a visitor's own table of places?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from planner.errors import DataError
from planner.maps.classes import PALETTES, classify
from planner.project import ServicesEntry
from planner.sources.columns import SERVICE_KEYS, choose_columns, name_keys
from planner.sources.known import find_register
from planner.sources.matching import (
    KIND,
    guess_kind,
    is_personal,
    read_own_table,
    say_missing,
    sheet_names,
    to_kind,
)
from planner.sources.pasting import services_section
from planner.sources.trying import AROUND, FURTHER, INSIDE, Trial, try_services
from planner.sources.uploads import MAX_UPLOAD_BYTES, Upload
from planner.standards import DEFAULTS, kind_words
from planner.ui import parts, state
from planner.ui.area_map import MapView, PointSet
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
NONE = ""
_WHERE_LOOKS = {INSIDE: ("circle", 0), AROUND: ("square", 1), FURTHER: ("triangle", 2)}


def show(plan: state.Plan) -> None:
    """Let a person try a file of their own, and show what became of each row."""
    st.header("Try a file of your own", anchor=False)
    parts.prose(
        "See how the planner reads a list of places (food banks, warm spaces, clinics) before you "
        "add it to the project. The file is read in the memory of the computer that this app runs "
        "on: it is not saved, and nobody else sees it. Lists of people do not belong here."
    )
    most = MAX_UPLOAD_BYTES // 1_000_000
    with st.expander("Choose a file"):
        given = st.file_uploader(
            f"A list of places, as CSV or Excel (at most {most} MB)",
            type=["csv", "tsv", "txt", "xlsx"],
            max_upload_size=most,
            key="own_file",
        )
    if given is None:
        state.forget_tried()
        return
    with parts.guard():
        _try_file(plan, Upload(name=given.name, content=given.getvalue()))


def _try_file(plan: state.Plan, upload: Upload) -> None:
    # Another file, or the same under another name, begins with its own guesses.
    mark = hashlib.sha256(upload.name.encode() + b"\n" + upload.content).hexdigest()[:12]
    sheet = _choose_sheet(upload, mark)
    table = read_own_table(upload, what=upload.name, sheet=sheet)
    if is_personal(table):
        st.warning(
            "This looks like a list of people, not of places, so nothing of it is shown. Records "
            "about people can be used as a private layer, which is counted on your own machine; "
            "the command planner match prints the section for it."
        )
        if not st.checkbox("These are places, not people", key=f"own_places_{mark}"):
            return
    mark = f"{mark}_{sheet}"
    kind = _choose_kind(plan, upload.name, mark)
    keys = _choose_columns(table, mark)
    _what_is_missing(table, keys)
    if not kind:
        st.info("Say what kind of service the file lists, and the rest follows.")
        return
    if not {"x_column", "y_column"} <= set(keys) and "postcode_column" not in keys:
        return
    register = find_register(table)
    reader = "table" if register is None else register.reader
    section = services_section(
        file=upload.name,
        kind=kind,
        keys=keys,
        sheet=sheet,
        reader="" if register is None else reader,
    )
    entry = ServicesEntry.model_validate(
        {"kind": kind, "from": reader, "file": upload.name, "sheet": sheet, **keys}
    )
    key = f"{mark} {section} {state.content_key(plan.project)}"
    trial = state.tried(
        key, lambda: try_services(plan.project, plan.area, upload, entry, rows=len(table))
    )
    _result(plan, trial, kind)
    _section(plan, section, upload.name)


# ---- questions ---------------------------------------------------------------------------------


def _choose_sheet(upload: Upload, mark: str) -> str:
    names = sheet_names(upload, what=upload.name)
    if len(names) < 2:
        return ""
    return str(st.selectbox("Which sheet of the workbook?", names, key=f"own_sheet_{mark}"))


def _choose_kind(plan: state.Plan, file: str, mark: str) -> str:
    guess = guess_kind(file)
    known = {*plan.project.spec.bundle.kinds, *plan.services.kinds, *DEFAULTS, guess}
    kinds = sorted(known - {"service"})
    typed = st.selectbox(
        "What kind of service is listed?",
        kinds,
        index=kinds.index(guess) if guess in kinds else None,
        format_func=lambda kind: parts.capital(kind_words(str(kind))),
        accept_new_options=True,
        placeholder="Choose one, or type your own",
        key=f"own_kind_{mark}",
    )
    if not typed:
        return ""
    kind = typed if KIND.fullmatch(typed) else to_kind(typed)
    if not kind:
        raise DataError("A kind of service needs letters in its name, such as warm space.")
    return kind


def _choose_columns(table: pd.DataFrame, mark: str) -> dict[str, str]:
    """Return project key → header as chosen; the guess stands first in each list."""
    roles = list(dict.fromkeys(role for names in SERVICE_KEYS.values() for role in names))
    guess = name_keys(choose_columns(table, roles), SERVICE_KEYS)
    headers = [str(column) for column in table.columns]
    st.markdown("**Which column is which?** What the planner takes them for is filled in.")
    keys: dict[str, str] = {}
    columns: Any = ()
    for turn, (key, question) in enumerate(QUESTIONS.items()):
        # Pair by pair, so that a narrow screen keeps their order.
        columns = columns if turn % 2 else st.columns(2)
        first = headers.index(guess[key]) + 1 if key in guess else 0
        chosen = columns[turn % 2].selectbox(
            question,
            [NONE, *headers],
            index=first,
            format_func=lambda header: header or "None",
            key=f"own_{key}_{mark}",
        )
        if chosen:
            keys[key] = str(chosen)
    if ("x_column" in keys) != ("y_column" in keys):
        raise DataError(
            "Coordinates come in pairs.", hint="Choose both columns of coordinates, or neither."
        )
    return keys


def _what_is_missing(table: pd.DataFrame, keys: Mapping[str, str]) -> None:
    missing = say_missing(table, keys)
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
    words = {INSIDE: f"in {place}", AROUND: "within 10 km", FURTHER: "further away"}
    if len(trial.placed):
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
    if len(trial.lost):
        frame = trial.lost.set_axis(["Row (header not counted)", "Name", "Why"], axis=1)
        parts.table(frame, title="Rows that cannot be used", name="own_rows_lost", key="own_lost")


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


def _section(plan: state.Plan, section: str, file: str) -> None:
    st.markdown("**To use it in the project**")
    project = plan.project.file_name
    steps = [
        f"Save {file} in the folder of {project}.",
        f"Copy this to the end of {project}, and fill in who made the list, on what terms it may "
        "be used and of when it is.",
        "Open the app again.",
    ]
    st.markdown("\n".join(f"{at}. {parts.escape(step)}" for at, step in enumerate(steps, 1)))
    st.code(section, language=None, wrap_lines=True)
    st.download_button(
        "Download this section",
        data=section,
        file_name="services_section.toml",
        mime="application/toml",
        on_click="ignore",
        key="download_own_section",
    )
