"""What the timers of each system are told, read back as the system reads it."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from agent.timers.base import Job, Plan
from agent.timers.cron import CRON
from agent.timers.launchd import LAUNCHD
from agent.timers.roster import TIMERS, timer_here, timer_named
from agent.timers.systemd import SYSTEMD
from agent.timers.task_scheduler import TASK_SCHEDULER

COMMAND = ["/opt/our programs/zhengban-agent", "run", "--scheduled", "--config", "/etc/100% & <ours>.ini"]
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def job(state: str = "/var/lib/zhengban-agent") -> Job:
    return Job(command=COMMAND, minute=7, state_folder=state, longest_minutes=75, max_memory_bytes=536_870_912)


def text_of(plan: Plan, number: int = 0) -> str:
    return plan.files[number].data.decode("utf-8")


def test_the_task_keeps_to_the_schema_of_the_task_scheduler() -> None:
    """Names and order of elements as in exported tasks; times as ISO 8601, the principal by its SID."""
    plan = TASK_SCHEDULER.plan(job(r"C:\ProgramData\zhengban-agent"))
    assert plan.files[0].data[:2] in (b"\xff\xfe", b"\xfe\xff")  # what the declaration says: UTF-16
    root = ElementTree.fromstring(plan.files[0].data)
    assert (root.tag, root.get("version")) == (NAMESPACE + "Task", "1.2")
    assert [child.tag.replace(NAMESPACE, "") for child in root] == [
        "RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]  # fmt: skip
    trigger = root.find("%sTriggers/%sTimeTrigger" % (NAMESPACE, NAMESPACE))
    assert trigger is not None
    assert [child.tag.replace(NAMESPACE, "") for child in trigger] == [
        "Repetition", "StartBoundary", "Enabled", "RandomDelay"]  # fmt: skip
    assert root.findtext(".//%sInterval" % NAMESPACE) == "PT1H"
    assert root.findtext(".//%sStartBoundary" % NAMESPACE) == "2020-01-01T00:07:00"
    assert root.findtext(".//%sUserId" % NAMESPACE) == "S-1-5-18"
    assert root.findtext(".//%sCommand" % NAMESPACE) == COMMAND[0]
    assert root.findtext(".//%sArguments" % NAMESPACE) == 'run --scheduled --config "/etc/100% & <ours>.ini"'
    assert root.findtext(".//%sExecutionTimeLimit" % NAMESPACE) == "PT75M"
    assert plan.start[0][:3] == ("schtasks", "/Create", "/TN") and plan.stop[0][1] == "/Delete"


def test_the_property_list_is_one() -> None:
    plan = LAUNCHD.plan(job())
    read = plistlib.loads(plan.files[0].data)
    assert read["ProgramArguments"] == COMMAND
    assert read["StartCalendarInterval"] == {"Minute": 7}
    assert (read["ProcessType"], read["LowPriorityIO"], read["Umask"]) == ("Background", True, 0o077)
    assert plan.files[0].path == "/Library/LaunchDaemons/%s.plist" % read["Label"]


def test_cron_gets_one_line_in_which_nothing_ends_the_command() -> None:
    (line,) = [each for each in text_of(CRON.plan(job())).splitlines() if each.startswith("7 ")]
    schedule, _, command = line.partition(" root ")
    assert schedule.split() == ["7", "*", "*", "*", "*"]
    assert "'/etc/100\\% & <ours>.ini'" in command
    assert text_of(CRON.plan(job())).endswith("\n")  # cron ignores a last line without an end


def test_systemd_gets_a_service_that_writes_one_folder_only() -> None:
    plan = SYSTEMD.plan(job("/srv/agent"))
    service = dict(line.split("=", 1) for line in text_of(plan).splitlines() if "=" in line)
    assert (
        service["ExecStart"] == "'/opt/our programs/zhengban-agent' run --scheduled --config '/etc/100%% & <ours>.ini'"
    )
    assert (service["ProtectSystem"], service["NoNewPrivileges"]) == ("strict", "yes")
    assert service["ReadWritePaths"] == "-/srv/agent"
    assert "StateDirectory=zhengban-agent\n" in text_of(SYSTEMD.plan(job()))
    assert "OnCalendar=*-*-* *:07:00" in text_of(plan, 1)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    program = tmp_path / "zhengban-agent"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    made = Job([str(program), "run", "--scheduled"], 7, "/var/lib/zhengban-agent", 75, 536_870_912)
    for file in SYSTEMD.plan(made).files:
        (tmp_path / Path(file.path).name).write_bytes(file.data)
    units = [str(tmp_path / "zhengban-agent.service"), str(tmp_path / "zhengban-agent.timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False
    )
    complaints = [line for line in done.stdout.decode().splitlines() if "zhengban" in line]
    assert (done.returncode, complaints) == (0, [])
    calendar = subprocess.run(["systemd-analyze", "calendar", "*-*-* *:07:00"], stdout=subprocess.PIPE, check=False)
    assert calendar.returncode == 0


def test_every_system_has_a_timer() -> None:
    assert timer_here() in TIMERS
    assert [timer_named(timer.name) for timer in TIMERS] == list(TIMERS)
    assert timer_named("at") is None


@pytest.mark.parametrize("timer", [each.name for each in TIMERS])
def test_a_dry_run_shows_the_files_and_writes_none(tmp_path: Path, timer: str) -> None:
    project = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-m", "agent", "install", "--with", timer, "--dry-run", "--state", str(tmp_path / "s")]
    program = Path(sys.executable).with_name("zhengban-agent")
    done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if not program.exists():  # an interpreter without the package: nothing that a timer could call
        assert (done.returncode, b"expected the program zhengban-agent" in done.stderr) == (3, True)
        return
    said = done.stdout.decode("utf-8")
    assert done.returncode == 0, done.stderr
    assert "run --scheduled" in said or "<string>--scheduled</string>" in said
    assert str(tmp_path / "s") in said
    assert not (tmp_path / "s").exists()


def dry_run(tree: Path, *settings: str) -> "subprocess.CompletedProcess[str]":
    """Show what an installed tree of the agent would register with cron."""
    arguments = ["install", "--dry-run", "--with", "cron", "--state", str(tree / "state")]
    for setting in settings:
        arguments += ["--set", setting]
    return subprocess.run(
        [sys.executable, "-m", "agent", *arguments],
        cwd=str(tree),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_settings_of_the_installation_hold_for_the_timer(tmp_path: Path) -> None:
    project = Path(__file__).resolve().parents[2]
    shutil.copytree(str(project / "agent"), str(tmp_path / "agent"), ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "__main__.py").write_text("from agent.__main__ import run\n")  # what an installed tree begins with
    done = dry_run(tmp_path, "quiet_hours=08:30-11:30", "spread_minutes=90")
    assert (done.returncode, "--set quiet_hours=08:30-11:30 --set spread_minutes=90" in done.stdout) == (0, True)
    secret = dry_run(tmp_path, "proxy=http://name:word@proxy:3128")
    assert secret.returncode == 2 and "http://name" not in secret.stdout
