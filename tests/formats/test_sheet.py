"""Forms as spreadsheets: written from the typed notice and read back to it, in four languages."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from notices import notices

from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.notice import Notice
from keepclear.formats.notice.sheetin import read_sheets
from keepclear.formats.notice.sheetout import sheets_of

languages = st.sampled_from(Language)


@given(notice=notices(), language=languages)
@settings(max_examples=25)
def test_a_notice_comes_back_from_its_spreadsheet_as_it_was(notice: Notice, language: Language) -> None:
    read = read_sheets(sheets_of([notice], language))
    assert read.unsettled == ()
    assert [each.unsettled for each in read.notices] == [()]
    assert read.notices[0].notice == notice
    assert read.notices[0].read_as == ()
