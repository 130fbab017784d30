"""Which registered machine is which seen one."""

from __future__ import annotations

import random

import pytest

from auditor.core.model import RegisteredMachine, UnitCode
from auditor.core.register_match import SeenMachine, match_register

HQ = UnitCode("hq")
MAC = "3c:52:82:11:22:33"


def row(code: str, **more: str) -> RegisteredMachine:
    return RegisteredMachine(code, HQ, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("registered", "seen", "matches"),
    [
        ([row("PC1", serial="pf3abcde")], [SeenMachine(1, serial="PF3ABCDE")], ["PC1 1 serial"]),
        ([row("PC1", mac="3C-52-82-11-22-33")], [SeenMachine(1, macs=(MAC,))], ["PC1 1 mac"]),
        ([row("PC1")], [SeenMachine(1, asset_tag="pc1")], ["PC1 1 asset_tag"]),
        ([row("PC1")], [SeenMachine(1, host_name="PC1.corp.cn")], ["PC1 1 code"]),
        ([row("PC1", host_name="hq-015")], [SeenMachine(1, host_name="HQ-015")], ["PC1 1 host_name"]),
        # a placeholder says nothing
        ([row("PC1", serial="Default string")], [SeenMachine(1, serial="Default string")], []),
        # one name, two machines: nobody knows which
        (
            [row("PC1", host_name="hq-015")],
            [SeenMachine(1, host_name="hq-015"), SeenMachine(2, host_name="hq-015")],
            [],
        ),
        ([row("PC1", serial="PF3ABCDE"), row("PC2", serial="PF3ABCDE")], [SeenMachine(1, serial="PF3ABCDE")], []),
        # the name went to a new computer
        (
            [row("PC1", serial="PF3ABCDE", host_name="hq-015")],
            [SeenMachine(1, serial="PF3ZZZZZ", host_name="hq-015")],
            [],
        ),
        # the serial decides before the name
        (
            [row("PC1", serial="PF3ABCDE", host_name="hq-015"), row("PC2", host_name="hq-016")],
            [SeenMachine(1, serial="PF3ABCDE", host_name="hq-016"), SeenMachine(2, host_name="hq-015")],
            ["PC1 1 serial"],
        ),
        # two rows would take one machine: the surer clue wins, the other stays registered and not seen
        (
            [row("PC1", mac=MAC), row("PC2", host_name="hq-015")],
            [SeenMachine(1, macs=(MAC,), host_name="hq-015")],
            ["PC1 1 mac"],
        ),
        ([], [SeenMachine(1)], []),
    ],
)
def test_a_clue_joins_only_what_is_unique_on_both_sides(
    registered: list[RegisteredMachine], seen: list[SeenMachine], matches: list[str]
) -> None:
    for seed in range(4):
        mixed = random.Random(seed)
        found = match_register(mixed.sample(registered, len(registered)), mixed.sample(seen, len(seen)))
        assert [f"{m.code} {m.machine} {m.clue}" for m in found] == matches
