"""Bundle files: a bundle as JSON, the same by link, on a stick and in print.

Source: docs/protocol.md clause 10. Reading verifies nothing: that is ``core.line.intake``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.line.bundle import (
    EXPRESS_MAX,
    LEAVES_MAX,
    PARTS_MAX,
    RESTORE_MAX,
    Bundle,
    Express,
    Restore,
)
from keepclear.core.line.message import EPOCH_MAX, LineName, PartyWord
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.merkle import HASH_BYTES
from keepclear.core.trust.encoding import BYTES_MAX as ENTRY_BYTES_MAX
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.envelope import envelope_from
from keepclear.core.trust.fields import Fields, octets_of, text_of
from keepclear.core.trust.note import NOTE_BYTES_MAX
from keepclear.formats.line.linejson import base64_octets, base64_text, json_line, leaf_text, line_json

BUNDLE_BYTES_MAX: Final = 8 * 1024 * 1024
"""The longest bundle."""

VALUES_MAX: Final = 16_384
"""The most commas and opening brackets in a bundle: none within the other limits has so many, and each costs time."""

PATH_MAX: Final = 63
"""The most hashes in one proof."""

SEALED_BYTES_MAX: Final = 128 * 1024
"""The longest sealed part: an opening of 65,535 bytes and what age adds for each of its readers."""

_TYPE: Final = "keepclear bundle"
_DEPTH_MAX: Final = 8


def bundle_bytes(bundle: Bundle) -> bytes:
    """The bundle as a file; ``bundle_of(bundle_bytes(bundle)) == bundle`` for every bundle within the limits.

    Raises Refused("bundle.too-long") for one that is past BUNDLE_BYTES_MAX, and Refused as
    ``leaf_text`` does.
    """
    raw = json_line(
        {
            "type": _TYPE,
            "v": 1,
            "line": bundle.line,
            "from": bundle.sender,
            "to": bundle.to,
            "epoch": bundle.epoch,
            "checkpoint": bundle.checkpoint,
            "start": bundle.start,
            "leaves": [leaf_text(each) for each in bundle.leaves],
            "newest": bundle.newest,
            "path": _path_members(bundle.path),
            "express": [_express_members(each) for each in bundle.express],
            "parts": {name.hex(): base64_text(sealed) for name, sealed in bundle.parts.items()},
            "cosigned": bundle.cosigned,
            "restore": None if bundle.restore is None else _restore_members(bundle.restore),
            "status": bundle.status.members(),
        }
    )
    if len(raw) > BUNDLE_BYTES_MAX:
        raise Refused(
            "bundle.too-long", f"bundle of {len(raw)} bytes, must be {BUNDLE_BYTES_MAX} or fewer to be taken"
        )
    return raw


def bundle_of(raw: bytes) -> Bundle:
    """The bundle written in a file; nothing in it is verified yet.

    Raises Refused as ``line_json``, Fields, ``envelope_from`` and ``origin_of`` do, Refused("bundle.values") past
    VALUES_MAX, and Refused("bundle.parties") for one that a party sends to itself.
    """
    _check_values(raw)
    taken = Fields(line_json(raw, bytes_max=BUNDLE_BYTES_MAX, depth_max=_DEPTH_MAX), what="bundle")
    _check_type(taken)
    bundle = Bundle(
        line=LineName(taken.text("line", length_max=64)),
        sender=PartyWord(taken.text("from", length_max=64)),
        to=PartyWord(taken.text("to", length_max=64)),
        epoch=taken.whole("epoch", least=1, most=EPOCH_MAX),
        checkpoint=taken.text("checkpoint", length_max=NOTE_BYTES_MAX),
        start=taken.whole("start"),
        leaves=_leaves_of(taken.items("leaves", most=LEAVES_MAX)),
        newest=_note_or_none(taken, "newest"),
        path=_path_of(taken, what="bundle"),
        express=tuple(_express_of(each) for each in taken.items("express", most=EXPRESS_MAX)),
        parts=_parts_of(taken.members("parts", most=PARTS_MAX)),
        cosigned=_note_or_none(taken, "cosigned"),
        restore=_restore_of(taken.value("restore")),
        status=envelope_from(taken.value("status")),
    )
    taken.end()
    _check_parties(bundle)
    return bundle


def _check_values(raw: bytes) -> None:
    found = sum(map(raw.count, (b",", b"[", b"{")))
    if found > VALUES_MAX:
        raise Refused(
            "bundle.values",
            f"bundle has {found} commas and opening brackets, must have {VALUES_MAX} or fewer",
        )


def _check_type(taken: Fields) -> None:
    if (found := taken.text("type", length_max=64)) != _TYPE:
        raise Refused("fields.unfit", f"bundle: type is {found!r}, must be {_TYPE!r}")
    taken.whole("v", least=1, most=1)


def _check_parties(bundle: Bundle) -> None:
    for party in (bundle.sender, bundle.to):
        origin_of(party=party, log=bundle.line, epoch=bundle.epoch)
    if bundle.sender == bundle.to:
        raise Refused("bundle.parties", f"bundle is from {bundle.sender} to itself")
    if bundle.newest is None and bundle.path:
        raise Refused("bundle.path", "bundle has a proof and no newer head that it leads to")


def _leaves_of(items: Sequence[Json]) -> tuple[bytes, ...]:
    # Longer than an entry may be, so that one that is too long convicts its speaker rather than being passed over.
    return tuple(text_of(each, length_max=ENTRY_BYTES_MAX, what="bundle: leaf").encode() for each in items)


def _note_or_none(taken: Fields, name: str) -> str | None:
    value = taken.value(name)
    return None if value is None else text_of(value, length_max=NOTE_BYTES_MAX, what=f"bundle: {name}")


def _path_members(path: tuple[bytes, ...]) -> list[Json]:
    return [each.hex() for each in path]


def _path_of(taken: Fields, *, what: str) -> tuple[bytes, ...]:
    return tuple(
        octets_of(each, length=HASH_BYTES, what=f"{what}: path")
        for each in taken.items("path", most=PATH_MAX)
    )


def _express_members(express: Express) -> Json:
    return {
        "index": express.index,
        "leaf": leaf_text(express.leaf),
        "path": _path_members(express.path),
    }


def _express_of(value: Json) -> Express:
    taken = Fields(value, what="bundle: express")
    express = Express(
        index=taken.whole("index"),
        leaf=taken.text("leaf", length_max=ENTRY_BYTES_MAX).encode(),
        path=_path_of(taken, what="bundle: express"),
    )
    taken.end()
    return express


def _parts_of(members: Mapping[str, Json]) -> dict[bytes, bytes]:
    return {
        octets_of(name, length=HASH_BYTES, what="bundle: commitment of a part"): base64_octets(
            sealed, bytes_max=SEALED_BYTES_MAX, what=f"bundle: part {name}"
        )
        for name, sealed in members.items()
    }


def _restore_members(restore: Restore) -> Json:
    return {
        "checkpoint": restore.checkpoint,
        "leaves": [leaf_text(each) for each in restore.leaves],
        "start": restore.start,
    }


def _restore_of(value: Json) -> Restore | None:
    if value is None:
        return None
    taken = Fields(value, what="bundle: restore")
    restore = Restore(
        checkpoint=taken.text("checkpoint", length_max=NOTE_BYTES_MAX),
        start=taken.whole("start"),
        leaves=_leaves_of(taken.items("leaves", most=RESTORE_MAX)),
    )
    taken.end()
    return restore
