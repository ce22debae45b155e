from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from squares import code, square_place

from planner.area import CRS, StudyArea
from planner.errors import DataError, ProjectError, TravelError
from planner.need.space.neighbours import Neighbours, build_neighbours, to_parents
from planner.project import SpatialSettings
from planner.travel.times import TravelTimes

CONTIGUITY = SpatialSettings()


def near(minutes: float = 20.0) -> SpatialSettings:
    return SpatialSettings(neighbours="travel_time", within_minutes=minutes)


def moved(rows: int, columns: int, metres: float) -> StudyArea:
    """Draw each column of squares so much further from the one before."""
    return square_place(rows, columns, shift=lambda row, column: metres * column)


def pairs_of(found: Neighbours) -> set[tuple[str, str]]:
    return set(found.pairs().itertuples(index=False, name=None))


def said(found: Neighbours, what: str) -> str:
    return next(note.text for note in found.notes if note.what == what)


def whats(found: Neighbours) -> list[str]:
    return [note.what for note in found.notes]


def queens(cells: list[tuple[int, int]]) -> set[tuple[str, str]]:
    """Pair squares that are a king's move apart, by brute force."""
    return {
        (code(*a), code(*b))
        for a in cells
        for b in cells
        if a < b and max(abs(a[0] - b[0]), abs(a[1] - b[1])) == 1
    }


def test_sides_and_corners_make_neighbours() -> None:
    found = build_neighbours(square_place(3, 4), CONTIGUITY)
    assert pairs_of(found) == queens([(r, c) for r in range(3) for c in range(4)])
    assert found.notes == ()
    assert "border or a corner" in found.how


def test_counts_are_those_of_the_grid() -> None:
    found = build_neighbours(square_place(3, 3), CONTIGUITY)
    assert found.counts.tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3]


def test_a_gap_of_two_metres_along_a_border_is_bridged_and_told() -> None:
    found = build_neighbours(moved(2, 2, 2.0), CONTIGUITY)
    # Corners that face each other across the gap do not meet.
    across = {(code(0, 0), code(0, 1)), (code(1, 0), code(1, 1))}
    assert pairs_of(found) == across | {(code(0, 0), code(1, 0)), (code(0, 1), code(1, 1))}
    note = next(note for note in found.notes if note.what == "neighbours_gap")
    assert note.count == 2
    assert note.items == ("E01900000–E01900001", "E01900100–E01900101")


def test_the_rounding_of_coordinates_is_no_gap() -> None:
    found = build_neighbours(moved(2, 2, 0.05), CONTIGUITY)
    assert len(found.pairs()) == 6
    assert found.notes == ()


def test_overlapping_drawings_are_neighbours() -> None:
    found = build_neighbours(moved(1, 2, -3.0), CONTIGUITY)
    assert len(found.pairs()) == 1


def test_a_gap_of_twenty_metres_is_a_gap() -> None:
    found = build_neighbours(moved(1, 2, 20.0), CONTIGUITY)
    assert len(found.pairs()) == 0
    assert list(found.islands) == [code(0, 0), code(0, 1)]


def test_an_island_is_named_and_joined_to_nothing() -> None:
    place = square_place(3, 3, without=[(0, 1), (1, 0), (1, 1)])
    found = build_neighbours(place, CONTIGUITY)
    assert list(found.islands) == [code(0, 0)]
    note = next(note for note in found.notes if note.what == "neighbours_island")
    assert (note.count, note.items) == (1, (code(0, 0),))
    assert found.parts[code(0, 0)] == 2


def test_pieces_are_numbered_by_size_then_code() -> None:
    place = square_place(1, 8, without=[(0, 2), (0, 6)])
    found = build_neighbours(place, CONTIGUITY)
    assert found.parts.tolist() == [2, 2, 1, 1, 1, 3]
    # One square alone is an island, told as such.
    assert said(found, "neighbours_parts").startswith("The place falls into 2 pieces")
    assert "3, 2 areas" in said(found, "neighbours_parts")


def test_a_hole_joins_nothing_across_it() -> None:
    place = square_place(3, 3, without=[(1, 1)])
    found = build_neighbours(place, CONTIGUITY)
    ring = [(r, c) for r in range(3) for c in range(3) if (r, c) != (1, 1)]
    assert pairs_of(found) == queens(ring)
    assert next(n.count for n in found.notes if n.what == "neighbours_hole") == 1


def test_a_sliver_is_not_a_hole() -> None:
    place = square_place(3, 3, shift=lambda row, column: 2.0 * (row == 1 and column == 2))
    assert "neighbours_hole" not in whats(build_neighbours(place, CONTIGUITY))


def test_context_areas_are_no_neighbours() -> None:
    found = build_neighbours(square_place(1, 3, context=[(0, 1)]), CONTIGUITY)
    assert list(found.codes) == [code(0, 0), code(0, 2)]
    assert len(found.islands) == 2


