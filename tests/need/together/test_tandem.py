from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from places import SOURCE, tiny_area, tiny_layers
from shapely.geometry import box
from threadpoolctl import threadpool_limits

from planner.area import CRS, StudyArea
from planner.errors import ProjectError
from planner.layers import Layers, LayerSpec
from planner.need import build_need, official_transform
from planner.need.together.coincidence import AREA_COLUMNS, COMBINATION_COLUMNS, NOT_KNOWN
from planner.need.together.surrogates import CHANCE_COLUMNS
from planner.need.together.tandem import Tandem, build_tandem
from planner.project import NeedSettings, TandemSettings


@pytest.fixture(scope="module", autouse=True)
def one_core() -> Iterator[None]:
    """Small matrices are multiplied sooner on one core."""
    with threadpool_limits(1):
        yield


def make_area(shapes: Mapping[str, Any], *, people: Any = 100.0, names: Any = "") -> StudyArea:
    index = pd.Index(list(shapes), name="area_code")
    areas = gpd.GeoDataFrame(
        {
            "area_name": names,
            "nation": "England",
            "population": people,
            "in_place": True,
            "geometry": list(shapes.values()),
        },
        index=index,
        crs=CRS,
    )
    points = gpd.GeoDataFrame(
        {"area_code": index, "weight": 1.0},
        geometry=areas.representative_point().to_numpy(),
        index=pd.Index(index, name="point_id"),
        crs=CRS,
    )
    return StudyArea(
        name="Gridtown",
        geography="lsoa21",
        areas=areas,
        points=points,
        points_kind="representative points",
        sources=(SOURCE,),
    )


def grid_area(side: int = 10, **options: Any) -> StudyArea:
    """Return a square of ``side`` × ``side`` areas, coded row by row."""
    cells = [(r, c) for r in range(side) for c in range(side)]
    return make_area(
        {
            f"E01{i:06d}": box(1000 * c, 1000 * r, 1000 * c + 1000, 1000 * r + 1000)
            for i, (r, c) in enumerate(cells, start=1)
        },
        **options,
    )


def make_layers(
    area: StudyArea,
    values: Mapping[str, Any],
    *,
    parents: Any = None,
    status: Mapping[str, str] | None = None,
    **spec: Any,
) -> Layers:
    frame = pd.DataFrame(values, index=area.areas.index).astype(float)
    how = pd.DataFrame("published", index=frame.index, columns=frame.columns)
    for column, one in (status or {}).items():
        how[column] = one
    specs = {
        name: LayerSpec(
            **{
                "id": name,
                "title": name,
                "unit": "score",
                "kind": "score",
                "high_is": "worse",
                "geography": "lsoa21",
                "source": SOURCE,
                "domain": name,
                **spec,
            }
        )
        for name in frame.columns
    }
    columns = {} if parents is None else {"msoa21": parents}
    return Layers(
        values=frame,
        specs=specs,
        status=how.mask(frame.isna(), "missing"),
        parents=pd.DataFrame(columns, index=frame.index),
    )


def tandem(area: StudyArea, layers: Layers, **options: Any) -> Tandem:
    settings = TandemSettings(**{"permutations": 99, **options})
    return build_tandem(build_need(layers, area, NeedSettings()), layers, area, settings)


def slugs(found: Tandem) -> set[str]:
    return {note.what for note in found.notes}


#: A hundred areas; blocks of four (2 × 2) are larger areas, so there are 25 of them.
AREA = grid_area()
BLOCKS = [f"E02{10 * (r // 2) + c // 2:06d}" for r in range(10) for c in range(10)]
FALL = np.arange(100.0, 0.0, -1.0)


def linked(**options: Any) -> Tandem:
    """Needs are highest in the first rows, in all domains."""
    rng = np.random.default_rng(1)
    values = {d: FALL + 8 * rng.standard_normal(100) for d in ("employment", "education", "health")}
    return tandem(AREA, make_layers(AREA, values, parents=BLOCKS), **options)


@pytest.fixture(scope="module")
def together() -> Tandem:
    return linked()


# Which domains


