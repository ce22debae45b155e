"""Can a person make a scenario without codes, keep it, and see who gains and who loses?"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import BUNDLE, CODES, SOUTH, WEST, stand_in_plan, write_project

from planner.access import build_access
from planner.before_after import EQUALITY_TITLE, build_before_after, take_snapshot
from planner.compliance import build_compliance
from planner.gaps import build_gaps
from planner.project import Project
from planner.scenario import (
    AddOffer,
    CloseVenue,
    MoveVenue,
    OpenVenue,
    Scenario,
    apply_changes,
    from_toml,
    to_toml,
)
from planner.travel.getting_about import Way
from planner.travel.walk import build_straight_line_times
from planner.ui import main, scenarios, state
from planner.ui.compare_parts import mapped, results, shown
from planner.ui.compare_parts.kept import FOLDER, read_kept

ROOT = Path(__file__).resolve().parents[2]
CLOSE = Scenario(name="Without the jobcentre", changes=(CloseVenue(venue_id="v3"),))
GP = Scenario(name="A practice at the library", changes=(AddOffer(venue_id="v2", kind="gp"),))
PLACE_PEOPLE = 46_900.0


def work_out(
    project: Project, scenario: Scenario, memo: object, tell: Callable[[str, float], None]
) -> scenarios.WhatIf:
    """Return what a scenario changes in the stand-in: services only."""
    today = stand_in_plan(project, memo, tell)
    services = apply_changes(today.services, scenario.changes)
    walk: dict[str, Any] = {"walk_kmh": 4.8, "detour": 1.3, "cutoff_minutes": 60.0}
    times = build_straight_line_times(
        today.area.place_points.geometry, services.venues.geometry, **walk
    )
    way = Way(times=times, job_times=today.job_times)
    access = build_access(today.area, services, way, today.jobs, project.spec.access, BUNDLE)
    compliance = build_compliance(
        today.area, today.layers, {"walk": access}, "walk", today.standards
    )
    gaps = build_gaps(today.area, today.layers, today.need, access, compliance, BUNDLE)
    after = SimpleNamespace(
        **{**vars(today), "services": services, "times": times, "gaps": gaps, "scenario": scenario}
    )
    found = build_before_after(take_snapshot(today), take_snapshot(after))
    return scenarios.WhatIf(found=found, services=services, notes=())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    monkeypatch.setattr(scenarios, "work_out", work_out)
    monkeypatch.setattr(state, "may_open_files", lambda: True)
    return tmp_path


@pytest.fixture(autouse=True, scope="module")
def fresh() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def put(folder: Path, key: str, scenario: Scenario) -> None:
    (folder / FOLDER).mkdir(exist_ok=True)
    (folder / FOLDER / f"{key}.toml").write_text(to_toml(scenario), encoding="utf-8")


def open_app(**address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    for name, value in address.items():
        app.query_params[name] = value
    return app.switch_page(str(main.PAGES_FOLDER / "compare.py")).run()


def words(app: AppTest) -> str:
    written = [*app.title, *app.header, *app.markdown, *app.caption]
    written += [*app.warning, *app.error, *app.success, *app.info]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def table(app: AppTest, column: str) -> Any:
    return next(t.value for t in app.dataframe if column in t.value.columns)


def test_a_scenario_is_made_by_names_saved_and_compared(folder: Path) -> None:
    app = open_app()
    app.button(key="begin").click().run()
    app.text_input(key="scenario_name_").set_value("Without the jobcentre").run()
    app.selectbox(key="form_change").select("close").run()
    app.selectbox(key="form_close_venue").select("v3").run()
    assert "This would be added: Close Jobcentre Plus." in words(app)
    app.button(key="add_change").click().run()
    assert "1. Close Jobcentre Plus." in words(app)
    app.button(key="save_scenario").click().run()
    assert not app.exception
    assert not app.error
    kept, _ = read_kept(folder)
    assert kept["without-the-jobcentre"].scenario == CLOSE
    assert app.query_params["scenarios"] == "without-the-jobcentre"
    # The only jobcentre closes: everyone who reached it loses, and nobody gains.
    assert "Without the jobcentre: 0 people live in areas where some service comes nearer" in words(
        app
    )
    assert EQUALITY_TITLE in words(app)
    services = table(app, "People who lose").set_index("Nearest")
    assert services.loc["Jobcentres", "People who lose"] > 0
    assert (services["People who gain"] == 0).all()


def test_scenarios_in_the_address_stand_side_by_side(folder: Path) -> None:
    put(folder, "close", CLOSE)
    put(folder, "gp", GP)
    app = open_app(scenarios="close.gp", kind="gp", on_map="gp")
    assert not app.exception
    assert "Most people gaining, less those losing, over all kinds: A practice at the library" in (
        words(app)
    )
    services = table(app, f"People who lose: {CLOSE.name}").set_index("Nearest")
    gp = services.loc["GP practices"]
    assert gp[f"People who gain: {GP.name}"] > 0 == gp[f"People who lose: {GP.name}"]
    areas = table(app, f"What changes: {GP.name}")
    assert sorted(areas["Code"]) == CODES[:28]
    app.selectbox(key="area_list").select("E01900015").run()
    said = next(line for line in words(app).splitlines() if f"Square 15, {GP.name}:" in line)
    # The practice of the library is in the middle of this very square.
    assert "GP practice" in said
    assert said.endswith("0 min after.")


def test_a_scenario_that_cannot_be_made_is_told_and_the_others_stand(folder: Path) -> None:
    put(folder, "gp", GP)
    put(folder, "odd", Scenario(name="Odd", changes=(CloseVenue(venue_id="nowhere"),)))
    app = open_app(scenarios="gp.odd")
    assert not app.exception
    assert "Odd cannot be worked out." in words(app)
    assert "A practice at the library:" in words(app)


def test_two_tabs_that_change_one_scenario_lose_nothing(folder: Path) -> None:
    put(folder, "gp", GP)
    tabs = [open_app(do="make") for _ in range(2)]
    for tab, venue in zip(tabs, ("v3", "v4"), strict=True):
        tab.selectbox(key="scenario_working").select("gp").run()
        tab.selectbox(key="form_change").select("close").run()
        tab.selectbox(key="form_close_venue").select(venue).run()
        tab.button(key="add_change").click().run()
    tabs[0].button(key="save_scenario").click().run()
    assert len(read_kept(folder)[0]["gp"].scenario.changes) == 2
    late = tabs[1].button(key="save_scenario").click().run()
    assert "was changed elsewhere since you opened it" in words(late)
    assert "Close Jobcentre Plus." in words(late)
    assert "2. Close North Library." in words(late)
    late.button(key="keep_both").click().run()
    kept, _ = read_kept(folder)
    assert {one.scenario.name: one.scenario.changes[-1] for one in kept.values()} == {
        GP.name: CloseVenue(venue_id="v3"),
        f"{GP.name} (2)": CloseVenue(venue_id="v4"),
    }


def test_a_change_is_removed_again(folder: Path) -> None:
    put(folder, "close", CLOSE)
    app = open_app(do="make")
    app.selectbox(key="scenario_working").select("close").run()
    app.button(key="remove_close_0").click().run()
    assert "No change yet: this is today." in words(app)
    assert app.button(key="save_scenario").disabled


def test_a_new_scenario_comes_beside_the_scenarios_that_were_compared(folder: Path) -> None:
    put(folder, "gp", GP)
    app = open_app(scenarios="gp", do="make")
    app.selectbox(key="form_change").select("close").run()
    app.button(key="add_change").click().run()
    app.text_input(key="scenario_name_").set_value("Less").run()
    app.button(key="save_scenario").click().run()
    assert app.query_params["scenarios"] == "gp.less"


def test_where_files_may_not_be_written_it_stays_in_the_session(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "may_open_files", lambda: False)
    app = open_app()
    app.button(key="example").click().run()
    assert not app.exception
    assert "kept in this session" in words(app)
    assert not (folder / FOLDER).exists()
    assert "What is changed" in words(app)


def test_a_folder_that_is_gone_leaves_what_was_made_to_download(folder: Path) -> None:
    app = open_app(do="make")
    app.selectbox(key="form_change").select("close").run()
    app.button(key="add_change").click().run()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    app.run()
    assert not app.exception
    assert "there is no project file here" in words(app)
    assert "Nothing that you made here is lost" in words(app)
    assert app.get("download_button")


def test_a_new_venue_is_placed_by_a_click_or_by_numbers(folder: Path) -> None:
    app = open_app(do="make")
    app.selectbox(key="form_change").select("open").run()
    app.text_input(key="form_open_name").set_value("<b>Hub</b>").run()
    app.multiselect(key="form_open_kinds").select("gp").run()
    assert app.button(key="add_change").disabled
    app.text_input(key=f"choice_{scenarios.SPOT}").set_value(f"{WEST + 500}, {SOUTH + 700}").run()
    app.button(key="add_change").click().run()
    assert not app.exception
    (draft,) = app.session_state["scenario_drafts"].values()
    (change,) = draft.scenario.changes
    assert (change.x, change.y, change.kinds) == (WEST + 500, SOUTH + 700, ("gp",))
    assert "<b>" not in "".join(m.value for m in app.markdown).replace("\\<b\\>", "")


# ---- without a page ------------------------------------------------------------------------------


@pytest.fixture
def compared(tmp_path: Path) -> tuple[Any, shown.Compared]:
    project = Project.read(write_project(tmp_path))
    moved = Scenario(
        name="Moved",
        changes=(
            MoveVenue(venue_id="v1", x=WEST + 5500.0, y=SOUTH + 4500.0),
            OpenVenue(venue_id="n", name="New", x=WEST + 100.0, y=SOUTH + 100.0, kinds=("gp",)),
        ),
    )
    tell: Callable[[str, float], None] = lambda words, share: None  # noqa: E731
    made = [(key, one, work_out(project, one, None, tell)) for key, one in
            (("gp", GP), ("moved", moved))]  # fmt: skip
    return stand_in_plan(project, None, tell), shown.build_compared(made)


def test_the_map_tells_better_from_worse_and_counts_every_area(
    compared: tuple[Any, shown.Compared],
) -> None:
    plan, two = compared
    for kind in ("any_kind", "gp", "bundle"):
        view = mapped.view(plan, two, 1, kind)
        assert sum(entry.count for entry in view.classes.entries) == 28
        looks = [(entry.colour, entry.pattern) for entry in view.classes.entries]
        assert len(set(looks)) == len(looks)
    labels = [points.label for points in mapped.points(plan, two.answers[1], "gp")]
    assert labels == ["Moves here", "Opens, or offers more"]


def test_counts_in_the_tables_are_those_of_all_people(compared: tuple[Any, shown.Compared]) -> None:
    _, two = compared
    for by in ("by_type", "by_tenth"):
        frame = shown.groups_table(two, by, "Group", "any_kind")
        assert frame["People"].sum() == PLACE_PEOPLE
        whole = two.found[1].summary.loc["any_kind", "people_winning"]
        assert frame["People who gain: Moved"].sum() == whole


def test_the_download_holds_the_scenarios_that_made_it_and_is_always_the_same(
    compared: tuple[Any, shown.Compared],
) -> None:
    plan, two = compared
    content = results.to_zip(plan, two)
    assert content == results.to_zip(plan, two)
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        names = pack.namelist()
        assert from_toml(pack.read("gp/scenario.toml")) == GP
        assert "Fictional place" in pack.read("READ_ME.txt").decode("utf-8-sig")
    assert {"moved/before_after_areas.csv", "side_by_side_summary.csv"} <= set(names)
    assert replace(two, keys=two.keys[:1]).head("People who gain", 0) == "People who gain"
