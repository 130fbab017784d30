"""Guests of a host: virtual machines, containers, Linux inside Windows; definitions, listings and state files."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from mutation import mutations
from recorded_machine import scan_with

from agent.collectors.anywhere.containers import CONTAINERS
from agent.collectors.anywhere.virtual_machines import GET_VM, VIRTUAL_MACHINES
from agent.collectors.base import Absent, Collector
from agent.collectors.roster import readers
from agent.collectors.windows.wsl import WSL
from agent.formats.guest_text import GuestTold, mac_address, parse_guest_text
from agent.inventory.guests import Guest
from agent.machine.base import Unreadable
from agent.machine.offline import OfflineMachine, command_slug
from agent.reading import best_reading

UUID = "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"
DOMAIN = f"""<domain type='kvm'>
  <name>erp-db</name><uuid>{UUID}</uuid>
  <metadata><libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
    <libosinfo:os id="http://microsoft.com/win/2k22"/></libosinfo:libosinfo></metadata>
  <memory unit='KiB'>8388608</memory><vcpu placement='static'>4</vcpu>
  <devices><interface type='network'><mac address='52:54:00:AB:CD:EF'/></interface></devices>
</domain>"""
VMX = """.encoding = "GBK"
config.version = "8"
displayName = "CAD-01"
guestOS = "windows9-64"
memsize = "4096"
numvcpus = "2"
uuid.bios = "56 4d 1a 2b 3c 4d 5e 6f-70 81 92 a3 b4 c5 d6 e7"
ethernet0.generatedAddress = "00:0c:29:11:22:33"
"""
VBOX = """<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-windows">
<Machine uuid="{11111111-2222-3333-4444-555555555555}" name="test" OSType="Windows10_64">
<Hardware><CPU count="2"/><Memory RAMSize="2048"/><Network><Adapter slot="0" enabled="true" MACAddress="080027AABBCC"/>
<Adapter slot="1" enabled="false" MACAddress="080027000000"/></Network></Hardware></Machine></VirtualBox>"""
GET_VM_TEXT = f"""
VMName         : 财务系统
VMId           : {UUID}
State          : Running
ProcessorCount : 8
MemoryStartup  : 17179869184

VMName         : old
VMId           : 5dea22b3-1d52-d8f3-2516-782e98ab3fa0
State          : Off
ProcessorCount : 1
MemoryStartup  : 1073741824
"""
DOCKER = {"Name": "/web", "Config": {"Image": "registry.example.com/team/nginx:1.25", "Env": ["PASSWORD=x"]},
          "State": {"Running": True, "Paused": False}}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DOMAIN, GuestTold("kvm", "erp-db", UUID, None, 4, 8 << 30, "http://microsoft.com/win/2k22",
                           mac_addresses=("52:54:00:ab:cd:ef",))),
        (VMX, GuestTold("vmware", "CAD-01", "564d1a2b-3c4d-5e6f-7081-92a3b4c5d6e7", None, 2, 4 << 30, "windows9-64",
                        mac_addresses=("00:0c:29:11:22:33",))),
        (VBOX, GuestTold("virtualbox", "test", "11111111-2222-3333-4444-555555555555", None, 2, 2 << 30, "Windows10_64",
                         mac_addresses=("08:00:27:aa:bb:cc",))),
        (json.dumps(DOCKER), GuestTold("docker", "web", state="running", image="nginx:1.25")),
        (json.dumps([{"id": "ab", "names": ["db"], "layer": "c", "metadata": '{"image-name":"quay.io/team/pg:15"}'}]),
         GuestTold("podman", "db", image="pg:15")),
        ("lxc.uts.name = build\nlxc.net.0.hwaddr = 00:16:3e:11:22:33\n",
         GuestTold("lxc", "build", mac_addresses=("00:16:3e:11:22:33",))),
        (f"global:installed:/\nweb:installed:/zones/web:{UUID}\n", GuestTold("zone", "web", UUID, "installed")),
    ],
)  # fmt: skip
def test_definitions(text: str, expected: GuestTold) -> None:
    assert parse_guest_text(text) == (expected,)


def test_listings() -> None:
    virsh = " Id   Name      State\n--------------------------\n 3    erp-db    running\n -    old vm    shut off\n"
    assert [(each.name, each.state) for each in parse_guest_text(virsh)] == [
        ("erp-db", "running"),
        ("old vm", "stopped"),
    ]
    hyper_v = parse_guest_text(GET_VM_TEXT)
    assert [(each.name, each.state, each.virtual_processors) for each in hyper_v] == [
        ("财务系统", "running", 8),
        ("old", "stopped", 1),
    ]
    assert hyper_v[0].uuid == UUID


@pytest.mark.parametrize(
    "text", ["", "hello", "<html/>", "{}", "[1]", "[" * 10_000, "<domain" * 10_000, "Name : x\nValue : y"]
)
def test_other_texts_tell_of_no_guest(text: str) -> None:
    assert parse_guest_text(text) == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [("080027AABBCC", "08:00:27:aa:bb:cc"), ("52-54-00-AB-CD-EF", "52:54:00:ab:cd:ef"), ("x", None), (None, None)],
)
def test_addresses(written: str | None, expected: str | None) -> None:
    assert mac_address(written) == expected


def made(folder: Path, files: dict[str, str]) -> OfflineMachine:
    for path, text in files.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return OfflineMachine(str(folder))


def test_a_linux_host(tmp_path: Path) -> None:
    machine = made(
        tmp_path,
        {
            "/etc/passwd": "li:x:1000:1000::/home/li:/bin/sh\n",
            "/etc/libvirt/qemu/erp-db.xml": DOMAIN,
            "/etc/libvirt/qemu/old.xml": DOMAIN.replace("erp-db", "old"),
            "/etc/libvirt/qemu/damaged.xml": "<domain",
            "/run/libvirt/qemu/erp-db.pid": "42",
            "/home/li/.config/VirtualBox/VirtualBox.xml": '<MachineEntry uuid="{1}" src="/data/vm/test.vbox"/>',
            "/data/vm/test.vbox": VBOX,
            "/var/lib/lxc/build/config": "lxc.uts.name = build\n",
            "/var/lib/docker/containers/abc/config.v2.json": json.dumps(DOCKER),
        },
    )
    inventory = scan_with(machine, VIRTUAL_MACHINES, CONTAINERS)
    assert [(each.kind, each.name, each.state) for each in inventory.guests] == [
        ("kvm", "erp-db", "running"), ("kvm", "old", "stopped"), ("virtualbox", "test", None), ("lxc", "build", None),
        ("docker", "web", "running"),
    ]  # fmt: skip
    outcomes = {run.scope: run.outcome.value for run in inventory.coverage}
    assert outcomes["virtual_machines:libvirt"] == "partial" and outcomes["virtual_machines:vmware"] == "absent"
    assert outcomes["containers:podman"] == "absent"
    assert "PASSWORD" not in repr(inventory) and "registry.example.com" not in repr(inventory)


LXSS = "[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Lxss"
REG = f"""Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\vmms]
"Start"=dword:00000002

