"""Where does need cluster in space, and is that more than chance would have it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from planner.area import GEOGRAPHY_NAMES, Geography, StudyArea
from planner.errors import DataError, ProjectError
from planner.layers import Layers, LayerSpec
from planner.ledger import Note, note_items
from planner.need.domains import ranked_layers
from planner.need.space.neighbours import Neighbours, to_parents
from planner.need.space.pattern import (
    Measured,
    SpatialPattern,
    build_pattern,
    say_decimals,
    say_pattern,
)
from planner.wording import to_label

if TYPE_CHECKING:
    from planner.need.index import Need
    from planner.project import SpatialSettings

#: Geographies of a size with the place's areas; a layer published for any other is inherited.
_SMALL = (*get_args(Geography), "oa21")

_TABLE_COLUMNS = ["need_cluster", "need_cluster_p", "need_hotspot", "need_hotspot_z"]

CAVEATS = (
    "A cluster is of areas, not of people: that an area lies in one does not say how any of its "
    "people fare.",
    "Areas outside the place are not looked at, so a cluster at its edge may reach further, and "
    "drawing the boundaries of areas differently can move it.",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Clusters:
    """Where need, its domains and chosen layers cluster.

    Parameters
    ----------
    table
        One row an area of the place: ``need_cluster`` (a key of `planner.need.space.pattern.WORDS`;
        "high" is great need), ``need_cluster_p``, ``need_hotspot`` (a key of `HOTSPOT_WORDS`) and
        ``need_hotspot_z``; numbers are NaN where the area was not tested.
    measures
        Long table of every measure: ``measure, area_code, cluster, cluster_p, hotspot, hotspot_z,
        hotspot_p, larger_area``. Where ``larger_area`` is not "", the result is that of the
        larger area with this code, not of the small area.
    summary
        On ``measure``: one row each, as from `SpatialPattern.to_row`.
    patterns
        Measure → its pattern on the areas it was tested on.
    neighbours
        Who is beside whom.
    findings, caveats
        In plain sentences.
    method
        How it was done, in words.
    notes
        What was left out, carried, or not tested; islands are in the notes of ``neighbours``.
    """

    table: pd.DataFrame
    measures: pd.DataFrame
    summary: pd.DataFrame
    patterns: dict[str, SpatialPattern]
    neighbours: Neighbours
    findings: tuple[str, ...]
    caveats: tuple[str, ...]
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != _TABLE_COLUMNS:
            raise DataError("Clusters: the columns of the table are not as agreed.")
        if bool(self.table[["need_cluster", "need_hotspot"]].isna().any(axis=None)):
            raise DataError("Clusters: an area has no class.")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Figure:
    """A figure to be tested: its values by small area, and the larger areas it is tested on."""

    measured: Measured
    values: pd.Series
    larger: str = ""
    adds_up: bool = False


def build_clusters(
    need: Need,
    layers: Layers,
    area: StudyArea,
    settings: SpatialSettings,
    neighbours: Neighbours,
    *,
    also: Sequence[str] = (),
) -> Clusters:
    """Test where the need score, each domain and chosen layers cluster.

    Parameters
    ----------
    need
        Need on the place's areas.
    layers
        With the larger areas (``parents``) that inherited layers are published for.
    area
        The place.
    settings
        Permutations, seed, and the share of false discoveries allowed.
    neighbours
        From `planner.need.space.neighbours.build_neighbours`.
    also
        Ids of layers to test besides.

    Returns
    -------
    clusters
        Measures are ``need_score``, ``need_larger`` (need as the mean of larger areas, where
        these are known), ``need_own`` (need without the domains that hold figures of larger
        areas, where there are any), ``domain_<name>`` and ``layer_<id>``.

    Raises
    ------
    ProjectError
        A layer asked for is not there.
    DataError
        Neighbours are of other areas than need.

    Notes
    -----
    High is always the worse end: layers where high is better are turned, and say so. A layer
    published for larger areas is tested on these, as small areas that inherit one figure are
    alike by construction; so is a domain that holds such a layer, by its mean over residents.
    Where it is not known which larger area an area is in, such a figure is not tested.
    """
    if not neighbours.codes.equals(need.scores.index):
        raise DataError("Neighbours and need are of different areas.")
    absent = sorted(set(also) - set(layers.specs))
    if absent:
        raise ProjectError(
            f"There is no layer {absent[0]!r} to test for clusters.",
            hint=f"Known layers: {', '.join(layers.specs)}.",
        )
    figures = [*_need_figures(need, layers, area), *_layer_figures(layers, area, also)]
    beside: dict[str, Neighbours] = {"": neighbours}
    patterns: dict[str, SpatialPattern] = {}
    for figure in figures:
        patterns[figure.measured.measure] = _test(figure, layers, area, settings, beside)
    measures = pd.concat(
        [_carry(patterns[one.measured.measure], one.larger, layers, area) for one in figures],
        ignore_index=True,
    )
    summary = pd.DataFrame([pattern.to_row() for pattern in patterns.values()])
    # Those of the small areas' neighbours stay with these, so that none is told twice.
    notes = [note for larger, one in beside.items() if larger for note in one.notes]
    notes += [note for pattern in patterns.values() for note in pattern.notes]
    return Clusters(
        table=_need_table(patterns["need_score"]),
        measures=measures,
        summary=summary.set_index("measure"),
        patterns=patterns,
        neighbours=neighbours,
        findings=_findings(patterns, neighbours, area),
        caveats=CAVEATS,
        method=_method(settings, neighbours),
        notes=(*dict.fromkeys(notes), *_inherited_notes(need, layers)),
    )


def _need_figures(need: Need, layers: Layers, area: StudyArea) -> Iterator[_Figure]:
    """Name the figures about need, and what each is tested on."""
    here = GEOGRAPHY_NAMES[area.geography]
    high, low = "great need", "little need"
    score = need.scores["need_score"]
    first = str(layers.parents.columns[0]) if len(layers.parents.columns) else ""
    inherited = _inherited_domains(need, layers)
    weighted = _with_weight(need, inherited)

    def figure(measure: str, title: str, values: pd.Series, larger: str = "") -> _Figure:
        where = GEOGRAPHY_NAMES.get(larger, larger) if larger else here
        measured = Measured(measure=measure, title=title, geography=where, high=high, low=low)
        return _Figure(measured=measured, values=values, larger=larger)

    yield figure("need_score", "Need", score)
    if first:
        yield figure("need_larger", "Need averaged over larger areas", score, first)
    own = [domain for domain in need.parts.columns if domain not in inherited]
    if weighted and own:
        words = ", ".join(to_label(domain) for domain in weighted)
        title = f"Need without figures of larger areas (without {words})"
        yield figure("need_own", title, need.parts[own].sum(axis=1, min_count=1))
    for domain in need.domain_scores.columns:
        larger = inherited.get(str(domain), "")
        title = f"{to_label(domain).capitalize()} (domain)"
        yield figure(f"domain_{domain}", title, need.domain_scores[domain], larger)


def _layer_figures(layers: Layers, area: StudyArea, also: Sequence[str]) -> Iterator[_Figure]:
    for key in dict.fromkeys(also):
        spec = layers.specs[key]
        title = spec.title[:1].lower() + spec.title[1:] if spec.title[1:2].islower() else spec.title
        ends = (f"high {title}", f"low {title}")
        turned = spec.high_is == "better"
        larger = _larger_geography(spec)
        geography = larger or area.geography
        yield _Figure(
            measured=Measured(
                measure=f"layer_{key}",
                title=spec.title,
                geography=GEOGRAPHY_NAMES.get(geography, geography),
                high=ends[1] if turned else ends[0],
                low=ends[0] if turned else ends[1],
            ),
            values=layers.values[key] * (-1.0 if turned else 1.0),
            larger=larger,
            adds_up=spec.kind == "count",
        )


def _larger_geography(spec: LayerSpec) -> str:
    """Return the larger geography a layer was published for; "" for small areas' own."""
    return "" if spec.geography in _SMALL else spec.geography


