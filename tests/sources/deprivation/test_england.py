"""English indices: every file is told by its header, every column read, other years refused."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from entries import read, refusal

from planner.layers import OFFICIAL_WEIGHTS
from planner.sources.deprivation import IOD_RANK

RANK, DECILE = "Rank (where 1 is most deprived)", "Decile (where 1 is most deprived 10% of LSOAs)"
HEADERS = ["LSOA code (2021)", "LSOA name (2021)", IOD_RANK]
STEMS = [
    "Index of Multiple Deprivation (IMD)",
    "Income",
    "Employment",
    "Education, Skills and Training",
    "Health Deprivation and Disability",
    "Crime",
    "Barriers to Housing and Services",
    "Living Environment",
    "Income Deprivation Affecting Children Index (IDACI)",
    "Income Deprivation Affecting Older People (IDAOPI)",
    "Children and Young People Sub-domain",
    "Adult Skills Sub-domain",
    "Geographical Barriers Sub-domain",
    "Wider Barriers Sub-domain",
    "Indoors Sub-domain",
    "Outdoors Sub-domain",
]
RATES = {STEMS[1], STEMS[2], STEMS[8], STEMS[9]}
PEOPLE = [
    "Total population: mid 2022",
    "Dependent Children aged 0-15: mid 2022",
    "Older population aged 60 and over: mid 2022",
    "Working age population 18-66 (for use with Employment Deprivation Domain): mid 2022",
]


def file1(folder: Path, rows: list[list[object]], headers: list[str] = HEADERS) -> str:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("IMD25")
    for row in [headers, *rows]:
        sheet.append(row)
    book.save(folder / "File_1.xlsx")
    return "File_1.xlsx"


def file7(folder: Path, rows: int = 2, year: str = "2021", district: str = "2024") -> str:
    """Write File 7 with the headers documented for 2025; area i has rank i and shares of i/10."""
    start = [f"LSOA code ({year})", f"LSOA name ({year})"]
    start += [
        f"Local Authority District code ({district})",
        f"Local Authority District name ({district})",
    ]
    columns: dict[str, list[object]] = {}
    for at, stem in enumerate(STEMS):
        rate = stem in RATES
        score = f"{stem} Score (rate)" if rate else f"{stem} Score"
        columns[score] = [0.1 * i if rate else at + 0.5 * i for i in range(1, rows + 1)]
        columns[f"{stem} {RANK}"] = list(range(1, rows + 1))
        # The last letters of long headers are cut off in some editions.
        columns[f"{stem} {DECILE}"[:80]] = [1] * rows
    for at, header in enumerate(PEOPLE):
        columns[header] = [1000 + 100 * at] * rows
    codes = [f"E0100000{i}" for i in range(1, rows + 1)]
    named = dict(zip(start, [codes, codes, ["E09000001"] * rows, ["A"] * rows], strict=True))
    pd.DataFrame({**named, **columns}).to_csv(folder / "File_7.csv", index=False)
    return "File_7.csv"


def test_file_1_gives_the_published_rank(tmp_path: Path) -> None:
    file = file1(tmp_path, [["E01000002", "B", 31203], ["E01000001", "A", 26525]])
    table = read(tmp_path, "iod2025", file)
    assert table.values["published_rank"].to_dict() == {"E01000001": 26525, "E01000002": 31203}
    spec = table.specs["published_rank"]
    assert (spec.role, spec.kind, spec.domain, spec.among) == (
        "published_rank",
        "rank",
        None,
        33755,
    )


def test_the_former_name_of_the_reader_gives_the_rank_alone(tmp_path: Path) -> None:
    file = file7(tmp_path)
    assert list(read(tmp_path, "iod2025_file1", file).specs) == ["published_rank"]


def test_the_2019_file_is_refused_by_name(tmp_path: Path) -> None:
    headers = ["LSOA code (2011)", "LSOA name (2011)", "Index of Multiple Deprivation (IMD) Rank"]
    file = file1(tmp_path, [["E01000001", "A", 5]], headers)
    assert "2019 indices or older" in refusal(tmp_path, "iod2025", file)


def test_the_2025_file_is_refused_as_2019(tmp_path: Path) -> None:
    assert "the 2025 indices" in refusal(tmp_path, "iod2019", file7(tmp_path))


def test_the_2015_file_is_refused_as_2019(tmp_path: Path) -> None:
    file = file7(tmp_path, year="2011", district="2013")
    assert "the 2015 indices" in refusal(tmp_path, "iod2019", file)


def test_ranks_beyond_the_number_of_areas_are_refused(tmp_path: Path) -> None:
    file = file1(tmp_path, [["E01000001", "A", 40000]])
    assert "33,755" in refusal(tmp_path, "iod2025", file)


def test_another_file_says_what_was_expected_and_found(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("lsoa,name\nE01000001,A\nE01000002,B\n", encoding="utf-8")
    text = refusal(tmp_path, "iod2025", "other.csv")
    assert "File 1" in text
    assert "'lsoa'" in text


def test_file_7_gives_every_published_column(tmp_path: Path) -> None:
    table = read(tmp_path, "iod2025", file7(tmp_path))
    # Sixteen measures with score, rank and decile, and four denominators.
    assert len(table.specs) == 16 * 3 + 4


def test_scores_of_file_7_speak_for_their_domains_with_official_weights(tmp_path: Path) -> None:
    table = read(tmp_path, "iod2025", file7(tmp_path))
    found = {s.domain: (s.id, s.domain_weight) for s in table.specs.values() if s.domain}
    weights = OFFICIAL_WEIGHTS["iod2025"]
    assert found == {domain: (f"iod_{domain}", weight) for domain, weight in weights.items()}


def test_rates_of_file_7_come_with_their_counts(tmp_path: Path) -> None:
    table = read(tmp_path, "iod2025", file7(tmp_path))
    assert table.counts is not None
    # A fifth of the 1,300 people of working age in the second area.
    assert table.counts.loc["E01000002", "iod_employment.n"] == pytest.approx(260)
    assert table.counts.loc["E01000002", "iod_employment.d"] == 1300


def test_ranks_speak_for_domains_where_there_are_no_scores(tmp_path: Path) -> None:
    names = [f"{stem} {RANK}" for stem in STEMS[:8]]
    file = file1(
        tmp_path,
        [["E01000001", "A", *range(1, 9)]],
        ["LSOA code (2021)", "LSOA name (2021)", *names],
    )
    table = read(tmp_path, "iod2025", file)
    domains = {s.domain: (s.kind, s.high_is) for s in table.specs.values() if s.domain}
    assert domains == dict.fromkeys(OFFICIAL_WEIGHTS["iod2025"], ("rank", "better"))


def test_file_3_leaves_the_overall_rank_to_file_1(tmp_path: Path) -> None:
    names = [IOD_RANK, f"{STEMS[8]} {RANK}", f"{STEMS[9]} {RANK}"]
    file = file1(tmp_path, [["E01000001", "A", 1, 2, 3]], [*HEADERS[:2], *names])
    assert list(read(tmp_path, "iod2025", file).specs) == ["iod_idaci_rank", "iod_idaopi_rank"]


def test_only_some_layers_of_a_file_are_kept(tmp_path: Path) -> None:
    table = read(tmp_path, "iod2025", file7(tmp_path), only=["iod_crime", "iod_income"])
    assert list(table.values) == ["iod_income", "iod_crime"]


def test_a_layer_to_keep_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    assert "iod_crimes" in refusal(tmp_path, "iod2025", file7(tmp_path), only=["iod_crimes"])


# --- published files ----------------------------------------------------------------------

FOLDER = "deprivation"


@pytest.mark.parametrize(
    ("reader", "file", "oracle"),
    [
        ("iod2025", "File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx", "imd2025_england_lsoa21"),
        ("iod2019", "File_1_-_IMD2019_Index_of_Multiple_Deprivation.csv", "imd2019_england_lsoa11"),
        ("iod2019", "File_2_-_IoD2019_Domains_of_Deprivation.csv", "imd2019_england_lsoa11"),
    ],
)
def test_the_published_rank_of_every_area(
    shared: Path, reader: str, file: str, oracle: str
) -> None:
    table = read(shared / "fixtures", reader, f"{FOLDER}/{file}")
    known = pd.read_parquet(shared / f"oracles/{oracle}.parquet")
    known = known.set_index(known.columns[0])["IMD_rank"].astype(float)
    assert (table.values["published_rank"] - known).abs().max() == 0
    assert len(table.values) == len(known)


def test_the_domain_ranks_of_2019_are_the_published_ones(shared: Path) -> None:
    file = f"{FOLDER}/File_2_-_IoD2019_Domains_of_Deprivation.csv"
    table = read(shared / "fixtures", "iod2019", file)
    known = pd.read_parquet(shared / "oracles/imd2019_england_lsoa11.parquet")
    known = known.set_index("lsoa11_code").rename(
        columns={"Housing_and_Access_rank": "Barriers_rank"}
    )
    for domain in OFFICIAL_WEIGHTS["iod2019"]:
        found = table.values[f"iod_{domain}_rank"]
        assert (found - known[f"{domain.capitalize()}_rank"]).abs().max() == 0, domain


def test_quoted_thousands_in_the_denominators_of_2019(shared: Path) -> None:
    file = f"{FOLDER}/File_6_-_IoD2019_Population_Denominators.csv"
    table = read(shared / "fixtures", "iod2019", file)
    assert list(table.specs) == [
        "iod_population",
        "iod_children",
        "iod_aged_16_59",
        "iod_older_people",
        "iod_working_age",
    ]
    parts = table.values[["iod_children", "iod_aged_16_59", "iod_older_people"]].sum(axis=1)
    assert (parts - table.values["iod_population"]).abs().max() <= 1
    assert table.values.notna().all(axis=None)


@pytest.mark.parametrize(
    ("reader", "file"),
    [
        ("iod2025", "File_1_-_IMD2019_Index_of_Multiple_Deprivation.csv"),
        ("iod2025", "wimd-2019-index-and-domain-scores.csv"),
        ("iod2025", "SIMD+2020v2+-+ranks.xlsx"),
        ("iod2019", "File_1_IoD2025_Index_of_Multiple_Deprivation.xlsx"),
        ("iod2019", "File_7_IoD2015_excerpt.csv"),
    ],
)
def test_real_files_of_other_indices_are_refused(shared: Path, reader: str, file: str) -> None:
    assert "expected" in refusal(shared / "fixtures", reader, f"{FOLDER}/{file}")
