"""Cards: what a party hands to another when they pair, signed by its root.

A card proves only that whoever made it holds the root that it names. That the root is the party's is shown when both
parties compare the pairing words, or hand the cards over in person. Source: docs/protocol.md clause 15.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.keys import root_name
from keepclear.core.line.message import PartyWord
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.core.trust.fields import Fields, text_of
from keepclear.core.trust.note import VerifierKey, verifier_key_of
from keepclear.formats.plaintext import check_plain_text

CARD_TYPE: Final = "application/vnd.keepclear.card+json"
"""The payload type of a card."""

CARD_BYTES_MAX: Final = 16_384
CERTIFICATE_LENGTH_MAX: Final = 4_096
LINK_LENGTH_MAX: Final = 300
NAMES_MAX: Final = 16
NAME_LENGTH_MAX: Final = 120
PHONES_MAX: Final = 8
PHONE_LENGTH_MAX: Final = 60
PORT_MAX: Final = 65_535

_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?"
)
_LINK: Final = re.compile(r"https://(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?):([1-9][0-9]{0,4})")
# BCP 47: letters and digits in groups of up to eight, the language first.
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A party as it presents itself: root, certificate for the link, address, names by language, telephone numbers.

    ``link`` is ``https://host:port`` in lower case, or empty for a party that cannot be called. ``certificate`` is one
    PEM block; whether a link can use it is for the link to say. ``names`` has 1 to 16 by BCP 47 tag.
    Raises Refused("checkpoint.origin") for a party that is no name, Refused("text.unfit") for a name or number that
    does not show as it is written, Refused("card.unfit") for anything else that is not so.
    """

    at: Instant
    party: PartyWord
    root: VerifierKey
    certificate: str
    names: Mapping[str, str]
    link: str = ""
    phones: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        origin_of(party=self.party)
        if self.root.name != root_name(self.party):
            raise _unfit(f"the root {self.root.name}", f"be named {root_name(self.party)}")
        if not 0 <= self.at <= FOREVER:
            raise _unfit(f"the time {self.at}", "lie in the years 1970 to 9999")
        if len(self.certificate) > CERTIFICATE_LENGTH_MAX or not _CERTIFICATE.fullmatch(self.certificate):
            raise _unfit(
                "a certificate in another form", f"be one PEM block up to {CERTIFICATE_LENGTH_MAX} long"
            )
        if self.link and not _is_link(self.link):
            raise _unfit(f"the link {self.link[:80]!r}", "be https://host:port in lower case, or empty")
        _check_names(self.names)
        if len(self.phones) > PHONES_MAX:
            raise _unfit(f"{len(self.phones)} telephone numbers", f"have {PHONES_MAX} or fewer")
        for phone in self.phones:
            check_plain_text(phone, what="card: a telephone number", length_max=PHONE_LENGTH_MAX)

    def written(self) -> bytes:
        """The canonical bytes that the root signs."""
        return canonical(
            {
                "at_ms": self.at,
                "certificate": self.certificate,
                "link": self.link,
                "names": dict(self.names),
                "party": self.party,
                "phones": list(self.phones),
                "root": self.root.text(),
                "v": 1,
            }
        )


def card_bytes(card: Card, sign: Callable[[bytes], bytes]) -> bytes:
    """The file of a card, signed by the act of signing that belongs to its root.

    Raises Refused("card.too-long") past CARD_BYTES_MAX.
    """
    envelope = signed_envelope(CARD_TYPE, card.written(), public_key=card.root.public_key, sign=sign)
    raw = envelope.written()
    _check_length(raw)
    return raw


def card_of(raw: bytes) -> Card:
    """The card in a file, once the root that it names is shown to have signed it.

    One line end after it is passed over, as editors and mail leave it.
    Raises Refused("card.too-long") past CARD_BYTES_MAX, Refused("card.type") for an envelope of another type, Refused
    as ``envelope_of``, Fields and Card do, and Untrusted as ``Envelope.verify`` does.
    """
    _check_length(raw)
    envelope = envelope_of(raw.removesuffix(b"\n").removesuffix(b"\r"))
    if envelope.payload_type != CARD_TYPE:
        raise Refused("card.type", f"file is of type {envelope.payload_type!r}, must be {CARD_TYPE}")
    # A card names the key that signed it, so the name has to be read first; nothing else is, before the key holds.
    root = Fields(parsed(envelope.payload), what="card").text("root", length_max=CERTIFICATE_LENGTH_MAX)
    envelope.verify(verifier_key_of(root).public_key)
    return card_in(envelope.payload)


def card_in(payload: bytes) -> Card:
    """The card in canonical bytes, which nobody need have signed yet. Raises Refused as Fields and Card do."""
    taken = Fields(parsed(payload), what="card")
    taken.whole("v", least=1, most=1)
    # Fields takes no empty text, and a party without a link says so by one.
    link = taken.value("link")
    card = Card(
        at=Instant(taken.whole("at_ms", most=FOREVER)),
        party=PartyWord(taken.text("party", length_max=64)),
        root=verifier_key_of(taken.text("root", length_max=CERTIFICATE_LENGTH_MAX)),
        certificate=taken.text("certificate", length_max=CERTIFICATE_LENGTH_MAX),
        names=_names_of(taken.members("names", most=NAMES_MAX)),
        link="" if link == "" else text_of(link, length_max=LINK_LENGTH_MAX, what="card: link"),
        phones=tuple(
            text_of(each, length_max=PHONE_LENGTH_MAX, what="card: phone")
            for each in taken.items("phones", most=PHONES_MAX)
        ),
    )
    taken.end()
    return card


def _names_of(members: Mapping[str, Json]) -> Mapping[str, str]:
    return {
        tag: text_of(name, length_max=NAME_LENGTH_MAX, what="card: name") for tag, name in members.items()
    }


def _check_names(names: Mapping[str, str]) -> None:
    if not 1 <= len(names) <= NAMES_MAX:
        raise _unfit(f"{len(names)} names", f"have 1 to {NAMES_MAX}")
    for tag, name in names.items():
        if not _LANGUAGE.fullmatch(tag):
            raise _unfit(f"the language {tag[:40]!r}", "have tags such as en, ru, ar or fr")
        check_plain_text(name, what=f"card: the name in {tag}", length_max=NAME_LENGTH_MAX)


def _is_link(link: str) -> bool:
    found = _LINK.fullmatch(link)
    if found is None or len(link) > LINK_LENGTH_MAX or int(found[2]) > PORT_MAX:
        return False
    try:
        return not found[1].startswith("[") or bool(ipaddress.IPv6Address(found[1][1:-1]))
    except ValueError:
        return False


def _check_length(raw: bytes) -> None:
    if len(raw) > CARD_BYTES_MAX:
        raise Refused("card.too-long", f"card has {len(raw)} bytes, must have {CARD_BYTES_MAX} or fewer")


def _unfit(found: str, wanted: str) -> Refused:
    return Refused("card.unfit", f"card has {found}, must {wanted}")
