"""Hosts that stand in for hosts: a network namespace with its own address and the system's files, copied on write.

Needs root, `ip` and overlay mounts. Where they are missing this raises: a test that needs hosts fails, never skips.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

BRIDGE = "zbbr"
PREFIX = "10.77.0."


@dataclass(frozen=True)
class Host:
    """One host; `root` is its file system as we see it."""

    name: str
    root: Path
    environment: Mapping[str, str]

    @property
    def space(self) -> str:
        """The name of its network namespace."""
        return f"zb-{os.getpid()}-{self.name}"

    def run(self, script: str, *, own_network: bool = True, seconds: int = 600) -> str:
        """Run a script of the shell to its first failure and return what it said. Raises `AssertionError`."""
        network = ["ip", "netns", "exec", self.space] if own_network else []
        done = subprocess.run(
            [*network, "chroot", str(self.root), "/bin/bash", "-euo", "pipefail"], input=script, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(self.environment), timeout=seconds, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{self.name}: exit {done.returncode}\n{script}\n{done.stdout[-4000:]}"
        return done.stdout


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()} (root, ip and overlay mounts are needed)")


@contextmanager
def hosts(numbers: Mapping[str, int], shared: Path, inside: str) -> Iterator[dict[str, Host]]:
    """Yield hosts by name, each at 10.77.0.NUMBER on one bridge; the folder `shared` is seen by all as `inside`."""
    home = Path(tempfile.mkdtemp(prefix="zbhosts-", dir="/var/tmp"))
    environment = {n: v for n, v in os.environ.items() if not n.startswith(("ZHENGBAN_", "PYTEST", "VIRTUAL_ENV"))}
    environment |= {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LC_ALL": "C.UTF-8",
    }
    bridge = f"{BRIDGE}{os.getpid() % 100_000}"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        _do("ip", "link", "add", bridge, "type", "bridge")
        stack.callback(subprocess.run, ["ip", "link", "del", bridge], check=False)
        _do("ip", "link", "set", bridge, "up")
        made = {}
        for name, number in numbers.items():
            host = Host(name, home / name / "root", environment)
            _files(stack, home / name, host, shared, inside)
            _network(stack, host, bridge, number)
            made[name] = host
        stack.callback(_end_all, home)
        yield made


def _files(stack: ExitStack, folder: Path, host: Host, shared: Path, inside: str) -> None:
    upper, work = folder / "upper", folder / "work"
    for each in (upper, work, host.root):
        each.mkdir(parents=True)
    _mount(stack, host.root, "-t", "overlay", "-o", f"lowerdir=/,upperdir={upper},workdir={work}", "overlay")
    _mount(stack, host.root / "proc", "--bind", "/proc")
    for name in ("run", "tmp", "dev"):
        _mount(stack, host.root / name, "-t", "tmpfs", "-o", "mode=1777", "tmpfs")
    _devices(host.root / "dev")
    place = host.root / inside.lstrip("/")
    place.mkdir(parents=True, exist_ok=True)
    _mount(stack, place, "--bind", str(shared))
    for name in ("hosts", "hostname"):  # files that may be mounts of their own below
        shutil.copyfile(Path("/etc") / name, host.root / "etc" / name)


def _devices(folder: Path) -> None:
    for name, minor in (("null", 3), ("zero", 5), ("random", 8), ("urandom", 9)):
        os.mknod(folder / name, stat.S_IFCHR, os.makedev(1, minor))
        (folder / name).chmod(0o666)
    (folder / "fd").symlink_to("/proc/self/fd")
    (folder / "shm").mkdir()
    (folder / "shm").chmod(0o1777)


def _mount(stack: ExitStack, place: Path, *arguments: str) -> None:
    _do("mount", *arguments, str(place))
    stack.callback(subprocess.run, ["umount", "--lazy", str(place)], check=False, capture_output=True)


def _network(stack: ExitStack, host: Host, bridge: str, number: int) -> None:
    near, far = f"zb{os.getpid() % 100_000}n{number}", f"zb{os.getpid() % 100_000}f{number}"
    _do("ip", "netns", "add", host.space)
    stack.callback(subprocess.run, ["ip", "netns", "del", host.space], check=False)
    _do("ip", "link", "add", near, "type", "veth", "peer", "name", far)
    _do("ip", "link", "set", near, "master", bridge, "up")
    _do("ip", "link", "set", far, "netns", host.space)
    for command in (
        ("addr", "add", f"{PREFIX}{number}/24", "dev", far),
        ("link", "set", far, "up"),
        ("link", "set", "lo", "up"),
    ):
        _do("ip", "-n", host.space, *command)


def _end_all(home: Path) -> None:
    """End what still runs with its root in one of these file systems: what the hosts' own services are."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                root = os.readlink(entry / "root")
            except OSError:
                continue
            if root.startswith(str(home)):
                os.kill(int(entry.name), signal.SIGKILL)
