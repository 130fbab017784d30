"""The interface for programmes: described in OpenAPI 3.1, and whatever is asked of it, no answer of 5xx."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_once import place_store
from signed_in import Browser, browser, new_account

from auditor.accounts.managing import issue_api_token
from auditor.console.viewer import Act
from auditor.errors import WrongUsage
from auditor.server.app import serve
from auditor.settings import load_settings
from auditor.store.database import open_settings_store

STRANGE = ("x", "%00", "%ED%A0%80", "9" * 30, "-1", "0", "%3Cscript%3E", "%F0%9F%99%82")


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    settings = load_settings(flags={"database": place_store(tmp_path_factory.mktemp("api") / "a.db")})
    store = open_settings_store(settings)
    _login, id = new_account(store, settings, roles=["administrator"], units=["*"])
    _id, token = issue_api_token(store, settings, id, name="x", acts=list(Act), days=1, now=datetime.now(UTC))
    with browser(store, settings) as client:
        client.client.headers["Authorization"] = f"Bearer {token}"
        yield client
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("strange", STRANGE)
def test_nothing_that_is_asked_breaks_it(programme: Browser, strange: str) -> None:
    document = programme.get("/api/v1/openapi/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for name in set(re.findall(r"{(\w+)}", path)):
            path = path.replace("{%s}" % name, strange)  # noqa: PLW2901, UP031
        for method in methods:
            for query in ("", f"?after={strange}&limit={strange}&text={strange}"):
                for body in (b"", b"{", b'{"unit": "\\u0000", "uses": 1e99}', b"[" * 500, b'{"as_of": "2026-13-01"}'):
                    content = body if method == "post" else None
                    answer = programme.client.request(method.upper(), path + query, content=content)
                    assert answer.status_code < 500 or "/readyz" in path, (method, path, query, body)


def test_no_page_is_among_what_is_described(programme: Browser) -> None:
    paths = programme.get("/api/v1/openapi/openapi.json").json()["paths"]
    assert {"/api/v1/units", "/api/v1/licences", "/api/v1/audits"} <= set(paths)
    assert not {"/", "/sign-in", "/users"} & set(paths)


@pytest.mark.parametrize("flags", [{}, {"tls_cert": "/no/such/file"}, {"tls_cert": "/no/a", "tls_key": "/no/b"}])
def test_plain_http_beyond_loopback_is_refused(tmp_path: Path, flags: dict[str, str]) -> None:
    settings = load_settings(flags={"database": place_store(tmp_path / "a.db"), **flags})
    with pytest.raises(WrongUsage):
        serve(settings, host="0.0.0.0", port=0)
