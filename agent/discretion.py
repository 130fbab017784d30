"""Discretion: what of a person, and of a product key, a text of a machine may carry when it leaves the machine.

A person's folder (`C:\\Users\\<name>`, `C:\\Documents and Settings\\<name>`, `/Users/<name>`, `/home/<name>`) becomes
`~` and the first eight digits of the name's SHA-256: two persons stay two, from scan to scan, and no name is
written. It is a pseudonym: who has the list of names can work it out again. Folders that are everybody's
(`Public`, `Default`, `Shared` …) and root's are nobody's and stay. Of a product key the last five characters stay.

A registry hive is named by its SID: a number, which alone the next scan can know the same hive by. No name
is ever looked up for it; a profile that lies elsewhere (`D:\\Profiles\\<name>`) is known by the NTUSER.DAT in it, and a
program's folder below such a place keeps the name: the one gap. `scan` passes everything through here, so no
collector has to remember.
"""

from __future__ import annotations

import dataclasses
import re
from functools import lru_cache
from typing import Any, Sequence

from agent.formats.product_key import DASH, WHOLE
from agent.inventory.document import Record
from agent.inventory.licence_servers import LicenceFeature, LicenceUse

_NOBODYS = r"(?:Public|Default|Default User|All Users|Shared|Guest|LocalService|NetworkService)(?![^\\/])"
_START = r"(?<![^\s\"'`(=:,;\[|])"
PERSONAL_FOLDER = re.compile(
    r"(?:(?<![A-Za-z0-9])[A-Za-z]:[\\/]+(?:Users|Documents and Settings)[\\/]+(?!" + _NOBODYS + r")"
    r"(?P<windows>[^\\/:*?\"<>|\r\n]+)"
    r"|" + _START + r"/Users/(?!" + _NOBODYS + r")(?P<mac>[^/:\"'\r\n]+)"
    r"|" + _START + r"(?:/var|/data|/export|/usr)?/home/(?P<posix>[^/:\"'\r\n]+))",
    re.IGNORECASE,
)
_OF_A_HIVE = r"(?i)(?P<above>[\\/])(?P<name>[^\\/:\r\n]+)(?=[\\/]NTUSER\.DAT\b)"
_LIKE_A_KEY = "(?:%s[A-Za-z0-9]{5}){4}" % DASH
_DASHES_OF_A_KEY = 4
_OF_PERSONS = ("users/", "users\\", "/home/", "ntuser.dat", "documents and settings")
"""Of these one is in every text that names a person's folder."""


def pseudonym(name: str) -> str:
    """Return what stands for a person's folder: `~` and eight hexadecimal digits, the same for the same name."""
    import hashlib  # costs start-up time that most machines need not pay

    return "~" + hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]


@lru_cache(maxsize=4096)
def discreet(text: str) -> str:
    """Return the text without the names of persons' folders and with every product key cut to its end."""
    if not _may_tell(text):
        return text
    named = re.sub(_OF_A_HIVE, _hive_label, PERSONAL_FOLDER.sub(_label, text))
    return re.sub(WHOLE, r"XXXXX-XXXXX-XXXXX-XXXXX-\1", named)


def discreet_records(records: Sequence[Record]) -> Sequence[Record]:
    """Return the records with every text of them made discreet; themselves when there was nothing to do.

    Nearly always there is nothing, and that is seen for all of them at once.
    """
    values = [value for record in records for value in vars(record).values() if value is not None]
    texts = [value for value in values if type(value) is str]
    lists = [value for value in values if type(value) is tuple]
    texts += [item for value in lists for item in value if type(item) is str]
    if (
        _may_name("\n".join(texts))
        or any(_may_hold_a_key(text) for text in texts if text.count("-") >= _DASHES_OF_A_KEY or not text.isascii())
        or any(type(item) is LicenceUse for value in lists for item in value)
    ):
        return [discreet_record(record) for record in records]
    return records


def discreet_record(record: Record) -> Record:
    """Return one record with every text of it made discreet."""
    if isinstance(record, LicenceFeature) and record.uses:
        record = dataclasses.replace(record, uses=tuple(_discreet_use(use) for use in record.uses))
    if not _may_tell(repr(vars(record))):  # all its texts in one, for the price of one call
        return record
    shown: dict[str, Any] = {}
    for name, value in vars(record).items():
        if type(value) is str:
            shown[name] = discreet(value)
        elif type(value) is tuple:
            shown[name] = tuple(discreet(item) if type(item) is str else item for item in value)
    return dataclasses.replace(record, **shown)


def _discreet_use(use: LicenceUse) -> LicenceUse:
    """Return the check-out with a pseudonym for the account, unless it has one."""
    if use.user is None or use.user.startswith("~"):
        return use
    return dataclasses.replace(use, user=pseudonym(use.user.strip().lower()))


def _may_tell(text: str) -> bool:
    """Tell whether there may be something to cut; nearly always not, and quickly so."""
    return _may_name(text) or _may_hold_a_key(text)


def _may_name(text: str) -> bool:
    low = text.lower()
    return any(word in low for word in _OF_PERSONS)


def _may_hold_a_key(text: str) -> bool:
    if text.count("-") < _DASHES_OF_A_KEY and text.isascii():
        return False
    return re.search(_LIKE_A_KEY, text) is not None


def _label(found: re.Match[str]) -> str:
    """Return the label of one personal folder; Windows does not tell `LiSi` from `lisi`."""
    windows = found.group("windows")
    name = windows.lower() if windows is not None else found.group("mac") or found.group("posix")
    return pseudonym(name.rstrip())


def _hive_label(found: re.Match[str]) -> str:
    """Return the label of a folder with somebody's hive in it, unless it has one."""
    name = found.group("name")
    return found.group("above") + (name if name.startswith("~") else pseudonym(name.lower()))
