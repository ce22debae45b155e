"""What is wrong in a timetable, how typical its day is, and who is near a stop."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from made_feeds import BLANK, TUESDAY, feed, write_feed
from places import tiny_area

from planner.area import StudyArea
from planner.errors import DataError
from planner.sources.feed_doctor import FeedReport, build_feed_report
from planner.sources.feed_problems import scan_feed
from planner.travel.streets import build_streets

ONE = {"T1": "A 8:00, B 8:10"}


def _problems(folder: Path, tables: dict[str, str]) -> dict[tuple[str, str], tuple[str, int, str]]:
    """Return each problem's outcome, count and first rows, by table and words."""
    frame = scan_feed(write_feed(folder, tables), what="bus.zip").problems
    assert (frame["file"] == "bus.zip").all()
    return {
        (row.table, row.problem): (row.outcome, row.count, row.first)
        for row in frame.itertuples(index=False, name="Row")
    }


def _stop_times(rows: str) -> str:
    return f"trip_id,arrival_time,departure_time,stop_id,stop_sequence\n{rows}"


GOOD = "T1,8:00:00,8:00:00,A,1\nT1,8:10:00,8:10:00,B,2\n"


def test_a_sound_feed_has_only_stops_without_trips(tmp_path: Path) -> None:
    assert _problems(tmp_path, feed(ONE)) == {
        ("stops.txt", "no trip calls here on any day"): ("used as it is", 2, "row 4: C; row 5: D")
    }


@pytest.mark.parametrize(
    ("rows", "said", "expected"),
    [
        ("T1,9:5:00,9:05:00,C,3\n", "not written H:MM:SS", ("left out", 1, "row 4: 9:5:00")),
        ("T1,9:05:00,9:05:00,C,3\n", "not written H:MM:SS", None),
        ("T9,8:00:00,8:00:00,A,1\n", "trip_id is not in", ("left out", 1, "row 4: T9")),
        ("T1,9:00:00,9:00:00,X,3\n", "stop_id is not in", ("file refused", 1, "row 4: X")),
        ("T1,8:20:00,8:20:00,C,c\n", "stop_sequence is not", ("file refused", 1, "row 4: c")),
        ("T1,8:05:00,8:05:00,C,3\n", "before the one ahead", ("left out", 1, "row 4: trip T1")),
        ("T1,8:15:00,8:14:00,C,3\n", "before the one ahead", ("left out", 1, "row 4: trip T1")),
        ("T1,,,C,3\n", "has no time", ("left out", 1, "row 4: trip T1")),
        ("T1,8:15:00,8:15:00,C,2\n", "same stop_sequence", ("file refused", 1, "row 4: trip T1")),
        ("T1,8:10:00,8:10:00,B,2\n", "word for word", ("put right", 1, "row 4: trip T1")),
        ("T1,8:15:00,8:15:00,,3\n", "no fixed stops", ("left out", 1, "row 4")),
    ],
)
def test_calls(tmp_path: Path, rows: str, said: str, expected: tuple[str, int, str] | None) -> None:
    found = _problems(tmp_path, feed(ONE, stop_times_txt=_stop_times(GOOD + rows)))
    mine = [
        value
        for (table, problem), value in found.items()
        if table == "stop_times.txt" and said in problem
    ]
    assert mine == ([] if expected is None else [expected])


def test_a_bus_that_flies(tmp_path: Path) -> None:
    # Stops are 0.02 degrees of longitude apart at 51.58 N: 1.386 km. From A to D, 4.16 km; in no
    # time at all that is over 200 km/h even if a minute was rounded away (250), and for a
    # train it is not. From A to B in no time is 83 km/h with that minute.
    calls = {"T1": "A 8:00, D 8:00", "T2": "A 9:00, B 9:00"}
    key = ("stop_times.txt", "faster than any vehicle (200 km/h; trains 400)")
    found = _problems(tmp_path, feed(calls))
    assert found[key] == ("used as it is", 1, "row 3: 4.2 km in 0.0 min")
    rail = BLANK["routes.txt"].replace("R,3,1", "R,2,1")
    assert key not in _problems(tmp_path, feed(calls, routes_txt=rail))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("0,0", "the position is 0, 0"),
        (",", "missing or no longitude and latitude"),
        ("95,-3", "missing or no longitude and latitude"),
        ("48.86,2.35", "outside the United Kingdom"),
        ("53.35,-6.26", "outside the United Kingdom"),
        ("50.95,1.85", "outside the United Kingdom"),
    ],
    ids=["zero", "blank", "no latitude", "Paris", "Dublin", "Calais"],
)
def test_stops_off_the_map(tmp_path: Path, place: str, said: str) -> None:
    stops = BLANK["stops.txt"].replace("A,Stop A,51.58,-3.00", f"A,Stop A,{place}")
    found = _problems(tmp_path, feed(ONE, stops_txt=stops))
    assert [v[1:] for (_, problem), v in found.items() if said in problem] == [
        (1, "row 2: A Stop A")
    ]


