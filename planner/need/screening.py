"""Are the layers fit to be put together: known, varied, not ruled by outliers, not the same twice?

Findings, not refusals: a council may have a reason for what looks odd. Refused is only what makes
the result meaningless (`planner.need.domains`, `planner.need.weighting`) and what is known, not
merely suspected, to count the same thing twice: a whole published index together with its own
domains.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import ProjectError
from planner.layers import Layers, LayerSpec
from planner.need.domains import ranked_layers
from planner.need.normalisation import is_constant
from planner.need.treatment import fit_treatment, is_outlying, moments
from planner.project import NeedSettings

Floats = NDArray[np.float64]

#: A layer known for less than this share of the areas is told of.
KNOWN_SHARE = 2 / 3
#: A layer with no more different values than this tells few areas apart.
FEW_VALUES = 3
#: Two layers that correlate at least so strongly are nearly one.
REDUNDANT = 0.9
#: A layer of which the others explain at least this share is taken to be made of them.
EXPLAINED = 0.98
#: Fewer areas than this line up by chance.
FEWEST_AREAS = 8
_EXACT = 1e-9

TABLE_COLUMNS = [
    "domain", "areas", "known", "known_share", "distinct", "mean", "sd", "skew", "kurtosis",
    "outlying", "winsorise_points", "winsorise_skew", "log_skew", "explained_by_others",
]  # fmt: skip
PAIR_COLUMNS = ["layer_a", "layer_b", "same_domain", "areas", "pearson", "spearman", "what"]

#: Overall scores that readers give, by how the ids of the same index begin.
_OVERALL = {
    f"{prefix}_{key}": f"{prefix}_"
    for prefix in ("iod", "simd", "wimd", "nimdm")
    for key in ("score", "decile")
}
#: What somebody else's copy of a whole index is likely to be called.
_WHOLE_ID = re.compile(r"(.*_)?(imd|iod|simd|wimd|nimdm)(_?\d{4}(v2)?)?(_(score|rank|overall))?")
_WHOLE_TITLE = re.compile(
    r"(the )?(english |scottish |welsh |northern ireland )?(index|indices) of (multiple )?"
    r"deprivation|.*\boverall (score|rank|deprivation)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to know of some layers before they are put together.

    ``what`` is a fixed slug, ``text`` plain sentences; ``serious`` says that the ranks may be
    wrong for it, not merely less telling.
    """

    what: str
    layers: tuple[str, ...]
    text: str
    serious: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Screening:
    """What the layers of need are like, one by one and side by side.

    Parameters
    ----------
    table
        One row a layer that counts: `TABLE_COLUMNS`. Values are as published; ``winsorise_*``
        and ``log_skew`` are what treatment would do (NaN where it is not needed, points 0 where
        it would not be enough); ``explained_by_others`` is the share of its variance that layers
        of other domains explain (R², NaN: too few areas).
    pearson, spearman
        Layer × layer correlations, high = worse on both sides, over areas known in both.
    pairs
        Pairs that are nearly one: `PAIR_COLUMNS`; ``what`` is ``identical``, ``mirror``,
        ``redundant`` or ``opposed``.
    alpha
        Cronbach's alpha of each domain with several layers, and of all layers together ("").
    findings
        The same in words.
    """

    table: pd.DataFrame
    pearson: pd.DataFrame
    spearman: pd.DataFrame
    pairs: pd.DataFrame
    alpha: pd.Series
    findings: tuple[Finding, ...] = field(default=())


