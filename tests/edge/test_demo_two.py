"""The demonstration's two nodes: paired, over real TLS on this machine, in step with one clock, by the script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from keepclear.core.instant import Instant, Window, instant_text
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import LineChanged
from keepclear.core.line.liveness import Condition
from keepclear.core.line.message import Header, Kind, LineName, Precedence, Step, header_of
from keepclear.core.line.plot.place import places_of
from keepclear.core.line.plot.shape import CircleShape
from keepclear.core.line.reception import Reception, Stage
from keepclear.core.line.state import LineState
from keepclear.core.line.voice.readback import Language, words_of
from keepclear.core.notice.board import Board
from keepclear.core.notice.exercise import Exercise
from keepclear.core.notice.held import NoticeId
from keepclear.core.notice.lifecycle import Stage as Life
from keepclear.core.space.altitude import Containment
from keepclear.core.trust.envelope import envelope_of
from keepclear.edge.api.lineviews import LineViews
from keepclear.edge.cli.demo import playing_parties, prepared
from keepclear.edge.clock import PlayedClock
from keepclear.edge.node import Node
from keepclear.edge.staging import read_scenario
from keepclear.formats.scenario.scenario import Scenario

DEADLINE_S = 240.0
"""Far more than any of it needs, on a machine that does other things too."""
LOOK_S = 0.05
TANF = LineName("tanf")
DEIR = LineName("deir-ez-zor")

Told = list[tuple[Instant, LineChanged]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Two nodes at play: A is the visitor's, B by the script alone; ``told`` is what changed on A's line."""

    line: LineName
    start: Instant
    clock: PlayedClock
    a: Node
    b: Node
    folder: Path
    told: Told

    def at(self, minutes: float) -> Instant:
        """So many minutes after the scenario's start."""
        return Instant(self.start + round(minutes * 60_000))

    def seek(self, minutes: float) -> None:
        self.a.play(paused=None, rate=None, seek=self.at(minutes))

    def state(self, node: Node) -> LineState:
        return node.lines.state(self.line)

    def headers(self, node: Node, *, own: bool = True) -> list[Header]:
        """The entries of one log as a node holds it."""
        state = self.state(node)
        log = state.own if own else state.copy.log
        leaves = node.host.store.log(log.origin).leaves(start=0, limit=500) if log.size else ()
        return [header_of(envelope_of(leaf).payload) for leaf in leaves]

    def kinds(self, node: Node) -> list[str]:
        """The kinds of a node's own entries but those that come by the clock."""
        return [each.kind for each in self.headers(node) if each.kind is not Kind.COMMS_CHECK]

    def receptions(self, node: Node, kind: Kind) -> list[Reception]:
        return [each for each in self.state(node).receptions.values() if each.kind is kind]

    def stopped(self, node: Node) -> Reception | None:
        return next(iter(self.receptions(node, Kind.STOP)), None)


async def until(true: Callable[[], object]) -> None:
    """Wait until something is true."""
    while not true():
        await asyncio.sleep(LOOK_S)


def play(
    script: Scenario,
    folder: Path,
    scene: Callable[[Played], Awaitable[None]],
    *,
    rate: float,
    start_min: float = 0,
) -> None:
    """Run the nodes of a scenario without their consoles while a scene is played on them."""
    asyncio.run(asyncio.wait_for(_playing(script, folder, scene, rate=rate, start_min=start_min), DEADLINE_S))


