"""How deprived is each area of Northern Ireland, by its Multiple Deprivation Measure 2017?"""

from __future__ import annotations

import re

from planner.layers import PublishedTable
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

NIMDM2017 = Index(
    key="nimdm2017",
    prefix="nimdm",
    name="Northern Ireland Multiple Deprivation Measure 2017",
    short="NIMDM 2017",
    nation="Northern Ireland",
    publisher="Northern Ireland Statistics and Research Agency",
    vintage="2017",
    geography="soa01",
    among=890,
)

#: Domain → title, and what its rank's header is like in the workbook and in short-named CSVs.
DOMAINS: dict[str, tuple[str, str]] = {
    "income": ("Income deprivation", r"income domain rank|d1_income_rank"),
    "employment": ("Employment deprivation", r"employment domain rank|d2_empl_rank"),
    "health": (
        "Health deprivation and disability",
        r"health deprivation and disability domain rank|d3_health_rank",
    ),
    "education": (
        "Education, skills and training deprivation",
        r"education, skills and training domain rank|[dp]4_education_rank",
    ),
    "access": ("Poor access to services", r"access to services domain rank|[dp]5_access_rank"),
    "environment": ("Living environment", r"living environment domain rank|d6_livenv_rank"),
    "crime": ("Crime and disorder", r"crime and disorder domain rank|d7_cd_rank"),
}
OVERALL = r"multiple deprivation measure rank|mdm_rank"
#: Layer → title, unit and header of the percentages beside the income and employment ranks.
SHARES: dict[str, tuple[str, str]] = {
    "income_rate": (
        "People living in households that are income deprived",
        r"(?:proportion|percentage) of the population living in households whose|income_perc$",
    ),
    "employment_rate": (
        "People of working age who are employment deprived",
        r"(?:proportion|percentage) of (?:the )?working age population who are employment"
        r"|empl_perc$",
    ),
}


def read_nimdm2017(project: Project, entry: LayerEntry) -> PublishedTable:
    """Read the Super Output Area results of NIMDM 2017: overall and domain ranks.

    The percentages of income and employment deprived people are read where the sheet has them.

    Raises
    ------
    DataError
        The file is another table, or not on the Super Output Areas of 2001.

    Notes
    -----
    Keyed from the workbook's headers as public code names them (sheet MDM); it was not at hand.
    """
    refuse_known_keys(entry)
    table = read_entry(
        project,
        entry,
        ["SOA2001"],
    )
    headers = {re.sub(r"\s+", " ", str(c)).casefold().strip(): str(c) for c in table.columns}

    def find(pattern: str) -> str | None:
        return next((h for name, h in headers.items() if re.match(pattern, name)), None)

    overall = find(OVERALL)
    domains = {key: find(pattern) for key, (_, pattern) in DOMAINS.items()}
    shares = {key: find(pattern) for key, (_, pattern) in SHARES.items()}
    if overall is None and not any(domains.values()):
        raise wrong_file(
            table,
            entry,
            "the Super Output Area results of NIMDM 2017 (SOA2001, Multiple Deprivation Measure "
            "Rank, a rank a domain)",
        )
    source = index_source(project, entry, NIMDM2017, f"{NIMDM2017.name}, Super Output Area results")
    rows, notes = on_area_codes(table, entry, "soa01")
    columns = _columns(overall, domains, shares, source)
    return build_index(rows, entry, columns, index=NIMDM2017, notes=notes, scored=True)


def _columns(
    overall: str | None,
    domains: dict[str, str | None],
    shares: dict[str, str | None],
    source: Source,
) -> list[IndexColumn]:
    columns = []
    if overall is not None:
        columns.append(IndexColumn(header=overall, spec=overall_rank(NIMDM2017, source)))
    for key, header in domains.items():
        if header is not None:
            spec = domain_rank(NIMDM2017, source, key, DOMAINS[key][0], domain=key)
            columns.append(IndexColumn(header=header, spec=spec))
    for key, header in shares.items():
        if header is not None:
            spec = figure(
                NIMDM2017,
                source,
                key,
                SHARES[key][0],
                kind="share",
                unit="share",
                high_is="worse",
                decimals=3,
                caveat="Northern Ireland measures low income in another way than the other nations."
                if key == "income_rate"
                else "",
            )
            columns.append(IndexColumn(header=header, spec=spec, percent=True))
    return columns
