"""A scenario file → its values, one mapping for each variant; every fault at once, by path."""

from __future__ import annotations

from typing import Any

from auditor.errors import WrongUsage, both
from auditor.scenario.filling import filled
from auditor.scenario.references import unknown_names
from auditor.scenario.sections import FILE
from auditor.scenario.shape import Faults
from rules.yaml_file import YamlFaults, YamlLimits, parse_yaml

LIMITS = YamlLimits(size_bytes=64 << 20, values=5_000_000, aliases=10_000)
MOST_FAULTS = 200


class BadScenario(WrongUsage):
    """The file cannot be counted; the message names every fault."""


def read_scenario(data: bytes, name: str) -> list[tuple[str | None, dict[str, Any]]]:
    """Return (variant, values) in the order of the file, one without a name where it has no variants.

    A variant replaces whole sections of the file. Raises `BadScenario`.
    """
    try:
        value = parse_yaml(data, LIMITS)
    except YamlFaults as error:
        raise BadScenario(_told(name, [(line, "", what) for line, what in error.faults])) from error
    faults = Faults()
    file = FILE.read(value, "", faults)
    variants = file.pop("variants", [])
    cases = [(v.get("name"), {**file, **{k: s for k, s in v.items() if k != "name"}}) for v in variants]
    cases = [(name, filled(case)) for name, case in cases or [(None, file)]]
    wrong = [
        (0, f"[{variant}] {path}" if variant else path, what)
        for variant, case in cases
        for path, what in unknown_names(case)
    ]
    if faults.found or wrong:
        raise BadScenario(_told(name, list(dict.fromkeys([*faults.found, *wrong]))))
    return cases


def _told(name: str, faults: list[tuple[int, str, str]]) -> str:
    lines = [f"  {f'line {line}: ' if line else ''}{f'{path}: ' if path else ''}{what}" for line, path, what in faults]
    more = [f"  … {len(lines) - MOST_FAULTS} more"] if len(lines) > MOST_FAULTS else []
    head = f"{name}: {both(f'有 {len(lines)} 处错误', f'{len(lines)} faults')}"
    return "\n".join([head, *lines[:MOST_FAULTS], *more])
