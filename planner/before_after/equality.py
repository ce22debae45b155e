"""Do people who are protected by law, or have no car, gain or lose more than others?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.before_after.changes import ANY_KIND
from planner.before_after.sums import PEOPLE_COLUMNS, sum_changes
from planner.ledger import Note, note_items
from planner.standards import kind_words
from planner.wording import say_many

#: Never "equality impact assessment": that is for people to make.
EQUALITY_TITLE = "Evidence for an equality impact assessment"
ALL_PEOPLE = "All people"

EQUALITY_CAVEATS = (
    "This is evidence for an equality impact assessment, not the assessment: whether an effect is "
    "justified, or could be made up for, is for people to judge.",
    "Areas are not people: these are counts of people of a group who live in areas where access "
    "changes. Nobody knows from them whether those very people use, need or can use the service.",
    "People in households without a car are the population times the share of households without "
    "one; disabled people are those whose day-to-day activities were limited a little or a lot at "
    "the census. Both are as old as their source.",
    "Journeys are timed for somebody who walks at the project's speed and can use every vehicle "
    "unless the project asks otherwise: for many disabled people they take longer.",
    "Groups that no layer speaks of are not in the table: that is not evidence that nothing "
    "changes for them.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class EqualityEvidence:
    """What changes for people of each group, beside all people.

    Parameters
    ----------
    table
        Index ``group`` (`ALL_PEOPLE` first) and ``kind``: `PEOPLE_COLUMNS`, and ``share_winning``
        and ``share_losing`` of the group's people (0-1, NaN for none), to be read beside those of
        all people.
    findings
        Sentences.
    notes
        Where a group's people are not known.
    """

    table: pd.DataFrame
    findings: tuple[str, ...] = ()
    title: str = EQUALITY_TITLE
    caveats: tuple[str, ...] = EQUALITY_CAVEATS
    notes: tuple[Note, ...] = field(default=())


def build_equality_evidence(
    changes: pd.DataFrame, people: pd.Series, groups: Mapping[str, pd.Series]
) -> EqualityEvidence:
    """Sum up what changes for each group of people.

    Parameters
    ----------
    changes
        From `planner.before_after.build_area_changes`.
    people
        Residents, on area codes.
    groups
        Words → people of the group in each area, NaN where not known: such areas are left out of
        that group and counted.
    """
    parts, notes = {}, list[Note]()
    for words, counts in {ALL_PEOPLE: people, **groups}.items():
        counts = counts.reindex(people.index).astype("float64")
        one = pd.Series(words, index=counts.index, dtype=object)
        if bool(counts.notna().any()):
            parts[words] = sum_changes(changes, counts, one, medians=False)[PEOPLE_COLUMNS]
        unknown = counts.index[counts.isna() & people.notna()]
        if len(unknown):
            text = (
                f"{words}: not known in {say_many(len(unknown), 'area')} with "
                f"{people[unknown].sum():,.0f} people, left out of that group."
            )
            notes.append(note_items("before_after", "group_not_known", unknown, text))
    table = pd.concat(list(parts.values()))
    for word in ("winning", "losing"):
        table[f"share_{word}"] = table[f"people_{word}"] / table["people"].where(
            table["people"] > 0, np.nan
        )
    return EqualityEvidence(table=table, findings=_find(table), notes=tuple(notes))


def _find(table: pd.DataFrame) -> tuple[str, ...]:
    """Say for each group and kind that changes for anyone how it compares with all people."""
    found = []
    everyone = table.loc[ALL_PEOPLE]
    for group in dict.fromkeys(table.index.get_level_values("group")):
        if group == ALL_PEOPLE:
            continue
        for kind, row in table.loc[group].iterrows():
            if row["people_winning"] == row["people_losing"] == 0:
                continue
            beside = everyone.loc[kind]
            found.append(
                f"{group}, {say_kind(str(kind))}: {row['people_winning']:,.0f} live in areas that "
                f"gain ({_percent(row['share_winning'])}; all people: "
                f"{_percent(beside['share_winning'])}), {row['people_losing']:,.0f} in areas that "
                f"lose ({_percent(row['share_losing'])}; all people: "
                f"{_percent(beside['share_losing'])})."
            )
    return tuple(found)


def say_kind(kind: str) -> str:
    """Return a kind, the bundle, or all kinds together as they stand in a sentence."""
    if kind == ANY_KIND:
        return "all kinds of service together"
    return "the whole bundle" if kind == "bundle" else f"the nearest {kind_words(kind)}"


def _percent(share: float) -> str:
    """Return a share as a percentage that never rounds some to none or most to all."""
    if np.isnan(share):
        return "not known"
    if 0 < share < 0.001:
        return "under 0.1%"
    return "over 99.9%" if 0.999 < share < 1 else f"{share:.1%}"
