"""Running programs of Windows without psutil: the Toolhelp snapshot, asked through ctypes."""

from __future__ import annotations

import ctypes
from typing import Any, Iterator

from agent.machine.base import Process, Unreadable

_SNAP_PROCESSES = 0x00000002
_QUERY_LIMITED = 0x1000
_LONGEST_PATH = 32_768


class _ProcessEntry(ctypes.Structure):
    """PROCESSENTRY32W of tlhelp32.h."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("usage", ctypes.c_uint32),
        ("process_id", ctypes.c_uint32),
        ("heap_id", ctypes.c_size_t),
        ("module_id", ctypes.c_uint32),
        ("threads", ctypes.c_uint32),
        ("parent_id", ctypes.c_uint32),
        ("priority", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
        ("name", ctypes.c_wchar * 260),
    )


def processes_of_snapshot() -> Iterator[Process]:
    """Yield every running program; its path where we may ask for it. Raises `Unreadable`."""
    kernel: Any = vars(ctypes)["windll"].kernel32
    kernel.CreateToolhelp32Snapshot.restype = ctypes.c_void_p
    snapshot = kernel.CreateToolhelp32Snapshot(_SNAP_PROCESSES, 0)
    if snapshot in (None, ctypes.c_void_p(-1).value):
        raise Unreadable("processes", "no snapshot")
    handle = ctypes.c_void_p(snapshot)
    entry = _ProcessEntry()
    entry.size = ctypes.sizeof(entry)
    try:
        more = kernel.Process32FirstW(handle, ctypes.byref(entry))
        while more:
            if entry.process_id:
                yield Process(entry.name, _path_of(kernel, entry.process_id))
            more = kernel.Process32NextW(handle, ctypes.byref(entry))
    finally:
        kernel.CloseHandle(handle)


def _path_of(kernel: Any, process_id: int) -> str | None:
    """Return where a process's program lies, `None` when the system does not tell us."""
    kernel.OpenProcess.restype = ctypes.c_void_p
    opened = kernel.OpenProcess(_QUERY_LIMITED, 0, process_id)
    if not opened:
        return None
    process = ctypes.c_void_p(opened)
    path = ctypes.create_unicode_buffer(_LONGEST_PATH)
    length = ctypes.c_uint32(_LONGEST_PATH)
    try:
        named = kernel.QueryFullProcessImageNameW(process, 0, path, ctypes.byref(length))
        return path.value if named else None
    finally:
        kernel.CloseHandle(process)
