"""What do settings of the bundle and of fairness change, and what is said of odd bundles?"""

from __future__ import annotations

import pytest
from bundle_projects import row_of_squares

from planner import Memo, Plan, Project, make_plan
from planner.errors import ProjectError
from planner.export.bundle import build_bundle_files
from planner.report.bundle import build_fairness_table, build_trips_table, find_bundle


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return row_of_squares(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="module")
def memo() -> Memo:
    return Memo(max_entries=400)


@pytest.fixture(scope="module")
def plan(project: Project, memo: Memo) -> Plan:
    return make_plan(project, memo=memo)


def _bundle(plan: Plan, **changes: object) -> dict:
    return {"bundle": plan.project.spec.bundle.model_copy(update=changes)}


def _said(plan: Plan) -> dict[str, str]:
    return {note.what: note.text for note in plan.notes if note.stage in ("bundle", "equity")}


def test_trips_by_hand(plan: Plan) -> None:
    # Squares 0 to 3: there and back along the row, 2 × 30 minutes; 4 and 5 go beyond the library.
    assert plan.areas["bundle_trip_minutes"].tolist() == [100.0, 100.0, 100.0, 100.0, 120.0, 140.0]


def test_a_changed_setting_works_out_anew_what_it_is_a_setting_of(plan: Plan, memo: Memo) -> None:
    spec = plan.project.spec

    def computed(**sections: object) -> set[str]:
        memo.computed.clear()
        make_plan(plan.project.with_spec(**sections), memo=memo)
        return set(memo.computed)

    assert computed() == set()
    for change in ({"seed": 8}, {"permutations": 100}):
        assert "signatures" in computed(tandem=spec.tandem.model_copy(update=change))
    for change in (
        {"seed": 2},
        {"bootstraps": 7},
        {"interval": 0.9},
        {"standards_as_lines": False},
    ):
        assert computed(equity=spec.equity.model_copy(update=change)) == {"equity"}
    for change in ({"stop_minutes": 1.0}, {"walk_minutes": 6.0}, {"budget_minutes": 50.0}):
        assert computed(**_bundle(plan, **change)) == {"bundle"}
    # On foot nothing is timed by the clock, whatever is asked for.
    assert computed(**_bundle(plan, timed=3, timed_every=5)) == set()
    found = computed(standards={"gp": 50.0})
    assert {"signatures", "equity"} <= found
    assert not {"between", "bundle"} & found


def test_one_kind_is_the_way_there_and_back(plan: Plan, memo: Memo) -> None:
    one = make_plan(plan.project.with_spec(**_bundle(plan, kinds=["gp"])), memo=memo)
    assert one.areas["bundle_trip_minutes"].tolist() == [20.0, 40.0, 60.0, 80.0, 100.0, 120.0]
    assert "has one kind (GP practice)" in _said(one)["bundle_one_kind"]
    assert "each of the 1 services" not in " ".join(find_bundle(one))
    assert len(build_trips_table(one).rows) == 6


def test_a_kind_without_a_site_is_no_data_and_not_far(plan: Plan, memo: Memo) -> None:
    kinds = ["gp", "library", "food_bank"]
    without = make_plan(plan.project.with_spec(**_bundle(plan, kinds=kinds)), memo=memo)
    assert set(without.areas["bundle_trip_status"]) == {"no_data"}
    assert "There is no open food bank on the map" in _said(without)["bundle_kind_without_offer"]
    # How fairly the bundle falls is not known of anybody; of the other kinds it is.
    assert set(without.equity) == {"gp", "library"}
    assert set(build_bundle_files(without)["equity.csv"]["kind"]) == {"gp", "library"}
    assert without.bundles.timed is None
    assert "bundle_timed.csv" not in build_bundle_files(without)
    assert find_bundle(without)[-1].startswith("Areas are not people")


