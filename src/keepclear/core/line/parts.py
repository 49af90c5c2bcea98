"""Parts: whose openings are here, are waited for, and are kept.

Source: docs/protocol.md clause 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from keepclear.core.errors import Refused
from keepclear.core.line.acting import contents_in
from keepclear.core.line.ahead import acted_on
from keepclear.core.line.event import KeepOpenings, LetGo, LineEffect, Opened
from keepclear.core.line.log import Said
from keepclear.core.line.message import Header
from keepclear.core.line.state import Awaited, LineState


def own_openings(said: Said, openings: Sequence[bytes]) -> dict[bytes, bytes]:
    """Our own openings by commitment. Raises Refused("message.opening") unless they are just the message's parts."""
    found = {sha256(opening).digest(): opening for opening in openings}
    if set(found) != set(said.header.parts.values()):
        raise Refused(
            "message.opening",
            f"message {said.header.index} commits to {len(said.header.parts)} parts, "
            f"given are {len(found)} openings that are not just those",
        )
    return found


def await_parts(state: LineState, said: Said) -> None:
    """Wait for the parts of an entry of the other's that are released to us."""
    together = tuple(said.header.parts.values())
    for commitment in _released(state, said.header):
        state.unopened[commitment] = Awaited(index=said.header.index, together=together)
    if said.by is not None and said.hash not in state.opened_ahead:
        state.unread[said.hash] = said.header


def wanted_parts(state: LineState, verified: Sequence[Said]) -> frozenset[bytes]:
    """The commitments whose openings are of use: awaited, or withheld, or named by an entry that was just verified."""
    return frozenset((*state.unopened, *state.forgone)).union(
        *(_released(state, said.header) for said in verified)
    )


def parts_opened(state: LineState, openings: Sequence[bytes], *, express: Sequence[Said]) -> list[LineEffect]:
    """Keep what could be opened of what was released to us, and for as long as its message says."""
    # What comes ahead of its turn is read at once; its parts come again in its turn, and are waited for then.
    ahead = {commitment for said in express for commitment in _released(state, said.header)}
    kept: dict[bytes, bytes] = {}
    leaving: list[LineEffect] = []
    for opening in openings:
        commitment = sha256(opening).digest()
        awaited = state.unopened.pop(commitment, None) or state.forgone.pop(commitment, None)
        if awaited is not None or commitment in ahead:
            kept[commitment] = opening
        if awaited is None:
            continue
        until = contents_in({"validity": commitment}, {commitment: opening}).keep_until
        if until is not None:
            leaving.append(LetGo(commitments=awaited.together, until=until))
    return [KeepOpenings(openings=kept), *leaving] if kept else []


def opened_here(said: Said, openings: Mapping[bytes, bytes]) -> list[LineEffect]:
    """That a message is open here as far as its parts are among the openings; of what machines say nothing."""
    return [] if said.by is None else [_opened(said.hash, said.header, openings)]


def messages_opened(
    state: LineState, openings: Sequence[bytes], *, express: Sequence[Said]
) -> list[LineEffect]:
    """The messages of the other's that have just been opened, each once; ahead of its turn only a whole one."""
    found = {sha256(opening).digest(): opening for opening in openings}
    turned = {
        hashed: header
        for hashed, header in state.unread.items()
        if state.unopened.keys().isdisjoint(_released(state, header))
    }
    for hashed in turned:
        del state.unread[hashed]
    ahead = {
        said.hash: said.header
        for said in express
        if said.by is not None
        and said.hash not in state.opened_ahead
        and found.keys() >= set(_released(state, said.header))
    }
    state.opened_ahead = (state.opened_ahead | ahead.keys()) & acted_on(state.copy.ahead)
    return [_opened(hashed, header, found) for hashed, header in (turned | ahead).items()]


def beside(state: LineState, openings: Sequence[bytes]) -> list[bytes]:
    """The commitments of parts that came before these openings, of messages that these may complete."""
    came = {sha256(opening).digest() for opening in openings}
    released = (set(_released(state, header)) for header in state.unread.values())
    return [each for parts in released if parts & came for each in parts - came - state.unopened.keys()]


def _opened(hashed: bytes, header: Header, openings: Mapping[bytes, bytes]) -> Opened:
    named = {name: openings[each] for name, each in header.parts.items() if each in openings}
    return Opened(hash=hashed, header=header, openings=named)


def _released(state: LineState, header: Header) -> list[bytes]:
    """The commitments of a message's parts that are released to us."""
    released, own = header.released, state.terms.own
    return [commitment for name, commitment in header.parts.items() if own in released[name]]
