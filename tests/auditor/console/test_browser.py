"""The console in a real browser, as each kind of reader, in both languages, at two widths.

`AXE_CORE` names the axe-core script that looks for what keeps people out; `.ci/run` installs it.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from console_readers import session_for
from filled_store import Filled, filled_store
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from slow_line import SlowLine
from under_way import supervision_under_way

from auditor.server.app import make_app

pytestmark = pytest.mark.slow

WIDTHS = (1280, 390)
LANGUAGES = ("zh_CN", "en")
KINDS = {
    "it_admin": (("system_administrator",), ("*",), ("/agents", "/settings", "/schedules")),
    "unit_auditor": (
        ("unit_auditor",),
        ("JT",),
        ("/", "/machines", "/machines/m00000001", "/machines/m00000001/software", "/machines/m00000001/coverage",
         "/machines/m00000001/identity", "/machines/m00000001/journal", "/machines/m00000001/copies/0", "/ledger",
         "/ledger/1", "/batches", "/papers", "/forms", "/checks", "/checks/CC-2026-001", "/checks/CC-2026-002",
         "/checks/PD-2026-001", "/checks/CC-2026-001/forms/2", "/checks/PD-2026-001/forms/1", "/hand-ins",
         "/hand-ins/BS-2026-001", "/hand-ins/BS-2026-002", "/hand-ins/received?duty=summary&period=2026",
         "/hand-ins/procurement?period=2026", "/requests",
         "/requests/XQ-2026-001", "/requests/AZ-2026-001", "/cases", "/cases/bulk-acts",
         "/cases/overdue"),
    ),
    "group_auditor": (
        ("group_auditor",),
        ("*",),
        ("/", "/units", "/positions", "/positions/why?product=rarlab/winrar", "/findings", "/findings/1",
         "/recognition", "/recognition/rules", "/titles", "/products", "/products/rarlab/winrar", "/runs", "/agents",
         "/hand-ins/questions/{open}", "/hand-ins/questions/{answered}", "/cases/overdue", "/cases/bulk-acts",
         "/cases/bulk-acts/{act}"),
    ),
    "inspector": (("inspector",), ("JT",), ("/", "/positions?only=short", "/ledger", "/runs", "/forms", "/checks",
        "/checks/CC-2026-001/forms/1", "/hand-ins", "/hand-ins/questions/{answered}", "/cases/overdue",
        "/requests/AZ-2026-001", "/nowhere")),
}  # fmt: skip
NOT_FOUND = "Failed to load resource: the server responded with a status of 404 (Not Found)"
LEDGER = """软件编号,软件名称,软件类型,单位编码,采购时间,许可数量,许可期限
JT-S-077,WinRAR,商业软件,JT,2020-01-01,9,永久
"""
SHIFTS = """() => new Promise(done => { let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) sum += e.value; }))
    .observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 120); })"""


@dataclass(frozen=True)
class Served:
    """A server on a filled store."""

    url: str
    filled: Filled
    ids: dict[str, str]

    def paths(self, kind: str) -> list[str]:
        """Return what a reader of a kind looks at."""
        return [path.format(**self.ids) for path in KINDS[kind][2]]

    def context(self, browser: Browser, kind: str, language: str, width: int, **more: Any) -> BrowserContext:
        """Return a browser window of somebody who is signed in."""
        roles, units, _ = KINDS[kind]
        cookie, _csrf = session_for(self.filled.store, self.filled.settings, roles=roles, units=units)
        context = browser.new_context(viewport={"width": width, "height": 900}, **more)
        context.add_cookies(
            [
                {"name": "zhengban", "value": cookie, "url": self.url},
                {"name": "zhengban_language", "value": language, "url": self.url},
            ]
        )
        return context


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server on loopback."""
    filled = filled_store(tmp_path_factory.mktemp("browser"))
    ids = supervision_under_way(filled)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = make_app(filled.settings, filled.store)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield Served(f"http://127.0.0.1:{port}", filled, ids)
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a screen."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=os.environ.get("ZHENGBAN_CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield made
        made.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """The script of axe-core."""
    path = os.environ.get("AXE_CORE", "")
    assert path, "AXE_CORE: expected the path of axe.min.js; npm install axe-core@4"
    return Path(path).read_text(encoding="utf-8")


