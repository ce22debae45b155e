"""Which areas are next to each other, and which have no neighbour at all?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from planner.area import StudyArea
from planner.errors import DataError, ProjectError, TravelError
from planner.ledger import Note, note_named

if TYPE_CHECKING:
    from planner.project import SpatialSettings
    from planner.travel.times import TravelTimes

#: Areas this close touch: what is left between them is the rounding of coordinates.
TOUCH_METRES = 0.1
#: A gap up to this wide is a flaw of the drawing (boundaries simplified area by area), but only
#: along a border at least this long: two corners that come near each other do not meet.
GAP_METRES = 5.0
BORDER_METRES = 25.0

_SLACK_MINUTES = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbours:
    """Which areas are neighbours of which.

    Parameters
    ----------
    codes
        The areas, sorted and unique.
    adjacency
        Symmetric square matrix of 1.0 (neighbours) in the order of ``codes``, stored sparse with
        sorted columns; no area is its own neighbour.
    kind
        Whether neighbours share a border or are within a journey of each other.
    how
        In words, to stand in a caption: "areas that share a border or a corner".
    notes
        Islands (areas without a neighbour), parts, gaps bridged, holes.
    """

    codes: pd.Index
    adjacency: sparse.csr_array
    kind: Literal["contiguity", "travel_time"]
    how: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.codes.is_unique or not self.codes.is_monotonic_increasing:
            raise DataError("Neighbours: codes must be sorted, each once.")
        if self.adjacency.shape != (len(self.codes), len(self.codes)):
            raise DataError("Neighbours: the matrix and the codes differ in size.")
        if bool((self.adjacency.data != 1.0).any()) or bool(self.adjacency.diagonal().any()):
            raise DataError("Neighbours: the matrix holds something else than pairs of areas.")
        if (self.adjacency != self.adjacency.T).nnz:
            raise DataError("Neighbours: an area is the neighbour of one that is not its own.")

    @property
    def counts(self) -> pd.Series:
        """How many neighbours each area has."""
        return pd.Series(np.diff(self.adjacency.indptr), index=self.codes, name="neighbours")

    @property
    def islands(self) -> pd.Index:
        """The areas without a neighbour."""
        return self.codes[(self.counts == 0).to_numpy()]

    @property
    def parts(self) -> pd.Series:
        """The piece each area is in, 1 = the one with most areas; pieces are not connected.

        Equally large pieces are numbered by their first code. An island is a piece of its own.
        """
        return _number_parts(self.codes, self.adjacency)

    def pairs(self) -> pd.DataFrame:
        """Return each pair of neighbours once: ``area_code``, ``neighbour_code``, sorted."""
        upper = sparse.triu(self.adjacency, format="csr").tocoo()
        codes = self.codes.to_numpy()
        table = pd.DataFrame({"area_code": codes[upper.row], "neighbour_code": codes[upper.col]})
        return table.sort_values(["area_code", "neighbour_code"], ignore_index=True)

    def subset(self, codes: pd.Index) -> Neighbours:
        """Return the same neighbours among some of the areas only, without notes."""
        chosen = self.codes[self.codes.isin(codes)]
        at = self.codes.get_indexer(chosen)
        return replace(
            self, codes=chosen, adjacency=_tidy(self.adjacency[at][:, at].tocoo()), notes=()
        )

    def to_graph(self) -> Any:
        """Return a `libpysal.graph.Graph` with weights of 1; islands stay in it."""
        # libpysal takes a second or more to import, and only this asks for it.
        from libpysal.graph import Graph

        coo = self.adjacency.tocoo()
        table = pd.DataFrame(
            {
                "focal": self.codes.to_numpy()[coo.row],
                "neighbor": self.codes.to_numpy()[coo.col],
                "weight": coo.data,
            }
        )
        islands = pd.DataFrame({"focal": self.islands, "neighbor": self.islands, "weight": 0.0})
        table = pd.concat([table, islands], ignore_index=True) if len(islands) else table
        table = table.sort_values(["focal", "neighbor"], ignore_index=True)
        return Graph.from_arrays(
            table["focal"].to_numpy(), table["neighbor"].to_numpy(), table["weight"].to_numpy()
        )


def build_neighbours(
    area: StudyArea,
    settings: SpatialSettings,
    *,
    minutes: TravelTimes | pd.DataFrame | None = None,
) -> Neighbours:
    """Return the neighbours among the place's own areas, as the project asks for them.

    Parameters
    ----------
    area
        The place. Context areas are no neighbours: what they are like is not tested.
    settings
        ``neighbours`` and, for travel time, ``within_minutes``.
    minutes
        Times from area to area, on area codes, as `TravelTimes` (such as from
        `planner.travel.times.to_areas`) or as a table ``origin, destination, minutes``; needed
        for travel time only.

    Returns
    -------
    neighbours
        On the place's area codes.

    Raises
    ------
    ProjectError
        Neighbours by travel time are asked for without times.
    TravelError
        The journeys searched are shorter than ``within_minutes``, or a table of times is not one.

    Notes
    -----
    *Contiguity* is the queen's: a border or a corner in common is enough. Where boundaries were
    simplified area by area, slivers stay open between neighbours, so a gap up to `GAP_METRES`
    wide along at least `BORDER_METRES` counts as a border. *Travel time*: each of the two is
    within the minutes of the other, so that one-way streets and the way a timetable runs make
    no difference.
    """
    if settings.neighbours == "contiguity":
        return _by_border(area)
    if minutes is None:
        raise ProjectError(
            '[spatial] neighbours = "travel_time" needs times between the areas, and there are '
            "none.",
            hint='Give the project streets, or write neighbours = "contiguity".',
        )
    return _by_time(area, minutes, settings.within_minutes)


def to_parents(neighbours: Neighbours, parents: pd.Series) -> Neighbours:
    """Return the neighbours among larger areas: those any of whose areas are neighbours.

    Parameters
    ----------
    neighbours
        Of the small areas.
    parents
        The larger area each small area is in, on area codes; a small area without one is left
        out, which is noted.

    Returns
    -------
    neighbours
        On the sorted codes of the larger areas, index name that of ``parents``. Of a larger area
        that reaches beyond the place only the part within it counts.

    Raises
    ------
    DataError
        No area of the place has a larger area.

    Examples
    --------
    >>> line = sparse.csr_array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> small = Neighbours(
    ...     codes=pd.Index(["a", "b", "c"]), adjacency=line, kind="contiguity", how="borders"
    ... )
    >>> larger = pd.Series({"a": "north", "b": "north", "c": "south"}, name="msoa21")
    >>> to_parents(small, larger).pairs().to_numpy().tolist()
    [['north', 'south']]
    """
    of = parents.reindex(neighbours.codes)
    unknown = neighbours.codes[of.isna().to_numpy()]
    if len(unknown) == len(of):
        raise DataError(
            f"Of none of the {len(of)} areas it is known which larger area it is in.",
            hint="Name the table in [lookups], such as lsoa21_msoa21 or dz11_iz11.",
        )
    number, larger = pd.factorize(of, sort=True)
    coo = neighbours.adjacency.tocoo()
    row, column = number[coo.row], number[coo.col]
    kept = (row >= 0) & (column >= 0) & (row != column)
    notes = [
        note_named(
            "clusters",
            "neighbours_no_parent",
            unknown,
            "in no known larger area, so left out there",
        )
    ]
    found = Neighbours(
        codes=pd.Index(larger, name=parents.name),
        adjacency=_matrix(row[kept], column[kept], len(larger)),
        kind=neighbours.kind,
        how=f"larger areas any of whose areas are neighbours ({neighbours.how})",
        notes=tuple(notes) if len(unknown) else (),
    )
    return replace(found, notes=(*found.notes, *_connection_notes(found)))


def _by_border(area: StudyArea) -> Neighbours:
    place = area.place
    shapes = place.geometry.to_numpy()
    row, column = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=GAP_METRES)
    once = row < column
    row, column = row[once], column[once]
    touching = shapely.distance(shapes[row], shapes[column]) <= TOUCH_METRES
    near = np.flatnonzero(~touching)
    length = _border(shapes[row[near]], shapes[column[near]])
    bridged = near[length >= BORDER_METRES]
    kept = np.sort(np.concatenate([np.flatnonzero(touching), bridged]))
    found = Neighbours(
        codes=place.index,
        adjacency=_matrix(row[kept], column[kept], len(place)),
        kind="contiguity",
        how="areas that share a border or a corner",
    )
    codes = place.index.to_numpy()
    joined = [f"{codes[row[at]]}–{codes[column[at]]}" for at in bridged]
    notes = []
    if joined:
        text = f"a gap of up to {GAP_METRES:g} m along their border, so taken as neighbours"
        notes.append(note_named("clusters", "neighbours_gap", sorted(joined), text))
    return replace(found, notes=(*notes, *_connection_notes(found), *_hole_notes(shapes)))


def _border(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """Return the length in metres along which two shapes run within the gap of each other."""
    lengths = [
        shapely.length(shapely.intersection(shapely.boundary(a), shapely.buffer(b, GAP_METRES)))
        for a, b in ((one, other), (other, one))
    ]
    longest: NDArray[np.float64] = np.maximum(*lengths)
    return longest


def _by_time(
    area: StudyArea, minutes: TravelTimes | pd.DataFrame, within_minutes: float
) -> Neighbours:
    codes = area.codes
    table, words, timed = _times(minutes, within_minutes)
    near = table[table["minutes"].to_numpy(dtype=float) <= within_minutes + _SLACK_MINUTES]
    row = codes.get_indexer(near["origin"])
    column = codes.get_indexer(near["destination"])
    kept = (row >= 0) & (column >= 0) & (row != column)
    one_way = sparse.coo_array(
        (np.ones(int(kept.sum())), (row[kept], column[kept])), shape=(len(codes), len(codes))
    ).tocsr()
    one_way.data[:] = 1.0
    both = one_way.multiply(one_way.T).tocoo()
    found = Neighbours(
        codes=codes,
        adjacency=_tidy(both),
        kind="travel_time",
        how=f"areas within {within_minutes:g} minutes of each other, both ways ({words})",
    )
    notes = []
    untimed = codes[~codes.isin(timed)]
    if len(untimed):
        notes.append(
            note_named(
                "clusters", "neighbours_no_time", untimed, "no journey from it could be timed"
            )
        )
    single = int(one_way.nnz - both.nnz)
    if single:
        text = f"{single} pairs of areas are within {within_minutes:g} minutes one way only: "
        notes.append(_count("neighbours_one_way", single, f"{text}not neighbours."))
    if not isinstance(minutes, pd.DataFrame) and minutes.approximate:
        text = f"Neighbours are by approximate times ({words}), not by streets."
        notes.append(_count("neighbours_approximate", len(codes), text))
    return replace(found, notes=(*notes, *_connection_notes(found)))


def _times(
    minutes: TravelTimes | pd.DataFrame, within_minutes: float
) -> tuple[pd.DataFrame, str, pd.Index]:
    """Return times as a table, how they were made, and the areas journeys were timed from."""
    if isinstance(minutes, pd.DataFrame):
        absent = sorted({"origin", "destination", "minutes"} - set(minutes.columns))
        if absent:
            raise TravelError(f"Times between areas: the column {absent[0]!r} is missing.")
        return minutes, "travel time", pd.Index(minutes["origin"].unique())
    if minutes.cutoff_minutes < within_minutes:
        raise TravelError(
            f"[spatial] within_minutes is {within_minutes:g}, but journeys between areas were "
            f"searched up to {minutes.cutoff_minutes:g} minutes.",
            hint="Lower within_minutes, or raise the longest journey searched.",
        )
    on = (minutes.origin_status == "connected").to_numpy()
    return minutes.to_frame(), minutes.method, minutes.origins[on]


def _matrix(row: NDArray[Any], column: NDArray[Any], size: int) -> sparse.csr_array:
    """Return the symmetric matrix of some pairs, given once or twice, in either order."""
    both = (np.concatenate([row, column]), np.concatenate([column, row]))
    return _tidy(sparse.coo_array((np.ones(len(both[0])), both), shape=(size, size)))


def _tidy(pairs: sparse.coo_array) -> sparse.csr_array:
    """Return a matrix of ones with sorted columns: the same pairs, the same bytes."""
    matrix = sparse.csr_array(pairs)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    matrix.data = np.ones(matrix.nnz)
    return matrix


def _number_parts(codes: pd.Index, adjacency: sparse.csr_array) -> pd.Series:
    _, label = csgraph.connected_components(adjacency, directed=False)
    sizes = pd.Series(label).value_counts()
    # Labels come in the order of the first area of each piece, which is that of the codes.
    order = sorted(sizes.index, key=lambda one: (-sizes[one], one))
    number = {one: place for place, one in enumerate(order, start=1)}
    return pd.Series([number[one] for one in label], index=codes, dtype="int64", name="part")


def _connection_notes(found: Neighbours) -> list[Note]:
    """Tell of islands, and of pieces that are not joined to each other."""
    notes = []
    islands = found.islands
    if len(islands):
        text = "no neighbour in the place, so not tested for clusters"
        notes.append(note_named("clusters", "neighbours_island", islands, text))
    sizes = found.parts.value_counts().sort_index()
    pieces = sizes[sizes > 1]
    if len(pieces) > 1:
        text = (
            f"The place falls into {len(pieces)} pieces that are not joined "
            f"({', '.join(str(size) for size in pieces)} areas); none is joined to another."
        )
        notes.append(Note(stage="clusters", what="neighbours_parts", count=len(pieces), text=text))
    return notes


def _hole_notes(shapes: NDArray[Any]) -> list[Note]:
    """Tell of ground within the place that is none of its areas; slivers are not holes."""
    whole = shapely.get_parts(shapely.union_all(shapely.make_valid(shapes)))
    rings = [ring for piece in whole for ring in getattr(piece, "interiors", [])]
    if not rings:
        return []
    inside = shapely.buffer(shapely.polygons(rings), -GAP_METRES)
    count = int((~shapely.is_empty(inside)).sum())
    if not count:
        return []
    text = (
        f"{count} holes in the place (ground that is in none of its areas): areas on two sides of "
        "one are not neighbours for it."
    )
    return [_count("neighbours_hole", count, text)]


def _count(what: str, count: int, text: str) -> Note:
    return Note(stage="clusters", what=what, count=count, text=text)
