"""Printed licence states: what is read by structure, in any language, and against recordings with answers."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from corpus import corpus_folder
from mutation import mutations

from agent.collectors.windows.activation import parse_text
from agent.formats.console_text import decode_text
from agent.formats.product_key import last_five, without_keys
from agent.formats.slmgr_text import LicenceText, parse_licence_text
from agent.formats.slmgr_words import channel_of_key_channel, meaning_of_sentence, status_code_of
from agent.inventory.traces import Activation

CASES = sorted((corpus_folder("activation") or Path("/nonexistent")).glob("expected/*.json"))

CHINESE = """\
软件授权服务版本: 10.0.19041.3803

名称: Windows(R), Professional edition
描述: Windows(R) Operating System, VOLUME_KMSCLIENT channel
激活 ID: 2de67392-b7a7-462a-b1ca-108dd189f588
应用程序 ID: 55c92734-d682-4d71-983e-d6ec3f16059f
扩展 PID： 03612-03312-000-000000-03-2052-19045.0000-0122024
产品密钥通道: Volume:GVLK
安装 ID： 134890127563412347896512340987612345
部分产品密钥: T83GX
许可证状态: 已授权
批量激活过期: 259197 分钟(180天）
剩余 Windows 重置计数: 1001
剩余 SKU 重置计数: 1001
信任时间:2024/1/12 11:48:43
已配置的激活类型：全部

最新激活信息
密钥管理服务客户端信息
    客户端计算机 ID (CMID): 5c2b0d7e-9a41-4f63-8d15-0c6e7b1f2a34
    来自 DNS 的 KMS 计算机名称: kms.corp.example:1688
    KMS 计算机 IP 地址: 192.0.2.10
    激活时间间隔: 120 分钟
    续订间隔：10080 分钟
    已启用 KMS 主机缓存
"""
GERMAN = """\
Name: Windows(R), Professional edition
Beschreibung: Windows(R) Operating System, OEM_DM channel
Aktivierungs-ID: bd3762d7-270d-4760-8fb3-d829ca45278a
Anwendungs-ID: 55c92734-d682-4d71-983e-d6ec3f16059f
Product Key-Kanal: OEM:DM
Teil-Product Key: QP7WK
Lizenzstatus: Lizenziert
Verbleibende Anzahl der Windows-Rearm-Vorgänge: 1001
Vertrauenswürdige Zeit: 12.01.2024 11:48:43
"""
UNKNOWN_LANGUAGE = """\
Nomo : Windows(R), Professional edition
Priskribo : Windows(R) Operating System, RETAIL channel
Parta ŝlosilo : 3V66T
Stato : ia stato
Restas : 4320 minutoj (3 tagoj)
Registrita nomo : kms.corp.example:1689
"""
DSTATUS = """\
Microsoft (R) Windows Script Host Version 5.812
版权所有(C) Microsoft Corporation。保留所有权利。

---Processing--------------------------
---------------------------------------
PRODUCT ID: 00414-50000-00000-AA123
SKU ID: 85dd8b5f-eaa4-4af3-a628-cce9e77c9a03
LICENSE NAME: Office 19, Office19ProPlus2019VL_KMS_Client_AE edition
LICENSE DESCRIPTION: Office 19, VOLUME_KMSCLIENT channel
BETA EXPIRATION: 1601/1/1
LICENSE STATUS:  ---LICENSED---
REMAINING GRACE: 180 days  (259200 minute(s) before expiring)
Last 5 characters of installed product key: 6MWKP
Activation Type Configuration: ALL
\tDNS auto-discovery: KMS name not available
\tKMS machine registry override defined: 10.0.0.10:1688
\tActivation Interval: 120 minutes
\tRenewal Interval: 10080 minutes
---------------------------------------
PRODUCT ID:
SKU ID:
LICENSE NAME: Office 19, Office19VisioPro2019VL_MAK_AE edition
LICENSE DESCRIPTION: Office 19, RETAIL(MAK) channel
LICENSE STATUS:  ---OOB_GRACE---
ERROR CODE: 0x4004F00C
ERROR DESCRIPTION: The Software Licensing Service reported that the application is in the grace period.
REMAINING GRACE: 21 days  (30240 minute(s) before expiring)
---------------------------------------
---Exiting-----------------------------
"""


def only(text: str) -> LicenceText:
    (found,) = parse_licence_text(text)
    return found


def test_a_chinese_dlv() -> None:
    assert only(CHINESE) == LicenceText(
        product="Windows(R), Professional edition",
        description="Windows(R) Operating System, VOLUME_KMSCLIENT channel",
        channel="VOLUME_KMSCLIENT",
        key_channel="Volume:GVLK",
        key_last5="T83GX",
        application_id="55c92734-d682-4d71-983e-d6ec3f16059f",
        activation_id="2de67392-b7a7-462a-b1ca-108dd189f588",
        status="已授权",
        status_code=1,
        discovered_kms_host="kms.corp.example",
        discovered_kms_port=1688,
        kms_address="192.0.2.10",
        grace_minutes=259197,
    )


def test_a_german_dlv() -> None:
    found = only(GERMAN)
    assert (found.channel, found.key_channel, found.key_last5) == ("OEM_DM", "OEM:DM", "QP7WK")
    assert (found.status, found.status_code, found.grace_minutes) == ("Lizenziert", 1, None)


def test_a_language_without_a_table_keeps_its_word_and_has_no_number() -> None:
    found = only(UNKNOWN_LANGUAGE)
    assert (found.channel, found.key_last5, found.status, found.status_code) == ("RETAIL", "3V66T", "ia stato", None)
    assert (found.grace_minutes, found.kms_host, found.kms_port) == (4320, "kms.corp.example", 1689)


def test_every_product_of_dstatus() -> None:
    office, visio = parse_licence_text(DSTATUS)
    assert (office.product_id, office.activation_id) == (
        "00414-50000-00000-AA123", "85dd8b5f-eaa4-4af3-a628-cce9e77c9a03")  # fmt: skip
    assert (office.status, office.status_code, office.key_last5, office.grace_minutes) == (
        "LICENSED", 1, "6MWKP", 259200)  # fmt: skip
    assert (office.kms_host, office.kms_port, office.discovered_kms_host) == ("10.0.0.10", 1688, None)
    assert (visio.product, visio.channel) == ("Office 19, Office19VisioPro2019VL_MAK_AE edition", "RETAIL(MAK)")
    assert (visio.status_code, visio.reason, visio.grace_minutes) == (2, "0x4004F00C", 30240)
    assert (visio.product_id, visio.key_last5, visio.kms_host) == (None, None, None)


@pytest.mark.parametrize(
    ("sentence", "code", "channel", "expires_at", "raw"),
    [
        ("The machine is permanently activated.", 1, None, None, None),
        ("计算机已永久激活。", 1, None, None, None),
        ("Volume activation will expire 30/11/2024 7:36:14 AM", 1, "VOLUME_KMSCLIENT", "2024-11-30T07:36:14", None),
        ("Volume activation will expire 30/11/2024 12:05:00 AM", 1, "VOLUME_KMSCLIENT", "2024-11-30T00:05:00", None),
        ("批量激活将于 2027/2/4 17:50:22 过期", 1, "VOLUME_KMSCLIENT", "2027-02-04T17:50:22", None),
        ("批量激活将于 2027/2/4 下午 5:50:22 过期", 1, "VOLUME_KMSCLIENT", "2027-02-04T17:50:22", None),
        ("Initial grace period ends 04.12.2024 07:36:14", 2, None, "2024-12-04T07:36:14", None),
        ("Non-genuine grace period ends 3/4/2024 1:00:00 PM", 4, None, None, "3/4/2024 1:00:00 PM"),
        ("Windows is in Notification mode", 5, None, None, None),
        ("Windows 处于通知模式", 5, None, None, None),
        ("Unlicensed", 0, None, None, None),
        ("La machine est activée de façon permanente.", 1, None, None, None),
        ("Urządzenie jest trwale aktywowane.", None, None, None, None),
        ("Timebased activation will expire 2024-13-45 99:00:00", 1, None, None, "2024-13-45 99:00:00"),
    ],
)
def test_expirations(sentence: str, code: int | None, channel: str | None, expires_at: str, raw: str) -> None:
    found = only("Windows(R), Professional edition:\r\n    %s\r\n" % sentence)
    assert (found.product, found.status) == ("Windows(R), Professional edition", sentence)
    assert (found.status_code, found.channel, found.expires_at, found.expires_raw) == (code, channel, expires_at, raw)


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("Volume activation expiration: 243720 minute(s) (169 day(s))", 243720),
        ("批量激活过期: 259197 分钟(180天）", 259197),
        ("REMAINING GRACE: 29 days  (42960 minute(s) before expiring)", 42960),
        ("Time remaining: 0 minute(s) (0 day(s))", None),
        ("Renewal Interval: 10080 minutes", None),
        ("Remaining: 1001 (3)", None),  # not the same time twice
        ("Trusted time: 2024/1/12 11:48:43", None),
    ],
)
def test_minutes_are_told_twice(line: str, minutes: int | None) -> None:
    head = "Name: Windows(R), Professional edition\nDescription: Windows(R) Operating System, RETAIL channel\n"
    assert only(head + line).grace_minutes == minutes


@pytest.mark.parametrize(
    ("line", "host", "port"),
    [
        ("Registered KMS machine name: kms.corp.example:1688", "kms.corp.example", 1688),
        ("Registered KMS machine name: 127.0.0.1:1688", "127.0.0.1", 1688),
        ("Registered KMS machine name: [::1]:1688", "::1", 1688),
        ("Registered KMS machine name: kms.corp.example:99999", None, None),
        ("Registered KMS machine name: not available", None, None),
        ("Trusted time: 11:48", None, None),
    ],
)
def test_hosts_have_a_port(line: str, host: str | None, port: int | None) -> None:
    head = (
        "Name: Windows(R), Professional edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\n"
    )
    found = only(head + line)
    assert (found.kms_host, found.kms_port) == (host, port)


@pytest.mark.parametrize("text", ["", "\n\n", "Name: Windows\n", "Volume in drive C has no label.", "a: b\n" * 50])
def test_other_texts_tell_of_no_licence(text: str) -> None:
    assert parse_licence_text(text) == ()


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("Licensed", 1),
        ("LICENSED", 1),
        ("Unlicensed", 0),
        ("已授权", 1),
        ("未授权", 0),
        ("имеет лицензию", 1),
        ("ライセンスされています", 1),
        ("Additional grace period (KMS license expired or hardware out of tolerance)", 3),
        ("Non-genuine grace period.", 4),
        ("NOTIFICATIONS", 5),
        ("Notification", 5),
        ("not licensed at all", None),
        ("", None),
    ],
)
def test_status_words(word: str, code: int | None) -> None:
    assert status_code_of(word) == code


def test_only_the_word_unlicensed_alone_says_so() -> None:
    assert meaning_of_sentence("Unlicensed.") == (0, None)
    assert meaning_of_sentence("An unlicensed copy was removed") == (None, None)


@pytest.mark.parametrize(
    ("key_channel", "channel"),
    [("OEM:DM", "OEM_DM"), ("Volume:GVLK", "VOLUME_KMSCLIENT"), ("Volume:MAK", "VOLUME_MAK"), ("Retail", "RETAIL"),
     ("OEM:NONSLP", "OEM_NONSLP"), ("", None), (None, None)],
)  # fmt: skip
def test_channel_of_a_key(key_channel: str | None, channel: str | None) -> None:
    assert channel_of_key_channel(key_channel) == channel


@pytest.mark.parametrize(
    ("text", "last5"),
    [
        ("T83GX", "T83GX"),
        ("t83gx", "T83GX"),
        ("XXXXX-T83GX", "T83GX"),
        ("*****-*****-*****-*****-T83GX", "T83GX"),
        ("ABCDE-FGHJK-LMNPQ-RSTVW-T83GX", "T83GX"),
        ("ABCDE\u2013FGHJK\u2013LMNPQ\u2013RSTVW\u2013T83GX", "T83GX"),
        ("not one", None),
        ("T83G", None),
        ("", None),
    ],
)
def test_of_a_key_the_last_five_stay(text: str, last5: str | None) -> None:
    assert last_five(text) == last5


def test_a_key_that_is_printed_whole_is_never_kept() -> None:
    whole = "ABCDE-FGHJK-LMNPQ-RSTVW-T83GX"
    text = CHINESE.replace("T83GX", whole).replace("已授权", "已授权 " + whole).replace("Professional", whole)
    found = only(text)

    assert (found.key_last5, found.status) == ("T83GX", "已授权 T83GX")
    assert "ABCDE" not in str(found) and "RSTVW" not in str(found)
    assert without_keys("a %s b" % whole) == "a T83GX b"
    xpr = only("Windows(R), Professional edition:\n  %s is permanently activated\n" % whole)
    assert xpr.status == "T83GX is permanently activated"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gbk"])
def test_a_file_of_a_chinese_console_is_read_in_its_encoding(encoding: str) -> None:
    assert only(decode_text(CHINESE.encode(encoding))[0]).status == "已授权"


CHANNELS = {
    "volume-kms": {"VOLUME_KMSCLIENT"},
    "volume-mak": {"VOLUME_MAK", "RETAIL(MAK)"},
    "oem": {"OEM_DM", "OEM_SLP", "OEM_COA", "OEM_NONSLP", "OEM"},
    "retail": {"RETAIL"},
    "subscription": {"TIMEBASED_SUB"},
}
STATES = {"licensed": "licensed", "notification": "notification", "grace": "grace", None: None}


def same(found: Activation, expected: dict[str, Any]) -> list[str]:
    """Return what differs between a record and a hand-read answer."""
    office = "ffice" in expected["product"] or "365" in expected["product"]
    told = {
        "channel": expected.get("channel") is None or found.channel in CHANNELS[expected["channel"]],
        "status": "status" not in expected or found.state == STATES[expected["status"]],
        "key_last5": found.key_last5 == expected.get("key_last5"),
        "key_channel": found.key_channel == expected.get("key_channel"),
        "activation_id": found.activation_id == expected.get("activation_id", expected.get("sku_id")),
        "reason": "notification_reason" not in expected or found.reason == expected["notification_reason"],
        "expiry": found.expires_at == expected.get("expiry"),
        "license_name": "license_name" not in expected or found.product == expected["license_name"],
        "kind": found.kind == ("office" if office else "windows"),
    }
    return [name for name, right in told.items() if not right]


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_recordings_with_an_answer(case: Path) -> None:
    answer = json.loads(case.read_text(encoding="utf-8"))
    folder = case.parents[1]
    texts = [decode_text((folder / name).read_bytes())[0] for name in answer["files"]]
    found = [each for text in texts for each in parse_text(text, seen_at="x")]

    assert len(found) == answer["expected_count"]
    assert [same(each, expected) for each, expected in zip(found, answer["expected"])] == [[]] * len(found)


def test_damaged_texts_end_in_values_and_soon() -> None:
    for sample in (CHINESE, GERMAN, DSTATUS):
        for damaged in mutations(sample.encode("utf-8"), 150):
            began = time.perf_counter()
            parse_licence_text(decode_text(damaged)[0])
            assert time.perf_counter() - began < 1.0
    for hostile in ("-" * 200_000, "a" * 200_000 + ":", ", A" * 50_000 + " channel", "1/" * 100_000, "(" * 100_000):
        began = time.perf_counter()
        parse_licence_text("Name: x\nDescription: y, RETAIL channel\n" + hostile)
        parse_licence_text("Windows edition:\n" + hostile)
        assert time.perf_counter() - began < 1.0
