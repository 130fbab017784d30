"""What `slmgr /dli`, `/dlv` and `/xpr` and `ospp.vbs /dstatus` print, in any language.

Windows translates the labels and a few words, never the rest: the description ends in a channel word and `channel`,
GUIDs, the last five characters, minutes with their days, `host:port`. So lines are told apart by their values; the
status is the line after the key (slmgr) or stands between dashes (ospp). Its word is kept as printed.
Not told by a translated text: the number of a status whose word is in no table (see `slmgr_words`).
A key printed whole is cut to its last five characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Dict, Iterator, List, Optional, Tuple

from agent.formats.product_key import last_five, looks_like_a_key, without_keys
from agent.formats.slmgr_words import meaning_of_sentence, status_code_of
from agent.formats.written_day import day_of

MAX_LINES = 20_000
APPLICATIONS = {
    "55c92734-d682-4d71-983e-d6ec3f16059f": "windows",
    "0ff1ce15-a989-479d-af46-f275c6370663": "office",
    "59a52881-a989-479d-af46-f275c6370663": "office",
}
"""Applications that hold licences, by their GUID: Windows, Office since 2013, Office 2010."""

_PAIR = re.compile(r"(?P<label>[^:：]{1,80}?)\s*[:：]\s*(?P<value>.*?)\s*$")
_SEPARATOR = re.compile(r"\s*-{3,}(?:[A-Za-z][^-]*-{3,})?\s*$")
_CHANNEL = re.compile(r",\s*(?P<word>[A-Z][A-Z0-9_-]*(?:\([A-Za-z0-9_ -]{1,40}\))?)\s+channel\b")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PRODUCT_ID = re.compile(r"\d{5}-[0-9A-Z]{5}-\d{5}-[A-Z0-9]{5}")
_KEY_CHANNEL = re.compile(r"(?:Retail|OEM|Volume|Timebased|PGS)(?::[A-Za-z0-9]+)*")
_DASHED = re.compile(r"-{3}\s*(?P<word>[^-].*?)\s*-{3}")
_CODE = re.compile(r"\b0x[0-9A-F]{8}\b", re.IGNORECASE)
_HOST = re.compile(r"(?P<host>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_EDITION = re.compile(r"\s*(?P<name>(?:Windows|Office|Microsoft)\b.*\bedition)\s*[:：]\s*$")
_DATE = re.compile(
    r"(?P<day>\d{1,4}[/.-]\s?\d{1,2}[/.-]\s?\d{1,4})"
    r"(?:[\s,T]*(?P<before>上午|下午)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[AaPp]\.?[Mm])?)?"
)

_LABELS = {
    "license name": "product",
    "name": "product",
    "名称": "product",
    "名稱": "product",
    "许可证名称": "product",
    "license status": "status",
    "许可证状态": "status",
    "许可状态": "status",
    "授權狀態": "status",
    "lizenzstatus": "status",
    "partial product key": "key_last5",
    "last 5 characters of installed product key": "key_last5",
    "部分产品密钥": "key_last5",
    "已安装产品密钥的最后 5 个字符": "key_last5",
    "部分產品金鑰": "key_last5",
    "teil-product key": "key_last5",
}
"""Labels that tell a field where the description, by which the language does not matter, was left out."""


@dataclass(frozen=True)
class LicenceText:
    """One block of printed text. Ids are lower case, the last five characters and the channel upper case."""

    product: Optional[str] = None
    description: Optional[str] = None
    channel: Optional[str] = None
    key_channel: Optional[str] = None
    key_last5: Optional[str] = None
    application_id: Optional[str] = None
    activation_id: Optional[str] = None
    product_id: Optional[str] = None
    status: Optional[str] = None
    status_code: Optional[int] = None
    reason: Optional[str] = None
    kms_host: Optional[str] = None
    kms_port: Optional[int] = None
    discovered_kms_host: Optional[str] = None
    discovered_kms_port: Optional[int] = None
    kms_address: Optional[str] = None
    grace_minutes: Optional[int] = None
    expires_at: Optional[str] = None
    expires_raw: Optional[str] = None


_Pair = Tuple[str, str]


def parse_licence_text(text: str) -> tuple[LicenceText, ...]:
    """Return every licence that the text speaks of, in its order; nothing for a text of another kind."""
    lines = text.splitlines()[:MAX_LINES]
    described = tuple(_of_block(block) for block in _blocks(lines))
    return described or tuple(_expirations(lines)) or tuple(_undescribed(lines))


def channel_in(description: str) -> str | None:
    """Return the channel word of a description: `Office 16, RETAIL(MAK) channel` → `RETAIL(MAK)`."""
    found = _CHANNEL.search(description)
    return found.group("word").replace("-", "_") if found else None


def _blocks(lines: List[str]) -> Iterator[List[_Pair]]:
    """Yield the pairs of each licence: from its name, and the ids right above, to the next one or a line of dashes."""
    pairs = [_pair(line) for line in lines]
    starts = []
    for number, pair in enumerate(pairs):
        if pair is not None and channel_in(pair[1]):
            start = number - 1 if number and pairs[number - 1] is not None else number
            while start and start < number and _is_id(pairs[start - 1]):
                start -= 1
            starts.append((start, number))
    for index, (start, described) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(lines)
        dashes = (number for number in range(described, end) if _SEPARATOR.match(lines[number]))
        yield [pair for pair in pairs[start : next(dashes, end)] if pair is not None]


def _pair(line: str) -> Optional[_Pair]:
    found = _PAIR.match(line[:4096].strip())  # without the blanks around it: runs of them cost squares of time
    return (found.group("label"), found.group("value")) if found else None


def _is_id(pair: Optional[_Pair]) -> bool:
    """The lines of ospp above the name: PRODUCT ID and SKU ID, which may be empty."""
    if pair is None:
        return False
    label, value = pair
    return bool(_GUID.fullmatch(value) or _PRODUCT_ID.fullmatch(value) or label.upper().endswith((" ID", "ID")))


def _of_block(pairs: List[_Pair]) -> LicenceText:
    """Read one block line by line; the first line that can be a field is that field."""
    at = next(number for number, (_, value) in enumerate(pairs) if channel_in(value))
    description = pairs[at][1]
    product = pairs[at - 1][1] if at and not _is_id(pairs[at - 1]) else ""
    found: Dict[str, object] = {"description": without_keys(description), "channel": channel_in(description)}
    found["product"] = without_keys(product) or None
    after_key = False
    for label, value in pairs:
        if value in (description, product) or not value:
            continue
        is_key = _read_identity(found, label, value)
        if not is_key:
            _read_state(found, label, value, after_key)
        after_key = is_key
    return replace(LicenceText(), **found)  # type: ignore[arg-type]


def _read_identity(found: Dict[str, object], label: str, value: str) -> bool:
    """Take ids and the key channel; return whether the value is the product key."""
    if _GUID.fullmatch(value):
        guid = value.lower()
        if guid in APPLICATIONS:
            found.setdefault("application_id", guid)
        elif "key_last5" not in found:
            found.setdefault("activation_id", guid)
    elif _PRODUCT_ID.fullmatch(value):
        found.setdefault("product_id", value)
    elif _KEY_CHANNEL.fullmatch(value):
        found.setdefault("key_channel", value)
    elif "key_last5" not in found and (looks_like_a_key(value) or label.lower().endswith("product key")):
        found["key_last5"] = last_five(value)
        return True
    return False


def _read_state(found: Dict[str, object], label: str, value: str, after_key: bool) -> None:
    """Take the status, its reason, the minutes that are left and the activation host."""
    dashed = _DASHED.fullmatch(value)
    if dashed or (after_key and "status" not in found):
        word = dashed.group("word") if dashed else value
        found.update(status=without_keys(word), status_code=status_code_of(word))
        return
    code = _CODE.search(value)
    if code and "status" in found:
        found.setdefault("reason", "0x" + code.group()[2:].upper())
    minutes = _minutes_of(value)
    if minutes is not None:
        found.setdefault("grace_minutes", minutes)
    host = _HOST.fullmatch(value)
    if host and 0 < int(host.group("port")) < 65536 and not host.group("host").isdigit():
        prefix = "discovered_kms_" if "DNS" in label else "kms_"
        found.setdefault(prefix + "host", host.group("host").strip("[]"))
        found.setdefault(prefix + "port", int(host.group("port")))
    elif "KMS" in label and _ADDRESS.fullmatch(value):
        found.setdefault("kms_address", value)


def _minutes_of(value: str) -> int | None:
    """`243720 minute(s) (169 day(s))` and `180 days  (259200 minute(s) …)`: two numbers, one the other in days."""
    numbers = [int(number) for number in re.findall(r"[0-9]{1,12}", value)]
    if len(numbers) != 2 or not re.search(r"[(（]", value):
        return None
    large, small = max(numbers), min(numbers)
    return large if large != small and abs(large / 1440 - small) <= 1 else None


def _undescribed(lines: List[str]) -> Iterator[LicenceText]:
    """Read what somebody copied without the description: a name with its status or key, or the sentence of `/xpr`."""
    found: Dict[str, object] = {}
    for line in [*lines, "---"]:
        pair = _pair(line)
        if pair is not None and pair[1]:
            field = _LABELS.get(" ".join(pair[0].lower().split()))
            if field == "product" and "product" in found:
                yield from _copied(found)
                found = {}
            _take_copied(found, field, pair)
        elif _SEPARATOR.match(line):
            yield from _copied(found)
            found = {}
        elif pair is None and meaning_of_sentence(line)[0] is not None and not found:
            code, channel = meaning_of_sentence(line)
            yield LicenceText(status=without_keys(line.strip()), status_code=code, channel=channel)


def _take_copied(found: Dict[str, object], field: Optional[str], pair: _Pair) -> None:
    if field is None:
        _read_identity(found, *pair)
    elif field == "product":
        found["product"] = without_keys(pair[1])
    elif field == "key_last5":
        found.setdefault("key_last5", last_five(pair[1]))
    else:
        dashed = _DASHED.fullmatch(pair[1])
        word = dashed.group("word") if dashed else pair[1]
        found.setdefault("status", without_keys(word))
        found.setdefault("status_code", status_code_of(word))


def _copied(found: Dict[str, object]) -> Iterator[LicenceText]:
    """Yield a licence that has a name and a word on how it stands or which key it has."""
    if "product" in found and ("status" in found or found.get("key_last5")):
        yield replace(LicenceText(), **found)  # type: ignore[arg-type]


def _expirations(lines: List[str]) -> Iterator[LicenceText]:
    """Read `/xpr`: a line that names the edition, and a sentence below it."""
    for number, line in enumerate(lines):
        edition = _EDITION.match(line)
        sentence = next((below.strip() for below in lines[number + 1 : number + 4] if below.strip()), "")
        if edition is None or not sentence:
            continue
        code, channel = meaning_of_sentence(sentence)
        date = _DATE.search(sentence)
        moment = _moment(date) if date else None
        yield LicenceText(
            product=edition.group("name"),
            channel=channel,
            status=without_keys(sentence),
            status_code=code,
            expires_at=moment,
            expires_raw=date.group().strip() if date and moment is None else None,
        )


def _moment(date: "re.Match[str]") -> str | None:
    """Return day and time in the machine's own time, `None` when month and day cannot be told apart."""
    day = day_of(re.sub(r"\s", "", date.group("day")))
    if day is None or date.group("hour") is None:
        return day
    hour = int(date.group("hour"))
    half = (date.group("half") or "").lower().replace(".", "")
    if half or date.group("before"):
        hour = hour % 12 + (12 if half == "pm" or date.group("before") == "下午" else 0)
    minute, second = int(date.group("minute")), int(date.group("second") or 0)
    if hour > 23 or minute > 59 or second > 59:
        return day
    return "%sT%02d:%02d:%02d" % (day, hour, minute, second)
