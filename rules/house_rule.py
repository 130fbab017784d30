"""A rule of the house from a form: what somebody says of a program that the catalogue does not know → its files.

Scalars are written as JSON, which is YAML: nothing that a form says can become structure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping

from rules.overlay import LAYER
from rules.product import COUNTED, LicenceClass
from rules.source_files import SourceFile

MOST_EXAMPLES = 50
FIELDS = (
    "id", "zh", "en", "publisher", "kind", "category", "licence_class", "terms", "pattern", "matches", "rejects",
)  # fmt: skip
"""What a form says of a rule, each a text; `matches` and `rejects` one name a line."""


def house_files(said: Mapping[str, str], publishers: Collection[str], *, read_on: str) -> dict[str, str]:
    """Return the files of a rule by their path: the product, and its publisher when nobody knows it yet.

    `read_on`: the day on which the page of the terms was read. What does not hold is a fault of loading.
    """
    publisher, _, product = said["id"].partition("/")
    files = {f"products/{publisher}/{product}.yaml": product_yaml(said, read_on=read_on)}
    if publisher not in publishers:
        name = said["publisher"] or publisher
        spelled = {"id": publisher, "zh": name, "en": name, "spellings": [name]}
        files[f"publishers/{publisher}.yaml"] = f"- {_word(spelled)}\n"
    return files


def product_yaml(said: Mapping[str, str], *, read_on: str) -> str:
    """Return the product's file."""
    licence = said["licence_class"]
    lines = [
        f"id: {_word(said['id'])}",
        f"names: {{zh: {_word(said['zh'])}, en: {_word(said['en'])}}}",
        f"publisher: {_word(said['id'].partition('/')[0])}",
        f"kind: {_word(said['kind'])}",
        f"category: {_word(said['category'])}",
        "licensing:",
        f"  class: {_word(licence)}",
    ]
    if licence in {each.value for each in LicenceClass} and LicenceClass(licence) in COUNTED:
        lines.append("  metric: per_device")
    if said["terms"]:
        lines += [f"  terms: {_word(said['terms'])}", f"  terms_read_on: {read_on}"]
    else:
        lines.append("  unverified: true")
    lines += ["recognise:", "  - id: house", f"    name: {_word(said['pattern'])}"]
    for noun in ("matches", "rejects"):
        lines += [f"    {noun}:", *(f"      - {_word(name)}" for name in examples(said[noun]))]
    return "\n".join(lines) + "\n"


def examples(text: str) -> list[str]:
    """Return the names of a text, one a line."""
    names = [line.strip() for line in text.splitlines()]
    return [name for name in dict.fromkeys(names) if name][:MOST_EXAMPLES]


def layer_with(layer: Collection[SourceFile], files: Mapping[str, str]) -> tuple[SourceFile, ...]:
    """Return the layer with some files added, or put in the place of those of the same path."""
    kept = [source for source in layer if "/".join(source.inside) not in files]
    new = [SourceFile(f"house:{path}", tuple(path.split("/")), text.encode(), LAYER) for path, text in files.items()]
    return (*kept, *new)


def name_pattern(name: str) -> str:
    """Return a pattern for a name whose version numbers are left open."""
    parts = re.split(r"(\d+(?:\.\d+)+)", name)
    return "".join(r"\d+(\.\d+)*" if n % 2 else re.escape(part).replace("\\ ", " ") for n, part in enumerate(parts))


def _word(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
