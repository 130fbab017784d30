"""The checker over HTTP: loopback by default, no page of the framework's own, no asset from elsewhere.

TLS by certificate files. Plain HTTP beyond loopback is refused unless `trusted_proxies` says who speaks HTTPS for us.
"""

from __future__ import annotations

import gc
import ipaddress
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from auditor.errors import AuditorError, WrongUsage, both
from auditor.release import release
from auditor.scheduling.jobs import Scheduler, check_schedule
from auditor.server.account_routes import ACCOUNT_ROUTES, SignInLimit
from auditor.server.agent_api import AGENT_ROUTES, Intake
from auditor.server.connections import bounded
from auditor.server.console_jobs import Jobs
from auditor.server.console_routes import CONSOLE_ROUTES
from auditor.server.console_state import Console
from auditor.server.faults import tell_bug, tell_fault
from auditor.server.foreign_agents import FOREIGN_ROUTES, ForeignEnds
from auditor.server.front import Front
from auditor.server.hand_in_api import HAND_IN_ROUTES, Tiers
from auditor.server.headers import header_writer
from auditor.server.health import HEALTH_ROUTES, Meter
from auditor.server.metering import metered
from auditor.server.page_faults import show_bug, show_fault, show_http_fault, tell_or_show_http_fault
from auditor.server.processes import Processes
from auditor.server.programmes import PROGRAMMES
from auditor.server.signin import Doorkeeper, MustSignIn, identify, to_sign_in, viewer
from auditor.server.user_routes import USER_ROUTES
from auditor.settings import Settings
from auditor.store.database import Store, open_settings_store

_GRACE_SECONDS = 20
_BACKLOG = 2048
_COLLECTIONS = (20_000, 20, 50)
_PAGE_BYTES = 64 * 1024
"""Of a form, where a route says no more."""


@dataclass(frozen=True)
class Serving:
    """A checker that accepts requests. `stop` lets the requests that run end, then ends the server."""

    host: str
    port: int
    stop: Callable[[], None]
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Address of the root, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def make_app(settings: Settings, store: Store) -> Litestar:
    """Return the application on an open store."""
    intake, tiers = Intake(settings, store), Tiers(settings, store)
    console, door, meter, ending = Console(settings, store), Doorkeeper(settings, store), Meter(), threading.Event()
    jobs = Jobs(console)
    pages = Router(
        path="/",
        route_handlers=[*CONSOLE_ROUTES, *ACCOUNT_ROUTES, *USER_ROUTES],
        guards=[identify],
        dependencies={"viewer": Provide(viewer)},
        request_max_body_size=_PAGE_BYTES,
        include_in_schema=False,
        exception_handlers={
            MustSignIn: to_sign_in, HTTPException: show_http_fault, AuditorError: show_fault, Exception: show_bug,
        },
    )  # fmt: skip
    programmes = Router(
        path="/",
        route_handlers=PROGRAMMES,
        guards=[identify],
        dependencies={"viewer": Provide(viewer)},
        request_max_body_size=_PAGE_BYTES,
    )
    return Litestar(
        route_handlers=[*HEALTH_ROUTES, *AGENT_ROUTES, *FOREIGN_ROUTES, *HAND_IN_ROUTES, pages, programmes],
        openapi_config=OpenAPIConfig(
            title="Zhengban", version=release(), path="/api/v1/openapi", render_plugins=[JsonRenderPlugin()]
        ),
        debug=False,
        request_max_body_size=None,  # each route reads its body within bounds of its own
        logging_config=None,
        state=State(
            {
                "intake": intake, "console": console, "console_jobs": jobs, "door": door,
                "foreign_ends": ForeignEnds(settings, store, intake), "tiers": tiers,
                "sign_in_limit": SignInLimit(), "meter": meter, "ending": ending,
            }
        ),
        middleware=[metered(meter)],
        before_send=[header_writer(is_secure=door.is_secure)],
        exception_handlers={HTTPException: tell_or_show_http_fault, AuditorError: tell_fault, Exception: tell_bug},
        on_shutdown=[ending.set, intake.close, tiers.close, jobs.close],
    )  # fmt: skip


def serve(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    ready: Callable[[Serving], None] | None = None,
) -> None:
    """Serve until SIGTERM, SIGINT or `Serving.stop`; `ready` is called when requests are accepted.

    Port 0 takes a free one. Raises `StoreError` for the store, `AuditorError` for an address in use.
    """
    host = host if host is not None else settings.text("listen_host")
    port = port if port is not None else settings.whole("listen_port")
    _check_plain(settings, host)
    check_schedule(settings)
    if settings.whole("serve_processes") > 1 and hasattr(os, "fork"):
        _serve_in_processes(settings, host, port, ready)
        return
    store = open_settings_store(settings)
    try:
        with _schedule(settings, store):
            _few_collections()
            _Server(_config(settings, make_app(settings, store), host, port), ready).run()
    except SystemExit as error:  # uvicorn's way to say that it cannot listen
        raise _no_address(host, port) from error
    finally:
        store.close()


