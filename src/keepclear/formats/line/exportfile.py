"""Export files: one line as lines of JSON, written as it is read from a store and read without holding it all.

Source: docs/protocol.md clause 13. Reading judges nothing: that is ``core.line.verdict``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.line.fault import Fault
from keepclear.core.line.message import EPOCH_MAX, LineName, PartyWord
from keepclear.core.line.verdict.export import Export, ExportedLog, Seal, SealedExport, SealedPart, seal_in
from keepclear.core.record.merkle import HASH_BYTES
from keepclear.core.trust.encoding import BYTES_MAX as ENTRY_BYTES_MAX
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.envelope import Envelope, envelope_of
from keepclear.core.trust.fields import Fields, text_of
from keepclear.core.trust.note import NOTE_BYTES_MAX
from keepclear.formats.line.bundlefile import SEALED_BYTES_MAX
from keepclear.formats.line.faultfile import FAULT_BYTES_MAX, fault_from, fault_members
from keepclear.formats.line.linejson import base64_octets, base64_text, json_line, leaf_text, line_json

EXPORT_BYTES_MAX: Final = 1 << 30
"""The longest export."""

LINE_BYTES_MAX: Final = FAULT_BYTES_MAX + 1_024
"""The longest line of one: evidence of a fault, within its braces."""

_TYPE: Final = "keepclear export"
_DEPTH_MAX: Final = 6
_LF: Final = b"\n"


class Held(Protocol):
    """Bytes that are held somewhere, in memory or in a file that is mapped into it."""

    def __len__(self) -> int: ...

    def __getitem__(self, span: slice, /) -> bytes: ...

    def find(self, wanted: bytes, start: int, end: int, /) -> int:
        """Where some bytes first stand from ``start`` to before ``end``, or -1."""
        ...

    def rfind(self, wanted: bytes, start: int, end: int, /) -> int:
        """Where they last do."""
        ...


def export_lines(export: Export) -> Iterator[bytes]:
    """Each line of an export but the seal, with its end.

    Raises Refused as ``leaf_text`` and ``json_line`` do.
    """
    yield _line({"type": _TYPE, "v": 1, "line": export.line, "parties": list(export.parties)})
    for log in export.logs:
        yield _line({"origin": log.origin, "size": log.size})
        for leaf in log.leaves:
            yield _line({"leaf": leaf_text(leaf)})
        yield _line({"checkpoint": log.checkpoint})
        for note in log.cosigned:
            yield _line({"cosigned": note})
    for opening in export.openings:
        yield _line({"opening": leaf_text(opening)})
    for part in export.sealed:
        yield _line({"sealed": base64_text(part.sealed), "commitment": part.commitment.hex()})
    for fault in export.faults:
        yield _line({"fault": fault_members(fault)})


def seal_of(export: Export, *, at: Instant, by: PartyWord) -> Seal:
    """The seal over an export, for the node of ``by`` to sign; raises as ``export_lines`` does."""
    lines, hashed = 0, sha256()
    for line in export_lines(export):
        hashed.update(line)
        lines += 1
    return Seal(at=at, by=by, line=export.line, lines=lines, digest=hashed.digest())


def seal_line(envelope: Envelope) -> bytes:
    """The last line of an export."""
    return envelope.written() + _LF


def export_of(raw: Held) -> SealedExport:
    """The export in a file; nothing in it is believed yet. Leaves and parts are read anew each time they are asked for.

    The hash in the seal is compared before anything else is read: what a bad link or stick altered is found at once.
    Whose seal it is, is for ``SealedExport.seal``. Raises Untrusted("export.altered") when the hash is another,
    Refused("export.too-long") past EXPORT_BYTES_MAX, Refused("export.unreadable") for lines too long, not ended or out
    of order, and Refused as the readers of what stands in the lines do.
    """
    if len(raw) > EXPORT_BYTES_MAX:
        raise Refused("export.too-long", f"export of {len(raw)} bytes, must be {EXPORT_BYTES_MAX} or fewer")
    end = raw.rfind(_LF, 0, len(raw) - 1) + 1
    if end == 0 or raw[len(raw) - 1 :] != _LF:
        raise _unreadable("must be two or more lines, each one ended")
    if len(raw) - end > LINE_BYTES_MAX:
        raise _unreadable(f"has a seal of {len(raw) - end} bytes")
    envelope = envelope_of(raw[end : len(raw) - 1])
    seal = seal_in(envelope)
    lines, digest = _counted(raw, end)
    if (seal.lines, seal.digest) != (lines, digest):
        raise Untrusted(
            "export.altered",
            f"export was sealed with {seal.lines} lines of SHA-256 {seal.digest.hex()}, "
            f"and has {lines} of {digest.hex()}",
        )
    export = _export_in(_Lines(raw, end))
    return SealedExport(export=export, envelope=envelope, lines=lines, digest=digest)


def _counted(raw: Held, end: int) -> tuple[int, bytes]:
    """How many lines there are before the seal, and their SHA-256."""
    lines, hashed = 0, sha256()
    for start, stop in _spans(raw, 0, end):
        hashed.update(raw[start:stop])
        lines += 1
    return lines, hashed.digest()


def _spans(raw: Held, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each line begins, and where it ends, its line end included."""
    while start < end:
        stop = raw.find(_LF, start, min(end, start + LINE_BYTES_MAX + 1)) + 1
        if stop == 0:
            raise _unreadable(f"has a line past {LINE_BYTES_MAX} bytes at byte {start}")
        yield start, stop
        start = stop


