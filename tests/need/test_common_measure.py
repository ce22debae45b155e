"""The common measure across nations: by hand, and against the published lines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from places import CODES, SOURCE, tiny_area

from planner.area import StudyArea
from planner.errors import ProjectError
from planner.layers import OFFICIAL_WEIGHTS, LayerKind, Layers, LayerSpec
from planner.need import build_need, build_score
from planner.need.common_measure import (
    LABEL,
    MODELS,
    build_common_layers,
    fit_line,
    to_common_measure,
)
from planner.project import NeedSettings

COMMON = NeedSettings(common_measure="employment")


def border() -> StudyArea:
    """Return the six squares, the last three of them in Wales."""
    area = tiny_area()
    areas = area.areas.copy()
    areas["nation"] = ["England"] * 3 + ["Wales"] * 3
    return replace(area, areas=areas)


def layers(vintage: str = "2019", kind: LayerKind = "share") -> Layers:
    nan = float("nan")
    values = pd.DataFrame(
        {
            "iod_score": [10.0, 20.0, 30.0, nan, nan, nan],
            "iod_employment": [0.05, 0.10, 0.15, nan, nan, nan],
            "wimd_score": [nan, nan, nan, 10.0, 20.0, 60.0],
            "wimd_employment_rate": [nan, nan, nan, 0.05, 0.10, 0.20],
        },
        index=pd.Index(CODES, name="area_code"),
    )
    specs = {
        key: LayerSpec(
            id=key,
            title=key,
            unit="share",
            kind=kind if "employment" in key else "score",
            high_is="neither",
            geography="lsoa21",
            source=replace(SOURCE, vintage=vintage),
        )
        for key in values
    }
    status = pd.DataFrame("published", index=values.index, columns=values.columns)
    return Layers(values=values, specs=specs, status=status.mask(values.isna(), "missing"))


def test_a_welsh_area_by_hand() -> None:
    # Its own line: -3.49 + 2.40 × 20 = 44.51, so a residual of 15.49, in deviations of 5.54.
    # England's line: 0.06 + 2.16 × 20 = 43.26, and as many deviations of 4.74.
    found = to_common_measure(pd.Series([60.0]), pd.Series([20.0]), pd.Series(["Wales"]))
    assert found[0] == pytest.approx(43.26 + 15.49 / 5.54 * 4.74, abs=1e-9)


def test_the_base_nation_keeps_its_scores() -> None:
    found = to_common_measure(pd.Series([33.3]), pd.Series([1.0]), pd.Series(["England"]))
    assert found[0] == 33.3


def test_there_and_back_is_the_same_score() -> None:
    score, percent = pd.Series([5.0, 40.0, 70.0]), pd.Series([3.0, 18.0, 30.0])
    nation = pd.Series(["Northern Ireland"] * 3)
    there = to_common_measure(score, percent, nation, base="Scotland")
    back = to_common_measure(there, percent, pd.Series(["Scotland"] * 3), base="Northern Ireland")
    assert np.allclose(back, score)


def test_an_unknown_percentage_leaves_the_score_unknown() -> None:
    nan = float("nan")
    found = to_common_measure(
        pd.Series([5.0, 5.0]), pd.Series([nan, nan]), pd.Series(["Wales", "England"])
    )
    assert found.isna().all()


def test_need_ranks_both_nations_by_the_common_measure_and_says_so() -> None:
    need = build_need(layers(), border(), COMMON)
    assert need.scores["need_rank"].to_dict()[CODES[5]] == 1
    assert list(need.weights.index) == ["common_measure"]
    assert LABEL in need.method
    assert [note.text for note in need.notes if note.what == "common_measure"] == [LABEL]


def test_another_edition_is_refused() -> None:
    with pytest.raises(ProjectError, match=r"2025.*holds for 2019 only"):
        build_need(layers("2025"), border(), COMMON)


def test_a_missing_layer_is_named() -> None:
    whole = layers()
    keys = ["iod_score", "iod_employment", "wimd_score"]
    some = Layers(
        values=whole.values[keys],
        specs={key: whole.specs[key] for key in keys},
        status=whole.status[keys],
    )
    with pytest.raises(ProjectError, match="'wimd_employment_rate'"):
        build_need(some, border(), COMMON)


def test_a_rate_of_unknown_unit_is_refused() -> None:
    with pytest.raises(ProjectError, match=r"share .0 to 1. or in %"):
        build_need(layers(kind="rate"), border(), COMMON)


def test_larger_areas_stay_known() -> None:
    parents = pd.DataFrame({"msoa11": "E02000001"}, index=layers().values.index)
    got = build_common_layers(replace(layers(), parents=parents), border())
    assert got.parents.equals(parents)


def test_other_areas_than_the_places_own_are_refused() -> None:
    among = replace(layers(), reference=layers().values)
    with pytest.raises(ProjectError, match="cannot be ranked among others"):
        build_common_layers(among, border())


# --- published lines ----------------------------------------------------------------------
# Those of England (2019) and Northern Ireland cannot be fitted here: their employment rates are
# not among the published figures at hand.


def check(nation: str, score: pd.Series, percent: pd.Series) -> None:
    intercept, slope, deviation = fit_line(score, percent)
    model = MODELS[nation]
    assert slope == pytest.approx(model.slope, abs=0.006)
    assert deviation == pytest.approx(model.residual_sd, abs=0.006)
    assert intercept == pytest.approx(model.intercept, abs=0.006)


def test_the_line_of_scotland(shared: Path) -> None:
    ranks = pd.read_parquet(shared / "oracles/imd2020_scotland_dz11.parquet")
    ranks = ranks.set_index("dz11_code")
    weights = pd.Series(OFFICIAL_WEIGHTS["simd2020"])
    domains = ranks[[f"{name.capitalize()}_rank" for name in weights.index]]
    score = build_score(domains.set_axis(list(weights.index), axis=1), len(ranks), weights)
    book = shared / "fixtures/deprivation/SIMD+2020v2+-+indicators.xlsx"
    rates = pd.read_excel(book, sheet_name="Data", engine="calamine", index_col="Data_Zone")
    percent = pd.to_numeric(rates["Employment_rate"], errors="coerce") * 100
    # The published line counts the three zones marked * as zero.
    check("Scotland", score, percent.fillna(0.0).reindex(score.index))


def test_the_line_of_wales(shared: Path) -> None:
    scores = pd.read_parquet(shared / "oracles/imd2019_wales_lsoa11.parquet")
    scores = scores.set_index("lsoa11_code")["IMD_score"]
    rates = pd.read_csv(shared / "fixtures/deprivation/wimd-2019-indicators.csv", index_col="lsoa")
    percent = pd.to_numeric(rates["indicator_employment"], errors="coerce")
    check("Wales", scores, percent.reindex(scores.index))


def test_the_index_of_2025_has_another_line(shared: Path) -> None:
    table = pd.read_parquet(shared / "oracles/imd2025_england_lsoa21.parquet")
    _, slope, _ = fit_line(table["IMD_score"], table["Employment_score"] * 100)
    assert abs(slope - MODELS["England"].slope) > 0.3
