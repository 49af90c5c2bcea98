"""Key statements of a party: made from its keys, and signed by its root, here or on the machine where the root is.

Where the root is away, ``request_bytes`` of a statement goes to its machine as a file, ``answered`` signs it there once
a person has read it, and ``answer_of`` takes the answer on the node. A card of the party goes the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.line.keys import Anchor, KeyStatement, LogKeys, Officer, Quorum, Roster
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.record.cosignature import Algorithm, CosignerKey
from keepclear.core.trust.envelope import Envelope, envelope_of, signed_envelope
from keepclear.core.trust.note import VerifierKey
from keepclear.edge.keys.identity import Identity, RootKey
from keepclear.formats.line.card import Card
from keepclear.formats.line.rootrequest import REQUEST_BYTES_MAX, Asked, asked_in, check_asked, type_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """For which log of a party a key statement is, which number it has there, and of when it is."""

    line: LineName
    other: PartyWord
    epoch: int
    serial: int
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessing:
    """Who must cosign the heads of a log, and how many of them."""

    witnesses: Sequence[CosignerKey] = ()
    quorum: Quorum = Quorum.ALL


def open_statement(
    identity: Identity,
    heading: Heading,
    *,
    officers: Sequence[Officer],
    previous: Anchor | None = None,
    witnessing: Witnessing = Witnessing(),
    cosigner_kind: Algorithm = Algorithm.ED25519,
) -> KeyStatement:
    """The statement that opens a log, with the node's keys for it, which are made where they are missing.

    ``previous``: the last head of the epoch before that the party stands by, None in the first.
    Raises Refused as ``Identity.line_keys`` and ``rootrequest.check_asked`` do, and Refused("statement.unfit") for a
    first epoch with a previous one or a later epoch without.
    """
    if (previous is None) != (heading.epoch == 1) or (
        previous is not None and previous.epoch >= heading.epoch
    ):
        raise Refused(
            "statement.unfit",
            f"epoch {heading.epoch} follows {'none' if previous is None else previous.epoch}, "
            "must follow an earlier one, and the first must follow none",
        )
    keys = identity.line_keys(heading.line, heading.epoch, cosigner_kind=cosigner_kind)
    stated = keys.stated(previous=previous, witnesses=witnessing.witnesses, quorum=witnessing.quorum)
    return _statement(identity, heading, opens=stated, adds=officers)


def keys_statement(
    identity: Identity,
    heading: Heading,
    *,
    roster: Roster,
    adds: Sequence[Officer] = (),
    revokes: Sequence[str] = (),
) -> KeyStatement:
    """The statement that adds and revokes officers of a log, by the ids of their keys.

    ``roster``: the keys as the log has them now. A statement that does not follow from it would, once in the log,
    convict the party of a fault; it is refused here. Raises Refused("statement.unfit") for that and for one that
    changes nothing, and as ``rootrequest.check_asked`` does.
    """
    if not adds and not revokes:
        raise Refused(
            "statement.unfit", "key statement adds nobody and revokes no key, must change something"
        )
    statement = _statement(identity, heading, adds=adds, revokes=revokes)
    try:
        roster.after(statement, index=0)
    except Untrusted as error:
        raise Refused("statement.unfit", error.message) from None
    return statement


def signed(asked: Asked, root: RootKey) -> Envelope:
    """A key statement or a card as its party's root signs it.

    Raises Refused("keys.other-root") when it is of another party or names another root, and as
    ``rootrequest.check_asked`` does, before anything is signed.
    """
    check_asked(asked)
    wanted = f"keepclear/{asked.party}/root"
    named = asked.root if isinstance(asked, Card) else root.key
    if root.key.name != wanted or named != root.key:
        raise Refused(
            "keys.other-root", f"root is {root.key.text()}, must be that of {asked.party}: {named.text()}"
        )
    return signed_envelope(type_of(asked), asked.written(), public_key=root.key.public_key, sign=root.sign)


def answered(request: bytes, root: RootKey) -> bytes:
    """The answer to a request: the file of the envelope that was asked for, signed.

    The person at this machine has read ``words_for(asked_in(request))``. Raises as ``asked_in`` and ``signed`` do.
    """
    return signed(asked_in(request), root).written()


def answer_of(raw: bytes, asked: Asked, *, root: VerifierKey) -> Envelope:
    """The envelope in the file of an answer, once it is shown to be what was asked, signed by the root.

    One line end after it is passed over. Raises Refused("request.too-long") past REQUEST_BYTES_MAX,
    Refused("request.other") for an answer to something else, Refused as ``envelope_of`` does and Untrusted as
    ``Envelope.verify`` does.
    """
    if len(raw) > REQUEST_BYTES_MAX:
        raise Refused(
            "request.too-long", f"answer has {len(raw)} bytes, at most {REQUEST_BYTES_MAX} are read"
        )
    envelope = envelope_of(raw.removesuffix(b"\n").removesuffix(b"\r"))
    envelope.verify(root.public_key)
    if envelope.payload_type != type_of(asked) or envelope.payload != asked.written():
        raise Refused("request.other", "the root's answer is to another request than this one")
    return envelope


def _statement(
    identity: Identity,
    heading: Heading,
    *,
    opens: LogKeys | None = None,
    adds: Sequence[Officer] = (),
    revokes: Sequence[str] = (),
) -> KeyStatement:
    statement = KeyStatement(
        at=heading.at,
        party=PartyWord(identity.party),
        line=heading.line,
        other=heading.other,
        epoch=heading.epoch,
        serial=heading.serial,
        opens=opens,
        adds=tuple(adds),
        revokes=tuple(revokes),
    )
    check_asked(statement)
    return statement
