"""A machine without a network: enrolled by a file, exported to a medium, imported by the checker; all as programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from recorded_machine import CAPTURES

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[2]


def program(name: str, *arguments: object, cwd: Path, code: int = 0) -> tuple[str, str]:
    """Run one of the two programs; return what it said."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ZHENGBAN_")}
    done = subprocess.run(
        [sys.executable, "-m", name, *map(str, arguments)],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    out, error = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert (done.returncode, "Traceback" in error) == (code, False), (out, error)
    return out, error


@pytest.mark.parametrize("seal", [(), ("--seal",)])
def test_from_the_enrolment_file_to_the_store(tmp_path: Path, seal: tuple[str, ...]) -> None:
    state, medium = ("--state", tmp_path / "state"), tmp_path / "this-machine.zbx"
    agent_id, _ = program("auditor", "agents", "offline", "--name", "pc-1", "--output", "pc-1.json", cwd=tmp_path)
    assert (tmp_path / "pc-1.json").stat().st_mode & 0o777 == 0o600
    program("agent", "enrol", "--file", tmp_path / "pc-1.json", *state, cwd=tmp_path)
    program("agent", "scan", "--root", CAPTURES / "debian-12", *state, cwd=tmp_path)
    program("agent", "export", "--output", medium, *state, *seal, cwd=tmp_path)

    header = json.loads(medium.read_bytes().split(b"\n")[1])
    assert header["agent_id"] == agent_id.strip()
    assert list((tmp_path / "state" / "spool").glob("*.json.gz")) == []
    out, _ = program("auditor", "import", medium, cwd=tmp_path)
    assert "kept, machine 1" in out and "1 kept, 0 refused" in out
    _, error = program("auditor", "import", medium, cwd=tmp_path, code=3)
    assert "taken before" in error

    _, error = program("agent", "export", "--output", medium, *state, cwd=tmp_path)
    assert "Nothing to export" in error or "没有可导出" in error
    program("agent", "export", "--again", "--output", medium, *state, cwd=tmp_path)
    out, _ = program("auditor", "import", medium, cwd=tmp_path)
    assert "known, machine 1" in out


def test_what_was_not_enrolled_exports_nothing(tmp_path: Path) -> None:
    program("agent", "scan", "--root", CAPTURES / "debian-12", "--state", tmp_path, cwd=tmp_path)
    _, error = program("agent", "export", "--output", "x.zbx", "--state", tmp_path, cwd=tmp_path, code=3)
    assert "enrol" in error
    assert not (tmp_path / "x.zbx").exists()


def test_a_file_that_is_no_enrolment_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pc.json").write_text('{"agent_id": "a-1", "key": "c2hvcnQ="}', encoding="utf-8")
    _, error = program("agent", "enrol", "--file", "pc.json", "--state", tmp_path, cwd=tmp_path, code=3)
    assert "key: expected 32 bytes as base64" in error
