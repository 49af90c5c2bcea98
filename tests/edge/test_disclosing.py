"""What leaves of parts is noted before it does, goes to whom it was given, and not at all once consent is withdrawn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from edge.paired import TANF, Party, pair
from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Instant, Window, instant_of, instant_text
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind, PartyWord, Precedence
from keepclear.core.line.plot.place import places_content
from keepclear.core.line.text import Text
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.core.line.voice.readback import Language
from keepclear.core.record.cosignature import CosignerKey
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.opening import opening_of
from keepclear.edge.api.lineforms import ConsentForm
from keepclear.edge.api.lineholders import LineHolders
from keepclear.edge.clock import PlayedClock
from keepclear.edge.lines.disclosing import Consent, named_part
from keepclear.edge.lines.exporting import NOTHING, Release, exported
from keepclear.edge.store.disclosures import Disclosure
from keepclear.formats.line.bundlefile import bundle_of
from keepclear.formats.line.exportfile import export_of
from keepclear.formats.stored.partbody import PARTS_NAMED_MAX, NamedPart, export_body
from places import TANF as TANF_PLACE

START = instant_of("2018-09-06T08:00:00Z")
UN = PartyWord("un")
WHY = ConsentForm(by="L. Marek", reason="The clinic asked for it")


def still() -> PlayedClock:
    clock = PlayedClock(Window(start=START, end=Instant(START + 86_400_000)), rate=1.0)
    clock.pause(paused=True)
    return clock


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Party, Party]]:
    """Parties ``a`` and ``b``, paired and open; bundles are handed over by the test."""
    one, two = (Party(tmp_path / name, name, clock=still()) for name in "ab")
    try:
        pair(one, two)
        exchange(one, two)
        yield one, two
    finally:
        for each in (one, two):
            each.node.host.store.close()
            each.link.close()


def exchange(one: Party, two: Party, *, rounds: int = 3) -> None:
    for _ in range(rounds):
        for sender, receiver in ((one, two), (two, one)):
            packed = sender.node.lines.pack(TANF, way="link")
            assert packed is not None
            receiver.node.lines.take_bundle(packed.raw, way="link")
            sender.node.lines.carried(TANF, "link", packed)


def site(party: Party, *, released: Mapping[str, tuple[str, ...]] | None = None) -> bytes:
    """A notice of a place to be spared, with a contact."""
    text = Text(composed=party.node.now, language="en", originator="L. Marek", text="A clinic.").content()
    contents: dict[str, Mapping[str, Json]] = {
        "text": text,
        "places": places_content([TANF_PLACE]),
        "contact": {"name": "The nurse on duty"},
    }
    draft = Draft(
        kind=Kind.NOTIFY, precedence=Precedence.IMMEDIATE, contents=contents, released=released or {}
    )
    return party.node.lines.say(TANF, draft, by="L. Marek")


def commitment(party: Party, hashed: bytes, part: str) -> str:
    return named_part(party.views.header(TANF, hashed), hashed, part).commitment


def given(party: Party, hashed: bytes, part: str) -> tuple[Disclosure, ...]:
    return party.node.host.store.disclosed.of(commitment(party, hashed, part))


def holders(party: Party) -> LineHolders:
    return LineHolders(party.node, party.office)


def opened_by(raw: bytes) -> list[str]:
    """The names of the parts that an export opens."""
    return sorted(opening_of(each).part for each in export_of(raw).export.openings)


def judged(raw: bytes, *parties: Party) -> Verdict:
    roots = {PartyWord(each.name): each.node.lines.identity.root_public for each in parties}
    witnesses: tuple[CosignerKey, ...] = ()
    return verdict(export_of(raw), roots=roots, witnesses=witnesses)


def recorded(party: Party, kind: str) -> list[Mapping[str, object]]:
    entries = party.node.host.store.entries(start=0, limit=500)
    return [json.loads(each.entry.body) for each in entries if each.entry.kind == kind]


# ---- before a byte leaves


def test_what_a_bundle_brings_is_noted_though_nobody_ever_answers(both: tuple[Party, Party]) -> None:
    a, _ = both
    hashed = site(a)
    packed = a.node.lines.pack(TANF, way="link")
    assert packed is not None
    assert commitment(a, hashed, "places") in {each.hex() for each in bundle_of(packed.raw).parts}
    [place] = given(a, hashed, "places")
    assert (place.to_party, place.way, place.at, place.by) == ("b", "link", START, "")
    shown = holders(a).holders(TANF, hashed)["places"]
    assert shown == [
        {"to": "b", "since": instant_text(START), "way": "link", "state": "sent"}
        | {"taken": None, "by": "", "reason": ""}
    ]


def test_a_bundle_does_not_leave_where_it_cannot_be_noted(
    both: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = both
    hashed = site(a)

    def full(**_: object) -> None:
        raise Unavailable("store.disk", "the disk is full")

    monkeypatch.setattr(a.node.host.store, "commit", full)
    with pytest.raises(Unavailable, match="the disk is full"):
        a.node.lines.pack(TANF, way="link")
    assert given(a, hashed, "places") == ()
    with pytest.raises(Unavailable, match="the disk is full"):
        a.node.lines.pack(TANF, way="folder")


def test_what_is_noted_is_still_known_after_a_restart(tmp_path: Path) -> None:
    one, two = (Party(tmp_path / name, name, clock=still()) for name in "ab")
    try:
        pair(one, two)
        exchange(one, two)
        hashed = site(one)
        one.node.lines.pack(TANF, way="folder")
        one.node.host.store.close()
        one.node = one._opened(still())
        assert [each.way for each in given(one, hashed, "places")] == ["folder"]
    finally:
        for each in (one, two):
            each.node.host.store.close()
            each.link.close()


def test_a_holder_is_shown_to_have_taken_a_part_once_its_node_cosigned(both: tuple[Party, Party]) -> None:
    a, b = both
    hashed = site(a)
    exchange(a, b)
    [shown] = holders(a).holders(TANF, hashed)["places"]
    assert (shown["state"], shown["taken"]) == ("taken", instant_text(START))
    assert holders(b).holders(TANF, hashed)["places"] == [], "b gave it to nobody"


def test_each_way_by_which_a_part_leaves_is_noted_once(both: tuple[Party, Party]) -> None:
    a, _ = both
    hashed = site(a)
    for _ in range(2):
        a.office.paper(TANF)
        for way in ("link", "file"):
            a.node.lines.pack(TANF, way=way)
        holders(a).export(TANF, to=None, release=NOTHING)
    assert [each.way for each in given(a, hashed, "places")] == ["export", "file", "link", "paper"]


# ---- a page


def test_a_printed_page_is_noted_and_shows_only_what_was_released(both: tuple[Party, Party]) -> None:
    a, b = both
    hashed = site(a, released={"text": ()})
    assert "A clinic." not in a.office.printed(TANF, hashed, Language.EN)
    assert [each.way for each in given(a, hashed, "places")] == ["paper"]
    assert given(a, hashed, "text") == ()
    exchange(a, b)
    assert "TANF" in b.office.printed(TANF, hashed, Language.EN)
    assert given(b, hashed, "places") == (), "what the other said is no disclosure to it"


# ---- an export


def test_an_export_opens_for_the_other_party_what_it_was_given_and_nothing_else(
    both: tuple[Party, Party],
) -> None:
    a, b = both
    hashed = site(a, released={"places": ()})
    exchange(a, b)
    raw = holders(a).export(TANF, to=None, release=NOTHING)
    assert opened_by(raw) == ["contact", "text"]
    assert given(a, hashed, "places") == ()
    found = judged(raw, a, b)
    assert found.holds
    [closed] = [each for each in found.findings if "closed" in each.words]
    assert closed.where.endswith(" entry 1")
    assert closed.words == "parts closed in this export: places"
    assert opened_by(holders(b).export(TANF, to=None, release=NOTHING)) == ["contact", "text"]


def test_an_export_for_a_third_party_opens_nothing_that_nobody_released_to_it(
    both: tuple[Party, Party],
) -> None:
    a, b = both
    site(a)
    exchange(a, b)
    raw = holders(a).export(TANF, to=UN, release=NOTHING)
    assert opened_by(raw) == []
    assert judged(raw, a, b).holds
    assert recorded(a, "line.exported")[-1] == {"line": "tanf", "to": "un", "opened": 0}


def test_a_part_that_a_person_releases_is_opened_and_recorded_with_who_and_why(
    both: tuple[Party, Party],
) -> None:
    a, b = both
    hashed = site(a)
    exchange(a, b)
    release = Release(parts=(f"{hashed.hex()[:8].upper()}:places",), by="L. Marek", reason="Inquiry 7")
    raw = holders(a).export(TANF, to=UN, release=release)
    assert opened_by(raw) == ["places"]
    [place] = [each for each in given(a, hashed, "places") if each.to_party == "un"]
    assert (place.way, place.at, place.by, place.reason) == ("export", START, "L. Marek", "Inquiry 7")
    [entry] = recorded(a, "line.exported")
    assert (entry["to"], entry["released"], entry["by"], entry["reason"]) == (
        "un",
        1,
        "L. Marek",
        "Inquiry 7",
    )
    assert entry["parts"] == [
        {"message": hashed.hex(), "part": "places", "commitment": commitment(a, hashed, "places")}
    ]
    assert opened_by(holders(a).export(TANF, to=UN, release=NOTHING)) == ["places"], "it has it since"


def test_everything_is_released_to_whom_a_person_names(both: tuple[Party, Party]) -> None:
    a, b = both
    hashed = site(a, released={"contact": ()})
    exchange(a, b)
    release = Release(everything=True, by="L. Marek", reason="Court order")
    assert opened_by(holders(a).export(TANF, to=UN, release=release)) == ["contact", "places", "text"]
    assert {each.reason for each in given(a, hashed, "contact")} == {"Court order"}


def test_an_export_is_refused_where_it_is_not_known_who_decides_or_what_is_meant(
    both: tuple[Party, Party],
) -> None:
    a, b = both
    hashed = site(a)
    theirs = b.say(Kind.QUERY, "Where?", by="I. Volkov")
    exchange(a, b)
    for options, code in (
        ({"parts": ("00:text",)}, "part.reason"),
        ({"parts": ("00:text",), "by": "L. Marek", "reason": " "}, "part.reason"),
    ):
        with pytest.raises(Refused) as refused:
            Release(**options)
        assert refused.value.code == code
    made = {"by": "L. Marek", "reason": "Inquiry 7"}
    for parts, to, code in (
        (("ffffffffffffffff:text",), "un", "message.unknown"),
        ((":text",), "un", "message.unknown"),
        ((f"{hashed.hex()}:photograph",), "un", "part.unknown"),
        ((f"{hashed.hex()}:text",), "a", "export.reader"),
        ((f"{hashed.hex()}:text",), "No Name", "checkpoint.origin"),
    ):
        with pytest.raises(Refused) as refused:
            holders(a).export(TANF, to=PartyWord(to), release=Release(parts=parts, **made))
        assert refused.value.code == code, parts
    with pytest.raises(Refused, match="has no key that holds"):
        holders(a).export(TANF, to=UN, release=Release(everything=True, by="Nobody", reason="None"))
    assert [each.to_party for each in given(a, hashed, "text")] == ["b"]
    assert theirs.hex() not in json.dumps(recorded(a, "line.exported"))


def test_a_part_that_is_not_open_here_cannot_be_released(both: tuple[Party, Party]) -> None:
    a, b = both
    hashed = site(a, released={"text": ()})
    exchange(a, b)
    release = Release(parts=(f"{hashed.hex()}:text",), by="I. Volkov", reason="Inquiry 7")
    with pytest.raises(Refused, match="is not open at this node"):
        exported(b.node.host.store, b.node.lines.identity, TANF, at=b.node.now, to=UN, release=release)


def test_an_entry_about_very_many_parts_names_some_and_counts_all() -> None:
    parts = [
        NamedPart(message=sha256(b"%d" % n).digest(), part="text", commitment=sha256(b"c%d" % n).hexdigest())
        for n in range(PARTS_NAMED_MAX + 1)
    ]
    body = json.loads(
        export_body(line=TANF, to=UN, opened=500, released=parts, by="L. Marek", reason="Order")
    )
    assert (body["released"], len(body["parts"]), body["opened"]) == (101, 100, 500)


# ---- consent


def test_nothing_of_a_part_leaves_by_any_way_once_consent_is_withdrawn(both: tuple[Party, Party]) -> None:
    a, _ = both
    hashed = site(a)
    sealed = bytes.fromhex(commitment(a, hashed, "places"))
    holders(a).withdraw(TANF, hashed, "places", WHY)
    for way in ("link", "folder", "file", "paper"):
        packed = a.node.lines.pack(TANF, way=way)
        assert packed is not None
        assert sealed not in bundle_of(packed.raw).parts, way
    page = a.office.printed(TANF, hashed, Language.EN)
    assert "A clinic." in page
    assert "33.4967" not in page
    assert "TANF 55" not in page
    assert "places" not in opened_by(holders(a).export(TANF, to=None, release=NOTHING))
    everything = Release(everything=True, by="L. Marek", reason="Court order")
    assert "places" not in opened_by(holders(a).export(TANF, to=UN, release=everything))
    named = Release(parts=(f"{hashed.hex()}:places",), by="L. Marek", reason="Court order")
    with pytest.raises(Refused, match=r"consent for .* was withdrawn"):
        holders(a).export(TANF, to=UN, release=named)
    assert given(a, hashed, "places") == ()


def test_a_withdrawal_lists_every_holder_and_offers_a_notice_that_is_not_sent(
    both: tuple[Party, Party],
) -> None:
    a, b = both
    hashed = site(a)
    exchange(a, b)
    release = Release(parts=(f"{hashed.hex()}:places",), by="L. Marek", reason="Inquiry 7")
    holders(a).export(TANF, to=UN, release=release)
    size = a.line.own.size
    answer = holders(a).withdraw(TANF, hashed, "places", WHY)
    assert a.line.own.size == size, "no notice is sent by itself"
    assert [(each["to"], each["way"], each["state"]) for each in answer["holders"]] == [
        ("un", "export", "sent"),
        ("b", "link", "taken"),
    ] or [(each["to"], each["way"], each["state"]) for each in answer["holders"]] == [
        ("b", "link", "taken"),
        ("un", "export", "sent"),
    ]
    notices = {each["to"]: each["message"] for each in answer["notices"]}
    assert notices["un"] is None, "who is not on the line is told by hand"
    assert notices["b"]["kind"] == "withdraw"
    assert notices["b"]["refs"] == [{"hash": hashed.hex(), "how": "withdraws"}]
    [entry] = recorded(a, "line.consent-withdrawn")
    assert (entry["by"], entry["reason"], entry["holders"]) == (WHY.by, WHY.reason, ["b", "un"])
    assert entry["part"] == {
        "message": hashed.hex(),
        "part": "places",
        "commitment": commitment(a, hashed, "places"),
    }
    assert answer["withdrawn"] == {"at": instant_text(START), "by": WHY.by, "reason": WHY.reason}


def test_what_lies_ready_for_a_stick_is_laid_out_anew_without_the_part(both: tuple[Party, Party]) -> None:
    a, _ = both
    hashed = site(a)
    sent: list[tuple[str, bool]] = []
    a.node.lines.senders.append(lambda line, every_way: sent.append((line, every_way)))
    holders(a).withdraw(TANF, hashed, "contact", WHY)
    assert sent == [("tanf", False), ("tanf", True)], "what is said of it goes out too"


def test_consent_is_withdrawn_once_by_an_officer_who_says_why(both: tuple[Party, Party]) -> None:
    a, _ = both
    hashed = site(a)
    assert holders(a).withdrawal(commitment(a, hashed, "text")) is None
    for part, form, code in (
        ("text", ConsentForm(by="Nobody", reason="Asked"), "line.officer"),
        ("text", ConsentForm(by="L. Marek", reason=" "), "part.reason"),
        ("photograph", WHY, "part.unknown"),
    ):
        with pytest.raises(Refused) as refused:
            holders(a).withdraw(TANF, hashed, part, form)
        assert refused.value.code == code
    holders(a).withdraw(TANF, hashed, "text", WHY)
    with pytest.raises(Refused, match=r"withdrawn by L\. Marek already: The clinic asked"):
        holders(a).withdraw(TANF, hashed, "text", WHY)
    assert len(recorded(a, "line.consent-withdrawn")) == 1


def test_consent_is_withdrawn_for_what_the_other_said_too(both: tuple[Party, Party]) -> None:
    a, b = both
    hashed = site(a)
    exchange(a, b)
    answer = holders(b).withdraw(TANF, hashed, "places", ConsentForm(by="I. Volkov", reason="They asked"))
    assert answer["holders"] == answer["notices"] == []
    assert "places" not in opened_by(holders(b).export(TANF, to=None, release=NOTHING))
    with pytest.raises(Refused, match="name who decides this"):
        Consent(line=TANF, part=named_part(b.views.header(TANF, hashed), hashed, "text"), by="", reason="x")
