"""What is fuzzed: the decoder of documents, the unpacking, and the readers of every other tool's format."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import xlsxwriter
import zstandard
from foreign_documents import FUSION_XML, OCS_XML, deb, glpi, prolog
from inventories import debian, document, package

from agent.inventory.document import encode
from auditor.errors import AuditorError, Refused
from auditor.intake.checking import check
from auditor.intake.foreign.agent_protocol import Asks, read_inventory, read_message
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.told import Came
from auditor.intake.outline import outline_of
from auditor.intake.unpacking import bounds_of, packed_for_store, packing_of, unpack
from auditor.settings import load_settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BOUNDS = bounds_of(load_settings())
_OSQUERY = json.dumps({"hostIdentifier": "a", "name": "programs", "unixTime": 1, "counter": 0, "action": "added",
                       "columns": {"name": "x", "version": "1", "install_date": "20250403"}}).encode()  # fmt: skip
_WAZUH = json.dumps({"metadata": {"option": "VDFirst"}, "items": [
    {"operation": "Upsert", "index": "wazuh-states-inventory-packages", "data": {"package": {"name": "x"}}},
    {"operation": "Upsert", "index": "wazuh-states-inventory-system", "data": {"host": {"os": {"name": "Debian"}}}},
]}).encode()  # fmt: skip
_OPEN_AUDIT = (
    b"<system><sys><hostname>a</hostname><os_group>Windows</os_group></sys>"
    b"<software><item><name>x</name></item></software></system>"
)
_SWID = b'<SoftwareIdentity name="x" tagId="y" version="1"><Entity name="z" role="softwareCreator"/></SoftwareIdentity>'
_TABLE = b"Computer Name,DisplayName,InstallDate\nPC-1,WPS,03/04/2025\n"
_OWN = document([package("bash", "5.2"), package("微信", "3.9", publisher="腾讯")], system=debian(), serial="SN-1")


@dataclass(frozen=True)
class Target:
    """One thing that reads bytes from outside, with whole inputs to begin from."""

    name: str
    take: Callable[[bytes], object]
    seeds: Sequence[bytes]


def decode(data: bytes) -> None:
    """Check a document; what its outline says holds for what the whole check says."""
    try:
        checked = check(data, BOUNDS)
    except Refused:
        return
    outline = outline_of(data)
    if outline is not None and checked.kept == data:
        assert outline.content_digest == checked.content_digest
        assert outline.collected_at == checked.inventory.collected_at
        assert outline.programs == checked.inventory.programs
    check(checked.kept, BOUNDS)


def unpacked(data: bytes) -> None:
    """Unpack; what is kept packed is the same."""
    encoding = packing_of(data)
    try:
        whole = unpack(data, encoding, BOUNDS)
    except Refused:
        return
    packed = packed_for_store(data, encoding, whole)
    assert packed is None or zlib.decompress(packed) == whole


def message(data: bytes) -> None:
    """Read what an agent of another tool sends over HTTP."""
    came = Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), live=True, max_depth=BOUNDS.max_depth)
    try:
        said = read_message(data, {"glpi-agent-id": "x"}, BOUNDS, came)
        if said.asks is Asks.INVENTORY:
            for inventory in read_inventory(said, came).inventories:
                check(encode(inventory), BOUNDS)
    except AuditorError:
        return


def file_named(name: str) -> Callable[[bytes], object]:
    """Return what reads a file of another tool under this name."""

    def take(data: bytes) -> None:
        came = Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), name=name)
        try:
            read = read_foreign(data, came)
            for inventory in read.inventories if read is not None else ():
                check(encode(inventory), BOUNDS)
        except AuditorError:
            return

    return take


def _workbook() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Computer Name", "DisplayName"])
        sheet.write_row(1, 0, ["PC-1", "WPS"])
    return made.getvalue()


def targets() -> list[Target]:
    """Return all of them."""
    packed = [gzip.compress(_OWN, mtime=0), zlib.compress(_OWN), zstandard.compress(_OWN), _OWN]
    full = glpi([deb("bash")], licenseinfos=[{"name": "Office", "key": "K"}], antivirus=[{"name": "x"}],
                virtualmachines=[{"name": "v"}], cpus=[{"core": 2}], databases_services=[{"name": "d"}])  # fmt: skip
    return [
        Target("document", decode, [_OWN, document(), json.dumps(json.loads(_OWN), indent=1).encode()]),
        Target("unpacking", unpacked, packed),
        Target(
            "agent messages", message, [full, prolog(), zlib.compress(prolog()), FUSION_XML.encode(), OCS_XML.encode()]
        ),
        Target("JSON files", file_named("a.json"), [full, _WAZUH, _OSQUERY]),
        Target("osquery logs", file_named("a.log"), [_OSQUERY + b"\n" + _OSQUERY]),
        Target("XML files", file_named("a.xml"), [FUSION_XML.encode(), OCS_XML.encode("gb2312"), _OPEN_AUDIT, _SWID]),
        Target(
            "tables",
            file_named("a.csv"),
            [_TABLE, _TABLE.decode().encode("utf-16"), "资产,软件\n1,WPS\n".encode("gb18030")],
        ),
        Target("workbooks", file_named("a.xlsx"), [_workbook()]),
    ]
