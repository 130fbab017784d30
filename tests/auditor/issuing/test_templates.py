"""One roster of what can be issued, and a unit's own folder of templates that lies over our layouts."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pytest
from golden import subjects

from auditor.errors import AuditorError
from auditor.issuing.roster import FORMATS, OF_SEVERAL_RUNS, issuable, several_runs_fault
from auditor.issuing.run_files import own_templates, printing_of
from auditor.readmodels.papers.roster import PAPERS
from auditor.settings import load_settings
from reports.roster import FORMATS as WRITERS
from reports.roster import format_named


def folder_with(tmp_path: Path, name: str, text: str) -> Path:
    document = docx.Document()
    document.add_paragraph(text)
    document.save(str(tmp_path / name))
    return tmp_path


def test_the_roster_names_every_paper_once_and_every_writer() -> None:
    keys = [each.key for each in issuable()]
    assert len(keys) == len(set(keys))
    assert set(keys) == {"summary", "detail", "journal", "free_software", "report", "plan", *PAPERS, *OF_SEVERAL_RUNS}
    for language in ("zh_CN", "en"):
        titles = [each.title(language) for each in issuable()]
        assert len(titles) == len(set(titles)), "two of one title would have one file name"
    assert tuple(known.name for known in WRITERS) == FORMATS


@pytest.mark.parametrize(
    ("forms", "against", "fits"),
    [
        (("comparison",), "x", True),
        (("comparison",), None, False),
        (("idle",), "x", False),
        (("comparison", "trends"), "x", False),
        (("trends", "idle"), None, True),
    ],
)
def test_papers_of_several_runs(forms: tuple[str, ...], against: str | None, fits: bool) -> None:
    assert (several_runs_fault(forms, against) is None) is fits


def test_the_unit_s_own_template_is_followed_and_its_letterhead_kept(tmp_path: Path) -> None:
    folder_with(tmp_path, "idle.docx", "本局格式 {{ title }}")
    folder_with(tmp_path, "letterhead.docx", "示例市自然资源局信头")
    (tmp_path / "~$idle.docx").write_bytes(b"open in Word")
    how = printing_of(load_settings(flags={"template_folder": str(tmp_path)}), language="zh_CN")
    write = format_named("docx").form
    own = docx.Document(io.BytesIO(write(subjects()["idle"], how)))
    assert [p.text for p in own.paragraphs if p.text] == ["本局格式 闲置许可"]
    other = docx.Document(io.BytesIO(write(subjects()["expiry"], how)))
    assert other.paragraphs[0].text == "示例市自然资源局信头"


def test_a_file_that_no_form_uses_and_a_folder_that_is_not_there_are_faults(tmp_path: Path) -> None:
    folder_with(tmp_path, "sumary.docx", "x")
    with pytest.raises(AuditorError, match=r"sumary\.docx"):
        own_templates(load_settings(flags={"template_folder": str(tmp_path)}))
    with pytest.raises(AuditorError):
        own_templates(load_settings(flags={"template_folder": str(tmp_path / "nowhere")}))
    assert own_templates(load_settings()) == {}


def test_csv_without_a_byte_order_mark() -> None:
    write = format_named("csv").form
    settings = load_settings()
    assert write(subjects()["detail"], printing_of(settings, language="en")).startswith(b"\xef\xbb\xbf")
    plain = write(subjects()["detail"], printing_of(settings, language="en", with_bom=False))
    assert plain.startswith(b"No.,Department")
