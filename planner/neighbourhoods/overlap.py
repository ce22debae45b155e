"""How far do the types agree with somebody else's classification of the same areas?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from planner.errors import DataError
from planner.ledger import Note

METHOD_WORDS = (
    "Adjusted mutual information (Vinh, Epps and Bailey, 2010; adjusted for chance, divided by the "
    "arithmetic mean of the two entropies) and adjusted Rand index (Hubert and Arabie, 1985): 1 "
    "is the same grouping, 0 what chance gives. Over areas that are in both, each counted once."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlap:
    """Types against the classes of another classification.

    Parameters
    ----------
    table
        ``type_id`` × class: number of areas, both sorted.
    row_shares
        The same as shares of each type's areas (rows add up to 1).
    column_shares
        The same as shares of each class's areas (columns add up to 1).
    adjusted_mutual_information, adjusted_rand
        See `METHOD_WORDS`.
    areas, only_types, only_classes
        How many areas are in both, have a type but no class, a class but no type.
    title
        What the other classification is called.
    findings
        What this says, in plain sentences.
    notes
        Areas that are in one only.
    """

    table: pd.DataFrame
    row_shares: pd.DataFrame
    column_shares: pd.DataFrame
    adjusted_mutual_information: float
    adjusted_rand: float
    areas: int
    only_types: int
    only_classes: int
    title: str
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if int(self.table.to_numpy().sum()) != self.areas:
            raise DataError("Overlap: the table does not add up to the areas that are in both.")


def build_overlap(labels: pd.Series, classes: pd.Series, *, title: str) -> Overlap:
    """Set types beside classes, area by area.

    Parameters
    ----------
    labels
        Area of the place → ``type_id``, <NA> where it has none.
    classes
        Area → class (text), missing or absent where it has none; areas outside the place do not
        count.
    title
        What the other classification is called.

    Raises
    ------
    DataError
        No area has both, or an area stands twice.
    """
    if not classes.index.is_unique:
        twice = classes.index[classes.index.duplicated()][0]
        raise DataError(f"{title}: {twice} stands in more than one class.")
    both = pd.DataFrame({"type_id": labels, "class": classes.reindex(labels.index)})
    known = both.dropna().astype({"type_id": "int64", "class": str})
    if known.empty:
        raise DataError(
            f"{title}: none of the {len(labels)} areas has both a type and a class.",
            hint="Check that its codes are of the same areas.",
        )
    table = pd.crosstab(known["type_id"], known["class"])
    shared = adjusted_mutual_info_score(
        known["class"], known["type_id"], average_method="arithmetic"
    )
    rand = adjusted_rand_score(known["class"], known["type_id"])
    only_types = both.index[both["type_id"].notna() & both["class"].isna()]
    only_classes = both.index[both["type_id"].isna() & both["class"].notna()]
    return Overlap(
        table=table,
        row_shares=table.div(table.sum(axis=1), axis=0),
        column_shares=table.div(table.sum(axis=0), axis=1),
        adjusted_mutual_information=float(shared),
        adjusted_rand=float(rand),
        areas=len(known),
        only_types=len(only_types),
        only_classes=len(only_classes),
        title=title,
        findings=_say(table, float(shared), title),
        notes=tuple(_notes(only_types, only_classes, title)),
    )


def _say(table: pd.DataFrame, shared: float, title: str) -> tuple[str, ...]:
    areas = int(table.to_numpy().sum())
    found = [
        f"Types and {title} agree at {shared:.2f} (adjusted mutual information; 1 is the same "
        f"grouping, 0 is chance) over {areas:,} areas."
    ]
    for type_id, row in table.iterrows():
        # Of equally frequent classes the first.
        top = row.index[int(np.argmax(row.to_numpy()))]
        found.append(
            f"Of the {int(row.sum()):,} areas of type {type_id} in both, {int(row[top]):,} "
            f"({row[top] / row.sum():.0%}) are in class {top}."
        )
    return tuple(found)


def _notes(only_types: pd.Index, only_classes: pd.Index, title: str) -> list[Note]:
    notes = []
    for what, codes, words in (
        ("overlap_without_class", only_types, f"areas with a type are in no class of {title}"),
        ("overlap_without_type", only_classes, f"areas in a class of {title} have no type"),
    ):
        if len(codes):
            text = f"{len(codes):,} {words}; they do not count in the comparison."
            items = tuple(str(code) for code in codes)
            notes.append(
                Note(stage="neighbourhoods", what=what, count=len(codes), text=text, items=items)
            )
    return notes
