"""Nations and editions that differ are never combined or read as a trend."""

from __future__ import annotations

from dataclasses import replace

import pytest
from places import SOURCE, tiny_area, tiny_layers

from planner.comparability import refuse_mixed_nations, refuse_trend, trend_reason
from planner.errors import DataError, ProjectError
from planner.layers import LayerKind, LayerSpec
from planner.need import build_need
from planner.project import NeedSettings

TWO = ["England", "Wales"]


def spec(
    kind: LayerKind = "score",
    vintage: str = "2019",
    geography: str = "lsoa11",
    dataset: str = "Indices of Deprivation",
    comparable: tuple[str, ...] = (),
) -> LayerSpec:
    return LayerSpec(
        id="x",
        title="X",
        unit="u",
        kind=kind,
        high_is="worse",
        geography=geography,
        source=replace(SOURCE, dataset=dataset, vintage=vintage),
        comparable=comparable,
    )


def test_two_nations_in_one_index_are_refused_with_the_reason() -> None:
    with pytest.raises(ProjectError, match=r"England and Wales.*measures other things"):
        refuse_mixed_nations(TWO, [spec()])


def test_one_nation_is_fine() -> None:
    refuse_mixed_nations(["Wales", "Wales"], [spec()])


def test_a_census_of_both_nations_may_rank_both() -> None:
    refuse_mixed_nations(TWO, [spec(comparable=("England", "Wales"))])


def test_a_census_of_two_nations_does_not_reach_a_third() -> None:
    with pytest.raises(ProjectError, match="England, Scotland and Wales"):
        refuse_mixed_nations([*TWO, "Scotland"], [spec(comparable=("England", "Wales"))])


def test_need_of_a_place_in_two_nations_is_refused() -> None:
    area = tiny_area()
    areas = area.areas.copy()
    areas.iloc[0, areas.columns.get_loc("nation")] = "Wales"
    with pytest.raises(ProjectError, match="common_measure"):
        build_need(tiny_layers(), replace(area, areas=areas), NeedSettings())


def test_context_areas_of_another_nation_are_no_matter() -> None:
    area = tiny_area()
    areas = area.areas.copy()
    areas.iloc[0, areas.columns.get_loc("nation")] = "Wales"
    areas.iloc[0, areas.columns.get_loc("in_place")] = False
    assert len(build_need(tiny_layers(), replace(area, areas=areas), NeedSettings()).scores) == 5


@pytest.mark.parametrize("kind", ["rank", "score"])
def test_two_editions_of_an_index_are_no_trend(kind: LayerKind) -> None:
    new = spec(kind, "2025", "lsoa21")
    with pytest.raises(DataError, match=r"not a trend.*after housing costs"):
        refuse_trend(spec(kind), new)


def test_rates_of_two_editions_count_other_people() -> None:
    assert "define who is deprived" in trend_reason(spec("share"), spec("share", "2025"))


def test_a_count_of_two_years_on_the_same_areas_may_be_compared() -> None:
    old = spec("count", "June 2023", dataset="Population")
    refuse_trend(old, replace(old, source=replace(old.source, vintage="June 2024")))


def test_counts_on_other_areas_may_not() -> None:
    assert "other areas" in trend_reason(
        spec("count", "2011", "lsoa11", "Census"), spec("count", "2021", "lsoa21", "Census")
    )