@pytest.mark.parametrize(
    "place",
    [
        *("51.12,1.31", "60.16,-1.15", "49.91,-6.30", "54.60,-5.93", "52.48,1.76"),
        *("53.31,-4.63", "54.48,-8.09", "58.44,-3.09", "51.88,-5.31", "57.02,-7.45"),
    ],
    ids=["Dover", "Lerwick", "Scilly", "Belfast", "Lowestoft", "Holyhead", "Belleek", "Wick",
         "St Davids", "Barra"],
)  # fmt: skip
def test_the_ends_of_the_country_are_in_it(tmp_path: Path, place: str) -> None:
    stops = BLANK["stops.txt"].replace("A,Stop A,51.58,-3.00", f"A,Stop A,{place}")
    found = _problems(tmp_path, feed(ONE, stops_txt=stops))
    assert not [problem for _, problem in found if "United Kingdom" in problem]


def test_ids_and_references(tmp_path: Path) -> None:
    tables = feed(
        ONE,
        agency_txt="agency_id,agency_name\nX,Town Buses\n",
        trips_txt="route_id,service_id,trip_id\nR,WK,T1\nR,WK,T1\nGONE,WK,T2\nR,NEVER,T3\n",
        frequencies_txt="trip_id,start_time,end_time,headway_secs\nT9,7:0:00,8:00:00,600\n",
        transfers_txt="from_stop_id,to_stop_id,transfer_type,min_transfer_time\nA,Z,2,60\nA,B,2,\n",
    )
    tables["routes.txt"] = "route_id,route_type,agency_id\nR,3,Y\nR,2,Y\n"
    tables["stops.txt"] += "A,Another,51.58,-3\n"
    found = _problems(tmp_path, tables)
    expected = {
        ("stops.txt", "stop_id stands more than once, with different contents"):
            ("file refused", 1, "row 6: A"),
        ("routes.txt", "route_id stands more than once, with different contents"):
            ("file refused", 1, "row 3: R"),
        ("trips.txt", "trip_id stands more than once, word for word"):
            ("put right", 1, "row 3: T1"),
        ("trips.txt", "route_id is not in routes.txt"): ("used as it is", 1, "row 4: GONE"),
        ("trips.txt", "service_id is in neither calendar: the trip never runs"):
            ("left out", 1, "row 5: NEVER"),
        ("trips.txt", "the trip stops fewer than twice"): ("left out", 2, "row 4: T2; row 5: T3"),
        ("routes.txt", "agency_id is not in agency.txt"):
            ("used as it is", 2, "row 2: Y; row 3: Y"),
        ("frequencies.txt", "trip_id is not in trips.txt"): ("left out", 1, "row 2: T9"),
        ("frequencies.txt", "start_time is not written H:MM:SS"):
            ("file refused", 1, "row 2: 7:0:00"),
        ("transfers.txt", "to_stop_id is not in stops.txt"): ("left out", 1, "row 2: Z"),
        ("transfers.txt", "a least time is asked for and not given"): ("left out", 1, "row 3: 2"),
    }  # fmt: skip
    assert {key: found.get(key) for key in expected} == expected


def test_a_calendar_that_cannot_be_read_is_listed(tmp_path: Path) -> None:
    dates = "service_id,date,exception_type\nWK,5/3/2024,1\n"
    found = _problems(tmp_path, feed(ONE, calendar_dates_txt=dates))
    key = ("calendar_dates.txt", "'5/3/2024' is not a day written as YYYYMMDD.")
    assert found[key][0] == "file refused"


