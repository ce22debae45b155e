"""Which of the fetched files can be used, and how does the project file name them?

Every part is tried on the planner's own readers before it stands in the project file, so that a
file whose form has changed, or that nothing reads yet, lies beside the project with the reason
instead of stopping it.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import tomlkit

from planner.area import StudyArea
from planner.errors import PlannerError
from planner.layers import OFFICIAL_WEIGHTS
from planner.project import PROJECT_FILE, Project, parse_spec
from planner.sources.fetch import drafts
from planner.sources.fetch.folder import Record, StudyFolder
from planner.sources.fetch.jobs import build_jobs
from planner.sources.fetch.plan import CONTEXT_METRES
from planner.sources.fetch.steps import CONTEXT_FILE, Here
from planner.sources.jobs import read_jobs
from planner.sources.layers import READERS, read_layers
from planner.sources.lookups import read_lookups
from planner.sources.place import read_study_area
from planner.sources.postcodes import read_postcodes
from planner.sources.registry import Registry
from planner.sources.services import read_services
from planner.sources.streets import read_streets
from planner.sources.timetable import check_timetable, read_service_days

Table = dict[str, Any]
#: The weekday that official travel times look at.
TUESDAY = 1


class Study:
    """The project file as it grows, part by part, each tried on its reader."""

    def __init__(self, here: Here, folder: StudyFolder, registry: Registry) -> None:
        self.here = here
        self.folder = folder
        self.registry = registry
        self.table: Table = {}
        self.kinds: list[str] = []
        self.area: StudyArea | None = None

    def use(self, key: str) -> None:
        """Say that a source is in the project file."""
        self.folder.records[key] = replace(self.folder.records[key], outcome="used", why="")

    def leave(self, key: str, why: str) -> None:
        """Say that a source lies beside the project file, and why; not if a part of it is used."""
        if self.folder.records[key].outcome == "used":
            return
        by_hand = self.registry[key].by_hand
        self.folder.records[key] = replace(
            self.folder.records[key], outcome="beside", why=why, by_hand=by_hand
        )

    def has(self, key: str) -> bool:
        """Return whether a source's file is in the folder."""
        record = self.folder.records.get(key)
        return record is not None and record.outcome != "failed"

    def project(self, **more: Any) -> Project:
        """Return the project as it stands, with some sections replaced."""
        spec = parse_spec({**self.table, **more}, where=PROJECT_FILE)
        return Project(spec=spec, folder=self.folder.root.resolve())


def build_study(here: Here, folder: StudyFolder, registry: Registry) -> Study:
    """Return the project file's sections, each tried; the folder's records say what was left.

    Raises
    ------
    PlannerError
        Not even the boundaries can be read.
    """
    for key, record in list(folder.records.items()):
        if record.outcome != "failed":
            folder.records[key] = replace(record, outcome="beside", why="", by_hand="")
    study = Study(here, folder, registry)
    _add_place(study)
    _add_lookups(study)
    _add_layers(study)
    _add_streets(study)
    _add_postcodes(study)
    _add_services(study)
    _add_jobs(study)
    _add_timetable(study)
    _add_choices(study)
    for key, record in list(folder.records.items()):
        if record.outcome == "beside" and not record.why:
            study.leave(key, "nothing in the planner reads this file yet")
    return study


