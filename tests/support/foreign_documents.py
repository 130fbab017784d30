"""Documents as agents of other tools write them, made by hand: small, and with what is hard about each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

WINDOWS = {
    "full_name": "Microsoft Windows 10 Professionnel",
    "kernel_name": "MSWin32",
    "kernel_version": "10.0.19045",
    "name": "Windows",
    "version": "22H2",
    "arch": "64-bit",
    "install_date": "2023-05-04 09:00:00",
    "timezone": {"name": "Asia/Shanghai", "offset": "+0800"},
}
DEBIAN = {
    "full_name": "Debian GNU/Linux 12 (bookworm)",
    "kernel_name": "linux",
    "name": "Debian GNU/Linux",
    "version": "12.11",
    "arch": "x86_64",
}
DEVICE = "hq-015-2026-01-31-12-00-00"


def deb(name: str, version: str = "1.0-1") -> dict[str, Any]:
    """One Debian package as GLPI Agent lists it."""
    return {
        "name": name,
        "version": version,
        "from": "deb",
        "arch": "amd64",
        "publisher": "Debian",
        "system_category": "admin",
    }


def glpi(
    softwares: Iterable[dict[str, Any]] | None = (),
    *,
    at: str = "2026-03-01 10:00:00",
    partial: bool = False,
    system: dict[str, Any] | None = None,
    device: str = DEVICE,
    serial: str | None = "PF3ABCDE",
    **more: Any,
) -> bytes:
    """A native inventory of GLPI Agent; `softwares=None` leaves the section out."""
    name = device.rpartition("-20")[0]
    content: dict[str, Any] = {
        "versionclient": "GLPI-Agent_v1.10",
        "accesslog": {"logdate": at},
        "hardware": {"name": name, "uuid": None, "memory": 8192, "chassis_type": "Laptop", "vmsystem": "Physical"},
        "bios": {"ssn": serial, "smanufacturer": "LENOVO", "smodel": "20XW"},
        "networks": [{"description": "eth0", "mac": "3C:52:82:11:22:33", "type": "ethernet"}],
        **more,
    }
    if system is not None or not partial:
        content["operatingsystem"] = {"timezone": {"offset": "+0800"}, **(system or DEBIAN)}
    if softwares is not None:
        content["softwares"] = list(softwares)
    told: dict[str, Any] = {"action": "inventory", "deviceid": device, "itemtype": "Computer", "content": content}
    if partial:
        told["partial"] = True
    return json.dumps(told, ensure_ascii=False).encode("utf-8")


FUSION_XML = """<?xml version="1.0" encoding="UTF-8" ?>
<REQUEST>
  <CONTENT>
    <ACCESSLOG><LOGDATE>2026-03-01 10:00:00</LOGDATE></ACCESSLOG>
    <BIOS><SMANUFACTURER>HP</SMANUFACTURER><SMODEL>EliteBook</SMODEL><SSN>CZC0479792</SSN></BIOS>
    <CPUS><CORE>4</CORE><NAME>Intel(R) Core(TM) i5</NAME><THREAD>8</THREAD></CPUS>
    <HARDWARE>
      <NAME>cw-022</NAME><OSNAME>Microsoft Windows 10 专业版</OSNAME><MEMORY>8192</MEMORY>
      <WINPRODID>00330-80000-00000-AA123</WINPRODID><WINPRODKEY>ABCDE-FGHJK-LMNPQ-RSTVW-XYZ23</WINPRODKEY>
      <VMSYSTEM>Physical</VMSYSTEM><UUID>4c4c4544-0034-3010-8048-b6c04f503732</UUID>
    </HARDWARE>
    <LICENSEINFOS>
      <FULLNAME>Microsoft Office Professional Plus 2016</FULLNAME><NAME>Microsoft Office</NAME>
      <KEY>BCDFG-HJKMP-QRTVW-XY234-6789B</KEY><OEM>1</OEM><PRODUCTID>00339-10000-00000-AA680</PRODUCTID>
    </LICENSEINFOS>
    <ANTIVIRUS><NAME>360安全卫士</NAME><ENABLED>1</ENABLED><UPTODATE>0</UPTODATE><VERSION>13.0</VERSION></ANTIVIRUS>
    <NETWORKS><DESCRIPTION>lo</DESCRIPTION><MACADDR>00:00:00:00:00:00</MACADDR><TYPE>loopback</TYPE></NETWORKS>
    <NETWORKS><DESCRIPTION>以太网</DESCRIPTION><MACADDR>68:B5:99:E6:84:EB</MACADDR></NETWORKS>
    <OPERATINGSYSTEM>
      <FULL_NAME>Microsoft Windows 10 专业版</FULL_NAME><KERNEL_NAME>MSWin32</KERNEL_NAME>
      <KERNEL_VERSION>10.0.19045</KERNEL_VERSION><INSTALL_DATE>2023-05-04 09:00:00</INSTALL_DATE>
      <TIMEZONE><NAME>CST</NAME><OFFSET>+0800</OFFSET></TIMEZONE>
    </OPERATINGSYSTEM>
    <PROCESSES><CMD>"C:\\Program Files\\WPS\\wps.exe" C:\\Users\\li\\secret.doc</CMD><USER>li</USER></PROCESSES>
    <PROCESSES><CMD>C:\\Windows\\explorer.exe</CMD></PROCESSES>
    <PROCESSES><CMD>C:\\Windows\\explorer.exe</CMD></PROCESSES>
    <SOFTWARES>
      <ARCH>x86_64</ARCH><FROM>registry</FROM><GUID>WinRAR archiver</GUID><INSTALLDATE>03/04/2025</INSTALLDATE>
      <NAME>WinRAR 6.24 (64-bit)</NAME><PUBLISHER>win.rar GmbH</PUBLISHER><VERSION>6.24.0</VERSION>
    </SOFTWARES>
    <SOFTWARES>
      <FROM>registry</FROM><GUID>{90160000-0011-0000-1000-0000000FF1CE}_KB4011</GUID>
      <NAME>Update for Office (KB4011)</NAME>
      <RELEASE_TYPE>Update</RELEASE_TYPE>
    </SOFTWARES>
    <SOFTWARES><FROM>registry</FROM><NAME>飞书</NAME><USERNAME>li</USERNAME><USERID>S-1-5-21-1</USERID></SOFTWARES>
    <SOFTWARES><FROM>registry</FROM><VERSION>1.0</VERSION></SOFTWARES>
    <VERSIONCLIENT>FusionInventory-Agent_v2.6-3</VERSIONCLIENT>
  </CONTENT>
  <DEVICEID>cw-022-2026-01-31-12-00-00</DEVICEID>
  <QUERY>INVENTORY</QUERY>
