"""Asking witnesses: after each commit of an own log that names witnesses, its newest head goes to each of them.

Source: C2SP tlog-witness v1.0.0; docs/protocol.md clause 12.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import msgspec

from keepclear.core.errors import KeepclearError, Refused, Unavailable, Untrusted
from keepclear.core.line.event import Reverted
from keepclear.core.line.log import Mark
from keepclear.core.line.message import LineName
from keepclear.core.record.checkpoint import opened
from keepclear.core.record.cosignature import CosignerKey, cosigner_key_of
from keepclear.core.record.witness import STALE_TYPE, AddCheckpoint, Quorum, with_cosignatures, witnessed
from keepclear.core.trust.note import Note, note_of
from keepclear.edge.host import Host
from keepclear.edge.lines.lines import Lines
from keepclear.edge.store.store import LineWrites, LogAppend, Store
from keepclear.edge.store.storedlog import StoredLog

SETTING: Final = "line.witnesses."
PATH: Final = "/add-checkpoint"
SHOWN_PATH: Final = "/checkpoint"
ANSWER_BYTES_MAX: Final = 16_384
WAIT_S: Final = 10.0
AGAIN_S: Final = 30.0
"""A witness that did not answer is asked again after this long, or when there is more to cosign."""

ROUNDS_MAX: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessState:
    """One witness of a log: where it is asked, whether it cosigned the newest head, and what it said if not.

    ``ahead``: so many entries of the log it says that it cosigned, where this node holds fewer.
    """

    key: CosignerKey
    url: str
    cosigned: bool
    trouble: str
    ahead: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    kind: str
    body: str


class LineWitnesses:
    """Asks the witnesses of every own log of a node until cancelled."""

    def __init__(self, *, lines: Lines, host: Host) -> None:
        self._lines = lines
        self._host = host
        self._urls: dict[LineName, Mapping[str, str]] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._trouble: dict[tuple[LineName, str], str] = {}
        self._ahead: dict[tuple[LineName, str], int] = {}
        self._due = asyncio.Event()
        lines.senders.append(self._wanted)

    def use(self, line: LineName, urls: Mapping[str, str]) -> None:
        """Ask the witnesses of a line there from now on, also after a restart; by their keys as they are written.

        Raises as ``check_witness_urls`` does.
        """
        check_witness_urls(urls)
        self._host.store.commit(settings={f"{SETTING}{line}": msgspec.json.encode(dict(urls)).decode()})
        self._urls[line] = dict(urls)
        self._due.set()

    def states(self, line: LineName) -> tuple[WitnessState, ...]:
        """How each witness that our open statement names stands to our newest head."""
        log, keys = self._log(line), self._keys(line)
        if log is None:
            return ()
        newest = log.checkpoint()
        assert newest is not None, "a log that is open has a checkpoint"
        note, urls = note_of(newest), self._urls_of(line)
        return tuple(
            WitnessState(
                key=key,
                url=urls.get(key.text(), ""),
                cosigned=_has_cosigned(note, key),
                trouble=self._trouble.get((line, key.text()), ""),
                ahead=self._ahead.get((line, key.text())),
            )
            for key in keys
        )

    def witnessed(self, line: LineName) -> bool:
        """Whether as many have cosigned our newest head as our open statement asks for."""
        log, roster = self._log(line), self._lines.state(line).own.roster
        newest = None if log is None else log.checkpoint()
        if newest is None or roster is None:
            return False
        return witnessed(note_of(newest), roster.keys.witnesses, roster.keys.quorum)

    async def run(self) -> None:
        """Ask whoever has not cosigned the newest head, when there is one and every AGAIN_S."""
        while True:
            self._due.clear()
            for line in tuple(self._host.desk.lines):
                await self._ask_all(line)
            try:
                async with asyncio.timeout(AGAIN_S):
                    await self._due.wait()
            except TimeoutError:
                continue

    def _wanted(self, _line: LineName, _every_way: bool) -> None:  # noqa: FBT001 - the shape of a sender
        self._due.set()

    async def _ask_all(self, line: LineName) -> None:
        for state in self.states(line):
            if state.cosigned or not state.url:
                continue
            try:
                await self._ask(line, state)
            except KeepclearError as error:
                self._trouble[line, state.key.text()] = error.message
            else:
                self._trouble.pop((line, state.key.text()), None)
                self._ahead.pop((line, state.key.text()), None)

    async def _ask(self, line: LineName, state: WitnessState) -> None:
        """One witness, until it has cosigned the head that is the newest now. Raises Unavailable when it does not."""
        for _ in range(ROUNDS_MAX):
            log = self._log(line)
            assert log is not None, "a line that names witnesses is open"
            request = self._request(log, state.key)
            answer = await asyncio.to_thread(_posted, state.url, request)
            if answer.status == 409 and answer.kind == STALE_TYPE:
                size = _size_of(answer.body, state.key)
                if size > log.head().size:
                    await self._ahead_of_us(line, state, log, size)
                self._seen[log.origin, state.key.text()] = size
                continue
            if answer.status != 200:
                said = answer.body.strip()[:300] or f"it answered {answer.status}"
                raise Unavailable("witness.denied", f"{state.key.name} did not cosign: {said}")
            self._keep(log, request, answer.body, state.key)
            return
        raise Unavailable("witness.stale", f"{state.key.name} keeps naming another size than it has")

    def _request(self, log: StoredLog, key: CosignerKey) -> AddCheckpoint:
        newest = log.checkpoint()
        assert newest is not None, "a log that is open has a checkpoint"
        note, size = note_of(newest), log.head().size
        # Only the log's own line goes out: what other witnesses said is no concern of this one.
        own = tuple(each for each in note.signatures if each.key_hash == log.key.hash)
        old = self._seen.get((log.origin, key.text()), 0)
        path = log.consistency(old, size) if old else ()
        return AddCheckpoint(old_size=old, path=path, note=Note(text=note.text, signatures=own))

    async def _ahead_of_us(self, line: LineName, state: WitnessState, log: StoredLog, size: int) -> None:
        """A witness that has cosigned more than this node holds: a backup was restored here, or the witness is wrong.

        Our own signature on more is the proof, and stops the signing. A bare number is shown and stops nothing, or
        whoever stands between could silence the node. Raises Untrusted("witness.ahead") either way.
        """
        self._ahead[line, state.key.text()] = size
        claims = f"{state.key.name} says that it cosigned {size} entries of {log.origin}, of which {log.head().size}"
        shown = await asyncio.to_thread(_shown, state.url, log)
        if shown is None or shown <= log.head().size:
            raise Untrusted(
                "witness.ahead",
                f"{claims} are here; it shows no signature of ours on them: find out whether a backup was restored "
                "here, and speak with the witness before more is signed",
            )
        epoch = self._lines.state(line).own.epoch
        self._host.take(Reverted(line=line, signed=Mark(epoch=epoch, size=shown)))
        raise Untrusted(
            "witness.ahead",
            f"{claims} are here; it shows our own signature on {shown}: a backup was restored here, and nothing more "
            "is signed until the other party hands the rest back or a new epoch is opened",
        )

    def _keep(self, log: StoredLog, request: AddCheckpoint, body: str, key: CosignerKey) -> None:
        head = request.checkpoint.head
        signed = with_cosignatures(request.note, body, [key])
        if len(signed.signatures) == len(request.note.signatures):
            raise Untrusted("witness.unsigned", f"{key.name} answered with no cosignature that holds")
        kept = log.checkpoint_at(head.size)
        note = signed if kept is None else with_cosignatures(note_of(kept), body, [key])
        append = LogAppend(origin=log.origin, checkpoint=note.written())
        self._host.store.commit(lines=LineWrites(appends=[append]))
        self._seen[log.origin, key.text()] = head.size

    def _log(self, line: LineName) -> StoredLog | None:
        state = self._lines.state(line)
        return self._host.store.log(state.own.origin) if state.own.roster is not None else None

    def _keys(self, line: LineName) -> tuple[CosignerKey, ...]:
        roster = self._lines.state(line).own.roster
        return () if roster is None else roster.keys.witnesses

    def _urls_of(self, line: LineName) -> Mapping[str, str]:
        if line not in self._urls:
            self._urls[line] = kept_urls(self._host.store, line)
        return self._urls[line]


def check_witness_urls(urls: Mapping[str, str]) -> None:
    """Raises Refused("witness.url") for an address that is not HTTP, and as ``cosigner_key_of`` does."""
    for key, url in urls.items():
        cosigner_key_of(key)
        if not is_web_address(url):
            raise Refused(
                "witness.url", f"witness is at {url[:200]!r}, must be at http://HOST:PORT or https://HOST"
            )


def is_web_address(url: str) -> bool:
    """Whether a text is an address of HTTP with a host and nothing after the path."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not parts.query and not parts.fragment and "@" not in url
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain


def kept_urls(store: Store, line: LineName) -> dict[str, str]:
    """Where the witnesses of a line are asked. Raises Untrusted("store.damaged") for what is not that."""
    text = store.setting(f"{SETTING}{line}")
    try:
        return {} if text is None else msgspec.json.decode(text, type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise Untrusted("store.damaged", f"the kept witnesses of line {line}: {error}") from None


def _has_cosigned(note: Note, key: CosignerKey) -> bool:
    return witnessed(note, [key], Quorum.ALL)


def _size_of(body: str, key: CosignerKey) -> int:
    """How much of the log the witness has cosigned, as it says."""
    text = body.strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        raise Untrusted("witness.size", f"{key.name} says that it cosigned {text[:40]!r}, which is no size")
    return int(text)


def _shown(url: str, log: StoredLog) -> int | None:
    """How much of a log a witness shows to have been signed by the log's own key; None for no such proof."""
    asked = Request(f"{url.rstrip('/')}{SHOWN_PATH}?{urlencode({'origin': log.origin})}")
    try:
        checkpoint = opened(_answered(asked, url).body, log.key)
    except KeepclearError:
        return None
    return checkpoint.head.size if checkpoint.origin == log.origin else None


def _posted(url: str, request: AddCheckpoint) -> _Answer:
    """The answer of a witness. Raises Unavailable("witness.unreachable")."""
    asked = Request(
        f"{url.rstrip('/')}{PATH}", data=request.written().encode(), headers={"content-type": "text/plain"}
    )
    return _answered(asked, url)


def _answered(asked: Request, url: str) -> _Answer:
    try:
        # No proxy of the environment: whom a node asks is in its own settings alone.
        with build_opener(ProxyHandler({})).open(asked, timeout=WAIT_S) as answer:
            return _Answer(status=answer.status, kind="", body=_text(answer.read(ANSWER_BYTES_MAX)))
    except HTTPError as error:
        with error:
            kind = error.headers.get("content-type", "")
            return _Answer(status=error.code, kind=kind, body=_text(error.read(ANSWER_BYTES_MAX)))
    except (URLError, HTTPException, OSError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise Unavailable("witness.unreachable", f"no witness answers at {url}: {reason}") from None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
