"""Which way round can the streets of an osmnx graph be cycled or driven, and how fast?"""

from __future__ import annotations

from typing import Any

import numpy as np

from planner.errors import TravelError
from planner.travel.roads import (
    Roads,
    Segments,
    build_roads_of_edges,
    nothing_left,
    unread_note,
)
from planner.travel.streets import Run, number_nodes, to_edges, to_run
from planner.travel.ways import MINOR, ORDINARY, RoadSettings, is_signal, to_use


def from_osmnx_roads(graph: Any, settings: RoadSettings) -> Roads:
    """Take over a street graph from osmnx for cycles or cars, with its directions.

    Each edge of the graph is one direction of a street. Its attributes are read as
    OpenStreetMap tags (`planner.travel.ways`): ``highway``, ``oneway``, ``maxspeed``, ``access``
    and whatever else was kept. Where simplification joined streets and an attribute holds a
    list, all of them must be open and the slowest counts. A node with ``highway`` =
    traffic_signals is a signal; osmnx keeps only those at junctions.

    Parameters
    ----------
    graph
        A ``networkx.MultiDiGraph`` as for `planner.travel.streets.from_osmnx`.
    settings
        Whose mode and speeds.

    Raises
    ------
    TravelError
        The graph has no directions, lacks what `planner.travel.streets.from_osmnx` needs, or
        has no street on which one can come and go.
    """
    if not graph.is_directed():
        raise TravelError(
            "The street graph has no directions.", hint="Pass osmnx's own graph, a MultiDiGraph."
        )
    project, number, at = number_nodes(graph)
    signal = [is_signal(_tags(data)) for _, data in graph.nodes(data=True)]
    runs: dict[Run, _Street] = {}
    unread = 0
    for tail, tip, data in graph.edges(data=True):
        run, turned = to_run(tail, tip, data, number, at)
        street = runs.setdefault(run, _Street())
        unread += street.add(data, turned, settings)
    usable = {run: street for run, street in runs.items() if street.is_open}
    if not usable:
        raise nothing_left(settings.mode)
    streets = list(usable.values())
    edges = to_edges(project, at, list(usable), [street.metres for street in streets])
    segments = Segments(
        start=edges.tail.astype(np.int32),
        end=edges.tip.astype(np.int32),
        forward_kmh=np.array([street.kmh[0] for street in streets]),
        backward_kmh=np.array([street.kmh[1] for street in streets]),
        kind=np.array([street.kind for street in streets], np.int8),
        forward_signal=np.array(signal)[edges.tip],
        backward_signal=np.array(signal)[edges.tail],
        name=np.array([street.name for street in streets], dtype=object),
    )
    notes = unread_note(unread, (), settings.mode) if settings.mode == "drive" else ()
    return build_roads_of_edges(edges, segments, settings, notes)


class _Street:
    """One street of an osmnx graph, gathered from its two directions."""

    __slots__ = ("kind", "kmh", "metres", "name")

    def __init__(self) -> None:
        self.kmh = [0.0, 0.0]
        self.metres, self.kind, self.name = np.inf, MINOR, ""

    @property
    def is_open(self) -> bool:
        return max(self.kmh) > 0

    def add(self, data: Any, turned: bool, settings: RoadSettings) -> bool:
        """Take in one direction; return whether its speed limit could not be read."""
        uses = [to_use(tags, settings) for tags in _alternatives(data)]
        along = 1 if data.get("reversed") is True else 0
        speeds = [(use.forward_kmh, use.backward_kmh) for use in uses]
        self.metres = min(self.metres, float(data["length"]))
        self.name = self.name or f"street/{data.get('osmid', '')}"[:80]
        kmh = min(pair[along] for pair in speeds)
        self.kmh[turned] = max(self.kmh[turned], kmh)
        if _is_oneway(data):  # the other direction is in no edge of its own: cycles against it
            self.kmh[not turned] = max(self.kmh[not turned], min(pair[1] for pair in speeds))
        kinds = {use.kind for use in uses}
        self.kind = kinds.pop() if len(kinds) == 1 else ORDINARY
        return any(use.unread for use in uses)


def _is_oneway(data: Any) -> bool:
    said = data.get("oneway", False)
    return said is True or (isinstance(said, list) and True in said)


def _tags(data: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in data.items() if isinstance(value, str)}


def _alternatives(data: Any) -> list[dict[str, str]]:
    """Return an osmnx edge's attributes as tags, one set for each of the streets joined in it."""
    # An edge already runs the way one travels, so that oneway=-1 has become a plain one-way.
    tags = [{**_tags(data), "oneway": "yes" if _is_oneway(data) else "no"}]
    for key in ("highway", "maxspeed", "access", "junction", "service", "bicycle"):
        values = data.get(key)
        if isinstance(values, list):
            tags = [{**one, key: str(value)} for one in tags for value in values[:8]]
    return tags
