"""What would partners' corrections in a visitor's own file change?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.errors import DataError
from planner.local_knowledge import build_local_knowledge
from planner.sources.columns import suggest_columns
from planner.sources.corrections import COLUMNS, MAX_CORRECTIONS, NEEDED, sort_corrections
from planner.sources.tables import match_column, to_text
from planner.ui import parts, state
from planner.ui.upload_parts import given as files
from planner.ui.upload_parts import using
from planner.ui.upload_parts.given import Given
from planner.wording import say_list, say_many

QUESTIONS: dict[str, str] = {
    "action": "What to do (correct, close, open or note)",
    "subject": "Which place or area",
    "field": "What about it",
    "value": "What is right",
    "author": "Who says so",
    "date": "When it was said",
    "note": "Remarks",
}
_SHOWN = {
    "row": "Row of the file",
    "action": "What to do",
    "subject": "Place or area",
    "field": "What about it",
    "official_value": "Official",
    "local_value": "Partners say",
    "applied": "Is it used?",
}


def show(plan: state.Plan, given: Given) -> None:
    """Ask which column is which, show what each correction would do, and offer to use them."""
    given = files.to_plain_csv(given)
    columns = _choose_columns(given)
    missing = [QUESTIONS[name] for name in NEEDED if name not in columns]
    if missing:
        st.info(f"Say which column has this, and the rest follows: {say_list(missing)}.")
        return
    if len(given.table) > MAX_CORRECTIONS:
        raise DataError(
            f"{given.upload.name}: more than {MAX_CORRECTIONS:,} corrections.",
            hint="Cut it down to the places you know better.",
        )
    authors = st.checkbox(
        "Show who says so in results (only with their leave)", key=f"own_authors_{given.mark}"
    )
    found, lost = sort_corrections(given.table, columns, file=given.upload.name)
    private = [entry.id for entry in plan.project.spec.private]
    local = build_local_knowledge(plan.services, plan.layers, plan.area, found, private=private)
    used = int(local.ledger["applied"].isin(["yes", "recorded"]).sum())
    parts.finding(
        f"Of {say_many(len(given.table), 'row')}, {used:,} can be used as they are.",
        f"{len(lost):,} cannot be read." if len(lost) else "",
        f"{len(found) - used:,} fit nothing in the project." if len(found) > used else "",
    )
    heads = {"row": "Row of the file", "subject": "Place or area", "reason": "Why it does not fit"}
    files.show_lost(_all_lost(lost, local.ledger), heads, key="partners")
    if not used:
        return
    shown = local.ledger[list(_SHOWN)].rename(columns=_SHOWN)
    parts.table(shown, title="What each correction does", name="corrections", key="own_ledger")
    using.offer(
        "local",
        {"file": given.upload.name, "show_authors": authors},
        given,
        content=_as_csv(given, columns, [one.row for one in found]),
        ending=".csv",
        what=say_many(used, "correction"),
    )


def _choose_columns(given: Given) -> dict[str, str]:
    st.markdown("**Which column is which?** What the planner takes them for is filled in.")
    chosen: dict[str, str] = {}
    for at in range(0, len(COLUMNS), 2):
        pair = st.columns(2)
        for box, name in zip(pair, COLUMNS[at : at + 2], strict=False):
            guess = match_column(given.table, [name]) or _likely(given.table, name)
            with box:
                header = files.choose_header(QUESTIONS[name], given, name, guess=guess)
            if header:
                chosen[name] = header
    return chosen


def _likely(table: pd.DataFrame, name: str) -> str:
    found = suggest_columns(table, [name])[name]
    return found[0].column if found else ""


def _all_lost(lost: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return rows that cannot be read and rows that fit nothing, in the order of the file."""
    refused = ledger[ledger["applied"].str.startswith("no: ")]
    more = pd.DataFrame(
        {
            "row": refused["row"],
            "subject": refused["subject"],
            "reason": refused["applied"].str.removeprefix("no: "),
        }
    )
    together = pd.concat([part for part in (lost, more) if len(part)] or [lost])
    return together.sort_values("row", kind="stable", ignore_index=True)


def _as_csv(given: Given, columns: dict[str, str], rows: list[int]) -> bytes:
    """Return the rows that can be read as the project reads them."""
    table = given.table.loc[rows]
    cells = {name: to_text(table[columns[name]]) for name in COLUMNS if name in columns}
    text: str = pd.DataFrame(cells).to_csv(index=False)
    return text.encode("utf-8")