def test_usual_domains_are_taken(together: Tandem) -> None:
    assert together.domains == ("education", "employment", "health")


def test_other_names_of_the_usual_domains_are_known() -> None:
    layers = make_layers(AREA, {"worklessness": FALL, "adult_skills": FALL, "crime": FALL})
    assert tandem(AREA, layers).domains == ("adult_skills", "worklessness")


def test_domains_of_the_project_win() -> None:
    layers = make_layers(AREA, {"crime": FALL, "health": FALL, "employment": FALL})
    assert tandem(AREA, layers, domains=["health", "crime"]).domains == ("crime", "health")


def test_unknown_domain_is_refused() -> None:
    with pytest.raises(ProjectError, match=r"\[tandem\] domains: there is no domain 'helth'"):
        tandem(AREA, make_layers(AREA, {"health": FALL}), domains=["helth"])


@pytest.fixture(scope="module")
def alone() -> Tandem:
    return tandem(AREA, make_layers(AREA, {"health": FALL, "crime": FALL}))


def test_one_domain_is_told_in_words(alone: Tandem) -> None:
    assert alone.findings[0].startswith("Needs in tandem cannot be shown: they take two domains")


def test_one_domain_has_the_columns_of_a_full_result(alone: Tandem, together: Tandem) -> None:
    for name in ("areas", "combinations", "dominant", "chance", "larger"):
        assert list(getattr(alone, name).columns) == list(getattr(together, name).columns)


def test_one_domain_says_not_known_of_every_area(alone: Tandem) -> None:
    assert (alone.areas["tandem_combination_fifth"] == NOT_KNOWN).all()


def test_one_domain_has_the_types_of_a_full_result(alone: Tandem, together: Tandem) -> None:
    assert alone.areas.dtypes.astype(str).to_dict() == together.areas.dtypes.astype(str).to_dict()


# What is found


def test_columns_are_as_agreed(together: Tandem) -> None:
    assert list(together.areas.columns) == AREA_COLUMNS
    assert list(together.combinations.columns) == ["geography", *COMBINATION_COLUMNS]
    assert list(together.chance.columns) == ["geography", *CHANCE_COLUMNS]


def test_direction_of_a_layer_is_minded() -> None:
    layers = make_layers(AREA, {"health": FALL, "employment": FALL}, high_is="better")
    assert tandem(AREA, layers).areas["worst_tenth_count"].iloc[-10:].tolist() == [2] * 10


def test_linked_needs_are_more_than_chance() -> None:
    # Independent fine grain in both, the same in both: a shuffle and the test both see it.
    rng = np.random.default_rng(2)
    common = rng.standard_normal(100)
    values = {d: common + 0.2 * rng.standard_normal(100) for d in ("employment", "health")}
    found = tandem(AREA, make_layers(AREA, values))
    assert found.findings[1].startswith("That is more than chance")


def test_unlinked_needs_are_not_more_than_chance() -> None:
    # One falls from south to north, one from west to east: as clustered as can be, and unrelated.
    values = {"employment": FALL, "health": FALL.reshape(10, 10).T.ravel()}
    found = tandem(AREA, make_layers(AREA, values))
    assert found.findings[1].startswith("That is not more than chance can do")


def test_first_finding_counts_areas_and_people() -> None:
    # Twenty areas of 100 people each are in the worst fifth of both.
    found = tandem(AREA, make_layers(AREA, {"employment": FALL, "health": FALL}))
    assert found.findings[0] == (
        "20 of the 100 areas of Gridtown (2,000 people, 20.0%) are among its worst fifth for "
        "employment and health at once."
    )


def test_part_of_the_settings_is_worded() -> None:
    found = tandem(AREA, make_layers(AREA, {"employment": FALL, "health": FALL}), part="tenth")
    assert found.findings[0].startswith("10 of the 100 areas")


def test_areas_are_not_people(together: Tandem) -> None:
    assert together.caveat.startswith("Areas are not people")


def test_same_figures_twice_are_noted() -> None:
    found = tandem(AREA, make_layers(AREA, {"employment": FALL, "health": FALL}))
    assert "tandem_same_order" in slugs(found)


