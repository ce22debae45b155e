"""Which columns are coordinates, and which rows they put on the map."""

from __future__ import annotations

import pandas as pd
import pytest

from planner.errors import DataError
from planner.sources.coordinates import (
    IMPOSSIBLE,
    NO_COORDINATES,
    NULL_ISLAND,
    UNREADABLE,
    find_coordinates,
    read_coordinates,
)


def _table(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


@pytest.mark.parametrize(
    ("x", "y", "degrees"),
    [
        ("lon", "lat", True),
        ("Longitude", "LATITUDE", True),
        ("lng", "lat", True),
        ("Easting", "Northing", False),
        ("oseast1m", "osnrth1m", False),
    ],
)
def test_usual_names(x: str, y: str, degrees: bool) -> None:
    found = find_coordinates(_table(**{x: ["1"], y: ["2"], "name": ["a"]}), what="f.csv")
    assert found is not None
    assert (found.x, found.y, found.degrees) == (x, y, degrees)


@pytest.mark.parametrize(
    ("x", "y", "degrees"), [("-2.3", "53.4", True), ("376000", "391000", False)]
)
def test_x_and_y_say_by_their_values_what_they_are(x: str, y: str, degrees: bool) -> None:
    found = find_coordinates(_table(X=[x, ""], Y=[y, ""]), what="f.csv")
    assert found is not None
    assert found.degrees is degrees


def test_named_columns_win() -> None:
    table = _table(lon=["1"], lat=["2"], e=["376000"], n=["391000"])
    found = find_coordinates(table, what="f.csv", x_column="e", y_column="n")
    assert found is not None
    assert (found.x, found.degrees) == ("e", False)


def test_no_columns() -> None:
    assert find_coordinates(_table(name=["a"], lat=["53"]), what="f.csv") is None


def test_one_of_two_named_is_refused() -> None:
    with pytest.raises(DataError, match="both x_column and y_column"):
        find_coordinates(_table(e=["1"]), what="f.csv", x_column="e")


def test_published_point_of_the_grid() -> None:
    # Ordnance Survey's worked example (Caister water tower, OSGB36 52°39′27.2531″ N 1°43′4.5177″ E
    # = E 651409.903, N 313177.270), given in WGS84; the plain datum shift is good to about 5 m.
    table = _table(lon=["1.716073973"], lat=["52.658007833"])
    found = find_coordinates(table, what="f.csv")
    assert found is not None
    row = read_coordinates(table, found).iloc[0]
    assert row["x"] == pytest.approx(651409.8, abs=6)
    assert row["y"] == pytest.approx(313177.3, abs=6)


@pytest.mark.parametrize(
    ("lon", "lat", "reason"),
    [
        ("-2.3", "53.4", ""),
        ("0", "0", NULL_ISLAND),
        ("0.0001", "-0.0001", NULL_ISLAND),
        ("-2.3", "100", IMPOSSIBLE),
        ("53.4", "-2.3", IMPOSSIBLE),
        ("-74", "40.7", IMPOSSIBLE),
        ("", "", NO_COORDINATES),
        ("NA", "NA", NO_COORDINATES),
        ("abc", "53.4", UNREADABLE),
        ("", "53.4", UNREADABLE),
    ],
)
def test_reason(lon: str, lat: str, reason: str) -> None:
    table = _table(lon=[lon], lat=[lat])
    found = find_coordinates(table, what="f.csv")
    assert found is not None
    located = read_coordinates(table, found)
    assert located["reason"].tolist() == [reason]
    assert located["x"].notna().tolist() == [reason == ""]


def test_grid_zero_is_null_island_too() -> None:
    table = _table(easting=["0"], northing=["0"])
    found = find_coordinates(table, what="f.csv")
    assert found is not None
    assert read_coordinates(table, found)["reason"].tolist() == [NULL_ISLAND]
