"""Reading room and replay in a real Chromium: what is shown, what is asked for, what runs."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Frame, Request, sync_playwright
from playwright.sync_api import Page as Tab

from archive.web.serve import Origins, serving
from tests.archive.web.fixtures import Served
from tests.archive.web.house import ARABIC_URL, RED_DOT, STYLED, Page, build

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium; without it the tests are skipped, but not in CI."""
    if CHROMIUM is None:
        told = "no Chromium (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


class Tabs:
    """A browsing context that notes what is asked for and what the console says."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.requests: list[str] = []
        self.blocked: set[str] = set()
        self.console: list[str] = []
        context.on("requestfailed", self._failed)
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        context.on("weberror", lambda error: self.console.append(f"error: {error.error}"))

    def _failed(self, request: Request) -> None:
        if request.failure == "csp":
            # Stopped by our policy before anything was sent.
            self.blocked.add(request.url)

    def open(self, url: str) -> Tab:
        """Open a page in a tab of its own and wait until it and what it frames are loaded."""
        tab = self.context.new_page()
        tab.goto(url)
        return tab

    def outside(self, origins: Origins) -> list[str]:
        """Give what left for elsewhere."""
        ours = (f"{origins.app}/", f"{origins.replay}/", "data:", "about:")
        return [url for url in self.requests if not url.startswith(ours) and url not in self.blocked]


@pytest.fixture
def tabs(browser: Browser) -> Iterator[Tabs]:
    """Give a fresh context at desktop size."""
    with contextlib.closing(browser.new_context(viewport={"width": 1280, "height": 900})) as context:
        yield Tabs(context)


def original(tab: Tab) -> Frame:
    """Give the frame of the archived page."""
    return next(frame for frame in tab.frames if frame.parent_frame is not None)


def test_an_original_looks_as_it_did_in_its_frame(served: Served, tabs: Tabs) -> None:
    """Under the sandbox's opaque origin style sheets (imported ones too), images, lazy images and fonts are loaded."""
    tab = tabs.open(f"{served.origins.app}/article/{served.house.article_id(STYLED)}")
    frame = original(tab)
    assert frame.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(1, 2, 3)"
    assert frame.evaluate("getComputedStyle(document.querySelector('#para')).color") == "rgb(4, 5, 6)"
    for image in ("#dot", "#lazy"):
        assert frame.evaluate(f"document.querySelector('{image}').naturalWidth") == 10
    assert frame.evaluate("document.querySelector('#dot').clientWidth") == 33
    assert any(url.endswith("im_/https://example.org/own.woff2") for url in tabs.requests)
    assert frame.evaluate("self.origin") == "null"
    assert tabs.outside(served.origins) == []


def test_no_script_of_a_page_runs(served: Served, tabs: Tabs) -> None:
    """Neither in the frame nor opened alone; nor does the refresh go anywhere."""
    tab = tabs.open(f"{served.origins.app}/article/{served.house.article_id(STYLED)}")
    alone = tabs.open(f"{served.origins.replay}/record/{served.house.rows[0].id}")
    tab.wait_for_timeout(1500)
    assert original(tab).title() == alone.title() == "Harbour"
    assert alone.url == f"{served.origins.replay}/record/{served.house.rows[0].id}"
    assert tabs.outside(served.origins) == []


def test_links_stay_in_the_archive(served: Served, tabs: Tabs) -> None:
    """A link leads to the archived page in the same frame; one that leads outside finds a notice, not the live web."""
    tab = tabs.open(f"{served.origins.app}/article/{served.house.article_id(STYLED)}")
    original(tab).click("#next")
    tab.wait_for_load_state("networkidle")
    assert "The next page" in original(tab).inner_text("body")
    tab.goto(f"{served.origins.replay}/record/{served.house.rows[0].id}")
    tab.click("#send")
    tab.click("#out")
    assert "This address is not in the archive." in tab.inner_text("body")
    assert tabs.outside(served.origins) == []


def test_right_to_left_is_right_to_left(served: Served, tabs: Tabs) -> None:
    """An Arabic article begins at its column's far side, in an English room and in an Arabic one."""
    for ui in ("en", "ar"):
        tab = tabs.open(f"{served.origins.app}/article/{served.house.article_id(ARABIC_URL)}?ui={ui}")
        assert tab.evaluate("getComputedStyle(document.querySelector('article')).direction") == "rtl"
        assert tab.evaluate("getComputedStyle(document.querySelector('article .text')).textAlign") == "start"
        ends = tab.evaluate(
            """() => {
                const line = document.querySelector('article .text p');
                const range = document.createRange(); range.selectNodeContents(line);
                const text = range.getBoundingClientRect(), box = line.getBoundingClientRect();
                return [box.right - text.right, text.left - box.left];
            }"""
        )
        assert ends[0] < 2 < ends[1]
        article = tab.locator("article").bounding_box()
        frame = tab.locator("iframe").bounding_box()
        assert article
        assert frame
        assert (article["x"] < frame["x"]) == (ui == "en")
        assert original(tab).evaluate("document.dir") == "rtl"
    assert tabs.outside(served.origins) == []


