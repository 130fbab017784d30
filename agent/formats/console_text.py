"""The text of a file whose encoding nobody wrote down: an export, or what a console command printed into a file.

UTF-16 with its mark or recognisable by its zero bytes; UTF-8 when it is valid; GB18030 when most of its
double-byte characters are everyday Chinese ones; else Windows-1252, which keeps at least what is ASCII.
"""

from __future__ import annotations

import re


def decode_text(data: bytes) -> tuple[str, str]:
    """Return the text and the name of the encoding that it was read with. Bytes that make no sense become U+FFFD."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "utf-16-le"
    if b"\0" in data[1:64:2] and b"\0" not in data[0:64:2]:
        return data.decode("utf-16-le", "replace"), "utf-16-le"
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig" or _looks_chinese(text):
            return text, encoding
    return data.decode("cp1252", "replace"), "cp1252"


def _looks_chinese(text: str) -> bool:
    """Western letters read as GB18030 turn into rare characters; real Chinese is mostly in GB 2312."""
    wide = re.sub(r"[\x00-\x7f]+", "", text)
    everyday = len(wide.encode("gb2312", "ignore")) // 2
    return bool(wide) and everyday * 2 >= len(wide)
