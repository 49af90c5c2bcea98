"""The console in a real browser against a real node: what an officer is shown, can do, and is never left to assume."""

from __future__ import annotations

import base64
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from geographiclib.geodesic import Geodesic
from msgspec import Struct
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from edge.browser import (
    AT_SEA,
    OFFICER,
    PATIENCE_MS,
    RunningNode,
    Screen,
    find_chromium,
    launch,
    open_screen,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not find_chromium() and os.environ.get("CI") != "true",
        reason="there is no Chromium here; name one in the environment variable CHROMIUM",
    ),
]

expect.set_options(timeout=PATIENCE_MS)

TRADER = Geodesic.WGS84.Inverse(45.5, -20.5, 45.5763, -20.3913)
"""From the middle of the zone to where the scenario has the ship TRADER."""
PLAIN = "This machine cannot draw the map."
AMBER = "rgb(255, 181, 71)"
AGAIN_MS = 8_000
"""An alarm that nobody acknowledges sounds every seven seconds."""

REDRAW_MS = 1_100
"""Without a graphics card the map is drawn again once a second."""

PICTURES_MAX = 40
PICTURES_WITHOUT = 3
PROBE_PX = 18
PAINTED_MIN = 60
"""Of the 324 pixels of a probe, at least so many belong to the symbol in it."""

NO_WEBGL = """
    const asked = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return kind.startsWith('webgl') ? null : asked.call(this, kind, ...more);
    };
"""
NO_POINTS = """
    const draw = WebGL2RenderingContext.prototype.drawArrays;
    WebGL2RenderingContext.prototype.drawArrays = function (mode, ...more) {
        if (mode !== this.POINTS) draw.call(this, mode, ...more);
    };
"""
NO_POINTS_ON_SCREEN = NO_POINTS.replace(
    "mode !== this.POINTS", "mode !== this.POINTS || this.getParameter(this.FRAMEBUFFER_BINDING)"
)
COUNTS_TONES = """
    window.tones = 0;
    const make = BaseAudioContext.prototype.createOscillator;
    BaseAudioContext.prototype.createOscillator = function () {
        window.tones += 1;
        return make.call(this);
    };
"""
NO_SOUND = "AudioContext.prototype.resume = () => new Promise(() => undefined);"
PAINTED = """
    async ([png, places, size]) => {
        const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
        const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const pen = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
        pen.drawImage(picture, 0, 0);
        return places.map(([east, north]) => {
            const left = Math.round(picture.width / 2 + east - size / 2);
            const top = Math.round(picture.height / 2 - north - size / 2);
            const counted = new Map();
            for (const pixel of new Uint32Array(pen.getImageData(left, top, size, size).data.buffer)) {
                counted.set(pixel, (counted.get(pixel) ?? 0) + 1);
            }
            return size * size - Math.max(...counted.values());
        });
    }
"""
"""How many of the pixels around each place differ from the colour that most of them, or all, have."""


class Step(Struct):
    step: str
    by: str
    reason: str = ""
    second: str = ""
    channel: str = ""
    text: str = ""


class Body(Struct):
    step: Step | None = None


class Entry(Struct):
    kind: str
    body: Body


class Entries(Struct):
    entries: list[Entry]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert find_chromium(), "under CI a browser is needed; name one in the environment variable CHROMIUM"
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[RunningNode]:
    with RunningNode(tmp_path / "data", "--scenario", str(AT_SEA)) as running:
        yield running


class Screens:
    """Opens pages of a node's console, and remembers them."""

    def __init__(self, browser: Browser, node: RunningNode) -> None:
        self.opened: list[Screen] = []
        self._browser, self._node = browser, node

    def __call__(self, *, language: str = "en", with_clock: bool = False, before: str = "") -> Screen:
        screen = open_screen(
            self._browser, self._node.origin, language=language, with_clock=with_clock, before=before
        )
        self.opened.append(screen)
        screen.open()
        return screen


@pytest.fixture
def screens(browser: Browser, node: RunningNode) -> Iterator[Screens]:
    """Pages of the node's console; at the end none of them may have had a fault that the test did not expect."""
    opening = Screens(browser, node)
    yield opening
    for screen in opening.opened:
        screen.page.context.close()
        assert screen.faults == []


def steps_in_record(node: RunningNode) -> list[Step]:
    page = node.ask("/record/entries?start=0&limit=1000", Entries)
    return [entry.body.step for entry in page.entries if entry.body.step is not None]