def test_unknown_values_are_noted_and_left_out_of_the_test() -> None:
    values = {"employment": FALL.copy(), "health": FALL.copy()}
    values["health"][50:55] = np.nan
    found = tandem(AREA, make_layers(AREA, values))
    assert found.chance["areas"].unique().tolist() == [95]
    assert next(n.count for n in found.notes if n.what == "tandem_unknown") == 5


def test_fewer_than_ten_areas_are_not_tested() -> None:
    area = tiny_area()
    layers = tiny_layers(area)
    found = tandem(area, layers, domains=["income", "health"])
    assert found.chance.empty
    assert "only 6 areas have a figure in every domain" in found.findings[1]


def test_constant_domain_is_not_tested() -> None:
    found = tandem(AREA, make_layers(AREA, {"employment": FALL, "health": [1.0] * 100}))
    assert "no area stands out in health" in found.findings[1]


def test_island_is_tied_to_the_nearest_area() -> None:
    shapes = dict(grid_area(5).areas.geometry.items())
    shapes["E01000099"] = box(90_000, 0, 91_000, 1000)
    area = make_area(shapes)
    values = {d: np.random.default_rng(1).random(26) for d in ("employment", "health")}
    found = tandem(area, make_layers(area, values))
    assert ("tandem_tied" in slugs(found), found.chance["areas"].iloc[0]) == (True, 26)


def test_context_areas_are_not_looked_at() -> None:
    area = tiny_area(context=2)
    found = tandem(area, tiny_layers(area), domains=["income", "health"])
    assert len(found.areas) == 4


# Larger areas


def test_larger_value_is_the_mean_by_people() -> None:
    # Four areas in two: (3·100 + 1·300) / 400 = 1.5 against 2, so the second is worse.
    area = make_area(
        {f"E0100000{i}": box(i, 0, i + 1, 1) for i in range(1, 5)}, people=[100, 300, 100, 100]
    )
    values = {d: [3.0, 1.0, 2.0, 2.0] for d in ("employment", "health")}
    found = tandem(area, make_layers(area, values, parents=["A", "A", "B", "B"]))
    assert found.larger["tandem_rank"].tolist() == [2, 1]


def test_larger_area_without_people_counts_areas() -> None:
    area = make_area(
        {f"E0100000{i}": box(i, 0, i + 1, 1) for i in range(1, 5)}, people=[0, 0, 100, 100]
    )
    values = {d: [3.0, 2.0, 2.0, 2.0] for d in ("employment", "health")}
    found = tandem(area, make_layers(area, values, parents=["A", "A", "B", "B"]))
    assert found.larger["tandem_rank"].tolist() == [1, 2]


def test_larger_areas_have_their_own_tables(together: Tandem) -> None:
    assert together.combinations["geography"].unique().tolist() == ["lsoa21", "msoa21"]
    assert together.chance.groupby("geography")["areas"].first().tolist() == [100, 25]


def test_larger_areas_hold_all_areas_and_people(together: Tandem) -> None:
    assert together.larger[["areas", "people"]].sum().tolist() == [100, 10_000.0]


def test_dominant_has_every_larger_area_for_each_part(together: Tandem) -> None:
    assert together.dominant.groupby("part")["larger_area"].nunique().tolist() == [25, 25]


def test_changes_count_areas_lost_in_larger_ones() -> None:
    # One area far above the rest is alone in its block: the mean of its block is nothing special.
    values = np.zeros(100) + np.arange(100) / 1000
    values[[0, 22, 44, 66, 88]] = 0.5
    values[10:20] += 0.4
    layers = make_layers(AREA, {"employment": values, "health": values}, parents=BLOCKS)
    found = tandem(AREA, layers, part="tenth")
    block = pd.Series(BLOCKS, index=AREA.codes)
    means = pd.Series(values, index=AREA.codes).groupby(block.to_numpy()).mean()
    top = means.nlargest(2).index  # 25 blocks: a tenth is two of them
    areas = pd.Series(values, index=AREA.codes).nlargest(10).index
    lost = int((~block[areas].isin(top)).sum())
    assert found.changes[1].startswith(f"{lost} of the 10 small areas where needs meet")


