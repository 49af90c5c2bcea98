"""Witnesses: published requests, the standard's statuses, a lying log, and when a head counts as witnessed."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.cosignature import Algorithm, Cosigner, CosignerKey, cosignature_at, cosigned
from keepclear.core.record.merkle import SIZE_MAX, Frontier, Head, consistency_path, leaf_hash
from keepclear.core.record.witness import (
    PATH_MAX,
    REQUEST_BYTES_MAX,
    Accepted,
    AddCheckpoint,
    Denied,
    Quorum,
    Reason,
    Stale,
    add_checkpoint_of,
    cosignature_lines,
    judged,
    with_cosignatures,
    witnessed,
)
from keepclear.core.trust.note import SIGNATURES_MAX, Note, Signer, VerifierKey, note_of, verifier_key_of

PUBLISHED = json.loads((Path(__file__).parents[2] / "vectors" / "cosignature" / "requests.json").read_text())
PUBLISHED_KEY = verifier_key_of(PUBLISHED["key"])
REQUESTS = {name: add_checkpoint_of(text) for name, text in PUBLISHED["requests"].items()}

ORIGIN = "keepclear/alpha/tanf/1"
AT = Instant(1_535_781_600_000)
EMPTY = Head(size=0, root=sha256(b"").digest())
LEAF = Head(size=1, root=sha256(b"\x00leaf").digest())
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = Signer(
    key=VerifierKey(name=ORIGIN, public_key=PRIVATE.public_key().public_bytes_raw()), sign=PRIVATE.sign
)
SIZE = 16


def witness(number: int) -> Cosigner:
    private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    key = CosignerKey(
        name=f"witness.example/w{number}",
        algorithm=Algorithm.ED25519,
        public_key=private.public_key().public_bytes_raw(),
    )
    return Cosigner(key=key, sign=private.sign)


def quantum_witness() -> Cosigner:
    private = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    key = CosignerKey(
        name="witness.example/pq",
        algorithm=Algorithm.ML_DSA_44,
        public_key=private.public_key().public_bytes_raw(),
    )
    return Cosigner(key=key, sign=private.sign)


WITNESSES = [witness(1), witness(2), quantum_witness()]
KEYS = [each.key for each in WITNESSES]


def head_note(head: Head = LEAF) -> Note:
    return Checkpoint(origin=ORIGIN, head=head).signed(LOG)


def request(old: int, head: Head, *path: bytes) -> AddCheckpoint:
    return AddCheckpoint(old_size=old, path=path, note=head_note(head))


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def reason(answer: Accepted | Stale | Denied) -> Reason | None:
    return answer.reason if isinstance(answer, Denied) else None


# ---- published requests


def test_the_published_requests_are_answered_as_published() -> None:
    first = judged(REQUESTS["first"], key=PUBLISHED_KEY, latest=None)
    assert first == Accepted(checkpoint=REQUESTS["first"].checkpoint)
    one = first.checkpoint.head
    for name, size in (("to 3", 3), ("to 5", 5)):
        answer = judged(REQUESTS[name], key=PUBLISHED_KEY, latest=one)
        assert isinstance(answer, Accepted)
        assert answer.checkpoint.head.size == size
    # The published test of a race: once 5 entries are cosigned, the request for 3 must not roll them back.
    five = REQUESTS["to 5"].checkpoint.head
    assert judged(REQUESTS["to 3"], key=PUBLISHED_KEY, latest=five) == Stale(size=5)


def test_a_published_request_with_more_than_63_hashes_is_refused() -> None:
    hashes = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    old, _, note = PUBLISHED["requests"]["first"].partition("\n")
    assert len(add_checkpoint_of(f"{old}\n{hashes * 63}{note}").path) == 63
    with refused("witness.request"):
        add_checkpoint_of(f"{old}\n{hashes * 64}{note}")


def test_the_example_of_the_standard_is_read_and_written_as_it_stands() -> None:
    found = add_checkpoint_of(PUBLISHED["example"])
    assert (found.old_size, len(found.path)) == (20_852_014, 4)
    assert (found.checkpoint.origin, found.checkpoint.head.size) == (
        "example.com/behind-the-sofa",
        20_852_163,
    )
    assert found.written() == PUBLISHED["example"]


@pytest.mark.parametrize(
    ("known", "asked", "answer"),
    [
        # The cases of a published witness for sizes around zero.
        (None, request(0, EMPTY), Accepted),
        (EMPTY, request(0, EMPTY), Accepted),
        (None, request(0, Head(size=0, root=LEAF.root)), Reason.UNPROVED),
        (EMPTY, request(0, Head(size=0, root=bytes(32))), Reason.UNPROVED),
        (None, request(0, EMPTY, LEAF.root), Reason.UNPROVED),
        (None, request(0, LEAF), Accepted),
        (LEAF, request(1, LEAF), Accepted),
        (None, request(0, LEAF, LEAF.root), Reason.UNPROVED),
        (LEAF, request(0, LEAF, LEAF.root), Stale),
        (LEAF, request(1, EMPTY), Reason.UNREADABLE),
        (LEAF, request(1, LEAF, LEAF.root), Reason.UNPROVED),
    ],
)
def test_sizes_around_zero_are_answered_as_a_published_witness_answers(
    known: Head | None, asked: AddCheckpoint, answer: type[Accepted] | type[Stale] | Reason
) -> None:
    found = judged(asked, key=LOG.key, latest=known)
    assert reason(found) is answer if isinstance(answer, Reason) else isinstance(found, answer)


# ---- what is denied, and with which status


def test_each_denial_has_the_status_of_the_standard() -> None:
    other = replace(LOG.key, public_key=KEYS[0].public_key)
    found = {
        404: judged(request(0, LEAF), key=None, latest=None),
        403: judged(request(0, LEAF), key=other, latest=None),
        400: judged(request(2, LEAF), key=LOG.key, latest=LEAF),
        409: judged(request(1, Head(size=1, root=bytes(32))), key=LOG.key, latest=LEAF),
        422: judged(request(1, Head(size=2, root=bytes(32)), bytes(32)), key=LOG.key, latest=LEAF),
    }
    assert {status: reason(answer) for status, answer in found.items()} == {
        each.value: each for each in Reason
    }


def test_a_request_from_a_size_that_was_never_cosigned_is_stale_in_either_direction() -> None:
    log = history(SIZE, "one")
    for old in (0, 3, 5, 9):
        answer = judged(log.request(old, 9, start=4), key=LOG.key, latest=log.heads[4])
        assert answer == Stale(size=4)
    assert isinstance(judged(log.request(4, 9, start=4), key=LOG.key, latest=log.heads[4]), Accepted)


def test_what_is_unsigned_is_told_neither_of_sizes_nor_of_roots() -> None:
    other = replace(LOG.key, public_key=KEYS[0].public_key)
    for asked in (request(2, LEAF), request(1, Head(size=1, root=bytes(32))), request(0, LEAF)):
        assert reason(judged(asked, key=other, latest=LEAF)) is Reason.UNSIGNED


def test_a_bad_signature_of_the_log_is_not_made_good_by_one_of_a_stranger() -> None:
    note = head_note()
    bad = replace(note.signatures[0], signature=PRIVATE.sign(b"else"))
    asked = AddCheckpoint(
        old_size=0, path=(), note=replace(cosigned(note, WITNESSES[0], AT), signatures=(bad,))
    )
    assert reason(judged(asked, key=LOG.key, latest=None)) is Reason.UNSIGNED


class History:
    """A log of made-up entries: its heads, and proofs from one to another."""

    def __init__(self, entries: list[str]) -> None:
        self.entries = entries
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.heads = [Frontier().head()]
        frontier = Frontier()
        for entry in entries:
            for node in frontier.completed_by(leaf_hash(entry.encode())):
                self.nodes[node.level, node.index] = node.hash
            frontier = frontier.append(leaf_hash(entry.encode()))
            self.heads.append(frontier.head())

    def request(self, old: int, new: int, *, start: int) -> AddCheckpoint:
        path = (
            consistency_path(old=start, new=new, read=lambda at, index: self.nodes[at, index])
            if start
            else ()
        )
        return AddCheckpoint(old_size=old, path=path, note=head_note(self.heads[new]))


def history(shared: int, name: str) -> History:
    return History([f"entry {n}" if n < shared else f"{name} {n}" for n in range(SIZE)])


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.data())
def test_whatever_a_lying_log_asks_what_is_cosigned_is_one_growing_history(data: st.DataObject) -> None:
    shared = data.draw(st.integers(0, SIZE))
    logs = [history(shared, "one"), history(shared, "two")]
    latest, entries = None, list[str]()
    for _ in range(data.draw(st.integers(1, 6))):
        log = data.draw(st.sampled_from(logs))
        new = data.draw(st.integers(0, SIZE))
        known = 0 if latest is None else latest.size
        old = data.draw(st.just(known) | st.integers(0, SIZE))
        start = data.draw(st.just(min(old, new)) | st.integers(0, new))
        answer = judged(log.request(old, new, start=start), key=LOG.key, latest=latest)
        if isinstance(answer, Accepted):
            assert log.entries[:new][: len(entries)] == entries
            latest, entries = answer.checkpoint.head, log.entries[:new]
        elif isinstance(answer, Stale):
            assert answer.size == known != old


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, SIZE), min_size=1, max_size=6).map(sorted))
def test_an_honest_log_is_never_turned_away(sizes: list[int]) -> None:
    log, latest = history(SIZE, "one"), None
    for new in sizes:
        old = 0 if latest is None else latest.size
        answer = judged(log.request(old, new, start=old), key=LOG.key, latest=latest)
        assert answer == Accepted(checkpoint=Checkpoint(origin=ORIGIN, head=log.heads[new]))
        latest = log.heads[new]


# ---- the text of a request


@settings(max_examples=80, derandomize=True, deadline=None)
@given(st.integers(0, SIZE_MAX), st.lists(st.binary(min_size=32, max_size=32), max_size=PATH_MAX))
def test_a_request_reads_back_as_it_was_written(old: int, path: list[bytes]) -> None:
    asked = request(old, LEAF, *path)
    assert add_checkpoint_of(asked.written()) == asked


NOTE = head_note().written()
HASH = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "written",
    [
        "",
        NOTE,
        f"old 0\n{NOTE}",
        f"\n\n{NOTE}",
        f"old\n\n{NOTE}",
        f"old \n\n{NOTE}",
        f"old 01\n\n{NOTE}",
        f"old -1\n\n{NOTE}",
        f"old +1\n\n{NOTE}",
        f"old 1 \n\n{NOTE}",
        f"old  1\n\n{NOTE}",
        f"Old 1\n\n{NOTE}",
        f"old \u0661\n\n{NOTE}",
        f"old {SIZE_MAX + 1}\n\n{NOTE}",
        f"old {10**30}\n\n{NOTE}",
        f" old 0\n\n{NOTE}",
        f"old 0\r\n\n{NOTE}",
        f"old 1\n{HASH[:-1]}\n\n{NOTE}",
        f"old 1\n{HASH} \n\n{NOTE}",
        f"old 1\n{HASH[:-2]}B=\n\n{NOTE}",
        f"old 1\nAAAA\n\n{NOTE}",
        f"old 0\n\n{NOTE}" + "\u2014 x AAAAAAA=\n" * 6000,
    ],
)
def test_what_is_not_a_request_is_refused(written: str) -> None:
    with refused("witness.request"):
        add_checkpoint_of(written)


def test_a_request_without_a_checkpoint_is_refused() -> None:
    with refused("note.unreadable"):
        add_checkpoint_of("old 0\n\n")
    with refused("checkpoint.unreadable"):
        add_checkpoint_of("old 0\n\ntext\n\n\u2014 x AAAAAAA=\n")
    with refused("witness.request"):
        AddCheckpoint(old_size=0, path=(bytes(32),) * (PATH_MAX + 1), note=head_note())


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(0, 200), st.text("old 019\n\n\u2014+=/AZ\u00e9\ud800\r\x00", max_size=12))
def test_any_text_is_a_request_or_is_refused(place: int, text: str) -> None:
    sound = request(3, LEAF, bytes(32)).written()
    for altered in (text, sound[:place] + text + sound[place + 1 :], sound[:place] + text + sound[place:]):
        try:
            found = add_checkpoint_of(altered)
        except Refused:
            continue
        assert found.written() == altered


def test_the_longest_note_and_proof_fit_in_a_request() -> None:
    room = 65_535 - len(Checkpoint(origin=ORIGIN, head=LEAF, extension=("x",)).signed(LOG).written().encode())
    longest = Checkpoint(origin=ORIGIN, head=LEAF, extension=("x" * (room + 1),)).signed(LOG)
    asked = AddCheckpoint(old_size=SIZE_MAX, path=(bytes(32),) * PATH_MAX, note=longest)
    assert len(asked.written().encode()) <= REQUEST_BYTES_MAX
    assert add_checkpoint_of(asked.written()) == asked


# ---- cosignatures, and when they are enough


def test_an_answer_holds_the_cosigners_line_and_joins_the_note() -> None:
    note = head_note()
    for cosigner in WITNESSES:
        note = with_cosignatures(note, cosignature_lines(note, cosigner, AT), KEYS)
    assert [cosignature_at(note_of(note.written()), key) for key in KEYS] == [AT] * 3
    note.verify(LOG.key)
    assert len(note.signatures) == 4


def test_lines_that_do_not_hold_or_are_of_strangers_or_are_there_already_are_left_out() -> None:
    note = head_note()
    mine = cosignature_lines(note, WITNESSES[0], AT)
    of_a_stranger = cosignature_lines(note, witness(9), AT)
    of_another_head = cosignature_lines(head_note(EMPTY), WITNESSES[1], AT)
    joined = with_cosignatures(note, of_a_stranger + mine + of_another_head, KEYS)
    assert [line.name for line in joined.signatures] == [ORIGIN, KEYS[0].name]
    assert with_cosignatures(joined, mine, KEYS) == joined


@pytest.mark.parametrize("lines", ["", "\n", "error\n", "\u2014 x\n"])
def test_an_answer_that_is_no_signature_lines_is_refused(lines: str) -> None:
    with pytest.raises(Refused):
        with_cosignatures(head_note(), lines, KEYS)


def test_a_note_full_of_signatures_is_still_answered() -> None:
    note = head_note()
    full = replace(note, signatures=note.signatures * SIGNATURES_MAX)
    assert cosignature_lines(full, WITNESSES[0], AT) == cosignature_lines(note, WITNESSES[0], AT)


@pytest.mark.parametrize(
    ("named", "cosigners", "every", "most"),
    [
        (0, 0, False, False),
        (1, 0, False, False),
        (1, 1, True, True),
        (2, 1, False, False),
        (2, 2, True, True),
        (3, 1, False, False),
        (3, 2, False, True),
        (3, 3, True, True),
    ],
)
def test_a_head_is_witnessed_by_all_or_by_more_than_half(
    *, named: int, cosigners: int, every: bool, most: bool
) -> None:
    note = head_note()
    for cosigner in WITNESSES[:cosigners]:
        note = cosigned(note, cosigner, AT)
    assert witnessed(note, KEYS[:named], Quorum.ALL) is every
    assert witnessed(note, KEYS[:named], Quorum.MAJORITY) is most


def test_a_witness_under_two_names_counts_once() -> None:
    again = replace(WITNESSES[0], key=replace(KEYS[0], name="witness.example/again"))
    note = cosigned(cosigned(head_note(), WITNESSES[0], AT), again, AT)
    named = [KEYS[0], again.key, KEYS[1]]
    assert not witnessed(note, named, Quorum.MAJORITY)
    assert not witnessed(note, named, Quorum.ALL)
    both = cosigned(cosigned(head_note(), WITNESSES[0], AT), WITNESSES[1], AT)
    assert witnessed(both, named, Quorum.ALL)


def test_a_cosignature_of_another_head_or_of_a_stranger_witnesses_nothing() -> None:
    line = cosigned(head_note(EMPTY), WITNESSES[0], AT).signatures[-1]
    moved = replace(head_note(), signatures=(*head_note().signatures, line))
    stranger = cosigned(head_note(), witness(9), AT)
    for note in (moved, stranger):
        assert not witnessed(note, KEYS[:1], Quorum.ALL)
        assert not witnessed(note, KEYS[:1], Quorum.MAJORITY)
