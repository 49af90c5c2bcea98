"""The documents say what is there: the map, commands, targets and tables, and the tests they point at."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest

from keepclear.core.space.altitude import Datum
from keepclear.core.watch.alert import AlertKind, Priority, Stage, Step
from keepclear.core.watch.report import TrackKind
from keepclear.core.watch.standing import Standing
from keepclear.core.watch.zone import Recognition, ZoneKind

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "keepclear"
MAP_STARTS = "src/keepclear/"

NAMED_FILE = re.compile(
    r"(?<![\w./-])(?:docs|tests|scripts|core|formats|edge|console|bench|requirements|changes)/[\w./-]*\.(?:py|md|toml|txt|sh)\b"
)
PLACEHOLDERS = {"changes/ISSUE.KIND.md", "docs/adr/NNNN-name.md"}
NAMED_TEST = re.compile(r"(tests/[\w/]+\.py)::(test_\w+)")
NAMED_TARGET = re.compile(r"(?:^|[`(])(?:    )?make ([a-z]+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def pages() -> list[Path]:
    """Every document that a person reads."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def text_of(name: str) -> str:
    """The text of a document."""
    return (ROOT / name).read_text(encoding="utf-8")


def script(name: str) -> ModuleType:
    """A script, as a module."""
    found = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def mapped() -> set[str]:
    """The modules on ARCHITECTURE.md's map: below src/keepclear/, each folder indented by two more."""
    lines = iter(text_of("ARCHITECTURE.md").splitlines())
    top = next((line for line in lines if line.strip().split()[:1] == [MAP_STARTS]), "")
    margin = len(top) - len(top.lstrip())
    seen: set[str] = set()
    folders: list[str] = []
    for line in lines:
        depth = (len(line) - len(line.lstrip()) - margin) // 2
        if not line.strip() or depth < 1:
            break
        name = line.split()[0]
        del folders[depth - 1 :]
        if name.endswith("/"):
            folders.append(name)
        else:
            seen.add("".join([*folders, name]))
    return seen


def test_the_map_in_the_architecture_is_the_tree() -> None:
    tree = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")}
    there = {name for name in tree if not name.endswith("__init__.py")}
    assert {"not on the map": there - mapped(), "not in the tree": mapped() - there} == {
        "not on the map": set(),
        "not in the tree": set(),
    }


def test_the_printed_commands_are_those_of_the_command_line() -> None:
    page = script("command_page").command_page()
    assert "## `keepclear demo`" in page
    assert text_of("docs/commands.md") == page


def test_the_documents_name_no_target_that_make_does_not_know() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", text_of("Makefile"), re.MULTILINE))
    named = {(page.name, name) for page in pages() for name in NAMED_TARGET.findall(page.read_text("utf-8"))}
    assert {(page, name) for page, name in named if name not in targets} == set()


def is_here(name: str) -> bool:
    """Whether a file is there under this name, from the root or from the package."""
    return (ROOT / name).exists() or (SOURCE / name).exists()


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_file_that_a_document_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = [name for name in NAMED_FILE.findall(text) if not is_here(name) and name not in PLACEHOLDERS]
    linked = [name for name in LINK.findall(text) if not (page.parent / name).exists()]
    assert (named, linked) == ([], [])


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_test_that_a_document_points_at_is_there(page: Path) -> None:
    named = NAMED_TEST.findall(page.read_text(encoding="utf-8"))
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).exists() or f"def {name}(" not in text_of(path)
    ]
    assert missing == []


def test_every_row_of_the_security_table_shows_a_test_or_says_that_it_is_not_defended() -> None:
    rows = re.findall(r"^\|(.+)\|$", text_of("SECURITY.md"), re.MULTILINE)
    lies = [row for row in rows if not set(row) <= set("-| ") and not row.startswith(" who may lie")]
    assert lies
    assert [row for row in lies if not NAMED_TEST.search(row) and "not defended" not in row.lower()] == []


def test_the_printed_state_tables_are_those_of_the_code() -> None:
    assert text_of("docs/states.md") == script("state_tables").state_page()


def table(heading: str) -> set[str]:
    """The packages in one of the tables of docs/dependencies.md."""
    part = text_of("docs/dependencies.md").split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| ([^|]+?) \|", part, re.MULTILINE)) - {"package"}


def required(name: str) -> set[str]:
    """The packages that a requirements/*.in file asks for itself."""
    return set(re.findall(r"^[a-z][\w-]*", text_of(f"requirements/{name}.in"), re.MULTILINE))


def test_every_dependency_says_why_it_is_here() -> None:
    console = json.loads(text_of("console/package.json"))
    of_the_console = table("What is built into the console") | table(
        "What building and checking the console needs on top"
    )
    assert table("What a node needs") == required("run")
    assert table("What testing and building need on top") == required("dev") | required("node")
    assert of_the_console == set(console["dependencies"]) | set(console["devDependencies"])


def test_a_changelog_section_orders_fragments_by_kind_and_issue() -> None:
    made = script("changelog").section(
        "1.0.0", "2030-01-02", {"12.fixed.md": "c\n", "9.fixed.md": "b\nb", "3.added.md": "a"}
    )
    assert made == "## 1.0.0, 2030-01-02\n\n### Added\n\n- a (#3)\n\n### Fixed\n\n- b b (#9)\n- c (#12)\n"


def test_a_new_changelog_section_stands_above_the_released_ones() -> None:
    with_section = script("changelog").with_section
    assert (
        with_section("# Changelog\n\nText.\n\n## 1\n\n- old\n", "## 2\n")
        == "# Changelog\n\nText.\n\n## 2\n\n## 1\n\n- old\n"
    )


def test_every_fragment_of_the_changelog_names_its_issue_and_kind() -> None:
    names = {path.name: "" for path in (ROOT / "changes").iterdir()}
    assert len(script("changelog").matches(names)) == len(names)


def glossary_words() -> list[str]:
    """The words of GLOSSARY.md, as they stand in the first column of its tables."""
    rows = re.findall(r"^\| ([^|]+?) \|", text_of("GLOSSARY.md"), re.MULTILINE)
    return [word.strip() for row in rows if row not in ("word", "---") for word in row.split(",")]


def test_the_glossary_explains_no_word_twice() -> None:
    assert [word for word, count in Counter(glossary_words()).items() if count > 1] == []


CLOSED_SETS = [Datum, ZoneKind, Recognition, AlertKind, Priority, Stage, Step, TrackKind, Standing]


@pytest.mark.parametrize("closed", CLOSED_SETS, ids=lambda closed: closed.__name__)
def test_the_glossary_explains_every_word_of_a_closed_set(closed: type[Enum]) -> None:
    page = text_of("GLOSSARY.md").lower()
    said = [str(each.value) if isinstance(each.value, str) else each.name.lower() for each in closed]
    assert [word for word in said if not re.search(rf"\b{re.escape(word)}\b", page)] == []
