"""How deprived is each data zone of Scotland, by the Index of Multiple Deprivation 2020?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from planner.errors import DataError
from planner.layers import HighIs, LayerKind, LayerSpec, PublishedTable
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
from planner.sources.tables import match_column

SIMD2020 = Index(
    key="simd2020",
    prefix="simd",
    name="Scottish Index of Multiple Deprivation 2020v2",
    short="SIMD 2020v2",
    nation="Scotland",
    publisher="Scottish Government",
    vintage="2020 (version 2)",
    geography="dz11",
    among=6_976,
)

RANK = re.compile(r"simd(\d{2,4})(v\d)?_(?:([a-z]+)_domain_)?rank")
DOMAINS: dict[str, str] = {
    "income": "Income deprivation",
    "employment": "Employment deprivation",
    "health": "Health deprivation",
    "education": "Education, skills and training deprivation",
    "access": "Poor geographic access to services",
    "crime": "Crime",
    "housing": "Housing deprivation",
}


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One column of the indicators workbook."""

    key: str
    title: str
    kind: LayerKind
    unit: str
    high_is: HighIs = "worse"
    people: str = ""


def _ratio(key: str, title: str) -> Indicator:
    return Indicator(key=key, title=title, kind="rate", unit="standardised ratio, Scotland = 100")


def _share(key: str, title: str, people: str = "", high_is: HighIs = "worse") -> Indicator:
    return Indicator(
        key=key, title=title, kind="share", unit="share", people=people, high_is=high_is
    )


def _count(key: str, title: str) -> Indicator:
    return Indicator(key=key, title=title, kind="count", unit="people", high_is="neither")


def _minutes(key: str, title: str) -> Indicator:
    return Indicator(key=key, title=title, kind="rate", unit="minutes")


#: Column → what it is.
INDICATORS: dict[str, Indicator] = {
    "Total_population": _count("population", "All people, 2017"),
    "Working_age_population": _count("working_age", "People of working age, 2017"),
    "Income_rate": _share("income_rate", "People who are income deprived", "population"),
    "Income_count": _count("income_count", "People who are income deprived"),
    "Employment_rate": _share(
        "employment_rate", "People of working age who are employment deprived", "working_age"
    ),
    "Employment_count": _count("employment_count", "People who are employment deprived"),
    "CIF": _ratio("illness", "Comparative illness factor"),
    "ALCOHOL": _ratio("alcohol", "Hospital stays related to alcohol"),
    "DRUG": _ratio("drugs", "Hospital stays related to drugs"),
    "SMR": _ratio("mortality", "Mortality"),
    "DEPRESS": _share("depression", "People prescribed drugs for anxiety or depression"),
    "LBWT": _share("low_birth_weight", "Live births of low weight"),
    "EMERG": _ratio("emergency_stays", "Emergency stays in hospital"),
    "Attendance": _share("attendance", "School attendance", high_is="better"),
    "Attainment": Indicator(
        key="attainment",
        title="Attainment of school leavers",
        kind="score",
        unit="score",
        high_is="better",
    ),
    "no_qualifications": _ratio("no_qualifications", "Working age people without qualifications"),
    "not_participating": _share(
        "not_participating", "People aged 16 to 19 not in education, work or training"
    ),
    "University": _share("university", "People aged 17 to 21 entering university", "", "better"),
    "drive_petrol": _minutes("drive_petrol", "Drive to a petrol station"),
    "drive_GP": _minutes("drive_gp", "Drive to a GP surgery"),
    "drive_post": _minutes("drive_post_office", "Drive to a post office"),
    "drive_primary": _minutes("drive_primary", "Drive to a primary school"),
    "drive_retail": _minutes("drive_retail", "Drive to a retail centre"),
    "drive_secondary": _minutes("drive_secondary", "Drive to a secondary school"),
    "PT_GP": _minutes("transit_gp", "Public transport to a GP surgery"),
    "PT_post": _minutes("transit_post_office", "Public transport to a post office"),
    "PT_retail": _minutes("transit_retail", "Public transport to a retail centre"),
    "Broadband": _share("no_broadband", "Premises without superfast broadband"),
    "crime_count": Indicator(
        key="crime_count", title="Recorded crimes", kind="count", unit="crimes", high_is="neither"
    ),
    "crime_rate": Indicator(
        key="crime_rate", title="Recorded crimes", kind="rate", unit="per 10,000 people"
    ),
    "overcrowded_count": _count("overcrowded_count", "People in overcrowded households"),
    "nocentralheat_count": _count("no_heating_count", "People without central heating"),
    "overcrowded_rate": _share("overcrowded_rate", "People in overcrowded households"),
    "nocentralheat_rate": _share("no_heating_rate", "People without central heating"),
}
#: Other spellings of a column in the workbook's own list of indicators.
SPELLINGS: dict[str, tuple[str, ...]] = {"drive_post": ("drive_PO",)}
_PART_OF_INDEX = (
    "Part of the index: shown beside it, never weighted together with it. * in the file is a "
    "figure withheld because few people are concerned."
)


