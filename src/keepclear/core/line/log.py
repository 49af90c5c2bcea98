"""A party's log on a line: whether what it says is sound, entry by entry.

The speaker holds its own words against these rules before it signs, the hearer before it takes them, and a third party
years later: one set of rules for all three. Source: docs/protocol.md clause 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NoReturn

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.instant import FIRST, SECOND_MS, Instant
from keepclear.core.line.keys import KeyStatement, LogKeys, Officer, Roster, statement_of
from keepclear.core.line.message import EITHER, SERVICE, Header, Kind, LineName, PartyWord, header_of
from keepclear.core.line.seen import Seen
from keepclear.core.record.checkpoint import Checkpoint, opened, origin_of
from keepclear.core.record.merkle import Frontier, Head, Node, leaf_hash
from keepclear.core.trust.envelope import Envelope, envelope_of
from keepclear.core.trust.note import VerifierKey, note_of

MESSAGE_TYPE: Final = "application/vnd.keepclear.message+json"
"""The payload type of an entry."""

LEAF_BYTES_MAX: Final = 16_384
"""The longest entry; what people write is in its parts."""


class Rule(StrEnum):
    """The rules of soundness, by what breaks them."""

    MALFORMED = "malformed"
    FOREIGN = "foreign"
    UNAUTHORISED = "unauthorised"
    BACK_DATED = "back-dated"
    FALSE_VIEW = "false-view"


class Unsound(Untrusted):
    """An entry that breaks a rule; under a signed checkpoint it convicts the party whose log it is.

    ``cosigned`` is the note without which nobody could see that it does, or empty where the log itself shows it.
    """

    def __init__(self, rule: Rule, message: str, *, cosigned: str = "") -> None:
        super().__init__(f"line.{rule}", message)
        self.rule = rule
        self.cosigned = cosigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """What judges the claims of a log about the other one: the other's log keys by epoch, and cosignatures.

    ``cosigned_s``: in which second the log's own party cosigned the other's head, by epoch and size; ``notes``: the
    notes that show it, where they are held. A claim about an epoch below ``unjudged_below`` whose key is not known is
    passed over: who lost its own epoch cannot judge what was seen of it, and must hear the rest all the same.
    """

    keys: Mapping[int, VerifierKey] = field(default_factory=dict[int, VerifierKey])
    cosigned_s: Mapping[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    unjudged_below: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sound entry: its header, its hash, and who signed it; ``by`` None is the node itself."""

    header: Header
    hash: bytes
    leaf: bytes
    by: Officer | None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mark:
    """How far a party's log on a line goes: ``size`` entries of an epoch. A later epoch is further than any size."""

    epoch: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log up to some entry, as a value: enough to judge the next one. ``roster`` is None before entry 0."""

    line: LineName
    party: PartyWord
    other: PartyWord
    root: VerifierKey
    epoch: int = 1
    frontier: Frontier = field(default_factory=Frontier)
    roster: Roster | None = None
    last_at: Instant = FIRST
    seen: Seen | None = None

    @property
    def origin(self) -> str:
        """The origin of this log's checkpoints."""
        return origin_of(party=self.party, log=self.line, epoch=self.epoch)

    @property
    def size(self) -> int:
        """How many entries there are; also the number of the next one."""
        return self.frontier.size

    @property
    def mark(self) -> Mark:
        """How far it goes."""
        return Mark(epoch=self.epoch, size=self.size)

    def head(self) -> Head:
        """Size and root."""
        return self.frontier.head()

    def append(self, leaf: bytes, views: Views) -> Appended:
        """The log after one more entry, given by its leaf. Raises Unsound when that breaks a rule."""
        envelope, header = self._read(leaf)
        self._check_place(header, self.size)
        statement = self._statement(header)
        roster = self._roster_for(header, statement)
        by = self._signed_by(envelope, header, roster)
        self._check_time(header, views)
        self._check_seen(header, views)
        hashed = leaf_hash(leaf)
        if statement is not None and self.roster is not None:
            roster = self._changed(roster, statement, header.index)
        after = replace(
            self,
            frontier=self.frontier.append(hashed),
            roster=roster,
            last_at=header.at,
            seen=header.seen or self.seen,
        )
        said = Said(header=header, hash=hashed, leaf=leaf, by=by)
        return Appended(log=after, said=said, nodes=self.frontier.completed_by(hashed))

    def keys_stated(self, leaf: bytes) -> LogKeys:
        """The keys that an entry 0 states, once the root is shown to have signed them; nothing else of it is judged.

        Raises Unsound where it states none.
        """
        statement = self._statement(self._read(leaf)[1])
        if statement is None or statement.opens is None:
            self._unsound(Rule.UNAUTHORISED, "comes before any keys were stated")
        return statement.opens

    def read_ahead(self, leaf: bytes, views: Views, *, index: int) -> Said:
        """An entry ahead of its turn, by the keys that hold so far; it is judged anew in its turn.

        Raises Unsound for one that is not signed by these keys, or not of that place, or whose time or view would break
        a rule already, and for a service entry, which would change the keys themselves.
        """
        envelope, header = self._read(leaf)
        self._check_place(header, index)
        if self.roster is None or header.kind in SERVICE or index < self.size:
            self._unsound(Rule.UNAUTHORISED, f"cannot be read before entry {index}")
        by = self._signed_by(envelope, header, self.roster)
        self._check_time(header, views)
        self._check_seen(header, views)
        return Said(header=header, hash=leaf_hash(leaf), leaf=leaf, by=by)

    def _read(self, leaf: bytes) -> tuple[Envelope, Header]:
        if len(leaf) > LEAF_BYTES_MAX:
            self._unsound(Rule.MALFORMED, f"has {len(leaf)} bytes, must be {LEAF_BYTES_MAX} or fewer")
        try:
            envelope = envelope_of(leaf)
            if envelope.payload_type != MESSAGE_TYPE:
                self._unsound(Rule.MALFORMED, f"is of type {envelope.payload_type!r}")
            return envelope, header_of(envelope.payload)
        except Unsound:
            raise
        except KeepclearError as error:
            self._unsound(Rule.MALFORMED, f"cannot be read: {error.message}")

    def _check_place(self, header: Header, index: int) -> None:
        stated = (header.line, header.sender, header.to, header.epoch, header.index)
        wanted = (self.line, self.party, self.other, self.epoch, index)
        if stated != wanted:
            self._unsound(Rule.FOREIGN, f"says it is {stated}, must be {wanted}")

    def _statement(self, header: Header) -> KeyStatement | None:
        if header.statement is None:
            return None
        try:
            statement = statement_of(header.statement, root=self.root)
        except KeepclearError as error:
            self._unsound(Rule.UNAUTHORISED, f"has a key statement that does not hold: {error.message}")
        stated = (statement.line, statement.party, statement.other, statement.epoch)
        if stated != (self.line, self.party, self.other, self.epoch):
            self._unsound(Rule.UNAUTHORISED, f"has a key statement for {stated}")
        if (statement.opens is not None) != (header.kind is Kind.OPEN):
            self._unsound(Rule.UNAUTHORISED, f"of kind {header.kind} has a key statement of the other kind")
        return statement

    def _roster_for(self, header: Header, statement: KeyStatement | None) -> Roster:
        """The keys that hold for this entry: those before it, or for entry 0 those that it states."""
        if self.roster is not None:
            return self.roster
        if statement is None or statement.opens is None:
            self._unsound(Rule.UNAUTHORISED, "comes before any keys were stated")
        return self._changed(Roster(keys=statement.opens), statement, header.index)

    def _changed(self, roster: Roster, statement: KeyStatement, index: int) -> Roster:
        try:
            return roster.after(statement, index=index)
        except Untrusted as error:
            self._unsound(Rule.UNAUTHORISED, f"has a key statement that does not hold: {error.message}")

    def _signed_by(self, envelope: Envelope, header: Header, roster: Roster) -> Officer | None:
        officer = roster.officer(envelope.key_id)
        if officer is None and header.kind not in SERVICE | EITHER:
            self._unsound(
                Rule.UNAUTHORISED,
                f"of kind {header.kind} is signed by key {envelope.key_id}, of no officer here",
            )
        if officer is not None and header.kind in SERVICE:
            self._unsound(Rule.UNAUTHORISED, f"of kind {header.kind} is signed by an officer")
        try:
            envelope.verify(roster.keys.node if officer is None else officer.key)
        except KeepclearError as error:
            self._unsound(Rule.UNAUTHORISED, f"is not signed by whom it says: {error.message}")
        return officer

    def _check_time(self, header: Header, views: Views) -> None:
        if header.at < self.last_at:
            self._unsound(
                Rule.BACK_DATED, f"says {header.at} ms, before {self.last_at} ms of the entry before"
            )
        if header.seen is None:
            return
        cited = header.seen.epoch, header.seen.size
        cosigned_s = views.cosigned_s.get(cited)
        if cosigned_s is not None and header.at // SECOND_MS < cosigned_s:
            self._unsound(
                Rule.BACK_DATED,
                f"says {header.at} ms and cites a head that {self.party} cosigned later",
                cosigned=views.notes.get(cited, ""),
            )

    def _check_seen(self, header: Header, views: Views) -> None:
        seen, before = header.seen, self.seen
        if seen is None or seen == before:
            return
        if before is not None and (seen.epoch, seen.size) < (before.epoch, before.size):
            self._unsound(Rule.FALSE_VIEW, f"has seen {seen.size} entries, after {before.size}")
        key = views.keys.get(seen.epoch)
        if key is None and seen.epoch < views.unjudged_below:
            return
        if key is None:
            # Whoever judges may lack an epoch that there is, by loss or by design: that convicts nobody.
            raise Refused(
                "line.unknown-epoch",
                f"entry {self.size} of {self.origin} has seen epoch {seen.epoch} of {self.other}, not known here",
            )
        try:
            opened_view(seen, key)
        except KeepclearError as error:
            self._unsound(Rule.FALSE_VIEW, f"has seen a head that {self.other} never signed: {error.message}")

    def _unsound(self, rule: Rule, what: str, *, cosigned: str = "") -> NoReturn:
        raise Unsound(rule, f"entry {self.size} of {self.origin} {what}", cosigned=cosigned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """A log after an entry, what was said, and the perfect subtrees that it completed, its own first."""

    log: Log
    said: Said
    nodes: tuple[Node, ...]


def opened_view(seen: Seen, key: VerifierKey) -> str:
    """The other's checkpoint that a view cites, as a written note, once its signature holds.

    Raises as ``note_of`` and ``Note.verify`` do.
    """
    checkpoint = Checkpoint(origin=key.name, head=Head(size=seen.size, root=seen.root))
    written = f"{checkpoint.text()}\n{seen.signature}\n"
    note_of(written).verify(key)
    return written


def view_of(written: str, key: VerifierKey, *, epoch: int) -> Seen:
    """The view that cites a checkpoint of the other, given as a written note.

    Raises as ``checkpoint.opened`` does.
    """
    head = opened(written, key).head
    line = note_of(written).only([(key.name, key.hash)]).signatures[0]
    return Seen(epoch=epoch, size=head.size, root=head.root, signature=line.line())
