"""What would the scenario change, for whom, and how fairly, for the report?"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.access import BUNDLE
from planner.before_after import ANY_KIND
from planner.report.tables import Table
from planner.report.words import say_count, say_minutes, say_share
from planner.standards import kind_words
from planner.wording import say_ordinal

if TYPE_CHECKING:
    from planner.plan import Plan

#: What columns of people are called.
GAIN, LOSE, NET = "People who gain", "People who lose", "Gain less lose"
BOTH, SAME, UNKNOWN = "Gain and lose", "No change", "Not known"
GROUP_COLUMNS = ("People", GAIN, LOSE, NET, BOTH, SAME, UNKNOWN)


def build_parts(plan: Plan) -> dict[str, tuple[str, tuple[str, ...], list[Table | None]]]:
    """Return the report's parts on a scenario: id → title, sentences, tables."""
    if plan.before_after is None:
        return {}
    return {
        "before-after": (
            "Before and after",
            find_before_after(plan),
            [
                build_kinds_table(plan),
                build_changed_types_table(plan),
                build_changed_tenths_table(plan),
                build_changed_partners_table(plan),
                build_changed_fairness_table(plan),
            ],
        ),
        "equality": (
            plan.before_after.evidence.title,
            find_equality(plan),
            [build_equality_table(plan)],
        ),
    }


def find_before_after(plan: Plan) -> tuple[str, ...]:
    """Say who gains and who loses by the scenario; nothing without changes."""
    found = plan.before_after
    return () if found is None else (*found.findings, *found.caveats)


def find_equality(plan: Plan) -> tuple[str, ...]:
    """Say what changes for groups of people, what this is not first; nothing without changes."""
    found = plan.before_after
    if found is None:
        return ()
    first, *rest = found.evidence.caveats
    return (first, *found.evidence.findings, *rest)


def build_kinds_table(plan: Plan) -> Table | None:
    """Return what changes for each kind of service, the bundle and all kinds together."""
    if plan.before_after is None:
        return None
    summary = plan.before_after.summary
    order = [kind for kind in (ANY_KIND, BUNDLE) if kind in summary.index]
    order += [kind for kind in summary.index if kind not in order]
    rows = [
        (
            _name(str(kind)),
            say_count(row["people_winning"]),
            _one(row["people_reached_first"]),
            say_count(row["people_losing"]),
            _one(row["people_no_longer_reached"]),
            _signed(row["people_net"]),
            "–" if kind == ANY_KIND else _median(row["minutes_median_before"]),
            "–" if kind == ANY_KIND else _median(row["minutes_median_after"]),
            _one(row["people_gap_closed"]),
            _one(row["people_gap_opened"]),
        )
        for kind, row in ((kind, summary.loc[kind]) for kind in order)
    ]
    return Table(
        caption="What changes, service by service",
        columns=(
            *("Nearest", GAIN, "of them, reach it first", LOSE, "of them, no longer reach it"),
            *(NET, "Median minutes before", "Median minutes after"),
            *("People no longer in a gap", "People now in a gap"),
        ),
        rows=tuple(rows),
        numeric=frozenset(range(1, 10)),
        note="Gain: the nearest is at least a minute nearer, or reached for the first time; lose: "
        "the other way round. Of all kinds together, people gain where some kind is nearer and "
        "none further. Medians count people who do not reach one as infinitely far. Each area is "
        "in before_after_areas.csv.",
    )


def build_changed_types_table(plan: Plan) -> Table | None:
    """Return who gains and loses in each type of neighbourhood."""
    if plan.before_after is None:
        return None
    rows = [
        (str(name), *_people(row)) for name, row in _any_kind(plan.before_after.by_type).iterrows()
    ]
    return _groups("Who gains and who loses, by type of neighbourhood", "Type", rows, "types")


def build_changed_tenths_table(plan: Plan) -> Table | None:
    """Return who gains and loses in each tenth of need, the greatest first."""
    if plan.before_after is None:
        return None
    rows = [
        (f"{say_ordinal(int(tenth))} tenth", *_people(row))
        for tenth, row in _any_kind(plan.before_after.by_tenth).iterrows()
    ]
    return _groups(
        "Who gains and who loses, by tenth of need (the 1st has the greatest)",
        *("Tenth of need", rows, "tenths"),
    )


def build_changed_partners_table(plan: Plan) -> Table | None:
    """Return what partners have before and after, and who comes nearer, where that changes."""
    if plan.before_after is None or plan.before_after.by_partner.empty:
        return None
    table = plan.before_after.by_partner
    moved = (table["people_winning"] > 0) | (table["people_losing"] > 0)
    rows = [
        (
            str(partner),
            say_count(row["offers_before"]),
            say_count(row["offers_after"]),
            say_count(row["people_winning"]),
            say_count(row["people_losing"]),
            _signed(row["people_net"]),
        )
        for partner, row in table[
            moved | (table["offers_before"] != table["offers_after"])
        ].iterrows()
    ]
    if not rows:
        return None
    return Table(
        caption="Partners for whom something changes",
        columns=(
            *("Partner", "Open offers before", "After"),
            *("People nearer to the nearest", "People further", "Nearer less further"),
        ),
        rows=tuple(rows),
        numeric=frozenset(range(1, 6)),
        note="An offer is one kind of service at one venue. Nearer and further: to the nearest of "
        "the partner's own, of whatever kind. All partners are in before_after_partners.csv.",
    )


