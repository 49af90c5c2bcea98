"""Writes the map in ARCHITECTURE.md from the modules: every file with the first sentence of its docstring."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "keepclear"
PAGE = ROOT / "ARCHITECTURE.md"
HEADING = "## The map\n"
ABOVE = "src/keepclear/"
PLACES = ("core", "formats", "desk.py", "edge")
COLUMN = 22
WIDTH = 118


def drawn(folder: Path, *, depth: int) -> list[str]:
    """The lines of a folder: its files, then its folders."""
    lines: list[str] = []
    files = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    for path in files:
        lines.append(line(path, depth=depth))
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))):
        lines.append("  " * depth + f"{inner.name}/")
        lines += drawn(inner, depth=depth + 1)
    return lines


def line(path: Path, *, depth: int) -> str:
    """A file and what it says of itself, in one line."""
    name = ("  " * depth + path.name).ljust(2 * depth + COLUMN)
    said = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n")[0].rstrip(".")
    room = WIDTH - len(name) - 4
    while len(said) > room:
        # The shortest honest cut: drop the last clause, and the next, until the rest fits.
        shorter = max(said.rfind(mark) for mark in (", ", "; ", ": ", ". "))
        said = said[:shorter] if shorter > 0 else said[:room]
    return f"{name}{said}"


def house_map() -> str:
    """The whole map, indented as a block of text."""
    lines = [ABOVE]
    for place in PLACES:
        path = SOURCE / place
        if path.is_file():
            lines.append(line(path, depth=1))
        else:
            lines += [f"  {place}/", *drawn(path, depth=2)]
    return "\n".join(f"    {each}" for each in lines) + "\n"


def page() -> str:
    """ARCHITECTURE.md with its map as it should be."""
    text = PAGE.read_text()
    start = text.index(HEADING) + len(HEADING)
    return text[:start] + "\n" + house_map()


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE.name}: the map is written\n")
