"""Groups of areas are summed up by the official formulas."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from places import CODES, SOURCE, tiny_area, tiny_layers

from planner.errors import DataError
from planner.layers import Layers, LayerSpec
from planner.need import build_need
from planner.project import NeedSettings
from planner.reporting import Groups, build_reporting


def groups(names: list[str]) -> Groups:
    members = pd.DataFrame(
        {"group": names, "group_name": [f"Ward {name}" for name in names]},
        index=pd.Index(CODES[: len(names)], name="area_code"),
    )
    return Groups(members=members, title="wards")


def with_layer(layers: Layers, spec: LayerSpec, values: list[float]) -> Layers:
    status = layers.status.assign(**{spec.id: "published"})
    status[spec.id] = status[spec.id].where(pd.Series(values, index=CODES).notna(), "missing")
    return replace(
        layers,
        values=layers.values.assign(**{spec.id: values}),
        specs={**layers.specs, spec.id: spec},
        status=status,
    )


COUNT = LayerSpec(
    id="claimants",
    title="Claimants",
    unit="people",
    kind="count",
    high_is="neither",
    geography="lsoa21",
    source=SOURCE,
)
RANK = replace(COUNT, id="published_rank", kind="rank", role="published_rank", among=33_755)


def test_people_and_counts_are_added_up() -> None:
    layers = with_layer(tiny_layers(), COUNT, [1, 2, 3, 4, 5, 6])
    need = build_need(layers, tiny_area(), NeedSettings())
    table = build_reporting(tiny_area(), layers, need, groups(["A", "A", "A", "B", "B", "B"]))
    assert table["areas"].to_dict() == {"A": 3, "B": 3}
    assert table["population"].to_dict() == {"A": 4000, "B": 3000}
    assert table["claimants"].to_dict() == {"A": 6, "B": 15}
    assert table["group_name"].to_dict() == {"A": "Ward A", "B": "Ward B"}


def test_averages_are_weighted_by_people() -> None:
    layers = tiny_layers()
    need = build_need(layers, tiny_area(), NeedSettings())
    table = build_reporting(tiny_area(), layers, need, groups(["A", "A", "A", "B", "B", "B"]))
    score, rank = need.scores["need_score"], need.scores["need_rank"]
    # The first three squares hold 1000, 1000 and 2000 people; ranks are reversed, 6 the worst.
    wanted = (score.iloc[0] + score.iloc[1] + 2 * score.iloc[2]) / 4
    assert table.loc["A", "average_score"] == pytest.approx(wanted)
    reversed_ranks = 7 - rank.iloc[:3]
    wanted = (reversed_ranks.iloc[0] + reversed_ranks.iloc[1] + 2 * reversed_ranks.iloc[2]) / 4
    assert table.loc["A", "average_rank"] == pytest.approx(wanted)


def test_published_ranks_give_the_national_summaries() -> None:
    layers = with_layer(tiny_layers(), RANK, [3_000, 10_000, 500, 1_000, 20_000, 5])
    need = build_need(layers, tiny_area(), NeedSettings())
    table = build_reporting(tiny_area(), layers, need, groups(["A", "A", "A", "B", "B", "B"]))
    # Among 33,755 the worst tenth ends at 3,375: two of the first three areas, two of the last.
    assert table["share_worst_tenth_national"].to_dict() == pytest.approx({"A": 2 / 3, "B": 2 / 3})
    assert "average_score_national" not in table


def test_without_published_ranks_there_are_no_national_columns() -> None:
    layers = tiny_layers()
    need = build_need(layers, tiny_area(), NeedSettings())
    table = build_reporting(tiny_area(), layers, need, groups(["A"] * 6))
    assert not [name for name in table if name.endswith("_national")]


def test_areas_without_a_group_count_nowhere() -> None:
    layers = tiny_layers()
    need = build_need(layers, tiny_area(), NeedSettings())
    table = build_reporting(tiny_area(), layers, need, groups(["A", "A"]))
    assert table["areas"].to_dict() == {"A": 2}


def test_an_unknown_count_leaves_the_sum_unknown() -> None:
    layers = with_layer(tiny_layers(), COUNT, [1, 2, float("nan"), 4, 5, 6])
    need = build_need(layers, tiny_area(), NeedSettings())
    table = build_reporting(tiny_area(), layers, need, groups(["A", "A", "A", "B", "B", "B"]))
    assert pd.isna(table.loc["A", "claimants"])
    assert table.loc["B", "claimants"] == 15


def test_groups_without_people_have_no_summary() -> None:
    area = tiny_area()
    areas = area.areas.copy()
    areas["population"] = [0.0, 0.0, 0.0, 100.0, 100.0, 100.0]
    layers = tiny_layers()
    need = build_need(layers, area, NeedSettings())
    table = build_reporting(
        replace(area, areas=areas), layers, need, groups(["A", "A", "A", "B", "B", "B"])
    )
    assert pd.isna(table.loc["A", "extent"])
    assert table.loc["B", "extent"] >= 0


def test_an_area_in_two_groups_is_refused() -> None:
    members = pd.DataFrame(
        {"group": ["A", "B"], "group_name": ["A", "B"]}, index=pd.Index([CODES[0]] * 2)
    )
    with pytest.raises(DataError, match="more than one group"):
        Groups(members=members, title="wards")
