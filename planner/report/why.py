"""Why is this area a gap, or why not? Plain statements, each with the figures it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.need.together.tandem_words import LARGER_NAMES
from planner.report import why_access, why_bundle, why_need
from planner.report.findings import area_words
from planner.report.why_figures import Facts, Figure, Line, Look, Statement, Why, read_facts
from planner.report.words import say_count, say_number, say_share, sentence
from planner.standards import kind_words
from planner.travel.times import STATUS_WORDS
from planner.wording import say_list, say_many

if TYPE_CHECKING:
    from planner.plan import Plan

__all__ = ["Figure", "Look", "Statement", "Why", "build_why"]

#: How an area stands, in the title of what is said of it.
TITLES = {
    "gap": "why this is a gap",
    "relatively_further": "within the standard, but relatively further",
    "within_standard": "within the standard",
    "no_data": "not judged",
}


def build_why(plan: Plan, area_code: str, kind: str = "bundle") -> Why:
    """Say why an area is a gap for a kind of service or for the bundle, or why it is not.

    Parameters
    ----------
    plan
        A whole plan; parts that were not worked out are not spoken of.
    area_code
        An area of the place.
    kind
        A kind of service, or ``bundle``.

    Returns
    -------
    why
        Statements in the order of the questions. Nothing is said that is not in the tables that
        are written out; each figure names the file, row and column it is in.

    Raises
    ------
    KeyError
        There is no such area or kind among the gaps.

    Examples
    --------
    >>> build_why(plan, "E01900136").title  # doctest: +SKIP
    "Ambleford 025A (E01900136), all services of the bundle: why this is a gap"
    """
    facts = read_facts(plan, area_code, kind)
    what = "all services of the bundle" if kind == "bundle" else kind_words(kind)
    status = str(facts.row["gap_status"])
    found = [
        _verdict(facts),
        why_need.say_need(facts),
        why_need.say_parts(facts),
        why_need.say_sure(facts),
        *why_access.say_kinds(facts),
        why_access.say_middle(facts),
        _people(facts),
        _certainty(facts),
        why_bundle.say_trip(facts),
        why_bundle.say_by_clock(facts),
        why_bundle.say_hand_offs(facts),
        why_bundle.say_together(facts),
        _larger(facts),
        _not_known(facts),
    ]
    return Why(
        area_code=area_code,
        kind=kind,
        title=f"{area_words(plan, area_code)}, {what}: {TITLES[status]}",
        statements=tuple(one for one in found if one is not None),
    )


def _verdict(facts: Facts) -> Statement:
    line, row = Line("The answer"), facts.row
    status = str(row["gap_status"])
    if status == "no_data":
        words = STATUS_WORDS[str(row["status"])] if row["status"] != "reached" else "no data"
        return line.end(
            f"This area is neither called near nor far, and so no gap: {words}. It comes last in "
            "the ranking."
        )
    one = facts.kind != "bundle"
    opening = {
        "gap": "A gap: the standard is broken"
        if one
        else "A gap: the standard of one or more services of the bundle is broken",
        "relatively_further": "Not a gap, because the standard is kept; but it is further from "
        "here than from the middle area of the place"
        if one
        else "Not a gap, because every standard of the bundle is kept; but the slowest of the "
        "nearest is further from here than from the middle area of the place",
        "within_standard": "Not a gap: the standard is kept, and it is no further than from the "
        "middle area of the place"
        if one
        else "Not a gap: every standard of the bundle is kept, and the slowest of the nearest is "
        "no further than from the middle area of the place",
    }[status]
    if row["gap_score"] != row["gap_score"]:
        return line.end(f"{opening}. It has no score, since its need is not known.")
    if status == "gap" and not one and not facts.broken:
        opening = (
            "A gap: each service of the bundle is within reach of half of the people here, but all "
            "of them together only of fewer"
        )
    rank = line.cell(facts.gap("gap_rank"), say_count(row["gap_rank"]))
    areas = line.rows("gaps.csv", {"kind": facts.kind}, facts.areas)
    need = line.cell(facts.gap("need_percentile"), f"{row['need_percentile']:.2f}")
    far = line.cell(facts.gap("shortfall_percentile"), f"{row['shortfall_percentile']:.2f}")
    score = line.cell(facts.gap("gap_score"), say_number(row["gap_score"], figures=2))
    return line.end(
        f"{opening}. By need and distance together it ranks {rank} of {areas} (1 is the most): "
        f"need {need} times distance {far} is a score of {score}, each the share of areas that "
        "are no worse off."
    )


def _people(facts: Facts) -> Statement:
    line, row = Line("People"), facts.row
    people = line.cell(facts.gap("population"), say_count(row["population"]))
    cars = row["people_without_car"]
    if cars != cars:
        return line.end(f"{people} people live here. How many have no car is not known.")
    without = line.cell(facts.gap("people_without_car"), say_number(cars))
    return line.end(
        f"{people} people live here, about {without} of them in households without a car or van "
        "(the share of households, taken for people)."
    )


def _certainty(facts: Facts) -> Statement | None:
    """Say how often it is still a gap when assumptions vary."""
    found = facts.plan.gap_certainty
    if found is None:
        return None
    rows = found.table
    rows = rows[(rows["area_code"] == facts.code) & (rows["kind"] == facts.kind)]
    if rows.empty or rows["gap_share"].isna().all():
        return None
    row, line = rows.iloc[0], Line("How sure that is")
    key = {"area_code": facts.code, "kind": facts.kind}

    def cell(column: str, said: str) -> str:
        return line.cell(Figure.of(row[column], "gaps.csv", column, key), said)

    text = (
        "When need, the standard, walking speed and the minute of leaving are varied as far as "
        f"they can be, it is a gap in {cell('gap_share', say_share(row['gap_share']))} of draws"
    )
    if row["greatest_share"] == row["greatest_share"]:
        share = cell("greatest_share", say_share(row["greatest_share"]))
        text += f", and among the greatest in {share}"
    low, high = row["gap_rank_low"], row["gap_rank_high"]
    if low == low and high == high:
        first = cell("gap_rank_low", say_count(low))
        last = cell("gap_rank_high", say_count(high))
        ranks = f"is {first}" if low == high else f"lies from {first} to {last}"
        text += f". In nine draws of ten its rank {ranks}"
    return line.end(f"{text}.")


def _larger(facts: Facts) -> Statement | None:
    """Say whether the larger area round it is a gap as well."""
    found = facts.plan.larger_gaps
    parents = facts.plan.layers.parents
    if found is None or facts.code not in parents.index or not len(parents.columns):
        return None
    code = parents.iloc[:, 0].get(facts.code)
    if (code, facts.kind) not in found.table.index:
        return None
    row, line = found.table.loc[(code, facts.kind)], Line("One size larger")
    key = {"larger_code": str(code), "kind": facts.kind}

    def cell(column: str, said: str) -> str:
        return line.cell(Figure.of(row[column], "gaps_larger_areas.csv", column, key), said)

    name = line.cell(Figure.of(str(code), "gaps_larger_areas.csv", "larger_code", key), str(code))
    inside = cell("gaps_inside", say_count(row["gaps_inside"]))
    areas = cell("areas", say_many(int(row["areas"]), "area"))
    words = {
        "gap": "is a gap as well",
        "relatively_further": "is not a gap: taken together it keeps the standard, though further "
        "than most",
        "within_standard": "is not a gap: taken together it keeps the standard",
        "no_data": "could not be judged",
    }[str(row["gap_status"])]
    one, _ = LARGER_NAMES.get(found.geography, ("larger area", ""))
    return line.end(f"The {one} {name} that it lies in {words}; {inside} of its {areas} are gaps.")


def _not_known(facts: Facts) -> Statement | None:
    """Say what the tables do not know of this area."""
    blank = [
        kind_words(kind)
        for kind in facts.kinds
        if kind in facts.by_kind.index and facts.by_kind.loc[kind, "gap_status"] == "no_data"
    ]
    found = []
    if blank and facts.kind == "bundle":
        found.append(f"how far it is to the nearest of each of these: {say_list(blank)}")
    if facts.row["need_percentile"] != facts.row["need_percentile"]:
        found.append("how great need is")
    taken = facts.plan.layers.status
    if facts.code in taken.index and bool((taken.loc[facts.code] == "inherited").any()):
        found.append("some figures for this area itself (they are those of a larger area)")
    text = (
        f"{sentence('; '.join(found))} " if found else ""
    ) + "Not in these figures: fares, steps and hills, waiting lists, and who needs what."
    if facts.plan.access.approximate:
        text = f"{text} Journeys here do not follow streets, so real ways can be much longer."
    return Line("What is not known").end(text)
