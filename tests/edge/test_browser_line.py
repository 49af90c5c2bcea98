"""The line in a real browser: two real nodes, an officer at each, and what neither may be left to assume."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

from edge.browser import PATIENCE_MS, LineNode, Screen, find_chromium, launch, open_screen

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not find_chromium() and os.environ.get("CI") != "true",
        reason="there is no Chromium here; name one in the environment variable CHROMIUM",
    ),
]

expect.set_options(timeout=PATIENCE_MS)

MAREK: Final = "L. Marek, duty officer"
ROY: Final = "A. Roy, deputy"
LIND: Final = "P. Lind, liaison"
VOLKOV: Final = "I. Volkov, watch officer"
PHONE: Final = "+1 202 555 0100"
QUEUED: Final = "Kept here. Not sent. Will be sent when the line is back."
ZONE: Final = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [38.6175, 33.5058]},
    "properties": {
        "keepclear": {
            "name": "TANF-55",
            "kind": "deconfliction",
            "declared_by": "A",
            "circle": {"radius_m": 55_000},
        }
    },
}
FORGED: Final = "Place 'TANF-55': the radius came back as 34,175.00 m: this looks like statute miles"

FORGED_STEP: Final = {
    "step": "plotted",
    "response": None,
    "echelon": None,
    "plotted": True,
    "by": "L. Marek",
    "post": "duty officer",
    "hash": "00" * 32,
    "differences": [FORGED],
}


class Desks:
    """Two nodes, paired and open, and the pages of their officers."""

    def __init__(self, browser: Browser, one: LineNode, two: LineNode) -> None:
        self.one, self.two = one, two
        self.screens: list[Screen] = []
        self._browser = browser

    def page(self, node: LineNode, *, language: str = "en", officer: str = "", width: int = 1280) -> Page:
        """A page of a node's console, its own officer at it."""
        known = officer or (MAREK if node is self.one else VOLKOV)
        screen = open_screen(self._browser, node.origin, language=language, officer=known, width=width)
        self.screens.append(screen)
        return screen.open()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert find_chromium(), "under CI a browser is needed; name one in the environment variable CHROMIUM"
    with sync_playwright() as playwright:
        launched = launch(playwright)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LineNode, LineNode]]:
    """Two nodes that are paired and open; every test says something of its own on their one line."""
    folder = tmp_path_factory.mktemp("nodes")
    with LineNode(folder, party="A", phones=[PHONE]) as one, LineNode(folder, party="B") as two:
        cards = one.card(), two.card()
        one.pair(cards[1], MAREK, ROY)
        one.add_officer(LIND, empowered=False)
        two.pair(cards[0], VOLKOV)
        one.declare(ZONE, name="TANF-55")
        two.declare(ZONE, name="TANF-55")
        yield one, two


@pytest.fixture
def desks(browser: Browser, nodes: tuple[LineNode, LineNode]) -> Iterator[Desks]:
    """At the end no page may have had a fault, and none was refused anything by its policy."""
    opened = Desks(browser, *nodes)
    yield opened
    for screen in opened.screens:
        assert screen.violations() == []
        screen.page.context.close()
        assert screen.faults == []


def message(page: Page, text: str) -> Locator:
    """The message with a text in the thread."""
    return page.locator("#side [data-message]").filter(has_text=text)


def state(page: Page, text: str, named: str) -> Locator:
    """One of the states that stand under a message of ours."""
    return message(page, text).locator(f'[data-state="{named}"]')


def count(node: LineNode, kind: str) -> int:
    """How many messages of a kind a node has."""
    return sum(each.kind == kind for each in node.thread())


def write(page: Page, text: str, *, zone: bool = True) -> None:
    """Opens the form by its key, writes, and signs by keyboard."""
    page.keyboard.press("KeyL")
    expect(page.get_by_label("Text", exact=True)).to_be_focused()
    page.keyboard.type(text)
    if zone:
        page.locator("[data-compose]").get_by_role("button", name="TANF-55").click()
        page.get_by_label("Text", exact=True).focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-compose]")).to_have_count(0)


