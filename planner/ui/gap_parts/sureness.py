"""How sure is each gap when what had to be assumed is varied?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.access import BUNDLE
from planner.gaps.certainty_words import SURE
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.gap_parts.shown import Shown, what
from planner.wording import say_many, say_noun

#: Columns of `planner.gaps.certainty.GapCertainty.table` → words; shares are shown in percent.
COLUMNS = {
    "gap_share": "All varied (%)",
    "gap_share_threshold": "Only the standard (%)",
    "gap_share_speed": "Only walking speed (%)",
    "gap_share_departure": "Only the minute of leaving (%)",
}

#: Columns on one assumption → what a gap hangs on where it is not one in a draw in twenty or more.
_HANGS = {
    "gap_share_threshold": "on the standard chosen",
    "gap_share_speed": "on how fast people walk",
    "gap_share_departure": "on the minute they leave",
}


def show(plan: state.Plan, shown: Shown) -> None:
    """Show how often each gap is still one, and which assumption matters."""
    found = plan.gap_certainty
    if found is None or shown.sure.empty:
        return
    st.header("How sure are the gaps?", anchor=False)
    said = found.findings if shown.kind == BUNDLE else say_sure(shown, found.draws)
    parts.finding(*said[:1])
    for sentence in said[1:]:
        parts.prose(sentence)
    fold("Each area, assumption by assumption", "gap_sure", lambda: _table(plan, shown))
    st.caption(parts.escape(found.method))


def say_sure(shown: Shown, draws: int) -> tuple[str, ...]:
    """Say of one service how many gaps remain, and what the others hang on."""
    gaps, name = shown.gaps, what(shown.kind)
    if gaps.empty:
        return (f"No area is known to be a gap for {name}.",)
    sure, count = shown.sure.reindex(gaps.index), len(gaps)
    firm = int((sure["gap_share"] >= SURE).sum())
    said = [
        f"{firm:,} of {count:,} {say_noun(count, 'gap')} for {name} "
        f"{say_noun(firm, 'remains', 'remain')} one in at least {SURE:.0%} of "
        f"{say_many(draws, 'draw')}."
    ]
    for column, words in _HANGS.items():
        open_to = int((sure[column] < SURE).sum())
        if open_to:
            verb = "hangs" if open_to == 1 else "hang"
            said.append(f"{open_to:,} of the {count:,} {verb} {words}.")
    return tuple(said)


def _table(plan: state.Plan, shown: Shown) -> None:
    rows = shown.table.sort_values("gap_rank", kind="stable").index
    sure = shown.sure.reindex(rows)
    frame = pd.DataFrame(
        {"Rank": shown.table["gap_rank"], "Area": plan.area.place["area_name"].reindex(rows)},
        index=rows,
    )
    for column, words in COLUMNS.items():
        if sure[column].notna().any():
            frame[words] = 100 * sure[column].astype("float64")
    frame["Rank from"], frame["Rank to"] = sure["gap_rank_low"], sure["gap_rank_high"]
    frame["Code"] = rows
    decimals = dict.fromkeys([*COLUMNS.values(), "Rank from", "Rank to"], 0)
    parts.table(
        frame,
        title="Share of draws in which an area is a gap, by what is varied",
        name="gap_certainty",
        key="gap_sure",
        decimals={name: places for name, places in decimals.items() if name in frame.columns},
        codes=frame.index.tolist(),
    )
