"""Columns of tables that other tools export: their headings, and which of them means what.

Headings are compared without case, blanks and signs; SCCM's views end theirs with a nought. What SCCM, Intune,
Lansweeper and Jamf call a column stands here beside what PowerShell and Chinese tools do; a mapping names the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auditor.errors import AuditorError, both
from auditor.intake.registers.cells import folded_heading
from auditor.intake.registers.mapping import HeaderMapping

_VIEW_ENDING = re.compile(r"(?<=[a-z])0$")


@dataclass(frozen=True)
class Column:
    """One thing that a table may say: our name and heading, and what others write above it, surest first."""

    name: str
    heading: str
    others: tuple[str, ...]


COLUMNS = (
    Column("software", "软件名称", (
        "ARPDisplayName", "DisplayName", "Display Name", "Application Name", "Application Title", "softwareName",
        "Software Name", "Software Title", "Program Name", "Software", "Application", "Program", "Title", "ProductName",
        "Product Name", "软件", "程序名称", "应用名称", "名称", "Name",
    )),
    Column("computer", "计算机名", (
        "Computer Name", "Device Name", "Machine Name", "Asset Name", "Netbios_Name", "Hostname", "Host Name",
        "Computer", "Device", "Machine", "Asset", "PC", "ComputerName", "DeviceName", "设备名称", "主机名", "电脑名称",
        "计算机", "Name", "ResourceID", "MachineID",
    )),
    Column("version", "版本", (
        "DisplayVersion", "Product Version", "Application Version", "softwareVersion", "Software Version", "Version",
        "Application Short Version", "ProductVersion", "ApplicationVersion", "软件版本", "版本号",
    )),
    Column("publisher", "发布者", (
        "Publisher", "Software Publisher", "softwarePublisher", "Application Publisher", "Vendor", "Manufacturer",
        "发行商", "厂商", "开发商", "供应商",
    )),
    Column("identifier", "产品代码", (
        "ProductCode", "SoftwareCode", "ProdID", "IdentifyingNumber", "Bundle ID", "BundleId", "PackageFamilyName",
        "Application Key", "GUID",
    )),
    Column("installed_on", "安装日期", (
        "InstallDate", "Install Date", "Installdate", "Installed On", "Installation Date", "安装时间",
    )),
    Column("location", "安装位置", (
        "InstalledLocation", "Install Location", "InstallLocation", "Path", "Application Path", "安装路径", "路径",
    )),
    Column("architecture", "体系结构", ("Architecture", "Bitness", "架构")),
    Column("language", "语言", ("Language",)),
    Column("channel", "许可渠道", ("ChannelCode", "Channel")),
    Column("serial", "机身序列号", (
        "Serial Number", "SerialNumber", "Serialnumber", "Device Serial Number", "BIOS Serial", "设备序列号",
        "主机序列号",
    )),
    Column("mac", "MAC地址", ("MAC Address", "Mac", "MACAddress", "Wi-Fi MAC")),
    Column("uuid", "主板标识", ("UUID", "UDID", "SMBIOS_GUID", "Hardware UUID")),
    Column("system", "操作系统", (
        "Operating System", "Operating_System_Name_and", "OS Name", "OS", "OSname", "OSDescription", "Platform",
        "Operating System Name", "Caption",
    )),
    Column("system_version", "操作系统版本", ("OS Version", "OSVersion", "Operating System Version")),
    Column("domain", "域", ("Domain", "Resource_Domain_OR_Workgr")),
    Column("model", "型号", ("Model", "Device Model")),
    Column("devices", "设备数量", ("DeviceCount", "Device Count", "Exposed Machines", "Install Count", "安装数量")),
    Column("uninstall", "卸载命令", ("UninstallString", "Uninstall String")),
)  # fmt: skip
_BY_NAME = {folded_heading(key): column.name for column in COLUMNS for key in (column.name, column.heading)}


def columns_of(headings: Sequence[object], mapping: HeaderMapping | None, name: str) -> dict[str, int]:
    """Return the number of each column that is known, empty when the row holds no software's name.

    Raises `AuditorError` that names every column of the mapping that is none of ours, or is not in the table.
    """
    folded = [_folded(heading) for heading in headings]
    found: dict[str, int] = {}
    for ours, theirs in _mapped(mapping, name).items():
        if theirs in folded:
            found[ours] = folded.index(theirs)
    if "software" not in found:
        _take(found, folded, COLUMNS[0].name, COLUMNS[0].others[:-1], COLUMNS[0].heading)
    for column in COLUMNS[1:]:
        _take(found, folded, column.name, column.others, column.heading)
    if "software" not in found:  # a column `Name` is the computer's where the software has a clearer heading
        _take(found, folded, "software", ("Name",), "名称")
        if "software" not in found and "computer" in found and folded[found["computer"]] == "name":
            found["software"] = found.pop("computer")
    return found if "software" in found else {}


def mapping_faults(mapping: HeaderMapping | None, name: str) -> None:
    """Raise `AuditorError` that names every column of a mapping that we do not have."""
    _mapped(mapping, name)


def fixed_of(mapping: HeaderMapping | None) -> Mapping[str, str]:
    """Return what every row has unless it says otherwise, by our names."""
    told = mapping.fixed if mapping is not None else {}
    return {
        _BY_NAME[key]: str(value) for key, value in ((folded_heading(k), v) for k, v in told.items()) if key in _BY_NAME
    }


def words_of(mapping: HeaderMapping | None) -> Mapping[str, Mapping[str, str]]:
    """Return their words → ours, by our names of columns."""
    told = mapping.values if mapping is not None else {}
    return {
        _BY_NAME[folded_heading(key)]: {folded_heading(word): str(value) for word, value in words.items()}
        for key, words in told.items()
        if folded_heading(key) in _BY_NAME
    }


def _take(found: dict[str, int], folded: Sequence[str], name: str, others: Sequence[str], heading: str) -> None:
    if name in found:
        return
    taken = set(found.values())
    for wanted in (heading, *others):
        places = [place for place, each in enumerate(folded) if each == _folded(wanted) and place not in taken]
        if places:
            found[name] = places[0]
            return


def _mapped(mapping: HeaderMapping | None, name: str) -> dict[str, str]:
    if mapping is None:
        return {}
    parts = (("columns", mapping.columns), ("values", mapping.values), ("fixed", mapping.fixed))
    strange = [f"{part}.{key}" for part, told in parts for key in told if folded_heading(key) not in _BY_NAME]
    if strange:
        known = "、".join(column.heading for column in COLUMNS)
        told_both = both(f"没有该列，应为 {known} 之一", f"no such column; expected one of {known}")
        raise AuditorError("\n".join(f"{name}: {each}: {told_both}" for each in strange))
    return {_BY_NAME[folded_heading(ours)]: _folded(theirs) for ours, theirs in mapping.columns.items()}


def _folded(heading: object) -> str:
    text = heading if isinstance(heading, str | int | float) or heading is None else str(heading)
    return _VIEW_ENDING.sub("", folded_heading(text))
