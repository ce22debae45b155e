"""Can a person try a file of their own and use it, seen by nobody else; is a wrong one told?"""

from __future__ import annotations

import gc
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import CODES, SOUTH, WEST, stand_in_plan, write_project

from planner.errors import DataError
from planner.project import Project, parse_spec
from planner.ui import main, state

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60

#: In the place; 5 km west of it; 50 km west of it; no coordinates; 200 km south.
ROWS = f"""\
Site,East,North,Hours
Chapel Larder,{WEST + 500},{SOUTH + 500},Mon 9am-5pm
Moor Larder,{WEST - 5000},{SOUTH + 500},Tue 10am-12noon
Far Larder,{WEST - 50000},{SOUTH + 500},Mon 9am-5pm
Lost Larder,,,Mon 9am-5pm
South Larder,{WEST},{SOUTH - 200000},Mon 9am-5pm
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppTest]:
    """Return the page; it is opened once, as a person would try one file after another."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("project")
        patch.setenv(state.PROJECT_VARIABLE, str(write_project(folder)))
        patch.setattr(state, "work_out", stand_in_plan)
        st.cache_resource.clear()
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT).run()
        yield app.switch_page(str(main.PAGES_FOLDER / "your_data.py")).run()
        st.cache_resource.clear()


def give(app: AppTest, name: str, content: str | bytes, holds: str = "places") -> AppTest:
    choice = next(one for one in app.selectbox if one.label == "What does your file hold?")
    if choice.value != holds:
        choice.select(holds).run()
    data = content.encode() if isinstance(content, str) else content
    app.file_uploader[0].set_value((name, data, "application/octet-stream")).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    written = [*app.markdown, *app.warning, *app.error, *app.info, *app.code]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def table(app: AppTest, column: str) -> list[list[object]]:
    return next(t.value.to_numpy().tolist() for t in app.dataframe if column in t.value.columns)


def box(app: AppTest, label: str) -> object:
    return next(one.value for one in app.selectbox if one.label == label)


def section(app: AppTest) -> str:
    """Return what stands in the box on how to add the file by hand, which is opened."""
    mark = next(str(one.key) for one in app.button if str(one.key).startswith("own_use_"))
    app.session_state[f"fold_own_by_hand_{mark.removeprefix('own_use_')}"] = True
    return str(app.run().code[0].value)


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_guesses_stand_in_the_lists(app: AppTest) -> None:
    give(app, "larders.csv", ROWS)
    labels = ["Name of the place", "Longitude or easting", "Latitude or northing", "Opening times"]
    assert [box(app, label) for label in labels] == ["Site", "East", "North", "Hours"]
    assert box(app, "Postcode") == ""


def test_nothing_is_tried_before_the_kind_is_known(app: AppTest) -> None:
    give(app, "larders.csv", ROWS)
    assert "Say what kind of service" in words(app)
    assert "On the map" not in words(app)


def test_each_row_is_accounted_for(app: AppTest) -> None:
    give(app, "food_banks.csv", ROWS)
    assert "Of 5 rows, 2 cannot be used." in words(app)
    assert "3 places, of which 1 in Thirtysquares, 1 within 10 km of it, and 1 further" in words(
        app
    )
    where = {row[0]: row[2] for row in table(app, "Where")}
    assert where == {
        "Chapel Larder": "in Thirtysquares",
        "Moor Larder": "within 10 km",
        "Far Larder": "further away",
    }
    assert table(app, "Why it does not fit") == [
        [4, "Lost Larder", "no coordinates and no postcode"],
        [5, "South Larder", "more than 100 km from the place"],
    ]


def test_the_section_is_one_the_project_reads(app: AppTest) -> None:
    give(app, "food_banks.csv", ROWS)
    text = section(app)
    place = {"name": "A", "geography": "lsoa21", "boundaries": "a.csv"}
    entry = parse_spec({"place": place, **tomllib.loads(text)}, where="x").services[0]
    assert (entry.kind, entry.file, entry.name_column) == ("food_bank", "food-banks.csv", "Site")


def test_another_column_can_be_chosen(app: AppTest) -> None:
    give(app, "food_banks.csv", f"{ROWS}\n")
    name = next(one for one in app.selectbox if one.label == "Name of the place")
    name.select("Hours").run()
    assert 'name_column = "Hours"' in section(app)


def test_half_a_pair_of_coordinates_is_refused(app: AppTest) -> None:
    give(app, "food_banks.csv", f"{ROWS}\n\n")
    next(one for one in app.selectbox if one.label == "Longitude or easting").select("").run()
    assert not app.exception
    assert "Coordinates come in pairs" in words(app)


