"""Writes tests/vectors/line: a whole line of two parties with every intermediate, for whoever writes a peer.

Run as: PYTHONPATH=tests python scripts/line_vectors.py. The keys are the SHA-256 of names, so that anyone can make them
again; sealed parts differ each time, as age wants it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyrage

from exports import NOW, altered_leaf, answer, export_from, hash_of, roots_of, sealed_bytes, text
from keepclear.core.instant import Instant
from keepclear.core.line.bundle import Bundle, Express
from keepclear.core.line.draft import Draft
from keepclear.core.line.fault import FORK, Fault
from keepclear.core.line.log import Rule
from keepclear.core.line.message import (
    Flag,
    How,
    Kind,
    LineName,
    PartyWord,
    Precedence,
    Reference,
    Step,
    Voice,
)
from keepclear.core.line.plot.place import places_content
from keepclear.core.line.verdict.export import SealedPart
from keepclear.core.line.verdict.verdict import verdict
from keepclear.core.line.voice.readback import readback_hash
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.cosignature import cosigned
from keepclear.core.record.fork import Fork
from keepclear.core.record.merkle import Frontier, Head, leaf_hash
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.envelope import envelope_of, key_id_of, pae
from keepclear.core.trust.note import Signer, VerifierKey, note_of, signed_note
from keepclear.formats.line.bundlefile import bundle_bytes, bundle_of
from keepclear.formats.line.exportfile import export_of
from keepclear.formats.line.faultfile import fault_members
from keepclear.formats.line.verdictfile import verdict_members
from party import Party, exchange, public, seeded_key
from places import BOX, TANF

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "line"

BOXES = {
    "a": "AGE-SECRET-KEY-1GKFTUYQCPLMMCAXMS8ZX670KZ539QAH2EAJWM4374VXVAM8VNL4SLQJCYQ",
    "b": "AGE-SECRET-KEY-10PYLT8KXJZC6848YDNWF8HKRDD399L0Q0H6Q2RWP3EGVCPK8DJSQQY6THL",
    "reader": "AGE-SECRET-KEY-1QM43CLMYN0ZZWE8R20FL5W3XKER87MQHPZL99X2SUYUCY6J3JZPSJPKPME",
}
"""age identities made for this purpose: whoever reads this has them."""

SEED_NAMES = {
    "a root": "a root",
    "a officer duty": "a duty",
    "a officer night": "a night",
    "a log": "keepclear/a/tanf/1 log",
    "a node": "keepclear/a/tanf/1 node",
    "a cosigner": "keepclear/a/tanf/1 cosigner",
    "b root": "b root",
    "b officer duty": "b duty",
    "b log": "keepclear/b/tanf/1 log",
    "b node": "keepclear/b/tanf/1 node",
    "b cosigner": "keepclear/b/tanf/1 cosigner",
}

VOICE = "Stay out of TANF 55 until further notice."


class Clock:
    """Seconds that pass by themselves, one for each thing said."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        """The time, a second after the last."""
        self.now += 1_000
        return self.now


def played(clock: Clock) -> tuple[Party, Party]:
    """A line on which each kind of message was said; ``b`` says three entries and ``a`` all the others."""
    one, two = Party("a", "b"), Party("b", "a")
    for each in (one, two):
        each.box = pyrage.x25519.Identity.from_str(BOXES[each.name])
        each.open(now=clock())
    exchange(one, two, now=clock())
    notice = {"text": text("Precision strikes inside TANF 55."), "places": places_content((TANF,))}
    two.say(Draft(kind=Kind.NOTIFY, precedence=Precedence.IMMEDIATE, contents=notice), now=clock())
    exchange(one, two, now=clock())
    answer(one, hash_of(two, 1), step=Step.PLOTTED, now=clock(), echo=TANF)
    said_by_one(one, hash_of(two, 1), clock)
    exchange(one, two, now=clock(), rounds=6)
    two.say(Draft(kind=Kind.COMMS_CHECK), now=clock(), by=None)
    exchange(one, two, now=clock(), rounds=6)
    return one, two


def said_by_one(one: Party, theirs: bytes, clock: Clock) -> None:
    """Every kind that there is, once, in an order in which each can refer to what it needs."""
    place = {"places": places_content((BOX,))}
    statement = one.statement(adds=["night"], at=clock())
    one.say(Draft(kind=Kind.KEYS, statement=statement), now=clock(), by=None)
    one.say(Draft(kind=Kind.COMMS_CHECK), now=clock(), by=None)
    one.say(Draft(kind=Kind.TEST, flag=Flag.TEST), now=clock(), by=None)
    own: dict[Kind, bytes] = {}
    for kind in (Kind.NOTIFY, Kind.ADVISE, Kind.WARN):
        one.say(Draft(kind=kind, contents={"text": text(f"To {kind}."), **place}), now=clock())
        own[kind] = hash_of(one, one.line.state.own.size - 1)
    one.say(Draft(kind=Kind.QUERY, contents={"text": text("Until when?")}), now=clock())
    query = hash_of(one, one.line.state.own.size - 1)
    for kind, how, named in (
        (Kind.ANSWER, How.ANSWERS, theirs),
        (Kind.OBJECT, How.OBJECTS, theirs),
        (Kind.AMEND, How.AMENDS, own[Kind.NOTIFY]),
        (Kind.WITHDRAW, How.WITHDRAWS, own[Kind.ADVISE]),
        (Kind.CORRECT, How.CORRECTS, query),
        (Kind.DISCLOSE, How.ABOUT, own[Kind.WARN]),
    ):
        references = (Reference(hash=named, how=how),)
        one.say(Draft(kind=kind, contents={"text": text(f"To {kind}.")}, references=references), now=clock())
    stop = Draft(kind=Kind.STOP, precedence=Precedence.FLASH, flag=Flag.EXERCISE)
    one.say(stop, now=clock(), by="night")
    spoken = Voice(
        kind=Kind.ADVISE,
        readback=readback_hash(kind="advise", flag="real", precedence="priority", line="tanf", text=VOICE),
    )
    voice = Draft(
        kind=Kind.VOICE, precedence=Precedence.PRIORITY, contents={"text": text(VOICE)}, voice=spoken
    )
    one.say(voice, now=clock())
    # What is lost before it went out is withheld: the last kind that there is.
    one.say(Draft(kind=Kind.QUERY, contents={"text": text("Who is there?")}), now=clock())
    lost = one.line.state.receptions[hash_of(one, one.line.state.own.size - 1)].parts["text"]
    del one.kept.openings[lost]
    one.withhold(now=clock(), end=one.line.state.own.size)


def key_vectors() -> Json:
    """Each key by what its seed is the SHA-256 of."""
    found: dict[str, Json] = {}
    for name, seeded in SEED_NAMES.items():
        key = public(seeded_key(seeded))
        found[name] = {
            "seed_is_sha256_of": seeded,
            "seed": sha256(seeded.encode()).hexdigest(),
            "public": key.hex(),
            "id": key_id_of(key),
        }
    return found


def entry_vectors(party: Party) -> Json:
    """Each entry of a log with all that leads to its hash, and the root after it."""
    frontier, entries = Frontier(), []
    for leaf in party.kept.log(party.origin).leaves:
        envelope, hashed = envelope_of(leaf), leaf_hash(leaf)
        frontier = frontier.append(hashed)
        header = json.loads(envelope.payload)
        entries.append(
            {
                "kind": header["kind"],
                "key": envelope.key_id,
                "payload": envelope.payload.decode(),
                "pae_sha256": sha256(pae(envelope.payload_type, envelope.payload)).hexdigest(),
                "signature": envelope.signature.hex(),
                "leaf": leaf.decode(),
                "leaf_hash": hashed.hex(),
                "root": frontier.head().root.hex(),
            }
        )
    return entries


def noted(party: Party, head: Head) -> str:
    """A checkpoint of a party's log, signed by its key whatever it says."""
    name = VerifierKey(name=party.origin, public_key=public(party.log_key))
    text_ = Checkpoint(origin=party.origin, head=head).text()
    return signed_note(text_, Signer(key=name, sign=party.log_key.sign)).written()