def shown_states(page: Page, text: str) -> list[str]:
    shown = message(page, text).locator("[data-state]").all()
    return [str(each.get_attribute("data-state")) for each in shown]


def test_a_machine_that_has_a_message_is_never_shown_as_a_person_who_answered(desks: Desks) -> None:
    text = "We shall work inside the zone from 1400Z."
    here, there = desks.page(desks.two), desks.page(desks.one)
    write(here, text)
    expect(state(here, text, "delivered")).to_be_visible()
    came = message(there, text)
    came.locator(".head").click()
    expect(came).to_contain_text("Read-back words")
    assert shown_states(here, text) == ["sent", "delivered", "waiting"], "reading is no acknowledgement"
    expect(message(here, text)).not_to_contain_text("Receipted")
    came.get_by_role("button", name="Receipt as L. Marek").click()
    expect(state(here, text, "receipted")).to_contain_text("Receipted by L. Marek, duty officer")
    assert shown_states(here, text) == ["sent", "delivered", "receipted"]
    came.locator('[data-act="plotted"]').click()
    expect(state(here, text, "plotted")).to_contain_text("Plot matches: L. Marek, duty officer")
    assert shown_states(here, text) == ["sent", "delivered", "receipted", "plotted"]


def test_what_is_written_while_the_link_is_cut_is_kept_and_sent_once(desks: Desks) -> None:
    text = "The convoy leaves an hour later."
    here = desks.page(desks.two)
    before = count(desks.one, "notify")
    desks.two.cut(cut=True)
    expect(here.locator("#side")).to_contain_text("The link is held cut for an exercise.")
    write(here, text)
    expect(message(here, text)).to_contain_text(QUEUED)
    assert count(desks.one, "notify") == before
    here.locator('[data-do="restore"]').click()
    expect(state(here, text, "delivered")).to_be_visible()
    expect(message(here, text)).not_to_contain_text(QUEUED)
    assert count(desks.one, "notify") == before + 1
    sent, came = ([e.hash for e in node.thread() if e.kind == "notify"] for node in (desks.two, desks.one))
    assert came == sent


def test_a_stop_fills_the_top_until_a_person_receipts_it(desks: Desks) -> None:
    text = "Our people are in the square."
    here, there = desks.page(desks.two), desks.page(desks.one)
    there.get_by_role("tab", name="Record").click()
    desks.two.say(kind="stop", text=text, by="I. Volkov")
    banner = there.locator("[data-stop]")
    expect(banner).to_contain_text("STOP from b")
    expect(banner).to_contain_text(text)
    expect(banner).to_contain_text("Ringing with every empowered officer.")
    expect(there.get_by_role("alert").filter(has_text="New on the line from b: STOP")).to_have_count(1)
    expect(here.locator("[data-stop]")).to_contain_text("no person has receipted it")
    banner.get_by_role("button", name="Receipt as L. Marek").click()
    expect(there.locator("[data-stop]")).to_have_count(0)
    expect(here.locator("[data-stop]")).to_have_count(0)
    expect(message(here, text)).to_contain_text("Receipted by L. Marek, duty officer")


def test_a_stop_can_be_receipted_on_a_narrow_screen_with_every_panel_open(desks: Desks) -> None:
    page = desks.page(desks.one, width=1000)
    expect(page.locator("#side")).to_be_visible()
    desks.two.say(kind="stop", text="Shells fall on the bridge.", by="I. Volkov")
    page.locator("[data-stop]").get_by_role("button", name="Receipt as L. Marek").click(timeout=20_000)
    expect(page.locator("[data-stop]")).to_have_count(0)
    page.keyboard.press("KeyL")
    expect(page.locator("#alerts [data-compose]").get_by_label("Text", exact=True)).to_be_focused()


