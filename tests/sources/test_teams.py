"""Lists of teams and tables of outcomes are read as they stand, or refused in words."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from supply import supply_project, write_lines

from planner.errors import PlannerError
from planner.outcomes import default_contributions
from planner.project import Project
from planner.sources.outcomes import read_contributions
from planner.sources.teams import read_teams

TEMPLATES = Path(__file__).resolve().parents[2] / "data" / "templates"
HEAD = "team_name,services,days,begin,end,hours_per_day,hours_per_week,base,partner"


def project(folder: Path, *lines: str, head: str = HEAD) -> Project:
    write_lines(folder, "teams.csv", head, *lines)
    return supply_project(folder, rota={"teams": "teams.csv"})


def test_teams_are_read_by_id_with_what_is_left_open(tmp_path: Path) -> None:
    teams = read_teams(
        project(
            tmp_path,
            "Money & work, library ; gp;gp,Mo-Fr,9:00,17:30,7.5,,North Library,Council",
            'Advice,gp,"Tu,Th",,,,12,,',
        )
    )
    assert teams is not None
    assert list(teams.index) == ["advice", "money-work"]
    assert teams.loc["money-work", "services"] == "gp;library"
    assert teams.loc["money-work", "begin"] == "09:00"
    assert teams.loc["money-work", "hours_per_day"] == 7.5
    assert math.isnan(teams.loc["money-work", "hours_per_week"])
    assert teams.loc["advice", ["begin", "end", "base", "partner"]].tolist() == [""] * 4


def test_no_file_is_no_team(tmp_path: Path) -> None:
    assert read_teams(supply_project(tmp_path)) is None
    assert read_contributions(supply_project(tmp_path)) is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (",gp,Mo-Fr,,,7,,,", "row 2: team_name is empty"),
        ("A,;,Mo-Fr,,,7,,,", "row 2: services is empty"),
        ("A,gp,Mondays,,,7,,,", "row 2: the days of A, 'Mondays', cannot be read"),
        ("A,gp,Mo,nine,,7,,,", "row 2: begin of A, 'nine', cannot be read"),
        ("A,gp,Mo,17:00,09:00,7,,,", "row 2: A would end work before beginning it"),
        ("A,gp,Mo,,,all day,,,", "row 2: hours_per_day is 'all day'"),
        ("A,gp,Mo,,,-1,,,", "row 2: hours_per_day is '-1'"),
        ("A,gp,Mo,,,25,,,", "row 2: hours_per_day is '25'"),
    ],
)
def test_a_row_that_cannot_be_is_told_with_its_number(
    tmp_path: Path, line: str, words: str
) -> None:
    with pytest.raises(PlannerError) as caught:
        read_teams(project(tmp_path, line))
    assert caught.value.message.startswith("teams.csv, ")
    assert words in caught.value.message
    assert caught.value.hint or "before beginning" in words


def test_an_empty_list_has_no_staff() -> None:
    empty = supply_project(TEMPLATES, rota={"teams": "teams.csv"})
    with pytest.raises(PlannerError, match="the rota has no staff: the list of teams is empty"):
        read_teams(empty)


def test_two_teams_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match="two teams are called 'Advice'"):
        read_teams(project(tmp_path, "Advice,gp,Mo,,,7,,,", "Advice,gp,Tu,,,7,,,"))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlannerError, match=r"teams\.csv: there is no column 'days'"):
        read_teams(project(tmp_path, "A,gp,7", head="team_name,services,hours_per_day"))


def test_the_template_of_outcomes_is_the_planners_own_table() -> None:
    found = read_contributions(supply_project(TEMPLATES, outcomes={"file": "outcomes.csv"}))
    assert found is not None
    found["weight"] = found["weight"].astype(float)
    pd.testing.assert_frame_equal(found, default_contributions(), check_dtype=False)


def test_a_table_of_outcomes_without_kinds_is_refused(tmp_path: Path) -> None:
    write_lines(tmp_path, "o.csv", "outcome,need_domain,weight", "into work,employment,1")
    with pytest.raises(PlannerError, match=r"o\.csv: there is no column 'kind'"):
        read_contributions(supply_project(tmp_path, outcomes={"file": "o.csv"}))


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"first_monday": "2026-04-14"}, "2026-04-14 is a Tuesday"),
        ({"venues": []}, "venue ids, each once"),
        ({"venues": ["a", "a"]}, "venue ids, each once"),
        ({"stated_hours": " "}, "needs stated_hours"),
        ({"teams": "teams.csv", "within_minutes": 500}, "beyond the longest journey searched"),
        ({"weeks": 5}, "less than or equal to 4"),
    ],
)
def test_settings_that_cannot_be_are_told(
    tmp_path: Path, section: dict[str, object], words: str
) -> None:
    with pytest.raises(PlannerError, match=words):
        supply_project(tmp_path, rota=section)