def accused(party: Party, rule: str, words: str) -> Fault:
    """An accusation without its evidence."""
    return Fault(rule=rule, party=PartyWord(party.name), line=LineName("tanf"), epoch=1, words=words)


def fork_of(two: Party) -> Fault:
    """Evidence that ``two`` signed a second head of its second entry."""
    true = two.kept.log(two.origin).checkpoints[2]
    fork = Fork(smaller=true, larger=noted(two, Head(size=2, root=bytes(32))), root=bytes(32))
    return replace(accused(two, FORK, "b signed two heads of two entries"), fork=fork)


def back_dated_by(two: Party) -> Fault:
    """Evidence of an entry of ``two`` that says to be earlier than the one before it."""
    kept = two.kept.log(two.origin)
    draft = Draft(kind=Kind.QUERY, contents={"text": text("Said an hour ago.")})
    leaf = altered_leaf(two, draft, now=NOW + 600_000, at_ms=NOW - 3_600_000)
    head = kept.frontier(len(kept.leaves)).append(leaf_hash(leaf)).head()
    fault = accused(two, Rule.BACK_DATED, "entry 3 says an earlier time than entry 2")
    return replace(fault, checkpoint=noted(two, head), start=len(kept.leaves), leaves=(leaf,))


def bundle_vector(one: Party, now: int) -> Bundle:
    """A bundle of the first ten entries of ``one``, with its STOP ahead of its turn."""
    origin, kept = one.origin, one.kept.log(one.origin)
    whole = one.bundle(now=now)
    assert whole is not None
    size = len(kept.leaves)
    stop = next(n for n, leaf in enumerate(kept.leaves) if b'"kind":"stop"' in envelope_of(leaf).payload)
    return replace(
        whole,
        checkpoint=kept.checkpoints[10],
        start=0,
        leaves=tuple(kept.leaves[:10]),
        newest=kept.checkpoints[size],
        path=one.kept.consistency(origin, old=10, new=size),
        express=(
            Express(
                index=stop,
                leaf=kept.leaves[stop],
                path=one.kept.inclusion(origin, index=stop, size=size),
            ),
        ),
    )


