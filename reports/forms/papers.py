"""The papers in sections: forms whose official layout was not found, and the reports, laid out in one way from data.

Column lists that sources name keep their words and order; `own` says that the layout is this program's own, and the
paper says so too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from reports.forms.column import Column, Kind, Value
from reports.forms.frame import annex_line, book, foot, head_line
from reports.forms.sheet import Bar, Book, Box, FootLine, Sheet
from reports.model import Facts, Name
from reports.paper import Cell, Code, Drawn, Link, Paper, Section, Share, Told
from reports.wording import NO_SHARE, Wording, share, wording


@dataclass(frozen=True)
class Field:
    """A label with room beside it. `wide`: over the whole width. `printed`: key of a text that stands in the room."""

    key: str
    zh: str
    en: str
    wide: bool = False
    printed: str | None = None


@dataclass(frozen=True)
class SectionLayout:
    """One section: its heading, its columns (none: no table), its fields, whether sentences lead it."""

    key: str
    zh: str = ""
    en: str = ""
    columns: tuple[Column, ...] = ()
    fields: tuple[Field, ...] = ()
    has_text: bool = True
    blank_rows: int = 0
    """As many rows the table has at least, to be filled in by hand."""
    on_screen: bool = False
    """Long lists that numbers lead to: in HTML and in tables, not on paper."""


@dataclass(frozen=True)
class PaperLayout:
    """One paper: its name in commands, its titles, its sections. The first one stands under the title."""

    key: str
    title_zh: str
    title_en: str
    sections: tuple[SectionLayout, ...]
    own: bool = True
    portrait: bool = False
    head: str | None = "frame.head_line"
    """Text of the line under the title, `None` for none."""
    signs: tuple[str, ...] = ()
    """Who signs below: codes of the texts `papers.sign`."""
    together: bool = False
    """A form of one page: a workbook has its sections on one sheet."""
    is_report: bool = False
    """A report tells coverage and closes with the sentence of all reports; a blank form does not."""

    def title(self, language: str) -> str:
        """The title in the language of the print."""
        return self.title_zh if language == "zh_CN" else self.title_en


_FIELD_GRID: Final = (
    Column("a", "", "", 16),
    Column("b", "", "", 30),
    Column("c", "", "", 16),
    Column("d", "", "", 30),
)
_NUMBER: Final = Column("number", "序号", "No.", 6, Kind.COUNT)


def _count(key: str, zh: str, en: str, width: float = 11) -> Column:
    return Column(key, zh, en, width, Kind.COUNT)


_PRODUCT: Final = Column("product", "软件名称", "Software", 30)
_MACHINE: Final = Column("machine", "计算机编号", "Computer code", 20, Kind.CODE)
_DEPARTMENT: Final = Column("department", "部门", "Department", 20)
_CODE: Final = Column("code", "软件编号", "Software code", 16, Kind.CODE)
_CATEGORY: Final = Column("category", "类别", "Class", 18)

_RATES: Final = (
    Column("what", "类别", "Class", 18),
    Column("share", "正版率", "Genuine rate", 11, Kind.CODE),
    _count("genuine", "正版数", "Genuine"),
    _count("counted", "应计数", "Counted"),
    _count("short", "授权不足", "Short"),
    _count("to_verify", "待核实", "To verify"),
    _count("suspected", "疑似非正版", "Suspected", 13),
    _count("undetermined", "无法判定", "Undetermined", 13),
    _count("excluded", "无需授权（不计入）", "No right needed (not counted)", 18),
)
_PURCHASES: Final = (
    _NUMBER,
    _CODE,
    Column("name", "软件名称", "Software", 34),
    Column("type", "软件类型", "Type", 13),
    Column("bought", "采购时间", "Purchased on", 13, Kind.DAY),
    Column("quantity", "许可数量", "Licences", 11, Kind.CODE),
    Column("amount", "采购金额（单位：元）", "Amount (yuan)", 18, Kind.MONEY),
    Column("paper", "授权凭证编号", "Proof of licence", 24, Kind.CODE),
)
_POSITIONS: Final = (
    _NUMBER,
    _PRODUCT,
    _CATEGORY,
    _count("raw", "安装数量", "Installed"),
    Column("required", "应有许可", "Required", 12, Kind.CODE),
    Column("covered", "已有许可覆盖", "Covered", 13, Kind.CODE),
    Column("shortage", "授权不足", "Short", 12, Kind.CODE),
    Column("surplus", "闲置许可", "Idle", 12, Kind.CODE),
)
_SHARES: Final = (
    Column("what", "类别", "Class", 22),
    Column("share", "国产占比", "Domestic share", 13, Kind.CODE),
    Column("domestic", "国产", "Domestic", 15, Kind.MONEY),
    Column("foreign", "非国产", "Foreign", 15, Kind.MONEY),
    Column("unknown", "社区或不明", "Community or unknown", 15, Kind.MONEY),
    Column("all", "合计", "Total", 15, Kind.MONEY),
)
_SHARES_OF_COUNTS: Final = tuple(
    Column(c.key, c.zh, c.en, c.width, Kind.COUNT if c.kind is Kind.MONEY else c.kind) for c in _SHARES
)
_COPY_LINES: Final = (
    _NUMBER,
    Column("machine", "计算机编号", "Computer code", 17, Kind.CODE),
    Column("department", "部门", "Department", 15),
    Column("product", "软件名称", "Software", 25),
    Column("version", "软件版本", "Version", 14),
    Column("verdict", "判定", "Verdict", 18),
    Column("code", "软件编号", "Software code", 14, Kind.CODE),
    Column("paper", "授权凭证编号", "Proof of licence", 16, Kind.CODE),
    Column("record", "原始记录", "Record", 31),
    Column("rule", "识别规则", "Rule", 28),
)
"""A copy with all that it rests on: 原始记录 is the beginning of the document's digest and the place in it."""
_BASIS: Final = (
    SectionLayout(
        "groups",
        "附一、数字构成",
        "Annex 1. What the numbers are made of",
        columns=(
            Column("what", "类别", "Class", 20),
            Column("verdict", "判定", "Verdict", 24),
            _PRODUCT,
            _count("copies", "份数", "Copies"),
        ),
        on_screen=True,
    ),
    SectionLayout("copies", "附二、逐份依据", "Annex 2. Each copy", columns=_COPY_LINES, on_screen=True),
)
_ORIGIN: Final = Column("origin", "权利人", "Right holder", 20)
_FINDINGS: Final = (
    _NUMBER,
    Column("severity", "处理时限", "Urgency", 14),
    Column("what", "事项", "Matter", 34),
    Column("told", "说明", "Told", 100),
)


