"""Debian packages: what counts as installed, what a damaged paragraph costs, and real databases."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from corpus import corpus_folder
from recorded_machine import recorded_machine, scan_with

from agent.collectors.base import Problem
from agent.collectors.linux.dpkg import DPKG, STATUS, parse_file, parse_status
from agent.inventory.coverage import Fault, Outcome
from agent.inventory.software import Software
from agent.machine.here import machine_here
from agent.machine.offline import OfflineMachine


def test_reads_the_installed_packages_of_a_debian_12_machine() -> None:
    inventory = scan_with(recorded_machine("debian-12"), DPKG)

    names = [software.name for software in inventory.software]
    assert len(names) == 31
    assert "vim-common" not in names  # removed, its settings kept
    status, parts = inventory.coverage
    assert (status.scope, status.outcome, status.found) == ("dpkg:/var/lib/dpkg/status", Outcome.COMPLETE, 30)
    assert (parts.scope, parts.outcome, parts.found) == ("dpkg:/var/lib/dpkg/status.d", Outcome.COMPLETE, 1)


def test_keeps_the_words_of_a_package() -> None:
    found = {software.name: software for software in scan_with(recorded_machine("debian-12"), DPKG).software}

    assert found["libc6"] == Software(
        source="dpkg",
        name="libc6",
        scope="dpkg:/var/lib/dpkg/status",
        seen_at="/var/lib/dpkg/status",
        version=found["libc6"].version,
        publisher="GNU Libc Maintainers <debian-glibc@lists.debian.org>",
        identifier="libc6",
        architecture="amd64",
        size_bytes=found["libc6"].size_bytes,
        per_user=False,
        section="libs",
        parent="glibc",
    )
    assert (found["libc6"].version or "").startswith("2.36-9+deb12u")
    assert (found["libc6"].size_bytes or 0) % 1024 == 0
    assert (found["bash"].parent, found["adduser"].architecture) == ("bash (5.2.15-2)", "all")
    assert found["tzdata-legacy"].seen_at == "/var/lib/dpkg/status.d/tzdata-legacy"


@pytest.mark.parametrize(
    ("status", "installed"),
    [
        ("install ok installed", True),
        ("hold ok installed", True),
        ("purge ok installed", True),
        ("install reinstreq installed", True),
        ("deinstall ok config-files", False),
        ("unknown ok not-installed", False),  # ends in "installed", and is not
        ("install ok unpacked", False),
        ("install ok half-installed", False),
        ("install ok installed extra", False),
        ("", False),
    ],
)
def test_only_the_third_word_of_status_counts(status: str, installed: bool) -> None:
    text = "Package: gawk\nStatus: %s\nVersion: 1\n" % status
    assert bool(list(parse_status(text, seen_at="x"))) is installed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n\n \n", []),
        ("Package: a\r\nStatus: install ok installed\r\nVersion: 1\r\n\r\n\r\n", [("a", "1")]),
        (
            "\n\nPackage: a\nStatus: install ok installed\nVersion: 1\n \n\nPackage: b\nStatus: install ok installed\n"
            "Version: 2",
            [("a", "1"), ("b", "2")],
        ),
        (
            "Package: a\nDescription: x\n Version: 9\n Status: purge\nStatus: install ok installed\nVersion: 1:2-3\n",
            [("a", "1:2-3")],
        ),
        ("Package: 名\nStatus: install ok installed\nVersion:  1  \n", [("名", "1")]),
        ("Package: a\nX-Version: 9\nStatus: install ok installed\nVersion: 1\n", [("a", "1")]),
    ],
)
def test_reads_paragraphs_however_they_are_laid_out(text: str, expected: list[tuple[str, str]]) -> None:
    found = list(parse_status(text, seen_at="x"))
    assert [(s.name, s.version) for s in found if isinstance(s, Software)] == expected
    assert len(found) == len(expected)


def test_a_damaged_paragraph_costs_itself() -> None:
    text = (
        "Package: a\nStatus: install ok installed\nVersion: 1\n\n"
        "Status: install ok installed\nVersion: 2\n\n"
        "Package: c\nStatus: install ok installed\n\n"
        "no field at all\n\n"
        "Package: d\nStatus: install ok installed\nVersion: 4\nInstalled-Size: many\n"
    )
    found = list(parse_status(text, seen_at="s"))

    assert [s.name for s in found if isinstance(s, Software)] == ["a", "d"]
    assert [s.size_bytes for s in found if isinstance(s, Software)] == [None, None]
    assert [f for f in found if isinstance(f, Problem)] == [
        Problem("s paragraph 2", "no Package field"),
        Problem("s paragraph 3", "no Version field (c)"),
        Problem("s paragraph 4", "no Package field"),
    ]


def test_a_machine_without_dpkg_has_no_such_source(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (run,) = scan_with(OfflineMachine(str(tmp_path)), DPKG).coverage
    assert (run.outcome, run.found) == (Outcome.ABSENT, 0)


def test_a_database_that_is_a_folder_is_a_failed_scope(tmp_path: Path) -> None:
    (tmp_path / "var/lib/dpkg/status").mkdir(parents=True)
    (run,) = scan_with(OfflineMachine(str(tmp_path)), DPKG).coverage
    assert (run.outcome, run.faults) == (Outcome.FAILED, (Fault("dpkg:" + STATUS, "not a regular file"),))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_one_place_that_cannot_be_read_does_not_hide_the_other(tmp_path: Path) -> None:
    (tmp_path / "var/lib/dpkg/status").mkdir(parents=True)
    parts = tmp_path / "var/lib/dpkg/status.d"
    parts.mkdir()
    (parts / "a").write_text("Package: a\nVersion: 1\n")
    os.mkfifo(str(parts / "b"))
    inventory = scan_with(OfflineMachine(str(tmp_path)), DPKG)
    assert [s.name for s in inventory.software] == ["a"]
    assert [(run.outcome, run.found) for run in inventory.coverage] == [(Outcome.FAILED, 0), (Outcome.PARTIAL, 1)]
    assert inventory.coverage[1].faults == (Fault("/var/lib/dpkg/status.d/b", "not a regular file"),)


def test_reads_a_listing_of_dpkg_query() -> None:
    text = (
        "adduser\tall\t3.134\t686\tadmin\n"
        "vlc\tamd64\t3.0\t9270\tvideo\tdeinstall ok config-files\n"
        "jcagent\tamd64\t0.24.2\t\tbase\tinstall ok installed\n"
        "broken\tamd64\t\n"
    )
    found = list(parse_file(text.encode("utf-8"), "packages.txt"))
    assert [(s.name, s.version, s.size_bytes, s.section) for s in found if isinstance(s, Software)] == [
        ("adduser", "3.134", 686 * 1024, "admin"), ("jcagent", "0.24.2", None, "base")]  # fmt: skip
    assert found[-1] == Problem("packages.txt line 4", "expected package, architecture and version")


def test_white_space_without_end_takes_no_time() -> None:
    text = "Package: a\nStatus: install ok installed\nVersion: 1" + " " * 400_000 + "x\n" + "\n \t" * 100_000
    began = time.perf_counter()
    assert len(list(parse_status(text, seen_at="x"))) == 1
    assert time.perf_counter() - began < 2.0


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="this system has no dpkg")
def test_finds_as_many_packages_as_dpkg_query_says() -> None:
    show = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version} ${Architecture}\n"]
    told = subprocess.run(show, stdout=subprocess.PIPE, check=True).stdout.decode("utf-8").splitlines()
    found = scan_with(machine_here(), DPKG).software

    expected = sorted(line.partition(" ")[2] for line in told if line.startswith("installed "))
    assert sorted("%s %s %s" % (s.name, s.version, s.architecture) for s in found) == expected


def _corpus_cases() -> list[tuple[Path, Path]]:
    cases = []
    for name, pattern in (
        ("osv-scalibr", "os__dpkg__*.json"),
        ("syft-fixtures", "dpkg-*.json"),
        ("glpi-agent", "linux-packages-deb.*.json"),
    ):
        folder = corpus_folder(name)
        if folder is not None:
            cases += [(folder, answer) for answer in sorted((folder / "expected").glob(pattern))]
    return cases


@pytest.mark.parametrize(("folder", "answer"), _corpus_cases(), ids=lambda path: path.stem)
def test_agrees_with_answers_of_other_readers(folder: Path, answer: Path) -> None:
    expected = json.loads(answer.read_text(encoding="utf-8"))
    path = folder / expected["files"][0]
    found = list(parse_file(path.read_bytes(), str(path)))

    packages = [(s.name, s.version) for s in found if isinstance(s, Software)]
    assert packages == [(each["name"], each.get("version")) for each in expected["expected"]]
    if expected.get("expect_error"):
        assert any(isinstance(f, Problem) for f in found)
    for software, each in zip((s for s in found if isinstance(s, Software)), expected["expected"]):
        if "arch" in each:
            assert (software.architecture, software.parent) == (each["arch"], each.get("source"))
        if "file_size" in each:  # that reader writes 0 where the source says nothing
            assert (str(software.size_bytes or 0), software.section) == (each["file_size"], each.get("category"))
