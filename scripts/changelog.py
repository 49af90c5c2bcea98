"""Moves the fragments in changes/ into CHANGELOG.md, under a new version: changelog.py 0.2.0 2026-12-01."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("added", "changed", "fixed", "removed", "security")
FRAGMENT = re.compile(rf"(\d+)\.({'|'.join(KINDS)})\.md")
RELEASED = re.compile(r"^## ", re.MULTILINE)


def section(version: str, day: str, fragments: dict[str, str]) -> str:
    """A version's section, from the fragments' names and texts, ordered by kind and then by issue."""
    found = [(KINDS.index(match[2]), int(match[1]), fragments[match.string]) for match in matches(fragments)]
    lines = [f"## {version}, {day}"]
    for place, kind in enumerate(KINDS):
        entries = [(issue, text) for of, issue, text in sorted(found) if of == place]
        if entries:
            lines += ["", f"### {kind.capitalize()}", ""]
            lines += [f"- {' '.join(text.split())} (#{issue})" for issue, text in entries]
    return "\n".join(lines) + "\n"


def matches(fragments: dict[str, str]) -> list[re.Match[str]]:
    """The fragments' names, read; a name that does not say issue and kind stops the release."""
    read = {name: FRAGMENT.fullmatch(name) for name in fragments}
    strange = [name for name, match in read.items() if match is None]
    if strange:
        sys.exit(f"changelog: {strange[0]} must be named ISSUE.KIND.md, the kind one of {', '.join(KINDS)}")
    return [match for match in read.values() if match is not None]


def with_section(changelog: str, new: str) -> str:
    """The changelog with a new section above the released ones."""
    first = RELEASED.search(changelog)
    if first is None:
        return f"{changelog.rstrip()}\n\n{new}"
    return f"{changelog[: first.start()]}{new}\n{changelog[first.start() :]}"


def main() -> None:
    """Release: write the section, remove the fragments."""
    if len(sys.argv) != 3:
        sys.exit("usage: changelog.py VERSION YEAR-MONTH-DAY")
    version, day = sys.argv[1], date.fromisoformat(sys.argv[2]).isoformat()
    files = sorted((ROOT / "changes").glob("*.md"))
    if not files:
        sys.exit("changelog: there is nothing in changes/ to release")
    new = section(version, day, {file.name: file.read_text(encoding="utf-8") for file in files})
    page = ROOT / "CHANGELOG.md"
    page.write_text(with_section(page.read_text(encoding="utf-8"), new), encoding="utf-8")
    for file in files:
        file.unlink()


if __name__ == "__main__":
    main()
