"""Partners' corrections are read with author and date, or refused by file and row."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import DataError
from planner.project import Project, parse_spec
from planner.sources.corrections import correction_sources, read_corrections

HEAD = "action,subject,field,value,author,date,note"
TEMPLATE = Path(__file__).resolve().parents[2] / "data" / "templates" / "local_knowledge.csv"


def project_of(folder: Path, *lines: str, head: str = HEAD, **entry: bool) -> Project:
    (folder / "local.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    table = {
        "place": {"name": "Six", "geography": "lsoa21", "boundaries": "a.geojson"},
        "local": [{"file": "local.csv", **entry}],
    }
    return Project(spec=parse_spec(table, where="planner.toml"), folder=folder.resolve())


def test_a_line_is_read_whole(tmp_path: Path) -> None:
    line = "Correct, Old  library ,Opening,Mo-Fr 09:00-17:00,A. Person,2026-02-03,seen it"
    [found] = read_corrections(project_of(tmp_path, line, show_authors=True))
    assert (found.action, found.subject, found.field) == ("correct", "Old library", "opening")
    assert (found.value, found.author, found.date) == (
        "Mo-Fr 09:00-17:00",
        "A. Person",
        "2026-02-03",
    )
    assert (found.row, found.note) == (2, "seen it")


def test_names_are_not_even_read_unless_the_project_says_so(tmp_path: Path) -> None:
    [found] = read_corrections(project_of(tmp_path, "close,Old library,,,A. Person,2026-02-03,"))
    assert found.author == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("destroy,Old library,,,A,2026-02-03,", "is not an action"),
        ("close,Old library,,,,2026-02-03,", "has no author"),
        ("close,Old library,,,A,,", "has no date"),
        ("close,Old library,,,A,last week,", "is not a date"),
        ("close,,,,A,2026-02-03,x", "has no subject"),
    ],
)
def test_an_unusable_line_is_refused_by_row(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(DataError, match=f"local.csv, row 2: .*{said}"):
        read_corrections(project_of(tmp_path, line))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'author'"):
        read_corrections(project_of(tmp_path, "close,x,2026-02-03", head="action,subject,date"))


def test_the_file_is_a_source_with_its_hash(tmp_path: Path) -> None:
    project = project_of(tmp_path, "close,x,,,A,2026-02-03,")
    [source] = correction_sources(project)
    assert source.sha256 == project.sha256("local.csv")
    assert "local.csv" in list(project.files())


def test_the_template_has_every_column() -> None:
    assert TEMPLATE.read_text(encoding="utf-8").strip() == HEAD
