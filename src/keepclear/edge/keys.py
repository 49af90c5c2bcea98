"""Private keys: made, kept, used, and never given out.

A key is a PKCS #8 PEM file (RFC 8410) that only its owner can read, in a folder only its owner can enter.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.trust.note import Signer, VerifierKey

LOG_KEY_FILE: Final = "log.pem"
PEM_BYTES_MAX: Final = 4_096


class LogKey:
    """The Ed25519 key with which a node signs the heads of its record; the private part never leaves it."""

    __slots__ = ("_private",)

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    def __repr__(self) -> str:
        return f"LogKey(public={self.public.hex()})"

    def __reduce__(self) -> str:
        raise TypeError("a LogKey is not copied, pickled or sent")

    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of these bytes, 64 bytes."""
        return self._private.sign(message)

    def signer(self, origin: str) -> Signer:
        """This key under the name of the log that it signs (``checkpoint.origin_of``)."""
        return Signer(key=VerifierKey(name=origin, public_key=self.public), sign=self.sign)


def log_key(folder: Path) -> LogKey:
    """The log key kept in a folder; made there when the folder holds none.

    Raises Refused("keys.exposed") when others can read the key or enter the folder,
    Refused("keys.unreadable") for a file that is not an Ed25519 key, Unavailable("keys.disk") when it cannot
    be read or written.
    """
    path = folder / LOG_KEY_FILE
    return LogKey(_loaded(kept_pem(path, make=_made), path))


def kept_pem(path: Path, *, make: Callable[[], bytes]) -> bytes:
    """The private PEM file at a path; what ``make`` gives is put there first when there is none.

    Raises Refused("keys.exposed") when others can read the file or enter its folder, Unavailable("keys.disk") when
    it cannot be read or written.
    """
    folder = path.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_private(folder.stat(), folder, wanted=0o700)
        if not path.exists():
            _keep(path, make())
        return _read(path)
    except OSError as error:
        raise Unavailable("keys.disk", f"key folder {folder}: {error.strerror}") from error


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _keep(path: Path, pem: bytes) -> None:
    # Written whole under another name first: a key file that is there is always complete. Linking, unlike
    # renaming, fails when another process has just put its own key there.
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, pem)
        os.fsync(descriptor)
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        os.close(descriptor)
        os.unlink(draft)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _check_private(os.fstat(descriptor), path, wanted=0o600)
        return os.read(descriptor, PEM_BYTES_MAX)
    finally:
        os.close(descriptor)


def _loaded(pem: bytes, path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise Refused("keys.unreadable", f"file {path} is not a private key in PEM form") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused("keys.unreadable", f"file {path} holds another kind of key, must be Ed25519")
    return key


def _check_private(found: os.stat_result, path: Path, *, wanted: int) -> None:
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise Refused(
            "keys.exposed", f"{path} has mode {mode:04o}, must be {wanted:04o}: others can reach the key"
        )
    if found.st_uid != os.geteuid():
        raise Refused("keys.exposed", f"{path} belongs to user {found.st_uid}, must belong to {os.geteuid()}")
