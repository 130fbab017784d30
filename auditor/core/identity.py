"""Identity: which machine a document speaks of, by weighing what it says against what is known.

No single clue is trusted. Boards are swapped, images cloned, serials left as "Default string", docking
stations lend their MAC address to whoever is docked. Each clue that agrees adds its weight, each that
contradicts takes some away; a machine that reaches `ENOUGH` is the same. Placeholders are no clue at all.
The operating system says nothing against: one board with two systems is one machine.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Clue(StrEnum):
    """Kinds of evidence, in the order in which an explanation names them."""

    UUID = "uuid"
    SERIAL = "serial"
    BOARD_SERIAL = "board_serial"
    AGENT = "agent"
    MAC = "mac"
    OS_INSTALLATION = "os_installation"
    HOST_NAME = "host_name"


ENOUGH = 50
AGREES = {
    Clue.UUID: 50,
    Clue.SERIAL: 50,
    Clue.BOARD_SERIAL: 40,
    Clue.AGENT: 55,
    Clue.MAC: 40,  # a second common address adds 20
    Clue.OS_INSTALLATION: 30,
    Clue.HOST_NAME: 10,
}
CONTRADICTS = {Clue.UUID: 40, Clue.SERIAL: 40, Clue.BOARD_SERIAL: 25, Clue.MAC: 10, Clue.HOST_NAME: 0}
SECOND_MAC = 20
STRONG = (Clue.UUID, Clue.SERIAL, Clue.BOARD_SERIAL, Clue.AGENT, Clue.MAC)
"""Without one of these nothing reaches `ENOUGH`."""
LONGEST_VALUE = 200
SAME_AGENT_AND_CONTENT = "same agent, same content"
"""Why a document is its machine's that says word for word what the last one of the same agent said."""

# fmt: off
_PLACEHOLDERS = frozenset(
    {
        "0123456789", "123456", "1234567", "12345678", "123456789", "1234567890", "asset",
        "base board serial number", "baseboard serial number", "blank", "board serial number", "bochs",
        "bss-0123456789", "chassis serial number", "default", "default string", "empty", "fill by oem",
        "filled by oem", "invalid", "mb-1234567890", "n/a", "no enclosure", "no serial", "none", "not applicable",
        "not available", "not defined", "not settable", "not specified", "null", "qemu", "sample", "serial",
        "serial number", "sernum0", "standard", "system product name", "system serial number", "system version",
        "to be filled", "to be filled by o.e.m.", "to be filled by oem", "type1family", "undefined", "unknown",
        "vmware",
    }
)
# fmt: on
_PLAIN_PLACEHOLDERS = frozenset(re.sub(r"[^0-9a-z]", "", word) for word in _PLACEHOLDERS)
_UUIDS = frozenset(
    {
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "12345678-1234-5678-90ab-cddeefaabbcc",
        "fefefefe-fefe-fefe-fefe-fefefefefefe",
        "01234567-8910-1112-1314-151617181920",
        "4c4c4544-0000-2010-8020-80c04f202020",
    }
)
_SHARED_MACS = (
    "00:50:56:c0:00:",  # VMware's own adapters on its host
    "00:ff:",  # tunnel adapters
    "00:53:45:00",  # dial-up
    "20:41:53:59:4e:ff",  # RAS
    "00:15:5d:00:00:00",  # Hyper-V without an address
)
# fmt: off
_HOST_NAMES = frozenset(
    {
        "localhost", "localhost.localdomain", "localhost4", "debian", "ubuntu", "uos", "kylin", "deepin", "linux",
        "computer", "pc", "desktop", "laptop", "server", "admin", "user", "user-pc", "windows", "win10", "win7",
        "win11", "master", "image", "template", "my-pc", "new-pc", "macbook", "imac", "none", "unknown",
    }
)
# fmt: on


@dataclass(frozen=True)
class Evidence:
    """What one document, or one known machine, says of its identity. Values are cleaned, placeholders gone."""

    values: Mapping[Clue, frozenset[str]]

    def of(self, clue: Clue) -> frozenset[str]:
        """Return the values of one clue, none when it is not known."""
        return self.values.get(clue, frozenset())


@dataclass(frozen=True)
class Decision:
    """Which machine, `None` for one never seen, and why in words of this file."""

    machine: int | None
    score: int
    because: str
    rivals: tuple[int, ...] = ()
    """Other machines that reach the mark too; somebody should look at them."""


