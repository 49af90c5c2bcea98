"""Sites: protected places that stay where they are, such as a hospital, and how well they are known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, FOREVER, Duration, Instant
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.wording import TEXT_MAX, refuse_wording

STALE_AFTER_MS: Final = Duration(30 * DAY_MS)
"""A site that nobody has verified for this long is stale: shown so, and never deleted in silence."""

MARKINGS_MAX: Final = 8


class Marking(StrEnum):
    """By what a site can be recognised."""

    VISUAL = "visual"
    NIGHT = "night"
    THERMAL = "thermal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A protected site.

    ``function``: what it is, as "hospital". ``captured``: how its position was found, as "GNSS, averaged".
    ``verified``: when ``verifier`` last made sure of it. ``expires``: until when it is notified; FOREVER is not stated.
    ``marked``: how, as "red crescent on the roof". ``consent``: what its operator agreed that the position is used for.
    Raises Refused("site.markings"), Refused("site.expiry") and as refuse_wording does.
    """

    function: str
    operator: str
    captured: str
    verifier: str
    verified: Instant
    contact: Contact
    consent: str
    expires: Instant = FOREVER
    markings: tuple[Marking, ...] = ()
    marked: str = ""

    def __post_init__(self) -> None:
        for what, text in (
            ("function", self.function),
            ("operator", self.operator),
            ("how the position was captured", self.captured),
            ("verifier", self.verifier),
        ):
            refuse_wording(what, text)
        refuse_wording("scope of consent", self.consent, length_max=TEXT_MAX)
        refuse_wording("markings", self.marked, wanted=False)
        if len(set(self.markings)) < len(self.markings) or len(self.markings) > MARKINGS_MAX:
            raise Refused("site.markings", f"site names the markings {self.markings}, must name each once")
        if self.expires <= self.verified:
            raise Refused("site.expiry", "site expires before it was last verified, must expire later")


def is_stale(site: Site, now: Instant, *, after_ms: Duration = STALE_AFTER_MS) -> bool:
    """Whether nobody has made sure of a site for ``after_ms``."""
    return now - site.verified >= after_ms
