"""Welsh indices: scores and ranks are told apart; other years and nations are refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from entries import read, refusal

from planner.layers import OFFICIAL_WEIGHTS

WIMD_HEADER = (
    "\ufefflsoa,LSOA Name,Local Authority Name ,WIMD 2019,Income,Employment,Health,Education,"
    "Access to Services,Housing,Community Safety,Physical Environment\n"
)
HEADER_2025 = [
    "LSOA code",
    "LSOA name (Eng)",
    "Local authority name (Eng)",
    "WIMD 2025",
    "Income",
    "Employment",
    "Health",
    "Education",
    "Access to Services",
    "Housing",
    "Community Safety",
    "Physical Environment",
]


def wimd(folder: Path, rows: str, header: str = WIMD_HEADER) -> str:
    (folder / "wimd.csv").write_text(header + rows, encoding="utf-8")
    return "wimd.csv"


def ods(folder: Path, rows: list[list[object]]) -> str:
    """Write an OpenDocument sheet as small as one can be."""

    def cell(value: object) -> str:
        kind = 'value-type="string"'
        if not isinstance(value, str):
            kind = f'value-type="float" office:value="{value}"'
        return f"<table:table-cell office:{kind}><text:p>{value}</text:p></table:table-cell>"

    lines = ["".join(cell(value) for value in row) for row in rows]
    body = "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        f'xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0" office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Data">{body}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        f'xmlns:manifest="{space}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind}"/></manifest:manifest>'
    )
    with zipfile.ZipFile(folder / "wimd.ods", "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return "wimd.ods"


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


def test_the_scores_of_2025_under_their_three_title_rows(tmp_path: Path) -> None:
    titles: list[list[object]] = [["WIMD 2025: index and domain scores"], ["Notes"], ["More"]]
    row: list[object] = ["W01000003", "A", "B", 20.5, 1, 2, 3, 4, 5, 6, 7, 8.5]
    table = read(tmp_path, "wimd2025", ods(tmp_path, [*titles, [*HEADER_2025], row]))
    assert table.geography == "lsoa21"
    found = table.values.loc["W01000003"]
    assert found[["wimd_income", "wimd_environment", "wimd_score"]].tolist() == [1, 8.5, 20.5]
    weights = {spec.domain: spec.domain_weight for spec in table.specs.values() if spec.domain}
    assert weights == OFFICIAL_WEIGHTS["wimd2025"]


def test_the_ranks_of_2025_are_told_from_scores(tmp_path: Path) -> None:
    rows = [",".join(HEADER_2025), "W01000001,A,B,700" + ",1917" * 8, "W01000002,A,B,3" + ",4" * 8]
    (tmp_path / "ranks.csv").write_text("\n".join(rows), encoding="utf-8")
    table = read(tmp_path, "wimd2025", "ranks.csv")
    assert table.values["published_rank"].to_dict() == {"W01000001": 700, "W01000002": 3}
    assert table.specs["wimd_health_rank"].high_is == "better"


def test_one_edition_is_not_read_as_the_other(tmp_path: Path) -> None:
    text = refusal(tmp_path, "wimd2025", wimd(tmp_path, "W01000001,A,B" + ",5" * 9 + "\n"))
    assert 'from = "wimd2019"' in text


# --- published files ----------------------------------------------------------------------


def test_welsh_scores_are_the_oracle_rounded_to_one_decimal(shared: Path) -> None:
    table = read(
        shared / "fixtures", "wimd2019", "deprivation/wimd-2019-index-and-domain-scores.csv"
    )
    oracle = pd.read_parquet(shared / "oracles/imd2019_wales_lsoa11.parquet")
    published = oracle.set_index("lsoa11_code")["Income_score"].astype(float)
    assert len(table.values) == 1909
    assert (table.values["wimd_income"] - published).abs().max() <= 0.051


@pytest.mark.parametrize(
    ("reader", "file"),
    [
        ("wimd2019", "wimd2019_rank_lsoa11_lle.csv"),
        ("wimd2019", "File_7_IoD2015_excerpt.csv"),
        ("wimd2019", "SIMD+2020v2+-+ranks.xlsx"),
        ("wimd2025", "wimd-2019-index-and-domain-scores.csv"),
        ("wimd2025", "File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx"),
    ],
)
def test_real_files_of_other_indices_are_refused(shared: Path, reader: str, file: str) -> None:
    assert "expected" in refusal(shared / "fixtures", reader, f"deprivation/{file}")
