"""The page for three hosts, played: every command of it, in its order, each on its host, and nothing else but what a
package source and systemd would do."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from namespaces import Host, hosts

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "three-hosts.md"
NUMBERS = {"database": 11, "checker": 12, "computer": 13}
_BLOCK = re.compile(r"^```sh\n# ((?:\[\w+\] ?)+)([^\n]*)\n(.*?)^```$", re.M | re.S)


UNTIL_IT_LISTENS = """for _ in $(seq 300); do
    if grep -q 'listening on' /var/log/zhengban.log; then exit 0; fi
    sleep 0.2
done
cat /var/log/zhengban.log
exit 1
"""
PSQL = "cd / && runuser -u postgres -- psql -At zhengban"
ENCRYPTED = (
    "SELECT client_addr || '|' || ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)"
    " WHERE usename = 'zhengban' LIMIT 1"
)


@dataclass(frozen=True)
class Block:
    """Commands of the page, and the hosts that they are for."""

    hosts: tuple[str, ...]
    needs_packages: bool
    script: str


def blocks() -> list[Block]:
    """Return what the page says to do, in its order."""
    found = _BLOCK.findall(PAGE.read_text("utf-8"))
    return [Block(tuple(re.findall(r"\w+", names)), "package source" in rest, body) for names, rest, body in found]


def test_each_block_of_the_page_says_where_it_runs() -> None:
    assert PAGE.read_text("utf-8").count("```sh\n") == len(blocks()) > 6
    assert {name for block in blocks() for name in block.hosts} == set(NUMBERS)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[dict[str, Host]]:
    shared = tmp_path / "handover"
    shared.mkdir()
    with hosts(NUMBERS, shared, "/srv/handover") as made:
        for host in made.values():
            shutil.copyfile(ROOT / "tests" / "support" / "small_systemctl.py", host.root / "usr/local/bin/systemctl")
            (host.root / "usr/local/bin/systemctl").chmod(0o755)
            shutil.rmtree(host.root / "etc/zhengban", ignore_errors=True)
        sources = made["checker"].root / "usr/src/zhengban"
        files = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for name in files.stdout.splitlines():
            if name.startswith(("agent/", "auditor/", "rules/", "reports/", "locks/")) or "/" not in name:
                (sources / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, sources / name)
        made["database"].run("install -d -o postgres -g postgres -m 2775 /run/postgresql")
        yield made


@pytest.mark.slow
def test_a_newcomer_brings_up_three_hosts_from_the_page_alone(three: dict[str, Host]) -> None:
    told: dict[str, str] = {}
    for block in blocks():
        for name in block.hosts:
            told[name] = told.get(name, "") + three[name].run(block.script, own_network=not block.needs_packages)
            if "systemctl enable --now zhengban" in block.script:
                three[name].run(UNTIL_IT_LISTENS)
    assert "未发现损坏 / no damage was found" in told["checker"]
    assert re.search(r"backup-1\.zbk: .* verified", told["checker"])
    asked = "SELECT host_name || '|' || origin FROM machines", "SELECT count(*) FROM runs", ENCRYPTED
    machine, runs, connection = (three["database"].run(f'{PSQL} -c "{each}"').strip() for each in asked)
    assert machine.endswith("|agent") and runs == "1" and connection == "10.77.0.12/32|true"
    packages = three["computer"].run("dpkg-query -W -f '${db:Status-Abbrev}\\n' | grep -c '^ii'")
    in_store = three["database"].run(f"{PSQL} -c \"SELECT count(*) FROM titles WHERE source = 'dpkg'\"")
    assert int(in_store) == int(packages)


@pytest.mark.slow
def test_the_units_are_what_systemd_takes(tmp_path: Path) -> None:
    """`systemd-analyze verify` on a copy whose program and user are there; and what it says of the sandbox."""
    text = (ROOT / "auditor" / "deploy" / "zhengban.service").read_text("utf-8")
    unit = tmp_path / "zhengban.service"
    unit.write_text(
        text.replace("/opt/zhengban/bin/zhengban", "/bin/true").replace("=zhengban\n", "=daemon\n", 1), "utf-8"
    )
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "zhengban.service" in line]) == (0, [])
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=25", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-300:]
