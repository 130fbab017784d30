"""Export files: what an agent of a closed network wrote for a medium → its documents, once it is known to be genuine.

The format is told in `agent/export.py`: a line that names it, a line of JSON (the header), a signature with the key of
the agent's enrolment over both and over what follows, then the packed documents, sealed or not. A file that was
changed, cut off, made elsewhere or taken before is refused, and the reason says which.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from auditor.core.days import utc_text
from auditor.errors import NotAuthentic, Refused, StoreError, both
from auditor.intake.arrival import BY_AGENT, Receipt
from auditor.intake.receiving import receive
from auditor.proof.digest import sha256_hex
from auditor.proof.sealing import SealingFault, open_bound
from auditor.settings import Settings
from auditor.store.agents import AgentRow, find_agent
from auditor.store.bulk import bulk
from auditor.store.database import Store
from auditor.store.exports import add_taken_export, export_taken_at
from auditor.store.trail import append_trail

MAGIC = b"ZHENGBAN-EXPORT 1\n"
ENDING = ".zbx"
MAX_BYTES = 1 << 30
_MAX_HEADER_BYTES = 1 << 20
_MAX_DOCUMENTS = 10_000
_SEAL, _SEAL_BYTES = "aes-256-gcm", 28
_FOR_SEALING = b"zhengban export seal"
_WHERE = "export"


class Member(msgspec.Struct, forbid_unknown_fields=False):
    """One document of an export."""

    bytes: int
    sha256: str


class Header(msgspec.Struct, forbid_unknown_fields=False):
    """What an export says of itself."""

    agent_id: str
    alg: str
    created_at: str
    documents: list[Member]
    export_id: str
    seal: str


@dataclass(frozen=True)
class Export:
    """A genuine export: who signed it, its id, and its documents, packed, oldest first."""

    agent: AgentRow
    id: str
    documents: tuple[bytes, ...]


def is_export(data: bytes) -> bool:
    """Tell whether a file is an export of an agent."""
    return data.startswith(MAGIC[:16])


def open_export(store: Store, data: bytes) -> Export:
    """Return what the file holds. Raises `NotAuthentic` for who made it, `Refused` for what it is."""
    header, head, signature, rest = _parts(data)
    with store.read() as connection:
        agent = find_agent(bulk(connection), header.agent_id)
        taken_at = export_taken_at(connection, header.export_id)
    if agent is None:
        zh, en = f"采集端 {header.agent_id} 未在本核查端登记", f"agent {header.agent_id} is not enrolled here"
        raise NotAuthentic(f"{_WHERE}: {both(zh, en)}")
    key = _key_of(store, agent)
    told = head + sha256_hex(rest).encode("ascii")
    if not hmac.compare_digest(b"sha256=" + hmac.new(key, told, hashlib.sha256).hexdigest().encode(), signature):
        en = "the signature is not that of the agent's key over this file: it was changed, or made by somebody else"
        raise NotAuthentic(f"{_WHERE}: {both('签名与采集端密钥不符：文件被改动，或由他人制作', en)}")
    if agent.revoked_at is not None:
        told_when = both(f"采集端已于 {agent.revoked_at} 停用", f"the agent was revoked at {agent.revoked_at}")
        raise NotAuthentic(f"{_WHERE}: {told_when}")
    if taken_at is not None:
        raise Refused(_WHERE, both(f"该文件已于 {taken_at} 导入过", f"this file was taken before, at {taken_at}"))
    return Export(agent, header.export_id, tuple(_documents(header, _unsealed(header, key, head, rest))))


def take_export(store: Store, data: bytes, *, now: datetime, settings: Settings) -> list[Receipt | Refused]:
    """Take every document of an export and return what became of each.

    The file counts as taken when none was refused; until then it may be offered again: a document is kept once.
    Raises `NotAuthentic`, `Refused` for the file as a whole.
    """
    export = open_export(store, data)
    outcomes: list[Receipt | Refused] = []
    for document in export.documents:
        try:
            outcomes.append(
                receive(
                    store,
                    document,
                    encoding="gzip",
                    origin=BY_AGENT,
                    agent=export.agent.id,
                    unit=export.agent.unit,
                    now=now,
                    settings=settings,
                )
            )
        except Refused as refusal:
            outcomes.append(refusal)
    if not any(isinstance(outcome, Refused) for outcome in outcomes):
        with store.begin() as connection:
            count = len(outcomes)
            add_taken_export(connection, export.id, agent=export.agent.id, at=utc_text(now), documents=count)
            append_trail(connection, at=utc_text(now), act="export.taken", subject=export.id)
    return outcomes


def _parts(data: bytes) -> tuple[Header, bytes, bytes, bytes]:
    """Return header, the signed head, the signature and the rest. Raises `Refused`."""
    if not data.startswith(MAGIC):
        expected = MAGIC.decode().strip()
        raise Refused(_WHERE, both(f"首行应为 {expected}", f"expected the first line {expected}"))
    line_end = data.find(b"\n", len(MAGIC), len(MAGIC) + _MAX_HEADER_BYTES) + 1
    signature_end = data.find(b"\n", line_end, line_end + 200) + 1 if line_end else 0
    if not signature_end:
        raise Refused(_WHERE, both("文件不完整：没有签名", "the file breaks off before its signature"))
    try:
        header = msgspec.json.decode(data[len(MAGIC) : line_end], type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(_WHERE, both(f"文件头无法读取：{error}", f"the header cannot be read: {error}")) from error
    if header.alg != "hmac-sha256" or header.seal not in ("none", _SEAL) or len(header.documents) > _MAX_DOCUMENTS:
        words = f"{header.alg[:40]}, {header.seal[:40]}, {len(header.documents)}"
        raise Refused(_WHERE, both(f"本版本不认识的写法：{words}", f"not written as this release knows it: {words}"))
    rest = data[signature_end:]
    expected_bytes = sum(member.bytes for member in header.documents) + (_SEAL_BYTES if header.seal == _SEAL else 0)
    if len(rest) != expected_bytes:
        zh = f"文件不完整：应有 {expected_bytes} 字节内容，实有 {len(rest)}"
        raise Refused(_WHERE, both(zh, f"expected {expected_bytes} bytes after the signature, got {len(rest)}"))
    return header, data[:line_end], data[line_end : signature_end - 1], rest


def _key_of(store: Store, agent: AgentRow) -> bytes:
    try:
        return store.sealer.unseal(agent.sealed_key)
    except SealingFault as error:
        raise StoreError(f"agent {agent.id}: {error}") from error


def _unsealed(header: Header, key: bytes, head: bytes, rest: bytes) -> bytes:
    if header.seal != _SEAL:
        return rest
    try:
        return open_bound(hmac.new(key, _FOR_SEALING, hashlib.sha256).digest(), rest, head)
    except SealingFault as error:
        raise Refused(_WHERE, str(error)) from error


def _documents(header: Header, rest: bytes) -> Iterator[bytes]:
    """Yield the documents, each with the digest that the header says. Raises `Refused`."""
    begin = 0
    for number, member in enumerate(header.documents):
        document = rest[begin : begin + member.bytes]
        begin += member.bytes
        if member.bytes < 0 or sha256_hex(document) != member.sha256:
            raise Refused(f"{_WHERE}.documents[{number}]", both("摘要不符", "its digest is not the one in the header"))
        yield document
