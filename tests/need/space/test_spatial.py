from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from squares import code, square_place

from planner.area import CRS, StudyArea
from planner.errors import DataError, ProjectError
from planner.layers import OFFICIAL_WEIGHTS, Layers, LayerSpec
from planner.ledger import Source
from planner.need import build_need
from planner.need.space.neighbours import build_neighbours
from planner.need.space.pattern import HOTSPOT_WORDS, WORDS
from planner.need.space.spatial import Clusters, build_clusters
from planner.project import NeedSettings, SpatialSettings

SETTINGS = SpatialSettings(permutations=199)
SOURCE = Source(publisher="Nobody", dataset="Made by hand", licence="CC0", vintage="2026")
MSOA = "Middle layer Super Output Areas (2021)"


def spec(key: str, domain: str | None, **more: Any) -> LayerSpec:
    given: dict[str, Any] = {
        "id": key,
        "title": key.replace("_", " ").capitalize(),
        "unit": "score",
        "kind": "score",
        "high_is": "worse",
        "geography": "lsoa21",
        "source": SOURCE,
        "domain": domain,
    }
    return LayerSpec(**(given | more))


def parents_of(place: StudyArea) -> pd.DataFrame:
    """Put squares into larger areas of two by two."""
    rows = [(int(c[5:7]) // 2, int(c[7:9]) // 2) for c in place.areas.index]
    codes = [f"E0200{r:02d}{c:02d}" for r, c in rows]
    return pd.DataFrame({"msoa21": codes}, index=place.areas.index)


def made(
    rows: int = 8, *, parents: bool = True, **more: Any
) -> tuple[SimpleNamespace, Layers, StudyArea]:
    """Return need of two domains, crime by small areas and health inherited by larger ones."""
    place = square_place(rows, rows, **more)
    random, index = np.random.default_rng(6), place.areas.index
    of = parents_of(place)["msoa21"]
    own = pd.Series(random.normal(size=len(index)), index=index)
    larger = pd.Series(random.normal(size=of.nunique()), index=sorted(of.unique()))
    life = of.map(larger).rename("life") + 80.0
    values = pd.DataFrame({"crime": own, "life": life, "homes": own * 2}, index=index)
    layers = Layers(
        values=values,
        specs={
            "crime": spec("crime", "crime"),
            "life": spec("life", "health", high_is="better", geography="msoa21", unit="years"),
            "homes": spec("homes", None, kind="count", geography="msoa21"),
        },
        status=pd.DataFrame(
            {"crime": "published", "life": "inherited", "homes": "apportioned"}, index=index
        ),
        parents=parents_of(place) if parents else pd.DataFrame(index=index),
    )
    codes = place.codes
    domains = pd.DataFrame({"crime": own, "health": -larger.reindex(of).to_numpy()}, index=index)
    parts = domains.loc[codes] / 2
    need = SimpleNamespace(
        scores=pd.DataFrame({"need_score": parts.sum(axis=1)}),
        parts=parts,
        domain_scores=domains.loc[codes],
        weights=pd.Series({"crime": 0.5, "health": 0.5}),
    )
    return need, layers, place


def clusters_of(
    need: Any, layers: Layers, place: StudyArea, also: tuple[str, ...] = (), **more: Any
) -> Clusters:
    settings = SETTINGS.model_copy(update=more)
    neighbours = build_neighbours(place, settings)
    return build_clusters(need, layers, place, settings, neighbours, also=also)


@pytest.fixture(scope="module")
def clusters() -> Clusters:
    return clusters_of(*made(), also=("life", "homes"))


def test_the_table_has_a_class_for_every_area(clusters: Clusters) -> None:
    assert len(clusters.table) == 64
    assert clusters.table.index.name == "area_code"
    assert set(clusters.table["need_cluster"]) <= set(WORDS)
    assert set(clusters.table["need_hotspot"]) <= set(HOTSPOT_WORDS)
    assert clusters.table.notna().all(axis=None)


def test_what_is_tested_on_what(clusters: Clusters) -> None:
    assert clusters.summary["areas_tested"].to_dict() == {
        "need_score": 64,
        "need_larger": 16,
        "need_own": 64,
        "domain_crime": 64,
        "domain_health": 16,
        "layer_life": 16,
        "layer_homes": 16,
    }
    assert clusters.summary.loc["domain_health", "geography"] == MSOA


def test_the_result_of_a_larger_area_is_marked_in_its_small_areas(clusters: Clusters) -> None:
    life = clusters.measures[clusters.measures["measure"] == "layer_life"].set_index("area_code")
    assert life.loc[code(0, 0), "larger_area"] == "E02000000"
    carried = clusters.patterns["layer_life"].table.loc["E02000000"]
    for square in (code(0, 0), code(0, 1), code(1, 0), code(1, 1)):
        assert life.loc[square, "cluster"] == carried["cluster"]
        assert life.loc[square, "hotspot_z"] == carried["hotspot_z"]
    need = clusters.measures[clusters.measures["measure"] == "need_score"]
    assert set(need["larger_area"]) == {""}


def test_inherited_values_are_tested_once_a_larger_area() -> None:
    """The larger areas' figures are random: tested as small areas, they would seem to cluster."""
    need, layers, place = made()
    fair = clusters_of(need, layers, place, also=("life",))
    small = replace(layers.specs["life"], geography="lsoa21")
    naive = replace(layers, specs={**layers.specs, "life": small})
    naive_p = clusters_of(need, naive, place, also=("life",)).summary.loc["layer_life", "moran_p"]
    assert naive_p <= 0.01 + 1e-9
    assert fair.summary.loc["layer_life", "moran_p"] > 0.05


def test_of_a_layer_where_high_is_better_low_is_the_worse_end(clusters: Clusters) -> None:
    assert clusters.summary.loc["layer_life", "high_means"] == "low life"
    assert clusters.summary.loc["layer_homes", "high_means"] == "high homes"
    value = clusters.patterns["layer_life"].table["value"]
    assert value.max() < 0


def test_counts_add_up_in_larger_areas_and_others_are_averaged(clusters: Clusters) -> None:
    _, layers, _ = made()
    of = layers.parents["msoa21"]
    sums = clusters.patterns["layer_homes"].table["value"]
    assert sums.to_numpy() == pytest.approx(layers.values["homes"].groupby(of).sum().to_numpy())
    life = clusters.patterns["layer_life"].table["value"]
    assert life.to_numpy() == pytest.approx(-layers.values["life"].groupby(of).first().to_numpy())


def test_means_are_over_residents() -> None:
    need, layers, place = made()
    people = pd.Series(1000.0, index=place.areas.index)
    people[code(0, 0)] = 4000.0
    place = replace(place, areas=place.areas.assign(population=people))
    found = clusters_of(need, layers, place).patterns["need_larger"].table["value"]
    squares = [code(0, 0), code(0, 1), code(1, 0), code(1, 1)]
    by_hand = np.average(need.scores.loc[squares, "need_score"], weights=[4, 1, 1, 1])
    assert found["E02000000"] == pytest.approx(by_hand)


def test_without_a_lookup_inherited_figures_are_refused_in_words() -> None:
    found = clusters_of(*made(parents=False), also=("life",))
    for measure in ("domain_health", "layer_life"):
        reason = found.summary.loc[measure, "not_tested"]
        assert "no lookup says" in reason
        assert MSOA in reason
        assert np.isnan(found.summary.loc[measure, "moran_p"])
    assert [n.what for n in found.notes].count("clusters_parents_unknown") == 2
    assert set(found.measures.query("measure == 'layer_life'")["cluster"]) == {"not_tested"}
    assert "need_larger" not in found.summary.index
    assert found.summary.loc["need_score", "areas_tested"] == 64


def test_an_area_in_no_known_larger_one_has_no_result_there() -> None:
    need, layers, place = made()
    parents = layers.parents.copy()
    parents.loc[code(3, 3), "msoa21"] = np.nan
    found = clusters_of(need, replace(layers, parents=parents), place, also=("life",))
    row = found.measures.query("measure == 'layer_life'").set_index("area_code").loc[code(3, 3)]
    assert (row["cluster"], row["larger_area"]) == ("no_data", "")
    assert "neighbours_no_parent" in [note.what for note in found.notes]


def test_small_areas_that_differ_within_a_larger_one_are_told() -> None:
    need, layers, place = made()
    values = layers.values.copy()
    values.loc[code(0, 0), "life"] += 1.0
    found = clusters_of(need, replace(layers, values=values), place, also=("life",))
    note = next(n for n in found.notes if n.what == "clusters_uneven_parent")
    assert note.items == ("E02000000",)


def test_need_that_inherits_says_so_and_is_tested_without(clusters: Clusters) -> None:
    note = next(n for n in clusters.notes if n.what == "clusters_need_inherits")
    assert "all or some of the domain health (50% of the weight)" in note.text
    one, other = clusters.patterns["need_own"].table, clusters.patterns["domain_crime"].table
    pd.testing.assert_series_equal(one["cluster"], other["cluster"])


def test_a_place_where_nothing_is_inherited_is_tested_once() -> None:
    need, layers, place = made(parents=False)
    plain = replace(layers.specs["life"], geography="lsoa21")
    layers = replace(layers, specs={**layers.specs, "life": plain})
    found = clusters_of(need, layers, place)
    assert list(found.summary.index) == ["need_score", "domain_crime", "domain_health"]
    assert found.notes == ()


def test_few_areas_have_no_class_but_a_reason() -> None:
    found = clusters_of(*made(3))
    assert set(found.table["need_cluster"]) == {"not_tested"}
    assert found.findings[0].startswith("Need: not tested for clusters: 9 of 9 areas")


def test_islands_are_named_in_the_findings() -> None:
    found = clusters_of(*made(6, without=[(0, 1), (1, 0), (1, 1)]))
    assert found.table.loc[code(0, 0), "need_cluster"] == "island"
    assert "Not tested, as no area of the place is beside them: Row 0 column 0." in found.findings
    assert "neighbours_island" in [note.what for note in found.neighbours.notes]


def test_context_areas_are_not_in_any_table() -> None:
    found = clusters_of(*made(6, context=[(5, c) for c in range(6)]))
    assert len(found.table) == 30
    assert set(found.measures["area_code"]) == set(found.table.index)


def test_domains_are_told_together(clusters: Clusters) -> None:
    said = " ".join(clusters.findings)
    assert "Crime (domain)" in said
    assert f"by {MSOA}" in said


def test_areas_are_not_people(clusters: Clusters) -> None:
    assert "of areas, not of people" in clusters.caveats[0]


def test_the_method_says_how(clusters: Clusters) -> None:
    for words in ("share a border", "199 random", "Benjamini", "5%", "Seed 7"):
        assert words in clusters.method


def test_the_same_twice_is_the_same() -> None:
    need, layers, place = made()
    one, other = clusters_of(need, layers, place), clusters_of(need, layers, place)
    pd.testing.assert_frame_equal(one.measures, other.measures)
    pd.testing.assert_frame_equal(one.summary, other.summary)
    assert one.findings == other.findings


def test_a_layer_that_is_not_there_is_refused() -> None:
    need, layers, place = made(4)
    with pytest.raises(ProjectError, match="no layer 'wealth'"):
        clusters_of(need, layers, place, also=("wealth",))


def test_neighbours_of_other_areas_are_refused() -> None:
    need, layers, place = made(4)
    other = build_neighbours(square_place(5, 5), SETTINGS)
    with pytest.raises(DataError, match="of different areas"):
        build_clusters(need, layers, place, SETTINGS, other)


@pytest.fixture(scope="module")
def trafford(shared: Path) -> tuple[StudyArea, Layers]:
    """Return Trafford's areas with the seven domains of the English indices of 2025."""
    shapes = gpd.read_file(
        shared / "fixtures" / "boundaries" / "trafford_lsoa21_generalised.geojson"
    )
    shapes = shapes.to_crs(CRS).set_index("area_code").sort_index()
    areas = gpd.GeoDataFrame(
        {
            "area_name": shapes["area_name"],
            "nation": "England",
            "population": 1500.0,
            "in_place": True,
            "geometry": shapes.geometry,
        },
        crs=CRS,
    )
    points = areas[["geometry"]].set_geometry(areas.representative_point())
    points = points.assign(area_code=areas.index, weight=1.0).rename_axis("point_id")
    place = replace(square_place(1, 2), name="Trafford", areas=areas, points=points)
    columns = {
        domain: f"{'Housing_and_Services' if domain == 'barriers' else domain.capitalize()}_score"
        for domain in OFFICIAL_WEIGHTS["iod2025"]
    }
    table = pd.read_parquet(shared / "oracles" / "imd2025_england_lsoa21.parquet")
    table = table.set_index("lsoa21_code").loc[areas.index]
    values = pd.DataFrame({key: table[name] for key, name in columns.items()}).astype(float)
    lookup = pd.read_csv(shared / "fixtures" / "lookups" / "gm_statistical_lookup_2021.csv")
    parents = lookup.drop_duplicates("lsoa21cd").set_index("lsoa21cd")["msoa21cd"]
    values.index.name = "area_code"
    layers = Layers(
        values=values,
        specs={
            key: spec(key, key, domain_weight=OFFICIAL_WEIGHTS["iod2025"][key]) for key in columns
        },
        status=pd.DataFrame("published", index=values.index, columns=values.columns),
        parents=parents.reindex(values.index).to_frame("msoa21"),
    )
    return place, layers


def test_need_in_trafford_is_not_scattered(trafford: tuple[StudyArea, Layers]) -> None:
    """Moran's I of the need score by its own formula, on neighbours from libpysal."""
    from libpysal.graph import Graph

    place, layers = trafford
    need = build_need(layers, place, NeedSettings())
    found = clusters_of(need, layers, place)

    graph = Graph.build_contiguity(place.areas.geometry, rook=False, strict=True).transform("r")
    z = need.scores["need_score"] - need.scores["need_score"].mean()
    by_formula = float((z.to_numpy() * graph.lag(z.to_numpy())).sum() / (z**2).sum())
    assert found.summary.loc["need_score", "moran_i"] == pytest.approx(by_formula)
    assert found.summary.loc["need_score", "moran_p"] == pytest.approx(0.01)
    assert found.summary.loc["need_larger", "areas"] == 28


def test_hot_spots_of_trafford_are_round_areas_of_great_need(
    trafford: tuple[StudyArea, Layers],
) -> None:
    place, layers = trafford
    need = build_need(layers, place, NeedSettings())
    found = clusters_of(need, layers, place)
    score = need.scores["need_score"]
    shapes = place.areas.geometry
    for kind, sign in (("hot", 1), ("cold", -1)):
        codes = found.table.index[found.table["need_hotspot"] == kind]
        assert len(codes) > 0
        for one in codes:
            round_it = score[shapes.intersects(shapes[one])]
            assert sign * (round_it.mean() - score.mean()) > score.std() / 2


def test_a_domain_without_weight_is_not_said_to_be_in_the_need_score() -> None:
    need, layers, place = made()
    need.weights = pd.Series({"crime": 1.0, "health": 0.0})
    found = clusters_of(need, layers, place)
    assert "need_own" not in found.patterns
    assert "clusters_need_inherits" not in {note.what for note in found.notes}


def test_the_same_reason_is_given_once_for_all_it_holds_for() -> None:
    need, layers, place = made(rows=3)
    found = clusters_of(need, layers, place)
    said = [line for line in found.findings if "not tested for clusters" in line]
    domains = [line for line in said if "(domain)" in line]
    reasons = [line.split("not tested for clusters: ")[1] for line in domains]
    assert "Crime (domain)" in " ".join(domains)
    assert len(set(reasons)) == len(reasons)
