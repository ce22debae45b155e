"""How do two places of one nation stand against each other, figure by figure and in need?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.area import CRS, GEOGRAPHY_NAMES, StudyArea
from planner.comparability import NATIONS_DIFFER, refuse_mixed_nations
from planner.errors import ProjectError
from planner.layers import Layers, LayerSpec
from planner.ledger import Note, Source
from planner.need.comparing.standing import MEASURE_COLUMNS, build_measure
from planner.need.index import Need, build_need
from planner.need.summaries import build_summaries
from planner.project import NeedSettings

CAVEAT = (
    "Areas are not people: a place that is worse off on average has people who are well off, and "
    "the other way round. Every rank here is among the areas of both places together, not the "
    "nation's."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """One of two places that are compared: its areas and what is known of them."""

    area: StudyArea
    layers: Layers


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Two places side by side.

    Parameters
    ----------
    names
        The two places, told apart where they share a name.
    measures
        Index layer id; columns `MEASURE_COLUMNS`. ``first`` and ``second`` are figures of the
        whole place, ``how`` says of which sort; quarters are the values below which a quarter
        and three quarters of the people live. ``effect_size`` is first less second in pooled
        standard deviations (positive: higher in the first; NaN for ranks);
        ``chance_first_worse`` how often somebody picked at random in the first place lives in a
        worse area than somebody picked in the second (0.5: alike); ``worse_off`` a name, "alike"
        or "" where neither high nor low is worse; ``size`` slightly, clearly or much so.
    left_out
        Index layer id; ``title`` and ``reason`` of the layers that could not be compared.
    specs
        Layer id → description of the compared layers.
    need
        Need of the areas of both, ranked among them all; None where no domain is in common.
    place
        Index ``area_code`` of both places; the name of the place each area is in.
    people
        Index place: residents.
    summaries
        Index place; `planner.need.SUMMARIES` among the areas of both, and ``share_worst_fifth``
        (share of people). Empty without ``need``.
    findings
        What came of it, in plain sentences.
    """

    names: tuple[str, str]
    measures: pd.DataFrame
    left_out: pd.DataFrame
    specs: Mapping[str, LayerSpec]
    need: Need | None
    place: pd.Series
    people: pd.Series
    summaries: pd.DataFrame
    findings: tuple[str, ...]
    sources: tuple[Source, ...]
    fictional: bool = False
    caveat: str = CAVEAT
    notes: tuple[Note, ...] = field(default=())


def compare_places(first: Side, second: Side, settings: NeedSettings) -> Comparison:
    """Compare two places by the layers they have in common, and rank need among both.

    A layer is in common where id, publisher, dataset, date, geography, kind, unit and direction
    are the same. Shares, rates, scores and years are averaged by residents, counts set against
    residents, ranks never averaged: their median by residents stands for the place.

    Parameters
    ----------
    first, second
        The places.
    settings
        How need is put together; its reference is always the areas of both.

    Raises
    ------
    ProjectError
        They are the same place or share areas, are on other small areas, lie in different
        nations without a common measure, or have no layer in common.

    Notes
    -----
    Effect sizes: Cohen (1988); McGraw and Wong (1992), Vargha and Delaney (2000), with residents
    as weights. All areas are there, so no test of significance is made.
    """
    names = _names(first.area, second.area)
    nations = _refuse_nations(first.area, second.area, names, settings)
    refuse_same_place(first.area, second.area)
    common, left_out = _leave_out_other_nations(nations, *_common_layers(first, second, names))
    if not common and not settings.common_measure:
        raise ProjectError(
            f"{names[0]} and {names[1]} have no layer in common: "
            f"{_say_reasons(left_out['reason'])}.",
            hint="Give both projects the same files of the same date.",
        )
    # The common measure reads each nation's own index, so layers of one place alone count, too.
    every = {**second.layers.specs, **first.layers.specs}
    pooled = every if settings.common_measure else common
    area, layers = _pool(first, second, names, pooled)
    place = pd.Series(names[0], index=area.codes).where(area.codes.isin(first.area.codes), names[1])
    people = area.areas["population"].astype(float).fillna(0.0)
    rows = {
        key: build_measure(layers.values[key], spec, place, people, names)
        for key, spec in common.items()
    }
    measures = pd.DataFrame.from_dict(rows, orient="index", columns=MEASURE_COLUMNS)
    measures.index.name = "layer"
    need, notes = _build_pooled_need(area, layers, settings)
    summaries = _summaries(need, place, people, names) if need is not None else pd.DataFrame()
    if not settings.common_measure:
        notes += _say_domains(left_out["domain"], layers)
    notes += [*_say_people(area), *_say_statuses(layers, common, area)]
    return Comparison(
        names=names,
        measures=measures,
        left_out=left_out[["title", "reason"]],
        specs=common,
        need=need,
        place=place,
        people=people.groupby(place).sum().reindex(list(names)),
        summaries=summaries,
        findings=_findings(measures, summaries, common, names, len(place)),
        sources=_sources(first, second, pooled),
        fictional=first.area.fictional or second.area.fictional,
        notes=tuple(notes),
    )


