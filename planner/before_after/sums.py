"""How many people gain, how many lose, and what is the net? Over everyone or over groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from planner.before_after.changes import (
    ANY_KIND,
    LOSING,
    NOT_OFFERED,
    WINNING,
    build_any_kind,
)
from planner.travel.times import area_median

#: People are residents of areas where the sentence is true. ``people_winning`` less
#: ``people_losing`` is ``people_net``; with ``people_mixed`` (some kinds nearer, others further:
#: `ANY_KIND` only), ``people_unchanged`` and ``people_not_known`` they add up to ``people``.
PEOPLE_COLUMNS = [
    "people",
    "people_winning",
    "people_losing",
    "people_net",
    "people_mixed",
    "people_unchanged",
    "people_not_known",
    "people_sooner",
    "people_longer",
    "people_reached_first",
    "people_no_longer_reached",
    "people_gap_closed",
    "people_gap_opened",
]
SUM_COLUMNS = [
    *PEOPLE_COLUMNS,
    "areas",
    "areas_winning",
    "areas_losing",
    "minutes_median_before",
    "minutes_median_after",
]


def sum_changes(
    changes: pd.DataFrame, people: pd.Series, groups: pd.Series, *, medians: bool = True
) -> pd.DataFrame:
    """Sum people up by what changes for them, for each kind and group of areas.

    Parameters
    ----------
    changes
        From `build_area_changes`.
    people
        On area codes; areas where it is NaN are left out.
    groups
        Of each area; areas where it is missing are left out.
    medians
        Whether median minutes are wanted; NaN otherwise.

    Returns
    -------
    sums
        Index ``group`` and ``kind`` (`ANY_KIND` last), columns `SUM_COLUMNS`. Medians are over
        people for whom minutes are known before and after, those who do not reach one counting as
        infinitely far: NaN where that is the median, or nobody is known. What is said of one
        journey only is NaN in the rows of `ANY_KIND`.

    Notes
    -----
    In the rows of `ANY_KIND`, people win who gain in at least one kind and lose in none; who gains
    in one and loses in another is mixed. An average over reachable pairs would reward stranding
    people and is not given.
    """
    known = people.notna() & groups.reindex(people.index).notna()
    living = pd.DataFrame(
        {"people": people[known].astype("float64"), "group": groups.reindex(people.index)[known]}
    )
    rows = changes[changes["area_code"].isin(living.index)].join(living, on="area_code")
    change, keys = rows["change"], [rows["group"], rows["kind"]]
    each = {
        **{f"people_{name}": change == name for name in ("sooner", "longer")},
        **{f"people_{name}": change == name for name in ("reached_first", "no_longer_reached")},
        **{f"people_gap_{name}": rows["gap_change"] == name for name in ("closed", "opened")},
    }
    wins, loses = change.isin(WINNING), change.isin(LOSING)
    table = _sums(rows["people"], wins, loses, change != "not_known", keys, each)
    for side in ("before", "after"):
        found = _medians(rows, side) if medians else pd.Series(np.nan, index=table.index)
        table[f"minutes_median_{side}"] = found.reindex(table.index)
    whole = living.join(build_any_kind(rows))
    one = pd.Series(ANY_KIND, index=whole.index, name="kind")
    won, lost, seen = (whole[name].eq(True) for name in ("wins", "loses", "known"))
    of_any = _sums(whole["people"], won, lost, seen, [whole["group"], one], {})
    joined = pd.concat([table, of_any.reindex(columns=table.columns)]).rename_axis(
        ["group", "kind"]
    )
    last = joined.index.get_level_values("kind") == ANY_KIND
    order = pd.DataFrame(
        {
            "group": joined.index.get_level_values("group"),
            "last": last,
            "kind": joined.index.get_level_values("kind"),
        }
    ).sort_values(["group", "last", "kind"])
    return joined.iloc[order.index.to_numpy()][SUM_COLUMNS]


def _sums(
    people: pd.Series,
    wins: pd.Series,
    loses: pd.Series,
    known: pd.Series,
    keys: list[pd.Series],
    each: Mapping[str, pd.Series],
) -> pd.DataFrame:
    """Sum up the people of areas that win, lose and so on, and of each further sort, at once."""
    winning, losing = wins & ~loses, loses & ~wins
    sorts = {
        "people_winning": winning,
        "people_losing": losing,
        "people_mixed": wins & loses,
        "people_unchanged": known & ~wins & ~loses,
        "people_not_known": ~known,
        **each,
    }
    columns = {name: people.where(chosen, 0.0) for name, chosen in sorts.items()}
    areas = {"areas": 1, "areas_winning": winning, "areas_losing": losing}
    counts = {
        name: pd.Series(chosen, people.index).astype("int64") for name, chosen in areas.items()
    }
    table = pd.DataFrame({"people": people, **columns, **counts}).groupby(keys).sum()
    return table.assign(people_net=table["people_winning"] - table["people_losing"])


def _medians(rows: pd.DataFrame, side: str) -> pd.Series:
    """Return the lower weighted median of each group and kind; the unreached are infinitely far."""
    known = rows[(rows["change"] != "not_known") & (rows["people"] > 0)].reset_index(drop=True)
    if known.empty:
        return pd.Series(dtype="float64")
    # Groups may be numbers: their places, as text of one width, keep the order.
    place = known.groupby(["group", "kind"]).ngroup()
    found = area_median(
        known[f"minutes_{side}"],
        known[f"status_{side}"].replace(NOT_OFFERED, "unreachable"),
        place.map("{:09d}".format),
        known["people"],
    )["minutes"]
    return pd.Series(found.to_numpy(), index=known.groupby(["group", "kind"]).size().index)
