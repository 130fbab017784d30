"""Previews and histories speak in the words of the columns, in both languages."""

from __future__ import annotations

import json

import pytest

from auditor.intake.row_words import MOST_CHARACTERS, differences, heading, value_words


@pytest.mark.parametrize(
    ("register", "name", "value", "zh", "en"),
    [
        ("licences", "reservations", [{"unit": "CW", "quantity": 3}, {"unit": "G", "quantity": 2}], "CW=3；G=2", None),
        ("licences", "maintenance", [{"starts_on": "2019-01-01", "ends_on": "2022-12-31"}],
         "2019-01-01至2022-12-31", None),
        ("licences", "downgrade", {"steps": 2, "basis": "第 5 条"}, "步数=2（第 5 条）", None),
        ("licences", "allowed", [{"text": "2019", "basis": "合同"}, {"text": "2016"}], "2019（合同）、2016", None),
        ("licences", "suite", None, "—", "—"),
        ("licences", "bound_people", [], "—", "—"),
        ("licences", "shared_with", ["CW", "GH"], "CW、GH", "CW、GH"),
        ("licences", "second_use", True, "是", "yes"),
        ("licences", "transferable", False, "否", "no"),
        ("licences", "metric", "named_user", "指定用户", "named user"),
        ("licences", "metric", "of_a_later_release", "of_a_later_release", "of_a_later_release"),
        ("licences", "source_type", "volume", "批量许可", "volume"),
        ("licences", "sharing", "descendants", "本单位及下级", "descendants"),
        ("licences", "quantity", 10, "10", "10"),
        ("licences", "name", "WPS Office", "WPS Office", "WPS Office"),
        ("units", "kind", "department", "部门", "department"),
        ("machines", "state", "idle", "闲置", "idle"),
        ("disposals", "kind", "scrapped", "报废", "scrapped"),
    ],
)  # fmt: skip
def test_a_value_is_told_as_a_person_would_type_it(
    register: str, name: str, value: object, zh: str, en: str | None
) -> None:
    assert value_words(register, name, value) == zh
    assert value_words(register, name, value, language="en") == (en if en is not None else zh)


def test_a_long_list_is_cut() -> None:
    told = value_words("licences", "bound_serials", [f"SN{number:06}" for number in range(5000)])
    assert len(told) == MOST_CHARACTERS
    assert told.endswith("…")


def test_headings_are_those_of_the_file() -> None:
    assert heading("licences", "amount") == "采购金额（单位：元）"
    assert heading("licences", "amount", language="en") == "Amount (yuan)"
    assert heading("units", "kind") == "单位性质"
    assert heading("licences", "a_column_of_ours") == "a_column_of_ours"


def test_only_what_differs_is_told_and_no_fingerprint() -> None:
    before = {"code": "A", "facts": json.dumps({"quantity": 3, "paper": "P", "serials_fingerprint": "1"})}
    after = {"code": "A", "facts": json.dumps({"quantity": 4, "paper": "P", "serials_fingerprint": "2"})}
    assert list(differences("licences", before, after)) == [("许可数量", "3", "4")]
    assert list(differences("licences", before, before)) == []
