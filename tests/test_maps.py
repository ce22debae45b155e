"""Does each area get one class, do maps stay whole without a network, and is text only text?"""

from __future__ import annotations

import html
import json
import re
import xml.dom.minidom
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import build_plan
from shapely.geometry import box

from planner.area import CRS
from planner.maps import (
    PALETTES,
    MapLayer,
    MapPage,
    PointLayer,
    build_folium_map,
    build_svg_map,
    classify,
    simplify_areas,
    to_offline_html,
)
from planner.maps.assets import read_leaflet_css, read_leaflet_js

HOSTILE = '</script><script>alert("x")</script>\'"&{{7*7}}`${1}'


def _areas(count: int = 6) -> gpd.GeoDataFrame:
    index = pd.Index([f"E0190000{i}" for i in range(1, count + 1)], name="area_code")
    shapes = [box(400000 + 1000 * i, 300000, 401000 + 1000 * i, 301000) for i in range(count)]
    names = [f"Square {i}" for i in range(1, count + 1)]
    return gpd.GeoDataFrame({"area_name": names}, index=index, geometry=shapes, crs=CRS)


def _series(values: list[object]) -> pd.Series:
    return pd.Series(values, index=_areas(len(values)).index)


def test_minutes_fall_into_the_class_whose_words_hold_them() -> None:
    classes = classify(_series([10.0, 10.1, 20.0, 45.0, 45.1]), scheme="minutes")
    assert classes.label_of().tolist() == [
        "10 minutes or less",
        "over 10 to 20 minutes",
        "over 10 to 20 minutes",
        "over 30 to 45 minutes",
        "over 45 minutes",
    ]


def test_tenths_go_in_pairs_and_the_first_is_the_greatest_need() -> None:
    classes = classify(_series([1, 2, 3, 9, 10]), scheme="tenths")
    assert classes.index.tolist() == [0, 0, 1, 4, 4]
    assert classes.labels[0] == "1st and 2nd tenth (greatest need)"


def test_quantiles_have_a_fifth_of_the_areas_each() -> None:
    classes = classify(_series([float(i) for i in range(1, 6)]), scheme="quantiles", unit="%")
    # The fifths of 1..5 lie at 1.8, 2.6, 3.4, 4.2, rounded to whole numbers 2, 3, 3, 4.
    assert [entry.count for entry in classes.entries] == [1, 1, 1, 2]
    assert classes.labels == ("over 4 to 5 %", "over 3 to 4 %", "over 2 to 3 %", "1 to 2 %")


def test_equal_values_are_one_class() -> None:
    classes = classify(_series([7.0] * 4), scheme="quantiles")
    assert classes.labels == ("7",)


def test_unreachable_and_missing_have_different_entries() -> None:
    status = _series(["unreachable", "no_data", "over_cutoff", "not_connected", "outside_extent"])
    classes = classify(_series([np.nan] * 5), scheme="minutes", status=status)
    none = [entry for entry in classes.entries if entry.status != "reached"]
    assert len({entry.label for entry in none}) == 5
    assert len({(entry.colour, entry.pattern) for entry in none}) == 5


def test_a_status_wins_over_a_value() -> None:
    classes = classify(_series([5.0]), scheme="minutes", status=_series(["no_data"]))
    assert classes.label_of().tolist() == ["No data"]


def test_a_reason_that_does_not_occur_is_not_in_the_legend() -> None:
    classes = classify(_series([1.0]), scheme="minutes")
    assert {entry.status for entry in classes.entries} == {"reached"}


def test_classes_without_order_differ_in_more_than_colour() -> None:
    names = {i: f"Type {i}" for i in range(1, 21)}
    classes = classify(_series([1, 2, 3]), scheme="categories", names=names)
    assert len({(entry.colour, entry.pattern) for entry in classes.entries}) == 20
    first, second = classes.entries[:2]
    assert first.pattern != second.pattern


def test_more_classes_than_colours_are_mixed_in_order() -> None:
    classes = classify(_series([1.0]), scheme="minutes", breaks=(5, 10, 15, 20, 25, 30))
    assert len(set(classes.colours)) == 7
    assert (classes.colours[0], classes.colours[-1]) == (
        PALETTES["viridis"][0],
        PALETTES["viridis"][-1],
    )


def test_a_class_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no name"):
        classify(_series([3]), scheme="categories", names={1: "One"})