def cosignature_vector(one: Party, two: Party) -> Json:
    """A checkpoint of ``one``, what its cosigner signs at a second, and the cosigned note."""
    note = note_of(one.kept.log(one.origin).checkpoints[1])
    time_s = NOW // 1_000 + 60
    return {
        "checkpoint": note.written(),
        "cosigner": two.cosigner.key.text(),
        "time_s": time_s,
        "message": f"cosignature/v1\ntime {time_s}\n{note.text}",
        "cosigned": cosigned(note, two.cosigner, Instant(time_s * 1_000)).written(),
    }


def statement_vector(party: Party) -> Json:
    """The key statement in a party's entry 0."""
    header = json.loads(envelope_of(party.kept.log(party.origin).leaves[0]).payload)
    envelope = envelope_of(json.dumps(header["statement"], separators=(",", ":")).encode())
    return {
        "payload": envelope.payload.decode(),
        "pae": pae(envelope.payload_type, envelope.payload).decode(),
        "envelope": envelope.written().decode(),
    }


def opening_vectors(one: Party) -> Json:
    """Every opening by the commitment that is in its entry's header."""
    return {commitment.hex(): opening.decode() for commitment, opening in one.kept.openings.items()}


def sealed_for_reader(opening: bytes) -> SealedPart:
    """A part sealed to the reader whose identity lies beside the export."""
    reader = pyrage.x25519.Identity.from_str(BOXES["reader"]).to_public()
    return SealedPart(commitment=sha256(opening).digest(), sealed=pyrage.encrypt(opening, [reader]))


def written(value: Json) -> bytes:
    """JSON for a person to read."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def main() -> None:
    """Write every file anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    one, two = played(clock)
    bundle, faults = bundle_vector(one, clock()), (fork_of(two), back_dated_by(two))
    sealed = next(raw for raw in one.kept.openings.values() if b"Precision strikes" in raw)
    shown = [raw for raw in one.kept.openings.values() if raw != sealed]
    export = export_from(one, two, openings=shown, sealed=[sealed_for_reader(sealed)], faults=faults)
    raw = sealed_bytes(export, one, at=clock())
    roots = roots_of(one, two)
    found = verdict(export_of(raw), roots=roots)
    assert found.holds, found.findings
    assert bundle_of(bundle_bytes(bundle)) == bundle
    keys = "# the roots of the two parties\n" + "".join(f"{each.text()}\n" for each in roots.values())
    vectors: dict[str, Json] = {
        "keys": key_vectors(),
        "boxes": BOXES,
        "statement": statement_vector(one),
        "logs": {each.origin: entry_vectors(each) for each in (one, two)},
        "openings": opening_vectors(one),
        "cosignature": cosignature_vector(one, two),
        "faults": [fault_members(each) for each in faults],
        "verdict": verdict_members(found),
    }
    (FOLDER / "tanf.kce").write_bytes(raw)
    (FOLDER / "tanf.kcb").write_bytes(bundle_bytes(bundle) + b"\n")
    (FOLDER / "keys.txt").write_bytes(keys.encode())
    (FOLDER / "reader.txt").write_bytes(f"{BOXES['reader']}\n".encode())
    (FOLDER / "vectors.json").write_bytes(written(vectors))


if __name__ == "__main__":
    main()
