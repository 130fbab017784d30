"""Both languages say everything, and say it right."""

from __future__ import annotations

import re
import string
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import reports.model
from auditor.core.model import LedgerFault
from reports.model import Facts
from reports.wording import LANGUAGES, UnknownText, load_texts, share, wording

FINDINGS: dict[str, Facts] = {
    "licence.shortfall": (
        ("product", "P"),
        ("required", "14"),
        ("covered", "10"),
        ("shortage", "4"),
        ("metric", "per_device"),
    ),
    "licence.surplus": (("product", "P"), ("surplus", "3")),
    "licence.expired": (("product", "P"), ("code", "C1"), ("ended_on", "2025-12-31")),
    "licence.not_yet_valid": (("product", "P"), ("code", "C1"), ("starts_on", "2027-01-01")),
    "licence.expiring": (("product", "P"), ("code", "C1"), ("ends_on", "2026-12-31"), ("days", 38)),
    "licence.dead_oem": (("product", "P"), ("code", "C1"), ("count", 2)),
    "licence.no_paper": (("product", "P"), ("code", "C1")),
    "licence.unknown_product": (("name", "N"), ("code", "C1")),
    "licence.version_not_allowed": (("product", "P"), ("version", "9"), ("code", "C1")),
    "licence.basis_missing": (("product", "P"), ("version", "9"), ("code", "C1")),
    "copy.unregistered": (("product", "P"), ("machines", 2)),
    "copy.suspected": (("product", "P"), ("sign", "S"), ("machine", "M1")),
    "copy.suspected_though_covered": (("product", "P"), ("sign", "S"), ("machine", "M1")),
    "copy.to_verify": (("product", "P"), ("reason", "personal_free"), ("machine", "M1")),
    "copy.not_for_organisations": (("product", "P"), ("edition", "家庭版"), ("machine", "M1")),
    "copy.personal_free": (("product", "P"), ("machines", 2)),
    "copy.class_unknown": (("product", "P"), ("machines", 2)),
    "copy.trial": (("product", "P"), ("machines", 2)),
    "copy.trial_over": (("product", "P"), ("machine", "M1"), ("since", "2026-03-31")),
    "copy.edition_mismatch": (("product", "P"), ("installed", "专业版"), ("licensed", "家庭版"), ("machine", "M1")),
    "machine.no_antivirus": (("machine", "M1"),),
    "machine.several_office_suites": (("machine", "M1"), ("products", "A、B")),
    "machine.not_registered": (("machine", "M1"),),
    "machine.never_seen": (("machine", "M1"),),
    "machine.stale": (("machine", "M1"), ("last_scan_on", "2026-08-02")),
    "machine.source_failed": (("machine", "M1"), ("source", "dpkg"), ("why", "permission_denied")),
    "machine.held_loss": (("machine", "M1"), ("scope", "dpkg"), ("held_on", "2026-11-23")),
    "machine.nobody_answers": (("machine", "M1"),),
    "licence.contention": (("product", "P"), ("code", "C1"), ("units", "A、B"), ("shortage", 5)),
    "check.irregular": (("check", "CC-2026-001"), ("product", "P"), ("machine", "M1"), ("told", "T")),
    "check.not_scanned": (("check", "CC-2026-001"), ("product", "P"), ("machine", "M1")),
    "check.not_declared": (("check", "CC-2026-001"), ("product", "P"), ("machine", "M1")),
    "check.paper_absent": (("check", "PD-2026-001"), ("product", "P"), ("code", "C1")),
    "install.without_request": (("product", "P"), ("machine", "M1"), ("installed_on", "2026-03-01")),
    "ledger.quantity": (("rows", "S1"), ("told", "1000000000000")),
    "ledger.dates": (("rows", "S1"), ("told", "2026-06-30 > 2026-01-01")),
    "ledger.amount": (("rows", "S1"), ("told", "-1")),
    "ledger.serial_twice": (("rows", "S1"), ("told", "SN1")),
    "ledger.not_transferable": (("rows", "S1"),),
    "ledger.more_than_owned": (("rows", "S1"),),
    "ledger.no_such_right": (("rows", "S1"),),
    "ledger.no_base": (("rows", "S1"),),
    "ledger.unit_cycle": (("rows", "S1"),),
    "ledger.reserved_too_much": (("rows", "S1"),),
    "ledger.price": (("rows", "S1"),),
    "software.unrecognised": (("name", "N"), ("machines", 2)),
    "sign.seen": (("sign", "S"), ("machine", "M1")),
}


