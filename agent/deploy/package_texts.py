"""The texts that the packages for Linux consist of, beside the agent itself."""

from __future__ import annotations

from agent.settings import SETTINGS

LAUNCHER = """\
#!/bin/sh
# -I -S: neither the environment nor the site packages, which saves a third of the start
exec /usr/bin/python3 -I -S /usr/lib/zhengban-agent "$@"
"""

CRON = """\
# Only where systemd does not run; the timer zhengban-agent.timer does the same.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
MAILTO=""
7 * * * * root [ -d /run/systemd/system ] || nice -n 10 zhengban-agent run --scheduled >/dev/null 2>&1
"""

CONTROL = """\
Package: zhengban-agent
Version: {version}
Architecture: all
Maintainer: Zhengban <zhengban@localhost>
Installed-Size: {kibibytes}
Depends: python3 (>= 3.7)
Suggests: python3-cryptography
Section: admin
Priority: optional
Description: software inventory for genuinization checks (正版软件清查采集程序)
 Records what software is installed on this machine and hands it to the
 checker of the organisation. It only reads, opens no port, and records no
 documents, no browsing and no names of people.
"""

CONFFILES = """\
/etc/cron.d/zhengban-agent
/etc/zhengban/agent.ini
"""

COPYRIGHT = """\
Zhengban, see the file LICENSE of the project. The agent contains no code of others.
"""

_COMPILE = "python3 -m compileall -q -f /usr/lib/zhengban-agent >/dev/null 2>&1 || true"
_SWITCH_ON = """\
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
    systemctl enable --now zhengban-agent.timer || true
fi"""
_SWITCH_OFF = """\
if [ -d /run/systemd/system ]; then
    systemctl disable --now zhengban-agent.timer || true
fi"""
_FORGET_BYTE_CODE = (
    "find /usr/lib/zhengban-agent -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true"
)
_RELOAD = "if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi"

POSTINST = """\
#!/bin/sh
set -e
if [ "$1" = configure ]; then
%s
%s
fi
""" % (_COMPILE, _SWITCH_ON)

PRERM = """\
#!/bin/sh
set -e
if [ "$1" = remove ]; then
%s
fi
%s
""" % (_SWITCH_OFF, _FORGET_BYTE_CODE)

POSTRM = (
    """\
#!/bin/sh
set -e
%s
if [ "$1" = purge ]; then
    rm -rf /var/lib/zhengban-agent
    rmdir /etc/zhengban 2>/dev/null || true
fi
"""
    % _RELOAD
)

SPEC = """\
Name: zhengban-agent
Version: {version}
Release: 1
Summary: Software inventory for genuinization checks
License: see the project
BuildArch: noarch
Requires: python3 >= 3.7
AutoReqProv: no

%description
Records what software is installed on this machine and hands it to the checker of the organisation. It only reads,
opens no port, and records no documents, no browsing and no names of people.

%install
cp -a {root}/. %{{buildroot}}/

%post
{compile}
{on}

%preun
if [ "$1" = 0 ]; then
{off}
fi
{forget}

%postun
{reload}
if [ "$1" = 0 ]; then rm -rf /var/lib/zhengban-agent; fi

%files
%dir /etc/zhengban
%config(noreplace) /etc/zhengban/agent.ini
%config(noreplace) /etc/cron.d/zhengban-agent
/usr/bin/zhengban-agent
/usr/lib/zhengban-agent
/{{units}}/zhengban-agent.service
/{{units}}/zhengban-agent.timer
/usr/share/doc/zhengban-agent
"""
SPEC = (
    SPEC.replace("{compile}", _COMPILE)
    .replace("{on}", _SWITCH_ON)
    .replace("{off}", _SWITCH_OFF)
    .replace("{forget}", _FORGET_BYTE_CODE.replace("{}", "{{}}"))
    .replace("{reload}", _RELOAD)
    .replace("{{units}}", "{units}")
)


def settings_file() -> str:
    """Return the settings file with every setting, its default and its meaning, all of them switched off."""
    lines = ["# 正版软件清查采集程序的设置。去掉行首的 # 后生效。", "# Settings of zhengban-agent; take the # off.", ""]
    lines += ["[agent]"]
    for setting in SETTINGS:
        default = setting.default
        if isinstance(default, bool):
            default = "yes" if default else "no"
        lines += ["", "# " + setting.help_zh, "# " + setting.help, "# %s = %s" % (setting.name, default)]
    return "\n".join(lines) + "\n"
