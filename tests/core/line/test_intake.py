"""Intake: what a bundle adds, what it gives away, and what it can never do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import (
    LINE,
    NOW,
    acknowledgement,
    advice,
    bundle_of,
    changes,
    forced,
    head_over,
    head_signed,
    headed,
    last_hash,
    notice,
    of_type,
    opened_two,
    sent,
    stop,
    two,
)
from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.line.bundle import Bundle, Express
from keepclear.core.line.doubt import epoch_opened
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Convict, Cosign, GrowLog, KeepOpenings
from keepclear.core.line.fault import FORK, Fault
from keepclear.core.line.intake import Copy, Holding, taken_in
from keepclear.core.line.keys import Anchor, root_name
from keepclear.core.line.log import Log, Rule, Unsound, Views
from keepclear.core.line.message import Kind, PartyWord, Precedence, header_of
from keepclear.core.record.fork import Fork
from keepclear.core.record.merkle import Frontier, Head, consistency_path, inclusion_path
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.trust.note import VerifierKey
from party import Party, exchange, public, seeded_key

# ---------------------------------------------------------------------------- what is taken


def test_a_bundle_brings_every_entry_once_and_in_order() -> None:
    one, other = opened_two()
    for number in range(5):
        one.say(advice(f"word {number}"), now=NOW + 100 + number)
    bundle = bundle_of(one, now=NOW + 200)
    effects = other.take(bundle, now=NOW + 210)
    assert [each.hashes[0] for each in changes(effects, "received")] == [
        reception for reception in list(one.line.state.receptions)[1:]
    ]
    assert other.kept.log(one.origin).leaves == one.kept.log(one.origin).leaves
    again = other.take(bundle, now=NOW + 220)
    assert not changes(again, "received")
    assert not of_type(again, GrowLog)


def test_a_bundle_that_overlaps_what_is_held_adds_only_what_is_new() -> None:
    one, other = opened_two()
    one.say(advice("first"), now=NOW + 100)
    early = bundle_of(one, now=NOW + 110)
    one.say(advice("second"), now=NOW + 120)
    late = bundle_of(one, now=NOW + 130)
    other.take(early, now=NOW + 140)
    effects = other.take(late, now=NOW + 150)
    assert late.start < early.start + len(early.leaves)
    assert [each.leaves for each in of_type(effects, GrowLog)] == [late.leaves[-1:]]
    assert other.kept.log(one.origin).leaves == one.kept.log(one.origin).leaves


def test_an_older_bundle_after_a_newer_one_changes_nothing() -> None:
    one, other = opened_two()
    one.say(advice("first"), now=NOW + 100)
    early = bundle_of(one, now=NOW + 110)
    one.say(advice("second"), now=NOW + 120)
    sent(one, other, now=NOW + 130)
    effects = other.take(early, now=NOW + 150)
    assert not changes(effects, "received")
    assert not other.line.state.faults
    assert other.line.state.unproved == 0
    assert other.kept.log(one.origin).leaves == one.kept.log(one.origin).leaves


def test_a_bundle_past_a_gap_is_not_taken_and_asked_for_again() -> None:
    one, other = opened_two()
    one.say(advice("first"), now=NOW + 100)
    one.say(advice("second"), now=NOW + 120)
    bundle = bundle_of(one, now=NOW + 130)
    past = replace(bundle, start=bundle.start + 1, leaves=bundle.leaves[1:])
    effects = other.take(past, now=NOW + 140)
    assert not of_type(effects, GrowLog)
    assert other.line.state.copy.log.size == 1
    exchange(one, other, now=NOW + 150)
    assert other.line.state.copy.log.size == 3


def test_an_overlap_that_the_copy_was_not_looked_up_for_is_a_gap() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    bundle = forced(one, now=NOW + 110)
    copy = other.line.state.copy
    intake = taken_in(copy, bundle, holding=Holding(), views=other.line.state.other_views())
    assert intake.gap
    assert intake.copy is copy


def test_a_second_party_may_open_after_it_has_heard_the_first() -> None:
    one, other = two()
    one.open(now=NOW)
    sent(one, other, now=NOW + 5)
    other.open(now=NOW + 10)
    exchange(one, other, now=NOW + 20)
    assert one.line.state.copy.log.size == 1
    assert other.line.state.copy.log.size == 1
    assert one.line.state.confirmed == other.line.state.confirmed == 1


def test_a_new_epoch_that_cites_the_other_log_is_taken() -> None:
    one, other = opened_two()
    one.say(advice("before"), now=NOW + 100)
    exchange(one, other, now=NOW + 110)
    one.reopen(now=NOW + 200)
    effects = sent(one, other, now=NOW + 210)
    assert other.line.state.copy.log.epoch == 2
    assert changes(effects, "epoch")[0].words == (
        "a opened epoch 2; of epoch 1 it stands by 2 entries, and 2 are held here"
    )
    one.say(advice("after"), now=NOW + 300)
    exchange(one, other, now=NOW + 310)
    assert other.kept.log(one.origin).leaves == one.kept.log(one.origin).leaves
    assert one.line.state.confirmed == 2


def test_who_flees_from_two_histories_into_a_new_epoch_is_said_to_have_done_so() -> None:
    one, other = opened_two()
    before = other.line.state.copy
    head = before.log.head()
    anchors = {
        "with another root: it signed two histories of epoch 1": Head(size=head.size, root=bytes(32)),
        "was never shown": Head(size=head.size + 3, root=bytes(32)),
    }
    one.reopen(now=NOW + 200)
    roster = one.line.state.own.roster
    assert roster is not None
    for words, anchor in anchors.items():
        state = replace(other.line.state, agreed=Frontier().head())
        keys = replace(roster.keys, previous=Anchor(epoch=1, head=anchor))
        log = replace(before.log, epoch=2, roster=replace(roster, keys=keys))
        assert words in epoch_opened(state, replace(before, log=log)).words
        assert state.agreed is None


def test_a_bundle_of_an_epoch_that_is_over_changes_nothing() -> None:
    one, other = opened_two()
    old = bundle_of(one, now=NOW + 50)
    one.reopen(now=NOW + 100)
    exchange(one, other, now=NOW + 110)
    before = other.line.state.copy
    other.take(old, now=NOW + 300)
    assert other.line.state.copy == before


def test_a_new_epoch_is_not_taken_from_its_middle() -> None:
    one, other = opened_two()
    one.reopen(now=NOW + 100)
    one.say(advice(), now=NOW + 110)
    bundle = bundle_of(one, now=NOW + 120)
    middle = replace(bundle, start=1, leaves=bundle.leaves[1:])
    with pytest.raises(Refused, match="nothing is held of keepclear/a/tanf/2"):
        other.take(middle, now=NOW + 130)
    assert other.line.state.copy.log.epoch == 1
    exchange(one, other, now=NOW + 140)
    assert other.line.state.copy.log.epoch == 2


# ---------------------------------------------------------------------------- what is refused, and nothing is taken


def test_a_bundle_of_another_line_is_refused() -> None:
    one, other = opened_two()
    bundle = bundle_of(one, now=NOW + 100)
    with pytest.raises(Refused, match=r"bundle is of \('gulf', 'a', 'b'\), must be of \('tanf', 'a', 'b'\)"):
        other.take(replace(bundle, line=LINE.replace("tanf", "gulf")), now=NOW + 110)  # type: ignore[arg-type]


def test_a_bundle_back_to_its_sender_is_refused() -> None:
    one, _ = opened_two()
    with pytest.raises(Refused, match="must be of"):
        one.take(bundle_of(one, now=NOW + 100), now=NOW + 110)


def test_a_first_bundle_without_entry_0_is_refused() -> None:
    one, other = two()
    one.open(now=NOW)
    one.say(advice(), now=NOW + 10)
    bundle = bundle_of(one, now=NOW + 20)
    for less in (replace(bundle, start=1, leaves=bundle.leaves[1:]), replace(bundle, leaves=())):
        with pytest.raises(
            Refused, match="nothing is held of keepclear/a/tanf/1: the bundle must bring its entry 0"
        ):
            other.take(less, now=NOW + 30)


def test_a_checkpoint_over_other_than_the_leaves_is_refused() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    with pytest.raises(Refused, match="bundle has entries 1 to 0 and a checkpoint over 2"):
        other.take(replace(bundle, leaves=()), now=NOW + 120)


def test_a_checkpoint_of_another_key_is_untrusted_and_changes_nothing() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    stranger = Party("a", "b")
    stranger.epoch = 2
    checkpoint = head_signed(stranger, Head(size=2, root=bytes(32)), origin=one.origin)
    before = other.line.state.copy
    with pytest.raises(Untrusted, match="note is not signed by"):
        other.take(replace(bundle, checkpoint=checkpoint), now=NOW + 120)
    assert other.line.state.copy == before


def test_a_checkpoint_with_lines_that_no_entry_could_cite_is_refused() -> None:
    """Were it taken, our own entries would cite what its signature does not cover, and could not be said at all."""
    one, other = opened_two()
    bundle = forced(one, headed(one, advice(), now=NOW + 100), now=NOW + 110)
    checkpoint = head_over(one, bundle.leaves, extension=("more",))
    with pytest.raises(Refused, match="checkpoint of keepclear/a/tanf/1 has lines beyond its root"):
        other.take(replace(bundle, checkpoint=checkpoint), now=NOW + 120)
    other.say(advice(), now=NOW + 130)


def test_an_unreadable_newest_head_is_refused_before_anything_changes() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    bundle = replace(bundle_of(one, now=NOW + 110), newest="nothing", start=9)
    shows = other.line.state.other_shows
    with pytest.raises(Refused, match="note"):
        other.take(bundle, now=NOW + 120)
    assert other.line.state.other_shows == shows


def test_leaves_that_do_not_make_the_checkpoint_are_asked_for_again_without_blame() -> None:
    one, other = opened_two()
    one.say(advice("said"), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    altered = replace(bundle, leaves=(*bundle.leaves[:-1], bundle.leaves[-1].replace(b"a", b"b")))
    effects = other.take(altered, now=NOW + 120)
    assert [each.words for each in changes(effects, "unproved")] == [
        "a has not shown that its newest head continues what it signed before"
    ]
    assert not other.line.state.faults
    assert other.line.state.copy.log.size == 1
    sent(one, other, now=NOW + 130)
    assert other.line.state.unproved == 0
    assert other.line.state.copy.log.size == 2


# ---------------------------------------------------------------------------- two histories


def judged_elsewhere(fault: Fault, party: Party) -> None:
    """A third party who has the log's key alone comes to the same."""
    key = VerifierKey(name=party.origin, public_key=public(party.log_key))
    root = VerifierKey(name=root_name(party.name), public_key=public(seeded_key(f"{party.name} root")))
    empty = Log(line=LINE, party=PartyWord(party.name), other=PartyWord(party.other), root=root)
    fault.verify(key=key, before=empty, views=Views())