# No deadline: a busy machine is no fault of the code.
@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.floats(0, 300)),
            st.sampled_from(["reached", "over_cutoff", "unreachable", "no_data"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_every_area_has_exactly_one_class(rows: list[tuple[float | None, str]]) -> None:
    index = pd.Index([f"a{i:02d}" for i in range(len(rows))])
    values = pd.Series([np.nan if v is None else v for v, _ in rows], index=index)
    status = pd.Series([s for _, s in rows], index=index)
    for scheme in ("minutes", "quantiles"):
        classes = classify(values, scheme=scheme, status=status)
        assert classes.index.index.equals(index)
        assert classes.index.between(0, len(classes.entries) - 1).all()
        assert sum(entry.count for entry in classes.entries) == len(rows)


def test_simpler_neighbours_still_share_their_edge() -> None:
    wavy = shapely.LineString([(1000 + 3 * (-1) ** i, 10 * i) for i in range(101)])
    left, right = shapely.get_parts(
        shapely.polygonize([shapely.union_all([box(0, 0, 2000, 1000).boundary, wavy])])
    )
    areas = gpd.GeoDataFrame({"area_name": ["a", "b"]}, geometry=[left, right], crs=CRS)
    simple = simplify_areas(areas, 50)
    assert simple.geometry.count_coordinates().sum() < 30
    assert shapely.intersection(*simple.geometry).area == 0
    assert simple.geometry.area.sum() == pytest.approx(2_000_000)


def test_a_small_area_is_not_simplified_away() -> None:
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000), box(1000, 0, 1001, 1)], crs=CRS)
    assert not simplify_areas(areas, 500).geometry.is_empty.any()


def _svg(title: str = "Need", alt: str = "What is seen", **more: object) -> str:
    areas = _areas()
    areas["area_name"] = HOSTILE
    classes = classify(_series([1.0, 2.0, 30.0, np.nan, 50.0, 20.0]), scheme="minutes")
    return build_svg_map(areas, classes, title=title, alt=alt, **more)


def test_svg_is_well_formed_and_says_what_it_shows() -> None:
    drawn = xml.dom.minidom.parseString(_svg(title="Need <b>", alt="a & b\x00"))
    root = drawn.documentElement
    assert root.getAttribute("role") == "img"
    assert root.getElementsByTagName("title")[0].firstChild.data == "Need <b>"
    assert root.getElementsByTagName("desc")[0].firstChild.data == "a & b "


def test_svg_draws_each_area_once() -> None:
    drawn = xml.dom.minidom.parseString(_svg())
    named = [p for p in drawn.getElementsByTagName("path") if p.getElementsByTagName("title")]
    assert len(named) == 6


def test_svg_draws_an_area_in_several_parts_and_its_holes() -> None:
    areas = _areas(1)
    ring = areas.geometry.iloc[0].difference(box(400400, 300400, 400600, 300600))
    areas.geometry = [shapely.MultiPolygon([ring, box(402000, 300000, 403000, 301000)])]
    classes = classify(_series([1.0]), scheme="minutes")
    drawn = xml.dom.minidom.parseString(build_svg_map(areas, classes, title="t", alt="a"))
    paths = [p for p in drawn.getElementsByTagName("path") if p.getElementsByTagName("title")]
    assert [path.getAttribute("d").count("Z") for path in paths] == [3]


def test_svg_hatches_areas_without_a_value() -> None:
    assert re.search(r'fill="url\(#m[0-9a-f]{8}-back_hatch-ffffff\)"', _svg())


def test_svg_refers_to_nothing_outside() -> None:
    assert set(re.findall(r"url\((.)", _svg())) == {"#"}
    assert "href" not in _svg()


def test_two_maps_on_one_page_do_not_share_names() -> None:
    first, second = (set(re.findall(r'id="([^"]+)"', _svg(title=t))) for t in ("One", "Two"))
    assert not first & second


def test_svg_of_a_plan_with_backdrop_stays_small() -> None:
    plan = build_plan()
    classes = classify(plan.areas["need_decile"])
    svg = build_svg_map(plan.areas, classes, title="t", alt="a", backdrop=plan.backdrop)
    assert "Exampleton" in svg
    assert len(svg) < 150_000


