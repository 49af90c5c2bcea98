"""Forks: every fork is shown to a third party, and no honest log is ever accused."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.fork import PATH_MAX, Fork
from keepclear.core.record.merkle import SIZE_MAX, Frontier, Head, consistency_path, leaf_hash
from keepclear.core.trust.note import Signer, VerifierKey, signed_note

ORIGIN = "keepclear/alpha/tanf/1"
EMPTY = Head(size=0, root=sha256(b"").digest())
SIZE = 24


def signer(name: str = ORIGIN, seed: int = 0) -> Signer:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return Signer(
        key=VerifierKey(name=name, public_key=private.public_key().public_bytes_raw()), sign=private.sign
    )


LOG = signer()


class History:
    """A log of made-up entries: its heads, and proofs from one to another."""

    def __init__(self, entries: list[str]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.heads = [Frontier().head()]
        frontier = Frontier()
        for entry in entries:
            for node in frontier.completed_by(leaf_hash(entry.encode())):
                self.nodes[node.level, node.index] = node.hash
            frontier = frontier.append(leaf_hash(entry.encode()))
            self.heads.append(frontier.head())

    def path(self, old: int, new: int) -> tuple[bytes, ...]:
        return (
            consistency_path(old=old, new=new, read=lambda level, index: self.nodes[level, index])
            if old
            else ()
        )


def history(shared: int, name: str) -> History:
    return History([f"entry {n}" if n < shared else f"{name} {n}" for n in range(SIZE)])


ONE = history(SIZE, "one")


def signed(head: Head, by: Signer = LOG) -> str:
    return Checkpoint(origin=by.key.name, head=head).signed(by).written()


def untrusted(code: str) -> pytest.RaisesExc[Untrusted]:
    return pytest.RaisesExc(Untrusted, check=lambda error: error.code == code)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def fork(small: int = 5, large: int = 9, shared: int = 3) -> Fork:
    """The log signed ``small`` entries of one history and ``large`` of another; they share the first ones."""
    two = history(shared, "two")
    return Fork(
        smaller=signed(ONE.heads[small]),
        larger=signed(two.heads[large]),
        root=two.heads[small].root,
        path=two.path(small, large),
    )


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.data())
def test_two_histories_that_part_below_the_smaller_head_are_always_shown(data: st.DataObject) -> None:
    small = data.draw(st.integers(1, SIZE))
    large = data.draw(st.integers(small, SIZE))
    shared = data.draw(st.integers(0, small - 1))
    fork(small, large, shared).verify(LOG.key)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.data())
def test_an_honest_log_is_never_accused(data: st.DataObject) -> None:
    # All that an accuser can have: the honest log's signed heads, any root, and any proof, also of another history.
    two = history(data.draw(st.integers(0, SIZE - 1)), "two")
    sizes = st.integers(0, SIZE)
    any_path = st.builds(
        lambda log, ends: log.path(min(ends), max(ends)), st.sampled_from([ONE, two]), st.tuples(sizes, sizes)
    )
    hashes = st.sampled_from(
        [each.root for log in (ONE, two) for each in log.heads] + list(two.nodes.values())
    )
    small, large = data.draw(sizes), data.draw(sizes)
    accusation = Fork(
        smaller=signed(ONE.heads[small]),
        larger=signed(ONE.heads[large]),
        root=data.draw(hashes | st.just(two.heads[small].root) | st.just(ONE.heads[small].root)),
        path=data.draw(
            any_path
            | st.sampled_from([log.path(min(small, large), large) for log in (ONE, two)])
            | st.lists(hashes, max_size=6).map(tuple)
        ),
    )
    with pytest.raises(Untrusted):
        accusation.verify(LOG.key)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(1, SIZE), st.integers(1, SIZE))
def test_a_fork_above_the_smaller_head_is_no_fork_of_it(small: int, large: int) -> None:
    small, large = min(small, large), max(small, large)
    two = history(small, "two")
    accusation = Fork(
        smaller=signed(ONE.heads[small]),
        larger=signed(two.heads[large]),
        root=two.heads[small].root,
        path=two.path(small, large),
    )
    with untrusted("fork.none"):
        accusation.verify(LOG.key)


def test_two_roots_of_one_size_are_a_fork_without_a_path() -> None:
    sound = fork(7, 7)
    assert sound.path == ()
    sound.verify(LOG.key)
    with untrusted("record.consistency"):
        replace(sound, path=(bytes(32),)).verify(LOG.key)
    with untrusted("record.consistency"):
        replace(sound, root=bytes(32)).verify(LOG.key)


def test_a_checkpoint_by_another_key_or_of_another_log_is_no_evidence() -> None:
    sound = fork()
    other_key = signer(seed=1)
    other_log = signer("keepclear/alpha/tanf/2")
    for name in ("smaller", "larger"):
        head = ONE.heads[5] if name == "smaller" else history(3, "two").heads[9]
        with untrusted("note.unsigned"):
            replace(sound, **{name: signed(head, other_key)}).verify(LOG.key)
        with untrusted("note.unsigned"):
            replace(sound, **{name: signed(head, other_log)}).verify(LOG.key)
    with untrusted("note.unsigned"):
        sound.verify(other_key.key)
    renamed = signed_note(f"keepclear/bravo/tanf/1\n5\n{b64encode(ONE.heads[5].root).decode()}\n", LOG)
    with untrusted("checkpoint.other-log"):
        replace(sound, smaller=renamed.written()).verify(LOG.key)


def test_a_signature_taken_from_another_checkpoint_is_no_evidence() -> None:
    sound = fork()
    text, _, lines = sound.smaller.partition("\n\n")
    _, _, others = sound.larger.partition("\n\n")
    assert lines != others
    with untrusted("signature.wrong"):
        replace(sound, smaller=f"{text}\n\n{others}").verify(LOG.key)


def test_the_smaller_checkpoint_comes_first() -> None:
    sound = fork()
    with untrusted("fork.order"):
        replace(sound, smaller=sound.larger, larger=sound.smaller).verify(LOG.key)


def test_every_single_bit_change_to_the_proof_of_a_fork_fails() -> None:
    sound = fork(5, 13)
    for place, each in enumerate((sound.root, *sound.path)):
        for bit in range(256):
            bad = (int.from_bytes(each, "big") ^ 1 << bit).to_bytes(32, "big")
            parts = [sound.root, *sound.path]
            parts[place] = bad
            with pytest.raises(Untrusted):
                replace(sound, root=parts[0], path=tuple(parts[1:])).verify(LOG.key)


def test_a_root_of_no_entries_that_is_not_the_one_root_of_no_entries_convicts() -> None:
    wrong = Head(size=0, root=bytes(32))
    other = Head(size=0, root=bytes([1]) * 32)
    for larger in (EMPTY, ONE.heads[4]):
        evidence = Fork(smaller=signed(wrong), larger=signed(larger), root=EMPTY.root)
        evidence.verify(LOG.key)
        with untrusted("fork.none"):
            replace(evidence, root=bytes([2]) * 32).verify(LOG.key)
        with untrusted("fork.none"):
            replace(evidence, path=(bytes(32),)).verify(LOG.key)
    Fork(smaller=signed(wrong), larger=signed(other), root=other.root).verify(LOG.key)
    for root in (bytes(32), other.root):
        with untrusted("fork.none"):
            Fork(smaller=signed(EMPTY), larger=signed(ONE.heads[4]), root=root).verify(LOG.key)


def test_what_is_no_checkpoint_and_no_proof_is_refused() -> None:
    sound = fork()
    for name in ("smaller", "larger"):
        with refused("note.unreadable"):
            replace(sound, **{name: "text\n"})
        with refused("checkpoint.unreadable"):
            replace(sound, **{name: signed_note("text\n", LOG).written()})
    for length in (0, 31, 33):
        with refused("fork.proof"):
            replace(sound, root=bytes(length))
        with refused("fork.proof"):
            replace(sound, path=(bytes(32), bytes(length)))
    with refused("fork.proof"):
        replace(sound, path=(bytes(32),) * (PATH_MAX + 1))


def test_no_proof_in_the_largest_tree_is_longer_than_a_fork_takes() -> None:
    longest = max(
        len(consistency_path(old=old, new=SIZE_MAX, read=lambda level, index: bytes(32)))  # noqa: ARG005
        for old in [(1 << bit) + more for bit in range(62) for more in (0, 1)] + [SIZE_MAX - 1, SIZE_MAX]
    )
    assert longest == PATH_MAX
    Fork(
        smaller=signed(ONE.heads[1]), larger=signed(ONE.heads[1]), root=bytes(32), path=(bytes(32),) * longest
    )
