"""A node withholds what it can never give any more, so that the line goes on; nobody is blamed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.paired import TANF, Party, blameless, both_hold_all, pair, paired, until
from edge.test_disclosing import WHY, commitment, exchange, holders, site, still
from keepclear.core.instant import instant_text
from keepclear.core.line.message import Kind, header_of
from keepclear.core.trust.envelope import envelope_of
from keepclear.edge.api.partviews import PartState
from keepclear.edge.cli.partanswers import PartShown, WithheldShown, part_lines
from keepclear.formats.line.bundlefile import bundle_bytes, bundle_of


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Party, Party]]:
    """Parties ``a`` and ``b``, paired and open; bundles are handed over by the test."""
    one, two = (Party(tmp_path / name, name, clock=still()) for name in "ab")
    try:
        pair(one, two)
        exchange(one, two)
        yield one, two
    finally:
        for each in (one, two):
            each.node.host.store.close()
            each.link.close()


def withholdings(party: Party) -> list[tuple[str, ...]]:
    """The parts that each entry of a party's log withholds, by their commitments."""
    leaves = party.node.host.store.log(party.line.own.origin).leaves(start=0, limit=500)
    headers = [header_of(envelope_of(leaf).payload) for leaf in leaves]
    return [tuple(part.hex() for part in each.withholds) for each in headers if each.kind is Kind.WITHHOLD]


def shown(party: Party, hashed: bytes, part: str) -> PartShown:
    view = party.views.message(TANF, hashed)["parts"][part]
    withheld = view["withheld"]
    return PartShown(
        state=view["state"],
        raw=view["raw"],
        withheld=None if withheld is None else WithheldShown(**withheld),
    )


def lose(party: Party, hashed: bytes, part: str) -> None:
    """Let a party have no opening of a part any more, as after a backup was restored."""
    database = party.node.host.store._database
    with database.transaction():
        database.execute("DELETE FROM part WHERE commitment = ?", commitment(party, hashed, part))


def test_consent_withdrawn_while_the_link_is_cut_does_not_block_what_is_said_after(tmp_path: Path) -> None:
    async def played() -> None:
        async with paired(tmp_path) as (a, b):
            a.node.couriers.hold_cut(TANF, cut=True)
            b.node.couriers.hold_cut(TANF, cut=True)
            hashed = site(a)
            holders(a).withdraw(TANF, hashed, "places", WHY)
            later = a.say(Kind.QUERY, "Do you hold it?", by="L. Marek")
            assert b.line.copy.log.size < a.line.own.size
            for each in (a, b):
                each.node.couriers.hold_cut(TANF, cut=False)
            await both_hold_all(a, b)
            await until(lambda: later in b.line.duties, "what was said later is heard")
            assert withholdings(a) == [(commitment(a, hashed, "places"),)]
            assert shown(b, hashed, "places").state == PartState.WITHHELD
            assert shown(b, hashed, "text").state == PartState.OPEN
            assert blameless(a, b)

    asyncio.run(played())


def test_what_is_withheld_is_shown_at_its_message_on_both_sides(both: tuple[Party, Party]) -> None:
    a, b = both
    hashed = site(a)
    holders(a).withdraw(TANF, hashed, "places", WHY)
    exchange(a, b)
    said = shown(a, hashed, "places").withheld
    assert said == WithheldShown(by="a", at=instant_text(a.node.now), index=2)
    assert shown(a, hashed, "places").state == PartState.OPEN
    there = shown(b, hashed, "places")
    assert (there.state, there.withheld) == (PartState.WITHHELD, said)
    assert list(part_lines("places", there)) == [
        f"    part places: withheld by a in #2 at {said.at}, NEVER OPENED HERE"
    ]
    assert shown(b, hashed, "text").withheld is None


def test_a_cosignature_over_the_entry_that_withholds_a_part_does_not_show_it_was_taken(
    both: tuple[Party, Party],
) -> None:
    a, b = both
    hashed = site(a)
    packed = a.node.lines.pack(TANF, way="link")
    assert packed is not None, "it left, and is lost on the way"
    holders(a).withdraw(TANF, hashed, "places", WHY)
    exchange(a, b)
    assert a.line.confirmed == a.line.own.size
    [places] = holders(a).holders(TANF, hashed)["places"]
    assert (places["state"], places["taken"]) == ("sent", None)
    [text] = {each["state"] for each in holders(a).holders(TANF, hashed)["text"]}
    assert text == "taken"


def test_consent_withdrawn_for_what_the_other_has_opened_is_not_said_on_the_line(
    both: tuple[Party, Party],
) -> None:
    a, b = both
    hashed = site(a)
    exchange(a, b)
    holders(a).withdraw(TANF, hashed, "places", WHY)
    exchange(a, b)
    assert withholdings(a) == []
    [places] = holders(a).holders(TANF, hashed)["places"]
    assert places["state"] == "taken"


def test_a_part_whose_opening_was_lost_is_withheld_once_the_other_says_that_it_waits_for_it(
    tmp_path: Path,
) -> None:
    async def played() -> None:
        async with paired(tmp_path) as (a, b):
            for each in (a, b):
                each.node.couriers.hold_cut(TANF, cut=True)
            hashed = site(a)
            lose(a, hashed, "contact")
            a.node.lines.pack(TANF, way="file")
            assert withholdings(a) == [], "the other has not said that it could not open it"
            for each in (a, b):
                each.node.couriers.hold_cut(TANF, cut=False)
            await both_hold_all(a, b)
            assert withholdings(a) == [(commitment(a, hashed, "contact"),)]
            assert shown(a, hashed, "contact").state == PartState.WITHHELD
            assert shown(b, hashed, "contact").state == PartState.WITHHELD
            assert blameless(a, b)

    asyncio.run(played())


def test_a_part_that_is_only_late_is_never_withheld(both: tuple[Party, Party]) -> None:
    a, b = both
    site(a)
    packed = a.node.lines.pack(TANF, way="link")
    assert packed is not None
    bare = bundle_bytes(replace(bundle_of(packed.raw), parts={}))
    b.node.lines.take_bundle(bare, way="link")
    exchange(b, a, rounds=3)
    assert withholdings(a) == []
    assert a.line.confirmed == a.line.own.size


def test_an_opening_that_comes_by_a_stick_after_it_was_withheld_is_open_all_the_same(
    both: tuple[Party, Party],
) -> None:
    a, b = both
    hashed = site(a)
    stick = a.node.lines.pack(TANF, way="folder")
    assert stick is not None
    holders(a).withdraw(TANF, hashed, "places", WHY)
    exchange(a, b)
    assert shown(b, hashed, "places").state == PartState.WITHHELD
    b.node.lines.take_bundle(stick.raw, way="folder")
    there = shown(b, hashed, "places")
    assert (there.state, there.withheld is None) == (PartState.OPEN, False)
    assert [each for each in part_lines("places", there) if "NEVER" in each] == []
