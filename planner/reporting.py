"""How do wards, districts or the user's own groups of areas stand as a whole?"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from planner.area import StudyArea
from planner.errors import DataError
from planner.layers import Layers
from planner.ledger import Note
from planner.need import Need, build_summaries

#: The publisher's ranks give the first four; the score is of the nation's own index.
NATIONAL = ("average_rank", "share_worst_tenth", "extent", "local_concentration")


@dataclass(frozen=True, kw_only=True, eq=False)
class Groups:
    """Which group each area of the place belongs to.

    Parameters
    ----------
    members
        Index ``area_code``, columns ``group`` and ``group_name`` (text); areas without a group
        are not in it.
    title
        What the groups are, such as "Wards (2024)".
    notes
        Areas without a group.
    """

    members: pd.DataFrame
    title: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.members.index.is_unique:
            twice = self.members.index[self.members.index.duplicated()][0]
            raise DataError(f"{self.title}: {twice} belongs to more than one group.")
        names = self.members.groupby("group")["group_name"].nunique()
        if bool((names > 1).any()):
            raise DataError(f"{self.title}: {names.index[names > 1][0]} has more than one name.")


def build_reporting(area: StudyArea, layers: Layers, need: Need, groups: Groups) -> pd.DataFrame:
    """Sum areas up by the groups they belong to.

    Parameters
    ----------
    area
        The place.
    layers
        Its layers; counts are added up.
    need
        Ranks and scores of the areas of the place.
    groups
        Which group each area is in.

    Returns
    -------
    table
        Index ``group``, sorted. ``group_name``; ``areas`` (how many); ``population`` (people,
        NaN where one area's is unknown); ``average_rank``, ``average_score``,
        ``share_worst_tenth``, ``extent``, ``local_concentration`` among the place's own areas;
        the same but the score with the ending ``_national`` from the publisher's ranks; then a
        column a layer of counts, added up (NaN where one area's is unknown). A summary is NaN
        where an area of the group lacks its population, rank or score.

    Notes
    -----
    The five official formulas: `planner.need.build_summaries`. They weight by people; nothing is
    a plain average of ranks.
    """
    inside = groups.members.reindex(area.codes).dropna(subset=["group"])
    codes = inside.index
    table = inside.groupby("group", sort=True).agg(
        group_name=("group_name", "first"), areas=("group_name", "size")
    )
    population = area.areas.loc[codes, "population"]
    table["population"] = _added(population, inside["group"])
    frame = pd.DataFrame(
        {
            "group": inside["group"],
            "population": population,
            "rank": need.scores.loc[codes, "need_rank"],
            "score": need.scores.loc[codes, "need_score"],
        }
    )
    table = table.join(_summaries(frame, len(area.codes)))
    among = _national_areas(layers)
    if among is not None:
        rank = need.scores.loc[codes, "need_rank_national"].astype("Float64").astype(float)
        national = _summaries(frame.assign(rank=rank, score=0.0), among)
        table = table.join(national[list(NATIONAL)].add_suffix("_national"))
    counts = [key for key, spec in layers.specs.items() if spec.kind == "count"]
    return table.assign(
        **{key: _added(layers.values.loc[codes, key], inside["group"]) for key in counts}
    )


def _summaries(frame: pd.DataFrame, n: int) -> pd.DataFrame:
    """Summarise the groups of which everything is known; the others stay NaN."""
    names = frame["group"].unique()
    known = frame.notna().all(axis=1).groupby(frame["group"]).all()
    people = frame.groupby("group")["population"].sum()
    whole = known.index[known & (people > 0)]
    found = frame[frame["group"].isin(whole)]
    if not len(found):
        empty = pd.DataFrame(columns=["average_rank", "average_score", *NATIONAL[1:]], dtype=float)
        return empty.reindex(sorted(names))
    return build_summaries(found, n).reindex(sorted(names))


def _added(values: pd.Series, group: pd.Series) -> pd.Series:
    """Add up by group; unknown where any area of the group is."""
    return values.groupby(group).sum().where(values.notna().groupby(group).all())


def _national_areas(layers: Layers) -> int | None:
    """Return how many areas the publisher's overall rank is among, None where it is not known."""
    for spec in layers.specs.values():
        if spec.role == "published_rank":
            return spec.among
    return None
