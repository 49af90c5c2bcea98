"""Fault files: evidence that convicts a party, as JSON that its bearer can hand to anyone.

Source: docs/protocol.md clauses 11 and 14. Reading judges nothing: that is ``Fault.verify``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.line.bundle import LEAVES_MAX
from keepclear.core.line.fault import FORK, RULES, Fault
from keepclear.core.line.message import EPOCH_MAX, LineName, PartyWord
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.fork import PATH_MAX, Fork, PlacedEntry, TwoEntries
from keepclear.core.record.merkle import HASH_BYTES
from keepclear.core.trust.encoding import BYTES_MAX as ENTRY_BYTES_MAX
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields, octets_of, text_of
from keepclear.core.trust.note import NOTE_BYTES_MAX
from keepclear.formats.line.linejson import json_line, leaf_text, line_json

FAULT_BYTES_MAX: Final = 9 * 1024 * 1024
"""The longest evidence: the leaves of the longest bundle, words about them, and a cosigned note.

No bundle may hold more than the evidence against its sender can.
"""

WORDS_MAX: Final = 2_000

_DEPTH_MAX: Final = 4


def fault_bytes(fault: Fault) -> bytes:
    """The evidence as a file of its own; read again it is the same, where its words are within WORDS_MAX.

    Raises Refused("fault.too-long") past FAULT_BYTES_MAX.
    """
    raw = json_line(fault_members(fault))
    if len(raw) > FAULT_BYTES_MAX:
        raise Refused("fault.too-long", f"evidence of {len(raw)} bytes, must be {FAULT_BYTES_MAX} or fewer")
    return raw


def fault_of(raw: bytes) -> Fault:
    """The evidence written in a file. Raises Refused as ``line_json`` and ``fault_from`` do."""
    return fault_from(line_json(raw, bytes_max=FAULT_BYTES_MAX, depth_max=_DEPTH_MAX))


def fault_members(fault: Fault) -> dict[str, Json]:
    """The evidence as a JSON object: with ``fork``, ``entries``, or ``checkpoint``, ``start`` and ``leaves``.

    What a cosignature dates has that note as ``cosigned``.

    Its words are for people and prove nothing: past WORDS_MAX they are cut.
    """
    members: dict[str, Json] = {
        "rule": fault.rule,
        "party": fault.party,
        "line": fault.line,
        "epoch": fault.epoch,
        "words": fault.words[:WORDS_MAX],
    }
    if fault.fork is not None:
        members["fork"] = _fork_members(fault.fork)
    elif fault.entries is not None:
        members["entries"] = _entries_members(fault.entries)
    else:
        members["checkpoint"] = fault.checkpoint
        members["start"] = fault.start
        members["leaves"] = [leaf_text(each) for each in fault.leaves]
    if fault.cosigned:
        members["cosigned"] = fault.cosigned
    return members


def fault_from(value: Json) -> Fault:
    """The evidence that a JSON object is.

    Raises Refused as Fields, Fork, PlacedEntry and ``origin_of`` do, and Refused("fault.rule") for a rule that there
    is not, or evidence of another form than the rule has.
    """
    taken = Fields(value, what="fault")
    rule = taken.text("rule", length_max=64)
    if rule not in RULES or (rule == FORK) != ("fork" in taken or "entries" in taken):
        raise Refused(
            "fault.rule",
            f"fault breaks the rule {rule!r}, must be one of {', '.join(RULES)}, "
            "of which a fork alone has a member fork or entries",
        )
    bare = _accusation(taken, rule)
    if "fork" in taken:
        fault = replace(bare, fork=_fork_from(taken.fields("fork")))
    elif "entries" in taken:
        fault = replace(bare, entries=_entries_from(taken.fields("entries")))
    else:
        fault = replace(
            bare,
            checkpoint=taken.text("checkpoint", length_max=NOTE_BYTES_MAX),
            start=taken.whole("start"),
            leaves=tuple(
                text_of(each, length_max=ENTRY_BYTES_MAX, what="fault: leaf").encode()
                for each in taken.items("leaves", most=LEAVES_MAX)
            ),
        )
        if "cosigned" in taken:
            fault = replace(fault, cosigned=taken.text("cosigned", length_max=NOTE_BYTES_MAX))
    taken.end()
    return fault


def _accusation(taken: Fields, rule: str) -> Fault:
    """Whom a fault is of and what is said of it, without the evidence."""
    fault = Fault(
        rule=rule,
        party=PartyWord(taken.text("party", length_max=64)),
        line=LineName(taken.text("line", length_max=64)),
        epoch=taken.whole("epoch", least=1, most=EPOCH_MAX),
        words=taken.text("words", length_max=WORDS_MAX),
    )
    origin_of(party=fault.party, log=fault.line, epoch=fault.epoch)
    return fault


def _fork_from(shown: Fields) -> Fork:
    fork = Fork(
        smaller=shown.text("smaller", length_max=NOTE_BYTES_MAX),
        larger=shown.text("larger", length_max=NOTE_BYTES_MAX),
        root=shown.octets("root", length=HASH_BYTES),
        path=_path_from(shown),
    )
    shown.end()
    return fork


def _entries_from(shown: Fields) -> TwoEntries:
    entries = TwoEntries(
        index=shown.whole("index"),
        one=_placed_from(shown.fields("one")),
        other=_placed_from(shown.fields("other")),
    )
    shown.end()
    return entries


def _placed_from(shown: Fields) -> PlacedEntry:
    placed = PlacedEntry(
        checkpoint=shown.text("checkpoint", length_max=NOTE_BYTES_MAX),
        leaf=shown.octets("leaf", length=HASH_BYTES),
        path=_path_from(shown),
    )
    shown.end()
    return placed


def _path_from(shown: Fields) -> tuple[bytes, ...]:
    return tuple(
        octets_of(each, length=HASH_BYTES, what="fault: path") for each in shown.items("path", most=PATH_MAX)
    )


def _fork_members(fork: Fork) -> Json:
    return {
        "smaller": fork.smaller,
        "larger": fork.larger,
        "root": fork.root.hex(),
        "path": [each.hex() for each in fork.path],
    }


def _entries_members(entries: TwoEntries) -> Json:
    return {
        "index": entries.index,
        "one": _placed_members(entries.one),
        "other": _placed_members(entries.other),
    }


def _placed_members(placed: PlacedEntry) -> Json:
    return {
        "checkpoint": placed.checkpoint,
        "leaf": placed.leaf.hex(),
        "path": [each.hex() for each in placed.path],
    }
