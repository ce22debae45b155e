"""Does the page of types answer at once to other choices, and say what is a trial?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import stand_in_plan, write_project

from planner.neighbourhoods import build_neighbourhoods
from planner.project import Project, parse_spec
from planner.ui import state
from planner.ui.type_parts import chosen, mapped, profile, trying
from planner.ui.type_parts.shown import Shown

#: The page by itself, in the guard that stands round every page.
PAGE = """
from planner.ui import parts
from planner.ui.pages import neighbourhoods
with parts.guard():
    neighbourhoods.show()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.read(write_project(tmp_path_factory.mktemp("project")))


@pytest.fixture(scope="module")
def plan(project: Project) -> Any:
    return stand_in_plan(project, None, lambda words, share: None)


@pytest.fixture(scope="module")
def own(plan: Any) -> Shown:
    return trying.as_projected(plan)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    st.cache_resource.clear()
    yield AppTest.from_string(PAGE, default_timeout=60)
    st.cache_resource.clear()


def open_types(app: AppTest, **asked: str) -> AppTest:
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def words(app: AppTest) -> str:
    written = [*app.title, *app.subheader, *app.markdown, *app.caption, *app.warning, *app.error]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def types_table(app: AppTest) -> pd.DataFrame:
    return next(f.value for f in app.dataframe if "Portrait" in f.value)


# ---- the project's types ----------------------------------------------------------------------


def test_each_type_has_a_card_with_its_portrait(app: AppTest, own: Shown) -> None:
    open_types(app)
    assert not app.exception
    found = words(app)
    for name in own.names.values():
        assert name in found
    assert "Least sure to be of this type" in found
    assert trying.NOT_THE_PROJECT not in found


def test_the_typical_area_of_a_type_is_chosen_by_its_button(app: AppTest, own: Shown) -> None:
    open_types(app)
    app.button(key="typical_1").click().run()
    medoid = own.types.types.loc[1, "medoid"]
    assert app.query_params["area"] == medoid
    assert f"({medoid}) is of type 1, “" in words(app)


def test_the_next_best_type_and_how_sure_stand_with_the_chosen_area(app: AppTest) -> None:
    open_types(app, area="E01900003")
    assert re.search(r"comes back to this type in \d+% of 20 repeats", words(app))
    assert "The next best for it is type" in words(app)


# ---- a trial ----------------------------------------------------------------------------------


def test_another_number_of_types_is_a_trial_and_says_so(app: AppTest, plan: Any) -> None:
    open_types(app)
    app.selectbox(key="choice_types").select("5").run()
    assert not app.exception
    assert trying.NOT_THE_PROJECT in words(app)
    assert app.query_params["types"] == "5"
    settings = plan.project.spec.neighbourhoods.model_copy(update={"k": 5})
    by_hand = build_neighbourhoods(plan.layers, plan.area, plan.need, settings)
    assert types_table(app)["Areas"].tolist() == by_hand.types["areas"].tolist()


def test_a_trial_is_taken_from_the_address_and_put_back_by_its_button(app: AppTest) -> None:
    open_types(app, grouping="ward", judged="income.crime")
    assert app.selectbox(key="choice_grouping").value == "ward"
    assert trying.NOT_THE_PROJECT in words(app)
    assert "2 layers" in words(app)
    app.button(key="reset_types").click().run()
    assert trying.NOT_THE_PROJECT not in words(app)
    assert "grouping" not in app.query_params
    assert "judged" not in app.query_params


def test_a_layer_that_is_not_there_is_ignored(app: AppTest) -> None:
    open_types(app, judged="income.../../etc/passwd", types="99")
    assert not app.exception
    assert trying.NOT_THE_PROJECT not in words(app)
    assert "judged" not in app.query_params


def test_without_any_layer_the_types_stay_the_projects(app: AppTest) -> None:
    open_types(app)
    app.multiselect[0].set_value([]).run()
    assert "Choose at least one layer" in words(app)
    assert trying.NOT_THE_PROJECT not in words(app)


