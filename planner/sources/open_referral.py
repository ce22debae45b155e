"""What help does an Open Referral directory offer, where, when, run by whom, and for whom?

Services are offers, locations venues, organisations partners, schedules opening times and sessions,
service areas whom an offer serves; a project's ``kinds`` say which taxonomy terms mean which kind.
The format is HSDS-UK 3.0 (see `planner.sources.hsds`); schedules are iCalendar rules (RFC 5545).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import DataError
from planner.ledger import Note, note_items
from planner.project import ServicesEntry
from planner.services import MAX_DETAIL
from planner.sources import opening
from planner.sources.coordinates import place_points
from planner.sources.details import to_details, to_languages, to_service_name
from planner.sources.hsds import Json, iterate_services, read_service_file
from planner.sources.schedules import Schedule, build_schedule, to_date, to_opening
from planner.sources.terms import to_kinds
from planner.sources.text import clean_text, comparable
from planner.wording import say_many

STAGE = "services"
#: The taxonomy under which `planner.export.hsds` keeps what HSDS has no field for.
OWN_TAXONOMY = "planner"
NO_PARTNER = "Not stated"

NO_PLACE = "no location given"
VIRTUAL = "online or by telephone, not at a place"
MAX_PARTS = 1_000

_CLOSED = ("inactive", "defunct", "temporarily closed")
_AREA_CODE = re.compile(r"(?<![A-Za-z0-9])[EWSNK]\d{8}(?!\d)")
_WHERE = ("term", "organisation", "service", "location", "service_area")
_AXES = ("latitude", "longitude")
_UNREADABLE_RULES = ("count", "byweekno", "byyearday")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ID = re.compile(r"[A-Za-z0-9._:/-]{1,150}")


@dataclass(kw_only=True)
class _Tally:
    """What is to be noted once all is read: slug → items."""

    items: dict[str, list[str]] = field(default_factory=dict)

    def add(self, what: str, item: str) -> None:
        self.items.setdefault(what, []).append(item)

    def note(self, what: str, text: str) -> tuple[Note, ...]:
        items = tuple(self.items.get(what, ()))
        if not items:
            return ()
        return (note_items(STAGE, what, items, text),)


def read_open_referral(
    path: Path, entry: ServicesEntry, *, what: str
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Read a saved directory as rows of places; see `from_hsds`.

    Raises
    ------
    DataError
        The file is no service list, or none of its services is asked for and active.
    """
    return from_hsds(read_service_file(path, what=what), entry, what=what)


