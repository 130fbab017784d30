"""The guided first run: `make audit`. Only commands that a user has, on a store of its own, everything under out/.

Ends 0 when it worked, whatever the audit found; 3 when a step could not be done.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.example.closing_table import closing_table
from auditor.example.programs import Failed, Programs, Server, environment_for

DATA = Path(__file__).resolve().parent
CAPTURES = DATA.parents[1] / "tests" / "captures"
OUT = Path("out")
MADE_ANEW = ("store", "agent", "inventories", "reports")
OUR_UNIT = "JT-XX"
DONE, FINDINGS, NOT_DONE = 0, 1, 3
STEPS = 9


class Progress:
    """Says what is being done, and how long it took."""

    def __init__(self) -> None:
        self._number = 0

    @contextmanager
    def step(self, zh: str, en: str) -> Iterator[list[str]]:
        """Yield a list for what there is to tell when the step is done."""
        self._number += 1
        print(f"[{self._number}/{STEPS}] {zh} / {en} … ", end="", flush=True)
        began = time.monotonic()
        told: list[str] = []
        yield told
        print(f"{'; '.join([*told, f'{time.monotonic() - began:.1f} s'])}", flush=True)


def main() -> int:
    """Run every step and print the closing table. Return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us ends the checker too
    try:
        first_run(OUT.resolve())
    except (Failed, OSError) as error:
        print(f"\n未能完成 / could not be done: {error}", file=sys.stderr)
        return NOT_DONE
    except KeyboardInterrupt:
        print("\n已中断，服务已停止 / stopped; so is the checker", file=sys.stderr)
        return NOT_DONE
    return DONE


def first_run(out: Path) -> None:
    """Make the store, scan, import, audit, print. Raises `Failed` with the command that did not work."""
    programs = _prepared(out)
    progress = Progress()
    with progress.step("登记示例单位、人员、计算机", "register units, people, computers of the example"):
        for register in ("units", "people", "machines"):
            programs.checker(register, "import", str(DATA / f"{register}.csv"), "--apply")
    with progress.step("导入许可台账与可使用免费软件清单", "import the licence ledger and the allow-list"):
        programs.checker("licences", "import", str(DATA / "licences.xlsx"), "--apply")
        programs.checker("licences", "import-free", str(DATA / "free-software.csv"), "--apply")
    _our_machine(programs, progress, out)
    _recorded_machines(programs, progress, out / "inventories")
    with progress.step("稽核并出表", "audit, print the forms and the report") as told:
        answers = _audited(programs, out / "reports")
        told.append(f"run {str(answers[0]['run'])[:16]}")
    with progress.step("列出问题项与未识别名称", "list findings and what is not recognised"):
        _keep_listing(programs, out / "reports" / "findings.json", "findings", accept=(DONE, FINDINGS))
        _keep_listing(programs, out / "reports" / "unrecognised.json", "titles", "list", "--unknown", accept=(DONE,))
    print(f"\n{closing_table(answers)}\n")
    _say_where(out)


def _prepared(out: Path) -> Programs:
    """Empty the folders of an earlier run, and nothing else that lies under out/."""
    for name in MADE_ANEW:
        shutil.rmtree(out / name, ignore_errors=True)
        (out / name).mkdir(parents=True)
    (out / "agent" / "agent.ini").write_text("[agent]\n", encoding="utf-8")
    log = out / "first-run.log"
    log.write_text("", encoding="utf-8")
    database = "sqlite:///" + (out / "store" / "zhengban.db").as_posix()
    return Programs(database, environment_for(out / "cache"), log)


def _our_machine(programs: Programs, progress: Progress, out: Path) -> None:
    """Enrol, scan and send this machine over HTTP."""
    own = ("--state", str(out / "agent"), "--config", str(out / "agent" / "agent.ini"))
    with progress.step("启动核查端（仅本机）", "start the checker on loopback") as told:
        token = programs.checker("agents", "token", "--unit", OUR_UNIT).strip()
        server = Server(programs, out / "serve.log").__enter__()
        told.append(server.url)
    try:
        with progress.step("登记本机采集端", "enrol this machine's agent"):
            programs.agent("enrol", "--server", server.url, "--token", token, *own)
        with progress.step("扫描本机", "scan this machine"):
            programs.agent("scan", *own, accept=(DONE, NOT_DONE))
        with progress.step("经 HTTP 上报", "send over HTTP"):
            programs.agent("send", *own)
    finally:
        server.__exit__(None, None, None)


def _recorded_machines(programs: Programs, progress: Progress, folder: Path) -> None:
    """Turn each recorded machine into an inventory with the same collectors, and import them all."""
    recorded = sorted(origin.parent for origin in CAPTURES.glob("*/ORIGIN.md"))
    with progress.step("读取随附的示例计算机并导入", "read and import the recorded machines") as told:
        for machine in recorded:
            target = folder / f"{machine.name}.json"
            programs.agent("scan", "--root", str(machine), "--output", str(target), accept=(DONE, NOT_DONE))
            if not target.is_file():
                raise Failed(f"zhengban-agent scan --root {machine.name}: wrote no inventory")
        if recorded:
            programs.checker("import", str(folder), "--unit", OUR_UNIT)
        told.append(f"{len(recorded)} 台 machines")


def _audited(programs: Programs, folder: Path) -> list[dict[str, object]]:
    """Make the run and write its files. A crash ends with 1 as findings do, but says nothing on standard output."""
    said = programs.checker("audit", "--output", str(folder), "--format", "json", accept=(DONE, FINDINGS))
    try:
        answers: list[dict[str, object]] = json.loads(said)
    except ValueError as error:
        raise Failed(f"zhengban audit: no answer; see {_shown(programs.log)}") from error
    return answers


def _keep_listing(programs: Programs, path: Path, *command: str, accept: tuple[int, ...]) -> None:
    path.write_text(programs.checker(*command, "--format", "json", accept=accept), encoding="utf-8")


def _say_where(out: Path) -> None:
    """Print the paths of what was written, and how to look further."""
    print("文件 / files:")
    for path in sorted((out / "reports").rglob("*")):
        if path.is_file():
            print(f"  {_shown(path)}")
    database = _shown(out / "store" / "zhengban.db")
    print("\n继续查看 / look further:")
    print(f"  .venv/bin/zhengban --database sqlite:///{database} findings --severity high")
    print(f"  .venv/bin/zhengban --database sqlite:///{database} titles list --unknown")


def _shown(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


if __name__ == "__main__":
    sys.exit(main())
