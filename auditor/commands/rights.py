"""Who acts by a command of supervision: the account whose token the setting `command_token_file` names, held to its
roles and units as on the interface; where none is named, whoever may open the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.commands.context import CommandContext, now, operator
from auditor.console.viewer import EVERYWHERE, Act, Viewer, may, sees_unit
from auditor.errors import AuditorError, NotAuthentic, WrongUsage, both

if TYPE_CHECKING:
    from auditor.store.database import Connection, Store

MOST_TOKEN = 400
"""Bytes of a token's file that are read."""


@dataclass(frozen=True)
class Acting:
    """Who acts, under which name, on which units. Without an account every unit may be acted on."""

    name: str | None
    viewer: Viewer | None = None
    parents: Mapping[str, str | None] = field(default_factory=dict)

    def sees(self, unit: str | None) -> bool:
        """Whether a unit may be seen; no unit at all only by whoever sees everything."""
        return self.viewer is None or sees_unit(self.viewer, unit or None, self.parents)

    def must_see(self, units: Iterable[str | None]) -> None:
        """Raise `AuditorError` that names units which are not the account's."""
        strange = sorted({unit or "-" for unit in units if not self.sees(unit)})
        if strange:
            told = both("不在账号范围内的单位", "units that are not the account's")
            raise AuditorError(f"{told}: {', '.join(strange[:10])}")

    @property
    def sees_all(self) -> bool:
        """Whether everything may be seen."""
        return self.viewer is None or EVERYWHERE in self.viewer.units

    def must_see_all(self) -> None:
        """Raise `AuditorError` unless everything may be seen."""
        if not self.sees_all:
            raise AuditorError(both("应由可见全部单位的账号办理", "expected an account that sees every unit"))


def acting(context: CommandContext, store: Store, act: Act, by: str | None = None) -> Acting:
    """Return who acts, and note the account in whatever goes into the trail.

    Raises `NotAuthentic` for a token that is not in force, `AuditorError` where the account's roles do not allow the
    act or `commands_need_token` asks for a token, `WrongUsage` for another name beside an account's.
    """
    from auditor.accounts.sessions import viewer_of_token
    from auditor.store.trail import act_as
    from auditor.store.units import list_units

    settings = context.settings()
    file = settings.text("command_token_file")
    if not file:
        if settings.values["commands_need_token"]:
            told = both("应设置 command_token_file（账号令牌文件）", "expected the setting command_token_file")
            raise AuditorError(f"commands_need_token: {told}")
        act_as(None)
        return Acting(operator(by))
    viewer = viewer_of_token(store, _token(Path(file)), settings, now())
    if viewer is None:
        raise NotAuthentic(both("令牌无效、已过期或已撤销", "expected a token that is in force"))
    if not may(viewer, act):
        raise AuditorError(f"{act.value}: {both('没有这项权限', 'this is not among the rights of the account')}")
    if by is not None and by.strip() != viewer.name:
        raise WrongUsage(f"--by {by}: {both('应为账号本人', 'expected the name of the account')}: {viewer.name}")
    act_as(viewer.account)
    with store.read() as connection:
        parents = {str(unit.code): unit.parent for unit in list_units(connection)}
    return Acting(viewer.name, viewer, parents)


def _token(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_TOKEN).decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise AuditorError(f"command_token_file: {both('读不出', 'cannot be read')}: {error}") from error


@contextmanager
def reading(context: CommandContext, act: Act = Act.READ) -> Iterator[tuple[Acting, Connection]]:
    """Open the store to read it as whoever acts."""
    with context.store() as store:
        who = acting(context, store, act)
        with store.read() as connection:
            yield who, connection


@contextmanager
def writing(
    context: CommandContext, act: Act, by: str | None = None, *, create: bool = False
) -> Iterator[tuple[Acting, Connection]]:
    """Open a transaction that writes, as whoever acts."""
    with context.store(create=create) as store:
        who = acting(context, store, act, by)
        with store.begin() as connection:
            yield who, connection


def units_of(who: Acting, unit: str | None) -> frozenset[str] | None:
    """Return the unit that is asked for, else all of the account, `None` for every unit. Raises `AuditorError`."""
    if unit is not None:
        who.must_see([unit])
        return frozenset({unit})
    return None if who.sees_all else frozenset(filter(who.sees, who.parents))
