"""What is known of one area, on one page: its need, type, services, gaps, hubs, and the like?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from planner.area import GEOGRAPHY_NAMES
from planner.errors import DataError
from planner.ledger import Source
from planner.report import profile_tables as rows
from planner.report.findings import area_words
from planner.report.page import build_limits
from planner.report.tables import Table
from planner.report.why import Why, build_why
from planner.report.why_figures import Statement
from planner.report.words import say_count, say_tenth

if TYPE_CHECKING:
    from planner.plan import Plan

#: Statements on a gap that are about need; they stand under need.
_ABOUT_NEED = ("Need", "What makes need", "How sure need is")
#: How an area stands to the bundle, in the middle of a sentence.
_STANDS = {
    "gap": "it is a gap for the whole bundle",
    "relatively_further": "it keeps the standards of the bundle, but is further off than most",
    "within_standard": "it keeps the standards of the bundle",
    "no_data": "whether it is a gap for the bundle is not known",
}


@dataclass(frozen=True, kw_only=True)
class ProfilePart:
    """One part of a profile: sentences, statements with the figures they rest on, tables."""

    id: str
    title: str
    sentences: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What is said of one area, in the order of the questions."""

    area_code: str
    title: str
    place: str
    finding: str
    parts: tuple[ProfilePart, ...]
    sources: tuple[str, ...]
    limits: tuple[str, ...]
    watermarks: tuple[str, ...]


def build_profile(plan: Plan, area_code: str) -> Profile:
    """Gather what a plan says of one area of the place.

    Every figure is one that a run writes to its files too; parts that were not worked out are
    left away or say so.

    Raises
    ------
    DataError
        The place has no such area.
    """
    if area_code not in plan.area.codes:
        raise DataError(
            f"{area_code}: {plan.area.name} has no such area.",
            hint="Use a code of areas.csv.",
        )
    why = build_why(plan, area_code)
    parts = (
        _need(plan, area_code, why),
        _type(plan, area_code),
        ProfilePart(
            id="services",
            title="Services, and how long it takes to the nearest",
            tables=(rows.build_services_table(plan, area_code),),
        ),
        _gaps(plan, area_code, why),
        ProfilePart(
            id="hubs", title="What hubs would change", sentences=_say_hubs(plan, area_code)
        ),
        _alike(plan, area_code),
    )
    what_if = f" What if: {plan.scenario.name}." if plan.scenario.changes else ""
    return Profile(
        area_code=area_code,
        title=area_words(plan, area_code),
        place=f"{plan.area.name}. "
        f"{GEOGRAPHY_NAMES.get(plan.area.geography, plan.area.geography)}.{what_if}",
        finding=find_area(plan, area_code),
        parts=parts,
        sources=_cite(plan.sources),
        limits=build_limits(plan),
        watermarks=plan.watermarks,
    )


def find_area(plan: Plan, code: str) -> str:
    """Say in one sentence how an area stands."""
    people = say_count(float(plan.area.place.loc[code, "population"]))
    row = plan.need.scores.loc[code]
    need = "its need is not known"
    if row["need_score"] == row["need_score"]:
        need = (
            f"its need ranks {say_count(row['need_rank'])} of {len(plan.area.codes):,} areas "
            f"(1 is the greatest; {say_tenth(float(row['need_decile']))})"
        )
    table = plan.gaps.table
    status = table.loc[(table["area_code"] == code) & (table["kind"] == "bundle"), "gap_status"]
    stands = _STANDS[str(status.iloc[0])] if len(status) else _STANDS["no_data"]
    return f"{area_words(plan, code)} has {people} people; {need}, and {stands}."


def to_page(profile: Profile) -> str:
    """Return a profile as one page of HTML to print, that needs nothing outside itself.

    Every text from a file is escaped. The same profile gives the same page.
    """
    return _template().render(profile=profile)


def _cite(sources: Iterable[Source]) -> tuple[str, ...]:
    """Return sources in as few words as can be: by publisher and licence, with their dates."""
    found: dict[tuple[str, str], list[str]] = {}
    for source in dict.fromkeys(sources):
        key = (source.publisher or "publisher not stated", source.licence or "licence not stated")
        said = f"{source.dataset} ({source.vintage or 'date not stated'})"
        kept = found.setdefault(key, [])
        if said not in kept:
            kept.append(said)
    return tuple(f"{who}: {', '.join(kept)} ({how})" for (who, how), kept in found.items())


def _need(plan: Plan, code: str, why: Why) -> ProfilePart:
    table = rows.build_domains_table(plan, code)
    return ProfilePart(
        id="need",
        title="Need",
        statements=tuple(one for one in why.statements if one.about in _ABOUT_NEED),
        tables=() if table is None else (table,),
    )


def _type(plan: Plan, code: str) -> ProfilePart:
    return ProfilePart(
        id="type", title="Type of neighbourhood", sentences=tuple(rows.say_type(plan, code))
    )


def _gaps(plan: Plan, code: str, why: Why) -> ProfilePart:
    return ProfilePart(
        id="gaps",
        title="Gaps, and why",
        statements=tuple(one for one in why.statements if one.about not in _ABOUT_NEED),
        tables=(rows.build_kinds_table(plan, code),),
    )


def _alike(plan: Plan, code: str) -> ProfilePart:
    table = rows.build_alike_table(plan, code)
    absent = "It cannot be compared: a figure that types are made from is missing here."
    return ProfilePart(
        id="alike",
        title="Areas most like it",
        sentences=() if table is not None else (absent,),
        tables=() if table is None else (table,),
    )


def _say_hubs(plan: Plan, code: str) -> tuple[str, ...]:
    return tuple(_hub_sentences(plan, code))


def _hub_sentences(plan: Plan, code: str) -> Iterator[str]:
    """Say how long the whole bundle takes today and with the hubs, and which hub that is."""
    if plan.hubs is None or plan.hubs.chosen.empty:
        yield "No hub was chosen in this plan."
        return
    yield from rows.say_hub(plan, code)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("planner.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("profile.html.j2")
