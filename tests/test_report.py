"""Does the report say what the figures say, to everybody, on one page that needs nothing else?"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from plans import COUNT, build_plan

from planner.compliance import build_compliance
from planner.ledger import Note
from planner.maps import to_offline_html
from planner.report import build_map_layers, build_plan_map, build_report
from planner.report.findings import (
    build_reach,
    count_worst,
    find_access,
    find_gaps,
    find_types,
    weighted_median,
)
from planner.report.hubs import find_hubs
from planner.report.layers import build_point_layers
from planner.report.page import MAX_ITEMS, build_limits, group_notes
from planner.report.tables import (
    build_access_table,
    build_all_areas_table,
    build_types_table,
)
from planner.report.words import say_minutes, say_number, say_share
from planner.standards import build_standards
from planner.travel.getting_about import Way

HOSTILE = "</script><script>alert(1)</script>'\"&{{7*7}}"
VOID = {"meta", "link", "br", "img", "hr", "input"}


class _Outline(HTMLParser):
    """Collects tags, heading levels and tags left open."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _outline(page: str) -> _Outline:
    outline = _Outline()
    outline.feed(page)
    assert not outline.open
    return outline


@pytest.fixture(scope="module")
def page() -> str:
    return build_report(build_plan())


def test_page_has_no_script_and_loads_nothing(page: str) -> None:
    for tag, attributes in _outline(page).tags:
        assert tag not in {"script", "link", "img", "iframe", "object"}
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    assert "@import" not in page
    assert set(re.findall(r"url\((.)", page)) <= {"#"}


