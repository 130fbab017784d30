"""UserAssist of recorded hives, against regipy: each program that it lists under a told folder, and its month."""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Any

import pytest
from corpus import corpus_folder
from regipy.plugins.ntuser.user_assist import UserAssistPlugin
from regipy.registry import RegistryHive

from agent.collectors.windows.user_assist import parse_file
from agent.inventory.traces import Trace

HIVES = corpus_folder("registry-hives/raw")
ENDINGS = ("NTUSER-WSL.DAT", "NTUSER_BAGMRU.DAT")


@pytest.mark.skipif(HIVES is None, reason="no recordings beside this checkout")
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_explorer_noted(ending: str, tmp_path: Path) -> None:
    assert HIVES is not None
    data = lzma.decompress((HIVES / f"regipy_{ending}.xz").read_bytes())
    (tmp_path / "hive").write_bytes(data)
    hive: Any = RegistryHive(str(tmp_path / "hive"))  # type: ignore[no-untyped-call]
    plugin: Any = UserAssistPlugin(hive, as_json=True)
    plugin.run()
    listed = {str(each["name"]): str(each["timestamp"])[:7] for each in plugin.entries}
    roots = ("%PROGRAMFILES", "%WINDIR%", "%SYSTEM", "C:\\Program Files", "C:\\Windows")
    expected: dict[str, str] = {}
    for name, month in listed.items():
        wanted = name.upper().startswith(tuple(root.upper() for root in roots)) and name.lower().endswith(".exe")
        if wanted and month != "1601-01":
            last = name.rpartition("\\")[2]
            expected[last] = max(month, expected.get(last, ""))
    found: dict[str, str] = {}
    for each in parse_file(data, "hive"):
        if isinstance(each, Trace) and each.path is not None and each.day is not None:
            found[each.name] = max(each.day, found.get(each.name, ""))
    assert len(expected) >= 3
    assert {name: found.get(name) for name in expected} == expected
