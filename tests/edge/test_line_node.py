"""Two whole nodes and the line between them: by link, cut, by stick, by picture, after a restored backup."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from pathlib import Path

import pytest

from edge.paired import TANF, Party, blameless, both_hold_all, later, paired, until
from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, Window, instant_of
from keepclear.core.line.event import Elapsed, LineChanged
from keepclear.core.line.log import Mark
from keepclear.core.line.message import Kind, PartyWord, Step
from keepclear.core.line.reception import Stage
from keepclear.core.line.verdict.verdict import verdict
from keepclear.edge.clock import PlayedClock
from keepclear.edge.couriers.qr import qr_png
from keepclear.edge.host import Change
from keepclear.edge.lines.exporting import exported
from keepclear.formats.line.exportfile import export_of
from places import TANF as TANF_PLACE

WHOLE_S = 120.0
START = instant_of("2018-09-07T05:00:00Z")


def bounded(coroutine: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, WHOLE_S))


def said_by(party: Party) -> list[tuple[str, str]]:
    """The changes on a party's line as its console hears of them, from now on."""
    heard: list[tuple[str, str]] = []

    def listen(change: Change) -> None:
        if isinstance(change, LineChanged):
            heard.append((change.change, change.words))

    party.node.host.listeners.append(listen)
    return heard


def export(party: Party) -> bytes:
    return exported(party.node.host.store, party.node.lines.identity, TANF, at=party.node.now).raw


def test_a_notice_is_plotted_as_it_was_sent_and_both_exports_tell_the_same(tmp_path: Path) -> None:
    bounded(notice_and_echo(tmp_path))


async def notice_and_echo(path: Path) -> None:
    async with paired(path) as (a, b):
        notice = b.say(Kind.NOTIFY, "We shall strike here", by="I. Volkov", places=[TANF_PLACE])
        await until(lambda: notice in a.line.duties, "the notice rings at a")
        assert b.line.receptions[notice].stage is not Stage.ACKNOWLEDGED, "no machine acknowledges"
        a.acknowledge(notice, Step.PLOTTED, by="L. Marek", plot=True)
        await until(lambda: bool(b.line.receptions[notice].steps), "the acknowledgement came back")
        (step,) = b.line.receptions[notice].steps
        assert (step.by, step.step, step.plotted, step.differences) == ("L. Marek", Step.PLOTTED, True, ())
        await both_hold_all(a, b)
        assert blameless(a, b)
        roots = {PartyWord(each.name): each.node.lines.identity.root_public for each in (a, b)}
        verdicts = [verdict(export_of(export(each)), roots=roots, witnesses=()) for each in (a, b)]
        assert [each.holds for each in verdicts] == [True, True]
        logs = [{(log.origin, log.head) for log in each.logs} for each in verdicts]
        assert logs[0] == logs[1]
        assert not any(each.unacknowledged for each in verdicts)


def test_what_is_said_while_the_link_is_cut_goes_by_a_stick_and_is_merged_once(tmp_path: Path) -> None:
    bounded(cut_and_stick(tmp_path))


async def cut_and_stick(path: Path) -> None:
    folders = {name: path / f"stick-{name}" for name in "ab"}
    for folder in folders.values():
        folder.mkdir()
    async with paired(path, folders=folders) as (a, b):
        a.node.couriers.hold_cut(TANF, cut=True)
        heard = said_by(b)
        notice = a.say(Kind.NOTIFY, "Live fire", by="L. Marek", places=[TANF_PLACE])
        await until(lambda: a.line.liveness.ways["link"].failing is not None, "a knows that the link is cut")
        out = folders["a"] / "out"
        await until(
            lambda: any(carries(each, a) for each in out.glob("*.kcb")), "the bundle lies on the stick"
        )
        assert a.line.receptions[notice].delivered is None
        (folders["b"] / "in").mkdir()
        for file in out.glob("*.kcb"):
            for twin in ("first", "second"):
                shutil.copy(file, folders["b"] / "in" / f"{twin}.kcb")
        await until(lambda: notice in b.line.duties, "the notice was taken from the stick")
        a.node.couriers.hold_cut(TANF, cut=False)
        await both_hold_all(a, b)
        await until(lambda: a.line.receptions[notice].delivered is not None, "a holds the cosignature")
        # The stick held it twice and the link brought it a third time.
        assert [change for change, _ in heard].count("ringing") == 1
        assert b.line.duties[notice].way == "folder"
        assert blameless(a, b)


