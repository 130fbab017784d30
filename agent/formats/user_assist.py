"""UserAssist entries of Windows Explorer: programs that a person started from the desktop, and when last.

Names are written with the letters moved by thirteen places. Data of 72 bytes (Windows 7 and later) hold the last start
as a FILETIME at 60; of 16 bytes (2000 to Vista) at 8. Counts and the time in the foreground are not read.
Source: the values of live systems and the field descriptions of regipy and plaso, which agree; the folder numbers are
the KNOWNFOLDERID of Microsoft's documentation.
"""

from __future__ import annotations

import codecs
import re
import struct

from agent.formats.unix_time import month_of_filetime

_PROGRAM_FILES = "C:\\Program Files"
_PROGRAM_FILES_32 = "C:\\Program Files (x86)"
_FOLDERS = {
    "6D809377-6AF0-444B-8957-A3773F02200E": _PROGRAM_FILES,
    "905E63B6-C1BF-494E-B29C-65B732D3D21A": _PROGRAM_FILES,
    "7C5A40EF-A0FB-4BFC-874A-C0F2E0B9FA8E": _PROGRAM_FILES_32,
    "1AC14E77-02E7-4E5D-B744-2EB1AE5198B7": "C:\\Windows\\System32",
    "D65231B0-B2F1-4857-A4CE-A8E7C6EA7D27": "C:\\Windows\\SysWOW64",
    "F38BF404-1D43-42F2-9305-67DE0B28FC23": "C:\\Windows",
}
"""Folders that belong to no person, by their number."""
_OWN_PROGRAMS = "5CD7AEE2-2219-4A67-B85D-6C9CE15660CB"
"""`%LocalAppData%\\Programs`: what a person installed for himself. Its place names him and is not told."""
_BEHIND_NUMBER = re.compile(r"\{(?P<number>[0-9A-F-]{36})\}\\(?P<rest>.+)", re.IGNORECASE)
_UNDER_ROOT = re.compile(r"[A-Z]:\\(?:Program Files(?: \(x86\))?|Windows)\\.+", re.IGNORECASE)
_APP_ID = re.compile(r"(?!UEME_)[A-Za-z0-9][A-Za-z0-9._-]{2,120}(?:![A-Za-z0-9._]+)?")
"""An application's own id, as Office and the Store's apps are noted: `Microsoft.Office.WINWORD.EXE.15`."""
_OLD = re.compile(r"UEME_RUN(?:PATH|CPL):(?P<path>.+)")
_LAST_START = {72: 60, 16: 8}


def program_of(name: str) -> tuple[str, str | None] | None:
    """Return (file name, place) of the program that an entry's name means, `None` for what is none or lies elsewhere.

    Told are application ids, programs (`.exe`) under Program Files and Windows, of whatever drive, and without their
    place those that a person installed for himself. Shortcuts, documents, network and removable places never are.
    """
    plain = codecs.decode(name, "rot13")
    old = _OLD.match(plain)
    path = plain if old is None else old.group("path")
    if _APP_ID.fullmatch(path):
        return path, None
    if not path.lower().endswith(".exe"):
        return None
    last = path.rpartition("\\")[2]
    behind = _BEHIND_NUMBER.fullmatch(path)
    if behind is not None:
        number = behind.group("number").upper()
        if number == _OWN_PROGRAMS:
            return last, None
        folder = _FOLDERS.get(number)
        return None if folder is None else (last, folder + "\\" + behind.group("rest"))
    return (last, path) if _UNDER_ROOT.fullmatch(path) else None


def month_of_last_start(data: object) -> str | None:
    """Return `YYYY-MM` in UTC out of an entry's data, `None` where it says none."""
    place = _LAST_START.get(len(data)) if isinstance(data, bytes) else None
    if place is None or not isinstance(data, bytes):
        return None
    (ticks,) = struct.unpack_from("<Q", data, place)
    return month_of_filetime(ticks)
