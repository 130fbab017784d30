"""The packages of the agent: built with the native tools, the same bytes twice, installed, run and purged for real.

They are installed into an overlay over this very system, so nothing of it is touched and everything that a package
leaves behind can be seen.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"
NAMES = {
    "zipapp": f"zhengban-agent-{VERSION}.pyz",
    "deb": f"zhengban-agent_{VERSION}_all.deb",
    "rpm": f"zhengban-agent-{VERSION}-1.noarch.rpm",
}
OLD_PYTHONS = sorted((Path.home() / ".pyenv" / "versions").glob("3.[78].*/bin/python"))


def built(folder: Path, kind: str) -> Path:
    command = [sys.executable, "-m", "agent.deploy.packages", "--output", str(folder), kind]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return folder / NAMES[kind]


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


@pytest.mark.parametrize("kind", ["zipapp", pytest.param("deb", marks=needs("dpkg-deb")),
                                  pytest.param("rpm", marks=needs("rpmbuild"))])  # fmt: skip
def test_the_same_sources_give_the_same_bytes(tmp_path: Path, kind: str) -> None:
    assert built(tmp_path / "a", kind).read_bytes() == built(tmp_path / "b", kind).read_bytes()


@pytest.mark.parametrize("python", [sys.executable, *map(str, OLD_PYTHONS)])
def test_the_zipapp_runs_alone(tmp_path: Path, python: str) -> None:
    app = built(tmp_path, "zipapp")
    command = [python, "-I", str(app), "scan", "--output", "-", "--state", str(tmp_path / "state")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout)["scanner"]["version"] == VERSION
    for arguments in (["--help"], ["doctor", "--privacy"], ["install", "--with", "systemd", "--dry-run"]):
        subprocess.run([python, "-I", str(app), *arguments], capture_output=True, timeout=60, check=True)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """An overlay over this system, and the folder that holds what was changed in it."""
    memory, merged = tmp_path / "memory", tmp_path / "merged"
    memory.mkdir()
    merged.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "tmpfs", memory], check=False).returncode:
        pytest.skip("needs root and mount")
    try:
        for name in ("upper", "work"):
            (memory / name).mkdir()
        layers = f"lowerdir=/,upperdir={memory}/upper,workdir={memory}/work"
        if subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, merged], check=False).returncode:
            pytest.skip("needs overlayfs")
        try:
            subprocess.run(["mount", "-t", "proc", "proc", merged / "proc"], check=True)
            yield merged, memory / "upper"
        finally:
            subprocess.run(["umount", "-R", merged], check=True)
    finally:
        subprocess.run(["umount", memory], check=True)


def within(merged: Path, *command: str, code: int = 0) -> str:
    done = subprocess.run(
        ["chroot", str(merged), *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False
    )
    said = done.stdout.decode(errors="replace")
    assert done.returncode == code, said
    return said


def ours(upper: Path) -> list[str]:
    """Return what of us is in the overlay; `c` devices stand for what was deleted."""
    return sorted(
        str(path.relative_to(upper)) for path in upper.rglob("*zhengban*") if not path.is_char_device()
        and "dpkg" not in path.parts
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "install", "remove", "purge"),
    [
        pytest.param("deb", ("dpkg", "-i"), ("dpkg", "-r", "zhengban-agent"), ("dpkg", "-P", "zhengban-agent"),
                     marks=needs("dpkg-deb", "chroot")),
        pytest.param("rpm", ("rpm", "-i", "--nodeps"), None, ("rpm", "-e", "zhengban-agent"),
                     marks=needs("rpmbuild", "rpm", "chroot")),
    ],
)  # fmt: skip
def test_a_package_installs_runs_and_leaves_nothing(
    tmp_path: Path, system: tuple[Path, Path], kind: str, install: tuple[str, ...], remove: tuple[str, ...] | None,
    purge: tuple[str, ...]
) -> None:  # fmt: skip
    merged, upper = system
    shutil.copy(built(tmp_path, kind), merged / "tmp" / "package")

    within(merged, *install, "/tmp/package")
    assert list((merged / "usr/lib/zhengban-agent/agent/__pycache__").glob("cli.*.pyc"))  # byte code was made
    within(merged, "zhengban-agent", "scan")
    assert list((merged / "var/lib/zhengban-agent/spool").glob("*.json.gz"))
    assert (merged / "var/lib/zhengban-agent").stat().st_mode & 0o777 == 0o700
    document = json.loads(within(merged, "sh", "-c", "zhengban-agent scan --output - 2>/dev/null"))
    assert len(document["software"]) > 100
    assert "zhengban-agent" in within(merged, "zhengban-agent", "--help")
    within(merged, "/bin/sh", "-c", "zhengban-agent run --scheduled")  # the first call only sets the first run

    if remove is not None:
        within(merged, *remove)
        assert not (merged / "usr/bin/zhengban-agent").exists()
        assert (merged / "var/lib/zhengban-agent/spool").exists()  # what is not sent yet outlives a removal
    within(merged, *purge)
    assert ours(upper) == []


@needs("chroot")
def test_install_and_uninstall_of_the_zipapp_leave_nothing(tmp_path: Path, system: tuple[Path, Path]) -> None:
    merged, upper = system
    (merged / "opt").mkdir(exist_ok=True)
    shutil.copy(built(tmp_path, "zipapp"), merged / "opt" / "agent.pyz")
    agent = ("/usr/bin/python3", "/opt/agent.pyz")

    said = within(merged, *agent, "install", "--with", "cron")
    written = (merged / "etc/cron.d/zhengban-agent").read_text(encoding="utf-8")
    assert "not enrolled" in said or "尚未登记" in said
    assert " root nice -n 10 /usr/bin/python3 -I -S /opt/agent.pyz run --scheduled " in written
    within(merged, *agent, "scan")
    within(merged, *agent, "run", "--scheduled", "--set", "spread_minutes=0", code=3)  # not enrolled: it waits
    assert len(list((merged / "var/lib/zhengban-agent/spool").glob("*.json.gz"))) == 2
    (merged / "var/lib/zhengban-agent/notes.txt").write_text("somebody else's", encoding="utf-8")
    assert "notes.txt" in within(merged, *agent, "uninstall")
    (merged / "var/lib/zhengban-agent/notes.txt").unlink()
    within(merged, *agent, "uninstall")
    assert ours(upper) == []
