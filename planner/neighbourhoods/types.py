"""Which neighbourhoods are alike, and what sets each type apart?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
from planner.neighbourhoods.names import build_names, build_words
from planner.project import NeighbourhoodSettings

#: A layer known for fewer of the areas than this says too little about alikeness.
_MIN_KNOWN = 0.95
#: Silhouettes closer than this are equally good: the simpler answer is taken.
_SILHOUETTE_TOLERANCE = 0.01
#: Above this many areas the silhouette is taken on a sample: it compares every pair.
_SILHOUETTE_SAMPLE = 5000
_STARTS = 20
#: What an area without a type is said to be.
NOT_TYPED = "not typed: no data"

LAYER_RULE = (
    "layers that speak for a domain of need and are not ranks, known for at least 95% of areas"
)
K_RULE = (
    "highest mean silhouette; the smaller number of types where within 0.01; no type of fewer "
    "than 3 areas or 2% of areas where that can be had"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbourhoods:
    """Types of alike areas within a place.

    Parameters
    ----------
    labels
        Area code → ``type_id`` (Int64, 1 = greatest mean need; <NA> where a value is missing in a
        layer that alikeness was judged on).
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
    status
        Area × these layers: how each value came to be (`planner.layers.ValueStatus`), ``imputed``
        where the place's median stands in.
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
    status: pd.DataFrame
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if sorted(self.labels.dropna().unique()) != list(range(1, self.k + 1)):
            raise DataError(f"Neighbourhood types: labels are not 1 to {self.k}.")
        if not self.types["type_name"].is_unique:
            raise DataError("Neighbourhood types: two types have the same name.")
        if not self.status.index.equals(self.labels.index):
            raise DataError("Neighbourhood types: labels and the status of values differ.")


def name_types(labels: pd.Series, names: Mapping[Any, str]) -> pd.Series:
    """Return the type of each area in words, `NOT_TYPED` where it has none.

    Parameters
    ----------
    labels
        Area code → ``type_id`` or missing.
    names
        ``type_id`` → its name.
    """
    words = [NOT_TYPED if pd.isna(label) else str(names[int(label)]) for label in labels]
    return pd.Series(words, index=labels.index, dtype=object, name="type_name")


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
        Layers, what becomes of missing values, number of types (0: by `K_RULE` within ``k_min``
        to ``k_max``) and seed.

    Returns
    -------
    neighbourhoods
        Labels on the place's area codes. Profiles are of areas with a type, and of known values.

    Raises
    ------
    ProjectError
        More types than areas that differ; a layer that is not there or is a rank; values missing
        where the settings do not have them left out; no layer to tell areas apart by.

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
    labels = _order_by_need(pd.Series(fits[k][0], index=values.index), need)
    labels = labels.astype("Int64").reindex(codes)
    shown = _shown_values(layers, codes)
    place, spread = shown.mean(), shown.std(ddof=0)
    profiles = _means(shown, labels)
    standardised = ((profiles - place) / spread.where(spread > 0, 1.0)).astype("float64")
    telling = _means(z, labels)
    specs = {layer_id: layers.specs[layer_id] for layer_id in values.columns}
    words = [build_words(telling.loc[t], profiles.loc[t], place, specs) for t in telling.index]
    types = _count_types(labels, area, need).assign(distinguishing=words)
    types.insert(0, "type_name", build_names(telling, specs))
    return Neighbourhoods(
        labels=labels,
        types=types,
        profiles=profiles,
        standardised=standardised,
        diagnostics=diagnostics,
        k=k,
        rule=rule,
        layer_ids=tuple(specs),
        status=_status(layers, values, codes),
        notes=tuple(notes + more),
    )


def _chosen_values(
    layers: Layers, codes: pd.Index, place: str, settings: NeighbourhoodSettings
) -> tuple[pd.DataFrame, list[Note]]:
    """Return complete, varying columns to judge alikeness by, and what was done to get there."""
    chosen, notes = _chosen_layers(layers, codes, settings)
    values = layers.values.loc[codes, chosen].astype("float64")
    values, more = _without_missing(values, place, settings)
    notes += more
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


def _chosen_layers(
    layers: Layers, codes: pd.Index, settings: NeighbourhoodSettings
) -> tuple[list[str], list[Note]]:
    """Return the layers named or fit by the rule, without those known for too few areas."""
    known = layers.values.loc[codes].notna().mean()
    if settings.layers:
        wanted = list(dict.fromkeys(settings.layers))
        _check_named(wanted, layers, known, settings)
    else:
        wanted = [spec.id for spec in layers.specs.values() if _fits_rule(spec)]
    thin = [layer for layer in wanted if known[layer] < _MIN_KNOWN]
    if not thin:
        return wanted, []
    shares = ", ".join(f"{known[layer]:.0%}" for layer in thin)
    text = f"known for fewer than 95% of the areas ({shares}) and left out of the types"
    return [w for w in wanted if w not in thin], [_note("types_layer_left_out", thin, text)]


def _without_missing(
    values: pd.DataFrame, place: str, settings: NeighbourhoodSettings
) -> tuple[pd.DataFrame, list[Note]]:
    """Leave out areas with a missing value, or put the median there, as the project says."""
    gaps = values.isna()
    absent = values.index[gaps.any(axis=1).to_numpy()]
    if not len(absent):
        return values, []
    counts = gaps.sum()
    words = ", ".join(f"{layer} in {n}" for layer, n in counts[counts > 0].items())
    if settings.missing == "median":
        text = f"no value of a chosen layer ({words}); the place's median stands for it in the "
        text += "types only, marked imputed"
        return values.fillna(values.median()), [_note("types_imputed", absent, text)]
    if settings.missing == "refuse" or len(absent) == len(values):
        raise ProjectError(
            f"{place}: a layer chosen for the types has no value in {len(absent)} of "
            f"{len(values)} areas ({words}; first {absent[0]}).",
            hint='Name other layers in [neighbourhoods] layers, or set missing to "leave_out" '
            '(such areas get no type) or "median".'
            if settings.missing == "refuse"
            else "Name fewer layers in [neighbourhoods] layers: none of the areas has them all.",
        )
    text = f"no value of a chosen layer ({words}), so no type: {len(absent)} of {len(values)} "
    text += f"areas ({len(absent) / len(values):.1%})"
    return values.drop(index=absent), [_note("types_areas_left_out", absent, text)]


def _status(layers: Layers, values: pd.DataFrame, codes: pd.Index) -> pd.DataFrame:
    """Return how each value came to be: ``imputed`` where one is used that is not known."""
    status = layers.status.loc[codes, list(values.columns)]
    used = pd.DataFrame(True, index=values.index, columns=values.columns)
    used = used.reindex(codes, fill_value=False)
    return status.mask(used & layers.values.loc[codes, list(values.columns)].isna(), "imputed")


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


def _check_named(
    chosen: Sequence[str], layers: Layers, known: pd.Series, settings: NeighbourhoodSettings
) -> None:
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
        if known[layer] < _MIN_KNOWN and settings.missing != "leave_out":
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


def _note(what: str, items: Sequence[str] | pd.Index, text: str) -> Note:
    names = tuple(str(item) for item in items)
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return Note(
        stage="neighbourhoods", what=what, count=len(names), text=f"{shown}: {text}.", items=names
    )
