"""The recordings that are not ours: every judge finds what the answers expect, or says why a difference is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from corpus import corpus_folder
from recordings.handed import WAYS, handed_over
from recordings.judged import Judged, compare
from recordings.roster import JUDGES

CORPUS = corpus_folder()
SUPPORT = Path(__file__).resolve().parent / "support" / "recordings"
NOT_JUDGES = {"handed", "judged", "roster", "reading", "table", "wording"}


@pytest.mark.skipif(CORPUS is None, reason="no recordings beside this checkout: see tests/support/corpus.py")
@pytest.mark.parametrize("judge", sorted(JUDGES))
def test_every_difference_from_a_recorded_answer_is_explained(judge: str) -> None:
    assert CORPUS is not None
    judged = list(JUDGES[judge](CORPUS))
    assert judged, "the judge found no case to judge"
    faults = [f"{each.source}/{each.kind} {each.case}: {text}" for each in judged for text in each.unexplained]
    assert faults == []


@pytest.mark.skipif(CORPUS is None, reason="no recordings beside this checkout: see tests/support/corpus.py")
@pytest.mark.parametrize("judge", sorted(JUDGES))
def test_a_judge_reads_what_it_judges(judge: str) -> None:
    assert CORPUS is not None
    judged = list(JUDGES[judge](CORPUS))
    expected = sum(each.expected for each in judged)
    missed = sum(len(each.missed) for each in judged)
    assert len({(each.source, each.kind, each.case) for each in judged}) == len(judged), "a case is judged twice"
    assert expected == 0 or missed < expected, "nothing that is expected was found"


def test_the_roster_of_judges_forgets_no_file() -> None:
    offered = {judge.__module__.rpartition(".")[2] for judge in JUDGES.values()}
    assert {path.stem for path in SUPPORT.glob("*.py")} - NOT_JUDGES == offered


def test_a_record_expected_twice_has_to_be_found_twice() -> None:
    assert compare("s", "k", "c", ["a", "a"], ["a", "b"]).unexplained == ("a", "b")


def test_only_the_difference_itself_is_explained() -> None:
    judged = Judged("s", "k", "c", 2, missed=("a",), wrong=("b",), explained={"a": "meant so"})
    assert judged.unexplained == ("b",)


@pytest.mark.slow
@pytest.mark.skipif(CORPUS is None, reason="no recordings beside this checkout: see tests/support/corpus.py")
@pytest.mark.parametrize("how", sorted(WAYS))
def test_recordings_read_the_same_however_they_are_handed_over(how: str, tmp_path: Path) -> None:
    assert CORPUS is not None
    handed = handed_over(CORPUS, tmp_path, how)
    for name, cases in JUDGES.items():
        before, after = list(cases(CORPUS)), list(cases(handed))
        assert [(each.case, each.missed, each.wrong) for each in after] == [
            (each.case, each.missed, each.wrong) for each in before
        ], name