{LXSS}]
"DefaultDistribution"="{{{UUID}}}"

{LXSS}\\{{{UUID}}}]
"DistributionName"="Ubuntu-22.04"
"PackageFamilyName"="CanonicalGroupLimited.Ubuntu22.04LTS_79rhkp1fndgsc"
"Version"=dword:00000002

{LXSS}\\{{00000000-0000-0000-0000-000000000001}}]
"State"=dword:00000003
"""


def test_a_windows_host(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry/x.reg").write_bytes(REG.encode("utf-16"))
    machine = made(tmp_path, {"/commands/%s.txt" % command_slug(GET_VM): GET_VM_TEXT})
    found = [(each.kind, each.name, each.memory_bytes) for each in scan_with(machine, VIRTUAL_MACHINES).guests]
    assert found == [("hyper-v", "财务系统", 16 << 30), ("hyper-v", "old", 1 << 30)]


def test_linux_inside_windows() -> None:
    (guest,) = best_reading(readers("wsl"), REG.encode("utf-16"), "x.reg").guests
    assert (guest.kind, guest.name, guest.uuid) == ("wsl", "Ubuntu-22.04", UUID)
    assert guest.operating_system == "CanonicalGroupLimited.Ubuntu22.04LTS_79rhkp1fndgsc"


@pytest.mark.parametrize(
    ("collector", "text"),
    [(VIRTUAL_MACHINES, DOMAIN), (VIRTUAL_MACHINES, VMX), (VIRTUAL_MACHINES, VBOX), (VIRTUAL_MACHINES, GET_VM_TEXT),
     (CONTAINERS, json.dumps(DOCKER)), (WSL, REG)],
    ids=["domain", "vmx", "vbox", "hyper_v", "docker", "wsl"],
)  # fmt: skip
def test_every_mutation_ends_soon(collector: Collector, text: str) -> None:
    assert collector.parse_file is not None
    data = text.encode("utf-16") if text is REG else text.encode()
    started = time.monotonic()
    for damaged in mutations(data, 200):
        try:
            assert all(not isinstance(each, Guest) or each.name for each in collector.parse_file(damaged, "x"))
        except (Absent, Unreadable):
            continue
    assert time.monotonic() - started < 20
