"""How does the server come up so that the first page is soon there?

The server runs in the process that was asked for it, which has read half of what it needs by
then; the rest, and the project itself, are read while the browser opens.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

APP = Path(__file__).resolve().parent / "start" / "app.py"

#: What the first pages need, in the order they need it.
FIRST = (
    "planner.ui.main",
    "planner.ui.starting",
    "planner.plan.start",
    "planner.ui.pages.place",
)


def launch(flags: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run the server until it is stopped.

    Parameters
    ----------
    flags
        Those of `streamlit run`.
    environment
        All of the environment that the app sees.
    """
    from streamlit.web import cli

    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=read_ahead, name="planner-read-ahead", daemon=True).start()
    cli.main(["run", str(APP), *flags], prog_name="streamlit")


def read_ahead() -> None:
    """Read what the first pages need, and the project the app was started on."""
    for name in FIRST:
        importlib.import_module(name)
    from planner.ui import starting

    starting.read_ahead()
