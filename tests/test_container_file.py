"""The container file, its steps played in a file system copied on write: what it builds, whom it runs as, that it
listens, is healthy, that SIGTERM ends it. No registry of images is asked: the base is this system."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from namespaces import Host, hosts

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "auditor" / "deploy" / "Containerfile"


def instructions() -> list[tuple[str, str]]:
    """Return the instructions in their order, lines that go on joined."""
    text = re.sub(r"\\\n", " ", FILE.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def copied_sources(host: Host, inside: str) -> None:
    """Do what `COPY .` does, of the files that git knows."""
    told = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in told.stdout.splitlines():
        if name.startswith(("agent/", "auditor/", "rules/", "reports/", "locks/")) or "/" not in name:
            target = host.root / inside.lstrip("/") / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target)


@pytest.mark.slow
def test_its_steps_make_a_checker_that_runs_as_nobody_special(tmp_path: Path) -> None:
    found = instructions()
    with hosts({"container": 31}, tmp_path, "/srv/handover") as made:
        host = made["container"]
        shutil.rmtree(host.root / "opt/zhengban", ignore_errors=True)
        host.run("ln -sf /usr/bin/python3 /usr/local/bin/python")
        user, folder, environment = "root", "/", ""
        for word, rest in found:
            match word:
                case "COPY" if rest.startswith(". "):
                    copied_sources(host, rest.split()[1])
                case "WORKDIR":
                    folder = rest
                    host.run(f"mkdir -p {rest}")
                case "RUN":
                    host.run(f"cd {folder}\n{rest}", own_network="pip install" not in rest)
                case "USER":
                    user = rest
                case "ENV":
                    environment = rest
                case "FROM" | "VOLUME" | "EXPOSE" | "STOPSIGNAL" | "HEALTHCHECK" | "ENTRYPOINT" | "CMD" | "COPY":
                    pass
                case _:
                    raise AssertionError(f"{word}: this test does not know it")
        told = dict(found)
        start = " ".join(json.loads(told["ENTRYPOINT"]) + json.loads(told["CMD"]))
        check = json.loads(told["HEALTHCHECK"].partition("CMD ")[2])
        (host.root / "srv/check.py").write_text(check[2], "utf-8")
        assert user == "zhengban"
        begin = f"cd {folder}\nexec runuser -u {user} -- env {environment} "
        refused = host.run(f"({begin}{start}) 2>&1 || test $? -eq 2")
        assert "tls_cert" in refused or "trusted_proxies" in refused
        script = f"""
            ({begin}ZHENGBAN_TRUSTED_PROXIES=127.0.0.1 {start}) >/tmp/log 2>&1 &
            for _ in $(seq 300); do grep -q 'listening on' /tmp/log && break; sleep 0.2; done
            cat /tmp/log
            runuser -u {user} -- {check[0]} /srv/check.py && echo healthy
            stat -c '%U %a' /data /data/zhengban.db
            pkill -TERM -P $! || kill -TERM $!
            wait $! && echo ended well
        """
        said = host.run(script)
    assert "healthy" in said
    assert "zhengban 700" in said and "zhengban 6" in said
    assert "ended well" in said
