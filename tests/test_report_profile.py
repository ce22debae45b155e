"""Does an area's profile say what the plan's tables say of it, and print as one page?"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from plans import build_plan

from planner.errors import DataError
from planner.export.gaps import build_gaps_file
from planner.export.need import build_parts_table
from planner.export.tables import build_areas_file
from planner.neighbourhoods.alike import find_alike_areas
from planner.report import build_sections, write_report
from planner.report.profile import Profile, ProfilePart, build_profile, to_page
from planner.report.sections import keep_sections
from planner.report.tables import Table
from planner.report.words import say_count, say_number

HOSTILE = "</script><script>alert(1)</script>'\"&{{7*7}}"


@pytest.fixture(scope="module")
def plan() -> Any:
    return build_plan()


@pytest.fixture(scope="module")
def profile(plan: Any) -> Profile:
    return build_profile(plan, plan.area.codes[3])


def part(profile: Profile, id: str) -> ProfilePart:
    return next(one for one in profile.parts if one.id == id)


def column(table: Table, head: str) -> list[str]:
    at = table.columns.index(head)
    return [row[at] for row in table.rows]


def test_the_finding_is_the_area_of_the_files(plan: Any, profile: Profile) -> None:
    row = build_areas_file(plan).set_index("area_code").loc[profile.area_code]
    assert f"{say_count(row['population'])} people" in profile.finding
    assert f"ranks {row['need_rank']} of {len(plan.area.codes)}" in profile.finding
    assert row["gap_status"] == "gap"
    assert "it is a gap for the whole bundle" in profile.finding


def test_domains_add_what_the_file_of_parts_has(plan: Any, profile: Profile) -> None:
    file = build_parts_table(plan)
    mine = file[file["area_code"] == profile.area_code].set_index("domain")
    table = part(profile, "need").tables[0]
    for name, added in zip(
        column(table, "Domain"), column(table, "Adds to the score"), strict=True
    ):
        assert added == say_number(mine.loc[name.lower(), "adds"])


# A domain's rank: one more than the areas that are worse, counted one by one.
def test_domain_ranks_are_counted_among_all_areas(plan: Any, profile: Profile) -> None:
    table = part(profile, "need").tables[0]
    for name, said in zip(
        column(table, "Domain"), column(table, "Rank within the place"), strict=True
    ):
        scores = plan.need.domain_scores[name.lower()]
        worse = sum(1 for value in scores if value > scores[profile.area_code])
        assert said == f"{worse + 1} of {len(scores)}"


def test_minutes_are_those_of_the_access_table(plan: Any, profile: Profile) -> None:
    table = part(profile, "services").tables[0]
    rows = plan.access.table
    mine = rows[(rows["area_code"] == profile.area_code) & (rows["measure"] == "minutes_nearest")]
    minutes = mine.set_index("kind")["value"]
    said = dict(zip(column(table, "Service"), column(table, "On foot"), strict=True))
    assert said["GP practice"] == f"{minutes['gp']:.0f} min"
    assert said["Library"] == f"{minutes['library']:.0f} min"


def test_a_service_that_is_not_reached_says_why(plan: Any) -> None:
    last = build_profile(plan, plan.area.codes[-1])
    table = part(last, "services").tables[0]
    said = dict(zip(column(table, "Service"), column(table, "On foot"), strict=True))
    assert said["GP practice"] == "further than the longest journey searched"
    assert not any("nan" in cell for row in table.rows for cell in row)


def test_gaps_and_reasons_are_those_of_the_file(plan: Any, profile: Profile) -> None:
    file = build_gaps_file(plan)
    mine = file[file["area_code"] == profile.area_code].set_index("kind")
    table = part(profile, "gaps").tables[0]
    said = dict(zip(column(table, "Service"), column(table, "Gap rank"), strict=True))
    assert said["Whole bundle"] == str(mine.loc["bundle", "gap_rank"])
    assert said["Food bank"] == str(mine.loc["food_bank", "gap_rank"])
    assert column(table, "Reason")[0] == mine.loc["bundle", "gap_reason"]


def test_hubs_say_the_minutes_of_the_hub_table(plan: Any, profile: Profile) -> None:
    row = plan.hubs.areas.loc[profile.area_code]
    said = " ".join(part(profile, "hubs").sentences)
    assert f"today: {row['minutes_before']:.0f} min" in said
    assert f"hubs: {row['minutes_after']:.0f} min" in said


def test_every_statement_of_why_is_there_once(plan: Any, profile: Profile) -> None:
    from planner.report.why import build_why

    expected = [one.text for one in build_why(plan, profile.area_code).statements]
    found = [one.text for each in profile.parts for one in each.statements]
    assert sorted(found) == sorted(expected)


# By brute force: every distance, one pair at a time.
@pytest.mark.parametrize("at", [0, 3, 29])
def test_alike_areas_are_those_with_the_shortest_distance(plan: Any, at: int) -> None:
    inputs = plan.neighbourhoods.inputs
    code = inputs.codes[at]
    rows = {one: inputs.matrix.loc[one].tolist() for one in inputs.codes}
    away = {
        other: round(math.dist(rows[code], rows[other]), 9)
        for other in inputs.codes
        if other != code
    }
    expected = sorted(away, key=lambda other: (away[other], other))[:5]
    found = find_alike_areas(inputs, code)
    assert found.index.tolist() == expected
    assert found["distance"].tolist() == pytest.approx([away[other] for other in expected])


def test_what_alike_areas_differ_in_most_is_the_widest_difference(plan: Any) -> None:
    inputs = plan.neighbourhoods.inputs
    code = inputs.codes[3]
    for other, row in find_alike_areas(inputs, code).iterrows():
        gaps = inputs.standardised.loc[other] - inputs.standardised.loc[code]
        assert row["most_unlike"] == max(gaps.index, key=lambda layer: abs(gaps[layer]))
        assert row["most_unlike_by"] == gaps[row["most_unlike"]]


def test_alike_areas_of_an_area_that_was_not_compared_are_none(plan: Any) -> None:
    assert find_alike_areas(plan.neighbourhoods.inputs, "E09999999").empty


def test_no_more_alike_areas_than_there_are(plan: Any) -> None:
    found = find_alike_areas(plan.neighbourhoods.inputs, plan.area.codes[0], count=1000)
    assert len(found) == len(plan.area.codes) - 1
    assert np.all(np.diff(found["distance"].to_numpy()) >= 0)


def test_an_area_elsewhere_has_no_profile(plan: Any) -> None:
    with pytest.raises(DataError, match=r"S01000001: Exampleton has no such area"):
        build_profile(plan, "S01000001")


@pytest.mark.parametrize("at", range(30))
def test_every_area_has_a_profile_without_holes(plan: Any, at: int) -> None:
    page = to_page(build_profile(plan, plan.area.codes[at]))
    plain = re.sub(r"<style>.*?</style>|<[^>]+>", "", page, flags=re.DOTALL)
    assert not re.search(r"\bnan\b|None|NaT|<NA>", plain)


def test_the_page_loads_nothing_and_escapes_names() -> None:
    hostile = build_plan(names={3: HOSTILE})
    page = to_page(build_profile(hostile, hostile.area.codes[3]))
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!#)""", page)
    assert "&lt;/script&gt;" in page
    assert "default-src 'none'" in page
    assert "Fictional place" in page


