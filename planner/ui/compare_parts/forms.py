"""Which change is it? One form a change, answered by names; none asks for a code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import streamlit as st

from planner.scenario import (
    AddOffer,
    AddSessions,
    AddShuttle,
    Change,
    ChangeFrequency,
    CloseOffer,
    CloseVenue,
    CoLocate,
    MoveVenue,
    NewEstate,
    OpenVenue,
    SetCapacity,
    SetOpening,
    SetStatus,
)
from planner.services import Services
from planner.sources.text import clean_text, slug
from planner.standards import DEFAULTS, kind_words
from planner.ui import parts, state
from planner.ui.compare_parts.places import ask_point
from planner.wording import say_list

#: On a road the way is longer than the straight line by so much, and a bus goes so fast.
_DETOUR, _KMH = 1.3, 20
_DAYS = {
    "Mo": "Monday",
    "Tu": "Tuesday",
    "We": "Wednesday",
    "Th": "Thursday",
    "Fr": "Friday",
    "Sa": "Saturday",
    "Su": "Sunday",
}
_SPANS = {"Mo-Fr": "Monday to Friday", "Sa": "Saturday", "Su": "Sunday"}
_EVERYTHING = ""

#: Changes that a form made; none while something is missing.
Changes = tuple[Change, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What forms choose from: the plan, and the services after the changes made so far."""

    plan: state.Plan
    services: Services
    venues: Mapping[str, str]

    @property
    def open_venues(self) -> dict[str, str]:
        """Venues that are open, or could be."""
        status = self.services.venues["status"]
        return {venue: name for venue, name in self.venues.items() if status[venue] != "closed"}

    def kinds_at(self, venue: str) -> list[str]:
        """Kinds offered at a venue."""
        offers = self.services.offers
        return sorted(set(offers.loc[offers["venue_id"] == venue, "kind"]))

    def kinds(self) -> dict[str, str]:
        """All kinds that can be offered, by their words."""
        known = {*self.services.kinds, *self.plan.project.spec.bundle.kinds, *DEFAULTS}
        return dict(sorted(parts.kind_options(known).items(), key=lambda item: item[1]))


def open_form(asked: Asked) -> Changes:
    name = _text("Name of the new venue", "open_name")
    kinds = _several("Services there", asked.kinds(), "open_kinds")
    partner = _text("Who runs it (may be left out)", "open_partner")
    point = ask_point(asked.plan, asked.services, asked.venues, key="open")
    if not name or not kinds or point is None:
        return _wait("Give it a name, at least one service and a place.")
    return (
        OpenVenue(
            venue_id=_free_id(name, asked.services),
            name=name,
            x=round(point.x, 1),
            y=round(point.y, 1),
            kinds=tuple(kinds),
            partner=partner,
        ),
    )


def use_form(asked: Asked) -> Changes:
    venue = _venue("Venue", asked.venues, "use_venue")
    if venue is None:
        return ()
    there = asked.kinds_at(venue)
    options = {kind: words for kind, words in asked.kinds().items() if kind not in there}
    kinds = _several("Services offered there from now on, beside those it has", options, "use")
    partner = _text("Who runs them (may be left out)", "use_partner")
    opened = asked.services.venues.loc[venue, "status"] != "existing"
    if not kinds and not opened:
        return _wait("Choose at least one service.")
    if not kinds and not there:
        return _wait("Nothing is offered there: choose at least one service.")
    first: Changes = (SetStatus(venue_id=venue, status="existing"),) if opened else ()
    return (*first, *(AddOffer(venue_id=venue, kind=k, partner=partner) for k in kinds))


def close_form(asked: Asked) -> Changes:
    venue = _venue("Venue", asked.open_venues, "close_venue")
    if venue is None:
        return ()
    what = _kind_at(asked, venue, "What closes", "close_kind", all_words="Everything there")
    if what is None:
        return ()
    return (CloseOffer(venue_id=venue, kind=what) if what else CloseVenue(venue_id=venue),)


def move_form(asked: Asked) -> Changes:
    venue = _venue("Venue that moves", asked.venues, "move_venue")
    point = ask_point(asked.plan, asked.services, asked.venues, key="move")
    if venue is None or point is None:
        return _wait("Choose where it moves to.")
    return (MoveVenue(venue_id=venue, x=round(point.x, 1), y=round(point.y, 1)),)


