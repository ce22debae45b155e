"""Do several people on one server each see the study area they chose, and nothing else?"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import PROJECT, stand_in_plan

from planner.errors import ProjectError
from planner.scenario import CloseVenue, Scenario
from planner.ui import main, parts, scenarios, served, serving, state

ROOT = Path(__file__).resolve().parents[2]
EVIL = "<script>alert(1)<"
TURNED = 'ab\u202ecd 🏥 "it\'s"'


def write_area(folder: Path, name: str, *, private: bool = False) -> Path:
    folder.mkdir(parents=True)
    (folder / "areas.csv").write_text("not read by the stand-in\n", encoding="utf-8")
    text = PROJECT.replace('"Thirtysquares"', f"'''{name}'''")
    if private:
        text += (
            '\n[[private]]\nid = "cases"\ntitle = "Cases"\nfile = "cases.csv"\nhigh_is = "worse"\n'
        )
    (folder / "planner.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    top = tmp_path / "served"
    write_area(top / "north", "North place")
    write_area(top / "south", "South place")
    monkeypatch.setenv(serving.SERVE_VARIABLE, str(top))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    monkeypatch.setattr(st, "get_option", lambda _: "127.0.0.1")
    st.cache_resource.clear()
    yield top
    st.cache_resource.clear()


def visit(page: str = "place", **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    return app if page == "place" else to_page(app, page)


def to_page(app: AppTest, page: str) -> AppTest:
    return app.switch_page(str(main.PAGES_FOLDER / f"{page}.py")).run()


def words(app: AppTest) -> str:
    written = [*app.title, *app.header, *app.markdown, *app.caption, *app.warning, *app.error]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def whose(app: AppTest) -> str:
    return str(next(one.value for one in app.sidebar.caption if "Study area" in one.value))


def addressed(app: AppTest) -> str:
    # Streamlit's stand-in for a browser gives a list.
    found = app.query_params[serving.IN_ADDRESS]
    return found if isinstance(found, str) else found[0]


# ---- which study areas there are ---------------------------------------------------------------


def test_study_areas_are_the_folders_with_a_project_file(root: Path) -> None:
    (root / "notes").mkdir()
    (root / ".hidden").mkdir()
    (root / ".hidden" / "planner.toml").write_text(PROJECT)
    (root / "planner.toml").write_text(PROJECT)
    found = serving.find_projects()
    assert {name: (one.label, one.wrong) for name, one in found.items()} == {
        "north": ("North place", ""),
        "south": ("South place", ""),
    }


def test_what_leads_outside_is_listed_and_not_opened(root: Path, tmp_path: Path) -> None:
    outside = write_area(tmp_path / "elsewhere", "Secret place")
    (root / "folder").symlink_to(outside)
    (root / "file").mkdir()
    (root / "file" / "planner.toml").symlink_to(outside / "planner.toml")
    (root / "round").symlink_to(root / "round")
    (root / "planner.toml").write_text(PROJECT)
    (root / "up").mkdir()
    (root / "up" / "planner.toml").symlink_to(root / "planner.toml")
    found = serving.find_projects()
    assert [name for name, one in found.items() if not one.wrong] == ["north", "south"]
    assert not any("Secret" in one.label + one.wrong for one in found.values())
    for name in ("folder", "file", "up"):
        with pytest.raises(ProjectError, match="leads outside"):
            serving.open_named(name)


@pytest.mark.parametrize(
    "name", ["..", "../elsewhere", "north/../south", "/etc", "north/", "NORTH", ".", "nor\x00th"]
)
def test_a_name_is_only_one_of_those_found(root: Path, name: str) -> None:
    with pytest.raises(ProjectError, match="not on this server"):
        serving.open_named(name)


def test_a_link_put_there_after_the_choice_is_not_followed(root: Path, tmp_path: Path) -> None:
    app = visit(project="north")
    assert whose(app).endswith("North place")
    outside = write_area(tmp_path / "elsewhere", "Secret place")
    shutil.rmtree(root / "north")
    (root / "north").symlink_to(outside)
    app.run()
    assert "leads outside" in words(app)
    assert "Secret" not in words(app)


def test_a_study_area_that_does_not_read_is_listed_with_its_reason(root: Path) -> None:
    (root / "south" / "planner.toml").write_text("[place\n")
    one = serving.find_projects()["south"]
    assert "not a TOML file" in one.wrong
    app = visit(project="south")
    assert "South" not in words(app)
    assert "south cannot be opened" in words(app)
    assert str(root) not in words(app) + one.wrong
    table = app.dataframe[0].value
    assert table["Can it be opened?"].tolist()[0] == "Yes"
    assert "not a TOML file" in table["Can it be opened?"].tolist()[1]


def test_names_of_every_kind_are_shown_safely(root: Path) -> None:
    write_area(root / TURNED, "Ordinary")
    write_area(root / "evil", EVIL)
    write_area(root / "twin", EVIL)
    found = serving.find_projects()
    assert found[TURNED].label == "Ordinary"
    assert {found["evil"].label, found["twin"].label} == {f"{EVIL} (evil)", f"{EVIL} (twin)"}
    assert serving.shown_name(TURNED) == 'abcd 🏥 "it\'s"'
    app = visit(project=TURNED)
    assert whose(app).endswith("Ordinary")
    app = visit(project="evil")
    assert not app.exception
    assert "<script>" not in "".join(m.value.replace("\\<", "") for m in app.sidebar.caption)
    assert "<script>" in words(app)


def test_a_folder_whose_name_is_not_text_is_said_to_be_so(root: Path) -> None:
    strange = root / "caf\udce9"
    try:
        write_area(strange, "Café")
    except OSError:
        pytest.skip("this file system takes text only")
    assert "rename the folder" in serving.find_projects()["caf\udce9"].wrong
    assert "2 study areas can be opened. 1 cannot" in words(visit())


# ---- choosing one ------------------------------------------------------------------------------


def test_without_a_choice_the_list_stands_there(root: Path) -> None:
    app = visit("need")
    assert app.title[0].value == "Study areas"
    app.selectbox(key="served_list").select("south").run()
    assert whose(app).endswith("South place")
    assert addressed(app) == "south"


def test_the_only_study_area_needs_no_choice(root: Path) -> None:
    shutil.rmtree(root / "south")
    assert whose(visit()).endswith("North place")


def test_two_tabs_each_keep_their_own_study_area_and_choices(root: Path) -> None:
    north, south = visit("need", project="north"), visit("need", project="south")
    north.selectbox(key="choice_measure").select("domain-health").run()
    state_of_north = north.query_params["measure"]
    south.run()
    assert (whose(north)[-11:], whose(south)[-11:]) == ("North place", "South place")
    assert south.selectbox(key="choice_measure").value == "tenth"
    assert "measure" not in south.query_params
    assert "domain-health" in state_of_north
    to_page(north, "gaps")
    assert (whose(north)[-11:], addressed(north)) == ("North place", "north")


def test_another_study_area_forgets_the_chosen_area(root: Path) -> None:
    app = visit("need", project="north", area="E01900003")
    assert app.session_state["chosen_area"] == "E01900003"
    app.selectbox(key="served_side").select("south").run()
    assert whose(app).endswith("South place")
    assert addressed(app) == "south"
    assert app.session_state["chosen_area"] == ""


def test_no_file_can_be_named_and_no_other_place_opened(root: Path) -> None:
    app = visit(project="north")
    assert not app.text_input
    assert not [one for one in app.button if "Open" in one.label or "Back" in one.label]
    assert not state.may_open_files()
    assert state.open_project(str(root / "south" / "planner.toml"))


def test_private_layers_are_left_out_though_the_address_is_local(root: Path) -> None:
    write_area(root / "cases", "Case place", private=True)
    app = visit(project="cases")
    assert not app.exception
    assert not app.error
    assert state._PRIVATE not in app.session_state
    assert not state.private_allowed()


# ---- what goes wrong meanwhile ------------------------------------------------------------------


def test_a_deleted_study_area_is_a_message_and_others_can_be_chosen(root: Path) -> None:
    app = visit("need", project="north")
    shutil.rmtree(root / "north")
    app.run()
    assert not app.exception
    assert "is not on this server any more" in words(app)
    assert "put its folder back" in words(app)
    assert str(root) not in words(app)
    app.selectbox(key="served_side").select("south").run()
    assert whose(app).endswith("South place")
    assert not app.error


def test_a_deleted_root_is_a_message_and_comes_back(root: Path) -> None:
    app = visit("need", project="north")
    root.rename(root.with_name("away"))
    app.run()
    assert not app.exception
    assert "The folder of study areas is no longer there" in words(app)
    root.with_name("away").rename(root)
    app.run()
    assert not app.error
    assert whose(app).endswith("North place")


def test_a_file_that_goes_while_it_is_read_is_a_message(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", str(root / "north" / "gp.csv"))

    monkeypatch.setattr(state, "work_out", fail)
    app = visit(project="north")
    assert not app.exception
    assert "gp.csv cannot be read: no such file or directory." in words(app)
    assert str(root) not in words(app)


def test_messages_do_not_name_folders_of_the_server(root: Path) -> None:
    said = parts.escape(f"Looked in {root}, {root / 'north'}.").replace("\\", "")
    assert said == "Looked in …, north."


# ---- scenarios and writing ----------------------------------------------------------------------

CLOSE = Scenario(name="Close one", changes=(CloseVenue(venue_id="v2"),))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    kept: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


def test_scenarios_are_shared_in_the_folder_unless_it_is_read_only(
    root: Path, session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = serving.open_named("north").read()
    draft = scenarios.Draft(scenario=CLOSE)
    monkeypatch.setenv(serving.READ_ONLY_VARIABLE, "1")
    scenarios.save(project, "", draft)
    assert not (root / "north" / "scenarios").exists()
    assert list(scenarios.find_all(project)[0]) == ["close-one"]
    assert "Nothing is written" in scenarios.why_not_kept(project)
    monkeypatch.delenv(serving.READ_ONLY_VARIABLE)
    session.clear()
    assert not scenarios.find_all(project)[0]
    scenarios.save(project, "", draft)
    assert (root / "north" / "scenarios" / "close-one.toml").is_file()
    monkeypatch.setenv(serving.READ_ONLY_VARIABLE, "1")
    scenarios.delete(project, scenarios.find_all(project)[0]["close-one"])
    assert (root / "north" / "scenarios" / "close-one.toml").is_file()


def test_there_is_an_end_to_scenarios_in_a_folder(
    root: Path, session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenarios.files, "MOST_KEPT", 1)
    project = serving.open_named("north").read()
    scenarios.save(project, "", scenarios.Draft(scenario=CLOSE))
    other = Scenario(name="Another", changes=CLOSE.changes)
    scenarios.save(project, "", scenarios.Draft(scenario=other))
    assert list(scenarios.find_all(project)[0]) == ["close-one"]
    assert scenarios.said()[0] == "error"


# ---- sign-in ------------------------------------------------------------------------------------


def test_nothing_shows_before_signing_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(serving.SIGN_IN_VARIABLE, "1")
    app = visit("need", project="north")
    assert "place" not in words(app).replace("Place", "")
    assert not app.dataframe
    assert not app.sidebar.caption
    app.button[0].click().run()
    assert not app.exception
    assert "Sign-in is not set up on this server" in words(app)


def test_who_signed_in_sees_the_app_and_can_leave(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class User(dict[str, str]):
        is_logged_in = True

    monkeypatch.setenv(serving.SIGN_IN_VARIABLE, "1")
    monkeypatch.setattr(served.st, "user", User(email="<b>someone"))
    app = visit(project="north")
    assert whose(app).endswith("North place")
    assert "Signed in as <b>someone" in words(app)
    assert "Sign out" in [one.label for one in app.sidebar.button]
