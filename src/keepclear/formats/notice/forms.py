"""Forms of notices: the tables that each kind is written in, one row for a notice, its places, its phases and so on.

A column is known by its key, which is the name that its member has in the notice's JSON (formats/notice/noticejson.py).
What the JSON has and the tables have not cannot be written, and a test holds them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from keepclear.core.line.plot.shape import SHAPE_WORDS
from keepclear.core.notice.extent import Role
from keepclear.core.notice.notice import NoticeKind
from keepclear.core.notice.operation import Activity
from keepclear.core.notice.site import Marking


class Kind(Enum):
    """How the value of a field is written."""

    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    PHONES = "phones"
    WHOLE = "whole"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    TIME = "time"
    CLOCK = "clock"
    """By which clock the times of the notice are that do not say it; not part of the notice."""
    DURATION = "duration"
    LENGTH = "length"
    ACCURACY = "accuracy"
    """A length that is rounded up, so that rounding does not make anything surer."""
    HEIGHT = "height"
    POSITIONS = "positions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field. ``key``: the name of its member, or two names with a point between; ``wanted``: never empty.

    ``choices``: the words that it is chosen from.
    """

    key: str
    kind: Kind
    wanted: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of one kind. ``member``: the list of the notice's JSON that they are; empty for notices themselves."""

    name: str
    columns: tuple[Column, ...]
    member: str = ""

    def column(self, key: str) -> Column | None:
        """The column with a key, if there is one."""
        return next((column for column in self.columns if column.key == key), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The tables for one kind of notice: the notices first, their places second, the rest after."""

    kinds: tuple[NoticeKind, ...]
    notices: Table
    parts: tuple[Table, ...]

    @property
    def name(self) -> str:
        """What the form is of."""
        return self.notices.name

    @property
    def tables(self) -> tuple[Table, ...]:
        """All of its tables."""
        return (self.notices, *self.parts)


DESIGNATION: Final = Column(key="designation", kind=Kind.LINE, wanted=True)
_CLOCK: Final = Column(key="clock", kind=Kind.CLOCK)
_NAME: Final = Column(key="name", kind=Kind.LINE, wanted=True)
_PHONES: Final = (
    Column(key="phones", kind=Kind.PHONES),
    Column(key="satellite", kind=Kind.PHONES),
    Column(key="frequency", kind=Kind.LINE),
)
_CONTACT: Final = (
    Column(key="contact.name", kind=Kind.LINE, wanted=True),
    *(Column(key=f"contact.{column.key}", kind=column.kind) for column in _PHONES),
)

PLACE: Final = Table(
    name="place",
    member="extents",
    columns=(
        DESIGNATION,
        _NAME,
        Column(key="role", kind=Kind.CHOICE, wanted=True, choices=tuple(Role)),
        Column(key="shape", kind=Kind.CHOICE, wanted=True, choices=tuple(SHAPE_WORDS.values())),
        Column(key="positions", kind=Kind.POSITIONS, wanted=True),
        Column(key="size_cm", kind=Kind.LENGTH),
        Column(key="lower", kind=Kind.HEIGHT),
        Column(key="upper", kind=Kind.HEIGHT),
        Column(key="from_ms", kind=Kind.TIME),
        Column(key="until_ms", kind=Kind.TIME),
        Column(key="accuracy_cm", kind=Kind.ACCURACY),
        Column(key="height_accuracy_cm", kind=Kind.ACCURACY),
        Column(key="time_accuracy_ms", kind=Kind.DURATION),
    ),
)
"""Where, how high and when, one row for each extent: what the message's part ``places`` says and the notice of it."""


def _notices(name: str, *columns: Column) -> Table:
    return Table(name=name, columns=(DESIGNATION, *columns, *_CONTACT, _CLOCK))


def _part(name: str, member: str, *columns: Column) -> Table:
    return Table(name=name, member=member, columns=(DESIGNATION, *columns))


def _line(key: str, *, wanted: bool = True) -> Column:
    return Column(key=key, kind=Kind.LINE, wanted=wanted)


def _lines(*keys: str) -> tuple[Column, ...]:
    return tuple(Column(key=key, kind=Kind.LINES) for key in keys)


OPERATION: Final = Form(
    kinds=tuple(NoticeKind(activity) for activity in Activity),
    notices=_notices(
        "operation",
        Column(key="kind", kind=Kind.CHOICE, wanted=True, choices=tuple(Activity)),
        Column(key="purpose", kind=Kind.TEXT, wanted=True),
        Column(key="hazard", kind=Kind.TEXT),
        Column(key="contingency", kind=Kind.TEXT),
        Column(key="cancel_by_ms", kind=Kind.TIME),
    ),
    parts=(PLACE,),
)
EXERCISE: Final = Form(
    kinds=(NoticeKind.EXERCISE,),
    notices=_notices(
        "exercise",
        Column(key="purpose", kind=Kind.TEXT, wanted=True),
        _line("command"),
        Column(key="personnel", kind=Kind.WHOLE, wanted=True),
        *_lines("linked", "observers"),
    ),
    parts=(
        PLACE,
        _part(
            "phase",
            "phases",
            _NAME,
            Column(key="places", kind=Kind.LINES, wanted=True),
            Column(key="live_fire", kind=Kind.FLAG),
        ),
        _part("equipment", "equipment", _line("type"), Column(key="count", kind=Kind.WHOLE, wanted=True)),
    ),
)
SITE: Final = Form(
    kinds=(NoticeKind.SITE,),
    notices=_notices(
        "site",
        *(_line(key) for key in ("function", "operator", "captured", "verifier")),
        Column(key="verified_ms", kind=Kind.TIME, wanted=True),
        Column(key="consent", kind=Kind.TEXT, wanted=True),
        Column(key="expires_ms", kind=Kind.TIME),
        Column(key="markings", kind=Kind.CHOICES, choices=tuple(Marking)),
        _line("marked", wanted=False),
    ),
    parts=(PLACE,),
)
MOVEMENT: Final = Form(
    kinds=(NoticeKind.MOVEMENT,),
    notices=Table(
        name="movement",
        columns=(
            DESIGNATION,
            Column(key="headcount", kind=Kind.WHOLE, wanted=True),
            Column(key="vehicles", kind=Kind.WHOLE, wanted=True),
            *(_line(key) for key in ("cargo", "escort")),
            Column(key="check_in_ms", kind=Kind.DURATION, wanted=True),
            Column(key="emergency", kind=Kind.FLAG),
            _CLOCK,
        ),
    ),
    parts=(
        PLACE,
        _part(
            "waypoint",
            "waypoints",
            _NAME,
            Column(key="opens_ms", kind=Kind.TIME, wanted=True),
            Column(key="closes_ms", kind=Kind.TIME, wanted=True),
        ),
        _part("contact", "contacts", _NAME, *_PHONES),
    ),
)
ZONE: Final = Form(
    kinds=(NoticeKind.ZONE,),
    notices=_notices(
        "zone",
        _line("type"),
        Column(key="cancels", kind=Kind.FLAG),
        _line("basis"),
        _line("as_stated", wanted=False),
        *_lines("steps"),
        Column(key="review_ms", kind=Kind.TIME),
    ),
    parts=(PLACE,),
)
INCIDENT: Final = Form(
    kinds=(NoticeKind.INCIDENT,),
    notices=_notices(
        "incident",
        Column(key="what", kind=Kind.TEXT, wanted=True),
        *_lines("notices", "zones", "channels", "evidence"),
    ),
    parts=(
        PLACE,
        _part(
            "account",
            "accounts",
            _line("source"),
            Column(key="words", kind=Kind.TEXT, wanted=True),
            _line("grade", wanted=False),
        ),
    ),
)

FORMS: Final = (OPERATION, EXERCISE, SITE, MOVEMENT, ZONE, INCIDENT)


def form_of(kind: NoticeKind) -> Form:
    """The form that notices of a kind are written in."""
    return next(form for form in FORMS if kind in form.kinds)