def _inherited_domains(need: Need, layers: Layers) -> dict[str, str]:
    """Return the domains that hold a layer of larger areas, and the geography of the first."""
    found: dict[str, str] = {}
    for domain, specs in ranked_layers(layers).items():
        larger = [one for one in (_larger_geography(spec) for spec in specs) if one]
        if larger and domain in need.domain_scores.columns:
            found[domain] = larger[0]
    return found


def _with_weight(need: Need, domains: Iterable[str]) -> list[str]:
    """Return the domains that count for something in the need score."""
    return [domain for domain in domains if need.weights.get(domain, 0.0) > 0]


def _test(
    figure: _Figure,
    layers: Layers,
    area: StudyArea,
    settings: SpatialSettings,
    beside: dict[str, Neighbours],
) -> SpatialPattern:
    """Test one figure on its own areas; neighbours of larger areas are kept in ``beside``."""
    larger, measured = figure.larger, figure.measured
    values = figure.values.reindex(area.codes)
    if not larger:
        return build_pattern(values, beside[""], settings, measured)
    if (
        larger not in layers.parents.columns
        or layers.parents[larger].reindex(area.codes).isna().all()
    ):
        return _refused(measured, area, settings)
    parents = layers.parents[larger].reindex(area.codes)
    if larger not in beside:
        beside[larger] = to_parents(beside[""], parents)
    people = area.areas["population"].reindex(area.codes)
    means, uneven = _to_larger(values, parents, people, adds_up=figure.adds_up)
    pattern = build_pattern(means, beside[larger], settings, measured)
    if measured.measure.startswith("layer_") and len(uneven) and not figure.adds_up:
        text = (
            f"{measured.title}: {len(uneven)} larger areas hold small areas with different figures "
            "(where boundaries have changed); their mean over residents is tested."
        )
        note = Note(
            stage="clusters",
            what="clusters_uneven_parent",
            count=len(uneven),
            text=text,
            items=tuple(map(str, uneven)),
        )
        pattern = replace(pattern, notes=(*pattern.notes, note))
    return pattern


