"""What did local knowledge change in the results, where, and for how many people?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from planner.plan import Plan

EFFECT_COLUMNS = ["areas_changed", "people_affected", "effect", "areas"]
#: A change of fewer minutes than this is noise.
LEAST_MINUTES = 0.05


def build_effects(without: Plan, with_them: Plan, ledger: pd.DataFrame) -> pd.DataFrame:
    """Say for each correction which areas' minutes, gap or need rank changed, and for how many.

    Parameters
    ----------
    without, with_them
        The same project and scenario without any correction, and with all of them.
    ledger
        Of `build_local_knowledge`.

    Returns
    -------
    effects
        On the ledger's index: ``areas_changed``, ``people_affected`` (residents of these areas),
        ``effect`` in words, ``areas`` (codes separated by ``;``).

    Notes
    -----
    A correction to a venue answers for the kinds of service that are offered there before or
    after. Where several corrections touch one kind, their effect is joint, and the words say so.
    """
    moved = _moved_minutes(without, with_them)
    kinds = {number: _kinds_of(row, without, with_them) for number, row in ledger.iterrows()}
    people = with_them.area.place["population"]
    rows = []
    for number, row in ledger.iterrows():
        if row["applied"] != "yes":
            rows.append((0, 0.0, "none: a note" if row["applied"] == "recorded" else "none", ""))
            continue
        if row["subject_id"] in with_them.area.areas.index:
            rows.append(_need_effect(row, without, with_them, people))
            continue
        mine = moved[moved["kind"].isin(kinds[number])]
        shared = [
            str(other)
            for other in ledger.index
            if other != number
            and kinds[other] & kinds[number]
            and ledger.loc[other, "applied"] == "yes"
            and ledger.loc[other, "subject_id"] != row["subject_id"]
        ]
        rows.append(_minutes_effect(mine, shared, people))
    frame = pd.DataFrame(rows, columns=EFFECT_COLUMNS, index=ledger.index)
    return frame.astype({"areas_changed": int, "people_affected": float})


# --- parts --------------------------------------------------------------------------------


def _moved_minutes(without: Plan, with_them: Plan) -> pd.DataFrame:
    """Return each area and kind whose minutes, status or gap differ, with both."""
    columns = ["area_code", "kind", "minutes", "status", "gap_status"]
    both = without.gaps.table[columns].merge(
        with_them.gaps.table[columns], on=["area_code", "kind"], how="outer", suffixes=("", "_now")
    )
    nearer = both["minutes_now"] - both["minutes"]
    changed = (nearer.abs() > LEAST_MINUTES) | (
        both["minutes"].isna() != both["minutes_now"].isna()
    )
    for column in ("status", "gap_status"):
        changed |= both[column].fillna("") != both[f"{column}_now"].fillna("")
    both = both[changed & (both["kind"] != "bundle")]
    reached_now = both["minutes"].isna() & both["minutes_now"].notna()
    lost = both["minutes"].notna() & both["minutes_now"].isna()
    change = both["minutes_now"] - both["minutes"]
    return both.assign(
        nearer=reached_now | (change < -LEAST_MINUTES),
        further=lost | (change > LEAST_MINUTES),
        opened=(both["gap_status"] != "gap") & (both["gap_status_now"] == "gap"),
        filled=(both["gap_status"] == "gap") & (both["gap_status_now"] != "gap"),
    )


def _kinds_of(row: pd.Series, without: Plan, with_them: Plan) -> set[str]:
    """Return the kinds offered at a correction's venue, before or after."""
    found: set[str] = set()
    for plan in (without, with_them):
        offers = plan.services.offers
        found |= set(offers.loc[offers["venue_id"] == row["subject_id"], "kind"])
    return found


def _minutes_effect(
    mine: pd.DataFrame, shared: list[str], people: pd.Series
) -> tuple[int, float, str, str]:
    codes = sorted(mine["area_code"].unique())
    affected = float(people.reindex(codes).sum())
    if not codes:
        return 0, 0.0, "no area's minutes or gaps change", ""
    words = []
    for column, text in (
        ("nearer", "nearer in"),
        ("further", "further in"),
        ("filled", "no longer a gap in"),
        ("opened", "now a gap in"),
    ):
        count = mine.loc[mine[column], "area_code"].nunique()
        if count:
            words.append(f"{text} {count} {'area' if count == 1 else 'areas'}")
    said = "; ".join(words) or "the reason why there are no minutes changes"
    if shared:
        said += f" (together with {', '.join(shared)}, on the same kind of service)"
    return len(codes), affected, said, ";".join(codes)


def _need_effect(
    row: pd.Series, without: Plan, with_them: Plan, people: pd.Series
) -> tuple[int, float, str, str]:
    before, after = (plan.need.scores["need_rank"] for plan in (without, with_them))
    moved = after.index[(before != after).to_numpy()]
    code = row["subject_id"]
    if code not in after.index:
        return 0, 0.0, "none: an area around the place", ""
    if not len(moved):
        return 0, 0.0, "no area's need rank changes", ""
    said = (
        f"need rank {before[code]} → {after[code]}; {len(moved)} areas' ranks change with all "
        "corrected figures together"
    )
    return len(moved), float(people[moved].sum()), said, ";".join(moved)