FORM_PAPERS: Final = (
    PaperLayout(
        "leading_group",
        "软件正版化工作领导小组成员信息表",
        "Members of the leading group for software genuinization",
        (
            SectionLayout(
                "members",
                columns=(
                    _NUMBER,
                    Column("name", "姓名", "Name", 14),
                    Column("department", "部门", "Department", 22),
                    Column("post", "职务", "Post", 18),
                    Column("role", "领导小组职务", "Role in the group", 18),
                    Column("duties", "职责分工", "Duties", 30),
                    Column("phone", "办公电话", "Office telephone", 18),
                    Column("mobile", "手机", "Mobile", 18),
                    Column("remarks", "备注", "Remarks", 18),
                ),
                blank_rows=12,
            ),
        ),
    ),
    PaperLayout(
        "undertaking",
        "使用正版软件承诺书",
        "Undertaking to use genuine software",
        (
            SectionLayout(
                "words",
                fields=(
                    Field("unit", "单位", "Unit"),
                    Field("department", "部门", "Department"),
                    Field("person", "承诺人（签字）", "Signature"),
                    Field("day", "日期", "Date", printed="frame.no_day"),
                ),
            ),
        ),
        portrait=True,
        head=None,
    ),
    PaperLayout(
        "demand_request",
        "软件使用需求申请表",
        "Software demand request",
        (
            SectionLayout(
                "lines",
                columns=(
                    _NUMBER,
                    Column("type", "软件类型", "Software type", 16),
                    Column("name", "软件名称（及版本）", "Software (and version)", 34),
                    Column("purpose", "软件用途", "Purpose", 26),
                    Column("functions", "功能要求", "Functions needed", 26),
                    _count("quantity", "申请数量", "Quantity"),
                    Column("domestic", "是否国产", "Domestic", 11, Kind.CODE),
                    Column("remarks", "备注", "Remarks", 30),
                ),
                blank_rows=10,
            ),
        ),
        head="plan.head_line",
        signs=("department", "it"),
    ),
    PaperLayout(
        "statistics",
        "软件正版化工作信息统计表",
        "Statistics of software genuinization",
        (
            SectionLayout(
                "scale",
                "一、单位基本情况",
                "1. The unit",
                columns=(
                    _count("units", "单位个数", "Units", 14),
                    _count("staff", "编制人数", "Staff", 14),
                    _count("users", "使用计算机人数", "Computer users", 18),
                    _count("servers", "服务器（台）", "Servers", 16),
                    _count("desktops", "台式机（台）", "Desktops", 16),
                    _count("portables", "便携机（台）", "Laptops", 16),
                    _count("computers", "计算机总数", "Computers", 16),
                ),
            ),
            SectionLayout(
                "software",
                "二、软件配置情况",
                "2. Software",
                has_text=False,
                columns=(
                    Column("what", "类别", "Class", 14),
                    _count("due", "应配数", "Due"),
                    Column("owned", "正版许可数", "Licences held", 13, Kind.CODE),
                    _count("installed", "安装数", "Installed"),
                    _count("genuine", "正版数", "Genuine"),
                    Column("missing", "缺口", "Short", 10, Kind.CODE),
                    _count("domestic", "安装数中国产", "Domestic of installed", 14),
                    _count("bought", "本年采购许可数", "Licences bought this year", 15),
                    _count("bought_domestic", "其中国产", "Domestic", 11),
                    Column("amount", "本年采购金额（元）", "Spent this year (yuan)", 18, Kind.MONEY),
                    Column("amount_domestic", "其中国产（元）", "Domestic (yuan)", 18, Kind.MONEY),
                ),
            ),
            SectionLayout(
                "work",
                "三、制度与工作情况",
                "3. Rules and work",
                has_text=False,
                columns=(
                    Column("rules", "管理制度（项）", "Rules", 20),
                    Column("ledgers", "管理台账（项）", "Ledgers", 20),
                    Column("checks", "检查次数", "Checks", 20),
                    Column("trainings", "培训次数", "Trainings", 20),
                ),
                blank_rows=1,
            ),
            *_BASIS,
        ),
        together=True,
        is_report=True,
    ),
    PaperLayout(
        "install_request",
        "软件安装维护申请表",
        "Request for installation or maintenance of software",
        (
            SectionLayout(
                "fields",
                fields=(
                    Field("unit", "单位", "Unit"),
                    Field("department", "部门", "Department"),
                    Field("applicant", "申请人", "Applicant"),
                    Field("phone", "联系电话", "Telephone"),
                    Field("day", "申请日期", "Requested on", printed="frame.no_day"),
                    Field("user", "使用人", "User"),
                    Field("machine", "计算机编号", "Computer code"),
                    Field("brand", "计算机品牌", "Brand"),
                    Field("present", "现有软件名称", "Present software"),
                    Field("present_version", "现有软件版本", "Present version"),
                    Field("act", "申请类型", "Kind of request", True, "papers.acts"),
                    Field("new", "新软件名称", "New software"),
                    Field("new_version", "新软件版本", "New version"),
                    Field("reason", "申请理由", "Reason", True, "papers.room"),
                    Field("head", "本部门领导审核", "Head of department", True, "papers.opinion"),
                    Field("it", "信息化部门审核", "IT department", True, "papers.opinion"),
                    Field("installer", "安装人", "Installed by"),
                    Field("done", "完成情况", "Result"),
                    Field("done_on", "安装时间", "Installed on", printed="frame.no_day"),
                    Field("confirmed_on", "使用人确认时间", "Confirmed on", printed="frame.no_day"),
                ),
                has_text=False,
            ),
        ),
        portrait=True,
        head=None,
    ),
    PaperLayout(
        "install_confirmation",
        "软件安装维护确认单",
        "Confirmation of installation or maintenance of software",
        (
            SectionLayout(
                "fields",
                fields=(
                    Field("unit", "单位", "Unit"),
                    Field("department", "部门", "Department"),
                    Field("user", "使用人", "User"),
                    Field("phone", "联系电话", "Telephone"),
                    Field("machine", "计算机编号", "Computer code"),
                    Field("brand", "计算机品牌", "Brand"),
                    Field("act", "工作类型", "Kind of work", True, "papers.acts"),
                    Field("software", "软件名称", "Software"),
                    Field("version", "软件版本", "Version"),
                    Field("code", "软件编号", "Software code"),
                    Field("request", "对应申请表编号", "Number of the request"),
                    Field("done", "完成的工作", "Work done", True, "papers.room"),
                    Field("installer", "安装人（签字）", "Installer (signature)"),
                    Field("done_on", "完成日期", "Done on", printed="frame.no_day"),
                    Field("confirmed", "使用人（签字）", "User (signature)"),
                    Field("confirmed_on", "确认日期", "Confirmed on", printed="frame.no_day"),
                ),
            ),
        ),
        portrait=True,
        head=None,
    ),
    PaperLayout(
        "inspection",
        "软件正版化检查记录",
        "Record of an inspection of software genuinization",
        (
            SectionLayout(
                "facts",
                fields=(
                    Field("unit", "被检查单位", "Unit inspected"),
                    Field("day", "检查时间", "Inspected on", printed="frame.no_day"),
                    Field("inspectors", "检查人员", "Inspectors"),
                    Field("way", "检查方式", "Way", printed="papers.ways"),
                ),
            ),
            SectionLayout(
                "items",
                "检查内容",
                "Items",
                has_text=False,
                columns=(
                    Column("number", "序号", "No.", 14, Kind.COUNT),
                    Column("item", "检查内容", "Item", 46),
                    Column("record", "系统记录", "On record", 34, Kind.CODE),
                    Column("found", "检查情况", "Found", 44),
                    Column("remarks", "备注", "Remarks", 24),
                ),
            ),
        ),
        signs=("inspector", "inspected"),
        together=True,
        is_report=True,
    ),
    PaperLayout(
        "staff_notice",
        "员工告知书",
        "Notice to staff",
        (
            SectionLayout(
                "words",
                fields=(
                    Field("unit", "单位", "Unit"),
                    Field("day", "日期", "Date", printed="frame.no_day"),
                    Field("person", "已阅知（签字）", "Read (signature)"),
                    Field("signed_on", "签字日期", "Signed on", printed="frame.no_day"),
                ),
            ),
        ),
        portrait=True,
        head=None,
    ),
)
"""软件正版化工作领导小组成员信息表 … 员工告知书, in the order of the annexes."""