async def _playing(
    script: Scenario,
    folder: Path,
    scene: Callable[[Played], Awaitable[None]],
    *,
    rate: float,
    start_min: float,
) -> None:
    assert script.line is not None
    clock = PlayedClock(script.window, rate=rate)
    clock.seek(Instant(script.window.start + round(start_min * 60_000)))
    stations, beside = prepared(script, clock, folder=folder, port=0)
    a, b = (station.node for station in stations)
    told: Told = []
    a.host.listeners.append(lambda change: _keep(told, clock, change))
    tasks = [asyncio.create_task(each.node.run(each.feeds, link=each.link)) for each in stations]
    tasks += [asyncio.create_task(each()) for each in beside]
    scening = asyncio.ensure_future(
        scene(
            Played(
                line=script.line.name,
                start=script.window.start,
                clock=clock,
                a=a,
                b=b,
                folder=folder,
                told=told,
            )
        )
    )
    try:
        done, _ = await asyncio.wait([scening, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in [scening, *tasks]:
            task.cancel()
        await asyncio.gather(scening, *tasks, return_exceptions=True)
        for station in stations:
            station.node.host.store.close()
            if station.link is not None:
                station.link.close()


def _keep(told: Told, clock: PlayedClock, change: object) -> None:
    if isinstance(change, LineChanged):
        told.append((clock.now(), change))


# ---------------------------------------------------------------- Deir ez-Zor


def test_a_stop_reaches_an_empowered_person_within_60_s_though_the_usual_contact_is_away(
    tmp_path: Path,
) -> None:
    script = read_scenario("deir-ez-zor-2016")
    assert script.line is not None
    usual, *others = script.line.officers_of(script.own)
    assert not usual.present(script.window.start)
    assert not usual.present(Instant(script.window.end - 1))

    async def scene(played: Played) -> None:
        await until(lambda: (stop := played.stopped(played.b)) is not None and stop.steps)
        stop = played.stopped(played.b)
        assert stop is not None
        taken = stop.steps[0]
        assert taken.step is Step.RECEIPTED
        assert taken.by in {each.name for each in others if each.empowered}
        assert taken.said - stop.at <= 60_000
        assert not stop.overdue(played.clock.now())
        # Nothing had to climb: it rang with everyone from the first moment.
        assert [change.change for _, change in played.told if change.change in ("climbed", "overdue")] == []

    play(script, tmp_path, scene, rate=8, start_min=4.9)


def test_a_stop_that_nobody_is_there_for_climbs_at_60_120_and_180_s_and_stays_the_loudest_state(
    tmp_path: Path,
) -> None:
    script = read_scenario("deir-ez-zor-2016")
    assert script.line is not None
    away = tuple(
        replace(each, away=(Window(),)) if each.party == script.own else each for each in script.line.officers
    )
    script = replace(script, line=replace(script.line, officers=away))

    async def scene(played: Played) -> None:
        await until(lambda: [each for _, each in played.told if "everyone is called" in each.words])
        (duty,) = [each for each in played.state(played.a).duties.values() if each.kind is Kind.STOP]
        waited = {
            change.words: at - duty.arrived
            for at, change in played.told
            if change.change in ("climbed", "overdue") and duty.hash in change.hashes
        }
        rungs = sorted(waited.items(), key=lambda item: item[1])
        assert [words.rpartition(": ")[2] for words, _ in rungs] == [
            "the next post is called",
            "none of our officers has receipted it",
            "it goes by every other way, and by telephone",
            "everyone is called",
        ]
        for (_, after_ms), least_s in zip(rungs, (60, 60, 120, 180), strict=True):
            assert after_ms >= least_s * 1_000
        assert not duty.receipted
        stop = played.stopped(played.b)
        assert stop is not None
        # B's machine knows that A's has it; that no person has is what B is told, and told loudly.
        assert stop.stage is Stage.DELIVERED
        assert stop.overdue(played.clock.now())
        # B is told that nobody is at the desk of A, and not that all is well.
        assert played.state(played.b).liveness.attended is None
        assert played.state(played.b).condition is Condition.UNATTENDED

    play(script, tmp_path, scene, rate=20, start_min=4.9)


# ---------------------------------------------------------------- At Tanf


def test_at_tanf_is_played_by_two_nodes_over_voice_note_advice_stop_cut_and_stick(tmp_path: Path) -> None:
    script = read_scenario("at-tanf-2018")
    assert playing_parties(script) == ("A", "B")

    async def scene(played: Played) -> None:
        await the_past(played)
        await the_notices(played)
        await the_stop(played)
        await the_cut(played)
        await the_circle(played)
        await the_way_back(played)

    play(script, tmp_path, scene, rate=60)


async def the_past(played: Played) -> None:
    """1 September by voice, 6 September by note, and the advice to stay out."""
    advised = lambda: next(iter(played.receptions(played.a, Kind.ADVISE)), None)  # noqa: E731
    await until(lambda: (found := advised()) is not None and found.stage is Stage.RESPONDED)
    by_b, by_a = (
        [each for each in played.headers(node) if each.kind is Kind.VOICE] for node in (played.b, played.a)
    )
    # Each side typed it in by itself, and the words that each screen shows are the same in every language.
    assert [each.voice for each in by_b] == [each.voice for each in by_a]
    voice = by_b[0].voice
    assert voice is not None
    assert len({words_of(voice.readback, language) for language in Language}) == 4
    for node in (played.a, played.b):
        (given,) = [each for each in played.state(node).receptions.values() if each.readback is not None]
        assert [each.step for each in given.steps] == [Step.RECEIPTED]
    confirmed, note = [each for each in played.headers(played.a, own=False) if each.kind is Kind.NOTIFY]
    assert (confirmed.precedence, note.precedence) == (Precedence.PRIORITY, Precedence.IMMEDIATE)
    views = LineViews(played.a)
    text = views.parts(note)["text"]
    assert (text["language"], text["governs"]) == ("ru", "original")
    assert instant_text(Instant(int(str(text["occurred_ms"])))) == "2018-09-06T00:00:00.000Z"
    place, *beside = places_of(views.parts(note)["places"])
    assert [each.name for each in beside] == ["LAUNCH", "FLIGHT"]
    assert isinstance(place.shape, CircleShape)
    assert (place.name, place.shape.radius_cm) == ("TANF 55", 5_500_000)
    found = advised()
    assert found is not None
    # Three steps apart, the plot compared and equal, and no word of approval among them.
    assert [each.step for each in found.steps] == [Step.RECEIPTED, Step.PLOTTED, Step.RESPONDED]
    assert [(each.plotted, each.differences) for each in found.steps if each.step is Step.PLOTTED] == [
        (True, ())
    ]
    assert found.steps[-1].response == "noted"


async def the_notices(played: Played) -> None:
    """What both said that they will do, on the boards of both, with the same conflicts."""
    boards = [node.host.desk.board for node in (played.a, played.b)]
    await until(lambda: all("A-2018-9/4" in _designations(board) for board in boards))
    wanted = {"a": {"OCHA-SITE-14", "OCHA-CONVOY-7", "A-2018-9/4"}, "b": {"B-2018-9/1", "B-2018-9/2"}}
    for board in boards:
        assert {by: set(_designations(board, by=by)) for by in wanted} == wanted
        assert board.unread == {}
    exercise = next(each for each in boards[0].held.values() if each.notice.designation == "A-2018-9/4")
    assert isinstance(exercise.notice.body, Exercise)
    assert [phase.live_fire for phase in exercise.notice.body.phases] == [False, True, False]
    one, two = (_between_parties(board) for board in boards)
    assert one == two
    # What A announced lies wholly inside what B says may be hit, at every height, and in B's window.
    surely = {(mine, theirs) for mine, theirs, sure in one if sure is Containment.DEFINITE}
    assert {
        ("A-2018-9/4 RANGE 7 LIVE FIRE", "B-2018-9/2 TANF 55"),
        ("OCHA-CONVOY-7 GARRISON TO CAMP", "B-2018-9/2 TANF 55"),
        ("OCHA-SITE-14 RUKBAN CLINIC", "B-2018-9/1 TANF 55"),
    } <= surely
    # A declared the zone that the garrison is in, and B is not admitted to it.
    for board in boards:
        in_zone = [key for key in board.conflicts if "zone TANF 55" in (key.one, key.other)]
        assert {board.held[NoticeId(key.one)].by for key in in_zone} == {"b"}


def _designations(board: Board, *, by: str = "") -> list[str]:
    return [each.notice.designation for each in board.held.values() if by in ("", each.by)]


def _name(board: Board, notice: NoticeId) -> str:
    return board.held[notice].notice.designation


def _between_parties(board: Board) -> set[tuple[str, str, Containment]]:
    """The conflicts of A's notices with those of B, A's first."""
    found: set[tuple[str, str, Containment]] = set()
    for key, standing in board.conflicts.items():
        held = board.held.get(NoticeId(key.one)), board.held.get(NoticeId(key.other))
        sides = zip(held, (key.one_extent, key.other_extent), strict=True)
        named = {each.by: f"{each.notice.designation} {extent}" for each, extent in sides if each is not None}
        if set(named) == {"a", "b"}:
            found.add((named["a"], named["b"], standing.conflict.sure))
    return found


async def the_stop(played: Played) -> None:
    """The STOP of 05:50Z, which no visitor said, with B's usual contact away."""
    played.clock.set_rate(10)
    played.seek(52.9)
    assert played.b.now == pytest.approx(played.at(52.9), abs=60_000)
    assert played.stopped(played.a) is None
    await until(lambda: (stop := played.stopped(played.a)) is not None and stop.steps)
    played.clock.set_rate(60)
    await until(lambda: (stop := played.stopped(played.a)) is not None and stop.stage is Stage.RESPONDED)
    stop = played.stopped(played.a)
    assert stop is not None
    assert stop.at >= played.at(53)
    assert {each.by for each in stop.steps} == {"N. Orlova"}
    assert stop.steps[0].said - stop.at <= 60_000


async def the_cut(played: Played) -> None:
    """The link is cut: what A says waits, goes by stick, is answered by stick, and is there once."""
    played.clock.set_rate(30)
    played.seek(80)
    await until(lambda: played.state(played.a).liveness.ways["link"].failing is not None)
    played.seek(84)
    await until(lambda: "advise" in played.kinds(played.a)[-1:])
    (said,) = [each for each in played.receptions(played.a, Kind.ADVISE) if each.at >= played.at(80)]
    assert said.hash not in played.state(played.b).duties
    await until(lambda: _brings(played.folder / "a", played.state(played.a).own.size))
    assert said.hash not in played.state(played.b).duties
    played.seek(92)
    await until(lambda: said.hash in played.state(played.b).duties)
    assert played.state(played.b).duties[said.hash].way == "folder"
    await until(lambda: len(played.state(played.b).duties[said.hash].steps) == 3)
    await until(lambda: _brings(played.folder / "b", played.state(played.b).own.size))
    assert played.state(played.a).receptions[said.hash].stage is not Stage.RESPONDED
    played.seek(105)
    await until(lambda: played.state(played.a).receptions[said.hash].stage is Stage.RESPONDED)
    assert played.line in played.a.couriers.cut
    played.seek(110)
    await until(lambda: played.state(played.a).liveness.ways["link"].failing is None)
    await until(lambda: _is_level(played))
    assert len(played.state(played.a).receptions[said.hash].steps) == 3
    # What came by stick and then by link again is one entry in one log, with one root on both sides.
    assert played.state(played.a).own.head() == played.state(played.b).copy.log.head()
    assert played.state(played.b).own.head() == played.state(played.a).copy.log.head()
    assert played.state(played.a).faults == played.state(played.b).faults == []


async def the_circle(played: Played) -> None:
    """B names 34 km where the zone has 34 miles; A objects, B corrects."""
    played.clock.set_rate(60)
    played.seek(140)
    await until(lambda: played.kinds(played.b)[-1:] == ["notify"])
    played.seek(149)
    await until(lambda: "object" in played.kinds(played.a))
    played.seek(160)
    await until(lambda: "correct" in played.kinds(played.b))
    convoy = next(
        each for each in played.b.host.desk.board.held if "CONVOY" in _name(played.b.host.desk.board, each)
    )
    played.seek(186)
    await until(lambda: played.b.host.desk.board.held[convoy].stage is Life.ARRIVED)
    views = LineViews(played.b)
    circle, corrected = (
        places_of(views.parts(each)["places"])[0].shape
        for each in played.headers(played.b)
        if each.kind in (Kind.NOTIFY, Kind.CORRECT) and each.at >= played.at(140)
    )
    assert isinstance(circle, CircleShape)
    assert isinstance(corrected, CircleShape)
    assert (circle.centre, circle.radius_cm, corrected.radius_cm) == (
        corrected.centre,
        3_400_000,
        5_500_000,
    )


async def the_way_back(played: Played) -> None:
    """Time is turned back: the watch of both nodes goes with it, the line stays as it is."""
    kinds = played.kinds(played.a), played.kinds(played.b)
    played.seek(10)
    await asyncio.sleep(1)
    assert played.kinds(played.a)[: len(kinds[0])] == kinds[0]
    assert set(played.kinds(played.a)[len(kinds[0]) :]) <= {"acknowledge"}
    assert played.kinds(played.b).count("notify") == kinds[1].count("notify")
    # What is said after that still goes out at once, and is never dated before what was said already.
    hashed = played.a.lines.say(
        played.line, Draft(kind=Kind.TEST, precedence=Precedence.ROUTINE), by="M. Haddad"
    )
    await until(lambda: played.state(played.a).receptions[hashed].delivered is not None)
    times = [each.at for each in played.headers(played.a)]
    assert times == sorted(times)


def test_a_visitor_who_sends_the_stop_is_not_spoken_for_by_the_script(tmp_path: Path) -> None:
    async def scene(played: Played) -> None:
        await until(lambda: _is_level(played) and len(played.state(played.b).receptions) > 1)
        hashed = played.a.lines.say(
            played.line, Draft(kind=Kind.STOP, precedence=Precedence.FLASH), by="S. Novak"
        )
        await until(lambda: played.state(played.a).receptions[hashed].stage is Stage.RESPONDED)
        assert played.a.now > played.at(53)
        await asyncio.sleep(0.5)
        assert [each.hash for each in played.receptions(played.a, Kind.STOP)] == [hashed]

    play(read_scenario("at-tanf-2018"), tmp_path, scene, rate=60, start_min=50.1)


def test_a_second_start_in_the_same_folder_says_nothing_again_and_the_line_goes_on(tmp_path: Path) -> None:
    script = read_scenario("deir-ez-zor-2016")

    async def first(played: Played) -> None:
        await until(lambda: (stop := played.stopped(played.b)) is not None and stop.steps)

    async def second(played: Played) -> None:
        stop = played.stopped(played.b)
        assert stop is not None
        assert stop.steps
        hashed = played.b.lines.say(played.line, Draft(kind=Kind.TEST), by="P. Demin")
        await until(lambda: played.state(played.b).receptions[hashed].delivered is not None)
        assert [kind for kind in played.kinds(played.b) if kind in ("query", "stop")] == ["query", "stop"]

    play(script, tmp_path, first, rate=60, start_min=5)
    play(script, tmp_path, second, rate=60, start_min=5)


def _brings(data: Path, size: int) -> bool:
    """Whether a bundle with all of a log lies ready to be carried."""
    files = (data / "folders" / "stick" / "out").glob("*.kcb")
    return any(file.stem.endswith(f"_{size}") for file in files)


def _is_level(played: Played) -> bool:
    """Whether each side holds all of the other's log and knows that its own is held."""
    a, b = played.state(played.a), played.state(played.b)
    return a.own.size == b.copy.log.size == a.confirmed and b.own.size == a.copy.log.size == b.confirmed
