"""What may be shown of the council's own records, so that nobody in them can be told?

A count under the threshold, zero included, is withheld; any other is rounded to the nearest 5.
This happens before a count is used for anything, and nothing downstream ever has the true one.

Totals go up one nested hierarchy (areas, groups of areas, the place) and are made of what is
shown: the rounded counts, plus, where that is safe, one rounded count for all withheld areas of
a group taken together. A total never contains a withheld area on its own, so that subtracting
leaves nothing.

Notes
-----
Under ten withheld and the rest to the nearest five is the "10-5 rule" that the Office for
National Statistics describes for frequency tables (Comparison of post-tabular statistical
disclosure control methods). Zero is withheld like any small count, as UK Longitudinal Linkage
Collaboration asks (statistical disclosure control: "<10, including zero"): that an area has
nobody in a caseload says something about everybody in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import DataError, ProjectError
from planner.layers import HighIs, Layers, LayerSpec
from planner.ledger import Note, Source
from planner.project import ProjectSpec

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

ROUND_TO = 5
#: A rounded count is at most this far from the true one.
SLACK = ROUND_TO // 2
STAGE = "private"
PUBLISHER = "The council's own data (private)"
PER = 1000.0

TOTAL_COLUMNS = ["level", "code", "name", "count", "areas", "areas_withheld", "covers"]
WHOLE, SHOWN_ONLY, NOTHING = "all its areas", "only the areas shown", "nothing can be shown"


@dataclass(frozen=True, kw_only=True, eq=False)
class Protected:
    """Counts that may be shown.

    Parameters
    ----------
    threshold
        Counts under it are withheld.
    counts
        Index ``area_code``, the place's and its context's: cases rounded to the nearest 5 (float),
        NaN where withheld.
    pooled
        Index group code ("" for the place as a whole): cases in all withheld areas of the group
        together, rounded, NaN where these are withheld too.
    members
        Group code → the place's areas in it, as a Series ``area_code`` → group code.
    totals
        Columns `TOTAL_COLUMNS`, groups before the place. ``count`` adds up what is shown.
    """

    threshold: int
    counts: pd.Series
    pooled: pd.Series
    members: pd.Series
    totals: pd.DataFrame

    def __post_init__(self) -> None:
        for shown in (self.counts.dropna(), self.pooled.dropna()):
            if bool(((shown % ROUND_TO != 0) | (shown < self.threshold)).any()):
                raise DataError("Private counts: one is not rounded, or under the threshold.")

    @property
    def withheld(self) -> pd.Index:
        """Codes of the areas whose count is withheld."""
        return self.counts.index[self.counts.isna()]


@dataclass(frozen=True, kw_only=True, eq=False)
class PrivateLayer:
    """One protected layer under its name in the project."""

    id: str
    title: str
    protected: Protected


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a reader learns from one published figure: so many cases in these areas together."""

    areas: frozenset[str]
    least: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """A withheld count that what is published narrows down further than "under the threshold"."""

    area_code: str
    least: int
    most: int


def build_protected(
    counts: pd.Series,
    codes: pd.Index,
    *,
    threshold: int,
    groups: pd.DataFrame | None = None,
) -> Protected:
    """Withhold and round counts, and build the totals that may stand beside them.

    Parameters
    ----------
    counts
        True numbers of cases on the codes of the place's and the context's areas.
    codes
        The place's own areas; only these go into totals.
    threshold
        A multiple of 5.
    groups
        Index ``area_code``, columns ``group`` and ``group_name``. Without it all withheld areas
        of the place are one pool. Areas without a group are in no pool.

    Notes
    -----
    A pool of k withheld areas with R cases is shown, rounded to R', only if R is at least the
    threshold t and ``max(R' − 2, t) ≤ (k − 1)(t − 1)``. Then each of them may still hold any
    number from 0 (the others can hold all of it) to t − 1. Where the pool is withheld, the others
    may hold none and R is then under t, so the same is true for somebody who knows this rule.
    Pools share no area, and totals are sums of what is shown.
    """
    _check_threshold(threshold)
    shown = _rounded(counts).where(counts >= threshold)
    if groups is None:
        group = pd.Series("", index=codes)
        names = pd.Series({"": ""})
    else:
        inside = groups[groups.index.isin(codes)].sort_index()
        group = inside["group"].astype(str)
        names = inside.groupby(group)["group_name"].first()
    pooled = pd.Series(
        {
            name: _pool(counts[areas.index][shown[areas.index].isna()], threshold)
            for name, areas in group.groupby(group)
        },
        dtype=float,
    )
    rows = [] if groups is None else _group_rows(shown, group, pooled, names)
    rows.append(_place_row(shown[codes], group, pooled))
    return Protected(
        threshold=threshold,
        counts=shown,
        pooled=pooled,
        members=group,
        totals=pd.DataFrame(rows, columns=TOTAL_COLUMNS),
    )


