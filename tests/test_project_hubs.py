"""Settings of hubs that contradict each other, or miss what their model needs, are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from planner.errors import DataError, ProjectError
from planner.project import HubSettings, Project, parse_spec
from planner.sources.hub_costs import hub_costs_sources, read_hub_costs

BARE = {"place": {"name": "A", "geography": "lsoa21", "boundaries": "a.geojson"}}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"forced": ["a"], "closed": ["a"]}, "a is forced and closed at once"),
        ({"existing": ["a"], "closed": ["a"]}, "a is existing and closed at once"),
        ({"existing": ["a"], "forced": ["a"]}, "a is existing and forced at once"),
        ({"forced": ["a", "a"]}, "forced: the venue a stands in it twice"),
        ({"budget": 100}, "a budget needs costs"),
        ({"model": "capacitated_cover"}, "needs costs"),
        ({"model": "fair_cover"}, "fair_cover needs share"),
        ({"share": 0.5}, "p_median takes no share"),
        ({"model": "set_cover", "share": 0}, "greater than 0"),
        ({"model": "nearest"}, "p_median"),
        ({"draws": -1}, "greater than or equal to 0"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        HubSettings.model_validate(changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mode": "drive"}, "drive journeys are not timed; add drive to access.modes"),
        ({"percentile": "reliable"}, "walk journeys take the same time at any minute"),
        ({"penalty_minutes": 100}, "below access.cutoff"),
        ({"model": "max_cover", "within_minutes": 150}, "beyond the longest journey searched"),
    ],
)
def test_journeys_that_are_not_timed_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ProjectError, match=words):
        parse_spec({**BARE, "hubs": changes}, where="planner.toml")


def test_minutes_of_covers_do_not_matter_to_other_models() -> None:
    spec = parse_spec({**BARE, "hubs": {"within_minutes": 150}}, where="planner.toml")
    assert not spec.hubs.covers


def project(folder: Path, text: str, **settings: object) -> Project:
    (folder / "costs.csv").write_text(text, encoding="utf-8")
    hubs = {"costs": "costs.csv", **settings}
    spec = parse_spec({**BARE, "hubs": hubs}, where="planner.toml")
    return Project(spec=spec, folder=folder.resolve())


def test_costs_are_read_by_venue(tmp_path: Path) -> None:
    found = project(tmp_path, 'venue_id,cost,capacity\nb,"1,200",\na,0,300\n', budget=5000)
    costs = read_hub_costs(found)
    assert costs is not None
    assert costs.index.tolist() == ["a", "b"]
    assert costs["cost"].tolist() == [0.0, 1200.0]
    assert costs["capacity"].isna().tolist() == [False, True]


def test_costs_are_among_the_files_and_sources(tmp_path: Path) -> None:
    found = project(tmp_path, "venue_id,cost\na,1\n")
    assert "costs.csv" in list(found.files())
    (source,) = hub_costs_sources(found)
    assert (source.file, source.sha256) == ("costs.csv", found.sha256("costs.csv"))


@pytest.mark.parametrize(
    ("text", "settings", "words"),
    [
        ("venue,cost\na,1\n", {}, "no column 'venue_id'"),
        ("venue_id,cost\na,1\na,2\n", {}, "row 3: the venue 'a' stands twice"),
        ("venue_id,cost\na,-1\n", {}, "row 2: '-1' is no cost"),
        ("venue_id,capacity\na,many\n", {}, "row 2: 'many' is no capacity"),
        ("venue_id,cost\n,1\n", {}, "row 2: no venue_id"),
        ("venue_id,capacity\na,1\n", {"budget": 1}, "there is no cost in it"),
        ("venue_id,cost\na,1\n", {"model": "capacitated_cover"}, "there is no capacity in it"),
    ],
)
def test_a_file_of_costs_that_cannot_be_is_refused(
    tmp_path: Path, text: str, settings: dict[str, object], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        read_hub_costs(project(tmp_path, text, **settings))
