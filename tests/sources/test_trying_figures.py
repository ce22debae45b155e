"""Trying a table of figures in memory: which rows fit, and why the others do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from places import CODES, tiny_area, tiny_layers

from planner.errors import DataError
from planner.project import LayerEntry, Project, parse_spec
from planner.sources.trying_figures import FiguresTrial, try_figures
from planner.sources.uploads import Upload


def _try(folder: Path, text: str, name: str = "debt", **more: object) -> FiguresTrial:
    place = {"name": "Sixsquares", "geography": "lsoa21", "boundaries": "areas.geojson"}
    project = Project(spec=parse_spec({"place": place}, where="planner.toml"), folder=folder)
    upload = Upload(name="debt.csv", content=text.encode())
    entry = LayerEntry.model_validate(
        {"from": "table", "file": "debt.csv", "columns": {name: "Debt"}, "kind": "rate"}
        | {"unit": "%", "high_is": "worse", "code_column": "Code"}
        | more
    )
    return try_figures(project, tiny_area(), tiny_layers(tiny_area()), upload, entry)


TEXT = f"""\
Code,Year,Debt
{CODES[0]},2024,10
{CODES[1]},2024,n/k
{CODES[2]},2024,
{CODES[3]},2024,=1+1
{CODES[4]},2024,5.5
E01999999,2024,7
Total,2024,99
,2024,3
"""


def test_each_row_is_used_or_told(tmp_path: Path) -> None:
    trial = _try(tmp_path, TEXT)
    assert trial.values["debt"].dropna().to_dict() == {CODES[0]: 10.0, CODES[4]: 5.5}
    assert (trial.rows, trial.fitted) == (8, 2)
    told = {row: reason for row, _, reason in trial.lost.itertuples(index=False)}
    # The header is the first row of the file.
    assert sorted(told) == [3, 4, 5, 7, 8, 9]
    assert told[3] == "not a number: n/k"
    assert "blank" in told[4]
    assert "formula" in told[4]
    assert told[5] == "not a number: =1+1"
    assert told[7] == "not an area of the place or around it"
    assert "such as a total" in told[8]
    assert told[9] == "no area code"


def test_an_area_that_stands_twice_is_not_chosen_for_you(tmp_path: Path) -> None:
    again = TEXT + f"{CODES[0]},2023,11\n"
    trial = _try(tmp_path, again)
    assert trial.repeated
    assert trial.values.empty
    reasons = trial.lost.set_index("row")["reason"]
    assert reasons[2] == reasons[10] == "this code stands more than once"
    # With one year kept there is nothing to choose.
    assert not _try(tmp_path, again, where={"Year": "2024"}).repeated


def test_nothing_is_written(tmp_path: Path) -> None:
    _try(tmp_path, TEXT)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (TEXT, "income", "There is a layer called 'income'"),
        ("Code,Debt\nW01000001,3\nW01000002,4\n", "debt", "debt.csv: It covers none"),
        ("Code,Other\nE01900001,3\n", "debt", "Debt"),
    ],
)
def test_what_cannot_be_used_is_a_plain_message(
    tmp_path: Path, text: str, name: str, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        _try(tmp_path, text, name)