def watched(page: Page) -> list[str]:
    """Return a list that everything goes into that a browser complains of."""
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_holds_in_a_browser(
    served: Served, browser: Browser, axe: str, kind: str, language: str, width: int
) -> None:
    context = served.context(browser, kind, language, width)
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if served.url not in request.url else None)
    for path in served.paths(kind):
        complaints = watched(page)
        page.goto(served.url + path)
        where = f"{kind} {language} {width} {path}"
        expected = (
            []
            if path != "/nowhere"
            else ["Failed to load resource: the server responded with a status of 404 (Not Found)"]
        )
        assert complaints == expected, where
        if path == "/nowhere":
            continue
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), where
        assert page.evaluate(SHIFTS) == 0, where
        page.evaluate(axe)
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")["violations"]
        serious = [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")]
        assert serious == [], where
    assert outside == []
    context.close()


@pytest.mark.parametrize(("language", "width"), list(zip(LANGUAGES, reversed(WIDTHS), strict=True)))
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_while_a_page_arrives_slowly(
    served: Served, browser: Browser, kind: str, language: str, width: int
) -> None:
    line = SlowLine(*served.url.removeprefix("http://").split(":"))
    context = served.context(browser, kind, language, width)
    page = context.new_page()
    for path in served.paths(kind):
        page.goto(line.url + path)
        assert page.locator("main").is_visible(), path
        assert page.evaluate(SHIFTS) == 0, f"{kind} {language} {width} {path}"
    context.close()
    line.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_dark_pages_can_be_read(served: Served, browser: Browser, axe: str, language: str) -> None:
    context = served.context(browser, "group_auditor", language, 1280, color_scheme="dark")
    page = context.new_page()
    for path in (
        "/", "/positions", "/findings", "/units", "/positions/why?product=rarlab/winrar", "/checks/CC-2026-002",
        "/checks/CC-2026-001/forms/2", "/hand-ins", "/requests/AZ-2026-001",
        f"/hand-ins/questions/{served.ids['answered']}", "/cases/overdue", "/cases/bulk-acts",
    ):  # fmt: skip
        page.goto(served.url + path)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 28)"
        page.evaluate(axe)
        found = page.evaluate("() => axe.run(document, {runOnly: ['color-contrast']})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found] == [], path
    context.close()


def test_the_unit_auditor_imports_a_ledger_and_takes_it_back(served: Served, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "台账.csv"
    file.write_text(LEDGER, "utf-8")
    context = served.context(browser, "unit_auditor", "zh_CN", 1280)
    page = context.new_page()
    page.goto(served.url + "/")
    page.get_by_role("link", name="导入批次").click()
    page.get_by_label("文件（XLSX、XLS、CSV、YAML）").set_input_files(str(file))
    page.get_by_role("button", name="预览").click()
    assert page.get_by_role("button", name=re.compile("应用：写入 1 行")).is_visible()
    page.get_by_role("button", name=re.compile("应用")).click()
    assert page.get_by_role("status").inner_text() == "已应用。可在导入批次中撤回。"
    page.goto(served.url + "/ledger?q=JT-S-077")
    assert page.get_by_role("link", name="JT-S-077").is_visible()
    page.goto(served.url + "/batches")
    page.get_by_role("link", name=re.compile("撤回")).first.click()
    page.get_by_role("button", name="撤回 1 行").click()
    page.goto(served.url + "/ledger?q=JT-S-077")
    assert page.get_by_text("没有符合条件的台账行").is_visible()
    context.close()


def test_the_inspector_walks_from_a_number_to_the_machines_own_words(served: Served, browser: Browser) -> None:
    """By links alone and without a script: shortage, why, copy, words, rule, right."""
    context = served.context(browser, "inspector", "en", 1280, java_script_enabled=False)
    page = context.new_page()
    page.goto(served.url + "/")
    page.get_by_role("link", name="WinRAR").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "WinRAR"
    law = page.locator("p.law").inner_text()
    assert law == "Required at least 3 = covered 1 + to order 0 + shortage at least 2"
    page.get_by_role("link", name="A right for this product, release and edition").first.click()
    text = page.locator("main").inner_text()
    assert "WinRAR 6.24 (64-bit)" in text and "rarlab/winrar#" in text and "software[0]" in text
    page.get_by_role("link", name=re.compile("JT-S-001")).click()
    assert "PZ-1" in page.locator("main").inner_text()
    context.close()


def test_the_group_auditor_looks_into_a_subsidiary(served: Served, browser: Browser) -> None:
    context = served.context(browser, "group_auditor", "zh_CN", 390)
    page = context.new_page()
    page.goto(served.url + "/")
    page.locator("label.menu-label").click()
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="单位").click()
    page.get_by_role("link", name=re.compile("示例设计院")).first.click()
    page.locator("label.menu-label").click()
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="计算机").click()
    assert "SJ-001" in page.content() and "JT-001" not in page.content()
    context.close()


