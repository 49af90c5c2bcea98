"""The office of the lines: cards, pairing and paper; what people do about a line beside speaking on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.line.message import Header, LineName, PartyWord
from keepclear.core.line.plot.place import places_of
from keepclear.core.line.text import text_part_of
from keepclear.core.line.voice.readback import Heard, Language, Verdict, heard, pairing_words, words_of
from keepclear.core.trust.note import VerifierKey
from keepclear.edge.api.lineforms import AgreeForm
from keepclear.edge.api.lineviews import LineViews
from keepclear.edge.config import Config
from keepclear.edge.couriers.qr import codes_in, qr_svg
from keepclear.edge.keys.statements import signed
from keepclear.edge.lines.disclosing import may_leave, note_leaving
from keepclear.edge.lines.ways import Ways, ways_setting
from keepclear.edge.node import Node
from keepclear.formats.line.card import Card, card_of
from keepclear.formats.line.lineform import Form, FormReference, form_html
from keepclear.formats.line.papercode import paper_lines
from keepclear.formats.line.papertray import Gathered, PaperTaken, PaperTray
from keepclear.formats.notice.noticejson import notice_of

PAPER: Final = "paper"
CARD_SETTING: Final = "line.card"

DIFFERING_MAX: Final = 4
"""So many words that differ are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperAnswer:
    """What came of printed lines: of which lines a bundle was taken, what is missing, what was wrong.

    ``added``: whether any line was new or known; none was where all were wrong.
    """

    taken: tuple[LineName, ...]
    missing: tuple[int, ...]
    wrong: tuple[str, ...]
    added: bool


