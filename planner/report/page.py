"""How do findings, maps and tables become one page that anybody can open, read out or print?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from planner.area import GEOGRAPHY_NAMES
from planner.ledger import Note
from planner.maps import build_svg_map
from planner.report import before_after, bundle, findings, hubs, needs, outreach, tables, timed
from planner.report.layers import build_hub_points, build_map_layers
from planner.report.sections import Section, keep_sections, say_left_out
from planner.report.tables import Table
from planner.report.why import Why, build_why
from planner.standards import kind_words
from planner.travel.getting_about import MODE_WORDS
from planner.wording import say_list, say_many

if TYPE_CHECKING:
    import geopandas as gpd

    from planner.maps import MapLayer
    from planner.plan import Plan

MAX_ITEMS = 200
#: So many of the greatest gaps are explained one by one.
MOST_EXPLAINED = 10
STAGE_WORDS = {
    "place": "The place and its areas",
    "area": "The place and its areas",
    "layers": "What is known of each area",
    "crosswalk": "From one geography to another",
    "services": "Services",
    "jobs": "Jobs",
    "timetable": "Timetables",
    "streets": "Streets",
    "travel": "Journeys",
    "need": "Need",
    "neighbourhoods": "Types of neighbourhood",
    "access": "Access",
    "gaps": "Gaps",
    "bundle": "The whole bundle",
    "equity": "Fairness",
    "hubs": "Hubs",
    "rota": "Outreach rota",
    "outcomes": "Shared outcomes",
    "before_after": "Before and after",
    "private": "The council's own records",
    "local": "Local knowledge",
}


@dataclass(frozen=True, kw_only=True)
class NoteGroup:
    """What was done to the figures in one stage, each with which ones it was done to."""

    title: str
    notes: tuple[Note, ...]


def build_report(plan: Plan, *, leave: Collection[str] = ()) -> str:
    """Return the plan as one page of HTML that needs nothing outside itself, not even a script.

    Every text from a file is escaped. The same plan gives the same page. Parts whose ids are in
    ``leave`` are left out, and the page says which.
    """
    return write_report(plan, build_sections(plan), leave=leave)


def write_report(plan: Plan, sections: Sequence[Section], *, leave: Collection[str] = ()) -> str:
    """Return the page made of ready parts, without those whose ids are in ``leave``."""
    place = plan.area
    kept = keep_sections(sections, leave)
    return _template().render(
        place=place.name,
        geography=GEOGRAPHY_NAMES.get(place.geography, place.geography),
        size=findings.count_people(plan),
        points_kind=place.points_kind,
        scenario=plan.scenario.name if plan.scenario.changes else "",
        watermarks=plan.watermarks,
        key_findings=[
            line for part, lines in _key_findings(plan) if part not in leave for line in lines
        ],
        sections=kept,
        left_out=say_left_out(sections, leave),
        standards=tables.build_standards_table(plan),
        sources=tables.build_sources_table(plan),
        all_areas=tables.build_all_areas_table(plan),
        note_groups=group_notes(plan.notes),
        max_items=MAX_ITEMS,
        limits=build_limits(plan),
        method=_method(plan),
    )


def _key_findings(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    """Return what is said first, by the part of the page that it is from."""
    return [
        ("before-after", before_after.find_before_after(plan)[:1]),
        ("need", findings.find_need(plan)[:2]),
        ("together", needs.find_together(plan)[:1]),
        ("sure", needs.find_sure(plan)[:1]),
        ("types", findings.find_types(plan)[:1]),
        ("minutes", findings.find_access(plan)[:1]),
        ("gaps", findings.find_gaps(plan)[:2]),
        ("hubs", hubs.find_hubs(plan)[:1]),
    ]


def group_notes(notes: Sequence[Note]) -> list[NoteGroup]:
    """Return notes by stage, in the order the stages come in."""
    order = list(dict.fromkeys(note.stage for note in notes))
    ordered = sorted(notes, key=lambda note: order.index(note.stage))
    return [
        NoteGroup(
            title=STAGE_WORDS.get(stage, stage.replace("_", " ").capitalize()),
            notes=tuple(group),
        )
        for stage, group in groupby(ordered, key=lambda note: note.stage)
    ]


def _method(plan: Plan) -> str:
    """Say what journeys were timed by, and when people leave if that matters."""
    way, method = plan.way, plan.access.method
    return method if way.percentile is None else f"{method}; {way.words}"


_JOURNEY_LIMITS: Mapping[str, str] = {
    "walk": "Journeys are on foot, so without buses, trains and fares. Opening times at the moment "
    "of arrival, steps and hills are not modelled.",
    "cycle": "Journeys are by bicycle along legal streets. Hills, traffic, confidence and having a "
    "bicycle, and opening times at the moment of arrival, are not modelled.",
    "drive": "Journeys are by car at the speeds of the streets. Congestion, parking and having a "
    "car, and opening times at the moment of arrival, are not modelled.",
    "transit": "Journeys are by the timetable of one day, with walking to, between and from stops, "
    "or on foot all the way. Delays, cancellations, full buses, fares, steps and hills, and "
    "opening times at the moment of arrival, are not modelled.",
}


def build_limits(plan: Plan) -> tuple[str, ...]:
    """Return what these figures cannot say, in plain words."""
    found = [
        "Areas are not people: that two things are high in the same area does not say that they "
        "are in the same person's life.",
        "Ranks and tenths are within this place. They say nothing about other places, and a rank "
        "of 1 is not twice as needy as a rank of 2.",
        *_say_journeys(plan),
        "Services are those in the files listed under Sources; one that is missing there looks "
        "like a gap here.",
    ]
    if plan.access.approximate:
        found.append(
            f"Journeys are by {plan.access.method}, not routes: rivers, railways and motorways are "
            "ignored, so real journeys can be much longer."
        )
    if plan.area.points_kind == "representative points":
        found.append(
            "People are taken to set out from a point inside each area that is not where they live."
        )
    text = " ".join(
        f"{spec.id} {spec.title} {spec.source.dataset} {spec.unit}".lower()
        for spec in plan.layers.specs.values()
    )
    if ("census" in text or "activ" in text) and plan.area.codes.str.match("[EW]").any():
        found.append(
            "The census in England and Wales was taken on 21 March 2021, in lockdown: work, study "
            "and furlough that day were unusual."
        )
    inherited = plan.layers.status.loc[plan.area.codes].eq("inherited").sum()
    names = [
        f"{plan.layers.specs[key].title} ({count} of {len(plan.area.codes)} areas)"
        for key, count in inherited.items()
        if count
    ]
    if names:
        found.append(
            f"Published for larger or older areas and inherited by the ones here: "
            f"{'; '.join(names)}. Neighbours then share one figure; they are not independent."
        )
    if plan.area.fictional:
        found.append("The place is fictional; nothing here describes a real one.")
    return tuple(found)


def _say_journeys(plan: Plan) -> Iterator[str]:
    """Say what is not in the journeys, and what standards on foot are held against."""
    mode = plan.way.mode
    yield _JOURNEY_LIMITS[mode]
    if timed.get_timed(plan) is not None:
        yield (
            "Trips to the whole bundle that are timed end to end say where a door is closed when "
            "one arrives; only they do."
        )
    others = [MODE_WORDS[way.mode] for way in plan.ways.values() if way.mode != mode]
    if others:
        yield (
            f"Gaps and hubs go by journeys {MODE_WORDS[mode]}. Journeys "
            f"{say_list(list(dict.fromkeys(others)))} are in the files beside this page."
        )
    apart = [kind for kind in plan.compliance.kinds if plan.compliance.modes[kind] != mode]
    if apart:
        ways = dict.fromkeys(MODE_WORDS[plan.compliance.modes[kind]] for kind in apart)
        yield (
            f"Standards are held against journeys by the way each is meant for: "
            f"{say_list(list(ways))} for {say_list([kind_words(kind) for kind in apart])}."
        )


def build_sections(
    plan: Plan, *, tell: Callable[[str, float], None] | None = None
) -> list[Section]:
    """Return the parts of the page in the order of the questions, each with its map and tables.

    ``tell`` is told which part is drawn and how far that is (0-1); what it raises stops the work.
    """
    say = tell or (lambda words, share: None)
    say("Writing findings and tables", 0.0)
    layers = build_map_layers(plan)
    areas = plan.areas
    found: dict[str, tuple[str, tuple[str, ...], list[Table | None]]] = {
        **before_after.build_parts(plan),
        "need": (
            "Where needs stack up",
            findings.find_need(plan),
            [tables.build_need_table(plan)],
        ),
        "sure": (
            "How sure the ranks are",
            needs.find_sure(plan),
            [needs.build_sure_table(plan)],
        ),
        "together": (
            "Where needs come together",
            needs.find_together(plan),
            [needs.build_together_table(plan), needs.build_chance_table(plan)],
        ),
        "clusters": (
            "Where need clusters",
            needs.find_clusters(plan),
            [needs.build_clusters_table(plan)],
        ),
        "types": (
            "Which neighbourhoods are alike",
            findings.find_types(plan),
            [tables.build_portraits_table(plan), tables.build_types_table(plan)],
        ),
        "minutes": (
            "Who cannot reach what",
            findings.find_access(plan),
            [tables.build_access_table(plan), bundle.build_fairness_table(plan)],
        ),
        "gaps": (
            "Where the gaps are",
            findings.find_gaps(plan),
            [tables.build_gaps_table(plan), tables.build_larger_gaps_table(plan)],
        ),
        "bundle": (
            "What cannot be put together",
            bundle.find_bundle(plan),
            [
                bundle.build_signatures_table(plan),
                bundle.build_trips_table(plan),
                timed.build_timed_table(plan),
            ],
        ),
        "hubs": (
            "Where a hub would help most",
            (*hubs.find_hubs(plan), *hubs.find_choice(plan)),
            [
                hubs.build_hubs_table(plan),
                hubs.build_gainers_table(plan),
                hubs.build_beyond_table(plan),
                hubs.build_ladder_table(plan),
                hubs.build_alternatives_table(plan),
                hubs.build_steadiness_table(plan),
            ],
        ),
        **outreach.build_parts(plan),
    }
    shown = {key: part for key, part in found.items() if part[1]}
    sections: list[Section] = []
    for key, (title, sentences, beside) in shown.items():
        say(f"Drawing “{title}”", (1 + len(sections)) / (1 + len(shown)))
        layer = layers.get(key)
        sections.append(
            Section(
                id=key,
                title=title,
                sentences=sentences,
                map=None if layer is None else _draw(plan, areas, layer, with_hubs=key == "hubs"),
                map_title="" if layer is None else layer.title,
                tables=tuple(table for table in beside if table is not None),
                whys=explain_gaps(plan) if key == "gaps" else (),
            )
        )
    return sections


def explain_gaps(plan: Plan) -> tuple[Why, ...]:
    """Return why the areas with the greatest gaps for the bundle are gaps, greatest first."""
    table = findings.bundle_gaps(plan)
    first = table[table["gap_status"] == "gap"].head(MOST_EXPLAINED)
    return tuple(build_why(plan, str(code)) for code in first["area_code"])


def _draw(plan: Plan, areas: gpd.GeoDataFrame, layer: MapLayer, *, with_hubs: bool) -> Markup:
    svg = build_svg_map(
        areas,
        layer.classes,
        title=layer.title,
        alt=_alt(layer),
        backdrop=plan.backdrop,
        points=build_hub_points(plan) if with_hubs else None,
    )
    return Markup(svg)  # noqa: S704 - build_svg_map escapes every text in it


def _alt(layer: MapLayer) -> str:
    """Return what is to be seen on a map: its finding, and how many areas are in each class."""
    counts = "; ".join(
        f"{entry.label}: {say_many(entry.count, 'area')}"
        for entry in layer.classes.entries
        if entry.count
    )
    return f"{layer.finding} {counts}."


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("planner.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")