def test_the_page_is_the_same_each_time(plan: Any, profile: Profile) -> None:
    assert to_page(profile) == to_page(build_profile(plan, profile.area_code))


def test_the_page_names_sources_and_limits(profile: Profile) -> None:
    page = to_page(profile)
    assert "Office of Examples: Example figures (2024) (OGL v3.0)" in page
    assert "Areas are not people" in page


# ---- parts of the report -----------------------------------------------------------------------


def test_parts_left_out_are_named_and_their_findings_go(plan: Any) -> None:
    sections = build_sections(plan)
    whole, short = write_report(plan, sections), write_report(plan, sections, leave=["hubs"])
    title = next(one.title for one in sections if one.id == "hubs")
    assert f'<h2 id="hubs">{title}</h2>' in whole
    assert 'id="hubs"' not in short
    assert 'href="#hubs"' not in short
    assert f"Left out of this copy by whoever made it: “{title}”." in short
    assert "Left out of this copy" not in whole
    assert "would help most at" in whole
    assert "would help most at" not in short


def test_what_makes_figures_defensible_stays_whatever_is_left_out(plan: Any) -> None:
    sections = build_sections(plan)
    page = write_report(plan, sections, leave=[one.id for one in sections])
    for id in ("findings", "standards", "limits", "notes", "sources", "areas"):
        assert f'id="{id}"' in page
    assert "Fictional place" in page


def test_a_part_that_is_not_there_cannot_be_left_out_in_silence(plan: Any) -> None:
    with pytest.raises(DataError, match="no part called hubbs"):
        keep_sections(build_sections(plan), ["hubbs"])


def test_the_making_of_parts_can_be_stopped(plan: Any) -> None:
    told: list[float] = []

    def stop(words: str, share: float) -> None:
        told.append(share)
        if len(told) == 3:
            raise InterruptedError(words)

    with pytest.raises(InterruptedError, match="Drawing"):
        build_sections(plan, tell=stop)
    assert told == sorted(told)
    assert pd.Series(told).between(0, 1).all()