def test_changes_say_whether_the_finding_stands(together: Tandem) -> None:
    assert any("The finding" in said or "too, it is not" in said for said in together.changes)


def test_areas_without_a_larger_one_are_noted() -> None:
    parents = [None, None, *BLOCKS[2:]]
    layers = make_layers(AREA, {"employment": FALL, "health": FALL}, parents=parents)
    found = tandem(AREA, layers)
    assert found.larger["areas"].sum() == 98
    assert next(n.count for n in found.notes if n.what == "tandem_no_larger_area") == 2


def test_no_lookup_is_told() -> None:
    found = tandem(AREA, make_layers(AREA, {"employment": FALL, "health": FALL}))
    assert "the project has no lookup to larger areas" in found.changes[0]


def test_lookup_that_knows_none_of_the_areas_is_told() -> None:
    layers = make_layers(AREA, {"employment": FALL, "health": FALL}, parents=[None] * 100)
    assert "of none of the areas it is known" in tandem(AREA, layers).changes[0]


def test_ranks_are_never_averaged() -> None:
    layers = make_layers(
        AREA, {"employment": FALL, "health": FALL}, parents=BLOCKS, kind="rank", high_is="better"
    )
    need = build_need(layers, AREA, NeedSettings(normalisation="minmax"))
    found = build_tandem(need, layers, AREA, TandemSettings(permutations=99))
    assert "employment and health are ranks, and ranks cannot be averaged" in found.changes[0]
    assert found.larger.empty


def test_a_rank_goes_by_its_official_score_in_larger_areas() -> None:
    # Employment is worst in one larger area by its scores: two areas at the very top and two at
    # the bottom, against four in the middle, whose mean rank is the better one by a little.
    rank = pd.Series(np.arange(1.0, 101.0), index=AREA.codes)
    ends, middle = BLOCKS[0], BLOCKS[2]
    first = [i for i, block in enumerate(BLOCKS) if block == ends]
    second = [i for i, block in enumerate(BLOCKS) if block == middle]
    order = [i for i in range(100) if i not in {*first, *second}]
    values = np.empty(100)
    values[first] = [1.0, 2.0, 99.0, 100.0]
    values[second] = [48.0, 49.0, 50.0, 51.0]
    values[order] = np.setdiff1d(rank.to_numpy(), values[[*first, *second]])
    layers = make_layers(
        AREA, {"employment": values, "health": values}, parents=BLOCKS, kind="rank",
        high_is="better",
    )  # fmt: skip
    found = tandem(AREA, layers)
    score = official_transform(pd.Series(values, index=AREA.codes), 100)
    means = score.groupby(BLOCKS).mean()
    assert means[ends] > means[middle]
    standing = found.larger["tandem_least_bad"]
    assert standing.rank().to_dict() == means.rank().to_dict()


def test_ranks_still_tell_what_dominates_where() -> None:
    layers = make_layers(AREA, {"employment": FALL, "health": FALL}, parents=BLOCKS, kind="rank")
    assert len(tandem(AREA, layers).dominant) == 50


def test_larger_area_takes_the_name_its_areas_share() -> None:
    names = [
        f"Gridtown {int(code[3:]):03d}{letter}"
        for code, letter in zip(BLOCKS, "AB" * 50, strict=True)
    ]
    area = grid_area(names=names)
    layers = make_layers(area, {"employment": FALL, "health": FALL}, parents=BLOCKS)
    assert tandem(area, layers).larger["area_name"].iloc[3] == "Gridtown 003"


def test_larger_area_without_such_names_keeps_its_code(together: Tandem) -> None:
    assert together.larger["area_name"].tolist() == together.larger.index.tolist()


# Inherited figures


def inherited() -> Tandem:
    block = pd.Series(FALL).groupby(BLOCKS).transform("mean").to_numpy()
    layers = make_layers(
        AREA,
        {"employment": FALL, "health": block},
        parents=BLOCKS,
        status={"health": "inherited"},
    )
    specs = {**layers.specs, "health": replace(layers.specs["health"], geography="msoa21")}
    return tandem(AREA, replace(layers, specs=specs))


