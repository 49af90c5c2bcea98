"""Merkle trees against published vectors and the recursive definitions of RFC 6962, read literally."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.record.merkle import (
    SIZE_MAX,
    Frontier,
    Head,
    Inclusion,
    NodeReader,
    consistency_path,
    frontier_at,
    inclusion_path,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "merkle" / "consistency.json").read_text())
LEAVES = [b"entry %d" % number for number in range(130)]


# ---- RFC 6962, 2.1, as it is written: recursion over the whole list


def split_of(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = split_of(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path_of(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split_of(len(leaves))
    if m < k:
        return [*path_of(m, leaves[:k]), mth(leaves[k:])]
    return [*path_of(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split_of(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


# ---- ours


def grown(size: int) -> tuple[Frontier, dict[tuple[int, int], bytes]]:
    frontier, nodes = Frontier(), {}
    for leaf in LEAVES[:size]:
        for node in frontier.completed_by(leaf_hash(leaf)):
            nodes[node.level, node.index] = node.hash
        frontier = frontier.append(leaf_hash(leaf))
    return frontier, nodes


def reader(nodes: dict[tuple[int, int], bytes]) -> NodeReader:
    return lambda level, index: nodes[level, index]


def root_of(text: str | None) -> bytes:
    raw = b64decode(text or "")
    # Some cases have a few words such as "don't care" for a root; what matters is which of them are equal.
    return raw if len(raw) == 32 else sha256(raw).digest()


def head_of(size: int) -> Head:
    return Head(size=size, root=mth(LEAVES[:size]))


FRONTIER, NODES = grown(len(LEAVES))
READ = reader(NODES)


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_a_published_consistency_proof_has_its_published_verdict(name: str) -> None:
    case = VECTORS[name]
    try:
        verify_consistency(
            old=Head(size=case["size1"], root=root_of(case["root1"])),
            new=Head(size=case["size2"], root=root_of(case["root2"])),
            path=tuple(b64decode(each) for each in case["proof"] or ()),
        )
    except KeepclearError:
        assert case["wantErr"], case["desc"]
    else:
        assert not case["wantErr"], case["desc"]


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_the_root_is_that_of_the_recursive_definition_at_every_size(size: int) -> None:
    assert frontier_at(size, READ).head() == head_of(size)
    assert grown(size)[0] == frontier_at(size, READ)


def test_every_inclusion_proof_is_that_of_the_recursive_definition_and_verifies() -> None:
    for size in range(1, 70):
        for index in range(size):
            path = inclusion_path(index=index, size=size, read=READ)
            assert list(path) == path_of(index, LEAVES[:size])
            verify_inclusion(index=index, leaf=leaf_hash(LEAVES[index]), path=path, head=head_of(size))


def test_every_consistency_proof_is_that_of_the_recursive_definition_and_verifies() -> None:
    for new in range(1, 70):
        for old in range(1, new + 1):
            path = consistency_path(old=old, new=new, read=READ)
            assert list(path) == subproof(old, LEAVES[:new], whole=True)
            verify_consistency(old=head_of(old), new=head_of(new), path=path)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.data())
def test_an_inclusion_proof_holds_for_no_other_leaf_number_size_or_length(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(index=index, size=size, read=READ)
    leaf, head = leaf_hash(LEAVES[index]), head_of(size)
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index))
    with pytest.raises(Untrusted):
        verify_inclusion(index=other, leaf=leaf, path=path, head=head)
    with pytest.raises(Untrusted):
        verify_inclusion(index=index, leaf=leaf_hash(LEAVES[other]), path=path, head=head)
    for altered in (path[:-1], path[1:], (*path, path[0]), (path[0], *path)):
        with pytest.raises(Untrusted):
            verify_inclusion(index=index, leaf=leaf, path=altered, head=head)
    for other_size in {size - 1, size + 1} - {index, len(LEAVES) + 1}:
        with pytest.raises(Untrusted):
            verify_inclusion(index=index, leaf=leaf, path=path, head=head_of(other_size))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.data())
def test_a_forked_history_is_never_shown_to_be_consistent(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, len(LEAVES)))
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    forked = [*LEAVES[:changed], b"another", *LEAVES[changed + 1 : old]]
    path = consistency_path(old=old, new=new, read=READ)
    with pytest.raises(Untrusted):
        verify_consistency(old=Head(size=old, root=mth(forked)), new=head_of(new), path=path)


@pytest.mark.parametrize("size", [2, 3, 8, 13])
def test_every_single_bit_change_to_an_inclusion_proof_fails(size: int) -> None:
    for index in range(size):
        path = inclusion_path(index=index, size=size, read=READ)
        hashes = (leaf_hash(LEAVES[index]), mth(LEAVES[:size]), *path)
        for leaf, root, *rest in every_bit_changed(hashes):
            with pytest.raises(Untrusted):
                Inclusion(index=index, size=size, root=root, leaf=leaf, path=tuple(rest)).verify()


@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 3), (3, 3), (4, 8), (6, 7), (5, 13)])
def test_every_single_bit_change_to_a_consistency_proof_fails(old: int, new: int) -> None:
    path = consistency_path(old=old, new=new, read=READ)
    hashes = (mth(LEAVES[:old]), mth(LEAVES[:new]), *path)
    for first, second, *rest in every_bit_changed(hashes):
        with pytest.raises(Untrusted):
            verify_consistency(
                old=Head(size=old, root=first), new=Head(size=new, root=second), path=tuple(rest)
            )


def every_bit_changed(hashes: tuple[bytes, ...]) -> list[list[bytes]]:
    changed: list[list[bytes]] = []
    for place, sound in enumerate(hashes):
        for bit in range(len(sound) * 8):
            bad = (int.from_bytes(sound, "big") ^ 1 << bit).to_bytes(len(sound), "big")
            changed.append([*hashes[:place], bad, *hashes[place + 1 :]])
    return changed


def test_an_inclusion_value_verifies_as_it_is() -> None:
    path = inclusion_path(index=7, size=100, read=READ)
    Inclusion(index=7, size=100, root=mth(LEAVES[:100]), leaf=leaf_hash(LEAVES[7]), path=path).verify()


def test_a_frontier_never_holds_more_hashes_than_the_size_has_bits() -> None:
    frontier = Frontier()
    for number in range(1_000):
        assert len(frontier.hashes) == bin(number).count("1")
        frontier = frontier.append(leaf_hash(b"%d" % number))


def test_a_proof_reads_few_stored_hashes_even_in_the_largest_tree() -> None:
    reads: list[tuple[int, int]] = []

    def read(level: int, index: int) -> bytes:
        assert (index + 1) << level <= SIZE_MAX
        reads.append((level, index))
        return bytes(32)

    inclusion_path(index=0, size=SIZE_MAX, read=read)
    consistency_path(old=SIZE_MAX // 3, new=SIZE_MAX, read=read)
    assert len(reads) < 4 * 64


def test_a_leaf_that_spells_two_hashes_is_not_taken_for_the_node_above_them() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_sizes_hashes_and_numbers_out_of_range_are_refused() -> None:
    for size in (-1, SIZE_MAX + 1):
        with refused("merkle.size"):
            Head(size=size, root=bytes(32))
        with refused("merkle.size"):
            Frontier(size=size)
        with refused("merkle.size"):
            frontier_at(size, READ)
    with refused("merkle.size"):
        Frontier(size=3, hashes=(bytes(32),))
    for length in (0, 31, 33):
        with refused("merkle.hash"):
            Head(size=1, root=bytes(length))
        with refused("merkle.hash"):
            Frontier(size=1, hashes=(bytes(length),))
        with refused("merkle.hash"):
            FRONTIER.append(bytes(length))
        with refused("merkle.hash"):
            verify_inclusion(index=0, leaf=bytes(length), path=(), head=head_of(1))
        with refused("merkle.hash"):
            verify_consistency(old=head_of(1), new=head_of(2), path=(bytes(length),))
    for index in (-1, 5):
        with refused("merkle.index"):
            inclusion_path(index=index, size=5, read=READ)
        with refused("merkle.index"):
            verify_inclusion(index=index, leaf=bytes(32), path=(), head=head_of(5))
    with refused("merkle.index"):
        inclusion_path(index=0, size=0, read=READ)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5), (5, SIZE_MAX + 1)])
def test_consistency_from_nothing_or_from_a_larger_tree_is_refused(old: int, new: int) -> None:
    with refused("merkle.size"):
        consistency_path(old=old, new=new, read=READ)


def test_a_proof_of_consistency_with_the_empty_tree_is_refused() -> None:
    with refused("merkle.size"):
        verify_consistency(old=head_of(0), new=head_of(5), path=())
