"""Wall time and memory of `zhengban-agent scan`, beside a Perl agent that runs in the same minute. Run by hand.

    apt-get install -y fusioninventory-agent
    python tests/benchmarks/agent_scan.py [--rounds 9] [--python /usr/bin/python3] [--deep]

Whole processes, start included, in turns; medians are compared. The agent is staged as its package installs it
(byte code made at installation, no other cache). Before anything is timed the two documents are compared: ours must
hold every package with its version, the host, and every program that ran during both scans.
Gate: 0.3 of the wall time and 0.6 of the memory of the fastest Perl agent; goal 0.2, 0.5 and 60 kB packed.
"""

from __future__ import annotations

import argparse
import compileall
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

sys.path[:0] = [str(Path(__file__).parents[2])]

from agent.deploy.staging import stage  # noqa: E402

PERL_AGENTS = {
    "FusionInventory": ["fusioninventory-inventory"],
    "GLPI Agent": ["glpi-inventory"],
    "OCS agent": ["ocsinventory-agent", "--stdout"],
}
GATE, GOAL = (0.3, 0.6), (0.2, 0.5)
GOAL_BYTES = 60_000


def measured(command: list[str], output: Path) -> tuple[float, float]:
    """Return seconds and MiB (largest process of its tree) of one run of a command."""
    with output.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def missing_from(ours: dict[str, Any], theirs: ElementTree.Element, running_before: set[str]) -> list[str]:
    """Return what the Perl agent's document holds of host, packages and programs, and ours does not.

    Of programs only those count that ran before both scans and run still: `running_before` are their numbers.
    """
    found = []
    packages = {(each["name"], each.get("version")) for each in ours["software"]}
    for each in theirs.iter("SOFTWARES"):
        package = (each.findtext("NAME") or "", each.findtext("VERSION"))
        if package not in packages:
            found.append(f"package {package}")
    host, system = ours["host"], ours["host"]["operating_system"]
    told = " ".join(filter(None, (system.get(name) for name in ("name", "version", "release", "kernel"))))
    wanted = {
        "HARDWARE/NAME": host["name"],
        "HARDWARE/OSVERSION": system.get("kernel"),
        "OPERATINGSYSTEM/ARCH": system.get("architecture"),
        "BIOS/SSN": host.get("serial"),
        "BIOS/SMODEL": host.get("model"),
        "BIOS/SMANUFACTURER": host.get("manufacturer"),
        "HARDWARE/UUID": host.get("uuid"),
        "CPUS/NAME": (host["processors"] or [{}])[0].get("name"),
    }
    for path, value in wanted.items():
        theirs_value = theirs.findtext(f"CONTENT/{path}")
        if theirs_value and (value or "").lower() != theirs_value.lower():
            found.append(f"{path} {theirs_value!r}, ours {value!r}")
    name = theirs.findtext("CONTENT/OPERATINGSYSTEM/NAME") or ""
    if name not in told:
        found.append(f"system {name!r}, ours {told!r}")
    programs = {program["name"] for program in ours["programs"]}
    for each in theirs.iter("PROCESSES"):
        running = _program_of(each.findtext("PID") or "", each.findtext("CMD") or "")
        if running is not None and running not in programs and each.findtext("PID") in running_before:
            found.append(f"program {running}")
    return found


def _program_of(pid: str, command: str) -> str | None:
    """Return the file name of a program that is still the one that the Perl agent saw, `None` for the others."""
    try:
        path = os.readlink(f"/proc/{pid}/exe")
        shown = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return None
    in_a_file = path.startswith("/") and not path.startswith("/memfd:")
    return os.path.basename(path) if in_a_file and shown[:60] == command.strip()[:60] else None


def main() -> int:
    """Print the figures; 1 when a gate is missed or something is missing from the document."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--deep", action="store_true", help="with the deep sources, read anew")
    options = parser.parse_args()
    perl = {name: command for name, command in PERL_AGENTS.items() if shutil.which(command[0])}
    if not perl:
        sys.exit("no Perl agent is installed: apt-get install -y fusioninventory-agent")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        stage(folder)
        compileall.compile_dir(folder, quiet=1) if options.python == sys.executable else subprocess.run(
            [options.python, "-m", "compileall", "-q", folder], check=True
        )
        document = place / "inventory.json"
        sources = ["--deep"] if options.deep else ["--set", "deep_sources=no"]
        scan = [options.python, "-I", "-S", folder, "scan", *sources, "--output", str(document)]
        scan += ["--state", str(place / "state"), "--set", "low_priority=no"]
        return report({"zhengban-agent": scan, **perl}, place, document, options.rounds)


def report(commands: dict[str, list[str]], place: Path, document: Path, rounds: int) -> int:
    """Compare the documents, then the costs."""
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    running_before: set[str] = set()
    for _ in range(rounds):
        running_before = set(os.listdir("/proc"))
        for name, command in commands.items():
            figures[name].append(measured(command, place / f"{name}.out"))
    ours = json.loads(document.read_bytes())
    theirs = next((place / f"{name}.out" for name in commands if name == "FusionInventory"), None)
    missing = missing_from(ours, ElementTree.parse(theirs).getroot(), running_before) if theirs is not None else []
    for each in missing:
        print(f"MISSING from our document: {each}")
    packed = len(gzip.compress(document.read_bytes(), 6))
    print(f"software records {len(ours['software'])}, programs {len(ours['programs'])}, packed {packed} bytes")
    medians = {n: tuple(statistics.median(x) for x in zip(*f, strict=True)) for n, f in figures.items()}
    for name, (seconds, mebibytes) in medians.items():
        fastest = min(seconds for seconds, _ in figures[name])
        print(f"{name:16} {seconds:.3f} s (fastest {fastest:.3f}), {mebibytes:.1f} MiB, median of {rounds}")
    ours_wall, ours_memory = medians.pop("zhengban-agent")
    best = min(medians, key=lambda name: medians[name][0])
    ratios = (ours_wall / medians[best][0], ours_memory / min(memory for _, memory in medians.values()))
    print(f"ratio to {best}: wall {ratios[0]:.2f} (gate {GATE[0]}, goal {GOAL[0]}), memory {ratios[1]:.2f} ", end="")
    print(f"(gate {GATE[1]}, goal {GOAL[1]})")
    return 1 if missing or any(r > g for r, g in zip(ratios, GATE, strict=True)) or packed > GOAL_BYTES else 0


if __name__ == "__main__":
    sys.exit(main())
