"""Applications of the UOS and deepin application store, which live in folders of their own.

Source: /opt/apps/<id>/info (JSON: appid, name, version, arch, permissions) and, for the name that people see,
    /opt/apps/<id>/entries/applications/<id>.desktop or the only entry there that is not hidden.
Absent: the folder /opt/apps does not exist.
Gaps:   no publisher and no day, the info file has none; dpkg usually knows the same application as a package of
    that id. A folder without info and without files is what an uninstalled application leaves, and is passed over.
"""

from __future__ import annotations

import json
from typing import Any, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.collectors.linux.system_language import system_language
from agent.formats.desktop_entry import EntryFault, entry_keys, is_true, localised
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

FOLDER = "/opt/apps"
SCOPE = "opt_apps:" + FOLDER
MAX_INFO_BYTES = 1024 * 1024
MAX_ENTRIES = 100


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every application. Raises `Absent`, `Unreadable` when the folder cannot be listed."""
    members = machine.list_folder(FOLDER)
    if members is None:
        raise Absent(FOLDER)
    yield Scope(SCOPE)
    language = system_language(machine)
    for member in members:
        if member.is_folder:
            try:
                yield from _application(machine, member, language)
            except Unreadable as error:
                yield Problem(error.where, error.why)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the application of one recorded info file; the folder that it lies in stands for a missing appid."""
    folder = name.replace("\\", "/").split("/")[-2:-1]
    yield from parse_info(data.decode("utf-8", "replace"), folder[0] if folder else "", seen_at=name)


def _application(machine: Machine, folder: Entry, language: str | None) -> Iterator[Software | Problem]:
    path = folder.path + "/info"
    text = machine.read_text(path, MAX_INFO_BYTES)
    if text is not None:
        menu = _menu_entry(machine, folder, language)
        yield from parse_info(text, folder.name, seen_at=path, location=folder.path, menu=menu)
    elif machine.exists(folder.path + "/files") or machine.exists(folder.path + "/entries"):
        yield Problem(path, "an application without info")


def parse_info(text: str, folder: str, *, seen_at: str, location: str | None = None,
               menu: dict[str, str] | None = None) -> Iterator[Software | Problem]:  # fmt: skip
    """Yield the application that an info file describes.

    Named by its menu entry (`Name` and `Categories` of `menu`), else by the info file, else by its id. Text that is
    no JSON object, or one without any name, yields a `Problem`.
    """
    try:
        info = json.loads(text.lstrip("\ufeff"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        yield Problem(seen_at, "not JSON: %s" % error)
        return
    if not isinstance(info, dict):
        yield Problem(seen_at, "not a JSON object")
        return
    menu = menu or {}
    identifier = _text(info.get("appid")) or folder or None
    name = menu.get("Name") or _text(info.get("name")) or identifier
    if name is None:
        yield Problem(seen_at, "neither appid nor name")
        return
    yield Software(
        source="opt_apps",
        name=name,
        scope=SCOPE,
        seen_at=seen_at,
        version=_text(info.get("version")),
        identifier=identifier,
        architecture=_architectures(info.get("arch")),
        location=location,
        per_user=False,
        section=menu.get("Categories"),
    )


def _menu_entry(machine: Machine, folder: Entry, language: str | None) -> dict[str, str]:
    """Return Name and Categories of the entry named like the application, else of the only one that is shown."""
    shown: dict[str, dict[str, str]] = {}
    try:
        members = machine.list_folder(folder.path + "/entries/applications") or ()
    except Unreadable as error:
        machine.pass_over(error.where, error.why)
        members = ()
    for member in members[:MAX_ENTRIES]:
        if not member.name.endswith(".desktop") or member.is_folder:
            continue
        try:
            keys = entry_keys(machine.read_text(member.path, MAX_INFO_BYTES) or "")
        except (EntryFault, Unreadable):
            continue  # the name is then the info file's own
        if not is_true(keys, "NoDisplay") and not is_true(keys, "Hidden"):
            facts = {"Name": localised(keys, "Name", language) or "", "Categories": keys.get("Categories", "")}
            shown[member.name] = {key: value.strip(";") for key, value in facts.items() if value.strip(";")}
    own = shown.get(folder.name + ".desktop")
    return own or (next(iter(shown.values())) if len(shown) == 1 else {})


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _architectures(value: Any) -> str | None:
    """`["amd64"]` → `amd64`; several stand in the order of the file."""
    words = value if isinstance(value, list) else [value]
    return ", ".join(word.strip() for word in words if isinstance(word, str) and word.strip()) or None


OPT_APPS = Collector(name="opt_apps", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
