"""What does one plan say that another can be set beside? Its tables, without the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from planner.before_after.partners import PARTNER_COLUMNS, measure_partners, sum_supply
from planner.compliance import build_people
from planner.errors import DataError
from planner.need.ranking import decile
from planner.neighbourhoods import name_types
from planner.travel.times import STATUSES

if TYPE_CHECKING:
    from planner.plan import Plan

TABLE_COLUMNS = ["area_code", "kind", "minutes", "status", "gap_status"]
AREA_COLUMNS = ["area_name", "type_name", "need_tenth"]

#: Layers (shares of residents) whose people are looked at by themselves: id → words.
GROUP_LAYERS = {"disabled": "Disabled people"}
NO_CAR_WORDS = "People in households without a car"
#: Layers of an age group begin so: ``aged_65_plus``.
AGE_PREFIX = "aged_"


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """The tables of one plan that a comparison needs.

    Parameters
    ----------
    name
        Of the scenario.
    table
        Columns `TABLE_COLUMNS`, one row an area and kind (``bundle`` is one): minutes to the
        nearest by the way that gaps go by, NaN unless ``status`` is ``reached``.
    people
        Residents, on area codes.
    areas
        On the same index, `AREA_COLUMNS`: the type of neighbourhood ("" for none) and the tenth of
        need (1 = greatest; <NA> where need is not known), access left out of need.
    offered
        Kinds with at least one open offer, or one that could not be placed on the map: of these,
        ``no_data`` means not known; of others, that nothing is offered.
    bundle
        The kinds in the bundle.
    groups
        Words → people of a group in each area, NaN where not known.
    equity
        Kind → indices, as in `planner.equity.Equity.table`.
    partners
        On partners: ``venues``, ``offers`` (open ones) and ``kinds``.
    by_partner
        Columns ``partner, area_code, minutes, status``: the nearest open offer of each partner.
    """

    name: str
    table: pd.DataFrame
    people: pd.Series
    areas: pd.DataFrame
    offered: frozenset[str]
    bundle: tuple[str, ...]
    groups: Mapping[str, pd.Series] = field(default_factory=dict)
    equity: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    partners: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["venues", "offers", "kinds"])
    )
    by_partner: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PARTNER_COLUMNS))

    def __post_init__(self) -> None:
        absent = [name for name in TABLE_COLUMNS if name not in self.table]
        absent += [name for name in AREA_COLUMNS if name not in self.areas]
        if absent:
            raise DataError(f"Before and after: {self.name} lacks the column {absent[0]}.")
        if bool(self.table.duplicated(["area_code", "kind"]).any()):
            raise DataError(f"Before and after: {self.name} has an area twice for one kind.")
        if not self.table["status"].isin(STATUSES).all():
            raise DataError(f"Before and after: {self.name} has a status that is none.")
        known = self.table["minutes"].notna()
        if bool((known != (self.table["status"] == "reached")).any()):
            raise DataError(f"Before and after: minutes and status disagree in {self.name}.")
        if not self.people.index.equals(self.areas.index) or not self.people.index.is_unique:
            raise DataError(f"Before and after: people and areas of {self.name} differ.")
        if bool((self.people < 0).any()):
            raise DataError(f"Before and after: {self.name} has fewer than no people.")
        if not self.table["area_code"].isin(self.people.index).all():
            raise DataError(f"Before and after: {self.name} has minutes of an unknown area.")


def take_snapshot(plan: Plan) -> Snapshot:
    """Return what a comparison needs of a plan.

    Notes
    -----
    Tenths of need and people without a car are as in the plan's gaps; disabled people are the
    population times the share of residents (layer ``disabled``, TS038), people of an age the
    population times each layer whose id begins with ``aged_`` (or the layer itself, where it
    counts people). Minutes to a partner's own services are to areas, as `measure_partners` says.
    """
    codes, scores = plan.area.codes, plan.need.scores
    people = plan.area.place["population"].astype("float64")
    tenth = decile(scores["need_rank_access_use"], len(scores)).reindex(codes).astype("Int64")
    types = plan.neighbourhoods
    names = name_types(types.labels.reindex(codes), types.types["type_name"])
    areas = pd.DataFrame(
        {
            "area_name": plan.area.place["area_name"].astype(str),
            "type_name": names.fillna("").astype(str),
            "need_tenth": tenth.where(scores["need_score_access_use"].reindex(codes).notna()),
        },
        index=codes,
    )
    services = plan.services
    offered = {*services.open_offers()["kind"], *services.unplaced["kind"]}
    return Snapshot(
        name=plan.scenario.name,
        table=plan.gaps.table[TABLE_COLUMNS],
        people=people,
        areas=areas,
        offered=frozenset(str(kind) for kind in offered),
        bundle=tuple(plan.project.spec.bundle.kinds),
        groups=_groups(plan, people),
        equity={kind: found.table for kind, found in plan.equity.items()},
        partners=sum_supply(services),
        by_partner=measure_partners(services, plan.times, plan.area.place_points),
    )


def _groups(plan: Plan, people: pd.Series) -> dict[str, pd.Series]:
    """Return people of each group that something is known of."""
    found = {NO_CAR_WORDS: build_people(plan.area, plan.layers)["people_without_car"]}
    layers = plan.layers
    for key, spec in layers.specs.items():
        words = GROUP_LAYERS.get(key) or (spec.title if key.startswith(AGE_PREFIX) else "")
        if not words or spec.kind not in ("share", "count"):
            continue
        values = layers.values[key].reindex(people.index)
        found[words] = values * people if spec.kind == "share" else values
    return {words: counts for words, counts in found.items() if bool(counts.notna().any())}
