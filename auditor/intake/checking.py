"""Checking: a document's bytes → an `Inventory` of the contract, or a refusal with the path of the fault.

What is kept has every product key cut to its last five characters. Signs that no text should hold (control
characters, halves of surrogate pairs) do not make a document bad: they are kept as they were written, and
shown as U+FFFD wherever the checker works with them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from agent.inventory.coverage import Outcome
from agent.inventory.document import CONTRACT_MAJOR, SECTIONS, Inventory
from auditor.core.days import parse_utc
from auditor.errors import Refused
from auditor.intake.unpacking import Bounds
from auditor.proof.digest import sha256_hex
from auditor.proof.masking import cut_product_keys

_DECODER = msgspec.json.Decoder(Inventory)
_CONTAINERS = (dict, list)
_FAMILIES = ("windows", "linux", "macos", "other")
_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|[^u])|[\x7f-\x9f\ufffe\uffff]")
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_FAULT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>\$.*)`)?$", re.DOTALL)
_WRONG_TYPE = re.compile(r"^Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]+)`$")
_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}


@dataclass(frozen=True)
class Checked:
    """One document that was taken: what is kept, its digest, and what it says."""

    kept: bytes
    digest: str
    content_digest: str
    """Of everything but the moments, the durations and the running programs."""
    inventory: Inventory


def check(document: bytes, bounds: Bounds) -> Checked:
    """Redact, check and decode. Raises `Refused` whose path is that of the fault, such as `software[12].version`."""
    plain = _parse(document, bounds)
    _check_version(plain)
    written = msgspec.json.encode(plain)
    text = written.decode("utf-8")
    kept_text = cut_product_keys(text)
    kept = written if kept_text is text else kept_text.encode("utf-8")
    inventory = _decode(_readable(kept, kept_text), plain)
    _check_values(inventory, bounds)
    return Checked(kept, sha256_hex(kept), _content_digest(plain if kept is written else kept), inventory)


def _readable(kept: bytes, text: str) -> bytes:
    """Return what is kept with U+FFFD for signs that no text should hold; nearly always there is none."""
    if "\\" not in text and text.isprintable():
        return kept
    return _ESCAPE.sub(_shown, text).encode("utf-8")


def _parse(document: bytes, bounds: Bounds) -> dict[str, Any]:
    try:
        if _HALF_PAIR.search(document):
            document = _mend_half_pairs(document)
        plain = msgspec.json.decode(document)
        is_deep = is_deeper(plain, bounds.max_depth)
    except RecursionError as error:
        raise Refused("", f"expected at most {bounds.max_depth} levels of nesting, got more") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise Refused("", f"expected JSON in UTF-8, got {len(document)} bytes: {error}") from error
    if is_deep:
        raise Refused("", f"expected at most {bounds.max_depth} levels of nesting, got more")
    if not isinstance(plain, dict):
        raise Refused("", f"expected an object, got {_got(plain)}")
    return plain


def _mend_half_pairs(document: bytes) -> bytes:
    """Return the document with U+FFFD for each half of a surrogate pair that stands alone; whole pairs stay."""
    text = json.dumps(json.loads(document), ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")


def is_deeper(value: Any, most: int) -> bool:
    """Tell whether containers are nested more than `most` deep, level by level."""
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(most):
        inner = (each.values() if type(each) is dict else each for each in level)
        level = [item for items in inner for item in items if type(item) in _CONTAINERS]
        if not level:
            return False
    return bool(level)


def _check_version(plain: dict[str, Any]) -> None:
    contract = plain.get("contract")
    if not isinstance(contract, str) or not re.fullmatch(r"\d{1,4}\.\d{1,4}", contract):
        raise Refused("contract", f"expected a version such as {CONTRACT_MAJOR}.0, got {_got(contract)}")
    if int(contract.split(".")[0]) != CONTRACT_MAJOR:
        raise Refused("contract", f"expected version {CONTRACT_MAJOR}.x, got {contract}")


def _decode(text: bytes, plain: dict[str, Any]) -> Inventory:
    try:
        return _DECODER.decode(text)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise _refusal(str(error), plain) from error


def _refusal(message: str, plain: dict[str, Any]) -> Refused:
    """Turn the decoder's words into ours: `software[12].version`, `expected text, got 7`."""
    told = _FAULT.match(message)
    what, path = (told["what"], told["path"] or "$") if told else (message, "$")
    missing = _MISSING.match(what)
    if missing:
        return Refused(f"{path}.{missing['name']}".removeprefix("$").removeprefix("."), "expected a value, got none")
    got = _got(_value_at(plain, path))
    where = path.removeprefix("$").removeprefix(".")
    wrong = _WRONG_TYPE.match(what)
    if wrong:
        wanted = " or ".join(_WORDS.get(word, word) for word in wrong["wanted"].split(" | "))
        return Refused(where, f"expected {wanted}, got {got}")
    if what.startswith("Invalid enum value"):
        return Refused(where, f"expected one of {_one_of(Outcome)}, got {got}")
    return Refused(where, f"{what}, got {got}")


