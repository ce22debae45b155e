from __future__ import annotations

import pytest

from planner.errors import ProjectError
from planner.project import StandardEntry
from planner.standards import (
    DEFAULTS,
    NO_STANDARD,
    PROJECT_STANDARD,
    Standard,
    build_standards,
    kind_words,
)


def test_the_project_file_wins() -> None:
    found = build_standards({"gp": 15}, ["gp"])["gp"]
    assert found == Standard(kind="gp", minutes=15, source=PROJECT_STANDARD, is_default=False)


def test_one_mile_to_a_library_is_20_minutes() -> None:
    assert build_standards({}, ["library"])["library"].minutes == 20


def test_three_miles_to_a_jobcentre_are_60_minutes() -> None:
    assert build_standards({}, ["jobcentre"])["jobcentre"].minutes == 60


def test_published_defaults_are_judged_by_the_way_they_were_published_for() -> None:
    found = build_standards({}, [*DEFAULTS, "food_bank"])
    assert {kind for kind, one in found.items() if one.by == "walk"} == set(DEFAULTS)
    assert found["food_bank"].by == ""


def test_a_project_names_the_way_or_leaves_it_to_that_of_the_gaps() -> None:
    given = {"gp": StandardEntry(minutes=40, by="transit"), "library": 20}
    found = build_standards(given, [])
    assert (found["gp"].minutes, found["gp"].by) == (40, "transit")
    assert found["library"].by == ""


def test_where_nobody_published_a_standard_it_says_so() -> None:
    found = build_standards({}, ["food_bank"])["food_bank"]
    assert (found.minutes, found.source, found.is_default) == (30, NO_STANDARD, True)


def test_every_published_default_names_its_year() -> None:
    assert all(any(y in source for y in ("1996", "2001", "2007", "2015", "2017"))
               for *_, source in DEFAULTS.values())  # fmt: skip


def test_kinds_come_sorted_with_those_of_the_project() -> None:
    assert list(build_standards({"zoo": 5}, ["library", "gp"])) == ["gp", "library", "zoo"]


def test_minutes_must_be_above_zero() -> None:
    with pytest.raises(ProjectError, match="above zero"):
        build_standards({"gp": 0}, [])


@pytest.mark.parametrize(
    ("kind", "one", "many"),
    [
        ("childrens_centre", "children's centre", "children's centres"),
        ("library", "library", "libraries"),
        ("food_bank", "food bank", "food banks"),
    ],
)
def test_kinds_are_written_as_people_say_them(kind: str, one: str, many: str) -> None:
    assert (kind_words(kind), kind_words(kind, plural=True)) == (one, many)
