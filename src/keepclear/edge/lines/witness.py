"""The node as a witness of others' logs: it cosigns a head once it is shown to continue the one that it cosigned last.

Source: C2SP tlog-witness v1.0.0, add-checkpoint. What is judged is in ``core.record.witness``; here it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.instant import SECOND_MS, Instant
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.cosignature import Algorithm, Cosigner, CosignerKey
from keepclear.core.record.merkle import Head
from keepclear.core.record.witness import (
    REQUEST_BYTES_MAX,
    STALE_TYPE,
    Accepted,
    AddCheckpoint,
    Denied,
    Stale,
    add_checkpoint_of,
    cosignature_lines,
    judged,
)
from keepclear.core.trust.note import Note, VerifierKey
from keepclear.edge.keys.privatekey import kept_cosigning_key
from keepclear.edge.store.marker import HeadMarker, Marked
from keepclear.edge.store.store import Store

KEY_FILES: Final = {Algorithm.ED25519: "witness.pem", Algorithm.ML_DSA_44: "witness-ml-dsa-44.pem"}
"""A file for each algorithm: who goes over to another has a new key, and what the old one signed still holds."""

MARKS_FILE: Final = "witnessed"
"""Among the keys and not with the data, as the node's own mark: a restored backup must not make the witness forget."""

SETTING: Final = "witness."
NOTE_SETTING: Final = "witness.note."
PLAIN: Final = "text/plain; charset=utf-8"


def witness_cosigner(keys: Path, party: str, algorithm: Algorithm = Algorithm.ED25519) -> Cosigner:
    """The key with which a party's node witnesses, made at the first use; its name is ``keepclear/PARTY/witness``.

    Raises Refused("keys.unreadable") for a file that holds a key of another algorithm, and as ``kept_cosigning_key``.
    """
    path = keys / KEY_FILES[algorithm]
    key = kept_cosigning_key(path, algorithm)
    if key.algorithm is not algorithm:
        raise Refused(
            "keys.unreadable",
            f"file {path} holds a key of {key.algorithm.name}, must be {algorithm.name}; move it away to have one made",
        )
    name = f"keepclear/{party}/witness"
    return Cosigner(key=CosignerKey(name=name, algorithm=algorithm, public_key=key.public), sign=key.sign)


class Witness:
    """Cosigns the heads of the logs that it was given the keys of; in the node's one thread."""

    def __init__(
        self,
        *,
        store: Store,
        keys: Path,
        party: str,
        logs: Mapping[str, VerifierKey],
        clock: Callable[[], Instant],
        algorithm: Algorithm = Algorithm.ED25519,
    ) -> None:
        self.cosigner = witness_cosigner(keys, party, algorithm)
        self._store = store
        self._marks = HeadMarker(keys / MARKS_FILE)
        self._logs = logs
        self._clock = clock

    def cosign(self, request: AddCheckpoint) -> str | Stale | Denied:
        """The signature lines for a checkpoint, or why there are none; its head is durable before it is signed.

        Raises as the store and the marker do, and then nothing is signed.
        """
        origin = request.checkpoint.origin
        verdict = judged(request, key=self._logs.get(origin), latest=self.latest(origin))
        if not isinstance(verdict, Accepted):
            return verdict
        at = self._time(origin)
        self._keep(request.note, verdict.checkpoint, at)
        return cosignature_lines(request.note, self.cosigner, at)

    def shown(self, origin: str) -> str | None:
        """The last checkpoint of a log that was cosigned, under the log's own signature; None for none.

        It shows a log's party that it signed so much, should a restored backup have made it forget.
        """
        return self._store.setting(f"{NOTE_SETTING}{origin}")

    def latest(self, origin: str) -> Head | None:
        """The last head of a log that was cosigned, by the store or the mark beside the keys, whichever is larger."""
        last = self._last(origin)
        return None if last is None else last.head

    def _last(self, origin: str) -> Marked | None:
        kept = _marked_of(self._store.setting(f"{SETTING}{origin}"), origin)
        found = [each for each in (kept, self._marks.marks().get(origin)) if each is not None]
        return max(found, key=lambda each: (each.head.size, each.cosigned_s or 0), default=None)

    def _time(self, origin: str) -> Instant:
        """Now, but never before the last cosignature on a log: a clock that is set back must not date ours back."""
        last = self._last(origin)
        before_s = 0 if last is None or last.cosigned_s is None else last.cosigned_s
        return Instant(max(self._clock(), before_s * SECOND_MS))

    def _keep(self, note: Note, checkpoint: Checkpoint, at: Instant) -> None:
        second = at // SECOND_MS
        origin, head, key = checkpoint.origin, checkpoint.head, self._logs[checkpoint.origin]
        own = note.only([(key.name, key.hash)])
        self._store.commit(
            settings={
                f"{SETTING}{origin}": f"{head.size} {head.root.hex()} {second}",
                f"{NOTE_SETTING}{origin}": own.written(),
            }
        )
        self._marks.write(origin, head, cosigned_s=second)


def witness_app(witness: Witness) -> Starlette:
    """The application that serves a witness to whoever asks: what it signs, it signs for the log's key alone."""

    async def add_checkpoint(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > REQUEST_BYTES_MAX:
                return Response(f"at most {REQUEST_BYTES_MAX} bytes are read\n", 413, media_type=PLAIN)
        try:
            found = witness.cosign(add_checkpoint_of(body.decode("utf-8")))
        except (Refused, Untrusted, UnicodeDecodeError) as error:
            return Response(f"{error}\n", 400, media_type=PLAIN)
        except KeepclearError as error:
            return Response(f"{error.message}\n", 503, media_type=PLAIN)
        match found:
            case str():
                return Response(found, media_type=PLAIN)
            case Stale():
                # The standard wants just this type, without a charset.
                return Response(f"{found.size}\n", 409, headers={"content-type": STALE_TYPE})
            case _:
                return Response(f"{found.message}\n", found.reason.value, media_type=PLAIN)

    async def checkpoint(request: Request) -> Response:
        origin = request.query_params.get("origin", "")
        note = witness.shown(origin)
        if note is None:
            return Response(f"no checkpoint of {origin[:300]!r} was cosigned here\n", 404, media_type=PLAIN)
        return Response(note, media_type=PLAIN)

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


def _marked_of(kept: str | None, origin: str) -> Marked | None:
    if kept is None:
        return None
    try:
        size, root, second = kept.split(" ")
        return Marked(head=Head(size=int(size), root=bytes.fromhex(root)), cosigned_s=int(second))
    except ValueError:
        raise Untrusted("store.damaged", f"what was kept of the witnessed log {origin} is no head") from None
