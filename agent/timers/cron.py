"""A file for cron, where a Linux system has no systemd."""

from __future__ import annotations

import shlex

from agent.timers.base import ABOUT, NAME, File, Job, Plan, Timer

PATH = "/etc/cron.d/" + NAME

TEXT = """\
# {about}
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
MAILTO=""
{minute} * * * * root nice -n 10 {command} >/dev/null 2>&1
"""


def plan(job: Job) -> Plan:
    """Return the file; cron reads it by itself. `%` would end the command, see crontab(5)."""
    command = " ".join(shlex.quote(word) for word in job.command).replace("%", r"\%")
    text = TEXT.format(about=ABOUT, minute=job.minute, command=command)
    return Plan(files=(File(PATH, text.encode("utf-8")),), start=(), stop=())


CRON = Timer("cron", plan)
