"""The week table says each session once; opening times become spans and beginnings."""

from __future__ import annotations

import numpy as np
import pytest
from rota_cases import simple_problem, teams_table

from planner.errors import ProjectError
from planner.rota import Credit, RotaSettings, build_rota, build_week_table
from planner.rota.hours import find_begins, open_spans


def test_week_table() -> None:
    problem = simple_problem([[10, 90], [90, 10]], [100, 60], teams=teams_table(days="Mo,We"))
    plan = RotaSettings(session_minutes=120, setup_minutes=30, within_minutes=20)
    rota = build_rota(problem, plan)
    table = build_week_table(rota)
    assert list(table.columns) == ["Monday", "Wednesday"]
    assert table.index.tolist() == [("Team 0", 1)]
    lines = [line for cell in table.loc[("Team 0", 1)] for line in cell.split("\n")]
    assert sorted(lines) == sorted(
        f"{row.begin}-{row.end} {row.venue_name} (advice)" for row in rota.plan.itertuples()
    )


def test_a_team_without_hours_holds_no_session() -> None:
    teams = teams_table(days="Mo", hours_per_week=[3.0, 0.0], services=["advice", "advice"])
    problem = simple_problem([[10]], [100], teams=teams)
    rota = build_rota(problem, RotaSettings(session_minutes=120, within_minutes=20))
    assert rota.hours["sessions"].tolist() == [1, 0]
    assert rota.hours["hours_allowed"].tolist() == [3.0, 0.0]


def test_a_session_of_no_length_is_refused() -> None:
    with pytest.raises(ProjectError, match="session_minutes is 0"):
        RotaSettings(session_minutes=0, within_minutes=20)


def test_open_spans_join_and_carry_over_midnight() -> None:
    week = open_spans("Mo 09:00-12:00,12:00-17:00; Fr 20:00-02:00; Sa 01:00-03:00")
    assert week is not None
    assert week[0] == ((540, 1020),)
    assert week[4] == ((1200, 1440),)
    assert week[5] == ((0, 180),)
    assert week[6] == ()
    assert open_spans("by appointment") is None
    assert open_spans("24/7") == (((0, 1440),),) * 7


def test_beginnings_leave_time_to_set_up_and_to_end() -> None:
    plan = RotaSettings(
        session_minutes=60, setup_minutes=20, within_minutes=20, start_every_minutes=30
    )
    # 09:10: set up till 09:30 at the earliest; 12:00 ends at 13:00.
    found = find_begins(((550, 780),), plan)
    assert found.tolist() == [570, 600, 630, 660, 690, 720]
    assert find_begins(((550, 620),), plan).tolist() == []


def test_credit_by_hand() -> None:
    chance = Credit(chance_missed=0.36)
    # A fortnight: one day is half a day a week, and 0.36 ** 0.5 = 0.6.
    assert chance.levels(2, 2) == pytest.approx([0.0, 0.4, 0.64])
    assert "36%" in chance.words
    share = Credit(rule="share_of_days", full_days_per_week=4)
    assert share.levels(5, 1) == pytest.approx([0, 0.25, 0.5, 0.75, 1, 1])
    assert (np.diff(share.levels(7, 1)) >= 0).all()
    with pytest.raises(ProjectError, match="missed by one day a week is 1"):
        Credit(chance_missed=1.0)