def screen_layers(
    layers: Layers,
    codes: pd.Index,
    settings: NeedSettings,
    *,
    pool: pd.DataFrame | None = None,
) -> Screening:
    """Screen the layers that count towards need.

    Parameters
    ----------
    layers
        Values, with each layer's domain, direction and source.
    codes
        The place's own areas.
    settings
        Which treatment is asked for.
    pool
        The layers of all areas of the reference; outliers are looked for among these (left out:
        in the place).

    Raises
    ------
    ProjectError
        A whole published index is to be put together with its own domains.

    Notes
    -----
    OECD and European Commission Joint Research Centre, Handbook on Constructing Composite
    Indicators (2008), steps 3 and 4.
    """
    specs = {spec.id: spec for group in ranked_layers(layers).values() for spec in group}
    refuse_index_with_its_domains(list(specs))
    there = layers.values[list(specs)].reindex(codes).astype("float64")
    some = there.notna().any()
    specs = {key: spec for key, spec in specs.items() if some[key]}
    values = there[list(specs)]
    worse = values * [-1.0 if spec.high_is == "better" else 1.0 for spec in specs.values()]
    pearson, spearman, common = correlate(worse)
    table = _build_table(values, worse, specs, values if pool is None else pool, pearson)
    pairs = _build_pairs(pearson, spearman, common, specs)
    alpha = _alphas(worse, specs)
    findings = (
        *_find_single(table, specs, settings),
        *_find_pairs(pairs, specs),
        *_find_whole(table, specs),
        *_find_same_source(specs),
        *_find_inconsistent(alpha),
    )
    return Screening(
        table=table,
        pearson=pearson,
        spearman=spearman,
        pairs=pairs,
        alpha=alpha,
        findings=findings,
    )


def refuse_index_with_its_domains(ids: Sequence[str]) -> None:
    """Refuse a publisher's overall score or tenth beside the domains it is made of."""
    for whole in ids:
        start = _OVERALL.get(whole)
        parts = [key for key in ids if start and key.startswith(start) and key not in _OVERALL]
        if parts:
            raise ProjectError(
                f"Layer {whole!r} is a whole index, and {', '.join(map(repr, parts[:3]))} "
                f"{'is' if len(parts) == 1 else 'are'} in it: together they would count twice.",
                hint=f"Take the domains, and only show the index (weights = {{ {whole} = 0 }}).",
            )


