"""Where does one figure lie high among high or low among low, beyond what chance would bring?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.need.space.autocorrelation import (
    GlobalMoran,
    build_global_moran,
    build_local_statistics,
    false_discoveries_held,
    is_constant,
)
from planner.need.space.neighbours import Neighbours
from planner.wording import say_many

if TYPE_CHECKING:
    from planner.project import SpatialSettings

#: With fewer areas that have a neighbour, no pattern can be told from chance.
MIN_AREAS = 10

#: Classes of local Moran. "High" is what the pattern says it is: great need for need.
WORDS: dict[str, str] = {
    "high_high": "High, among areas that are high",
    "low_low": "Low, among areas that are low",
    "high_low": "High, among areas that are low",
    "low_high": "Low, among areas that are high",
    "none": "No cluster beyond chance",
    "island": "Not tested: no neighbour",
    "no_data": "Not tested: no figure",
    "not_tested": "Not tested",
}

#: Classes of Getis–Ord G*.
HOTSPOT_WORDS: dict[str, str] = {
    "hot": "In a hot spot: high with its surroundings",
    "cold": "In a cold spot: low with its surroundings",
    "none": "Neither beyond chance",
    "island": "Not tested: no neighbour",
    "no_data": "Not tested: no figure",
    "not_tested": "Not tested",
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What is tested: its id, its name, and what high and low values are, in words.

    ``high`` and ``low`` follow "areas with", as in "areas with great need".
    """

    measure: str
    title: str
    geography: str
    high: str = "high values"
    low: str = "low values"


@dataclass(frozen=True, kw_only=True, eq=False)
class SpatialPattern:
    """How one figure lies in space.

    Parameters
    ----------
    measured
        What was tested, and on which areas.
    table
        On the codes of those areas: ``value``; ``cluster`` (a key of `WORDS`) and ``cluster_p``
        of local Moran; ``hotspot`` (a key of `HOTSPOT_WORDS`), ``hotspot_z`` and ``hotspot_p``
        of Getis–Ord G*. p and z are NaN where not tested; p are two-sided and as they come,
        before control: the classes have it in them.
    moran
        Moran's I of the whole; None where it was not tested.
    reason
        Why nothing was tested, in words; "" where it was.
    draws
        How many random draws stand behind the local p values at least (0: not tested).
    without_control
        How many areas local Moran (``cluster``) and G* (``hotspot``) would call without control
        of false discoveries.
    groups
        How many separate groups of neighbours the areas of each cluster class form.
    level
        The share of false discoveries allowed.
    notes
        What was left out.
    """

    measured: Measured
    table: pd.DataFrame
    moran: GlobalMoran | None
    level: float
    reason: str = ""
    draws: int = 0
    without_control: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        if not self.table["cluster"].isin(WORDS).all():
            raise DataError("A cluster class is not one of those agreed.")
        if not self.table["hotspot"].isin(HOTSPOT_WORDS).all():
            raise DataError("A hot spot class is not one of those agreed.")
        if (self.moran is None) != bool(self.reason):
            raise DataError("A pattern is either tested, or says why not.")

    def count(self, name: str) -> int:
        """Count the areas of a class of either statistic."""
        column = "hotspot" if name in {"hot", "cold"} else "cluster"
        return int((self.table[column] == name).sum())

    @property
    def tested(self) -> int:
        """How many areas were tested."""
        return int(self.table["cluster_p"].notna().sum())

    @property
    def verdict(self) -> Literal["alike", "chance", "unlike", "not_tested"]:
        """Are neighbours alike or unlike beyond chance (p at most ``level``), or neither?"""
        if self.moran is None:
            return "not_tested"
        if self.moran.p > self.level:
            return "chance"
        return "alike" if self.moran.i > self.moran.expected else "unlike"

    def to_row(self) -> dict[str, Any]:
        """Return the pattern as one row of a summary table."""
        moran = self.moran
        return {
            "measure": self.measured.measure,
            "title": self.measured.title,
            "geography": self.measured.geography,
            "high_means": self.measured.high,
            "moran_i": moran.i if moran else np.nan,
            "moran_expected": moran.expected if moran else np.nan,
            "moran_z": moran.z if moran else np.nan,
            "moran_p": moran.p if moran else np.nan,
            "permutations": moran.permutations if moran else 0,
            "areas": len(self.table),
            "areas_tested": self.tested,
            **{f"{name}_count": self.count(name) for name in ("island", "no_data")},
            **{
                f"{name}_count": self.count(name)
                for name in ("high_high", "low_low", "high_low", "low_high", "hot", "cold")
            },
            "cluster_count_without_control": self.without_control.get("cluster", 0),
            "hotspot_count_without_control": self.without_control.get("hotspot", 0),
            "false_discovery": self.level,
            "draws": self.draws,
            "not_tested": self.reason,
        }


