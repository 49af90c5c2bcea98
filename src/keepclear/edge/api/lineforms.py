"""What people send of a line: messages to be signed, acknowledgements, cards, words that were heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, instant_of
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import (
    Acknowledgement,
    Flag,
    How,
    Kind,
    LineName,
    PartyWord,
    Precedence,
    Reference,
    Response,
    Step,
    Voice,
)
from keepclear.core.line.plot.echo import echo_content, plotted
from keepclear.core.line.plot.place import Place, place_of, places_content, places_of
from keepclear.core.line.text import Governs, Text, Translation
from keepclear.core.line.voice.readback import Language, readback_hash
from keepclear.core.record.cosignature import cosigner_key_of
from keepclear.core.record.witness import Quorum
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import octets_of
from keepclear.edge.keys.statements import Witnessing
from keepclear.edge.lines.exporting import Release

Contents: TypeAlias = Mapping[str, Mapping[str, Json]]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReferenceForm(_Form):
    """Another message, and in what way this one refers to it."""

    hash: str
    how: How

    def reference(self) -> Reference:
        """The reference. Raises Refused for what is no hash."""
        return Reference(hash=hash_of(self.hash), how=self.how)


class TranslationForm(_Form):
    """A text in another language."""

    by: str
    language: str
    text: str


class SigningForm(_Form):
    """Who signs: an officer's name, and the passphrase of the key where it has one."""

    by: str = Field(description="The officer's name, as it stands in the line's keys")
    passphrase: str | None = None


class MessageForm(SigningForm):
    """A message to be signed and sent. ``places`` as in docs/protocol.md clause 8; ``zones`` are names."""

    kind: Kind
    precedence: Precedence = Precedence.ROUTINE
    flag: Flag = Flag.REAL
    text: str = ""
    language: str = "en"
    originator: str = ""
    occurred: str | None = None
    translation: TranslationForm | None = None
    governs: Governs = Governs.ORIGINAL
    no_place: bool = False
    places: list[JsonValue] = []
    zones: list[str] = []
    contact: dict[str, JsonValue] | None = None
    keep_until: str | None = None
    withheld: list[str] = Field(default=[], description="Parts that are committed to and released to nobody")
    refs: list[ReferenceForm] = []

    def draft(self, *, now: Instant, zones: Sequence[Place]) -> Draft:
        """The message as a draft; ``zones`` are the places of the named zones. Raises Refused as Draft does."""
        contents: dict[str, Mapping[str, Json]] = {}
        if self.text:
            contents["text"] = self._text(now).content()
        places = [*(place_of(json_of(each)) for each in self.places), *zones]
        if places:
            contents["places"] = places_content(places)
        if self.contact is not None:
            contents["contact"] = {name: json_of(value) for name, value in self.contact.items()}
        if self.keep_until is not None:
            contents["validity"] = {"keep_until_ms": instant_of(self.keep_until)}
        return Draft(
            kind=self.kind,
            precedence=Precedence.FLASH if self.kind is Kind.STOP else self.precedence,
            flag=self.flag,
            contents=contents,
            released=dict.fromkeys(self.withheld, ()),
            references=tuple(each.reference() for each in self.refs),
        )

    def _text(self, now: Instant) -> Text:
        translation = self.translation
        return Text(
            composed=now,
            language=self.language,
            originator=self.originator or self.by,
            text=self.text,
            occurred=None if self.occurred is None else instant_of(self.occurred),
            translation=None
            if translation is None
            else Translation(by=translation.by, language=translation.language, text=translation.text),
            governs=self.governs,
            no_place=self.no_place,
        )


class AcknowledgementForm(SigningForm):
    """One step of an acknowledgement. With ``plotted`` the node adds what it plotted itself."""

    step: Step
    response: Response | None = None
    echelon: str | None = None
    text: str = ""
    language: str = "en"
    precedence: Precedence = Precedence.IMMEDIATE

    def draft(self, hashed: bytes, *, now: Instant, received: Mapping[str, Json] | None) -> Draft:
        """The acknowledgement as a draft; ``received`` is the content of the message's part ``places``, as it came.

        Raises Refused("message.nothing-plotted") for plotted without a place.
        """
        contents: dict[str, Mapping[str, Json]] = {}
        if self.step is Step.PLOTTED:
            if received is None:
                raise Refused(
                    "message.nothing-plotted",
                    "the message brought no place that could be plotted; receipt it, or query it",
                )
            contents["echo"] = echo_content([plotted(place) for place in places_of(received)])
        if self.text:
            contents["text"] = Text(
                composed=now, language=self.language, originator=self.by, text=self.text
            ).content()
        return Draft(
            kind=Kind.ACKNOWLEDGE,
            precedence=self.precedence,
            contents=contents,
            references=(Reference(hash=hashed, how=How.ACKNOWLEDGES),),
            acknowledges=Acknowledgement(step=self.step, response=self.response, echelon=self.echelon),
        )


