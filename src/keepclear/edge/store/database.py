"""The database file beneath the store: opened by one process alone, durable at each commit, whole or refused.

The SQLite is the one inside ``apsw``: Python's own may be of the range 3.7.0 to 3.51.2, in which a reset of
the write-ahead log can corrupt the file.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import apsw

from keepclear.core.errors import Refused, Unavailable, Untrusted
from keepclear.edge.store.schema import MIGRATIONS, TABLES, VERSION

APPLICATION_ID: Final = 0x4B434C52
"""``KCLR`` in the header of the file, so that ``file`` and other tools can tell what it is."""

Cell: TypeAlias = int | str | bytes | None
"""What a column holds here."""

_SETTINGS: Final = (
    # Keeps out other tools as well, those with the write-ahead log bug included.
    ("locking_mode", "exclusive"),
    ("journal_mode", "wal"),
    ("synchronous", 2),  # FULL: a commit is on the disk when it returns.
    ("secure_delete", 1),  # What is removed is overwritten, so that an expired part is not left in the file.
    ("trusted_schema", 0),
)


class Database:
    """One SQLite file, open in this process alone until closed; made with its tables when it is not there.

    A file of an earlier version is brought to this one, whole or not at all.
    Raises Unavailable("store.in-use") when another process has it open, Refused("store.foreign") for a file
    that is not a store, Refused("store.version") for a version not known, Untrusted("store.damaged") when
    SQLite finds it damaged, Unavailable("store.disk") when it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stopped = False
        self._lock = _locked(path)
        try:
            with self.reading():
                self._connection = _connected(path)
        except BaseException:
            os.close(self._lock)
            raise
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes the file and lets other processes have it; closing twice does nothing."""
        if self._lock >= 0:
            self._connection.close()
            os.close(self._lock)
            self._lock = -1

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turns what SQLite and the disk say inside it into Untrusted or Unavailable."""
        try:
            yield
        except (apsw.CorruptError, apsw.NotADBError, apsw.ConstraintError) as error:
            raise Untrusted("store.damaged", f"store {self.path} is damaged: {error}") from error
        except (OSError, apsw.Error) as error:
            raise Unavailable(
                "store.disk", f"store {self.path} cannot be read or written: {error}"
            ) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is durable when this ends, or, when anything is raised, none of it.

        After a failed write no more are taken (Unavailable("store.stopped")): no one knows what reached the
        disk, and only a fresh open can tell.
        """
        if self._stopped:
            raise Unavailable(
                "store.stopped", f"store {self.path} stopped after a failed write; open it anew"
            )
        with self.reading():
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except BaseException as error:
                self._stopped = isinstance(error, apsw.Error)
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def forget_removed(self) -> None:
        """Empties the write-ahead log into the file, so that what was removed is in neither; not in a transaction."""
        with self.reading():
            # Three numbers come back, the first one 1 when a reader holds the log; here is no other connection.
            assert self.number("PRAGMA wal_checkpoint(TRUNCATE)") == 0

    def execute(self, statement: str, *bindings: Cell) -> apsw.Cursor:
        """Executes one statement and gives its rows; inside ``reading`` or ``transaction`` only."""
        return self._connection.execute(statement, bindings)

    def execute_each(self, statement: str, rows: Iterable[Sequence[Cell]]) -> None:
        """Executes one statement for each row of bindings; inside ``transaction`` only."""
        self._connection.executemany(statement, rows)

    def text(self, query: str, *bindings: Cell) -> str | None:
        """The one text that a query gives, or None where it gives none."""
        row = self.execute(query, *bindings).fetchone()
        return None if row is None else row[0]

    def number(self, query: str, *bindings: Cell) -> int:
        """The one integer that a query gives, 0 where it gives none."""
        row = self.execute(query, *bindings).fetchone()
        return 0 if row is None or row[0] is None else row[0]

    def _prepare(self) -> None:
        with self.reading():
            new = not self.number("SELECT count(*) FROM sqlite_schema")
            new = new and not self.number("PRAGMA application_id")
        if new:
            # The version comes with the tables in one transaction: a file half made is made anew.
            with self.transaction():
                self._connection.execute(TABLES)
                self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                self._connection.execute(f"PRAGMA user_version = {VERSION}")
        with self.reading():
            version = self._check()
        if version < VERSION:
            with self.transaction():
                for each in range(version, VERSION):
                    self._connection.execute(MIGRATIONS[each])
                self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def _check(self) -> int:
        """The version of the tables, of a file that is a store and whole."""
        if self.number("PRAGMA application_id") != APPLICATION_ID:
            raise Refused("store.foreign", f"file {self.path} is not a Keepclear store")
        version = self.number("PRAGMA user_version")
        if not 1 <= version <= VERSION:
            raise Refused("store.version", f"store {self.path} has version {version}, must be 1 to {VERSION}")
        for (found,) in self.execute("PRAGMA quick_check(1)"):
            if found != "ok":
                raise Untrusted("store.damaged", f"store {self.path} is damaged: {found}")
        return version


def _locked(path: Path) -> int:
    """A file descriptor that holds the lock beside the store; the kernel lets go when the process dies."""
    lock = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable("store.disk", f"store {path} cannot be locked: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise Unavailable("store.in-use", f"store {path} is already open in process {holder}") from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def _connected(path: Path) -> apsw.Connection:
    if not path.exists():
        # Made first, so that nobody else may read it even for a moment; and its name is made durable.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        _sync_folder(path.parent)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        for name, wanted in _SETTINGS:
            connection.pragma(name, wanted)
            # SQLite answers a setting that it cannot make with the one it keeps, and no error.
            if (found := connection.pragma(name)) != wanted:
                raise Unavailable("store.disk", f"store {path}: {name} is {found}, must be {wanted}")
    except BaseException:
        connection.close()
        raise
    return connection


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
