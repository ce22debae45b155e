"""Scottish ranks and indicators: marks, percentages and ties are read; other files are refused."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from entries import read, refusal

from planner.layers import OFFICIAL_WEIGHTS
from planner.need import rank_areas

DOMAINS = ["Income", "Employment", "Health", "Education", "Access", "Crime", "Housing"]
RANKS = ["Data_Zone", "Intermediate_Zone", "SIMD2020v2_Rank", "SIMD2020v2_Income_Domain_Rank"]
RANKS += [f"SIMD2020_{name}_Domain_Rank" for name in DOMAINS[1:]]
INDICATORS = "Data_Zone,Total_population,Working_age_population,Income_rate,Income_count,CIF"


def csv(folder: Path, header: str, *rows: str) -> str:
    (folder / "simd.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return "simd.csv"


def test_domain_ranks_speak_for_their_domains(tmp_path: Path) -> None:
    file = csv(
        tmp_path, ",".join(RANKS), "S01006506,A,4,1,2,3,4,5,6.5,7", "S01006507,B,5" + ",8" * 7
    )
    table = read(tmp_path, "simd2020", file)
    weights = {s.domain: s.domain_weight for s in table.specs.values() if s.domain}
    assert weights == OFFICIAL_WEIGHTS["simd2020"]
    # Tied zones share the middle of their ranks.
    assert table.values.loc["S01006506", "simd_crime_rank"] == 6.5


def test_a_part_of_the_country_gets_no_overall_score(tmp_path: Path) -> None:
    file = csv(tmp_path, ",".join(RANKS), "S01006506,A,4" + ",1" * 7, "S01006507,A,5" + ",2" * 7)
    assert "simd_score" not in read(tmp_path, "simd2020", file).specs


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (",".join(RANKS).replace("2020v2_", "2020_"), "first version of SIMD 2020"),
        (",".join(RANKS).replace("SIMD2020", "SIMD2016"), "SIMD 2016"),
        (",".join(RANKS).replace("SIMD2020_Crime_Domain_Rank", "Crime"), "no crime rank"),
        ("Data_Zone,Rank", "expected the ranks or the indicators"),
    ],
)
def test_other_editions_are_refused_by_name(tmp_path: Path, header: str, words: str) -> None:
    file = csv(tmp_path, header, "S01006506,A,4,1,2,3,4,5,6,7", "S01006507,A,4,1,2,3,4,5,6,7")
    assert words in refusal(tmp_path, "simd2020", file)


def test_zones_of_another_year_are_refused(tmp_path: Path) -> None:
    file = csv(tmp_path, ",".join(RANKS), "S01013482,A,4" + ",1" * 7, "S01013483,A,5" + ",2" * 7)
    assert "Data Zones" in refusal(tmp_path, "simd2020", file)


def test_percentages_are_shares_however_they_are_written(tmp_path: Path) -> None:
    file = csv(tmp_path, INDICATORS, "S01006506,900,600,8%,71,65", "S01006507,800,500,0.05,43,45")
    found = read(tmp_path, "simd2020", file).values["simd_income_rate"]
    assert found.to_dict() == {"S01006506": 0.08, "S01006507": 0.05}


def test_stars_are_withheld_figures(tmp_path: Path) -> None:
    file = csv(tmp_path, INDICATORS, "S01006506,900,600,*,0,*", "S01006507,800,500,0.05,43,45")
    table = read(tmp_path, "simd2020", file)
    assert table.suppressed is not None
    assert table.suppressed.loc["S01006506", ["simd_income_rate", "simd_illness"]].all()
    assert table.values.loc["S01006506", ["simd_income_rate", "simd_illness"]].isna().all()


def test_indicators_never_enter_need_by_themselves(tmp_path: Path) -> None:
    file = csv(tmp_path, INDICATORS, "S01006506,900,600,0.1,71,65", "S01006507,800,500,0.05,43,45")
    table = read(tmp_path, "simd2020", file)
    assert not any(spec.domain for spec in table.specs.values())


# --- published files ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def ranks(shared: Path) -> pd.DataFrame:
    table = read(shared / "fixtures", "simd2020", "deprivation/SIMD+2020v2+-+ranks.xlsx")
    return table.values


def test_published_ranks_of_all_zones(shared: Path, ranks: pd.DataFrame) -> None:
    oracle = pd.read_parquet(shared / "oracles/imd2020_scotland_dz11.parquet")
    oracle = oracle.set_index("dz11_code")
    assert len(ranks) == 6976
    assert (ranks["published_rank"] - oracle["IMD_rank"]).abs().max() == 0
    for domain in DOMAINS:
        found = ranks[f"simd_{domain.lower()}_rank"]
        assert (found - oracle[f"{domain}_rank"]).abs().max() == 0, domain


def test_the_rebuilt_score_ranks_as_published(ranks: pd.DataFrame) -> None:
    differs = (rank_areas(ranks["simd_score"]) - ranks["published_rank"]).abs()
    assert (differs == 0).mean() >= 0.8
    assert differs.max() <= 7


def test_indicators_of_all_zones(shared: Path) -> None:
    file = "deprivation/SIMD+2020v2+-+indicators.xlsx"
    table = read(shared / "fixtures", "simd2020", file)
    assert table.values.shape == (6976, 34)
    assert table.suppressed is not None
    # Stars in the workbook: three zones without employment rate, 567 without attendance.
    assert table.suppressed["simd_employment_rate"].sum() == 3
    assert table.suppressed["simd_attendance"].sum() == 567
    assert table.values["simd_employment_rate"].between(0, 1).sum() == 6973
