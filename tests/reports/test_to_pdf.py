"""Forms as PDF: every text is in it, the typeface is inside, and a character without a glyph is named with its row."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from report_builders import detail_form, free_form, journal_form, plan_form, summary_form

from reports.forms.grid import body_rows
from reports.forms.roster import Form, form_entry
from reports.to_pdf import face_in, render_pdf
from reports.typefaces import Face, MissingGlyphs, NoTypeface, characters_of, check_glyphs, chosen

ALL = (summary_form(), detail_form(), journal_form(), free_form(), plan_form())


def squeezed(text: str) -> str:
    """The text without any blank: where lines break is the setter's business."""
    return "".join(text.split())


def text_of(content: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(content))
    return squeezed("".join(page.extract_text() for page in reader.pages))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("form", ALL, ids=[type(form).__name__ for form in ALL])
def test_every_cell_is_in_the_file(form: Form, language: str) -> None:
    content = render_pdf(form, language=language)
    text = text_of(content)
    for sheet in form_entry(form).lay_out(form, language, "official").sheets:
        assert squeezed(sheet.title) in text
        for row in body_rows(sheet):
            for cell in row:
                assert squeezed(cell.text) in text
        for line in sheet.foot:
            assert squeezed(line.text)[:60] in text
    assert content == render_pdf(form, language=language)


def test_the_typeface_is_inside_and_may_be() -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(summary_form())))
    fonts = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    named = {str(font.get_object()["/BaseFont"]) for font in fonts.values()}
    assert named and all("CJK" in name or "SourceHan" in name for name in named)
    descendants = [font.get_object()["/DescendantFonts"][0].get_object() for font in fonts.values()]
    assert all({"/FontFile2", "/FontFile3"} & set(each["/FontDescriptor"].get_object()) for each in descendants)


def test_a_page_lies_across_and_bears_its_number() -> None:
    form = detail_form()
    long = replace(form, machines=form.machines * 40)
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(long)))
    assert len(reader.pages) > 2
    for number, page in enumerate(reader.pages, start=1):
        assert page.mediabox.width > page.mediabox.height
        text = squeezed(page.extract_text())
        assert f"第{number}页，共{len(reader.pages)}页" in text
    headed = [page for page in reader.pages if "计算机编号" in squeezed(page.extract_text())]
    assert len(headed) >= len(reader.pages) - 1  # the last may hold the notes alone


def test_a_character_without_a_glyph_names_the_row() -> None:
    form = free_form()
    broken = replace(form, lines=(form.lines[0], replace(form.lines[0], name="工具\U0001f9ff")))
    with pytest.raises(MissingGlyphs, match=r"row 2: U\+1F9FF"):
        render_pdf(broken)


def test_without_a_typeface_it_says_what_to_install() -> None:
    with pytest.raises(NoTypeface, match="fonts-noto-cjk"):
        chosen([Face("SimSun", "simsun.ttc"), Face("DejaVu Sans", "x.ttf")])
    best = chosen([Face("Noto Sans CJK SC", "a"), Face("Noto Serif CJK SC", "b", 2)])
    assert best == Face("Noto Serif CJK SC", "b", 2)


def test_the_characters_of_a_face() -> None:
    face = face_in()
    ranges = characters_of(face.file, face.index)
    assert all(first <= last for first, last in ranges) and list(ranges) == sorted(ranges)
    check_glyphs(face, [("", "软件正版化 ABC 123 ✓ —… ，。“”（）")])
    with pytest.raises(MissingGlyphs, match="第 7 行"):
        check_glyphs(face, [("表 第 7 行", "\U000f0000")])


def test_a_file_that_is_no_font_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.ttf").write_bytes(b"no font")
    with pytest.raises(NoTypeface, match=r"x\.ttf"):
        characters_of(str(tmp_path / "x.ttf"))
