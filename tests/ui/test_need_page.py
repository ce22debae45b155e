"""Does the page on need say what was found, follow a moved weight, and say how sure it is?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import CODES, stand_in_plan, write_project

from planner.maps.classes import classify
from planner.need import build_need
from planner.need.certainty.reweigh import build_reweigher
from planner.project import Project
from planner.ui import main, moved_weights, state
from planner.ui.need_parts import mapped, shown, together, weighing

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60
INCOME = "choice_weights_income_33"
HEALTH = "choice_weights_health_33"
CRIME = "choice_weights_crime_33"
BOXES = ["sure", "chance", "tandem", "clusters", "layers", "correlations", "weights", "methods"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.read(write_project(tmp_path_factory.mktemp("need")))


@pytest.fixture(scope="module")
def plan(project: Project) -> Any:
    return stand_in_plan(project, None, lambda *_: None)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    """Return the page once, opened and only looked at."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("looked_at")
        patch.setenv(state.PROJECT_VARIABLE, str(write_project(folder)))
        patch.setattr(state, "work_out", stand_in_plan)
        return open_need(AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT))


def open_need(app: AppTest, **address: str) -> AppTest:
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page(str(main.PAGES_FOLDER / "need.py")).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    written = [*app.title, *app.header, *app.subheader, *app.markdown, *app.caption]
    written += [*app.warning, *app.info, *app.error]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def tables(app: AppTest) -> list[list[str]]:
    return [list(frame.value.columns) for frame in app.dataframe]


def reweighed(app: AppTest) -> pd.DataFrame:
    """Return the page's first table by area code."""
    return app.dataframe[0].value.set_index("Code")


# ---- first what was found ---------------------------------------------------------------------


def test_the_finding_names_the_greatest_need_and_how_sure_that_is(page: AppTest) -> None:
    # Two of the 28 areas are a tenth at most: 28 / 10 = 2.8.
    bold = next(str(m.value) for m in page.markdown if str(m.value).startswith("**"))
    assert "Need is greatest in" in bold
    assert "Of 2 areas in the worst tenth" in re.sub(r"\\", "", bold)


def test_an_area_that_is_not_chosen_is_that_of_greatest_need(page: AppTest) -> None:
    first = page.dataframe[0].value.iloc[0]
    assert f"What drives need in {first['Area']}" in words(page)
    assert "Until you choose an area" in words(page)


def test_the_chosen_area_is_told_with_its_interval_needs_and_cluster(app: AppTest) -> None:
    open_need(app)
    app.selectbox(key="area_list").select("E01900001").run()
    said = words(app)
    assert re.search(r"Square 1 \(E01900001\): it ranks \d+ among the 28 areas", said)
    assert "The score adds up from" in said
    assert "Under other assumptions it ranks" in said
    assert "It is among the worst fifth for" in said
    assert "cluster" in said
    assert "Until you choose an area" not in said


def test_what_is_not_in_the_project_is_said_with_what_to_do(page: AppTest) -> None:
    assert 'a layer with from = "ts066"' in words(page)


def test_no_statistics_outside_the_method(page: AppTest) -> None:
    assert not re.search(r"Moran|G\*|Dirichlet|\bp = ", words(page))


def test_long_tables_are_made_when_their_box_is_opened(app: AppTest) -> None:
    open_need(app)
    assert not any("Standard deviation" in columns for columns in tables(app))
    app.session_state["fold_layers"] = True
    app.run()
    assert any("Standard deviation" in columns for columns in tables(app))


def test_every_box_opens(app: AppTest) -> None:
    for name in BOXES:
        app.session_state[f"fold_{name}"] = True
    open_need(app)
    assert len(app.dataframe) >= len(BOXES)


def test_every_measure_is_drawn(app: AppTest) -> None:
    open_need(app)
    for measure in ("score", "sure", "worst", "domain-income", "tandem", "cluster", "hotspot"):
        app.selectbox(key="choice_measure").select(measure).run()
        assert not app.exception
        assert app.query_params["measure"] == measure


