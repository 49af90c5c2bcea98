"""Writes docs/commands.md from the command line itself, so that the two cannot differ."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"

ASK = (
    "-m",
    "typer",
    "keepclear.edge.cli.main",
    "utils",
    "docs",
    "--name",
    "keepclear",
    "--title",
    "Commands",
)


def command_page() -> str:
    """The whole page: each command with its arguments, options and examples."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "commands.md")
        subprocess.run([sys.executable, *ASK, "--output", page], check=True, stdout=subprocess.DEVNULL)
        return page.read_text(encoding="utf-8").rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(command_page(), encoding="utf-8")