def read_simd2020(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read SIMD 2020v2: the workbook of ranks, or that of indicators, by its header.

    Ranks give the published overall rank, a rank a domain (which speaks for the domain) and, of
    the whole country, the overall score rebuilt from these. Indicators are shown only.

    Raises
    ------
    DataError
        The file is of another edition, nation or kind.

    Notes
    -----
    The rounded weights of the domains are the official ones: they reproduce the published ranks,
    the exact fractions (12/43 and so on) do not. Tied data zones share the middle of their ranks.
    """
    refuse_known_keys(entry)
    table = read_entry(
        project,
        entry,
        ["Data_Zone", "SIMD2020v2_Rank", "SIMD2020_Health_Domain_Rank", *INDICATORS],
    )
    ranks = _find_ranks([str(column) for column in table.columns], entry)
    indicators = {
        name: found
        for name in INDICATORS
        if (found := match_column(table, (name, *SPELLINGS.get(name, ())))) is not None
    }
    expected = "the ranks or the indicators of SIMD 2020v2 (Data_Zone, SIMD2020v2_Rank, ...)"
    if not ranks and "Income_rate" not in indicators:
        raise wrong_file(table, entry, expected)
    what = "ranks" if ranks else "indicators"
    source = index_source(project, entry, SIMD2020, f"{SIMD2020.name}, {what}")
    rows, notes = on_area_codes(table, entry, "dz11")
    columns = _ranks(ranks, source) if ranks else []
    if not ranks:
        columns = [
            IndexColumn(
                header=header, spec=_indicator(INDICATORS[name], source), people=_people(name)
            )
            for name, header in indicators.items()
        ]
    return build_index(rows, entry, columns, index=SIMD2020, notes=notes, scored=bool(ranks))


def _find_ranks(headers: list[str], entry: LayerEntry) -> dict[str, str]:
    """Return domain ("" for the overall rank) → header; refuse another edition by name."""
    found = {}
    for header in headers:
        match = RANK.fullmatch(header.casefold().replace(" ", "_"))
        if match is None:
            continue
        year, version, domain = match.group(1), match.group(2) or "", match.group(3) or ""
        if year != "2020" or (not version and domain in {"", "income"}):
            edition = f"SIMD {year}" if year != "2020" else "the first version of SIMD 2020"
            raise DataError(
                f"{entry.file}: expected SIMD 2020v2, found column {header!r}: {edition}.",
                hint="Download the ranks of SIMD 2020v2, which corrected the income domain.",
            )
        if domain and domain not in DOMAINS:
            continue
        found[domain] = header
    missing = sorted({"", *DOMAINS} - set(found))
    if found and missing:
        name = missing[0] or "overall"
        raise DataError(
            f"{entry.file}: has no {name} rank, which SIMD 2020v2 has.",
            hint="Use the publisher's own workbook of ranks.",
        )
    return found


def _ranks(found: dict[str, str], source: Source) -> list[IndexColumn]:
    columns = [IndexColumn(header=found[""], spec=overall_rank(SIMD2020, source))]
    for domain, title in DOMAINS.items():
        spec = domain_rank(SIMD2020, source, domain, title, domain=domain)
        columns.append(IndexColumn(header=found[domain], spec=spec))
    return columns


def _indicator(indicator: Indicator, source: Source) -> LayerSpec:
    return figure(
        SIMD2020,
        source,
        indicator.key,
        indicator.title,
        kind=indicator.kind,
        unit=indicator.unit,
        high_is=indicator.high_is,
        decimals=0 if indicator.kind == "count" else 2,
        caveat=_PART_OF_INDEX,
    )


def _people(name: str) -> str:
    people = INDICATORS[name].people
    return f"{SIMD2020.prefix}_{people}" if people else ""