def build_changed_fairness_table(plan: Plan) -> Table | None:
    """Return how fairly minutes fall before and after, for the kinds where that shows."""
    if plan.before_after is None:
        return None
    table = plan.before_after.equity
    rows = [
        (
            _name(str(row["kind"])),
            _index(row["before"]),
            _index(row["after"]),
            _sure(row),
            str(row["meaning_after"]),
        )
        for row in table[table["index"] == "concentration_corrected"].to_dict("records")
        if _index(row["before"]) != _index(row["after"])
    ]
    if not rows:
        return None
    return Table(
        caption="How fairly minutes fall, where that changes",
        columns=("Nearest", "Before", "After", "A sure change", "What it means after"),
        rows=tuple(rows),
        numeric=frozenset({1, 2}),
        note="Erreygers' corrected concentration index: below 0, people in greater need have "
        "further to go. A lower inequality is not better access: everyone may have further to go "
        "alike. Not a sure change: each figure lies within the other's interval, so that it may "
        "be due to which areas are looked at. More indices are in before_after_equity.csv.",
    )


def build_equality_table(plan: Plan) -> Table | None:
    """Return what changes for each group of people, beside all people."""
    if plan.before_after is None:
        return None
    evidence = plan.before_after.evidence
    table = evidence.table
    changed = table[(table["people_winning"] > 0) | (table["people_losing"] > 0)]
    kinds = [ANY_KIND, *sorted({*changed.index.get_level_values("kind")} - {ANY_KIND})]
    rows = [
        (
            str(group),
            _name(kind),
            say_count(row["people"]),
            say_count(row["people_winning"]),
            say_share(row["share_winning"]),
            say_count(row["people_losing"]),
            say_share(row["share_losing"]),
        )
        for kind in kinds
        for group, row in table.xs(kind, level="kind").iterrows()
    ]
    return Table(
        caption=f"{evidence.title}: groups of people beside all people",
        columns=(
            *("Group", "Nearest", "People of the group"),
            *("In areas that gain", "as a share of the group"),
            *("In areas that lose", "as a share of the group"),
        ),
        rows=tuple(rows),
        numeric=frozenset(range(2, 7)),
        note="Services that change for nobody are left out here; all are in equality_evidence.csv.",
    )


def _any_kind(table: pd.DataFrame) -> pd.DataFrame:
    return table.xs(ANY_KIND, level="kind")


def _people(row: pd.Series) -> tuple[str, ...]:
    """Return the cells of `GROUP_COLUMNS`."""
    return (
        say_count(row["people"]),
        say_count(row["people_winning"]),
        say_count(row["people_losing"]),
        _signed(row["people_net"]),
        *(say_count(row[f"people_{name}"]) for name in ("mixed", "unchanged", "not_known")),
    )


def _groups(caption: str, head: str, rows: list[tuple[str, ...]], file: str) -> Table | None:
    if not rows:
        return None
    return Table(
        caption=caption,
        columns=(head, *GROUP_COLUMNS),
        rows=tuple(rows),
        numeric=frozenset(range(1, 1 + len(GROUP_COLUMNS))),
        note=f"All kinds of service together; kind by kind in before_after_{file}.csv.",
    )


def _name(kind: str) -> str:
    if kind == ANY_KIND:
        return "All kinds together"
    words = "the whole bundle (its slowest)" if kind == BUNDLE else kind_words(kind)
    return f"{words[:1].upper()}{words[1:]}"


def _one(count: float) -> str:
    """Return people of one journey; of all kinds together there is no such number."""
    return "–" if math.isnan(count) else say_count(count)


def _signed(count: float) -> str:
    number = round(count)
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{abs(number):,}"


def _median(minutes: float) -> str:
    return "not reached" if math.isnan(minutes) else say_minutes(minutes).removesuffix(" min")


def _index(value: float) -> str:
    # No minus before a zero.
    return "not known" if math.isnan(value) else f"{round(value, 3) + 0.0:.3f}".replace("-", "−")


def _sure(row: Mapping[Hashable, Any]) -> str:
    """Return whether a change is more than which areas are looked at, if intervals say so."""
    ends = [row[f"{side}_{end}"] for side in ("before", "after") for end in ("low", "high")]
    if any(math.isnan(value) for value in (*ends, row["change"])):
        return "not known"
    return "no" if row["within_intervals"] else "yes"
