"""Who is believed before whom: what came over an open end adds, and takes nothing from what somebody vouched for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from foreign_documents import WINDOWS, deb, glpi
from inventories import debian, document, inventory, package
from made_once import new_store

from agent.inventory.document import encode
from agent.inventory.host import OperatingSystem
from agent.inventory.traces import Activation
from auditor.core.model import Machine
from auditor.core.other_tools import BY_AGENT, BY_CREDENTIALS, BY_FILE, BY_OPEN_END
from auditor.intake.arrival import Receipt
from auditor.intake.foreign.roster import read_foreign
from auditor.intake.foreign.taking import offer_inventory
from auditor.intake.foreign.told import Came
from auditor.intake.receiving import keep_all, receive
from auditor.proof.digest import sha256_hex
from auditor.settings import load_settings
from auditor.store.database import Store
from auditor.store.inventories import list_documents
from auditor.store.journal import list_changes
from auditor.store.machines import list_machines, load_machines
from auditor.store.titles import load_all_titles

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SETTINGS = load_settings()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = new_store(tmp_path / "zhengban.db")
    yield opened
    opened.close()


def came_of(now: datetime = NOW) -> Came:
    return Came(at=now, now=now, zone=SETTINGS.zone)


def report(store: Store, data: bytes, origin: str = BY_OPEN_END) -> Receipt:
    """Let an agent of another tool report."""
    read = read_foreign(data, came_of())
    assert read is not None
    offered = offer_inventory(store, read.inventories[0], sha256_hex(data), origin, came_of(), None, SETTINGS)
    (kept,) = keep_all(store, [offered], SETTINGS)
    assert isinstance(kept, Receipt)
    return kept


def signed(store: Store, data: bytes) -> Receipt:
    return receive(store, data, origin=BY_AGENT, agent="agent-1", now=NOW)


def machine_of(store: Store) -> Machine:
    with store.read() as connection:
        (machine,) = load_machines(connection, None, shows=lambda _: True)
    return machine


def names(store: Store) -> list[str]:
    with store.read() as connection:
        known = load_all_titles(connection)
    return sorted({known[item.title].name for item in machine_of(store).installations if not item.stale})


def journal(store: Store) -> list[tuple[str, str]]:
    with store.read() as connection:
        known = load_all_titles(connection)
        return [(line.kind.value, known[line.title].name) for line in list_changes(connection)]


def test_a_package_removed_between_two_reports_is_one_line(store: Store) -> None:
    report(store, glpi([deb("bash"), deb("hello"), deb("zstd")]))
    report(store, glpi([deb("bash"), deb("zstd")], at="2026-03-02 10:00:00"))

    assert journal(store) == [("removed", "hello")]


def test_what_an_enrolled_agent_saw_stays_whatever_an_open_end_says(store: Store) -> None:
    signed(store, document([package("bash"), package("hello")]))
    report(store, glpi([deb("zstd")], at="2026-03-02 12:00:00"))
    report(store, glpi([], at="2026-03-03 12:00:00"))

    assert names(store) == ["Debian GNU/Linux 12", "bash", "hello", "zstd"]
    assert [line for line in journal(store) if line[0] == "removed"] == []
    with store.read() as connection:
        (machine,) = list_machines(connection)
    assert (machine.origin, machine.agent) == (BY_AGENT, "agent-1")


def test_nor_does_it_close_what_a_sign_stands_on(store: Store) -> None:
    made = inventory([package("bash")])
    kms = Activation(kind="windows", scope="activation", kms_host="kms.example.invalid", key_last5="T83GX")
    signed(store, encode(dataclasses.replace(made, activations=(kms,))))
    report(store, glpi([deb("zstd")], at="2026-03-02 12:00:00"))
    report(store, glpi([deb("zstd")], at="2026-03-03 12:00:00"))

    (fact,) = machine_of(store).facts
    assert dict(fact.said)["host"] == "kms.example.invalid"
    with store.read() as connection:
        first = list_documents(connection)[0].digest
    assert fact.record == f"{first}#activations[0]"


def test_nor_change_what_the_machine_is(store: Store) -> None:
    signed(store, document([package("bash")], name="hq-015", system=debian("0f3c9a52d1b84e6f9a7711c2d3e4f5a6")))
    report(store, glpi([deb("bash")], at="2026-03-02 12:00:00", device="evil-2026-01-31-12-00-00"))
    other = {**WINDOWS, "hostid": "00000000-1111-2222-3333-444444444444"}
    report(
        store,
        glpi(
            [deb("bash")], at="2026-03-03 12:00:00", system={**other, "full_name": "Kali Linux", "kernel_name": "linux"}
        ),
    )

    machine = machine_of(store)
    assert (machine.host_name, machine.os_family) == ("hq-015", "linux")
    assert "Kali Linux" not in names(store)
    with store.read() as connection:
        (row,) = list_machines(connection)
    assert (row.host_name, row.os_name) == ("hq-015", "Debian GNU/Linux 12")


def test_nor_lend_its_own_clues_to_the_machine(store: Store) -> None:
    """Two machines of enrolled agents must not grow together because an open document names both."""
    signed(store, document([package("bash")], serial="PF3ABCDE", mac_addresses=("3c:52:82:11:22:33",)))
    victim: dict[str, Any] = {
        "networks": [
            {"description": "eth0", "mac": "3C:52:82:99:99:99"},
            {"description": "eth1", "mac": "3c:52:82:99:99:98"},
        ]
    }
    report(store, glpi([deb("bash")], at="2026-03-02 12:00:00", **victim))
    own = document(
        [package("vim")], name="hq-099", serial=None, mac_addresses=("3c:52:82:99:99:98", "3c:52:82:99:99:99")
    )
    receipt = receive(store, own, origin=BY_AGENT, agent="agent-2", now=NOW)

    assert receipt.machine == 2


def test_a_machine_first_told_by_an_open_end_forgets_its_clues_when_an_agent_enrols(store: Store) -> None:
    poisoned: dict[str, Any] = {
        "networks": [
            {"description": "eth0", "mac": "3C:52:82:99:99:99"},
            {"description": "eth1", "mac": "3c:52:82:99:99:98"},
        ]
    }
    report(store, glpi([deb("bash")], **poisoned))
    first = signed(store, document([package("bash")], at="2026-03-02T02:00:00Z", mac_addresses=("3c:52:82:11:22:33",)))
    own = document(
        [package("vim")], name="hq-099", serial=None, mac_addresses=("3c:52:82:99:99:98", "3c:52:82:99:99:99")
    )
    other = receive(store, own, origin=BY_AGENT, agent="agent-2", now=NOW)

    assert (first.machine, other.machine) == (1, 2)


@pytest.mark.parametrize("origin", [BY_FILE, BY_CREDENTIALS])
def test_what_came_with_a_password_outranks_the_open_end_and_not_the_agent(store: Store, origin: str) -> None:
    report(store, glpi([deb("bash"), deb("hello")]), origin)
    report(store, glpi([deb("bash")], at="2026-03-02 12:00:00"), BY_OPEN_END)
    assert "hello" in names(store)

    report(store, glpi([deb("bash")], at="2026-03-03 12:00:00"), origin)
    assert journal(store) == [("removed", "hello")]


def test_a_partial_document_adds_and_leaves_the_rest_as_it_was(store: Store) -> None:
    report(store, glpi([deb("bash"), deb("hello")]))
    report(store, glpi([deb("zstd")], partial=True, at="2026-03-02 10:00:00", networks=[]))
    report(store, glpi(None, partial=True, at="2026-03-03 10:00:00", networks=[]))

    assert names(store) == ["Debian GNU/Linux 12", "bash", "hello", "zstd"]
    assert journal(store) == [("installed", "zstd")]
    machine = machine_of(store)
    assert (machine.os_family, machine.host_name) == ("linux", "hq-015")
    with store.read() as connection:
        (row,) = list_machines(connection)
    assert row.os_name == "Debian GNU/Linux 12"


def test_a_new_version_in_a_partial_document_is_an_upgrade(store: Store) -> None:
    report(store, glpi([deb("bash", "5.2-1"), deb("hello")]))
    report(store, glpi([deb("bash", "5.2-2")], partial=True, system={}, at="2026-03-02 10:00:00"))

    assert journal(store) == [("upgraded", "bash")]


def test_a_large_loss_waits_for_a_second_report(store: Store) -> None:
    """A tool whose query timed out tells of a fifth of what is there."""
    many = [deb(f"package-{number}") for number in range(40)]
    report(store, glpi(many))
    receipt = report(store, glpi(many[:8], at="2026-03-02 10:00:00"))
    assert receipt.status == "held"
    report(store, glpi(many, at="2026-03-03 10:00:00"))

    assert journal(store) == []


def test_the_same_report_twice_is_one_document(store: Store) -> None:
    data = glpi([deb("bash")])
    assert [report(store, data).status, report(store, data).status] == ["kept", "known"]


def test_what_only_the_old_tool_saw_grows_old_once_an_agent_reports(store: Store) -> None:
    report(store, glpi([deb("bash"), deb("old-tool")]))
    for number in range(4):
        at = f"2026-04-{10 + number:02d}T02:00:00Z"
        signed(store, document([package("bash")], at=at, mac_addresses=("3c:52:82:11:22:33",)))

    assert "old-tool" not in names(store)
    assert [line for line in journal(store) if line[0] == "removed"] == []


def test_a_tool_that_names_no_serial_is_known_by_its_own_device(store: Store) -> None:
    bare: dict[str, Any] = {"serial": None, "networks": []}
    first = report(store, glpi([deb("bash")], **bare))
    again = report(store, glpi([deb("zstd")], at="2026-03-02 10:00:00", **bare))
    twin = report(store, glpi([deb("zstd")], device="hq-016-2026-01-31-12-00-00", **bare))

    assert (first.machine, again.machine, twin.machine) == (1, 1, 2)


def test_a_device_of_another_tool_is_never_an_enrolled_agent(store: Store) -> None:
    signed(store, document([package("bash")], name="hq-001", serial=None, mac_addresses=()))
    bare: dict[str, Any] = {"serial": None, "networks": []}
    receipt = report(store, glpi([deb("bash")], device="agent-1", **bare))

    assert receipt.machine == 2


def test_the_operating_system_it_names_is_the_one_that_the_agent_knows(store: Store) -> None:
    uos = OperatingSystem(family="linux", name="UOS 20", version="20", distribution="uos", installation_id="a" * 32)
    signed(store, document([package("bash")], system=uos))
    report(store, glpi([deb("bash")], at="2026-03-02 12:00:00"))  # it calls the same system Debian

    assert names(store) == ["UOS 20", "bash"]
