"""Exports for tests: two parties' lines in memory, made into sealed files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from keepclear.core.instant import Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.fault import Fault
from keepclear.core.line.keys import Anchor, root_name
from keepclear.core.line.log import MESSAGE_TYPE
from keepclear.core.line.message import (
    Acknowledgement,
    Header,
    How,
    Kind,
    LineName,
    PartyWord,
    Reference,
    Step,
)
from keepclear.core.line.plot.echo import echo_content, plotted
from keepclear.core.line.plot.place import Place, places_content
from keepclear.core.line.text import Text
from keepclear.core.line.verdict.export import SEAL_TYPE, Export, ExportedLog, Seal, SealedPart
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.trust.encoding import canonical, parsed
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.core.trust.note import VerifierKey
from keepclear.formats.line.exportfile import export_lines, seal_line
from party import Party, exchange, public
from places import TANF

NOW = 1_536_192_000_000
"""2018-09-06T00:00:00Z"""


def text(words: str) -> dict[str, object]:
    """The content of a text part."""
    return Text(composed=Instant(NOW), language="en", originator="duty officer", text=words).content()


def hash_of(party: Party, index: int) -> bytes:
    """The hash of one of a party's entries."""
    return leaf_hash(party.kept.log(party.origin).leaves[index])


def answer(
    party: Party, to: bytes, *, step: Step = Step.RECEIPTED, now: int, echo: Place | None = None
) -> None:
    """A person's acknowledgement."""
    contents = {} if echo is None else {"echo": echo_content([plotted(echo)])}
    party.say(
        Draft(
            kind=Kind.ACKNOWLEDGE,
            contents=contents,
            references=(Reference(hash=to, how=How.ACKNOWLEDGES),),
            acknowledges=Acknowledgement(step=step),
        ),
        now=now,
    )


def opened(**options: object) -> tuple[Party, Party]:
    """Two parties whose line is open and who have heard one another."""
    one, two = Party("a", "b", **options), Party("b", "a")
    one.open(now=NOW)
    two.open(now=NOW)
    exchange(one, two, now=NOW)
    return one, two


def opening_leaf(party: Party, anchor: Anchor | None) -> bytes:
    """The first entry of a party's next epoch."""
    party.epoch, party.serial = party.epoch + 1, 0
    header = Header(
        line=LineName(party.line_name),
        sender=PartyWord(party.name),
        to=PartyWord(party.other),
        epoch=party.epoch,
        index=0,
        kind=Kind.OPEN,
        at=Instant(NOW + 50_000),
        statement=party.statement(opens=party.log_keys(anchor), adds=tuple(party.officers), at=NOW),
    )
    key = party.node_key
    return signed_envelope(MESSAGE_TYPE, header.written(), public_key=public(key), sign=key.sign).written()


def altered_leaf(party: Party, draft: Draft, *, now: int, **members: object) -> bytes:
    """A leaf that an officer signed though no node would: some members of its header are replaced."""
    envelope = envelope_of(party.signed(draft, now=now)[0])
    payload = canonical({**parsed(envelope.payload), **members})
    key = party.officers["duty"]
    return signed_envelope(MESSAGE_TYPE, payload, public_key=public(key), sign=key.sign).written()


def small_line() -> tuple[Party, Party]:
    """Two parties of whom b notifies a of one place, which a plots and acknowledges."""
    one, two = opened()
    two.say(
        Draft(
            kind=Kind.NOTIFY,
            contents={"text": text("Precision strikes."), "places": places_content((TANF,))},
        ),
        now=NOW + 10_000,
    )
    exchange(one, two, now=NOW + 20_000)
    answer(one, hash_of(two, 1), step=Step.PLOTTED, now=NOW + 30_000, echo=TANF)
    exchange(one, two, now=NOW + 40_000)
    return one, two


def logs_of(exporter: Party, *parties: Party) -> tuple[ExportedLog, ...]:
    """The logs as the exporter keeps them: its own, with the other's cosignatures, and its copy, with its own."""
    logs: list[ExportedLog] = []
    for party in sorted(parties, key=lambda each: each.name):
        for epoch in range(1, party.epoch + 1):
            origin = origin_of(party=party.name, log=party.line_name, epoch=epoch)
            kept = exporter.kept.log(origin)
            if not kept.leaves:
                continue
            given = exporter.kept.cosigned_by_us.get(origin)
            cosigned = exporter.kept.cosigned_by_other.get(origin, []) + ([given] if given else [])
            logs.append(
                ExportedLog(
                    party=PartyWord(party.name),
                    line=LineName(party.line_name),
                    epoch=epoch,
                    size=len(kept.leaves),
                    leaves=tuple(kept.leaves),
                    checkpoint=kept.checkpoints[len(kept.leaves)],
                    cosigned=tuple(cosigned),
                )
            )
    return tuple(logs)


def export_from(
    exporter: Party,
    other: Party,
    *,
    openings: Iterable[bytes] | None = None,
    sealed: Sequence[SealedPart] = (),
    faults: Sequence[Fault] = (),
) -> Export:
    """What a party would export of its line; all that it could open is disclosed unless something else is given."""
    names = sorted((exporter.name, other.name))
    return Export(
        line=LineName(exporter.line_name),
        parties=(PartyWord(names[0]), PartyWord(names[1])),
        logs=logs_of(exporter, exporter, other),
        openings=tuple(exporter.kept.openings.values()) if openings is None else tuple(openings),
        sealed=tuple(sealed),
        faults=tuple(faults),
    )


def sealed_bytes(export: Export, exporter: Party, *, at: int = NOW + 60_000) -> bytes:
    """The file of an export, sealed by a party's node."""
    return resealed(b"".join(export_lines(export)), exporter, at=at)


def resealed(body: bytes, exporter: Party, *, at: int = NOW + 60_000, by: str | None = None) -> bytes:
    """Lines with a seal over just them, by a party's node in its own name or another."""
    seal = Seal(
        at=Instant(at),
        by=PartyWord(by or exporter.name),
        line=LineName(exporter.line_name),
        lines=body.count(b"\n"),
        digest=sha256(body).digest(),
    )
    key = exporter.node_key
    return body + seal_line(signed_envelope(SEAL_TYPE, seal.written(), public_key=public(key), sign=key.sign))


def roots_of(*parties: Party) -> dict[PartyWord, VerifierKey]:
    """The roots of parties, as someone who trusts them has them."""
    return {
        PartyWord(each.name): VerifierKey(name=root_name(each.name), public_key=public(each.root))
        for each in parties
    }