def test_a_workbook_asks_which_sheet(app: AppTest) -> None:
    cells: list[list[object]] = [list(line.split(",")) for line in ROWS.splitlines()]
    other: list[list[object]] = [["Name", "Postcode"], ["Hall", "M32 4AA"]]
    give(app, "food_banks.xlsx", workbook({"Halls": other, "Larders": cells}))
    sheet = next(one for one in app.selectbox if one.label == "Which sheet of the workbook?")
    sheet.select("Larders").run()
    assert "Of 5 rows, 2 cannot be used." in words(app)
    assert 'sheet = "Larders"' in section(app)


def test_a_list_of_people_shows_nothing(app: AppTest) -> None:
    give(app, "cases.csv", "Surname,Postcode\nAdeyemi,M32 4AA\nBrown,M33 1AA\n")
    shown = words(app) + " ".join(t.value.to_string() for t in app.dataframe)
    assert "This looks like a list of people" in shown
    assert "Adeyemi" not in shown
    assert "M32 4AA" not in shown


def test_hostile_text_is_shown_letter_by_letter(app: AppTest) -> None:
    row = f"\"=cmd|'/C calc'!A0 <img src=x onerror=alert(1)>\",{WEST},{SOUTH}\n"
    give(app, "food_banks.csv", f"<b>name</b>,easting,northing\n{row}")
    raw = "\n".join(str(piece.value) for piece in [*app.markdown, *app.caption])
    assert "<img" not in raw
    assert "<b>" not in raw


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"%PDF-1.7 rest", "it is a PDF, not a table"),
        ("a.csv", b"<!DOCTYPE html><html><body>Sign in</body></html>", "a web page"),
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"name,postcode\n", "a header but no rows"),
        ("a.xlsx", b"name,postcode\nHall,M32 4AA\n", "not a table"),
        ("a.xlsx", b"PK\x03\x04 broken", "broken"),
        ("a.csv", b"Hall,M32 4AA\nChapel,M33 1AA\n", "first row looks like data"),
        ("a.csv", b"name\n" + b"x" * 20_000_001, "20 MB"),
    ],
)
def test_a_wrong_file_is_a_plain_message(
    app: AppTest, name: str, content: bytes, said: str
) -> None:
    give(app, name, content)
    assert said in words(app)
    assert "What the project has already" in [one.value for one in app.header]


def test_latin_1_is_read(app: AppTest) -> None:
    text = f"name,easting,northing\nCafé Tŷ,{WEST},{SOUTH}\n".replace("ŷ", "y")
    give(app, "food_banks.csv", text.encode("latin-1"))
    assert table(app, "Where")[0][0] == "Café Ty"


def test_the_file_is_let_go_with_the_page(app: AppTest) -> None:
    give(app, "food_banks.csv", ROWS)
    app.file_uploader[0].set_value(None).run()
    assert "On the map" not in words(app)
    assert state._TRIED not in app.session_state


# ---- figures and corrections --------------------------------------------------------------------

FIGURES = "LSOA21CD,Debt (%)\n" + "".join(f"{code},{at}\n" for at, code in enumerate(CODES[:28]))


def describe(app: AppTest, direction: str = "worse") -> AppTest:
    next(one for one in app.text_input if one.label == "Unit").set_value("% of adults").run()
    next(one for one in app.radio if "Which way" in one.label).set_value(direction).run()
    assert not app.exception
    return app


def test_figures_wait_for_unit_and_direction(app: AppTest) -> None:
    give(app, "debt.csv", FIGURES, "figures")
    assert box(app, "Area codes") == "LSOA21CD"
    assert box(app, "Figures") == "Debt (%)"
    assert "Write the unit and say which way" in words(app)
    assert not press_any(app, "Use it in this session")
    assert "28 of 28 areas of Thirtysquares get a figure, from 0 to 27 % of adults" in words(
        describe(app)
    )


def test_rows_of_other_areas_are_listed(app: AppTest) -> None:
    give(app, "debt2.csv", FIGURES + "Total,99\nE01999999,1\n", "figures")
    describe(app)
    assert [row[0] for row in table(app, "Why it does not fit")] == [30, 31]


