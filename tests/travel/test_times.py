from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import TravelError
from planner.travel.times import STATUSES, TravelTimes, area_median, nearest, to_areas, within_count


def table(
    pairs: dict[tuple[str, str], int],
    *,
    origins: dict[str, tuple[str, int]],
    destinations: dict[str, tuple[str, int]],
    cutoff: float = 60.0,
) -> TravelTimes:
    """Times by hand: (origin, destination) → deciseconds; id → (status, component)."""
    home, away = pd.Index(sorted(origins)), pd.Index(sorted(destinations))
    rows = sorted((home.get_loc(o), away.get_loc(d), t) for (o, d), t in pairs.items())
    frame = pd.DataFrame(rows, columns=["origin", "destination", "deciseconds"], dtype="int32")
    parts = {}
    for name, index, given_ in (("origin", home, origins), ("destination", away, destinations)):
        parts[f"{name}_status"] = pd.Series(
            [given_[i][0] for i in index], index=index, dtype=object
        )
        parts[f"{name}_component"] = pd.Series(
            [given_[i][1] for i in index], index=index, dtype=int
        )
    return TravelTimes(
        pairs=frame,
        origins=home,
        destinations=away,
        mode="walk",
        cutoff_minutes=cutoff,
        method="by hand",
        **parts,
    )


ON = ("connected", 0)
PLACE = table(
    {("a", "x"): 600, ("a", "y"): 1200, ("b", "x"): 900, ("b", "y"): 900, ("c", "z"): 0},
    origins={
        "a": ON,
        "b": ON,
        "c": ("connected", 1),
        "d": ON,
        "e": ("not_connected", -1),
        "f": ("outside_extent", -1),
        "g": ("no_data", -1),
    },
    destinations={"w": ("not_connected", -1), "x": ON, "y": ON, "z": ("connected", 1)},
)


def test_nearest_by_hand() -> None:
    found = nearest(PLACE, pd.Index(["x", "y"]))
    assert found["status"].to_dict() == {
        "a": "reached",
        "b": "reached",
        "c": "unreachable",
        "d": "over_cutoff",
        "e": "not_connected",
        "f": "outside_extent",
        "g": "no_data",
    }
    assert found["minutes"].dropna().to_dict() == {"a": 1.0, "b": 1.5}
    assert found["destination"].tolist() == ["x", "x", "", "", "", "", ""]


def test_a_stored_zero_is_on_the_spot() -> None:
    found = nearest(PLACE, pd.Index(["z"]))
    assert found.loc["c"].to_dict() == {"minutes": 0.0, "status": "reached", "destination": "z"}


def test_only_the_destinations_asked_for_count() -> None:
    assert nearest(PLACE, pd.Index(["y"])).loc["a", "minutes"] == 2.0


def test_a_destination_off_the_network_cannot_be_reached() -> None:
    found = nearest(PLACE, pd.Index(["w"]))
    assert set(found["status"][["a", "b", "c", "d"]]) == {"unreachable"}


@pytest.mark.parametrize("status", ["outside_extent", "no_data"])
def test_of_a_destination_off_the_map_it_is_not_known_how_far_it_is(status: str) -> None:
    away = PLACE.destination_status.mask(PLACE.destinations == "w", status)
    off = replace(PLACE, destination_status=away)
    found = nearest(off, pd.Index(["w"]))["status"]
    assert set(found[["a", "b", "c", "d"]]) == {"no_data"}
    assert nearest(off, pd.Index(["w", "x"]))["status"]["c"] == "unreachable"


def test_nothing_asked_for_is_no_data_but_a_lost_home_stays_lost() -> None:
    status = nearest(PLACE, pd.Index([]))["status"]
    assert set(status[["a", "b", "c", "d", "g"]]) == {"no_data"}
    assert status["e"] == "not_connected"
    assert status["f"] == "outside_extent"


def test_an_unknown_destination_is_refused() -> None:
    with pytest.raises(TravelError, match="first: q"):
        nearest(PLACE, pd.Index(["q", "x"]))


def test_within_count_by_hand() -> None:
    jobs = pd.Series({"y": 5.0, "x": 2.0})
    counted = within_count(PLACE, jobs, 1.5)
    assert counted[["a", "b", "c", "d"]].to_dict() == {"a": 2.0, "b": 7.0, "c": 0.0, "d": 0.0}
    assert counted[["e", "f", "g"]].isna().all()


