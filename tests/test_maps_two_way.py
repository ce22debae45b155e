"""Is each area in the right thirds, are the nine colours told apart by everybody, and read?"""

from __future__ import annotations

import re
from itertools import combinations, product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from planner.area import CRS
from planner.maps import MapLayer, MapPage, build_folium_map, build_svg_map, to_offline_html
from planner.maps.classes import Classes, LegendEntry, Square
from planner.maps.patterns import ink_on
from planner.maps.two_way import COLOURS, GAP_PATTERN, build_two_way, thirds

NINE = [colour for row in COLOURS for colour in row]

#: What the long and the middle cones' people see of linear red, green and blue: Viénot, Brettel
#: and Mollon (1999, Color Research and Application 24, 243-252). Not from the code under test.
SEEN = {
    "everybody": np.eye(3),
    "protanopia": np.array(
        [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]
    ),
    "deuteranopia": np.array(
        [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]
    ),
}


def linear(colour: str) -> np.ndarray:
    share = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* under D65 (CIE 15:2004)."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    share = to_xyz @ np.clip(light, 0, 1) / np.array([0.9505, 1.0, 1.089])
    root = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def contrast(one: str, other: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(weights @ linear(colour)) + 0.05 for colour in (one, other))
    return high / low


def table(**columns: list[object]) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    index = pd.Index([f"E0190000{i}" for i in range(1, count + 1)], name="area_code")
    return pd.DataFrame({"breaches": False, "status": "reached", **columns}, index=index)


# ---- colours ----------------------------------------------------------------------------------


@pytest.mark.parametrize("eyes", list(SEEN))
def test_any_two_of_the_nine_are_far_apart_to(eyes: str) -> None:
    # A difference of about 2 is just seen side by side; 20 is seen from map to legend.
    seen = [lab(SEEN[eyes] @ linear(colour)) for colour in NINE]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 20


def test_lightness_falls_with_need_and_with_distance() -> None:
    light = np.array([[lab(linear(colour))[0] for colour in row] for row in COLOURS])
    assert (np.diff(light, axis=0) < -8).all()
    assert (np.diff(light, axis=1) < -8).all()


def test_neighbours_in_the_square_stand_out_from_each_other() -> None:
    for row, column in product(range(3), range(3)):
        for other in ((row + 1, column), (row, column + 1)):
            if max(other) < 3:
                assert contrast(COLOURS[row][column], COLOURS[other[0]][other[1]]) > 1.35


@pytest.mark.parametrize("colour", NINE)
def test_figures_on_a_colour_can_be_read(colour: str) -> None:
    # Web Content Accessibility Guidelines 2.2, 1.4.3.
    assert contrast(colour, ink_on(colour)) >= 4.5


# ---- classes ----------------------------------------------------------------------------------


def test_a_third_ends_where_a_third_of_the_areas_do() -> None:
    # 3, 6 and 9 of 9 areas; one more is in the next third.
    found = thirds(pd.Series([1 / 9, 3 / 9, 4 / 9, 6 / 9, 7 / 9, 1.0, np.nan]))
    assert found.tolist() == [1, 1, 2, 2, 3, 3, pd.NA]


def test_every_pair_of_thirds_has_its_own_colour() -> None:
    pairs = list(product([0.2, 0.5, 0.9], repeat=2))
    found = build_two_way(
        table(need_percentile=[a for a, _ in pairs], shortfall_percentile=[b for _, b in pairs])
    )
    colours = [found.entries[at].colour for at in found.index]
    assert colours == NINE
    assert found.square is not None
    assert found.square.counts == ((1, 1, 1),) * 3


def test_the_square_has_most_need_on_top_and_the_furthest_on_the_right() -> None:
    found = build_two_way(table(need_percentile=[1.0, 1.0], shortfall_percentile=[1.0, 1.0]))
    assert found.square is not None
    assert found.square.counts == ((0, 0, 2), (0, 0, 0), (0, 0, 0))
    assert found.square.rows[0] == "Most need"
    assert found.square.columns[-1] == "Furthest third"
    assert found.square.colours[0][-1] == COLOURS[2][2]


