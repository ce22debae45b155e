"""One file out of an archive, a day's file, and a national table cut to the place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from replays import TODAY, Answer, Replay, entry, fetcher, gtfs, replay_server, to_csv, zip_bytes

from planner.errors import SourceError
from planner.sources.fetch.files import clip_points, decode, extract_member, fetch_file


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        yield replay


def archive(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_bytes(files))
    return path


def take(path: Path, member: str = "a-lsoa.csv") -> str:
    target = path.with_name("out.csv")
    extract_member(path, entry("", kind="zip", member=member), target)
    return target.read_text(encoding="utf-8")


def test_the_member_is_found_in_a_folder_whatever_its_case(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a-ltla.csv": "no", "deep/A-LSOA.csv": "yes"})
    assert take(path) == "yes"


def test_an_archive_without_the_member_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a-lsoa\.csv is not in the archive any more"):
        take(archive(tmp_path, {"b.csv": "x"}))


@pytest.mark.parametrize("name", ["../a-lsoa.csv", "/etc/a-lsoa.csv", "C:a-lsoa.csv", "x\\..\\b"])
def test_an_archive_with_a_part_outside_itself_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="a part outside itself"):
        take(archive(tmp_path, {name: "x", "a-lsoa.csv": "y"}))
    assert not (tmp_path / "out.csv").exists()


def test_an_archive_that_unpacks_to_far_more_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="unpacks to far more than is usual"):
        take(archive(tmp_path, {"a-lsoa.csv": b"0" * 3_000_000}))


def test_a_cut_archive_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a-lsoa.csv": "x" * 1000})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(SourceError, match="broken or cut short"):
        take(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


def test_yesterdays_file_is_taken_while_todays_is_not_there(server: Replay, tmp_path: Path) -> None:
    server.routes["/schools/20260301.csv"] = lambda asked: Answer(body=b"a\n1\n", kind="text/csv")
    source = entry(server.url("/schools/{yyyymmdd}.csv"))
    assert fetch_file(fetcher(tmp_path), source, today=TODAY).read_bytes() == b"a\n1\n"


def test_a_day_with_no_file_for_two_days_is_an_error(server: Replay, tmp_path: Path) -> None:
    source = entry(server.url("/schools/{yyyymmdd}.csv"))
    with pytest.raises(SourceError, match="nothing at its address"):
        fetch_file(fetcher(tmp_path), source, today=dt.date(2026, 3, 2))


def test_a_regions_timetable_is_asked_for_by_its_region(server: Replay, tmp_path: Path) -> None:
    """Keyed from data.bus-data.dft.gov.uk/guidance/requirements (downloading timetables)."""
    server.routes["/gtfs-file/north_west/"] = lambda asked: Answer(
        body=gtfs(),
        kind="application/zip",
        headers={"Content-Disposition": 'attachment; filename="itm_north_west_gtfs.zip"'},
    )
    source = entry(server.url("/gtfs-file/{region}/"), kind="gtfs", file="timetable.zip")
    got = fetch_file(fetcher(tmp_path), source, today=TODAY, region="north_west")
    assert got.read_bytes() == gtfs()


def test_an_unknown_region_is_an_error(tmp_path: Path) -> None:
    source = entry("https://example.org/{region}/", kind="gtfs", file="timetable.zip")
    with pytest.raises(SourceError, match="its region is not known"):
        fetch_file(fetcher(tmp_path), source, today=TODAY)


POINTS: list[list[object]] = [["name", "x", "y"], ["in", 5, 5], ["out", 50, 5], ["nowhere", "", ""]]


def clipped(rows: list[list[object]], columns: dict[str, str]) -> Any:
    return clip_points(to_csv(rows), entry("", columns=columns), (0, 0, 10, 10))


def test_a_table_is_cut_to_the_rows_inside() -> None:
    assert clipped(POINTS, {"x": "x", "y": "y"}) == ("name,x,y\nin,5,5\n", 1)


def test_a_table_whose_column_has_changed_is_refused() -> None:
    with pytest.raises(SourceError, match="there is no column 'Easting' any more"):
        clipped(POINTS, {"x": "Easting", "y": "y"})


def test_a_table_of_another_region_is_refused() -> None:
    with pytest.raises(SourceError, match="no row lies in or around the place"):
        clipped([POINTS[0], POINTS[2]], {"x": "x", "y": "y"})


def test_the_old_code_page_is_read() -> None:
    assert decode("Château".encode("cp1252")) == decode("Château".encode()) == "Château"
