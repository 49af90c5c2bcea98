"""What the openssl command makes of our envelopes and cosignatures: a stranger's tools must agree with ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.cosignature import Algorithm, Cosigner, CosignerKey, cosigned
from keepclear.core.record.merkle import Head
from keepclear.core.trust.envelope import signed_envelope
from keepclear.core.trust.note import Signer, VerifierKey

OPENSSL = shutil.which("openssl") or ""
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()

pytestmark = pytest.mark.skipif(not OPENSSL, reason="the openssl command is not on this machine")


def openssl_accepts(folder: Path, *, message: bytes, signature: bytes) -> bool:
    """Whether ``openssl pkeyutl`` finds that the key signed the message."""
    pem = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for name, content in (("key.pem", pem), ("message", message), ("signature", signature)):
        (folder / name).write_bytes(content)
    words = [
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "message",
        "-sigfile",
        "signature",
    ]
    done = subprocess.run([OPENSSL, *words], cwd=folder, capture_output=True, check=False, timeout=20)
    return done.returncode == 0


def test_openssl_accepts_an_envelope_by_its_written_form_alone(tmp_path: Path) -> None:
    payload_type = "application/vnd.keepclear.message+json"
    envelope = signed_envelope(payload_type, b'{"a":1}', public_key=PUBLIC, sign=PRIVATE.sign)
    found = json.loads(envelope.written())
    payload, signature = b64decode(found["payload"]), b64decode(found["signatures"][0]["sig"])
    message = b"DSSEv1 38 " + found["payloadType"].encode() + b" 7 " + payload
    assert openssl_accepts(tmp_path, message=message, signature=signature)
    assert not openssl_accepts(tmp_path, message=message + b" ", signature=signature)


def test_openssl_accepts_a_cosignature_by_the_written_note_alone(tmp_path: Path) -> None:
    log = Signer(key=VerifierKey(name="keepclear/a/tanf/1", public_key=PUBLIC), sign=PRIVATE.sign)
    key = CosignerKey(name="keepclear/b/tanf/1/cosigner", algorithm=Algorithm.ED25519, public_key=PUBLIC)
    note = Checkpoint(origin=log.key.name, head=Head(size=3, root=bytes(32))).signed(log)
    at = Instant(1_535_781_600_000)
    text, _, lines = cosigned(note, Cosigner(key=key, sign=PRIVATE.sign), at).written().partition("\n\n")
    raw = b64decode(lines.splitlines()[-1].split(" ")[-1])
    message = f"cosignature/v1\ntime 1535781600\n{text}\n".encode()
    assert openssl_accepts(tmp_path, message=message, signature=raw[12:])
    assert not openssl_accepts(tmp_path, message=message.replace(b"600\n", b"601\n"), signature=raw[12:])
