"""A real node in a child process, and pages of its console in a real browser that can reach nothing but this machine.

Used by test_browser.py and test_browser_line.py, and by scripts/pictures.py for the pictures of the documentation.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self, TypeVar

import msgspec
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright

Answer = TypeVar("Answer")

AT_SEA: Final = Path(__file__).parent.parent / "vectors" / "scenarios" / "at-sea.toml"
LINE: Final = "tanf"
OFFICER: Final = "M. Haddad, watch officer"
PATIENCE_MS: Final = 60_000
"""How long a page may take to show what it must: far more than it needs, on a machine that does other things too."""

FLAGS: Final = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # Whatever the page or the browser itself may ask for, no name leads off this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
OF_THE_DRIVER: Final = re.compile(r"GPU stall|GL Driver|Automatic fallback to software WebGL")
"""What the software that stands in for a graphics card says about itself."""

NOTICES_VIOLATIONS: Final = """
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) =>
        window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


class RunningNode:
    """``keepclear demo`` in a child process, stopped by its number when the block ends."""

    def __init__(self, data: Path, *options: str, port: int = 0) -> None:
        self._command = [
            *(sys.executable, "-c", "from keepclear.edge.cli.main import main; main()", "demo"),
            *("--port", str(port), "--data", str(data), "--no-browser", *options),
        ]

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._child.stdout is not None
        first = self._child.stdout.readline()
        said = re.search(r"http://127\.0\.0\.1:\d+", first)
        if said is None:
            self.stop()
            raise AssertionError(f"the node did not say where it is, but {first!r}")
        self.origin = said.group()
        # A node must not come to stand still because nobody reads what it says.
        self._reading = threading.Thread(target=self._child.stdout.read, daemon=True)
        self._reading.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.origin.rpartition(":")[2])

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._child.terminate()
        try:
            self._child.wait(30)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if hasattr(self, "_reading"):
            self._reading.join()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def ask(self, path: str, shape: type[Answer]) -> Answer:
        """What the node answers, in the shape that the caller expects."""
        with urllib.request.urlopen(f"{self.origin}/api/v1{path}", timeout=30) as answer:
            return msgspec.json.decode(answer.read(), type=shape)

    def steer(self, **change: float | bool | str) -> None:
        """Pause, go on, change the rate or jump."""
        self._post("/replay", change)

    def step(self, alert: str, **done: str) -> None:
        """Take a response step."""
        self._post(f"/alerts/{alert}/steps", done)

    def _post(self, path: str, body: Mapping[str, object], *, method: str = "POST") -> bytes:
        head = {"content-type": "application/json"}
        url = f"{self.origin}/api/v1{path}"
        asked = urllib.request.Request(url, json.dumps(body).encode(), head, method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return bytes(answer.read())


class Message(msgspec.Struct):
    """What is needed of a message on a line."""

    hash: str
    index: int
    kind: str
    own: bool


class Words(msgspec.Struct):
    """The words that two screens must show when parties pair."""

    words: dict[str, list[str]]


class LineNode(RunningNode):
    """``keepclear serve`` for one party, with a link on a free port of 127.0.0.1."""

    def __init__(self, folder: Path, *, party: str, phones: Sequence[str] = ()) -> None:
        link = _free_port()
        settings = folder / f"{party}.toml"
        settings.write_text(
            f'name = "{party}-DESK"\nparty = "{party}"\ndata = "{folder / party}"\nport = 0\n'
            f"phones = {json.dumps(list(phones))}\n"
            f'[link]\nport = {link}\nurl = "https://127.0.0.1:{link}"\n'
        )
        self._command = [
            *(sys.executable, "-c", "from keepclear.edge.cli.main import main; main()", "serve"),
            str(settings),
        ]

    def card(self) -> str:
        """Its party's card, as the text of its file."""
        with urllib.request.urlopen(f"{self.origin}/api/v1/card", timeout=30) as answer:
            return str(answer.read().decode())

    def pair(self, card: str, *officers: str, line: str = LINE) -> None:
        """Make a line with the party of a card, by the words that both screens show, and open it."""
        words = self.pairing_words(card, line=line)
        self._post("/lines", {"line": line, "card": card, "words": " ".join(words)})
        posts = [dict(zip(("name", "post"), each.split(", "), strict=True)) for each in officers]
        self._post(f"/lines/{line}/open", {"adds": posts})

    def add_officer(self, officer: str, *, empowered: bool) -> None:
        """Give an officer a key on the line."""
        name, _, post = officer.partition(", ")
        self._post(f"/lines/{LINE}/keys", {"adds": [{"name": name, "post": post, "empowered": empowered}]})

    def pairing_words(self, card: str, *, line: str = LINE) -> list[str]:
        """The words that this node shows for a line with the party of a card, in English."""
        answer = self._post("/card/words", {"line": line, "card": card})
        return msgspec.json.decode(answer, type=Words).words["en"]

    def declare(self, zone: Mapping[str, object], *, name: str) -> None:
        """Declare a zone."""
        self._post(f"/zones/{name}?by=M.%20Haddad", zone, method="PUT")

    def say(self, **message: object) -> Message:
        """Sign a message and send it."""
        return msgspec.json.decode(self._post(f"/lines/{LINE}/messages", message), type=Message)

    def receipt(self, message: Message, **step: object) -> None:
        """Take a step of acknowledgement."""
        self._post(f"/lines/{LINE}/messages/{message.hash}/steps", step)

    def thread(self) -> list[Message]:
        """What was said on the line, the oldest first."""
        return self.ask(f"/lines/{LINE}/messages", list[Message])

    def cut(self, *, cut: bool) -> None:
        """Hold the link cut, or let it go."""
        self._post(f"/lines/{LINE}/cut", {"cut": cut})


class Screen:
    """One page of the console, and every fault that was seen in it."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.faults: list[str] = []
        self.requests: list[str] = []
        self._origin = origin
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        context.on("request", lambda request: self._asked(request.url))
        self.page.on("websocket", lambda socket: self._asked(socket.url))

    def open(self) -> Page:
        """The console, connected to its node."""
        self.page.goto(f"{self._origin}/watch", wait_until="load")
        self.page.locator("header .record").wait_for()
        return self.page

    def violations(self) -> list[str]:
        """What the page's policy refused."""
        return [str(each) for each in self.page.evaluate("window.violations")]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not OF_THE_DRIVER.search(message.text):
            self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, url: str) -> None:
        self.requests.append(url)
        own = self._origin.partition("//")[2]
        if not re.match(rf"(http|ws)://{re.escape(own)}/|blob:http://{re.escape(own)}/", url):
            self.faults.append(f"left the host: {url}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def find_chromium() -> str:
    """Chromium as ``make test`` names it, or Debian's; empty when there is none."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or ""


def launch(playwright: Playwright, *, more: Sequence[str] = ()) -> Browser:
    """A browser without a window."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=[*FLAGS, *more])


def open_screen(
    browser: Browser,
    origin: str,
    *,
    signed_on: bool = True,
    officer: str = OFFICER,
    theme: str = "night",
    language: str = "en",
    width: int = 1280,
    height: int = 800,
    with_clock: bool = False,
    before: str = "",
) -> Screen:
    """A page in a profile of its own.

    ``with_clock``: its timers can be run ahead. ``before``: a script that runs in it before anything else.
    """
    context = browser.new_context(viewport={"width": width, "height": height})
    name, _, role = officer.partition(", ")
    kept = {"keepclear.theme": theme, "keepclear.language": language}
    if signed_on:
        kept["keepclear.officer"] = json.dumps({"name": name, "role": role})
    # Only what is not kept yet: a page that is loaded again finds what the person chose meanwhile.
    keeping = "".join(
        f"localStorage.getItem({json.dumps(key)}) ?? localStorage.setItem({json.dumps(key)}, {json.dumps(value)});"
        for key, value in kept.items()
    )
    context.add_init_script(NOTICES_VIOLATIONS + keeping + before)
    if with_clock:
        context.clock.install()
    return Screen(context, origin)
