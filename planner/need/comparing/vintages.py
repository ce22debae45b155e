"""May two editions of a figure be compared, what does their publisher say, and what changed?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planner.comparability import trend_reason
from planner.errors import ProjectError
from planner.layers import LayerSpec
from planner.ledger import Note, Source
from planner.need.comparing.vintage_statements import FAMILIES, Family, read_span

#: ``comparable``: the figures themselves. ``relative``: only which place an area has among all.
Verdict = Literal["comparable", "relative", "not comparable", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What is known of two editions of one family of figures.

    ``reason`` is why they may or may not be compared, ``allowed`` what may then be said ("" where
    nothing may), both in the planner's words; ``document`` is where the publisher says it ("" for
    an unknown family or edition).
    """

    family: str
    verdict: Verdict
    reason: str
    allowed: str = ""
    document: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class VintageComparison:
    """One figure in two editions, area by area.

    Parameters
    ----------
    first, second
        The earlier and the later edition.
    statement
        What its publisher allows.
    table
        Index ``area_code``. ``first, second`` (values) and ``change`` (second less first) where
        figures may be compared; ``rank_first, rank_second`` and ``places_up`` (ranks by which an
        area moved towards greater need) where only standing may. NaN where an edition has none.
    summary
        Name → value: the whole place's figures.
    findings
        What came of it, in plain sentences.
    """

    first: LayerSpec
    second: LayerSpec
    statement: Statement
    table: pd.DataFrame
    summary: dict[str, float]
    findings: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the two sources, each once."""
        return tuple(dict.fromkeys((self.first.source, self.second.source)))


def find_statement(first: LayerSpec, second: LayerSpec) -> Statement:
    """Return what is known of comparing the two layers' editions; unknown is an answer, too.

    Examples
    --------
    >>> from planner.ledger import Source
    >>> def claimants(month):
    ...     return LayerSpec(
    ...         id="claimants", title="Claimants", unit="people", kind="count",
    ...         high_is="neither", geography="lsoa11",
    ...         source=Source(publisher="Nomis", dataset="Claimant count", licence="OGL",
    ...                       vintage=month))
    >>> find_statement(claimants("May 2012"), claimants("May 2022")).verdict
    'not comparable'
    """
    families = [_family(spec) for spec in (first, second)]
    if families[0] is None or families[0] is not families[1]:
        return _unknown(first, second)
    family = families[0]
    spans = [read_span(spec.source.vintage, periods=family.periods) for spec in (first, second)]
    if spans[0] is None or spans[1] is None:
        return _unknown(first, second, family)
    earlier, later = sorted((spans[0], spans[1]))
    rule = family.find_rule(earlier, later, (first, second))
    if rule is None:
        return _unknown(first, second, family)
    return Statement(
        family=family.title,
        verdict=rule.verdict,
        reason=rule.reason,
        allowed=rule.allowed,
        document=rule.document,
    )


def compare_vintages(
    first: LayerSpec,
    first_values: pd.Series,
    second: LayerSpec,
    second_values: pd.Series,
    *,
    people: pd.Series | None = None,
) -> VintageComparison:
    """Compare two editions of a figure on the same areas, where its publisher says one may.

    Parameters
    ----------
    first, second
        The two layers; they are put in the order of their dates.
    first_values, second_values
        Their values, index ``area_code``; areas without one of the two are left out and counted.
    people
        Residents by area, by whom shares and years are averaged; every area alike without, and
        where none are known.

    Raises
    ------
    ProjectError
        They are the same edition or other figures; the publisher says they are not comparable, or
        nothing is known of a statement by the publisher; they are of other areas. The message
        gives the reason and the document.
    """
    if _starts(second) < _starts(first):
        first, second = second, first
        first_values, second_values = second_values, first_values
    _refuse_other_figures(first, second)
    statement = find_statement(first, second)
    if statement.verdict in {"not comparable", "unknown"}:
        raise ProjectError(
            f"{_named(first)} and {_named(second)} are not compared: {statement.reason}.",
            hint=_hint(statement),
        )
    if statement.verdict == "relative":
        _refuse_scores(first, second, statement)
    else:
        reason = trend_reason(first, second)
        if reason:
            raise ProjectError(
                f"{_named(first)} and {_named(second)} are not compared: {reason}.",
                hint="Use the same figure of the same small areas in both years.",
            )
    index = first_values.index.union(second_values.index)
    both = pd.DataFrame({"first": first_values, "second": second_values}).reindex(index)
    known = both.dropna()
    if not len(known):
        raise ProjectError(
            f"{_named(first)} and {_named(second)} are not compared: no area has both.",
            hint="Check that both files cover the place.",
        )
    build = _by_rank if statement.verdict == "relative" else _by_value
    table, summary, findings = build(both, known, first, second, people)
    return VintageComparison(
        first=first,
        second=second,
        statement=statement,
        table=table,
        summary=summary,
        findings=(*findings, _say_allowed(statement)),
        notes=_left_out(both, known),
    )


# --- parts --------------------------------------------------------------------------------


def _family(spec: LayerSpec) -> Family | None:
    words = f"{spec.source.publisher} {spec.source.dataset} {spec.id}".casefold()
    return next((family for family in FAMILIES if re.search(family.pattern, words)), None)


def _unknown(first: LayerSpec, second: LayerSpec, family: Family | None = None) -> Statement:
    publishers = " or ".join(dict.fromkeys([first.source.publisher, second.source.publisher]))
    return Statement(
        family=family.title if family is not None else "",
        verdict="unknown",
        reason=f"the planner knows of no statement by {publishers} that these two may be compared",
    )


def _starts(spec: LayerSpec) -> tuple[float, float]:
    return read_span(spec.source.vintage) or (0.0, 0.0)


def _named(spec: LayerSpec) -> str:
    return f"{spec.title} of {spec.source.vintage}"


def _hint(statement: Statement) -> str:
    if statement.document:
        return f"See: {statement.document}."
    return "Show one of them, or ask the publisher whether they are counted alike."


def _refuse_other_figures(first: LayerSpec, second: LayerSpec) -> None:
    if first.source.vintage == second.source.vintage:
        raise ProjectError(
            f"{first.id} and {second.id} are both of {first.source.vintage}: there are no two "
            "editions to compare.",
            hint="Name the same figure of two dates.",
        )
    if (first.kind, first.unit, first.high_is) != (second.kind, second.unit, second.high_is):
        raise ProjectError(
            f"{first.id} ({first.kind}, {first.unit}) and {second.id} ({second.kind}, "
            f"{second.unit}) are different figures.",
            hint="Name the same figure of two dates.",
        )


def _refuse_scores(first: LayerSpec, second: LayerSpec, statement: Statement) -> None:
    if first.kind != "rank":
        raise ProjectError(
            f"{_named(first)} and {_named(second)} are not compared: only ranks may be, as "
            f"{statement.reason}.",
            hint=f"Use the published ranks of both. See: {statement.document}.",
        )
    if first.geography != second.geography:
        raise ProjectError(
            f"{_named(first)} and {_named(second)} are not compared: they rank other areas.",
            hint="Use editions on the same small areas.",
        )


def _by_value(
    both: pd.DataFrame,
    known: pd.DataFrame,
    first: LayerSpec,
    second: LayerSpec,
    people: pd.Series | None,
) -> tuple[pd.DataFrame, dict[str, float], tuple[str, ...]]:
    table = both.assign(change=both["second"] - both["first"])
    change = known["second"] - known["first"]
    if first.kind == "count":
        before, after = float(known["first"].sum()), float(known["second"].sum())
        what = "in all"
    else:
        weight = pd.Series(1.0, index=known.index)
        residents = people is not None and bool((people.reindex(known.index) > 0).any())
        if people is not None and residents:
            weight = people.reindex(known.index).fillna(0.0).astype(float)
        before, after = (
            float(np.average(known[column], weights=weight)) for column in ("first", "second")
        )
        what = "on average, by residents" if residents else "on average over areas"
    summary = {
        "first": before,
        "second": after,
        "change": after - before,
        "areas_up": float((change > 0).sum()),
        "areas_down": float((change < 0).sum()),
        "areas_same": float((change == 0).sum()),
    }
    findings = (
        f"{first.title}: {_figure(before, first)} in {first.source.vintage}, "
        f"{_figure(after, second)} in {second.source.vintage}, {what}.",
        f"It rose in {summary['areas_up']:.0f} of {len(known)} areas, fell in "
        f"{summary['areas_down']:.0f} and stayed the same in {summary['areas_same']:.0f}.",
    )
    return table, summary, findings


def _by_rank(
    both: pd.DataFrame,
    known: pd.DataFrame,
    first: LayerSpec,
    second: LayerSpec,
    _people: pd.Series | None,
) -> tuple[pd.DataFrame, dict[str, float], tuple[str, ...]]:
    """Say how standing changed; a rank of 1 is the greatest need, so a smaller rank is worse."""
    table = both.rename(columns={"first": "rank_first", "second": "rank_second"})
    table = table.assign(places_up=table["rank_first"] - table["rank_second"])
    moved = known["first"] - known["second"]
    summary = {
        "areas_up": float((moved > 0).sum()),
        "areas_down": float((moved < 0).sum()),
        "areas_same": float((moved == 0).sum()),
        "places_median": float(moved.abs().median()),
    }
    findings = (
        f"{first.title}: {summary['areas_up']:.0f} of {len(known)} areas moved towards greater "
        f"need among all areas between {first.source.vintage} and {second.source.vintage}, "
        f"{summary['areas_down']:.0f} away from it, {summary['areas_same']:.0f} kept their place; "
        f"half moved by {summary['places_median']:,.0f} places or more.",
        "An area that moved is not thereby better or worse off than it was: others may have "
        "changed more.",
    )
    return table, summary, findings


def _figure(value: float, spec: LayerSpec) -> str:
    if spec.kind == "share":
        return f"{value:.1%}"
    decimals = 0 if spec.kind == "count" else spec.decimals
    return f"{value:,.{decimals}f} {spec.unit}"


def _say_allowed(statement: Statement) -> str:
    allowed = f" {statement.allowed[:1].upper()}{statement.allowed[1:]}."
    return f"Why they may be compared: {statement.reason} ({statement.document}).{allowed}"


def _left_out(both: pd.DataFrame, known: pd.DataFrame) -> tuple[Note, ...]:
    lost = both.index.difference(known.index)
    if not len(lost):
        return ()
    text = f"{len(lost)} of {len(both)} areas have no figure in one of the two and are left out."
    return (
        Note(
            stage="compare",
            what="vintage_areas_left_out",
            count=len(lost),
            text=text,
            items=tuple(str(code) for code in lost),
        ),
    )
