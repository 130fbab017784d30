"""Enrolment: a one-time token makes an agent known; its key signs everything that it sends.

A token is shown once and kept only as a digest. A key is made here, handed out once, and kept sealed. A
signature covers method, path, time and body, so it cannot be moved to another request; the same request
again is harmless, since a document is kept once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from auditor.core.days import parse_utc, utc_text
from auditor.errors import AuditorError, NotAuthentic, StoreError, both
from auditor.proof.digest import sha256_hex
from auditor.proof.sealing import SealingFault
from auditor.store.agents import (
    AgentRow,
    add_agent,
    add_token,
    find_agent,
    find_token,
    revoke_agent,
    use_token,
)
from auditor.store.bulk import asking
from auditor.store.database import Store
from auditor.store.trail import append_trail

KEY_BYTES = 32
AGENT_HEADER = "X-Zhengban-Agent"
TIME_HEADER = "X-Zhengban-Time"
SIGNATURE_HEADER = "X-Zhengban-Signature"
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Enrolled:
    """What an agent is given; the key is never shown again."""

    agent: str
    key: bytes


def issue_token(
    store: Store, *, unit: str | None = None, uses: int = 1, valid_for: timedelta = timedelta(days=7), now: datetime
) -> str:
    """Return a new token, good for `uses` machines of `unit` until `valid_for` is over."""
    if uses < 1 or valid_for <= timedelta():
        zh = f"登记码至少可用一次且须有有效期，实为 {uses} 次、{valid_for}"
        told = both(zh, f"expected at least one use and a time to come, got {uses} and {valid_for}")
        raise AuditorError(f"token: {told}")
    token = f"zb-{secrets.token_urlsafe(24)}"
    with store.begin() as connection:
        add_token(
            connection,
            token_digest=_token_digest(token),
            unit=unit,
            uses=uses,
            created_at=utc_text(now),
            expires_at=utc_text(now + valid_for),
        )
        append_trail(connection, at=utc_text(now), act="token.issued", subject=_token_digest(token)[:16])
    return token


def enrol(store: Store, *, token: str, name: str, version: str | None, now: datetime) -> Enrolled:
    """Use the token and return the agent's id and key. Raises `NotAuthentic`."""
    agent, key = f"a-{secrets.token_hex(10)}", secrets.token_bytes(KEY_BYTES)
    with store.begin() as connection:
        known = find_token(connection, _token_digest(token))
        if known is None:
            raise NotAuthentic(f"token: {both('不是本核查端发放的登记码', 'expected one that was issued here')}")
        if utc_text(now) > known.expires_at:
            zh = f"登记码已于 {known.expires_at} 过期，请重新申领"
            raise NotAuthentic(f"token: {both(zh, f'expired at {known.expires_at}; ask for a new one')}")
        if not use_token(connection, known):
            told = both("登记码的次数已用完，请重新申领", "was used already; ask for a new one")
            raise NotAuthentic(f"token: {told}")
        row = AgentRow(
            id=agent,
            name=name[:_LONGEST_NAME],
            unit=known.unit,
            sealed_key=store.sealer.seal(key),
            enrolled_at=utc_text(now),
            version=version,
            token=known.id,
        )
        add_agent(connection, row)
        append_trail(connection, at=utc_text(now), act="agent.enrolled", subject=agent)
    return Enrolled(agent, key)


def enrol_offline(store: Store, *, name: str, unit: str | None, now: datetime) -> Enrolled:
    """Make an agent of a closed network known, without a token: its id and key are carried to it in a file."""
    agent, key = f"a-{secrets.token_hex(10)}", secrets.token_bytes(KEY_BYTES)
    with store.begin() as connection:
        row = AgentRow(
            id=agent,
            name=name[:_LONGEST_NAME],
            unit=unit,
            sealed_key=store.sealer.seal(key),
            enrolled_at=utc_text(now),
        )
        add_agent(connection, row)
        append_trail(connection, at=utc_text(now), act="agent.enrolled", subject=agent)
    return Enrolled(agent, key)


