"""Was this already worked out? Results of stages, kept by what went into them."""

from planner.cache.memo import Memo, digest
from planner.cache.own import OwnMemo
from planner.cache.shelf import Shelf, open_shelf

__all__ = ["Memo", "OwnMemo", "Shelf", "digest", "open_shelf"]
