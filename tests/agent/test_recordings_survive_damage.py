"""Damaged recordings: every reader of a Unix source ends in records and problems, and soon, whatever the bytes are."""

from __future__ import annotations

import time

import pytest
from corpus import corpus_folder
from mutation import mutations

from agent.collectors.base import Absent, Problem
from agent.collectors.roster import readers
from agent.inventory.software import Software
from agent.machine.base import Unreadable

pytestmark = pytest.mark.slow

SECONDS = 5.0
"""For one damaged file on a slow machine; a healthy one takes milliseconds."""
PLACES = {
    "applications": ("osv-scalibr/raw/os/macapps/*", "syft-fixtures/raw/apple/**/*.plist",
                     "wazuh/raw/macos/*/**/*.plist"),
    "receipts": ("wazuh/raw/macos/*.plist",),
    "system_profiler": ("glpi-agent/raw/macos/system_profiler/*",),
    "homebrew": ("osv-scalibr/raw/os/homebrew/**/*.*",),
    "apk": ("osv-scalibr/raw/os/apk/*",),
    "opkg": ("osv-scalibr/raw/os/dpkg/opkg/*",),
    "dpkg": ("osv-scalibr/raw/os/dpkg/dpkg/*", "syft-fixtures/raw/debian/var/lib/dpkg/status.d/*",
             "glpi-agent/raw/linux/packaging/dpkg"),
    "rpm": ("osv-scalibr/raw/os/rpm/*", "osquery-rpmdb/raw/*/*", "glpi-agent/raw/linux/packaging/rpm"),
    "pacman": ("osv-scalibr/raw/os/pacman/*", "syft-fixtures/raw/arch/**/desc"),
    "portage": ("osv-scalibr/raw/os/portage/*",),
    "nix": ("osv-scalibr/raw/os/apk/invalid",),
    "cos": ("osv-scalibr/raw/os/cos/*",),
    "snap": ("osv-scalibr/raw/os/snap/*",),
    "flatpak": ("osv-scalibr/raw/os/flatpak/*",),
    "chrome_extensions": ("osv-scalibr/raw/misc/chrome/extensions/**/*.json",),
    "vscode_extensions": ("osv-scalibr/raw/misc/vscodeextensions/*",),
    "swid_tags": ("swid/raw/nist/*", "swid/raw/strongswan/*", "swid/raw/nist-materialised/*"),
    "debian_copyright": ("syft-fixtures/raw/debian/copyright/*",),
    "aix_filesets": ("glpi-agent/raw/aix/lslpp/*",),
    "hpux_software": ("glpi-agent/raw/hpux/swlist/*",),
    "solaris_packages": ("glpi-agent/raw/solaris/pkg-info/*",),
    "bsd_packages": ("glpi-agent/raw/bsd/pkg_info/*",),
    "host": ("glpi-agent/raw/linux/proc/cpuinfo/*", "glpi-agent/raw/linux/distro/*"),
}  # fmt: skip
SAMPLES = {
    "python_packages": b"Metadata-Version: 2.1\nName: a\nVersion: 1\nLicense: MIT\n\ntext",
    "npm_packages": b'{"name": "a", "version": "1", "license": {"type": "MIT"}, "author": {"name": "b"}}',
    "nix": b"/nix/store/0123456789abcdfghijklmnpqrsvwxyz-perl-5.38.2\n" * 5,
    "cos": b'{"installedPackages": [{"name": "a", "version": "1", "category": "b"}]}',
    "homebrew": b'{"time": 1718800000, "source": {"tap": "homebrew/core"}, "installed_on_request": true}',
    "snap": b"Name  Version  Rev  Tracking  Publisher  Notes\na  1  2  latest/stable  b  -\n",
    "flatpak": b"Tencent Meeting\tcom.tencent.wemeet\t3.19.2\tstable\tsystem\n",
    "pacman": b"Name : a\nVersion : 1\nInstall Date : Sun Oct 31 20:36:45 2021\n\nName : b\nVersion : 2\n",
}
"""Recordings of our own for sources and forms that the others do not have."""


def damaged(data: bytes, count: int) -> list[bytes]:
    """Return mutations, cuts, other encodings and bytes that do not belong into any text."""
    text = data[:200_000].decode("utf-8", "replace")
    others = [text.encode(codec, "replace") for codec in ("utf-16", "gbk", "shift_jis", "utf-8-sig")]
    marks = (b"\0", b"\xff\xfe", "\u202e".encode(), b"\xed\xb2\x80", b"\x1b[2J")
    marked = [data.replace(b"a", mark, 50) for mark in marks]
    cuts = [data[: len(data) * part // 7] for part in range(7)]
    return [b"", b"\0" * 4096, b"\n" * 50_000, b":" * 50_000, *others, *marked, *cuts, *mutations(data, count)]


def read_all(source: str, data: bytes, name: str) -> int:
    """Read as every collector of that name would; return how many records and problems there were."""
    found = 0
    for collector in readers(source):
        assert collector.parse_file is not None
        try:
            for item in collector.parse_file(data, name):
                found += isinstance(item, (Software, Problem))
                if isinstance(item, Software):
                    assert item.name, "software without a name"
        except (Absent, Unreadable):
            found += 1
    return found


def survive(source: str, data: bytes, name: str, count: int) -> None:
    for number, damage in enumerate(damaged(data, count)):
        began = time.perf_counter()
        read_all(source, damage, name)
        took = time.perf_counter() - began
        assert took < SECONDS, f"{name}: damage {number} took {took:.1f} s"


@pytest.mark.skipif(corpus_folder() is None, reason="no recordings beside this checkout: see tests/support/corpus.py")
@pytest.mark.parametrize("source", sorted(PLACES))
def test_damaged_recordings_of_others(source: str) -> None:
    corpus = corpus_folder()
    assert corpus is not None
    files = sorted({path for pattern in PLACES[source] for path in corpus.glob(pattern) if path.is_file()})
    assert files, "no recording of this source"
    for path in files:
        data = path.read_bytes()
        survive(source, data, str(path), count=120 if len(data) < 20_000 else 10)


@pytest.mark.parametrize("source", sorted(SAMPLES))
def test_damaged_recordings_of_our_own(source: str) -> None:
    data = SAMPLES[source]
    name = "/usr/local/Cellar/a/1/INSTALL_RECEIPT.json" if source == "homebrew" else "recorded"
    assert read_all(source, data, name) > 0
    survive(source, data, name, count=200)
