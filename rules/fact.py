"""Fact: one thing that a machine told and that a sign may be read from, as plain words by name.

`facts_of` makes them from a document: licence states, traces, features of licence servers and files,
release ids of Office. What a fact says is the source's own; numbers are written as digits, what was not said is not
there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from agent.inventory.document import Inventory
from agent.inventory.host import Host
from agent.inventory.licence_servers import LicenceFeature
from agent.inventory.traces import Activation, Trace


class FactKind(StrEnum):
    """What a fact is of; the same words stand in indicator files."""

    ACTIVATION = "activation"
    SERVICE = "service"
    TASK = "task"
    HOSTS = "hosts"
    FILE = "file"
    SETTING = "setting"
    VARIABLE = "variable"
    DONGLE = "dongle"
    EXCLUSION = "exclusion"
    DETECTION = "detection"
    FIREWALL = "firewall"
    LICENCE = "licence"


_KIND_OF_TRACE = {
    "service": FactKind.SERVICE,
    "scheduled_task": FactKind.TASK,
    "hosts_line": FactKind.HOSTS,
    "file": FactKind.FILE,
    "setting": FactKind.SETTING,
    "variable": FactKind.VARIABLE,
    "dongle": FactKind.DONGLE,
    "exclusion": FactKind.EXCLUSION,
    "detection": FactKind.DETECTION,
    "firewall_rule": FactKind.FIREWALL,
}
FIELDS: dict[FactKind, frozenset[str]] = {
    **dict.fromkeys(
        _KIND_OF_TRACE.values(),
        frozenset(
            {"name", "path", "value", "state", "start", "publisher", "product", "signature", "signer", "sha256", "role"}
        ),
    ),
    FactKind.ACTIVATION: frozenset(
        {
            "of", "product", "description", "family", "channel", "key_channel", "last5", "status", "state", "reason",
            "genuine", "host", "port", "kms_host_itself", "by_directory", "grace", "permanent",
            "evaluation_end", "role",
        }
    ),
    FactKind.LICENCE: frozenset(
        {"technology", "feature", "vendor", "licensee", "host_id", "server", "port", "status", "of", "edition", "role",
         "permanent"}
    ),
}  # fmt: skip
"""Names that conditions on each kind may ask for."""
_SERVER_SYSTEM = re.compile(r"server|服务器", re.IGNORECASE)
_GENERIC = re.compile(r"^(?:%SystemRoot%|[A-Za-z]:\\Windows)\\(?:System32|SysWOW64)\\", re.IGNORECASE)
_OF_LICENSING = re.compile(r"spp|ospp|slsvc|clipsvc|licen[sc]e|kms|activ", re.IGNORECASE)


@dataclass(frozen=True)
class Fact:
    """One fact. `record` is its place in the document: `activations[0]`, `traces[12]`, `software[5]`."""

    kind: FactKind
    record: str
    said: tuple[tuple[str, str], ...]
    """Names and words, by name."""

    @cached_property
    def words_by_name(self) -> dict[str, str]:
        """The same as a dictionary."""
        return dict(self.said)

    def get(self, name: str) -> str | None:
        """Return what it says under a name, `None` when it says nothing."""
        return self.words_by_name.get(name)

    @property
    def words(self) -> str:
        """The fact as a person reads it: what it is called, where, and what it says."""
        return _shown(self)


def facts_of(inventory: Inventory) -> tuple[Fact, ...]:
    """Return the facts of a document, in its order."""
    role = role_of(inventory.host)
    is_host = any(each.is_kms_host for each in inventory.activations)
    found = [_of_activation(each, f"activations[{n}]", role, is_host) for n, each in enumerate(inventory.activations)]
    found.extend(_release_ids(inventory, role))
    for number, trace in enumerate(inventory.traces):
        kind = _KIND_OF_TRACE.get(trace.kind)
        if kind is not None:
            found.append(_of_trace(trace, kind, f"traces[{number}]", role))
    for number, feature in enumerate(inventory.licence_features):
        found.append(_of_feature(feature, f"licence_features[{number}]", role))
    return tuple(found)


def facts_worth_keeping(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Leave out what every Windows has: services and tasks whose program is the system's own and licenses nothing.

    Whatever an indicator may ask for later has to stay, so nothing is left out for any other reason.
    """
    for fact in facts:
        own = fact.kind in (FactKind.SERVICE, FactKind.TASK) and _GENERIC.match(fact.get("path") or "") is not None
        if not own or _OF_LICENSING.search(fact.get("name") or "") or _OF_LICENSING.search(fact.get("path") or ""):
            yield fact


