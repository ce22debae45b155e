"""Can a planner go from the first page to a download in a real browser, with the network cut?"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 120_000  # milliseconds
#: The map's code alone is larger; a page without it, even sent twice, is not.
LEAFLET_BYTES = 120_000
#: What a page without a map shows once it is there.
READY = {
    "data": '[data-testid="stDataFrame"]',
    "report": "text=Preview of the report",
    "accessibility": "text=Last tested on",
}

#: The app on the stand-in place: the same pages, without files to read.
SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from ui.stand_in import stand_in_plan
from planner.ui import state
state.work_out = stand_in_plan
from planner.ui.main import main
main()
"""


@dataclass
class Visit:
    """One browser page, what it was sent, and where it tried to go."""

    page: Any
    address: str
    outside: list[str] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def open(self, where: str) -> None:
        self.page.goto(self.address + where)
        ready = READY.get(where.partition("?")[0], ".planner-map canvas")
        self.page.locator(ready).first.wait_for(timeout=PATIENCE)
        self.settle()

    def settle(self) -> None:
        """Wait until no message has come for a while."""
        before = -1
        while before != len(self.received):
            before = len(self.received)
            self.page.wait_for_timeout(900)

    def say(self) -> str:
        return str(self.page.locator(".planner-map .live").inner_text())

    def click_map(self, across: float, down: float) -> None:
        box = self.page.locator(".planner-map .canvas").bounding_box()
        self.page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
        self.settle()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    sys.path.insert(0, str(ROOT / "tests"))
    from ui.stand_in import write_project

    folder = tmp_path_factory.mktemp("app")
    script = folder / "app.py"
    script.write_text(SCRIPT.format(tests=str(ROOT / "tests")), encoding="utf-8")
    from planner.ui.main import streamlit_flags

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *streamlit_flags()]
    command += [f"--server.port={port}", "--server.headless=true"]
    environment = {
        **os.environ,
        "PLANNER_PROJECT": str(write_project(folder)),
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(command, env=environment, cwd=folder) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if server.poll() is not None:
            pytest.fail(f"The app stopped with {server.returncode}.")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.25)
    pytest.fail("The app did not answer within a minute.")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).is_file():
        pytest.skip(f"{CHROMIUM} is not installed")
    with playwright.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Visit]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, accept_downloads=True, locale="en-GB"
    )
    seen = Visit(page=context.new_page(), address=address)

    def only_here(route: Any) -> None:
        url = route.request.url
        if url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            seen.outside.append(url)
            route.abort()

    context.route("**/*", only_here)
    seen.page.on("pageerror", lambda error: seen.wrong.append(str(error)))
    seen.page.on(
        "websocket",
        lambda opened: opened.on("framereceived", lambda sent: seen.received.append(len(sent))),
    )
    yield seen
    context.close()
    assert seen.outside == []
    assert seen.wrong == []


def test_journey_from_place_to_hubs_and_a_download(visit: Visit, tmp_path: Path) -> None:
    visit.open("")
    page = visit.page
    page.get_by_text("28 small areas and 46,900 people").wait_for()

    page.get_by_role("link", name="Need", exact=True).click()
    page.get_by_role("heading", name="Need", exact=True).wait_for()
    visit.settle()
    visit.click_map(0.5, 0.5)
    assert "area=E019" in page.url
    page.get_by_text("The score adds up from").wait_for()

    page.get_by_role("link", name="Gaps", exact=True).click()
    page.get_by_role("heading", name="Standards", exact=True).wait_for(timeout=PATIENCE)
    assert visit.say().startswith("Chosen: ")  # the area went along

    page.get_by_role("link", name="Hubs", exact=True).click()
    page.get_by_text("With 2 hubs, choose").wait_for(timeout=PATIENCE)
    page.get_by_role("spinbutton", name="Number of hubs").fill("1")
    page.keyboard.press("Enter")
    page.get_by_text("With 1 hub, choose").wait_for(timeout=PATIENCE)
    assert "hubs=1" in page.url
    visit.settle()

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download this table (CSV): The chosen hubs").click()
    file = tmp_path / "hubs.csv"
    waiting.value.save_as(file)
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Hub,Venue")
    assert len(lines) == 2


def test_the_map_works_by_keyboard(visit: Visit) -> None:
    visit.open("need")
    visit.page.locator(".planner-map .canvas").focus()
    visit.page.keyboard.press("ArrowRight")
    first = visit.say()
    visit.page.keyboard.press("ArrowRight")
    assert visit.say() != first
    visit.page.keyboard.press("ArrowLeft")
    assert visit.say() == first
    visit.page.keyboard.press("Enter")
    visit.settle()
    assert visit.say() == f"Chosen: {first}"
    visit.page.get_by_text("The score adds up from").wait_for()
    assert "area=E019" in visit.page.url


def test_geometry_and_code_travel_once_and_again_only_when_lost(visit: Visit) -> None:
    visit.open("need")
    assert sum(visit.received) > LEAFLET_BYTES
    visit.received.clear()
    visit.click_map(0.5, 0.5)
    assert sum(visit.received) < LEAFLET_BYTES

    visit.page.evaluate("plannerAreaMapForget()")
    visit.received.clear()
    visit.click_map(0.5, 0.3)
    assert sum(visit.received) > LEAFLET_BYTES
    assert visit.page.locator(".planner-map").count() == 1

    visit.received.clear()
    visit.click_map(0.5, 0.6)
    assert visit.received
    assert sum(visit.received) < LEAFLET_BYTES


