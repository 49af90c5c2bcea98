"""The recipe for checking an export by hand does what it says, on the export that is published with it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "verify-by-hand.md"
VECTORS = ROOT / "tests" / "vectors" / "line"
BLOCK = re.compile(r"^```sh\n(.*?)^```\n(?:```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
MARK = "==== next"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the three files that the recipe needs."""
    for name in ("tanf.kce", "keys.txt", "reader.txt"):
        shutil.copy(VECTORS / name, tmp_path)
    assert shutil.which("age"), "age is needed: scripts/age.sh installs it"
    return tmp_path


def run(folder: Path, blocks: list[str]) -> subprocess.CompletedProcess[str]:
    """The commands of the page in one shell that stops at the first that fails."""
    script = "set -eu\n" + "".join(f"{block}\necho '{MARK}'\n" for block in blocks)
    return subprocess.run(
        ["sh", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_every_command_of_the_page_prints_what_the_page_says(folder: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == 9
    done = run(folder, [commands for commands, _ in blocks])
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(f"{MARK}\n")[:-1] == [printed for _, printed in blocks]


@pytest.mark.parametrize(
    "before",
    [
        b'{"origin":"keepclear/b/tanf/1","size":3}\n{"leaf":"{\\"payload\\":\\"',
        b'{"checkpoint":"keepclear/b/tanf/1\\n3\\n',
        b'{"sealed":"',
        b'{"fault":{"rule":"fork","',
    ],
)
def test_the_recipe_stops_at_an_export_of_which_a_bit_was_altered(folder: Path, before: bytes) -> None:
    raw = (folder / "tanf.kce").read_bytes()
    at = raw.index(before) + len(before) + 3
    (folder / "tanf.kce").write_bytes(raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :])
    blocks = [commands for commands, _ in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]
    assert run(folder, blocks).returncode != 0
