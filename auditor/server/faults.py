"""Faults as answers: a status, and one JSON object whose `error` says what was expected."""

from __future__ import annotations

import logging
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from auditor.errors import AuditorError, Busy, NotAuthentic, Refused, StoreError, TooLarge, TooSlow, both

log = logging.getLogger("zhengban.server")
_STORE_RETRY_SECONDS = 60
_FRAMEWORK = {400: "请求有误", 404: "没有这个地址", 405: "该地址不接受这种请求方法", 413: "请求过大"}
"""What the framework itself finds, by status."""


def tell_fault(_: Request[Any, Any, Any], fault: AuditorError) -> Response[dict[str, str]]:
    """Answer what whoever asked can put right, or should try again later."""
    match fault:
        case TooLarge():
            return _answer(413, str(fault))
        case TooSlow():
            return _answer(408, str(fault))
        case Refused():
            return _answer(400, str(fault))
        case NotAuthentic():
            return _answer(401, str(fault))
        case Busy():
            return _answer(503, str(fault), retry_after_seconds=fault.retry_after_seconds)
        case StoreError():
            log.error("store: %s", fault)
            told = both("数据库暂时无法读写", "the store cannot be read or written just now")
            return _answer(503, told, retry_after_seconds=_STORE_RETRY_SECONDS)
        case _:
            return _answer(400, str(fault))


def tell_http_fault(_: Request[Any, Any, Any], fault: HTTPException) -> Response[dict[str, str]]:
    """Answer what the framework found: no such path, no such method."""
    zh = _FRAMEWORK.get(fault.status_code, "请求不成立")
    is_ours = " / " in fault.detail  # said in both languages already
    answer = _answer(fault.status_code, fault.detail if is_ours else both(zh, fault.detail))
    answer.headers.update(fault.headers or {})
    return answer


def tell_bug(request: Request[Any, Any, Any], fault: Exception) -> Response[dict[str, str]]:
    """Log a bug with its traceback and answer 500."""
    log.error("%s %s failed", request.method, request.url.path, exc_info=fault)
    return _answer(500, both("内部错误，详见核查端日志", "internal error; the log of the checker has the traceback"))


def _answer(status: int, error: str, *, retry_after_seconds: int | None = None) -> Response[dict[str, str]]:
    headers = {"Retry-After": str(retry_after_seconds)} if retry_after_seconds is not None else None
    return Response({"error": error}, status_code=status, headers=headers)
