"""Takes the pictures of the printed form in docs/pictures: one notice in four languages, as it comes out on paper.

From the root of the repository, with Chromium:

    PYTHONPATH=tests .venv/bin/python scripts/form_pictures.py [FOLDER]
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from edge.browser import launch
from handmade_notices import STRIKES
from keepclear.core.instant import instant_of
from keepclear.core.line.message import Flag, Kind, LineName, PartyWord, Precedence
from keepclear.core.line.text import Text
from keepclear.core.line.voice.readback import Language, words_of
from keepclear.formats.line.lineform import Form, form_html
from keepclear.formats.notice.noticejson import notice_places

PICTURES: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"
HASH: Final = sha256(b"a notice for the pictures").digest()
PAPER: Final = {"width": 794, "height": 1123}
"""A sheet of A4 at 96 dots an inch."""


def form(language: Language) -> Form:
    """The strikes note of 6 September, as a message of a line."""
    signed = instant_of("2018-09-04T15:20:00Z")
    return Form(
        line=LineName("tanf"),
        sender=PartyWord("b"),
        to=PartyWord("a"),
        number=17,
        kind=Kind.NOTIFY,
        flag=Flag.REAL,
        precedence=Precedence.IMMEDIATE,
        at=signed,
        released_by="П. Орлов, дежурный офицер",
        hash=HASH,
        text=Text(composed=signed, language="ru", originator="Штаб", text="Держитесь вне указанных районов."),
        places=notice_places(STRIKES),
        notice=STRIKES,
        words=words_of(HASH, language),
    )


def take(folder: Path) -> None:
    """One picture for each language."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for language in Language:
            page = browser.new_page(viewport=PAPER)
            page.set_content(form_html(form(language), language))
            page.emulate_media(media="print")
            page.screenshot(path=folder / f"form-{language.value}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
