"""A task of the Windows Task Scheduler, in the XML of its schema 1.2 (MS-TSCH 2.3, Windows 7 and newer)."""

from __future__ import annotations

import os
import subprocess
from xml.sax.saxutils import escape

from agent.timers.base import ABOUT, File, Job, Plan, Timer

TASK = r"\Zhengban\zhengban-agent"
LOCAL_SYSTEM = "S-1-5-18"

XML = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>{about}</Description>
    <URI>{task}</URI>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Repetition>
        <Interval>PT1H</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
      <StartBoundary>2020-01-01T00:{minute:02d}:00</StartBoundary>
      <Enabled>true</Enabled>
      <RandomDelay>PT5M</RandomDelay>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <RunLevel>HighestAvailable</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT{longest}M</ExecutionTimeLimit>
    <Priority>8</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>{arguments}</Arguments>
    </Exec>
  </Actions>
</Task>
"""


def plan(job: Job) -> Plan:
    """Return the XML, which schtasks reads from a file in our own folder, and how the task comes and goes."""
    text = XML.format(
        about=escape(ABOUT),
        task=escape(TASK),
        user=LOCAL_SYSTEM,
        minute=job.minute,
        longest=job.longest_minutes,
        program=escape(job.command[0]),
        arguments=escape(subprocess.list2cmdline(list(job.command[1:]))),
    )
    path = os.path.join(job.state_folder, "task.xml")
    return Plan(
        files=(File(path, text.replace("\n", "\r\n").encode("utf-16")),),
        start=(("schtasks", "/Create", "/TN", TASK, "/XML", path, "/F"),),
        stop=(("schtasks", "/Delete", "/TN", TASK, "/F"),),
    )


TASK_SCHEDULER = Timer("task_scheduler", plan)