def add_private_layer(
    layers: Layers,
    protected: Protected,
    people: pd.Series,
    *,
    layer_id: str,
    title: str,
    geography: str,
    among: str,
    domain: str = "",
    weight: float = 1.0,
    high_is: HighIs = "worse",
    vintage: str = "",
) -> Layers:
    """Return the layers with protected counts beside them, as cases per 1,000 of ``people``.

    Parameters
    ----------
    layers
        The layers so far.
    protected
        On the layers' index.
    people
        What cases are set against, on the same index; there is no rate where it is unknown, and
        none where it is under the threshold, because a small group is told by its rate.
    among
        ``people`` in words, such as "residents".

    Raises
    ------
    ProjectError
        A layer of that name is there already.
    """
    if layer_id in layers.specs:
        raise ProjectError(
            f"[[private]] {layer_id}: there is a layer of that name already.",
            hint="Give it another id.",
        )
    index = layers.values.index
    people = people.reindex(index)
    withheld = protected.counts.reindex(index).isna() | (people < protected.threshold)
    rate = (PER * protected.counts.reindex(index) / people.where(people > 0)).mask(withheld)
    status = pd.Series("published", index=index, dtype=object)
    status = status.mask(rate.isna(), "missing").mask(withheld & (people > 0), "suppressed")
    spec = LayerSpec(
        id=layer_id,
        title=title,
        unit=f"per 1,000 {among}",
        kind="rate",
        high_is=high_is,
        geography=geography,
        source=Source(
            publisher=PUBLISHER,
            dataset=title,
            licence="not published; only protected figures are shown",
            vintage=vintage or "date not stated",
        ),
        domain=domain or None,
        weight=weight,
        denominator=among,
        caveat=f"Counts under {protected.threshold} withheld, others rounded to the nearest "
        f"{ROUND_TO}, before any use.",
        rounded_to=ROUND_TO,
    )
    return replace(
        layers,
        values=layers.values.assign(**{layer_id: rate}),
        specs={**layers.specs, layer_id: spec},
        status=layers.status.assign(**{layer_id: status}),
    )


def build_note(layer: PrivateLayer, codes: pd.Index) -> Note:
    """Say how many areas of the place are withheld, and which."""
    protected = layer.protected
    withheld = protected.withheld.intersection(codes)
    return Note(
        stage=STAGE,
        what="private_withheld",
        count=len(withheld),
        text=f"{layer.title} ({layer.id}), the council's own records: {len(withheld)} of "
        f"{len(codes)} areas withheld, fewer than {protected.threshold} cases each, none "
        f"included; the others rounded to the nearest {ROUND_TO}. This was done before the "
        "figures were used for anything.",
        items=tuple(withheld),
    )


def refuse_reference(spec: ProjectSpec) -> None:
    """Refuse private layers in a need that is worked out among other areas than the place's.

    Raises
    ------
    ProjectError
        A private layer counts towards need, and nobody knows it for the areas elsewhere.
    """
    if spec.need.reference == "place":
        return
    for number, entry in enumerate(spec.private, start=1):
        if entry.domain and entry.weight > 0 and entry.high_is != "neither":
            raise ProjectError(
                f"[[private]] {number} ({entry.id}): the council's own records are not known for "
                "areas elsewhere, so they cannot count towards need with [need] reference = "
                f'"{spec.need.reference}".',
                hint="Leave out its domain, and it is shown beside need; or write reference = "
                '"place".',
            )


