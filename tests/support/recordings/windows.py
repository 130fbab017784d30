"""Judge of what Windows machines leave: registry exports, management listings, hives, printed licence states, nuspecs.

Each recording is read as `zhengban-agent read SOURCE FILE` reads it. Where several files of one machine answer together
(registry and management class), they are laid out as a recorded folder and scanned.
"""

from __future__ import annotations

import json
import lzma
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from recorded_machine import scan_with
from recordings.judged import Judged, compare

from agent.collectors.roster import readers
from agent.collectors.windows.host import WINDOWS_HOST
from agent.collectors.windows.host_hardware import CLASSES
from agent.discretion import discreet
from agent.formats.console_text import decode_text
from agent.formats.digital_product_id import last_five_of
from agent.inventory.document import Inventory
from agent.inventory.software import Software
from agent.inventory.traces import Activation
from agent.machine.offline import OfflineMachine, command_slug
from agent.reading import best_reading

Answer = dict[str, Any]

SMBIOS = "the counts there are the firmware's, which contradict this Windows; ours are its management class's"
SET_UP = "the key of the set-up stands in the registry; the answer has the newer one of the licensing service alone"
FIRMWARE_NAME = "the expected name was taken from the firmware's tables; we report the processor's own text"
XPS = "Windows lists this component among its updates; it is reported though it bears no article number"
NAMELESS = "an entry without a name says of no program which it is; it is left out"


def cases(corpus: Path) -> Iterator[Judged]:
    """Yield every recording of Windows that has an expected answer."""
    for source, kinds in KINDS.items():
        for path in sorted((corpus / source / "expected").glob("*.json")):
            answer = json.loads(path.read_text(encoding="utf-8"))
            judge = kinds.get(answer["kind"])
            if judge is not None and answer.get("platform") == "windows":
                yield judge(corpus / source, answer)


def read(source: str, data: bytes, name: str) -> Inventory:
    """Return what the command `read` makes of a file."""
    return best_reading(readers(source), data, name)


def data_of(folder: Path, name: str) -> bytes:
    """Return the bytes of a recording, unpacked."""
    data = (folder / name).read_bytes()
    return lzma.decompress(data) if name.endswith(".xz") else data


def row(*values: object) -> str:
    """Return a record as a text."""
    return "|".join("" if value is None else str(value) for value in values)


def installed_software(folder: Path, answer: Answer) -> Judged:
    """Uninstall keys, and app packages where the machine printed them."""
    found: list[Software] = []
    for name in answer["files"]:
        source = "appx" if name.endswith(".txt") else "uninstall_keys"
        found += read(source, data_of(folder, name), name).software
    enriched = {each["guid"]: each for each in answer["expected"] if "enriched" in str(each.get("name_origin", ""))}
    explained: dict[str, str] = {}
    wanted = [
        row(each.get("guid"), each["name"], each.get("version"), each.get("publisher"), each.get("install_date"),
            each.get("release_type"))
        for each in answer["expected"]
    ]  # fmt: skip
    got = []
    for each in found:
        identifier = each.identifier if each.source == "uninstall_keys" else None
        got.append(row(identifier, each.name, each.version, each.publisher, each.installed_on, each.release_type))
        if identifier in enriched:
            explained[got[-1]] = (
                "the source's name; the expected one adds the edition, which we carry in a record of its own"
            )
    for text in wanted:
        if text.split("|", 1)[0] in enriched:
            explained[text] = "the expected name adds the edition, which we carry in a record of its own (`sql_server`)"
    return compare("glpi-agent", answer["kind"], answer["case"], wanted, got, explained)


def hotfixes(folder: Path, answer: Answer) -> Judged:
    """Updates by article."""
    found = [each for name in answer["files"] for each in read("hotfixes", data_of(folder, name), name).software]
    wanted = [row(each["name"], each.get("install_date"), each.get("release_type")) for each in answer["expected"]]
    got = [row(each.name, each.installed_on, each.release_type) for each in found]
    explained = {text: XPS for each, text in zip(found, got, strict=True) if not re.match(r"KB\d", each.name)}
    return compare("glpi-agent", answer["kind"], answer["case"], wanted, got, explained)


