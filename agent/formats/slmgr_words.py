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
    "licensed - permanently activated": 1,
    "未授權": 0,
    "已授權": 1,
    "已许可": 1,
    "已激活": 1,
    "未激活": 0,
    "初始寬限期": 2,
    "附加寬限期": 3,
    "非正版寬限期": 4,
    "非正版寬限期間": 4,
    "通知模式": 5,
    "延長寬限期": 6,
    "nicht lizenziert": 0,
    "lizenziert": 1,
    "benachrichtigung": 5,
    "sans licence": 0,
    "avec licence": 1,
    "licence accordée": 1,
    "sous licence": 1,
    "sin licencia": 0,
    "con licencia": 1,
    "notificación": 5,
    "não licenciado": 0,
    "licenciado": 1,
    "notificação": 5,
    "senza licenza": 0,
    "con licenza": 1,
    "concesso in licenza": 1,
    "notifica": 5,
    "bez licencji": 0,
    "licencjonowany": 1,
    "lisanslı": 1,
    "lisanssız": 0,
    "не имеет лицензии": 0,
    "имеет лицензию": 1,
    "уведомление": 5,
    "ライセンスなし": 0,
    "ライセンスがありません": 0,
    "ライセンスされています": 1,
    "ライセンス済み": 1,
    "初期猶予期間": 2,
    "追加の猶予期間": 3,
    "非正規の猶予期間": 4,
    "사용 허가되지 않음": 0,
    "사용 허가되지 않았음": 0,
    "사용 허가됨": 1,
    "사용이 허가됨": 1,
    "초기 유예 기간": 2,
    "알림": 5,
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
    ("dauerhaft aktiviert", 1, None),
    ("volumenaktivierung läuft", 1, "VOLUME_KMSCLIENT"),
    ("activé de façon permanente", 1, None),
    ("activée de façon permanente", 1, None),
    ("activado permanentemente", 1, None),
    ("activado de forma permanente", 1, None),
    ("permanentemente ativad", 1, None),
    ("ativado permanentemente", 1, None),
    ("attivato permanentemente", 1, None),
    ("attivazione permanente", 1, None),
    ("постоянную активацию", 1, None),
    ("активирован навсегда", 1, None),
    ("ライセンス認証は永続的", 1, None),
    ("永続的にライセンス認証", 1, None),
    ("영구적으로 정품 인증", 1, None),
    ("永久啟用", 1, None),
    ("大量啟用將", 1, "VOLUME_KMSCLIENT"),
    ("永久激活", 1, None),
    ("初始宽限期将", 2, None),
    ("附加宽限期将", 3, None),
    ("非正版宽限期将", 4, None),
    ("基于时间的激活将", 1, None),
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
