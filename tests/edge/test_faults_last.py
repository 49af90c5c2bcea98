"""Evidence lasts: what convicts a party when it is found convicts it a year later, when the store has less of it."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import pytest

from conversation import advice, headed, resigned
from conversation import stop as stop_draft
from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.bundle import Bundle, Express
from keepclear.core.line.fault import FORK, RULES, Fault
from keepclear.core.line.line import line_of
from keepclear.core.line.log import Rule
from keepclear.core.line.message import LineName, header_of
from keepclear.core.line.verdict.finding import Severity
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.core.record.checkpoint import Checkpoint, checkpoint_of
from keepclear.core.record.merkle import inclusion_path, leaf_hash
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.trust.note import Signer, VerifierKey, note_of, signed_note
from keepclear.edge.cli.main import main
from keepclear.edge.lines.exporting import exported
from keepclear.edge.lines.lines import Post
from keepclear.formats.line.bundlefile import bundle_bytes, bundle_of
from keepclear.formats.line.exportfile import export_of
from keepclear.formats.line.faultfile import fault_of
from keepclear.formats.line.trustfile import trust_of
from linenodes import START, Node, TestClock, node_in
from party import KeptLog, Party, public

TANF = LineName("tanf")
YEAR_MS = 365 * 86_400_000
LATER = 300
"""So many entries are said afterwards: more than the span out of which the store keeps one signed head."""


@dataclass
class Line:
    """The node of an honest party, ``a``, and a liar, ``b``, who holds all keys that a party may hold."""

    node: Node
    clock: TestClock
    liar: Party

    def say(self, words: str) -> None:
        self.node.lines.say(TANF, advice(words), by="Officer of a")

    def hear(self, bundle: Bundle) -> None:
        """The honest node takes what the liar sends, as it comes over a link."""
        self.node.lines.take_bundle(bundle_bytes(bundle), way="hand")

    def tell(self) -> None:
        """The liar takes what the honest node sends."""
        packed = self.node.lines.pack(TANF, way="hand")
        assert packed is not None
        self.liar.take(bundle_of(packed.raw), now=self.clock.at)

    def exchange(self) -> None:
        """Both bring one another all that there is."""
        for _ in range(3):
            self.hear(self.bundle())
            self.tell()
            self.clock.at += 1_000

    def bundle(self) -> Bundle:
        bundle = self.liar.bundle(now=self.clock.at)
        assert bundle is not None
        return bundle


def opened_line(folder: Path) -> Line:
    """The line with both logs open."""
    clock = TestClock(START)
    node, liar = node_in(folder, party="a", clock=clock), Party("b", "a", now=START)
    root = node.lines.identity.root_key()
    liar.line = line_of(replace(liar.line.state.terms, other_root=root.key), now=Instant(START))
    node.lines.agree(line=TANF, other=liar.line.state.terms.own, other_root=liar.line.state.terms.own_root)
    node.lines.open(TANF, [Post(name="Officer of a", post="watch officer")], root=root)
    liar.open(now=START)
    line = Line(node=node, clock=clock, liar=liar)
    line.exchange()
    return line


def brought(line: Line, leaves: Sequence[bytes], *, express: int | None = None, size: int = 0) -> Bundle:
    """A history as the liar signs it, whole, or up to a size with an entry further on ahead of its turn."""
    log, liar = KeptLog(), line.liar
    log.append(leaves)
    cut = size or len(leaves)
    prefix = log.prefix(cut)
    bundle = replace(
        line.bundle(),
        start=0,
        leaves=tuple(leaves[:cut]),
        checkpoint=head_at(liar, log, cut),
        newest=None,
        path=(),
        express=(),
    )
    if express is None or prefix is None:
        return bundle
    path = inclusion_path(index=express, size=len(leaves), read=log.read)
    shown = Express(index=express, leaf=leaves[express], path=path)
    return replace(bundle, newest=head_at(liar, log, len(leaves)), path=prefix.path, express=(shown,))


def head_at(liar: Party, log: KeptLog, size: int) -> str:
    """A head of any log, signed by the liar's log key."""
    key = VerifierKey(name=liar.origin, public_key=public(liar.log_key))
    checkpoint = Checkpoint(origin=liar.origin, head=log.frontier(size).head())
    return signed_note(checkpoint.text(), Signer(key=key, sign=liar.log_key.sign)).written()


