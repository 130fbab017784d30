"""Read-models of a small unit, for the tests of forms and reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from reports.model import (
    AuditReport,
    Coverage,
    DetailForm,
    DetailLine,
    DetailMachine,
    EvidenceLine,
    FindingLine,
    FreeForm,
    FreeLine,
    Head,
    JournalEntry,
    JournalForm,
    JournalSheet,
    MachineLine,
    Name,
    PlanDemand,
    PlanForm,
    PlanLine,
    PlanStep,
    PositionLine,
    Proof,
    Purchase,
    Rate,
    SummaryForm,
    TermLine,
    UnknownLine,
    Unscanned,
    VersionLines,
)

PROOF = Proof(run="5f2c" * 16, as_of=date(2026, 11, 23), catalogue="a91b" * 16, release="0.1.0")
HEAD = Head(
    unit_code="JT01",
    unit_name="示例市自然资源局",
    annex="附件7",
    filled_by="王敏",
    phone="0571-88000000",
    filled_on=date(2026, 11, 23),
)
UNSCANNED = (
    Unscanned("PC-0007", None, "财务处", "never_seen"),
    Unscanned("PC-0009", "CW-LT-09", "财务处", "stale", date(2026, 8, 2)),
    Unscanned("PC-0012", "GH-12", "规划处", "partial", date(2026, 11, 20), ("windows.uninstall_keys/HKU",)),
)
COVERAGE = Coverage(
    in_scope=12,
    scanned=10,
    fully_scanned=9,
    registered_not_seen=1,
    seen_not_registered=1,
    classified=1,
    private=0,
    stale=1,
    unscanned=UNSCANNED,
)
COVERED = Coverage(
    in_scope=2,
    scanned=2,
    fully_scanned=2,
    registered_not_seen=0,
    seen_not_registered=0,
    classified=0,
    private=0,
    stale=0,
)


def summary_form() -> SummaryForm:
    """One purchase of three lines, one of one line, a site licence, an OEM and a free one."""
    return SummaryForm(
        head=HEAD,
        headcount=20,
        computer_users=11,
        servers=1,
        desktops=9,
        portables=2,
        others=1,
        purchases=(
            Purchase(
                code="BG-2019-01",
                name="WPS Office 专业版",
                version="2019",
                software_type="commercial",
                purchased_on=date(2019, 3, 12),
                amount=Decimal("15800.00"),
                licence_type="数量许可",
                quantity="8",
                versions=(
                    VersionLines(
                        "2019", (TermLine("永久", "****-K7Q2M", 5), TermLine("2027-12-31", "****-P3X9T", 4, 1))
                    ),
                    VersionLines("2016（降级）", (TermLine("永久", "****-K7Q2M", 1),)),
                ),
            ),
            Purchase(
                code="GH-2021-02",
                name="中望CAD",
                version="2021",
                software_type="commercial",
                purchased_on=date(2021, 6, 1),
                amount=Decimal("42000.50"),
                licence_type="场地许可",
                quantity="场地",
                versions=(VersionLines("2021", (TermLine("永久", None, 3),)),),
            ),
            Purchase(
                code="OEM-01",
                name="Windows 10 专业版",
                version="10",
                software_type="oem",
                purchased_on=date(2020, 5, 6),
                amount=Decimal(1),
                licence_type="OEM",
                quantity="9",
                versions=(VersionLines("10", (TermLine("永久", "****-AAAAA", 9),)),),
            ),
            Purchase(
                code="MF-01",
                name="7-Zip",
                version=None,
                software_type="free",
                purchased_on=None,
                amount=None,
                licence_type=None,
                quantity=None,
                versions=(VersionLines(None, (TermLine(None, None, 6),)),),
            ),
        ),
        unregistered=(("Navicat Premium 15", 2), ("Bandizip", 1)),
        coverage=COVERAGE,
        proof=PROOF,
    )


def detail_form() -> DetailForm:
    """Two computers of one person, one that is not registered, one with nothing on it."""
    return DetailForm(
        head=HEAD,
        machines=(
            DetailMachine(
                "财务处",
                "李芳",
                "PC-0001",
                "CW-01",
                "联想 开天 M90f G1s",
                (
                    DetailLine(
                        "BG-2019-01", "WPS Office 专业版", "11.8.2.8808", "永久", "commercial", date(2022, 3, 1)
                    ),
                    DetailLine(
                        "BG-2019-01", "WPS Office 专业版", "11.8.2.8808", "永久", "commercial", None, True, "short"
                    ),
                    DetailLine("OEM-01", "Windows 10 专业版", "10.0.19045", "永久", "oem", date(2021, 1, 5)),
                    DetailLine(
                        "MF-01", "7-Zip", "23.01", None, "free", date(2023, 9, 30), False, "genuine_not_counted"
                    ),
                ),
            ),
            DetailMachine(
                "财务处",
                "李芳",
                "PC-0002",
                "CW-02",
                "HP ProBook",
                (DetailLine(None, "某工具", "1.0", None, "unclassified", None, False, "to_verify"),),
            ),
            DetailMachine(
                None,
                None,
                None,
                "DESKTOP-9XK2",
                "Dell",
                (DetailLine("OEM-01", "Windows 10 专业版", "10.0.19045", "永久", "oem", date(2020, 7, 1)),),
            ),
            DetailMachine("规划处", "赵强", "PC-0005", "GH-05", "清华同方", ()),
        ),
        components=41,
        drivers=12,
        system_parts=130,
        unrecognised=3,
        coverage=COVERAGE,
        proof=PROOF,
    )


def journal_form() -> JournalForm:
    """One sheet with every kind of line, one without any."""
    where = ("PC-0001", "CW-01", "联想", "李芳", "财务处", "11.8")
    return JournalForm(
        head=HEAD,
        sheets=(
            JournalSheet(
                code="BG-2019-01",
                name="WPS Office 专业版",
                version="2019",
                software_type="commercial",
                quantity="8",
                allowed_versions="2019、2016",
                term="永久",
                entries=(
                    JournalEntry("opening", *where, date(2026, 1, 5), None, 1),
                    JournalEntry("installed", *where, date(2026, 2, 1), None, 2),
                    JournalEntry("removed", *where, date(2026, 3, 9), date(2026, 3, 1), 1),
                    JournalEntry("adjusted_in", *where, date(2026, 3, 10), None, 2),
                    JournalEntry("adjusted_out", None, "DESKTOP-9XK2", *where[2:], date(2026, 3, 11), None, 1),
                    JournalEntry("installed", *where, date(2026, 4, 2), date(2026, 4, 1), 2),
                ),
            ),
            JournalSheet("OEM-01", "Windows 10 专业版", "10", "oem", "9", None, None, ()),
        ),
        coverage=COVERAGE,
        proof=PROOF,
    )


def plan_form() -> PlanForm:
    """Two orders, one of them shared, one transfer, and two copies that nothing makes good."""
    return PlanForm(
        head=HEAD,
        lines=(
            PlanLine(
                Name("WPS Office 专业版", "WPS Office Professional"),
                "2023",
                Decimal("480.00"),
                12,
                Decimal("5760.00"),
                supplier="示例软件公司",
                shares=(("示例市自然资源局", 7), ("示例市测绘院", 5)),
            ),
            PlanLine("=AutoCAD", None, Decimal("9800.50"), 1, Decimal("9800.50"), years=1),
        ),
        demand=(
            PlanDemand("示例市测绘院", "WPS Office 专业版", None, 8, (("buy", 5), ("transfer", 3)), 0),
            PlanDemand("示例市自然资源局", "=AutoCAD", None, 3, (("buy", 1),), 2),
        ),
        steps=(PlanStep("transfer", "示例市测绘院", "WPS Office 专业版", "2023", 3, "示例市自然资源局", "JT-007"),),
        joint=True,
        unmet=2,
        coverage=COVERAGE,
        proof=PROOF,
    )


def free_form() -> FreeForm:
    """Two lines and a candidate."""
    return FreeForm(
        head=HEAD,
        lines=(
            FreeLine(
                "MF-01",
                "7-Zip",
                "23.01",
                "https://www.7-zip.org/",
                "Igor Pavlov",
                None,
                "全局",
                "压缩解压，许可允许单位使用",
            ),
            FreeLine("MF-02", "搜狗输入法", None, "厂商官网", "搜狗", "010-00000000", "财务处", "汉字输入"),
        ),
        candidates=(("VLC media player", 3),),
        coverage=COVERAGE,
        proof=PROOF,
    )


def empty_forms() -> tuple[SummaryForm, DetailForm, JournalForm, FreeForm]:
    """The four forms of a unit in which nothing was seen."""
    return (
        SummaryForm(HEAD, None, 0, 0, 0, 0, 0, (), (), COVERAGE, PROOF),
        DetailForm(HEAD, (), 0, 0, 0, 0, COVERAGE, PROOF),
        JournalForm(HEAD, (), COVERAGE, PROOF),
        FreeForm(HEAD, (), (), COVERAGE, PROOF),
    )


def audit_report() -> AuditReport:
    """A report with something in every part."""
    return AuditReport(
        head=HEAD,
        coverage=COVERAGE,
        rates=(
            Rate("operating_system", 9, 10, short=1),
            Rate("office", 7, 10, suspected=1, to_verify=1, short=1),
            Rate("antivirus", 8, 8, excluded=2),
            Rate("other", 3, 9, to_verify=2, short=3, undetermined=1, excluded=14),
            Rate("three_classes", 24, 28, suspected=1, to_verify=1, short=2, excluded=2),
            Rate("whole_machine", 6, 10, suspected=1, to_verify=1, short=2),
        ),
        positions=(
            PositionLine(
                "示例市自然资源局", "WPS Office", "office", 10, "10", "8", "2", "0", "8", 0, True, ("BG-2019-01",)
            ),
            PositionLine(
                "示例市自然资源局", "中望CAD", "industrial", 3, "3", "3", "0", "0", None, 0, False, ("GH-2021-02",)
            ),
            PositionLine(
                "示例市自然资源局",
                "Windows 10",
                "operating_system",
                10,
                "10",
                "9",
                "1",
                "0",
                "9",
                2,
                False,
                ("OEM-01",),
            ),
            PositionLine(
                "示例市自然资源局", "火绒终端安全", "antivirus", 8, "8", "8", "0", "12", "20", 0, False, ("AQ-01",)
            ),
        ),
        findings=(
            FindingLine(
                "licence.shortfall",
                "high",
                "示例市自然资源局",
                (
                    ("product", "WPS Office"),
                    ("required", "10"),
                    ("covered", "8"),
                    ("shortage", "2"),
                    ("metric", "per_device"),
                ),
                (
                    EvidenceLine(
                        "PC-0001", "WPS Office 专业版 (11.8.2.8808)", "software[12]", "0d3f" * 16, "uninstall-entry"
                    ),
                    EvidenceLine(
                        "PC-0003", "WPS Office 专业版 (11.8.2.8808)", "software[40]", "77aa" * 16, "uninstall-entry"
                    ),
                ),
                more_evidence=8,
            ),
            FindingLine(
                "copy.suspected",
                "high",
                "示例市自然资源局",
                (("product", "Windows 10"), ("sign", "模拟激活服务器的程序"), ("machine", "PC-0004")),
                (EvidenceLine("PC-0004", r"C:\Windows\AutoKMS\AutoKMS.exe", "files[3]", "1b2c" * 16, "kms-emulator"),),
            ),
            FindingLine(
                "copy.unregistered",
                "medium",
                "规划编制中心",
                (("product", "Navicat Premium 15"), ("machines", 2)),
                (),
            ),
            FindingLine("machine.never_seen", "low", None, (("machine", "PC-0007"),), ()),
            FindingLine("licence.surplus", "note", None, (("product", "火绒终端安全"), ("surplus", "12")), ()),
        ),
        unknown=(
            UnknownLine("某单位收文系统客户端", "某软件公司", 6, 2, "uninstall_keys"),
            UnknownLine("SuperTool Pro", None, 1, 1, "uninstall_keys"),
        ),
        machines=(
            MachineLine(
                "PC-0001", "CW-01", "财务处", "Windows 10 专业版 22H2", "desktop", 7, "short", date(2026, 11, 22), 0
            ),
            MachineLine("PC-0004", "GH-04", "规划处", "统信 UOS V20", "desktop", 5, "suspected", date(2026, 11, 21), 2),
            MachineLine(None, "DESKTOP-9XK2", None, "Windows 11", "unknown", 3, "genuine", date(2026, 11, 23), 0),
        ),
        unit_names=("示例市自然资源局", "规划编制中心"),
        unmatched_ledger_rows=("XX-2018-03 某测绘数据处理软件",),
        proof=PROOF,
    )
