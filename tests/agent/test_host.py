"""Which machine this is: systems, bodies, processors, in the words of real and of domestic machines."""

from __future__ import annotations

import json
import plistlib
from pathlib import Path
from typing import Any, Sequence

import pytest
from corpus import corpus_folder
from recorded_machine import recorded_machine, scan_with

from agent.collectors.anywhere.chassis import chassis_of, virtual_kind_of
from agent.collectors.base import Problem
from agent.collectors.linux.host import LINUX_HOST, parse_file
from agent.collectors.linux.processors import parse_cpuinfo, parse_topology
from agent.collectors.linux.releases import parse_assignments, system_of_os_release, system_of_release_line
from agent.collectors.macos import host as macos
from agent.inventory.coverage import Outcome
from agent.inventory.host import Host, OperatingSystem, Processor
from agent.inventory.software import Software
from agent.machine.base import MAX_FILE_BYTES, Machine, Unreadable
from agent.machine.here import machine_here
from agent.machine.offline import OfflineMachine


def machine_of(folder: Path, files: dict[str, str]) -> OfflineMachine:
    """Return a machine that has just these files."""
    for path, text in files.items():
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    (folder / "etc").mkdir(exist_ok=True)
    return OfflineMachine(str(folder))


def test_reads_a_debian_12_machine() -> None:
    inventory = scan_with(recorded_machine("debian-12"), LINUX_HOST)

    assert inventory.host.operating_system == OperatingSystem(
        family="linux",
        name="Debian GNU/Linux 12",
        version="12",
        release="bookworm",
        architecture="x86_64",
        kernel="6.1.0-18-amd64",
        distribution="debian",
        installation_id="0123456789abcdef0123456789abcdef",
    )
    assert inventory.host.processors == (Processor("AMD EPYC", cores=2, threads=2),)
    assert inventory.host.virtual is True  # the hypervisor flag of cpuinfo
    assert (inventory.host.chassis, inventory.host.mac_addresses) == ("virtual", ())
    assert (inventory.host.memory_bytes or 0) % 1024 == 0
    assert inventory.software == (
        Software(
            source="operating_system",
            name="Debian GNU/Linux 12",
            scope="host",
            seen_at="/etc/os-release",
            version="12",
            identifier="debian",
            architecture="x86_64",
            per_user=False,
        ),
    )
    assert [(run.scope, run.outcome, run.found) for run in inventory.coverage] == [("host", Outcome.COMPLETE, 2)]


UOS = {
    "/etc/os-release": 'PRETTY_NAME="UnionTech OS Desktop 20 Pro"\nNAME="uos"\nVERSION_ID="20"\nVERSION="20"\nID=uos\n',
    "/etc/os-version": "[Version]\nSystemName=UnionTech OS Desktop\nSystemName[zh_CN]=统信桌面操作系统\n"
    "ProductType=Desktop\nEditionName=Professional\nEditionName[zh_CN]=专业版\nMajorVersion=20\nMinorVersion=1060\n"
    "OsBuild=11018.107.100\n",
    "/etc/default/locale": "LANG=zh_CN.UTF-8\nLANGUAGE=zh_CN\n",
    "/etc/machine-id": "\n",
    "/var/lib/dbus/machine-id": "ffeeddccbbaa99887766554433221100\n",
    "/sys/class/dmi/id/sys_vendor": "HUAWEI\n",
    "/sys/class/dmi/id/product_name": "HUAWEI PGU-WBX0\n",
    "/sys/class/dmi/id/product_serial": "Default string\n",
    "/sys/class/dmi/id/product_uuid": "00112233-4455-6677-8899-aabbccddeeff\n",
    "/sys/class/dmi/id/chassis_type": "3\n",
    "/sys/class/net/eth0/address": "C0:FF:EE:00:00:01\n",
    "/sys/class/net/eth0/device/vendor": "0x8086\n",
    "/sys/class/net/docker0/address": "02:42:00:00:00:01\n",
    "/sys/class/net/eth1/address": "02:02:02:02:02:02\n",
    "/sys/class/net/eth1/device/vendor": "0x8086\n",
    "/sys/class/net/eth1/bonding_slave/perm_hwaddr": "c0:ff:ee:00:00:00\n",
    "/proc/cpuinfo": "".join("processor\t: %d\nCPU implementer\t: 0x48\nCPU part\t: 0xd01\n\n" % n for n in range(4)),
    "/proc/meminfo": "MemTotal:        8042112 kB\nMemFree: 1 kB\n",
    "/proc/sys/kernel/osrelease": "4.19.0-arm64-desktop\n",
    "/proc/sys/kernel/arch": "aarch64\n",
}


