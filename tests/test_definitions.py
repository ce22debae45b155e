"""Is every figure that is written defined, once, in words that say what it is?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from plans import build_plan

from planner.definitions import (
    DEFINITIONS,
    definition,
    definition_of,
    why_not_defined,
)
from planner.definitions.columns import _COLUMNS, _IN_HUBS, _NONE
from planner.errors import DataError
from planner.export import tables
from planner.export.gaps import build_gaps_file
from planner.export.hubs import COLUMNS as HUB_COLUMNS
from planner.export.types import build_membership

#: Words of the trade that a definition may not lean on.
JARGON = re.compile(r"\b(centroid|stochastic|heuristic|isochrone|OD|KPI|leverage|granular)\b")


@pytest.mark.parametrize("column", sorted(tables.MEANINGS))
def test_every_column_with_a_meaning_has_a_definition_or_a_reason(column: str) -> None:
    found = definition_of(column)
    assert found is not None or why_not_defined(column)


@pytest.mark.parametrize("column", sorted(HUB_COLUMNS))
def test_every_column_of_hubs_has_a_definition_or_a_reason(column: str) -> None:
    found = definition_of(column, file="hub_areas.csv")
    assert found is not None or why_not_defined(column)


@pytest.fixture(scope="module")
def plan() -> Any:
    return build_plan()


def test_every_column_that_is_written_of_areas_is_spoken_of(plan: Any) -> None:
    frames: dict[str, pd.DataFrame] = {
        "areas.csv": tables.build_areas_file(plan).drop(columns="geometry"),
        "access.parquet": tables.build_access_file(plan).drop(columns=["mode", "window"]),
        "gaps.csv": build_gaps_file(plan),
        "type_membership.parquet": build_membership(plan),
    }
    for file, frame in frames.items():
        for column in frame.columns:
            assert definition_of(column, file=file) or why_not_defined(column), (file, column)


def test_no_column_is_both_defined_and_excused() -> None:
    every = [*tables.MEANINGS, *HUB_COLUMNS]
    assert not [one for one in every if definition_of(one) and why_not_defined(one)]


def test_every_definition_is_used_or_stands_for_something_beyond_columns() -> None:
    used = {*_COLUMNS, *_IN_HUBS.values()}
    assert used <= set(DEFINITIONS)
    assert set(DEFINITIONS) - used == {"larger_area_summary"}
    assert all(reason.endswith(".") for reason in _NONE)


# The same column name is how good the choice is in one file and how sure a gap is in another.
def test_a_name_with_two_meanings_goes_by_its_file() -> None:
    gaps, hubs = definition_of("gap_share"), definition_of("gap_share", file="hubs.csv")
    assert gaps is not None
    assert hubs is not None
    assert (gaps.id, hubs.id) == ("gap_sureness", "hub_choice")


@pytest.mark.parametrize(
    ("column", "id"),
    [
        ("minutes_walk_gp", "minutes_nearest"),
        ("minutes_transit_gp", "minutes_nearest"),
        ("minutes_transit85_gp", "reliable_minutes"),
        ("minutes_walk_bundle", "slowest_nearest"),
        ("status_walk_gp", "journey_status"),
        ("within20_walk_gp", "count_within"),
        ("jobs_within45_walk", "count_within"),
    ],
)
def test_columns_of_ways_find_their_measure(column: str, id: str) -> None:
    found = definition_of(column)
    assert found is not None
    assert found.id == id


@pytest.mark.parametrize("one", DEFINITIONS.values(), ids=lambda one: one.id)
def test_definitions_are_plain(one: Any) -> None:
    text = " ".join((one.title, one.meaning, one.unit, one.how, one.limits))
    assert not JARGON.search(text)
    assert "[" not in text
    # Author and year, a named publication, its own measure, or where else it is told.
    assert re.search(
        r"\b(1[89]|20)\d\d\b|own|UK indices|stands beside|list of sources|Office", one.source
    )


def test_an_unknown_id_says_so() -> None:
    with pytest.raises(DataError, match="no definition of nothing"):
        definition("nothing")
    with pytest.raises(DataError, match="nor is it said why"):
        definition_of("never_heard_of")


def test_a_definition_has_no_gap_in_it() -> None:
    with pytest.raises(DataError, match="limits is empty"):
        replace(definition("gap_score"), limits=" ")
    with pytest.raises(DataError, match="no sentence"):
        replace(definition("gap_score"), meaning="High")
