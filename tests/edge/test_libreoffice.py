"""Forms through LibreOffice, to XLSX and by way of ODS: run only where the variable LIBREOFFICE names one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from keepclear.core.line.voice.readback import Language
from keepclear.formats.notice.examples import EXAMPLES
from keepclear.formats.notice.sheetin import read_sheets
from keepclear.formats.notice.sheetout import sheets_of

OFFICE = os.environ.get("LIBREOFFICE", "")

pytestmark = pytest.mark.skipif(
    not OFFICE,
    reason="heavy; name a LibreOffice in the variable LIBREOFFICE, as scripts/libreoffice.sh prints it",
)


def converted(path: Path, kind: str, folder: Path) -> Path:
    """A file as LibreOffice writes it in another format, in a folder of its own."""
    command = [OFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", kind]
    subprocess.run(
        [*command, "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=200
    )
    return folder / f"{path.stem}.{kind}"


@pytest.mark.parametrize("ways", [("xlsx",), ("ods", "xlsx")], ids="-".join)
@pytest.mark.parametrize(
    ("form", "language"),
    list(zip(EXAMPLES, [*Language, Language.AR, Language.RU], strict=True)),
    ids=lambda value: getattr(value, "name", value),
)
def test_a_form_that_libreoffice_saved_reads_as_it_was(
    form: str, language: Language, ways: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(sheets_of([EXAMPLES[form]], language))
    for number, way in enumerate(ways):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = converted(path, way, folder)
    read = read_sheets(path.read_bytes())
    assert read.unsettled == ()
    (found,) = read.notices
    assert (found.unsettled, found.read_as) == ((), ())
    assert found.notice == EXAMPLES[form]
