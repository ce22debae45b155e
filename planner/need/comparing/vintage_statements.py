"""Which editions does each publisher call comparable, and in which document does it say so?

Reasons are in the planner's own words. A family or a pair of editions that is not here is
unknown, and what is unknown is refused: silence of a publisher is not leave to compare.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from planner.layers import LayerSpec

#: First and last moment that a figure describes, in years (2018.5 is July 2018).
Span = tuple[float, float]
Pair = tuple[LayerSpec, LayerSpec]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = r"(?:19|20)\d\d"

#: Universal Credit began to take the place of Jobseeker's Allowance in April 2013; it was in every
#: jobcentre's count, by one definition, from 2015.
_CREDIT_BEGAN, _CREDIT_COUNTED = 2013.25, 2015.0
#: Estimates from this year on rest on Census 2021; those before were rebased to it in 2024.
_REBASED_FROM = 2021.0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a publisher says of two editions; `.vintages.Statement` has the words."""

    verdict: Literal["comparable", "relative", "not comparable"]
    reason: str
    document: str
    allowed: str = ""


@dataclass(frozen=True, kw_only=True)
class Family:
    """One kind of figure that comes out again and again.

    ``pattern`` finds it in "publisher dataset id", in lower case; the first family that fits
    counts. ``periods`` says that a vintage like ``2010-12`` is three years, not a month.
    ``find_rule`` takes the two spans, earlier first, and the layers.
    """

    title: str
    pattern: str
    find_rule: Callable[[Span, Span, Pair], Rule | None]
    periods: bool = False


def read_span(vintage: str, *, periods: bool = False) -> Span | None:
    """Return the time a vintage in words describes; None where it names no year.

    Examples
    --------
    >>> read_span("November 2018"), read_span("2018-11"), read_span("2016 to 2020")
    ((2018.83, 2018.92), (2018.83, 2018.92), (2016.0, 2021.0))
    >>> read_span("2010-12", periods=True), read_span("2020 (version 2)"), read_span("unknown")
    ((2010.0, 2013.0), (2020.0, 2021.0), None)
    """
    text = vintage.casefold()
    stretch = re.search(rf"\b({_YEAR})\s*(?:to|-|–|/)\s*({_YEAR}|\d\d)\b(?!-\d)", text)
    if stretch is not None and (periods or len(stretch[2]) == 4 or int(stretch[2]) > 12):
        first = int(stretch[1])
        last = int(stretch[2]) if len(stretch[2]) == 4 else first // 100 * 100 + int(stretch[2])
        return (float(first), float(last + 1)) if last >= first else None
    named = re.search(rf"\b({'|'.join(MONTHS)})[a-z]*\.?,?\s+({_YEAR})\b", text)
    if named is not None:
        return _month(int(named[2]), MONTHS.index(named[1]))
    iso = re.search(rf"\b({_YEAR})-(0[1-9]|1[0-2])\b", text)
    if iso is not None:
        return _month(int(iso[1]), int(iso[2]) - 1)
    year = re.search(rf"\b{_YEAR}", text)
    return None if year is None else (float(year[0]), float(year[0]) + 1)


def _month(year: int, month: int) -> Span:
    return round(year + month / 12, 2), round(year + (month + 1) / 12, 2)


# --- indices of deprivation ---------------------------------------------------------------

_IOD: dict[tuple[int, int], Rule] = {
    (2015, 2019): Rule(
        verdict="relative",
        reason="the Ministry sets the English indices of 2015 and 2019 side by side only as "
        "standings: both rank the same 32,844 small areas in much the same way, and neither score "
        "measures a level that lasts",
        allowed="say that an area ranks higher or lower among all areas of England than it did, "
        "never that it became more or less deprived, and not by how much",
        document="English Indices of Deprivation 2019, research report and frequently asked "
        "questions (MHCLG, September 2019)",
    ),
    **dict.fromkeys(
        [(2015, 2025), (2019, 2025)],
        Rule(
            verdict="not comparable",
            reason="income is measured after housing costs since 2025, 34 of the 55 indicators "
            "are new or changed, and the small areas are those of 2021, so a difference says "
            "more about the index than about the place",
            document="English Indices of Deprivation 2025, technical report and frequently asked "
            "questions (MHCLG, October 2025)",
        ),
    ),
}
_SIMD = Rule(
    verdict="not comparable",
    reason="sources, indicators and methods change from one Scottish index to the next, the data "
    "zones were drawn anew for that of 2016 and are again for the one after 2020, and a rank only "
    "says how a zone stands in its own edition; each edition is for its own time",
    document="Scottish Index of Multiple Deprivation, background and frequently asked questions "
    "(Scottish Government)",
)
_WIMD = Rule(
    verdict="not comparable",
    reason="indicators and methods change from one Welsh index to the next, that of 2025 is on the "
    "small areas of 2021, and ranks only say how areas stand within one index, so they are not "
    "comparable over time",
    document="Welsh Index of Multiple Deprivation, guidance (Welsh Government, 2019 and 2025)",
)
_NIMDM = Rule(
    verdict="not comparable",
    reason="the indicators of 2017 were chosen and defined anew after those of 2010, the income "
    "domain among them, and ranks only say how areas stand within one edition",
    document="Northern Ireland Multiple Deprivation Measure 2017, report and frequently asked "
    "questions (NISRA, November 2017)",
)


