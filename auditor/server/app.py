"""The checker over HTTP: loopback by default, no page of the framework's own, no asset from elsewhere.

`/healthz` says that we are up. The rest is in the routers that `make_app` lists.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from litestar import Litestar, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException

from auditor.errors import AuditorError, both
from auditor.release import release
from auditor.server.agent_api import AGENT_ROUTES, Intake
from auditor.server.console_jobs import Jobs
from auditor.server.console_routes import CONSOLE_ROUTES
from auditor.server.console_state import Console
from auditor.server.faults import tell_bug, tell_fault, tell_http_fault
from auditor.server.headers import header_writer
from auditor.server.processes import Processes
from auditor.server.signin import Doorkeeper, MustSignIn, identify, to_sign_in, viewer
from auditor.settings import Settings
from auditor.store.database import Store, open_settings_store

_GRACE_SECONDS = 20
_BACKLOG = 2048


@dataclass(frozen=True)
class Serving:
    """A checker that accepts requests. `stop` lets the requests that run end, then ends the server."""

    host: str
    port: int
    stop: Callable[[], None]

    @property
    def url(self) -> str:
        """Address of the root, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@get("/healthz", sync_to_thread=False)
def healthz() -> dict[str, str]:
    """Say that the process is up and which release it is."""
    return {"status": "ok", "release": release()}


def make_app(settings: Settings, store: Store) -> Litestar:
    """Return the application on an open store."""
    intake = Intake(settings, store)
    door = Doorkeeper(settings, store)
    console = Console(settings, store)
    jobs = Jobs(console)
    pages = Router(
        path="/", route_handlers=[*CONSOLE_ROUTES], guards=[identify], dependencies={"viewer": Provide(viewer)}
    )
    return Litestar(
        route_handlers=[healthz, *AGENT_ROUTES, pages],
        openapi_config=None,
        debug=False,
        request_max_body_size=None,  # each route reads its body within bounds of its own
        logging_config=None,
        state=State({"intake": intake, "door": door, "console": console, "console_jobs": jobs}),
        exception_handlers={
            MustSignIn: to_sign_in,
            HTTPException: tell_http_fault,
            AuditorError: tell_fault,
            Exception: tell_bug,
        },
        before_send=[header_writer(is_secure=door.is_secure)],
        on_shutdown=[intake.close, jobs.close],
    )


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
    if settings.whole("serve_processes") > 1 and hasattr(os, "fork"):
        _serve_in_processes(settings, host, port, ready)
        return
    store = open_settings_store(settings)
    try:
        _Server(_config(make_app(settings, store), host, port), ready).run()
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
            _Server(_config(make_app(settings, store), *here), lambda _serving: tell()).run(sockets=[own])
        finally:
            store.close()

    with bound:
        processes = Processes(settings.whole("serve_processes"), work)
        serving = Serving(here[0], here[1], processes.end)
        processes.run(lambda: ready(serving) if ready is not None else None)


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


def _config(app: Litestar, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        h11_max_incomplete_event_size=65_536,
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
            self._when_ready(Serving(host, port, self._stop))

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
