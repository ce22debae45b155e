"""What are areas compared by, and how much does each layer count?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.area import StudyArea
from planner.errors import DataError, ProjectError
from planner.layers import Layers, LayerSpec
from planner.ledger import Note
from planner.neighbourhoods.collinearity import Collinearity, build_collinearity
from planner.neighbourhoods.input_notes import (
    say_layer,
    tell_components,
    tell_far,
    tell_inherited,
    tell_layers,
    tell_of,
    tell_offsets,
    tell_overlap,
)
from planner.neighbourhoods.methods import one_thread
from planner.neighbourhoods.transforms import Scale, fit_scale, is_constant
from planner.project import NeighbourhoodSettings

#: A layer known for fewer of the areas than this says too little about alikeness.
MIN_KNOWN = 0.95
#: A layer counts as inherited where at least this share of its values is that of a larger area.
MOSTLY = 0.5
#: Principal components of fewer layers say nothing that the layers do not.
_LEAST_FOR_COMPONENTS = 3
#: Among these many areas furthest from the middle, one far from all others is looked for.
_EDGE = 20

LAYER_RULE = (
    "layers that speak for a domain of need and are not ranks, known for at least 95% of areas"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class TypeInputs:
    """What areas are compared by.

    Parameters
    ----------
    matrix
        Area × column: what is clustered, complete. Squared distances between its rows are sums
        over layers of weight × squared difference in standard deviations. Columns are layers, or
        principal components of them. Rows are sorted by code; areas without a value are left out.
    values
        Area × layer on the same index, in the layers' units; the median where one was filled in.
    standardised
        The same, transformed, mean 0 and standard deviation 1, before weighting.
    transforms
        Index layer, in order: ``transform``, ``offset``, ``power``, ``mean``, ``sd`` (of the
        transformed values), ``weight_asked`` (in the project), ``inherited_areas``,
        ``inherited_share``, ``inherited`` (at least half of the areas have a larger area's value),
        ``different_values``, ``weight`` (the one used), ``distance_share`` (what part of the mean
        squared distance between areas the layer makes up), ``distance_share_full`` (the same with
        inherited layers at full weight) and ``words``.
    loadings
        Layer × component; None where the layers themselves are used.
    component_shares
        Share of the variance each component kept has; empty without components.
    collinearity
        Which layers repeat each other.
    far
        Areas far from all others: index area, ``nearest`` (distance to the nearest other one),
        ``usual`` (between two areas drawn at random), ``layer`` (the one it stands out most in)
        and ``deviations`` (standard deviations from the mean of the place there).
    status
        Every area of the place × layer: how each value came to be, ``imputed`` where filled in.
    notes
        What was left out, filled in, inherited or repeated.
    """

    matrix: pd.DataFrame
    values: pd.DataFrame
    standardised: pd.DataFrame
    transforms: pd.DataFrame
    scales: Mapping[str, Scale]
    medians: pd.Series | None
    components: float
    loadings: pd.DataFrame | None
    component_shares: pd.Series
    collinearity: Collinearity
    far: pd.DataFrame
    status: pd.DataFrame
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        index = self.matrix.index
        if not index.is_monotonic_increasing or not index.is_unique:
            raise DataError("Types: areas must be sorted by their codes, each once.")
        if not (self.values.index.equals(index) and self.standardised.index.equals(index)):
            raise DataError("Types: the matrix and the values are of different areas.")
        if not np.isfinite(self.matrix.to_numpy()).all():
            raise DataError("Types: a figure to compare areas by is missing.")

    @property
    def codes(self) -> pd.Index:
        """Return the areas that get a type."""
        return self.matrix.index

    @property
    def layers(self) -> tuple[str, ...]:
        """Return the ids of the layers that areas are compared by."""
        return tuple(str(layer) for layer in self.transforms.index)

    def place(self, values: pd.DataFrame) -> pd.DataFrame:
        """Return other areas' raw values as rows of the same matrix.

        Parameters
        ----------
        values
            Area × layer in the layers' units, with all of `layers`.

        Returns
        -------
        rows
            Area × column as in ``matrix``; all NaN where a value is missing, unless the project
            has the median stand in.

        Raises
        ------
        DataError
            A layer is not there, or a value has no logarithm.
        """
        absent = [layer for layer in self.layers if layer not in values.columns]
        if absent:
            raise DataError(f"Types: areas cannot be placed without {', '.join(absent)}.")
        raw = values[list(self.layers)].astype("float64")
        if self.medians is not None:
            raw = raw.fillna(self.medians)
        z = pd.DataFrame(
            {layer: self.scales[layer].apply(raw[layer]) for layer in self.layers},
            index=raw.index,
        )
        return _to_columns(z, self.transforms["weight"], self.loadings)

    def with_weights(self, weights: Mapping[str, float]) -> pd.DataFrame:
        """Return the matrix with other weights for some layers (0: without the layer)."""
        changed = self.transforms["weight"].astype("float64").copy()
        for layer, weight in weights.items():
            if layer not in changed.index:
                raise DataError(f"Types: {layer} is not among the layers that areas are judged by.")
            changed[layer] = weight
        changed = changed[changed > 0]
        if changed.empty:
            raise DataError("Types: no layer is left to compare areas by.")
        loadings, _ = _find_components(self.standardised, changed, self.components)
        return _to_columns(self.standardised, changed, loadings)


def build_type_inputs(
    layers: Layers, area: StudyArea, settings: NeighbourhoodSettings
) -> TypeInputs:
    """Choose, complete, transform and weight the layers that areas are compared by.

    Parameters
    ----------
    layers
        Values; those named in the settings, or by `LAYER_RULE`, are used.
    area
        The place; its context has no part in this.
    settings
        Layers, what becomes of missing values, transformations, weights, components.

    Raises
    ------
    ProjectError
        A layer that is not there, or a rank; values missing where the settings refuse them; no
        layer to tell areas apart by; all weights 0; a logarithm of values below zero; components
        of fewer than three layers.

    Notes
    -----
    Every layer is standardised within the place, so that no unit counts. Columns are multiplied
    by the root of their weight: squared distances weigh by the weight itself. Components are
    those of the weighted layers, not scaled to equal variance, so that they keep distances.
    """
    codes = area.codes.sort_values()
    weights, notes = _chosen_weights(layers, codes, settings)
    values, more = _complete(layers, codes, list(weights), area.name, settings)
    notes += more
    weights = {layer: weight for layer, weight in weights.items() if layer in values}
    scales = {
        layer: fit_scale(values[layer], settings.transforms.get(layer, settings.transform))
        for layer in values
    }
    z = pd.DataFrame(
        {layer: scale.apply(values[layer]) for layer, scale in scales.items()}, index=values.index
    )
    table = _list_transforms(scales, values, layers, weights, settings)
    _check_components(table, settings)
    loadings, shares = _find_components(z, table["weight"], settings.components)
    table["distance_share"] = _distance_shares(table["weight"], loadings, shares)
    asked = table["weight_asked"]
    full = _find_components(z, asked, settings.components)
    table["distance_share_full"] = _distance_shares(asked, *full)
    overlap = build_collinearity(z)
    far = _find_far(z, table["weight"])
    notes += tell_offsets(scales, list(table.index), layers.specs)
    notes += tell_inherited(table, layers.specs, len(values), settings)
    notes += tell_overlap(overlap, layers.specs) + tell_components(shares, len(table))
    notes += tell_far(far, layers.specs)
    return TypeInputs(
        matrix=_to_columns(z, table["weight"], loadings),
        values=values,
        standardised=z,
        transforms=table,
        scales={layer: scales[layer] for layer in table.index},
        medians=values.median() if settings.missing == "median" else None,
        components=settings.components,
        loadings=loadings,
        component_shares=shares,
        collinearity=overlap,
        far=far,
        status=_status(layers, values, codes),
        notes=tuple(notes),
    )


# --- which layers, and whose values ---------------------------------------------------------


def _chosen_weights(
    layers: Layers, codes: pd.Index, settings: NeighbourhoodSettings
) -> tuple[dict[str, float], list[Note]]:
    """Return layer → weight asked for, without layers of weight 0 or known for too few areas."""
    chosen, notes = _chosen_layers(layers, codes, settings)
    for key, given in (("weights", settings.weights), ("transforms", settings.transforms)):
        for layer in given:
            _check_known(key, layer, layers)
        unused = [layer for layer in given if layer not in chosen]
        if unused:
            text = f"not among the layers of the types, so what {key} says of it changes nothing"
            notes.append(tell_layers(f"types_{key}_unused", unused, text, layers.specs))
    weights = {layer: float(settings.weights.get(layer, 1.0)) for layer in chosen}
    endless = [layer for layer, weight in weights.items() if not np.isfinite(weight)]
    if endless:
        raise ProjectError(
            f"[neighbourhoods] weights: the weight of {endless[0]} is not a finite number.",
            hint="To group by one layer alone, name only that one in [neighbourhoods] layers.",
        )
    zero = [layer for layer, weight in weights.items() if weight == 0]
    if zero and len(zero) == len(weights):
        raise ProjectError(
            "[neighbourhoods] weights: the weight of every layer is 0, so nothing is left to tell "
            "areas apart by.",
            hint="Give at least one layer a weight above 0.",
        )
    if zero:
        text = "weight 0, so not in the types"
        notes.append(tell_layers("types_layer_weightless", zero, text, layers.specs))
        weights = {layer: weight for layer, weight in weights.items() if weight > 0}
    if settings.inherited_weight > 0:
        return weights, notes
    values = layers.values.loc[codes, list(weights)].notna().sum()
    taken = (layers.status.loc[codes, list(weights)] == "inherited").sum()
    dropped = [layer for layer in weights if taken[layer] >= MOSTLY * max(values[layer], 1)]
    if dropped and len(dropped) == len(weights):
        raise ProjectError(
            "[neighbourhoods] inherited_weight is 0, and every layer is inherited from larger "
            "areas, so nothing is left to tell areas apart by.",
            hint="Set inherited_weight above 0, or name other layers.",
        )
    if dropped:
        text = "inherited from larger areas, and inherited_weight is 0, so not in the types"
        notes.append(tell_layers("types_inherited_left_out", dropped, text, layers.specs))
    return {layer: weight for layer, weight in weights.items() if layer not in dropped}, notes


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
    thin = [layer for layer in wanted if known[layer] < MIN_KNOWN]
    if not thin:
        return wanted, []
    shares = ", ".join(f"{known[layer]:.0%}" for layer in thin)
    text = f"known for fewer than 95% of the areas ({shares}) and left out of the types"
    note = tell_layers("types_layer_left_out", thin, text, layers.specs)
    return [layer for layer in wanted if layer not in thin], [note]


def _fits_rule(spec: LayerSpec) -> bool:
    interval = spec.id.endswith(("_lower", "_upper"))
    return bool(spec.domain) and spec.role == "layer" and spec.kind != "rank" and not interval


def _check_known(key: str, layer: str, layers: Layers) -> None:
    if layer not in layers.specs:
        raise ProjectError(
            f"[neighbourhoods] {key}: there is no layer {layer!r}.",
            hint=f"Known layers: {', '.join(layers.specs)}.",
        )


def _check_named(
    chosen: Sequence[str], layers: Layers, known: pd.Series, settings: NeighbourhoodSettings
) -> None:
    for layer in chosen:
        _check_known("layers", layer, layers)
        if layers.specs[layer].kind == "rank":
            raise ProjectError(
                f"[neighbourhoods] layers: {layer} is a rank, and ranks are never averaged.",
                hint="Name the score instead.",
            )
        if known[layer] < MIN_KNOWN and settings.missing != "leave_out":
            raise ProjectError(
                f"[neighbourhoods] layers: {layer} is known for only {known[layer]:.0%} of the "
                "areas; types need 95%.",
                hint="Leave it out, or give a file that covers the place.",
            )


def _complete(
    layers: Layers,
    codes: pd.Index,
    chosen: list[str],
    place: str,
    settings: NeighbourhoodSettings,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return complete, varying columns to judge alikeness by, and what was done to get there."""
    values, notes = _without_missing(
        layers.values.loc[codes, chosen].astype("float64"), place, settings, layers.specs
    )
    constant = [layer for layer in chosen if is_constant(values[layer].to_numpy())]
    if constant:
        text = "the same in every area and left out of the types"
        notes.append(tell_layers("types_layer_constant", constant, text, layers.specs))
        values = values.drop(columns=constant)
    if values.shape[1] == 0:
        raise ProjectError(
            f"{place}: there is no layer to tell neighbourhood types apart by.",
            hint="Name layers that vary and are known for 95% of areas in [neighbourhoods] layers.",
        )
    return values, notes


def _without_missing(
    values: pd.DataFrame,
    place: str,
    settings: NeighbourhoodSettings,
    specs: Mapping[str, LayerSpec],
) -> tuple[pd.DataFrame, list[Note]]:
    """Leave out areas with a missing value, or put the median there, as the project says."""
    gaps = values.isna()
    absent = values.index[gaps.any(axis=1).to_numpy()]
    if not len(absent):
        return values, []
    counts = gaps.sum()
    counts = counts[counts > 0]
    titles = ", ".join(f"{say_layer(str(layer), specs)} in {n}" for layer, n in counts.items())
    if settings.missing == "median":
        text = f"no value of a chosen layer ({titles}); the place's median stands for it in the "
        text += "types only, marked imputed"
        return values.fillna(values.median()), [tell_of("types_imputed", absent, text)]
    if settings.missing == "refuse" or len(absent) == len(values):
        words = ", ".join(f"{layer} in {n}" for layer, n in counts.items())
        raise ProjectError(
            f"{place}: a layer chosen for the types has no value in {len(absent)} of "
            f"{len(values)} areas ({words}; first {absent[0]}).",
            hint='Name other layers in [neighbourhoods] layers, or set missing to "leave_out" '
            '(such areas get no type) or "median".'
            if settings.missing == "refuse"
            else "Name fewer layers in [neighbourhoods] layers: none of the areas has them all.",
        )
    text = f"no value of a chosen layer ({titles}), so no type: {len(absent)} of {len(values)} "
    text += f"areas ({len(absent) / len(values):.1%})"
    return values.drop(index=absent), [tell_of("types_areas_left_out", absent, text)]


def _status(layers: Layers, values: pd.DataFrame, codes: pd.Index) -> pd.DataFrame:
    """Return how each value came to be: ``imputed`` where one is used that is not known."""
    status = layers.status.loc[codes, list(values.columns)]
    used = pd.DataFrame(True, index=values.index, columns=values.columns)
    used = used.reindex(codes, fill_value=False)
    return status.mask(used & layers.values.loc[codes, list(values.columns)].isna(), "imputed")


# --- how much each counts -------------------------------------------------------------------


def _list_transforms(
    scales: Mapping[str, Scale],
    values: pd.DataFrame,
    layers: Layers,
    weights: Mapping[str, float],
    settings: NeighbourhoodSettings,
) -> pd.DataFrame:
    taken = (layers.status.loc[values.index, list(scales)] == "inherited").sum()
    table = pd.DataFrame(
        {
            "transform": {layer: scale.transform for layer, scale in scales.items()},
            "offset": {layer: scale.offset for layer, scale in scales.items()},
            "power": {layer: scale.power for layer, scale in scales.items()},
            "mean": {layer: scale.mean for layer, scale in scales.items()},
            "sd": {layer: scale.sd for layer, scale in scales.items()},
            "weight_asked": dict(weights),
            "inherited_areas": taken.astype("int64"),
            "different_values": values.nunique().astype("int64"),
            "words": {layer: scale.words for layer, scale in scales.items()},
        }
    ).loc[list(scales)]
    table.index.name = "layer"
    table.insert(7, "inherited_share", table["inherited_areas"] / len(values))
    table.insert(8, "inherited", table["inherited_share"] >= MOSTLY)
    asked = table["weight_asked"]
    table["weight"] = asked.where(~table["inherited"], asked * settings.inherited_weight)
    return table


def _check_components(table: pd.DataFrame, settings: NeighbourhoodSettings) -> None:
    if settings.components and len(table) < _LEAST_FOR_COMPONENTS:
        raise ProjectError(
            f"[neighbourhoods] components = {settings.components:g}, but there are only "
            f"{len(table)} layers ({', '.join(table.index)}).",
            hint="Name at least three layers, or leave components out.",
        )


def _find_components(
    z: pd.DataFrame, weights: pd.Series, share: float
) -> tuple[pd.DataFrame | None, pd.Series]:
    """Return the fewest principal components that keep a share of the variance; 0: none."""
    none = pd.Series(dtype="float64", name="share")
    if not share:
        return None, none
    columns = z[list(weights.index)].to_numpy() * np.sqrt(weights.to_numpy(dtype="float64"))
    with one_thread():
        values, vectors = np.linalg.eigh(columns.T @ columns / len(columns))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    shares = values / values.sum()
    count = min(int(np.searchsorted(shares.cumsum(), share - 1e-12)) + 1, len(shares))
    vectors = vectors[:, :count]
    # A component has no direction of its own: its largest loading is made positive.
    largest = np.abs(vectors.round(9)).argmax(axis=0)
    vectors = vectors * np.where(vectors[largest, np.arange(count)] < 0, -1.0, 1.0)
    names = [f"component_{number}" for number in range(1, count + 1)]
    loadings = pd.DataFrame(vectors, index=weights.index, columns=names)
    return loadings, pd.Series(shares[:count], index=names, name="share")


def _distance_shares(
    weights: pd.Series, loadings: pd.DataFrame | None, shares: pd.Series
) -> pd.Series:
    """Return what part of the mean squared distance each layer makes up.

    The mean squared distance is twice the sum of the columns' variances: a layer's is its weight.
    A component's variance is made up of its layers by their squared loadings.
    """
    if loadings is None:
        return weights / weights.sum()
    return (loadings**2 * shares).sum(axis=1) / shares.sum()


def _to_columns(z: pd.DataFrame, weights: pd.Series, loadings: pd.DataFrame | None) -> pd.DataFrame:
    columns = z[list(weights.index)] * np.sqrt(weights.astype("float64"))
    if loadings is None:
        return columns
    # Row by row, so that a row comes out the same whatever other rows are with it.
    found = np.einsum("ij,jk->ik", columns.to_numpy(), loadings.to_numpy())
    return pd.DataFrame(found, index=z.index, columns=loadings.columns)


def _find_far(z: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Return areas whose nearest other one is further than two areas drawn at random."""
    columns: NDArray[np.float64] = z.to_numpy() * np.sqrt(weights.to_numpy(dtype="float64"))
    usual = float(np.sqrt(2 * weights.sum()))
    edge = np.sort(np.argsort(-(columns**2).sum(axis=1), kind="stable")[:_EDGE])
    rows = []
    for at in edge:
        away = np.sqrt(((columns - columns[at]) ** 2).sum(axis=1))
        away[at] = np.inf
        if away.min() > usual:
            layer = int(np.abs(columns[at]).argmax())
            rows.append((z.index[at], away.min(), usual, z.columns[layer], z.iloc[at, layer]))
    found = pd.DataFrame(rows, columns=["area_code", "nearest", "usual", "layer", "deviations"])
    furthest = found.sort_values("nearest", ascending=False, kind="stable")
    return furthest.set_index("area_code")