def role_of(host: Host) -> str:
    """Return `server` or `workstation`: by the system's name and edition, then by the chassis."""
    system = host.operating_system
    if _SERVER_SYSTEM.search(" ".join(filter(None, (system.name, system.edition)))) or host.chassis == "server":
        return "server"
    return "workstation"


def _fact(kind: FactKind, record: str, **said: str | int | bool | None) -> Fact:
    words = {name: _word(value) for name, value in said.items() if value is not None and value != ""}
    return Fact(kind, record, tuple(sorted((name, word[:1000]) for name, word in words.items())))


def _word(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())


def _of_activation(told: Activation, record: str, role: str, is_host: bool) -> Fact:
    """`permanent`: licensed, and no end is told. `host`: the address that activated, else the one set, else found."""
    ends = told.expires_at or told.expires_raw or told.evaluation_end
    permanent = told.state == "licensed" and not told.grace_minutes and not ends
    return _fact(
        FactKind.ACTIVATION,
        record,
        of=told.kind,
        product=told.product,
        description=told.description,
        family=told.licence_family,
        channel=told.channel,
        key_channel=told.key_channel,
        last5=told.key_last5,
        status=told.status,
        state=told.state,
        reason=told.reason,
        genuine=told.genuine_code,
        host=told.kms_host or told.discovered_kms_host or told.kms_address,
        port=told.kms_port or told.discovered_kms_port,
        kms_host_itself=is_host or None,
        by_directory=told.by_directory or None,
        grace=told.grace_minutes,
        permanent=(permanent if told.grace_minutes is not None else None) or None,
        evaluation_end=told.evaluation_end,
        role=role,
    )


def _release_ids(inventory: Inventory, role: str) -> Iterator[Fact]:
    """Yield the release ids of each Click-to-Run Office in one value: together they say more."""
    ids: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    for number, each in enumerate(inventory.software):
        if each.source == "office" and each.identifier:
            place = each.seen_at or each.scope
            ids.setdefault(place, []).append(each.identifier)
            first.setdefault(place, number)
    for place, told in ids.items():
        where = f"software[{first[place]}]"
        yield _fact(FactKind.SETTING, where, name="ProductReleaseIds", path=place, value=",".join(told), role=role)


def _of_trace(told: Trace, kind: FactKind, record: str, role: str) -> Fact:
    return _fact(
        kind,
        record,
        name=told.name,
        path=told.path,
        value=told.value,
        state=told.state,
        start=told.start,
        publisher=told.publisher,
        product=told.product,
        signature=told.signature,
        signer=told.signer,
        sha256=told.sha256,
        role=role,
    )


def _of_feature(told: LicenceFeature, record: str, role: str) -> Fact:
    return _fact(
        FactKind.LICENCE,
        record,
        technology=told.technology,
        feature=told.feature,
        vendor=told.vendor,
        licensee=told.licensee,
        host_id=told.host_id,
        server=told.server,
        port=told.port,
        status=told.server_status,
        of=told.kind,
        edition=told.edition,
        permanent=told.permanent or None,
        role=role,
    )


def _shown(fact: Fact) -> str:
    said = fact.words_by_name
    if fact.kind is FactKind.ACTIVATION:
        name = said.get("product") or said.get("description") or said.get("of", "")
        rest = [f"{key}={said[key]}" for key in ("channel", "state", "last5", "host", "grace") if key in said]
    elif fact.kind is FactKind.LICENCE:
        name = said.get("feature", "")
        rest = [f"{key}={said[key]}" for key in ("vendor", "licensee", "server", "host_id", "status") if key in said]
    else:
        name = said.get("name", "")
        rest = [said[key] for key in ("path", "value", "start", "signature") if key in said]
    return f"{name}（{'；'.join(rest)}）" if rest else name
