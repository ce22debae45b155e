"""Is somebody's table a public register that the planner has a reader of its own for?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from planner.project import ServiceReader
from planner.sources.coordinates import find_coordinates
from planner.sources.tables import match_column


@dataclass(frozen=True, kw_only=True)
class Register:
    """A register: its reader, what its rows mostly are, and what the reader leaves out."""

    reader: ServiceReader
    kind: str
    name: str
    left_out: str


_GPS = "NHS table of GP practices and other prescribers"
_NOT_GPS = "what is closed, dormant or no GP practice"
#: Headers that all stand in a register, and in no other table that people have.
_REGISTERS: tuple[tuple[tuple[str, ...], Register], ...] = (
    (
        ("URN", "EstablishmentStatus (name)"),
        Register(reader="gias", kind="school", name="schools register", left_out="closed schools"),
    ),
    (
        ("Organisation Code", "Status Code", "Prescribing Setting"),
        Register(reader="gp_geocoded", kind="gp", name=_GPS, left_out=_NOT_GPS),
    ),
    (
        ("Library name", "Local authority code", "Year closed"),
        Register(
            reader="libraries_wales",
            kind="library",
            name="Welsh table of public libraries",
            left_out="closed libraries and those of other councils (by [place] authority)",
        ),
    ),
    (
        ("authority", "type", "closed", "operation_23"),
        Register(
            reader="libraries_england",
            kind="library",
            name="English table of public libraries",
            left_out="archives, prison and mobile libraries and what is closed",
        ),
    ),
    (
        ("stop", "day", "arrival", "departure", "frequency"),
        Register(
            reader="mobile_library_stops",
            kind="library",
            name="table of mobile library stops",
            left_out="private stops and earlier timetables",
        ),
    ),
)


def find_register(table: pd.DataFrame) -> Register | None:
    """Return the register that a table is by its headers, None if it is none that is known."""
    for headers, register in _REGISTERS:
        if all(match_column(table, header) is not None for header in headers):
            if register.reader == "gp_geocoded" and find_coordinates(table, what="") is None:
                return Register(reader="epraccur", kind="gp", name=_GPS, left_out=_NOT_GPS)
            return register
    return None


def say_register(register: Register) -> str:
    """Return which register it is and why the section says so."""
    return (
        f'This looks like the {register.name}. The section says from = "{register.reader}", so '
        f"that {register.left_out} will be left out."
    )