def build_pattern(
    values: pd.Series, neighbours: Neighbours, settings: SpatialSettings, measured: Measured
) -> SpatialPattern:
    """Test how one figure lies over areas that are neighbours.

    Parameters
    ----------
    values
        The figure, by area code; areas without one are left out, and the weights of their
        neighbours are shared among those that are left.
    neighbours
        Which areas are next to each other; all of them are in the result.
    settings
        Permutations, seed, and the share of false discoveries allowed.
    measured
        What the figure is.

    Returns
    -------
    pattern
        On ``neighbours.codes``. Where nothing can be tested (no figures, all the same, or fewer
        than `MIN_AREAS` areas beside another), no area has a class and the reason is given.

    Raises
    ------
    DataError
        An area has two values.

    Notes
    -----
    Statistics as in `planner.need.space.autocorrelation`. False discoveries are controlled over the
    areas tested, for each statistic and figure on its own (Benjamini and Hochberg 1995). Areas
    are taken in the order of their codes, so that the order they come in changes nothing.
    """
    if not values.index.is_unique:
        raise DataError(f"{measured.title}: an area code stands more than once.")
    codes = neighbours.codes
    value = values.reindex(codes).astype("float64").to_numpy(dtype=float)
    known = np.isfinite(value)
    among = neighbours.subset(codes[known])
    alone = np.asarray(codes.isin(among.islands) | codes.isin(neighbours.islands))
    tested = known & ~alone
    status = np.where(known, np.where(alone, "island", "none"), "no_data").astype(object)
    notes = _left_out(measured, neighbours, known, alone)
    reason = _reason(measured, value, known, tested)
    if reason:
        status[tested] = "not_tested"
        return SpatialPattern(
            measured=measured,
            table=_table(codes, value, status),
            moran=None,
            level=settings.false_discovery,
            reason=reason,
            notes=(*notes, _tell("clusters_not_tested", measured, [measured.measure], reason)),
        )
    pattern = _tested(measured, _table(codes, value, status), tested, among, settings)
    return replace(pattern, notes=tuple(notes))


def say_pattern(pattern: SpatialPattern, names: pd.Series) -> tuple[str, ...]:
    """Return what was found, in plain sentences; names of areas are by code."""
    measured, moran = pattern.measured, pattern.moran
    if moran is None:
        return (f"{measured.title}: not tested for clusters: {pattern.reason}.",)
    numbers = (
        f"Moran's I {say_decimals(moran.i)}, about {say_decimals(moran.expected)} by chance alone, "
        f"p = {moran.p:.3g}; {pattern.tested} areas tested: {measured.geography}"
    )
    how = {
        "chance": "is no more alike between neighbours than chance can make it",
        "alike": f"is not scattered: areas with {measured.high} lie next to others with "
        f"{measured.high}, and areas with {measured.low} next to others with {measured.low}, "
        "more than chance would have it",
        "unlike": f"differs between neighbours: areas with {measured.high} lie next to areas with "
        f"{measured.low} more than chance would have it",
    }[pattern.verdict]
    return (
        f"{measured.title} {how} ({numbers}).",
        *_say_clusters(pattern),
        *_say_outliers(pattern, names),
        *_say_hotspots(pattern),
    )


def say_decimals(value: float) -> str:
    """Return a number with two decimals, "0" where these are nought."""
    words = f"{value:.2f}".replace("-", "−")
    return "0" if words.strip("−") == "0.00" else words


def _say_clusters(pattern: SpatialPattern) -> list[str]:
    measured = pattern.measured
    plain = pattern.without_control["cluster"]
    called = sum(pattern.count(name) for name in ("high_high", "low_low", "high_low", "low_high"))
    if not plain and not called:
        return [f"{measured.title}: no area lies among its like beyond chance."]
    control = (
        f"Without allowing for how many areas were tested, {say_many(plain, 'area')} would have "
        f"been named; with it, {called}: about {pattern.level:.0%} of these at most by chance."
    )
    parts = []
    for name, words in (("high_high", measured.high), ("low_low", measured.low)):
        count, groups = pattern.count(name), pattern.groups.get(name, 0)
        if count:
            where = "in one group" if groups == 1 else f"in {groups} groups"
            lie = f"lies among others with {words}"
            lie = lie if count == 1 else f"lie among others with {words}, {where}"
            parts.append(f"{say_many(count, 'area')} with {words} {lie}")
    if not parts:
        return [f"{measured.title}: no area lies among its like beyond chance. {control}"]
    return [f"{'; '.join(parts)}. {control}"]


