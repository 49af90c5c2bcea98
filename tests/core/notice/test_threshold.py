"""Thresholds: the same for every party, and not to be passed under in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.exercise import Equipment, Exercise, Phase
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.held import Giver, Held, NoticeId
from keepclear.core.notice.lifecycle import Stage
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.threshold import (
    AHEAD_MS_MAX,
    PERSONNEL,
    VIENNA_2011,
    Demand,
    Reached,
    Threshold,
    reached,
)
from keepclear.core.space.area import Circle
from notices import START, TANF

CONTACT = Contact(name="duty", phones=("+963112223",))


def exercise(
    name: str,
    *,
    by: str = "a",
    personnel: int = 0,
    linked: Sequence[str] = (),
    equipment: Sequence[Equipment] = (),
    observers: Sequence[str] = (),
    ahead_days: float = 50,
    told: str = "",
) -> Held:
    body = Exercise(
        purpose="training",
        command="brigade",
        contact=CONTACT,
        phases=(Phase(name="deploy", extents=("one",)),),
        personnel=personnel,
        equipment=tuple(equipment),
        linked=tuple(linked),
        observers=tuple(observers),
    )
    where = Extent(
        name="one",
        role=Role.AREA,
        area=Circle(centre=TANF, radius_m=9_000),
        window=Window(start=START, end=Instant(START + HOUR_MS)),
    )
    return Held(
        id=NoticeId(f"{by}:{name}{told}"),
        by=Giver(by),
        flag="real",
        notice=Notice(designation=name, body=body, extents=(where,)),
        received=Instant(START - round(ahead_days * DAY_MS)),
        stage=Stage.PLANNED,
    )


def names(found: Sequence[Reached]) -> list[str]:
    return [each.rule.name for each in found]


@pytest.mark.parametrize(
    ("personnel", "expected"),
    [
        (8_999, []),
        (9_000, ["VD 40.1.1 troops"]),
        (12_999, ["VD 40.1.1 troops"]),
        (13_000, ["VD 40.1.1 troops", "VD 47.4 troops"]),
    ],
)
def test_the_vienna_document_asks_from_9000_troops_and_for_observers_from_13000(
    personnel: int, expected: list[str]
) -> None:
    assert names(reached([exercise("1", personnel=personnel)], VIENNA_2011)) == expected


@pytest.mark.parametrize(
    ("kind", "notified", "watched"),
    [("battle tank", 250, 300), ("armoured combat vehicle", 500, 500), ("artillery", 250, 250)],
)
def test_each_type_of_equipment_has_its_own_numbers(kind: str, notified: int, watched: int) -> None:
    for count in (notified - 1, notified, watched - 1, watched):
        found = reached([exercise("1", equipment=[Equipment(type=kind, count=count)])], VIENNA_2011)
        demands = [each.rule.demand for each in found]
        assert (Demand.NOTIFICATION in demands) == (count >= notified)
        assert (Demand.OBSERVERS in demands) == (count >= watched)


def test_what_is_notified_41_days_ahead_is_a_day_short() -> None:
    (found,) = reached([exercise("1", personnel=9_000, ahead_days=41)], VIENNA_2011)
    assert (found.short_ms, found.open) == (DAY_MS, True)
    (in_time,) = reached([exercise("1", personnel=9_000, ahead_days=42)], VIENNA_2011)
    assert (in_time.short_ms, in_time.open) == (0, False)


def test_observers_are_missing_until_somebody_is_invited() -> None:
    _, alone = reached([exercise("1", personnel=13_000)], VIENNA_2011)
    _, invited = reached([exercise("1", personnel=13_000, observers=["un"])], VIENNA_2011)
    assert (alone.open, invited.open, invited.observers) == (True, False, ("un",))


def test_linked_exercises_are_one_activity_whichever_of_them_names_the_link() -> None:
    parts = [
        exercise("1", personnel=4_000),
        exercise("2", personnel=4_000, linked=["1"], ahead_days=10),
        exercise("3", personnel=5_500, linked=["2"]),
        exercise("4", personnel=8_000),
    ]
    notified, watched = reached(parts, VIENNA_2011)
    assert notified.notices == ("a:1", "a:2", "a:3")
    assert (notified.total, notified.together, watched.total) == (13_500, True, 13_500)
    assert notified.given_ms == 10 * DAY_MS, "it was told of in full with its last part"
    assert reached(parts[:2], VIENNA_2011) == ()


def test_an_exercise_that_is_told_of_on_two_lines_counts_once() -> None:
    twice = [
        exercise("1", personnel=8_000),
        exercise("1", personnel=8_500, told=" to c", ahead_days=1),
        exercise("2", personnel=500, linked=["1"]),
    ]
    (found,) = reached(twice, VIENNA_2011)
    assert (found.total, found.given_ms) == (9_000, 50 * DAY_MS)


def test_what_was_withdrawn_or_replaced_or_is_practised_is_not_added_up() -> None:
    one, other = exercise("1", personnel=5_000), exercise("2", personnel=5_000, linked=["1"])
    for changed in (
        replace(other, stage=Stage.WITHDRAWN),
        replace(other, stage=Stage.REPLACED),
        replace(other, flag="exercise"),
    ):
        assert reached([one, changed], VIENNA_2011) == ()
    assert len(reached([one, replace(other, stage=Stage.ENDED)], VIENNA_2011)) == 1


some = st.lists(
    st.builds(
        exercise,
        st.sampled_from("123456"),
        by=st.sampled_from("ab"),
        personnel=st.integers(0, 9_000),
        linked=st.lists(st.sampled_from("123456"), max_size=2),
        ahead_days=st.integers(0, 60),
        observers=st.lists(st.just("un"), max_size=1),
        equipment=st.lists(
            st.builds(Equipment, type=st.just("battle tank"), count=st.integers(0, 200)), max_size=2
        ),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)

SWAP = {"a": "b", "b": "a"}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(some)
def test_every_party_is_treated_as_every_other_is(held: list[Held]) -> None:
    swapped = [
        replace(each, by=Giver(SWAP[each.by]), id=NoticeId(SWAP[each.id[0]] + each.id[1:])) for each in held
    ]

    def told(found: Sequence[Reached], names: dict[str, str]) -> set[object]:
        return {
            (
                each.rule,
                frozenset(names[notice[0]] + notice[1:] for notice in each.notices),
                frozenset(names[party] for party in each.by),
                (each.total, each.together, each.given_ms, each.observers, each.open),
            )
            for each in found
        }

    same = {"a": "a", "b": "b"}
    assert told(reached(held, VIENNA_2011), same) == told(reached(swapped, VIENNA_2011), SWAP)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(some, st.randoms(use_true_random=False))
def test_the_total_is_that_of_a_search_through_all_links_in_any_order(
    held: list[Held], chance: object
) -> None:
    rule = Threshold(name="any", demand=Demand.NOTIFICATION, counted=PERSONNEL, least=1)
    shuffled = list(held)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    found = {frozenset(each.notices): each.total for each in reached(shuffled, [rule])}
    bodies = {each.id: each.notice.body for each in held}
    groups = [{each.id} for each in held]
    for _ in held:
        for one in held:
            for other in held:
                body = bodies[one.id]
                assert isinstance(body, Exercise)
                if other.notice.designation in body.linked:
                    merged = [group for group in groups if one.id in group or other.id in group]
                    groups = [group for group in groups if group not in merged]
                    groups.append(set().union(*merged))
    expected = {
        frozenset(group): sum(body.personnel for name, body in bodies.items() if name in group)  # type: ignore[union-attr]
        for group in groups
    }
    assert found == {group: total for group, total in expected.items() if total >= 1}


@pytest.mark.parametrize(("least", "ahead_ms"), [(0, 0), (10_000_001, 0), (1, -1), (1, AHEAD_MS_MAX + 1)])
def test_a_threshold_out_of_its_range_is_refused(least: int, ahead_ms: int) -> None:
    with pytest.raises(Refused) as refused:
        Threshold(
            name="odd",
            demand=Demand.NOTIFICATION,
            counted=PERSONNEL,
            least=least,
            ahead_ms=Duration(ahead_ms),
        )
    assert refused.value.code == "threshold.range"
