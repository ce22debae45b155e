"""What is each type like, beside the place and the nation, and which areas show it best?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from planner.layers import Layers
from planner.neighbourhoods.inputs import TypeInputs
from planner.neighbourhoods.methods import Fit
from planner.neighbourhoods.refits import find_nearest
from planner.neighbourhoods.stability import Stability

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Columns of the table of profiles, in order.
PROFILE_COLUMNS = (
    "type_id",
    "layer",
    "used",
    "areas",
    "mean",
    "mean_low",
    "mean_high",
    "independent",
    "inherited",
    "place_mean",
    "z_place",
    "reference_mean",
    "z_reference",
    "effect",
    "eta_squared",
)
_OF_TYPE = ("areas", "mean", "mean_low", "mean_high", "independent", "inherited", "effect")
#: How many areas are listed as the most doubtful of a type.
DOUBTFUL = 3

INTERVAL_WORDS = (
    "95% interval of the mean (Student's t), as if the areas of the type were drawn from many "
    "like them; areas that have the value of one larger area count as one draw"
)
EFFECT_WORDS = (
    "Hedges' g: how far the type's mean is from that of all other areas with a type, in standard "
    "deviations within the two groups"
)


def build_profiles(
    layers: Layers, labels: pd.Series, *, used: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Describe each type by every layer that may be averaged and is known in the place.

    Parameters
    ----------
    layers
        Values, which of them are inherited and from where, and the reference, if there is one.
    labels
        Every area of the place → ``type_id`` from 1, <NA> where it has none.
    used
        The layers that alikeness was judged by.

    Returns
    -------
    profiles
        One row a type and layer, sorted, `PROFILE_COLUMNS`: ``areas`` (of the type, with a
        value); plain ``mean`` over them in the layer's unit and its interval (`INTERVAL_WORDS`;
        NaN with fewer than two ``independent`` values); ``inherited``, the share of
        the values that are those of a larger area; mean of the place and of the reference
        (NaN without one), and how far the type's is from them in standard deviations between
        areas there (0 where all are alike); ``effect`` (`EFFECT_WORDS`; infinite where neither
        group varies, NaN with one type); ``eta_squared``, the share of the layer's spread among
        areas that lies between types, the same for all types.

    Notes
    -----
    Interval: variance of a mean of clusters (Cochran, 1977, section 11.8), which is the usual one
    where each area is its own cluster. Hedges (1981); its correction for small numbers is
    1 - 3 / (4 n - 9).
    """
    codes = labels.index
    types = sorted(int(t) for t in labels.dropna().unique())
    own = labels.fillna(0).to_numpy(dtype="int64")
    tables = []
    for spec in layers.specs.values():
        values = layers.values.loc[codes, spec.id].to_numpy(dtype="float64")
        if spec.kind == "rank" or np.isnan(values).all():
            continue
        place = (float(np.nanmean(values)), float(np.nanstd(values)))
        reference = _reference(layers, spec.id)
        origin = _origins(layers, codes, spec.id)
        table = pd.DataFrame(
            _describe(values, own, types, origin),
            columns=[
                "areas",
                "mean",
                "mean_low",
                "mean_high",
                "independent",
                "inherited",
                "effect",
            ],
        )
        table["z_place"] = [_z(mean, *place) for mean in table["mean"]]
        table["z_reference"] = [_z(mean, *reference) for mean in table["mean"]]
        tables.append(
            table.assign(
                type_id=types,
                layer=spec.id,
                used=spec.id in used,
                place_mean=place[0],
                reference_mean=reference[0],
                eta_squared=_eta_squared(values, own),
            )
        )
    if not tables:
        return pd.DataFrame(columns=list(PROFILE_COLUMNS))
    together = pd.concat(tables, ignore_index=True)[list(PROFILE_COLUMNS)]
    return together.sort_values("type_id", kind="stable", ignore_index=True)


def build_typical(inputs: TypeInputs, fit: Fit, stability: Stability | None) -> pd.DataFrame:
    """Name the typical area of each type and those most in doubt.

    Parameters
    ----------
    inputs
        What areas are compared by.
    fit
        The published types of ``inputs.codes``, numbered as they are published (less 1).
    stability
        How surely each area is in its type, where that was worked out.

    Returns
    -------
    typical
        Index ``type_id``: ``medoid`` (area code) and ``doubtful`` (tuple of up to three codes,
        most doubtful first, the medoid never among them).

    Notes
    -----
    The medoid is the area with the least sum of squared distances to the others of its type, which
    is the one nearest to their mean; ties by code. Doubt: least certainty (`Stability`); then, or
    where that is not known, least distance to the next type's mean beyond that to its own.
    """
    own, at = fit.labels, np.arange(len(fit.labels))
    away = find_nearest(inputs.matrix.to_numpy(dtype="float64"), fit.centres)[1]
    near = away[at, own].round(9)
    away[at, own] = np.inf
    margin = away.min(axis=1) - near
    table = pd.DataFrame(
        {
            "type_id": own + 1,
            "near": near,
            "margin": margin.round(9),
            "certainty": 1.0 if stability is None else stability.areas["certainty"].to_numpy(),
        },
        index=inputs.codes,
    )
    rows = {}
    for type_id, members in table.groupby("type_id"):
        medoid = members.sort_values("near", kind="stable").index[0]
        doubt = members.drop(index=medoid).sort_values(["certainty", "margin"], kind="stable")
        rows[type_id] = {"medoid": str(medoid), "doubtful": tuple(map(str, doubt.index[:DOUBTFUL]))}
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["medoid", "doubtful"])
    found.index.name = "type_id"
    return found


