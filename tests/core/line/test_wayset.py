"""Ways that a person has set: who did it stands in the record, and an old failure is not the new way's."""

from __future__ import annotations

import json

import pytest

from conversation import NOW, opened_two
from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.event import BY_MAX, NotCarried, WaysSet
from keepclear.core.line.line import Line
from keepclear.core.line.message import LineName
from keepclear.desk import Append, Desk
from keepclear.formats.stored.journal import event_bytes, event_of

TANF = LineName("tanf")
SET = WaysSet(line=TANF, by="A. Roy", changed=("link",), words="link: https://a:1 -> https://a:2")


def test_a_way_that_goes_elsewhere_is_not_failing_any_more_and_the_others_are_as_they_were() -> None:
    line: Line = opened_two()[0].line
    for way in ("link", "folder"):
        line.step(NotCarried(line=TANF, way=way, trouble="no answer"), now=Instant(NOW))
    assert line.state.next_try > NOW + 5
    line.step(SET, now=Instant(NOW + 5))
    assert set(line.state.liveness.ways) == {"folder"}
    assert line.state.next_try == NOW + 5, "what waits is tried by the new way at once"


def test_who_set_the_ways_of_a_line_and_when_stands_in_the_record() -> None:
    desk = Desk(lines=[opened_two()[0].line])
    (entry, _) = desk.step(SET, now=Instant(NOW + 7))
    assert isinstance(entry, Append)
    assert (entry.kind, entry.at) == ("line.ways", NOW + 7)
    assert json.loads(entry.body) == {"by": "A. Roy", "line": "tanf", "messages": [], "words": SET.words}


def test_ways_that_were_set_are_the_same_after_a_replay() -> None:
    assert event_of(*event_bytes(SET)) == SET


@pytest.mark.parametrize("by", ["", "  ", "x" * (BY_MAX + 1)])
def test_nobody_sets_the_ways_of_a_line_without_a_name(by: str) -> None:
    with pytest.raises(Refused) as refused:
        WaysSet(line=TANF, by=by, changed=(), words="")
    assert refused.value.code == "line.by"
