"""Viewer: who looks at the console or asks the interface, and what the roles of theirs allow.

A right is a role and a place: `may` says whether some role allows the act, `sees_unit` whether the unit lies in one of
the subtrees that the account was given. Both are asked for every page and every act; neither knows the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

EVERYWHERE = "*"
"""Among the roots of a viewer: every unit, and machines without one."""
Parents = Mapping[str, str | None]
"""Unit by unit the one above it, `None` for a root."""


class Role(StrEnum):
    """What an account may be given. The three separated administrators are those of 等保 (GB/T 22239)."""

    ADMINISTRATOR = "administrator"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDIT_ADMINISTRATOR = "audit_administrator"
    UNIT_AUDITOR = "unit_auditor"
    GROUP_AUDITOR = "group_auditor"
    INSPECTOR = "inspector"
    TRAIL_READER = "trail_reader"


class Act(StrEnum):
    """What a role may allow."""

    READ = "read"
    READ_LEDGER = "ledger.read"
    EDIT_LEDGER = "ledger.edit"
    EDIT_REGISTERS = "registers.edit"
    EDIT_CATALOGUE = "catalogue.edit"
    DECIDE_FINDINGS = "findings.decide"
    SPOT_CHECK = "checks.do"
    HAND_IN = "reports.hand_in"
    REQUEST = "requests.do"
    RUN_AUDIT = "audit.run"
    PRINT = "print"
    READ_AGENTS = "agents.read"
    MANAGE_AGENTS = "agents.manage"
    MANAGE_USERS = "users.manage"
    GRANT_ROLES = "roles.grant"
    READ_TRAIL = "trail.read"
    MANAGE_SETTINGS = "settings.manage"
    MANAGE_SCHEDULE = "schedule.manage"


SEPARATED = frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR})
"""No person holds two of these while the administrators are separated."""
_LOOKS = frozenset({Act.READ, Act.READ_LEDGER, Act.PRINT})
_AUDITS = _LOOKS | {
    Act.EDIT_LEDGER,
    Act.EDIT_REGISTERS,
    Act.EDIT_CATALOGUE,
    Act.DECIDE_FINDINGS,
    Act.SPOT_CHECK,
    Act.HAND_IN,
    Act.REQUEST,
    Act.RUN_AUDIT,
    Act.READ_AGENTS,
}
RIGHTS: Mapping[Role, frozenset[Act]] = {
    Role.ADMINISTRATOR: frozenset(Act),
    Role.SYSTEM_ADMINISTRATOR: frozenset(
        {Act.READ_AGENTS, Act.MANAGE_AGENTS, Act.MANAGE_USERS, Act.MANAGE_SETTINGS, Act.MANAGE_SCHEDULE}
    ),
    Role.SECURITY_ADMINISTRATOR: frozenset({Act.GRANT_ROLES, Act.READ_AGENTS}),
    Role.AUDIT_ADMINISTRATOR: frozenset({Act.READ_TRAIL}),
    Role.UNIT_AUDITOR: _AUDITS,
    Role.GROUP_AUDITOR: _AUDITS,
    Role.INSPECTOR: _LOOKS | {Act.SPOT_CHECK},
    Role.TRAIL_READER: frozenset({Act.READ_TRAIL}),
}


@dataclass(frozen=True)
class Viewer:
    """One account that is signed in. `units` are roots of the subtrees that it may see, empty for none."""

    account: str
    name: str
    roles: frozenset[str]
    units: tuple[str, ...]
    language: str
    csrf: str = ""
    """What every form that this viewer sends has to say; empty for a programme with a token."""
    acts: frozenset[str] | None = None
    """Of a programme's token: it allows no more than these, whatever the roles of its account."""


def may(viewer: Viewer, act: Act | str) -> bool:
    """Return whether a role of the viewer allows the act. An act or role that nobody knows allows nothing."""
    if viewer.acts is not None and act not in viewer.acts:
        return False
    return any(act in allowed for role, allowed in RIGHTS.items() if role in viewer.roles)


def sees_unit(viewer: Viewer, unit: str | None, parents: Parents) -> bool:
    """Return whether the unit is at or below a root of the viewer; no unit at all: only whoever sees everything."""
    if EVERYWHERE in viewer.units:
        return True
    seen: set[str] = set()
    while unit is not None and unit not in seen:
        if unit in viewer.units:
            return True
        seen.add(unit)  # a register may hold a circle
        unit = parents.get(unit)
    return False


def visible_units(viewer: Viewer, parents: Parents) -> frozenset[str]:
    """Return every unit that the viewer sees."""
    return frozenset(unit for unit in parents if sees_unit(viewer, unit, parents))


def sees_person(viewer: Viewer, unit: str | None, parents: Parents) -> bool:
    """Return whether the names of people of the unit are shown: to its own auditor alone, the others see codes."""
    return Role.UNIT_AUDITOR in viewer.roles and sees_unit(viewer, unit, parents)