def test_reads_a_domestic_desktop(tmp_path: Path) -> None:
    host = scan_with(machine_of(tmp_path, UOS), LINUX_HOST).host

    assert host.operating_system == OperatingSystem(
        family="linux",
        name="UnionTech OS Desktop 20 Pro",
        version="20",
        edition="Professional",
        release="1060",
        build="11018.107.100",
        architecture="aarch64",
        kernel="4.19.0-arm64-desktop",
        distribution="uos",
        installation_id="ffeeddccbbaa99887766554433221100",
        language="zh_CN",
    )
    assert (host.manufacturer, host.model, host.serial) == ("HUAWEI", "HUAWEI PGU-WBX0", "Default string")
    assert (host.chassis, host.chassis_code, host.virtual) == ("desktop", 3, False)
    assert host.mac_addresses == ("c0:ff:ee:00:00:00", "c0:ff:ee:00:00:01")
    assert host.memory_bytes == 8042112 * 1024
    assert host.processors == (Processor("implementer 0x48 part 0xd01", cores=None, threads=4),)


def test_a_kylin_release_counts_its_service_pack_and_its_build(tmp_path: Path) -> None:
    files = {
        "/etc/os-release": 'NAME="Kylin"\nVERSION="银河麒麟桌面操作系统V10 (SP1)"\n'
        'VERSION_US="Kylin Linux Desktop V10 (SP1)"\n'
        'ID=kylin\nID_LIKE=debian\nPRETTY_NAME="Kylin V10 SP1"\nVERSION_ID="v10"\n',
        "/etc/.kyinfo": "[dist]\nname=Kylin\nmilestone=2303\narch=arm64\n"
        "dist_id=Kylin-Desktop-V10-SP1-General-Release-2303\n"
        "[servicekey]\nkey=0123456\n[os]\nterm=2030-01-01\n",
    }
    inventory = scan_with(machine_of(tmp_path, files), LINUX_HOST)
    system = inventory.host.operating_system
    assert (system.name, system.version, system.release) == ("Kylin V10 SP1", "10", "V10 SP1")
    assert (system.distribution, system.build) == ("kylin", "Kylin-Desktop-V10-SP1-General-Release-2303")
    assert "0123456" not in repr(inventory)


@pytest.mark.parametrize(
    ("line", "name", "version", "release"),
    [
        ("CentOS Linux release 7.9.2009 (Core)", "CentOS Linux 7.9.2009", "7.9.2009", "Core"),
        ("Kylin Linux Advanced Server release V10 (Tercel)", "Kylin Linux Advanced Server V10", "10", "Tercel"),
        ("NeoKylin Linux Desktop release V7.0", "NeoKylin Linux Desktop V7.0", "7.0", None),
        ("NFSDesktop release 4.0 (Eagle)\n", "NFSDesktop 4.0", "4.0", "Eagle"),
        ("Kylin V10 SP2", "Kylin V10", "10", "V10 SP2"),
    ],
)
def test_reads_release_lines(line: str, name: str, version: str, release: str | None) -> None:
    system = system_of_release_line(line)
    assert system is not None
    assert (system.name, system.version, system.release) == (name, version, release)


@pytest.mark.parametrize("text", ["", "\n\n", "Welcome", "<html>"])
def test_other_text_is_no_release_line(text: str) -> None:
    assert system_of_release_line(text) is None


