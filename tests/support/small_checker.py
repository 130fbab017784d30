"""A checker of a few lines, on loopback: it verifies what an agent sends and answers as it is told."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Any, Callable

KEY = bytes(range(32))
AGENT_ID = "agent-0001"


class SmallChecker:
    """Serves until the `with` block ends. `replies` are given first, in order; then every document is taken."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, dict[str, str], bytes]] = []
        self.taken: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.tokens = {"one-time"}
        self.server = HTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]

    def __enter__(self) -> SmallChecker:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for one request."""
        self.requests.append((method, path, headers, body))
        if method == "GET" and path == "/healthz":
            return 200, {}, b"ok"
        if self.replies:
            return self.replies.pop(0)
        if path == "/api/v1/enrolments":
            return self.enrol(json.loads(body.decode("utf-8")))
        if path == "/api/v1/inventories":
            return self.take(headers, body)
        return 404, {}, b"no such page"

    def enrol(self, asked: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        """Take a token once."""
        if asked["token"] not in self.tokens:
            return json_reply(403, {"error": "this token is not valid"})
        self.tokens.remove(asked["token"])
        return json_reply(200, {"agent_id": AGENT_ID, "key": base64.b64encode(KEY).decode("ascii")})

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Check the signature as the protocol has it, and acknowledge."""
        words = ["POST", "/api/v1/inventories", headers["x-zhengban-time"], hashlib.sha256(body).hexdigest()]
        signature = hmac.new(KEY, "\n".join(words).encode("ascii"), hashlib.sha256).hexdigest()
        if headers["x-zhengban-agent"] != AGENT_ID or headers["x-zhengban-signature"] != "sha256=" + signature:
            return json_reply(401, {"error": "the signature does not match"})
        document = gzip.decompress(body) if headers["content-encoding"] == "gzip" else body
        self.taken.append(json.loads(document.decode("utf-8")))
        digest = hashlib.sha256(document).hexdigest()
        return json_reply(200, {"receipt": "r-%d" % len(self.taken), "document": digest, "status": "new"})


def json_reply(status: int, fields: dict[str, Any], **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return a reply whose body is a JSON object; `Retry_After` names the header `Retry-After`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["Content-Type"] = "application/json"
    return status, named, json.dumps(fields).encode("utf-8")


def _handler(checker: SmallChecker) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.reply("POST")

        def do_GET(self) -> None:
            self.reply("GET")

        def reply(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, named, answer = checker.answer(method, self.path, headers, body)
            self.send_response(status)
            for name, value in named.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the test tells what went wrong."""

    return Handler
