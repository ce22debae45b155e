"""Would the same types come out again, and do they agree with somebody else's?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.neighbourhoods.overlap import METHOD_WORDS
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.ui.type_parts.shown import Shown, title_of

_INHERITED = {
    0.0: "Without the layers published for larger areas",
    1.0: "With layers published for larger areas at full weight",
}


def show(plan: state.Plan, shown: Shown) -> None:
    """Show whether types come back, what they rest on, and how they compare with others'."""
    st.header("How sure are the types?", anchor=False)
    found = shown.types.stability
    if found is None:
        parts.prose(
            "The project asks for no repeats (bootstraps = 0 under [neighbourhoods]), so how "
            "stable the types are is not known."
        )
    else:
        st.markdown("\n".join(f"- {parts.escape(text)}" for text in found.findings))
        _types(shown)
        _layers(plan, shown)
        fold("How this was worked out", "type_stability", lambda: parts.prose(found.method))
    _overlap(shown)


def _types(shown: Shown) -> None:
    found = shown.types.stability
    if found is None:
        return
    table = found.types
    frame = pd.DataFrame(
        {
            "Type": table.index.map(shown.names),
            "Comes back (mean Jaccard)": table["jaccard"],
            "In the least tenth of repeats": table["jaccard_low"],
            "In the greatest tenth": table["jaccard_high"],
            "Repeats in which it was lost (%)": 100 * table["dissolved"],
            "Repeats in which it was found (%)": 100 * table["recovered"],
            "Tentative": table["tentative"].map({True: "tentative", False: "no"}),
        }
    )
    parts.table(
        frame,
        title="How stable each type is",
        name="type_stability",
        key="type_stability",
        decimals={
            "Comes back (mean Jaccard)": 2,
            "In the least tenth of repeats": 2,
            "In the greatest tenth": 2,
            "Repeats in which it was lost (%)": 0,
            "Repeats in which it was found (%)": 0,
        },
    )
    st.caption(
        parts.escape(
            "1 is the same areas each time, 0 none of them. Lost: less than 0.5 in a repeat; "
            "found: 0.75 or more (Hennig, 2007)."
        )
    )


def build_layer_rows(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return what changes when a layer is left out, or inherited layers count otherwise."""
    found = shown.types.stability
    if found is None:
        return pd.DataFrame()
    inputs = shown.types.inputs.transforms
    left = found.layers.sort_values("adjusted_rand", kind="stable")
    taken = [bool(inputs["inherited"].get(layer, False)) for layer in left.index]
    rows = pd.concat([left, found.inherited])
    said = [f"Without “{title_of(plan, layer)}”" for layer in left.index]
    said += [_INHERITED[float(weight)] for weight in found.inherited.index]
    return pd.DataFrame(
        {
            "Change": said,
            "Areas that change type": rows["areas_moved"].to_numpy(),
            "Agreement (adjusted Rand)": rows["adjusted_rand"].to_numpy(dtype="float64"),
            "Published for larger areas": [
                *("yes" if one else "no" for one in taken),
                *("" for _ in found.inherited.index),
            ],
        }
    )


def _layers(plan: state.Plan, shown: Shown) -> None:
    parts.table(
        build_layer_rows(plan, shown),
        title="What the types rest on: layers left out one at a time",
        name="type_layers",
        key="type_layers",
        decimals={"Agreement (adjusted Rand)": 2},
    )


def _overlap(shown: Shown) -> None:
    found = shown.types.overlap
    if found is None:
        return
    st.header(parts.escape(f"Beside {found.title}"), anchor=False)
    st.markdown("\n".join(f"- {parts.escape(text)}" for text in found.findings))
    frame = found.table.rename(columns=str).rename_axis(columns=None)
    frame.insert(0, "Type", frame.index.map(shown.names))
    parts.table(
        frame.reset_index(drop=True),
        title=f"Areas of each type in each class of {found.title}",
        name="type_overlap",
        key="type_overlap",
    )
    for note in found.notes:
        parts.prose(note.text)
    fold("How agreement is measured", "type_overlap", lambda: parts.prose(METHOD_WORDS))
