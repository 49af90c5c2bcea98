"""The options of an export: for whom it is, and what is released to that one, by whom and why."""

from __future__ import annotations

from typing import Annotated

import typer

Reader = Annotated[
    str, typer.Option("--for", help="The party that will read it; without it the other one of the line.")
]
Released = Annotated[
    list[str],
    typer.Option("--release", help="A part that it was not given, HASH:PART; may be repeated."),
]
Everything = Annotated[bool, typer.Option("--release-all", help="Release every part that is open here.")]
ReleasedBy = Annotated[str, typer.Option("--by", help="With a release: who decides it.")]
ReleaseReason = Annotated[str, typer.Option("--reason", help="With a release: why.")]
