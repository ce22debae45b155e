"""Where is help given, as the project's service tables and OpenStreetMap say?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from planner.area import CRS, StudyArea
from planner.errors import DataError, ProjectError
from planner.ledger import Note, Source, note_items
from planner.project import Project, ServicesEntry
from planner.services import Services
from planner.sources import open_referral, venues
from planner.sources.coordinates import NO_COORDINATES
from planner.sources.listings import STAGE, Listing, read_listing
from planner.sources.postcodes import match_postcodes, normalise_postcode, read_postcodes
from planner.wording import say_few, say_many

#: Further than this from the place, a row is a mistake or of no use, and is listed apart.
FAR_METRES = 100_000.0
TOO_FAR = "more than 100 km from the place"
#: Why a postcode does not place a venue; part of one is too coarse to walk to.
_NOT_PLACED = {
    "partial": "only part of a postcode",
    "crown_dependency": "a postcode of Jersey, Guernsey or the Isle of Man, not placed here",
    "not_a_postcode": "a postcode that is none",
}
#: Areas in which every place of this planner lies, more or less: the UK and its nations.
_WIDE = re.compile(r"(?:K0[234]|E92|W92|S92|N92)\d{6}")
#: What venues that are candidates only are listed as; it never becomes a kind on offer.
CANDIDATE = "candidate"

#: What a row may say itself; the project's entry says it for the others.
_TOLD = ("kind", "partner", "capacity_unit")
_UNPLACED = ["kind", "name", "postcode", "reason", "file", "row"]
_PUBLISHERS = {
    "epraccur": (
        "NHS England, Organisation Data Service",
        "GP practices (epraccur)",
        "OGL v3.0",
    ),
    "gias": ("Department for Education", "Get Information about Schools", "OGL v3.0"),
    "gp_geocoded": (
        "NHS England, Organisation Data Service",
        "GP practices (epraccur), positions added by postcode",
        "OGL v3.0",
    ),
    "libraries_wales": ("Welsh Government", "Public libraries in Wales", "OGL v3.0"),
    "libraries_england": ("Arts Council England", "Public libraries in England", "OGL v3.0"),
    "osm": ("OpenStreetMap contributors", "OpenStreetMap", "ODbL 1.0"),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Context:
    """What every file is read against."""

    project: Project
    area: StudyArea
    place: shapely.Geometry
    postcodes: pd.DataFrame

    @property
    def has_directory(self) -> bool:
        return self.project.spec.postcodes is not None


def read_services(project: Project, area: StudyArea) -> Services:
    """Read all service files of the project, and the venues that may become a hub.

    Parameters
    ----------
    project
        Its ``[[services]]`` entries and the ``[hubs] candidates`` table are read.
    area
        The place, for ``take``, ``serves`` and the distance check.

    Returns
    -------
    services
        Venues in and around the place, never clipped. Rows that cannot be placed are in
        ``unplaced``; whatever was left out, merged or not understood is in ``notes``.

    Raises
    ------
    DataError
        A file is not what it should be, or no row of it can be used.
    ProjectError
        An entry names no file, or serves areas that the place does not have.
    """
    asked: list[tuple[ServicesEntry, str, Listing]] = []
    for at, entry in enumerate(_entries(project)):
        entry = _with_file(entry, project, f"services[{at + 1}]")
        serves = _serves(entry, area, f"services[{at + 1}]")
        listing = read_listing(
            project.path(entry.file), entry, what=entry.file, authority=project.spec.place.authority
        )
        asked.append((entry, serves, _with_capacities(listing, entry)))
    context = _Context(
        project=project,
        area=area,
        place=shapely.union_all(area.place.geometry.to_numpy()),
        postcodes=read_postcodes(project, letters=_letters([one for _, _, one in asked])),
    )
    parts: list[pd.DataFrame] = []
    unplaced: list[pd.DataFrame] = []
    notes: list[Note] = []
    sources: dict[Source, int] = {}
    for at, (entry, serves, listing) in enumerate(asked):
        rows, lost, found = _place(listing, entry, context)
        served, elsewhere = _served(rows, serves, entry, context)
        source = sources.setdefault(_source(entry, project), len(sources))
        offer = not (entry.kind == CANDIDATE and entry.file == project.spec.hubs.candidates)
        told = {name: _told(rows[name], getattr(entry, name)) for name in _TOLD}
        same = {"status": entry.status, "source": source, "order": at, "offer": offer}
        parts.append(rows.assign(**told, **same, serves=served))
        unplaced.append(lost)
        notes += [*listing.notes, *found, *elsewhere]
    kept, more = venues.drop_repeated(_concat(parts))
    frames, shared = venues.to_venues(kept)
    return Services(
        venues=gpd.GeoDataFrame(frames.venues, geometry="geometry", crs=CRS),
        offers=frames.offers,
        unplaced=pd.concat([_no_unplaced(), *[p for p in unplaced if len(p)]], ignore_index=True),
        sources=tuple(sources),
        notes=(*notes, *more, *shared),
    )


def _entries(project: Project) -> list[ServicesEntry]:
    entries = list(project.spec.services)
    if project.spec.hubs.candidates:
        entries.append(
            ServicesEntry(
                kind=CANDIDATE,
                file=project.spec.hubs.candidates,
                status="candidate",
                publisher="The project's own list",
                dataset="Candidate venues",
            )
        )
    return entries


def _with_file(entry: ServicesEntry, project: Project, where: str) -> ServicesEntry:
    """Return the entry with its file named; OpenStreetMap entries may use the streets' file."""
    if entry.file:
        return entry
    streets = project.spec.streets
    if entry.reader != "osm" or not streets.file:
        raise ProjectError(
            f"{project.file_name}: {where}.file: this key is needed.",
            hint="Only OpenStreetMap services may leave it out, when [streets] names a file."
            if entry.reader == "osm"
            else "",
        )
    return entry.model_copy(
        update={
            "file": streets.file,
            "publisher": entry.publisher or streets.publisher,
            "licence": entry.licence or streets.licence,
            "vintage": entry.vintage or streets.vintage,
        }
    )