class VoiceWordsForm(_Form):
    """A message that is given, or was heard, by voice; ``heard`` are the other officer's words as typed in."""

    kind: Kind
    precedence: Precedence
    flag: Flag = Flag.REAL
    text: str
    heard: str = ""
    heard_in: Language = Language.EN

    @property
    def urgency(self) -> Precedence:
        """The precedence that is spoken: a STOP is FLASH, whatever else was chosen."""
        return Precedence.FLASH if self.kind is Kind.STOP else self.precedence

    def voice(self, line: LineName) -> Voice:
        """What is spoken, by its kind and its read-back hash. Raises Refused as ``readback_hash`` and Voice do."""
        readback = readback_hash(
            kind=self.kind, flag=self.flag, precedence=self.urgency, line=line, text=self.text
        )
        return Voice(kind=self.kind, readback=readback)


class VoiceForm(VoiceWordsForm, SigningForm):
    """A message by voice whose read-back words were heard from the other officer and agree."""

    language: str = "en"
    originator: str = ""
    channel: str = Field(default="", description="By which telephone or radio")
    voice_log: str = ""
    no_place: bool = False
    places: list[JsonValue] = []
    refs: list[ReferenceForm] = []

    def draft(self, line: LineName, *, now: Instant) -> Draft:
        """The voice entry as a draft. Raises Refused as ``voice`` and Draft do."""
        text = Text(
            composed=now,
            language=self.language,
            originator=self.originator or self.by,
            text=self.text,
            channel=self.channel or None,
            voice_log=self.voice_log or None,
            no_place=self.no_place,
        )
        contents: dict[str, Mapping[str, Json]] = {"text": text.content()}
        if self.places:
            contents["places"] = places_content([place_of(json_of(each)) for each in self.places])
        return Draft(
            kind=Kind.VOICE,
            precedence=self.urgency,
            flag=self.flag,
            contents=contents,
            references=tuple(each.reference() for each in self.refs),
            voice=self.voice(line),
        )


class AgreeForm(_Form):
    """A line to be made with the party of a card, after people have compared the words of both screens."""

    line: str
    card: str = Field(description="The other party's card, as the text of its file")
    words: str = Field(description="The pairing words as the other party's officer read them out")
    words_in: Language = Language.EN
    url: str | None = Field(default=None, description="Where the other's link is, if not as in its card")
    folder: str = Field(default="", description="A folder for files, such as of a stick")


class CardForm(_Form):
    """A card and the line that is to be made, to see the words that both screens must show."""

    line: str
    card: str


class PostForm(_Form):
    """A person who is to sign on a line."""

    name: str
    post: str
    empowered: bool = True


class KeysForm(_Form):
    """Officers to be added, keys to be revoked by their ids; the root signs."""

    adds: list[PostForm] = []
    revokes: list[str] = []
    root_passphrase: str | None = None


class WitnessForm(_Form):
    """A witness of our log: its key as it is written, and where it is asked."""

    key: str
    url: str = ""


class OpenForm(KeysForm):
    """Officers and witnesses of a log that is opened; the root signs."""

    witnesses: list[WitnessForm] = []
    needed: Quorum = Quorum.ALL

    def witnessing(self) -> Witnessing:
        """Who must cosign the heads. Raises Refused as ``cosigner_key_of`` does."""
        return Witnessing(
            witnesses=[cosigner_key_of(each.key) for each in self.witnesses], quorum=self.needed
        )

    def urls(self) -> dict[str, str]:
        """Where each witness is asked."""
        return {each.key: each.url for each in self.witnesses if each.url}


class PaperForm(_Form):
    """Lines of a printed bundle, typed or scanned."""

    text: str


class ConsentForm(_Form):
    """Consent for a part of a message is withdrawn: by which officer of this node, and why."""

    by: str
    reason: str


class ExportForm(_Form):
    """For whom a line is exported, and what a person releases to that one beside what it was given."""

    to: str = Field(default="", description="The party that will read it; the other one of the line if empty")
    release: list[str] = Field(default=[], description="Parts to be released, each HASH:PART")
    everything: bool = Field(default=False, description="Release every part that is open here")
    by: str = ""
    reason: str = ""

    def party(self) -> PartyWord | None:
        """Who will read it."""
        return PartyWord(self.to) if self.to else None

    def released(self) -> Release:
        """What is released. Raises Refused as Release does."""
        return Release(parts=tuple(self.release), everything=self.everything, by=self.by, reason=self.reason)


class CompareForm(_Form):
    """Two texts that should be one."""

    mine: str
    theirs: str


class CutForm(_Form):
    """Whether the link of a line is held cut, for an exercise or a demonstration."""

    cut: bool


def hash_of(text: str) -> bytes:
    """The hash of a message as it stands in an address or a form. Raises Refused("fields.unfit")."""
    return octets_of(text, length=32, what="hash of a message")


def json_of(value: JsonValue) -> Json:
    """What a form holds as it can be signed. Raises Refused("encoding.float") for a fraction."""
    match value:
        case float():
            raise Refused(
                "encoding.float", f"{value!r} is a fraction; write a whole number of a smaller unit"
            )
        case dict():
            return {name: json_of(each) for name, each in value.items()}
        case list():
            return [json_of(each) for each in value]
        case _:
            return value
