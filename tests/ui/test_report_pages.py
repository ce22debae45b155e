"""Do report, area, method and accessibility pages say what is so, and give what they promise?"""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import CODES, HOSTILE_NAME, stand_in_plan, write_project

from planner.definitions import DEFINITIONS
from planner.report import build_sections
from planner.ui import accessibility, made_files, main, state

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", stand_in_plan)
    st.cache_resource.clear()
    yield AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT)
    st.cache_resource.clear()


@pytest.fixture
def plan(app: AppTest) -> Any:
    return stand_in_plan(state.opened().read(), None, lambda words, share: None)


def open_page(app: AppTest, name: str, **asked: str) -> AppTest:
    if "area" in asked:
        app.query_params["area"] = asked["area"]  # an address is taken up at the first visit
    app.run()
    for key, value in asked.items():
        app.query_params[key] = value
    app.switch_page(str(main.PAGES_FOLDER / f"{name}.py")).run()
    return app


def open_report(app: AppTest, **asked: str) -> AppTest:
    """Open the report and wait until its parts are there."""
    open_page(app, "report", **asked)
    for _ in range(20):
        if boxes(app):
            return app
        time.sleep(0.3)
        app.run()
    raise AssertionError("The report was not made.")


def boxes(app: AppTest) -> list[Any]:
    return [one for one in app.checkbox if str(one.key).startswith("choice_parts_")]


def words(app: AppTest) -> str:
    written = [*app.title, *app.header, *app.markdown, *app.caption, *app.warning, *app.success]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def download(app: AppTest, label: str) -> Any:
    return next(one for one in app.get("download_button") if label in one.proto.label)


# ---- report ------------------------------------------------------------------------------------


def test_report_offers_every_part_it_has(app: AppTest, plan: Any) -> None:
    open_report(app)
    assert not app.exception
    titles = [section.title for section in build_sections(plan)]
    table = next(one.value for one in app.dataframe if "In the report" in one.value)
    assert table["Part"].tolist() == titles
    assert (table["In the report"] == "yes").all()
    assert [one.label for one in boxes(app)] == titles
    assert all(one.value for one in boxes(app))


def test_report_parts_that_are_left_out_stand_in_the_address(app: AppTest) -> None:
    open_report(app)
    for box in boxes(app):
        if box.key not in {"choice_parts_need", "choice_parts_gaps"}:
            box.uncheck()
    app.run()
    assert app.query_params["parts"] in ("need.gaps", ["need.gaps"])
    table = next(one.value for one in app.dataframe if "In the report" in one.value)
    assert table.loc[table["In the report"] == "yes", "Part"].tolist() == [
        "Where needs stack up",
        "Where the gaps are",
    ]


def test_report_takes_its_parts_from_the_address(app: AppTest) -> None:
    open_report(app, parts="hubs.need")
    ticked = [one.key for one in boxes(app) if one.value]
    assert ticked == ["choice_parts_need", "choice_parts_hubs"]


def test_report_ignores_parts_that_are_not_there(app: AppTest) -> None:
    open_report(app, parts="hubs.../../etc/passwd")
    assert all(one.value for one in boxes(app))


def test_report_says_so_when_nothing_is_chosen(app: AppTest) -> None:
    open_report(app)
    for box in boxes(app):
        box.uncheck()
    app.run()
    assert "Choose at least one part" in app.info[0].value
    assert not app.exception


def test_report_keeps_downloads_that_need_no_waiting(app: AppTest) -> None:
    open_page(app, "report")
    assert download(app, "map.html")
    assert download(app, "project file")


