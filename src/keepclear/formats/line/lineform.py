"""The printed form: a message as one page of HTML for paper, in English, Russian, Arabic or French.

All four come from the same typed values: only labels are translated, and every number, time and name is written by
the same function and set apart from the direction of the text around it. The page has no script and asks for nothing
from anywhere; its policy forbids both. It is well-formed XML as well as HTML, so that any reader agrees what is in it.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from typing import Final, assert_never
from unicodedata import category

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.message import Flag, How, Kind, LineName, PartyWord, Precedence
from keepclear.core.line.plot.place import Height, Place
from keepclear.core.line.plot.shape import (
    SHAPE_WORDS,
    CircleShape,
    CorridorShape,
    GridLine,
    PointShape,
    PolygonShape,
    Shape,
)
from keepclear.core.line.text import Governs, Text
from keepclear.core.line.voice.readback import Language
from keepclear.formats.line.formnumbers import (
    degrees_texts,
    dms_texts,
    height_texts,
    length_texts,
    time_texts,
)
from keepclear.formats.line.formwords import (
    DATUMS,
    FLAGS,
    HOWS,
    KINDS,
    LABELS,
    PRECEDENCES,
    VERSIONS,
    Label,
    Row,
    said,
)

CODES_MAX: Final = 200
"""The most QR codes on one form."""

WRITTEN_LEFTWARDS: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
"""Languages that are written from right to left, by the first part of their tag."""

_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_STYLE: Final = """
@page{size:A4;margin:14mm}
*{box-sizing:border-box}
body{margin:0 auto;max-width:182mm;background:#fff;color:#000;font:10.5pt/1.35 sans-serif}
h1{font-size:15pt;margin:0 0 2mm}h2{font-size:11.5pt;margin:4mm 0 1mm;border-bottom:.5pt solid #000}
h3{font-size:10.5pt;margin:2mm 0 1mm}
table{border-collapse:collapse;width:100%}
th,td{border:.5pt solid #000;padding:.8mm 1.5mm;text-align:start;vertical-align:top}
th{font-weight:600;width:34%}.rows th{width:auto}
tr,.code,section.place h3{break-inside:avoid}
.flag{border:1.5pt solid #000;font-size:14pt;font-weight:700;padding:1mm 3mm;text-align:center;margin:0 0 2mm}
.n{unicode-bidi:isolate;direction:ltr;font-family:monospace;white-space:nowrap}.run{white-space:nowrap}.long{white-space:normal}
.text{border:.5pt solid #000;padding:1.5mm;white-space:pre-wrap;overflow-wrap:anywhere}
.blank td{height:11mm}.codes{display:flex;flex-wrap:wrap;gap:3mm}.code{width:57mm;text-align:center}
.code img{width:57mm;height:57mm}.note{font-weight:600}
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormReference:
    """Another message that this one refers to: whose it is, its number and its hash."""

    how: How
    party: PartyWord
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContact:
    """Whom to call: any of these."""

    name: str = ""
    phones: tuple[str, ...] = ()
    frequency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a form says of a message, in typed values.

    ``number`` is the entry's, ``hash`` its identity, ``released_by`` the name and post of who signed it. ``words`` are
    the read-back words of the language of the form. ``codes`` are pictures of QR codes as SVG, in order; raises
    Refused("form.codes") for more than CODES_MAX of them.
    """

    line: LineName
    sender: PartyWord
    to: PartyWord
    number: int
    kind: Kind
    flag: Flag
    precedence: Precedence
    at: Instant
    released_by: str
    hash: bytes
    text: Text | None = None
    places: tuple[Place, ...] = ()
    contact: FormContact | None = None
    references: tuple[FormReference, ...] = ()
    words: tuple[str, ...] = ()
    codes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.codes) > CODES_MAX:
            raise Refused("form.codes", f"form has {len(self.codes)} codes, must have {CODES_MAX} or fewer")


def form_html(form: Form, language: Language) -> str:
    """The form as a page of HTML in a language, to be stored as UTF-8."""
    title = _label(Label.TITLE, language)
    body = [
        f"<h1>{title}</h1>",
        f'<p class="flag">{_coded(FLAGS[form.flag], form.flag.value, language)} · '
        f"{_coded(PRECEDENCES[form.precedence], form.precedence.value, language)}</p>",
        _table(_heading_rows(form, language), language),
        _text_section(form.text, language),
        _places_section(form.places, language),
        _contact_section(form.contact, language),
        _words_section(form.words, language),
        _reception_section(language),
        _codes_section(form.codes, language),
        f"<p>{_label(Label.AXES, language)}</p>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{language.value}" dir="{_direction(language.value)}"><head>'
        f'<meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>'
        f"<title>{title} {escape(form.sender)} {form.number}</title><style>{_STYLE}</style></head>\n<body>"
        + "\n".join(each for each in body if each)
        + "</body></html>\n"
    )


def _heading_rows(form: Form, language: Language) -> list[tuple[Label, str]]:
    rows = [
        (Label.LINE, _number(form.line)),
        (Label.FROM, _number(form.sender)),
        (Label.TO, _number(form.to)),
        (Label.NUMBER, _number(str(form.number))),
        (Label.KIND, _coded(KINDS[form.kind], form.kind.value, language)),
        (Label.FLAG, _coded(FLAGS[form.flag], form.flag.value, language)),
        (Label.PRECEDENCE, _coded(PRECEDENCES[form.precedence], form.precedence.value, language)),
        (Label.TIME, _time(form.at)),
        (Label.RELEASED_BY, _free(form.released_by)),
        (Label.HASH, _number(form.hash.hex(" ", 4), long=True)),
    ]
    references = "<br/>".join(
        f"{escape(said(HOWS[each.how], language))} {_number(f'{each.party} {each.number}')} "
        f"{_number(each.hash.hex(' ', 4), long=True)}"
        for each in form.references
    )
    return [*rows, (Label.REFERENCES, references)] if references else rows


def _text_section(text: Text | None, language: Language) -> str:
    if text is None:
        return ""
    rows = [(Label.ORIGINATOR, _free(text.originator)), (Label.COMPOSED, _time(text.composed))]
    if text.occurred is not None:
        rows.append((Label.OCCURRED, _time(text.occurred)))
    rows += [
        (label, _free(said_so))
        for label, said_so in ((Label.CHANNEL, text.channel), (Label.VOICE_LOG, text.voice_log))
        if said_so is not None
    ]
    versions = [_version(Governs.ORIGINAL, text, text.language, text.text, language)]
    if text.translation is not None:
        rows.append((Label.TRANSLATED_BY, _free(text.translation.by)))
        translated = text.translation
        versions.append(_version(Governs.TRANSLATION, text, translated.language, translated.text, language))
    note = f"<p>{_label(Label.NO_PLACE, language)}</p>" if text.no_place else ""
    return f"<h2>{_label(Label.TEXT, language)}</h2>" + _table(rows, language) + "".join(versions) + note


def _version(which: Governs, text: Text, tag: str, words: str, language: Language) -> str:
    governs = ""
    if text.translation is not None and text.governs is which:
        governs = f" · {_label(Label.GOVERNS, language)}"
    return (
        f"<h3>{_label(VERSIONS[which], language)} {_number(tag)}{governs}</h3>"
        f'<div class="text" lang="{escape(tag)}" dir="{_direction(tag)}">{_escaped(words)}</div>'
    )


def _places_section(places: tuple[Place, ...], language: Language) -> str:
    if not places:
        return ""
    return f"<h2>{_label(Label.PLACES, language)}</h2>" + "".join(
        f'<section class="place"><h3>{_number(str(number))} · {_free(place.name)} · '
        f"{_label(_shape_label(place.shape), language)}</h3>{_shape(place.shape, language)}"
        f"{_table(_limit_rows(place, language), language)}</section>"
        for number, place in enumerate(places, 1)
    )


def _shape_label(shape: Shape) -> Label:
    return Label(SHAPE_WORDS[type(shape)])


def _shape(shape: Shape, language: Language) -> str:
    match shape:
        case PointShape():
            return _positions(Label.POSITION, (shape.at,), language)
        case CircleShape():
            return _positions(Label.CENTRE, (shape.centre,), language) + _table(
                [(Label.RADIUS, _length(shape.radius_cm))], language
            )
        case PolygonShape():
            return "".join(
                _positions(Label.HOLE if hole else Label.OUTER_RING, ring, language)
                for hole, ring in enumerate(shape.rings)
            )
        case CorridorShape():
            return _positions(Label.CENTRE_LINE, shape.line, language) + _table(
                [(Label.HALF_WIDTH, _length(shape.half_width_cm))], language
            )
        case _:
            assert_never(shape)


def _positions(caption: Label, positions: GridLine, language: Language) -> str:
    rows = "".join(
        f"<tr><td>{_number(str(number))}</td><td>{_pair(degrees_texts(at))}</td><td>{_pair(dms_texts(at))}</td></tr>"
        for number, at in enumerate(positions, 1)
    )
    return (
        f'<table class="rows"><thead><tr><th>{_label(caption, language)}</th>'
        f"<th>{_label(Label.DEGREES, language)}</th><th>{_label(Label.DMS, language)}</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _limit_rows(place: Place, language: Language) -> list[tuple[Label, str]]:
    return [
        (Label.LOWER, _height(place.lower, language)),
        (Label.UPPER, _height(place.upper, language)),
        (Label.START, _time_or_not(place.from_time, language)),
        (Label.END, _time_or_not(place.until_time, language)),
    ]


def _contact_section(contact: FormContact | None, language: Language) -> str:
    if contact is None:
        return ""
    rows = [
        (Label.NAME, _free(contact.name)),
        (Label.PHONES, "<br/>".join(_number(phone) for phone in contact.phones)),
        (Label.FREQUENCY, _number(contact.frequency)),
    ]
    return f"<h2>{_label(Label.CONTACT, language)}</h2>" + _table(rows, language)


def _words_section(words: tuple[str, ...], language: Language) -> str:
    if not words:
        return ""
    rows = "".join(
        f"<tr><td>{_number(str(number))}</td><td>{_free(word)}</td></tr>"
        for number, word in enumerate(words, 1)
    )
    return f'<h2>{_label(Label.WORDS, language)}</h2><table class="rows">{rows}</table>'


def _reception_section(language: Language) -> str:
    labels = (Label.RECEIVED, Label.RECEIVED_BY, Label.POST, Label.WAY, Label.SIGNATURE)
    rows = "".join(f"<tr><th>{_label(label, language)}</th><td></td></tr>" for label in labels)
    return (
        f'<h2>{_label(Label.RECEPTION, language)}</h2><table class="blank">{rows}</table>'
        f'<p class="note">{_label(Label.NOT_APPROVAL, language)}</p>'
    )


def _codes_section(codes: tuple[bytes, ...], language: Language) -> str:
    if not codes:
        return ""
    pictures = "".join(
        f'<div class="code"><img alt="{number}/{len(codes)}" '
        f'src="data:image/svg+xml;base64,{b64encode(code).decode("ascii")}"/><br/>'
        f"{_number(f'{number}/{len(codes)}')}</div>"
        for number, code in enumerate(codes, 1)
    )
    return f'<h2>{_label(Label.CODES, language)}</h2><div class="codes">{pictures}</div>'


def _table(rows: list[tuple[Label, str]], language: Language) -> str:
    cells = "".join(f"<tr><th>{_label(label, language)}</th><td>{cell}</td></tr>" for label, cell in rows)
    return f"<table>{cells}</table>"


def _label(label: Label, language: Language) -> str:
    return escape(said(LABELS[label], language))


def _coded(row: Row, code: str, language: Language) -> str:
    """A word in the language, and beside it the code that stands in the message itself."""
    return f"{escape(said(row, language))} {_number(code)}"


def _pair(texts: tuple[str, str]) -> str:
    return _run(*texts, between=" \u00a0 ")


def _length(length_cm: int) -> str:
    return _run(*length_texts(length_cm), between=" = ")


def _height(height: Height | None, language: Language) -> str:
    if height is None:
        return _label(Label.NOT_STATED, language)
    metres, feet, datum = height_texts(height)
    words = escape(said(DATUMS[height.datum], language))
    return f"{_run(metres, feet, between=' = ')} {words} {_number(datum)}"


def _time_or_not(at: Instant | None, language: Language) -> str:
    return _label(Label.NOT_STATED, language) if at is None else _time(at)


def _time(at: Instant) -> str:
    return _run(*time_texts(at), between=" = ")


def _number(text: str, *, long: bool = False) -> str:
    """Digits and codes, which run from left to right whatever surrounds them."""
    return f'<bdi class="n{" long" if long else ""}" dir="ltr">{_escaped(text)}</bdi>'


def _run(*texts: str, between: str) -> str:
    """Numbers that belong together, in this order from left to right: a latitude stands left of its longitude."""
    return f'<bdi class="run" dir="ltr">{between.join(map(_number, texts))}</bdi>'


def _free(text: str) -> str:
    """A name or word in whatever script, kept from turning what stands beside it."""
    return f'<bdi dir="auto">{_escaped(text)}</bdi>'


def _escaped(text: str) -> str:
    """The text for HTML; characters that turn the order of others, or that print nothing, are shown by number.

    The first could make the digits of a text read otherwise than the digits that were signed: ``[U+202E]``.
    """
    return escape("".join(f"[U+{ord(each):04X}]" if _is_hidden(each) else each for each in text))


def _is_hidden(character: str) -> bool:
    return character in _TURNS or (category(character) == "Cc" and character not in "\n\t")


def _direction(tag: str) -> str:
    return "rtl" if tag.split("-")[0] in WRITTEN_LEFTWARDS else "ltr"
