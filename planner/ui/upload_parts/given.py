"""What file did a visitor give, and what do its columns look like?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd
import streamlit as st

from planner.errors import DataError, PlannerError
from planner.sources.matching import Match, is_personal, mask, read_own_table, sheet_names
from planner.sources.tables import to_text
from planner.sources.text import clean_text
from planner.sources.uploads import MAX_UPLOAD_BYTES, Upload
from planner.sources.vectors import is_map_file, read_points
from planner.ui import parts, state, uploads
from planner.ui.fold import fold

TYPES = ["csv", "tsv", "txt", "xlsx", "geojson", "gpkg"]
MOST_MB = MAX_UPLOAD_BYTES // 1_000_000
#: What each key of the project file on a file's origin is asked as.
_ORIGIN = {
    "publisher": ("Who made it", "such as Age UK Ambleford"),
    "licence": ("On what terms may it be used", "such as with their leave"),
    "vintage": ("Of when is it", "such as March 2026"),
}
_FIRST_ROWS = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """A file that was read: a table of its rows, of which none is about a person, as far as told.

    ``mark`` differs between any two files or sheets; ``located`` says that the file is a map,
    which knows itself where its rows are.
    """

    upload: Upload
    sheet: str
    table: pd.DataFrame
    mark: str
    located: bool

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return PurePosixPath(self.upload.name).stem

    @property
    def headers(self) -> list[str]:
        """The columns, as the file calls them."""
        return [str(column) for column in self.table.columns]


def ask(what: str) -> Given | None:
    """Let a visitor give a file and return it read; None where there is none, or none to be used.

    Parameters
    ----------
    what
        What the file is to hold, after "A file of".
    """
    with st.expander("Choose a file"):
        given = st.file_uploader(
            f"A file of {what}: CSV, Excel (.xlsx), GeoJSON or GeoPackage, at most {MOST_MB} MB",
            type=TYPES,
            max_upload_size=MOST_MB,
            # Once a file is in use, the box is for the next one.
            key=f"own_file_{uploads.turn()}",
        )
    if given is None:
        state.forget_tried()
        return None
    upload = Upload(name=given.name, content=given.getvalue())
    st.caption(parts.escape(f"Your file: {upload.name}"))
    # Another file, or the same under another name, begins with its own guesses.
    mark = hashlib.sha256(upload.name.encode() + b"\n" + upload.content).hexdigest()[:12]
    sheet = _choose_sheet(upload, mark)
    table = _read(upload, sheet)
    if is_personal(table):
        _point_to_private()
        return None
    return Given(
        upload=upload,
        sheet=sheet,
        table=table,
        mark=f"{mark}_{sheet}",
        located=is_map_file(upload),
    )


def show_match(match: Match, given: Given) -> None:
    """Show what each column was taken for, and fold the first rows away below."""
    parts.table(
        match.columns,
        title="What the planner takes each column for",
        name="columns",
        key=f"own_columns_{given.mark}",
    )

    def first_rows() -> None:
        shown = given.table.head(_FIRST_ROWS).apply(to_text)
        shown = shown.map(lambda cell: mask(clean_text(cell)))
        shown.columns = [clean_text(column, limit=80) for column in shown.columns]
        st.dataframe(shown, key=f"own_first_{given.mark}", alt="The first rows of your file")

    fold("The first rows of the file", f"own_first_{given.mark}", first_rows)


def choose_header(
    question: str, given: Given, key: str, *, guess: str = "", help_text: str | None = None
) -> str:
    """Let a visitor say which column something is; "" for none. The guess stands first."""
    options = ["", *given.headers]
    return str(
        st.selectbox(
            question,
            options,
            index=options.index(guess) if guess in options else 0,
            format_func=lambda header: clean_text(header, limit=80) or "None",
            key=f"own_{key}_{given.mark}",
            help=help_text,
        )
    )


def ask_origin(given: Given) -> dict[str, str]:
    """Ask who made the file, on what terms it may be used and of when it is."""
    st.markdown("**Where the file comes from.** It stands beside every figure made with it.")
    columns = st.columns(len(_ORIGIN))
    found = {"dataset": clean_text(given.stem, limit=80)}
    for column, (key, (question, example)) in zip(columns, _ORIGIN.items(), strict=True):
        text = column.text_input(
            question, placeholder=example, max_chars=120, key=f"own_{key}_{given.mark}"
        )
        found[key] = clean_text(text, limit=120)
    return {key: text for key, text in found.items() if text}


def show_lost(lost: pd.DataFrame, heads: Mapping[str, str], *, key: str) -> None:
    """List the rows that cannot be used, each with the reason, to look at and to download."""
    if not len(lost):
        return
    frame = lost.rename(columns=dict(heads))[list(heads.values())]
    title = "Rows that do not fit, and why"
    parts.table(frame, title=title, name="rows_that_do_not_fit", key=f"own_lost_{key}")


def to_plain_csv(given: Given) -> Given:
    """Return a map file as a table of its rows without shapes; a table stays as it is."""
    if not given.located:
        return given
    text = given.table.to_csv(index=False)
    upload = Upload(name=f"{given.stem}.csv", content=text.encode("utf-8"))
    return Given(
        upload=upload,
        sheet="",
        table=read_own_table(upload, what=upload.name),
        mark=given.mark,
        located=False,
    )


def _choose_sheet(upload: Upload, mark: str) -> str:
    if is_map_file(upload):
        return ""
    names = sheet_names(upload, what=upload.name)
    if len(names) < 2:
        return ""
    return str(st.selectbox("Which sheet of the workbook?", names, key=f"own_sheet_{mark}"))


def _read(upload: Upload, sheet: str) -> pd.DataFrame:
    try:
        if is_map_file(upload):
            return read_points(upload, what=upload.name)[0]
        return read_own_table(upload, what=upload.name, sheet=sheet)
    except PlannerError:
        raise
    except Exception:  # noqa: BLE001 - what went wrong may quote the file, and goes to no log
        problem = f"{upload.name}: the file cannot be read."
    raise DataError(problem, hint="Open it in a spreadsheet program and save it as CSV.")


def _point_to_private() -> None:
    st.warning(
        "This looks like a list of people, so nothing of it is shown or kept. A list of places "
        "needs a column with the name of each place, and none about people.\n\n"
        "Records about people (a caseload) are used as a private layer: the planner counts them "
        "to areas on your own machine, withholds small counts and never shows a postcode. Put the "
        "file beside the project file, on that machine, and run `planner match FILE --for "
        r"private`: it prints the \[\[private\]\] section to paste."
    )