def two_histories() -> tuple[Party, Party, tuple[bytes, ...]]:
    """Parties of whom one has said two things in one place: what the other has not heard is given."""
    one, other = opened_two()
    twin = [headed(one, advice(f"other word {number}"), now=NOW + 100 + number) for number in range(1)]
    one.say(advice("one word"), now=NOW + 100)
    one.say(advice("one more"), now=NOW + 110)
    exchange(one, other, now=NOW + 120)
    return one, other, tuple(twin)


def forked_by(other: Party, bundle: Bundle, *, now: int) -> Fault:
    effects = other.take(bundle, now=now)
    [convicted] = of_type(effects, Convict)
    assert changes(effects, "fault")[0].words == convicted.fault.words
    assert not of_type(effects, GrowLog)
    return convicted.fault


def history(party: Party, *more: bytes, now: int) -> Bundle:
    """A bundle of entry 0 and other entries."""
    first = party.kept.log(party.origin).leaves[0]
    return replace(
        bundle_of(party, now=now),
        start=0,
        leaves=(first, *more),
        checkpoint=head_over(party, (first, *more)),
        newest=None,
        path=(),
        express=(),
    )


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_another_history_shorter_equal_or_longer_convicts_and_nothing_of_it_is_taken(length: int) -> None:
    one, other, twin = two_histories()
    held = other.line.state.copy
    leaves = [*twin]
    for number in range(1, length):
        leaves.append(headed(one, advice("lie"), now=NOW + 200, index=1 + number, seen=None))
    fault = forked_by(other, history(one, *leaves, now=NOW + 300), now=NOW + 310)
    assert fault.rule == FORK
    assert fault.party == "a"
    assert fault.words == "a signed two heads of keepclear/a/tanf/1 of which neither continues the other"
    assert fault.fork is not None
    judged_elsewhere(fault, one)
    assert other.line.state.copy == held


