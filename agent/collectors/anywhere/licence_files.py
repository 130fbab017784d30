"""Licence files of this machine: what each grants, to which server and host, until when. Never a key or a signature.

Source: FlexNet and RLM licence files in named places (`/usr/local/flexlm/licenses`, the licence folders of MATLAB,
    ANSYS, Autodesk, Siemens, PTC, Synopsys, Cadence …) and those that a licence variable or a licence service names as
    a file or folder of this machine; scope `licence_files`. For each file its size, day and digest, its SERVER and
    VENDOR lines, and one record a grant. Recorded files: a licence file, or a server's log with rejected keys.
Absent: there is no licence file in any of these places.
Gaps:   files elsewhere, on network shares and removable disks; licences in trusted storage; options files; whether a
    signature is good, which only the maker's own program can tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Iterator

from agent.collectors.anywhere.licence_variables import values_of
from agent.collectors.anywhere.named_places import expand, is_open_to_us
from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.console_text import decode_text
from agent.inventory.traces import Trace
from agent.inventory.watchlist import Watchlist
from agent.machine.base import Entry, Machine, Unreadable

if TYPE_CHECKING:
    from agent.formats.flexnet_licence import LicenceFile

NAME = "licence_files"
MAX_BYTES = 8 << 20
MAX_FILES = 500
ENDINGS = (".lic", ".dat", ".txt", ".lf")

PLACES = (
    "/usr/local/flexlm/licenses/*",
    "/usr/local/flexlm/*.lic",
    "/opt/flexlm/*.lic",
    "/opt/flexlm/licenses/*",
    "/opt/*/licenses/*.lic",
    "/opt/*/license/*.lic",
    "/usr/local/MATLAB/*/licenses/*",
    "/opt/MATLAB/*/licenses/*",
    "/usr/local/MATLAB/*/etc/license.dat",
    "/ansys_inc/shared_files/licensing/license_files/*",
    "/usr/ansys_inc/shared_files/licensing/license_files/*",
    "/opt/*/synopsys/*/admin/license/*",
    "/opt/synopsys/*/admin/license/*",
    "/opt/cadence/*/share/license/*",
    "/opt/rlm/*.lic",
    "/Applications/MATLAB_*.app/licenses/*",
    "/opt/SolidSQUAD_License_Servers/Licenses/*",
    r"C:\flexlm\*",
    r"C:\Program Files\MATLAB\*\licenses\*",
    r"C:\Program Files\ANSYS Inc\Shared Files\Licensing\license_files\*",
    r"C:\Program Files\Autodesk\Network License Manager\License\*",
    r"C:\Program Files (x86)\Autodesk\Network License Manager\License\*",
    r"C:\Autodesk\Network License Manager\License\*",
    r"C:\Program Files\Siemens\PLMLicenseServer\*",
    r"C:\Program Files\Siemens\License Server\*",
    r"C:\Program Files\PTC\FLEXnet Admin License Server\licensing\*",
    r"C:\Program Files\SOLIDWORKS Corp\SolidNetWork License Manager\*",
    r"C:\Program Files (x86)\SOLIDWORKS SolidNetWork License Manager\*",
    r"C:\Program Files\COMSOL\*\Multiphysics\license\*",
    r"C:\Program Files\Altair\licensing*\*",
    r"C:\Cadence\LicenseManager\*",
    r"C:\Synopsys\SCL\*\admin\license\*",
    r"C:\SolidSQUAD_License_Servers\Licenses\*",
    r"C:\Windows\SolidSQUAD_License_Servers\Licenses\*",
    r"C:\ProgramData\Reprise\*.lic",
)
_AT = re.compile(r"\d*@")


def licence_files(watchlist: Watchlist) -> Collector:
    """Return the collector; words of the watchlist that a licence file holds are told as well."""

    def collect(machine: Machine) -> Iterator[Found]:
        """Yield the grants of every licence file that was found. Raises `Absent` when there is none."""
        found = False
        for path in _paths(machine):
            for each in _of_file(machine, path, watchlist):
                if not found:
                    found = True
                    yield Scope(NAME)
                yield each
        if not found:
            raise Absent(NAME)

    def read(data: bytes, name: str) -> Iterator[Found]:
        """Yield what a recorded file says, and the words of the watchlist in it."""
        yield from parse_file(data, name)
        yield from _words(decode_text(data)[0], name, watchlist)

    platforms = frozenset({"linux", "macos", "windows", "other"})
    made = Collector(name=NAME, platforms=platforms, collect=collect, parse_file=read)
    return made


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a licence file or a log of rejected keys says. Raises `Unreadable` for any other text."""
    found = tuple(parse_text(decode_text(data)[0], name))
    if not found:
        raise Unreadable(name, "no statement of a licence file")
    yield Scope(NAME)
    yield from found


