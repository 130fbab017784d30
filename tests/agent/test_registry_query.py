"""What `reg query` prints, of Vista and of XP, in any language, as an export."""

from __future__ import annotations

from mutation import mutations

from agent.formats.registry_export import RegistryExport
from agent.formats.registry_query import export_of_query, is_query

VISTA = (
    "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\AB C\r\n"
    '    ImagePath    REG_EXPAND_SZ    "C:\\Program Files\\a.exe" -x\r\n'
    "    Start    REG_DWORD    0x2\r\n"
    "    (默认)    REG_SZ    值\r\n"
    "    List    REG_MULTI_SZ    a\\0b\r\n"
    "    Raw    REG_BINARY    0AFF\r\n"
    "    Big    REG_QWORD    0x100000000\r\n"
    "    Odd    REG_DWORD    nonsense\r\n"
    "\r\nHKEY_LOCAL_MACHINE\\SYSTEM\\Empty\r\n\r\n搜索结束: 找到 1 匹配。\r\n"
)
XP = "\r\n! REG.EXE VERSION 3.0\r\n\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\r\n"
XP += "\tName\tREG_SZ\t用友\r\n\tStart\tREG_DWORD\t0x1\r\n\r\n"


def test_vista_and_later() -> None:
    export = RegistryExport(export_of_query(VISTA.encode("gb18030")))
    key = export.key("HKLM\\SYSTEM\\CurrentControlSet\\Services\\AB C")
    assert key is not None and key.values == {
        "ImagePath": '"C:\\Program Files\\a.exe" -x',
        "Start": 2,
        "": "值",
        "List": ("a", "b"),
        "Raw": b"\x0a\xff",
        "Big": 1 << 32,
    }
    assert export.key("HKLM\\SYSTEM\\Empty") is not None


def test_xp_prints_tabs() -> None:
    key = RegistryExport(export_of_query(XP.encode("gb18030"))).key("HKLM\\SOFTWARE\\X")
    assert key is not None and key.values == {"Name": "用友", "Start": 1}
    assert is_query(XP.encode()) and is_query(VISTA.encode()) and not is_query(b"Windows Registry Editor Version 5.00")


def test_anything_becomes_an_export() -> None:
    for damaged in mutations(VISTA.encode("gb18030"), 300):
        RegistryExport(export_of_query(damaged))
    assert RegistryExport(export_of_query(b"")).key("HKLM") is None
