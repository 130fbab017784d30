"""Readers of the console, each signed in, over a store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from filled_store import Filled
from litestar.testing import TestClient

from auditor.accounts.managing import add_user
from auditor.server.app import make_app
from auditor.settings import Settings
from auditor.store.accounts import account_of_login
from auditor.store.database import Store

Answer = Any
PASSWORD = "Lang-und-geheim-2026!"


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
    filled: Filled | tuple[Store, Settings], *, roles: tuple[str, ...], units: tuple[str, ...]
) -> Iterator[Reader]:
    """Yield somebody who is signed in with roles, for the subtrees of some units."""
    store, settings = (filled.store, filled.settings) if isinstance(filled, Filled) else filled
    login = "-".join(("reader", *roles, *(unit.replace("*", "all") for unit in units)))
    with store.read() as connection:
        known = account_of_login(connection, login)
    if known is None:
        add_user(
            store,
            settings,
            login=login,
            name="读者",
            roles=roles,
            units=units,
            password=PASSWORD,
            now=datetime.now(UTC),
        )
    with TestClient(make_app(settings, store)) as client:
        answer = client.post("/sign-in", data={"login": login, "password": PASSWORD}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        said = re.search(r'name="csrf" value="([^"]+)"', client.get("/account").text)
        assert said is not None
        yield Reader(client, said.group(1))
