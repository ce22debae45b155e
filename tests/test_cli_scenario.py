"""A scenario file on the command line: read, refused, worked out, and set beside today."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bundle_projects import row_of_squares

from planner import Memo, Project, Scenario, make_plan
from planner.export import write_out
from planner.export.before_after import MEANINGS
from planner.export.tables import meaning_of
from planner.plan.make import TODAY_WORDS, _make
from planner.scenario import MoveVenue, SetStatus, from_toml, to_toml
from planner.scenario.files import CHANGE_WORDS, MAX_BYTES

TEMPLATE = Path(__file__).resolve().parent.parent / "data" / "templates" / "scenario.toml"
LIBRARY = "library:libraries"
#: The library goes from the fourth square to the sixth, 20 minutes along the row.
MOVES = (
    f'name = "It moves"\n[[change]]\nwhat = "move_venue"\nvenue_id = "{LIBRARY}"\nx = 405500.0\n'
)
MOVES += "y = 500.0\n"
FILES = [
    "before_after_areas.csv", "before_after_summary.csv", "before_after_types.csv",
    "before_after_tenths.csv", "before_after_partners.csv", "before_after_equity.csv",
    "equality_evidence.csv",
]  # fmt: skip

Run = Callable[..., tuple[int, str, str]]


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def examples() -> Iterator[str]:
    """Yield each example of the template as it stands once the # is gone."""
    lines = TEMPLATE.read_text(encoding="utf-8").splitlines()
    plain = "\n".join(line[1:] for line in lines if re.match(r"#\S", line))
    for part in plain.split("[[change]]")[1:]:
        yield f'name = "One"\n[[change]]{part}'


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return row_of_squares(tmp_path_factory.mktemp("row"))


# --- the template ---------------------------------------------------------------------------------


def test_every_example_of_the_template_can_be_read() -> None:
    found = [from_toml(text) for text in examples()]
    assert all(len(one.changes) == 1 for one in found)
    assert {type(one.changes[0]) for one in found} == set(CHANGE_WORDS.values())
    assert [from_toml(to_toml(one)) for one in found] == found


def test_the_template_as_it_stands_changes_nothing() -> None:
    assert from_toml(TEMPLATE.read_bytes()) == Scenario(name="My scenario")


def test_the_template_shows_every_key_but_one_of_two() -> None:
    shown = {
        row["what"]: set(row) - {"what"}
        for text in examples()
        for row in tomllib.loads(text)["change"]
    }
    missing = {
        (word, key)
        for word, kind in CHANGE_WORDS.items()
        for key in set(kind.__dataclass_fields__) - shown[word]
    }
    assert missing == {("change_frequency", "factor"), ("new_estate", "area_code")}


