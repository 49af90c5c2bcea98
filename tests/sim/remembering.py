"""What is read and checked is remembered: a replay asks for the same again, and neither has a memory of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from keepclear.core.errors import KeepclearError
from keepclear.core.line import log, message, packing
from keepclear.core.trust import envelope, signature
from sim import linenode, officers

_verify, _header_of, _envelope_of = signature.verify, message.header_of, envelope.envelope_of
_headers = lru_cache(maxsize=1_024)(_header_of)
_envelopes = lru_cache(maxsize=1_024)(_envelope_of)


@lru_cache(maxsize=4_096)
def _wrong(public_key: bytes, message: bytes, signed: bytes) -> KeepclearError | None:
    try:
        _verify(public_key=public_key, message=message, signature=signed)
    except KeepclearError as error:
        return error
    return None


def _checked(*, public_key: bytes, message: bytes, signature: bytes) -> None:
    error = _wrong(public_key, message, signature)
    if error is not None:
        raise type(error)(error.code, error.message)


@contextmanager
def remembered() -> Iterator[None]:
    """Check each signature and read each entry once while this lasts; the verdicts are those of the real ones."""
    readers = (log, packing, linenode, officers)
    signature.verify = envelope.verify = _checked
    for each in readers:
        each.header_of, each.envelope_of = _headers, _envelopes
    try:
        yield
    finally:
        signature.verify = envelope.verify = _verify
        for each in readers:
            each.header_of, each.envelope_of = _header_of, _envelope_of
