"""Tables come in as published, or are refused in one line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from planner.errors import DataError
from planner.sources import tables, workbooks
from planner.sources.tables import (
    find_code_column,
    find_column,
    keep_rows,
    read_table,
    to_number,
    unreadable,
    vintage_in,
)


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def refusal(path: Path, **kwargs: object) -> str:
    with pytest.raises(DataError) as caught:
        read_table(path, what="the/file", **kwargs)  # type: ignore[arg-type]
    text = str(caught.value)
    assert "the/file" in text
    assert len(text.splitlines()) <= 2
    return text


def test_bom_and_trailing_space_in_a_header(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "\ufefflsoa,Local Authority Name ,n\nW01000001,Ynys Môn,1\n")
    assert list(read_table(path).columns) == ["lsoa", "Local Authority Name", "n"]


def test_windows_encoding_keeps_the_circumflex(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "name,n\nYnys Môn,1\n".encode("cp1252"))
    assert read_table(path)["name"].tolist() == ["Ynys Môn"]


def test_utf16_as_a_spreadsheet_saves_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "name\tn\nYnys Môn\t1\n".encode("utf-16"))
    assert read_table(path).to_dict("list") == {"name": ["Ynys Môn"], "n": ["1"]}


def test_title_rows_above_the_header_are_passed_over(tmp_path: Path) -> None:
    text = "Table 1, population\n\nSource: ONS\ncode,people\nE01000001,5\nE01000002,6\n"
    table = read_table(write(tmp_path / "a.csv", text), wanted=["People"])
    assert table["people"].tolist() == ["5", "6"]


def test_title_rows_are_passed_over_without_a_wanted_column(tmp_path: Path) -> None:
    text = "Population of areas\n\ncode,name,people\nE01000001,A,5\nE01000002,B,6\n"
    assert list(read_table(write(tmp_path / "a.csv", text)).columns) == ["code", "name", "people"]


def test_rows_are_numbered_as_in_the_file(tmp_path: Path) -> None:
    text = "title\n\ncode,n\nA,1\n\nB,2\n"
    assert read_table(write(tmp_path / "a.csv", text), wanted=["code"]).index.tolist() == [4, 6]


def test_semicolons_and_quoted_commas(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'code;name\nE1;"a, b; c"\n')
    assert read_table(path)["name"].tolist() == ["a, b; c"]


def test_trailing_commas_make_no_column(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "code,n,\nE1,1,\nE2,2,\n")
    assert list(read_table(path).columns) == ["code", "n"]


def test_a_repeated_header_is_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "code,n,n\nE1,1,2\n")
    assert list(read_table(path).columns) == ["code", "n", "n (2)"]


def test_where_keeps_rows_whatever_the_case(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "code,sex,n\nE1,Persons,3\nE1,Males,1\n")
    assert read_table(path, where={"SEX": "persons"})["n"].tolist() == ["3"]


def test_where_with_a_star_keeps_what_begins_so() -> None:
    frame = pd.DataFrame({"name": ["Newport 001A", "Newham 001A"]})
    assert keep_rows(frame, {"name": "Newport*"}, what="x")["name"].tolist() == ["Newport 001A"]


def test_where_that_keeps_nothing_names_the_values(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "code,sex\nE1,Persons\n")
    assert "'Persons'" in refusal(path, where={"sex": "All"})


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b" \r\n\r\n", "empty"),
        ("a.csv", b"<!DOCTYPE html><html><body>Sorry</body></html>", "web page"),
        ("a.csv", b'{"error": 404}', "JSON"),
        ("a.csv", b"\x89PNG\r\n\x1a\n....", "picture"),
        ("a.csv", b"PK\x03\x04....", "zip"),
        ("a.csv", b"code,n\x00\x00\n", "binary"),
        ("a.xlsx", b"code,n\nE1,1\n", "not a table"),
        ("a.xlsx", b"PK\x03\x04 cut off", "broken"),
        ("a.parquet", b"PAR1 cut off", "Parquet"),
        ("a.csv", b"code,n\n", "no rows"),
        ("a.csv", b'code,n\nE1,"open quote\n', "CSV"),
        ("a.docx", b"hello", ".docx"),
    ],
)
def test_what_is_not_a_table_is_refused(
    tmp_path: Path, name: str, content: bytes, word: str
) -> None:
    assert word in refusal(write(tmp_path / name, content))


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "x,y\n1,2\n")
    with pytest.raises(DataError) as error:
        read_table(tmp_path / "a.zip")
    assert (error.value.message, error.value.hint) == (
        "a.zip: it is a zip archive, not a table.",
        "Unpack it and name the file inside.",
    )


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    rows = "".join("E1,1\n" for _ in range(300))
    assert "CSV" in refusal(write(tmp_path / "a.csv", "code,n\n" + rows + "E1,1,2,3\n"))


def test_too_large_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_FILE_BYTES", 10)
    assert "MB" in refusal(write(tmp_path / "a.csv", "code,n\nE1,1\n"))


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 2)
    assert "rows" in refusal(write(tmp_path / "a.csv", "code,n\n" + "E1,1\n" * 3))


def test_a_workbook_that_expands_too_far_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workbooks.MAX_EXPANDED_BYTES == 1_000_000_000
    monkeypatch.setattr(workbooks, "MAX_EXPANDED_BYTES", 1_000_000)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for at in range(11):
            archive.writestr(f"xl/{at}.bin", bytes(100_000))
    assert "expands" in refusal(path)


def test_a_workbook_with_a_part_outside_itself_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil.xml", "<a/>")
    assert "outside" in refusal(path)


def test_a_workbook_with_xml_entities_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert "entities" in refusal(path)


def test_the_sheet_with_the_wanted_column_is_read(tmp_path: Path) -> None:
    sheets = {"Notes": [["About", "this"], ["a", "b"]], "Data": [["Code", "N"], ["E1", 5]]}
    path = workbook(tmp_path / "a.xlsx", sheets)
    assert read_table(path, wanted=["n"])["N"].tolist() == [5]


def test_a_named_sheet_that_is_not_there_names_the_sheets(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"Data": [["Code", "N"], ["E1", 5]]})
    assert "'Data'" in refusal(path, sheet="Figures")


def test_parquet_is_read_without_its_geometry(tmp_path: Path) -> None:
    frame = pd.DataFrame({"code": ["E1"], "n": [1.5], "geometry": [b"\x01\x02"]})
    frame.to_parquet(tmp_path / "a.parquet")
    assert read_table(tmp_path / "a.parquet").to_dict("list") == {"code": ["E1"], "n": [1.5]}


def test_numbers_marks_and_blanks_are_three_things() -> None:
    cells = pd.Series(["29,199", " 4.5 ", "12%", "*", "[x]", "..", "", "n/a", "−3", "1e3", 7, None])
    numbers, suppressed = to_number(cells)
    expected = [29199, 4.5, 12, None, None, None, None, None, -3, 1000, 7, None]
    assert numbers.astype(object).where(numbers.notna(), None).tolist() == expected
    assert suppressed.tolist() == [False] * 3 + [True] * 3 + [False] * 6


@pytest.mark.parametrize("cell", ["about 30", "1,23", "0x10", "inf", "1_000", "=1+1"])
def test_what_is_no_number_is_said_to_be_none(cell: str) -> None:
    cells = pd.Series([cell, "5", "", "*"])
    assert to_number(cells)[0].isna().tolist() == [True, False, True, True]
    assert unreadable(cells).tolist() == [True, False, False, False]


def test_a_column_is_found_whatever_its_case_and_punctuation() -> None:
    frame = pd.DataFrame(columns=["LSOA21CD", "All  ages"])
    assert find_column(frame, "lsoa21_cd", "x") == "LSOA21CD"
    assert find_column(frame, ["population", "all ages"], "x") == "All  ages"


def test_a_missing_column_names_the_nearest() -> None:
    frame = pd.DataFrame(columns=["area_code", "population", "name"])
    with pytest.raises(DataError, match="popualtion") as caught:
        find_column(frame, "popualtion", "a.csv")
    assert "'population'" in caught.value.hint


def test_the_code_column_is_the_one_with_codes() -> None:
    frame = pd.DataFrame({"la": ["E08000009"] * 2, "x": ["E01000001", "E01000002"]})
    assert find_code_column(frame, "lsoa21") == "x"


def test_codes_of_another_geography_are_named() -> None:
    frame = pd.DataFrame({"x": ["E02000001", "E02000002"]})
    with pytest.raises(DataError, match="Middle layer Super Output Areas"):
        find_code_column(frame, "lsoa21")


@pytest.mark.parametrize(
    ("header", "year"),
    [
        ("LSOA code (2011)", "2011"),
        ("lsoa21_code", "2021"),
        ("2021 super output area - lower layer", "2021"),
        ("geography code", None),
        ("population 2019", None),
    ],
)
def test_a_header_may_name_the_year_of_its_areas(header: str, year: str | None) -> None:
    assert vintage_in(header) == year


def test_the_2019_export_with_bom_and_quoted_ranks(shared: Path) -> None:
    path = shared / "fixtures/deprivation/File_1_-_IMD2019_Index_of_Multiple_Deprivation.csv"
    table = read_table(path, wanted=["LSOA code (2011)"])
    ranks, _ = to_number(table["Index of Multiple Deprivation (IMD) Rank"])
    # Two areas share a rank in this release, so ranks are not simply 1 to 32,844.
    assert (len(ranks), ranks.min(), ranks.max(), int(ranks.isna().sum())) == (32844, 1, 32844, 0)
