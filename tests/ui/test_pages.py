"""Does every page stand, say something true, and answer to one choice?"""

from __future__ import annotations

import os
import re
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import HOSTILE_NAME, stand_in_plan, write_project

from planner.errors import DataError
from planner.report.why import build_why
from planner.ui import main, parts, state

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    monkeypatch.setattr(state, "may_open_files", lambda: True)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    st.cache_resource.clear()


def open_page(app: AppTest, name: str) -> AppTest:
    app.run()
    if name != "place":
        app.switch_page(str(main.PAGES_FOLDER / f"{name}.py")).run()
    return app


def words(app: AppTest) -> str:
    """Return everything written on the page, without Markdown's marks."""
    written = [*app.title, *app.header, *app.markdown, *app.caption, *app.warning, *app.error]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


PAGES = list(main.PAGES)


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    """Return each page once, opened and only looked at."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("project")
        patch.setenv(state.PROJECT_VARIABLE, str(write_project(folder)))
        patch.setattr(state, "work_out", stand_in_plan)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
        return open_page(app, request.param)


@pytest.fixture
def about_place(page: AppTest) -> AppTest:
    """Return each page that shows figures of the place."""
    if page.title[0].value == "Accessibility statement":
        pytest.skip("the statement is about the app")
    return page


def test_a_page_opens_without_an_exception(page: AppTest) -> None:
    assert not page.exception
    assert not page.error


def test_a_fictional_place_is_watermarked_on_every_page(about_place: AppTest) -> None:
    page = about_place
    assert [w for w in page.warning if "Fictional place" in w.value]


def test_every_page_has_a_table_and_a_download(about_place: AppTest) -> None:
    page = about_place
    assert page.dataframe
    assert page.get("download_button")


def test_every_page_names_source_and_date(about_place: AppTest) -> None:
    page = about_place
    tables = " ".join(table.value.to_string() for table in page.dataframe)
    assert "Made by hand" in words(page) + tables
    assert "2026" in words(page) + tables


# Thirty squares, of which the last two are context: 28 areas, with 1000 + 50 i residents.
# Sum over i = 0..27: 28 × 1000 + 50 × 27 × 28 / 2 = 46,900.
def test_place_counts_areas_and_people(app: AppTest) -> None:
    open_page(app, "place")
    assert "28 small areas and 46,900 people" in words(app)


def test_place_lists_what_could_not_be_placed(app: AppTest) -> None:
    open_page(app, "place")
    assert any("=Lost Surgery" in table.value.to_string() for table in app.dataframe)


def test_place_says_what_is_absent(app: AppTest) -> None:
    open_page(app, "place")
    assert "Not in this project: streets and a timetable." in words(app)


def test_place_refuses_a_project_that_is_not_there_and_stays(app: AppTest, tmp_path: Path) -> None:
    open_page(app, "place")
    app.text_input[0].set_value(str(tmp_path / "nowhere.toml"))
    next(one for one in app.button if one.label == "Open this project").click().run()
    assert "there is no project file here" in words(app)
    assert "28 small areas" in words(app)


def test_a_visitor_from_elsewhere_cannot_name_a_file(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "may_open_files", lambda: False)
    open_page(app, "place")
    assert not app.text_input
    assert state.open_project(os.environ[state.PROJECT_VARIABLE])


@pytest.mark.parametrize(
    ("address", "allowed"), [("127.0.0.1", True), ("0.0.0.0", False), (None, False)]
)
def test_files_are_opened_by_name_only_at_this_machine(
    monkeypatch: pytest.MonkeyPatch, address: str | None, allowed: bool
) -> None:
    monkeypatch.setattr(st, "get_option", lambda _: address)
    assert state.may_open_files() is allowed


def test_need_shows_rank_1_first(app: AppTest) -> None:
    open_page(app, "need")
    table = app.dataframe[0].value
    assert table["Rank"].tolist() == list(range(1, 29))


def test_need_takes_its_measure_from_the_address(app: AppTest) -> None:
    app.run()
    app.query_params["measure"] = "domain-health"
    app.switch_page(str(main.PAGES_FOLDER / "need.py")).run()
    assert app.selectbox(key="choice_measure").value == "domain-health"


def test_an_unknown_value_in_the_address_is_ignored_and_removed(app: AppTest) -> None:
    app.run()
    app.query_params["measure"] = "../../etc/passwd"
    app.query_params["area"] = "E09999999"
    app.switch_page(str(main.PAGES_FOLDER / "need.py")).run()
    assert app.selectbox(key="choice_measure").value == "tenth"
    assert "measure" not in app.query_params
    assert "area" not in app.query_params


def test_a_choice_stands_in_the_address(app: AppTest) -> None:
    open_page(app, "need")
    app.selectbox(key="choice_measure").select("score").run()
    app.selectbox(key="area_list").select("E01900002").run()
    assert app.query_params["measure"] == "score"
    assert app.query_params["area"] == "E01900002"


def test_neighbourhoods_types_cover_every_area_once(app: AppTest) -> None:
    open_page(app, "neighbourhoods")
    types = app.dataframe[0].value
    assert types["Areas"].sum() == 28
    app.selectbox(key="area_list").select("E01900003").run()
    assert "Square 3 (E01900003) is of type" in words(app)


def test_an_area_without_a_type_says_which_figure_is_missing(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_crime(*asked: object) -> object:
        plan = stand_in_plan(*asked)  # type: ignore[arg-type]
        types = plan.neighbourhoods
        labels, status = types.labels.copy(), types.status.copy()
        labels["E01900003"], status.loc["E01900003", "crime"] = pd.NA, "missing"
        plan.neighbourhoods = replace(types, labels=labels, status=status)
        return plan

    monkeypatch.setattr(state, "work_out", without_crime)
    open_page(app, "neighbourhoods")
    assert "1 area with" in words(app)
    app.selectbox(key="area_list").select("E01900003").run()
    assert "Square 3 (E01900003) has no type. No figure: Crime score." in words(app)
    for name in ("neighbourhoods", "place"):
        open_page(app, name)
        areas = next(f.value for f in app.dataframe if "Code" in f.value)
        assert areas.set_index("Code").loc["E01900003", "Type"] == "not typed: no data"


def test_place_lists_venues_with_what_is_known_of_them(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*asked: object) -> object:
        plan = stand_in_plan(*asked)  # type: ignore[arg-type]
        services = plan.services
        plan.services = replace(
            services,
            venues=services.venues.assign(accessibility="step-free"),
            offers=services.offers.assign(languages="English;Welsh"),
        )
        return plan

    monkeypatch.setattr(state, "work_out", told)
    open_page(app, "place")
    venues = next(f.value for f in app.dataframe if "Venue" in f.value)
    assert set(venues["Accessibility"]) == {"step-free"}
    assert "English, Welsh" in set(venues["Languages"])


# The GP is at (0.6, 0.4) km. The centre of square 1 is (0.5, 0.5): 0.1414 km × 1.3 at 4.8 km/h
# is 2.3 minutes.
def test_access_shows_the_minutes_of_the_chosen_service(app: AppTest) -> None:
    open_page(app, "access")
    app.selectbox(key="choice_kind").select("gp").run()
    assert not app.exception
    table = app.dataframe[0].value.set_index("Code")
    assert table.loc["E01900001", "Minutes to the nearest"] == pytest.approx(2, abs=0.5)


def test_access_keeps_far_apart_from_missing(app: AppTest) -> None:
    open_page(app, "access")
    assert "further than the longest journey searched" in words(app)


def test_access_draws_a_chart_with_words_for_it(app: AppTest) -> None:
    open_page(app, "access")
    # How people are spread, and the tenths of need.
    assert len(app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")) == 2


def test_gaps_ranks_every_area_and_says_why(app: AppTest) -> None:
    open_page(app, "gaps")
    app.selectbox(key="choice_kind").select("gp").run()
    table = app.dataframe[0].value
    assert table["Rank"].tolist() == list(range(1, 29))
    assert table["Why"].str.contains("tenth of need").all()


def test_gaps_tells_why_of_the_chosen_area_in_the_words_of_the_report(app: AppTest) -> None:
    open_page(app, "gaps")
    plan = stand_in_plan(state.opened().read(), None, lambda words, share: None)
    code = str(plan.area.codes[4])
    app.selectbox(key="area_list").select(code).run()
    said = words(app)
    for statement in build_why(plan, code).statements:
        assert statement.text in said


@pytest.mark.parametrize("measure", ["two-way", "status", "score"])
def test_gaps_map_can_be_chosen_and_stays_in_the_address(app: AppTest, measure: str) -> None:
    open_page(app, "gaps")
    app.selectbox(key="choice_map").select(measure).run()
    assert not app.exception
    assert app.query_params.get("map") == (None if measure == "two-way" else measure)


def test_gaps_holds_every_standard_against_people(app: AppTest) -> None:
    open_page(app, "gaps")
    tables = [frame.value for frame in app.dataframe]
    standards = next(table for table in tables if "People beyond" in table)
    assert standards["Service"].tolist() == ["GP practice", "Jobcentre", "Library"]
    counted = standards[["People within", "People beyond", "People not known"]].sum(axis=1)
    assert (counted == counted.iloc[0]).all()


def test_hubs_number_is_recomputed_and_kept_in_the_address(app: AppTest) -> None:
    open_page(app, "hubs")
    assert len(app.dataframe[0].value) == 2
    app.number_input(key="choice_hubs").set_value(1).run()
    assert len(app.dataframe[0].value) == 1
    assert app.query_params["hubs"] == "1"
    assert "proved to be the best choice" in words(app)


def test_hubs_more_than_candidates_is_a_message_not_a_crash(app: AppTest) -> None:
    open_page(app, "hubs")
    app.number_input(key="choice_hubs").set_value(40).run()
    assert not app.exception
    assert app.error
    app.number_input(key="choice_hubs").set_value(1).run()
    assert not app.error


def test_data_gives_sources_notes_and_standards(app: AppTest) -> None:
    open_page(app, "data")
    assert "1 service has no place." in words(app)
    assert "Areas are not people" in words(app)
    assert any("Made by hand" in table.value.to_string() for table in app.dataframe)


def test_text_from_files_never_becomes_markup(app: AppTest) -> None:
    code = "E01900008"
    open_page(app, "need")
    app.selectbox(key="area_list").select(code).run()
    shown = [m.value for m in app.markdown if code in m.value]
    assert shown
    assert HOSTILE_NAME in words(app).replace("&amp;", "&")
    assert not any("![" in text.replace("\\!\\[", "") or "<b>" in text for text in shown)


def test_an_error_made_for_people_is_a_message_with_what_to_do(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DataError("areas.csv, row 3: no code.", hint="Add the code.")

    monkeypatch.setattr(state, "work_out", fail)
    app.run()
    assert not app.exception
    assert "areas.csv, row 3: no code." in words(app)
    assert "Add the code." in words(app)


def test_a_project_deleted_under_the_app_is_a_message(app: AppTest) -> None:
    app.run()
    Path(os.environ[state.PROJECT_VARIABLE]).unlink()
    app.run()
    assert not app.exception
    assert "there is no project file here" in words(app)


def test_a_changed_file_is_worked_out_again(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def count(*given: object) -> object:
        calls.append(given)
        return stand_in_plan(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(state, "work_out", count)
    app.run()
    app.run()
    assert len(calls) == 1
    Path(os.environ[state.PROJECT_VARIABLE]).with_name("areas.csv").write_text("changed")
    app.run()
    assert len(calls) == 2


def test_long_work_ends_on_the_page_it_was_for(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*given: object) -> object:
        time.sleep(0.7)  # longer than a page waits before it says what is going on
        return stand_in_plan(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(state, "work_out", slow)
    open_page(app, "need")
    assert not app.exception
    assert "Need is greatest in" in words(app)


def test_a_job_says_its_stage_and_hands_over_its_result() -> None:
    go_on = threading.Event()

    def work(tell: Callable[[str, float], None]) -> str:
        tell("Reading streets", 0.4)
        go_on.wait(TIMEOUT)
        return "plan"

    job = state.Job(work)
    assert not job.done(seconds=0.1)
    assert (job.words, job.share) == ("Reading streets", 0.4)
    go_on.set()
    assert job.done(seconds=TIMEOUT)
    assert job.result() == "plan"


def test_a_job_that_fails_raises_what_went_wrong() -> None:
    def work(tell: Callable[[str, float], None]) -> None:
        raise DataError("areas.csv: empty.")

    job = state.Job(work)
    assert job.done(seconds=TIMEOUT)
    with pytest.raises(DataError, match=r"areas\.csv: empty"):
        job.result()


def test_a_cell_never_runs_as_a_formula() -> None:
    frame = pd.DataFrame({"=name": ["=1+1", "@x", "plain", None], "number": [-1.0, 2.0, 3.0, 4.0]})
    text = parts.to_csv(frame).decode("utf-8-sig")
    rows = [line.split(",")[0] for line in text.splitlines()]
    assert rows[:4] == ["'=name", "'=1+1", "'@x", "plain"]


def test_settings_of_the_package_and_of_the_checkout_are_the_same() -> None:
    table = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    flat = {
        f"{section}.{key}": str(value).lower() if isinstance(value, bool) else str(value)
        for section, values in table.items()
        for key, value in values.items()
    }
    assert flat == main.SETTINGS


def test_the_app_stays_on_this_machine_and_reports_nothing() -> None:
    flags = main.streamlit_flags()
    assert "--server.address=127.0.0.1" in flags
    assert "--browser.gatherUsageStats=false" in flags
