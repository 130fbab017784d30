"""Updates of Windows itself, each by the number of its article.

Source: `Package_for_…` keys that are installed (CurrentState 0x70) below `Component Based Servicing\\Packages` (scope
    `hotfixes:packages`); where Windows has none (XP, 2003), Win32_QuickFixEngineering (`hotfixes:qfe`). Recorded files:
    SOFTWARE hives and exports, `wmic qfe` listings and tables, `dism /get-packages`, `systeminfo` and `Get-HotFix`
    texts.
Absent: neither the key nor an answer of the class.
Names:  `KB5034441`; a package that names no article (`RollupFix`, `ServicingStack`) keeps its own name.
Dates:  a package records when it was installed. `InstalledOn` of the class is written month first, whatever the
    machine's language, or as a number of 100 ns since 1601 in hexadecimal digits.
Listed: DISM lists packages that a newer one replaced as well, and features; a listing is read as it is, a feature
    marked as a system component and not as an update.
Gaps:   updates of Office and other products stand with Windows Installer (`msi_products`) and Uninstall; the update
    history of Windows Update; names in words, which packages do not carry.
"""

from __future__ import annotations

import re
from typing import Iterator

from agent.collectors.base import NOT_READ, Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.cim_questions import Question, ask
from agent.collectors.windows.registry_source import Reader, Values, key_or_outcome, opened
from agent.formats.cim_answer import CimObject, text_of
from agent.formats.console_text import decode_text
from agent.formats.registry_hive import DamagedHive
from agent.formats.registry_value import filetime_text
from agent.formats.update_listing import WrittenUpdate, month_first, parse_update_text
from agent.formats.wazuh_state import hotfixes_of, is_wazuh_state
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

SOURCE = "hotfixes"
PACKAGES_SCOPE = SOURCE + ":packages"
QFE_SCOPE = SOURCE + ":qfe"
PACKAGES = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\Packages"
QFE = Question("Win32_QuickFixEngineering", ("HotFixID", "Description", "InstalledOn"))
MAX_PACKAGES = 100_000
INSTALLED = 0x70

_KB = re.compile(r"(?<![A-Za-z0-9])(?:KB|Q)(\d{6,8})(?!\d)", re.IGNORECASE)
_IDENTITY = re.compile(r"(?P<name>[^~]+)~(?P<token>[^~]*)~(?P<arch>[^~]*)~(?P<language>[^~]*)~(?P<version>[0-9.]+)")
_UPDATE = re.compile(r"Package(?:_\d+)?_for_(?P<what>.+)", re.IGNORECASE)
_NO_ARTICLE = re.compile(r"File \d+", re.IGNORECASE)


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the packages; ask the management class only where there are none."""
    there = False
    for found in _packages(machine.registry_key):
        there = there or not isinstance(found, ScopeAbsent)
        yield found
    if there:
        return
    answers = ask(machine, "hotfixes", (QFE,))
    if QFE.name in answers.rows:
        yield Scope(QFE_SCOPE)
        yield from parse_rows(answers.rows[QFE.name], seen_at=QFE.name)
    elif QFE.name in answers.faults:
        yield ScopeFailed(QFE_SCOPE, answers.faults[QFE.name])
    else:
        yield ScopeAbsent(QFE_SCOPE)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the updates that one recorded file names. Raises `Absent` when it names none."""
    if is_wazuh_state(data):
        data = "\n".join(hotfixes_of(data)).encode("utf-8")
    text = "" if data.startswith(b"regf") else decode_text(data)[0]
    if data.startswith(b"regf") or text.lstrip("\ufeff").startswith(("Windows Registry Editor", "REGEDIT4")):
        yield from _packages(opened(data, name).read)
        return
    found = list(parse_text(text, seen_at=name))
    if not found:
        raise Absent("%s: no update" % name)
    yield Scope(SOURCE + ":listing")
    yield from found


def parse_text(text: str, *, seen_at: str) -> Iterator[Software]:
    """Yield the updates of a printed listing, and the features that DISM lists beside them."""
    for each in parse_update_text(text):
        found = _of_listing(each, seen_at)
        if found is not None:
            yield found


