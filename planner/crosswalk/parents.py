"""Which larger area does each small area lie in, by the official lookups?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.area import GEOGRAPHY_NAMES, StudyArea
from planner.crosswalk.links import BRIDGES, Lookups, build_links
from planner.ledger import Note

#: Larger geographies that the small areas of each geography nest in, the best first.
PARENTS: dict[str, tuple[str, ...]] = {
    "lsoa21": ("msoa21", "msoa11"),
    "lsoa11": ("msoa11", "msoa21"),
    "dz11": ("iz11",),
    "dz22": ("iz11",),
}


def build_parents(area: StudyArea, lookups: Lookups) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return the larger areas that each area of the place and its context lies in.

    Parameters
    ----------
    area
        The small areas.
    lookups
        Official tables; a geography that they do not lead to gets no column.

    Returns
    -------
    parents
        Index ``area_code``, one column of codes a larger geography, the best first; NaN where no
        lookup says, or where it cannot be decided.
    notes
        Which areas lie in several larger ones, and which in none.

    Notes
    -----
    An area put together from former areas that lay in several larger ones goes to the one from
    which most of its people come (ties by code). Where the lookups do not tell how many people
    came from each, it goes to none.
    """
    index = area.areas.index
    columns: dict[str, pd.Series] = {}
    notes: list[Note] = []
    for parent in PARENTS.get(area.geography, ()):
        bridge = BRIDGES[(parent, area.geography)]
        if any(getattr(lookups, name) is None for name in bridge):
            continue
        pairs = _weighted_pairs(parent, bridge, area, lookups)
        decided, by_people, open_ = _decide(pairs)
        column = decided.reindex(index).astype(object)
        column = column.where(column.notna(), float("nan"))
        notes += _notes(parent, column, by_people, open_)
        if column.notna().any():
            columns[parent] = column
    return pd.DataFrame(columns, index=index), tuple(notes)


def _weighted_pairs(
    parent: str, bridge: tuple[str, ...], area: StudyArea, lookups: Lookups
) -> pd.DataFrame:
    """Return area, its parent (NaN unknown) and the people who link the two (NaN unknown)."""
    first: pd.DataFrame = getattr(lookups, bridge[0])
    small = next(name for name in first.columns if name != parent)
    upper = first[[small, parent]].drop_duplicates()
    if len(bridge) == 1:
        pairs = upper.rename(columns={small: "area", parent: "parent"})
        return pairs[pairs["area"].isin(area.areas.index)].assign(people=float("nan"))
    links = build_links(
        small,
        area.geography,
        lookups,
        people=area.areas["population"],
        targets=area.areas.index,
    )
    links = links[links["target"].isin(area.areas.index)]
    people = links["people"] * links["share"].where(links["basis"] != "equal")
    if "people_pair" in links:
        people = links["people_pair"].astype(float)
    held = _held(small, area.geography, lookups)
    if held is not None:
        keys = pd.MultiIndex.from_frame(links[["source", "target"]])
        people = people.fillna(pd.Series(held.reindex(keys).to_numpy(), index=links.index))
    parents = links["source"].map(upper.drop_duplicates(small).set_index(small)[parent])
    return pd.DataFrame({"area": links["target"], "parent": parents, "people": people})


def _held(source: str, target: str, lookups: Lookups) -> pd.Series | None:
    """Return people (or output areas) by former and present area, where output areas tell."""
    table = lookups.oa21
    if table is None or source not in table or target not in table:
        return None
    weight = table["people"].astype(float) if "people" in table else pd.Series(1.0, table.index)
    held: pd.Series = weight.groupby([table[source], table[target]]).sum()
    return held


def _decide(pairs: pd.DataFrame) -> tuple[pd.Series, list[str], list[str]]:
    """Return each area's parent, and the areas decided by people and not decided at all."""
    pairs = pairs.assign(parent=pairs["parent"].fillna(""))
    candidates = pairs.groupby("area")["parent"].nunique()
    several = set(candidates.index[candidates > 1])
    alone = pairs[~pairs["area"].isin(several)].drop_duplicates("area")
    decided: dict[Any, str] = dict(zip(alone["area"], alone["parent"], strict=True))
    by_people, open_ = [], []
    for code, rows in pairs[pairs["area"].isin(several)].groupby("area"):
        sums = rows.groupby("parent")["people"].sum()
        known = rows["people"].notna().all() and (rows["parent"] != "").all() and sums.sum() > 0
        if not known:
            open_.append(str(code))
            continue
        decided[code] = str(sums.index[sums.to_numpy().argmax()])
        by_people.append(str(code))
    found = pd.Series(decided, dtype=object)
    return found[found != ""], by_people, open_


def _notes(parent: str, column: pd.Series, by_people: list[str], open_: list[str]) -> list[Note]:
    name = GEOGRAPHY_NAMES[parent]
    absent = [str(code) for code in column.index[column.isna()] if code not in set(open_)]
    found = (
        (
            "parent_by_people",
            by_people,
            "put together from former areas in several of them; counted with the one most of "
            "their people come from",
        ),
        (
            "parent_undecided",
            open_,
            "put together from former areas in several of them, and the lookups do not tell how "
            "many people came from each; counted with none",
        ),
        ("parent_unknown", absent, "not in the lookup, so counted with none"),
    )
    return [
        Note(
            stage="layers",
            what=what,
            count=len(codes),
            text=f"{name}: {len(codes)} areas are {text}.",
            items=tuple(sorted(codes)),
        )
        for what, codes, text in found
        if codes
    ]
