"""A rota and shared outcomes reach plans, files and the report, with figures worked out by hand.

Squares 0 to 5 stand in a row, 10 minutes apart, with 1000, 1100, ... 1500 people. A surgery is in
square 0, a library in square 3; with one hub, it is the library.
"""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bundle_projects import row_of_squares

from planner import Memo, Plan, Project, make_plan
from planner.errors import PlannerError
from planner.export.cells import to_csv_text
from planner.export.outreach import build_calendar, build_outreach_files
from planner.plan.outcomes import build_options, count_week, find_hosts
from planner.plan.rota import build_permanent, choose_venues, find_bases
from planner.report import build_report
from planner.report.outreach import HOW_TO_GET_ONE, build_parts
from planner.scenario import CloseVenue, Scenario

HOSTILE = "=1+1 <b>Advice</b>"
TEAMS = f"""team_name,services,days,hours_per_day,partner
{HOSTILE},citizens_advice;gp,Tu,4,Advice trust
"""
ROTA = {
    "teams": "teams.csv",
    "venues": ["gp:gps", "library:libraries"],
    "session_minutes": 120,
    "within_minutes": 10.0,
    "first_monday": "2026-04-13",
}
PEOPLE = np.array([1000.0, 1100, 1200, 1300, 1400, 1500])
#: Income is worst in 3, then 1, 4, 2, 5, 0; health gets worse from 0 to 5.
INCOME = np.array([1, 5, 3, 6, 4, 2]) / 6
HEALTH = np.array([1, 2, 3, 4, 5, 6]) / 6


