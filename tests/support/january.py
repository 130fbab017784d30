"""January 2024 in 示例县档案馆: four recorded machines, two of them scanned again after a small alteration.

What is altered for the second scan, and nothing else:
    PC-002 (windows-7-finance, registry/uninstall-32.reg): 用友U8 removed; WPS Office 2019 → 2023 with its own day;
        中望CAD 2024 installed with its own day; 360终端安全管理系统 gets a patch.
    NB-001 (uos-20-laptop, var/lib/dpkg/status): com.gstarcad.cad installed, no day known; WPS gets a patch
        (there and in opt/apps); com.foxit.foxitofficesuite no longer there.
"""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from recorded_machine import CAPTURES
from whole_way import Checker, open_checker, scan_folder

BY_HAND = Path(__file__).resolve().parents[1] / "golden" / "by_hand"
UNIT = "DAG"
REGISTERED_ON = date(2024, 1, 1)
AS_OF = date(2024, 1, 31)
FIRST = (
    ("windows-10-office", datetime(2024, 1, 5, 1, 0, tzinfo=UTC)),
    ("uos-20-laptop", datetime(2024, 1, 5, 2, 0, tzinfo=UTC)),
    ("windows-7-finance", datetime(2024, 1, 5, 3, 0, tzinfo=UTC)),
    ("kylin-v10-desktop", datetime(2024, 1, 8, 1, 0, tzinfo=UTC)),
)
SECOND = (
    ("uos-20-laptop", datetime(2024, 1, 22, 1, 0, tzinfo=UTC)),
    ("windows-7-finance", datetime(2024, 1, 22, 2, 0, tzinfo=UTC)),
)
_UNINSTALL = r"[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall"
_U8 = _UNINSTALL + r"\{5D6A77C2-6B57-4C33-9CC6-1B5F6B1F2C01}]"
_ZWCAD = (
    _UNINSTALL + "\\{2D9C2F3B-7E1C-4E0B-9F6B-1C4A1D6C7E21}]\r\n"
    '"DisplayName"="中望CAD 2024 专业版 简体中文"\r\n"DisplayVersion"="24.10.0"\r\n"Publisher"="ZWSOFT"\r\n'
    '"InstallDate"="20240115"\r\n\r\n'
)
_GSTARCAD = (
    "Package: com.gstarcad.cad\nStatus: install ok installed\nPriority: optional\nSection: graphics\n"
    "Maintainer: Gstarsoft Co., Ltd.\nArchitecture: amd64\nVersion: 24.0.1-1\nDescription: 浩辰CAD\n\n"
)


def fill_january(folder: Path, documents: list[tuple[bytes, datetime]] | None = None) -> Checker:
    """Return a checker that has taken in the registers and every scan of the month; `folder` holds its store."""
    checker = open_checker(folder)
    checker.fill(BY_HAND, REGISTERED_ON, UNIT)
    for document, moment in documents or documents_of_january(folder):
        checker.take(document, moment)
    return checker


def documents_of_january(folder: Path) -> list[tuple[bytes, datetime]]:
    """Return the six documents in the order of their scans."""
    first = [(scan_folder(CAPTURES / name, moment), moment) for name, moment in FIRST]
    return first + [(scan_folder(altered(name, folder), moment), moment) for name, moment in SECOND]


def altered(name: str, folder: Path) -> Path:
    """Return a copy of a recorded machine as it was at the second scan."""
    place = folder / "altered" / name
    shutil.copytree(CAPTURES / name, place)
    if name == "windows-7-finance":
        _alter_finance(place / "registry" / "uninstall-32.reg")
    else:
        _alter_laptop(place)
    return place


def _alter_finance(export: Path) -> None:
    text = export.read_bytes().decode("utf-16")
    blocks = text.split("\r\n\r\n")
    kept = [block for block in blocks if not block.startswith(_U8)]
    assert len(kept) == len(blocks) - 1
    text = "\r\n\r\n".join(kept).rstrip("\r\n") + "\r\n\r\n" + _ZWCAD
    text = _replaced(text, "WPS Office 2019 专业版", "WPS Office 2023 专业版")
    text = _replaced(text, '"11.8.2.12085"', '"12.8.2.15091"')
    text = _replaced(text, '"20220307"', '"20240118"')
    text = _replaced(text, '"10.0.0.1188"', '"10.0.0.1200"')
    export.write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))


def _alter_laptop(root: Path) -> None:
    status = root / "var/lib/dpkg/status"
    blocks = status.read_text(encoding="utf-8").split("\n\n")
    kept = [block for block in blocks if not block.startswith("Package: com.foxit.foxitofficesuite\n")]
    assert len(kept) == len(blocks) - 1
    text = _replaced("\n\n".join(kept), "Version: 11.8.2.11929", "Version: 11.8.2.12018")
    status.write_text(_GSTARCAD + text, encoding="utf-8")
    info = root / "opt/apps/cn.wps.wps-office-pro/info"
    info.write_text(_replaced(info.read_text(encoding="utf-8"), '"11.8.2.11929"', '"11.8.2.12018"'), encoding="utf-8")


def _replaced(text: str, old: str, new: str) -> str:
    """Replace the one place where `old` stands."""
    assert text.count(old) == 1, old
    return text.replace(old, new)
