"""A small coverage-guided fuzzer: inputs that reach lines or jumps never seen are kept and changed further.

It counts pairs of lines executed one after the other in the files of this project (`sys.settrace`), so it sees what our
Python does and nothing of the C below it; the C is exercised all the same. The same seed tries the same inputs.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = str(Path(__file__).resolve().parents[2])
_OURS = tuple(f"{ROOT}/{name}/" for name in ("agent", "auditor", "rules"))
_LONGEST = 100_000
_PIECES = (
    b"\0", b"<", b">", b"/>", b"<![CDATA[", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"&#x0;", b"\xff\xfe",
    b"\xef\xbb\xbf", b"9" * 400, b"[[", b"{}", b"null", b"true", b"1e999", b"-0", b"\\udfff", b"\\u0000", b"\r\n",
    b'"', b"\\", b",", b"2026-13-45", b"0001-01-01T00:00:00Z", b"AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", b"=cmd|' /C calc'!A0",
    b"\xe2\x80\xae", b"\x85",
)  # fmt: skip


@dataclass
class Outcome:
    """What was tried: how many inputs, how many jumps were seen, the slowest, and what went wrong."""

    runs: int = 0
    kept: int = 0
    jumps: int = 0
    slowest_seconds: float = 0.0
    grown_mib: float = 0.0
    faults: list[tuple[str, bytes]] = field(default_factory=list)


def fuzz(
    target: Callable[[bytes], object],
    seeds: Sequence[bytes],
    *,
    seconds: float,
    seed: int,
    most_seconds_a_run: float = 5.0,
    most_runs: int | None = None,
) -> Outcome:
    """Try inputs for so long. Whatever `target` raises is a fault, as is a run that takes too long."""
    chance, outcome, seen = random.Random(seed), Outcome(), set[tuple[str, int, int]]()
    corpus = [bytes(each) for each in seeds]
    for each in seeds:
        _tried(target, each, seen, outcome, most_seconds_a_run)
    until, before = time.monotonic() + seconds, _memory_mib()
    while time.monotonic() < until and (most_runs is None or outcome.runs < most_runs) and len(outcome.faults) < 20:
        data = _changed(corpus, chance)
        if _tried(target, data, seen, outcome, most_seconds_a_run):
            corpus.append(data)
            outcome.kept += 1
    outcome.jumps, outcome.grown_mib = len(seen), _memory_mib() - before
    return outcome


def _tried(
    target: Callable[[bytes], object],
    data: bytes,
    seen: set[tuple[str, int, int]],
    outcome: Outcome,
    most_seconds: float,
) -> bool:
    """Run one input; whether it reached something new."""
    found: set[tuple[str, int, int]] = set()
    began = time.monotonic()
    sys.settrace(_tracer(found))
    try:
        target(data)
    except Exception as error:
        outcome.faults.append((f"{type(error).__name__}: {error}"[:300], data))
    finally:
        sys.settrace(None)
    took = time.monotonic() - began
    outcome.runs += 1
    outcome.slowest_seconds = max(outcome.slowest_seconds, took)
    if took > most_seconds:
        outcome.faults.append((f"took {took:.1f} s", data))
    is_new = not found <= seen
    seen |= found
    return is_new


def _tracer(found: set[tuple[str, int, int]]) -> Callable[[FrameType, str, Any], Any]:
    def enter(frame: FrameType, _event: str, _argument: Any) -> Any:
        name = frame.f_code.co_filename
        if not name.startswith(_OURS):
            return None
        last = 0

        def line(inner: FrameType, event: str, _argument: Any) -> Any:
            nonlocal last
            if event == "line":
                found.add((name, last, inner.f_lineno))
                last = inner.f_lineno
            return line

        return line

    return enter


def _changed(corpus: Sequence[bytes], chance: random.Random) -> bytes:
    """Return one of the inputs with some changes; newer ones are taken more often."""
    data = bytearray(corpus[max(chance.randrange(len(corpus)), chance.randrange(len(corpus)))])
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(7):
            case 0 if data:
                data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 2:
                del data[at : at + chance.choice((1, 4, 30, 400))]
            case 3:
                data[at:at] = chance.choice(_PIECES)
            case 4:
                data[at:at] = data[at : at + chance.randint(1, 200)] * chance.choice((1, 1, 20))
            case 5:
                other = chance.choice(corpus)
                begin = chance.randrange(len(other) + 1)
                data[at : at + chance.randint(0, 100)] = other[begin : begin + chance.randint(1, 300)]
            case _:
                del data[at:]
    return bytes(data[:_LONGEST])


def _memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def told(name: str, outcome: Outcome) -> str:
    """Return one line about a target."""
    return (
        f"{name}: {outcome.runs} inputs, {outcome.kept} kept, {outcome.jumps} jumps, "
        f"slowest {outcome.slowest_seconds:.2f} s, memory +{outcome.grown_mib:.0f} MiB, {len(outcome.faults)} faults"
    )


def all_told(faults: Iterable[tuple[str, bytes]]) -> str:
    """Return faults with the inputs that showed them, for who has to mend them."""
    return "\n".join(f"{what}\n    {data[:2000]!r}" for what, data in faults)
