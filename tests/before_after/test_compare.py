"""Who gains and who loses, counted by hand on six squares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from journeys import services, times
from places import CODES, POPULATION, tiny_area
from snapshots import GP, GP_AFTER, LIBRARY, changed, snapshot, today

from planner.before_after import (
    ANY_KIND,
    CHANGE_WORDS,
    EQUALITY_TITLE,
    NEW_PEOPLE_CAVEAT,
    BeforeAfter,
    build_before_after,
    build_equity_changes,
    build_side_by_side,
    measure_partners,
)
from planner.before_after.changes import to_change
from planner.errors import DataError

CARLESS = {"No car": pd.Series([500.0, 500.0, np.nan, 500.0, 250.0, 750.0], index=CODES)}


@pytest.fixture(scope="module")
def found() -> BeforeAfter:
    return build_before_after(today(groups=CARLESS), changed())


def of(found: BeforeAfter, kind: str, column: str = "change") -> list[Any]:
    rows = found.areas[found.areas["kind"] == kind]
    assert rows["area_code"].tolist() == CODES
    return rows[column].tolist()


def test_each_area_has_its_own_change(found: BeforeAfter) -> None:
    assert of(found, "gp") == [
        "sooner",
        "same",
        "no_longer_reached",
        "reached_first",
        "longer",
        "not_known",
    ]
    assert of(found, "gp", "minutes_change")[:2] == pytest.approx([-1.0, 0.95])
    assert np.isnan(of(found, "gp", "minutes_change")[2:4]).all()
    # Beyond 20 minutes is a gap: the second and third are, before and after.
    assert of(found, "gp", "gap_change") == ["none", "still", "still", "still", "none", "not_known"]


def test_people_by_hand(found: BeforeAfter) -> None:
    gp = found.summary.loc["gp"]
    # 1,000 nearer and 1,000 who reach one first; 2,000 who no longer do and 500 further.
    assert gp["people_winning"] == 2000
    assert gp["people_losing"] == 2500
    assert gp["people_net"] == -500
    assert gp[["people_sooner", "people_reached_first"]].tolist() == [1000, 1000]
    assert gp[["people_longer", "people_no_longer_reached"]].tolist() == [500, 2000]
    assert gp[["people_unchanged", "people_not_known", "people_mixed"]].tolist() == [1000, 1500, 0]
    assert gp[["areas", "areas_winning", "areas_losing"]].tolist() == [6, 2, 2]


def test_over_all_kinds_somebody_can_gain_and_lose(found: BeforeAfter) -> None:
    # The first square is nearer to a practice and further from a library.
    whole = found.summary.loc[ANY_KIND]
    assert whole["people_mixed"] == 1000
    assert whole[["people_winning", "people_losing", "people_net"]].tolist() == [1000, 2500, -1500]
    assert whole["people_unchanged"] + whole["people_not_known"] == 2500


def test_everyone_is_counted_once(found: BeforeAfter) -> None:
    parts = ["winning", "losing", "mixed", "unchanged", "not_known"]
    for table in (found.summary, found.by_type, found.by_tenth, found.evidence.table):
        total = table[[f"people_{part}" for part in parts]].sum(axis=1)
        assert total.tolist() == pytest.approx(table["people"].tolist())
        net = table["people_winning"] - table["people_losing"]
        assert net.tolist() == table["people_net"].tolist()
    assert (found.summary["people"] == sum(POPULATION)).all()


def test_medians_count_the_unreached_as_infinitely_far(found: BeforeAfter) -> None:
    # Known of 5,500 people: 5 (1,000), 17 (500), 25 (1,000), 48 (2,000), none (1,000); then
    # 4 (1,000), 18 (500), 25.95 (1,000), 30 (1,000), none (2,000). Half is 2,750.
    gp = found.summary.loc["gp"]
    assert gp["minutes_median_before"] == pytest.approx(48)
    assert gp["minutes_median_after"] == pytest.approx(30)
    assert found.by_type.loc[("Quay", "gp"), "minutes_median_after"] == pytest.approx(30)
    # The half of the hill's people who no longer reach one lie beyond the median of the rest.
    assert np.isnan(found.by_tenth.loc[(2, "gp"), "minutes_median_after"])


def test_types_and_tenths(found: BeforeAfter) -> None:
    assert found.by_type["people_net"].xs("gp", level="kind").to_dict() == {
        "Hill": -1000.0,
        "Quay": 500.0,
    }
    assert found.by_tenth["people_net"].xs("gp", level="kind").to_dict() == {
        1: 1000.0,
        2: -1000.0,
        10: -500.0,
    }
    assert {
        note.what: note.items for note in found.notes if note.what in ("no_type", "no_tenth")
    } == {
        "no_type": (CODES[5],),
        "no_tenth": (CODES[5],),
    }


def test_evidence_is_named_as_evidence(found: BeforeAfter) -> None:
    evidence = found.evidence
    assert evidence.title == EQUALITY_TITLE == "Evidence for an equality impact assessment"
    assert "not the assessment" in evidence.caveats[0]
    assert any("Areas are not people" in text for text in evidence.caveats)
    # Where it is not known (the third square), they are left out and counted.
    gp = evidence.table.loc[("No car", "gp")]
    assert gp[["people", "people_winning", "people_losing"]].tolist() == [2500, 1000, 250]
    assert gp["share_winning"] == pytest.approx(0.4)
    assert evidence.table.loc[("All people", "gp"), "share_losing"] == pytest.approx(2500 / 7000)
    assert [(n.what, n.items) for n in evidence.notes] == [("group_not_known", (CODES[2],))]
    assert any("No car, the nearest GP practice: 1,000" in text for text in evidence.findings)


def test_findings_count_people(found: BeforeAfter) -> None:
    said = "\n".join(found.findings)
    assert "Move it: 1,000 people live in areas where some service comes nearer" in said
    assert "net −1,500" in said
    assert (
        "The nearest GP practice: 2,000 people gain (1,000 reach it for the first time), 2,500 "
        "people lose (2,000 no longer reach it); net −500." in said
    )
    assert "no longer reached from 1 area: Square 3." in said


def test_areas_of_one_name_are_told_apart_by_their_codes() -> None:
    first = today()
    twins = replace(first, areas=first.areas.assign(area_name="Twin"))
    said = "\n".join(build_before_after(twins, changed()).findings)
    assert f"no longer reached from 1 area: Twin ({CODES[2]})." in said


def test_nothing_changed_says_so() -> None:
    same = build_before_after(today(), today(name="As it is"))
    assert same.findings == (
        "As it is: in no area does any service come nearer or further by a minute or more, or is "
        "reached for the first time or no longer. For 1,500 people nothing is known.",
    )
    assert set(same.areas["change"]) == {"same", "still_not_reached", "not_known"}
    assert (same.summary["people_net"] == 0).all()


def test_the_only_practice_closing_makes_those_who_reached_it_lose() -> None:
    shut: list[Any] = ["no_data"] * 5 + ["not_connected"]
    after = snapshot(
        {"gp": shut, "library": LIBRARY, "bundle": shut}, name="Shut", offered=["library"]
    )
    found = build_before_after(
        snapshot({"gp": GP, "library": LIBRARY, "bundle": GP}, offered=["gp", "library"]), after
    )
    for kind in ("gp", "bundle"):
        lost = ["no_longer_reached"] * 3 + ["still_not_reached", "no_longer_reached", "not_known"]
        assert of(found, kind) == lost
        assert set(of(found, kind, "status_after")) == {"not_offered", "not_connected"}
        assert found.summary.loc[kind, "people_losing"] == 4500
    # The first and the fifth kept to the standard: now nobody can.
    assert found.summary.loc["gp", "people_gap_opened"] == 1500


def test_a_first_practice_is_reached_for_the_first_time() -> None:
    before = snapshot({"library": LIBRARY})
    found = build_before_after(before, today(name="New"))
    assert of(found, "gp") == ["reached_first"] * 3 + [
        "still_not_reached",
        "reached_first",
        "not_known",
    ]
    assert found.summary.loc["gp", "people_gap_closed"] == 1500


def test_unplaced_practices_are_not_known_to_be_nowhere() -> None:
    shut: list[Any] = ["no_data"] * 5 + ["not_connected"]
    before = snapshot({"gp": shut, "library": LIBRARY}, offered=["gp", "library"])
    assert set(of(build_before_after(before, today(name="New")), "gp")) == {"not_known"}


def test_a_minute_is_a_minute_whatever_its_floats_say() -> None:
    def change(before: float, after: float) -> str:
        one = [pd.Series([v]) for v in (before, "reached", after, "reached")]
        return str(to_change(*one)[0])

    longer, shorter = 603 / 600, 3 / 600
    assert longer - shorter < 1
    assert change(longer, shorter) == "sooner"
    assert change(shorter, longer) == "longer"
    assert change(longer, shorter + 1 / 600) == "same"


def test_new_people_neither_gain_nor_lose() -> None:
    more = [POPULATION[0] + 400, *POPULATION[1:]]
    found = build_before_after(today(), changed(people=more))
    assert found.new_people == 400
    assert found.summary.loc["gp", "people_winning"] == 2000
    assert "400 people come to live in the place" in found.findings[-1]
    note = next(n for n in found.notes if n.what == "new_people")
    assert note.items == (CODES[0],)
    assert note.text.startswith("400 people come to live in 1 area,")
    # That more people dilute an area's figures is said where somebody comes, and only there.
    assert NEW_PEOPLE_CAVEAT in found.caveats
    assert NEW_PEOPLE_CAVEAT not in build_before_after(today(), changed()).caveats


def test_an_unknown_number_of_people_is_left_out_and_said() -> None:
    people = [*POPULATION[:4], np.nan, POPULATION[5]]
    found = build_before_after(today(people=people), changed(people=people))
    assert found.summary.loc["gp", "people_losing"] == 2000
    assert [n.items for n in found.notes if n.what == "no_people"] == [(CODES[4],)]


def test_places_that_differ_are_refused() -> None:
    with pytest.raises(DataError, match="different bundles"):
        build_before_after(today(), changed(bundle=("gp",)))
    other = changed()
    with pytest.raises(DataError, match="disagree"):
        type(other)(**{**vars(other), "table": other.table.assign(minutes=1.0)})


# --- partners -----------------------------------------------------------------------------


def test_minutes_to_each_partners_own_services() -> None:
    area = tiny_area()
    offered = services(
        [("a", "gp"), ("b", "library"), ("c", "gp", CODES[0]), ("d", "gp")], status={"d": "closed"}
    )
    offers = offered.offers.assign(partner=["NHS", "", "NHS", "NHS"])
    minutes = {(CODES[0], "a"): 9.0, (CODES[1], "a"): 8.0, (CODES[0], "b"): 7.0}
    minutes |= {(CODES[0], "c"): 3.0, (CODES[1], "c"): 2.0, (CODES[1], "d"): 1.0}
    found = measure_partners(
        type(offered)(venues=offered.venues, offers=offers, unplaced=offered.unplaced),
        times(area, ["a", "b", "c", "d"], minutes),
        area.place_points,
    ).set_index(["partner", "area_code"])
    # The third venue is for the first square only, the fourth is closed.
    assert found.loc["NHS", "minutes"].tolist()[:2] == [3.0, 8.0]
    assert found.loc["Partner not stated", "minutes"].tolist()[0] == 7.0
    assert found.loc[("NHS", CODES[2]), "status"] == "over_cutoff"


def test_a_partner_who_leaves_and_one_who_comes() -> None:
    def by(partner: str, minutes: list[float]) -> dict[str, pd.DataFrame]:
        rows = [(partner, code, m, "reached") for code, m in zip(CODES, minutes, strict=True)]
        supply = pd.DataFrame({"venues": [1], "offers": [2], "kinds": ["gp"]}, index=[partner])
        return {
            "partners": supply,
            "by_partner": pd.DataFrame(rows, columns=["partner", "area_code", "minutes", "status"]),
        }

    found = build_before_after(today(**by("Old", [9.0] * 6)), changed(**by("New", [9.0] * 6)))
    table = found.by_partner
    assert table.loc["Old", ["offers_before", "offers_after"]].tolist() == [2, 0]
    assert table["people_net"].to_dict() == {"New": 7000.0, "Old": -7000.0}
    assert table.loc["Old", "people_no_longer_reached"] == 7000
    assert any(text.startswith("New: 0 open offers before, 2 after") for text in found.findings)


# --- equity and side by side --------------------------------------------------------------


def equity(value: float, low: float, high: float) -> pd.DataFrame:
    return pd.DataFrame(
        {"value": [value], "low": [low], "high": [high], "meaning": [f"{value:g}"]},
        index=pd.Index(["gini"], name="index"),
    )


def test_equity_before_and_after() -> None:
    table = build_equity_changes(
        {"gp": equity(0.3, 0.2, 0.4), "library": equity(0.3, 0.29, 0.31)},
        {"gp": equity(0.25, 0.2, 0.35), "library": equity(0.5, 0.4, 0.6), "job": equity(1, 1, 1)},
    ).set_index("kind")
    assert table["change"].to_dict() == pytest.approx(
        {"gp": -0.05, "job": np.nan, "library": 0.2}, nan_ok=True
    )
    assert table["within_intervals"].to_dict() == {"gp": True, "job": False, "library": False}
    assert "not worked out" in table.loc["job", "meaning_before"]


def test_scenarios_side_by_side(found: BeforeAfter) -> None:
    still = build_before_after(today(groups=CARLESS), today(name="As it is"))
    beside = build_side_by_side([still, found])
    assert beside.summary.loc[("gp", "people_net")].to_dict() == {"As it is": 0, "Move it": -500}
    assert beside.areas.loc[(CODES[0], "gp")].tolist() == ["same", "sooner"]
    assert beside.minutes.loc[(CODES[0], "gp")].tolist() == [5.0, 5.0, 4.0]
    assert beside.groups.loc[("No car", "gp"), "Move it"] == 750
    assert beside.by_type.loc[("Hill", "gp"), "Move it"] == -1000
    assert beside.findings[-1].endswith("over all kinds: As it is (0 people).")
    assert set(beside.areas.to_numpy().ravel()) <= set(CHANGE_WORDS)


def test_a_kind_that_one_scenario_brings_is_nobodys_in_the_other() -> None:
    before = snapshot({"library": LIBRARY}, bundle=("library",))
    both = {"gp": GP_AFTER, "library": LIBRARY}
    brings = build_before_after(before, snapshot(both, name="New", bundle=("library",)))
    still = build_before_after(
        before, snapshot({"library": LIBRARY}, name="Still", bundle=("library",))
    )
    beside = build_side_by_side([still, brings])
    assert beside.areas.loc[(CODES[0], "gp")].tolist() == ["still_not_reached", "reached_first"]
    assert beside.areas.loc[(CODES[5], "gp")].tolist() == ["not_known", "not_known"]


def test_only_what_can_be_set_side_by_side(found: BeforeAfter) -> None:
    with pytest.raises(DataError, match="at least one"):
        build_side_by_side([])
    with pytest.raises(DataError, match="'Move it'"):
        build_side_by_side([found, found])
    other = build_before_after(changed(), changed(name="Other"))
    with pytest.raises(DataError, match="same plan"):
        build_side_by_side([found, other])