def refuse_same_place(first: StudyArea, second: StudyArea) -> None:
    """Refuse two places that share areas, or whose small areas are of other sorts.

    Raises
    ------
    ProjectError
        The same place twice, areas that are in both, or different small areas.
    """
    both = first.codes.intersection(second.codes)
    if len(both) == len(first.codes) == len(second.codes):
        raise ProjectError(
            f"{first.name} and {second.name} are the same {len(both)} areas.",
            hint="Name two places, or two projects of one place with figures of other dates.",
        )
    if len(both):
        raise ProjectError(
            f"{first.name} and {second.name} share {len(both)} "
            f"area{'' if len(both) == 1 else 's'} (first: {both[0]}), whose people would count "
            "twice.",
            hint="Compare places that do not overlap.",
        )
    if first.geography != second.geography:
        raise ProjectError(
            f"{first.name} is on {GEOGRAPHY_NAMES[first.geography]}, {second.name} on "
            f"{GEOGRAPHY_NAMES[second.geography]}: areas of other sizes cannot be ranked together.",
            hint="Make both projects on the same small areas.",
        )


# --- what is in common --------------------------------------------------------------------


def _names(first: StudyArea, second: StudyArea) -> tuple[str, str]:
    if first.name != second.name:
        return first.name, second.name
    return f"{first.name} (first)", f"{second.name} (second)"


def _common_layers(
    first: Side, second: Side, names: tuple[str, str]
) -> tuple[dict[str, LayerSpec], pd.DataFrame]:
    common, rows = {}, {}
    for key, spec in first.layers.specs.items():
        other = second.layers.specs.get(key)
        reason = f"only in {names[0]}" if other is None else _difference(spec, other)
        if not reason:
            empty = [
                name
                for name, side in zip(names, (first, second), strict=True)
                if not side.layers.values.loc[side.area.codes, key].notna().any()
            ]
            reason = f"no figure in {empty[0]}" if empty else ""
        if reason:
            rows[key] = (spec.title, reason, spec.domain or "")
        else:
            common[key] = spec
    for key, spec in second.layers.specs.items():
        if key not in first.layers.specs:
            rows[key] = (spec.title, f"only in {names[1]}", spec.domain or "")
    left_out = pd.DataFrame.from_dict(rows, orient="index", columns=["title", "reason", "domain"])
    left_out.index.name = "layer"
    return common, left_out


def _difference(first: LayerSpec, second: LayerSpec) -> str:
    """Return why two layers of one name are not the same figure, "" where they are."""
    a, b = first.source, second.source
    if a.publisher != b.publisher:
        return f"of other publishers ({a.publisher}; {b.publisher})"
    if a.dataset != b.dataset:
        return f"of other data sets ({a.dataset}; {b.dataset})"
    if a.vintage != b.vintage:
        return f"of other dates ({a.vintage}; {b.vintage})"
    if first.geography != second.geography:
        return (
            f"published for other areas ({GEOGRAPHY_NAMES.get(first.geography, first.geography)}; "
            f"{GEOGRAPHY_NAMES.get(second.geography, second.geography)})"
        )
    if (first.kind, first.unit, first.high_is) != (second.kind, second.unit, second.high_is):
        return "in other units or directions"
    return ""


def _refuse_nations(
    first: StudyArea, second: StudyArea, names: tuple[str, str], settings: NeedSettings
) -> list[str]:
    """Return the nations of both; refuse several unless the documented common measure is used."""
    nations = [sorted(set(area.place["nation"])) for area in (first, second)]
    found = sorted({*nations[0], *nations[1]})
    if len(found) > 1 and not settings.common_measure:
        where = [
            f"{name} is in {' and '.join(of)}" for name, of in zip(names, nations, strict=True)
        ]
        raise ProjectError(
            f"{where[0]}, {where[1]}: they are not compared, as {NATIONS_DIFFER}.",
            hint="Compare places of one nation, or ask for the documented common measure in both "
            'projects: [need] common_measure = "employment".',
        )
    return found


