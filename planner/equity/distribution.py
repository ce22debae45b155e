"""Who has how much access, among whom, from the worst off to the best off?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.access.nearest import NOT_KNOWN
from planner.errors import DataError
from planner.ledger import Note, note_items

Better = Literal["more", "less"]
Standing = Literal["need", "means"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Distribution:
    """One access measure over areas, each with its people, from the worst off to the best off.

    Parameters
    ----------
    codes
        The areas that are in.
    values
        Access, at least 0; infinite where a journey was looked for and not found, unless these
        were set to ``cap``.
    people
        Above zero.
    standing
        Rising from the worst off to the best off (need with its sign turned); NaN everywhere
        where areas are not ordered.
    groups
        Name of each area's group, such as its type; "" everywhere where there are none.
    better
        Whether more of the measure is better (jobs) or less (minutes).
    label, unit
        Of the measure, in words.
    cap
        What unreachable was set to; None: it was not.
    reference
        ``standing`` and ``people`` of all areas among whom the worst-off 40% and best-off 10%
        are told; None: these areas.
    notes
        What was left out or capped.
    """

    codes: pd.Index
    values: NDArray[np.float64]
    people: NDArray[np.float64]
    standing: NDArray[np.float64]
    groups: NDArray[np.object_]
    better: Better
    label: str
    unit: str
    cap: float | None = None
    reference: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    notes: tuple[Note, ...] = field(default=())

    @property
    def ordered(self) -> bool:
        """Whether areas are ordered from the worst off to the best off."""
        return not bool(np.isnan(self.standing).any())

    @property
    def infinite(self) -> int:
        """How many areas have no way there, and were not capped."""
        return int(np.isinf(self.values).sum())


def build_distribution(
    access: pd.DataFrame,
    people: pd.Series,
    *,
    label: str,
    unit: str,
    better: Better,
    ranked_by: pd.Series | None = None,
    ranked_is: Standing = "need",
    groups: pd.Series | None = None,
    cap: float | None = None,
    reference: pd.DataFrame | None = None,
) -> Distribution:
    """Bring access, people and need together, and say who is left out.

    Parameters
    ----------
    access
        On area codes: ``value`` and ``status``, as measures give.
    people
        Of each area.
    label, unit
        Of the measure, for sentences: ``minutes to the nearest library``, ``minutes``.
    better
        ``more`` of the measure is better, or ``less`` (minutes).
    ranked_by
        What areas are ordered by; areas at the same value are a tie. None leaves out the measures
        that go by it.
    ranked_is
        ``need``: high is worse off; ``means`` (income, say): high is better off.
    groups
        Of each area, such as its type.
    cap
        Minutes that journeys without a way there count as: the longest journey searched. Every
        area so treated is counted. Without it, measures that need a mean are refused.
    reference
        ``ranked_by`` and ``people`` of all areas among whom the worst-off 40% and best-off 10%
        of people are told, where that is not these areas.

    Notes
    -----
    Unreachable is the worst there is and never left out. Areas where access is not known
    (`planner.access.NOT_KNOWN`), without people, or without a value to be ordered or grouped by,
    are left out and counted, with their people.
    """
    if not {"value", "status"} <= set(access.columns):
        raise DataError("Equity: access needs the columns value and status.")
    frame = pd.DataFrame(
        {
            "value": access["value"].astype("float64"),
            "status": access["status"],
            "people": people.reindex(access.index).astype("float64"),
            "standing": _standing(access.index, ranked_by, ranked_is),
            "group": "" if groups is None else groups.reindex(access.index).astype(object),
        }
    )
    frame["value"] = frame["value"].astype("float64")
    notes: list[Note] = []
    frame = _left_out(frame, ranked_by is not None, label, notes)
    if len(frame) == 0:
        raise DataError(f"Equity: {label} is known of no area with people.")
    if bool((frame["value"] < 0).any()):
        raise DataError(f"Equity: {label} is below zero at {frame.index[frame['value'] < 0][0]}.")
    frame = _unreachable(frame, better, cap, label, notes)
    return Distribution(
        codes=frame.index,
        values=frame["value"].to_numpy(dtype=np.float64),
        people=frame["people"].to_numpy(dtype=np.float64),
        standing=frame["standing"].to_numpy(dtype=np.float64),
        groups=frame["group"].astype(str).to_numpy(dtype=object),
        better=better,
        label=label,
        unit=unit,
        cap=cap,
        reference=_reference(reference, ranked_is),
        notes=tuple(notes),
    )


def _standing(codes: pd.Index, ranked_by: pd.Series | None, ranked_is: Standing) -> pd.Series:
    if ranked_by is None:
        return pd.Series(np.nan, index=codes)
    sign = -1.0 if ranked_is == "need" else 1.0
    return sign * ranked_by.reindex(codes).astype("float64")


def _reference(
    reference: pd.DataFrame | None, ranked_is: Standing
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    if reference is None:
        return None
    known = reference["ranked_by"].notna() & (reference["people"] > 0)
    if not bool(known.any()):
        raise DataError("Equity: the reference has no area with people and a value.")
    kept = reference[known]
    sign = -1.0 if ranked_is == "need" else 1.0
    return (
        sign * kept["ranked_by"].to_numpy(dtype=np.float64),
        kept["people"].to_numpy(dtype=np.float64),
    )


def _left_out(frame: pd.DataFrame, ordered: bool, label: str, notes: list[Note]) -> pd.DataFrame:
    """Return the areas that can be judged, with a note for each reason others cannot."""
    unknown = frame["status"].isin(NOT_KNOWN) | (
        frame["value"].isna() & (frame["status"] == "reached")
    )
    reasons = [
        ("access_not_known", unknown, "whose access is not known"),
        ("no_people", ~(frame["people"] > 0), "without a number of people above zero"),
    ]
    if ordered:
        reasons.append(("no_need", frame["standing"].isna(), "without a value to be ordered by"))
    reasons.append(("no_group", frame["group"].isna(), "without a group"))
    keep = pd.Series(True, index=frame.index)
    for what, wrong, words in reasons:
        lost = frame.index[keep & wrong]
        if len(lost):
            people = frame.loc[lost, "people"].sum()
            text = f"Areas {words}, left out ({label}): {len(lost)}, with {people:,.0f} people."
            notes.append(note_items("equity", what, lost, text))
        keep &= ~wrong
    return frame[keep]


def _unreachable(
    frame: pd.DataFrame, better: Better, cap: float | None, label: str, notes: list[Note]
) -> pd.DataFrame:
    """Return the areas with no way there as the worst: infinite, or the cap."""
    far = frame["value"].isna()
    if bool(far.any()) and better == "more":
        raise DataError(
            f"Equity: {label} has no value at {int(far.sum())} areas that are on the network "
            f"(first: {frame.index[far][0]}); nothing within reach should be 0."
        )
    if cap is None:
        return frame.assign(value=frame["value"].where(~far, np.inf))
    if better == "more":
        raise DataError("Equity: a cap is for measures of which less is better, such as minutes.")
    if bool((frame["value"] > cap).any()):
        raise DataError(
            f"Equity: {label} is above the cap of {cap:g} at "
            f"{frame.index[frame['value'] > cap][0]}.",
            hint="The cap is the longest journey searched.",
        )
    if bool(far.any()):
        lost = frame.index[far]
        text = (
            f"Areas with no way there in the time searched ({label}): {len(lost)}, with "
            f"{frame.loc[lost, 'people'].sum():,.0f} people. They count as {cap:g}, which is the "
            "least it can be."
        )
        notes.append(note_items("equity", "capped", lost, text))
    return frame.assign(value=frame["value"].fillna(cap))
