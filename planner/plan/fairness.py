"""How fairly does the time to each kind of service, and to the whole bundle, fall over people?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.access import BUNDLE, Access
from planner.area import StudyArea
from planner.compliance import Compliance
from planner.equity import Distribution, Equity, EquitySettings, build_distribution, build_equity
from planner.equity.words import known_words
from planner.ledger import Note
from planner.need import Need
from planner.neighbourhoods import Neighbourhoods, name_types
from planner.plan.journeys import Journeys
from planner.plan.stages import Stages
from planner.project import FairnessSettings, ProjectSpec
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS, Way
from planner.travel.times import STATUSES


@dataclass(frozen=True, kw_only=True, eq=False)
class _People:
    """Who lives in each area, in which need, and in which type of neighbourhood."""

    people: pd.Series
    need: pd.Series
    types: pd.Series

    @classmethod
    def of(cls, area: StudyArea, need: Need, types: Neighbourhoods) -> _People:
        return cls(
            people=area.place["population"].astype("float64"),
            need=need.scores["need_percentile_access_use"],
            types=name_types(types.labels.reindex(area.codes), types.types["type_name"]),
        )

    def spread(
        self, near: pd.DataFrame, label: str, unit: str, cap: float | None
    ) -> Distribution | None:
        """Set a measure against people and need; None where it is known of nobody."""
        reached = (near["status"] == "reached") & (self.people > 0) & self.need.notna()
        if not bool((reached & self.types.notna()).any()):
            return None
        return build_distribution(
            near,
            self.people,
            label=label,
            unit=unit,
            better="less",
            ranked_by=self.need,
            groups=self.types,
            cap=cap,
        )


def build_equities(
    run: Stages,
    spec: ProjectSpec,
    area: StudyArea,
    need: Need,
    types: Neighbourhoods,
    access: Access,
    journeys: Journeys,
    compliance: Compliance,
) -> dict[str, Equity]:
    """Say how fairly minutes fall over people, from the most need to the least.

    Returns
    -------
    equity
        By kind, by the way its standard is meant for, with the standard as the poverty line; and
        for the bundle (key ``bundle``) the slowest of the nearest by the way that gaps go by. Its
        share of people in poverty is of those for whom any of its kinds is beyond its standard.
        Kinds that nobody is known to reach are not in it.
    """
    kinds = list(spec.bundle.kinds)

    def build() -> dict[str, Equity]:
        who, found = _People.of(area, need, types), {}
        for kind in compliance.kinds:
            way = compliance.way(kind)
            one = _of_kind(kind, compliance, journeys.ways[way], who, spec.equity)
            if one is not None:
                found[kind] = one
        whole = _of_bundle(kinds, compliance, access, journeys.way, who, spec.equity)
        return found if whole is None else {**found, BUNDLE: whole}

    result: dict[str, Equity] = run.run(
        "equity",
        [spec.equity, kinds, spec.standards],
        ["access", "need", "neighbourhoods"],
        build,
    )
    return result


def _of_kind(
    kind: str, compliance: Compliance, way: Way, who: _People, asked: FairnessSettings
) -> Equity | None:
    rows = compliance.of(kind)
    near = pd.DataFrame({"value": rows["minutes"], "status": rows["status"]})
    cap, line = way.times.cutoff_minutes, compliance.minutes(kind)
    words = kind_words(kind)
    label = f"minutes {MODE_WORDS[way.mode]} to the nearest {words}"
    distribution = who.spread(near, label, "minutes", cap)
    if distribution is None:
        return None
    usable = asked.standards_as_lines and line < cap
    found = build_equity(distribution, _settings(asked, line if usable else None))
    if usable or not asked.standards_as_lines:
        return found
    text = (
        f"The standard for the {words} ({line:g} minutes) is not below the longest journey "
        f"searched ({cap:g}): how many people are beyond it is not given."
    )
    note = Note(stage="equity", what="line_beyond_cutoff", count=1, text=text, items=(kind,))
    return replace(found, notes=(*found.notes, note))


def _of_bundle(
    kinds: Sequence[str],
    compliance: Compliance,
    access: Access,
    way: Way,
    who: _People,
    asked: FairnessSettings,
) -> Equity | None:
    slowest = access.wide("bundle_minutes_slowest")
    label = f"minutes {MODE_WORDS[way.mode]} to the slowest of the nearest of the bundle"
    distribution = who.spread(slowest, label, "minutes", way.times.cutoff_minutes)
    if distribution is None:
        return None
    found = build_equity(distribution, _settings(asked, None))
    if not asked.standards_as_lines:
        return found
    times = who.spread(
        build_times_standard(compliance, kinds),
        "the furthest of the bundle",
        "times its kind's standard",
        None,
    )
    if times is None:
        return found
    beyond = build_equity(times, _settings(asked, 1.0)).table
    rows = beyond[beyond.index.str.startswith("poverty")].copy()
    share = float(rows.loc["poverty_share", "value"])
    rows.loc["poverty_share", "meaning"] = (
        f"{share:.0%} of people{known_words(times)} ({share * times.people.sum():,.0f}) "
        "have at least one kind of the bundle beyond its standard."
    )
    return replace(found, table=pd.concat([found.table, rows]))


def build_times_standard(compliance: Compliance, kinds: Sequence[str]) -> pd.DataFrame:
    """Return how many times its standard the furthest of some kinds is: ``value``, ``status``.

    NaN unless all are reached, each by its standard's own way; the status is the last of theirs in
    the order of `STATUSES`, so that one that is not known makes the whole not known.
    """
    values, order = [], {status: at for at, status in enumerate(STATUSES)}
    ranks = []
    for kind in kinds:
        near = compliance.near(kind)
        values.append(near["value"] / compliance.minutes(kind))
        ranks.append(near["status"].map(order))
    furthest = pd.concat(values, axis=1).max(axis=1)
    statuses = pd.concat(ranks, axis=1)
    status = statuses.max(axis=1).map(dict(enumerate(STATUSES)))
    return pd.DataFrame({"value": furthest.where(status == "reached", np.nan), "status": status})


def _settings(asked: FairnessSettings, line: float | None) -> EquitySettings:
    return EquitySettings(
        line=line, bootstraps=asked.bootstraps, interval=asked.interval, seed=asked.seed
    )
