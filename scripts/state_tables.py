"""Writes docs/states.md from the tables by which the watch and the lines run, so that the two cannot differ."""

from __future__ import annotations

from pathlib import Path

from keepclear.core.instant import Instant
from keepclear.core.line.deadline import RUNG_WORDS
from keepclear.core.line.duty import rungs_due
from keepclear.core.line.message import Kind, Precedence
from keepclear.core.line.terms import RECEIPT_DUE, Timers
from keepclear.core.notice.lifecycle import LIVES, OVER, first_stage, life_table
from keepclear.core.notice.notice import NoticeKind
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

## A message on a line

`core/line/reception.py`. Each state stands by itself, with its own time and person; none follows from another,
and there is no approval. A missing receipt that is due is the loudest state there is.

| state | who shows it |
|---|---|
| queued | nobody: it is signed and kept here |
| sent | our node: a bundle with it went out by a way |
| delivered | the other's node: its cosignature on our log, or an entry of its that cites our head |
| receipted | a named officer of the other's, by a signed entry |
| plotted | the same, with the plot of the other's node; what differs from ours is named with its size |
| passed | the same, to a named echelon |
| responded | the same: noted, query, objection, advise-against, counter-proposal, no-objection |

A person must receipt within, by precedence (`core/line/terms.py`):

{due}

## A STOP that nobody receipts

`core/line/duty.py`. It rings with every empowered officer from the first moment; on both sides it climbs.

{ladder}

## A notice

`core/notice/lifecycle.py`, `LIVES`. It is held against all others and the zones, but for incidents, which say what has
happened, until it is one of these: {over}.

{lives}
"""


def state_page() -> str:
    """The whole page."""
    return TEXT.format(
        standing=standing_table(),
        lifecycle=lifecycle_table(),
        due=due_table(),
        ladder=ladder_table(),
        over=", ".join(sorted(OVER)),
        lives="\n\n".join(life_tables()),
    )


def life_tables() -> list[str]:
    """What can become of each kind of notice, kinds with one life together."""
    alike: dict[tuple[tuple[str, str, str], ...], list[NoticeKind]] = {}
    for kind in LIVES:
        alike.setdefault(life_table(kind), []).append(kind)
    return [
        "\n".join(
            [
                f"### {', '.join(kinds)}\n\nIt begins as *{first_stage(kinds[0])}*.\n",
                "| stage | what happens | next stage |",
                "|---|---|---|",
                *(f"| {' | '.join(row)} |" for row in rows),
            ]
        )
        for rows, kinds in alike.items()
    ]


def due_table() -> str:
    """Within how long each precedence must be receipted."""
    rows = [f"| {precedence} | {RECEIPT_DUE[precedence] // 1000} s |" for precedence in Precedence]
    return "\n".join(["| precedence | receipt due |", "|---|---|", *rows])


def ladder_table() -> str:
    """The rungs of a STOP, each from when on it is reached."""
    timers, start = Timers(), Instant(0)
    times = (0, timers.escalate, timers.another_way, timers.everyone)
    rows: list[str] = []
    for after in times:
        rung = rungs_due(Kind.STOP, since=start, timers=timers, now=Instant(after))[-1]
        rows.append(f"| {after // 1000} s | {rung} | {RUNG_WORDS[rung]} |")
    return "\n".join(["| after | rung | in words |", "|---|---|---|", *rows])


if __name__ == "__main__":
    PAGE.write_text(state_page(), encoding="utf-8")
