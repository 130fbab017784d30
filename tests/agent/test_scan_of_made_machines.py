"""A whole scan of the hand-made machines: each scope has its account, and nothing lost looks like nothing there."""

from __future__ import annotations

import pytest
from recorded_machine import recorded_machine, scan_with

from agent.collectors.macos.applications import APPLICATIONS
from agent.collectors.macos.host import MACOS_HOST
from agent.collectors.windows.host import WINDOWS_HOST
from agent.collectors.windows.uninstall_keys import UNINSTALL_KEYS
from agent.inventory.document import encode

OFFICE = "S-1-5-21-1004336348-1177238915-682003330"
FINANCE = "S-1-5-21-2052111302-1960408961-725345543"


@pytest.mark.parametrize(
    ("name", "accounts"),
    [
        (
            "windows-10-office",
            {
                "host": ("complete", 2),
                "uninstall_keys:HKLM64": ("partial", 39),
                "uninstall_keys:HKLM32": ("complete", 18),
                "uninstall_keys:user:S-1-12-1-3105678490-1182342417-2774120358-913020455": ("complete", 3),
                f"uninstall_keys:user:{OFFICE}-1001": ("complete", 2),
                f"uninstall_keys:user:{OFFICE}-1002": ("complete", 1),
            },
        ),
        (
            "windows-7-finance",
            {
                "host": ("complete", 2),
                "uninstall_keys:HKLM64": ("partial", 7),
                "uninstall_keys:HKLM32": ("complete", 39),
                f"uninstall_keys:user:{FINANCE}-1000": ("complete", 1),
                f"uninstall_keys:user:{FINANCE}-1003": ("complete", 1),
                f"uninstall_keys:user:{FINANCE}-1004": ("failed", 0),
            },
        ),
        (
            "windows-10-home",
            {
                "host": ("complete", 2),
                "uninstall_keys:HKLM64": ("complete", 20),
                "uninstall_keys:HKLM32": ("absent", 0),
                "uninstall_keys:user:S-1-5-21-3120418270-1904402165-2219874461-1001": ("complete", 3),
            },
        ),
    ],
)
def test_a_windows_machine_accounts_for_every_scope(name: str, accounts: dict[str, tuple[str, int]]) -> None:
    inventory = scan_with(recorded_machine(name), WINDOWS_HOST, UNINSTALL_KEYS)

    assert {run.scope: (run.outcome.value, run.found) for run in inventory.coverage} == accounts
    assert encode(inventory).decode("utf-8").count('"source":"uninstall_keys"') >= sum(
        found for scope, (_, found) in accounts.items() if scope != "host"
    )


def test_a_mac_accounts_for_every_root() -> None:
    inventory = scan_with(recorded_machine("macos-14"), MACOS_HOST, APPLICATIONS)

    assert {run.scope: (run.outcome.value, run.found) for run in inventory.coverage} == {
        "host": ("complete", 2),
        "applications:/Applications": ("complete", 23),
        "applications:/System/Applications": ("complete", 5),
        "applications:~aad415a7/Applications": ("partial", 1),
    }
    assert (inventory.host.name, inventory.host.serial) == ("SJ-MAC-0402", "FVFXK0402Q05")
