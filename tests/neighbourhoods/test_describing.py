"""Everything that is said of types, together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from alike_places import alike_place, lumps, numbered, planted

from planner.errors import ProjectError
from planner.neighbourhoods.describing import Description, describe_types
from planner.neighbourhoods.inputs import build_type_inputs
from planner.project import NeighbourhoodSettings

CORNERS = [[6, 6, 6], [6, 0, 0], [0, 0, 0]]


def described(**settings: Any) -> Description:
    settings = {"bootstraps": 3} | settings
    columns, own = lumps(CORNERS, 12)
    layers, area = alike_place(columns)
    asked = NeighbourhoodSettings(**settings)
    inputs = build_type_inputs(layers, area, asked)
    fit = planted(inputs, own)
    labels = numbered(fit, inputs)
    return describe_types(layers, area, labels, inputs, fit, asked)


def test_each_type_has_its_words_and_figures() -> None:
    types = described().types
    assert types.index.tolist() == [1, 2, 3]
    assert types["type_name"].is_unique
    assert types["type_name"].str.len().gt(0).all()
    assert (types["stability"] > 0.9).all()
    assert not types["tentative"].any()
    assert types["own_words"].eq("").all()


def test_the_typical_area_is_one_of_the_type_and_the_doubtful_are_others() -> None:
    found = described()
    assert found.stability is not None
    own = found.stability.areas["type_id"]
    for t, row in found.types.iterrows():
        doubtful = row["doubtful"].split()
        assert own[row["medoid"]] == t
        assert (own[doubtful] == t).all()
        assert row["medoid"] not in doubtful


def test_without_bootstraps_stability_is_not_known() -> None:
    found = described(bootstraps=0)
    assert found.stability is None
    assert found.types["stability"].isna().all()
    assert not found.types["tentative"].any()
    assert "drawn at random" not in " ".join(found.types["portrait"])


def test_below_the_projects_bar_a_type_is_tentative_in_name_and_portrait() -> None:
    # A type comes back whole in every draw, or it is below 1.
    columns, own = lumps([[0, 0], [1, 0]], 15, spread=0.6)
    layers, area = alike_place(columns)
    asked = NeighbourhoodSettings(stable=1.0)
    inputs = build_type_inputs(layers, area, asked)
    fit = planted(inputs, own)
    found = describe_types(layers, area, numbered(fit, inputs), inputs, fit, asked)
    assert found.types["type_name"].str.endswith(" (tentative)").all()
    assert found.types["portrait"].str.contains("tentative").all()
    assert "types_tentative" in [note.what for note in found.notes]


def test_the_projects_own_words_win_and_are_marked() -> None:
    found = described(names={"2": "Riverside"}, portraits={"1": "By us.", "2": "By them."})
    assert found.types.loc[2, "type_name"] == "Riverside"
    assert found.types.loc[1, "portrait"] == "By us."
    assert found.types["own_words"].tolist() == ["portrait", "name and portrait", ""]
    (note,) = [note for note in found.notes if note.what == "types_own_words"]
    assert note.items == ("1", "2")


@pytest.mark.parametrize("key", ["names", "portraits"])
def test_words_for_no_type_are_refused(key: str) -> None:
    with pytest.raises(ProjectError, match=rf"\[neighbourhoods\] {key}: there is no type '9'"):
        described(**{key: {"9": "x"}})


def test_profiles_mark_the_layers_of_the_types() -> None:
    assert described().details["used"].all()


def test_the_same_words_every_time() -> None:
    first, second = described().types, described().types
    assert first.to_csv() == second.to_csv()


def test_units_change_no_words() -> None:
    columns, own = lumps(CORNERS, 12)
    texts = []
    for scale in (1.0, 1000.0):
        layers, area = alike_place({name: values * scale for name, values in columns.items()})
        asked = NeighbourhoodSettings(bootstraps=3)
        inputs = build_type_inputs(layers, area, asked)
        fit = planted(inputs, own)
        found = describe_types(layers, area, numbered(fit, inputs), inputs, fit, asked)
        texts.append(found.types[["type_name", "portrait"]].to_csv())
    assert texts[0] == texts[1]


def test_areas_without_a_type_are_in_the_place_but_in_no_type() -> None:
    columns, own = lumps(CORNERS, 12)
    columns["income"][0] = np.nan
    layers, area = alike_place(columns)
    asked = NeighbourhoodSettings(bootstraps=0)
    inputs = build_type_inputs(layers, area, asked)
    fit = planted(inputs, own[1:])
    labels = numbered(fit, inputs).reindex(area.codes)
    found = describe_types(layers, area, labels, inputs, fit, asked)
    assert "of the 36 areas" in found.types.loc[1, "portrait"]
