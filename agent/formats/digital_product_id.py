"""The last five characters of the product key that a DigitalProductId of the registry holds, and nothing else of it.

Layout, as described in public notes on the value: 164 bytes (versions 2 and 3) hold the key as 15 bytes at offset 52,
1272 bytes (version 4) at offset 808; a number in base 24 over the letters that keys are made of. Since Windows 8 a
bit of the last byte says that the letter N was put into the key at the place that the leading digit names.
Keys of volume licences are wiped by Windows: then all the bytes are zero and there is no key.
"""

from __future__ import annotations

_LETTERS = "BCDFGHJKMPQRTVWXY2346789"
_KEY_LENGTH = 25
_KEY_BYTES = 15
_OFFSETS = {4: 808}
_OFFSET = 52
_HAS_N = 0x08
_CHANNEL = 1016
_CHANNEL_BYTES = 128


def last_five_of(value: bytes) -> str | None:
    """Return the last five characters of the key, `None` when the value holds none or is too short."""
    version = int.from_bytes(value[4:6], "little")
    start = _OFFSETS.get(version, _OFFSET)
    key = bytearray(value[start : start + _KEY_BYTES])
    if len(key) < _KEY_BYTES or not any(key):
        return None
    has_n = bool(key[-1] & _HAS_N)
    if has_n:
        key[-1] &= 0xFF ^ _HAS_N
    letters, leading = _digits(key)
    if has_n:
        letters = letters[1 : leading + 1] + "N" + letters[leading + 1 :]
    return letters[-5:]


def _digits(key: bytearray) -> tuple[str, int]:
    """Return the 25 letters and the value of the leading one."""
    number = int.from_bytes(key, "little")
    letters = ""
    rest = 0
    for _ in range(_KEY_LENGTH):
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters, rest


def channel_of(value: bytes) -> str | None:
    """Return the channel that a value of version 4 names (`OEM:DM`, `Volume:GVLK`), `None` where it names none."""
    if int.from_bytes(value[4:6], "little") not in _OFFSETS:
        return None
    text = value[_CHANNEL : _CHANNEL + _CHANNEL_BYTES].decode("utf-16-le", "replace").split("\0", 1)[0].strip()
    return text if text.isprintable() and text else None
