"""Which neighbourhoods are alike, and what sets each type apart?"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, silhouette_score
from threadpoolctl import threadpool_limits

from planner.area import StudyArea
from planner.errors import DataError, ProjectError
from planner.layers import Layers, LayerSpec
from planner.ledger import Note
from planner.need import Need
from planner.project import NeighbourhoodSettings

#: A layer known for fewer of the areas than this says too little about alikeness.
_MIN_KNOWN = 0.95
#: Silhouettes closer than this are equally good: the simpler answer is taken.
_SILHOUETTE_TOLERANCE = 0.01
#: Above this many areas the silhouette is taken on a sample: it compares every pair.
_SILHOUETTE_SAMPLE = 5000
_STARTS = 20
#: Means closer to the place's than this, in standard deviations, set nothing apart.
_NEAR = 0.35
AVERAGE_NAME = "Near the place average"

LAYER_RULE = (
    "layers that speak for a domain of need and are not ranks, known for at least 95% of areas"
)
K_RULE = (
    "highest mean silhouette; the smaller number of types where within 0.01; no type of fewer "
    "than 3 areas or 2% of areas where that can be had"
)

#: What sets a type apart, by layer id: (high value, low value).
_LAYER_PHRASES: dict[str, tuple[str, str]] = {
    "bad_health": ("more people in poor health", "fewer people in poor health"),
    "disabled": ("more disabled people", "fewer disabled people"),
    "life_expectancy": ("longer lives", "shorter lives"),
    "life_expectancy_female": ("longer lives for women", "shorter lives for women"),
    "life_expectancy_male": ("longer lives for men", "shorter lives for men"),
    "long_term_sick": ("higher long-term sickness", "lower long-term sickness"),
    "no_car": ("fewer households with a car", "more households with a car"),
    "no_qualifications": ("fewer adults with qualifications", "more adults with qualifications"),
    "not_working": ("further from work", "more people in work"),
    "routine_jobs": ("more routine jobs", "fewer routine jobs"),
}
#: By domain: (worse, better). About what people face, never about what they are worth.
_DOMAIN_PHRASES: dict[str, tuple[str, str]] = {
    "access": ("services further away", "services close by"),
    "barriers": ("housing and services harder to get", "housing and services easier to get"),
    "community_safety": ("less safe", "safer"),
    "crime": ("more crime", "less crime"),
    "education": ("fewer qualifications", "more qualifications"),
    "employment": ("further from work", "more people in work"),
    "environment": ("poorer surroundings", "better surroundings"),
    "health": ("poorer health", "better health"),
    "housing": ("poorer housing", "better housing"),
    "income": ("lower incomes", "higher incomes"),
    "not_working": ("further from work", "more people in work"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbourhoods:
    """Types of alike areas within a place.

    Parameters
    ----------
    labels
        Area code → ``type_id`` (int, 1 = greatest mean need).
    types
        Index ``type_id``: ``type_name``, ``areas``, ``population``, ``need_score_mean`` (plain
        mean over areas), ``distinguishing`` (text).
    profiles, standardised
        ``type_id`` × layer id, for every layer that may be averaged, used for the types or not:
        plain means in the layers' units, and in standard deviations from the place's mean.
    diagnostics
        Index ``k``: ``inertia``, ``silhouette``, ``calinski_harabasz`` (NaN where undefined).
    k, rule
        How many types, and how that number was come to, in words.
    layer_ids
        The layers that alikeness was judged on.
    notes
        What was left out or filled in.
    """

    labels: pd.Series
    types: pd.DataFrame
    profiles: pd.DataFrame
    standardised: pd.DataFrame
    diagnostics: pd.DataFrame
    k: int
    rule: str
    layer_ids: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if sorted(self.labels.unique()) != list(range(1, self.k + 1)):
            raise DataError(f"Neighbourhood types: labels are not 1 to {self.k}.")
        if not self.types["type_name"].is_unique:
            raise DataError("Neighbourhood types: two types have the same name.")


def build_neighbourhoods(
    layers: Layers, area: StudyArea, need: Need, settings: NeighbourhoodSettings
) -> Neighbourhoods:
    """Group the areas of the place into types by k-means on standardised layers.

    Parameters
    ----------
    layers
        Values; those named in the settings, or by `LAYER_RULE`, are used.
    area
        The place.
    need
        Orders the types: type 1 has the greatest mean need.
    settings
        Layers, number of types (0: by `K_RULE` within ``k_min`` to ``k_max``) and seed.

    Returns
    -------
    neighbourhoods
        Labels on the place's area codes.

    Raises
    ------
    ProjectError
        More types than areas that differ; a layer that is not there, is a rank or is known for
        too few areas; no layer to tell areas apart by.

    Notes
    -----
    k-means with 20 starts (Lloyd, 1982; k-means++, Arthur and Vassilvitskii, 2007); silhouette:
    Rousseeuw (1987); Caliński and Harabasz (1974). Rows are sorted by code beforehand, so the
    order in which areas come changes nothing. Above 5,000 areas the silhouette is taken on a
    sample of 5,000 with the same seed.
    """
    codes = area.codes.sort_values()
    values, notes = _chosen_values(layers, codes, area.name, settings)
    z = (values - values.mean()) / values.std(ddof=0)
    ks, more = _candidate_ks(z, area.name, settings)
    notes += more
    fits = {k: _fit(z, k, settings.seed) for k in ks}
    diagnostics = pd.DataFrame.from_dict(
        {k: _quality(z, *fits[k], settings.seed) for k in ks},
        orient="index",
        columns=["inertia", "silhouette", "calinski_harabasz"],
    )
    diagnostics.index.name = "k"
    k, rule, more = _choose_k(diagnostics, {n: fit[0] for n, fit in fits.items()}, settings)
    labels = _order_by_need(pd.Series(fits[k][0], index=codes), need)
    shown = _shown_values(layers, codes)
    place, spread = shown.mean(), shown.std(ddof=0)
    profiles = _means(shown, labels)
    standardised = ((profiles - place) / spread.where(spread > 0, 1.0)).astype("float64")
    telling = _means(z, labels)
    specs = {layer_id: layers.specs[layer_id] for layer_id in values.columns}
    words = [_distinguishing(telling.loc[t], profiles.loc[t], place, specs) for t in telling.index]
    types = _count_types(labels, area, need).assign(distinguishing=words)
    types.insert(0, "type_name", _names(telling, specs))
    return Neighbourhoods(
        labels=labels,
        types=types,
        profiles=profiles,
        standardised=standardised,
        diagnostics=diagnostics,
        k=k,
        rule=rule,
        layer_ids=tuple(specs),
        notes=tuple(notes + more),
    )


def _chosen_values(
    layers: Layers, codes: pd.Index, place: str, settings: NeighbourhoodSettings
) -> tuple[pd.DataFrame, list[Note]]:
    """Return complete, varying columns to judge alikeness by, and what was done to get there."""
    notes: list[Note] = []
    known = layers.values.loc[codes].notna().mean()
    if settings.layers:
        chosen = list(dict.fromkeys(settings.layers))
        _check_named(chosen, layers, known)
    else:
        by_rule = [spec.id for spec in layers.specs.values() if _fits_rule(spec)]
        chosen = [layer for layer in by_rule if known[layer] >= _MIN_KNOWN]
        thin = [layer for layer in by_rule if layer not in chosen]
        if thin:
            text = "known for fewer than 95% of the areas and left out of the types"
            notes.append(_note("types_layer_left_out", thin, text))
    values = layers.values.loc[codes, chosen].astype("float64")
    for layer in chosen:
        missing = codes[values[layer].isna().to_numpy()]
        if len(missing):
            text = f"no value of {layer}; the place's median stands for it, in the types only"
            notes.append(_note("types_filled", missing, text))
    values = values.fillna(values.median())
    constant = [layer for layer in chosen if np.isclose(values[layer].std(ddof=0), 0.0, atol=1e-12)]
    if constant:
        text = "the same in every area and left out of the types"
        notes.append(_note("types_layer_constant", constant, text))
        values = values.drop(columns=constant)
    notes += _identical_notes(values)
    if values.shape[1] == 0:
        raise ProjectError(
            f"{place}: there is no layer to tell neighbourhood types apart by.",
            hint="Name layers that vary and are known for 95% of areas in [neighbourhoods] layers.",
        )
    return values, notes


def _shown_values(layers: Layers, codes: pd.Index) -> pd.DataFrame:
    """Return every layer that may be averaged and is known somewhere in the place."""
    values = layers.values.loc[codes]
    shown = [
        spec.id
        for spec in layers.specs.values()
        if spec.kind != "rank" and bool(values[spec.id].notna().any())
    ]
    return values[shown].astype("float64")


def _fits_rule(spec: LayerSpec) -> bool:
    interval = spec.id.endswith(("_lower", "_upper"))
    return bool(spec.domain) and spec.role == "layer" and spec.kind != "rank" and not interval


def _check_named(chosen: Sequence[str], layers: Layers, known: pd.Series) -> None:
    for layer in chosen:
        if layer not in layers.specs:
            raise ProjectError(
                f"[neighbourhoods] layers: there is no layer {layer!r}.",
                hint=f"Known layers: {', '.join(layers.specs)}.",
            )
        if layers.specs[layer].kind == "rank":
            raise ProjectError(
                f"[neighbourhoods] layers: {layer} is a rank, and ranks are never averaged.",
                hint="Name the score instead.",
            )
        if known[layer] < _MIN_KNOWN:
            raise ProjectError(
                f"[neighbourhoods] layers: {layer} is known for only {known[layer]:.0%} of the "
                "areas; types need 95%.",
                hint="Leave it out, or give a file that covers the place.",
            )


def _identical_notes(values: pd.DataFrame) -> list[Note]:
    same = values.columns[values.T.duplicated(keep=False).to_numpy()]
    text = "the same values as another layer, so they count twice in the types"
    return [_note("types_layer_identical", same, text)] if len(same) else []


def _candidate_ks(
    z: pd.DataFrame, place: str, settings: NeighbourhoodSettings
) -> tuple[list[int], list[Note]]:
    """Return the numbers of types to try: the range, and the one asked for."""
    areas, distinct = len(z), len(z.drop_duplicates())
    if settings.k > distinct:
        what = f"{areas} areas" if distinct == areas else f"{distinct} areas that differ"
        raise ProjectError(
            f"[neighbourhoods] k = {settings.k}, but {place} has only {what}.",
            hint="Ask for fewer types, or leave k out.",
        )
    if settings.k_min > settings.k_max:
        raise ProjectError(
            f"[neighbourhoods] k_min = {settings.k_min} is above k_max = {settings.k_max}."
        )
    # A silhouette needs at least two types and one type of two areas.
    most = min(settings.k_max, distinct, areas - 1)
    if settings.k == 0 and settings.k_min > most:
        raise ProjectError(
            f"[neighbourhoods] k_min = {settings.k_min}, but {place} has only {areas} areas "
            f"({distinct} that differ).",
            hint="Set k_min lower, or set k.",
        )
    asked = {settings.k} if settings.k else set()
    ks = sorted(asked | set(range(settings.k_min, most + 1)))
    if settings.k or most == settings.k_max:
        return ks, []
    text = f"Only up to {most} types were tried: {place} has too few areas that differ for more."
    return ks, [Note(stage="neighbourhoods", what="types_range_cut", count=1, text=text)]


def _fit(z: pd.DataFrame, k: int, seed: int) -> tuple[np.ndarray, float]:
    model = KMeans(n_clusters=k, n_init=_STARTS, random_state=seed, algorithm="lloyd")
    # One thread: sums come in one order whatever the machine, and on a busy machine the threads
    # would wait for each other far longer than the work takes.
    with threadpool_limits(limits=1):
        labels = model.fit_predict(z.to_numpy(dtype="float64"))
    return labels, float(model.inertia_)


def _quality(z: pd.DataFrame, labels: np.ndarray, inertia: float, seed: int) -> list[float]:
    if not 2 <= len(np.unique(labels)) < len(z):
        return [inertia, float("nan"), float("nan")]
    sample = _SILHOUETTE_SAMPLE if len(z) > _SILHOUETTE_SAMPLE else None
    data = z.to_numpy(dtype="float64")
    with threadpool_limits(limits=1):
        silhouette = silhouette_score(data, labels, sample_size=sample, random_state=seed)
    return [inertia, float(silhouette), float(calinski_harabasz_score(data, labels))]


def _choose_k(
    diagnostics: pd.DataFrame, labels: dict[int, np.ndarray], settings: NeighbourhoodSettings
) -> tuple[int, str, list[Note]]:
    if settings.k:
        return settings.k, "set in the project file, [neighbourhoods] k", []
    notes: list[Note] = []
    smallest = {k: int(np.bincount(found).min()) for k, found in labels.items()}
    wanted = max(3.0, 0.02 * len(next(iter(labels.values()))))
    allowed = [k for k in diagnostics.index if smallest[k] >= wanted]
    if not allowed:
        allowed = list(diagnostics.index)
        text = "No number of types tried keeps every type at 3 areas and 2% of areas or more."
        notes.append(Note(stage="neighbourhoods", what="types_small", count=1, text=text))
    quality = diagnostics.loc[allowed, "silhouette"]
    good = quality.index[quality >= quality.max() - _SILHOUETTE_TOLERANCE]
    rule = f"{K_RULE} ({diagnostics.index.min()} to {diagnostics.index.max()} types tried)"
    return int(good.min()), rule, notes


def _order_by_need(raw: pd.Series, need: Need) -> pd.Series:
    """Renumber the types 1, 2, … from the greatest mean need down; ties by their first code."""
    table = pd.DataFrame({"raw": raw, "need": need.scores["need_score"].reindex(raw.index)})
    table["code"] = table.index.astype(str)
    order = table.groupby("raw").agg(need=("need", "mean"), code=("code", "min"))
    order["need"] = -order["need"].round(9)
    ordered = order.sort_values(["need", "code"], na_position="last").index
    new = {old: position + 1 for position, old in enumerate(ordered)}
    return raw.map(new).astype("int64").rename("type_id")


def _count_types(labels: pd.Series, area: StudyArea, need: Need) -> pd.DataFrame:
    counted = pd.DataFrame(
        {
            "areas": 1,
            "population": area.place["population"].reindex(labels.index),
            "need_score_mean": need.scores["need_score"].reindex(labels.index),
        }
    ).groupby(labels)
    table = counted.agg({"areas": "sum", "population": "sum", "need_score_mean": "mean"})
    table.index.name = "type_id"
    return table


def _means(values: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    means = values.groupby(labels).mean()
    means.index.name = "type_id"
    return means


def _ranked_features(z: pd.Series) -> list[str]:
    """Return layer ids from the one that sets the type apart most; ties by id."""
    return sorted(z.index, key=lambda layer: (-round(abs(float(z[layer])), 9), layer))


#: What people are counted by, so that there are more of them rather than a higher one.
_COUNTED = ("people", "adults", "households", "children", "families", "residents")


def _phrases(z: pd.Series, specs: dict[str, LayerSpec]) -> list[str]:
    """Say what sets a type apart, most telling first, each thing once."""
    phrases: list[str] = []
    for layer in _ranked_features(z):
        phrase = _phrase(specs[layer], high=z[layer] > 0)
        if abs(z[layer]) >= _NEAR and phrase not in phrases:
            phrases.append(phrase)
    return phrases


def _phrase(spec: LayerSpec, *, high: bool) -> str:
    if spec.id in _LAYER_PHRASES:
        return _LAYER_PHRASES[spec.id][0 if high else 1]
    domain = spec.domain or _domain_in(spec.id)
    if domain in _DOMAIN_PHRASES and spec.high_is != "neither":
        worse = high == (spec.high_is == "worse")
        return _DOMAIN_PHRASES[domain][0 if worse else 1]
    title = re.sub(r" \([^()]*\d{4}[^()]*\)$", "", spec.title)  # the edition says nothing here
    if not title[:2].isupper():  # keep GP, NEET and the like
        title = title[:1].lower() + title[1:]
    if title.startswith(_COUNTED):
        return f"{'more' if high else 'fewer'} {title}"
    return f"{'higher' if high else 'lower'} {title}"


def _domain_in(layer: str) -> str:
    """Return the domain that an index's own indicator is named after, "" for none."""
    name = re.sub(r"^(iod|wimd|simd|nimdm)_", "", layer)
    return next((d for d in _DOMAIN_PHRASES if name == d or name == f"{d}_rate"), "")


