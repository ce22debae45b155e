"""National indices are read as printed; another year or nation is refused."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from entries import read, refusal

from planner.layers import OFFICIAL_WEIGHTS
from planner.sources.deprivation import IOD_RANK

HEADERS = ["LSOA code (2021)", "LSOA name (2021)", IOD_RANK]
WIMD_HEADER = (
    "\ufefflsoa,LSOA Name,Local Authority Name ,WIMD 2019,Income,Employment,Health,Education,"
    "Access to Services,Housing,Community Safety,Physical Environment\n"
)


def file1(folder: Path, rows: list[list[object]], headers: list[str] = HEADERS) -> str:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("IMD25")
    for row in [headers, *rows]:
        sheet.append(row)
    book.save(folder / "File_1.xlsx")
    return "File_1.xlsx"


def wimd(folder: Path, rows: str, header: str = WIMD_HEADER) -> str:
    (folder / "wimd.csv").write_text(header + rows, encoding="utf-8")
    return "wimd.csv"


def test_file_1_gives_the_published_rank(tmp_path: Path) -> None:
    file = file1(tmp_path, [["E01000002", "B", 31203], ["E01000001", "A", 26525]])
    table = read(tmp_path, "iod2025_file1", file)
    assert table.values["published_rank"].to_dict() == {"E01000001": 26525, "E01000002": 31203}
    spec = table.specs["published_rank"]
    assert (spec.role, spec.kind, spec.domain) == ("published_rank", "rank", None)


def test_the_2019_file_is_refused_by_name(tmp_path: Path) -> None:
    headers = ["LSOA code (2011)", "LSOA name (2011)", "Index of Multiple Deprivation (IMD) Rank"]
    file = file1(tmp_path, [["E01000001", "A", 5]], headers)
    assert "2019 indices or older" in refusal(tmp_path, "iod2025_file1", file)


def test_ranks_beyond_the_number_of_areas_are_refused(tmp_path: Path) -> None:
    file = file1(tmp_path, [["E01000001", "A", 40000]])
    assert "33,755" in refusal(tmp_path, "iod2025_file1", file)


def test_another_file_says_what_was_expected_and_found(tmp_path: Path) -> None:
    text = refusal(tmp_path, "iod2025_file1", wimd(tmp_path, "W01000001,A,B" + ",5" * 9 + "\n"))
    assert "File 1" in text
    assert "'lsoa'" in text


def test_welsh_scores_by_domain_with_official_weights(tmp_path: Path) -> None:
    file = wimd(tmp_path, "W01000240,Rhyl West 2,Denbighshire,86.6,100,100,99.1,94,37,74,95,17.8\n")
    table = read(tmp_path, "wimd2019", file)
    assert table.geography == "lsoa11"
    assert table.values.loc["W01000240", ["wimd_income", "wimd_environment"]].tolist() == [
        100,
        17.8,
    ]
    weights = {spec.domain: spec.domain_weight for spec in table.specs.values() if spec.domain}
    assert weights == OFFICIAL_WEIGHTS["wimd2019"]


def test_the_welsh_overall_score_is_shown_and_never_in_need(tmp_path: Path) -> None:
    table = read(tmp_path, "wimd2019", wimd(tmp_path, "W01000001,A,B" + ",5" * 9 + "\n"))
    spec = table.specs["wimd_score"]
    assert (spec.domain, spec.high_is, spec.role) == (None, "neither", "layer")


def test_no_national_rank_is_made_up_for_wales(tmp_path: Path) -> None:
    table = read(tmp_path, "wimd2019", wimd(tmp_path, "W01000001,A,B" + ",5" * 9 + "\n"))
    assert "published_rank" not in table.specs
    assert "published_rank_absent" in {note.what for note in table.notes}


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("lsoa11cd,lsoa11nm,ladcd,ladnm,ladnmw,wimd_2019,FID\n", "W01000001,A,W06,B,C,885,1\n"),
        (WIMD_HEADER, "E01000001,A,B" + ",5" * 9 + "\n"),
    ],
)
def test_ranks_and_england_are_refused_as_welsh_scores(
    tmp_path: Path, header: str, row: str
) -> None:
    assert "Welsh Index" in refusal(tmp_path, "wimd2019", wimd(tmp_path, row, header))


def test_footnotes_are_left_out_and_counted(tmp_path: Path) -> None:
    row = "W01000001,A,B" + ",5" * 9 + "\n"
    table = read(tmp_path, "wimd2019", wimd(tmp_path, row + "Source: Welsh Government" + "," * 11))
    assert table.values.index.tolist() == ["W01000001"]
    assert [n.count for n in table.notes if n.what == "rows_not_areas"] == [1]


def test_an_area_that_stands_twice_is_refused_with_its_rows(tmp_path: Path) -> None:
    row = "W01000001,A,B" + ",5" * 9 + "\n"
    assert "rows 2 and 3" in refusal(tmp_path, "wimd2019", wimd(tmp_path, row * 2))


@pytest.mark.parametrize("name", sorted(OFFICIAL_WEIGHTS))
def test_official_weights_are_whole_but_for_what_publishers_rounded(name: str) -> None:
    total = {"iod2025": 0.999, "iod2019": 0.999}.get(name, 1.0)
    assert sum(OFFICIAL_WEIGHTS[name].values()) == pytest.approx(total)


# --- published files ----------------------------------------------------------------------


def test_file_1_has_every_area_of_england_and_agrees_with_the_oracle(shared: Path) -> None:
    table = read(
        shared / "fixtures",
        "iod2025_file1",
        "deprivation/File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx",
    )
    oracle = pd.read_parquet(shared / "oracles/imd2025_england_lsoa21.parquet")
    code = next(c for c in oracle if "lsoa" in c.lower() and "code" in c.lower())
    rank = next(c for c in oracle if c.lower() == "imd_rank")
    published = oracle.set_index(code)[rank].astype(float)
    assert len(table.values) == 33755
    assert (table.values["published_rank"] - published).abs().max() == 0


def test_welsh_scores_are_the_oracle_rounded_to_one_decimal(shared: Path) -> None:
    table = read(
        shared / "fixtures", "wimd2019", "deprivation/wimd-2019-index-and-domain-scores.csv"
    )
    oracle = pd.read_parquet(shared / "oracles/imd2019_wales_lsoa11.parquet")
    code = next(c for c in oracle if "lsoa" in c.lower() and "code" in c.lower())
    published = oracle.set_index(code)["Income_score"].astype(float)
    assert len(table.values) == 1909
    assert (table.values["wimd_income"] - published).abs().max() <= 0.051


@pytest.mark.parametrize(
    ("reader", "file"),
    [
        ("iod2025_file1", "File_1_-_IMD2019_Index_of_Multiple_Deprivation.csv"),
        ("iod2025_file1", "wimd-2019-index-and-domain-scores.csv"),
        ("wimd2019", "wimd2019_rank_lsoa11_lle.csv"),
        ("wimd2019", "File_7_IoD2015_excerpt.csv"),
        ("wimd2019", "SIMD+2020v2+-+ranks.xlsx"),
    ],
)
def test_real_files_of_other_indices_are_refused(shared: Path, reader: str, file: str) -> None:
    assert "expected" in refusal(shared / "fixtures", reader, f"deprivation/{file}")
