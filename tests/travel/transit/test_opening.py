"""Opening times and the way home: by hand, and against every site and minute one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_feeds import TUESDAY, clock, to_timetable, trip
from time_expanded import Call
from transit_streets import network_of, placed, spots

from planner.errors import TravelError
from planner.travel.kernels import FAR
from planner.travel.transit import (
    TransitNetwork,
    TransitSettings,
    arrivals,
    build_round_trips,
    build_transit_nearest,
    build_transit_nearest_of_kinds,
    opening_notes,
)
from planner.travel.transit.opening import build_hours, opens

#: There and back between A at 1 km, B at 5 km and C at 9 km, twice an hour.
HOURS = [clock(f"{hour}:{minute:02d}") for hour in (8, 9) for minute in (0, 30)]


def _line(stops: str, start: int) -> list[Call]:
    times = [start + 360 * place for place in range(3)]
    return [Call(stop, time, time) for stop, time in zip(stops, times, strict=True)]


TRIPS = [_line("ABC", hour + 600) for hour in HOURS] + [_line("CBA", hour + 300) for hour in HOURS]
SETTINGS = TransitSettings(
    date=TUESDAY, start_minute=480, end_minute=510, direct_minutes=15, percentiles=(20, 50, 100)
)


@pytest.fixture(scope="module")
def line() -> TransitNetwork:
    return network_of(placed(to_timetable(TRIPS, "ABC")))


def _at(line: TransitNetwork, minute: str, **more: Any) -> float:
    start = clock(minute) // 60
    settings = replace(SETTINGS, start_minute=start, end_minute=start + 1, percentiles=(50,))
    sites = spots(b=5000, c=9000)
    found = build_transit_nearest(line, spots(home=1000), sites, settings, **more)
    return float(found["minutes_p50"].iloc[0])


def test_waits_until_it_opens(line: TransitNetwork) -> None:
    # At 8:10 from A: B at 8:16, C at 8:22.
    assert _at(line, "8:10") == 6
    opening = {"b": [(500, 600)], "c": [(504, 600)]}
    assert _at(line, "8:10", opening=opening) == 10  # B opens at 8:20
    opening = {"b": [(510, 600)], "c": [(504, 600)]}
    assert _at(line, "8:10", opening=opening) == 14  # C opens at 8:24, B at 8:30


def test_stays_before_it_closes(line: TransitNetwork) -> None:
    opening = {"b": [(480, 506)], "c": [(480, 600)]}
    assert _at(line, "8:10", opening=opening, stay_minutes=10) == 6
    assert _at(line, "8:10", opening=opening, stay_minutes=10.5) == 12
    lunch = {"b": [(540, 600), (480, 496)], "c": []}
    assert _at(line, "8:10", opening=lunch) == 50  # closed since 8:16, open again at 9:00


def test_sites_without_hours(line: TransitNetwork) -> None:
    assert _at(line, "8:10", opening={"c": [(480, 600)]}) == 6
    assert _at(line, "8:10", opening={"c": [(480, 600)]}, unknown_opening="closed") == 12
    (note,) = opening_notes(pd.Index(["b", "c"]), {"c": []}, unknown_opening="closed")
    assert (note.count, note.items) == (1, ("b",))
    assert opening_notes(pd.Index(["c"]), {"c": []}) == ()


def test_open_at_the_deadline(line: TransitNetwork) -> None:
    settings = replace(
        SETTINGS, by="arrival", start_minute=540, end_minute=542, percentiles=(50, 100),
        cutoff_minutes=60,
    )  # fmt: skip
    found = build_transit_nearest(line, spots(home=1000), spots(b=5000, c=9000), settings)
    assert found.loc["home", ["minutes_p50", "minutes_p100"]].tolist() == [20, 21]  # from 8:40
    # B closes at 9:00, so that 9:01 must be at C.
    opening = {"b": [(480, 541)], "c": [(541, 600)]}
    found = build_transit_nearest(
        line, spots(home=1000), spots(b=5000, c=9000), settings, opening=opening
    )
    assert found.loc["home", ["minutes_p50", "minutes_p100"]].tolist() == [20, 21]
    opening = {"b": [(480, 541)], "c": [(560, 600)]}
    found = build_transit_nearest(
        line, spots(home=1000), spots(b=5000, c=9000), settings, opening=opening
    )
    assert found["share_of_minutes_reachable"].tolist() == [0.5]


def test_touching_spans_are_one() -> None:
    hours, _ = build_hours(
        pd.Index(["a"]), {"a": [(600, 660), (540, 600), (700, 720)]}, stay_minutes=90
    )
    assert [opens(hours, 0, m * 60) // 60 for m in (500, 570)] == [540, 570]
    assert opens(hours, 0, 571 * 60) == FAR


@pytest.mark.parametrize("wrong", [{"b": [(600, 540)]}, {"b": [(600, 600)]}])
def test_closing_before_opening_is_refused(line: TransitNetwork, wrong: Any) -> None:
    with pytest.raises(TravelError, match="site b closes"):
        _at(line, "8:10", opening=wrong)


def test_round_trip_by_hand(line: TransitNetwork) -> None:
    # To B at 8:16 or 8:46; home from B at 8:41, 9:11 and 9:41, six minutes to A.
    trips = build_round_trips(
        *(line, spots(home=1000), spots(b=5000, c=9000), pd.Series(["b", "c"], index=["b", "c"])),
        SETTINGS,
        stay_minutes=25,
        back_by_minute=9 * 60 + 17,
    )
    # B: until 8:10 the bus of 8:10, out at 8:41; after that 8:46 and 9:11: all 30 minutes.
    assert trips["b"]["share_of_minutes_possible"].tolist() == [1.0]
    assert trips["b"]["latest_return_minute"].tolist() == [9 * 60 + 11]
    # C: 8:22 and 25 minutes is 8:47, for 9:05; 8:52 is too late. So the minutes to 8:10.
    assert trips["c"]["share_of_minutes_possible"].tolist() == [11 / 30]
    assert trips["c"]["latest_return_minute"].tolist() == [9 * 60 + 5]
    assert trips["c"]["minutes_p20"].tolist() == [17.0]
    assert trips["c"]["status"].tolist() == ["reached"]
    assert np.isnan(trips["c"]["minutes_p50"].iloc[0])


def test_round_trips_need_a_window_of_leaving(line: TransitNetwork) -> None:
    home = spots(home=1000)
    settings = replace(SETTINGS, by="arrival", cutoff_minutes=60)
    with pytest.raises(TravelError, match="leaving home"):
        build_round_trips(
            *(line, home, home, pd.Series("x", index=home.index), settings),
            stay_minutes=1,
            back_by_minute=600,
        )


# --- against every site and minute one by one -----------------------------------------------------


@st.composite
def towns(draw: st.DrawFn) -> tuple[TransitNetwork, gpd.GeoSeries, gpd.GeoSeries, dict[str, Any]]:
    trips = []
    for _ in range(draw(st.integers(1, 6))):
        line = draw(st.permutations("ABCD"))[: draw(st.integers(2, 4))]
        now = 480 + draw(st.integers(0, 60))
        calls = []
        for stop in line:
            calls.append(f"{stop} {now // 60}:{now % 60:02d}")
            now += draw(st.integers(1, 12))
        trips.append(trip(", ".join(calls)))
    named = sorted({call.stop for one in trips for call in one})
    network = network_of(placed(to_timetable(trips, named)))
    metres = st.integers(0, 99)
    home = spots(**{f"h{i}": 100.0 * draw(metres) for i in range(3)})
    sites = spots(**{f"s{i}": 100.0 * draw(metres) for i in range(4)})
    opening: dict[str, Any] = {}
    for site in sites.index[: draw(st.integers(0, 4))]:
        opens_at = 460 + draw(st.integers(0, 60))
        opening[site] = [(opens_at, opens_at + draw(st.integers(1, 40)))]
        if draw(st.booleans()):
            opening[site].append((opens_at + 50, opens_at + 80))
    return network, home, sites, opening


def _settings(draw_by: str = "departure", **more: Any) -> TransitSettings:
    base = TransitSettings(
        date=TUESDAY, start_minute=490, end_minute=505, cutoff_minutes=60, direct_minutes=30,
        access_minutes=15, egress_minutes=15, percentiles=(1, 50, 90), by=draw_by,  # type: ignore[arg-type]
    )  # fmt: skip
    return replace(base, **more)


def _next_open(time: int, spans: list[tuple[int, int]] | None, stay: int) -> int:
    """Return the first second from ``time`` on at which one can stay: then, or at an opening."""
    if spans is None:
        return time
    seconds = [time, *(60 * opens_at for opens_at, _ in spans if 60 * opens_at > time)]
    can = [
        second
        for second in seconds
        for opens_at, closes in spans
        if 60 * opens_at <= second and second + max(stay, 1) <= 60 * closes
    ]
    return min(can, default=int(FAR))


def _percentiles(minutes: Any, percentiles: tuple[int, ...]) -> list[float]:
    """Return the shortest time that so many of 100 minutes do not exceed."""
    ordered = sorted(minutes)
    return [ordered[max(-(-p * len(ordered) // 100) - 1, 0)] for p in percentiles]


def _compare(table: pd.DataFrame, row: int, seconds: Any, share: str) -> None:
    expected = [s / 60 if s < FAR else np.nan for s in _percentiles(seconds, (1, 50, 90))]
    found = table.iloc[row][["minutes_p1", "minutes_p50", "minutes_p90"]].to_numpy(float)
    np.testing.assert_array_equal(found, expected)
    assert table[share].iloc[row] == np.mean([s < FAR for s in seconds])


@settings(max_examples=60, deadline=None)
@given(towns(), st.sampled_from([0, 5, 20]), st.sampled_from([None, 2]))
def test_nearest_open_site_is_the_best_of_all(town: Any, stay: int, rides: int | None) -> None:
    network, home, sites, opening = town
    settings_ = _settings(max_rides=rides)
    arrive = arrivals(network, home, sites, settings_)
    found = build_transit_nearest(
        network, home, sites, settings_, opening=opening, stay_minutes=stay
    )
    for row in range(len(home)):
        seconds = []
        for step in range(15):
            now = (490 + step) * 60
            times = [
                _next_open(int(t), opening.get(site), stay * 60) - now
                for t, site in zip(arrive[row, step], sites.index, strict=True)
                if t < FAR
            ]
            seconds.append(min([t for t in times if t <= 3600], default=int(FAR)))
        _compare(found, row, seconds, "share_of_minutes_reachable")


@settings(max_examples=60, deadline=None)
@given(towns(), st.sampled_from([0, 5, 20]))
def test_nearest_by_a_deadline_is_the_best_of_all(town: Any, stay: int) -> None:
    network, home, sites, opening = town
    settings_ = _settings("arrival", start_minute=520, end_minute=535)
    leave = arrivals(network, home, sites, settings_)
    found = build_transit_nearest(
        network, home, sites, settings_, opening=opening, stay_minutes=stay
    )
    for row in range(len(home)):
        seconds = []
        for step in range(15):
            deadline = (520 + step) * 60
            times = [
                deadline - int(t)
                for t, site in zip(leave[row, step], sites.index, strict=True)
                if t > -FAR and _next_open(deadline, opening.get(site), stay * 60) == deadline
            ]
            seconds.append(min(times, default=int(FAR)))
        _compare(found, row, seconds, "share_of_minutes_reachable")


@settings(max_examples=60, deadline=None)
@given(towns(), st.sampled_from([0, 10]), st.integers(510, 580))
def test_round_trips_are_the_best_of_all(town: Any, stay: int, back_by: int) -> None:
    network, home, sites, opening = town
    settings_ = _settings()
    kind = pd.Series(["x", "y", "x", "y"], index=sites.index)
    out = arrivals(network, home, sites, settings_)
    late = _settings("arrival", start_minute=back_by, end_minute=back_by + 1)
    back = arrivals(network, sites, home, late)[:, 0]
    found = build_round_trips(
        *(network, home, sites, kind, settings_),
        stay_minutes=stay,
        back_by_minute=back_by,
        opening=opening,
    )
    for name in "xy":
        for row in range(len(home)):
            seconds, last = [], -1
            for step in range(15):
                now = (490 + step) * 60
                best = int(FAR)
                for place in np.flatnonzero((kind == name).to_numpy()):
                    if out[row, step, place] == FAR:
                        continue
                    there = _next_open(
                        int(out[row, step, place]), opening.get(sites.index[place]), stay * 60
                    )
                    homeward = back[place, row]
                    if there - now <= 3600 and there + stay * 60 <= homeward:
                        best = min(best, there - now)
                        last = max(last, homeward)
                seconds.append(best)
            _compare(found[name], row, seconds, "share_of_minutes_possible")
            latest = found[name]["latest_return_minute"].iloc[row]
            assert (last == -1 and np.isnan(latest)) or latest == last / 60


def test_kinds_share_one_question(line: TransitNetwork) -> None:
    sites = spots(b=5000, c=9000)
    kind = pd.Series(["x", "y"], index=sites.index)
    opening = {"b": [(500, 600)]}
    both = build_transit_nearest_of_kinds(
        line, spots(home=1000), sites, kind, SETTINGS, opening=opening
    )
    for name, site in (("x", "b"), ("y", "c")):
        alone = build_transit_nearest(
            line, spots(home=1000), sites.loc[[site]], SETTINGS, opening=opening
        )
        pd.testing.assert_frame_equal(both[name], alone)