def _to_larger(
    values: pd.Series, parents: pd.Series, people: pd.Series, *, adds_up: bool
) -> tuple[pd.Series, pd.Index]:
    """Return means over residents (or sums) by larger area, and those of unlike small areas."""
    known = values.notna() & parents.notna()
    value, of = values[known], parents[known]
    groups = value.groupby(of)
    spread = groups.max() - groups.min()
    uneven = spread.index[(spread > 1e-9 * value.abs().max()).to_numpy()]
    if adds_up:
        return groups.sum(), uneven
    weight = people[known].fillna(0.0)
    # Where nobody is known to live, each small area counts the same.
    weight = weight.where(weight.groupby(of).transform("sum") > 0, 1.0)
    return (value * weight).groupby(of).sum() / weight.groupby(of).sum(), uneven


def _refused(measured: Measured, area: StudyArea, settings: SpatialSettings) -> SpatialPattern:
    """Refuse to test what small areas inherit when it is not known from which larger area."""
    reason = (
        f"its figures are published for larger areas ({measured.geography}), and no lookup says "
        "which of these each area is in; areas that share one figure are alike by construction"
    )
    table = pd.DataFrame(
        {
            "value": np.nan,
            "cluster": "not_tested",
            "cluster_p": np.nan,
            "hotspot": "not_tested",
            "hotspot_z": np.nan,
            "hotspot_p": np.nan,
        },
        index=area.codes,
    )
    note = Note(
        stage="clusters",
        what="clusters_parents_unknown",
        count=1,
        text=f"{measured.title}: not tested for clusters: {reason}. Name the table in [lookups].",
        items=(measured.measure,),
    )
    return SpatialPattern(
        measured=measured,
        table=table,
        moran=None,
        level=settings.false_discovery,
        reason=reason,
        notes=(note,),
    )


def _carry(pattern: SpatialPattern, larger: str, layers: Layers, area: StudyArea) -> pd.DataFrame:
    """Return a pattern's result for the place's small areas, long, marked where carried."""
    codes = area.codes
    columns = ["cluster", "cluster_p", "hotspot", "hotspot_z", "hotspot_p"]
    of = pd.Series("", index=codes, dtype=object)
    rows = pattern.table
    if larger and not pattern.table.index.equals(codes):
        of = layers.parents[larger].reindex(codes).astype(object)
        of = of.where(of.notna(), "")
        rows = pattern.table.reindex(of)
        for column in ("cluster", "hotspot"):
            rows[column] = rows[column].where(rows[column].notna(), "no_data")
    table = rows[columns].reset_index(drop=True)
    table.insert(0, "measure", pattern.measured.measure)
    table.insert(1, "area_code", codes)
    return table.assign(larger_area=of.to_numpy())


