"""kill -9 of a whole node at any moment: what it answered is there again, and the desk stands where it stood."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from edge.working import event_of, opened, time_of
from keepclear.core.instant import FIRST, FOREVER
from keepclear.desk import Desk
from keepclear.formats.stored.snapshot import snapshot_bytes

ROUNDS = 60


def test_a_node_killed_at_any_moment_stands_where_it_stood(tmp_path: Path) -> None:
    chance = random.Random(20180907)
    command = [sys.executable, str(Path(__file__).with_name("working.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        desk, stepped = Desk(), 0
        for number in range(ROUNDS):
            answered = one_round(
                parent, tmp_path, acknowledged=chance.randrange(12), more_s=chance.random() / 50
            )
            node, _, durable = opened(tmp_path)
            try:
                assert durable >= max(answered, default=-1) + 1, f"round {number}: an answered event is gone"
                for k in range(stepped, durable):
                    desk.step(event_of(k, desk.watch), now=time_of(k))
                stepped = durable
                assert snapshot_bytes(node.host.desk.watch) == snapshot_bytes(desk.watch), f"round {number}"
                node.host.store.self_check()
            finally:
                node.host.store.close()
    assert stepped > 5 * ROUNDS, "the rounds were too short to show anything"
    assert_archived_once(tmp_path, stepped)


def one_round(parent: subprocess.Popen[str], data: Path, *, acknowledged: int, more_s: float) -> list[int]:
    """Lets a node work, kills it so long after so many answers, and gives the numbers that it answered."""
    assert parent.stdin is not None
    parent.stdin.write(f"{data}\n")
    parent.stdin.flush()
    child = int(line_of(parent).removeprefix("child "))
    said = [line_of(parent) for _ in range(acknowledged)]
    time.sleep(more_s)
    os.kill(child, signal.SIGKILL)
    while (line := line_of(parent)) != "dead":
        said.append(line)
    return [int(each) for each in said]


def line_of(parent: subprocess.Popen[str]) -> str:
    assert parent.stdout is not None
    line = parent.stdout.readline()
    assert line, "the working process died by itself"
    return line.strip()


def assert_archived_once(data: Path, stepped: int) -> None:
    """Every report that was taken is in the archive or the journal, and in one of them only."""
    node, _, _ = opened(data)
    try:
        archived = [
            (reports.names[track], time_ms)
            for reports in node.host.reports_between(FIRST, FOREVER)
            for track, time_ms in zip(reports.track.tolist(), reports.time_ms.tolist(), strict=True)
        ]
        times = {time_ms for _, time_ms in archived}
        assert len(archived) == len(set(archived))
        assert len(archived) == 6 * len(times)
        assert max(times) <= time_of(stepped)
    finally:
        node.host.store.close()
