"""Keys of a party on a line: what its root states of them, and which hold at which place of its log.

Source: docs/protocol.md clauses 2 and 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.message import EPOCH_MAX, LineName, PartyWord
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.cosignature import CosignerKey, cosigner_key_of
from keepclear.core.record.merkle import HASH_BYTES, Head
from keepclear.core.record.witness import Quorum
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.envelope import Envelope, key_id_of
from keepclear.core.trust.fields import Fields, text_of
from keepclear.core.trust.note import VerifierKey, verifier_key_of
from keepclear.core.trust.recipient import check_recipient
from keepclear.core.trust.signature import PUBLIC_KEY_BYTES, is_sound_point

KEYS_TYPE: Final = "application/vnd.keepclear.keys+json"
"""The payload type of a key statement."""

NAME_LENGTH_MAX: Final = 120
OFFICERS_MAX: Final = 256
"""The most officers that one statement may add."""

WITNESSES_MAX: Final = 16
KEY_TEXT_MAX: Final = 4_096
KEY_ID_LENGTH: Final = 32

# Control characters, what has no width, ends of lines and paragraphs, and what turns the writing (UAX #9).
_HIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """A person who may sign for a party: name, post, key, and from where to where in the log the key holds.

    It holds for the entries after ``since`` and before ``revoked``; both are numbers of entries.
    """

    key: bytes
    name: str
    post: str
    empowered: bool
    since: int = 0
    revoked: int | None = None

    @property
    def id(self) -> str:
        """The id of the key."""
        return key_id_of(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The last head of an earlier epoch that a party stands by when it opens the next one."""

    epoch: int
    head: Head


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeys:
    """The keys that last as long as an epoch: they change only with the next one."""

    log: VerifierKey
    cosigner: CosignerKey
    node: bytes
    box: str
    previous: Anchor | None = None
    witnesses: tuple[CosignerKey, ...] = ()
    quorum: Quorum = Quorum.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatement:
    """What the root of a party states of its keys for one log."""

    at: Instant
    party: PartyWord
    line: LineName
    other: PartyWord
    epoch: int
    serial: int
    opens: LogKeys | None = None
    adds: tuple[Officer, ...] = ()
    revokes: tuple[str, ...] = ()

    def written(self) -> bytes:
        """The canonical bytes that the root signs."""
        members: dict[str, Json] = {
            "add": [_officer_members(each) for each in self.adds],
            "at_ms": self.at,
            "epoch": self.epoch,
            "line": self.line,
            "party": self.party,
            "revoke": list(self.revokes),
            "serial": self.serial,
            "v": 1,
            "with": self.other,
        }
        if self.opens is not None:
            members["open"] = _log_keys_members(self.opens)
        return canonical(members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The keys of a party at one place of its log."""

    keys: LogKeys
    officers: Mapping[str, Officer] = field(default_factory=dict[str, Officer])
    serial: int = 0

    def officer(self, key_id: str) -> Officer | None:
        """The officer whose key this is, if it holds here."""
        found = self.officers.get(key_id)
        return None if found is None or found.revoked is not None else found

    def holding(self) -> tuple[Officer, ...]:
        """Every officer whose key holds here."""
        return tuple(each for each in self.officers.values() if each.revoked is None)

    def after(self, statement: KeyStatement, *, index: int) -> Roster:
        """The roster after a statement that stands in entry ``index``.

        Raises Untrusted("keys.serial") for a statement that is not newer than the last, Untrusted("keys.again") for a
        key that is added again, and Untrusted("keys.unknown") for one that is revoked without holding.
        """
        if statement.serial <= self.serial:
            raise Untrusted(
                "keys.serial",
                f"key statement {statement.serial} of {statement.party} follows number {self.serial}",
            )
        officers = dict(self.officers)
        for each in statement.adds:
            if each.id in officers:
                raise Untrusted("keys.again", f"key {each.id} of {each.name} was stated before")
            officers[each.id] = replace(each, since=index)
        for key_id in statement.revokes:
            held = officers.get(key_id)
            if held is None or held.revoked is not None:
                raise Untrusted("keys.unknown", f"key {key_id} is revoked and does not hold")
            officers[key_id] = replace(held, revoked=index)
        return Roster(keys=self.keys, officers=officers, serial=statement.serial)


def statement_of(envelope: Envelope, *, root: VerifierKey) -> KeyStatement:
    """The key statement in an envelope, once the root is shown to have signed it.

    Raises Untrusted as ``Envelope.verify`` does, Refused("keys.type") for an envelope of another type, and Refused as
    Fields does.
    """
    if envelope.payload_type != KEYS_TYPE:
        raise Refused("keys.type", f"key statement is of type {envelope.payload_type!r}, must be {KEYS_TYPE}")
    envelope.verify(root.public_key)
    return statement_in(envelope.payload)


def statement_in(payload: bytes) -> KeyStatement:
    """The key statement in canonical bytes, which nobody need have signed yet. Raises Refused as Fields does."""
    taken = Fields(parsed(payload), what="key statement")
    taken.whole("v", least=1, most=1)
    party, line = taken.text("party", length_max=64), taken.text("line", length_max=64)
    epoch = taken.whole("epoch", least=1, most=EPOCH_MAX)
    statement = KeyStatement(
        at=Instant(taken.whole("at_ms", most=FOREVER)),
        party=PartyWord(party),
        line=LineName(line),
        other=PartyWord(taken.text("with", length_max=64)),
        epoch=epoch,
        serial=taken.whole("serial", least=1),
        opens=_log_keys_of(taken.fields("open"), origin_of(party=party, log=line, epoch=epoch))
        if "open" in taken
        else None,
        adds=tuple(_officer_of(each) for each in taken.items("add", most=OFFICERS_MAX)),
        revokes=tuple(
            text_of(each, length_max=KEY_ID_LENGTH, what="key statement: revoke")
            for each in taken.items("revoke", most=OFFICERS_MAX)
        ),
    )
    taken.end()
    return statement


def root_name(party: str) -> str:
    """The name under which a party's root is trusted."""
    return f"keepclear/{party}/root"


def cosigner_name(origin: str) -> str:
    """The name under which a log's owner cosigns the other's heads."""
    return f"{origin}/cosigner"


def _officer_members(officer: Officer) -> Json:
    return {
        "empowered": officer.empowered,
        "key": officer.key.hex(),
        "name": officer.name,
        "post": officer.post,
    }


def _officer_of(value: Json) -> Officer:
    taken = Fields(value, what="key statement: officer")
    officer = Officer(
        key=_public_key(taken, "key"),
        name=_shown(taken, "name"),
        post=_shown(taken, "post"),
        empowered=taken.flag("empowered"),
    )
    taken.end()
    return officer


def _shown(taken: Fields, name: str) -> str:
    """A text that shows as it is written. The ranges are fixed, so that no two versions of Unicode disagree."""
    text = taken.text(name, length_max=NAME_LENGTH_MAX)
    if _HIDDEN.search(text):
        raise Refused(
            "fields.unfit",
            f"key statement: {name} {text!r} has characters that are hidden or turn the writing",
        )
    return text


def _log_keys_members(keys: LogKeys) -> Json:
    previous = keys.previous
    return {
        "box": keys.box,
        "cosigner": keys.cosigner.text(),
        "log": keys.log.text(),
        "node": keys.node.hex(),
        "previous": None
        if previous is None
        else {"epoch": previous.epoch, "root": previous.head.root.hex(), "size": previous.head.size},
        "witnesses": [each.text() for each in keys.witnesses],
        "witnesses_needed": keys.quorum.value,
    }


def _log_keys_of(taken: Fields, origin: str) -> LogKeys:
    keys = LogKeys(
        log=verifier_key_of(taken.text("log", length_max=KEY_TEXT_MAX)),
        cosigner=cosigner_key_of(taken.text("cosigner", length_max=KEY_TEXT_MAX)),
        node=_public_key(taken, "node"),
        box=taken.text("box", length_max=128),
        previous=_anchor_of(taken.value("previous")),
        witnesses=tuple(
            cosigner_key_of(text_of(each, length_max=KEY_TEXT_MAX, what="key statement: witness"))
            for each in taken.items("witnesses", most=WITNESSES_MAX)
        ),
        quorum=_quorum_of(taken.text("witnesses_needed", length_max=16)),
    )
    taken.end()
    check_recipient(keys.box)
    if keys.log.name != origin or keys.cosigner.name != cosigner_name(origin):
        raise Refused(
            "keys.origin",
            f"key statement names {keys.log.name} and {keys.cosigner.name}, must be of {origin}",
        )
    return keys


def _quorum_of(text: str) -> Quorum:
    try:
        return Quorum(text)
    except ValueError:
        raise Refused(
            "fields.unfit", f"key statement: witnesses_needed is {text!r}, must be all or majority"
        ) from None


def _anchor_of(value: Json) -> Anchor | None:
    if value is None:
        return None
    taken = Fields(value, what="key statement: previous")
    head = Head(size=taken.whole("size"), root=taken.octets("root", length=HASH_BYTES))
    anchor = Anchor(epoch=taken.whole("epoch", least=1, most=EPOCH_MAX), head=head)
    taken.end()
    return anchor


def _public_key(taken: Fields, name: str) -> bytes:
    key = taken.octets(name, length=PUBLIC_KEY_BYTES)
    if not is_sound_point(key):
        raise Refused("key.public", f"key statement: {name} {key.hex()} is no sound Ed25519 key")
    return key