def test_a_fork_accuses_nobody_else() -> None:
    one, other, twin = two_histories()
    fault = forked_by(other, history(one, *twin, now=NOW + 300), now=NOW + 310)
    with pytest.raises(Untrusted):
        judged_elsewhere(fault, other)


def test_one_rule_broken_twice_convicts_once() -> None:
    one, other, twin = two_histories()
    forked_by(other, history(one, *twin, now=NOW + 300), now=NOW + 310)
    for number in range(3):
        more = headed(one, advice(f"lie {number}"), now=NOW + 200, index=2, seen=None)
        effects = other.take(history(one, *twin, more, now=NOW + 320), now=NOW + 330 + number)
        assert not of_type(effects, Convict)
    assert len(other.line.state.faults) == 1


def test_a_smaller_head_that_was_not_looked_up_is_asked_for_and_no_accusation() -> None:
    one, other, twin = two_histories()
    bundle = history(one, *twin, now=NOW + 300)
    views = other.line.state.other_views()
    intake = taken_in(other.line.state.copy, bundle, holding=Holding(), views=views)
    assert intake.unproved
    assert intake.fault is None


def test_a_head_over_nothing_is_no_news() -> None:
    one, other = opened_two()
    bundle = replace(bundle_of(one, now=NOW + 10), start=0, leaves=(), checkpoint=head_over(one, ()))
    effects = other.take(bundle, now=NOW + 20)
    assert not of_type(effects, GrowLog)
    assert other.line.state.unproved == 0


