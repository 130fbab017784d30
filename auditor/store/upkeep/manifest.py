"""Manifest of a backup: what the file beside it holds, by digest; JSON in `FILE.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from auditor.errors import StoreError, both
from auditor.store.upkeep.copying import TableDigest

FORMAT = "zhengban-backup/1"
ENDING = ".json"
KEY_WORDS = b"zhengban backup"
"""Digested with the sealing key: tells at restoring whether the key at hand is the one."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `trail` is the number and link of the newest entry, `0:` without any."""

    format: str
    release: str
    made_at: str
    came_from: str
    schema: str
    size_bytes: int
    sha256: str
    key: str
    trail: str
    tables: Mapping[str, TableDigest]


def manifest_file(file: Path) -> Path:
    """Return where the manifest of a backup lies."""
    return file.with_name(file.name + ENDING)


def write_manifest(file: Path, manifest: Manifest) -> None:
    """Write the manifest beside the backup."""
    place = manifest_file(file)
    part = place.with_name(place.name + ".part")
    part.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    part.replace(place)


def read_manifest(file: Path) -> Manifest:
    """Return the manifest of a backup. Raises `StoreError`."""
    place = manifest_file(file)
    try:
        found = json.loads(place.read_text("utf-8"))
        tables = {str(name): TableDigest(int(t["rows"]), str(t["sha256"])) for name, t in found.pop("tables").items()}
        manifest = Manifest(**found, tables=tables)
    except OSError as error:
        told = both("应与备份文件放在一起的清单", "expected the manifest beside the backup")
        raise StoreError(f"{place}: {told}: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreError(f"{place}: {both('不是备份清单', 'no manifest of a backup')}: {error}") from error
    if manifest.format != FORMAT:
        raise StoreError(f"{place}: format: {both('应为', 'expected')} {FORMAT}, got {manifest.format!r}")
    return manifest


def digest_of_file(file: Path) -> tuple[int, str]:
    """Return size and SHA-256 of a file. Raises `StoreError`."""
    digest, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as opened:
            while chunk := opened.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise StoreError(f"{file}: {both('读不出', 'cannot be read')}: {error.strerror}") from error
    return size, digest.hexdigest()
