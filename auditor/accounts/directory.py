"""Directory: whether an LDAP server knows a login with this password. The only file that speaks LDAP.

The login is searched with the account of the settings, then its entry is bound with the password. Only TLS, a local
socket or loopback is used. An empty password is refused here: servers take it for an anonymous bind (RFC 4513 §5.1.2).
Rights come from the account here, never from the directory.
"""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from auditor.errors import AuditorError, Busy, both
from auditor.settings import Settings

if TYPE_CHECKING:
    from ldap3 import Connection, Server

_SECONDS = 10
_RETRY_SECONDS = 15


def directory_knows(settings: Settings, login: str, password: str) -> bool:
    """Return whether login and password are right. Raises `Busy` when the directory cannot be asked."""
    from ldap3 import Connection
    from ldap3.core.exceptions import LDAPException

    if not password or not login or "\x00" in password:
        return False
    try:
        with Connection(
            _server(settings),
            user=settings.text("directory_account") or None,
            password=_secret(settings),
            auto_bind=True,
            read_only=True,
            receive_timeout=_SECONDS,
        ) as asking:
            name = _name_of(asking, settings, login)
        if name is None:
            return False
        tried = Connection(_server(settings), user=name, password=password, receive_timeout=_SECONDS)
        try:
            return bool(tried.bind())
        finally:
            tried.unbind()
    except LDAPException as error:
        told = both("目录服务暂时无法访问", "the directory cannot be asked just now")
        raise Busy(f"{told}: {type(error).__name__}", _RETRY_SECONDS) from error


def _server(settings: Settings) -> Server:
    """Return the server of the settings. Raises `AuditorError` for one that would get passwords in the clear."""
    from ldap3 import Server, Tls

    address = settings.text("directory_url")
    parts = urlsplit(address)
    if parts.scheme not in ("ldap", "ldaps") or not parts.hostname:
        told = both("应为目录服务地址，如", "expected the address of a directory such as")
        raise AuditorError(f"directory_url: {told} ldaps://ldap.example.org")
    if parts.scheme == "ldap" and not _is_loopback(parts.hostname):
        told = both("目录服务须用 ldaps:// 加密访问", "expected ldaps://; passwords are not sent in the clear")
        raise AuditorError(f"directory_url: {told}")
    authorities = settings.text("directory_ca_file") or None
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=authorities) if parts.scheme == "ldaps" else None
    return Server(parts.hostname, port=parts.port, use_ssl=parts.scheme == "ldaps", tls=tls, connect_timeout=_SECONDS)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(settings: Settings) -> str | None:
    file = settings.text("directory_password_file")
    if not file:
        return None
    try:
        return Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        told = both("应为可读取的口令文件", "expected a file with the password")
        raise AuditorError(f"directory_password_file: {told}") from error


def _name_of(asking: Connection, settings: Settings, login: str) -> str | None:
    """Return the distinguished name of the one entry of a login; of several, none is meant."""
    from ldap3 import SUBTREE
    from ldap3.utils.conv import escape_filter_chars

    wanted = settings.text("directory_filter").replace("{login}", escape_filter_chars(login))
    asking.search(settings.text("directory_base"), wanted, search_scope=SUBTREE, attributes=["1.1"], size_limit=2)
    names = [entry["dn"] for entry in asking.response or () if entry["type"] == "searchResEntry"]
    return str(names[0]) if len(names) == 1 else None
