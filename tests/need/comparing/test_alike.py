"""Places with a like profile: distances worked out by hand, and what a place stands out in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from places import SOURCE
from scipy.spatial.distance import cdist

from planner.errors import ProjectError
from planner.layers import LayerKind, LayerSpec
from planner.need.comparing.alike import build_district_profiles, find_alike

PLACES = pd.Index(["A", "B", "C", "D", "E"], name="place")
#: Mean 3 and standard deviation √2 in both, whatever their units.
PROFILES = pd.DataFrame(
    {"low": [1.0, 2.0, 3.0, 4.0, 5.0], "far": [1000.0, 5000.0, 2000.0, 3000.0, 4000.0]},
    index=PLACES,
)


def spec(key: str, kind: LayerKind) -> LayerSpec:
    return LayerSpec(
        id=key,
        title=key.title(),
        unit="",
        kind=kind,
        high_is="worse",
        geography="lsoa21",
        source=SOURCE,
    )


class TestFindAlike:
    def test_the_distance_is_the_root_of_the_mean_square_in_standard_deviations(self) -> None:
        found = find_alike(PROFILES, "A", n=4)
        # From A: B is 1 and 4 steps away, C 2 and 1, D 3 and 2, E 4 and 3; a step is 1 / √2.
        wanted = {
            code: np.sqrt((a * a + b * b) / 2 / 2)
            for code, a, b in [("C", 2, 1), ("D", 3, 2), ("B", 1, 4), ("E", 4, 3)]
        }
        assert list(found.nearest.index) == list(wanted)
        assert found.nearest["distance"].to_dict() == pytest.approx(wanted)

    def test_it_agrees_with_scipy_on_forty_places(self) -> None:
        rng = np.random.default_rng(5)
        table = pd.DataFrame(rng.lognormal(size=(40, 6)), index=[f"P{i:02}" for i in range(40)])
        table.columns = [f"m{i}" for i in range(6)]
        z = (table - table.mean()) / table.std(ddof=0)
        far = pd.Series(cdist(z.to_numpy(), z.to_numpy())[7] / np.sqrt(6), index=table.index)
        found = find_alike(table, "P07", n=12)
        wanted = far.drop("P07").sort_values().head(12)
        assert list(found.nearest.index) == list(wanted.index)
        assert found.nearest["distance"].to_numpy() == pytest.approx(wanted.to_numpy())

    def test_units_do_not_matter(self) -> None:
        other = PROFILES.assign(far=PROFILES["far"] / 1e6 + 7)
        first, second = (find_alike(p, "A", n=4).nearest for p in (PROFILES, other))
        pd.testing.assert_frame_equal(first, second)

    def test_the_order_of_the_places_does_not_matter(self) -> None:
        first, second = (find_alike(p, "C", n=4).nearest for p in (PROFILES, PROFILES[::-1]))
        pd.testing.assert_frame_equal(first, second)

    def test_a_weight_of_none_leaves_a_measure_out(self) -> None:
        found = find_alike(PROFILES, "A", n=4, weights={"far": 0})
        assert list(found.nearest.index) == ["B", "C", "D", "E"]
        assert found.measures == ("low",)

    def test_ties_go_by_code(self) -> None:
        table = pd.DataFrame({"m": [0.0, 1.0, -1.0, 1.0, 5.0]}, index=["X", "D", "C", "B", "A"])
        assert list(find_alike(table, "X", n=4).nearest.index) == ["B", "C", "D", "A"]

    def test_standing_out_is_against_the_alike_only(self) -> None:
        found = find_alike(PROFILES, "A", n=3)
        row = found.standing.loc["far"]
        group = PROFILES.loc[["C", "D", "B"], "far"]
        assert row["difference_sd"] == pytest.approx((1000 - group.mean()) / group.std(ddof=1))
        assert row["alike_mean"] == pytest.approx(10000 / 3)
        assert row["z"] == pytest.approx(-np.sqrt(2))
        assert "stands out in" in found.findings[-1]

    def test_it_says_that_it_goes_by_the_stated_measures_only(self) -> None:
        assert "nearest neighbours" in find_alike(PROFILES, "A", n=3).method

    def test_a_place_without_a_measure_is_left_out_and_named(self) -> None:
        table = PROFILES.copy()
        table.loc["C", "far"] = np.nan
        found = find_alike(table, "A", n=3)
        assert "C" not in found.nearest.index
        assert {note.what: note.items for note in found.notes} == {"places_left_out": ("C",)}

    def test_a_measure_that_the_place_lacks_is_left_out_and_named(self) -> None:
        table = PROFILES.copy()
        table.loc["A", "far"] = np.nan
        found = find_alike(table.assign(flat=1.0), "A", n=4)
        assert found.measures == ("low",)
        assert {note.what: note.items for note in found.notes} == {
            "measures_unknown": ("far",),
            "measures_constant": ("flat",),
        }

    @pytest.mark.parametrize(
        ("place", "n", "weights", "words"),
        [
            ("Z", 3, None, "no profile of this place"),
            ("A", 9, None, "4 other places"),
            ("A", 2, None, "4 other places"),
            ("A", 3, {"low": -1}, "below zero"),
            ("A", 3, {"lwo": 1}, "no measure 'lwo'"),
            ("A", 3, {"low": 0, "far": 0}, "No measure tells"),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, place: str, n: int, weights: dict[str, float] | None, words: str
    ) -> None:
        with pytest.raises(ProjectError, match=words) as caught:
            find_alike(PROFILES, place, n=n, weights=weights)
        assert len(str(caught.value).splitlines()) <= 2


class TestProfiles:
    AREAS = pd.Index([f"E0100000{i}" for i in range(1, 7)], name="area_code")
    HOME = pd.Series(["P", "P", "Q", "Q", "Q"], index=AREAS[:5])
    PEOPLE = pd.Series([1000.0, 3000.0, 1000.0, 1000.0, 2000.0, 9000.0], index=AREAS)
    VALUES = pd.DataFrame({"m": [1.0, 2.0, 4.0, 6.0, 8.0, 99.0]}, index=AREAS)

    def test_by_residents(self) -> None:
        found = build_district_profiles(self.VALUES, self.HOME, self.PEOPLE)
        assert found["m"].to_dict() == {"P": 1.75, "Q": 6.5}

    def test_without_residents_every_area_counts_alike(self) -> None:
        found = build_district_profiles(self.VALUES, self.HOME)
        assert found["m"].to_dict() == {"P": 1.5, "Q": 6.0}

    def test_a_district_with_too_few_figures_is_not_known(self) -> None:
        values = self.VALUES.copy()
        values.loc["E01000005", "m"] = np.nan
        found = build_district_profiles(values, self.HOME, self.PEOPLE)
        assert np.isnan(found.loc["Q", "m"])
        assert found.loc["P", "m"] == 1.75

    def test_of_ranks_the_share_in_the_worst_fifth_is_taken(self) -> None:
        ranks = pd.DataFrame({"m": [2.0, 1.0, 3.0, 4.0, 5.0]}, index=self.AREAS[:5])
        specs = {"m": replace(spec("m", "rank"), high_is="better")}
        found = build_district_profiles(ranks, self.HOME, self.PEOPLE, specs=specs)
        assert found["m"].to_dict() == {"P": 0.75, "Q": 0.0}

    def test_counts_are_set_against_residents_or_left_out(self) -> None:
        specs = {"m": spec("m", "count")}
        found = build_district_profiles(self.VALUES, self.HOME, self.PEOPLE, specs=specs)
        assert found.loc["P", "m"] == pytest.approx(1000 * 3 / 4000)
        assert not len(build_district_profiles(self.VALUES, self.HOME, specs=specs).columns)
