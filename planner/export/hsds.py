"""How do services, with local corrections, go home to an Open Referral directory?

The file has the shape of a whole ``/services`` answer in HSDS-UK 3.0 (see `planner.sources.hsds`).
What HSDS has no field for stands in attributes of the taxonomy ``planner``, which other readers
pass over and `planner.sources.open_referral` reads back.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pandas as pd

from planner.area import CRS
from planner.errors import ProjectError
from planner.services import Services
from planner.sources.details import to_service_name
from planner.sources.open_referral import NO_PARTNER, OWN_TAXONOMY
from planner.sources.schedules import from_opening, from_words

#: Ids made here are always the same for the same venue or offer.
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "https://openreferraluk.org/planner")
_STATUS = {"existing": "active", "closed": "inactive"}
_DEGREES_DECIMALS = 8


def to_hsds(services: Services) -> list[dict[str, Any]]:
    """Return each service whole, as ``/services/{id}`` would, sorted by id.

    Parameters
    ----------
    services
        Offers at candidate venues are left out: they are not there yet. Those at closed venues
        are written as ``inactive``. Venues without offers are not part of a service list.

    Returns
    -------
    services
        Services and locations that came out of a directory keep their ids there; others get
        lasting ones of their own. Opening times are written as weekly schedules where they are
        plain, and always as text.
    """
    venues = services.venues[services.venues["status"].isin(list(_STATUS))]
    offers = services.offers[services.offers["venue_id"].isin(venues.index)]
    ids = _service_ids(offers)
    homes = {str(offers["venue_id"][at]) for at in offers.index if ids[at] != _id("offer", at)}
    places = _places(venues.loc[sorted(set(offers["venue_id"]))], homes)
    found = []
    for own, rows in offers.groupby(pd.Series(ids, dtype=object), sort=True):
        first = rows.iloc[0]
        partner = first["partner"] or NO_PARTNER
        alike = len(set(rows["languages"])) == 1
        status = {_STATUS[venues["status"][venue]] for venue in rows["venue_id"]}
        found.append(
            {
                "id": own,
                "name": _name(first),
                "status": "active" if "active" in status else "inactive",
                "organization": {
                    "id": _id("organisation", partner),
                    "name": partner,
                    "description": "",
                },
                "languages": _languages(str(own), first["languages"] if alike else ""),
                "attributes": [_attribute(str(own), "kind", first["kind"])],
                "service_at_locations": [
                    _at(str(offer), row, places[row["venue_id"]], first, alike=alike)
                    for offer, row in rows.iterrows()
                ],
            }
        )
    return found


def write_hsds(services: Services, path: Path) -> Path:
    """Write services as one JSON file in the shape of ``/services``, all on one page.

    Raises
    ------
    ProjectError
        The file cannot be written; an earlier one is then as it was.
    """
    contents = to_hsds(services)
    page = {
        "total_items": len(contents),
        "total_pages": 1,
        "page_number": 1,
        "size": len(contents),
        "first_page": True,
        "last_page": True,
        "empty": not contents,
        "contents": contents,
    }
    text = json.dumps(page, ensure_ascii=False, indent=1, allow_nan=False)
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as err:
        beside.unlink(missing_ok=True)
        raise ProjectError(f"{path}: cannot be written ({err.strerror}).") from err
    return path


# --- parts ----------------------------------------------------------------------------------


def _service_ids(offers: pd.DataFrame) -> dict[str, str]:
    """Return the service of each offer: the directory's own where the offer's id ends with it."""
    found = {}
    for offer, venue, kind in zip(offers.index, offers["venue_id"], offers["kind"], strict=True):
        start = f"{venue}/{kind}/"
        own = str(offer).removeprefix(start) if str(offer).startswith(start) else ""
        found[str(offer)] = own or _id("offer", str(offer))
    return found


def _places(venues: pd.DataFrame, homes: set[str]) -> dict[str, dict[str, Any]]:
    """Return the location of each venue; ``homes`` came out of a directory with their ids."""
    degrees = venues.geometry.set_crs(CRS, allow_override=True).to_crs("EPSG:4326")
    places = {}
    for venue, row in venues.iterrows():
        name = str(venue)
        own = name.partition(":")[2] if name in homes else ""
        at = own or _id("venue", name)
        rooms = "" if pd.isna(row["rooms"]) else repr(float(row["rooms"]))
        told = {"venue_id": name, "opening": row["opening"], "rooms": rooms}
        told["co_located_with"] = row["co_located_with"]
        places[name] = {
            "id": at,
            "name": row["venue_name"],
            "location_type": "physical",
            "latitude": round(float(degrees[venue].y), _DEGREES_DECIMALS),
            "longitude": round(float(degrees[venue].x), _DEGREES_DECIMALS),
            "addresses": [
                {
                    "id": _id("address", name),
                    "address_1": row["address"],
                    "city": "",
                    "state_province": "",
                    "postal_code": row["postcode"],
                    "country": "GB",
                    "address_type": "physical",
                }
            ],
            "schedules": _weekly(at, row["opening"]),
            "accessibility": _accessibility(at, row["accessibility"]),
            "attributes": [_attribute(at, key, value) for key, value in told.items() if value],
        }
    return places


def _name(offer: pd.Series) -> str:
    return str(offer["service_name"]) or to_service_name(offer["kind"])


def _languages(of: str, text: str) -> list[dict[str, Any]]:
    names = [name for name in text.split(";") if name]
    return [{"id": _id("language", f"{of} {name}"), "name": name} for name in names]


def _accessibility(of: str, text: str) -> list[dict[str, Any]]:
    parts = [part for part in text.split("; ") if part]
    return [
        {"id": _id("accessibility", f"{of} {at}"), "description": part}
        for at, part in enumerate(parts)
    ]


def _at(
    offer: str, row: pd.Series, place: dict[str, Any], service: pd.Series, *, alike: bool
) -> dict[str, Any]:
    at = _id("at", offer)
    capacity = "" if pd.isna(row["capacity"]) else repr(float(row["capacity"]))
    told = {
        "kind": row["kind"],
        "offer_id": offer,
        "sessions": row["sessions"],
        "serves": row["serves"],
        "capacity": capacity,
        "capacity_unit": row["capacity_unit"],
        "service_name": row["service_name"] if _name(row) != _name(service) else "",
        "languages": "" if alike else row["languages"],
    }
    return {
        "id": at,
        "description": row["sessions"],
        "location": place,
        "schedules": _sessions(at, row["sessions"]),
        "attributes": [_attribute(at, key, value) for key, value in told.items() if value],
    }


def _weekly(of: str, text: str) -> list[dict[str, Any]]:
    rules = from_opening(text) or []
    return [
        _schedule(
            of, at, {"FREQ": "WEEKLY", "INTERVAL": "1", "BYDAY": ",".join(days)}, opens, closes
        )
        for at, (days, opens, closes) in enumerate(rules)
    ]


def _sessions(of: str, text: str) -> list[dict[str, Any]]:
    """Return sessions as schedules if all of them are such as the reader puts in words."""
    rules = [from_words(part) for part in text.split("; ")] if text else []
    if not all(rules):
        return []
    return [
        _schedule(of, at, rule, rule["OPENS"], rule["CLOSES"])
        for at, rule in enumerate(rule for rule in rules if rule)
    ]


def _schedule(of: str, at: int, rule: dict[str, str], opens: str, closes: str) -> dict[str, Any]:
    return {
        "id": _id("schedule", f"{of} {at}"),
        "freq": rule["FREQ"],
        "interval": int(rule["INTERVAL"]),
        "byday": rule["BYDAY"],
        "opens_at": opens,
        "closes_at": "23:59" if closes == "24:00" else closes,
    }


def _attribute(of: str, name: str, value: str) -> dict[str, Any]:
    return {
        "id": _id("attribute", f"{of} {name}"),
        "link_type": OWN_TAXONOMY,
        "value": str(value),
        "taxonomy_term": {
            "id": _id("term", name),
            "name": name,
            "description": "What the planner knows of this, for which HSDS has no field",
            "taxonomy": OWN_TAXONOMY,
        },
    }


def _id(sort: str, name: str) -> str:
    return str(uuid.uuid5(_IDS, f"{sort} {name}"))
