"""What every kind of rpm database yields: the header blobs of the packages, and those that could not be read."""

from __future__ import annotations

from dataclasses import dataclass


class DatabaseFault(ValueError):
    """The file as a whole is not such a database, or is of a version that we do not know."""


@dataclass(frozen=True)
class Blob:
    """One package's header; `where` tells its place within the file, in words."""

    where: str
    data: bytes


@dataclass(frozen=True)
class BadBlob:
    """A place of the file that should hold a package and could not be read."""

    where: str
    what: str
