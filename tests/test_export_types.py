"""Are the files on neighbourhood types whole, in agreement, and drawn by QGIS as on our map?"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args
from xml.etree import ElementTree as Xml

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from plans import COUNT, build_plan
from scipy.spatial.distance import cdist

from planner.export import write_out
from planner.export.qgis import build_types_style, to_qml
from planner.export.tables import meaning_of
from planner.export.types import build_membership, build_type_tables, build_types_file
from planner.maps.classes import LegendEntry, Pattern
from planner.neighbourhoods import NOT_TYPED, build_neighbourhoods
from planner.neighbourhoods.outcomes import build_type_outcomes
from planner.project import NeighbourhoodSettings
from planner.report.layers import build_map_layers

SETTINGS: dict[str, Any] = {"k_min": 3, "k_max": 4, "bootstraps": 4}


def typed_plan(*, classes: bool = False, missing: int = 0, **options: Any) -> Any:
    """Return the stand-in plan with types that were made from its layers."""
    plan = build_plan()
    plan.layers.values.iloc[:missing, 0] = np.nan
    settings = NeighbourhoodSettings(**(SETTINGS | options))
    plan.project = plan.project.with_spec(neighbourhoods=settings)
    theirs = None
    if classes:
        theirs = pd.Series(np.where(np.arange(COUNT) % 2, "odd", "even"), index=plan.area.codes)
        plan.outside = SimpleNamespace(source=plan.sources[0])
    types = build_neighbourhoods(plan.layers, plan.area, plan.need, settings, classes=theirs)
    people = plan.area.place["population"]
    plan.neighbourhoods = types
    plan.type_outcomes = build_type_outcomes(
        types.labels, people, plan.access.table, plan.gaps.table
    )
    plan.areas["type_id"] = types.labels
    return plan


@pytest.fixture(scope="module")
def plan() -> Any:
    return typed_plan(classes=True)


@pytest.fixture(scope="module")
def out(plan: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("types") / "out"
    write_out(plan, folder)
    return folder


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, encoding="utf-8-sig")


# Tables


def test_types_have_words_stability_typical_area_and_access(out: Path, plan: Any) -> None:
    found, types = table(out, "types.csv").set_index("type_id"), plan.neighbourhoods.types
    assert found["type_name"].tolist() == types["type_name"].tolist()
    assert found["portrait"].tolist() == types["portrait"].tolist()
    assert found["stability"].tolist() == pytest.approx(types["stability"].tolist(), abs=1e-4)
    names = plan.area.areas["area_name"]
    assert found["medoid_name"].tolist() == [names[code] for code in found["medoid"]]
    assert {"tentative", "doubtful", "own_words", "mean_income", "z_income"} <= set(found)


def test_access_of_a_type_is_the_weighted_median_of_its_people(out: Path, plan: Any) -> None:
    found = table(out, "types.csv").set_index("type_id")
    nearest = plan.access.wide("minutes_nearest", "library")["value"]
    for number, row in found.iterrows():
        inside = plan.neighbourhoods.labels == number
        people = plan.area.place["population"][inside].astype(int)
        # Everybody in a row by minutes; the one in the middle.
        everybody = np.sort(np.repeat(nearest[inside].to_numpy(), people))
        assert row["minutes_median_library"] == everybody[(len(everybody) - 1) // 2]


def test_a_median_that_is_not_reached_says_so(plan: Any) -> None:
    outcomes = plan.type_outcomes.copy()
    here = (outcomes["type_id"] == 1) & (outcomes["kind"] == "gp")
    here &= outcomes["figure"] == "minutes_median"
    outcomes.loc[here, ["value", "status"]] = [np.nan, "not_reached"]
    changed: Any = SimpleNamespace(**(vars(plan) | {"type_outcomes": outcomes}))
    first = build_types_file(changed).set_index("type_id").loc[1]
    assert np.isnan(first["minutes_median_gp"])
    assert first["status_minutes_median_gp"] == "not_reached"


def test_profiles_name_the_unit_of_every_layer(out: Path, plan: Any) -> None:
    found = table(out, "type_profiles.csv")
    assert len(found) == 3 * 3
    units = dict(zip(found["layer"], found["unit"], strict=True))
    assert units == {key: spec.unit for key, spec in plan.layers.specs.items()}
    labels = plan.neighbourhoods.labels
    mean = plan.layers.values["income"][labels == 2].mean()
    (row,) = found[(found["type_id"] == 2) & (found["layer"] == "income")].to_dict("records")
    assert row["mean"] == pytest.approx(mean, abs=1e-4)
    assert row["mean_low"] < row["mean"] < row["mean_high"]
    more = {"used", "z_place", "z_reference", "effect", "eta_squared", "inherited_share"}
    assert more <= set(found)


def test_outcomes_say_what_they_are_in_which_unit(out: Path) -> None:
    found = table(out, "type_outcomes.csv")
    assert found["unit"].notna().all()
    assert found["meaning"].notna().all()
    shares = found[found["figure"].str.startswith("share")]
    assert shares["value"].between(0, 1).all()


def test_diagnostics_mark_the_number_chosen(out: Path, plan: Any) -> None:
    found = table(out, "type_diagnostics.csv")
    assert found["k"].tolist() == [3, 4]
    assert found.loc[found["chosen"], "k"].tolist() == [plan.neighbourhoods.k]


def test_in_the_clustergram_each_number_of_types_has_every_area(out: Path) -> None:
    found = table(out, "type_clustergram.csv")
    once = found.drop_duplicates(["k", "type"]).groupby("k")["areas"].sum()
    assert once.tolist() == [COUNT, COUNT]
    assert found.loc[found["k"] == 3, "shared_areas"].sum() == COUNT


def test_overlap_counts_each_area_once(out: Path, plan: Any) -> None:
    found = table(out, "type_overlap.csv")
    labels = plan.neighbourhoods.labels
    odd = found[found["class"] == "odd"].set_index("type_id")["areas"]
    by_hand = labels[np.arange(COUNT) % 2 == 1].value_counts().reindex(odd.index, fill_value=0)
    assert odd.tolist() == by_hand.tolist()
    assert found.groupby("type_id")["share_of_type"].sum().tolist() == pytest.approx([1] * 3)
    assert found["areas"].sum() == COUNT


def test_without_an_outside_classification_there_is_no_overlap_file() -> None:
    assert "type_overlap.csv" not in build_type_tables(build_plan())


# Areas


def test_membership_has_each_area_once_with_its_certainty(out: Path, plan: Any) -> None:
    found = pd.read_parquet(out / "type_membership.parquet").set_index("area_code")
    types = plan.neighbourhoods
    assert found.index.tolist() == sorted(plan.area.codes)
    assert found["type_id"].tolist() == types.labels.tolist()
    assert found["certainty"].tolist() == types.stability.areas["certainty"].tolist()
    shares = found[[f"share_of_draws_{number}" for number in (1, 2, 3)]]
    assert shares.sum(axis=1).tolist() == pytest.approx([1.0] * COUNT)
    assert (found["second_type"] != found["type_id"]).all()


def test_distances_are_to_the_means_of_the_types(out: Path, plan: Any) -> None:
    found = pd.read_parquet(out / "type_membership.parquet").set_index("area_code")
    matrix, labels = plan.neighbourhoods.inputs.matrix, found["type_id"]
    away = cdist(matrix, matrix.groupby(labels).mean())
    own = away[np.arange(COUNT), labels.to_numpy() - 1]
    assert found["distance"].to_numpy() == pytest.approx(own, abs=1e-4)
    away[np.arange(COUNT), labels.to_numpy() - 1] = np.inf
    assert found["nearest_other_distance"].to_numpy() == pytest.approx(away.min(axis=1), abs=1e-4)


def test_a_mixture_gives_probabilities() -> None:
    found = build_membership(typed_plan(method="gaussian_mixture", bootstraps=0, k_max=3))
    shares = found[[f"probability_{number}" for number in (1, 2, 3)]].to_numpy()
    assert shares.sum(axis=1) == pytest.approx(np.ones(COUNT), abs=1e-3)
    own = shares[np.arange(COUNT), found["type_id"].to_numpy() - 1]
    assert found["probability"].to_numpy() == pytest.approx(own)


def test_areas_without_a_type_are_in_every_file() -> None:
    plan = typed_plan(missing=1, bootstraps=0, k_max=3)
    found = build_membership(plan)
    assert len(found) == COUNT
    assert found.loc[0, "type_name"] == NOT_TYPED
    assert found.loc[0, ["type_id", "tentative", "distance"]].isna().all()
    last = build_types_file(plan).iloc[-1]
    assert (last["type_name"], last["areas"]) == (NOT_TYPED, 1)
    assert pa.Schema.from_pandas(found).field("type_id").type == "int64"


def test_columns_of_the_membership_say_what_they_mean(out: Path) -> None:
    schema = pq.read_schema(out / "type_membership.parquet")
    assert [name for name in schema.names if not meaning_of(name)] == []
    said = schema.field("share_of_draws_2").metadata[b"description"]
    assert said == b"Share of the draws of areas in which it lands in type 2, 0-1"


# The codebook


def test_labels_come_out_of_the_files_alone(out: Path, plan: Any) -> None:
    book = json.loads((out / "codebook.json").read_text(encoding="utf-8"))
    columns = [
        (plan.layers.values[v["id"]] - v["transform"]["mean"]) / v["transform"]["sd"]
        for v in book["variables"]
    ]
    centres = [one["centre"] for one in book["centres"]["types"]]
    nearest = cdist(np.column_stack(columns), centres).argmin(axis=1) + 1
    published = pd.read_parquet(out / "type_membership.parquet")["type_id"]
    assert nearest.tolist() == published.tolist()


def test_the_codebook_names_what_it_was_made_with(out: Path) -> None:
    book = json.loads((out / "codebook.json").read_text(encoding="utf-8"))
    assert {"planner", "scikit-learn", "numpy"} <= set(book["versions"])
    assert book["outside"]["publisher"] == "Office of Examples"
    text = (out / "codebook.md").read_text(encoding="utf-8")
    assert "Fictional place" in text
    assert "## Beside another classification" in text


# QGIS


def _categories(qml: str) -> dict[str, Xml.Element]:
    root = Xml.fromstring(qml)
    return {found.get("value", "?"): found for found in root.iter("category")}


def _colours(qml: str) -> dict[str, str]:
    """Return value → colour of the ground, in hexadecimal digits."""
    root = Xml.fromstring(qml)
    symbols = {found.get("name"): found for found in root.iter("symbol")}
    colours = {}
    for value, category in _categories(qml).items():
        option = symbols[category.get("symbol")].find("layer/Option/Option[@name='color']")
        assert option is not None
        rgba = [int(part) for part in option.get("value", "").split(",")]
        assert rgba[3] == 255
        colours[value] = "#" + "".join(f"{part:02x}" for part in rgba[:3])
    return colours


def test_the_style_has_a_category_a_type_with_the_words_of_the_map(out: Path, plan: Any) -> None:
    qml = (out / "areas_types.qml").read_text(encoding="utf-8")
    assert qml.startswith("<!DOCTYPE qgis ")
    labels = {value: found.get("label") for value, found in _categories(qml).items()}
    names = {str(n): f"{n}. {name}" for n, name in plan.neighbourhoods.types["type_name"].items()}
    assert labels == {**names, "": "Not typed: no data"}
    renderer = Xml.fromstring(qml).find("renderer-v2")
    assert renderer is not None
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "type_id")


def test_the_style_has_the_colours_and_patterns_of_the_map(out: Path, plan: Any) -> None:
    qml = (out / "areas_types.qml").read_text(encoding="utf-8")
    layers = build_map_layers(plan).values()
    (layer,) = [one for one in layers if one.name == "Neighbourhood types"]
    entries = layer.classes.entries
    assert [_colours(qml)[str(n)] for n in (1, 2, 3)] == [e.colour for e in entries[:3]]
    root = Xml.fromstring(qml)
    kinds = {"": [], "stripes": ["LinePatternFill"], "dots": ["PointPatternFill"]}
    for at, entry in enumerate(entries[:3]):
        (symbol,) = root.findall(f"renderer-v2/symbols/symbol[@name='{at}']")
        classes = [found.get("class") for found in symbol.findall("layer")]
        assert classes == ["SimpleFill", *kinds[entry.pattern]]


def test_settings_stand_as_older_and_newer_versions_read_them(out: Path) -> None:
    root = Xml.fromstring((out / "areas_types.qml").read_text(encoding="utf-8"))
    for layer in root.iter("layer"):
        new = {o.get("name"): o.get("value") for o in layer.findall("Option/Option")}
        old = {p.get("k"): p.get("v") for p in layer.findall("prop")}
        assert new == old
        assert new


def test_qgis_finds_the_style_in_the_geopackage(out: Path) -> None:
    with sqlite3.connect(out / "areas.gpkg") as connection:
        (geometry,) = connection.execute(
            "select column_name from gpkg_geometry_columns where table_name = 'areas'"
        ).fetchone()
        # As QGIS asks for it.
        rows = connection.execute(
            "select styleQML from layer_styles where f_table_schema = '' and f_table_name = "
            "'areas' and f_geometry_column = ? and useAsDefault = 1",
            (geometry,),
        ).fetchall()
        when = connection.execute("select update_time from layer_styles").fetchone()[0]
        columns = [row[1] for row in connection.execute("pragma table_info(areas)")]
    connection.close()
    assert rows == [((out / "areas_types.qml").read_text(encoding="utf-8"),)]
    assert when.startswith("2000-01-01")
    assert "type_id" in columns
    assert len(gpd.read_file(out / "areas.gpkg", layer="areas")) == COUNT


def test_a_name_cannot_break_the_style() -> None:
    plan = build_plan()
    plan.neighbourhoods.types["type_name"] = ['"/><x a="', "]]>&\x00\x0b\ufffe", "<b>"]
    categories = _categories(build_types_style(plan))
    assert categories["1"].get("label") == '1. "/><x a="'
    assert len(categories) == 4


def test_every_pattern_of_the_map_can_be_drawn() -> None:
    patterns = get_args(Pattern)
    entries = {
        str(at): LegendEntry(label=name, colour="#0072b2", pattern=name)
        for at, name in enumerate(patterns)
    }
    symbols = Xml.fromstring(to_qml("x", entries)).findall("renderer-v2/symbols/symbol")
    drawn = {
        name: len(found.findall("layer")) for name, found in zip(patterns, symbols, strict=True)
    }
    assert drawn == {**dict.fromkeys(patterns, 2), "": 1, "cross": 3}


# All of it


def test_a_second_run_gives_the_same_bytes(out: Path, tmp_path: Path) -> None:
    write_out(typed_plan(classes=True), tmp_path / "again")
    names = [path.name for path in out.iterdir()]
    differ = [n for n in names if (out / n).read_bytes() != (tmp_path / "again" / n).read_bytes()]
    assert differ == []


def test_nothing_of_this_machine_is_in_the_files(out: Path) -> None:
    for name in ("codebook.json", "codebook.md", "areas_types.qml", "types.csv"):
        text = (out / name).read_text(encoding="utf-8")
        assert str(out.parent) not in text
        assert str(Path.home()) not in text


def test_every_file_is_listed_in_the_manifest(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    listed = {entry["file"] for entry in manifest["files"]}
    assert listed == {path.name for path in out.iterdir()} - {"manifest.json"}
    assert {"type_overlap.csv", "codebook.json", "areas_types.qml"} <= listed
