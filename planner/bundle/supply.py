"""Which places offer which kinds of the bundle, to whom?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.bundle.round_trips import MOST_KINDS
from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.services import Services, split_by_use
from planner.standards import kind_words
from planner.travel.kernels import Int64


@dataclass(frozen=True, kw_only=True)
class BundleRules:
    """What the bundle is, and how a trip for it is counted.

    Parameters
    ----------
    kinds
        Services that one person is typically sent to, each once, at most `MOST_KINDS`; their
        order means nothing.
    dwell_minutes
        Time with each service. A bundle of five takes five times as long wherever it is given,
        so that a one-stop place is not called quicker for serving people faster.
    stop_minutes
        Further time at each place that is entered (signing in, waiting), once a place however
        many services are used there.
    walk_minutes
        Venues within this walk of a venue are one place with it.
    budget_minutes
        Longest round trip to one place, there and back, that somebody makes for it.
    """

    kinds: tuple[str, ...]
    dwell_minutes: float = 20.0
    stop_minutes: float = 0.0
    walk_minutes: float = 5.0
    budget_minutes: float = 60.0

    def __post_init__(self) -> None:
        kinds = tuple(sorted(set(self.kinds)))
        if not kinds:
            raise DataError("The bundle is empty.", hint="Name at least one kind of service.")
        if len(kinds) > MOST_KINDS:
            raise DataError(
                f"The bundle has {len(kinds)} kinds; trips can be worked out for {MOST_KINDS}.",
                hint="Leave out those that few people are sent to.",
            )
        for name in ("dwell_minutes", "stop_minutes", "walk_minutes", "budget_minutes"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise DataError(f"Bundle: {name} must be a number of minutes, at least 0.")
        object.__setattr__(self, "kinds", kinds)

    @property
    def whole(self) -> int:
        """All kinds as bits, the first kind lowest."""
        return (1 << len(self.kinds)) - 1

    @property
    def served_minutes(self) -> float:
        """Time with all services of the bundle together."""
        return self.dwell_minutes * len(self.kinds)

    def to_kinds(self, held: int) -> tuple[str, ...]:
        """Return the kinds that bits stand for."""
        return tuple(kind for at, kind in enumerate(self.kinds) if held >> at & 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Supply:
    """What some points' people may use.

    ``points`` (sorted) share ``venues`` (sorted ids of those with at least one kind for them)
    and ``held``, the kinds of each venue as bits. ``missing`` are kinds that no venue has for
    them.
    """

    points: pd.Index
    venues: pd.Index
    held: Int64
    missing: tuple[str, ...]


def build_supplies(services: Services, points: pd.DataFrame, rules: BundleRules) -> list[Supply]:
    """Split points by which open offers of the bundle their people may use (``serves``).

    Parameters
    ----------
    services
        Only open offers count.
    points
        On sorted point ids, with ``area_code``.
    """
    offers = services.open_offers()
    offers = offers[offers["kind"].isin(rules.kinds)]
    supplies = [_supply(members, usable, rules) for members, usable in split_by_use(offers, points)]
    return _merge(supplies)


def supply_notes(
    services: Services, points: pd.DataFrame, supplies: Sequence[Supply], rules: BundleRules
) -> list[Note]:
    """Say which kinds nobody offers, which are closed to some areas, and what is odd."""
    notes = []
    offered = set(services.open_offers()["kind"])
    nowhere = tuple(kind for kind in rules.kinds if kind not in offered)
    if nowhere:
        names = ", ".join(kind_words(kind) for kind in nowhere)
        text = f"There is no open {names} on the map, so there is no data for the whole bundle."
        notes.append(note_items("bundle", "bundle_kind_without_offer", nowhere, text))
    for kind in rules.kinds:
        if kind in nowhere:
            continue
        without = [one.points for one in supplies if kind in one.missing]
        if without:
            codes = sorted({code for one in without for code in points.loc[one, "area_code"]})
            text = f"Areas whose people no open {kind_words(kind)} serves: {len(codes)}."
            notes.append(note_items("bundle", "bundle_kind_not_for_area", tuple(codes), text))
    if len(rules.kinds) == 1:
        text = (
            f"The bundle has one kind ({kind_words(rules.kinds[0])}): a trip for it is the way to "
            "the best venue and back."
        )
        notes.append(note_items("bundle", "bundle_one_kind", rules.kinds, text))
    return notes


def kinds_offered(services: Services, rules: BundleRules) -> tuple[str, ...]:
    """Return the bundle's kinds that somebody offers."""
    offered = set(services.open_offers()["kind"])
    return tuple(kind for kind in rules.kinds if kind in offered)


def _supply(points: pd.Index, offers: pd.DataFrame, rules: BundleRules) -> Supply:
    bit = {kind: 1 << at for at, kind in enumerate(rules.kinds)}
    pairs = offers[["venue_id", "kind"]].drop_duplicates()
    held = pairs["kind"].map(bit).groupby(pairs["venue_id"]).sum().sort_index()
    found = int(np.bitwise_or.reduce(held.to_numpy(dtype=np.int64))) if len(held) else 0
    return Supply(
        points=points,
        venues=pd.Index(held.index.astype(str)),
        held=held.to_numpy(dtype=np.int64),
        missing=rules.to_kinds(rules.whole & ~found),
    )


def _merge(supplies: Sequence[Supply]) -> list[Supply]:
    """Join those that come to the same venues with the same kinds."""
    found: dict[tuple[tuple[str, ...], bytes], list[Supply]] = {}
    for one in supplies:
        found.setdefault((tuple(one.venues), one.held.tobytes()), []).append(one)
    merged = []
    for same in found.values():
        points = same[0].points.append([one.points for one in same[1:]]).sort_values()
        first = same[0]
        merged.append(
            Supply(points=points, venues=first.venues, held=first.held, missing=first.missing)
        )
    return merged