# --- bad files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no scenario file"),
        (b"name = ", "not a TOML file"),
        (b"\xff\xfe\x00", "not a TOML file"),
        (b"#" * (MAX_BYTES + 1), "too long"),
        (b'[[change]]\nwhat = "close_venue"\nvenue_id = "v"\n', "needs a name"),
        (b'name = "x"\n[[change]]\nwhat = "close_venu"\n', "close_venue"),
        (b'name = "x"\n[[change]]\nwhat = "close_venue"\nvenue_id = "nowhere"\n', "nowhere"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_two_lines(
    planner: Run, row: Project, tmp_path: Path, text: bytes | None, said: str
) -> None:
    file = tmp_path / "changes.toml"
    if text is not None:
        file.write_bytes(text)
    code, out, err = planner("run", row.folder, "-o", tmp_path / "out", "--scenario", file)
    told = [line for line in err.splitlines() if not re.match(r" *\d+%", line)]
    assert (code, out) == (2, "")
    assert 1 <= len(told) <= 2
    assert said in " ".join(told)
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_a_folder_is_no_scenario(planner: Run, row: Project, tmp_path: Path) -> None:
    code, _, err = planner("run", row.folder, "-o", tmp_path / "out", "--scenario", tmp_path)
    assert code == 2
    assert "no scenario file" in err


# --- what comes of one ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def moved(row: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of the library's move."""
    out = tmp_path_factory.mktemp("moved") / "out"
    write_out(make_plan(row, from_toml(MOVES)), out)
    return out


def test_before_and_after_by_hand(moved: Path) -> None:
    table = rows(moved / "before_after_areas.csv")
    library = [row for row in table if row["kind"] == "library"]
    before = [f"{10 * abs(square - 3):.1f}" for square in range(6)]
    after = [f"{10 * abs(square - 5):.1f}" for square in range(6)]
    assert [row["minutes_before"] for row in library] == before
    assert [row["minutes_after"] for row in library] == after
    assert [row["change"] for row in library] == [*["longer"] * 4, "same", "sooner"]
    # Squares have 1,000, 1,100, ... people.
    of_kind = {row["kind"]: row for row in rows(moved / "before_after_summary.csv")}
    assert of_kind["library"]["people_winning"] == "1500"
    assert of_kind["library"]["people_losing"] == str(1000 + 1100 + 1200 + 1300)
    assert of_kind["library"]["people_net"] == "-3100"
    assert of_kind["gp"]["people_unchanged"] == of_kind["gp"]["people"] == "7500"
    assert list(of_kind)[-1] == "any_kind"


def test_files_are_in_the_manifest_and_the_changes_beside_them(moved: Path) -> None:
    manifest = json.loads((moved / "manifest.json").read_text(encoding="utf-8"))
    names = [entry["file"] for entry in manifest["files"]]
    assert [name for name in names if name in {*FILES, "scenario.toml"}] == [
        *FILES,
        "scenario.toml",
    ]
    assert manifest["scenario"]["name"] == "It moves"
    assert from_toml((moved / "scenario.toml").read_bytes()) == from_toml(MOVES)


def test_every_column_has_a_meaning(moved: Path) -> None:
    columns = {column for name in FILES for column in rows(moved / name)[0]}
    assert sorted(column for column in columns if not meaning_of(column)) == []
    assert set(MEANINGS) <= columns


def test_the_scenario_written_gives_the_same_bytes_again(
    planner: Run, row: Project, moved: Path, tmp_path: Path
) -> None:
    # The file lies outside the project's folder.
    again, changes = tmp_path / "again", moved / "scenario.toml"
    code, out, err = planner("run", row.folder, "-o", again, "--scenario", changes)
    assert code == 0, err
    assert "It moves: 1,500 people live in areas where some service comes nearer" in out
    assert written(again) == written(moved)


def test_no_changes_give_the_bytes_of_no_scenario(
    planner: Run, row: Project, tmp_path: Path
) -> None:
    code, out, _ = planner(*("run", row.folder, "-o", tmp_path / "one", "--scenario", TEMPLATE))
    assert code == 0
    assert "My scenario changes nothing" in out
    assert planner("run", row.folder, "-o", tmp_path / "two")[0] == 0
    assert written(tmp_path / "one") == written(tmp_path / "two")
    assert not {*FILES, "scenario.toml"} & set(written(tmp_path / "one"))


# --- the plan -------------------------------------------------------------------------------------


def test_only_a_whole_plan_with_changes_has_it(row: Project) -> None:
    memo, scenario = Memo(), from_toml(MOVES)
    after = make_plan(row, scenario, memo=memo)
    assert after.before_after is not None
    assert after.before_after.before.name == "today"
    assert set(after.before_after.notes) <= set(after.notes)
    assert _make(row, scenario, memo, None, whole=False).before_after is None
    assert make_plan(row, memo=memo).before_after is None


def test_today_is_as_without_a_scenario_and_is_found_again(row: Project) -> None:
    memo = Memo()
    today = make_plan(row, memo=memo)
    memo.computed.clear()
    after = make_plan(row, from_toml(MOVES), memo=memo)
    # Each stage is worked out once, for the scenario: today's are there.
    assert len(memo.computed) == len(set(memo.computed))
    assert after.before_after is not None
    columns = ["area_code", "kind", "minutes", "status", "gap_status"]
    assert after.before_after.before.table.equals(today.gaps.table[columns])


def test_there_and_back_changes_nothing_for_anybody(row: Project) -> None:
    back = (
        MoveVenue(venue_id=LIBRARY, x=405500.0, y=500.0),
        SetStatus(venue_id=LIBRARY, status="closed"),
        SetStatus(venue_id=LIBRARY, status="existing"),
        MoveVenue(venue_id=LIBRARY, x=403500.0, y=500.0),
    )
    found = make_plan(row, Scenario(name="There and back", changes=back)).before_after
    assert found is not None
    assert set(found.areas["change"]) == {"same"}
    assert (found.summary[["people_winning", "people_losing"]] == 0).all(axis=None)


def test_progress_goes_up_and_says_which_plan_it_is_at(row: Project) -> None:
    said: list[tuple[str, float]] = []
    make_plan(row, from_toml(MOVES), progress=lambda words, share: said.append((words, share)))
    shares = [share for _, share in said]
    assert shares == sorted(shares)
    assert [words for words, share in said if share == 1] == ["Done"]
    assert said[-1] == ("Done", 1.0)
    assert all(words.startswith(TODAY_WORDS) == (share >= 0.5) for words, share in said[:-1])
