"""How soon is the first map there, from `planner app` with nothing kept from before?

The cache folders of the planner and of its compiled loops are new and empty. The clock starts with
the command; the browser is opened when the server answers, as the command itself does, and the
clock stops when areas are painted on the map. Nobody is beside it.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from .rows import ROOT, Row, make_row

RUNS, MOST_SECONDS, PATIENCE_S = 3, 8.0, 120.0
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
#: How many of the canvas's points have paint on them, of one in a hundred.
_PAINTED = """canvas => {
    if (!canvas.width) return 0;
    const all = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let painted = 0;
    for (let at = 3; at < all.length; at += 400) painted += all[at] ? 1 : 0;
    return painted;
}"""
LEAST_PAINTED = 500


def rows() -> list[Row]:
    """Return one row: the median of some starts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = [measure(play) for _ in range(RUNS)]
    said = ", ".join(f"{seconds:.1f}" for seconds in found)
    return [
        make_row(
            "app: from the command to the first map, the demo, nothing kept",
            "",
            ours_s=statistics.median(found),
            bar_s=MOST_SECONDS,
            n=1,
            note=f"Starts took {said} s. The browser is started within that time.",
        )
    ]


def measure(play: Any) -> float:
    """Start the app on the demo and return the seconds until the first map is painted."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": folder,
            "NUMBA_CACHE_DIR": str(Path(folder) / "compiled"),
        }
        command = [sys.executable, "-m", "planner.cli", "app", str(ROOT / "data" / "demo")]
        begun = time.perf_counter()
        with subprocess.Popen(
            [*command, f"--port={port}", "--no-browser"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
                _wait_for_map(play, f"http://127.0.0.1:{port}/")
                return time.perf_counter() - begun
            finally:
                process.terminate()


def _wait_for_map(play: Any, address: str) -> None:
    browser = play.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(address)
    canvas = page.locator(".planner-map canvas").first
    canvas.wait_for(timeout=PATIENCE_S * 1000)
    while canvas.evaluate(_PAINTED) < LEAST_PAINTED:
        page.wait_for_timeout(20)
    # The browser is left to end with the play, so that its end is not counted.


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("The app did not start.")