def _leave_out_other_nations(
    nations: list[str], common: dict[str, LayerSpec], left_out: pd.DataFrame
) -> tuple[dict[str, LayerSpec], pd.DataFrame]:
    """Leave out the layers that say nothing across these nations."""
    kept, lost = {}, {}
    for key, spec in common.items():
        try:
            refuse_mixed_nations(nations, [spec])
            kept[key] = spec
        except ProjectError:
            lost[key] = (spec.title, "not comparable between nations", spec.domain or "")
    if not lost:
        return kept, left_out
    more = pd.DataFrame.from_dict(lost, orient="index", columns=list(left_out.columns))
    return kept, pd.concat([left_out, more]).rename_axis("layer")


def _pool(
    first: Side, second: Side, names: tuple[str, str], specs: Mapping[str, LayerSpec]
) -> tuple[StudyArea, Layers]:
    """Return the areas of both places as one, with these layers."""
    sides = (first, second)
    areas = pd.concat([side.area.place for side in sides]).sort_index()
    points = pd.concat([side.area.place_points for side in sides])
    if not points.index.is_unique:
        told_apart = points["area_code"].astype(str) + ":" + points.index.astype(str)
        points = points.set_axis(pd.Index(told_apart, name="point_id"), axis=0)
    kinds = {side.area.points_kind for side in sides}
    area = StudyArea(
        name=f"{names[0]} and {names[1]}",
        geography=first.area.geography,
        areas=gpd.GeoDataFrame(areas, crs=CRS),
        points=gpd.GeoDataFrame(points.sort_index(), crs=CRS),
        points_kind=first.area.points_kind if len(kinds) == 1 else "several points",
        fictional=any(side.area.fictional for side in sides),
    )
    keys = list(specs)
    values, status = (
        pd.concat(
            [
                getattr(side.layers, part).loc[side.area.codes].reindex(columns=keys)
                for side in sides
            ]
        ).loc[area.areas.index]
        for part in ("values", "status")
    )
    status = status.where(status.notna(), "missing")
    values.index.name = status.index.name = "area_code"
    return area, Layers(values=values.astype(float), specs=dict(specs), status=status)


def _sources(first: Side, second: Side, specs: Mapping[str, LayerSpec]) -> tuple[Source, ...]:
    """Return every source of the comparison, each once."""
    found = [spec.source for spec in specs.values()]
    return tuple(dict.fromkeys([*found, *first.area.sources, *second.area.sources]))


# --- need of both -------------------------------------------------------------------------


def _build_pooled_need(
    area: StudyArea, layers: Layers, settings: NeedSettings
) -> tuple[Need | None, list[Note]]:
    ranked = [spec for spec in layers.specs.values() if spec.domain and spec.role == "layer"]
    if not any(spec.weight > 0 and spec.high_is != "neither" for spec in ranked):
        text = "No layer in common speaks for a domain, so need is not ranked among both places."
        return None, [_note("no_domain_in_common", 0, text)]
    domains = {str(spec.domain) for spec in ranked}
    gone = sorted({*settings.weights, *settings.targets} - domains)
    kept, targets = (
        {key: value for key, value in given.items() if key not in gone}
        for given in (settings.weights, settings.targets)
    )
    change: dict[str, object] = {
        "reference": "place",
        "districts": [],
        "weights": kept,
        "targets": targets,
    }
    if settings.weights and not any(kept.values()):
        change |= {"weighting": "", "weights": {}}
    fitted = settings.model_copy(update=change)
    need = build_need(layers, area, fitted)
    notes = list(need.notes)
    if gone:
        what = "weights and targets" if settings.targets else "weights"
        text = f"The {what} of {', '.join(gone)} have no layer in common and are left out."
        notes.append(_note("weights_left_out", len(gone), text, tuple(gone)))
    return need, notes


def _summaries(
    need: Need, place: pd.Series, people: pd.Series, names: tuple[str, str]
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "group": place,
            "population": people[place.index],
            "rank": need.scores["need_rank"],
            "score": need.scores["need_score"],
        }
    ).dropna()
    fifth = 5 * frame["rank"] <= len(place)
    table = build_summaries(frame, len(place)).reindex(list(names))
    held = frame["population"].where(fifth, 0.0).groupby(frame["group"]).sum()
    table["share_worst_fifth"] = held / frame.groupby("group")["population"].sum()
    table.index.name = "place"
    return table


