"""Nothing under the threshold can be told from what is shown, by whatever subtraction."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from places import CODES, tiny_area, tiny_layers
from scipy.optimize import linprog

from planner.errors import DataError, ProjectError
from planner.private import (
    NOTHING,
    SHOWN_ONLY,
    WHOLE,
    PrivateLayer,
    Protected,
    Statement,
    add_private_layer,
    build_note,
    build_private_table,
    build_protected,
    recoverable,
    say_count,
    to_statements,
)


def protect(
    counts: list[int], groups: list[str] | None = None, *, threshold: int = 10, inside: int = 0
) -> Protected:
    """Protect the counts of areas called A00, A01, ...; the first ``inside`` are the place."""
    codes = pd.Index([f"A{i:02d}" for i in range(len(counts))], name="area_code")
    frame = None
    if groups is not None:
        frame = pd.DataFrame({"group": groups, "group_name": groups}, index=codes)
        frame = frame[frame["group"] != ""]
    place = codes[: inside or len(codes)]
    series = pd.Series(counts, index=codes)
    return build_protected(series, place, threshold=threshold, groups=frame)


def total(protected: Protected, code: str = "") -> pd.Series:
    return protected.totals.set_index("code").loc[code]


def test_under_ten_is_withheld_and_the_rest_is_rounded_to_five() -> None:
    shown = protect([0, 1, 9, 10, 12, 13, 17, 18, 100]).counts
    assert shown.iloc[:3].isna().all()
    assert shown.iloc[3:].tolist() == [10, 10, 15, 15, 20, 100]


def test_a_single_withheld_area_is_in_no_total() -> None:
    protected = protect([20, 30, 4])
    assert total(protected)["count"] == 50
    assert total(protected)["covers"] == SHOWN_ONLY


def test_two_withheld_areas_are_in_no_total_either() -> None:
    # 9 + 9 = 18: a total with them would say that both are 9.
    assert total(protect([20, 9, 9]))["count"] == 20


def test_many_withheld_areas_are_shown_together() -> None:
    # 4 + 5 + 6 + 7 = 22, shown as 20; beside it 30.
    protected = protect([30, 4, 5, 6, 7])
    assert total(protected)["count"] == 50
    assert total(protected)["covers"] == WHOLE


def test_withheld_areas_that_are_nearly_full_are_not_shown_together() -> None:
    # Three nines make 27; 25 or more over three areas would leave none of them below 7.
    protected = protect([30, 9, 9, 9])
    assert total(protected)["count"] == 30
    assert protected.pooled.isna().all()


def test_groups_are_pooled_apart_and_the_place_adds_up_what_is_shown() -> None:
    protected = protect([4, 5, 6, 7, 30, 3, 12, 0], ["w1"] * 4 + ["w2"] * 2 + ["w3"] * 2)
    assert [total(protected, g)["count"] for g in ("w1", "w2", "w3")] == [20, 30, 10]
    assert [total(protected, g)["covers"] for g in ("w1", "w2")] == [WHOLE, SHOWN_ONLY]
    assert total(protected)["count"] == 60
    assert total(protected)["covers"] == SHOWN_ONLY


def test_a_group_with_nothing_to_show_has_no_count() -> None:
    protected = protect([1, 0, 50], ["w1", "w1", "w2"])
    assert np.isnan(total(protected, "w1")["count"])
    assert total(protected, "w1")["covers"] == NOTHING


def test_areas_without_a_group_are_in_no_pool() -> None:
    protected = protect([4, 5, 6, 7, 8, 8, 8, 8], ["w1"] * 4 + [""] * 4)
    assert total(protected)["count"] == 20
    assert total(protected)["covers"] == SHOWN_ONLY


def test_context_areas_are_counted_but_in_no_total() -> None:
    protected = protect([20, 30, 400], inside=2)
    assert protected.counts["A02"] == 400
    assert total(protected)["count"] == 50


@pytest.mark.parametrize("threshold", [0, 3, 7, 12])
def test_a_threshold_that_rounding_would_betray_is_refused(threshold: int) -> None:
    with pytest.raises(ProjectError, match="multiple of 5"):
        protect([10], threshold=threshold)


def test_a_count_that_is_not_rounded_cannot_be_held() -> None:
    good = protect([10, 20])
    with pytest.raises(DataError, match="not rounded"):
        Protected(
            threshold=10,
            counts=good.counts + 1,
            pooled=good.pooled,
            members=good.members,
            totals=good.totals,
        )


def test_numbers_of_rows_are_only_said_roughly() -> None:
    assert [say_count(n, 10) for n in (0, 9, 10, 14, 1233)] == [
        "fewer than 10",
        "fewer than 10",
        "about 10",
        "about 15",
        "about 1,235",
    ]


# --- the audit itself -----------------------------------------------------------------------


def test_the_audit_finds_plain_subtraction() -> None:
    # A ward of 27 with two areas of 10 to 12 (10 shown) and one withheld: 27 - 24 to 27 - 20.
    said = [
        Statement(areas=frozenset("a"), least=10, most=12),
        Statement(areas=frozenset("b"), least=10, most=12),
        Statement(areas=frozenset("c"), least=0, most=9),
        Statement(areas=frozenset("abc"), least=27, most=27),
    ]
    [found] = recoverable(said, 10)
    assert (found.area_code, found.least, found.most) == ("c", 3, 7)


def test_the_audit_finds_subtraction_across_two_ways_of_grouping() -> None:
    hidden = [Statement(areas=frozenset(a), least=0, most=9) for a in "abcd"]
    drawn = [
        Statement(areas=frozenset("abc"), least=14, most=14),
        Statement(areas=frozenset("abcd"), least=19, most=19),
    ]
    found = {r.area_code: (r.least, r.most) for r in recoverable([*hidden, *drawn], 10)}
    assert found["d"] == (5, 5)


def test_the_audit_refuses_statements_that_cannot_all_be_true() -> None:
    said = [
        Statement(areas=frozenset("a"), least=0, most=9),
        Statement(areas=frozenset("a"), least=12, most=15),
    ]
    with pytest.raises(DataError, match="contradict"):
        recoverable(said, 10)


CASES = st.integers(1, 14).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 30) | st.integers(0, 9), min_size=size, max_size=size),
        st.lists(st.sampled_from(["", "w1", "w2", "w3"]), min_size=size, max_size=size),
        st.sampled_from([5, 10, 15]),
        st.booleans(),
    )
)


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_from_all_that_is_shown_no_withheld_count_is_narrowed_at_all(
    case: tuple[list[int], list[str], int, bool],
) -> None:
    counts, groups, threshold, grouped = case
    grouped = grouped and any(groups)
    protected = protect(counts, groups if grouped else None, threshold=threshold)
    assert recoverable(to_statements(protected) + _of_totals(protected), threshold) == []


@settings(max_examples=25, deadline=None)
@given(CASES)
def test_an_independent_solver_agrees_that_every_withheld_count_is_free(
    case: tuple[list[int], list[str], int, bool],
) -> None:
    counts, _, threshold, _ = case
    said = to_statements(protect(counts, threshold=threshold))
    areas = sorted({a for s in said for a in s.areas})
    rows = np.array([[1.0 if a in s.areas else 0.0 for a in areas] for s in said])
    upper, lower = [s.most for s in said], [-s.least for s in said]
    for at, area in enumerate(areas):
        if counts[at] >= threshold:
            continue
        for sign, bound in ((1, 0), (-1, threshold - 1)):
            cost = np.zeros(len(areas))
            cost[at] = sign
            # The sets in question are nested, so the relaxation is exact.
            found = linprog(cost, A_ub=np.vstack([rows, -rows]), b_ub=[*upper, *lower])
            assert found.fun * sign == pytest.approx(bound), area


def _of_totals(protected: Protected) -> list[Statement]:
    """Return what a reader makes of the written totals: true within the rounding of their parts."""
    said = []
    for _, row in protected.totals.iterrows():
        if np.isnan(row["count"]):
            continue
        mine = protected.members.index
        if row["level"] == "group":
            mine = mine[protected.members == row["code"]]
        if row["covers"] != WHOLE:
            continue
        codes = mine if row["level"] == "group" else protected.counts.index
        slack = 2 * (len(codes) + len(protected.pooled))
        said.append(
            Statement(
                areas=frozenset(codes),
                least=max(int(row["count"]) - slack, 0),
                most=int(row["count"]) + slack,
            )
        )
    return said


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_who_knows_the_rules_by_heart_learns_no_more(size: int) -> None:
    """Try every set of true counts; those that look alike must leave each withheld one free.

    This also covers what can be told from a total *not* being shown.
    """
    threshold, most = 5, 7 if size < 4 else 5
    looks: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    for counts in product(range(most + 1), repeat=size):
        protected = protect(list(counts), threshold=threshold)
        shown = tuple(protected.counts.fillna(-1)), tuple(protected.totals["count"].fillna(-1))
        looks.setdefault(shown, []).append(counts)
    for (cells, _), alike in looks.items():
        for at, cell in enumerate(cells):  # type: ignore[arg-type, var-annotated]
            if cell == -1:
                assert {counts[at] for counts in alike} == set(range(threshold))


# --- as a layer -----------------------------------------------------------------------------


def in_tiny(counts: list[int], people: list[float] | None = None) -> tuple[PrivateLayer, object]:
    area = tiny_area()
    protected = build_protected(pd.Series(counts, index=area.areas.index), area.codes, threshold=10)
    population = area.areas["population"] if people is None else pd.Series(people, index=CODES)
    layers = add_private_layer(
        tiny_layers(),
        protected,
        population,
        layer_id="cases",
        title="Cases",
        geography="lsoa21",
        among="residents",
    )
    return PrivateLayer(id="cases", title="Cases", protected=protected), layers


def test_a_rate_is_of_the_rounded_count() -> None:
    # 12 cases of 1,000 people: shown as 10, so 10 per 1,000; 33 of 2,000: 35, so 17.5.
    _, layers = in_tiny([12, 9, 33, 0, 20, 60])
    assert layers.values["cases"].iloc[[0, 2]].tolist() == [10.0, 17.5]
    assert layers.status["cases"].tolist()[:4] == [
        "published",
        "suppressed",
        "published",
        "suppressed",
    ]
    assert layers.specs["cases"].rounded_to == 5


def test_there_is_no_rate_of_a_small_or_unknown_group() -> None:
    _, layers = in_tiny([20] * 6, [1000, 8, 0, float("nan"), 1000, 1000])
    assert layers.status["cases"].tolist()[1:4] == ["suppressed", "missing", "missing"]


def test_a_layer_of_the_same_name_is_refused() -> None:
    private, layers = in_tiny([20] * 6)
    with pytest.raises(ProjectError, match="already"):
        add_private_layer(
            layers,
            private.protected,
            tiny_area().areas["population"],
            layer_id="cases",
            title="Cases",
            geography="lsoa21",
            among="residents",
        )


def test_the_source_names_no_file() -> None:
    _, layers = in_tiny([20] * 6)
    source = layers.specs["cases"].source
    assert (source.file, source.sha256) == ("", "")
    assert "private" in source.publisher


def test_the_note_says_which_areas_are_withheld() -> None:
    private, _ = in_tiny([12, 9, 33, 0, 20, 60])
    note = build_note(private, tiny_area().codes)
    assert (note.count, note.items) == (2, (CODES[1], CODES[3]))


def test_the_table_has_every_area_and_the_place() -> None:
    private, _ = in_tiny([12, 9, 33, 0, 20, 60])
    table = build_private_table([private], tiny_area().areas)
    assert table["level"].tolist() == ["area"] * 6 + ["place"]
    assert table["count"].dropna().tolist() == [10, 35, 20, 60, 125]
