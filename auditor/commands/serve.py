"""zhengban serve: receive the agents over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from auditor.commands.context import context_of, say
from auditor.errors import WrongUsage, both


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(help="接收采集端上报，默认只监听本机 / receive the agents; loopback only by default")(serve)


def serve(
    ctx: typer.Context,
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="HOST:PORT", help="监听地址 / address; port 0 takes a free one")
    ] = None,
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished."""
    from auditor.logs import begin_log
    from auditor.server.app import serve as serve_store

    context = context_of(ctx)
    settings = context.settings()
    begin_log(settings.text("log_format"))
    host, port = settings.text("listen_host"), settings.whole("listen_port")
    if listen is not None:
        host, port = _address(listen)
    serve_store(settings, host=host, port=port, ready=lambda serving: say(f"listening on {serving.url}"))


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535:
        raise WrongUsage(f"--listen {text}: {both('应为', 'expected')} HOST:PORT, 127.0.0.1:8765")
    return host.strip("[]"), int(port)
