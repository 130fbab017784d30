"""Hosts in the Application log: Microsoft's documented form, damage, other events, and nothing of persons."""

from __future__ import annotations

from pathlib import Path

import pytest
from recorded_machine import scan_with
from windows_folder import WindowsFolder

from agent.collectors.base import Absent, Scope
from agent.collectors.windows.licensing_events import LICENSING_EVENTS, SCOPE, WEVTUTIL, parse_file
from agent.formats.licensing_events import ActivationRequest, parse_licensing_events
from agent.inventory.document import encode
from agent.inventory.traces import Activation

CLIENT = "08c3bda0-c556-4b61-9e4e-7bf6d4df80be"
LICENCE = "CF67834D-db4a-402c-ab1f-2c134f02b700"
SPP = "Microsoft-Windows-Security-SPP"


def event(server: str, *, number: str = "12288", provider: str = SPP, result: str = "0x0", client: str = CLIENT) -> str:
    said = "%s, 0x8, %s, %s, 2023/1/14 2:30, 1, 2, 40123, %s, 25" % (result, server, client, LICENCE)
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='%s' Guid='{1}'/>"
        "<EventID Qualifiers='16384'>%s</EventID><TimeCreated SystemTime='2023-01-14T02:30:00Z'/>"
        "<Computer>PC-ZHANG</Computer><Security UserID='S-1-5-21-1-2-3-1001'/></System>"
        "<EventData><Data>%s</Data></EventData></Event>" % (provider, number, said)
    )


@pytest.mark.parametrize(
    ("server", "host", "port"),
    [
        ("kms01.contoso.com:1688", "kms01.contoso.com", 1688),
        ("127.0.0.2:1688", "127.0.0.2", 1688),
        ("[::1]:1688", "::1", 1688),
        ("激活.公司.cn:1689", "激活.公司.cn", 1689),
    ],
)
def test_what_a_request_says(server: str, host: str, port: int) -> None:
    assert list(parse_licensing_events(event(server))) == [ActivationRequest(host, port, "0x0", LICENCE.lower())]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no event at all",
        event("kms:1688", number="12289"),
        event("kms:1688", provider="Example"),
        event("kms:99999"),
        event("no port"),
        event("kms:1688").replace("</System>", ""),
        event("kms:1688").replace("<Data>", "<Other>").replace("</Data>", "</Other>"),
        "<Event><System/></Event>",
        "<Event>" * 500 + "</Event>",
    ],
)
def test_what_is_no_request(text: str) -> None:
    assert list(parse_licensing_events(text)) == []


def test_damage_in_one_event_costs_no_other() -> None:
    text = event("a.example:1688") + "<Event &&&></Event>" + "\r\n" + event("b.example:1688")
    assert [each.host for each in parse_licensing_events(text)] == ["a.example", "b.example"]


def test_each_host_once_and_nothing_of_the_person(tmp_path: Path) -> None:
    printed = (
        event("kms.03k.org:1688")
        + event("kms.03k.org:1688", result="0xC004F074", client="1" * 8)
        + event("127.0.0.2:1688")
    )
    inventory = scan_with(WindowsFolder(tmp_path).printed(WEVTUTIL, printed).machine(), LICENSING_EVENTS)
    assert [(each.kms_host, each.kms_port, each.description) for each in inventory.activations] == [
        ("kms.03k.org", 1688, "Security-SPP 12288"),
        ("127.0.0.2", 1688, "Security-SPP 12288"),
    ]
    assert [(run.scope, run.outcome.value) for run in inventory.coverage] == [(SCOPE, "complete")]
    sent = encode(inventory).decode("utf-8")
    assert not any(word in sent for word in (CLIENT, "PC-ZHANG", "S-1-5-21", "2023-01-14"))


def test_a_recorded_print_with_one_root() -> None:
    data = ("\ufeff<?xml version='1.0'?><Events>" + event("kms.example.com:1688") + "</Events>").encode("utf-16")
    scope, found = parse_file(data, "events.xml")
    assert isinstance(scope, Scope) and isinstance(found, Activation)
    assert (found.kind, found.kms_host, found.state, found.seen_at) == ("other", "kms.example.com", None, "events.xml")
    with pytest.raises(Absent):
        list(parse_file(b"<Events></Events>", "events.xml"))


def test_without_the_tool_or_an_event_it_is_absent(tmp_path: Path) -> None:
    (run,) = scan_with(WindowsFolder(tmp_path / "a").machine(), LICENSING_EVENTS).coverage
    assert run.outcome.value == "absent"
    (run,) = scan_with(WindowsFolder(tmp_path / "b").printed(WEVTUTIL, "").machine(), LICENSING_EVENTS).coverage
    assert run.outcome.value == "absent"


def test_the_question_asks_for_one_event_and_changes_nothing() -> None:
    assert WEVTUTIL[:3] == ("wevtutil", "qe", "Application") and "12288" in WEVTUTIL[-1]
    assert not set(WEVTUTIL) & {"cl", "sl", "im", "um", "epl", "al"}
