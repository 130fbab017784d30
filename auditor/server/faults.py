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
    status, error, again = answer_to_fault(fault)
    return _answer(status, error, retry_after_seconds=again)


def answer_to_fault(fault: AuditorError) -> tuple[int, str, int | None]:
    """Return the status, what is told, and after how many seconds to try again."""
    match fault:
        case TooLarge():
            return 413, str(fault), None
        case TooSlow():
            return 408, str(fault), None
        case Refused():
            return 400, str(fault), None
        case NotAuthentic():
            return 401, str(fault), None
        case Busy():
            return 503, str(fault), fault.retry_after_seconds
        case StoreError():
            log.error("store: %s", fault)
            told = both("数据库暂时无法读写", "the store cannot be read or written just now")
            return 503, told, _STORE_RETRY_SECONDS
        case _:
            return 400, str(fault), None


def tell_http_fault(_: Request[Any, Any, Any], fault: HTTPException) -> Response[dict[str, str]]:
    """Answer what the framework found: no such path, no such method."""
    zh = _FRAMEWORK.get(fault.status_code, "请求不成立")
    is_ours = " / " in fault.detail  # said in both languages already
    answer = _answer(fault.status_code, fault.detail if is_ours else both(zh, fault.detail))
    answer.headers.update(fault.headers or {})
    return answer


def tell_bug(request: Request[Any, Any, Any], fault: Exception) -> Response[dict[str, str]]:
    """Log a bug with its traceback and answer 500."""
    status, error, _ = answer_to_bug(request.method, request.url.path, fault)
    return _answer(status, error)


def answer_to_bug(method: str, path: str, fault: Exception) -> tuple[int, str, None]:
    """Log a bug with its traceback; return the status and what is told."""
    log.error("%s %s failed", method, path, exc_info=fault)
    return 500, both("内部错误，详见核查端日志", "internal error; the log of the checker has the traceback"), None


def _answer(status: int, error: str, *, retry_after_seconds: int | None = None) -> Response[dict[str, str]]:
    headers = {"Retry-After": str(retry_after_seconds)} if retry_after_seconds is not None else None
    return Response({"error": error}, status_code=status, headers=headers)
