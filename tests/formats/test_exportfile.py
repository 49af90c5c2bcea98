"""Export files: what is written is read again, line by line, and anything else is refused."""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from exports import NOW, export_from, opened, resealed, sealed_bytes, small_line
from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.line.fault import FORK, Fault
from keepclear.core.line.log import Rule
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.line.verdict.export import SEAL_TYPE, Export, Seal, SealedPart, seal_in
from keepclear.core.record.fork import Fork, PlacedEntry, TwoEntries
from keepclear.core.trust.envelope import Envelope, signed_envelope
from keepclear.formats.line.bundlefile import BUNDLE_BYTES_MAX
from keepclear.formats.line.exportfile import (
    EXPORT_BYTES_MAX,
    LINE_BYTES_MAX,
    export_lines,
    export_of,
    seal_of,
)
from keepclear.formats.line.faultfile import WORDS_MAX, fault_bytes, fault_members, fault_of
from party import Party, public

ONE, TWO = small_line()
NOTE = ONE.kept.log("keepclear/b/tanf/1").checkpoints[1]
FORKED = Fault(
    rule=FORK,
    party=PartyWord("b"),
    line=LineName("tanf"),
    epoch=1,
    words="two histories",
    fork=Fork(smaller=NOTE, larger=NOTE, root=bytes(32), path=(bytes(range(32)),)),
)
UNSOUND = Fault(
    rule=Rule.BACK_DATED,
    party=PartyWord("b"),
    line=LineName("tanf"),
    epoch=2,
    words="back-dated",
    checkpoint=NOTE,
    start=3,
    leaves=(b"{}", "\u00e9".encode()),
)
EXPORT = export_from(
    ONE,
    TWO,
    sealed=[
        SealedPart(commitment=bytes(32), sealed=b"age"),
        SealedPart(commitment=bytes(32), sealed=b"\xff"),
    ],
    faults=[FORKED, UNSOUND],
)
RAW = sealed_bytes(EXPORT, ONE)


def held(export: Export) -> Export:
    """An export with all that it holds in memory."""
    logs = tuple(replace(each, leaves=tuple(each.leaves)) for each in export.logs)
    return replace(export, logs=logs, openings=tuple(export.openings), sealed=tuple(export.sealed))


def test_every_line_is_read_as_it_was_written() -> None:
    sealed = export_of(RAW)
    assert held(sealed.export) == EXPORT
    assert sealed.lines == RAW.count(b"\n") - 1


def test_what_stands_in_an_export_can_be_gone_through_again() -> None:
    export = export_of(RAW).export
    assert held(export) == held(export)


def test_a_file_that_is_mapped_is_read_as_its_bytes_are(tmp_path: Path) -> None:
    path = tmp_path / "line.kce"
    path.write_bytes(RAW)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert held(export_of(mapped).export) == EXPORT


def test_the_lines_are_those_that_the_protocol_names() -> None:
    lines = [json.loads(line) for line in RAW.splitlines()]
    assert lines[0] == {"type": "keepclear export", "v": 1, "line": "tanf", "parties": ["a", "b"]}
    kinds = [next(iter(line)) for line in lines[1:-1]]
    log = ["origin", "leaf", "leaf", "checkpoint", "cosigned", "cosigned"]
    assert [kind for kind in kinds if kind != "cosigned"] == [
        kind for kind in log * 2 + ["opening"] * 3 + ["sealed"] * 2 + ["fault"] * 2 if kind != "cosigned"
    ]
    assert lines[1] == {"origin": "keepclear/a/tanf/1", "size": 2}
    assert lines[-1]["payloadType"] == SEAL_TYPE


def test_the_seal_that_is_counted_is_the_one_over_the_lines() -> None:
    seal = seal_of(EXPORT, at=Instant(NOW + 60_000), by=PartyWord("a"))
    assert export_of(RAW).seal(public(ONE.node_key)) == seal


def test_the_sealed_line_is_told_from_another() -> None:
    body = b"".join(export_lines(EXPORT))
    seal = seal_of(replace(EXPORT, line=LineName("tanf")), at=Instant(NOW), by=PartyWord("a"))
    other = replace(seal, line=LineName("other"))
    raw = body + signed(other)
    with pytest.raises(Untrusted) as untrusted:
        export_of(raw).seal(public(ONE.node_key))
    assert untrusted.value.code == "export.other-line"


def test_a_seal_over_other_lines_is_told_even_where_the_file_was_not_read_from_bytes() -> None:
    sealed = replace(export_of(RAW), lines=3)
    with pytest.raises(Untrusted) as untrusted:
        sealed.seal(public(ONE.node_key))
    assert untrusted.value.code == "export.altered"


def signed(seal: Seal) -> bytes:
    """The line of a seal by the first party's node."""
    key = ONE.node_key
    return signed_envelope(SEAL_TYPE, seal.written(), public_key=public(key), sign=key.sign).written() + b"\n"


def test_a_seal_of_another_type_is_none() -> None:
    envelope = Envelope(payload_type="application/json", payload=b"{}", key_id="0" * 32, signature=bytes(64))
    with pytest.raises(Refused) as refused:
        seal_in(envelope)
    assert refused.value.code == "export.seal"


