"""Certificates of the link between nodes: one's own, a peer's, and the TLS 1.3 settings that let in these alone.

No authority is asked and no name is checked: a peer is known by its key, handed over when the two parties met.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Instant
from keepclear.edge.keys.keyfile import kept_file

LINK_KEY_FILE: Final = "link.pem"
CERTIFICATE_BYTES_MAX: Final = 4_096

VALID_BEFORE: Final = timedelta(days=366)
VALID_AFTER: Final = timedelta(days=3_653)
"""A certificate's dates, from the making: Keepclear does not look at them, a peer's other program may."""

NO_CHECK_TIME: Final = ssl.VerifyFlags(0x200000)
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL (x509_vfy.h), which Python's ssl does not name."""

_CERTIFICATE: Final = re.compile(
    rb"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate by which a node is known on the link; ``pin`` is the SHA-256 of its SubjectPublicKeyInfo, in hex.

    Given as PEM (RFC 7468), one certificate and nothing else, at most CERTIFICATE_BYTES_MAX bytes.
    Raises Refused("link.certificate") for anything else.
    """

    pem: str
    pin: str = field(init=False)

    def __post_init__(self) -> None:
        raw = self.pem.encode()
        if len(raw) > CERTIFICATE_BYTES_MAX or not _CERTIFICATE.fullmatch(raw):
            raise Refused(
                "link.certificate",
                f"a certificate of {len(raw)} bytes is not one PEM block of at most {CERTIFICATE_BYTES_MAX}",
            )
        try:
            der = x509.load_pem_x509_certificate(raw).public_bytes(Encoding.DER)
            # What the ssl module would refuse later, in a task that serves everyone, is refused here.
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=self.pem)
            object.__setattr__(self, "pin", pin_of(der))
        except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion, ssl.SSLError) as error:
            raise Refused("link.certificate", f"the certificate cannot be read: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """A node's own certificate; its private key stays in the file that only the TLS library reads."""

    certificate: Certificate
    path: Path


def own_certificate(folder: Path, *, now: Instant) -> OwnCertificate:
    """The node's certificate for the link, kept in its key folder; made there, self-signed, when there is none.

    The key is Ed25519, as all keys of Keepclear are (RFC 8446, 4.2.3 has it for TLS 1.3). Key and certificate are one
    file, so that neither is ever without the other. Raises as ``keyfile.kept_file`` does, and
    Refused("keys.unreadable") for a file that does not hold a key and the certificate of that key.
    """
    path = folder / LINK_KEY_FILE
    pem = kept_file(path, make=lambda: _made(now))
    found = _CERTIFICATE.search(pem)
    try:
        key = load_pem_private_key(pem, password=None)
        certificate = Certificate(pem=found.group().decode() if found else "")
    except (ValueError, TypeError, Refused) as error:
        raise Refused(
            "keys.unreadable", f"file {path} must hold a key and its certificate: {error}"
        ) from None
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if sha256(spki).hexdigest() != certificate.pin:
        raise Refused("keys.unreadable", f"file {path} holds a key and the certificate of another key")
    return OwnCertificate(certificate=certificate, path=path)


def pin_of(der: bytes) -> str:
    """The hex SHA-256 of the SubjectPublicKeyInfo of a certificate in DER form (RFC 7469, 2.4, written in hex).

    Raises ValueError for what is not a certificate or holds a key of an unknown kind.
    """
    key = x509.load_der_x509_certificate(der).public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def peer_pin(connection: ssl.SSLObject) -> str:
    """The pin of the key that the other side of a finished handshake has proved to hold."""
    der = connection.getpeercert(binary_form=True)
    assert der is not None, "both sides of the link ask for a certificate"
    return pin_of(der)


def server_context(own: OwnCertificate, peers: tuple[Certificate, ...]) -> ssl.SSLContext:
    """TLS settings of a node that is called: TLS 1.3 alone, a caller must show one of these certificates.

    A certificate of a peer may be marked as an authority, and could then vouch for other keys: whoever accepts must
    compare ``peer_pin`` too. Raises Unavailable("keys.disk") when the own key cannot be read.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER, own, peers)
    # No resumption: each connection proves the key anew, so a peer that is struck off is out at once.
    context.num_tickets = 0
    return context


def client_context(own: OwnCertificate, peer: Certificate) -> ssl.SSLContext:
    """TLS settings of a node that calls: TLS 1.3 alone, the called node must show this certificate.

    Whoever calls must compare ``peer_pin`` too, as with ``server_context``.
    """
    return _context(ssl.PROTOCOL_TLS_CLIENT, own, (peer,))


def _context(protocol: ssl._SSLMethod, own: OwnCertificate, peers: tuple[Certificate, ...]) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    # The key is what counts: clocks on a line may be days off, and a date must not cut it. A pinned certificate is
    # trusted as it stands, whoever signed it.
    context.verify_flags |= NO_CHECK_TIME | ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_cert_chain(own.path)
    except OSError as error:
        raise Unavailable("keys.disk", f"key file {own.path}: {error.strerror}") from error
    for peer in peers:
        context.load_verify_locations(cadata=peer.pem)
    return context


def _made(now: Instant) -> bytes:
    key = Ed25519PrivateKey.generate()
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    # The name says nothing about the party; it differs with the key, since OpenSSL looks certificates up by name.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"keepclear {sha256(spki).hexdigest()[:32]}")])
    made_at = datetime.fromtimestamp(now // 1000, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made_at - VALID_BEFORE)
        .not_valid_after(made_at + VALID_AFTER)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, algorithm=None)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)
