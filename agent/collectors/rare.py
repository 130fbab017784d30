"""The second part of the roster: sources that most machines of their system do not have, and the deep ones.

Their modules are loaded where one of the places is there. A reader of one more such source adds a line here.
"""

from __future__ import annotations

from agent.collectors.later import Later

_LINUX = frozenset({"linux"})
_MACOS = frozenset({"macos"})
_OTHER = frozenset({"other"})
_ALL = frozenset({"linux", "macos", "windows", "other"})
_OPKG = ("/usr/lib/opkg/status", "/var/lib/opkg/status", "/opt/lib/opkg/status")
_APT = ("/var/lib/apt/lists",)
_DPKG = ("/var/lib/dpkg/status",)

_RPM = tuple(
    "%s/%s" % (folder, name)
    for folder in ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
    for name in ("rpmdb.sqlite", "Packages.db", "Packages")
)

_ANTIVIRUS = ("/opt/microsoft/mdatp", "/opt/bitdefender-security-tools", "/opt/sentinelone", "/opt/traps", "/commands")
"""The last one is a recorded machine's."""

RARE: tuple[Later, ...] = (
    Later("rpm", "linux.rpm", "RPM", _LINUX, _RPM),
    Later("pacman", "linux.pacman", "PACMAN", _LINUX, ("/var/lib/pacman/local",)),
    Later("snap", "linux.snap", "SNAP", _LINUX, ("/snap", "/var/lib/snapd/snap", "/var/lib/snapd/snaps")),
    Later("flatpak", "linux.flatpak", "FLATPAK", _LINUX, ("/var/lib/flatpak",), home_places=("/.local/share/flatpak",)),
    Later("apk", "linux.apk", "APK", _LINUX, ("/lib/apk/db/installed", "/usr/lib/apk/db/installed")),
    Later("opkg", "linux.opkg", "OPKG", _LINUX, _OPKG),
    Later("portage", "linux.portage", "PORTAGE", _LINUX, ("/var/db/pkg",)),
    Later("nix", "linux.nix", "NIX", _LINUX, ("/nix/store",)),
    Later("cos", "linux.cos", "COS", _LINUX, ("/etc/cos-package-info.json",)),
    Later("antivirus", "linux.antivirus", "ANTIVIRUS", _LINUX, _ANTIVIRUS),
    Later("system_profiler", "macos.system_profiler", "SYSTEM_PROFILER", _MACOS, ("/commands",)),
    Later("receipts", "macos.receipts", "RECEIPTS", _MACOS, ("/var/db/receipts", "/System/Library/Receipts")),
    Later(
        "homebrew", "anywhere.homebrew", "HOMEBREW", _LINUX | _MACOS,
        ("/opt/homebrew/Cellar", "/opt/homebrew/Caskroom", "/usr/local/Cellar", "/usr/local/Caskroom",
         "/home/linuxbrew/.linuxbrew/Cellar", "/home/linuxbrew/.linuxbrew/Caskroom"),
        neighbours=True,
    ),
    Later(
        "swid_tags", "anywhere.swid_tags", "SWID_TAGS", _LINUX | _MACOS | frozenset({"windows"}),
        ("/usr/lib/swidtag", "/usr/share/swidtag", "/var/lib/swidtag", "/usr/local/share/swidtag", "/opt/swidtag",
         "/Library/Application Support", "C:\\ProgramData"),
    ),
    Later(
        "python_packages", "anywhere.python_packages", "PYTHON_PACKAGES", _LINUX | _MACOS,
        ("/usr/local/lib", "/usr/lib", "/opt", "/Library/Frameworks/Python.framework"), deep=True,
    ),
    Later(
        "npm_packages", "anywhere.npm_packages", "NPM_PACKAGES", _LINUX | _MACOS,
        ("/usr/local/lib/node_modules", "/usr/lib/node_modules", "/opt"), deep=True,
    ),
    Later(
        "chrome_extensions", "anywhere.chrome_extensions", "CHROME_EXTENSIONS", _LINUX | _MACOS,
        ("/opt/google/chrome/extensions", "/usr/share/google-chrome/extensions", "/usr/share/chromium/extensions",
         "/Library/Application Support/Google/Chrome/External Extensions"),
        deep=True, neighbours=True,
    ),
    Later(
        "vscode_extensions", "anywhere.vscode_extensions", "VSCODE_EXTENSIONS", _LINUX,
        ("/usr/share/code-server/extensions/extensions.json", "/var/lib/code-server/extensions/extensions.json",
         "/opt/code-server/extensions/extensions.json"),
        deep=True,
    ),
    Later("debian_copyright", "linux.debian_copyright", "DEBIAN_COPYRIGHT", _LINUX, _DPKG, deep=True),
    Later(
        "process_accounting", "linux.process_accounting", "PROCESS_ACCOUNTING", _LINUX,
        ("/var/log/account", "/var/account", "/var/log/pacct"), usage=True,
    ),
    Later("apt_origins", "linux.apt_origins", "APT_ORIGINS", _LINUX, _APT, deep=True, readable=False),
    Later("appimage", "linux.appimage", "APPIMAGE", _LINUX, ("/opt", "/usr/local/bin", "/Applications"), deep=True,
          home_places=("/Applications", "/AppImages", "/bin", "/.local/bin")),
    Later("flexlm", "anywhere.flexlm", "FLEXLM", _ALL, (), deep=True),
    Later("rlm", "anywhere.rlm", "RLM", _ALL, (), deep=True),
    Later("lmx", "anywhere.lmx", "LMX", _ALL, (), deep=True),
    Later("lsdyna", "anywhere.lsdyna", "LSDYNA", _ALL, (), deep=True),
    Later("olicense", "anywhere.olicense", "OLICENSE", _ALL, (), deep=True),
    Later("dsls", "anywhere.dsls", "DSLS", _ALL, (), deep=True),
    Later(
        "containers", "anywhere.containers", "CONTAINERS", _LINUX, ("/var/lib/docker", "/var/lib/containers/storage"),
        home_places=("/.local/share/containers/storage",),
    ),
    Later("aix_filesets", "unix.aix_filesets", "AIX_FILESETS", _OTHER, ("/usr/lib/objrepos",)),
    Later("hpux_software", "unix.hpux_software", "HPUX_SOFTWARE", _OTHER, ("/var/adm/sw",)),
    Later("solaris_packages", "unix.solaris_packages", "SOLARIS_PACKAGES", _OTHER, ("/var/pkg", "/var/sadm/pkg")),
    Later("bsd_packages", "unix.bsd_packages", "BSD_PACKAGES", _OTHER, ("/var/db/pkg",)),
)  # fmt: skip
"""Sources that most machines of their system do not have, loaded where they are, and what runs at most daily."""
