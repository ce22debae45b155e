"""Life expectancy is read with its interval, for all people where the file has them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from entries import read, refusal

HEADERS = [
    "Period",
    "Code",
    "Sex",
    "Life Expectancy at birth (in years)",
    "Lower 95% confidence interval",
    "Upper 95% confidence interval",
]
REQ3292 = "life_expectancy/REQ3292_LifeExpectancy_2011MSOAs_England_2016_to_2020.xlsx"


def release(folder: Path, rows: list[list[object]], headers: list[str] = HEADERS) -> str:
    book = openpyxl.Workbook()
    for row in [headers, *rows]:
        book.active.append(row)
    book.save(folder / "le.xlsx")
    return "le.xlsx"


MEN = ["2016 to 2020", "E02000001", "Males", 78.0, 76.0, 80.0]
WOMEN = ["2016 to 2020", "E02000001", "Females", 84.0, 82.0, 86.0]
ALL = ["2016 to 2020", "E02000001", "Persons", 81.5, 80.0, 83.0]


def test_all_people_with_the_interval(tmp_path: Path) -> None:
    table = read(tmp_path, "life_expectancy_msoa", release(tmp_path, [MEN, WOMEN, ALL]))
    assert table.values.loc["E02000001"].to_dict() == {
        "life_expectancy": 81.5,
        "life_expectancy_lower": 80.0,
        "life_expectancy_upper": 83.0,
    }


def test_high_is_better_and_the_interval_is_only_shown(tmp_path: Path) -> None:
    specs = read(tmp_path, "life_expectancy_msoa", release(tmp_path, [ALL])).specs
    assert (specs["life_expectancy"].high_is, specs["life_expectancy"].domain) == (
        "better",
        "health",
    )
    assert {specs[f"life_expectancy_{end}"].domain for end in ("lower", "upper")} == {None}


def test_men_and_women_are_never_averaged(tmp_path: Path) -> None:
    table = read(tmp_path, "life_expectancy_msoa", release(tmp_path, [MEN, WOMEN]))
    assert table.values.loc["E02000001", "life_expectancy_women"] == 84.0
    assert table.values.loc["E02000001", "life_expectancy_men"] == 78.0
    assert "life_expectancy" not in table.specs
    assert "persons_absent" in {note.what for note in table.notes}


def test_an_area_without_a_figure_stays_without(tmp_path: Path) -> None:
    empty = ["2016 to 2020", "E02000002", "Persons", None, None, None]
    table = read(tmp_path, "life_expectancy_msoa", release(tmp_path, [ALL, empty]))
    assert table.values.loc["E02000002"].isna().all()


def test_two_periods_are_refused(tmp_path: Path) -> None:
    later = ["2018 to 2022", *ALL[1:]]
    assert "periods" in refusal(tmp_path, "life_expectancy_msoa", release(tmp_path, [ALL, later]))


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (["2016 to 2020", "E02000001", "Persons", 8.15, 8.0, 8.3], "not life expectancies"),
        (["2016 to 2020", "E02000001", "Persons", 81.5, 82.0, 83.0], "interval"),
        (["2016 to 2020", "E01000001", "Persons", 81.5, 80.0, 83.0], "Middle layer"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, row: list[object], word: str) -> None:
    assert word in refusal(tmp_path, "life_expectancy_msoa", release(tmp_path, [row]))


def test_another_table_is_refused(tmp_path: Path) -> None:
    file = release(tmp_path, [["E02000001", 5]], ["Code", "Deaths"])
    assert "expected life expectancy" in refusal(tmp_path, "life_expectancy_msoa", file)


def test_the_release_has_an_interval_around_every_value(shared: Path) -> None:
    table = read(shared / "fixtures", "life_expectancy_msoa", REQ3292)
    assert table.specs["life_expectancy"].source.vintage == "2016 to 2020"
    # The sheet's own cells for City of London 001, all people.
    assert table.values.loc["E02000001"].round(2).tolist() == [93.32, 90.71, 95.92]
