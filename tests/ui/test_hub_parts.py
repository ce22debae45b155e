"""Does what the page on hubs says agree with the tables it is said of?"""

from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from siting_cases import siting_problem
from ui.stand_in import stand_in_plan, write_project

from planner.charts.hubs import build_ladder_chart, build_small_map, build_week_chart, outline_of
from planner.hubs.choice import build_ladder
from planner.project import Project
from planner.ui import hub_settings
from planner.ui.hub_parts import (
    choosing,
    files,
    found,
    gains,
    mapped,
    others,
    outreach,
    sureness,
    together,
)
from planner.ui.hub_parts.answer import Shown


@pytest.fixture(scope="module")
def plan() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        project = Project.read(write_project(Path(folder)))
    return stand_in_plan(project, None, lambda words, share: None)


@pytest.fixture(scope="module")
def shown(plan: Any) -> Shown:
    return Shown(
        plan=plan,
        project=plan.project,
        settings=plan.project.spec.hubs,
        hubs=plan.hubs,
        ladder=plan.hub_choice.ladder,
        said=(),
        whole=True,
    )


def test_ids_of_any_kind_come_back_from_the_address() -> None:
    options = {"a.b": "A", "c%2Ed": "C", "library:x/y": "X", "none": "N"}
    for some in ([], ["a.b"], ["c%2Ed", "library:x/y"]):
        assert hub_settings.read_venues(hub_settings.write_venues(some), options) == some
    assert hub_settings.read_venues("a", options) is None
    assert hub_settings.read_venues("", options) is None


def test_the_ladder_is_told_by_what_its_model_counts() -> None:
    # One site is 10 minutes from 100 people and 30 from 300, the other 40 and 6.
    problem = siting_problem([[10, 40], [30, 6]], [100, 300])
    ladder = build_ladder(problem, "p_median", most=2, reach_minutes=20)
    # The second site alone: (4000 + 1800) / 400 = 14.5; both: (1000 + 1800) / 400 = 7.
    assert gains.say_ladder(ladder, 1) == (
        "With 1 hub, the mean journey to one by need is 14.5 minutes; a 2nd would bring 7.5 "
        "minutes less."
    )
    assert gains.say_ladder(ladder, 2).endswith("is 7.0 minutes.")
    covers = build_ladder(problem, "max_cover", most=2, within_minutes=20)
    assert gains.say_ladder(covers, 1) == (
        "With 1 hub, 300 people are within 20 minutes; a 2nd would bring 100 more people."
    )
    centre = build_ladder(problem, "p_centre", most=2)
    assert "would bring 20.0 minutes less" in gains.say_ladder(centre, 1)  # 30 to 10 minutes


def test_areas_are_grouped_by_minutes_saved() -> None:
    areas = pd.DataFrame(
        {
            "minutes_before": [np.nan, 30.0, 30.0, 30.0, np.nan],
            "minutes_saved": [np.nan, 12.0, 1.0, 0.5, np.nan],
            "status_after": ["reached", "reached", "reached", "reached", "unreachable"],
        }
    )
    assert mapped.groups_of(areas).tolist() == ["first", "much", "some", "same", "same"]


def test_every_venue_is_on_the_map_once_as_what_it_is(plan: Any) -> None:
    sets = mapped.points(plan, plan.hubs)
    assert {one.label: len(one.points) for one in sets} == {
        "Venue with a service today": 2,
        "Candidate, not chosen": 1,
        "Chosen hub": 2,
    }
    looks = [(one.shape, one.colour) for one in sets]
    assert len(set(looks)) == len(looks) == len({shape for shape, _ in looks})


def test_venues_of_one_name_are_told_apart(plan: Any) -> None:
    names = choosing.name_venues(plan)
    assert names == {"v5": "East Library", "v2": "Market Library", "v4": "North Library"}
    venues = plan.services.venues.assign(venue_name="Library")
    twins = type(plan)(**{**vars(plan), "services": replace(plan.services, venues=venues)})
    assert choosing.name_venues(twins)["v5"] == "Library (v5)"


def test_two_candidates_at_one_spot_are_said(plan: Any, shown: Shown) -> None:
    assert found.say_same_places(plan, shown) == ""
    venues = plan.services.venues.copy()
    venues.loc["v4", "geometry"] = venues.loc["v5", "geometry"]
    beside = type(plan)(**{**vars(plan), "services": replace(plan.services, venues=venues)})
    said = found.say_same_places(beside, shown)
    assert said.startswith("1 spot has more than one candidate: North Library and East Library.")


def test_a_place_where_nobody_reaches_a_candidate_says_so(shown: Shown) -> None:
    hubs = shown.hubs
    assert hubs is not None
    nowhere = replace(hubs.problem, minutes=hubs.problem.minutes * np.nan)
    lost = replace(shown, hubs=replace(hubs, problem=nowhere))
    assert "No area reaches any of the candidates" in found.find(lost)[1]


def test_other_choices_say_what_they_have_instead_and_what_it_costs(shown: Shown) -> None:
    some = shown.choice.alternatives
    best, other = some.table.to_dict("records")[:2]
    assert others.look_of(shown, some, best)["look"].tolist() == ["kept", "kept"]
    assert sorted(others.look_of(shown, some, other)["look"]) == ["instead", "kept", "left out"]
    said = others.say_difference(shown, some, other)
    new, gone = said.split(".")[0].split(" instead of ")
    assert new not in shown.names(list(some.best.chosen))
    assert gone in shown.names(list(some.best.chosen))
    worse = other["objective"] / best["objective"] - 1
    assert f"{worse:.1%} worse" in said


