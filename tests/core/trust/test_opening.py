"""Openings: commitments that another library recomputes, and what is refused."""

from __future__ import annotations

from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.trust.encoding import INTEGER_MAX, Json
from keepclear.core.trust.opening import PART_LENGTH_MAX, Opening, opening_of

SALT = bytes(range(32))

contents = st.dictionaries(
    st.text(max_size=5),
    st.none()
    | st.integers(-INTEGER_MAX, INTEGER_MAX)
    | st.text(max_size=8)
    | st.lists(st.booleans(), max_size=3),
    max_size=4,
)
openings = st.builds(
    Opening,
    part=st.from_regex(r"[a-z][a-z-]{0,31}", fullmatch=True),
    salt=st.binary(min_size=32, max_size=32),
    content=contents,
)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_an_opening_is_text_that_a_person_can_read() -> None:
    opening = Opening(part="text", salt=SALT, content={"text": "Stay out.", "language": "en"})
    assert opening.written() == (
        b'{"content":{"language":"en","text":"Stay out."},"part":"text","salt":"%b"}' % SALT.hex().encode()
    )


@settings(max_examples=100, derandomize=True, deadline=None)
@given(openings)
def test_an_opening_reads_back_and_its_commitment_is_the_hash_of_what_the_library_writes(
    opening: Opening,
) -> None:
    raw = opening.written()
    assert opening_of(raw) == opening
    library = rfc8785.dumps(
        {"salt": opening.salt.hex(), "part": opening.part, "content": dict(opening.content)}
    )
    assert raw == library
    assert opening.commitment == sha256(library).hexdigest()


@settings(max_examples=100, derandomize=True, deadline=None)
@given(openings, openings)
def test_two_openings_never_share_a_commitment(one: Opening, two: Opening) -> None:
    assert (one.commitment == two.commitment) is (one == two)


def test_the_same_content_under_another_salt_or_part_has_another_commitment() -> None:
    content: dict[str, Json] = {"text": "Stay out."}
    found = {
        Opening(part=part, salt=salt, content=content).commitment
        for part in ("text", "places")
        for salt in (SALT, bytes(32))
    }
    assert len(found) == 4


@pytest.mark.parametrize(
    "part", ["", "Text", "-a", "1a", "a1", "a b", "a_b", "ä", "a\n", "a" * (PART_LENGTH_MAX + 1)]
)
def test_a_part_name_of_another_form_is_refused(part: str) -> None:
    with refused("opening.part"):
        Opening(part=part, salt=SALT, content={})


def test_the_longest_part_name_is_taken() -> None:
    assert opening_of(Opening(part="a" * PART_LENGTH_MAX, salt=SALT, content={}).written()).salt == SALT


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    with refused("opening.salt"):
        Opening(part="text", salt=bytes(length), content={})


def test_a_content_with_a_fraction_is_not_committed_to() -> None:
    with refused("encoding.float"):
        Opening(part="places", salt=SALT, content={"latitude": 33.5}).commitment  # noqa: B018


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "encoding.unreadable"),
        (b'{"content":[],"part":"text","salt":"%b"}', "opening.content"),
        (b'{"content":null,"part":"text","salt":"%b"}', "opening.content"),
        (b'{"part":"text","salt":"%b"}', "fields.missing"),
        (b'{"content":{},"salt":"%b"}', "fields.missing"),
        (b'{"content":{},"part":"text"}', "fields.missing"),
        (b'{"content":{},"more":1,"part":"text","salt":"%b"}', "fields.unknown"),
        (b'{"content":{},"part":"Text","salt":"%b"}', "opening.part"),
        (b'{"content":{},"part":1,"salt":"%b"}', "fields.unfit"),
        (b'{"content":{},"part":"text","salt":"%bff"}', "fields.unfit"),
        (b'{"content":{},"part":"text","salt":"%b"} ', "encoding.not-canonical"),
    ],
)
def test_what_is_not_an_opening_in_its_one_form_is_refused(raw: bytes, code: str) -> None:
    with refused(code):
        opening_of(raw.replace(b"%b", SALT.hex().encode()))
