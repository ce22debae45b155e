"""Is the ZIP what a run writes, the same each time, and is nothing left when it is stopped?"""

from __future__ import annotations

import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from plans import build_plan

from planner.export import build_zip, write_out


@pytest.fixture(scope="module")
def plan() -> Any:
    return build_plan()


@pytest.fixture(scope="module")
def pack(plan: Any) -> bytes:
    return build_zip(plan)


def test_the_zip_holds_what_a_run_writes(plan: Any, pack: bytes, tmp_path: Path) -> None:
    written = write_out(plan, tmp_path / "out")
    with zipfile.ZipFile(BytesIO(pack)) as found:
        assert found.testzip() is None
        assert found.namelist() == [path.name for path in written]
        for path in written:
            assert found.read(path.name) == path.read_bytes()


def test_the_same_plan_gives_the_same_zip(plan: Any, pack: bytes) -> None:
    assert build_zip(plan) == pack


def test_a_stopped_zip_leaves_nothing_behind(
    plan: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    told: list[float] = []

    def stop(words: str, share: float) -> None:
        told.append(share)
        if words == "Drawing the map":
            raise InterruptedError(words)

    with pytest.raises(InterruptedError):
        build_zip(plan, tell=stop)
    assert list(tmp_path.iterdir()) == []
    assert told == sorted(told)
    assert all(0 <= share <= 1 for share in told)


def test_a_stopped_run_leaves_the_earlier_result(plan: Any, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    before = {path.name: path.read_bytes() for path in write_out(plan, folder)}

    def stop(words: str, share: float) -> None:
        if share > 0.5:
            raise InterruptedError(words)

    with pytest.raises(InterruptedError):
        write_out(plan, folder, tell=stop)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
