"""Cases are counted to areas by postcode, and no message has anything of the file in it."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest
from places import CODES, tiny_area, tiny_layers

from planner.errors import DataError, PlannerError, ProjectError
from planner.private import PrivateLayer
from planner.project import Project, parse_spec
from planner.sources.caseload import read_private_layers

#: One postcode in the middle of each square, one far away.
DIRECTORY = ["pcds,oseast1m,osnrth1m"] + [
    f"ZZ1 {i}AA,{430500 + 1000 * (i % 3)},{390500 + 1000 * (i // 3)}" for i in range(6)
]
DIRECTORY.append("ZZ9 9ZZ,600000,200000")
FILE = "hush_register.csv"


def project_of(
    folder: Path, text: str, *, entries: list[dict[str, Any]] | None = None, **more: Any
) -> Project:
    (folder / "postcodes.csv").write_text("\n".join(DIRECTORY) + "\n", encoding="utf-8")
    (folder / "a.geojson").write_text("{}", encoding="utf-8")
    (folder / FILE).write_text(text, encoding="utf-8")
    entry = {"id": "cases", "title": "Cases", "file": FILE}
    table = {
        "place": {"name": "Six", "geography": "lsoa21", "boundaries": "a.geojson"},
        "postcodes": {"file": "postcodes.csv"},
        "private": entries or [entry],
    } | more
    spec = parse_spec({k: v for k, v in table.items() if v is not None}, where="planner.toml")
    return Project(spec=spec, folder=folder.resolve())


def cases(**numbers: int) -> str:
    """Return a register with so many rows a postcode (``z0`` is ZZ1 0AA)."""
    lines = ["surname,postcode"]
    for name, count in numbers.items():
        postcode = {"far": "ZZ9 9ZZ", "odd": "somewhere"}.get(name, f"zz1 {name[1:]}aa")
        lines += [f"Quillfeather,{postcode}"] * count
    return "\n".join(lines) + "\n"


def read(project: Project) -> tuple[Any, PrivateLayer]:
    layers, (private,) = read_private_layers(project, tiny_area(context=1), tiny_layers())
    return layers, private


def test_cases_are_counted_by_polygon_the_context_too(tmp_path: Path) -> None:
    layers, private = read(project_of(tmp_path, cases(z0=12, z1=9, z2=33, z5=61)))
    counts = private.protected.counts
    assert counts[[CODES[0], CODES[2], CODES[5]]].tolist() == [10, 35, 60]
    assert counts[[CODES[1], CODES[3], CODES[4]]].isna().all()
    # 10 cases of 1,000 people, and 60 of 1,500 in the context.
    assert layers.values["cases"][[CODES[0], CODES[5]]].tolist() == [10.0, 40.0]


def test_rows_that_are_nowhere_are_said_roughly(tmp_path: Path) -> None:
    layers, _ = read(project_of(tmp_path, cases(z0=20, far=12, odd=3)))
    words = {note.what: (note.count, note.text) for note in layers.notes}
    assert words["private_outside"][0] == 10
    assert "about 10 rows lie outside" in words["private_outside"][1]
    assert words["private_unmatched"][0] == 0
    assert "fewer than 10 rows" in words["private_unmatched"][1]


def test_part_of_a_postcode_is_too_little_to_count_by(tmp_path: Path) -> None:
    text = cases(z0=20) + "Quillfeather,ZZ1\n" * 15
    layers, private = read(project_of(tmp_path, text))
    assert private.protected.counts[CODES[0]] == 20
    assert any(n.what == "private_unmatched" and n.count == 15 for n in layers.notes)


def test_a_count_layer_can_be_the_denominator(tmp_path: Path) -> None:
    entry = {"id": "cases", "title": "Cases", "file": FILE, "denominator": "income"}
    with pytest.raises(ProjectError, match="not a layer of counts"):
        read(project_of(tmp_path, cases(z0=20), entries=[entry]))


def test_groups_come_from_reporting(tmp_path: Path) -> None:
    rows = "\n".join(f"{code},{'w1' if i < 4 else 'w2'}" for i, code in enumerate(CODES))
    (tmp_path / "wards.csv").write_text(f"area_code,ward\n{rows}\n", encoding="utf-8")
    project = project_of(
        tmp_path,
        cases(z0=4, z1=5, z2=6, z3=7, z4=50),
        reporting={"lookup": "wards.csv", "group_column": "ward"},
    )
    _, private = read(project)
    totals = private.protected.totals.set_index("code")["count"]
    assert (totals["w1"], totals["w2"], totals[""]) == (20, 50, 70)


def test_several_private_layers_say_what_they_must_not_be(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text(cases(z0=20), encoding="utf-8")
    entries = [
        {"id": "cases", "title": "Cases", "file": FILE},
        {"id": "others", "title": "Others", "file": "two.csv"},
    ]
    layers, private = read_private_layers(
        project_of(tmp_path, cases(z0=20), entries=entries), tiny_area(), tiny_layers()
    )
    assert [layer.id for layer in private] == ["cases", "others"]
    assert any(note.what == "private_several" for note in layers.notes)


# --- messages -------------------------------------------------------------------------------

SECRETS = ("Quillfeather", "ZZ1", "zz1", "hush", "register", "0AA", "0aa")
BROKEN = {
    "a quote that never ends": 'surname,postcode\n"Quillfeather,zz1 0aa\n' + "Quillfeather,zz1 0aa",
    "a row too wide": "surname,postcode\n"
    + "Quillfeather,zz1 0aa\n" * 300
    + "Quillfeather,zz1 0aa,Quillfeather,zz1 1aa\n",
    "no header": "Quillfeather,zz1 0aa\nQuillfeather,zz1 1aa\n",
    "no known postcode": "surname,postcode\nQuillfeather,zz1 9xx\nQuillfeather,hush\n",
    "all outside": "surname,postcode\nQuillfeather,ZZ9 9ZZ\n",
    "empty": "",
    "a web page": "<html><body>Quillfeather zz1 0aa</body></html>",
    "binary": "\x00\x01Quillfeather\x00zz1 0aa",
    "JSON": '{"surname": "Quillfeather", "postcode": "zz1 0aa"}',
}


@pytest.mark.parametrize("what", BROKEN)
def test_no_error_carries_anything_of_the_file(tmp_path: Path, what: str) -> None:
    project = project_of(tmp_path, BROKEN[what])
    with pytest.raises(PlannerError) as caught:
        read(project)
    _nothing_told(caught.value, tmp_path)


def test_a_broken_row_is_told_by_number(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 302 has 4 cells, the header 2"):
        read(project_of(tmp_path, BROKEN["a row too wide"]))


def _nothing_told(error: BaseException, folder: Path) -> None:
    assert error.__cause__ is None
    assert error.__context__ is None
    # The lines of source in a traceback are ours; what it says at its end is the error.
    said = "".join(traceback.format_exception_only(error)) + str(error)
    assert not [secret for secret in (*SECRETS, str(folder)) if secret in said]


def test_a_missing_file_is_not_named(tmp_path: Path) -> None:
    project = project_of(tmp_path, cases(z0=20))
    (tmp_path / FILE).unlink()
    with pytest.raises(ProjectError, match="not in the project's folder") as caught:
        read(project)
    _nothing_told(caught.value, tmp_path)


def test_rows_without_a_known_postcode_are_told_by_number(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="first rows: 2, 3"):
        read(project_of(tmp_path, BROKEN["no known postcode"]))


def test_an_unforeseen_error_is_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_: object, **__: object) -> None:
        raise RuntimeError("Quillfeather lives at zz1 0aa")

    monkeypatch.setattr("planner.sources.caseload.match_postcodes", burst)
    with pytest.raises(DataError) as caught:
        read(project_of(tmp_path, cases(z0=20)))
    _nothing_told(caught.value, tmp_path)


def test_a_private_file_may_not_be_an_open_one_too(tmp_path: Path) -> None:
    project = project_of(tmp_path, cases(z0=20), jobs={"file": f"./{FILE}"})
    with pytest.raises(ProjectError, match="named elsewhere") as caught:
        read(project)
    _nothing_told(caught.value, tmp_path)


def test_without_a_postcode_directory_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no \\[postcodes\\]"):
        read(project_of(tmp_path, cases(z0=20), postcodes=None))


def test_a_wrong_key_in_the_section_does_not_tell_its_file(tmp_path: Path) -> None:
    entry = {"id": "cases", "file": FILE, "path": "hush"}
    with pytest.raises(ProjectError) as caught:
        project_of(tmp_path, cases(z0=20), entries=[entry])
    assert caught.value.__cause__ is None
    assert "hush" not in str(caught.value)


# --- the project file -----------------------------------------------------------------------


def test_a_resolved_project_says_only_that_something_is_gone(tmp_path: Path) -> None:
    entry = {"id": "cases", "title": "Cases", "file": FILE, "domain": "care"}
    project = project_of(tmp_path, cases(z0=20), entries=[entry])
    text = project.to_toml()
    assert text.startswith("# Private layers left out")
    assert not [
        secret for secret in ("hush", "postcode_column", 'denominator = "pop') if secret in text
    ]
    again = project.without_private()
    assert again.spec.private == []
    assert again.spec.left_out is not None
    assert (again.spec.left_out.private, again.spec.left_out.layers) == (1, ["cases"])
    assert again.to_toml() == text


def test_a_private_file_is_none_of_the_projects_files(tmp_path: Path) -> None:
    assert FILE not in list(project_of(tmp_path, cases(z0=20)).files())