def test_a_plot_that_came_back_otherwise_is_loud_and_in_words(desks: Desks) -> None:
    text = "The road is closed until 1800Z."
    here = desks.page(desks.two)
    write(here, text)
    expect(state(here, text, "delivered")).to_be_visible()
    here.route("**/messages?limit=*", forge_an_echo)
    desks.one.say(kind="query", text="Which road?", by="L. Marek")
    expect(state(here, text, "differs")).to_contain_text("PLOT DIFFERS")
    expect(message(here, text)).to_contain_text(FORGED)
    assert "plotted" not in shown_states(here, text)


def forge_an_echo(route: Route) -> None:
    """The thread as it would be had the other's node plotted statute miles."""
    thread = json.loads(route.fetch().text())
    for each in thread:
        if each["contents"].get("text", {}).get("text") == "The road is closed until 1800Z.":
            each["reception"]["steps"] = [{**FORGED_STEP, "said": each["at"], "at": each["at"]}]
    route.fulfill(json=thread)


def test_a_stop_that_nobody_receipts_says_whom_to_call_and_who_is_next(desks: Desks) -> None:
    text = "Our column is on the road."
    here = desks.page(desks.two)
    said = desks.two.say(kind="stop", text=text, by="I. Volkov")
    banner = here.locator("[data-stop]").filter(has_text=text)
    expect(banner.locator("[data-call]")).to_contain_text(f"Call a: {PHONE}")
    expect(banner.locator("[data-call] [dir='auto']")).to_have_text(
        ["Ask for L. Marek, duty officer", "else A. Roy, deputy"]
    )
    expect(banner).not_to_contain_text("P. Lind")
    here.route("**/messages?limit=*", lambda route: said_earlier(route, text, by_s=65))
    desks.one.say(kind="query", text="Which column?", by="L. Marek")
    expect(banner).to_contain_text("Escalated: nobody answered within 60 s.")
    expect(banner.locator("[data-call] [dir='auto']")).to_have_text(
        ["Ask for A. Roy, deputy", "else L. Marek, duty officer"]
    )
    desks.one.receipt(said, step="receipted", by="A. Roy")
    expect(banner).to_have_count(0)


def test_one_who_may_not_answer_a_stop_cannot_silence_it(desks: Desks) -> None:
    text = "Two of ours are wounded."
    there = desks.page(desks.one, officer=LIND)
    said = desks.two.say(kind="stop", text=text, by="I. Volkov")
    banner = there.locator("[data-stop]").filter(has_text=text)
    banner.get_by_role("button", name="Receipt as P. Lind").click()
    refused = "P. Lind may not answer a STOP. Call one who may: L. Marek, duty officer; A. Roy, deputy"
    expect(banner).to_contain_text(refused)
    message(there, text).locator('[data-act="receipted"]').click()
    expect(message(there, text).get_by_role("alert")).to_contain_text(refused)
    expect(banner).to_be_visible()
    assert count(desks.one, "acknowledge") == count(desks.two, "acknowledge")
    desks.one.receipt(said, step="receipted", by="A. Roy")
    expect(banner).to_have_count(0)


def said_earlier(route: Route, text: str, *, by_s: int) -> None:
    """The thread as it would be had a message been said so much earlier."""
    thread = json.loads(route.fetch().text())
    for each in thread:
        if each["contents"].get("text", {}).get("text") == text:
            at = datetime.fromisoformat(each["at"]) - timedelta(seconds=by_s)
            each["at"] = at.isoformat().replace("+00:00", "Z")
    route.fulfill(json=thread)


