"""Two real nodes of which one comes back from a backup: what its marker knows, and how it goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conversation import advice
from keepclear.core.errors import Refused
from keepclear.core.line.keys import Anchor
from keepclear.core.line.log import Mark
from keepclear.core.record.checkpoint import origin_of
from keepclear.edge.store.marker import HeadMarker
from linenodes import TwoNodes

HOUR_S = 3_600.0


class BackedUp(TwoNodes):
    """Two nodes, of which ``a`` is backed up as the guide says: without its keys, and the marks among them."""

    def back_up(self) -> None:
        self.restart("a")
        self.a.host.store.close()
        shutil.copytree(
            self.folder / "a", self.folder / "backup", ignore=lambda _, names: {"keys"} & set(names)
        )
        self.restart("a")

    def bring_back(self) -> None:
        self.a.host.store.close()
        for each in (self.folder / "a").iterdir():
            if each.name != "keys":
                shutil.rmtree(each) if each.is_dir() else each.unlink()
        shutil.copytree(self.folder / "backup", self.folder / "a", dirs_exist_ok=True)
        self.restart("a")

    def say(self, party: str, words: str) -> None:
        node = self.a if party == "a" else self.b
        node.lines.say(self.line, advice(words), by=f"Officer of {party}")

    def reopen(self) -> None:
        self.a.lines.reopen(self.line, root=self.a.lines.identity.root_key())

    @property
    def state(self):
        return self.a.lines.state(self.line)


def test_a_node_that_forgot_its_own_epoch_gets_it_back_and_goes_on_there(tmp_path: Path) -> None:
    with BackedUp(tmp_path) as two:
        two.back_up()
        two.say("a", "still in the first epoch")
        two.exchange()
        two.reopen()
        two.say("a", "in the second epoch")
        two.exchange()
        signed = two.state.own.head()
        two.bring_back()
        assert (two.state.own.epoch, two.state.reverted) == (1, Mark(epoch=2, size=2))
        with pytest.raises(Refused) as refused:
            two.say("a", "what must not be signed")
        assert refused.value.code == "line.reverted"
        two.exchange(rounds=4)
        assert (two.state.own.epoch, two.state.own.head(), two.state.reverted) == (2, signed, None)
        two.say("a", "again")
        two.exchange()
        assert two.b.lines.state(two.line).copy.log.head() == two.state.own.head()
        assert not two.b.lines.state(two.line).faults


def test_where_the_keys_of_an_epoch_are_lost_too_the_one_after_it_is_opened(tmp_path: Path) -> None:
    with BackedUp(tmp_path) as two:
        two.back_up()
        two.reopen()
        two.exchange()
        shutil.rmtree(tmp_path / "a" / "keys" / "lines" / "tanf" / "2")
        two.bring_back()
        two.exchange()
        assert two.state.reverted == Mark(epoch=2, size=1)
        two.reopen()
        two.exchange()
        assert two.state.own.epoch == two.b.lines.state(two.line).copy.log.epoch == 3
        roster = two.state.own.roster
        assert roster is not None
        assert isinstance(roster.keys.previous, Anchor)
        assert not two.b.lines.state(two.line).faults


def test_a_node_that_forgot_a_cosignature_says_nothing_earlier_though_its_clock_is_set_back(
    tmp_path: Path,
) -> None:
    with BackedUp(tmp_path) as two:
        two.back_up()
        two.say("b", "a word")
        raw = two.b.lines.pack(two.line, way="stick")
        assert raw is not None
        two.pass_time(9 * HOUR_S)
        two.exchange()
        given = two.state.own_cosigned[-1]
        mark = HeadMarker(tmp_path / "a" / "keys" / "heads").marks()[origin_of(party="b", log="tanf")]
        assert (mark.head.size, mark.cosigned_s) == (given.size, given.second)
        two.pass_time(-8 * HOUR_S)
        two.bring_back()
        assert two.state.reverted is None
        two.a.lines.take_bundle(raw.raw, way="stick")
        two.say("a", "after the backup")
        two.pass_time(8 * HOUR_S)
        two.exchange()
        assert two.state.own_cosigned[0].second <= given.second <= two.state.own_cosigned[-1].second
        assert two.state.own.last_at // 1_000 >= given.second
        assert not two.b.lines.state(two.line).faults


def test_a_marker_that_lost_a_cosignature_is_told_of_it_at_the_next_start(tmp_path: Path) -> None:
    with BackedUp(tmp_path) as two:
        marks = tmp_path / "a" / "keys" / "heads"
        two.back_up()
        early = marks.read_bytes()
        two.say("b", "a word")
        two.exchange()
        newest = HeadMarker(marks).marks()[origin_of(party="b", log="tanf")]
        two.a.host.store.close()
        marks.write_bytes(early)
        two.restart("a")
        assert HeadMarker(marks).marks()[origin_of(party="b", log="tanf")] == newest
