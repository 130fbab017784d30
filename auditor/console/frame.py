"""What stands around every page: who reads, in which language, from which unit; navigation, way back, notice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from auditor.console.viewer import Act, Viewer, may
from auditor.readmodels.screens.scope import Scope


@dataclass(frozen=True)
class Link:
    """One step of the way back, or one entry of the navigation."""

    zh: str
    en: str
    href: str
    is_here: bool = False


@dataclass(frozen=True)
class _Entry:
    zh: str
    en: str
    path: str
    act: Act


@dataclass(frozen=True)
class _Group:
    zh: str
    en: str
    entries: tuple[_Entry, ...]


NAVIGATION: tuple[_Group, ...] = (
    _Group(
        "现状",
        "Present state",
        (
            _Entry("概览", "Overview", "/", Act.READ),
            _Entry("计算机", "Computers", "/machines", Act.READ),
            _Entry("授权余缺", "Licence position", "/positions", Act.READ),
            _Entry("待处理事项", "Findings", "/findings", Act.READ),
            _Entry("整改", "Rectification", "/cases", Act.READ),
            _Entry("单位", "Units", "/units", Act.READ),
        ),
    ),
    _Group(
        "台账与目录",
        "Ledger and catalogue",
        (
            _Entry("授权台账", "Licence ledger", "/ledger", Act.READ_LEDGER),
            _Entry("导入批次", "Import batches", "/batches", Act.READ_LEDGER),
            _Entry("凭证", "Papers", "/papers", Act.READ_LEDGER),
            _Entry("识别", "Recognition", "/recognition", Act.READ),
            _Entry("软件产品", "Products", "/products", Act.READ),
        ),
    ),
    _Group(
        "核查与报送",
        "Audits and reports",
        (
            _Entry("核查记录", "Audit runs", "/runs", Act.READ),
            _Entry("报表与报告", "Forms and reports", "/forms", Act.PRINT),
            _Entry("抽查与盘点", "Spot checks", "/checks", Act.READ),
            _Entry("报送", "Handing in", "/hand-ins", Act.READ),
            _Entry("申请", "Requests", "/requests", Act.READ),
            _Entry("计划任务", "Schedules", "/schedules", Act.MANAGE_SCHEDULE),
        ),
    ),
    _Group(
        "管理",
        "Administration",
        (
            _Entry("采集端", "Agents", "/agents", Act.READ_AGENTS),
            _Entry("设置", "Settings", "/settings", Act.MANAGE_SETTINGS),
            _Entry("用户", "Users", "/users", Act.MANAGE_USERS),
            _Entry("操作日志", "Trail", "/trail", Act.READ_TRAIL),
        ),
    ),
)


@dataclass(frozen=True)
class Frame:
    """Who reads what. `path` and `query` are those of the request; `scope` is `None` before the first audit."""

    viewer: Viewer
    language: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    scope: Scope | None = None
    notice: tuple[str, str] | None = None
    """What was just done, in both languages."""

    @property
    def html_language(self) -> str:
        """The language as HTML names it."""
        return self.language.replace("_", "-")

    def t(self, zh: str, en: str) -> str:
        """Return the text in the reader's language."""
        return zh if self.language == "zh_CN" else en

    def may(self, act: str) -> bool:
        """Whether the reader may do something, by the name of an `Act`."""
        return may(self.viewer, Act[act])

    def navigation(self) -> Sequence[tuple[str, str, Sequence[Link]]]:
        """Groups of links that the reader may follow; a group without one is left out."""
        groups = []
        for group in NAVIGATION:
            links = [
                Link(entry.zh, entry.en, self.url(entry.path), self._is_here(entry.path))
                for entry in group.entries
                if may(self.viewer, entry.act)
            ]
            if links:
                groups.append((group.zh, group.en, links))
        return groups

    def url(self, path: str, **query: object) -> str:
        """Return an address within the console that keeps the unit looked at; `None` and empty are left out."""
        told = {name: str(value) for name, value in query.items() if value not in (None, "")}
        if "unit" in self.query and "unit" not in query and self.scope is not None:
            told["unit"] = self.scope.span.code
        return quote(path, safe="/|") + (f"?{urlencode(told)}" if told else "")

    def here(self, **changed: object) -> str:
        """Return the address of this page with parts of the query changed; `None` takes one out."""
        told: dict[str, object] = {n: v for n, v in self.query.items() if n not in ("done", "language")}
        told |= changed
        plain = {name: str(value) for name, value in told.items() if value not in (None, "")}
        return quote(self.path, safe="/|") + (f"?{urlencode(plain)}" if plain else "")

    def _is_here(self, path: str) -> bool:
        return self.path == path or (path != "/" and self.path.startswith(path + "/"))
