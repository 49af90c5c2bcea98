"""Agreements: in force once both have signed one text, changed only by both, and the same at both nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import Duration
from keepclear.core.notice.agreement import (
    LISTED_MAX,
    PROPOSED_MAX,
    THRESHOLDS_MAX,
    TIME_MS_MAX,
    Agreement,
    AgreementChange,
    AgreementId,
    Agreements,
    Signed,
    Timer,
)
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.held import Giver, NoticeId
from keepclear.core.notice.notice import EXTENTS_MAX, NoticeKind
from keepclear.core.notice.threshold import VIENNA_2011
from keepclear.core.space.area import Circle
from keepclear.formats.notice.agreementjson import agreement_id
from notices import TANF

A, B = Giver("a"), Giver("b")
BOTH = frozenset((A, B))
CONTACT = Contact(name="duty", phones=("+963112223",))
FIRST_VERSION = Agreement(
    parties=(A, B), version=1, languages=("en", "ru"), contacts=((A, CONTACT), (B, CONTACT))
)
ZONE = Extent(name="TANF 55", role=Role.AREA, area=Circle(centre=TANF, radius_m=55_000))


def signed(agreement: Agreement, by: Giver) -> Signed:
    return Signed(id=agreement_id(agreement), agreement=agreement, by=by, message=NoticeId("00"))


def next_of(agreement: Agreement, **changed: object) -> Agreement:
    following = replace(agreement, version=agreement.version + 1, replaces=agreement_id(agreement))
    return replace(following, **changed)  # type: ignore[arg-type]


def step(agreements: Agreements, agreement: Agreement, by: Giver) -> AgreementChange:
    return agreements.step(signed(agreement, by), between=BOTH).change


def test_what_one_party_has_signed_is_proposed_and_with_the_other_in_force() -> None:
    agreements = Agreements()
    assert step(agreements, FIRST_VERSION, A) is AgreementChange.PROPOSED
    assert not agreements.in_force
    assert step(agreements, FIRST_VERSION, B) is AgreementChange.IN_FORCE
    assert agreements.in_force[A, B].agreement == FIRST_VERSION
    assert agreements.proposed[A, B] == []


def test_no_party_changes_what_is_in_force_alone() -> None:
    agreements = Agreements()
    for by in (A, B):
        step(agreements, FIRST_VERSION, by)
    second = next_of(FIRST_VERSION, zones=(ZONE,))
    step(agreements, second, B)
    with pytest.raises(Refused) as refused:
        step(agreements, second, B)
    assert refused.value.code == "agreement.version"
    assert agreements.in_force[A, B].agreement == FIRST_VERSION
    assert step(agreements, second, A) is AgreementChange.IN_FORCE
    assert agreements.in_force[A, B].agreement == second


def test_two_texts_of_one_version_are_not_one_agreement() -> None:
    agreements = Agreements()
    other = replace(FIRST_VERSION, zones=(ZONE,))
    step(agreements, FIRST_VERSION, A)
    assert step(agreements, other, B) is AgreementChange.PROPOSED
    assert not agreements.in_force
    with pytest.raises(Refused) as refused:
        step(agreements, other, A)
    assert refused.value.code == "agreement.version", "a party signs one text of a version"
    settled = replace(other, version=2)
    step(agreements, settled, A)
    assert step(agreements, settled, B) is AgreementChange.IN_FORCE


@pytest.mark.parametrize(
    "wrong",
    [
        next_of(FIRST_VERSION, version=1),
        next_of(FIRST_VERSION, replaces=AgreementId("")),
        next_of(FIRST_VERSION, replaces=AgreementId("ab" * 32)),
        FIRST_VERSION,
    ],
)
def test_only_a_later_version_that_replaces_the_one_in_force_can_be_signed(wrong: Agreement) -> None:
    agreements = Agreements()
    for by in (A, B):
        step(agreements, FIRST_VERSION, by)
    with pytest.raises(Refused) as refused:
        step(agreements, wrong, A)
    assert refused.value.code == "agreement.version"


def test_an_agreement_is_signed_on_the_line_of_its_parties_alone() -> None:
    for between in (frozenset((A, Giver("c"))), frozenset((B, Giver("c")))):
        with pytest.raises(Refused) as refused:
            Agreements().step(signed(FIRST_VERSION, A), between=between)
        assert refused.value.code == "agreement.parties"


def test_too_many_proposals_of_one_party_take_none_of_the_others() -> None:
    agreements = Agreements()
    step(agreements, FIRST_VERSION, A)
    for version in range(2, PROPOSED_MAX + 4):
        step(agreements, replace(FIRST_VERSION, version=version), B)
    proposed = agreements.proposed[A, B]
    assert [each.agreement.version for each in proposed if each.by == A] == [1]
    assert [each.agreement.version for each in proposed if each.by == B] == list(range(4, PROPOSED_MAX + 4))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_both_nodes_come_to_one_version_whichever_signatures_they_hear_first(data: st.DataObject) -> None:
    texts = [replace(FIRST_VERSION, version=version) for version in range(1, 5)]
    numbers = st.lists(st.integers(0, 3), unique=True, max_size=4)
    said = {A: data.draw(numbers.map(sorted)), B: data.draw(numbers.map(sorted))}
    ends: set[str] = set()
    together = len(said[A]) + len(said[B])
    for turns in combinations(range(together), len(said[A])):
        order = [A if turn in turns else B for turn in range(together)]
        agreements, next_one = Agreements(), {A: 0, B: 0}
        for by in order:
            text = texts[said[by][next_one[by]]]
            next_one[by] += 1
            try:
                step(agreements, text, by)
            except Refused:
                continue
        in_force = agreements.in_force.get((A, B))
        ends.add("" if in_force is None else in_force.id)
    common = [texts[number] for number in said[A] if number in said[B]]
    assert ends == {agreement_id(common[0]) if common else ""}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"parties": (B, A)}, "agreement.parties"),
        ({"parties": (A, A)}, "agreement.parties"),
        ({"version": 0}, "agreement.version"),
        ({"version": 1_000_001}, "agreement.version"),
        ({"replaces": AgreementId("AB" * 32)}, "agreement.version"),
        ({"replaces": AgreementId("ab")}, "agreement.version"),
        ({"zones": (ZONE, ZONE)}, "agreement.zones"),
        ({"zones": (replace(ZONE, role=Role.ROUTE),)}, "agreement.zones"),
        (
            {"zones": tuple(replace(ZONE, name=f"zone {n}") for n in range(EXTENTS_MAX + 1))},
            "agreement.zones",
        ),
        ({"leads": {NoticeKind.ENTRY: Duration(0)}}, "agreement.times"),
        ({"timers": {Timer.CHECK: Duration(TIME_MS_MAX + 1)}}, "agreement.times"),
        ({"languages": ()}, "agreement.languages"),
        ({"languages": ("en", "en")}, "agreement.languages"),
        ({"languages": ("English",)}, "agreement.languages"),
        ({"languages": tuple(f"a{chr(97 + n)}" for n in range(26)) * 2}, "agreement.languages"),
        ({"contacts": ((A, CONTACT),)}, "agreement.contacts"),
        ({"contacts": ((A, CONTACT), (B, CONTACT), (Giver("c"), CONTACT))}, "agreement.contacts"),
        ({"contacts": ((A, CONTACT), (B, CONTACT)) * LISTED_MAX}, "agreement.contacts"),
        ({"thresholds": VIENNA_2011 * (THRESHOLDS_MAX // 8 + 1)}, "agreement.many"),
        ({"forms": {NoticeKind.ENTRY: ""}}, "notice.missing"),
    ],
)
def test_an_agreement_that_is_odd_is_refused(changed: Mapping[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        replace(FIRST_VERSION, **changed)  # type: ignore[arg-type]
    assert refused.value.code == code
