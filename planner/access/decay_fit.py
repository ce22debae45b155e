"""How fast does what people are ready to travel fall off, by how far they do travel?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize

from planner.access.decay import POWER_FLOOR, Decay, DecayUnit, raw_weights
from planner.errors import DataError
from planner.ledger import Note

FittedShape = Literal["exponential", "power", "logistic", "gaussian"]
Spread = Literal["plane", "line"]

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(40)

Loss = Callable[[NDArray[np.float64]], float]


@dataclass(frozen=True, kw_only=True, eq=False)
class DistanceBands:
    """How many people go how far, in bands.

    Parameters
    ----------
    table
        Columns ``lower``, ``upper`` (infinite for the last, where it is open) and ``count``, in
        rising order without holes.
    unit
        Of the bands: ``km`` or ``minutes``.
    notes
        Who is not in any band.
    """

    table: pd.DataFrame
    unit: DecayUnit
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        lower, upper, count = (self.table[name].to_numpy() for name in ("lower", "upper", "count"))
        if len(lower) < 2 or not bool((upper > lower).all()):
            raise DataError("Distance bands: at least two are needed, each with some width.")
        if not np.array_equal(lower[1:], upper[:-1]):
            raise DataError("Distance bands: they overlap, or there is a hole between them.")
        if not bool((np.isfinite(count) & (count >= 0)).all()) or count.sum() <= 0:
            raise DataError("Distance bands: counts must be numbers, not all of them zero.")


@dataclass(frozen=True, kw_only=True, eq=False)
class DecayFit:
    """A decay function fitted to how far people go.

    Parameters
    ----------
    decay
        The function, in the unit of the bands.
    low, high
        Of each free parameter, ends of the 95% interval (from the curvature of the likelihood;
        it takes people to choose each for themselves).
    table
        The bands, and ``fitted``: the counts that the function gives.
    log_likelihood, aic
        For comparing shapes; a lower AIC is better.
    dissimilarity
        Share of people who would have to be in another band for the fit to be exact.
    assumptions
        What was taken for granted, in plain sentences.
    """

    decay: Decay
    low: tuple[float, ...]
    high: tuple[float, ...]
    table: pd.DataFrame
    log_likelihood: float
    aic: float
    dissimilarity: float
    assumptions: tuple[str, ...]


def to_distance_bands(counts: pd.Series) -> DistanceBands:
    """Return the bands of a published table of distance (or time) to work.

    Parameters
    ----------
    counts
        People on the publisher's words for the bands, such as ``2km to less than 5km``,
        ``Less than 2km`` and ``60km and over`` (as in census table TS058). People who work from
        home or without a fixed place are left out, and counted.

    Raises
    ------
    DataError
        A band cannot be read, or they do not follow on each other.
    """
    rows, left = [], []
    units = set()
    for label, count in counts.items():
        words = str(label).strip().casefold()
        if words.startswith(("total", "all ", "average")):
            continue
        if words.startswith(("work mainly", "works mainly", "other", "does not apply")):
            left.append((str(label).strip(), float(count)))
            continue
        lower, upper, unit = _band(words, str(label))
        units.add(unit)
        rows.append((lower, upper, float(count)))
    if len(units) > 1:
        raise DataError("Distance bands: some are in kilometres, some in minutes.")
    table = pd.DataFrame(sorted(rows), columns=["lower", "upper", "count"])
    note = Note(
        stage="access",
        what="no_distance_to_work",
        count=round(sum(count for _, count in left)),
        text=f"People without a distance to work, left out of the fit: "
        f"{sum(count for _, count in left):,.0f}.",
        items=tuple(label for label, _ in left),
    )
    return DistanceBands(
        table=table, unit="minutes" if units == {"minutes"} else "km", notes=(note,) if left else ()
    )


def is_band(label: str) -> bool:
    """Say whether a publisher's words are those for a band of distance or time."""
    try:
        _band(label.strip().casefold(), label)
    except DataError:
        return False
    return True


