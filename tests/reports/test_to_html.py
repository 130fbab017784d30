"""The report: one file, both languages, nothing from outside, nothing of a machine taken for markup."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields, replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import StrictUndefined, UndefinedError
from report_builders import COVERED, HEAD, PROOF, audit_report

from reports.model import AuditReport, EvidenceLine, FindingLine, MachineLine, Rate, UnknownLine
from reports.report_page import report_page
from reports.to_html import CARDS_SHOWN, ROWS_SHOWN, _environment, file_name, render_html
from reports.wording import LANGUAGES, wording

VOID = {"meta", "input", "br", "hr", "img", "link", "rect"}


class Outline(HTMLParser):
    """Tags in balance, ids, links, attributes and the text of each language."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.headings: list[str] = []
        self.texts: dict[str, str] = {}
        self._language = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag == "article":
            self._language = told.get("lang") or ""
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(tag)
        self.ids += [told["id"] or ""] if told.get("id") else []
        self.targets += [(told["href"] or "")] if "href" in told else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "rect"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts[self._language] = self.texts.get(self._language, "") + data


def page_of(report: AuditReport, language: str = "zh_CN") -> str:
    """The report as text."""
    return render_html(report, language=language).decode("utf-8")


def empty_report() -> AuditReport:
    """The report of a unit in which nothing was seen."""
    return AuditReport(HEAD, COVERED, (), (), (), (), (), ("示例市自然资源局",), (), PROOF)


@pytest.mark.parametrize("report", [audit_report(), empty_report()], ids=["full", "empty"])
def test_the_page_is_well_formed_and_stands_alone(report: AuditReport) -> None:
    page = page_of(report)
    outline = Outline(page)

    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {target for target in outline.targets if not target.startswith("#")} == set()
    assert {target[1:] for target in outline.targets} <= set(outline.ids)
    assert not re.search(r"<(script|link|img|iframe|object|embed)\b|@import|url\(|https?://", page)
    assert not [name for _, name, _ in outline.attributes if name.startswith("on") or name in {"src", "style"}]
    levels = [int(tag[1]) for tag in outline.headings]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert levels.count(1) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_languages_are_inside_and_the_asked_one_is_shown_first(language: str) -> None:
    outline = Outline(page_of(audit_report(), language))
    short = language.partition("_")[0]

    assert set(outline.texts) >= {"zh-CN", "en"}
    radios = re.findall(r'<input[^>]*id="language-(\w+)"[^>]*?( checked)?>', page_of(audit_report(), language))
    assert {name: bool(checked) for name, checked in radios} == {"zh": short == "zh", "en": short == "en"}
    assert f'<html lang="{wording(language).html_language}">' in page_of(audit_report(), language)


def test_every_figure_stands_with_its_numerator_and_denominator() -> None:
    told = re.sub(r"\s+", " ", Outline(page_of(audit_report())).texts["zh-CN"])

    for figure in (
        "83.33%",
        "10 / 12 台",
        "85.71%",
        "24 / 28 份",
        "90.00%",
        "9 / 10",
        "100.00%",
        "8 / 8",
        "33.33%",
        "3 / 9",
    ):
        assert figure in told
    assert "合计缺口 3（至少）" in told
    assert "WPS Office：需要授权 10（按设备计），已覆盖 8，授权不足 2。" in told
    assert "证据（10）" in told
    assert "另有 8 条证据，可凭核查编号查询。" in told
    assert PROOF.run in told
    assert told.rstrip().endswith("不构成法律结论；疑似项须经人工确认。")


def test_the_unit_is_named_on_each_line_only_where_there_are_several() -> None:
    one = replace(audit_report(), findings=audit_report().findings[:2])

    assert report_page(audit_report(), wording("zh_CN")).has_units
    assert not report_page(one, wording("zh_CN")).has_units
    assert "所含单位" in Outline(page_of(audit_report())).texts["zh-CN"]
    assert "所含单位" not in Outline(page_of(one)).texts["zh-CN"]


def test_the_english_half_has_no_chinese_words_of_ours() -> None:
    told = Outline(page_of(audit_report())).texts["en"]

    parts = ("title", "at_a_glance", "coverage", "rates", "positions", "findings", "unknown", "proof", "rates_lead")
    ours = {part for part in parts if wording("zh_CN").text(f"report.{part}") in told}
    assert ours == set()
    assert "10 of 12 computers in scope have a valid scan in the period: 83.33%." in told
    assert "Navicat Premium 15 is installed on 2 computers" in told


