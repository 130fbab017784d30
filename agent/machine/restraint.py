"""Restraint: whoever works at the machine goes first, and we never take more memory than we were given."""

from __future__ import annotations

import os
import sys

NICENESS = 10
"""Of 19; what runs at 0 gets about nine times as much of a busy processor."""
_BELOW_NORMAL = 0x4000
_LIMIT_PROCESS_MEMORY = 0x100
_EXTENDED_LIMITS = 9


def step_aside() -> None:
    """Lower the priority of this process and of what it starts; it is never raised. Doing it again changes nothing."""
    if sys.platform == "win32":
        import ctypes

        kernel = vars(ctypes)["windll"].kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetPriorityClass(ctypes.c_void_p(kernel.GetCurrentProcess()), _BELOW_NORMAL)
    else:
        os.nice(max(0, NICENESS - os.nice(0)))


def limit_memory(max_bytes: int) -> None:
    """Let the system refuse this process memory above `max_bytes`; 0: no limit. Raises `OSError`, `ValueError`.

    What is refused is a `MemoryError` where it was asked for, so a collector that needs too much costs its scope. On
    Linux the limit is on what is written to (RLIMIT_DATA: since 4.7 private mappings as well), so that the address
    space that libraries reserve does not count; elsewhere on the address space; on Windows it is a job's.
    """
    if not max_bytes:
        return
    if sys.platform == "win32":
        _limit_by_job(max_bytes)
        return
    import resource

    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    _, hardest = resource.getrlimit(kind)
    wanted = max_bytes if hardest == resource.RLIM_INFINITY else min(max_bytes, hardest)
    resource.setrlimit(kind, (wanted, hardest))


def _limit_by_job(max_bytes: int) -> None:
    """Put ourselves into a job with a limit of memory; Windows 7 refuses it when we are in another job already."""
    import ctypes

    size_t, large, dword = ctypes.c_size_t, ctypes.c_int64, ctypes.c_uint32

    class ExtendedLimits(ctypes.Structure):
        _fields_ = [
            ("process_time", large),
            ("job_time", large),
            ("flags", dword),
            ("smallest_set", size_t),
            ("largest_set", size_t),
            ("processes", dword),
            ("affinity", size_t),
            ("priority", dword),
            ("scheduling", dword),
            ("counters", ctypes.c_uint64 * 6),
            ("process_memory", size_t),
            ("job_memory", size_t),
            ("peak_process_memory", size_t),
            ("peak_job_memory", size_t),
        ]

    kernel = vars(ctypes)["windll"].kernel32
    for function in (kernel.CreateJobObjectW, kernel.GetCurrentProcess):
        function.restype = ctypes.c_void_p
    limits = ExtendedLimits(flags=_LIMIT_PROCESS_MEMORY, process_memory=max_bytes)
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess()))