@pytest.mark.parametrize("minutes", [60.1, -1.0, float("nan")])
def test_within_a_time_that_was_not_searched_is_refused(minutes: float) -> None:
    with pytest.raises(TravelError, match="Cannot count"):
        within_count(PLACE, pd.Series({"x": 1.0}), minutes)


def test_within_count_refuses_weights_that_are_no_numbers() -> None:
    with pytest.raises(TravelError, match="no number"):
        within_count(PLACE, pd.Series({"x": np.nan}), 10)


def medians(rows: list[tuple[str, float, float, str]]) -> pd.DataFrame:
    """Area, weight, minutes, status of each point."""
    frame = pd.DataFrame(rows, columns=["area", "weight", "minutes", "status"])
    return area_median(frame["minutes"], frame["status"], frame["area"], frame["weight"])


NAN = float("nan")


@pytest.mark.parametrize(
    ("points", "minutes", "status", "connected"),
    [
        # one point
        ([(1.0, 7.0, "reached")], 7.0, "reached", 1.0),
        # the lower of two halves
        ([(0.5, 9.0, "reached"), (0.5, 4.0, "reached")], 4.0, "reached", 1.0),
        # weights decide: .2 + .2 < .5
        ([(0.2, 1.0, "reached"), (0.2, 2.0, "reached"), (0.6, 8.0, "reached")], 8.0, "reached", 1),
        # exactly half reached is enough, and its farthest point is the median
        (
            [
                (0.25, 3.0, "reached"),
                (0.25, 5.0, "reached"),
                (0.5, NAN, "not_connected"),
            ],
            5.0,
            "reached",
            0.5,
        ),
        # thirds: 1/3 + 1/3 is past a half
        ([(1 / 3, 1.0, "reached")] * 2 + [(1 / 3, NAN, "unreachable")], 1.0, "reached", 1.0),
        # sixths add up to a half but for rounding
        (
            [(1 / 6, t, "reached") for t in (1.0, 2.0, 3.0)] + [(1 / 6, NAN, "outside_extent")] * 3,
            3.0,
            "reached",
            0.5,
        ),
        # less than half: the commonest reason by weight, although more are reached
        (
            [(0.4, 3.0, "reached"), (0.35, NAN, "over_cutoff"), (0.25, NAN, "not_connected")],
            NAN,
            "over_cutoff",
            0.75,
        ),
        # a tie goes in the order of the statuses
        (
            [(0.3, NAN, "outside_extent"), (0.3, NAN, "not_connected"), (0.4, 1.0, "reached")],
            NAN,
            "not_connected",
            0.4,
        ),
        # a weight of nothing says nothing
        ([(0.0, 1.0, "reached"), (1.0, 6.0, "reached")], 6.0, "reached", 1.0),
    ],
)
def test_area_median_by_hand(
    points: list[tuple[float, float, str]], minutes: float, status: str, connected: float
) -> None:
    found = medians([("E1", *point) for point in points]).loc["E1"]
    assert found["minutes"] == minutes or np.isnan(found["minutes"]) == np.isnan(minutes)
    assert found["status"] == status
    assert found["share_connected"] == pytest.approx(connected)


