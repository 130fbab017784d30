"""The worked example of docs/api.md signs as the checker does and prints what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from auditor.intake.enrolment import sign

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"


def test_the_worked_example_is_what_the_checker_computes() -> None:
    found = re.search(r"```python\n(.*?)\n# (sha256=\w+)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    done = subprocess.run([sys.executable, "-I", "-c", found[1]], capture_output=True, text=True, check=True)
    at = datetime.fromtimestamp(1_780_272_000, UTC)
    ours = sign(b"k" * 32, agent="a-1", method="POST", path="/api/v1/inventories", body=b"{}", now=at)
    assert done.stdout.strip() == found[2] == ours["X-Zhengban-Signature"]
