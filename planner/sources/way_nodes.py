"""Where do the ways of an OpenStreetMap extract run, and where does the extract cut them?"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray

from planner.area import CRS
from planner.errors import DataError
from planner.ledger import Note

#: OpenStreetMap's coordinates are whole numbers of this many degrees; this one means "none".
_DEGREES = 1e-7
_UNDEFINED = 2**31 - 1


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacedWays:
    """The nodes of some ways in EPSG:27700, and the straight pieces between them.

    Parameters
    ----------
    ref
        OpenStreetMap's number of each node, ascending.
    x, y
        Where each node is; 0 for those in no piece.
    start, end
        int32 nodes (positions) of each piece, in the direction of its way.
    way
        Which way (position, in the order they were added) each piece is part of.
    cut
        Numbers of ways that run on where the extract has no positions.
    """

    ref: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    way: NDArray[np.int64]
    cut: NDArray[np.int64]

    def cut_notes(self, what: str, *, prefix: str = "") -> tuple[Note, ...]:
        """Return the note that some streets are cut at the extract's rim, if any are."""
        if not len(self.cut):
            return ()
        return (
            Note(
                stage="travel",
                what=f"{prefix}streets_cut_at_rim",
                count=len(self.cut),
                text=f"{len(self.cut)} streets run on beyond the extract {what} and are cut at "
                "its rim.",
                items=tuple(f"way/{number}" for number in np.sort(self.cut)),
            ),
        )


class WayNodes:
    """The nodes of the ways added so far, as `osmium` hands them over."""

    def __init__(self) -> None:
        self._ref, self._column, self._row = array("q"), array("i"), array("i")
        self._size, self._way = array("q"), array("q")

    def __len__(self) -> int:
        return len(self._way)

    @property
    def numbers(self) -> NDArray[np.int64]:
        """OpenStreetMap's number of each way."""
        return np.array(self._way, np.int64)

    def add(self, way: Any) -> None:
        """Keep one way."""
        before = len(self._ref)
        for node in way.nodes:
            self._ref.append(node.ref)
            self._column.append(node.x)
            self._row.append(node.y)
        self._size.append(len(self._ref) - before)
        self._way.append(way.id)

    def place(self, what: str) -> PlacedWays:
        """Put the ways on the national grid.

        Raises
        ------
        DataError
            No piece of any way has a position at both ends.
        """
        column, row = np.array(self._column, np.int64), np.array(self._row, np.int64)
        nodes, first, number = np.unique(
            np.array(self._ref, np.int64), return_index=True, return_inverse=True
        )
        project = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
        known = (column[first] != _UNDEFINED) & (row[first] != _UNDEFINED)
        x, y = np.full(len(first), np.inf), np.full(len(first), np.inf)
        x[known], y[known] = project.transform(
            column[first][known] * _DEGREES, row[first][known] * _DEGREES
        )
        known &= np.isfinite(x) & np.isfinite(y)
        owner = np.repeat(np.arange(len(self._size)), np.array(self._size, np.int64))
        segment = (owner[:-1] == owner[1:]) & known[number[:-1]] & known[number[1:]]
        start, end = number[:-1][segment].astype(np.int32), number[1:][segment].astype(np.int32)
        if not bool((start != end).any()):
            raise DataError(
                f"{what}: the streets in this file have no positions.",
                hint="Take an extract that holds the nodes of its ways (complete ways).",
            )
        x[~known] = y[~known] = 0.0  # in no segment
        return PlacedWays(
            ref=nodes,
            x=x,
            y=y,
            start=start,
            end=end,
            way=owner[:-1][segment],
            cut=self.numbers[np.unique(owner[~known[number]])],
        )
