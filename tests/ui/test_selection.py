"""Do the map, the list and the address bar hold one selection, and only areas of the place?"""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from planner.ui import selection


def few() -> None:
    import streamlit as st

    from planner.ui import selection

    names = {f"E0190000{at}": f"Square {at}" for at in range(1, 7)}
    chosen = selection.select_areas(names)
    st.text(" ".join(chosen))
    st.text(selection.say_selected(chosen, names))


def many() -> None:
    import streamlit as st

    from planner.ui import selection

    names = {f"E01{at:06d}": f"Area {at}" for at in range(4000)}
    st.text(str(len(selection.select_areas(names))))


def test_the_address_selects_what_the_place_has_in_its_order() -> None:
    page = AppTest.from_function(few)
    page.query_params["areas"] = "E01900005.E01900002.E01999999.<script>"
    page.run()
    assert page.text[0].value == "E01900002 E01900005"
    assert page.multiselect[0].value == ["E01900002", "E01900005"]
    assert page.query_params["areas"] == "E01900002.E01900005"
    assert page.text[1].value == "2 areas selected: Square 2, Square 5."


def test_the_list_changes_the_selection_and_the_address() -> None:
    page = AppTest.from_function(few).run()
    page.multiselect[0].select("E01900003").run()
    page.multiselect[0].select("E01900001").run()
    assert page.text[0].value == "E01900001 E01900003"
    assert page.query_params["areas"] == "E01900001.E01900003"
    page.multiselect[0].set_value([]).run()
    assert page.text[1].value == "No area is selected."
    assert "areas" not in page.query_params


def test_in_a_large_place_codes_are_written_and_wrong_ones_named() -> None:
    page = AppTest.from_function(many).run()
    page.text_area[0].set_value("E01000001, E01000002 E01000002\nW01<b>").run()
    assert page.text[0].value == "2"
    assert "W01" in page.caption[0].value
    page.text_area[0].set_value(" ".join(f"E01{at:06d}" for at in range(205))).run()
    assert page.text[0].value == str(selection.MOST_SELECTED)
    assert "the last 5 were left out" in page.caption[0].value.replace("\\", "")


def test_what_the_browser_reports_is_bounded_and_text() -> None:
    reported = ["E01900001", 7, None, ["x"], "", "E01900001", *(f"X{at}" for at in range(500))]
    found = selection._texts(reported)
    assert found[:2] == ("E01900001", "X0")
    assert len(found) == selection.MOST_SELECTED
