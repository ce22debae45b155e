"""What does each domain of need say of each area, before anything is put on one scale?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.errors import DataError, ProjectError
from planner.layers import Layers, LayerSpec
from planner.ledger import Note, note_named
from planner.need.aggregation import aggregate
from planner.need.normalisation import normalise
from planner.need.treatment import Treated, build_treatment
from planner.project import NeedSettings
from planner.project.analysis import Treatment

#: Normalisations by which only the order of areas counts: no single value can pull them.
BY_ORDER = ("official", "rank")


@dataclass(frozen=True, kw_only=True, eq=False)
class DomainValues:
    """What the domains say, high = worse.

    Parameters
    ----------
    values
        The place's areas × domains, NaN where no layer of the domain is known.
    reference
        The same for all areas that values are compared with, the place's among them; the same
        object where these are the place.
    layers
        Domain → the layers that speak for it in the place.
    treatments, treatment
        What was done to each layer, as `Treated` and as a table before and after.
    notes
        What is absent, pulled in, or stands for another.
    """

    values: pd.DataFrame
    reference: pd.DataFrame
    layers: Mapping[str, tuple[str, ...]]
    treatments: Mapping[str, Treated]
    treatment: pd.DataFrame
    notes: tuple[Note, ...] = field(default=())


def ranked_layers(layers: Layers) -> dict[str, list[LayerSpec]]:
    """Group the layers that count towards need by their domain, in the layers' order."""
    domains: dict[str, list[LayerSpec]] = {}
    for spec in layers.specs.values():
        counts = spec.domain and spec.role == "layer" and spec.weight > 0
        if counts and spec.high_is != "neither":
            domains.setdefault(str(spec.domain), []).append(spec)
    return domains


def build_domain_values(layers: Layers, codes: pd.Index, settings: NeedSettings) -> DomainValues:
    """Bring the layers of each domain together.

    A domain with one layer takes its values; with several, the weighted mean of their z-scores
    among the reference (the known ones stand for an unknown one).

    Parameters
    ----------
    layers
        Values, with each layer's domain, direction and weight within the domain.
    codes
        The place's own areas.
    settings
        Reference, treatment and normalisation.

    Raises
    ------
    ProjectError
        No layer speaks for a domain; a weight is below zero; ranks would have to be averaged;
        a layer is not known for the reference.
    DataError
        No area of the place has a value in any domain, or a value is infinite.
    """
    ranked = _checked_layers(layers)
    notes: list[Note] = []
    known: dict[str, list[LayerSpec]] = {}
    place = _worse(layers.values, [spec for specs in ranked.values() for spec in specs], codes)
    some = place.notna().any()
    for domain, specs in ranked.items():
        there = [spec for spec in specs if some[spec.id]]
        absent = [spec.id for spec in specs if not some[spec.id]]
        if absent:
            notes.append(say_of("need_layer_absent", absent, "no value in the place, so left out"))
        if there:
            known[domain] = there
    if not known:
        raise DataError(
            f"None of the {len(codes)} areas has a value in any domain of need "
            f"(first: {codes[0]}).",
            hint="Check that the [[layer]] files cover the place and its geography.",
        )
    _refuse_averaged_ranks(known)
    pool, more = _reference_layers(layers, place, settings, known)
    notes += more
    worse, treatments, table = build_treatment(pool, _treatments(known, settings))
    notes += _treatment_notes(table, known, settings)
    columns = {domain: _combine(worse, specs) for domain, specs in known.items()}
    reference = pd.DataFrame(columns, index=pool.index)
    notes += _partial_notes(place, known)
    return DomainValues(
        values=reference if settings.reference == "place" else reference.loc[codes],
        reference=reference,
        layers={domain: tuple(spec.id for spec in specs) for domain, specs in known.items()},
        treatments=treatments,
        treatment=table,
        notes=tuple(notes),
    )


def say_of(what: str, items: Sequence[str] | pd.Index, text: str) -> Note:
    """Return a note that says of each item what ``text`` says."""
    return note_named("need", what, items, text)


def _checked_layers(layers: Layers) -> dict[str, list[LayerSpec]]:
    for spec in layers.specs.values():
        if spec.domain and not (np.isfinite(spec.weight) and spec.weight >= 0):
            raise ProjectError(
                f"Layer {spec.id!r}: its weight in the domain {spec.domain!r} is {spec.weight:g}; "
                "a weight is zero or more.",
                hint='To turn a layer round, say what is worse: high_is = "better" or "worse".',
            )
    ranked = ranked_layers(layers)
    if not ranked:
        raise ProjectError(
            "No layer speaks for a domain of need.",
            hint="Give at least one [[layer]] a domain (domains = {layer_id = 'income'}).",
        )
    _refuse_infinite(layers.values[[s.id for specs in ranked.values() for s in specs]])
    return ranked