class _Lines:
    """The lines of an export before its seal, each looked at before it is taken."""

    def __init__(self, raw: Held, end: int) -> None:
        self.raw = raw
        self.at = 0
        self._end = end
        self._spans = _spans(raw, 0, end)
        self._number = 0
        self._next: Mapping[str, Json] = {}
        self._step()

    def holds(self, name: str) -> bool:
        """Whether there is a next line and it has this member."""
        return name in self._next

    def take(self, name: str) -> Fields:
        """The next line, which must have this member."""
        if name not in self._next:
            raise _unreadable(f"has another line than one of {name} at line {self._number}")
        taken = Fields(self._next, what=f"export: line {self._number}")
        self._step()
        return taken

    def end(self) -> None:
        """Raises unless every line was taken."""
        if self._next:
            raise _unreadable(f"has line {self._number} out of order or of an unknown kind")

    def _step(self) -> None:
        span = next(self._spans, None)
        if span is None:
            self.at, self._next = self._end, {}
            return
        self.at, stop = span
        self._number += 1
        value = _read(self.raw[self.at : stop])
        if not isinstance(value, Mapping) or not value:
            raise _unreadable(f"has no object with members at line {self._number}")
        self._next = value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """The texts of lines of one kind that follow one another, as bytes, read anew each time."""

    raw: Held
    start: int
    end: int
    member: str

    def __iter__(self) -> Iterator[bytes]:
        for start, stop in _spans(self.raw, self.start, self.end):
            yield Fields(_read(self.raw[start:stop]), what="export: line").text(self.member).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _SealedParts:
    """The sealed parts of an export, read anew each time."""

    raw: Held
    start: int
    end: int

    def __iter__(self) -> Iterator[SealedPart]:
        for start, stop in _spans(self.raw, self.start, self.end):
            yield _sealed_from(Fields(_read(self.raw[start:stop]), what="export: line"))


def _export_in(lines: _Lines) -> Export:
    title = lines.take("type")
    if (found := title.text("type", length_max=64)) != _TYPE:
        raise Refused("fields.unfit", f"export: type is {found!r}, must be {_TYPE!r}")
    title.whole("v", least=1, most=1)
    line = LineName(title.text("line", length_max=64))
    parties = [
        PartyWord(text_of(each, length_max=64, what="export: party"))
        for each in title.items("parties", most=2)
    ]
    title.end()
    if len(parties) != 2:
        raise Refused("export.parties", f"export is of a line of {len(parties)} parties, must be 2")
    logs: list[ExportedLog] = []
    while lines.holds("origin"):
        logs.append(_log_in(lines, line))
    openings = _texts_in(lines, "opening")
    sealed = _sealed_in(lines)
    faults: list[Fault] = []
    while lines.holds("fault"):
        taken = lines.take("fault")
        faults.append(fault_from(taken.value("fault")))
        taken.end()
    lines.end()
    return Export(
        line=line,
        parties=(parties[0], parties[1]),
        logs=tuple(logs),
        openings=openings,
        sealed=sealed,
        faults=tuple(faults),
    )


def _log_in(lines: _Lines, line: LineName) -> ExportedLog:
    taken = lines.take("origin")
    origin, size = taken.text("origin", length_max=256), taken.whole("size", least=1)
    taken.end()
    party, epoch = _origin_parts(origin, line)
    start = lines.at
    for _ in range(size):
        leaf = lines.take("leaf")
        leaf.text("leaf", length_max=ENTRY_BYTES_MAX)
        leaf.end()
    leaves = _Texts(raw=lines.raw, start=start, end=lines.at, member="leaf")
    checkpoint = _note_in(lines, "checkpoint")
    cosigned: list[str] = []
    while lines.holds("cosigned"):
        cosigned.append(_note_in(lines, "cosigned"))
    return ExportedLog(
        party=party,
        line=line,
        epoch=epoch,
        size=size,
        leaves=leaves,
        checkpoint=checkpoint,
        cosigned=tuple(cosigned),
    )


def _origin_parts(origin: str, line: LineName) -> tuple[PartyWord, int]:
    """The party and the epoch that an origin of this line names."""
    words = origin.split("/")
    epoch = int(words[3]) if len(words) == 4 and words[3].isdecimal() and len(words[3]) <= 10 else 0
    if (
        words[0] != "keepclear"
        or not 1 <= epoch <= EPOCH_MAX
        or f"keepclear/{words[1]}/{line}/{epoch}" != origin
    ):
        raise Refused("export.logs", f"export of line {line} holds a log {origin!r}, which is not of it")
    return PartyWord(words[1]), epoch


def _note_in(lines: _Lines, name: str) -> str:
    taken = lines.take(name)
    note = taken.text(name, length_max=NOTE_BYTES_MAX)
    taken.end()
    return note


def _texts_in(lines: _Lines, name: str) -> _Texts:
    start = lines.at
    while lines.holds(name):
        taken = lines.take(name)
        taken.text(name, length_max=ENTRY_BYTES_MAX)
        taken.end()
    return _Texts(raw=lines.raw, start=start, end=lines.at, member=name)


def _sealed_in(lines: _Lines) -> _SealedParts:
    start = lines.at
    while lines.holds("sealed"):
        _sealed_from(lines.take("sealed"))
    return _SealedParts(raw=lines.raw, start=start, end=lines.at)


def _sealed_from(taken: Fields) -> SealedPart:
    part = SealedPart(
        commitment=taken.octets("commitment", length=HASH_BYTES),
        sealed=base64_octets(taken.value("sealed"), bytes_max=SEALED_BYTES_MAX, what="export: sealed part"),
    )
    taken.end()
    return part


def _read(line: bytes) -> Json:
    return line_json(line, bytes_max=LINE_BYTES_MAX, depth_max=_DEPTH_MAX)


def _line(members: Mapping[str, Json]) -> bytes:
    return json_line(members) + _LF


def _unreadable(what: str) -> Refused:
    return Refused("export.unreadable", f"export {what}")