@pytest.mark.parametrize(
    ("text", "name", "version", "release"),
    [
        ('PRETTY_NAME="openEuler 22.03 (LTS-SP3)"\nVERSION_ID="22.03"', "openEuler 22.03", "22.03", "LTS-SP3"),
        (
            "PRETTY_NAME='Ubuntu 22.04.3 LTS'\nVERSION_ID=22.04\nVERSION_CODENAME=jammy",
            "Ubuntu 22.04.3 LTS",
            "22.04",
            "jammy",
        ),
        ('NAME=Kylin\nVERSION="V10 (Tercel)"\nVERSION_ID="V10"', "Kylin V10", "10", "Tercel"),
        ('PRETTY_NAME="a \\"b\\" \\$c"\n# VERSION_ID=1\nbroken line\nVERSION_ID=""', 'a "b" $c', None, None),
        ("", None, None, None),
    ],
)
def test_reads_os_release(text: str, name: str | None, version: str | None, release: str | None) -> None:
    system = system_of_os_release(parse_assignments(text))
    assert (system.name, system.version, system.release) == (name, version, release)


LOONGARCH = "system type\t\t: generic-loongson-machine\n\n" + "".join(
    "processor\t\t: %d\npackage\t\t\t: %d\ncore\t\t\t: %d\nCPU Family\t\t: Loongson-64bit\n"
    "Model Name\t\t: Loongson-3A5000-HV\nCPU Revision\t\t: 0x11\n\n" % (n, n // 4, n % 4)
    for n in range(8)
)
ARM = "Processor\t: AArch64 Processor rev 1\n" + "".join(
    "processor\t: %d\nBogoMIPS\t: 100.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x70\nCPU part\t: 0x662\n\n" % n
    for n in range(4)
)


def test_reads_the_processors_of_domestic_machines() -> None:
    assert parse_cpuinfo(LOONGARCH) == (Processor("Loongson-3A5000-HV", 4, 4), Processor("Loongson-3A5000-HV", 4, 4))
    assert parse_cpuinfo(ARM) == (Processor("AArch64 Processor rev 1", None, 4),)
    named = "processor\t: 0\nmodel name\t: Phytium,FT-2000/4\n\nprocessor\t: 1\nmodel name\t: Phytium,FT-2000/4\n\n"
    topology = parse_topology([(0, "0\n", "0\n"), (1, "1\n", "0\n"), (2, "-1\n", "0\n"), (3, None, None)])
    assert topology == {0: ("0", "0"), 1: ("1", "0")}
    assert parse_cpuinfo(named, topology) == (
        Processor("Phytium,FT-2000/4", 1, 1),
        Processor("Phytium,FT-2000/4", 1, 1),
    )
    assert parse_cpuinfo("") == ()
    assert parse_cpuinfo("processor: x\n\x00\nphysical id: 1") == ()


def _cpu_cases() -> list[Path]:
    folder = corpus_folder("glpi-agent")
    return [] if folder is None else sorted((folder / "expected").glob("linux-cpu.*.json"))


@pytest.mark.parametrize("answer", _cpu_cases(), ids=lambda path: path.stem)
def test_counts_processors_and_cores_as_others_do(answer: Path) -> None:
    case: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    path = answer.parents[1] / case["files"][0]
    expected = [
        Processor(each["name"], int(each["core"]), int(each["core"]) * int(each["thread"])) for each in case["expected"]
    ]
    assert list(parse_cpuinfo(path.read_text(encoding="utf-8"))) == expected


def test_point_release_of_centos_comes_from_its_release_line(tmp_path: Path) -> None:
    files = {
        "/etc/os-release": 'NAME="CentOS Linux"\nVERSION_ID="7"\nPRETTY_NAME="CentOS Linux 7 (Core)"\nID="centos"\n',
        "/etc/centos-release": "CentOS Linux release 7.9.2009 (Core)\n",
    }
    system = scan_with(machine_of(tmp_path, files), LINUX_HOST).host.operating_system
    assert (system.name, system.version, system.release) == ("CentOS Linux 7", "7.9.2009", "Core")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/proc/sys/kernel/osrelease": "5.15.90.1-microsoft-standard-WSL2"}, (True, "wsl")),
        ({"/.dockerenv": ""}, (True, "container")),
        ({"/run/systemd/container": "lxc"}, (True, "container")),
        ({"/proc/1/cgroup": "1:name=systemd:/docker/0123\n"}, (True, "container")),
        ({"/proc/1/cgroup": "0::/init.scope\n"}, (None, None)),
        ({"/sys/class/dmi/id/sys_vendor": "VMware, Inc."}, (True, "vmware")),
        ({"/sys/class/dmi/id/sys_vendor": "LENOVO", "/proc/cpuinfo": "flags : vmx"}, (False, None)),
        ({"/proc/cpuinfo": "processor: 0\nflags\t: sse hypervisor\n"}, (True, None)),
        ({"/sys/hypervisor/type": "xen", "/proc/xen/capabilities": ""}, (True, "xen")),
        ({"/sys/hypervisor/type": "xen", "/proc/xen/capabilities": "control_d"}, (None, None)),
    ],
)
def test_tells_virtual_machines(
    tmp_path: Path, files: dict[str, str], expected: tuple[bool | None, str | None]
) -> None:
    host = scan_with(machine_of(tmp_path, files), LINUX_HOST).host
    assert (host.virtual, host.virtual_kind) == expected