def test_report_makes_a_zip_and_says_how_large(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as pack:
        pack.writestr("areas.csv", "area_code\n")
    monkeypatch.setattr(
        "planner.ui.report_parts.files.build_zip", lambda plan, *, tell: made.getvalue()
    )
    open_report(app)
    assert "The ZIP is ready" not in words(app)
    app.button(key="make_zip").click().run()
    for _ in range(20):
        if "The ZIP is ready" in words(app):
            break
        time.sleep(0.2)
        app.run()
    assert "The ZIP is ready" in words(app)
    assert download(app, "all of it")


def test_making_a_zip_can_be_stopped_and_begun_again(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def slow(plan: Any, *, tell: Any) -> bytes:
        for step in range(600):
            seen.append("step")
            tell(f"Writing step {step}", step / 600)
            time.sleep(0.05)
        return b"never"

    monkeypatch.setattr("planner.ui.report_parts.files.build_zip", slow)
    open_report(app)
    app.button(key="make_zip").click().run()
    stop = next(one for one in app.button if one.label == "Stop making the ZIP")
    stop.click().run()
    assert not [one for one in app.button if one.label == "Stop making the ZIP"]
    time.sleep(0.3)
    steps = len(seen)
    time.sleep(0.3)
    assert len(seen) == steps  # the thread has ended, not only the waiting
    assert app.button(key="make_zip")


def test_what_is_made_is_bounded(app: AppTest) -> None:
    def script() -> None:
        from planner.ui import made_files

        for number in range(made_files.MOST_KEPT + 3):
            made_files.begin(f"key {number}", lambda tell: b"")

    one = AppTest.from_function(script).run()
    held = one.session_state["made_files"]
    assert len(held) == made_files.MOST_KEPT
    assert f"key {made_files.MOST_KEPT + 2}" in held


# ---- area --------------------------------------------------------------------------------------


def test_area_asks_for_one_first(app: AppTest) -> None:
    open_page(app, "area")
    assert not app.exception
    assert "Choose an area" in words(app)


def test_area_from_the_address_has_every_part(app: AppTest) -> None:
    open_page(app, "area", area=CODES[4])
    assert not app.exception
    said = words(app)
    assert f"Square 5 ({CODES[4]}) has 1,200 people" in said
    headers = [one.value for one in app.header]
    assert headers == [
        "Need",
        "Type of neighbourhood",
        "Services, and how long it takes to the nearest",
        "Gaps, and why",
        "What hubs would change",
        "Areas most like it",
        "Limits",
    ]
    assert download(app, "to print")


def test_area_escapes_a_hostile_name(app: AppTest) -> None:
    open_page(app, "area", area=CODES[7])
    shown = [one.value for one in app.markdown if CODES[7] in one.value]
    assert shown
    assert HOSTILE_NAME in words(app)
    assert not any("<b>" in text or "![x]" in text for text in shown)


def test_other_pages_lead_to_a_chosen_area(app: AppTest) -> None:
    open_page(app, "need", area=CODES[4])
    links = [one for one in app.get("page_link") if "All that is known" in one.proto.label]
    assert len(links) == 1
    assert CODES[4] in links[0].proto.query_string


def test_nothing_leads_to_an_area_that_is_not_chosen(app: AppTest) -> None:
    open_page(app, "need")
    assert not app.get("page_link")


# ---- data and method ---------------------------------------------------------------------------


def test_method_defines_every_measure(app: AppTest) -> None:
    open_page(app, "data")
    assert not app.exception
    table = next(one.value for one in app.dataframe if "Meaning" in one.value)
    assert table["Measure"].tolist() == [one.title for one in DEFINITIONS.values()]
    assert "What these figures cannot say" in words(app)
    assert "Areas are not people" in words(app)


# ---- accessibility -----------------------------------------------------------------------------


def test_accessibility_says_where_to_fill_in_the_contact(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(accessibility.CONTACT_VARIABLE, raising=False)
    open_page(app, "accessibility")
    assert not app.exception
    assert accessibility.CONTACT_VARIABLE in words(app)
    assert accessibility.CONTACT_VARIABLE in accessibility.to_text()


def test_accessibility_shows_the_contact_as_it_is_written(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = "Exampleton Council, access@example.org <script>x</script>"
    monkeypatch.setenv(accessibility.CONTACT_VARIABLE, contact)
    open_page(app, "accessibility")
    assert contact in words(app)
    assert "Nobody has filled in" not in words(app)
    assert not any("<script>" in one.value for one in app.markdown)


# Regulation 8 and the model statement: each of these has to be said.
@pytest.mark.parametrize(
    "said",
    [
        "Accessibility Regulations 2018",
        "partially conforms",
        "not known to conform|known not to conform",
        "disproportionate burden",
        "not within the scope",
        "Equality and Human Rights Commission",
        "Equality Commission for Northern Ireland",
        "Last tested on",
        "Not tested",
        "Prepared on",
    ],
)
def test_the_statement_says_what_it_must(said: str) -> None:
    assert re.search(said, accessibility.to_text())
