"""Timetables as they are published, with all that can be wrong in them."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import numpy as np
import pytest
from made_feeds import BLANK, HOUR, TUESDAY, clock, feed, write_feed
from time_expanded import read_plain_trips

from planner.errors import DataError
from planner.sources.gtfs import read_timetable
from planner.travel.transit.timetable import IMPOSSIBLE, Timetable

ONE = {"T1": "A 8:00, B 8:10"}


def _read(folder: Path, tables: dict[str, str], date: dt.date = TUESDAY) -> Timetable:
    return read_timetable([(write_feed(folder, tables), "bus.zip")], date=date)


def _calls(timetable: Timetable) -> list[list[tuple[str, int, int]]]:
    """Return each trip as (stop, arrival, departure), sorted."""
    start, found = timetable.trip_start, []
    for pattern in range(len(timetable.pattern_trip) - 1):
        begin, end = timetable.pattern_start[pattern : pattern + 2]
        stops = [str(timetable.stop_id[s]) for s in timetable.pattern_stop[begin:end]]
        for t in range(timetable.pattern_trip[pattern], timetable.pattern_trip[pattern + 1]):
            part = slice(start[t], start[t + 1])
            times = (timetable.arrival[part].tolist(), timetable.departure[part].tolist())
            found.append(list(zip(stops, *times, strict=True)))
    return sorted(found, key=lambda calls: calls[0][2])


def _starts(timetable: Timetable) -> list[int]:
    return [calls[0][2] for calls in _calls(timetable)]


def _noted(timetable: Timetable, what: str) -> tuple[int, tuple[str, ...]]:
    note = next(note for note in timetable.notes if note.what == what)
    return note.count, note.items


def test_times_stops_and_position(tmp_path: Path) -> None:
    timetable = _read(tmp_path, feed({"T1": "A 8:00/8:01, B 8:10"}))
    assert _calls(timetable) == [
        [("A", clock("8:00"), clock("8:01")), ("B", clock("8:10"), clock("8:10"))]
    ]
    assert timetable.stop_name.tolist() == ["Stop A", "Stop B"]
    # Easting and northing of 51.58 N 3 W on the National Grid, by the Ordnance Survey's formulas.
    np.testing.assert_allclose(timetable.stop_x[0], 330_800, atol=200)
    np.testing.assert_allclose(timetable.stop_y[0], 187_400, atol=400)


def test_names_for_telling_a_journey(tmp_path: Path) -> None:
    routes = "route_id,route_type,route_short_name,route_long_name\nR,3,30,\nQ,2,,Main\x07 line\n"
    trips = "route_id,service_id,trip_id,trip_headsign\nR,WK,T1,  Town \nQ,WK,T2,\nR,WK,T3,Town\n"
    lines = {"T1": "A 8:00, B 8:10", "T2": "A 8:20, C 8:25", "T3": "A 9:00, B 9:10"}
    timetable = _read(tmp_path, feed(lines, routes_txt=routes, trips_txt=trips))
    found = {
        str(trip): (
            timetable.route_name[route],
            int(timetable.route_type[route]),
            timetable.trip_headsign[at],
        )
        for at, (trip, route) in enumerate(
            zip(timetable.trip_id, timetable.trip_route, strict=True)
        )
    }
    assert found == {
        "T1": ("30", 3, "Town"),
        "T2": ("Main line", 2, ""),
        "T3": ("30", 3, "Town"),
    }
    assert len(timetable.route_name) == 2  # each once, however many trips


def test_stops_that_nothing_serves_are_listed(tmp_path: Path) -> None:
    assert _noted(_read(tmp_path, feed(ONE)), "stops_not_served") == (2, ("C", "D"))


def test_calendar_and_exceptions(tmp_path: Path) -> None:
    dates = "service_id,date,exception_type\nWK,20240305,2\nSA,20240305,1\n"
    trips = "route_id,service_id,trip_id\nR,WK,T1\nR,SA,T2\n"
    tables = feed(
        {"T1": "A 8:00, B 8:10", "T2": "A 9:00, B 9:10"}, calendar_dates_txt=dates, trips_txt=trips
    )
    assert _starts(_read(tmp_path, tables)) == [9 * HOUR]
    assert _starts(_read(tmp_path, tables, dt.date(2024, 3, 6))) == [8 * HOUR]


def test_exceptions_alone(tmp_path: Path) -> None:
    dates = "service_id,date,exception_type\nWK,20240310,1\n"
    tables = feed(ONE, calendar_dates_txt=dates)
    del tables["calendar.txt"]
    assert _starts(_read(tmp_path, tables, dt.date(2024, 3, 10))) == [8 * HOUR]
    with pytest.raises(DataError, match="No vehicle runs on 5 March 2024"):
        _read(tmp_path, tables)


def test_trips_past_midnight_are_seen_from_both_days(tmp_path: Path) -> None:
    tables = feed({"T1": "A 23:50, B 24:20", "T2": "A 25:10, B 25:30"})
    tuesday = _read(tmp_path, tables)
    late, early = 23 * HOUR + 3000, HOUR + 600
    assert _starts(tuesday) == [late - 86_400, early, late, early + 86_400]
    monday = _read(tmp_path, tables, dt.date(2024, 3, 4))  # the first day of the calendar
    assert _starts(monday) == [late, early + 86_400]
    assert _noted(tuesday, "trips_past_midnight")[0] == 2


def test_times_up_to_half_past_seven_of_the_next_morning(tmp_path: Path) -> None:
    # Monday's 30:50 to 31:30 is Tuesday's 6:50 to 7:30.
    tables = feed({"T1": "A 30:50, B 31:30", "T2": "A 8:00, B 8:10"})
    tuesday = _read(tmp_path, tables)
    assert _calls(tuesday)[0] == [
        ("A", clock("6:50"), clock("6:50")),
        ("B", clock("7:30"), clock("7:30")),
    ]
    assert _starts(tuesday) == [clock("6:50"), clock("8:00")]


def test_the_first_trips_of_the_next_day(tmp_path: Path) -> None:
    tables = feed({"T1": "A 5:59, B 6:10", "T2": "A 6:00, B 6:10"})
    starts = _starts(_read(tmp_path, tables))
    assert starts == [clock("5:59"), clock("6:00"), clock("29:59")]


@pytest.mark.parametrize("exact", ["", ",exact_times"])
def test_headways(tmp_path: Path, exact: str) -> None:
    rows = f"trip_id,start_time,end_time,headway_secs{exact}\n"
    rows += f"T1,7:00:00,7:30:00,600{',1' if exact else ''}\n"
    timetable = _read(tmp_path, feed({"T1": "A 8:00/8:01, B 8:10"}, frequencies_txt=rows))
    assert _starts(timetable) == [clock("7:00"), clock("7:10"), clock("7:20")]
    assert _calls(timetable)[1] == [
        ("A", clock("7:09"), clock("7:10")),
        ("B", clock("7:19"), clock("7:19")),
    ]
    assert ("headways_not_exact" in [n.what for n in timetable.notes]) == (not exact)


@pytest.mark.parametrize("row", ["T1,7:00:00,7:30:00,0", "T1,7:0:00,8:00:00,60", "T1,7:00:00,,60"])
def test_headways_that_cannot_be(tmp_path: Path, row: str) -> None:
    rows = f"trip_id,start_time,end_time,headway_secs\n{row}\n"
    with pytest.raises(DataError, match=r"frequencies\.txt, row 2"):
        _read(tmp_path, feed(ONE, frequencies_txt=rows))


def test_headways_of_either_kind_run_from_the_stated_start(tmp_path: Path) -> None:
    rows = "trip_id,start_time,end_time,headway_secs,exact_times\n"
    rows += "T1,7:00:00,7:20:00,600,0\nT1,25:00:00,25:10:00,600,1\n"
    timetable = _read(tmp_path, feed({"T1": "A 8:00, B 8:10"}, frequencies_txt=rows))
    night = [clock("1:00"), clock("25:00")]
    assert sorted(_starts(timetable)) == sorted([clock("7:00"), clock("7:10"), *night])
    assert _noted(timetable, "headways_not_exact")[0] == 1


def test_headway_of_an_unknown_trip_is_listed(tmp_path: Path) -> None:
    rows = "trip_id,start_time,end_time,headway_secs\nGHOST,7:00:00,7:30:00,600\n"
    timetable = _read(tmp_path, feed(ONE, frequencies_txt=rows))
    assert _noted(timetable, "headways_unknown_trips") == (1, ("GHOST",))


def _stop_times(rows: str, columns: str = "") -> str:
    return f"trip_id,arrival_time,departure_time,stop_id,stop_sequence{columns}\n{rows}"


def test_blank_times_lie_evenly_between_stops(tmp_path: Path) -> None:
    rows = "T1,8:00:00,8:00:00,A,1\nT1,,,B,2\nT1,,,C,3\nT1,8:10:00,8:10:00,D,9\n"
    timetable = _read(tmp_path, feed(ONE, stop_times_txt=_stop_times(rows)))
    # A third and two thirds of 600 seconds.
    assert [a - clock("8:00") for _, a, _ in _calls(timetable)[0]] == [0, 200, 400, 600]
    assert _noted(timetable, "times_interpolated")[0] == 2


def test_blank_times_go_by_distance_where_it_is_given(tmp_path: Path) -> None:
    rows = "T1,8:00:00,8:00:00,A,1,0\nT1,,,B,2,0.5\nT1,,,C,3,1\nT1,8:10:00,8:10:00,D,4,5\n"
    table = _stop_times(rows, ",shape_dist_traveled")
    timetable = _read(tmp_path, feed(ONE, stop_times_txt=table))
    assert [a - clock("8:00") for _, a, _ in _calls(timetable)[0]] == [0, 60, 120, 600]
    backwards = table.replace("0.5", "2")
    timetable = _read(tmp_path, feed(ONE, stop_times_txt=backwards))
    assert [a - clock("8:00") for _, a, _ in _calls(timetable)[0]] == [0, 200, 400, 600]


def test_one_of_two_times_does_for_both(tmp_path: Path) -> None:
    rows = "T1,,8:00:00,A,1\nT1,8:10:00,,B,2\n"
    timetable = _read(tmp_path, feed(ONE, stop_times_txt=_stop_times(rows)))
    assert _calls(timetable)[0][1] == ("B", clock("8:10"), clock("8:10"))


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ("T2,9:5:00,9:05:00,A,1\nT2,9:10:00,9:10:00,B,2\n", "times_malformed"),
        ("T2,9:61:00,9:05:00,A,1\nT2,9:10:00,9:10:00,B,2\n", "times_malformed"),
        ("T2,9:05:00,9:05:00,A,1\nT2,,,B,2\n", "ends_without_time"),
        ("T2,9:05:00,9:05:00,A,1\nT2,9:04:00,9:10:00,B,2\n", "trips_backwards"),
        ("T2,9:05:00,9:05:00,A,1\nT2,9:10:00,9:09:00,B,2\n", "trips_backwards"),
        ("T2,9:05:00,9:05:00,A,1\nT2,9:09:00,9:09:00,,2\n", "calls_without_stop"),
    ],
)
def test_trips_that_cannot_be_timed_are_left_out_and_listed(
    tmp_path: Path, rows: str, what: str
) -> None:
    good = "T1,8:00:00,8:00:00,A,1\nT1,8:10:00,8:10:00,B,2\n"
    tables = feed(ONE | {"T2": "A 9:00, B 9:10"}, stop_times_txt=_stop_times(good + rows))
    timetable = _read(tmp_path, tables)
    assert _starts(timetable) == [8 * HOUR]
    assert _noted(timetable, what) == (1, ("T2",))


@pytest.mark.parametrize(
    ("table", "text", "message"),
    [
        ("stop_times_txt", _stop_times("T1,8:00:00,8:00:00,X,1\n"), r"row 2: stop 'X' is not in"),
        (
            "stop_times_txt",
            _stop_times("T1,8:00:00,8:00:00,A,1\nT1,8:01:00,8:01:00,B,1\n"),
            r"stop_times\.txt, row 3: trip 'T1' has two calls with stop_sequence 1",
        ),
        ("stop_times_txt", _stop_times("T1,8:00:00,8:00:00,A,one\n"), "row 2: stop_sequence"),
        ("trips_txt", "route_id,service_id,trip_id\nR,WK,T1\nR,SA,T1\n", r"trips\.txt, row 3"),
        ("stops_txt", BLANK["stops.txt"] + "A,Other,51,-3\n", r"stops\.txt, row 6: stop_id 'A'"),
        ("stops_txt", BLANK["stops.txt"] + ",None,51,-3\n", r"stops\.txt, row 6: stop_id is"),
        ("routes_txt", "route_id,route_type\nR,3\nR,2\n", r"routes\.txt, row 3"),
    ],
)
def test_broken_references_name_file_and_row(
    tmp_path: Path, table: str, text: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        _read(tmp_path, feed(ONE, **{table: text}))


def test_repeated_calls_word_for_word_count_once(tmp_path: Path) -> None:
    rows = "T1,8:00:00,8:00:00,A,1\nT1,8:00:00,8:00:00,A,1\nT1,8:10:00,8:10:00,B,2\n"
    timetable = _read(tmp_path, feed(ONE, stop_times_txt=_stop_times(rows)))
    assert [stop for stop, _, _ in _calls(timetable)[0]] == ["A", "B"]
    assert _noted(timetable, "calls_repeated") == (1, ("3",))


def test_a_few_calls_at_unknown_stops_are_left_out(tmp_path: Path) -> None:
    lines = {f"T{hour}": f"A {hour}:00, B {hour}:10, C {hour}:20" for hour in range(5, 24)}
    lines |= {f"N{hour}": f"C {hour}:00, B {hour}:10, A {hour}:20" for hour in range(5, 24)}
    tables = feed(lines)
    # One of 114 calls, the 2nd of the first trip.
    tables["stop_times.txt"] = tables["stop_times.txt"].replace(",B,1,", ",GONE,1,", 1)
    timetable = _read(tmp_path, tables)
    assert [stop for stop, _, _ in _calls(timetable)[0]] == ["A", "C"]
    assert _noted(timetable, "calls_unknown_stops") == (1, ("GONE",))


def test_unsorted_calls_are_put_in_order(tmp_path: Path) -> None:
    rows = "T2,9:10:00,9:10:00,B,7\nT1,8:10:00,8:10:00,B,2\n"
    rows += "T2,9:00:00,9:00:00,A,3\nT1,8:00:00,8:00:00,A,1\n"
    tables = feed(ONE | {"T2": "A 9:00, B 9:10"}, stop_times_txt=_stop_times(rows))
    assert [[stop for stop, _, _ in calls] for calls in _calls(_read(tmp_path, tables))] == [
        ["A", "B"],
        ["A", "B"],
    ]


def test_a_loop_calls_twice_at_one_stop(tmp_path: Path) -> None:
    timetable = _read(tmp_path, feed({"T1": "A 8:00, B 8:10, C 8:20, A 8:30/8:35, B 8:45"}))
    assert [stop for stop, _, _ in _calls(timetable)[0]] == ["A", "B", "C", "A", "B"]
    assert timetable.stop_id.tolist() == ["A", "B", "C"]


def test_nothing_runs_for_want_of_readable_times(tmp_path: Path) -> None:
    rows = "T1,9:5:00,9:5:00,A,1\nT1,9:10:00,9:10:00,B,2\n"
    with pytest.raises(DataError, match=r"No vehicle runs .* not written H:MM:SS"):
        _read(tmp_path, feed(ONE, stop_times_txt=_stop_times(rows)))


def test_what_no_journey_uses_is_said(tmp_path: Path) -> None:
    trips = "route_id,service_id,trip_id,block_id\nR,WK,T1,7\nR,WK,T2,7\nR,WK,T3,8\nR,WK,T4,\n"
    lines = {f"T{n}": f"A {n + 7}:00, B {n + 7}:10" for n in (1, 2, 3, 4)}
    routes = "route_id,route_type,continuous_pickup\nR,3,0\n"
    rows = "".join(
        f"T{n},{n + 7:02d}:{m}0:00,{n + 7:02d}:{m}0:00,{s},{m},{'3' if n == 1 else ''}\n"
        for n in (1, 2, 3, 4)
        for m, s in enumerate("AB")
    )
    table = _stop_times(rows, ",continuous_drop_off")
    tables = feed(lines, trips_txt=trips, routes_txt=routes, stop_times_txt=table)
    timetable = _read(tmp_path, tables)
    assert _noted(timetable, "trips_in_blocks")[0] == 2
    assert _noted(timetable, "routes_between_stops") == (1, ("R",))
    assert _noted(timetable, "calls_between_stops")[0] == 2


def test_trips_for_wheelchairs(tmp_path: Path) -> None:
    trips = "route_id,service_id,trip_id,wheelchair_accessible\n"
    trips += "R,WK,T1,1\nR,WK,T2,2\nR,WK,T3,0\nR,WK,T4,\n"
    lines = {f"T{n}": f"A {n + 7}:00, B {n + 7}:10" for n in (1, 2, 3, 4)}
    timetable = _read(tmp_path, feed(lines, trips_txt=trips))
    found = dict(zip(timetable.trip_id, timetable.trip_wheelchair.tolist(), strict=True))
    assert found == {"T1": 1, "T2": 2, "T3": 0, "T4": 0}


@pytest.mark.parametrize("kind", ["4", "5"])
def test_staying_seated_is_no_transfer_of_stops(tmp_path: Path, kind: str) -> None:
    rows = "from_stop_id,to_stop_id,transfer_type,from_trip_id,to_trip_id\n"
    rows += f",,{kind},T1,T2\n"
    timetable = _read(tmp_path, feed(LINES, transfers_txt=rows))
    assert not len(timetable.transfer_from)
    assert _noted(timetable, "transfers_of_trips") == (1, ("2",))


def test_harmless_repeats_and_strangers_are_notes(tmp_path: Path) -> None:
    tables = feed(ONE)
    tables["stops.txt"] += "A,Stop A,51.58,-3.00\n"
    tables["trips.txt"] = "route_id,service_id,trip_id\nGONE,WK,T1\n"
    tables["stop_times.txt"] += "GHOST,8:00:00,8:00:00,A,1,0,0\n"
    timetable = _read(tmp_path, tables)
    assert _noted(timetable, "stops_repeated") == (1, ("A",))
    assert _noted(timetable, "routes_unknown") == (1, ("T1",))
    assert _noted(timetable, "calls_of_unknown_trips") == (1, ("GHOST",))


@pytest.mark.parametrize(("kind", "open_"), [("0", True), ("1", False), ("2", False), ("3", True)])
def test_getting_on_and_off(tmp_path: Path, kind: str, open_: bool) -> None:
    rows = f"T1,8:00:00,8:00:00,A,1,{kind},\nT1,8:10:00,8:10:00,B,2,,{kind}\n"
    table = _stop_times(rows, ",pickup_type,drop_off_type")
    timetable = _read(tmp_path, feed(ONE, stop_times_txt=table))
    assert timetable.pattern_pickup.tolist() == [open_, True]
    assert timetable.pattern_drop_off.tolist() == [True, open_]


STATION = (
    "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,wheelchair_boarding\n"
    "S,Station,51.58,-3,1,,1\nA,One,51.58,-3,,S,\nB,Two,51.58,-2.999,0,S,2\n"
    "C,Three,51.58,-2.99,,LOST,\nE,Way in,51.58,-3,2,S,\n"
)
LINES = {"T1": "A 8:00, B 8:10, C 8:20"}


def test_stations(tmp_path: Path) -> None:
    timetable = _read(tmp_path, feed(LINES, stops_txt=STATION))
    assert timetable.stop_id.tolist() == ["A", "B", "C"]
    assert timetable.stop_station[0] == timetable.stop_station[1] >= 0 > timetable.stop_station[2]
    assert timetable.stop_wheelchair.tolist() == [1, 2, 0]
    assert _noted(timetable, "stations_unknown") == (1, ("C",))


def _transfers(timetable: Timetable) -> dict[str, int]:
    ends = zip(timetable.transfer_from, timetable.transfer_to, strict=True)
    pairs = ["".join(str(timetable.stop_id[s]) for s in pair) for pair in ends]
    return dict(zip(pairs, timetable.transfer_seconds.tolist(), strict=True))


def test_transfers(tmp_path: Path) -> None:
    rows = "from_stop_id,to_stop_id,transfer_type,min_transfer_time\n"
    rows += "A,A,2,120\nA,C,2,300\nC,A,3,\nB,C,0,\nB,C,1,\nC,C,2,\nX,A,2,60\nA,Y,3,\nB,A,7,\n"
    timetable = _read(tmp_path, feed(LINES, transfers_txt=rows))
    assert _transfers(timetable) == {"AA": 120, "AC": 300, "CA": IMPOSSIBLE}
    assert _noted(timetable, "transfers_unknown_stops") == (2, ("8", "9"))
    assert _noted(timetable, "transfers_broken") == (2, ("7", "10"))


def test_transfers_of_stations_and_of_single_trips(tmp_path: Path) -> None:
    rows = "from_stop_id,to_stop_id,transfer_type,min_transfer_time,from_trip_id\n"
    rows += "S,S,2,240,\nA,B,2,60,\nB,C,2,60,T1\n"
    timetable = _read(tmp_path, feed(LINES, stops_txt=STATION, transfers_txt=rows))
    assert _transfers(timetable) == {"AA": 240, "AB": 60, "BA": 240, "BB": 240}
    assert _noted(timetable, "transfers_of_trips") == (1, ("4",))


def test_several_feeds_do_not_mix_up_their_ids(tmp_path: Path) -> None:
    first = write_feed(tmp_path, feed({"T1": "A 8:00, B 8:10"}), "one.zip")
    second = write_feed(tmp_path, feed({"T1": "A 9:00, B 9:10"}), "two.zip")
    timetable = read_timetable([(first, "one.zip"), (second, "two.zip")], date=TUESDAY)
    assert sorted(timetable.stop_id) == ["1:A", "1:B", "2:A", "2:B"]
    assert sorted(timetable.trip_id) == ["1:T1", "2:T1"]
    assert _starts(timetable) == [8 * HOUR, 9 * HOUR]


def test_one_of_two_feeds_may_rest(tmp_path: Path) -> None:
    first = write_feed(tmp_path, feed(ONE), "one.zip")
    sunday = BLANK["calendar.txt"].replace("1,1,1,1,1,0,0", "0,0,0,0,0,0,1")
    second = write_feed(tmp_path, feed(ONE, calendar_txt=sunday), "two.zip")
    timetable = read_timetable([(first, "one.zip"), (second, "two.zip")], date=TUESDAY)
    assert timetable.trip_id.tolist() == ["1:T1"]


@pytest.mark.parametrize("place", [",", "0,0", "95,-3", "north,west"])
def test_stops_without_a_usable_position(tmp_path: Path, place: str) -> None:
    stops = BLANK["stops.txt"].replace("A,Stop A,51.58,-3.00", f"A,Stop A,{place}")
    timetable = _read(tmp_path, feed(ONE, stops_txt=stops))
    assert np.isnan(timetable.stop_x[0])
    assert _noted(timetable, "stops_without_position") == (1, ("A",))


def test_a_renamed_file_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "bus.zip").write_text("stop_id\n")
    with pytest.raises(DataError, match=r"bus\.zip: this is not a zip archive"):
        read_timetable([(tmp_path / "bus.zip", "bus.zip")], date=TUESDAY)


def test_no_stop_times(tmp_path: Path) -> None:
    tables = feed(ONE)
    del tables["stop_times.txt"]
    with pytest.raises(DataError, match=r"no stop_times\.txt"):
        _read(tmp_path, tables)


def test_a_zipped_folder_is_read(tmp_path: Path) -> None:
    inside = {f"my feed/{name}": text for name, text in feed(ONE).items()}
    assert _starts(_read(tmp_path, inside | {"my feed/notes.pdf": "x"})) == [8 * HOUR]


def test_two_zipped_folders_are_refused(tmp_path: Path) -> None:
    inside = {f"{f}/{name}": text for f in ("bus", "rail") for name, text in feed(ONE).items()}
    with pytest.raises(DataError, match="holds 2 timetables"):
        _read(tmp_path, inside)


def test_archives_in_an_archive_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds other archives \(bus\.zip\)"):
        _read(tmp_path, {"bus.zip": "x", "rail.zip": "x"})


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="this is a folder"):
        read_timetable([(tmp_path, "bus")], date=TUESDAY)


def test_semicolons_and_byte_order_marks(tmp_path: Path) -> None:
    tables = {
        name: "\ufeff" + text.replace(",", ";").replace("\n", "\r\n")
        for name, text in feed(ONE).items()
    }
    assert _starts(_read(tmp_path, tables)) == [8 * HOUR]


def test_letters_that_are_not_utf_8(tmp_path: Path) -> None:
    path = write_feed(tmp_path, {n: t for n, t in feed(ONE).items() if n != "stops.txt"})
    with zipfile.ZipFile(path, "a") as archive:
        text = BLANK["stops.txt"].replace("Stop A", "Caf\xe9")
        archive.writestr("stops.txt", text.encode("latin-1"))
    with pytest.raises(DataError, match="not written in UTF-8"):
        read_timetable([(path, "bus.zip")], date=TUESDAY)


def test_rows_that_do_not_fit_the_columns(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"stop_times\.txt: not a readable table"):
        _read(tmp_path, feed(ONE, stop_times_txt=_stop_times("T1,8:00:00\n")))


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    files = [(write_feed(tmp_path, feed(ONE), f"{n}.zip"), f"{n}.zip") for n in "ab"]
    read_timetable(files, date=TUESDAY, progress=lambda words, share: told.append((words, share)))
    assert told == [("Reading the timetable a.zip", 0.5), ("Reading the timetable b.zip", 1.0)]


def test_blocks_of_a_large_table_join_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Trips that begin in one block and end in the next, and rows numbered through all blocks.
    monkeypatch.setattr("planner.sources.feed_archive.BLOCK_BYTES", 400)
    lines = {f"T{hour}": f"A {hour}:00, B {hour}:10, C {hour}:20" for hour in range(6, 23)}
    tables = feed(lines)
    assert _starts(_read(tmp_path, tables)) == [hour * HOUR for hour in range(6, 23)]
    tables["stop_times.txt"] += "T6,8:00:00,8:00:00,A,x,0,0\n"
    with pytest.raises(DataError, match="row 53: stop_sequence"):
        _read(tmp_path, tables)


@pytest.mark.parametrize("file", ["newport_2024_bus_coach", "newport_2024_rail"])
def test_real_feeds_read_as_a_plain_reader_does(shared: Path, file: str) -> None:
    path = shared / f"fixtures/gtfs/{file}_gtfs.zip"
    timetable = read_timetable([(path, file)], date=TUESDAY)
    plain = [
        [(c.stop, c.arrival, c.departure) for c in calls]
        for calls in read_plain_trips(path, TUESDAY, prefix="")
        if calls[-1].arrival >= 0 and calls[0].departure < 30 * HOUR
    ]
    assert sorted(_calls(timetable)) == sorted(plain)
