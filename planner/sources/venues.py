"""Which rows of several files are one venue, and what is it called?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from planner.ledger import Note
from planner.services import OFFER_COLUMNS, OFFER_DETAILS, VENUE_COLUMNS, VENUE_DETAILS
from planner.sources.text import comparable, slug
from planner.wording import say_many

#: The same name within this distance is the same venue.
SAME_VENUE_METRES = 25.0

ROW_COLUMNS = ["row", "id", "name", "address", "postcode", "opening", "rooms", "capacity"]
ROW_COLUMNS += ["x", "y", "kind", "partner", "serves", "status", "capacity_unit", "source"]
ROW_COLUMNS += ["offer", "order", "sessions", "site", "service", "venue_id", "offer_id"]
ROW_COLUMNS += [*OFFER_DETAILS, *VENUE_DETAILS]


@dataclass(frozen=True, kw_only=True, eq=False)
class VenueFrames:
    """Venues and offers in the form that `planner.services.Services` wants."""

    venues: pd.DataFrame
    offers: pd.DataFrame


def drop_repeated(rows: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """Keep one of several rows of one kind with the same name within 25 m.

    Tables overlap: a practice may be in the council's table and in the national one. The row of
    the earlier file stays. Two offers they are where both rows name a partner and these differ,
    where one file gives them two ids of its own, or where it says itself which rows are one venue.

    Parameters
    ----------
    rows
        One row an offer, columns `ROW_COLUMNS`, in the order of the files.

    Returns
    -------
    rows
        The kept rows.
    notes
        One `Note` ``offers_duplicate`` that lists what was left out, or none.
    """
    partner, own, order = (rows[name].to_numpy() for name in ("partner", "id", "order"))
    apart = ["site", "service", "service_name", "sessions", "offer_id"]
    told = rows[apart].agg("\n".join, axis=1).to_numpy()
    site = rows["site"].to_numpy()

    def unlike(at: int, members: list[int]) -> bool:
        other = members[0]
        partners = partner[at] and partner[other] and partner[at] != partner[other]
        file = order[at] == order[other]
        ids = file and own[at] and own[other] and own[at] != own[other]
        return bool(partners or ids or (file and site[at] and told[at] != told[other]))

    same = _twins(rows, by=["kind", "name", "status"], unlike=unlike)
    gone = same != np.arange(len(rows))
    if not gone.any():
        return rows, ()
    items = [
        f"{rows['kind'].iloc[at]}: {rows['name'].iloc[at]} (row {rows['row'].iloc[at]} of file "
        f"{rows['order'].iloc[at] + 1})"
        for at in np.flatnonzero(gone)
    ]
    note = Note(
        stage="services",
        what="offers_duplicate",
        count=len(items),
        text=f"{say_many(len(items), 'row')} repeat another (same kind and name within "
        f"{SAME_VENUE_METRES:.0f} m), and count once.",
        items=tuple(items),
    )
    return rows[~gone].reset_index(drop=True), (note,)


def to_venues(rows: pd.DataFrame) -> tuple[VenueFrames, tuple[Note, ...]]:
    """Return venues and offers; rows of different kinds, same name and within 25 m share a venue.

    A venue is known by its publisher's id (``gp:W00006``), else by kind and name, with the postcode
    and at last a number where several have one name. Shared venues take the id and the facts of
    the earliest file, and what that leaves blank from the next.
    """
    if not len(rows):
        return _no_venues(), ()
    site = _sites(rows)
    heads = np.flatnonzero(site == np.arange(len(rows)))
    head = rows.iloc[heads]
    at_head = np.searchsorted(heads, site)
    held: list[set[str]] = [set() for _ in heads]
    for at, kind in zip(at_head, rows["kind"], strict=True):
        held[at].add(kind)
    order, offer = head["order"].to_numpy(), head["offer"].to_numpy(dtype=bool)
    told = (head["site"] != "").to_numpy()

    def unlike(at: int, members: list[int]) -> bool:
        apart = any(told[at] and told[one] and order[at] == order[one] for one in members)
        return not offer[at] or apart or any(held[at] & held[one] for one in members)

    own_id = np.array(venue_ids(head), dtype=object)
    first = _twins(head, by=["name", "status"], unlike=unlike)
    rows = rows.assign(own_id=own_id[at_head], venue_id=own_id[first][at_head])
    offers = _offers(rows[rows["offer"].astype(bool)])
    shared = rows[rows["offer"].astype(bool)].groupby("venue_id", sort=True)["kind"].nunique()
    several = shared[shared > 1]
    frames = VenueFrames(venues=_venues(rows), offers=offers)
    if not len(several):
        return frames, ()
    kinds = rows.groupby("venue_id")["kind"].agg(lambda names: ", ".join(sorted(set(names))))
    note = Note(
        stage="services",
        what="venues_shared",
        count=len(several),
        text=f"Venues with services of several kinds: {len(several):,} (same name within "
        f"{SAME_VENUE_METRES:.0f} m).",
        items=tuple(f"{venue_id}: {kinds[venue_id]}" for venue_id in several.index),
    )
    return frames, (note,)


def venue_ids(rows: pd.DataFrame) -> list[str]:
    """Return an id for each row, unique, and the same however the rows are ordered."""
    stems = []
    for kind, own, name, whole in zip(
        rows["kind"], rows["id"], rows["name"], rows["venue_id"], strict=True
    ):
        if whole:
            stems.append(whole)
            continue
        known = re.sub(r"[^A-Za-z0-9._-]+", "-", own).strip("-")[:60]
        stems.append(f"{kind}:{known or slug(name) or 'unnamed'}")
    spoken = [
        slug(postcode) if not own else slug(name)
        for own, name, postcode in zip(rows["id"], rows["name"], rows["postcode"], strict=True)
    ]
    often = Counter(stems)
    ids = [
        f"{stem}-{more}" if often[stem] > 1 and more else stem
        for stem, more in zip(stems, spoken, strict=True)
    ]
    order = sorted(range(len(ids)), key=lambda i: (ids[i], rows["x"].iloc[i], rows["y"].iloc[i], i))
    often, used = Counter(ids), {i for i, n in Counter(ids).items() if n == 1}
    named: dict[int, str] = {}
    for at in order:
        name, number = ids[at], 1
        if often[name] > 1:
            while f"{name}-{number}" in used:
                number += 1
            name = f"{name}-{number}"
            used.add(name)
        named[at] = name
    return [named[at] for at in range(len(ids))]


def _sites(rows: pd.DataFrame) -> np.ndarray:
    """Return, for each row, the position of the first row that its file says is the same venue."""
    first: dict[tuple[int, str, str], int] = {}
    keys = zip(rows["order"], rows["site"], rows["status"], strict=True)
    return np.array([first.setdefault(key, at) if key[1] else at for at, key in enumerate(keys)])


def _twins(
    rows: pd.DataFrame, *, by: list[str], unlike: Callable[[int, list[int]], bool]
) -> np.ndarray:
    """Return, for each row, the position of the first row that is the same place (or itself).

    ``unlike(at, members)`` says that a row is not the same as those found to be one place.
    """
    first = np.arange(len(rows))
    x, y = rows["x"].to_numpy(dtype=float), rows["y"].to_numpy(dtype=float)
    unnamed = rows["name"].str.startswith("Unnamed ").to_numpy(dtype=bool)
    keys = [rows[column].map(comparable) if column == "name" else rows[column] for column in by]
    kept: dict[tuple[str, ...], list[list[int]]] = {}
    for at, key in enumerate(zip(*keys, strict=True)):
        if unnamed[at]:
            continue
        for members in kept.setdefault(key, []):
            other = members[0]
            near = np.hypot(x[at] - x[other], y[at] - y[other]) <= SAME_VENUE_METRES
            if near and not unlike(at, members):
                first[at] = other
                members.append(at)
                break
        else:
            kept[key].append([at])
    return first


def _venues(rows: pd.DataFrame) -> pd.DataFrame:
    texts = ["address", "postcode", "opening", *VENUE_DETAILS]
    blank = rows.assign(**{name: rows[name].mask(rows[name] == "") for name in texts})
    grouped = blank.groupby("venue_id", sort=True)
    table = grouped[["name", *texts, "status", "rooms"]].first()
    table[texts] = table[texts].fillna("")
    # The point is that of the row whose id the venue has.
    own = rows[rows["own_id"] == rows["venue_id"]].drop_duplicates("venue_id")
    own = own.set_index("venue_id").loc[table.index]
    table["geometry"] = shapely.points(
        own["x"].to_numpy(dtype=float), own["y"].to_numpy(dtype=float)
    )
    table = table.astype({"name": object, **dict.fromkeys(texts, object), "rooms": float})
    return table.rename(columns={"name": "venue_name"})[[*VENUE_COLUMNS, *VENUE_DETAILS]]


def _offers(rows: pd.DataFrame) -> pd.DataFrame:
    service = ("/" + rows["service"]).where(rows["service"] != "", "")
    plain = rows["venue_id"] + "/" + rows["kind"] + service
    offer_id = rows["offer_id"].where(rows["offer_id"] != "", plain)
    number = offer_id.groupby(offer_id.to_numpy()).cumcount()
    offer_id = offer_id.where(number == 0, offer_id + "-" + (number + 1).astype(str))
    offers = rows.assign(offer_id=offer_id).set_index("offer_id")
    offers = offers[[*OFFER_COLUMNS, *OFFER_DETAILS]]
    offers = offers.astype({"capacity": float, "source": int})
    return offers.sort_index()


def _no_venues() -> VenueFrames:
    text = pd.Series(dtype=object)
    venues = pd.DataFrame(dict.fromkeys([*VENUE_COLUMNS, *VENUE_DETAILS], text))
    offers = pd.DataFrame(dict.fromkeys([*OFFER_COLUMNS, *OFFER_DETAILS], text))
    return VenueFrames(
        venues=venues.rename_axis("venue_id").astype({"rooms": float}),
        offers=offers.rename_axis("offer_id").astype({"capacity": float, "source": int}),
    )