def test_a_gap_is_marked_by_a_pattern_and_by_words() -> None:
    found = build_two_way(
        table(
            need_percentile=[0.9, 0.9],
            shortfall_percentile=[0.9, 0.9],
            breaches=[True, False],
        )
    )
    gap, kept = (found.entries[at] for at in found.index)
    assert (gap.colour, gap.pattern, kept.pattern) == (kept.colour, GAP_PATTERN, "")
    assert gap.label == f"{kept.label}; a gap"
    assert [key.count for key in found.listed] == [1, 1]


def test_what_is_not_known_keeps_its_reason_and_stays_out_of_the_square() -> None:
    found = build_two_way(
        table(
            need_percentile=[0.9, 0.9, np.nan],
            shortfall_percentile=[np.nan, 1.0, 0.5],
            status=["not_connected", "unreachable", "reached"],
            breaches=[False, True, False],
        )
    )
    assert [found.entries[at].status for at in found.index] == [
        "not_connected",
        "reached",  # no way there is the furthest, and no blank
        "no_data",
    ]
    assert found.square is not None
    assert sum(sum(row) for row in found.square.counts) == 1


def test_no_area_with_a_value_leaves_an_empty_square() -> None:
    found = build_two_way(
        table(need_percentile=[np.nan], shortfall_percentile=[np.nan], status=["no_data"])
    )
    assert found.labels == ("No data",)


def test_a_square_that_disagrees_with_the_classes_is_refused() -> None:
    square = Square(
        across="a",
        down="b",
        columns=("x",),
        rows=("y",),
        colours=(("#ffffff",),),
        counts=((2,),),
    )
    entry = LegendEntry(label="one", colour="#ffffff", count=1)
    with pytest.raises(ValueError, match="square legend"):
        Classes(index=pd.Series([0], index=["a"]), entries=(entry,), square=square)


def test_a_square_has_one_colour_and_count_a_cell() -> None:
    with pytest.raises(ValueError, match="one count a cell"):
        Square(across="a", down="b", columns=("x",), rows=("y",), colours=((),), counts=((1,),))


# ---- legends ----------------------------------------------------------------------------------


@pytest.fixture
def areas() -> gpd.GeoDataFrame:
    shapes = [box(400_000 + 1000 * i, 300_000, 401_000 + 1000 * i, 301_000) for i in range(3)]
    codes = pd.Index(["E01900001", "E01900002", "E01900003"], name="area_code")
    return gpd.GeoDataFrame({"area_name": ["A", "B", "C"]}, index=codes, geometry=shapes, crs=CRS)


@pytest.fixture
def classes() -> Classes:
    return build_two_way(
        table(
            need_percentile=[0.9, 0.9, 0.1],
            shortfall_percentile=[0.9, 0.9, 0.1],
            breaches=[True, True, False],
        )
    )


def test_the_printed_legend_names_both_axes_and_every_third(
    areas: gpd.GeoDataFrame, classes: Classes
) -> None:
    drawn = build_svg_map(areas, classes, title="Gaps", alt="Two way")
    words = " ".join(re.findall(r">([^<]+)</text>", drawn))
    for part in ("more need ↑", "further →", "Most need", "Least need", "Furthest third"):
        assert part in words
    assert "Dotted: a gap, beyond the standard (2)" in words
    cells = re.findall(rf'fill="({"|".join(NINE)})" stroke="#1b1b1b"', drawn)
    assert len(cells) >= 9


def test_a_pattern_is_drawn_light_on_a_dark_colour(
    areas: gpd.GeoDataFrame, classes: Classes
) -> None:
    drawn = build_svg_map(areas, classes, title="Gaps", alt="Two way")
    pattern = re.search(rf'fill="{COLOURS[2][2]}"/>(.*?)</pattern>', drawn)
    assert pattern is not None
    assert 'fill="#ffffff"' in pattern[1]


def test_the_map_to_download_has_the_square_as_a_table(
    areas: gpd.GeoDataFrame, classes: Classes
) -> None:
    text = pd.Series("words", index=areas.index)
    layer = MapLayer(title="Gaps", name="Gaps", classes=classes, text=text)
    page = to_offline_html(build_folium_map(areas, [layer], page=MapPage(title="Place")))
    square = re.search(r'<table class="square-legend">.*?</table>', page, flags=re.DOTALL)
    assert square is not None
    assert square[0].count('scope="row"') == square[0].count('scope="col"') == 3
    assert re.findall(r">(\d+)</td>", square[0]) == ["0", "0", "2", "0", "0", "0", "1", "0", "0"]
