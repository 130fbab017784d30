"""Headings of the tables that every command prints of a licence position."""

from __future__ import annotations

POSITIONS = {
    "unit": "单位 unit",
    "product": "软件 product",
    "metric": "计量 metric",
    "raw": "安装 raw",
    "required": "应有 required",
    "covered": "已授权 covered",
    "to_order": "待补购 to order",
    "shortage": "不足 shortage",
    "owned": "持有 owned",
    "surplus": "闲置 surplus",
    "idle_reserve": "保留未用 idle",
}
"""One line a unit, product and metric."""
COPIES = {
    "machine": "计算机 machine",
    "product": "软件 product",
    "line": "版本 line",
    "code": "软件编号 code",
    "right": "授权 right",
    "reason": "依据 reason",
    "failing": "不满足 failing",
}
"""One line a copy: what it is, and why it is covered or not."""
VERDICT = {"verdict": "结论 verdict"}