def _need_table(pattern: SpatialPattern) -> pd.DataFrame:
    table = pattern.table[["cluster", "cluster_p", "hotspot", "hotspot_z"]]
    return table.set_axis(_TABLE_COLUMNS, axis="columns")


def _findings(
    patterns: dict[str, SpatialPattern], neighbours: Neighbours, area: StudyArea
) -> tuple[str, ...]:
    """Tell need in full, and of the rest whether it clusters; say where islands are."""
    names = area.areas["area_name"]
    need = patterns["need_score"]
    said = list(say_pattern(need, names))
    others = [patterns[key] for key in ("need_larger", "need_own") if key in patterns]
    said += [say_pattern(pattern, names)[0] for pattern in others]
    own = patterns.get("need_own")
    if own is not None and own.moran is not None and need.count("high_high"):
        said.append(_say_own(need, own))
    rest = [one for key, one in patterns.items() if not key.startswith("need_")]
    said += _say_rest(rest, need.measured.geography)
    islands = neighbours.islands
    if len(islands):
        shown = ", ".join(str(names[code]) for code in islands[:5])
        more = f" and {len(islands) - 5} more" if len(islands) > 5 else ""
        said.append(f"Not tested, as no area of the place is beside them: {shown}{more}.")
    return tuple(said)


def _say_rest(patterns: Sequence[SpatialPattern], here: str) -> list[str]:
    """Say of domains and layers together which lie in clusters, which do not, and why not."""
    found: dict[str, list[str]] = {"alike": [], "chance": [], "unlike": []}
    untested: dict[str, list[str]] = {}
    for pattern in patterns:
        title, where = pattern.measured.title, pattern.measured.geography
        if pattern.moran is None:
            untested.setdefault(pattern.reason, []).append(title)
            continue
        at = "" if where == here else f", by {where}"
        found[pattern.verdict].append(f"{title} ({say_decimals(pattern.moran.i)}{at})")
    words = {
        "alike": "Alike between neighbours more than chance would have it (Moran's I): ",
        "chance": "No more alike between neighbours than chance can make it (Moran's I): ",
        "unlike": "Unlike between neighbours more than chance would have it (Moran's I): ",
    }
    said = [f"{words[kind]}{'; '.join(names)}." for kind, names in found.items() if names]
    return said + [
        f"{'; '.join(titles)}: not tested for clusters: {reason}."
        for reason, titles in untested.items()
    ]


def _say_own(need: SpatialPattern, own: SpatialPattern) -> str:
    """Say how many areas of great need among great need stay so without inherited figures."""
    before = need.table["cluster"] == "high_high"
    after = own.table["cluster"] == "high_high"
    return (
        f"Of the {int(before.sum())} areas with great need among great need, "
        f"{int((before & after).sum())} are so without the figures of larger areas, too."
    )


def _inherited_notes(need: Need, layers: Layers) -> list[Note]:
    inherited = _with_weight(need, _inherited_domains(need, layers))
    if not inherited:
        return []
    weight = float(need.weights[inherited].sum())
    one, words = len(inherited) == 1, ", ".join(to_label(domain) for domain in inherited)
    text = (
        "The need score holds figures published for larger areas, which areas beside each other "
        f"share: all or some of {'the domain' if one else 'the domains'} {words} "
        f"({weight:.0%} of the weight). It is tested without {'it' if one else 'them'} as well."
    )
    return [note_items("clusters", "clusters_need_inherits", inherited, text)]


def _method(settings: SpatialSettings, neighbours: Neighbours) -> str:
    return (
        f"Neighbours: {neighbours.how}. Moran's I with weights that add up to one for each area, "
        f"against {settings.permutations} random rearrangements. Local Moran (Anselin 1995) and "
        "Getis–Ord G* with the area itself (Ord and Getis 1995), each against random draws of as "
        f"many areas, at least {settings.permutations} and more where many areas are tested. All "
        f"p are two-sided. At most {settings.false_discovery:.0%} of the areas named may be so by "
        "chance (Benjamini and Hochberg 1995), for each figure and statistic on its own. High is "
        f"the worse end. Seed {settings.seed}."
    )
