"""The shared-outcome ledger equals a hand calculation, and says that reach is not impact."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from planner.errors import DataError, ProjectError
from planner.outcomes import (
    REACH_IS_NOT_IMPACT,
    LedgerInputs,
    Option,
    build_ledger,
    default_contributions,
    percentiles_of,
)

AREAS = ["E0", "E1", "E2"]
TABLE = pd.DataFrame(
    [
        ("into work", "employment", "jobcentre", 1.0),
        ("into work", "employment", "library", 0.5),
        ("better health", "health", "gp", 1.0),
    ],
    columns=["outcome", "need_domain", "kind", "weight"],
)


def inputs() -> LedgerInputs:
    minutes = [[10.0, 50.0], [25.0, 20.0], [np.nan, 15.0]]
    return LedgerInputs(
        minutes=pd.DataFrame(minutes, index=AREAS, columns=["hall", "mill"]),
        within_minutes={"": 20.0, "jobcentre": 30.0},
        people=pd.Series([1000.0, 2000.0, 500.0], index=AREAS),
        percentiles=pd.DataFrame(
            {"employment": [1.0, 0.5, 0.2], "health": [0.4, 0.6, np.nan]}, index=AREAS
        ),
        demand=pd.Series([800.0, 900.0, 100.0], index=AREAS),
    )


def option(name: str, *rows: tuple[object, ...]) -> Option:
    columns = ["venue_id", "kind", "partner", "sessions", "hours", "share"]
    hosts = pd.Series({"hall": "Council", "mill": "Trust"})
    return Option(name=name, offers=pd.DataFrame(list(rows), columns=columns), hosts=hosts)


BEFORE = option("today", ("hall", "jobcentre", "DWP", 5.0, 37.0, 1.0))
AFTER = option(
    "hub",
    ("hall", "jobcentre", "DWP", 5.0, 37.0, 1.0),
    ("hall", "library", "Council", np.nan, 20.0, 1.0),
    ("mill", "jobcentre", "DWP", 2.0, 7.0, 0.4),
    ("mill", "gp", "NHS", 3.0, 9.0, 0.6),
)


def test_scores_by_hand() -> None:
    ledger = build_ledger(inputs(), [BEFORE, AFTER], TABLE)
    # Into work, today: the jobcentre (1 of 1.5) for E0 and E1 (within 30 minutes).
    # 1000 x 1.0 x 2/3 + 2000 x 0.5 x 2/3 = 1333.33 of 2100 with that need.
    work = ledger.outcomes.loc[("today", "into work")]
    assert work["reach_score"] == pytest.approx(4000 / 3)
    assert work["need"] == pytest.approx(2100.0)
    assert work["share"] == pytest.approx(4000 / 3 / 2100)
    assert work["people_within_reach"] == 3000.0
    assert work["change"] == 0.0
    # After: E0 has the library too (1.5 of 1.5); E1 is 25 minutes from it, too far; E2 reaches
    # the part-time jobcentre only: 0.4 of 1.5.  1000 + 666.67 + 500 x 0.2 x 0.26667 = 1693.33.
    work = ledger.outcomes.loc[("hub", "into work")]
    assert work["reach_score"] == pytest.approx(1000 + 2000 / 3 + 80 / 3)
    assert work["change"] == pytest.approx(1000 / 3 + 80 / 3)
    # Better health: E1 only (20 minutes: within), 0.6 presence; E2's need is not known.
    health = ledger.outcomes.loc[("hub", "better health")]
    assert health["reach_score"] == pytest.approx(2000 * 0.6 * 0.6)
    assert health["need"] == pytest.approx(400 + 1200)
    assert ledger.outcomes.loc[("today", "better health"), "reach_score"] == 0.0
    assert np.isnan(ledger.areas.loc[("hub", "better health", "E2"), "share"])
    assert ledger.areas.loc[("hub", "into work", "E2"), "share"] == pytest.approx(0.4 / 1.5)


def test_partners_by_hand() -> None:
    ledger = build_ledger(inputs(), [BEFORE, AFTER], TABLE)
    dwp = ledger.partners.loc[("hub", "DWP")]
    assert dwp["clients_within_reach"] == 1800.0
    assert dwp["clients_within_reach_change"] == 100.0
    assert (dwp["sessions_given"], dwp["hours_spent"]) == (7.0, 44.0)
    assert dwp["hours_spent_change"] == 7.0
    council = ledger.partners.loc[("hub", "Council")]
    assert council["sessions_hosted"] == 5.0  # its own library is no guest
    assert council["offers_without_sessions"] == 1.0
    assert np.isnan(council["sessions_given"])  # one offer, and nobody knows how many sessions
    trust = ledger.partners.loc[("hub", "Trust")]
    assert (trust["sessions_hosted"], trust["sessions_hosted_change"]) == (5.0, 5.0)
    assert trust["clients_within_reach"] == 0.0
    # Not there today: nothing given, nothing reached.
    assert ledger.partners.loc[("today", "NHS")].eq(0.0).all()


def test_it_says_that_reach_is_not_impact() -> None:
    ledger = build_ledger(inputs(), [BEFORE], TABLE)
    assert ledger.statement == REACH_IS_NOT_IMPACT
    assert ledger.statement.startswith("Reach is not impact.")
    assert set(ledger.contributions["basis"]) == {"The planner's own assumption"}
    with pytest.raises(AssertionError):
        dataclasses.replace(ledger, statement="")


def test_the_same_option_twice_changes_nothing() -> None:
    again = dataclasses.replace(AFTER, name="again")
    ledger = build_ledger(inputs(), [AFTER, again], TABLE)
    assert (ledger.outcomes["change"] == 0).all()
    assert ledger.partners.filter(like="_change").fillna(0.0).eq(0.0).all(axis=None)


def test_access_domains_and_unknown_ones_are_left_out_by_name() -> None:
    more = pd.DataFrame(
        [("nearer", "access", "gp", 1.0), ("safer", "crime", "gp", 1.0)], columns=TABLE.columns
    )
    given = inputs()
    given = dataclasses.replace(given, percentiles=given.percentiles.assign(access=0.5))
    ledger = build_ledger(given, [AFTER], pd.concat([TABLE, more]))
    notes = {note.what: note.items for note in ledger.notes}
    assert notes["access_domain"] == ("nearer",)
    assert notes["domain_not_known"] == ("safer",)
    assert notes["need_not_known"] == ("E2",)
    assert set(ledger.outcomes.reset_index()["outcome"]) == {"into work", "better health"}


def test_kinds_without_offer_or_outcome_are_named() -> None:
    food = option("food", ("hall", "food_bank", "Trust", 1.0, 3.0, 1.0))
    notes = {note.what: note.items for note in build_ledger(inputs(), [food], TABLE).notes}
    assert notes["kind_not_offered"] == ("gp", "jobcentre", "library")
    assert notes["kind_without_outcome"] == ("food_bank",)


def test_default_table_is_the_template() -> None:
    root = Path(__file__).resolve().parents[2]
    template = pd.read_csv(root / "data" / "templates" / "outcomes.csv")
    pd.testing.assert_frame_equal(template, default_contributions())
    assert set(template["outcome"]) == {
        "into work",
        "better health",
        "more income",
        "skills",
        "wellbeing",
    }
    assert template["basis"].str.contains("own assumption").all()


def test_wellbeing_says_which_need_stands_in() -> None:
    given = inputs()
    domains = given.percentiles.assign(income=0.5, education=0.5)
    ledger = build_ledger(
        dataclasses.replace(given, percentiles=domains), [AFTER], default_contributions()
    )
    text = next(note.text for note in ledger.notes if note.what == "domain_stands_in")
    assert "health stands in" in text


def test_percentiles_by_hand() -> None:
    found = percentiles_of(pd.DataFrame({"a": [5.0, np.nan, 7.0, 6.0], "b": [1.0, 1.0, 1.0, 1.0]}))
    assert found["a"].tolist()[0] == pytest.approx(1 / 3)
    assert np.isnan(found["a"].tolist()[1])
    assert found["a"].tolist()[2] == 1.0
    assert found["b"].tolist() == [0.625] * 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": 2.0}, r"row 1 .*weight is"),
        ({"weight": "much"}, r"row 1 .*weight is"),
        ({"kind": " "}, "kind is empty"),
        ({"kind": "library"}, "library twice"),
        ({"need_domain": "health"}, "more than one domain"),
    ],
)
def test_bad_tables_are_told_in_words(change: dict[str, object], words: str) -> None:
    rows = TABLE.to_dict("records")
    rows[0].update(change)
    with pytest.raises(DataError, match=words):
        build_ledger(inputs(), [AFTER], pd.DataFrame(rows))


def test_bad_options_are_told_in_words() -> None:
    with pytest.raises(ProjectError, match="two have one name"):
        build_ledger(inputs(), [AFTER, AFTER], TABLE)
    with pytest.raises(DataError, match="no minutes to barn"):
        build_ledger(inputs(), [option("x", ("barn", "gp", "NHS", 1.0, 1.0, 1.0))], TABLE)
    with pytest.raises(DataError, match="share must be from 0 to 1"):
        option("x", ("hall", "gp", "NHS", 1.0, 1.0, 1.5))
    with pytest.raises(DataError, match="has no column 'kind'"):
        build_ledger(inputs(), [AFTER], TABLE.drop(columns="kind"))
    with pytest.raises(ProjectError, match="no row that can be scored"):
        build_ledger(inputs(), [AFTER], TABLE.assign(weight=0.0))
    with pytest.raises(ProjectError, match="no longest journey is given for gp"):
        build_ledger(
            dataclasses.replace(inputs(), within_minutes={"jobcentre": 30.0, "library": 20.0}),
            [AFTER],
            TABLE,
        )