def alarm(page: Page) -> str:
    """Waits for the alert of B SURVEY, selects it by J, and answers its place on the page."""
    card = page.locator("[data-alert]", has_text="B SURVEY")
    expect(card).to_be_visible()
    page.keyboard.press("KeyJ")
    expect(card).to_have_class(re.compile("open"))
    return f'[data-alert="{card.get_attribute("data-alert")}"]'


Place = tuple[int, int]
"""Pixels east and north of the middle of the map, at which the zone has its middle."""


def place_at(page: Page, *, distance_m: float, azimuth_deg: float) -> Place:
    """Where something around the middle is shown, by the map's own scale."""
    scale = page.locator(".scale")
    length_m = float(scale.inner_text().removesuffix(" km")) * 1000
    width_px = float(scale.evaluate("(bar) => bar.getBoundingClientRect().width"))
    away_px, angle = distance_m / length_m * width_px, math.radians(azimuth_deg)
    return round(away_px * math.sin(angle)), round(away_px * math.cos(angle))


def pictures(browser: Browser, page: Page, *places: Place) -> Iterator[list[int]]:
    """What is painted around these places, in one picture of the map after the other, a redraw apart."""
    reader = browser.new_page()
    try:
        for _ in range(PICTURES_MAX):
            png = base64.b64encode(page.locator("section.map").screenshot()).decode()
            yield [int(each) for each in reader.evaluate(PAINTED, [png, places, PROBE_PX])]
            page.wait_for_timeout(REDRAW_MS)
    finally:
        reader.close()


def see_zone(page: Page) -> Place:
    """Waits until all tracks have come and the zone fills the map; answers where its eastern edge is."""
    expect(page.locator("header .states")).to_contain_text("Tracks 4")
    page.keyboard.press("KeyZ")
    expect(page.locator(".scale")).to_have_text("10 km")
    return place_at(page, distance_m=20_000.0, azimuth_deg=90.0)


def trader_place(page: Page) -> Place:
    return place_at(page, distance_m=TRADER["s12"], azimuth_deg=TRADER["azi1"])


def test_nothing_leaves_the_host_and_nothing_is_refused_by_the_policy(
    screens: Screens, node: RunningNode
) -> None:
    screen = screens()
    page = screen.page
    alarm(page)
    for key in ("KeyT", "KeyZ", "KeyD", "Escape", "BracketLeft", "Space", "KeyM"):
        page.keyboard.press(key)
    page.locator("header .record").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("alert.raised")
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    page.locator("#alerts button", has_text="TRADER").click()
    expect(page.get_by_role("tabpanel")).to_contain_text("sim:C-1")
    assert len(screen.requests) > 10
    assert any("world.pmtiles" in url for url in screen.requests)
    assert any(url.startswith("ws://") for url in screen.requests)
    assert [url for url in screen.requests if node.origin.partition("//")[2] not in url] == []
    assert screen.violations() == []
    assert screen.faults == []


def test_a_page_that_asks_another_host_is_stopped_and_found_out(screens: Screens) -> None:
    screen = screens()
    screen.page.evaluate("fetch('http://127.0.0.2:9/').catch(() => undefined)")
    assert screen.violations() == ["connect-src http://127.0.0.2:9/"]
    assert any("127.0.0.2" in fault for fault in screen.faults)
    screen.faults.clear()


def test_a_known_track_paints_pixels_at_its_place(screens: Screens, browser: Browser) -> None:
    page = screens().page
    see_zone(page)
    east_px, north_px = trader_place(page)
    for guard, trader, nothing in pictures(browser, page, (0, 0), (east_px, north_px), (-east_px, north_px)):
        assert nothing == 0
        if guard > PAINTED_MIN and trader > PAINTED_MIN:
            return
    raise AssertionError("the two ships are not painted where they are")


def test_the_pixel_test_fails_where_tracks_are_not_drawn(screens: Screens, browser: Browser) -> None:
    page = screens(before=NO_POINTS_ON_SCREEN).page
    edge = see_zone(page)
    drawn = 0
    for edge_painted, guard, trader in pictures(browser, page, edge, (0, 0), trader_place(page)):
        assert (guard, trader) == (0, 0)
        drawn += edge_painted > 0
        if drawn == PICTURES_WITHOUT:
            return
    raise AssertionError("the edge of the zone is not painted")


def test_a_graphics_card_that_paints_nothing_is_noticed(screens: Screens) -> None:
    screen = screens(before=NO_POINTS)
    expect(screen.page.locator(".banners")).to_contain_text(PLAIN)
    expect(screen.page.get_by_role("table")).to_contain_text("B SURVEY")
    assert screen.faults == ["error: map: the self-test drew nothing"]
    screen.faults.clear()