@pytest.mark.parametrize(
    ("maker", "model", "kind"),
    [
        ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "kvm"),
        ("Microsoft Corporation", "Virtual Machine", "hyper-v"),
        ("Microsoft Corporation", "Surface Pro 7", None),
        ("innotek GmbH", "VirtualBox", "virtualbox"),
        ("Alibaba Cloud", "Alibaba Cloud ECS", "kvm"),
        ("Amazon EC2", "c5.metal", None),
        ("Amazon EC2", "c5.large", "kvm"),
        ("Dell Inc.", "OptiPlex 7090", None),
        (None, None, None),
    ],
)
def test_names_the_hypervisor(maker: str | None, model: str | None, kind: str | None) -> None:
    assert virtual_kind_of(maker, model) == kind


@pytest.mark.parametrize(
    ("code", "virtual", "chassis"),
    [(3, False, "desktop"), (9, False, "portable"), (0x8A, None, "portable"), (23, None, "server"), (1, False, None),
     (2, None, None), (None, None, None), (1, True, "virtual"), (35, False, "desktop"), (31, False, "portable")],
)  # fmt: skip
def test_names_the_chassis(code: int | None, virtual: bool | None, chassis: str | None) -> None:
    assert chassis_of(code, virtual) == chassis


def test_a_disk_that_says_nothing_is_still_a_host(tmp_path: Path) -> None:
    inventory = scan_with(machine_of(tmp_path, {}), LINUX_HOST)
    assert inventory.host == Host(OperatingSystem("linux"))
    assert (inventory.software, inventory.coverage[0].outcome) == ((), Outcome.COMPLETE)


def test_an_unreadable_word_costs_itself(tmp_path: Path) -> None:
    machine = machine_of(tmp_path, {"/etc/os-release": "ID=debian\nPRETTY_NAME=Debian\n"})
    (tmp_path / "sys/class/dmi/id/product_serial").mkdir(parents=True)
    inventory = scan_with(machine, LINUX_HOST)
    assert inventory.host.operating_system.name == "Debian"
    assert [(f.where, f.what) for f in inventory.coverage[0].faults] == [
        ("/sys/class/dmi/id/product_serial", "not a regular file")
    ]


def test_the_architecture_of_a_mounted_disk_is_that_of_its_programs(tmp_path: Path) -> None:
    head = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\x00" + (258).to_bytes(2, "little") + b"\0" * 40
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").write_bytes(head)
    system = scan_with(machine_of(tmp_path, {}), LINUX_HOST).host.operating_system
    assert system.architecture == "loongarch64"


def test_this_machine_has_an_identity() -> None:
    machine = machine_here()
    if machine.family != "linux":
        pytest.skip("Linux alone")
    host = scan_with(machine, LINUX_HOST).host
    assert host.operating_system.name
    assert host.operating_system.kernel
    assert sum(each.threads or 0 for each in host.processors) >= 1
    assert (host.memory_bytes or 0) > 64 << 20