def test_an_address_that_was_shared_opens_as_it_was_left(visit: Visit) -> None:
    visit.open("access?kind=gp&area=E01900001")
    assert visit.say().startswith("Chosen: Square 1. 2 min")
    visit.page.get_by_text("on foot of the nearest GP practice").wait_for()


def test_a_click_on_the_map_sets_out_from_there(visit: Visit) -> None:
    visit.open("journeys?kind=gp&start=spot")
    visit.click_map(0.3, 0.8)
    visit.page.get_by_text("From the point to Harbour Surgery, the nearest").wait_for(
        timeout=PATIENCE
    )
    assert "from=53." in visit.page.url
    visit.page.locator(".planner-map .over-mark span", has_text="B").wait_for()
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="Download the map of this journey").click()
    page = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert "Harbour Surgery" in page
    assert "Fictional place" in page


@pytest.mark.parametrize(
    "name",
    ["", "need", "neighbourhoods", "access", "journeys", "gaps", "hubs", "data", "accessibility"],
)
def test_nothing_is_a_violation_and_a_narrow_screen_cuts_nothing_off(
    visit: Visit, name: str
) -> None:
    visit.open(f"{name}?area=E01900001")
    assert_accessible(visit)
    visit.page.set_viewport_size({"width": 375, "height": 800})
    visit.settle()
    beyond = visit.page.evaluate(
        "() => { const m = document.querySelector('[data-testid=stMain]');"
        " return m.scrollWidth - m.clientWidth; }"
    )
    assert beyond == 0


def assert_accessible(visit: Visit) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(visit.page).response["violations"]
    assert [(rule["id"], rule["help"]) for rule in found] == [], json.dumps(found)[:3000]


def test_a_report_is_chosen_looked_at_and_downloaded(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 375, "height": 800})
    visit.open("report")
    page = visit.page
    box = page.locator('[data-testid="stCheckbox"]', has_text="Where a hub would help most")
    box.locator("label").click()
    page.wait_for_url("**parts=**", timeout=PATIENCE)
    visit.settle()
    page.get_by_text("Preview of the report").click()
    frame = page.frame_locator('iframe[title="Preview of the report"]')
    frame.get_by_role("link", name="Limits").first.click()
    frame.get_by_role("heading", name="Limits").wait_for(timeout=PATIENCE)
    hubs = frame.get_by_role("heading", name="Where a hub would help most", exact=True)
    assert hubs.count() == 0
    assert_accessible(visit)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the report").click()
    assert "Left out of this copy" in Path(waiting.value.path()).read_text(encoding="utf-8")


def test_a_chosen_area_has_a_page_to_print(visit: Visit) -> None:
    visit.open("need?area=E01900001")
    page = visit.page
    page.get_by_role("link", name="All that is known of this area").click()
    page.get_by_role("heading", name="Areas most like it").wait_for(timeout=PATIENCE)
    assert "area=E01900001" in page.url
    visit.settle()
    assert_accessible(visit)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download this profile").click()
    assert "Square 1" in Path(waiting.value.path()).read_text(encoding="utf-8")


def test_need_with_moved_weights_and_all_boxes_open_is_accessible(visit: Visit) -> None:
    visit.open("need?measure=sure&weights=income-80.health-0")
    page = visit.page
    page.get_by_text("From here on: ranks as you weigh it").wait_for(timeout=PATIENCE)
    for summary in page.locator('[data-testid="stExpander"] summary').all():
        summary.click()
        visit.settle()
    page.get_by_text("How much each domain counts (3 rows)").wait_for(timeout=PATIENCE)
    assert_accessible(visit)


def test_a_weight_is_moved_by_keyboard_and_the_map_follows(visit: Visit) -> None:
    visit.open("need")
    slider = visit.page.get_by_role("slider", name="Income")
    slider.focus()
    visit.page.keyboard.press("End")
    visit.page.get_by_text("From here on: ranks as you weigh it").wait_for(timeout=PATIENCE)
    assert "weights=income-100" in visit.page.url
    visit.settle()
    visit.page.get_by_role("button", name="Put back the weights of the project file").click()
    visit.page.get_by_text("As in the project file, of the whole score").wait_for()
    assert "weights" not in visit.page.url


def test_tried_types_and_all_boxes_open_are_accessible(visit: Visit) -> None:
    visit.open("neighbourhoods?types=6&scale=rank&shows=certainty&area=E01900001")
    page = visit.page
    page.get_by_text("This is your trial, not the project's types.").wait_for(timeout=PATIENCE)
    for at in range(1, page.locator('[data-testid="stExpander"] summary').count()):
        page.locator('[data-testid="stExpander"] summary').nth(at).click()
        visit.settle()
    page.get_by_text("Clustergram in figures (").wait_for(timeout=PATIENCE)
    assert_accessible(visit)
    page.get_by_role("button", name="Put back the project's types").click()
    visit.settle()
    assert "types=" not in page.url
    assert "scale=" not in page.url
