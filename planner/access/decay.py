"""How much less does something count the longer it takes to get there?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from planner.errors import DataError

DecayShape = Literal["step", "zones", "exponential", "power", "logistic", "gaussian"]
HalvingShape = Literal["exponential", "power", "logistic", "gaussian"]
DecayUnit = Literal["minutes", "km"]

#: Where each shape comes from.
SHAPE_SOURCES: dict[DecayShape, str] = {
    "step": "all or nothing, as in cumulative opportunities (Wachs and Kumagai, 1973)",
    "zones": "a weight for each zone of time (Luo and Qi, 2009)",
    "exponential": "negative exponential (Wilson, 1971)",
    "power": "inverse power (Hansen, 1959)",
    "logistic": "cumulative logistic (Bauer and Groneberg, 2016)",
    "gaussian": "Gaussian (Ingram, 1971)",
}

#: Weights that Luo and Qi (2009) use for zones of 10, 20 and 30 minutes.
SLOW_ZONES = ((10.0, 1.0), (20.0, 0.68), (30.0, 0.22))
FAST_ZONES = ((10.0, 1.0), (20.0, 0.42), (30.0, 0.09))

#: Below this cost a power stays at 1: it has no bound at 0.
POWER_FLOOR = 1.0

_COUNTS: dict[DecayShape, int] = {"exponential": 1, "power": 2, "logistic": 2, "gaussian": 1}
_TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Decay:
    """A weight between 1 (on the spot) and 0 for every length of a journey.

    Parameters
    ----------
    shape
        See `SHAPE_SOURCES`.
    parameters
        ``exponential``: rate; ``power``: exponent, and the cost up to which the weight is 1;
        ``logistic``: the cost at which the weight is a half, and the standard deviation;
        ``gaussian``: standard deviation; ``zones``: upper end and weight in turn; ``step``:
        none. In ``unit``, or one by it.
    limit
        What takes longer counts nothing; None: no limit but the longest journey searched.
    unit
        Of the cost: minutes, or kilometres for a function fitted to distances (see `to_minutes`).

    Notes
    -----
    With cost c: exponential exp(−rate·c); power (max(c, floor)/floor)^−exponent; logistic
    1/(1 + exp(π·(c − middle)/(sd·√3))); Gaussian exp(−c²/(2·sd²)).
    """

    shape: DecayShape
    parameters: tuple[float, ...] = ()
    limit: float | None = None
    unit: DecayUnit = "minutes"

    def __post_init__(self) -> None:
        values = (*self.parameters, *(() if self.limit is None else (self.limit,)))
        if self.shape not in get_args(DecayShape):
            raise DataError(f"Decay: {self.shape!r} is not a shape.", hint=_known_shapes())
        if not all(math.isfinite(value) and value >= 0 for value in values):
            raise DataError("Decay: a parameter or limit is below zero or not a number.")
        if self.shape in _COUNTS:
            wrong = len(self.parameters) != _COUNTS[self.shape] or not min(self.parameters) > 0
            if wrong:
                raise DataError(
                    f"Decay: {self.shape} takes {_COUNTS[self.shape]} parameters above zero, "
                    f"not {self.parameters}."
                )
        elif self.limit is None:
            raise DataError(f"Decay: {self.shape} needs a limit.")
        if self.shape == "zones":
            _check_zones(self.parameters)

    def weights(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each cost (in `unit`, at least 0); one at the limit counts."""
        raw = raw_weights(self.shape, self.parameters, np.asarray(cost, dtype=np.float64))
        if self.limit is None:
            return raw
        return np.where(np.asarray(cost) <= self.limit + _TOLERANCE, raw, 0.0)

    def to_minutes(self, minutes_per_km: float) -> Decay:
        """Return the same function of minutes, for journeys at a stated pace."""
        if self.unit == "minutes":
            raise DataError("Decay: it is in minutes already.")
        if not (math.isfinite(minutes_per_km) and minutes_per_km > 0):
            raise DataError("Decay: minutes for a kilometre must be above zero.")
        first, *rest = self.parameters or (0.0,)
        if self.shape == "exponential":
            scaled: tuple[float, ...] = (first / minutes_per_km,)
        elif self.shape == "power":
            scaled = (first, rest[0] * minutes_per_km)
        elif self.shape == "zones":
            scaled = tuple(
                value if at % 2 else value * minutes_per_km
                for at, value in enumerate(self.parameters)
            )
        else:
            scaled = tuple(value * minutes_per_km for value in self.parameters)
        limit = None if self.limit is None else self.limit * minutes_per_km
        return replace(self, parameters=scaled, limit=limit, unit="minutes")

    @property
    def words(self) -> str:
        """The function in words, with its parameters, for captions."""
        values, unit = self.parameters, self.unit
        limit = "" if self.limit is None else f", nothing beyond {self.limit:g} {unit}"
        if self.shape == "step":
            return f"everything within {self.limit:g} {unit} counts alike, nothing beyond"
        if self.shape == "zones":
            zones = [f"{w:g} up to {u:g}" for u, w in zip(values[::2], values[1::2], strict=True)]
            return f"weights by zone: {', '.join(zones)} {unit}, nothing beyond"
        if self.shape == "exponential":
            return f"exponential decay, half after {math.log(2) / values[0]:.3g} {unit}{limit}"
        if self.shape == "power":
            return f"power decay, exponent {values[0]:.3g} beyond {values[1]:.3g} {unit}{limit}"
        if self.shape == "logistic":
            return f"logistic decay, half at {values[0]:.3g}, sd {values[1]:.3g} {unit}{limit}"
        return f"Gaussian decay, sd {values[0]:.3g} {unit}{limit}"