# --- one layer, one type --------------------------------------------------------------------


def _origins(layers: Layers, codes: pd.Index, layer: str) -> Ints:
    """Return a number for what each area's value was published for: itself, or a larger area."""
    inherited = (layers.status.loc[codes, layer] == "inherited").to_numpy(dtype=bool)
    origin = np.arange(len(codes))
    if not inherited.any():
        return origin
    geography = layers.specs[layer].geography
    parent = pd.Series(pd.NA, index=codes, dtype=object)
    if geography in layers.parents.columns:
        parent = layers.parents[geography].reindex(codes).astype(object)
    # Where the larger area is not known, areas of one value count as of one larger area.
    value = layers.values.loc[codes, layer].map(lambda number: f"value {number!r}")
    larger = parent.where(parent.notna(), value).to_numpy()
    origin[inherited] = len(codes) + pd.factorize(larger[inherited])[0]
    return origin


def _describe(
    values: Floats, own: Ints, types: list[int], origin: Ints
) -> list[tuple[int, float, float, float, int, float, float]]:
    """Return what the table of profiles has of one layer for each type."""
    known = ~np.isnan(values)
    rows = []
    for type_id in types:
        inside = known & (own == type_id)
        rest = known & (own > 0) & (own != type_id)
        mean, low, high, independent = _interval(values[inside], origin[inside])
        effect = _hedges(values[inside], values[rest])
        # Numbers of larger areas come after those of the areas themselves.
        inherited = float((origin[inside] >= len(values)).mean()) if inside.any() else np.nan
        rows.append((int(inside.sum()), mean, low, high, independent, inherited, effect))
    return rows


def _interval(values: Floats, origin: Ints) -> tuple[float, float, float, int]:
    """Return the mean, its interval and how many independent values it rests on."""
    count = len(values)
    if count == 0:
        return np.nan, np.nan, np.nan, 0
    mean = float(values.mean())
    clusters = np.unique(origin, return_inverse=True)[1]
    sums = np.bincount(clusters, weights=values - mean)
    draws = len(sums)
    if draws < 2:
        return mean, np.nan, np.nan, draws
    error = float(np.sqrt(draws / (draws - 1) * (sums**2).sum())) / count
    half = float(stdtrit(draws - 1, 0.975)) * error
    return mean, mean - half, mean + half, draws


def _z(mean: float, middle: float, spread: float) -> float:
    if np.isnan(middle) or np.isnan(mean):
        return np.nan
    # A spread of rounding errors is none.
    return (mean - middle) / spread if spread > 1e-12 * max(1.0, abs(middle)) else 0.0


def _reference(layers: Layers, layer: str) -> tuple[float, float]:
    if layers.reference is None or layer not in layers.reference.columns:
        return np.nan, np.nan
    values = layers.reference[layer].astype("float64")
    return float(values.mean()), float(values.std(ddof=0))


def _hedges(inside: Floats, rest: Floats) -> float:
    if len(inside) == 0 or len(rest) == 0 or len(inside) + len(rest) < 3:
        return np.nan
    degrees = len(inside) + len(rest) - 2
    squares = ((inside - inside.mean()) ** 2).sum() + ((rest - rest.mean()) ** 2).sum()
    within = float(np.sqrt(squares / degrees))
    apart = float(inside.mean() - rest.mean())
    size = max(1.0, float(np.abs(inside).max()), float(np.abs(rest).max()))
    if abs(apart) <= 1e-12 * size:
        return 0.0
    if within <= 1e-12 * size:
        return float(np.copysign(np.inf, apart))
    return apart / within * (1 - 3 / (4 * (degrees + 2) - 9))


def _eta_squared(values: Floats, own: Ints) -> float:
    known = ~np.isnan(values) & (own > 0)
    typed, kinds = values[known], own[known]
    if len(typed) == 0:
        return np.nan
    whole = float(((typed - typed.mean()) ** 2).sum())
    if whole <= 1e-24 * max(1.0, float((typed**2).sum())):
        return np.nan
    counts = np.maximum(np.bincount(kinds), 1)
    means = np.bincount(kinds, weights=typed) / counts
    return 1.0 - float(((typed - means[kinds]) ** 2).sum()) / whole
