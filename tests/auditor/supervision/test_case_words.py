"""States and acts are called the same wherever they are shown."""

from __future__ import annotations

from auditor.core.case import CaseState
from auditor.supervision.states import STATE_WORDS, Doing
from reports.wording import wording


def test_the_words_of_the_program_are_those_of_the_reports() -> None:
    for number, language in enumerate(("zh_CN", "en")):
        words = wording(language)
        assert [words.word("case_state", s) for s in CaseState] == [STATE_WORDS[s][number] for s in CaseState]
        assert {doing for doing in Doing if language == "zh_CN" and words.word("doing", doing) == doing} == set()
