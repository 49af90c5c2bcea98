"""Key statements: made from a party's keys, signed here or far away, and fit for the log that they go into."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.line.keys import (
    KEYS_TYPE,
    Anchor,
    KeyStatement,
    Officer,
    Quorum,
    Roster,
    statement_of,
)
from keepclear.core.line.log import LEAF_BYTES_MAX, MESSAGE_TYPE
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.record.cosignature import Algorithm, CosignerKey
from keepclear.core.record.merkle import Head
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.envelope import key_id_of, signed_envelope
from keepclear.core.trust.note import VerifierKey
from keepclear.edge.couriers.tls import Certificate, own_certificate
from keepclear.edge.keys.identity import Identity, RootKey
from keepclear.edge.keys.statements import (
    Heading,
    Witnessing,
    answer_of,
    answered,
    keys_statement,
    open_statement,
    signed,
)
from keepclear.formats.line.card import Card, card_of
from keepclear.formats.line.rootrequest import (
    REQUEST_BYTES_MAX,
    STATEMENT_BYTES_MAX,
    asked_in,
    check_asked,
    request_bytes,
    words_for,
)
from party import public, seeded_key

AT = Instant(1_535_760_000_000)
HEADING = Heading(line=LineName("tanf"), other=PartyWord("b"), epoch=1, serial=1, at=AT)
PREVIOUS = Anchor(epoch=1, head=Head(size=7, root=bytes(range(32))))


def refused(*codes: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code in codes)


def officer(
    name: str, *, key: bytes | None = None, post: str = "duty officer", empowered: bool = True
) -> Officer:
    """An officer of the party a, with a key that is always the same for a name."""
    return Officer(key=key or public(seeded_key(f"a {name}")), name=name, post=post, empowered=empowered)


@pytest.fixture
def node(tmp_path: Path) -> Identity:
    return Identity(tmp_path / "keys", "a")


@pytest.fixture
def root(tmp_path: Path) -> RootKey:
    return Identity(tmp_path / "away", "a").root_key()


def opened(node: Identity, *names: str) -> KeyStatement:
    return open_statement(node, HEADING, officers=[officer(name) for name in names])


def roster_of(statement: KeyStatement) -> Roster:
    assert statement.opens is not None
    return Roster(keys=statement.opens).after(statement, index=0)


def test_an_open_statement_states_the_keys_that_the_node_signs_with(node: Identity, root: RootKey) -> None:
    envelope = signed(opened(node, "L. Marek"), root)
    stated = statement_of(envelope, root=root.key)
    assert stated.opens == node.line_keys("tanf", 1).stated()
    assert (stated.party, stated.line, stated.other, stated.epoch, stated.serial) == ("a", "tanf", "b", 1, 1)
    assert [each.name for each in stated.adds] == ["L. Marek"]


def test_an_open_statement_names_the_witnesses_and_the_epoch_before(node: Identity) -> None:
    witness = CosignerKey(name="w", algorithm=Algorithm.ED25519, public_key=public(seeded_key("w")))
    made = open_statement(
        node,
        replace(HEADING, epoch=2),
        officers=[],
        previous=PREVIOUS,
        witnessing=Witnessing(witnesses=[witness], quorum=Quorum.MAJORITY),
        cosigner_kind=Algorithm.ML_DSA_44,
    )
    assert made.opens is not None
    assert (made.opens.previous, made.opens.witnesses) == (PREVIOUS, (witness,))
    assert made.opens.quorum is Quorum.MAJORITY
    assert made.opens.cosigner.algorithm is Algorithm.ML_DSA_44


@pytest.mark.parametrize(("epoch", "previous"), [(1, PREVIOUS), (2, None), (3, replace(PREVIOUS, epoch=3))])
def test_an_epoch_follows_an_earlier_one_and_the_first_follows_none(
    node: Identity, epoch: int, previous: Anchor | None
) -> None:
    with refused("statement.unfit"):
        open_statement(node, replace(HEADING, epoch=epoch), officers=[], previous=previous)


def test_officers_are_added_and_revoked_by_statements_that_follow(node: Identity, root: RootKey) -> None:
    roster = roster_of(opened(node, "L. Marek"))
    marek = officer("L. Marek")
    made = keys_statement(
        node, replace(HEADING, serial=2), roster=roster, adds=[officer("N. Next")], revokes=[marek.id]
    )
    after = roster.after(statement_of(signed(made, root), root=root.key), index=4)
    assert [each.name for each in after.holding()] == ["N. Next"]


@pytest.mark.parametrize(
    ("serial", "adds", "revokes"),
    [
        (2, (), ()),
        (1, ("N. Next",), ()),
        (2, ("L. Marek",), ()),
        (2, (), ("N. Next",)),
        (2, ("N. Next", "N. Next"), ()),
        (2, ("N. Next",), ("N. Next",)),
        (2, (), ("L. Marek", "L. Marek")),
    ],
)
def test_a_statement_that_would_convict_its_own_party_is_not_made(
    node: Identity, serial: int, adds: tuple[str, ...], revokes: tuple[str, ...]
) -> None:
    with refused("statement.unfit"):
        keys_statement(
            node,
            replace(HEADING, serial=serial),
            roster=roster_of(opened(node, "L. Marek")),
            adds=[officer(each) for each in adds],
            revokes=[officer(each).id for each in revokes],
        )


def test_a_revoked_key_is_never_added_again(node: Identity) -> None:
    roster = roster_of(opened(node, "L. Marek"))
    marek = officer("L. Marek")
    made = keys_statement(node, replace(HEADING, serial=2), roster=roster, revokes=[marek.id])
    with refused("statement.unfit"):
        keys_statement(node, replace(HEADING, serial=3), roster=roster.after(made, index=1), adds=[marek])


def test_a_key_of_the_node_is_never_that_of_a_person(node: Identity) -> None:
    machine = node.line_keys("tanf", 1).node.public
    with refused("statement.unfit"):
        open_statement(node, HEADING, officers=[officer("L. Marek", key=machine)])


@pytest.mark.parametrize(
    "changes",
    [{"name": "L. Marek\u202e"}, {"name": "x" * 121}, {"name": ""}, {"post": "x\x1b[2J"}, {"post": "\n"}],
)
def test_names_and_posts_show_as_they_are_written(node: Identity, changes: dict[str, str]) -> None:
    with refused("text.unfit"):
        open_statement(node, HEADING, officers=[replace(officer("L. Marek"), **changes)])


@pytest.mark.parametrize(
    "changes",
    [{"other": "a"}, {"other": "B"}, {"line": "Tanf"}, {"epoch": 0}, {"serial": 0}, {"at": -1}],
)
def test_a_heading_that_is_of_no_log_is_refused(node: Identity, changes: dict[str, object]) -> None:
    with refused("statement.unfit", "checkpoint.origin"):
        open_statement(node, replace(HEADING, **changes), officers=[])


def test_the_longest_statement_that_a_root_signs_fits_into_a_leaf(root: RootKey) -> None:
    long, node = "a" * 64, seeded_key("node")
    origin = f"keepclear/{'b' * 64}/{long}/{2**31 - 1}"
    statement = signed_envelope(
        KEYS_TYPE, b"x" * STATEMENT_BYTES_MAX, public_key=root.key.public_key, sign=root.sign
    )
    header: dict[str, Json] = {
        "at_ms": 2**47,
        "epoch": 2**31 - 1,
        "flag": "exercise",
        "from": long,
        "index": 2**53 - 1,
        "kind": "keys",
        "line": long,
        "parts": {},
        "precedence": "immediate",
        "refs": [],
        "released": {},
        "seen": {
            "epoch": 2**31 - 1,
            "root": "0" * 64,
            "signature": f"\u2014 {origin} {'A' * 92}",
            "size": 2**53 - 1,
        },
        "statement": statement.members(),
        "to": "b" * 64,
        "v": 1,
    }
    leaf = signed_envelope(MESSAGE_TYPE, canonical(header), public_key=public(node), sign=node.sign)
    assert len(leaf.written()) <= LEAF_BYTES_MAX


def test_a_statement_is_signed_up_to_its_limit_and_no_further(node: Identity, root: RootKey) -> None:
    statement = opened(node)
    crowd = [officer(f"{number:03d}{'x' * 117}", post="y" * 120) for number in range(40)]
    fitting = max(
        count
        for count in range(40)
        if len(replace(statement, adds=tuple(crowd[:count])).written()) <= STATEMENT_BYTES_MAX
    )
    assert 15 <= fitting < 30
    signed(replace(statement, adds=tuple(crowd[:fitting])), root)
    with refused("statement.unfit"):
        signed(replace(statement, adds=tuple(crowd[: fitting + 1])), root)


def test_a_root_that_is_away_signs_by_a_request_and_an_answer(node: Identity, root: RootKey) -> None:
    node.take_root(root.key)
    asked = opened(node, "L. Marek")
    request = request_bytes(asked)
    answer = answered(request + b"\n", root)
    envelope = answer_of(answer + b"\r\n", asked, root=node.root_public)
    assert envelope == signed(asked, root)
    assert statement_of(envelope, root=root.key) == asked
    assert asked_in(request) == asked


def test_a_request_names_in_words_all_that_is_to_be_signed(node: Identity) -> None:
    witness = CosignerKey(
        name="witness.example", algorithm=Algorithm.ED25519, public_key=public(seeded_key("w"))
    )
    asked = open_statement(
        node,
        replace(HEADING, epoch=2),
        officers=[officer("L. Marek"), officer("N. Next", empowered=False)],
        previous=PREVIOUS,
        witnessing=Witnessing(witnesses=[witness]),
    )
    assert asked.opens is not None
    words = words_for(asked_in(request_bytes(asked)))
    assert words == (
        "Key statement 1 of a for line tanf with b, epoch 2, of 2018-09-01T00:00:00.000Z.",
        f"Opens log keepclear/a/tanf/2 with log key {key_id_of(asked.opens.log.public_key)}, "
        f"node key {key_id_of(asked.opens.node)} and box {asked.opens.box}.",
        "Stands by epoch 1 up to its 7 entries, and nothing after.",
        "Heads are witnessed by all of: witness.example.",
        f"Adds L. Marek, duty officer, key {officer('L. Marek').id}, who may answer a STOP.",
        f"Adds N. Next, duty officer, key {officer('N. Next').id}, who may not answer a STOP.",
    )
    revoked = replace(asked, opens=None, adds=(), revokes=("0" * 32,), serial=9)
    assert words_for(revoked)[1:] == (f"Revokes key {'0' * 32}.",)


def test_the_root_of_another_party_signs_nothing_for_this_one(
    node: Identity, root: RootKey, tmp_path: Path
) -> None:
    other = Identity(tmp_path / "other", "b").root_key()
    for asked in (opened(node), card_for(node, root.key)):
        with refused("keys.other-root"):
            answered(request_bytes(asked), other)


def test_a_card_that_names_another_root_of_the_party_is_not_signed(
    node: Identity, root: RootKey, tmp_path: Path
) -> None:
    again = Identity(tmp_path / "again", "a").root_key()
    with refused("keys.other-root"):
        signed(card_for(node, again.key), root)


def test_a_card_goes_to_the_root_and_back_and_names_the_certificate_of_the_link(
    node: Identity, root: RootKey, tmp_path: Path
) -> None:
    card = card_for(node, root.key)
    own = own_certificate(tmp_path / "keys", now=AT)
    assert card_of(answered(request_bytes(card), root)) == card
    assert Certificate(pem=card.certificate) == own.certificate
    assert words_for(card) == (
        "Card of a of 2018-09-01T00:00:00.000Z: Garrison (en).",
        f"Root {root.key.text()}.",
        "Link: https://a.example:8471. Telephone: none.",
    )


def test_an_answer_to_another_request_or_of_another_root_is_not_taken(
    node: Identity, root: RootKey, tmp_path: Path
) -> None:
    asked, earlier = opened(node, "L. Marek"), opened(node)
    answer = answered(request_bytes(earlier), root)
    with refused("request.other"):
        answer_of(answer, asked, root=root.key)
    with pytest.raises(Untrusted):
        answer_of(answer, earlier, root=Identity(tmp_path / "again", "a").root_key().key)
    with refused("request.too-long"):
        answer_of(bytes(REQUEST_BYTES_MAX + 1), asked, root=root.key)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": "keepclear export"}, "request.type"),
        ({"payloadType": "application/vnd.keepclear.message+json"}, "request.type"),
        ({"v": 2}, "fields.unfit"),
        ({"more": 1}, "fields.unknown"),
        ({"payload": []}, "fields.unfit"),
        ({"payload": {}}, "fields.missing"),
    ],
)
def test_a_file_that_is_no_request_is_refused(node: Identity, changes: dict[str, Json], code: str) -> None:
    with refused(code):
        asked_in(canonical({**parsed(request_bytes(opened(node))), **changes}))


@pytest.mark.parametrize(
    "changes",
    [{"revoke": ["0" * 32]}, {"party": "b"}, {"with": "a"}],
)
def test_a_request_that_was_written_by_hand_is_held_to_the_same_rules(
    node: Identity, changes: dict[str, Json]
) -> None:
    request = parsed(request_bytes(opened(node)))
    request["payload"] = {**parsed(opened(node).written()), **changes}
    with refused("statement.unfit", "keys.origin"):
        asked_in(canonical(request))


def test_a_box_that_is_none_is_not_stated(node: Identity) -> None:
    statement = opened(node)
    assert statement.opens is not None
    for box in ("", "age1x", statement.opens.box.upper(), statement.opens.box + "\n"):
        with refused("recipient.unsound"):
            check_asked(replace(statement, opens=replace(statement.opens, box=box)))


def test_a_statement_of_a_box_that_would_stop_who_seals_to_it_is_not_believed(
    node: Identity, root: RootKey
) -> None:
    statement = opened(node)
    assert statement.opens is not None
    # The recipient whose 32 bytes are all zero.
    zero = "age1" + "q" * 52 + "5cu47z"
    payload = replace(statement, opens=replace(statement.opens, box=zero)).written()
    envelope = signed_envelope(KEYS_TYPE, payload, public_key=root.key.public_key, sign=root.sign)
    with refused("recipient.unsound"):
        statement_of(envelope, root=root.key)


@pytest.mark.parametrize("revoked", ["", "0" * 31, "\u202e" * 32, "A" * 32])
def test_what_is_revoked_is_the_id_of_a_key(node: Identity, revoked: str) -> None:
    with refused("statement.unfit"):
        check_asked(replace(opened(node), opens=None, revokes=(revoked,)))


def test_the_name_of_a_witness_shows_as_it_is_written(node: Identity) -> None:
    witness = CosignerKey(name="w\u202e", algorithm=Algorithm.ED25519, public_key=public(seeded_key("w")))
    with refused("text.unfit"):
        open_statement(node, HEADING, officers=[], witnessing=Witnessing(witnesses=[witness]))


def test_an_opening_revokes_nothing(node: Identity) -> None:
    with refused("statement.unfit"):
        check_asked(replace(opened(node), revokes=("0" * 32,)))


def test_the_words_for_an_opening_without_witnesses_name_none(node: Identity) -> None:
    assert [each.split()[0] for each in words_for(opened(node, "L. Marek"))] == ["Key", "Opens", "Adds"]


def test_a_request_that_is_too_long_is_not_read() -> None:
    with refused("request.too-long"):
        asked_in(bytes(REQUEST_BYTES_MAX + 1))


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_no_request_and_nothing_else_is_raised(raw: bytes) -> None:
    with pytest.raises(Refused):
        asked_in(raw)


def card_for(node: Identity, root: VerifierKey) -> Card:
    """A card with the certificate that the node's link uses."""
    return Card(
        at=AT,
        party=PartyWord(root.name.split("/")[1]),
        root=root,
        certificate=own_certificate(node.folder, now=AT).certificate.pem,
        names={"en": "Garrison"},
        link="https://a.example:8471",
    )