def co_locate_form(asked: Asked) -> Changes:
    offering = {v: name for v, name in asked.venues.items() if asked.kinds_at(v)}
    venue = _venue("Service that moves in with another: from", offering, "co_venue")
    if venue is None:
        return ()
    what = _kind_at(asked, venue, "What moves", "co_kind", all_words="Everything there")
    others = {v: name for v, name in asked.open_venues.items() if v != venue}
    host = _venue("Into", others, "co_host")
    stays = st.checkbox("It stays where it is as well", key="form_co_stays")
    if host is None or what is None:
        return ()
    changes: Changes = (CoLocate(venue_id=venue, to_venue_id=host, kind=what, stays=stays),)
    if asked.services.venues.loc[host, "status"] != "existing":
        changes = (SetStatus(venue_id=host, status="existing"), *changes)
    return changes


def hours_form(asked: Asked) -> Changes:
    venue = _venue("Venue", asked.open_venues, "hours_venue")
    if venue is None:
        return ()
    known = str(asked.services.venues.loc[venue, "opening"])
    st.caption(parts.escape(f"Open today: {known or 'not known'}."))
    spans = []
    for days, words in _SPANS.items():
        if st.checkbox(f"Open {words}", value=days == "Mo-Fr", key=f"form_hours_{days}"):
            between = _between(words, f"hours_{days}", dt.time(9), dt.time(17))
            if between is None:
                return ()
            spans.append(f"{days} {between}")
    if not spans:
        return _wait("Choose at least one day; to close a venue, choose that change instead.")
    return (SetOpening(venue_id=venue, opening="; ".join(spans)),)


def capacity_form(asked: Asked) -> Changes:
    venue = _venue("Venue", asked.open_venues, "capacity_venue")
    if venue is None:
        return ()
    what = _kind_at(asked, venue, "Of what", "capacity_kind", all_words="Each service there")
    offers = asked.services.offers
    mine = offers[(offers["venue_id"] == venue) & (offers["capacity"].notna())]
    said = [
        f"{kind_words(kind)} {capacity:,g} {unit}".strip()
        for kind, capacity, unit in zip(
            mine["kind"], mine["capacity"], mine["capacity_unit"], strict=True
        )
    ]
    st.caption(parts.escape(f"Today: {say_list(said) or 'not known'}."))
    room = st.number_input("Room for", min_value=0, value=50, step=10, key="form_capacity")
    return () if what is None else (SetCapacity(venue_id=venue, capacity=float(room), kind=what),)


def sessions_form(asked: Asked) -> Changes:
    offering = {v: name for v, name in asked.open_venues.items() if asked.kinds_at(v)}
    venue = _venue("Venue", offering, "sessions_venue")
    if venue is None:
        return ()
    kind = _kind_at(asked, venue, "Service", "sessions_kind")
    days = _several("On", _DAYS, "sessions_days")
    between = _between("each of these days", "sessions", dt.time(18), dt.time(20))
    if not kind or between is None:
        return ()
    if not days:
        return _wait("Choose at least one day.")
    listed = ",".join(day for day in _DAYS if day in days)
    return (AddSessions(venue_id=venue, kind=kind, sessions=f"{listed} {between}"),)


def frequency_form(asked: Asked) -> Changes:
    names = sorted({str(name) for name in asked.plan.network.timetable.route_name} - {""})
    route = st.selectbox("Route", names, key="form_route")
    ways = {"every": "One every so many minutes", "factor": "So many times as often"}
    by = st.selectbox("How often", list(ways), format_func=ways.__getitem__, key="form_route_by")
    minutes = factor = None
    if by == "every":
        minutes = st.number_input("Minutes", min_value=1, value=10, key="form_route_every")
    else:
        factor = st.number_input(
            "Times as often (0: it no longer runs)",
            *(0.0, 10.0, 2.0, 0.5),
            key="form_route_factor",
        )
    between = _between("buses that leave in this time", "route", dt.time(7), dt.time(19))
    if route is None or between is None:
        return ()
    return (
        ChangeFrequency(
            route=route,
            every_minutes=None if minutes is None else float(minutes),
            factor=None if factor is None else float(factor),
            between=between,
        ),
    )


