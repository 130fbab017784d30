"""Damaged recordings: whatever the bytes are, a parser ends and a collector's own mistake never shows."""

from __future__ import annotations

import random

import pytest
from recorded_machine import CAPTURES

from agent.collectors.roster import readers
from agent.reading import best_reading

SAMPLES = (
    ("dpkg", "debian-12/var/lib/dpkg/status"),
    ("dpkg", "debian-12/var/lib/dpkg/status.d/tzdata-legacy"),
    ("host", "debian-12/etc/os-release"),
    ("host", "debian-12/proc/cpuinfo"),
)
ODD = (
    b"\0",
    b"\xff\xfe",
    b"\n\n",
    b"\r\n",
    b": ",
    b"=",
    b"processor: ",
    b"\xe2\x80\xae",
    b" " * 5000,
    b"\t\t\t\t",
    b'"',
)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes cut, doubled, overwritten or with something odd put in, at a few places."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        to = min(len(data), at + chance.randrange(200))
        kind = chance.randrange(5)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            data = data[:at] + chance.choice(ODD) + data[at:]
        elif kind == 2:
            data = data[:at] + data[to:]
        elif kind == 3:
            data = data[:to] + data[at:to] * 3 + data[to:]
        else:
            data = data[:at] + bytes(chance.randrange(256) for _ in range(to - at)) + data[to:]
    return data


@pytest.mark.parametrize(("source", "path"), SAMPLES)
def test_damage_is_a_problem_and_never_an_error_of_ours(source: str, path: str) -> None:
    whole = (CAPTURES / path).read_bytes()
    chance = random.Random(path)
    for _ in range(150):
        inventory = best_reading(readers(source), damaged(whole, chance), path)
        for run in inventory.coverage:
            assert not [fault for fault in run.faults if "Error: " in fault.what], run
        for software in inventory.software:
            assert software.name.strip()
