"""What the settings of one run come to: the agent's folder, its spool, its way to the checker."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from agent.state import default_state_folder
from agent.texts import say

if TYPE_CHECKING:
    from agent.connection import Connection
    from agent.spool import Spool


def state_folder(options: argparse.Namespace) -> str:
    """Return the agent's own folder."""
    return os.path.abspath(str(options.values["state_folder"]) or default_state_folder())


def spool_of(options: argparse.Namespace) -> Spool:
    """Return the spool with the bounds of the settings."""
    from agent.spool import Spool

    values = options.values
    documents, size = values["spool_max_documents"], values["spool_max_bytes"]
    return Spool(state_folder(options), max_documents=documents, max_bytes=size)


def connection_of(options: argparse.Namespace, server: str) -> Connection:
    """Return the way to the checker: the address of the settings, else the one that we enrolled with."""
    from agent.connection import Connection

    values = options.values
    return Connection(
        server=str(values["server"]) or server,
        ca_file=values["ca_file"],
        proxy=values["proxy"],
        allow_plain_http=values["allow_plain_http"],
        timeout_seconds=values["timeout_seconds"],
    )


def tell(options: argparse.Namespace, code: str, **facts: object) -> None:
    """Say one sentence to the person at the terminal; documents alone go to standard output."""
    print(say(options.language, code, **facts), file=sys.stderr)
