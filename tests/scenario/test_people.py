"""A new estate: people are added where it lies, and set out from there."""

from __future__ import annotations

import pandas as pd
import pytest
from places import CODES, POPULATION, tiny_area

from planner.area import StudyArea
from planner.errors import ProjectError
from planner.scenario import CloseVenue, NewEstate, SetServes, apply_to_area

#: In the second square, which is 431000-432000 by 390000-391000 and has 1,000 people.
ESTATE = NewEstate(name="Mill Lane", people=3000, x=431900.0, y=390900.0)


@pytest.fixture
def area() -> StudyArea:
    return tiny_area()


def test_nothing_for_people_is_the_same_object(area: StudyArea) -> None:
    assert apply_to_area(area, [CloseVenue(venue_id="v")]) is area


def test_people_and_a_point_are_added(area: StudyArea) -> None:
    after = apply_to_area(area, [ESTATE])
    expected = list(POPULATION)
    expected[1] += 3000
    assert after.areas["population"].tolist() == expected
    weights = after.points.groupby("area_code")["weight"].sum()
    assert weights.tolist() == pytest.approx([1.0] * 6)
    # 3,000 of 4,000 people set out from the estate.
    assert after.points.loc["estate:mill-lane", "weight"] == pytest.approx(0.75)
    assert after.points.loc[CODES[1], "weight"] == pytest.approx(0.25)
    point = after.points.geometry["estate:mill-lane"]
    assert (point.x, point.y) == (431900.0, 390900.0)
    assert after.points.index.is_monotonic_increasing
    assert [(note.what, note.items) for note in after.notes] == [("new_estate", (CODES[1],))]
    assert area.areas["population"].tolist() == POPULATION
    assert len(area.points) == 6


def test_two_estates_in_one_area(area: StudyArea) -> None:
    other = NewEstate(name="Quay", people=1000, x=431100.0, y=390100.0, area_code=CODES[1])
    after = apply_to_area(area, [ESTATE, other])
    mine = after.points[after.points["area_code"] == CODES[1]]["weight"]
    assert mine.to_dict() == pytest.approx(
        {CODES[1]: 0.2, "estate:mill-lane": 0.6, "estate:quay": 0.2}
    )


def test_on_a_boundary_the_lower_code_has_it_unless_told(area: StudyArea) -> None:
    edge = {"name": "Edge", "people": 10, "x": 431000.0, "y": 390500.0}
    first = apply_to_area(area, [NewEstate(**edge)])  # type: ignore[arg-type]
    second = apply_to_area(area, [NewEstate(**edge, area_code=CODES[1])])  # type: ignore[arg-type]
    assert first.areas["population"].iloc[0] == 1010
    assert second.areas["population"].iloc[1] == 1010


def test_where_nobody_lived_all_set_out_from_the_estate() -> None:
    area = tiny_area()
    area.areas.loc[CODES[1], "population"] = 0.0
    after = apply_to_area(area, [ESTATE])
    assert after.points.loc["estate:mill-lane", "weight"] == 1.0
    assert after.points.loc[CODES[1], "weight"] == 0.0


@pytest.mark.parametrize(
    ("estate", "said"),
    [
        (NewEstate(name="E", people=1, x=440000, y=390000), "lies in no area"),
        (
            NewEstate(name="E", people=1, x=431500, y=390500, area_code=CODES[4]),
            rf"lies in {CODES[1]} \(Square 2\), not in {CODES[4]}",
        ),
        (
            NewEstate(name="E", people=1, x=431500, y=390500, area_code="Square 5"),
            rf"no area 'Square 5'.*\n.*Did you mean '{CODES[4]}' \(Square 5\)",
        ),
    ],
)
def test_an_estate_elsewhere_is_refused(area: StudyArea, estate: NewEstate, said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        apply_to_area(area, [estate])


def test_an_estate_stands_once(area: StudyArea) -> None:
    with pytest.raises(ProjectError, match="called 'Mill Lane' already"):
        apply_to_area(area, [ESTATE, ESTATE])


def test_a_service_for_an_area_that_is_not_here_is_refused(area: StudyArea) -> None:
    for serves in ("anyone", "place", f"{CODES[0]}; {CODES[5]}"):
        assert apply_to_area(area, [SetServes(venue_id="v", serves=serves)]) is area
    with pytest.raises(ProjectError, match=r"serve 'E01900009'.*\n.*Did you mean"):
        apply_to_area(area, [SetServes(venue_id="v", serves=f"{CODES[0]};E01900009")])


def test_people_are_not_added_to_an_unknown_number() -> None:
    area = tiny_area()
    area.areas.loc[CODES[1], "population"] = float("nan")
    with pytest.raises(ProjectError, match="not known"):
        apply_to_area(area, [ESTATE])


@pytest.mark.parametrize(
    "wrong", [{"people": 0}, {"people": float("nan")}, {"name": ""}, {"x": 51.6, "y": -3.0}]
)
def test_estates_that_cannot_be(wrong: dict[str, object]) -> None:
    given = {"name": "E", "people": 10, "x": 431500.0, "y": 390500.0}
    with pytest.raises(ProjectError, match="Scenario"):
        NewEstate(**{**given, **wrong})  # type: ignore[arg-type]


def test_weights_stay_a_share_of_people(area: StudyArea) -> None:
    # Two points of 600 and 400 people, and 1,000 new ones: 0.3, 0.2 and 0.5.
    points = pd.concat([area.points.drop(index=CODES[1]), area.points.loc[[CODES[1]] * 2]])
    points.index = pd.Index([*points.index[:5], "p1", "p2"], name="point_id")
    points.loc[["p1", "p2"], "weight"] = [0.6, 0.4]
    split = StudyArea(
        name="Split",
        geography=area.geography,
        areas=area.areas,
        points=points.sort_index(),
        points_kind="several points",
    )
    after = apply_to_area(split, [NewEstate(name="E", people=1000, x=431500, y=390500)])
    mine = after.points[after.points["area_code"] == CODES[1]]["weight"]
    assert mine.to_dict() == pytest.approx({"estate:e": 0.5, "p1": 0.3, "p2": 0.2})
