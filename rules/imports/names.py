"""Local clones of public package collections → the tables of the name list (`names/<collection>.tsv`).

Only facts are taken: names, ids, a publisher's short name, the licence that a packager states, bundle ids. Never
descriptions, addresses or code. The same clones give the same bytes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rules.clean_name import clean_name
from rules.imports import homebrew, winget
from rules.imports.draft import LARGEST_FILE_BYTES
from rules.licence_words import licence_class_of
from rules.names import name_key
from rules.product import LicenceClass
from rules.yaml_file import YamlFaults, YamlValue, parse_yaml

LARGEST_INDEX_BYTES = 64 << 20
LONGEST_NAME = 120
_TWO_LANGUAGES = re.compile(r"([^()]*[\u4e00-\u9fff][^()]*?) ?\(([A-Za-z][\w .+-]{3,})\)")
"""A Chinese name with the English one in brackets: a machine shows either."""
_BLANKS = re.compile(r"\s+")


@dataclass
class Row:
    """One program of a collection."""

    id: str
    name: str
    publisher: str = ""
    licence: str = ""
    keys: set[str] = field(default_factory=set)
    identifiers: set[str] = field(default_factory=set)
    version: str = ""

    def shown_as(self, name: str, version: str | None = None, *, bundle: bool = False) -> None:
        """Enter a name that machines show: as it stands, and cleaned as a title is."""
        if "#{" in name or "$" in name or len(name) > LONGEST_NAME:
            return
        told = _TWO_LANGUAGES.fullmatch(name)
        halves = told.groups() if told is not None else ()
        for text in (name, clean_name(name, version, bundle=bundle).name, *halves):
            key = name_key(text)
            if len(key) > 1 and " " not in key and not key.isdigit():
                self.keys.add(key)

    def line(self, shared: Set[str]) -> str:
        """Return the row as a line of the table, with its version when it bears one of the `shared` keys."""
        cells = (self.id, self.name, self.publisher, self.licence)
        told = [_BLANKS.sub(" ", cell).strip()[:LONGEST_NAME] for cell in cells]
        version = [self.version] if self.version and self.keys & shared else []
        return "\t".join([*told, " ".join(sorted(self.keys)), " ".join(sorted(self.identifiers)), *version])


@dataclass(frozen=True)
class NameSource:
    """A collection that the list can be made of."""

    name: str
    platform: str
    rows: Callable[[Path], Iterator[Row]]


def table(source: NameSource, clones: Iterable[Path], origin: str) -> str:
    """Return the table of a collection; rows with the same id are put together, the first clone goes before."""
    rows: dict[str, Row] = {}
    for clone in clones:
        for row in source.rows(clone):
            known = rows.setdefault(row.id, row)
            if known is not row:
                known.keys |= row.keys
                known.identifiers |= row.identifiers
                known.name, known.publisher = known.name or row.name, known.publisher or row.publisher
                known.licence, known.version = known.licence or row.licence, known.version or row.version
    borne = Counter(key for row in rows.values() for key in row.keys)
    shared = {key for key, times in borne.items() if times > 1}
    told = [rows[id].line(shared) for id in sorted(rows) if rows[id].name and rows[id].keys]
    head = [
        f"# platform: {source.platform}",
        f"# origin: {origin}",
        "# id\tname\tpublisher\tlicence\tkeys\tidentifiers\tversion, where several bear a key",
    ]
    return "\n".join([*head, *told]) + "\n"


_STANZA = re.compile(r'^\s*(cask|version|name)\s+"((?:[^"\\]|\\.)*)"', re.MULTILINE)
_APP = re.compile(r'^\s*app\s+"([^"]+)"(?:,\s*target:\s*"([^"]+)")?', re.MULTILINE)
_PLACED = re.compile(r'"/Applications/(?:[^"/]+/)?([^"/]+)\.app"')
_VERSION_PART = re.compile(r"#\{version([.\w()\", -]*)\}")


def _homebrew(clone: Path) -> Iterator[Row]:
    for file in sorted(clone.rglob("Casks/**/*.rb")):
        if file.is_symlink() or file.stat().st_size > LARGEST_FILE_BYTES:
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        found: dict[str, list[str]] = {}
        for noun, words in _STANZA.findall(text):
            found.setdefault(noun, []).append(words.replace('\\"', '"'))
        if "cask" not in found or "name" not in found:
            continue
        if found["cask"][0].startswith("font-"):
            continue  # a typeface, no program
        yield _cask(found, text)


def _cask(found: dict[str, list[str]], text: str) -> Row:
    version = found.get("version", [""])[-1]
    row = Row(found["cask"][0], _with_version(found["name"][0], version), version=_shown_version(version))
    for name in found["name"]:
        row.shown_as(_with_version(name, version), version, bundle=True)
    shown = [name for pair in _APP.findall(text) for name in pair if name] + _PLACED.findall(text)
    for app in shown:
        name = _with_version(app.rpartition("/")[2], version).removesuffix(".app")
        row.shown_as(name, version.partition(",")[0], bundle=True)
    draft = homebrew.read("Casks/x.rb", text.encode())
    row.identifiers = {word.casefold() for word in draft.identifiers} if draft is not None else set()
    return row


def _with_version(text: str, version: str) -> str:
    """Work the usual parts of a version out (`#{version.csv.first}`, `#{version.major_minor}`); others stay."""
    parts = version.split(",")
    numbers = parts[0].split(".")
    known = {
        "": version,
        ".csv.first": parts[0],
        ".csv.second": parts[1] if len(parts) > 1 else "",
        ".major": numbers[0],
        ".csv.first.major": numbers[0],
        ".major_minor": ".".join(numbers[:2]),
        ".major_minor_patch": ".".join(numbers[:3]),
        ".csv.first.major_minor": ".".join(numbers[:2]),
    }
    return _VERSION_PART.sub(lambda hit: known.get(hit[1], hit[0]), text)


def _shown_version(version: str) -> str:
    """What a bundle may show of a cask's version: what stands before the first comma."""
    shown = version.partition(",")[0].strip()
    return shown if re.fullmatch(r"\d[\w.+~-]{0,40}", shown) else ""