def test_corrections_are_matched_and_judged(app: AppTest) -> None:
    text = (
        "do,about,field,value,who,date\n"
        "correct,Library 1,opening,Mo-Fr 09:00-12:00,Sam,2026-03-01\n"
        "close,No such place,,,Sam,2026-03-01\n"
        "explode,Library 1,,,Sam,2026-03-01\n"
    )
    give(app, "put_right.csv", text, "corrections")
    for label, header in {"What to do": "do", "Which place": "about", "Who says": "who"}.items():
        next(one for one in app.selectbox if one.label.startswith(label)).select(header).run()
    lost = table(app, "Why it does not fit")
    assert [row[0] for row in lost][-1] == 4
    assert "'explode' is not an action" in str(lost[-1])
    assert "No such place" in str(lost)
    assert "Sam" not in words(app)


# ---- using a file -------------------------------------------------------------------------------


def press_any(app: AppTest, label: str) -> list[Any]:
    return [one for one in app.button if one.label == label]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Project]:
    """Return the projects that the app has worked out, in order."""
    found: list[Project] = []

    def work_out(project: Project, memo: object, *rest: Any) -> Any:
        found.append(project)
        # The stand-in knows neither the file nor where it lies.
        return stand_in_plan(project.with_spec(services=[], layer=[], local=[]), memo, *rest)

    monkeypatch.setenv(state.PROJECT_VARIABLE, str(write_project(tmp_path)))
    monkeypatch.setattr(state, "work_out", work_out)
    st.cache_resource.clear()
    return found


def open_page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT).run()
    return app.switch_page(str(main.PAGES_FOLDER / "your_data.py")).run()


def used(app: AppTest) -> AppTest:
    give(app, "food_banks.csv", ROWS)
    press_any(app, "Use it in this session")[0].click().run()
    assert not app.exception
    return app


def test_a_file_in_use_is_seen_by_one_session_alone(asked: list[Project]) -> None:
    app = used(open_page())
    assert "1 file of your own is in use" in words(app)
    entry = asked[-1].spec.services[0]
    file = asked[-1].path(entry.file)
    assert file.read_bytes() == ROWS.encode()
    assert not file.is_relative_to(asked[-1].folder)
    assert file.stat().st_mode & 0o077 == 0 or file.parent.stat().st_mode & 0o077 == 0
    count = len(asked)
    # The plan of the project alone is found again; it is not the one with the file.
    assert "No file of your own is in use" in words(open_page())
    assert len(asked) == count


def test_a_file_left_out_is_gone(asked: list[Project]) -> None:
    app = used(open_page())
    file = asked[-1].path(asked[-1].spec.services[0].file)
    press_any(app, "Leave my own files out")[0].click().run()
    assert "No file of your own is in use" in words(app)
    assert not file.exists()


def test_the_folder_goes_with_the_session(asked: list[Project]) -> None:
    app = used(open_page())
    folder = asked[-1].data_roots[-1]
    assert folder.is_dir()
    del app.session_state["own_files"]
    gc.collect()
    assert not folder.exists()


def test_a_file_that_breaks_the_project_is_not_used(
    asked: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page()

    def refuse(*rest: Any) -> None:
        raise DataError("That cannot be.")

    give(app, "food_banks.csv", ROWS)
    monkeypatch.setattr(state, "work_out", refuse)
    press_any(app, "Use it in this session")[0].click().run()
    assert "cannot be worked out with this file. That cannot be." in words(app)
    assert not uploads_of(app)


def uploads_of(app: AppTest) -> list[Any]:
    return app.session_state["own_files"].files if "own_files" in app.session_state else []


def test_a_file_is_added_to_the_project(
    asked: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "may_open_files", lambda: True)
    app = open_page()
    give(app, "Food Banks.csv", ROWS)
    press_any(app, "Add it to the project folder")[0].click().run()
    assert not app.exception
    folder = asked[0].folder
    assert (folder / "food-banks.csv").read_text(encoding="utf-8") == ROWS
    assert [one.file for one in Project.read(folder).spec.services] == ["food-banks.csv"]
    assert not uploads_of(app)


def test_nothing_is_added_where_nothing_may_be_written(
    asked: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "may_open_files", lambda: False)
    app = open_page()
    give(app, "food_banks.csv", ROWS)
    assert not press_any(app, "Add it to the project folder")
    assert press_any(app, "Use it in this session")


def test_people_are_never_kept(asked: list[Project]) -> None:
    app = open_page()
    give(app, "cases.csv", "Ref,Postcode\n1,M32 4AA\n2,M33 1AA\n")
    assert "planner match FILE --for private" in words(app)
    assert not press_any(app, "Use it in this session")
    assert "M32" not in words(app) + "".join(t.value.to_string() for t in app.dataframe)
