"""What was found on the forms of a check, kept form by form: a save writes its own form and two short lists of digests.

Blobs, from the top: `{"groups": {group: digest}}`, `{"forms": {number: digest}}` of at most `FORMS_OF_A_GROUP`, and the
lines of a form. A check that was filled in whole, at once, keeps one blob with all its lines. What was kept before
stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from auditor.proof.digest import canonical_json
from auditor.store.blobs import get_blob, get_blobs, put_blob
from auditor.store.database import Connection

FORMS_OF_A_GROUP = 32
OF_NO_FORM = 0
"""Where lines are kept that stand on no form: software on no list, of a computer that was not drawn."""
Plain = dict[str, Any]


def kept_whole(connection: Connection, lines: Sequence[Plain]) -> str:
    """Keep lines as one blob and return its digest."""
    return put_blob(connection, "part", canonical_json(sorted(lines, key=_place)))


def kept_forms(connection: Connection, before: str | None, forms: Mapping[int, Sequence[Plain]]) -> str:
    """Keep forms by their numbers in the place of what was kept of them before; return the digest of all."""
    groups = _groups(connection, before)
    changed = sorted({number // FORMS_OF_A_GROUP for number in forms})
    for group in changed:
        name = str(group)
        kept: dict[str, str] = json.loads(get_blob(connection, groups[name]))["forms"] if name in groups else {}
        for number, lines in forms.items():
            if number // FORMS_OF_A_GROUP == group:
                kept[str(number)] = kept_whole(connection, lines)
        groups[name] = put_blob(connection, "part", canonical_json({"forms": kept}))
    return put_blob(connection, "part", canonical_json({"groups": groups}))


def is_whole(connection: Connection, digest: str) -> bool:
    """Whether a check is kept as one blob."""
    return isinstance(json.loads(get_blob(connection, digest)), list)


def lines_kept(connection: Connection, digest: str) -> list[Plain]:
    """Return every line that is kept under a digest, in the order of the lines that were drawn.

    Raises `StoreError` where one of its blobs is not what its digest says.
    """
    told = json.loads(get_blob(connection, digest))
    if isinstance(told, list):
        return told
    forms = get_blobs(connection, _forms(connection, told["groups"]))
    return sorted((line for data in forms.values() for line in json.loads(data)), key=_place)


def digests_kept(connection: Connection, digest: str) -> Iterator[str]:
    """Yield the digests of the blobs below a digest, which are known by it alone."""
    told = json.loads(get_blob(connection, digest))
    if isinstance(told, dict):
        yield from told["groups"].values()
        yield from _forms(connection, told["groups"])


def _forms(connection: Connection, groups: Mapping[str, str]) -> list[str]:
    kept = get_blobs(connection, groups.values())
    return [digest for data in kept.values() for digest in json.loads(data)["forms"].values()]


def _groups(connection: Connection, digest: str | None) -> dict[str, str]:
    told: dict[str, dict[str, str]] = json.loads(get_blob(connection, digest)) if digest is not None else {"groups": {}}
    return told["groups"]


def _place(line: Plain) -> tuple[int, str, str]:
    return line["number"], line["code"], line["name"]
