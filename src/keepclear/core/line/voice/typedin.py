"""Typed in: what it comes to that one message by voice was typed in on both sides, in whatever order that happens.

Source: docs/protocol.md clause 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, instant_text
from keepclear.core.line.draft import Draft
from keepclear.core.line.duty import Duty, may_answer
from keepclear.core.line.event import LineChanged, LineEffect
from keepclear.core.line.log import Said
from keepclear.core.line.message import How, Reference, Step
from keepclear.core.line.reception import Reception, step_of
from keepclear.core.line.state import LineState
from keepclear.core.line.voice.pairing import Given, VoiceEntry, candidates


def voice_entry(said: Said) -> VoiceEntry | None:
    """A voice entry as it is held against others; None for what is none."""
    header = said.header
    if header.voice is None:
        return None
    return VoiceEntry(
        hash=said.hash,
        sender=header.sender,
        readback=header.voice.readback,
        said=header.at,
        references=header.references,
    )


def referring(state: LineState, draft: Draft, *, now: Instant) -> Draft:
    """A voice draft that names the other's entry of the same words, where that is here already.

    Raises Refused("voice.which") where there are several and the draft names none: which was heard, a person says.
    """
    assert draft.voice is not None, "only what was given by voice"
    entry = VoiceEntry(
        hash=b"",
        sender=state.terms.own,
        readback=draft.voice.readback,
        said=state.earliest(now),
        references=draft.references,
    )
    found = candidates(entry, state.duties.values())
    if len(found) > 1:
        listed = ", ".join(
            f"{each.hash.hex()[:8]} of {instant_text(each.said)} by {each.by}" for each in found
        )
        raise Refused(
            "voice.which",
            f"{state.terms.other} gave these words {len(found)} times: {listed}; say which you heard, by a "
            "reference to it as acknowledges",
        )
    named = {each.hash for each in draft.references}
    fresh = tuple(Reference(hash=each.hash, how=How.ACKNOWLEDGES) for each in found if each.hash not in named)
    return replace(draft, references=(*draft.references, *fresh))


def typed_in_there(
    state: LineState, said: Said, *, now: Instant
) -> tuple[list[LineEffect], Reception | None]:
    """What a voice entry of the other's does to ours of the same words: the effects, and ours where it is a pair."""
    entry = voice_entry(said)
    if entry is None:
        return [], None
    found = candidates(entry, state.receptions.values())
    if len(found) != 1:
        return _asked(state, entry.hash, found), None
    [ours] = found
    state.receptions[ours.hash] = paired = replace(ours, pair=said.hash)
    if not may_answer(said.by is not None and said.by.empowered, ours.kind):
        return [], paired
    state.receptions[ours.hash] = paired.after(step_of(said, sent=None, echo=None, now=now))
    return [LineChanged(line=state.terms.line, change="answered", hashes=(ours.hash, said.hash))], paired


def typed_in_here(state: LineState, said: Said, *, now: Instant) -> list[LineEffect]:
    """What a voice entry of ours does to one of the other's with the same words, and that one to ours."""
    entry = voice_entry(said)
    if entry is None:
        return []
    found = candidates(entry, state.duties.values())
    if len(found) != 1:
        return _asked(state, entry.hash, found)
    [duty] = found
    ours = replace(state.receptions[said.hash], pair=duty.hash)
    state.duties[duty.hash] = _dealt_with(duty, ours)
    if may_answer(duty.empowered, ours.kind):
        ours = ours.after(duty.taken(now=now))
    state.receptions[said.hash] = ours
    return [LineChanged(line=state.terms.line, change="answered", hashes=(duty.hash,))]


def _dealt_with(duty: Duty, ours: Reception) -> Duty:
    """The duty with our voice entry of the same words, which is a receipt where its signer may give one."""
    paired = replace(duty, pair=ours.hash)
    receipts = Step.RECEIPTED not in duty.steps and may_answer(ours.empowered, duty.kind)
    return paired.after(Step.RECEIPTED) if receipts else paired


def _asked(state: LineState, hashed: bytes, found: Sequence[Given]) -> list[LineEffect]:
    """The question which of several messages with the same words was meant; nothing where there is none."""
    if not found:
        return []
    words = f"the same words were given {len(found)} times; a person says which is meant by acknowledging it"
    hashes = (hashed, *(each.hash for each in found))
    return [LineChanged(line=state.terms.line, change="which", hashes=hashes, words=words)]
