"""Signed notes: a few lines of text that a person can read, with the signatures of named keys beneath.

Source: C2SP signed-note v1.0.0 (Ed25519, signature type 0x01).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.trust import signature as ed25519

NOTE_BYTES_MAX: Final = 65_535
SIGNATURES_MAX: Final = 100

_ED25519: Final = b"\x01"
_DASH: Final = "\u2014 "
_NAME: Final = re.compile(r"[^\s+]+")
# Half of a surrogate pair cannot be written in UTF-8, so it can stand in no text that is signed.
_UNFIT: Final = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A name and the Ed25519 public key (32 bytes) that signs under it.

    Raises as ``check_key_name`` does, and Refused("key.public") for a key that is not 32 bytes or not sound.
    """

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public_key) != ed25519.PUBLIC_KEY_BYTES or not ed25519.is_sound_point(self.public_key):
            raise Refused(
                "key.public", f"key of {self.name}: {self.public_key.hex()} is no sound Ed25519 key"
            )

    @property
    def hash(self) -> bytes:
        """The four bytes by which a signature line points at this key; they identify, they do not secure."""
        return key_hash(self.name, _ED25519 + self.public_key)

    def text(self) -> str:
        """The key on one line, ``name+hash+base64``, as it is handed to others."""
        return key_text(self.name, _ED25519 + self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A verifier key with the act of signing under it; the private key itself stays with its keeper."""

    key: VerifierKey
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One signature line: the name of the key, its four-byte hash, and the signature itself."""

    name: str
    key_hash: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.key_hash) != 4 or not self.signature:
            raise Refused("note.signature", f"signature line of {self.name} has no key hash and signature")

    def line(self) -> str:
        """The signature line, without its line end."""
        return f"{_DASH}{self.name} {b64encode(self.key_hash + self.signature).decode()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text, which ends with a line end, and the signatures beneath it.

    Raises Refused("note.text") for a text that is empty, does not end its last line or holds control
    characters, and Refused("note.signatures") for none or more than SIGNATURES_MAX.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        _check_text(self.text)
        if not 1 <= len(self.signatures) <= SIGNATURES_MAX:
            raise Refused(
                "note.signatures",
                f"note has {len(self.signatures)} signatures, must be 1 to {SIGNATURES_MAX}",
            )

    def written(self) -> str:
        """The whole note: text, an empty line, the signature lines."""
        return self.text + "\n" + "".join(f"{each.line()}\n" for each in self.signatures)

    def only(self, names: Collection[tuple[str, bytes]]) -> Note:
        """The note with the first line of each of these keys, given by name and hash, and with no other.

        Lines are not signed themselves: whoever carries a note can add some. Raises Refused("note.signatures") when
        none is left.
        """
        first: dict[tuple[str, bytes], NoteSignature] = {}
        for each in self.signatures:
            if (each.name, each.key_hash) in names:
                first.setdefault((each.name, each.key_hash), each)
        return Note(text=self.text, signatures=tuple(first.values()))

    def verify(self, key: VerifierKey) -> None:
        """Checks that this key signed the text; signatures of other keys are neither needed nor harmful.

        Raises Untrusted("note.unsigned") when no line is of this key, and as ``signature.verify`` does when
        one is but does not hold.
        """
        lines = [each for each in self.signatures if each.name == key.name and each.key_hash == key.hash]
        if not lines:
            raise Untrusted("note.unsigned", f"note is not signed by {key.text()}")
        for line in lines:
            ed25519.verify(public_key=key.public_key, message=self.text.encode(), signature=line.signature)


def signed_note(text: str, signer: Signer) -> Note:
    """The note of a text signed by one key; raises as Note does, before anything is signed."""
    _check_text(text)
    made = NoteSignature(name=signer.key.name, key_hash=signer.key.hash, signature=signer.sign(text.encode()))
    return Note(text=text, signatures=(made,))


def note_of(written: str) -> Note:
    """The note written in a text; nothing is verified yet.

    Raises Refused("note.too-long") past NOTE_BYTES_MAX, Refused("note.unreadable") for what is not a note,
    and as Note and NoteSignature do.
    """
    length = len(written.encode("utf-8", "surrogatepass"))
    if length > NOTE_BYTES_MAX:
        raise Refused("note.too-long", f"note of {length} bytes, must be {NOTE_BYTES_MAX} or fewer")
    # The text may itself hold empty lines: the last one parts it from the signatures.
    text, parted, lines = written.rpartition("\n\n")
    if not parted or not lines.endswith("\n"):
        raise Refused("note.unreadable", "note has no empty line followed by ended signature lines")
    return Note(text=f"{text}\n", signatures=tuple(map(_signature_of, lines[:-1].split("\n"))))


def verifier_key_of(text: str) -> VerifierKey:
    """The key written as ``name+hash+base64``.

    Raises Refused("key.unreadable") for a key type other than Ed25519 (0x01), and as ``typed_key_of`` and
    VerifierKey do.
    """
    name, typed = typed_key_of(text)
    if typed[:1] != _ED25519:
        raise Refused("key.unreadable", f"key {text!r} is of type {typed[:1].hex()}, must be Ed25519 (01)")
    return VerifierKey(name=name, public_key=typed[1:])


def typed_key_of(text: str) -> tuple[str, bytes]:
    """The name and the key, led by its type byte, that are written as ``name+hash+base64``; any type is taken.

    Raises Refused("key.unreadable") for another form or a hash that is not that of the key, Refused("key.name")
    for a name that is none.
    """
    name, _, rest = text.partition("+")
    stated, _, encoded = rest.partition("+")
    typed = base64_of(encoded)
    if not typed:
        raise Refused("key.unreadable", f"key {text!r} is not name+hash+base64")
    check_key_name(name)
    if stated != key_hash(name, typed).hex():
        wanted = key_hash(name, typed).hex()
        raise Refused("key.unreadable", f"key {text!r} states the hash {stated}, must be {wanted}")
    return name, typed


def key_hash(name: str, typed: bytes) -> bytes:
    """The four bytes that stand for a key in signature lines, of its name and its type byte and key."""
    return sha256(name.encode() + b"\n" + typed).digest()[:4]


def key_text(name: str, typed: bytes) -> str:
    """A key, led by its type byte, on one line: ``name+hash+base64``."""
    return f"{name}+{key_hash(name, typed).hex()}+{b64encode(typed).decode()}"


def check_key_name(name: str) -> None:
    """Raises Refused("key.name") unless a name is text without spaces, plus signs and control characters."""
    if not _NAME.fullmatch(name) or _UNFIT.search(name):
        raise Refused(
            "key.name", f"key name {name!r} must be text without spaces, plus signs and control characters"
        )


def base64_of(text: str) -> bytes | None:
    """The bytes written in standard base64 with padding, or None when it is not that exactly."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return None
    # The decoder overlooks stray bits in the last character; the same bytes must have one spelling.
    return raw if b64encode(raw).decode() == text else None


def _signature_of(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = base64_of(encoded)
    if not line.startswith(_DASH) or raw is None:
        raise Refused("note.unreadable", f"signature line {line!r} is not a dash, a name and base64")
    return NoteSignature(name=name, key_hash=raw[:4], signature=raw[4:])


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _UNFIT.search(text):
        raise Refused("note.text", "note text must be lines without control characters, each one ended")