def test_headings_go_down_one_level_at_a_time(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in _outline(page).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_scopes(page: str) -> None:
    for table in re.findall(r"<table>.*?</table>", page, flags=re.DOTALL):
        assert "<caption>" in table
        for head in re.findall(r"<th\b[^>]*>", table):
            assert 'scope="col"' in head or 'scope="row"' in head


def test_links_on_the_page_lead_somewhere(page: str) -> None:
    tags = _outline(page).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for _, attributes in tags:
        for name in ("href", "aria-labelledby"):
            for target in (attributes.get(name) or "").split():
                assert target.lstrip("#") in ids


def test_every_map_has_a_sentence_and_all_areas_stand_in_a_table(page: str) -> None:
    assert page.count("<figure>") == 5
    assert page.count('class="finding"') == 5
    twin = page[page.index('id="areas"') :]
    for number in range(1, COUNT + 1):
        assert f"E0190{number:04d}" in twin


def test_watermarks_stand_at_the_top_and_at_every_map(page: str) -> None:
    # Top, bottom and five maps.
    assert page.count("Fictional place: no real area") == 7
    assert page.count("Journeys are by straight line × 1.3, not along streets") == 7


def test_hostile_text_makes_no_tag() -> None:
    names = dict.fromkeys(range(COUNT), HOSTILE)
    plan = build_plan(names=names)
    plan.gaps.table["gap_reason"] = HOSTILE
    plan.hubs.chosen["venue_name"] = HOSTILE
    plan.neighbourhoods.types["type_name"] = HOSTILE
    plan.notes = (Note(stage=HOSTILE, what="x", count=1, text=HOSTILE, items=(HOSTILE,)),)
    plan.sources = (replace(plan.sources[0], publisher=HOSTILE, file=HOSTILE),)
    page = build_report(plan)
    assert "script" not in {tag for tag, _ in _outline(page).tags}
    assert "{{7*7}}" in page


def test_long_lists_are_cut_and_say_so() -> None:
    plan = build_plan()
    items = tuple(f"item {i:04d}" for i in range(MAX_ITEMS + 50))
    plan.notes = (Note(stage="services", what="x", count=250, text="Rows left out.", items=items),)
    page = build_report(plan)
    assert "item 0199" in page
    assert "item 0200" not in page
    assert "The first 200 of 250; all are in manifest.json." in page


def test_a_plan_without_notes_says_that_nothing_was_changed() -> None:
    plan = build_plan()
    plan.notes = ()
    assert "Nothing: every row of every file was used as it stands." in build_report(plan)


def test_the_same_plan_gives_the_same_page() -> None:
    assert build_report(build_plan()) == build_report(build_plan())


def test_limits_say_what_must_be_said(page: str) -> None:
    limits = page[page.index('id="limits"') : page.index('id="notes"')]
    assert "Areas are not people" in limits
    assert "fares" in limits
    assert "lockdown" in limits  # a layer on inactivity comes from the census
    assert "inherited" in limits
    assert "not routes" in limits


def test_limits_of_public_transport_say_when_and_which_standards_are_not_held_against_it() -> None:
    plan = build_plan()
    ridden = replace(plan.times, mode="transit", window="Tue 10:00-16:00", percentile=50)
    plan.way = Way(times=ridden)
    plan.ways = {**plan.ways, "transit": plan.way}
    plan.mode = "transit"
    said = " ".join(build_limits(plan))
    assert "Journeys on foot are in the files beside this page." in said
    assert "by the way each is meant for: on foot for food bank, GP practice and library." in said
    page = build_report(plan)
    assert "leaving at any minute of Tue 10:00-16:00: half of the time it takes no longer" in page
    assert "the way each is meant for" not in " ".join(build_limits(build_plan()))


def test_weighted_median_is_the_lower_one() -> None:
    # 10 of 20 people are within 5 minutes: exactly half counts.
    assert weighted_median(np.array([5.0, np.inf]), np.array([10.0, 10.0])) == 5.0
    assert weighted_median(np.array([5.0, np.inf]), np.array([9.0, 10.0])) == math.inf
    assert math.isnan(weighted_median(np.array([]), np.array([])))


def _reach_plan(minutes: list[float], status: list[str], people: list[float]) -> Any:
    index = pd.Index([f"E0190000{i}" for i in range(1, len(minutes) + 1)], name="area_code")
    nearest = pd.DataFrame({"value": minutes, "status": status}, index=index)
    access: Any = SimpleNamespace(
        kinds=["gp"],
        table=pd.DataFrame({"mode": ["walk"]}),
        wide=lambda measure, kind: nearest,
    )
    area: Any = SimpleNamespace(
        place=pd.DataFrame({"population": people}, index=index), codes=index
    )
    layers: Any = SimpleNamespace(specs={})
    rules = build_standards({"gp": 20}, ["gp"])
    return SimpleNamespace(
        access=access,
        area=area,
        compliance=build_compliance(area, layers, {"walk": access}, "walk", rules),
    )


def test_people_are_within_beyond_or_not_known() -> None:
    plan = _reach_plan(
        [10.0, 20.0, 30.0, np.nan, np.nan, np.nan],
        ["reached", "reached", "reached", "over_cutoff", "not_connected", "no_data"],
        [100.0, 100.0, 100.0, 200.0, 300.0, 200.0],
    )
    reach = build_reach(plan, "gp")
    assert (reach.within, reach.beyond, reach.not_known) == (0.2, 0.3, 0.5)
    # Of 500 people whose journey is known, the 250th lives 30 minutes away.
    assert reach.median_minutes == 30.0
    assert reach.areas["not_connected"] == 1


def test_the_bundle_keeps_its_standard_only_where_all_its_kinds_do() -> None:
    # 25 minutes are within 30, but the first area breaches the standard of another kind.
    plan = _reach_plan([25.0, 25.0], ["reached", "reached"], [100.0, 300.0])
    plan.gaps = SimpleNamespace(
        table=pd.DataFrame(
            {
                "area_code": ["E01900001", "E01900002"],
                "kind": "bundle",
                "gap_status": ["gap", "relatively_further"],
                "gap_rank": [1, 2],
            }
        )
    )
    reach = build_reach(plan, "bundle")
    assert (reach.within, reach.beyond) == (0.75, 0.25)


def test_stranding_people_never_shortens_the_median() -> None:
    before = _reach_plan([10.0, 30.0], ["reached", "reached"], [100.0, 150.0])
    after = _reach_plan([10.0, np.nan], ["reached", "unreachable"], [100.0, 150.0])
    assert build_reach(after, "gp").median_minutes > build_reach(before, "gp").median_minutes


def test_access_table_counts_each_reason_apart() -> None:
    table = build_access_table(build_plan())
    bundle = dict(zip(table.columns, table.rows[0], strict=True))
    reasons = [name for name in table.columns if name.startswith("Areas: ")]
    assert [bundle[name] for name in reasons] == ["1"] * 5


def test_worst_fifth_is_counted_by_domain() -> None:
    domains = pd.DataFrame({"income": [5.0, 4, 3, 2, 1], "health": [9.0, 1, 2, 3, 8]})
    assert count_worst(domains).tolist() == [2, 0, 0, 0, 0]


def test_nothing_known_of_a_kind_is_said() -> None:
    plan = build_plan()
    table = plan.access.table
    table.loc[table["kind"] == "gp", ["value", "status"]] = [np.nan, "no_data"]
    rules = build_standards({}, plan.access.kinds)
    plan.compliance = build_compliance(plan.area, plan.layers, plan.access_by, "walk", rules)
    assert "Nothing is known of the way to a GP practice." in find_access(plan)


def test_gaps_name_the_largest_with_its_reason() -> None:
    plan = build_plan()
    table = plan.gaps.table
    first = table[(table["kind"] == "bundle") & (table["gap_rank"] == 1)].iloc[0]
    assert first["area_code"] in find_gaps(plan)[1]
    assert "standard 20" in find_gaps(plan)[1]


def test_gaps_say_how_many_are_in_most_need_and_how_many_are_not_known() -> None:
    plan = build_plan()
    table = plan.gaps.table
    bundle = table["kind"] == "bundle"
    table.loc[bundle, "gap_status"] = "within_standard"
    rows = table.index[bundle]
    table.loc[rows[:3], "gap_status"] = "gap"
    table.loc[rows[:3], "need_percentile"] = [0.2, 2 / 3, 0.9]
    table.loc[rows[3], "gap_status"] = "no_data"
    said = find_gaps(plan)[0]
    assert "1 of them is in the third of areas with the most need." in said
    assert said.endswith("For 1 area it is not known.")


def test_a_choice_that_is_not_proved_says_how_far_off_it_may_be() -> None:
    plan = build_plan()
    plan.hubs.status, plan.hubs.gap = "time_limit", 0.031
    assert "within 3.1% of the best possible" in find_hubs(plan)[-1]


def test_a_place_without_candidates_still_has_a_report() -> None:
    plan = build_plan()
    plan.hubs = None
    page = build_report(plan)
    assert "No hub could be chosen" in page
    assert page.count("<figure>") == 4


def test_map_layers_class_every_area_once() -> None:
    plan = build_plan()
    for layer in build_map_layers(plan).values():
        assert layer.classes.index.index.equals(plan.area.codes)
        assert layer.text.index.equals(plan.area.codes)


def test_areas_without_a_type_are_no_data_on_the_map_and_said() -> None:
    plan = build_plan()
    labels = plan.neighbourhoods.labels.astype("Int64")
    labels.iloc[:2] = pd.NA
    plan.neighbourhoods.labels = labels
    layer = build_map_layers(plan)["types"]
    assert {entry.label: entry.count for entry in layer.classes.entries}["No data"] == 2
    assert layer.text.iloc[0].endswith("not typed: no data")
    said = "2 areas with 2,050 people have no type"
    assert said in find_types(plan)[-1]
    assert said in build_types_table(plan).note
    assert [row[5] for row in build_all_areas_table(plan).rows[:2]] == ["not typed: no data"] * 2


def test_imputed_values_are_said_beside_the_types() -> None:
    plan = build_plan()
    text = "E01: no value of a chosen layer; the place's median stands for it."
    plan.notes = (Note(stage="neighbourhoods", what="types_imputed", count=1, text=text),)
    assert find_types(plan)[-1] == text


def test_popups_tell_details_and_escape_them() -> None:
    plan = build_plan()
    plan.services = replace(
        plan.services,
        venues=plan.services.venues.assign(accessibility=HOSTILE),
        offers=plan.services.offers.assign(languages="English;Welsh"),
    )
    points = build_point_layers(plan)[0].points
    assert points["text"].iloc[0].split("\n")[2:] == [
        "Languages: English, Welsh",
        f"Accessibility: {HOSTILE}",
    ]
    assert "<script" not in to_offline_html(build_plan_map(plan)).partition("Accessibility")[2][:80]


def test_an_area_first_within_reach_has_its_own_class() -> None:
    plan = build_plan()
    code = plan.area.codes[4]
    columns = ["minutes_before", "status_before", "minutes_saved"]
    plan.hubs.areas.loc[code, columns] = [np.nan, "unreachable", np.nan]
    layer = build_map_layers(plan)["hubs"]
    assert layer.classes.label_of()[code] == "Reaches the whole bundle for the first time"


def test_an_area_that_stays_out_of_reach_keeps_its_reason() -> None:
    plan = build_plan()
    code = plan.area.codes[4]
    columns = ["minutes_after", "status_after", "minutes_saved"]
    plan.hubs.areas.loc[code, columns] = [np.nan, "unreachable", np.nan]
    layer = build_map_layers(plan)["hubs"]
    assert layer.classes.label_of()[code] == "No route there at all"


def test_services_are_one_layer_a_kind_and_hubs_another() -> None:
    titles = [layer.title for layer in build_point_layers(build_plan())]
    assert titles == ["Food banks (3)", "GP practices (3)", "Libraries (3)", "Chosen hubs"]


def test_folium_map_of_a_plan_can_be_built() -> None:
    assert type(build_plan_map(build_plan())).__name__ == "Map"


def test_notes_are_grouped_in_the_order_of_the_stages() -> None:
    notes = [
        Note(stage=stage, what="x", count=1, text=text)
        for stage, text in (("layers", "a"), ("hubs", "b"), ("layers", "c"))
    ]
    groups = group_notes(notes)
    assert [[note.text for note in group.notes] for group in groups] == [["a", "c"], ["b"]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234.5, "1,230"),
        (0.012345, "0.0123"),
        (99.96, "100"),
        (float("nan"), "not known"),
    ],
)
def test_numbers_have_three_figures(value: float, text: str) -> None:
    assert say_number(value) == text


def test_some_is_never_rounded_to_none_nor_most_to_all() -> None:
    assert [say_share(v) for v in (0.0, 0.004, 0.5, 0.996, 1.0)] == [
        "0%",
        "under 1%",
        "50%",
        "over 99%",
        "100%",
    ]


def test_no_minutes_are_said_as_the_reason() -> None:
    assert say_minutes(math.nan, "unreachable") == "no route there at all"
    assert say_minutes(12.4) == "12 min"