def test_a_party_of_which_nothing_was_heard_has_no_log() -> None:
    one, two = Party("a", "b"), Party("b", "a")
    one.open(now=NOW)
    export = export_from(one, two)
    assert [each.origin for each in export.logs] == ["keepclear/a/tanf/1"]
    assert held(export_of(sealed_bytes(export, one)).export) == export


LINES = b"".join(export_lines(EXPORT)).splitlines(keepends=True)
ALTERED: dict[str, Callable[[list[bytes]], object]] = {
    "no title": lambda lines: lines.pop(0),
    "two titles": lambda lines: lines.insert(0, lines[0]),
    "a title of another type": lambda lines: lines.__setitem__(0, lines[0].replace(b"export", b"bundle")),
    "a title of another version": lambda lines: lines.__setitem__(0, lines[0].replace(b'"v":1', b'"v":2')),
    "a third party": lambda lines: lines.__setitem__(0, lines[0].replace(b'"b"]', b'"b","c"]')),
    "one party": lambda lines: lines.__setitem__(0, lines[0].replace(b',"b"]', b"]")),
    "one party twice": lambda lines: lines.__setitem__(0, lines[0].replace(b'"b"]', b'"a"]')),
    "a party in capitals": lambda lines: lines.__setitem__(0, lines[0].replace(b'"b"]', b'"B"]')),
    "another line": lambda lines: lines.__setitem__(0, lines[0].replace(b"tanf", b"fnat")),
    "a log of a third party": lambda lines: lines.__setitem__(1, lines[1].replace(b"/a/", b"/c/")),
    "a log of no epoch": lambda lines: lines.__setitem__(1, lines[1].replace(b"/1", b"/0")),
    "a log of epoch 01": lambda lines: lines.__setitem__(1, lines[1].replace(b"tanf/1", b"tanf/01")),
    "a log of another kind": lambda lines: lines.__setitem__(1, lines[1].replace(b"keepclear/", b"other/")),
    "an entry too few": lambda lines: lines.pop(2),
    "an entry too many": lambda lines: lines.insert(2, lines[2]),
    "no checkpoint": lambda lines: lines.pop(4),
    "a log of no entries": lambda lines: lines.__setitem__(1, lines[1].replace(b'"size":2', b'"size":0')),
    "logs out of order": lambda lines: lines.__setitem__(
        slice(1, len(lines)), [*lines[b_starts(lines) : openings(lines)], *lines[1 : b_starts(lines)]]
    ),
    "a log twice": lambda lines: lines.__setitem__(slice(1, 1), lines[1 : b_starts(lines)]),
    "a fault before an opening": lambda lines: lines.insert(openings(lines), lines[-1]),
    "a line of an unknown kind": lambda lines: lines.append(b'{"x":1}\n'),
    "a member that is not known": lambda lines: lines.__setitem__(2, lines[2].replace(b"}\n", b',"x":1}\n')),
    "a line that is a list": lambda lines: lines.append(b"[]\n"),
    "an empty object": lambda lines: lines.append(b"{}\n"),
    "an empty line": lambda lines: lines.append(b"\n"),
    "a line past the limit": lambda lines: lines.append(b'{"x":"' + b"x" * LINE_BYTES_MAX + b'"}\n'),
    "a fault with more in its line": lambda lines: lines.__setitem__(-1, lines[-1][:-2] + b',"x":1}\n'),
}


def b_starts(lines: list[bytes]) -> int:
    """The number of the line that begins the second log."""
    return next(number for number, line in enumerate(lines) if b'"keepclear/b/tanf/1","size"' in line)


def openings(lines: list[bytes]) -> int:
    """The number of the first opening."""
    return next(number for number, line in enumerate(lines) if line.startswith(b'{"opening"'))


@pytest.mark.parametrize("name", ALTERED)
def test_an_export_is_refused_though_its_seal_holds_that_has(name: str) -> None:
    lines = list(LINES)
    ALTERED[name](lines)
    assert lines != LINES
    with pytest.raises(Refused):
        export_of(resealed(b"".join(lines), ONE))


@pytest.mark.parametrize("raw", [b"", b"\n", b"{}\n", b"{}", RAW[:-1], RAW + b"\n", RAW.replace(b"\n", b" ")])
def test_a_file_that_is_not_ended_lines_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        export_of(raw)


def test_a_last_line_that_is_too_long_for_a_seal_is_not_read() -> None:
    with pytest.raises(Refused) as refused:
        export_of(b"{}\n" + b"x" * (LINE_BYTES_MAX + 1) + b"\n")
    assert refused.value.code == "export.unreadable"


class Huge:
    """Stands for a file past the limit, of which nothing is read."""

    def __len__(self) -> int:
        return EXPORT_BYTES_MAX + 1

    def __getitem__(self, _: slice, /) -> bytes:
        raise AssertionError("read")

    def find(self, *_: object) -> int:
        raise AssertionError("read")

    def rfind(self, *_: object) -> int:
        raise AssertionError("read")


