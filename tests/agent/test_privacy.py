"""`doctor --privacy`: no field of the contract goes unexplained, and what is shown is what would be sent."""

from __future__ import annotations

import argparse
import dataclasses

import pytest
from recorded_machine import recorded_machine, scan_with

from agent.collectors.roster import collectors_for
from agent.inventory.coverage import Fault, ScopeRun
from agent.inventory.databases import DatabaseInstance
from agent.inventory.document import SECTIONS, Inventory, Scanner
from agent.inventory.guests import Guest
from agent.inventory.host import Host, OperatingSystem, Processor
from agent.inventory.licence_servers import LicenceFeature, LicenceUse
from agent.inventory.software import Software
from agent.inventory.traces import Activation, RunningProgram, Trace
from agent.privacy import privacy_lines, things_of
from agent.privacy_texts import HEADINGS, NEVER, meanings

CLASSES = {
    "scanner": Scanner,
    "host": Host,
    "operating_system": OperatingSystem,
    "processor": Processor,
    "software": Software,
    "coverage": ScopeRun,
    "fault": Fault,
    "program": RunningProgram,
    "activation": Activation,
    "trace": Trace,
    "licence_feature": LicenceFeature,
    "licence_use": LicenceUse,
    "database": DatabaseInstance,
    "guest": Guest,
}


def shown(machine: str, language: str, notice: str = "") -> str:
    recorded = recorded_machine(machine)
    options = argparse.Namespace(language=language, values={"usage_notice": notice})
    return "\n".join(privacy_lines(options, scan_with(recorded, *collectors_for(recorded.family))))


@pytest.mark.parametrize("section", sorted(CLASSES))
def test_every_field_of_the_contract_is_explained(section: str) -> None:
    assert set(meanings()[section]) == {field.name for field in dataclasses.fields(CLASSES[section])}


def test_every_part_of_a_document_is_explained() -> None:
    assert set(SECTIONS) <= set(CLASSES.values())
    assert set(meanings()) == set(HEADINGS) == set(CLASSES) | {"document"}
    parts = {field.name for field in dataclasses.fields(Inventory)}
    assert parts - set(SECTIONS.values()) - {"scanner", "host", "coverage"} == set(meanings()["document"])
    assert set(things_of(scan_with(recorded_machine("debian-12")))) == set(HEADINGS)


def test_every_explanation_is_in_both_languages() -> None:
    words = [pair for fields in meanings().values() for pair in fields.values()]
    for chinese, english in [*words, *HEADINGS.values(), *NEVER]:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese) or chinese == "UUID", chinese
        assert english and not any("\u4e00" <= letter <= "\u9fff" for letter in english), english


def test_a_windows_machine_shows_its_own_examples() -> None:
    text = shown("windows-10-office", "zh_CN")
    assert "密钥末五位；完整密钥从不登记；示例：" in text
    assert "从不读取、不上报：" in text
    assert "使用情况：未启用" in text
    assert "zh_CN" not in shown("debian-12", "en", "告知书 2026-1").splitlines()[0]


def test_usage_evidence_names_the_notice() -> None:
    assert "under the notice '2026-1'" in shown("debian-12", "en", "2026-1")
