"""Builds what is handed to administrators from `agent/` alone: a zipapp, a .deb and a .rpm. Run: make agent-packages

    python3 -m agent.deploy.packages [--output dist] [zipapp] [deb] [rpm] [frozen]

The same sources give the same bytes: times are SOURCE_DATE_EPOCH (else 2020-01-01), owners root, orders fixed. The .deb
is made with dpkg-deb, the .rpm with rpmbuild; byte code is made at installation by the Python that is there.
`frozen` is a folder with its own Python, made by PyInstaller for the system it runs on; its bytes differ by machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from typing import Callable, Sequence

from agent.deploy.package_texts import (
    CONFFILES,
    CONTROL,
    COPYRIGHT,
    CRON,
    LAUNCHER,
    POSTINST,
    POSTRM,
    PRERM,
    SPEC,
    settings_file,
)
from agent.deploy.staging import stage
from agent.timers.base import Job
from agent.timers.systemd import USUAL_STATE, service_text, timer_text
from agent.version import AGENT_NAME, AGENT_VERSION

HERE = os.path.dirname(os.path.abspath(__file__))
EPOCH = 1_577_836_800
LIBRARY = "usr/lib/" + AGENT_NAME
DEB_UNITS, RPM_UNITS = "lib/systemd/system", "usr/lib/systemd/system"
SPREAD_MINUTES = 55


def main(arguments: Sequence[str]) -> int:
    """Build what was named, everything by default; print the paths."""
    usual: dict[str, Callable[[str], str]] = {"zipapp": build_zipapp, "deb": build_deb, "rpm": build_rpm}
    builders = dict(usual, frozen=build_frozen)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", default="dist", metavar="DIR")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="zipapp, deb, rpm, frozen")
    options = parser.parse_args(arguments)
    strange = [kind for kind in options.kinds if kind not in builders]
    if strange:
        parser.error("expected one of %s, got %s" % (", ".join(builders), strange[0]))
    os.makedirs(options.output, exist_ok=True)
    for kind in options.kinds or usual:
        print(builders[kind](os.path.abspath(options.output)))
    return 0


def moment() -> int:
    """Return the time that every file gets, in Unix seconds."""
    return int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))


def build_zipapp(output: str) -> str:
    """Write one file that any Python of 3.7 or newer runs: `python3 zhengban-agent.pyz scan`."""
    path = os.path.join(output, "%s-%s.pyz" % (AGENT_NAME, AGENT_VERSION))
    with tempfile.TemporaryDirectory() as folder:
        names = stage(folder)
        with open(path, "wb") as file:
            file.write(b"#!/usr/bin/env python3\n")
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
                for name in names:
                    _add(archive, name, os.path.join(folder, name))
    os.chmod(path, 0o755)
    return path


def _add(archive: zipfile.ZipFile, name: str, path: str) -> None:
    """Add one file with a time and rights that say nothing of this machine."""
    member = zipfile.ZipInfo(name.replace(os.sep, "/"), time.gmtime(moment())[:6])
    member.external_attr = 0o100644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3
    with open(path, "rb") as file:
        archive.writestr(member, file.read())


def lay_out(root: str, units: str) -> None:
    """Write the tree that both packages install; each family of systems has its own place for units."""
    stage(_made(root, LIBRARY))
    _write(root, "usr/bin/" + AGENT_NAME, LAUNCHER, 0o755)
    job = Job(
        command=["/usr/bin/" + AGENT_NAME, "run", "--scheduled"],
        minute=0,
        state_folder=USUAL_STATE,
        longest_minutes=75,
        max_memory_bytes=536_870_912,
    )
    _write(root, "%s/%s.service" % (units, AGENT_NAME), service_text(job))
    _write(root, "%s/%s.timer" % (units, AGENT_NAME), timer_text(0, SPREAD_MINUTES))
    _write(root, "etc/cron.d/" + AGENT_NAME, CRON)
    _write(root, "etc/zhengban/agent.ini", settings_file())
    notices = os.path.join(HERE, "notice")
    for name in sorted(os.listdir(notices)):
        with open(os.path.join(notices, name), encoding="utf-8") as file:
            _write(root, "usr/share/doc/%s/%s" % (AGENT_NAME, name), file.read())
    _write(root, "usr/share/doc/%s/copyright" % AGENT_NAME, COPYRIGHT)


def build_deb(output: str) -> str:
    """Write the Debian package."""
    path = os.path.join(output, "%s_%s_all.deb" % (AGENT_NAME, AGENT_VERSION))
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        lay_out(root, DEB_UNITS)
        size = sum(os.path.getsize(os.path.join(above, name)) for above, _, names in os.walk(root) for name in names)
        _write(root, "DEBIAN/control", CONTROL.format(version=AGENT_VERSION, kibibytes=(size + 1023) // 1024))
        _write(root, "DEBIAN/conffiles", CONFFILES)
        for name, text in (("postinst", POSTINST), ("prerm", PRERM), ("postrm", POSTRM)):
            _write(root, "DEBIAN/" + name, text, 0o755)
        _age(root)
        environment = dict(os.environ, SOURCE_DATE_EPOCH=str(moment()))
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--threads-max=1", "--build", root, path]
        _call(command, environment)
    return path


def build_rpm(output: str) -> str:
    """Write the RPM package."""
    path = os.path.join(output, "%s-%s-1.noarch.rpm" % (AGENT_NAME, AGENT_VERSION))
    with tempfile.TemporaryDirectory() as top:
        root = _made(top, "root")
        lay_out(root, RPM_UNITS)
        _age(root)
        _write(top, "agent.spec", SPEC.format(version=AGENT_VERSION, root=root, units=RPM_UNITS))
        environment = dict(os.environ, SOURCE_DATE_EPOCH=str(moment()), LC_ALL="C.UTF-8")
        command = ["rpmbuild", "-bb", "--quiet", "--define", "_topdir " + top, "--define", "_rpmdir " + top]
        command += ["--define", "_buildhost reproducible", "--define", "use_source_date_epoch_as_buildtime 1"]
        command += ["--define", "clamp_mtime_to_source_date_epoch 1", "--define", "_build_id_links none"]
        _call([*command, "--define", "__os_install_post %{nil}", os.path.join(top, "agent.spec")], environment)
        shutil.move(os.path.join(top, "noarch", os.path.basename(path)), path)
    return path


def build_frozen(output: str) -> str:
    """Write a folder that needs no Python on the machine, by the PyInstaller of the Python that runs this.

    For the system and architecture that it is built on; for Windows 7 build with Python 3.8. Each module is named,
    since collectors are imported by name.
    """
    folder = os.path.join(output, AGENT_NAME)
    with tempfile.TemporaryDirectory() as place:
        names = stage(place)
        modules = [name[:-3].replace(os.sep, ".") for name in names if name.startswith("agent")]
        command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--onedir", "--console", "--noupx"]
        command += ["--name", AGENT_NAME, "--paths", place, "--distpath", output, "--log-level", "WARN"]
        command += ["--workpath", os.path.join(place, "work"), "--specpath", place]
        for module in modules:
            command += ["--hidden-import", module[: -len(".__init__")] if module.endswith(".__init__") else module]
        for library in ("psutil", "requests"):  # used when the Python that builds has them
            command += ["--hidden-import", library]
        _call([*command, os.path.join(place, "__main__.py")], dict(os.environ, PYTHONHASHSEED="1"))
    return folder


def _made(root: str, name: str) -> str:
    folder = os.path.join(root, name)
    os.makedirs(folder)
    return folder


def _write(root: str, name: str, text: str, mode: int = 0o644) -> None:
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.chmod(path, mode)


def _age(root: str) -> None:
    """Give every file and folder the same time, and rights that do not come from this shell's umask."""
    for above, folders, files in os.walk(root, topdown=False):
        for name in folders + files:
            path = os.path.join(above, name)
            executable = os.path.isdir(path) or os.stat(path).st_mode & 0o100
            os.chmod(path, 0o755 if executable else 0o644)
            os.utime(path, (moment(), moment()))
    os.utime(root, (moment(), moment()))


def _call(command: Sequence[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        sys.exit("%s: %s" % (command[0], done.stdout.decode("utf-8", "replace")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
