"""zhengban database on the command line: what it prints, what it ends with, what it refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from light_store import KEY, MACHINES, light_store
from sqlalchemy import text

from auditor.cli import main
from auditor.store.database import open_store
from auditor.store.trail import list_trail

EXAMPLE = Path(__file__).resolve().parents[3] / "auditor" / "example"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small store whose key lies beside it."""
    (tmp_path / "a.db.key").write_text(KEY, "ascii")
    light_store(f"sqlite:///{tmp_path}/a.db", days=10).close()
    monkeypatch.chdir(tmp_path)
    return f"sqlite:///{tmp_path}/a.db"


def run(database: str, *arguments: str) -> int:
    return main(["--database", database, "database", *arguments])


def test_backup_verify_restore(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(database, "backup", "b.zbk") == 0
    told = capsys.readouterr()
    assert re.search(r"b\.zbk: [0-9]+ 行.*verified · schema \d{4} · .* · sha256 [0-9a-f]{64}", told.out)
    assert re.search(r"^[0-9]+:[0-9a-f]{64}$", told.err, re.M)
    assert KEY.encode() not in (tmp_path / "b.zbk").read_bytes()
    assert run(database, "verify", "b.zbk") == 0
    assert run(database, "backup", "b.zbk") == 3
    assert run(database, "restore", "b.zbk") == 3  # is there already
    other = f"sqlite:///{tmp_path}/other.db"
    capsys.readouterr()
    assert run(other, "restore", "b.zbk") == 3
    assert "put the key there first" in capsys.readouterr().err
    assert not (tmp_path / "other.db").exists() and not (tmp_path / "other.db.key").exists()
    (tmp_path / "other.db.key").write_text(KEY, "ascii")
    assert run(other, "restore", "b.zbk") == 0
    assert run(other, "check") == 0
    third = f"sqlite:///{tmp_path}/third.db"
    assert run(third, "restore", "b.zbk", "--without-key") == 0
    assert main(["--database", other, "trail", "check"]) == 0
    (tmp_path / "b.zbk").write_bytes((tmp_path / "b.zbk").read_bytes()[:-4096])
    assert run(third, "verify", "b.zbk") == 3


def test_move_brings_the_key_along(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(database, "move", "--to", f"sqlite:///{tmp_path}/moved.db") == 0
    assert "equal" in capsys.readouterr().out
    assert (tmp_path / "moved.db.key").read_text("ascii") == KEY
    assert run(database, "move", "--to", f"sqlite:///{tmp_path}/moved.db") == 3
    assert run(database, "move", "--to", database) == 3
    assert run(database, "move", "--to", "mysql://x/y") == 3
    held = open_store(database)
    with held.read() as connection:
        list_trail(connection)
        capsys.readouterr()
        assert run(database, "move", "--to", f"sqlite:///{tmp_path}/again.db") == 3
        assert "stop the checker first" in capsys.readouterr().err
    held.close()
    (tmp_path / "again.db.key").write_text("B" + KEY[1:], "ascii")
    assert run(database, "move", "--to", f"sqlite:///{tmp_path}/again.db") == 3
    assert not (tmp_path / "again.db").exists()


def test_forecast_is_worked_out_from_what_is_measured(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(database, "forecast", "--machines", str(MACHINES * 1000), "--months", "12", "--format", "json") == 0
    told = capsys.readouterr()
    rows = {row["part"]: row for row in json.loads(told.out)}
    store = open_store(database)
    with store.read() as connection:
        pages, size = (connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
    store.close()
    assert rows["total"]["now_bytes"] == pytest.approx(pages * size, rel=0.1)
    assert rows["machine"]["then_bytes"] == pytest.approx(rows["machine"]["now_bytes"] * 1000, rel=0.01)
    scans = MACHINES * 1000 * 0.15 * 365.25  # three scans over twenty days
    assert rows["scan"]["then_bytes"] == pytest.approx(rows["scan"]["each_bytes"] * scans, rel=0.01)
    assert "0.15 scans a day" in told.err and "no run was made yet" in told.err
    assert run(database, "forecast", "--scans-a-day", "0") == 2


def test_a_store_with_nothing_in_it_has_no_forecast(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/empty.db"
    open_store(url, sealing_key=KEY).close()
    assert run(url, "forecast") == 2


def test_retention_is_shown_before_it_is_done(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHENGBAN_EVIDENCE_MONTHS", "1")
    store = open_store(database)
    with store.begin() as connection:
        connection.execute(text("UPDATE documents SET received_at = '2020-01-01T00:00:00Z'"))
    store.close()
    assert run(database, "retention", "--format", "json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)[0]["many"] == 2 * MACHINES and "only shown" in told.err
    assert run(database, "retention", "--apply") == 0
    capsys.readouterr()
    assert run(database, "retention", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)[0]["many"] == 0


@pytest.mark.slow
def test_only_a_demonstration_is_emptied(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def register(name: str, *command: str) -> int:
        return main(["--database", database, *command, name, "--apply"])

    assert run(database, "empty") == 2
    assert run(database, "empty", "--demo") == 3  # nothing of the example was imported
    assert register(str(EXAMPLE / "units.csv"), "units", "import") == 0
    assert register(str(EXAMPLE / "people.csv"), "people", "import") == 0
    capsys.readouterr()
    assert run(database, "empty", "--demo") == 0
    shown = capsys.readouterr().out
    assert f"machines\t{MACHINES}\n" in shown and "units\t7\n" in shown and "agents\t" not in shown
    assert run(database, "empty", "--demo", "--apply") == 0
    assert capsys.readouterr().out == shown
    store = open_store(database)
    with store.read() as connection:
        left = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in ("agents", "units")
        }
        assert list_trail(connection)[-1].act == "database.emptied"
    store.close()
    assert left == {"agents": MACHINES, "units": 0}
    assert main(["--database", database, "verify"]) == 0
    assert run(database, "check") == 0
    own = tmp_path / "own.csv"
    own.write_text("单位编码,单位名称,上级单位编码,单位性质\nX,某公司,,独立法人\n", "utf-8")
    assert register(str(EXAMPLE / "units.csv"), "units", "import") == 0
    assert register(str(own), "units", "import") == 0
    capsys.readouterr()
    assert run(database, "empty", "--demo", "--apply") == 3
    assert "units own.csv" in capsys.readouterr().err
