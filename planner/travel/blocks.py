"""Into which blocks is a matrix cut, and how does it become one again?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from planner.cores import Span, build_spans
from planner.travel.kernels import Int32

#: Positions of origins and of destinations, and the deciseconds between them.
Pairs = tuple[Int32, Int32, Int32]

BLOCK_ORIGINS = 64
#: Room for one block of a matrix, in (origin, destination) pairs.
BLOCK_PAIRS = 2**21


def build_matrix_spans(origins: int, destinations: int) -> list[Span]:
    """Cut some origins into blocks whose pairs have room enough."""
    size = int(np.clip(BLOCK_PAIRS // max(1, destinations), 1, BLOCK_ORIGINS))
    return build_spans(origins, size)


def join_pairs(blocks: Iterable[Pairs]) -> Pairs:
    """Return the pairs of all blocks as one."""
    found = list(blocks) or [(np.zeros(0, np.int32),) * 3]
    first, second, third = (np.concatenate(column) for column in zip(*found, strict=True))
    return first.astype(np.int32), second.astype(np.int32), third.astype(np.int32)