def _serve_in_processes(settings: Settings, host: str, port: int, ready: Callable[[Serving], None] | None) -> None:
    open_settings_store(settings).close()  # brought up to date once, its faults told before anything listens
    try:
        bound = _reserved(host, port)
    except OSError as error:
        raise _no_address(host, port) from error
    here: tuple[str, int] = bound.getsockname()[:2]

    def work(tell: Callable[[], None]) -> None:
        store = open_settings_store(settings)
        own = _reserved(*here)
        own.listen(_BACKLOG)
        try:
            with _schedule(settings, store):
                _few_collections()
                _Server(_config(settings, make_app(settings, store), *here), lambda _serving: tell()).run(sockets=[own])
        finally:
            store.close()

    with bound:
        processes = Processes(settings.whole("serve_processes"), work)
        serving = Serving(here[0], here[1], processes.end, _scheme(settings))
        processes.run(lambda: ready(serving) if ready is not None else None)


def _few_collections() -> None:
    """Look for unreachable cycles seldom: documents make many objects and no cycles, what is loaded now stays."""
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)


def _reserved(host: str, port: int) -> socket.socket:
    """Return a socket on an address that others of this user may have as well: the kernel shares connections out."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((host, port))
    return made


def _no_address(host: str, port: int) -> AuditorError:
    told = both("监听地址应可用，可能已被占用", "expected an address that is free to listen on")
    return AuditorError(f"{host}:{port}: {told}")


@contextmanager
def _schedule(settings: Settings, store: Store) -> Iterator[None]:
    """Look for due jobs while the server runs; the one that runs at the end is let end."""
    scheduler = Scheduler(store, settings)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.stop()


def _scheme(settings: Settings) -> str:
    return "https" if settings.text("tls_cert") else "http"


def _check_plain(settings: Settings, host: str) -> None:
    """Raises `WrongUsage` for half a certificate, and for plain HTTP that other hosts could reach."""
    if bool(settings.text("tls_cert")) != bool(settings.text("tls_key")):
        told = both("应同时填写证书和私钥文件", "expected both files, or none")
        raise WrongUsage(f"tls_cert, tls_key: {told}")
    if settings.text("tls_client_ca") and not settings.text("tls_cert"):
        told = both("须同时设置 tls_cert 和 tls_key", "expected tls_cert and tls_key as well")
        raise WrongUsage(f"tls_client_ca: {told}")
    for name in ("tls_cert", "tls_key", "tls_client_ca"):
        file = settings.text(name)
        if file and not os.access(file, os.R_OK):
            raise WrongUsage(f"{name}: {file}: {both('应为可读取的文件', 'expected a file that can be read')}")
    if settings.text("tls_cert") or settings.text("trusted_proxies") or _is_loopback(host):
        return
    zh = "在本机以外监听须设置 tls_cert 和 tls_key，或以 trusted_proxies 指明提供 HTTPS 的反向代理"
    en = "beyond loopback set tls_cert and tls_key, or name in trusted_proxies the reverse proxy that speaks HTTPS"
    raise WrongUsage(f"{host}: {both(zh, en)}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _config(settings: Settings, app: Litestar, host: str, port: int) -> uvicorn.Config:
    proxies = [each.strip() for each in settings.text("trusted_proxies").split(",") if each.strip()]
    return uvicorn.Config(
        Front(app),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        ssl_certfile=settings.text("tls_cert") or None,
        ssl_keyfile=settings.text("tls_key") or None,
        ssl_ca_certs=settings.text("tls_client_ca") or None,
        ssl_cert_reqs=ssl.CERT_OPTIONAL if settings.text("tls_client_ca") else ssl.CERT_NONE,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        http=bounded(settings.whole("intake_body_seconds")),
        loop="asyncio",
    )


class _Server(uvicorn.Server):
    """Uvicorn that says when and where it listens, and ends quietly on a signal."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[Serving], None] | None) -> None:
        super().__init__(config)
        self._when_ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then call `ready`."""
        await super().startup(sockets)
        if self.started and self._when_ready is not None:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            scheme = "https" if self.config.is_ssl else "http"
            self._when_ready(Serving(host, port, self._stop, scheme))

    def _stop(self) -> None:
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as the wish to end in order; uvicorn would raise them again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {sig: signal.signal(sig, self.handle_exit) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)