class _Tags(HTMLParser):
    """Collects tags with their attributes, and the text of scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _page(name: str = "Plain", **more: object) -> str:
    areas = _areas()
    areas["area_name"] = name
    classes = classify(_series([1, 2, 3, 4, 5, 6]))
    text = pd.Series(name, index=areas.index)
    layers = [
        MapLayer(title=f"Need {name}", name=f"n {name}", classes=classes, text=text, finding=name),
        MapLayer(title="Other", name="Other", classes=classes, text=text),
    ]
    points = gpd.GeoDataFrame(
        {"text": [name], "label": [name]}, geometry=areas.geometry[:1].centroid.to_numpy(), crs=CRS
    )
    backdrop = gpd.GeoDataFrame(
        {"kind": ["place", "street"], "name": [name, name]},
        geometry=[areas.geometry.iloc[2].centroid, areas.geometry.iloc[1].exterior],
        crs=CRS,
    )
    drawn = build_folium_map(
        areas,
        layers,
        page=MapPage(
            title=name, watermarks=(name,), attribution=(name,), tables_href="report.html"
        ),
        points=[
            PointLayer(title=name, points=points),
            PointLayer(title=f"hubs {name}", points=points, style="number", show=True),
        ],
        backdrop=backdrop,
    )
    return to_offline_html(drawn)


def _tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    return parser.tags


def test_map_page_loads_nothing_from_anywhere() -> None:
    for tag, attributes in _tags(_page()):
        for name in ("src", "href", "data", "srcset"):
            address = attributes.get(name) or ""
            assert not re.match(r"\s*(https?:)?//", address), (tag, address)
            if tag in {"script", "link", "img"} and name in attributes:
                assert address.startswith("data:")


def test_map_page_has_no_library_it_does_not_use() -> None:
    page = _page().lower()
    assert not [name for name in ("jquery", "bootstrap", "fontawesome") if name in page]


def test_hostile_text_makes_no_tag_on_the_map_page() -> None:
    plain = [tag for tag, _ in _tags(_page())]
    assert [tag for tag, _ in _tags(_page(HOSTILE))] == plain


def test_hostile_text_is_escaped_inside_scripts() -> None:
    scripts = re.findall(r"<script>(.*?)</script>", _page(HOSTILE), flags=re.DOTALL)
    text = "\n".join(scripts)
    assert "alert(" in text
    assert "<script" not in text
    tips = re.findall(r'"tip": ("(?:[^"\\]|\\.)*")', text)
    assert tips
    assert not [tip for tip in tips if re.search(r"<(?!/?b>|br>)", json.loads(tip))]


@pytest.mark.parametrize("text", ["{{7*7}}", "{% for x in y %}", "{# gone #}", "{{ x|safe }}"])
def test_text_is_never_run_as_a_template(text: str) -> None:
    page = _page(text)
    tips = [json.loads(tip) for tip in re.findall(r'"tip": ("(?:[^"\\]|\\.)*")', page)]
    assert {html.unescape(tip) for tip in tips} == {f"<b>{text}</b><br>{text}", text}


def test_a_river_that_is_a_line_is_not_filled() -> None:
    areas = _areas()
    river = gpd.GeoDataFrame(
        {"kind": ["water"], "name": ["River"]},
        geometry=[shapely.LineString([(400000, 300000), (403000, 301000), (406000, 300000)])],
        crs=CRS,
    )
    layer = MapLayer(
        title="t",
        name="n",
        classes=classify(_series([1, 2, 3, 4, 5, 6])),
        text=pd.Series("", index=areas.index),
    )
    drawn = build_folium_map(areas, [layer], page=MapPage(title="t"), backdrop=river)
    style = re.search(r'return (\{"color": "#a6cee3".*?\})', to_offline_html(drawn))
    assert style is not None
    assert json.loads(style.group(1))["fill"] is False


def test_map_page_can_be_zoomed_and_names_its_language() -> None:
    page = _page()
    assert '<html lang="en-GB">' in page
    assert "user-scalable=no" not in page
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in page


def test_the_same_map_gives_the_same_page() -> None:
    assert _page() == _page()


def test_leaflet_comes_from_the_installed_package_with_its_pictures() -> None:
    assert "L.map" in read_leaflet_js() or "Leaflet" in read_leaflet_js()
    assert "url(images/" not in read_leaflet_css()
    assert "sourceMappingURL" not in read_leaflet_js()


def test_a_map_with_a_remote_part_is_refused() -> None:
    plan = build_plan()
    layer = MapLayer(
        title="Need",
        name="Need",
        classes=classify(plan.areas["need_decile"]),
        text=pd.Series("", index=plan.areas.index),
    )
    drawn = build_folium_map(plan.areas, [layer], page=MapPage(title="t"))
    drawn.default_js = [("leaflet", "https://example.org/leaflet.js")]
    with pytest.raises(ValueError, match="network"):
        to_offline_html(drawn)
