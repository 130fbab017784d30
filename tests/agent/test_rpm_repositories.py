"""The repository of an rpm package, from dnf's history or yum's notes."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from machine_folder import software

from agent.collectors.linux.rpm import RPM
from agent.collectors.linux.rpm_repositories import repositories
from agent.machine.offline import OfflineMachine

CAPTURE = Path(__file__).resolve().parents[1] / "captures" / "openeuler-server"


def server(folder: Path) -> Path:
    """Return a copy of the recorded server that we may write to."""
    shutil.copytree(CAPTURE, folder / "server")
    return folder / "server"


def history(root: Path, rows: list[tuple[str, str, str, str, str]]) -> None:
    """Write a history as dnf keeps it."""
    (root / "var/lib/dnf").mkdir(parents=True)
    base = sqlite3.connect(root / "var/lib/dnf/history.sqlite")
    base.executescript(
        "CREATE TABLE repo (id INTEGER PRIMARY KEY, repoid TEXT NOT NULL);"
        "CREATE TABLE item (id INTEGER PRIMARY KEY, item_type INTEGER);"
        "CREATE TABLE rpm (item_id INTEGER UNIQUE, name TEXT, epoch INTEGER, version TEXT, release TEXT, arch TEXT);"
        "CREATE TABLE trans_item (id INTEGER PRIMARY KEY, trans_id INTEGER, item_id INTEGER, repo_id INTEGER);"
    )
    for number, (name, version, release, architecture, repository) in enumerate(rows, start=1):
        base.execute("INSERT INTO repo VALUES (?, ?)", (number, repository))
        base.execute("INSERT INTO rpm VALUES (?, ?, 0, ?, ?, ?)", (number, name, version, release, architecture))
        base.execute("INSERT INTO trans_item VALUES (?, 1, ?, ?)", (number, number, number))
    base.commit()
    base.close()


def origins(root: Path) -> dict[str, str | None]:
    return {s.name: s.origin for s in software(list(RPM.collect(OfflineMachine(str(root)))))}


def test_dnf_tells_what_came_with_the_system_and_what_by_hand(tmp_path: Path) -> None:
    root = server(tmp_path)
    installed = {s.name: s for s in software(list(RPM.collect(OfflineMachine(str(root)))))}
    bash, dameng = installed["bash"], installed["dm8"]
    rows = []
    for package, repository in ((bash, "anaconda"), (dameng, "OS"), (dameng, "@commandline")):
        version, _, release = (package.version or "").rpartition("-")
        rows.append((package.name, version, release, package.architecture or "", repository))
    history(root, rows)

    assert (origins(root)["bash"], origins(root)["dm8"]) == ("anaconda", "@commandline")
    assert origins(root)["docker-engine"] == installed["docker-engine"].origin


def test_a_damaged_history_costs_what_it_would_have_said(tmp_path: Path) -> None:
    root = server(tmp_path)
    before = origins(root)
    (root / "var/lib/dnf").mkdir(parents=True)
    for content in (b"", b"torn", b"SQLite format 3\0" + b"\0" * 200):
        (root / "var/lib/dnf/history.sqlite").write_bytes(content)
        assert origins(root) == before


def test_yum_keeps_a_file_for_each_package(tmp_path: Path) -> None:
    place = tmp_path / "var/lib/yum/yumdb/b/0f3a-bash-4.2.46-34.el7-x86_64"
    place.mkdir(parents=True)
    (place / "from_repo").write_text("anaconda\n", encoding="utf-8")
    assert repositories(OfflineMachine(str(tmp_path))) == {("bash-4.2.46-34.el7", "x86_64"): "anaconda"}


def test_a_machine_with_neither_knows_nothing(tmp_path: Path) -> None:
    assert repositories(OfflineMachine(str(tmp_path))) == {}
