from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from planted_types import grid_graph, place, round_blobs
from scipy.sparse import csr_array

from planner.errors import ProjectError
from planner.neighbourhoods.choosing import (
    Choice,
    build_choice,
    choose_k,
    estimate_seconds,
    tell_slow,
)
from planner.neighbourhoods.inputs import build_type_inputs
from planner.project import NeighbourhoodSettings


def choice(rows: np.ndarray, *, graph: Any = None, **settings: Any) -> Choice:
    columns = {f"layer_{at}": column for at, column in enumerate(rows.T)}
    layers, area = place(columns)
    options = NeighbourhoodSettings(**settings)
    return build_choice(build_type_inputs(layers, area, options), "Made", options, graph=graph)


def table(**columns: list[float]) -> pd.DataFrame:
    """Return diagnostics of 3, 4, 5 ... types, each of ten areas at least."""
    count = len(next(iter(columns.values())))
    frame = pd.DataFrame(columns, index=pd.RangeIndex(3, 3 + count, name="k"))
    return frame if "smallest" in frame else frame.assign(smallest=10)


def chosen(diagnostics: pd.DataFrame, **settings: Any) -> int:
    return choose_k(diagnostics, 100, NeighbourhoodSettings(**settings))[0]


# The rules


@pytest.mark.parametrize(
    ("silhouette", "k"),
    [([0.30, 0.40, 0.35], 4), ([0.395, 0.40, 0.35], 3), ([np.nan, 0.2, 0.25], 5)],
)
def test_the_highest_silhouette_or_the_simpler_where_close(silhouette: list[float], k: int) -> None:
    assert chosen(table(silhouette=silhouette)) == k


@pytest.mark.parametrize(("ratio", "k"), [([90.0, 100, 80], 4), ([99.5, 100, 80], 3)])
def test_the_highest_ratio_or_the_simpler_where_close(ratio: list[float], k: int) -> None:
    assert chosen(table(calinski_harabasz=ratio), rule="calinski_harabasz") == k


@pytest.mark.parametrize(
    ("gap", "se", "k"),
    [
        # Tibshirani and others: the first whose gap is at least the next less its error.
        ([0.5, 0.9, 0.92, 1.5], [0.1, 0.1, 0.05, 0.1], 4),
        # None is: the widest.
        ([0.5, 0.9, 1.4, 2.0], [0.1, 0.1, 0.1, 0.1], 6),
        ([0.9, 0.5, 0.4, 0.3], [0.0, 0.0, 0.0, 0.0], 3),
    ],
)
def test_the_gap_within_an_error_of_the_next(gap: list[float], se: list[float], k: int) -> None:
    assert chosen(table(gap=gap, gap_se=se), rule="gap") == k


def test_the_lowest_bic() -> None:
    assert chosen(table(bic=[10.0, 5, 7]), rule="bic") == 4


def test_types_too_small_are_avoided() -> None:
    assert chosen(table(silhouette=[0.3, 0.4, 0.2], smallest=[10, 2, 9])) == 3


def test_types_too_small_everywhere_are_told() -> None:
    diagnostics = table(silhouette=[0.3, 0.4, 0.2], smallest=[2, 1, 1])
    k, _, notes = choose_k(diagnostics, 100, NeighbourhoodSettings())
    assert (k, [note.what for note in notes]) == (4, ["types_small"])


def test_the_users_number_wins_and_is_said() -> None:
    k, rule, _ = choose_k(table(silhouette=[0.3, 0.4, 0.2]), 100, NeighbourhoodSettings(k=5))
    assert k == 5
    assert "set in the project file" in rule


def test_a_mixture_with_an_empty_type_is_never_chosen() -> None:
    assert chosen(table(bic=[10.0, 5, 7], smallest=[2, 0, 1]), rule="bic") == 5


def test_a_number_that_a_mixture_cannot_fill_is_refused() -> None:
    with pytest.raises(ProjectError, match="k = 4: a mixture leaves one"):
        chosen(table(bic=[10.0, 5, 7], smallest=[2, 0, 1]), k=4)
    with pytest.raises(ProjectError, match="at every number tried"):
        chosen(table(bic=[10.0, 5], smallest=[0, 0]), rule="bic")


