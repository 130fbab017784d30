"""Connection: one HTTP request to the checker, bounded and verified.

urllib of the standard library alone: two small requests a day need no session, no pool and no second
behaviour that depends on what happens to be installed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Mapping

from agent.settings import SettingsError
from agent.version import AGENT_NAME, AGENT_VERSION

if TYPE_CHECKING:
    import urllib.request

MAX_ANSWER_BYTES = 1 << 20


class Unreachable(Exception):
    """No answer, or none of a checker: no route, a broken certificate, a time-out, a page of something else."""


@dataclass(frozen=True)
class Answer:
    """What the checker said."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""

    def fields(self) -> dict[str, Any]:
        """Return the JSON object of the body, empty when there is none."""
        try:
            value = json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class Connection:
    """Where the checker is and how to get there."""

    server: str
    ca_file: str = ""
    proxy: str = ""
    allow_plain_http: bool = False
    timeout_seconds: float = 30.0

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body` and return the answer, whatever its status. Raises `Unreachable` and `SettingsError`."""
        return self._ask(path, body, headers)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a page. Raises `Unreachable` and `SettingsError`."""
        return self._ask(path, None, headers or {})

    def _ask(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        import http.client
        import urllib.error
        import urllib.request

        url = checked_server(self.server, self.allow_plain_http) + path
        sent = dict(headers)
        sent["User-Agent"] = "%s/%s" % (AGENT_NAME, AGENT_VERSION)
        request = urllib.request.Request(url, data=body, headers=sent)
        try:
            try:
                answer = self._opener().open(request, timeout=self.timeout_seconds)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                return _answer(answer)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unreachable("%s: %s" % (self.server, getattr(error, "reason", None) or error or type(error).__name__))

    def _opener(self) -> urllib.request.OpenerDirector:
        """Return an opener that verifies, that follows no redirect, and that asks no proxy for this very host."""
        import ssl
        import urllib.request

        class Stay(urllib.request.HTTPRedirectHandler):
            """A redirected POST would become a GET: it is an answer, not a way."""

            def redirect_request(self, *args: Any, **more: Any) -> None:
                return None

        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError("ca_file: %s: %s" % (self.ca_file, error))
        handlers = [urllib.request.HTTPSHandler(context=context), Stay()]
        if self.proxy.lower() == "none" or is_loopback(_host_of(self.server)):
            return urllib.request.build_opener(urllib.request.ProxyHandler({}), *handlers)
        if self.proxy:
            ways = {"http": self.proxy, "https": self.proxy}
            return urllib.request.build_opener(urllib.request.ProxyHandler(ways), *handlers)
        return urllib.request.build_opener(*handlers)


def checked_server(server: str, allow_plain_http: bool) -> str:
    """Return the address without a slash at its end. Raises `SettingsError` when we would not send there."""
    address = server.strip().rstrip("/")
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in ("https", "http") or not rest or "@" in rest or not _host_of(address):
        raise SettingsError("server: expected https://host:port, got %r" % server)
    if scheme.lower() == "http" and not allow_plain_http and not is_loopback(_host_of(address)):
        raise SettingsError("server: %s is not encrypted; use https, or set allow_plain_http to yes" % address)
    return address


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is this machine itself."""
    import ipaddress

    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_of(server: str) -> str:
    """Return the host of an address, empty when it has none."""
    from urllib.parse import urlsplit

    try:
        return urlsplit(server.strip()).hostname or ""
    except ValueError:
        return ""


def _answer(reply: Any) -> Answer:
    """Read an answer that is not larger than `MAX_ANSWER_BYTES`."""
    body = reply.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise ValueError("an answer of more than %d bytes" % MAX_ANSWER_BYTES)
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Answer(status=reply.getcode(), body=body, headers=headers)