def test_what_is_no_release_file_is_a_problem() -> None:
    (problem,) = parse_file(b"\x00\x01", "x")
    assert isinstance(problem, Problem)


def test_reads_a_mac(tmp_path: Path) -> None:
    folder = tmp_path / "System/Library/CoreServices"
    folder.mkdir(parents=True)
    values = {"ProductName": "macOS", "ProductVersion": "14.2.1", "ProductBuildVersion": "23C71"}
    (folder / "SystemVersion.plist").write_bytes(plistlib.dumps(values))
    inventory = scan_with(OfflineMachine(str(tmp_path)), macos.MACOS_HOST)
    assert inventory.host == Host(OperatingSystem("macos", name="macOS", version="14.2.1", build="23C71"))
    assert [(s.source, s.name, s.version) for s in inventory.software] == [("operating_system", "macOS", "14.2.1")]


def test_reads_what_the_commands_of_a_mac_say() -> None:
    facts = macos.parse_sysctl(
        "hw.model: MacBookPro18,3\nhw.machine: arm64\nhw.memsize: 17179869184\nhw.packages: 1\nhw.physicalcpu: 8\n"
        "hw.logicalcpu: 8\nmachdep.cpu.brand_string: Apple M1 Pro\nkern.hv_vmm_present: 0\nkern.osrelease: 23.2.0\n"
    )
    ports = (
        "\nHardware Port: Wi-Fi\nDevice: en0\nEthernet Address: a4:83:e7:00:00:01\n\n"
        "Hardware Port: Thunderbolt Bridge\nDevice: bridge0\nEthernet Address: 36:00:00:00:00:00\n\n"
        "VLAN Configurations\n===================\n"
    )
    board = {"manufacturer": "Apple Inc.", "IOPlatformSerialNumber": "C02XX0XXXXXX", "IOPlatformUUID": "0-1"}
    host = macos.host_of(macos.operating_system({"ProductName": "macOS"}, facts), facts, board, ports, "mac.office.lan")

    assert (host.name, host.domain, host.serial, host.uuid) == ("mac", "office.lan", "C02XX0XXXXXX", "0-1")
    assert host.processors == (Processor("Apple M1 Pro", 8, 8),)
    assert (host.chassis, host.virtual, host.memory_bytes) == ("portable", False, 17179869184)
    assert host.mac_addresses == ("a4:83:e7:00:00:01",)
    assert (host.operating_system.architecture, host.operating_system.kernel) == ("arm64", "23.2.0")


class OldMac(Machine):
    """A Mac whose sysctl knows less than we ask for: it fails for the whole of a list with one unknown name."""

    family = "macos"

    def read_bytes(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes | None:
        return None

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        if command[0] != "sysctl":
            return None
        if "kern.hv_vmm_present" in command:
            raise Unreadable("sysctl", "ended with code 1")
        assert command[1:] == ["hw", "machdep.cpu", "kern.osrelease"]
        return "hw.model: MacBookAir6,2\nhw.physicalcpu: 2\nhw.logicalcpu: 4\nhw.packages: 1\n"


def test_an_older_mac_is_asked_for_whole_branches() -> None:
    inventory = scan_with(OldMac(), macos.MACOS_HOST)
    assert inventory.host.processors == (Processor(None, 2, 4),)
    assert (inventory.host.model, inventory.host.chassis) == ("MacBookAir6,2", "portable")
    assert inventory.coverage[0].outcome is Outcome.COMPLETE


@pytest.mark.parametrize("data", [b"", b"bplist00\xff", b"<plist><dict>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><plist/>"])
def test_a_damaged_system_version_is_a_problem_of_the_mac(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / "System/Library/CoreServices"
    folder.mkdir(parents=True)
    (folder / "SystemVersion.plist").write_bytes(data)
    (run,) = scan_with(OfflineMachine(str(tmp_path)), macos.MACOS_HOST).coverage
    assert (run.outcome, run.faults[0].where) == (Outcome.PARTIAL, macos.VERSION)
