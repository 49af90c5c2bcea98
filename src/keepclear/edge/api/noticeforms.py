"""What people send of notices: one to be given or looked at beforehand, what became of one, who looks and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from keepclear.core.instant import DAY_MS, FOREVER, Duration, Instant, instant_of
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Flag, How, Kind, PartyWord, Precedence, Reference
from keepclear.core.line.plot.place import place_of, places_content
from keepclear.core.line.text import Text
from keepclear.core.notice.event import ConflictKey, ConflictSeen, Report
from keepclear.core.notice.held import Held
from keepclear.core.notice.movement import Movement
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.precision import Precision, leaving
from keepclear.core.trust.encoding import Json
from keepclear.edge.api.lineforms import SigningForm, hash_of, json_of
from keepclear.edge.api.siteaccess import Access
from keepclear.formats.notice.noticejson import notice_content, notice_of, notice_places
from keepclear.formats.notice.saidnotice import REPORT_PART, report_content

MOVEMENT_KEPT_MS = Duration(3 * DAY_MS)
"""How long after its end both sides keep the details of a movement, unless a shorter time is stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A notice ready to be said: what its giver knows, and the message that is made of what the recipient may have."""

    known: Notice
    told: Notice
    precision: Precision
    draft: Draft


class NoticeForm(SigningForm):
    """A notice to be given on a line: ``notice`` and ``places`` as in docs/notices.md. Its text says what is not given.

    ``precision``: how exactly the other party may know the place of a site. ``amends``: the version before it.
    """

    notice: dict[str, JsonValue]
    places: list[JsonValue]
    precision: Precision = Precision.EXACT
    amends: str | None = None
    flag: Flag = Flag.REAL
    precedence: Precedence = Precedence.PRIORITY
    text: str = ""
    language: str = "en"
    originator: str = ""
    keep_until: str | None = None
    reason: str = Field(default="", description="Why the place of a site is told; wanted of sites")

    def saying(self, *, now: Instant) -> Saying:
        """The notice as it is known and as it leaves. Raises Refused as ``notice_of``, ``leaving`` and Draft do."""
        places = [place_of(json_of(each)) for each in self.places]
        content = {name: json_of(value) for name, value in self.notice.items()}
        known = notice_of(content, places)
        told = leaving(known, self.precision)
        contents: dict[str, Mapping[str, Json]] = {
            "text": self._text(known, now).content(),
            # As typed where nothing is rounded: a point stays the point that it is.
            "places": places_content(places if told == known else notice_places(told)),
            "notice": notice_content(told),
        }
        keep_until = self._kept_until(known)
        if keep_until < FOREVER:
            contents["validity"] = {"keep_until_ms": keep_until}
        before = () if self.amends is None else (Reference(hash=hash_of(self.amends), how=How.AMENDS),)
        draft = Draft(
            kind=Kind.AMEND if before else Kind.NOTIFY,
            precedence=self.precedence,
            flag=self.flag,
            contents=contents,
            released={"places": ()} if self.precision is Precision.WITHHELD else {},
            references=before,
        )
        return Saying(known=known, told=told, precision=self.precision, draft=draft)

    def access(self, saying: Saying, *, to: PartyWord) -> Access:
        """That the other party is told where a site is. Raises Refused as Access does."""
        return Access(
            designation=saying.known.designation,
            by=self.by,
            reason=self.reason,
            to=to,
            precision=saying.precision.value,
        )

    def _kept_until(self, notice: Notice) -> Instant:
        stated = FOREVER if self.keep_until is None else instant_of(self.keep_until)
        if isinstance(notice.body, Movement) and notice.ends < FOREVER - MOVEMENT_KEPT_MS:
            return Instant(min(stated, notice.ends + MOVEMENT_KEPT_MS))
        return stated

    def _text(self, notice: Notice, now: Instant) -> Text:
        return Text(
            composed=now,
            language=self.language,
            originator=self.originator or self.by,
            text=self.text or f"Notice {notice.designation}: {notice.kind}.",
        )


class WithdrawalForm(SigningForm):
    """A notice is withdrawn; ``text`` says why."""

    text: str = ""
    language: str = "en"
    precedence: Precedence = Precedence.PRIORITY
    flag: Flag = Flag.REAL

    def draft(self, held: Held, *, now: Instant) -> Draft:
        """The withdrawal as a draft. Raises Refused as Draft does."""
        contents: dict[str, Mapping[str, Json]] = {}
        if self.text:
            contents["text"] = Text(
                composed=now, language=self.language, originator=self.by, text=self.text, no_place=True
            ).content()
        return Draft(
            kind=Kind.WITHDRAW,
            precedence=self.precedence,
            flag=self.flag,
            contents=contents,
            references=(Reference(hash=hash_of(held.id), how=How.WITHDRAWS),),
        )


class ReportForm(SigningForm):
    """How a movement or a site stands, as of ``at``: now, if that is not stated."""

    report: Report
    at: str | None = None
    text: str = ""
    language: str = "en"
    precedence: Precedence = Precedence.PRIORITY
    flag: Flag = Flag.REAL

    def draft(self, held: Held, *, now: Instant) -> Draft:
        """The report as a draft. Raises Refused as Draft does."""
        at = now if self.at is None else instant_of(self.at)
        words = self.text or f"Notice {held.notice.designation}: {self.report}."
        text = Text(
            composed=now, language=self.language, originator=self.by, text=words, no_place=True
        ).content()
        return Draft(
            kind=Kind.NOTIFY,
            precedence=self.precedence,
            flag=self.flag,
            contents={"text": text, REPORT_PART: report_content(self.report, at=at)},
            references=(Reference(hash=hash_of(held.id), how=How.ABOUT),),
        )


class LookForm(BaseModel):
    """Who looks at where a site is, and why; both are recorded."""

    model_config = ConfigDict(extra="forbid")

    by: str = Field(description="Name and post of the person")
    reason: str


class SeenForm(BaseModel):
    """A person takes note of a conflict, which is named by its two sides and their extents."""

    model_config = ConfigDict(extra="forbid")

    one: str
    one_extent: str
    other: str
    other_extent: str
    by: str = Field(description="Name and post of the person")

    def event(self) -> ConflictSeen:
        """What the person did. Raises Refused as ConflictSeen does."""
        key = ConflictKey(
            one=self.one, one_extent=self.one_extent, other=self.other, other_extent=self.other_extent
        )
        return ConflictSeen(conflict=key, by=self.by)
