from random import Random

from hypothesis import given
from hypothesis import strategies as st

from keepclear.formats.feed.lines import LINE_BYTES_MAX, Lines


def _numbered(chunks: list[bytes]) -> tuple[list[tuple[int, bytes]], list[int]]:
    lines = Lines()
    taken: list[tuple[int, bytes]] = []
    refused: list[int] = []
    for chunk in chunks:
        cut, too_long = lines.cut(chunk)
        taken += [(line.number, line.text) for line in cut]
        refused += [refusal.line for refusal in too_long]
    return taken + [(line.number, line.text) for line in lines.end()], refused


def test_lines_end_with_a_line_feed_or_a_carriage_return_before_it() -> None:
    assert _numbered([b"one\r\ntwo\n\nfo", b"ur"]) == ([(1, b"one"), (2, b"two"), (3, b""), (4, b"four")], [])


def test_the_longest_line_is_taken_and_one_byte_more_is_refused_once() -> None:
    longest = b"a" * LINE_BYTES_MAX
    taken, refused = _numbered([longest + b"\r\n" + longest + b"a" + b"a" * 100_000 + b"\nnext\n"])
    assert taken == [(1, longest), (3, b"next")]
    assert refused == [2]


def test_a_line_that_never_ends_is_not_kept_in_memory() -> None:
    lines = Lines()
    for _ in range(100):
        lines.cut(b"a" * 100_000)
    assert len(lines._rest) <= LINE_BYTES_MAX + 2


@given(
    st.lists(
        st.sampled_from([b"a", b"\r", b"\n", b"a" * (LINE_BYTES_MAX - 1), b"a" * LINE_BYTES_MAX]), max_size=9
    ),
    st.randoms(use_true_random=False),
)
def test_how_the_bytes_are_cut_changes_no_line(pieces: list[bytes], random: Random) -> None:
    raw = b"".join(pieces)
    places = sorted(random.randrange(len(raw) + 1) for _ in range(6))
    chunks = [raw[start:end] for start, end in zip([0, *places], [*places, len(raw)], strict=True)]
    assert _numbered(chunks) == _numbered([raw])