def _serves(entry: ServicesEntry, area: StudyArea, where: str) -> str:
    """Return ``anyone``, ``place`` or the sorted codes that the entry serves."""
    text = entry.serves.strip()
    if text.casefold() in {"anyone", "place"}:
        return text.casefold()
    codes = sorted({code.strip() for code in text.split(";") if code.strip()})
    unknown = [code for code in codes if code not in area.areas.index]
    if unknown or not codes:
        raise ProjectError(
            f"{where}.serves: {unknown[0] if unknown else text!r} is not an area of {area.name}.",
            hint="Write anyone, place, or area codes with ; between them.",
        )
    return ";".join(codes)


def _told(cells: pd.Series, default: str) -> pd.Series:
    return cells.where(cells != "", default)


def _served(
    rows: pd.DataFrame, serves: str, entry: ServicesEntry, context: _Context
) -> tuple[list[str], list[Note]]:
    """Return whom each row serves: what the project says, else what the row says of its areas.

    Codes of the place's own areas are kept; the code of its council means the place. Whom other
    codes leave out is not known here, so that those rows serve anyone, and are listed.
    """
    if serves != "anyone":
        return [serves] * len(rows), []
    authority, known = context.project.spec.place.authority, set(context.area.areas.index)
    found, elsewhere = [], []
    for name, text in zip(rows["name"], rows["serves"], strict=True):
        codes = {code for code in text.split(";") if code}
        own = sorted(codes & known)
        if text in {"anyone", "place"} or authority in codes:
            found.append("anyone" if text == "anyone" else "place")
            continue
        found.append(";".join(own) or "anyone")
        if codes and not own and not any(_WIDE.fullmatch(code) for code in codes):
            elsewhere.append(f"{name}: {text}")
    if not elsewhere:
        return found, []
    said = f"{entry.file}: {say_many(len(elsewhere), 'row')} with service areas that are not the "
    said += "place's own codes, taken as open to anyone."
    return found, [note_items(STAGE, "service_area_elsewhere", elsewhere, said)]


