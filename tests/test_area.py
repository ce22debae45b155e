"""A study area is checked once, at the door."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from places import CODES, tiny_area

from planner.area import codes_match, nation_of
from planner.errors import DataError


def test_context_areas_are_never_the_place() -> None:
    area = tiny_area(context=2)
    assert area.codes.tolist() == CODES[:4]
    assert area.place_points["area_code"].tolist() == CODES[:4]


@pytest.mark.parametrize(
    ("code", "nation"),
    [
        ("E01000001", "England"),
        ("W01000240", "Wales"),
        ("S01009758", "Scotland"),
        ("95AA01S1", "Northern Ireland"),
    ],
)
def test_nation_of_a_code(code: str, nation: str) -> None:
    assert nation_of(code) == nation


def test_codes_of_another_geography_do_not_match() -> None:
    codes = pd.Index(["E01000001", "E02000001", "S01009758"])
    assert codes_match(codes, "lsoa21").tolist() == [True, False, False]
    assert codes_match(codes, "dz11").tolist() == [False, False, True]


def test_repeated_codes_are_refused() -> None:
    area = tiny_area()
    with pytest.raises(DataError, match="more than once"):
        replace(area, areas=pd.concat([area.areas, area.areas.iloc[:1]]).sort_index())


def test_an_area_without_a_point_is_refused() -> None:
    area = tiny_area()
    with pytest.raises(DataError, match="1 areas have no point"):
        replace(area, points=area.points.iloc[1:])


def test_another_projection_is_refused() -> None:
    area = tiny_area()
    with pytest.raises(DataError, match="EPSG:27700"):
        replace(area, areas=area.areas.to_crs("EPSG:4326"))
