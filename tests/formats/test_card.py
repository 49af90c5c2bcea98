"""Cards: what a party hands over at pairing says what its root signed, and nothing else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.line.message import PartyWord
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.core.trust.note import VerifierKey
from keepclear.formats.line.card import CARD_BYTES_MAX, CARD_TYPE, Card, card_bytes, card_of
from party import public, seeded_key

ROOT = seeded_key("a root")
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
CARD = Card(
    at=Instant(1_535_760_000_000),
    party=PartyWord("a"),
    root=VerifierKey(name="keepclear/a/root", public_key=public(ROOT)),
    certificate=CERTIFICATE,
    names={"en": "Garrison", "ar": "\u062d\u0627\u0645\u064a\u0629"},
    link="https://a.example:8471",
    phones=("+1 202 555 0100", "ext. 7"),
)


def refused(*codes: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code in codes)


def resigned(**members: object) -> bytes:
    """The card with other members, signed by its own root as if nothing were amiss."""
    content = {**json.loads(CARD.written()), **members}
    content = {name: value for name, value in content.items() if value is not None}
    payload = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return signed_envelope(CARD_TYPE, payload, public_key=public(ROOT), sign=ROOT.sign).written()


def test_a_card_is_read_as_it_was_written() -> None:
    assert card_of(card_bytes(CARD, ROOT.sign)) == CARD
    assert card_of(card_bytes(CARD, ROOT.sign) + b"\r\n") == CARD
    bare = replace(CARD, link="", phones=())
    assert card_of(card_bytes(bare, ROOT.sign)) == bare


def test_a_card_is_the_canonical_json_of_the_protocol() -> None:
    outer = json.loads(card_bytes(CARD, ROOT.sign))
    assert outer["payloadType"] == "application/vnd.keepclear.card+json"
    assert json.loads(base64.b64decode(outer["payload"])) == {
        "at_ms": 1_535_760_000_000,
        "certificate": CERTIFICATE,
        "link": "https://a.example:8471",
        "names": {"ar": "\u062d\u0627\u0645\u064a\u0629", "en": "Garrison"},
        "party": "a",
        "phones": ["+1 202 555 0100", "ext. 7"],
        "root": CARD.root.text(),
        "v": 1,
    }


def test_a_card_that_another_key_signed_is_untrusted() -> None:
    other = seeded_key("b root")
    with pytest.raises(Untrusted):
        card_of(card_bytes(CARD, other.sign))
    foreign = signed_envelope(CARD_TYPE, CARD.written(), public_key=public(other), sign=other.sign)
    with pytest.raises(Untrusted):
        card_of(foreign.written())


def test_an_envelope_of_another_type_is_no_card() -> None:
    keys = signed_envelope(
        "application/vnd.keepclear.keys+json", CARD.written(), public_key=public(ROOT), sign=ROOT.sign
    )
    with refused("card.type"):
        card_of(keys.written())


def test_no_single_changed_bit_of_a_card_is_taken() -> None:
    raw = card_bytes(CARD, ROOT.sign)
    for place in range(len(raw)):
        for bit in range(8):
            with pytest.raises((Refused, Untrusted)):
                card_of(raw[:place] + bytes((raw[place] ^ 1 << bit,)) + raw[place + 1 :])


def test_nothing_but_the_root_is_read_before_the_signature_holds() -> None:
    envelope = envelope_of(resigned(party="B", link=7))
    with pytest.raises(Untrusted):
        card_of(replace(envelope, signature=bytes(64)).written())


@pytest.mark.parametrize("name", [*json.loads(CARD.written()), "more"])
@pytest.mark.parametrize("value", [None, True, -1, 2, "", "x" * 5_000, [], [""], {}, {"en": ""}, {"e": "x"}])
def test_a_member_that_is_missing_unfit_or_unknown_is_refused_though_signed(name: str, value: object) -> None:
    allowed = {("at_ms", 2), ("link", ""), ("phones", "[]"), ("more", None)}
    if (name, value if not isinstance(value, list | dict) else str(value)) in allowed:
        card_of(resigned(**{name: value}))
        return
    with refused(
        "fields.missing", "fields.unfit", "fields.unknown", "card.unfit", "text.unfit", "key.unreadable"
    ):
        card_of(resigned(**{name: value}))


@pytest.mark.parametrize(
    "link",
    [
        "http://a:1",
        "https://a",
        "https://a:0",
        "https://a:65536",
        "https://a:08471",
        "https://A:1",
        "https://a:1/",
        "https://u@a:1",
        "https://a b:1",
        "https://-a:1",
        "https://[::g]:1",
        "https://[1:2]:1",
        "https://a:1\n",
        "javascript:alert(1)",
        f"https://{'a' * 300}:1",
    ],
)
def test_a_link_is_an_address_and_a_port_and_nothing_else(link: str) -> None:
    with refused("card.unfit"):
        replace(CARD, link=link)


@pytest.mark.parametrize(
    "link", ["", "https://192.0.2.7:8471", "https://[2001:db8::7]:443", "https://a:65535"]
)
def test_an_address_is_a_name_or_a_number_of_either_kind(link: str) -> None:
    assert card_of(card_bytes(replace(CARD, link=link), ROOT.sign)).link == link


@pytest.mark.parametrize(
    "certificate",
    ["", "text", CERTIFICATE * 2, CERTIFICATE + "x", CERTIFICATE.replace("CERTIFICATE", "X"), "\u00e9"],
)
def test_a_certificate_is_one_block_of_pem(certificate: str) -> None:
    with refused("card.unfit"):
        replace(CARD, certificate=certificate)


def test_a_card_is_of_the_party_that_its_root_is_named_for() -> None:
    with refused("card.unfit"):
        replace(CARD, party=PartyWord("b"))
    with refused("checkpoint.origin"):
        replace(CARD, party=PartyWord("A"))


@pytest.mark.parametrize("text", ["x\u202e", "x\n", " ", ""])
def test_names_and_numbers_show_as_they_are_written(text: str) -> None:
    with refused("text.unfit"):
        replace(CARD, names={"en": text})
    with refused("text.unfit"):
        replace(CARD, phones=(text,))


def test_a_card_has_a_name_and_no_more_of_anything_than_its_limits() -> None:
    tags = ["en", *(f"en-{number}" for number in range(16))]
    replace(CARD, names=dict.fromkeys(tags[:16], "x"), phones=("7",) * 8)
    for change in (
        {"names": dict.fromkeys(tags, "x")},
        {"names": {}},
        {"phones": ("7",) * 9},
        {"at": Instant(-1)},
    ):
        with refused("card.unfit"):
            replace(CARD, **change)


def test_the_largest_card_fits_and_a_longer_file_is_not_read() -> None:
    tags = [f"en-{number}" for number in range(16)]
    line = "A" * 64 + "\n"
    certificate = f"-----BEGIN CERTIFICATE-----\n{line * 62}-----END CERTIFICATE-----\n"
    largest = replace(
        CARD, certificate=certificate, names=dict.fromkeys(tags, "\u062d" * 120), phones=("7" * 60,) * 8
    )
    assert card_of(card_bytes(largest, ROOT.sign)) == largest
    with refused("card.too-long"):
        card_of(bytes(CARD_BYTES_MAX + 1))
    with refused("card.too-long"):
        card_bytes(replace(largest, names=dict.fromkeys(tags, "\U00010330" * 120)), ROOT.sign)


@given(raw=st.binary(max_size=300))
def test_any_bytes_are_refused_or_untrusted_and_nothing_else_is_raised(raw: bytes) -> None:
    with pytest.raises((Refused, Untrusted)):
        card_of(raw)