@pytest.mark.parametrize("ui", ["en", "fr", "ar"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_pages_fit_and_the_console_is_silent(
    served: Served, browser: Browser, ui: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    """No page is wider than its window, nothing of ours breaks our own policy, nothing is asked for elsewhere."""
    house = served.house
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    with contextlib.closing(context):
        tabs = Tabs(context)
        for path in ("/", "/outlet/example", "/search?q=harbour+OR+ميناء+OR+port", "/nothing",
                     f"/capture/{house.row(ARABIC_URL).id}", f"/article/{house.article_id(ARABIC_URL)}"):  # fmt: skip
            tab = tabs.open(served.origins.app + path + ("&" if "?" in path else "?") + f"ui={ui}")
            assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
            looks = "getComputedStyle(document.body)"
            ink, paper = tab.evaluate(f"[{looks}.color, {looks}.backgroundColor]")
            assert (_light(ink) > _light(paper)) == (scheme == "dark")
            tab.close()
        assert [said for said in tabs.console if "404" not in said] == []
        assert tabs.outside(served.origins) == []


def _light(colour: str) -> int:
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def test_the_keyboard_is_enough(served: Served, tabs: Tabs) -> None:
    """The first tab stop skips to the content and is seen; the search can be typed and sent; focus shows."""
    tab = tabs.open(f"{served.origins.app}/?ui=en")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    box = tab.locator(".skip").bounding_box()
    assert box
    assert box["y"] >= 0
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "main"
    tab.focus("#find")
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.keyboard.type("harbour")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search?**")
    assert tab.locator("ol.hits > li").count() == 1


class Trap:
    """A server outside both origins that counts who comes."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        trap = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                trap.hits.append(self.path)
                self.send_response(204)
                self.end_headers()

            do_POST = do_HEAD = do_OPTIONS = do_GET

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @contextlib.contextmanager
    def set(self) -> Iterator[None]:
        """Wait for whoever comes."""
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()


LEAKS = """<!DOCTYPE html><html manifest="{0}/manifest"><head>
<base href="{0}/base/"><base target="_top">
<link rel="preload" as="image" href="{0}/preload"><link rel="prefetch" href="{0}/prefetch">
<link rel="preconnect" href="{0}"><link rel="dns-prefetch" href="{0}"><link rel="modulepreload" href="{0}/module.js">
<link rel="stylesheet" href="{0}/sheet.css"><link rel="alternate stylesheet" href="{0}/alternate.css" title="x">
<link rel="icon" href="{0}/icon"><link rel="manifest" href="{0}/app.json"><link rel="import" href="{0}/import">
<meta http-equiv="refresh" content="0;url={0}/refresh">
<meta http-equiv="Link" content="<{0}/link>;rel=preload;as=image">
<style>@import "{0}/import.css"; @import url({0}/import2.css); @font-face {{ font-family: F; src: url({0}/font) }}
@\\69mport "{0}/escaped.css"; body {{ background: url({0}/bg), u\\72l({0}/escaped); font-family: F }}
p {{ background: image-set("{0}/set" 1x); list-style: url('{0}/list'); cursor: url({0}/cursor), auto }}
b {{ border-image: -webkit-image-set(url({0}/border) 1x) }}
</style>
<script>fetch("{0}/fetch"); new Image().src = "{0}/js"; navigator.sendBeacon("{0}/beacon");
navigator.serviceWorker && navigator.serviceWorker.register("/sw.js"); document.cookie = "a=b"; localStorage.x = 1;
parent.postMessage("x", "*"); top.location = "{0}/top"; window.open("{0}/open"); document.title = "ran";</script>
<script src="{0}/script.js"></script><script type="module">import "{0}/import.js"</script>
</head><body onload="document.title='ran'" background="{0}/body">
<img src="{0}/img" srcset="{0}/set1 1x, {0}/set2 2x" onerror="document.title='ran'"><img data-src="{0}/lazy">
<picture><source srcset="{0}/source"><img src="x"></picture><input type="image" src="{0}/input">
<video src="{0}/video" poster="{0}/poster" autoplay></video><audio src="{0}/audio" autoplay></audio>
<video><source src="{0}/vsource"><track default src="{0}/track"></video>
<iframe src="{0}/iframe"></iframe><iframe srcdoc="<img src='{0}/srcdoc'>"></iframe>
<object data="{0}/object"></object><embed src="{0}/embed"><applet code="{0}/applet"></applet>
<svg><image href="{0}/svg" xlink:href="{0}/svgx"/><use href="{0}/use#x"/><style>rect {{ fill: url({0}/fill) }}</style>
<feImage href="{0}/fe"/><foreignObject><img src="{0}/foreign"></foreignObject><script href="{0}/svgscript"/></svg>
<table background="{0}/table"><td background="{0}/td">x</td></table><p style="background: url({0}/style)">x</p>
<bgsound src="{0}/bgsound"><form action="{0}/form"><button autofocus>x</button></form>
<a href="{0}/a" ping="{0}/ping" id="a">x</a><noscript><img src="{0}/noscript"></noscript>
<template><img src="{0}/template"></template><portal src="{0}/portal"></portal><q cite="{0}/cite">x</q>
<math><mtext><img src="{0}/math"></mtext></math><blockquote cite="{0}/quote">x</blockquote>
</body></html>"""


def test_nothing_leaks_and_nothing_is_stored(browser: Browser, tmp_path: Path) -> None:
    """Over sixty ways out, in headers, markup, style and script: nobody comes, shown in the frame or alone."""
    trap = Trap()
    link = f'<{trap.url}/header>; rel=preload; as=image, <{trap.url}/early>; rel="stylesheet"'
    headers = (("Refresh", f"0;url={trap.url}/header-refresh"), ("Link", link), ("Set-Cookie", "a=b"),
               ("Report-To", f'{{"endpoints":[{{"url":"{trap.url}/report"}}]}}'))  # fmt: skip
    url = "https://example.org/leaks"
    house = build(tmp_path, [Page(url, LEAKS.format(trap.url).encode(), headers=headers),
                             Page("https://example.org/x", RED_DOT, "image/png")])  # fmt: skip
    record = house.rows[0].id
    with trap.set(), serving(house.site) as origins, contextlib.closing(browser.new_context()) as context:
        tabs = Tabs(context)
        tabs.open(f"{origins.app}/capture/{record}").wait_for_timeout(500)
        tab = tabs.open(f"{origins.replay}/record/{record}")
        tab.click("#a")
        assert "not in the archive" in tab.inner_text("body")
        assert trap.hits == []
        assert tabs.outside(origins) == []
        assert context.cookies() == []
        assert context.service_workers == []
        assert all(page.title() != "ran" for page in context.pages)
        assert len({url for url in tabs.requests if f"im_/{trap.url}" in url}) > 20


PROBES = """
() => {
    const tried = {};
    const attempt = (name, work) => {
        try { tried[name] = String(work()); } catch (error) { tried[name] = "refused"; }
    };
    attempt("cookie", () => { document.cookie = "a=b"; return document.cookie; });
    attempt("localStorage", () => localStorage.length);
    attempt("sessionStorage", () => sessionStorage.length);
    attempt("parent", () => parent.document.title);
    attempt("top", () => top.location.href);
    attempt("indexedDB", () => indexedDB.open("x"));
    attempt("serviceWorker", () => navigator.serviceWorker.controller);
    return tried;
}
"""


def test_even_a_script_would_reach_nothing(served: Served, tabs: Tabs) -> None:
    """What a script could reach if one ran (asked from the debugger): no storage, no cookie, not the reading room."""
    tab = tabs.open(f"{served.origins.app}/article/{served.house.article_id(STYLED)}")
    assert original(tab).evaluate(PROBES) == dict.fromkeys(
        ["cookie", "localStorage", "sessionStorage", "parent", "top", "indexedDB", "serviceWorker"], "refused"
    )
    with pytest.raises(Error):
        original(tab).evaluate(f"fetch('{served.origins.app}/index.json').then(answer => answer.text())")


FRAME = """
target => { const frame = document.createElement("iframe"); frame.src = target; document.body.append(frame); }
"""


def test_nobody_else_may_frame_it(served: Served, tabs: Tabs) -> None:
    """A page from elsewhere can frame neither the room nor a replayed page."""
    tab = tabs.context.new_page()
    targets = [served.origins.app, f"{served.origins.replay}/record/{served.house.rows[0].id}"]
    tab.goto("about:blank")
    for target in targets:
        tab.evaluate(FRAME, target)
    tab.wait_for_timeout(500)
    framed = [frame for frame in tab.frames if frame.parent_frame is not None]
    assert len(framed) == len(targets)
    assert all(frame.url.startswith("chrome-error:") for frame in framed)
