"""How soon is a map painted after a click, and what does the browser have to be sent for it?

Our map and st_folium's stand on pages of one shape (map_page.py) with the same outlines, colours
and words, each in a server of its own, and take turns. Leaflet comes from this machine for both. A
click counts from the mouse button until the page is finished and the map painted again. The
weight slider is that of the app itself, on a fictional place.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .rows import ROOT, Row, make_row

FEW, MANY = 1_000, 35_000
CLICKS, PAINTS, MOVES = 20, 5, 15
PATIENCE = 120_000  # milliseconds
#: A click that nothing came of is made again, up to so often; st_folium loses one now and then.
LOST_MS, TRIES = 20_000, 3
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_PAINTED = "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
_IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def rows() -> list[Row]:
    """Measure the map on its own, beside st_folium, and in the app."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("playwright is not installed: nothing measured")
        return []
    if not Path(CHROMIUM).exists():
        print("no Chromium: nothing measured")
        return []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            found = _few(browser)
        finally:
            browser.close()
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            found += _many(browser)
        finally:
            browser.close()
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            found += _weights(browser)
        finally:
            browser.close()
    return found


class Page:
    """One of the two maps in a browser."""

    def __init__(self, browser: Any, address: str, which: str) -> None:
        self.which = which
        self.page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(PATIENCE)
        self.page.route(re.compile(r"^https://"), _from_here)
        self.received: list[int] = []
        self.page.on(
            "websocket", lambda w: w.on("framereceived", lambda f: self.received.append(len(f)))
        )
        begun = time.perf_counter()
        self.page.goto(address)
        self.frame().locator("canvas").first.wait_for()
        self.page.get_by_text("Finished 0").wait_for()
        self.page.evaluate(_PAINTED)
        self.first_s = time.perf_counter() - begun
        self.page.wait_for_timeout(1500)
        self.clicks = self.lost = 0

    def frame(self) -> Any:
        if self.which == "ours":
            return self.page.locator(".planner-map")
        return self.page.frame_locator("iframe")

    def click(self) -> float:
        """Click another area; return seconds until the map is painted with it chosen."""
        from playwright.sync_api import TimeoutError as NothingCameError

        for _ in range(TRIES - 1):
            try:
                return self._click()
            except NothingCameError:
                self.lost += 1
        return self._click()

    def _click(self) -> float:
        at = self.page.locator(".planner-map .canvas" if self.which == "ours" else "iframe").first
        box = at.bounding_box()
        self.clicks += 1
        # Round about the middle of the map, never twice on one area.
        x = box["x"] + box["width"] / 2 + 30 * (self.clicks % 5 - 2)
        y = box["y"] + box["height"] / 2 + 30 * (self.clicks // 5 % 5 - 2)
        canvas = self.frame().locator("canvas").first
        before = self._chosen()
        self.page.mouse.move(x, y)
        self.page.wait_for_timeout(250)
        if self.which == "theirs":
            canvas.evaluate("one => { one.seen = true; }")
        begun = time.perf_counter()
        self.page.mouse.click(x, y)
        self.page.wait_for_function(
            "was => { const now = document.body.innerText.match(/Finished \\d+ (\\S+)\\./);"
            " return now && now[1] !== was; }",
            arg=before,
            timeout=LOST_MS,
        )
        now = self._chosen()
        if self.which == "ours":
            name = f"Area {int(now[3:]):05d}"
            self.page.locator(".planner-map .live", has_text=f"Chosen: {name}").wait_for()
        else:
            # The map was made anew: its canvas is another one.
            self.page.frames[-1].wait_for_function(
                "() => { const one = document.querySelector('canvas'); return one && !one.seen; }"
            )
        self.page.evaluate(_PAINTED)
        took = time.perf_counter() - begun
        self.page.wait_for_timeout(400)
        return took

    def _chosen(self) -> str:
        found = re.search(r"Finished \d+ (\S+)\.", self.page.locator("body").inner_text())
        return found[1] if found else ""

    def paint(self, number: int) -> tuple[float, float]:
        """Paint every area anew; return seconds until it is, and megabytes sent."""
        self.received.clear()
        if self.which == "theirs":
            self.frame().locator("canvas").first.evaluate("one => { one.seen = true; }")
        begun = time.perf_counter()
        self.page.locator('[data-testid="stNumberInputStepUp"]').click()
        self.page.get_by_text(re.compile(f"^Finished {number}\\b")).wait_for()
        if self.which == "theirs":
            self.page.frames[-1].wait_for_function(
                "() => { const one = document.querySelector('canvas'); return one && !one.seen; }"
            )
        self.page.evaluate(_PAINTED)
        took = time.perf_counter() - begun
        self.page.wait_for_timeout(1000)
        return took, sum(self.received) / 1e6

    def heap_mb(self) -> float:
        """Return what the page's scripts hold after a clean-up, in megabytes."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Performance.enable")
        session.send("HeapProfiler.collectGarbage")
        figures = session.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in figures if one["name"] == "JSHeapUsedSize") / 1e6


def _few(browser: Any) -> list[Row]:
    with _served("ours", FEW) as ours_at, _served("theirs", FEW) as theirs_at:
        pages = {"ours": Page(browser, ours_at, "ours")}
        try:
            import streamlit_folium  # noqa: F401

            pages["theirs"] = Page(browser, theirs_at, "theirs")
        except ImportError:
            print("streamlit-folium is not installed: ours alone")
        paints: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
        clicks: dict[str, list[float]] = {name: [] for name in pages}
        for turn in range(1, PAINTS + 1):
            for name, page in pages.items():
                page.page.bring_to_front()
                paints[name].append(page.paint(turn))
        for _ in range(CLICKS):
            for name, page in pages.items():
                page.page.bring_to_front()
                clicks[name].append(page.click())
        lost = pages["theirs"].lost if "theirs" in pages else 0
        for page in pages.values():
            page.page.close()
    seconds = {n: statistics.median(took for took, _ in found) for n, found in paints.items()}
    sent = {n: statistics.median(size for _, size in found) for n, found in paints.items()}
    clicked = {name: statistics.median(found) for name, found in clicks.items()}
    busy = _busy()
    return [
        make_row(
            "area map, click to repainted map, 1,000 areas",
            "st_folium",
            ours_s=clicked["ours"],
            theirs_s=clicked.get("theirs"),
            bar=0.5,
            n=CLICKS,
            note="; ".join(filter(None, [f"theirs lost {lost} more clicks" * bool(lost), busy])),
        ),
        make_row(
            "area map, all areas painted anew, 1,000 areas",
            "st_folium",
            ours_s=seconds["ours"],
            theirs_s=seconds.get("theirs"),
            ours_sent_mb=sent["ours"],
            theirs_sent_mb=sent.get("theirs"),
            bar_sent_mb=0.05,
            n=PAINTS,
            note=busy,
        ),
    ]


def _many(browser: Any) -> list[Row]:
    with _served("ours", MANY) as address:
        page = Page(browser, address, "ours")
        paints = [page.paint(turn) for turn in range(1, PAINTS + 1)]
        clicked = statistics.median(page.click() for _ in range(5))
        heap = page.heap_mb()
        page.page.close()
    busy = _busy()
    return [
        make_row(
            "area map, all areas painted anew, 35,000 areas",
            "",
            ours_s=statistics.median(took for took, _ in paints),
            bar_s=1.5,
            ours_sent_mb=statistics.median(size for _, size in paints),
            bar_sent_mb=0.25,
            ours_peak_mb=heap,
            bar_mb=600,
            n=PAINTS,
            note="; ".join(filter(None, ["memory is the page's scripts in the browser", busy])),
        ),
        make_row(
            "area map, first view, 35,000 areas",
            "",
            ours_s=page.first_s,
            bar_s=15,
            n=1,
            note="; ".join(filter(None, ["outlines simplified first", busy])),
        ),
        make_row(
            "area map, click to repainted map, 35,000 areas", "", ours_s=clicked, n=5, note=busy
        ),
    ]


def _weights(browser: Any) -> list[Row]:
    from planner.demo import write_demo

    with tempfile.TemporaryDirectory() as folder:
        project = write_demo(Path(folder) / "place", areas=FEW, streets=False)
        with _app(project, Path(folder)) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(600_000)
            page.goto(address + "need")
            page.locator(".planner-map canvas").first.wait_for()
            page.locator(_IDLE).wait_for()
            page.wait_for_timeout(3000)
            slider = page.get_by_role("slider").first
            slider.focus()
            page.keyboard.press("Home")
            said = page.get_by_text("From here on: ranks as you weigh it")
            said.wait_for()
            page.wait_for_timeout(3000)
            took = []
            for turn in range(MOVES):
                before = said.inner_text()
                begun = time.perf_counter()
                page.keyboard.press("Home" if turn % 2 else "End")
                page.wait_for_function(
                    "was => [...document.querySelectorAll('[data-testid=stAlert]')]"
                    ".some(one => one.innerText.includes('From here on') && one.innerText !== was)",
                    arg=before,
                )
                page.locator(_IDLE).wait_for()
                page.evaluate(_PAINTED)
                took.append(time.perf_counter() - begun)
                page.wait_for_timeout(700)
            page.close()
    return [
        make_row(
            "weight slider to new ranks on screen, 1,000 areas",
            "",
            ours_s=statistics.median(took),
            bar_s=0.7,
            n=MOVES,
            note=_busy(),
        )
    ]


@contextlib.contextmanager
def _served(which: str, count: int) -> Iterator[str]:
    """Serve the page of one map, with its place drawn already."""
    script = Path(__file__).with_name("map_page.py")
    more = ["--server.maxMessageSize=1000", "--", which, str(count)]
    with _streamlit(script, more, {}) as address:
        _run_once(address)
        yield address


def _run_once(address: str) -> None:
    """Have the place drawn: a page has its areas from a plan that is there."""
    from playwright.sync_api import sync_playwright  # noqa: F401

    code = (
        "import sys\n"
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as play:\n"
        f"    one = play.chromium.launch(executable_path={CHROMIUM!r}, args={ARGUMENTS!r})\n"
        "    page = one.new_page()\n"
        "    page.goto(sys.argv[1] + '?warm=1')\n"
        "    page.get_by_text('The place is drawn.').wait_for(timeout=300000)\n"
        "    one.close()\n"
    )
    # A process of its own: playwright runs once in a process.
    subprocess.run([sys.executable, "-c", code, address], check=True, timeout=400)


@contextlib.contextmanager
def _app(project: Path, folder: Path) -> Iterator[str]:
    from planner.ui.main import app_file

    kept = {"PLANNER_PROJECT": str(project), "XDG_CACHE_HOME": str(folder / "cache")}
    with _streamlit(app_file(), [], kept) as address:
        yield address


@contextlib.contextmanager
def _streamlit(script: Path, more: list[str], kept: dict[str, str]) -> Iterator[str]:
    from planner.ui.main import streamlit_flags

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *streamlit_flags()]
    command += [f"--server.port={port}", "--server.headless=true", *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **kept}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _wait_for(url: str) -> None:
    for _ in range(480):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.25)
    raise RuntimeError("The app did not answer within two minutes.")


def _from_here(route: Any) -> None:
    """Answer for the networks that folium's page asks: Leaflet from its package, else nothing."""
    from planner.maps.assets import read_leaflet_css, read_leaflet_js

    name = route.request.url.rsplit("/", 1)[-1]
    text = {"leaflet.js": read_leaflet_js, "leaflet.css": read_leaflet_css}.get(name, str)()
    kind = "text/css" if name.endswith(".css") else "text/javascript"
    route.fulfill(status=200, body=text, content_type=kind)


def _busy() -> str:
    """Return a remark where the machine had more to do than this."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return f"machine busy, load {load:.0f}" if load > (os.cpu_count() or 1) + 1 else ""
