"""Takes the pictures of the documentation: the console at stated times of the demonstration, in Debian's chromium.

With the console built, from the root of the repository:

    PYTHONPATH=tests .venv/bin/python scripts/pictures.py [NAME ...]

The demonstration is played from its start, because what an officer sees at a time is what has happened until then.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import Struct
from playwright.sync_api import Browser, Page, sync_playwright

from edge.browser import OFFICER, RunningNode, launch, open_screen

PICTURES: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"
AT: Final = "2018-09-07T05:50"
"""The convoy has been inside for five minutes."""

FAST: Final = 60
BYTES_MAX: Final = 400_000
LOOK_S: Final = 0.25
SETTLE_MS: Final = 4_000
"""Without a graphics card the map is drawn once a second, and its labels come after it."""


class NodeTime(Struct):
    """What the node says of its time."""

    now: str


class Alert(Struct):
    """What is needed of an alert."""

    id: str
    stage: str
    cleared: str | None
    labels: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture: how the page is opened, and what is done in it before it is taken."""

    name: str
    play: Callable[[Page], None]
    theme: str = "night"
    language: str = "en"
    without_webgl: bool = False


def watch(_: Page) -> None:
    """Nothing is touched."""


def open_alert(page: Page) -> None:
    """The convoy's alert is open, and an advice is being written."""
    page.keyboard.press("KeyJ")
    page.keyboard.press("KeyA")
    page.locator('[data-step="advise"]:enabled').wait_for()
    page.keyboard.press("KeyD")
    page.locator("form").wait_for()


def select(page: Page) -> None:
    """The first alert is open, and its track is in the middle."""
    page.keyboard.press("KeyJ")


def look_back(page: Page) -> None:
    """Twenty minutes before."""
    for _ in range(2):
        page.keyboard.press("Shift+BracketLeft")
    page.locator("#alerts [data-alert]").first.wait_for()


SCENES: Final = (
    Scene(name="watch-night", play=watch),
    Scene(name="watch-day", play=watch, theme="day"),
    Scene(name="replay", play=look_back),
    Scene(name="arabic", play=select, language="ar"),
    Scene(name="no-webgl", play=watch, without_webgl=True),
    Scene(name="alert-open", play=open_alert),
)


def main(wanted: list[str]) -> None:
    """Plays the demonstration to its time, and takes the pictures there."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        drawn = launch(playwright)
        plain = launch(playwright, more=["--disable-gpu", "--disable-3d-apis"])
        with RunningNode(Path(data) / "data", "--rate", str(FAST)) as node:
            keep_watch(node)
            for scene in SCENES:
                if not wanted or scene.name in wanted:
                    take(plain if scene.without_webgl else drawn, node, scene)


def keep_watch(node: RunningNode) -> None:
    """Plays on to the time of the pictures; what came before the convoy is acknowledged and closed as it should be."""
    while node.ask("/node", NodeTime).now < AT:
        for alert in node.ask("/alerts", list[Alert]):
            if "B-F21" not in alert.labels:
                continue
            if alert.stage == "raised":
                node.step(alert.id, step="acknowledge", by=OFFICER)
            elif alert.cleared is not None:
                node.step(alert.id, step="close", by=OFFICER)
        time.sleep(LOOK_S)
    node.steer(rate=1)


def take(browser: Browser, node: RunningNode, scene: Scene) -> None:
    """One picture; a fault in the page, or a picture that is too large, ends the script."""
    screen = open_screen(
        browser, node.origin, theme=scene.theme, language=scene.language, width=1600, height=1000
    )
    page = screen.open()
    page.get_by_role("button", name="ابدأ" if scene.language == "ar" else "Start the watch").first.click()
    page.get_by_role("dialog").locator("button.primary").click()
    page.wait_for_timeout(SETTLE_MS)
    scene.play(page)
    page.wait_for_timeout(SETTLE_MS)
    picture = page.screenshot(path=PICTURES / f"{scene.name}.png")
    page.context.close()
    if screen.faults or len(picture) > BYTES_MAX:
        sys.exit(f"{scene.name}: {len(picture)} bytes, {screen.faults}")
    print(f"{scene.name}: {len(picture) / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
