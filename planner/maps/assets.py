"""Where do Leaflet's own files come from, so that nothing is fetched from a network?"""

from __future__ import annotations

import base64
import functools
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from planner.errors import SourceError

PACKAGE = "XStatic-Leaflet"


@functools.cache
def read_leaflet_js() -> str:
    """Return Leaflet's minified script, without the link to its source map."""
    text = _path("leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+\s*$", "", text)


@functools.cache
def read_leaflet_css() -> str:
    """Return Leaflet's style sheet with its few pictures inside it."""
    text = _path("leaflet.css").read_text(encoding="utf-8")

    def picture(match: re.Match[str]) -> str:
        encoded = base64.b64encode(_path(match.group(1)).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{encoded})"

    return re.sub(r"url\(images/([\w.-]+\.png)\)", picture, text)


def to_data_uri(text: str, media_type: str) -> str:
    """Return a text as a data address, which no character in it can break out of."""
    encoded = base64.b64encode(text.encode("utf-8")).decode("ascii")
    return f"data:{media_type};charset=utf-8;base64,{encoded}"


def _path(name: str) -> Path:
    """Return where the installed package keeps one of its data files."""
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name == name and "data" in file.parts:
            return Path(str(file.locate()))
    raise SourceError(
        f"Leaflet's {name} is not installed.", hint=f"Install the Python package {PACKAGE}."
    )
