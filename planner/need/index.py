"""How great is need in each small area, among whom, and which parts make it up?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.comparability import refuse_mixed_nations
from planner.errors import DataError, ProjectError
from planner.layers import Layers
from planner.ledger import Note
from planner.need.aggregation import aggregate, decompose
from planner.need.common_measure import LABEL as COMMON_LABEL
from planner.need.common_measure import build_common_layers
from planner.need.domains import (
    BY_ORDER,
    DomainValues,
    build_domain_values,
    ranked_layers,
    say_of,
)
from planner.need.normalisation import is_constant, normalise
from planner.need.ranking import TIE_DECIMALS, decile, official_transform, rank_areas
from planner.need.screening import Screening, screen_layers
from planner.need.weighting import DomainWeights, build_weights, without_access
from planner.project import NeedSettings
from planner.wording import to_label

__all__ = ["Need", "build_need", "build_score", "decile", "official_transform", "rank_areas"]

SCORE_COLUMNS = [
    "need_score",
    "need_rank",
    "need_decile",
    "need_rank_national",
    "need_score_access_use",
    "need_rank_access_use",
    "need_percentile_access_use",
    "need_rank_reference",
    "need_decile_reference",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Need:
    """Need in each area of a place, and the parts it is made of.

    Parameters
    ----------
    scores
        One row an area of the place: ``need_score`` (high = worse, NaN where nothing is known),
        ``need_rank`` (1 = greatest), ``need_decile`` (1 = worst tenth), ``need_rank_national``
        (the publisher's own, <NA> unknown), ``need_score_access_use``,
        ``need_rank_access_use`` and ``need_percentile_access_use`` (share, 1 = greatest need):
        the same without any access domain, for use beside access. ``need_rank_reference`` and
        ``need_decile_reference`` are among all areas of the reference (<NA> without a score).
    parts
        Area × domain: what each domain adds; its rows add up to ``need_score`` (NaN: unknown).
    domain_scores
        Area × domain: the normalised domain scores, high = worse, before weighting.
    weights, weights_access_use
        Domain → weight, adding up to 1.
    method, reference
        How it was put together, step by step, and among whom the ranks and the scores are, in
        words.
    notes
        What was missing, tied, constant, treated or left out.
    domain_values
        Area × domain before normalising, high = worse.
    reference_scores
        ``domain_scores`` of all areas of the reference; the same object where that is the place.
    domain_layers
        Domain → the layers that speak for it.
    treatment
        What each layer was like before and after treatment: `planner.need.treatment.COLUMNS`.
    screening
        What the layers are like, one by one and side by side.
    settings
        What was asked for.
    scale
        What weighted sums were multiplied by: 1, or what a publisher's weights of its whole
        index add up to (0.999 in England), taken as they stand to give the published scores.
    """

    scores: pd.DataFrame
    parts: pd.DataFrame
    domain_scores: pd.DataFrame
    weights: pd.Series
    weights_access_use: pd.Series
    method: str
    reference: str
    notes: tuple[Note, ...] = field(default=())
    domain_values: pd.DataFrame = field(default_factory=pd.DataFrame)
    reference_scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    domain_layers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    treatment: pd.DataFrame = field(default_factory=pd.DataFrame)
    screening: Screening | None = None
    settings: NeedSettings = field(default_factory=NeedSettings)
    scale: float = 1.0

    def __post_init__(self) -> None:
        if list(self.scores.columns) != SCORE_COLUMNS:
            raise DataError("Need: the columns of the scores are not as agreed.")
        for frame in (self.parts, self.domain_scores):
            if not frame.index.equals(self.scores.index):
                raise DataError("Need: scores and parts are of different areas.")
        for column in ("need_rank", "need_rank_access_use"):
            if sorted(self.scores[column]) != list(range(1, len(self.scores) + 1)):
                raise DataError(f"Need: {column} is not 1 to {len(self.scores)}, each once.")
        added = self.parts.sum(axis=1, min_count=1).to_numpy()
        if not np.allclose(added, self.scores["need_score"], atol=1e-9, equal_nan=True):
            raise DataError("Need: the parts do not add up to the score.")


def build_need(layers: Layers, area: StudyArea, settings: NeedSettings) -> Need:
    """Score and rank need in the areas of the place; context areas are never ranked.

    The steps are those of the handbook, each with its own module and key: layers are screened
    (`planner.need.screening`), treated (`treatment`), brought together by domain (`domains`), put
    on one scale among the reference (`normalisation`), weighted (`weighting`) and aggregated
    (`aggregation`).

    Parameters
    ----------
    layers
        Values, with each layer's domain, direction and weight; those of the reference, too.
    area
        The place.
    settings
        The choices at each step, and which domains are about access.

    Returns
    -------
    need
        On the place's area codes.

    Raises
    ------
    ProjectError
        Areas of several nations would be ranked by figures that are not comparable; no layer
        speaks for a domain; an unknown domain is weighted; all weights are zero, or one is below
        it; only access domains are left; ranks would have to be averaged; a whole index stands
        beside its own domains; a target is missing; a layer is not known for the reference.
    DataError
        No area of the place has a value in any domain, or a value is infinite.

    Notes
    -----
    OECD and European Commission Joint Research Centre, Handbook on Constructing Composite
    Indicators (2008); English Indices of Deprivation 2019, technical report, appendix F (MHCLG,
    2019). The published scores come out with the nation as reference, not among a place's own
    areas.
    """
    codes = area.codes
    if settings.common_measure:
        layers = build_common_layers(layers, area)
    else:
        ranked = [spec for specs in ranked_layers(layers).values() for spec in specs]
        refuse_mixed_nations(area.place["nation"], ranked)
    domains = build_domain_values(layers, codes, settings)
    pool = None if settings.reference == "place" else layers.reference
    screening = screen_layers(layers, codes, settings, pool=pool)
    weighting = build_weights(layers, domains, settings)
    normalised, reference, notes = _normalise(layers, domains, settings)
    weights = weighting.weights
    weights_use = without_access(weights, settings.access_domains)
    scale = _scale(weighting, settings)
    how, by_domain = settings.aggregation, weights.to_numpy(dtype="float64")
    parts = _on(normalised, decompose(normalised.to_numpy(), by_domain, how) * scale)
    score = _score(normalised, weights, settings, scale)
    score_use = _score(normalised, weights_use, settings, 1.0)
    score_all = score if reference is normalised else _score(reference, weights, settings, scale)
    national, more = _published_rank(layers, codes)
    scores = _build_scores(score, score_use, score_all, national)
    notes = [
        *domains.notes,
        *weighting.notes,
        *notes,
        *_constant_notes(domains.values),
        *_gap_notes(normalised, weights, score, score_use),
        *_tie_notes(score),
        *more,
        *(layers.notes if settings.common_measure else ()),
        *_screening_notes(screening),
    ]
    return Need(
        scores=scores,
        parts=parts,
        domain_scores=normalised,
        weights=weights,
        weights_access_use=weights_use,
        method=_method_words(settings, weighting),
        reference=_reference_words(area, settings, len(reference)),
        notes=tuple(notes),
        domain_values=domains.values,
        reference_scores=reference,
        domain_layers=domains.layers,
        treatment=domains.treatment,
        screening=screening,
        settings=settings,
        scale=scale,
    )


def build_score(domain_ranks: pd.DataFrame, n: int, weights: pd.Series) -> pd.Series:
    """Combine domain ranks into one score with the weights taken as they stand.

    Parameters
    ----------
    domain_ranks
        Area × domain, 1 = greatest need.
    n
        How many areas were ranked.
    weights
        Domain → weight. Not rescaled: those of the English index of 2025 add up to 0.999.

    Returns
    -------
    score
        On the areas' index; NaN where a weighted domain is unknown.
    """
    spread = domain_ranks[weights.index].apply(lambda rank: official_transform(rank, n))
    return spread.mul(weights, axis="columns").sum(axis=1, skipna=False)


def _normalise(
    layers: Layers, domains: DomainValues, settings: NeedSettings
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return the domain scores of the place and of the reference."""
    targets, notes = _targets(layers, domains, settings)
    among = domains.reference.to_numpy(dtype="float64")
    reference = _on(domains.reference, normalise(among, among, settings.normalisation, targets))
    if domains.values is domains.reference:
        return reference, reference, notes
    return reference.loc[domains.values.index], reference, notes


def _targets(
    layers: Layers, domains: DomainValues, settings: NeedSettings
) -> tuple[np.ndarray | None, list[Note]]:
    """Return the targets in the domains' order, high = worse like their values."""
    if settings.normalisation != "target":
        return None, []
    names = list(domains.values.columns)
    _refuse_odd_targets(domains, settings, names)
    signs = [-1.0 if layers.specs[domains.layers[n][0]].high_is == "better" else 1.0 for n in names]
    targets = np.array([settings.targets[name] for name in names]) * signs
    values = domains.values
    met = (values <= targets).any(axis=1)
    text = "at the target of a domain or better; all of these count alike, as 0, in it"
    notes = [say_of("need_at_target", values.index[met.to_numpy()], text)] if met.any() else []
    worst = domains.reference.max().to_numpy(dtype="float64")
    done = [name for name, w, t in zip(names, worst, targets, strict=True) if w <= t]
    text = "every area has met the target, so the domain tells none apart"
    return targets, notes + ([say_of("need_target_met", done, text)] if done else [])


def _refuse_odd_targets(domains: DomainValues, settings: NeedSettings, names: list[str]) -> None:
    unknown = sorted(set(settings.targets) - set(names))
    missing = [name for name in names if name not in settings.targets]
    several = [name for name in names if len(domains.layers[name]) > 1]
    if unknown:
        raise ProjectError(
            f"[need] targets: there is no domain {unknown[0]!r} with a value in the place.",
            hint=f"Known domains: {', '.join(names)}.",
        )
    if missing:
        raise ProjectError(
            f"[need] targets: there is none for {', '.join(missing)}.",
            hint="Give each domain the value to reach, in the unit of its layer.",
        )
    if several:
        raise ProjectError(
            f"[need] targets: the domain {several[0]!r} is made of several layers "
            f"({', '.join(domains.layers[several[0]])}), which have no unit in common.",
            hint="Keep one layer of it and set the weight of the others to 0.",
        )


def _scale(weighting: DomainWeights, settings: NeedSettings) -> float:
    """Take a publisher's weights of its whole index as they stand, to give its own scores."""
    published = (
        weighting.complete
        and settings.reference == "nation"
        and settings.normalisation == "official"
        and settings.aggregation == "arithmetic"
    )
    return weighting.total if published else 1.0


def _score(
    scores: pd.DataFrame, weights: pd.Series, settings: NeedSettings, scale: float
) -> pd.Series:
    found = aggregate(
        scores[weights.index].to_numpy(dtype="float64"),
        weights.to_numpy(dtype="float64"),
        settings.aggregation,
    )
    return pd.Series(found * scale, index=scores.index)


def _build_scores(
    score: pd.Series, score_use: pd.Series, score_all: pd.Series, national: pd.Series
) -> pd.DataFrame:
    rank, rank_use, count = rank_areas(score), rank_areas(score_use), len(score)
    among = rank if score_all is score else rank_areas(score_all).loc[score.index]
    tenth = decile(among, len(score_all))
    known = score.notna()
    return pd.DataFrame(
        {
            "need_score": score,
            "need_rank": rank,
            "need_decile": decile(rank, count),
            "need_rank_national": national,
            "need_score_access_use": score_use,
            "need_rank_access_use": rank_use,
            "need_percentile_access_use": (count - rank_use + 1) / count,
            "need_rank_reference": among.astype("Int64").where(known),
            "need_decile_reference": tenth.astype("Int64").where(known),
        },
        index=score.index,
    )


def _on(frame: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, index=frame.index, columns=frame.columns)


def _published_rank(layers: Layers, codes: pd.Index) -> tuple[pd.Series, list[Note]]:
    found = [spec.id for spec in layers.specs.values() if spec.role == "published_rank"]
    if not found:
        return pd.Series(pd.NA, index=codes, dtype="Int64"), []
    ranks = layers.values.loc[codes, found[0]].round().astype("Int64")
    text = "a second published rank; the first one is shown"
    return ranks, [say_of("need_second_published_rank", found[1:], text)] if found[1:] else []


def _constant_notes(values: pd.DataFrame) -> list[Note]:
    constant = [d for d in values.columns if is_constant(values[d].to_numpy(dtype="float64"))]
    text = "the same in every area, so it tells none apart and all share one rank in it"
    return [say_of("need_constant_domain", constant, text)] if constant else []


def _gap_notes(
    normalised: pd.DataFrame, weights: pd.Series, score: pd.Series, score_use: pd.Series
) -> list[Note]:
    counted = normalised[weights.index[weights > 0]]
    some = counted.isna().any(axis=1) & counted.notna().any(axis=1)
    groups = [
        (
            "need_partial",
            some,
            "without one of the domains; scored from the known ones, weights scaled up",
        ),
        ("need_unknown", score.isna(), "no known domain, so no score; ranked last"),
        (
            "need_unknown_access_use",
            score_use.isna() & score.notna(),
            "no known domain but access; ranked last wherever need meets access",
        ),
    ]
    return [
        say_of(what, normalised.index[mask.to_numpy()], text)
        for what, mask, text in groups
        if bool(mask.any())
    ]


def _tie_notes(score: pd.Series) -> list[Note]:
    known = score.dropna().round(TIE_DECIMALS)
    tied = known.index[known.duplicated(keep=False).to_numpy()]
    text = "the same score as another area; ranks follow the order of the codes"
    return [say_of("need_ties", tied, text)] if len(tied) else []


def _screening_notes(screening: Screening) -> list[Note]:
    return [
        Note(
            stage="need",
            what=f"screening_{finding.what}",
            count=max(1, len(finding.layers)),
            text=finding.text,
            items=finding.layers,
        )
        for finding in screening.findings
        if finding.serious
    ]


_NORMALISATION_WORDS = {
    "official": "domain values ranked {among}, spread by the official exponential transform",
    "rank": "domain values ranked {among}, from 100 for the worst",
    "zscore": "z-scores of the domain values {among}",
    "minmax": "domain values stretched from 0 for the best to 100 for the worst {among}",
    "target": "domain values as the distance from their targets, 100 for the worst {among}",
}
_AGGREGATION_WORDS = {
    "arithmetic": "added up by weight",
    "geometric": "put together as a weighted geometric mean of the score plus 1, by which a high "
    "score in one domain makes up less for low ones elsewhere",
}
_TREATMENT_WORDS = {
    "none": "",
    "winsorise": "layers ruled by outliers winsorised; ",
    "log": "logarithms taken of layers ruled by outliers; ",
}
_AMONG_WORDS = {
    "place": "within the place",
    "districts": "within the named districts",
    "nation": "within the nation",
}


def _method_words(settings: NeedSettings, weighting: DomainWeights) -> str:
    among = _AMONG_WORDS[settings.reference]
    shares = ", ".join(
        f"{to_label(name)} {weight:.1%}" for name, weight in weighting.weights.items()
    )
    words = (
        f"{_TREATMENT_WORDS[settings.treatment]}"
        f"{_NORMALISATION_WORDS[settings.normalisation].format(among=among)} and "
        f"{_AGGREGATION_WORDS[settings.aggregation]} ({weighting.words}: {shares})"
    )
    if settings.treatment != "none" and settings.normalisation in BY_ORDER:
        words += "; treatment matters only in domains of several layers"
    return f"{words}. {COMMON_LABEL}" if settings.common_measure else words


def _reference_words(area: StudyArea, settings: NeedSettings, count: int) -> str:
    place = f"among the {len(area.codes):,} areas of {area.name}"
    if settings.reference == "place":
        return place
    if settings.reference == "districts":
        many = len(settings.districts)
        whole = (
            f"{many} {'district' if many == 1 else 'districts'} ({', '.join(settings.districts)})"
        )
    else:
        whole = " and ".join(sorted(area.place["nation"].unique()))
    return f"{place} (their scores come from comparison with all {count:,} areas of {whole})"
