"""Signatures and forms of the chat robots and of our own webhook, against values worked out by other means."""

from __future__ import annotations

import base64
import hashlib
import hmac
import subprocess

from auditor.notices import dingtalk, feishu, http, wecom
from auditor.notices.message import Message, cut_to_bytes

MESSAGE = Message("ab12.dingtalk", "标题", ("一行", "第二行"), (), "2026-03-01T00:00:00Z")


def openssl(key: str, text: str) -> bytes:
    """HMAC-SHA256 by the openssl program."""
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.encode().hex()}", "-binary"],
        input=text.encode(), capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_dingtalk_signs_moment_and_secret_by_the_secret() -> None:
    secret, moment = "SEC0123456789abcdef", "1772323200000"

    assert base64.b64decode(dingtalk.signature(secret, moment)) == openssl(secret, f"{moment}\n{secret}")


def test_feishu_signs_nothing_by_moment_and_secret() -> None:
    secret, moment = "demo-secret", "1772323200"

    assert base64.b64decode(feishu.signature(secret, moment)) == openssl(f"{moment}\n{secret}", "")


def test_the_webhook_signs_moment_and_body() -> None:
    told = http.signature("k", "1772323200", b"{}")

    assert told == "sha256=" + hmac.new(b"k", b"1772323200.{}", hashlib.sha256).hexdigest()
    assert told.removeprefix("sha256=") == openssl("k", "1772323200.{}").hex()


def test_the_forms_of_the_robots() -> None:
    text = "标题\n一行\n第二行"
    assert dingtalk.body_of(MESSAGE) == {"msgtype": "text", "text": {"content": text}}
    assert wecom.body_of(MESSAGE) == {"msgtype": "text", "text": {"content": text}}
    assert feishu.body_of(MESSAGE) == {"msg_type": "text", "content": {"text": text}}


def test_a_text_is_cut_at_a_character() -> None:
    long = Message("m", "标" * 1000, (), (), "2026-03-01T00:00:00Z")
    content = wecom.body_of(long)["text"]
    assert isinstance(content, dict)
    told = content["content"]
    assert len(told.encode()) <= wecom.MAX_BYTES
    assert told.endswith("标…")
    assert cut_to_bytes("abc", 3) == "abc"
