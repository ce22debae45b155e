"""Are a package's names there when asked for, and is nothing read before?"""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from planner.on_demand import find_rooms, offer

PACKAGES = [
    *("planner.export", "planner.plan", "planner.maps", "planner.travel", "planner.report"),
    *("planner.neighbourhoods", "planner.before_after", "planner.local_knowledge"),
    *("planner.scenario", "planner.travel.transit", "planner.rota", "planner.need"),
    *("planner.bundle", "planner.gaps"),
]
#: What the first page does without: each takes a good part of a second to import.
SLOW = ("sklearn", "numba", "scipy.stats", "scipy.optimize", "scipy.spatial", "folium", "altair")


@pytest.mark.parametrize("name", PACKAGES)
def test_every_offered_name_is_found(name: str) -> None:
    package = importlib.import_module(name)
    assert package.__all__
    assert all(getattr(package, one) is not None for one in package.__all__)


@pytest.mark.parametrize("name", PACKAGES)
def test_what_is_offered_is_what_type_checkers_see(name: str) -> None:
    file = importlib.import_module(name).__file__ or ""
    assert set(find_rooms(Path(file).read_text(encoding="utf-8"))) == set(
        importlib.import_module(name).__all__
    )


def test_a_name_that_is_not_offered_is_no_attribute(tmp_path: Path) -> None:
    file = tmp_path / "__init__.py"
    file.write_text("if TYPE_CHECKING:\n    from math import pi\n", encoding="utf-8")
    find = offer("math", str(file))
    assert find("pi") == pytest.approx(3.14159, abs=1e-5)
    with pytest.raises(AttributeError, match="has no attribute 'tau'"):
        find("tau")


def test_the_first_page_reads_nothing_slow() -> None:
    code = (
        "import sys, planner.ui.pages.place, planner.plan.start, planner.ui.starting\n"
        f"print(*[name for name in {SLOW!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
