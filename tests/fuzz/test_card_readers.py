"""Readers of cards and of requests to a root: whatever they are given, they give what it says, or refuse."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.instant import Instant
from keepclear.core.line.message import PartyWord
from keepclear.core.trust.encoding import Json, canonical
from keepclear.core.trust.envelope import signed_envelope
from keepclear.core.trust.note import VerifierKey
from keepclear.formats.line.card import CARD_TYPE, Card, card_bytes, card_of
from keepclear.formats.line.rootrequest import asked_in, request_bytes, words_for
from party import Party, public, seeded_key

ROOT = seeded_key("a root")
CARD = Card(
    at=Instant(1_535_760_000_000),
    party=PartyWord("a"),
    root=VerifierKey(name="keepclear/a/root", public_key=public(ROOT)),
    certificate="-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    names={"en": "Garrison"},
    link="https://a.example:8471",
    phones=("+1 202 555 0100",),
)
PARTY = Party("a", "b")
STATEMENT = json.loads(PARTY.statement(opens=PARTY.log_keys(), adds=("duty",)).payload)
NAMES = ("v", "party", "names", "en", "open", "add", "key", "payload", "payloadType", "witnesses", "previous")
TEXTS = st.text(max_size=6) | st.sampled_from(
    [CARD_TYPE, "age1", "https://[::1]:1", "keepclear/a/root+00000000+AQ=="]
)
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


def disturbed(content: Json, data: st.DataObject) -> dict[str, Json]:
    """The content with something else in up to three places."""
    whole = json.loads(json.dumps(content))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(slots(whole)))
        holder[key] = data.draw(JSONS)
    return whole


def slots(node: Json) -> list[tuple[dict[str | int, Json], str | int]]:
    """Every place in the content at which a value stands."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [slot for key in keys for slot in ((node, key), *slots(node[key]))]


@given(data=st.data())
def test_cards_of_which_anything_is_replaced_are_read_or_refused_though_signed(data: st.DataObject) -> None:
    payload = canonical(disturbed(json.loads(CARD.written()), data))
    raw = signed_envelope(CARD_TYPE, payload, public_key=public(ROOT), sign=ROOT.sign).written()
    try:
        card = card_of(raw)
    except KeepclearError:
        return
    assert card_bytes(card, ROOT.sign) == raw


@given(data=st.data())
def test_requests_of_which_anything_is_replaced_are_read_or_refused(data: st.DataObject) -> None:
    types = {"application/vnd.keepclear.keys+json": STATEMENT, CARD_TYPE: json.loads(CARD.written())}
    payload_type = data.draw(st.sampled_from(sorted(types)))
    request = {
        "payload": types[payload_type],
        "payloadType": payload_type,
        "type": "keepclear root request",
        "v": 1,
    }
    raw = canonical(disturbed(request, data))
    try:
        asked = asked_in(raw)
    except Refused:
        return
    assert request_bytes(asked) == raw
    assert all(line.isprintable() or "\u200c" in line or "\u200d" in line for line in words_for(asked))
