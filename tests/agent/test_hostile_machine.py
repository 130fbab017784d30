"""A whole scan of a machine on which nothing is what it should be: each scope is lost and named, the scan ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs FIFOs and links")


def scanned(root: Path, *settings: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "agent", "scan", "--root", str(root), "--output", "-"]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(
        command, cwd=str(PROJECT), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr
    document: dict[str, Any] = json.loads(done.stdout.decode("utf-8"))
    return done.returncode, document


def put(root: Path, name: str, data: bytes = b"") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_fifos_loops_and_damage_cost_their_scopes_alone(tmp_path: Path) -> None:
    put(
        tmp_path,
        "etc/os-release",
        b'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME=Debian\nVERSION_ID="12"\n',
    )
    (tmp_path / "var/lib/dpkg").mkdir(parents=True)
    os.mkfifo(str(tmp_path / "var/lib/dpkg/status"))
    put(tmp_path, "var/lib/dpkg/status.d/tzdata", b"Package: tzdata\nVersion: 2024a\n")
    put(tmp_path, "var/lib/pacman/local/x-1-1/desc", b"\xff\x00\xfe" * 1000)
    put(
        tmp_path,
        "usr/share/applications/a.desktop",
        "[Desktop Entry]\nType=Application\nName=财\u202e务\x00\n".encode(),
    )
    (tmp_path / "usr/share/applications/loop.desktop").symlink_to("loop.desktop")
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt/apps").symlink_to("../opt/apps")
    put(tmp_path, "var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\x00" + b"\xff" * 5000)
    began = time.monotonic()
    code, document = scanned(tmp_path)

    assert time.monotonic() - began < 30
    assert code == 3
    runs = {run["scope"]: run for run in document["coverage"]}
    assert runs["dpkg:/var/lib/dpkg/status"]["outcome"] == "failed"
    assert "not a regular file" in runs["dpkg:/var/lib/dpkg/status"]["faults"][0]["what"]
    assert runs["dpkg:/var/lib/dpkg/status.d"]["outcome"] == "complete"
    assert [each["name"] for each in document["software"] if each["source"] == "dpkg"] == ["tzdata"]
    assert [run["outcome"] for name, run in runs.items() if name.startswith("rpm")] == ["failed"]
    assert document["host"]["operating_system"]["version"] == "12"


@pytest.mark.parametrize(
    ("setting", "cut"), [("max_records=3", "limited to 3 records"), ("max_output_bytes=100000", "limited to 100000")]
)
def test_every_cut_stands_in_the_document(tmp_path: Path, setting: str, cut: str) -> None:
    status = "".join("Package: p%d\nStatus: install ok installed\nVersion: %s\n\n" % (n, "1" * 200) for n in range(600))
    put(tmp_path, "var/lib/dpkg/status", status.encode())
    code, document = scanned(tmp_path, setting)
    (run,) = [run for run in document["coverage"] if run["scope"] == "dpkg:/var/lib/dpkg/status"]
    assert run["outcome"] == "partial" and cut in run["cut"]
    assert run["found"] == sum(each["scope"] == run["scope"] for each in document["software"])
    assert code == 0 or setting.startswith("max_records")
