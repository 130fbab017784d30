"""From which repository each rpm package came: rpm does not record it, the tools above it do.

Places: dnf's history (/var/lib/dnf/history.sqlite, schema of libdnf 0.x: trans_item with rpm and repo), else yum's
    /var/lib/yum/yumdb/<letter>/<digest>-<name>-<version>-<release>-<architecture>/from_repo.
A package that came with the installation has the repository of the installer (`anaconda`), one that somebody put
    there by hand `@commandline`. Neither place is a source of its own: what cannot be read is not known.
"""

from __future__ import annotations

from typing import Dict, Tuple

from agent.machine.base import Machine, Unreadable
from agent.machine.sqlite_file import rows_of_bytes, rows_of_file

DNF = "/var/lib/dnf/history.sqlite"
YUM = "/var/lib/yum/yumdb"
MAX_PACKAGES = 100_000
QUERY = (
    "SELECT rpm.name, rpm.version, rpm.release, rpm.arch, repo.repoid FROM trans_item"
    " JOIN rpm ON rpm.item_id = trans_item.item_id JOIN repo ON repo.id = trans_item.repo_id"
    " ORDER BY trans_item.id LIMIT 1000000"
)

Package = Tuple[str, str]
"""`name-version-release` and architecture."""


def repositories(machine: Machine) -> Dict[Package, str]:
    """Return the repository of each package that came from one, the last one that delivered it."""
    try:
        return _of_dnf(machine) if machine.exists(DNF) else _of_yum(machine)
    except Unreadable:
        return {}


def _of_dnf(machine: Machine) -> Dict[Package, str]:
    real = machine.local_path(DNF)
    rows = rows_of_file(real, QUERY) if real else rows_of_bytes(machine.read_bytes(DNF) or b"", QUERY, named=DNF)
    found = {}
    for name, version, release, architecture, repository in rows:
        if isinstance(repository, str) and repository:
            found[("%s-%s-%s" % (name, version, release), str(architecture))] = repository
    return found


def _of_yum(machine: Machine) -> Dict[Package, str]:
    found: Dict[Package, str] = {}
    for letter in machine.list_folder(YUM) or ():
        for package in (machine.list_folder(letter.path) or ()) if letter.is_folder else ():
            words = package.name.partition("-")[2].rpartition("-")
            repository = machine.read_text(package.path + "/from_repo", 4096)
            if repository and repository.strip() and len(found) < MAX_PACKAGES:
                found[(words[0], words[2])] = repository.strip()
    return found
