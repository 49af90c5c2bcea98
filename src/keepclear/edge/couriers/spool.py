"""The spool: a folder, perhaps on a stick, by which bundles go where no link does.

``out`` holds what is to be carried away, ``in`` what was brought; what was taken in goes to ``taken``, what could not
be to ``refused``, each with a text that says why. A person may look into any of them, copy and delete.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from keepclear.core.errors import Refused, Unavailable
from keepclear.edge.couriers.answer import BODY_BYTES_MAX

SUFFIX: Final = ".kcb"
FILES_MAX: Final = 100
"""The most files handed over at one look."""

LOOK_BYTES_MAX: Final = 4 * BODY_BYTES_MAX
"""After so many bytes the other files wait for later looks: a stick is larger than a node's memory."""

ENTRIES_MAX: Final = 10_000
"""The most entries of a folder that a look goes through."""

_PARTY_OR_LINE: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_NAME_BYTES_MAX: Final = 200
_TWINS_MAX: Final = 1_000
_READ_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolFile:
    """A file that was found in ``in``: its name there and what it holds."""

    name: str
    content: bytes


class Spool:
    """The spool in a folder, which may come and go: every method raises Unavailable("spool.disk") while it is away.

    No symbolic link is followed, inside the folder or as one of its parts: a stick is anybody's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looked_at: dict[str, tuple[int, int]] = {}

    def put(self, *, line: str, sender: str, receiver: str, size: int, bundle: bytes) -> str:
        """Put a bundle into ``out`` and take away the older one of the same line and direction; gives its file's name.

        ``size`` is that of the sender's log. The file is whole and on the disk when this returns; should the disk
        vanish before, the older one is still there. Raises Refused("spool.name") and Refused("spool.too-large").
        """
        start = _start(line, sender, receiver, size)
        if len(bundle) > BODY_BYTES_MAX:
            raise Refused(
                "spool.too-large", f"the bundle has {len(bundle)} bytes, at most {BODY_BYTES_MAX} can go"
            )
        name = f"{start}{size}{SUFFIX}"
        older = re.compile(re.escape(start) + r"\d+" + re.escape(SUFFIX))
        with self._reaching(), self._room("out", make=True) as room:
            _write(room, name, bundle)
            for found in _names(room):
                if found != name and older.fullmatch(found):
                    os.unlink(found, dir_fd=room)
            os.fsync(room)
        return name

    def take(self) -> list[SpoolFile]:
        """Files of ``in`` that end in .kcb, hidden ones aside, by name.

        At most FILES_MAX come, and none after LOOK_BYTES_MAX bytes; others do at later looks. A file comes only once
        it is as it was at the look before, so that one that is still being copied is left alone. It stays where it is
        until ``taken`` or ``refuse``. What is no regular file, cannot be read or has more than BODY_BYTES_MAX bytes is
        refused here. A folder without ``in`` has brought nothing.
        """
        with self._reaching():
            os.stat(self._folder)
            try:
                with self._room("in", make=False) as room:
                    return self._settled(room)
            except FileNotFoundError:
                return []

    def taken(self, file: SpoolFile) -> None:
        """Move a file to ``taken``: what it holds is in the record."""
        with self._reaching():
            self._move(file.name, "taken")

    def refuse(self, file: SpoolFile, why: str) -> None:
        """Move a file to ``refused``, and put beside it a text that says why in words."""
        with self._reaching():
            self._refuse(file.name, why)

    def _settled(self, room: int) -> list[SpoolFile]:
        looked_at, self._looked_at = self._looked_at, {}
        files: list[SpoolFile] = []
        read_bytes = 0
        for name in sorted(filter(_is_bundle, _names(room))):
            shape = os.stat(name, dir_fd=room, follow_symlinks=False)
            self._looked_at[name] = shape.st_size, shape.st_mtime_ns
            full = len(files) == FILES_MAX or read_bytes >= LOOK_BYTES_MAX
            if full or looked_at.get(name) != self._looked_at[name]:
                continue
            content = _read(room, name, shape)
            if isinstance(content, bytes):
                files.append(SpoolFile(name=name, content=content))
                read_bytes += len(content)
            else:
                self._refuse(name, content.why)
        return files

    def _refuse(self, name: str, why: str) -> None:
        moved = self._move(name, "refused")
        with self._room("refused", make=True) as room:
            _write(room, f"{moved}.txt", f"{moved}\n{why}\n".encode("utf-8", "backslashreplace"))

    def _move(self, name: str, where: str) -> str:
        with self._room("in", make=False) as source, self._room(where, make=True) as target:
            free = _free(target, name)
            os.rename(name, free, src_dir_fd=source, dst_dir_fd=target)
            os.fsync(target)
        self._looked_at.pop(name, None)
        return free

    @contextmanager
    def _room(self, name: str, *, make: bool) -> Iterator[int]:
        """One of the four folders, open."""
        path = self._folder / name
        if make:
            path.mkdir(exist_ok=True)
        room = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            yield room
        finally:
            os.close(room)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(
                "spool.disk",
                f"spool {self._folder}: {error.strerror}; is the stick in, and may it be written?",
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unfit:
    """What stands in ``in`` and is not to be read."""

    why: str


def _start(line: str, sender: str, receiver: str, size: int) -> str:
    """How the names of all bundles of a line and direction begin (docs/protocol.md, 10)."""
    for name in (line, sender, receiver):
        if not _PARTY_OR_LINE.fullmatch(name):
            raise Refused(
                "spool.name",
                f"{name[:80]!r} is no party or line: 1 to 64 of a-z 0-9 . - between letters or digits",
            )
    if size < 0:
        raise Refused("spool.name", f"the log of {sender} has size {size}, must be 0 or more")
    return f"{line}_{sender}_to_{receiver}_"


def _is_bundle(name: str) -> bool:
    # Names that begin with a dot are what other systems leave on sticks, and drafts.
    return name.lower().endswith(SUFFIX) and not name.startswith(".")


def _names(room: int) -> list[str]:
    with os.scandir(room) as entries:
        return [entry.name for entry in islice(entries, ENTRIES_MAX)]


def _write(room: int, name: str, content: bytes) -> None:
    # Written whole under another name first, so that a stick that is pulled has no half of a file that looks whole.
    draft = f".{name}.new"
    with suppress(FileNotFoundError):
        os.unlink(draft, dir_fd=room)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(draft, flags, 0o644, dir_fd=room), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(draft, name, src_dir_fd=room, dst_dir_fd=room)
    os.fsync(room)


def _read(room: int, name: str, shape: os.stat_result) -> bytes | _Unfit:
    if not stat.S_ISREG(shape.st_mode):
        return _Unfit(
            why="This is not a regular file: a link, a folder or a device is not followed or opened."
        )
    try:
        # The limit is on what is read, since the file may have grown meanwhile.
        with os.fdopen(os.open(name, _READ_FLAGS, dir_fd=room), "rb") as file:
            content = file.read(BODY_BYTES_MAX + 1)
    except OSError as error:
        # One bad file must not keep the others from coming. If it is the stick that went, moving it will say so.
        return _Unfit(why=f"This file could not be read: {error.strerror}.")
    if len(content) > BODY_BYTES_MAX:
        return _Unfit(why=f"This file has {shape.st_size} bytes; a bundle has at most {BODY_BYTES_MAX}.")
    return content


def _free(room: int, name: str) -> str:
    """A name like this one that is not taken in a folder."""
    base = os.fsdecode(os.fsencode(name)[:_NAME_BYTES_MAX])
    present = set(os.listdir(room))
    candidates = (base, *(f"{base}.{number}" for number in range(2, _TWINS_MAX)))
    return next((candidate for candidate in candidates if candidate not in present), base)
