"""Officers' keys: one file for each person who signs at this node, locked by that person's passphrase.

A file is one line of canonical JSON, ``{"key":HEX,"name":...}``, and the PEM text beneath it, which openssl reads. So
who has a key here is known without any passphrase, and a name and its key are never apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keepclear.core.errors import Refused
from keepclear.core.line.keys import NAME_LENGTH_MAX, OFFICERS_MAX
from keepclear.core.trust.encoding import canonical, parsed
from keepclear.core.trust.fields import Fields
from keepclear.core.trust.signature import PUBLIC_KEY_BYTES
from keepclear.edge.keys.keyfile import disk_of, kept_file, private_folder, read_file
from keepclear.edge.keys.passphrase import pem_of
from keepclear.edge.keys.privatekey import SigningKey, key_of
from keepclear.formats.plaintext import check_plain_text

RETIRED: Final = "retired"
SLUG_LENGTH_MAX: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeyFile:
    path: Path
    name: str
    public: bytes
    pem: bytes


class Officers:
    """The officers' keys in one folder.

    Every method raises Refused("officers.unreadable") for a file in the folder that is no officer's key, and as
    ``keyfile.kept_file`` does. Names are 1 to 120 characters, see ``plaintext.check_plain_text``; two that differ in
    case or in Unicode composition alone are one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, *, passphrase: str | None = None) -> bytes:
        """Makes a key for a person, and gives its public half, which a key statement is to add.

        Raises Refused("text.unfit") for a name that is none, Refused("officers.again") for one that has a key here,
        Refused("officers.full") past OFFICERS_MAX, Refused("keys.passphrase") for one that is too short.
        """
        check_plain_text(name, what="an officer's name", length_max=NAME_LENGTH_MAX)
        kept = self._files()
        if _folded(name) in kept:
            raise Refused("officers.again", f"officer {name} has a key here; retire it before making another")
        if len(kept) >= OFFICERS_MAX:
            raise Refused("officers.full", f"{len(kept)} officers have a key here, which is the most")
        private = Ed25519PrivateKey.generate()
        made = SigningKey(private)
        line = canonical({"key": made.public.hex(), "name": name})
        content = line + b"\n" + pem_of(private, passphrase=passphrase)
        kept_file(self._folder / f"{_slug(name)}-{made.id}.pem", make=lambda: content)
        return made.public

    def names(self) -> tuple[str, ...]:
        """Who has a key here, by name in order."""
        return tuple(sorted(each.name for each in self._files().values()))

    def public(self, name: str) -> bytes:
        """The public key of an officer. Raises Refused("officers.unknown") for one who has none here."""
        return self._file(name).public

    def signer(self, name: str, *, passphrase: str | None = None) -> SigningKey:
        """The key of an officer, to sign with.

        Raises Refused("officers.unknown") for one who has none here, Refused("keys.passphrase") for a passphrase that
        is wrong, missing or not needed, Refused("keys.unreadable") for a file that holds another key than it states.
        """
        found = self._file(name)
        key = key_of(found.pem, SigningKey, what=f"the key of officer {found.name}", passphrase=passphrase)
        if key.public != found.public:
            raise Refused("keys.unreadable", f"file {found.path} holds another key than it states")
        return key

    def retire(self, name: str) -> None:
        """Puts a person's key aside, under ``retired``, where nothing signs with it any longer.

        This revokes nothing: others believe the key until a key statement revokes it. Raises
        Refused("officers.unknown") for one who has none here.
        """
        found = self._file(name)
        aside = private_folder(self._folder, RETIRED)
        with disk_of(found.path):
            found.path.rename(aside / found.path.name)

    def _file(self, name: str) -> _KeyFile:
        found = self._files().get(_folded(name))
        if found is None:
            raise Refused("officers.unknown", f"officer {name[:NAME_LENGTH_MAX]!r} has no key here")
        return found

    def _files(self) -> Mapping[str, _KeyFile]:
        private_folder(self._folder)
        with disk_of(self._folder):
            paths = sorted(self._folder.glob("*.pem"))
        files = [_key_file_of(path) for path in paths]
        by_name = {_folded(each.name): each for each in files}
        if len(by_name) < len(files):
            raise Refused("officers.unreadable", f"folder {self._folder} holds two keys under one name")
        return by_name


def _key_file_of(path: Path) -> _KeyFile:
    line, _, pem = (read_file(path) or b"").partition(b"\n")
    try:
        taken = Fields(parsed(line), what="officer")
        public = taken.octets("key", length=PUBLIC_KEY_BYTES)
        name = taken.text("name", length_max=NAME_LENGTH_MAX)
        taken.end()
        check_plain_text(name, what="an officer's name", length_max=NAME_LENGTH_MAX)
    except Refused as error:
        raise Refused(
            "officers.unreadable", f"file {path} does not begin with an officer's name: {error.message}"
        ) from None
    return _KeyFile(path=path, name=name, public=public, pem=pem)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH_MAX] or "officer"
