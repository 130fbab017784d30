"""The reader of `.reg` exports: both formats, code pages, every way to write a value."""

from __future__ import annotations

import pytest

from agent.collectors.roster import readers
from agent.formats.registry_export import DamagedExport, RegistryExport
from agent.formats.registry_value import HiveKey
from agent.inventory.coverage import Outcome
from agent.reading import best_reading

HEADER = "Windows Registry Editor Version 5.00\r\n\r\n"


def read(body: str) -> RegistryExport:
    """Return what a regedit 5 export with these lines holds."""
    return RegistryExport(b"\xff\xfe" + (HEADER + body.replace("\n", "\r\n")).encode("utf-16-le"))


def key_of(export: RegistryExport, path: str) -> HiveKey:
    """Return a key that must be there."""
    found = export.key(path)
    assert found is not None, path
    return found


def test_reads_every_way_to_write_a_value() -> None:
    found = key_of(
        read(r"""
[HKEY_LOCAL_MACHINE\SOFTWARE\A]
@="standard"
"Quoted \"name\""="a \"b\" C:\\Program Files\\7-Zip\\"
"中文"="搜狗输入法"
"Number"=dword:0000000A
"Short number"=dword:1
"Bytes"=hex:01,02,\
  03,04,\
  05
"Text in hex"=hex(1):61,00,00,00
"Expanded"=hex(2):25,00,50,00,25,00,00,00
"List"=hex(7):6f,00,6e,00,65,00,00,00,8c,4e,00,00,00,00
"Large"=hex(b):00,00,00,00,01,00,00,00
"Big endian"=hex(5):00,00,01,00
"Nothing"=hex(0):
"Two lines"="one
two \"three\""
"After"="x" ; a comment
"""),
        r"hklm\software\a",
    )

    assert found.faults == ()
    assert found.name == "A"
    assert found.values == {
        "": "standard",
        'Quoted "name"': 'a "b" C:\\Program Files\\7-Zip\\',
        "中文": "搜狗输入法",
        "Number": 10,
        "Short number": 1,
        "Bytes": b"\1\2\3\4\5",
        "Text in hex": "a",
        "Expanded": "%P%",
        "List": ("one", "二"),
        "Large": 1 << 32,
        "Big endian": 256,
        "Nothing": b"",
        "Two lines": 'one\r\ntwo "three"',
        "After": "x",
    }


def test_deletions_take_away_what_was_there() -> None:
    export = read(
        r"""
[HKEY_CURRENT_USER\Software\A]
"Kept"="1"
"Gone"="2"
"Gone"=-
[HKEY_CURRENT_USER\Software\A\B\C]
[HKEY_CURRENT_USER\Software\D]
[-HKEY_CURRENT_USER\Software\A\b]
"Nowhere"="3"
"""
    )

    assert key_of(export, r"HKCU\Software\A").values == {"Kept": "1"}
    assert key_of(export, r"HKCU\Software\A").subkeys == ()
    assert export.key(r"HKCU\Software\A\B\C") is None
    assert key_of(export, "HKCU\\Software").subkeys == ("A", "D")


def test_keys_above_the_exported_one_are_there() -> None:
    export = read("[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows]\n")

    assert key_of(export, "HKLM").subkeys == ("SOFTWARE",)
    assert list(export.paths())[-1] == r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows"
    assert export.key(r"HKLM\SYSTEM") is None