def office_licence(folder: Path, answer: Answer) -> Judged:
    """Rows of the licensing service, and what the registry says of keys."""
    found: list[Activation] = []
    for name in answer["files"]:
        found += read("activation", data_of(folder, name), name).activations
    wanted = [row(each.get("productid"), each.get("key_last5")) for each in answer["expected"]]
    explained = {
        row(each.product_id, each.key_last5): SET_UP for each in found if each.scope == "registered_keys:office"
    }
    return compare(
        "glpi-agent", answer["kind"], answer["case"], wanted,
        [row(each.product_id, each.key_last5) for each in found if each.key_last5 or each.product_id],
        {text: why for text, why in explained.items() if text not in wanted},
    )  # fmt: skip


def digital_product_ids(folder: Path, answer: Answer) -> Judged:
    """Binary product ids → last five."""
    wanted = [row(n, each["key_last5"]) for n, each in enumerate(answer["expected"])]
    got = [
        row(n, last_five_of(bytes.fromhex(each["digital_product_id_hex"].replace(",", ""))))
        for n, each in enumerate(answer["expected"])
    ]
    return compare("glpi-agent", answer["kind"], answer["case"], wanted, got)


def processors(folder: Path, answer: Answer) -> Judged:
    """The listing of Win32_Processor with the registry beside it, as a recorded folder."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / "registry").mkdir()
        (root / "commands").mkdir()
        for name in answer["files"]:
            if name.endswith(".reg"):
                (root / "registry" / "cpu.reg").write_bytes(data_of(folder, name))
            elif name.endswith(".wmi"):
                slug = command_slug(
                    ("wmic", "path", "Win32_Processor", "get", ",".join(CLASSES["Win32_Processor"]), "/value")
                )
                text = decode_text(data_of(folder, name))[0]
                (root / "commands" / (slug + ".txt")).write_text(text, encoding="utf-8")
        host = scan_with(OfflineMachine(place), WINDOWS_HOST).host
    wanted = [
        row(_processor_name(each["name"]), each.get("core"), _threads(each.get("core"), each.get("thread")))
        for each in answer["expected"]
    ]
    got = [row(_processor_name(each.name or ""), each.cores, each.threads) for each in host.processors]
    explained = {text: SMBIOS for text in (*wanted, *got)}
    if sorted(text.split("|")[0] for text in wanted) != sorted(text.split("|")[0] for text in got):
        explained = {text: FIRMWARE_NAME for text in (*wanted, *got)}
    if len(wanted) != len(got):
        explained = {}
    return compare("glpi-agent", answer["kind"], answer["case"], wanted, got, explained)


def _processor_name(name: str) -> str:
    return " ".join(re.sub(r"\((?:R|TM)\)|®|™|\bprocessor\b", "", name, flags=re.IGNORECASE).split())


def _threads(cores: str | None, per_core: str | None) -> int | None:
    return None if cores is None or per_core is None else int(cores) * int(per_core)


CHANNELS = {
    "oem": {"OEM_DM", "OEM_SLP"},
    "volume-kms": {"VOLUME_KMSCLIENT"},
    "volume-mak": {"VOLUME_MAK", "RETAIL(MAK)"},
    "retail": {"RETAIL"},
    "subscription": {"TIMEBASED_SUB"},
}


def activation(folder: Path, answer: Answer) -> Judged:
    """Printed licence states: channel, state, key, reason, term."""
    (name,) = answer["files"]
    found = read("activation", data_of(folder, name), name).activations
    wanted = [
        row(
            each.get("channel"),
            each.get("status"),
            each.get("key_last5"),
            each.get("notification_reason"),
            each.get("expiry"),
        )
        for each in answer["expected"]
    ]
    asked = [{name for name, value in each.items() if value is not None} for each in answer["expected"]]
    got = []
    for number, each in enumerate(found):
        names = asked[number] if number < len(asked) else {"channel", "status", "key_last5"}
        channel = next((word for word, channels in CHANNELS.items() if each.channel in channels), each.channel)
        got.append(
            row(
                channel if "channel" in names else None,
                each.state if "status" in names else None,
                each.key_last5,
                each.reason if "notification_reason" in names else None,
                each.expires_at,
            )
        )
    return compare("activation", answer["kind"], answer["case"], wanted, got)


def hive(folder: Path, answer: Answer) -> Judged:
    """Uninstall keys of persons' hives."""
    (name,) = answer["files"]
    found = read("uninstall_keys", data_of(folder, name), name).software
    wanted = [
        row(
            each["registry_key"],
            each.get("name"),
            each.get("version"),
            each.get("publisher"),
            discreet(each.get("install_location") or ""),
        )
        for each in answer["expected"]
    ]
    got = [row(each.identifier, each.name, each.version, each.publisher, each.location) for each in found]
    return compare("registry-hives", answer["kind"], answer["case"], wanted, got)