def test_what_is_carried_by_file_is_not_called_sent_until_the_other_confirms(
    desks: Desks, tmp_path: Path
) -> None:
    text = "We carry this by hand."
    here, there = desks.page(desks.two), desks.page(desks.one)
    with held_cut(desks.two):
        write(here, text)
        expect(message(here, text)).to_contain_text(QUEUED)
        out = save_bundle(here, tmp_path / "out.kcb")
        laid = state(here, text, "laid")
        expect(laid).to_contain_text("Saved as a file")
        expect(laid).to_contain_text("and not known to have been taken by a.")
        assert "sent" not in shown_states(here, text)
        take_bundle(there, out)
        expect(message(there, text)).to_contain_text("by file")
        assert "delivered" not in shown_states(here, text), "nothing has come back yet"
        back = save_bundle(there, tmp_path / "back.kcb")
        take_bundle(here, back)
        expect(state(here, text, "delivered")).to_be_visible()
        expect(laid).not_to_contain_text("not known to have been taken")
        take_bundle(there, out)
        expect(message(there, text)).to_have_count(1)


def test_a_paper_line_that_was_copied_wrongly_is_asked_for_again_by_its_number(desks: Desks) -> None:
    text = "We print this."
    here, there = desks.page(desks.two), desks.page(desks.one)
    with held_cut(desks.two):
        write(here, text)
        carry(here).get_by_role("button", name="Lines to print or dictate").click()
        printed = here.get_by_role("dialog").get_by_label("Lines to print or dictate")
        expect(printed).to_have_value(re.compile("KC1:"))
        lines = printed.input_value().splitlines()
        here.keyboard.press("Escape")
        expect(state(here, text, "laid")).to_contain_text("Laid out for print")
        typed = carry(there)
        paste(typed, "\n".join([*lines[:1], misread(lines[1]), *lines[2:]]))
        answer = typed.locator("[data-left]")
        expect(answer).to_contain_text("Still missing: lines 2.")
        expect(typed.get_by_role("status")).to_have_count(0)
        expect(message(there, text)).to_have_count(0)
        paste(typed, lines[1])
        expect(typed.get_by_role("status")).to_have_text("The bundle is whole and was taken.")
        expect(answer).to_have_count(0)
        there.keyboard.press("Escape")
        expect(message(there, text)).to_contain_text("by paper")


def test_a_voice_message_is_signed_only_once_every_word_agrees(desks: Desks) -> None:
    text = "Which road do you use at 0900Z?"
    here, there = desks.page(desks.two), desks.page(desks.one)
    mine, theirs = speak(here, text), speak(there, text.replace("0900Z", "0930Z"))
    assert words_shown(mine) != words_shown(theirs), "another text has other words"
    theirs.get_by_label("Text, as it is read out").fill(text)
    expect(theirs.locator("[data-words]")).to_have_count(0)
    theirs.get_by_role("button", name="Show the words").click()
    expect(theirs.locator("[data-words]")).to_have_text(" ".join(words_shown(mine)))
    words = words_shown(theirs)
    hear(mine, [*words[:2], "albatross", *words[3:]])
    expect(mine.locator("[data-verdicts] li").nth(2)).to_contain_text("typed albatross")
    expect(mine).to_contain_text("The words do not agree")
    expect(mine.get_by_role("button", name="Sign as I. Volkov")).to_be_disabled()
    assert count(desks.two, "voice") == 0
    hear(mine, words)
    expect(mine).to_contain_text("Every word agrees.")
    mine.get_by_role("button", name="Sign as I. Volkov").click()
    expect(state(here, text, "said")).to_contain_text("a has not signed it yet")
    hear(theirs, words)
    theirs.get_by_role("button", name="Sign as L. Marek").click()
    expect(state(here, text, "read-back").first).to_contain_text("we and a have signed the same words")


@contextmanager
def held_cut(node: LineNode) -> Iterator[None]:
    """The link held cut, and let go whatever happens."""
    node.cut(cut=True)
    try:
        yield
    finally:
        node.cut(cut=False)


def carry(page: Page) -> Locator:
    """The window in which bundles are carried by hand, opened."""
    page.locator('[data-do="carry"]').click()
    return page.get_by_role("dialog")


def save_bundle(page: Page, to: Path) -> Path:
    """The next bundle as a file, by the window."""
    window = carry(page)
    with page.expect_download() as download:
        window.get_by_role("button", name="Save a bundle file").click()
    download.value.save_as(to)
    page.keyboard.press("Escape")
    return to


