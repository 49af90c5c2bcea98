"""Simulated watches from seeds: every rule holds, and what would break one is found."""

from __future__ import annotations

import pytest

from keepclear.core.instant import Instant
from keepclear.core.watch.event import ReportsArrived, WatchEvent
from keepclear.desk import DeskEffect
from sim.run import BrokenError, Restarting, Sim, simulate


@pytest.mark.parametrize("seed", range(100, 112))
def test_every_rule_holds_in_a_simulated_watch(seed: int) -> None:
    counts = simulate(seed, 30)
    assert counts["steps"] == 30


def test_one_seed_is_one_watch() -> None:
    assert simulate(7, 25) == simulate(7, 25)


class Forgetful(Restarting):
    """A desk whose host stores no reports, as if it had acted before it stored."""

    def step(self, event: WatchEvent, now: Instant) -> list[DeskEffect]:
        effects = super().step(event, now)
        if isinstance(event, ReportsArrived):
            self.journal.pop()
        return effects


def test_a_host_that_does_not_store_what_it_acts_on_is_found() -> None:
    sim = Sim(seed=3)
    sim.stopping = Forgetful(
        desk=sim.stopping.desk, snapshot=sim.stopping.snapshot, journal=sim.stopping.journal
    )
    with pytest.raises(BrokenError, match="after a restart"):
        sim.play(200)
