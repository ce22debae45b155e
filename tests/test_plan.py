"""One call does the whole job on the demo place, and only works out again what changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from light import lighten

from planner import Memo, Plan, Project, Scenario, make_plan
from planner.errors import DataError
from planner.plan.start import make_start
from planner.scenario import CloseVenue, OpenVenue

DEMO = Path(__file__).resolve().parent.parent / "data" / "demo"
TRAVEL = {"area", "services", "streets", "times", "job_times", "jobs", "backdrop"}


@pytest.fixture(scope="module")
def memo(demo_memo: Memo) -> Memo:
    return demo_memo


@pytest.fixture(scope="module")
def plan(memo: Memo) -> Plan:
    return make_plan(Project.read(DEMO), memo=memo)


@pytest.fixture(scope="module")
def light(plan: Plan) -> Project:
    """Return the demo with few draws and repeats, for tests that make another plan of it."""
    return lighten(plan.project)


def test_every_area_of_the_place_has_one_row(plan: Plan) -> None:
    assert plan.areas.index.equals(plan.area.codes)


def test_ranks_are_one_to_n(plan: Plan) -> None:
    areas = plan.areas
    assert sorted(areas["need_rank"]) == list(range(1, len(areas) + 1))
    assert sorted(areas["gap_rank"]) == list(range(1, len(areas) + 1))


def test_the_demo_says_it_is_fictional(plan: Plan) -> None:
    assert plan.manifest["fictional"] is True
    assert "Fictional" in plan.watermarks[0]


def test_the_manifest_has_no_path_of_this_machine(plan: Plan) -> None:
    assert str(DEMO.parent.parent) not in str(plan.manifest)


def test_moving_a_weight_does_not_time_journeys_again(
    plan: Plan, light: Project, memo: Memo
) -> None:
    memo.computed.clear()
    weights = dict.fromkeys(plan.need.weights.index, 1.0)
    first = plan.need.weights.index[0]
    moved = make_plan(light.with_spec(need={"weights": weights | {first: 5.0}}), memo=memo)
    assert not TRAVEL & set(memo.computed)
    assert {"need", "gaps", "hubs"} <= set(memo.computed)
    assert not moved.need.scores["need_score"].equals(plan.need.scores["need_score"])
    assert moved.access is plan.access


def test_asking_for_another_number_of_hubs_only_chooses_hubs(plan: Plan, memo: Memo) -> None:
    memo.computed.clear()
    hubs = plan.project.spec.hubs.model_copy(update={"count": 3})
    more = make_plan(plan.project.with_spec(hubs=hubs), memo=memo)
    rest_on_hubs = {"hubs", "hub_choice", "hub_steadiness", "rota", "outcomes"}
    assert set(memo.computed) <= rest_on_hubs
    assert "hubs" in memo.computed
    assert more.hubs is not None
    assert len(more.hubs.chosen) == 3


def test_the_empty_scenario_is_today(plan: Plan, memo: Memo) -> None:
    memo.computed.clear()
    same = make_plan(plan.project, Scenario(), memo=memo)
    assert memo.computed == []
    assert same.gaps is plan.gaps


def test_closing_the_nearest_makes_nobody_nearer(plan: Plan, light: Project, memo: Memo) -> None:
    kind = plan.project.spec.bundle.kinds[0]
    closed = plan.services.open_offers(kind)["venue_id"].iloc[0]
    closure = Scenario(name="closure", changes=(CloseVenue(venue_id=closed),))
    after = make_plan(light, closure, memo=memo)
    before = plan.access.wide("minutes_nearest", kind)["value"]
    later = after.access.wide("minutes_nearest", kind)["value"]
    both = before.notna() & later.notna()
    assert (later[both] >= before[both]).all()
    assert later.notna().sum() <= before.notna().sum()


def test_opening_beside_the_greatest_gap_brings_it_to_the_door(
    plan: Plan, light: Project, memo: Memo
) -> None:
    kind = plan.project.spec.bundle.kinds[0]
    reached = plan.access.wide("minutes_nearest", kind)
    code = reached["value"].idxmax()
    point = plan.area.place_points.query("area_code == @code").geometry.iloc[0]
    change = OpenVenue(venue_id="new:one", name="New", x=point.x, y=point.y, kinds=(kind,))
    after = make_plan(light, Scenario(name="open", changes=(change,)), memo=memo)
    assert (
        after.access.wide("minutes_nearest", kind).loc[code, "value"] < reached.loc[code, "value"]
    )


def test_progress_is_told_in_words(plan: Plan, memo: Memo) -> None:
    told: list[tuple[str, float]] = []
    make_plan(plan.project, memo=memo, progress=lambda words, share: told.append((words, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert told[-1] == ("Done", 1.0)
    assert len(told) > 10


def test_a_longest_wait_is_kept_to(plan: Plan, light: Project, memo: Memo) -> None:
    timetable = plan.project.spec.timetable
    assert timetable is not None
    changed = timetable.model_copy(
        update={"max_wait_minutes": 0.5, "max_transfer_walk_minutes": 0.0, "window": "10:00-10:30"}
    )
    memo.computed.clear()
    limited = make_plan(light.with_spec(timetable=changed), memo=memo)
    assert {"transit_times", "transit_nearest"} <= set(memo.computed)
    assert "times" not in memo.computed
    asked = {"max_wait_minutes": 0.0}
    free = make_plan(light.with_spec(timetable=changed.model_copy(update=asked)), memo=memo)
    by_limit, by_any = (p.ways["transit"].times.pairs for p in (limited, free))
    keys = ["origin", "destination"]
    both = by_limit.merge(by_any, on=keys, how="left", suffixes=("", "_any"))
    assert (both["deciseconds"] >= both["deciseconds_any"]).all()
    assert len(by_limit) < len(by_any) or (both["deciseconds"] > both["deciseconds_any"]).any()


def test_among_other_areas_the_layers_are_read_again(plan: Plan, memo: Memo) -> None:
    # Ambleford's files hold no other area, so a plan among all of England stops there.
    with pytest.raises(DataError, match=r"known for \d+ of the 33,755 areas of England"):
        make_plan(plan.project.with_spec(need={"reference": "nation"}), memo=memo)


def test_another_standard_is_judged_without_measuring_access_again(plan: Plan, memo: Memo) -> None:
    memo.computed.clear()
    stricter = {"gp": {"minutes": 10, "by": "walk"}}
    moved = make_plan(plan.project.with_spec(standards=stricter), memo=memo)
    assert {"compliance", "gaps", "gap_certainty", "larger_gaps"} <= set(memo.computed)
    assert "access" not in memo.computed
    assert moved.compliance.way("gp") == "walk"
    assert moved.gaps.of("gp")["breaches"].sum() > plan.gaps.of("gp")["breaches"].sum()


def test_gaps_are_looked_at_again_under_other_assumptions(plan: Plan) -> None:
    assert plan.gap_certainty is not None
    assert plan.larger_gaps is not None
    shares = plan.gap_certainty.of("bundle")
    assert plan.areas["gap_share"].equals(shares["gap_share"])
    # By timetable the minute of leaving varies; the jobcentre's standard is on foot.
    assert shares[["gap_share_speed", "gap_share_departure"]].notna().any().all()
    assert set(plan.larger_gaps.table.index.get_level_values("kind")) == {
        *plan.access.kinds,
        "bundle",
    }


def test_what_the_first_pages_need_is_a_part_of_the_plan(plan: Plan, memo: Memo) -> None:
    memo.computed.clear()
    start = make_start(plan.project, memo=memo)
    assert memo.computed == []
    assert plan.needs is not None
    assert (start.need, start.needs.draws) == (plan.need, plan.needs.draws)
    assert start.contents.services is plan.services
    assert set(start.sources) == set(plan.sources)
    assert set(start.notes) <= set(plan.notes)