def _words(text: str, path: str, watchlist: Watchlist) -> Iterator[Trace]:
    """Yield the watched words that a licence file holds, each as a word of its own; of the file nothing else."""
    name = re.split(r"[\\/]", path)[-1]
    for watched in watchlist.words:
        if re.search(r"(?<![A-Za-z0-9])%s(?![A-Za-z0-9])" % re.escape(watched.word), text):
            yield Trace("file", name, NAME, path, path, value=watched.word, watch=watched.id)


def parse_text(text: str, seen_at: str) -> Iterator[Found]:
    """Yield servers, vendors and grants of one file; nothing for a text that is none."""
    from agent.formats.flexnet_licence import looks_like_a_licence, parse_licence_file
    from agent.formats.rlm_licence import looks_like_rlm, parse_rlm_licence

    if looks_like_a_licence(text):
        yield from _of_licence(parse_licence_file(text), "flexnet", seen_at)
    elif looks_like_rlm(text):
        yield from _of_licence(parse_rlm_licence(text), "rlm", seen_at)


def _of_licence(file: LicenceFile, technology: str, seen_at: str) -> Iterator[Found]:
    from agent.collectors.anywhere.licence_records import record_of  # only for a file that is there

    for server in file.servers:
        port = "" if server.port is None else " %d" % server.port
        yield Trace("setting", "SERVER", NAME, seen_at, seen_at, "%s %s%s" % (server.host, server.host_id, port))
    for vendor in file.vendors:
        words = [vendor.name, vendor.daemon_path or "", "" if vendor.port is None else str(vendor.port)]
        yield Trace("setting", "VENDOR", NAME, seen_at, seen_at, " ".join(filter(None, words)))
    for feature in file.told.features:
        yield record_of(feature, technology, NAME, seen_at)
    for where, what in file.told.problems:
        yield Problem("%s %s" % (seen_at, where), what)


def _paths(machine: Machine) -> Iterator[str]:
    """Yield the files to look at, each once, those that a variable names first."""
    seen: set[str] = set()
    for entry in (*_named_by_variables(machine), *_in_places(machine)):
        key = entry.path.lower() if machine.family == "windows" else entry.path
        if not entry.is_folder and key not in seen and len(seen) < MAX_FILES and (entry.size_bytes or 0) <= MAX_BYTES:
            seen.add(key)
            yield entry.path


def _in_places(machine: Machine) -> Iterator[Entry]:
    for pattern in PLACES:
        if pattern.startswith("/") == (machine.family == "windows"):
            continue
        for entry in expand(machine, pattern):
            if entry.name.lower().endswith(ENDINGS):
                yield entry


def _named_by_variables(machine: Machine) -> Iterator[Entry]:
    for variable in values_of(machine):
        if variable.kind != "variable" and variable.name != "License":
            continue
        for word in words_of(variable.value or "", machine.family):
            yield from _files_at(machine, word)


def words_of(value: str, family: str) -> list[str]:
    """Return the places on this machine that the value of a variable names: no `port@host`, no share."""
    words = re.split("[;\n]" if family == "windows" else "[:;\n]", value)
    places = [word.strip().strip('"') for word in words]
    return [place for place in places if place and not _AT.match(place) and is_open_to_us(place)]


def _files_at(machine: Machine, place: str) -> Iterator[Entry]:
    """Yield the file of that name, or the `.lic` files of the folder, as FlexNet itself reads them."""
    entries = list(expand(machine, re.sub(r"[\\/]+$", "", place)))
    for entry in entries:
        if entry.is_folder:
            separator = "/" if place.startswith("/") else "\\"
            yield from expand(machine, entry.path + separator + "*.lic")
        else:
            yield entry


def _of_file(machine: Machine, path: str, watchlist: Watchlist) -> Iterator[Found]:
    try:
        data = machine.read_bytes(path, MAX_BYTES)
    except Unreadable as error:
        yield Problem(path, error.why)
        return
    if data is None:
        return
    text = decode_text(data)[0]
    told = tuple(parse_text(text, path))
    if told:
        yield _file(machine, path, data)
        yield from told
        yield from _words(text, path, watchlist)


def _file(machine: Machine, path: str, data: bytes) -> Trace:
    name = re.split(r"[\\/]", path)[-1]
    import hashlib  # only for a file that is there

    digest = hashlib.sha256(data).hexdigest()
    day = machine.modified_on(path)
    return Trace("file", name, NAME, path, path, size_bytes=len(data), sha256=digest, day=day)


LICENCE_FILES = licence_files(Watchlist())
