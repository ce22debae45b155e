"""How are loops made fast: compiled, and spread over the cores of this computer?"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Any, TypeVar

#: Told what is being worked out, in words, and the share (0-1) done.
Progress = Callable[[str, float], None]
#: From the first piece of a block up to the last, which is not in it.
Span = tuple[int, int]
Answer = TypeVar("Answer")


def jit(function: Callable[..., Any]) -> Any:
    """Compile on first use, and keep the machine code beside the package where that is allowed.

    Numba falls back to the user's cache folder, and to none at all if that is closed, too. Loops
    release Python's global lock, so that blocks of them run side by side.
    """
    import numba  # slow to import, and not everybody who spreads work compiles

    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # no folder to cache in: compile in every process
        return numba.njit(nogil=True)(function)


def build_spans(pieces: int, size: int) -> list[Span]:
    """Cut some pieces of work into blocks of a size; the last may be shorter."""
    return [(first, min(first + size, pieces)) for first in range(0, pieces, size)]


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


def run_all(block: Callable[[int, int], Answer], spans: list[Span]) -> list[Answer]:
    """Work on all cores until every block is done; answers in the order of the blocks."""
    return list(in_order(block, spans))


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
