"""The logs in the store, each under the origin that names it."""

from __future__ import annotations

from keepclear.core.errors import Refused
from keepclear.core.trust.note import Signer, VerifierKey, verifier_key_of
from keepclear.edge.store.database import Database
from keepclear.edge.store.schema import RECORD_LOG
from keepclear.edge.store.storedlog import StoredLog


class Logs:
    """The logs in the store by their origins, the node's own record among them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, StoredLog] = {}

    def record(self, signer: Signer) -> StoredLog:
        """The node's own record, which is the first log of its store.

        Raises Refused("store.other-log") when the store is of another log or key.
        """
        query = "SELECT key FROM log WHERE id = ?"
        with self._database.reading():
            found = self._database.text(query, RECORD_LOG)
        if found is not None and found != signer.key.text():
            raise Refused(
                "store.other-log",
                f"store {self._database.path} is of log {found}, asked for {signer.key.text()}",
            )
        return self.open(signer.key, signer=signer)

    def open(self, key: VerifierKey, *, signer: Signer | None = None) -> StoredLog:
        """The log that a key is named for, made when it is not there: the node's own when its signer is given.

        An own log may be opened without its signer, to be read. Raises Refused("store.other-log") when the log
        is known under another key, or as a counterpart's; Refused("log.signer") for the signer of another key.
        """
        if signer is not None and signer.key != key:
            raise Refused(
                "log.signer", f"log {key.name}: the signer is of {signer.key.text()}, must be of {key.text()}"
            )
        log = self._stored(key.name, signer)
        if log is None:
            with self._database.transaction():
                self._database.execute(
                    "INSERT INTO log (origin, key, own) VALUES (?, ?, ?)",
                    key.name,
                    key.text(),
                    signer is not None,
                )
            log = self._stored(key.name, signer)
            assert log is not None
        if log.key != key or (signer is not None and not log.own):
            known = "own" if log.own else "a counterpart's"
            raise Refused(
                "store.other-log", f"log {key.name} is {known}, of {log.key.text()}; asked for {key.text()}"
            )
        if signer is not None or key.name not in self._known:
            self._known[key.name] = log
        return self._known[key.name]

    def of(self, origin: str) -> StoredLog:
        """The log of an origin. Raises Refused("log.unknown") when the store has none."""
        if origin not in self._known:
            log = self._stored(origin, None)
            if log is None:
                raise Refused("log.unknown", f"store {self._database.path} has no log {origin}")
            self._known[origin] = log
        return self._known[origin]

    def origins(self) -> tuple[str, ...]:
        """The origin of every log, in the order in which they were made; the node's own record is the first."""
        with self._database.reading():
            return tuple(origin for (origin,) in self._database.execute("SELECT origin FROM log ORDER BY id"))

    def _stored(self, origin: str, signer: Signer | None) -> StoredLog | None:
        with self._database.reading():
            row = self._database.execute("SELECT id, key, own FROM log WHERE origin = ?", origin).fetchone()
        if row is None:
            return None
        number, key, own = row
        return StoredLog(
            self._database, number=number, key=verifier_key_of(key), own=bool(own), signer=signer
        )
