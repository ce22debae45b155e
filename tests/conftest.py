"""What every test may rely on: no internet, and published files where they are at hand."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from planner import Memo

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("PLANNER_SHARED", ROOT.parent / "shared")).resolve()

#: Results of one stage that tests keep.
MOST_KEPT = 200

sys.path.insert(0, str(ROOT / "tests"))


class NetworkBlockedError(OSError):
    """A test tried to leave this machine."""


def _is_local(address: Any) -> bool:
    if isinstance(address, str | bytes):  # a Unix socket
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def no_internet() -> Iterator[None]:
    """Refuse every connection to anything but this machine."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, real: Any = real) -> Any:
            if not _is_local(address):
                raise NetworkBlockedError(f"tests never reach the internet: {address!r}")
            return real(self, address)

        patch.setattr(socket.socket, name, guarded)
    yield
    patch.undo()


@pytest.fixture(autouse=True, scope="session")
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests cache out of the user's own cache folder, and the other way round."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of published fixture and oracle files, or skip."""
    if not (SHARED / "fixtures").is_dir():
        pytest.skip(f"published files are not at hand ({SHARED.name}/fixtures is absent)")
    return SHARED


@pytest.fixture(scope="session")
def demo_results() -> Memo:
    """Return what is worked out for the demo place as it stands, once for all tests."""
    from planner import Memo, Project, make_plan

    memo = Memo(max_entries=MOST_KEPT)
    make_plan(Project.read(ROOT / "data" / "demo"), memo=memo)
    return memo


@pytest.fixture(scope="module")
def demo_memo(demo_results: Memo) -> Memo:
    """Return a memo that has the demo place in it; what else comes into it stays in the module."""
    from planner import Memo

    memo = Memo(max_entries=MOST_KEPT)
    memo._results = {stage: kept.copy() for stage, kept in demo_results._results.items()}
    return memo


@pytest.fixture
def planner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Return a function that runs the command line and gives exit code, stdout and stderr."""

    from planner import cli

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["planner", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run
