"""What is there to go to, how much of it, for whom, and is it open when people would come?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planner.access.opening import Day
from planner.access.sessions import NOT_KNOWN_THEN, judge_offers
from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.services import Jobs, Services
from planner.standards import kind_words
from planner.wording import say_few

Counted = Literal["offers", "capacity", "equal_capacity"]
Unknown = Literal["ask", "leave_out", "open", "closed"]

OPPORTUNITY_COLUMNS = ["destination", "size", "serves"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Opportunities:
    """What people go to: offers of one kind, or places of work.

    Parameters
    ----------
    table
        On unique ids: ``destination`` (its id in travel times), ``size`` (offers, capacity or
        jobs, at least 0; NaN not known) and ``serves`` (``anyone``, ``place`` or area codes
        separated by ``;``).
    unit
        Of ``size``, for captions.
    notes
        What was left out or taken as equal.
    """

    table: pd.DataFrame
    unit: str
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if list(self.table.columns) != OPPORTUNITY_COLUMNS or not self.table.index.is_unique:
            raise DataError("Opportunities: columns are not as agreed, or an id stands twice.")
        size = self.table["size"].to_numpy(dtype=np.float64)
        wrong = np.isinf(size) | (size < 0)
        if bool(wrong.any()):
            raise DataError(
                f"Opportunities: the size of {self.table.index[wrong][0]} is below zero or no "
                "number."
            )


def offers_of(
    services: Services,
    kind: str,
    *,
    counted: Counted = "offers",
    at: tuple[Day, str, str] | None = None,
    unknown_hours: Unknown = "ask",
) -> Opportunities:
    """Return the open offers of one kind.

    Parameters
    ----------
    services
        Venues and offers.
    kind
        Kind of service.
    counted
        ``offers``: each counts 1; ``capacity``: its capacity as stated (unknown stays unknown,
        and is asked for by measures that need it); ``equal_capacity``: all count 1 as capacity,
        which is told.
    at
        Only offers that are open for some time then: day, from, to. An offer's own sessions count,
        and its venue's hours where it has none; what is not on in every week is not open, and
        told.
    unknown_hours
        What to do about offers whose hours are not known, where ``at`` is given: ``ask`` refuses
        and names their venues; ``open`` and ``closed`` take them so, ``leave_out`` does not count
        them as open; all tell.

    Raises
    ------
    DataError
        Hours are not known, or capacities are in different units.
    """
    offers = services.open_offers(kind)
    notes: list[Note] = []
    if at is not None:
        offers, notes = _open_then(services, offers, kind, at, unknown_hours)
    unit = "offers"
    size = pd.Series(1.0, index=offers.index)
    if counted == "equal_capacity":
        unit = f"{kind_words(kind)} of equal capacity"
        text = (
            f"Every {kind_words(kind)} is taken to have the same capacity ({len(offers)} offers): "
            "figures are shares of one, not places or appointments."
        )
        notes.append(note_items("access", "capacity_taken_as_equal", offers.index, text))
    elif counted == "capacity":
        size = offers["capacity"].astype("float64")
        units = sorted({str(u) for u in offers.loc[size.notna(), "capacity_unit"]})
        if len(units) > 1:
            raise DataError(
                f"Capacities of {kind_words(kind)} are in different units: {say_few(units, 10)}.",
                hint="Give all of them in one unit.",
            )
        unit = units[0] if units and units[0] else "capacity"
    table = pd.DataFrame(
        {"destination": offers["venue_id"], "size": size, "serves": offers["serves"]}
    )
    return Opportunities(table=table[OPPORTUNITY_COLUMNS], unit=unit, notes=tuple(notes))


def jobs_of(jobs: Jobs) -> Opportunities:
    """Return the places of work, each as large as its number of jobs."""
    table = pd.DataFrame(
        {
            "destination": jobs.points.index,
            "size": jobs.points["jobs"].to_numpy(dtype=np.float64),
            "serves": "anyone",
        },
        index=jobs.points.index,
    )
    return Opportunities(table=table, unit="jobs")


def _open_then(
    services: Services,
    offers: pd.DataFrame,
    kind: str,
    at: tuple[Day, str, str],
    unknown_hours: Unknown,
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the offers that are open then, and what became of the others."""
    held = judge_offers(offers, services.venues, at)
    when, words = f"{at[0]} {at[1]}-{at[2]}", kind_words(kind, plural=True)
    not_known = held == NOT_KNOWN_THEN
    unknown = sorted(offers.loc[not_known, "venue_id"].astype(str).unique())
    venues = offers["venue_id"].nunique()
    if unknown and unknown_hours == "ask":
        raise DataError(
            f"It is not known whether {words} at {len(unknown)} of {venues} venues are open "
            f"{when}: {say_few(unknown, 10)}.",
            hint="Fill in their opening times, or say whether to take them as open or closed.",
        )
    keep, closed = held == "open", held == "closed"
    if unknown_hours == "open":
        keep |= not_known
    elif unknown_hours == "closed":
        closed |= not_known
    notes = []
    if unknown:
        how = "left out" if unknown_hours == "leave_out" else f"taken as {unknown_hours}"
        text = (
            f"Venues of {words} of which it is not known when the service is open: {len(unknown)} "
            f"of {venues}, {how} {when}."
        )
        notes.append(note_items("access", "hours_not_known", unknown, text))
    rare = offers.index[held == "some_weeks"]
    if len(rare):
        text = (
            f"Offers of {words} that are on {when}, but not in every week (fortnightly, monthly or "
            f"the like), and so left out: {len(rare)} of {len(offers)}."
        )
        notes.append(note_items("access", "not_every_week", rare, text))
    text = f"Offers of {words} that are closed {when}: {int(closed.sum())}."
    notes.append(note_items("access", "closed_then", offers.index[closed], text))
    return offers[keep], notes
