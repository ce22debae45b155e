"""Where do needs come together, and is that more than chance?"""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from planner.area import GEOGRAPHY_NAMES
from planner.need.together.coincidence import NONE, NOT_KNOWN
from planner.ui import parts, state
from planner.ui.fold import fold
from planner.wording import to_label

_COMBINATIONS = {NONE: "None of them", NOT_KNOWN: "Not known: a figure is missing"}
_P_VALUE = re.compile(r"p = (\d(?:\.\d+)?(?:e-\d+)?)")


def show(plan: state.Plan) -> None:
    """Show which needs meet where, beside what chance would bring."""
    st.header("Needs in tandem", anchor=False)
    tandem = plan.needs.tandem
    first, *rest = tandem.findings
    parts.finding(plain_chance(first))
    for text in rest:
        parts.prose(plain_chance(text))
    if len(tandem.domains) < 2:
        return
    parts.prose(tandem.caveat)
    _combinations(plan)
    if len(tandem.dominant):
        fold("Which combination is the commonest where", "dominant", lambda: _dominant(plan))
    if len(tandem.chance):
        fold(
            "More than chance? The test, combination by combination",
            "chance",
            lambda: _chance(plan),
        )
    fold("The needs that meet in each area", "tandem", lambda: _areas(plan))
    if tandem.changes:
        st.subheader("What changes for larger areas", anchor=False)
        for text in tandem.changes:
            parts.prose(plain_chance(text))
        if len(tandem.larger):
            fold("The larger areas", "tandem_larger", lambda: _larger(plan))


def plain_chance(text: str) -> str:
    """Return a sentence with each p-value said in plain words."""
    return _P_VALUE.sub(lambda found: p_words(float(found.group(1))), text)


def p_words(p: float) -> str:
    """Return a p-value in plain words."""
    if pd.isna(p):
        return "not tested"
    if p <= 0.001:
        return "by chance at most once in 1,000"
    if p < 0.0095:
        return f"by chance {round(1000 * p)} times in 1,000"
    times = round(100 * p)
    return f"by chance {'once' if times == 1 else f'{times} times'} in 100"


def _combination_words(label: object) -> str:
    text = str(label)
    return _COMBINATIONS.get(text, parts.capital(text))


def _part(plan: state.Plan, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["part"] == plan.needs.tandem.part]


def _combinations(plan: state.Plan) -> None:
    tandem = plan.needs.tandem
    found = _part(plan, tandem.combinations)
    found = found[found["geography"] == plan.area.geography]
    table = pd.DataFrame(
        {
            f"Among the worst {tandem.part} for": found["combination"].map(_combination_words),
            "Areas": found["areas"],
            "People": found["people"],
            "Share of people (%)": 100 * found["people_share"],
            "Mean need score": found["need_score_mean"],
        }
    )
    parts.table(
        table,
        title="Which needs meet: areas and people by combination",
        name="need_combinations",
        key="need_combinations",
        decimals={"People": 0, "Share of people (%)": 1, "Mean need score": 1},
    )


def _dominant(plan: state.Plan) -> None:
    found = _part(plan, plan.needs.tandem.dominant)
    table = pd.DataFrame(
        {
            "Larger area": found["larger_area_name"],
            "Commonest combination": found["combination"].map(_combination_words),
            "Areas with it": found["combination_areas"],
            "of": found["areas"],
            "People in these": found["combination_people"],
            "Code": found["larger_area"],
        }
    )
    parts.table(
        table.sort_values(["Areas with it", "Larger area"], ascending=[False, True]),
        title="The commonest combination of needs in each larger area",
        name="need_dominant",
        key="need_dominant",
        decimals={"People in these": 0},
    )


def _chance(plan: state.Plan) -> None:
    tandem = plan.needs.tandem
    found = tandem.chance
    found = found[found["together"] != "mean pairs"]
    table = pd.DataFrame(
        {
            "Among": found["geography"].map(lambda name: GEOGRAPHY_NAMES.get(name, name)),
            "Worst": found["part"],
            "Together": found["together"].map(parts.capital),
            "Areas observed": found["observed"],
            "Expected by chance": found["expected"],
            "from": found["low"],
            "to": found["high"],
            "As many or more": found["p_value"].map(p_words).map(parts.capital),
            "A plain shuffle would expect": found["shuffled_expected"],
            "and would say": found["shuffled_p_value"].map(p_words).map(parts.capital),
        }
    )
    parts.table(
        table,
        title="Do needs meet more often than chance would have them?",
        name="need_chance",
        key="need_chance",
        decimals={
            "Areas observed": 0,
            "Expected by chance": 1,
            "from": 0,
            "to": 0,
            "A plain shuffle would expect": 1,
        },
    )
    parts.prose(
        "Expected by chance: each need's map is redrawn at random, as clustered as it is; from and "
        "to hold 19 of 20 such maps. A plain shuffle forgets that neighbouring areas are alike and "
        "is shown only for comparison."
    )


def _areas(plan: state.Plan) -> None:
    tandem = plan.needs.tandem
    found = tandem.areas
    table = pd.DataFrame(
        {
            "Order": found["tandem_rank"],
            "Area": plan.area.place["area_name"],
            "Worst tenth in": found["worst_tenth_count"],
            "Worst fifth in": found["worst_fifth_count"],
            f"Among the worst {tandem.part} for": found[f"tandem_combination_{tandem.part}"].map(
                _combination_words
            ),
            "Least bad of them": found["tandem_least_bad_domain"].map(_domain),
            "Worst of them": found["tandem_worst_domain"].map(_domain),
            **{f"Rank: {to_label(domain)}": tandem.ranks[domain] for domain in tandem.domains},
            "Code": found.index,
        }
    )
    parts.prose(
        "Order: by the domain in which an area is least badly off, so that no need makes up for "
        "another. 1 is worst off even there."
    )
    parts.table(
        table.sort_values("Order", kind="stable", na_position="last"),
        title="The needs that meet in each area",
        name="need_tandem",
        key="need_tandem",
    )


def _domain(name: object) -> str:
    return "not known" if name == NOT_KNOWN else to_label(name)


def _larger(plan: state.Plan) -> None:
    tandem = plan.needs.tandem
    found = tandem.larger
    table = pd.DataFrame(
        {
            "Order": found["tandem_rank"],
            "Larger area": found["area_name"],
            "Areas in it": found["areas"],
            "People": found["people"],
            "Worst tenth in": found["worst_tenth_count"],
            "Worst fifth in": found["worst_fifth_count"],
            f"Among the worst {tandem.part} for": found[f"tandem_combination_{tandem.part}"].map(
                _combination_words
            ),
            "Code": found.index,
        }
    )
    parts.table(
        table.sort_values("Order", kind="stable", na_position="last"),
        title="The same for larger areas",
        name="need_tandem_larger",
        key="need_tandem_larger",
        decimals={"People": 0},
    )
