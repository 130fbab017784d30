"""The functions of winreg that we use, over keys in memory: what Windows answers, without Windows."""

from __future__ import annotations

import types
from typing import Any

_NO_MORE = 259


class Handle:
    """One open key."""

    def __init__(self, values: dict[str, Any], subkeys: list[str]) -> None:
        self.values = list(values.items())
        self.subkeys = subkeys

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *error: object) -> None:
        """Close nothing: there is no handle of the system."""


class NoMoreItems(OSError):
    """As Windows ends an enumeration."""

    winerror = _NO_MORE


def small_winreg(keys: dict[str, dict[str, Any]], forbidden: frozenset[str] = frozenset()) -> types.ModuleType:
    """Return a module like winreg. `keys` maps full paths (`HKEY_LOCAL_MACHINE\\SOFTWARE`) to their values."""
    module = types.ModuleType("winreg")
    folded = {path.lower(): (path, values) for path, values in keys.items()}

    def open_key(root: str, below: str, reserved: int, access: int) -> Handle:
        assert (reserved, access) == (0, 0x20019 | 0x0100)  # to read, the 64-bit view
        path = (root + "\\" + below).rstrip("\\").lower()
        if path in forbidden:
            raise PermissionError(13, "Access is denied")
        inside = path + "\\"
        names = {full[len(inside) :].split("\\")[0] for full, _ in folded.values() if full.lower().startswith(inside)}
        if path not in folded and not names:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        return Handle(folded[path][1] if path in folded else {}, sorted(names))

    def enum_value(handle: Handle, index: int) -> tuple[str, Any, int]:
        if index >= len(handle.values):
            raise NoMoreItems(22, "No more data is available")
        return (*handle.values[index], 1)

    def enum_key(handle: Handle, index: int) -> str:
        if index >= len(handle.subkeys):
            raise NoMoreItems(22, "No more data is available")
        return handle.subkeys[index]

    def query(handle: Handle) -> tuple[int, int, int]:
        return len(handle.subkeys), len(handle.values), 133_500_000_000_000_000

    named: dict[str, Any] = {"OpenKey": open_key, "EnumValue": enum_value, "EnumKey": enum_key, "QueryInfoKey": query}
    named.update(KEY_READ=0x20019, KEY_WOW64_64KEY=0x0100)
    for root in ("HKEY_LOCAL_MACHINE", "HKEY_USERS", "HKEY_CURRENT_USER", "HKEY_CLASSES_ROOT"):
        named[root] = root
    vars(module).update(named)
    return module
