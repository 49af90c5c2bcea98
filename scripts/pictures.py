"""Takes the pictures of the documentation: the console at stated times of the demonstration, and on a line of its own.

With the console built, from the root of the repository:

    PYTHONPATH=tests .venv/bin/python scripts/pictures.py [NAME ...]

The demonstration is played from its start, because what an officer sees at a time is what has happened until then.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import Struct
from playwright.sync_api import Browser, Page, sync_playwright

from edge.browser import OFFICER, LineNode, RunningNode, launch, open_screen

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


ZONE: Final = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [38.6175, 33.5058]},
    "properties": {
        "keepclear": {
            "name": "TANF-55",
            "kind": "deconfliction",
            "declared_by": "A",
            "warning_distance_m": 20_000,
            "circle": {"radius_m": 55_000},
        }
    },
}
THERE: Final = "I. Volkov, watch officer"


def read_message(page: Page) -> None:
    """The other party's notice is open, and its place on the map."""
    page.locator('[data-message][data-kind="notify"] .head').click()


def write_message(page: Page) -> None:
    """An answer is being written."""
    page.keyboard.press("KeyL")
    page.locator("[data-compose] textarea").first.fill("Keep clear of the road until 1800Z.")
    page.locator("[data-compose] .chips button").first.click()


def speak(page: Page) -> None:
    """A message by voice, one of whose words was heard wrongly."""
    page.locator('[data-do="voice"]').click()
    page.locator("dialog textarea").first.fill("We will enter the zone to pursue terrorists.")
    page.get_by_role("button", name="Show the words").click()
    words = page.locator("dialog [data-words]").inner_text().split()
    page.get_by_label("Type the words that the other officer").fill(" ".join([*words[:2], "albatross"]))
    page.keyboard.press("Tab")
    page.locator("[data-verdicts]").wait_for()


LINE_SCENES: Final = (
    Scene(name="line-thread", play=read_message),
    Scene(name="line-write", play=write_message, theme="day"),
    Scene(name="line-voice", play=speak),
    Scene(name="line-arabic", play=read_message, language="ar", theme="day"),
)
LINE_STOP: Final = Scene(name="line-stop", play=watch)

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
        if scenes := chosen(SCENES, wanted):
            with RunningNode(Path(data) / "data", "--rate", str(FAST)) as node:
                keep_watch(node)
                for scene in scenes:
                    take(plain if scene.without_webgl else drawn, node, scene)
        if chosen((*LINE_SCENES, LINE_STOP), wanted):
            take_line(drawn, Path(data), wanted)


def chosen(scenes: Sequence[Scene], wanted: list[str]) -> list[Scene]:
    """Those that are wanted; all of them where none is named."""
    return [scene for scene in scenes if not wanted or scene.name in wanted]


def take_line(browser: Browser, folder: Path, wanted: list[str]) -> None:
    """The pictures of the line, at the first of two nodes that are paired for them."""
    with LineNode(folder, party="A") as here, LineNode(folder, party="B") as there:
        cards = here.card(), there.card()
        here.pair(cards[1], OFFICER)
        there.pair(cards[0], THERE)
        here.declare(ZONE, name="TANF-55")
        there.declare(ZONE, name="TANF-55")
        talk(here, there)
        for scene in chosen(LINE_SCENES, wanted):
            take(browser, here, scene)
        there.say(kind="stop", text="Our people are in the square.", by=_name(THERE))
        for scene in chosen((LINE_STOP,), wanted):
            take(browser, here, scene)


def talk(here: LineNode, there: LineNode) -> None:
    """What has been said before the pictures: a notice in two languages, and an advice that is answered."""
    translation = {
        "by": "S. Orlova, interpreter",
        "language": "en",
        "text": "We shall strike inside the zone on 6 September from 1400Z.",
    }
    there.say(
        kind="notify",
        precedence="immediate",
        text="6 сентября после 1400Z мы нанесём удары внутри зоны.",
        language="ru",
        translation=translation,
        zones=["TANF-55"],
        by=_name(THERE),
    )
    advice = here.say(
        kind="advise",
        precedence="immediate",
        text="Our people are inside the zone. You are advised to stay out.",
        zones=["TANF-55"],
        by=_name(OFFICER),
    )
    while not any(each.hash == advice.hash for each in there.thread()):
        time.sleep(LOOK_S)
    for step in ("receipted", "plotted"):
        there.receipt(advice, step=step, by=_name(THERE))


def _name(officer: str) -> str:
    return officer.partition(", ")[0]


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
