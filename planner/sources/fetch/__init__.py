"""How does a place's official data become a study folder that runs?

`fetch_place` resolves names, decides what to fetch (`plan`), brings it in (`steps`, each kind of
publisher in its own module), tries every file on the planner's readers and writes the project file
(`study`). What cannot be reached is named with what to do by hand, and the rest goes on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from planner.errors import PlannerError, SourceError
from planner.project import PROJECT_FILE
from planner.sources.fetch import arcgis
from planner.sources.fetch.folder import Record, StudyFolder, asked_for, day
from planner.sources.fetch.plan import (
    BOUNDARIES,
    choose_sources,
    find_region,
    is_code,
    resolve_names,
)
from planner.sources.fetch.steps import (
    CONTEXT_FILE,
    Here,
    fetch_boundaries,
    fetch_entry,
    find_areas,
    write_shapes,
)
from planner.sources.fetch.study import build_readme, build_study, to_toml
from planner.sources.http import Fetcher, build_fetcher, file_sha256
from planner.sources.registry import (
    Registry,
    RegistryEntry,
    read_registry,
    registry_table,
)

__all__ = [
    "FetchReport",
    "Fetcher",
    "Registry",
    "build_fetcher",
    "fetch_place",
    "read_registry",
    "registry_table",
]

Progress = Callable[[str, float], None]
README = "README.md"


@dataclass(frozen=True, kw_only=True)
class FetchReport:
    """What came of a fetch.

    ``project`` is the project file that was written (``planner.fetched.toml`` if people have
    changed theirs); ``records`` says of each source whether it is used, lies beside, or failed.
    """

    place: str
    folder: Path
    project: Path
    areas: int
    areas_around: int
    records: tuple[Record, ...]

    @property
    def failed(self) -> tuple[Record, ...]:
        """Sources that are not in the folder."""
        return tuple(record for record in self.records if record.outcome == "failed")

    def table(self) -> pd.DataFrame:
        """Return one row a source: index ``source``; ``outcome, file, why, by_hand``."""
        rows = [(r.id, r.outcome, r.file, r.why, r.by_hand) for r in self.records]
        columns = ["source", "outcome", "file", "why", "by_hand"]
        return pd.DataFrame(rows, columns=columns, dtype=object).set_index("source")


def fetch_place(
    names: Sequence[str],
    folder: Path,
    *,
    registry: Registry,
    fetcher: Fetcher,
    context: bool = True,
    progress: Progress | None = None,
    today: dt.date | None = None,
) -> FetchReport:
    """Fetch the official data of one or several districts into a study folder.

    A second call goes on where the first one stopped: what is whole is not fetched again.

    Parameters
    ----------
    names
        Names or codes of districts of one nation, whatever their case.
    folder
        A new or empty folder, or one that an earlier call has begun.
    registry, fetcher
        From where, and how.
    context
        Whether the areas within 3 km are fetched too.
    progress
        Called with what is being fetched and the share that is done.
    today
        The day that daily files are asked for.

    Raises
    ------
    ProjectError
        A name is not one of a district, or the folder holds other things.
    SourceError
        The areas of the place or their boundaries cannot be reached: without them there is no
        study. Anything else that fails is in the report, and the rest goes on.
    """
    tell = progress or (lambda text, share: None)
    study_folder = StudyFolder.open(folder)
    day_of = today or fetcher.now().date()
    tell("Finding the place", 0.0)
    wanted = resolve_names(names, _districts(names, registry, fetcher))
    wanted, codes = find_areas(wanted, registry=registry, fetcher=fetcher)
    tell(f"Boundaries of {wanted.name}", 0.02)
    here = fetch_boundaries(
        wanted, codes, registry=registry, fetcher=fetcher, today=day_of, context=context
    )
    here = _with_region(here, registry, fetcher)
    folder.mkdir(parents=True, exist_ok=True)
    study_folder.save()
    _put_boundaries(here, study_folder, registry, fetcher)
    _fetch_all(here, study_folder, registry, fetcher, tell)
    tell("Trying every file on its reader", 0.9)
    made = day(fetcher.now())
    study = build_study(here, study_folder, registry)
    written = study_folder.put_own(PROJECT_FILE, to_toml(study, made=made))
    study_folder.put_own(README, build_readme(study, made=made))
    study_folder.save()
    tell("Done", 1.0)
    kept = study_folder.records
    records = [kept[entry.id] for entry in registry if entry.id in kept]
    return FetchReport(
        place=wanted.name,
        folder=folder,
        project=folder / written,
        areas=len(here.areas),
        areas_around=len(here.around),
        records=tuple(records),
    )


# --- parts ---------------------------------------------------------------------------------


def _districts(names: Sequence[str], registry: Registry, fetcher: Fetcher) -> pd.DataFrame | None:
    """Return all districts; None if they cannot be had and only codes were given."""
    try:
        return arcgis.fetch_rows(fetcher, registry["district_names"])
    except SourceError:
        if all(is_code(name) for name in names):
            return None
        raise


def _with_region(here: Here, registry: Registry, fetcher: Fetcher) -> Here:
    regions: dict[str, str] = {}
    if here.wanted.nation == "England":
        entry = registry["district_regions"]
        try:
            rows = arcgis.fetch_rows(
                fetcher, entry, column=entry.columns["district"], codes=here.wanted.codes
            )
        except SourceError:
            # The timetable then says that its region is not known.
            pass
        else:
            regions = dict(zip(rows["district"], rows["region"], strict=True))
    region = find_region(here.wanted, regions, registry["bus_timetable"].regions)
    return replace(here, region=region)


def _put_boundaries(here: Here, folder: StudyFolder, registry: Registry, fetcher: Fetcher) -> None:
    entry = registry[BOUNDARIES[here.wanted.nation]]
    asked = asked_for(entry.address, here.codes, here.all_codes)
    around = folder.path(CONTEXT_FILE)
    complete = around.is_file() or not len(here.around)
    if complete and folder.whole(entry.id, asked) is not None:
        return
    path = folder.path(entry.file)
    write_shapes(here.areas, path)
    around.unlink(missing_ok=True)
    if len(here.around):
        write_shapes(here.around, around)
    folder.note(
        Record(
            id=entry.id,
            outcome="beside",
            file=entry.file,
            sha256=file_sha256(path),
            size=path.stat().st_size,
            fetched=fetcher.now().isoformat(timespec="seconds"),
            asked=asked,
            url=entry.address,
        )
    )


def _fetch_all(
    here: Here,
    folder: StudyFolder,
    registry: Registry,
    fetcher: Fetcher,
    tell: Progress,
) -> None:
    entries = choose_sources(registry, here.wanted)
    step = 0.85 / len(entries)
    for at, entry in enumerate(entries):
        tell(entry.what, 0.05 + step * at)

        def part(share: float, at: int = at, what: str = entry.what) -> None:
            tell(what, 0.05 + step * (at + share))

        try:
            fetch_entry(entry, here, fetcher=fetcher, folder=folder, progress=part)
        except PlannerError as err:
            _note_failed(entry, err, folder)
            if entry.id == "population":
                _instead(here, folder, registry, fetcher)


def _instead(here: Here, folder: StudyFolder, registry: Registry, fetcher: Fetcher) -> None:
    """Take the census count where the mid-year estimates cannot be had."""
    entry = registry["population_census"]
    try:
        fetch_entry(entry, here, fetcher=fetcher, folder=folder)
    except PlannerError as err:
        _note_failed(entry, err, folder)


def _note_failed(entry: RegistryEntry, err: PlannerError, folder: StudyFolder) -> None:
    why = err.message.removeprefix(f"{entry.what}: ")
    folder.note(Record(id=entry.id, outcome="failed", why=why, by_hand=err.hint))
