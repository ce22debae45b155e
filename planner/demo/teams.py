"""Which outreach teams does the fictional place have?"""

from __future__ import annotations

from pathlib import Path

from planner.demo.files import write_csv

TEAMS_FILE = "outreach_teams.csv"
_HEADER = (
    *("team_name", "services", "days", "begin", "end"),
    *("hours_per_day", "hours_per_week", "base", "partner"),
)
#: Their bases are there in the smallest town too.
_TEAMS = (
    ("Work and money team", "jobcentre;citizens_advice", "Tu-Th", "08:30", "18:00", 7.5, 18,
     "Ambleford Jobcentre", "Jobcentre service"),
    ("Family and learning team", "childrens_centre;adult_learning", "Mo,We,Fr", "09:00", "17:30",
     7.5, "", "Central Library", "Council family services"),
)  # fmt: skip


def write_teams(folder: Path) -> None:
    """Write the teams in the layout of data/templates/teams.csv."""
    write_csv(folder / TEAMS_FILE, _HEADER, _TEAMS)
