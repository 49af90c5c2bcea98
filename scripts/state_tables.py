"""Writes docs/states.md from the tables by which the watch runs, so that the two cannot differ."""

from __future__ import annotations

from pathlib import Path

from keepclear.core.watch.alert import lifecycle_table
from keepclear.core.watch.standing import standing_table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "states.md"

TEXT = """\
# The state tables

Written by `make docs` from the tables in the code; a test compares the two. What is not in a table cannot
happen: a person's step that is not there is refused, and anything else leaves the state as it is.

## A track at a zone

`core/watch/standing.py`, `RULES`. Silence leads to *lost*, never to *outside*.

{standing}

## An alert

`core/watch/alert.py`, `LIFECYCLE`, after IMO MSC.302(87). Acknowledging silences an alert, it never closes
it.

{lifecycle}
"""


def state_page() -> str:
    """The whole page."""
    return TEXT.format(standing=standing_table(), lifecycle=lifecycle_table())


if __name__ == "__main__":
    PAGE.write_text(state_page(), encoding="utf-8")
