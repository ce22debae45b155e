"""Which gaps of small areas are still seen among larger ones, and which vanish in an average?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from planner.access import BUNDLE, NOT_KNOWN, Access
from planner.area import StudyArea
from planner.compliance import Compliance
from planner.errors import DataError
from planner.gaps.judging import hold_bundle, judge
from planner.gaps.table import Gaps
from planner.layers import Layers
from planner.ledger import Note, note_items
from planner.need import Need, rank_areas
from planner.need.together.larger_areas import name_parents, weighted_mean
from planner.need.together.tandem_words import LARGER_NAMES
from planner.standards import kind_words
from planner.travel.times import area_median
from planner.wording import say_are, say_few, say_many, say_noun

COLUMNS = [
    "larger_name",
    "areas",
    "population",
    "need_percentile",
    "minutes",
    "status",
    "breaches",
    "gap_status",
    "gap_rank",
    "gaps_inside",
    "people_in_gaps_inside",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class LargerGaps:
    """The same gaps among larger areas, such as MSOAs.

    Parameters
    ----------
    table
        Index (``larger_code``, ``kind``), columns `COLUMNS`: judged as small areas are, by the
        middle person's minutes and the mean need of the larger area's part in the place;
        ``gaps_inside`` are the gaps among its ``areas``, with their people.
    geography
        Which larger areas, such as ``msoa11``.
    hidden
        Codes of areas that are gaps for the bundle in a larger area that is none, greatest first.
    findings
        What changes, in sentences that page and report share.
    """

    table: pd.DataFrame
    geography: str
    hidden: tuple[str, ...]
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != COLUMNS or not self.table.index.is_unique:
            raise DataError("Gaps of larger areas: the table is not as agreed.")
        if bool((self.table["gaps_inside"] > self.table["areas"]).any()):
            raise DataError("Gaps of larger areas: more gaps than areas inside one.")

    def of(self, kind: str) -> pd.DataFrame:
        """Return the rows of one kind, or of ``bundle``, on the codes of larger areas."""
        return self.table.xs(kind, level="kind")


def build_larger_gaps(
    area: StudyArea,
    layers: Layers,
    need: Need,
    access: Access,
    compliance: Compliance,
    gaps: Gaps,
    bundle: Sequence[str],
) -> LargerGaps | None:
    """Judge the larger areas that the place's areas are in as the areas themselves were judged.

    Parameters
    ----------
    layers
        The first column of ``parents`` says which larger area each area is in.
    area, need, access, compliance, gaps, bundle
        As for `planner.gaps.build_gaps`, and what came of it.

    Returns
    -------
    larger
        None where no area is known to be in a larger one.

    Notes
    -----
    Minutes are the lower median over people, areas not reached infinitely far; need is the mean
    score weighted by people, ranked among the larger areas. Only people in the place count.
    """
    if not len(layers.parents.columns):
        return None
    parents = layers.parents.iloc[:, 0].reindex(area.codes).dropna()
    if parents.empty:
        return None
    people = area.place["population"].astype("float64").fillna(0.0)
    near = {kind: _median(compliance.near(kind), parents, people) for kind in compliance.kinds}
    held = {kind: _hold(near[kind], compliance, kind) for kind in compliance.kinds}
    percentile = _percentile(need, people, parents)
    size = pd.DataFrame({"areas": parents.groupby(parents).size()})
    size["population"] = people.reindex(parents.index).groupby(parents).sum()
    size.insert(0, "larger_name", name_parents(area.place["area_name"].loc[parents.index], parents))
    tables = []
    for kind in [*access.kinds, BUNDLE]:
        if kind == BUNDLE:
            main = _median(access.wide("bundle_minutes_slowest"), parents, people)
            against = hold_bundle(main, {one: held[one] for one in sorted(set(bundle))})
        else:
            main = _median(access.wide("minutes_nearest", kind), parents, people)
            against = held[kind]
        judged = judge(main, against, percentile)
        inside = _inside(gaps.of(kind), parents)
        tables.append(size.join(judged).join(inside).assign(kind=kind))
    table = pd.concat(tables).rename_axis("larger_code").reset_index()
    table = table.sort_values(["kind", "larger_code"]).set_index(["larger_code", "kind"])[COLUMNS]
    geography = str(layers.parents.columns[0])
    hidden = _hidden(gaps, table, parents, BUNDLE)
    return LargerGaps(
        table=table,
        geography=geography,
        hidden=tuple(hidden.index.astype(str)),
        findings=_findings(gaps, table, parents, geography, area.place["area_name"]),
        notes=tuple(_notes(area, parents, geography)),
    )


def _median(near: pd.DataFrame, parents: pd.Series, people: pd.Series) -> pd.DataFrame:
    """Return ``value`` and ``status`` of the middle person of each larger area."""
    at = near.loc[parents.index]
    weight = people.loc[parents.index]
    # Where nobody lives, every area counts once.
    weight = weight.where(weight.groupby(parents).transform("sum") > 0, 1.0)
    found = area_median(at["value"], at["status"], parents, weight)
    return found.rename(columns={"minutes": "value"})[["value", "status"]]


def _hold(near: pd.DataFrame, compliance: Compliance, kind: str) -> pd.DataFrame:
    limit = compliance.minutes(kind)
    met = pd.Series("not_met", index=near.index)
    met = met.mask((near["status"] == "reached") & (near["value"] <= limit), "met")
    return pd.DataFrame(
        {
            "standard_minutes": limit,
            "standard_way": compliance.way(kind),
            "standard_minutes_taken": near["value"],
            "status": near["status"],
            "met": met.mask(near["status"].isin(NOT_KNOWN), "not_known"),
        }
    )


def _percentile(need: Need, people: pd.Series, parents: pd.Series) -> pd.Series:
    scores = need.scores[["need_score_access_use"]].loc[parents.index]
    means = weighted_mean(scores, people.loc[parents.index], parents)["need_score_access_use"]
    return (len(means) + 1 - rank_areas(means)) / len(means)


def _inside(gaps: pd.DataFrame, parents: pd.Series) -> pd.DataFrame:
    at = gaps.loc[parents.index]
    gap = at["gap_status"] == "gap"
    return pd.DataFrame(
        {
            "gaps_inside": gap.groupby(parents).sum().astype("int64"),
            "people_in_gaps_inside": at["population"].where(gap, 0.0).groupby(parents).sum(),
        }
    )


def _hidden(gaps: Gaps, table: pd.DataFrame, parents: pd.Series, kind: str) -> pd.DataFrame:
    """Return the gaps of one kind in larger areas that are known to be none, greatest first."""
    larger = table.xs(kind, level="kind")["gap_status"]
    at = gaps.of(kind).loc[parents.index]
    around = parents.map(larger)
    found = at[(at["gap_status"] == "gap") & ~around.isin(["gap", "no_data"])]
    return found.sort_values("gap_rank", kind="stable")


def _findings(
    gaps: Gaps, table: pd.DataFrame, parents: pd.Series, geography: str, names: pd.Series
) -> tuple[str, ...]:
    one, many = LARGER_NAMES.get(geography, ("larger area", "larger areas"))
    whole = table.xs(BUNDLE, level="kind")
    small = gaps.of(BUNDLE).loc[parents.index]
    now = small[small["gap_status"] == "gap"]
    broken = int((whole["gap_status"] == "gap").sum())
    found = [
        f"For the whole bundle, {len(now):,} of {say_many(len(small), 'area')} "
        f"{say_are(len(now))} {say_noun(len(now), 'a gap', 'gaps')}{_say_blank(small)}; taken "
        f"together in {many}, {broken:,} of {say_many(len(whole), one, many)} {say_are(broken)}"
        f"{_say_blank(whole)}."
    ]
    hidden = _hidden(gaps, table, parents, BUNDLE)
    if len(hidden):
        found.append(
            f"{say_many(len(hidden), 'gap')} with {hidden['population'].sum():,.0f} people "
            f"{say_noun(len(hidden), 'vanishes', 'vanish')} in an average: the {one} around "
            f"{say_noun(len(hidden), 'it', 'each of them')} keeps its standards "
            f"({say_few([str(names[code]) for code in hidden.index])})."
        )
    elif len(now):
        found.append(f"No gap vanishes in an average: all lie in {many} that are gaps as well.")
    within = small[parents.map(whole["gap_status"]).eq("gap") & small["gap_status"].ne("gap")]
    within = within[within["gap_status"] != "no_data"]
    if len(within):
        one_or_more = f"an {one} that is a gap" if one == "MSOA" else f"a {one} that is a gap"
        lie = say_noun(
            len(within),
            f"lies in {one_or_more}, but keeps",
            f"lie in {many} that are gaps, but keep",
        )
        found.append(
            f"{say_many(len(within), 'area')} with {within['population'].sum():,.0f} people {lie} "
            "the standards."
        )
    parts = []
    for kind in sorted(set(table.index.get_level_values("kind")) - {BUNDLE}):
        lost = len(_hidden(gaps, table, parents, kind))
        if lost:
            every = int((gaps.of(kind).loc[parents.index, "gap_status"] == "gap").sum())
            parts.append(f"{kind_words(kind)} {lost:,} of {every:,}")
    if parts:
        found.append(f"Gaps that vanish in an average, by kind of service: {'; '.join(parts)}.")
    return tuple(found)


def _say_blank(table: pd.DataFrame) -> str:
    blank = int((table["gap_status"] == "no_data").sum())
    return f" (of {blank:,} it is not known)" if blank else ""


def _notes(area: StudyArea, parents: pd.Series, geography: str) -> list[Note]:
    lost = area.codes.difference(parents.index)
    if not len(lost):
        return []
    one, _ = LARGER_NAMES.get(geography, ("larger area", ""))
    text = (
        f"Areas of which it is not known which {one} they are in: {len(lost)}. They are left out "
        "of gaps among larger areas."
    )
    return [note_items("larger_gaps", "area_without_larger", lost, text)]
