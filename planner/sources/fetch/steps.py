"""How does each source of a place come into its study folder?"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from planner.area import CODE_PATTERNS, CRS
from planner.errors import DataError, SourceError
from planner.sources.fetch import arcgis, files, fingertips, nomis, streets
from planner.sources.fetch.folder import Record, StudyFolder, asked_for
from planner.sources.fetch.plan import (
    BOUNDARIES,
    CONTEXT_METRES,
    DISTRICTS,
    NEAR_METRES,
    STREETS_METRES,
    Wanted,
)
from planner.sources.http import Download, Fetcher, file_sha256
from planner.sources.registry import Registry, RegistryEntry
from planner.sources.tables import match_column, read_table, to_text
from planner.sources.text import comparable

CONTEXT_FILE = "context.geojson"


@dataclass(frozen=True, kw_only=True, eq=False)
class Here:
    """The place, as far as it is known: areas of its own and around it, in EPSG:27700.

    Frames have the boundary source's columns; ``codes`` and ``around_codes`` are area codes.
    """

    wanted: Wanted
    code_column: str
    name_column: str
    areas: gpd.GeoDataFrame
    around: gpd.GeoDataFrame
    today: dt.date
    region: str = ""

    @property
    def codes(self) -> list[str]:
        """Codes of the place's own areas."""
        return list(self.areas[self.code_column])

    @property
    def all_codes(self) -> list[str]:
        """Codes of the place's areas and of those around it."""
        return sorted([*self.codes, *self.around[self.code_column]])

    def box(self, metres: float) -> tuple[float, float, float, float]:
        """Return west, south, east, north of the place with so much around it."""
        west, south, east, north = (float(edge) for edge in self.areas.total_bounds)
        return west - metres, south - metres, east + metres, north + metres


def find_areas(wanted: Wanted, *, registry: Registry, fetcher: Fetcher) -> tuple[Wanted, list[str]]:
    """Return the place with its districts' names, and the codes of its small areas.

    Raises
    ------
    SourceError
        What says which areas make up a district cannot be reached, or has none for one.
    """
    entry = registry[DISTRICTS[wanted.nation]]
    if entry.kind == "arcgis":
        rows = arcgis.fetch_rows(
            fetcher, entry, column=entry.columns["district"], codes=wanted.codes
        )
        wanted = wanted.named(dict(zip(rows["district"], rows["district_name"], strict=True)))
        found = set(rows["district"])
    else:
        rows = _areas_by_name(fetcher, entry, wanted)
        found = set(rows["district"])
    missing = [d for d in wanted.districts if d.code not in found]
    if missing:
        raise SourceError(
            f"{entry.what}: it has no areas for {missing[0].name} ({missing[0].code}).",
            hint=entry.by_hand,
        )
    return wanted, sorted(set(rows["area"]))


def fetch_boundaries(
    wanted: Wanted,
    codes: list[str],
    *,
    registry: Registry,
    fetcher: Fetcher,
    today: dt.date,
    context: bool,
) -> Here:
    """Return the shapes of the place's areas, and of those within `CONTEXT_METRES` of it.

    Raises
    ------
    SourceError
        The boundaries cannot be reached, or some of the areas are not there.
    """
    entry = registry[BOUNDARIES[wanted.nation]]
    code = entry.columns["code"]
    areas = arcgis.fetch_shapes(fetcher, entry, codes=codes)
    here = Here(
        wanted=wanted,
        code_column=code,
        name_column=entry.columns.get("name", ""),
        areas=areas,
        around=areas.iloc[:0],
        today=today,
    )
    if not context:
        return here
    boxed = arcgis.fetch_shapes(fetcher, entry, box=here.box(CONTEXT_METRES))
    others = boxed[~boxed[code].isin(codes) & boxed.geometry.notna()]
    place = areas.geometry.make_valid().union_all()
    near = others[others.geometry.distance(place) <= CONTEXT_METRES].reset_index(drop=True)
    return replace(here, around=near)


def fetch_entry(
    entry: RegistryEntry,
    here: Here,
    *,
    fetcher: Fetcher,
    folder: StudyFolder,
    progress: Callable[[float], None] | None = None,
) -> Record:
    """Bring one source into the folder, if it is not there whole already.

    Raises
    ------
    SourceError
        It cannot be reached, or what came is not what it should be.
    """
    asked = _asked(entry, here)
    kept = folder.whole(entry.id, asked)
    if kept is not None:
        return kept
    step = _STEPS.get(entry.kind)
    if step is None:
        raise SourceError(f"{entry.what}: cannot be fetched.", hint=entry.by_hand)
    dated = _DatedFetcher.of(fetcher)
    period = step(entry, here, dated, folder, progress)
    # What is kept from an earlier fetch is as old as it is; of several parts the oldest counts.
    fetched = min(dated.dates, default=fetcher.now().isoformat(timespec="seconds"))
    path = folder.root / entry.file
    record = Record(
        id=entry.id,
        outcome="beside",
        file=entry.file,
        sha256=file_sha256(path),
        size=path.stat().st_size,
        fetched=fetched,
        asked=asked,
        url=entry.address,
        period=period or (fetched[:10] if entry.vintage == "today" else ""),
    )
    folder.note(record)
    return record


def write_shapes(shapes: gpd.GeoDataFrame, path: Path) -> None:
    """Write shapes as GeoJSON in EPSG:27700 (the file says so), whole or not at all."""
    beside = path.with_name(f"{path.stem}.part{path.suffix}")
    beside.unlink(missing_ok=True)
    shapes.to_file(beside, driver="GeoJSON", engine="pyogrio", COORDINATE_PRECISION=2)
    beside.replace(path)


