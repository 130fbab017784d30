"""The JSON Schemas that help an editor say the same as the loader."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from rules.indicator import Strength
from rules.metrics.roster import METRICS
from rules.product import COLLECTORS, COUNTED, PLATFORMS, Category, Kind, LicenceClass
from rules.product_file import GIVEN, MOST_ALIASES
from rules.product_rights import FurtherUse, LicenceSource, Proof
from rules.yaml_file import parse_yaml, plain_value

SAMPLE = Path(__file__).parent / "catalogue" / "products"


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((files("rules") / "data" / "schema" / f"{name}.schema.json").read_text("utf-8"))
    return read


def test_vocabularies_are_those_of_the_code() -> None:
    product = schema("product")["properties"]
    rule = product["recognise"]["items"]["properties"]

    assert product["kind"]["enum"] == list(Kind)
    assert product["category"]["enum"] == list(Category)
    assert product["licensing"]["properties"]["class"]["enum"] == list(LicenceClass)
    assert product["licensing"]["properties"]["metric"]["enum"] == [metric.id for metric in METRICS]
    assert product["licensing"]["if"]["properties"]["class"]["enum"] == sorted(COUNTED)
    assert product["aliases"]["maxItems"] == MOST_ALIASES
    assert rule["collector"]["oneOf"][0]["enum"] == list(COLLECTORS)
    assert rule["platform"]["oneOf"][0]["enum"] == list(PLATFORMS)
    assert list(rule["matches"]["items"]["oneOf"][1]["properties"]["gives"]["properties"]) == list(GIVEN)
    right = product["rights"]["items"]["properties"]
    assert product["evidence"]["oneOf"][0]["enum"] == list(Proof)
    assert right["use"]["enum"] == list(FurtherUse)
    assert right["sources"]["oneOf"][0]["enum"] == list(LicenceSource)
    assert schema("indicators")["items"]["properties"]["strength"]["enum"] == list(Strength)


@pytest.mark.parametrize("file", sorted(SAMPLE.glob("*/*.yaml")), ids=lambda file: file.stem)
def test_every_field_of_a_product_file_stands_in_the_schema(file: Path) -> None:
    unknown = list(fields_outside(schema("product"), plain_value(parse_yaml(file.read_bytes())), ""))
    assert unknown == []


def test_a_field_outside_the_schema_is_seen() -> None:
    document = {"id": "a/b", "recognise": [{"id": "x", "nome": "y"}]}
    assert list(fields_outside(schema("product"), document, "")) == ["/recognise/nome"]


def fields_outside(part: dict[str, Any], value: Any, path: str) -> list[str]:
    """Paths of the members that the schema does not know."""
    if isinstance(value, list):
        return [found for item in value for found in fields_outside(part.get("items", {}), item, path)]
    if not isinstance(value, dict):
        return []
    choices = [part, *part.get("oneOf", [])]
    known = next((choice["properties"] for choice in choices if "properties" in choice), None)
    if known is None:
        return []
    found = [f"{path}/{key}" for key in value if key not in known]
    return found + [
        deeper
        for key, item in value.items()
        if key in known
        for deeper in fields_outside(known[key], item, f"{path}/{key}")
    ]
