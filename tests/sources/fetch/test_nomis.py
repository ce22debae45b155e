"""Pages of 25,000 rows become one table. Keyed from www.nomisweb.co.uk/api/v01/help."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from replays import Answer, Replay, entry, fetcher, in_turn, nomis, replay_server

from planner.errors import SourceError
from planner.sources.fetch.nomis import fetch_table

HEADER = ["DATE_NAME", "GEOGRAPHY_CODE", "OBS_VALUE"]
COLUMNS = {"code": "GEOGRAPHY_CODE", "value": "OBS_VALUE", "date": "DATE_NAME"}


@pytest.fixture
def server() -> Iterator[Replay]:
    with replay_server() as replay:
        yield replay


def source(server: Replay) -> Any:
    return entry(server.url("/data.csv"), kind="nomis", columns=COLUMNS, query={"date": "latest"})


def rows(count: int) -> list[list[object]]:
    return [["2024", f"E01{at:06d}", at] for at in range(count)]


@pytest.mark.parametrize(
    ("count", "offsets"),
    [(3, ["0"]), (25_000, ["0", "25000"]), (30_000, ["0", "25000"])],
)
def test_pages_become_one_table(
    server: Replay, tmp_path: Path, count: int, offsets: list[str]
) -> None:
    server.routes["/data.csv"] = nomis(HEADER, rows(count))
    table = fetch_table(fetcher(tmp_path), source(server))
    read = list(csv.reader(io.StringIO(table.text)))
    assert (table.rows, len(read), read[0]) == (count, count + 1, HEADER)
    assert read[-1] == ["2024", f"E01{count - 1:06d}", str(count - 1)]
    assert [asked.query["RecordOffset"] for asked in server.asked] == offsets
    assert table.period == "2024"


def test_a_table_without_rows_is_an_error(server: Replay, tmp_path: Path) -> None:
    server.routes["/data.csv"] = nomis(HEADER, [])
    with pytest.raises(SourceError, match="without rows"):
        fetch_table(fetcher(tmp_path), source(server))


def test_a_changed_column_is_named(server: Replay, tmp_path: Path) -> None:
    server.routes["/data.csv"] = nomis(["DATE_NAME", "GEOGRAPHY_CODE", "VALUE"], rows(2))
    with pytest.raises(SourceError, match="there is no column 'OBS_VALUE' any more"):
        fetch_table(fetcher(tmp_path), source(server))


def test_pages_that_differ_are_refused(server: Replay, tmp_path: Path) -> None:
    first = nomis(HEADER, rows(25_000))
    other = Answer(body=b"A,B\n1,2\n", kind="text/csv")
    server.routes["/data.csv"] = lambda asked: (
        first(asked) if asked.query["RecordOffset"] == "0" else other
    )
    with pytest.raises(SourceError, match="page 2 has other columns"):
        fetch_table(fetcher(tmp_path), source(server))


def test_an_error_in_words_is_shown(server: Replay, tmp_path: Path) -> None:
    body = b"ERROR: Query is too large"
    server.routes["/data.csv"] = in_turn(Answer(body=body, kind="text/csv"))
    with pytest.raises(SourceError, match="it says: ERROR: Query is too large"):
        fetch_table(fetcher(tmp_path), source(server))
