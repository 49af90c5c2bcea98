"""The identity of a party: the folder of its keys, and which of them is for what.

    root.pem, root.pub                           the party's root; root.pem may be kept elsewhere, such as on a stick
    lines/LINE/EPOCH/log.pem cosigner.pem node.pem box.age
    officers/NAME-ID.pem                         keys of persons (``officers``)

Source: docs/protocol.md clause 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.line.keys import Anchor, LogKeys, Quorum, cosigner_name, root_name
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.cosignature import Algorithm, Cosigner, CosignerKey
from keepclear.core.trust.note import Signer, VerifierKey, verifier_key_of
from keepclear.edge.keys.box import Box, kept_box
from keepclear.edge.keys.keyfile import carried_file, kept_file, private_folder, read_file
from keepclear.edge.keys.officers import Officers
from keepclear.edge.keys.passphrase import is_locked
from keepclear.edge.keys.privatekey import LogKey, SigningKey, kept_cosigning_key, kept_key, key_of, made_pem

ROOT_FILE: Final = "root.pem"
ROOT_PUBLIC_FILE: Final = "root.pub"
LOG_FILE: Final = "log.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class RootKey:
    """The key that a party is: it signs key statements and the party's card, and never changes.

    ``key`` is the public half, under the name by which others trust it.
    """

    key: VerifierKey
    signing: SigningKey

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of these bytes."""
        return self.signing.sign(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineKeys:
    """The keys of a party's node for one epoch of its log on one line."""

    log: Signer
    cosigner: Cosigner
    node: SigningKey
    box: Box

    @property
    def box_recipient(self) -> str:
        """To what others seal the parts that this party may read."""
        return self.box.recipient

    def open(self, sealed: bytes) -> bytes | None:
        """What was sealed to this party, or None; see ``Box.open``."""
        return self.box.open(sealed)

    def stated(
        self,
        *,
        previous: Anchor | None = None,
        witnesses: Sequence[CosignerKey] = (),
        quorum: Quorum = Quorum.ALL,
    ) -> LogKeys:
        """Their public halves, as the root is to state them when the log is opened."""
        return LogKeys(
            log=self.log.key,
            cosigner=self.cosigner.key,
            node=self.node.public,
            box=self.box.recipient,
            previous=previous,
            witnesses=tuple(witnesses),
            quorum=quorum,
        )


class Identity:
    """The keys of one party in one folder; nothing is read before it is asked for.

    Every method raises Refused("keys.exposed") when others can reach a key or its folder, Refused("keys.unreadable")
    for a file that does not hold its key, Unavailable("keys.disk") when the folder cannot be read or written.
    Raises Refused("checkpoint.origin") for a party that is not 1 to 64 of ``a-z 0-9 . -``.
    """

    def __init__(self, folder: Path, party: str) -> None:
        origin_of(party=party)
        self._folder = folder
        self._party = party
        self._officers = Officers(folder / "officers")

    @property
    def party(self) -> str:
        """The party whose keys these are."""
        return self._party

    @property
    def folder(self) -> Path:
        """Where the keys are; the certificate of the link is kept there too (``couriers.tls``)."""
        return self._folder

    @property
    def root_public(self) -> VerifierKey:
        """The party's root as others trust it, whether or not the private half is here.

        Raises Refused("keys.no-root") when the folder knows of no root, Refused("keys.other-root") when it is that of
        another party.
        """
        stated = self._stated_root()
        if stated is None and read_file(self._folder / ROOT_FILE) is not None:
            stated = self.root_key().key
        if stated is None:
            raise Refused(
                "keys.no-root",
                f"folder {self._folder} has no root of {self._party}: make one, or bring root.pub",
            )
        return stated

    def root_key(self, path: Path | None = None, passphrase: str | None = None) -> RootKey:
        """The party's root, to sign with; made in the folder when the party has none yet.

        ``path`` names the file when it is kept elsewhere. There it may be readable by others, as files on most sticks
        are, only when it is locked by a passphrase: ``openssl pkcs8 -topk8 -scrypt`` writes such a copy, and a root
        that is made with a passphrase is locked from the start.
        Raises Refused("keys.root-away") when the party has a root and its private half is not here,
        Refused("keys.other-root") for the key of another party, Refused("keys.passphrase") for a passphrase that is
        wrong, missing or not needed.
        """
        stated = self._stated_root()
        pem = self._root_pem(passphrase, stated) if path is None else _carried_pem(path)
        what = f"file {path or self._folder / ROOT_FILE}"
        signing = key_of(pem, SigningKey, what=what, passphrase=passphrase)
        key = VerifierKey(name=root_name(self._party), public_key=signing.public)
        root = RootKey(key=key, signing=signing)
        if stated is None:
            self.take_root(root.key)
        elif root.key != stated:
            raise Refused(
                "keys.other-root",
                f"{what} holds {root.key.text()}, the root of this party is {stated.text()}",
            )
        return root

    def take_root(self, root: VerifierKey) -> None:
        """Takes the public half of a root that was made on another machine; it never changes afterwards.

        Raises Refused("keys.other-root") for the root of another party, or when the party has another one.
        """
        self._check_root_name(root)
        kept = kept_file(self._folder / ROOT_PUBLIC_FILE, make=lambda: f"{root.text()}\n".encode())
        if kept != f"{root.text()}\n".encode():
            raise Refused(
                "keys.other-root", f"{self._party} has the root {kept.decode(errors='replace').strip()}"
            )

    def line_keys(self, line: str, epoch: int, *, cosigner_kind: Algorithm = Algorithm.ED25519) -> LineKeys:
        """The keys of the node for one epoch of its log on a line; those that are missing are made.

        ``cosigner_kind`` is for a cosigner that is made: one that is there keeps its algorithm. The caller holds
        ``stated()`` against what the log's open statement says, since keys that were lost are made anew.
        Raises Refused("checkpoint.origin") for a line that is no name and an epoch below 1.
        """
        origin = origin_of(party=self._party, log=line, epoch=epoch)
        folder = private_folder(self._folder, "lines", line, str(epoch))
        cosigner = kept_cosigning_key(folder / "cosigner.pem", cosigner_kind)
        return LineKeys(
            log=kept_key(folder / LOG_FILE, LogKey).signer(origin),
            cosigner=Cosigner(
                key=CosignerKey(
                    name=cosigner_name(origin), algorithm=cosigner.algorithm, public_key=cosigner.public
                ),
                sign=cosigner.sign,
            ),
            node=kept_key(folder / "node.pem", SigningKey),
            box=kept_box(folder / "box.age"),
        )

    def holds(self, log: VerifierKey) -> bool:
        """Whether the folder has the private half of the key of an own log; none is made."""
        _, _, line, epoch = log.name.split("/")
        pem = read_file(self._folder / "lines" / line / epoch / LOG_FILE)
        return pem is not None and key_of(pem, LogKey, what=f"key of {log.name}").signer(log.name).key == log

    def add_officer(self, name: str, passphrase: str | None = None) -> bytes:
        """Makes a key for a person and gives its public half; see ``Officers.add``."""
        return self._officers.add(name, passphrase=passphrase)

    def officers(self) -> tuple[str, ...]:
        """The names of those who have a key here; see ``Officers.names``."""
        return self._officers.names()

    def officer_public(self, name: str) -> bytes:
        """The public key of an officer; see ``Officers.public``."""
        return self._officers.public(name)

    def officer_signer(self, name: str, passphrase: str | None = None) -> SigningKey:
        """The key of an officer, to sign with; see ``Officers.signer``."""
        return self._officers.signer(name, passphrase=passphrase)

    def retire_officer(self, name: str) -> None:
        """Puts the key of an officer aside; see ``Officers.retire``."""
        self._officers.retire(name)

    def _root_pem(self, passphrase: str | None, stated: VerifierKey | None) -> bytes:
        path = self._folder / ROOT_FILE
        if stated is None:
            return kept_file(path, make=lambda: made_pem(passphrase=passphrase))
        # The party has a root: were another made in its place, nobody would know the party again.
        pem = read_file(path)
        if pem is None:
            raise Refused(
                "keys.root-away",
                f"the root of {self._party} is not in {self._folder}: name the file that holds it",
            )
        return pem

    def _stated_root(self) -> VerifierKey | None:
        private_folder(self._folder)
        path = self._folder / ROOT_PUBLIC_FILE
        content = read_file(path)
        if content is None:
            return None
        try:
            root = verifier_key_of(content.decode("ascii").removesuffix("\n"))
        except (UnicodeError, Refused, Untrusted):
            raise Refused("keys.unreadable", f"file {path} is not one verifier key on one line") from None
        self._check_root_name(root)
        return root

    def _check_root_name(self, root: VerifierKey) -> None:
        if root.name != root_name(self._party):
            raise Refused(
                "keys.other-root", f"root is named {root.name}, must be named {root_name(self._party)}"
            )


def _carried_pem(path: Path) -> bytes:
    found = carried_file(path)
    if found.exposed and not is_locked(found.content):
        raise Refused(
            "keys.exposed",
            f"others can read {path}, and no passphrase locks it: lock it, or give it mode 0600",
        )
    return found.content
