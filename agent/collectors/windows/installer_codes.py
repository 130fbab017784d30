"""Upgrade codes of Windows Installer: what stays the same from release to release of one product.

Keys below `Installer\\UpgradeCodes`: each is named by a packed upgrade code, its values by the packed codes of the
products that belong to it. Products of the machine stand below `SOFTWARE\\Microsoft\\Windows\\CurrentVersion`, and
below `SOFTWARE\\Classes`; those of one person below `Software\\Microsoft` of that person's registry.
"""

from __future__ import annotations

from typing import Dict

from agent.collectors.windows.registry_source import Reader, quiet
from agent.formats.packed_guid import unpacked

MACHINE_CODES = (
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Installer\\UpgradeCodes",
    "HKLM\\SOFTWARE\\Classes\\Installer\\UpgradeCodes",
)
CODES_OF_USER = "Software\\Microsoft\\Installer\\UpgradeCodes"
MAX_CODES = 20_000


def upgrade_codes(read: Reader, *paths: str) -> Dict[str, str]:
    """Return product code → upgrade code, both as `{GUID}`; keys that cannot be read are passed over."""
    found: Dict[str, str] = {}
    for path in paths:
        key = quiet(read, path)
        for name in () if key is None else key.subkeys[:MAX_CODES]:
            upgrade = unpacked(name)
            below = None if upgrade is None else quiet(read, path + "\\" + name)
            for product in () if below is None else map(unpacked, below.values):
                if product is not None and upgrade is not None:
                    found.setdefault(product, upgrade)
    return found
