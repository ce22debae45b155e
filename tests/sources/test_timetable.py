"""Timetables: readable, whole, and running on the chosen day."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from planner.errors import DataError
from planner.project import Project, parse_spec
from planner.sources.timetable import check_timetable, read_service_days, timetable_sources

WEEKDAYS = "WK,1,1,1,1,1,0,0"
#: A toy feed: trips T1 and T2 on weekdays from 4 to 29 March 2024, T3 on Saturdays.
TOY = {
    "agency.txt": "agency_id,agency_name\nA,Toy\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nS1,One,53.4,-1.5\nS2,Two,53.4,-1.4\n",
    "routes.txt": "route_id,route_type\nR,3\n",
    "trips.txt": "route_id,service_id,trip_id\nR,WK,T1\nR,WK,T2\nR,SA,T3\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    + "".join(f"T{t},08:0{s}:00,08:0{s}:00,S{s},{s}\n" for t in (1, 2, 3) for s in (1, 2)),
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    f"start_date,end_date\n{WEEKDAYS},20240304,20240329\nSA,0,0,0,0,0,1,0,20240304,20240329\n",
}


def _zip(folder: Path, tables: dict[str, str], name: str = "bus.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member, text in tables.items():
            archive.writestr(member, text)
    return folder / name


def _project(folder: Path, day: str, *files: str, roots: tuple[Path, ...] = ()) -> Project:
    place = {"name": "Toy", "geography": "lsoa21", "boundaries": "areas.geojson"}
    timetable = {"files": list(files) or ["bus.zip"], "date": dt.date.fromisoformat(day)}
    spec = parse_spec({"place": place, "timetable": timetable}, where="planner.toml")
    return Project(spec=spec, folder=folder, data_roots=roots)


def _trips(folder: Path, day: str, tables: dict[str, str] | None = None) -> int:
    path = _zip(folder, tables or TOY)
    return read_service_days(path, what="bus.zip")[0].on(dt.date.fromisoformat(day))


def test_no_timetable(tmp_path: Path) -> None:
    place = {"name": "Toy", "geography": "lsoa21", "boundaries": "areas.geojson"}
    project = Project(spec=parse_spec({"place": place}, where="p"), folder=tmp_path)
    assert (check_timetable(project), timetable_sources(project)) == ((), ())


@pytest.mark.parametrize(
    ("day", "trips"),
    [("2024-03-05", 2), ("2024-03-09", 1), ("2024-03-10", 0), ("2024-03-03", 0), ("2024-04-01", 0)],
    ids=["Tuesday", "Saturday", "Sunday", "before", "after"],
)
def test_calendar(tmp_path: Path, day: str, trips: int) -> None:
    assert _trips(tmp_path, day) == trips


@pytest.mark.parametrize(
    ("rows", "day", "trips"),
    [
        ("WK,20240305,2", "2024-03-05", 0),
        ("SA,20240305,1", "2024-03-05", 3),
        ("WK,20240305,1", "2024-03-05", 2),
        ("SA,20240305,2", "2024-03-05", 2),
        ("SA,20240331,1", "2024-03-31", 1),
        ("WK,20240305,2\nWK,20240305,2", "2024-03-05", 0),
    ],
    ids=["taken off", "put on", "on anyway", "off anyway", "after the end", "twice"],
)
def test_exceptions(tmp_path: Path, rows: str, day: str, trips: int) -> None:
    extra = {"calendar_dates.txt": f"service_id,date,exception_type\n{rows}\n"}
    assert _trips(tmp_path, day, TOY | extra) == trips


def test_feed_with_exceptions_only(tmp_path: Path) -> None:
    tables = {name: text for name, text in TOY.items() if name != "calendar.txt"}
    tables["calendar_dates.txt"] = "service_id,date,exception_type\nWK,20240305,1\nSA,20240309,1\n"
    life, _ = read_service_days(_zip(tmp_path, tables), what="bus.zip")
    assert (life.first, life.last) == (dt.date(2024, 3, 5), dt.date(2024, 3, 9))
    assert life.trips.tolist() == [2, 0, 0, 0, 1]


def test_byte_order_mark_quotes_and_spaces(tmp_path: Path) -> None:
    tables = TOY | {"trips.txt": '\ufeff"route_id","service_id","trip_id"\r\n"R","WK ","T1"\r\n'}
    assert _trips(tmp_path, "2024-03-05", tables) == 1


def test_trips_that_stop_once_do_not_count(tmp_path: Path) -> None:
    times = TOY["stop_times.txt"].replace("T2,08:02:00,08:02:00,S2,2\n", "")
    path = _zip(tmp_path, TOY | {"stop_times.txt": times})
    life, notes = read_service_days(path, what="bus.zip")
    assert life.on(dt.date(2024, 3, 5)) == 1
    assert [(n.what, n.items) for n in notes] == [("trips_without_stops", ("T2",))]


def test_services_without_days_are_listed(tmp_path: Path) -> None:
    trips = TOY["trips.txt"] + "R,GHOST,T4\n"
    path = _zip(tmp_path, TOY | {"trips.txt": trips})
    notes = read_service_days(path, what="bus.zip")[1]
    assert ("services_without_days", ("GHOST",)) in [(n.what, n.items) for n in notes]


def test_note_of_trips_on_the_day(tmp_path: Path) -> None:
    _zip(tmp_path, TOY)
    notes = check_timetable(_project(tmp_path, "2024-03-05"))
    assert [(n.what, n.count) for n in notes] == [("trips_on_day", 2)]
    assert "4 March 2024 to 29 March 2024" in notes[0].text


def test_day_outside_is_refused_with_the_nearest_of_its_weekday(tmp_path: Path) -> None:
    # 2 April 2024 is a Tuesday; the last Tuesday of the feed is 26 March.
    _zip(tmp_path, TOY)
    with pytest.raises(DataError, match="not 2 April 2024") as caught:
        check_timetable(_project(tmp_path, "2024-04-02"))
    assert "2024-03-26" in caught.value.hint


def test_proposal_has_service_in_every_file(tmp_path: Path) -> None:
    # The train runs to 19 March only, so that 26 March would not do.
    _zip(tmp_path, TOY)
    _zip(
        tmp_path,
        TOY | {"calendar.txt": TOY["calendar.txt"].replace("20240329", "20240320")},
        "rail.zip",
    )
    with pytest.raises(DataError, match="not 2 April 2024") as caught:
        check_timetable(_project(tmp_path, "2024-04-02", "bus.zip", "rail.zip"))
    assert "2024-03-19" in caught.value.hint


def test_day_without_any_trip_is_refused(tmp_path: Path) -> None:
    # A Sunday within the feed; no Sunday has service, so there is none to propose.
    _zip(tmp_path, TOY)
    with pytest.raises(DataError, match="no trip runs on 10 March 2024"):
        check_timetable(_project(tmp_path, "2024-03-10"))


def test_day_without_trips_in_one_of_two_files_goes_on(tmp_path: Path) -> None:
    _zip(tmp_path, TOY)
    everyday = TOY["calendar.txt"].replace(WEEKDAYS, "WK,1,1,1,1,1,1,1")
    _zip(tmp_path, TOY | {"calendar.txt": everyday}, "rail.zip")
    notes = check_timetable(_project(tmp_path, "2024-03-10", "bus.zip", "rail.zip"))
    assert [note.count for note in notes] == [0, 2]


@pytest.mark.parametrize("member", ["stops.txt", "routes.txt", "trips.txt", "stop_times.txt"])
def test_missing_table_is_refused(tmp_path: Path, member: str) -> None:
    path = _zip(tmp_path, {name: text for name, text in TOY.items() if name != member})
    with pytest.raises(DataError, match=f"there is no {member}"):
        read_service_days(path, what="bus.zip")


def test_neither_calendar_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path, {name: text for name, text in TOY.items() if name != "calendar.txt"})
    with pytest.raises(DataError, match=r"neither calendar\.txt nor"):
        read_service_days(path, what="bus.zip")


@pytest.mark.parametrize(
    ("member", "text", "said"),
    [
        ("stops.txt", "stop_id,stop_name\nS1,One\n", "no column 'stop_lat'"),
        ("stops.txt", "stop_id,stop_lat,stop_lon\n", r"stops\.txt: the table has no rows"),
        ("trips.txt", "route_id,service_id,trip_id\nR,WK\n", "not a readable table"),
        (
            "calendar.txt",
            TOY["calendar.txt"].replace("20240329", "29/03/24"),
            "not a day written as",
        ),
        ("calendar.txt", TOY["calendar.txt"] + f"{WEEKDAYS},20240304,20240329\n", "more than once"),
        ("calendar.txt", TOY["calendar.txt"].replace("20240329", "99991231"), "which cannot be"),
        (
            "calendar_dates.txt",
            "service_id,date,exception_type\nWK,20240305,7\n",
            "neither 1 nor 2",
        ),
    ],
)
def test_broken_tables_are_refused(tmp_path: Path, member: str, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read_service_days(_zip(tmp_path, TOY | {member: text}), what="bus.zip")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("content", [b"", b"route_id,route_type\n", b"PK\x03\x04 and no more"])
def test_file_that_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bus.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"bus\.zip: this is not a zip archive"):
        read_service_days(tmp_path / "bus.zip", what="bus.zip")


def test_cut_zip_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path, TOY)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="cut short"):
        read_service_days(path, what="bus.zip")


def test_damaged_member_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path, TOY)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"T1,08:01:00", b"T9,08:01:00"))
    with pytest.raises(DataError, match="broken"):
        read_service_days(path, what="bus.zip")


@pytest.mark.parametrize("name", ["../stops.txt", "/etc/stops.txt", "C:\\stops.txt", "a/../../b"])
def test_parts_outside_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="a part outside itself"):
        read_service_days(_zip(tmp_path, TOY | {name: "x"}), what="bus.zip")


def test_bomb_is_refused_unopened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bus.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in TOY.items():
            archive.writestr(member, text)
        archive.writestr("shapes.txt", b"0" * 30_000_000)
    with pytest.raises(DataError, match="would unpack to"):
        read_service_days(tmp_path / "bus.zip", what="bus.zip")


# --- real feeds ------------------------------------------------------------------------------


def _count_by_hand(path: Path, day: dt.date) -> int:
    """Count the trips of a day with the csv module, straight from the GTFS reference."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())

        def rows(name: str) -> list[dict[str, str]]:
            if name not in names:
                return []
            text = archive.read(name).decode("utf-8-sig")
            return list(csv.DictReader(io.StringIO(text, newline="")))

        stamp, weekday = f"{day:%Y%m%d}", f"{day:%A}".lower()
        active = {
            row["service_id"]
            for row in rows("calendar.txt")
            if row[weekday] == "1" and row["start_date"] <= stamp <= row["end_date"]
        }
        for row in rows("calendar_dates.txt"):
            if row["date"] == stamp:
                (active.add if row["exception_type"] == "1" else active.discard)(row["service_id"])
        stops = Counter(row["trip_id"] for row in rows("stop_times.txt"))
        return sum(
            row["service_id"] in active and stops[row["trip_id"]] > 1 for row in rows("trips.txt")
        )


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("newport_2024_bus_coach_gtfs.zip", "2024-03-05"),
        ("newport_2024_rail_gtfs.zip", "2024-03-05"),
        ("newport_2024_rail_gtfs.zip", "2024-03-10"),
        ("newport-20230613_gtfs.zip", "2023-06-13"),
        ("gm-rail-gtfs_2021.zip", "2021-01-01"),
        ("gm-rail-gtfs_2021.zip", "2021-04-06"),
    ],
)
def test_published_feeds(shared: Path, name: str, day: str) -> None:
    path = shared / "fixtures/gtfs" / name
    date = dt.date.fromisoformat(day)
    assert read_service_days(path, what=name)[0].on(date) == _count_by_hand(path, date)


def test_newport_day_is_covered(tmp_path: Path, shared: Path) -> None:
    files = [f"fixtures/gtfs/newport_2024_{name}_gtfs.zip" for name in ("bus_coach", "rail")]
    project = _project(tmp_path, "2024-03-05", *files, roots=(shared,))
    notes = check_timetable(project)
    assert [note.what for note in notes] == ["trips_on_day", "trips_on_day"]
    assert all(note.count > 0 for note in notes)
    assert [source.file for source in timetable_sources(project)] == files


def test_newport_2023_feed_does_not_cover_march_2024(tmp_path: Path, shared: Path) -> None:
    # It ends on 1 March 2024, and its only day of service by weekday and end is to be proposed.
    project = _project(
        tmp_path, "2024-03-05", "fixtures/gtfs/newport-20230613_gtfs.zip", roots=(shared,)
    )
    with pytest.raises(DataError, match="to 1 March 2024, not 5 March 2024"):
        check_timetable(project)
