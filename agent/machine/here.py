"""The machine that we run on."""

from __future__ import annotations

import os

from agent.machine.base import Machine


def machine_here() -> Machine:
    """Return the door to the running system."""
    if os.name == "nt":
        from agent.machine.windows import WindowsMachine

        return WindowsMachine()
    from agent.machine.posix import PosixMachine

    return PosixMachine()