def build_step(limit: float) -> Decay:
    """Return 1 up to a limit in minutes, 0 beyond."""
    return Decay(shape="step", limit=limit)


def build_zones(zones: Sequence[tuple[float, float]] = SLOW_ZONES) -> Decay:
    """Return a weight for each zone, given as (upper end in minutes, weight)."""
    flat = tuple(float(value) for zone in zones for value in zone)
    return Decay(shape="zones", parameters=flat, limit=flat[-2] if flat else None)


def build_exponential(rate: float, *, limit: float | None = None) -> Decay:
    """Return exp(−rate · minutes)."""
    return Decay(shape="exponential", parameters=(rate,), limit=limit)


def build_power(
    exponent: float, *, floor: float = POWER_FLOOR, limit: float | None = None
) -> Decay:
    """Return minutes to a power below zero, 1 up to ``floor`` minutes."""
    return Decay(shape="power", parameters=(exponent, floor), limit=limit)


def build_logistic(middle: float, sd: float, *, limit: float | None = None) -> Decay:
    """Return a logistic fall that passes a half at ``middle`` minutes."""
    return Decay(shape="logistic", parameters=(middle, sd), limit=limit)


def build_gaussian(sd: float, *, limit: float | None = None) -> Decay:
    """Return a half bell: exp(−minutes² / 2 sd²)."""
    return Decay(shape="gaussian", parameters=(sd,), limit=limit)


def build_half_at(shape: HalvingShape, minutes: float) -> Decay:
    """Return a function that gives a half at some minutes.

    Notes
    -----
    Where a shape has a second parameter, it is set so: a power has the exponent 2 (the square of
    the distance, as in gravity), and is 1 up to minutes/√2; a logistic function has a standard
    deviation of a third of the minutes, so that it gives nearly 1 on the spot.
    """
    if shape == "exponential":
        return build_exponential(math.log(2) / minutes)
    if shape == "gaussian":
        return build_gaussian(minutes / math.sqrt(2 * math.log(2)))
    if shape == "logistic":
        return build_logistic(minutes, minutes / 3)
    return build_power(2.0, floor=minutes / math.sqrt(2))


def build_thirds(minutes: float) -> Decay:
    """Return three zones of equal width with the weights that Luo and Qi (2009) give theirs."""
    return build_zones([(minutes * n / 3, SLOW_ZONES[n - 1][1]) for n in (1, 2, 3)])


def _check_zones(parameters: tuple[float, ...]) -> None:
    upper, weight = parameters[::2], parameters[1::2]
    rising = all(a < b for a, b in pairwise(upper))
    falling = all(a >= b for a, b in pairwise(weight))
    if len(parameters) % 2 or not parameters or not rising or not falling or max(weight) > 1:
        raise DataError(
            "Decay: zones need rising upper ends, and weights from 1 downwards.",
            hint="For example (10, 1), (20, 0.68), (30, 0.22).",
        )


def _known_shapes() -> str:
    return f"Use one of {', '.join(get_args(DecayShape))}."


def raw_weights(
    shape: DecayShape, parameters: Sequence[float], cost: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the weights of a shape without regard to any limit."""
    if shape == "step":
        return np.ones_like(cost)
    if shape == "zones":
        upper = np.asarray(parameters[::2]) + _TOLERANCE
        weight = np.append(np.asarray(parameters[1::2]), 0.0)
        return np.asarray(weight[np.searchsorted(upper, cost)], dtype=np.float64)
    first = parameters[0]
    if shape == "exponential":
        return np.asarray(np.exp(-first * cost))
    if shape == "power":
        return np.asarray((np.maximum(cost, parameters[1]) / parameters[1]) ** -first)
    if shape == "gaussian":
        return np.asarray(np.exp(-(cost**2) / (2 * first**2)))
    # As a hyperbolic tangent, which does not overflow.
    half = math.pi * (cost - first) / (parameters[1] * math.sqrt(3.0)) / 2
    return np.asarray((1 - np.tanh(half)) / 2)
