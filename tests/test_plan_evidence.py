"""What is known of a place is read without timing a journey, as a whole plan reads it."""

from __future__ import annotations

from pathlib import Path

from square_projects import layer, place

from planner.cache import Memo
from planner.plan.evidence import make_evidence
from planner.project import Project

NEED = layer("figures.csv", 'hardship = "need"', domains='hardship = "income"')


def test_only_areas_and_layers_are_worked_out(tmp_path: Path) -> None:
    memo = Memo()
    found = make_evidence(Project.read(place(tmp_path / "west", 10, NEED)), memo=memo)
    assert memo.computed == ["area", "layers"]
    assert list(found.layers.specs) == ["hardship"]
    assert len(found.area.codes) == 6


def test_a_missing_street_file_is_no_matter(tmp_path: Path) -> None:
    folder = place(tmp_path / "west", 10, NEED + '[streets]\nfile = "none.osm.pbf"\n')
    assert len(make_evidence(Project.read(folder)).area.codes) == 6


def test_partners_corrections_are_in_it(tmp_path: Path) -> None:
    folder = place(tmp_path / "west", 10, NEED + '[[local]]\nfile = "local.csv"\n')
    (folder / "local.csv").write_text(
        "action,subject,field,value,author,date,note\n"
        "correct,E01000010,hardship,42,Ward office,2026-01-05,counted again\n"
    )
    layers = make_evidence(Project.read(folder)).layers
    assert layers.values.loc["E01000010", "hardship"] == 42
    assert layers.status.loc["E01000010", "hardship"] == "corrected"


def test_private_records_are_not_even_opened(tmp_path: Path) -> None:
    private = '[[private]]\nid = "cases"\ntitle = "Cases"\nfile = "none.csv"\ndomain = "debt"\n'
    weights = "[need]\nweights = { income = 1, debt = 2 }\n"
    folder = place(tmp_path / "west", 10, NEED + private + weights)
    found = make_evidence(Project.read(folder))
    assert "cases" not in found.layers.specs
    assert found.settings.weights == {"income": 1}