def test_inherited_domain_is_by_construction() -> None:
    assert inherited().changes[0] == (
        "Health is published for larger areas only (Middle layer Super Output Areas (2021)): all "
        "areas in one share its value, so where it meets another need within one it does so by "
        "construction."
    )


def test_inherited_domain_is_tested_at_larger_areas_only() -> None:
    assert inherited().chance["geography"].unique().tolist() == ["msoa21"]


# Same input, same result


def test_same_seed_gives_the_same_result(together: Tandem) -> None:
    pd.testing.assert_frame_equal(linked().chance, together.chance)


def test_another_seed_gives_other_random_maps(together: Tandem) -> None:
    assert not linked(seed=8).chance["expected"].equals(together.chance["expected"])


def test_order_of_layers_changes_nothing(together: Tandem) -> None:
    rng = np.random.default_rng(1)
    values = {d: FALL + 8 * rng.standard_normal(100) for d in ("employment", "education", "health")}
    turned = dict(reversed(list(values.items())))
    found = tandem(AREA, make_layers(AREA, turned, parents=BLOCKS))
    pd.testing.assert_frame_equal(found.areas, together.areas)
    pd.testing.assert_frame_equal(found.chance, together.chance)


# A real place

COLUMNS = {"employment": "Employment", "education": "Education", "health": "Health"}


@pytest.fixture(scope="module")
def published(shared: Path) -> pd.DataFrame:
    table = pd.read_parquet(shared / "oracles" / "imd2025_england_lsoa21.parquet")
    return table.set_index("lsoa21_code")


@pytest.fixture(scope="module")
def trafford(shared: Path, published: pd.DataFrame) -> Tandem:
    shapes = gpd.read_file(
        shared / "fixtures" / "boundaries" / "trafford_lsoa21_generalised.geojson"
    )
    shapes = shapes.to_crs(CRS).set_index("area_code").sort_index()
    area = make_area(shapes.geometry.to_dict(), names=shapes["area_name"].tolist())
    lookup = pd.read_csv(shared / "fixtures" / "lookups" / "gm_statistical_lookup_2021.csv")
    larger = lookup.drop_duplicates("lsoa21cd").set_index("lsoa21cd")["msoa21cd"]
    scores = {key: published[f"{name}_score"].reindex(area.codes) for key, name in COLUMNS.items()}
    return tandem(area, make_layers(area, scores, parents=larger.reindex(area.codes)))


def test_trafford_agrees_with_published_ranks(trafford: Tandem, published: pd.DataFrame) -> None:
    # The publisher's own national ranks put Trafford's 139 areas into an order: the first 27 of
    # it (27.8 areas are a fifth) in each domain. Ties in the rounded scores may move one or two.
    ranks = published.loc[trafford.areas.index, [f"{name}_rank" for name in COLUMNS.values()]]
    expected = (ranks.rank() <= 139 / 5).sum(axis=1)
    assert (trafford.areas["worst_fifth_count"] - expected).abs().sum() <= 6


def test_trafford_needs_meet_more_than_by_chance(trafford: Tandem) -> None:
    row = trafford.chance.query("geography == 'lsoa21' and part == 'fifth'").iloc[0]
    # Three unrelated fifths of 139 areas: 139 · (27/139)³ = 1.0.
    assert row["p_value"] == 0.01
    assert row["shuffled_expected"] == pytest.approx(139 * (27 / 139) ** 3, abs=0.4)


def test_trafford_chance_is_wider_than_a_shuffle_says(trafford: Tandem) -> None:
    rows = trafford.chance.query("geography == 'lsoa21' and part == 'fifth'").iloc[2:]
    assert ((rows["high"] - rows["low"]) > (rows["shuffled_high"] - rows["shuffled_low"])).all()


def test_trafford_larger_areas_are_named(trafford: Tandem) -> None:
    assert trafford.larger["area_name"].iloc[0] == "Trafford 001"
