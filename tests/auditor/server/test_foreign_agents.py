"""The ends for agents of other tools over HTTP: a real server in a thread, asked as those agents ask."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import queue
import random
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import fromstring
from zoneinfo import ZoneInfo

import pytest
import zstandard
from foreign_documents import FUSION_XML, OCS_XML, deb, glpi, prolog
from made_once import new_store

from auditor.errors import WrongUsage
from auditor.intake.foreign.accounts import Doorkeeper
from auditor.intake.foreign.agent_protocol import invited, read_message
from auditor.intake.foreign.told import Came
from auditor.intake.unpacking import bounds_of
from auditor.proof.passwords import hash_password
from auditor.server import foreign_agents
from auditor.server.app import Serving, serve
from auditor.settings import Value, load_settings
from auditor.store.database import Store
from auditor.store.inventories import DocumentRow, document_content, list_documents
from auditor.store.machines import list_machines

GLPI_PATH = "/front/inventory.php"
Pack = Callable[[bytes], bytes]
AGENT_ID = {"GLPI-Agent-ID": "3f0c5f1e-8e6a-4a3c-9f7f-000000000001"}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def plain(self) -> bytes:
        kind = self.headers["content-type"]
        if kind == "application/x-compress-gzip":
            return gzip.decompress(self.body)
        return zlib.decompress(self.body) if kind.startswith("application/x-compress") else self.body

    @property
    def json(self) -> dict[str, object]:
        told = json.loads(self.plain)
        assert isinstance(told, dict)
        return told

    @property
    def xml(self) -> dict[str, str | None]:
        return {element.tag: element.text for element in fromstring(self.plain)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checker")


@pytest.fixture(scope="module")
def serving(folder: Path) -> Iterator[Serving]:
    accounts = folder / "accounts"
    accounts.write_text(f"# who reports\nglpi:{hash_password('long enough')}:hq\n", "utf-8")
    ready: queue.Queue[Serving] = queue.Queue()
    flags: dict[str, Value] = {
        "database": f"sqlite:///{folder}/zhengban.db",
        "foreign_accounts": str(accounts),
        "intake_max_bytes": 2_000_000,
    }
    settings = load_settings(flags=flags)
    thread = threading.Thread(target=serve, args=(settings,), kwargs={"port": 0, "ready": ready.put})
    thread.start()
    running = ready.get(timeout=20)
    yield running
    running.stop()
    thread.join(20)
    assert not thread.is_alive()


@dataclass(frozen=True)
class New:
    """The documents that came since the test began: all tests share one checker."""

    store: Store
    before: int

    def documents(self) -> list[DocumentRow]:
        with self.store.read() as connection:
            rows = sorted(list_documents(connection), key=lambda row: row.id or 0)
        return rows[self.before :]


@pytest.fixture
def new(folder: Path, serving: Serving) -> Iterator[New]:
    opened = new_store(folder / "zhengban.db")
    with opened.read() as connection:
        before = len(list_documents(connection))
    yield New(opened, before)
    opened.close()


def send(serving: Serving, path: str, body: bytes, method: str = "POST", **headers: str) -> Answer:
    connection = http.client.HTTPConnection(serving.host, serving.port, timeout=30)
    connection.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    told = Answer(answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})
    connection.close()
    return told


def origins(new: New) -> list[str]:
    return [row.origin for row in new.documents()]


@pytest.mark.parametrize(
    "path", ["/plugins/fusioninventory", "/plugins/fusioninventory/", "/glpi/plugins/fusioninventory/", "/ocsinventory"]
)
@pytest.mark.parametrize("pack", [zlib.compress, gzip.compress, bytes], ids=["zlib", "gzip", "plain"])
def test_a_prolog_in_xml_is_answered_send_in_the_same_packing(serving: Serving, path: str, pack: Pack) -> None:
    answer = send(serving, path, pack(prolog()))

    assert answer.status == 200
    assert answer.xml == {"RESPONSE": "SEND", "PROLOG_FREQ": "24", "INVENTORY_ON_STARTUP": "0"}


@pytest.mark.parametrize(
    ("data", "tool"), [(FUSION_XML.encode(), "FusionInventory-Agent"), (OCS_XML.encode("gb2312"), "OCS-Agent")]
)
def test_an_inventory_in_xml_is_on_the_disk_when_it_is_answered(
    serving: Serving, new: New, data: bytes, tool: str
) -> None:
    answer = send(serving, "/ocsinventory", zlib.compress(data), Content_Type="application/x-compress")

    assert (answer.status, answer.headers["content-type"]) == (200, "application/x-compressed")
    assert answer.xml == {"RESPONSE": "NO_ACCOUNT_UPDATE"}
    assert origins(new) == ["open"]
    assert tool in tool_of(new)


def tool_of(new: New) -> str:
    with new.store.read() as connection:
        return document_content(connection, new.documents()[0].digest).decode("utf-8")


def test_a_glpi_agent_is_turned_to_its_own_language_and_reports(serving: Serving, new: New) -> None:
    first = send(serving, GLPI_PATH, zlib.compress(prolog()), **AGENT_ID)
    assert (first.status, first.headers["content-type"]) == (200, "application/x-compress-zlib")
    assert first.json == {"status": "ok", "expiration": 24}

    contact = {"action": "contact", "deviceid": "hq-015-2026-01-31-12-00-00", "name": "GLPI-Agent", "version": "1.10",
               "installed-tasks": ["inventory", "deploy"], "enabled-tasks": ["inventory"]}  # fmt: skip
    second = send(serving, GLPI_PATH, json.dumps(contact).encode(), **AGENT_ID, Content_Type="application/json")
    assert second.json["status"] == "ok"
    assert second.json["tasks"] == {"inventory": {"server": "glpi", "version": "10.0.18"}}
    assert "deploy" in second.json["disabled"]  # type: ignore[operator]

    headers = {**AGENT_ID, "GLPI-Request-ID": "00C0FFEE"}
    third = send(serving, GLPI_PATH, zlib.compress(glpi([deb("bash")])), **headers)
    assert (third.status, third.json) == (200, {"status": "ok", "expiration": 24})
    assert third.headers["glpi-request-id"] == "00C0FFEE"
    assert origins(new) == ["open"]


def test_a_name_and_a_password_mark_the_document_and_say_the_unit(serving: Serving, new: New) -> None:
    told = "Basic " + base64.b64encode(b"glpi:long enough").decode()
    for data in (
        glpi([deb("bash")], at=f"2026-04-0{day} 10:00:00", device="hq-020-2026-01-31-12-00-00", serial="PF3QQQQQ")
        for day in (1, 2)
    ):
        assert send(serving, GLPI_PATH, data, Authorization=told, **AGENT_ID).status == 200

    assert origins(new) == ["credentials", "credentials"]
    with new.store.read() as connection:
        units = {row.id: row.unit for row in list_machines(connection)}
    assert [units[row.machine] for row in new.documents()] == ["hq", "hq"]


@pytest.mark.parametrize("told", [
    "Basic " + base64.b64encode(b"glpi:wrong").decode(),
    "Basic " + base64.b64encode(b"nobody:long enough").decode(),
    "Basic " + base64.b64encode(b"glpi").decode(), "Basic !!", "Bearer abc", "Basic",
])  # fmt: skip
def test_a_wrong_password_is_refused_also_where_none_is_asked_for(serving: Serving, new: New, told: str) -> None:
    answer = send(serving, GLPI_PATH, glpi(), Authorization=told, **AGENT_ID)

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="zhengban", charset="UTF-8"'
    assert answer.json["status"] == "error"
    assert origins(new) == []


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_behind_a_proxy_loopback_is_not_open(serving: Serving, new: New, header: str) -> None:
    answer = send(serving, GLPI_PATH, glpi(), **{header: "203.0.113.9"}, **AGENT_ID)

    assert answer.status == 401
    assert origins(new) == []


@pytest.mark.parametrize(("networks", "address", "open_to"), [
    ("", "127.0.0.1", True), ("", "::1", True), ("", "::ffff:127.0.0.1", True), ("", "10.1.2.3", False),
    ("", "", False),
    ("10.1.0.0/16, 192.168.7.0/24", "10.1.2.3", True), ("10.1.0.0/16, 192.168.7.0/24", "192.168.7.9", True),
    ("10.1.0.0/16", "10.2.0.1", False), ("10.1.0.0/16", "::ffff:10.1.2.3", True), ("fd00::/8", "fd00::7", True),
    ("10.1.0.0/16", "testclient", False),
])  # fmt: skip
def test_who_may_report_without_a_name(networks: str, address: str, open_to: bool) -> None:
    keeper = Doorkeeper(load_settings(flags={"foreign_networks": networks}))
    assert keeper.is_open_to(address, {}) is open_to


@pytest.mark.parametrize(("flags", "fault"), [
    ({"foreign_networks": "10.1.0.0/16,everywhere"}, "foreign_networks: everywhere: "),
    ({"foreign_networks": "10.1.2.3/16"}, "foreign_networks: 10.1.2.3/16: "),
    ({"foreign_accounts": "/nowhere/accounts"}, "foreign_accounts: /nowhere/accounts: "),
])  # fmt: skip
def test_a_faulty_setting_is_told_with_its_place(flags: dict[str, str], fault: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        Doorkeeper(load_settings(flags=flags))
    assert str(caught.value).startswith(fault)


def test_every_faulty_line_of_the_accounts_is_named(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    path.write_text("a:secret\n\n:$argon2id$x\nb:$argon2id$x\nb:$argon2id$y\n", "utf-8")
    with pytest.raises(WrongUsage) as caught:
        Doorkeeper(load_settings(flags={"foreign_accounts": str(path)}))
    assert [line.split(": ")[0].rpartition("!")[2] for line in str(caught.value).splitlines()] == ["1", "3", "5"]


@pytest.mark.parametrize(("body", "status", "fault"), [
    (b"", 400, "expected"),
    (b"\x78\x9c nothing", 400, "expected zlib"),
    (zlib.compress(b"<REQUEST>" + b"<A>" * 90 + b"</A>" * 90 + b"</REQUEST>"), 400, "deep"),
    (zlib.compress(b"<REQUEST>" + b"<A/>" * 5), 400, "expected XML"),
    (zlib.compress(b" " * 5_000_000), 413, "expected at most"),
    (gzip.compress(b"<" + b" " * 5_000_000), 413, "expected at most"),
    (b'<!DOCTYPE a [<!ENTITY b "c">]><REQUEST>&b;</REQUEST>', 400, "without DOCTYPE"),
    (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><REQUEST/>', 400, "without DOCTYPE"),
    (b"<REQUEST><QUERY>DOWNLOAD</QUERY></REQUEST>", 400, "QUERY"),
    (b"<REQUEST><QUERY>INVENTORY</QUERY></REQUEST>", 400, "DEVICEID"),
    (b"<REQUEST><QUERY>INVENTORY</QUERY><DEVICEID>a</DEVICEID><CONTENT>x</CONTENT></REQUEST>", 400, "CONTENT"),
    (b"<html></html>", 400, "REQUEST"),
    (b"{}", 400, "action"), (b"[]", 400, "action"), (b"7", 400, "action"), (b"{", 400, "expected JSON"),
    (b'{"a":' * 500 + b"1" + b"}" * 500, 400, "levels of nesting"), (b"[" * 100_000, 400, "expected"),
    (b'{"action":"inventory","deviceid":"a","content":7}', 400, "content"),
    (zstandard.ZstdCompressor().compress(b"{}"), 400, "action"),
])  # fmt: skip
def test_what_is_no_message_is_refused_and_said_why(
    serving: Serving, new: New, body: bytes, status: int, fault: str
) -> None:
    answer = send(serving, GLPI_PATH, body)

    assert answer.status == status
    assert fault in answer.plain.decode()
    assert origins(new) == []


def test_mutated_messages_never_break_the_checker(serving: Serving, new: New) -> None:
    """Bytes changed, cut and doubled in messages of every kind, packed and not: an answer, and never one of 5xx."""
    chance = random.Random(20260301)
    for number in range(250):
        whole = chance.choice([FUSION_XML.encode(), OCS_XML.encode("gb2312"), glpi([deb("bash")]), prolog()])
        data = mutated(whole, chance)
        packed = chance.choice([data, zlib.compress(data), gzip.compress(data), mutated(zlib.compress(whole), chance)])
        answer = send(serving, chance.choice(["/ocsinventory", GLPI_PATH]), packed, **(AGENT_ID if number % 2 else {}))
        assert answer.status in (200, 400, 413), (number, answer)
    assert send(serving, GLPI_PATH, glpi([deb("bash")])).status == 200


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[place] = chance.randrange(256)
            case 1:
                del changed[place : place + chance.randint(1, 40)]
            case 2:
                changed[place:place] = changed[place : place + chance.randint(1, 60)]
            case _:
                changed[place:place] = chance.choice(
                    [b"\0", b"<", b"]]>", b"&#0;", b'"', b"\xff\xfe", b"null", b"1e999", b"\\ud800"]
                )
        if not changed:
            break
    return bytes(changed)


def test_a_question_about_no_request_is_answered_with_an_error(serving: Serving) -> None:
    answer = send(serving, GLPI_PATH, b"", "GET", **AGENT_ID, GLPI_Request_ID="00C0FFEE")

    assert (answer.status, answer.json["status"]) == (400, "error")


def test_an_inventory_that_takes_long_is_pending_until_it_is_on_the_disk(
    serving: Serving, new: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_agents, "WAIT_SECONDS", 0)
    headers = {**AGENT_ID, "GLPI-Request-ID": "0BADCAFE"}
    data = glpi([deb("bash")], device="hq-030-2026-01-31-12-00-00", serial="PF3PPPPP")
    first = send(serving, GLPI_PATH, data, **headers)
    assert first.json == {"status": "pending", "expiration": "30s"}

    answers: list[Answer] = []
    while not answers or (answers[-1].json["status"] == "pending" and len(answers) < 200):
        answers.append(send(serving, GLPI_PATH, b"", "GET", **headers))
    assert answers[-1].json["status"] == "ok"
    assert origins(new) == ["open"]


@pytest.mark.parametrize(("data", "headers", "expected"), [
    (prolog(), {}, b"<RESPONSE>STOP</RESPONSE><PROLOG_FREQ>1</PROLOG_FREQ>"),
    (prolog(), {"glpi-agent-id": "x"}, b'{"status":"pending","expiration":"600s"}'),
    (b'{"action":"contact","deviceid":"a"}', {}, b'{"status":"pending","expiration":"600s"}'),
])  # fmt: skip
def test_whoever_has_not_begun_is_told_to_come_later_when_much_waits(
    data: bytes, headers: dict[str, str], expected: bytes
) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    came = Came(at=now, now=now, zone=ZoneInfo("Asia/Shanghai"))
    message = read_message(data, headers, bounds_of(load_settings()), came)
    assert expected in invited(message, hours=24, busy_minutes=10).body
