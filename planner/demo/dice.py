"""Which numbers does chance give, the same ones on every machine?"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Dice:
    """Random numbers that depend on a seed and a purpose, and on nothing else.

    Numpy promises the raw stream of a bit generator for ever, but not what its ``Generator``
    makes of it; so the few distributions needed here are made from the raw stream.

    Parameters
    ----------
    seed
        The seed of the whole place.
    purpose
        What the numbers are for. Each purpose has a stream of its own, so that more of one thing
        never changes another.
    """

    def __init__(self, seed: int, *purpose: str | int) -> None:
        words = [seed, *(zlib.crc32(str(part).encode()) for part in purpose)]
        self._bits = np.random.PCG64(np.random.SeedSequence(words))

    def uniform(self, size: int, low: float = 0.0, high: float = 1.0) -> Floats:
        """Return ``size`` numbers, evenly spread from ``low`` up to but not including ``high``."""
        raw = np.asarray(self._bits.random_raw(size), dtype=np.uint64)
        share: Floats = (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53
        return low + share * (high - low)

    def normal(self, size: int) -> Floats:
        """Return ``size`` standard normal numbers (Box and Muller, 1958)."""
        radius = np.sqrt(-2.0 * np.log(1.0 - self.uniform(size)))
        return np.asarray(radius * np.cos(2.0 * np.pi * self.uniform(size)))

    def order(self, size: int) -> NDArray[np.int64]:
        """Return the numbers from 0 to ``size - 1`` in a random order."""
        return np.argsort(self.uniform(size), kind="stable").astype(np.int64)

    def pick(self, among: Sequence[Any]) -> Any:
        """Return one of several things."""
        return among[int(self.uniform(1)[0] * len(among))]