def test_an_empty_copy_of_a_new_epoch_takes_the_head_over_nothing_as_no_entry_0() -> None:
    one, other = opened_two()
    one.reopen(now=NOW + 100)
    bundle = replace(bundle_of(one, now=NOW + 110), start=0, leaves=(), checkpoint=head_over(one, ()))
    with pytest.raises(Refused, match="must bring its entry 0"):
        other.take(bundle, now=NOW + 120)


def test_a_lying_entry_convicts_and_none_of_its_bundle_is_taken() -> None:
    one, other = opened_two()
    good = headed(one, advice("true"), now=NOW + 100)
    late = headed(one, advice("false"), now=NOW + 50, index=2, at_ms=NOW - 1_000)
    bundle = forced(one, good, late, now=NOW + 110)
    effects = other.take(bundle, now=NOW + 120)
    [convicted] = of_type(effects, Convict)
    assert convicted.fault.rule == Rule.BACK_DATED
    assert other.line.state.copy.log.size == 1
    assert not changes(effects, "received")
    key = VerifierKey(name=one.origin, public_key=public(one.log_key))
    views = other.line.state.other_views()
    convicted.fault.verify(key=key, before=other.line.state.copy.log, views=views)


def test_a_first_entry_whose_keys_the_root_did_not_state_is_refused() -> None:
    one, other = two()
    one.root = seeded_key("another root")
    statement = one.statement(opens=one.log_keys(), adds=("duty",), at=NOW)
    draft = Draft(kind=Kind.OPEN, statement=statement)
    leaf, _ = one.signed(draft, now=NOW, by=None)
    stranger, _ = two()
    stranger.open(now=NOW)
    bundle = replace(bundle_of(stranger, now=NOW + 10), leaves=(leaf,), checkpoint=head_over(one, (leaf,)))
    with pytest.raises(Unsound, match="entry 0 of keepclear/a/tanf/1 has a key statement that does not hold"):
        other.take(bundle, now=NOW + 20)
    assert other.line.state.copy == Copy(log=other.line.state.copy.log)
    assert other.line.state.copy.log.size == 0


