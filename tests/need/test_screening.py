"""What is told of layers before they are put together, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from need_cases import bare_area, codes, make_layers
from scipy import stats

from planner.errors import ProjectError
from planner.ledger import Source
from planner.need import build_need
from planner.need.screening import (
    Finding,
    Screening,
    correlate,
    cronbach_alpha,
    screen_layers,
)
from planner.project import NeedSettings

COUNT = 60
RANDOM = np.random.default_rng(4).normal(size=(COUNT, 4))
PLAIN = pd.DataFrame(RANDOM, index=codes(COUNT), columns=["income", "health", "crime", "housing"])
INDEX = Source(publisher="A ministry", dataset="An index", licence="OGL", vintage="2025")


def screen(table: pd.DataFrame, specs: dict[str, dict[str, Any]] | None = None) -> Screening:
    return screen_layers(make_layers(table, specs=specs), table.index, NeedSettings())


def finding(found: Screening, what: str) -> Finding:
    """Return the one finding of the kind."""
    (only,) = [one for one in found.findings if one.what == what]
    return only


def test_layers_that_are_fine_give_no_findings() -> None:
    assert screen(PLAIN).findings == ()


def test_forty_per_cent_missing_is_told_with_how_many() -> None:
    table = PLAIN.copy()
    table.iloc[:24, 0] = np.nan
    found = finding(screen(table), "few_known")
    assert (found.layers, found.serious) == (("income",), True)
    assert "known for 36 of 60 areas (60%)" in found.text


def test_a_constant_layer_is_told() -> None:
    found = finding(screen(PLAIN.assign(crime=3.0)), "constant")
    assert found.layers == ("crime",)


def test_a_layer_of_three_values_is_told() -> None:
    found = finding(screen(PLAIN.assign(crime=np.arange(COUNT) % 3.0)), "few_values")
    assert "only 3 different values" in found.text


def test_outliers_are_told_with_what_treatment_would_do() -> None:
    table = PLAIN.copy()
    table.iloc[0, 0] = 80.0
    found = screen(table)
    assert "pulling in 1 value" in finding(found, "outliers").text
    pulled = table["income"].clip(upper=table["income"].nlargest(2).iloc[1])
    row = found.table.loc["income"]
    assert row["winsorise_skew"] == pytest.approx(stats.skew(pulled, bias=False))


def test_a_layer_skewed_through_and_through_is_told_so() -> None:
    # Seven of sixty far out: p = 7/60 has a skewness of (1 - 2p) / sqrt(p (1 - p)) = 2.4, however
    # many of the seven are pulled in to the next.
    table = PLAIN.copy()
    table.iloc[:7, 0] = np.arange(100.0, 107.0)
    found = finding(screen(table), "outliers")
    assert "pulling in five values would not be enough" in found.text
    assert not found.serious


@pytest.mark.parametrize("change", [lambda x: x, lambda x: 3 * x + 7, np.exp])
def test_two_layers_in_the_same_order_are_one(change: Any) -> None:
    found = finding(screen(PLAIN.assign(again=change(PLAIN["income"]))), "identical")
    assert (found.layers, found.serious) == (("income", "again"), True)


def test_a_mirror_image_that_is_turned_round_is_the_same_thing_twice() -> None:
    table = PLAIN.assign(again=-PLAIN["income"])
    found = screen(table, {"again": {"high_is": "better"}})
    assert finding(found, "identical").layers == ("income", "again")


def test_a_mirror_image_that_is_not_turned_round_cancels_out() -> None:
    found = finding(screen(PLAIN.assign(again=-PLAIN["income"])), "mirror")
    assert "cancel each other out" in found.text


def test_two_layers_that_nearly_agree_are_told_with_their_correlations() -> None:
    table = PLAIN.assign(near=PLAIN["income"] + 0.2 * PLAIN["health"])
    found = screen(table)
    row = found.pairs.iloc[0]
    assert finding(found, "redundant").layers == ("income", "near")
    assert row["pearson"] == pytest.approx(np.corrcoef(table["income"], table["near"])[0, 1])
    assert row["spearman"] == pytest.approx(stats.spearmanr(table["income"], table["near"])[0])


def test_two_layers_that_nearly_cancel_out_are_told() -> None:
    table = PLAIN.assign(near=-PLAIN["income"] - 0.2 * PLAIN["health"])
    assert finding(screen(table), "opposed").serious


def test_a_few_areas_that_line_up_are_no_finding() -> None:
    assert screen(pd.DataFrame({"a": range(7), "b": range(7)}, codes(7)).astype(float)).pairs.empty


def test_a_layer_made_of_the_others_is_told() -> None:
    table = pd.DataFrame(
        np.random.default_rng(8).normal(size=(200, 3)), codes(200), ["income", "health", "crime"]
    )
    table["overall"] = table @ [0.5, 0.3, 0.2]
    found = screen(table)
    whole = [one.layers for one in found.findings if one.what == "made_of_others"]
    assert ("overall",) in whole
    assert found.table.loc["overall", "explained_by_others"] == pytest.approx(1.0)


def test_the_share_explained_by_others_is_that_of_a_regression() -> None:
    table = pd.DataFrame(
        np.random.default_rng(8).normal(size=(200, 3)), codes(200), ["income", "health", "crime"]
    )
    table["other"] = table @ [0.5, 0.3, 0.2] + np.random.default_rng(9).normal(size=200)
    x = np.column_stack([np.ones(200), table[["income", "health", "crime"]]])
    left = table["other"] - x @ np.linalg.lstsq(x, table["other"], rcond=None)[0]
    expected = 1 - left.var() / table["other"].var()
    assert screen(table).table.loc["other", "explained_by_others"] == pytest.approx(expected)


def test_a_whole_index_beside_its_own_domains_is_refused() -> None:
    table = PLAIN.set_axis(["iod_income", "iod_health", "iod_crime", "iod_score"], axis=1)
    with pytest.raises(ProjectError, match="'iod_score' is a whole index, and 'iod_income'"):
        build_need(make_layers(table), bare_area(table.index), NeedSettings())


def test_a_whole_index_that_is_only_shown_is_no_matter() -> None:
    table = PLAIN.set_axis(["iod_income", "iod_health", "iod_crime", "iod_score"], axis=1)
    found = screen(table, {"iod_score": {"weight": 0.0}})
    assert found.findings == ()


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("imd", "Whatever"),
        ("our_imd_score", "Whatever"),
        ("simd2020v2", "Whatever"),
        ("wimd_score", "Whatever"),
        ("whole", "English Index of Multiple Deprivation 2025"),
        ("whole", "Deprivation, overall score"),
    ],
)
def test_somebodys_copy_of_a_whole_index_is_told(key: str, title: str) -> None:
    found = screen(PLAIN.rename(columns={"housing": key}), {key: {"title": title}})
    assert finding(found, "whole_index").layers == (key,)


def test_a_domain_named_after_its_index_is_no_whole_index() -> None:
    title = "Income deprivation (Indices of Multiple Deprivation)"
    assert screen(PLAIN, {"income": {"title": title}}).findings == ()


def test_part_of_a_domain_beside_the_domains_is_told() -> None:
    specs: dict[str, dict[str, Any]] = {
        "iod_income": {"domain_weight": 0.225, "source": INDEX},
        "iod_idaci": {"source": INDEX},
    }
    table = PLAIN.rename(columns={"income": "iod_income", "health": "iod_idaci"})
    assert finding(screen(table, specs), "part_of_domain").layers == ("iod_idaci",)


def test_a_domain_as_score_and_as_rank_is_told() -> None:
    specs: dict[str, dict[str, Any]] = {
        "iod_income": {"domain_weight": 0.225, "source": INDEX},
        "iod_income_rank": {"domain_weight": 0.225, "source": INDEX, "kind": "rank"},
    }
    table = PLAIN.rename(columns={"income": "iod_income", "health": "iod_income_rank"})
    assert finding(screen(table, specs), "domain_twice").layers == tuple(specs)


def test_layers_of_one_domain_that_disagree_are_told() -> None:
    table = PLAIN.assign(health=0.3 * PLAIN["health"] - PLAIN["income"], crime=0.0)[
        ["income", "health", "housing"]
    ]
    found = screen(table, {"health": {"domain": "income"}})
    assert "income" in finding(found, "domain_at_odds").text


def test_layers_that_do_not_count_are_not_screened() -> None:
    table = PLAIN.assign(crime=3.0)
    assert screen(table, {"crime": {"high_is": "neither"}}).findings == ()


def test_outliers_are_looked_for_in_the_reference() -> None:
    table = PLAIN.iloc[:20]
    pool = PLAIN.copy()
    pool.iloc[50, 0] = 80.0
    found = screen_layers(make_layers(table), table.index, NeedSettings(), pool=pool)
    assert finding(found, "outliers").layers == ("income",)


def test_correlations_with_gaps_are_those_of_the_areas_known_in_both() -> None:
    table = PLAIN.copy()
    table.iloc[:9, 0] = np.nan
    table.iloc[5:20, 1] = np.nan
    pearson, spearman, common = correlate(table)
    for method, found in (("pearson", pearson), ("spearman", spearman)):
        assert np.allclose(found, table.corr(method=method))
    assert common.loc["income", "health"] == COUNT - 20


def test_the_correlation_of_a_constant_is_unknown() -> None:
    pearson, spearman, _ = correlate(PLAIN.assign(crime=2.0))
    assert pearson["crime"].isna().all()
    assert spearman["crime"].isna().all()


def test_alpha_of_two_layers_by_hand() -> None:
    # Two that correlate with r = 0.6: 2 x 0.6 / 1.6.
    x = np.array([1.0, -1.0, 1.0, -1.0])
    y = np.array([1.0, 1.0, -1.0, -1.0])
    assert cronbach_alpha(pd.DataFrame({"a": x, "b": 0.6 * x + 0.8 * y})) == pytest.approx(0.75)


def test_alpha_of_one_layer_is_unknown() -> None:
    assert np.isnan(cronbach_alpha(PLAIN[["income"]]))


def test_alpha_of_layers_that_cancel_out_has_no_number() -> None:
    table = PLAIN.assign(health=-3 * PLAIN["income"])
    assert cronbach_alpha(table[["income", "health"]]) == float("-inf")
    found = screen(table, {"health": {"domain": "income"}})
    assert "Cronbach's alpha far below 0" in finding(found, "domain_at_odds").text


def test_serious_findings_are_notes_of_need() -> None:
    table = PLAIN.assign(again=PLAIN["income"], crime=3.0)
    need = build_need(make_layers(table), bare_area(table.index), NeedSettings())
    noted = {note.what: note.items for note in need.notes}
    assert noted["screening_identical"] == ("income", "again")
    assert noted["screening_constant"] == ("crime",)


def test_bad_layers_never_give_an_unknown_rank() -> None:
    table = PLAIN.assign(again=PLAIN["income"], crime=3.0, three=np.arange(COUNT) % 3.0)
    table.iloc[:24, 0] = np.nan
    for normalisation in ("official", "rank", "zscore", "minmax"):
        settings = NeedSettings.model_validate({"normalisation": normalisation})
        need = build_need(make_layers(table), bare_area(table.index), settings)
        assert need.scores[["need_score", "need_rank", "need_decile"]].notna().all(axis=None)
