"""Can a person try a list of places of their own, and does a wrong file stay a plain message?"""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import SOUTH, WEST, stand_in_plan, write_project

from planner.project import parse_spec
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
    """Return the Data page; it is opened once, as a person would try one file after another."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("project")
        patch.setenv(state.PROJECT_VARIABLE, str(write_project(folder)))
        patch.setattr(state, "work_out", stand_in_plan)
        st.cache_resource.clear()
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT).run()
        yield app.switch_page(str(main.PAGES_FOLDER / "data.py")).run()
        st.cache_resource.clear()


def give(app: AppTest, name: str, content: str | bytes) -> AppTest:
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
    assert table(app, "Why") == [
        [4, "Lost Larder", "no coordinates and no postcode"],
        [5, "South Larder", "more than 100 km from the place"],
    ]


def test_the_section_is_one_the_project_reads(app: AppTest) -> None:
    give(app, "food_banks.csv", ROWS)
    text = str(app.code[0].value)
    place = {"name": "A", "geography": "lsoa21", "boundaries": "a.csv"}
    entry = parse_spec({"place": place, **tomllib.loads(text)}, where="x").services[0]
    assert (entry.kind, entry.file, entry.name_column) == ("food_bank", "food_banks.csv", "Site")
    assert [one for one in app.get("download_button") if "section" in one.label]


def test_another_column_can_be_chosen(app: AppTest) -> None:
    give(app, "food_banks.csv", f"{ROWS}\n")
    name = next(one for one in app.selectbox if one.label == "Name of the place")
    name.select("Hours").run()
    assert 'name_column = "Hours"' in words(app)


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
    assert 'sheet = "Larders"' in words(app)


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
    assert "Definitions" in [one.value for one in app.header]


def test_latin_1_is_read(app: AppTest) -> None:
    text = f"name,easting,northing\nCafé Tŷ,{WEST},{SOUTH}\n".replace("ŷ", "y")
    give(app, "food_banks.csv", text.encode("latin-1"))
    assert table(app, "Where")[0][0] == "Café Ty"


def test_the_file_is_let_go_with_the_page(app: AppTest) -> None:
    give(app, "food_banks.csv", ROWS)
    app.file_uploader[0].set_value(None).run()
    assert "On the map" not in words(app)
    assert state._TRIED not in app.session_state
