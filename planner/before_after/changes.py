"""What changes for each area and kind of service, and is it nearer or further?"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from planner.access import BUNDLE, NOT_KNOWN
from planner.before_after.snapshot import Snapshot
from planner.errors import DataError
from planner.hubs.siting import LEAST_GAIN_MINUTES
from planner.travel.times import DECISECONDS_PER_MINUTE

#: Journeys that differ by less are the same: it is within the rounding of the times.
LEAST_MINUTES = LEAST_GAIN_MINUTES

AreaChange = Literal[
    "sooner",
    "longer",
    "reached_first",
    "no_longer_reached",
    "same",
    "still_not_reached",
    "not_known",
]
CHANGE_WORDS: dict[str, str] = {
    "sooner": "at least a minute nearer",
    "longer": "at least a minute further",
    "reached_first": "reached for the first time",
    "no_longer_reached": "no longer reached",
    "same": "no change of a minute or more",
    "still_not_reached": "not reached before or after",
    "not_known": "not known before or after",
}
WINNING = ("sooner", "reached_first")
LOSING = ("longer", "no_longer_reached")

GAP_CHANGE_WORDS: dict[str, str] = {
    "closed": "no longer a gap",
    "opened": "a gap now",
    "still": "a gap before and after",
    "none": "no gap before or after",
    "not_known": "not known before or after",
}

#: A kind that no open venue offers; beside the statuses of journeys.
NOT_OFFERED = "not_offered"
NOT_OFFERED_WORDS = "not offered anywhere"
#: All kinds of service together, the bundle left out.
ANY_KIND = "any_kind"

CHANGE_COLUMNS = [
    "area_code",
    "kind",
    "minutes_before",
    "status_before",
    "minutes_after",
    "status_after",
    "minutes_change",
    "change",
    "gap_before",
    "gap_after",
    "gap_change",
]


def build_area_changes(before: Snapshot, after: Snapshot) -> pd.DataFrame:
    """Set minutes, status and gap of every area and kind side by side.

    Parameters
    ----------
    before, after
        Of the same areas.

    Returns
    -------
    changes
        Columns `CHANGE_COLUMNS`, sorted by kind and area. ``minutes_change`` is after less before,
        NaN unless both are reached; ``change`` is one of `CHANGE_WORDS`, ``gap_change`` one of
        `GAP_CHANGE_WORDS`.

    Raises
    ------
    DataError
        The two are not of the same areas, or not of the same bundle.

    Notes
    -----
    Where one of the two is off the network or has no data, it is not known whether anything
    changes, and nobody is counted as winning or losing. A kind that no open venue offers (or a
    bundle that lacks one) is different from that: nobody reaches it, and it is beyond any standard,
    so that closing the only venue makes everyone who reached it lose. ``status`` is then
    `NOT_OFFERED`.
    """
    if not before.people.index.equals(after.people.index):
        raise DataError("Before and after: the two plans are not of the same areas.")
    if sorted(before.bundle) != sorted(after.bundle):
        raise DataError("Before and after: the two plans have different bundles.")
    kinds = sorted({*before.table["kind"], *after.table["kind"]})
    codes = before.people.index
    grid = pd.MultiIndex.from_product([kinds, codes], names=["kind", "area_code"])
    first, last = (_placed(side, grid) for side in (before, after))
    # An area off the network is so in both, whatever is offered.
    for one, other in ((first, last), (last, first)):
        unknown = (one["status"] == NOT_OFFERED) & other["status"].isin(NOT_KNOWN)
        one.loc[unknown, "status"] = other.loc[unknown, "status"]
    table = pd.DataFrame(
        {
            "minutes_before": first["minutes"],
            "status_before": first["status"],
            "minutes_after": last["minutes"],
            "status_after": last["status"],
            "minutes_change": last["minutes"] - first["minutes"],
        },
        index=grid,
    )
    table["change"] = to_change(
        *(table[c] for c in ("minutes_before", "status_before", "minutes_after", "status_after"))
    )
    table["gap_before"], table["gap_after"] = first["gap_status"], last["gap_status"]
    table["gap_change"] = _gap_change(first, last)
    return table.reset_index()[CHANGE_COLUMNS]


def to_change(
    minutes_before: pd.Series,
    status_before: pd.Series,
    minutes_after: pd.Series,
    status_after: pd.Series,
) -> pd.Series:
    """Return what each journey's change is (`AreaChange`), on the index of the four."""
    unknown = status_before.isin(NOT_KNOWN) | status_after.isin(NOT_KNOWN)
    had, has = status_before == "reached", status_after == "reached"
    # Times are whole deciseconds, so that a minute is a minute whatever its floats say.
    saved = ((minutes_before - minutes_after) * DECISECONDS_PER_MINUTE).round()
    least = LEAST_MINUTES * DECISECONDS_PER_MINUTE
    found = np.select(
        [unknown, had & has & (saved >= least), had & has & (saved <= -least), had & has, has, had],
        ["not_known", "sooner", "longer", "same", "reached_first", "no_longer_reached"],
        default="still_not_reached",
    )
    return pd.Series(found, index=status_before.index, dtype=object)


def build_any_kind(changes: pd.DataFrame) -> pd.DataFrame:
    """Return, on area codes, whether any kind of service ``wins`` or ``loses``, and is ``known``.

    The bundle is left out: it is made of the kinds. ``known`` says whether the change of at least
    one kind is.
    """
    each = changes[changes["kind"] != BUNDLE]
    frame = pd.DataFrame(
        {
            "wins": each["change"].isin(WINNING).to_numpy(),
            "loses": each["change"].isin(LOSING).to_numpy(),
            "known": (each["change"] != "not_known").to_numpy(),
        },
        index=pd.Index(each["area_code"], name="area_code"),
    )
    return frame.groupby(level=0).any()


def _placed(side: Snapshot, grid: pd.MultiIndex) -> pd.DataFrame:
    """Return minutes, status and gap of every area and kind, kinds that nobody offers said so."""
    found = side.table.set_index(["kind", "area_code"])[["minutes", "status", "gap_status"]]
    found = found.reindex(grid)
    kinds = grid.get_level_values("kind")
    whole = set(side.bundle) <= side.offered
    offered = kinds.isin([*side.offered, *([BUNDLE] if whole else [])])
    absent = found["status"].isna()
    found["status"] = found["status"].fillna("no_data")
    nowhere = (found["status"] == "no_data").to_numpy() & ~offered
    return pd.DataFrame(
        {
            "minutes": found["minutes"].astype("float64"),
            "status": found["status"].mask(nowhere, NOT_OFFERED),
            "gap_status": found["gap_status"].where(~absent, "no_data"),
        }
    )


def _gap_change(first: pd.DataFrame, last: pd.DataFrame) -> pd.Series:
    gaps, known = [], []
    for side in (first, last):
        nowhere = side["status"] == NOT_OFFERED
        gaps.append((side["gap_status"] == "gap") | nowhere)
        known.append((side["gap_status"] != "no_data") | nowhere)
    found = np.select(
        [
            ~(known[0] & known[1]),
            gaps[0] & gaps[1],
            gaps[0],
            gaps[1],
        ],
        ["not_known", "still", "closed", "opened"],
        default="none",
    )
    return pd.Series(found, index=first.index, dtype=object)
