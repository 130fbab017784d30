"""Password rules: what a password has to be before it is taken. Hashing is in `auditor.proof.passwords`."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from auditor.errors import both
from auditor.proof.passwords import LONGEST_PASSWORD, normal_password

_COMMON = ("password", "passw0rd", "administrator", "welcome1", "qwerty", "1qaz2wsx", "zhengban", "changeme", "letmein")


def password_faults(password: str, *, login: str, least: int) -> Sequence[str]:
    """Return why the password is not taken, in both languages; empty when it is good."""
    plain = normal_password(password)
    folded = plain.casefold()
    faults = []
    if not least <= len(plain) <= LONGEST_PASSWORD:
        zh, en = f"口令应为 {least} 至 {LONGEST_PASSWORD} 个字符", f"expected {least} to {LONGEST_PASSWORD} signs"
        faults.append(both(zh, en))
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in plain):
        faults.append(both("口令不应含控制字符", "expected no control characters"))
    if _kinds(plain) < 3 and len(plain) < 20:
        zh = "口令应含大写字母、小写字母、数字、其他字符中的三类，或不少于 20 个字符"
        faults.append(both(zh, "expected three of upper case, lower case, digits and others, or 20 signs"))
    if login and login in folded:
        faults.append(both("口令不应含登录名", "expected the login not to be in it"))
    if len(set(folded)) < 5 or any(word in folded for word in _COMMON):
        faults.append(both("口令过于常见或简单", "too common or too simple"))
    return faults


def _kinds(password: str) -> int:
    """Return how many of the four kinds of signs there are; a sign without case is one of the others."""
    kinds = {
        "upper" if sign.isupper() else "lower" if sign.islower() else "digit" if sign.isdecimal() else "other"
        for sign in password
    }
    return len(kinds)