def take_bundle(page: Page, file: Path) -> None:
    """Give a bundle's file to the node, by the window."""
    window = carry(page)
    window.get_by_label("Bundle file", exact=True).set_input_files(file)
    expect(window.get_by_role("status")).to_contain_text("Taken:")
    page.keyboard.press("Escape")


def paste(window: Locator, lines: str) -> None:
    """Paste lines of paper and give them to the node."""
    window.get_by_label("Lines, typed or pasted").fill(lines)
    window.get_by_role("button", name="Take the lines").click()


def misread(line: str) -> str:
    """A line with one letter of its text copied wrongly."""
    at = len(line) // 2
    return f"{line[:at]}{'A' if line[at] != 'A' else 'B'}{line[at + 1 :]}"


def speak(page: Page, text: str) -> Locator:
    """The window for a message by voice with a question in it, its words shown."""
    page.locator('[data-do="voice"]').click()
    window = page.get_by_role("dialog")
    window.get_by_label("Kind").select_option("query")
    window.get_by_label("Text, as it is read out").fill(text)
    window.get_by_role("button", name="Show the words").click()
    expect(window.locator("[data-words]")).not_to_be_empty()
    return window


def words_shown(window: Locator) -> list[str]:
    return window.locator("[data-words]").inner_text().split()


def hear(window: Locator, words: list[str]) -> None:
    """Type what the other officer read out."""
    heard = window.get_by_label("Type the words that the other officer reads out")
    heard.fill(" ".join(words))
    heard.blur()
    expect(window.locator("[data-verdicts] li").first).to_be_visible()


def test_a_name_without_a_key_cannot_sign_and_is_told_what_to_do(desks: Desks) -> None:
    page = desks.page(desks.one, officer="M. Haddad, watch officer")
    page.keyboard.press("KeyL")
    form = page.locator("[data-compose]")
    expect(form).to_contain_text(
        "M. Haddad has no key on this line. Those who have: L. Marek, A. Roy, P. Lind."
    )
    expect(form.get_by_role("button", name="Sign and send as M. Haddad")).to_be_disabled()
    form.get_by_role("button", name="Add an officer").click()
    page.get_by_role("dialog").get_by_role("button", name="Add an officer").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(form.get_by_role("button", name="Sign and send as M. Haddad")).to_be_enabled()


def test_enter_alone_never_sends_and_what_is_missing_is_said_beside_its_field(desks: Desks) -> None:
    page = desks.page(desks.one)
    before = count(desks.one, "notify")
    page.keyboard.press("KeyL")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-compose]")).to_contain_text("Write the text.")
    expect(page.locator("[data-compose]")).to_contain_text("Say where: choose a zone")
    text = page.get_by_label("Text", exact=True)
    text.focus()
    page.keyboard.type("one")
    page.keyboard.press("Enter")
    page.keyboard.type("two")
    expect(text).to_have_value("one\ntwo")
    page.get_by_role("button", name="type a place").click()
    page.get_by_label("Position: latitude, longitude").fill("near the village")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-compose]")).to_contain_text("Name this place.")
    expect(page.locator("[data-compose]")).to_contain_text("Position in line 1 is “near the village”.")
    expect(page.get_by_label("Position: latitude, longitude")).to_have_attribute("aria-invalid", "true")
    assert count(desks.one, "notify") == before


