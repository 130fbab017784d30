"""A job of launchd on macOS, see launchd.plist(5)."""

from __future__ import annotations

import plistlib

from agent.timers.base import File, Job, Plan, Timer

LABEL = "cn.zhengban.agent"
PATH = "/Library/LaunchDaemons/%s.plist" % LABEL


def plan(job: Job) -> Plan:
    """Return the property list and how launchd takes and forgets it."""
    described = {
        "Label": LABEL,
        "ProgramArguments": list(job.command),
        "StartCalendarInterval": {"Minute": job.minute},
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Nice": 10,
        "Umask": 0o077,
        "ExitTimeOut": 30,
        "AbandonProcessGroup": False,
        "StandardOutPath": "/dev/null",
        "StandardErrorPath": "/dev/null",
    }
    return Plan(
        files=(File(PATH, plistlib.dumps(described)),),
        start=(("launchctl", "bootstrap", "system", PATH),),
        stop=(("launchctl", "bootout", "system/" + LABEL),),
    )


LAUNCHD = Timer("launchd", plan)
