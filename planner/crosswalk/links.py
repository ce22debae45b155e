"""Which areas of one geography became which of another, and how many of their people?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from planner.area import GEOGRAPHY_NAMES
from planner.errors import DataError

#: How a source's people were shared out over its targets.
Basis = Literal["whole", "output areas", "people", "equal"]

#: Pairs (published for, wanted on) that can be bridged, and the lookups that lead across.
BRIDGES: dict[tuple[str, str], tuple[str, ...]] = {
    ("lsoa11", "lsoa21"): ("lsoa11_lsoa21",),
    ("lsoa21", "lsoa11"): ("lsoa11_lsoa21",),
    ("msoa11", "lsoa11"): ("lsoa11_msoa11",),
    ("msoa11", "lsoa21"): ("lsoa11_msoa11", "lsoa11_lsoa21"),
    ("msoa21", "lsoa21"): ("lsoa21_msoa21",),
    ("msoa21", "lsoa11"): ("lsoa21_msoa21", "lsoa11_lsoa21"),
    ("ward", "lsoa21"): ("lsoa21_ward",),
    ("oa21", "lsoa21"): ("oa21",),
    ("iz11", "dz11"): ("dz11_iz11",),
    ("iz11", "dz22"): ("dz11_iz11", "dz11_dz22"),
    ("dz11", "dz22"): ("dz11_dz22",),
    ("dz22", "dz11"): ("dz11_dz22",),
}
#: Geographies whose figures the small areas within inherit.
LARGER = frozenset({"msoa11", "msoa21", "ward", "iz11"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Lookups:
    """Official tables from one geography to another; each row is a pair of codes.

    Columns are named by the geographies they hold. ``lsoa11_lsoa21`` has a ``change`` besides (U
    unchanged, S split, M merged, X neither). ``oa21`` has ``oa21, lsoa21`` and, where known,
    ``lsoa11`` (best fit) and ``people``; ``dz11_dz22`` may have ``people`` of each pair.
    ``people`` is residents by area code, for areas beyond the place and on other geographies.
    """

    lsoa11_lsoa21: pd.DataFrame | None = None
    lsoa11_msoa11: pd.DataFrame | None = None
    lsoa21_msoa21: pd.DataFrame | None = None
    lsoa21_ward: pd.DataFrame | None = None
    oa21: pd.DataFrame | None = None
    dz11_iz11: pd.DataFrame | None = None
    dz11_dz22: pd.DataFrame | None = None
    people: pd.Series | None = None


def build_links(
    source: str,
    target: str,
    lookups: Lookups,
    *,
    people: pd.Series | None = None,
    targets: pd.Index | None = None,
) -> pd.DataFrame:
    """Return the pairs source → target, and the share of each source's people in each target.

    Parameters
    ----------
    source, target
        Geographies (keys of `planner.area.GEOGRAPHY_NAMES`).
    lookups
        Official tables that lead from one to the other.
    people
        Residents by target code; where absent, those of the lookups.
    targets
        Keep only sources that have one of these targets, with all their targets. All by default.

    Returns
    -------
    links
        Columns ``source, target, change``; ``single`` (the target has one source) and ``whole``
        (the source has one target); ``share``, which adds up to 1 for each source, and ``basis``,
        a `Basis`; ``people``, residents of the source (NaN unknown).

    Raises
    ------
    DataError
        There is no way from the one to the other, or a lookup is missing.

    Notes
    -----
    Splits are shared by the people of the parts; complex changes (X) by the output areas in each
    pair where the lookup has them. Where the people of a part are not known, parts count alike.
    """
    pairs = _pairs(source, target, lookups)
    if targets is not None:
        near = pairs.loc[pairs["target"].isin(targets), "source"].unique()
        links = pairs[pairs["source"].isin(near)].reset_index(drop=True)
    else:
        links = pairs.reset_index(drop=True)
    # A target whose other sources lie elsewhere must not look as if it had one source.
    links["single"] = links["target"].map(pairs["target"].value_counts()) == 1
    links["whole"] = links["source"].map(pairs["source"].value_counts()) == 1
    known = _all_people(lookups)
    links["people"] = links["source"].map(known).astype(float)
    here = links["target"].map(known).astype(float)
    if people is not None:
        here = links["target"].map(people).astype(float).fillna(here)
    links["share"], links["basis"] = _shares(links, here)
    if {source, target} == {"lsoa11", "lsoa21"} and lookups.oa21 is not None:
        links = _shared_by_output_areas(links, source, target, lookups.oa21)
    return links.assign(change="") if source in LARGER or source == "oa21" else links


def _pairs(source: str, target: str, lookups: Lookups) -> pd.DataFrame:
    bridge = BRIDGES.get((source, target))
    if bridge is None:
        raise DataError(
            f"Figures for {GEOGRAPHY_NAMES.get(source, source)} cannot be carried over to "
            f"{GEOGRAPHY_NAMES.get(target, target)}.",
            hint="Use the publisher's file for the place's own areas.",
        )
    steps = []
    for name in bridge:
        frame = getattr(lookups, name)
        if frame is None:
            raise DataError(
                f"Figures for {GEOGRAPHY_NAMES[source]} need an official lookup to "
                f"become figures for {GEOGRAPHY_NAMES[target]}.",
                hint=f"Name it in the project file: [lookups] {name} = ...",
            )
        steps.append(frame)
    pairs = steps[0]
    for step in steps[1:]:
        shared = next(name for name in step.columns if name in pairs.columns)
        pairs = pairs.merge(step, on=shared)
    pairs = pairs.rename(columns={source: "source", target: "target"})
    if "change" not in pairs:
        pairs = pairs.assign(change="")
    given = ["people_pair"] if "people" in pairs and len(bridge) == 1 and source != "oa21" else []
    pairs = pairs.rename(columns={"people": "people_pair"})[["source", "target", "change", *given]]
    pairs = pairs.drop_duplicates(["source", "target"])
    return pairs.sort_values(["target", "source"], ignore_index=True)


def _all_people(lookups: Lookups) -> pd.Series:
    """Return residents by code of every area whose people a lookup tells."""
    parts = [] if lookups.people is None else [lookups.people.astype(float)]
    if lookups.oa21 is not None and "people" in lookups.oa21:
        table = lookups.oa21
        parts.append(table.drop_duplicates("oa21").set_index("oa21")["people"].astype(float))
        parts.append(table.groupby("lsoa21")["people"].sum().astype(float))
    if not parts:
        return pd.Series(dtype=float)
    together = pd.concat(parts)
    return together[~together.index.duplicated()]


def _shares(links: pd.DataFrame, people: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the part of each source's people in each target; equal parts where unknown."""
    if "people_pair" in links:
        people = links["people_pair"].astype(float)
    source = links["source"]
    total = people.groupby(source).transform("sum")
    known = people.notna().groupby(source).transform("all") & (total > 0)
    parts = source.map(source.value_counts()).astype(float)
    share = (people / total.where(known)).where(known, 1.0 / parts)
    basis = pd.Series("people", index=links.index).where(known, "equal")
    return share, basis.mask(links["whole"], "whole")


def _shared_by_output_areas(
    links: pd.DataFrame, source: str, target: str, table: pd.DataFrame
) -> pd.DataFrame:
    """Return the links, changed areas shared by the output areas of each pair where known."""
    if "lsoa11" not in table:
        return links
    weight = table["people"].astype(float) if "people" in table else pd.Series(1.0, table.index)
    held = weight.groupby([table[source], table[target]]).sum()
    keys = pd.MultiIndex.from_frame(links[["source", "target"]])
    people = pd.Series(held.reindex(keys).to_numpy(), index=links.index).fillna(0.0)
    total = people.groupby(links["source"]).transform("sum")
    changed = (links["change"] == "X") | ((source == "lsoa21") & (links["change"] == "M"))
    changed = changed.groupby(links["source"]).transform("any") & ~links["whole"] & (total > 0)
    return links.assign(
        share=links["share"].mask(changed, people / total),
        basis=links["basis"].mask(changed, "output areas"),
    )
