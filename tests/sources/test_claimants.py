"""The claimant count: everybody, the latest month, shown only."""

from __future__ import annotations

from pathlib import Path

from entries import read, refusal

HEADER = "DATE_NAME,GEOGRAPHY_NAME,GEOGRAPHY_CODE,GENDER_NAME,AGE_NAME,MEASURE_NAME,MEASURES_NAME,"
HEADER += "OBS_VALUE,OBS_STATUS_NAME"


def row(
    month: str = "March 2026",
    code: str = "E01000001",
    gender: str = "Total",
    value: str = "15",
    measures: str = "Value",
) -> str:
    age = "All categories: Age 16+"
    return f"{month},A,{code},{gender},{age},Claimant count,{measures},{value},Normal Value"


def write(folder: Path, *rows: str, header: str = HEADER) -> str:
    (folder / "claimants.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return "claimants.csv"


def test_people_of_each_area_on_the_areas_of_2011(tmp_path: Path) -> None:
    file = write(tmp_path, row(value="15"), row(code="E01000002", value="0"))
    table = read(tmp_path, "claimant_count", file)
    assert table.values["claimants"].to_dict() == {"E01000001": 15, "E01000002": 0}
    assert table.geography == "lsoa11"


def test_it_never_enters_need(tmp_path: Path) -> None:
    spec = read(tmp_path, "claimant_count", write(tmp_path, row(), row(code="E01000002"))).specs
    assert (spec["claimants"].domain, spec["claimants"].high_is) == (None, "neither")


def test_men_and_women_beside_all_people_are_left_out(tmp_path: Path) -> None:
    rows = [row(gender="Male", value="10"), row(gender="Female", value="5"), row(value="15")]
    table = read(tmp_path, "claimant_count", write(tmp_path, *rows))
    assert table.values["claimants"].tolist() == [15]


def test_men_and_women_without_all_people_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path, row(gender="Male"), row(gender="Female"))
    assert "GENDER_NAME" in refusal(tmp_path, "claimant_count", file)


def test_the_latest_month_is_taken_and_said(tmp_path: Path) -> None:
    file = write(tmp_path, row(month="Feb-26", value="5"), row(month="Mar-26", value="10"))
    table = read(tmp_path, "claimant_count", file)
    assert table.values["claimants"].tolist() == [10]
    assert [note.what for note in table.notes] == ["latest_month"]
    assert table.specs["claimants"].source.vintage == "March 2026"


def test_a_month_that_is_none_is_refused_with_its_row(tmp_path: Path) -> None:
    file = write(tmp_path, row(), row(month="someday", code="E01000002"))
    assert "row 3: 'someday'" in refusal(tmp_path, "claimant_count", file)


def test_percentages_beside_the_count_are_left_out(tmp_path: Path) -> None:
    file = write(tmp_path, row(), row(measures="Percent", value="1.2"))
    assert read(tmp_path, "claimant_count", file).values["claimants"].tolist() == [15]


def test_the_areas_of_2021_where_the_project_says_so(tmp_path: Path) -> None:
    file = write(tmp_path, row(), row(code="E01000002"))
    assert read(tmp_path, "claimant_count", file, geography="lsoa21").geography == "lsoa21"


def test_districts_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path, row(code="E08000009"), row(code="E08000008"))
    assert "no codes of small areas" in refusal(tmp_path, "claimant_count", file)


def test_another_table_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "E01000001,1", "E01000002,2", header="area_code,people")
    assert "claimant count" in refusal(tmp_path, "claimant_count", file)


# --- published files ----------------------------------------------------------------------


def test_greater_manchester(shared: Path) -> None:
    table = read(
        shared / "fixtures", "claimant_count", "census/claimant_count_lsoa11_gm_2018-11.csv"
    )
    assert len(table.values) == 1673
    assert (table.values["claimants"] % 5 == 0).all()


def test_the_header_nomis_really_sends(shared: Path) -> None:
    file = "census/claimant_count_nomis_api_header_sample.csv"
    assert read(shared / "fixtures", "claimant_count", file).values["claimants"].tolist() == [5]
