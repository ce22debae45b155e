"""What the four nations' indices have in common."""

from __future__ import annotations

import pytest

from planner.layers import OFFICIAL_WEIGHTS


@pytest.mark.parametrize("name", sorted(OFFICIAL_WEIGHTS))
def test_official_weights_are_whole_but_for_what_publishers_rounded(name: str) -> None:
    total = {"iod2025": 0.999, "iod2019": 0.999}.get(name, 1.0)
    assert sum(OFFICIAL_WEIGHTS[name].values()) == pytest.approx(total)
