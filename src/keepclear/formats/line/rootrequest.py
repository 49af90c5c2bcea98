"""Requests to a root: what it is asked to sign, as a file that is carried to the machine where it is.

So the root's private half need never be on a node. The file is canonical JSON,
``{"payload":{...},"payloadType":TYPE,"type":"keepclear root request","v":1}``, where the payload is what will stand in
the envelope of docs/protocol.md clause 3, in the clear, so that a person can read it before it is signed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, instant_text
from keepclear.core.line.keys import (
    KEYS_TYPE,
    NAME_LENGTH_MAX,
    KeyStatement,
    LogKeys,
    Officer,
    statement_in,
)
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.cosignature import NAME_BYTES_MAX
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.envelope import key_id_of
from keepclear.core.trust.fields import Fields
from keepclear.core.trust.recipient import check_recipient
from keepclear.formats.line.card import CARD_TYPE, Card, card_in
from keepclear.formats.plaintext import check_plain_text

Asked: TypeAlias = KeyStatement | Card
"""What a root can be asked to sign."""

READERS: Final[Mapping[str, Callable[[bytes], Asked]]] = {KEYS_TYPE: statement_in, CARD_TYPE: card_in}
"""How the payload of each type that a root signs is read."""

REQUEST_BYTES_MAX: Final = 32_768

STATEMENT_BYTES_MAX: Final = 7_000
"""The longest key statement: twice in base64 and with what stands around it, it fits into a leaf of 8,192 bytes."""

_TYPE: Final = "keepclear root request"
_KEY_ID: Final = re.compile(r"[0-9a-f]{32}")


def request_bytes(asked: Asked) -> bytes:
    """The file of a request; raises Refused as ``encoding.canonical`` does."""
    payload: dict[str, Json] = parsed(asked.written())
    return canonical({"payload": payload, "payloadType": type_of(asked), "type": _TYPE, "v": 1})


def asked_in(raw: bytes) -> Asked:
    """What a file asks the root to sign; nobody has signed it yet.

    One line end after it is passed over. Raises Refused("request.too-long") past REQUEST_BYTES_MAX,
    Refused("request.type") for a file or a payload of another type, and Refused as ``statement_in`` and ``card_in`` do.
    """
    if len(raw) > REQUEST_BYTES_MAX:
        raise Refused(
            "request.too-long", f"request has {len(raw)} bytes, at most {REQUEST_BYTES_MAX} are read"
        )
    taken = Fields(parsed(raw.removesuffix(b"\n").removesuffix(b"\r")), what="request")
    if taken.text("type", length_max=64) != _TYPE:
        raise Refused("request.type", f"file is no request to a root, its type must be {_TYPE!r}")
    taken.whole("v", least=1, most=1)
    payload_type = taken.text("payloadType", length_max=128)
    payload = canonical(taken.members("payload", most=64))
    taken.end()
    if payload_type not in READERS:
        wanted = " or ".join(READERS)
        raise Refused("request.type", f"request is to sign {payload_type!r}, a root signs {wanted}")
    asked = READERS[payload_type](payload)
    check_asked(asked)
    return asked


def check_asked(asked: Asked) -> None:
    """Raises Refused for a key statement that no root of Keepclear signs.

    The code is "statement.unfit", "text.unfit", "checkpoint.origin" or "recipient.unsound". Names are names and show as
    they are written, each key is stated once and has one role, an opening revokes nothing, and the whole fits into an
    entry of a log (STATEMENT_BYTES_MAX).
    """
    if isinstance(asked, Card):
        return
    if asked.party == asked.other:
        raise _unfit("the same party on both sides", "join two")
    for party in (asked.party, asked.other):
        origin_of(party=party, log=asked.line, epoch=asked.epoch)
    if asked.serial < 1 or not 0 <= asked.at <= FOREVER:
        raise _unfit(f"serial {asked.serial} and time {asked.at}", "count from 1, in the years 1970 to 9999")
    for officer in asked.adds:
        check_plain_text(officer.name, what="key statement: an officer's name", length_max=NAME_LENGTH_MAX)
        check_plain_text(officer.post, what="key statement: an officer's post", length_max=NAME_LENGTH_MAX)
    _check_keys(asked)
    if (length := len(asked.written())) > STATEMENT_BYTES_MAX:
        raise _unfit(
            f"{length} bytes", f"have {STATEMENT_BYTES_MAX} or fewer: add officers in several statements"
        )


def type_of(asked: Asked) -> str:
    """The payload type of what is asked."""
    return KEYS_TYPE if isinstance(asked, KeyStatement) else CARD_TYPE


def words_for(asked: Asked) -> tuple[str, ...]:
    """What is asked in sentences, one a line, for the person who lets the root sign it."""
    if isinstance(asked, Card):
        return _words_for_card(asked)
    said = [
        f"Key statement {asked.serial} of {asked.party} for line {asked.line} with {asked.other}, "
        f"epoch {asked.epoch}, of {instant_text(asked.at)}."
    ]
    if asked.opens is not None:
        said += _words_for_opening(asked.opens)
    said += [_words_for_officer(each) for each in asked.adds]
    said += [f"Revokes key {each}." for each in asked.revokes]
    return tuple(said)


def _check_keys(asked: KeyStatement) -> None:
    if asked.opens is not None:
        if asked.revokes:
            raise _unfit(f"an opening and {len(asked.revokes)} revoked keys", "open or revoke")
        check_recipient(asked.opens.box)
        for witness in asked.opens.witnesses:
            check_plain_text(witness.name, what="key statement: a witness", length_max=NAME_BYTES_MAX)
    if not all(_KEY_ID.fullmatch(each) for each in asked.revokes):
        raise _unfit("a revoked key that is no id", "revoke ids of 32 hexadecimal digits")
    opens = asked.opens
    roles = () if opens is None else (opens.log.public_key, opens.cosigner.public_key, opens.node)
    keys = [key_id_of(each) for each in (*roles, *(officer.key for officer in asked.adds))]
    twice = [each for each, count in Counter((*keys, *asked.revokes)).items() if count > 1]
    if twice:
        raise _unfit(f"the key {twice[0]} twice", "state each key once, in one role")


def _words_for_card(card: Card) -> tuple[str, ...]:
    names = ", ".join(f"{name} ({tag})" for tag, name in sorted(card.names.items()))
    return (
        f"Card of {card.party} of {instant_text(card.at)}: {names}.",
        f"Root {card.root.text()}.",
        f"Link: {card.link or 'none'}. Telephone: {', '.join(card.phones) or 'none'}.",
    )


def _words_for_opening(keys: LogKeys) -> list[str]:
    said = [
        f"Opens log {keys.log.name} with log key {key_id_of(keys.log.public_key)}, "
        f"node key {key_id_of(keys.node)} and box {keys.box}."
    ]
    if keys.previous is not None:
        said.append(
            f"Stands by epoch {keys.previous.epoch} up to its {keys.previous.head.size} entries, and nothing after."
        )
    if keys.witnesses:
        names = ", ".join(each.name for each in keys.witnesses)
        said.append(f"Heads are witnessed by {keys.quorum.value} of: {names}.")
    return said


def _words_for_officer(officer: Officer) -> str:
    power = "may answer a STOP" if officer.empowered else "may not answer a STOP"
    return f"Adds {officer.name}, {officer.post}, key {officer.id}, who {power}."


def _unfit(found: str, wanted: str) -> Refused:
    return Refused("statement.unfit", f"key statement has {found}, must {wanted}")
