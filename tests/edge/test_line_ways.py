"""The ways of a line: fit or not there, set by a named person, and never a folder that nobody allowed."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.paired import TANF, Party, pair, paired, until
from edge.test_lining import Desk, running
from edge.test_lining import pair as pair_by_command
from keepclear.core.errors import Refused
from keepclear.core.line.voice.readback import Language
from keepclear.edge.api.lineforms import AgreeForm
from keepclear.edge.api.lineways import WaysForm
from keepclear.edge.config import LinkConfig
from keepclear.edge.lines.folders import Folders
from keepclear.edge.lines.ways import Ways
from keepclear.formats.line.card import card_of
from keepclear.formats.line.papercode import paper_lines


@pytest.fixture
def parties(tmp_path: Path) -> Iterator[tuple[Party, Party]]:
    both = Party(tmp_path / "a", "a"), Party(tmp_path / "b", "b")
    yield both
    for each in both:
        each.node.host.store.close()
        each.link.close()


def agreeing(
    mine: Party, theirs: Party, *, line: str = TANF, url: str | None = None, folder: str = ""
) -> AgreeForm:
    card = theirs.office.card()
    theirs_shown = theirs.office.pairing_words(line, card_of(mine.office.card()), Language.EN)
    return AgreeForm(line=line, card=card.decode(), words=" ".join(theirs_shown), url=url, folder=folder)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"url": "ftp://b.example"}, "link.url"),
        ({"folder": "/etc"}, "ways.folder"),
        ({"folder": "../../elsewhere"}, "ways.folder"),
        ({"folder": "a\0b"}, "ways.folder"),
    ],
)
def test_a_line_with_a_way_that_cannot_be_is_not_agreed_at_all(
    more: dict[str, str], code: str, parties: tuple[Party, Party]
) -> None:
    a, b = parties
    with pytest.raises(Refused) as refused:
        a.office.agree(agreeing(a, b, **more))
    assert refused.value.code == code
    assert not a.node.host.desk.lines
    assert not a.node.couriers.ways


def test_a_stranger_by_the_name_of_a_party_that_is_known_takes_none_of_its_place(
    parties: tuple[Party, Party], tmp_path: Path
) -> None:
    a, b = parties
    a.office.agree(agreeing(a, b))
    a.office.agree(agreeing(a, b, line="gulf"))
    stranger = Party(tmp_path / "stranger", "b")
    with pytest.raises(Refused) as refused:
        a.office.agree(agreeing(a, stranger, line="khabur"))
    stranger.node.host.store.close()
    stranger.link.close()
    assert refused.value.code == "line.other-root"
    assert sorted(a.node.host.desk.lines) == ["gulf", TANF]


def test_words_that_differ_are_named_by_their_places_and_never_said(parties: tuple[Party, Party]) -> None:
    a, b = parties
    form = agreeing(a, b)
    words = form.words.split()
    typed = [*words[:2], "zzyzx", *words[3:15]]
    with pytest.raises(Refused) as refused:
        a.office.agree(form.model_copy(update={"words": " ".join(typed)}))
    told = refused.value.message
    assert "word 3 was typed as 'zzyzx'" in told
    assert "word 16 is missing" in told
    assert not set(words) & set(told.replace(";", " ").replace(":", " ").replace(",", " ").split())


def test_a_folder_is_where_it_really_is_whatever_links_lead_to_it(tmp_path: Path) -> None:
    places = tmp_path / "places"
    (places / "stick").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", places / "out")
    os.symlink(places / "stick", tmp_path / "in")
    folders = Folders(roots=[places], own=False)
    assert folders.within("stick") == folders.within(str(tmp_path / "in")) == places / "stick"
    assert folders.within(str(places)) == places
    for named in ("out", "out/deeper", "..", str(tmp_path), f"{places}-beside"):
        with pytest.raises(Refused, match="must be in"):
            folders.within(named)
    assert folders.ready("away") == places / "away"
    assert not (places / "away").exists(), "a folder in the place of a stick would hide that it is away"


def test_a_folder_that_became_a_link_is_written_to_no_more(tmp_path: Path) -> None:
    asyncio.run(asyncio.wait_for(folder_becomes_a_link(tmp_path), 120))


async def folder_becomes_a_link(path: Path) -> None:
    stick, elsewhere = path / "stick", path.parent / f"{path.name}-elsewhere"
    stick.mkdir()
    async with paired(path, folders={"a": stick, "b": path / "other"}) as (a, _):
        a.node.couriers.hold_cut(TANF, cut=True)
        a.node.lines.check(TANF)
        await until(lambda: bool(list((stick / "out").glob("*.kcb"))), "a bundle lies in the folder")
        stick.rename(elsewhere)
        os.symlink(elsewhere, stick)
        before = sorted(elsewhere.rglob("*.kcb"))
        a.node.lines.check(TANF)
        await until(lambda: bool(a.line.liveness.ways["folder"].trouble), "the folder is known to fail")
        assert "must be in" in a.line.liveness.ways["folder"].trouble
        assert sorted(elsewhere.rglob("*.kcb")) == before


def test_a_node_whose_folder_is_no_longer_allowed_starts_and_says_so(
    tmp_path: Path, parties: tuple[Party, Party]
) -> None:
    a, b = parties
    pair(a, b, folders={"a": tmp_path / "stick", "b": tmp_path / "other"})
    a.node.host.store.close()
    a.config = a.config.__class__(party="a", data=str(a.folder), link=LinkConfig(folders=["/nowhere"]))
    a.node = a._opened(None)
    assert a.node.couriers.ways[TANF].folder == ""
    assert a.node.couriers.ways[TANF].url == b.config.link.url
    assert "administrator" in a.line.liveness.ways["folder"].trouble


def test_a_card_sets_certificate_link_and_numbers_and_an_older_or_foreign_one_nothing(
    parties: tuple[Party, Party],
) -> None:
    a, b = parties
    root, older = b.node.lines.identity.root_key().key, b.office.card()
    b.config = b.config.__class__(
        party="b",
        data=str(b.folder),
        phones=["+1 202 555 0100"],
        link=LinkConfig(url="https://b.example:8471"),
    )
    newer = b.office.card()
    before = Ways(url="https://x:1", certificate="", folder="f", card_at_ms=card_of(newer).at)
    after = WaysForm(by="A. Roy", card=newer.decode()).applied(before, root=root)
    assert (after.url, after.phones, after.folder) == ("https://b.example:8471", ["+1 202 555 0100"], "f")
    assert after.certificate == card_of(newer).certificate
    for card, code in ((older, "ways.older-card"), (a.office.card(), "ways.other-root")):
        later = Ways(card_at_ms=card_of(older).at + 1)
        with pytest.raises(Refused) as refused:
            WaysForm(by="A. Roy", card=card.decode()).applied(later, root=root)
        assert refused.value.code == code


def test_ways_are_shown_and_set_by_a_named_person_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    one, two = Party(tmp_path / "a", "a"), Party(tmp_path / "b", "b")
    with running(one) as first, running(two) as second:
        a, b = Desk("a", first, monkeypatch, capsys), Desk("b", second, monkeypatch, capsys)
        pair_by_command(a, b)
        assert f"link: https://127.0.0.1:{two.port}, known by its key" in a.line("ways", "tanf")
        assert "--by NAME" in a.line("ways", "tanf", "--folder", "stick", code=2)
        refused = a.line("ways", "tanf", "--by", "A. Roy", "--folder", "/etc", "--phone", "+1", code=2)
        assert "ways.folder" in refused
        told = a.line("ways", "tanf", "--by", "A. Roy", "--folder", "stick", "--phone", "+1 202 555 0100")
        assert f"folder: {tmp_path / 'stick'}" in told
        assert "telephone: +1 202 555 0100" in a.line("ways", "tanf")
        assert "link: none" in a.line("ways", "tanf", "--by", "A. Roy", "--url", "")
    one.node = one._opened(None)
    entries = one.node.host.store.entries(start=0, limit=100)
    one.node.host.store.close()
    bodies = [json.loads(each.entry.body) for each in entries if each.entry.kind == "line.ways"]
    assert [each["by"] for each in bodies] == ["A. Roy", "A. Roy"]
    assert f"folder: none -> {tmp_path / 'stick'}" in bodies[0]["words"]
    assert one.node.couriers.ways[TANF].phones == ["+1 202 555 0100"]


def test_a_stray_page_takes_nothing_from_the_bundle_that_is_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with running(Party(tmp_path / "a", "a")) as first, running(Party(tmp_path / "b", "b")) as second:
        a, b = Desk("a", first, monkeypatch, capsys), Desk("b", second, monkeypatch, capsys)
        pair_by_command(a, b)
        Path("stray.txt").write_text(paper_lines(os.urandom(2_000))[0])
        printed = a.line("paper", "tanf").splitlines()
        Path("first.txt").write_text(printed[0])
        Path("rest.txt").write_text("\n".join(printed[1:]))
        assert "no line 'nowhere'" in b.line("scan", "nowhere", "stray.txt", code=2)
        assert "still missing: 2" in b.line("scan", "tanf", "stray.txt")
        assert b.line("scan", "tanf", "first.txt").count("still missing") == 2
        told = b.line("scan", "tanf", "rest.txt")
        assert "the bundle is taken on line tanf" in told
        assert "lines here: 1; still missing" in told
        stray = told.splitlines()[-1].split()[1].rstrip(":")
        assert "no printed bundle is begun" in b.line("pages", "--drop", stray)
        assert "paper.unknown" in b.line("pages", "--drop", stray, code=2)
        Path("wrong.txt").write_text("KC1:what is this")
        assert "paper.nothing" in b.line("scan", "tanf", "wrong.txt", code=2)
