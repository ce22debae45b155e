"""Figures move from one geography to another without people being lost or made up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import CODES, SOURCE, tiny_area

from planner.area import StudyArea
from planner.crosswalk import Lookups, Target, to_area_geography, to_geography
from planner.errors import DataError
from planner.layers import LayerKind, LayerSpec, PublishedTable

# The six squares of 2021 (people 1000, 1000, 2000, 1000, 500, 1500) and what they were in 2011:
# the first is unchanged; the second and third were one area; the fourth was two; the fifth and
# sixth changed in a complex way (part of K went to each, L went to the sixth).
E1, E2, E3, E4, E5, E6 = CODES
U, S, M1, M2, K, L = E1, "E01000020", "E01000041", "E01000042", "E01000050", "E01000060"
CHANGES = pd.DataFrame(
    [
        (U, E1, "U"),
        (S, E2, "S"),
        (S, E3, "S"),
        (M1, E4, "M"),
        (M2, E4, "M"),
        (K, E5, "X"),
        (K, E6, "X"),
        (L, E6, "X"),
    ],
    columns=["lsoa11", "lsoa21", "change"],
)
UPPER = pd.DataFrame(
    [
        (U, "E02000001"),
        (S, "E02000001"),
        (M1, "E02000001"),
        (M2, "E02000002"),
        (K, "E02000002"),
        (L, "E02000002"),
    ],
    columns=["lsoa11", "msoa11"],
)
LOOKUPS = Lookups(lsoa11_lsoa21=CHANGES, lsoa11_msoa11=UPPER)
OLD = [U, S, M1, M2, K, L]


def table(
    kind: LayerKind,
    values: list[float],
    *,
    index: list[str] = OLD,
    geography: str = "lsoa11",
    counts: pd.DataFrame | None = None,
    suppressed: list[bool] | None = None,
) -> PublishedTable:
    spec = LayerSpec(
        id="x",
        title="X",
        unit="u",
        kind=kind,
        high_is="worse",
        geography=geography,
        source=SOURCE,
    )
    return PublishedTable(
        values=pd.DataFrame({"x": values}, index=index, dtype=float),
        specs={"x": spec},
        geography=geography,
        counts=counts,
        suppressed=pd.DataFrame({"x": suppressed}, index=index) if suppressed else None,
    )


def carried(published: PublishedTable, area: StudyArea | None = None) -> pd.DataFrame:
    values, status, _ = to_area_geography(published, area or tiny_area(), LOOKUPS)
    return pd.DataFrame({"value": values["x"], "status": status["x"]})


def test_the_same_geography_is_as_published() -> None:
    got = carried(table("score", [1.0, 2.0], index=[E1, E3], geography="lsoa21"))
    assert got["value"].dropna().to_dict() == {E1: 1.0, E3: 2.0}
    assert got["status"].tolist() == ["published", "missing", "published"] + ["missing"] * 3


def test_withheld_is_not_the_same_as_missing() -> None:
    published = table(
        "score", [float("nan"), 2.0], index=[E1, E3], geography="lsoa21", suppressed=[True, False]
    )
    assert carried(published)["status"].tolist()[:3] == ["suppressed", "missing", "published"]


def test_scores_are_inherited_by_splits_and_averaged_by_merges() -> None:
    got = carried(table("score", [10, 20, 30, 50, 60, 80]))
    assert got["value"].tolist() == [10, 20, 20, 40, 60, 70]
    assert got["status"].tolist() == [
        "published",
        "inherited",
        "inherited",
        "merged",
        "inherited",
        "apportioned",
    ]


def test_counts_are_shared_by_population_and_added() -> None:
    got = carried(table("count", [10, 30, 5, 7, 40, 100]))
    # 30 over 1000 and 2000 people; 40 over 500 and 1500.
    assert got["value"].tolist() == [10, 10, 20, 12, 10, 130]
    assert got["status"].tolist() == [
        "published",
        "apportioned",
        "apportioned",
        "merged",
        "apportioned",
        "apportioned",
    ]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=6, max_size=6))
def test_counts_keep_their_total(counts: list[int]) -> None:
    got = carried(table("count", [float(count) for count in counts]))
    assert got["value"].sum() == pytest.approx(sum(counts))


def test_shares_are_rebuilt_from_their_counts() -> None:
    counts = pd.DataFrame(
        {"x.n": [1.0, 2, 1, 9, 4, 0], "x.d": [10.0, 20, 10, 10, 8, 12]}, index=OLD
    )
    got = carried(table("share", (counts["x.n"] / counts["x.d"]).tolist(), counts=counts))
    # Merge: (1 + 9) / (10 + 10). Complex: three quarters of K's 4 of 8 with L's 0 of 12.
    assert got["value"].tolist() == pytest.approx([0.1, 0.1, 0.1, 0.5, 0.5, 3 / (6 + 12)])


def test_shares_without_counts_are_averaged_and_say_so() -> None:
    published = table("share", [0.1, 0.1, 0.2, 0.4, 0.5, 0.5])
    values, _, notes = to_area_geography(published, tiny_area(), LOOKUPS)
    assert values.loc[E4, "x"] == pytest.approx(0.3)
    assert [n.items for n in notes if n.what == "merged_equal_weights"] == [(E4, E6)]


def test_rates_are_averaged_by_people_where_these_are_known() -> None:
    people = pd.Series([1000.0, 3000, 300, 900, 2000, 500], index=OLD)
    published = table("rate", [0.1, 0.1, 0.2, 0.4, 0.5, 0.7])
    values, _, notes = to_area_geography(published, tiny_area(), replace(LOOKUPS, people=people))
    # Merge: (300 x 0.2 + 900 x 0.4) / 1200. Complex: 1500 of K's 2000 at 0.5 and L's 500 at 0.7.
    assert values["x"].tolist() == pytest.approx([0.1, 0.1, 0.1, 0.35, 0.5, 0.55])
    assert [n.items for n in notes if n.what == "merged_people_weights"] == [(E4, E6)]


def test_output_areas_are_added_up() -> None:
    parts = pd.DataFrame({"oa21": ["E00000001", "E00000002", "E00000003"], "lsoa21": [E1, E1, E2]})
    published = table("count", [3, 4, 5], index=list(parts["oa21"]), geography="oa21")
    values, status, _ = to_area_geography(published, tiny_area(), Lookups(oa21=parts))
    assert values["x"].dropna().to_dict() == {E1: 7, E2: 5}
    assert status["x"].to_dict()[E1] == "merged"


def test_rates_of_output_areas_are_averaged_by_people() -> None:
    parts = pd.DataFrame(
        {"oa21": ["E00000001", "E00000002"], "lsoa21": [E1, E1], "people": [100.0, 300.0]}
    )
    published = table("rate", [0.1, 0.5], index=list(parts["oa21"]), geography="oa21")
    values, _, _ = to_area_geography(published, tiny_area(), Lookups(oa21=parts))
    assert values.loc[E1, "x"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("geography", "name", "code"),
    [("msoa21", "lsoa21_msoa21", "E02"), ("ward", "lsoa21_ward", "E05")],
)
def test_larger_areas_of_2021_are_inherited(geography: str, name: str, code: str) -> None:
    codes = [f"{code}000001"] * 4 + [f"{code}000002"] * 2
    lookup = pd.DataFrame({"lsoa21": CODES, geography: codes})
    published = table("years", [80, 84], index=sorted(set(codes)), geography=geography)
    values, status, _ = to_area_geography(published, tiny_area(), Lookups(**{name: lookup}))
    assert values["x"].tolist() == [80] * 4 + [84] * 2
    assert set(status["x"]) == {"inherited"}


def test_ranks_are_never_carried_over() -> None:
    with pytest.raises(DataError, match="ranks are never carried over"):
        carried(table("rank", [1, 2, 3, 4, 5, 6]))


def test_ranks_beside_scores_are_left_out_and_listed() -> None:
    ranked, scored = table("rank", [1, 2, 3, 4, 5, 6]), table("score", [6, 5, 4, 3, 2, 1])
    both = replace(
        scored,
        values=scored.values.assign(rank=ranked.values["x"]),
        specs={**scored.specs, "rank": replace(ranked.specs["x"], id="rank")},
    )
    values, status, notes = to_area_geography(both, tiny_area(), LOOKUPS)
    assert (list(values), list(status)) == (["x"], ["x"])
    assert [n.items for n in notes if n.what == "rank_not_carried_over"] == [("rank",)]


def test_complex_changes_are_kept_and_listed() -> None:
    _, _, notes = to_area_geography(table("count", [1] * 6), tiny_area(), LOOKUPS)
    assert [n.items for n in notes if n.what == "complex_changes"] == [(E5, E6)]


def test_one_missing_part_of_a_merge_leaves_the_whole_unknown() -> None:
    published = table(
        "count", [1, 1, float("nan"), 1, 1, 1], suppressed=[False, False, True] + [False] * 3
    )
    got = carried(published)
    assert (pd.isna(got.loc[E4, "value"]), got.loc[E4, "status"]) == (True, "suppressed")


def test_a_part_outside_the_area_keeps_its_share() -> None:
    area = tiny_area()
    smaller = replace(
        area,
        areas=gpd.GeoDataFrame(area.areas.loc[[E1, E2]]),
        points=gpd.GeoDataFrame(area.points.loc[[E1, E2]]),
    )
    values, _, notes = to_area_geography(table("count", [10, 30, 5, 7, 40, 100]), smaller, LOOKUPS)
    # How many live in the other part is not known here: half of the count, and it is said.
    assert values["x"].to_dict() == {E1: 10, E2: 15}
    assert [n.items for n in notes if n.what == "split_shares_equal"] == [(E2,)]


def test_a_merge_with_an_area_the_file_lacks_is_unknown() -> None:
    got = carried(table("score", [10, 30], index=[U, M1]))
    assert got["status"].to_dict()[E4] == "missing"


def test_larger_areas_are_inherited_also_where_two_are_averaged() -> None:
    published = table("years", [80, 84], index=["E02000001", "E02000002"], geography="msoa11")
    values, status, notes = to_area_geography(published, tiny_area(), LOOKUPS)
    assert values["x"].tolist() == [80, 80, 80, 82, 84, 84]
    assert set(status["x"]) == {"inherited"}
    assert [n.items for n in notes if n.what == "averaged_over_larger_areas"] == [(E4,)]


def test_areas_the_lookup_does_not_know_are_listed() -> None:
    lookups = Lookups(lsoa11_lsoa21=CHANGES[CHANGES["lsoa21"] != E1])
    values, _, notes = to_area_geography(table("score", [1] * 6), tiny_area(), lookups)
    assert pd.isna(values.loc[E1, "x"])
    assert [n.items for n in notes if n.what == "lookup_missing_areas"] == [(E1,)]


def test_a_missing_lookup_is_named() -> None:
    with pytest.raises(DataError, match="lsoa11_lsoa21"):
        to_area_geography(table("score", [1] * 6), tiny_area(), Lookups())


@pytest.mark.parametrize(("geography", "code"), [("dz11", "S01006506"), ("iz11", "S02000001")])
def test_what_cannot_be_bridged_is_refused(geography: str, code: str) -> None:
    with pytest.raises(DataError, match="cannot be carried over"):
        carried(table("score", [1], index=[code], geography=geography))


@pytest.mark.parametrize("geography", ["lsoa11", "lsoa21"])
def test_a_table_of_somewhere_else_is_refused(geography: str) -> None:
    with pytest.raises(DataError, match="none of the 6 areas of Sixsquares"):
        carried(table("score", [1], index=["E01009999"], geography=geography))


def test_nothing_that_was_given_is_changed() -> None:
    published = table("count", [10, 30, 5, 7, 40, 100])
    before = (published.values.copy(), CHANGES.copy())
    carried(published)
    pd.testing.assert_frame_equal(published.values, before[0])
    pd.testing.assert_frame_equal(CHANGES, before[1])


# --- published lookups --------------------------------------------------------------------


def test_the_national_lookup_keeps_every_count_and_the_nine_complex_rows(shared: Path) -> None:
    rows = pd.read_parquet(shared / "oracles/lookup_lsoa11_lsoa21_ltla22.parquet")
    changes = rows[["lsoa11_code", "lsoa21_code", "change_code"]]
    changes = changes.set_axis(["lsoa11", "lsoa21", "change"], axis=1)
    codes = pd.Index(sorted(changes["lsoa21"].unique()), name="area_code")
    area = tiny_area()
    stretched = gpd.GeoDataFrame(
        {
            "area_name": codes,
            "nation": "England",
            "population": [1000.0 + at % 700 for at in range(len(codes))],
            "in_place": True,
        },
        geometry=[area.areas.geometry.iloc[0]] * len(codes),
        index=codes,
        crs=area.areas.crs,
    )
    points = gpd.GeoDataFrame(
        {"area_code": codes, "weight": 1.0},
        geometry=[area.points.geometry.iloc[0]] * len(codes),
        index=pd.Index(codes, name="point_id"),
        crs=area.areas.crs,
    )
    whole = replace(area, areas=stretched, points=points)
    old = sorted(changes["lsoa11"].unique())
    published = table("count", [float(at % 97) for at in range(len(old))], index=old)
    values, status, notes = to_area_geography(published, whole, Lookups(lsoa11_lsoa21=changes))
    assert values["x"].sum() == pytest.approx(published.values["x"].sum(), rel=1e-12)
    complex_targets = set(rows.loc[rows["change_code"] == "X", "lsoa21_code"])
    assert {n.what: set(n.items) for n in notes}["complex_changes"] == complex_targets
    assert values["x"].notna().all()
    assert status.loc[sorted(complex_targets), "x"].isin(["apportioned", "inherited"]).all()


def test_any_set_of_areas_can_be_asked_for() -> None:
    # The split area has 300 people in squares of 1,000 and 2,000 people.
    target = Target(
        name="two squares",
        geography="lsoa21",
        index=pd.Index([E2, E3], name="area_code"),
        codes=pd.Index([E2, E3]),
        people=pd.Series({E2: 1000.0, E3: 2000.0}),
    )
    counts = table("count", [1.0, 300.0, 1.0, 1.0, 1.0, 1.0])
    values, status, _ = to_geography(counts, target, LOOKUPS)
    assert values["x"].to_dict() == {E2: 100.0, E3: 200.0}
    assert set(status["x"]) == {"apportioned"}


def test_without_people_a_split_is_shared_equally() -> None:
    target = Target(
        name="two squares",
        geography="lsoa21",
        index=pd.Index([E2, E3], name="area_code"),
        codes=pd.Index([E2, E3]),
        people=pd.Series(dtype=float),
    )
    counts = table("count", [1.0, 300.0, 1.0, 1.0, 1.0, 1.0])
    values, _, notes = to_geography(counts, target, LOOKUPS)
    assert values["x"].tolist() == [150.0, 150.0]
    assert "split_shares_equal" in {note.what for note in notes}
