"""Is everything there? What a project holds, what is missing, and what each layer covers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from planner.area import GEOGRAPHY_NAMES, StudyArea
from planner.errors import DataError
from planner.layers import Layers
from planner.ledger import Note, Source
from planner.left_out import build_left_out_note
from planner.local_knowledge import build_local_knowledge
from planner.project import Project
from planner.services import Services
from planner.sources.caseload import read_private_layers
from planner.sources.corrections import correction_sources, read_corrections
from planner.sources.jobs import read_jobs
from planner.sources.layers import read_layers
from planner.sources.outcomes import read_contributions
from planner.sources.place import read_study_area
from planner.sources.services import read_services
from planner.sources.teams import read_teams
from planner.sources.timetable import check_timetable

if TYPE_CHECKING:
    from planner.sources.feed_doctor import FeedReport


@dataclass(frozen=True, kw_only=True)
class Check:
    """A project's stock-take: one headline, tables by title, and notes in words.

    ``refused`` says what would stop a run, "" nothing.
    """

    headline: str
    tables: dict[str, pd.DataFrame]
    notes: tuple[str, ...]
    refused: str = ""


def build_check(project: Project, *, progress: Callable[[str, float], None] | None = None) -> Check:
    """Read everything a project names, and say what there is and what there is not."""
    tell = progress or (lambda _words, _share: None)
    tell("Reading the places people live", 0.0)
    area = read_study_area(project)
    tell("Reading what is known of each area", 0.2)
    layers = read_layers(project, area)
    tell("Finding services", 0.5)
    services = read_services(project, area)
    local = build_local_knowledge(
        services, layers, area, read_corrections(project), sources=correction_sources(project)
    )
    services, layers = local.services, local.layers
    layers, _ = read_private_layers(project, area, layers)
    jobs = read_jobs(project, area)
    _check_outreach(project, services)
    tell("Checking timetables", 0.8)
    timetable, report = _timetables(project, area, tell)
    tell("Done", 1.0)
    notes = [*area.notes, *layers.notes, *services.notes, *(jobs.notes if jobs else ()), *timetable]
    left_out = build_left_out_note(project.spec)
    notes += [*local.notes, *([left_out] if left_out is not None else [])]
    words = [note.text for note in notes]
    if jobs is None:
        words.append("No jobs file: jobs within reach are not measured.")
    if not project.spec.streets.file:
        words.append(
            f"No streets file: journeys are straight lines × {project.spec.streets.detour:g}."
        )
    if project.spec.timetable is None:
        words.append("No timetable: journeys by public transport are not measured.")
    if not project.spec.rota.teams:
        words.append("No list of outreach teams ([rota] teams): no rota is made.")
    sources = [*area.sources, *(s.source for s in layers.specs.values()), *services.sources]
    sources += [jobs.source] if jobs else []
    numbered = {source: at for at, source in enumerate(dict.fromkeys(sources), start=1)}
    return Check(
        headline=_headline(project, area),
        tables={
            "Layers": _short(coverage_table(layers, area), layers, numbered),
            "Services": supply_table(services, area),
            "Sources": _sources(numbered),
            **(feed_tables(report) if report is not None else {}),
        },
        notes=tuple(words),
        refused=_refused(report),
    )


def _check_outreach(project: Project, services: Services) -> None:
    """Read the project's teams and table of outcomes, which is to refuse what cannot be in them."""
    from planner.plan.rota import find_bases, refuse_unknown_kinds  # slow to import

    teams = read_teams(project)
    if teams is not None:
        refuse_unknown_kinds(teams, services, project.spec)
        find_bases(teams, services)
    read_contributions(project)


def _refused(report: FeedReport | None) -> str:
    notes = report.notes if report is not None else ()
    return next((note.text for note in notes if note.what == "timetable_refused"), "")


def _timetables(
    project: Project, area: StudyArea, tell: Callable[[str, float], None]
) -> tuple[tuple[Note, ...], FeedReport | None]:
    """Examine the timetables, and say what to do about the day if none can run on it."""
    if project.spec.timetable is None:
        return (), None
    from planner.sources.feed_doctor import read_feed_report  # these two are slow to import
    from planner.sources.streets import read_streets

    file = project.spec.streets.file
    try:
        covered = check_timetable(project)
    except DataError:
        # What can be said of single rows comes first: it may be why nothing runs.
        report = read_feed_report(project, area)
        if report is None or not (report.problems["outcome"] == "file refused").any():
            raise
        return report.notes, report
    report = read_feed_report(
        project,
        area,
        streets=read_streets(project.path(file), what=file) if file else None,
        progress=lambda words, share: tell(words, 0.8 + 0.2 * share),
    )
    return (*(report.notes if report else ()), *covered), report