def to_toml(study: Study, *, made: str) -> str:
    """Return the project file as text, with a comment on how it came about."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"{study.here.wanted.name}: fetched on {made} from the official"))
    document.add(tomlkit.comment("sources named below. Change what you like: a later fetch into"))
    document.add(tomlkit.comment("this folder keeps your changes. README.md says what is missing."))
    document.add(tomlkit.nl())
    for key, value in study.table.items():
        document.add(key, tomlkit.item(value))
    return tomlkit.dumps(document)


# --- place -----------------------------------------------------------------------------------


def _add_place(study: Study) -> None:
    here, folder, registry = study.here, study.folder, study.registry
    boundaries = registry[drafts.boundaries_id(here)]
    place: Table = {
        "name": here.wanted.name,
        "geography": here.wanted.geography,
        "boundaries": boundaries.file,
        "code_column": here.code_column,
        "publisher": boundaries.publisher,
        "licence": boundaries.licence,
        "vintage": boundaries.vintage,
    }
    if here.name_column:
        place["name_column"] = here.name_column
    if len(here.wanted.codes) == 1:
        place["authority"] = here.wanted.codes[0]
    study.table["place"] = place
    study.area = read_study_area(study.project())
    study.use(boundaries.id)
    if (folder.root / CONTEXT_FILE).is_file() and len(here.around):
        context: Table = {"boundaries": CONTEXT_FILE, "code_column": here.code_column}
        if here.name_column:
            context["name_column"] = here.name_column
        context["within_metres"] = CONTEXT_METRES
        _try_in_place(study, "context", context, ())
    for key, draft in drafts.draft_points(here, study.has, registry):
        if _try_in_place(study, "points", draft, (key,)):
            break
    for key, draft in drafts.draft_populations(here, study.has, registry, folder.records):
        if _try_in_place(study, "population", draft, (key,)):
            break


def _try_in_place(study: Study, name: str, draft: Table, keys: tuple[str, ...]) -> bool:
    place = {**study.table["place"], name: draft}
    try:
        study.area = read_study_area(study.project(place=place))
    except PlannerError as err:
        for key in keys:
            study.leave(key, err.message)
        return False
    study.table["place"] = place
    for key in keys:
        study.use(key)
    return True


def _add_lookups(study: Study) -> None:
    for key, name in (("lsoa11_lsoa21", "lsoa11_lsoa21"), ("lsoa11_msoa11", "lsoa11_msoa11")):
        if not study.has(key):
            continue
        lookups = {**study.table.get("lookups", {}), name: study.registry[key].file}
        _attempt(study, (key,), "lookups", lookups, read_lookups)


# --- figures ---------------------------------------------------------------------------------


def _add_layers(study: Study) -> None:
    taken: list[Table] = []
    given: set[str] = set()
    for group in drafts.draft_layers(study.here, study.has, study.registry, study.folder):
        chosen = _choose_layer(study, group, given)
        if chosen is None:
            continue
        taken.append(chosen.table)
        study.use(chosen.key)
        for other in group:
            study.leave(other.key, "another edition of the same is in the project file")
        if chosen.index:
            study.table["need"] = {"weights": dict(OFFICIAL_WEIGHTS[chosen.index])}
    if taken:
        study.table["layer"] = taken


def _choose_layer(study: Study, group: list[drafts.Draft], given: set[str]) -> drafts.Draft | None:
    """Return the first draft of a group that its reader takes; ``given`` gets its layers."""
    area = study.area
    assert area is not None
    for draft in group:
        if draft.table["from"] not in READERS:
            continue
        try:
            ids = set(read_layers(study.project(layer=[draft.table]), area).specs)
        except PlannerError as err:
            study.leave(draft.key, err.message)
            continue
        if ids & given:
            study.leave(draft.key, f"another file gives {min(ids & given)} already")
            continue
        given |= ids
        return draft
    return None


# --- services, jobs, travel --------------------------------------------------------------------


def _add_streets(study: Study) -> None:
    if not study.has("openstreetmap"):
        return
    entry = study.registry["openstreetmap"]
    record = study.folder.records["openstreetmap"]
    section = {"file": entry.file, "vintage": record.period}
    _attempt(
        study,
        ("openstreetmap",),
        "streets",
        section,
        lambda project: read_streets(project.path(entry.file), what=entry.file),
    )


def _add_postcodes(study: Study) -> None:
    if study.has("postcodes"):
        section = {"file": study.registry["postcodes"].file}
        _attempt(study, ("postcodes",), "postcodes", section, read_postcodes)


def _add_services(study: Study) -> None:
    taken: list[Table] = []
    for draft in drafts.draft_services(study.has, study.registry, study.folder):
        if draft.kind in study.kinds:
            continue
        why = _why_not(study, draft)
        if not why:
            taken.append(draft.table)
            study.kinds.append(draft.kind)
            study.use(draft.key)
        elif draft.key != "openstreetmap":
            # That a kind is not on the map of a place is no fault of the map.
            study.leave(draft.key, why)
    if taken:
        study.table["services"] = taken


def _why_not(study: Study, draft: drafts.Draft) -> str:
    """Say why a file of services cannot be used, "" if it can.

    A register that has postcodes only is tried with the directory of the installed package too,
    which then stands in the project.
    """
    area = study.area
    assert area is not None
    why = "it has no coordinates, and there is no postcode directory to place it by"
    trials: list[Table] = [{}] if "postcodes" in study.table else [{}, {"postcodes": {}}]
    for more in trials:
        try:
            services = read_services(study.project(services=[draft.table], **more), area)
        except PlannerError as err:
            if not more:
                return err.message
            continue
        if len(services.offers):
            study.table.update(more)
            return ""
    return why


def _add_jobs(study: Study) -> None:
    if not study.has("jobs"):
        return
    entry, record = study.registry["jobs"], study.folder.records["jobs"]
    area = study.area
    assert area is not None
    try:
        lookups = read_lookups(study.project())
        rows = build_jobs(
            study.folder.root / entry.file, area, lookups.lsoa11_lsoa21, columns=entry.columns
        )
    except PlannerError as err:
        study.leave("jobs", err.message)
        return
    out = io.StringIO(newline="")
    rows.to_csv(out, lineterminator="\n", index=False)
    study.folder.put_text("jobs.csv", out.getvalue())
    section = {
        "file": "jobs.csv",
        "publisher": entry.publisher,
        "dataset": f"{entry.what}, at a point inside each area",
        "licence": entry.licence,
        "vintage": record.period or entry.vintage,
    }
    _attempt(study, ("jobs",), "jobs", section, lambda project: read_jobs(project, area))


def _add_timetable(study: Study) -> None:
    if not study.has("bus_timetable"):
        return
    entry = study.registry["bus_timetable"]
    try:
        life, _notes = read_service_days(study.folder.root / entry.file, what=entry.file)
    except PlannerError as err:
        study.leave("bus_timetable", err.message)
        return
    days = [life.first + dt.timedelta(days=at) for at in range(len(life.trips))]
    tuesdays = [day for day in days if day.weekday() == TUESDAY and life.on(day)]
    soon = study.here.today + dt.timedelta(days=7)
    if not tuesdays:
        study.leave("bus_timetable", "no trip runs on any Tuesday")
        return
    section = {
        "files": [entry.file],
        "date": min(tuesdays, key=lambda day: (abs((day - soon).days), day)),
        "publisher": entry.publisher,
        "licence": entry.licence,
    }
    _attempt(study, ("bus_timetable",), "timetable", section, check_timetable)


def _add_choices(study: Study) -> None:
    """Choose the bundle and the candidates for hubs out of what is there."""
    bundle = [kind for kind in drafts.BUNDLE if kind in study.kinds]
    if bundle:
        study.table["bundle"] = {"kinds": bundle}
    hubs = [kind for kind in drafts.HUB_KINDS if kind in study.kinds]
    if hubs:
        study.table["hubs"] = {"candidate_kinds": hubs}


def _attempt(
    study: Study,
    keys: tuple[str, ...],
    name: str,
    section: Mapping[str, Any],
    read: Callable[[Project], object],
) -> None:
    """Put a section into the project if its reader takes it, and say why not otherwise."""
    try:
        read(study.project(**{name: section}))
    except PlannerError as err:
        for key in keys:
            study.leave(key, err.message)
        return
    study.table[name] = dict(section)
    for key in keys:
        study.use(key)


# --- words -----------------------------------------------------------------------------------


def build_readme(study: Study, *, made: str) -> str:
    """Return what the folder holds, from whom, and what is still to be done by hand."""
    lines = [f"# {study.here.wanted.name}", "", f"Fetched on {made} by `planner fetch`.", ""]
    lines += ["Run it with `planner run .`, or look at it first with `planner check .`.", ""]
    sections: list[tuple[str, str]] = [
        ("used", "In the project file"),
        ("beside", "In the folder, but not in the project file"),
        ("failed", "Not here"),
    ]
    records = study.folder.records
    for outcome, title in sections:
        chosen = [records[e.id] for e in study.registry if e.id in records]
        chosen = [record for record in chosen if record.outcome == outcome]
        if not chosen:
            continue
        lines += [f"## {title}", ""]
        lines += [_line(study, record) for record in chosen]
        lines.append("")
    lines += ["## How the figures were cut", ""]
    lines += [f"- {text}" for text in _CUTS]
    return "\n".join(lines) + "\n"


_CUTS = (
    "Boundaries and points are of the place and of the areas within 3 km; national tables are kept "
    "as published, and only their rows for these areas are read.",
    "Schools are kept within 20 km, OpenStreetMap within 3 km.",
    "Jobs stand at a point inside each area, not at the workplaces, and those further than 3 km "
    "from the place are not counted.",
)


def _line(study: Study, record: Record) -> str:
    entry = study.registry[record.id]
    text = f"- **{entry.what}** ({entry.publisher}; {record.period or entry.vintage}; "
    text += f"{entry.licence})"
    if record.file:
        text += f": `{record.file}`"
    if record.outcome != "used":
        text += f". {_sentence(record.why)} {record.by_hand}".rstrip()
    return text


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""
