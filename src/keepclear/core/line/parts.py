"""Parts: whose openings are here, are waited for, and are kept.

Source: docs/protocol.md clause 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from keepclear.core.errors import Refused
from keepclear.core.line.acting import contents_in
from keepclear.core.line.event import KeepOpenings, LetGo, LineEffect
from keepclear.core.line.log import Said
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
    for commitment in _released(state, said):
        state.unopened[commitment] = Awaited(index=said.header.index, together=together)


def wanted_parts(state: LineState, verified: Sequence[Said]) -> frozenset[bytes]:
    """The commitments whose openings are of use: awaited already, or named by an entry that was just verified."""
    return frozenset(state.unopened).union(*(_released(state, said) for said in verified))


def parts_opened(state: LineState, openings: Sequence[bytes], *, express: Sequence[Said]) -> list[LineEffect]:
    """Keep what could be opened of what was released to us, and for as long as its message says."""
    # What comes ahead of its turn is read at once; its parts come again in its turn, and are waited for then.
    ahead = {commitment for said in express for commitment in _released(state, said)}
    kept: dict[bytes, bytes] = {}
    leaving: list[LineEffect] = []
    for opening in openings:
        commitment = sha256(opening).digest()
        awaited = state.unopened.pop(commitment, None)
        if awaited is not None or commitment in ahead:
            kept[commitment] = opening
        if awaited is None:
            continue
        until = contents_in({"validity": commitment}, {commitment: opening}).keep_until
        if until is not None:
            leaving.append(LetGo(commitments=awaited.together, until=until))
    return [KeepOpenings(openings=kept), *leaving] if kept else []


def _released(state: LineState, said: Said) -> list[bytes]:
    """The commitments of an entry's parts that are released to us."""
    released, own = said.header.released, state.terms.own
    return [commitment for name, commitment in said.header.parts.items() if own in released[name]]
