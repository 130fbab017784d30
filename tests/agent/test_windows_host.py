"""The Windows host: registry, management classes, both ways to ask for them, and what stays unknown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from corpus import corpus_folder
from hive_writer import Key, write_hive
from recorded_machine import scan_with
from reg_writer import write_export
from windows_folder import WindowsFolder

from agent.collectors.base import Absent, Found, Problem
from agent.collectors.windows.host import WINDOWS_HOST, collect, parse_file
from agent.collectors.windows.host_hardware import CLASSES, parse_hardware
from agent.formats.cim_answer import DamagedAnswer, number_of, parse_cim_json, parse_wmic_list
from agent.inventory.host import Host, OperatingSystem, Processor
from agent.inventory.software import Software
from agent.machine.base import Machine, RegistryKey, Unreadable
from agent.machine.offline import OfflineMachine

CAPTURES = Path(__file__).resolve().parents[1] / "captures"
GLPI = corpus_folder("glpi-agent/raw/win32/wmi")
NT = "Microsoft\\Windows NT\\CurrentVersion"


def collected(name: str) -> list[Found]:
    """Return what the collector finds on a recorded machine."""
    return list(collect(OfflineMachine(str(CAPTURES / name))))


def test_a_windows_10_office_pc() -> None:
    assert collected("windows-10-office") == [
        Host(
            operating_system=OperatingSystem(
                family="windows",
                name="Windows 10 Pro",
                version="10.0.19045.3803",
                edition="Professional",
                release="22H2",
                build="19045",
                architecture="AMD64",
                installation_id="6f1c7e0a-52d3-4b8e-9a41-0d7c2be5f310",
                installed_on="2023-08-16",
                language="zh-CN",
            ),
            name="BGS-PC-0117",
            domain="corp.example",
            manufacturer="LENOVO",
            model="10SRS0C000",
            serial="PF2Z0117",
            board_serial="L1HF0AB0117",
            uuid="4C4C4544-0050-3210-8057-B4C04F4E3232",
            asset_tag="ZC-2023-0117",
            mac_addresses=("8c:16:45:0a:01:17",),
            chassis="desktop",
            chassis_code=3,
            processors=(Processor("Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz", 6, 12),),
            memory_bytes=17042427904,
            virtual=False,
        ),
        Software(
            source="operating_system",
            name="Windows 10 Pro",
            scope="host",
            seen_at="HKLM\\SOFTWARE\\" + NT,
            version="10.0.19045.3803",
            publisher="Microsoft Corporation",
            identifier="Professional",
            architecture="AMD64",
            language="zh-CN",
            installed_on="2023-08-16",
            per_user=False,
        ),
    ]


def test_a_windows_7_pc_answers_through_wmic() -> None:
    found = collected("windows-7-finance")
    host = found[0]

    assert isinstance(host, Host)
    assert len(found) == 2
    assert (host.operating_system.version, host.operating_system.release) == ("6.1.7601", "Service Pack 1")
    assert (host.name, host.domain, host.serial) == ("CW-PC-0203", None, "4J1X0203")
    assert (host.chassis_code, host.chassis, host.virtual) == (15, "desktop", False)
    assert host.processors == (Processor("Intel(R) Core(TM) i3-4150 CPU @ 3.50GHz", 2, 4),)
    assert host.mac_addresses == ("f8:b1:56:0a:02:03",)


def test_windows_11_keeps_the_words_of_its_registry() -> None:
    host = collected("windows-11-design")[0]

    assert isinstance(host, Host)
    assert (host.operating_system.name, host.operating_system.version) == ("Windows 10 Pro", "10.0.22631.3447")
    assert host.operating_system.release == "23H2"
    assert host.mac_addresses == ("e0:73:e7:0a:03:05", "e0:73:e7:0a:03:06")


def test_a_disk_alone_tells_what_the_registry_remembers(tmp_path: Path) -> None:
    software, system = Key(), Key()
    software.at(NT).values = {
        "ProductName": "Windows Server 2022 Standard",
        "CurrentBuild": "20348",
        "CurrentVersion": "6.3",
    }
    software.at(NT).values.update(CurrentMajorVersionNumber=10, CurrentMinorVersionNumber=0, EditionID="ServerStandard")
    system.at("Select").values["Current"] = 3
    maker = system.at("ControlSet003\\Control\\SystemInformation")
    maker.values = {"SystemManufacturer": "VMware, Inc.", "SystemProductName": "VMware7,1"}
    system.at("ControlSet003\\Services\\Tcpip\\Parameters").values["NV Domain"] = "corp.example"
    config = tmp_path / "Windows" / "System32" / "config"
    config.mkdir(parents=True)
    (config / "SOFTWARE").write_bytes(write_hive(software))
    (config / "SYSTEM").write_bytes(write_hive(system))
    host, record = collect(OfflineMachine(str(tmp_path)))

    assert isinstance(host, Host)
    assert (host.operating_system.version, host.operating_system.installed_on) == ("10.0.20348", None)
    assert (host.domain, host.name, host.serial) == ("corp.example", None, None)
    assert (host.virtual, host.virtual_kind, host.chassis) == (True, "vmware", "virtual")
    assert isinstance(record, Software)
    assert (record.name, record.identifier) == ("Windows Server 2022 Standard", "ServerStandard")


def test_an_unreadable_registry_still_gives_one_host(tmp_path: Path) -> None:
    (tmp_path / "Windows" / "System32" / "config").mkdir(parents=True)
    found = list(collect(OfflineMachine(str(tmp_path))))

    assert [item for item in found if isinstance(item, Host)] == [Host(OperatingSystem("windows"))]
    assert {item.what for item in found if isinstance(item, Problem)} == {"the hive is not there"}
    assert not any(isinstance(item, Software) for item in found)


class AskedMachine(Machine):
    """A Windows whose commands answer what a test says; its registry holds the logical processors."""

    def __init__(self, answers: dict[str, str | Unreadable], processors: int = 0) -> None:
        self.answers = answers
        self.processors = processors
        self.asked: list[str] = []

    def run(self, command: Sequence[str], timeout_seconds: float = 20.0) -> str | None:
        """Answer by program and class."""
        name = command[0] if command[0] == "powershell" else command[2]
        self.asked.append(name)
        answer = self.answers.get(name)
        if isinstance(answer, Unreadable):
            raise answer
        return answer

    def registry_key(self, path: str) -> RegistryKey | None:
        """Answer the keys of the processors."""
        above = "HKLM\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor"
        if path == above:
            return RegistryKey(path, {}, tuple(str(number) for number in range(self.processors)))
        return RegistryKey(path, {"ProcessorNameString": " QEMU Virtual CPU "}) if path.startswith(above) else None


def host_of(machine: Machine) -> tuple[Host, list[Problem]]:
    """Return the one host and the problems."""
    found = list(collect(machine))
    (host,) = [item for item in found if isinstance(item, Host)]
    return host, [item for item in found if isinstance(item, Problem)]


def test_wmic_is_asked_only_when_powershell_cannot() -> None:
    modern = AskedMachine({"powershell": '\ufeff{"Win32_BIOS":{"SerialNumber":" X1 "}}'})
    assert host_of(modern)[0].serial == "X1"
    assert modern.asked == ["powershell"]

    old = AskedMachine(
        {"powershell": Unreadable("powershell", "exit code 1"), "Win32_BIOS": "\r\r\nSerialNumber=X2\r\r\n"}
    )
    host, problems = host_of(old)
    assert (host.serial, problems) == ("X2", [])
    assert len(old.asked) == 8


def test_an_answer_that_cannot_be_used_is_a_problem() -> None:
    assert host_of(AskedMachine({"powershell": "Get-CimInstance : access denied"}))[1] == [
        Problem("hardware", "powershell: no JSON object")
    ]
    silent = AskedMachine({"powershell": Unreadable("powershell", "timed out")})
    assert host_of(silent)[1] == [Problem("hardware", "powershell: powershell: timed out")]
    assert host_of(AskedMachine({}))[1] == []


def test_the_registry_tells_one_processor_and_no_more() -> None:
    assert host_of(AskedMachine({}, processors=1))[0].processors == (Processor("QEMU Virtual CPU", 1, 1),)
    assert host_of(AskedMachine({}, processors=8))[0].processors == ()


def test_strange_properties_stay_unknown() -> None:
    hardware = parse_hardware(
        parse_cim_json(
            '{"Win32_ComputerSystem":[{"Domain":"WORKGROUP","PartOfDomain":false,"TotalPhysicalMemory":"17042427904"}],'
            '"Win32_SystemEnclosure":{"ChassisTypes":[],"SMBIOSAssetTag":"  "},"Win32_BIOS":[],"Win32_BaseBoard":null,'
            '"Win32_Processor":[{"Name":null,"NumberOfCores":-4},{"Name":"B","NumberOfCores":"8"}],'
            '"Win32_NetworkAdapter":[{"MACAddress":"AA-BB-CC-00-11-22","PNPDeviceID":"VMBUS\\\\X"},'
            '{"MACAddress":"nonsense","PNPDeviceID":"PCI\\\\X"},{"MACAddress":null}]}'
        )
    )

    assert (hardware.domain, hardware.memory_bytes, hardware.chassis_code) == (None, 17042427904, None)
    assert (hardware.asset_tag, hardware.serial, hardware.board_serial) == (None, None, None)
    assert hardware.processors == (Processor(), Processor("B", 8))
    assert hardware.mac_addresses == ("aa:bb:cc:00:11:22",)


def test_reads_lists_of_wmic() -> None:
    text = "\r\r\n\r\r\nChassisTypes={10}\r\r\nName=A=B\r\r\nEmpty=\r\r\n\r\r\n"
    text += "ChassisTypes={3, 4}\r\r\nName=C\r\r\n\r\r\n"

    assert parse_wmic_list(text) == [
        {"ChassisTypes": ["10"], "Name": "A=B", "Empty": None},
        {"ChassisTypes": ["3", "4"], "Name": "C"},
    ]
    assert number_of(["10"]) == 10
    assert parse_wmic_list("Node - X\r\nERROR:\r\nDescription: Invalid class") == []


@pytest.mark.parametrize("text", ["", "[]", "{", "7", '{"a":' * 5000])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(DamagedAnswer):
        parse_cim_json(text)


def test_the_collector_is_for_windows() -> None:
    assert (WINDOWS_HOST.name, WINDOWS_HOST.platforms) == ("host", frozenset({"windows"}))


@pytest.mark.skipif(GLPI is None, reason="no corpus beside this checkout")
@pytest.mark.parametrize(
    ("name", "processors"),
    [
        ("7", [("Intel(R) Core(TM) i5-2300 CPU @ 2.80GHz", 4, 4)]),
        ("2019-amd-epyc", [("AMD EPYC 7302 16-Core Processor", 2, 4)]),
    ],
)
def test_reads_processors_of_recorded_wmi(name: str, processors: list[tuple[str, int, int]]) -> None:
    assert GLPI is not None
    data = (GLPI / f"{name}-Win32_Processor.wmi").read_bytes()
    text = data.decode("utf-16") if data.startswith(b"\xff\xfe") else data.decode("utf-8", "replace")
    found = parse_hardware({"Win32_Processor": parse_wmic_list(text)}).processors

    assert [(one.name, one.cores, one.threads) for one in found] == processors


def test_a_listing_of_processors_by_itself() -> None:
    text = "\r\n\r\nMaxClockSpeed=2800\r\nName=Intel(R) Core(TM) i5\r\n"
    text += "NumberOfCores=4\r\nNumberOfLogicalProcessors=8\r\n\r\n"
    (found,) = [each for each in parse_file(text.encode("utf-16"), "cpu.wmi") if isinstance(each, Host)]
    assert found.processors == (Processor("Intel(R) Core(TM) i5", 4, 8),)


def test_an_export_of_the_registry_by_itself() -> None:
    root = Key()
    root.at("SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion").values = {
        "ProductName": "Windows 10 专业版",
        "EditionID": "Pro",
    }
    export = write_export("HKEY_LOCAL_MACHINE", root)
    (found,) = [each for each in parse_file(export, "x.reg") if isinstance(each, Host)]
    assert (found.operating_system.name, found.operating_system.edition) == ("Windows 10 专业版", "Pro")
    with pytest.raises(Absent):
        list(parse_file(write_export("HKEY_LOCAL_MACHINE", Key()), "x.reg"))


def test_the_processor_names_itself(tmp_path: Path) -> None:
    """XP calls what it does not know a Pentium III; with two different processors nobody can tell which is which."""
    question = ("wmic", "path", "Win32_Processor", "get", ",".join(CLASSES["Win32_Processor"]), "/value")
    listing = "Name=Intel(R) Pentium(R) III Xeon\r\nNumberOfCores=4\r\n\r\n" * 2
    for names, shown in ((("E5440",) * 8, "E5440"), (("E5440", "E5504"), "Intel(R) Pentium(R) III Xeon")):
        root = Key()
        for number, name in enumerate(names):
            root.at(f"HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\{number}").values = {"ProcessorNameString": name}
        folder = WindowsFolder(tmp_path / shown.replace("/", "")).registry("HKEY_LOCAL_MACHINE", root)
        host = scan_with(folder.printed(question, listing).machine(), WINDOWS_HOST).host
        assert [(each.name, each.cores) for each in host.processors] == [(shown, 4), (shown, 4)]
