"""publishers.yaml → publishers."""

from __future__ import annotations

import re

from rules.fields import Fields, FileFaults
from rules.product import Publisher
from rules.product_file import read_country
from rules.yaml_file import YamlValue

_PUBLISHER_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
MOST_PUBLISHERS = 20_000


def read_publishers(value: YamlValue, faults: FileFaults) -> list[tuple[str, Publisher]]:
    """Return the publishers of the list in the file, each with its path."""
    if not isinstance(value.value, tuple):
        faults.note("", "expected a list of publishers", value.line)
        return []
    found: list[tuple[str, Publisher]] = []
    for number, item in enumerate(value.value[:MOST_PUBLISHERS]):
        fields = Fields(item, f"[{number}]", faults)
        publisher = _publisher(fields)
        if publisher is not None:
            found.append((fields.where, publisher))
    return found


def _publisher(fields: Fields) -> Publisher | None:
    publisher_id = fields.text("id", needed=True)
    zh, en = fields.text("zh", needed=True), fields.text("en", needed=True)
    country, spellings = read_country(fields), fields.texts("spellings")
    fields.close()
    if publisher_id is not None and not _PUBLISHER_ID.fullmatch(publisher_id):
        fields.fault("id", f"expected lower case letters, digits and hyphens, got {publisher_id!r}")
    if publisher_id is None or zh is None or en is None:
        return None
    return Publisher(publisher_id, zh, en, country, spellings)
