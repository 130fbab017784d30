"""The interface for programmes under Schemathesis, over HTTP: whatever is asked, no 5xx, no hang, no growth."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from faulty import Checker, running
from signed_in import new_account

from auditor.accounts.managing import issue_api_token
from auditor.console.viewer import Act
from auditor.settings import load_settings
from auditor.store.database import open_settings_store

pytestmark = pytest.mark.slow
EXAMPLES, MOST_SECONDS, ANSWER_SECONDS = 15, 120, 20
TRIED = "from schemathesis.cli import schemathesis; schemathesis()"


def test_no_request_breaks_the_interface(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    settings = load_settings(flags={"database": url})
    store = open_settings_store(settings)
    _login, id = new_account(store, settings, roles=["administrator"], units=["*"])
    _id, token = issue_api_token(store, settings, id, name="x", acts=list(Act), days=1, now=datetime.now(UTC))
    store.close()
    with running(Checker(url, tmp_path)) as checker:
        before = checker.memory_mib()
        where = f"http://127.0.0.1:{checker.port}/api/v1/openapi/openapi.json"
        # fmt: off
        command = [
            sys.executable, "-c", TRIED, "run", where, "--header", f"Authorization: Bearer {token}",
            "--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES),
            "--max-time", str(MOST_SECONDS), "--request-timeout", str(ANSWER_SECONDS), "--seed", "20260601",
            "--max-response-time", str(ANSWER_SECONDS), "--exclude-path", "/readyz", "--warnings", "off",
            "--suppress-health-check", "all", "--continue-on-failure",
        ]
        # fmt: on
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=600, check=False)
        told = done.stdout[-6000:] + done.stderr[-2000:] + checker.log.read_text("utf-8", "replace")[-4000:]
        assert done.returncode == 0, told
        assert checker.memory_mib() - before < 250, told
        assert checker.stop() == 0