def carries(file: Path, party: Party) -> bool:
    return file.stem.endswith(f"_{party.line.own.size}")


def test_a_bundle_photographed_from_paper_is_the_bundle_that_was_printed(tmp_path: Path) -> None:
    bounded(paper_and_picture(tmp_path))


async def paper_and_picture(path: Path) -> None:
    async with paired(path) as (a, b):
        for each in (a, b):
            each.node.couriers.hold_cut(TANF, cut=True)
        notice = a.say(Kind.NOTIFY, "Live fire", by="L. Marek", places=[TANF_PLACE])
        printed = a.office.paper(TANF)
        assert len(printed) > 1, "this is of several codes"
        desk = b.office
        for number, line in enumerate(reversed(printed), 1):
            answer = desk.take_paper(TANF, desk.codes(qr_png(line)))
            assert (len(answer.missing), answer.wrong) == (len(printed) - number, ())
        assert b.line.duties[notice].way == "paper"
        assert a.line.receptions[notice].way == "paper"
        assert blameless(a, b)


def test_another_officer_receipts_a_stop_within_a_minute_when_the_usual_one_is_away(tmp_path: Path) -> None:
    bounded(stop_with_the_usual_officer_away(tmp_path))


async def stop_with_the_usual_officer_away(path: Path) -> None:
    async with paired(path, clocks=lambda: PlayedClock(window(), rate=10.0)) as (a, b):
        ringing: list[bytes] = []

        def ring(change: Change) -> None:
            if isinstance(change, LineChanged) and change.change == "ringing":
                ringing.extend(change.hashes)

        b.node.host.listeners.append(ring)
        stop = a.say(Kind.STOP, "Stop firing, our people are there", by="L. Marek")
        await until(lambda: stop in ringing, "the STOP rings at b")
        # I. Volkov is away. It rings with every empowered officer at once, so S. Orlova hears it as soon as he would.
        b.acknowledge(stop, Step.RECEIPTED, by="S. Orlova")
        await until(lambda: bool(a.line.receptions[stop].steps), "a knows of the receipt")
        reception = a.line.receptions[stop]
        assert reception.steps[0].by == "S. Orlova"
        assert reception.steps[0].at - reception.at <= 60_000
        assert not reception.overdue(a.node.now)


def test_an_officer_who_is_not_empowered_is_in_the_keys_and_marked_so(tmp_path: Path) -> None:
    bounded(not_empowered(tmp_path))


async def not_empowered(path: Path) -> None:
    async with paired(path) as (a, b):
        officers = a.line.copy.log.roster.holding()
        assert {each.name for each in officers if each.empowered} == {"I. Volkov", "S. Orlova"}
        assert {each.name for each in officers if not each.empowered} == {"T. Ivanov"}
        assert b.line.own.roster.holding() == officers


def test_a_stop_that_nobody_answers_climbs_at_one_two_and_three_minutes(tmp_path: Path) -> None:
    bounded(nobody_answers(tmp_path))


