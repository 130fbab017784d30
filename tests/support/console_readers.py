"""Readers of the console, each signed in, over a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from filled_store import Filled
from litestar.testing import TestClient
from signed_in import signed_in

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
    filled: Filled | tuple[Store, Settings], *, roles: tuple[str, ...], units: tuple[str, ...]
) -> Iterator[Reader]:
    """Yield somebody who is signed in with roles, for the subtrees of some units."""
    store, settings = (filled.store, filled.settings) if isinstance(filled, Filled) else filled
    with signed_in(store, settings, roles=roles, units=units) as browser:
        yield Reader(browser.client, browser.csrf)