def correlate(worse: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return Pearson's and Spearman's correlations of each two layers, and over how many areas.

    NaN where one of the two is constant or fewer than three areas are known in both.
    """
    names = list(worse.columns)
    values = worse.to_numpy(dtype="float64")
    known = ~np.isnan(values)
    pearson, spearman = (np.full((len(names), len(names)), np.nan) for _ in range(2))
    common = (known.T.astype(int) @ known.astype(int)).astype(int)
    whole = [i for i in range(len(names)) if known[:, i].all()]
    ranks = worse.iloc[:, whole].rank().to_numpy(dtype="float64") if whole else values[:, :0]
    pearson[np.ix_(whole, whole)] = _correlations(values[:, whole])
    spearman[np.ix_(whole, whole)] = _correlations(ranks)
    for i, j in combinations(range(len(names)), 2):
        if i in whole and j in whole:
            continue
        both = known[:, i] & known[:, j]
        two = values[both][:, [i, j]]
        pearson[i, j] = pearson[j, i] = _correlations(two)[0, 1]
        ranked = pd.DataFrame(two).rank().to_numpy(dtype="float64")
        spearman[i, j] = spearman[j, i] = _correlations(ranked)[0, 1]
    for i in range(len(names)):
        if not is_constant(values[:, i]):
            pearson[i, i] = spearman[i, i] = 1.0
    frames = [pd.DataFrame(a, index=names, columns=names) for a in (pearson, spearman, common)]
    return frames[0], frames[1], frames[2]


def cronbach_alpha(values: pd.DataFrame) -> float:
    """Return how well layers that are meant to say one thing agree: 1 = wholly.

    Standardised layers, areas known in all of them; NaN for a single layer, a constant one, or
    fewer than three areas; minus infinity where the layers cancel each other out exactly.

    Notes
    -----
    Cronbach (1951), standardised: k r / (1 + (k − 1) r) with r the mean correlation.
    """
    complete = values.dropna().to_numpy(dtype="float64")
    count = values.shape[1]
    if count < 2:
        return float("nan")
    found = _correlations(complete)
    mean = float(found[np.triu_indices(count, 1)].mean())
    left = 1.0 + (count - 1.0) * mean
    if left <= _EXACT:
        return float("-inf")
    return float(count * mean / left)


def _correlations(values: Floats) -> Floats:
    """Return correlations of columns without gaps; NaN for constants and under three areas."""
    count = values.shape[1]
    if len(values) < 3:
        return np.full((count, count), np.nan)
    away = values - values.mean(axis=0)
    for column in range(count):
        if is_constant(values[:, column]):
            away[:, column] = np.nan
    size = np.sqrt((away**2).sum(axis=0))
    return np.asarray(np.clip((away / size).T @ (away / size), -1.0, 1.0), dtype="float64")


def _build_table(
    values: pd.DataFrame,
    worse: pd.DataFrame,
    specs: Mapping[str, LayerSpec],
    pool: pd.DataFrame,
    pearson: pd.DataFrame,
) -> pd.DataFrame:
    rows = []
    explained = _explained(worse, specs, pearson)
    inside, whole = (frame[list(specs)].to_numpy(dtype="float64") for frame in (values, pool))
    for column, (key, spec) in enumerate(specs.items()):
        found, among = inside[:, column], whole[:, column]
        found = found[~np.isnan(found)]
        skew, kurtosis = moments(among)
        outlying = is_outlying(skew, kurtosis) and spec.kind != "rank"
        points, pulled, logged = 0, np.nan, np.nan
        if outlying:
            winsorised, logs = fit_treatment(among, "winsorise"), fit_treatment(among, "log")
            points = winsorised.points
            pulled = moments(winsorised.apply(among))[0] if points else np.nan
            logged = moments(logs.apply(among))[0]
        rows.append(
            [spec.domain, len(values), len(found), len(found) / len(values),
             len(np.unique(found)), found.mean(), found.std(), skew, kurtosis, outlying, points,
             pulled, logged, explained[key]]
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=TABLE_COLUMNS, index=pd.Index(list(specs), name="layer"))
    return table.astype({"outlying": bool})


def _explained(
    worse: pd.DataFrame, specs: Mapping[str, LayerSpec], pearson: pd.DataFrame
) -> dict[str, float]:
    """Return the share of each layer's variance that two or more of other domains explain."""
    found = dict.fromkeys(specs, float("nan"))
    itself = np.diag(pearson.to_numpy(dtype="float64"))
    varied = [key for key, own in zip(specs, itself, strict=True) if not np.isnan(own)]
    complete = worse[varied].dropna()
    # Twenty areas a layer, so that a good fit is not one of chance.
    if len(complete) < 20 * max(len(varied), 1):
        return found
    matrix = _correlations(complete.to_numpy(dtype="float64"))
    if np.isnan(matrix).any():
        return found
    for i, key in enumerate(varied):
        others = [j for j, other in enumerate(varied) if specs[other].domain != specs[key].domain]
        if len(others) >= 2:
            inner, outer = matrix[np.ix_(others, others)], matrix[others, i]
            share = float(outer @ np.linalg.pinv(inner, hermitian=True) @ outer)
            found[key] = min(1.0, share)
    return found


def _build_pairs(
    pearson: pd.DataFrame,
    spearman: pd.DataFrame,
    common: pd.DataFrame,
    specs: Mapping[str, LayerSpec],
) -> pd.DataFrame:
    rows = []
    straights, orders, counts = (frame.to_numpy() for frame in (pearson, spearman, common))
    for (i, a), (j, b) in combinations(enumerate(specs), 2):
        straight, ordered, count = float(straights[i, j]), float(orders[i, j]), int(counts[i, j])
        what = _alike(straight, ordered) if count >= FEWEST_AREAS else ""
        if what:
            same = specs[a].domain == specs[b].domain
            rows.append([a, b, same, count, straight, ordered, what])
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def _alike(pearson: float, spearman: float) -> str:
    if np.isnan(pearson) or np.isnan(spearman):
        return ""
    if spearman >= 1 - _EXACT:
        return "identical"
    if spearman <= -1 + _EXACT:
        return "mirror"
    stronger = pearson if abs(pearson) >= abs(spearman) else spearman
    if abs(stronger) < REDUNDANT:
        return ""
    return "redundant" if stronger > 0 else "opposed"


def _alphas(worse: pd.DataFrame, specs: Mapping[str, LayerSpec]) -> pd.Series:
    groups: dict[str, list[str]] = {"": list(specs)}
    for key, spec in specs.items():
        groups.setdefault(str(spec.domain), []).append(key)
    found = {name: cronbach_alpha(worse[ids]) for name, ids in groups.items() if len(ids) > 1}
    return pd.Series(found, dtype="float64", name="alpha")


def _find_single(
    table: pd.DataFrame, specs: Mapping[str, LayerSpec], settings: NeedSettings
) -> list[Finding]:
    found = []
    for key, row in table.to_dict(orient="index").items():
        name = _name(specs[str(key)])
        if row["known_share"] < KNOWN_SHARE:
            text = (
                f"{name} is known for {row['known']:,} of {row['areas']:,} areas "
                f"({row['known_share']:.0%}). The others are scored without it, which compares "
                "unlike with unlike. Find a fuller source, or give it no weight."
            )
            found.append(Finding(what="few_known", layers=(str(key),), text=text, serious=True))
        if row["distinct"] == 1:
            text = f"{name} is the same in every area, so it tells none apart."
            found.append(Finding(what="constant", layers=(str(key),), text=text, serious=True))
        elif row["distinct"] <= FEW_VALUES:
            text = (
                f"{name} has only {row['distinct']} different values, so most areas are tied in it "
                "and a small difference in it moves an area far."
            )
            found.append(Finding(what="few_values", layers=(str(key),), text=text, serious=True))
        if row["outlying"]:
            text = _outlier_words(name, row, settings)
            found.append(Finding(what="outliers", layers=(str(key),), text=text))
    return found


def _outlier_words(name: str, row: Mapping[Hashable, Any], settings: NeedSettings) -> str:
    points = int(row["winsorise_points"])
    pulled = (
        f"pulling in {points} {'value' if points == 1 else 'values'} "
        f'(treatment = "winsorise") would bring that to {row["winsorise_skew"]:.1f}'
        if points
        else "pulling in five values would not be enough"
    )
    words = (
        f"A few areas stand far out in {name} (skewness {row['skew']:.1f}, kurtosis "
        f'{row["kurtosis"]:.1f}); {pulled}, logarithms (treatment = "log") to '
        f"{row['log_skew']:.1f}."
    )
    if settings.normalisation in ("official", "rank"):
        return f"{words} Unless its domain has other layers, only the order of areas counts here."
    return words


_PAIR_WORDS = {
    "identical": "{a} and {b} put the areas in exactly the same order: they say one thing, which "
    "{counts}. Leave one of them out.",
    "mirror": "{a} and {b} are mirror images: an area that is worse by one is better by the other, "
    "so they cancel each other out. Check high_is of both, or leave one out.",
    "redundant": "{a} and {b} go together closely (Pearson {pearson:.2f}, Spearman "
    "{spearman:.2f}): what they share {counts}.",
    "opposed": "{a} and {b} run against each other closely (Pearson {pearson:.2f}, Spearman "
    "{spearman:.2f}), so they all but cancel out. Check high_is of both.",
}


def _find_pairs(pairs: pd.DataFrame, specs: Mapping[str, LayerSpec]) -> list[Finding]:
    found = []
    for row in pairs.itertuples(index=False):
        counts = "counts twice in its domain" if row.same_domain else "counts in two domains"
        text = _PAIR_WORDS[row.what].format(
            a=_name(specs[row.layer_a]),
            b=_name(specs[row.layer_b]),
            counts=counts,
            pearson=row.pearson,
            spearman=row.spearman,
        )
        serious = row.what != "redundant"
        ids = (row.layer_a, row.layer_b)
        found.append(Finding(what=row.what, layers=ids, text=text, serious=serious))
    return found


def _find_whole(table: pd.DataFrame, specs: Mapping[str, LayerSpec]) -> list[Finding]:
    """Tell of layers that are a whole index by their name, or that the others add up to."""
    found = []
    explained = table["explained_by_others"].to_dict()
    for key, spec in specs.items():
        others = [other for other in specs if specs[other].domain != spec.domain]
        named = key in _OVERALL or (
            spec.domain_weight is None
            and bool(_WHOLE_ID.fullmatch(key) or _WHOLE_TITLE.match(spec.title))
        )
        if others and named:
            text = (
                f"{_name(spec)} is a whole index of deprivation: income, work, health and the rest "
                "are in it, so what layers of other domains say beside it counts twice in part. "
                "Take the index's domains, or the index alone."
            )
            found.append(Finding(what="whole_index", layers=(key,), text=text, serious=True))
        elif (share := explained[key]) >= EXPLAINED:
            text = (
                f"{_name(spec)} can be worked out of the layers of other domains ({share:.1%} of "
                "its variation), as if it were made of them: it counts twice."
            )
            found.append(Finding(what="made_of_others", layers=(key,), text=text, serious=True))
    return found


def _find_same_source(specs: Mapping[str, LayerSpec]) -> list[Finding]:
    """Tell of one published domain that counts more than once."""
    found = []
    groups: dict[tuple[str, str, str], list[LayerSpec]] = {}
    for spec in specs.values():
        source = (spec.source.publisher, spec.source.vintage, spec.id.split("_")[0])
        groups.setdefault(source, []).append(spec)
    for group in groups.values():
        wholes = [spec for spec in group if spec.domain_weight is not None]
        parts = [spec for spec in group if spec.domain_weight is None and spec.id not in _OVERALL]
        if wholes and parts:
            names = ", ".join(_name(spec) for spec in parts)
            text = (
                f"{names} {'is' if len(parts) == 1 else 'are'} from the same index as the domains "
                f"beside {'it' if len(parts) == 1 else 'them'}, which hold "
                f"{'it' if len(parts) == 1 else 'them'} already: counted twice."
            )
            ids = tuple(spec.id for spec in parts)
            found.append(Finding(what="part_of_domain", layers=ids, text=text, serious=True))
        bases: dict[str, list[LayerSpec]] = {}
        for spec in wholes:
            bases.setdefault(spec.id.removesuffix("_rank"), []).append(spec)
        for twice in (specs_ for specs_ in bases.values() if len(specs_) > 1):
            ids = tuple(spec.id for spec in twice)
            text = (
                f"{' and '.join(_name(spec) for spec in twice)} are one published domain, once as "
                "a score and once as a rank: it counts twice."
            )
            found.append(Finding(what="domain_twice", layers=ids, text=text, serious=True))
    return found


def _find_inconsistent(alpha: pd.Series) -> list[Finding]:
    found = []
    for domain, value in alpha.items():
        if domain and value < 0:
            shown = "far below 0" if value < -100 else f"{value:.2f}"
            text = (
                f"The layers of the domain {domain} run against each other (Cronbach's alpha "
                f"{shown}), so their mean says little. Check high_is of each."
            )
            found.append(Finding(what="domain_at_odds", layers=(), text=text, serious=True))
    return found


def _name(spec: LayerSpec) -> str:
    return f"{spec.title} ({spec.id})"