def shuttle_form(asked: Asked) -> Changes:
    name = _text("Name of the shuttle", "shuttle_name")
    place = asked.plan.area.place
    areas = {f"area {c}": f"Area: {n}" for c, n in place["area_name"].astype(str).items()}
    stops = _several("Stops, in their order", {**asked.venues, **areas}, "shuttle_stops")
    every = st.number_input("One every so many minutes", 1, 720, 30, key="form_shuttle_every")
    kmh = st.number_input("Speed on the way, km/h", 5, 80, _KMH, key="form_shuttle_kmh")
    between = _between("first and last departure", "shuttle", dt.time(7), dt.time(19))
    both = st.checkbox("Both ways", value=True, key="form_shuttle_both")
    if not name or len(stops) < 2 or between is None:
        return _wait("Give it a name and at least two stops.")
    points = [
        place.geometry[stop.removeprefix("area ")].representative_point()
        if stop in areas
        else asked.services.venues.geometry[stop]
        for stop in stops
    ]
    metres = [a.distance(b) * _DETOUR for a, b in pairwise(points)]
    minutes = tuple(max(round(far / 1000 / kmh * 60, 1), 0.5) for far in metres)
    said = say_list([f"{one:g}" for one in minutes])
    st.caption(
        parts.escape(
            f"From stop to stop: {said} minutes, at {kmh:g} km/h over {_DETOUR:g} times the "
            "straight line."
        )
    )
    first, last = between.split("-")
    return (
        AddShuttle(
            name=name,
            stops=tuple((round(p.x, 1), round(p.y, 1)) for p in points),
            minutes=minutes,
            every_minutes=float(every),
            first=first,
            last=last,
            both_ways=both,
        ),
    )


def estate_form(asked: Asked) -> Changes:
    name = _text("Name of the estate", "estate_name")
    people = st.number_input("People who come to live there", 1, 100_000, 500, key="form_people")
    point = ask_point(asked.plan, asked.services, asked.venues, key="estate")
    if not name or point is None:
        return _wait("Give it a name and a place.")
    return (NewEstate(name=name, people=float(people), x=round(point.x, 1), y=round(point.y, 1)),)


#: What a person can choose: value → words, form, and whether it takes a timetable.
FORMS: dict[str, tuple[str, Callable[[Asked], Changes], bool]] = {
    "use": ("Offer a service at a venue that stands, or open a candidate", use_form, False),
    "open": ("Open a new venue", open_form, False),
    "close": ("Close a venue or a service", close_form, False),
    "move": ("Move a venue", move_form, False),
    "co_locate": ("Bring a service into another venue (co-locate)", co_locate_form, False),
    "hours": ("Change opening times", hours_form, False),
    "capacity": ("Change how many a service has room for", capacity_form, False),
    "sessions": ("Add sessions, such as an evening", sessions_form, False),
    "frequency": ("Change how often a bus route runs", frequency_form, True),
    "shuttle": ("Add a shuttle bus", shuttle_form, True),
    "estate": ("A new estate: people come to live here", estate_form, False),
}


# ---- pieces of forms --------------------------------------------------------------------------


def _wait(text: str) -> Changes:
    st.caption(text)
    return ()


def _text(label: str, key: str) -> str:
    return clean_text(st.text_input(label, key=f"form_{key}", max_chars=80))


def _venue(label: str, venues: Mapping[str, str], key: str) -> str | None:
    found = st.selectbox(
        label,
        list(venues),
        format_func=lambda venue: venues.get(venue, venue),
        key=f"form_{key}",
        placeholder="There is none to choose",
    )
    return None if found is None else str(found)


def _several(label: str, options: Mapping[str, str], key: str) -> list[str]:
    return list(
        st.multiselect(
            label,
            list(options),
            format_func=lambda one: options.get(one, one),
            key=f"form_{key}",
        )
    )


def _kind_at(asked: Asked, venue: str, label: str, key: str, *, all_words: str = "") -> str | None:
    """Ask for a service at a venue; "" is all of them, None that there is none to choose."""
    kinds = asked.kinds_at(venue)
    options = {kind: parts.capital(kind_words(kind)) for kind in kinds}
    if all_words and len(kinds) == 1:
        options = {_EVERYTHING: options[kinds[0]]}
    elif all_words:
        options = {_EVERYTHING: all_words, **options}
    # The list depends on the venue, so that another venue begins with its own.
    found = st.selectbox(
        label,
        list(options),
        format_func=lambda kind: options.get(kind, kind),
        key=f"form_{key}_{venue}",
    )
    return None if found is None else str(found)


def _between(what: str, key: str, first: dt.time, last: dt.time) -> str | None:
    left, right = st.columns(2)
    begin = left.time_input(f"From, {what}", value=first, key=f"form_{key}_from")
    end = right.time_input(f"To, {what}", value=last, key=f"form_{key}_to")
    if begin is None or end is None or not begin < end:
        st.caption("The end must come after the beginning.")
        return None
    return f"{begin:%H:%M}-{end:%H:%M}"


def _free_id(name: str, services: Services) -> str:
    plain = f"scenario:{slug(name) or 'venue'}"
    found, number = plain, 1
    while found in services.venues.index:
        number += 1
        found = f"{plain}-{number}"
    return found
