"""The registry names every source, and a moved file is a one-line change."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from planner.errors import ProjectError
from planner.sources.registry import read_registry, registry_table


def test_every_source_says_what_to_do_by_hand() -> None:
    assert [entry.id for entry in read_registry() if len(entry.by_hand) < 20] == []


def test_a_source_proved_by_replay_cites_the_page_it_was_keyed_from() -> None:
    registry = read_registry()
    assert all(e.documentation.startswith("https://") for e in registry if e.proved == "replay")


def test_known_addresses_are_encrypted_and_public() -> None:
    for entry in read_registry():
        if entry.address:
            assert urlsplit(entry.address).scheme == "https"


def test_no_two_sources_of_one_nation_share_a_file() -> None:
    registry = read_registry()
    for nation in ("England", "Wales", "Scotland", "Northern Ireland"):
        files = [entry.file for entry in registry if nation in entry.nations]
        assert len(files) == len(set(files)), nation


def test_override_changes_one_address_and_leaves_the_registry_alone() -> None:
    registry = read_registry()
    moved = registry.override({"ts066": {"address": "https://example.org/new.zip"}})
    assert moved["ts066"].address == "https://example.org/new.zip"
    assert registry["ts066"].address != moved["ts066"].address
    assert moved["ts067"] == registry["ts067"]


def test_override_of_an_unknown_source_names_the_nearest() -> None:
    with pytest.raises(ProjectError, match="Did you mean 'ts066'"):
        read_registry().override({"ts0666": {"address": "https://example.org"}})


def test_override_of_an_unknown_key_names_the_nearest() -> None:
    with pytest.raises(ProjectError, match="Did you mean 'address'"):
        read_registry().override({"ts066": {"adress": "https://example.org"}})


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/a.csv",
        "ftp://example.org/a",
        "https://me:secret@example.org/",
        "file:///x",
    ],
)
def test_an_address_that_is_not_plain_https_is_refused(address: str) -> None:
    with pytest.raises(ProjectError, match="its address"):
        read_registry().override({"ts066": {"address": address}})


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "", "a\\b.csv"])
def test_a_file_outside_the_study_folder_is_refused(name: str) -> None:
    with pytest.raises(ProjectError, match="inside the folder"):
        read_registry().override({"ts066": {"file": name}})


def test_an_entry_without_a_key_says_which(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('[a]\nwhat = "x"\n', encoding="utf-8")
    with pytest.raises(ProjectError, match="publisher"):
        read_registry(path)


def test_the_table_has_a_row_a_source_and_admits_unknown_addresses() -> None:
    registry = read_registry()
    table = registry_table(registry)
    assert list(table.index) == list(registry.entries)
    assert table.loc["libraries", "address"].startswith("none. Download the basic dataset")
    assert set(table["proved"]) == {"real file", "replay", "no"}


def test_tables_proved_on_a_real_file_say_so_only_with_a_reader() -> None:
    assert all(e.reader != "none" for e in read_registry() if e.proved == "real file")