@pytest.mark.parametrize(
    ("method", "rule"),
    [
        ("kmeans", "silhouette"),
        ("kmeans", "calinski_harabasz"),
        ("kmeans", "gap"),
        ("kmeans", "bic"),
        ("gaussian_mixture", "bic"),
        ("ward", "silhouette"),
    ],
)
def test_every_rule_finds_the_planted_number(method: str, rule: str) -> None:
    found = choice(round_blobs()[0], method=method, rule=rule, k_min=3, k_max=6)
    assert found.k == 4


# What is told


def test_areas_that_differ_by_degrees_are_told() -> None:
    rows = np.random.default_rng(2).normal(size=(200, 2))
    assert "types_no_clear_groups" in {note.what for note in choice(rows, k_max=5).notes}


def test_areas_of_several_kinds_are_not() -> None:
    notes = {note.what for note in choice(round_blobs()[0], k_max=5).notes}
    assert "types_no_clear_groups" not in notes


def test_one_type_can_be_asked_for() -> None:
    found = choice(round_blobs()[0], k=1, k_max=4)
    assert found.fit.sizes.tolist() == [240]


def parts(*sizes: int) -> csr_array:
    ends = np.cumsum(sizes)
    links = [at for at in range(int(ends[-1]) - 1) if at + 1 not in ends]
    shape = (int(ends[-1]), int(ends[-1]))
    return csr_array((np.ones(len(links)), (links, np.array(links) + 1)), shape=shape)


LINE = np.arange(20.0)[:, None] ** 1.5


def test_islands_are_told_under_a_contiguity_constraint() -> None:
    found = choice(LINE, graph=parts(1, 14, 5), method="ward_regions", k_min=2, k_max=6)
    (note,) = [note for note in found.notes if note.what == "types_parts"]
    assert note.items == ("E01000000", *(f"E010000{at}" for at in range(15, 20)))
    assert "in 3 parts that do not touch: one of 14 areas" in note.text
    assert "no fewer than 3 types" in note.text
    assert list(found.diagnostics.index) == [3, 4, 5, 6]


@pytest.mark.parametrize(("settings", "name"), [({"k": 2}, "k = 2"), ({"k_max": 3}, "k_max = 3")])
def test_more_islands_than_types_are_refused(settings: dict[str, int], name: str) -> None:
    with pytest.raises(ProjectError, match=f"{name}, but types are to be connected") as caught:
        choice(LINE, graph=parts(1, 13, 1, 5), method="ward_regions", **settings)
    assert "E01000000" in caught.value.message
    assert "at least 4 types" in caught.value.hint


def test_a_place_of_islands_only_is_refused() -> None:
    with pytest.raises(ProjectError, match="nothing to join"):
        choice(LINE[:4], graph=parts(1, 1, 1, 1), method="ward_regions", k_min=2)


def test_areas_that_do_not_differ_can_still_be_regions() -> None:
    rows = np.repeat([0.0, 1.0], [30, 51])[:, None]
    found = choice(rows, graph=grid_graph(9), method="ward_regions", k=4)
    assert len(found.fit.sizes) == 4


def test_a_gap_that_takes_long_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.neighbourhoods.choosing._GAP_UPTO", {"kmeans": 100})
    rows, _ = round_blobs()
    found = choice(rows, k_max=4)
    assert found.diagnostics["gap"].isna().all()
    assert "types_gap_left_out" in {note.what for note in found.notes}
    assert choice(rows, k_max=4, rule="gap").diagnostics["gap"].notna().all()


@pytest.mark.parametrize("method", ["kmeans", "gaussian_mixture", "ward_regions"])
def test_no_method_but_ward_takes_a_minute_at_5000_areas(method: str) -> None:
    assert estimate_seconds(5_000, 12, NeighbourhoodSettings(method=method)) < 60


def test_what_takes_more_than_a_minute_is_said() -> None:
    (note,) = tell_slow(10_000, 12, NeighbourhoodSettings(method="ward"))
    assert note.what == "types_slow"
    assert "10,000 areas this method takes about 2 minutes" in note.text
