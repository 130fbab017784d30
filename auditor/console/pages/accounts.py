"""Signing in, one's own account, the users and the trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auditor.console.frame import Frame
from auditor.console.pages import told
from auditor.console.rendering import render
from auditor.console.viewer import Act, Role
from auditor.core.model import Unit
from auditor.store.accounts import Account, ApiToken, Session
from auditor.store.trail import TrailEntry

ROLE_NAMES: Mapping[str, tuple[str, str]] = {
    Role.ADMINISTRATOR: ("总管理员", "administrator"),
    Role.SYSTEM_ADMINISTRATOR: ("系统管理员", "system administrator"),
    Role.SECURITY_ADMINISTRATOR: ("安全管理员", "security administrator"),
    Role.AUDIT_ADMINISTRATOR: ("审计管理员", "audit administrator"),
    Role.UNIT_AUDITOR: ("单位稽核员", "unit auditor"),
    Role.GROUP_AUDITOR: ("集团稽核员", "group auditor"),
    Role.INSPECTOR: ("检查人员（只读，可作抽查）", "inspector: reads, and checks on the spot"),
    Role.TRAIL_READER: ("日志查阅员", "trail reader"),
}
ACT_NAMES: Mapping[str, tuple[str, str]] = {
    Act.READ: ("查看", "read"),
    Act.READ_LEDGER: ("查看台账", "read the ledger"),
    Act.EDIT_LEDGER: ("维护台账", "edit the ledger"),
    Act.EDIT_REGISTERS: ("维护登记册", "edit the registers"),
    Act.EDIT_CATALOGUE: ("维护识别规则", "edit the rules"),
    Act.DECIDE_FINDINGS: ("处理问题项", "decide findings"),
    Act.SPOT_CHECK: ("抽查和盘点", "check on the spot"),
    Act.HAND_IN: ("报送", "hand in"),
    Act.REQUEST: ("办理申请", "handle requests"),
    Act.RUN_AUDIT: ("执行稽核", "run audits"),
    Act.PRINT: ("出具报表", "issue forms"),
    Act.READ_AGENTS: ("查看采集端", "read agents"),
    Act.MANAGE_AGENTS: ("管理采集端", "manage agents"),
    Act.MANAGE_USERS: ("管理账号", "manage accounts"),
    Act.GRANT_ROLES: ("授予角色", "grant roles"),
    Act.READ_TRAIL: ("查阅日志", "read the trail"),
    Act.MANAGE_SETTINGS: ("管理设置", "manage settings"),
    Act.MANAGE_SCHEDULE: ("管理计划任务", "manage the schedule"),
}


def sign_in(frame: Frame, *, where: str, fault: str) -> str:
    """Ask for login and password."""
    return render(
        "sign_in.html.j2", frame, stage="password", where=where, fault=_own(frame, fault), secret=None, least=0
    )


def stage(frame: Frame, *, stage: str, where: str, fault: str, secret: tuple[str, str] | None, least: int) -> str:
    """Ask for what a session is waiting for."""
    fault = _own(frame, fault)
    return render("sign_in.html.j2", frame, stage=stage, where=where, fault=fault, secret=secret, least=least)


def account(
    frame: Frame,
    *,
    account: Account,
    sessions: Sequence[Session],
    mine: str,
    tokens: Sequence[ApiToken],
    secret: tuple[str, str] | None,
    token: str,
    fault: str,
    acts: Sequence[str],
    now: str,
    days: int,
    least: int,
) -> str:
    """Show an account to its owner."""
    return render(
        "account.html.j2", frame, account=account, sessions=sessions, mine=mine, tokens=tokens, secret=secret,
        token=token, fault=_own(frame, fault), acts=acts, now=now, days=days, least=least, role_names=ROLE_NAMES,
        act_names=ACT_NAMES,
    )  # fmt: skip


def users(
    frame: Frame,
    *,
    accounts: Sequence[Account],
    units: Sequence[Unit],
    fault: str,
    separated: bool,
    now: str,
    has_directory: bool,
) -> str:
    """List the accounts, and ask for a new one."""
    return render(
        "users.html.j2", frame, accounts=accounts, units=units, fault=_own(frame, fault), now=now,
        role_names=_offered(separated), all_names=ROLE_NAMES, has_directory=has_directory,
    )  # fmt: skip


def user(frame: Frame, *, account: Account, units: Sequence[Unit], separated: bool) -> str:
    """Show an account to an administrator."""
    return render("user.html.j2", frame, account=account, units=units, role_names=_offered(separated))


def trail(
    frame: Frame,
    *,
    entries: Sequence[TrailEntry],
    names: Mapping[str, str],
    after: int | None,
    act: str,
    checked: bool,
    broken: int | None,
) -> str:
    """Show a page of the trail."""
    return render(
        "trail.html.j2", frame, entries=entries, names=names, after=after, act=act, checked=checked, broken=broken
    )


def not_there(frame: Frame) -> str:
    """Say that there is no such thing."""
    return told.not_there(frame)


def _offered(separated: bool) -> Mapping[str, tuple[str, str]]:
    return {role: name for role, name in ROLE_NAMES.items() if not (separated and role == Role.ADMINISTRATOR)}


def _own(frame: Frame, fault: str) -> str:
    """Return the half of each line of a fault that is in the reader's language."""
    lines = [line.split(" / ", 1) for line in fault.splitlines()]
    return "\n".join(parts[0] if frame.language == "zh_CN" else parts[-1] for parts in lines)
