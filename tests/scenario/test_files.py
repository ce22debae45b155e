"""A scenario is written, shared and read again; nothing in a file can do harm."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import ProjectError
from planner.export.cells import to_csv_text
from planner.scenario import (
    TOUCHES,
    AddOffer,
    AddSessions,
    AddShuttle,
    Change,
    ChangeFrequency,
    CloseOffer,
    CloseVenue,
    CoLocate,
    MoveVenue,
    NewEstate,
    OpenVenue,
    RenameVenue,
    Scenario,
    SetCapacity,
    SetOfferDetail,
    SetOpening,
    SetServes,
    SetStatus,
    SetVenueDetail,
    from_toml,
    to_toml,
)
from planner.scenario.files import CHANGE_WORDS

EVERY: tuple[Change, ...] = (
    OpenVenue(venue_id="v1", name="Hub", x=330500.5, y=187400.0, kinds=("gp", "library")),
    CloseVenue(venue_id="v2"),
    MoveVenue(venue_id="v1", x=330501.0, y=187401.0),
    RenameVenue(venue_id="v1", name="Family hub"),
    SetStatus(venue_id="v2", status="existing"),
    SetOpening(venue_id="v1", opening="Mo-Fr 09:00-17:00"),
    SetCapacity(venue_id="v1", capacity=12.0, kind="gp"),
    SetServes(venue_id="v1", serves="place"),
    SetVenueDetail(venue_id="v1", detail="accessibility", text="ramp"),
    SetOfferDetail(venue_id="v1", detail="languages", text="Welsh", kind="gp"),
    AddOffer(venue_id="v2", kind="gp", partner="NHS"),
    CloseOffer(venue_id="v2", kind="library"),
    CoLocate(venue_id="v2", to_venue_id="v1", kind="gp", stays=True),
    AddSessions(venue_id="v1", kind="gp", sessions="Tu 18:00-20:00"),
    ChangeFrequency(route="30", every_minutes=10.0, between="07:00-19:00"),
    ChangeFrequency(route="31", factor=0.5),
    AddShuttle(
        name="Shuttle",
        stops=("2:A", (330500.0, 187400.0)),
        minutes=(4.5,),
        every_minutes=20.0,
        wheelchair="accessible",
        both_ways=False,
    ),
    NewEstate(name="Mill Lane", people=900.0, x=330500.0, y=187400.0),
)


def test_every_change_is_tried() -> None:
    assert {type(change) for change in EVERY} == set(TOUCHES)


def test_what_is_written_is_read_again() -> None:
    scenario = Scenario(name="Everything", changes=EVERY)
    assert from_toml(to_toml(scenario)) == scenario
    assert from_toml(to_toml(scenario).encode()) == scenario
    assert from_toml(to_toml(Scenario(name="today"))) == Scenario()


def test_a_file_as_somebody_would_write_it() -> None:
    text = """
name = "Less of the 30"          # as the council proposes

[[change]]
what = "change_frequency"
route = "30"
factor = 0.5

[[change]]
what = "co_locate"
venue_id = "library:1"
to_venue_id = "hub:1"
"""
    assert from_toml("\ufeff" + text) == Scenario(
        name="Less of the 30",
        changes=(
            ChangeFrequency(route="30", factor=0.5),
            CoLocate(venue_id="library:1", to_venue_id="hub:1"),
        ),
    )


def test_a_change_has_its_own_word() -> None:
    assert set(CHANGE_WORDS) >= {"close_venue", "co_locate", "new_estate", "set_status"}
    assert len(CHANGE_WORDS) == len(TOUCHES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name =", "not a TOML file"),
        (b"name = '\xff'", "not a TOML file"),
        ('change = "x"\nname = "a"', r"\[\[change\]\] tables"),
        ('name = "a"\nfile = "x"', "no key 'file'"),
        ("", "needs a name"),
        ("name = 3", "needs a name"),
        ('name = "a"\n[[change]]\nwhat = "close_venu"', "Did you mean 'close_venue'"),
        ('name = "a"\n[[change]]\nvenue_id = "v"', "what says which"),
        ('name = "a"\n[[change]]\nwhat = ["close_venue"]', "there is no change"),
        ('name = "a"\n[[change]]\nwhat = "close_venue"\nvenue = "v"', "Did you mean 'venue_id'"),
        ('name = "a"\n[[change]]\nwhat = "close_venue"', "change 1 .*: venue_id is needed"),
        ('name = "a"\n[[change]]\nwhat = "close_venue"\nvenue_id = 3', "venue_id: input should"),
        (
            'name = "a"\n[[change]]\nwhat = "move_venue"\nvenue_id = "v"\nx = 51.5\ny = -3.0',
            "'v' is at 51.5, -3, which looks like degrees",
        ),
        (
            'name = "a"\n[[change]]\nwhat = "move_venue"\nvenue_id = "v"\nx = inf\ny = 3.0',
            "finite",
        ),
        ('name = "a"\n[[change]]\nwhat = "change_frequency"\nroute = "1"', "either a factor or"),
        (
            'name = "a"\n[[change]]\nwhat = "add_offer"\nvenue_id = "v"\nkind = "Food bank"',
            "'Food bank' is no kind",
        ),
        ("name = 'a'\n" + "[[change]]\n" * 1001, "at most 1,000"),
        ("#" * 1_000_001, "too long"),
        ("a = " + "[" * 100_000, "not a TOML file"),
    ],
)
def test_bad_files_are_refused_in_words(text: str | bytes, said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        from_toml(text, where="mine.toml")


NASTY = 'x"\n[[change]]\nwhat = "close_venue"\nvenue_id = "v9'


def test_a_name_cannot_become_a_change() -> None:
    scenario = Scenario(name=NASTY, changes=(RenameVenue(venue_id="v1", name=NASTY),))
    assert len(tomllib.loads(to_toml(scenario))["change"]) == 1
    (change,) = from_toml(to_toml(scenario)).changes
    assert change == RenameVenue(venue_id="v1", name=" ".join(NASTY.split()))


def test_a_formula_stays_text() -> None:
    text = to_toml(Scenario(name="=1+1", changes=(RenameVenue(venue_id="v1", name="=cmd()"),)))
    (change,) = from_toml(text).changes
    assert isinstance(change, RenameVenue)
    import pandas as pd

    assert "'=cmd()" in to_csv_text(pd.DataFrame({"venue_name": [change.name]}))


def test_hidden_characters_are_taken_out() -> None:
    text = 'name = "a"\n[[change]]\nwhat = "close_venue"\nvenue_id = "v\\u202e1"'
    assert from_toml(text).changes == (CloseVenue(venue_id="v1"),)


@given(st.text(), st.text())
def test_any_text_is_written_and_read(name: str, venue: str) -> None:
    scenario = Scenario(name=f"n{name}", changes=(CloseVenue(venue_id=venue),))
    once = from_toml(to_toml(scenario))
    assert from_toml(to_toml(once)) == once
    assert len(once.changes) == 1
