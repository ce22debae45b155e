"""Which tables say what a scenario changes, for whom, and how fairly?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from planner.before_after import PEOPLE_COLUMNS

if TYPE_CHECKING:
    from planner.plan import Plan

#: What a column of these tables means: it goes with those of `planner.export.tables`.
MEANINGS = {
    "people": "Residents before the change; of a group, its people",
    "minutes_before": "Minutes to the nearest before; empty unless status_before is reached",
    "status_before": "reached, or why there are no minutes before; not_offered: by nobody",
    "minutes_after": "Minutes to the nearest after; empty unless status_after is reached",
    "status_after": "reached, or why there are no minutes after; not_offered: by nobody",
    "minutes_change": "Minutes after less before; empty unless both are reached",
    "change": "sooner or longer (by a minute or more), reached_first, no_longer_reached, same, "
    "still_not_reached or not_known",
    "gap_before": "gap, relatively_further, within_standard or no_data before",
    "gap_after": "The same after",
    "gap_change": "closed, opened, still, none or not_known",
    "people_winning": "People in areas that come nearer, or reach it for the first time",
    "people_losing": "People in areas that come further, or no longer reach it",
    "people_net": "People winning less people losing",
    "people_mixed": "People in areas where some kinds come nearer and others further (any_kind)",
    "people_unchanged": "People in areas without a change of a minute or more",
    "people_not_known": "People in areas of which minutes are not known before or after",
    "people_sooner": "People in areas at least a minute nearer",
    "people_longer": "People in areas at least a minute further",
    "people_reached_first": "People in areas that reach it for the first time",
    "people_no_longer_reached": "People in areas that no longer reach it",
    "people_gap_closed": "People in areas that are no longer a gap",
    "people_gap_opened": "People in areas that become a gap",
    "areas": "Number of areas",
    "areas_winning": "Areas that come nearer, or reach it for the first time",
    "areas_losing": "Areas that come further, or no longer reach it",
    "minutes_median_before": "People's median minutes before; empty where that is not reached",
    "minutes_median_after": "People's median minutes after; empty where that is not reached",
    "need_tenth": "Tenth of need within the place before the change, 1 = greatest, access left out",
    "partner": "Who offers it",
    "venues_before": "Venues with an open offer of the partner, before",
    "offers_before": "The partner's open offers, before",
    "kinds_before": "Kinds of service that the partner offers, before",
    "venues_after": "Venues with an open offer of the partner, after",
    "offers_after": "The partner's open offers, after",
    "kinds_after": "Kinds of service that the partner offers, after",
    "index": "Index of fairness",
    "value_before": "The index before",
    "value_before_low": "Lower end of its interval",
    "value_before_high": "Upper end of its interval",
    "value_after": "The index after",
    "value_after_low": "Lower end of its interval",
    "value_after_high": "Upper end of its interval",
    "value_change": "After less before",
    "within_intervals": "Whether each figure lies in the other's interval: no sure change then",
    "meaning_before": "The index before in words",
    "meaning_after": "The index after in words",
    "group": "Group of people",
    "share_winning": "People winning ÷ people of the group, 0-1",
    "share_losing": "People losing ÷ people of the group, 0-1",
}


def build_before_after_files(plan: Plan) -> dict[str, pd.DataFrame]:
    """Return file name → table: what a scenario changes by area, kind, type, tenth and partner.

    Nothing without changes. Each is sorted; a table stands only where it has a row. None of them
    has a figure of the council's own records.
    """
    found = plan.before_after
    if found is None:
        return {}
    values = {
        name: f"value_{name}"
        for name in found.equity.columns
        if name.startswith(("before", "after")) or name == "change"
    }
    groups = [*PEOPLE_COLUMNS, "share_winning", "share_losing"]
    files = {
        "before_after_areas.csv": found.areas,
        "before_after_summary.csv": found.summary.reset_index(),
        "before_after_types.csv": found.by_type.reset_index(),
        "before_after_tenths.csv": found.by_tenth.reset_index(),
        "before_after_partners.csv": found.by_partner.reset_index(),
        "before_after_equity.csv": found.equity.rename(columns=values),
        "equality_evidence.csv": found.evidence.table[groups].reset_index(),
    }
    return {name: table for name, table in files.items() if len(table)}