def from_hsds(
    pages: Iterable[Json], entry: ServicesEntry, *, what: str, when: dt.date | None = None
) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Return the services of a directory as rows of places, one for each service at a location.

    Parameters
    ----------
    pages
        Pages of services, or services.
    entry
        Says the kind of services without a term of its ``kinds`` (term name, code or address →
        kind), and ``where``: only services with this ``term``, ``organisation``, ``service``,
        ``location`` or ``service_area``.
    what
        The file or feed, for messages.
    when
        The day for which schedules count; without it that of the latest change in the directory
        (no schedule is over if no service says when it was changed).

    Returns
    -------
    rows
        By running number, in the form of `planner.sources.listings.Listing.rows`. ``x`` and ``y``
        are NaN and ``reason`` says why where coordinates are missing or impossible.
    notes
        Services left out, repeated or without a known term; schedules that are over, not weekly or
        not plain; service areas.

    Raises
    ------
    DataError
        No service is asked for and active, or ``where`` asks for what services do not have.
    """
    tally = _Tally()
    services = _merge(iterate_services(list(pages)), tally)
    if not services:
        raise DataError(f"{what}: no service in it.", hint="Check that this is the right feed.")
    day = when or _latest_change(services)
    kept = [one for one in services if _is_kept(one, tally)]
    neighbours = _neighbours(kept)
    kept = _filter(kept, entry.where, tally, what=what)
    if not kept:
        raise DataError(f"{what}: none of its {say_many(len(services), 'service')} is active.")
    records = [_record(service, at, day, tally) for service in kept for at in _locations(service)]
    terms = [record.pop("terms") for record in records]
    kinds, unmatched = to_kinds(terms, entry.kinds, default=entry.kind, what=what)
    frame = pd.DataFrame(records, index=pd.RangeIndex(1, len(records) + 1, name="row"))
    frame["co_located_with"] = [
        own or to_details(neighbours.get(site, ()))
        for own, site in zip(frame["co_located_with"], frame["site"], strict=True)
    ]
    frame["kind"] = frame["kind"].where(frame["kind"] != "", pd.Series(kinds, index=frame.index))
    frame = _placed(_with_openings(frame, tally))
    return frame, (*_notes(tally, day, what), *unmatched)


# --- services ---------------------------------------------------------------------------------


def _merge(found: Iterable[Json], tally: _Tally) -> list[Json]:
    """Return one record a service: lists and details repeat each other."""
    services: dict[str, Json] = {}
    for at, service in enumerate(found):
        own = _text(service.get("id")) or f"nameless {at}"
        known = services.get(own)
        if known is None:
            services[own] = service
            continue
        places = [*_parts(known, "service_at_locations")]
        ids = {_place_id(place) for place in places}
        new = [p for p in _parts(service, "service_at_locations") if _place_id(p) not in ids]
        if not new:
            tally.add("services_repeated", _text(service.get("name")) or own)
            continue
        fuller = service if not places else known
        services[own] = {**known, **fuller, "service_at_locations": [*places, *new]}
    return list(services.values())


def _place_id(place: Json) -> str:
    return _text(_part(place, "location").get("id") or place.get("location_id") or place.get("id"))


def _is_kept(service: Json, tally: _Tally) -> bool:
    status = comparable(_text(service.get("status")).replace("_", " "))
    name = _text(service.get("name"))
    if status in _CLOSED:
        tally.add(f"rows_excluded:{status}", name)
        return False
    if status not in {"", "active"}:
        tally.add("status_unknown", f"{name}: {status}")
    return True


def _filter(
    services: list[Json], where: Mapping[str, str], tally: _Tally, *, what: str
) -> list[Json]:
    for key, value in where.items():
        name = key.strip().casefold().replace("organization", "organisation")
        if name not in _WHERE:
            raise DataError(
                f"{what}: services have no {clean_text(key, limit=40)!r} to ask for in `where`.",
                hint=f"Use one of: {', '.join(_WHERE)}.",
            )
        told = {id(service): [comparable(t) for t in _facts(service, name)] for service in services}
        kept = [service for service in services if comparable(value) in told[id(service)]]
        if not kept:
            seen = sorted({fact for facts in told.values() for fact in facts if fact})[:5]
            raise DataError(
                f"{what}: no service has {key} = {value!r}.",
                hint=f"Values there: {', '.join(repr(clean_text(s, limit=40)) for s in seen)}, ...",
            )
        gone = [s for s in services if comparable(value) not in told[id(s)]]
        for service in gone:
            tally.add("rows_excluded:not asked for", _text(service.get("name")))
        services = kept
    return services


def _facts(service: Json, name: str) -> list[str]:
    if name == "term":
        return [alias for term in _terms(service) for alias in term]
    if name == "organisation":
        return [_partner(service)]
    if name == "location":
        return [_text(_part(at, "location").get("name")) for at in _locations(service)]
    if name == "service_area":
        return [text for text, _ in _areas(service)]
    return [_text(service.get("name"))]


def _terms(*holders: Json) -> list[tuple[str, ...]]:
    """Return the taxonomy terms of a service: of each its name, then code, address and id."""
    found: list[tuple[str, ...]] = []
    for holder in holders:
        links = [*_parts(holder, "attributes"), *_parts(holder, "service_taxonomys")]
        terms = [_part(link, "taxonomy_term") or _part(link, "taxonomy") for link in links]
        for term in [*terms, *_parts(holder, "taxonomy_terms")]:
            names = [_text(term.get(key)) for key in ("name", "term", "code", "term_uri", "id")]
            names = [name for name in dict.fromkeys(names) if name]
            if names and _text(term.get("taxonomy")) != OWN_TAXONOMY:
                found.append(tuple(names))
    return found


def _partner(service: Json) -> str:
    name = _text((_part(service, "organization") or _part(service, "organisation")).get("name"))
    return "" if name == NO_PARTNER else name


def _areas(service: Json) -> list[tuple[str, list[str]]]:
    """Return each service area in words, and the statistical codes it gives."""
    found = []
    for area in _parts(service, "service_areas"):
        words = _text(area.get("name")) or _text(area.get("service_area"))
        told = " ".join(
            str(area.get(key) or "")[:500] for key in ("uri", "extent", "name", "service_area")
        )
        found.append((words, sorted(set(_AREA_CODE.findall(told)))))
    return found


def _locations(service: Json) -> list[Json]:
    """Return where a service is given; one empty place where it does not say."""
    places = _parts(service, "service_at_locations")
    places = places or [{"location": one} for one in _parts(service, "locations")]
    return places or [{}]


# --- one service at one location --------------------------------------------------------------


def _record(service: Json, at: Json, day: dt.date | None, tally: _Tally) -> dict[str, Any]:
    place, own, venue = _part(at, "location"), _own(at), _own(_part(at, "location"))
    offered, partner = _text(service.get("name")), _partner(service)
    name = _text(place.get("name")) or offered or partner
    virtual = comparable(_text(place.get("location_type"))) == "virtual"
    address, postcode = _address(place)
    schedules = _schedules(
        _parts(at, "schedules") or _parts(service, "schedules"), day, name, tally
    )
    hours = _schedules(_parts(place, "schedules"), day, name, tally)
    written = _own_opening(venue.get("opening", ""), name, tally)
    where = "|".join([comparable(name), postcode, *(_text(place.get(a)) for a in _AXES)])
    site = _text(place.get("id")) or (where if place else "")
    return {
        "id": _text(place.get("id"), limit=60),
        "name": name or "Unnamed service",
        "address": address,
        "postcode": "" if virtual else postcode,
        "rooms": _number(venue.get("rooms")),
        "capacity": _number(own.get("capacity")),
        "capacity_unit": own.get("capacity_unit", ""),
        "longitude": _number(place.get("longitude")),
        "latitude": _number(place.get("latitude")),
        "reason": VIRTUAL if virtual else NO_PLACE if not place else "",
        "kind": own["kind"] if _KIND.fullmatch(own.get("kind", "")) else "",
        "partner": partner,
        "sessions": own.get("sessions") or schedules.to_words(),
        "serves": _serves(service, own, tally),
        "site": site,
        "service": re.sub(r"[^A-Za-z0-9._-]+", "-", _text(service.get("id"), limit=60)),
        "venue_id": _known_id(venue.get("venue_id", "")),
        "offer_id": _known_id(own.get("offer_id", "")),
        "service_name": _service_name(service, own),
        "languages": own.get("languages") or _languages(service, place),
        "accessibility": _accessibility(place),
        "co_located_with": to_details([venue.get("co_located_with", "")]),
        "terms": _terms(service, at),
        "written": written,
        "hours": hours,
        "schedules": schedules,
    }


def _own(holder: Json) -> dict[str, str]:
    """Return what the planner itself has written of a place or offer, by name."""
    found = {}
    for attribute in _parts(holder, "attributes"):
        term = _part(attribute, "taxonomy_term")
        if _text(term.get("taxonomy")) == OWN_TAXONOMY:
            limit = opening.MAX_OPENING - 1
            found[_text(term.get("name"))] = _text(attribute.get("value"), limit=limit)
    return found


def _known_id(text: str) -> str:
    return text if _ID.fullmatch(text) else ""


def _own_opening(text: str, name: str, tally: _Tally) -> str:
    known = opening.from_text(text) if text else ""
    if known is None:
        tally.add("opening_unread", f"{name}: {text[:60]}")
    return known or ""


def _address(place: Json) -> tuple[str, str]:
    """Return the address as one line and the postcode, from the first address that has one."""
    addresses = [*_parts(place, "addresses"), *_parts(place, "physical_addresses")]
    with_code = [one for one in addresses if _text(one.get("postal_code"))]
    first: Json = (with_code or addresses or [{}])[0]
    keys = ("address_1", "address_2", "city", "region")
    lines = dict.fromkeys(_text(first.get(key)) for key in keys)
    return clean_text(", ".join(line for line in lines if line)), _text(first.get("postal_code"))


def _serves(service: Json, own: Mapping[str, str], tally: _Tally) -> str:
    if own.get("serves"):
        return own["serves"]
    areas = _areas(service)
    codes = sorted({code for _, found in areas for code in found})
    words = [text for text, found in areas if text and not found]
    if words:
        tally.add("service_areas", f"{_text(service.get('name'))}: {'; '.join(words)}")
    # One area in words only may be larger than those with codes.
    return "" if words else ";".join(codes)


def _accessibility(place: Json) -> str:
    found = [*_parts(place, "accessibility"), *_parts(place, "accessibility_for_disabilities")]
    return to_details(
        _text(one.get("accessibility") or one.get("description"), limit=MAX_DETAIL) for one in found
    )


def _languages(service: Json, place: Json) -> str:
    found = [*_parts(service, "languages"), *_parts(place, "languages")]
    return to_languages(_text(one.get("name") or one.get("code")) for one in found)


def _service_name(service: Json, own: Mapping[str, str]) -> str:
    """Return what the service is called; a name that the planner made up from its kind is none."""
    name = _text(service.get("name"))
    made_up = "offer_id" in own and name == to_service_name(own.get("kind", ""))
    return own.get("service_name", "") or ("" if made_up else name)


def _neighbours(services: Iterable[Json]) -> dict[str, list[str]]:
    """Return the organisations at each location with several that the planner did not write."""
    found: dict[str, set[str]] = {}
    for service in services:
        for at in _locations(service):
            place = _part(at, "location")
            if _text(place.get("id")) and _partner(service) and "venue_id" not in _own(place):
                found.setdefault(_text(place.get("id")), set()).add(_partner(service))
    return {place: sorted(names) for place, names in found.items() if len(names) > 1}


# --- when -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _When:
    """Schedules that hold now, and whether there are others that cannot be read."""

    plain: tuple[Schedule, ...]
    unread: bool

    def to_words(self) -> str:
        """Return sessions in words; that some cannot be read makes all of it unknown."""
        more = ["further times cannot be read"] if self.unread else []
        return "; ".join([*(one.to_words() for one in self.plain), *more])


def _schedules(found: list[Json], day: dt.date | None, name: str, tally: _Tally) -> _When:
    plain: list[Schedule] = []
    unread = False
    for one in found:
        last = [d for d in (to_date(one.get("valid_to")), to_date(one.get("until"))) if d]
        first = to_date(one.get("valid_from"))
        if day and ((last and min(last) < day) or (first and first > day)):
            span = f"{first or '...'} to {min(last) if last else '...'}"
            tally.add("schedules_not_now", f"{name}: {span}")
            continue
        rule = {key: _text(one.get(key)) for key in ("freq", "interval", "byday", "bymonthday")}
        built = build_schedule(
            rule, _text(one.get("opens_at")), _text(one.get("closes_at")), start=_start(one)
        )
        if built is None or any(one.get(key) for key in _UNREADABLE_RULES):
            unread = True
            tally.add("opening_unread", f"{name}: {_text(one.get('description'), limit=80)}")
            continue
        if not rule["freq"]:
            tally.add("schedules_assumed_weekly", name)
        if built.zoned:
            tally.add("schedules_zone", name)
        if not built.weekly:
            tally.add("schedules_not_weekly", f"{name}: {built.to_words()}")
        plain.append(built)
    return _When(plain=tuple(dict.fromkeys(plain)), unread=unread)


def _start(schedule: Json) -> str:
    return _text(schedule.get("dtstart")) or _text(schedule.get("valid_from"))


def _latest_change(services: Iterable[Json]) -> dt.date | None:
    dates = [to_date(service.get("last_modified")) for service in services]
    return max((date for date in dates if date), default=None)


def _with_openings(frame: pd.DataFrame, tally: _Tally) -> pd.DataFrame:
    """Add when each venue is open: as written, by its own schedules, or by all its services'.

    The services of a venue tell its hours only if each of them does: hours of some alone would
    read as closed while the others are on.
    """
    keys = [site or row for row, site in frame["site"].items()]
    hours: dict[Any, str] = {}
    for key, rows in frame.groupby(pd.Series(keys, index=frame.index, dtype=object), sort=False):
        own = next((when for when in rows["hours"] if when.plain), None)
        told = [own] if own else list(rows["schedules"])
        every = [one for when in told for one in when.plain]
        known = to_opening(every) if all(when.plain and not when.unread for when in told) else None
        hours[key] = next((text for text in rows["written"] if text), known or "")
    return frame.assign(opening=[hours[key] for key in keys])


def _placed(frame: pd.DataFrame) -> pd.DataFrame:
    lon, lat = (frame[axis].to_numpy(dtype=float) for axis in ("longitude", "latitude"))
    blank = np.isnan(lon) & np.isnan(lat)
    located = place_points(lon, lat, degrees=True, blank=blank, index=frame.index)
    nowhere = (frame["reason"] != "").to_numpy()
    x, y = (located[axis].mask(nowhere) for axis in ("x", "y"))
    reason = frame["reason"].where(nowhere, located["reason"])
    gone = ["longitude", "latitude", "written", "hours", "schedules"]
    return frame.assign(x=x, y=y, reason=reason).drop(columns=gone)


# --- notes and parts --------------------------------------------------------------------------


def _notes(tally: _Tally, day: dt.date | None, what: str) -> tuple[Note, ...]:
    texts: dict[str, Callable[[int], str]] = {
        "services_repeated": lambda n: f"{say_many(n, 'service')} repeated, counted once.",
        "status_unknown": lambda n: f"{say_many(n, 'service')} of unknown status, kept.",
        "schedules_not_now": lambda n: (
            f"{say_many(n, 'schedule')} over or not begun on {day}, not used."
        ),
        "opening_unread": lambda n: f"{say_many(n, 'schedule')} not plain, taken as unknown.",
        "schedules_assumed_weekly": lambda n: (
            f"{say_many(n, 'schedule')} without a frequency, taken as weekly."
        ),
        "schedules_zone": lambda n: (
            f"{say_many(n, 'schedule')} with a time zone, taken as the time on the clock."
        ),
        "schedules_not_weekly": lambda n: (
            f"{say_many(n, 'schedule')} not of every week: sessions, but no opening times."
        ),
        "service_areas": lambda n: (
            f"{say_many(n, 'service')} with a service area in words, taken as open to anyone."
        ),
    }
    notes: tuple[Note, ...] = ()
    for slug in sorted(name for name in tally.items if name.startswith("rows_excluded:")):
        reason, items = slug.partition(":")[2], tuple(tally.items[slug])
        text = f"{what}: {say_many(len(items), 'service')} left out: {reason}."
        notes += (note_items(STAGE, "rows_excluded", items, text),)
    for slug, say in texts.items():
        notes += tally.note(slug, f"{what}: {say(len(tally.items.get(slug, ())))}")
    return notes


def _part(holder: Any, key: str) -> Json:
    found = holder.get(key) if isinstance(holder, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def _parts(holder: Any, key: str) -> list[Json]:
    found = holder.get(key) if isinstance(holder, Mapping) else None
    rows = found if isinstance(found, list) else [found]
    return [row for row in rows[:MAX_PARTS] if isinstance(row, dict)]


def _text(value: Any, *, limit: int = 200) -> str:
    return clean_text(value, limit=limit) if isinstance(value, str | int | float) else ""


def _number(value: Any) -> float:
    try:
        return float(value) if isinstance(value, str | int | float) else float("nan")
    except (ValueError, OverflowError):
        return float("nan")
