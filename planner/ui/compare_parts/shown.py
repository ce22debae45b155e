"""What do the tables say of the scenarios that are compared, one beside the other?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner.before_after import (
    ANY_KIND,
    CHANGE_WORDS,
    BeforeAfter,
    SideBySide,
    build_side_by_side,
)
from planner.scenario import Scenario
from planner.standards import kind_words
from planner.ui import parts, state
from planner.ui.access_parts.fair import INDEX_NAMES
from planner.ui.scenarios import WhatIf
from planner.wording import say_ordinal

NOT_OFFERED = "not_offered"
#: Longest name of a scenario at the head of a column.
LONGEST_HEAD = 26


@dataclass(frozen=True, kw_only=True, eq=False)
class Compared:
    """Scenarios with what each changes, side by side, in the order they were chosen."""

    keys: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    answers: tuple[WhatIf, ...]
    side: SideBySide

    @property
    def found(self) -> list[BeforeAfter]:
        """What each changes."""
        return [answer.found for answer in self.answers]

    def head(self, words: str, at: int) -> str:
        """Return a column's head: with the scenario's name where there are several."""
        if len(self.keys) == 1:
            return words
        names = [one.name for one in self.scenarios]
        short = [n if len(n) <= LONGEST_HEAD else f"{n[: LONGEST_HEAD - 1]}…" for n in names]
        return f"{words}: {(short if len(set(short)) == len(short) else names)[at]}"


def build_compared(made: Sequence[tuple[str, Scenario, WhatIf]]) -> Compared:
    """Set answers side by side.

    Raises
    ------
    DataError
        They are not compared with the same plan, or two have one name.
    """
    return Compared(
        keys=tuple(key for key, _, _ in made),
        scenarios=tuple(scenario for _, scenario, _ in made),
        answers=tuple(answer for _, _, answer in made),
        side=build_side_by_side([answer.found for _, _, answer in made]),
    )


def kinds(compared: Compared) -> dict[str, str]:
    """Return what can be looked at: all kinds, the bundle, or one of its services or another."""
    found = sorted(set(compared.side.summary.index.get_level_values("kind")))
    single = [kind for kind in found if kind not in (ANY_KIND, "bundle")]
    every = {ANY_KIND: "All kinds of service together"}
    return every | parts.kind_options(single, bundle="bundle" in found)


def find(compared: Compared) -> list[str]:
    """Say in a sentence or two who gains and who loses."""
    if len(compared.keys) == 1:
        return [compared.found[0].findings[0]]
    return [compared.side.findings[-1], *compared.side.findings[:-1]]


_OF_KIND = {
    "people_winning": "People who gain",
    "people_losing": "People who lose",
    "people_net": "Gain less lose",
    "minutes_median_after": "Median minutes after",
    "people_gap_closed": "People no longer in a gap",
    "people_gap_opened": "People now in a gap",
}


def kinds_table(compared: Compared) -> pd.DataFrame:
    """Return one row a kind: who gains and loses by each scenario, and median minutes."""
    options = kinds(compared)
    frame = pd.DataFrame({"Nearest": list(options.values())}, index=list(options))
    # The scenarios of one figure stand beside one another.
    for column, words in _OF_KIND.items():
        for at, one in enumerate(compared.found):
            frame[compared.head(words, at)] = one.summary[column].reindex(frame.index)
    medians = [one.summary["minutes_median_before"] for one in compared.found]
    today = pd.concat(medians)
    today = today[~today.index.duplicated()].reindex(frame.index)
    frame.insert(1 + 3 * len(medians), "Median minutes today", today)
    return frame


def areas_table(compared: Compared, kind: str) -> pd.DataFrame:
    """Return one row an area: minutes to one kind today and after, or what changes of any."""
    first = compared.found[0]
    people, names = first.before.people, first.before.areas["area_name"]
    frame = pd.DataFrame({"Area": names, "Residents": people}, index=people.index)
    order = pd.Series(0.0, index=people.index)
    for at, one in enumerate(compared.found):
        if kind == ANY_KIND:
            said = any_change(one)
            frame[compared.head("What changes", at)] = said.map(ANY_WORDS)
            order += said.map({"wins": 2.0, "mixed": 1.0, "loses": 1.5}).fillna(0.0)
            continue
        rows = one.areas[one.areas["kind"] == kind].set_index("area_code").reindex(people.index)
        if at == 0:
            frame["Minutes today"] = rows["minutes_before"]
            frame["Today"] = rows["status_before"].map(status_words)
        frame[compared.head("Minutes after", at)] = rows["minutes_after"]
        frame[compared.head("What changes", at)] = rows["change"].map(change_words)
        order += (~rows["change"].isin(["same", "still_not_reached", "not_known"])).astype(float)
    frame["Code"] = frame.index
    return frame.assign(order=-order).sort_values(["order", "Code"]).drop(columns="order")


def groups_table(compared: Compared, by: str, head: str, kind: str) -> pd.DataFrame:
    """Return one row a group: who gains and loses by each scenario.

    Parameters
    ----------
    by
        ``by_type``, ``by_tenth`` or ``groups`` (of people).
    head
        Of the first column.
    kind
        Of service, or all together.
    """
    tables = [one.evidence.table if by == "groups" else getattr(one, by) for one in compared.found]
    tables = [_of_kind(table, kind) for table in tables]
    index = tables[0].index
    for table in tables[1:]:
        index = index.append(table.index.difference(index, sort=False))
    named = [f"{say_ordinal(int(one))} tenth" if by == "by_tenth" else str(one) for one in index]
    frame = pd.DataFrame({head: named}, index=index)
    each = [table.reindex(index) for table in tables]
    frame["People"] = each[0]["people"]
    for word, words in (("winning", "gain"), ("losing", "lose")):
        for at, rows in enumerate(each):
            frame[compared.head(f"People who {words}", at)] = rows[f"people_{word}"]
        for at, rows in enumerate(each):
            share = 100 * rows[f"people_{word}"] / rows["people"].where(rows["people"] > 0)
            frame[compared.head(f"Share who {words} (%)", at)] = share
    for at, rows in enumerate(each):
        frame[compared.head("Gain less lose", at)] = rows["people_net"]
    return frame


def partners_table(compared: Compared) -> pd.DataFrame:
    """Return one row a partner: its open offers, and who comes nearer or further to them."""
    index = compared.found[0].by_partner.index
    for one in compared.found[1:]:
        index = index.union(one.by_partner.index)
    frame = pd.DataFrame({"Partner": index}, index=index)
    for at, one in enumerate(compared.found):
        rows = one.by_partner.reindex(index)
        if at == 0:
            frame["Open offers today"] = rows["offers_before"].fillna(0)
        frame[compared.head("Open offers after", at)] = rows["offers_after"].fillna(0)
        frame[compared.head("People nearer to the nearest", at)] = rows["people_winning"]
        frame[compared.head("People further", at)] = rows["people_losing"]
    return frame


def fairness_table(compared: Compared, kind: str) -> pd.DataFrame:
    """Return a row a kind and index of fairness that changes: today, after, and whether surely."""
    side = compared.side.equity
    if side.empty:
        return pd.DataFrame()
    after = side.drop(columns="before")
    # As shown: a change that three decimals do not show is none to tell.
    moved = after.round(3).ne(side["before"].round(3), axis=0) & after.notna()
    of_kind = side.index.get_level_values("kind") == kind
    side = side[moved.any(axis=1) & (of_kind | (kind == ANY_KIND))]
    kinds_of, index = (side.index.get_level_values(level) for level in ("kind", "index"))
    frame = pd.DataFrame(
        {
            "Nearest": [kind_name(str(one)) for one in kinds_of],
            "Index of fairness": [INDEX_NAMES[str(one)] for one in index],
            "Today": side["before"].to_numpy(),
        },
        index=side.index,
    )
    for at, one in enumerate(compared.found):
        rows = one.equity.set_index(["kind", "index"]).reindex(side.index)
        frame[compared.head("After", at)] = rows["after"]
        same = rows["before"].eq(rows["after"])
        sure = rows["within_intervals"].map({True: "not sure", False: "yes"})
        sure = sure.mask(same, "no change").mask(rows["change"].isna(), "not known")
        frame[compared.head("A sure change", at)] = sure.fillna("not known")
    return frame


#: What changes in an area over all kinds of service, in words.
ANY_WORDS = {
    "wins": "Some service nearer, none further",
    "mixed": "Some nearer, some further",
    "same": "No change of a minute or more",
    "loses": "Some service further, none nearer",
    "not_known": "Not known",
}


def any_change(one: BeforeAfter) -> pd.Series:
    """Return, on area codes, what changes over all kinds: a key of `ANY_WORDS`."""
    from planner.before_after.changes import build_any_kind

    table = build_any_kind(one.areas).reindex(one.before.people.index)
    wins, loses = table["wins"].eq(True), table["loses"].eq(True)
    found = pd.Series("same", index=table.index, dtype=object)
    found[wins] = "wins"
    found[loses] = "loses"
    found[wins & loses] = "mixed"
    found[~table["known"].eq(True)] = "not_known"
    return found


def change_words(change: object) -> str:
    """Return what changes for an area and kind."""
    return parts.capital(CHANGE_WORDS.get(str(change), "not known"))


def status_words(status: object) -> str:
    """Return what became of a journey; that nobody offers it is one of them."""
    return "not offered anywhere" if status == NOT_OFFERED else parts.status_words(str(status))


def kind_name(kind: str) -> str:
    """Return a kind at the head of a row."""
    if kind == ANY_KIND:
        return "All kinds together"
    return parts.capital("the whole bundle" if kind == "bundle" else kind_words(kind))


def area_lines(compared: Compared, plan: state.Plan, code: str) -> list[str]:
    """Return what changes in one area by each scenario, kind by kind."""
    name = plan.area.place.loc[code, "area_name"]
    lines = []
    for one in compared.found:
        rows = one.areas[(one.areas["area_code"] == code)]
        rows = rows[~rows["change"].isin(["same", "still_not_reached", "not_known"])]
        said = [
            f"{kind_name(row['kind'])} {_minutes(row, 'before')} today, {_minutes(row, 'after')} "
            "after"
            for row in rows.to_dict("records")
        ]
        what = "; ".join(said) or "no journey changes by a minute or more"
        lines.append(f"{name}, {one.name}: {what}.")
    return lines


def _minutes(row: dict[str, object], side: str) -> str:
    status = str(row[f"status_{side}"])
    if status == "reached":
        return f"{row[f'minutes_{side}']:.0f} min"
    return status_words(status)


def _of_kind(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    if kind not in table.index.get_level_values("kind"):
        return table.iloc[:0].droplevel("kind")
    return table.xs(kind, level="kind")
