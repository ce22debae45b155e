"""Which neighbourhoods are alike, and what sets each type apart?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.area import StudyArea
from planner.errors import DataError
from planner.layers import Layers
from planner.ledger import Note, note_items
from planner.need import Need
from planner.need.space.neighbours import Neighbours, build_neighbours
from planner.neighbourhoods.choosing import build_choice
from planner.neighbourhoods.clustergram import build_clustergram, number_by_need
from planner.neighbourhoods.describing import describe_types
from planner.neighbourhoods.inputs import TypeInputs, build_type_inputs
from planner.neighbourhoods.methods import METHOD_WORDS, Fit
from planner.neighbourhoods.overlap import Overlap, build_overlap
from planner.neighbourhoods.stability import Stability
from planner.project import NeighbourhoodSettings, SpatialSettings

#: What an area without a type is said to be.
NOT_TYPED = "not typed: no data"


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
        mean over areas), then those of `planner.neighbourhoods.describing.Description`:
        ``distinguishing``, ``stability``, ``tentative``, ``portrait``, ``medoid`` and others.
    profiles, standardised
        ``type_id`` × layer id, for every layer that may be averaged, used for the types or not:
        plain means in the layers' units, and in standard deviations from the place's mean.
    diagnostics
        Index ``k``: ``inertia``, ``silhouette``, ``calinski_harabasz``, ``gap``, ``gap_se``,
        ``bic`` (low = better) and ``smallest`` (areas in the smallest type); NaN where undefined
        or not worked out.
    k, rule
        How many types, and how that number was come to, in words.
    layer_ids
        The layers that alikeness was judged on.
    status
        Area × these layers: how each value came to be (`planner.layers.ValueStatus`), ``imputed``
        where the place's median stands in.
    inputs
        What areas were compared by.
    fit
        The types as the method has them, type number ``type_id - 1``.
    clustergram
        How areas pass from one number of types to the next (`build_clustergram`).
    membership
        Area × ``type_id``: see ``membership_kind``; without columns where there is neither.
    membership_kind
        "probability" where the method gives any, else "share of draws" in which the area lands in
        the type when areas are drawn anew, else "".
    stability
        Whether the types come back when areas are drawn anew; None where that was not asked for.
    details
        One row a type and layer: means with intervals, beside the place and the nation
        (`planner.neighbourhoods.profiles.build_profiles`).
    overlap
        Types beside somebody else's classes; None where none are given.
    method
        How types were found, in words.
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
    inputs: TypeInputs
    fit: Fit
    clustergram: pd.DataFrame
    membership: pd.DataFrame
    membership_kind: str
    stability: Stability | None
    details: pd.DataFrame
    overlap: Overlap | None
    method: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if sorted(self.labels.dropna().unique()) != list(range(1, self.k + 1)):
            raise DataError(f"Neighbourhood types: labels are not 1 to {self.k}.")
        if not self.types["type_name"].is_unique:
            raise DataError("Neighbourhood types: two types have the same name.")
        if not self.status.index.equals(self.labels.index):
            raise DataError("Neighbourhood types: labels and the status of values differ.")
        typed = self.labels.reindex(self.inputs.codes)
        other = typed.notna().to_numpy() & (typed != self.fit.labels + 1).fillna(False).to_numpy()
        if bool(other.any()):
            raise DataError("Neighbourhood types: labels are not those of the method.")


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
    layers: Layers,
    area: StudyArea,
    need: Need,
    settings: NeighbourhoodSettings,
    *,
    neighbours: Neighbours | None = None,
    classes: pd.Series | None = None,
) -> Neighbourhoods:
    """Group the areas of the place into types of alike ones.

    Parameters
    ----------
    layers
        Values; those named in the settings, or by `planner.neighbourhoods.inputs.LAYER_RULE`, are
        used.
    area
        The place.
    need
        Orders the types: type 1 has the greatest mean need.
    settings
        Layers, transformations, weights, what becomes of missing values, method, number of types
        (0: by the rule within ``k_min`` to ``k_max``) and seed.
    neighbours
        Which areas touch, for types that are to be connected regions; worked out from the
        boundaries where it is needed and not given.
    classes
        Area code → class in somebody else's classification, to set the types beside.

    Returns
    -------
    neighbourhoods
        Labels on the place's area codes. Profiles are of areas with a type, and of known values.

    Raises
    ------
    ProjectError
        More types than areas that differ, or fewer regions than parts of the place; a layer that
        is not there or is a rank; values missing where the settings do not have them left out; no
        layer to tell areas apart by; a logarithm of values below zero; too many areas for Ward.

    Notes
    -----
    Areas are sorted by code, layers standardised and sums made on one thread for each piece of
    work, so that neither the order of areas, nor units, nor the number of cores changes anything.
    Methods: `planner.neighbourhoods.methods.fit_types`. The number of types:
    `planner.neighbourhoods.choosing`.
    """
    codes = area.codes.sort_values()
    inputs = build_type_inputs(layers, area, settings)
    graph, notes = _find_graph(area, inputs, settings, neighbours)
    notes += _idle_notes(inputs, settings)
    choice = build_choice(inputs, area.name, settings, graph=graph)
    need_score = need.scores["need_score"]
    population = area.place["population"]
    fit = choice.fit.renumbered(number_by_need(choice.fit, inputs.codes, need_score))
    typed = pd.Series(fit.labels + 1, index=inputs.codes, name="type_id", dtype="Int64")
    labels = typed.reindex(codes)
    described = describe_types(layers, area, labels, inputs, fit, settings, graph=graph)
    profiles, standardised = _profile(layers, labels)
    types = _count_types(labels, population, need_score).join(described.types)
    types.insert(0, "type_name", types.pop("type_name"))
    membership, kind = _membership(fit, inputs, described.stability, codes)
    overlap = None
    if classes is not None:
        title = settings.outside.dataset if settings.outside else "Outside classification"
        overlap = build_overlap(labels, classes, title=title)
    return Neighbourhoods(
        labels=labels,
        types=types,
        profiles=profiles,
        standardised=standardised,
        diagnostics=choice.diagnostics,
        k=choice.k,
        rule=choice.rule,
        layer_ids=inputs.layers,
        status=inputs.status,
        inputs=inputs,
        fit=fit,
        clustergram=build_clustergram(inputs.matrix, choice.fits, need_score, population),
        membership=membership,
        membership_kind=kind,
        stability=described.stability,
        details=described.details,
        overlap=overlap,
        method=METHOD_WORDS[settings.method],
        notes=(
            *inputs.notes,
            *notes,
            *choice.notes,
            *described.notes,
            *(() if overlap is None else overlap.notes),
        ),
    )


def _find_graph(
    area: StudyArea,
    inputs: TypeInputs,
    settings: NeighbourhoodSettings,
    neighbours: Neighbours | None,
) -> tuple[Any, list[Note]]:
    """Return which areas with a type touch, where the method asks for it."""
    if settings.method != "ward_regions":
        return None, []
    notes: list[Note] = []
    if neighbours is None:
        neighbours = build_neighbours(area, SpatialSettings())
        notes = [note for note in neighbours.notes if note.what == "neighbours_gap"]
    return neighbours.subset(inputs.codes).adjacency, notes


def _idle_notes(inputs: TypeInputs, settings: NeighbourhoodSettings) -> list[Note]:
    """Say that weights change nothing where a mixture finds its own scale."""
    weights = inputs.transforms["weight"]
    if settings.method != "gaussian_mixture" or len(set(weights)) == 1:
        return []
    text = "A mixture of normal distributions fits a scale to every layer, so weights change "
    text += "nothing in it" + (" but the components." if settings.components else ".")
    text += ' Leave a layer out by weight 0, or set method to "kmeans", for weights to count.'
    layers = tuple(str(layer) for layer in weights.index[weights != 1])
    return [note_items("neighbourhoods", "types_weights_idle", layers, text)]


def _membership(
    fit: Fit, inputs: TypeInputs, stability: Stability | None, codes: pd.Index
) -> tuple[pd.DataFrame, str]:
    numbers = pd.RangeIndex(1, fit.k + 1, name="type_id")
    if fit.membership is not None:
        table = pd.DataFrame(fit.membership, index=inputs.codes, columns=numbers)
        return table.reindex(codes), "probability"
    if stability is not None:
        return stability.shares.reindex(codes), "share of draws"
    return pd.DataFrame(index=codes), ""


def _profile(layers: Layers, labels: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return means of every layer that may be averaged and is known somewhere, and z-scores."""
    values = layers.values.loc[labels.index]
    shown = [
        spec.id
        for spec in layers.specs.values()
        if spec.kind != "rank" and bool(values[spec.id].notna().any())
    ]
    values = values[shown].astype("float64")
    means = values.groupby(labels).mean()
    means.index.name = "type_id"
    spread = values.std(ddof=0)
    apart = (means - values.mean()) / spread.where(spread > 0, 1.0)
    return means, apart.astype("float64")


def _count_types(labels: pd.Series, population: pd.Series, need_score: pd.Series) -> pd.DataFrame:
    counted = pd.DataFrame(
        {
            "areas": 1,
            "population": population.reindex(labels.index),
            "need_score_mean": need_score.reindex(labels.index),
        }
    ).groupby(labels)
    table = counted.agg({"areas": "sum", "population": "sum", "need_score_mean": "mean"})
    table.index.name = "type_id"
    return table
