from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from squares import square_place

from planner.area import StudyArea
from planner.bundle import Signatures, build_signatures
from planner.errors import DataError
from planner.need.space.neighbours import build_neighbours
from planner.project import SpatialSettings
from planner.standards import build_standards

LIMIT = 20.0


def near(area: StudyArea, minutes: Sequence[float | str]) -> pd.DataFrame:
    """Return minutes, or a status in their place, as access has them."""
    said = [one if isinstance(one, str) else "reached" for one in minutes]
    value = [np.nan if isinstance(one, str) else float(one) for one in minutes]
    return pd.DataFrame({"value": value, "status": said}, index=area.codes)


def signatures(
    minutes: Mapping[str, Sequence[float | str]], area: StudyArea | None = None, **more: Any
) -> Signatures:
    area = area or square_place(1, 4)
    return build_signatures(
        {kind: near(area, values) for kind, values in minutes.items()},
        build_standards(dict.fromkeys(minutes, LIMIT), minutes),
        area,
        build_neighbours(area, SpatialSettings()),
        permutations=99,
        **more,
    )


FOUR = {
    "library": [30, 10, 20, 25],
    "gp": [40, "unreachable", 5, 21],
}


def test_a_signature_is_what_is_beyond_its_standard_or_not_reached() -> None:
    found = signatures(FOUR)
    # Exactly the standard is within it.
    assert found.areas["signature"].tolist() == ["gp + library", "gp", "none", "gp + library"]
    assert found.areas["signature_kinds_out"].tolist() == [2, 1, 0, 2]


def test_too_far_and_no_route_are_out_of_reach_alike() -> None:
    found = signatures({"gp": ["over_cutoff", "unreachable", 5, 6]})
    assert found.areas["signature"].tolist() == ["gp", "gp", "none", "none"]


@pytest.mark.parametrize("status", ["not_connected", "outside_extent", "no_data"])
def test_what_is_not_known_is_neither_in_nor_out(status: str) -> None:
    found = signatures({**FOUR, "gp": [40, status, 5, 21]})
    assert found.areas["signature"].tolist()[1] == "not known"
    assert found.areas["signature_kinds_unknown"].tolist() == ["", "gp", "", ""]
    assert pd.isna(found.areas["signature_kinds_out"].iloc[1])
    assert found.out["gp"].isna().tolist() == [False, True, False, False]


def test_a_kind_that_is_known_nowhere_is_left_out_and_told() -> None:
    found = signatures({**FOUR, "food_bank": ["no_data"] * 4})
    assert found.areas["signature"].tolist() == ["gp + library", "gp", "none", "gp + library"]
    notes = {note.what: note.items for note in found.notes}
    assert notes["signature_kind_unknown"] == ("food_bank",)


def test_where_no_kind_is_known_at_all_every_area_is_not_known() -> None:
    found = signatures({"gp": ["no_data"] * 4, "library": ["no_data"] * 4})
    assert found.areas["signature"].eq("not known").all()
    assert found.combinations["signature"].tolist() == ["not known"]


def test_signatures_are_counted_in_areas_and_people() -> None:
    found = signatures(FOUR).combinations
    assert found["signature"].tolist() == ["gp + library", "gp", "none"]
    assert found["areas"].tolist() == [2, 1, 1]
    assert found["people"].tolist() == [3000, 1500, 1500]
    assert found["people_share"].tolist() == [0.5, 0.25, 0.25]
    assert found[["gp", "library"]].to_numpy().tolist() == [
        [True, True],
        [True, False],
        [False, False],
    ]


def test_not_known_comes_last_however_common() -> None:
    found = signatures({"gp": ["no_data", "no_data", "no_data", 5]})
    assert found.combinations["signature"].tolist() == ["none", "not known"]


def test_kinds_are_counted_by_themselves() -> None:
    found = signatures({**FOUR, "gp": [40, "no_data", 5, 21]}).kinds
    assert found.loc["gp"].tolist() == [2, 3000, 1]
    assert found.loc["library"].tolist() == [2, 3000, 0]


def test_pairs_are_areas_that_miss_both() -> None:
    row = signatures(FOUR).pairs.iloc[0]
    assert (row["kind"], row["other_kind"], row["areas"], row["people"]) == (
        "gp",
        "library",
        2,
        3000,
    )


