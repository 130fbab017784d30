"""The files of a catalogue folder, and their digest: all that a start needs to know of the sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.fields import Fault

NAMES_FOLDER = "names"
CATALOGUE_FOLDERS = ("products", "indicators", "publishers", NAMES_FOLDER)
"""Folders of a catalogue whose files are read."""


class CatalogueFaults(Exception):
    """The catalogue cannot be loaded; `faults` are all of them, by file and line."""

    def __init__(self, faults: Sequence[Fault], files_read: int) -> None:
        self.faults = tuple(sorted(faults))
        self.files_read = files_read
        super().__init__(str(self))

    def __str__(self) -> str:
        faulty = len({fault.file for fault in self.faults})
        count, plural = len(self.faults), "" if len(self.faults) == 1 else "s"
        closing = f"{count} fault{plural} in {faulty} of {self.files_read} files; no catalogue was loaded"
        return "\n".join([*map(str, self.faults), closing])


@dataclass(frozen=True)
class SourceFile:
    """One YAML file, or table of the name list, of a catalogue folder."""

    shown: str
    """The path as faults show it."""
    inside: tuple[str, ...]
    """Parts of the path inside the catalogue folder."""
    data: bytes = field(repr=False)
    layer: int = 0
    """A file of a higher layer takes the place of one with the same id below; within a layer an id stands once."""


def shipped_folder() -> Traversable:
    """Return the catalogue that comes with the program."""
    return files("rules") / "data"


def source_files(folders: Sequence[Path | Traversable]) -> list[SourceFile]:
    """Return the files of catalogue folders, by folder and path. A folder that is none yields a file's fault."""
    return [file for folder in folders for file in _files_of(folder, (), _shown_folder(folder))]


def _shown_folder(folder: Path | Traversable) -> str:
    shipped = shipped_folder()
    if str(folder) == str(shipped) or (isinstance(folder, Path) and folder.resolve() == Path(str(shipped)).resolve()):
        return "rules/data"
    return str(folder)


def _files_of(folder: Path | Traversable, inside: tuple[str, ...], shown: str) -> Iterator[SourceFile]:
    if not folder.is_dir():
        from rules.fields import Fault

        raise CatalogueFaults([Fault(shown, 0, "", "expected a folder with products/ and publishers.yaml")], 0)
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        here = (*inside, entry.name)
        if entry.is_dir():
            if here[0] in CATALOGUE_FOLDERS and len(here) < 8:
                yield from _files_of(entry, here, f"{shown}/{entry.name}")
        elif entry.name.endswith((".yaml", ".yml")) or (here[0] == NAMES_FOLDER and entry.name.endswith(".tsv")):
            yield SourceFile(f"{shown}/{entry.name}", here, entry.read_bytes())


def sources_digest(sources: Sequence[SourceFile]) -> str:
    """Return the SHA-256 over the paths inside their folders and the contents, in hexadecimal."""
    whole = hashlib.sha256()
    for source in sources:
        layer = f"{source.layer}:".encode() if source.layer else b""
        whole.update(layer + "/".join(source.inside).encode() + b"\0" + hashlib.sha256(source.data).digest())
    return whole.hexdigest()