def amcache(folder: Path, answer: Answer) -> Judged:
    """Programs of the compatibility inventory."""
    (name,) = answer["files"]
    found = read("amcache", data_of(folder, name), name).software
    wanted = [
        row(each.get("name"), each.get("version"), each.get("publisher"), discreet(each.get("install_location") or ""))
        for each in answer["expected"]
    ]
    got = [row(each.name, each.version, each.publisher, each.location) for each in found]
    nameless = {text: NAMELESS for text in wanted if text.startswith("|")}
    return compare("registry-hives", answer["kind"], answer["case"], wanted, got, nameless)


def chocolatey(folder: Path, answer: Answer) -> Judged:
    """One nuspec; a broken one has to fail."""
    (name,) = answer["files"]
    inventory = read("chocolatey", data_of(folder, name), name)
    wanted = [
        row(each["name"], each.get("version"), each["metadata"].get("Authors"), each["metadata"].get("LicenseURL"))
        for each in answer["expected"]
    ]
    got = [row(each.name, each.version, each.publisher, each.licence) for each in inventory.software]
    if answer.get("expect_error"):
        wanted.append("failed")
        got += ["failed"] if any(run.outcome.value == "failed" for run in inventory.coverage) else []
    return compare("osv-scalibr", answer["kind"], answer["case"], wanted, got)


def dism(folder: Path, answer: Answer) -> Judged:
    """Packages that DISM lists."""
    (name,) = answer["files"]
    found = read("hotfixes", data_of(folder, name), name).software
    wanted = [row(each.get("name"), each.get("version")) for each in answer["expected"]]
    return compare(
        "osv-scalibr", answer["kind"], answer["case"], wanted, [row(each.identifier, each.version) for each in found]
    )


def wazuh(folder: Path, answer: Answer) -> Judged:
    """The first message of an agent of another tool."""
    (name,) = answer["files"]
    found = read("uninstall_keys", data_of(folder, name), name).software
    wanted = [row(each["name"], each["version"], each["vendor"], each["architecture"]) for each in answer["expected"]]
    got = [
        row(each.name, each.version, each.publisher, "i686" if each.architecture == "x86" else "x86_64")
        for each in found
    ]
    return compare("wazuh", answer["kind"], answer["case"], wanted, got)


KINDS: dict[str, dict[str, Callable[[Path, Answer], Judged]]] = {
    "glpi-agent": {
        "windows-installed-software": installed_software,
        "windows-hotfixes": hotfixes,
        "windows-office-license-wmi": office_licence,
        "windows-office-license-registry": office_licence,
        "windows-digitalproductid": digital_product_ids,
        "windows-cpu": processors,
    },
    "activation": {"activation-status": activation},
    "registry-hives": {
        "windows-hive/ntuser": hive,
        "windows-hive/ntuser partial (Software subtree)": hive,
        "windows-hive/amcache": amcache,
    },
    "osv-scalibr": {"os/chocolatey": chocolatey, "os/dism": dism},
    "wazuh": {"package-inventory-import": wazuh},
}
