"""What a Linux system says it is: os-release(5), and the release files of domestic and older systems."""

from __future__ import annotations

import dataclasses
import re
from typing import Mapping

from agent.inventory.host import OperatingSystem

OS_RELEASE = ("/etc/os-release", "/usr/lib/os-release")
UOS_VERSION = "/etc/os-version"
KYLIN_INFO = "/etc/.kyinfo"
RELEASE_LINES = (
    "/etc/kylin-release",
    "/etc/neokylin-release",
    "/etc/nfs-release",
    "/etc/centos-release",
    "/etc/redhat-release",
)
"""Files of one line: NAME release VERSION (CODE NAME)."""

_LINE = re.compile(r"^(?P<name>.*?)\s+(?:release\s+)?(?P<version>[vV]?\d[\w.]*)(?P<rest>.*)$")
_BRACKETS = re.compile(r"\s*[(（]([^()（）]*)[)）]\s*$")
_SERVICE_PACK = re.compile(r"\b([vV]\d+)\W{0,3}(SP\d+)", re.IGNORECASE)


def parse_assignments(text: str) -> dict[str, str]:
    """Return the variables of a file of shell assignments: os-release, locale.conf. Broken lines are left out."""
    values = {}
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and name and not name.startswith("#"):
            values[name] = _unquoted(value.strip())
    return values


def system_of_os_release(values: Mapping[str, str]) -> OperatingSystem:
    """Return the system that os-release describes."""
    pretty = values.get("PRETTY_NAME") or " ".join(filter(None, (values.get("NAME"), values.get("VERSION"))))
    return OperatingSystem(
        family="linux",
        name=_BRACKETS.sub("", pretty).strip() or None,
        version=_number(values.get("VERSION_ID")),
        edition=values.get("VARIANT_ID") or values.get("VARIANT") or None,
        release=_release(values, pretty),
        build=values.get("BUILD_ID") or None,
        distribution=values.get("ID") or None,
    )


def system_of_lsb_release(values: Mapping[str, str]) -> OperatingSystem:
    """Return the system that /etc/lsb-release describes."""
    plain = " ".join(filter(None, (values.get("DISTRIB_ID"), values.get("DISTRIB_RELEASE"))))
    return OperatingSystem(
        family="linux",
        name=values.get("DISTRIB_DESCRIPTION") or plain or None,
        version=_number(values.get("DISTRIB_RELEASE")),
        release=values.get("DISTRIB_CODENAME") or None,
        distribution=(values.get("DISTRIB_ID") or "").lower() or None,
    )


def system_of_release_line(text: str) -> OperatingSystem | None:
    """Return the system that a line like `CentOS Linux release 7.9.2009 (Core)` describes, `None` for other text."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    match = _LINE.match(line)
    if match is None:
        return None
    version = match.group("version")
    brackets = _BRACKETS.search(line)
    pack = _SERVICE_PACK.search(line)
    release = "%s %s" % (pack.group(1).upper(), pack.group(2).upper()) if pack else brackets and brackets.group(1)
    name = "%s %s" % (match.group("name"), version)
    return OperatingSystem(family="linux", name=name, version=_number(version), release=release or None)


def with_finer_version(system: OperatingSystem, line: OperatingSystem | None) -> OperatingSystem:
    """Return the system with the point release of a release line, where that belongs to the same version."""
    if line is None or line.version is None:
        return system
    if system.version is None or line.version.startswith(system.version + "."):
        return dataclasses.replace(system, version=line.version)
    return system


def with_uos_version(system: OperatingSystem, text: str) -> OperatingSystem:
    """Return the system with edition, release and build of /etc/os-version, which UOS and deepin have."""
    values = parse_assignments(text)
    return dataclasses.replace(
        system,
        name=system.name or values.get("SystemName"),
        version=system.version or values.get("MajorVersion"),
        edition=values.get("EditionName") or system.edition,
        release=values.get("MinorVersion") or system.release,
        build=values.get("OsBuild") or system.build,
    )


def with_kylin_info(system: OperatingSystem, text: str) -> OperatingSystem:
    """Return the system with release and build of /etc/.kyinfo. Its service serial is not looked at."""
    values = parse_assignments(text)
    release = values.get("milestone") if system.release is None else system.release
    return dataclasses.replace(system, release=release or None, build=values.get("dist_id") or system.build)


def _release(values: Mapping[str, str], pretty: str) -> str | None:
    """Return the marketing release: `V10 SP1`, else the code name."""
    for text in (pretty, values.get("VERSION_US", ""), values.get("VERSION", "")):
        pack = _SERVICE_PACK.search(text)
        if pack is not None:
            return "%s %s" % (pack.group(1).upper(), pack.group(2).upper())
    brackets = _BRACKETS.search(pretty) or _BRACKETS.search(values.get("VERSION", ""))
    return values.get("VERSION_CODENAME") or (brackets.group(1) if brackets else None) or None


def _number(version: str | None) -> str | None:
    """Return a version without the V that domestic systems put before it."""
    text = (version or "").strip()
    return (text[1:] if re.match(r"[vV]\d", text) else text) or None


def _unquoted(value: str) -> str:
    """Return a value without its quotes and escapes."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        quote, value = value[0], value[1:-1]
        if quote == '"':
            value = re.sub(r'\\([\\"$`])', r"\1", value)
    return value
