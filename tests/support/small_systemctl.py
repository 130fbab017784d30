#!/usr/bin/python3
"""What stands in for systemctl where no systemd runs: starts what a unit file says, as the user that it says.

It reads User, WorkingDirectory, Environment, StateDirectory, UMask and ExecStart; PostgreSQL is left to its
package. Words that it does not know are no error: a package that registers a timer is answered.
"""

import os
import pwd
import shlex
import subprocess
import sys
from configparser import RawConfigParser

UNITS = "/etc/systemd/system"


def start(name: str) -> None:
    """Start a unit in the background, its output in /var/log."""
    parser = RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    with open(os.path.join(UNITS, name + ".service"), encoding="utf-8") as file:
        parser.read_file(file)
    service = dict(parser["Service"])
    user = pwd.getpwnam(service["User"])
    environment = dict(part.split("=", 1) for part in shlex.split(service.get("Environment", "")))
    environment["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    state = os.path.join("/var/lib", service["StateDirectory"])
    os.makedirs(state, mode=0o700, exist_ok=True)
    os.chown(state, user.pw_uid, user.pw_gid)

    def become() -> None:
        os.setsid()
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.umask(int(service.get("UMask", "0022"), 8))

    with open("/var/log/%s.log" % name, "ab") as log:
        process = subprocess.Popen(
            shlex.split(service["ExecStart"]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=service["WorkingDirectory"],
            env=environment,
            preexec_fn=become,  # noqa: PLW1509 - nothing here has threads
        )
    with open("/run/%s.pid" % name, "w", encoding="ascii") as file:
        file.write(str(process.pid))


def main(words: "list[str]") -> int:
    """Do what was asked for."""
    names = [word.replace(".service", "") for word in words[1:] if not word.startswith("-")]
    if words[:1] in (["start"], ["enable"]) and "zhengban" in names and (words[0] == "start" or "--now" in words):
        start("zhengban")
    elif words[:1] == ["restart"] and "postgresql" in names:
        version = sorted(os.listdir("/etc/postgresql"))[-1]
        return subprocess.run(["pg_ctlcluster", version, "main", "restart"], check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
