"""Somebody who signed in for real: an account is made, login and password are sent, the cookie kept."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from litestar.testing import TestClient

from auditor.accounts.managing import add_user
from auditor.core.days import utc_text
from auditor.server.app import make_app
from auditor.settings import Settings
from auditor.store.accounts import change_account, keep_password
from auditor.store.database import Store

PASSWORD = "Correct-Horse-42!"


class Browser:
    """A browser without a screen. `post` says what the page's own forms would say."""

    def __init__(self, client: TestClient[Any]) -> None:
        self.client = client
        self.csrf = ""

    def get(self, path: str, **more: Any) -> Any:
        """Ask for a page, following no redirect."""
        return self.client.get(path, follow_redirects=False, **more)

    def post(self, path: str, fields: dict[str, Any] | None = None, **more: Any) -> Any:
        """Send a form, following no redirect."""
        return self.client.post(path, data={"csrf": self.csrf, **(fields or {})}, follow_redirects=False, **more)

    def sign_in(self, login: str, password: str = PASSWORD) -> Any:
        """Send login and password, and learn the word that forms have to say."""
        answer = self.post("/sign-in", {"login": login, "password": password})
        self.learn(answer.headers.get("location", "/account"))
        return answer

    def learn(self, path: str) -> None:
        """Read the word of forms from a page."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(path).text)
        self.csrf = found[1] if found is not None else ""


@contextmanager
def browser(store: Store, settings: Settings) -> Iterator[Browser]:
    """Yield a browser before a checker, not signed in."""
    with TestClient(make_app(settings, store)) as client:
        yield Browser(client)


def new_account(
    store: Store, settings: Settings, *, roles: Sequence[str], units: Sequence[str] = (), login: str = "", **more: Any
) -> tuple[str, str]:
    """Make an account with `PASSWORD` and return its login and id. Its hash costs little: each bears its own cost."""
    login = login or f"user-{secrets.token_hex(4)}"
    now, must_change = datetime.now(UTC), more.pop("must_change", False)
    more = {"name": "读者", **more}
    id = add_user(store, settings, login=login, roles=roles, units=units, source="ldap", now=now, **more)
    with store.begin() as connection:
        at = utc_text(now)
        keep_password(connection, id, _cheap_hash(), at=at, must_change=must_change, kept=0)
        change_account(connection, id, source="local")
    return login, id


@cache
def _cheap_hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


@contextmanager
def signed_in(
    store: Store, settings: Settings, *, roles: Sequence[str], units: Sequence[str] = (), language: str = "zh_CN"
) -> Iterator[Browser]:
    """Yield a browser that is signed in with an account of these rights."""
    login, _id = new_account(store, settings, roles=roles, units=units, language=language)
    with browser(store, settings) as reader:
        reader.sign_in(login)
        reader.learn("/account")
        yield reader