def _winget(clone: Path) -> Iterator[Row]:
    """An index (`index*.json`: PackageId, Name), manifests, or the logs of a packager's automation."""
    for index in sorted(clone.glob("index*.json")):
        if index.stat().st_size <= LARGEST_INDEX_BYTES:
            for item in json.loads(index.read_text(encoding="utf-8-sig")):
                yield _package(str(item["PackageId"]), str(item["Name"]), known=str(item.get("Version") or ""))
    for file in sorted(clone.glob("manifests/**/*.yaml")):
        draft = winget.read(file.as_posix(), file.read_bytes()) if file.stat().st_size <= LARGEST_FILE_BYTES else None
        identifier = re.match(r"(.+?)(?:\.locale\.[\w-]+|\.installer)?\.yaml$", file.name)
        if draft is not None and identifier is not None:
            row = _package(identifier[1], draft.name, file.parent.name)
            row.licence = draft.licence or ""
            for name in draft.names:
                row.shown_as(name, file.parent.name)
            yield row
    for file in sorted(clone.glob("Tasks/*/Log_*.yaml")):
        yield from _logged(file)


def _package(identifier: str, name: str, version: str | None = None, *, known: str = "") -> Row:
    publisher = identifier.partition(".")[0]
    row = Row(identifier, name, publisher, version=_shown_version(known or version or ""))
    row.shown_as(name, version)
    return row


def _logged(file: Path) -> Iterator[Row]:
    """What an automation saw in the registry: names shown, and the keys that stay the same from version to version."""
    text = file.read_bytes()
    if b"DisplayName" not in text or len(text) > LARGEST_FILE_BYTES:
        return
    try:
        whole = parse_yaml(text)
    except YamlFaults:
        return
    row = Row(file.parent.name.partition("#")[0] or file.parent.name.strip("#").partition("#")[0], "")
    version = _text(whole, "Version")
    for installer in _children(whole, "Installer"):
        for entry in _children(installer, "AppsAndFeaturesEntries"):
            row.shown_as(_text(entry, "DisplayName") or "", version)
            code = (_text(entry, "ProductCode") or "").casefold()
            if code.endswith("_is1") and not re.search(r"\d+\.\d", code) and " " not in code:
                row.identifiers.add(code)
    yield row


def _text(value: YamlValue, key: str) -> str | None:
    found = value.value.get(key) if isinstance(value.value, dict) else None
    return found.words.strip() if found is not None and found.words and found.value is not None else None


def _children(value: YamlValue, key: str) -> tuple[YamlValue, ...]:
    found = value.value.get(key) if isinstance(value.value, dict) else None
    return found.value if found is not None and isinstance(found.value, tuple) else ()


def _scoop(clone: Path) -> Iterator[Row]:
    for file in sorted(clone.glob("bucket/**/*.json")):
        if file.stat().st_size > LARGEST_FILE_BYTES:
            continue
        try:
            whole: Any = json.loads(file.read_text(encoding="utf-8-sig"))
        except ValueError:
            continue
        if isinstance(whole, dict) and "version" in whole:
            yield _bucket_entry(file.stem, whole)


def _bucket_entry(token: str, whole: dict[str, Any]) -> Row:
    shortcuts = whole.get("shortcuts")
    rows = shortcuts if isinstance(shortcuts, list) else []
    shown = [
        str(row[1]).replace("\\", "/").rpartition("/")[2] for row in rows if isinstance(row, list) and len(row) > 1
    ]
    name = next((text for text in shown if name_key(text) == name_key(token)), shown[0] if len(shown) == 1 else token)
    row = Row(token, name, version=_shown_version(str(whole["version"])))
    for text in {token, name}:
        row.shown_as(text, str(whole["version"]))
    licence = whole.get("license")
    stated = licence.get("identifier") if isinstance(licence, dict) else licence
    row.licence = _short_licence(stated) if isinstance(stated, str) else ""
    return row


def _short_licence(words: str) -> str:
    """The packager's words; an address says nothing."""
    return "" if "://" in words or licence_class_of(words) is LicenceClass.UNKNOWN else words


NAME_SOURCES: dict[str, NameSource] = {
    source.name: source
    for source in (
        NameSource("homebrew", "macos", _homebrew),
        NameSource("scoop", "windows", _scoop),
        NameSource("winget", "windows", _winget),
    )
}