def test_homes_too_far_from_everything_are_over_the_cutoff(plan: Plan, memo: Memo) -> None:
    near = {**plan.project.spec.access.model_dump(), "cutoff": 20.0, "within": [10.0]}
    near["jobs_within"] = [10.0]
    short = plan.project.with_spec(access=near, standards={"gp": 15.0, "library": 15.0})
    found = make_plan(short, memo=memo)
    # The surgery is 20 minutes or less from 0, 1 and 2, the library from 1 to 5; 1 and 2 have
    # both, but the way from one to the other is 30 minutes.
    assert set(found.areas["bundle_trip_status"]) == {"over_cutoff"}
    assert "Areas from which no trip for the whole bundle was found: 6." in found_texts(found)
    assert found.areas["bundle_trip_minutes"].isna().all()


def test_a_budget_beyond_what_was_searched_is_cut_and_said(plan: Plan, memo: Memo) -> None:
    wide = make_plan(plan.project.with_spec(**_bundle(plan, budget_minutes=600.0)), memo=memo)
    text = _said(wide)["bundle_budget_cut"]
    assert "within 240 minutes there and back, not the 600" in text
    assert "[access] cutoff" in text


def found_texts(plan: Plan) -> str:
    return " ".join(_said(plan).values())


def test_bundle_equity_is_of_the_slowest_by_each_kinds_own_standard(plan: Plan) -> None:
    limits = {kind: plan.compliance.minutes(kind) for kind in ("gp", "library")}
    assert limits == {"gp": 20.0, "library": 20.0}
    # Minutes to the surgery 0, 10, 20, 30, 40, 50; to the library 30, 20, 10, 0, 10, 20.
    people = [1000, 1100, 1200, 1300, 1400, 1500]
    beyond = people[0] + people[3] + people[4] + people[5]
    whole = plan.equity["bundle"].table
    assert whole.loc["poverty_share", "value"] == pytest.approx(beyond / sum(people))
    assert f"({beyond:,.0f})" in whole.loc["poverty_share", "meaning"]
    # Times its standard: 1.5, 1, 1, 1.5, 2, 2.5; beyond it by 0.5, 0.5, 1 and 1.5 times.
    gap = 0.5 * people[0] + 0.5 * people[3] + 1.0 * people[4] + 1.5 * people[5]
    assert whole.loc["poverty_gap", "value"] == pytest.approx(gap / sum(people))
    gp = plan.equity["gp"].table.loc["poverty_share", "value"]
    assert gp == pytest.approx(sum(people[3:]) / sum(people))
    rows = {row[0]: row for row in build_fairness_table(plan).rows}
    assert rows["GP practice"][4] == "56%"
    assert rows["The whole bundle (its slowest)"][4] == "69%"


def test_without_lines_or_draws_no_poverty_and_no_interval_is_given(plan: Plan, memo: Memo) -> None:
    bare = {"bootstraps": 0, "standards_as_lines": False}
    found = make_plan(plan.project.with_spec(equity=bare), memo=memo)
    for kind in ("gp", "bundle"):
        table = found.equity[kind].table
        assert not table.index.str.startswith("poverty").any()
        assert table[["low", "high"]].isna().all(axis=None)
    table = build_fairness_table(found)
    assert "bootstrap" not in table.note
    assert {row[4] for row in table.rows} == {"not given"}


def test_a_standard_as_long_as_the_search_has_no_poverty_and_it_is_said(
    plan: Plan, memo: Memo
) -> None:
    limit = plan.project.spec.access.cutoff
    found = make_plan(plan.project.with_spec(standards={"gp": limit}), memo=memo)
    assert "poverty_share" not in found.equity["gp"].table.index
    assert "poverty_share" in found.equity["library"].table.index
    assert "not below the longest journey searched (120)" in _said(found)["line_beyond_cutoff"]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"bundle": {"timed": -1}}, "timed"),
        ({"bundle": {"timed_every": 0}}, "timed_every"),
        ({"bundle": {"kinds": []}}, "at least one kind"),
        ({"bundle": {"kinds": ["gp", "gp"]}}, "each once"),
        ({"equity": {"interval": 1.0}}, "interval"),
        ({"equity": {"bootstraps": -1}}, "bootstraps"),
        ({"equity": {"draws": 5}}, "draws"),
    ],
)
def test_settings_that_cannot_be_are_named(
    project: Project, section: dict[str, dict], words: str
) -> None:
    with pytest.raises(ProjectError, match=words):
        project.with_spec(**section)