def said(line: Line, **changed: Json) -> bytes:
    """The liar's next entry, with members of its header changed."""
    return headed(line.liar, advice("said"), now=line.clock.at, parts={}, released={}, **changed)


def lies(line: Line) -> Iterator[tuple[str, Bundle]]:
    """For each rule, a bundle that breaks it; none of what they bring is in the liar's own log."""
    liar, held = line.liar, list(line.liar.kept.log(line.liar.origin).leaves)
    yield Rule.BACK_DATED, brought(line, [*held, before_its_cosignature(line)])
    yield Rule.FOREIGN, brought(line, [*held, said(line, to="c")])
    yield Rule.MALFORMED, brought(line, [*held, b"{}"])
    yield Rule.UNAUTHORISED, brought(line, [*held, resigned(liar, members(said(line)), by=None)])
    seen = {"epoch": 1, "root": "00" * 32, "size": 9, "signature": "\u2014 keepclear/a/tanf/1 AAAAAAAA"}
    yield Rule.FALSE_VIEW, brought(line, [*held, said(line, seen=seen)])
    yield FORK, brought(line, [*held[:-1], said(line, index=len(held) - 1), said(line, index=len(held))])


def before_its_cosignature(line: Line) -> bytes:
    """An entry dated before the liar cosigned what it cites, and after all that it had said."""
    state = line.node.lines.state(TANF)
    cited = state.other_cosigned[-2]
    key = state.own_keys[1]
    note = note_of(cited.note).only([(key.name, key.hash)])
    head = checkpoint_of(note.text).head
    seen: dict[str, Json] = {
        "epoch": 1,
        "root": head.root.hex(),
        "size": head.size,
        "signature": note.signatures[0].line(),
    }
    return said(line, at_ms=state.copy.log.last_at, seen=seen)


def members(leaf: bytes) -> Mapping[str, Json]:
    """The header of a leaf."""
    return header_of(envelope_of(leaf).payload).members()


def a_year_goes_by(line: Line) -> None:
    """Both say so much that the store lets go of most signed heads and cosignatures of the time before."""
    line.clock.at += YEAR_MS
    for number in range(LATER):
        line.liar.say(advice(f"later {number}"), now=line.clock.at)
        line.say(f"later {number}")
        if number % 100 == 0:
            line.exchange()
    line.exchange()


@dataclass(frozen=True)
class Lasting:
    """What is there a year later: the export, the keys of who judges, and the evidence as it was kept at the time."""

    export: Path
    trust: Path
    evidence: Mapping[str, bytes]

    def judged(self, evidence: Sequence[Fault]) -> Verdict:
        """The verdict on the export without what it says of faults, with evidence beside it."""
        sealed = export_of(self.export.read_bytes())
        bare = replace(sealed, export=replace(sealed.export, faults=()))
        return verdict(bare, roots=trust_of(self.trust.read_bytes()).roots, evidence=evidence)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    """A liar breaks every rule there is, and in its next epoch one of them again; a year later all is exported."""
    folder = tmp_path_factory.mktemp("lasting")
    line = opened_line(folder / "a")
    line.liar.say(advice("before"), now=line.clock.at)
    line.exchange()
    for words in ("one", "two"):
        line.clock.at += 60_000
        line.say(words)
        line.exchange()
    store = line.node.host.store
    for _, bundle in lies(line):
        line.hear(bundle)
    evidence = {each.kind: each.evidence for each in store.faults(TANF)}
    stop_replaced(line)
    [_, *_, last] = store.faults(TANF)
    evidence["entries"] = last.evidence
    a_year_goes_by(line)
    files = Lasting(export=folder / "tanf.kce", trust=folder / "keys.txt", evidence=evidence)
    identity = line.node.lines.identity
    files.export.write_bytes(exported(store, identity, TANF, at=Instant(line.clock.at)).raw)
    terms = line.liar.line.state.terms
    files.trust.write_text(f"{terms.own_root.text()}\n{terms.other_root.text()}\n")
    yield files
    store.close()