def sign(page: Page, card: Locator, *, text: str = "", says: str) -> None:
    """Types into the field that has the focus, signs, and waits until the form has gone."""
    page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    expect(card.locator("form")).to_have_count(0)
    expect(card).to_contain_text(says)


def test_an_alert_is_taken_through_its_whole_life_by_keyboard_alone(
    screens: Screens, node: RunningNode
) -> None:
    page = screens().page
    card = page.locator(alarm(page))
    press = page.keyboard.press
    press("KeyA")
    expect(card).to_contain_text("Acknowledged")
    press("KeyD")
    expect(card.get_by_label("What was said")).to_be_focused()
    sign(page, card, says="Advised")
    press("KeyW")
    expect(card.get_by_label("What was said")).to_be_focused()
    press("Control+A")
    sign(page, card, text="B SURVEY, leave by the way you came.", says="Warned")
    press("KeyE")
    expect(card.get_by_label("Second person")).to_be_focused()
    press("Control+Enter")
    expect(card.get_by_role("alert")).to_have_text("Name a second person, or give a reason.")
    assert [step.step for step in steps_in_record(node)] == ["acknowledge", "advise", "warn"]
    sign(page, card, text="L. Marek, duty officer", says="Escalated")
    press("KeyX")
    expect(card.get_by_label("Reason: the condition still holds")).to_be_focused()
    press("Control+Enter")
    expect(card.get_by_role("alert")).to_contain_text("This is needed.")
    assert [step.step for step in steps_in_record(node)][3:] == ["escalate"]
    page.keyboard.type("Its owner has asked for shelter, and has it.")
    press("Control+Enter")
    expect(card).to_have_count(0)
    taken = steps_in_record(node)
    assert [step.step for step in taken] == ["acknowledge", "advise", "warn", "escalate", "close"]
    assert {step.by for step in taken} == {OFFICER}
    assert taken[1].channel == "Deconfliction line"
    assert taken[1].text.startswith("B SURVEY inside zone BOX")
    assert taken[2].text == "B SURVEY, leave by the way you came."
    assert taken[3].second == "L. Marek, duty officer"
    assert taken[4].reason == "Its owner has asked for shelter, and has it."


def test_what_is_acknowledged_in_one_page_is_silent_in_every_page(screens: Screens) -> None:
    here = screens().page
    there = screens(before=COUNTS_TONES, with_clock=True).page
    there.get_by_role("button", name="Start the watch").click()
    there.get_by_role("dialog").get_by_role("button", name="Start the watch").click()
    expect(there.locator("header")).not_to_contain_text("Sound is off")
    place = alarm(here)
    expect(there.locator(place)).to_have_class(re.compile("raised"))
    there.clock.run_for(AGAIN_MS)
    tones = int(there.evaluate("window.tones"))
    there.clock.run_for(AGAIN_MS)
    assert int(there.evaluate("window.tones")) > tones, "an alarm that nobody acknowledged must sound again"
    here.keyboard.press("KeyA")
    expect(there.locator(place)).not_to_have_class(re.compile("raised"))
    expect(there.locator(place)).to_contain_text("Acknowledged")
    tones = int(there.evaluate("window.tones"))
    there.clock.run_for(AGAIN_MS)
    assert int(there.evaluate("window.tones")) == tones


@pytest.mark.parametrize("lost", ["never there", "lost while on watch"])
def test_without_webgl_there_is_a_plot_and_a_table_and_alerts_work(
    screens: Screens, node: RunningNode, lost: str
) -> None:
    screen = screens(before=NO_WEBGL if lost == "never there" else "")
    page = screen.page
    if lost != "never there":
        page.locator("canvas.maplibregl-canvas").evaluate(
            "(canvas) => canvas.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
        )
    expect(page.locator(".banners")).to_contain_text(PLAIN)
    expect(page.get_by_role("table")).to_contain_text("B SURVEY")
    expect(page.locator(".plain canvas")).to_be_visible()
    card = page.locator(alarm(page))
    page.keyboard.press("KeyA")
    expect(card).to_contain_text("Acknowledged")
    assert [step.by for step in steps_in_record(node)] == [OFFICER]
    assert all(re.search("context was lost|after WebGL context loss", fault) for fault in screen.faults)
    screen.faults.clear()


