from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.need.together.coincidence import (
    AREA_COLUMNS,
    NONE,
    NOT_KNOWN,
    Coincidence,
    build_coincidence,
    build_combinations,
    build_dominant,
)


def codes(count: int) -> pd.Index:
    return pd.Index([f"E019{i:05d}" for i in range(1, count + 1)], name="area_code")


def table(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, index=codes(len(next(iter(columns.values())))), dtype=float)


#: Ten areas; worst fifth of health: 1, 2; of work: 1, 10. Nobody else is in either.
TEN = table(
    health=[10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
    work=[10, 8, 7, 6, 5, 4, 3, 2, 1, 9],
)


def row(found: Coincidence, at: int) -> pd.Series:
    return found.areas.iloc[at]


# Counting by hand


def test_count_in_the_worst_fifth() -> None:
    assert build_coincidence(TEN).areas["worst_fifth_count"].tolist() == [2, 1] + [0] * 7 + [1]


def test_count_in_the_worst_tenth() -> None:
    assert build_coincidence(TEN).areas["worst_tenth_count"].tolist() == [2] + [0] * 9


def test_least_bad_is_the_smaller_percentile() -> None:
    # The second area: 2nd of 10 in health = 0.9, 3rd of 10 in work = 0.8.
    assert row(build_coincidence(TEN), 1)["tandem_least_bad"] == pytest.approx(0.8)


def test_worst_is_the_larger_percentile() -> None:
    assert row(build_coincidence(TEN), 1)["tandem_worst"] == pytest.approx(0.9)


def test_least_bad_domain_is_named() -> None:
    assert row(build_coincidence(TEN), 1)["tandem_least_bad_domain"] == "work"


def test_worst_domain_is_named() -> None:
    assert row(build_coincidence(TEN), 1)["tandem_worst_domain"] == "health"


def test_combination_names_the_domains() -> None:
    assert build_coincidence(TEN).areas["tandem_combination_fifth"].tolist() == [
        "health + work",
        "health",
        *[NONE] * 7,
        "work",
    ]


def test_rank_goes_by_least_bad_not_by_the_mean() -> None:
    # The last area is 2nd in work but last in health (0.1), so only the ninth, which is last in
    # work (0.1) and 9th in health, comes after it.
    assert build_coincidence(TEN).areas["tandem_rank"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 10, 9]


def test_equal_least_bad_goes_by_the_next_one() -> None:
    # Percentiles: 2/3 and 1/3; 1 and 2/3; 1/3 and 1. The first and third tie at 1/3.
    found = build_coincidence(table(a=[2, 3, 1], b=[1, 2, 3]))
    assert found.areas["tandem_rank"].tolist() == [3, 1, 2]


def test_equal_in_everything_goes_by_code() -> None:
    assert build_coincidence(table(a=[1, 1], b=[1, 1])).areas["tandem_rank"].tolist() == [1, 2]


def test_columns_are_as_agreed() -> None:
    assert list(build_coincidence(TEN).areas.columns) == AREA_COLUMNS


def test_underscores_are_not_shown() -> None:
    found = build_coincidence(table(not_working=[2, 1, 0, 0, 0], b=[2, 1, 0, 0, 0]))
    assert row(found, 0)["tandem_combination_fifth"] == "b + not working"


# Ties and few areas


def test_tie_across_the_boundary_is_wholly_on_one_side() -> None:
    # Two areas share ranks 2 and 3 of 10: 2.5 each, decile ceil(2.5) = 3, so not the worst fifth.
    found = build_coincidence(table(a=[9, 8, 8, 7, 6, 5, 4, 3, 2, 1], b=list(range(10))))
    assert found.deciles["a"].tolist()[:4] == [1, 3, 3, 4]


def test_tie_within_the_boundary_counts() -> None:
    # Two areas share ranks 1 and 2 of 10: 1.5 each, decile 2.
    found = build_coincidence(table(a=[9, 9, 8, 7, 6, 5, 4, 3, 2, 1], b=list(range(10))))
    assert found.worst("fifth")["a"].sum() == 2


def test_constant_domain_has_no_worst_fifth() -> None:
    assert not build_coincidence(table(a=[5.0] * 10, b=list(range(10)))).worst("fifth")["a"].any()


def test_floating_point_noise_is_a_tie() -> None:
    found = build_coincidence(table(a=[0.1 + 0.2, 0.3, 0.1], b=[1, 2, 3]))
    assert found.ranks["a"].tolist() == [1.5, 1.5, 3.0]


def test_of_six_areas_none_is_in_the_worst_tenth() -> None:
    found = build_coincidence(table(a=[6, 5, 4, 3, 2, 1], b=[6, 5, 4, 3, 2, 1]))
    assert (found.areas["worst_tenth_count"] == 0).all()


def test_of_six_areas_one_is_in_the_worst_fifth() -> None:
    # 10 · 1 / 6 rounded up is 2; the second area's 10 · 2 / 6 is 4.
    found = build_coincidence(table(a=[6, 5, 4, 3, 2, 1], b=[6, 5, 4, 3, 2, 1]))
    assert found.in_tandem("fifth").tolist() == ["E01900001"]


# Unknown is not "not in the worst"


def unknown() -> Coincidence:
    values = TEN.copy()
    values.iloc[0, 1] = np.nan
    return build_coincidence(values)


def test_area_with_an_unknown_domain_has_no_combination() -> None:
    assert row(unknown(), 0)["tandem_combination_fifth"] == NOT_KNOWN


def test_area_with_an_unknown_domain_has_no_least_bad() -> None:
    assert np.isnan(row(unknown(), 0)["tandem_least_bad"])


def test_area_with_an_unknown_domain_has_no_rank() -> None:
    assert row(unknown(), 0)["tandem_rank"] is pd.NA


def test_count_says_of_how_many_domains() -> None:
    assert row(unknown(), 0)[["worst_fifth_count", "tandem_known"]].tolist() == [1, 1]


def test_unknown_areas_are_not_ranked_among() -> None:
    # Work is known of nine areas: the worst tenth of nine is nobody, the worst fifth one.
    assert unknown().worst("fifth")["work"].sum() == 1


def test_area_of_which_nothing_is_known_has_no_count() -> None:
    found = build_coincidence(table(a=[np.nan, 2, 1], b=[np.nan, 2, 1]))
    assert row(found, 0)["worst_fifth_count"] is pd.NA


def test_domain_of_which_nothing_is_known() -> None:
    found = build_coincidence(table(a=[3, 2, 1], b=[np.nan] * 3))
    assert found.complete.empty


# Combinations and where they dominate

PEOPLE = pd.Series([100.0 * i for i in range(1, 11)], index=TEN.index)


def test_combinations_count_areas_and_people() -> None:
    table = build_combinations(build_coincidence(TEN).areas, PEOPLE, PEOPLE)
    both = table[(table["part"] == "fifth") & (table["combination"] == "health + work")].iloc[0]
    assert both[["domains", "areas", "people"]].tolist() == [2, 1, 100.0]


def test_combinations_share_is_of_all_people() -> None:
    table = build_combinations(build_coincidence(TEN).areas, PEOPLE, PEOPLE)
    work = table[(table["part"] == "fifth") & (table["combination"] == "work")].iloc[0]
    assert work["people_share"] == pytest.approx(1000 / 5500)


def test_combinations_mean_need_is_plain() -> None:
    table = build_combinations(build_coincidence(TEN).areas, PEOPLE, PEOPLE)
    none = table[(table["part"] == "fifth") & (table["combination"] == NONE)].iloc[0]
    assert none["need_score_mean"] == pytest.approx(600)  # areas 3 to 9


def test_combinations_add_up_to_all_areas_and_people() -> None:
    table = build_combinations(unknown().areas, PEOPLE, PEOPLE)
    sums = table.groupby("part")[["areas", "people"]].sum()
    assert sums.to_numpy().tolist() == [[10, 5500.0], [10, 5500.0]]


def test_combinations_end_with_none_and_not_known() -> None:
    table = build_combinations(unknown().areas, PEOPLE, PEOPLE)
    assert table[table["part"] == "fifth"]["combination"].tolist()[-2:] == [NONE, NOT_KNOWN]


def test_dominant_is_the_commonest_combination() -> None:
    larger = pd.Series(["A"] * 5 + ["B"] * 5, index=TEN.index)
    table = build_dominant(build_coincidence(TEN).areas, PEOPLE, larger)
    fifth = table[table["part"] == "fifth"].set_index("larger_area")
    # In A one area has both and one has health alone: equal in areas, health has more people.
    assert fifth["combination"].to_dict() == {"A": "health", "B": "work"}


def test_dominant_says_of_how_many_areas_and_people() -> None:
    larger = pd.Series(["A"] * 5 + ["B"] * 5, index=TEN.index)
    table = build_dominant(build_coincidence(TEN).areas, PEOPLE, larger)
    last = table[(table["part"] == "fifth") & (table["larger_area"] == "B")].iloc[0]
    assert last.tolist() == ["B", "fifth", 5, 4000.0, "work", 1, 1000.0]


def test_dominant_without_any_is_none() -> None:
    larger = pd.Series(["A"] * 2 + ["B"] * 7 + ["A"], index=TEN.index)
    table = build_dominant(build_coincidence(TEN).areas, PEOPLE, larger)
    calm = table[(table["part"] == "fifth") & (table["larger_area"] == "B")].iloc[0]
    assert calm[["combination", "combination_areas"]].tolist() == [NONE, 0]


def test_dominant_leaves_out_areas_without_a_larger_one() -> None:
    larger = pd.Series(["A"] * 5 + [None] * 5, index=TEN.index, dtype=object)
    table = build_dominant(build_coincidence(TEN).areas, PEOPLE, larger)
    assert table["larger_area"].unique().tolist() == ["A"]


# What always holds

places = st.integers(2, 25).flatmap(
    lambda n: st.tuples(
        st.lists(st.lists(st.integers(-5, 5), min_size=n, max_size=n), min_size=2, max_size=4),
        st.integers(0, n - 1),
        st.integers(1, 6),
    )
)


@settings(max_examples=20, deadline=None)
@given(places)
def test_no_domain_makes_up_for_another(case: tuple[list[list[int]], int, int]) -> None:
    columns, at, more = case
    values = pd.DataFrame({f"d{i}": map(float, c) for i, c in enumerate(columns)})
    values.index = codes(len(values))
    worse = values.copy()
    worse.iloc[at, 0] += more
    one, two = build_coincidence(values).deciles, build_coincidence(worse).deciles
    pd.testing.assert_frame_equal(one.iloc[:, 1:], two.iloc[:, 1:])


@settings(max_examples=20, deadline=None)
@given(places)
def test_a_worse_value_never_lowers_the_least_bad(case: tuple[list[list[int]], int, int]) -> None:
    columns, at, more = case
    values = pd.DataFrame({f"d{i}": map(float, c) for i, c in enumerate(columns)})
    values.index = codes(len(values))
    worse = values.copy()
    worse.iloc[at, 0] += more
    one, two = build_coincidence(values).areas, build_coincidence(worse).areas
    assert two["tandem_least_bad"].iloc[at] >= one["tandem_least_bad"].iloc[at]
    assert two["tandem_rank"].iloc[at] <= one["tandem_rank"].iloc[at]


@settings(max_examples=20, deadline=None)
@given(places, st.randoms(use_true_random=False))
def test_order_of_areas_and_domains_changes_nothing(
    case: tuple[list[list[int]], int, int], random: object
) -> None:
    values = pd.DataFrame({f"d{i}": map(float, c) for i, c in enumerate(case[0])})
    values.index = codes(len(values))
    order = list(range(len(values)))
    random.shuffle(order)  # type: ignore[attr-defined]
    turned = build_coincidence(values.iloc[order, ::-1]).areas
    pd.testing.assert_frame_equal(turned.reindex(values.index), build_coincidence(values).areas)


@settings(max_examples=20, deadline=None)
@given(places)
def test_counts_are_those_of_the_formula(case: tuple[list[list[int]], int, int]) -> None:
    # Worked out area by area: the average rank of those level with it, then ceil(10 r / N) <= 2.
    columns = case[0]
    n = len(columns[0])
    found = build_coincidence(
        pd.DataFrame({f"d{i}": map(float, c) for i, c in enumerate(columns)}).set_axis(codes(n))
    )
    for at in range(n):
        count = 0
        for column in columns:
            above = sum(other > column[at] for other in column)
            level = sum(other == column[at] for other in column)
            count += 5 * (2 * above + level + 1) <= 2 * n
        assert found.areas["worst_fifth_count"].iloc[at] == count