def fit_decay(
    bands: DistanceBands,
    shape: FittedShape,
    *,
    spread: Spread = "plane",
    opportunities: Sequence[float] | None = None,
    longest: float = 100.0,
) -> DecayFit:
    """Fit a decay function to how many people go how far, by maximum likelihood on the bands.

    Parameters
    ----------
    bands
        How many people go how far.
    shape
        The family of functions.
    spread
        How what people go to is spread: ``plane``: evenly over the land, so that there is more
        of it the further one goes; ``line``: as much in each kilometre of distance.
    opportunities
        What there is in each band (such as jobs), where it is known: better than either.
    longest
        Where an open last band is taken to end.

    Returns
    -------
    fit
        The function, its interval, and how well it fits.

    Notes
    -----
    The share of people in band b is p_b = ∫_b f(d)·o(d) dd / ∫ f(d)·o(d) dd, with f the decay
    and o what there is at distance d; counts are multinomial. Without o, a distribution of trip
    lengths mixes what people are ready to do with where things are (Fotheringham, 1981).

    Examples
    --------
    >>> counts = pd.Series({"Less than 2km": 632, "2km to less than 5km": 286, "5km and over": 82})
    >>> fit = fit_decay(to_distance_bands(counts), "exponential", spread="line")
    >>> round(fit.decay.parameters[0], 1)
    0.5
    """
    edges = _closed(bands, longest)
    count = bands.table["count"].to_numpy(dtype=np.float64)
    weight = _spread_weights(edges, spread, opportunities)

    def shares(log_parameters: NDArray[np.float64]) -> NDArray[np.float64]:
        mass = _band_mass(shape, np.exp(log_parameters), edges, spread) * weight
        total = mass.sum()
        return np.asarray(mass / total if total > 0 else np.full(len(mass), 1 / len(mass)))

    def loss(log_parameters: NDArray[np.float64]) -> float:
        return -float(count @ np.log(np.maximum(shares(log_parameters), 1e-300)))

    best = _minimise(loss, shape, edges)
    error = _standard_errors(loss, best)
    fitted = shares(best) * count.sum()
    values = np.exp(best)
    low, high = np.exp(best - 1.959964 * error), np.exp(best + 1.959964 * error)
    return DecayFit(
        decay=Decay(shape=shape, parameters=_whole(shape, values), unit=bands.unit),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        table=bands.table.assign(fitted=fitted),
        log_likelihood=-loss(best),
        aic=2 * loss(best) + 2 * len(best),
        dissimilarity=float(np.abs(fitted - count).sum() / 2 / count.sum()),
        assumptions=_assumptions(bands, spread, opportunities, longest),
    )


_BETWEEN = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]+) (?:to|and) less than (\d+(?:\.\d+)?) ?([a-z]+)")
_BELOW = re.compile(r"less than (\d+(?:\.\d+)?) ?([a-z]+)")
_ABOVE = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]+) (?:and|or) (?:over|more)")
_UNITS = {"km": "km", "kilometres": "km", "minutes": "minutes", "mins": "minutes"}


def _band(words: str, label: str) -> tuple[float, float, str]:
    """Return lower end, upper end and unit of a publisher's words for a band."""
    if found := _BETWEEN.fullmatch(words):
        lower, unit, upper, other = found.groups()
        if unit == other and unit in _UNITS:
            return float(lower), float(upper), _UNITS[unit]
    elif (found := _BELOW.fullmatch(words)) and found[2] in _UNITS:
        return 0.0, float(found[1]), _UNITS[found[2]]
    elif (found := _ABOVE.fullmatch(words)) and found[2] in _UNITS:
        return float(found[1]), math.inf, _UNITS[found[2]]
    raise DataError(
        f"Distance bands: {label!r} is not a band that can be read.",
        hint="Write bands like '2km to less than 5km', 'Less than 2km', '60km and over'.",
    )


def _closed(bands: DistanceBands, longest: float) -> NDArray[np.float64]:
    """Return lower and upper ends, an open last band closed."""
    edges = bands.table[["lower", "upper"]].to_numpy(dtype=np.float64, copy=True)
    if math.isinf(edges[-1, 1]):
        if longest <= edges[-1, 0]:
            raise DataError(f"Distance bands: the last begins at {edges[-1, 0]:g}, beyond longest.")
        edges[-1, 1] = longest
    return np.asarray(edges, dtype=np.float64)


def _spread_weights(
    edges: NDArray[np.float64], spread: Spread, opportunities: Sequence[float] | None
) -> NDArray[np.float64]:
    """Return what there is in each band by the unit of land (or of distance) in it."""
    if opportunities is None:
        return np.ones(len(edges))
    amount = np.asarray(opportunities, dtype=np.float64)
    if amount.shape != (len(edges),) or not bool((np.isfinite(amount) & (amount >= 0)).all()):
        raise DataError("Decay: opportunities must be one number, at least 0, for each band.")
    land = edges[:, 1] ** 2 - edges[:, 0] ** 2 if spread == "plane" else edges[:, 1] - edges[:, 0]
    return np.asarray(amount / land)