def test_travel_time_takes_both_ways() -> None:
    place = square_place(1, 4)
    one, two, three, four = place.codes
    rows = [(one, two, 20.0), (two, one, 5.0), (two, three, 5.0), (three, two, 20.5)]
    rows += [(one, one, 0.0), (one, "E01999999", 1.0), (three, three, 0.0)]
    table = pd.DataFrame(rows, columns=["origin", "destination", "minutes"])

    found = build_neighbours(place, near(20.0), minutes=table)

    assert pairs_of(found) == {(one, two)}
    assert list(found.islands) == [three, four]
    assert next(n.count for n in found.notes if n.what == "neighbours_one_way") == 1
    assert next(n.items for n in found.notes if n.what == "neighbours_no_time") == (four,)
    assert "within 20 minutes of each other, both ways" in found.how


def travel_times(place: StudyArea, minutes: np.ndarray, cutoff: float) -> TravelTimes:
    """Return times between all areas from a square of minutes (infinite: none)."""
    row, column = np.nonzero(np.isfinite(minutes))
    codes = pd.Index(place.codes)
    return TravelTimes(
        pairs=pd.DataFrame(
            {
                "origin": row.astype(np.int32),
                "destination": column.astype(np.int32),
                "deciseconds": (minutes[row, column] * 600).round().astype(np.int32),
            }
        ),
        origins=codes,
        destinations=codes,
        origin_status=pd.Series("connected", index=codes),
        destination_status=pd.Series("connected", index=codes),
        origin_component=pd.Series(0, index=codes),
        destination_component=pd.Series(0, index=codes),
        mode="walk",
        cutoff_minutes=cutoff,
        method="street network",
    )


def test_travel_times_give_the_same_as_their_table() -> None:
    place = square_place(2, 3)
    minutes = np.random.default_rng(4).uniform(5, 30, size=(6, 6)).round(1)
    times = travel_times(place, minutes, 30.0)
    found = build_neighbours(place, near(), minutes=times)
    by_hand = {
        (place.codes[i], place.codes[j])
        for i in range(6)
        for j in range(i + 1, 6)
        if max(minutes[i, j], minutes[j, i]) <= 20.0
    }
    assert pairs_of(found) == by_hand
    table = times.to_frame()[["origin", "destination", "minutes"]].sample(frac=1, random_state=1)
    assert pairs_of(build_neighbours(place, near(), minutes=table)) == by_hand


def test_a_pair_that_was_not_reached_is_no_neighbour() -> None:
    place = square_place(1, 2)
    minutes = np.array([[0.0, 10.0], [np.inf, 0.0]])
    found = build_neighbours(place, near(), minutes=travel_times(place, minutes, 30.0))
    assert len(found.islands) == 2


def test_an_area_off_the_streets_is_told_from_one_with_nothing_near() -> None:
    place = square_place(1, 3)
    minutes = np.full((3, 3), np.inf)
    minutes[0, 0] = minutes[1, 1] = 0.0
    times = travel_times(place, minutes, 30.0)
    status = times.origin_status.copy()
    status.iloc[2] = "not_connected"
    times = replace(times, origin_status=status, destination_status=status)
    found = build_neighbours(place, near(), minutes=times)
    assert len(found.islands) == 3
    note = next(note for note in found.notes if note.what == "neighbours_no_time")
    assert note.items == (place.codes[2],)


def test_straight_lines_are_told_as_approximate() -> None:
    place = square_place(1, 2)
    times = travel_times(place, np.full((2, 2), 10.0), 30.0)
    times = replace(times, approximate=True, method="straight line × 1.3")
    found = build_neighbours(place, near(), minutes=times)
    assert "straight line × 1.3" in said(found, "neighbours_approximate")


def test_journeys_searched_too_short_are_refused() -> None:
    place = square_place(1, 2)
    times = travel_times(place, np.full((2, 2), 10.0), 15.0)
    with pytest.raises(TravelError, match="within_minutes is 20"):
        build_neighbours(place, near(20.0), minutes=times)


def test_travel_time_without_times_is_refused() -> None:
    with pytest.raises(ProjectError, match="there are none"):
        build_neighbours(square_place(1, 2), near())


def test_a_table_without_minutes_is_refused() -> None:
    with pytest.raises(TravelError, match="'minutes' is missing"):
        build_neighbours(
            square_place(1, 2), near(), minutes=pd.DataFrame({"origin": [], "destination": []})
        )


def test_larger_areas_are_neighbours_where_any_of_theirs_are() -> None:
    """Columns of a 2 × 4 grid in three larger areas: a a b c, so a–b and b–c, not a–c."""
    place = square_place(2, 4)
    parents = pd.Series(["a", "a", "b", "c"] * 2, index=place.codes, name="msoa21")
    found = to_parents(build_neighbours(place, CONTIGUITY), parents)
    assert pairs_of(found) == {("a", "b"), ("b", "c")}
    assert found.codes.name == "msoa21"


