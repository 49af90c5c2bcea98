"""Key files: private files that only their owner can read, in folders that only their owner can enter."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keepclear.core.errors import Refused, Unavailable

KEY_FILE_BYTES_MAX: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A key file that stands elsewhere, such as on a stick; ``exposed`` when others than its owner can reach it."""

    content: bytes
    exposed: bool


def private_folder(root: Path, *inner: str) -> Path:
    """The folder ``root/inner/...``; each of them is made where it is missing, for its owner alone.

    Raises Refused("keys.exposed") when others can enter one of them, Unavailable("keys.disk") when it cannot be made.
    """
    with disk_of(root):
        folder = root
        _make_private(folder, parents=True)
        for name in inner:
            folder = folder / name
            _make_private(folder, parents=False)
    return folder


def kept_file(path: Path, *, make: Callable[[], bytes]) -> bytes:
    """The private file at a path; what ``make`` gives is put there first when there is none.

    At most KEY_FILE_BYTES_MAX bytes are read. Raises Refused("keys.exposed") when others can read the file or enter
    its folder, Unavailable("keys.disk") when it cannot be read or written.
    """
    private_folder(path.parent)
    with disk_of(path):
        if not path.exists():
            _put(path, make())
        return _read(path)


def read_file(path: Path) -> bytes | None:
    """The private file at a path, None when there is none; raises as ``kept_file`` does."""
    with disk_of(path):
        try:
            return _read(path)
        except FileNotFoundError:
            return None


def carried_file(path: Path) -> Carried:
    """A key file that a person names; a stick may know no owners, so the caller judges whether it may be exposed.

    Raises Unavailable("keys.disk") for a file that cannot be read, and for a link or anything else that is no file.
    """
    with disk_of(path):
        # Without O_NONBLOCK a pipe in the place of the file would be waited for without end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Unavailable("keys.disk", f"{path} is not a file")
            return Carried(content=os.read(descriptor, KEY_FILE_BYTES_MAX), exposed=_exposure(found) != "")
        finally:
            os.close(descriptor)


@contextmanager
def disk_of(path: Path) -> Iterator[None]:
    """Makes Unavailable("keys.disk") of what the disk refuses at a path."""
    try:
        yield
    except OSError as error:
        raise Unavailable("keys.disk", f"key file or folder {path}: {error.strerror}") from error


def _make_private(folder: Path, *, parents: bool) -> None:
    folder.mkdir(mode=0o700, parents=parents, exist_ok=True)
    _check_private(folder.stat(), folder, wanted=0o700)


def _put(path: Path, content: bytes) -> None:
    # Written whole under another name first: a key file that is there is always complete. Linking, unlike
    # renaming, fails when another process has just put its own key there.
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if os.write(descriptor, content) != len(content):
            raise Unavailable("keys.disk", f"key file {path}: the disk took a part of it only")
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
        return os.read(descriptor, KEY_FILE_BYTES_MAX)
    finally:
        os.close(descriptor)


def _check_private(found: os.stat_result, path: Path, *, wanted: int) -> None:
    exposure = _exposure(found)
    if exposure:
        raise Refused(
            "keys.exposed", f"{path} {exposure}, must have mode {wanted:04o} and belong to its user"
        )


def _exposure(found: os.stat_result) -> str:
    """In words, how others than the user of this process can reach a file; empty when they cannot."""
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        return f"has mode {mode:04o}: others can reach the key"
    if found.st_uid != os.geteuid():
        return f"belongs to user {found.st_uid} and not to {os.geteuid()}"
    return ""