async def nobody_answers(path: Path) -> None:
    async with paired(path, clocks=still) as (a, b):
        stop = a.say(Kind.STOP, "Stop firing", by="L. Marek")
        await until(lambda: stop in b.line.duties, "the STOP rings at b")
        heard = said_by(b)
        arrived = b.line.duties[stop].arrived
        climbed: dict[float, int] = {}
        for at_s in (1.0, 59.9, 60.0, 119.9, 120.0, 179.9, 180.0, 600.0):
            b.node.host.clock.seek(later(arrived, at_s))
            b.node.host.take(Elapsed(line=TANF))
            climbed[at_s] = [change for change, _ in heard].count("climbed")
        assert climbed == {1.0: 0, 59.9: 0, 60.0: 1, 119.9: 1, 120.0: 2, 179.9: 2, 180.0: 3, 600.0: 3}
        assert [change for change, _ in heard].count("overdue") == 1
        rungs = [words for change, words in heard if change == "climbed"]
        assert ["next post" in rungs[0], "every other way" in rungs[1], "everyone" in rungs[2]] == [True] * 3


def window() -> Window:
    return Window(start=START, end=Instant(START + 86_400_000))


def still() -> PlayedClock:
    clock = PlayedClock(window(), rate=1.0)
    clock.pause(paused=True)
    return clock


def test_a_node_with_a_stale_backup_signs_nothing_until_its_entries_are_back(tmp_path: Path) -> None:
    bounded(stale_backup(tmp_path))


async def stale_backup(path: Path) -> None:
    async with paired(path) as (a, b):
        await a.end()
        backup(a.folder, path / "backup")
        await a.begin_again()
        told = [a.say(Kind.QUERY, f"Question {number}", by="L. Marek") for number in range(5)]
        await both_hold_all(a, b)
        signed = a.line.own.head()
        await a.end()
        await b.end()
        bring_back(path / "backup", a.folder)
        await a.begin_again()
        assert a.line.reverted == Mark(epoch=1, size=signed.size) > a.line.own.mark
        with pytest.raises(Refused, match="hands back the rest") as refused:
            a.say(Kind.QUERY, "A sixth", by="L. Marek")
        assert refused.value.code == "line.reverted"
        await b.begin_again()
        await until(lambda: a.line.reverted is None, "b has handed the entries back")
        assert a.line.own.head() == signed
        sixth = a.say(Kind.QUERY, "A sixth", by="L. Marek")
        await both_hold_all(a, b)
        assert set(told) | {sixth} <= set(b.line.duties)
        assert a.line.own.size == signed.size + 1
        assert blameless(a, b)
        a.node.host.store.log(a.line.own.origin).self_check()


def test_a_node_that_lost_its_store_is_told_what_it_signed_and_goes_on(tmp_path: Path) -> None:
    bounded(lost_store(tmp_path))


async def lost_store(path: Path) -> None:
    """A backup from before anything was said, and the peer does not answer: only a new epoch is left."""
    async with paired(path) as (a, b):
        await a.end()
        backup(a.folder, path / "backup")
        await a.begin_again()
        a.say(Kind.QUERY, "Lost for good", by="L. Marek")
        await both_hold_all(a, b)
        heard = said_by(b)
        await a.end()
        bring_back(path / "backup", a.folder)
        b.node.couriers.hold_cut(TANF, cut=True)
        await a.begin_again()
        held = a.line.own.head()
        assert a.line.reverted is not None
        a.node.lines.reopen(TANF, root=a.node.lines.identity.root_key())
        assert (a.line.own.epoch, a.line.reverted) == (2, None)
        b.node.couriers.hold_cut(TANF, cut=False)
        question = a.say(Kind.QUERY, "In a new epoch", by="L. Marek")
        await both_hold_all(a, b)
        await until(lambda: question in b.line.duties, "what was said in the new epoch rings at b")
        (words,) = [words for change, words in heard if change == "epoch"]
        assert f"stands by {held.size} entries" in words
        assert blameless(a, b)


def backup(data: Path, to: Path) -> None:
    """A backup of the data as SECURITY.md says to make it: without the keys and the marks among them."""
    shutil.copytree(data, to, ignore=lambda _, names: {"keys"} & set(names))


def bring_back(kept: Path, data: Path) -> None:
    for each in data.iterdir():
        if each.name == "keys":
            continue
        if each.is_dir():
            shutil.rmtree(each)
        else:
            each.unlink()
    shutil.copytree(kept, data, dirs_exist_ok=True)