# --- one kind of source each -----------------------------------------------------------------

Progress = Callable[[float], None] | None
Step = Callable[[RegistryEntry, Here, Fetcher, StudyFolder, Progress], str]


def _from_arcgis(
    entry: RegistryEntry, here: Here, fetcher: Fetcher, folder: StudyFolder, _: Progress
) -> str:
    if entry.reader == "points":
        shapes = arcgis.fetch_shapes(fetcher, entry, codes=here.all_codes, all_needed=False)
        write_shapes(shapes.set_crs(CRS, allow_override=True), folder.path(entry.file))
        return ""
    rows = arcgis.fetch_rows(fetcher, entry)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(list(entry.columns.values()))
    writer.writerows(rows.itertuples(index=False, name=None))
    folder.put_text(entry.file, out.getvalue())
    return ""


def _from_nomis(
    entry: RegistryEntry, here: Here, fetcher: Fetcher, folder: StudyFolder, _: Progress
) -> str:
    table = nomis.fetch_table(fetcher, entry)
    folder.put_text(entry.file, table.text)
    return table.period


def _from_zip(
    entry: RegistryEntry, here: Here, fetcher: Fetcher, folder: StudyFolder, _: Progress
) -> str:
    archive = fetcher.fetch(entry)
    files.extract_member(archive.path, entry, folder.path(entry.file))
    return ""


def _from_fingertips(
    entry: RegistryEntry, here: Here, fetcher: Fetcher, folder: StudyFolder, _: Progress
) -> str:
    path = folder.put_copy(entry.file, fingertips.fetch_indicator(fetcher, entry))
    try:
        found = fingertips.read_indicator(path, pattern=CODE_PATTERNS[entry.geography])
    except DataError as err:
        path.unlink(missing_ok=True)
        raise SourceError(f"{entry.what}: {err.message}", hint=entry.by_hand) from err
    return found.period


def _from_file(
    entry: RegistryEntry, here: Here, fetcher: Fetcher, folder: StudyFolder, _: Progress
) -> str:
    got = files.fetch_file(fetcher, entry, today=here.today, region=here.region)
    if "x" in entry.columns:
        # A national table of points is large, and what is far away serves nobody here.
        text, _kept = files.clip_points(
            files.decode(got.read_bytes()), entry, here.box(NEAR_METRES)
        )
        folder.put_text(entry.file, text)
        return ""
    folder.put_copy(entry.file, got.path)
    return ""


def _from_overpass(
    entry: RegistryEntry, here: Here, fetcher: Fetcher, folder: StudyFolder, progress: Progress
) -> str:
    box = here.box(STREETS_METRES)
    streets.fetch_streets(fetcher, entry, box, folder.path(entry.file), progress=progress)
    return ""


_STEPS: dict[str, Step] = {
    "arcgis": _from_arcgis,
    "nomis": _from_nomis,
    "zip": _from_zip,
    "fingertips": _from_fingertips,
    "file": _from_file,
    "gtfs": _from_file,
    "overpass": _from_overpass,
}


# --- parts ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _DatedFetcher(Fetcher):
    """A fetcher that remembers when each of its answers was first fetched."""

    dates: list[str]

    @classmethod
    def of(cls, fetcher: Fetcher) -> _DatedFetcher:
        """Return a fetcher that shares everything with another one, its turns included."""
        same = {field.name: getattr(fetcher, field.name) for field in fields(Fetcher)}
        return cls(dates=[], **same)

    def fetch(self, entry: RegistryEntry, **asked: Any) -> Download:
        """Return the answer of a source, its date remembered."""
        got = super().fetch(entry, **asked)
        self.dates.append(got.fetched)
        return got


def _asked(entry: RegistryEntry, here: Here) -> str:
    parts = [entry.address, dict(entry.query), entry.member, dict(entry.columns), entry.file]
    if entry.reader == "points":
        parts.append(here.all_codes)
    if "x" in entry.columns or entry.kind == "overpass":
        parts.append(here.codes)
    if entry.kind == "gtfs":
        parts.append(here.region)
    return asked_for(*parts)


def _areas_by_name(fetcher: Fetcher, entry: RegistryEntry, wanted: Wanted) -> pd.DataFrame:
    """Return areas of districts out of a table that gives the districts' names."""
    got = fetcher.fetch(entry)
    # The cache keeps answers without their names, by which a table's format is known.
    path = got.path.with_name(f"{got.path.stem}{Path(entry.file).suffix}")
    if not path.is_file() or path.stat().st_size != got.size:
        path.write_bytes(got.read_bytes())
    columns = entry.columns
    try:
        table = read_table(path, sheet=columns.get("sheet", ""), what=Path(entry.file).name)
    except DataError as err:
        raise SourceError(f"{entry.what}: {err.message}", hint=entry.by_hand) from err
    area, district = (match_column(table, columns[key]) for key in ("area", "district_name"))
    if area is None or district is None:
        lacking = columns["area"] if area is None else columns["district_name"]
        raise SourceError(
            f"{entry.what}: there is no column {lacking!r} any more.", hint=entry.by_hand
        )
    names = to_text(table[district]).map(_council)
    codes = {_council(d.name): d.code for d in wanted.districts}
    rows = pd.DataFrame({"area": to_text(table[area]), "district": names.map(codes)})
    return rows[names.isin(codes).to_numpy()]


def _council(name: str) -> str:
    """Return a council's name as it is compared between publications."""
    plain = comparable(name).replace("&", "and").replace("eilean siar", "eileanan an iar")
    return plain.replace("eileanan siar", "eileanan an iar")