def test_a_file_past_one_gibibyte_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refused) as refused:
        export_of(Huge())
    assert refused.value.code == "export.too-long"


def test_each_flipped_bit_of_an_export_is_told() -> None:
    one, two = opened()
    raw = bytearray(sealed_bytes(export_from(one, two), one))
    sealed = export_of(bytes(raw))
    node = public(one.node_key)
    assert sealed.seal(node).by == "a"
    held_ = [bit for bit in range(8 * len(raw)) if stands(raw, bit, node)]
    assert held_ == []


def stands(raw: bytearray, bit: int, node: bytes) -> bool:
    """Whether the export is still read and its seal holds with one bit turned over."""
    raw[bit // 8] ^= 1 << bit % 8
    try:
        export_of(bytes(raw)).seal(node)
    except KeepclearError:
        return False
    finally:
        raw[bit // 8] ^= 1 << bit % 8
    return True


PLACED = PlacedEntry(checkpoint=NOTE, leaf=bytes(32), path=(bytes(32),))
TWOFOLD = replace(
    UNSOUND,
    rule=FORK,
    start=0,
    leaves=(),
    checkpoint="",
    entries=TwoEntries(index=7, one=PLACED, other=PLACED),
)
_entries = json.loads(fault_bytes(TWOFOLD))["entries"]
DATED = replace(UNSOUND, rule="back-dated", cosigned=NOTE)


@pytest.mark.parametrize("fault", [FORKED, UNSOUND, TWOFOLD, DATED])
def test_evidence_is_read_as_it_was_written(fault: Fault) -> None:
    assert fault_of(fault_bytes(fault)) == fault


def test_words_of_evidence_past_the_limit_are_cut() -> None:
    wordy = replace(UNSOUND, words="x" * (WORDS_MAX + 1))
    assert fault_of(fault_bytes(wordy)) == replace(wordy, words="x" * WORDS_MAX)


def test_evidence_past_nine_mebibytes_is_not_written() -> None:
    with pytest.raises(Refused) as refused:
        fault_bytes(replace(UNSOUND, leaves=(b"x" * 60_000,) * 160))
    assert refused.value.code == "fault.too-long"


def test_the_evidence_against_the_sender_of_the_longest_bundle_can_be_written() -> None:
    """Else a bundle could be made that no node survives: it would have to keep what it cannot write."""
    leaf = b'{"' + b"\x01" * 16_000 + b'"}'
    count = BUNDLE_BYTES_MAX // len(json.dumps(leaf.decode()))
    leaves = (leaf,) * count
    written = sum(len(json.dumps(each.decode())) + 1 for each in leaves)
    assert BUNDLE_BYTES_MAX - 100_000 < written < BUNDLE_BYTES_MAX
    longest = replace(UNSOUND, leaves=leaves, words="\x01" * 9_000, checkpoint=NOTE, cosigned=NOTE * 100)
    assert fault_of(fault_bytes(longest)) == replace(longest, words="\x01" * WORDS_MAX)


@pytest.mark.parametrize(
    ("fault", "changes"),
    [
        (FORKED, {"rule": "treason"}),
        (FORKED, {"rule": "back-dated"}),
        (UNSOUND, {"rule": "fork"}),
        (FORKED, {"checkpoint": NOTE}),
        (FORKED, {"party": "B"}),
        (FORKED, {"epoch": 0}),
        (FORKED, {"words": ""}),
        (FORKED, {"fork": {}}),
        (FORKED, {"fork": {"smaller": "x", "larger": NOTE, "root": "00" * 32, "path": []}}),
        (FORKED, {"fork": {"smaller": NOTE, "larger": NOTE, "root": "00" * 32, "path": [], "x": 1}}),
        (FORKED, {"fork": {"smaller": NOTE, "larger": NOTE, "root": "00" * 32, "path": ["00" * 32] * 65}}),
        (UNSOUND, {"leaves": [1]}),
        (UNSOUND, {"leaves": ["{}"] * 513}),
        (UNSOUND, {"start": -1}),
        (UNSOUND, {"fork": None}),
        (UNSOUND, {"entries": None}),
        (UNSOUND, {"cosigned": ""}),
        (FORKED, {"cosigned": NOTE}),
        (FORKED, {"entries": fault_members(TWOFOLD)["entries"]}),
        (TWOFOLD, {"entries": {}}),
        (TWOFOLD, {"entries": {"index": -1, "one": {}, "other": {}}}),
        (TWOFOLD, {"entries": {**_entries, "one": {**_entries["one"], "path": ["00" * 32] * 65}}}),
        (TWOFOLD, {"entries": {**_entries, "other": {**_entries["one"], "checkpoint": "x"}}}),
        (TWOFOLD, {"entries": {**_entries, "more": 1}}),
    ],
)
def test_evidence_is_refused_that_is_none(fault: Fault, changes: dict[str, object]) -> None:
    written = json.dumps({**fault_members(fault), **changes}).encode()
    with pytest.raises(Refused):
        fault_of(written)