# ---------------------------------------------------------------------------- ahead of its turn


def flooded(count: int = 520, *, precedence: Precedence = Precedence.ROUTINE) -> tuple[Party, Party]:
    """Two parties of whom one has said more than a bundle brings."""
    one, other = opened_two()
    for number in range(count):
        one.say(advice(f"word {number}", precedence=precedence), now=NOW + 100 + number)
    return one, other


def test_a_flash_past_the_run_of_leaves_rings_now_and_not_again_in_its_turn() -> None:
    one, other = flooded()
    one.say(notice(precedence=Precedence.FLASH), now=NOW + 1_000)
    flash = last_hash(one)
    bundle = bundle_of(one, now=NOW + 1_010)
    assert [each.index for each in bundle.express] == [521]
    effects = other.take(bundle, now=NOW + 1_020)
    assert flash in other.line.state.duties
    assert [each.hashes for each in changes(effects, "ringing")][-1] == (flash,)
    assert other.line.state.copy.log.size == 513
    exchange(one, other, now=NOW + 1_100)
    assert other.line.state.copy.log.size == 522
    assert other.line.state.copy.ahead == ()


def test_the_parts_of_a_message_ahead_of_its_turn_are_kept_at_once() -> None:
    one, other = flooded()
    one.say(notice(precedence=Precedence.FLASH), now=NOW + 1_000)
    header = header_of(envelope_of(one.kept.log(one.origin).leaves[-1]).payload)
    effects = sent(one, other, now=NOW + 1_020)
    kept = {commitment for each in of_type(effects, KeepOpenings) for commitment in each.openings}
    assert set(header.parts.values()) <= kept
    assert set(header.parts.values()) <= set(other.kept.openings)


def test_an_entry_ahead_that_comes_twice_is_acted_on_once() -> None:
    one, other = flooded()
    one.say(stop(), now=NOW + 1_000)
    bundle = bundle_of(one, now=NOW + 1_010)
    first = other.take(bundle, now=NOW + 1_020)
    again = other.take(bundle, now=NOW + 1_030)
    assert len([each for each in changes(first, "received") if each.hashes == (last_hash(one),)]) == 1
    assert not changes(again, "received")


def test_an_entry_ahead_that_is_not_proved_is_passed_over_without_blame() -> None:
    one, other = flooded()
    one.say(stop(), now=NOW + 1_000)
    bundle = bundle_of(one, now=NOW + 1_010)
    [express] = bundle.express
    for wrong in (
        replace(express, path=express.path[1:]),
        replace(express, index=express.index - 1),
        replace(express, leaf=bundle.leaves[-1]),
    ):
        effects = other.take(replace(bundle, express=(wrong,)), now=NOW + 1_020)
        assert last_hash(one) not in other.line.state.duties
        assert not of_type(effects, Convict)


def test_a_newest_head_that_is_not_shown_to_continue_takes_nothing_and_blames_nobody() -> None:
    one, other = flooded()
    one.say(stop(), now=NOW + 1_000)
    bundle = bundle_of(one, now=NOW + 1_010)
    effects = other.take(replace(bundle, path=bundle.path[1:]), now=NOW + 1_020)
    assert changes(effects, "unproved")
    assert not other.line.state.faults
    assert other.line.state.copy.log.size == 1


def test_a_newest_head_that_the_log_key_did_not_sign_is_untrusted() -> None:
    one, other = flooded()
    bundle = bundle_of(one, now=NOW + 1_010)
    with pytest.raises(Untrusted):
        other.take(replace(bundle, newest=bundle_of(other, now=NOW).checkpoint), now=NOW + 1_020)
    assert other.line.state.copy.log.size == 1


def test_an_entry_ahead_cannot_claim_a_receipt_that_was_never_signed() -> None:
    """Before its turn nobody else judges what it claims to have seen of our log."""
    one, other = flooded()
    other.say(advice("never delivered"), now=NOW + 900)
    seen = {
        "epoch": 1,
        "root": other.line.state.own.head().root.hex(),
        "signature": "\u2014 x AAAAAAAA",
        "size": 2,
    }
    leaf = headed(one, stop(), now=NOW + 1_000, seen=seen)
    effects = other.take(_ahead(one, leaf, now=NOW + 1_010), now=NOW + 1_020)
    assert other.line.state.receptions[last_hash(other)].delivered is None
    assert not changes(effects, "delivered")


