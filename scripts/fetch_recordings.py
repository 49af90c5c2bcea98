"""Fetches real recordings that are too large, or not ours, to keep in the repository.

    python scripts/fetch_recordings.py [FOLDER]        (var/recordings unless given)
    python scripts/fetch_recordings.py --excerpts      also writes the excerpts under tests/vectors anew

``toulouse.jsonl.gz``: 71,939 Mode S frames with receiver times, 6 June 2024; from the source distribution of
traffic 2.13 (MIT licence, Xavier Olive). ``gpsd.aivdm``: AIS sentences; from Debian's source package of gpsd
(BSD 2-clause licence, the GPSD project). The packages are read as archives and never imported. Each file is
checked against the SHA-256 that is written here.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import itertools
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

TOULOUSE_SHA256 = "0d665d4f9b1014d998f7ec2fcac02339c55ba9fc9ecdfd51b114606a269e09af"
GPSD_SHA256 = "c645120bc7716466f5af6bd5e520830b6406857e4ce0079bc3b7f9de488ccf09"
GPSD_DECODED_SHA256 = "b4ae2b01803ce39efef56cb8f59b91c92452cd7d6ae7000d4da5f37cd91359a3"

VECTORS = Path(__file__).parent.parent / "tests" / "vectors"
EXCERPT_FRAMES = 2_000
POSITION_TYPES = (1, 2, 3, 9, 18, 19, 27)


def main() -> int:
    """Fetches what is not there yet, says what to do next, and returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("var/recordings"))
    parser.add_argument("--excerpts", action="store_true", help="write tests/vectors/{ais,modes} anew")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    toulouse = asked.folder / "toulouse.jsonl.gz"
    gpsd = asked.folder / "gpsd.aivdm"
    decoded = asked.folder / "gpsd.aivdm.json"
    whole = _toulouse(toulouse)
    whole = _gpsd(gpsd, decoded) and whole
    if asked.excerpts and whole:
        _frames_excerpt(toulouse)
        _sentences_excerpt(gpsd, decoded)
    if toulouse.exists():
        print(f"next: keepclear watch {toulouse} --zones FILE, or keepclear demo --recording {toulouse}")
    return 0 if whole else 1


def _toulouse(target: Path) -> bool:
    if _is_whole(target, TOULOUSE_SHA256):
        print(f"{target} is there")
        return True
    print("fetching the source distribution of traffic 2.13 (57 MB; pip takes a minute to look into it) ...")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:"]
        if subprocess.run([*command, "traffic==2.13", "--dest", folder]).returncode:
            print("pip could not fetch traffic==2.13; without it the Toulouse recording is left out")
            return False
        archive = next(Path(folder).glob("traffic-2.13.tar.*"))
        return _extract(archive, {"docs/tutorial.jsonl.gz": (target, TOULOUSE_SHA256)})


def _gpsd(target: Path, decoded: Path) -> bool:
    if _is_whole(target, GPSD_SHA256) and _is_whole(decoded, GPSD_DECODED_SHA256):
        print(f"{target} is there")
        return True
    if shutil.which("apt-get") is None:
        print("the AIS recording comes from Debian's source package of gpsd, and there is no apt-get here")
        return False
    print("fetching Debian's source package of gpsd (3 MB) ...")
    with tempfile.TemporaryDirectory() as folder:
        archive = _debian_source("gpsd", Path(folder))
        if archive is None:
            print(
                "apt-get could not fetch the source of gpsd, which a Debian system can; the AIS recording is left out"
            )
            return False
        return _extract(
            archive,
            {
                "test/sample.aivdm": (target, GPSD_SHA256),
                "test/sample.aivdm.js.chk": (decoded, GPSD_DECODED_SHA256),
            },
        )


def _debian_source(package: str, folder: Path) -> Path | None:
    # The machine's own lists stay as they are: apt-get is given sources, lists and caches of this folder
    # only, with the mirror from which this machine has its packages.
    mirror = _debian_mirror()
    if mirror is None:
        return None
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb-src {mirror} main\n")
    options = [
        "-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=/dev/null",
        "-o", f"Dir::State::Lists={lists}", "-o", f"Dir::Cache={folder}", "-o", "APT::Sandbox::User=root",
    ]  # fmt: skip
    for command in (["update"], ["source", "--download-only", package]):
        if subprocess.run(["apt-get", "-q", *options, *command], cwd=folder).returncode:
            return None
    return next(folder.glob(f"{package}_*.orig.tar.*"), None)


def _debian_mirror() -> str | None:
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)|$(LABEL)"
    command = ["apt-get", "indextargets", "--format", form, "Created-By: Packages"]
    found = subprocess.run(command, capture_output=True, text=True)
    rows = (line.removesuffix(" main Debian|Debian") for line in sorted(found.stdout.splitlines()))
    return next((row for row in rows if row.count(" ") == 1 and not row.endswith("-updates")), None)


def _extract(archive: Path, wanted: dict[str, tuple[Path, str]]) -> bool:
    whole = True
    with tarfile.open(archive) as tar:
        for member in tar:
            target, sha256 = wanted.get(member.name.partition("/")[2], (None, ""))
            stream = tar.extractfile(member) if target is not None else None
            if target is None or stream is None:
                continue
            target.write_bytes(stream.read())
            if _is_whole(target, sha256):
                print(f"{target} is there")
            else:
                target.unlink()
                print(f"{target}: the file in {archive.name} is not the one wanted (SHA-256 {sha256})")
                whole = False
    return whole and all(target.exists() for target, _ in wanted.values())


def _is_whole(path: Path, sha256: str) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _frames_excerpt(toulouse: Path) -> None:
    kept = ("timestamp", "frame", "icao24", "latitude", "longitude")
    with gzip.open(toulouse, "rt") as lines:
        squitters = (row for row in map(json.loads, lines) if row["df"] == "17" and row["bds"] != "62")
        chosen = itertools.islice(squitters, EXCERPT_FRAMES)
        rows = [{key: row[key] for key in kept if key in row} for row in chosen]
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    (VECTORS / "modes" / "toulouse.jsonl").write_text(text)


def _sentences_excerpt(gpsd: Path, decoded: Path) -> None:
    sentences = [line for line in gpsd.read_text().splitlines() if line.startswith("!")]
    (VECTORS / "ais" / "gpsd.aivdm").write_text("".join(f"{line}\n" for line in sentences))
    rows = [json.loads(line) for line in decoded.read_text().splitlines() if line.startswith("{")]
    kept = ("type", "mmsi", "lat", "lon", "speed", "course", "alt", "accuracy")
    positions = [
        {key: row[key] for key in kept if key in row} for row in rows if row["type"] in POSITION_TYPES
    ]
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in positions)
    (VECTORS / "ais" / "gpsd.jsonl").write_text(text)


if __name__ == "__main__":
    sys.exit(main())
