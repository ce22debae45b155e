"""What drives need in the chosen area, how sure is its rank, and what meets there?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from planner.charts.need import build_drivers
from planner.need.certainty.draws import ASSUMPTIONS
from planner.need.together.coincidence import NONE, NOT_KNOWN
from planner.need.words import say_drivers
from planner.ui import parts, state
from planner.ui.need_parts.shown import Shown, sure_words, worst_words
from planner.wording import say_list, to_label

_CLUSTER_WORDS = {
    "high_high": "It is in a cluster of great need: its own need and that of the areas round it "
    "are great, more than chance would bring.",
    "low_low": "It is in a cluster of little need: its own need and that of the areas round it "
    "are small, more than chance would bring.",
    "high_low": "It stands out: its need is great, and that of the areas round it is small.",
    "low_high": "It stands out: its need is small, and that of the areas round it is great.",
    "none": "It is in no cluster of great or little need that chance could not bring about.",
    "island": "Whether it is in a cluster is not known: no area of the place is beside it.",
}


def show(plan: state.Plan, shown: Shown, chosen: str) -> None:
    """Show what need is made of in the chosen area, or in that of greatest need."""
    code = chosen or str(shown.need.scores["need_rank"].idxmin())
    name = str(plan.area.place.loc[code, "area_name"])
    st.header(parts.escape(f"What drives need in {name}"), anchor=False)
    if not chosen:
        st.caption(
            parts.escape(
                f"Until you choose an area on the map, in the list or in the table: {name}, where "
                "need is greatest."
            )
        )
    first, *rest = say_drivers(shown.need, plan.layers, code)
    lead = f"{name} ({code}), as you weigh it: " if shown.moved else f"{name} ({code}): "
    said = [lead + first[:1].lower() + first[1:], *rest[:-1]]
    said += say_more(plan, shown, code)
    st.markdown("\n".join(f"- {parts.escape(sentence)}" for sentence in said))
    _chart(plan, shown, code, name)
    if rest:
        parts.prose(rest[-1])


def say_more(plan: state.Plan, shown: Shown, code: str) -> list[str]:
    """Say how sure an area's rank is, and what else is known of its need."""
    said = [say_interval(plan, shown, code)] if len(shown.sure) else []
    needs = plan.needs
    if needs is None:
        return said
    if len(needs.tandem.domains) > 1:
        said.append(_say_tandem(plan, code))
    words = _CLUSTER_WORDS.get(str(needs.clusters.table.loc[code, "need_cluster"]))
    said += [words] if words else []
    if needs.inactivity is not None:
        said.append(str(needs.inactivity.table.loc[code, "inactivity_words"]))
    return said


def say_interval(plan: state.Plan, shown: Shown, code: str) -> str:
    """Say within which ranks an area stays, and what moves it most."""
    row, found = shown.sure.loc[code], plan.needs.robustness
    low, high = int(row["need_rank_low"]), int(row["need_rank_high"])
    text = "Under other assumptions it ranks " + (
        f"{low:,}" if low == high else f"from {low:,} to {high:,}"
    )
    text += f" (in {found.settings.interval:.0%} of the draws)"
    if pd.notna(row["need_sure"]):
        sure = sure_words(plan)[row["need_sure"]]
        text += (
            f" and is in the {worst_words(plan)} in {row['need_worst_probability']:.0%} of them: "
            f"{sure[:1].lower()}{sure[1:]}"
        )
    moved = "nothing" if shown.moved else str(found.table.loc[code, "need_moved_most"])
    more = f" What moves it most is {ASSUMPTIONS[moved]}." if moved in ASSUMPTIONS else ""
    return f"{text}.{more}"


def _say_tandem(plan: state.Plan, code: str) -> str:
    tandem = plan.needs.tandem
    label = str(tandem.areas.loc[code, f"tandem_combination_{tandem.part}"])
    every = say_list([to_label(domain) for domain in tandem.domains])
    if label == NOT_KNOWN:
        return f"Whether it is among the worst {tandem.part} for {every} at once is not known."
    if label == NONE:
        return f"It is among the worst {tandem.part} for none of {every}."
    met = label.split(" + ")
    at_once = " at once" if len(met) > 1 else f", alone of {every}"
    return f"It is among the worst {tandem.part} for {say_list(met)}{at_once}."


def build_driver_rows(shown: Shown, code: str) -> pd.DataFrame:
    """Return what `build_drivers` draws: a row a domain that counts, the greatest first."""
    counted = shown.need.weights.index[shown.need.weights > 0]
    adds = shown.need.parts[counted]
    here, middle = adds.loc[code], adds.median()
    table = pd.DataFrame(
        {
            "domain": [parts.capital(to_label(domain)) for domain in counted],
            "here": here.to_numpy(dtype="float64"),
            "middle": middle.to_numpy(dtype="float64"),
        }
    )
    return table.sort_values("here", ascending=False, kind="stable", ignore_index=True)


def _chart(plan: state.Plan, shown: Shown, code: str, name: str) -> None:
    table = build_driver_rows(shown, code)
    known = table.dropna(subset=["here"])
    if known.empty:
        return
    above = (known["here"] - known["middle"]).sort_values(ascending=False, kind="stable")
    most = str(known.loc[above.index[0], "domain"]).lower()
    title = (
        f"{parts.capital(most)} lifts the score of {name} furthest above the middle area"
        if above.iloc[0] > 0
        else f"In {name} no domain adds more than in the middle area"
    )
    here, middle = "Here", "Middle area of the place"
    st.markdown(f"**{parts.escape(title)}**")
    st.altair_chart(
        build_drivers(
            known, here=here, middle=middle, axis="Added to the score, points", legend=False
        ),
        alt=f"Bars of what each domain adds to the score of {name}, with a mark for the middle "
        f"area of the place. {title}. The table below has the same figures.",
    )
    st.caption("Bar: this area. Mark: the middle area of the place, domain by domain.")
    frame = table.set_axis(["Domain", "Adds here", "Adds in the middle area"], axis="columns")
    frame["More than in the middle"] = frame["Adds here"] - frame["Adds in the middle area"]
    counted = shown.need.weights[shown.need.weights > 0]
    share = {parts.capital(to_label(domain)): 100 * w for domain, w in counted.items()}
    frame["Counts for (%)"] = frame["Domain"].map(share)
    parts.table(
        frame,
        title=f"What each domain adds to the score of {name}",
        name="need_drivers",
        key="need_drivers",
        decimals=dict.fromkeys(frame.columns[1:], 1),
    )
