"""Export: what waits in the spool → one signed file for a medium, where no network leads to the checker.

    ZHENGBAN-EXPORT 1                      the first line
    {"agent_id": …, "documents": […], …}   one line of JSON: the header
    sha256=…                               HMAC-SHA256 of our key over the two lines above and the SHA-256 of the rest
    …                                      the packed documents, one after the other; sealed when the header says so

The header names each document with its length and SHA-256, the whole export with an id of its own (so that a checker
takes it once) and how it is sealed: `none`, or `aes-256-gcm` with a key that both sides derive from the enrolment's.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import time
from binascii import hexlify
from typing import Sequence

from agent.configured import spool_of, state_folder, tell
from agent.enrolment import Enrolment, EnrolmentError, load_enrolment
from agent.machine.here import machine_here
from agent.spool import DamagedDocument, Spool, Waiting
from agent.state import AgentError, write_durably
from agent.texts import say
from agent.version import AGENT_VERSION

MAGIC = b"ZHENGBAN-EXPORT 1\n"
SEAL = "aes-256-gcm"
NONCE_BYTES = 12
_FOR_SEALING = b"zhengban export seal"


def export_command(options: argparse.Namespace) -> int:
    """Write the file; 0 as well when there was nothing to export, 3 when a document could not be read."""
    enrolment = load_enrolment(state_folder(options))
    if enrolment is None:
        raise EnrolmentError(say(options.language, "send.not_enrolled"))
    spool = spool_of(options)
    items = spool.waiting() + (spool.exported() if options.again else ())
    documents, damaged = _read_all(options, spool, items)
    if not documents:
        tell(options, "export.nothing")
        return 3 if damaged else 0
    seal = options.seal or bool(options.values["seal_exports"])
    name = machine_here().host_name() or ""
    data = packed_export([packed for _, packed in documents], enrolment, name=name, now=time.time(), seal=seal)
    write_durably(os.path.abspath(options.output), data)
    for item, _ in documents:
        spool.note_exported(item)
    how = say(options.language, "export.sealed" if seal else "export.open")
    tell(options, "export.done", count=len(documents), path=options.output, seal=how)
    return 3 if damaged else 0


def packed_export(
    documents: Sequence[bytes], enrolment: Enrolment, *, name: str, now: float, seal: bool = False
) -> bytes:
    """Return the bytes of the file for packed documents. Raises `AgentError` when it cannot be sealed."""
    rest = b"".join(documents)
    header = {
        "agent_id": enrolment.agent_id,
        "agent_version": AGENT_VERSION,
        "alg": "hmac-sha256",
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "documents": [{"bytes": len(each), "sha256": hashlib.sha256(each).hexdigest()} for each in documents],
        "export_id": hexlify(os.urandom(16)).decode("ascii"),
        "name": name,
        "seal": SEAL if seal else "none",
    }
    line = json.dumps(header, sort_keys=True, separators=(",", ":")).encode("ascii") + b"\n"
    if seal:
        rest = _sealed(rest, enrolment.key, MAGIC + line)
    return MAGIC + line + signature(enrolment.key, MAGIC + line, rest) + b"\n" + rest


def signature(key: bytes, head: bytes, rest: bytes) -> bytes:
    """Return the signature over the two lines of the head and what follows the third."""
    told = head + hashlib.sha256(rest).hexdigest().encode("ascii")
    return b"sha256=" + hmac.new(key, told, hashlib.sha256).hexdigest().encode("ascii")


def sealing_key(key: bytes) -> bytes:
    """Return the key that only encrypts, derived from the one that only signs."""
    return hmac.new(key, _FOR_SEALING, hashlib.sha256).digest()


def _sealed(plain: bytes, key: bytes, head: bytes) -> bytes:
    """Return the documents encrypted, bound to the head. Raises `AgentError` without the library."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        raise AgentError("--seal: expected the Python library cryptography (the extra `seal`), it is not installed")
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(sealing_key(key)).encrypt(nonce, plain, head)


def _read_all(
    options: argparse.Namespace, spool: Spool, items: Sequence[Waiting]
) -> tuple[list[tuple[Waiting, bytes]], int]:
    """Return the documents that can be read, oldest first, and how many cannot; those go where refused ones lie."""
    documents, damaged = [], 0
    for item in items:
        try:
            packed = spool.read(item)
        except DamagedDocument as damage:
            damaged += 1
            spool.refuse(item, str(damage))
            tell(options, "export.damaged", name=item.name, why=damage)
            continue
        if packed is not None:
            documents.append((item, packed))
    return sorted(documents, key=lambda pair: pair[0].name), damaged
