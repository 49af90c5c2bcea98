"""Examinations: what a bundle comes to, worked out before anything of it is stored, opened or acted on.

Working it out takes a signature for each entry. It reads nothing that changes, so that it can be done beside all else
that a node does, and the line then need only see that it stands where it stood. Source: docs/protocol.md clause 10.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.line import room
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.intake import Copy, Holding, Intake, taken_in
from keepclear.core.line.log import Said, Views
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import opened
from keepclear.core.trust.note import VerifierKey

BEGINNING_MISSING: Final = "bundle.first"
"""The code of the refusal that our own bundle cures: it says to the other from where it has to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a bundle comes to, or why it is refused, on which copy of the other's log and by which views."""

    bundle: Bundle
    copy: Copy
    views: Views
    urgent_alone: bool
    found: Intake | KeepclearError

    def fits(self, state: LineState, bundle: Bundle) -> bool:
        """Whether it is of a bundle, and the line still stands where it stood when that was examined."""
        stands = self.copy is state.copy and self.views == state.other_views()
        return self.bundle is bundle and stands and self.urgent_alone == room.urgent_alone(state, bundle)

    def intake(self) -> Intake:
        """What it comes to; raises why it is refused."""
        if isinstance(self.found, KeepclearError):
            raise self.found
        return self.found

    def said(self) -> tuple[Said, ...]:
        """The entries in it that were verified."""
        found = self.found
        return () if isinstance(found, KeepclearError) else (*found.said, *found.express)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """A bundle with all that it takes to judge it."""

    copy: Copy
    views: Views
    bundle: Bundle
    holding: Holding
    urgent_alone: bool

    def examined(self) -> Examined:
        """What it comes to; it takes as long as there are signatures to be checked."""
        try:
            found = taken_in(
                self.copy,
                self.bundle,
                holding=self.holding,
                views=self.views,
                urgent_alone=self.urgent_alone,
            )
        except KeepclearError as error:
            found = error
        return Examined(
            bundle=self.bundle,
            copy=self.copy,
            views=self.views,
            urgent_alone=self.urgent_alone,
            found=found,
        )


def examination(state: LineState, bundle: Bundle, *, holding: Holding) -> Examination:
    """The examination of a bundle that was admitted, as a line stands."""
    return Examination(
        copy=state.copy,
        views=state.other_views(),
        bundle=bundle,
        holding=holding,
        urgent_alone=room.urgent_alone(state, bundle),
    )


def admit(state: LineState, bundle: Bundle) -> None:
    """One signature, before anything else: a bundle that the other did not sign costs no more than this.

    Raises Refused("bundle.foreign") for one of another line or other parties, Refused(BEGINNING_MISSING) for one of an
    epoch of which neither we nor it have entry 0, and as ``checkpoint.opened`` and ``Log.keys_stated`` do.
    """
    found = (bundle.line, bundle.sender, bundle.to)
    wanted = (state.terms.line, state.terms.other, state.terms.own)
    if found != wanted:
        raise Refused("bundle.foreign", f"bundle is of {found}, must be of {wanted}")
    opened(bundle.checkpoint, _log_key(state, bundle))


def _log_key(state: LineState, bundle: Bundle) -> VerifierKey:
    """The key of the other's log in the epoch of a bundle: known, or stated by the entry 0 that it brings."""
    known = state.other_keys.get(bundle.epoch)
    if known is not None:
        return known
    log = replace(state.copy.log, epoch=bundle.epoch, roster=None)
    if bundle.start > 0 or not bundle.leaves:
        raise Refused(
            BEGINNING_MISSING, f"nothing is held of {log.origin}: the bundle must bring its entry 0"
        )
    return log.keys_stated(bundle.leaves[0]).log