def build_private_table(private: Sequence[PrivateLayer], areas: pd.DataFrame) -> pd.DataFrame:
    """Return every protected count and total, one row each, as it is written to a file.

    Parameters
    ----------
    private
        The protected layers.
    areas
        The study area's areas, with ``area_name`` and ``in_place``.
    """
    columns = ["layer", "title", *TOTAL_COLUMNS, "status", "rounded_to", "withheld_under"]
    parts = []
    for layer in private:
        counts = layer.protected.counts
        in_place = areas["in_place"].reindex(counts.index)
        rows = pd.DataFrame(
            {
                "level": np.where(in_place, "area", "context area"),
                "code": counts.index,
                "name": areas["area_name"].reindex(counts.index).to_numpy(),
                "count": counts.to_numpy(),
                "areas": 1,
                "areas_withheld": counts.isna().astype(int).to_numpy(),
                "covers": np.where(counts.isna(), NOTHING, WHOLE),
            }
        ).sort_values(["level", "code"], kind="stable")
        both = pd.concat([rows, layer.protected.totals], ignore_index=True)
        both["count"] = both["count"].astype("Int64")
        both["status"] = np.where(both["count"].isna(), "suppressed", "rounded")
        parts.append(
            both.assign(
                layer=layer.id,
                title=layer.title,
                rounded_to=ROUND_TO,
                withheld_under=layer.protected.threshold,
            )[columns]
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def say_count(count: int, threshold: int) -> str:
    """Return a number of cases in words that may be written down.

    Examples
    --------
    >>> say_count(3, 10), say_count(0, 10), say_count(1233, 10)
    ('fewer than 10', 'fewer than 10', 'about 1,235')
    """
    if count < threshold:
        return f"fewer than {threshold}"
    return f"about {int(_rounded(pd.Series([count]))[0]):,}"


def to_statements(protected: Protected) -> list[Statement]:
    """Return everything that the published figures say about true counts, as a reader would."""
    t = protected.threshold
    said = []
    for code, count in protected.counts.items():
        if np.isnan(count):
            said.append(Statement(areas=frozenset([code]), least=0, most=t - 1))
        else:
            said.append(_around(frozenset([code]), count, t))
    for group, count in protected.pooled.dropna().items():
        members = protected.members.index[protected.members == group]
        said.append(_around(frozenset(members.intersection(protected.withheld)), count, t))
    return said


def recoverable(said: Sequence[Statement], threshold: int) -> list[Recovered]:
    """Return each withheld count that the statements together narrow down at all.

    Parameters
    ----------
    said
        Any statements about the same areas, from one layer or from all outputs together. A
        statement about one area that begins at 0 and ends under the threshold marks it withheld.
    threshold
        Withheld counts are under it.

    Returns
    -------
    recovered
        Sorted by area: what a reader with unlimited patience could say. Empty is safe.

    Raises
    ------
    DataError
        The statements contradict one another.

    Notes
    -----
    The least and the most each withheld count can be, subject to all statements, as integer
    programs solved to the end (HiGHS).
    """
    from scipy.optimize import LinearConstraint  # slow to import, and few projects need it

    areas = sorted({area for one in said for area in one.areas})
    place = {area: at for at, area in enumerate(areas)}
    matrix = np.zeros((len(said), len(areas)))
    for row, one in enumerate(said):
        matrix[row, [place[area] for area in one.areas]] = 1.0
    limits = LinearConstraint(matrix, [s.least for s in said], [s.most for s in said])
    found = []
    hidden = {a for s in said if len(s.areas) == 1 and s.most < threshold for a in s.areas}
    for area in sorted(hidden):
        least = _extreme(place[area], 1.0, len(areas), limits)
        most = _extreme(place[area], -1.0, len(areas), limits)
        if least > 0 or most < threshold - 1:
            found.append(Recovered(area_code=area, least=least, most=most))
    return found


# --- parts --------------------------------------------------------------------------------


def _check_threshold(threshold: int) -> None:
    # 7 would let a shown "5" mean 7 and nothing else.
    if threshold < ROUND_TO or threshold % ROUND_TO:
        raise ProjectError(
            f"[[private]] threshold: {threshold} is not a multiple of {ROUND_TO}.",
            hint="Use 10, or your council's own rule rounded up to a multiple of 5.",
        )


def _rounded(counts: pd.Series) -> pd.Series:
    return ((counts + SLACK) // ROUND_TO * ROUND_TO).astype(float)


def _pool(withheld: pd.Series, threshold: int) -> float:
    """Return the rounded cases of withheld areas together, NaN where that would tell too much."""
    together = int(withheld.sum())
    rounded = float(_rounded(pd.Series([together]))[0])
    room = (len(withheld) - 1) * (threshold - 1)
    safe = together >= threshold and max(rounded - SLACK, threshold) <= room
    return rounded if safe else float("nan")


def _group_rows(
    shown: pd.Series, group: pd.Series, pooled: pd.Series, names: pd.Series
) -> list[dict[str, object]]:
    rows = []
    for code in pooled.index:
        mine = shown[group.index[group == code]]
        withheld = int(mine.isna().sum())
        pool = 0.0 if withheld == 0 else pooled[code]
        rows.append(_row("group", code, names[code], mine, pool, withheld))
    return rows


def _place_row(shown: pd.Series, group: pd.Series, pooled: pd.Series) -> dict[str, object]:
    """Add up what is shown; it covers the place where no area is outside of it."""
    hidden = shown.index[shown.isna()]
    in_pool = group.reindex(hidden).map(pooled)
    pool = pooled.sum() if pooled.notna().any() else (0.0 if not len(hidden) else float("nan"))
    row = _row("place", "", "", shown, pool, len(hidden))
    if len(hidden) and bool(in_pool.isna().any()) and row["covers"] == WHOLE:
        row["covers"] = SHOWN_ONLY
    return row


def _row(
    level: str, code: object, name: object, mine: pd.Series, pool: float, withheld: int
) -> dict[str, object]:
    covers = WHOLE if not np.isnan(pool) else SHOWN_ONLY if bool(mine.notna().any()) else NOTHING
    count = float("nan") if covers == NOTHING else mine.sum() + (0.0 if np.isnan(pool) else pool)
    return {
        "level": level,
        "code": code,
        "name": name,
        "count": count,
        "areas": len(mine),
        "areas_withheld": withheld,
        "covers": covers,
    }


def _around(areas: frozenset[str], count: float, threshold: int) -> Statement:
    """Return what a rounded count says: within the rounding, and not under the threshold."""
    return Statement(areas=areas, least=max(int(count) - SLACK, threshold), most=int(count) + SLACK)


def _extreme(at: int, sign: float, size: int, limits: LinearConstraint) -> int:
    from scipy.optimize import Bounds, milp

    cost = np.zeros(size)
    cost[at] = sign
    solved = milp(cost, constraints=limits, integrality=np.ones(size), bounds=Bounds(0, np.inf))
    if solved.status != 0:
        raise DataError("Published counts contradict one another.")
    return round(sign * float(solved.fun))