def test_the_administrator_makes_a_token_that_is_shown_once(served: Served, browser: Browser) -> None:
    context = served.context(browser, "it_admin", "zh_CN", 1280)
    page = context.new_page()
    page.goto(served.url + "/agents")
    page.get_by_label("可用次数").fill("5")
    page.get_by_role("button", name="生成登记码").click()
    assert re.fullmatch(r"zb-[\w-]{20,}", page.locator("code.token").inner_text())
    page.goto(served.url + "/agents")
    assert page.locator("code.token").count() == 0
    context.close()


@pytest.mark.parametrize("with_script", [True, False])
def test_an_inspector_fills_a_check_in_on_a_tablet(served: Served, browser: Browser, with_script: bool) -> None:
    """Form by form by touch, then both sign: by name, and with a script by hand as well."""
    context = served.context(
        browser, "unit_auditor", "zh_CN", 820, java_script_enabled=with_script, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(served.url + "/checks")
    page.get_by_text("抽查计算机").tap()
    page.get_by_label("比例（%）").fill("100")
    page.get_by_role("button", name="抽取").click()
    link = page.get_by_role("link", name=re.compile("CC-2026-"))
    for _ in range(40):
        if link.count():
            break
        page.wait_for_timeout(250)
        page.goto(page.url)
    number = link.first.inner_text()
    link.first.tap()
    page.wait_for_url(f"**/checks/{number}")
    page.locator("tbody a").first.tap()
    page.wait_for_url("**/forms/1")
    while "/forms/" in page.url:
        for yes in page.locator("input[type=radio][value=yes]").all():
            yes.check()
        with page.expect_navigation():
            page.locator("button[name=then][value=next]").tap()
    for side, name in (("检查人员签字", "李检"), ("受检单位签字", "钱厂")):
        page.get_by_text(side, exact=True).tap()
        form = page.locator("details[open] form")
        form.get_by_label("姓名").fill(name)
        canvas = form.locator("canvas")
        assert canvas.is_visible() == with_script
        if with_script:
            box = canvas.bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + 20, box["y"] + 20)
            page.mouse.down()
            page.mouse.move(box["x"] + 160, box["y"] + 60, steps=8)
            page.mouse.up()
        with page.expect_navigation():
            form.get_by_role("button", name="签字").tap()
    assert "已签字" in page.locator(".lead").inner_text()
    pictures = page.locator("img.signature")
    assert pictures.count() == (2 if with_script else 0)
    if with_script:
        assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    assert number in page.locator("h1").inner_text()
    context.close()


def test_a_keyboard_suffices(served: Served, browser: Browser) -> None:
    context = served.context(browser, "unit_auditor", "zh_CN", 1280)
    page = context.new_page()
    page.goto(served.url + "/machines")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "q":
            break
    page.keyboard.type("JT-002")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=JT-002**")
    assert "JT-002" in page.content() and "JT-001" not in page.content()
    context.close()


def test_paper_shows_the_page_alone(served: Served, browser: Browser) -> None:
    context = served.context(browser, "unit_auditor", "zh_CN", 1280)
    page = context.new_page()
    page.goto(served.url + "/positions")
    page.emulate_media(media="print")
    assert not page.locator(".side").is_visible() and not page.locator("form.filters").is_visible()
    assert page.locator("main table").first.is_visible() and page.locator(".closing").is_visible()
    context.close()
