"""Makes .venv with exactly the packages that requirements/dev.txt names, each checked by its hash.

Does nothing when .venv already holds that lock. Written so that an old Python can still read it: it is the
first thing that runs on a fresh machine, and it says in one sentence what is missing there.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
LOCK = os.path.join(ROOT, "requirements", "dev.txt")
PROJECT = os.path.join(ROOT, "pyproject.toml")
COMPILED = os.path.join(ROOT, "src", "keepclear", "core", "notice")
OLDEST = (3, 11)
PYTHON_VERSION = sys.version.split()[0]


def main():
    """Bring .venv to the state that the lock and pyproject.toml describe."""
    if sys.version_info < OLDEST:
        stop(
            f"Keepclear needs Python 3.11 or newer, this is {PYTHON_VERSION} ({sys.executable}). "
            "Name another one: make PYTHON=python3.12"
        )
    if not is_stamped("locked", lock_state()):
        install_lock()
        stamp("locked", lock_state())
    if not is_stamped("installed", installed_state()) or not find(COMPILED, ".so"):
        say("putting Keepclear itself into .venv, and compiling its kernel")
        pip("install", "--no-deps", "--no-build-isolation", "--editable", ROOT)
        stamp("installed", installed_state())


def install_lock():
    """Make .venv afresh, so that nothing from an earlier lock stays behind, and install the lock."""
    started = time.monotonic()
    say(f"making .venv with Python {PYTHON_VERSION}")
    make_venv()
    with open(LOCK, encoding="utf-8") as lock:
        count = sum("==" in line and not line.startswith(" ") for line in lock)
    say(f"installing {count} locked packages, hashes checked (about a minute)")
    pip("install", "--no-compile", "--require-hashes", "--requirement", LOCK)
    say(f"packages are in place after {time.monotonic() - started:.0f} s")


def make_venv():
    """Make an empty .venv, with virtualenv where this Python was packaged without its own venv."""
    if importlib.util.find_spec("ensurepip"):
        run(sys.executable, "-m", "venv", "--clear", VENV)
    elif importlib.util.find_spec("virtualenv"):
        run(sys.executable, "-m", "virtualenv", "--quiet", "--clear", VENV)
    else:
        stop(
            f"this Python ({sys.executable}) cannot make virtual environments. On Debian or Ubuntu: "
            "apt install python3-venv; elsewhere: pip install virtualenv; then run make again."
        )


def lock_state():
    """What .venv depends on: the lock, and the Python that it was made with."""
    return f"{digest(LOCK)} {PYTHON_VERSION}"


def installed_state():
    """What an editable install depends on: the project's settings and the sources that are compiled."""
    return " ".join(digest(path) for path in [PROJECT, *find(COMPILED, ".c"), *find(COMPILED, ".h")])


def find(folder, ending):
    """The files of a folder whose names end so, in order."""
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(ending)]


def digest(path):
    """The SHA-256 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def is_stamped(name, state):
    """Whether .venv was brought to this state before and still has its Python."""
    try:
        with open(os.path.join(VENV, ".keepclear-" + name), encoding="utf-8") as file:
            return file.read() == state and os.path.exists(VENV_PYTHON)
    except OSError:
        return False


def stamp(name, state):
    """Write down that .venv is in this state."""
    with open(os.path.join(VENV, ".keepclear-" + name), "w", encoding="utf-8") as file:
        file.write(state)


def pip(*words):
    """Run the pip of .venv, quiet unless something is wrong."""
    run(VENV_PYTHON, "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", *words)


def run(*command):
    """Run a command; if it fails, stop with a sentence that names it."""
    if subprocess.call(command) != 0:
        stop("this command failed, its own message is above: " + " ".join(command))


def say(text):
    """Tell what is being done, in one line."""
    print("python: " + text, flush=True)


def stop(text):
    """End with a message that says what to do."""
    sys.exit("python: " + text)


if __name__ == "__main__":
    main()