</REQUEST>
"""

OCS_XML = """<?xml version="1.0" encoding="GB2312"?>
<REQUEST>
  <CONTENT>
    <BIOS><ASSETTAG>Default string</ASSETTAG><SMANUFACTURER>联想</SMANUFACTURER>
      <SSN>PF2ZZZZZ</SSN><TYPE>Notebook</TYPE></BIOS>
    <HARDWARE><NAME>SC-101</NAME><OSNAME>Microsoft Windows 7 旗舰版</OSNAME><OSVERSION>6.1.7601</OSVERSION></HARDWARE>
    <SOFTWARES>
      <NAME>金山毒霸</NAME><PUBLISHER>Kingsoft</PUBLISHER><VERSION>11</VERSION><GUID>kav</GUID><INSTALLDATE>2025/04/03</INSTALLDATE>
      <FILESIZE>0</FILESIZE><BITSWIDTH>32</BITSWIDTH>
    </SOFTWARES>
  </CONTENT>
  <DEVICEID>SC-101-2026-01-31-12-00-00</DEVICEID>
  <QUERY>INVENTORY</QUERY>
</REQUEST>
"""


def prolog(device: str = DEVICE) -> bytes:
    """What an agent asks before it sends anything."""
    return f"<REQUEST><DEVICEID>{device}</DEVICEID><QUERY>PROLOG</QUERY><TOKEN>12345678</TOKEN></REQUEST>".encode()