def test_a_typed_polygon_is_echoed_before_it_is_signed_and_plotted_alike_there(desks: Desks) -> None:
    text = "We fire into this range."
    here, there = desks.page(desks.two), desks.page(desks.one)
    here.keyboard.press("KeyL")
    here.keyboard.type(text)
    here.get_by_role("button", name="type a place").click()
    place = here.get_by_role("group", name="type a place")
    place.get_by_label("Shape").select_option("polygon")
    place.get_by_label("Corners").fill("33.5, 38.5\n33°30'N 38°36'E\nnear the wadi")
    place.get_by_label("Name").fill("RANGE 7")
    here.get_by_label("Text", exact=True).focus()
    place = here.get_by_role("group", name="RANGE 7")
    expect(place.get_by_role("alert")).to_contain_text("Position in line 3 is “near the wadi”.")
    place.get_by_label("Corners").fill("33.5, 38.5\n33°30'N 38°36'E\n33.6, 38.6")
    place.get_by_label("Up to height", exact=True).fill("120")
    here.get_by_label("Text", exact=True).focus()
    expect(place.get_by_role("alert")).to_contain_text("Choose in what the height is measured")
    place.get_by_label("Up to height: Measured in and from").select_option("fl")
    place.get_by_label("From, Zulu").fill("061400Z SEP 18")
    corner = "33.5000, 38.5000 37S DT 5355 0683"
    expect(place.locator("[data-echo]")).to_contain_text(corner)
    expect(place.locator("[data-echo]")).to_contain_text(re.compile("no lower limit . FL 120"))
    expect(place.locator("[data-echo]")).to_contain_text("061400Z SEP 18")
    here.get_by_label("Text", exact=True).focus()
    here.keyboard.press("Control+Enter")
    expect(here.locator("[data-compose]")).to_have_count(0)
    expect(message(there, text)).to_contain_text(corner)
    expect(message(there, text)).to_contain_text(re.compile("no lower limit . FL 120"))
    message(there, text).locator('[data-act="plotted"]').click()
    expect(state(here, text, "plotted")).to_contain_text("Plot matches: L. Marek, duty officer")


def test_the_line_is_read_from_right_to_left_in_arabic_and_figures_are_not(desks: Desks) -> None:
    page = desks.page(desks.one, language="ar")
    text = "سنعمل داخل المنطقة"
    desks.two.say(kind="notify", text=text, language="ar", by="I. Volkov", zones=["TANF-55"])
    shown = message(page, text)
    expect(shown).to_contain_text("إشعار")
    expect(shown.locator('.text[lang="ar"]')).to_have_text(text)
    assert shown.locator(".text").evaluate("(text) => getComputedStyle(text).direction") == "rtl"
    radius = shown.get_by_text("55 km · 34.175 mi · 29.698 nmi")
    assert radius.evaluate("(text) => getComputedStyle(text).direction") == "ltr"
    shown.locator('[data-act="receipted"]').click()
    expect(shown.locator('[data-answer="receipted"]')).to_contain_text("L. Marek")


def test_two_parties_pair_by_their_screens_once_the_words_agree(browser: Browser, tmp_path: Path) -> None:
    with LineNode(tmp_path, party="A") as one, LineNode(tmp_path, party="B") as two:
        screen = open_screen(browser, one.origin, officer=MAREK)
        page = screen.open()
        page.get_by_role("tab", name="Line").click()
        page.get_by_role("button", name="Pair with a party").click()
        card = two.card()
        page.get_by_label("Card of the other party").set_input_files(
            {"name": "b.card.json", "mimeType": "application/json", "buffer": card.encode()}
        )
        page.get_by_label("Name of the line").fill("tanf")
        page.get_by_label("Name of the line").blur()
        words = two.pairing_words(one.card())
        expect(page.locator("[data-words] li")).to_have_text(words)
        heard = page.get_by_label("Type the words that the other officer reads out to you")
        agree = page.get_by_role("button", name="The words agree: make the line")
        heard.fill(" ".join([*words[:-1], "wrong"]))
        agree.click()
        expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text(
            f"word {len(words)} was typed as 'wrong'"
        )
        assert one.ask("/lines", list[object]) == []
        heard.fill(" ".join(words))
        agree.click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("#side")).to_contain_text("Agreed, and not open yet on our side")
        page.get_by_role("button", name="Open the line").click()
        expect(page.locator("#side")).to_contain_text("Open on our side; b has not opened it yet")
        refused = [each for each in screen.faults if "status of 409" not in each]
        page.context.close()
        assert refused == []
