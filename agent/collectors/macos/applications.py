"""Applications of macOS, read from the Info.plist of every bundle.

Source: `*.app` in `/Applications`, `/System/Applications` and `/Users/*/Applications` and in folders below them,
    three levels of folders at most; what lies inside a bundle (helpers) is part of it. One scope for each root.
Absent: a root that is not there.
Names:  CFBundleName, else CFBundleDisplayName, the bundle's folder, CFBundleExecutable, CFBundleIdentifier. The
    short name comes first because that is what other scanners of macOS report, and because it is the one
    that a translation of the bundle does not change; the folder stands in `location`.
Version: CFBundleShortVersionString; CFBundleVersion when it continues that (`100.0`, `100.0.4815.54`) or stands alone.
Publisher: none. A bundle does not name one; a copyright line is prose and a bundle id is no legal name.
Gaps:   signatures are not read, nor the day of installation; bundles elsewhere (Downloads, other drives).
"""

from __future__ import annotations

from typing import Iterator

from agent.collectors.base import Collector, Found, Problem, Scope, ScopeAbsent, ScopeFailed
from agent.formats.plist import MAX_PLIST_BYTES, DamagedPlist, parse_dictionary
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

SOURCE = "applications"
MAX_FOLDERS_DEEP = 3
MAX_BUNDLES_OF_ONE_SCOPE = 20_000

_ROOTS = ("/Applications", "/System/Applications")
_INFO = "Contents/Info.plist"
_IOS_INFO = "WrappedBundle/Info.plist"
_RECEIPTS = ("Contents/_MASReceipt/receipt", "Wrapper/iTunesMetadata.plist")
_NAMES = ("CFBundleName", "CFBundleDisplayName")
_LAST_NAMES = ("CFBundleExecutable", "CFBundleIdentifier")


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the applications of every root, one scope after the other."""
    for root in _ROOTS:
        yield from _scope(machine, root)
    try:
        users = machine.list_folder("/Users") or ()
    except Unreadable as error:
        yield ScopeFailed(SOURCE + ":/Users", error.why)
        return
    for user in users:
        if user.is_folder and not user.name.startswith("."):
            yield from _scope(machine, user.path + "/Applications")


def _scope(machine: Machine, root: str) -> Iterator[Found]:
    scope = "%s:%s" % (SOURCE, root)
    try:
        members = machine.list_folder(root)
    except Unreadable as error:
        yield ScopeFailed(scope, error.why)
        return
    if members is None:
        yield ScopeAbsent(scope)
        return
    yield Scope(scope)
    bundles = 0
    for bundle in _bundles(machine, members, 1):
        if isinstance(bundle, Problem):
            yield bundle
            continue
        bundles += 1
        if bundles > MAX_BUNDLES_OF_ONE_SCOPE:
            yield Problem(root, "more than %d applications; the rest was left out" % MAX_BUNDLES_OF_ONE_SCOPE)
            return
        yield from _application(machine, bundle.path, scope)


def _bundles(machine: Machine, members: tuple[Entry, ...], depth: int) -> Iterator[Entry | Problem]:
    """Yield every bundle below a folder, without looking into bundles."""
    for entry in members:
        if not entry.is_folder or entry.name.startswith("."):
            continue
        if entry.name.lower().endswith(".app"):
            yield entry
        elif depth <= MAX_FOLDERS_DEEP:
            try:
                yield from _bundles(machine, machine.list_folder(entry.path) or (), depth + 1)
            except Unreadable as error:
                yield Problem(entry.path, error.why)


def _application(machine: Machine, bundle: str, scope: str) -> Iterator[Found]:
    for inner in (_INFO, _IOS_INFO):
        place = bundle + "/" + inner
        try:
            data = machine.read_bytes(place, MAX_PLIST_BYTES)
        except Unreadable as error:
            yield Problem(place, error.why)
            return
        if data is not None:
            has_receipt = any(machine.exists(bundle + "/" + receipt) for receipt in _RECEIPTS)
            yield parse_info(data, place, scope, has_receipt=has_receipt)
            return
    yield Problem(bundle, "no Info.plist")


def parse_info(data: bytes, seen_at: str, scope: str, *, has_receipt: bool = False) -> Software | Problem:
    """Return the application that an Info.plist speaks of; `seen_at` ends in `NAME.app/Contents/Info.plist`.

    One that cannot be read is a Problem, and so is one that says nothing of any use as a name.
    """
    try:
        info = parse_dictionary(data)
    except DamagedPlist as damage:
        return Problem(seen_at, damage.why)
    bundle = _bundle_of(seen_at)
    folder = None if bundle is None else bundle.rpartition("/")[2][: -len(".app")]
    name = _text(info, *_NAMES) or folder or _text(info, *_LAST_NAMES)
    if name is None:
        return Problem(seen_at, "no name")
    return Software(
        source=SOURCE,
        name=name,
        scope=scope,
        seen_at=seen_at,
        version=_version(_text(info, "CFBundleShortVersionString"), _text(info, "CFBundleVersion")),
        identifier=_text(info, "CFBundleIdentifier"),
        location=bundle,
        per_user=None if scope == SOURCE else scope.startswith(SOURCE + ":/Users/"),
        origin="App Store" if has_receipt else None,
        section=_text(info, "LSApplicationCategoryType"),
        system_component=True if scope == SOURCE + ":/System/Applications" else None,
    )


def _version(short: str | None, build: str | None) -> str | None:
    """Return the version shown to people, or the build when that says the same more exactly."""
    if short is None or build is None:
        return short or build
    return build if build.startswith(short + ".") else short


def _bundle_of(place: str) -> str | None:
    """Return the path of the bundle in which an Info.plist lies, `None` when it lies in none."""
    parts = place.replace("\\", "/").split("/")
    for depth in range(len(parts), 0, -1):
        if parts[depth - 1].lower().endswith(".app"):
            return "/".join(parts[:depth])
    return None


def _text(info: dict[str, object], *names: str) -> str | None:
    """Return the first of these values that is a text and not empty."""
    for name in names:
        value = info.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what one Info.plist holds; `name` is its path. Raises `Unreadable` when it is no property list."""
    found = parse_info(data, name, SOURCE)
    if isinstance(found, Problem) and found.what != "no name":
        raise Unreadable(name, found.what)
    yield found


APPLICATIONS = Collector(name=SOURCE, platforms=frozenset({"macos"}), collect=collect, parse_file=parse_file)
