"""How is a section of the project file written, ready to be pasted?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import tomlkit
from tomlkit.items import Table

from planner.sources.text import clean_text


def services_section(
    *, file: str, kind: str, keys: Mapping[str, str], sheet: str = "", reader: str = ""
) -> str:
    """Return a ``[[services]]`` section as TOML; ``reader`` is that of a known register."""
    table = build_table({"kind": kind, "from": reader, "file": file, "sheet": sheet, **keys})
    return write_section("services", [table], file=file)


def jobs_section(*, file: str, keys: Mapping[str, str], sheet: str = "") -> str:
    """Return a ``[jobs]`` section as TOML."""
    table = build_table({"file": file, "sheet": sheet, **keys})
    return write_section("jobs", [table], file=file, several=False)


def private_section(*, file: str, postcode_column: str) -> str:
    """Return a ``[[private]]`` section as TOML, under a name that tells nothing."""
    named = {"id": "cases", "title": "Cases", "file": file, "postcode_column": postcode_column}
    return write_section("private", [build_table(named)], file=file, cited=False)


def build_table(cells: Mapping[str, object]) -> Table:
    """Return a TOML table of the cells that are filled."""
    table = tomlkit.table()
    for key, value in cells.items():
        if value:
            table.add(key, value)
    return table


def write_section(
    name: str,
    tables: Sequence[Table],
    *,
    file: str,
    several: bool = True,
    cited: bool = True,
    last: Mapping[int, Mapping[str, Mapping[str, str]]] | None = None,
) -> str:
    """Return tables under one name as TOML, with what is still to be done as comments.

    Parameters
    ----------
    name
        What the project file calls the section.
    tables
        One, or where there may be ``several``, any number.
    file
        What the file is to be saved as.
    cited
        Whether publisher, licence and date are asked for.
    last
        Position of a table → tables within it, which TOML wants at its end.
    """
    document = tomlkit.document()
    said = f"Save {file} beside planner.toml, and paste this at the end of planner.toml."
    document.add(tomlkit.comment(clean_text(said)))
    for table in tables if cited else ():
        table.add(tomlkit.comment('publisher = "Who made the table"'))
        table.add(tomlkit.comment('licence = "On what terms it may be used"'))
        table.add(tomlkit.comment('vintage = "Of when it is"'))
    for at, inner in (last or {}).items():
        for key, cells in inner.items():
            tables[at].append(key, build_table(cells))
    if several:
        array = tomlkit.aot()
        for table in tables:
            array.append(table)
        document.append(name, array)
    else:
        document.append(name, tables[0])
    return tomlkit.dumps(document)
