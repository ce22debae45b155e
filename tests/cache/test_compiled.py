"""The app knows whether the searches were compiled for these sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.cache.compiled import is_compiled, remember_compiled


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = tmp_path / "package" / "travel" / "kernels.py"
    source.parent.mkdir(parents=True)
    source.write_text("one")
    return tmp_path / "package"


def test_compiled_once_is_compiled(package: Path) -> None:
    assert not is_compiled(package)
    remember_compiled(package)
    assert is_compiled(package)


def test_other_sources_are_compiled_anew(package: Path) -> None:
    remember_compiled(package)
    (package / "travel" / "kernels.py").write_text("two")
    assert not is_compiled(package)


def test_a_closed_cache_folder_is_no_error(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    remember_compiled(package)
    assert not is_compiled(package)