@pytest.fixture(scope="module")
def memo() -> Memo:
    return Memo(max_entries=200)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    found = row_of_squares(tmp_path_factory.mktemp("outreach"))
    (found.folder / "teams.csv").write_text(TEAMS, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def plan(project: Project, memo: Memo) -> Plan:
    return make_plan(project.with_spec(rota=ROTA), memo=memo)


@pytest.fixture(scope="module")
def without(project: Project, memo: Memo) -> Plan:
    return make_plan(project, memo=memo)


def test_the_session_is_where_most_people_are_served(plan: Plan) -> None:
    rota = plan.rota
    assert rota is not None
    (row,) = rota.plan.to_dict("records")
    assert (row["venue_id"], row["day"]) == ("library:libraries", "Tuesday")
    # Stated hours from 9:00, half an hour to set up.
    assert (row["setup_from"], row["begin"], row["end"]) == ("09:00", "09:30", "11:30")
    demand = PEOPLE * plan.need.scores["need_percentile_access_use"].to_numpy()
    # Squares 2 to 4 are within 10 minutes of the library; 0 to 2 keep the standard for a GP.
    expected = 0.5 * demand[2:5].sum() + 0.5 * demand[3:5].sum()
    assert rota.objective == pytest.approx(expected)
    assert (rota.status, rota.gap) == ("optimal", 0.0)
    assert rota.served["share_before"].xs("gp", level="kind").tolist() == [1, 1, 1, 0, 0, 0]


def test_what_was_taken_for_granted_is_noted(plan: Plan) -> None:
    notes = {note.what: note for note in plan.notes if note.stage == "rota"}
    assert notes["hours_stated"].count == 2
    assert "30 km/h" in notes["travel_straight_line"].text
    assert notes["kind_not_offered"].items == ("citizens_advice",)
    assert notes["beyond_reach"].items == (plan.area.codes[5],)


def test_outcomes_by_hand(plan: Plan) -> None:
    ledger = plan.outcomes
    assert ledger is not None
    scores = ledger.outcomes["reach_score"]
    # Citizens Advice has 1 of 1.75 and comes on one day: half of it, within 30 minutes of all.
    assert scores["Today", "more income"] == 0
    assert scores["Outreach rota", "more income"] == pytest.approx(
        (PEOPLE * INCOME).sum() * 0.5 / 1.75
    )
    # A GP has 1 of 2: today for squares 0 to 2; in the hub, 20 minutes off, for all the others.
    assert scores["Today", "better health"] == pytest.approx((PEOPLE * HEALTH)[:3].sum() / 2)
    assert scores["Hubs", "better health"] == pytest.approx((PEOPLE * HEALTH).sum() / 2)
    assert scores["Outreach rota", "better health"] == pytest.approx(
        (PEOPLE * HEALTH)[:3].sum() / 2 + (PEOPLE * HEALTH)[3:].sum() / 4
    )
    left = [note.items for note in plan.notes if note.what == "domain_not_known"]
    assert left == [("into work", "skills")]


def test_partners_in_the_ledger(plan: Plan) -> None:
    assert plan.outcomes is not None
    trust = plan.outcomes.partners.loc[("Outreach rota", "Advice trust")]
    assert trust["sessions_given"] == 2  # two services in one session
    assert trust["hours_spent"] == 2 * 2.5
    assert trust["venues"] == 1


def test_without_teams_the_report_says_how_to_get_a_rota(without: Plan) -> None:
    assert without.rota is None
    assert build_parts(without)["rota"][1] == (HOW_TO_GET_ONE,)
    assert not [name for name in build_outreach_files(without) if name.startswith("rota")]
    assert build_calendar(without) is None
    assert without.outcomes is not None
    assert set(without.outcomes.outcomes.index.get_level_values("option")) == {"Today", "Hubs"}


def test_a_rota_that_cannot_be_stops_no_plan(project: Project, memo: Memo) -> None:
    never = make_plan(project.with_spec(rota={**ROTA, "session_minutes": 720}), memo=memo)
    assert never.rota is None
    (sentence,) = build_parts(never)["rota"][1]
    assert sentence.startswith("There is no rota. Rota: a session of 720 minutes")


def test_rota_is_found_again_and_follows_its_teams(
    project: Project, plan: Plan, memo: Memo
) -> None:
    assert make_plan(project.with_spec(rota=ROTA), memo=memo).rota is plan.rota
    (project.folder / "other.csv").write_text(TEAMS.replace("Tu", "We"), encoding="utf-8")
    other = make_plan(project.with_spec(rota={**ROTA, "teams": "other.csv"}), memo=memo)
    assert other.rota is not None
    assert other.rota.plan["day"].tolist() == ["Wednesday"]


def test_a_scenario_stands_first_under_its_own_name(project: Project, memo: Memo) -> None:
    closing = Scenario(name="No surgery", changes=(CloseVenue(venue_id="gp:gps"),))
    shut = make_plan(project.with_spec(rota={**ROTA, "venues": "hubs"}), closing, memo=memo)
    assert shut.outcomes is not None
    scores = shut.outcomes.outcomes["reach_score"]
    assert scores["No surgery", "better health"] == 0
    # The hub, in square 3, is within 20 minutes of squares 1 to 5.
    assert scores["Hubs", "better health"] == pytest.approx((PEOPLE * HEALTH)[1:].sum() / 2)
    assert shut.rota is not None
    assert shut.rota.plan["venue_id"].tolist() == ["library:libraries"]


def test_own_outcomes_are_scored_or_refused_by_name(project: Project, memo: Memo) -> None:
    def run(table: str) -> Plan:
        (project.folder / "own.csv").write_text(table, encoding="utf-8")
        return make_plan(project.with_spec(outcomes={"file": "own.csv"}), memo=memo)

    head = "outcome,need_domain,kind,weight\n"
    found = run(f"{head}reading,income,library,1\n").outcomes
    assert found is not None
    # The library keeps its 20 minutes for squares 1 to 5.
    assert found.outcomes.loc[("Today", "reading"), "reach_score"] == pytest.approx(
        (PEOPLE * INCOME)[1:].sum()
    )
    with pytest.raises(PlannerError, match=r"own\.csv: The table of outcomes, row 1 .* is '7'"):
        run(f"{head}reading,income,library,7\n")
    with pytest.raises(PlannerError, match=r"own\.csv: .* has no row that can be scored"):
        run(f"{head}reading,moon,library,1\n")


def test_files_and_their_columns(plan: Plan) -> None:
    files = build_outreach_files(plan)
    assert set(files) == {
        *("rota.csv", "rota_hours.csv", "rota_types.csv", "rota_served.csv"),
        *("outcomes.csv", "outcome_partners.csv", "outcome_areas.csv", "outcome_weights.csv"),
    }
    assert files["rota.csv"]["session"].tolist() == [1]
    assert files["rota_served.csv"]["area_name"].notna().all()
    assert len(files["rota_served.csv"]) == 6 * 2
    for name in ("outcomes.csv", "outcome_partners.csv", "outcome_areas.csv"):
        assert set(files[name]["caution"]) == {"Reach is not impact."}
    again = build_outreach_files(plan)
    assert {name: to_csv_text(table) for name, table in files.items()} == {
        name: to_csv_text(table) for name, table in again.items()
    }


def test_hostile_names_are_disarmed_in_tables_calendar_and_report(plan: Plan) -> None:
    text = to_csv_text(build_outreach_files(plan)["rota.csv"])
    assert f",'{HOSTILE}," in text
    assert f",{HOSTILE}," not in text
    calendar = build_calendar(plan)
    assert calendar is not None
    assert "DTSTART;TZID=Europe/London:20260414T093000\r\n" in calendar
    assert "COUNT=26\r\n" in calendar
    page = build_report(plan)
    assert "=1+1 &lt;b&gt;Advice&lt;/b&gt;" in page
    assert "<b>Advice" not in page
    assert "Reach is not impact." in page


def test_calendar_needs_a_first_monday(plan: Plan, project: Project) -> None:
    open_date = project.with_spec(rota={**ROTA, "first_monday": None})
    assert build_calendar(dataclasses.replace(plan, project=open_date)) is None


@pytest.mark.parametrize(
    ("change", "teams", "words"),
    [
        ({"venues": ["library:moon"]}, TEAMS, "there is no venue 'library:moon'"),
        ({"travel": "drive"}, TEAMS, "drive journeys of teams need a street file"),
        ({"unknown_hours": "refuse"}, TEAMS, "opening times of gps, libraries are not known"),
        ({}, TEAMS.replace("citizens_advice", "libary"), "brings 'libary', which is no kind"),
    ],
)
def test_what_is_not_there_is_told(
    project: Project, memo: Memo, change: dict[str, object], teams: str, words: str
) -> None:
    (project.folder / "bad.csv").write_text(teams, encoding="utf-8")
    with pytest.raises(PlannerError, match=words) as caught:
        make_plan(project.with_spec(rota={**ROTA, "teams": "bad.csv", **change}), memo=memo)
    assert caught.value.hint


def test_bases_are_venues_by_id_or_name(plan: Plan) -> None:
    def bases(*given: str) -> list[str]:
        table = pd.DataFrame({"team_name": "Team", "base": list(given)})
        return find_bases(table, plan.services)

    assert bases("", "library:libraries", "GPS") == ["", "library:libraries", "gp:gps"]
    with pytest.raises(PlannerError, match="The base of Team: no venue is called 'Depot'"):
        bases("Depot")


def test_without_hubs_there_is_nowhere_to_go(plan: Plan) -> None:
    spec = plan.project.with_spec(rota={**ROTA, "venues": "hubs"}).spec
    inputs = SimpleNamespace(area=plan.area)
    found, (note,) = choose_venues(spec, inputs, plan.services, None)  # type: ignore[arg-type]
    assert len(found) == 0
    assert note.text == "There is no rota: there is no hub to hold sessions in."
    chosen, notes = choose_venues(spec, inputs, plan.services, plan.hubs)  # type: ignore[arg-type]
    assert (chosen.tolist(), notes) == (["library:libraries"], ())


def test_areas_of_which_nothing_is_known_count_as_without(plan: Plan) -> None:
    table = plan.compliance.table.copy()
    first = (table["kind"] == "gp") & (table["area_code"] == plan.area.codes[0])
    table.loc[first, ["minutes", "status", "met"]] = [np.nan, "no_data", "not_known"]
    unknown = dataclasses.replace(plan.compliance, table=table)
    permanent, (note,) = build_permanent(unknown, ["gp"], plan.area.codes)
    assert permanent["gp"].tolist() == [0, 1, 1, 0, 0, 0]
    assert (note.what, note.items) == ("permanent_not_known", (plan.area.codes[0],))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Fr 09:00-12:00,13:00-17:00; Sa 10:00-12:00", (11.0, 37.0)),
        ("Fr 22:00-02:00", (1.0, 4.0)),
        ("Tuesday 10:00-12:00 weekly", (1.0, 2.0)),
        ("Tuesday 10:00-12:00 fortnightly", (np.nan, np.nan)),
        ("by appointment", (np.nan, np.nan)),
        ("", (np.nan, np.nan)),
    ],
)
def test_openings_and_hours_of_a_week(text: str, expected: tuple[float, float]) -> None:
    assert count_week(text) == pytest.approx(expected, nan_ok=True)


def test_hub_services_are_of_their_main_partner_and_hosts_are_whose_building_it_is(
    plan: Plan,
) -> None:
    offers = plan.services.offers.assign(partner=["NHS", "Council"])
    services = dataclasses.replace(plan.services, offers=offers)
    assert find_hosts(services, ["library"]).to_dict() == {
        "gp:gps": "NHS",
        "library:libraries": "Council",
    }
    options, _ = build_options(plan.project.spec, services, plan.scenario, plan.hubs, None)
    assert [option.name for option in options] == ["Today", "Hubs"]
    more = options[1].offers.iloc[2:]
    assert more[["venue_id", "kind", "partner"]].to_numpy().tolist() == [
        ["library:libraries", "gp", "NHS"]
    ]
