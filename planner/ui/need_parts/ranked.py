"""How do the areas rank, greatest need first?"""

from __future__ import annotations

import pandas as pd

from planner.ui import parts, state
from planner.ui.need_parts.shown import Shown, sure_words, worst_words
from planner.wording import to_label


def show(plan: state.Plan, shown: Shown) -> None:
    """Show all areas with rank, how sure it is, score, and what each domain adds."""
    frame = build_table(plan, shown)
    title = "Need of each area, greatest first"
    parts.table(
        frame,
        title=f"{title}, as you weigh it" if shown.moved else title,
        name="need",
        key="need",
        decimals={
            name: 1 for name in frame.columns if name.startswith(("Score", "Adds", "Chance"))
        },
        codes=frame.index.tolist(),
    )


def build_table(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return a row an area."""
    scores, place = shown.need.scores, plan.area.place
    table = pd.DataFrame(
        {"Rank": scores["need_rank"], "Area": place["area_name"]}, index=place.index
    )
    if shown.moved:
        table["Rank in the project file"] = plan.need.scores["need_rank"]
    table["Tenth"] = scores["need_decile"]
    if len(shown.sure):
        table["Rank from"] = shown.sure["need_rank_low"]
        table["Rank to"] = shown.sure["need_rank_high"]
        table[f"Chance of the {worst_words(plan)} (%)"] = 100 * shown.sure[
            "need_worst_probability"
        ].astype("float64")
        table["How sure"] = shown.sure["need_sure"].map(sure_words(plan))
    table["Residents"] = place["population"]
    table["Score"] = scores["need_score"]
    for domain in shown.need.parts.columns:
        table[f"Adds: {to_label(domain)}"] = shown.need.parts[domain]
    if not shown.moved:
        table["Score without access"] = scores["need_score_access_use"]
    if scores["need_rank_national"].notna().any():
        table["Published national rank"] = scores["need_rank_national"]
    table["Code"] = place.index
    return table.sort_values("Rank", kind="stable")
