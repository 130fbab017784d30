"""Names that a scenario uses and does not define: each is a fault with its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Told = Iterator[tuple[str, str]]


def unknown_names(file: Mapping[str, Any]) -> Told:
    """Yield (path, what) for every product, unit or code that is not defined, and for names defined twice."""
    products = {p.get("id") for p in file.get("products", ())}
    units = {u.get("code") for u in file.get("units", ())} or {"HQ"}
    codes = {e.get("code") for e in file.get("entitlements", ())}
    lines = {p.get("id"): {line.get("id") for line in p.get("lines", ())} for p in file.get("products", ())}
    yield from _twice(file)
    for path, name, value in _walk(file, ""):
        if name == "product" and value not in products:
            yield path, f"no such product {value!r}; the file defines: {_some(products)}"
        elif (name in ("unit", "to") or (name == "from" and "transfers" in path)) and value not in units:
            yield path, f"no such unit {value!r}; the file defines: {_some(units)}"
        elif name == "code" and path.startswith(("transfers", "disposals")) and value not in codes:
            yield path, f"no such row of entitlements {value!r}; the file defines: {_some(codes)}"
    for section in ("entitlements", "access"):
        for n, row in enumerate(file.get(section, ())):
            known = lines.get(row.get("product"))
            if known and row.get("line") is not None and row["line"] not in known:
                yield f"{section}[{n}].line", f"no such line {row['line']!r}; the product has: {_some(known)}"
    for n, machine in enumerate(file.get("machines", ())):
        for k, item in enumerate(machine.get("installed", ())):
            known = lines.get(item.get("product"))
            if known and item.get("line") is not None and item["line"] not in known:
                where = f"machines[{n}].installed[{k}].line"
                yield where, f"no such line {item['line']!r}; the product has: {_some(known)}"


def _twice(file: Mapping[str, Any]) -> Told:
    for section, name in (("products", "id"), ("machines", "code")):
        seen: set[object] = set()
        for n, row in enumerate(file.get(section, ())):
            if row.get(name) is not None and row.get(name) in seen:
                yield f"{section}[{n}].{name}", f"{row.get(name)!r} stands twice"
            seen.add(row.get(name))


def _walk(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """Yield path, name and value of every text in the file."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            where = f"{path}.{name}" if path else str(name)
            if isinstance(member, str):
                yield where, str(name), member
            else:
                yield from _walk(member, where)
    elif isinstance(value, list):
        for n, member in enumerate(value):
            yield from _walk(member, f"{path}[{n}]")


def _some(names: set[Any]) -> str:
    return ", ".join(sorted(str(name) for name in names)[:12]) or "nothing"