def _say_outliers(pattern: SpatialPattern, names: pd.Series) -> list[str]:
    said = []
    measured = pattern.measured
    for name, own, other in (
        ("high_low", measured.high, measured.low),
        ("low_high", measured.low, measured.high),
    ):
        found = pattern.table.index[(pattern.table["cluster"] == name).to_numpy()]
        if len(found):
            shown = ", ".join(str(names.get(code, code)) for code in found[:5])
            more = f" and {len(found) - 5} more" if len(found) > 5 else ""
            verb = "stands" if len(found) == 1 else "stand"
            said.append(
                f"{say_many(len(found), 'area')} with {own} {verb} among areas with {other}: "
                f"{shown}{more}."
            )
    return said


def _say_hotspots(pattern: SpatialPattern) -> list[str]:
    hot, cold = pattern.count("hot"), pattern.count("cold")
    if not hot and not cold:
        return []
    high, low = pattern.measured.high, pattern.measured.low
    return [
        f"Taken together with the areas round them, {say_many(hot, 'area')} make hot spots "
        f"({high}) and {say_many(cold, 'area')} cold spots ({low})."
    ]


def _tested(
    measured: Measured,
    table: pd.DataFrame,
    tested: NDArray[Any],
    neighbours: Neighbours,
    settings: SpatialSettings,
) -> SpatialPattern:
    """Fill in the statistics of the areas that are tested."""
    at, level = table.index[tested], settings.false_discovery
    values = table.loc[at, "value"].to_numpy(dtype=float)
    adjacency = neighbours.subset(at).adjacency
    moran = build_global_moran(
        values, adjacency, permutations=settings.permutations, seed=settings.seed
    )
    local = build_local_statistics(
        values,
        adjacency,
        permutations=settings.permutations,
        false_discovery=level,
        seed=settings.seed,
    )
    held = false_discoveries_held(local.moran_p, level)
    held_star = false_discoveries_held(local.g_p, level)
    table.loc[at, "cluster"] = np.where(held, local.quadrant, "none")
    table.loc[at, "cluster_p"] = local.moran_p
    table.loc[at, "hotspot"] = np.where(held_star, np.where(local.g_z > 0, "hot", "cold"), "none")
    table.loc[at, "hotspot_z"] = local.g_z
    table.loc[at, "hotspot_p"] = local.g_p
    return SpatialPattern(
        measured=measured,
        table=table,
        moran=moran,
        level=level,
        draws=local.draws,
        without_control={
            "cluster": int((local.moran_p <= level).sum()),
            "hotspot": int((local.g_p <= level).sum()),
        },
        groups=_groups(table["cluster"], neighbours),
    )


def _table(codes: pd.Index, value: NDArray[np.float64], status: NDArray[np.object_]) -> Any:
    missing = np.full(len(codes), np.nan)
    columns = {
        "value": np.where(np.isfinite(value), value, np.nan),
        "cluster": status.copy(),
        "cluster_p": missing,
        "hotspot": status.copy(),
        "hotspot_z": missing.copy(),
        "hotspot_p": missing.copy(),
    }
    return pd.DataFrame(columns, index=codes)


def _reason(
    measured: Measured, value: NDArray[np.float64], known: NDArray[Any], tested: NDArray[Any]
) -> str:
    """Say in words why nothing can be tested; "" where it can."""
    if not known.any():
        return "no area has a figure"
    count = int(tested.sum())
    if count < MIN_AREAS:
        return (
            f"{count} of {len(value)} areas ({measured.geography}) have a figure and a neighbour "
            f"that has one, and fewer than {MIN_AREAS} tell nothing"
        )
    if is_constant(value[tested]):
        return "the same in every area, so nothing can cluster"
    return ""


def _left_out(
    measured: Measured, neighbours: Neighbours, known: NDArray[Any], alone: NDArray[Any]
) -> list[Note]:
    codes, notes = neighbours.codes, []
    missing = codes[~known]
    if len(missing):
        beside = np.asarray(neighbours.adjacency @ (~known).astype(float)) > 0
        fewer = say_many(int((beside & known).sum()), "area")
        text = (
            f"{say_many(len(missing), 'area')} without a figure left out; {fewer} beside them "
            "compared with their other neighbours only"
        )
        notes.append(_tell("clusters_no_data", measured, missing, text))
    lost = codes[alone & known & (neighbours.counts.to_numpy() > 0)]
    if len(lost):
        text = f"{say_many(len(lost), 'area')} not tested, as no neighbour has a figure"
        notes.append(_tell("clusters_neighbours_unknown", measured, lost, text))
    return notes


def _groups(cluster: pd.Series, neighbours: Neighbours) -> dict[str, int]:
    """Count the separate groups of neighbours that the areas of each class form."""
    found = {}
    for name in ("high_high", "low_low"):
        codes = cluster.index[(cluster == name).to_numpy()]
        found[name] = int(neighbours.subset(codes).parts.max()) if len(codes) else 0
    return found


def _tell(what: str, measured: Measured, items: pd.Index | list[str], text: str) -> Note:
    names = tuple(str(item) for item in items)
    return note_items("clusters", what, names, f"{measured.title} ({measured.geography}): {text}.")
