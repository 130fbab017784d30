"""The words in which Windows and Office say how a licence stands, and the numbers that they stand for.

Numbers: LicenseStatus, 0 unlicensed, 1 licensed, 2 initial grace, 3 additional grace, 4 non-genuine grace,
    5 notification, 6 extended grace. A language without a row keeps its word and has no number.
"""

from __future__ import annotations

import re

STATES = {0: "unlicensed", 1: "licensed", 2: "grace", 3: "grace", 4: "non_genuine", 5: "notification", 6: "grace"}
"""What each number means, in the words of the contract."""

_STATUS = {
    "unlicensed": 0,
    "licensed": 1,
    "initial grace period": 2,
    "oob_grace": 2,
    "additional grace period": 3,
    "oot_grace": 3,
    "non-genuine grace period": 4,
    "non_genuine_grace": 4,
    "notification": 5,
    "notifications": 5,
    "extended grace period": 6,
    "extended grace": 6,
    "extended_grace": 6,
    "未授权": 0,
    "已授权": 1,
    "初始宽限期": 2,
    "附加宽限期": 3,
    "非正版宽限期": 4,
    "通知": 5,
    "通知状态": 5,
    "延长宽限期": 6,
    "lizenziert": 1,
    "имеет лицензию": 1,
    "ライセンスされています": 1,
}
_SENTENCES = (
    ("permanently activated", 1, None),
    ("volume activation will expire", 1, "VOLUME_KMSCLIENT"),
    ("timebased activation will expire", 1, None),
    ("automatic vm activation will expire", 1, None),
    ("initial grace period ends", 2, None),
    ("additional grace period ends", 3, None),
    ("non-genuine grace period ends", 4, None),
    ("notification mode", 5, None),
    ("extended grace period ends", 6, None),
    ("永久激活", 1, None),
    ("批量激活将", 1, "VOLUME_KMSCLIENT"),
    ("通知模式", 5, None),
)
_KEY_CHANNELS = {"VOLUME:GVLK": "VOLUME_KMSCLIENT", "VOLUME:CSVLK": "VOLUME_KMS"}


def status_code_of(word: str) -> int | None:
    """Return the number of a status word in any language of the table, `None` for other words."""
    bare = re.sub(r"\s*\([^)]*\)\s*$", "", word.strip()).rstrip(".。").strip()
    return _STATUS.get(bare.lower())


def meaning_of_sentence(sentence: str) -> tuple[int | None, str | None]:
    """Return status and channel that a sentence of `slmgr /xpr` tells; only a KMS or AD client says "volume …"."""
    lower = sentence.lower()
    for part, code, channel in _SENTENCES:
        if part in lower:
            return code, channel
    return (0, None) if re.fullmatch(r"unlicensed\.?", lower.strip()) else (None, None)


def channel_of_key_channel(word: str | None) -> str | None:
    """Return the channel word of a ProductKeyChannel: `OEM:DM` → `OEM_DM`, `Volume:GVLK` → `VOLUME_KMSCLIENT`."""
    if not word:
        return None
    upper = word.strip().upper()
    return _KEY_CHANNELS.get(upper, upper.replace(":", "_")) or None
