"""How great is need in each small area, among whom, and which parts make it up?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from planner.area import StudyArea
from planner.comparability import refuse_mixed_nations
from planner.errors import DataError, ProjectError
from planner.layers import Layers, LayerSpec
from planner.ledger import Note
from planner.need.common_measure import LABEL as COMMON_LABEL
from planner.need.common_measure import build_common_layers
from planner.project import NeedSettings

#: Scale of the exponential transform shared by the four official indices: a full score is 100,
#: and the worst tenth of areas is spread over the upper half.
_SCALE = 23.0
_SPAN = 1.0 - np.exp(-100.0 / _SCALE)

#: Scores that agree to this many decimals are tied; anything finer is floating-point noise.
_TIE_DECIMALS = 9

_SCORE_COLUMNS = [
    "need_score",
    "need_rank",
    "need_decile",
    "need_rank_national",
    "need_score_access_use",
    "need_rank_access_use",
    "need_percentile_access_use",
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
        the same without any access domain, for use beside access.
    parts
        Area × domain: what each domain adds; its rows add up to ``need_score`` (NaN: unknown).
    domain_scores
        Area × domain: the normalised domain scores, high = worse, before weighting.
    weights, weights_access_use
        Domain → weight, adding up to 1.
    method, reference
        How it was put together, and among whom the ranks are, in words.
    notes
        What was missing, tied, constant or left out.
    """

    scores: pd.DataFrame
    parts: pd.DataFrame
    domain_scores: pd.DataFrame
    weights: pd.Series
    weights_access_use: pd.Series
    method: str
    reference: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.scores.columns) != _SCORE_COLUMNS:
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

    A domain with one layer takes that layer's values; with several, the weighted mean of their
    direction-adjusted z-scores. ``official`` ranks the domain values within the place (ties take
    their average rank), spreads the ranks by `official_transform` and adds them up by weight;
    ``zscore`` adds up z-scores of the domain values.

    Parameters
    ----------
    layers
        Values, with each layer's domain, direction and weight.
    area
        The place.
    settings
        Method, domain weights (else the publisher's, else equal), and which domains are about
        access.

    Returns
    -------
    need
        On the place's area codes.

    Raises
    ------
    ProjectError
        Areas of several nations would be ranked by figures that are not comparable; no layer
        speaks for a domain; an unknown domain is weighted; all weights are zero; only
        access domains are left; ranks would have to be averaged.
    DataError
        No area of the place has a value in any domain.

    Notes
    -----
    English Indices of Deprivation 2019, technical report, appendix F (MHCLG, 2019). Ranking is
    among the place's own areas, so scores are not the published ones.
    """
    codes = area.codes
    if settings.common_measure:
        layers = build_common_layers(layers, area)
    else:
        ranked = [spec for specs in _ranked_layers(layers).values() for spec in specs]
        refuse_mixed_nations(area.place["nation"], ranked)
    values, notes = _domain_values(layers, codes)
    weights, more = _domain_weights(layers, list(values.columns), settings)
    notes += more
    if settings.normalisation == "official":
        normalised = _official_scores(values)
    else:
        normalised = values.apply(_zscore)
    notes += _constant_notes(values)

    score, parts = _weighted(normalised, weights)
    weights_use = _without_access(weights, settings.access_domains)
    score_use, _ = _weighted(normalised, weights_use)
    notes += _gap_notes(normalised, weights, score, score_use)
    notes += _tie_notes(score)
    if settings.common_measure:
        notes += layers.notes
    national, more = _published_rank(layers, codes)
    rank, rank_use = rank_areas(score), rank_areas(score_use)
    count = len(codes)
    scores = pd.DataFrame(
        {
            "need_score": score,
            "need_rank": rank,
            "need_decile": decile(rank, count),
            "need_rank_national": national,
            "need_score_access_use": score_use,
            "need_rank_access_use": rank_use,
            "need_percentile_access_use": (count - rank_use + 1) / count,
        },
        index=codes,
    )
    return Need(
        scores=scores,
        parts=parts,
        domain_scores=normalised,
        weights=weights,
        weights_access_use=weights_use,
        method=_method_words(settings, weights),
        reference=f"among the {count:,} areas of {area.name}",
        notes=tuple(notes + more),
    )


def official_transform(rank: pd.Series, n: float | pd.Series) -> pd.Series:
    """Spread ranks exponentially over 0 to 100, as the four official indices do.

    Parameters
    ----------
    rank
        1 = greatest need; may hold averages of tied ranks; NaN stays NaN.
    n
        How many areas were ranked.

    Returns
    -------
    score
        On the index of ``rank``: 100 at rank 1, 50 at about the end of the worst tenth.

    Notes
    -----
    ``X = −23 · ln(1 − R · (1 − e^(−100/23)))`` with ``R = (n − rank + 1) / n``: English Indices
    of Deprivation 2019, technical report, appendix F (MHCLG, 2019).

    Examples
    --------
    >>> official_transform(pd.Series([1.0, 101.0]), 1000).round(1).tolist()
    [100.0, 50.4]
    """
    share = (n - rank + 1.0) / n
    return -_SCALE * np.log1p(-share * _SPAN)


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


def rank_areas(score: pd.Series) -> pd.Series:
    """Rank scores 1 to N, 1 = the highest; ties go by code; unknown scores come last."""
    ordered = pd.DataFrame({"score": -score.round(_TIE_DECIMALS), "code": score.index.astype(str)})
    order = ordered.sort_values(["score", "code"], na_position="last", kind="stable").index
    return pd.Series(range(1, len(score) + 1), index=order, dtype="int64").reindex(score.index)


def decile(rank: pd.Series, n: int) -> pd.Series:
    """Return the tenth a rank is in, 1 = the worst: ``ceil(10 · rank / n)``, in whole numbers."""
    return -(-10 * rank.astype("int64") // n)


def _ranked_layers(layers: Layers) -> dict[str, list[LayerSpec]]:
    """Group the layers that count towards need by their domain, in the layers' order."""
    domains: dict[str, list[LayerSpec]] = {}
    for spec in layers.specs.values():
        counts = spec.domain and spec.role == "layer" and spec.weight > 0
        if counts and spec.high_is != "neither":
            domains.setdefault(str(spec.domain), []).append(spec)
    return domains


def _domain_values(layers: Layers, codes: pd.Index) -> tuple[pd.DataFrame, list[Note]]:
    """Return area × domain values, high = worse, NaN where no layer of the domain is known."""
    notes: list[Note] = []
    columns: dict[str, pd.Series] = {}
    ranked = _ranked_layers(layers)
    if not ranked:
        raise ProjectError(
            "No layer speaks for a domain of need.",
            hint="Give at least one [[layer]] a domain (domains = {layer_id = 'income'}).",
        )
    for domain, specs in ranked.items():
        known = [spec for spec in specs if bool(layers.values.loc[codes, spec.id].notna().any())]
        absent = [spec.id for spec in specs if spec not in known]
        if absent:
            notes.append(_note("need_layer_absent", absent, "no value in the place, so left out"))
        if not known:
            continue
        worse = pd.DataFrame({spec.id: _worse(layers, spec, codes) for spec in known})
        if len(known) == 1:
            columns[domain] = worse.iloc[:, 0]
            continue
        ranks = [spec.id for spec in known if spec.kind == "rank"]
        if ranks:
            raise ProjectError(
                f"Domain {domain}: {ranks[0]} is a rank, and ranks are never averaged.",
                hint="Use the scores instead, or set the weight of the rank to 0.",
            )
        weights = pd.Series({spec.id: spec.weight for spec in known}, dtype=float)
        columns[domain], _ = _weighted(worse.apply(_zscore), weights / weights.sum())
        some = codes[(worse.isna().any(axis=1) & worse.notna().any(axis=1)).to_numpy()]
        if len(some):
            text = f"without a layer of the domain {domain}; its other layers stand for it"
            notes.append(_note("need_partial_domain", some, text))
    if not columns:
        raise DataError(
            f"None of the {len(codes)} areas has a value in any domain of need "
            f"(first: {codes[0]}).",
            hint="Check that the [[layer]] files cover the place and its geography.",
        )
    return pd.DataFrame(columns, index=codes), notes


def _worse(layers: Layers, spec: LayerSpec, codes: pd.Index) -> pd.Series:
    values = layers.values.loc[codes, spec.id].astype("float64")
    return -values if spec.high_is == "better" else values


def _domain_weights(
    layers: Layers, domains: list[str], settings: NeedSettings
) -> tuple[pd.Series, list[Note]]:
    """Return domain → weight adding up to 1: the project's, else the publisher's, else equal."""
    if settings.weights:
        unknown = sorted(set(settings.weights) - set(domains))
        if unknown:
            raise ProjectError(
                f"[need] weights: there is no domain {unknown[0]!r} with a value in the place.",
                hint=f"Known domains: {', '.join(domains)}.",
            )
        weights = pd.Series({d: settings.weights.get(d, 0.0) for d in domains}, dtype=float)
        if not weights.sum() > 0:
            raise ProjectError(
                "[need] weights: all weights are zero.",
                hint="Give at least one domain a weight above zero, or leave weights out.",
            )
        unweighted = [d for d in domains if d not in settings.weights]
        text = "not named in [need] weights, so it counts for nothing"
        notes = [_note("need_domain_unweighted", unweighted, text)] if unweighted else []
        return weights / weights.sum(), notes
    published = _published_weights(layers, domains)
    missing = [d for d in domains if d not in published]
    if not missing and sum(published.values()) > 0:
        weights = pd.Series({d: published[d] for d in domains}, dtype=float)
        return weights / weights.sum(), []
    weights = pd.Series(1.0 / len(domains), index=domains)
    if not published or not missing:
        return weights, []
    text = "no published weight beside domains that have one: all are weighted equally"
    return weights, [_note("need_equal_weights", missing, text)]


def _published_weights(layers: Layers, domains: list[str]) -> dict[str, float]:
    """Return the publisher's weight of each domain; the domain's first layer with one decides."""
    found: dict[str, float] = {}
    for domain, specs in _ranked_layers(layers).items():
        given = [w for w in (spec.domain_weight for spec in specs) if w is not None]
        if given and domain in domains:
            found[domain] = float(given[0])
    return found


def _without_access(weights: pd.Series, access_domains: Sequence[str]) -> pd.Series:
    """Leave the access domains out and rescale: access times access is a circle."""
    kept = weights[~weights.index.isin(list(access_domains))]
    if not kept.sum() > 0:
        raise ProjectError(
            "Need is made of access domains only "
            f"({', '.join(weights.index[weights > 0])}), so gaps would set access against access.",
            hint="Add a layer of another domain, or change [need] access_domains.",
        )
    return kept / kept.sum()


def _official_scores(values: pd.DataFrame) -> pd.DataFrame:
    # Rounding first: values that differ by floating-point noise only are tied.
    ranks = values.round(12).rank(ascending=False, method="average")
    return ranks.apply(lambda rank: official_transform(rank, float(rank.count())))


def _zscore(values: pd.Series) -> pd.Series:
    """Standardise on the place (population standard deviation); a constant becomes 0."""
    spread = values.std(ddof=0)
    if _is_constant(values):
        return values * 0.0
    return (values - values.mean()) / spread


def _is_constant(values: pd.Series) -> bool:
    known = values.dropna()
    return bool(known.max() - known.min() <= 1e-12 * max(1.0, float(known.abs().max())))


def _weighted(scores: pd.DataFrame, weights: pd.Series) -> tuple[pd.Series, pd.DataFrame]:
    """Add scores up by weight; where some are unknown the known weights are scaled up.

    Returns the sums (NaN where no weighted score is known) and the summands.
    """
    scores = scores[weights.index]
    known_weight = scores.notna().mul(weights, axis="columns").sum(axis=1)
    parts = scores.mul(weights, axis="columns").div(known_weight.where(known_weight > 0), axis=0)
    return parts.sum(axis=1, min_count=1), parts


def _published_rank(layers: Layers, codes: pd.Index) -> tuple[pd.Series, list[Note]]:
    found = [spec.id for spec in layers.specs.values() if spec.role == "published_rank"]
    if not found:
        return pd.Series(pd.NA, index=codes, dtype="Int64"), []
    ranks = layers.values.loc[codes, found[0]].round().astype("Int64")
    text = "a second published rank; the first one is shown"
    return ranks, [_note("need_second_published_rank", found[1:], text)] if found[1:] else []


def _constant_notes(values: pd.DataFrame) -> list[Note]:
    constant = [d for d in values.columns if _is_constant(values[d])]
    text = "the same in every area, so it tells none apart and all share one rank in it"
    return [_note("need_constant_domain", constant, text)] if constant else []


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
        _note(what, normalised.index[mask.to_numpy()], text)
        for what, mask, text in groups
        if bool(mask.any())
    ]


def _tie_notes(score: pd.Series) -> list[Note]:
    known = score.dropna().round(_TIE_DECIMALS)
    tied = known.index[known.duplicated(keep=False).to_numpy()]
    text = "the same score as another area; ranks follow the order of the codes"
    return [_note("need_ties", tied, text)] if len(tied) else []


def _note(what: str, items: Sequence[str] | pd.Index, text: str) -> Note:
    """Say of each item what ``text`` says."""
    names = tuple(str(item) for item in items)
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return Note(stage="need", what=what, count=len(names), text=f"{shown}: {text}.", items=names)


def _method_words(settings: NeedSettings, weights: pd.Series) -> str:
    how = {
        "official": "domain values ranked within the place, spread by the official exponential "
        "transform and added up by weight",
        "zscore": "z-scores of the domain values within the place, added up by weight",
    }[settings.normalisation]
    shares = ", ".join(f"{domain} {weight:.1%}" for domain, weight in weights.items())
    words = f"{how} ({shares})"
    return f"{words}. {COMMON_LABEL}" if settings.common_measure else words
