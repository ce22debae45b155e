"""What help is there, where, run by whom, and who may use it?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import geopandas as gpd
import pandas as pd

from planner.area import CRS
from planner.errors import DataError
from planner.ledger import Note, Source

VenueStatus = Literal["existing", "candidate", "forced", "closed"]
VENUE_STATUSES = ("existing", "candidate", "forced", "closed")

VENUE_COLUMNS = ["venue_name", "address", "postcode", "status", "rooms", "opening", "geometry"]
OFFER_COLUMNS = [
    "venue_id",
    "kind",
    "partner",
    "capacity",
    "capacity_unit",
    "sessions",
    "serves",
    "source",
]
#: What lists add of a venue or an offer where they say it: text, "" where they do not.
VENUE_DETAILS = ["accessibility", "co_located_with"]
OFFER_DETAILS = ["service_name", "languages"]
#: Details are the longest texts that are kept.
MAX_DETAIL = 300


@dataclass(frozen=True, kw_only=True, eq=False)
class Services:
    """Venues, and what is offered at them.

    Parameters
    ----------
    venues
        One row a venue on the sorted, unique index ``venue_id`` (str): ``venue_name``,
        ``address``, ``postcode``, ``status`` (`VenueStatus`), ``rooms`` (float, NaN unknown),
        ``opening`` (text in OpenStreetMap's opening_hours syntax, "" unknown) and point
        ``geometry`` in EPSG:27700. Venues outside the place are kept. ``accessibility`` and
        ``co_located_with`` (who or what else is in the building) are plain words joined by
        ``"; "``; frames without these columns get them, empty.
    offers
        One row per service at a venue on the sorted, unique index ``offer_id`` (str): columns
        `OFFER_COLUMNS`. ``capacity`` is NaN where unknown; ``serves`` is ``anyone``, ``place``
        or area codes separated by ``;``; ``source`` is an index into ``sources`` (int).
        ``service_name`` is the service's own name, ``languages`` those it is given in, sorted and
        joined by ``;``; frames without these columns get them, empty.
    unplaced
        Offers that could not be put on the map, never dropped in silence: columns ``kind, name,
        postcode, reason, file, row`` (row: 1-based data row in the file).
    sources, notes
        The files; what was repaired, filtered or left out.
    """

    venues: gpd.GeoDataFrame
    offers: pd.DataFrame
    unplaced: pd.DataFrame
    sources: tuple[Source, ...] = ()
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.venues.crs != CRS:
            raise DataError(f"Venues must be in {CRS}.")
        for name, frame in (("venue_id", self.venues), ("offer_id", self.offers)):
            if not frame.index.is_unique or not frame.index.is_monotonic_increasing:
                raise DataError(f"Services: {name} must be unique and sorted.")
        unknown = set(self.offers["venue_id"]) - set(self.venues.index)
        if unknown:
            raise DataError(
                f"Services: an offer names a venue that does not exist ({min(unknown)})."
            )
        odd = set(self.venues["status"]) - set(VENUE_STATUSES)
        if odd:
            raise DataError(
                f"Services: {min(odd)!r} is not a venue status.",
                hint="Use existing, candidate, forced or closed.",
            )
        if bool(self.venues.geometry.isna().any()):
            raise DataError("Services: a venue without a point belongs in `unplaced`.")
        object.__setattr__(self, "venues", _with_details(self.venues, VENUE_DETAILS))
        object.__setattr__(self, "offers", _with_details(self.offers, OFFER_DETAILS))

    @property
    def kinds(self) -> list[str]:
        """Kinds of service on offer, sorted."""
        return sorted(self.offers["kind"].unique())

    def open_offers(self, kind: str | None = None) -> pd.DataFrame:
        """Return offers at venues that are open today (status ``existing``), of one kind or all."""
        return self._open if kind is None else self._open_by_kind.get(kind, self._open.iloc[:0])

    @cached_property
    def _open(self) -> pd.DataFrame:
        open_venues = self.venues.index[self.venues["status"] == "existing"]
        return self.offers[self.offers["venue_id"].isin(open_venues)]

    @cached_property
    def _open_by_kind(self) -> dict[str, pd.DataFrame]:
        return dict(iter(self._open.groupby("kind")))


def split_by_use(offers: pd.DataFrame, points: pd.DataFrame) -> list[tuple[pd.Index, pd.DataFrame]]:
    """Split points by which offers their people may use (``serves``).

    Parameters
    ----------
    offers
        As in `Services`.
    points
        On point ids, with ``area_code``.

    Returns
    -------
    groups
        Points, each in one group, and the offers that the people of all of them may use.
    """
    if set(offers["serves"].tolist()) <= {"anyone", "place"}:
        return [(points.index, offers)] if len(points) else []
    everyone = offers["serves"].isin(["anyone", "place"])
    codes = points["area_code"]
    allowed: dict[str, set[str]] = {code: set() for code in codes.unique()}
    for offer_id, serves in offers.loc[~everyone, "serves"].items():
        for code in {part.strip() for part in str(serves).split(";")}:
            if code in allowed:
                allowed[code].add(str(offer_id))
    listed = {code: tuple(sorted(found)) for code, found in allowed.items()}
    of_points = codes.map(listed)
    return [
        (points.index[(of_points == extra).to_numpy()], offers[everyone | offers.index.isin(extra)])
        for extra in sorted(set(listed.values()))
    ]


def build_details_words(services: Services) -> pd.Series:
    """Return what is told of each offer beyond its place and hours, in words, "" where nothing.

    Returns
    -------
    words
        On the offers' index, a line for each thing told: the service's name, its languages, how
        accessible the venue is, and what it shares its building with.
    """
    offers = services.offers
    told = offers[["venue_id", *OFFER_DETAILS]].join(services.venues[VENUE_DETAILS], on="venue_id")
    told = told.assign(languages=[text.replace(";", ", ") for text in told["languages"]])
    heads = {
        "service_name": "Service",
        "languages": "Languages",
        "accessibility": "Accessibility",
        "co_located_with": "In the same building",
    }
    words = [
        "\n".join(f"{head}: {row[column]}" for column, head in heads.items() if row[column])
        for row in told.to_dict("records")
    ]
    return pd.Series(words, index=offers.index, dtype=object)


def _with_details(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the frame with every detail as text, those it lacks empty."""
    absent = [name for name in names if name not in frame]
    if absent:
        frame = frame.assign(**dict.fromkeys(absent, ""))
    for name in names:
        if not all(isinstance(text, str) for text in frame[name]):
            raise DataError(f"Services: {name} must be text, empty where nothing is said.")
    return frame


@dataclass(frozen=True, kw_only=True, eq=False)
class Jobs:
    """Where paid work is: points with a number of jobs.

    ``points`` is indexed by the sorted, unique ``jobs_id`` (str) with ``jobs`` (float, at least
    0) and point ``geometry`` in EPSG:27700.
    """

    points: gpd.GeoDataFrame
    source: Source
    notes: tuple[Note, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.points.crs != CRS:
            raise DataError(f"Jobs must be in {CRS}.")
        if not self.points.index.is_unique or not self.points.index.is_monotonic_increasing:
            raise DataError("Jobs: jobs_id must be unique and sorted.")
        if bool((self.points["jobs"] < 0).any()):
            raise DataError("Jobs: a number of jobs is below zero.")
