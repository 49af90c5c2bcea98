"""Folders of lines: where they may be, which the node's administrator says and nobody who agrees a line.

Whoever may speak to the node could otherwise have it write and move files wherever its user can.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keepclear.core.errors import Refused, Unavailable
from keepclear.edge.config import Config

FOLDERS: Final = "folders"
"""In the data folder: where the folders of lines are while the settings name no other place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """The places below which folders of lines may be, the first of them for folders that are named without a place.

    ``own``: the one place is the node's own, in which it makes the folders that are asked for.
    """

    roots: Sequence[Path]
    own: bool

    def within(self, named: str) -> Path:
        """Where a folder really is, all links resolved.

        Raises Refused("ways.folder") when that is neither one of the places nor below one.
        """
        try:
            folder = Path(os.path.realpath(self.roots[0] / named))
        except ValueError:
            raise Refused("ways.folder", f"folder {named!r} is no path; name a folder") from None
        roots = [Path(os.path.realpath(each)) for each in self.roots]
        if not any(folder.is_relative_to(root) for root in roots):
            places = ", ".join(map(str, roots))
            raise Refused(
                "ways.folder",
                f"folder {named!r} is {folder}, must be in {places}: name one there, or have the administrator add its "
                "place to folders under [link] in the settings",
            )
        return folder

    def ready(self, named: str) -> Path:
        """As ``within``, and made where the place is the node's own. Raises Unavailable("ways.disk") if it cannot be.

        A stick is not made: a folder where it should be would hide that it is away.
        """
        folder = self.within(named)
        if self.own:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as error:
                raise Unavailable("ways.disk", f"folder {folder}: {error.strerror}") from error
        return folder


def folders_of(config: Config) -> Folders:
    """The places that the settings name, or the node's own."""
    named = config.link.folders
    roots = [Path(each) for each in named] if named else [Path(config.data) / FOLDERS]
    return Folders(roots=roots, own=not named)
