"""The published schema says what the classes say, and what the agent writes keeps to it."""

from __future__ import annotations

import dataclasses
import inspect
import json
from typing import Any

import msgspec
import pytest
from contract_schema import FOLDER, schema_file, schema_text
from recorded_machine import recorded_machine, scan_with

from agent.collectors.roster import collectors
from agent.inventory.document import CONTRACT_VERSION, Inventory, encode
from agent.machine.here import machine_here


def test_the_published_schema_is_that_of_the_classes() -> None:
    published = json.loads(schema_file().read_text(encoding="utf-8"), object_hook=_with_plain_description)
    assert published == json.loads(schema_text(), object_hook=_with_plain_description)


def _with_plain_description(thing: dict[str, Any]) -> dict[str, Any]:
    """Python 3.13 takes the indentation off docstrings, 3.11 leaves it."""
    told = thing.get("description")
    return {**thing, "description": inspect.cleandoc(told)} if isinstance(told, str) else thing


def test_every_version_that_was_published_is_still_there() -> None:
    major, minor = map(int, CONTRACT_VERSION.split("."))
    published = {path.name for path in FOLDER.glob("inventory-*.json")}
    assert {f"inventory-{major}.{number}.json" for number in range(minor + 1)} <= published


@pytest.mark.parametrize("machine", ["here", "debian-12"])
def test_what_a_scan_writes_decodes_to_the_same_value(machine: str) -> None:
    found = scan_with(machine_here() if machine == "here" else recorded_machine(machine), *collectors())
    document = encode(found)

    assert msgspec.json.decode(document, type=Inventory) == found
    assert encode(msgspec.json.decode(document, type=Inventory)) == document


def test_what_a_scan_writes_uses_only_fields_of_the_schema() -> None:
    schema = json.loads(schema_file().read_text(encoding="utf-8"))
    document = json.loads(encode(scan_with(recorded_machine("debian-12"), *collectors())))
    _check(document, schema, schema["$defs"], "")


def _check(value: Any, schema: dict[str, Any], classes: dict[str, Any], path: str) -> None:
    """Walk a document beside its schema: references, objects, arrays, choices and enumerations."""
    if "$ref" in schema:
        schema = classes[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
        schema = classes[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "enum" in schema:
        assert value in schema["enum"], path
    elif schema.get("type") == "object":
        assert set(schema.get("required", ())) <= set(value) <= set(schema["properties"]), path
        for name, item in value.items():
            _check(item, schema["properties"][name], classes, f"{path}.{name}")
    elif schema.get("type") == "array":
        for number, item in enumerate(value):
            _check(item, schema["items"], classes, f"{path}[{number}]")
    else:
        kinds: dict[str, type] = {"string": str, "integer": int, "boolean": bool}
        assert isinstance(value, kinds[schema["type"]]), path


def test_a_name_that_is_no_text_costs_its_letters_and_the_document_stays_utf8() -> None:
    inventory = scan_with(recorded_machine("debian-12"), *collectors())
    first, *rest = inventory.software
    whole = dataclasses.replace(inventory, software=(dataclasses.replace(first, name="正版\U0001f600"), *rest))
    broken = dataclasses.replace(inventory, software=(dataclasses.replace(first, name="正版\udcff"), *rest))
    assert json.loads(encode(whole).decode("utf-8"))["software"][0]["name"] == "正版\U0001f600"
    assert json.loads(encode(broken).decode("utf-8"))["software"][0]["name"] == "正版\ufffd\ufffd\ufffd"
