"""Builds the console into src/keepclear/edge/web when its sources changed since the last build.

Run after prepare_node.py, with .venv/bin first in PATH.
"""

from __future__ import annotations

import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ROOT / "console"
BUILT = ROOT / "src" / "keepclear" / "edge" / "web" / "index.html"
# Outside the built folder, which is to hold the same bytes wherever it was built.
STAMP = CONSOLE / "node_modules" / ".keepclear-built"
NOT_SOURCES = {"node_modules", "dist"}


def main() -> None:
    """Build, unless what is built is what the sources say."""
    sources = source_state()
    if BUILT.exists() and STAMP.exists() and STAMP.read_text() == sources:
        return
    started = time.monotonic()
    print("console: building", flush=True)
    if (
        subprocess.call(["npm", "run", "--silent", "build", "--", "--logLevel=error"], cwd=CONSOLE) != 0
        or not BUILT.exists()
    ):
        sys.exit("console: the build failed, its own message is above")
    STAMP.write_text(sources)
    print(
        f"console: built into {BUILT.parent.relative_to(ROOT)} after {time.monotonic() - started:.0f} s",
        flush=True,
    )


def source_state() -> str:
    """One hash over the name and the bytes of every source of the console."""
    seen = sha256()
    for path in sorted(CONSOLE.rglob("*")):
        inside = path.relative_to(CONSOLE)
        if NOT_SOURCES.isdisjoint(inside.parts) and path.is_file():
            seen.update(f"{inside}\0{path.stat().st_size}\0".encode())
            seen.update(path.read_bytes())
    return seen.hexdigest()


if __name__ == "__main__":
    main()