def feed_tables(report: FeedReport) -> dict[str, pd.DataFrame]:
    """Return what was found in the timetables as tables by title; shares in per cent."""
    feeds = report.feeds.set_index("file").T
    feeds.index.name = "timetable"
    tables = {"Timetables": feeds.reset_index()}
    if len(report.problems):
        tables["Problems in the timetables"] = report.problems
    if len(report.days):
        middle = int(report.days["chosen"].to_numpy().argmax())
        days = report.days.iloc[max(middle - 7, 0) : middle + 8]
        tables["Trips on the days around"] = _percent(
            days.assign(
                chosen=days["chosen"].map({True: "chosen", False: ""}),
                median=days["median"].map(lambda trips: f"{trips:,.0f}"),
            ).rename(columns={"median": "median of the weekday", "share": "of that"}),
            "of that",
        )
    if len(report.reach):
        tables["Areas with a departure on the day near them"] = _percent(
            report.reach.assign(people=report.reach["people"].round().astype(int)),
            *("areas_share", "people_share"),
        ).rename(
            columns={
                "metres": "metres (straight line)",
                "areas_share": "of all areas",
                "people_share": "of all people",
            }
        )
    if len(report.hours):
        busy = report.hours.index[report.hours["departures"] > 0]
        hours = report.hours.loc[busy.min() : busy.max()] if len(busy) else report.hours[:0]
        hours = hours.assign(hour=hours["hour"].map(lambda hour: f"{hour:02d}:00"))
        tables["Departures in the place by hour"] = _percent(hours, "people_share").rename(
            columns={"people_share": "people with one within 400 m"}
        )
    return tables


def _percent(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    def words(share: float) -> str:
        return "" if pd.isna(share) else f"{share:.0%}"

    return table.assign(**{column: table[column].map(words) for column in columns})


def _headline(project: Project, area: StudyArea) -> str:
    context = len(area.areas) - len(area.codes)
    return (
        f"{area.name}: {len(area.codes)} areas, {GEOGRAPHY_NAMES[area.geography]}, "
        f"{area.place['population'].sum():,.0f} people"
        + (f"; {context} context areas around it" if context else "")
        + f"; people set out from {_points_words(area)}"
        + (". Fictional" if area.fictional else "")
        + "."
    )


def _points_words(area: StudyArea) -> str:
    points = len(area.place_points)
    if area.points_kind == "several points":
        return f"{points} points, several an area"
    return f"{points} {area.points_kind} points".replace("points points", "points")


def _short(coverage: pd.DataFrame, layers: Layers, numbered: dict[Source, int]) -> pd.DataFrame:
    """Return the coverage with a number for each source, so that it fits a terminal."""
    if not len(coverage):  # a project without layers
        return coverage
    short = coverage.drop(columns=["published for", "date"])
    short["source"] = [numbered[layers.specs[layer].source] for layer in short["layer"]]
    return short


def _sources(numbered: dict[Source, int]) -> pd.DataFrame:
    rows = [
        {
            "source": at,
            "publisher": source.publisher,
            "dataset": source.dataset,
            "date": source.vintage or "not stated",
            "licence": source.licence,
            "file": source.file.rpartition("/")[2],
        }
        for source, at in numbered.items()
    ]
    return pd.DataFrame(rows)


def coverage_table(layers: Layers, area: StudyArea) -> pd.DataFrame:
    """Return one row a layer: what it is, how many areas have a value and how, source and date."""
    coverage = layers.coverage(area.codes)
    rows = []
    for key, spec in layers.specs.items():
        counts = coverage.loc[key]
        known = counts["areas"] - counts["missing"] - counts["suppressed"]
        rows.append(
            {
                "layer": key,
                "title": spec.title,
                "domain": spec.domain or "shown only",
                "areas with a value": f"{known} of {counts['areas']}",
                "inherited": counts["inherited"],
                "shared or merged": counts["apportioned"] + counts["merged"],
                "corrected": counts["corrected"],
                "suppressed": counts["suppressed"],
                "rounding": f"to {spec.rounded_to}" if spec.rounded_to else "not stated",
                "published for": GEOGRAPHY_NAMES.get(spec.geography, spec.geography),
                "source": f"{spec.source.publisher}, {spec.source.dataset}",
                "date": spec.source.vintage or "not stated",
            }
        )
    return pd.DataFrame(rows)


def _told(offers: pd.DataFrame, services: Services) -> str:
    """Say for how many of the offers there is more than a place, such as ``languages 3``."""
    at = services.venues.loc[offers["venue_id"]]
    counts = {
        "name": (offers["service_name"] != "").sum(),
        "languages": (offers["languages"] != "").sum(),
        "accessibility": (at["accessibility"] != "").sum(),
        "same building": (at["co_located_with"] != "").sum(),
    }
    return ", ".join(f"{what} {count}" for what, count in counts.items() if count)


def supply_table(services: Services, area: StudyArea) -> pd.DataFrame:
    """Return one row a kind of service: how many inside and outside the place, and unplaced."""
    place = area.place.union_all()
    inside = services.venues.geometry.intersects(place)
    offers = services.offers.join(inside.rename("inside"), on="venue_id")
    unplaced = services.unplaced["kind"].value_counts()
    rows = []
    for kind in sorted({*offers["kind"], *unplaced.index}):
        mine = offers[offers["kind"] == kind]
        rows.append(
            {
                "kind": kind,
                "inside the place": int(mine["inside"].sum()),
                "outside it": int((~mine["inside"]).sum()) if len(mine) else 0,
                "could not be placed": int(unplaced.get(kind, 0)),
                "also told": _told(mine, services),
                "source": "; ".join(
                    sorted({services.sources[i].file for i in mine["source"] if i >= 0})
                ),
            }
        )
    table = pd.DataFrame(rows)
    # Where no file tells more, a column for it would be blank.
    return table if not len(table) or table["also told"].any() else table.drop(columns="also told")