def test_findings_stand_by_severity_gravest_first_and_an_unknown_one_is_not_lost() -> None:
    report = replace(
        audit_report(),
        findings=(FindingLine("sign.new", "odd", None, (("x", 1),), ()), *reversed(audit_report().findings)),
    )

    groups = report_page(report, wording("zh_CN")).groups

    assert [group.severity for group in groups] == ["high", "medium", "low", "note", "odd"]
    assert groups[0].label == "优先处理"
    assert groups[-1].cards[0].words.text == "sign.new（x=1）"


HOSTILE = "<script>alert(1)</script>{{ 7*7 }}\u202e\x00\ud800\"'&lt;"


def test_hostile_words_are_shown_and_do_nothing() -> None:
    evidence = EvidenceLine(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    report = replace(
        audit_report(),
        head=replace(HEAD, unit_name=HOSTILE),
        findings=(FindingLine(HOSTILE, "high", HOSTILE, ((HOSTILE, HOSTILE),), (evidence,)),),
        unknown=(UnknownLine(HOSTILE, HOSTILE, 1, 1, HOSTILE),),
        machines=(MachineLine(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, HOSTILE, None, 0),),
        rates=(Rate(HOSTILE, 1, 2),),
        unit_names=(HOSTILE, HOSTILE),
        unmatched_ledger_rows=(HOSTILE,),
    )

    page = page_of(report)

    Outline(page)
    assert "<script" not in page
    assert "{{ 7*7 }}" in page
    assert "49" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)
    assert not re.search("[\u202e\x00\ud800-\udfff]", page)


def test_a_long_table_says_how_much_it_leaves_out() -> None:
    machine = audit_report().machines[0]
    finding = audit_report().findings[2]
    report = replace(audit_report(), machines=(machine,) * (ROWS_SHOWN + 7), findings=(finding,) * (CARDS_SHOWN + 5))

    told = Outline(page_of(report)).texts["zh-CN"]

    assert "另有 7 行未在此列出，见软件使用情况明细表。" in told
    assert "另有 5 项未在此列出。" in told
    assert f"本次核查涉及计算机 {ROWS_SHOWN + 7} 台。" in told


def test_the_template_fails_on_a_name_that_the_model_does_not_have() -> None:
    environment = _environment()

    assert environment.undefined is StrictUndefined
    with pytest.raises(UndefinedError):
        environment.from_string("{{ report.no_such_part }}").render(report=audit_report())


def test_the_template_shows_every_part_of_the_report() -> None:
    text = files("reports").joinpath("templates", "report.html.j2").read_text(encoding="utf-8")
    by_the_page = {"rates", "findings"}

    for part in fields(AuditReport):
        assert part.name in by_the_page or f"report.{part.name}" in text, part.name


SCRIPT = """
import hashlib
from report_builders import audit_report
from reports.to_html import render_html
print(hashlib.sha256(render_html(audit_report())).hexdigest())
"""


def test_the_same_report_gives_the_same_bytes_everywhere() -> None:
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join((str(root), str(root / "tests" / "support")))
    made = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONPATH": path, **given},
            capture_output=True,
            check=True,
        ).stdout
        for given in (
            {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "1"},
            {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "77"},
        )
    }

    assert len(made) == 1


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="language: expected one of"):
        render_html(audit_report(), language="de")


def test_name_of_the_file() -> None:
    assert file_name(audit_report()) == "软件正版化自查报告_示例市自然资源局_2026-11-23.html"


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` as in WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_and_bars_have_enough_contrast_in_light_and_dark() -> None:
    style = re.search(r"<style>(.*?)</style>", page_of(empty_report()), flags=re.S)
    assert style is not None
    themes = [
        dict(re.findall(r"--([a-z_]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", style[1], flags=re.S)
    ]

    def contrast(theme: dict[str, str], one: str, other: str) -> float:
        bright, dark = sorted((luminance(theme[one]), luminance(theme[other])), reverse=True)
        return (bright + 0.05) / (dark + 0.05)

    for theme in themes[:2]:
        for text in ("ink", "muted", "accent", "bad", "spare"):
            for ground in ("paper", "surface", "faint"):
                assert contrast(theme, text, ground) >= 4.5, (text, ground)
        for shape in ("genuine", "short", "suspected", "undetermined"):
            assert contrast(theme, shape, "surface") >= 3, shape
