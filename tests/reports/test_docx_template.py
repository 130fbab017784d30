"""Word templates of a unit: ours say what our layout says, an edited one is followed, a wrong one is a fault."""

from __future__ import annotations

import io
import re

import docx
import pytest
from golden import subjects

from reports.docx_template import TemplateFault, filled, form_from_template, starters, values_of
from reports.forms.roster import form_entry
from reports.printing import Printing
from reports.roster import format_named
from reports.wording import LANGUAGES

FORMS = [key for key in subjects() if key != "report"]
OURS = starters("zh_CN")


def words_of(content: bytes) -> list[str]:
    """Every text of a document: paragraphs, then the cells of its tables once each."""
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [text.strip() for text in (*(p.text for p in document.paragraphs), *cells) if text.strip()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_a_template_of_every_form_and_it_is_the_same_twice(language: str) -> None:
    made = starters(language)
    assert set(made) == {f"{key}.docx" for key in FORMS}
    assert made == starters(language)


@pytest.mark.parametrize("key", FORMS)
def test_our_template_says_every_word_that_our_layout_says(key: str) -> None:
    form = subjects()[key]
    content = format_named("docx").form(form, Printing(templates=OURS))
    assert content == format_named("docx").form(form, Printing(templates=OURS))
    told = words_of(content)
    assert not [text for text in told if re.search(r"\{[{%]|%\}|\}\}", text)]
    book = form_entry(form).lay_out(form, "zh_CN", "official")
    for sheet in book.sheets:
        if sheet.on_screen:
            continue
        assert sheet.title in told
        for line in sheet.foot:
            assert line.text in told
        for row in sheet.rows:
            for value in row:
                if isinstance(value, str) and value.strip() and sheet.columns == book.sheets[0].columns:
                    assert value in told, (key, value)


def edited(text: str) -> bytes:
    """A template that somebody wrote anew."""
    document, target = docx.Document(), io.BytesIO()
    for line in text.split("\n"):
        document.add_paragraph(line)
    document.save(target)
    return target.getvalue()


def test_what_a_unit_wrote_is_followed() -> None:
    own = edited(
        "本局用表 {{ s0.title }}\n{%p for row in sections[0].rows %}\n{{ row[6] }}\n{%p endfor %}".replace(
            "s0", "sections[0]"
        )
    )
    content = form_from_template(subjects()["detail"], own, language="zh_CN", edition="official")
    told = words_of(content)
    assert told[0] == "本局用表 软件使用情况明细表" and "Windows 10 专业版" in told


@pytest.mark.parametrize(
    "wrong",
    [
        "{{ nowhere }}",
        "{{ sections[0].nowhere }}",
        "{% for x in %}",
        "{{ ''.__class__.__mro__ }}",
        "{{ sections[99].title }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_mark_that_is_not_there_or_reaches_out_is_a_fault(wrong: str) -> None:
    with pytest.raises(TemplateFault):
        form_from_template(subjects()["detail"], edited(wrong), language="zh_CN", edition="official")


def test_what_is_no_word_file_is_a_fault_and_markup_stays_text() -> None:
    with pytest.raises(TemplateFault):
        filled(b"PK nothing", {})
    form = subjects()["idle"]
    values = values_of(form_entry(form).lay_out(form, "zh_CN", "official"))
    values["title"] = "<w:p>&甲</w:p>"
    assert words_of(filled(edited("{{ title }}"), values)) == ["<w:p>&甲</w:p>"]
