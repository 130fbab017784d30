"""What Windows itself says of a program's signature: WinVerifyTrust, without a window and without asking the network.

The structures are those of wintrust.h; only an embedded signature or one in a catalogue of the system is judged.
Revocation is not looked up: that would open a connection.
"""

from __future__ import annotations

from typing import Any

_NO_SIGNATURE = (0x800B0100, 0x800B0001, 0x800B0003)
"""TRUST_E_NOSIGNATURE, TRUST_E_PROVIDER_UNKNOWN, TRUST_E_SUBJECT_FORM_UNKNOWN."""
_BROKEN = (0x80096010, 0x800B0004, 0x80096005)
"""TRUST_E_BAD_DIGEST, TRUST_E_SUBJECT_NOT_TRUSTED, TRUST_E_TIME_STAMP."""
_NO_WINDOW, _NO_REVOCATION, _A_FILE, _VERIFY, _CLOSE = 2, 0, 1, 1, 2
_FROM_CACHE_ONLY = 0x1000 | 0x10


def signature_of(path: str) -> str | None:
    """Return `valid`, `broken`, `unsigned`, or `None` when Windows cannot tell (an unknown root is not broken)."""
    import ctypes

    libraries: Any = vars(ctypes).get("windll")
    if libraries is None:
        return None
    try:
        code = _verify(ctypes, libraries.wintrust, path)
    except (OSError, AttributeError):
        return None
    if code == 0:
        return "valid"
    return "unsigned" if code in _NO_SIGNATURE else "broken" if code in _BROKEN else None


def _verify(ctypes: Any, wintrust: Any, path: str) -> int:
    class Guid(ctypes.Structure):  # type: ignore[misc]
        _fields_ = [
            ("first", ctypes.c_uint32), ("second", ctypes.c_uint16), ("third", ctypes.c_uint16),
            ("rest", ctypes.c_ubyte * 8),
        ]  # fmt: skip

    class FileInfo(ctypes.Structure):  # type: ignore[misc]
        _fields_ = [
            ("size", ctypes.c_uint32), ("path", ctypes.c_wchar_p), ("handle", ctypes.c_void_p),
            ("subject", ctypes.c_void_p),
        ]  # fmt: skip

    class TrustData(ctypes.Structure):  # type: ignore[misc]
        _fields_ = [
            ("size", ctypes.c_uint32), ("policy", ctypes.c_void_p), ("client", ctypes.c_void_p),
            ("window", ctypes.c_uint32), ("revocation", ctypes.c_uint32), ("choice", ctypes.c_uint32),
            ("file", ctypes.c_void_p), ("action", ctypes.c_uint32), ("state", ctypes.c_void_p),
            ("reference", ctypes.c_wchar_p), ("flags", ctypes.c_uint32), ("context", ctypes.c_uint32),
            ("settings", ctypes.c_void_p),
        ]  # fmt: skip

    generic = Guid(0xAAC56B, 0xCD44, 0x11D0, (ctypes.c_ubyte * 8)(0x8C, 0xC2, 0, 0xC0, 0x4F, 0xC2, 0x95, 0xEE))
    file = FileInfo(ctypes.sizeof(FileInfo), path, None, None)
    data = TrustData()
    data.size, data.window, data.revocation = ctypes.sizeof(TrustData), _NO_WINDOW, _NO_REVOCATION
    data.choice, data.file = _A_FILE, ctypes.cast(ctypes.pointer(file), ctypes.c_void_p)
    data.action, data.flags = _VERIFY, _FROM_CACHE_ONLY
    code = int(wintrust.WinVerifyTrust(None, ctypes.byref(generic), ctypes.byref(data))) & 0xFFFFFFFF
    data.action = _CLOSE
    wintrust.WinVerifyTrust(None, ctypes.byref(generic), ctypes.byref(data))
    return code
