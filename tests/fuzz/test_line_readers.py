"""Readers of what comes by the line or is handed over: whatever they are given, a value or a refusal."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from exports import NOW, export_from, resealed, roots_of, sealed_bytes, small_line
from keepclear.core.errors import Refused, Untrusted
from keepclear.core.line.fault import Fault
from keepclear.core.line.keys import KEYS_TYPE, statement_of
from keepclear.core.line.log import Rule
from keepclear.core.line.message import LineName, PartyWord, header_of
from keepclear.core.line.verdict.verdict import verdict
from keepclear.core.trust.encoding import Json, canonical
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.core.trust.opening import opening_of
from keepclear.formats.line.bundlefile import bundle_bytes, bundle_of
from keepclear.formats.line.exportfile import export_lines, export_of
from keepclear.formats.line.faultfile import fault_bytes, fault_of
from keepclear.formats.line.trustfile import trust_of
from party import public

ONE, TWO = small_line()
BUNDLE = bundle_bytes(TWO.bundle(now=NOW + 60_000))
FAULT = fault_bytes(
    Fault(
        rule=Rule.MALFORMED,
        party=PartyWord("b"),
        line=LineName("tanf"),
        epoch=1,
        words="x",
        checkpoint="x",
        leaves=(b"{}",),
    )
)
EXPORT = sealed_bytes(export_from(ONE, TWO), ONE)
LINES = b"".join(export_lines(export_from(ONE, TWO))).splitlines(keepends=True)
LEAVES = [*ONE.kept.log(ONE.origin).leaves, *TWO.kept.log(TWO.origin).leaves]
ROOTS = roots_of(ONE, TWO)
TRUST = "\n".join(each.text() for each in ROOTS.values()).encode()
READERS = (bundle_of, export_of, fault_of, trust_of, header_of, envelope_of, opening_of)

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


def disturbed(content: Json, data: st.DataObject) -> Json:
    """The content with something else in up to three places."""
    whole = json.loads(json.dumps(content))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(slots(whole)))
        holder[key] = data.draw(JSONS)
    return whole


def slots(node: Json) -> list[tuple[dict[str | int, Json], str | int]]:
    """Every place in the content at which a value stands."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [slot for key in keys for slot in ((node, key), *slots(node[key]))]


@given(raw=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_by_every_reader(raw: bytes) -> None:
    for reader in READERS:
        try:
            reader(raw)
        except (Refused, Untrusted):
            continue


@given(data=st.data())
def test_a_bundle_of_which_anything_is_replaced_is_read_or_refused(data: st.DataObject) -> None:
    try:
        bundle = bundle_of(json.dumps(disturbed(json.loads(BUNDLE), data)).encode())
    except Refused:
        return
    assert bundle_of(bundle_bytes(bundle)) == bundle


@given(data=st.data())
def test_evidence_of_which_anything_is_replaced_is_read_or_refused(data: st.DataObject) -> None:
    try:
        fault = fault_of(json.dumps(disturbed(json.loads(FAULT), data)).encode())
    except Refused:
        return
    assert fault_of(fault_bytes(fault)) == fault


@given(data=st.data())
def test_an_export_of_which_anything_is_replaced_and_sealed_is_judged_or_refused(data: st.DataObject) -> None:
    lines = list(LINES)
    number = data.draw(st.integers(0, len(lines) - 1))
    lines[number] = json.dumps(disturbed(json.loads(lines[number]), data)).encode() + b"\n"
    try:
        found = verdict(export_of(resealed(b"".join(lines), ONE)), roots=ROOTS)
    except Refused:
        return
    assert found.holds == all(each.severity.value != "broken" for each in found.findings)


@given(data=st.data())
def test_an_export_with_lines_in_any_order_and_number_is_judged_or_refused(data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from(LINES), max_size=len(LINES) + 2))
    try:
        found = verdict(export_of(resealed(b"".join([LINES[0], *lines]), ONE)), roots=ROOTS)
    except Refused:
        return
    assert found.findings is not None


@given(data=st.data())
def test_a_header_of_which_anything_is_replaced_is_read_or_refused(data: st.DataObject) -> None:
    payload = envelope_of(data.draw(st.sampled_from(LEAVES))).payload
    try:
        raw = canonical(disturbed(json.loads(payload), data))
        assert header_of(raw).written() == raw
    except Refused:
        return


@given(data=st.data())
def test_a_signed_key_statement_of_which_anything_is_replaced_is_read_or_refused(data: st.DataObject) -> None:
    header = header_of(envelope_of(LEAVES[0]).payload)
    assert header.statement is not None
    try:
        raw = canonical(disturbed(json.loads(header.statement.payload), data))
        envelope = signed_envelope(KEYS_TYPE, raw, public_key=public(ONE.root), sign=ONE.root.sign)
        assert statement_of(envelope, root=ROOTS[PartyWord("a")]).written() == raw
    except Refused:
        return


@given(at=st.integers(0, len(TRUST) - 1), byte=st.integers(0, 255))
def test_a_trust_file_with_any_byte_replaced_trusts_no_other_key(at: int, byte: int) -> None:
    try:
        trust = trust_of(TRUST[:at] + bytes((byte,)) + TRUST[at + 1 :])
    except Refused:
        return
    assert {key.public_key for key in trust.roots.values()} <= {key.public_key for key in ROOTS.values()}