def test_without_more_than_the_index_the_page_still_stands(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bare(*asked: Any) -> Any:
        found = stand_in_plan(*asked)
        return SimpleNamespace(**{**vars(found), "needs": None})

    monkeypatch.setattr(state, "work_out", bare)
    open_need(app)
    assert "Need is greatest in" in words(app)
    assert "Areas are not people" in words(app)


# ---- a moved weight ---------------------------------------------------------------------------


def test_a_moved_weight_ranks_as_the_project_would_with_it(app: AppTest, plan: Any) -> None:
    open_need(app)
    app.slider(key=INCOME).set_value(100).run()
    assert not app.exception
    third = 100 / 3
    settings = plan.project.spec.need.model_copy(
        update={"weights": {"income": 100.0, "health": third, "crime": third}}
    )
    expected = build_need(plan.layers, plan.area, settings)
    table = reweighed(app)
    assert (table["Rank"] == expected.scores["need_rank"].reindex(table.index)).all()
    assert table["Score"].tolist() == pytest.approx(
        expected.scores["need_score"].reindex(table.index).tolist()
    )


def test_a_moved_weight_says_that_these_are_not_the_projects_ranks(app: AppTest) -> None:
    open_need(app)
    assert "not those of the project file" not in words(app)
    app.slider(key=INCOME).set_value(100).run()
    # 100 of 100 + 33.3 + 33.3.
    assert "not those of the project file" in words(app)
    assert "income 60%, health 20% and crime 20%" in words(app)
    assert app.query_params["weights"] == "income-100"


def test_weights_stand_in_the_address(app: AppTest) -> None:
    open_need(app, weights="income-50.health-0")
    assert app.slider(key=INCOME).value == 50
    assert app.slider(key=HEALTH).value == 0
    assert app.slider(key=CRIME).value == 33
    assert "income 60% and crime 40%; nothing: health" in words(app)


def test_weights_that_cannot_be_are_ignored_and_removed(app: AppTest) -> None:
    open_need(app, weights="income-50.wealth-5")
    assert app.slider(key=INCOME).value == 33
    assert "weights" not in app.query_params
    assert "As in the project file" in words(app)


@pytest.mark.parametrize(
    "asked", ["income-101", "wealth-5", "income", "income--5", "income-5.", "income-x", "-5", "/x"]
)
def test_an_address_with_a_weight_that_cannot_be_says_nothing(asked: str) -> None:
    assert moved_weights.read(asked, {"income": 33, "health": 33}) == {}


def test_an_address_names_weights_that_differ_only() -> None:
    asked = "income-50.health-33"
    assert moved_weights.read(asked, {"income": 33, "health": 33}) == {"income": 50}


def test_all_weights_zero_is_told_in_words(app: AppTest) -> None:
    open_need(app, weights="income-0.health-0.crime-0")
    assert "All weights are zero" in words(app)
    assert reweighed(app)["Rank"].tolist() == list(range(1, 29))


def test_weights_are_put_back(app: AppTest) -> None:
    open_need(app, weights="income-90")
    app.button(key="reset_weights").click().run()
    assert app.slider(key=INCOME).value == 33
    assert "weights" not in app.query_params
    assert "not those of the project file" not in words(app)


def test_weights_are_still_there_after_another_page(app: AppTest) -> None:
    open_need(app, weights="income-90")
    app.switch_page(str(main.PAGES_FOLDER / "data.py")).run()
    app.switch_page(str(main.PAGES_FOLDER / "need.py")).run()
    assert app.slider(key=INCOME).value == 90


def test_who_moves_adds_up(app: AppTest) -> None:
    open_need(app, weights="income-0.health-0")
    moves = next(f.value for f in app.dataframe if "Ranks moved" in f.value)
    assert len(moves) == 28
    away = (moves["Rank in the project file"] - moves["Rank as you weigh it"]).abs()
    assert (away == moves["Ranks moved"]).all()
    enters = (moves["Worst tenth"] == "enters it").sum()
    assert enters == (moves["Worst tenth"] == "leaves it").sum()
    assert moves["Ranks moved"].is_monotonic_decreasing


def test_the_project_file_with_moved_weights_gives_the_same_ranks(
    plan: Any, project: Project
) -> None:
    weights = weighing.whole(plan, {"income": 80})
    reweigher = build_reweigher(plan.need, plan.layers, plan.area, project.spec.robustness)
    moved = shown.weigh(plan.need, reweigher, weights)
    text = weighing.with_weights(project, moved.need.weights).to_toml()
    again = tomllib.loads(text)["need"]["weights"]
    settings = project.spec.need.model_copy(update={"weights": again})
    expected = build_need(plan.layers, plan.area, settings)
    assert moved.need.scores["need_rank"].equals(expected.scores["need_rank"])


def test_the_projects_own_weights_give_its_own_intervals(plan: Any, project: Project) -> None:
    reweigher = build_reweigher(plan.need, plan.layers, plan.area, project.spec.robustness)
    found = shown.weigh(plan.need, reweigher, weighing.whole(plan, {}))
    stated = shown.as_projected(plan)
    for column in shown.SURE_COLUMNS:
        assert found.sure[column].astype(object).tolist() == pytest.approx(
            stated.sure[column].astype(object).tolist()
        )


# ---- pieces -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.001, "by chance at most once in 1,000"),
        (0.004, "by chance 4 times in 1,000"),
        (0.01, "by chance once in 100"),
        (0.174, "by chance 17 times in 100"),
        (1.0, "by chance 100 times in 100"),
        (float("nan"), "not tested"),
    ],
)
def test_p_values_are_said_in_plain_words(p: float, said: str) -> None:
    assert together.p_words(p) == said


def test_figures_of_larger_areas_are_hatched_and_each_area_is_counted_once() -> None:
    values = pd.Series([1.0, 1.0, 2.0, np.nan], index=CODES[:4])
    names: dict[object, str] = {2.0: "two", 1.0: "one"}
    classes = classify(values, scheme="categories", names=names, palette="viridis")
    taken = pd.Series([True, False, False, True], index=CODES[:4])
    found = mapped.with_inherited(classes, taken)
    of = found.label_of()
    assert of.tolist()[:3] == ["one, taken from a larger area", "one", "two"]
    assert [e.pattern for e in found.entries if e.label.endswith("larger area")] == ["hatch"]
    assert sum(entry.count for entry in found.entries) == 4


def test_areas_of_one_name_are_told_apart() -> None:
    place = pd.DataFrame({"area_name": ["A", "B", "A"]}, index=["c1", "c2", "c3"])
    plan = SimpleNamespace(area=SimpleNamespace(place=place))
    assert shown.labels(plan).tolist() == ["A (c1)", "B", "A (c3)"]