class LineOffice:
    """What people do about the lines of a node beside speaking on them."""

    def __init__(self, node: Node, *, config: Config) -> None:
        self._node = node
        self._config = config
        self.views = LineViews(node)
        self._tray = PaperTray()

    # ------------------------------------------------------------------ pairing

    def card(self) -> bytes:
        """Our card, as the file that the other party is given.

        Where our root is on another machine it is the card that this root has signed. Raises as
        ``Identity.root_key`` does when there is neither.
        """
        kept = self._node.host.store.setting(CARD_SETTING)
        if kept is not None:
            return kept.encode()
        root = self._node.lines.identity.root_key()
        return signed(self._card(root.key), root).written()

    def unsigned_card(self) -> Card:
        """Our card as it is to be signed by a root on another machine. Raises as ``Identity.root_public`` does."""
        return self._card(self._node.lines.identity.root_public)

    def keep_card(self, raw: bytes) -> None:
        """Keep our card that a root on another machine has signed.

        Raises as ``card_of`` does, Refused("card.unfit") when it is another party's or names another certificate.
        """
        card, wanted = card_of(raw), self.unsigned_card()
        if (card.root, card.certificate) != (wanted.root, wanted.certificate):
            raise Refused(
                "card.unfit",
                f"card is of {card.party} and its certificate, must be of {wanted.party} and this node's",
            )
        self._node.host.store.commit(settings={CARD_SETTING: raw.decode("ascii").strip()})

    def _card(self, root: VerifierKey) -> Card:
        config = self._config
        return Card(
            at=self._node.now,
            party=PartyWord(self._node.lines.identity.party),
            root=root,
            certificate=self._node.couriers.own.certificate.pem,
            names=config.names or {"en": config.name},
            link=config.link.url,
            phones=tuple(config.phones),
        )

    def pairing_words(self, line: str, card: Card, language: Language) -> tuple[str, ...]:
        """The words that both screens must show for a line with the party of a card."""
        roots = (self._root().text(), card.root.text())
        return pairing_words(line=line, roots=roots, language=language)

    def _root(self) -> VerifierKey:
        """Our root as others trust it; made now for a party that has none yet."""
        identity = self._node.lines.identity
        try:
            return identity.root_public
        except Refused as error:
            if error.code != "keys.no-root":
                raise
            return identity.root_key().key

    def agree(self, form: AgreeForm) -> LineName:
        """Make a line with the party of a card, once the words that its officer read out are those shown here.

        Line and ways become durable together, once both are fit. Raises Refused("line.words") where words differ,
        saying which by their places and never which were wanted: who is told them need not have heard them. Raises
        Refused("line.other-root") for a party that is known by another root, Refused("line.known") for a line that
        there is, and as ``LineCouriers.fit`` does.
        """
        card, line = card_of(form.card.encode()), LineName(form.line)
        expected = self.pairing_words(form.line, card, form.words_in)
        found = heard(form.words, expected=expected, language=form.words_in)
        if not found.matches:
            raise Refused(
                "line.words",
                f"{_differing(found)}: ask for the words once more; when they differ again the card may have been "
                "exchanged on its way, so ask for the card by another way",
            )
        self._require_one_root(card)
        ways = self._node.couriers.fit(
            Ways(
                url=card.link if form.url is None else form.url,
                certificate=card.certificate,
                folder=form.folder,
                phones=list(card.phones),
                card_at_ms=card.at,
            )
        )
        settings = ways_setting(line, ways)
        self._node.lines.agree(line=line, other=card.party, other_root=card.root, settings=settings)
        self._node.couriers.use(line, ways)
        return line

    def _require_one_root(self, card: Card) -> None:
        """Another root is another party, whatever name it takes: else it would be let in as the first."""
        for name, line in self._node.host.desk.lines.items():
            terms = line.state.terms
            if terms.other == card.party and terms.other_root != card.root:
                raise Refused(
                    "line.other-root",
                    f"card of {card.party} has root {card.root.text()}, and on line {name} {card.party} is known by "
                    f"{terms.other_root.text()}: a party with another root needs another name; ask both who they are",
                )

    # ------------------------------------------------------------------ paper

    def printed(self, line: LineName, hashed: bytes, language: Language) -> str:
        """A message as a page to be printed, with the bundle that brings it as codes."""
        header = self.views.header(line, hashed)
        own = header.sender == self._node.lines.state(line).terms.own
        shown = [each for name, each in header.parts.items() if self._is_printed(header, name)]
        if own:
            note_leaving(self._node.host, shown, to=header.to, way=PAPER)
        packed = self._node.lines.pack(line, way=PAPER)
        if packed is None:
            raise Refused("line.closed", f"line {line} has not been opened; there is nothing to print")
        codes = tuple(qr_svg(each) for each in paper_lines(packed.raw))
        return form_html(self._form(line, header, hashed, codes, language), language)

    def paper(self, line: LineName) -> tuple[str, ...]:
        """The next bundle of a line as lines to be printed, typed or read."""
        packed = self._node.lines.pack(line, way=PAPER)
        if packed is None:
            raise Refused("line.closed", f"line {line} has not been opened; there is nothing to print")
        went = paper_lines(packed.raw)
        self._node.lines.carried(line, PAPER, packed)
        return went

    def take_paper(self, line: LineName, text: str) -> PaperAnswer:
        """Take printed lines, in any order and as many at a time as there are; each bundle that is whole is taken.

        Raises Refused("line.unknown"), as ``PaperTray.take`` does, and for a whole bundle that is no good as
        ``PaperReader.bundle`` and ``Lines.take_bundle`` do, when those beside it have been taken.
        """
        self._node.lines.state(line)
        found = self._tray.take(text, now=self._node.now)
        taken: list[LineName] = []
        troubles: list[KeepclearError] = []
        for each in found.whole:
            try:
                taken.append(self._node.lines.take_bundle(each.bundle(), way=PAPER))
            except KeepclearError as error:
                troubles.append(error)
        if troubles:
            raise troubles[0]
        return PaperAnswer(
            taken=tuple(taken),
            wrong=tuple(each.message for each in found.refusals),
            missing=self._missing(found),
            added=bool(found.added_to),
        )

    def begun_papers(self) -> tuple[Gathered, ...]:
        """The bundles of which some lines are here and others are missing."""
        return self._tray.gathered()

    def drop_paper(self, paper_id: str) -> None:
        """Lay a begun bundle aside. Raises Refused("paper.unknown")."""
        self._tray.drop(paper_id)

    def _missing(self, found: PaperTaken) -> tuple[int, ...]:
        """What is missing of the bundle that was added to last; of one that was only looked for, its first line."""
        begun = {each.paper_id: each.missing for each in self._tray.gathered()}
        unfinished = [begun[each] for each in found.added_to if each in begun]
        if unfinished:
            return unfinished[-1]
        return () if found.whole else next(reversed(begun.values()), (1,))

    def codes(self, picture: bytes) -> str:
        """The codes in a picture of a printed page, a line each. Raises Refused("paper.no-code") when there is none."""
        found = codes_in(picture)
        if not found:
            raise Refused(
                "paper.no-code", "no code was found in the picture; take it nearer, flat and in light"
            )
        return "\n".join(found)

    def _is_printed(self, header: Header, part: str) -> bool:
        """Whether a part may stand on a page that is handed on: it was released, and consent for it stands."""
        parties = (header.sender, header.to)
        released = any(each in header.released[part] for each in parties)
        return released and may_leave(self._node.host.store, header.parts[part])

    def _form(
        self, line: LineName, header: Header, hashed: bytes, codes: tuple[bytes, ...], language: Language
    ) -> Form:
        parts = self.views.parts(header)
        contents = {name: each for name, each in parts.items() if self._is_printed(header, name)}
        places = places_of(contents["places"]) if "places" in contents else ()
        message = self.views.message(line, hashed)
        by = message["by"]
        return Form(
            line=line,
            sender=header.sender,
            to=header.to,
            number=header.index,
            kind=header.kind,
            flag=header.flag,
            precedence=header.precedence,
            at=header.at,
            released_by=str(by["name"]) if isinstance(by, dict) else header.sender,
            hash=hashed,
            text=text_part_of(contents["text"]) if "text" in contents else None,
            places=places,
            notice=notice_of(contents["notice"], places) if "notice" in contents and places else None,
            references=tuple(
                FormReference(how=each.how, party=found.sender, number=found.index, hash=each.hash)
                for each in header.references
                for found in [self.views.header(line, each.hash)]
            ),
            words=words_of(hashed, language),
            codes=codes,
        )


def _differing(found: Heard) -> str:
    """Which words differ, by their places, and what was typed there."""
    typed = [
        f"word {each.number} was typed as {each.typed!r}"
        if each.typed is not None
        else f"word {each.number} is missing"
        for each in found.words
        if each.verdict is not Verdict.MATCH
    ]
    more = [f"{len(found.extra)} words were typed after the last"] if found.extra else []
    told = [
        *typed[:DIFFERING_MAX],
        *([f"{len(typed) - DIFFERING_MAX} more differ"] if len(typed) > DIFFERING_MAX else []),
    ]
    return "; ".join([*told, *more])