_LEDGER_LINES: Final = (
    _NUMBER,
    _CODE,
    Column("name", "软件名称", "Software", 36),
    Column("quantity", "许可数量", "Licences", 12, Kind.CODE),
    Column("term", "许可期限", "Term", 16, Kind.CODE),
    Column("ends", "到期日", "Ends on", 14, Kind.DAY),
    Column("days", "剩余天数", "Days left", 12, Kind.COUNT),
    Column("supplier", "供应商", "Supplier", 30),
)

REPORT_PAPERS: Final = (
    PaperLayout(
        "annual",
        "软件正版化工作年度报告",
        "Annual report on software genuinization",
        (
            SectionLayout("cover"),
            SectionLayout("organisation", "一、组织领导", "1. Organisation"),
            SectionLayout(
                "funds",
                "二、资金保障",
                "2. Funds",
                columns=(
                    _CATEGORY,
                    _count("codes", "软件编号数", "Software codes", 14),
                    Column("spent", "本年采购金额（元）", "Spent this year (yuan)", 24, Kind.MONEY),
                    Column("domestic", "其中国产（元）", "Domestic (yuan)", 24, Kind.MONEY),
                ),
            ),
            SectionLayout("purchases", "三、软件采购", "3. Purchases", columns=_PURCHASES),
            SectionLayout("rates", "四、软件使用情况", "4. Use of software", columns=_RATES),
            SectionLayout("assets", "五、软件资产管理", "5. Software assets", columns=_POSITIONS),
            SectionLayout("problems", "六、存在问题及整改", "6. Open matters", columns=_FINDINGS),
            SectionLayout("next", "七、下一步工作", "7. What comes next"),
            *_BASIS,
        ),
        is_report=True,
    ),
    PaperLayout(
        "self_check",
        "软件正版化自查情况报告",
        "Report on a self-check of software genuinization",
        (
            SectionLayout("cover"),
            SectionLayout("rates", "一、自查结果", "1. Result", columns=_RATES),
            SectionLayout("positions", "二、许可与安装对照", "2. Licences and installations", columns=_POSITIONS),
            SectionLayout("problems", "三、自查发现的事项", "3. Matters found", columns=_FINDINGS),
            SectionLayout("blind", "四、未能核查的范围", "4. What could not be checked"),
            *_BASIS,
        ),
        is_report=True,
    ),
    PaperLayout(
        "roll_up",
        "软件正版化工作集团汇总",
        "Roll-up of the group",
        (
            SectionLayout("cover"),
            SectionLayout(
                "units",
                "一、各单位情况",
                "1. Units",
                columns=(
                    _NUMBER,
                    Column("unit", "单位", "Unit", 34),
                    _count("in_scope", "应扫描", "In scope"),
                    _count("scanned", "已扫描", "Scanned"),
                    Column("coverage", "覆盖率", "Coverage", 11, Kind.CODE),
                    Column("three", "三类软件正版率", "Rate of three classes", 14, Kind.CODE),
                    _count("genuine", "正版数", "Genuine"),
                    _count("counted", "应计数", "Counted"),
                    _count("short", "授权不足", "Short"),
                    _count("to_verify", "待核实", "To verify"),
                    _count("suspected", "疑似非正版", "Suspected", 13),
                ),
            ),
            SectionLayout(
                "missing",
                "二、无数据的单位",
                "2. Units without data",
                columns=(_NUMBER, Column("unit", "单位", "Unit", 40), Column("why", "情况", "State", 60)),
            ),
            SectionLayout(
                "groups",
                "附、数字构成",
                "Annex. What the numbers are made of",
                columns=(
                    Column("unit", "单位", "Unit", 34),
                    Column("what", "类别", "Class", 20),
                    Column("verdict", "判定", "Verdict", 24),
                    _count("copies", "份数", "Copies"),
                ),
                on_screen=True,
            ),
        ),
        is_report=True,
    ),
    PaperLayout(
        "domestic",
        "国产软件占比季度报告",
        "Quarterly report on the share of domestic software",
        (
            SectionLayout("cover"),
            SectionLayout("copies", "一、按安装份数", "1. By copies", columns=_SHARES_OF_COUNTS),
            SectionLayout("machines", "二、按计算机台数", "2. By machines", columns=_SHARES_OF_COUNTS),
            SectionLayout(
                "money", "三、按本季度采购金额（元）", "3. By money spent this quarter (yuan)", columns=_SHARES
            ),
            SectionLayout(
                "purchases",
                "附一、本季度采购",
                "Annex 1. Purchases of the quarter",
                columns=(
                    _NUMBER,
                    _CODE,
                    Column("name", "软件名称", "Software", 34),
                    Column("what", "类别", "Class", 20),
                    _ORIGIN,
                    Column("bought", "采购时间", "Purchased on", 13, Kind.DAY),
                    Column("amount", "采购金额（单位：元）", "Amount (yuan)", 18, Kind.MONEY),
                    Column("paper", "授权凭证编号", "Proof of licence", 24, Kind.CODE),
                ),
                on_screen=True,
            ),
            SectionLayout(
                "groups",
                "附二、数字构成",
                "Annex 2. What the numbers are made of",
                columns=(Column("what", "类别", "Class", 20), _ORIGIN, _PRODUCT, _count("copies", "份数", "Copies")),
                on_screen=True,
            ),
            SectionLayout("each", "附三、逐份依据", "Annex 3. Each copy", columns=_COPY_LINES, on_screen=True),
        ),
        is_report=True,
    ),
    PaperLayout(
        "industrial",
        "工业软件情况",
        "Industrial software",
        (
            SectionLayout("cover"),
            SectionLayout(
                "positions",
                "一、许可与安装对照",
                "1. Licences and installations",
                columns=(*_POSITIONS, Column("domestic", "是否国产", "Domestic", 11, Kind.CODE)),
            ),
            SectionLayout("copies", "二、逐台明细", "2. Each copy", columns=_COPY_LINES),
        ),
        is_report=True,
    ),
    PaperLayout(
        "expiry",
        "许可到期日历",
        "Calendar of expiring licences",
        (
            SectionLayout("cover"),
            SectionLayout("over", "一、已到期", "1. Ended", columns=_LEDGER_LINES),
            SectionLayout("soon", "二、一年内到期", "2. Ending within a year", columns=_LEDGER_LINES),
        ),
        is_report=True,
    ),
    PaperLayout(
        "unrecognised",
        "未识别软件清单",
        "Unrecognised software",
        (
            SectionLayout("cover"),
            SectionLayout(
                "titles",
                "未识别软件",
                "Unrecognised software",
                columns=(
                    _NUMBER,
                    Column("name", "名称（原文）", "Name as seen", 50),
                    Column("publisher", "厂商（原文）", "Publisher as seen", 40),
                    _count("machines", "计算机数", "Computers"),
                    _count("versions", "版本数", "Versions"),
                    Column("source", "来源", "Source", 24),
                ),
            ),
        ),
        is_report=True,
    ),
    PaperLayout(
        "blind_spots",
        "核查盲区",
        "Blind spots",
        (
            SectionLayout("cover"),
            SectionLayout(
                "machines",
                "一、未见或未完整扫描的计算机",
                "1. Computers not (fully) seen",
                columns=(
                    _NUMBER,
                    _MACHINE,
                    _DEPARTMENT,
                    Column("reason", "原因", "Reason", 22),
                    Column("last", "最近扫描", "Last scan", 14, Kind.DAY),
                    Column("scopes", "未读取来源", "Sources not read", 70),
                ),
            ),
            SectionLayout(
                "sources",
                "二、未读取的来源",
                "2. Sources not read",
                columns=(
                    _NUMBER,
                    Column("source", "来源", "Source", 34),
                    Column("outcome", "结果", "Outcome", 20),
                    _count("machines", "计算机数", "Computers"),
                ),
            ),
        ),
        is_report=True,
    ),
    PaperLayout(
        "personal_free",
        "仅限个人免费的软件",
        "Software that is free for personal use only",
        (SectionLayout("cover"), SectionLayout("copies", "逐台明细", "Each copy", columns=_COPY_LINES)),
        is_report=True,
    ),
    PaperLayout(
        "office_suites",
        "一机多套办公软件",
        "Several office suites on one computer",
        (
            SectionLayout("cover"),
            SectionLayout(
                "machines",
                "计算机清单",
                "Computers",
                columns=(
                    _NUMBER,
                    _MACHINE,
                    _DEPARTMENT,
                    _count("count", "套数", "Suites"),
                    Column("suites", "办公软件", "Office suites", 80),
                ),
            ),
        ),
        is_report=True,
    ),
    PaperLayout(
        "idle",
        "闲置许可",
        "Idle licences",
        (SectionLayout("cover"), SectionLayout("positions", "闲置许可", "Idle licences", columns=_POSITIONS)),
        is_report=True,
    ),
    PaperLayout(
        "no_paper",
        "有授权无凭证",
        "Licences without proof",
        (SectionLayout("cover"), SectionLayout("rows", "台账行", "Rows of the ledger", columns=_LEDGER_LINES)),
        is_report=True,
    ),
    PaperLayout(
        "comparison",
        "两次核查对比",
        "Comparison of two runs",
        (
            SectionLayout("cover"),
            SectionLayout(
                "rates",
                "一、正版率",
                "1. Genuine rates",
                columns=(
                    Column("what", "类别", "Class", 18),
                    Column("before", "上次", "Before", 14, Kind.CODE),
                    Column("before_of", "上次 正版数/应计数", "Before: genuine of counted", 22, Kind.CODE),
                    Column("after", "本次", "After", 14, Kind.CODE),
                    Column("after_of", "本次 正版数/应计数", "After: genuine of counted", 22, Kind.CODE),
                ),
            ),
            SectionLayout(
                "reasons",
                "二、变化原因",
                "2. Why",
                columns=(Column("why", "原因", "Why", 60), _count("copies", "份数", "Copies")),
            ),
            SectionLayout(
                "copies",
                "三、逐份变化",
                "3. Each copy that changed",
                columns=(
                    _NUMBER,
                    _MACHINE,
                    _PRODUCT,
                    Column("before", "上次判定", "Before", 22),
                    Column("after", "本次判定", "After", 22),
                    Column("why", "原因", "Why", 50),
                ),
            ),
        ),
        is_report=True,
    ),
    PaperLayout(
        "trends",
        "正版化趋势",
        "Trends",
        (
            SectionLayout("cover"),
            SectionLayout(
                "runs",
                "历次核查",
                "Runs",
                columns=(
                    Column("as_of", "截止日期", "As of", 14, Kind.DAY),
                    Column("run", "核查编号", "Run", 22, Kind.CODE),
                    Column("three", "三类软件正版率", "Rate of three classes", 16, Kind.CODE),
                    Column("three_of", "正版数/应计数", "Genuine of counted", 20, Kind.CODE),
                    Column("coverage", "覆盖率", "Coverage", 12, Kind.CODE),
                    Column("coverage_of", "已扫描/应扫描", "Scanned of in scope", 20, Kind.CODE),
                    _count("short", "授权不足", "Short"),
                    _count("suspected", "疑似非正版", "Suspected", 13),
                ),
            ),
        ),
        is_report=True,
    ),
)
"""The reports of a unit; `roll_up` is one of a group."""

