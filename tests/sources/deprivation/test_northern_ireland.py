"""NIMDM 2017, keyed from its documented headers, on made-up figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from entries import read, refusal

from planner.layers import OFFICIAL_WEIGHTS
from planner.need import rank_areas

MOST = "(where 1 is most deprived)"
LONG = {
    "SOA2001": "95GG01S1",
    "SOA2001_name": "A",
    f"Multiple Deprivation Measure Rank \n{MOST}": 5,
    f"Income Domain Rank \n{MOST}": 1,
    f"Employment Domain Rank {MOST}": 2,
    f"Health Deprivation and Disability Domain Rank {MOST}": 3,
    f"Education, Skills and Training Domain Rank {MOST}": 4,
    f"Access to Services Domain Rank {MOST}": 6,
    f"Living Environment Domain Rank {MOST}": 7,
    f"Crime and Disorder Domain Rank {MOST}": 8,
}
SHORT = ["MDM_rank", "D1_Income_rank", "D2_Empl_rank", "D3_Health_rank", "P4_Education_rank"]
SHORT += ["P5_Access_rank", "D6_LivEnv_rank", "D7_CD_rank"]


def csv(folder: Path, *rows: dict[str, object]) -> str:
    pd.DataFrame(list(rows)).to_csv(folder / "nimdm.csv", index=False)
    return "nimdm.csv"


def test_ranks_by_domain_with_official_weights(tmp_path: Path) -> None:
    table = read(tmp_path, "nimdm2017", csv(tmp_path, LONG, {**LONG, "SOA2001": "95GG02S1"}))
    assert table.geography == "soa01"
    weights = {s.domain: s.domain_weight for s in table.specs.values() if s.domain}
    assert weights == OFFICIAL_WEIGHTS["nimdm2017"]
    found = table.values.loc["95GG01S1"]
    assert found[["published_rank", "nimdm_income_rank", "nimdm_crime_rank"]].tolist() == [5, 1, 8]


def test_short_headers_with_percentages(tmp_path: Path) -> None:
    row = {"SOA2001": "95GG01S1", **dict.fromkeys(SHORT, 9), "Empl_perc": 12.5}
    table = read(tmp_path, "nimdm2017", csv(tmp_path, row, {**row, "SOA2001": "95GG02S1"}))
    assert table.values.loc["95GG01S1", "nimdm_employment_rate"] == 0.125


def test_ranks_beyond_the_890_areas_are_refused(tmp_path: Path) -> None:
    row = {"SOA2001": "95GG01S1", **dict.fromkeys(SHORT, 891)}
    file = csv(tmp_path, row, {**row, "SOA2001": "95GG02S1"})
    assert "890" in refusal(tmp_path, "nimdm2017", file)


def test_codes_of_another_nation_are_refused(tmp_path: Path) -> None:
    row = {"SOA2001": "S01006506", **dict.fromkeys(SHORT, 9)}
    file = csv(tmp_path, row, {**row, "SOA2001": "S01006507"})
    assert "Super Output Areas" in refusal(tmp_path, "nimdm2017", file)


def test_the_rebuilt_score_ranks_as_published(shared: Path, tmp_path: Path) -> None:
    oracle = pd.read_parquet(shared / "oracles/imd2017_northern_ireland_soa01.parquet")
    names = ["IMD", "Income", "Employment", "Health", "Education", "Access", "Environment", "Crime"]
    table = oracle[["soa01_code", *(f"{name}_rank" for name in names)]]
    table = table.set_axis(["SOA2001", *SHORT], axis=1)
    table.to_csv(tmp_path / "nimdm.csv", index=False)
    values = read(tmp_path, "nimdm2017", "nimdm.csv").values
    differs = (rank_areas(values["nimdm_score"]) - values["published_rank"]).abs()
    assert (differs == 0).mean() >= 0.8
    assert differs.max() <= 5


@pytest.mark.parametrize(
    "file", ["SIMD+2020v2+-+ranks.xlsx", "File_2_-_IoD2019_Domains_of_Deprivation.csv"]
)
def test_real_files_of_other_indices_are_refused(shared: Path, file: str) -> None:
    assert "expected" in refusal(shared / "fixtures", "nimdm2017", f"deprivation/{file}")
