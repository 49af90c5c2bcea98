"""The tray of paper: lines of several printed bundles as they come in, each bundle gathered by itself.

A line says of which bundle it is and not of which line of the node: only a whole bundle says that. So a page that
strayed in among others takes nothing from them, and a person may lay it aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, Instant
from keepclear.formats.feed.refusal import Refusal
from keepclear.formats.line.papercode import PaperLine, PaperReader, lines_taken

TRAY_BUNDLES_MAX: Final = 16
"""So many bundles may lie in the tray unfinished."""

TRAY_AGE_MS: Final = 7 * DAY_MS
"""A bundle of which no line has come for so long is laid aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A bundle of which lines are here: its id as printed, which lines are here, and which are missing."""

    paper_id: str
    here: tuple[int, ...]
    missing: tuple[int, ...]
    touched: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTaken:
    """What came of a text: the bundles that are whole now, in order; those it added to; what was not taken."""

    whole: tuple[PaperReader, ...]
    added_to: tuple[str, ...]
    refusals: tuple[Refusal, ...]


class PaperTray:
    """Gathers the lines of up to TRAY_BUNDLES_MAX bundles."""

    def __init__(self) -> None:
        self._readers: dict[str, PaperReader] = {}
        self._touched: dict[str, Instant] = {}

    def gathered(self) -> tuple[Gathered, ...]:
        """What lies in the tray, in the order in which each bundle began."""
        return tuple(
            Gathered(
                paper_id=paper_id, here=reader.here, missing=reader.missing, touched=self._touched[paper_id]
            )
            for paper_id, reader in self._readers.items()
        )

    def take(self, text: str, *, now: Instant) -> PaperTaken:
        """Takes every line in a text; a bundle that is whole leaves the tray.

        A line is not taken as ``PaperReader.keep`` says, and with the code "paper.full" when it is the first of one
        bundle too many. Raises as ``lines_taken`` does.
        """
        self._lay_aside_old(now)
        added: dict[str, None] = {}

        def keep(line: PaperLine) -> Refused | None:
            refused = self._keep(line, now)
            if refused is None:
                added[line.paper_id] = None
            return refused

        refusals = lines_taken(text, keep)
        whole = [each for each in added if not self._readers[each].missing]
        readers = tuple(self._readers[each] for each in whole)
        for each in whole:
            self.drop(each)
        return PaperTaken(whole=readers, added_to=tuple(added), refusals=refusals)

    def drop(self, paper_id: str) -> None:
        """Lays a bundle aside: its lines are as if they had never come. Raises Refused("paper.unknown")."""
        if paper_id not in self._readers:
            known = ", ".join(self._readers) or "none"
            raise Refused("paper.unknown", f"no line of bundle {paper_id[:40]!r} is here; begun are: {known}")
        del self._readers[paper_id], self._touched[paper_id]

    def _keep(self, line: PaperLine, now: Instant) -> Refused | None:
        if line.paper_id not in self._readers and len(self._readers) >= TRAY_BUNDLES_MAX:
            return Refused(
                "paper.full",
                f"begins bundle {line.paper_id}, and {TRAY_BUNDLES_MAX} are begun, which is the most; finish one, or "
                "lay one aside",
            )
        refused = self._readers.setdefault(line.paper_id, PaperReader()).keep(line)
        if refused is None:
            self._touched[line.paper_id] = now
        return refused

    def _lay_aside_old(self, now: Instant) -> None:
        # By the distance either way: a clock that was set back must not keep a bundle for ever.
        for paper_id in [each for each, at in self._touched.items() if abs(now - at) > TRAY_AGE_MS]:
            self.drop(paper_id)
