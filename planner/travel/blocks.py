"""How is work on many origins spread over the cores, and handed on in their order?"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

import numpy as np

from planner.travel.kernels import Int32

#: Told what is being worked out, in words, and the share (0-1) done.
Progress = Callable[[str, float], None]
#: From the first origin of a block up to the last, which is not in it.
Span = tuple[int, int]
#: Positions of origins and of destinations, and the deciseconds between them.
Pairs = tuple[Int32, Int32, Int32]
Answer = TypeVar("Answer")

BLOCK_ORIGINS = 64
#: Room for one block of a matrix, in (origin, destination) pairs.
BLOCK_PAIRS = 2**21


def build_spans(origins: int, size: int) -> list[Span]:
    """Cut some origins into blocks of a size; the last may be shorter."""
    return [(first, min(first + size, origins)) for first in range(0, origins, size)]


def build_matrix_spans(origins: int, destinations: int) -> list[Span]:
    """Cut some origins into blocks whose pairs have room enough."""
    size = int(np.clip(BLOCK_PAIRS // max(1, destinations), 1, BLOCK_ORIGINS))
    return build_spans(origins, size)


def in_order(
    block: Callable[[int, int], Answer],
    spans: list[Span],
    *,
    words: str = "",
    progress: Progress | None = None,
) -> Iterator[Answer]:
    """Work on all cores, and give what comes back in order; never far ahead of who asks."""
    with closing(_in_order(block, spans)) as done:
        for answer, (_, last) in zip(done, spans, strict=True):
            if progress is not None:
                progress(words, last / spans[-1][1])
            yield answer


def join_pairs(blocks: Iterable[Pairs]) -> Pairs:
    """Return the pairs of all blocks as one."""
    found = list(blocks) or [(np.zeros(0, np.int32),) * 3]
    first, second, third = (np.concatenate(column) for column in zip(*found, strict=True))
    return first.astype(np.int32), second.astype(np.int32), third.astype(np.int32)


def _in_order(
    block: Callable[[int, int], Answer], spans: list[Span]
) -> Generator[Answer, None, None]:
    threads = min(os.cpu_count() or 1, len(spans))
    if threads <= 1:
        # One block needs no second thread.
        for span in spans:
            yield block(*span)
        return
    waiting: deque[Future[Answer]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for span in spans:
                waiting.append(pool.submit(block, *span))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for rest in waiting:
                rest.cancel()
