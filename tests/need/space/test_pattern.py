from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from squares import code, square_place

from planner.errors import DataError
from planner.need.space.neighbours import Neighbours, build_neighbours
from planner.need.space.pattern import (
    HOTSPOT_WORDS,
    WORDS,
    Measured,
    SpatialPattern,
    build_pattern,
    say_decimals,
    say_pattern,
)
from planner.project import SpatialSettings

SETTINGS = SpatialSettings(permutations=199)
NEED = Measured(
    measure="need_score",
    title="Need",
    geography="squares",
    high="great need",
    low="little need",
)


def beside(*grid: int, **more: object) -> Neighbours:
    return build_neighbours(square_place(*grid, **more), SETTINGS)


def noise(neighbours: Neighbours, seed: int = 1) -> pd.Series:
    random = np.random.default_rng(seed)
    return pd.Series(random.normal(size=len(neighbours.codes)), index=neighbours.codes)


def pattern_of(values: pd.Series, neighbours: Neighbours, **more: object) -> SpatialPattern:
    return build_pattern(values, neighbours, SETTINGS.model_copy(update=more), NEED)


BLOCK = [code(r, c) for r in range(4, 7) for c in range(4, 7)]


@pytest.fixture(scope="module")
def planted() -> SpatialPattern:
    """Nine squares in the midst of 225 stand four standard deviations above the noise."""
    neighbours = beside(15, 15)
    values = noise(neighbours)
    values[BLOCK] += 4.0
    return pattern_of(values, neighbours)


def test_a_planted_cluster_is_found_and_is_the_only_one(planted: SpatialPattern) -> None:
    found = planted.table.index[planted.table["cluster"] == "high_high"]
    assert set(found) <= set(BLOCK)
    assert code(5, 5) in found
    assert len(found) >= 5
    assert planted.groups["high_high"] == 1


def test_its_surroundings_make_a_hot_spot(planted: SpatialPattern) -> None:
    hot = planted.table.index[planted.table["hotspot"] == "hot"]
    # All but the block's corners have at least five of its squares beside them.
    assert {code(4, 5), code(5, 4), code(5, 5), code(5, 6), code(6, 5)} <= set(hot)
    ring = {code(r, c) for r in range(3, 8) for c in range(3, 8)}
    assert set(hot) <= ring
    assert (planted.table.loc[hot, "hotspot_z"] > 0).all()


def test_control_calls_fewer_than_p_alone(planted: SpatialPattern) -> None:
    called = planted.table["cluster"].isin(["high_high", "low_low", "high_low", "low_high"]).sum()
    alone = int((planted.table["cluster_p"] <= 0.05).sum())
    assert called < alone
    assert planted.without_control["cluster"] == alone


def test_mirrored_values_mirror_the_classes() -> None:
    neighbours = beside(12, 12)
    values = noise(neighbours)
    values[BLOCK] += 4.0
    one, other = pattern_of(values, neighbours), pattern_of(-values, neighbours)
    swap = {"high_high": "low_low", "low_low": "high_high", "hot": "cold", "cold": "hot"}
    swap |= {"high_low": "low_high", "low_high": "high_low"}
    for column in ("cluster", "hotspot"):
        assert one.table[column].replace(swap).equals(other.table[column])
    assert one.moran.i == pytest.approx(other.moran.i)


def test_a_checkerboard_is_unlike_between_neighbours() -> None:
    """By shared sides only, every neighbour differs: a line of squares, high and low in turn."""
    neighbours = beside(1, 40)
    values = pd.Series(np.tile([1.0, 2.0], 20), index=neighbours.codes)
    pattern = pattern_of(values, neighbours)
    assert pattern.moran.i == pytest.approx(-1.0)
    assert pattern.verdict == "unlike"
    assert "differs between neighbours" in say_pattern(pattern, pd.Series())[0]


def test_the_order_of_areas_changes_nothing() -> None:
    neighbours = beside(10, 10)
    values = noise(neighbours)
    one = pattern_of(values, neighbours)
    other = pattern_of(values.sample(frac=1.0, random_state=3), neighbours)
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.moran == other.moran


def test_another_unit_changes_nothing() -> None:
    neighbours = beside(10, 10)
    values = noise(neighbours)
    one, other = pattern_of(values, neighbours), pattern_of(values * 1000 + 5e5, neighbours)
    columns = ["cluster", "cluster_p", "hotspot", "hotspot_p"]
    pd.testing.assert_frame_equal(one.table[columns], other.table[columns])


def test_islands_and_unknown_areas_are_told_apart_and_not_tested() -> None:
    neighbours = beside(5, 5, without=[(0, 1), (1, 0), (1, 1)])
    values = noise(neighbours)
    values[code(4, 4)] = np.nan
    table = pattern_of(values, neighbours).table
    assert table.loc[code(0, 0), ["cluster", "hotspot"]].tolist() == ["island", "island"]
    assert table.loc[code(4, 4), ["cluster", "hotspot"]].tolist() == ["no_data", "no_data"]
    assert table.loc[[code(0, 0), code(4, 4)], ["cluster_p", "hotspot_z"]].isna().all(axis=None)


def test_an_unknown_area_takes_no_part_in_its_neighbours_result() -> None:
    """With the unknown square cut out of the place altogether, all others are as before."""
    whole, cut = beside(6, 6), beside(6, 6, without=[(2, 2)])
    values = noise(whole)
    values[code(2, 2)] = np.nan
    one = pattern_of(values, whole)
    other = pattern_of(values.drop(code(2, 2)), cut)
    pd.testing.assert_frame_equal(one.table.drop(code(2, 2)), other.table)
    note = next(note for note in one.notes if note.what == "clusters_no_data")
    assert note.items == (code(2, 2),)
    assert "8 areas beside them" in note.text