def evidence_of(
    *,
    agent: str | None = None,
    serial: str | None = None,
    board_serial: str | None = None,
    uuid_text: str | None = None,
    macs: Iterable[str] = (),
    os_installation: str | None = None,
    host_name: str | None = None,
) -> Evidence:
    """Return the evidence in what a document says; placeholders and what is shared by design are left out."""
    found = {
        Clue.AGENT: [agent.strip() if agent else None],
        Clue.SERIAL: [clean_serial(serial)],
        Clue.BOARD_SERIAL: [clean_serial(board_serial)],
        Clue.UUID: [clean_uuid(uuid_text)],
        Clue.MAC: [clean_mac(mac) for mac in macs],
        Clue.OS_INSTALLATION: [clean_serial(os_installation)],
        Clue.HOST_NAME: [clean_host_name(host_name)],
    }
    values = {clue: frozenset(value[:LONGEST_VALUE] for value in items if value) for clue, items in found.items()}
    return Evidence({clue: items for clue, items in values.items() if items})


def identify(evidence: Evidence, known: Mapping[int, Evidence]) -> Decision:
    """Return the machine of `known` that the evidence speaks of. Ties go to the lower id and are named."""
    weighed = sorted((-weigh(evidence, other)[0], number) for number, other in known.items())
    if not weighed or -weighed[0][0] < ENOUGH:
        near = f"; nearest {weighed[0][1]}: {weigh(evidence, known[weighed[0][1]])[1]}" if weighed else ""
        return Decision(None, -weighed[0][0] if weighed else 0, f"new{near}")
    score, machine = -weighed[0][0], weighed[0][1]
    rivals = tuple(number for other, number in weighed[1:] if -other >= ENOUGH)
    because = weigh(evidence, known[machine])[1]
    return Decision(machine, score, because + (f"; also like {_joined(rivals)}" if rivals else ""), rivals)


def weigh(one: Evidence, other: Evidence) -> tuple[int, str]:
    """Return the score of two pieces of evidence and its account, such as `serial +50, uuid -40 = 10`."""
    score, account = 0, []
    for clue in Clue:
        mine, theirs = one.of(clue), other.of(clue)
        if not mine or not theirs:
            continue
        common = mine & theirs
        weight = AGREES[clue] if common else -CONTRADICTS.get(clue, 0)
        if clue is Clue.MAC and len(common) > 1:
            weight += SECOND_MAC
        if weight:
            score += weight
            account.append(f"{clue} {weight:+d}")
    return score, f"{', '.join(account) or 'nothing in common'} = {score}"


def clean_serial(text: str | None) -> str | None:
    """Return a serial number in capitals, `None` for a placeholder, one letter repeated, or fewer than four signs."""
    words = " ".join((text or "").split())
    plain = re.sub(r"[^0-9a-z]", "", words.casefold())
    if len(plain) < 4 or len(set(plain)) == 1 or plain in _PLAIN_PLACEHOLDERS:
        return None
    return words.upper()


def clean_uuid(text: str | None) -> str | None:
    """Return a UUID in one spelling for both byte orders, `None` for a placeholder or what is no UUID.

    The first three groups are printed swapped by older firmware tools; the lower of both spellings is taken.
    """
    try:
        value = uuid.UUID((text or "").strip())
    except ValueError:
        return None
    both = sorted((str(value), str(uuid.UUID(bytes=value.bytes_le))))
    if len(set(value.hex)) <= 2 or not _UUIDS.isdisjoint(both):
        return None
    return both[0]


def clean_mac(text: str) -> str | None:
    """Return a MAC address in lower case with colons; `None` for one that is random, multicast or shared by design."""
    digits = re.sub(r"[^0-9a-f]", "", text.casefold())
    if len(digits) != 12 or len(set(digits)) == 1:
        return None
    mac = ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    if int(digits[:2], 16) & 0b11 or mac.startswith(_SHARED_MACS):
        return None
    return mac


def clean_host_name(text: str | None) -> str | None:
    """Return the first label of a host name in lower case, `None` for a name that any machine may bear."""
    name = (text or "").strip().casefold()
    if name in _HOST_NAMES:
        return None
    label = name.split(".")[0]
    return None if label in _HOST_NAMES or len(label) < 2 else label


def _joined(numbers: Iterable[int]) -> str:
    return ", ".join(str(number) for number in numbers)
