"""Can the types be made again, and new areas be placed, from the codebook alone?"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alike_places import alike_place, lumps
from scipy import stats

from planner.area import StudyArea
from planner.layers import Layers
from planner.ledger import Source
from planner.need import build_need
from planner.neighbourhoods import Neighbourhoods, build_neighbourhoods
from planner.neighbourhoods.assign import assign_areas
from planner.neighbourhoods.codebook import build_codebook
from planner.neighbourhoods.codebook_words import to_markdown
from planner.project import NeedSettings, NeighbourhoodSettings, OutsideClasses

VERSIONS = {"planner": "1.2.3"}
CENTRES = [(1.0, 1.0, 1.0), (5.0, 1.0, 4.0), (1.0, 6.0, 8.0)]
#: One number of types to try, and no areas drawn anew, where that is not what is looked at.
QUICK: dict[str, Any] = {"bootstraps": 0, "k_min": 3, "k_max": 3}


def made(columns: Any = None, /, specs: Any = None, **options: Any) -> tuple[Any, ...]:
    """Return the types of three heaps of areas, what they came from, and their codebook."""
    given = lumps(CENTRES, 12)[0] if columns is None else columns
    layers, area = alike_place(given, specs=specs)
    settings = NeighbourhoodSettings(**(QUICK | options))
    need = build_need(layers, area, NeedSettings())
    types = build_neighbourhoods(layers, area, need, settings)
    return types, layers, area, settings


def book_of(types: Neighbourhoods, layers: Layers, area: StudyArea, settings: Any) -> Any:
    """Return the codebook as somebody reads it who has nothing but the file."""
    book = build_codebook(types, layers, area, settings, versions=VERSIONS)
    return json.loads(json.dumps(book, allow_nan=False))


def scaled(values: pd.DataFrame, book: Any) -> np.ndarray:
    """Do as the codebook says, with NumPy and SciPy alone."""
    columns = []
    for variable in book["variables"]:
        how, raw = variable["transform"], values[variable["id"]].to_numpy()
        if how["name"] == "log":
            raw = np.log(raw + how["offset"])
        elif how["name"] == "yeo_johnson":
            raw = stats.yeojohnson((raw - how["middle"]) / how["spread"], lmbda=how["power"])
        elif how["name"] == "rank":
            among = np.array(how["positions"])
            upto = stats.percentileofscore(among, raw, kind="mean")
            raw = upto / 100
        columns.append((raw - how["mean"]) / how["sd"] * np.sqrt(variable["weight"]))
    matrix = np.column_stack(columns)
    components = book["scaling"]["components"]
    if components is None:
        return matrix
    loadings = [
        [components["loadings"][v["id"]][name] for name in book["scaling"]["columns"]]
        for v in book["variables"]
    ]
    return matrix @ np.array(loadings)


def nearest(matrix: np.ndarray, book: Any) -> list[int]:
    centres = np.array([one["centre"] for one in book["centres"]["types"]])
    away = ((matrix[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return [book["centres"]["types"][at]["type_id"] for at in away.argmin(axis=1)]


# Made again


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weights": {"income": 4.0, "crime": 0.5}},
        {"transform": "log"},
        {"transform": "yeo_johnson"},
        {"transform": "rank"},
        {"components": 0.9},
        {"transforms": {"income": "rank"}, "components": 0.95, "weights": {"health": 2.0}},
    ],
    ids=str,
)
def test_labels_come_out_of_the_codebook_alone(options: dict[str, Any]) -> None:
    columns = {name: np.exp(values / 4) for name, values in lumps(CENTRES, 12)[0].items()}
    types, layers, area, settings = made(columns, **options)
    book = book_of(types, layers, area, settings)
    assert nearest(scaled(layers.values, book), book) == types.labels.tolist()


def test_a_mixture_comes_out_of_the_codebook_alone() -> None:
    types, layers, area, settings = made(method="gaussian_mixture")
    book = book_of(types, layers, area, settings)
    mixture = book["centres"]["mixture"]
    parts = zip(mixture["weights"], mixture["means"], mixture["covariances"], strict=True)
    matrix = scaled(layers.values, book)
    density = [w * stats.multivariate_normal(m, c).pdf(matrix) for w, m, c in parts]
    assert (np.argmax(density, axis=0) + 1).tolist() == types.labels.tolist()


def test_new_areas_get_the_type_that_the_planner_gives_them() -> None:
    types, layers, area, settings = made(transform="rank")
    book = book_of(types, layers, area, settings)
    new = pd.DataFrame(
        np.random.default_rng(5).uniform(0, 8, (40, 3)), columns=layers.values.columns
    )
    given = assign_areas(new, types.inputs, types.fit).table["type_id"]
    assert nearest(scaled(new, book), book) == given.tolist()


def test_the_median_that_stands_in_is_told() -> None:
    columns = lumps(CENTRES, 12)[0]
    columns["income"][3] = np.nan
    book = book_of(*made(columns, missing="median"))
    assert book["missing"]["medians"]["income"] == pytest.approx(np.nanmedian(columns["income"]))
    assert book["variables"][0]["values"] == {"imputed": 1, "published": 35}


def test_areas_without_a_type_are_named() -> None:
    columns = lumps(CENTRES, 12)[0]
    columns["income"][3] = np.nan
    types, layers, area, settings = made(columns)
    place = book_of(types, layers, area, settings)["place"]
    assert place["areas_without_type"] == [types.labels.index[3]]
    assert (place["areas"], place["areas_with_type"]) == (36, 35)


# What stands in it


def test_each_variable_has_its_source_date_licence_and_unit() -> None:
    types, layers, area, settings = made(specs={"income": {"unit": "%"}})
    (one, *_) = book_of(types, layers, area, settings)["variables"]
    source = layers.specs["income"].source
    assert (one["id"], one["unit"], one["geography"]) == ("income", "%", "lsoa21")
    told = one["publisher"], one["dataset"], one["licence"], one["vintage"]
    assert told == (source.publisher, source.dataset, source.licence, source.vintage)


def test_figures_on_stability_are_those_of_the_types() -> None:
    types, layers, area, settings = made(bootstraps=4)
    book = book_of(types, layers, area, settings)
    assert types.stability is not None
    found = book["stability"]
    assert found["draws"] == 4
    assert [row["jaccard"] for row in found["types"]] == types.stability.types["jaccard"].tolist()
    assert {row["layer"] for row in found["without_layer"]} == {"income", "health", "crime"}
    assert [one["stability"] for one in book["types"]] == types.types["stability"].tolist()


def test_every_number_of_types_tried_has_its_diagnostics() -> None:
    found = book_of(*made(k_max=5))["number_of_types"]
    assert [row["k"] for row in found["diagnostics"]] == [3, 4, 5]
    assert {"silhouette", "calinski_harabasz", "gap", "gap_se", "bic"} <= set(
        found["diagnostics"][0]
    )


def test_settings_seed_and_starts_are_told() -> None:
    method = book_of(*made(seed=11))["method"]
    assert (method["name"], method["seed"], method["starts"]) == ("kmeans", 11, 20)
    assert method["settings"]["k_max"] == 3


def test_it_says_what_it_takes_to_fit_the_same_types_by_hand() -> None:
    book = book_of(*made())
    assert "no area moves (tol = 0)" in book["method"]["fitting"]
    assert "carried on until no area moves" in to_markdown(book)


def test_a_number_without_end_is_a_word() -> None:
    columns = lumps(CENTRES, 12)[0]
    book = book_of(*made(columns | {"education": columns["income"]}))
    assert book["variables"][0]["vif"] == "infinite"
    assert book["overlap_of_variables"]["identical"] == [["income", "education"]]


def test_words_of_the_project_are_marked_as_such() -> None:
    book = book_of(*made(names={"2": "By the sea"}))
    assert [one["name_is_the_projects_own"] for one in book["types"]] == [False, True, False]
    assert book["types"][1]["name"] == "By the sea"


def test_an_outside_classification_is_told_without_its_file() -> None:
    layers, area = alike_place(lumps(CENTRES, 12)[0])
    outside = OutsideClasses(file="secret/place.csv", dataset="Output area classification")
    settings = NeighbourhoodSettings(**QUICK, outside=outside)
    need = build_need(layers, area, NeedSettings())
    alone = build_neighbourhoods(layers, area, need, settings)
    classes = alone.labels.map({1: "a", 2: "b", 3: "c"})
    types = build_neighbourhoods(layers, area, need, settings, classes=classes)
    source = Source(publisher="ONS", dataset="OAC", licence="OGL", vintage="2021", file="x.csv")
    book = build_codebook(types, layers, area, settings, versions=VERSIONS, outside=source)
    assert book["outside"]["adjusted_mutual_information"] == pytest.approx(1.0)
    assert (book["outside"]["publisher"], book["outside"]["vintage"]) == ("ONS", "2021")
    assert "secret" not in json.dumps(book)
    assert "x.csv" not in json.dumps(book)
    assert "Output area classification" in to_markdown(book)


def test_the_same_types_give_the_same_codebook() -> None:
    first, second = (json.dumps(book_of(*made(bootstraps=3))) for _ in range(2))
    assert first == second


def test_no_file_and_no_hash_stand_in_it() -> None:
    types, layers, area, settings = made()
    source = layers.specs["income"].source
    text = json.dumps(book_of(types, layers, area, settings))
    assert not [part for part in (source.file, source.sha256) if part and part in text]


# In words


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture", "ward", "ward_regions"])
def test_words_tell_of_every_variable_and_type(method: str) -> None:
    types, layers, area, settings = made(method=method, components=0.9, bootstraps=2)
    text = to_markdown(book_of(types, layers, area, settings))
    for layer in types.layer_ids:
        assert f"`{layer}`" in text
    for number, name in types.types["type_name"].items():
        assert f"### {number}. {name}" in text
    assert "nan" not in text.split("## Methods are described")[0].lower().split()
    assert "None" not in text


def test_neighbours_are_said_where_regions_are_made_of_them() -> None:
    types, layers, area, settings = made(method="ward_regions")
    book = build_codebook(
        types, layers, area, settings, versions=VERSIONS, neighbours="areas that touch"
    )
    assert "Neighbours are areas that touch." in to_markdown(book)


def test_a_title_cannot_break_the_tables_or_carry_markup() -> None:
    specs = {"income": {"title": "a | b <script>alert(1)</script>\n# c [x](http://y)"}}
    text = to_markdown(book_of(*made(specs=specs)))
    (line,) = [line for line in text.splitlines() if line.startswith("| `income` | a ")]
    assert "\\<script\\>" in line
    assert "a \\| b" in line
    assert "\\[x\\]" in line
    assert "\n# c" not in text


def test_it_says_that_areas_are_not_people() -> None:
    book = book_of(*made())
    assert any("not descriptions of people" in limit for limit in book["limits"])
    assert "not descriptions of people" in to_markdown(book)


def test_watermarks_stand_at_the_head() -> None:
    types, layers, area, settings = made()
    book = build_codebook(
        types, layers, area, settings, versions=VERSIONS, watermarks=("Fictional place.",)
    )
    assert to_markdown(book).splitlines()[2] == "**Fictional place.**"
