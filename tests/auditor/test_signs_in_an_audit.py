"""Activation states and traces from the document to the finding: kept, frozen, weighed, told in both languages."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from inventories import inventory, package
from whole_way import RELEASE, Checker, open_checker

from agent.inventory.coverage import Outcome, ScopeRun
from agent.inventory.document import Inventory, encode
from agent.inventory.host import OperatingSystem
from agent.inventory.traces import Activation, Trace
from auditor.audit.repeat import repeat_run
from auditor.audit.run import Run, make_run
from auditor.core.evidence import SignSeen, evidence_class
from auditor.core.model import Evidence, EvidenceLine, Verdict
from auditor.readmodels.findings import finding_rows
from auditor.settings import load_settings

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
WINDOWS = OperatingSystem("windows", "Windows 10 Pro", version="10.0.19045", edition="Professional")


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    opened = open_checker(tmp_path_factory.mktemp("signs"))
    yield opened
    opened.store.close()


def document(name: str, *records: Activation | Trace, failed: str = "", adobe: bool = False) -> bytes:
    scope = "uninstall_keys:HKLM"
    photoshop = package("Adobe Photoshop 2021", "22.0", scope=scope, publisher="Adobe Inc.")
    told: Inventory = inventory(
        [photoshop] if adobe else [],
        coverage=[ScopeRun("uninstall_keys", scope, Outcome.COMPLETE), ScopeRun("activation", "activation:windows",
                  Outcome.FAILED if failed else Outcome.COMPLETE)],
        system=WINDOWS, name=name, serial=f"SN-{name}", mac_addresses=(),
    )  # fmt: skip
    return encode(
        dataclasses.replace(
            told,
            activations=tuple(each for each in records if isinstance(each, Activation)),
            traces=tuple(each for each in records if isinstance(each, Trace)),
        )
    )


def activation(**more: str) -> Activation:
    said = {"channel": "VOLUME_KMSCLIENT", "state": "licensed", "key_last5": "T83GX"} | more
    return Activation("windows", "activation:windows", product="Windows(R), Professional edition", **said)  # type: ignore[arg-type]


MACHINES: dict[str, list[Activation | Trace]] = {
    "lawful": [activation(kms_host="kms.example.com")],
    "public": [activation(kms_host="kms.03k.org")],
    "other": [activation(kms_host="kms.other.example")],
    "cracked": [
        activation(kms_host="127.0.0.1"),
        Trace("service", "Service KMSELDI", "services", path=r"C:\Program Files\KMSpico\Service_KMS.exe"),
    ],
    "blocked": [Trace("hosts_line", "lm.licenses.adobe.com", "hosts_file", value="127.0.0.1")],
    "silent": [],
}


@pytest.fixture(scope="module")
def run(checker: Checker) -> Run:
    for name, records in MACHINES.items():
        data = document(name, *records, failed="x" if name == "silent" else "", adobe=name == "blocked")
        checker.take(data, NOW)
    settings = load_settings(flags={"approved_kms_hosts": "KMS.example.com, 10.1.2.3"})
    made, _ = make_run(checker.store, settings, checker.catalogue, on=DAY, made_at=f"{DAY}T12:00:00Z", release=RELEASE)
    return made


def verdicts(run: Run, product: str) -> dict[str, Verdict]:
    names = {machine.key: machine.host_name or "" for machine in run.frozen.machines}
    return {names[a.copy.machine]: a.verdict for a in run.result.assignments if a.copy.product == product}


def test_verdicts_follow_the_signs(run: Run) -> None:
    assert verdicts(run, "microsoft/windows") == {
        "lawful": Verdict.SHORT,
        "public": Verdict.SUSPECTED,
        "other": Verdict.TO_VERIFY,
        "cracked": Verdict.SUSPECTED,
        "blocked": Verdict.SHORT,
        "silent": Verdict.SHORT_EVIDENCE_MISSING,
    }
    assert verdicts(run, "adobe/photoshop") == {"blocked": Verdict.TO_VERIFY}


def test_only_facts_that_show_something_are_frozen(run: Run) -> None:
    names = {machine.host_name: [fact.record for fact in machine.facts] for machine in run.frozen.machines}
    assert names["cracked"] == ["activations[0]", "traces[0]"]
    assert names["silent"] == []


def test_findings_say_it_in_both_languages(run: Run) -> None:
    found = [f for f in run.result.findings if f.code.startswith("copy.") and "public" in str(f.facts)]
    (zh,) = [
        row["sentence"] for row in finding_rows(found, run.frozen.catalogue, "zh_CN") if row["code"] == "copy.suspected"
    ]
    (en,) = [
        row["sentence"] for row in finding_rows(found, run.frozen.catalogue, "en") if row["code"] == "copy.suspected"
    ]
    assert zh is not None and "Windows 由互联网上的公共 KMS 激活" in zh and "kms.03k.org" in zh and "疑似非正版" in zh
    assert en is not None and "Windows activated by a public KMS on the internet" in en and "suspected" in en
    assert not any(
        "盗版" in str(row["sentence"]) for row in finding_rows(run.result.findings, run.frozen.catalogue, "zh_CN")
    )


def test_evidence_leads_back_to_the_record(run: Run) -> None:
    (finding,) = [f for f in run.result.findings if f.code == "copy.suspected" and "cracked" in str(f.facts)]
    rules = {(line.record, line.rule) for line in finding.evidence}
    assert {("traces[0]", "kmspico"), ("activations[0]", "windows-kms-loopback")} <= rules
    assert all(line.document for line in finding.evidence)


def test_the_run_repeats_itself(checker: Checker, run: Run) -> None:
    assert repeat_run(checker.store, run.id).is_same


def test_without_a_list_an_unapproved_host_weighs_nothing(checker: Checker, run: Run) -> None:
    bare, _ = make_run(
        checker.store, load_settings(), checker.catalogue, on=DAY, made_at=f"{DAY}T13:00:00Z", release=RELEASE
    )
    assert bare.id != run.id
    assert verdicts(bare, "microsoft/windows")["other"] is Verdict.SHORT
    assert verdicts(bare, "microsoft/windows")["lawful"] is Verdict.SHORT


def sign(indicator: str, strength: str, type: str = "") -> SignSeen:
    return SignSeen(indicator, strength, ("maker/tool",), EvidenceLine("m1", None, "traces[0]", "x", indicator), type)


@pytest.mark.parametrize(
    ("signs", "expected"),
    [
        ([sign("a", "strong", "activation"), sign("b", "strong", "activation")], Evidence.ONE_STRONG),
        ([sign("a", "strong", "activation"), sign("b", "strong")], Evidence.CONCLUSIVE),
        ([sign("a", "strong"), sign("a", "strong")], Evidence.ONE_STRONG),
        ([sign("a", "hint"), sign("b", "hint")], Evidence.NONE),
        ([sign("a", "conclusive")], Evidence.CONCLUSIVE),
    ],
)
def test_two_strong_signs_support_each_other_only_when_they_are_of_different_type(
    run: Run, signs: list[SignSeen], expected: Evidence
) -> None:
    copy = run.result.assignments[0].copy
    assert evidence_class(copy, run.frozen.machines[0], signs, watched=frozenset()) is expected
