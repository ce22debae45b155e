from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planner.errors import DataError
from planner.sources.matrices import read_travel_matrix
from planner.travel.times import TravelTimes, nearest

HOMES = pd.Index(["E01", "E02", "E03"])
VENUES = pd.Index(["gp", "library"])

LONG = "from_id,to_id,travel_time\nE01,gp,12\nE01,library,30.5\nE02,gp,0\nE02,library,\n"


def read(path: Path, **changes: object) -> dict[int | None, TravelTimes]:
    given = {"origins": HOMES, "destinations": VENUES, "cutoff_minutes": 60, "mode": "transit"}
    return read_travel_matrix(path, what=path.name, **{**given, **changes})


def written(folder: Path, text: str, name: str = "ttm.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def pairs(times: TravelTimes) -> dict[tuple[str, str], float]:
    frame = times.to_frame()
    return {(a, b): t for a, b, t in frame[["origin", "destination", "minutes"]].to_numpy()}


def test_a_long_table_gives_minutes_and_an_empty_time_is_no_journey(tmp_path: Path) -> None:
    found = read(written(tmp_path, LONG), window="Tuesday 10:00-16:00")
    assert list(found) == [None]
    assert pairs(found[None]) == {("E01", "gp"): 12, ("E01", "library"): 30.5, ("E02", "gp"): 0}
    assert found[None].mode == "transit"
    assert found[None].window == "Tuesday 10:00-16:00"
    assert found[None].method == "travel matrix ttm.csv"


def test_ids_the_file_does_not_name_have_no_data_and_are_listed(tmp_path: Path) -> None:
    times = read(written(tmp_path, LONG + "X9,gp,5\nE01,pool,7\n"))[None]
    assert times.origin_status.tolist() == ["connected", "connected", "no_data"]
    assert nearest(times, VENUES)["status"].tolist() == ["reached", "reached", "no_data"]
    listed = {note.what: note.items for note in times.notes}
    assert listed == {
        "matrix_origins_unknown": ("X9",),
        "matrix_origins_missing": ("E03",),
        "matrix_destinations_unknown": ("pool",),
    }


def test_without_a_stated_limit_only_what_is_joined_by_journeys_is_over_the_cutoff(
    tmp_path: Path,
) -> None:
    # E02 gets to the GP as E01 does, E01 to the library: there is a way. E03 gets nowhere.
    times = read(written(tmp_path, LONG + "E03,gp,\n"))[None]
    assert nearest(times, pd.Index(["library"]))["status"].tolist() == [
        "reached",
        "over_cutoff",
        "unreachable",
    ]


def test_with_a_stated_limit_what_is_absent_is_over_the_cutoff(tmp_path: Path) -> None:
    times = read(written(tmp_path, LONG + "E03,gp,\n"), max_minutes=45)[None]
    assert nearest(times, VENUES)["status"].tolist() == ["reached", "reached", "over_cutoff"]
    assert times.cutoff_minutes == 45


def test_journeys_beyond_the_cutoff_are_left_out_and_counted(tmp_path: Path) -> None:
    times = read(written(tmp_path, LONG), cutoff_minutes=12)[None]
    assert pairs(times) == {("E01", "gp"): 12, ("E02", "gp"): 0}
    assert [n.count for n in times.notes if n.what == "matrix_journeys_over_cutoff"] == [1]
    assert nearest(times, pd.Index(["library"]))["status"].tolist()[:2] == ["over_cutoff"] * 2


@pytest.mark.parametrize("header", ["travel_time_p25,travel_time_p50", "travel_time_p025,time_p50"])
def test_columns_of_percentiles_become_a_table_each(tmp_path: Path, header: str) -> None:
    text = f"from_id,to_id,{header}\nE01,gp,10,14\nE01,library,20,\n"
    found = read(written(tmp_path, text))
    assert list(found) == [25, 50]
    assert pairs(found[25]) == {("E01", "gp"): 10, ("E01", "library"): 20}
    assert pairs(found[50]) == {("E01", "gp"): 14}
    assert found[50].percentile == 50


def test_rows_of_percentiles_become_a_table_each(tmp_path: Path) -> None:
    text = "from_id,to_id,percentile,travel_time\nE01,gp,50,14\nE01,gp,85,21\nE02,gp,50,3\n"
    found = read(written(tmp_path, text))
    assert pairs(found[50]) == {("E01", "gp"): 14, ("E02", "gp"): 3}
    assert pairs(found[85]) == {("E01", "gp"): 21}


def test_a_wide_table_has_destinations_along_its_header(tmp_path: Path) -> None:
    found = read(written(tmp_path, ",library,gp\nE02,nan,4\nE01,9,\n"))
    assert pairs(found[None]) == {("E01", "library"): 9, ("E02", "gp"): 4}


@pytest.mark.parametrize("wide", [False, True])
def test_parquet_gives_the_same_as_text(tmp_path: Path, wide: bool) -> None:
    if wide:
        frame = pd.DataFrame({"id": ["E01", "E02"], "gp": [12.0, 0.0], "library": [30.5, np.nan]})
    else:
        frame = pd.DataFrame(
            {
                "from_id": ["E01", "E01", "E02", "E02"],
                "to_id": ["gp", "library", "gp", "library"],
                "travel_time": [12, 30.5, 0, np.nan],
            }
        )
    frame.to_parquet(tmp_path / "ttm.parquet")
    text = read(written(tmp_path, LONG))[None]
    pd.testing.assert_frame_equal(read(tmp_path / "ttm.parquet")[None].pairs, text.pairs)


def test_gzipped_text_gives_the_same(tmp_path: Path) -> None:
    (tmp_path / "ttm.csv.gz").write_bytes(gzip.compress(LONG.encode()))
    assert pairs(read(tmp_path / "ttm.csv.gz")[None]) == pairs(read(written(tmp_path, LONG))[None])


def test_numbers_as_ids_are_matched_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "ttm.parquet"
    pd.DataFrame({"from_id": [1, 2], "to_id": [7, 7], "travel_time": [3, 4]}).to_parquet(path)
    times = read(path, origins=pd.Index(["1", "2"]), destinations=pd.Index(["7"]))[None]
    assert pairs(times) == {("1", "7"): 3, ("2", "7"): 4}


def test_seconds_are_read_as_such_when_told(tmp_path: Path) -> None:
    path = written(tmp_path, "from_id,to_id,travel_time\nE01,gp,1500\n")
    assert pairs(read(path, unit="seconds")[None]) == {("E01", "gp"): 25}
    with pytest.raises(DataError, match=r"row 2: 1500 minutes is more than a day") as caught:
        read(path)
    assert "Are these seconds" in caught.value.hint


def test_rows_of_another_time_of_day_can_be_left_out(tmp_path: Path) -> None:
    text = "from_id,to_id,travel_time,time_of_day\nE01,gp,5,am\nE01,gp,9,pm\n"
    path = written(tmp_path, text)
    assert pairs(read(path, where={"time_of_day": "pm"})[None]) == {("E01", "gp"): 9}
    with pytest.raises(DataError, match=r"row 3: the journey from 'E01' to 'gp' stands twice"):
        read(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("from_id,to_id,travel_time\nE01,gp,-1\n", "row 2: a time of -1 minutes"),
        ("from_id,to_id,travel_time\nE01,gp,soon\n", "row 2, column 'travel_time': 'soon' is not"),
        ("from_id,to_id,travel_time\nE01,gp,*\n", "is not a time"),
        ("from_id,to_id,travel_time\nE01,,4\nE01,gp,4\n", "row 2: column 'to_id' is empty"),
        ("from_id,to_id,cost\nE01,gp,4\n", "no column 'travel_time'"),
        ("from_id,to_id,travel_time_p101\nE01,gp,4\n", "101 is not a percentile"),
        (
            "from_id,to_id,percentile,travel_time\nE01,gp,,4\nE02,gp,5,4\n",
            "column 'percentile' is empty",
        ),
        ("from_id,to_id,travel_time\nA,gp,4\n", "none of its 1 origins is known"),
        (",gp,library\nE01,1,2\nE01,3,4\n", "row 3: origin 'E01' stands twice"),
        (",gp,gp\nE01,1,2\n", "two columns 'gp'"),
        ("a,b,c\nE01,x,2\n", "neither a long travel matrix nor a wide one"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(written(tmp_path, text))


def test_a_matrix_the_other_way_round_is_named_as_such(tmp_path: Path) -> None:
    path = written(tmp_path, "from_id,to_id,travel_time\ngp,E01,4\n")
    with pytest.raises(DataError) as caught:
        read(path)
    assert "swapped" in caught.value.hint


def test_a_broken_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ttm.csv.gz").write_bytes(gzip.compress(LONG.encode() * 50)[:-20])
    with pytest.raises(DataError, match="not a readable gzip archive"):
        read(tmp_path / "ttm.csv.gz")
    (tmp_path / "plain.csv.gz").write_text(LONG)
    with pytest.raises(DataError, match="not a readable gzip archive"):
        read(tmp_path / "plain.csv.gz")