def _with_capacities(listing: Listing, entry: ServicesEntry) -> Listing:
    """Return the listing with capacities that nothing can have as unknown, and named.

    Tables were looked at cell by cell; feeds say numbers.
    """
    capacity = listing.rows["capacity"].astype(float)
    wrong = (capacity < 0) | np.isinf(capacity)
    if not bool(wrong.any()):
        return listing
    names = listing.rows["name"]
    lost = [f"row {row}: {names[row]}: {value:g}" for row, value in capacity[wrong].items()]
    text = (
        f"{entry.file}, capacity: {say_many(len(lost), 'capacity', 'capacities')} not a number "
        f"from 0 up, taken as unknown ({say_few(lost)})."
    )
    return replace(
        listing,
        rows=listing.rows.assign(capacity=capacity.where(~wrong)),
        notes=(*listing.notes, note_items(STAGE, "capacity_unread", lost, text)),
    )


def _source(entry: ServicesEntry, project: Project) -> Source:
    publisher, dataset, licence = _PUBLISHERS.get(entry.reader, ("", "", ""))
    return Source(
        publisher=entry.publisher or publisher or "Publisher not stated",
        dataset=entry.dataset or dataset or PurePosixPath(entry.file).name,
        licence=entry.licence or licence or "licence not stated",
        vintage=entry.vintage or "date not stated",
        file=entry.file,
        sha256=project.sha256(entry.file),
    )


# --- onto the map -------------------------------------------------------------------------