def test_nothing_can_be_done_in_the_past_and_live_alerts_are_counted_there(
    screens: Screens, node: RunningNode
) -> None:
    screen = screens()
    page = screen.page
    card = page.locator(alarm(page))
    node.steer(rate=60)
    page.wait_for_function("() => document.querySelector('header time').dateTime > '2026-05-01T06:02'")
    node.steer(paused=True)
    expect(page.locator("footer")).to_contain_text("Paused")
    page.keyboard.press("BracketLeft")
    expect(page.locator(".replay")).to_contain_text("Replay 010601Z MAY 26")
    expect(page.locator(".replay")).to_contain_text("live alert")
    frame = page.locator("section.map").evaluate("(map) => getComputedStyle(map, '::after').borderTopColor")
    assert frame == AMBER
    expect(card).to_contain_text("B SURVEY")
    for button in card.locator("[data-step]").all():
        expect(button).to_be_disabled()
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.method) if request.method != "GET" else None)
    for key in ("KeyA", "KeyD", "KeyW", "KeyE", "KeyX"):
        page.keyboard.press(key)
        expect(card.locator("form")).to_have_count(0)
    assert posts == []
    assert steps_in_record(node) == []
    page.locator(".replay").get_by_role("button", name="Back to live").click()
    expect(page.locator(".replay")).to_have_count(0)
    page.keyboard.press("KeyA")
    expect(card).to_contain_text("Acknowledged")
    assert posts == ["POST"]


def test_a_lost_node_is_said_and_what_it_showed_grows_old_until_it_is_back(
    browser: Browser, tmp_path: Path
) -> None:
    options = ("--scenario", str(AT_SEA))
    with RunningNode(tmp_path / "data", *options, "--rate", "20") as node:
        screen = open_screen(browser, node.origin)
        page = screen.open()
        ship = page.locator("#alerts button", has_text="GUARD SHIP")
        expect(ship).not_to_contain_text("last seen")
        page.evaluate("window.sameLoad = true")
        port = node.port
    expect(page.locator(".banners")).to_contain_text("No connection to the node since")
    expect(page.locator("header")).to_contain_text("not known: no connection")
    expect(ship).to_contain_text("last seen")
    # It comes back an hour later by its own clock, which no scenario turns back.
    with RunningNode(tmp_path / "data", *options, "--start", "2026-05-01T07:00:00Z", port=port):
        expect(page.locator(".banners")).not_to_contain_text("No connection")
        expect(ship).not_to_contain_text("last seen")
        assert page.evaluate("window.sameLoad") is True
        page.context.close()


def test_in_arabic_the_page_runs_right_to_left_and_the_map_does_not(screens: Screens) -> None:
    page = screens(language="ar").page
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    alerts, side = page.locator("#alerts").bounding_box(), page.locator("#side").bounding_box()
    assert alerts is not None
    assert side is not None
    assert alerts["x"] > side["x"]
    for selector in (".gl", ".cursor", ".scale", "footer .bar", "header time"):
        assert page.locator(selector).first.evaluate("(part) => getComputedStyle(part).direction") == "ltr"
    assert page.locator("#alerts").evaluate("(part) => getComputedStyle(part).direction") == "rtl"


def test_day_night_and_language_keep_what_is_selected(screens: Screens) -> None:
    page = screens().page
    card = page.locator(alarm(page))
    page.locator("#alerts button", has_text="TRADER").click()
    panel = page.get_by_role("tabpanel")
    expect(panel).to_contain_text("sim:C-1")
    for _ in range(2):
        page.keyboard.press("KeyT")
        expect(card).to_have_class(re.compile("open"))
        expect(panel).to_contain_text("sim:C-1")
    expect(page.locator("html")).to_have_attribute("data-theme", "night")
    page.get_by_role("button", name="العربية").click()
    expect(card).to_have_class(re.compile("open"))
    expect(panel).to_contain_text("sim:C-1")


def test_sound_that_is_off_is_said_to_be_off(screens: Screens) -> None:
    page = screens().page
    expect(page.locator("header")).to_contain_text("Sound is off")
    page.get_by_role("button", name="Start the watch").click()
    page.get_by_role("dialog").get_by_role("button", name="Start the watch").click()
    expect(page.locator("header")).not_to_contain_text("Sound is off")
    blocked = screens(before=NO_SOUND).page
    blocked.get_by_role("button", name="Start the watch").click()
    blocked.get_by_role("dialog").get_by_role("button", name="Start the watch").click()
    expect(blocked.get_by_role("dialog")).to_have_count(0)
    expect(blocked.locator("header")).to_contain_text("Sound is off")
