"""Programs that run: each once, how many, and nothing of the person."""

from __future__ import annotations

from pathlib import Path

from recorded_machine import scan_with

from agent.collectors.anywhere.processes import PROCESSES, programs_of
from agent.inventory.coverage import Outcome
from agent.inventory.traces import RunningProgram
from agent.machine.base import Process
from agent.machine.here import machine_here
from agent.machine.offline import OfflineMachine


def test_counts_each_program_once_and_keeps_no_persons_folder() -> None:
    running = [
        Process("wps", "/opt/wps/wps"),
        Process("wps", "/opt/wps/wps"),
        Process("login"),
        Process("qq.exe", r"C:\Users\zhangsan\AppData\qq.exe"),
        Process("qq.exe", r"C:\Users\lisi\AppData\qq.exe"),
        Process("x", r"C:\Users\Public\x"),
        Process("y", "/home/lisi/bin/y"),
        Process("z", "/Users/lisi/z"),
    ]
    assert list(programs_of(iter(running))) == [
        RunningProgram("login"),
        RunningProgram("wps", "/opt/wps/wps", instances=2),
        RunningProgram("x", r"C:\Users\Public\x"),
        RunningProgram("y", "~/bin/y"),
        RunningProgram("z", "~/z"),
        RunningProgram("qq.exe", r"~\AppData\qq.exe", instances=2),
    ]


def test_nothing_runs_on_a_mounted_disk(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (run,) = scan_with(OfflineMachine(str(tmp_path)), PROCESSES).coverage
    assert (run.scope, run.outcome) == ("processes", Outcome.ABSENT)


def test_something_runs_here() -> None:
    inventory = scan_with(machine_here(), PROCESSES)
    (run,) = inventory.coverage
    assert (run.outcome, run.found) == (Outcome.COMPLETE, len(inventory.programs))
    assert len({(program.path, program.name) for program in inventory.programs}) == len(inventory.programs) > 0
