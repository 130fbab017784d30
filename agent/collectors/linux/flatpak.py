"""Flatpak applications and runtimes, of the system and of each person.

Source: /var/lib/flatpak and .local/share/flatpak of every home folder: {app,runtime}/<id>/<arch>/<branch>/active,
    there `deploy` (remote, size, version, licence, name) and the AppStream file of files/share (developer, name).
    A person's own installation is `per_user`; home folders appear as `~1000`, never by the name of a person.
    The branch of a runtime, which is all the version it has, is its version; of an application only AppStream's.
Absent: none of the folders exists.
Gaps:   no day of installation (what Flatpak records is the time of the build); extra installations of
    /etc/flatpak/installations.d are not looked for. A metainfo file read by itself needs a version to be a record:
    only the deployment proves that something is installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterator

from agent.collectors.base import Absent, Collector, Found, Problem, Scope, ScopeFailed
from agent.collectors.linux.homes import Home, homes, is_there
from agent.formats.appstream import Metainfo, MetainfoFault, read_metainfo
from agent.formats.flatpak_deploy import Deploy, DeployFault, read_deploy
from agent.formats.spdx import spdx_expression
from agent.inventory.software import Software
from agent.machine.base import Entry, Machine, Unreadable

if TYPE_CHECKING:
    from agent.formats.flatpak_listing import FlatpakRow

SYSTEM = "/var/lib/flatpak"
USER_FOLDER = "/.local/share/flatpak"
KINDS = ("app", "runtime")
METAINFO = ("metainfo/%s.metainfo.xml", "appdata/%s.appdata.xml", "metainfo/%s.appdata.xml")
MAX_METAINFO_BYTES = 8 * 1024 * 1024
_NOBODY = Home("", "")


@dataclass(frozen=True)
class _Reference:
    """One deployed thing and where it is."""

    kind: str
    identifier: str
    architecture: str
    branch: str
    path: str


def collect(machine: Machine) -> Iterator[Found]:
    """Yield each installation as a scope of its own. Raises `Absent`."""
    places = [(_NOBODY, SYSTEM)] + [(home, home.path + USER_FOLDER) for home in homes(machine)]
    there = [place for place in places if any(is_there(machine, "%s/%s" % (place[1], kind)) for kind in KINDS)]
    if not there:
        raise Absent(SYSTEM)
    for home, folder in there:
        scope = "flatpak:" + home.shown(folder)
        yield Scope(scope)
        try:
            for reference in _references(machine, folder):
                yield from _deployed(machine, home, reference, scope)
        except Unreadable as error:
            yield ScopeFailed(scope, "%s: %s" % (home.shown(error.where), error.why))


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield the application of one recorded metainfo file; without id or version it is a `Problem`.

    Text that is no XML is taken as a listing by `flatpak list`.
    """
    from agent.formats.flatpak_listing import is_listing, read_listing  # what no scan needs

    text = data.decode("utf-8", "replace")
    if is_listing(text):
        yield from (_listed(row, name) for row in read_listing(text))
        return
    try:
        metainfo = read_metainfo(data)
    except MetainfoFault as fault:
        yield Problem(name, str(fault))
        return
    if metainfo.identifier is None or metainfo.version is None:
        yield Problem(name, "no id" if metainfo.identifier is None else "no version (%s)" % metainfo.identifier)
        return
    reference = _Reference("app", metainfo.identifier, "", "", name)
    yield _software(reference, Deploy(None, None), metainfo, _NOBODY, "flatpak:" + name)


def _listed(row: FlatpakRow, name: str) -> Software | Problem:
    where = "%s line %d" % (name, row.line)
    if row.identifier is None:
        return Problem(where, "no application id")
    return Software(
        source="flatpak",
        name=row.name or row.identifier,
        scope="flatpak:" + name,
        seen_at=where,
        version=row.version or row.branch,
        identifier=row.identifier,
        architecture=row.architecture,
        per_user=None if row.installation is None else row.installation == "user",
        origin=row.origin,
    )


def _references(machine: Machine, folder: str) -> Iterator[_Reference]:
    """Yield what has an active deployment, applications first; the links named `current` are passed over."""
    for kind in KINDS:
        for thing in _folders(machine, "%s/%s" % (folder, kind)):
            for architecture in _folders(machine, thing.path):
                if architecture.name == "current":
                    continue
                for branch in _folders(machine, architecture.path):
                    active = branch.path + "/active"
                    if machine.exists(active):
                        yield _Reference(kind, thing.name, architecture.name, branch.name, active)


def _folders(machine: Machine, path: str) -> Iterator[Entry]:
    return (entry for entry in machine.list_folder(path) or () if entry.is_folder)


def _deployed(machine: Machine, home: Home, reference: _Reference, scope: str) -> Iterator[Software | Problem]:
    """Yield one deployment; a file of it that cannot be read costs only what it would have said."""
    deploy, metainfo = Deploy(None, None), None
    for problem_at, read in ((reference.path + "/deploy", _deploy), (reference.path + "/files/share", _metainfo)):
        try:
            found = read(machine, reference)
        except (Unreadable, DeployFault, MetainfoFault) as error:
            yield Problem(home.shown(problem_at), getattr(error, "why", str(error)))
            continue
        if isinstance(found, Deploy):
            deploy = found
        elif found is not None:
            metainfo = found
    yield _software(reference, deploy, metainfo, home, scope)


def _deploy(machine: Machine, reference: _Reference) -> Deploy | Metainfo | None:
    data = machine.read_bytes(reference.path + "/deploy", MAX_METAINFO_BYTES)
    return None if data is None else read_deploy(data)


def _metainfo(machine: Machine, reference: _Reference) -> Deploy | Metainfo | None:
    for pattern in METAINFO:
        data = machine.read_bytes(
            "%s/files/share/%s" % (reference.path, pattern % reference.identifier), MAX_METAINFO_BYTES
        )
        if data is not None:
            return read_metainfo(data)
    return None


def _software(reference: _Reference, deploy: Deploy, metainfo: Metainfo | None, home: Home, scope: str) -> Software:
    about = metainfo or Metainfo(None, None, None, None, None)
    runtime = reference.kind == "runtime"
    return Software(
        source="flatpak",
        name=about.name or deploy.name or reference.identifier,
        scope=scope,
        seen_at=home.shown(reference.path),
        version=deploy.version or about.version or (reference.branch if runtime else None),
        publisher=about.developer,
        identifier=reference.identifier,
        architecture=reference.architecture or None,
        location=home.shown(reference.path) if reference.architecture else None,
        size_bytes=deploy.installed_bytes,
        per_user=home is not _NOBODY,
        origin=deploy.origin,
        section="runtime" if runtime else ";".join(about.categories) or None,
        licence=deploy.licence or about.licence,
        parent=deploy.runtime,
        system_component=True if runtime else None,
        spdx=spdx_expression(deploy.licence or about.licence or ""),
    )


FLATPAK = Collector(name="flatpak", platforms=frozenset({"linux"}), collect=collect, parse_file=parse_file)