def test_an_entry_ahead_that_says_to_be_from_before_is_passed_over() -> None:
    one, other = flooded()
    leaf = headed(one, stop(), now=NOW + 1_000, at_ms=NOW - 5_000)
    effects = other.take(_ahead(one, leaf, now=NOW + 1_010), now=NOW + 1_020)
    assert not [each for each in changes(effects, "ringing") if "stop" in each.words]


def test_a_service_entry_is_never_taken_ahead_of_its_turn() -> None:
    one, other = flooded()
    log = other.line.state.copy.log
    leaf, _ = one.signed(Draft(kind=Kind.KEYS, statement=one.statement(adds=("third",))), now=NOW + 1_000)
    with pytest.raises(Unsound, match="cannot be read before entry 521"):
        log.read_ahead(leaf, Views(), index=521)
    assert other.line.state.copy.log is log


def _ahead(party: Party, leaf: bytes, *, now: int) -> Bundle:
    """A bundle with one entry ahead of its turn, all of it signed and proved by the party itself."""
    twin = party.kept.copy()
    held = party.kept.log(party.origin)
    held.append([leaf])
    bundle = bundle_of(party, now=now)
    size = len(held.leaves)
    covered = bundle.start + len(bundle.leaves)
    made = replace(
        bundle,
        newest=head_over(party, held.leaves),
        path=consistency_path(old=covered, new=size, read=held.read),
        express=(
            Express(
                index=size - 1, leaf=leaf, path=inclusion_path(index=size - 1, size=size, read=held.read)
            ),
        ),
    )
    party.kept = twin
    return made


# ---------------------------------------------------------------------------- cosigning


def test_a_head_is_cosigned_only_once_every_part_could_be_opened() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    first = dict(list(bundle.parts.items())[:1])
    effects = other.take(replace(bundle, parts=first), now=NOW + 120)
    assert not of_type(effects, Cosign)
    assert other.line.state.opened_below() == 1
    effects = sent(one, other, now=NOW + 130)
    assert [(each.size, each.at) for each in of_type(effects, Cosign)] == [(2, Instant(NOW + 130))]


def test_an_entry_cites_only_a_head_that_its_party_has_cosigned() -> None:
    """Else the cosignature would come later than the entry, and the party would look as if it had back-dated it."""
    one, other = opened_two()
    one.say(notice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    other.take(replace(bundle, parts={}), now=NOW + 120)
    other.say(acknowledgement(last_hash(one)), now=NOW + 2_000)
    early = header_of(envelope_of(other.kept.log(other.origin).leaves[-1]).payload)
    assert early.seen is None or early.seen.size < 2
    sent(one, other, now=NOW + 60_000)
    assert other.line.state.own_cosigned[-1].size == 2
    other.say(advice(), now=NOW + 61_000)
    exchange(one, other, now=NOW + 62_000)
    assert not one.line.state.faults
    assert one.line.state.copy.log.size == 3


def test_a_cosignature_is_kept_though_an_entry_of_the_same_bundle_cites_the_head_too() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    sent(one, other, now=NOW + 110)
    other.say(acknowledgement(last_hash(one)), now=NOW + 5_000)
    sent(other, one, now=NOW + 6_000)
    assert one.line.state.confirmed == 2
    assert [each.size for each in one.line.state.other_cosigned] == [1, 2]
    assert len(one.kept.cosigned_by_other[one.origin]) == 2


def test_evidence_of_a_fork_holds_for_whoever_reads_it() -> None:
    one, other, twin = two_histories()
    fault = forked_by(other, history(one, *twin, now=NOW + 300), now=NOW + 310)
    assert isinstance(fault.fork, Fork)
    with pytest.raises(Untrusted):
        judged_elsewhere(replace(fault, fork=replace(fault.fork, root=bytes(32))), one)