def _names(standardised: pd.DataFrame, specs: dict[str, LayerSpec]) -> pd.Series:
    """Name each type by its two most telling features; by three, then by number, where equal."""
    phrases = {t: _phrases(standardised.loc[t], specs) for t in standardised.index}
    names = {t: _join(words[:2]) for t, words in phrases.items()}
    shared = _repeated(names)
    names.update({t: _join(phrases[t][:3]) for t in shared})
    for name in sorted({names[t] for t in _repeated(names)}):
        same = [t for t in sorted(names) if names[t] == name]
        names.update({t: f"{name} ({number})" for number, t in enumerate(same, start=1)})
    return pd.Series(names)


def _repeated(names: dict[int, str]) -> list[int]:
    all_names = list(names.values())
    return [t for t, name in names.items() if all_names.count(name) > 1]


def _join(words: list[str]) -> str:
    if not words:
        return AVERAGE_NAME
    text = ", ".join(words)
    return text[:1].upper() + text[1:]


def _distinguishing(
    z: pd.Series, profile: pd.Series, place: pd.Series, specs: dict[str, LayerSpec]
) -> str:
    """Give the figures behind a type's name: up to three layers, beside the place's mean."""
    telling = [layer for layer in _ranked_features(z) if abs(z[layer]) >= _NEAR][:3]
    if not telling:
        return "Within 0.35 standard deviations of the place's mean on every layer"
    return "; ".join(
        f"{specs[layer].title} {_figure(profile[layer], specs[layer])} "
        f"(place {_figure(place[layer], specs[layer])})"
        for layer in telling
    )


def _figure(value: float, spec: LayerSpec) -> str:
    if spec.kind == "share":
        return f"{value:.1%}"
    # At least two significant figures: a score of 0.45 must not read as 0.5.
    lead = 1 - math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:,.{max(spec.decimals, min(lead, 4))}f}"
    return f"{text} years" if spec.kind == "years" else text


def _note(what: str, items: Sequence[str] | pd.Index, text: str) -> Note:
    names = tuple(str(item) for item in items)
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return Note(
        stage="neighbourhoods", what=what, count=len(names), text=f"{shown}: {text}.", items=names
    )
