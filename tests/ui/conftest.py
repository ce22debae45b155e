"""What do tests of pages have in common? None looks through all that is installed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def no_search_for_components() -> Iterator[None]:
    """Let Streamlit not read what every installed package says of itself, for each page anew.

    It looks for packages that bring components; ours says on its own what it is.
    """
    from streamlit.components.v2 import manifest_scanner

    patch = pytest.MonkeyPatch()
    patch.setattr(manifest_scanner, "scan_component_manifests", list)
    yield
    patch.undo()