def stop_replaced(line: Line) -> None:
    """In its next epoch the liar shows a STOP ahead of its turn and then says something else in its place."""
    liar = line.liar
    liar.reopen(now=line.clock.at)
    line.exchange()
    liar.say(advice("first"), now=line.clock.at)
    held = list(liar.kept.log(liar.origin).leaves)
    stop = headed(liar, stop_draft(), now=line.clock.at)
    line.hear(brought(line, [*held, stop, said(line, index=3)], express=2, size=2))
    assert leaf_hash(stop) in line.node.lines.state(TANF).duties
    liar.say(advice("in its place"), now=line.clock.at)
    line.exchange()


def verified(files: Lasting, *more: object) -> tuple[int, str]:
    """How ``keepclear verify`` ends and what it prints."""
    out = StringIO()
    arguments = ["keepclear", "verify", str(files.export), "--trust", str(files.trust), *map(str, more)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(StringIO()):
        patch.setattr(sys, "argv", arguments)
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_every_rule_that_was_broken_is_proved_by_the_export_of_a_year_later(lasting: Lasting) -> None:
    code, text = verified(lasting)
    assert code == 0, text
    proved = [each for each in text.splitlines() if "PROVED: b broke the rule" in each]
    assert sorted(lasting.evidence) == sorted([*RULES, "entries"])
    for rule in RULES:
        assert any(f"{rule} of b, epoch 1: PROVED" in each for each in proved), (rule, text)
    assert any("fork of b, epoch 2: PROVED" in each for each in proved)
    assert "not proved" not in text


def test_evidence_by_itself_convicts_by_the_logs_of_an_export_without_it(lasting: Lasting) -> None:
    found = lasting.judged([fault_of(raw) for raw in lasting.evidence.values()])
    assert len([each for each in found.findings if each.severity is Severity.CONVICTED]) == len(RULES) + 1
    assert found.holds
    assert found.proved


def test_evidence_that_is_proved_ends_with_0(lasting: Lasting, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_bytes(lasting.evidence["entries"])
    code, text = verified(lasting, "--evidence", file)
    assert code == 0, text


def test_evidence_that_proves_nothing_ends_with_3(lasting: Lasting, tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_bytes(lasting.evidence["foreign"].replace(b'"rule":"foreign"', b'"rule":"malformed"'))
    code, text = verified(lasting, "--evidence", file)
    assert (code, text.splitlines()[0]) == (3, "VERDICT: HOLDS")
    assert "malformed of b, epoch 1: is said beside the export and not proved: " in text


def test_evidence_in_which_one_bit_is_another_convicts_nobody(lasting: Lasting) -> None:
    changed = [fault for raw in lasting.evidence.values() for fault in with_one_bit_changed(raw, times=120)]
    assert len(changed) > 200, "most changes leave a text that can be read"
    found = lasting.judged(changed)
    assert [each for each in found.findings if each.severity is Severity.CONVICTED] == []
    assert not found.proved
    assert len([each for each in found.findings if "beside the export and not proved" in each.words]) == len(
        changed
    )


def with_one_bit_changed(raw: bytes, *, times: int) -> Iterator[Fault]:
    """Evidence with a bit turned over, but not in its words, which prove nothing; what cannot be read is left out."""
    chance = random.Random(7)
    start = raw.index(b'"words":')
    end = raw.index(b'","', start)
    places = [each for each in range(len(raw)) if not start <= each <= end]
    for place in chance.sample(places, times):
        altered = bytearray(raw)
        altered[place] ^= 1 << chance.randrange(8)
        try:
            yield fault_of(bytes(altered))
        except Refused:
            continue


def test_the_cosigned_note_that_dates_an_entry_is_in_the_evidence_alone(lasting: Lasting) -> None:
    """Else the test above would not show that the evidence lasts: the store has let go of the note."""
    fault = fault_of(lasting.evidence["back-dated"])
    export = export_of(lasting.export.read_bytes()).export
    assert fault.cosigned
    assert fault.cosigned not in [note for log in export.logs for note in log.cosigned]
    size = checkpoint_of(note_of(fault.cosigned).text).head.size
    kept = [checkpoint_of(note_of(note).text).head.size for log in export.logs[:1] for note in log.cosigned]
    assert size not in kept