def _place(
    listing: Listing, entry: ServicesEntry, context: _Context
) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Return the rows on the map, those that could not be placed, and what to note."""
    rows, notes = _by_postcode(listing.rows, entry, context)
    points = shapely.points(rows["x"].to_numpy(), rows["y"].to_numpy())
    placed = (rows["reason"] == "").to_numpy()
    far = np.zeros(len(rows), dtype=bool)
    far[placed] = shapely.distance(context.place, points[placed]) > FAR_METRES
    rows = rows.assign(reason=rows["reason"].mask(far, TOO_FAR))
    good = rows["reason"] == ""
    if not bool(good.any()):
        _refuse_if_wrong(rows, listing, entry)
    away = rows.loc[rows["reason"] == TOO_FAR, "name"]
    if len(away):
        # A national table is expected to have these: they are known, only of no use here.
        text = f"{entry.file}: {say_many(len(away), 'row')} left out: {TOO_FAR}."
        items = [f"row {row}: {name}" for row, name in away.items()]
        notes.append(note_items(STAGE, "rows_far_away", items, text))
    lost = rows[~good & (rows["reason"] != TOO_FAR)]
    if len(lost):
        noun = f"{entry.kind.replace('_', ' ')} row"
        text = f"{entry.file}: {len(lost):,} of {say_many(len(rows), noun)} "
        reasons = lost["reason"].value_counts(sort=False).sort_index()
        text += "could not be placed (" + "; ".join(f"{n} × {r}" for r, n in reasons.items()) + ")."
        items = [f"row {row}: {name}" for row, name in lost["name"].items()]
        notes.append(note_items(STAGE, "unplaced", items, text))
    taken = rows[good]
    if entry.take != "all":
        inside = shapely.intersects(context.place, points[good.to_numpy()])
        wanted = inside if entry.take == "inside" else ~inside
        gone = taken[~wanted]
        taken = taken[wanted]
        if len(gone):
            text = f"{entry.file}: {say_many(len(gone), 'row')} left out: only those {entry.take} "
            notes.append(
                note_items(
                    STAGE, "rows_not_taken", gone["name"].tolist(), text + "the place are taken."
                )
            )
    kind = _told(lost["kind"], entry.kind)
    unplaced = lost.assign(kind=kind, file=entry.file, row=lost.index)[_UNPLACED]
    return taken, unplaced.reset_index(drop=True), notes


def _letters(listings: list[Listing]) -> set[str]:
    """Return the first letters of all postcodes that are needed to place a row."""
    letters: set[str] = set()
    for listing in listings:
        lacking = listing.rows["reason"] != ""
        letters |= {
            text[:1] for text in listing.rows.loc[lacking, "postcode"].map(normalise_postcode)
        }
    return letters - {""}


def _by_postcode(
    rows: pd.DataFrame, entry: ServicesEntry, context: _Context
) -> tuple[pd.DataFrame, list[Note]]:
    """Return rows with postcodes in one form, and places for those that only have one."""
    matched = match_postcodes(rows["postcode"], context.postcodes)
    normal = rows["postcode"].map(normalise_postcode)
    rows = rows.assign(postcode=normal.where(normal != "", rows["postcode"]))
    how = matched["how"].to_numpy(dtype=object)
    lacking = (rows["reason"] != "").to_numpy()
    known = lacking & np.isin(how, ["full", "terminated"])
    reason = rows["reason"].to_numpy(dtype=object, copy=True)
    without = reason == NO_COORDINATES
    for name, said in _NOT_PLACED.items():
        reason[without & (how == name)] = said
    reason[without & (rows["postcode"] == "").to_numpy()] = "no coordinates and no postcode"
    reason[without & (how == "unknown")] = (
        "postcode not in the directory" if context.has_directory else "no postcode directory given"
    )
    reason[known] = ""
    x, y = (np.where(known, matched[axis], rows[axis]).astype(float) for axis in ("x", "y"))
    notes = []
    names = rows["name"].to_numpy()
    if known.any():
        text = f"{entry.file}: rows without usable coordinates that stand at the middle of their "
        text += f"postcode: {known.sum():,}."
        notes.append(note_items(STAGE, "placed_by_postcode", names[known].tolist(), text))
    ended = known & (how == "terminated")
    if ended.any():
        text = f"{entry.file}: postcodes that have ended, used as they last were: {ended.sum():,}."
        notes.append(note_items(STAGE, "postcode_ended", names[ended].tolist(), text))
    return rows.assign(x=x, y=y, reason=reason), notes


def _refuse_if_wrong(rows: pd.DataFrame, listing: Listing, entry: ServicesEntry) -> None:
    """Refuse a file of which no row can be used, unless only a postcode directory is lacking."""
    reasons = set(rows["reason"])
    if reasons <= {"no postcode directory given", "postcode not in the directory"}:
        return
    if "no postcode directory given" in reasons and not listing.has_coordinates:
        return
    commonest = rows["reason"].value_counts().sort_index(kind="stable").idxmax()
    hint = "Check that this is the right file, and the right columns."
    if commonest == open_referral.NO_PLACE:
        hint = "This is the short list of the feed: save each /services/{id}, or fetch all of it "
        hint += "with `planner fetch-directory`."
    elif commonest.startswith("coordinates") and entry.reader == "open_referral":
        hint = "Tell the directory's owner; with a [postcodes] section such rows stand at their "
        hint += "postcode."
    elif commonest.startswith("coordinates"):
        hint = "Check x_column and y_column: x is longitude or easting, y latitude or northing."
    raise DataError(
        f"{entry.file}: none of its {len(rows)} rows can be put on the map ({commonest}).",
        hint=hint,
    )


def _concat(parts: list[pd.DataFrame]) -> pd.DataFrame:
    used = [part for part in parts if len(part)]
    if used:
        return pd.concat(used).reset_index(names="row")
    columns = [*venues.ROW_COLUMNS]
    return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})


def _no_unplaced() -> pd.DataFrame:
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in _UNPLACED})
    return empty.astype({"row": "int64"})
