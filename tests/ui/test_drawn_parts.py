"""A neighbourhood of one's own is summed up, and hubs are sought where a person says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import CODES, stand_in_plan, write_project

from planner.hubs import candidate_venues
from planner.project import Project
from planner.ui import main, state
from planner.ui.drawn_parts.limiting import find_outside
from planner.ui.drawn_parts.summed import build_areas, build_summary

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Any:
    project = Project.read(write_project(tmp_path_factory.mktemp("project")))
    return stand_in_plan(project, None, lambda words, share: None)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    st.cache_resource.clear()


def words(app: AppTest) -> str:
    written = [*app.markdown, *app.caption, *app.warning]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def test_people_of_the_neighbourhood_add_up(plan: Any) -> None:
    # Squares have 1000 + 50 i residents: 1000 + 1050 + 1500 (the first, second and eleventh).
    mine = [CODES[0], CODES[1], CODES[10]]
    found = build_summary(plan, mine).set_index(["About", "What"])
    whole = found.loc[("All", "The whole neighbourhood")]
    assert (whole["Areas"], whole["People"]) == (3, 3550)
    for about in ("Need", "Type"):
        assert found.loc[about]["Areas"].sum() == 3
        assert found.loc[about]["People"].sum() == 3550
        assert found.loc[about]["Share of its people (%)"].sum() == pytest.approx(100)


def test_gaps_are_those_of_the_plan(plan: Any) -> None:
    found = build_summary(plan, CODES[:28])
    table = plan.gaps.table
    for what, kind in {"Gap: the whole bundle": "bundle", "Gap: libraries": "library"}.items():
        row = found[found["What"] == what].iloc[0]
        rows = table[["kind", "gap_status", "population"]].itertuples(index=False)
        of_kind = [people for one, status, people in rows if one == kind and status == "gap"]
        assert (row["Areas"], row["People"]) == (len(of_kind), sum(of_kind))


def test_areas_keep_their_order(plan: Any) -> None:
    found = build_areas(plan, [CODES[5], CODES[2]])
    assert found["Code"].tolist() == [CODES[5], CODES[2]]
    assert found["Residents"].tolist() == [1250, 1100]


def test_venues_outside_are_those_in_no_picked_area(plan: Any) -> None:
    hubs = plan.project.spec.hubs
    free = candidate_venues(plan.services, plan.area, hubs)
    points, squares = plan.services.venues.geometry, plan.area.place.geometry
    home = next(code for code in CODES[:28] if points[free[0]].within(squares[code]))
    outside = find_outside(plan, hubs, [home])
    assert list(outside) == [v for v in free if not points[v].intersects(squares[home])]
    assert free[0] not in outside
    kept = hubs.model_copy(update={"forced": [outside[0]]})
    assert outside[0] not in find_outside(plan, kept, [home])


def test_a_neighbourhood_from_the_list(app: AppTest) -> None:
    app.session_state["fold_my_neighbourhood"] = True
    app.run().switch_page(str(main.PAGES_FOLDER / "neighbourhoods.py")).run()
    assert not app.exception
    areas = next(one for one in app.multiselect if one.label == "Areas of your neighbourhood")
    areas.set_value([CODES[0], CODES[1]]).run()
    assert not app.exception
    assert "Your neighbourhood has 2 areas and 2,050 people" in words(app)
    assert app.query_params["my_areas"] == f"{CODES[0]}.{CODES[1]}"


def test_the_search_is_limited_by_the_address(app: AppTest) -> None:
    # The libraries v2 and v5 lie in these squares; there is a third one.
    app.query_params["hub_areas"] = f"{CODES[11]}.{CODES[14]}"
    app.run().switch_page(str(main.PAGES_FOLDER / "hubs.py")).run()
    assert not app.exception
    assert "limited to 2 areas: 1 venue outside is left out, 2 can be chosen" in words(app)


def test_areas_without_a_venue_limit_nothing(app: AppTest, plan: Any) -> None:
    free = candidate_venues(plan.services, plan.area, plan.project.spec.hubs)
    points, squares = plan.services.venues.geometry, plan.area.place.geometry
    empty = next(c for c in CODES[:28] if not points[free].intersects(squares[c]).any())
    app.query_params["hub_areas"] = empty
    app.run().switch_page(str(main.PAGES_FOLDER / "hubs.py")).run()
    assert not app.exception
    assert "so the search is not limited" in words(app)
