"""Which streets can be cycled or driven, out of an OpenStreetMap extract?

What the tags mean is in `planner.travel.ways`. Of single points, traffic signals and barriers
are read; a barrier drawn on a point where three or more streets meet is not looked at (it is
almost always meant for one of them). Turn restrictions are not modelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import osmium.filter
from numpy.typing import NDArray

from planner.errors import DataError, TravelError
from planner.ledger import Note
from planner.sources.osm import open_osm
from planner.sources.way_nodes import PlacedWays, WayNodes
from planner.travel.roads import MODE_WORDS, Roads, Segments, build_roads, unread_note
from planner.travel.ways import RoadSettings, WayUse, is_barrier, is_signal, to_use

#: Which ways of passing a traffic signal it holds up: along its way, against it.
_SIGNAL_SIDES = {"forward": (True, False), "backward": (False, True)}


def read_roads(path: Path, settings: RoadSettings, *, what: str = "") -> Roads:
    """Read the street network of an extract for cycles or cars.

    Parameters
    ----------
    path
        An ``.osm.pbf`` or ``.osm`` file.
    settings
        `planner.travel.ways.CycleSettings` or `planner.travel.ways.DriveSettings`.
    what
        The file as the project names it, for messages.

    Raises
    ------
    DataError
        The file cannot be read (see `planner.sources.osm.open_osm`), or has no street that can
        be cycled or driven there and back.
    """
    what = what or path.name
    found = _Found(settings)
    with open_osm(path, what) as osm:
        for thing in (
            osm.with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.NODE | osmium.osm.WAY))
            .with_filter(osmium.filter.KeyFilter("highway", "barrier"))
        ):
            found.add(thing)
    words = MODE_WORDS[settings.mode]
    if not found.ways:
        raise DataError(
            f"{what}: no street in this file can be {words}.",
            hint="Take an extract with streets (ways tagged highway), not one filtered to shops "
            "or boundaries.",
        )
    placed = found.ways.place(what)
    segments, x, y, barriers = _to_segments(found, placed)
    notes = (
        *placed.cut_notes(what, prefix=f"{settings.mode}_"),
        *found.notes(),
        *_barrier_notes(barriers, settings),
    )
    try:
        return build_roads(x, y, segments, settings, notes=notes)
    except TravelError as err:
        raise DataError(
            f"{what}: no street in this file can be {words} there and back.",
            hint="Take a larger extract, or check its one-way streets.",
        ) from err


class _Found:
    """What an extract holds for one mode."""

    def __init__(self, settings: RoadSettings) -> None:
        self.settings = settings
        self.ways = WayNodes()
        self.uses: list[WayUse] = []
        self.signals: dict[int, tuple[bool, bool]] = {}
        self.barriers: set[int] = set()
        self.unread: list[int] = []
        self.reversible: list[int] = []

    def add(self, thing: Any) -> None:
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node():
            self._add_point(thing.id, tags)
            return
        use = to_use(tags, self.settings)
        if use.reversible:
            self.reversible.append(thing.id)
        if use.is_open:
            self.ways.add(thing)
            self.uses.append(use)
            if use.unread:
                self.unread.append(thing.id)

    def _add_point(self, number: int, tags: Mapping[str, str]) -> None:
        if self.settings.signal_seconds > 0 and is_signal(tags):
            side = tags.get("traffic_signals:direction", "")
            self.signals[number] = _SIGNAL_SIDES.get(side, (True, True))
        if is_barrier(tags, self.settings.mode):
            self.barriers.add(number)

    def notes(self) -> Iterator[Note]:
        """Say which streets are not as the map has them."""
        mode = self.settings.mode
        yield from unread_note(
            len(self.unread), (f"way/{number}" for number in sorted(self.unread)), mode
        )
        if self.reversible:
            yield Note(
                stage="travel",
                what=f"{mode}_reversible_streets",
                count=len(self.reversible),
                text=f"{len(self.reversible)} streets change direction by the hour: left out.",
                items=tuple(f"way/{number}" for number in sorted(self.reversible)),
            )


def _barrier_notes(barriers: NDArray[np.int64], settings: RoadSettings) -> Iterator[Note]:
    if len(barriers):
        whom = {"cycle": "cycles", "drive": "cars"}[settings.mode]
        yield Note(
            stage="travel",
            what=f"{settings.mode}_barriers",
            count=len(barriers),
            text=f"{len(barriers)} bollards, closed gates and other barriers stop {whom}.",
            items=tuple(f"node/{number}" for number in barriers),
        )


def _to_segments(
    found: _Found, placed: PlacedWays
) -> tuple[Segments, NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the pieces of street, the points they run between, and the barriers that cut."""
    count = len(placed.ref)
    meet = np.bincount(placed.start, minlength=count) + np.bincount(placed.end, minlength=count)
    stop = np.isin(placed.ref, list(found.barriers)) & (meet > 0) & (meet <= 2)
    start, end = placed.start.copy(), placed.end.copy()
    origin = [np.arange(count)]
    for ends in (start, end):
        # Each side of a barrier gets an end of its own, at the same place.
        cut = np.flatnonzero(stop[ends])
        before = sum(len(part) for part in origin)
        origin.append(ends[cut].astype(np.int64))
        ends[cut] = np.arange(before, before + len(cut))
    source = np.concatenate(origin)
    signal = np.zeros((count, 2), dtype=bool)
    for node in np.flatnonzero(np.isin(placed.ref, list(found.signals))):
        signal[node] = found.signals[int(placed.ref[node])]
    forward, backward, kind = (
        np.array([getattr(use, key) for use in found.uses])[placed.way]
        for key in ("forward_kmh", "backward_kmh", "kind")
    )
    name = np.array([f"way/{number}" for number in found.ways.numbers], dtype=object)
    segments = Segments(
        start=start,
        end=end,
        forward_kmh=forward.astype(np.float64),
        backward_kmh=backward.astype(np.float64),
        kind=kind.astype(np.int8),
        forward_signal=signal[placed.end, 0],
        backward_signal=signal[placed.start, 1],
        name=name[placed.way],
    )
    return segments, placed.x[source], placed.y[source], placed.ref[stop]
