"""Who became what, and with which share of the people; counts survive any chain."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.crosswalk import Lookups, build_links, carry_counts, carry_rates
from planner.errors import DataError

K, L, M, N = "E01000050", "E01000060", "E01000070", "E01000080"
E5, E6 = "E01900005", "E01900006"
# K went to both new areas, L to the second; M and N made a third.
CHANGES = pd.DataFrame(
    [(K, E5, "X"), (K, E6, "X"), (L, E6, "X"), (M, "E01900007", "M"), (N, "E01900007", "M")],
    columns=["lsoa11", "lsoa21", "change"],
)
AREAS = pd.DataFrame(
    {
        "oa21": [f"E0000000{at}" for at in range(1, 7)],
        "lsoa21": [E5, E6, E6, E6, "E01900007", "E01900007"],
        "lsoa11": [K, K, K, L, M, N],
        "people": [300.0, 60.0, 40.0, 500.0, 100.0, 300.0],
    }
)


def shares(links: pd.DataFrame) -> dict[tuple[str, str], float]:
    keys = zip(links["source"], links["target"], strict=True)
    return {key: round(share, 12) for key, share in zip(keys, links["share"], strict=True)}


def test_complex_changes_go_by_population_without_output_areas() -> None:
    people = pd.Series({E5: 1000.0, E6: 3000.0})
    links = build_links("lsoa11", "lsoa21", Lookups(lsoa11_lsoa21=CHANGES), people=people)
    assert shares(links)[(K, E5)] == 0.25
    assert links.set_index("source").loc[L, "basis"] == "whole"


def test_complex_changes_go_by_output_areas_where_these_are_known() -> None:
    lookups = Lookups(lsoa11_lsoa21=CHANGES, oa21=AREAS)
    links = build_links("lsoa11", "lsoa21", lookups, people=pd.Series({E5: 1.0, E6: 3.0}))
    # 300 of K's 400 people live in output areas of the first.
    assert shares(links)[(K, E5)] == 0.75
    assert (links.loc[links["source"] == K, "basis"] == "output areas").all()


def test_output_areas_count_alike_where_their_people_are_not_known() -> None:
    lookups = Lookups(lsoa11_lsoa21=CHANGES, oa21=AREAS.drop(columns="people"))
    links = build_links("lsoa11", "lsoa21", lookups)
    assert shares(links)[(K, E5)] == pytest.approx(1 / 3)


def test_the_way_back_uses_the_same_output_areas() -> None:
    lookups = Lookups(lsoa11_lsoa21=CHANGES, oa21=AREAS)
    back = shares(build_links("lsoa21", "lsoa11", lookups))
    assert back[(E6, K)] == pytest.approx(100 / 600)
    assert back[(E5, K)] == 1
    # A merged area goes back by output areas too.
    assert back[("E01900007", M)] == 0.25


def test_the_way_back_adds_the_parts_of_a_split() -> None:
    split = pd.DataFrame({"lsoa11": [K, K], "lsoa21": [E5, E6], "change": ["S", "S"]})
    links = build_links("lsoa21", "lsoa11", Lookups(lsoa11_lsoa21=split))
    assert carry_counts(pd.Series({E5: 3.0, E6: 4.0}), links).to_dict() == {K: 7}


def test_the_way_back_averages_rates_by_people() -> None:
    split = pd.DataFrame({"lsoa11": [K, K], "lsoa21": [E5, E6], "change": ["S", "S"]})
    lookups = Lookups(lsoa11_lsoa21=split, people=pd.Series({E5: 100.0, E6: 300.0}))
    links = build_links("lsoa21", "lsoa11", lookups)
    assert carry_rates(pd.Series({E5: 0.1, E6: 0.5}), links)[K] == pytest.approx(0.4)


def test_data_zones_go_by_the_people_of_each_pair_where_given() -> None:
    zones = pd.DataFrame(
        {
            "dz11": ["S01006506", "S01006506"],
            "dz22": ["S01013482", "S01013483"],
            "people": [100.0, 300.0],
        }
    )
    links = build_links("dz11", "dz22", Lookups(dz11_dz22=zones))
    assert links["share"].tolist() == [0.25, 0.75]


def test_a_missing_lookup_is_named() -> None:
    with pytest.raises(DataError, match="dz11_dz22"):
        build_links("dz11", "dz22", Lookups())


# --- counts survive any chain -------------------------------------------------------------

GEOGRAPHIES = ["oa21", "lsoa21", "lsoa11"]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Lookups, dict[str, list[str]]]:
    """Draw a little country: output areas, its areas of two years, who became what."""
    old = [f"E010001{at:02d}" for at in range(draw(st.integers(1, 6)))]
    new = [f"E010002{at:02d}" for at in range(draw(st.integers(1, 6)))]
    pairs = {(o, draw(st.sampled_from(new))) for o in old}
    pairs |= {(draw(st.sampled_from(old)), n) for n in new}
    changes = pd.DataFrame(sorted(pairs), columns=["lsoa11", "lsoa21"])
    changes["change"] = draw(st.sampled_from(["X", "S", "M"]))
    small = [f"E000003{at:02d}" for at in range(draw(st.integers(1, 12)))]
    parts = pd.DataFrame({"oa21": small, "lsoa21": [draw(st.sampled_from(new)) for _ in small]})
    if draw(st.booleans()):
        parts["lsoa11"] = [draw(st.sampled_from(old)) for _ in small]
    if draw(st.booleans()):
        parts["people"] = [float(draw(st.integers(0, 400))) for _ in small]
    known = draw(st.lists(st.sampled_from([*old, *new]), unique=True))
    people = pd.Series({code: float(draw(st.integers(0, 3000))) for code in known}, dtype=float)
    lookups = Lookups(lsoa11_lsoa21=changes, oa21=parts, people=people)
    return lookups, {"oa21": small, "lsoa21": new, "lsoa11": old}


@settings(max_examples=60, deadline=None)
@given(st.data(), worlds(), st.lists(st.booleans(), min_size=1, max_size=5))
def test_counts_survive_any_chain(
    data: st.DataObject, world: tuple[Lookups, dict[str, list[str]]], turns: list[bool]
) -> None:
    lookups, codes = world
    start = data.draw(st.sampled_from(GEOGRAPHIES))
    way = [start]
    for _ in turns:
        way.append({"oa21": "lsoa21", "lsoa21": "lsoa11", "lsoa11": "lsoa21"}[way[-1]])
    counts = pd.Series(
        {code: float(data.draw(st.integers(0, 10_000))) for code in codes[start]}, dtype=float
    )
    carried = counts
    for source, target in pairwise(way):
        links = build_links(source, target, lookups)
        # An area of which no output area is known has no people to hand on.
        full = carried.reindex(sorted(set(links["source"])), fill_value=0.0)
        carried = carry_counts(full, links)
    assert carried.sum() == pytest.approx(counts.sum(), rel=1e-9, abs=1e-9)
    assert (carried >= 0).all()


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_the_shares_of_each_source_add_up_to_one(
    world: tuple[Lookups, dict[str, list[str]]],
) -> None:
    for source, target in [("lsoa11", "lsoa21"), ("lsoa21", "lsoa11"), ("oa21", "lsoa21")]:
        links = build_links(source, target, world[0])
        assert links["share"].groupby(links["source"]).sum().tolist() == pytest.approx(
            [1.0] * links["source"].nunique()
        )


# --- published lookups --------------------------------------------------------------------


@pytest.fixture(scope="module")
def national(shared: Path) -> pd.DataFrame:
    rows = pd.read_parquet(shared / "oracles/lookup_lsoa11_lsoa21_ltla22.parquet")
    rows = rows[["lsoa11_code", "lsoa21_code", "change_code"]]
    return rows.set_axis(["lsoa11", "lsoa21", "change"], axis=1)


def test_the_national_lookup_has_the_changes_it_should(national: pd.DataFrame) -> None:
    assert national["change"].value_counts().to_dict() == {
        "U": 33_647,
        "S": 1_900,
        "M": 239,
        "X": 9,
    }


@pytest.mark.parametrize("way", [("lsoa11", "lsoa21"), ("lsoa21", "lsoa11")])
def test_totals_hold_both_ways_on_all_35795_rows(
    national: pd.DataFrame, way: tuple[str, str]
) -> None:
    source, target = way
    codes = sorted(national[source].unique())
    people = pd.Series(
        {code: 900.0 + at % 701 for at, code in enumerate(sorted(national[target].unique()))}
    )
    counts = pd.Series({code: float((at * 37) % 1009) for at, code in enumerate(codes)})
    links = build_links(source, target, Lookups(lsoa11_lsoa21=national), people=people)
    carried = carry_counts(counts, links)
    assert len(links) == 35_795
    assert set(carried.index) == set(national[target])
    # To the last person, before any rounding.
    assert abs(carried.sum() - counts.sum()) < 0.001


def test_there_and_back_keeps_unchanged_areas_as_they_were(national: pd.DataFrame) -> None:
    lookups = Lookups(lsoa11_lsoa21=national)
    counts = pd.Series(
        {code: float(at % 97) for at, code in enumerate(national["lsoa11"].unique())}
    )
    there = carry_counts(counts, build_links("lsoa11", "lsoa21", lookups))
    back = carry_counts(there, build_links("lsoa21", "lsoa11", lookups))
    same = national.loc[national["change"].isin(["U", "S"]), "lsoa11"].unique()
    assert (back.loc[same] - counts.loc[same]).abs().max() < 1e-9
