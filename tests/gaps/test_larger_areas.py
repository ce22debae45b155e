from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gap_cases import GP, Case, build_case, with_parents
from places import CODES, tiny_layers

from planner.gaps import LargerGaps, build_larger_gaps

UPPER, LOWER = "E02900001", "E02900002"


def larger(case: Case, **changed: Any) -> LargerGaps | None:
    layers = changed.get("layers", case.layers)
    return build_larger_gaps(
        *(case.area, layers, case.need, case.access, case.compliance, case.gaps),
        list(case.compliance.kinds),
    )


def found(**options: Any) -> LargerGaps:
    got = larger(
        build_case({"walk": {"gp": options.pop("gp", GP)}}, layers=with_parents(), **options)
    )
    assert got is not None
    return got


def test_the_middle_person_decides_for_the_larger_area() -> None:
    table = found().of("gp")
    # Upper: 5, 25 and 48 minutes for 1,000, 1,000 and 2,000 people; lower: 12, 17 and 30 for
    # 1,000, 500 and 1,500. Exactly half is enough.
    assert table["minutes"].tolist() == [25.0, 17.0]
    assert table["gap_status"].tolist() == ["gap", "within_standard"]
    assert table["population"].tolist() == [4000.0, 3000.0]


def test_gaps_inside_are_counted_with_their_people() -> None:
    table = found().of("gp")
    assert table["gaps_inside"].tolist() == [2, 1]
    assert table["people_in_gaps_inside"].tolist() == [3000.0, 1500.0]


def test_need_is_the_mean_score_by_people_ranked_among_the_larger() -> None:
    case = build_case({"walk": {"gp": GP}}, layers=with_parents())
    score = case.need.scores["need_score_access_use"]
    people = np.array([1000, 1000, 2000, 1000, 500, 1500])
    means = [np.average(score[at], weights=people[at]) for at in (slice(0, 3), slice(3, 6))]
    assert means[0] > means[1]
    assert found().of("gp")["need_percentile"].tolist() == [1.0, 0.5]


def test_what_vanishes_in_an_average_is_named() -> None:
    got = found()
    assert got.hidden == (CODES[5],)
    assert got.findings == (
        "For the whole bundle, 3 of 6 areas are gaps; taken together in MSOAs, 1 of 2 MSOAs is.",
        "1 gap with 1,500 people vanishes in an average: the MSOA around it keeps its standards "
        "(Square 6).",
        "1 area with 1,000 people lies in an MSOA that is a gap, but keeps the standards.",
        "Gaps that vanish in an average, by kind of service: GP practice 1 of 3.",
    )


def test_half_not_reached_is_no_gap_of_the_larger_area_and_more_is() -> None:
    # 2,000 of 4,000 people not reached: the middle person is; 3,000 of them: not.
    half = found(gp=[5.0, 6.0, None, 1, 1, 1]).of("gp").loc[UPPER]
    most = found(gp=[5.0, None, None, 1, 1, 1]).of("gp").loc[UPPER]
    assert (half["minutes"], half["gap_status"]) == (6.0, "relatively_further")
    assert (most["status"], most["gap_status"]) == ("over_cutoff", "gap")


def test_a_larger_area_off_the_network_is_not_known() -> None:
    off = dict.fromkeys(CODES[3:], "outside_extent")
    got = found(origin_status=off)
    assert got.of("gp")["gap_status"].tolist() == ["gap", "no_data"]
    assert got.findings[0].endswith(
        "2 of 6 areas are gaps (of 3 it is not known); taken together in MSOAs, 1 of 2 MSOAs is "
        "(of 1 it is not known)."
    )


def test_an_area_in_no_known_larger_one_is_left_out_and_told() -> None:
    layers = with_parents()
    parents = layers.parents.copy()
    parents.loc[CODES[5], "msoa21"] = np.nan
    case = build_case({"walk": {"gp": GP}}, layers=replace(layers, parents=parents))
    got = larger(case)
    assert got is not None
    assert got.of("gp")["areas"].tolist() == [3, 2]
    (note,) = got.notes
    assert (note.what, note.items) == ("area_without_larger", (CODES[5],))


@pytest.mark.parametrize("blank", [True, False])
def test_without_larger_areas_there_is_nothing_to_say(blank: bool) -> None:
    layers = tiny_layers()
    if blank:
        layers = with_parents()
        layers = replace(layers, parents=layers.parents.assign(msoa21=np.nan).astype(object))
    assert larger(build_case({"walk": {"gp": GP}}), layers=layers) is None
