"""Lists and tables as tools print them for people, made by hand after the forms of the real tools."""

from __future__ import annotations

ROW = ("Windows(R), Professional edition", "Windows(R) Operating System, OEM_DM channel", "1", "ABCDE")
TABLE = f"""
Name                                Description                                    LicenseStatus PartialProductKey
----                                -----------                                    ------------- -----------------
{ROW[0]:<36}{ROW[1]:<47}{ROW[2]:>13} {ROW[3]}
"""
LISTINGS = {
    "Format-Table": TABLE,
    "wmic table": f"{'Description':<51}{'LicenseStatus':<15}{'Name':<34}PartialProductKey\n"
    f"{ROW[1]:<51}{ROW[2]:<15}{ROW[0]:<34}{ROW[3]}\n",
    "wmic csv": f'\nNode,Description,LicenseStatus,Name,PartialProductKey\nPC,"{ROW[1]}",1,"{ROW[0]}",ABCDE\n',
    "json": '[{"Name":"%s","Description":"%s","LicenseStatus":1,"PartialProductKey":"%s"}]' % (ROW[0], ROW[1], ROW[3]),
    "list": "Name : %s\nDescription : %s\nLicenseStatus : 1\nPartialProductKey : %s\n" % (ROW[0], ROW[1], ROW[3]),
    "pairs": "Name=%s\nDescription=%s\nLicenseStatus=1\nPartialProductKey=%s\n" % (ROW[0], ROW[1], ROW[3]),
}


def report(heading: str, version: str, obtained: str, place: str, colon: str = ": ") -> str:
    """Return a report of one application in the words of a language."""
    end = colon.strip()
    facts = ((version, "15.1"), (obtained, "Apple"), (place, "/Applications/Safari.app"))
    return f"{heading}{end}\n\n    Safari{end}\n\n" + "".join(f"      {name}{colon}{value}\n" for name, value in facts)


HARDWARE = "Hardware:\n\n    Hardware Overview:\n\n      Model Name: MacBook\n\n"
PROGRAMS = {
    "en": report("Applications", "Version", "Obtained from", "Location"),
    "de": report("Programme", "Version", "Erhalten von", "Ort"),
    "zh": report("应用程序", "版本", "获取来源", "位置", "："),
    "json": '{"SPApplicationsDataType":[{"_name":"Safari","version":"15.1","obtained_from":"apple",'
    '"path":"/Applications/Safari.app"}]}',
    "with other parts": HARDWARE + report("Applications", "Version", "Obtained from", "Location"),
}


DPKG_LIST = """期望状态=未知(u)/安装(i)/删除(r)/清除(p)/保持(h)
| 状态=未安装(n)/已安装(i)/仅存配置(c)/仅解压缩(U)/配置失败(F)/不完全安装(H)
|/ 错误?=(无)/须重装(R) (状态，错误：大写=故障)
||/ 名称                                  版本                                 体系结构     描述
+++-=====================================-====================================-============-===============
ii  adduser                               3.118                                all          添加用户
hi  libc6:amd64                           2.31-13+deb11u5                      amd64        GNU C
rc  oldpkg                                1.0                                  amd64        removed
iU  unpacked                              2.0                                  amd64        unpacked
"""
DPKG_LIST_OLD = """||/ Name           Version        Description
+++-==============-==============-============================================
ii  acpid          1.0.10-5       Utilities for using ACPI power management
"""


RPM_INFO = """Name        : bash
Epoch       : 1
Version     : 5.1.8
Release     : 6.el9
Architecture: x86_64
Install Date: Wed 22 Mar 2023 10:00:00 AM CST
Group       : Unspecified
Size        : 7738634
License     : GPLv3+
Vendor      : CentOS
Description :
A line with a colon: that is prose.

Name        : zlib
Version     : 1.2.11
"""
RPM_INFO_OLD = """Name        : bash                         Relocations: (not relocatable)
Version     : 3.2                               Vendor: CentOS
Release     : 32.el5                        Build Date: Wed 21 Jul 2010 11:00:00 AM EDT
Install Date: Mon 05 Mar 2012 06:00:00 AM EST      Build Host: builder10.centos.org
Size        : 5212270                          License: GPLv2+
"""


AIX = """  Fileset                      Level  State      Description
  ----------------------------------------------------------------------------
Path: /usr/lib/objrepos
  ICU4C.rte                  6.1.0.0  COMMITTED  International Components for
                                                 Unicode
  a.very.long.name.of.a.fileset
                             6.1.4.0  APPLIED    AIXwindows Runtime

Path: /etc/objrepos
  X11.base.rte               6.1.4.0  COMMITTED  AIXwindows Runtime
"""
