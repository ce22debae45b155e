"""Does the page on hubs answer to every choice, say what cannot be had, and hand it all over?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from ui.stand_in import PROJECT, stand_in_plan, write_project

from planner.project import Project
from planner.ui import main, state

#: Projects of which a whole plan was asked for, so far.
ASKED: list[Project] = []


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    def work_out(project: Project, memo: object, tell: object, what: str = "plan") -> object:
        if what == "plan":
            ASKED.append(project)
        return stand_in_plan(project, memo, lambda words, share: None)

    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("project")
        patch.setenv(state.PROJECT_VARIABLE, str(write_project(folder)))
        patch.setattr(state, "work_out", work_out)
        st.cache_resource.clear()
        yield folder
        st.cache_resource.clear()


def open_hubs(**address: str) -> AppTest:
    app = AppTest.from_file(str(main.PAGES_FOLDER / "hubs.py"), default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    written = [*app.header, *app.markdown, *app.caption, *app.info, *app.error]
    return re.sub(r"[\\*\u2060]", "", "\n".join(str(piece.value) for piece in written))


def chosen(app: AppTest) -> list[str]:
    table = next(one.value for one in app.dataframe if "People who gain" in one.value)
    return sorted(table["Venue"])


def test_everything_of_the_project_is_shown_at_once() -> None:
    app = open_hubs()
    assert not app.error
    assert "With 2 hubs, choose Market Library and East Library." in words(app)
    assert [one.value for one in app.header] == [
        "What each next hub brings",
        "Other choices",
        "What is traded off",
        "How sure is the choice?",
        "What if an assumption is wrong?",
        "Services brought together",
        "Outreach rota",
        "Shared outcomes",
        "Take it along",
    ]
    assert "Reach is not impact" in words(app)
    labels = [one.label for one in app.get("download_button")]
    assert "Download the rota as a calendar (iCalendar, .ics)" in labels
    assert "Download the project file that makes it" in labels


def test_a_dragged_number_chooses_again_without_another_plan() -> None:
    app = open_hubs()
    before = len(ASKED)
    app.slider(key="choice_hubs_dragged").set_value(1).run()
    assert chosen(app) == ["Market Library"]
    assert app.number_input(key="choice_hubs").value == 1
    assert app.query_params["hubs"] == "1"
    assert len(ASKED) == before
    assert "Outreach rota" not in [one.value for one in app.header]
    app.button(key="hubs_rest").click().run()
    assert [project.spec.hubs.count for project in ASKED[before:]] == [1]
    assert "Outreach rota" in [one.value for one in app.header]


def test_venues_that_must_and_must_not_be_hubs_stand_in_the_address() -> None:
    app = open_hubs(hub_must="v4", hub_never="v2")
    assert chosen(app) == ["East Library", "North Library"]
    app.multiselect(key="choice_hub_must").set_value(["v5"]).run()
    app.multiselect(key="choice_hub_never").set_value([]).run()
    assert chosen(app) == ["East Library", "Market Library"]
    assert app.query_params["hub_must"] == "v5"
    assert "hub_never" not in app.query_params
    app.button(key="hubs_put_back").click().run()
    assert app.multiselect(key="choice_hub_must").value == []
    assert "hub_must" not in app.query_params


def test_an_address_that_names_no_venue_is_ignored() -> None:
    app = open_hubs(hub_must="../../etc/passwd", hub_model="<b>", hubs="-3")
    assert chosen(app) == ["East Library", "Market Library"]
    assert "hub_must" not in app.query_params


def test_must_and_never_at_once_is_told_in_words() -> None:
    app = open_hubs(hub_must="v4", hub_never="v4")
    assert "the venue v4 is forced and closed at once" in words(app)
    app.multiselect(key="choice_hub_never").set_value([]).run()
    assert not app.error
    assert "North Library" in chosen(app)


def test_more_hubs_than_candidates_comes_with_what_would_do() -> None:
    app = open_hubs(hubs="9")
    assert "What is asked for cannot be had." in words(app)
    assert "9 sites are asked for, but there are 3 candidates." in words(app)
    assert not any("People who gain" in one.value for one in app.dataframe)
    app.button(key="do_0_p").click().run()
    assert chosen(app) == ["East Library", "Market Library", "North Library"]
    assert app.query_params["hubs"] == "3"


def test_a_share_that_nothing_covers_names_the_areas_beyond() -> None:
    app = open_hubs(hub_model="set_cover", hub_minutes="5")
    beyond = next(one.value for one in app.dataframe if "Minutes too many" in one.value)
    assert len(beyond)
    assert (beyond["Minutes too many"].dropna() > 0).all()
    minutes = next(one for one in app.button if one.label.startswith("Do that: allow"))
    minutes.click().run()
    assert "cannot be had" not in words(app)


def test_another_choice_can_be_taken() -> None:
    app = open_hubs()
    table = next(one.value for one in app.dataframe if "Hubs that differ" in one.value)
    other = table[table["Choice"] == 1]["Hubs"].iloc[0]
    app.button(key="hub_take_1").click().run()
    assert not app.exception
    assert set(chosen(app)) == set(other.split(" and "))


def test_another_measure_tells_what_it_goes_by_and_waits_with_the_rest() -> None:
    app = open_hubs(hub_model="p_centre")
    assert "take some seconds more" in words(app)
    assert "shortest longest journey" in words(app)


def test_a_place_without_candidates_says_what_to_name(folder: Path) -> None:
    text = PROJECT.replace('candidate_kinds = ["library"]', "candidate_kinds = []")
    (folder / "planner.toml").write_text(text, encoding="utf-8")
    app = open_hubs()
    assert "could become a hub" in words(app)
    assert "[hubs] candidate_kinds" in words(app)
