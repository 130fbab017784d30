"""App packages of Windows (Appx, MSIX): Store apps and what comes with Windows in the same form.

Source: the names of the packages below `AppModel\\PackageRepository\\Packages` (every package that is on the disk)
    and of `Appx\\AppxAllUserStore` (who has it: all, or the persons under whose SID it stands), each with its
    AppxManifest.xml; one record for every version and architecture. Recorded files: exports and SOFTWARE hives, an
    AppxManifest.xml, the text of `Get-AppxPackage`.
Absent: neither key: Windows 7 and older.
Names:  as the manifest says. A name that stands in the package's resources is resolved by the running system, or taken
    from what it remembers for each person (`MrtCache`, in that person's language); where nothing resolves it, the
    package's own name stands for it (`Microsoft.WindowsCalculator`).
Marked: frameworks and parts of Windows (`SystemApps`, `Windows\\ImmersiveControlPanel` …) as system components.
Left out: languages and scales of a package, and the bundle around a package that is there.
Gaps:   resources.pri is not read, so an offline disk shows the package's own name unless somebody opened it;
    manifests below WindowsApps can be read with administrator's rights alone.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Callable, Dict, Iterator, Optional

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.collectors.windows.registry_source import Reader, Values, opened, quiet, users_of
from agent.formats.appx_package import (
    Manifest,
    PackageName,
    organisation_of,
    parse_full_name,
    parse_listing,
    parse_manifest,
)
from agent.formats.cim_answer import text_of
from agent.formats.cim_table import parse_cim_table
from agent.formats.console_text import decode_text
from agent.formats.registry_hive import DamagedHive
from agent.formats.update_listing import month_first
from agent.inventory.software import Software
from agent.machine.base import Machine, Unreadable

SOURCE = "appx"
SCOPE = SOURCE + ":packages"
REPOSITORY = (
    "HKLM\\SOFTWARE\\Classes\\Local Settings\\Software\\Microsoft\\Windows\\CurrentVersion\\AppModel"
    "\\PackageRepository\\Packages"
)
STORE = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Appx\\AppxAllUserStore"
MAX_PACKAGES = 20_000
MAX_TEXTS = 20_000
MAX_MANIFEST_BYTES = 4 * 1024 * 1024

_PERSON = re.compile(r"S-1-(?:5-21|12-1)-[0-9-]+")
_OF_EVERYBODY = ("Applications", "InboxApplications", "Staged")
_OF_THE_SYSTEM = re.compile(r"^(?:[A-Z]:|%SystemDrive%)\\Windows\\|^%(?:SystemRoot|windir)%\\", re.IGNORECASE)
_RESOURCE = "ms-resource:"
_CACHE = "Local Settings\\MrtCache"
_CACHE_DEPTH = 3
_Manifest = Callable[[str], Optional[bytes]]
_Resolve = Callable[[str], Optional[str]]

_PROPERTIES = frozenset(("Name", "Publisher", "Version", "PackageFullName", "PackageFamilyName", "InstallLocation"))
"""What a listing of `Get-AppxPackage` has as headings."""


def collect(machine: Machine) -> Iterator[Found]:
    """Yield every package that the registry knows, its manifest read where it may be."""

    def manifest(folder: str) -> bytes | None:
        try:
            return machine.read_bytes(folder + "\\AppxManifest.xml", MAX_MANIFEST_BYTES)
        except Unreadable:
            return None

    remembered = _Remembered(machine)

    def resolve(reference: str) -> str | None:
        return machine.resource_text(reference) or remembered.text(reference)

    yield from _packages(machine.registry_key, manifest, resolve)


class _Remembered:
    """Names that Windows resolved once and keeps for each person (`MrtCache`): looked up when first asked for."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._texts: Dict[str, str] | None = None

    def text(self, reference: str) -> str | None:
        """Return the text for `@{package?ms-resource://…}`, `None` when nobody's Windows has resolved it."""
        if self._texts is None:
            self._texts = {}
            with suppress(Unreadable):
                for _, root, why in users_of(self._machine):
                    if why is None:
                        self._gather(root + "_Classes\\" + _CACHE, self._texts)
        return self._texts.get(reference.lower())

    def _gather(self, top: str, texts: Dict[str, str]) -> None:
        todo = [(top, 0)]
        while todo and len(texts) < MAX_TEXTS:
            path, depth = todo.pop()
            key = quiet(self._machine.registry_key, path)
            if key is None:
                continue
            if depth < _CACHE_DEPTH:
                todo.extend((path + "\\" + name, depth + 1) for name in key.subkeys)
            for name, value in key.values.items():
                if name.startswith("@{") and isinstance(value, str) and value.strip():
                    texts.setdefault(name.lower(), value.strip())


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the packages of one recorded file. Raises `Absent` when it names none."""
    text = "" if data.startswith(b"regf") else decode_text(data)[0].lstrip("\ufeff")
    if data.startswith(b"regf") or text.startswith(("Windows Registry Editor", "REGEDIT4")):
        yield from _packages(opened(data, name).read, lambda folder: None, lambda reference: None)
        return
    found = [_of_manifest(data, name)] if text.lstrip().startswith("<") else list(parse_text(text, seen_at=name))
    if not any(found):
        raise Absent("%s: no package" % name)
    yield Scope(SCOPE)
    yield from (each for each in found if each is not None)


def parse_text(text: str, *, seen_at: str) -> Iterator[Software]:
    """Yield the packages of a printed listing, without the parts of other packages."""
    rows = parse_cim_table(text, _PROPERTIES)
    listed = [{label.upper(): text_of(value) or "" for label, value in row.items()} for row in rows]
    for block in [block for block in listed if block.get("NAME")] or parse_listing(text):
        full = parse_full_name(block.get("PACKAGEFULLNAME", ""))
        if full is not None and full.is_part:
            continue
        location = block.get("INSTALLLOCATION") or block.get("FOLDER") or None
        is_framework = block.get("ISFRAMEWORK", "").lower() == "true"
        of_system = block.get("SYSTEM_CATEGORY", "").lower() == "system" or block.get("SIGNATUREKIND") == "System"
        day = month_first(block.get("INSTALLDATE", "").split(" ")[0] or None)
        yield Software(
            source=SOURCE,
            name=block["NAME"],
            scope=SCOPE,
            seen_at=seen_at,
            version=block.get("VERSION") or None,
            publisher=organisation_of(block.get("PUBLISHER")),
            identifier=block.get("PACKAGEFULLNAME") or None,
            architecture=(block.get("ARCHITECTURE") or block.get("ARCH") or "").lower() or None,
            installed_on=day,
            location=location,
            section="framework" if is_framework else None,
            system_component=True if is_framework or of_system or _is_of_system(location) else None,
        )


def _packages(read: Reader, manifest: _Manifest, resolve: _Resolve) -> Iterator[Found]:
    try:
        repository, store = read(REPOSITORY), read(STORE)
    except (Unreadable, DamagedHive) as error:
        yield ScopeFailed(SCOPE, str(error))
        return
    if repository is None and store is None:
        yield ScopeAbsent(SCOPE)
        return
    yield Scope(SCOPE)
    folders: Dict[str, Optional[str]] = {}
    personal: Dict[str, bool] = {}
    for full in () if repository is None else repository.subkeys[:MAX_PACKAGES]:
        folders[full] = Values(quiet(read, REPOSITORY + "\\" + full)).text("Path")
    for below in () if store is None else store.subkeys:
        if below not in _OF_EVERYBODY and _PERSON.fullmatch(below) is None:
            continue
        of_store = quiet(read, STORE + "\\" + below)
        for full in () if of_store is None else of_store.subkeys[:MAX_PACKAGES]:
            folders.setdefault(full, _folder_of(Values(quiet(read, "%s\\%s\\%s" % (STORE, below, full))).text("Path")))
            personal[full] = personal.get(full, True) and below not in _OF_EVERYBODY
    yield from _records(folders, personal, manifest, resolve)


def _records(
    folders: Dict[str, Optional[str]], personal: Dict[str, bool], manifest: _Manifest, resolve: _Resolve
) -> Iterator[Found]:
    names = {full: parse_full_name(full) for full in folders}
    there = {name.family for name in names.values() if name is not None and not name.is_part and not name.is_bundle}
    for full, folder in folders.items():
        name = names[full]
        if name is None:
            yield Problem(REPOSITORY + "\\" + full[:200], "no full name of a package")
        elif not name.is_part and not (name.is_bundle and name.family in there):
            yield _record(name, folder, personal.get(full), manifest, resolve)


def _record(
    name: PackageName, folder: str | None, is_personal: bool | None, manifest: _Manifest, resolve: _Resolve
) -> Software:
    data = None if folder is None else manifest(folder)
    told = (None if data is None else parse_manifest(data)) or Manifest()
    of_system = told.framework or told.resource_package or _is_of_system(folder)
    return Software(
        source=SOURCE,
        name=_readable(told.display_name, name, resolve) or name.name,
        scope=SCOPE,
        seen_at=REPOSITORY + "\\" + name.full,
        version=name.version,
        publisher=_readable(told.publisher_display_name, name, resolve) or organisation_of(told.publisher),
        identifier=name.full,
        architecture=name.architecture,
        location=folder,
        per_user=is_personal,
        section="framework" if told.framework else None,
        system_component=True if of_system else None,
    )


def _of_manifest(data: bytes, seen_at: str) -> Software | None:
    told = parse_manifest(data)
    if told is None or told.name is None:
        return None
    shown = told.display_name
    publisher = told.publisher_display_name
    return Software(
        source=SOURCE,
        name=shown if shown and not shown.startswith(_RESOURCE) else told.name,
        scope=SCOPE,
        seen_at=seen_at,
        version=told.version,
        publisher=publisher if publisher and not publisher.startswith(_RESOURCE) else organisation_of(told.publisher),
        identifier=told.name,
        architecture=told.architecture,
        section="framework" if told.framework else None,
        system_component=True if told.framework else None,
    )


def _readable(text: str | None, name: PackageName, resolve: _Resolve) -> str | None:
    """Return a text of the manifest; one that stands in the resources is asked of the system."""
    if text is None or not text.startswith(_RESOURCE):
        return text
    reference = text[len(_RESOURCE) :]
    if not reference.startswith("//"):
        reference = "//%s/%s" % (name.name, reference.lstrip("/") if "/" in reference else "Resources/" + reference)
    return resolve("@{%s?%s%s}" % (name.full, _RESOURCE, reference))


def _is_of_system(folder: str | None) -> bool:
    return folder is not None and _OF_THE_SYSTEM.search(folder) is not None


def _folder_of(path: str | None) -> str | None:
    """Return the package's folder for the path of its manifest, also of one in the metadata of a bundle."""
    if path is None:
        return None
    folder = re.sub(r"\\[^\\]+\.xml$", "", path, flags=re.IGNORECASE)
    return re.sub(r"\\AppxMetadata$", "", folder, flags=re.IGNORECASE)


APPX = Collector(name=SOURCE, platforms=frozenset({"windows"}), collect=collect, parse_file=parse_file)
