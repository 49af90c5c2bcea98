"""The house is in order: sizes, names, words, locks. What ruff and import-linter check is not repeated."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "keepclear"
CODE = (".py", ".sh", ".ts", ".svelte", ".mjs", ".js", ".css", ".html")
TEXT = (".md", ".toml", ".in", ".txt", ".json")
MADE = {"node_modules", "web", "__pycache__", ".venv", ".git", "build", "dist", "var", ".cache"}

LINES_MAX = 400
TEST_LINES_MAX = 800
"""A module of tests is a list of sentences about one module; it may be longer."""

LONGER: dict[str, str] = {}
"""Modules past LINES_MAX, each with the reason why it is one thing all the same."""

SAYING_NOTHING = set(
    ["utils", "util", "manager", "helper", "helpers", "common", "misc", "process", "handle", "handler"]
)
DECIDING_FOR_A_PERSON = re.compile(r"\b(violat|hostil|enem(y|ies)\b|intruder|threat)", re.IGNORECASE)
MAY_SAY_HOSTILE = {"console/src/map/atlas.ts"}
"""The symbol library wants a colour for each frame of MIL-STD-2525, also for the one that is never drawn."""

# A letter in brackets keeps this file from holding what it looks for.
UNFINISHED = re.compile(r"(#|//|\*|<!--).*\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")
OF_ONE_MACHINE = re.compile(r"/wor[k]/|/hom[e]/|/roo[t]/|/tm[p]/|\.\./share[d]")
REGISTRIES = re.compile(r"pyp[i]\.org|pythonhoste[d]|npmj[s]\.|\bregistr[y]\.\w+\.\w")


def files(*suffixes: str) -> Iterator[Path]:
    """Every file of these kinds that a person wrote."""
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in MADE and not name.endswith(".egg-info")]
        yield from (Path(folder, name) for name in sorted(names) if Path(name).suffix in suffixes)


def short(path: Path) -> str:
    """A path as seen from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def found(pattern: re.Pattern[str], paths: Iterator[Path]) -> list[str]:
    """Where a pattern stands in these files, as path:line: text."""
    return [
        f"{short(path)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def public_names(path: Path) -> Iterator[str]:
    """The module's name, and the public names that it gives to functions, classes and constants."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            yield node.name


def words(name: str) -> set[str]:
    """The words of a name in snake_case or CamelCase."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def limit(name: str) -> int:
    """The most lines that a module may have."""
    return TEST_LINES_MAX if name.startswith("tests/") or ".test." in name else LINES_MAX


def test_every_module_is_short_or_says_why_it_is_not() -> None:
    modules = files(".py", ".ts", ".svelte", ".mjs")
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {
        name: lines for name, lines in lengths.items() if lines > limit(name) and name not in LONGER
    } == {}


def test_no_module_is_excused_that_has_become_short() -> None:
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in LONGER}
    assert {name: lines for name, lines in lengths.items() if lines <= limit(name)} == {}


def test_every_name_says_what_it_names() -> None:
    empty = [
        f"{short(path)}: {name}"
        for path in files(".py")
        for name in public_names(path)
        if words(name) & SAYING_NOTHING and not name.startswith("test_")
    ]
    assert empty == []


def test_every_test_is_named_by_a_sentence() -> None:
    paths = list((ROOT / "tests").rglob("test_*.py"))
    tests = {name for path in paths for name in public_names(path)} - {path.stem for path in paths}
    assert [name for name in sorted(tests) if name.startswith("test_") and name.count("_") < 3] == []


def test_no_two_test_modules_share_a_name() -> None:
    seen = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in seen.items() if count > 1] == []


def test_nothing_is_left_for_later() -> None:
    assert found(UNFINISHED, files(*CODE, *TEXT)) == []


def test_no_file_knows_the_machine_that_it_was_written_on() -> None:
    assert found(OF_ONE_MACHINE, files(*CODE, *TEXT)) == []


def test_no_file_names_the_host_of_a_registry() -> None:
    assert found(REGISTRIES, files(*CODE, *TEXT)) == []


def test_no_word_decides_what_a_person_has_to_decide() -> None:
    kinds = (".py", ".toml", ".ts", ".svelte")
    shown = (path for path in files(*kinds) if short(path).startswith(("src/", "console/src/")))
    strict = (path for path in shown if short(path) not in MAY_SAY_HOSTILE)
    assert found(DECIDING_FOR_A_PERSON, strict) == []


def test_packages_are_empty_but_for_their_modules() -> None:
    inside = [path for path in SOURCE.rglob("__init__.py") if path.parent != SOURCE]
    assert [short(path) for path in inside if path.read_text(encoding="utf-8").strip()] == []


def declared(name: str) -> set[str]:
    """The packages that a requirements/*.in file asks for itself."""
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and line[0] not in "#-"}


def locked(name: str) -> dict[str, list[str]]:
    """The packages of a requirements/*.txt file, each with its hashes."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-zA-Z0-9])", text, flags=re.MULTILINE)
    hashes = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
    return {entry.split("==")[0]: hashes.findall(entry) for entry in entries if "==" in entry}


@pytest.mark.parametrize("name", ["run", "dev", "node"])
def test_every_package_is_locked_by_its_hash(name: str) -> None:
    packages = locked(f"{name}.txt")
    assert declared(f"{name}.in") <= set(packages)
    assert [package for package, hashes in packages.items() if not hashes] == []


def test_what_the_package_needs_is_what_is_locked_for_running() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {re.split(r"[<>=\[ ]", need)[0] for need in project["dependencies"]} == declared("run.in")


def test_every_package_that_is_needed_is_imported() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")]
    imported = {
        name.split(".")[0]
        for tree in trees
        for node in ast.walk(tree)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [])
        + ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
    }
    by_module = packages_distributions()
    packages = {package.lower() for module in imported for package in by_module.get(module, ())}
    # uvicorn imports websockets by itself where it is there.
    assert declared("run.in") - packages == {"websockets"}
