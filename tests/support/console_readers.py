"""Readers of the console, each with an account and a session of its own, over a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from filled_store import Filled
from litestar.testing import TestClient

from auditor.accounts.managing import add_user
from auditor.accounts.sessions import OPEN, new_session
from auditor.accounts.signing_in import DIRECTORY
from auditor.server.app import make_app
from auditor.settings import Settings
from auditor.store.database import Store

Answer = Any


class Reader:
    """A browser without a screen: follows links, sends forms with what the page's own forms would say."""

    def __init__(self, client: TestClient[Any], csrf: str) -> None:
        self._client = client
        self._csrf = csrf

    def get(self, path: str, *, language: str = "zh_CN", follow: bool = True) -> Answer:
        """Return a page in a language."""
        self._client.cookies.set("zhengban_language", language)
        return self._client.get(path, follow_redirects=follow)

    def post(
        self, path: str, fields: Mapping[str, Any], *, files: Mapping[str, Any] | None = None, follow: bool = False
    ) -> Answer:
        """Send a form."""
        return self._client.post(path, data={"csrf": self._csrf, **fields}, files=files, follow_redirects=follow)


@contextmanager
def readers(
    filled: Filled | tuple[Store, Settings], *, roles: tuple[str, ...], units: tuple[str, ...], name: str = "读者"
) -> Iterator[Reader]:
    """Yield somebody who is signed in with roles, for the subtrees of some units."""
    store, settings = (filled.store, filled.settings) if isinstance(filled, Filled) else filled
    cookie, csrf = session_for(store, settings, roles=roles, units=units, name=name)
    with TestClient(make_app(settings, store)) as client:
        client.cookies.set("zhengban", cookie)
        yield Reader(client, csrf)


def session_for(
    store: Store, settings: Settings, *, roles: tuple[str, ...], units: tuple[str, ...], name: str = "读者"
) -> tuple[str, str]:
    """Make an account, sign it in, and return the session's cookie and what its forms have to say."""
    now = datetime.now(UTC)
    login = f"reader-{now.timestamp():.6f}"
    account = add_user(
        store, settings, login=login, name=name, roles=roles, units=units, source=DIRECTORY, now=now
    )  # of a directory: no password has to be hashed
    with store.begin() as connection:
        cookie, session = new_session(connection, account, OPEN, now)
    return cookie, session.csrf
