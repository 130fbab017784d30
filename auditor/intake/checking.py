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
from operator import attrgetter
from typing import Any

import msgspec

from agent.inventory.coverage import Outcome
from agent.inventory.document import CONTRACT_MAJOR, SECTIONS, Inventory
from auditor.core.days import parse_utc
from auditor.errors import Refused
from auditor.intake.nesting import is_nested_deeper
from auditor.intake.outline import content_digest_of
from auditor.intake.readable import readable
from auditor.intake.unpacking import Bounds
from auditor.proof.digest import sha256_hex
from auditor.proof.masking import cut_product_keys, may_hold_product_key

_DECODER = msgspec.json.Decoder(Inventory)
_SCOPE_OF, _NAME_OF = attrgetter("scope"), attrgetter("name")
_CONTAINERS = (dict, list)
_FAMILIES = ("windows", "linux", "macos", "other")
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
    kept = _without_keys(msgspec.json.encode(plain))
    inventory = _decode(readable(kept), plain)
    _check_values(inventory, bounds)
    return Checked(kept, sha256_hex(kept), content_digest_of(kept), inventory)


def _without_keys(written: bytes) -> bytes:
    return cut_product_keys(written.decode("utf-8")).encode("utf-8") if may_hold_product_key(written) else written


def _parse(document: bytes, bounds: Bounds) -> dict[str, Any]:
    try:
        if b"\\u" in document and _HALF_PAIR.search(document):
            document = _mend_half_pairs(document)
        plain = msgspec.json.decode(document)
        is_deep = is_nested_deeper(document, bounds.max_depth)
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
    if first.keys() >= set(map(_SCOPE_OF, inventory.software)) and all(
        map(str.strip, map(_NAME_OF, inventory.software))
    ):
        return
    for index, software in enumerate(inventory.software):
        if not software.name.strip():
            raise Refused(f"software[{index}].name", "expected text that is not empty")
        if software.scope not in first:
            raise Refused(f"software[{index}].scope", f"expected a scope of coverage, got {_got(software.scope)}")
