"""How deprived is each area of England, by the Indices of Deprivation of 2025 or 2019?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from planner.errors import DataError
from planner.layers import LayerKind, LayerSpec, PublishedTable
from planner.ledger import Source
from planner.project import LayerEntry, Project
from planner.sources.deprivation.index_table import (
    Index,
    IndexColumn,
    build_index,
    domain_rank,
    figure,
    index_source,
    overall_rank,
    wrong_file,
)
from planner.sources.published import on_area_codes, read_entry, refuse_known_keys
from planner.sources.tables import vintage_in

_MHCLG = "Ministry of Housing, Communities and Local Government"
IOD2025 = Index(
    key="iod2025",
    prefix="iod",
    name="Index of Multiple Deprivation 2025",
    short="IoD 2025",
    nation="England",
    publisher=_MHCLG,
    vintage="2025",
    geography="lsoa21",
    among=33_755,
)
IOD2019 = Index(
    key="iod2019",
    prefix="iod",
    name="Index of Multiple Deprivation 2019",
    short="IoD 2019",
    nation="England",
    publisher=_MHCLG,
    vintage="2019",
    geography="lsoa11",
    among=32_844,
)
EDITIONS: dict[str, Index] = {
    "iod2025": IOD2025,
    "iod2025_file1": IOD2025,
    "iod2019": IOD2019,
}

IOD_RANK = "Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived)"
OVERALL = "index of multiple deprivation (imd)"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One thing the indices score, rank and put in tenths."""

    key: str
    title: str
    domain: str | None = None
    kind: LayerKind = "score"
    people: str = ""


#: What a header begins with → what it measures. Shares ("score (rate)") have their people.
MEASURES: dict[str, Measure] = {
    OVERALL: Measure(key="imd", title="Overall score"),
    "income": Measure(
        key="income",
        title="Income deprivation",
        domain="income",
        kind="share",
        people="population",
    ),
    "employment": Measure(
        key="employment",
        title="Employment deprivation",
        domain="employment",
        kind="share",
        people="working_age",
    ),
    "education, skills and training": Measure(
        key="education", title="Education, skills and training deprivation", domain="education"
    ),
    "health deprivation and disability": Measure(
        key="health", title="Health deprivation and disability", domain="health"
    ),
    "crime": Measure(key="crime", title="Crime", domain="crime"),
    "barriers to housing and services": Measure(
        key="barriers", title="Barriers to housing and services", domain="barriers"
    ),
    "living environment": Measure(
        key="environment", title="Living environment deprivation", domain="environment"
    ),
    "income deprivation affecting children index (idaci)": Measure(
        key="idaci",
        title="Income deprivation affecting children (IDACI)",
        kind="share",
        people="children",
    ),
    "income deprivation affecting older people (idaopi)": Measure(
        key="idaopi",
        title="Income deprivation affecting older people (IDAOPI)",
        kind="share",
        people="older_people",
    ),
    "children and young people sub-domain": Measure(
        key="children_education", title="Education of children and young people (sub-domain)"
    ),
    "adult skills sub-domain": Measure(key="adult_skills", title="Adult skills (sub-domain)"),
    "geographical barriers sub-domain": Measure(
        key="geographical_barriers", title="Geographical barriers (sub-domain)"
    ),
    "wider barriers sub-domain": Measure(key="wider_barriers", title="Wider barriers (sub-domain)"),
    "indoors sub-domain": Measure(key="indoors", title="Indoor living environment (sub-domain)"),
    "outdoors sub-domain": Measure(key="outdoors", title="Outdoor living environment (sub-domain)"),
}
#: What a header of people begins with → layer, title.
PEOPLE: dict[str, tuple[str, str]] = {
    "total population": ("population", "All people"),
    "dependent children aged 0-15": ("children", "Dependent children aged 0 to 15"),
    "population aged 16-59": ("aged_16_59", "People aged 16 to 59"),
    "older population aged 60 and over": ("older_people", "People aged 60 and over"),
    "working age population": ("working_age", "People of working age, for employment deprivation"),
}
DIRECTION = "1 = most deprived tenth"