PAPERS: Final = FORM_PAPERS + REPORT_PAPERS


def paper_layout(kind: str) -> PaperLayout:
    """Return the layout of a kind of paper. Raises `KeyError`."""
    for layout in PAPERS:
        if layout.key == kind:
            return layout
    raise KeyError(kind)


def lay_out(paper: Paper, language: str, edition: str, sections: tuple[SectionLayout, ...] | None = None) -> Book:
    """Lay a paper out: its sections below each other, sentences, fields, charts, tables; proof at the end.

    `sections`: others than those of its kind.

    Raises `ValueError` for an unknown language, `KeyError` for a kind or section without layout.
    """
    layout, words = paper_layout(paper.kind), wording(language)
    if sections is not None:
        layout = replace(layout, sections=sections)
    given = {section.key: section for section in paper.sections}
    unknown = set(given) - {section.key for section in layout.sections}
    if unknown:
        raise KeyError(f"{paper.kind}: {sorted(unknown)}")
    sheets = []
    last = max(number for number, section in enumerate(layout.sections) if not section.on_screen)
    for number, section in enumerate(layout.sections):
        is_last = number == last
        told = tuple(_foot(paper, layout, words)) if is_last else ()
        sheets.append(
            _sheet(paper, layout, section, given.get(section.key, Section(section.key)), words, told, edition)
        )
    return book(paper, tuple(sheets), words, edition)


