"""Turns: what several people say at once is stored together, and one refusal is nobody else's."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from edge.paired import TANF, Party, pair
from keepclear.core.errors import Refused, Unavailable
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import How, Kind, Precedence, Reference
from keepclear.core.line.text import Text


def query(party: Party, words: str, *, kind: Kind = Kind.QUERY) -> Draft:
    text = Text(composed=party.node.now, language="en", originator="Marek", text=words).content()
    references = (Reference(hash=bytes(32), how=How.ANSWERS),) if kind is Kind.ANSWER else ()
    return Draft(kind=kind, precedence=Precedence.IMMEDIATE, contents={"text": text}, references=references)


def opened(path: Path) -> tuple[Party, Party]:
    one, two = Party(path / "a", "a"), Party(path / "b", "b")
    pair(one, two)
    return one, two


def closed(*parties: Party) -> None:
    for each in parties:
        each.link.close()
        each.node.host.store.close()


def test_what_is_said_at_once_is_one_commit_in_the_order_of_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = opened(tmp_path)
    commits: list[int] = []
    commit = one.node.host.store.commit

    def counted(**what: object) -> object:
        commits.append(len(what.get("events", ())))
        return commit(**what)

    monkeypatch.setattr(one.node.host.store, "commit", counted)

    async def talk() -> list[bytes]:
        drafts = [query(one, f"Question {number}") for number in range(20)]
        return await asyncio.gather(*(one.node.lines.said(TANF, each, by="L. Marek") for each in drafts))

    hashes = asyncio.run(talk())
    log = one.node.host.store.log(one.line.own.origin)
    assert [log.index_of(each) for each in hashes] == list(range(log.head().size - 20, log.head().size))
    assert commits == [20]
    closed(one, two)


def test_a_message_that_is_refused_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = opened(tmp_path)
    made = one.node.lines._made

    def sometimes(line: object, draft: Draft, *rest: object) -> object:
        if draft.kind is Kind.ANSWER:
            raise Refused("line.full", "no room")
        return made(line, draft, *rest)

    monkeypatch.setattr(one.node.lines, "_made", sometimes)

    async def talk() -> list[bytes | BaseException]:
        kinds = [Kind.ANSWER, Kind.QUERY, Kind.ANSWER, Kind.QUERY, Kind.ANSWER]
        drafts = [query(one, f"Number {number}", kind=kind) for number, kind in enumerate(kinds)]
        says = (one.node.lines.said(TANF, each, by="L. Marek") for each in drafts)
        return await asyncio.gather(*says, return_exceptions=True)

    before = one.line.own.size
    found = asyncio.run(talk())
    assert [isinstance(each, Refused) for each in found] == [True, False, True, False, True]
    assert one.line.own.size == before + 2
    assert {each for each in found if isinstance(each, bytes)} <= set(one.line.receptions)
    closed(one, two)


def test_nobody_is_answered_when_the_store_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = opened(tmp_path)

    def failing(**_: object) -> object:
        raise Unavailable("store.disk", "the disk is full")

    monkeypatch.setattr(one.node.host.store, "commit", failing)

    async def talk() -> list[bytes | BaseException]:
        says = (one.node.lines.said(TANF, query(one, f"{number}"), by="L. Marek") for number in range(3))
        return await asyncio.gather(*says, return_exceptions=True)

    assert [getattr(each, "code", None) for each in asyncio.run(talk())] == ["store.disk"] * 3
    closed(one, two)


def test_a_message_far_back_is_found_by_its_hash(tmp_path: Path) -> None:
    one, two = opened(tmp_path)
    first = one.say(Kind.QUERY, "The first", by="L. Marek")

    async def talk() -> None:
        for _ in range(11):
            drafts = [query(one, "again") for _ in range(100)]
            await asyncio.gather(*(one.node.lines.said(TANF, each, by="L. Marek") for each in drafts))

    asyncio.run(talk())
    message = one.views.message(TANF, first)
    assert message["contents"]["text"]["text"] == "The first"
    with pytest.raises(Refused, match="has no message"):
        one.views.message(TANF, bytes(32))
    closed(one, two)