def test_the_gravest_problems_come_first_and_three_rows_are_named(tmp_path: Path) -> None:
    rows = "".join(f"G{n},8:00:00,8:00:00,A,1\n" for n in range(9)) + "T1,8:20:00,8:20:00,C,c\n"
    tables = feed(ONE, stop_times_txt=_stop_times(GOOD + rows))
    frame = scan_feed(write_feed(tmp_path, tables), what="bus.zip").problems
    assert frame["outcome"].iloc[0] == "file refused"
    ghosts = frame[frame["problem"].str.contains("trip_id")].iloc[0]
    assert (ghosts["count"], ghosts["first"]) == (9, "row 4: G0; row 5: G1; row 6: G2")


def test_facts_of_a_feed(tmp_path: Path) -> None:
    tables = feed(
        ONE,
        agency_txt="agency_id,agency_name\n1,Town Buses\n2,Hill Trains\n",
        feed_info_txt="feed_publisher_name,feed_start_date,feed_end_date\nTown,20240304,20240329\n",
    )
    facts = scan_feed(write_feed(tmp_path, tables), what="bus.zip").facts
    assert facts["publisher"] == "Town"
    assert facts["agencies"] == "Town Buses, Hill Trains"
    assert facts["says it covers"] == "20240304 to 20240329"
    assert (facts["routes"], facts["stops"], facts["trips"], facts["calls"]) == (1, 4, 1, 2)


def test_what_no_reader_could_open_is_refused(tmp_path: Path) -> None:
    tables = feed(ONE)
    del tables["stop_times.txt"]
    with pytest.raises(DataError, match=r"no stop_times\.txt"):
        scan_feed(write_feed(tmp_path, tables), what="bus.zip")


# --- the day ------------------------------------------------------------------------------------


def _report(
    folder: Path, tables: dict[str, str], date: dt.date = TUESDAY, **more: object
) -> FeedReport:
    files = [(write_feed(folder, tables), "bus.zip")]
    return build_feed_report(files, date=date, **more)  # type: ignore[arg-type]


def _said(report: FeedReport, what: str) -> str:
    return " ".join(note.text for note in report.notes if note.what == what)


def test_a_typical_tuesday(tmp_path: Path) -> None:
    report = _report(tmp_path, feed({"T1": "A 8:00, B 8:10", "T2": "A 9:00, B 9:10"}))
    assert "2 trips on Tuesday 5 March 2024, 100% of the median Tuesday (2)" in _said(
        report, "day_typical"
    )
    days = report.days.set_index("weekday")
    assert len(report.days) == 29
    assert report.days["chosen"].sum() == 1
    assert (days.loc["Tuesday", "trips"].iloc[-1], days.loc["Sunday", "trips"].max()) == (2, 0)
    assert report.usable


def test_a_holiday_says_so_loudly_and_proposes_another_day(tmp_path: Path) -> None:
    # Of four Tuesdays (5, 12, 19, 26 March) the 12th has one trip of five.
    lines = {f"T{n}": f"A {n + 7}:00, B {n + 7}:10" for n in range(5)}
    trips = "route_id,service_id,trip_id\nR,ALL,T0\n"
    trips += "".join(f"R,WK,T{n}\n" for n in range(1, 5))
    week = BLANK["calendar.txt"] + "ALL,1,1,1,1,1,1,1,20240304,20240329\n"
    dates = "service_id,date,exception_type\nWK,20240312,2\n"
    tables = feed(lines, trips_txt=trips, calendar_txt=week, calendar_dates_txt=dates)
    report = _report(tmp_path, tables, dt.date(2024, 3, 12))
    assert report.notes[0].what == "day_far_under"
    said = report.notes[0].text
    assert "1 trip on Tuesday 12 March 2024, 20% of the median Tuesday (5)" in said
    assert "date = 2024-03-05" in said  # as near as the 19th, and earlier


def test_a_feed_that_is_refused_still_has_a_report(tmp_path: Path) -> None:
    report = _report(tmp_path, feed(ONE) | {"stops.txt": BLANK["stops.txt"] + "A,B,51,-3\n"})
    assert not report.usable
    assert report.notes[0].what == "timetable_refused"
    assert "stop_id 'A' stands twice" in report.notes[0].text
    assert "file refused" in report.problems["outcome"].tolist()


# --- near where people live ---------------------------------------------------------------------


