"""The printed form: a message as one page of HTML for paper, in English, Russian, Arabic or French.

All four come from the same typed values: only labels are translated, and every number, time and name is written by
the same function and set apart from the direction of the text around it. The page has no script and asks for nothing
from anywhere; its policy forbids both. It is well-formed XML as well as HTML, so that any reader agrees what is in it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.message import Flag, How, Kind, LineName, PartyWord, Precedence
from keepclear.core.line.plot.place import Place
from keepclear.core.line.text import Governs, Text
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.notice import Notice
from keepclear.formats.line.formmarkup import (
    LabelledCell,
    coded_html,
    direction,
    escaped,
    fields_html,
    free_html,
    label_html,
    lines_html,
    number_html,
    time_html,
)
from keepclear.formats.line.formnotice import notice_html
from keepclear.formats.line.formplaces import places_html
from keepclear.formats.line.formwords import (
    FLAGS,
    HOWS,
    KINDS,
    PRECEDENCES,
    VERSIONS,
    Label,
    said,
)

CODES_MAX: Final = 200
"""The most QR codes on one form."""

_STYLE: Final = """
@page{size:A4;margin:10mm}
*{box-sizing:border-box}
body{margin:0 auto;max-width:190mm;background:#fff;color:#000;font:9pt/1.2 sans-serif}
h1{font-size:13pt;margin:0 0 1mm}h2{font-size:10pt;margin:2mm 0 .5mm;break-after:avoid}
h3{font-size:9pt;margin:1mm 0 .5mm;break-after:avoid}p{margin:1mm 0}
.flag{border:1.5pt solid #000;font-size:13pt;font-weight:700;padding:.5mm 3mm;text-align:center;margin:0 0 1.5mm}
.fields{display:flex;flex-wrap:wrap;margin:0;padding:0 .5pt .5pt 0}
.fields>div{flex:1 1 auto;max-width:100%;border:.5pt solid #000;margin:0 -.5pt -.5pt 0;padding:.2mm 1.2mm}
dt{font-size:7pt;font-weight:600}dd{margin:0}.blank .fields>div{min-width:30%}.blank dd{height:7mm}
table{border-collapse:collapse;width:100%}
th,td{border:.5pt solid #000;padding:.2mm 1.2mm;text-align:start;vertical-align:top}
th{font-size:7pt;font-weight:600}.numbered th:first-child{width:14%}
tr,.code,.fields>div{break-inside:avoid}
.n{unicode-bidi:isolate;direction:ltr;font:.9em monospace;white-space:nowrap}
.run{white-space:nowrap}.long{white-space:normal}
.told{white-space:pre-wrap;overflow-wrap:anywhere}
.text{border:.5pt solid #000;padding:1mm 1.2mm;white-space:pre-wrap;overflow-wrap:anywhere}
.words{display:flex;flex-wrap:wrap;gap:0 6mm;margin:0;padding:0;list-style:none;font-size:10.5pt}
.codes{display:flex;flex-wrap:wrap;gap:3mm}.code{width:57mm;text-align:center}
.code img{width:57mm;height:57mm}.note{font-weight:600}.small{font-size:7pt}
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
    the read-back words of the language of the form. ``codes`` are pictures of QR codes as SVG, in order. The extents of
    a ``notice`` are the places. Raises Refused("form.codes") for more than CODES_MAX codes.
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
    notice: Notice | None = None
    contact: FormContact | None = None
    references: tuple[FormReference, ...] = ()
    words: tuple[str, ...] = ()
    codes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.codes) > CODES_MAX:
            raise Refused("form.codes", f"form has {len(self.codes)} codes, must have {CODES_MAX} or fewer")

    @property
    def extents(self) -> Mapping[str, Extent]:
        """The extents of its notice by the names of their places; none without a notice."""
        return {} if self.notice is None else {extent.name: extent for extent in self.notice.extents}


def form_html(form: Form, language: Language) -> str:
    """The form as a page of HTML in a language, to be stored as UTF-8."""
    title = label_html(Label.TITLE, language)
    body = [
        f"<h1>{title}</h1>",
        f'<p class="flag">{coded_html(FLAGS[form.flag], form.flag.value, language)} · '
        f"{coded_html(PRECEDENCES[form.precedence], form.precedence.value, language)}</p>",
        fields_html(_heading_rows(form, language), language),
        _text_section(form.text, language),
        "" if form.notice is None else notice_html(form.notice, language),
        places_html(form.places, form.extents, language),
        _contact_section(form.contact, language),
        _words_section(form.words, language),
        _reception_section(language),
        _codes_section(form.codes, language),
        f'<p class="small">{label_html(Label.AXES, language)}</p>',
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{language.value}" dir="{direction(language.value)}"><head>'
        f'<meta charset="utf-8"/><meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>'
        f"<title>{title} {escape(form.sender)} {form.number}</title><style>{_STYLE}</style></head>\n<body>"
        + "\n".join(each for each in body if each)
        + "</body></html>\n"
    )


def _heading_rows(form: Form, language: Language) -> list[LabelledCell]:
    rows: list[LabelledCell] = [
        (Label.LINE, number_html(form.line)),
        (Label.FROM, number_html(form.sender)),
        (Label.TO, number_html(form.to)),
        (Label.NUMBER, number_html(str(form.number))),
        (Label.KIND, coded_html(KINDS[form.kind], form.kind.value, language)),
        (Label.TIME, time_html(form.at, language)),
        (Label.RELEASED_BY, free_html(form.released_by)),
        (Label.HASH, number_html(form.hash.hex(" ", 4), long=True)),
    ]
    references = "<br/>".join(
        f"{escape(said(HOWS[each.how], language))} {number_html(f'{each.party} {each.number}')} "
        f"{number_html(each.hash.hex(' ', 4), long=True)}"
        for each in form.references
    )
    return [*rows, (Label.REFERENCES, references)] if references else rows


def _text_section(text: Text | None, language: Language) -> str:
    if text is None:
        return ""
    rows = [
        (Label.ORIGINATOR, free_html(text.originator)),
        (Label.COMPOSED, time_html(text.composed, language)),
    ]
    if text.occurred is not None:
        rows.append((Label.OCCURRED, time_html(text.occurred, language)))
    rows += [
        (label, free_html(said_so))
        for label, said_so in ((Label.CHANNEL, text.channel), (Label.VOICE_LOG, text.voice_log))
        if said_so is not None
    ]
    versions = [_version(Governs.ORIGINAL, text, text.language, text.text, language)]
    if text.translation is not None:
        rows.append((Label.TRANSLATED_BY, free_html(text.translation.by)))
        translated = text.translation
        versions.append(_version(Governs.TRANSLATION, text, translated.language, translated.text, language))
    note = f"<p>{label_html(Label.NO_PLACE, language)}</p>" if text.no_place else ""
    return (
        f"<h2>{label_html(Label.TEXT, language)}</h2>"
        + fields_html(rows, language)
        + "".join(versions)
        + note
    )


def _version(which: Governs, text: Text, tag: str, words: str, language: Language) -> str:
    governs = ""
    if text.translation is not None and text.governs is which:
        governs = f" · {label_html(Label.GOVERNS, language)}"
    return (
        f"<h3>{label_html(VERSIONS[which], language)} {number_html(tag)}{governs}</h3>"
        f'<div class="text" lang="{escape(tag)}" dir="{direction(tag)}">{escaped(words)}</div>'
    )


def _contact_section(contact: FormContact | None, language: Language) -> str:
    if contact is None:
        return ""
    rows = [
        (Label.NAME, free_html(contact.name)),
        (Label.PHONES, lines_html(map(number_html, contact.phones))),
        (Label.FREQUENCY, number_html(contact.frequency)),
    ]
    return f"<h2>{label_html(Label.CONTACT, language)}</h2>" + fields_html(rows, language)


def _words_section(words: tuple[str, ...], language: Language) -> str:
    if not words:
        return ""
    items = "".join(
        f"<li>{number_html(str(number))} {free_html(word)}</li>" for number, word in enumerate(words, 1)
    )
    return f'<h2>{label_html(Label.WORDS, language)}</h2><ol class="words">{items}</ol>'


def _reception_section(language: Language) -> str:
    labels = (Label.RECEIVED, Label.RECEIVED_BY, Label.POST, Label.WAY, Label.SIGNATURE)
    return (
        f'<section class="blank"><h2>{label_html(Label.RECEPTION, language)}</h2>'
        f"{fields_html(((label, '') for label in labels), language)}</section>"
        f'<p class="note">{label_html(Label.NOT_APPROVAL, language)}</p>'
    )


def _codes_section(codes: tuple[bytes, ...], language: Language) -> str:
    if not codes:
        return ""
    pictures = "".join(
        f'<div class="code"><img alt="{number}/{len(codes)}" '
        f'src="data:image/svg+xml;base64,{b64encode(code).decode("ascii")}"/><br/>'
        f"{number_html(f'{number}/{len(codes)}')}</div>"
        for number, code in enumerate(codes, 1)
    )
    return f'<h2>{label_html(Label.CODES, language)}</h2><div class="codes">{pictures}</div>'
