"""What if domains counted differently: how do the ranks move?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from planner.project import Project
from planner.ui import moved_weights, own_choices, parts, state
from planner.ui.need_parts.shown import Shown, Weights, share_words
from planner.wording import say_list, say_many, to_label

NAME = "weights"
NOT_THE_PROJECT = "Ranks as you weigh it, not those of the project file."
ALL_ZERO = (
    "All weights are zero, so nothing can be ranked. Give at least one domain more than 0. Until "
    "then the ranks are those of the project file."
)
#: At most so many sliders stand side by side.
_COLUMNS = 4
#: At most so many areas are named.
_NAMED = 4


def defaults(plan: state.Plan) -> dict[str, int]:
    """Return what each domain counts in the project, on the sliders' scale."""
    return {str(domain): round(100 * weight) for domain, weight in plan.need.weights.items()}


def moved(plan: state.Plan) -> dict[str, int]:
    """Return the weights that a visitor has moved."""
    return moved_weights.moved_weights(NAME, defaults(plan))


def whole(plan: state.Plan, changed: Mapping[str, int]) -> Weights:
    """Return every domain's weight, those not moved exactly as in the project."""
    return tuple(
        (str(domain), float(changed.get(str(domain), 100 * weight)))
        for domain, weight in plan.need.weights.items()
    )


def show(plan: state.Plan, shown: Shown) -> None:
    """Show a slider a domain, what they come to, and what moves."""
    st.header("What if domains counted differently?", anchor=False)
    parts.prose(
        "Move a slider to say how much a domain counts against the others. The map and the table "
        "above and the intervals below follow; the project file stays as it is."
    )
    standing = defaults(plan)
    words = {domain: parts.capital(to_label(domain)) for domain in standing}
    changed = moved_weights.choose_weights(NAME, words, standing, columns=_COLUMNS)
    if changed and not shown.moved:
        st.warning(ALL_ZERO)
    else:
        lead = "As you weigh it" if shown.moved else "As in the project file"
        parts.prose(f"{lead}, of the whole score: {share_words(shown.need.weights)}.")
    st.button(
        "Put back the weights of the project file",
        on_click=moved_weights.reset_weights,
        args=(NAME, standing),
        disabled=not changed,
        key="reset_weights",
    )
    asked = with_weights(plan.project, shown.need.weights).spec.need if shown.moved else None
    own_choices.put("need", asked, plan.project)
    if shown.moved:
        _tell(plan, shown)
        project, weights = plan.project, shown.need.weights
        st.download_button(
            "Download the project file with these weights",
            data=lambda: with_weights(project, weights).to_toml(),
            file_name="planner.reweighed.toml",
            mime="application/toml",
            on_click="ignore",
            key="download_reweighed",
            help="The project file with every setting written out and these weights in it. Put it "
            "in the project's folder and open it to get a plan by these weights.",
        )


def with_weights(project: Project, weights: pd.Series) -> Project:
    """Return the project with other weights, and nothing else changed."""
    given = {str(domain): round(100 * float(weight), 6) for domain, weight in weights.items()}
    changed = {"weights": given, "weighting": "project"}
    return project.with_spec(need=project.spec.need.model_copy(update=changed))


def build_moves(plan: state.Plan, shown: Shown) -> pd.DataFrame:
    """Return who moves, the furthest first: a row an area."""
    before, now, place = plan.need.scores, shown.need.scores, plan.area.place
    was, stands = before["need_decile"] == 1, now["need_decile"] == 1
    worst = pd.Series("", index=place.index).mask(was & stands, "stays in it")
    worst = worst.mask(stands & ~was, "enters it").mask(was & ~stands, "leaves it")
    up = (before["need_rank"] - now["need_rank"]).astype("int64")
    table = pd.DataFrame(
        {
            "Area": place["area_name"],
            "Rank in the project file": before["need_rank"],
            "Rank as you weigh it": now["need_rank"],
            "Ranks moved": up.abs(),
            "Towards": pd.Series("", index=up.index)
            .mask(up > 0, "greater need")
            .mask(up < 0, "less need"),
            "Worst tenth": worst.mask(worst == "", "outside before and after"),
            "Residents": place["population"],
            "Code": place.index,
        }
    )
    order = ["Ranks moved", "Rank as you weigh it"]
    return table.sort_values(order, ascending=[False, True], kind="stable")


def _tell(plan: state.Plan, shown: Shown) -> None:
    table = build_moves(plan, shown)
    enters = table.loc[table["Worst tenth"] == "enters it", "Area"].tolist()
    leaves = table.loc[table["Worst tenth"] == "leaves it", "Area"].tolist()
    still = int((table["Ranks moved"] == 0).sum())
    first = table.iloc[0]
    said = (
        [f"{_named(enters, 'enter')} the worst tenth.", f"{_named(leaves, 'leave')} it."]
        if enters or leaves
        else ["The same areas make up the worst tenth."]
    )
    if first["Ranks moved"]:
        said.append(
            f"{first['Area']} moves most: from rank {first['Rank in the project file']:,} to "
            f"{first['Rank as you weigh it']:,}. {still:,} of {len(table):,} areas keep their "
            "rank."
        )
    st.info(parts.escape(" ".join([NOT_THE_PROJECT, *said])))
    parts.table(
        table,
        title="How the ranks move, furthest first",
        name="need_moves",
        key="need_moves",
        decimals={"Residents": 0},
        codes=table.index.tolist(),
    )


def _named(names: list[str], verb: str) -> str:
    """Return who does something, the first few by name."""
    if not names:
        return f"No area {verb}s"
    more = len(names) - _NAMED
    listed = say_list([*names[:_NAMED], *([f"{more} more"] if more > 0 else [])])
    count = say_many(len(names), "area")
    return f"{count} ({listed}) {verb if len(names) > 1 else f'{verb}s'}"
