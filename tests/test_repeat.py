"""A run can be made again: in another process, time zone and locale, and after the store has moved on."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from january import AS_OF, BY_HAND, UNIT, documents_of_january, fill_january
from recorded_machine import CAPTURES
from whole_way import scan_folder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
ELSEWHERE = {"TZ": "America/New_York", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "random"}
FINDINGS = 1


def zhengban(store: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, with a home folder of its own."""
    plain = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    home = store.parent / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "auditor", "--database", f"sqlite:///{store}", *arguments],
        cwd=ROOT,
        env={**plain, "HOME": str(home), "PYTHONUTF8": "1", **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


Documents = list[tuple[bytes, datetime]]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Documents:
    return documents_of_january(tmp_path_factory.mktemp("scans"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, documents: Documents) -> Path:
    folder = tmp_path_factory.mktemp("repeat")
    fill_january(folder, documents).store.close()
    return folder / "zhengban.db"


@pytest.fixture(scope="module")
def first(store: Path) -> tuple[str, dict[str, bytes]]:
    """Return the run's id and its files."""
    out = store.parent / "first"
    done = zhengban(store, "audit", "--as-of", AS_OF.isoformat(), "--output", str(out), TZ="Asia/Shanghai")
    assert done.returncode == FINDINGS, done.stderr
    files = files_below(out)
    assert len(files) == 5, "four forms and a report"
    return done.stdout.split()[1], files


def repeated(store: Path, run: str, name: str) -> dict[str, bytes]:
    out = store.parent / name
    done = zhengban(store, "audit", "--repeat", run, "--output", str(out), **ELSEWHERE)
    assert done.returncode == FINDINGS, done.stderr
    assert done.stdout.split()[1] == run
    return files_below(out)


def test_a_repetition_elsewhere_gives_the_same_bytes(store: Path, first: tuple[str, dict[str, bytes]]) -> None:
    run, files = first

    assert repeated(store, run, "second") == files


def test_a_later_state_of_the_store_changes_no_earlier_run(store: Path, first: tuple[str, dict[str, bytes]]) -> None:
    run, files = first
    later = store.parent / "mac.json"
    later.write_bytes(scan_folder(CAPTURES / "macos-14", datetime(2024, 1, 20, 1, 0, tzinfo=UTC)))
    people = store.parent / "people.csv"
    people.write_text((BY_HAND / "people.csv").read_text(encoding="utf-8").replace("王芳", "周洁"), encoding="utf-8")
    assert zhengban(store, "import", str(later)).returncode == 0
    moved = zhengban(store, "people", "import", str(people), "--valid-from", "2024-01-02", "--apply")
    assert moved.returncode == 0, moved.stderr

    assert repeated(store, run, "third") == files

    now = store.parent / "now"
    again = zhengban(store, "audit", "--as-of", AS_OF.isoformat(), "--output", str(now))
    assert again.stdout.split()[1] != run, "other inputs are another run"
    assert files_below(now).keys() == files.keys()
    changed = [name for name, content in files_below(now).items() if content != files[name]]
    assert len(changed) == 5, "and each of its files says so"


def test_the_same_inputs_in_another_store_are_the_same_run(
    tmp_path: Path, documents: Documents, first: tuple[str, dict[str, bytes]]
) -> None:
    checker = fill_january(tmp_path, documents)
    run, _ = checker.audit(AS_OF)
    checker.store.close()

    assert run.frozen.on == date(2024, 1, 31)
    assert run.id == first[0]


def test_no_result_is_read_from_the_tests(first: tuple[str, dict[str, bytes]]) -> None:
    """Nothing that ships, and nothing that `make audit` runs, knows the folder of expected results."""
    shipped = [path for room in ("agent", "rules", "reports", "auditor") for path in (ROOT / room).rglob("*")]
    texts = [path for path in shipped if path.suffix in (".py", ".yaml", ".j2", ".toml", ".json", ".css")]
    assert len(texts) > 500
    assert [path for path in [*texts, ROOT / "Makefile"] if b"golden/" in path.read_bytes()] == []
    assert all(name.startswith(UNIT) for name in first[1])
