"""The one table of a track at a zone: what it must never say."""

from __future__ import annotations

from keepclear.core.watch.standing import RULES, WITHIN, Outcome, Seen, Standing, standing_table

QUIET = {Seen.SILENT, Seen.OVERDUE, Seen.OVERSTAYED}
REPORTED = set(Seen) - QUIET - {Seen.LIFTED}


def test_silence_never_leads_to_outside() -> None:
    for (_, seen), (after, outcome) in RULES.items():
        if seen in QUIET:
            assert after in WITHIN
            assert outcome not in (Outcome.LEFT, Outcome.TURNED_AWAY, Outcome.LIFTED)


def test_only_a_report_says_left_or_turned_away() -> None:
    for (_, seen), (_, outcome) in RULES.items():
        if outcome in (Outcome.LEFT, Outcome.TURNED_AWAY):
            assert seen in REPORTED


def test_nothing_is_inside_without_having_been_told_so() -> None:
    told = {Standing.INSIDE, Standing.LEAVING, Standing.LOST}
    for (before, _), (after, outcome) in RULES.items():
        if after in told and before not in told:
            assert outcome in (Outcome.ENTERED, Outcome.FOUND_INSIDE)


def test_a_lifted_zone_says_nothing_of_where_a_track_is() -> None:
    standings = {before for (before, seen) in RULES if seen is Seen.LIFTED}
    assert standings == set(Standing) - {Standing.OUTSIDE}
    assert {RULES[before, Seen.LIFTED] for before in standings} == {(Standing.OUTSIDE, Outcome.LIFTED)}


def test_a_silent_track_that_is_seen_again_is_told_of() -> None:
    for (before, seen), (_, outcome) in RULES.items():
        if before in (Standing.LOST, Standing.MISSING) and seen in REPORTED:
            assert outcome is not None


def test_every_way_of_being_inside_ends_with_being_clear() -> None:
    for before in (Standing.INSIDE, Standing.LEAVING, Standing.LOST):
        assert RULES[before, Seen.CLEAR] == (Standing.OUTSIDE, Outcome.LEFT)


def test_the_table_has_a_row_for_each_rule() -> None:
    assert len(standing_table().splitlines()) == len(RULES) + 2
