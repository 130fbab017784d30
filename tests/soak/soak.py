"""The long round of the fault tests: python tests/soak/soak.py [--kills 50] [--times 10] [--fuzz-minutes 120] [--docs]

Kills the checker under load on SQLite and on PostgreSQL, so often a time, so many times, each on a new store, and looks
after each time whether every acknowledged document is there, once; then fuzzes every reader of foreign bytes. Ends with
1 at the first loss or fault. `--docs` writes the result with date and commit to docs/soak.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from coverage_fuzz import all_told, fuzz, told  # noqa: E402
from faulty import Checker, Senders, assert_all_there_once, reporting, running  # noqa: E402
from fuzz_targets import targets  # noqa: E402
from postgres import new_server  # noqa: E402

from auditor.store.database import open_store  # noqa: E402

MACHINES, BETWEEN = 12, 25


def killed(url: str, folder: Path, kills: int) -> str:
    """Kill the checker so often under load, look, and return what was seen. Raises `AssertionError` for a loss."""
    began = time.monotonic()
    fleet, at = reporting(url, MACHINES)
    checker = Checker(url, folder)
    with running(checker), Senders(checker.port, fleet, at) as senders:
        for _ in range(kills):
            senders.wait_for(BETWEEN, seconds=300)
            checker.kill()
            checker.start()
        senders.wait_for(BETWEEN, seconds=300)
    store = open_store(url)
    assert_all_there_once(store, senders)
    store.close()
    kept, seconds = len(senders.receipts()), time.monotonic() - began
    return f"{kills} kills, {kept} acknowledged, all there once, {senders.broken} connections broken, {seconds:.0f} s"


def rounds(kills: int, times: int) -> list[str]:
    """Do all rounds and return a line for each."""
    lines = []
    for time_ in range(1, times + 1):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            lines.append(f"SQLite, {time_}: {killed(f'sqlite:///{folder}/z.db', folder, kills)}")
            print(lines[-1], flush=True)
        lines.append(f"PostgreSQL, {time_}: {on_postgresql(lambda url, folder: killed(url, folder, kills))}")
        print(lines[-1], flush=True)
    return lines


def on_postgresql(work: Callable[[str, Path], str]) -> str:
    """Do something with a database of a server of our own."""
    server = new_server()
    try:
        with tempfile.TemporaryDirectory() as name:
            before = Path.cwd()
            os.chdir(name)  # the sealing key of a store on a server lies in the current folder
            try:
                return work(server.new_database(), Path(name))
            finally:
                os.chdir(before)
    finally:
        server.remove()


def fuzzed(minutes: float) -> tuple[list[str], bool]:
    """Fuzz every target for its part of the time; return a line for each, and whether nothing was wrong."""
    lines, is_good, all_targets = [], True, targets()
    for number, target in enumerate(all_targets):
        outcome = fuzz(
            target.take, target.seeds, seconds=minutes * 60 / len(all_targets), seed=int(time.time()) + number
        )
        lines.append(told(target.name, outcome))
        print(lines[-1], flush=True)
        if outcome.faults or outcome.grown_mib > 500:
            is_good = False
            print(all_told(outcome.faults), flush=True)
    return lines, is_good


def commit_now() -> str:
    """Return the commit that is tried."""
    command = ["git", "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def write_docs(lines: list[str], options: argparse.Namespace, commit: str, seconds: float) -> None:
    """Write the page."""
    length = f"{options.times} × {options.kills} kills, fuzzing {options.fuzz_minutes:g} min, {seconds / 60:.0f} min"
    text = [
        "# 长时间故障试验 · The long round of faults",
        "",
        "`make soak` 所写：上报中反复 `kill -9` 核查端，逐次核对已确认的采集文件一份不少、一份不重；",
        "再对所有外来格式做覆盖率引导的模糊测试。",
        "Written by `make soak`: the checker is killed again and again while agents report, and each time every",
        "acknowledged document is looked for, once; then every reader of foreign bytes is fuzzed, guided by coverage.",
        "",
        f"- 日期 date: {datetime.now(UTC):%Y-%m-%d}；提交 commit: `{commit}`",
        f"- 长度 length: {length}；完整长度 whole length: 10 × 50 kills, 120 min",
        f"- 结果 result: {len(lines)} 项全部通过 / all {len(lines)} lines passed",
        "",
        "```",
        *lines,
        "```",
        "",
    ]
    (ROOT / "docs" / "soak.md").write_text("\n".join(text), encoding="utf-8")


def main() -> int:
    """Do it all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--fuzz-minutes", type=float, default=120)
    parser.add_argument("--docs", action="store_true")
    options = parser.parse_args()
    began, commit = time.monotonic(), commit_now()
    lines = rounds(options.kills, options.times)
    more, is_good = fuzzed(options.fuzz_minutes)
    if is_good and options.docs:
        write_docs([*lines, *more], options, commit, time.monotonic() - began)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
