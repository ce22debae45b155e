"""Do the map and the report that people are sent open by themselves, without a network?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plans import build_plan

from planner.export import write_out

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOSTILE = "</script><script>document.title = 'taken'</script><img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "out"
    write_out(build_plan(names=dict.fromkeys(range(30), HOSTILE)), folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def _open(browser: Any, path: Path, width: int) -> tuple[Any, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 800})
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url[:80]}"))
    page.on("dialog", lambda dialog: wrong.append("a dialog opened"))
    page.on(
        "request",
        lambda request: wrong.append(request.url) if request.url.startswith("http") else None,
    )
    page.goto(path.as_uri())
    page.wait_for_timeout(500)
    return page, wrong


@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("name", ["map.html", "report.html"])
def test_page_opens_without_a_complaint_or_a_request(
    browser: Any, out: Path, name: str, width: int
) -> None:
    page, wrong = _open(browser, out / name, width)
    assert wrong == []
    assert page.title() == "Exampleton: need, access, gaps and hubs"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.parametrize("name", ["map.html", "report.html"])
def test_page_has_no_accessibility_fault(browser: Any, out: Path, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page, _ = _open(browser, out / name, 1280)
    assert Axe().run(page).response["violations"] == []
    page.close()


def test_choosing_a_layer_changes_colours_and_legend(browser: Any, out: Path) -> None:
    page, wrong = _open(browser, out / "map.html", 1280)
    assert page.locator("aside section:visible h2").inner_text().startswith("Need")
    page.get_by_label("Minutes to the whole bundle").check()
    assert page.locator("aside section:visible h2").inner_text().startswith("Minutes on foot")
    assert page.locator('path[fill="url(#fill-cross-9a9a9a)"]').count() == 1
    assert wrong == []
    page.close()


def test_hostile_names_are_shown_as_they_are_written(browser: Any, out: Path) -> None:
    page, wrong = _open(browser, out / "map.html", 1280)
    page.locator(".leaflet-overlay-pane path").first.hover(position={"x": 12, "y": 12})
    tip = page.locator(".tip")
    assert HOSTILE in tip.inner_text()
    assert tip.locator("script, img").count() == 0
    assert wrong == []
    page.close()
