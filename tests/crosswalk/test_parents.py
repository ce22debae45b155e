"""Each area lies in the larger area the lookups say, or in none where they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from places import CODES, tiny_area

from planner.area import StudyArea
from planner.crosswalk import Lookups, build_parents
from planner.project import Project
from planner.sources.lookups import read_lookups
from planner.sources.place import read_study_area

PROJECTS = Path(__file__).resolve().parents[1] / "projects"
DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"

# The six squares of 2021 (people 1000, 1000, 2000, 1000, 500, 1500): the first is unchanged, the
# second and third were one area, the fourth was two areas of different MSOAs, the fifth and sixth
# changed in a complex way (part of K went to each; L, of another MSOA, went to the sixth).
E1, E2, E3, E4, E5, E6 = CODES
S, M1, M2, K, L = "E01000020", "E01000041", "E01000042", "E01000050", "E01000060"
ONE, TWO = "E02000001", "E02000002"
CHANGES = pd.DataFrame(
    [
        (E1, E1, "U"),
        (S, E2, "S"),
        (S, E3, "S"),
        (M1, E4, "M"),
        (M2, E4, "M"),
        (K, E5, "X"),
        (K, E6, "X"),
        (L, E6, "X"),
    ],
    columns=["lsoa11", "lsoa21", "change"],
)
UPPER = pd.DataFrame(
    [(E1, ONE), (S, ONE), (M1, ONE), (M2, TWO), (K, TWO), (L, ONE)],
    columns=["lsoa11", "msoa11"],
)
LOOKUPS = Lookups(lsoa11_lsoa21=CHANGES, lsoa11_msoa11=UPPER)


def whats(lookups: Lookups, area: StudyArea | None = None) -> dict[str, tuple[str, ...]]:
    _, notes = build_parents(area or tiny_area(), lookups)
    return {note.what: note.items for note in notes}


def test_former_areas_lead_to_their_larger_areas() -> None:
    parents, _ = build_parents(tiny_area(), LOOKUPS)
    assert list(parents.columns) == ["msoa11"]
    assert parents["msoa11"].tolist()[:3] == [ONE, ONE, ONE]
    assert parents.loc[E5, "msoa11"] == TWO


def test_a_merger_across_a_border_is_undecided_without_people() -> None:
    parents, _ = build_parents(tiny_area(), LOOKUPS)
    assert parents.loc[[E4, E6], "msoa11"].isna().all()
    assert whats(LOOKUPS) == {"parent_undecided": (E4, E6)}


def test_most_people_decide_where_they_are_known() -> None:
    # M1 had 400 people, M2 600. Of K's 800 a quarter went to the fifth square and three quarters
    # to the sixth, as their populations are 500 and 1,500.
    people = pd.Series({M1: 400.0, M2: 600.0, K: 800.0, L: 500.0})
    parents, _ = build_parents(tiny_area(), replace(LOOKUPS, people=people))
    assert parents.loc[E4, "msoa11"] == TWO
    # L went to the sixth square whole: 500 people of ONE against 600 of TWO.
    assert parents.loc[E6, "msoa11"] == TWO
    assert whats(replace(LOOKUPS, people=people)) == {"parent_by_people": (E4, E6)}


def test_equal_parts_go_by_code() -> None:
    people = pd.Series({M1: 500.0, M2: 500.0})
    parents, _ = build_parents(tiny_area(), replace(LOOKUPS, people=people))
    assert parents.loc[E4, "msoa11"] == ONE


def test_output_areas_decide_where_they_name_both_years() -> None:
    oa21 = pd.DataFrame(
        [("E00000001", E4, M1), ("E00000002", E4, M1), ("E00000003", E4, M2)],
        columns=["oa21", "lsoa21", "lsoa11"],
    )
    parents, _ = build_parents(tiny_area(), replace(LOOKUPS, oa21=oa21))
    assert parents.loc[E4, "msoa11"] == ONE


def test_the_areas_own_year_comes_first() -> None:
    own = pd.DataFrame({"lsoa21": CODES, "msoa21": [TWO] * 6})
    parents, _ = build_parents(tiny_area(), replace(LOOKUPS, lsoa21_msoa21=own))
    assert list(parents.columns) == ["msoa21", "msoa11"]
    assert set(parents["msoa21"]) == {TWO}


def test_areas_that_the_lookup_does_not_know_have_none() -> None:
    own = pd.DataFrame({"lsoa21": CODES[:4], "msoa21": [ONE] * 4})
    lookups = Lookups(lsoa21_msoa21=own)
    parents, _ = build_parents(tiny_area(), lookups)
    assert parents["msoa21"].isna().tolist() == [False] * 4 + [True] * 2
    assert whats(lookups) == {"parent_unknown": (E5, E6)}


def test_without_a_lookup_there_is_no_column() -> None:
    parents, notes = build_parents(tiny_area(), Lookups(lsoa11_lsoa21=CHANGES))
    assert parents.shape == (6, 0)
    assert parents.index.equals(tiny_area().areas.index)
    assert notes == ()


def test_a_lookup_of_elsewhere_gives_no_column_but_says_so() -> None:
    elsewhere = Lookups(lsoa21_msoa21=pd.DataFrame({"lsoa21": ["E01000001"], "msoa21": [ONE]}))
    parents, _ = build_parents(tiny_area(), elsewhere)
    assert parents.shape == (6, 0)
    assert whats(elsewhere) == {"parent_unknown": tuple(CODES)}


def test_areas_of_2011_have_both_years() -> None:
    area = replace(tiny_area(), geography="lsoa11")
    changes = pd.DataFrame(
        [(code, code, "U") for code in CODES], columns=["lsoa11", "lsoa21", "change"]
    )
    lookups = Lookups(
        lsoa11_lsoa21=changes,
        lsoa11_msoa11=pd.DataFrame({"lsoa11": CODES, "msoa11": [ONE] * 6}),
        lsoa21_msoa21=pd.DataFrame({"lsoa21": CODES, "msoa21": [TWO] * 6}),
    )
    parents, _ = build_parents(area, lookups)
    assert parents.iloc[0].to_dict() == {"msoa11": ONE, "msoa21": TWO}


def test_the_demo_has_its_larger_areas() -> None:
    asked = Project.read(DEMO)
    area = read_study_area(asked)
    parents, notes = build_parents(area, read_lookups(asked))
    assert list(parents.columns) == ["msoa11"]
    assert parents["msoa11"].notna().all()
    # Ambleford 007A and 007B share the first part of their name, and so their larger area.
    names = area.areas["area_name"].str[:-1]
    assert len(set(zip(names, parents["msoa11"], strict=True))) == names.nunique()
    assert notes == ()


# As many larger areas as the published boundary files and lookups of each place have.
@pytest.mark.parametrize(
    ("name", "geography", "areas", "larger"),
    [
        ("newport", "msoa11", 100, 20),
        ("trafford", "msoa11", 139, 28),
        ("greater_manchester", "msoa11", 1702, 346),
        ("glasgow", "iz11", 746, 136),
    ],
)
def test_every_area_of_the_real_places_has_one(
    shared: Path, name: str, geography: str, areas: int, larger: int
) -> None:
    asked = Project.read(PROJECTS / f"{name}.toml", data_roots=[shared])
    area = read_study_area(asked)
    parents, _ = build_parents(area, read_lookups(asked))
    assert parents[geography].notna().sum() == areas
    assert parents[geography].nunique() == larger


def test_trafford_lies_as_the_published_names_say(shared: Path) -> None:
    asked = Project.read(PROJECTS / "trafford.toml", data_roots=[shared])
    area = read_study_area(asked)
    parents, _ = build_parents(area, read_lookups(asked))
    # A small area is called after its larger one of its own year (Trafford 003A in Trafford 003).
    upper = pd.read_csv(shared / "fixtures/lookups/msoa11_msoa21_lad22.csv")
    names = upper.drop_duplicates("msoa11_code").set_index("msoa11_code")["msoa21_name"]
    assert (parents["msoa11"].map(names) == area.areas["area_name"].str[:-1]).all()