def _sheet(
    paper: Paper,
    layout: PaperLayout,
    section: SectionLayout,
    given: Section,
    words: Wording,
    told: tuple[FootLine, ...],
    edition: str,
) -> Sheet:
    is_first = section is layout.sections[0]
    heading = section.zh if words.language == "zh_CN" else section.en
    title = layout.title(words.language) if is_first else heading
    columns = section.columns or _FIELD_GRID
    rows = [*given.rows, *(_blank(section, number) for number in range(len(given.rows), section.blank_rows))]
    return Sheet(
        name=title,
        annex=annex_line(paper.head, words, edition) if is_first else None,
        title=title,
        head_line=_head_line(paper, layout, words) if is_first else None,
        boxes=tuple(_boxes(section, given, len(columns), words)),
        columns=columns,
        rows=tuple(tuple(shown_cell(cell, words) for cell in row) for row in rows),
        spans=(),
        foot=told,
        text=tuple(_text(paper.kind, section, given.facts, words)) + tuple(_sub_heading(section, heading, is_first)),
        has_table=bool(section.columns),
        portrait=layout.portrait,
        continues=not is_first,
        anchor=f"{paper.kind}-{section.key}",
        links=tuple(
            (number, column, "-".join(part for part in (paper.kind, cell.section, cell.row) if part))
            for number, row in enumerate(rows)
            for column, cell in enumerate(row)
            if isinstance(cell, Link)
        ),
        bars=tuple(_bar(drawn, words) for drawn in given.bars),
        is_series=given.is_series,
        marks=tuple((number, f"{paper.kind}-{section.key}-{mark}") for number, mark in given.marks),
        together=layout.together and not section.on_screen,
        on_screen=section.on_screen,
    )


