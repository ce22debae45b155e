"""Which measure of access does the page show, and what counts as near?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from planner.access import BUNDLE, JOBS
from planner.standards import DEFAULT_MINUTES, kind_words
from planner.travel.getting_about import MODE_WORDS, Way
from planner.travel.times import STATUS_WORDS, Mode
from planner.ui import state
from planner.ui.access_parts.figures import judge_near, share_reaching
from planner.ui.access_parts.menu import (
    LIMITED,
    OUT_OF_REACH,
    Entry,
    read_out_of_reach,
    read_values,
)
from planner.ui.access_parts.said import (
    Family,
    family_of,
    setting_words,
    short_time,
    time_words,
)

#: Families whose settings are told with the method, not in the title.
_IN_METHOD = ("gravity", "catchment")


@dataclass(frozen=True, kw_only=True, eq=False)
class Limit:
    """The minutes within which something counts as near: a standard, or chosen by a visitor.

    ``minutes`` is NaN for the bundle where each of its services keeps its own.
    """

    minutes: float
    is_standard: bool
    source: str = ""
    by: Mode | Literal[""] = ""

    @property
    def each_its_own(self) -> bool:
        """Whether several services keep standards of their own."""
        return bool(np.isnan(self.minutes))


@dataclass(frozen=True, kw_only=True, eq=False)
class Shown:
    """One measure of one service by one way of getting about, as the page shows it.

    ``values`` has ``value`` (shares in percent, small capacities for each 1,000 people) and
    ``status`` on the place's area codes; ``unit`` is that of ``value``; ``limit`` is None where
    the measure is not in minutes, ``near`` otherwise says of each area whether it is within it.
    """

    way: Way
    key: str
    kind: str
    entry: Entry
    family: Family
    values: pd.DataFrame
    unit: str
    limit: Limit | None
    near: pd.Series | None

    @property
    def how(self) -> str:
        """How people travel, in a sentence."""
        if self.entry.measure == OUT_OF_REACH:
            return "by the way that each standard is for"
        return MODE_WORDS[self.way.mode]

    @property
    def in_minutes(self) -> bool:
        """Whether the measure is a journey's length."""
        return self.family.shape == "minutes"

    @property
    def when(self) -> str:
        """The time of the week as a sentence begins or ends with it; "" in the day."""
        return time_words(self.entry.time) if self.entry.time else ""

    @property
    def title(self) -> str:
        """What the measure is called, with what it was measured with."""
        family = self.family
        if self.entry.measure in LIMITED:
            return family.label.replace("so many", self.entry.setting)
        words = setting_words(self.entry.measure, self.entry.setting, self.entry.title)
        said = f"{family.label}: {words[:1].lower()}{words[1:]}" if self._has_setting else ""
        title = said or family.label
        return f"{title}, {short_time(self.entry.time)}" if self.entry.time else title

    @property
    def _has_setting(self) -> bool:
        told = self.entry.measure not in _IN_METHOD
        return bool(self.entry.setting) and bool(self.family.asks) and told

    @property
    def column(self) -> str:
        """The measure as the head of a column."""
        unit = "" if self.in_minutes or not self.unit else f" ({self.unit})"
        return f"{self.title}{unit}"

    @property
    def thing(self) -> str:
        """What is gone to, one of it."""
        if self.kind == BUNDLE:
            return "service of the bundle"
        return "job" if self.kind == JOBS else kind_words(self.kind)

    @property
    def things(self) -> str:
        """What is gone to, several of it."""
        if self.kind == BUNDLE:
            return "services of the bundle"
        return "jobs" if self.kind == JOBS else kind_words(self.kind, plural=True)

    @property
    def decimals(self) -> int:
        """Decimals that the measure is shown with."""
        if self.family.shape in {"minutes", "number"}:
            return 0
        most = self.values["value"].abs().max()
        if self.unit == "%" or not most > 0:
            return 0 if most >= 10 or not most > 0 else 1
        return int(np.clip(2 - np.floor(np.log10(most)), 0, 4))

    def status_words(self, status: str) -> str:
        """Return why there is no figure; at a time of the week no way is one to none open."""
        if status == "unreachable" and self.entry.time:
            return "no way to one that is open then"
        return STATUS_WORDS.get(status, status)

    def reaching(self, people: pd.Series, shares: Sequence[float]) -> list[float]:
        """Return what at least such shares of the people have, or better."""
        return share_reaching(self.values, people, shares, less_is_better=self.entry.less_is_better)

    def say_number(self, value: float) -> str:
        """Return a value as in a sentence: to three figures, with no unit but a percent sign."""
        text = f"{float(f'{value:.3g}'):,.{self.decimals}f}"
        return f"{text}%" if self.unit == "%" else text

    def say(self, value: float) -> str:
        """Return a value with its unit, as in a sentence."""
        return f"{self.say_number(value)} {'' if self.unit == '%' else self.unit}".rstrip()


def build_shown(plan: state.Plan, key: str, kind: str, entry: Entry, limit: Limit | None) -> Shown:
    """Return one measure as the page shows it."""
    values, unit = _scaled(read_values(plan, key, kind, entry), entry)
    return Shown(
        way=plan.ways[key],
        key=key,
        kind=kind,
        entry=entry,
        family=family_of(entry.measure, entry.title),
        values=values,
        unit=unit,
        limit=limit,
        near=None if limit is None else _near(plan, key, values, limit),
    )


def standard_of(plan: state.Plan, kind: str) -> Limit:
    """Return the limit a kind has: its standard, the bundle's several, or 30 minutes."""
    if kind == BUNDLE:
        return Limit(minutes=float("nan"), is_standard=True)
    if kind not in plan.standards:
        return Limit(minutes=DEFAULT_MINUTES, is_standard=False)
    found = plan.standards[kind]
    return Limit(minutes=found.minutes, is_standard=True, source=found.source, by=found.by)


def judged_by(plan: state.Plan, limit: Limit) -> Mode:
    """Return by which way a standard is meant: its own, or the one that gaps go by."""
    return limit.by or plan.way.mode


def _near(plan: state.Plan, key: str, values: pd.DataFrame, limit: Limit) -> pd.Series:
    if limit.each_its_own:
        return judge_near(read_out_of_reach(plan), 0.0)
    searched = plan.ways[key].times.cutoff_minutes
    return judge_near(values, limit.minutes, searched=searched)


def _scaled(values: pd.DataFrame, entry: Entry) -> tuple[pd.DataFrame, str]:
    """Return values as they are read by people, with their unit."""
    if family_of(entry.measure).shape == "share":
        return values.assign(value=100 * values["value"]), "%"
    return values, entry.unit