def _say_domains(domains: pd.Series, layers: Layers) -> list[Note]:
    """Say which domains of need one of the two projects has, and the comparison has not."""
    there = {spec.domain for spec in layers.specs.values()}
    gone = sorted(set(domains) - there - {""})
    if not gone:
        return []
    text = f"Need among both is without these domains, which are not in common: {', '.join(gone)}."
    return [_note("domains_not_in_common", len(gone), text, tuple(gone))]


def _say_people(area: StudyArea) -> list[Note]:
    empty = area.areas.index[~(area.areas["population"] > 0)]
    if not len(empty):
        return []
    text = f"{len(empty)} areas have no residents on record and weigh nothing."
    return [_note("areas_without_people", len(empty), text, tuple(empty))]


def _say_statuses(layers: Layers, specs: Mapping[str, LayerSpec], area: StudyArea) -> list[Note]:
    """Say of each layer how many figures are not the area's own as published."""
    coverage = layers.coverage(area.codes)
    notes = []
    for key, spec in specs.items():
        found = coverage.loc[key, ["inherited", "apportioned", "merged", "imputed", "corrected"]]
        words = ", ".join(f"{count} {status}" for status, count in found.items() if count)
        if words:
            text = f"{spec.title} ({key}): of the figures of {len(area.codes)} areas, {words}."
            notes.append(_note("not_as_published", int(found.sum()), text))
    return notes


def _note(what: str, count: int, text: str, items: tuple[str, ...] = ()) -> Note:
    return Note(stage="compare", what=what, count=count, text=text, items=items)


# --- words --------------------------------------------------------------------------------


def _findings(
    measures: pd.DataFrame,
    summaries: pd.DataFrame,
    specs: Mapping[str, LayerSpec],
    names: tuple[str, str],
    areas: int,
) -> tuple[str, ...]:
    found = []
    if len(summaries):
        share = summaries["share_worst_fifth"]
        found.append(
            f"Need: {share[names[0]]:.0%} of the people of {names[0]} and {share[names[1]]:.0%} "
            f"of those of {names[1]} live in the worst fifth of the "
            f"{areas:,} areas of both."
        )
    # A publisher's overall rank is made of the others, and ranks beside scores say them again.
    twice = [
        key
        for key, spec in specs.items()
        if spec.role == "published_rank" or (spec.kind == "rank" and not spec.domain)
    ]
    judged = measures[measures["worse_off"] != ""].drop(index=twice, errors="ignore")
    measured = f"{len(judged)} measure{'' if len(judged) == 1 else 's'}"
    for at, name in enumerate(names if len(judged) else ()):
        worse = judged[judged["worse_off"] == name]
        worse = worse.loc[(worse["chance_first_worse"] - 0.5).abs().sort_values(
            ascending=False, kind="stable").index]  # fmt: skip
        if not len(worse):
            found.append(f"{name} is worse off in none of {measured}.")
            continue
        shown = [_say_measure(row, specs[key], at) for key, row in worse.head(3).iterrows()]
        most = "most of all " if len(worse) > len(shown) else ""
        found.append(
            f"{name} is worse off in {len(worse)} of {measured}: {most}{'; '.join(shown)}."
        )
    alike = judged[judged["worse_off"] == "alike"]
    if len(alike):
        titles = [_short(title) for title in alike["title"].head(3)]
        more = f" and {len(alike) - len(titles)} more" if len(alike) > len(titles) else ""
        found.append(f"About alike in {len(alike)}: {', '.join(titles)}{more}.")
    return tuple(found)


def _say_measure(row: pd.Series, spec: LayerSpec, at: int) -> str:
    mine, other = ("first", "second") if at == 0 else ("second", "first")
    values = f"{say_figure(row[mine], spec)} against {say_figure(row[other], spec)}"
    return f"{_short(row['title'])} ({values})"


def say_figure(value: float, spec: LayerSpec) -> str:
    """Return a place's figure with its unit, as it stands in a sentence."""
    if np.isnan(value):
        return "not known"
    if spec.kind == "share":
        return f"{value:.1%}"
    if spec.kind == "rank":
        return f"rank {value:,.0f}"
    unit = f"{spec.unit} per 1,000" if spec.kind == "count" else spec.unit
    decimals = 2 if spec.kind == "score" and abs(value) < 10 else 1
    figure = f"{value:,.{decimals}f}".replace("-", "−")
    return figure if unit in {"score", "rate"} else f"{figure} {unit}".replace(" %", "%")


def _short(title: str) -> str:
    words = title.strip()
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _say_reasons(reasons: pd.Series) -> str:
    counts = reasons.value_counts(sort=False)
    return "; ".join(f"{reason}: {count}" for reason, count in counts.items()) or "neither has any"