def test_the_commonest_signature_of_each_larger_area() -> None:
    area = square_place(1, 4)
    larger = pd.Series(["E02000001", "E02000001", "E02000002", None], index=area.codes)
    found = signatures(FOUR, area, larger=larger).dominant
    # One of each in the first; of equals the one that comes first by name.
    assert found["signature"].tolist() == ["gp", "none"]
    assert found["areas"].tolist() == [2, 1]
    assert found["signature_areas"].tolist() == [1, 0]


def test_the_order_of_kinds_changes_nothing() -> None:
    one, two = signatures(FOUR), signatures(dict(reversed(FOUR.items())))
    pd.testing.assert_frame_equal(one.areas, two.areas)
    pd.testing.assert_frame_equal(one.combinations, two.combinations)


def grid(seed: int | None = None) -> tuple[StudyArea, list[float]]:
    """Return 12 × 12 squares with minutes drawn for each, or growing from a corner."""
    area = square_place(12, 12)
    count = len(area.codes)
    if seed is None:
        return area, [float(sum(divmod(at, 12))) * 2 for at in range(count)]
    return area, np.random.default_rng(seed).uniform(0, 30, count).tolist()


def test_maps_that_are_one_are_missed_together_more_than_chance() -> None:
    area, drawn = grid(seed=1)
    found = signatures({"gp": drawn, "library": drawn}, area)
    row = found.pairs.iloc[0]
    # Of 99 random maps none comes near.
    assert row["p_value"] == pytest.approx(1 / 100)
    assert bool(row["more_than_chance"])
    assert any(text.startswith("GP practice and library are") for text in found.findings)


def test_the_commonest_combination_is_said_to_be_just_that() -> None:
    area = square_place(1, 4)
    people = area.place["population"].astype(float).tolist()
    # The library is out of reach in three squares, but alone in two of them.
    found = signatures({"gp": [1.0, 1, 99, 1], "library": [99.0, 99, 99, 1]}, area)
    assert found.findings[0] == (
        f"The commonest combination out of reach in {area.name} is the library alone: 2 areas "
        f"with {people[0] + people[1]:,.0f} people."
    )
    both = signatures({"gp": [1.0, 1, 99, 99], "library": [1.0, 1, 99, 99]}, area)
    assert both.findings[0].startswith(
        f"The commonest combination out of reach in {area.name} is just the GP practice and the "
        "library: 2 areas with "
    )


def test_maps_that_avoid_each_other_are_not() -> None:
    area, drawn = grid(seed=1)
    found = signatures({"gp": drawn, "library": [30 - one for one in drawn]}, area)
    assert not bool(found.pairs.iloc[0]["more_than_chance"])
    assert any(text.startswith("No pair") for text in found.findings)


def test_of_several_pairs_each_is_held_against_all() -> None:
    area, drawn = grid(seed=1)
    other = grid(seed=2)[1]
    pairs = signatures({"gp": drawn, "library": drawn, "food_bank": other}, area).pairs
    held = pairs.set_index(["kind", "other_kind"])
    first = held.loc[("gp", "library")]
    assert first["p_value_all_pairs"] == pytest.approx(3 * first["p_value"])
    assert pairs["p_value_all_pairs"].between(pairs["p_value"], 1).all()


def test_a_kind_out_of_reach_everywhere_is_not_tested() -> None:
    area, drawn = grid(seed=1)
    found = signatures({"gp": drawn, "library": [99.0] * len(drawn)}, area)
    assert found.chance.empty
    assert pd.isna(found.pairs.iloc[0]["more_than_chance"])
    assert "signature_untested" in {note.what for note in found.notes}


def test_few_areas_are_not_tested() -> None:
    found = signatures(FOUR)
    assert found.chance.empty
    assert "signature_untested" in {note.what for note in found.notes}


def test_the_same_seed_gives_the_same_table() -> None:
    area, slope = grid()
    minutes = {"gp": slope, "library": slope[::-1]}
    one, two = (signatures(minutes, area, seed=3).pairs for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_an_empty_bundle_is_refused() -> None:
    with pytest.raises(DataError, match="empty"):
        signatures({})