def test_the_plan_on_the_page_is_marked_in_the_trade_off(shown: Shown) -> None:
    points = others.front_points(shown, shown.choice.front)
    assert points["look"].tolist().count("asked") == 1
    assert len(others.front_table(shown, shown.choice.front)) == len(points)


def test_how_often_each_venue_is_chosen_is_told_of_all(shown: Shown) -> None:
    table = sureness.often_table(shown, shown.choice.steadiness)
    assert len(table) == 3
    assert table["Of all draws (%)"].sum() == pytest.approx(200)  # two hubs a draw
    assert (sureness.often_rows(shown, shown.choice.steadiness)["share"] > 0).all()


@pytest.mark.parametrize(
    ("share", "more", "allowed", "said"),
    [
        (0.0, 0.0, True, "Nothing is lost"),
        (0.034, 1.26, True, "3.4% worse than the best plan there; the mean journey is 1.3 minutes "
         "longer."),
        (0.5, -2.0, True, "2.0 minutes shorter"),
        (float("inf"), 0.0, True, "Much worse"),
        (float("inf"), 0.0, False, "does not do what is asked for"),
    ],
)  # fmt: skip
def test_regret_is_told_in_words(share: float, more: float, allowed: bool, said: str) -> None:
    row = {"regret_share": share, "mean_minutes_more": more, "allowed": allowed}
    assert said in sureness.say_regret(row)


def test_sessions_lie_along_the_hours(plan: Any) -> None:
    rows = outreach.week_rows(plan.rota, 1)
    assert (rows["end"] - rows["begin"]).tolist() == [3.0] * len(rows)
    assert outreach.days_of(rows) == [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
    ]
    chart = build_week_chart(rows, days=outreach.days_of(rows), teams=["Team 0"]).to_dict()
    drawn = next(iter(chart["datasets"].values()))
    assert [row["strip"] for row in drawn][:2] == ["Mon, Team 0", "Tue, Team 0"]
    assert [row["number"] for row in drawn] == outreach.sessions_table(plan.rota)[
        "Session"
    ].tolist()


def test_partners_are_told_what_changes(plan: Any) -> None:
    table = outreach.partners_table(plan.outcomes)
    assert table[["Option", "Partner", "Sessions given a week"]].to_numpy().tolist() == [
        ["Hubs", "Council", 0.0],
        ["Hubs", "DWP", 1.0],
    ]
    outcomes = outreach.outcomes_table(plan.outcomes)
    # Today only the first area (1,000 x 1.0 of 2,000) reaches the jobcentre; then half of it more.
    assert outcomes["Help within their reach (%)"].tolist() == [50.0, 75.0]


def test_the_chosen_number_is_marked_on_the_ladder() -> None:
    steps = pd.DataFrame({"hubs": [0, 1, 2], "value": [np.nan, 9.0, 5.0], "gain": ["", "", "4"]})
    chart = build_ladder_chart(steps, axis="Minutes", chosen=2).to_dict()
    rows = next(iter(chart["datasets"].values()))
    assert [(row["hubs"], row["chosen"]) for row in rows] == [(1, False), (2, True)]


def test_a_small_map_has_every_hub_and_a_closed_outline(plan: Any, shown: Shown) -> None:
    row = shown.choice.alternatives.table.to_dict("records")[1]
    sites = others.look_of(shown, shown.choice.alternatives, row)
    chart = build_small_map(outline_of(plan.area.place), sites).to_dict()
    points, ring = sorted(chart["datasets"].values(), key=lambda rows: "ring" in rows[0])
    assert sorted(point["name"] for point in points) == sorted(sites["name"])
    assert (ring[0]["x"], ring[0]["y"]) == (ring[-1]["x"], ring[-1]["y"])


def test_the_zip_holds_tables_calendar_and_what_made_them(shown: Shown) -> None:
    made = files.to_zip(shown)
    assert made == files.to_zip(shown)
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        names = set(opened.namelist())
        project = opened.read("planner.toml").decode()
        readme = opened.read("README.txt").decode()
    assert {"hubs.csv", "hub_ladder.csv", "hub_alternatives.csv", "rota.csv", "rota.ics"} <= names
    assert {"outcomes.csv", "hub_regret.csv"} <= names
    assert project == shown.project.to_toml()
    assert "Fictional place" in readme
    assert "Reach is not impact" in readme


def test_what_is_not_worked_out_is_not_in_the_zip(shown: Shown) -> None:
    quick = files.build_files(replace(shown, whole=False))
    assert "hub_ladder.csv" in quick
    assert not {"rota.csv", "outcomes.csv", "hub_regret.csv"} & set(quick)


def test_services_that_come_are_told_before_those_that_stay(shown: Shown) -> None:
    services = pd.DataFrame(
        [
            ("gp", "NHS", "v2", "stay", "", "v2/gp"),
            ("library", "Council", "v2", "extend", "", ""),
            ("jobcentre", "DWP", "v2", "move", "v3", "v3/jobcentre"),
            ("gp", "NHS", "v1", "stay", "", "v1/gp"),
        ],
        columns=["kind", "partner", "venue_id", "action", "from_venue_id", "offer_id"],
    )
    siting: Any = type("Siting", (), {})()
    siting.services, siting.whole = services, pd.Index(["v2"])
    siting.changes = services[services["action"] != "stay"]
    table = together.services_table(shown, siting)
    assert table[["Service", "What happens", "From"]].to_numpy().tolist() == [
        ["Jobcentre", "moves here", "Jobcentre Plus"],
        ["Library", "comes here besides", ""],
        ["GP practice", "stays where it is", ""],
    ]
