"""Scotland's census tables: preamble, footer and trailing commas do no harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from entries import read, refusal

PREAMBLE = """SuperWEB2(tm)

"Census 2022"
"A made-up table of households"
"Intermediate Zone - Data Zone 2011 by Tenure by Households"
"Counting: Households"

Filters:
"Default Summation","Households"

"Tenure","All households","Owned","Rented: Council","Rented: Private",
"Intermediate Zone - Data Zone 2011",
"""
FOOTER = """

"INFO","Data has been perturbed"

(c) Copyright
"""
ROWS = ['"S01006506",100,50,30,20,', '"S01006507",200,150,"-",50,']
RENTED = {"rented": ["Rented: Council", "Rented: Private"]}


def table(folder: Path, rows: list[str] = ROWS) -> str:
    text = PREAMBLE + "\n".join(rows) + "\n" + FOOTER
    (folder / "tenure.csv").write_text(text, encoding="utf-8")
    return "tenure.csv"


def test_categories_are_added_up_and_divided_by_the_total(tmp_path: Path) -> None:
    found = read(tmp_path, "scotland_census", table(tmp_path), categories=RENTED)
    assert found.values.loc["S01006506", "rented"] == 0.5
    assert found.specs["rented"].denominator == "All households"


def test_a_dash_is_a_withheld_figure(tmp_path: Path) -> None:
    found = read(tmp_path, "scotland_census", table(tmp_path), categories=RENTED)
    assert found.suppressed is not None
    assert found.suppressed["rented"].to_dict() == {"S01006506": False, "S01006507": True}


def test_categories_may_be_taken_off_the_denominator(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "scotland_census",
        table(tmp_path),
        categories={"council": ["Rented: Council"]},
        denominator=["All households", "-Owned"],
    )
    assert found.values.loc["S01006506", "council"] == pytest.approx(0.6)


def test_it_enters_need_where_the_project_says_how(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "scotland_census",
        table(tmp_path),
        categories=RENTED,
        domains={"rented": "housing"},
        high_is="worse",
    )
    assert (found.specs["rented"].domain, found.specs["rented"].high_is) == ("housing", "worse")


@pytest.mark.parametrize(
    ("code", "geography"), [("S01006506", "dz11"), ("S01013481", "dz11"), ("S01013482", "dz22")]
)
def test_the_codes_say_which_zones_they_are(tmp_path: Path, code: str, geography: str) -> None:
    file = table(tmp_path, [f'"{code}",100,50,30,20,'])
    assert read(tmp_path, "scotland_census", file, categories=RENTED).geography == geography


def test_a_category_the_table_lacks_is_named(tmp_path: Path) -> None:
    text = refusal(tmp_path, "scotland_census", table(tmp_path), categories={"x": ["Rented: Free"]})
    assert "'Rented: Free'" in text


def test_categories_must_be_named(tmp_path: Path) -> None:
    assert "categories" in refusal(tmp_path, "scotland_census", table(tmp_path))


# --- published files ----------------------------------------------------------------------


def test_the_comma_file_as_the_table_builder_writes_it(shared: Path) -> None:
    file = "census/scotland_census2022_UV205_religion_dz11_superweb2.csv"
    categories = {"none": ["No religion"], "not_stated": ["Religion not stated"]}
    found = read(shared / "fixtures", "scotland_census", file, categories=categories)
    # Its two last figures, of its first, in the first row of figures.
    lines = (shared / "fixtures" / file).read_text(encoding="utf-8").splitlines()
    row = next(line for line in lines if line.startswith('"S0')).rstrip(",").split(",")
    total, none, not_stated = int(row[1]), int(row[-2]), int(row[-1])
    wanted = [none / total, not_stated / total]
    assert found.values.loc[row[0].strip('"')].tolist() == pytest.approx(wanted)
    assert len(found.values) == 6976


def test_the_workbook_with_its_blank_first_column(shared: Path) -> None:
    file = "census/scotland_census2022_table_2025-02-22_14-58-47.xlsx"
    categories = {"flats": ["Flat, maisonette or apartment: Total"]}
    found = read(shared / "fixtures", "scotland_census", file, categories=categories)
    assert found.values["flats"].between(0, 1).mean() > 0.99
    assert len(found.values) == 6976
