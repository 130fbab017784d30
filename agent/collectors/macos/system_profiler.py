"""Applications of macOS as its own report lists them: what `system_profiler` printed, as XML, JSON or text.

Source: `system_profiler SPApplicationsDataType`, with `-xml`, `-json` or without: every bundle that the system has
    indexed, with version, kind, where it was obtained and who signed it. On a running Mac the bundles themselves are
    read (source `applications`), which is quicker by seconds; this source reads such a report of another machine, and
    of a recorded one.
Absent: nothing was recorded, or the machine runs.
Publisher: Apple where the report says so, else the organisation of the developer's certificate. Copyright lines are
    prose.
Gaps:   the day of installation: the report has the bundle's last change alone, which stands in `install_date_raw`;
    bundle ids. Programs of a Windows guest that Parallels shows in the Dock belong to the guest and are left out.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any, Iterator, Mapping

from agent.collectors.base import Absent, Collector, Found, Problem, Scope
from agent.formats.console_text import decode_text
from agent.formats.plist import DamagedPlist, parse_plist
from agent.formats.profiler_text import read_profiler_text
from agent.inventory.software import Software
from agent.machine.base import Machine

SOURCE = "system_profiler"
COMMANDS = (("system_profiler", "-xml", "SPApplicationsDataType"), ("system_profiler", "SPApplicationsDataType"))
_KEYS = {
    "name": "_name",
    "version": "version",
    "path": "path",
    "kind": "arch_kind",
    "obtained_from": "obtained_from",
    "info": "info",
}
_DEVELOPER = re.compile(r"(?:Developer ID|3rd Party Mac Developer) Application: (.+?)(?: \([A-Z0-9]{10}\))?")
_FIRST_SIGNER = re.compile(r"(.*?\([A-Z0-9]{10}\)|[^,]*)(?:,|$)")
_OF_A_GUEST = re.compile(r"^\S+, [A-Z]:\\")
_ORIGINS = {"apple": "Apple", "mac_app_store": "App Store", "mac app store": "App Store", "app store": "App Store"}


def collect(machine: Machine) -> Iterator[Found]:
    """Yield the applications of a recorded report. Raises `Absent`."""
    for command in COMMANDS if machine.recorded else ():
        printed = machine.run(command)
        if printed is not None:
            yield Scope(SOURCE)
            yield from parse_file(printed.encode("utf-8"), " ".join(command))
            return
    raise Absent(SOURCE)


def parse_file(data: bytes, name: str) -> Iterator[Found]:
    """Yield what a recorded report lists; text without an application, and a damaged plist, are a `Problem`."""
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<", b"bplist")):
        yield from parse_xml(data, seen_at=name)
        return
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        yield from parse_json(data, seen_at=name)
        return
    count = 0
    for facts in read_profiler_text(decode_text(data)[0]):
        count += 1
        yield from _application(facts, name)
    if not count and data.strip():
        yield Problem(name, "no application listed")


def parse_json(data: bytes, *, seen_at: str) -> Iterator[Software | Problem]:
    """Yield the applications of the JSON form, in order."""
    try:
        report = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        yield Problem(seen_at, "not JSON: %s" % error)
        return
    items = report.get("SPApplicationsDataType") if isinstance(report, dict) else None
    yield from _items([items] if isinstance(items, list) else [], seen_at)


def parse_xml(data: bytes, *, seen_at: str) -> Iterator[Software | Problem]:
    """Yield the applications of the XML form, in order; of a report with other parts those of the applications."""
    try:
        report = parse_plist(data)
    except DamagedPlist as damage:
        yield Problem(seen_at, damage.why)
        return
    groups = [group for group in report if isinstance(group, dict)] if isinstance(report, list) else []
    groups = [group for group in groups if group.get("_dataType") == "SPApplicationsDataType"] or groups
    yield from _items([group["_items"] for group in groups if isinstance(group.get("_items"), list)], seen_at)


def _items(lists: list[list[Any]], seen_at: str) -> Iterator[Software | Problem]:
    if not lists:
        yield Problem(seen_at, "no list of applications")
    for number, item in enumerate((item for items in lists for item in items), start=1):
        if isinstance(item, dict):
            yield from _application(_facts_of(item), seen_at)
        else:
            yield Problem("%s item %d" % (seen_at, number), "not a dictionary")


def _facts_of(item: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts of one item under the names that the text form uses."""
    facts = {ours: item[theirs] for ours, theirs in _KEYS.items() if isinstance(item.get(theirs), str)}
    signers = item.get("signed_by")
    if isinstance(signers, list) and signers and isinstance(signers[0], str):
        facts["signer"] = signers[0]
    changed = item.get("lastModified")
    if isinstance(changed, datetime):
        facts["modified"] = changed.strftime("%Y-%m-%dT%H:%M:%SZ")
    elif isinstance(changed, str):
        facts["modified"] = changed
    if "kind" not in facts and isinstance(item.get("runtime_environment"), str):
        facts["kind"] = item["runtime_environment"]
    return facts


def _application(facts: Mapping[str, str], seen_at: str) -> Iterator[Software | Problem]:
    name, path = facts.get("name", "").strip(), facts.get("path", "").strip()
    if not name:
        yield Problem("%s %s" % (seen_at, path) if path else seen_at, "no name")
        return
    if _OF_A_GUEST.match(facts.get("info", "")):
        return
    source = facts.get("obtained_from", "").strip().lower()
    signer = facts.get("signer", "").strip() or _first_signer(facts.get("signed_by", ""))
    developer = _DEVELOPER.fullmatch(signer)
    yield Software(
        source=SOURCE,
        name=name,
        scope=SOURCE,
        seen_at=seen_at,
        version=facts.get("version", "").strip().replace(" . ", ".") or None,
        publisher="Apple" if source == "apple" else developer.group(1).strip() if developer else None,
        architecture=facts.get("kind", "").strip() or None,
        install_date_raw=facts.get("modified") or None,
        location=path or None,
        per_user=path.startswith("/Users/") if path else None,
        origin=_ORIGINS.get(source),
        system_component=True if path.startswith(("/System/", "/Library/Apple/")) else None,
        signer=signer or None,
    )


def _first_signer(written: str) -> str:
    """Return who signed, of a chain with commas between: a company's name may have commas as well."""
    found = _FIRST_SIGNER.match(written.strip())
    return found.group(1).strip() if found is not None else ""


SYSTEM_PROFILER = Collector(name=SOURCE, platforms=frozenset({"macos"}), collect=collect, parse_file=parse_file)