def test_larger_areas_by_neighbours_are_those_of_dissolved_shapes() -> None:
    place = square_place(8, 8)
    random = np.random.default_rng(9)
    parents = pd.Series(random.choice(list("abcdefghij"), size=64), index=place.codes, name="iz11")
    whole = place.place.assign(parent=parents).dissolve("parent").geometry
    by_shape = {(a, b) for a in whole.index for b in whole.index if a < b} & {
        (a, b) for a in whole.index for b in whole.index if whole[a].intersects(whole[b])
    }
    assert pairs_of(to_parents(build_neighbours(place, CONTIGUITY), parents)) == by_shape


def test_an_area_in_no_larger_one_is_left_out_and_told() -> None:
    place = square_place(1, 3)
    parents = pd.Series(["a", np.nan, "b"], index=place.codes, name="msoa21", dtype=object)
    found = to_parents(build_neighbours(place, CONTIGUITY), parents)
    assert len(found.pairs()) == 0
    assert next(n.items for n in found.notes if n.what == "neighbours_no_parent") == (code(0, 1),)


def test_no_larger_area_at_all_is_refused() -> None:
    place = square_place(1, 3)
    with pytest.raises(DataError, match="Of none of the 3 areas"):
        to_parents(build_neighbours(place, CONTIGUITY), pd.Series(dtype=object, name="msoa21"))


def test_a_subset_keeps_the_pairs_among_it() -> None:
    found = build_neighbours(square_place(1, 4), CONTIGUITY)
    some = found.subset(pd.Index([code(0, 3), code(0, 0), code(0, 1)]))
    assert pairs_of(some) == {(code(0, 0), code(0, 1))}
    assert list(some.islands) == [code(0, 3)]


def test_the_graph_of_libpysal_has_the_same_pairs_and_islands() -> None:
    found = build_neighbours(square_place(2, 5, without=[(0, 3), (1, 3)]), CONTIGUITY)
    lone = build_neighbours(square_place(1, 3, without=[(0, 1)]), CONTIGUITY)
    graph = found.to_graph()
    assert {(a, b) for a, b in graph.adjacency.index if a < b} == pairs_of(found)
    assert list(lone.to_graph().isolates) == list(lone.islands)


def test_a_matrix_that_goes_one_way_is_refused() -> None:
    codes = pd.Index(["a", "b"])
    with pytest.raises(DataError, match="not its own"):
        Neighbours(
            codes=codes,
            adjacency=sparse.csr_array(np.array([[0.0, 1.0], [0.0, 0.0]])),
            kind="contiguity",
            how="",
        )


@pytest.fixture(scope="module")
def trafford(shared: Path) -> StudyArea:
    folder = shared / "fixtures" / "boundaries"
    shapes = gpd.read_file(folder / "trafford_lsoa21_generalised.geojson").to_crs(CRS)
    shapes = shapes.set_index("area_code").sort_index()
    areas = gpd.GeoDataFrame(
        {
            "area_name": shapes["area_name"],
            "nation": "England",
            "population": 1500.0,
            "in_place": True,
            "geometry": shapes.geometry,
        },
        crs=CRS,
    )
    points = areas[["geometry"]].set_geometry(areas.representative_point())
    points = points.assign(area_code=areas.index, weight=1.0).rename_axis("point_id")
    return StudyArea(
        name="Trafford",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="representative points",
    )


def test_trafford_has_the_neighbours_that_libpysal_finds(trafford: StudyArea) -> None:
    from libpysal.graph import Graph

    graph = Graph.build_contiguity(trafford.areas.geometry, rook=False, strict=True)
    theirs = {(a, b) for a, b in graph.adjacency.index if a < b}
    found = build_neighbours(trafford, CONTIGUITY)
    assert pairs_of(found) == theirs
    assert len(found.islands) == 0


def test_newports_older_boundaries_with_slivers_hang_together(shared: Path) -> None:
    """Borders of this file differ by centimetres: exact contact would leave 95 islands."""
    file = shared / "fixtures" / "boundaries" / "newport_W06000022_lsoa11.json"
    shapes = gpd.read_file(file).set_crs(4326, allow_override=True).to_crs(CRS)
    shapes = shapes.set_index("LSOA11CD").rename_axis("area_code").sort_index()
    place = square_place(1, 2)
    areas = gpd.GeoDataFrame(
        {
            "area_name": shapes.index,
            "nation": "Wales",
            "population": 1500.0,
            "in_place": True,
            "geometry": shapes.geometry,
        },
        crs=CRS,
    )
    points = areas[["geometry"]].set_geometry(areas.representative_point())
    points = points.assign(area_code=areas.index, weight=1.0).rename_axis("point_id")
    newport = replace(place, geography="lsoa11", areas=areas, points=points)
    found = build_neighbours(newport, CONTIGUITY)
    assert len(found.islands) == 0
    assert found.parts.max() == 1
    assert "neighbours_hole" not in whats(found)
