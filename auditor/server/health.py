"""Health: is the process up, can it work, and how much has it done.

`/healthz` asks nobody; `/readyz` asks the store and says no while the process ends; `/metrics` writes the text
format of Prometheus. Metrics hold counts, never names. They are open on loopback; elsewhere they take the token of the
setting `metrics_token_file`, and without one they are not there.
"""

from __future__ import annotations

import hmac
import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from litestar import Request, Response, get

from auditor.errors import AuditorError, both
from auditor.release import release
from auditor.settings import Settings
from auditor.store.database import Store
from auditor.store.figures import store_figures

AnyRequest = Request[Any, Any, Any]
BUCKETS = (0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 30.0)
"""Upper bounds of the classes of durations, in seconds."""
TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
_KINDS = ("/api/v1/inventories", "/api/v1/enrolments", "/api/", "/static/")
"""Addresses are counted by kind: a path may hold an id."""


class Meter:
    """Counts the requests of one process: by kind and status, and how long they took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._within: Counter[tuple[str, float]] = Counter()
        self._seconds: dict[str, float] = {}
        self._began = time.time()

    def note(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answer."""
        kind = kind_of(path)
        method = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
        with self._lock:
            self._answers[method, kind, status] += 1
            self._seconds[kind] = self._seconds.get(kind, 0.0) + seconds
            for bound in BUCKETS:
                self._within[kind, bound] += seconds <= bound

    def lines(self) -> list[str]:
        """Return the counts in the text format."""
        with self._lock:
            answers, within, spent = dict(self._answers), dict(self._within), dict(self._seconds)
        told = _family("zhengban_requests_total", "counter", "Answers by method, kind of address and status")
        told += [
            _sample("zhengban_requests_total", {"method": method, "kind": kind, "status": str(status)}, number)
            for (method, kind, status), number in sorted(answers.items())
        ]
        told += _family("zhengban_request_seconds", "histogram", "How long answers took")
        for kind in sorted(spent):
            whole = sum(number for (_, each, _), number in answers.items() if each == kind)
            for bound in BUCKETS:
                told.append(
                    _sample("zhengban_request_seconds_bucket", {"kind": kind, "le": f"{bound:g}"}, within[kind, bound])
                )
            told.append(_sample("zhengban_request_seconds_bucket", {"kind": kind, "le": "+Inf"}, whole))
            told.append(_sample("zhengban_request_seconds_sum", {"kind": kind}, spent[kind]))
            told.append(_sample("zhengban_request_seconds_count", {"kind": kind}, whole))
        told += _family("zhengban_start_time_seconds", "gauge", "When the process began")
        told.append(_sample("zhengban_start_time_seconds", {}, self._began))
        return told


def kind_of(path: str) -> str:
    """Return the kind of an address."""
    return next((kind for kind in _KINDS if path.startswith(kind)), "page")


def metrics_text(lines: Iterable[str], figures: Mapping[str, int]) -> str:
    """Return the whole page: the process's own lines, then what the store holds."""
    told = list(lines)
    for name, number in figures.items():
        told += [*_family(f"zhengban_{name}", "gauge", name.replace("_", " ")), _sample(f"zhengban_{name}", {}, number)]
    told += _family("zhengban_build_info", "gauge", "The release")
    told.append(_sample("zhengban_build_info", {"release": release()}, 1))
    return "\n".join(told) + "\n"


@get("/healthz", sync_to_thread=False)
def healthz() -> dict[str, str]:
    """Say that the process is up and which release it is."""
    return {"status": "ok", "release": release()}


@get("/readyz", sync_to_thread=True)
def readyz(request: AnyRequest) -> Response[dict[str, str]]:
    """Say whether the store can be read and this process takes work: 200 or 503."""
    store: Store = request.app.state.door.store
    if request.app.state.ending.is_set():
        return Response({"status": "ending"}, status_code=503)
    try:
        with store.read() as connection:
            store_figures(connection, quick=True)
    except AuditorError:
        return Response({"status": "store"}, status_code=503)
    except Exception:  # whatever the driver raises for a store that is gone
        return Response({"status": "store"}, status_code=503)
    return Response({"status": "ready"})


@get("/metrics", sync_to_thread=True)
def metrics(request: AnyRequest) -> Response[str]:
    """Write the metrics; 404 for whoever may not read them."""
    settings: Settings = request.app.state.door.settings
    if not _may_measure(request, settings):
        return Response("not found\n", status_code=404, media_type="text/plain")
    store: Store = request.app.state.door.store
    with store.read() as connection:
        figures = store_figures(connection)
    figures = {**figures, "intake_waiting": request.app.state.intake.waiting}
    text = metrics_text(request.app.state.meter.lines(), figures)
    return Response(text, headers={"Content-Type": TEXT_FORMAT}, media_type="text/plain")


HEALTH_ROUTES = (healthz, readyz, metrics)


def _may_measure(request: AnyRequest, settings: Settings) -> bool:
    file = settings.text("metrics_token_file")
    if not file:
        return _is_loopback(request.client.host if request.client else "")
    try:
        token = Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        told = both("应为可读取的令牌文件", "expected a file with a token")
        raise AuditorError(f"metrics_token_file: {told}") from error
    given = request.headers.get("authorization", "")
    return bool(token) and hmac.compare_digest(f"Bearer {token}".encode(), given.encode("utf-8", "replace"))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _family(name: str, kind: str, help: str) -> list[str]:
    return [f"# HELP {name} {help}", f"# TYPE {name} {kind}"]


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return (
        f"{name}{{{told}}} {value:g}"
        if told and isinstance(value, float)
        else f"{name}{f'{{{told}}}' if told else ''} {value}"
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
