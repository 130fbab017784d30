"""Connection: one HTTP request to the checker, bounded and verified.

By requests where it is installed, else by urllib of the standard library; tests hold both to the same behaviour: the
certificate is checked against the system's authorities (or `ca_file` alone), a redirect is an answer and no way, no
proxy is asked for this very host, and no answer is read beyond its bound.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Iterable, Mapping

from agent.settings import SettingsError
from agent.version import AGENT_NAME, AGENT_VERSION

if TYPE_CHECKING:
    import ssl

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
        url = checked_server(self.server, self.allow_plain_http) + path
        sent = dict(headers)
        sent.update({"User-Agent": "%s/%s" % (AGENT_NAME, AGENT_VERSION), "Accept-Encoding": "identity"})
        ask = _by_urllib if requests_version() is None else _by_requests
        try:
            return ask(self, url, body, sent)
        except (OSError, ValueError) as error:  # those of requests are OSErrors, urllib's are made ones
            raise Unreachable("%s: %s" % (self.server, getattr(error, "reason", None) or error or type(error).__name__))

    def proxies(self) -> dict[str, str] | None:
        """Return scheme → proxy; empty: none is asked, `None`: as the environment says."""
        if self.proxy.lower() == "none" or is_loopback(_host_of(self.server)):
            return {}
        return {"http": self.proxy, "https": self.proxy} if self.proxy else None

    def trust(self) -> ssl.SSLContext:
        """Return whom we trust: the system's authorities, or those of `ca_file` alone. Raises `SettingsError`."""
        import ssl

        try:
            return ssl.create_default_context(cafile=self.ca_file or None)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError("ca_file: %s: %s" % (self.ca_file, error))


def requests_version() -> str | None:
    """Return the version of requests that is used, `None` where it is not installed."""
    try:
        import requests
    except ImportError:
        return None
    return str(requests.__version__)


def _by_urllib(way: Connection, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """Ask with the standard library. Raises `OSError`, `ValueError`."""
    import http.client
    import urllib.error
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        """A redirected POST would become a GET: it is an answer, not a way."""

        def redirect_request(self, *args: Any, **more: Any) -> None:
            return None

    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(way.proxies()), urllib.request.HTTPSHandler(context=way.trust()), Stay()
    )
    request = urllib.request.Request(url, data=body, headers=dict(headers))
    try:
        try:
            reply = opener.open(request, timeout=way.timeout_seconds)
        except urllib.error.HTTPError as error:
            reply = error
        with reply:
            return _answer(reply.getcode(), reply.headers.items(), reply)
    except http.client.HTTPException as error:
        raise OSError(error or type(error).__name__)


def _by_requests(way: Connection, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
    """Ask with requests. Raises `OSError`, `ValueError`."""
    try:
        import requests
        import urllib3
    except ImportError as missing:
        raise OSError(missing)

    trust = way.trust()

    class Trusting(requests.adapters.HTTPAdapter):
        """Trusts whom we trust, and not the list of authorities that requests brings along."""

        def init_poolmanager(self, *args: Any, **more: Any) -> None:
            super().init_poolmanager(*args, ssl_context=trust, **more)

        def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
            return super().proxy_manager_for(proxy, ssl_context=trust, **more)

        def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
            conn.cert_reqs = "CERT_REQUIRED"

    with requests.Session() as session:
        session.mount("https://", Trusting())
        proxies = way.proxies()
        session.trust_env = proxies is None
        session.auth = _NoAuthority()
        try:
            reply = session.request(
                "GET" if body is None else "POST",
                url,
                data=body,
                headers=dict(headers),
                timeout=way.timeout_seconds,
                proxies=proxies,
                allow_redirects=False,
                stream=True,
            )
            with reply:
                return _answer(reply.status_code, reply.headers.items(), reply.raw)
        except urllib3.exceptions.HTTPError as error:
            raise OSError(error)


class _NoAuthority:
    """Keeps requests from looking for a password in a netrc file."""

    def __call__(self, request: Any) -> Any:
        return request


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


def _answer(status: int, headers: Iterable[tuple[str, str]], stream: Any) -> Answer:
    """Read an answer that is whole and not larger than `MAX_ANSWER_BYTES`. Raises `ValueError`, `OSError`."""
    named = {name.lower(): value for name, value in headers}
    body = stream.read(MAX_ANSWER_BYTES + 1)
    if len(body) > MAX_ANSWER_BYTES:
        raise ValueError("an answer of more than %d bytes" % MAX_ANSWER_BYTES)
    told = named.get("content-length", "")
    if told.isdecimal() and len(body) < int(told):
        raise ValueError("an answer of %s bytes that breaks off after %d" % (told, len(body)))
    return Answer(status=status, body=body, headers=named)
