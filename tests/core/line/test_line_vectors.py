"""The published vectors of the line: recomputed with hashlib and cryptography alone, then read by the node."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keepclear.core.line.keys import root_name, statement_of
from keepclear.core.line.message import Kind, PartyWord
from keepclear.core.line.verdict.verdict import verdict
from keepclear.core.record.checkpoint import opened
from keepclear.core.record.merkle import leaf_hash, verify_consistency, verify_inclusion
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.trust.note import VerifierKey
from keepclear.formats.line.bundlefile import bundle_bytes, bundle_of
from keepclear.formats.line.exportfile import export_of
from keepclear.formats.line.trustfile import trust_of
from keepclear.formats.line.verdictfile import verdict_members

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "line"
VECTORS = json.loads((FOLDER / "vectors.json").read_text(encoding="utf-8"))
KEYS = VECTORS["keys"]
BY_ID = {each["id"]: bytes.fromhex(each["public"]) for each in KEYS.values()}
ENTRIES = [entry for log in VECTORS["logs"].values() for entry in log]
RAW = (FOLDER / "tanf.kce").read_bytes()


def root_over(hashes: list[bytes]) -> bytes:
    """The root of leaf hashes, as RFC 6962, 2.1, defines it."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\x01" + root_over(hashes[:split]) + root_over(hashes[split:])).digest()


@pytest.mark.parametrize("name", KEYS)
def test_each_key_is_that_of_its_seed(name: str) -> None:
    key = KEYS[name]
    seed = sha256(key["seed_is_sha256_of"].encode()).digest()
    raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert (seed.hex(), raw.hex()) == (key["seed"], key["public"])
    assert sha256(raw).hexdigest()[:32] == key["id"]


def test_every_kind_of_message_is_there() -> None:
    assert {entry["kind"] for entry in ENTRIES} == set(Kind)


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["leaf_hash"][:8] for entry in ENTRIES])
def test_each_entry_is_signed_as_it_says(entry: dict[str, str]) -> None:
    payload = entry["payload"].encode()
    assert (
        json.dumps(json.loads(payload), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        == entry["payload"]
    )
    kind = b"application/vnd.keepclear.message+json"
    pae = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    assert sha256(pae).hexdigest() == entry["pae_sha256"]
    Ed25519PublicKey.from_public_bytes(BY_ID[entry["key"]]).verify(bytes.fromhex(entry["signature"]), pae)
    envelope = json.loads(entry["leaf"])
    assert b64decode(envelope["payload"]) == payload
    assert sha256(b"\x00" + entry["leaf"].encode()).hexdigest() == entry["leaf_hash"]


@pytest.mark.parametrize("origin", VECTORS["logs"])
def test_each_root_is_over_the_entries_up_to_it(origin: str) -> None:
    entries = VECTORS["logs"][origin]
    hashes = [bytes.fromhex(entry["leaf_hash"]) for entry in entries]
    roots = [root_over(hashes[: size + 1]).hex() for size in range(len(hashes))]
    assert roots == [entry["root"] for entry in entries]


def test_the_key_statement_is_signed_by_the_root() -> None:
    vector = VECTORS["statement"]
    envelope = envelope_of(vector["envelope"].encode())
    root = bytes.fromhex(KEYS["a root"]["public"])
    Ed25519PublicKey.from_public_bytes(root).verify(envelope.signature, vector["pae"].encode())
    assert vector["pae"].endswith(f" {len(vector['payload'])} {vector['payload']}")
    stated = statement_of(envelope, root=VerifierKey(name=root_name("a"), public_key=root))
    assert stated.opens is not None
    assert stated.opens.node.hex() == KEYS["a node"]["public"]


@pytest.mark.parametrize("commitment", VECTORS["openings"])
def test_each_opening_is_what_an_entry_committed_to(commitment: str) -> None:
    opening = VECTORS["openings"][commitment]
    assert sha256(opening.encode()).hexdigest() == commitment
    part = json.loads(opening)["part"]
    assert sum(json.loads(entry["payload"])["parts"].get(part) == commitment for entry in ENTRIES) == 1


def test_the_cosignature_is_over_its_message() -> None:
    vector = VECTORS["cosignature"]
    line = vector["cosigned"].splitlines()[-1]
    raw = b64decode(line.split(" ")[2])
    assert int.from_bytes(raw[4:12], "big") == vector["time_s"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(KEYS["b cosigner"]["public"]))
    key.verify(raw[12:], vector["message"].encode())
    assert vector["message"].endswith(vector["checkpoint"].split("\n\n")[0] + "\n")


def test_the_bundle_proves_its_urgent_entry_under_the_newest_head() -> None:
    bundle = bundle_of((FOLDER / "tanf.kcb").read_bytes())
    assert json.loads(bundle_bytes(bundle)) == json.loads((FOLDER / "tanf.kcb").read_bytes())
    key = VerifierKey(name="keepclear/a/tanf/1", public_key=bytes.fromhex(KEYS["a log"]["public"]))
    assert bundle.newest is not None
    head, newest = opened(bundle.checkpoint, key).head, opened(bundle.newest, key).head
    verify_consistency(old=head, new=newest, path=bundle.path)
    (stop,) = bundle.express
    verify_inclusion(index=stop.index, leaf=leaf_hash(stop.leaf), path=stop.path, head=newest)
    assert head.root == root_over([sha256(b"\x00" + leaf).digest() for leaf in bundle.leaves])


def test_the_sealed_part_opens_to_its_commitment() -> None:
    sealed = json.loads(next(line for line in RAW.splitlines() if line.startswith(b'{"sealed"')))
    reader = pyrage.x25519.Identity.from_str((FOLDER / "reader.txt").read_text().strip())
    opening = pyrage.decrypt(b64decode(sealed["sealed"]), [reader])
    assert sha256(opening).hexdigest() == sealed["commitment"]


def test_the_verdict_on_the_export_is_the_published_one() -> None:
    trust = trust_of((FOLDER / "keys.txt").read_bytes())
    assert set(trust.roots) == {PartyWord("a"), PartyWord("b")}
    found = verdict(export_of(RAW), roots=trust.roots)
    assert json.loads(json.dumps(verdict_members(found))) == VECTORS["verdict"]
    assert found.holds
    assert [each.severity.value for each in found.findings[:2]] == ["convicted", "convicted"]