def test_types_that_cannot_be_had_are_a_message(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from planner.errors import ProjectError

    def refuse(*_: object) -> None:
        raise ProjectError("Too many islands.", hint="Ask for more types.")

    monkeypatch.setattr(trying, "build_trial", refuse)
    open_types(app, grouping="ward_regions")
    assert not app.exception
    assert "Too many islands. Ask for more types." in words(app)
    assert "Until then the types are the project's." in words(app)


def test_what_takes_long_waits_for_its_button(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trying, "AT_ONCE", 0.0)
    open_types(app, types="4")
    assert trying.NOT_THE_PROJECT not in words(app)
    next(b for b in app.button if b.label == "Work out these types").click().run()
    assert trying.NOT_THE_PROJECT in words(app)


def test_the_project_file_of_a_trial_asks_for_its_types(project: Project) -> None:
    own = project.spec.neighbourhoods.model_copy(update={"names": {"1": "Own words"}})
    asked = {"grouping": "ward", "types": "4", "scale": "rank"}
    defaults = {"grouping": "kmeans", "types": "0", "scale": "none"}
    trial = trying._to_settings(own, asked, ["income"], defaults, ["income", "crime"])
    assert trial is not None
    again = parse_spec(tomllib.loads(trying.with_types(project, trial).to_toml()), where="x")
    read = again.neighbourhoods
    assert (read.method, read.k, read.transform, read.layers) == ("ward", 4, "rank", ["income"])
    assert read.names == {}
    assert again.hubs == project.spec.hubs


# ---- what is shown ----------------------------------------------------------------------------


def with_tentative(own: Shown, *numbers: int) -> Shown:
    table = own.types.types.assign(tentative=own.types.types.index.isin(numbers))
    return replace(own, types=replace(own.types, types=table))


def test_tentative_types_are_hatched_and_others_are_not(own: Shown) -> None:
    entries = mapped.type_classes(with_tentative(own, 2)).entries
    assert entries[1].pattern == "hatch"
    assert "hatch" not in {entry.pattern for at, entry in enumerate(entries) if at != 1}


def test_areas_without_a_type_are_told_apart(own: Shown, plan: Any) -> None:
    labels = own.types.labels.copy()
    labels["E01900001"] = pd.NA
    shown = Shown(
        types=_Relabelled(own, labels),  # type: ignore[arg-type]
        outcomes=own.outcomes,
        settings=own.settings,
        trial=False,
    )
    entry = mapped.view(plan, shown, mapped.TYPE).classes.entries[-1]
    assert (entry.label, entry.count) == ("Not typed: a figure is missing", 1)


class _Relabelled:
    """Types whose labels differ, for the map alone."""

    def __init__(self, shown: Shown, labels: pd.Series) -> None:
        self.labels, self.types, self.stability = labels, shown.types.types, None


def test_certainty_is_shown_in_classes_that_hold_their_lower_end() -> None:
    certainty = pd.Series([0.9, 0.7, 0.69, 0.5, 0.45, np.nan], index=list("abcdef"))
    found = mapped.certainty_classes(certainty).label_of()
    least, low, high, most = mapped.CERTAINTIES.values()
    assert found.tolist()[:5] == [most, high, low, low, least]
    assert found["f"] == "No data"


def test_areas_most_alike_are_those_nearest_over_all_layers(own: Shown) -> None:
    code = own.types.labels.dropna().index[0]
    found = chosen.find_fellows(own, code, most=3)
    matrix, labels = own.types.inputs.matrix, own.types.labels
    away = {
        other: sum((matrix.loc[other, c] - matrix.loc[code, c]) ** 2 for c in matrix) ** 0.5
        for other in matrix.index
        if other != code and labels[other] == labels[code]
    }
    assert found.index.tolist() == sorted(away, key=lambda other: away[other])[:3]
    assert found.iloc[0] == pytest.approx(min(away.values()))


def test_far_and_unknown_are_different_words(own: Shown, plan: Any) -> None:
    outcomes = pd.DataFrame(
        [
            (1, "minutes_median", "gp", np.nan, 12.4, "reached"),
            (2, "minutes_median", "gp", np.nan, np.nan, "not_reached"),
            (1, "share_in_gaps", "gp", np.nan, np.nan, "no_data"),
            (2, "share_in_gaps", "gp", np.nan, 0.25, "reached"),
        ],
        columns=["type_id", "figure", "kind", "threshold", "value", "status"],
    )
    table = profile.build_outcome_rows(plan, replace(own, outcomes=outcomes))
    one, two = own.names[1], own.names[2]
    assert table[one].tolist() == ["12 min", "not known"]
    assert table[two].tolist() == ["half or more reach none", "25%"]