def test_areas_do_not_touch_each_other() -> None:
    rows = [("E2", 0.5, 9.0, "reached"), ("E1", 0.5, 3.0, "reached")]
    rows += [("E1", 0.5, 1.0, "reached"), ("E2", 0.5, NAN, "unreachable")]
    found = medians(rows)
    assert found.index.tolist() == ["E1", "E2"]
    assert found["minutes"].tolist() == [1.0, 9.0]
    assert found["share_connected"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("weight", [0.0, -1.0, NAN])
def test_weights_that_cannot_be_are_refused(weight: float) -> None:
    with pytest.raises(TravelError, match="weight"):
        medians([("E1", weight, 1.0, "reached")])


def test_to_areas_by_hand() -> None:
    points = pd.DataFrame(
        {
            "area_code": ["A", "A", "B", "A", "C", "C", "C"],
            "weight": [0.4, 0.4, 1.0, 0.2, 0.3, 0.4, 0.3],
        },
        index=list("abcdefg"),
    )
    areas = to_areas(PLACE, points)
    # A to x: 600 (.4), 900 (.4): a half is passed at 900. A to y: 900 (.4), 1200 (.4): 1200.
    assert areas.to_frame().set_index(["origin", "destination"])["minutes"].to_dict() == {
        ("A", "x"): 1.5,
        ("A", "y"): 2.0,
        ("B", "z"): 0.0,
    }
    assert areas.origin_status.to_dict() == {
        "A": "connected",
        "B": "connected",
        "C": "outside_extent",
    }
    assert areas.origin_component.to_dict() == {"A": 0, "B": 1, "C": -1}


def test_to_areas_refuses_an_origin_of_no_area() -> None:
    points = pd.DataFrame({"area_code": ["A"], "weight": [1.0]}, index=["a"])
    with pytest.raises(TravelError, match="belong to no area"):
        to_areas(PLACE, points)


@st.composite
def any_times(draw: st.DrawFn) -> TravelTimes:
    origins = [f"o{i}" for i in range(draw(st.integers(1, 6)))]
    destinations = [f"d{i}" for i in range(draw(st.integers(1, 6)))]
    placed = st.sampled_from([("connected", 0), ("connected", 1), ("not_connected", -1)])
    home = {o: draw(placed) for o in origins}
    away = {d: draw(placed) for d in destinations}
    possible = [
        (o, d)
        for o in origins
        for d in destinations
        if home[o][1] == away[d][1] and home[o][1] >= 0
    ]
    some = draw(st.lists(st.sampled_from(possible), unique=True)) if possible else []
    return table(
        {pair: draw(st.integers(0, 36_000)) for pair in some}, origins=home, destinations=away
    )


@settings(deadline=None)
@given(any_times(), st.data())
def test_one_more_destination_never_makes_the_nearest_farther(
    times: TravelTimes, data: st.DataObject
) -> None:
    every = times.destinations.tolist()
    fewer = data.draw(st.lists(st.sampled_from(every), unique=True))
    before = nearest(times, pd.Index(fewer, dtype=object))["minutes"].fillna(np.inf)
    after = nearest(times, pd.Index([*fewer, every[0]]).unique())["minutes"].fillna(np.inf)
    assert (after <= before).all()


@settings(deadline=None)
@given(any_times())
def test_nearest_is_the_least_of_the_table(times: TravelTimes) -> None:
    found = nearest(times, times.destinations)
    least = times.to_frame().groupby("origin")["minutes"].min()
    assert found["minutes"].dropna().to_dict() == least.to_dict()
    assert (found["minutes"].notna() == (found["status"] == "reached")).all()
    assert set(found["status"]) <= set(STATUSES)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "B", "C"]),
            st.integers(1, 9),
            st.one_of(st.none(), st.integers(0, 60)),
        ),
        min_size=1,
    ),
    st.randoms(use_true_random=False),
)
def test_area_median_is_that_of_people_counted_one_by_one(rows, random) -> None:
    points = [
        (
            area,
            float(people),
            NAN if t is None else float(t),
            "over_cutoff" if t is None else "reached",
        )
        for area, people, t in rows
    ]
    found = medians(points)
    random.shuffle(points)
    pd.testing.assert_frame_equal(medians(points), found)
    for area in found.index:
        each = sorted(
            t if t is not None else np.inf
            for a, people, t in rows
            if a == area
            for _ in range(people)
        )
        lower = each[(len(each) - 1) // 2]
        assert found.loc[area, "minutes"] == lower or (
            np.isinf(lower) and np.isnan(found.loc[area, "minutes"])
        )


@settings(deadline=None)
@given(any_times(), st.data())
def test_one_point_an_area_changes_no_time(times: TravelTimes, data: st.DataObject) -> None:
    points = pd.DataFrame({"area_code": times.origins, "weight": 1.0}, index=times.origins)
    same = to_areas(times, points)
    pd.testing.assert_frame_equal(same.to_frame(), times.to_frame(), check_names=False)
    assert same.origin_status.tolist() == times.origin_status.tolist()
    assert same.origin_component.tolist() == times.origin_component.tolist()
