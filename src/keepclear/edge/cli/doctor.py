"""``keepclear doctor``: what this machine has, and what to do about what it lacks."""

from __future__ import annotations

import platform
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import apsw
import numpy as np
import pyproj
import typer

from keepclear import __version__
from keepclear.core.errors import KeepclearError, Untrusted
from keepclear.core.space.geodesy import Position, separation_m
from keepclear.edge.api.app import WEB
from keepclear.edge.clock import real_now
from keepclear.edge.lines.witness import KEY_FILES, witness_cosigner
from keepclear.edge.opening import ORIGIN_FILE, open_store
from keepclear.formats.wire import json_bytes

FREE_BYTES_LEAST = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at: how it is, and what to do when it is not well."""

    name: str
    well: bool
    found: str
    advice: str = ""


def doctor(
    data: Annotated[Path | None, typer.Argument(help="A node's data folder, to check its store too.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Look at everything that a node needs on this machine. Exits with 1 when something is not well.

    Example: keepclear doctor keepclear-data
    """
    checks: list[Callable[[], Finding]] = [_versions, _geodesics, _database, _console, _disk, _clock]
    findings = [check() for check in checks]
    if data is not None:
        findings += [_record(data), _witness(data)]
    if json:
        members = [
            {"name": each.name, "well": each.well, "found": each.found, "advice": each.advice}
            for each in findings
        ]
        typer.echo(json_bytes(members).decode())
    else:
        for each in findings:
            advice = f": {each.advice}" if each.advice and not each.well else ""
            typer.echo(f"{'well ' if each.well else 'WRONG'}  {each.name:<10} {each.found}{advice}")
    if not all(each.well for each in findings):
        raise typer.Exit(1)


def _versions() -> Finding:
    found = f"Keepclear {__version__}, Python {platform.python_version()}, NumPy {np.__version__}"
    return Finding(
        name="versions", well=sys.version_info >= (3, 11), found=found, advice="install Python 3.11 or later"
    )


def _geodesics() -> Finding:
    # The meridian's length is known in closed form, so that it checks PROJ without PROJ.
    poles = separation_m(
        own=Position(latitude_deg=90, longitude_deg=0), other=Position(latitude_deg=-90, longitude_deg=0)
    )
    return Finding(
        name="geodesics",
        well=abs(poles - 20_003_931.4586) < 1e-3,
        found=f"pole to pole {poles:.4f} m, PROJ {pyproj.proj_version_str}",
        advice="reinstall pyproj: distances are wrong",
    )


def _database() -> Finding:
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    return Finding(
        name="database",
        well=version >= (3, 51, 3),
        found=f"SQLite {apsw.sqlite_lib_version()} (Python's own, not used: {sqlite3.sqlite_version})",
        advice="install a newer apsw: SQLite up to 3.51.2 can corrupt a write-ahead log",
    )


def _console() -> Finding:
    built = (WEB / "index.html").is_file()
    return Finding(
        name="console",
        well=built,
        found="built" if built else "not built",
        advice="build it with: make console",
    )


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    return Finding(
        name="disk",
        well=free >= FREE_BYTES_LEAST,
        found=f"{free / 1e9:.1f} GB free here",
        advice="free at least 1 GB: the archive of reports grows",
    )


def _clock() -> Finding:
    # A file's time comes from the file system's own clock: where the two differ, one of them is wrong.
    with tempfile.NamedTemporaryFile() as file:
        written_ms = Path(file.name).stat().st_mtime * 1000
    apart_s = abs(written_ms - real_now()) / 1000
    return Finding(
        name="clock",
        well=apart_s < 2,
        found=f"{apart_s:.3f} s from the file system's",
        advice="set the machine's clock",
    )


def _record(data: Path) -> Finding:
    try:
        store = open_store(data, party=None)
        try:
            head = store.self_check()
        finally:
            store.close()
    except KeepclearError as error:
        # What else was looked at is worth telling, whatever is wrong with the record.
        damaged = isinstance(error, Untrusted)
        advice = (
            "keep the folder as it is, and find out who wrote to it"
            if damaged
            else "the node must be stopped"
        )
        return Finding(name="record", well=False, found=error.message, advice=advice)
    return Finding(name="record", well=True, found=f"{head.size} entries verified from their bytes")


def _witness(data: Path) -> Finding:
    """Under which keys the node witnesses; none is made here."""
    kept = [algorithm for algorithm, file in KEY_FILES.items() if (data / "keys" / file).is_file()]
    try:
        party = (data / ORIGIN_FILE).read_text().split("/")[1]
        keys = [witness_cosigner(data / "keys", party, each).key.text() for each in kept]
    except (KeepclearError, OSError, IndexError) as error:
        advice = "see to it that the files of keys are there, whole, and readable by their owner alone"
        return Finding(name="witness", well=False, found=str(error), advice=advice)
    found = f"cosigns others' heads under {' and '.join(keys)}" if keys else "no key: it has never witnessed"
    return Finding(name="witness", well=True, found=found)
