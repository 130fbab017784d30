"""What a scenario leaves out because there is no doubt: codes, products, release lines, the number of what is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]
_NAMING = ("entitlements", "sessions", "access", "measured", "free_list", "prices")


def filled(case: Row) -> dict[str, Any]:
    """Return the case with what goes without saying. The case itself is left as it is."""
    lines = {p.get("id"): {line.get("id") for line in p.get("lines", ())} for p in case.get("products", ())}
    told: dict[str, Any] = dict(case)
    for section in ("machines", "reports"):
        if section in case:
            told[section] = [_machine(n, row, lines) for n, row in enumerate(case[section], 1)]
    if "entitlements" in case:
        told["entitlements"] = [_entitlement(n, row, lines) for n, row in enumerate(case["entitlements"], 1)]
    if "products" not in case:
        told["products"] = [{"id": name} for name in _products(case)]
    return told


def _products(case: Row) -> list[str]:
    """Return every product that is named, where the file does not list them."""
    rows = [row for section in _NAMING for row in case.get(section, ())]
    rows += [
        item for section in ("machines", "reports") for m in case.get(section, ()) for item in m.get("installed", ())
    ]
    rows += [part for row in case.get("entitlements", ()) for part in row.get("suite", {}).get("parts", ())]
    return list(dict.fromkeys(row["product"] for row in rows if row.get("product")))


def _machine(number: int, row: Row, lines: Mapping[Any, set[Any]]) -> dict[str, Any]:
    told = {"code": f"M{number}", **row} if "source" not in row else dict(row)
    if "installed" in row:
        told["installed"] = [_with_line(item, lines) for item in row["installed"]]
    return told


def _entitlement(number: int, row: Row, lines: Mapping[Any, set[Any]]) -> dict[str, Any]:
    told = _with_line({"code": f"R{number}", **row}, lines)
    named = next((row[name] for name in ("serials", "people", "machines") if row.get(name)), None)
    if "quantity" not in row and named and not row.get("unlimited"):
        told["quantity"] = len(named)
    if row.get("metric") == "site" and "quantity" not in row:
        told.setdefault("unlimited", True)
    return told


def _with_line(row: Row, lines: Mapping[Any, set[Any]]) -> dict[str, Any]:
    """A version that is spelled as a release line of the product is that line."""
    told = dict(row)
    if told.get("line") is None and told.get("version") in lines.get(told.get("product"), ()):
        told["line"] = told["version"]
    return told
