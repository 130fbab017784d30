"""Enrolment: a one-time token in, the agent's id and key kept, signatures out."""

from __future__ import annotations

import binascii
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.state import AgentError, make_private_folder, write_durably
from agent.version import AGENT_VERSION

if TYPE_CHECKING:
    from agent.connection import Answer, Connection

FILE = "enrolment.json"
PATH = "/api/v1/enrolments"
KEY_BYTES = 32


class EnrolmentError(AgentError):
    """We are not enrolled, or cannot be: the message says what was expected."""


@dataclass(frozen=True)
class Enrolment:
    """Who we are for one checker."""

    agent_id: str
    key: bytes = field(repr=False)
    server: str
    """Empty for a machine of a closed network, which was enrolled by a file."""

    def headers(self, method: str, path: str, body: bytes, unix_seconds: int) -> dict[str, str]:
        """Return the headers that sign one request: id, time, and the HMAC over method, path, time and body."""
        import hashlib
        import hmac

        digest = hashlib.sha256(body).hexdigest()
        signed = "%s\n%s\n%d\n%s" % (method, path, unix_seconds, digest)
        signature = hmac.new(self.key, signed.encode("utf-8"), hashlib.sha256).hexdigest()
        return {
            "X-Zhengban-Agent": self.agent_id,
            "X-Zhengban-Time": str(unix_seconds),
            "X-Zhengban-Signature": "sha256=" + signature,
        }


def enrol(connection: Connection, token: str, name: str, state_folder: str) -> Enrolment:
    """Give the token to the checker, keep what it answers and return it.

    The token is used up when this returns. Raises `EnrolmentError` when the checker refuses it,
    `Unreachable` when it cannot be asked, `OSError` when the state folder cannot be written; that is
    tried before the token is sent, so that no token is lost for a full disk.
    """
    from agent.connection import checked_server

    make_private_folder(state_folder)
    write_durably(os.path.join(state_folder, ".writable"), b"")
    os.unlink(os.path.join(state_folder, ".writable"))
    body = json.dumps({"token": token, "name": name, "version": AGENT_VERSION}).encode("utf-8")
    answer = connection.post(PATH, body, {"Content-Type": "application/json"})
    enrolment = _enrolment(answer, checked_server(connection.server, connection.allow_plain_http))
    keep_enrolment(enrolment, state_folder)
    return enrolment


def keep_enrolment(enrolment: Enrolment, state_folder: str) -> None:
    """Write the enrolment, readable by its owner alone. Raises `OSError`."""
    key = binascii.b2a_base64(enrolment.key, newline=False).decode("ascii")
    kept = {"agent_id": enrolment.agent_id, "key": key, "server": enrolment.server}
    write_durably(os.path.join(state_folder, FILE), json.dumps(kept, sort_keys=True).encode("utf-8"))


def load_enrolment(state_folder: str) -> Enrolment | None:
    """Return the enrolment, `None` when there is none. Raises `EnrolmentError` when its file cannot be used."""
    path = os.path.join(state_folder, FILE)
    try:
        with open(path, "rb") as file:
            kept = json.loads(file.read(65_536).decode("utf-8"))
        return _of_file(kept)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EnrolmentError("%s: %s" % (path, error.strerror))
    except ValueError as error:
        raise EnrolmentError("%s: %s; enrol again" % (path, error))


def enrol_by_file(path: str, state_folder: str) -> Enrolment:
    """Keep the enrolment that the checker wrote for this machine (`zhengban agents offline`) and return it.

    Raises `EnrolmentError` when it is none, `OSError` when it cannot be read or kept.
    """
    try:
        with open(path, "rb") as file:
            enrolment = _of_file(json.loads(file.read(65_536).decode("utf-8-sig")))
    except ValueError as error:
        raise EnrolmentError("%s: %s" % (path, error))
    make_private_folder(state_folder)
    keep_enrolment(enrolment, state_folder)
    return enrolment


def _of_file(kept: object) -> Enrolment:
    """Return what a file says of us. Raises `ValueError`."""
    named = isinstance(kept, dict) and kept.get("server")
    return Enrolment(_text(kept, "agent_id"), _key(kept), _text(kept, "server") if named else "")


def _enrolment(answer: Answer, server: str) -> Enrolment:
    """Return what the checker gave us. Raises `EnrolmentError`, or `Unreachable` when it was no checker's answer."""
    from agent.connection import Unreachable

    fields = answer.fields()
    if answer.status in (200, 201):
        try:
            return Enrolment(_text(fields, "agent_id"), _key(fields), server)
        except ValueError as error:
            raise Unreachable("%s: the answer is not a checker's: %s" % (server, error))
    reason = fields.get("error")
    if 400 <= answer.status < 500 and isinstance(reason, str):
        raise EnrolmentError("%s: refused: %s" % (server, reason))
    raise Unreachable("%s: answered %d" % (server, answer.status))


def _text(fields: object, name: str) -> str:
    """Return one field that must be a text. Raises `ValueError`."""
    value = fields.get(name) if isinstance(fields, dict) else None
    if not isinstance(value, str) or not value or any(ord(letter) < 32 for letter in value):
        raise ValueError("%s: expected text" % name)
    return value


def _key(fields: object) -> bytes:
    """Return the key, which travels as base64. Raises `ValueError`."""
    try:
        key = binascii.a2b_base64(_text(fields, "key"))
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("key: expected %d bytes as base64" % KEY_BYTES)
    return key
