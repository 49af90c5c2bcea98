"""Simulated lines from seeds: every rule holds, every lie is found, and a node that breaks a rule does not pass."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from keepclear.core.instant import Instant
from keepclear.core.line import fault, intake, line
from keepclear.core.line.event import LineEffect
from keepclear.core.line.intake import Copy, Intake
from keepclear.core.line.keys import Officer, Roster
from keepclear.core.line.log import Log, Mark, Unsound, Views
from keepclear.core.line.state import LineState
from sim import linesim
from sim.liars import BackDatedLongAgo
from sim.liarsahead import StopReplaced
from sim.linenode import BrokenError
from sim.linesim import simulate

CHUNK = 50
NOW = 1_536_000_000_000


@pytest.mark.parametrize("chunk", range(20))
def test_every_rule_holds_on_simulated_lines(chunk: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        counts += simulate(seed)
    lies = {each.partition(": ")[2]: count for each, count in counts.items() if each.startswith("told: ")}
    assert lies == {name: counts[f"found: {name}"] for name in lies}


def test_one_seed_is_one_line() -> None:
    assert simulate(11) == simulate(11)


def breaks(seeds: range) -> list[str]:
    """What the simulation says of the first broken seeds."""
    broken: list[str] = []
    for seed in seeds:
        try:
            simulate(seed)
        except BrokenError as error:
            broken.append(str(error))
        if len(broken) == 1:
            break
    return broken


def test_a_node_that_cosigns_what_it_cannot_read_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = line.cosign

    def hasty(state: LineState, *, now: Instant) -> list[LineEffect]:
        unopened, state.unopened = state.unopened, {}
        effects = honest(state, now=now)
        state.unopened = unopened
        return effects

    monkeypatch.setattr(line, "cosign", hasty)
    assert "cannot read" in breaks(range(400))[0]


def test_a_node_that_takes_entries_no_checkpoint_covers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def trusting(copy: Copy, bundle, head, *, holding, views) -> Intake:
        if head.size <= copy.log.size or bundle.start != copy.log.size:
            return honest(copy, bundle, head, holding=holding, views=views)
        return intake._judged(copy, bundle, views)

    honest = intake._grown
    monkeypatch.setattr(intake, "_grown", trusting)
    assert breaks(range(400)) != []


def test_a_node_that_takes_half_of_what_a_checkpoint_covers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def halved(copy: Copy, bundle, views: Views) -> Intake:
        log, said = copy.log, []
        leaves = bundle.leaves[log.size - bundle.start :]
        for leaf in leaves:
            try:
                appended = log.append(leaf, views)
            except Unsound:
                break
            log = appended.log
            said.append(appended.said)
        taken = tuple(each.leaf for each in said)
        return Intake(copy=Copy(log=log, checkpoint=bundle.checkpoint), said=tuple(said), leaves=taken)

    monkeypatch.setattr(intake, "_judged", halved)
    assert breaks(range(200)) != []


def test_a_node_that_does_not_ask_whether_a_key_was_revoked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(self: Roster, key_id: str) -> Officer | None:
        return self.officers.get(key_id)

    monkeypatch.setattr(Roster, "officer", careless)
    assert "key used after it was revoked" in breaks(range(400))[0]


def test_a_node_that_does_not_check_what_was_seen_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Log, "_check_seen", lambda _self, _header, _views: None)
    assert "false view" in breaks(range(400))[0]


def test_a_node_that_forgets_what_was_shown_ahead_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linesim, "LIES", (StopReplaced,))
    monkeypatch.setattr(intake, "contradiction", lambda *_ahead, **_log: None)
    assert "STOP shown ahead" in breaks(range(50))[0]


def test_a_node_that_keeps_no_note_with_its_evidence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = fault.entry_fault
    monkeypatch.setattr(
        intake, "entry_fault", lambda *log, **found: replace(honest(*log, **found), cosigned="")
    )
    monkeypatch.setattr(linesim, "LIES", (BackDatedLongAgo,))
    assert "a stranger does not believe" in breaks(range(50))[0]


def test_a_node_that_does_not_check_times_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Log, "_check_time", lambda _self, _header, _views: None)
    assert "back-dated" in breaks(range(400))[0]


def test_a_node_that_never_sends_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "time_passed", lambda _state, **_now: [])
    assert breaks(range(200)) != []


def test_a_node_that_acts_on_urgent_entries_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "acted_on", lambda _ahead: frozenset())
    assert breaks(range(600)) != []


def test_a_node_that_forgets_with_a_backup_what_it_cosigned_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "recalled", lambda _state, _event: [])
    assert "cosigned" in breaks(range(600))[0]


def test_a_node_that_forgets_with_a_backup_its_own_epoch_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def of_this_epoch(state: LineState, signed: Mark) -> list[LineEffect]:
        return [] if signed.epoch > state.own.epoch else honest(state, signed)

    honest = line.reverted_to
    monkeypatch.setattr(line, "reverted_to", of_this_epoch)
    monkeypatch.setattr(line, "reverted_by", lambda _state, _have: [])
    assert breaks(range(600)) != []
