"""Debian's own FusionInventory and OCS agents, unmodified, against a started `zhengban serve`: whole runs, one removal.

Both list the packages of this very machine. The package that comes and goes is made here, with no file in it, so that
nothing else on the machine changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from auditor.store.database import Store, open_store
from auditor.store.inventories import document_content, list_documents
from auditor.store.journal import list_changes
from auditor.store.titles import load_all_titles

PACKAGE = "zhengban-agents-test"
CONTROL = f"""Package: {PACKAGE}
Version: 1.0-1
Architecture: all
Maintainer: Nobody <nobody@example.invalid>
Section: misc
Priority: optional
Description: an empty package that a test installs and removes
"""
FUSION = "fusioninventory-agent"
OCS = "ocsinventory-agent"
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Checker:
    url: str
    database: str
    process: subprocess.Popen[bytes]


@pytest.fixture
def checker(tmp_path: Path) -> Iterator[Checker]:
    database = f"sqlite:///{tmp_path}/zhengban.db"
    command = [sys.executable, "-m", "auditor", "--database", database, "serve", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr is not None
    line = process.stderr.readline().decode()
    url = line.rpartition(" ")[2].strip()
    with urllib.request.urlopen(f"{url}/healthz", timeout=20) as answer:
        assert answer.status == 200
    yield Checker(url, database, process)
    process.terminate()
    process.wait(30)


@pytest.fixture
def package(tmp_path: Path) -> Iterator[Path]:
    """An empty package, built here; it is not installed when the test ends."""
    folder = tmp_path / PACKAGE
    (folder / "DEBIAN").mkdir(parents=True)
    (folder / "DEBIAN" / "control").write_text(CONTROL, "utf-8")
    built = tmp_path / f"{PACKAGE}.deb"
    subprocess.run(
        ["dpkg-deb", "--build", "--root-owner-group", str(folder), str(built)], check=True, capture_output=True
    )
    yield built
    subprocess.run(["dpkg", "--purge", PACKAGE], check=False, capture_output=True)


def run_fusion(checker: Checker, folder: Path) -> None:
    tasks = "deploy,collect,esx,netdiscovery,netinventory,wakeonlan"
    server = f"{checker.url}/plugins/fusioninventory/"
    told = run([FUSION, f"--server={server}", f"--no-task={tasks}", "--force", "--logger=stderr"], folder)
    assert "error" not in told.casefold(), told


def run_ocs(checker: Checker, folder: Path) -> None:
    server = f"{checker.url}/ocsinventory"
    told = run([OCS, "--nolocal", f"--server={server}", f"--basevardir={folder / 'ocs'}", "--info"], folder)
    assert "Cannot establish communication" not in told, told


def run(command: list[str], folder: Path) -> str:
    (folder / "ocs").mkdir(exist_ok=True)
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(command, capture_output=True, timeout=180, env=environment, check=False)
    told = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == 0, told
    return told


def removed(store: Store) -> list[tuple[str, str]]:
    with store.read() as connection:
        known = load_all_titles(connection)
        return [(line.kind.value, known[line.title].name) for line in list_changes(connection)]


@pytest.mark.parametrize(("program", "report", "named"), [
    (FUSION, run_fusion, "FusionInventory-Agent"),
    (OCS, run_ocs, "OCS-Agent"),
], ids=[FUSION, OCS])  # fmt: skip
def test_a_real_agent_reports_and_a_removed_package_is_one_line(
    checker: Checker,
    package: Path,
    tmp_path: Path,
    program: str,
    report: Callable[[Checker, Path], None],
    named: str,
) -> None:
    assert shutil.which(program) is not None, f"{program} is not installed; .ci/run installs it"
    subprocess.run(["dpkg", "--install", str(package)], check=True, capture_output=True)
    report(checker, tmp_path)
    subprocess.run(["dpkg", "--purge", PACKAGE], check=True, capture_output=True)
    time.sleep(1.1)  # documents order by the second in which they were made
    report(checker, tmp_path)

    store = open_store(checker.database)
    try:
        with store.read() as connection:
            documents = list_documents(connection)
            content = document_content(connection, documents[0].digest).decode("utf-8")
        assert [row.origin for row in documents] == ["open", "open"]
        assert len({row.machine for row in documents}) == 1
        assert f'"name":"{named}"' in content
        assert content.count('"source":"dpkg"') == installed_packages() + 1
        assert removed(store) == [("removed", PACKAGE)]
    finally:
        store.close()


def installed_packages() -> int:
    listed = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${db:Status-Status}\\n"], capture_output=True, check=True
    )
    return listed.stdout.decode().split("\n").count("installed")
