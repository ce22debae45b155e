"""Which services are out of reach together, for whom, and which pairs beyond chance?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.charts.gaps import OTHERS, build_signature_chart, sum_combinations
from planner.report.bundle import name_signature
from planner.standards import kind_words
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.wording import say_are, say_many


def show(plan: state.Plan) -> None:
    """Show combinations as a chart and a table, and pairs beyond chance."""
    if plan.bundles is None:
        return
    found = plan.bundles.signatures
    st.header("What is out of reach together", anchor=False)
    kinds = found.kinds.sort_values(["areas", "people"], ascending=False, kind="stable").index
    table = sum_combinations(found.combinations, list(kinds))
    if table.empty:
        parts.finding(*found.findings[:1])
    else:
        _chart(plan, table, list(kinds))
    _pairs(plan)
    parts.prose(found.caveat)
    st.caption(parts.escape(found.method))


def _chart(plan: state.Plan, table: pd.DataFrame, kinds: list[str]) -> None:
    found = plan.bundles.signatures
    words = {kind: parts.capital(kind_words(kind)) for kind in kinds}
    parts.finding(*found.findings[:1])
    st.altair_chart(
        build_signature_chart(table, words),
        alt=f"Combinations of services that are out of reach together: bars say how many people, "
        f"dots below which services. {found.findings[0]} The table below has the same figures.",
    )
    said = [
        "A dark dot is a service out of reach; the bar above says how many people live in the "
        "areas where just these are."
    ]
    rest = table[table["number"] == OTHERS]
    if len(rest):
        count = int(rest["combinations"].iloc[0])
        said.append(f"“{OTHERS}” sums up {say_many(count, 'further combination')}.")
    left = found.combinations.set_index("signature")["areas"].reindex(["none", "not known"])
    if left["none"] == left["none"]:
        within = int(left["none"])
        said.append(
            f"{say_many(within, 'area')} with all of it within reach {say_are(within)} not drawn."
        )
    if left["not known"] == left["not known"]:
        said.append(f"For {say_many(int(left['not known']), 'area')} it is not known.")
    st.caption(parts.escape(" ".join(said)))
    _table(plan, table)


def _table(plan: state.Plan, table: pd.DataFrame) -> None:
    everyone = plan.area.place["population"].astype("float64").sum()
    rest = table["number"] == OTHERS
    frame = pd.DataFrame(
        {
            "Combination": table["number"],
            "Out of reach": [
                say_many(int(row.combinations), "further combination")
                if row.number == OTHERS
                else name_signature(str(row.signature))
                for row in table.itertuples()
            ],
            "Areas": table["areas"],
            "Residents": table["people"],
            "Share of residents (%)": 100 * table["people"] / everyone,
        }
    )
    parts.table(
        frame,
        title="Combinations of services out of reach, those of most people first",
        name="out_of_reach_together",
        key="together",
        decimals={"Residents": 0, "Share of residents (%)": 1},
    )
    if rest.any():
        fold("All combinations", "combinations", lambda: _all(plan))


def _all(plan: state.Plan) -> None:
    table = plan.bundles.signatures.combinations
    frame = pd.DataFrame(
        {
            "Out of reach": [name_signature(text) for text in table["signature"]],
            "Areas": table["areas"],
            "Residents": table["people"],
            "Share of residents (%)": 100 * table["people_share"],
        }
    )
    parts.table(
        frame,
        title="Every combination",
        name="bundle_signatures",
        key="all_combinations",
        decimals={"Residents": 0, "Share of residents (%)": 1},
    )


def _pairs(plan: state.Plan) -> None:
    """Show pairs that are missed together, and which of them beyond chance."""
    found = plan.bundles.signatures
    pairs = found.pairs[found.pairs["areas"] > 0]
    if pairs.empty:
        return
    st.subheader("Pairs, and what chance would bring", anchor=False)
    for sentence in found.findings[1:]:
        parts.prose(sentence)
    verdict = {True: "more than chance", False: "not more than chance"}
    frame = pd.DataFrame(
        {
            "Service": [parts.capital(kind_words(kind)) for kind in pairs["kind"]],
            "and": [parts.capital(kind_words(kind)) for kind in pairs["other_kind"]],
            "Areas": pairs["areas"],
            "Residents": pairs["people"],
            "Areas by chance": pairs["expected_areas"],
            "from": pairs["expected_low"],
            "to": pairs["expected_high"],
            "Verdict": pairs["more_than_chance"].map(verdict).fillna("not tested"),
        }
    )
    parts.table(
        frame,
        title="Pairs of services out of reach together",
        name="bundle_pairs",
        key="pairs",
        decimals={"Residents": 0, "Areas by chance": 1, "from": 0, "to": 0},
    )