def _refuse_infinite(values: pd.DataFrame) -> None:
    infinite = np.isinf(values.to_numpy(dtype="float64"))
    for column, key in enumerate(values.columns if infinite.any() else ()):
        if infinite[:, column].any():
            raise DataError(
                f"Layer {key!r}: {int(infinite[:, column].sum())} values are infinite (first: "
                f"{values.index[infinite[:, column]][0]}).",
                hint="Leave a cell blank where the figure is not known.",
            )


def _refuse_averaged_ranks(known: Mapping[str, list[LayerSpec]]) -> None:
    for domain, specs in known.items():
        ranks = [spec.id for spec in specs if spec.kind == "rank"]
        if ranks and len(specs) > 1:
            raise ProjectError(
                f"Domain {domain}: {ranks[0]} is a rank, and ranks are never averaged.",
                hint="Use the scores instead, or set the weight of the rank to 0.",
            )


def _reference_layers(
    layers: Layers,
    place: pd.DataFrame,
    settings: NeedSettings,
    known: Mapping[str, list[LayerSpec]],
) -> tuple[pd.DataFrame, list[Note]]:
    """Return areas of the reference × layers, high = worse."""
    specs = [spec for group in known.values() for spec in group]
    codes, place = place.index, place[[spec.id for spec in specs]]
    if settings.reference == "place":
        return place, []
    if layers.reference is None:
        raise ProjectError(
            f'[need] reference = "{settings.reference}": the layers are known for the place only.',
            hint='Use files that cover the reference, or reference = "place".',
        )
    outside = layers.reference.index.difference(codes)
    for spec in specs:
        found = layers.reference.get(spec.id)
        if found is None or (len(outside) and not bool(found.reindex(outside).notna().any())):
            raise ProjectError(
                f'[need] reference = "{settings.reference}": layer {spec.id!r} is known for the '
                "place only, so its values cannot be compared with those of other areas.",
                hint="Use a file that covers the reference, set the layer's weight to 0, or take "
                'reference = "place".',
            )
    others = _worse(layers.reference, specs, outside)
    absent = codes.difference(layers.reference.index)
    text = "in the place but not in the reference's file; counted with it"
    notes = [say_of("need_reference_without_place", absent, text)] if len(absent) else []
    # The place's own values win: they may hold corrections from local knowledge.
    return pd.concat([place, others]).sort_index(), notes


def _worse(values: pd.DataFrame, specs: Sequence[LayerSpec], codes: pd.Index) -> pd.DataFrame:
    """Return areas × layers, high = worse."""
    names = [spec.id for spec in specs]
    found = values[names].reindex(codes).to_numpy(dtype="float64")
    signs = [-1.0 if spec.high_is == "better" else 1.0 for spec in specs]
    return pd.DataFrame(found * signs, index=codes, columns=names)


def _treatments(
    known: Mapping[str, list[LayerSpec]], settings: NeedSettings
) -> dict[str, Treatment]:
    """Say which layers may be treated: those whose values, not only their order, count."""
    return {
        spec.id: settings.treatment
        for specs in known.values()
        if len(specs) > 1 or settings.normalisation not in BY_ORDER
        for spec in specs
        if spec.kind != "rank"
    }


def _treatment_notes(
    table: pd.DataFrame, known: Mapping[str, list[LayerSpec]], settings: NeedSettings
) -> list[Note]:
    if settings.treatment == "none":
        return []
    notes = []
    for key, row in table[table["treatment"] != "none"].iterrows():
        change = f"skewness {row['skew_before']:.1f} became {row['skew_after']:.1f}"
        one = row["points"] == 1
        done = (
            f"{row['points']} outlying {'value' if one else 'values'} pulled in to the next one"
            if row["treatment"] == "winsorise"
            else "logarithms taken"
        )
        notes.append(say_of("need_treated", [str(key)], f"{done} ({change})"))
    may = _treatments(known, settings)
    by_order = [key for key in table.index if key not in may]
    if by_order:
        text = "only the order of its areas counts, which no treatment changes"
        notes.append(say_of("need_treatment_without_effect", by_order, text))
    return notes


def _combine(worse: pd.DataFrame, specs: list[LayerSpec]) -> NDArray[np.float64]:
    if len(specs) == 1:
        return np.asarray(worse[specs[0].id], dtype="float64")
    values = worse[[spec.id for spec in specs]].to_numpy(dtype="float64")
    weights = np.array([spec.weight for spec in specs], dtype="float64")
    scores = normalise(values, values, "zscore")
    return aggregate(scores, weights, "arithmetic")


def _partial_notes(worse: pd.DataFrame, known: Mapping[str, list[LayerSpec]]) -> list[Note]:
    notes = []
    several = {domain: specs for domain, specs in known.items() if len(specs) > 1}
    for domain, specs in several.items():
        found = worse[[spec.id for spec in specs]].isna()
        some = worse.index[(found.any(axis=1) & ~found.all(axis=1)).to_numpy()]
        if len(some):
            text = f"without a layer of the domain {domain}; its other layers stand for it"
            notes.append(say_of("need_partial_domain", some, text))
    return notes
