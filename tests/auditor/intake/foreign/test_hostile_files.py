"""Files of other tools with bytes changed, cut and doubled, and values of wrong types: refused or read, no crash."""

from __future__ import annotations

import io
import json
import random
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from foreign_documents import FUSION_XML, OCS_XML, deb, glpi

from agent.inventory.document import encode
from auditor.errors import AuditorError, Refused
from auditor.intake.checking import check
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.told import Came
from auditor.intake.unpacking import bounds_of
from auditor.settings import load_settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BOUNDS = bounds_of(load_settings())
ROUNDS = 150
OSQUERY = json.dumps({"hostIdentifier": "a", "name": "programs", "unixTime": 1, "counter": 0, "action": "added",
                      "columns": {"name": "x", "version": "1", "install_date": "20250403"}}).encode()  # fmt: skip
PACKAGE = {"package": {"name": "x", "type": "deb"}}
WAZUH = json.dumps({"metadata": {"option": "VDFirst"}, "items": [
    {"operation": "Upsert", "index": "wazuh-states-inventory-packages", "data": PACKAGE},
    {"operation": "Upsert", "index": "wazuh-states-inventory-system", "data": {"host": {"os": {"name": "Debian"}}}},
]}).encode()  # fmt: skip
OPEN_AUDIT = (
    b"<system><sys><hostname>a</hostname><os_group>Windows</os_group></sys>"
    b"<software><item><name>x</name></item></software></system>"
)
SWID = b'<SoftwareIdentity name="x" tagId="y" version="1"><Entity name="z" role="softwareCreator"/></SoftwareIdentity>'
TABLE = b"Computer Name,DisplayName,InstallDate\nPC-1,WPS,03/04/2025\n"


def workbook() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Computer Name", "DisplayName"])
        sheet.write_row(1, 0, ["PC-1", "WPS"])
    return made.getvalue()


FILES = {
    "a.json": [glpi([deb("bash")]), WAZUH, OSQUERY],
    "a.log": [OSQUERY + b"\n" + OSQUERY],
    "a.xml": [FUSION_XML.encode(), OCS_XML.encode("gb2312"), OPEN_AUDIT, SWID],
    "a.csv": [TABLE],
    "a.xlsx": [workbook()],
}


def take(data: bytes, name: str) -> None:
    """Read a file and check every document in it, as the import does."""
    came = Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), name=name)
    try:
        read = read_foreign(data, came)
        for inventory in read.inventories if read is not None else ():
            check(encode(inventory), BOUNDS)
    except Refused:
        pass
    except AuditorError as error:
        assert error.exit_code in (2, 3)


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(changed) + 1)
        piece = chance.choice(
            [b"\0", b"<", b"&#x0;", b"\xff", b"9" * 400, b"[[", b"{}", b"null,", b"1e999", b"-", b"\\udfff", b"\r"]
        )
        match chance.randrange(3):
            case 0:
                changed[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del changed[place : place + chance.randint(1, 30)]
            case _:
                changed[place:place] = piece
    return bytes(changed)


@pytest.mark.parametrize("name", FILES)
def test_changed_bytes_are_refused_or_read(name: str) -> None:
    chance = random.Random(name)
    for number in range(ROUNDS):
        take(mutated(FILES[name][number % len(FILES[name])], chance), name)


STRANGE: list[Any] = [
    None,
    True,
    7,
    -1,
    10**30,
    1.5,
    1e308,
    "",
    " ",
    "\u202e",
    "\ud800",
    "x" * 70_000,
    [],
    [[]],
    {},
    {"a": {}},
    [None, 7],
]


FULL = glpi(
    [deb("bash")],
    licenseinfos=[{"name": "Office", "key": "K"}],
    antivirus=[{"name": "x"}],
    virtualmachines=[{"name": "v"}],
    cpus=[{"core": 2}],
    processes=[{"cmd": "/bin/sh"}],
    databases_services=[{"name": "d"}],
)


@pytest.mark.parametrize("data", [FULL, WAZUH, OSQUERY], ids=["glpi", "wazuh", "osquery"])
def test_values_of_every_wrong_type_at_every_place_are_refused_or_read(data: bytes) -> None:
    plain = json.loads(data)
    for path in paths(plain):
        for value in STRANGE:
            take(json.dumps(replaced(plain, path, value)).encode("utf-8", "surrogatepass"), "a.json")


def paths(plain: Any, so_far: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ()
    return [path for key, value in inside for path in ((*so_far, key), *paths(value, (*so_far, key)))]


def replaced(plain: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    made = dict(plain) if isinstance(plain, dict) else list(plain)
    made[path[0]] = replaced(plain[path[0]], path[1:], value)
    return made


@pytest.mark.parametrize("data", [
    b"<REQUEST>" + b"<a>" * 200 + b"</a>" * 200 + b"</REQUEST>",
    b"<REQUEST>" + b"<a/>" * 400_001 + b"</REQUEST>",
    b'<?xml version="1.0" encoding="rot13"?><REQUEST/>', b'<?xml version="1.0" encoding="utf-7"?><REQUEST/>',
    b'<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "&c;&c;">]><REQUEST>&a;</REQUEST>',
    b"<REQUEST xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='file:///etc/passwd'/></REQUEST>",
], ids=["deep", "many", "rot13", "utf-7", "entities", "include"])  # fmt: skip
def test_xml_is_bounded_and_has_no_entities(data: bytes) -> None:
    with pytest.raises(Refused):
        read_foreign(data, Came(at=NOW, now=NOW, zone=ZoneInfo("Asia/Shanghai"), name="a.xml"))
