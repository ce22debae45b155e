"""What is said of needs in tandem: of which areas, of which people, and each thing once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.need.together.coincidence import build_coincidence
from planner.need.together.tandem_words import Level, say_changes, say_findings

CODES = pd.Index([f"E01{i:06d}" for i in range(1, 11)], name="area_code")
LSOA = "Lower layer Super Output Areas (2011)"


def level(values: pd.DataFrame, geography: str = "lsoa21") -> Level:
    return Level(
        geography=geography,
        found=build_coincidence(values),
        people=pd.Series(100.0, index=values.index),
        chance=pd.DataFrame(),
        untested="not tried",
        ties=0,
        exact=True,
    )


def rising(**columns: list[float]) -> pd.DataFrame:
    plain = {"health": np.arange(10.0), "skills": np.arange(10.0)}
    return pd.DataFrame(plain | columns, index=CODES)


def test_with_gaps_the_areas_counted_are_not_called_all_areas() -> None:
    known = [0.0, 1, 2, 3, 4, 5, np.nan, np.nan, 8, 9]
    said = say_findings(level(rising(skills=known)), pd.DataFrame(), "Gridtown", "fifth")[0]
    # Eight of the ten areas have both figures; the two highest of ten people in ten are 20%.
    assert "of the 8 areas of Gridtown with a figure in every one of these domains" in said
    assert "of all) " in said
    assert "of 2 it is not known" in said


def test_without_gaps_they_are() -> None:
    said = say_findings(level(rising()), pd.DataFrame(), "Gridtown", "fifth")[0]
    assert said == (
        "2 of the 10 areas of Gridtown (200 people, 20.0%) are among its worst fifth for health "
        "and skills at once."
    )


def test_domains_that_inherit_alike_share_one_sentence() -> None:
    inherited = {"health": (False, LSOA), "skills": (False, LSOA), "work": (True, LSOA)}
    said = say_changes(level(rising()), None, None, "no lookup", inherited, "fifth")
    assert said[:2] == (
        f"Health and skills rest in part on figures for larger areas ({LSOA}), which all areas in "
        "one share.",
        f"Work is published for larger areas only ({LSOA}): all areas in one share its value, so "
        "where it meets another need within one it does so by construction.",
    )


def larger(worst: str) -> tuple[Level, pd.Series]:
    """Return five larger areas of two, of which one is the worst."""
    names = ["a", "b", "c", "d", "e"]
    values = pd.DataFrame({key: [float(n == worst) for n in names] for key in ("health", "skills")})
    above = level(values.set_axis(pd.Index(names)), "msoa21")
    return above, pd.Series(np.repeat(names, 2), index=CODES)


def test_all_small_areas_that_a_map_of_larger_ones_hides() -> None:
    above, parents = larger("a")
    said = " ".join(say_changes(level(rising()), above, parents, "", {}, "fifth"))
    assert "All 2 small areas where needs meet are within MSOAs that are not" in said
    assert "would hide them" in said


def test_one_small_area_that_a_map_of_larger_ones_hides() -> None:
    above, parents = larger("a")
    mixed = rising(skills=[9.0, 1, 2, 3, 4, 5, 6, 7, 0, 8])
    said = " ".join(say_changes(level(mixed), above, parents, "", {}, "fifth"))
    assert (
        "The one small area where needs meet is within a larger area that is not among the worst "
        "fifth for all, so a map of MSOAs would hide it." in said
    )