def _band_mass(
    shape: FittedShape,
    values: NDArray[np.float64],
    edges: NDArray[np.float64],
    spread: Spread,
) -> NDArray[np.float64]:
    """Return the integral of decay times land over each band (Gauss and Legendre's rule)."""
    # A power has a kink at its floor: bands are cut there, so that each piece is smooth.
    cuts = np.clip(POWER_FLOOR, edges[:, 0], edges[:, 1])
    total = np.zeros(len(edges))
    for lower, upper in ((edges[:, 0], cuts), (cuts, edges[:, 1])):
        half = (upper - lower) / 2
        at = (upper + lower)[:, None] / 2 + half[:, None] * _NODES
        inside = raw_weights(shape, _whole(shape, values), at)
        land = at if spread == "plane" else np.ones_like(at)
        total += half * ((inside * land) @ _NODE_WEIGHTS)
    return total


def _whole(shape: FittedShape, values: NDArray[np.float64]) -> tuple[float, ...]:
    """Return all parameters of a shape, the fixed ones included."""
    free = tuple(float(value) for value in values)
    return (*free, POWER_FLOOR) if shape == "power" else free


def _minimise(loss: Loss, shape: FittedShape, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the best logarithms of the free parameters: a grid first, then downhill."""
    far = float(edges[-1, 1])
    ranges = {
        "exponential": [(1e-2 / far, 1e3 / far)],
        "power": [(1e-2, 20.0)],
        "gaussian": [(far / 1e3, far * 10)],
        "logistic": [(far / 1e3, far * 3), (far / 1e3, far * 3)],
    }[shape]
    points = 200 if len(ranges) == 1 else 25
    axes = [np.linspace(math.log(low), math.log(high), points) for low, high in ranges]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(ranges))
    start = grid[int(np.argmin([loss(point) for point in grid]))]
    found = optimize.minimize(
        loss, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-9, "maxiter": 4000}
    )
    best = np.atleast_1d(found.x)
    lowest, highest = grid.min(axis=0), grid.max(axis=0)
    if bool(((best <= lowest + 1e-6) | (best >= highest - 1e-6)).any()):
        raise DataError(
            f"Decay: these bands do not settle a {shape} function; the best one is at the edge of "
            "what was searched.",
            hint="Try another shape, such as exponential or power.",
        )
    return np.asarray(best)


def _standard_errors(loss: Loss, best: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return standard errors of the logarithms, from the curvature; infinite where it is flat."""
    size, step = len(best), 1e-3
    curvature = np.empty((size, size))
    unit = np.eye(size) * step
    for i in range(size):
        for j in range(size):
            corners = (
                loss(best + unit[i] + unit[j])
                - loss(best + unit[i] - unit[j])
                - loss(best - unit[i] + unit[j])
                + loss(best - unit[i] - unit[j])
            )
            curvature[i, j] = corners / (4 * step**2)
    if np.linalg.matrix_rank(curvature) < size:
        return np.full(size, np.inf)
    variance = np.diag(np.linalg.inv(curvature))
    return np.asarray(np.sqrt(np.where(variance > 0, variance, np.inf)))


def _assumptions(
    bands: DistanceBands,
    spread: Spread,
    opportunities: Sequence[float] | None,
    longest: float,
) -> tuple[str, ...]:
    told = {
        "plane": "what people go to lies evenly over the land, so that there is more of it further "
        "out; where it crowds in a centre, the fall is understated or overstated with it",
        "line": "there is as much to go to in each kilometre of distance as in the next, so the "
        "fall is that of journeys made, not of readiness to make them",
    }[spread]
    if opportunities is not None:
        told = "what there is to go to in each band is as given, and lies evenly within the band"
    found = [f"The fit takes it that {told}."]
    if math.isinf(bands.table["upper"].iloc[-1]):
        found.append(f"The last band is open; it is taken to end at {longest:g} {bands.unit}.")
    if bands.unit == "km":
        found.append(
            "Distances are in a straight line; a stated pace turns them into minutes (to_minutes)."
        )
    return tuple(found)
