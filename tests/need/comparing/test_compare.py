"""Two places side by side: values worked out by hand, and what is refused and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from places import SOURCE
from shapely.geometry import box

from planner.area import CRS, StudyArea
from planner.errors import ProjectError
from planner.layers import Layers, LayerSpec
from planner.need.comparing.compare import Comparison, Side, compare_places
from planner.project import NeedSettings

#: People, then income (high worse), then life expectancy (high better), then claimants.
WEST = {
    "E01900001": (1000.0, 0.10, 84.0, 10.0),
    "E01900002": (1000.0, 0.30, 78.0, 20.0),
    "E01900003": (2000.0, 0.20, 80.0, 30.0),
}
EAST = {"E01900011": (1000.0, 0.40, 76.0, 40.0), "E01900012": (3000.0, 0.35, 77.0, 50.0)}
SPECS = {
    "income": ("Income deprivation", "share", "share", "worse", "income"),
    "life_expectancy": ("Life expectancy", "years", "years", "better", "health"),
    "claimants": ("Claimants", "people", "count", "neither", None),
}


def spec(key: str, **change: Any) -> LayerSpec:
    title, unit, kind, high, domain = SPECS[key]
    made = LayerSpec(
        id=key,
        title=title,
        unit=unit,
        kind=kind,  # type: ignore[arg-type]
        high_is=high,  # type: ignore[arg-type]
        geography="lsoa21",
        domain=domain,
        source=SOURCE,
    )
    return replace(made, **change)


def side(name: str, rows: dict[str, tuple[float, ...]], nation: str = "England") -> Side:
    index = pd.Index(list(rows), name="area_code")
    squares = [box(i, 0, i + 1, 1) for i in range(len(rows))]
    areas = gpd.GeoDataFrame(
        {
            "area_name": list(rows),
            "nation": nation,
            "population": [row[0] for row in rows.values()],
            "in_place": True,
            "geometry": squares,
        },
        index=index,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": list(rows), "weight": 1.0, "geometry": [s.centroid for s in squares]},
        # Both places count their points from p0.
        index=pd.Index([f"p{i}" for i in range(len(rows))], name="point_id"),
        crs=CRS,
    )
    area = StudyArea(
        name=name,
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="population-weighted",
    )
    values = pd.DataFrame(
        {key: [row[at] for row in rows.values()] for at, key in enumerate(SPECS, start=1)},
        index=index,
    )
    status = pd.DataFrame("published", index=index, columns=values.columns)
    layers = Layers(values=values, specs={key: spec(key) for key in SPECS}, status=status)
    return Side(area=area, layers=layers)


def with_spec(given: Side, key: str, **change: Any) -> Side:
    specs = {**given.layers.specs, key: replace(given.layers.specs[key], **change)}
    return replace(given, layers=replace(given.layers, specs=specs))


def compared(first: Side | None = None, second: Side | None = None, **need: Any) -> Comparison:
    return compare_places(
        first or side("West", WEST), second or side("East", EAST), NeedSettings(**need)
    )


class TestMeasures:
    def test_a_share_is_averaged_by_residents_and_says_so(self) -> None:
        row = compared().measures.loc["income"]
        assert row["first"] == pytest.approx(0.2)
        assert row["second"] == pytest.approx(0.3625)
        assert row["difference"] == pytest.approx(-0.1625)
        assert row["how"] == "mean by residents"

    def test_a_count_is_set_against_residents(self) -> None:
        row = compared().measures.loc["claimants"]
        assert row["first"] == pytest.approx(1000 * 60 / 4000)
        assert row["unit"] == "people per 1,000 residents"

    def test_the_worst_fifth_is_of_the_areas_of_both(self) -> None:
        row = compared().measures.loc["income"]
        assert row["first_share_worst_fifth"] == 0.0
        assert row["second_share_worst_fifth"] == pytest.approx(1000 / 4000)

    def test_the_effect_is_in_standard_deviations_of_people(self) -> None:
        # Variances 0.005 and 0.00046875, as many people in each place.
        row = compared().measures.loc["income"]
        assert row["effect_size"] == pytest.approx(-0.1625 / 0.002734375**0.5)

    def test_low_is_worse_where_high_is_better(self) -> None:
        row = compared().measures.loc["life_expectancy"]
        assert row["effect_size"] > 0
        assert row["chance_first_worse"] == 0.0
        assert (row["worse_off"], row["size"]) == ("East", "much")

    def test_what_is_neither_worse_nor_better_is_not_judged(self) -> None:
        row = compared().measures.loc["claimants"]
        assert row["worse_off"] == ""
        assert pd.isna(row["first_share_worst_fifth"])

    def test_ranks_are_never_averaged(self) -> None:
        change = {"kind": "rank", "high_is": "better", "domain": None}
        west = with_spec(side("West", WEST), "claimants", **change)
        east = with_spec(side("East", EAST), "claimants", **change)
        row = compared(west, east).measures.loc["claimants"]
        assert (row["first"], row["how"]) == (20.0, "median by residents")
        assert pd.isna(row["effect_size"])

    def test_mean_and_pairs_that_disagree_make_neither_worse_off(self) -> None:
        # East's mean is higher (0.2125 to 0.2), yet in 9 of 16 pairs the one of West is worse off.
        east = {"E01900011": (1000.0, 0.4, 76.0, 1.0), "E01900012": (3000.0, 0.15, 77.0, 1.0)}
        row = compared(second=side("East", east)).measures.loc["income"]
        assert row["chance_first_worse"] == pytest.approx(9 / 16)
        assert row["worse_off"] == "alike"

    def test_an_area_without_a_figure_is_counted_and_left_out(self) -> None:
        west = side("West", WEST)
        values, status = west.layers.values.copy(), west.layers.status.copy()
        values.loc["E01900003", "income"], status.loc["E01900003", "income"] = None, "missing"
        layers = replace(west.layers, values=values, status=status)
        row = compared(replace(west, layers=layers)).measures.loc["income"]
        assert row["first"] == pytest.approx(0.2)
        assert row["first_areas_without"] == 1


class TestNeed:
    def test_ranks_are_among_the_areas_of_both(self) -> None:
        need = compared(weights={"income": 1}).need
        assert need is not None
        assert need.scores["need_rank"].to_dict() == {
            "E01900011": 1, "E01900012": 2, "E01900002": 3, "E01900003": 4, "E01900001": 5,
        }  # fmt: skip

    def test_the_official_summaries_are_by_place(self) -> None:
        found = compared(weights={"income": 1}).summaries
        # Ranks turned round: West 1, 3 and 2 (twice the people); East 5 and 4 (three times).
        assert found.loc["West", "average_rank"] == pytest.approx((1 + 3 + 2 * 2) / 4)
        assert found.loc["East", "average_rank"] == pytest.approx((5 + 3 * 4) / 4)
        assert found.loc["East", "share_worst_fifth"] == pytest.approx(1 / 4)

    def test_places_in_the_other_order_give_the_same_ranks(self) -> None:
        other = compared(side("East", EAST), side("West", WEST)).need
        mine = compared().need
        assert mine is not None
        assert other is not None
        pd.testing.assert_frame_equal(mine.scores, other.scores)

    def test_without_a_domain_in_common_figures_still_stand(self) -> None:
        east = side("East", EAST)
        for key in ("income", "life_expectancy"):
            east = with_spec(east, key, source=replace(SOURCE, vintage="2019"))
        found = compared(second=east)
        assert found.need is None
        assert list(found.measures.index) == ["claimants"]
        assert "no_domain_in_common" in {note.what for note in found.notes}

    def test_a_domain_that_is_not_in_common_is_named(self) -> None:
        east = with_spec(side("East", EAST), "income", source=replace(SOURCE, vintage="2019"))
        found = compared(second=east, weights={"income": 2, "health": 1})
        notes = {note.what: note.items for note in found.notes}
        assert notes["domains_not_in_common"] == ("income",)
        assert notes["weights_left_out"] == ("income",)

    def test_a_target_of_a_domain_that_is_not_in_common_is_left_out(self) -> None:
        east = with_spec(side("East", EAST), "income", source=replace(SOURCE, vintage="2019"))
        targets = {"income": 0.1, "health": 85.0}
        found = compared(second=east, normalisation="target", targets=targets)
        assert found.need is not None
        assert found.need.settings.targets == {"health": 85.0}

    def test_where_only_weights_of_nought_are_left_all_count_alike(self) -> None:
        east = with_spec(side("East", EAST), "income", source=replace(SOURCE, vintage="2019"))
        found = compared(second=east, weights={"income": 1, "health": 0})
        assert found.need is not None
        assert found.need.weights.to_dict() == {"health": 1.0}


class TestLeftOut:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"source": replace(SOURCE, vintage="2019")}, "of other dates (2026; 2019)"),
            ({"source": replace(SOURCE, publisher="Else")}, "of other publishers (Nobody; Else)"),
            ({"geography": "msoa11"}, "published for other areas"),
            ({"unit": "%"}, "in other units or directions"),
        ],
    )
    def test_a_layer_that_is_not_the_same_figure(self, change: dict, reason: str) -> None:
        found = compared(second=with_spec(side("East", EAST), "income", **change))
        assert reason in found.left_out.loc["income", "reason"]
        assert "income" not in found.measures.index

    def test_a_layer_that_one_place_has_alone(self) -> None:
        east = side("East", EAST)
        layers = east.layers
        kept = ["income", "claimants"]
        layers = Layers(
            values=layers.values[kept],
            specs={key: layers.specs[key] for key in kept},
            status=layers.status[kept],
        )
        found = compared(second=replace(east, layers=layers))
        assert found.left_out.loc["life_expectancy", "reason"] == "only in West"


class TestRefused:
    def refusal(self, first: Side, second: Side) -> str:
        with pytest.raises(ProjectError) as caught:
            compare_places(first, second, NeedSettings())
        assert len(str(caught.value).splitlines()) <= 2
        return str(caught.value)

    def test_the_same_place_twice(self) -> None:
        assert "same 3 areas" in self.refusal(side("West", WEST), side("Other name", WEST))

    def test_areas_that_are_in_both(self) -> None:
        both = {"E01900003": WEST["E01900003"], **EAST}
        assert "share 1 area (first: E01900003)" in self.refusal(
            side("West", WEST), side("East", both)
        )

    def test_two_nations(self) -> None:
        welsh = {f"W{code[1:]}": row for code, row in EAST.items()}
        text = self.refusal(side("West", WEST), side("East", welsh, "Wales"))
        assert "West is in England, East is in Wales" in text
        assert "common_measure" in text

    def test_two_nations_whose_areas_differ_are_told_that_they_are_two_nations(self) -> None:
        welsh = side("East", {f"W{code[1:]}": row for code, row in EAST.items()}, "Wales")
        other = replace(welsh, area=replace(welsh.area, geography="lsoa11"))
        assert "East is in Wales" in self.refusal(side("West", WEST), other)

    def test_other_small_areas(self) -> None:
        east = side("East", EAST)
        text = self.refusal(
            side("West", WEST), replace(east, area=replace(east.area, geography="lsoa11"))
        )
        assert "areas of other sizes" in text

    def test_nothing_in_common(self) -> None:
        east = side("East", EAST)
        for key in SPECS:
            east = with_spec(east, key, source=replace(SOURCE, vintage="2019"))
        assert "no layer in common: of other dates (2026; 2019): 3" in self.refusal(
            side("West", WEST), east
        )


class TestWords:
    def test_say_who_is_worse_off_in_what(self) -> None:
        text = " ".join(compared().findings)
        assert "West is worse off in none of 2 measures." in text
        assert "East is worse off in 2 of 2 measures" in text
        assert "income deprivation (36.2% against 20.0%)" in text

    def test_two_places_of_one_name_are_told_apart(self) -> None:
        found = compared(side("Town", WEST), side("Town", EAST))
        assert found.names == ("Town (first)", "Town (second)")
        assert list(found.summaries.index) == list(found.names)

    def test_say_that_areas_are_not_people(self) -> None:
        assert compared().caveat.startswith("Areas are not people")


class TestCommonMeasure:
    """Two nations stand beside each other by the documented common measure only."""

    def nation_side(self, name: str, rows: dict, nation: str, prefix: str) -> Side:
        made = side(name, rows, nation)
        source = replace(SOURCE, vintage="2019")
        ids = [f"{prefix}_score", f"{prefix}_employment{'' if prefix == 'iod' else '_rate'}"]
        values = pd.DataFrame(
            {ids[0]: [30.0 + i for i in range(len(rows))], ids[1]: [0.1] * len(rows)},
            index=made.area.codes,
        )
        specs = {
            ids[0]: spec("income", id=ids[0], kind="score", source=source),
            ids[1]: spec("income", id=ids[1], source=source),
            "claimants": spec("claimants"),
        }
        values["claimants"] = 5.0
        status = pd.DataFrame("published", index=values.index, columns=values.columns)
        return replace(made, layers=Layers(values=values, specs=specs, status=status))

    def test_need_of_both_is_on_it_and_no_other_figure_is_compared(self) -> None:
        welsh = {f"W{code[1:]}": row for code, row in EAST.items()}
        found = compare_places(
            self.nation_side("West", WEST, "England", "iod"),
            self.nation_side("East", welsh, "Wales", "wimd"),
            NeedSettings(common_measure="employment"),
        )
        assert found.need is not None
        assert list(found.need.weights.index) == ["common_measure"]
        assert sorted(found.need.scores["need_rank"]) == [1, 2, 3, 4, 5]
        assert not len(found.measures)
        assert found.left_out.loc["claimants", "reason"] == "not comparable between nations"
