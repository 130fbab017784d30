"""A timer of systemd with a service that may read nearly everything and write one folder.

The options of the sandbox are those of systemd.exec(5); a release that does not know one says so in its log and goes
on. CAP_DAC_READ_SEARCH lets root's scan read what others own, CAP_SYS_PTRACE see which programs run; there is no other.
"""

from __future__ import annotations

import shlex

from agent.timers.base import ABOUT, NAME, File, Job, Plan, Timer

FOLDER = "/etc/systemd/system"
USUAL_STATE = "/var/lib/zhengban-agent"

SERVICE = """\
[Unit]
Description={about}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
# 3: something could not be read or sent; it stands in the document, or waits in the spool
SuccessExitStatus=3
TimeoutStartSec={longest}min
Nice=10
IOSchedulingClass=idle
CPUWeight=20
MemoryMax={memory}
TasksMax=64
UMask=0077
{state}
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
NoNewPrivileges=yes
CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_SYS_PTRACE
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SocketBindDeny=any
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@resources
SystemCallFilter=setpriority ioprio_set setrlimit prlimit64
"""

TIMER = """\
[Unit]
Description={about}: timer

[Timer]
OnCalendar=*-*-* *:{minute:02d}:00
RandomizedDelaySec={spread}min
Persistent=yes

[Install]
WantedBy=timers.target
"""


def service_text(job: Job) -> str:
    """Return the unit of the service."""
    usual = job.state_folder == USUAL_STATE
    state = "StateDirectory=zhengban-agent\nStateDirectoryMode=0700" if usual else "ReadWritePaths=-" + job.state_folder
    return SERVICE.format(
        about=ABOUT,
        command=" ".join(_quoted(word) for word in job.command),
        longest=job.longest_minutes,
        memory=job.max_memory_bytes or "infinity",
        state=state,
    )


def timer_text(minute: int, spread_minutes: int = 5) -> str:
    """Return the unit of the timer: every hour at that minute, moved by a random part of `spread_minutes`."""
    return TIMER.format(about=ABOUT, minute=minute, spread=spread_minutes)


def _quoted(word: str) -> str:
    """Return a word as systemd reads it: `%` and `$` doubled."""
    return shlex.quote(word.replace("%", "%%").replace("$", "$$"))


def plan(job: Job) -> Plan:
    """Return both units and how they are switched on and off."""
    timer = NAME + ".timer"
    return Plan(
        files=(
            File("%s/%s.service" % (FOLDER, NAME), service_text(job).encode("utf-8")),
            File("%s/%s" % (FOLDER, timer), timer_text(job.minute).encode("utf-8")),
        ),
        start=(("systemctl", "daemon-reload"), ("systemctl", "enable", "--now", timer)),
        stop=(("systemctl", "disable", "--now", timer),),
        after=(("systemctl", "daemon-reload"),),
    )


SYSTEMD = Timer("systemd", plan)