def test_an_area_whose_neighbours_are_all_unknown_is_not_tested() -> None:
    neighbours = beside(5, 5)
    values = noise(neighbours)
    values[[code(0, 1), code(1, 0), code(1, 1)]] = np.nan
    pattern = pattern_of(values, neighbours)
    assert pattern.table.loc[code(0, 0), "cluster"] == "island"
    note = next(note for note in pattern.notes if note.what == "clusters_neighbours_unknown")
    assert note.items == (code(0, 0),)


@pytest.mark.parametrize(
    ("value", "word", "classes"),
    [
        (3.0, "the same in every area", {"not_tested"}),
        (np.nan, "no area has a figure", {"no_data"}),
    ],
)
def test_constant_and_absent_figures_are_told_in_words(
    value: float, word: str, classes: set[str]
) -> None:
    neighbours = beside(4, 4)
    pattern = pattern_of(pd.Series(value, index=neighbours.codes), neighbours)
    assert word in pattern.reason
    assert set(pattern.table["cluster"]) == classes
    assert pattern.verdict == "not_tested"
    assert say_pattern(pattern, pd.Series()) == (
        f"Need: not tested for clusters: {pattern.reason}.",
    )


def test_few_areas_tell_nothing() -> None:
    neighbours = beside(3, 3)
    pattern = pattern_of(noise(neighbours), neighbours)
    assert pattern.reason.startswith("9 of 9 areas (squares) have a figure and a neighbour")
    assert pattern.to_row()["areas_tested"] == 0
    assert pattern.to_row()["not_tested"] == pattern.reason


def test_three_values_only_are_tested() -> None:
    neighbours = beside(8, 8)
    values = pd.Series(np.random.default_rng(1).integers(0, 3, 64) * 1.0, index=neighbours.codes)
    assert pattern_of(values, neighbours).tested == 64


def test_a_figure_without_bounds_is_no_figure() -> None:
    neighbours = beside(5, 5)
    values = noise(neighbours)
    values[code(0, 0)] = np.inf
    assert pattern_of(values, neighbours).table.loc[code(0, 0), "cluster"] == "no_data"


def test_an_area_with_two_values_is_refused() -> None:
    neighbours = beside(5, 5)
    values = noise(neighbours)
    with pytest.raises(DataError, match="more than once"):
        pattern_of(pd.concat([values, values[:1]]), neighbours)


def test_the_row_of_the_summary_counts_its_classes(planted: SpatialPattern) -> None:
    row = planted.to_row()
    assert row["areas"] == row["areas_tested"] == 225
    assert row["high_high_count"] == int((planted.table["cluster"] == "high_high").sum())
    assert row["hot_count"] == int((planted.table["hotspot"] == "hot").sum())
    assert row["moran_expected"] == pytest.approx(-1 / 224)
    assert row["high_means"] == "great need"


def test_sentences_say_what_lies_where_and_what_control_took_away(
    planted: SpatialPattern,
) -> None:
    said = say_pattern(planted, pd.Series(dtype=object))
    assert said[0].startswith("Need is not scattered: areas with great need lie next to others")
    high, plain = planted.count("high_high"), planted.without_control["cluster"]
    assert f"{high} areas with great need lie among others with great need, in one group" in said[1]
    assert f"{plain} areas would have been named" in said[1]


def test_an_area_that_stands_out_is_named() -> None:
    neighbours = beside(15, 15)
    values = noise(neighbours)
    ring = [code(r, c) for r in range(4, 7) for c in range(4, 7) if (r, c) != (5, 5)]
    values[ring] += 8.0
    values[code(5, 5)] = -2.0
    pattern = pattern_of(values, neighbours)
    assert pattern.table.loc[code(5, 5), "cluster"] == "low_high"
    said = " ".join(say_pattern(pattern, pd.Series({code(5, 5): "Mill Lane"})))
    assert "stand" in said
    assert "Mill Lane" in said


def test_noise_is_said_to_be_noise() -> None:
    neighbours = beside(10, 10)
    pattern = pattern_of(noise(neighbours, seed=2), neighbours)
    said = say_pattern(pattern, pd.Series())
    # A large p is no proof of chance, so nothing says that chance scattered it.
    assert "is no more alike between neighbours than chance can make it" in said[0]
    assert "is scattered" not in said[0]
    assert "no area lies among its like beyond chance" in said[1]


def test_every_class_has_its_words() -> None:
    kinds = {"high_high", "low_low", "high_low", "low_high"}
    rest = {"none", "island", "no_data", "not_tested"}
    assert set(WORDS) == kinds | rest
    assert set(HOTSPOT_WORDS) == {"hot", "cold"} | rest


@pytest.mark.parametrize(
    ("number", "words"), [(0.618, "0.62"), (-0.0135, "−0.01"), (-0.001, "0"), (1.0, "1.00")]
)
def test_numbers_are_short_and_nought_has_no_sign(number: float, words: str) -> None:
    assert say_decimals(number) == words


def test_nothing_found_is_not_said_to_be_chance_in_part() -> None:
    neighbours = beside(4, 4)
    pattern = pattern_of(noise(neighbours, seed=2), neighbours)
    none = replace(pattern, table=pattern.table.assign(cluster="none"),
                   without_control={"cluster": 0, "hotspot": 0})  # fmt: skip
    said = " ".join(say_pattern(none, pd.Series()))
    assert "no area lies among its like beyond chance." in said
    assert "of these at most by chance" not in said
