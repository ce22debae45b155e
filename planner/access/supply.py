"""What is there to go to, how much of it, for whom, and is it open when people would come?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from planner.access.opening import Day, is_open
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
        Only offers at venues that are open for some time then: day, from, to.
    unknown_hours
        What to do about venues whose hours are not known, where ``at`` is given: ``ask`` refuses
        and names them; ``open`` and ``closed`` take them so, ``leave_out`` does not count them
        as open; all tell.

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
    """Return the offers at venues that are open then, and what became of the others."""
    venues = pd.Index(offers["venue_id"].unique()).sort_values()
    hours = services.venues.loc[venues, "opening"]
    known = {venue: is_open(str(text), *at) for venue, text in hours.items()}
    unknown = [str(venue) for venue, is_known in known.items() if is_known is None]
    when = f"{at[0]} {at[1]}-{at[2]}"
    if unknown and unknown_hours == "ask":
        raise DataError(
            f"It is not known whether {len(unknown)} of {len(venues)} venues of "
            f"{kind_words(kind)} are open {when}: {say_few(unknown, 10)}.",
            hint="Fill in their opening times, or say whether to take them as open or closed.",
        )
    take = {v: (unknown_hours == "open" if o is None else o) for v, o in known.items()}
    keep = offers["venue_id"].map(take).astype(bool)
    notes = []
    if unknown:
        how = "left out" if unknown_hours == "leave_out" else f"taken as {unknown_hours}"
        text = (
            f"Venues of {kind_words(kind)} whose hours are not known: {len(unknown)} of "
            f"{len(venues)}, {how} {when}."
        )
        notes.append(note_items("access", "hours_not_known", unknown, text))
    text = f"Offers of {kind_words(kind)} that are closed {when}: {int((~keep).sum())}."
    notes.append(note_items("access", "closed_then", offers.index[~keep], text))
    return offers[keep], notes
