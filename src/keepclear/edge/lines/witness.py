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
from keepclear.core.instant import Instant
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
from keepclear.core.trust.note import VerifierKey
from keepclear.edge.keys.privatekey import SigningKey, kept_key
from keepclear.edge.store.marker import HeadMarker
from keepclear.edge.store.store import Store

KEY_FILE: Final = "witness.pem"
MARKS_FILE: Final = "witnessed"
"""Among the keys and not with the data, as the node's own mark: a restored backup must not make the witness forget."""

SETTING: Final = "witness."
PLAIN: Final = "text/plain; charset=utf-8"


def witness_cosigner(keys: Path, party: str) -> Cosigner:
    """The key with which a party's node witnesses, made at the first use; its name is ``keepclear/PARTY/witness``."""
    key = kept_key(keys / KEY_FILE, SigningKey)
    name = f"keepclear/{party}/witness"
    return Cosigner(
        key=CosignerKey(name=name, algorithm=Algorithm.ED25519, public_key=key.public), sign=key.sign
    )


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
    ) -> None:
        self.cosigner = witness_cosigner(keys, party)
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
        self._keep(verdict.checkpoint)
        return cosignature_lines(request.note, self.cosigner, self._clock())

    def latest(self, origin: str) -> Head | None:
        """The last head of a log that was cosigned, by the store or the mark beside the keys, whichever is larger."""
        kept = self._store.setting(f"{SETTING}{origin}")
        heads = [each for each in (_head_of(kept, origin), self._marks.newest(origin)) if each is not None]
        return max(heads, key=lambda head: head.size, default=None)

    def _keep(self, checkpoint: Checkpoint) -> None:
        head = checkpoint.head
        self._store.commit(settings={f"{SETTING}{checkpoint.origin}": f"{head.size} {head.root.hex()}"})
        self._marks.write(checkpoint.origin, head)


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

    return Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])


def _head_of(kept: str | None, origin: str) -> Head | None:
    if kept is None:
        return None
    size, _, root = kept.partition(" ")
    try:
        return Head(size=int(size), root=bytes.fromhex(root))
    except ValueError:
        raise Untrusted("store.damaged", f"what was kept of the witnessed log {origin} is no head") from None