def test_a_key_name_may_hold_brackets() -> None:
    export = read('[HKEY_LOCAL_MACHINE\\SOFTWARE\\[a] b]\n"x"="1"\n')

    assert key_of(export, r"HKLM\SOFTWARE\[a] b").values == {"x": "1"}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('"a"=dword:xyz', "value a cannot be read: dword:xyz"),
        ('"a"=dword:123456789', "value a cannot be read: dword:123456789"),
        ('"a"="open', 'value a cannot be read: "open'),
        ('"a"=hex:123,4', "value a cannot be read: hex:123,4"),
        ('"a"=hex(zz):00', "value a cannot be read: hex(zz):00"),
        ("garbage", "not a value: garbage"),
        ("@=", "value @ cannot be read: "),
        ('"a"=hex:01,\\', "value a cannot be read: hex:01,\\"),
    ],
)
def test_a_bad_line_costs_that_line(line: str, fault: str) -> None:
    export = read(f'[HKEY_LOCAL_MACHINE\\A]\n"before"="1"\n{line}\n"after"="2"\n[HKEY_LOCAL_MACHINE\\B]\n"x"="3"\n')

    found = key_of(export, "HKLM\\A")
    assert found.faults == (fault,)
    assert found.values["before"] == "1"
    assert key_of(export, "HKLM\\B").values == {"x": "3"}
    if fault != 'value a cannot be read: "open':
        assert found.values["after"] == "2"


REGEDIT4 = 'REGEDIT4\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A]\r\n"DisplayName"="%s"\r\n"Path"=hex(2):25,50,%s,00\r\n'


@pytest.mark.parametrize(
    ("encoding", "name", "tail"),
    [
        ("gbk", "金山毒霸 2012 简体中文版", "cd,f8"),  # 网
        ("gb18030", "用友通 10.3 标准版", "cd,f8"),
        ("cp1252", "Frank Heindörfer, Philip Chinery – Zürich", "f6"),
        ("cp1252", "Lecteur Média à succès (été)", "e9"),
        ("utf-8", "搜狗输入法", "e7,bd,91"),
        ("utf-8-sig", "搜狗输入法", "e7,bd,91"),
        ("ascii", "7-Zip 9.20", "41"),
    ],
)
def test_the_code_page_of_an_old_export_is_told_from_its_bytes(encoding: str, name: str, tail: str) -> None:
    found = key_of(RegistryExport((REGEDIT4 % (name, tail)).encode(encoding)), r"HKLM\SOFTWARE\A")

    assert found.values["DisplayName"] == name
    last = bytes(int(pair, 16) for pair in tail.split(",")).decode(encoding.replace("-sig", ""))
    assert found.values["Path"] == "%P" + last


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + (HEADER + '[HKEY_USERS\\A]\r\n"x"="网"').encode("utf-16-le"),
        b"\xfe\xff" + (HEADER + '[HKEY_USERS\\A]\r\n"x"="网"').encode("utf-16-be"),
        (HEADER + '[HKEY_USERS\\A]\r\n"x"="网"').encode("utf-16-le"),
        (HEADER + '[HKEY_USERS\\A]\n"x"="网"').encode("utf-8"),
        (HEADER + '[HKEY_USERS\\A]\n"x"="网"').encode("utf-8-sig"),
    ],
)
def test_the_newer_format_is_read_in_any_unicode(data: bytes) -> None:
    assert key_of(RegistryExport(data), "HKU\\A").values == {"x": "网"}


@pytest.mark.parametrize("data", [b"", b"regf" + b"\0" * 100, b"[HKEY_LOCAL_MACHINE\\A]\r\n", b"\xff\xfe", b"\0" * 99])
def test_what_is_no_export_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedExport, match="first line: no registry export"):
        RegistryExport(data)


def test_an_export_with_more_keys_than_anybody_has_is_read_as_far_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.formats.registry_export.MAX_KEYS", 10)
    uninstall = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall"
    entries = "".join('[%s\\k%d]\r\n"DisplayName"="name %d"\r\n' % (uninstall, each, each) for each in range(30))
    inventory = best_reading(
        readers("uninstall_keys"), ("Windows Registry Editor Version 5.00\r\n" + entries).encode(), "x"
    )
    (run,) = [run for run in inventory.coverage if run.scope == "uninstall_keys:HKLM64"]
    assert [each.name for each in inventory.software] == ["name %d" % each for each in range(4)]
    assert run.outcome is Outcome.PARTIAL and "more than 10 keys" in run.faults[0].what