def _one_of(values: type[Enum]) -> str:
    return ", ".join(str(value.value) for value in values)


def _value_at(plain: Any, path: str) -> Any:
    for name, index in _PATH_STEP.findall(path):
        try:
            plain = plain[int(index)] if index else plain[name]
        except (KeyError, IndexError, TypeError):
            return None
    return plain


def _got(value: Any) -> str:
    """Return a value as JSON, cut to 40 characters; of a container only what it is."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None:
        return "nothing"
    text = cut_product_keys(msgspec.json.encode(value).decode("utf-8"))
    return text if len(text) <= 40 else f"{text[:39]}…"


def _check_values(inventory: Inventory, bounds: Bounds) -> None:
    records = len(inventory.coverage) + sum(len(getattr(inventory, name)) for name in SECTIONS.values())
    if records > bounds.max_records:
        raise Refused("", f"expected at most {bounds.max_records} records, got {records}")
    try:
        parse_utc(inventory.collected_at)
    except ValueError as error:
        got = _got(inventory.collected_at)
        raise Refused("collected_at", f"expected a moment such as 2026-03-01T08:00:00Z, got {got}") from error
    family = inventory.host.operating_system.family
    if family not in _FAMILIES:
        raise Refused("host.operating_system.family", f"expected one of {', '.join(_FAMILIES)}, got {_got(family)}")
    _check_scopes(inventory)


def _check_scopes(inventory: Inventory) -> None:
    first: dict[str, int] = {}
    for index, run in enumerate(inventory.coverage):
        if run.scope in first:
            where = f"coverage[{index}].scope"
            raise Refused(where, f"expected a scope of its own, {_got(run.scope)} stands in {first[run.scope]} as well")
        first[run.scope] = index
    for index, software in enumerate(inventory.software):
        if not software.name.strip():
            raise Refused(f"software[{index}].name", "expected text that is not empty")
        if software.scope not in first:
            raise Refused(f"software[{index}].scope", f"expected a scope of coverage, got {_got(software.scope)}")


def _content_digest(kept: bytes | dict[str, Any]) -> str:
    """Return the digest of what is kept without what runs on by itself; a parsed document is used up."""
    plain = msgspec.json.decode(kept) if isinstance(kept, bytes) else kept
    for name in ("collected_at", "programs"):
        plain.pop(name, None)
    for run in plain.get("coverage", ()):
        run.pop("took_ms", None)
        run.pop("read_at", None)
    for activation in plain.get("activations", ()):
        activation.pop("grace_minutes", None)  # it runs down by itself: time passing is no change
    return sha256_hex(msgspec.json.encode(plain, order="sorted"))


def _shown(found: re.Match[str]) -> str:
    r"""Return what stands for one escape: a blank for white space, U+FFFD for other control characters.

    The pattern takes escapes whole and in order, so `\\u0000` (a backslash, then letters) is left alone.
    """
    escape = found[0]
    if escape in (r"\n", r"\r", r"\t"):
        return " "
    if escape in (r"\b", r"\f") or (escape[:4] in (r"\u00",) and int(escape[2:], 16) < 0x20) or len(escape) == 1:
        return "\ufffd"
    return escape