def _stops_at(*places: tuple[float, float]) -> str:
    """Return stops A, B, ... at places in metres on the National Grid."""
    at = gpd.GeoSeries.from_xy(*zip(*places, strict=True), crs="EPSG:27700").to_crs(4326)
    rows = [f"{s},Stop {s},{p.y:.7f},{p.x:.7f}" for s, p in zip("ABCD", at, strict=False)]
    return "stop_id,stop_name,stop_lat,stop_lon\n" + "\n".join(rows) + "\n"


@pytest.fixture
def area() -> StudyArea:
    return tiny_area()


def _centre(area: StudyArea, at: int, east: float = 0.0) -> tuple[float, float]:
    point = area.points.geometry.iloc[at]
    return point.x + east, point.y


def test_who_has_a_stop_near_them(tmp_path: Path, area: StudyArea) -> None:
    # Six squares of 1 km with 1000, 1000, 2000, 1000, 500 and 1500 people at their middles. A is
    # 300 m from the first, B 700 m past the third, and nobody else is near.
    stops = _stops_at(_centre(area, 0, -300), _centre(area, 2, 700))
    report = _report(tmp_path, feed({"T1": "A 8:00, B 8:10", "T2": "B 9:00, A 9:10"},
                                    stops_txt=stops), area=area)  # fmt: skip
    reach = report.reach.set_index("metres")
    assert reach.loc[400, ["areas", "people"]].tolist() == [1, 1000]
    assert reach.loc[800, ["areas", "people"]].tolist() == [2, 3000]
    assert reach.loc[800, "people_share"] == pytest.approx(3000 / 7000)
    hours = report.hours.set_index("hour")
    # B is outside the place: only the 8 o'clock departure is the place's own.
    assert hours["departures"].sum() == hours.loc[8, "departures"] == 1
    assert hours.loc[8, "people_share"] == pytest.approx(1000 / 7000)
    assert "leaves at 08:00, the last at 08:00" in _said(report, "first_and_last")


def test_a_feed_of_another_town_says_walk_only(tmp_path: Path, area: StudyArea) -> None:
    stops = _stops_at(_centre(area, 0, 300_000), _centre(area, 0, 305_000))
    report = _report(tmp_path, feed(ONE, stops_txt=stops), area=area)
    assert not report.usable
    assert report.notes[0].what == "walk_only"
    assert "km away" in report.notes[0].text


def test_nothing_in_the_window_says_walk_only(tmp_path: Path, area: StudyArea) -> None:
    stops = _stops_at(_centre(area, 0), _centre(area, 1))
    tables = feed({"T1": "A 5:00, B 5:10"}, stops_txt=stops)
    report = _report(tmp_path, tables, area=area, window=(600, 960))
    assert "nothing leaves from 10:00 to 16:00" in _said(report, "walk_only")
    assert _report(tmp_path, tables, area=area, window=(240, 960)).usable


def test_stops_off_the_streets(tmp_path: Path, area: StudyArea) -> None:
    x, y = _centre(area, 0)
    stops = _stops_at((x, y), (x + 900, y))
    tables = feed({"T1": "A 8:00, B 8:10, A 8:20"}, stops_txt=stops)

    def street(off: float) -> object:
        ends = np.array([x - 50, x + 50])
        node = np.zeros(1, np.int32)
        return build_streets(ends, np.full(2, y + off), node, node + 1)

    some = _report(tmp_path, tables, area=area, streets=street(0.0))
    assert some.usable
    assert "1 of 2 stops with service are not on the mapped streets" in _said(
        some, "stops_off_streets"
    )
    none = _report(tmp_path, tables, area=area, streets=street(5000.0))
    assert not none.usable
    assert "no stop with service is on the mapped streets" in _said(none, "walk_only")


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("newport_2024_bus_coach_gtfs.zip", TUESDAY),
        ("newport_2024_rail_gtfs.zip", TUESDAY),
        ("newport-20230613_gtfs.zip", dt.date(2023, 6, 13)),
        ("gm-rail-gtfs_2021.zip", dt.date(2021, 1, 19)),
    ],
)
def test_real_feeds_are_examined_within_seconds(shared: Path, name: str, day: dt.date) -> None:
    begun = time.process_time()
    report = build_feed_report([(shared / "fixtures/gtfs" / name, name)], date=day)
    assert time.process_time() - begun < 10
    assert report.usable
    assert int(report.feeds["trips on the day"].iloc[0]) > 0
    assert not (report.problems["outcome"] == "file refused").any()