def _sub_heading(section: SectionLayout, heading: str, is_first: bool) -> Iterator[str]:
    """The heading of a first section that has one: it stands above its table, under the title of the paper."""
    if is_first and section.columns and heading:
        yield heading


def _blank(section: SectionLayout, number: int) -> tuple[Cell, ...]:
    first: Cell = number + 1 if section.columns and section.columns[0] is _NUMBER else None
    return (first, *([None] * (len(section.columns) - 1)))


def _head_line(paper: Paper, layout: PaperLayout, words: Wording) -> str | None:
    if layout.head is None:
        return None
    if layout.head == "frame.head_line":
        return head_line(paper.head, words)
    blank = "　" * 6 if words.language == "zh_CN" else "_" * 12
    known = {name: value for section in paper.sections[:1] for name, value in section.fields}
    day = known.get("day")  # of a request that was made; one to be filled in has none
    return words.text(
        layout.head,
        unit=paper.head.unit_name or blank,
        department=str(known.get("department") or blank),
        applicant=str(known.get("applicant") or blank),
        phone=paper.head.phone or blank,
        day=words.day(day) if isinstance(day, date) else words.text("frame.no_day"),
    )


def _boxes(section: SectionLayout, given: Section, columns: int, words: Wording) -> Iterator[Box]:
    """Two fields a row, a wide one alone; over four columns the boxes share the width of the table."""
    known, row, is_left = dict(given.fields), 0, True
    half = columns // 2
    for field in section.fields:
        if field.wide and not is_left:
            row, is_left = row + 1, True
        label = field.zh if words.language == "zh_CN" else field.en
        value = shown_cell(known.get(field.key), words)
        if value is None and field.printed is not None:
            value = words.text(field.printed)
        first = 0 if is_left else half
        label_last = first + max(half // 2 - 1, 0)
        last = columns - 1 if field.wide or not is_left else half - 1
        yield Box(row, first, label_last, label, is_label=True)
        yield Box(row, label_last + 1, last, value)
        row, is_left = (row + 1, True) if field.wide or not is_left else (row, False)


def _text(kind: str, section: SectionLayout, facts: Facts, words: Wording) -> Iterator[str]:
    if section.has_text:
        plain = {name: words.name(value) if isinstance(value, Name) else value for name, value in facts}
        yield from words.text(f"papers.{kind}.{section.key}", **plain).strip().split("\n")


def _foot(paper: Paper, layout: PaperLayout, words: Wording) -> Iterable[FootLine]:
    signs = [FootLine(words.text(f"papers.sign.{who}"), strong=True) for who in layout.signs]
    own = [words.text("papers.own_layout")] if layout.own and not layout.is_report else []
    if layout.is_report:
        own = [words.text("papers.own_layout"), words.text("papers.words")]
        return (*signs, *foot(own, paper.coverage, paper.proof, words))
    return (*signs, *(FootLine(line) for line in own))


def _bar(drawn: Drawn, words: Wording) -> Bar:
    told = shown_cell(drawn.label, words)
    figures = f"{share(drawn.numerator, drawn.denominator)}（{drawn.numerator:,} / {drawn.denominator:,}）"
    if words.language != "zh_CN":
        figures = f"{share(drawn.numerator, drawn.denominator)} ({drawn.numerator:,} / {drawn.denominator:,})"
    return Bar(f"{told}　{figures}", drawn.numerator, drawn.denominator)


def shown_cell(cell: Cell, words: Wording) -> Value:
    """Return a cell as the layouts hold it: words of vocabularies and names in the language, shares as per cent."""
    match cell:
        case Name():
            return words.name(cell)
        case Code():
            return words.word(cell.table, cell.code)
        case Link():
            return cell.value
        case Told():
            told = words.finding(cell.code, cell.facts)
            return told.title if cell.part == "title" else told.text
        case Share():
            return _percent(cell)
        case None | str() | int() | Decimal() | date():
            return cell


def _percent(told: Share) -> str:
    """Two places, as every rate; cut below 100 % so that a rate with a gap never reads 100 %."""
    if isinstance(told.numerator, int) and isinstance(told.denominator, int):
        return share(told.numerator, told.denominator)
    if not told.denominator:
        return NO_SHARE
    return share(int(told.numerator * 100), int(told.denominator * 100))
