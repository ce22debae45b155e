"""Does the map answer to hand and keyboard alike, and is what is drawn on it right to a metre?

One page for all tests, on a place of nine squares, one of them in two parts with a hole.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PATIENCE = 20_000  # milliseconds
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SIDE, WEST, SOUTH = 1000, 430_000, 390_000

SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from ui.map_page import main
main()
"""


class Page:
    """The one page, with what is asked of it in a few words."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.map = page.locator(".planner-map .canvas")
        self.received: list[int] = []

    def settle(self) -> None:
        """Wait until the page is finished: what is not on it any more may still move the map."""
        self.page.locator(IDLE).wait_for()
        self.page.wait_for_timeout(150)
        self.page.locator(IDLE).wait_for()

    def says(self, words: str) -> None:
        """Wait until the map announces something."""
        self.page.locator(".planner-map .live", has_text=words).wait_for(timeout=PATIENCE)

    def shows(self, words: str) -> None:
        self.page.get_by_text(words, exact=True).wait_for(timeout=PATIENCE)
        self.settle()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def at(self, east: float, north: float) -> dict[str, float]:
        """Return where on the map a spot lies, in squares from the south-west corner."""
        box = self.map.bounding_box()
        # Leaflet's zoom: 256 pixels round the equator at 0, in quarters, with 24 pixels to spare.
        metre = 256 / (40_075_017 * math.cos(math.radians(53.42)))
        zoom = math.floor(4 * math.log2((box["height"] - 50) / (3.02 * SIDE * metre))) / 4
        side = SIDE * metre * 2**zoom
        return {
            "x": box["width"] / 2 + (east - 1.5) * side,
            "y": box["height"] / 2 - (north - 1.5) * side,
        }

    def click(self, east: float, north: float, **how: Any) -> None:
        self.map.click(position=self.at(east, north), **how)

    def button(self, name: str) -> Any:
        return self.page.locator(".planner-map").get_by_role("button", name=name)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    from planner.ui.main import streamlit_flags

    folder = tmp_path_factory.mktemp("map")
    script = folder / "app.py"
    script.write_text(SCRIPT.format(tests=str(ROOT / "tests")), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *streamlit_flags()]
    command += [f"--server.port={port}", "--server.headless=true"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, cwd=folder) as server:
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def wait_for(url: str) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail("The app did not answer within a minute.")


@pytest.fixture(scope="module")
def one(address: str) -> Iterator[Page]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"{CHROMIUM} is not installed")
    wait_for(address + "_stcore/health")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        one = Page(page)
        page.on("websocket", lambda w: w.on("framereceived", lambda f: one.received.append(len(f))))
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.locator(".planner-map canvas").first.wait_for(timeout=PATIENCE)
        one.settle()
        yield one
        browser.close()
        assert wrong == []


def test_several_areas_by_click_key_and_list(one: Page) -> None:
    one.click(0.5, 0.5, modifiers=["Control"])
    one.shows("Selected: 1.")
    one.click(1.5, 0.5, modifiers=["Shift"])
    one.shows("Selected: 1 2.")
    assert "areas=E01900001.E01900002" in one.page.url
    one.map.focus()
    one.press("ArrowRight")  # the middle of the place
    one.says("שדרות")  # a name from right to left, as it is written
    one.press(" ")
    one.shows("Selected: 1 2 5.")
    one.click(0.5, 0.5, modifiers=["Control"])
    one.shows("Selected: 2 5.")
    one.button("Clicks select several").click()
    one.says("Each click adds or removes an area.")
    one.click(2.5, 0.5)
    one.shows("Selected: 2 3 5.")
    one.button("Clicks select several").click()
    one.page.get_by_role("combobox", name="Selected areas").fill("E01900009")
    one.press("Enter")
    one.shows("Selected: 2 3 5 9.")
    one.press("Escape")
    one.button("Clear the selection (4)").click()
    one.shows("Selected: none.")
    assert "areas=" not in one.page.url


def test_an_arrow_goes_to_the_next_area_in_its_direction_and_escape_leaves(one: Page) -> None:
    one.map.focus()
    one.press("ArrowRight", "ArrowDown")
    one.says("South middle")
    one.press("ArrowRight")
    one.says("<script>alert(1)</script>")
    one.press("ArrowUp")
    one.says('East "quoted"')
    one.press("Enter")
    one.shows("Chosen: 6.")
    one.map.focus()
    one.press("Escape")
    assert (
        one.page.evaluate(
            "() => { let e = document.activeElement;"
            " while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;"
            " return e.className; }"
        )
        == "legend"
    )


def test_an_entry_of_the_legend_takes_its_areas_off_the_map(one: Page) -> None:
    entry = one.button("Low (5)")
    assert entry.get_attribute("aria-pressed") == "true"
    entry.focus()
    one.press("Enter")
    one.says("Taken off the map: Low, 5 areas.")
    assert one.button("Low (5) off").get_attribute("aria-pressed") == "false"
    one.click(0.5, 0.5)  # an area that is off is not there
    one.map.focus()
    one.press("ArrowRight")
    one.press("ArrowDown")
    one.page.wait_for_timeout(300)
    one.shows("Chosen: 6.")
    one.button("Show everything again").click()
    one.says("Everything is on the map again.")
    assert one.button("Low (5)").get_attribute("aria-pressed") == "true"


def drawn(one: Page) -> list[tuple[float, float]]:
    text = one.page.get_by_text(re.compile("^Shape: ")).inner_text()
    numbers = re.findall(r"(-?\d+)\.(-?\d+)", text)
    return [((int(x) - WEST) / SIDE, (int(y) - SOUTH) / SIDE) for x, y in numbers]


def test_a_shape_by_clicks_selects_the_areas_within(one: Page) -> None:
    one.button("Draw a shape").click()
    one.click(0.1, 0.1)
    one.says("Corner 1.")
    one.click(1.9, 0.1)
    one.click(2.8, 2.8)
    one.press("Backspace")
    one.says("Taken back; 2 left.")
    one.click(1.9, 0.9)
    one.map.dblclick(position=one.at(0.1, 0.9))
    one.page.get_by_text(re.compile(r"^Shape: \d")).wait_for()
    assert drawn(one) == [
        pytest.approx(corner, abs=0.03)
        for corner in [(0.1, 0.1), (1.9, 0.1), (1.9, 0.9), (0.1, 0.9)]
    ]
    one.page.get_by_role("button", name="Select the areas within").click()
    one.shows("Selected: 1 2.")
    one.shows("Shape: none.")


def test_a_shape_by_keyboard_and_one_whose_edges_cross(one: Page) -> None:
    one.button("Draw a shape").click()
    one.press(" ", "ArrowRight", "ArrowRight", " ", "ArrowUp", "ArrowUp", " ")
    one.press("ArrowLeft", "ArrowLeft", " ", "Enter")
    one.page.get_by_text(re.compile(r"^Shape: \d")).wait_for()
    corners = drawn(one)
    assert len(corners) == 4
    assert corners[1][0] - corners[0][0] == pytest.approx(corners[2][1] - corners[1][1], rel=0.05)
    one.button("Remove the shape").click()
    one.shows("Shape: none.")
    one.button("Draw a shape").click()
    for corner in [(0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8)]:
        one.click(*corner)
    one.press("Enter")
    one.page.get_by_text("The edges of the shape cross").wait_for()
    one.settle()
    one.shows("Shape: none.")
    one.button("Draw a shape").click()
    one.click(0.5, 0.5)
    one.press("Escape")
    one.says("Stopped drawing. Nothing has changed.")


def test_a_spot_is_clicked_dragged_and_moved_by_keyboard(one: Page) -> None:
    one.page.get_by_text("Ask for a spot").click()
    one.page.locator(".planner-map .canvas.pointing").wait_for()
    one.settle()

    def spot() -> tuple[float, float]:
        text = one.page.get_by_text(re.compile("^Spot: ")).inner_text()
        x, y = re.findall(r"\d+", text)
        return (int(x) - WEST) / SIDE, (int(y) - SOUTH) / SIDE

    one.click(0.5, 0.5)
    one.page.get_by_text(re.compile(r"^Spot: \d")).wait_for()
    one.settle()
    first = spot()
    assert first == pytest.approx((0.5, 0.5), abs=0.03)
    pin = one.page.locator(".planner-map .spot-pin").bounding_box()
    assert min(pin["width"], pin["height"]) >= 24
    one.page.mouse.move(pin["x"] + pin["width"] / 2, pin["y"] + pin["height"] / 2)
    one.page.mouse.down()
    one.page.mouse.move(pin["x"] + 100, pin["y"] - 60, steps=4)
    one.page.mouse.up()
    one.page.wait_for_timeout(500)
    one.settle()
    second = spot()
    assert second[0] > first[0] + 0.2
    assert second[1] > first[1] + 0.2
    one.map.focus()
    one.press("ArrowLeft", "ArrowLeft", "Enter")
    one.page.wait_for_timeout(500)
    one.settle()
    third = spot()
    assert third[0] < second[0] - 0.1
    assert third[1] == pytest.approx(second[1], abs=0.02)
    one.page.get_by_text("Ask for a spot").click()
    one.page.locator(".planner-map .canvas:not(.pointing)").wait_for()


def test_what_can_be_pressed_is_large_enough_and_nothing_is_a_violation(one: Page) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    small = one.page.evaluate(
        "() => [...document.querySelectorAll('*')].flatMap(e => e.shadowRoot ?"
        " [...e.shadowRoot.querySelectorAll('.planner-map button, .leaflet-bar a')] : [])"
        ".map(b => [b.textContent, b.getBoundingClientRect()])"
        ".filter(([, b]) => b.width && (b.width < 24 || b.height < 24)).map(([t]) => t)"
    )
    assert small == []
    # The bare page round the map has no landmarks; the app's own pages are tested with them.
    rules = {"rules": {"region": {"enabled": False}}}
    found = axe.Axe().run(one.page, options=rules).response["violations"]
    assert [(rule["id"], rule["help"]) for rule in found] == []


def test_a_browser_that_lost_the_map_gets_it_again(one: Page) -> None:
    one.page.evaluate("plannerAreaMapForget()")
    one.received.clear()
    one.click(1.5, 0.5)
    one.shows("Chosen: 2.")
    one.says("Chosen: South middle")
    assert sum(one.received) > 150_000
