"""Agreements as JSON: one text for one agreement, read back whole, and nothing odd taken."""

from __future__ import annotations

from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import Duration
from keepclear.core.notice.agreement import TIME_MS_MAX, Agreement, AgreementId, Timer
from keepclear.core.notice.extent import Role
from keepclear.core.notice.held import Giver
from keepclear.core.notice.minima import Minima, Minimum
from keepclear.core.notice.notice import NoticeKind
from keepclear.core.notice.threshold import VIENNA_2011
from keepclear.core.trust.encoding import canonical, parsed
from keepclear.formats.notice.agreementjson import agreement_content, agreement_id, agreement_of
from notices import contacts, extents, words

times = st.integers(1, TIME_MS_MAX).map(Duration)
rules = st.builds(
    Minimum,
    name=words,
    kinds=st.tuples(st.sampled_from(["any", "entry"]), st.sampled_from(list(NoticeKind)).map(str)),
    horizontal_m=st.integers(0, 10_000_000).map(lambda cm: cm / 100),
    vertical_m=st.integers(0, 1_000_000).map(lambda cm: cm / 100),
    time_ms=st.integers(0, 86_400_000).map(Duration),
)


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    """An agreement between a and b of any version."""
    zones = [
        draw(extents(name=f"zone {n}", roles=(Role.AREA,), heights=False))
        for n in range(draw(st.integers(0, 2)))
    ]
    return Agreement(
        parties=(Giver("a"), Giver("b")),
        version=draw(st.integers(1, 9)),
        replaces=AgreementId(draw(st.sampled_from(["", "ab" * 32]))),
        languages=draw(st.sampled_from([("en",), ("ar", "en", "zh-Hant")])),
        contacts=((Giver("a"), draw(contacts)), (Giver("b"), draw(contacts))),
        zones=tuple(zones),
        minima=Minima(rules=tuple(draw(st.lists(rules, max_size=3, unique_by=lambda rule: rule.name)))),
        leads=draw(st.dictionaries(st.sampled_from(list(NoticeKind)), times, max_size=3)),
        timers=draw(st.dictionaries(st.sampled_from(list(Timer)), times, max_size=3)),
        thresholds=draw(st.lists(st.sampled_from(VIENNA_2011), max_size=3).map(tuple)),
        forms=draw(st.dictionaries(st.sampled_from(list(NoticeKind)), words, max_size=2)),
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(agreements())
def test_an_agreement_comes_back_as_it_was_and_its_name_is_the_hash_of_its_text(agreement: Agreement) -> None:
    raw = canonical(agreement_content(agreement))
    assert agreement_of(parsed(raw)) == agreement
    assert agreement_id(agreement) == sha256(rfc8785.dumps(parsed(raw))).hexdigest()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(agreements(), st.data())
def test_a_member_that_is_not_known_is_refused_wherever_it_stands_in_an_agreement(
    agreement: Agreement, data: st.DataObject
) -> None:
    content = parsed(canonical(agreement_content(agreement)))
    objects: list[dict[str, object]] = []

    def gather(value: object) -> None:
        if isinstance(value, dict):
            objects.append(value)
            for each in value.values():
                gather(each)
        elif isinstance(value, list):
            for each in value:
                gather(each)

    gather(content)
    data.draw(st.sampled_from(objects))["odd"] = 1
    with pytest.raises(Refused) as refused:
        agreement_of(content)
    assert refused.value.code == "fields.unknown"


@pytest.mark.parametrize("empty", [{"zones": []}, {"forms": {}}, {"minima": []}, {"leads": {}}])
def test_what_is_empty_is_left_out_so_that_both_sign_one_text(empty: dict[str, object]) -> None:
    plain = {
        "v": 1,
        "parties": ["a", "b"],
        "version": 1,
        "languages": ["en"],
        "contacts": [
            {"party": party, "contact": {"name": "duty", "phones": ["+963112223"]}} for party in "ab"
        ],
    }
    assert agreement_content(agreement_of(plain)) == plain  # type: ignore[arg-type]
    with pytest.raises(Refused) as refused:
        agreement_of({**plain, **empty})  # type: ignore[arg-type, dict-item]
    assert refused.value.code == "agreement.text"


@pytest.mark.parametrize("parties", [[], ["a"], ["a", "b", "c"], "ab", [1, 2]])
def test_an_agreement_is_between_just_two_parties(parties: object) -> None:
    with pytest.raises(Refused) as refused:
        agreement_of({"v": 1, "parties": parties})  # type: ignore[dict-item]
    assert refused.value.code == "fields.unfit"
