"""Syslog: entries of the trail as messages of RFC 5424, by UDP (RFC 5426) or TCP with counted octets (RFC 6587)."""

from __future__ import annotations

import re
import socket
from urllib.parse import urlsplit

from auditor.errors import AuditorError, both
from auditor.store.trail import TrailEntry

_FACILITY_LOG_AUDIT, _NOTICE = 13, 5
_SECONDS = 10
_PORTS = {"udp": 514, "tcp": 601}


def message_of(entry: TrailEntry, host: str) -> bytes:
    """Return the message of an entry: its number, account and link as structured data, then act and subject."""
    facts = {"no": str(entry.id), "account": entry.account or "-", "link": entry.link}
    data = " ".join(f'{name}="{_escaped(value)}"' for name, value in facts.items())
    name = re.sub(r"[^!-~]", "_", host)[:255] or "-"
    head = f"<{_FACILITY_LOG_AUDIT * 8 + _NOTICE}>1 {entry.at} {name} zhengban - trail"
    text = re.sub(r"[\x00-\x1f\x7f]", " ", f"{entry.act} {entry.subject}")
    return f"{head} [trail@32473 {data}] \ufeff{text}".encode("utf-8", "replace")


def _escaped(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", value)


class SyslogSender:
    """Sends to the host of a setting. Raises `AuditorError` when it is no address or cannot be reached."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname:
            told = both("应为 syslog 地址，如", "expected the address of a syslog such as")
            raise AuditorError(f"syslog: {told} udp://192.0.2.1:514")
        self._address = address
        self._counted = parts.scheme == "tcp"
        self._host = socket.gethostname()
        try:
            target = (parts.hostname, parts.port or _PORTS[parts.scheme])
            if self._counted:
                self._socket = socket.create_connection(target, timeout=_SECONDS)
            else:
                family, kind, _protocol, _name, where = socket.getaddrinfo(*target, type=socket.SOCK_DGRAM)[0]
                self._socket = socket.socket(family, kind)
                self._socket.connect(where)
        except OSError as error:
            raise self._fault(error) from error

    def send(self, entry: TrailEntry) -> None:
        """Send one entry."""
        message = message_of(entry, self._host)
        try:
            self._socket.sendall(b"%d %b" % (len(message), message) if self._counted else message)
        except OSError as error:
            raise self._fault(error) from error

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _fault(self, error: OSError) -> AuditorError:
        return AuditorError(
            f"{self._address}: {both('syslog 无法送达', 'the syslog cannot be reached')}: {error.strerror}"
        )