def _iod(first: Span, second: Span, _layers: Pair) -> Rule | None:
    return _IOD.get((int(first[0]), int(second[0])))


def _among(editions: set[int], rule: Rule) -> Callable[[Span, Span, Pair], Rule | None]:
    """Return the finder of a family in which no two of the known editions may be compared."""

    def find(first: Span, second: Span, _layers: Pair) -> Rule | None:
        return rule if {int(first[0]), int(second[0])} <= editions else None

    return find


# --- census, claimants, life expectancy, population ---------------------------------------

_ACTIVITY = Rule(
    verdict="not comparable",
    reason="census day 2021 was in lockdown: many people were on furlough, some of them answered "
    "that they were out of work, and nobody can say how many, so a difference from 2011 mixes the "
    "pandemic with everything else",
    document="Labour market quality information for Census 2021 (Office for National Statistics)",
)
_CLAIMANTS_DOCUMENT = (
    "Claimant Count, quality and methodology information, and Revisions to the Claimant Count from "
    "the inclusion of full Universal Credit service claimants (Office for National Statistics)"
)


def _activity(first: Span, second: Span, _layers: Pair) -> Rule | None:
    return _ACTIVITY if (int(first[0]), int(second[0])) == (2011, 2021) else None


def _claimants(first: Span, second: Span, _layers: Pair) -> Rule:
    if second[0] < _CREDIT_BEGAN or first[0] >= _CREDIT_COUNTED:
        return Rule(
            verdict="comparable",
            reason="both months count people in the same benefits",
            allowed="it counts people who claim because they are out of work, which is not "
            "economic inactivity; while Universal Credit was brought in (to the end of 2018) and "
            "in the pandemic more people had to look for work, so part of a rise is that; months "
            "of another season differ for that alone",
            document=_CLAIMANTS_DOCUMENT,
        )
    return Rule(
        verdict="not comparable",
        reason="the count changed when Universal Credit began to take the place of Jobseeker's "
        "Allowance: from April 2013 until 2015 it missed some of the new claimants or counted too "
        "many, and other people have had to look for work since",
        document=_CLAIMANTS_DOCUMENT,
    )


def _life_expectancy(first: Span, second: Span, _layers: Pair) -> Rule:
    document = "Life expectancy for local areas, statistical bulletins (ONS, OHID)"
    if first[1] > second[0]:
        return Rule(
            verdict="not comparable",
            reason="the two periods share years, so the same deaths are in both, and most of a "
            "real change is hidden",
            document=document,
        )
    return Rule(
        verdict="comparable",
        reason="the two periods share no year",
        allowed="compare with the intervals of both in view: for areas this small a difference "
        "within them may be chance",
        document=document,
    )


def _population(first: Span, second: Span, layers: Pair) -> Rule:
    document = (
        "Rebasing and reconciliation of mid-year population estimates following Census 2021 "
        "(Office for National Statistics, 2022); small area estimates rebased (Nomis, 2024)"
    )
    said = ["rebased" in f"{s.source.dataset} {s.source.vintage}".casefold() for s in layers]
    old = [s for s in (first, second) if s[0] < _REBASED_FROM]
    if not old or all(said) or (len(old) == 2 and not any(said)):
        check = "check that neither file was rebased without saying so; " if not any(said) else ""
        return Rule(
            verdict="comparable",
            reason="both are mid-year estimates on the same base",
            allowed=f"{check if old else ''}the further an estimate is from its census, the less "
            "sure it is",
            document=document,
        )
    return Rule(
        verdict="not comparable",
        reason="estimates up to mid-2020 were first carried on from Census 2011 and later rebased "
        "to Census 2021; the first series and today's do not meet, and the file does not say that "
        'both are rebased (write dataset = "... (rebased)" if they are)',
        document=document,
    )


#: The first that fits counts, so nations' own indices stand before the general words.
FAMILIES: tuple[Family, ...] = (
    Family(
        title="Scottish Index of Multiple Deprivation",
        pattern=r"scottish index|\bsimd",
        find_rule=_among({2004, 2006, 2009, 2012, 2016, 2020}, _SIMD),
    ),
    Family(
        title="Welsh Index of Multiple Deprivation",
        pattern=r"welsh index|\bwimd",
        find_rule=_among({2005, 2008, 2011, 2014, 2019, 2025}, _WIMD),
    ),
    Family(
        title="Northern Ireland Multiple Deprivation Measure",
        pattern=r"northern ireland multiple|\bnimdm",
        find_rule=_among({2010, 2017}, _NIMDM),
    ),
    Family(
        title="English Indices of Deprivation",
        pattern=r"ind(?:ex|ices) of (?:multiple )?deprivation|\bi[om]d ?20",
        find_rule=_iod,
    ),
    Family(
        title="Claimant count",
        pattern=r"claimant count",
        find_rule=_claimants,
    ),
    Family(
        title="Life expectancy",
        pattern=r"life expectancy",
        find_rule=_life_expectancy,
        periods=True,
    ),
    Family(
        title="Economic activity in the census",
        pattern=r"\bts066\b|economic activity|\bks601|\bqs601",
        find_rule=_activity,
    ),
    Family(
        title="Mid-year population estimates",
        pattern=r"mid-?year|population estimates",
        find_rule=_population,
    ),
)
