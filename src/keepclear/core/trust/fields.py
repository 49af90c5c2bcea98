"""Fields: the members of a parsed JSON object, taken one by one and strictly, until none is left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.trust.encoding import Json

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
_QUOTED_MAX: Final = 60


class Fields:
    """The members of one object; ``what`` names it in errors.

    Every method raises Refused("fields.missing") for a member that is not there and Refused("fields.unfit") for one of
    another form than asked; ``end`` raises Refused("fields.unknown") when a member was not asked for.
    """

    def __init__(self, value: Json, *, what: str) -> None:
        if not isinstance(value, Mapping):
            raise Refused("fields.unfit", f"{what} is {_quoted(value)}, must be an object with named members")
        self._members = dict(value)
        self._what = what

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def end(self) -> None:
        """Raises unless every member was taken."""
        if self._members:
            names = ", ".join(sorted(self._members))[:_QUOTED_MAX]
            raise Refused("fields.unknown", f"{self._what} has members that are not known here: {names}")

    def value(self, name: str) -> Json:
        """A member of any form, null included."""
        if name not in self._members:
            raise Refused("fields.missing", f"{self._what} lacks the member {name!r}")
        return self._members.pop(name)

    def text(self, name: str, *, length_max: int = 65_535) -> str:
        """Text of 1 to ``length_max`` characters."""
        found = self.value(name)
        if not isinstance(found, str) or not 1 <= len(found) <= length_max:
            raise self._unfit(name, found, f"text of 1 to {length_max} characters")
        return found

    def whole(self, name: str, *, least: int = 0, most: int = (1 << 53) - 1) -> int:
        """A whole number from ``least`` to ``most``."""
        found = self.value(name)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise self._unfit(name, found, f"a whole number from {least} to {most}")
        return found

    def flag(self, name: str) -> bool:
        """True or false."""
        found = self.value(name)
        if not isinstance(found, bool):
            raise self._unfit(name, found, "true or false")
        return found

    def octets(self, name: str, *, length: int) -> bytes:
        """Bytes in lower-case hexadecimal, exactly ``length`` of them."""
        return octets_of(self.value(name), length=length, what=f"{self._what}: {name}")

    def items(self, name: str, *, most: int) -> Sequence[Json]:
        """A list of at most ``most`` values."""
        found = self.value(name)
        if not isinstance(found, list) or len(found) > most:
            raise self._unfit(name, found, f"a list of at most {most}")
        return found

    def pair(self, name: str) -> tuple[Json, Json]:
        """A list of just two values."""
        found = self.value(name)
        if not isinstance(found, list) or len(found) != 2:
            raise self._unfit(name, found, "a list of two")
        return found[0], found[1]

    def members(self, name: str, *, most: int) -> Mapping[str, Json]:
        """An object of at most ``most`` members."""
        found = self.value(name)
        if not isinstance(found, Mapping) or len(found) > most:
            raise self._unfit(name, found, f"an object of at most {most} members")
        return found

    def fields(self, name: str) -> Fields:
        """An object, to be taken member by member in its turn."""
        return Fields(self.value(name), what=f"{self._what}: {name}")

    def _unfit(self, name: str, found: Json, wanted: str) -> Refused:
        return Refused("fields.unfit", f"{self._what}: {name} is {_quoted(found)}, must be {wanted}")


def octets_of(value: Json, *, length: int, what: str) -> bytes:
    """Bytes written in lower-case hexadecimal. Raises Refused("fields.unfit") for anything else."""
    if not isinstance(value, str) or len(value) != 2 * length or not _HEX.fullmatch(value):
        raise Refused("fields.unfit", f"{what} is {_quoted(value)}, must be {2 * length} hexadecimal digits")
    return bytes.fromhex(value)


def text_of(value: Json, *, length_max: int, what: str) -> str:
    """Text of 1 to ``length_max`` characters. Raises Refused("fields.unfit") for anything else."""
    if not isinstance(value, str) or not 1 <= len(value) <= length_max:
        raise Refused(
            "fields.unfit", f"{what} is {_quoted(value)}, must be text of 1 to {length_max} characters"
        )
    return value


def _quoted(value: Json) -> str:
    shown = repr(value)
    return shown if len(shown) <= _QUOTED_MAX else f"{shown[:_QUOTED_MAX]}..."