def parse_rows(rows: list[CimObject], *, seen_at: str) -> Iterator[Software]:
    """Yield the updates of the management class, each number once."""
    done = set()
    for row in rows:
        written = WrittenUpdate(
            identifier=text_of(row.get("HotFixID")) or "",
            title=text_of(row.get("Description")),
            installed_raw=text_of(row.get("InstalledOn")),
        )
        found = _of_listing(written, seen_at)
        if found is not None and found.name not in done:
            done.add(found.name)
            yield found


def _of_listing(written: WrittenUpdate, seen_at: str) -> Software | None:
    """Return the update; a line that names no article and no package (`File 1`) is a part of another one."""
    identity = _IDENTITY.fullmatch(written.identifier)
    if identity is not None:
        return _of_package(written.identifier, identity, seen_at, written)
    number = _KB.search(written.identifier) or _KB.search(written.title or "")
    if number is None and (not written.identifier or _NO_ARTICLE.fullmatch(written.identifier)):
        return None
    return Software(
        source=SOURCE,
        name="KB" + number.group(1) if number is not None else written.identifier,
        scope=QFE_SCOPE,
        seen_at=seen_at,
        publisher="Microsoft Corporation",
        identifier=written.identifier,
        installed_on=month_first(written.installed_raw),
        install_date_raw=written.installed_raw if month_first(written.installed_raw) is None else None,
        parent="Windows",
        update=True,
        release_type=written.release_type or _release_type(written.title),
    )


def _release_type(title: str | None) -> str | None:
    """`Security Update for Windows XP (KB980195)` → `Security Update`; a text without `for` is the type itself."""
    if title is None:
        return None
    found = re.match(r"(?P<type>(?:Security |Critical |Software )?Update|Hotfix|Service Pack)\b", title, re.IGNORECASE)
    return found.group("type") if found is not None else None


def _packages(read: Reader) -> Iterator[Found]:
    above = key_or_outcome(read, PACKAGES, PACKAGES_SCOPE)
    if isinstance(above, NOT_READ):
        yield above
        return
    yield Scope(PACKAGES_SCOPE)
    done = set()
    for name in above.subkeys[:MAX_PACKAGES]:
        identity = _IDENTITY.fullmatch(name)
        if identity is None or _UPDATE.fullmatch(identity.group("name")) is None:
            continue
        where = PACKAGES + "\\" + name
        try:
            values = Values(read(where))
        except (Unreadable, DamagedHive) as error:
            yield Problem(where, error.why)
            continue
        if values.number("CurrentState") != INSTALLED:
            continue
        found = _of_package(name, identity, where, WrittenUpdate(name, installed_at=_installed_at(values)))
        if found is not None and (found.name, found.architecture, found.version) not in done:
            done.add((found.name, found.architecture, found.version))
            yield found


def _of_package(name: str, identity: re.Match[str], seen_at: str, written: WrittenUpdate) -> Software | None:
    """Return the update or, from a listing alone, the feature that a package is."""
    update = _UPDATE.fullmatch(identity.group("name"))
    if update is None and written.release_type is None:
        return None
    what = identity.group("name") if update is None else update.group("what")
    number = _KB.match(what)
    day = written.installed_at[:10] if written.installed_at else month_first(written.installed_raw)
    return Software(
        source=SOURCE,
        name="KB" + number.group(1) if number is not None else what,
        scope=PACKAGES_SCOPE,
        seen_at=seen_at,
        version=identity.group("version"),
        publisher="Microsoft Corporation",
        identifier=name,
        architecture=identity.group("arch") or None,
        language=identity.group("language") or None,
        installed_on=day,
        install_date_raw=written.installed_raw if day is None else None,
        parent="Windows",
        system_component=True if update is None else None,
        update=None if update is None else True,
        release_type=written.release_type,
    )


def _installed_at(values: Values) -> str | None:
    high, low = values.number("InstallTimeHigh"), values.number("InstallTimeLow")
    return None if high is None or low is None else filetime_text((high << 32) | low)


HOTFIXES = Collector(name=SOURCE, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
