"""What does a project not have, what cannot be said without it, and what would it need?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.compliance import NO_CAR_LAYER
from planner.need.inactivity import MEASURE
from planner.standards import kind_words

if TYPE_CHECKING:
    from planner.project import Project
    from planner.services import Services

COLUMNS = ["what", "without_it", "needs"]

#: Layer → what it is, what cannot be said without it, what would bring it.
_LAYERS = {
    MEASURE: (
        "People not working",
        "Who is out of work, retired people and students aside, is not shown.",
        'A [[layer]] with from = "ts066" and Census table TS066 of the place (Nomis).',
    ),
    "life_expectancy": (
        "Life expectancy",
        "How long people live is not shown beside need.",
        'A [[layer]] with from = "life_expectancy_msoa" and the life expectancy of larger areas '
        "(OHID, Fingertips 93283), with [lookups] from areas to those larger areas.",
    ),
    NO_CAR_LAYER: (
        "Households without a car",
        "People without a car are not counted apart where journeys are long.",
        'A [[layer]] with from = "ts045" and Census table TS045 of the place (Nomis).',
    ),
}


def find_missing(project: Project, layers: Any, services: Services) -> pd.DataFrame:
    """Return what the project does not have, what matters most first.

    Parameters
    ----------
    layers
        What is known of the areas, with ``specs`` by layer.

    Returns
    -------
    missing
        A row a thing: `COLUMNS`, all in words; ``needs`` names the file and the setting.
    """
    spec = project.spec
    rows: list[tuple[str, str, str]] = []
    if not any(one.domain for one in layers.specs.values()):
        rows.append(
            (
                "Domains of need",
                "Areas cannot be ranked by need.",
                "A [[layer]] with the domain scores of the deprivation index, and its domains "
                "named in [layer.domains]; planner fetch brings it.",
            )
        )
    offered = set(services.kinds)
    rows += [
        (
            kind_words(kind, plural=True)[:1].upper() + kind_words(kind, plural=True)[1:],
            "Nobody can be said to reach them, or all of the bundle.",
            f'[[services]] with kind = "{kind}" and a table of their names and postcodes or '
            "coordinates (data/templates/services.csv shows one).",
        )
        for kind in spec.bundle.kinds
        if kind not in offered
    ]
    rows += _journeys(project)
    held = list(layers.specs)
    rows += [
        words for layer, words in _LAYERS.items() if not any(key.startswith(layer) for key in held)
    ]
    rows += _plans(project)
    return pd.DataFrame(rows, columns=COLUMNS)


def _journeys(project: Project) -> list[tuple[str, str, str]]:
    spec, rows = project.spec, []
    if not spec.streets.file and not spec.matrix:
        rows.append(
            (
                "Streets",
                "Journeys are straight lines: rivers, railways and motorways are ignored.",
                "[streets] file: an OpenStreetMap extract of the place (.osm.pbf or .osm); "
                "planner fetch brings one.",
            )
        )
    if spec.timetable is None and not any(one.mode == "transit" for one in spec.matrix):
        rows.append(
            (
                "A timetable",
                "Journeys by bus and train are not known.",
                "[timetable] files and date: GTFS timetables of the region (Bus Open Data "
                "Service), beside [streets].",
            )
        )
    if spec.jobs is None:
        rows.append(
            (
                "Jobs",
                "How many jobs can be reached is not known.",
                "[jobs] file: a table with the number of jobs and where they are.",
            )
        )
    return rows


def _plans(project: Project) -> list[tuple[str, str, str]]:
    spec, rows = project.spec, []
    if not spec.rota.teams:
        rows.append(
            (
                "Outreach teams",
                "No weeks of outreach can be planned.",
                "[rota] teams: a table of teams (data/templates/teams.csv shows one).",
            )
        )
    if spec.reporting is None:
        rows.append(
            (
                "Wards or other groups of areas",
                "Figures are not summed up for wards.",
                "[reporting] lookup: a table from small areas to wards.",
            )
        )
    return rows
