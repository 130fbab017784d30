"""Priority: whoever works at the machine goes first."""

from __future__ import annotations

import os
import sys

NICENESS = 10
"""Of 19; what runs at 0 gets about nine times as much of a busy processor."""
_BELOW_NORMAL = 0x4000


def step_aside() -> None:
    """Lower the priority of this process and of what it starts; it is never raised. Doing it again changes nothing."""
    if sys.platform == "win32":
        import ctypes

        kernel = vars(ctypes)["windll"].kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetPriorityClass(ctypes.c_void_p(kernel.GetCurrentProcess()), _BELOW_NORMAL)
    else:
        os.nice(max(0, NICENESS - os.nice(0)))