def leaves(texts: Any, at: str = "") -> dict[str, Any]:
    """Every text of a language under its dotted key."""
    if not isinstance(texts, dict):
        return {at: texts}
    return {key: text for name, below in texts.items() for key, text in leaves(below, f"{at}/{name}").items()}


def placeholders(text: str) -> set[str]:
    """The facts that a text wants."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_leave_none_empty() -> None:
    chinese, english = (leaves(load_texts(language)) for language in ("zh_CN", "en"))

    assert chinese.keys() == english.keys()
    assert len(chinese) > 300
    assert {key for key, text in chinese.items() if text is None} == {k for k, t in english.items() if t is None}
    assert all(key.endswith("/basis") for key, text in chinese.items() if text is None)
    assert all(isinstance(text, str) and text for text in chinese.values() if text is not None)
    assert all(isinstance(text, str) and text for text in english.values() if text is not None)


def test_no_text_wants_a_fact_that_the_other_language_does_not_have() -> None:
    chinese, english = (leaves(load_texts(language)) for language in ("zh_CN", "en"))

    for key, text in chinese.items():
        if text is not None:
            assert placeholders(english[key]) - {"count"} == placeholders(text) - {"count"}, key


MADE_NAMES = frozenset(
    {f"report.{name}" for name in ("registered_not_seen", "seen_not_registered", "classified", "private", "stale")}
    | {"report.tile_suspected", "report.tile_to_verify", "counted.machines"}
)
"""Keys that the code puts together."""


def test_no_text_is_kept_that_nobody_prints() -> None:
    room = Path(reports.model.__file__).parent
    sources = "".join(path.read_text(encoding="utf-8") for kind in ("*.py", "*.j2") for path in room.rglob(kind))
    texts = load_texts("zh_CN")
    keys = {f"{part}.{name}" for part in ("counted", "frame", "foot", "report") for name in texts[part]}
    assert keys >= MADE_NAMES

    unused = {key for key in keys - MADE_NAMES if f'"{key}"' not in sources and f"'{key}'" not in sources}
    assert unused == set()


def test_no_english_text_was_left_in_chinese_and_none_accuses() -> None:
    for language in LANGUAGES:
        for key, text in leaves(load_texts(language)).items():
            assert not re.search(r"盗版|侵权|违法|pirate|pirated|illegal|violator", text or ""), key
    for key, text in leaves(load_texts("en")).items():
        assert not re.search(r"[\u4e00-\u9fff]", text or ""), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FINDINGS)
def test_every_finding_has_a_sentence_that_holds_its_facts(code: str, language: str) -> None:
    told = wording(language).finding(code, FINDINGS[code], strict=True)

    assert told.title
    assert told.action
    assert "{" not in told.text
    for name, value in FINDINGS[code]:
        if name not in {"reason", "why", "metric", "since"} and not name.endswith("_on"):
            assert str(value) in told.text, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_hold_no_finding_that_nobody_can_make(language: str) -> None:
    assert load_texts(language)["findings"].keys() == FINDINGS.keys()


def test_every_code_that_the_core_can_say_has_its_sentence() -> None:
    source = Path(reports.model.__file__).parents[1] / "auditor" / "core" / "findings.py"
    codes = set(re.findall(r'"((?:licence|copy|machine|software|sign)\.[a-z_]+)"', source.read_text(encoding="utf-8")))

    codes |= {f"ledger.{fault.value}" for fault in LedgerFault}
    assert len(codes) > 20
    assert codes - FINDINGS.keys() == set()


def test_a_purchase_gap_is_a_shortfall_and_never_suspected() -> None:
    told = wording("zh_CN").finding("licence.shortfall", FINDINGS["licence.shortfall"], strict=True)

    assert told.title == "授权不足"
    assert told.text == "P：需要授权 14（按设备计），已覆盖 10，授权不足 4。"
    assert "非正版" not in f"{told.title}{told.text}{told.action}{told.basis}"


def test_days_codes_and_plurals_are_worded() -> None:
    chinese, english = wording("zh_CN"), wording("en")

    assert (
        chinese.finding("copy.trial_over", FINDINGS["copy.trial_over"]).text
        == "M1：P 试用期已满（2026年3月31日 届满）。"
    )
    assert english.finding(
        "licence.expiring", (("product", "P"), ("code", "C"), ("ends_on", "2026-11-24"), ("days", 1))
    ).text == ("P (software code C) expires on 24 November 2026, in 1 day.")
    assert english.finding("copy.trial", (("product", "P"), ("machines", 1_200))).text == (
        "P is installed as a trial on 1,200 computers, inside the trial period."
    )
    assert "仅供个人免费使用" in chinese.finding("copy.to_verify", FINDINGS["copy.to_verify"]).text
    unknown_reason = (("product", "P"), ("reason", "something_new"), ("machine", "M1"))
    assert chinese.finding("copy.to_verify", unknown_reason).text == "M1：P 待核实：something_new。"
    not_a_day = (("machine", "M1"), ("last_scan_on", "2026-02-30"))
    assert "2026-02-30" in chinese.finding("machine.stale", not_a_day).text


@pytest.mark.parametrize(
    ("code", "facts", "chinese", "english"),
    [
        (
            "licence.shortfall",
            (("product", "P"), ("required", 14), ("covered", 10), ("shortage", 4)),
            "P：需要授权 14，已覆盖 10，授权不足 4。",
            "P: 14 required, 10 covered, 4 short.",
        ),
        (
            "machine.source_failed",
            (("machine", "M1"), ("source", "dpkg")),
            "M1：“dpkg”未能读取。未读取不等于未安装。",
            "M1: “dpkg” could not be read. Not read does not mean not installed.",
        ),
        (
            "copy.trial_over",
            (("product", "P"), ("machine", "M1"), ("since", "")),
            "M1：P 试用期已满。",
            "M1: the trial of P is over.",
        ),
        (
            "software.unrecognised",
            (("titles", 12), ("machines", 1)),
            "12 种软件安装在 1 台计算机上，软件知识库尚不能识别。",
            "12 titles are installed on 1 computer, not known to the catalogue yet.",
        ),
        (
            "software.unrecognised",
            (("name", "N"), ("machines", 3)),
            "“N”安装在 3 台计算机上，软件知识库尚不能识别。",
            "“N” is installed on 3 computers, not known to the catalogue yet.",
        ),
        (
            "copy.edition_mismatch",
            (("product", "P"), ("machine", "M1"), ("installed", ""), ("licensed", "专业版"), ("code", "C")),
            "M1：P 安装的是（未注明），授权为专业版。",
            "M1: P is installed as (not stated), the licence is for 专业版.",
        ),
    ],
)
def test_a_sentence_leaves_out_what_its_finding_does_not_say(
    code: str, facts: Facts, chinese: str, english: str
) -> None:
    assert wording("zh_CN").finding(code, facts, strict=True).text == chinese
    assert wording("en").finding(code, facts, strict=True).text == english


def test_several_machines_stand_in_the_place_of_one() -> None:
    facts = (("product", "P"), ("sign", "S"), ("machines", 3))

    assert wording("zh_CN").finding("copy.suspected", facts, strict=True).text.startswith("3 台计算机：P")
    assert wording("en").finding("copy.suspected", facts, strict=True).text.startswith("3 computers: P")


def test_an_unknown_code_or_a_missing_fact_is_shown_bare_and_is_an_error_where_it_must_be() -> None:
    words = wording("zh_CN")

    told = words.finding("copy.new_kind", (("product", "P"), ("machines", 2)))
    assert (told.title, told.text, told.action) == ("copy.new_kind", "copy.new_kind（product=P、machines=2）", None)
    assert words.finding("licence.surplus", (("product", "P"),)).text == "licence.surplus（product=P）"
    with pytest.raises(UnknownText):
        words.finding("copy.new_kind", (), strict=True)
    with pytest.raises(UnknownText):
        words.finding("licence.surplus", (("product", "P"),), strict=True)
    with pytest.raises(UnknownText):
        words.text("report.no_such_text")


def test_a_fact_is_never_read_as_a_pattern() -> None:
    facts = (("product", "{code.__class__}{0}{required}"), ("surplus", "1"))

    assert "{code.__class__}{0}{required}" in wording("en").finding("licence.surplus", facts, strict=True).text


@pytest.mark.parametrize(
    ("numerator", "denominator", "told"),
    [
        (118, 120, "98.33%"),
        (100, 120, "83.33%"),
        (119, 120, "99.17%"),  # half up, as in METRICS T40
        (120, 120, "100.00%"),
        (99_999, 100_000, "99.99%"),  # never 100 while something is missing
        (0, 7, "0.00%"),
        (1, 1_000_000, "0.01%"),  # never 0 while something is there
        (0, 0, "—"),
    ],
)
def test_a_share_says_all_only_of_all(numerator: int, denominator: int, told: str) -> None:
    assert share(numerator, denominator) == told


def test_days() -> None:
    assert wording("zh_CN").day(date(2026, 11, 3)) == "2026年11月3日"
    assert wording("en").day(date(2026, 11, 3)) == "3 November 2026"
    assert wording("en").day(None) == ""


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="language: expected one of zh_CN, en, got 'fr'"):
        wording("fr")
