"""The spool folder: what is carried away, what was brought, and what a stick may do to either."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from keepclear.core.errors import Refused, Unavailable
from keepclear.edge.couriers import spool as spool_module
from keepclear.edge.couriers.answer import BODY_BYTES_MAX
from keepclear.edge.couriers.spool import FILES_MAX, LOOK_BYTES_MAX, Spool, SpoolFile


def brought(folder: Path, name: str, content: bytes = b"bundle") -> Path:
    """A file as a person copies it into ``in``."""
    (folder / "in").mkdir(exist_ok=True)
    path = folder / "in" / name
    path.write_bytes(content)
    return path


def looked(spool: Spool) -> list[SpoolFile]:
    """What comes when nothing changes between two looks."""
    spool.take()
    return spool.take()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def put(spool: Spool, size: int, *, line: str = "tanf", sender: str = "a", receiver: str = "b") -> str:
    return spool.put(line=line, sender=sender, receiver=receiver, size=size, bundle=b"%d" % size)


def test_a_bundle_is_put_out_under_its_name_and_alone(tmp_path: Path) -> None:
    assert put(Spool(tmp_path), 12) == "tanf_a_to_b_12.kcb"
    assert (tmp_path / "out" / "tanf_a_to_b_12.kcb").read_bytes() == b"12"
    assert names(tmp_path / "out") == ["tanf_a_to_b_12.kcb"]


def test_a_newer_bundle_replaces_the_older_of_its_line_and_direction_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for line, sender, receiver in product(("tanf", "tanf2"), ("a", "b"), ("c", "c.d")):
        put(spool, 9, line=line, sender=sender, receiver=receiver)
    (tmp_path / "out" / "tanf_a_to_c_9.kcb.txt").write_text("a person's own")
    before = set(names(tmp_path / "out"))
    put(spool, 10, receiver="c")
    assert before - set(names(tmp_path / "out")) == {"tanf_a_to_c_9.kcb"}
    assert set(names(tmp_path / "out")) - before == {"tanf_a_to_c_10.kcb"}
    put(spool, 10, receiver="c")
    assert "tanf_a_to_c_10.kcb" in names(tmp_path / "out")


def test_a_write_that_fails_leaves_the_older_bundle_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    put(spool, 1)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool_module.os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left on device; is the stick in"):
        put(spool, 2)
    monkeypatch.undo()
    assert (tmp_path / "out" / "tanf_a_to_b_1.kcb").read_bytes() == b"1"
    assert "tanf_a_to_b_2.kcb" not in names(tmp_path / "out")
    put(spool, 2)
    assert names(tmp_path / "out") == ["tanf_a_to_b_2.kcb"]


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".a", "A", "a_b", "a" * 65, "a\n", "-a", "a\0"])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    spool = Spool(tmp_path)
    attempts: list[Callable[[], str]] = [
        lambda: put(spool, 1, line=name),
        lambda: put(spool, 1, sender=name),
        lambda: put(spool, 1, receiver=name),
    ]
    for attempt in attempts:
        with pytest.raises(Refused, match="is no party or line"):
            attempt()
    assert names(tmp_path) == []


def test_a_size_below_nothing_and_a_giant_bundle_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="must be 0 or more"):
        put(Spool(tmp_path), -1)
    giant = bytes(BODY_BYTES_MAX + 1)
    with pytest.raises(Refused, match="has 8388609 bytes"):
        Spool(tmp_path).put(line="l", sender="a", receiver="b", size=1, bundle=giant)


def test_what_was_brought_stays_until_it_is_said_to_be_taken(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    brought(tmp_path, "x.kcb", b"one")
    brought(tmp_path, "Y.KCB", b"two")
    brought(tmp_path, "notes.txt")
    brought(tmp_path, "._x.kcb")
    assert [(file.name, file.content) for file in looked(spool)] == [("Y.KCB", b"two"), ("x.kcb", b"one")]
    first, second = spool.take()
    spool.taken(first)
    spool.refuse(second, "It is not a bundle: no line is named.")
    assert names(tmp_path / "taken") == ["Y.KCB"]
    assert names(tmp_path / "refused") == ["x.kcb", "x.kcb.txt"]
    assert (tmp_path / "refused" / "x.kcb.txt").read_text() == (
        "x.kcb\nIt is not a bundle: no line is named.\n"
    )
    assert names(tmp_path / "in") == ["._x.kcb", "notes.txt"]
    assert looked(spool) == []


def test_a_file_that_still_grows_is_left_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    path = brought(tmp_path, "x.kcb", b"ha")
    assert spool.take() == []
    path.write_bytes(b"half")
    assert spool.take() == []
    assert [file.content for file in spool.take()] == [b"half"]


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for content in (b"first", b"second"):
        brought(tmp_path, "x.kcb", content)
        (file,) = looked(spool)
        spool.taken(file)
    assert sorted(path.read_bytes() for path in (tmp_path / "taken").iterdir()) == [b"first", b"second"]


def test_a_folder_that_has_brought_nothing_is_empty_and_stays_untouched(tmp_path: Path) -> None:
    assert looked(Spool(tmp_path)) == []
    assert names(tmp_path) == []


def test_no_more_than_a_hundred_come_at_a_look_and_the_others_later(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(FILES_MAX + 5):
        brought(tmp_path, f"{number:03}.kcb")
    first = looked(spool)
    assert len(first) == FILES_MAX
    for file in first:
        spool.taken(file)
    assert [file.name for file in looked(spool)] == [f"{number}.kcb" for number in range(100, 105)]


def test_a_stick_full_of_the_longest_files_is_not_held_in_memory_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    fit = LOOK_BYTES_MAX // BODY_BYTES_MAX
    for number in range(fit + 1):
        os.truncate(brought(tmp_path, f"{number}.kcb"), BODY_BYTES_MAX)
    first = looked(spool)
    assert [file.name for file in first] == [f"{number}.kcb" for number in range(fit)]
    for file in first:
        spool.taken(file)
    assert [file.name for file in spool.take()] == [f"{fit}.kcb"]


def link(folder: Path) -> None:
    secret = folder / "secret"
    secret.write_text("secret")
    (folder / "in" / "bad.kcb").symlink_to(secret)


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "in" / "bad.kcb")


def inner(folder: Path) -> None:
    (folder / "in" / "bad.kcb").mkdir()


def giant(folder: Path) -> None:
    with (folder / "in" / "bad.kcb").open("wb") as file:
        file.truncate(BODY_BYTES_MAX + 1)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (link, "not a regular file"),
        (pipe, "not a regular file"),
        (inner, "not a regular file"),
        (giant, "has 8388609 bytes; a bundle has at most 8388608"),
    ],
)
def test_what_is_no_bundle_at_all_is_refused_in_words_and_keeps_nothing_back(
    tmp_path: Path, make: Callable[[Path], None], why: str
) -> None:
    brought(tmp_path, "good.kcb")
    make(tmp_path)
    assert [file.name for file in looked(Spool(tmp_path))] == ["good.kcb"]
    assert why in (tmp_path / "refused" / "bad.kcb.txt").read_text()
    assert names(tmp_path / "in") == ["good.kcb"]


def test_a_file_that_cannot_be_read_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(tmp_path, "good.kcb")
    brought(tmp_path, "bad.kcb")
    opened = os.open

    def broken(path: str | Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "bad.kcb":
            raise OSError(5, "Input/output error")
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(spool_module.os, "open", broken)
    assert [file.name for file in looked(Spool(tmp_path))] == ["good.kcb"]
    assert "could not be read: Input/output error" in (tmp_path / "refused" / "bad.kcb.txt").read_text()


def test_the_longest_bundle_is_taken(tmp_path: Path) -> None:
    brought(tmp_path, "x.kcb", bytes(BODY_BYTES_MAX))
    assert [len(file.content) for file in looked(Spool(tmp_path))] == [BODY_BYTES_MAX]


def test_a_name_in_no_known_letters_or_of_any_length_can_be_refused(tmp_path: Path) -> None:
    odd = os.fsdecode(b"\xff\xfe" + b"n" * 245 + b".kcb")
    brought(tmp_path, odd)
    spool = Spool(tmp_path)
    (file,) = looked(spool)
    spool.refuse(file, "It is not a bundle.")
    assert len(names(tmp_path / "refused")) == 2
    assert names(tmp_path / "in") == []


@pytest.mark.parametrize("room", ["out", "in", "taken", "refused"])
def test_a_stick_whose_folders_lead_elsewhere_is_not_followed(tmp_path: Path, room: str) -> None:
    stick, home = tmp_path / "stick", tmp_path / "home"
    stick.mkdir()
    home.mkdir()
    (home / "x.kcb").write_bytes(b"not of the stick")
    if room != "in":
        brought(stick, "y.kcb")
    (stick / room).symlink_to(home)
    spool = Spool(stick)

    def use() -> None:
        put(spool, 1)
        for file in looked(spool):
            spool.taken(file) if room == "taken" else spool.refuse(file, "no")

    with pytest.raises(Unavailable):
        use()
    assert names(home) == ["x.kcb"]


def test_a_stick_that_is_pulled_is_said_to_be_away_and_works_again_when_it_is_back(tmp_path: Path) -> None:
    stick, away = tmp_path / "stick", tmp_path / "away"
    stick.mkdir()
    brought(stick, "x.kcb")
    spool = Spool(stick)
    (file,) = looked(spool)
    stick.rename(away)
    attempts: list[Callable[[], object]] = [
        lambda: put(spool, 1),
        spool.take,
        lambda: spool.taken(file),
        lambda: spool.refuse(file, "no"),
    ]
    for attempt in attempts:
        with pytest.raises(Unavailable, match="is the stick in"):
            attempt()
    assert not stick.exists()
    away.rename(stick)
    spool.taken(file)
    put(spool, 1)
    assert (names(stick / "taken"), names(stick / "out")) == (["x.kcb"], ["tanf_a_to_b_1.kcb"])
    shutil.rmtree(stick)