def revoke(store: Store, agent: str, *, now: datetime) -> None:
    """Take an agent's right to send away. Raises `AuditorError` when it has none."""
    with store.begin() as connection:
        if not revoke_agent(connection, agent, at=utc_text(now)):
            raise AuditorError(f"agent {agent}: {both('没有这个已登记的采集端', 'expected one that is enrolled')}")
        append_trail(connection, at=utc_text(now), act="agent.revoked", subject=agent)


def authenticate(
    store: Store,
    headers: Mapping[str, str],
    *,
    method: str,
    path: str,
    body: bytes,
    now: datetime,
    window_seconds: int = 900,
) -> AgentRow:
    """Return the agent that signed the request. Header names are compared without case. Raises `NotAuthentic`."""
    given = {name.lower(): value for name, value in headers.items()}
    agent_id, time, signature = (given.get(h.lower(), "") for h in (AGENT_HEADER, TIME_HEADER, SIGNATURE_HEADER))
    if not agent_id or not time or not signature:
        zh = f"应有请求头 {AGENT_HEADER}、{TIME_HEADER} 和 {SIGNATURE_HEADER}"
        en = f"expected the headers {AGENT_HEADER}, {TIME_HEADER} and {SIGNATURE_HEADER}"
        raise NotAuthentic(both(zh, en))
    agent = find_agent(asking(store), agent_id)
    if agent is None:
        raise NotAuthentic(f"agent: {both('采集端未在本核查端登记', 'expected one that is enrolled here')}")
    try:
        key = store.sealer.unseal_again(agent.sealed_key)
    except SealingFault as error:
        raise StoreError(f"agent {agent.id}: {error}") from error
    if not hmac.compare_digest(_signature(key, method, path, time, body).encode(), signature.encode("utf-8")):
        en = "expected one made with the agent's key over this very request"
        raise NotAuthentic(f"signature: {both('签名不符，应以采集端密钥对本次请求签名', en)}")
    if agent.revoked_at is not None:
        told = both(f"已于 {agent.revoked_at} 停用", f"was revoked at {agent.revoked_at}")
        raise NotAuthentic(f"agent {agent.id}: {told}")
    _check_time(time, now, window_seconds)
    return agent


def sign(key: bytes, *, agent: str, method: str, path: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers with which an agent signs one request."""
    time = str(int(now.timestamp()))
    return {AGENT_HEADER: agent, TIME_HEADER: time, SIGNATURE_HEADER: _signature(key, method, path, time, body)}


def _signature(key: bytes, method: str, path: str, time: str, body: bytes) -> str:
    signed = f"{method}\n{path}\n{time}\n{sha256_hex(body)}"
    return f"sha256={hmac.new(key, signed.encode('utf-8'), hashlib.sha256).hexdigest()}"


def _check_time(text: str, now: datetime, window_seconds: int) -> None:
    try:
        time = datetime.fromtimestamp(int(text), UTC) if text.isdecimal() else parse_utc(text)
    except (ValueError, OverflowError, OSError) as error:
        zh = f"应为自 1970 年起的秒数，实为 {text[:40]!r}"
        told = both(zh, f"expected seconds since 1970, got {text[:40]!r}")
        raise NotAuthentic(f"{TIME_HEADER}: {told}") from error
    if abs((now - time).total_seconds()) > window_seconds:
        here, there = utc_text(now), utc_text(time)
        zh = f"与核查端时间 {here} 应相差不超过 {window_seconds} 秒，实为 {there}，请校准本机时钟"
        en = f"expected a time within {window_seconds} seconds of {here}, the time here; got {there}"
        raise NotAuthentic(f"{TIME_HEADER}: {both(zh, en)}; set the machine's clock")


def _token_digest(token: str) -> str:
    return sha256_hex(token.strip().encode("utf-8"))