def read_iod(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read a file of the English Indices of Deprivation: File 1, 2, 3, 5, 6 or 7 by its header.

    Every published column becomes a layer: scores with their domain, ranks and deciles shown
    only, denominators as counts. Where a file ranks the domains without scores (File 2), the
    ranks speak for the domains. ``iod2025_file1`` takes the overall rank alone.

    Raises
    ------
    DataError
        The file is of another year, nation or kind.

    Notes
    -----
    The decile's header is cut short in File 1 of 2025: a header is known by how it begins. File 3
    repeats the overall rank of File 1; it is not taken from there.
    """
    refuse_known_keys(entry)
    index = EDITIONS[entry.reader]
    table = read_entry(
        project,
        entry,
        [
            IOD_RANK,
            "Index of Multiple Deprivation (IMD) Rank",
            "LSOA code (2021)",
            "LSOA code (2011)",
        ],
    )
    columns = [str(column) for column in table.columns]
    _refuse_other_edition(columns, index, entry)
    found = find_measures(columns)
    people = find_people(columns)
    if entry.reader == "iod2025_file1":
        found, people = {pair: at for pair, at in found.items() if pair == ("imd", "rank")}, {}
    if not found and not people:
        raise wrong_file(table, entry, _expected(index))
    file = _which_file(found, people)
    source = index_source(
        project, entry, index, f"English Indices of Deprivation {index.vintage}, {file}"
    )
    rows, notes = on_area_codes(table, entry, index.geography)
    if not rows.index.str.startswith("E").all():
        raise wrong_file(table, entry, _expected(index))
    layers = [
        *_measure_columns(found, index, source, whole=file != "File 3"),
        *_people_columns(people, index, source),
    ]
    return build_index(rows, entry, layers, index=index, notes=notes)


def find_measures(headers: list[str]) -> dict[tuple[str, str], str]:
    """Return (measure, "score" | "rank" | "decile") → header, in the measures' order."""
    found: dict[tuple[str, str], str] = {}
    for header in headers:
        match = re.match(r"(.+?)\s+(score|rank|decile)\b", header.casefold())
        if match is not None and match.group(1) in MEASURES:
            found.setdefault((MEASURES[match.group(1)].key, match.group(2)), header)
    order = [measure.key for measure in MEASURES.values()]
    return dict(sorted(found.items(), key=lambda item: order.index(item[0][0])))


def find_people(headers: list[str]) -> dict[str, str]:
    """Return layer → header of the columns that count people."""
    found: dict[str, str] = {}
    for header in headers:
        for start, (key, _) in PEOPLE.items():
            if header.casefold().startswith(start):
                found.setdefault(key, header)
    return found


def _refuse_other_edition(columns: list[str], index: Index, entry: LayerEntry) -> None:
    code = next((c for c in columns if c.casefold().startswith("lsoa") and vintage_in(c)), "")
    year = vintage_in(code) if code else None
    other = ""
    if year == "2011" and index is IOD2025:
        other = "the 2019 indices or older, on the areas of 2011"
    elif year == "2021" and index is IOD2019:
        other = "the 2025 indices, on the areas of 2021"
    district = next((c for c in columns if c.casefold().startswith("local authority dist")), "")
    if not other and index is IOD2019 and "2013" in district:
        code, other = district, "the 2015 indices"
    if other:
        raise DataError(
            f"{entry.file}: expected {_expected(index)}, found column {code!r}: {other}.",
            hint=f"Download the file of the {index.vintage} indices.",
        )


def _expected(index: Index) -> str:
    area = "2021" if index is IOD2025 else "2011"
    return (
        f"a file of the English Indices of Deprivation {index.vintage} (File 1, 2, 3, 5, 6 or 7: "
        f"LSOA code ({area}), IMD Rank)"
    )


def _which_file(found: dict[tuple[str, str], str], people: dict[str, str]) -> str:
    measures, whats = {key for key, _ in found}, {what for _, what in found}
    if people:
        return "File 7" if found else "File 6"
    if "score" in whats:
        return "File 7" if "rank" in whats else "File 5"
    if measures <= {"imd"}:
        return "File 1"
    return "File 3" if measures & {"idaci"} and "income" not in measures else "File 2"


def _measure_columns(
    found: dict[tuple[str, str], str], index: Index, source: Source, *, whole: bool
) -> list[IndexColumn]:
    measures = {measure.key: measure for measure in MEASURES.values()}
    columns = []
    for (key, what), header in found.items():
        if key == "imd" and not whole:
            continue
        measure = measures[key]
        if what == "score":
            spec, people = _score(measure, index, source), f"{index.prefix}_{measure.people}"
            columns.append(IndexColumn(header=header, spec=spec, people=people))
        elif what == "rank" and key == "imd":
            columns.append(IndexColumn(header=header, spec=overall_rank(index, source)))
        elif what == "rank":
            domain = measure.domain if (key, "score") not in found else None
            spec = domain_rank(index, source, key, measure.title, domain=domain)
            columns.append(IndexColumn(header=header, spec=spec))
        else:
            columns.append(IndexColumn(header=header, spec=_decile(measure, index, source)))
    return columns


def _score(measure: Measure, index: Index, source: Source) -> LayerSpec:
    share = measure.kind == "share"
    overall = measure.key == "imd"
    return figure(
        index,
        source,
        "score" if overall else measure.key,
        "Overall score, shown only" if overall else measure.title,
        kind=measure.kind,
        unit="share" if share else "score",
        high_is="worse" if measure.domain or share else "neither",
        domain=measure.domain,
        denominator=next((t for k, t in PEOPLE.values() if k == measure.people), None),
        decimals=3,
    )


def _decile(measure: Measure, index: Index, source: Source) -> LayerSpec:
    return figure(
        index,
        source,
        "decile" if measure.key == "imd" else f"{measure.key}_decile",
        f"{measure.title.removesuffix(' score')}, tenth of England",
        kind="rank",
        unit=f"decile, {DIRECTION}",
        decimals=0,
        caveat="A tenth of one edition: never carried over, averaged or compared with another.",
    )


def _people_columns(people: dict[str, str], index: Index, source: Source) -> list[IndexColumn]:
    titles = dict(PEOPLE.values())
    return [
        IndexColumn(
            header=header,
            spec=figure(index, source, key, titles[key], kind="count", unit="people", decimals=0),
        )
        for key, header in people.items()
    ]


__all__ = ["EDITIONS", "IOD2019", "IOD2025", "IOD_RANK", "find_measures", "read_iod"]
