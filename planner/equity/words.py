"""What does an index of equity mean, for somebody who has to decide?"""

from __future__ import annotations

import math

import numpy as np

from planner.equity.distribution import Distribution
from planner.equity.indices import BEST_SHARE, WORST_SHARE

#: What each index is, and who proposed it.
INDEX_WORDS: dict[str, str] = {
    "concentration": (
        "Concentration index (Wagstaff, Paci and van Doorslaer, 1991): from −1, all of it with "
        "the areas worst off, to 1, all of it with those best off; 0 is no lean either way."
    ),
    "concentration_corrected": (
        "Corrected concentration index (Erreygers, 2009): as the concentration index, made "
        "comparable between measures with a least and a most they can be."
    ),
    "palma": (
        "Palma ratio (Palma, 2011, for means of access): the mean of the best-off tenth of people "
        "over that of the worst-off 40%."
    ),
    "gini": "Gini index (Gini, 1912): 0 where everyone has the same, near 1 where one has it all.",
    "theil": "Theil index (Theil, 1967): 0 where everyone has the same, with no upper end.",
    "theil_between": "The part of the Theil index that lies between the groups' averages.",
    "theil_within": "The part of the Theil index that lies inside the groups.",
    "poverty_share": (
        "Access poverty 0 (Foster, Greer and Thorbecke, 1984): share of people short of the line."
    ),
    "poverty_gap": (
        "Access poverty 1 (Foster, Greer and Thorbecke, 1984): how far short of the line people "
        "are on average, as a share of it, those who are not short counting 0."
    ),
    "poverty_severity": (
        "Access poverty 2 (Foster, Greer and Thorbecke, 1984): as poverty 1, squared, so that "
        "those furthest short count most."
    ),
}

#: How a unit begins that is in parts of something: ``times its kind's standard``.
_TIMES = "times "

#: Within this, an index leans neither way worth speaking of.
_SLIGHT = 0.02


def say(
    index: str,
    value: float,
    found: Distribution,
    line: float | None = None,
    interval: tuple[float, float] = (math.nan, math.nan),
) -> str:
    """Say what an index means here, in a plain sentence.

    Parameters
    ----------
    index
        One of `INDEX_WORDS`.
    value
        What it is.
    found
        The distribution it is of: its direction turns the sentence.
    line
        For poverty.
    interval
        Of the index, NaN where there is none.
    """
    if math.isnan(value):
        return f"This cannot be worked out for {found.label}: there is nothing to divide by."
    if index.startswith("concentration"):
        return _lean(value, found, *interval)
    if index == "palma":
        return _palma(value, found)
    if index == "gini":
        return (
            f"Take two people at random: on average they differ by {2 * value:.0%} of the mean in "
            f"{found.label}."
        )
    if index == "theil":
        return "Zero would mean the same for everyone; it can be split into groups of areas."
    if index.startswith("theil_"):
        return _theil(index, value, found)
    assert line is not None
    return _poverty(index, value, found, line)


def _lean(value: float, found: Distribution, low: float, high: float) -> str:
    if abs(value) < _SLIGHT:
        return f"{_start(found.label)} leans hardly at all towards worse-off or better-off areas."
    whose = "better-off" if value > 0 else "worse-off"
    if found.better == "more":
        means = "have less of it" if value > 0 else "have more of it"
    else:
        means = "have less far to go" if value > 0 else "have further to go"
    unsure = low < 0 < high
    more = "; had other areas been drawn, it could lean the other way" if unsure else ""
    where = f"{_start(found.label)}: higher in {whose} areas"
    return f"{where}, so that people in most need {means}{more}."


def _palma(value: float, found: Distribution) -> str:
    best, worst = f"{BEST_SHARE:.0%}", f"{WORST_SHARE:.0%}"
    return (
        f"The best-off {best} of people have {value:.2g} times the {found.label} of the worst-off "
        f"{worst}, on average."
    )


def _theil(index: str, value: float, found: Distribution) -> str:
    amount, people = found.values * found.people, found.people
    mean = amount.sum() / people.sum()
    ratio = np.where(found.values > 0, found.values, mean) / mean
    whole = float((amount * np.log(ratio)).sum() / amount.sum())
    if whole <= 1e-12:
        return "Everyone has the same, so there is nothing to split."
    part = min(max(value / whole, 0.0), 1.0)
    where = "between the groups' averages" if index == "theil_between" else "inside the groups"
    return f"{part:.0%} of the inequality lies {where}."


def _poverty(index: str, value: float, found: Distribution, line: float) -> str:
    beyond = "beyond" if found.better == "less" else "short of"
    times = found.unit.startswith(_TIMES)
    standard = f"{line:g} {found.unit}"
    if times:
        standard = "it" if line == 1 else f"{line:g} times it"
    if index == "poverty_share":
        people = value * found.people.sum()
        where = f"{line:g} times their standard" if times else standard
        return f"{value:.0%} of people{known_words(found)} ({people:,.0f}) are {beyond} {where}."
    if index == "poverty_gap":
        if times:
            amount = f"{value * line:.0%} of a standard"
        else:
            amount = f"{value * line:.2g} {found.unit}"
        return (
            f"On average over everyone{known_words(found)}, people are {amount} {beyond} "
            f"{standard}, those within it counting 0."
        )
    where = "their standard" if times and line == 1 else standard
    return (
        f"As the average gap, but with those furthest {beyond} {where} counting most: for "
        "comparing plans, the lower the better."
    )


def known_words(found: Distribution) -> str:
    """Return whom figures are of where some people are left out; "" where they are of all.

    Examples
    --------
    >>> f"everyone{known_words(distribution)}"  # doctest: +SKIP
    'everyone whose access is known'
    """
    left = {note.what for note in found.notes}
    if left & {"no_need", "no_group"}:
        return " who can be judged"
    return " whose access is known" if "access_not_known" in left else ""


def _start(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
