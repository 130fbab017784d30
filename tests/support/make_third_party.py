"""Write THIRD-PARTY.md anew: the lock files, and what installed packages say of themselves (`make third-party`)."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "THIRD-PARTY.md"
LOCKS = ("server", "agent", "test", "agent-test")
SHIPPED = ("agent", "rules", "reports", "auditor", "docs")
OWN_TEXT = frozenset(
    {
        ".py",
        ".yaml",
        ".json",
        ".csv",
        ".md",
        ".css",
        ".js",
        ".j2",
        ".mako",
        ".sh",
        ".cmd",
        ".toml",
        ".txt",
        ".ini",
        ".typ",
        ".typed",
    }
)
"""Suffixes of files that we write by hand; any other file that is shipped needs a line in `FILES`."""

NOT_INSTALLED_HERE = {
    "colorama": ("BSD-3-Clause", "https://github.com/tartley/colorama"),
    "exceptiongroup": ("MIT", "https://github.com/agronholm/exceptiongroup"),
    "importlib-metadata": ("Apache-2.0", "https://github.com/python/importlib_metadata"),
    "tomli": ("MIT", "https://github.com/hukkin/tomli"),
    "tzdata": ("Apache-2.0", "https://github.com/python/tzdata"),
    "zipp": ("MIT", "https://github.com/jaraco/zipp"),
}
"""Packages that a lock names for other systems or older Pythons: licence and home page, read by hand."""

FILES = {
    "auditor/example/licences.xlsx": "own work, written by tests/support/make_example_ledger.py; invented data",
    "auditor/console/static/mark.svg": "own work",
    "auditor/deploy/Containerfile": "own work",
    "auditor/deploy/postgresql-needs.sql": "own work",
    "auditor/deploy/zhengban.service": "own work",
    "reports/docx/overdue_units.docx": "own work, written by tests/support/make_letter_templates.py",
    "reports/docx/rectification_notice.docx": "own work, written by tests/support/make_letter_templates.py",
    "docs/pictures/capacity.svg": "own work, written by tests/support/make_capacity_picture.py",
    "docs/pictures/report.png": "own work, a picture of our own report of the example unit",
    "rules/data/names/homebrew.tsv": (
        "facts (names, bundle ids) out of Homebrew/homebrew-cask, state of 2026-08-22, BSD-2-Clause"
    ),
    "rules/data/names/scoop.tsv": (
        "facts (names, licences) out of the Scoop buckets Main, Extras, Nonportable, Vers"
        "ions and nirsoft (Unlicense) and games (CC0-1.0), state of 2026-08-22"
    ),
    "rules/data/names/winget.tsv": (
        "facts (names, package ids) of microsoft/winget-pkgs (MIT) by way of svrooij/wing"
        "et-pkgs-index (MIT) and SpecterShell/Dumplings (MIT), state of 2026-08-22"
    ),
}
"""Shipped files that are not text of ours: path → whose, and under which licence."""

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
HOMES = {
    "litestar-htmx": "https://github.com/litestar-org/litestar-htmx",
    "pytz": "https://github.com/stub42/pytz",
}
"""Home pages of packages that tell none of their own."""
SPELLINGS = {"MIT License": "MIT", "ISC License": "ISC", "Apache 2.0": "Apache-2.0"}


@dataclass(frozen=True)
class Package:
    """One locked package, with every version that the locks name for some system."""

    name: str
    versions: tuple[str, ...]
    locks: tuple[str, ...]


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


def page() -> str:
    """Return the page. Raises `LookupError` with the packages that say no licence."""
    lines = [
        "# Third-party packages and files",
        "",
        "Written by `make third-party` from the lock files; do not edit. Nothing of these packages lies in this",
        "repository: they are downloaded at set-up. `server` and `agent` are what a user runs, `test` and `agent-test`",
        "only whoever works on the project.",
        "",
        "| package | version | licence | home page | lock |",
        "|---|---|---|---|---|",
    ]
    faults = []
    for package in locked_packages():
        licence, home = about(package.name)
        if not licence:
            faults.append(package.name)
        lines.append(
            f"| {package.name} | {', '.join(package.versions)} | {licence} | {home} | {', '.join(package.locks)} |"
        )
    if faults:
        raise LookupError(f"no licence: {', '.join(faults)}")
    lines += ["", "## Files in this repository that are not text of ours", "", "| file | licence |", "|---|---|"]
    lines += [f"| {path} | {FILES[path]} |" for path in shipped_files() if path in FILES]
    lines += ["", "No font is shipped: the report and the forms name fonts that the reader's system has.", ""]
    return "\n".join(lines)


def locked_packages() -> list[Package]:
    """Return every package of every lock file, by name."""
    versions: defaultdict[str, set[str]] = defaultdict(set)
    locks: defaultdict[str, list[str]] = defaultdict(list)
    for lock in LOCKS:
        for name, version in _pins(ROOT / "locks" / f"{lock}.txt"):
            versions[name].add(version)
            if lock not in locks[name]:
                locks[name].append(lock)
    return [Package(name, tuple(sorted(versions[name], key=_order)), tuple(locks[name])) for name in sorted(versions)]


def shipped_files() -> list[str]:
    """Return the shipped files that are not text of ours, as paths from the root of the checkout."""
    found = (path for room in SHIPPED for path in (ROOT / room).rglob("*") if path.is_file())
    return sorted(
        path.relative_to(ROOT).as_posix()
        for path in found
        if path.suffix not in OWN_TEXT and "__pycache__" not in path.parts
    )


def about(name: str) -> tuple[str, str]:
    """Return licence and home page of a package as it tells them itself."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return NOT_INSTALLED_HERE.get(name, ("", ""))
    words = (_one(told, "License") or "").strip().splitlines()
    classifiers = [c.split("::")[-1].strip() for c in (told.get_all("Classifier") or []) if c.startswith("License ::")]
    licence = _one(told, "License-Expression") or (SPELLINGS.get(words[0], words[0]) if words else "")
    if not licence:
        licence = " OR ".join(CLASSIFIERS[c] for c in classifiers if c in CLASSIFIERS)
    addresses = dict(_named_addresses(told.get_all("Project-URL") or []))
    wanted = ("homepage", "home", "source", "source code", "repository", "documentation")
    home = _one(told, "Home-page") or next((addresses[w] for w in wanted if w in addresses), "")
    return licence, HOMES.get(name) or home or next(iter(addresses.values()), "")


def _one(told: PackageMetadata, name: str) -> str:
    return str(told[name]) if name in told else ""


def _named_addresses(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        label, _, address = line.partition(",")
        yield label.strip().casefold(), address.strip()


def _pins(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        hit = re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", line)
        if hit is not None:
            yield hit[1], hit[2]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(piece) for piece in re.findall(r"\d+", version))


if __name__ == "__main__":
    sys.exit(main())
